"""What is known only at run time: numbers of diagonals, axes that turn out to be empty; and places that are all of a tensor."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.tensor import special

MODES = ("FAST_RUN", "FAST_COMPILE")
k = tv.lscalar("k")
OFFSETS: dict[str, Callable[..., Any]] = {
    "tril": lambda m, x, k: m.tril(x, k),
    "triu": lambda m, x, k: m.triu(x, k),
    "tri": lambda m, x, k: m.tri(3, 4, k, dtype="float32"),
    "eye": lambda m, x, k: m.eye(3, 4, k),
    "eye of a square": lambda m, x, k: m.eye(4, k=k, dtype="int8"),
    "diagonal": lambda m, x, k: m.diagonal(x, k),
    "diagonal of others": lambda m, x, k: m.diagonal(x, offset=k, axis1=1, axis2=0),
    "diag of a matrix": lambda m, x, k: m.diag(x, k),
    "diag of a vector": lambda m, x, k: m.diag(x[0], k),
    "diagflat": lambda m, x, k: m.diagflat(x, k),
    "trace": lambda m, x, k: m.trace(x, offset=k),
    "tril_indices": lambda m, x, k: m.tril_indices(3, k, 4)[1],
    "triu_indices": lambda m, x, k: m.triu_indices(3, k, 4)[0],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OFFSETS)
def test_numbers_of_diagonals_may_be_expressions(name: str, mode: str) -> None:
    values = np.arange(1.0, 13.0).reshape(3, 4)
    for shape in ((None, None), (3, 4)):
        x = tv.tensor("x", dtype="float64", shape=shape)
        f = tv.function([x, k], OFFSETS[name](T, x, k), mode=mode, on_unused_input="ignore")
        for number in (0, 1, 2, 3, 4, -1, -2, -3):
            meant = OFFSETS[name](np, values, number)
            found = f(values, number)
            assert (found.dtype, found.shape) == (meant.dtype, meant.shape), number
            np.testing.assert_array_equal(found, meant, err_msg=str(number))


def test_a_trace_along_an_unknown_diagonal_has_a_gradient() -> None:
    x = tv.matrix("x")
    f = tv.function([x, k], tv.grad(T.trace(x, offset=k) + T.tril(x, k).sum(), x))
    for number in (-1, 0, 2):
        np.testing.assert_array_equal(f(np.ones((3, 4)), number), np.eye(3, 4, number) + np.tril(np.ones((3, 4)), number))


def test_what_is_no_number_of_a_diagonal_is_told() -> None:
    x = tv.matrix("x")
    for bad in (tv.dscalar("d"), tv.lvector("v"), 0.5, "up"):
        for build in (T.tril, T.triu, T.diagonal, T.diag, lambda x, k: T.eye(3, k=k), lambda x, k: T.tri(3, k=k)):
            with pytest.raises(tv.TensorvizError, match="the number of a diagonal is an integer"):
                build(x, bad)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ("float64", "float32", "int32", "bool"))
def test_nanquantile_of_nothing_is_nan(mode: str, dtype: str) -> None:
    for axis in (None, 0, 1, (0, 1)):
        values = np.zeros((0, 3), dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meant = np.nanquantile(values, 0.5, axis=axis)
        for shape in ((None, 3), (0, 3)):
            x = tv.tensor("x", dtype=dtype, shape=shape)
            for build in (T.nanquantile(x, 0.5, axis=axis), T.nanpercentile(x, 50, axis=axis)):
                found = tv.function([x], build, mode=mode)(values)
                assert (found.dtype, found.shape) == (np.asarray(meant).dtype, np.shape(meant))
                np.testing.assert_array_equal(found, meant)


@pytest.mark.parametrize("mode", MODES)
def test_nanquantile_still_has_all_methods_where_there_are_elements(mode: str) -> None:
    values = np.array([[3.0, np.nan, 1.0, 4.0], [np.nan, np.nan, np.nan, np.nan], [2.0, 7.0, 1.0, 8.0]])
    x, i = tv.matrix("x"), tv.lmatrix("i")
    for method in ("linear", "weibull", "hazen", "nearest", "lower", "inverted_cdf"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meant = np.nanquantile(values, [0.0, 0.3, 1.0], axis=1, method=method)
        found = tv.function([x], T.nanquantile(x, [0.0, 0.3, 1.0], axis=1, method=method), mode=mode)(values)
        np.testing.assert_allclose(found, meant, rtol=1e-15)
        whole = np.array([[3, 1, 2], [9, 7, 8]])
        found = tv.function([i], T.nanquantile(i, 0.3, axis=1, method=method), mode=mode)(whole)
        np.testing.assert_allclose(found, np.nanquantile(whole, 0.3, axis=1, method=method), rtol=1e-15)


def test_weighted_nanquantile_of_nothing_is_nan() -> None:
    x = tv.vector("x")
    f = tv.function([x], T.nanquantile(x, 0.5, weights=T.ones_like(x), method="inverted_cdf"))
    assert np.isnan(f(np.zeros(0)))
    assert f(np.array([1.0, 2.0, np.nan])) == 1.0


def test_nanquantile_that_picks_among_whole_numbers_is_nan_of_what_is_known_to_be_nothing() -> None:
    found = T.nanquantile(np.zeros((0, 3), int), 0.5, method="nearest")
    assert found.dtype == float and np.isnan(found.eval())
    with pytest.raises(IndexError):
        tv.function([k0 := tv.lvector("i")], T.nanquantile(k0, 0.5, method="nearest"))(np.zeros(0, int))


@pytest.mark.parametrize("method", ("nearest", "lower", "higher", "inverted_cdf", "closest_observation"))
def test_quantiles_that_pick_a_boolean_give_a_boolean(method: str) -> None:
    values = np.array([[True, False, True], [False, False, True]])
    b = tv.tensor("b", dtype="bool", shape=(None, 3))
    for mine, theirs, q in ((T.quantile, np.quantile, 0.5), (T.quantile, np.quantile, [0.2, 0.9]),
                            (T.percentile, np.percentile, 40), (T.nanquantile, np.nanquantile, 0.5)):
        found, meant = mine(b, q, axis=1, method=method).eval({b: values}), theirs(values, q, axis=1, method=method)
        assert found.dtype == meant.dtype == bool
        np.testing.assert_array_equal(found, meant)
    if method == "inverted_cdf":
        assert T.quantile(b[0], 0.5, weights=[1, 1, 1], method=method).dtype == bool


def test_logsumexp_of_nothing_is_minus_infinity() -> None:
    for f in (T.logsumexp, special.logsumexp, T.nn.logsumexp):
        for shape, axis in (((0,), None), ((0, 3), 0), ((2, 0), 1), ((0, 3), 1)):
            meant = np.full(np.sum(np.zeros(shape), axis=axis).shape, -np.inf)
            for mode in MODES:
                found = tv.function([], f(np.zeros(shape), axis=axis), mode=mode)()
                np.testing.assert_array_equal(found, meant)


@pytest.mark.parametrize("place", (lambda x: x[None], lambda x: x[None, :, None], lambda x: x[..., None], lambda x: x[:, :],
                                   lambda x: x[...], lambda x: x[:]))
def test_a_place_that_is_all_of_a_tensor_has_a_gradient_of_zeros(place: Callable[[Any], Any]) -> None:
    x, s, y = tv.matrix("x"), tv.scalar("s"), tv.matrix("y")
    made = T.set_subtensor(place(x), s)
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = tv.function([x, s], [made, *tv.grad(made.sum(), [x, s])])
    found, gx, gs = f(values, 7.0)
    np.testing.assert_array_equal(found, np.full((2, 2), 7.0))
    np.testing.assert_array_equal(gx, np.zeros((2, 2)))
    assert gs == 4.0
    added = T.inc_subtensor(x[None], y[None])
    np.testing.assert_array_equal(tv.grad(added.sum(), x).eval({x: values, y: values}), np.ones((2, 2)))


def test_a_new_axis_on_a_scalar_is_a_place_too() -> None:
    s, v = tv.scalar("s"), tv.vector("v")
    made = T.set_subtensor(s[None], v)
    assert made.ndim == 0 and tv.grad(made, s).eval({s: 1.0, v: [2.0]}) == 0.0
    assert made.eval({s: 1.0, v: [2.0]}) == 2.0
