"""Special functions of several tensors, elementwise, by SciPy's names: incomplete gamma and beta, Bessel functions of any order.

Gradients flow to every argument for which they are written here; asking for another one raises GradientError.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GradientError
from ..expr import Expr
from ..expr import where as line_of
from ..op import BUILDERS
from .elementwise import builder_of, where
from .special import bessel, special_op

__all__ = ["PAIRS", "refused"]

ROOT_2PI = math.sqrt(2.0 * math.pi)


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


equal, erf, exp, log, log1p, sign = map(_later, ["equal", "erf", "exp", "log", "log1p", "sign"])
betaln, digamma, gammaln, hyp2f1, iv, ive, jv = map(_later, ["betaln", "digamma", "gammaln", "hyp2f1", "iv", "ive", "jv"])
kv, kve, polygamma, xlog1py, xlogy, yv, zeta = map(_later, ["kv", "kve", "polygamma", "xlog1py", "xlogy", "yv", "zeta"])
gammainc_da, betainc_da = map(_later, ["gammainc_da", "betainc_da"])


def refused(out: Expr, what: str) -> GradientError:
    """In the place of a gradient that is not written: what is raised if it is asked for."""
    return GradientError(f"{out.op.name} has no gradient with respect to {what}", at=line_of(out),
                         hint=f"tv.zero_grad({what.split()[-1]}) takes it as a constant")


# -- densities, whose integrals the incomplete functions are ---------------------------------------------------------
def _gamma_density(a: Expr, x: Expr) -> Expr:
    return exp(xlogy(a - 1, x) - x - gammaln(a))


def _beta_density(a: Expr, b: Expr, x: Expr) -> Expr:
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


def _owens_vjp(g: Expr, out: Expr, h: Expr, a: Expr) -> tuple[Expr, Expr]:
    h2, a2 = h * h, 1 + a * a
    return (g * (-0.5 / ROOT_2PI) * exp(-0.5 * h2) * erf(a * h * math.sqrt(0.5)),
            g * exp(-0.5 * h2 * a2) / (2 * math.pi * a2))


def _beta_vjp(g: Expr, out: Expr, a: Expr, b: Expr) -> tuple[Expr, Expr]:
    whole, g = digamma(a + b), g * out
    return g * (digamma(a) - whole), g * (digamma(b) - whole)


def _betaln_vjp(g: Expr, out: Expr, a: Expr, b: Expr) -> tuple[Expr, Expr]:
    whole = digamma(a + b)
    return g * (digamma(a) - whole), g * (digamma(b) - whole)


def _betaincinv_vjp(g: Expr, out: Expr, a: Expr, b: Expr, y: Expr) -> tuple[Any, ...]:
    g = g / _beta_density(a, b, out)
    return -g * betainc_da(a, b, out), g * betainc_da(b, a, 1 - out), g


def _betainccinv_vjp(g: Expr, out: Expr, a: Expr, b: Expr, y: Expr) -> tuple[Any, ...]:
    by_a, by_b, by_y = _betaincinv_vjp(g, out, a, b, y)
    return by_a, by_b, -by_y


def _xlogy_vjp(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Expr, Expr]:
    return g * log(y), where(equal(x, 0), 0, g * x / y)


def _xlog1py_vjp(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Expr, Expr]:
    return g * log1p(y), where(equal(x, 0), 0, g * x / (1 + y))


# -- meanings that SciPy has no one function for -----------------------------------------------------------------------
def _polygamma(n: Any, x: Any) -> Any:
    """(-1)**(n+1) n! zeta(n+1, x); digamma for n = 0."""
    import scipy.special as s

    return np.where(n == 0, s.digamma(x), np.where(n % 2 == 0, -1.0, 1.0) * s.gamma(n + 1.0) * _zeta(n + 1.0, x))


def _zeta(x: Any, q: Any) -> Any:
    """SciPy's where that comes to an end; far left of 0 by sums on the right, and 0 where the first term underflows."""
    import scipy.special as s

    far = np.isfinite(q) & (q < -20) & (q != np.floor(q)) & (x == np.floor(x))
    none = (x > 1) & (q > 1) & (np.power(q, -x) == 0)
    part = np.where(far, q - np.floor(q), 0.5)
    left = s.zeta(x, 1 - part) - s.zeta(x, np.where(far, 1 - q, 2))
    whole = s.zeta(x, part) + np.where(np.remainder(x, 2) == 1, -left, left)
    return np.where(none, 0.0, np.where(far, whole, s.zeta(x, np.where(far, 2, q))))


