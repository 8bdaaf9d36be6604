"""Sums of any length are within 2 roundings of the sum of absolute terms, as NumPy's pairwise sums are; nothing infinite is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.text import _sections

Array = np.ndarray[Any, Any]
LENGTHS = (100, 1000, 1025, 10_000, 100_000, 3_000_001)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", LENGTHS)
def test_long_sums_are_as_exact_as_pairwise_ones(dtype: str, n: int) -> None:
    v, m = tv.vector("v", dtype=dtype), tv.matrix("m", dtype=dtype)
    f, rows = tv.function([v], [v.sum(), v[::3].sum(), v.mean()]), tv.function([m], [m.sum(axis=1), m.T.sum(axis=0)])
    x = np.random.default_rng(n).random(n).astype(dtype)
    wide = x.astype(np.longdouble)
    eps = float(np.finfo(dtype).eps)
    for found, meant in zip(f(x), (wide.sum(), wide[::3].sum(), wide.mean()), strict=True):
        assert abs(found - meant) <= 2 * eps * meant
    several = np.stack([x, x[::-1]])
    for found in rows(several):
        assert (abs(found - wide.sum()) <= 2 * eps * wide.sum()).all()


@pytest.mark.parametrize("bad", [[np.inf], [-np.inf, -np.inf], [np.inf, -np.inf], [np.nan], [3e38, 3e38]])
def test_infinite_sums_are_infinite(bad: list[float]) -> None:
    v = tv.fvector("v")
    x = np.zeros(5000, np.float32)
    x[100:100 + len(bad)] = bad
    x[3000:3000 + len(bad)] = bad
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(tv.function([v], v.sum())(x), np.sum(x))


def test_complex_sums_are_as_exact() -> None:
    z = tv.zvector("z")
    value = np.random.default_rng(1).random(200_000) * (1 + 2j)
    meant = value.astype(np.clongdouble).sum()
    assert abs(tv.function([z], z.sum())(value) - meant) <= 4e-16 * abs(meant)


@pytest.mark.parametrize("folder", ["functions", "pieces"])
def test_each_piece_of_c_has_a_name_of_its_own(folder: str) -> None:
    names = [(name, kind) for name, kind, _ in _sections(folder)]
    assert sorted(set(names)) == sorted(names)


COLUMNS = {
    "columns": lambda m: m.sum(0), "kept": lambda m: m.sum(0, keepdims=True), "first": lambda m: m[:, :1].mean(0),
    "every other": lambda m: m[:, ::2].sum(), "turned": lambda m: m.T.sum(1), "turned and cut": lambda m: m[:, :1].T.sum(),
    "squares": lambda m: (m * m).sum(0), "total of columns": lambda m: m.sum(0).sum(), "cube": lambda m: m[:, :, None].sum((0, 2)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "float16"])
@pytest.mark.parametrize("shape", [(300_000, 1), (100_001, 3), (1025, 7), (512, 2), (1, 1), (0, 3)], ids=str)
def test_sums_over_rows_of_any_layout_are_as_exact(dtype: str, shape: tuple[int, int]) -> None:
    m = tv.matrix("m", dtype=dtype)
    x = np.random.default_rng(shape[0]).random(shape).astype(dtype) / np.array(8 if dtype == "float16" else 1, dtype)
    wide = x.astype(np.clongdouble if dtype[0] == "c" else np.longdouble)
    eps = float(np.finfo(dtype).eps) * (512 if dtype[0] == "c" else 16)     # blocks of complex numbers are only added up
    together = tv.function([m], [build(m) for build in COLUMNS.values()])(x)
    for found, (name, build) in zip(together, COLUMNS.items(), strict=True):
        with np.errstate(all="ignore"):
            meant = np.asarray(build(wide))
        for got in (found, tv.function([m], build(m))(x)):
            near = np.abs(got.astype(meant.dtype) - meant) <= eps * np.abs(meant)
            assert (near | np.isnan(got) & np.isnan(meant)).all(), f"{name}: {got}, not {meant}"


def test_sums_over_rows_of_infinities_are_numpys() -> None:
    m = tv.matrix("m", dtype="float32")
    x = np.zeros((2000, 6), np.float32)
    x[5, 0], x[1500, 1], x[700, 2], x[7, 3], x[1999, 3] = np.inf, -np.inf, np.nan, np.inf, -np.inf
    x[::3, 4], x[9, 5], x[1029, 5] = 3e38, 3e38, -3e38
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(tv.function([m], m.sum(0))(x), x.sum(0))
