"""Reductions: sum, prod, max, min, any, all, argmax, argmin over any axes, and what is composed of them.

Gradients on ties: where several elements equal the max (or min) each gets an equal share, as `maximum` gives half to each.
`where` and `initial` are compositions: an element that is left out counts as what changes nothing, the start comes in last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, DtypeError, ShapeError
from ..expr import Expr, as_expr, make
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType
from .axes import expand_dims, moveaxis
from .elementwise import BOOL, cast, stored
from .elementwise import where as choose
from .lengths import INT, Length, axes_of, axis_of, lengths_now, no_gradients, product, user_line
from .shape import broadcast_to, reshape

__all__ = ["all", "any", "argmax", "argmin", "max", "min", "prod", "reduced", "sum"]

Array = np.ndarray[Any, Any]
Axes = tuple[int, ...]


def reduced(lengths: tuple[Any, ...], axes: Axes, keepdims: bool) -> tuple[Any, ...]:
    """The lengths left by a reduction over `axes`."""
    if keepdims:
        return tuple(1 if k in axes else n for k, n in enumerate(lengths))
    return tuple(n for k, n in enumerate(lengths) if k not in axes)


def _type(t: TensorType, axes: Axes, keepdims: bool) -> TensorType:
    if axes_of(axes, t.ndim) != axes:
        raise ShapeError(f"axes of a reduction are sorted and count from the front, not {axes}")
    return TensorType(t.dtype, reduced(t.shape, axes, keepdims))


def _bool_type(t: TensorType, axes: Axes, keepdims: bool) -> TensorType:
    if t.dtype != BOOL:
        raise DtypeError(f"any and all reduce booleans, not {t.dtype}")
    return _type(t, axes, keepdims)


def _order_type(t: TensorType, axes: Axes, keepdims: bool) -> TensorType:
    _not_empty(t.shape, axes)
    return _type(t, axes, keepdims)


def _not_empty(shape: Shape, axes: Axes) -> None:
    for k in axes:
        if k < len(shape) and shape[k] == 0:
            raise ShapeError(f"the largest or smallest along axis {k} does not exist: its length is 0")


def _shape(x: Expr, axes: Axes, keepdims: bool) -> tuple[Length, ...]:
    return reduced(lengths_now(x), axes, keepdims)


def _wide(y: Expr, axes: Axes, keepdims: bool) -> Expr:
    """A result of a reduction with its reduced axes back as axes of length 1."""
    return y if keepdims or not axes else expand_dims(y, axes)


def _numpy(ufunc: np.ufunc, ordered: bool = False) -> Callable[..., Array]:
    def run(x: Array, axes: Axes, keepdims: bool) -> Array:
        x = np.asarray(x)
        if ordered:
            _not_empty(x.shape, axes)
        return np.asarray(ufunc.reduce(x, axis=axes, keepdims=keepdims, dtype=x.dtype))

    return run


# -- gradients -------------------------------------------------------------------------------------------------------
def _sum_vjp(g: Expr, out: Expr, x: Expr, axes: Axes, keepdims: bool) -> tuple[Expr]:
    leading = axes == tuple(range(len(axes)))       # broadcasting makes leading axes by itself
    return (broadcast_to(g if leading else _wide(g, axes, keepdims), lengths_now(x)),)


def _ties_vjp(g: Expr, out: Expr, x: Expr, axes: Axes, keepdims: bool) -> tuple[Expr]:
    g, out = _wide(g, axes, keepdims), _wide(out, axes, keepdims)
    ties = BUILDERS["equal"](x, out)
    share = g / sum(ties, axis=axes, dtype=x.dtype, keepdims=True)
    return (choose(ties, share, 0),)


def _prod_vjp(g: Expr, out: Expr, x: Expr, axes: Axes, keepdims: bool) -> tuple[Expr]:
    g = _wide(g, axes, keepdims)
    if len(axes) == 1:
        return (g * prod_others(x, axes[0]),)
    order = (*(k for k in range(x.ndim) if k not in axes), *axes)
    kept = order[: x.ndim - len(axes)]
    moved = BUILDERS["transpose"](x, order)
    flat = reshape(moved, (*(lengths_now(x)[k] for k in kept), product([lengths_now(x)[k] for k in axes])))
    others = reshape(prod_others(flat, -1), lengths_now(moved))
    return (g * BUILDERS["transpose"](others, sorted(range(x.ndim), key=order.__getitem__)),)


def _prod_others_numpy(x: Array, axis: int) -> Array:
    x = np.moveaxis(np.asarray(x), axis, -1)
    before, after = np.ones_like(x), np.ones_like(x)
    np.multiply.accumulate(x[..., :-1], axis=-1, out=before[..., 1:])
    np.multiply.accumulate(x[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return np.moveaxis(before * after, -1, axis)


def _prod_others_vjp(g: Expr, out: Expr, x: Expr, axis: int) -> tuple[Expr]:
    """dx_k = sum over i != k of g_i times the product of all but i and k: products along the rows of x with a 1 at its own
    place.
    """
    x, g = moveaxis(x, axis, -1), moveaxis(g, axis, -1)
    n = lengths_now(x)[-1]
    places = BUILDERS["arange"](n)
    same = BUILDERS["equal"](expand_dims(places, 1), places)
    rows = choose(same, 1, expand_dims(x, -2))
    dx = sum(expand_dims(g, -1) * choose(same, 0, prod_others(rows, -1)), axis=-2, dtype=x.dtype)
    return (moveaxis(dx, -1, axis),)


prod_others_op = Op("prod_others", "reduction", lambda t, axis: t, _prod_others_numpy,
                    "for each element the product of all others along an axis",
                    params=("axis",), shape=lambda x, axis: lengths_now(x), vjp=_prod_others_vjp, flops=3.0)


@builder
def prod_others(x: Any, axis: int = -1) -> Expr:
    """For each element of x the product of all others along `axis`: the gradient of `prod`, right also where elements are 0.

    >>> import tensorviz as tv
    >>> prod_others(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    x = as_expr(x)
    return make(prod_others_op, (x,), (axis_of(axis, x.ndim),))


# -- the primitives --------------------------------------------------------------------------------------------------
def _reduction(name: str, ufunc: np.ufunc, doc: str, latex: str, vjp: Any, type: Any = _type, **fields: Any) -> Op:
    return Op(name, "reduction", type, _numpy(ufunc, type is _order_type), doc, params=("axes", "keepdims"), shape=_shape,
              vjp=vjp,
              latex=latex, **fields)


sum_op = _reduction("sum", np.add, "sum over axes", "\\sum {0}", _sum_vjp)
prod_op = _reduction("prod", np.multiply, "product over axes", "\\prod {0}", _prod_vjp)
max_op = _reduction("max", np.maximum, "largest over axes, NaN if one is NaN; ties share the gradient equally", "\\max {0}",
                    _ties_vjp, _order_type, exact=True)
min_op = _reduction("min", np.minimum, "smallest over axes, NaN if one is NaN; ties share the gradient equally", "\\min {0}",
                    _ties_vjp, _order_type, exact=True)
any_op = _reduction("any", np.logical_or, "whether one is true over axes", "\\exists {0}", no_gradients, _bool_type, exact=True)
all_op = _reduction("all", np.logical_and, "whether all are true over axes", "\\forall {0}", no_gradients, _bool_type, exact=True)


def _reduce(op: Op, x: Expr, axis: Any, keepdims: bool) -> Expr:
    return make(op, (x,), (axes_of(axis, x.ndim), bool(keepdims)))


def accumulator(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which NumPy adds and multiplies up: at least 64 bits for integers, int64 for bool, else the dtype itself."""
    if dtype.kind == "b" or (dtype.kind == "i" and dtype.itemsize < 8):
        return INT
    return np.dtype(np.uint64) if dtype.kind == "u" else dtype


def masked(x: Expr, where: Any, value: Any) -> Expr:
    """x with `value` in place of the elements that a mask leaves out (None: none)."""
    if where is None or where is True:
        return x
    mask = _truth(where)
    if mask.ndim > x.ndim:
        raise ShapeError(f"a mask of {mask.ndim} axes does not go with a tensor of {x.ndim}", at=user_line())
    return choose(mask, x, value)


def _accumulated(op: Op, x: Any, axis: Any, dtype: Any, keepdims: bool, acc_dtype: Any, initial: Any, where: Any) -> Expr:
    x = as_expr(x)
    out = accumulator(x.dtype) if dtype is None else as_dtype(dtype)
    wide = cast(x, out if acc_dtype is None else as_dtype(acc_dtype))
    found = _reduce(op, masked(wide, where, op is prod_op), axis, keepdims)
    if initial is not None:
        start = stored(initial, found.dtype)
        found = found * start if op is prod_op else found + start
    return cast(found, out)


@builder
def sum(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None, *, initial: Any = None,
        where: Any = None) -> Expr:
    """The sum of x over `axis` (None: all), in `dtype` (None: int64/uint64 for integers, as NumPy does, else x's own).

    It is added up in `acc_dtype` (None: the same), from `initial` on, of the elements for which `where` is true.

    >>> import tensorviz as tv
    >>> sum(tv.matrix("x", shape=(2, 3)), axis=0).type.shape
    (3,)
    """
    return _accumulated(sum_op, x, axis, dtype, keepdims, acc_dtype, initial, where)


@builder
def prod(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None, *, initial: Any = None,
         where: Any = None, no_zeros_in_input: bool = False) -> Expr:
    """The product of x over `axis` (None: all), with arguments as for `sum`; its gradient is right where elements are 0.

    `no_zeros_in_input` is Theano's and changes nothing: the gradient costs the same.

    >>> import tensorviz as tv
    >>> prod(tv.vector("x", dtype="int8")).dtype
    dtype('int64')
    """
    return _accumulated(prod_op, x, axis, dtype, keepdims, acc_dtype, initial, where)


def _least(dtype: np.dtype[Any], largest: bool) -> Any:
    """What changes no maximum (or minimum) of a dtype."""
    if dtype.kind == "b":
        return not largest
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return info.min if largest else info.max
    return -np.inf if largest else np.inf


def _extended(x: Expr, axes: Axes, value: Any) -> Expr:
    """x with one more `value` along each axis that may have length 0."""
    for k in axes:
        if x.type.shape[k] in (None, 0):
            lengths = list(lengths_now(x))
            lengths[k] = 1
            x = BUILDERS["concatenate"]([x, BUILDERS["full"](tuple(lengths), value, x.dtype)], k)
    return x


def _extreme(op: Op, x: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Expr:
    x = as_expr(x)
    if initial is None:
        if where is not None and where is not True:
            raise ArgumentError(f"{op.name} of the elements that a mask picks needs to know what it is of none", at=user_line(),
                                hint="give initial=")
        return _reduce(op, x, axis, keepdims)
    value = _least(x.dtype, op is max_op)
    x = _extended(masked(x, where, value), axes_of(axis, x.ndim), value)
    return BUILDERS["maximum" if op is max_op else "minimum"](_reduce(op, x, axis, keepdims), stored(initial, x.dtype))


@builder
def max(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Expr:
    """The largest element over `axis` (None: all), NaN if one is NaN; elements that tie share the gradient equally.

    With `initial` it is at least that, also of no elements at all; `where` says which elements count. Raises ShapeError for an
    axis of length 0 without `initial`.

    >>> import tensorviz as tv
    >>> max(tv.matrix("x", shape=(2, 3)), axis=1, keepdims=True).type.shape
    (2, 1)
    """
    return _extreme(max_op, x, axis, keepdims, initial, where)


@builder
def min(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Expr:
    """The smallest element over `axis` (None: all), NaN if one is NaN; elements that tie share the gradient equally.

    With `initial` it is at most that, also of no elements at all; `where` says which elements count. Raises ShapeError for an
    axis of length 0 without `initial`.

    >>> import tensorviz as tv
    >>> min(tv.matrix("x", shape=(2, 3)), axis=1).type.shape
    (2,)
    """
    return _extreme(min_op, x, axis, keepdims, initial, where)


def _truth(x: Any) -> Expr:
    x = as_expr(x)
    return x if x.dtype == BOOL else BUILDERS["not_equal"](x, 0)


@builder
def any(x: Any, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Expr:
    """Whether an element over `axis` (None: all) is true, of those where `where` is; numbers are true where they are not 0.

    >>> import tensorviz as tv
    >>> any(tv.vector("x") > 0).dtype
    dtype('bool')
    """
    return _reduce(any_op, masked(_truth(x), where, False), axis, keepdims)


@builder
def all(x: Any, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Expr:
    """Whether all elements over `axis` (None: all) are true, of those where `where` is; numbers are true where they are not 0.

    >>> import tensorviz as tv
    >>> all(tv.vector("x") > 0).dtype
    dtype('bool')
    """
    return _reduce(all_op, masked(_truth(x), where, True), axis, keepdims)


# -- places of the largest and smallest ------------------------------------------------------------------------------
def _place_axes(axis: int | None, ndim: int) -> Axes:
    return tuple(range(ndim)) if axis is None else (axis,)


def _place_type(t: TensorType, axis: int | None, keepdims: bool) -> TensorType:
    axes = _place_axes(axis, t.ndim)
    _not_empty(t.shape, axes)
    return TensorType(INT, reduced(t.shape, axes_of(axes, t.ndim), keepdims))


def _place_numpy(function: Callable[..., Any]) -> Callable[..., Array]:
    def run(x: Array, axis: int | None, keepdims: bool) -> Array:
        _not_empty(np.shape(x), _place_axes(axis, np.ndim(x)))
        return np.asarray(function(x, axis=axis, keepdims=keepdims), INT)

    return run


def _place_op(name: str, function: Callable[..., Any], doc: str) -> Op:
    return Op(name, "reduction", _place_type, _place_numpy(function), doc, params=("axis", "keepdims"), vjp=no_gradients,
              exact=True,
              shape=lambda x, axis, keepdims: reduced(lengths_now(x), _place_axes(axis, x.ndim), keepdims))


def _place(op: Op, x: Any, axis: int | None, keepdims: bool) -> Expr:
    """A scalar has one place, 0, along no axis and along the one that NumPy gives it."""
    x = as_expr(x)
    if axis is not None:
        axis = axis_of(axis, x.ndim or 1)
    return make(op, (x,), (axis, bool(keepdims))) if x.ndim else make(op, (reshape(x, (1,)),), (0, False))


argmax_op = _place_op("argmax", np.argmax,
                      "index of the first largest (or first NaN) along an axis, or of all elements in C order")
argmin_op = _place_op("argmin", np.argmin,
                      "index of the first smallest (or first NaN) along an axis, or of all elements in C order")


@builder
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Expr:
    """The int64 index of the first largest element along `axis`, or in C order of all; no gradient flows.

    >>> import tensorviz as tv
    >>> argmax(tv.matrix("x"), axis=1).dtype
    dtype('int64')
    """
    return _place(argmax_op, x, axis, keepdims)


@builder
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Expr:
    """The int64 index of the first smallest element along `axis`, or in C order of all; no gradient flows.

    >>> import tensorviz as tv
    >>> argmin(tv.matrix("x"), axis=1).dtype
    dtype('int64')
    """
    return _place(argmin_op, x, axis, keepdims)
