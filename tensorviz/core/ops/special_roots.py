"""Special functions that solve equations, hypergeometric and Struve functions, parts of the Faddeeva function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentValueError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from ..origins import user_line
from .elementwise import builder_of, where
from .special import float_args, special_op
from .special_pairs import refused

__all__ = ["ROOTS", "lambertw", "voigt_profile", "wofz"]

ROOT_PI = math.sqrt(math.pi)


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


equal, exp, less, power, rgamma = map(_later, ("equal", "exp", "less", "power", "rgamma"))
hyp0f1, hyp1f1, hyperu, modstruve, struve = map(_later, ("hyp0f1", "hyp1f1", "hyperu", "modstruve", "struve"))
wofz_imag, wofz_real = map(_later, ("wofz_imag", "wofz_real"))


# -- meanings ----------------------------------------------------------------------------------------------------------------
def _lambert(branch: int) -> Callable[..., Any]:
    """SciPy's where it is real, else NaN; -1 at the double nearest to -1/e, where SciPy's is NaN."""
    def run(z: Any) -> Any:
        import scipy.special

        found = scipy.special.lambertw(z, branch)
        real = (z >= -1 / math.e) & ((branch == 0) | (z <= 0))
        found = np.where(z == -1 / math.e, -1, np.where((z == 0) & (branch < 0), -np.inf, found.real))
        return np.where(real, found, np.nan)

    return run


def _faddeeva(part: str) -> Callable[..., Any]:
    """A part of SciPy's wofz, with its limit 0 at infinity (but for y = -inf)."""
    def run(x: Any, y: Any) -> Any:
        import scipy.special

        found = getattr(scipy.special.wofz(x + 1j * np.where(np.isinf(y), 1, y)), part)
        away = (np.isinf(x) | np.isinf(y)) & ~np.isnan(x) & ~np.isnan(y)
        return np.where(np.isnan(x) | np.isnan(y), np.nan, np.where(away, np.where(np.isneginf(y), np.nan, 0), found))

    return run


# -- gradients -----------------------------------------------------------------------------------------------------------------
def _kolmogorov_slope(x: Expr) -> Expr:
    """The derivative of kolmogorov: of either series, whichever is short."""
    low, none = less(x, 0.82), less(x, 0.04)
    a, b = where(none, 1, where(low, x, 1)), where(low, 1, x)
    left: Any = 0.0
    for k in (7, 5, 3, 1):
        w = (k * math.pi) ** 2 / 8 / (a * a)
        left = left + exp(-w) * (1 - 2 * w)
    right: Any = 0.0
    for k in range(6, 0, -1):
        right = right + (-1.0) ** k * (8 * k * k) * exp(-2 * k * k * (b * b))
    return where(none, 0, where(low, math.sqrt(2 * math.pi) / (a * a) * left, b * right))


def _two_refused(out: Expr) -> tuple[Any, Any]:
    return refused(out, "the parameter a"), refused(out, "the parameter b")


def _struve_vjp(sign: float) -> Callable[..., tuple[Any, Expr]]:
    """DLMF 11.4.27 and 11.4.28 and what they are for the modified function."""
    def vjp(g: Expr, out: Expr, v: Expr, x: Expr) -> tuple[Any, Expr]:
        f = struve if sign < 0 else modstruve
        rest = power(0.5 * x, v) * rgamma(v + 1.5) * (1 / ROOT_PI)
        return refused(out, "the order v"), 0.5 * g * (f(v - 1, x) + sign * f(v + 1, x) + rest)

    return vjp


def _wofz_vjp(real: bool) -> Callable[..., tuple[Expr, Expr]]:
    """w' = 2i / sqrt(pi) - 2 z w, DLMF 7.10.2 and the equations of Cauchy and Riemann."""
    def vjp(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Expr, Expr]:
        u, v = (out, wofz_imag(x, y)) if real else (wofz_real(x, y), out)
        along = 2 * (y * v - x * u), 2 / ROOT_PI - 2 * (x * v + y * u)
        return (g * along[0], -g * along[1]) if real else (g * along[1], g * along[0])

    return vjp


