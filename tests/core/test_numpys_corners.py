"""Corners where NumPy's own answer is the only rule: knots beside infinities, parts of complex numbers, empty and wrong tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

MODES = ("FAST_RUN", "FAST_COMPILE")


def both(inputs: list[Any], made: Any, *values: Any) -> list[Any]:
    """What C and the interpreter compute."""
    return [tv.function(inputs, made, mode=mode)(*values) for mode in MODES]


def same(name: str, build: Callable[[Any, Any], Any], *values: Any) -> None:
    """`build(T, x, ...)` is `build(np, values...)`, in dtype too, with unknown lengths."""
    arrays = [np.asarray(v) for v in values]
    variables = [tv.tensor(f"x{k}", dtype=a.dtype, shape=(None,) * a.ndim) for k, a in enumerate(arrays)]
    with np.errstate(all="ignore"):
        meant = np.asarray(build(np, *arrays))
    for found in both(variables, build(T, *variables), *arrays):
        assert found.dtype == meant.dtype, name
        np.testing.assert_allclose(found, meant, rtol=1e-14, err_msg=name)


# -- interp ------------------------------------------------------------------------------------------------------------------
XP = np.array([0.0, 1.0, 3.0, 4.0])
AT = np.array([-1, 0, 0.5, 1, 3, 3.5, 4, 9, np.nan, np.inf])


@pytest.mark.parametrize("heights", [[1, np.inf, 2, 3], [1, np.nan, 2, 3], [1, np.inf, np.inf, 3], [1, 1e308, -1e308, 3],
                                     [np.inf, -np.inf, 1, np.inf]], ids=str)
def test_interp_has_the_height_of_a_point_at_the_point(heights: list[float]) -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    meant = np.interp(AT, XP, heights)
    for found in both([x, xp, fp], T.interp(x, xp, fp), AT, XP, heights) + both([x], T.interp(x, XP, np.array(heights)), AT):
        np.testing.assert_array_equal(found, meant)


ENDS = np.array([0, 1, -2, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("seed", range(12))
def test_interp_of_complex_heights_keeps_the_parts_apart_as_numpys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, xp, fp = tv.dvector("x"), tv.dvector("xp"), tv.zvector("fp")
    points = np.sort(rng.choice([-np.inf, -2, -1, 0, 0.5, 1, 3, np.inf], 1 + seed % 6, replace=False))
    heights = np.empty(len(points), complex)
    heights.real, heights.imag = rng.choice(ENDS, (2, len(points)))
    at = np.concatenate([points, 2 * rng.normal(size=5), [np.inf, -np.inf, np.nan]])
    with np.errstate(all="ignore"):
        meant = np.interp(at, points, heights)
        real = np.interp(at, points, heights.real)
    found = both([x, xp, fp], T.interp(x, xp, fp), at, points, heights) + both([x], T.interp(x, points, heights), at)
    for f in found:
        for part in ("real", "imag"):
            np.testing.assert_allclose(getattr(f, part), getattr(meant, part), rtol=1e-13, atol=1e-15)
    for f in both([x], T.interp(x, points, heights.real), at):
        np.testing.assert_allclose(f, real, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_complex_keeps_infinite_parts_where_they_are(dtype: str) -> None:
    re, im = (v.ravel().astype(dtype) for v in np.meshgrid([1, -0.0, np.inf, -np.inf, np.nan], [1, -0.0, np.inf, -np.inf, np.nan]))
    x, y = tv.tensor("x", dtype=dtype, shape=(None,)), tv.tensor("y", dtype=dtype, shape=(None,))
    meant = np.empty(len(re), np.result_type(dtype, np.complex64))
    meant.real, meant.imag = re, im
    for found in both([x, y], T.complex(x, y), re, im):
        assert found.dtype == meant.dtype and found.tobytes() == meant.tobytes()
    for found in both([x, y], T.real(T.complex(x, y)) + T.imag(T.complex(y, x)), re, im):
        np.testing.assert_array_equal(found, 2 * re)


def test_interp_through_one_point_is_its_height_everywhere() -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    for found in both([x, xp, fp], T.interp(x, xp, fp), [np.nan, 1, -1], [0.0], [7.0]) + both(
            [x], T.interp(x, [0.0], [7.0]), [np.nan, 1, -1]):
        np.testing.assert_array_equal(found, [7.0, 7.0, 7.0])


@pytest.mark.parametrize("mode", MODES)
def test_interp_refuses_points_that_do_not_pair(mode: str) -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    f = tv.function([x, xp, fp], T.interp(x, xp, fp), mode=mode)
    for a, b in ((XP, XP[:2]), (XP[:2], XP)):
        with pytest.raises(tv.ShapeError, match="as many xp as fp"):
            f(AT, a, b)
    with pytest.raises(tv.ShapeError, match="empty"):
        f(AT, [], [])
    with pytest.raises(tv.ShapeError, match="as many xp as fp"):
        T.interp(x, XP, XP[:2])


# -- complex numbers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_nan_to_num_treats_parts_apart(dtype: str) -> None:
    parts = [0.0, -1.5, np.nan, np.inf, -np.inf]
    z = np.array([complex(a, b) for a in parts for b in parts], dtype)
    same("plain", lambda M, x: M.nan_to_num(x), z)
    same("given", lambda M, x: M.nan_to_num(x, nan=2.0, posinf=3.0, neginf=-4.0), z)


# -- SciPy's sums of exponentials --------------------------------------------------------------------------------------------
def test_specials_sums_of_exponentials_go_over_all_axes_as_scipys() -> None:
    import scipy.special as s

    x = tv.matrix("x")
    value = np.random.default_rng(0).normal(size=(3, 4))
    for name in ("softmax", "log_softmax", "logsumexp"):
        for kw in ({}, {"axis": 0}, {"axis": (0, 1)}):
            for found in both([x], getattr(T.special, name)(x, **kw), value):
                np.testing.assert_allclose(found, getattr(s, name)(value, **kw), rtol=1e-14)
    np.testing.assert_allclose(T.nn.softmax(x).eval({x: value}), s.softmax(value, axis=-1), rtol=1e-14)
    assert T.softmax(x) is T.nn.softmax(x) is T.nnet.softmax(x) and T.logsumexp(x, 1) is T.nn.logsumexp(x, 1)


@pytest.mark.parametrize("kw", [{}, {"axis": 0}, {"axis": 1, "keepdims": True}], ids=str)
def test_specials_logsumexp_takes_factors_and_gives_signs(kw: dict[str, Any]) -> None:
    import scipy.special as s

    a = np.array([[1000.0, 0.0, np.inf], [1.0, 2.0, 3.0], [-np.inf, 4.0, 700.0]])
    b = np.array([[0.0, 1.0, 0.0], [1.0, -1.0, 0.5], [1.0, 2.0, -3.0]])
    x, y = tv.dmatrices("x y")
    with np.errstate(all="ignore"):
        meant = [s.logsumexp(a, b=b, **kw), *s.logsumexp(a, b=b, return_sign=True, **kw), *s.logsumexp(a[1:], return_sign=True, **kw)]
    made = [T.special.logsumexp(x, b=y, **kw), *T.special.logsumexp(x, b=y, return_sign=True, **kw),
            *T.special.logsumexp(x[1:], return_sign=True, **kw)]
    for found in both([x, y], made, a, b):
        for f, m in zip(found, meant, strict=True):
            np.testing.assert_allclose(f, m, rtol=1e-14)
    slope = tv.grad(T.special.logsumexp(x, b=y), y).eval({x: a[1:, :2], y: np.array([[0.0, 1.0], [2.0, 1.0]])})
    with np.errstate(divide="ignore"):
        total = np.exp(a[1, 1]) + np.exp(a[2, 1])
    np.testing.assert_allclose(slope, np.exp(a[1:, :2]) / total, rtol=1e-14)


# -- what is out of bounds, too short, or 0 ----------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
def test_partitions_check_their_places_when_they_run(mode: str) -> None:
    x, k = tv.dvector("x"), tv.lscalar("k")
    value = np.array([3.0, 1.0, 2.0])
    for name in ("partition", "argpartition"):
        open_, asked = getattr(T, name)(x, 3), getattr(T, name)(x, k)
        for places in (3, -4):
            with pytest.raises(tv.BoundsError, match="kth"):
                tv.function([x, k], asked, mode=mode)(value, places)
        with pytest.raises(tv.BoundsError, match=r"kth \(3\)"):
            tv.function([x], open_, mode=mode)(value)
        assert len(tv.function([x], open_, mode=mode)(np.zeros(0))) == 0
        np.testing.assert_array_equal(np.sort(tv.function([x, k], asked, mode=mode)(value, -3)), np.sort(getattr(np, name)(value, 0)))
    assert T.partition(np.zeros(0), 5).eval().shape == (0,)


@pytest.mark.parametrize("mode", MODES)
def test_slopes_of_too_few_samples_are_refused_when_they_run(mode: str) -> None:
    x = tv.dmatrix("x")
    for order in (1, 2):
        f = tv.function([x], T.gradient(x, axis=0, edge_order=order), mode=mode)
        f(np.ones((order + 1, 2)))
        for n in (0, order):
            with pytest.raises(tv.ShapeError, match=f"{order + 1} samples"):
                f(np.ones((n, 2)))


def test_averages_return_their_weights_and_refuse_those_that_sum_to_0() -> None:
    x, w = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 0.5])
    for kw in ({}, {"axis": 1, "weights": w}, {"axis": 0, "keepdims": True}, {"weights": x}, {"axis": 0, "weights": x[:, 1]}):
        for k in range(2):
            same(str(kw), lambda M, v, kw=kw, k=k: M.average(v, returned=True, **kw)[k], x)
    v = tv.dmatrix("v")
    with pytest.raises(ZeroDivisionError) as error:
        T.average(v, axis=1, weights=[1.0, -1.0, 0.0])
    assert isinstance(error.value, tv.DomainError)
    for found in both([v], T.average(v, weights=v * 0), x):
        assert np.isnan(found)


def test_spreads_take_a_mean_that_is_known() -> None:
    x = np.arange(12.0).reshape(3, 4) ** 2
    for name in ("var", "std"):
        same(name, lambda M, v, n=name: getattr(M, n)(v, axis=1, mean=M.mean(v, axis=1, keepdims=True), correction=1), x)


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd"])
def test_a_dtype_where_theano_has_ddof_is_numpys(name: str) -> None:
    x = np.arange(12.0).reshape(3, 4) ** 2
    for third in ("f4", np.float32, np.dtype("float64"), None, 1):
        other = {"ddof": 1} if third == 1 else {"dtype": third}
        same(name, lambda M, v, o=other, t=third: getattr(M, name)(v, 0, t) if M is T else getattr(np, name)(v, 0, **o), x)
    same(name, lambda M, v: getattr(M, name)(v, 0, "f4", None, 1), x)
    with pytest.raises(tv.ArgumentError, match="the same argument"):
        getattr(T, name)(tv.matrix("m"), 0, "float32", dtype="float64")


# -- single functions ----------------------------------------------------------------------------------------------------------
def test_fabs_is_of_floats() -> None:
    for v in (np.array([-3, 2]), np.array([-3, 2], "int8"), np.array([True]), np.array([-0.0, -np.inf, np.nan], "float32")):
        same("fabs", lambda M, x: M.fabs(x), v)
    with pytest.raises(TypeError, match="fabs does not take complex128"):
        T.fabs(tv.zvector("z"))
    assert np.fabs(tv.lvector("i")).dtype == np.float64


def test_complex_numbers_with_infinite_parts_are_rounded_part_by_part() -> None:
    z = np.array([complex(np.inf, 1.234), complex(1.239, -np.inf), complex(np.nan, 2), 1.239 + 2.557j, complex(1.556, np.nan)])
    for decimals in (0, 2, -1):
        same("round", lambda M, x, d=decimals: M.round(x, d), z)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "bool"])
def test_the_median_of_nothing_is_nan(dtype: str) -> None:
    for name in ("median", "nanmedian"):
        for axis in (None, 0, 1, (0, 1)):
            for shape in ((0, 3), (2, 0), (0, 0), (3, 2)):
                value = np.arange(shape[0] * shape[1]).reshape(shape).astype(dtype)
                same(name, lambda M, x, n=name, a=axis: getattr(M, n)(x, axis=a), value)
                known = getattr(T, name)(tv.tensor("x", dtype=dtype, shape=shape), axis)
                meant = getattr(np, name)(value, axis)
                assert known.type.shape == np.shape(meant) and known.dtype == np.asarray(meant).dtype


def test_valid_convolutions_take_the_larger_signal_when_it_runs() -> None:
    import scipy.signal

    rng = np.random.default_rng(0)
    for ndim in (1, 2):
        x, y = (tv.tensor(n, dtype="float64", shape=(None,) * ndim) for n in "xy")
        made = [T.signal.convolve(x, y, "valid"), T.signal.correlate(x, y, "valid")]
        shapes = [((7,) * ndim, (3,) * ndim), ((3,) * ndim, (7,) * ndim), ((4,) * ndim, (4,) * ndim), ((6, 5)[:ndim], (6, 2)[:ndim])]
        for a, b in shapes:
            u, v = rng.normal(size=a), rng.normal(size=b)
            meant = [scipy.signal.convolve(u, v, "valid"), scipy.signal.correlate(u, v, "valid")]
            for found in both([x, y], made, u, v):
                for f, m in zip(found, meant, strict=True):
                    np.testing.assert_allclose(f, m, rtol=1e-12, atol=1e-14)
    for mode in MODES:
        with pytest.raises(tv.ShapeError, match="at least as large"):
            tv.function([x, y], made[0], mode=mode)(np.ones((2, 5)), np.ones((3, 3)))
    whole = T.signal.fftconvolve(tv.lvector("i"), tv.tensor("b", dtype="bool", shape=(None,)))
    assert whole.dtype == np.float64 and T.signal.fftconvolve(tv.fvector("f"), tv.fvector("g")).dtype == np.float32


# -- classes of errors -----------------------------------------------------------------------------------------------------------
X = tv.dmatrix("x")
REFUSED: dict[str, tuple[type[Exception], Callable[[Any, Any], Any]]] = {
    "too many indices": (IndexError, lambda M, x: x[0, 0, 0]), "two dots": (IndexError, lambda M, x: x[..., ...]),
    "float index": (IndexError, lambda M, x: x[0.5]), "name": (IndexError, lambda M, x: x["a"]),
    "mask": (IndexError, lambda M, x: x[:, np.ones((2, 2), bool)]), "slice": (TypeError, lambda M, x: x["a":]),
    "step": (ValueError, lambda M, x: x[::0]), "pad mode": (ValueError, lambda M, x: M.pad(x, 1, "foo")),
    "pad width": (ValueError, lambda M, x: M.pad(x, -1)), "side": (ValueError, lambda M, x: M.searchsorted(x[0], 1.0, side="mid")),
    "norm": (ValueError, lambda M, x: M.fft.fft(x, norm="foo")), "output": (ValueError, lambda M, x: M.einsum("ij->ik", x)),
    "order": (ValueError, lambda M, x: M.ravel(x, order="Z")),
    "edge_order": (ValueError, lambda M, x: M.gradient(x, edge_order=3)), "quantile": (ValueError, lambda M, x: M.quantile(x, 2.0)),
    "method": (ValueError, lambda M, x: M.quantile(x, 0.5, method="foo")), "diff": (ValueError, lambda M, x: M.diff(x, -1)),
    "convolve": (ValueError, lambda M, x: M.convolve(x[0], x[0], "foo")), "kind": (ValueError, lambda M, x: M.sort(x, kind="foo")),
    "where": (ValueError, lambda M, x: M.where(x, x)), "nothing": (ValueError, lambda M, x: M.concatenate([])),
    "reshape": (ValueError, lambda M, x: x[:2, :2].reshape(3)), "period": (ValueError, lambda M, x: M.interp(x, [0.0], [1.0], period=0)),
    "bins": (ValueError, lambda M, x: M.histogram(x, 0)), "shift": (ValueError, lambda M, x: M.roll(x, (1, 2, 3), (0, 1))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_errors_are_of_numpys_classes_too(name: str) -> None:
    kind, build = REFUSED[name]
    with pytest.raises(kind):
        build(np, np.ones((2, 3)))
    with pytest.raises(kind) as error:
        build(T, tv.dmatrix("x", shape=(2, 3)))
    assert isinstance(error.value, tv.TensorvizError)


def test_where_of_a_condition_is_nonzero() -> None:
    assert T.where(X > 0) == T.nonzero(X > 0)
    assert np.where(X > 0) == T.nonzero(X > 0)


def test_whether_an_expression_holds_a_value_is_no_question_for_python() -> None:
    with pytest.raises(tv.ConversionError, match=r"tv.any\(x == value\)"):
        assert 3 in X


# -- words of NumPy's, SciPy's and Theano's ---------------------------------------------------------------------------------------
def test_constants_and_questions_are_numpys() -> None:
    assert (T.pi, T.e, T.inf, T.euler_gamma, T.newaxis) == (np.pi, np.e, np.inf, np.euler_gamma, None) and np.isnan(T.nan)
    assert T.ndim(X) == 2 and T.isrealobj(X) and T.iscomplexobj(tv.zvector("z")) and T.constant(1.0) is tv.constant(1.0)
    assert T.asarray([X[0, 0], 1.0]).type.shape == (2,) and T.array(X, ndmin=3).ndim == 3 and T.copy(X) is X is np.copy(X)
    assert T.astype(X, "float32").dtype == np.float32 and T.TensorType is tv.TensorType
    assert T.clip(X, a_min=0.0, a_max=1.0) is T.clip(X, 0.0, 1.0)
    with pytest.raises(ValueError, match="how long"):
        T.unstack(X)


def test_methods_take_elements_apart_as_numpys_do() -> None:
    value = np.arange(6.0).reshape(2, 3)
    assert X.item(4).eval({X: value}) == value.item(4) and X.item(1, 2).eval({X: value}) == value.item(1, 2)
    assert X[:1, :1].item().eval({X: value}) == 0 and X.item((0, 1)).eval({X: value}) == 1
    with pytest.raises(tv.ShapeError):
        X.item().eval({X: value})
    np.testing.assert_array_equal(X.partition(1, axis=0).eval({X: value[::-1]}), value)
    np.testing.assert_array_equal(X.argpartition(1, axis=0).eval({X: value[::-1]}), [[1, 1, 1], [0, 0, 0]])
    twin = X.clone()
    assert twin is not X and twin.type == X.type and twin.name == X.name and X.clone("y").name == "y"
    assert (X + 1).clone() is X + 1 and X.transfer("cpu") is X


def test_specials_compositions_are_scipys() -> None:
    import scipy.special as s

    x = np.array([0, 1e-20, 0.3, 1, 2.5, 40, -0.5, -2, np.inf, np.nan, 1e-9, 0.04, -0.05, -700, 800, -np.inf])
    powers, n, k = np.array([0, 0.5, 1, -1, 2, 1e-310, -3, 1e-5]), np.array([5, 5, 5, -3, 2.5, 60, 1000, 0]), np.array([2, 7, -1, 2, 1, 30, 3, 0.0])
    delta = np.array([1, 0, -1, 2.0])[:, None]
    rows = {"exprel": (x,), "boxcox": (x[:, None], powers), "boxcox1p": (x[:, None], powers), "huber": (delta, x),
            "pseudo_huber": (delta, x[:8]), "comb": (n, k), "binom": (n, k)}
    for name, values in rows.items():
        variables = [tv.tensor(f"v{j}", dtype="float64", shape=(None,) * v.ndim) for j, v in enumerate(values)]
        with np.errstate(all="ignore"):
            meant = getattr(s, name)(*values)
        for found in both(variables, getattr(T.special, name)(*variables), *values):
            np.testing.assert_allclose(found, meant, rtol=3e-14, err_msg=name)
    np.testing.assert_array_equal(T.special.comb([4.0, 0, 0, 3], [2.0, 0, 2, 0], repetition=True).eval(), [10, 1, 0, 1])
    np.testing.assert_allclose(T.special.yn(1, 2.0).eval(), s.yn(1, 2.0), rtol=1e-14)
    z = tv.dvector("z")
    for at in (0.0, 0.03, 0.049, 0.051, -0.3):
        slope = (np.exp(at) * (at - 1) + 1) / at**2 if at else 0.5
        np.testing.assert_allclose(tv.grad(T.special.exprel(z).sum(), z).eval({z: [at]}), [slope], rtol=1e-11)


def test_theanos_rows_have_their_column() -> None:
    found = T.nnet.prepend_1_to_each_row(X).eval({X: [[2.0, 3.0]]})
    np.testing.assert_array_equal(found, [[1.0, 2.0, 3.0]])
    logits, y = np.array([[0.0, 2.0], [1.0, -1.0]]), [1, 1]
    loss, classes, best, where = (e.eval() for e in T.nnet.crossentropy_softmax_max_and_argmax_1hot(tv.constant(logits), y))
    np.testing.assert_allclose(loss, -np.log(classes[[0, 1], y]), rtol=1e-14)
    np.testing.assert_array_equal(best, classes.max(1))
    np.testing.assert_array_equal(where, [1, 0])
    assert T.cartesian([1, 2], [3, 4]).eval().tolist() == [[1, 3], [1, 4], [2, 3], [2, 4]]
    assert T.nonzero_values(X).eval({X: [[0.0, 2.0]]}).tolist() == [2.0]
