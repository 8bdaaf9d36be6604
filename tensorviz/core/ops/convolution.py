"""Convolution over any number of axes: the op `convolution` and its two transposes, each the derivative of the others.

Arrays are (images, channels, *positions), filters (outputs, channels of a group, *taps). As everywhere in neural networks the op
is a cross-correlation: filters are not turned around. Padding of an axis is a pair of numbers of zeros, or a word for what
follows from the number of taps: "same" (as many results as positions, the odd zero at the end), "half" (half the reach of the
filter on both sides) or "full" (all of it). Numbers are added up by fused multiply-add where the processor has it, as BLAS does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product as combinations
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, make
from ..op import Op, builder
from ..types import Shape, TensorType, shape_text
from .elementwise import cast, loop_args
from .lengths import Length, check_lengths, filled, lengths, lengths_now, user_line
from .windows import steps_of, windows_of

__all__ = ["Padding", "WORDS", "convolve_filters", "convolve_inputs", "convolve_nd", "pads_of", "reach",
           "results_of"]

Array = np.ndarray[Any, Any]
Padding = tuple[int, int] | str
WORDS = ("valid", "same", "half", "full")
PARAMS = ("stride", "padding", "dilation", "groups")


# -- lengths -----------------------------------------------------------------------------------------------------------
def reach(taps: Any, dilation: int) -> Any:
    """How many positions a filter spans beyond its first."""
    return (taps - 1) * dilation if dilation != 1 else taps - 1


def pads_of(padding: Padding, taps: Any, dilation: int) -> tuple[Any, Any]:
    """The zeros before and after an axis."""
    if not isinstance(padding, str):
        return padding
    over = reach(taps, dilation)
    if padding == "same":
        return over // 2, over - over // 2
    return (over, over) if padding == "full" else ((over + 1) // 2, (over + 1) // 2)


def _result(n: Any, taps: Any, stride: int, padding: Padding, dilation: int) -> Any:
    """The length of the result along an axis."""
    if padding == "same" and stride == 1:
        return n
    before, after = pads_of(padding, taps, dilation)
    if padding == "full":
        room = n + reach(taps, dilation)
    else:
        room = n + (before + after) - reach(taps, dilation) - 1
        return (room if stride == 1 else room // stride) + 1
    return room if stride == 1 else (room - 1) // stride + 1


def results_of(x: Sequence[Any], w: Sequence[Any], stride: Any, padding: Any, dilation: Any) -> tuple[Any, ...]:
    """How many results the positions x and the taps w give along each axis; None where one isn't known."""
    return tuple(None if None in (n, k) else _result(n, k, s, p, d)
                 for n, k, s, p, d in zip(x, w, stride, padding, dilation, strict=True))


def _check(x: Sequence[Any], w: Sequence[Any], stride: Any, padding: Any, dilation: Any, groups: int) -> None:
    """Raise ShapeError where shapes of x and w, None for what isn't known, don't go together."""
    both = f"filters of shape {shape_text(tuple(w))} and {shape_text(tuple(x))}"
    if len(x) != len(w) or len(stride) != len(x) - 2:
        raise ShapeError(f"cannot convolve {both}: {len(stride) + 2} axes are needed",
                         hint="x is (images, channels, *positions), w is (outputs, channels, *taps)")
    if None not in (x[1], w[1]) and x[1] != w[1] * groups:
        more = f" in {groups} groups" if groups > 1 else ""
        raise ShapeError(f"cannot convolve {both}: x has {x[1]} channels, filters take {w[1]}{more}")
    if w[0] is not None and w[0] % groups:
        raise ShapeError(f"{w[0]} filters can't be shared out to {groups} groups")
    for n, k, p, d in zip(x[2:], w[2:], padding, dilation, strict=True):
        if k == 0:
            raise ShapeError(f"cannot convolve {both}: filters need at least one tap along each axis")
        if None not in (n, k) and n + sum(pads_of(p, k, d)) <= reach(k, d):
            raise ShapeError(f"cannot convolve {both}: a filter that spans {reach(k, d) + 1} doesn't fit into "
                             f"{n + sum(pads_of(p, k, d))} positions")


