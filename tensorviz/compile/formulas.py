"""Short formulas of nodes deep in a graph: what has a name of the user's stands as that name."""

from __future__ import annotations

from collections.abc import Callable

from ..core.expr import Expr, make, variable
from ..core.latex import escaped, mathml
from ..core.origins import inherit
from ..core.text import text
from ..core.types import TensorType
from ..render.names import brief

__all__ = ["formula_of", "text_of"]

NameOf = Callable[[Expr], str]
DEPTH = 6
ROOM = 60               #: letters of a formula that stands in a line


def formula_of(e: Expr, name_of: NameOf, depth: int = DEPTH) -> str:
    """MathML over named values, `depth` levels deep at most, fewer where it gets long."""
    short, depth = _short(e, name_of, depth)
    return mathml(short, depth, lambda below: f"\\text{{{escaped(brief(below.op.name))}}}")


def text_of(e: Expr, name_of: NameOf, depth: int = DEPTH) -> str:
    """One line of Python over named values, as far as it stays short."""
    short, depth = _short(e, name_of, depth)
    return text(short, depth=depth, lines=None).replace("\n", "; ")


def _short(e: Expr, name_of: NameOf, depth: int) -> tuple[Expr, int]:
    """`e` over named values, and how deep it can be written in a line."""
    short = _named(e, name_of, depth, {})
    fits = 1
    for d in range(2, depth + 1):
        found = text(short, depth=d, lines=None)
        if len(found) > ROOM or "\n" in found:
            break
        fits = d
    return short, fits


def _named(e: Expr, name_of: NameOf, depth: int, made: dict[Expr, Expr]) -> Expr:
    """`e` with variables in the place of what has a name."""
    if not e.args or depth < 1:
        return e
    args = []
    for a in e.args:
        if a.args and a not in made and isinstance(a.type, TensorType):
            name = name_of(a)
            if name:
                made[a] = variable(a.type, name)
        args.append(made[a] if a in made else _named(a, name_of, depth - 1, made))
    if all(new is old for new, old in zip(args, e.args, strict=True)):
        return e
    with inherit(()):
        return make(e.op, tuple(args), e.params, e.type)
