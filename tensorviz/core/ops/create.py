"""Tensors out of lengths: arange, eye, and constants spread over a shape.

A full tensor is a scalar broadcast to its shape: `zeros((n, 3))` is `broadcast_to(0.0, (n, 3))`; which takes no memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..config import config
from ..dtypes import as_dtype
from ..errors import ArgumentError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, make, value_of
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType
from .axes import expand_dims
from .counts import count_of
from .elementwise import cast, stored, where
from .lengths import (
    INT,
    Length,
    check_lengths,
    filled,
    known_int,
    length_of,
    lengths,
    lengths_now,
    no_gradients,
    offset_of,
    user_line,
)
from .shape import broadcast_to

__all__ = ["arange", "empty", "empty_like", "eye", "full", "full_like", "identity", "ones", "ones_like", "tri",
           "tril",
           "triu", "zeros"]

Array = np.ndarray[Any, Any]


def _float(dtype: Any) -> np.dtype[Any]:
    return as_dtype(config.floatX if dtype is None else dtype)


# -- arange ----------------------------------------------------------------------------------------------------------
def _arange_type(start: TensorType, step: TensorType, *extra: TensorType, shape: Shape) -> TensorType:
    check_lengths(shape, extra)
    if start.shape or step.shape or start.dtype != step.dtype or len(shape) != 1:
        raise DtypeError(f"arange takes a start and a step, scalars of one dtype, not {start.text()} and {step.text()}")
    return TensorType(start.dtype, shape)


def _arange_numpy(start: Array, step: Array, *extra: Any, shape: Shape) -> Array:
    (n,) = filled(shape, extra)
    start = np.asarray(start)
    return np.asarray(start + np.arange(int(n)).astype(start.dtype) * step)


def _arange_vjp(g: Expr, out: Expr, start: Expr, step: Expr, *extra: Expr, shape: Shape) -> tuple[Expr | None, ...]:
    places = cast(arange(*lengths_now(out)), out.dtype)
    return g.sum(), (g * places).sum(), *(None,) * len(extra)


arange_op = Op("arange", "shape", _arange_type, _arange_numpy, "start + k * step for k = 0, 1, ... as many as `shape` says",
               params=("shape",), shape=lambda start, step, *n, shape: filled(shape, n), vjp=_arange_vjp, exact=True,
               latex="\\operatorname{{arange}}\\left({0}, {1}\\right)")


@builder
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Expr:
    """start, start + step, ... up to but without `stop`, as a vector: numbers or scalar expressions; arange(n) starts at 0.

    The dtype is NumPy's (int64 for whole numbers, of narrow dtypes too). The length is known if all three are. Raises
    DomainError for a step that is 0 or not finite, SizeError for a vector without end, at run time if they show only then.

    >>> import tensorviz as tv
    >>> arange(2, 10, 3).type
    TensorType(int64, (3,))
    """
    if stop is None:
        start, stop = 0, start
    values = (start, stop, step)
    for v in values:
        if isinstance(v, Expr) and v.ndim:
            raise ShapeError(f"arange takes scalars, not {v.type.text()}", at=user_line())
        if not isinstance(v, Expr) and (np.asarray(v).dtype.kind not in "biufc" or np.ndim(v)):
            raise ArgumentError(f"arange takes numbers, not {v!r:.40}", at=user_line())
    kinds = (v.dtype if isinstance(v, Expr) else np.asarray(v).dtype for v in values)
    out = np.result_type(INT, *kinds) if dtype is None else as_dtype(dtype)
    plain = [_plain(v) for v in values]
    static, extra = lengths((count_of(*plain),))
    return make(arange_op, (*_start_and_step(plain[0], plain[2], out), *extra), (static,))


def _start_and_step(start: Any, step: Any, out: np.dtype[Any]) -> tuple[Expr, Expr]:
    """Both in dtype `out`; NumPy's step of floats is the distance of the first two values, after rounding."""
    if not isinstance(start, Expr) and not isinstance(step, Expr):
        first, second = np.asarray(start).astype(out), np.asarray(start + step).astype(out)
        return constant(first), constant(second - first if out.kind in "fc" else np.asarray(step).astype(out))
    first_, by = (cast(v, out) if isinstance(v, Expr) else constant(np.asarray(v).astype(out)) for v in (start, step))
    return first_, cast(as_expr(start) + step, out) - first_ if out.kind in "fc" else by


def _plain(v: Any) -> Any:
    """A Python number where the value is known."""
    if not isinstance(v, Expr):
        return np.asarray(v).item()
    return value_of(v).item() if is_constant(v) else known_int(v)


# -- eye -------------------------------------------------------------------------------------------------------------
def _eye_type(*extra: TensorType, shape: Shape, k: int, dtype: np.dtype[Any]) -> TensorType:
    check_lengths(shape, extra)
    if len(shape) != 2:
        raise ShapeError(f"eye makes a matrix, not a tensor of {len(shape)} axes")
    return TensorType(dtype, shape)


def _eye_numpy(*extra: Any, shape: Shape, k: int, dtype: np.dtype[Any]) -> Array:
    n, m = map(int, filled(shape, extra))
    return np.eye(n, m, k, dtype=dtype)


eye_op = Op("eye", "shape", _eye_type, _eye_numpy, "1 on a diagonal of a matrix, 0 elsewhere", params=("shape", "k", "dtype"),
            shape=lambda *n, shape, k, dtype: filled(shape, n), vjp=no_gradients, flops=0.0, exact=True, latex="I")


