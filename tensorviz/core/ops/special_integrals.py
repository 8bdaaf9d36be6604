"""Special functions that are integrals: exponential, sine, cosine and Fresnel ones, Dawson's, elliptic ones, Airy's functions.

Their meaning is `scipy.special`'s; where SciPy gives several at once (sici, fresnel, airy), each is an op of its own and a
composition by SciPy's name returns them together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..expr import Expr
from ..op import BUILDERS, builder
from .elementwise import builder_of, where
from .special import float_args, special_op
from .special_pairs import refused

__all__ = ["INTEGRALS", "airy", "airye", "ellip_rest", "elliprg", "fresnel", "shichi", "sici"]

ROOT_PI = math.sqrt(math.pi)


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


cos, exp, log, log1p, sin, sqrt = map(_later, ("cos", "exp", "log", "log1p", "sin", "sqrt"))
absolute, equal, greater, less, maximum = map(_later, ("absolute", "equal", "greater", "less", "maximum"))
airy_ai, airy_aip, airy_bi, airy_bip, kve = map(_later, ("airy_ai", "airy_aip", "airy_bi", "airy_bip", "kve"))
ellipe, ellipeinc, ellipk, ellipkinc, ellipkm1 = map(_later, ("ellipe", "ellipeinc", "ellipk", "ellipkinc", "ellipkm1"))
elliprc, elliprd, elliprf, exp1, expi, expn = map(_later, ("elliprc", "elliprd", "elliprf", "exp1", "expi", "expn"))


# -- meanings that SciPy has no one function for, or has NaN for where there is a limit ----------------------------------------
def _part(name: str, place: int, **limits: float) -> Callable[..., Any]:
    """One result of a function of SciPy's; `low` and `high` are its values at the infinities, where SciPy's is NaN."""
    def run(x: Any) -> Any:
        import scipy.special

        found = getattr(scipy.special, name)(x)[place]
        far = np.where(x > 0, limits.get("high", np.nan), limits.get("low", np.nan))
        return np.where(np.isnan(found) & ~np.isnan(x) & (np.abs(x) > limits.get("beyond", 1e308)), far, found)

    return run


def _expn(n: Any, x: Any) -> Any:
    """SciPy's, which warns of orders that are not whole before it cuts them off; NaN for infinite ones."""
    import scipy.special

    return scipy.special.expn(np.where(np.isfinite(n), np.trunc(n), -1), x)


def _spence(z: Any) -> Any:
    import scipy.special

    return np.where(np.isposinf(z), -np.inf, scipy.special.spence(z))


# -- gradients -------------------------------------------------------------------------------------------------------------
def _spence_vjp(g: Expr, out: Expr, z: Expr) -> tuple[Expr]:
    """log z / (1 - z), near 1 by the series of the logarithm."""
    d = z - 1
    near = less(absolute(d), 0.03)
    away, close = where(near, 2, z), where(near, d, 0)
    series: Any = 0.0
    for k in range(11, -1, -1):
        series = 1.0 / (k + 1) - close * series
    return (-g * where(near, series, log(away) / (away - 1)),)


def _expn_vjp(g: Expr, out: Expr, n: Expr, x: Expr) -> tuple[Any, Expr]:
    first = less(n, 1)
    return refused(out, "the order n"), -g * where(first, out + out / x, expn(where(first, 0, n - 1), x))


def ellip_rest(p: Any, x: Any = 0) -> Expr:
    """(K - E) / m of the complete elliptic integrals with m = 1 - p: no difference of like numbers."""
    return elliprd(x, p, 1) / 3


def _ellipk_vjp(g: Expr, out: Expr, m: Expr) -> tuple[Expr]:
    p = 1 - m
    return (g * (out - ellip_rest(p)) / (2 * p),)


def _ellipkm1_vjp(g: Expr, out: Expr, p: Expr) -> tuple[Expr]:
    return (-g * (out - ellip_rest(p)) / (2 * p),)


def _under(angle: Expr, m: Expr) -> tuple[Expr, Expr, Expr, Expr, Expr]:
    """Half turns in the angle; sin, cos**2 and 1 - m sin**2 of the rest; whether there are half turns."""
    n = BUILDERS["rint"](angle / math.pi)
    s, c = sin(angle - n * math.pi), cos(angle - n * math.pi)
    square = c * c
    return n, s, square, square + (1 - m) * (s * s), equal(n, 0)


