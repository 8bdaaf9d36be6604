"""Evenly spaced values: linspace, logspace, geomspace."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, ArgumentValueError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .axes import expand_dims, moveaxis
from .checks import check
from .create import arange
from .elementwise import cast, where
from .lengths import INT, Length, known_int, user_line, whole

__all__ = ["geomspace", "linspace", "logspace"]


def _count(num: Any) -> Length:
    if isinstance(num, Expr):
        num = known_int(num)
    if isinstance(num, Expr):
        if num.ndim or num.dtype.kind not in "iu":
            raise ArgumentError(f"linspace takes a whole number of values, not {num.type.text()}", at=user_line())
        return check(cast(num, INT), np.greater_equal(num, 0), message="linspace can't have a negative number of values",
                     kind="DomainError")
    num = whole(num, "linspace takes a whole number of values")
    if num < 0:
        raise ArgumentValueError(f"linspace can't have {num} values", at=user_line())
    return num


def _pick(mask: Any, yes: Expr, no: Expr) -> Expr:
    """One of two, chosen now where the number of values is known."""
    return where(mask, yes, no) if isinstance(mask, Expr) else yes if mask else no


def _spaced(start: Expr, stop: Expr, num: Any, endpoint: bool) -> tuple[Expr, Expr]:
    """The values along a new first axis, in NumPy's dtype, and their distance."""
    work = np.result_type(start.dtype, stop.dtype, 1.0)
    first, last = cast(start, work), cast(stop, work)
    gaps: Any = num - 1 if endpoint else num
    some = np.greater(gaps, 0)
    divisor = cast(np.maximum(gaps, 1), work) if isinstance(gaps, Expr) else float(max(gaps, 1))
    step = _pick(some, (last - first) / divisor, (last - first) * np.nan)
    ndim = max(start.ndim, stop.ndim)
    places = expand_dims(arange(num), tuple(range(1, ndim + 1)))
    values = first + cast(places, work) * _pick(some, step, last - first)
    return _ending(values, places, last, num) if endpoint else values, step


def _ending(values: Expr, places: Expr, last: Expr, num: Any) -> Expr:
    """Values whose last one is exact, if it is not the first too."""
    return _pick(np.greater(num, 1), where(BUILDERS["equal"](places, num - 1), last, values), values)


def _finished(values: Expr, dtype: Any, axis: int) -> Expr:
    if axis != 0:
        values = moveaxis(values, 0, axis)
    if dtype is None:
        return values
    to = as_dtype(dtype)
    return cast(BUILDERS["floor"](values) if to.kind in "iu" and values.dtype.kind == "f" else values, to)


@builder
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0) -> Any:
    """`num` evenly spaced values from start to stop (without stop if not `endpoint`), along a new `axis` if they are tensors.

    `num` is a number or an integer scalar. With `retstep` the distance of two values is a second result. Whole numbers are
    rounded down.

    >>> linspace(0.0, 1.0, 5).type.shape
    (5,)
    """
    values, step = _spaced(as_expr(start), as_expr(stop), _count(num), endpoint)
    made = _finished(values, dtype, axis)
    return (made, step) if retstep else made


@builder
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None,
             axis: int = 0) -> Expr:
    """`base` to the power of `linspace(start, stop, num, endpoint)`.

    >>> logspace(0.0, 2.0, 3).eval()
    array([  1.,  10., 100.])
    """
    b = as_expr(base)
    first, last = as_expr(start), as_expr(stop)
    if b.ndim:
        first, last, b = BUILDERS["broadcast_arrays"](first, last, b)
    values, _ = _spaced(first, last, _count(num), endpoint)
    powers = BUILDERS["power"](cast(b, np.result_type(b.dtype, values.dtype)), values)
    return _finished(powers, dtype, axis)


@builder
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Expr:
    """`num` values from start to stop whose quotients are equal; both ends are exact, and of one sign.

    >>> geomspace(1.0, 1000.0, 4).eval()
    array([   1.,   10.,  100., 1000.])
    """
    n = _count(num)
    first, last = as_expr(start), as_expr(stop)
    for v, name in ((first, "start"), (last, "stop")):
        if is_constant(v) and not value_of(v).all():
            raise ArgumentError(f"geomspace can't {name} at 0", at=user_line(), hint="quotients of values would be infinite")
    work = np.result_type(first.dtype, last.dtype, 1.0)
    first, last = cast(first, work), cast(last, work)
    sign = BUILDERS["sign"](first)
    low, high = (BUILDERS["log10"](v / sign) for v in (first, last))
    values, _ = _spaced(low, high, n, endpoint)
    values = BUILDERS["power"](constant(10.0, work), values) * sign
    places = expand_dims(arange(n), tuple(range(1, values.ndim)))
    values = where(BUILDERS["equal"](places, 0), first, values)
    return _finished(_ending(values, places, last, n) if endpoint else values, dtype, axis)
