"""Bessel functions by SciPy's names, made of others: derivatives of any order, Hankel's functions, spherical ones."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentValueError
from ..expr import Expr
from ..op import BUILDERS, builder
from ..origins import user_line
from .elementwise import where
from .special import float_args

__all__ = ["h1vp", "h2vp", "hankel1", "hankel1e", "hankel2", "hankel2e", "ivp", "jve", "jvp", "kvp", "odd_sign",
           "spherical_in", "spherical_jn", "spherical_kn", "spherical_yn", "static", "yve", "yvp"]


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


absolute, cos, equal, less, power, sin, sqrt = map(_later, ("absolute", "cos", "equal", "less", "power", "sin", "sqrt"))
iv, jv, kv, make_complex, yv = map(_later, ("iv", "jv", "kv", "complex", "yv"))


def static(n: Any, what: str, least: int = 0) -> int:
    """A whole number that is known when the graph is built."""
    try:
        found = operator.index(n)
    except TypeError:
        found = least - 1
    if found < least:
        raise ArgumentValueError(f"{what} is a whole number from {least} up, not {n!r}", at=user_line())
    return found


# -- Bessel functions: derivatives by their recurrences, DLMF 10.6.7 and 10.29.5 -----------------------------------------------
def _derivative(f: Callable[..., Expr], v: Any, z: Any, n: Any, sign: int) -> Expr:
    n = static(n, "the order of the derivative")
    v, z = float_args(v, z)
    found = f(v - n, z)
    for k in range(1, n + 1):
        found = found + float(sign**k * math.comb(n, k)) * f(v - n + 2 * k, z)
    return found / 2.0**n


@builder
def jvp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n, a whole number, of jv(v, z) by z.

    >>> jvp(0, 1.0).eval().round(4)
    np.float64(-0.4401)
    """
    return _derivative(jv, v, z, n, -1)


@builder
def yvp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n of yv(v, z) by z.

    >>> yvp(0, 1.0).eval().round(4)
    np.float64(0.7812)
    """
    return _derivative(yv, v, z, n, -1)


@builder
def ivp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n of iv(v, z) by z.

    >>> ivp(0, 1.0).eval().round(4)
    np.float64(0.5652)
    """
    return _derivative(iv, v, z, n, 1)


@builder
def kvp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n of kv(v, z) by z.

    >>> kvp(0, 1.0).eval().round(4)
    np.float64(-0.6019)
    """
    return _derivative(kv, v, z, n, 1) * (-1.0) ** static(n, "the order of the derivative")


@builder
def h1vp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n of hankel1(v, z) by z, of real z.

    >>> h1vp(0, 1.0).eval().round(4).item()
    (-0.4401+0.7812j)
    """
    return make_complex(jvp(v, z, n), yvp(v, z, n))


@builder
def h2vp(v: Any, z: Any, n: int = 1) -> Expr:
    """Derivative of order n of hankel2(v, z) by z, of real z.

    >>> h2vp(0, 1.0).eval().round(4).item()
    (-0.4401-0.7812j)
    """
    return make_complex(jvp(v, z, n), -yvp(v, z, n))


@builder
def jve(v: Any, z: Any) -> Expr:
    """jv(v, z) exp(-|imag z|), which for real z is jv(v, z).

    >>> jve(0, 0.0).eval()
    array(1.)
    """
    return jv(v, z)


@builder
def yve(v: Any, z: Any) -> Expr:
    """yv(v, z) exp(-|imag z|), which for real z is yv(v, z).

    >>> yve(0, 1.0).eval().round(4)
    np.float64(0.0883)
    """
    return yv(v, z)


def _hankel(v: Any, z: Any, sign: int) -> tuple[Expr, Expr, Expr]:
    """The parts of jv + i sign yv, left of 0 above its cut (DLMF 10.11.5), and z."""
    v, z = float_args(v, z)
    left = less(z, 0)
    size, turn = where(left, -z, z), math.pi * (v - 2 * BUILDERS["rint"](0.5 * v))
    j, y, c, s = jv(v, size), yv(v, size), cos(turn), sin(turn)
    if sign > 0:
        return where(left, s * y - c * j, j), where(left, c * y + s * j, y), z
    return where(left, 3 * c * j - s * y, j), where(left, s * j - c * y, -y), z


@builder
def hankel1(v: Any, z: Any) -> Expr:
    """Hankel's function jv + i yv of real z, complex; left of 0 its values above the cut.

    >>> hankel1(0, 1.0).eval().round(4).item()
    (0.7652+0.0883j)
    """
    return make_complex(*_hankel(v, z, 1)[:2])


@builder
def hankel2(v: Any, z: Any) -> Expr:
    """Hankel's function jv - i yv of real z, complex; left of 0 its values above the cut.

    >>> hankel2(0, 1.0).eval().round(4).item()
    (0.7652-0.0883j)
    """
    return make_complex(*_hankel(v, z, -1)[:2])


