"""Distribution functions by the names of `scipy.special`: incomplete gamma and beta functions, and Student's t."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..expr import Expr
from ..op import BUILDERS, builder
from .elementwise import builder_of, where
from .special import float_args, special_op

__all__ = ["LAWS", "bdtr", "bdtrc", "bdtri", "chdtr", "chdtrc", "chdtri", "fdtr", "fdtrc", "fdtri", "gdtr", "gdtrc", "gdtria",
           "gdtrix", "nbdtr", "nbdtrc", "nbdtri", "nrdtrimn", "nrdtrisd", "pdtr", "pdtrc", "pdtri"]


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


betainc, betaincc, betainccinv, betaincinv = map(_later, ("betainc", "betaincc", "betainccinv", "betaincinv"))
gammainc, gammaincc, gammainccinv, gammaincinv = map(_later, ("gammainc", "gammaincc", "gammainccinv", "gammaincinv"))
equal, floor, less, exp, gammaln, log1p = map(_later, ("equal", "floor", "less", "exp", "gammaln", "log1p"))
either, sign, betainc_da = map(_later, ("logical_or", "sign", "betainc_da"))


def _three(*values: Any) -> tuple[Expr, ...]:
    return float_args(*values)


def _two(*values: Any) -> tuple[Expr, ...]:
    return float_args(*values)


def _unless(bad: Any, value: Expr) -> Expr:
    return where(bad, math.nan, value)


# -- binomial, negative binomial, Poisson ------------------------------------------------------------------------------------
def _binomial(k: Any, n: Any, p: Any) -> tuple[Expr, ...]:
    """floor(k) + 1, how many are left or 1, p; whether none are left; whether k is outside, below 0."""
    k, n, p = _three(k, n, p)
    low = floor(k)
    rest = floor(n) - low
    all_of_them = equal(rest, 0)
    below = less(low, 0)
    return where(below, 1, low + 1), where(less(rest, 1), 1, rest), p, all_of_them, less(rest, 0), below


@builder
def bdtr(k: Any, n: Any, p: Any) -> Expr:
    """Probability of at most floor(k) successes in n trials, each with probability p. NaN outside 0 <= k <= n, 0 <= p <= 1.

    >>> bdtr(1, 2, 0.5).eval()
    array(0.75)
    """
    a, b, p, full, over, below = _binomial(k, n, p)
    return _unless(either(over, below), where(full, 1, betaincc(a, b, p)))


@builder
def bdtrc(k: Any, n: Any, p: Any) -> Expr:
    """Probability of more than floor(k) successes in n trials, each with probability p; 1 for k < 0.

    >>> bdtrc(1, 2, 0.5).eval()
    array(0.25)
    """
    a, b, p, full, over, below = _binomial(k, n, p)
    return _unless(over, where(full, 0, where(below, 1, betainc(a, b, p))))


@builder
def bdtri(k: Any, n: Any, y: Any) -> Expr:
    """The p for which bdtr(k, n, p) = y.

    >>> bdtri(1, 2, 0.75).eval().round(12)
    np.float64(0.5)
    """
    a, b, y, full, over, below = _binomial(k, n, y)
    return _unless(either(either(over, full), below), betainccinv(a, b, y))


@builder
def nbdtr(k: Any, n: Any, p: Any) -> Expr:
    """Probability of at most k failures before success number n, each success with probability p.

    >>> nbdtr(0, 2, 0.5).eval()
    array(0.25)
    """
    k, n, p = _three(k, n, p)
    return betainc(n, k + 1, p)


@builder
def nbdtrc(k: Any, n: Any, p: Any) -> Expr:
    """Probability of more than k failures before success number n.

    >>> nbdtrc(0, 2, 0.5).eval()
    array(0.75)
    """
    k, n, p = _three(k, n, p)
    return betaincc(n, k + 1, p)


@builder
def nbdtri(k: Any, n: Any, y: Any) -> Expr:
    """The p for which nbdtr(k, n, p) = y.

    >>> nbdtri(0, 2, 0.25).eval().round(12)
    np.float64(0.5)
    """
    k, n, y = _three(k, n, y)
    return betaincinv(n, k + 1, y)


@builder
def pdtr(k: Any, m: Any) -> Expr:
    """Probability of at most floor(k) events where m are to be expected.

    >>> pdtr(0, 1.0).eval().round(4)
    np.float64(0.3679)
    """
    k, m = _two(k, m)
    return _unless(less(k, 0), gammaincc(floor(k) + 1, m))


@builder
def pdtrc(k: Any, m: Any) -> Expr:
    """Probability of more than floor(k) events where m are to be expected.

    >>> pdtrc(0, 1.0).eval().round(4)
    np.float64(0.6321)
    """
    k, m = _two(k, m)
    return _unless(less(k, 0), gammainc(floor(k) + 1, m))


@builder
def pdtri(k: Any, y: Any) -> Expr:
    """The m for which pdtr(k, m) = y.

    >>> pdtri(0, 0.5).eval().round(4)
    np.float64(0.6931)
    """
    k, y = _two(k, y)
    return _unless(either(less(k, 0), BUILDERS["greater_equal"](y, 1)), gammainccinv(floor(k) + 1, y))


# -- chi-squared, gamma, F ---------------------------------------------------------------------------------------------------
@builder
def chdtr(v: Any, x: Any) -> Expr:
    """Distribution function of the chi-squared distribution with v degrees of freedom.

    >>> chdtr(2.0, 2.0).eval().round(4)
    np.float64(0.6321)
    """
    v, x = _two(v, x)
    return gammainc(0.5 * v, 0.5 * x)


@builder
def chdtrc(v: Any, x: Any) -> Expr:
    """1 - chdtr(v, x), exact where it is small.

    >>> chdtrc(2.0, 2.0).eval().round(4)
    np.float64(0.3679)
    """
    v, x = _two(v, x)
    return gammaincc(0.5 * v, 0.5 * x)


@builder
def chdtri(v: Any, p: Any) -> Expr:
    """The x for which chdtrc(v, x) = p.

    >>> chdtri(2.0, 0.5).eval().round(4)
    np.float64(1.3863)
    """
    v, p = _two(v, p)
    return 2 * gammainccinv(0.5 * v, p)


@builder
def gdtr(a: Any, b: Any, x: Any) -> Expr:
    """Distribution function of the gamma distribution of rate a and shape b.

    >>> gdtr(1.0, 1.0, 1.0).eval().round(4)
    np.float64(0.6321)
    """
    a, b, x = _three(a, b, x)
    return _unless(less(x, 0), gammainc(b, a * x))


@builder
def gdtrc(a: Any, b: Any, x: Any) -> Expr:
    """1 - gdtr(a, b, x), exact where it is small.

    >>> gdtrc(1.0, 1.0, 1.0).eval().round(4)
    np.float64(0.3679)
    """
    a, b, x = _three(a, b, x)
    return _unless(less(x, 0), gammaincc(b, a * x))


@builder
def gdtria(p: Any, b: Any, x: Any) -> Expr:
    """The rate a for which gdtr(a, b, x) = p.

    >>> gdtria(0.5, 1.0, 1.0).eval().round(4)
    np.float64(0.6931)
    """
    p, b, x = _three(p, b, x)
    none = equal(x, 0)
    return _unless(none, gammaincinv(b, p) / where(none, 1, x))


@builder
def gdtrix(a: Any, b: Any, p: Any) -> Expr:
    """The x for which gdtr(a, b, x) = p.

    >>> gdtrix(1.0, 1.0, 0.5).eval().round(4)
    np.float64(0.6931)
    """
    a, b, p = _three(a, b, p)
    return gammaincinv(b, p) / a


def _shares(dfn: Any, dfd: Any, x: Any) -> tuple[Expr, ...]:
    """Half of both degrees of freedom, x's share w of a sum and the rest 1 - w."""
    dfn, dfd, x = _three(dfn, dfd, x)
    endless = equal(x, math.inf)
    ratio = where(endless, 1, dfn * x / dfd)
    return 0.5 * dfn, 0.5 * dfd, where(endless, 1, ratio / (1 + ratio)), where(endless, 0, 1 / (1 + ratio))


