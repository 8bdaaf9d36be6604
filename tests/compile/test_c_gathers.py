"""Gathers, scatters, borders and checks in C against NumPy: dtypes, layouts, sizes above the threads' threshold, empty axes, bad indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.mode import Mode
from tensorviz.compile.program import Foreign
from tests.core.cases import draw

Array = np.ndarray[Any, Any]
DTYPES = ("bool", "int16", "float16", "float32", "uint64", "float64", "complex64", "complex128")        # of all sizes and kinds


def foreign(f: Any) -> list[str]:
    """The ops of a function that run as NumPy steps."""
    return [s.node.op.name for s in f._version.program.steps if isinstance(s, Foreign)]


def compiled(variables: list[Any], outputs: list[Any]) -> Any:
    """A function without rewriting, all of it in C."""
    f = tv.function(variables, outputs, mode=Mode(rewrite=False), on_unused_input="ignore")
    assert foreign(f) == []
    return f


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_dtypes_are_taken_put_and_padded(dtype: str) -> None:
    x, i, k = tv.tensor("x", dtype=dtype, shape=(None, None, None)), tv.lvector("i"), tv.tensor("k", dtype="int64", shape=(None,) * 3)
    outputs = [x[i, i], x[:, i, i], x[i, :, i], x[i[:, None], i], T.take_along_axis(x, k, 1), x[i, i].set(x[:3, 1]),
               T.put_along_axis(x, k, x[:, :2], 1), T.pad(x, ((0, 1), (2, 0), (1, 3)), "reflect"), T.pad(x, 2, "wrap"), T.pad(x, 1)]
    f = compiled([x, i, k], outputs)
    a, at = draw((4, 5, 4), dtype), np.array([3, 0, -1])
    ks = np.random.default_rng(1).integers(-5, 5, (4, 2, 4))
    for found, meant in zip(f(a, at, ks), tv.evaluate(outputs, {x: a, i: at, k: ks}), strict=True):
        np.testing.assert_array_equal(found, meant)
        assert found.dtype == meant.dtype


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d not in ("bool", "float16")])
def test_what_is_added_at_one_place_adds_up(dtype: str) -> None:
    x, v, i, j = tv.tensor("x", dtype=dtype, shape=(None, None)), tv.tensor("v", dtype=dtype, shape=(None,)), tv.lvector("i"), tv.lvector("j")
    f = compiled([x, v, i, j], [x[i, j].inc(v), x[:, j].inc(1), T.add_along_axis(x, j[None] * 0 + x.shape[1] - 1, v, 1)])
    a, w = draw((4, 5), dtype), draw((6,), dtype, 3)
    at, to = np.array([0, 0, 3, 0, -1, 0]), np.array([1, 1, 2, -4, 2, 1])
    pairs, columns, last = a.copy(), a.copy(), a.copy()
    np.add.at(pairs, (at, to), w)
    np.add.at(columns, (slice(None), to), 1)
    np.add.at(last, (np.arange(1)[:, None], np.full((1, 6), 4)), w)
    found = f(a, w, at, to)
    for got, meant in zip(found[:2], (pairs, columns), strict=True):
        np.testing.assert_allclose(got, meant, rtol=1e-5)
    assert found[2].shape == last.shape


LAYOUTS = {
    "C": lambda a: a, "Fortran": np.asfortranarray, "backwards": lambda a: a[::-1, ::-1], "every second": lambda a: np.repeat(a, 2, 1)[:, ::2],
    "turned": lambda a: np.ascontiguousarray(a.T).T, "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_inputs_of_all_layouts_are_walked(layout: str) -> None:
    x, i, k = tv.matrix("x"), tv.lvector("i"), tv.lmatrix("k")
    outputs = [x[i, i], x.T[i, ::-1], x[::-1][i, i], x[:, 1:][:, i], T.take_along_axis(x.T, k, 0), x.T[i, i].set(0.0), x[::2, ::-1][i[:2] // 2].inc(1.0),
               T.pad(x.T[::-1], ((1, 2), (0, 3)), "symmetric")]
    f = compiled([x, i, k], outputs)
    a, at = LAYOUTS[layout](draw((5, 6), "float64")), LAYOUTS["backwards"](np.array([[3, 0, 2]]))[0]
    ks = np.asfortranarray(np.random.default_rng(2).integers(0, 5, (2, 5)))
    before = a.copy()
    for found, meant in zip(f(a, at, ks), tv.evaluate(outputs, {x: a, i: at, k: ks}), strict=True):
        np.testing.assert_array_equal(found, meant)
    np.testing.assert_array_equal(a, before)


def test_large_gathers_and_scatters_are_exact() -> None:
    """Above the thresholds of threads and of parts between which a call may be stopped."""
    rng = np.random.default_rng(5)
    x, i, j, k = tv.matrix("x"), tv.lvector("i"), tv.lvector("j"), tv.lmatrix("k")
    f = compiled([x, i, j, k], [x[i], x[i, j], x[:, j[:7]], T.take_along_axis(x, k, 1), x[i, j].inc(1.0), x[i, j].set(2.0), x[i[:, None], j[:5]]])
    a = rng.normal(size=(3001, 70))
    at, to, ks = rng.integers(-3001, 3001, 100_003), rng.integers(-70, 70, 100_003), rng.integers(-70, 70, (3001, 33))
    summed, put = a.copy(), a.copy()
    np.add.at(summed, (at, to), 1.0)
    put[at, to] = 2.0
    meant = [a[at], a[at, to], a[:, to[:7]], np.take_along_axis(a, ks, 1), summed, put, a[at[:, None], to[:5]]]
    for found, want in zip(f(a, at, to, ks), meant, strict=True):
        np.testing.assert_allclose(found, want, rtol=1e-13)


def test_one_bad_index_among_many_is_found() -> None:
    x, i = tv.matrix("x"), tv.lvector("i")
    f, at = tv.function([x, i], [x[i, i]]), np.zeros(200_000, np.int64)
    at[199_999] = 5
    with pytest.raises(tv.BoundsError, match="index 5 is out of bounds for axis 0 with size 5"):
        f(np.zeros((5, 6)), at)
    at[199_999] = -5
    assert f(np.zeros((5, 6)), at)[0].shape == (200_000,)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_axes_are_walked(shape: tuple[int, int]) -> None:
    x, i, k = tv.matrix("x"), tv.lvector("i"), tv.lmatrix("k")
    outputs = [x[i, i], x[:, i], x[i].set(1.0), x[i, i].inc(1.0), T.take_along_axis(x, k, 0), T.pad(x, 2), T.pad(x.T, ((0, 0), (1, 0)))]
    f = tv.function([x, i, k], outputs, mode=Mode(rewrite=False))
    a, none, ks = np.ones(shape), np.zeros(0, np.int64), np.zeros((0, shape[1]), np.int64)
    for found, meant in zip(f(a, none, ks), tv.evaluate(outputs, {x: a, i: none, k: ks}), strict=True):
        np.testing.assert_array_equal(found, meant)
        assert found.shape == meant.shape


def test_a_bad_index_of_nothing_is_still_one() -> None:
    x, i = tv.matrix("x"), tv.lvector("i")
    f = tv.function([x, i], x[i])
    for run in (lambda: f(np.zeros((2, 0)), [5]), lambda: np.zeros((2, 0))[[5]]):
        with pytest.raises(IndexError):
            run()


def test_arrays_of_indices_that_turn_out_to_be_broadcast_give_what_numpy_gives() -> None:
    x, i, j = tv.matrix("x"), tv.lvector("i"), tv.lvector("j")
    f = tv.function([x, i, j], [x[i, j], x[i, j].set(9.0)])
    a = draw((4, 5), "float64")
    for at, to in (([1, 2, 3], [0, 1, 2]), ([1], [0, 1, 2]), ([1, 2, 3], [4]), ([1], [2])):
        found, put = f(a, at, to)
        np.testing.assert_array_equal(found, a[at, to])
        changed = a.copy()
        changed[at, to] = 9.0
        np.testing.assert_array_equal(put, changed)
    with pytest.raises(tv.ShapeError):
        f(a, [0, 1], [0, 1, 2])


def test_nothing_else_is_left_to_numpy() -> None:
    """What data decide (masks, nonzero, repeats of values) may be; all the rest is C."""
    x, v, i = tv.matrix("x"), tv.vector("v"), tv.lvector("i")
    outputs = [T.roll(x, (1, 2), (0, 1)), T.rot90(x), T.repeat(x, 2, 1), T.tile(x, (2, 3)), T.kron(x, x), T.meshgrid(v, v)[0], T.vander(v),
               T.fill_diagonal(x, 0.0), T.fill_diagonal_offset(x, 0.0, 1), T.diagonal(x, 1), T.diag(v), T.choose(i, [v, 2 * v]), T.delete(x, 1, 0),
               T.select([x > 0], [x], 0.0), T.unravel_index(i, x.shape)[0], T.einsum("ij,kj,k->i", x, x, v), T.cross(x[:, :3], x[:, 1:4]),
               T.take(x, i, 1, "wrap"), T.put(x, i, v), T.assert_op(x, x < 9), T.resize(x, (3, 3)), T.block([[x, x], [x, x]])]
    compiled([x, v, i], outputs)


def test_changes_that_follow_each_other_into_a_result_copy_once() -> None:
    x, v, i = tv.matrix("x"), tv.vector("v"), tv.lvector("i")
    f = tv.function([x, v, i], [x[0].set(v)[1].set(v)[2].inc(v), tv.exp(x)[i].set(0.0)[0].inc(1.0)])
    assert f.source().count("tv_copy((char *)(set_index_out), TV_LIST(n_2, 1), (const char *)(x)") == 1
    a, w = draw((4, 3), "float64"), np.arange(3.0)
    first, second = a.copy(), np.exp(a)
    first[0], first[1], first[2] = w, w, a[2] + w
    second[[2, 3]] = 0.0
    second[0] += 1.0
    for found, meant in zip(f(a, w, [2, 3]), (first, second), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-15)


def test_a_value_that_is_also_a_result_is_not_written_over() -> None:
    x = tv.matrix("x")
    y = tv.exp(x)
    z = y[0].set(0.0)
    f = tv.function([x], [z, y, z[1].set(5.0), y.T, z.sum()])
    a = draw((3, 3), "float64")
    for found, meant in zip(f(a), tv.evaluate([z, y, z[1].set(5.0), y.T, z.sum()], {x: a}), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-14)
