"""Compositions by the names of `scipy.special`: values against SciPy's over grids, compiled and interpreted, and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special as s

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B
from tests.compile.special_table import even, join, spread

Array = np.ndarray[Any, Any]
N = 40
ANY, POSITIVE, SHARE = even(-12, 12, 1, N), spread(0.05, 50, 2, N), even(0.02, 0.98, 3, N)
SHAPE, COUNTS, MOST = spread(0.3, 30, 4, N), np.floor(even(0, 9, 5, N)), np.floor(even(9, 30, 6, N))
WITHIN = even(-1, 1, 7, N)
ORDERS = np.floor(even(0, 7, 8, N)).astype(int)

# name: the arguments of SciPy's function, and how near values must be
ROWS: dict[str, tuple[tuple[Any, ...], float]] = {
    "bdtr": ((COUNTS, MOST, SHARE), 1e-12), "bdtrc": ((COUNTS - 1, MOST, SHARE), 1e-12),
    "bdtri": ((COUNTS, MOST, SHARE), 1e-11), "nbdtr": ((COUNTS, MOST, SHARE), 1e-11), "nbdtrc": ((COUNTS, MOST, SHARE), 1e-11),
    "nbdtri": ((COUNTS, MOST, SHARE), 1e-11), "pdtr": ((COUNTS + 0.5, POSITIVE), 1e-11), "pdtrc": ((COUNTS, POSITIVE), 1e-11),
    "pdtri": ((COUNTS, SHARE), 1e-11), "chdtr": ((SHAPE, POSITIVE), 1e-11), "chdtrc": ((SHAPE, ANY), 1e-11),
    "chdtri": ((SHAPE, SHARE), 1e-11), "fdtr": ((SHAPE, POSITIVE, spread(1e-3, 1e3, 9, N)), 1e-11),
    "fdtrc": ((SHAPE, POSITIVE, spread(1e-3, 1e3, 9, N)), 1e-11), "fdtri": ((SHAPE, POSITIVE, SHARE), 1e-9),
    "gdtr": ((SHAPE, POSITIVE, SHARE), 1e-11), "gdtrc": ((SHAPE, POSITIVE, SHARE), 1e-11), "gdtria": ((SHARE, SHAPE, POSITIVE), 1e-9),
    "gdtrix": ((SHAPE, POSITIVE, SHARE), 1e-9), "nrdtrimn": ((SHARE, POSITIVE, ANY), 1e-10),
    "stdtr": ((SHAPE, ANY), 1e-11), "stdtrit": ((SHAPE, SHARE), 1e-10),
    "jvp": ((SHAPE, POSITIVE, 2), 1e-9), "yvp": ((COUNTS, POSITIVE, 1), 1e-9), "ivp": ((COUNTS, POSITIVE, 3), 1e-11),
    "kvp": ((COUNTS, POSITIVE, 2), 1e-11), "h1vp": ((COUNTS, POSITIVE, 1), 1e-9), "h2vp": ((COUNTS, POSITIVE, 0), 1e-9),
    "jve": ((SHAPE, POSITIVE), 1e-9), "yve": ((COUNTS, POSITIVE), 1e-9), "hankel1": ((SHAPE, POSITIVE), 1e-9),
    "hankel2": ((SHAPE, POSITIVE), 1e-9), "hankel1e": ((SHAPE, POSITIVE), 1e-9), "hankel2e": ((SHAPE, POSITIVE), 1e-9),
    "gammasgn": ((ANY,), 0), "multigammaln": ((POSITIVE + 1, 3), 1e-12), "perm": ((MOST, COUNTS), 1e-13), "powm1": ((POSITIVE, WITHIN), 1e-13),
    "agm": ((POSITIVE, SHAPE), 1e-14), "inv_boxcox": ((POSITIVE, SHARE), 1e-13), "inv_boxcox1p": ((POSITIVE, SHARE), 1e-13),
    "sindg": ((100 * ANY,), 1e-12), "cosdg": ((100 * ANY,), 1e-12), "tandg": ((5 * ANY,), 1e-12), "cotdg": ((even(20, 160, 1, N),), 1e-12),
    "radian": ((ANY, POSITIVE, POSITIVE), 1e-12), "diric": ((ANY, 5), 1e-12), "zetac": ((join(ANY, spread(1, 100, 9, N)),), 1e-11),
    "elliprg": ((SHAPE, POSITIVE, SHARE), 1e-13), "voigt_profile": ((ANY, SHAPE, POSITIVE), 1e-13),
    "eval_legendre": ((7, WITHIN), 1e-11), "eval_chebyt": ((6, 2 * WITHIN), 1e-11), "eval_chebyu": ((6, 2 * WITHIN), 1e-11),
    "eval_chebyc": ((5, WITHIN), 1e-11), "eval_chebys": ((5, WITHIN), 1e-11), "eval_sh_legendre": ((5, SHARE), 1e-11),
    "eval_sh_chebyt": ((5, SHARE), 1e-11), "eval_sh_chebyu": ((5, SHARE), 1e-11), "eval_hermite": ((6, ANY), 1e-11),
    "eval_hermitenorm": ((6, ANY), 1e-11), "eval_laguerre": ((6, ANY), 1e-11), "eval_genlaguerre": ((4, SHAPE, ANY), 1e-11),
    "eval_gegenbauer": ((5, SHAPE, WITHIN), 1e-11), "eval_jacobi": ((5, SHAPE, POSITIVE, WITHIN), 1e-11),
    "eval_sh_jacobi": ((4, SHAPE + 2, SHARE, SHARE), 1e-11), "lpmv": ((2, 5, WITHIN), 1e-11),
    "sph_harm_y": ((5, -3, np.abs(WITHIN), ANY), 1e-12), "airye": ((spread(1e-3, 1e6, 1, N),), 1e-11), "shichi": ((2 * ANY,), 1e-11), "sici": ((ANY,), 1e-11),
    "fresnel": ((ANY,), 1e-11), "airy": ((ANY,), 1e-11), "spherical_jn": ((ORDERS, ANY), 1e-9), "spherical_yn": ((ORDERS, ANY), 1e-9),
    "spherical_in": ((ORDERS, POSITIVE), 1e-11), "spherical_kn": ((ORDERS, POSITIVE), 1e-11),
}
SIZE = {"nbdtrc": 1e-12, "fdtrc": 1e-13}        # what else may differ: by these, of values of the order of 1
NO_GRADIENT = {"bdtr": (0, 1), "bdtrc": (0, 1), "bdtri": (0, 1), "nbdtr": (0, 1), "nbdtrc": (0, 1), "nbdtri": (0, 1), "pdtr": (0,),
               "pdtrc": (0,), "pdtri": (0,), "gammasgn": (0,), "perm": (0, 1), "zetac": (), "spherical_jn": (0,), "spherical_yn": (0,),
               "spherical_in": (0,), "spherical_kn": (0,), "nrdtrimn": (), "diric": (), "hankel1": (0,), "hankel2": (0,),
               "hankel1e": (0,), "hankel2e": (0,), "jve": (0,), "yve": (0,), "jvp": (0,), "yvp": (0,), "ivp": (0,), "kvp": (0,),
               "h1vp": (0,), "h2vp": (0,)}


def _made(name: str, args: tuple[Any, ...]) -> tuple[list[Any], tuple[Any, ...], list[Array]]:
    """Variables for the arguments that are arrays, what is made of them, and their values."""
    xs = [tv.tensor(f"x{k}", dtype=a.dtype, shape=(None,)) if isinstance(a, np.ndarray) else a for k, a in enumerate(args)]
    made = getattr(T.special, name)(*xs)
    return [x for x in xs if isinstance(x, tv.Expr)], made if isinstance(made, tuple) else (made,), [a for a in args if isinstance(a, np.ndarray)]


@pytest.mark.parametrize("name", ROWS)
def test_values_are_scipys(name: str) -> None:
    args, near = ROWS[name]
    xs, made, values = _made(name, args)
    with np.errstate(all="ignore"):
        meant = getattr(s, name)(*(a.astype(int) if name in ("bdtr", "bdtrc", "bdtri", "nbdtr", "nbdtrc", "nbdtri", "pdtri") and k < 2
                                   and a is not SHARE and not (name[0] == "b" and k == 0) else a for k, a in enumerate(args)))
    meant = meant if isinstance(meant, tuple) else (meant,)
    for found in (tv.function(xs, list(made))(*values), tv.evaluate(list(made), dict(zip(xs, values, strict=True)))):
        for got, wanted in zip(found, meant, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=near, atol=1e-300 + near * 0.01 + SIZE.get(name, 0))


@pytest.mark.parametrize("name", [n for n in ROWS if n not in ("gammasgn", "perm")])
def test_gradients_are_differences(name: str) -> None:
    args, _ = ROWS[name]
    xs, made, values = _made(name, tuple(a[:8] if isinstance(a, np.ndarray) else a for a in args))
    for part in made:
        parts = [B["real"](part), B["imag"](part)] if part.dtype.kind == "c" else [part]
        total = sum(parts[1:], parts[0])
        places = [k for k, a in enumerate(args) if isinstance(a, np.ndarray)]
        for at, x in enumerate(xs):
            if places[at] in NO_GRADIENT.get(name, ()):
                continue
            f = tv.function(xs, [total, tv.grad(B["sum"](total), x)], on_unused_input="ignore")
            slope = f(*values)[1]
            step = 1e-4 * np.maximum(1e-2, np.abs(values[at]))
            around = [f(*[v + k * step if j == at else v for j, v in enumerate(values)])[0] for k in (-2, -1, 1, 2)]
            meant = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)
            np.testing.assert_allclose(slope, meant, rtol=1e-6, atol=1e-7 * max(1, np.nanmax(np.abs(meant))))


def test_riemanns_zeta_is_scipys_on_the_whole_line_and_has_a_gradient() -> None:
    import mpmath as mp

    x = tv.vector("x")
    f = tv.function([x], [T.special.zeta(x), tv.grad(B["sum"](T.special.zeta(x)), x)])
    at = join(even(-30, 3, 1, 80), spread(1.001, 300, 2, 40), np.array([0.0, 0.5, -1, -2, -4, -31, 1 + 1e-9]))
    value, slope = f(at)
    meant = np.array([float(mp.zeta(v)) for v in at])
    np.testing.assert_allclose(value, meant, rtol=1e-13)
    np.testing.assert_allclose(slope[:-1], [float(mp.zeta(v, derivative=1)) for v in at[:-1]], rtol=1e-10, atol=1e-13)
    ends = f(np.array([1.0, np.inf, -np.inf, np.nan, -2.0, -200.5, -0.0]))[0]
    np.testing.assert_allclose(ends, [np.inf, 1, np.nan, np.nan, 0, s.zeta(-200.5), -0.5], rtol=1e-12)
    np.testing.assert_array_equal(T.special.zeta(x, 2.0).eval({x: [3.0]}), T.special.zeta(3.0, 2.0).eval())


def test_the_faddeeva_function_of_complex_numbers_is_scipys() -> None:
    z = tv.zvector("z")
    re, im = (v.ravel() for v in np.meshgrid(np.r_[-9:9:31j, 0, 1e-3, 40, 1e6], np.r_[-4:9:31j, 0, 1e-9, 40, 1e6]))
    at = re + 1j * im
    for found in (tv.function([z], T.special.wofz(z))(at), tv.evaluate([T.special.wofz(z)], {z: at})[0]):
        meant = s.wofz(at)
        np.testing.assert_allclose(found.real, meant.real, rtol=1e-11, atol=1e-14 * np.abs(meant).max())
        np.testing.assert_allclose(found, meant, rtol=1e-13)
    x = tv.vector("x")
    np.testing.assert_allclose(T.special.wofz(x).eval({x: re}), s.wofz(re + 0j), rtol=1e-13)


def test_lambert_leads_back_and_is_refused_on_other_branches() -> None:
    z = tv.vector("z")
    for branch, at in ((0, join(-spread(1e-9, 0.367), spread(1e-300, 1e300))), (-1, -spread(1e-300, 0.367))):
        w = tv.function([z], T.special.lambertw(z, branch))(at)
        np.testing.assert_allclose(w + np.log(w / at), 0, atol=1e-12 * np.maximum(1, np.abs(w)).max())
        np.testing.assert_allclose(w, s.lambertw(at, branch).real, rtol=1e-9)
    edges = np.array([-np.exp(-1), 0, -0.0, -0.4, np.inf, np.nan])
    np.testing.assert_allclose(T.special.lambertw(z).eval({z: edges}), [-1, 0, 0, np.nan, np.inf, np.nan], atol=1e-7)
    with pytest.raises(tv.ArgumentError, match="branches 0 and -1"):
        T.special.lambertw(z, 1)


def test_polynomials_of_several_degrees_broadcast_and_symbolic_degrees_are_refused() -> None:
    x = tv.vector("x")
    at = even(-1, 1, 1, 6)
    degrees = np.array([[0], [3], [1], [3]])
    np.testing.assert_allclose(T.special.eval_legendre(degrees, x).eval({x: at}), s.eval_legendre(degrees, at), rtol=1e-13)
    np.testing.assert_allclose(T.special.eval_hermite([2], x).eval({x: at}), s.eval_hermite([2], at), rtol=1e-13)
    assert T.special.eval_chebyt([0, 1], 0.5).eval().tolist() == [1, 0.5]
    assert T.special.eval_legendre(2, tv.fvector("f")).dtype == np.float32
    for wrong in (tv.lscalar("n"), -1, 1.5, "a"):
        with pytest.raises(tv.ArgumentError, match="degrees"):
            T.special.eval_legendre(wrong, x)


def test_spherical_functions_and_their_derivatives_are_scipys_also_at_zero() -> None:
    z = tv.vector("z")
    at = np.array([0.0, 1e-9, 0.3, 0.999, 1.0, 5.5, 40.0, -0.4, -3.0])
    for order in (0, 1, 2, 6):
        for derivative in (False, True):
            for name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"):
                here = at if name == "spherical_jn" else at[1:] if name == "spherical_yn" else at[1:7]
                found = getattr(T.special, name)(order, z, derivative).eval({z: here})
                np.testing.assert_allclose(found, getattr(s, name)(order, here, derivative), rtol=1e-9, atol=1e-13)
    slope = tv.grad(B["sum"](T.special.spherical_jn(1, z)), z).eval({z: [0.0]})
    np.testing.assert_allclose(slope, [1 / 3], rtol=1e-14)
    assert T.special.spherical_yn(2, 0.0).eval() == -np.inf and T.special.spherical_kn(2, 0.0).eval() == np.inf


EDGES = np.array([0.0, -0.0, 1, -1, 2, -3, 0.5, 170.6, 1e300, -1e300, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("name", ["gammasgn", "factorial2", "sindg", "cosdg", "kolmogorov", "kolmogi", "shichi", "sici", "fresnel", "airy",
                                  "ellipk", "ellipe", "ellipkm1", "spence", "exp1", "expi", "dawsn", "erfi", "wrightomega"])
def test_edges_are_scipys_or_limits(name: str) -> None:
    at = np.array([-1.0, 0, 1, 2, 3, 8, 9]) if name == "factorial2" else EDGES[:8] if name.endswith("dg") else EDGES
    x = tv.vector("x")
    made = getattr(T.special, name)(x)
    found = tv.function([x], list(made) if isinstance(made, tuple) else [made])(at)
    with np.errstate(all="ignore"):
        meant = s.factorial2(at.astype(int)) if name == "factorial2" else getattr(s, name)(at)
    for got, wanted in zip(found, meant if isinstance(made, tuple) else (meant,), strict=True):
        same = np.isnan(wanted) | np.isclose(got, wanted, rtol=1e-12, atol=1e-15)     # SciPy's NaN at infinity may be a limit here
        assert same.all(), (at[~same], got[~same], wanted[~same])
        assert np.isnan(got[np.isnan(at)]).all()


def test_factorial2_is_of_whole_numbers_alone_and_a_step() -> None:
    n = tv.dvector("n")
    made = T.special.factorial2(n)
    at = [-3.0, -1.5, 0.0, 0.5, 1.0, 1.5, 7.0, 8.0, 299.0]
    found, slope = tv.evaluate([made, tv.grad(B["sum"](made), n)], {n: at})
    np.testing.assert_allclose(found, [0, np.nan, 1, np.nan, 1, np.nan, 105, 384, s.factorial2(299)], rtol=1e-12)
    np.testing.assert_array_equal(slope, np.zeros(9))


def test_distributions_at_their_ends() -> None:
    sp = T.special
    for found, meant in ((sp.bdtr([0.0, 3, 2.7, -1, 4], 3, 0.4), [0.6**3, 1, s.bdtr(2, 3, 0.4), np.nan, np.nan]),
                         (sp.bdtrc([-1.0, 3, 0], 3, 0.4), [1, 0, 1 - 0.6**3]), (sp.chdtrc(3.0, [-1.0, 0]), [np.nan, 1]),
                         (sp.fdtr(2.0, 3.0, [0.0, np.inf, np.nan]), [0, 1, np.nan]), (sp.fdtrc(2.0, 3.0, [0.0, np.inf]), [1, 0]),
                         (sp.stdtr(3.0, [0.0, np.inf, -np.inf, np.nan, 1e-9]), [0.5, 1, 0, np.nan, s.stdtr(3, 1e-9)]),
                         (sp.stdtr(np.inf, [1.0]), [s.ndtr(1)]), (sp.stdtrit(3.0, [0.0, 1, 0.5, 1e-12]), [-np.inf, np.inf, 0, s.stdtrit(3, 1e-12)]),
                         (sp.pdtr([-1.0, 2], 1.5), [np.nan, s.pdtr(2, 1.5)]), (sp.perm(5, [6.0, -1, 5]), [0, 0, 120]),
                         (sp.voigt_profile([0.0, 1], 0.0, 0.0), [np.inf, 0]), (sp.voigt_profile(1.0, 0.0, 2.0), s.voigt_profile(1, 0, 2)),
                         (sp.airye([-2.5, np.nan])[2], [s.airye(-2.5)[2], np.nan]), (sp.airye([-2.5])[0], [np.nan]),
                         (sp.agm([0.0, -1, 1, 3], [5.0, -4, -1, 3]), [0, s.agm(-1, -4), np.nan, 3])):
        np.testing.assert_allclose(found.eval(), meant, rtol=1e-12, atol=1e-16)


def test_names_of_distributions_of_integers_are_floats() -> None:
    k = tv.lvector("k")
    for made in (T.special.bdtr(k, 9, 0.5), T.special.pdtr(k, 2.0), T.special.spherical_jn(k, 1.0), T.special.jvp(k, 1.0)):
        assert made.dtype == np.float64
    with pytest.raises(tv.ArgumentError, match="whole number from 0"):
        T.special.jvp(1.0, 2.0, -1)
    with pytest.raises(tv.ArgumentError, match="dimension"):
        T.special.multigammaln(3.0, 0)


def test_gradients_where_formulas_divide_by_nothing_are_limits() -> None:
    import mpmath as mp

    x = tv.vector("x")
    for name, exact, at in (("ellipk", mp.ellipk, (0.0, 1e-9, -1e-4, 0.004, 0.999999, -1e6)), ("ellipe", mp.ellipe, (0.0, 1e-9, 0.003, 0.99999, -1e4)),
                            ("spence", lambda z: mp.re(mp.polylog(2, 1 - z)), (1.0, 1 + 1e-9, 0.98, 1.0299, 1.0301)),
                            ("sine_integral", mp.si, (0.0, 1e-5, -1.0))):
        first = tv.grad(B["sum"](B[name](x)), x)
        second = tv.grad(B["sum"](first), x)
        found = tv.function([x], [first, second])(np.array(at))
        with mp.workdps(60):
            meant = [[float(mp.diff(exact, mp.mpf(v), n)) for v in at] for n in (1, 2)]
        np.testing.assert_allclose(found[0], meant[0], rtol=1e-13, atol=1e-15, err_msg=name)
        np.testing.assert_allclose(found[1], meant[1], rtol=1e-9, atol=1e-11, err_msg=name)


def test_gradients_of_carlsons_integral_at_equal_arguments_are_those_beside_them() -> None:
    import mpmath as mp

    xs = [tv.vector(n) for n in "xyz"]
    f = tv.function(xs, tv.grad(B["sum"](B["elliprd"](*xs)), xs))
    for at in ((1.0, 1.0, 1.0), (2.0, 0.7, 2.0), (0.5, 3.0, 3.0 + 1e-9), (0.5, 1.002, 1.0), (0.3, 1.0, 1.01), (0.4, 0.4, 9.0), (1e-3, 50.0, 2.0)):
        with mp.workdps(60):
            meant = [float(mp.diff(lambda v, k=k, at=at: mp.elliprd(*(v if j == k else mp.mpf(a) for j, a in enumerate(at))), at[k])) for k in range(3)]
        np.testing.assert_allclose(np.ravel(f(*([v] for v in at))), meant, rtol=2e-11)


def test_kolmogorovs_slope_is_one_function_on_both_sides_of_its_median() -> None:
    x = tv.vector("x")
    f = tv.function([x], tv.grad(B["sum"](B["kolmogorov"](x)), x))
    at = np.array([0.3, 0.82 - 1e-13, 0.82 + 1e-13, 1.7, 0.01, -1.0, 8.0])
    meant = [-sum(8 * (-1) ** (k - 1) * k * k * v * np.exp(-2 * k * k * v * v) for k in range(1, 60)) if v > 0.1 else 0 for v in at]
    np.testing.assert_allclose(f(at), meant, rtol=1e-12, atol=1e-14)