def _beta_quantile(name: str) -> Callable[..., Any]:
    """SciPy's, with its limit 0 or 1 where one parameter is infinite, which SciPy has where the other is 1."""
    def run(a: Any, b: Any, y: Any) -> Any:
        import scipy.special

        endless = (np.isposinf(a) & (b > 0) & (b < np.inf)) | (np.isposinf(b) & (a > 0) & (a < np.inf))
        return np.where(endless & (y > 0) & (y < 1), np.isposinf(a), getattr(scipy.special, name)(a, b, y))

    return run


# -- the table -----------------------------------------------------------------------------------------------------------
s = special_op
PAIRS = {op.name: op for op in (
    s("xlogy", "x log(y), 0 where x is 0", _xlogy_vjp, "{0} \\, \\log\\left({1}\\right)", 2, flops=12.0),
    s("xlog1py", "x log(1 + y), 0 where x is 0", _xlog1py_vjp, "{0} \\, \\log\\left(1 + {1}\\right)", 2, flops=14.0),
    s("rel_entr", "x log(x / y): 0 where x is 0 and y is not below, inf outside x >= 0, y >= 0",
      lambda g, out, x, y: (g * (log(x / y) + 1), -g * (x / y)), "{0} \\, \\log \\frac{{{0}}}{{{1}}}", 2, flops=16.0),
    s("kl_div", "x log(x / y) - x + y, a term of the Kullback-Leibler divergence",
      lambda g, out, x, y: (g * log(x / y), g * (1 - x / y)), "{0} \\, \\log \\frac{{{0}}}{{{1}}} - {0} + {1}", 2, flops=18.0),
    s("beta", "beta function gamma(a) gamma(b) / gamma(a + b)", _beta_vjp, "B\\left({0}, {1}\\right)", 2, flops=120.0),
    s("betaln", "logarithm of |beta(a, b)|", _betaln_vjp, "\\log \\left|B\\left({0}, {1}\\right)\\right|", 2, flops=120.0),
    s("poch", "rising factorial gamma(z + m) / gamma(z)",
      lambda g, out, z, m: (g * out * (digamma(z + m) - digamma(z)), g * out * digamma(z + m)),
      "\\left({0}\\right)_{{{1}}}", 2, flops=120.0),
    s("polygamma", "derivative of order n of digamma", lambda g, out, n, x: (refused(out, "the order n"),
                                                                                           g * polygamma(n + 1, x)),
      "\\psi^{{\\left({0}\\right)}}\\left({1}\\right)", 2, _polygamma, flops=200.0),
    s("zeta", "Hurwitz' zeta function, the sum of (q + k)**-x over k >= 0",
      lambda g, out, x, q: (refused(out, "the exponent x"), -g * x * zeta(x + 1, q)), "\\zeta\\left({0}, {1}\\right)", 2,
      _zeta, flops=200.0),
    s("owens_t", "Owen's T function, of h and a", _owens_vjp, "T\\left({0}, {1}\\right)", 2, flops=300.0),
    s("gammainc", "regularised lower incomplete gamma function, of a and x",
      lambda g, out, a, x: (g * gammainc_da(a, x), g * _gamma_density(a, x)), "P\\left({0}, {1}\\right)", 2, flops=300.0),
    s("gammaincc", "regularised upper incomplete gamma function, of a and x",
      lambda g, out, a, x: (-g * gammainc_da(a, x), -g * _gamma_density(a, x)), "Q\\left({0}, {1}\\right)", 2, flops=300.0),
    s("gammaincinv", "inverse of gammainc: gammainc(a, gammaincinv(a, y)) = y",
      lambda g, out, a, y: (-g * gammainc_da(a, out) / _gamma_density(a, out), g / _gamma_density(a, out)),
      "P^{{-1}}\\left({0}, {1}\\right)", 2, flops=2000.0),
    s("gammainccinv", "inverse of gammaincc: gammaincc(a, gammainccinv(a, y)) = y",
      lambda g, out, a, y: (-g * gammainc_da(a, out) / _gamma_density(a, out), -g / _gamma_density(a, out)),
      "Q^{{-1}}\\left({0}, {1}\\right)", 2, flops=2000.0),
    s("betainc", "regularised incomplete beta function, of a, b and x",
      lambda g, out, a, b, x: (g * betainc_da(a, b, x), -g * betainc_da(b, a, 1 - x), g * _beta_density(a, b, x)),
      "I_{{{2}}}\\left({0}, {1}\\right)", 3, flops=300.0),
    s("betaincinv", "inverse of betainc: betainc(a, b, betaincinv(a, b, y)) = y", _betaincinv_vjp,
      "I^{{-1}}_{{{2}}}\\left({0}, {1}\\right)", 3, _beta_quantile("betaincinv"), flops=2000.0),
    s("betaincc", "complement 1 - betainc(a, b, x) of the regularised incomplete beta function, exact where it is small",
      lambda g, out, a, b, x: (-g * betainc_da(a, b, x), g * betainc_da(b, a, 1 - x), -g * _beta_density(a, b, x)),
      "\\bar{{I}}_{{{2}}}\\left({0}, {1}\\right)", 3, flops=300.0),
    s("betainccinv", "inverse of betaincc: betaincc(a, b, betainccinv(a, b, y)) = y",
      _betainccinv_vjp,
      "\\bar{{I}}^{{-1}}_{{{2}}}\\left({0}, {1}\\right)", 3, _beta_quantile("betainccinv"), flops=2000.0),
    s("jv", "Bessel function of the first kind, of order v",
      lambda g, out, v, x: (refused(out, "the order v"), 0.5 * g * (jv(v - 1, x) - jv(v + 1, x))),
      "J_{{{0}}}\\left({1}\\right)", 2, bessel("jv", 0.0), flops=500.0),
    s("yv", "Bessel function of the second kind, of order v",
      lambda g, out, v, x: (refused(out, "the order v"), 0.5 * g * (yv(v - 1, x) - yv(v + 1, x))),
      "Y_{{{0}}}\\left({1}\\right)", 2, bessel("yv", 0.0), flops=500.0),
    s("iv", "modified Bessel function of the first kind, of order v",
      lambda g, out, v, x: (refused(out, "the order v"), 0.5 * g * (iv(v - 1, x) + iv(v + 1, x))),
      "I_{{{0}}}\\left({1}\\right)", 2, bessel("iv", math.inf), flops=500.0),
    s("ive", "exp(-|x|) iv(v, x)",
      lambda g, out, v, x: (refused(out, "the order v"), g * (0.5 * (ive(v - 1, x) + ive(v + 1, x)) - sign(x) * out)),
      "e^{{-\\left|{1}\\right|}} \\, I_{{{0}}}\\left({1}\\right)", 2, bessel("ive", 0.0), flops=500.0),
    s("kv", "modified Bessel function of the second kind, of order v",
      lambda g, out, v, x: (refused(out, "the order v"), -0.5 * g * (kv(v - 1, x) + kv(v + 1, x))),
      "K_{{{0}}}\\left({1}\\right)", 2, bessel("kv", 0.0), flops=500.0),
    s("kve", "exp(x) kv(v, x)",
      lambda g, out, v, x: (refused(out, "the order v"), g * (out - 0.5 * (kve(v - 1, x) + kve(v + 1, x)))),
      "e^{{{1}}} \\, K_{{{0}}}\\left({1}\\right)", 2, bessel("kve", 0.0), flops=500.0),
    s("hyp2f1", "Gauss' hypergeometric function 2F1(a, b; c; z)",
      lambda g, out, a, b, c, z: (*(refused(out, f"the parameter {name}") for name in "abc"),
                                  g * (a * b / c) * hyp2f1(a + 1, b + 1, c + 1, z)),
      "{{}}_2F_1\\left({0}, {1}; {2}; {3}\\right)", 4, flops=1000.0),
)}
globals().update({name: builder_of(op, __name__) for name, op in PAIRS.items()})
__all__ += list(PAIRS)
