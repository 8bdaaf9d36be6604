"""Batch rules of convolutions: the batch joins the images, the channels or the filters, or its members are groups of channels.

A tensor without the batch stays one for all where the sums allow it; where both have it, members are groups, whose number is part
of the op and must be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError
from ..expr import Expr, where
from ..op import BUILDERS
from ..ops.axes import moveaxis
from ..ops.lengths import Length, filled, lengths, lengths_now
from ..ops.shape import reshape
from .rules import Call, batch_rule

__all__: list[str] = []


def _merged(x: Expr, axis: int) -> Expr:
    """Two axes from `axis` on as one."""
    n = lengths_now(x)
    return reshape(x, (*n[:axis], n[axis] * n[axis + 1], *n[axis + 2:]))


def _split(x: Expr, axis: int, outer: Length) -> Expr:
    """One axis as two, the first of length `outer`."""
    n = lengths_now(x)
    return reshape(x, (*n[:axis], outer, n[axis] // outer, *n[axis + 1:]))


def _inside(x: Expr, axis: int, groups: int) -> Expr:
    """(batch, ...) with the batch put into an axis of channels (counted without it): (groups, batch, channels of a group)."""
    x = _split(x, axis + 1, groups)
    return _merged(_merged(moveaxis(x, 0, axis + 1), axis), axis)


def _outside(x: Expr, axis: int, groups: int, size: Length) -> Expr:
    """The inverse: an axis (groups, batch, channels of a group) with the batch taken to the front."""
    x = _split(_split(x, axis, groups), axis + 1, size)
    return _merged(moveaxis(x, axis + 1, 0), axis + 1)


def _joined(x: Expr, axis: int) -> Expr:
    """(batch, ...) with the batch put before an axis (counted without it) and merged with it: members are groups."""
    return _merged(moveaxis(x, 0, axis), axis)


def _members(c: Call) -> int:
    """The length of the batch, which must be known where its members are groups."""
    if not isinstance(c.size, int):
        raise ArgumentError(f"vmap of {c.node.op.name} with both tensors mapped needs a batch of known length", at=where(c.node),
                            hint="give it: tv.tensor4('x', shape=(32, None, None, None)), or tv.specify_shape")
    return c.size


@batch_rule("convolution")
def _convolve(c: Call) -> Any:
    (x, w), groups = c.args, c.node.kw["groups"]
    if c.on == (True, True) and _members(c):
        made = c.again([_joined(x, 1), _joined(w, 0)], groups=c.size * groups)
        return moveaxis(_split(made, 1, c.size), 1, 0)
    if c.on[1] and not c.on[0]:
        return _outside(c.again([x, _inside(w, 0, groups)]), 1, groups, c.size)
    return _split(c.again([_merged(x, 0), _one(w, c.on[1])]), 0, c.size)


def _one(w: Expr, on: bool) -> Expr:
    """A tensor for all members of a batch; of a batch without members, zeros."""
    return BUILDERS["sum"](w, axis=0, dtype=w.dtype) if on else w


def _to(c: Call, target: Sequence[Length], *args: Expr, **params: Any) -> Expr:
    """A transposed convolution with a result of shape `target`."""
    static, extra = lengths(tuple(target))
    return c.again([*args, *extra], shape=static, **params)


@batch_rule("convolution_inputs")
def _inputs(c: Call) -> Any:
    (g, w), groups = c.args[:2], c.node.kw["groups"]
    images, channels, *positions = filled(c.node.kw["shape"], c.constant(2, "lengths"))
    if c.on[:2] == (True, True) and _members(c):
        made = _to(c, (images, channels * c.size, *positions), _joined(g, 1), _joined(w, 0), groups=c.size * groups)
        return moveaxis(_split(made, 1, c.size), 1, 0)
    if c.on[1] and not c.on[0]:                             # channels of the result: (groups, batch, channels of a group)
        return _outside(_to(c, (images, channels * c.size, *positions), g, _joined(w, 1)), 1, groups, c.size)
    return _split(_to(c, (images * c.size, channels, *positions), _merged(g, 0), _one(w, c.on[1])), 0, c.size)


@batch_rule("convolution_filters")
def _filters(c: Call) -> Any:
    (x, g), groups = c.args[:2], c.node.kw["groups"]
    outputs, channels, *taps = filled(c.node.kw["shape"], c.constant(2, "lengths"))
    if c.on[:2] == (True, True) and _members(c):
        made = _to(c, (outputs * c.size, channels, *taps), _joined(x, 1), _joined(g, 1), groups=c.size * groups)
        return _split(made, 0, c.size)
    if c.on[0]:
        made = _to(c, (outputs, channels * c.size, *taps), _inside(x, 1, groups), _one(g, c.on[1]))
        return moveaxis(_split(made, 1, c.size), 1, 0)
    return _outside(_to(c, (outputs * c.size, channels, *taps), x, _inside(g, 1, groups)), 0, groups, c.size)
