"""Both sides of one rewrite as mathematics, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from ..core.expr import Expr, constant_op, variable_op
from ..core.types import TensorType
from ..render.trace import Binding
from ..rewrite.history import Event
from .formulas import Look, Seen, formula

__all__ = ["bindings_of", "sides_of"]

LETTERS = "uvwpqrstabcdefg"
SIDE = 140              #: letters of a side
MOST = 12               #: levels of a side

Names = Callable[[Expr], str]


def bindings_of(e: Event, name_of: Names, id_of: Callable[[Expr], str | None]) -> tuple[list[Binding], dict[Expr, str]]:
    """What the names of a rewrite stand for, as rows and by expression.

    Those are the pattern's variables; where a rewrite has no pattern, letters for what it did not look into.
    """
    bound = dict(e.bindings) or _letters(e, name_of)
    look = looking(name_of)
    rows = []
    for name, value in bound.items():
        if not isinstance(value, Expr):
            rows.append(Binding(name, "", str(value), "", ""))
            continue
        kind = value.type.picture() if isinstance(value.type, TensorType) else "tuple"
        called = name_of(value)
        words, math = formula(value, looking(name_of, {value: called}) if called else look, 2)
        rows.append(Binding(name, id_of(value) or "", words, math, kind))
    return rows, {v: n for n, v in bound.items() if isinstance(v, Expr) and v.op is not constant_op}


def _letters(e: Event, name_of: Names) -> dict[str, Expr]:
    """A letter for every argument that the rewrite did not look into and that has no name."""
    inside = set(e.matched)
    below = dict.fromkeys(a for m in e.matched for a in m.args if a not in inside)
    leaves = {name_of(a) for a in below if a.op is variable_op}
    free = (letter for letter in LETTERS if letter not in leaves)
    return {letter: a for a, letter in zip((a for a in below if a.args and not name_of(a)), free, strict=False)}


def sides_of(e: Event, words: dict[Expr, str], name_of: Names) -> str:
    """Left → right, with the names in `words` in the place of what they stand for."""
    look = looking(name_of, words, e.matched)
    (said, left), (after, right) = (formula(side, look, MOST, SIDE) for side in (e.before, e.after))
    left, right = _inside(left), _inside(right)
    if left == right:                       # what goes has no sign in mathematics: specify_shape(x, n)
        left, right = (f"<mtext>{escape(side)}</mtext>" for side in (said, after))
    return f"<math><mrow>{left}<mo>→</mo>{right}</mrow></math>"


def looking(name_of: Names, words: dict[Expr, str] | None = None, opened: Iterable[Expr] = ()) -> Look:
    """Expressions as a printer sees them; those in `opened` are looked into though they have names."""
    given, inside = words or {}, {e for e in opened if e.args}

    def look(e: Expr) -> Seen:
        name = name_of(e) if e not in inside else ""
        return Seen(e, e.args, name, given.get(e) or (name if e.op is variable_op else ""))

    return look


def _inside(math: str) -> str:
    start, end = math.find(">"), math.rfind("</math>")
    return f"<mrow>{math[start + 1:end]}</mrow>" if math else "<mrow></mrow>"