def _turned(v: Any, z: Any, sign: int) -> Expr:
    """(jv + i sign yv) exp(-i sign z)."""
    real, imag, z = _hankel(v, z, sign)
    c, s = cos(z), sign * sin(z)
    return make_complex(real * c + imag * s, imag * c - real * s)


@builder
def hankel1e(v: Any, z: Any) -> Expr:
    """hankel1(v, z) exp(-i z) of real z.

    >>> hankel1e(0, 1.0).eval().round(4).item()
    (0.4877-0.5962j)
    """
    return _turned(v, z, 1)


@builder
def hankel2e(v: Any, z: Any) -> Expr:
    """hankel2(v, z) exp(i z) of real z.

    >>> hankel2e(0, 1.0).eval().round(4).item()
    (0.4877+0.5962j)
    """
    return _turned(v, z, -1)


# -- spherical Bessel functions, DLMF 10.47; near 0 by their series, 10.53 -----------------------------------------------------
def odd_sign(n: Expr) -> Expr:
    """-1 for odd n, else 1."""
    return 1 - 2 * BUILDERS["remainder"](n, 2)


def _spherical(n: Expr, z: Expr, f: Callable[..., Expr], sign: float) -> Expr:
    near = less(absolute(z), 1)
    close, size = where(near, z, 0), where(near, 1, absolute(z))
    series, step = 0.0 * close + 1, 0.5 * sign * (close * close)
    for k in range(10, 0, -1):
        series = 1 + step / (k * (2 * n + (2 * k + 1))) * series
    lead = where(equal(n, 0), 1, power(close, where(equal(n, 0), 1, n))) * BUILDERS["rgamma"](n + 1.5) * power(0.5, n + 1)
    far = where(less(z, 0), odd_sign(n), 1) * (math.sqrt(0.5 * math.pi) / sqrt(size)) * f(n + 0.5, size)
    return where(near, lead * math.sqrt(math.pi) * series, far)


def _by_neighbours(f: Callable[[Expr, Expr], Expr], n: Expr, z: Expr, lower: float, upper: float) -> Expr:
    """(lower n f(n - 1) + upper (n + 1) f(n + 1)) / (2 n + 1), DLMF 10.51.2 and 10.51.5."""
    first = equal(n, 0)
    below = where(first, 0, lower * n * f(where(first, 0, n - 1), z))
    return (below + upper * (n + 1) * f(n + 1, z)) / (2 * n + 1)


@builder
def spherical_jn(n: Any, z: Any, derivative: bool = False) -> Expr:
    """Spherical Bessel function of the first kind, of whole order n >= 0 and real z, or its derivative by z.

    >>> spherical_jn(0, 1.0).eval().round(4)
    np.float64(0.8415)
    """
    n, z = float_args(n, z)

    def f(order: Expr, at: Expr) -> Expr:
        return _spherical(order, at, jv, -1.0)

    return _by_neighbours(f, n, z, 1.0, -1.0) if derivative else f(n, z)


@builder
def spherical_in(n: Any, z: Any, derivative: bool = False) -> Expr:
    """Modified spherical Bessel function of the first kind, of whole order n >= 0 and real z, or its derivative by z.

    >>> spherical_in(0, 1.0).eval().round(4)
    np.float64(1.1752)
    """
    n, z = float_args(n, z)

    def f(order: Expr, at: Expr) -> Expr:
        return _spherical(order, at, iv, 1.0)

    return _by_neighbours(f, n, z, 1.0, 1.0) if derivative else f(n, z)


@builder
def spherical_yn(n: Any, z: Any, derivative: bool = False) -> Expr:
    """Spherical Bessel function of the second kind, of whole order n >= 0 and real z, or its derivative by z; -inf at 0.

    By jv of order -n - 1/2, DLMF 10.47.4.

    >>> spherical_yn(0, 1.0).eval().round(4)
    np.float64(-0.5403)
    """
    n, z = float_args(n, z)

    def f(order: Expr, at: Expr) -> Expr:
        none = equal(at, 0)
        size = where(none, 1, absolute(at))
        found = math.sqrt(0.5 * math.pi) / sqrt(size) * jv(-order - 0.5, size) * where(less(at, 0), 1, -odd_sign(order))
        return where(none, -math.inf, found)

    return _by_neighbours(f, n, z, 1.0, -1.0) if derivative else f(n, z)


@builder
def spherical_kn(n: Any, z: Any, derivative: bool = False) -> Expr:
    """Modified spherical Bessel function of the second kind, of whole order n >= 0 and z >= 0, or its derivative by z.

    >>> spherical_kn(0, 1.0).eval().round(4)
    np.float64(0.5779)
    """
    n, z = float_args(n, z)

    def f(order: Expr, at: Expr) -> Expr:
        return math.sqrt(0.5 * math.pi) / sqrt(at) * kv(order + 0.5, at)

    return _by_neighbours(f, n, z, -1.0, -1.0) if derivative else f(n, z)
