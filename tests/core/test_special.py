"""Special functions: gradients to second order against mpmath's derivatives, dtypes, errors, names, compositions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.latex import latex
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.ops.special import SPECIAL
from tests.compile.special_rows import more
from tests.compile.special_table import table

ROWS = {row.function: row for row in [*table(), *more()]}
AT: dict[str, tuple[float, ...]] = {
    "erfinv": (0.4,), "erfcinv": (0.4,), "ndtri": (0.3,), "ndtri_exp": (-1.3,), "logit": (0.3,), "log1mexp": (-0.7,), "polygamma": (2.0, 1.7),
    "zeta": (2.5, 1.7), "betainc": (1.7, 2.3, 0.4), "gammainc": (1.7, 2.3), "gammaincc": (1.7, 2.3), "hyp2f1": (0.5, 1.2, 2.1, 0.3),
    "betaincc": (1.7, 2.3, 0.4), "stdtr": (1.7, 0.9), "stdtrit": (1.7, 0.3), "ellipk": (0.4,), "ellipe": (-0.7,), "ellipkinc": (0.8, 0.4),
    "ellipeinc": (2.3, 0.6), "elliprf": (0.4, 1.3, 2.1), "elliprd": (0.4, 1.3, 2.1), "lambertw_m1": (-0.2,), "kolmogi": (0.3,),
    "hyp1f1": (0.7, 1.9, 0.6), "hyperu": (0.7, 1.9, 0.6), "expn": (3.0, 0.8), "elliprc": (0.8, 1.9)}
EXTRA = {"kl_div": lambda mp: lambda x, y: x * mp.log(x / y) - x + y, "yv": lambda mp: mp.bessely, "hyp2f1": lambda mp: mp.hyp2f1,
         "hyp1f1": lambda mp: mp.hyp1f1, "hyperu": lambda mp: mp.hyperu, "struve": lambda mp: mp.struveh, "modstruve": lambda mp: mp.struvel}
NO_GRADIENT = {"polygamma": (0,), "zeta": (0,), "jv": (0,), "yv": (0,), "iv": (0,), "ive": (0,), "kv": (0,), "kve": (0,), "hyp2f1": (0, 1, 2),
               "expn": (0,), "hyp0f1": (0,), "hyp1f1": (0, 1), "hyperu": (0, 1), "struve": (0,), "modstruve": (0,)}
NO_SECOND = {("gammainc", 0), ("gammaincc", 0), ("betainc", 0), ("betainc", 1), ("betaincc", 0), ("betaincc", 1), ("stdtr", 0)}
INVERSES = {"gammaincinv", "gammainccinv", "betaincinv", "betainccinv", "stdtrit"}


def exact(name: str) -> Any:
    import mpmath as mp

    return ROWS[name].exact if name in ROWS else EXTRA[name](mp)


@pytest.mark.parametrize("name", [n for n in SPECIAL if n not in INVERSES and not n.endswith("_da")])
def test_gradients_are_mpmaths_derivatives(name: str) -> None:
    import mpmath as mp

    op, f = SPECIAL[name], exact(name)
    at = AT.get(name, (0.8, 1.3)[:op.numpy.nin])        # type: ignore[attr-defined]
    xs = [tv.vector(f"x{k}") for k in range(len(at))]
    env = dict(zip(xs, ([v] for v in at), strict=True))
    cost = B["sum"](B[name](*xs))
    for k, x in enumerate(xs):
        if k in NO_GRADIENT.get(name, ()):
            with pytest.raises(tv.GradientError, match=name):
                tv.grad(cost, x)
            continue
        along = lambda v, k=k: f(*(v if j == k else mp.mpf(a) for j, a in enumerate(at)))
        first = tv.grad(cost, x)
        with mp.workdps(40):
            meant = [float(mp.diff(along, mp.mpf(at[k]), n)) for n in (1, 2)]
        np.testing.assert_allclose(tv.evaluate([first], env)[0], meant[0], rtol=2e-12)
        if (name, k) in NO_SECOND:
            with pytest.raises(tv.GradientError, match="shape parameter"):
                tv.grad(B["sum"](first), x)
        else:
            second = tv.grad(B["sum"](first), x, disconnected_inputs="ignore")
            np.testing.assert_allclose(tv.evaluate([second], env)[0], meant[1], rtol=2e-11, atol=1e-15)


@pytest.mark.parametrize("name", sorted(INVERSES))
def test_gradients_of_inverses_undo_those_of_what_they_invert(name: str) -> None:
    direct = "stdtr" if name == "stdtrit" else name.removesuffix("inv")
    at = (1.7, 2.3, 0.4) if name.startswith("beta") else (1.7, 0.4)
    xs = [tv.vector(f"x{k}") for k in range(len(at))]
    back = B[direct](*xs[:-1], B[name](*xs))            # its last argument again, whatever the others are
    found = tv.evaluate(tv.grad(B["sum"](back), xs), dict(zip(xs, ([v] for v in at), strict=True)))
    np.testing.assert_allclose(np.ravel(found), [0] * (len(at) - 1) + [1], atol=1e-12)


def test_gradients_at_0_are_limits() -> None:
    x = tv.vector("x")
    for name, slope, bend in (("j1", 0.5, 0), ("i1", 0.5, 0), ("j0", 0, -0.5), ("i0", 0, 0.5)):
        first = tv.grad(B["sum"](B[name](x)), x)
        second = tv.grad(B["sum"](first), x)
        assert [v.tolist() for v in tv.evaluate([first, second], {x: [0.0]})] == [[slope], [bend]], name


def test_derivatives_by_shape_parameters_are_right_on_both_sides_of_the_mean() -> None:
    import mpmath as mp

    a, b, x = tv.vector("a"), tv.vector("b"), tv.vector("x")
    for p, q in ((0.3, 0.1), (2.5, 2.0), (2.5, 9.0), (40.0, 30.0), (40.0, 60.0)):
        found = tv.evaluate([B["gammainc_da"](a, x)], {a: [p], x: [q]})[0][0]
        meant = mp.diff(lambda v, q=q: mp.gammainc(v, 0, q, regularized=True), p)
        assert abs(found - meant) < 1e-12 * max(1e-2, abs(meant))
    for p, q, at in ((0.3, 0.7, 0.1), (2.5, 2.0, 0.9), (30.0, 9.0, 0.7), (4.0, 60.0, 0.2)):
        found = tv.evaluate(tv.grad(B["sum"](B["betainc"](a, b, x)), [a, b]), {a: [p], b: [q], x: [at]})
        for k, got in enumerate(found):
            meant = mp.diff(lambda u, k=k, p=p, q=q, at=at: mp.betainc(*(u, q) if k == 0 else (p, u), 0, at, regularized=True), (p, q)[k])
            assert abs(got[0] - meant) < 1e-11 * max(1e-2, abs(meant))


# -- dtypes and errors -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SPECIAL)
def test_integers_become_float64_and_python_numbers_are_weak(name: str) -> None:
    nin = SPECIAL[name].numpy.nin       # type: ignore[attr-defined]
    for dtype in ("float16", "float32", "float64", "int8", "int16", "int64", "bool", "uint8"):
        x = tv.tensor("x", dtype=dtype, shape=(2,))
        meant = np.dtype(dtype if np.dtype(dtype).kind == "f" else "float64")
        made = B[name](*[x] * nin)
        assert made.dtype == meant
        found = tv.evaluate([made], {x: np.ones(2, dtype)})[0]
        assert found.dtype == meant and found.shape == (2,)
        if nin > 1:
            assert B[name](x, *[1.0] * (nin - 1)).dtype == (meant if np.dtype(dtype).kind == "f" else np.float64)
    with pytest.raises(tv.DtypeError, match=name):
        B[name](*[tv.zvector("z")] * nin)
    with pytest.raises(tv.ArgumentError, match=name):
        B[name](*[1.0] * (nin + 1))


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    with pytest.raises(tv.ShapeError):
        T.gammainc(tv.vector("a", shape=(3,)), tv.vector("x", shape=(4,)))
    assert T.betainc(tv.vector("a", shape=(3,)), tv.matrix("b", shape=(2, 1)), 0.5).type.shape == (2, 3)


def test_whole_orders_are_whole() -> None:
    with pytest.raises(tv.DtypeError, match="whole number"):
        T.kn(1.5, tv.vector("x"))
    np.testing.assert_allclose(T.kn(2, 1.5).eval(), scipy.special.kn(2, 1.5), rtol=1e-14)


@pytest.mark.parametrize("name", SPECIAL)
def test_every_function_prints_as_mathematics(name: str) -> None:
    xs = [tv.scalar(n) for n in "abcd"[:SPECIAL[name].numpy.nin]]       # type: ignore[attr-defined]
    text = latex(B[name](*xs))
    assert all(x.name in text for x in xs) and text.count("{") == text.count("}")


# -- names and compositions ----------------------------------------------------------------------------------------------------
def test_every_ufunc_of_numpy_for_numbers_has_its_name() -> None:
    names = {n for n in dir(np) if isinstance(getattr(np, n), np.ufunc)}
    assert {n for n in names if not hasattr(T, n)} <= {"isnat", "matvec", "vecdot", "vecmat"}


def test_other_words_are_the_same_functions() -> None:
    for word, name in (("psi", "digamma"), ("loggamma", "gammaln"), ("tri_gamma", "trigamma"), ("expit", "sigmoid"), ("log1pexp", "softplus")):
        assert getattr(T.special, word) is getattr(T.special, name, getattr(T, name))


def test_compositions_are_scipys() -> None:
    x = np.array([0.3, 1.0, 2.5, 7.0])
    s = scipy.special
    for found, meant in ((T.gammau(2.5, x), s.gammaincc(2.5, x) * s.gamma(2.5)), (T.gammal(2.5, x), s.gammainc(2.5, x) * s.gamma(2.5)),
                         (T.chi2sf(x, 3), s.chdtrc(3, x)), (T.factorial(x), s.factorial(x)), (T.factorial([-1.0, 0.0]), [0, 1]),
                         (T.special.log_expit(-300 * x), s.log_expit(-300 * x)), (T.jn(2, x), s.jn(2, x))):
        np.testing.assert_allclose(found.eval(), meant, rtol=1e-13)


EDGES = np.array([0.0, -0.0, 1.0, -1.5, 2.5, -0.3, 1e300, 5e-324, -3e-310, np.inf, -np.inf, np.nan])


def test_parts_of_floats_are_numpys() -> None:
    for dtype in ("float64", "float32"):
        with np.errstate(all="ignore"):
            at = EDGES.astype(dtype)
            x = tv.tensor("x", dtype=dtype, shape=(None,))
            rows = [(T.spacing(x), np.spacing(at)), (T.nextafter(x, -x), np.nextafter(at, -at)), (T.ldexp(x, 3), np.ldexp(at, 3)),
                    *zip(T.frexp(x), np.frexp(at), strict=True), *zip(T.modf(x), np.modf(at), strict=True),
                    *zip(T.divmod(x, 0.7), np.divmod(at, at.dtype.type(0.7)), strict=True)]
            found = tv.function([x], [r for r, _ in rows])(at)
        for got, meant in zip(found, (m for _, m in rows), strict=True):
            assert got.dtype == meant.dtype
            np.testing.assert_array_equal(got, meant)
            if meant.dtype.kind == "f":
                np.testing.assert_array_equal(np.signbit(got[~np.isnan(meant)]), np.signbit(meant[~np.isnan(meant)]))


def test_bits_are_counted_as_numpy_does() -> None:
    for dtype in ("int8", "uint8", "int64", "uint64"):
        at = np.array([0, 1, 2, 7, 100, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
        x = tv.tensor("x", dtype=dtype, shape=(None,))
        found = tv.function([x], T.bitwise_count(x))(at)
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, np.bitwise_count(at))


def test_halves_are_rounded_away_from_zero() -> None:
    x = tv.vector("x")
    at = np.array([0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 1e300, np.inf, -np.inf, -0.0, np.nan])
    meant = np.array([1, -1, 2, 3, -3, 0, 1e300, np.inf, -np.inf, -0.0, np.nan])
    for found in (tv.evaluate([T.round_half_away_from_zero(x)], {x: at})[0], tv.function([x], T.round_half_away_from_zero(x))(at)):
        np.testing.assert_array_equal(found, meant)


def test_float_powers_of_integers_have_negative_exponents() -> None:
    x = tv.lvector("x")
    assert tv.function([x], T.float_power(x, -2))([2, -4]).tolist() == [0.25, 0.0625]
    assert T.float_power(tv.fvector("y"), x).dtype == np.float64
