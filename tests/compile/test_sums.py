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
