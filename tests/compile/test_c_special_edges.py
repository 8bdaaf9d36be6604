"""Special functions in C where their arguments are tiny, huge or at an end: the values are SciPy's or mpmath's, and they come at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B

INF, NAN = np.inf, np.nan


def values(f: Any, *columns: Any) -> tuple[Any, Any]:
    """Of compiled code and of the interpreter."""
    args = [np.asarray(c) for c in columns]
    xs = [tv.vector(f"x{k}", dtype=str(a.dtype)) for k, a in enumerate(args)]
    out = f(*xs)
    return tv.function(xs, out)(*args), tv.evaluate([out], dict(zip(xs, args, strict=True)))[0]


def check(f: Any, *columns: Any, meant: Any, rtol: float = 1e-12) -> None:
    for found in values(f, *columns):
        np.testing.assert_allclose(found, meant, rtol=rtol, atol=0)


# -- zeta ------------------------------------------------------------------------------------------------------------------
ZETA = [(INF, 2, 0), (INF, 1, 1), (INF, 0.5, INF), (INF, INF, 0), (1e300, 2, 0), (1e300, 1 + 1e-10, 0), (5, INF, 0), (5, 1e300, 0), (1e8, 1e5, 0),
        (2.5, INF, 0), (INF, -0.5, INF), (INF, -INF, INF), (2, -INF, INF), (NAN, INF, NAN), (INF, NAN, NAN)]


def test_zeta_ends_for_every_exponent() -> None:
    s, q, meant = np.array(ZETA, float).T
    check(B["zeta"], s, q, meant=meant)
    check(lambda x: B["zeta"](x, 2.0), s[:1], meant=[0])
    check(T.special.zetac, np.array([INF, 1e300, 60, -INF, NAN]), meant=scipy.special.zetac([INF, 1e300, 60, NAN, NAN]))
    check(lambda x: B["polygamma"](x, 2.0), np.array([1e300, 3]), meant=[NAN, scipy.special.polygamma(3, 2.0)])


def test_zeta_far_left_of_0_and_near_its_pole_is_mpmaths() -> None:
    import mpmath as mp

    for s, q in [(2, -25.25), (3, -25.25), (3, -1000.4), (2, -1000.25), (7, -19.7), (2, -20.3), (1 + 1e-10, 1e-20)]:
        with mp.workdps(40):
            meant = float(mp.fsum(mp.power(mp.mpf(q) + k, -s) for k in range(1100)) + mp.zeta(s, mp.mpf(q) + 1100))
        np.testing.assert_allclose(values(B["zeta"], [float(s)], [q])[0], meant, rtol=2e-14)
    far = values(B["zeta"], [2.0, 3.0], [-1e15 + 0.5, -1e15 + 0.5])[0]         # as many terms as no loop should go through
    np.testing.assert_allclose(far, [np.pi**2 - 1e-15, 0], rtol=1e-14, atol=1e-14)


# -- incomplete gamma ------------------------------------------------------------------------------------------------------
def gamma_tails(a: float, x: float) -> tuple[float, float]:
    """gammainc and gammaincc of large a by Gauss' rule on x = a exp(t), where the density of t is smooth, independent of any expansion."""
    import mpmath as mp

    with mp.workdps(40):
        a, x = mp.mpf(a), mp.mpf(x)
        width, at = 1 / mp.sqrt(a), mp.log(x / a)
        density = lambda t: mp.exp(a * (t - mp.expm1(t)) + a * mp.log(a) - a - mp.loggamma(a))
        below = mp.quad(density, [at - 40 * width * k / 8 for k in range(8, -1, -1)]) if x < a else None
        above = mp.quad(density, [at + 40 * width * k / 8 for k in range(9)]) if x >= a else None
    return float(1 - above if below is None else below), float(1 - below if above is None else above)


def test_incomplete_gamma_of_large_a_is_mpmaths() -> None:
    for a in (201.0, 1e3, 1e6, 1e10, 1e13):
        at = np.array([a * (1 + k / np.sqrt(a)) for k in (-4, -1, -0.01, 0, 0.01, 1, 4)])
        lower, upper = np.array([gamma_tails(a, x) for x in at]).T
        np.testing.assert_allclose(values(B["gammainc"], np.full(7, a), at)[0], lower, rtol=2e-14)
        np.testing.assert_allclose(values(B["gammaincc"], np.full(7, a), at)[0], upper, rtol=2e-14)


