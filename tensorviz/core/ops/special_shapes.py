"""Derivatives of the incomplete gamma and beta functions with respect to their shape parameters.

The series and continued fractions of both functions are differentiated term by term: DLMF 8.7.1, 8.9.2 and 8.17.22.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradientError
from ..expr import Expr
from ..expr import where as line_of
from ..op import BUILDERS
from .elementwise import builder_of
from .special import special_op

__all__ = ["SHAPES"]

Array = np.ndarray[Any, Any]
TERMS, TINY, EPS = 100_000, 1e-300, 1e-17


def _double(function: Callable[..., Array]) -> Callable[..., Array]:
    return lambda *arrays: function(*np.broadcast_arrays(*(np.asarray(a, np.float64) for a in arrays)))


def _series(a: Array, x: Array) -> tuple[Array, Array]:
    """Sum of x**n / ((a+1) ... (a+n)) and its derivative by a."""
    term, total, slope, drop = np.ones_like(x), np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    for n in range(1, TERMS):
        term = term * (x / (a + n))
        drop = drop - 1 / (a + n)
        total, slope = total + term, slope + term * drop
        if np.all(term * np.maximum(1, -drop) <= EPS * total):
            break
    return total, slope


def _fraction(start: Callable[[], tuple[Array, Array]], step: Callable[[int], tuple[Array, Array, Array, Array]]
              ) -> tuple[Array, Array]:
    """A continued fraction b0 + a1 / (b1 + a2 / ...) and its derivative (Lentz); `step(n)` is an, its slope, bn, its slope."""
    f, df = start()
    c, dc, d, dd = f, df, np.zeros_like(f), np.zeros_like(f)
    for n in range(1, TERMS):
        p, dp, q, dq = step(n)
        d, dd = q + p * d, dq + dp * d + p * dd
        d = np.where(d == 0, TINY, d)
        d, dd = 1 / d, -dd / (d * d)
        c, dc = q + p / c, dq + (dp - p * dc / c) / c
        c = np.where(c == 0, TINY, c)
        turn, dturn = c * d, dc * d + c * dd
        f, df = f * turn, df * turn + f * dturn
        if np.all((np.abs(turn - 1) < 1e-16) & (np.abs(dturn) < 1e-16)) or not np.any(np.isfinite(f)):
            break
    return f, df


def _gamma_slope(a: Array, x: Array) -> Array:
    import scipy.special as s

    low = (x > 0) & (x <= a + 1) & (a > 0)
    high = (x > a + 1) & (a > 0) & np.isfinite(x)
    out = np.where((a > 0) & ((x == 0) | np.isposinf(x)), 0.0, np.full(x.shape, np.nan))
    if low.any():
        p, q = a[low], x[low]
        total, slope = _series(p, q)
        out[low] = np.exp(p * np.log(q) - q - s.gammaln(p + 1)) * ((np.log(q) - s.digamma(p + 1)) * total + slope)
    if high.any():
        p, q = a[high], x[high]
        f, df = _fraction(lambda: (q + 1 - p, -np.ones_like(p)), lambda n: (
            -n * (n - p), n + 0 * p, q + 2 * n + 1 - p, 0 * p - 1))
        scale = np.exp(p * np.log(q) - q - s.gammaln(p))
        out[high] = -scale * ((np.log(q) - s.digamma(p)) / f - df / (f * f))
    return out


def _beta_fraction(a: Array, b: Array, x: Array, by_a: bool) -> tuple[Array, Array]:
    """The fraction of DLMF 8.17.22 and its derivative by a or by b."""
    one = 1.0 if by_a else 0.0

    def step(n: int) -> tuple[Array, Array, Array, Array]:
        m = n // 2
        if n % 2 == 0:
            below = (a + n - 1) * (a + n)
            p = m * (b - m) * x / below
            dp = -p * (2 * a + 2 * n - 1) / below if by_a else m * x / below
        else:
            below = (a + n - 1) * (a + n)
            p = -(a + m) * (a + b + m) * x / below
            dp = -x * ((a + m) + one * (a + b + m)) / below - one * p * (2 * a + 2 * n - 1) / below
        return p, dp, np.ones_like(x), np.zeros_like(x)

    return _fraction(lambda: (np.ones_like(x), np.zeros_like(x)), step)


def _beta_part(a: Array, b: Array, x: Array, y: Array, by_a: bool) -> Array:
    """The derivative of betainc by a or b where x is below the mean; y = 1 - x."""
    import scipy.special as s

    f, df = _beta_fraction(a, b, x, by_a)
    scale = np.exp(a * np.log(x) + b * np.log1p(-x) - s.betaln(a, b)) / a
    whole = s.digamma(a + b)
    slope = np.log(x) - s.digamma(a) + whole - 1 / a if by_a else np.log(y) - s.digamma(b) + whole
    return scale * (slope / f - df / (f * f))


def _beta_slope(a: Array, b: Array, x: Array) -> Array:
    fine = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    inside = fine & (x > 0) & (x < 1)
    low = inside & (x <= (a + 1) / (a + b + 2))
    high = inside & ~low
    out = np.where(fine, 0.0, np.full(x.shape, np.nan))
    if low.any():
        out[low] = _beta_part(a[low], b[low], x[low], 1 - x[low], True)
    if high.any():
        out[high] = -_beta_part(b[high], a[high], 1 - x[high], x[high], False)
    return out


def _none(out: Expr) -> GradientError:
    return GradientError(f"{out.op.name}, itself a derivative by a shape parameter, has none with respect to it", at=line_of(out),
                         hint="second derivatives by the last argument, and mixed ones, exist")


def _gamma_vjp(g: Expr, out: Expr, a: Expr, x: Expr) -> tuple[Any, Any]:
    density = BUILDERS["exp"](BUILDERS["xlogy"](a - 1, x) - x - BUILDERS["gammaln"](a))
    return _none(out), g * density * (BUILDERS["log"](x) - BUILDERS["digamma"](a))


def _beta_vjp(g: Expr, out: Expr, a: Expr, b: Expr, x: Expr) -> tuple[Any, Any, Any]:
    density = BUILDERS["exp"](BUILDERS["xlogy"](a - 1, x) + BUILDERS["xlog1py"](b - 1, -x) - BUILDERS["betaln"](a, b))
    slope = BUILDERS["log"](x) - BUILDERS["digamma"](a) + BUILDERS["digamma"](a + b)
    return _none(out), _none(out), g * density * slope


SHAPES = {op.name: op for op in (
    special_op("gammainc_da", "derivative of gammainc(a, x) by a", _gamma_vjp, "\\partial_{{{0}}} P\\left({0}, {1}\\right)", 2,
               _double(_gamma_slope), flops=600.0),
    special_op("betainc_da", "derivative of betainc(a, b, x) by a", _beta_vjp,
               "\\partial_{{{0}}} I_{{{2}}}\\left({0}, {1}\\right)", 3, _double(_beta_slope), flops=800.0),
)}
globals().update({name: builder_of(op, __name__) for name, op in SHAPES.items()})
__all__ += list(SHAPES)
