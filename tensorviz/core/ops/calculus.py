"""Differences, slopes and areas of samples, and covariances: compositions, so that gradients and C come with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import as_dtype, is_float
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr, is_constant, value_of
from ..op import BUILDERS, builder
from .checks import check
from .elementwise import cast
from .joining import concatenate, ravel
from .lengths import axes_of, axis_of, length_of, user_line
from .numeric import conjugate, diff, imag, real
from .options import check_cast
from .statistics import average

__all__ = ["corrcoef", "cov", "ediff1d", "gradient", "trapezoid"]

F8 = np.dtype(np.float64)


def _part(x: Expr, axis: int, start: Any, stop: Any) -> Expr:
    return x[(*(slice(None),) * axis, slice(start, stop))]


# -- slopes ------------------------------------------------------------------------------------------------------------------
def _spacings(f: Expr, varargs: tuple[Any, ...], axes: tuple[int, ...]) -> list[Any]:
    """The distance of samples along each axis: a scalar, or a vector of distances shaped to go with f."""
    if len(varargs) not in (0, 1, len(axes)):
        raise ArgumentError(f"gradient takes one distance, or one for each of {len(axes)} axes, not {len(varargs)}",
                            at=user_line())
    given = list(varargs) or [1.0]
    if len(given) == 1 and np.ndim(given[0]) != 0 and len(axes) > 1:
        raise ArgumentError("gradient takes places along each axis, not along one of several", at=user_line())
    given = given * len(axes) if len(given) == 1 else given
    return [_spacing(f, d, a) for d, a in zip(given, axes, strict=True)]


def _spacing(f: Expr, d: Any, axis: int) -> Any:
    if np.ndim(d) == 0:
        return d
    places = as_expr(d if isinstance(d, Expr) else np.asarray(d))
    n, m = places.type.shape[0] if places.ndim == 1 else -1, f.type.shape[axis]
    if places.ndim != 1 or (None not in (n, m) and n != m):
        raise ShapeError(f"places along an axis of {m} samples are a vector of as many, not {places.type.text()}", at=user_line())
    if places.dtype.kind in "biu":
        places = cast(places, F8)
    if is_constant(places) and len(set(np.diff(value_of(places)).tolist())) == 1:
        return float(np.diff(value_of(places))[0])
    return diff(places).dimshuffle(0, *("x",) * (f.ndim - 1 - axis))


def _inner_slopes(f: Expr, h: Any, axis: int) -> Expr:
    before, here, after = _part(f, axis, None, -2), _part(f, axis, 1, -1), _part(f, axis, 2, None)
    if not isinstance(h, Expr) or h.ndim == 0:
        return (after - before) / (2.0 * h)
    p, q = h[:-1], h[1:]
    return -q / (p * (p + q)) * before + (q - p) / (p * q) * here + p / (q * (p + q)) * after


def _end_slope(f: Expr, h: Any, axis: int, last: bool, order: int) -> Expr:
    """The slope at one end from two samples, or from three (the parabola through them)."""
    even = not isinstance(h, Expr) or h.ndim == 0
    near, far = (h, h) if even else (h[-1:], h[-2:-1]) if last else (h[:1], h[1:2])
    a, b = (_part(f, axis, -1, None), _part(f, axis, -2, -1)) if last else (_part(f, axis, 0, 1), _part(f, axis, 1, 2))
    sign = 1.0 if last else -1.0
    if order == 1:
        return (a - b) / near if last else (b - a) / near
    c = _part(f, axis, -3, -2) if last else _part(f, axis, 2, 3)
    if even:
        return (sign * 1.5 / h) * a - (sign * 2.0 / h) * b + (sign * 0.5 / h) * c
    both = near + far
    return sign * ((2.0 * near + far) / (near * both) * a - both / (near * far) * b + near / (far * both) * c)


@builder
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes of samples f along `axis` (None: a tuple, one for each axis), by central differences inside.

    `varargs` are the distance of samples, or for each axis the distance or the places of all (a vector): none means 1. At the
    ends stand differences of two samples, or of three if `edge_order` is 2. The derivative of an expression is `tv.grad`.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> gradient(x).eval({x: [1.0, 2.0, 4.0, 7.0]})
    array([1. , 1.5, 2.5, 3. ])
    """
    f = as_expr(f)
    f = f if is_float(f.dtype) else cast(f, F8)
    axes = tuple(axis_of(a, f.ndim) for a in axis) if isinstance(axis, tuple | list) else axes_of(axis, f.ndim)
    if edge_order not in (1, 2):
        raise ArgumentValueError(f"the order at the ends is 1 or 2, not {edge_order}", at=user_line())
    found = []
    for a, h in zip(axes, _spacings(f, varargs, axes), strict=True):
        n = length_of(f, a)
        if isinstance(n, int) and n < edge_order + 1:
            raise ShapeError(f"slopes along an axis take {edge_order + 1} samples or more, not {n}", at=user_line())
        if isinstance(n, Expr):
            f = check(f, np.greater(n, edge_order), kind="ShapeError",
                      message=f"slopes along axis {a} take {edge_order + 1} samples or more")
        ends = [_end_slope(f, h, a, last, edge_order) for last in (False, True)]
        found.append(cast(concatenate([ends[0], _inner_slopes(f, h, a), ends[1]], a), f.dtype))
    return found[0] if len(axes) == 1 else tuple(found)