def test_incomplete_gamma_of_huge_a_is_scipys() -> None:
    a = np.array([1e12, 1e13, 1e14, 1e15, 1e20, 1e300, 1e8, 1e8, 300, 300, 300, 300])
    x = np.append(a[:6], [0.5e8, 2e8, 209, 211, 389, 391])
    for name in ("gammainc", "gammaincc"):
        found = values(B[name], a, x)[0]
        np.testing.assert_allclose(found, getattr(scipy.special, name)(a, x), rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(values(B["gammainc"], [1e308, 1e308], [1.7e308, 0.5e308])[0], [1, 0])      # SciPy's overflows
    check(T.special.chdtr, 2 * a[:5], 2 * a[:5], meant=scipy.special.chdtr(2 * a[:5], 2 * a[:5]))
    check(T.special.pdtrc, a[:4] - 1, a[:4], meant=scipy.special.pdtrc(a[:4] - 1, a[:4]))
    p = np.array([0.01, 0.5, 0.9, 0.999])
    check(B["gammaincinv"], a[:4], p, meant=scipy.special.gammaincinv(a[:4], p))
    back = values(lambda a, p: B["gammainc"](a, B["gammaincinv"](a, p)), [1e12, 1e6, 1e15], [1e-30, 1e-30, 1e-9])[0]
    np.testing.assert_allclose(back, [1e-30, 1e-30, 1e-9], rtol=1e-6)           # what a unit of x changes


def test_inverses_of_incomplete_gamma_at_their_ends_are_scipys() -> None:
    a, p = (v.ravel() for v in np.meshgrid([0.0, -0.0, INF, NAN, -1, 2], [0.0, -0.0, 1, NAN]))
    for name in ("gammaincinv", "gammainccinv"):
        check(B[name], a, p, meant=getattr(scipy.special, name)(a, p))
    check(T.special.chdtri, [-0.0, 0.0, 0.0], [1.0, 1.0, 0.0], meant=[0, 0, INF])


# -- Bessel's K --------------------------------------------------------------------------------------------------------------
def test_kv_of_tiny_and_huge_arguments_is_mpmaths() -> None:
    import mpmath as mp

    v = np.array([0, 0, 0, 0, 1e-300, 1e-10, 0.3, 0.3, 1, 1, 2, 0, 0, 1, 1e3, 50, 1e8])
    x = np.array([1e-200, 5e-324, 1e-160, 1e-18, 1e-200, 1e-200, 1e-200, 5e-324, 1e-200, 5e-324, 1e-100, 1e9, 1e300, 1e200, 1e8, 1e10, 0.7e8])
    with mp.workdps(60):
        meant = [float(mp.besselk(mp.mpf(a), mp.mpf(b))) for a, b in zip(v[:11], x[:11], strict=True)]
        scaled = [float(mp.sqrt(mp.pi / (2 * mp.mpf(b))) * (1 + (4 * mp.mpf(a)**2 - 1) / (8 * mp.mpf(b))))
                  for a, b in zip(v[11:14], x[11:14], strict=True)]
    np.testing.assert_allclose(values(B["kv"], v, x)[0], [*meant, 0, 0, 0, 0, 0, 0], rtol=2e-13)
    np.testing.assert_allclose(values(B["kve"], v, x)[0][:14], [*meant, *scaled], rtol=2e-13)
    np.testing.assert_allclose(values(B["kve"], v, x)[0][14:15], scipy.special.kve(v[14:15], x[14:15]), rtol=1e-12)
    np.testing.assert_allclose(values(lambda x: T.special.kn(0, x), [1e-200, 1e-20])[0], scipy.special.kn(0, [1e-200, 1e-20]), rtol=1e-12)
    np.testing.assert_array_equal(values(B["kv"], [1e5, 1e300, 1e300], [1e-3, 1.0, 1e300])[0], [INF, INF, 0])


def test_hyp0f1_of_tiny_parameters_is_scipys() -> None:
    v, z = (a.ravel() for a in np.meshgrid([1e-300, -1e-300, 1e-20, 0.0, INF], [0.0, 3e-300, 1.0, -3e-300, -1.0]))
    check(B["hyp0f1"], v, z, meant=scipy.special.hyp0f1(v, z))


# -- dtypes ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["int8", "bool", "int64"])
def test_integers_of_any_size_become_float64(dtype: str) -> None:
    a = np.array([0, 1, 1] if dtype == "bool" else [1, 5, 20], dtype)
    for name in ("gamma", "erf", "erfc", "expit", "gammaln", "i0", "exp1", "zetac", "factorial", "exprel"):
        meant = getattr(scipy.special, name)(a.astype(float))
        for found in values(getattr(T.special, name), a):
            assert found.dtype == meant.dtype, name
            np.testing.assert_allclose(found, meant, rtol=1e-13)
    check(T.special.binom, a[::-1].copy(), a, meant=scipy.special.binom(a[::-1].astype(float), a.astype(float)))
    check(T.special.boxcox, a, a, meant=scipy.special.boxcox(a.astype(float), a.astype(float)))


# -- compositions ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["hankel1", "hankel1e", "hankel2", "hankel2e"])
def test_hankels_functions_left_of_0_are_scipys(name: str) -> None:
    v, z = (a.ravel() for a in np.meshgrid([0, 1, 2, 0.3, -1, -2, -0.3, 2.5], [-1, -2.5, -12, 1, 2.5]))
    check(getattr(T.special, name), v, z, meant=getattr(scipy.special, name)(v, z), rtol=1e-11)
    found = values(getattr(T.special, name), [0.0, 0.3, 0.0], [NAN, NAN, 0.0])[0]
    assert np.isnan(found[:2]).all() and not np.isfinite(found[2])


def test_pseudo_huber_is_mpmaths_without_overflow() -> None:
    import mpmath as mp

    pairs = [(1, 1e160), (1e-160, 1e160), (1e160, 1e150), (1e-200, 1), (1, 999), (1, 1001), (1e-320, 1e-3), (3, 4), (5, 0), (1e160, 1)]
    with mp.workdps(800):
        meant = [float(mp.mpf(d) * (mp.hypot(d, r) - d)) for d, r in pairs]
    delta, r = np.array(pairs, float).T
    check(T.special.pseudo_huber, delta, r, meant=meant, rtol=1e-14)
    ends = np.array([(1, INF), (0, INF), (1e200, 1e200), (-1, 1), (NAN, 1), (1, NAN), (0, NAN), (INF, INF)], float).T
    check(T.special.pseudo_huber, *ends, meant=scipy.special.pseudo_huber(*ends))


def test_distributions_and_transformations_at_their_edges_are_scipys() -> None:
    grid = [v.ravel() for v in np.meshgrid([0, 1, -1, 2.0], [0, 1, -1, 3.0], [0, 1, -1, 0.5, INF, -INF, NAN])]
    for name in ("gdtr", "gdtrc"):
        check(getattr(T.special, name), *grid, meant=getattr(scipy.special, name)(*grid))
    k, m = (v.ravel() for v in np.meshgrid([-1e300, -1, -0.5, 0, 2.5], [0, 1, -1, INF, NAN]))
    for name in ("pdtr", "pdtrc"):
        check(getattr(T.special, name), k, m, meant=getattr(scipy.special, name)(k, m))
    for dtype in ("float32", "float64"):
        x, lmbda = (v.ravel() for v in np.meshgrid(np.array([0, 1, 0.5, 2], dtype), np.array([0, 1, -1, 0.5], dtype)))
        for name in ("boxcox", "boxcox1p"):
            check(getattr(T.special, name), x, lmbda, meant=getattr(scipy.special, name)(x, lmbda), rtol=3e-6 if dtype == "float32" else 1e-13)


def test_riemanns_zeta_just_left_of_0_is_mpmaths() -> None:
    import mpmath as mp

    x = np.array([-1e-300, -1e-100, -1e-15, -1e-8, -1e-3, -0.09, -0.0999999, -0.1, -0.1000001, -0.3, -0.9, -1.5])
    with mp.workdps(40):
        meant = np.array([float(mp.zeta(mp.mpf(v))) for v in x])
    check(T.special.zeta, x, meant=meant, rtol=1e-14)
    check(T.special.zetac, x, meant=meant - 1, rtol=1e-14)


def test_zetac_has_forward_derivatives() -> None:
    x, a = tv.dvector("x"), tv.dvector("a")
    at = np.array([-1.3, -1e-9, 0.5, 2.5, 60.0])
    forward = tv.evaluate([tv.jvp(T.special.zetac(x), x, a)], {x: at, a: np.ones(5)})[0]
    np.testing.assert_allclose(forward, tv.evaluate([tv.grad(T.special.zetac(x).sum(), x)], {x: at})[0], rtol=1e-12)


def test_binomial_coefficients_near_0_are_mpmaths() -> None:
    import mpmath as mp

    n, k = (v.ravel() for v in np.meshgrid([1e-200, -1e-200, 1e-12, -1e-12, 0.3, -0.3, 0.49, -0.499], [1, 2, 7, 33, 99, 100, 3001]))
    with mp.workdps(60):
        meant = [float(mp.fprod((mp.mpf(a) - j) / (j + 1) for j in range(int(b)))) for a, b in zip(n, k, strict=True)]
    found, interpreted = values(T.special.binom, n, k)
    np.testing.assert_allclose(found, meant, rtol=1e-13)
    np.testing.assert_allclose(interpreted, meant, rtol=1e-11)              # SciPy's beta of thousands
    check(T.special.binom, [NAN, NAN, 1.0], [0.0, 2.0, NAN], meant=[NAN, NAN, NAN])
    x = tv.dvector("x")
    slope = tv.grad(T.special.binom(x, 3.0).sum(), x)
    np.testing.assert_allclose(tv.evaluate([slope], {x: np.array([1e-9, 0.2])})[0], [1 / 3 - 1e-9, (2 - 1.2 + 0.12) / 6], rtol=1e-12)


def test_transformations_of_tiny_numbers_are_scipys() -> None:
    x, lmbda = (v.ravel() for v in np.meshgrid([1e-200, -1e-200, 1e-300, 0.0, 1e-5], [1e-200, -1e-200, 1e-120, 0.5, 1e200]))
    check(T.special.boxcox1p, x, lmbda, meant=scipy.special.boxcox1p(x, lmbda))
    y, small = tv.dvector("y"), tv.dvector("small")
    second = tv.grad(tv.grad(T.special.boxcox1p(y, small).sum(), y).sum(), y)
    np.testing.assert_allclose(tv.evaluate([second], {y: np.zeros(1), small: np.full(1, 0.3)})[0], [-0.7])


def test_infinities_poles_and_edges_of_compositions_are_scipys() -> None:
    a, b = (v.ravel() for v in np.meshgrid([0, 1, INF, -INF, -1, NAN], [0, 1, INF, -INF, -2, NAN]))
    check(T.special.agm, a, b, meant=scipy.special.agm(a, b))
    grid = [v.ravel() for v in np.meshgrid([0, 1, INF], [0.5, 2, INF], [1, 3, NAN])]
    check(T.special.elliprg, *grid, meant=scipy.special.elliprg(*grid))
    z, m = (v.ravel() for v in np.meshgrid([-2.5, -3, -0.5, 1.5, 0], [0.5, 2.5, 3, -2, -0.5]))
    check(B["poch"], z, m, meant=scipy.special.poch(z, m))
    grid = [v.ravel() for v in np.meshgrid([0, 1, 2.5], [0, 1, 3], [0, 1, 2, NAN])]
    for name in ("fdtr", "fdtrc"):
        check(getattr(T.special, name), *grid, meant=getattr(scipy.special, name)(*grid))
    check(T.special.nrdtrimn, [0.5, 0.5, 0.3, 0.3], [0.0, -1, 1, NAN], [1.0] * 4, meant=scipy.special.nrdtrimn([0.5, 0.5, 0.3, 0.3], [0, -1, 1, NAN], 1))
    check(T.special.gdtria, [0.3, 0.3], [1.0, 2], [0.0, 1], meant=scipy.special.gdtria(0.3, [1, 2], [0, 1]))
