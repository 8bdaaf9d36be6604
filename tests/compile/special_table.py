"""What special functions are in mpmath's numbers, and where: the table that accuracy is measured over (docs/special.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
COUNT = 60                      # of functions of several arguments, which mpmath takes its time for


@dataclass(frozen=True)
class Row:
    """A function: `exact` of mpmath's numbers, arguments to try, and where they lie in words. `amplitude`: what errors are measured
    by if not by the value itself, for functions that oscillate."""

    name: str
    exact: Callable[..., Any]
    where: str
    at: tuple[Array, ...]
    amplitude: Callable[..., Any] | None = None

    @property
    def function(self) -> str:
        """The name less what tells rows of one function apart."""
        return self.name.split()[0]


def spread(low: float, high: float, seed: int = 0, count: int = 4 * COUNT) -> Array:
    """Random numbers as many in each decade."""
    return np.exp(np.random.default_rng(seed).uniform(np.log(low), np.log(high), count))


def even(low: float, high: float, seed: int = 0, count: int = 4 * COUNT) -> Array:
    """Random numbers, evenly."""
    return np.random.default_rng(seed).uniform(low, high, count)


def join(*parts: Array) -> Array:
    """All of them."""
    return np.concatenate(parts)


def beta_share(a: Any, b: Any, x: Any) -> Any:
    """betainc by its series of positive terms (DLMF 8.17.8 with 15.8.1), of whichever of x and 1 - x is below 1/2; and of x where
    the other way cancels. mpmath's own gives up for parameters of thousands."""
    import mpmath as mp

    def left(p: Any, q: Any, u: Any) -> Any:
        one = 1 << 500
        total = term = one
        above, below, share = (int(mp.floor(v * one)) for v in (p + q, p + 1, u))
        while term > total >> 400:
            term = term * above // below * share >> 500
            total, above, below = total + term, above + one, below + one
        return mp.exp(p * mp.log(u) + q * mp.log(1 - u) - mp.loggamma(p) - mp.loggamma(q) + mp.loggamma(p + q)) / p * total / one

    with mp.workdps(140):
        found = left(a, b, x) if x <= 0.5 else 1 - left(b, a, 1 - x)
        return found if found > 1e-60 else left(a, b, x)


def near_the_mean(a: Array, b: Array, seed: int) -> Array:
    """Numbers within six deviations of the mean of a beta distribution, and inside 0 to 1."""
    mean = a / (a + b)
    away = np.sqrt(mean * (1 - mean) / (a + b + 1)) * even(-6, 6, seed, len(a))
    return np.clip(mean + away, 0.01 * mean, mean + 0.99 * (1 - mean))