def _ellipkinc_vjp(g: Expr, out: Expr, angle: Expr, m: Expr) -> tuple[Expr, Expr]:
    n, s, square, y, none = _under(angle, m)
    p = where(none, 1, 1 - m)
    turns = where(none, 0, n * (ellipkm1(p) - ellip_rest(p)) / p)
    return g / sqrt(y), g * (s * s * s * elliprd(square, 1, y) / 6 + turns)


def _ellipeinc_vjp(g: Expr, out: Expr, angle: Expr, m: Expr) -> tuple[Expr, Expr]:
    n, s, square, y, none = _under(angle, m)
    turns = where(none, 0, n * ellip_rest(where(none, 1, 1 - m)))
    return g * sqrt(y), -g * (s * s * s * elliprd(square, y, 1) / 6 + turns)


def _elliprf_vjp(g: Expr, out: Expr, x: Expr, y: Expr, z: Expr) -> tuple[Expr, Expr, Expr]:
    return tuple(g * (-1 / 6) * elliprd(*v) for v in ((y, z, x), (x, z, y), (x, y, z)))     # type: ignore[return-value]


def _slope(x: Expr, y: Expr, z: Expr) -> Expr:
    """The derivative of elliprd(x, y, z) by x: a difference quotient of elliprd(y, z, x) and elliprd(x, y, z) over x and z.

    It is even in x - z; where that is small it is read off the parabola in (x - z)**2 through three wider distances.
    """
    middle, half = 0.5 * (x + z), 0.5 * (x - z)
    width = 4e-3 * middle
    near = less(absolute(half), width)

    def quotient(h: Expr) -> Expr:
        return (elliprd(y, middle - h, middle + h) - elliprd(middle + h, y, middle - h)) / (4 * h)

    ratio = where(near, half / width, 0)
    t = ratio * ratio
    close = ((t - 4) * (t - 9) / 24 * quotient(width) - (t - 1) * (t - 9) / 15 * quotient(2 * width)
             + (t - 1) * (t - 4) / 40 * quotient(3 * width))
    far = where(near, 2 * z, x)
    return where(near, close, (elliprd(y, z, far) - elliprd(far, y, z)) / (4 * where(near, 1, half)))


def _elliprd_vjp(g: Expr, out: Expr, x: Expr, y: Expr, z: Expr) -> tuple[Expr, Expr, Expr]:
    by_x, by_y = _slope(x, y, z), _slope(y, x, z)
    return g * by_x, g * by_y, -g * (1.5 * out + x * by_x + y * by_y) / z       # it is homogeneous of degree -3/2


def _elliprc_vjp(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Expr, Expr]:
    above = greater(y, 0)
    p, q, d = where(above, x, 1), where(above, y, 1), where(above, 1, 2 * (y - x))
    by_x = where(above, elliprd(q, q, p) * (-1 / 6), (out - 1 / sqrt(x)) / d)
    return g * by_x, g * where(above, elliprd(p, q, q) * (-1 / 3), (sqrt(x) / y - out) / d)


