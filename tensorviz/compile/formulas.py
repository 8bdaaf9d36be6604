"""Short formulas of nodes deep in a graph: what has a name of the user's stands as that name."""

from __future__ import annotations

from collections.abc import Callable

from ..core.expr import Expr, make, variable
from ..core.latex import mathml
from ..core.origins import inherit
from ..core.text import text
from ..core.types import TensorType

__all__ = ["formula_of", "text_of"]

NameOf = Callable[[Expr], str]
DEPTH = 3
ROOM = 44               #: letters of a formula that stands in a line


def formula_of(e: Expr, name_of: NameOf, depth: int = DEPTH) -> str:
    """MathML over named values, `depth` levels deep at most, fewer where it gets long."""
    return mathml(_named(e, name_of, _fitting(e, name_of, depth)), depth=_fitting(e, name_of, depth))


def text_of(e: Expr, name_of: NameOf, depth: int = DEPTH) -> str:
    """One line of Python over named values, as far as it stays short."""
    depth = _fitting(e, name_of, depth)
    return text(_named(e, name_of, depth), depth=depth, lines=None).replace("\n", "; ")


def _fitting(e: Expr, name_of: NameOf, depth: int) -> int:
    for d in range(depth, 1, -1):
        found = text(_named(e, name_of, d), depth=d, lines=None)
        if len(found) <= ROOM and "\n" not in found:
            return d
    return 1


def _named(e: Expr, name_of: NameOf, depth: int) -> Expr:
    """`e` with variables in the place of what has a name."""
    if not e.args or depth < 1:
        return e
    args = []
    for a in e.args:
        name = name_of(a) if a.args else ""
        tensor = isinstance(a.type, TensorType)
        args.append(variable(a.type, name) if name and tensor else _named(a, name_of, depth - 1))
    if all(new is old for new, old in zip(args, e.args, strict=True)):
        return e
    with inherit(()):
        return make(e.op, tuple(args), e.params, e.type)
