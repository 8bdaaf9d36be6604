"""Batch rules of windows, pools and borders: they work over the last axes, so that a batch in front is one more of the others."""

from __future__ import annotations

from typing import Any

from ..expr import constant, make
from ..op import BUILDERS
from ..ops.elementwise import where
from ..ops.lengths import filled, lengths, lengths_now
from .rules import Call, batch_rule, spread

__all__: list[str] = []


@batch_rule("pool_max", "pool_max_back", "pool_max_pick", "pool_sum", "unfold")
def _over_last_axes(c: Call) -> Any:
    return c.again([c.full(k) for k in range(len(c.args))])


@batch_rule("fold", "pool_sum_back")
def _back(c: Call) -> Any:
    return c.again([c.args[0], *c.constant(1, "lengths")])


@batch_rule("pad")
def _pad(c: Call) -> Any:
    x, value = c.full(0), c.args[1]
    static, extra = lengths((0, 0, *filled(c.node.kw["widths"], c.constant(2, "widths"))))
    if not c.on[1]:
        return c.again([x, value, *extra], widths=static)
    zero = constant(0, x.dtype)
    inside = BUILDERS["ones"](lengths_now(x), bool)
    mask = make(c.node.op, (inside, constant(False), *extra), (static, "constant"))
    return where(mask, c.again([x, zero, *extra], widths=static), spread(value, c.rank(0)))
