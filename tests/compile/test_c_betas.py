"""The beta function, incomplete beta functions, their inverses and Student's t in C where parameters are large, tiny or negative."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest
import scipy.special

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B
from tests.compile.special_table import beta_share, spread

INF, NAN = np.inf, np.nan


def compiled(f: Any, *columns: Any) -> Any:
    args = [np.array(c, float) for c in np.broadcast_arrays(*columns)]
    xs = [tv.vector(f"x{k}") for k in range(len(args))]
    return tv.function(xs, f(*xs))(*args)


def exact(f: Any, *columns: Any, digits: int = 60) -> list[float]:
    with mp.workdps(digits):
        return [float(f(*(mp.mpf(float(a)) for a in args))) for args in zip(*columns, strict=True)]


def student(df: Any, t: Any) -> Any:
    tail = beta_share(df / 2, mp.mpf(1) / 2, df / (df + t * t)) / 2
    return tail if t < 0 else 1 - tail


# -- Student's t -------------------------------------------------------------------------------------------------------------
def test_students_tails_of_many_degrees_of_freedom_keep_their_digits() -> None:
    df, t = np.array([(1000, -9), (500, -8), (200, -7), (1e4, -6.5), (1e4, -37), (3000, -0.5), (1e4, 3), (0.3, -1e6)]).T
    np.testing.assert_allclose(compiled(B["stdtr"], df, t), exact(student, df, t), rtol=2e-13)


def test_students_law_of_endless_freedom_is_the_normal_one() -> None:
    t = np.array([-37, -9, -2, -1e-3, 0, 0.5, 2, 8])
    for df in (1e15, 1e24, 1e26, 1e100, 1.7e308, INF):
        gap = np.maximum(1, t**4) / df              # the first term of the difference, DLMF 7.2 aside
        found, meant = compiled(B["stdtr"], df, t), scipy.special.ndtr(t)
        assert (np.abs(found - meant) <= (1e-12 + gap) * meant).all(), df
    p = np.array([1e-300, 1e-9, 0.1, 0.4999, 0.5, 0.9, 1 - 1e-12])
    for df in (1e9, 1e15, 1e100):
        found, z = compiled(B["stdtrit"], df, p), scipy.special.ndtri(p)
        np.testing.assert_allclose(found, z + (z**3 + z) / (4 * df), rtol=1e-12)        # Cornish and Fisher's next term is below


def test_students_quantiles_of_little_freedom_are_scipys() -> None:
    df, p = (v.ravel() for v in np.meshgrid([0.01, 0.1, 0.5, 1, 2.5], [1e-3, 0.2, 0.4, 0.49, 0.6, 0.999]))
    found = compiled(B["stdtrit"], df, p)
    np.testing.assert_allclose(compiled(B["stdtr"], df, found), p, rtol=1e-13)
    np.testing.assert_allclose(found[df > 0.05], scipy.special.stdtrit(df, p)[df > 0.05], rtol=1e-9)
    assert compiled(B["stdtrit"], [1e-3, 1e-4], [0.4, 0.4]).tolist() == [pytest.approx(scipy.special.stdtrit(1e-3, 0.4), rel=1e-10), -INF]


# -- incomplete beta functions -------------------------------------------------------------------------------------------------
def test_incomplete_beta_of_tiny_parameters_keeps_small_differences() -> None:
    a, b, x = np.array([(100, 1e-10, 0.999), (5, 1e-15, 0.9), (1e-10, 1e-12, 0.3), (3, 1e-30, 0.999999), (1e4, 1e-8, 0.99999)]).T
    np.testing.assert_allclose(compiled(B["betainc"], a, b, x), exact(beta_share, a, b, x, digits=120), rtol=3e-14)
    c = np.array([1e-10, 0.25, 0.75, 1e-6, 1e-5])
    other = exact(lambda p, q, u: beta_share(q, p, 1 - u), b, a, c, digits=120)
    np.testing.assert_allclose(compiled(B["betaincc"], b, a, c), other, rtol=3e-14)
    np.testing.assert_allclose(compiled(B["betainccinv"], 1e-10, [10.0], 1e-10), scipy.special.betainccinv(1e-10, 10, 1e-10), rtol=1e-12)


def quadrature(a: float, b: float, x: float) -> float:
    """betainc left of its mean by Gauss' rule over log(x / (1 - x)), independent of any expansion."""
    with mp.workdps(40):
        a, b, x = mp.mpf(a), mp.mpf(b), mp.mpf(x)
        at, width = mp.log(x / (1 - x)), mp.sqrt((a + b) / (a * b))
        size = mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
        density = lambda v: mp.exp(a * v - (a + b) * mp.log1p(mp.exp(v)) + size)
        return float(mp.quad(density, [at - 24 * width * k / 8 for k in range(8, -1, -1)]))