# -- the table -------------------------------------------------------------------------------------------------------------
s = special_op
call = "\\operatorname{{{name}}}\\left({{0}}\\right)".format
INTEGRALS = {op.name: op for op in (
    s("exp1", "exponential integral E1, of exp(-t) / t from x to infinity", lambda g, out, x: (-g * exp(-x) / x,),
      "E_1\\left({0}\\right)", flops=150.0),
    s("expi", "exponential integral Ei, the principal value of exp(t) / t up to x", lambda g, out, x: (g * exp(x) / x,),
      "\\operatorname{{Ei}}\\left({0}\\right)", flops=250.0),
    s("expn", "exponential integral of order n, of exp(-x t) / t**n from 1 to infinity", _expn_vjp,
      "E_{{{0}}}\\left({1}\\right)", 2, _expn, flops=300.0),
    s("dawsn", "Dawson's integral exp(-x**2) times that of exp(t**2) from 0 to x", lambda g, out, x: (g * (1 - 2 * x * out),),
      "F\\left({0}\\right)", flops=180.0),
    s("erfi", "imaginary error function -i erf(i x)", lambda g, out, x: (g * (2 / ROOT_PI) * exp(x * x),), call(name="erfi"),
      flops=200.0),
    s("sine_integral", "integral of sin(t) / t from 0 to x", lambda g, out, x: (g * BUILDERS["sinc"](x / math.pi),),
      "\\operatorname{{Si}}\\left({0}\\right)", run=_part("sici", 0), flops=200.0),
    s("cosine_integral", "Euler's constant + log(x) + the integral of (cos(t) - 1) / t from 0 to x",
      lambda g, out, x: (g * cos(x) / x,), "\\operatorname{{Ci}}\\left({0}\\right)", run=_part("sici", 1), flops=200.0),
    s("fresnel_s", "integral of sin(pi / 2 t**2) from 0 to x", lambda g, out, x: (g * sin((math.pi / 2) * (x * x)),),
      "S\\left({0}\\right)", run=_part("fresnel", 0, high=0.5, low=-0.5, beyond=1e10), flops=200.0),
    s("fresnel_c", "integral of cos(pi / 2 t**2) from 0 to x", lambda g, out, x: (g * cos((math.pi / 2) * (x * x)),),
      "C\\left({0}\\right)", run=_part("fresnel", 1, high=0.5, low=-0.5, beyond=1e10), flops=200.0),
    s("spence", "dilogarithm of 1 - z, the integral of log(t) / (1 - t) from 1 to z", _spence_vjp,
      "\\operatorname{{Li}}_2\\left(1 - {0}\\right)", run=_spence, flops=80.0),
    s("airy_ai", "Airy function Ai", lambda g, out, x: (g * airy_aip(x),), "\\operatorname{{Ai}}\\left({0}\\right)",
      run=_part("airy", 0, high=0.0), flops=300.0),
    s("airy_aip", "derivative of the Airy function Ai", lambda g, out, x: (g * x * airy_ai(x),),
      "\\operatorname{{Ai}}'\\left({0}\\right)", run=_part("airy", 1, high=-0.0), flops=300.0),
    s("airy_bi", "Airy function Bi", lambda g, out, x: (g * airy_bip(x),), "\\operatorname{{Bi}}\\left({0}\\right)",
      run=_part("airy", 2, high=math.inf), flops=400.0),
    s("airy_bip", "derivative of the Airy function Bi", lambda g, out, x: (g * x * airy_bi(x),),
      "\\operatorname{{Bi}}'\\left({0}\\right)", run=_part("airy", 3, high=math.inf), flops=400.0),
    s("ellipk", "complete elliptic integral of the first kind, of the parameter m", _ellipk_vjp, "K\\left({0}\\right)",
      flops=60.0),
    s("ellipkm1", "ellipk(1 - p), exact for small p", _ellipkm1_vjp, "K\\left(1 - {0}\\right)", flops=60.0),
    s("ellipe", "complete elliptic integral of the second kind, of the parameter m",
      lambda g, out, m: (g * -0.5 * ellip_rest(1 - m),), "E\\left({0}\\right)", flops=200.0),
    s("ellipkinc", "elliptic integral of the first kind, of angle and parameter", _ellipkinc_vjp,
      "F\\left({0} \\mid {1}\\right)", 2, flops=250.0),
    s("ellipeinc", "elliptic integral of the second kind, of angle and parameter", _ellipeinc_vjp,
      "E\\left({0} \\mid {1}\\right)", 2, flops=450.0),
    s("elliprf", "Carlson's elliptic integral of the first kind", _elliprf_vjp, "R_F\\left({0}, {1}, {2}\\right)", 3,
      flops=150.0),
    s("elliprd", "Carlson's elliptic integral of the second kind", _elliprd_vjp, "R_D\\left({0}, {1}, {2}\\right)", 3,
      flops=200.0),
    s("elliprc", "Carlson's degenerate elliptic integral", _elliprc_vjp, "R_C\\left({0}, {1}\\right)", 2, flops=60.0),
)}
globals().update({name: builder_of(op, __name__) for name, op in INTEGRALS.items()})
__all__ += list(INTEGRALS)


# -- several at once, by SciPy's names ---------------------------------------------------------------------------------------
@builder
def sici(x: Any) -> tuple[Expr, Expr]:
    """Sine and cosine integral of real x: `sine_integral` and `cosine_integral`, for negative x that of -x, as SciPy has it.

    >>> [v.eval().round(4).item() for v in sici(1.0)]
    [0.9461, 0.3374]
    """
    return BUILDERS["sine_integral"](x), BUILDERS["cosine_integral"](x)


