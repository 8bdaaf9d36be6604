"""Compositions by SciPy's names: Riemann's zeta, signs and products of gamma functions, means, powers, angles in degrees."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..expr import Expr
from ..op import BUILDERS, builder
from .axes import zero_grad
from .elementwise import where
from .special import float_args
from .special_families import odd_sign, static

__all__ = ["agm", "cosdg", "cotdg", "diric", "factorial2", "gammasgn", "inv_boxcox", "inv_boxcox1p", "multigammaln", "perm",
           "powm1", "radian", "sindg", "tandg", "zeta", "zetac"]


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


absolute, both, cos, equal, exp, expm1 = map(_later, ("absolute", "logical_and", "cos", "equal", "exp", "expm1"))
floor, gamma, gammaln, less, log, log1p = map(_later, ("floor", "gamma", "gammaln", "less", "log", "log1p"))
greater, power, rint, sin, at_least = map(_later, ("greater", "power", "rint", "sin", "greater_equal"))


# -- zeta and gamma ----------------------------------------------------------------------------------------------------------
TERMS = 24


def _weights() -> list[float]:
    """Borwein's (2000, algorithm 2): with them 24 terms of the alternating series are exact to some 1e-18."""
    parts = [math.factorial(TERMS + i - 1) * 4**i * TERMS // (math.factorial(TERMS - i) * math.factorial(2 * i))
             for i in range(TERMS + 1)]
    whole = sum(parts)
    return [(-1) ** k * (whole - sum(parts[:k + 1])) / whole for k in range(TERMS)]


def _zeta_right(x: Expr) -> Expr:
    """Riemann's zeta of x >= -0.1 but 1; that of 1100 is 1 in doubles."""
    x = BUILDERS["minimum"](x, 1100.0)
    total: Any = 0.0
    for k, weight in reversed(list(enumerate(_weights()))):
        total = total + weight * exp(-math.log(k + 1) * x)
    return -total / expm1((1 - x) * math.log(2))


def zeta(x: Any, q: Any = None) -> Expr:
    """Hurwitz' zeta function, the sum of (q + k)**-x over k >= 0 for x > 1; without q Riemann's, of all real x.

    Left of 1 by Borwein's series, left of -0.1 by its reflection (DLMF 25.4.1). Without q there is a gradient.

    >>> zeta(2.0).eval().round(4), zeta(-1.0).eval().round(4)
    (np.float64(1.6449), np.float64(-0.0833))
    """
    if q is not None:
        return BUILDERS["zeta"](x, q)
    (x,) = float_args(x)
    left, pole = less(x, -0.1), equal(x, 1)                 # 1 - x would lose the digits of what is nearer to 0
    far = less(x, -140)
    right = _zeta_right(where(pole, 2, where(left, 1 - x, x)))
    a = where(left, x, -1)
    rest = a - 4 * rint(0.25 * a)                           # sin(pi / 2 a), exactly 0 for even a
    turn = 2 * sin((math.pi / 2) * where(greater(rest, 1), 2 - rest, where(less(rest, -1), -2 - rest, rest)))
    near, grown = where(far, -1, a), where(far, a, -1)
    size = where(far, exp(gammaln(1 - grown) + (grown - 1) * math.log(2 * math.pi)),
                 gamma(1 - near) * exp((near - 1) * math.log(2 * math.pi)))
    found = where(pole, math.inf, where(left, where(both(far, equal(turn, 0)), 0, turn * size) * right, right))
    return where(equal(x, -math.inf), math.nan, found)


@builder
def zetac(x: Any) -> Expr:
    """Riemann's zeta less 1, exact for large x.

    >>> zetac(60.0).eval() == 2.0**-60 + 3.0**-60
    np.True_
    """
    (x,) = float_args(x)
    right, whole = greater(x, 1), zeta(x)
    some = where(right, whole, 0)
    tail = BUILDERS["zeta"](zero_grad(where(right, BUILDERS["minimum"](x, 1100.0), 2)), 2)
    return where(right, zero_grad(tail) + (some - zero_grad(some)), whole - 1)


