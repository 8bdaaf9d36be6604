"""Running sums, products, maxima and log-sum-exps along an axis, and the linear recurrence that their gradients are made of.

Gradients: that of a running sum is a running sum from the end. All others are recurrences y[k] = a[k] y[k-1] + b[k] from the end,
which divide by nothing (right where elements are 0) and don't overflow. Ties of `cummax` and `cummin` are those of `maximum`:
where an element equals the largest before it, each has half.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import as_dtype, is_float
from ..errors import ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, Op, builder
from ..types import TensorType, shape_text
from .create import full
from .elementwise import cast, where
from .joining import concatenate, flip, ravel
from .lengths import axis_of, lengths_now, user_line
from .reductions import accumulator

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "logcumsumexp", "nancumprod",
           "nancumsum", "recurrence"]

Array = np.ndarray[Any, Any]
F8 = np.dtype(np.float64)


def _type(t: TensorType, axis: int) -> TensorType:
    if not 0 <= axis < t.ndim:
        raise ShapeError(f"there is no axis {axis} in a tensor of {t.ndim} axes")
    return t


def _ordered(t: TensorType, axis: int) -> TensorType:
    if t.dtype.kind == "c":
        raise DtypeError("complex numbers have no order: cummax and cummin take real ones")
    return _type(t, axis)


def _floats(t: TensorType, axis: int) -> TensorType:
    if t.dtype.kind != "f":
        raise DtypeError(f"logcumsumexp takes floating point, not {t.dtype}")
    return _type(t, axis)


def _numpy(ufunc: np.ufunc) -> Callable[..., Array]:
    def run(x: Array, axis: int) -> Array:
        x = np.asarray(x)
        with np.errstate(all="ignore"):
            return np.asarray(ufunc.accumulate(x, axis=axis), x.dtype)

    return run


# -- the linear recurrence ---------------------------------------------------------------------------------------------
def _recurrence_type(a: TensorType, b: TensorType, axis: int) -> TensorType:
    if a.dtype != b.dtype or not is_float(a.dtype):
        raise DtypeError(f"recurrence takes two tensors of one floating-point dtype, not {a.dtype} and {b.dtype}")
    if a.ndim != b.ndim or any(None not in (n, m) and n != m for n, m in zip(a.shape, b.shape, strict=True)):
        raise ShapeError(f"recurrence takes two tensors of one shape, not {shape_text(a.shape)} and {shape_text(b.shape)}")
    both = tuple(n if m is None else m for n, m in zip(a.shape, b.shape, strict=True))
    return _type(TensorType(a.dtype, both), axis)


def _recurrence_numpy(a: Array, b: Array, axis: int) -> Array:
    a, b = np.moveaxis(np.asarray(a), axis, 0), np.moveaxis(np.asarray(b), axis, 0)
    if a.shape != b.shape:
        raise ShapeError(f"recurrence takes two tensors of one shape, not {shape_text(a.shape)} and {shape_text(b.shape)}")
    out = np.array(b)
    with np.errstate(all="ignore"):
        for k in range(1, len(b)):
            out[k] = a[k] * out[k - 1] + b[k]
    return np.moveaxis(out, 0, axis)


def _later(x: Expr, axis: int, last: Any) -> Expr:
    """x[k + 1] at place k, and `last` at the last place."""
    rest = x[(*(slice(None),) * axis, slice(1, None))]
    return concatenate([rest, _end(x, axis, last)], axis)


def _before(x: Expr, axis: int, first: Any) -> Expr:
    """x[k - 1] at place k, and `first` at the first place."""
    rest = x[(*(slice(None),) * axis, slice(None, -1))]
    return concatenate([_end(x, axis, first), rest], axis)


def _end(x: Expr, axis: int, value: Any) -> Expr:
    """`value` along an axis that is as long as the one of x, but at most 1."""
    lengths = list(lengths_now(x))
    n = lengths[axis]
    lengths[axis] = min(n, 1) if isinstance(n, int) else BUILDERS["minimum"](n, 1)
    return full(tuple(lengths), constant(value, x.dtype))


def _from_the_end(a: Expr, g: Expr, axis: int) -> Expr:
    """s[k] = g[k] + a[k + 1] s[k + 1]."""
    return flip(make(recurrence_op, (flip(_later(a, axis, 0), axis), flip(g, axis)), (axis,)), axis)


def _recurrence_vjp(g: Expr, out: Expr, a: Expr, b: Expr, axis: int) -> tuple[Expr, Expr]:
    s = _from_the_end(a, g, axis)
    return s * _before(out, axis, 0), s


recurrence_op = Op("recurrence", "scan", _recurrence_type, _recurrence_numpy,
                   "y[k] = a[k] y[k-1] + b[k] along an axis, from y[-1] = 0", params=("axis",), flops=2.0,
                   shape=lambda a, b, axis: lengths_now(b), vjp=_recurrence_vjp,
                   latex="\\operatorname{{recurrence}}_{{{axis}}}\\left({0}, {1}\\right)")


@builder
def recurrence(a: Any, b: Any, axis: int = -1) -> Expr:
    """The linear recurrence y[k] = a[k] y[k-1] + b[k] along `axis`, with y[-1] = 0; a and b are floats of one shape.

    >>> import tensorviz as tv
    >>> recurrence(tv.vector("a", shape=(4,)), tv.vector("b", shape=(4,))).type.shape
    (4,)
    """
    a, b = as_expr(a), as_expr(b)
    dtype = np.result_type(a.dtype, b.dtype)
    dtype = dtype if is_float(dtype) else F8
    a, b = BUILDERS["broadcast_arrays"](cast(a, dtype), cast(b, dtype))
    return make(recurrence_op, (a, b), (axis_of(axis, b.ndim),))


# -- running sums, products, maxima --------------------------------------------------------------------------------------
def _cumsum_vjp(g: Expr, out: Expr, x: Expr, axis: int) -> tuple[Expr]:
    return (flip(make(cumsum_op, (flip(g, axis),), (axis,)), axis),)


def _cumprod_vjp(g: Expr, out: Expr, x: Expr, axis: int) -> tuple[Expr]:
    """dx[k] = y[k-1] (g[k] + x[k+1] (g[k+1] + x[k+2] ...)): products of the others, with no division."""
    return (_before(out, axis, 1) * _from_the_end(x, g, axis),)


def _cummax_vjp(g: Expr, out: Expr, x: Expr, axis: int) -> tuple[Expr]:
    """Each step is maximum(largest so far, x[k]), which gives a share w to x[k] and the rest to what came before."""
    last = _before(out, axis, 0)
    old, new = BUILDERS["equal"](last, out), BUILDERS["equal"](x, out)
    share = where(BUILDERS["logical_and"](old, new), 0.5, where(new, constant(1, x.dtype), 0))
    share = concatenate([_end(x, axis, 1), share[(*(slice(None),) * axis, slice(1, None))]], axis)
    return (share * _from_the_end(1 - share, g, axis),)


def _logcumsumexp_vjp(g: Expr, out: Expr, x: Expr, axis: int) -> tuple[Expr]:
    """dx[k] = sum over i >= k of g[i] exp(x[k] - y[i]), by the factors exp(y[k-1] - y[k]), none above 1.

    Where y is still -inf there is nothing before it: the factor is 0. The share of x[k] in y[k] is exp(x[k] - y[k]).
    """
    last = _before(out, axis, -np.inf)
    nothing = BUILDERS["equal"](out, -np.inf)
    decay = where(BUILDERS["equal"](last, -np.inf), 0, BUILDERS["exp"](last - out))
    share = where(nothing, 0, BUILDERS["exp"](x - where(nothing, 0, out)))
    return (share * _from_the_end(decay, g, axis),)


def _scan(name: str, ufunc: np.ufunc, doc: str, vjp: Any, type: Any = _type, **fields: Any) -> Op:
    return Op(name, "scan", type, _numpy(ufunc), doc, params=("axis",), shape=lambda x, axis: lengths_now(x), vjp=vjp,
              latex=f"\\operatorname{{{{{name}}}}}_{{{{{{axis}}}}}}\\left({{0}}\\right)", **fields)


cumsum_op = _scan("cumsum", np.add, "running sum along an axis, added up one after the other", _cumsum_vjp, exact=True)
cumprod_op = _scan("cumprod", np.multiply, "running product along an axis", _cumprod_vjp, exact=True)
cummax_op = _scan("cummax", np.maximum, "largest so far along an axis, NaN from the first NaN on", _cummax_vjp, _ordered,
                  exact=True)
cummin_op = _scan("cummin", np.minimum, "smallest so far along an axis, NaN from the first NaN on", _cummax_vjp, _ordered,
                  exact=True)
logcumsumexp_op = _scan("logcumsumexp", np.logaddexp, "log of the running sum of exp(x) along an axis, without overflow",
                        _logcumsumexp_vjp, _floats, flops=25.0)


def _scanned(op: Op, x: Any, axis: int | None, dtype: Any = None) -> Expr:
    x = as_expr(x)
    if axis is None:
        x, axis = ravel(x), 0
    x = BUILDERS["reshape"](x, (1,)) if x.ndim == 0 else x
    return make(op, (x if dtype is None else cast(x, dtype),), (axis_of(axis, x.ndim),))


@builder
def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Expr:
    """The running sum of x along `axis` (None: of all elements in C order), in `dtype` (None: as for `sum`).

    Elements are added one after the other, as NumPy adds them. Raises ShapeError if there is no such axis.

    >>> import tensorviz as tv
    >>> cumsum(tv.matrix("x", shape=(2, 3))).type.shape
    (6,)
    """
    x = as_expr(x)
    return _scanned(cumsum_op, x, axis, accumulator(x.dtype) if dtype is None else as_dtype(dtype))


@builder
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Expr:
    """The running product of x along `axis` (None: of all elements in C order), in `dtype` (None: as for `prod`).

    Its gradient is right where elements are 0.

    >>> import tensorviz as tv
    >>> cumprod(tv.vector("x", dtype="int8")).dtype
    dtype('int64')
    """
    x = as_expr(x)
    return _scanned(cumprod_op, x, axis, accumulator(x.dtype) if dtype is None else as_dtype(dtype))


@builder
def cummax(x: Any, axis: int | None = None) -> Expr:
    """The largest element so far along `axis` (None: of all in C order), as `np.maximum.accumulate`; NaN from the first NaN on.

    >>> import tensorviz as tv
    >>> cummax(tv.matrix("x", shape=(2, 3)), axis=0).type.shape
    (2, 3)
    """
    return _scanned(cummax_op, x, axis)


@builder
def cummin(x: Any, axis: int | None = None) -> Expr:
    """The smallest element so far along `axis` (None: of all in C order), as `np.minimum.accumulate`; NaN from the first NaN on.

    >>> import tensorviz as tv
    >>> cummin(tv.matrix("x", shape=(2, 3)), axis=0).type.shape
    (2, 3)
    """
    return _scanned(cummin_op, x, axis)


@builder
def logcumsumexp(x: Any, axis: int | None = None) -> Expr:
    """The logarithm of the running sum of exp(x) along `axis` (None: of all in C order), without overflow.

    >>> import tensorviz as tv
    >>> logcumsumexp(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    x = as_expr(x)
    if x.dtype.kind == "c":
        raise DtypeError("logcumsumexp takes real numbers, not complex ones", at=user_line())
    return _scanned(logcumsumexp_op, x if is_float(x.dtype) else cast(x, F8), axis)


# -- by other names ------------------------------------------------------------------------------------------------------
def _without_nan(x: Any, value: int) -> Expr:
    x = as_expr(x)
    return where(BUILDERS["isnan"](x), value, x) if is_float(x.dtype) else x


@builder
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Expr:
    """`cumsum` with NaN taken as 0.

    >>> import tensorviz as tv
    >>> nancumsum(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    return cumsum(_without_nan(x, 0), axis, dtype)


@builder
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Expr:
    """`cumprod` with NaN taken as 1.

    >>> import tensorviz as tv
    >>> nancumprod(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    return cumprod(_without_nan(x, 1), axis, dtype)


def _cumulative(run: Callable[..., Expr], start: int, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Expr:
    x = as_expr(x)
    if x.ndim == 0 or (axis is None and x.ndim != 1):
        raise ArgumentValueError(f"a running sum or product of {x.ndim} axes needs to know along which", at=user_line(),
                            hint="give axis=")
    axis = axis_of(0 if axis is None else axis, x.ndim)
    found = run(x, axis, dtype)
    if not include_initial:
        return found
    lengths = list(lengths_now(found))
    lengths[axis] = 1
    return concatenate([full(tuple(lengths), constant(start, found.dtype)), found], axis)


@builder
def cumulative_sum(x: Any, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Expr:
    """The running sum of x along `axis` (which only a vector may leave away), with a 0 before it if `include_initial`.

    >>> import tensorviz as tv
    >>> cumulative_sum(tv.vector("x", shape=(3,)), include_initial=True).type.shape
    (4,)
    """
    return _cumulative(cumsum, 0, x, axis, dtype, include_initial)


@builder
def cumulative_prod(x: Any, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Expr:
    """The running product of x along `axis` (which only a vector may leave away), with a 1 before it if `include_initial`.

    >>> import tensorviz as tv
    >>> cumulative_prod(tv.vector("x", shape=(3,)), include_initial=True).type.shape
    (4,)
    """
    return _cumulative(cumprod, 1, x, axis, dtype, include_initial)