@builder
def eye(N: Any = None, M: Any = None, k: Any = 0, dtype: Any = None, *, n: Any = None, m: Any = None) -> Expr:
    """The matrix (N, M) with ones on its diagonal number k (above the main one if positive), of `dtype` (None: floatX).

    All three may be integer expressions. `n` and `m` are Theano's words for N and M.

    >>> eye(3, dtype="float32").type
    TensorType(float32, (3, 3))
    """
    N, M = N if n is None else n, M if m is None else m
    M, number = N if M is None else M, offset_of(k)
    if isinstance(number, Expr):
        rows, columns = expand_dims(arange(N), 1), arange(M)
        return cast(BUILDERS["equal"](rows + number, columns), _float(dtype))
    static, extra = lengths((N, M))
    return make(eye_op, extra, (static, number, _float(dtype)))


@builder
def identity(n: Any, dtype: Any = None) -> Expr:
    """The unit matrix (n, n) of `dtype` (None: floatX).

    >>> identity(3).type.shape
    (3, 3)
    """
    return eye(n, dtype=dtype)


# -- one value, everywhere -------------------------------------------------------------------------------------------
@builder
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Expr:
    """A tensor of `shape` (ints, integer expressions, `y.shape`) with `fill_value`, broadcast, everywhere.

    DtypeError for a Python integer that `dtype` can't hold; lists and arrays are cast.

    >>> full((2, 3), 7.0).type
    TensorType(float64, (2, 3))
    """
    if isinstance(fill_value, list | tuple):                # which NumPy makes an array before it is cast
        fill_value = as_expr(fill_value)
    return broadcast_to(as_expr(fill_value) if dtype is None else stored(fill_value, dtype), shape)


@builder
def zeros(shape: Any, dtype: Any = None) -> Expr:
    """A tensor of `shape` full of zeros of `dtype` (None: floatX).

    >>> zeros((2, 3)).type.shape
    (2, 3)
    """
    return full(shape, constant(0, _float(dtype)))


@builder
def ones(shape: Any, dtype: Any = None) -> Expr:
    """A tensor of `shape` full of ones of `dtype` (None: floatX).

    >>> ones(4, "int8").type
    TensorType(int8, (4,))
    """
    return full(shape, constant(1, _float(dtype)))


@builder
def empty(shape: Any, dtype: Any = None) -> Expr:
    """A tensor of `shape` whose values don't matter: zeros, since expressions are pure.

    >>> empty((2, 3)).op is zeros((2, 3)).op
    True
    """
    return zeros(shape, dtype)


@builder
def full_like(x: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Expr:
    """`fill_value` in the shape of x (or in `shape`), and in its dtype if none is given.

    >>> import tensorviz as tv
    >>> full_like(tv.vector("x", shape=(3,)), 7).type
    TensorType(float64, (3,))
    """
    x = as_expr(x)
    return full(lengths_now(x) if shape is None else shape, fill_value, x.dtype if dtype is None else dtype)


@builder
def ones_like(x: Any, dtype: Any = None, *, shape: Any = None) -> Expr:
    """Ones in the shape of x (or in `shape`), and in its dtype if none is given.

    >>> import tensorviz as tv
    >>> ones_like(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    return full_like(x, 1, dtype, shape=shape)


@builder
def empty_like(x: Any, dtype: Any = None, *, shape: Any = None) -> Expr:
    """A tensor of x's shape (or of `shape`) whose values don't matter: zeros, since expressions are pure.

    >>> import tensorviz as tv
    >>> empty_like(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    return full_like(x, 0, dtype, shape=shape)


# -- triangles -------------------------------------------------------------------------------------------------------
def _below(n: Length, m: Length, k: Length) -> Expr:
    rows, columns = expand_dims(arange(n), 1), arange(m)
    return BUILDERS["greater_equal"](rows + k if isinstance(k, Expr) or k else rows, columns)


@builder
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Expr:
    """The matrix (N, M) with ones on and below its diagonal number k, of `dtype` (None: floatX).

    All three may be integer expressions.

    >>> tri(3).type.shape
    (3, 3)
    """
    return cast(_below(N, N if M is None else M, offset_of(k)), _float(dtype))


def _triangle(m: Any, k: Length, name: str) -> tuple[Expr, Expr]:
    x = as_expr(m)
    if x.ndim < 1:
        raise ShapeError(f"{name} takes a matrix or a stack of them, not {x.type.text()}", at=user_line())
    n = length_of(x, x.ndim - 1)
    return x, _below(length_of(x, x.ndim - 2) if x.ndim > 1 else n, n, k)       # a vector is every row of a square


@builder
def tril(m: Any, k: Any = 0) -> Expr:
    """The matrix m (or a stack of them) with zeros above its diagonal number k; of a vector, the square with it as every row.

    k may be an integer expression.

    >>> import tensorviz as tv
    >>> tril(tv.matrix("m")).ndim
    2
    """
    x, below = _triangle(m, offset_of(k), "tril")
    return where(below, x, constant(0, x.dtype))


@builder
def triu(m: Any, k: Any = 0) -> Expr:
    """The matrix m (or a stack of them) with zeros below its diagonal number k; of a vector, the square with it as every row.

    k may be an integer expression.

    >>> import tensorviz as tv
    >>> triu(tv.matrix("m")).ndim
    2
    """
    x, below = _triangle(m, offset_of(k) - 1, "triu")
    return where(below, constant(0, x.dtype), x)