def test_incomplete_beta_of_large_parameters_is_mpmaths() -> None:
    cases = [(a, b, k) for a, b in ((1e3, 2e3), (9e4, 2e5), (1.1e5, 1.2e5), (1e5, 1e9), (1e8, 3e8), (1e12, 1e12)) for k in (0.01, 1, 5)]
    a, b, k = np.array(cases).T
    x = a / (a + b) * (1 - k * np.sqrt(b / (a * (a + b))))
    meant = [quadrature(*case) for case in zip(a, b, x, strict=True)]
    np.testing.assert_allclose(compiled(B["betainc"], a, b, x), meant, rtol=1e-13)
    np.testing.assert_allclose(compiled(B["betaincc"], a, b, x), 1 - np.array(meant), rtol=1e-13)
    high = compiled(B["betainc"], [1e15, 1e20, 1e15], [1e15, 1e20, 2e15], [0.5, 0.5, 0.9])
    np.testing.assert_allclose(high, [0.5, 0.5, 1], rtol=1e-12)


def test_inverses_of_incomplete_beta_lead_back_for_all_parameters() -> None:
    rng = np.random.default_rng(1)
    for low, high in ((0.1, 1e2), (1e3, 1e5), (1e-3, 1e4), (1e4, 1e12)):
        a, b = spread(low, high, 1, 400), spread(low, high, 2, 400)
        p = np.append(rng.uniform(0, 1, 200), spread(1e-30, 1, 3, 200))
        x = compiled(B["betaincinv"], a, b, p)
        assert ((x >= 0) & (x <= 1)).all()
        down, up = (compiled(B["betainc"], a, b, np.clip(x * (1 + end), 0, 1)) for end in (-4e-16, 4e-16))
        inside = (x > 1e-300) & (x < 1)
        assert ((down <= p * (1 + 3e-13)) & (p * (1 - 3e-13) <= up))[inside].all(), (low, high)
        np.testing.assert_allclose(compiled(B["betainccinv"], b, a, p), 1 - x, rtol=1e-9, atol=1e-15)


def test_quantiles_of_many_trials_are_scipys() -> None:
    np.testing.assert_allclose(compiled(B["betaincinv"], [3000, 2000, 2000], [4500, 3000, 3000], [0.5, 0.01, 0.99]),
                               scipy.special.betaincinv([3000, 2000, 2000], [4500, 3000, 3000], [0.5, 0.01, 0.99]), rtol=1e-13)
    np.testing.assert_allclose(compiled(T.special.bdtri, 3333, 10000, [0.5]), scipy.special.bdtri(3333, 10000, 0.5), rtol=1e-12)
    np.testing.assert_allclose(compiled(T.special.fdtri, 5000, 10000, [0.5]), scipy.special.fdtri(5000, 10000, 0.5), rtol=1e-12)


def test_inverses_of_incomplete_beta_at_their_ends_are_scipys_or_limits() -> None:
    a, b, p = (v.ravel() for v in np.meshgrid([-1, 0, 1, 2], [-1, 0, 1, 2], [-0.5, 0, 0.5, 1, 1.5, NAN]))
    for name in ("betaincinv", "betainccinv"):
        np.testing.assert_allclose(compiled(B[name], a, b, p), getattr(scipy.special, name)(a, b, p), rtol=1e-13)
    a, b, p = (v.ravel() for v in np.meshgrid([0.5, 1, 7, INF], [0.5, 1, 7, INF], [0, 0.3, 1]))
    meant = np.where(p == 0.3, np.where(a == b, NAN, np.where(a == INF, 1.0, 0.0)), p)[(a == INF) | (b == INF)]
    for name, at in (("betaincinv", p), ("betainccinv", 1 - p)):
        args = [v[(a == INF) | (b == INF)] for v in (a, b, at)]
        xs = [tv.dvector(f"x{k}") for k in range(3)]
        for found in (compiled(B[name], *args), tv.evaluate([B[name](*xs)], dict(zip(xs, args, strict=True)))[0]):
            np.testing.assert_array_equal(found, meant)


# -- beta ---------------------------------------------------------------------------------------------------------------------
NEGATIVE = [(172, -0.5), (1e5, -0.5), (1e10, -0.5), (-0.5, -0.5), (-2.5, -3.25), (5, -100000.5), (-100000.5, 1e5), (-9.25, 9.5), (-50.25, 52),
            (-8.75, 1.5), (-6.5, 9), (-100.5, -0.25), (-200.5, -300.25), (300, -150.5), (1e-30, 5), (-1e-10, 5), (2.5, 1e7), (171, 300)]


def test_beta_of_negative_and_of_large_numbers_is_mpmaths() -> None:
    a, b = np.array(NEGATIVE).T
    meant = np.array(exact(mp.beta, a, b))
    np.testing.assert_allclose(compiled(B["beta"], a, b), meant, rtol=3e-13)
    np.testing.assert_allclose(compiled(B["beta"], b, a), meant, rtol=3e-13)
    logs = exact(lambda p, q: mp.log(abs(mp.beta(p, q))) if mp.beta(p, q) else mp.ninf, a, b)
    np.testing.assert_allclose(compiled(B["betaln"], a, b), logs, rtol=3e-14)


def test_beta_at_its_edges_is_scipys() -> None:
    a, b = (v.ravel() for v in np.meshgrid([0, 0.5, 1, 2, 5, -1, -4, -0.5, -2.5, INF, -INF], [0.5, 1, 2, 3, -0.5, INF]))
    np.testing.assert_allclose(compiled(B["beta"], a, b), scipy.special.beta(a, b), rtol=1e-12)
    assert np.isnan(compiled(B["beta"], [NAN, 1, 0], [1, NAN, NAN])).all()
