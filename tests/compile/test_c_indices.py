"""Indexing in C: slices are views, arrays of indices are looked up and put or added at; out of bounds it fails as the interpreter does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.compile.program import Foreign
from tensorviz.core.errors import BoundsError, TensorvizError

Build = Callable[[Any, Any, Any, Any], Any]
CASES: dict[str, Build] = {                     # of a matrix x, indices i, an index k, a row v
    "row": lambda x, i, k, v: x[k] * 2.0, "column": lambda x, i, k, v: x[:, k], "rest": lambda x, i, k, v: tv.exp(x[k:, ::2]) + 1.0,
    "backwards": lambda x, i, k, v: x[::-1, k:] * 2.0, "step": lambda x, i, k, v: x[::k], "up-to": lambda x, i, k, v: x[:k].sum(axis=0),
    "rows": lambda x, i, k, v: x[i], "columns": lambda x, i, k, v: tv.take(x, i, axis=1), "of-turned": lambda x, i, k, v: x.T[i],
    "grid": lambda x, i, k, v: tv.take(x, tv.stack([i, i]), axis=0), "pairs": lambda x, i, k, v: x[i, i].sum(),
    "set-row": lambda x, i, k, v: x[k].set(v), "set-part": lambda x, i, k, v: tv.exp(x)[1:, ::-1].set(v), "add-row": lambda x, i, k, v: x[k].inc(v),
    "set-rows": lambda x, i, k, v: x[i].set(v), "add-rows": lambda x, i, k, v: x[i].inc(v), "add-columns": lambda x, i, k, v: x[:, i].inc(2.0),
    "gradient-of-rows": lambda x, i, k, v: tv.grad((x[i] ** 2).sum(), x), "gradient-of-part": lambda x, i, k, v: tv.grad(tv.exp(x[1:, k]).sum(), x),
    "product-of-parts": lambda x, i, k, v: x[1:] @ x[1:].T, "differences": lambda x, i, k, v: x[1:] - x[:-1], "twice": lambda x, i, k, v: x[1:][:, 1:][k],
}
ROW = np.arange(5.0)
GOOD = [([0, 2, -1], 1), ([2, 2, 2, 0], -1), ([], 2)]
BAD = [([0, 7], 9), ([0, -9], -7), ([0, 1], 0)]


@pytest.fixture(scope="module")
def compiled() -> tuple[list[Any], dict[str, tuple[Any, Any]]]:
    """The variables, and by name the expression and its function."""
    x, i, k, v = variables = [tv.matrix("x"), tv.lvector("i"), tv.lscalar("k"), tv.vector("v")]
    made = {name: build(x, i, k, v) for name, build in CASES.items()}
    return variables, {name: (e, tv.function(variables, e, mode=Mode(rewrite=False), on_unused_input="ignore")) for name, e in made.items()}


@pytest.mark.parametrize("name", CASES)
def test_indexing_runs_in_c_and_gives_what_the_interpreter_gives(name: str, compiled: Any) -> None:
    variables, functions = compiled
    e, f = functions[name]
    assert not any(isinstance(s, Foreign) for s in f._version.program.steps)
    for shape in ((4, 5), (5, 5)):
        x = np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape)
        before = x.copy()
        for i, k in GOOD:
            found = f(x, i, k, ROW)
            np.testing.assert_allclose(found, e.eval(dict(zip(variables, (x, i, k, ROW), strict=True))), rtol=1e-14)
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", CASES)
def test_bad_indices_fail_as_in_the_interpreter(name: str, compiled: Any) -> None:
    variables, functions = compiled
    e, f = functions[name]

    def outcome(run: Callable[[], Any]) -> Any:
        try:
            return run().shape
        except TensorvizError as error:
            return type(error), str(error)

    x = np.ones((4, 5))
    for (i, k), v in ((b, r) for b in BAD for r in (ROW, ROW[:1], ROW[:3])):
        assert outcome(lambda i=i, k=k, v=v: f(x, i, k, v)) == outcome(
            lambda i=i, k=k, v=v: e.eval(dict(zip(variables, (x, i, k, v), strict=True))))


def test_an_index_out_of_bounds_names_index_axis_size_and_line() -> None:
    x, i = tv.matrix("x"), tv.lvector("i")
    f = tv.function([x, i], x[i] * 2.0)
    with pytest.raises(BoundsError, match=r"index 7 is out of bounds for axis 0 with size 4") as caught:
        f(np.zeros((4, 5)), [1, 7])
    assert "x[i] * 2.0" in str(caught.value) and "test_c_indices.py" in str(caught.value)


@pytest.mark.parametrize("dtype", ("bool", "int8", "int16", "uint32", "int64", "float32", "float64"))
def test_moves_of_all_item_sizes(dtype: str) -> None:
    x, i = tv.tensor("x", dtype=dtype, shape=(None, None)), tv.lvector("i")
    results = [x[i], x[:, i], x[1:, ::-2], x[i].set(x[:3]), x[::2].set(x[1::2])]
    if dtype != "bool":
        results += [x[i].inc(x[:3]), x[::2].inc(x[1::2])]
    f = tv.function([x, i], results)
    a, k = np.arange(24).reshape(4, 6).astype(dtype), np.array([3, 0, 3])
    for found, want in zip(f(a, k), tv.evaluate(results, {x: a, i: k}), strict=True):
        np.testing.assert_array_equal(found, want)
        assert found.dtype == want.dtype
