"""Batch rules of convolutions: the batch joins the images, the channels or the filters, or its members are groups of channels.

A tensor without the batch stays one for all where the sums allow it. Where both have it, members are groups; the number of groups
is part of the op, so over a batch of unknown length windows are laid out and multiplied as matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..autodiff import vjp
from ..expr import Expr
from ..op import BUILDERS
from ..ops.axes import expand_dims, moveaxis
from ..ops.convolution import pads_of, results_of
from ..ops.lengths import Length, filled, lengths, lengths_now, product
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


# -- both tensors mapped, over a batch of unknown length -----------------------------------------------------------------
def _windows(c: Call, x: Expr, taps: Sequence[Length]) -> Expr:
    """What filters of these lengths meet: (..., *positions) becomes (..., *counts, *taps)."""
    kw = c.node.kw
    pads = [pads_of(p, k, g) for p, k, g in zip(kw["padding"], taps, kw["dilation"], strict=True)]
    if all(isinstance(k, int) for k in taps):
        return BUILDERS["unfold"](x, tuple(taps), kw["stride"], tuple(pads), kw["dilation"])  # type: ignore[no-any-return]
    lead, arange = x.ndim - len(taps), BUILDERS["arange"]
    counts = results_of(lengths_now(x)[lead:], taps, kw["stride"], kw["padding"], kw["dilation"])
    x = BUILDERS["pad"](x, [(0, 0)] * lead + pads)
    for d, (count, k, step, gap) in enumerate(zip(counts, taps, kw["stride"], kw["dilation"], strict=True)):
        places = expand_dims(arange(count) * step, 1) + arange(k) * gap
        x = moveaxis(BUILDERS["take"](x, places, lead + d), lead + d + 1, -1)
    return x


def _grouped(x: Expr, groups: int, *, channels: int, ends: Sequence[int]) -> Expr:
    """A tensor with its axis of channels as two, by groups, and all axes between one of `ends` and the next as one."""
    n = lengths_now(x)
    parts = [product(n[k:m]) for k, m in pairwise(ends)]
    return reshape(x, (*n[:channels], groups, n[channels] // groups, *n[channels + 1:ends[0]], *parts))


def _by_products(c: Call) -> Expr:
    """A convolution of both tensors mapped, or one of its transposes, as products of matrices of windows and filters."""
    kw, name, einsum = c.node.kw, c.node.op.name, BUILDERS["einsum"]
    groups, d = kw["groups"], len(kw["stride"])
    rest = filled(kw["shape"], c.constant(2, "lengths")) if "shape" in kw else ()
    taps = rest[2:] if name == "convolution_filters" else lengths_now(c.args[1])[3:]
    if name == "convolution_inputs":
        target = BUILDERS["zeros"]((c.size, *rest), c.node.dtype)
        windows = _windows(c, target, taps)
    else:
        windows = _windows(c, c.args[0], taps)
    shape, end = lengths_now(windows), 3 + d
    counts = shape[3:end]
    if name == "convolution_inputs":
        g = _grouped(c.args[0], groups, channels=2, ends=(3, end))
        made = einsum("bngop,bgoct->bngcpt", g, _grouped(c.args[1], groups, channels=1, ends=(3, end)))
        return vjp(windows, target, reshape(made, shape))  # type: ignore[no-any-return]
    x = _grouped(windows, groups, channels=2, ends=(3, end, end + d))
    if name == "convolution_filters":
        made = einsum("bngcpt,bngop->bgoct", x, _grouped(c.args[1], groups, channels=2, ends=(3, end)))
        return reshape(made, (c.size, *rest))
    w = c.args[1]
    made = einsum("bngcpt,bgoct->bngop", x, _grouped(w, groups, channels=1, ends=(3, end)))
    return reshape(made, (*shape[:2], lengths_now(w)[1], *counts))


# -- the rules -----------------------------------------------------------------------------------------------------------
@batch_rule("convolution")
def _convolve(c: Call) -> Any:
    (x, w), groups = c.args, c.node.kw["groups"]
    if c.on == (True, True) and not isinstance(c.size, int):
        return _by_products(c)
    if c.on == (True, True) and c.size:
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
    if c.on[:2] == (True, True) and not isinstance(c.size, int):
        return _by_products(c)
    images, channels, *positions = filled(c.node.kw["shape"], c.constant(2, "lengths"))
    if c.on[:2] == (True, True) and c.size:
        made = _to(c, (images, channels * c.size, *positions), _joined(g, 1), _joined(w, 0), groups=c.size * groups)
        return moveaxis(_split(made, 1, c.size), 1, 0)
    if c.on[1] and not c.on[0]:                             # channels of the result: (groups, batch, channels of a group)
        return _outside(_to(c, (images, channels * c.size, *positions), g, _joined(w, 1)), 1, groups, c.size)
    return _split(_to(c, (images * c.size, channels, *positions), _merged(g, 0), _one(w, c.on[1])), 0, c.size)


@batch_rule("convolution_filters")
def _filters(c: Call) -> Any:
    (x, g), groups = c.args[:2], c.node.kw["groups"]
    if c.on[:2] == (True, True) and not isinstance(c.size, int):
        return _by_products(c)
    outputs, channels, *taps = filled(c.node.kw["shape"], c.constant(2, "lengths"))
    if c.on[:2] == (True, True) and c.size:
        made = _to(c, (outputs * c.size, channels, *taps), _joined(x, 1), _joined(g, 1), groups=c.size * groups)
        return _split(made, 0, c.size)
    if c.on[0]:
        made = _to(c, (outputs, channels * c.size, *taps), _inside(x, 1, groups), _one(g, c.on[1]))
        return moveaxis(_split(made, 1, c.size), 1, 0)
    return _outside(_to(c, (outputs * c.size, channels, *taps), x, _inside(g, 1, groups)), 0, groups, c.size)
