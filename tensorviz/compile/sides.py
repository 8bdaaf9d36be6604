"""Both sides of one rewrite as mathematics, and what the names in them stand for: a name is one thing in all of a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from html import escape
from typing import Any, NamedTuple

from ..core.expr import Expr, constant_op, variable_op
from ..core.latex import mathml
from ..core.mathml import GREEK
from ..core.types import TensorType
from ..render.names import brief
from ..render.trace import Binding
from ..rewrite.history import Event
from .formulas import TEXT, Look, Seen, fitting, formula, opened, printed

__all__ = ["Told", "renamed", "renamed_mathml", "told"]

LETTERS = "uvwpqrstabcdfghkmz"          # for what a rewrite without a pattern did not look into; e is Euler's number
RENAMES = "abcdfghkmpqrstuvwz"          # for a pattern's variables that are called as something of the user's is
LARGE = "ABCDFGHKMPQRSUVWZ"
SIDE = 72               #: letters that a side is wide
MOST = 12               #: levels of a side
VERBS = r"(?:has|have|is|are|may|and|where|with|along|over|in)\b"          # what follows a variable, and no article
LOOKED = 256            #: nodes of a side that are compared with those of the other

Names = Callable[[Expr], str]
Ids = Callable[[Expr], str | None]


class Told(NamedTuple):
    """A rewrite in words: rows for its names, both sides as MathML, and which names of the rule are others here."""

    bindings: list[Binding]
    mathml: str
    renames: dict[str, str]


def told(e: Event, name_of: Names, id_of: Ids, taken: Container[str] = frozenset()) -> Told:
    """What a rewrite did, for readers of a function whose own names are `taken`.

    The letters are the pattern's variables; where a rewrite has no pattern, letters for what stands on both sides; and for
    what does not fit. A letter that is the user's name of something else gives way to another.
    """
    renames = _apart(dict(e.bindings), name_of, taken)
    bound: dict[str, Any] = {renames.get(name, name): value for name, value in e.bindings.items()}
    free = (letter for letter in (*LETTERS, *GREEK.values()) if letter not in taken and letter not in bound)
    if not bound:
        bound = {letter: value for value, letter in zip(_shared(e, name_of), free, strict=False)}
    words = {v: n for n, v in bound.items() if isinstance(v, Expr) and v.op is not constant_op}
    look = looking(name_of, words, e.matched)
    roots = [e.before, e.after]
    inside = fitting(roots, look, MOST, SIDE)
    for node, letter in zip(_left_out(roots, look, inside), free, strict=False):
        words[node], bound[letter] = letter, node
    return Told([_row(name, value, name_of, id_of) for name, value in bound.items()], _sides(roots, look, inside), renames)


def _apart(bindings: dict[str, Any], name_of: Names, taken: Container[str]) -> dict[str, str]:
    """Other names for the pattern's variables that the user has for something else."""
    found: dict[str, str] = {}
    for name, value in bindings.items():
        if name not in taken or (isinstance(value, Expr) and name_of(value) == name):
            continue
        greek = [sign for word, sign in GREEK.items() if word[0].islower() == name[:1].islower()]
        letters = (*(RENAMES if name[:1].islower() else LARGE), *greek)
        found[name] = next((letter for letter in letters
                            if letter not in taken and letter not in bindings and letter not in found.values()), f"{name}'")
    return found


def renamed(text: str, names: dict[str, str]) -> str:
    """A formula, or a sentence with formulas in it, with other names; the article `a` stays.

    >>> renamed("x == maximum(x, y) -> x >= y", {"x": "a", "y": "b"}), renamed("a mean of (a - b)", {"a": "c"})
    ('a == maximum(a, b) -> a >= b', 'a mean of (c - b)')
    """
    if not names:
        return text
    token = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.])(?:{token})(?!\w)", lambda found: _word(found, names), text)


def _word(found: re.Match[str], names: dict[str, str]) -> str:
    before, after = found.string[:found.start()].rstrip(), found.string[found.end():]
    article = found[0] in ("a", "A") and re.match(rf" (?!{VERBS})\w", after) and not re.search(r"([-+*/=<>@]|\band)$", before)
    return found[0] if article else names[found[0]]