def _match(g: Sequence[Any], x: Sequence[Any], w: Sequence[Any], params: Any) -> None:
    """Raise ShapeError unless g has the shape of the convolution of x with w."""
    _check(x, w, *params)
    made = (x[0], w[0], *results_of(x[2:], w[2:], *params[:3]))
    if len(g) != len(made) or any(None not in (a, b) and a != b for a, b in zip(g, made, strict=True)):
        raise ShapeError(f"{shape_text(tuple(g))} is not the shape {shape_text(made)} of the convolution of "
                         f"{shape_text(tuple(x))} with filters {shape_text(tuple(w))}")


def _one_dtype(a: TensorType, b: TensorType) -> None:
    if a.dtype != b.dtype or a.dtype.kind not in "iufc":
        raise DtypeError(f"convolution takes two tensors of numbers of one dtype, not {a.dtype} and {b.dtype}")


# -- meanings ----------------------------------------------------------------------------------------------------------
def _offsets(w: Sequence[int], padding: Any, dilation: Any) -> list[Array]:
    return [np.arange(k) * d - pads_of(p, k, d)[0] for k, p, d in zip(w, padding, dilation, strict=True)]


def _sum(dtype: Any) -> Any:
    return np.float32 if dtype == np.float16 else dtype


def _in_groups(g: int, a: Array, b: Array, axis: int, function: Callable[[Array, Array], Array]) -> Array:
    """`function` of the parts of a (its channels) and b (its filters) of each group, joined along an axis."""
    wide = _sum(a.dtype)
    ours, theirs = np.split(a.astype(wide, copy=False), g, 1), np.split(b.astype(wide, copy=False), g, 0 if axis else 1)
    made = [function(x, y) for x, y in zip(ours, theirs, strict=True)]
    return np.asarray(np.concatenate(made, axis)).astype(a.dtype, copy=False)


def _convolve(x: Array, w: Array, stride: Any, padding: Any, dilation: Any, groups: int) -> Array:
    _check(x.shape, w.shape, stride, padding, dilation, groups)
    counts = results_of(x.shape[2:], w.shape[2:], stride, padding, dilation)
    windows = windows_of(x, _offsets(w.shape[2:], padding, dilation), stride, counts)
    taps = tuple(range(x.ndim, 2 * x.ndim - 2))

    def part(v: Array, f: Array) -> Array:
        made = np.tensordot(v, f, ((1, *taps), tuple(range(1, f.ndim))))
        return np.moveaxis(made, -1, 1)

    return _in_groups(groups, windows, w, 1, part)


def _convolve_filters(x: Array, g: Array, *extra: Any, shape: Shape, stride: Any, padding: Any, dilation: Any,
                      groups: int) -> Array:
    w = tuple(int(n) for n in filled(shape, extra))
    _match(g.shape, x.shape, w, (stride, padding, dilation, groups))
    windows = windows_of(x, _offsets(w[2:], padding, dilation), stride, g.shape[2:])
    axes = (0, *range(2, g.ndim))
    return _in_groups(groups, windows, g, 0, lambda v, h: np.tensordot(h, v, (axes, axes)))