def table() -> list[Row]:
    """The rows."""
    import mpmath as mp

    def erfcx(x: Any) -> Any:
        return mp.exp(x * x) * mp.erfc(x)

    def below(y: Any, erfc: Callable[[Any], Any], start: Any) -> Any:
        """x with log(erfc(x)) = log(y), by Newton's method."""
        x = start
        for _ in range(80):
            value = erfc(x)
            step = mp.log(value / y) * value * mp.exp(x * x) * mp.sqrt(mp.pi) / 2
            x += step
            if abs(step) < mp.mpf(10) ** -40 * (1 + abs(x)):
                break
        return x

    def erfcinv(y: Any) -> Any:
        return mp.erfinv(1 - y) if y > 0.3 else below(y, mp.erfc, mp.sqrt(-mp.log(y * mp.sqrt(-mp.pi * mp.log(y)))))

    def ndtri(p: Any) -> Any:
        return -mp.sqrt(2) * erfcinv(2 * p) if p < 0.5 else mp.sqrt(2) * erfcinv(2 * (1 - p))

    def log_gamma(x: Any) -> Any:
        return mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x)

    one = (
        Row("erfcx", erfcx, "-26 to 1e8", (join(even(-26, 10), spread(1e-8, 1e8), -spread(1e-8, 1)),)),
        Row("erfinv", lambda x: mp.sign(x) * erfcinv(1 - abs(x)), "-1 to 1", (join(even(-1, 1), 1 - spread(1e-15, 0.5), spread(1e-10, 1)),)),
        Row("erfcinv", lambda y: erfcinv(y) if y < 1 else -erfcinv(2 - y), "0 to 2", (join(spread(1e-300, 1), even(0, 2)),)),
        Row("ndtr", mp.ncdf, "-37 to 9", (join(even(-37, 9), even(-3, 3)),)),
        Row("log_ndtr", lambda x: mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2) if x > 0 else mp.log(mp.erfc(-x / mp.sqrt(2)) / 2), "-1000 to 9",
            (join(even(-100, 9), even(-3, 3), -spread(1, 1e3)),)),
        Row("ndtri", ndtri, "0 to 1", (join(spread(1e-300, 0.5), even(0, 1)),)),
        Row("ndtri_exp", lambda y: ndtri(mp.exp(y)) if y < -0.5 else mp.sqrt(2) * erfcinv(-2 * mp.expm1(y)), "-10000 to 0",
            (join(-spread(1e-15, 1e4), even(-2, 0)),)),
        Row("gamma", mp.gamma, "-20 to 171", (join(even(0, 20), spread(1e-9, 171.6), even(-20, 0)),)),
        Row("rgamma", mp.rgamma, "-20 to 171", (join(even(0, 20), spread(1e-9, 171.6), even(-20, 0)),)),
        Row("gammaln", log_gamma, "0 to 1e9", (join(even(0, 10), spread(1e-9, 1e9), 1 + spread(1e-10, 0.1), 2 - spread(1e-10, 0.1)),)),
        Row("digamma", mp.digamma, "0 to 1e9", (join(even(0, 10), spread(1e-9, 1e9)),)),
        Row("trigamma", lambda x: mp.psi(1, x), "0 to 1e9", (join(even(0, 10), spread(1e-9, 1e9)),)),
        *_bessel(mp),
        Row("logit", lambda x: mp.log(x) - mp.log1p(-x), "0 to 1", (join(even(0, 1), spread(1e-300, 0.5), 1 - spread(1e-15, 0.5)),)),
        Row("log1mexp", lambda x: mp.log(-mp.expm1(x)), "-40 to 0", (join(-spread(1e-30, 40), even(-3, 0)),)),
        Row("entr", lambda x: -x * mp.log(x), "0 to 1e100", (spread(1e-300, 1e100),)),
        Row("exp10", lambda x: mp.mpf(10) ** x, "-300 to 300", (even(-300, 300),)),
        Row("cosm1", lambda x: -2 * mp.sin(x / 2) ** 2, "-6 to 6", (join(even(-6, 6), spread(1e-100, 1)),)),
    )
    return [*one, *_several(mp)]


def _bessel(mp: Any) -> list[Row]:
    """Those of orders 0 and 1."""
    def size(n: int) -> Callable[[Any], Any]:
        return lambda x: mp.sqrt(mp.besselj(n, x) ** 2 + mp.bessely(n, x) ** 2)

    return [
        *(Row(f"j{n}", lambda x, n=n: mp.besselj(n, x), "-100 to 100", (join(even(0, 8, n), even(8, 100), -spread(1e-9, 100)),), size(n))
          for n in (0, 1)),
        *(Row(f"y{n}", lambda x, n=n: mp.bessely(n, x), "0 to 100", (join(even(0, 8, n), even(8, 100), spread(1e-9, 1)),), size(n))
          for n in (0, 1)),
        *(Row(f"i{n}", lambda x, n=n: mp.besseli(n, x), "-700 to 700", (join(even(0, 20, n), spread(1e-9, 700), -spread(1, 100)),))
          for n in (0, 1)),
        *(Row(f"i{n}e", lambda x, n=n: mp.besseli(n, x) * mp.exp(-abs(x)), "-1e6 to 1e6", (join(even(0, 20, n), spread(1e-9, 1e6)),))
          for n in (0, 1)),
        *(Row(f"k{n}", lambda x, n=n: mp.besselk(n, x), "0 to 700", (join(even(0, 20, n), spread(1e-9, 700)),)) for n in (0, 1)),
        *(Row(f"k{n}e", lambda x, n=n: mp.besselk(n, x) * mp.exp(x), "0 to 1e4", (join(even(0, 20, n), spread(1e-9, 1e4)),)) for n in (0, 1)),
    ]