@builder
def fdtr(dfn: Any, dfd: Any, x: Any) -> Expr:
    """Distribution function of the F distribution with dfn and dfd degrees of freedom.

    >>> fdtr(2.0, 2.0, 1.0).eval()
    array(0.5)
    """
    a, b, w, u = _shares(dfn, dfd, x)
    low = less(w, 0.5)
    found = where(low, betainc(a, b, where(low, w, 0.5)), betaincc(b, a, where(low, 0.5, u)))
    return _unless(either(equal(a, 0), equal(b, 0)), found)


@builder
def fdtrc(dfn: Any, dfd: Any, x: Any) -> Expr:
    """1 - fdtr(dfn, dfd, x), exact where it is small.

    >>> fdtrc(2.0, 2.0, 1.0).eval()
    array(0.5)
    """
    a, b, w, u = _shares(dfn, dfd, x)
    low = less(w, 0.5)
    found = where(low, betaincc(a, b, where(low, w, 0.5)), betainc(b, a, where(low, 0.5, u)))
    return _unless(either(equal(a, 0), equal(b, 0)), found)


@builder
def fdtri(dfn: Any, dfd: Any, p: Any) -> Expr:
    """The x for which fdtr(dfn, dfd, x) = p.

    >>> fdtri(2.0, 2.0, 0.5).eval().round(12)
    np.float64(1.0)
    """
    dfn, dfd, p = _three(dfn, dfd, p)
    a, b = 0.5 * dfn, 0.5 * dfd
    return b * betaincinv(a, b, p) / (a * betainccinv(b, a, p))