# -- sums and differences ------------------------------------------------------------------------------------------------------
@builder
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Expr:
    """The area under samples y along `axis` by the trapezoidal rule, at places x (a vector or like y), or at the distance dx.

    >>> import tensorviz as tv
    >>> y = tv.vector("y")
    >>> trapezoid(y).eval({y: [1.0, 2.0, 3.0]})
    array(4.)
    """
    y = as_expr(y)
    axis = axis_of(axis, y.ndim)
    width = dx
    if x is not None:
        x = as_expr(x)
        width = diff(x).dimshuffle(0, *("x",) * (y.ndim - 1 - axis)) if x.ndim == 1 else diff(x, axis=axis)
    return BUILDERS["sum"](width * (_part(y, axis, 1, None) + _part(y, axis, None, -1)) / 2.0, axis=axis)


def _like(v: Any, x: Expr) -> Expr:
    v = as_expr(v)
    check_cast(v, x.dtype, "same_kind")
    return v


@builder
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Expr:
    """Differences of neighbours of all elements in C order, between `to_begin` and `to_end`, which are cast to its dtype.

    DtypeError where NumPy's rule "same_kind" forbids that: whole numbers are int64, which is no kind of uint8.

    >>> import tensorviz as tv
    >>> ediff1d(tv.vector("x", shape=(5,)), to_end=[0.0, 1.0]).type.shape
    (6,)
    """
    flat = ravel(as_expr(ary))
    ends = [[] if v is None else [cast(ravel(_like(v, flat)), flat.dtype)] for v in (to_begin, to_end)]
    return concatenate([*ends[0], flat[1:] - flat[:-1], *ends[1]])


# -- covariances ---------------------------------------------------------------------------------------------------------------
def _rows(m: Any, rowvar: bool, dtype: np.dtype[Any]) -> Expr:
    m = as_expr(m)
    if m.ndim > 2:
        raise ShapeError(f"variables are the rows of a matrix, not {m.type.text()}", at=user_line())
    wide = cast(BUILDERS["atleast_2d"](m), dtype)
    return wide if rowvar or m.ndim < 2 else wide.T


def _weights(fweights: Any, aweights: Any) -> tuple[Any, Any]:
    parts = [None if w is None else cast(as_expr(w), F8) for w in (fweights, aweights)]
    for w in parts:
        if w is not None and w.ndim != 1:
            raise ShapeError(f"weights of observations are a vector, not {w.type.text()}", at=user_line())
    both = [w for w in parts if w is not None]
    return (both[0] * both[1] if len(both) == 2 else both[0] if both else None), parts[1]


@builder
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
        aweights: Any = None, *, dtype: Any = None) -> Expr:
    """The covariance matrix of variables, the rows of m (and of y), each with an observation a column; columns if not `rowvar`.

    Divided by n - 1, by n if `bias`, by n - ddof if that is given. `fweights` are repetitions of observations, `aweights` their
    importance. A scalar for a single vector. float64 at least, unless `dtype` says otherwise.

    >>> import tensorviz as tv
    >>> cov(tv.matrix("m", shape=(3, 10))).type.shape
    (3, 3)
    """
    given = [as_expr(v) for v in (m, y) if v is not None]
    out = as_dtype(dtype) if dtype is not None else np.result_type(F8, *(v.dtype for v in given))
    rows = [_rows(v, rowvar, out) for v in given]
    x = concatenate(rows, 0) if len(rows) > 1 else rows[0]
    ddof = (0 if bias else 1) if ddof is None else ddof
    w, importance = _weights(fweights, aweights)
    n = length_of(x, 1)
    if w is None:
        count: Any = float(max(n - ddof, 0)) if isinstance(n, int) else np.maximum(cast(n, F8) - ddof, 0)
    else:
        total = BUILDERS["sum"](w)
        less = ddof if importance is None or ddof == 0 else ddof * BUILDERS["sum"](w * importance) / total
        count = np.maximum(total - less, 0)
    away = x - average(x, axis=1, weights=w, keepdims=True)
    weighted = away if w is None else away * w
    found = BUILDERS["matmul"](away, conjugate(weighted.T)) / count
    found = cast(found, out)
    return found[0, 0] if found.type.shape == (1, 1) else found


@builder
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Expr:
    """The correlation matrix of variables: `cov` over the products of their standard deviations, at most 1.

    >>> import tensorviz as tv
    >>> corrcoef(tv.matrix("x", shape=(3, 10))).type.shape
    (3, 3)
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    spread = BUILDERS["sqrt"](real(BUILDERS["diagonal"](c)))
    found = c / spread.dimshuffle(0, "x") / spread
    if found.dtype.kind != "c":
        return BUILDERS["clip"](found, -1, 1)
    return BUILDERS["clip"](real(found), -1, 1) + BUILDERS["clip"](imag(found), -1, 1) * 1j