def _convolve_inputs(g: Array, w: Array, *extra: Any, shape: Shape, stride: Any, padding: Any, dilation: Any,
                     groups: int) -> Array:
    """Positions of each residue of the stride are convolutions of g with the taps that reach them."""
    x = tuple(int(n) for n in filled(shape, extra))
    _match(g.shape, x, w.shape, (stride, padding, dilation, groups))
    out, positions, ndim = np.zeros(x, g.dtype), x[2:], len(x) - 2
    for phase in combinations(*map(range, stride)):
        taps, offsets = [], []
        for r, s, at in zip(phase, stride, _offsets(w.shape[2:], padding, dilation), strict=True):
            taps.append(np.flatnonzero((r - at) % s == 0))
            offsets.append((r - at[taps[-1]]) // s)
        counts = [len(range(r, n, s)) for r, n, s in zip(phase, positions, stride, strict=True)]
        windows = windows_of(g, offsets, (1,) * ndim, counts)
        key: tuple[Any, ...] = (slice(None), slice(None), *np.ix_(*taps))
        some = w[key]
        places: list[Any] = [slice(r, None, s) for r, s in zip(phase, stride, strict=True)]
        out[(slice(None), slice(None), *places)] = _in_groups(groups, windows, some, 1, lambda v, f: np.moveaxis(
            np.tensordot(v, f, ((1, *range(ndim + 2, 2 * ndim + 2)), (0, *range(2, ndim + 2)))), -1, 1))
    return out


# -- ops ---------------------------------------------------------------------------------------------------------------
def _type(x: TensorType, w: TensorType, stride: Any, padding: Any, dilation: Any, groups: int) -> TensorType:
    _one_dtype(x, w)
    _check(x.shape, w.shape, stride, padding, dilation, groups)
    return TensorType(x.dtype, (x.shape[0], w.shape[0], *results_of(x.shape[2:], w.shape[2:], stride, padding, dilation)))


def _inputs_type(g: TensorType, w: TensorType, *extra: TensorType, shape: Shape, **kw: Any) -> TensorType:
    _one_dtype(g, w)
    check_lengths(shape, extra)
    _match(g.shape, shape, w.shape, tuple(kw[k] for k in PARAMS))
    return TensorType(g.dtype, shape)


def _filters_type(x: TensorType, g: TensorType, *extra: TensorType, shape: Shape, **kw: Any) -> TensorType:
    _one_dtype(x, g)
    check_lengths(shape, extra)
    _match(g.shape, x.shape, shape, tuple(kw[k] for k in PARAMS))
    return TensorType(x.dtype, shape)


def _shape(x: Expr, w: Expr, stride: Any, padding: Any, dilation: Any, groups: int) -> tuple[Length, ...]:
    a, b = lengths_now(x), lengths_now(w)
    return a[0], b[0], *results_of(a[2:], b[2:], stride, padding, dilation)


def _vjp(g: Expr, out: Expr, x: Expr, w: Expr, **kw: Any) -> tuple[Expr, Expr]:
    return convolve_inputs(g, w, lengths_now(x), **kw), convolve_filters(x, g, lengths_now(w), **kw)


def _inputs_vjp(h: Expr, out: Expr, g: Expr, w: Expr, *extra: Expr, shape: Shape, **kw: Any) -> tuple[Expr | None, ...]:
    return convolve_nd(h, w, **kw), convolve_filters(h, g, lengths_now(w), **kw), *(None,) * len(extra)


def _filters_vjp(h: Expr, out: Expr, x: Expr, g: Expr, *extra: Expr, shape: Shape, **kw: Any) -> tuple[Expr | None, ...]:
    return convolve_inputs(g, h, lengths_now(x), **kw), convolve_nd(x, h, **kw), *(None,) * len(extra)


convolve_op = Op("convolution", "linalg", _type, _convolve, "sums of products of filters with all windows of positions",
                 params=PARAMS, shape=_shape, vjp=_vjp, latex="{0} \\star {1}", flops=64.0)
inputs_op = Op("convolution_inputs", "linalg", _inputs_type, _convolve_inputs, "the transpose of `convolution` in x",
               params=("shape", *PARAMS), shape=lambda g, w, *n, shape, **kw: filled(shape, n),
               vjp=_inputs_vjp, latex="{0} \\star^{{T}} {1}", flops=64.0)
filters_op = Op("convolution_filters", "linalg", _filters_type, _convolve_filters, "the transpose of `convolution` in w",
                params=("shape", *PARAMS), shape=lambda x, g, *n, shape, **kw: filled(shape, n),
                vjp=_filters_vjp, latex="{0} \\star_{{w}}^{{T}} {1}", flops=64.0)


# -- builders ----------------------------------------------------------------------------------------------------------
def _paddings(value: Any, taps: Sequence[Any], dilation: Sequence[int]) -> tuple[Padding, ...]:
    ndim = len(taps)
    if isinstance(value, str) or not isinstance(value, tuple | list):
        value = (value,) * ndim
    if len(value) != ndim:
        raise ArgumentError(f"padding has one entry for each of {ndim} axes, not {len(value)}", at=user_line())
    found: list[Padding] = []
    for p, k, d in zip(value, taps, dilation, strict=True):
        if isinstance(p, str):
            if p not in WORDS:
                raise ArgumentValueError(f"padding is numbers or one of {', '.join(WORDS)}, not {p!r}", at=user_line())
            found.append((0, 0) if p == "valid" else pads_of(p, k, d) if isinstance(k, int) else p)
        else:
            both = steps_of(p, 2, "padding", 0)
            found.append((both[0], both[1]))
    return tuple(found)


@builder
def convolve_nd(x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The cross-correlation of x (images, channels, *positions) with filters w (outputs, channels / groups, *taps).

    out[n, o, p] = sum over c, t of w[o, c, t] * x[n, c, p * stride + t * dilation - padding]. `stride` and `dilation` are a
    number or one an axis; `padding` is a number or a word ("valid", "same", "half", "full"), or one of them an axis, or a pair
    (before, after) an axis. Raises ShapeError where channels don't match or a filter is longer than an axis with its padding.

    >>> import tensorviz as tv
    >>> x, w = tv.tensor4("x", shape=(8, 3, 32, 32)), tv.tensor4("w", shape=(16, 3, 5, 5))
    >>> convolve_nd(x, w, stride=2, padding="half").type.shape
    (8, 16, 16, 16)
    """
    x, w = loop_args(np.multiply, as_expr(x), as_expr(w))
    if x.dtype.kind == "b":
        x, w = cast(x, "int64"), cast(w, "int64")
    ndim = max(w.ndim - 2, 0)
    dilation = steps_of(dilation, ndim, "dilation")
    groups = steps_of(groups, 1, "groups")[0]
    padding = _paddings(padding, w.type.shape[2:], dilation)
    return make(convolve_op, (x, w), (steps_of(stride, ndim, "stride"), padding, dilation, groups))


def _transposed(op: Op, a: Any, b: Any, shape: Any, taps: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Expr:
    static, extra = lengths(shape)
    taps = static[2:] if taps is None else taps
    ndim = len(taps)
    dilation = steps_of(dilation, ndim, "dilation")
    params = (static, steps_of(stride, ndim, "stride"), _paddings(padding, taps, dilation), dilation, int(groups))
    return make(op, (*loop_args(np.multiply, as_expr(a), as_expr(b)), *extra), params)


@builder
def convolve_inputs(g: Any, w: Any, shape: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The transpose of `convolve_nd(x, w, ...)` in x of this shape: what its gradient g makes of that of x.

    >>> import tensorviz as tv
    >>> g, w = tv.tensor4("g", shape=(8, 16, 14, 14)), tv.tensor4("w", shape=(16, 3, 5, 5))
    >>> convolve_inputs(g, w, (8, 3, 32, 32), stride=2).type.shape
    (8, 3, 32, 32)
    """
    w = as_expr(w)
    return _transposed(inputs_op, g, w, shape, w.type.shape[2:], stride, padding, dilation, groups)


@builder
def convolve_filters(x: Any, g: Any, shape: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The transpose of `convolve_nd(x, w, ...)` in w of this shape: what its gradient g makes of that of w.

    >>> import tensorviz as tv
    >>> x, g = tv.tensor4("x", shape=(8, 3, 32, 32)), tv.tensor4("g", shape=(8, 16, 14, 14))
    >>> convolve_filters(x, g, (16, 3, 5, 5), stride=2).type.shape
    (16, 3, 5, 5)
    """
    return _transposed(filters_op, x, g, shape, None, stride, padding, dilation, groups)