@builder
def gammasgn(x: Any) -> Expr:
    """The sign of gamma(x): NaN at its poles but 0.

    >>> gammasgn([-0.5, 2.0]).eval()
    array([-1.,  1.])
    """
    (x,) = float_args(x)
    whole = floor(x)
    down = where(equal(whole, x), math.nan, 1 - 2 * BUILDERS["remainder"](whole, 2))
    return where(equal(x, 0), BUILDERS["copysign"](1.0, x), where(greater(x, 0), 1, down))


@builder
def multigammaln(a: Any, d: int) -> Expr:
    """Logarithm of the multivariate gamma function of whole dimension d, of a > (d - 1) / 2.

    >>> multigammaln(2.0, 1).eval()
    array(0.)
    """
    (a,) = float_args(a)
    count = static(d, "the dimension", 1)
    parts = [gammaln(a - 0.5 * k) for k in range(count)]
    return sum(parts[1:], parts[0]) + 0.25 * count * (count - 1) * math.log(math.pi)


@builder
def perm(N: Any, k: Any, exact: bool = False) -> Expr:
    """How many ways there are to order k of N: N! / (N - k)!, 0 unless 0 <= k <= N. A float, also for `exact`.

    >>> perm(5, 2).eval()
    array(20.)
    """
    N, k = float_args(N, k)
    fits = both(both(at_least(N, k), at_least(N, 0)), at_least(k, 0))
    some = where(fits, k, 0)
    return where(fits, BUILDERS["poch"](where(fits, N, 1) - some + 1, some), 0)


@builder
def factorial2(n: Any, exact: bool = False) -> Expr:
    """n!! = n (n - 2) (n - 4) ... of whole numbers; 1 for 0, 0 below. A float, also for `exact`.

    NaN between whole numbers, where SciPy raises; a step, so that its gradient is 0.

    >>> factorial2([5, 6]).eval()
    array([15., 48.])
    """
    (n,) = float_args(n)
    a = where(less(n, 0), 1, n)
    odd = BUILDERS["remainder"](a, 2)
    found = power(2.0, 0.5 * (a + odd)) * gamma(0.5 * a + 1) * where(equal(odd, 1), 1 / math.sqrt(math.pi), 1)
    whole = equal(n, floor(n))
    return where(whole, where(less(n, 0), 0, rint(found)), math.nan)


# -- means, powers, angles ----------------------------------------------------------------------------------------------------
@builder
def agm(a: Any, b: Any) -> Expr:
    """Arithmetic-geometric mean of two numbers of one sign: pi / 4 (a + b) / K of complete elliptic integrals (DLMF 19.8.5).

    >>> agm(1.0, 2.0).eval().round(4)
    np.float64(1.4568)
    """
    a, b = float_args(a, b)
    total = a + b
    none = equal(total, 0)
    whole = where(none, 1, total)
    p = 4 * (a / whole) * (b / whole)
    found = (math.pi / 4) * total / BUILDERS["ellipkm1"](where(less(p, 0), math.nan, p))
    signs = BUILDERS["sign"](a) * BUILDERS["sign"](b)
    endless = both(equal(absolute(total), math.inf), greater(signs, 0))
    return where(less(signs, 0), math.nan, where(none, 0, where(endless, total, found)))


@builder
def powm1(x: Any, y: Any) -> Expr:
    """x**y - 1, exact where x**y is near 1.

    >>> powm1(1.0 + 2.0**-52, 1.0).eval() == 2.0**-52
    np.True_
    """
    x, y = float_args(x, y)
    above = greater(x, 0)
    u = y * log(where(above, x, 1))
    near = both(above, less(absolute(u), 0.5))
    return where(near, expm1(where(near, u, 0)), power(where(near, 1, x), y) - 1)