def _several(mp: Any) -> list[Row]:
    """Those of several arguments."""
    a, x = join(spread(0.05, 100, 1, COUNT), spread(0.1, 1000, 2, COUNT)), join(spread(0.05, 100, 3, COUNT), spread(0.1, 1000, 2, COUNT) * even(0.6, 1.5, 4, COUNT))
    shapes, inside = (spread(0.1, 100, 5, COUNT), spread(0.1, 100, 6, COUNT)), even(0.02, 0.98, 7, COUNT)
    wide = spread(0.01, 1e4, 11, COUNT), spread(0.01, 1e4, 12, COUNT)
    orders, far = join(even(0, 20, 8, COUNT), np.floor(even(0, 12, 9, COUNT))), spread(0.01, 100, 10, 2 * COUNT)

    def owens(h: Any, t: Any) -> Any:
        return mp.quad(lambda u: mp.exp(-h * h * (1 + u * u) / 2) / (1 + u * u), [0, t / 4, t / 2, t]) / (2 * mp.pi)

    def ring(v: Any, x: Any) -> Any:
        return mp.sqrt(mp.besselj(v, x) ** 2 + mp.besselj(v + 1, x) ** 2)

    return [
        Row("xlogy", lambda p, q: p * mp.log(q), "0.01 to 100", (spread(0.01, 100, 1, COUNT), spread(0.01, 100, 2, COUNT))),
        Row("xlog1py", lambda p, q: p * mp.log1p(q), "1e-6 to 100", (spread(0.01, 100, 1, COUNT), spread(1e-6, 100, 2, COUNT))),
        Row("rel_entr", lambda p, q: p * mp.log(p / q), "0.01 to 100", (spread(0.01, 100, 1, COUNT), spread(0.01, 100, 2, COUNT))),
        Row("beta", mp.beta, "0.01 to 60", (spread(0.01, 60, 1, COUNT), spread(0.01, 60, 2, COUNT))),
        Row("beta far", mp.beta, "0.01 to 10000, 0.01 to 50", (spread(0.01, 1e4, 3, COUNT), spread(0.01, 50, 4, COUNT))),
        Row("beta left", mp.beta, "-100 to 100", (-spread(0.01, 100, 5, COUNT), join(spread(0.01, 100, 6, COUNT // 2), -spread(0.01, 100, 6, COUNT // 2)))),
        Row("betaln", lambda p, q: mp.log(mp.beta(p, q)), "0.01 to 10000", (spread(0.01, 1e4, 1, COUNT), spread(0.01, 1e4, 2, COUNT))),
        Row("poch", mp.rf, "0.1 to 50", (spread(0.1, 50, 1, COUNT), even(0, 40, 2, COUNT))),
        Row("polygamma", lambda n, q: mp.psi(int(n), q), "orders 1 to 7, 0.01 to 100", (np.floor(even(1, 8, 1, COUNT)), spread(0.01, 100, 2, COUNT))),
        Row("zeta", mp.zeta, "1.01 to 30, 0.01 to 100", (1 + spread(0.01, 30, 1, COUNT), spread(0.01, 100, 2, COUNT))),
        Row("owens_t", owens, "0 to 8, 0 to 3", (even(0, 8, 1, 20), even(0, 3, 2, 20))),
        Row("gammainc", lambda p, q: mp.gammainc(p, 0, q, regularized=True), "0.05 to 1000", (a, x)),
        Row("gammaincc", lambda p, q: mp.gammainc(p, q, regularized=True), "0.05 to 1000", (a, x)),
        Row("betainc", lambda p, q, u: mp.betainc(p, q, 0, u, regularized=True), "0.1 to 100", (*shapes, inside)),
        Row("betainc far", beta_share, "0.01 to 10000, six deviations", (*wide, near_the_mean(*wide, 13))),
        Row("betainc small", beta_share, "1e-12 to 10", (spread(1e-12, 10, 14, COUNT), spread(1e-12, 10, 15, COUNT), inside)),
        Row("jv", mp.besselj, "orders 0 to 20, 0.01 to 100", (orders, far), ring),
        Row("iv", mp.besseli, "orders 0 to 20, 0.01 to 100", (orders, far)),
        Row("ive", lambda v, q: mp.besseli(v, q) * mp.exp(-q), "orders 0 to 20, 0.01 to 100", (orders, far)),
        Row("kv", mp.besselk, "orders 0 to 20, 0.01 to 100", (orders, far)),
        Row("kve", lambda v, q: mp.besselk(v, q) * mp.exp(q), "orders 0 to 20, 0.01 to 100", (orders, far)),
    ]
