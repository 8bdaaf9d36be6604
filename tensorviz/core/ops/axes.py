"""Ops that put the same elements under other axes: transpose, axes of length 1 made and dropped; and the identity `zero_grad`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..expr import Expr, as_expr, label_of, make
from ..op import Op, builder
from ..types import TensorType
from .lengths import Length, axes_of, axis_of, lengths_now, no_gradients, user_line

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "dimshuffle", "disconnected_grad", "expand_dims", "matrix_transpose",
           "moveaxis",
           "rollaxis", "squeeze", "swapaxes", "transpose", "zero_grad"]


# -- transpose -------------------------------------------------------------------------------------------------------
def _transpose_type(t: TensorType, axes: tuple[int, ...]) -> TensorType:
    if sorted(axes) != list(range(t.ndim)):
        raise ShapeError(f"axes {axes} don't reorder the {t.ndim} axes of this tensor")
    return TensorType(t.dtype, tuple(t.shape[k] for k in axes))


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


transpose_op = Op("transpose", "shape", _transpose_type, lambda x, axes: np.transpose(x, axes), "axes in another order",
                  params=("axes",), shape=lambda x, axes: tuple(lengths_now(x)[k] for k in axes), flops=0.0, exact=True,
                  vjp=lambda g, out, x, axes: (transpose(g, _inverse(axes)),), latex="{{{0}}}^{{T}}")


@builder
def transpose(x: Any, axes: Any = None) -> Expr:
    """x with its axes in the order `axes` (None: reversed); ShapeError unless each axis is named once.

    >>> import tensorviz as tv
    >>> transpose(tv.matrix("x", shape=(2, 3))).type.shape
    (3, 2)
    """
    x = as_expr(x)
    order = tuple(reversed(range(x.ndim))) if axes is None else tuple(axis_of(a, x.ndim) for a in axes)
    if x.op is transpose_op and len(order) == x.ndim:
        order, x = tuple(x.params[0][k] for k in order), x.args[0]
    return x if order == tuple(range(x.ndim)) else make(transpose_op, (x,), (order,))


@builder
def matrix_transpose(x: Any) -> Expr:
    """x with its last two axes exchanged; ShapeError if it has fewer.

    >>> import tensorviz as tv
    >>> matrix_transpose(tv.tensor3("x", shape=(2, 3, 4))).type.shape
    (2, 4, 3)
    """
    return swapaxes(x, -2, -1)


@builder
def swapaxes(x: Any, axis1: int, axis2: int) -> Expr:
    """x with two axes exchanged.

    >>> import tensorviz as tv
    >>> swapaxes(tv.tensor3("x", shape=(2, 3, 4)), 0, 2).type.shape
    (4, 3, 2)
    """
    x = as_expr(x)
    order = list(range(x.ndim))
    i, k = axis_of(axis1, x.ndim), axis_of(axis2, x.ndim)
    order[i], order[k] = k, i
    return transpose(x, order)


@builder
def moveaxis(x: Any, source: Any, destination: Any) -> Expr:
    """x with the axes `source` moved to the places `destination`, the others in their order.

    >>> import tensorviz as tv
    >>> moveaxis(tv.tensor3("x", shape=(2, 3, 4)), 0, -1).type.shape
    (3, 4, 2)
    """
    x = as_expr(x)
    start = [axis_of(a, x.ndim) for a in (source if isinstance(source, tuple | list) else [source])]
    end = [axis_of(a, x.ndim) for a in (destination if isinstance(destination, tuple | list) else [destination])]
    if len(start) != len(end) or len(set(start)) != len(start) or len(set(end)) != len(end):
        raise ShapeError(f"moveaxis needs as many different places as axes, not {source} and {destination}", at=user_line())
    order = [k for k in range(x.ndim) if k not in start]
    for e, s in sorted(zip(end, start, strict=True)):
        order.insert(e, s)
    return transpose(x, order)


@builder
def rollaxis(x: Any, axis: int, start: int = 0) -> Expr:
    """x with `axis` moved before the axis `start`, as NumPy's `rollaxis`.

    >>> import tensorviz as tv
    >>> rollaxis(tv.tensor3("x", shape=(2, 3, 4)), 2).type.shape
    (4, 2, 3)
    """
    x = as_expr(x)
    axis = axis_of(axis, x.ndim)
    start = x.ndim if start == x.ndim else axis_of(start, x.ndim)
    order = [k for k in range(x.ndim) if k != axis]
    order.insert(start - (axis < start), axis)
    return transpose(x, order)


# -- axes of length 1 ------------------------------------------------------------------------------------------------
def _expand_type(t: TensorType, axes: tuple[int, ...]) -> TensorType:
    return TensorType(t.dtype, _expanded(t.shape, axes))


def _expanded(shape: tuple[Any, ...], axes: tuple[int, ...]) -> tuple[Any, ...]:
    result: list[Length | None] = list(shape)
    for k in axes:
        result.insert(k, 1)
    return tuple(result)


expand_dims_op = Op("expand_dims", "shape", _expand_type, lambda x, axes: np.expand_dims(x, axes), "new axes of length 1",
                    params=("axes",),
                    shape=lambda x, axes: _expanded(lengths_now(x), axes), flops=0.0, exact=True,
                    vjp=lambda g, out, x, axes: (squeeze(g, axes),), latex="{0}")


@builder
def expand_dims(x: Any, axis: Any) -> Expr:
    """x with new axes of length 1 at the places `axis` of the result.

    >>> import tensorviz as tv
    >>> expand_dims(tv.vector("x", shape=(3,)), (0, 2)).type.shape
    (1, 3, 1)
    """
    x = as_expr(x)
    axes = axes_of(axis, x.ndim + (len(axis) if isinstance(axis, tuple | list) else 1))
    return make(expand_dims_op, (x,), (axes,)) if axes else x


def _squeeze_type(t: TensorType, axes: tuple[int, ...]) -> TensorType:
    for k in axes:
        if t.shape[k] not in (1, None):
            raise ShapeError(f"cannot drop axis {k}: its length is {t.shape[k]}, not 1")
    return TensorType(t.dtype, tuple(n for k, n in enumerate(t.shape) if k not in axes))


def _squeeze_numpy(x: Any, axes: tuple[int, ...]) -> Any:
    for k in axes:
        if np.shape(x)[k] != 1:
            raise ShapeError(f"cannot drop axis {k}: its length is {np.shape(x)[k]}, not 1")
    return np.squeeze(x, axes)


squeeze_op = Op("squeeze", "shape", _squeeze_type, _squeeze_numpy, "axes of length 1 dropped", params=("axes",),
                shape=lambda x, axes: tuple(n for k, n in enumerate(lengths_now(x)) if k not in axes), flops=0.0, exact=True,
                vjp=lambda g, out, x, axes: (expand_dims(g, axes),), latex="{0}")


@builder
def squeeze(x: Any, axis: Any = None) -> Expr:
    """x without the axes `axis`, whose lengths must be 1; None drops all axes of length 1, where all lengths are known.

    Raises ShapeError where a length is known only at run time and `axis` is not given: the number of axes must be known.

    >>> import tensorviz as tv
    >>> squeeze(tv.matrix("x", shape=(1, 3))).type.shape
    (3,)
    """
    x = as_expr(x)
    if axis is None and None in x.type.shape:
        raise ShapeError(f"which axes of {label_of(x, 0)} have length 1 shows only at run time: it is {x.type.text()}",
                         at=user_line(),
                         hint="name the axes to drop, squeeze(axis=0), or give the lengths, tv.matrix('x', shape=(1, 3))")
    axes = tuple(k for k, n in enumerate(x.type.shape) if n == 1) if axis is None else axes_of(axis, x.ndim)
    if x.op is expand_dims_op and axes == x.params[0]:
        return x.args[0]
    return make(squeeze_op, (x,), (axes,)) if axes else x


@builder
def dimshuffle(x: Any, *pattern: Any) -> Expr:
    """Axes of x in the order of `pattern`; "x" makes an axis of length 1, axes left out must have length 1 (Theano's word).

    >>> import tensorviz as tv
    >>> dimshuffle(tv.matrix("x", shape=(2, 3)), 1, "x", 0).type.shape
    (3, 1, 2)
    """
    x = as_expr(x)
    if len(pattern) == 1 and isinstance(pattern[0], tuple | list):
        pattern = tuple(pattern[0])
    kept = [axis_of(p, x.ndim) for p in pattern if p != "x"]
    if len(set(kept)) != len(kept):
        raise ShapeError(f"dimshuffle names an axis twice: {pattern}", at=user_line())
    dropped = tuple(k for k in range(x.ndim) if k not in kept)
    rest = sorted(kept)
    x = transpose(squeeze(x, dropped), [rest.index(k) for k in kept])
    return expand_dims(x, tuple(i for i, p in enumerate(pattern) if p == "x"))


def _atleast(x: Any, ndim: int) -> Expr:
    x = as_expr(x)
    if x.ndim >= ndim:
        return x
    if ndim < 3:
        return expand_dims(x, tuple(range(ndim - x.ndim)))
    return expand_dims(x, {0: (0, 1, 2), 1: (0, 2), 2: (2,)}[x.ndim])


def _each(tensors: tuple[Any, ...], ndim: int) -> Any:
    made = tuple(_atleast(t, ndim) for t in tensors)
    return made[0] if len(made) == 1 else made


@builder
def atleast_1d(*arys: Any) -> Any:
    """Each tensor, a scalar as a vector of one element. One of them is returned itself, several as a tuple.

    >>> atleast_1d(2.0).type.shape
    (1,)
    """
    return _each(arys, 1)


@builder
def atleast_2d(*arys: Any) -> Any:
    """Each tensor with new leading axes until it has two. One of them is returned itself, several as a tuple.

    >>> atleast_2d([1.0, 2.0]).type.shape
    (1, 2)
    """
    return _each(arys, 2)


@builder
def atleast_3d(*arys: Any) -> Any:
    """Each tensor with new axes until it has three, placed as NumPy does it. One of them is returned itself, several as a tuple.

    >>> atleast_3d([1.0, 2.0]).type.shape
    (1, 2, 1)
    """
    return _each(arys, 3)


# -- identity --------------------------------------------------------------------------------------------------------
zero_grad_op = Op("zero_grad", "shape", lambda t: t, lambda x: x, "x itself, taken as a constant by gradients",
                  shape=lambda x: lengths_now(x),
                  vjp=no_gradients, flops=0.0, exact=True, latex="{0}")


@builder
def zero_grad(x: Any) -> Expr:
    """x itself, through which no gradient flows (stop-gradient).

    >>> import tensorviz as tv
    >>> zero_grad(tv.vector("x")).ndim
    1
    """
    return make(zero_grad_op, (as_expr(x),))


@builder
def disconnected_grad(x: Any) -> Expr:
    """Theano's word for `zero_grad`: x itself, through which no gradient flows.

    >>> import tensorviz as tv
    >>> disconnected_grad(tv.vector("x")).op.name
    'zero_grad'
    """
    return zero_grad(x)