@builder
def inv_boxcox(y: Any, lmbda: Any) -> Expr:
    """The x of y = boxcox(x, lmbda): (1 + lmbda y)**(1 / lmbda), and exp(y) for lmbda 0.

    >>> inv_boxcox(2.0, 0.5).eval()
    array(4.)
    """
    return exp(_inverse_power(y, lmbda))


@builder
def inv_boxcox1p(y: Any, lmbda: Any) -> Expr:
    """The x of y = boxcox1p(x, lmbda): (1 + lmbda y)**(1 / lmbda) - 1, exact for small y.

    >>> inv_boxcox1p(2.0, 0.5).eval()
    array(3.)
    """
    return expm1(_inverse_power(y, lmbda))


def _inverse_power(y: Any, lmbda: Any) -> Expr:
    y, lmbda = float_args(y, lmbda)
    flat = equal(lmbda, 0)
    some = where(flat, 1, lmbda)
    return where(flat, y, log1p(where(flat, 0, some * y)) / some)


def _degrees(x: Any) -> tuple[Expr, Expr]:
    """Sine and cosine of an angle in degrees, exact at multiples of 90: by the quarter turns in it and what is left."""
    (x,) = float_args(x)
    turn = x - 360 * rint(x / 360)
    quarter = rint(turn / 90)
    rest = (turn - 90 * quarter) * (math.pi / 180)
    s, c, n = sin(rest), cos(rest), absolute(quarter)
    even, back = BUILDERS["not_equal"](n, 1), equal(n, 2)
    sine = where(even, where(back, -s, s), where(less(quarter, 0), -c, c))
    return sine, where(even, where(back, -c, c), where(less(quarter, 0), s, -s))


@builder
def sindg(x: Any) -> Expr:
    """Sine of an angle in degrees, exact at multiples of 90.

    >>> sindg([30.0, 90.0]).eval().round(12)
    array([0.5, 1. ])
    """
    return _degrees(x)[0]


@builder
def cosdg(x: Any) -> Expr:
    """Cosine of an angle in degrees, exact at multiples of 90.

    >>> cosdg(90.0).eval() == 0
    np.True_
    """
    return _degrees(x)[1]


def _quotient(a: Expr, b: Expr) -> Expr:
    """a / b; inf where b is 0, of either sign."""
    return where(equal(b, 0), math.inf, a / where(equal(b, 0), 1, b))


@builder
def tandg(x: Any) -> Expr:
    """Tangent of an angle in degrees, infinite at its poles.

    >>> tandg(45.0).eval().round(12)
    np.float64(1.0)
    """
    return _quotient(*_degrees(x))


@builder
def cotdg(x: Any) -> Expr:
    """Cotangent of an angle in degrees, infinite at its poles.

    >>> cotdg(45.0).eval().round(12)
    np.float64(1.0)
    """
    s, c = _degrees(x)
    return _quotient(c, s)


@builder
def radian(d: Any, m: Any, s: Any) -> Expr:
    """The angle of d degrees, m minutes and s seconds in radians.

    >>> radian(180.0, 0.0, 0.0).eval().round(4)
    np.float64(3.1416)
    """
    d, m, s = float_args(d, m, s)
    return ((d * 60 + m) * 60 + s) * (math.pi / 648000)


@builder
def diric(x: Any, n: Any) -> Expr:
    """Dirichlet's periodic sinc sin(n x / 2) / (n sin(x / 2)), its limits at multiples of 2 pi; NaN unless n is whole and > 0.

    >>> diric([0.0, 1.0], 3).eval().round(4)
    array([1.    , 0.6935])
    """
    x, n = float_args(x, n)
    below = sin(0.5 * x)
    flat = less(absolute(below), 1e-9)
    turns = rint(x / (2 * math.pi))
    found = where(flat, odd_sign(turns * (n - 1)), sin(0.5 * n * x) / (n * where(flat, 1, below)))
    return where(both(greater(n, 0), equal(n, floor(n))), found, math.nan)