@builder
def fresnel(x: Any) -> tuple[Expr, Expr]:
    """Fresnel's integrals S and C of real x.

    >>> [v.eval().round(4).item() for v in fresnel(1.0)]
    [0.4383, 0.7799]
    """
    return BUILDERS["fresnel_s"](x), BUILDERS["fresnel_c"](x)


@builder
def airy(x: Any) -> tuple[Expr, Expr, Expr, Expr]:
    """Ai, Ai', Bi, Bi' of real x.

    >>> [v.eval().round(4).item() for v in airy(0.0)]
    [0.355, -0.2588, 0.6149, 0.4483]
    """
    return airy_ai(x), airy_aip(x), airy_bi(x), airy_bip(x)


@builder
def airye(x: Any) -> tuple[Expr, Expr, Expr, Expr]:
    """Ai and Ai' times exp(zeta), Bi and Bi' times exp(-zeta), zeta = 2/3 x**1.5.

    Of negative x NaN, NaN, Bi and Bi', as SciPy has it.

    Far on the right by Bessel functions of order 1/3 and 2/3 (DLMF 9.6.2 to 9.6.5), which don't overflow.

    >>> [v.eval().round(4).item() for v in airye(1000.0)]
    [0.0502, -1.5863, 0.1003, 3.1727]
    """
    (x,) = float_args(x)
    left, far = less(x, 0), greater(x, 4)
    near, a = where(far, 0, x), where(far, x, 9)
    zeta = a * sqrt(a) / 1.5
    close = where(left, 0, near)
    grown = exp(close * sqrt(close) / 1.5)
    third, two_thirds = 1 / 3, 2 / 3
    k, k2 = kve(third, zeta), kve(two_thirds, zeta)
    i, i2 = (BUILDERS["ive"](-v, zeta) + BUILDERS["ive"](v, zeta) for v in (third, two_thirds))
    ai, aip = sqrt(a / 3) / math.pi * k, -a / (math.pi * math.sqrt(3)) * k2
    bi, bip = sqrt(a / 3) * i, a / math.sqrt(3) * i2
    parts = [where(far, far_one, one(near) * grow) for one, grow, far_one in (
        (airy_ai, grown, ai), (airy_aip, grown, aip), (airy_bi, 1 / grown, bi), (airy_bip, 1 / grown, bip))]
    return where(left, float("nan"), parts[0]), where(left, float("nan"), parts[1]), parts[2], parts[3]


@builder
def shichi(x: Any) -> tuple[Expr, Expr]:
    """Hyperbolic sine and cosine integral of real x: (Ei(x) + E1(x)) / 2 and (Ei(x) - E1(x)) / 2; near 0 Shi by its series.

    >>> [v.eval().round(4).item() for v in shichi(1.0)]
    [1.0573, 0.8379]
    """
    (x,) = float_args(x)
    size = absolute(x)
    near = less(size, 1)
    a, b = where(near, 1, size), where(near, x, 0)
    series: Any = 0.0
    for k in range(19, 0, -2):
        series = 1.0 / (k * math.factorial(k)) + b * b * series
    return where(near, b * series, BUILDERS["sign"](x) * 0.5 * (expi(a) + exp1(a))), 0.5 * (expi(size) - exp1(size))


@builder
def elliprg(x: Any, y: Any, z: Any) -> Expr:
    """Carlson's symmetric elliptic integral of the second kind, R_G, of x, y, z >= 0 (DLMF 19.21.10, of the sorted arguments).

    >>> elliprg(1.0, 1.0, 1.0).eval().round(4)
    np.float64(1.0)
    """
    x, y, z = float_args(x, y, z)
    low = BUILDERS["minimum"](BUILDERS["minimum"](x, y), z)
    high = maximum(maximum(x, y), z)
    middle = maximum(BUILDERS["minimum"](x, y), BUILDERS["minimum"](maximum(x, y), z))
    flat = equal(middle, 0)
    m = where(flat, 1, middle)
    found = (m * elliprf(low, m, high) - (high - m) * (low - m) * elliprd(low, where(flat, 1, high), m) / 3
             + sqrt(low * high / m)) / 2
    endless = BUILDERS["logical_and"](equal(high, float("inf")), BUILDERS["greater_equal"](low, 0))
    return where(endless, float("inf"), where(flat, sqrt(high) / 2, found))