def renamed_mathml(math: str, names: dict[str, str]) -> str:
    """MathML with other names for its letters."""
    return re.sub(r"<mi>([^<]+)</mi>", lambda found: f"<mi>{escape(names.get(found[1], found[1]))}</mi>", math)


def _row(name: str, value: Any, name_of: Names, id_of: Ids) -> Binding:
    """What a name stands for: the user's name of it, or a formula."""
    if not isinstance(value, Expr):
        return Binding(name, "", str(value), "", "")
    kind = value.type.picture() if isinstance(value.type, TensorType) else "tuple"
    called = name_of(value)
    words, math = formula(value, looking(name_of, {value: called} if called else None))
    return Binding(name, id_of(value) or "", words, math, kind)


# -- what gets a letter ----------------------------------------------------------------------------------------------------
def _shared(e: Event, name_of: Names) -> Iterator[Expr]:
    """What stands on both sides as it is, from the left: the largest such parts, without names and numbers."""
    kept = set(_below(e.after, lambda node: False))
    for node in _below(e.before, lambda node: node is not e.before and (node in kept or bool(name_of(node)))):
        if node is not e.before and node in kept and node.args and not name_of(node):
            yield node


def _below(root: Expr, stops: Callable[[Expr], bool]) -> dict[Expr, None]:
    """A node and the nearest of those under it, level by level, not those under where it stops."""
    found, level = {root: None}, [root]
    while level and len(found) < LOOKED:
        level = list(dict.fromkeys(a for node in level if not stops(node) for a in node.args if a not in found))
        found.update(dict.fromkeys(level))
    return found


def _left_out(roots: Iterable[Expr], look: Look, inside: set[Expr]) -> dict[Expr, None]:
    """The calls without a name that a formula does not look into, in the order in which they stand in it."""
    found: dict[Expr, None] = {}
    seen: set[Expr] = set()
    work = list(roots)[::-1]
    while work:
        node = work.pop()
        if node in seen:
            continue
        seen.add(node)
        if node in inside:
            work += node.args[::-1]
        elif node.args and not (look(node).word or look(node).name):
            found[node] = None
    return found


def looking(name_of: Names, words: dict[Expr, str] | None = None, matched: Iterable[Expr] = ()) -> Look:
    """Expressions as a printer sees them; those in `matched` are looked into though they have names."""
    given, inside = {} if words is None else words, {e for e in matched if e.args}

    def look(e: Expr) -> Seen:
        name = name_of(e) if e not in inside else ""
        return Seen(e, e.args, name, given.get(e) or (name if e.op is variable_op else ""))

    return look


# -- both sides ------------------------------------------------------------------------------------------------------------
def _sides(roots: list[Expr], look: Look, inside: set[Expr]) -> str:
    left, right = (_inside(mathml(side)) for side in printed(roots, look, inside))
    if _plain(left) == _plain(right):               # what goes has no sign in mathematics: specify_shape(x, n)
        said = printed(roots, look, inside, TEXT)
        if _plain(said[0]) == _plain(said[1]):      # -(1.0) is written as the number -1.0 is
            said[0] = _call(roots[0], look)
        left, right = (f"<mtext>{escape(side.replace('-', '−'))}</mtext>" for side in said)
    return f"<math><mrow>{left}<mo>→</mo>{right}</mrow></math>"


def _call(e: Expr, look: Look) -> str:
    """A node as a call by the name of its op."""
    args = [printed([a], look, opened([a], look, 2), TEXT)[0] for a in e.args]
    return f"{brief(e.op.name)}({', '.join(args)})"


def _plain(side: str) -> str:
    """What is left of a side without its brackets."""
    return re.sub(r"[\s()\[\]]", "", re.sub("<[^>]*>", "", side))


def _inside(math: str) -> str:
    start, end = math.find(">"), math.rfind("</math>")
    return f"<mrow>{math[start + 1:end]}</mrow>" if math else "<mrow></mrow>"
