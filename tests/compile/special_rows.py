"""Rows of the table of special functions: integrals, elliptic integrals, Airy's functions, roots, distributions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.compile.special_table import COUNT, Row, beta_share, even, join, near_the_mean, spread


def more() -> list[Row]:
    """All of them."""
    import mpmath as mp

    return [*_integrals(mp), *_airy(mp), *_elliptic(mp), *_roots(mp), *_laws(mp)]


def _integrals(mp: Any) -> list[Row]:
    def dawson(x: Any) -> Any:
        return mp.exp(-x * x) * mp.erfi(x) * mp.sqrt(mp.pi) / 2

    def trig(x: Any) -> Any:
        return 1 / x if x > 1 else 1 - mp.log(x)

    def cosine(x: Any) -> Any:
        return mp.re(mp.ci(abs(x)))

    return [
        Row("exp1", mp.e1, "0 to 700", (join(even(0, 12), spread(1e-300, 700)),)),
        Row("expi", mp.ei, "-700 to 700", (join(even(-12, 45), spread(1e-300, 700), -spread(1e-300, 700)),)),
        Row("expn", lambda n, x: mp.expint(int(n), x), "orders 0 to 30, 1e-3 to 300",
            (np.floor(even(0, 30, 1, COUNT)), spread(1e-3, 300, 2, COUNT))),
        Row("dawsn", dawson, "-1e8 to 1e8", (join(even(-9, 9), spread(1e-300, 1e8)),)),
        Row("erfi", mp.erfi, "-26 to 26", (join(even(-26, 26), spread(1e-300, 10)),)),
        Row("sine_integral", mp.si, "-1e4 to 1e4", (join(even(-20, 20), spread(1e-300, 1e4)),)),
        Row("cosine_integral", cosine, "1e-300 to 1e4", (join(even(0, 20), spread(1e-300, 1e4)),), trig),
        Row("fresnel_s", mp.fresnels, "-1e4 to 1e4", (join(even(-6, 6), spread(1e-90, 1e4)),)),
        Row("fresnel_c", mp.fresnelc, "-1e4 to 1e4", (join(even(-6, 6), spread(1e-300, 1e4)),)),
        Row("spence", lambda z: mp.re(mp.polylog(2, 1 - z)), "0 to 1e8", (join(even(0, 4), spread(1e-300, 1e8)),)),
        Row("wofz_real", lambda x, y: mp.re(_faddeeva(mp, x, y)), "-20 to 20, 1e-6 to 20", _plane(5)),
        Row("wofz_imag", lambda x, y: mp.im(_faddeeva(mp, x, y)), "-20 to 20, 1e-6 to 20", _plane(5)),
    ]


def _faddeeva(mp: Any, x: Any, y: Any) -> Any:
    z = mp.mpc(x, y)
    with mp.workdps(250):
        return mp.exp(-z * z) * mp.erfc(-1j * z)


def _plane(seed: int) -> tuple[Any, Any]:
    return join(even(-20, 20, seed, COUNT), even(-7, 7, seed, 2 * COUNT)), join(spread(1e-6, 20, seed + 1, 2 * COUNT), even(0, 4, seed, COUNT))


def _airy(mp: Any) -> list[Row]:
    def size(order: int) -> Any:
        def amplitude(a: Any) -> Any:           # of |x|: the row's arguments below 0 are where it counts
            return mp.sqrt(mp.airyai(-a, derivative=order) ** 2 + mp.airybi(-a, derivative=order) ** 2)
        return amplitude

    both = []
    for name, f, high in (("ai", mp.airyai, 100), ("bi", mp.airybi, 100)):
        for order, mark in ((0, ""), (1, "p")):
            exact = lambda x, f=f, n=order: f(x, derivative=n)
            both.append(Row(f"airy_{name}{mark}", exact, "-200 to 0", (join(-spread(1e-9, 200), even(-12, 0)),), size(order)))
            both.append(Row(f"airy_{name}{mark} right", exact, f"0 to {high}", (join(spread(1e-9, high), even(0, 12)),)))
    return both


def _elliptic(mp: Any) -> list[Row]:
    parameters = join(even(-3, 1), 1 - spread(1e-15, 1), -spread(1e-9, 1e9))
    angles, inside = join(even(-1.5, 1.5, 1, COUNT), even(-9, 9, 2, COUNT)), join(even(-2, 0.99, 3, COUNT), even(0, 0.999, 4, COUNT))
    a, b, c = (spread(1e-3, 1e3, k, COUNT) for k in (1, 2, 3))

    return [
        Row("ellipk", mp.ellipk, "-1e9 to 1", (parameters,)),
        Row("ellipkm1", lambda p: mp.pi / 2 / mp.agm(1, mp.sqrt(p)), "1e-300 to 1e9", (join(spread(1e-300, 1e9), even(0, 2)),)),
        Row("ellipe", mp.ellipe, "-1e9 to 1", (parameters,)),
        Row("ellipkinc", mp.ellipf, "-9 to 9, -2 to 1", (angles, inside)),
        Row("ellipeinc", mp.ellipe, "-9 to 9, -2 to 1", (angles, inside)),
        Row("elliprc", mp.elliprc, "1e-3 to 1e3", (a, join(b[:COUNT // 2], -b[COUNT // 2:]))),
        Row("elliprf", mp.elliprf, "1e-3 to 1e3", (a, b, c)),
        Row("elliprd", mp.elliprd, "1e-3 to 1e3", (a, b, c)),
    ]


def _roots(mp: Any) -> list[Row]:
    def omega(x: Any) -> Any:
        w = mp.lambertw(mp.exp(x)) if x < 500 else x - mp.log(x)
        for _ in range(8):
            w = w * (1 + x - mp.log(w)) / (1 + w)
        return w

    def above(x: Any) -> Any:
        if x < 0.2:
            return 1 - mp.sqrt(2 * mp.pi) / x * mp.nsum(lambda k: mp.exp(-(2 * k - 1) ** 2 * mp.pi**2 / (8 * x * x)), [1, 6])
        return 2 * mp.fsum((-1) ** (k - 1) * mp.exp(-2 * (k * x) ** 2) for k in range(1, 60))

    def quantile(p: Any) -> Any:
        start = mp.sqrt(-mp.log(p / 2) / 2) if p < 0.6 else mp.mpf("0.6")
        return mp.findroot(lambda x: mp.log(above(x) / p), start) if p < 0.6 else mp.findroot(lambda x: above(x) - p, start)

    edge = -float(mp.exp(-1))
    return [
        Row("lambertw_0", lambda z: mp.re(mp.lambertw(z)), "-1/e to 1e300",
            (join(even(edge, 1), spread(1e-300, 1e300), edge + spread(1e-12, 0.3)),)),
        Row("lambertw_m1", lambda z: mp.re(mp.lambertw(z, -1)), "-1/e to 0",
            (join(even(edge, 0), -spread(1e-300, 0.36), edge + spread(1e-12, 0.3)),)),
        Row("wrightomega", omega, "-100 to 1e8", (join(even(-100, 100), even(-3, 3), spread(1, 1e8)),)),
        Row("kolmogorov", above, "0.2 to 15", (join(even(0.2, 3), spread(0.5, 15)),)),
        Row("kolmogi", quantile, "1e-200 to 0.999", (join(even(0, 0.999, 0, COUNT), spread(1e-200, 0.5, 1, COUNT)),)),
        Row("hyp0f1", mp.hyp0f1, "0.5 to 50, -1 to 1000",
            (spread(0.5, 50, 1, 2 * COUNT), join(spread(0.01, 1000, 2, COUNT), -spread(0.01, 1, 3, COUNT)))),
    ]


def _laws(mp: Any) -> list[Row]:
    shapes, inside = (spread(0.1, 100, 5, COUNT), spread(0.1, 100, 6, COUNT)), even(0.02, 0.98, 7, COUNT)

    wide = spread(0.01, 1e4, 11, COUNT), spread(0.01, 1e4, 12, COUNT)

    def student(df: Any, t: Any) -> Any:
        tail = beta_share(df / 2, mp.mpf(1) / 2, df / (df + t * t)) / 2
        return tail if t < 0 else 1 - tail

    def above(p: Any, q: Any, u: Any) -> Any:
        return beta_share(q, p, 1 - u)

    return [
        Row("betaincc", lambda p, q, u: mp.betainc(p, q, u, 1, regularized=True), "0.1 to 100", (*shapes, inside)),
        Row("betaincc far", above, "0.01 to 10000, six deviations", (*wide, near_the_mean(*wide, 13))),
        Row("betaincc small", above, "1e-12 to 10", (spread(1e-12, 10, 14, COUNT), spread(1e-12, 10, 15, COUNT), inside)),
        Row("stdtr", student, "0.2 to 200, -30 to 30", (spread(0.2, 200, 1, COUNT), even(-30, 30, 2, COUNT))),
        Row("stdtr far", student, "0.01 to 10000, -38 to 0", (spread(0.01, 1e4, 3, COUNT), -even(0, 38, 4, COUNT))),
    ]
