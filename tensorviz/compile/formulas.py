"""Short formulas of nodes deep in a graph: what has a name of the user's stands as that name, what does not fit as ``exp(…)``.

Printed from nodes, whatever these are: ids of the ledger or expressions. A formula looks at no more nodes than it shows, and
writes each of them one way wherever it is: either looked into everywhere or nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.latex import constant_latex, escaped, latex_of_call, mathml, name_latex
from ..core.op import Op
from ..core.text import ATOM, Piece, leaf_text, name_text, ranks, text_of_call
from ..render.names import brief

__all__ = ["DEPTH", "ROOM", "Look", "Seen", "call_line", "fitting", "formula", "line", "opened", "printed", "width"]

DEPTH = 6
ROOM = 60               #: letters of a formula that stands in a line
MOST_NODES = 150        #: that one formula looks into
MOST_LETTERS = 3000     #: of its LaTeX


class Seen(NamedTuple):
    """What a printer sees of a node: the expression (its op and parameters count), its arguments as nodes, and names.

    `word` stands for the node wherever it is, `name` only below the node that is printed; `call` is what a nest is called.
    """

    e: Expr
    args: Sequence[Any] = ()
    name: str = ""
    word: str = ""
    call: str = ""


Look = Callable[[Any], Seen]


class _Style(NamedTuple):
    name: Callable[[str], str]
    leaf: Callable[[Expr], Piece]
    call: Callable[[Op, Sequence[Piece], tuple[Any, ...], Sequence[int | None]], Piece]
    nest: Callable[[str, Sequence[str]], str]


def _text_leaf(e: Expr) -> Piece:
    return leaf_text(e, {e: name_text(e.name, 60) if e.name else "input"})


def _latex_leaf(e: Expr) -> Piece:
    if e.op is variable_op:
        return name_latex(e.name or "input"), ATOM
    if e.op is constant_op:
        return (name_latex(e.name), ATOM) if e.name else constant_latex(value_of(e))
    return latex_of_call(e.op, [], e.params)


TEXT = _Style(lambda name: name_text(name, 60), _text_leaf, text_of_call, lambda name, args: f"{name}({', '.join(args)})")
LATEX = _Style(name_latex, _latex_leaf, latex_of_call,
               lambda name, args: f"\\text{{{escaped(name)}}}\\left({', '.join(args).replace('…', chr(92) + 'ldots')}\\right)")


def line(node: Any, look: Look, depth: int = DEPTH, room: int = ROOM) -> str:
    """One line of Python, as deep as it stays short."""
    return _short(node, look, depth, room)[0]


def formula(node: Any, look: Look, depth: int = DEPTH, room: int = ROOM) -> tuple[str, str]:
    """The line, and the same as MathML."""
    found, inside = _short(node, look, depth, room)
    return found, mathml(printed([node], look, inside)[0])


def call_line(node: Any, look: Look, call: str) -> str:
    """A loop nest as a call of its arguments."""
    return TEXT.nest(call, [_Printer(look, TEXT, opened([a], look, 1)).piece(a)[0] for a in look(node).args])


def _short(node: Any, look: Look, depth: int, room: int) -> tuple[str, set[Any]]:
    inside = opened([node], look, 1)
    found = printed([node], look, inside, TEXT)[0]
    for d in range(2, depth + 1):
        more = opened([node], look, d)
        if more == inside:
            break
        longer = printed([node], look, more, TEXT, room)
        if not longer:
            break
        found, inside = longer[0], more
    return found, inside


def fitting(roots: Sequence[Any], look: Look, depth: int, room: float) -> set[Any]:
    """What formulas of `roots` look into so that none of them is wider than `room`; the first may have a name, and is opened."""
    inside = opened(roots, look, 1)
    for d in range(2, depth + 1):
        more = opened(roots, look, d)
        if more == inside:
            break
        sides = printed(roots, look, more, LATEX, MOST_LETTERS)
        if not sides or max(map(width, sides)) > room:
            break
        inside = more
    return inside


def opened(roots: Sequence[Any], look: Look, depth: int) -> set[Any]:
    """The nodes above level `depth` that are looked into: those that are calls and have no name. Level 0 is that of the roots."""
    found: set[Any] = set()
    level = list(roots)
    for d in range(depth):
        below: dict[Any, None] = {}
        for node in level:
            seen = look(node)
            named = seen.word or (seen.name and (d or node is not roots[0]))
            if not named and not seen.call and seen.args and node not in found and len(found) < MOST_NODES:
                found.add(node)
                below.update(dict.fromkeys(seen.args))
        level = list(below)
    return found


def printed(roots: Sequence[Any], look: Look, inside: set[Any], style: _Style = LATEX, room: float = float("inf")) -> list[str]:
    """The formulas of `roots` that look into the nodes `inside`; none at all if a part is longer than `room`."""
    printer = _Printer(look, style, inside, room)
    found = [printer.piece(root, top=root is roots[0])[0] for root in roots]
    return [] if printer.long else found


class _Printer:
    """Nodes as pieces of text, each printed once."""

    def __init__(self, look: Look, style: _Style, inside: set[Any], room: float = float("inf")) -> None:
        self.look, self.style, self.inside, self.room = look, style, inside, room
        self.done: dict[Any, Piece] = {}
        self.long = False

    def piece(self, node: Any, top: bool = False) -> Piece:
        """One node, its arguments before it."""
        seen = self.look(node)
        name = seen.word or ("" if top else seen.name)
        if name:
            return self.style.name(name), ATOM
        if seen.call:
            return self.style.nest(seen.call, ["…"]), ATOM
        if not seen.args:
            return self.style.leaf(seen.e)
        if node not in self.inside or self.long:
            return self.style.nest(brief(seen.e.op.name), ["…"]), ATOM
        if node not in self.done:
            args = [self.piece(a) for a in seen.args]
            self.done[node] = self.style.call(seen.e.op, args, seen.e.params, ranks(seen.e))
            self.long = self.long or len(self.done[node][0]) > self.room
        return self.done[node]


# -- how wide mathematics is ---------------------------------------------------------------------------------------------
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[^\s]")
WORD = re.compile(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}")
EMPTY = ("\\left", "\\right", "\\,", "\\;", "\\begin", "\\end", "&")


def width(latex: str) -> float:
    """About how many letters wide LaTeX is when it is set: of a fraction the wider part counts, of rows the longest.

    >>> width("x + y"), width(r"\\frac{a + b + c}{2}"), width(r"\\text{exp}"), width("x_{10}")
    (3.0, 5.0, 3.0, 2.4)
    """
    plain = WORD.sub(lambda word: "x" * len(word[1]), re.sub(r"\\(?:begin|end)\{\w+\}", "", latex))
    return _row(TOKEN.findall(plain), 0)[0]


def _row(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of a group from `at`, and where it ends."""
    rows = [0.0]
    while at < len(tokens) and tokens[at] != "}":
        if tokens[at] == "\\\\":
            rows.append(0.0)
            at += 1
            continue
        size, at = _element(tokens, at)
        rows[-1] += size
    return max(rows), at + 1


def _element(tokens: list[str], at: int) -> tuple[float, int]:
    token, at = tokens[at], at + 1
    if token == "{":
        return _row(tokens, at)
    if token == "\\frac" and at < len(tokens):
        above, at = _element(tokens, at)
        below, at = _element(tokens, at) if at < len(tokens) else (0.0, at)
        return max(above, below), at
    if token in "^_" and at < len(tokens):
        size, at = _element(tokens, at)
        return 0.7 * size, at
    return 0.0 if token in EMPTY else 1.0, at