# -- normal and Student's t --------------------------------------------------------------------------------------------------
@builder
def nrdtrimn(p: Any, std: Any, x: Any) -> Expr:
    """The mean of the normal distribution of deviation std whose distribution function is p at x.

    >>> nrdtrimn(0.5, 1.0, 3.0).eval()
    array(3.)
    """
    p, std, x = _three(p, std, x)
    return _unless(BUILDERS["less_equal"](std, 0), x - std * BUILDERS["ndtri"](p))


@builder
def nrdtrisd(mn: Any, p: Any, x: Any) -> Expr:
    """The deviation of the normal distribution of mean mn whose distribution function is p at x.

    >>> nrdtrisd(0.0, 0.975, 1.0).eval().round(4)
    np.float64(0.5102)
    """
    mn, p, x = _three(mn, p, x)
    return (x - mn) / BUILDERS["ndtri"](p)


def _stdtrit(df: Any, p: Any) -> Any:
    """SciPy's, which is inf for p = 0."""
    import scipy.special

    return np.where((p == 0) & (df > 0), -np.inf, scipy.special.stdtrit(df, p))


def _density(df: Expr, t: Expr) -> Expr:
    """Of Student's t."""
    return exp(gammaln(0.5 * (df + 1)) - gammaln(0.5 * df) - 0.5 * (df + 1) * log1p(t * t / df)) / BUILDERS["sqrt"](math.pi * df)


def _by_freedom(df: Expr, t: Expr) -> Expr:
    """The derivative of stdtr(df, t) by df: through t / sqrt(df), and through the shape of the incomplete beta function."""
    return -t / (2 * df) * _density(df, t) - 0.25 * sign(t) * betainc_da(0.5 * df, 0.5, df / (df + t * t))


def _stdtr_vjp(g: Expr, out: Expr, df: Expr, t: Expr) -> tuple[Expr, Expr]:
    return g * _by_freedom(df, t), g * _density(df, t)


def _stdtrit_vjp(g: Expr, out: Expr, df: Expr, p: Expr) -> tuple[Expr, Expr]:
    return -g * _by_freedom(df, out) / _density(df, out), g / _density(df, out)


LAWS = {op.name: op for op in (
    special_op("stdtr", "distribution function of Student's t distribution with df degrees of freedom, at t", _stdtr_vjp,
               "F_{{t({0})}}\\left({1}\\right)", 2, flops=400.0),
    special_op("stdtrit", "quantile of Student's t distribution: stdtr(df, stdtrit(df, p)) = p", _stdtrit_vjp,
               "F_{{t({0})}}^{{-1}}\\left({1}\\right)", 2, _stdtrit, flops=2000.0),
)}
globals().update({name: builder_of(op, __name__) for name, op in LAWS.items()})
__all__ += list(LAWS)
