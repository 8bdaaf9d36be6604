"""Compositions by the names of `scipy.special`: combinations, Box and Cox's transformation, Huber's loss, exprel, yn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..expr import Expr
from ..op import BUILDERS, builder
from .elementwise import where
from .special import float_args
from .special_numbers import whole_order

__all__ = ["boxcox", "boxcox1p", "comb", "exprel", "huber", "pseudo_huber", "yn"]

less, equal, expm1, both = (BUILDERS[n] for n in ("less", "equal", "expm1", "logical_and"))


@builder
def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Expr:
    """How many ways there are to choose k of N, with `repetition` of N again and again: `binom` for 0 <= k <= N, else 0.

    `exact` is SciPy's: a float comes either way, a whole number for whole N and k, exact up to some 2**53.

    >>> comb(5, 2).eval(), comb(5, 7).eval()
    (array(10.), array(0.))
    """
    N, k = float_args(N, k)
    if repetition:
        return where(both(equal(N, 0), equal(k, 0)), 1, comb(where(less(N + k, 1), 0, N + k - 1), k))
    fits = both(both(BUILDERS["less_equal"](k, N), BUILDERS["greater_equal"](N, 0)), BUILDERS["greater_equal"](k, 0))
    return where(fits, BUILDERS["binom"](where(fits, N, 1), where(fits, k, 1)), 0)


def _transformed(log_x: Expr, lmbda: Expr) -> Expr:
    """expm1(lmbda log x) / lmbda, and log x where lmbda vanishes beside it."""
    least = max(1e-300, float(np.finfo(lmbda.dtype).tiny))
    lost = both(less(BUILDERS["absolute"](lmbda * log_x), least), less(BUILDERS["absolute"](lmbda), 1))
    flat = BUILDERS["logical_or"](less(BUILDERS["absolute"](lmbda), least), both(lost, BUILDERS["not_equal"](log_x, 0)))
    some = where(flat, 1, lmbda)
    return where(flat, log_x, expm1(some * log_x) / some)


@builder
def boxcox(x: Any, lmbda: Any) -> Expr:
    """(x**lmbda - 1) / lmbda, and log(x) for lmbda 0 (Box and Cox, 1964); NaN for negative x.

    >>> boxcox(4.0, 0.5).eval()
    array(2.)
    """
    x, lmbda = float_args(x, lmbda)
    return _transformed(BUILDERS["log"](x), lmbda)


@builder
def boxcox1p(x: Any, lmbda: Any) -> Expr:
    """((1 + x)**lmbda - 1) / lmbda, and log(1 + x) for lmbda 0, exact for small x.

    >>> boxcox1p(3.0, 0.5).eval()
    array(2.)
    """
    x, lmbda = float_args(x, lmbda)
    return _transformed(BUILDERS["log1p"](x), lmbda)


@builder
def huber(delta: Any, r: Any) -> Expr:
    """r**2 / 2 up to |r| = delta, beyond it the line delta * (|r| - delta / 2); infinite for negative delta (Huber, 1964).

    >>> huber(1.0, [0.5, 2.0]).eval()
    array([0.125, 1.5  ])
    """
    delta, r = float_args(delta, r)
    size = BUILDERS["absolute"](r)
    found = where(BUILDERS["less_equal"](size, delta), 0.5 * r * r, delta * (size - 0.5 * delta))
    return where(less(delta, 0), float("inf"), found)


@builder
def pseudo_huber(delta: Any, r: Any) -> Expr:
    """delta**2 * (sqrt(1 + (r / delta)**2) - 1): smooth where `huber` bends; 0 for delta 0, infinite for negative delta.

    Written as r**2 / (1 + sqrt(1 + (r / delta)**2)), which loses no digits for small r, and far out as
    delta * (hypot(delta, r) - delta), in which no square overflows.

    >>> pseudo_huber(1.0, 0.75).eval()
    array(0.25)
    """
    delta, r = float_args(delta, r)
    none = equal(delta, 0)
    size = BUILDERS["absolute"](r)
    far = BUILDERS["greater"](size, 1000 * BUILDERS["absolute"](delta))
    inner = where(far, 0, r)
    ratio = inner / where(none, 1, delta)
    near = inner * inner / (1 + BUILDERS["sqrt"](1 + ratio * ratio))
    found = where(far, delta * (BUILDERS["hypot"](delta, where(far, size, 1)) - delta), near)
    return where(less(delta, 0), float("inf"), where(none, 0, found))


@builder
def exprel(x: Any) -> Expr:
    """(exp(x) - 1) / x, and its limit 1 at 0; near 0 by its series, whose derivatives don't cancel.

    >>> exprel([0.0, 1.0]).eval().round(4)
    array([1.    , 1.7183])
    """
    (x,) = float_args(x)
    near = less(BUILDERS["absolute"](x), 0.05)
    away, close = where(near, 1, x), where(near, x, 0)
    series: Any = 1.0
    for k in range(10, 1, -1):
        series = 1.0 + close * series / k
    large = equal(x, float("inf"))
    return where(near, series, where(large, x, expm1(away) / where(large, 1, away)))


@builder
def yn(n: Any, x: Any) -> Expr:
    """Bessel function of the second kind of whole order n: yv(n, x). DtypeError if n is not of a dtype of integers.

    >>> yn(1, 2.0).ndim
    0
    """
    return BUILDERS["yv"](whole_order(n, "yn", "yv"), x)
