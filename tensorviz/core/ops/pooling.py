"""Pooling over the last axes: the largest element, the sum or the mean of each window, and the transposes of these.

Where several elements of a window are its largest, each gets an equal share of the gradient, as with the reduction `max`; in a
window with NaN those that are NaN do. Theano gives the whole to each, torch to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as combinations
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType, shape_text
from .axes import expand_dims
from .elementwise import cast
from .lengths import Length, check_lengths, filled, lengths, lengths_now, user_line
from .windows import pairs_of, steps_of, windows_of

__all__ = ["count_windows", "pool_average", "pool_max", "pool_sum", "pool_sum_back"]

Array = np.ndarray[Any, Any]
PARAMS = ("window", "stride", "padding", "ceil")


# -- lengths -----------------------------------------------------------------------------------------------------------
def count_windows(n: Any, k: int, s: int, pads: tuple[int, int], ceil: bool) -> Any:
    """How many windows; with `ceil` also one that reaches beyond the end, if it begins before it."""
    room = n + (sum(pads) - k)
    if not ceil:
        return (room if s == 1 else room // s) + 1
    least, most = BUILDERS["minimum"] if isinstance(n, Expr) else min, BUILDERS["maximum"] if isinstance(n, Expr) else max
    return most(least((room + (s - 1)) // s, (n + (pads[0] - 1)) // s), 0) + 1


def _counts(positions: Sequence[Any], window: Any, stride: Any, padding: Any, ceil: bool) -> tuple[Any, ...]:
    found = []
    for n, k, s, p in zip(positions, window, stride, padding, strict=True):
        if n is not None and not isinstance(n, Expr) and (n == 0 or (n + sum(p) < k and not ceil)):
            raise ShapeError(f"a pool of {k} doesn't fit into {n + sum(p)} of the positions {shape_text(tuple(positions))}",
                             hint="ceil_mode=True (ignore_border=False) takes parts of windows")
        found.append(None if n is None else count_windows(n, k, s, p, ceil))
    return tuple(found)


def _split(shape: Sequence[Any], window: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if len(shape) < len(window):
        raise ShapeError(f"a pool of {len(window)} axes of a tensor of {len(shape)}")
    at = len(shape) - len(window)
    return tuple(shape[:at]), tuple(shape[at:])


def _type(t: TensorType, **kw: Any) -> TensorType:
    if t.dtype.kind not in "iuf":
        raise DtypeError(f"pooling takes real numbers, not {t.dtype}")
    lead, positions = _split(t.shape, kw["window"])
    return TensorType(t.dtype, (*lead, *_counts(positions, **kw)))


def _shape(x: Expr, *others: Expr, **kw: Any) -> tuple[Length, ...]:
    lead, positions = _split(lengths_now(x), kw["window"])
    return *lead, *_counts(positions, **kw)


def _fits(shape: Sequence[Any], x: Sequence[Any], **kw: Any) -> None:
    lead, positions = _split(x, kw["window"])
    made = (*lead, *_counts(positions, **kw))
    if len(shape) != len(made) or any(None not in (a, b) and a != b for a, b in zip(shape, made, strict=True)):
        raise ShapeError(f"pools of {shape_text(tuple(x))} are {shape_text(made)}, not {shape_text(tuple(shape))}")


# -- meanings ----------------------------------------------------------------------------------------------------------
def _windows(x: Array, fill: Any, window: Any, stride: Any, padding: Any, ceil: bool) -> Array:
    counts = _counts(_split(x.shape, window)[1], window, stride, padding, ceil)
    return windows_of(x, [np.arange(k) - p[0] for k, p in zip(window, padding, strict=True)], stride, counts, fill)


def _lowest(dtype: np.dtype[Any]) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _last(kw: Any) -> tuple[int, ...]:
    return tuple(range(-len(kw["window"]), 0))


def _pool_max(x: Array, **kw: Any) -> Array:
    return np.asarray(_windows(x, _lowest(x.dtype), **kw).max(_last(kw)))


def _pool_sum(x: Array, **kw: Any) -> Array:
    return np.asarray(_windows(x, 0, **kw).sum(_last(kw), dtype=x.dtype))


def _shares(x: Array, out: Array, **kw: Any) -> Array:
    """For each window which share its elements have in the largest."""
    inside = _windows(np.ones(x.shape, bool), 0, **kw)
    windows, top = _windows(x, 0, **kw), out[(..., *(None,) * len(kw["window"]))]
    largest = inside & ((windows == top) | ((windows != windows) & (top != top)))
    with np.errstate(all="ignore"):
        return np.asarray(largest / largest.sum(_last(kw), keepdims=True)).astype(x.dtype)


def _added(y: Array, positions: Sequence[int], window: Any, stride: Any, padding: Any, ceil: bool) -> Array:
    """Windows added up where they came from; what lies beyond is dropped."""
    d = len(window)
    lead, counts = y.shape[:y.ndim - 2 * d], y.shape[y.ndim - 2 * d:y.ndim - d]
    wide = [max(p[0] + n, (c - 1) * s + k) for p, n, c, s, k in zip(padding, positions, counts, stride, window, strict=True)]
    out = np.zeros((*lead, *wide), y.dtype)
    for taps in combinations(*map(range, window)):
        into: list[Any] = [slice(t, t + (c - 1) * s + 1, s) for t, c, s in zip(taps, counts, stride, strict=True)]
        from_: tuple[Any, ...] = (..., *taps)
        out[(..., *into)] += y[from_]
    kept: list[Any] = [slice(p[0], p[0] + n) for p, n in zip(padding, positions, strict=True)]
    return out[(..., *kept)]


def _sum_back(g: Array, *extra: Any, shape: Shape, **kw: Any) -> Array:
    lead = _split(g.shape, kw["window"])[0]
    positions = tuple(int(n) for n in filled(shape, extra))
    _fits(g.shape, (*lead, *positions), **kw)
    return _added(np.broadcast_to(g[(..., *(None,) * len(kw["window"]))], (*g.shape, *kw["window"])), positions, **kw)


def _max_back(x: Array, out: Array, g: Array, **kw: Any) -> Array:
    _fits(out.shape, x.shape, **kw)
    _fits(g.shape, x.shape, **kw)
    shares = _shares(x, out, **kw)
    windows = np.where(shares > 0, shares * g[(..., *(None,) * len(kw["window"]))], 0).astype(g.dtype)
    return _added(windows, _split(x.shape, kw["window"])[1], **kw)


def _max_pick(x: Array, out: Array, h: Array, **kw: Any) -> Array:
    _fits(out.shape, x.shape, **kw)
    shares = _shares(x, out, **kw)
    return np.asarray(np.where(shares > 0, shares * _windows(h, 0, **kw), 0).sum(_last(kw), dtype=h.dtype))


# -- ops ---------------------------------------------------------------------------------------------------------------
def _three(x: TensorType, out: TensorType, g: TensorType, **kw: Any) -> None:
    if len({t.dtype for t in (x, out, g)}) > 1:
        raise DtypeError("gradients of pools take tensors of one dtype")
    _fits(out.shape, x.shape, **kw)


def _back_type(x: TensorType, out: TensorType, g: TensorType, **kw: Any) -> TensorType:
    _three(x, out, g, **kw)
    _fits(g.shape, x.shape, **kw)
    return x


def _pick_type(x: TensorType, out: TensorType, h: TensorType, **kw: Any) -> TensorType:
    _three(x, out, h, **kw)
    if h.ndim != x.ndim or any(None not in (a, b) and a != b for a, b in zip(h.shape, x.shape, strict=True)):
        raise ShapeError(f"what is picked has the shape {shape_text(x.shape)}, not {shape_text(h.shape)}")
    return TensorType(x.dtype, tuple(b if a is None else a for a, b in zip(out.shape, _type(x, **kw).shape, strict=True)))


def _sum_back_type(g: TensorType, *extra: TensorType, shape: Shape, **kw: Any) -> TensorType:
    check_lengths(shape, extra)
    lead = _split(g.shape, kw["window"])[0]
    _fits(g.shape, (*lead, *shape), **kw)
    return TensorType(g.dtype, (*lead, *shape))


def _sum_vjp(g: Expr, out: Expr, x: Expr, **kw: Any) -> tuple[Expr]:
    return (pool_sum_back(g, lengths_now(x)[x.ndim - len(kw["window"]):], **kw),)


def _params(kw: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(kw[k] for k in PARAMS)


def _max_vjp(g: Expr, out: Expr, x: Expr, **kw: Any) -> tuple[Expr]:
    return (make(max_back_op, (x, out, g), _params(kw)),)


def _max_back_vjp(h: Expr, out: Expr, x: Expr, top: Expr, g: Expr, **kw: Any) -> tuple[None, None, Expr]:
    return None, None, make(max_pick_op, (x, top, h), _params(kw))


def _max_pick_vjp(g: Expr, out: Expr, x: Expr, top: Expr, h: Expr, **kw: Any) -> tuple[None, None, Expr]:
    return None, None, make(max_back_op, (x, top, g), _params(kw))


pool_max_op = Op("pool_max", "reduction", _type, _pool_max, "the largest element of each window of the last axes", params=PARAMS,
                 shape=_shape, vjp=_max_vjp, exact=True, latex="\\max_{{{window}}} {0}")
max_back_op = Op("pool_max_back", "reduction", _back_type, _max_back,
                 "the transpose of `pool_max` at x: each g shared out to the largest elements of its window", params=PARAMS,
                 shape=lambda x, out, g, **kw: lengths_now(x), vjp=_max_back_vjp,
                 latex="\\left(\\partial\\max_{{{window}}} {0}\\right)^{{T}} {2}")
max_pick_op = Op("pool_max_pick", "reduction", _pick_type, _max_pick,
                 "the derivative of `pool_max` at x: the mean of h over the largest elements of each window", params=PARAMS,
                 shape=_shape, vjp=_max_pick_vjp, latex="\\left(\\partial\\max_{{{window}}} {0}\\right) {2}")
pool_sum_op = Op("pool_sum", "reduction", _type, _pool_sum, "the sum of each window of the last axes", params=PARAMS,
                 shape=_shape, vjp=_sum_vjp, latex="\\sum_{{{window}}} {0}")
sum_back_op = Op("pool_sum_back", "reduction", _sum_back_type, _sum_back,
                 "the transpose of `pool_sum`: each g added to all elements of its window", params=("shape", *PARAMS),
                 shape=lambda g, *n, shape, **kw: (*_split(lengths_now(g), kw["window"])[0], *filled(shape, n)),
                 vjp=lambda h, out, g, *n, shape, **kw: (pool_sum(h, **kw), *(None,) * len(n)),
                 latex="\\sum\\nolimits^{{T}}_{{{window}}} {0}")


# -- builders ----------------------------------------------------------------------------------------------------------
def _arguments(window: Any, stride: Any, padding: Any, ceil: bool) -> tuple[Any, ...]:
    window = (window,) if isinstance(window, int) else window
    window = steps_of(window, len(window), "window")
    pads = pairs_of(padding, len(window))
    if any(p >= k for pair, k in zip(pads, window, strict=True) for p in pair):
        raise ArgumentValueError(f"padding {padding} is not less than the window {window}: pools would be empty", at=user_line())
    return window, steps_of(window if stride is None else stride, len(window), "stride"), pads, bool(ceil)


@builder
def pool_max(x: Any, window: Any, stride: Any = None, padding: Any = 0, ceil: bool = False) -> Expr:
    """The largest element of each window over the last axes of x, as many as `window` has lengths.

    `stride` (None: the window) and `padding` (a number or a pair an axis, less than the window) are numbers or one an axis; what
    is padded never is the largest. `ceil`: windows that reach beyond the end count if they begin before it.
    Raises ShapeError if no window fits, ArgumentError if the padding holds a whole window.

    >>> import tensorviz as tv
    >>> pool_max(tv.tensor4("x", shape=(8, 3, 32, 32)), (2, 2)).type.shape
    (8, 3, 16, 16)
    """
    return make(pool_max_op, (as_expr(x),), _arguments(window, stride, padding, ceil))


@builder
def pool_sum(x: Any, window: Any, stride: Any = None, padding: Any = 0, ceil: bool = False) -> Expr:
    """The sum of each window over the last axes of x; arguments as those of `pool_max`. Small integers are added up as int64.

    >>> import tensorviz as tv
    >>> pool_sum(tv.tensor4("x", shape=(8, 3, 32, 32)), (3, 3), 2, ceil=True).type.shape
    (8, 3, 16, 16)
    """
    x = as_expr(x)
    x = cast(x, np.add.reduce(np.zeros(1, x.dtype)).dtype)
    return make(pool_sum_op, (x,), _arguments(window, stride, padding, ceil))


@builder
def pool_sum_back(g: Any, shape: Any, window: Any, stride: Any = None, padding: Any = 0, ceil: bool = False) -> Expr:
    """The transpose of `pool_sum` for positions `shape`: each element of g added to all elements of its window.

    >>> import tensorviz as tv
    >>> pool_sum_back(tv.vector("g", shape=(4,)), 8, 2).type.shape
    (8,)
    """
    static, extra = lengths(shape)
    return make(sum_back_op, (as_expr(g), *extra), (static, *_arguments(window, stride, padding, ceil)))


@builder
def pool_average(x: Any, window: Any, stride: Any = None, padding: Any = 0, ceil: bool = False, include_pad: bool = True) -> Expr:
    """The mean of each window over the last axes of x; `include_pad`: zeros of the padding count as elements.

    A part of a window that reaches beyond the padding never counts. Other arguments as those of `pool_max`.

    >>> import tensorviz as tv
    >>> pool_average(tv.tensor4("x", shape=(8, 3, 32, 32)), (2, 2), include_pad=False).type.shape
    (8, 3, 16, 16)
    """
    x = as_expr(x)
    x = x if is_float(x.dtype) else cast(x, "float64")
    window, stride, padding, ceil = _arguments(window, stride, padding, ceil)
    total = pool_sum(x, window, stride, padding, ceil)
    if not ceil and (include_pad or not any(map(any, padding))):
        return total / constant(float(np.prod(window)), x.dtype)
    positions = lengths_now(x)[x.ndim - len(window):]
    for axis, (n, k, s, p) in enumerate(zip(positions, window, stride, padding, strict=True)):
        size = _sizes(n, k, s, p, ceil, include_pad)
        total = total / cast(expand_dims(size, tuple(range(1, len(window) - axis))), x.dtype)
    return total


def _sizes(n: Any, k: int, s: int, pads: tuple[int, int], ceil: bool, include_pad: bool) -> Expr:
    """How many elements each window has along an axis."""
    begin = BUILDERS["arange"](count_windows(n, k, s, pads, ceil)) * s - pads[0]
    end = BUILDERS["minimum"](begin + k, n + (pads[1] if include_pad else 0))
    return end - (begin if include_pad else BUILDERS["maximum"](begin, 0))
