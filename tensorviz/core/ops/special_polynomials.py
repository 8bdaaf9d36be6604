"""Orthogonal polynomials, associated Legendre functions and spherical harmonics by SciPy's names, of degrees known when the graph
is built: their recurrences over the degree (DLMF 18.9.1, 14.10.3), written out, so that they have gradients and fuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentValueError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from ..origins import user_line
from .elementwise import where
from .special import float_args
from .special_families import static

__all__ = ["eval_chebyc", "eval_chebys", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_genlaguerre", "eval_hermite",
           "eval_hermitenorm", "eval_jacobi", "eval_laguerre", "eval_legendre", "eval_sh_chebyt", "eval_sh_chebyu",
           "eval_sh_jacobi", "eval_sh_legendre", "lpmv", "sph_harm_y"]

Step = Callable[[int, Expr, Any], Expr]


def _degrees(n: Any, name: str) -> np.ndarray[Any, Any]:
    """Whole numbers >= 0 that are known."""
    found = None if isinstance(n, Expr) else np.asarray(n)
    if found is None or found.dtype.kind not in "biuf" or np.any(found != np.floor(found)) or np.any(found < 0):
        raise ArgumentValueError(f"{name} takes whole degrees from 0 up that are known when the graph is built, not {n!r}",
                                 at=user_line(), hint="an array of numbers gives a polynomial for each")
    return found.astype(int)


def _run(n: Any, name: str, one: Expr, first: Callable[[], Expr], step: Step) -> Expr:
    """The polynomials of degrees n: 1, `first`, and on by `step(k, p_k, p_(k-1))` to that of degree k + 1."""
    degrees = _degrees(n, name)
    top = int(degrees.max(initial=0))
    made: list[Expr] = [one]
    if top:
        made.append(first())
    for k in range(1, top):
        made.append(step(k, made[k], made[k - 1]))
    if degrees.ndim == 0:
        return made[top]
    kinds, whole = sorted(set(degrees.ravel().tolist())), as_expr(degrees)
    found = made[kinds[-1]] if kinds else one
    for k in kinds[-2::-1]:
        found = where(BUILDERS["equal"](whole, k), made[k], found)
    return found if len(kinds) > 1 else found + BUILDERS["cast"](as_expr(np.zeros(degrees.shape)), found.dtype)


def _float(x: Any) -> Expr:
    return float_args(x)[0]


def _one(*values: Expr) -> Expr:
    """1 in the shape of all together."""
    return sum((0 * v for v in values[1:]), 0 * values[0]) + 1


@builder
def eval_legendre(n: Any, x: Any) -> Expr:
    """Legendre's polynomial of degree n, a whole number (or an array of them) that is known.

    >>> eval_legendre([0, 1, 2], 0.5).eval()
    array([ 1.   ,  0.5  , -0.125])
    """
    x = _float(x)
    return _run(n, "eval_legendre", _one(x), lambda: x, lambda k, p, q: x * p + (k / (k + 1)) * (x * p - q))


def _chebyshev(n: Any, name: str, x: Expr, first: float) -> Expr:
    return _run(n, name, _one(x), lambda: first * x, lambda k, p, q: 2 * x * p - q)


@builder
def eval_chebyt(n: Any, x: Any) -> Expr:
    """Chebyshev's polynomial of the first kind of degree n.

    >>> eval_chebyt(2, 0.5).eval()
    array(-0.5)
    """
    return _chebyshev(n, "eval_chebyt", _float(x), 1.0)


@builder
def eval_chebyu(n: Any, x: Any) -> Expr:
    """Chebyshev's polynomial of the second kind of degree n.

    >>> eval_chebyu(2, 0.5).eval()
    array(0.)
    """
    return _chebyshev(n, "eval_chebyu", _float(x), 2.0)


@builder
def eval_chebyc(n: Any, x: Any) -> Expr:
    """Twice Chebyshev's polynomial of the first kind of degree n at x / 2.

    >>> eval_chebyc(2, 1.0).eval()
    array(-1.)
    """
    return 2 * _chebyshev(n, "eval_chebyc", 0.5 * _float(x), 1.0)


@builder
def eval_chebys(n: Any, x: Any) -> Expr:
    """Chebyshev's polynomial of the second kind of degree n at x / 2.

    >>> eval_chebys(2, 1.0).eval()
    array(0.)
    """
    return _chebyshev(n, "eval_chebys", 0.5 * _float(x), 2.0)


@builder
def eval_sh_chebyt(n: Any, x: Any) -> Expr:
    """Chebyshev's polynomial of the first kind of degree n at 2 x - 1.

    >>> eval_sh_chebyt(1, 1.0).eval()
    array(1.)
    """
    return _chebyshev(n, "eval_sh_chebyt", 2 * _float(x) - 1, 1.0)


@builder
def eval_sh_chebyu(n: Any, x: Any) -> Expr:
    """Chebyshev's polynomial of the second kind of degree n at 2 x - 1.

    >>> eval_sh_chebyu(1, 1.0).eval()
    array(2.)
    """
    return _chebyshev(n, "eval_sh_chebyu", 2 * _float(x) - 1, 2.0)


@builder
def eval_sh_legendre(n: Any, x: Any) -> Expr:
    """Legendre's polynomial of degree n at 2 x - 1.

    >>> eval_sh_legendre(1, 1.0).eval()
    array(1.)
    """
    return eval_legendre(n, 2 * _float(x) - 1)


@builder
def eval_hermite(n: Any, x: Any) -> Expr:
    """Hermite's polynomial of degree n, of physicists.

    >>> eval_hermite(2, 1.0).eval()
    array(2.)
    """
    x = _float(x)
    return _run(n, "eval_hermite", _one(x), lambda: 2 * x, lambda k, p, q: 2 * (x * p - k * q))


@builder
def eval_hermitenorm(n: Any, x: Any) -> Expr:
    """Hermite's polynomial of degree n, of statisticians.

    >>> eval_hermitenorm(2, 2.0).eval()
    array(3.)
    """
    x = _float(x)
    return _run(n, "eval_hermitenorm", _one(x), lambda: x, lambda k, p, q: x * p - k * q)


@builder
def eval_genlaguerre(n: Any, alpha: Any, x: Any) -> Expr:
    """Laguerre's generalised polynomial of degree n.

    >>> eval_genlaguerre(1, 1.0, 0.5).eval()
    array(1.5)
    """
    a, x = float_args(alpha, x)
    return _run(n, "eval_genlaguerre", _one(a, x), lambda: 1 + a - x,
                lambda k, p, q: ((2 * k + 1 + a - x) * p - (k + a) * q) / (k + 1))


@builder
def eval_laguerre(n: Any, x: Any) -> Expr:
    """Laguerre's polynomial of degree n.

    >>> eval_laguerre(2, 2.0).eval()
    array(-1.)
    """
    x = _float(x)
    return _run(n, "eval_laguerre", _one(x), lambda: 1 - x, lambda k, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1))


@builder
def eval_gegenbauer(n: Any, alpha: Any, x: Any) -> Expr:
    """Gegenbauer's polynomial of degree n.

    >>> eval_gegenbauer(1, 1.5, 0.5).eval()
    array(1.5)
    """
    a, x = float_args(alpha, x)
    return _run(n, "eval_gegenbauer", _one(a, x), lambda: 2 * a * x,
                lambda k, p, q: (2 * (k + a) * x * p - (k + 2 * a - 1) * q) / (k + 1))


@builder
def eval_jacobi(n: Any, alpha: Any, beta: Any, x: Any) -> Expr:
    """Jacobi's polynomial of degree n.

    >>> eval_jacobi(1, 1.0, 1.0, 0.5).eval()
    array(1.)
    """
    a, b, x = float_args(alpha, beta, x)

    def step(k: int, p: Expr, q: Any) -> Expr:
        s = 2 * k + a + b
        up = (s + 1) * ((s + 2) * s * x + (a - b) * (a + b)) * p - 2 * (k + a) * (k + b) * (s + 2) * q
        return up / (2 * (k + 1) * (k + 1 + a + b) * s)

    return _run(n, "eval_jacobi", _one(a, b, x), lambda: (a + 1) + 0.5 * (a + b + 2) * (x - 1), step)


@builder
def eval_sh_jacobi(n: Any, p: Any, q: Any, x: Any) -> Expr:
    """Jacobi's polynomial of degree n with p - q and q - 1, at 2 x - 1, over binom(2 n + p - 1, n).

    >>> eval_sh_jacobi(1, 1.0, 1.0, 1.0).eval()
    array(0.5)
    """
    p, q, x = float_args(p, q, x)
    degrees = as_expr(_degrees(n, "eval_sh_jacobi"))
    return eval_jacobi(n, p - q, q - 1, 2 * x - 1) / BUILDERS["binom"](2 * degrees + p - 1, degrees)


# -- associated Legendre functions -------------------------------------------------------------------------------------------
def _associated(m: int, n: int, x: Expr, s: Expr) -> Expr:
    """Of order m >= 0 and degree n at x, s = sqrt(1 - x**2), with Condon and Shortley's sign."""
    start = (-1.0) ** m * math.prod(range(2 * m - 1, 0, -2)) * BUILDERS["power"](s, float(m)) if m else _one(x, s)
    before, now = None, start
    for k in range(m, n):
        up = (2 * k + 1) * x * now if before is None else (2 * k + 1) * x * now - (k + m) * before
        before, now = now, up / (k - m + 1)
    return now


