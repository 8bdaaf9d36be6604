"""Windows over the last axes of a tensor: `unfold` lays them side by side, `fold` adds them up where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as combinations
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..expr import Expr, as_expr, make
from ..op import Op, builder
from ..types import Shape, TensorType, shape_text
from .lengths import Length, check_lengths, filled, lengths, lengths_now, user_line

__all__ = ["Pads", "fold", "pairs_of", "steps_of", "unfold", "windows_of"]

Array = np.ndarray[Any, Any]
Pads = tuple[tuple[int, int], ...]


# -- arguments ---------------------------------------------------------------------------------------------------------
def steps_of(value: Any, ndim: int, what: str, least: int = 1) -> tuple[int, ...]:
    """One whole number an axis, from one number or a sequence of them; ArgumentError below `least`."""
    values = tuple(value) if isinstance(value, tuple | list) else (value,) * ndim
    if len(values) != ndim or any(isinstance(v, bool) or not isinstance(v, int | np.integer) or v < least for v in values):
        raise ArgumentError(f"{what} is a whole number of at least {least} for each of {ndim} axes, not {value!r}",
                            at=user_line())
    return tuple(int(v) for v in values)


def pairs_of(value: Any, ndim: int) -> Pads:
    """Zeros before and after each axis, from a number, one an axis, or a pair an axis."""
    values = tuple(value) if isinstance(value, tuple | list) else (value,) * ndim
    if len(values) != ndim:
        raise ArgumentError(f"padding has one entry for each of {ndim} axes, not {len(values)}", at=user_line())
    found = [steps_of(v, 2, "padding", 0) for v in values]
    return tuple((a, b) for a, b in found)


# -- meanings ----------------------------------------------------------------------------------------------------------
def windows_of(x: Array, offsets: Sequence[Array], steps: Sequence[int], counts: Sequence[int], fill: Any = 0) -> Array:
    """x (..., *positions) at p * step + offset for all p below `counts` and all offsets, `fill` outside:
    (..., *counts, *taps)."""
    out, first = x, x.ndim - len(steps)
    for d, (at, step, count) in enumerate(zip(offsets, steps, counts, strict=True)):
        places = np.arange(count)[:, None] * step + at[None, :]
        axis = first + d
        inside = (places >= 0) & (places < x.shape[axis])
        shape = (*out.shape[:axis], *places.shape, *out.shape[axis + 1:])
        if x.shape[axis]:
            taken = np.take(out, np.where(inside, places, 0).reshape(-1), axis).reshape(shape)
        else:
            taken = np.zeros(shape, x.dtype)
        mask = inside.reshape((1,) * axis + places.shape + (1,) * (len(shape) - axis - 2))
        out = np.moveaxis(np.where(mask, taken, np.asarray(fill, x.dtype)), axis + 1, -1)
    return out


def _count(n: Any, k: int, stride: int, pads: tuple[int, int], dilation: int) -> Any:
    """How many windows an axis of n has room for."""
    room = n + (sum(pads) - (k - 1) * dilation - 1)
    return (room if stride == 1 else room // stride) + 1


def _counts(positions: Sequence[Any], window: Any, stride: Any, padding: Any, dilation: Any) -> tuple[Any, ...]:
    found = []
    for n, k, s, p, d in zip(positions, window, stride, padding, dilation, strict=True):
        if n is not None and not isinstance(n, Expr) and n + sum(p) <= (k - 1) * d:
            raise ShapeError(f"a window that spans {(k - 1) * d + 1} doesn't fit into {n + sum(p)} of the positions "
                             f"{shape_text(tuple(positions))}")
        found.append(None if n is None else _count(n, k, s, p, d))
    return tuple(found)


def _unfold(x: Array, **kw: Any) -> Array:
    d = len(kw["window"])
    _axes(x.ndim, d)
    offsets = [np.arange(k) * g - p[0] for k, g, p in zip(kw["window"], kw["dilation"], kw["padding"], strict=True)]
    return windows_of(x, offsets, kw["stride"], _counts(x.shape[x.ndim - d:], **kw))


def _fold(y: Array, *extra: Any, shape: Shape, **kw: Any) -> Array:
    d = len(kw["window"])
    positions = tuple(int(n) for n in filled(shape, extra))
    _same_windows(y.shape, positions, **kw)
    lead = y.ndim - 2 * d
    out = np.zeros((*y.shape[:lead], *positions), y.dtype)
    for taps in combinations(*map(range, kw["window"])):
        here: list[Any] = []
        there: list[Any] = []
        rows = zip(taps, kw["stride"], kw["padding"], kw["dilation"], positions, y.shape[lead:lead + d], strict=True)
        for t, s, (before, _), g, n, count in rows:
            at = t * g - before
            lo = max(0, -(at // s))
            hi = max(lo, min(count, -((at - n) // s)))
            here.append(slice(lo, hi))
            there.append(slice(lo * s + at, max((hi - 1) * s + at + 1, lo * s + at), s))
        into, part = (..., *there), (..., *here, *taps)
        out[into] += y[part]
    return out


def _axes(ndim: int, d: int) -> None:
    if ndim < d:
        raise ShapeError(f"windows over {d} axes of a tensor of {ndim}")


def _same_windows(shape: Sequence[Any], positions: Sequence[Any], **kw: Any) -> None:
    d = len(kw["window"])
    _axes(len(shape), 2 * d)
    made = (*_counts(positions, **kw), *kw["window"])
    have = tuple(shape[len(shape) - 2 * d:])
    if any(None not in (a, b) and a != b for a, b in zip(have, made, strict=True)):
        raise ShapeError(f"windows of {shape_text(tuple(positions))} positions are {shape_text(made)}, not {shape_text(have)}")


# -- ops ---------------------------------------------------------------------------------------------------------------
PARAMS = ("window", "stride", "padding", "dilation")


def _unfold_type(t: TensorType, **kw: Any) -> TensorType:
    d = len(kw["window"])
    _axes(t.ndim, d)
    lead = t.ndim - d
    return TensorType(t.dtype, (*t.shape[:lead], *_counts(t.shape[lead:], **kw), *kw["window"]))


def _fold_type(t: TensorType, *extra: TensorType, shape: Shape, **kw: Any) -> TensorType:
    check_lengths(shape, extra)
    _same_windows(t.shape, shape, **kw)
    return TensorType(t.dtype, (*t.shape[:t.ndim - 2 * len(shape)], *shape))


def _unfold_shape(x: Expr, **kw: Any) -> tuple[Length, ...]:
    now, lead = lengths_now(x), x.ndim - len(kw["window"])
    return *now[:lead], *_counts(now[lead:], **kw), *kw["window"]


def _vjp(g: Expr, out: Expr, x: Expr, **kw: Any) -> tuple[Expr]:
    return (fold(g, lengths_now(x)[x.ndim - len(kw["window"]):], **kw),)


def _fold_vjp(h: Expr, out: Expr, y: Expr, *extra: Expr, shape: Shape, **kw: Any) -> tuple[Expr | None, ...]:
    return unfold(h, **kw), *(None,) * len(extra)


unfold_op = Op("unfold", "shape", _unfold_type, _unfold, "all windows of the last axes side by side, zeros outside",
               params=PARAMS, shape=_unfold_shape, vjp=_vjp, flops=0.0, exact=True,
               latex="\\operatorname{{windows}}_{{{window}}}\\left({0}\\right)")
fold_op = Op("fold", "shape", _fold_type, _fold, "windows added up where `unfold` takes them", params=("shape", *PARAMS),
             shape=lambda y, *n, shape, **kw: (*lengths_now(y)[:y.ndim - 2 * len(shape)], *filled(shape, n)), vjp=_fold_vjp,
             latex="\\operatorname{{windows}}^{{T}}_{{{window}}}\\left({0}\\right)")


@builder
def unfold(x: Any, window: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Expr:
    """All windows over the last axes of x: (..., *positions) becomes (..., *counts, *window), with zeros outside of x.

    `window` is the lengths of a window, one an axis; window number p begins at p * stride - padding, its elements are `dilation`
    apart. Raises ShapeError if no window fits.

    >>> import tensorviz as tv
    >>> unfold(tv.tensor4("x", shape=(8, 3, 32, 32)), (5, 5), stride=3).type.shape
    (8, 3, 10, 10, 5, 5)
    """
    return make(unfold_op, (as_expr(x),), _params(window, stride, padding, dilation))


def _params(window: Any, stride: Any, padding: Any, dilation: Any) -> tuple[Any, ...]:
    window = (window,) if isinstance(window, int) else window
    window = steps_of(window, len(window), "window")
    d = len(window)
    return window, steps_of(stride, d, "stride"), pairs_of(padding, d), steps_of(dilation, d, "dilation")


@builder
def fold(y: Any, shape: Any, window: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Expr:
    """Windows (..., *counts, *window) added up at the places where `unfold` takes them from positions `shape`.

    >>> import tensorviz as tv
    >>> fold(tv.tensor("y", dtype="float64", shape=(2, 3, 5)), 7, 5).type.shape
    (2, 7)
    """
    static, extra = lengths(shape)
    return make(fold_op, (as_expr(y), *extra), (static, *_params(window, stride, padding, dilation)))
