"""Short formulas of nodes deep in a graph: what has a name of the user's stands as that name, what does not fit as ``exp(…)``.

Printed from nodes, whatever these are: ids of the ledger or expressions. A formula looks at no more nodes than it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.latex import constant_latex, escaped, latex_of_call, mathml, name_latex
from ..core.op import Op
from ..core.text import ATOM, Piece, leaf_text, name_text, ranks, text_of_call
from ..render.names import brief

__all__ = ["DEPTH", "ROOM", "Seen", "call_line", "formula", "line"]

DEPTH = 6
ROOM = 60               #: letters of a formula that stands in a line


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
    return _fitting(node, look, depth, room)[0]


def formula(node: Any, look: Look, depth: int = DEPTH, room: int = ROOM) -> tuple[str, str]:
    """The line, and the same as MathML."""
    found, fits = _fitting(node, look, depth, room)
    return found, mathml(_piece(node, look, LATEX, fits)[0])


def call_line(node: Any, look: Look, call: str) -> str:
    """A loop nest as a call of its arguments."""
    return TEXT.nest(call, [_piece(a, look, TEXT, 1, False)[0] for a in look(node).args])


def _fitting(node: Any, look: Look, depth: int, room: int) -> tuple[str, int]:
    found, fits = _piece(node, look, TEXT, 1)[0], 1
    for d in range(2, depth + 1):
        longer = _piece(node, look, TEXT, d)[0]
        if len(longer) > room:
            break
        same, found, fits = longer == found, longer, d
        if same:
            break
    return found, fits


def _piece(node: Any, look: Look, style: _Style, depth: int, top: bool = True) -> Piece:
    seen = look(node)
    e, name = seen.e, seen.word or ("" if top else seen.name)
    if name:
        return style.name(name), ATOM
    if seen.call:
        return style.nest(seen.call, ["…"]), ATOM
    if not e.args:
        return style.leaf(e)
    if not depth:
        return style.nest(brief(e.op.name), ["…"]), ATOM
    return style.call(e.op, [_piece(a, look, style, depth - 1, False) for a in seen.args], e.params, ranks(e))