# -- the table -----------------------------------------------------------------------------------------------------------------
s = special_op
ROOTS = {op.name: op for op in (
    s("lambertw_0", "principal branch of Lambert's W: W exp(W) = z; NaN left of -1/e, where it is complex",
      lambda g, out, z: (g / (z + exp(out)),), "W_0\\left({0}\\right)", run=_lambert(0), flops=200.0),
    s("lambertw_m1", "lower real branch of Lambert's W, of z from -1/e to 0",
      lambda g, out, z: (g / (z + exp(out)),), "W_{{-1}}\\left({0}\\right)", run=_lambert(-1), flops=200.0),
    s("wrightomega", "solution of w + log(w) = x", lambda g, out, x: (g * out / (1 + out),), "\\omega\\left({0}\\right)",
      flops=200.0),
    s("kolmogorov", "probability that Kolmogorov's statistic is above x", lambda g, out, x: (g * _kolmogorov_slope(x),),
      "\\operatorname{{kolmogorov}}\\left({0}\\right)", flops=80.0),
    s("kolmogi", "inverse of kolmogorov", lambda g, out, p: (g / _kolmogorov_slope(out),),
      "\\operatorname{{kolmogorov}}^{{-1}}\\left({0}\\right)", flops=500.0),
    s("hyp0f1", "confluent hypergeometric limit function 0F1(; v; z)",
      lambda g, out, v, z: (refused(out, "the parameter v"), g * hyp0f1(v + 1, z) / v),
      "{{}}_0F_1\\left(; {0}; {1}\\right)", 2, flops=200.0),
    s("hyp1f1", "Kummer's confluent hypergeometric function 1F1(a; b; x)",
      lambda g, out, a, b, x: (*_two_refused(out), g * (a / b) * hyp1f1(a + 1, b + 1, x)),
      "{{}}_1F_1\\left({0}; {1}; {2}\\right)", 3, flops=1000.0),
    s("hyperu", "Tricomi's confluent hypergeometric function U(a, b, x)",
      lambda g, out, a, b, x: (*_two_refused(out), -g * a * hyperu(a + 1, b + 1, x)),
      "U\\left({0}, {1}, {2}\\right)", 3, flops=1000.0),
    s("struve", "Struve function of order v", _struve_vjp(-1.0), "\\mathbf{{H}}_{{{0}}}\\left({1}\\right)", 2, flops=500.0),
    s("modstruve", "modified Struve function of order v", _struve_vjp(1.0), "\\mathbf{{L}}_{{{0}}}\\left({1}\\right)", 2,
      flops=500.0),
    s("wofz_real", "real part of the Faddeeva function exp(-z**2) erfc(-i z) of z = x + i y", _wofz_vjp(True),
      "\\operatorname{{Re}} w\\left({0} + i {1}\\right)", 2, _faddeeva("real"), flops=300.0),
    s("wofz_imag", "imaginary part of the Faddeeva function exp(-z**2) erfc(-i z) of z = x + i y", _wofz_vjp(False),
      "\\operatorname{{Im}} w\\left({0} + i {1}\\right)", 2, _faddeeva("imag"), flops=300.0),
)}
globals().update({name: builder_of(op, __name__) for name, op in ROOTS.items()})
__all__ += list(ROOTS)


# -- compositions by SciPy's names ---------------------------------------------------------------------------------------------
@builder
def lambertw(z: Any, k: int = 0) -> Expr:
    """Lambert's W of real z, as a real number: W exp(W) = z. NaN where the branch is not real.

    SciPy's is always complex; this one is of the dtype of z, for the branches 0 (z >= -1/e) and -1
    (-1/e <= z <= 0), the two that are real somewhere. ArgumentValueError for another k.

    >>> lambertw(1.0).eval().round(4), lambertw(-0.1, -1).eval().round(4)
    (np.float64(0.5671), np.float64(-3.5772))
    """
    if k not in (0, -1):
        raise ArgumentValueError(f"the branches 0 and -1 of lambertw have real values, not {k!r}", at=user_line(),
                                 hint="lambertw(z) is the principal branch")
    return BUILDERS["lambertw_0" if k == 0 else "lambertw_m1"](z)


@builder
def wofz(z: Any) -> Expr:
    """The Faddeeva function w(z) = exp(-z**2) erfc(-i z), complex, of real or complex z.

    >>> wofz(0.0).eval().item()
    (1+0j)
    """
    z = as_expr(z)
    if z.dtype.kind != "c":
        (z,) = float_args(z)
        return BUILDERS["complex"](exp(-(z * z)), (2 / ROOT_PI) * BUILDERS["dawsn"](z))
    x, y = BUILDERS["real"](z), BUILDERS["imag"](z)
    return BUILDERS["complex"](wofz_real(x, y), wofz_imag(x, y))


@builder
def voigt_profile(x: Any, sigma: Any, gamma: Any) -> Expr:
    """Density of the sum of a normal number of deviation sigma and a Cauchy one of half width gamma: Re w(z) / (sigma sqrt(2 pi))
    with z = (x + i gamma) / (sigma sqrt(2)) (DLMF 7.19); for sigma 0 Cauchy's, for both 0 infinite at 0.

    >>> voigt_profile(0.0, 1.0, 0.0).eval().round(4)
    np.float64(0.3989)
    """
    x, sigma, gamma = float_args(x, sigma, gamma)
    sharp = equal(sigma, 0)
    point = BUILDERS["logical_and"](sharp, equal(gamma, 0))
    width = where(sharp, 1, sigma) * math.sqrt(2)
    cauchy = where(point, 1, gamma) / (math.pi * where(point, 1, x * x + gamma * gamma))
    spread = wofz_real(x / width, gamma / width) / (width * ROOT_PI)
    return where(point, where(equal(x, 0), math.inf, 0 * x), where(sharp, cauchy, spread))
