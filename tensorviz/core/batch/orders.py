"""Batch rules of sorting and selecting: axes move up by one; rows are ordered by the number of their member first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..expr import make
from ..op import BUILDERS, OPS
from ..ops.axes import expand_dims
from ..ops.checks import check
from ..ops.elementwise import cast, where
from ..ops.lengths import INT, lengths_now
from ..ops.shape import broadcast_to, reshape
from .rules import RULES, Call, batch_rule, spread

__all__: list[str] = []


@batch_rule("argsort", "argtopk", "sort")
def _along(c: Call) -> Any:
    return c.again(c.args, axis=c.node.kw["axis"] + 1)


@batch_rule("kth_smallest")
def _kth(c: Call) -> Any:
    axis = c.node.kw["axis"]
    if not c.on[1]:
        return c.again(c.args, axis=axis + 1)
    x, k = c.node.args
    one, whole = make(OPS["sort"], (x,), (axis, False)), make(OPS["sort"], (c.args[0],), (axis + c.on[0], False))
    return RULES["take"](Call(make(OPS["take"], (one, k), (axis,)), (whole, c.args[1]), c.on, c.size))


@batch_rule("order_rows")
def _rows(c: Call) -> Any:
    """All rows at once, with the number of their member in front; in a dtype that holds it."""
    (x,) = c.args
    _, n, m = lengths_now(x)
    wide = np.result_type(x.dtype, INT) if x.dtype.kind in "bi" else x.dtype if x.dtype.kind == "u" else np.dtype("float64")
    member = cast(BUILDERS["arange"](c.size), np.dtype("uint64") if wide.kind == "u" else wide)
    x = cast(x, member.dtype)
    first = broadcast_to(expand_dims(member, (1, 2)), (c.size, n, 1))
    rows = BUILDERS["concatenate"]([first, x], 2)
    found = reshape(make(c.node.op, (reshape(rows, (c.size * n, m + 1)),), ()), (c.size, n))
    return found - expand_dims(BUILDERS["arange"](c.size) * n, 1)


def _counted(c: Call, right: bool) -> Any:
    """How many of each member's sorted numbers are less than (right: at most) each element; NaN is the largest."""
    rank = c.rank(1)
    table = spread(c.args[0], rank)             # (batch, 1.., numbers)
    v = expand_dims(c.args[1], c.args[1].ndim)
    below = BUILDERS["less_equal" if right else "less"](table, v)
    if v.dtype.kind == "f":
        nan = BUILDERS["isnan"](v)
        below = BUILDERS["logical_or"](below, nan if right else BUILDERS["logical_and"](nan, BUILDERS["logical_not"](
            BUILDERS["isnan"](table))))
    return BUILDERS["sum"](below, axis=-1, dtype=INT)


@batch_rule("searchsorted")
def _searched(c: Call) -> Any:
    return _counted(c, c.node.kw["right"]) if c.on[0] else c.again(c.args)


@batch_rule("digitize")
def _digitized(c: Call) -> Any:
    if not c.on[0]:
        return c.again(c.args)
    steps = BUILDERS["diff"](c.args[0])
    up, down = (BUILDERS["all"](BUILDERS[name](steps, 0), axis=1) for name in ("greater_equal", "less_equal"))
    bins = check(c.args[0], BUILDERS["logical_or"](up, down), message="bins must go up, or down", kind="ShapeError")
    found = _counted(Call(c.node, (bins, c.args[1]), c.on, c.size), not c.node.kw["right"])
    turned = spread(BUILDERS["logical_not"](up), c.rank(1))
    return where(turned, lengths_now(bins)[1] - found, found)


@batch_rule("bincount")
def _bincount(c: Call) -> Any:
    if c.on[0]:
        raise c.ragged("the largest number")
    x, weights = c.args
    x = check(x, BUILDERS["greater_equal"](x, 0), message="bincount counts numbers from 0 up", kind="DomainError")
    (n,) = c.node.op.shape(x, **c.node.kw)      # type: ignore[misc]
    return make(OPS["inc_take"], (BUILDERS["zeros"]((c.size, n), weights.dtype), weights, x), (1,))