def _order(m: Any, what: str) -> int:
    return static(m, what, -10**6)


@builder
def lpmv(m: int, v: int, x: Any) -> Expr:
    """Associated Legendre function of order m and degree v, whole numbers that are known, at -1 <= x <= 1; 0 for |m| > v.

    >>> lpmv(0, 2, 0.5).eval()
    array(-0.125)
    """
    order, degree, x = _order(m, "the order"), static(v, "the degree"), _float(x)
    if abs(order) > degree:
        return 0 * x
    found = _associated(abs(order), degree, x, BUILDERS["sqrt"]((1 - x) * (1 + x)))
    if order >= 0:
        return found
    return (-1.0) ** order * math.factorial(degree + order) / math.factorial(degree - order) * found


@builder
def sph_harm_y(n: int, m: int, theta: Any, phi: Any) -> Expr:
    """Spherical harmonic of degree n and order m, whole numbers that are known, at polar angle theta and azimuth phi; complex.

    >>> sph_harm_y(0, 0, 0.3, 0.5).eval().round(4).item()
    (0.2821+0j)
    """
    degree, order = static(n, "the degree"), _order(m, "the order")
    theta, phi = float_args(theta, phi)
    if abs(order) > degree:
        return BUILDERS["complex"](0 * (theta + phi), 0 * (theta + phi))
    size = abs(order)
    p = _associated(size, degree, BUILDERS["cos"](theta), BUILDERS["sin"](theta))
    scale = math.sqrt((2 * degree + 1) / (4 * math.pi) * math.factorial(degree - size) / math.factorial(degree + size))
    p = p * (scale * ((-1.0) ** size if order < 0 else 1.0))
    return BUILDERS["complex"](p * BUILDERS["cos"](order * phi), p * BUILDERS["sin"](order * phi))
