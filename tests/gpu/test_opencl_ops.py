"""Kernels in OpenCL C against the NumPy interpreter: every elementwise op and every reduction, over dtypes and odd shapes.

Bitwise for integers and for ops marked `exact`. Elementary functions: the bounds of the OpenCL specification ("Relative error
as ULPs"), against the value in the next wider format; ops of several steps have the sum of their steps. Sums and products: as
many roundings as elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.program import Foreign
from tensorviz.core.errors import DtypeError
from tensorviz.core.op import BUILDERS, OPS
from tensorviz.core.ops.special import SPECIAL
from tensorviz.core.ops.special_numbers import NUMBERS

pytestmark = pytest.mark.opencl

Array = np.ndarray[Any, Any]
DTYPES = ("bool", "int8", "int32", "int64", "uint8", "uint64", "float32", "float64")
ULPS = {"sqrt": 3, "cbrt": 2, "exp": 3, "exp2": 3, "expm1": 3, "log": 3, "log2": 3, "log10": 3, "log1p": 2, "power": 16,
        "sin": 4, "cos": 4, "tan": 5, "arcsin": 4, "arccos": 4, "arctan": 5, "arctan2": 6, "hypot": 4, "erf": 16, "erfc": 16,
        "sinh": 4, "cosh": 4, "tanh": 5, "arcsinh": 4, "arccosh": 4, "arctanh": 5, "true_divide": 2.5, "reciprocal": 2.5,
        "floor_divide": 1, "sigmoid": 8, "softplus": 8, "logaddexp": 8, "logaddexp2": 8}
WIDE: dict[str, Callable[..., Array]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "erf": np.vectorize(math.erf, otypes=[float]),
    "erfc": np.vectorize(math.erfc, otypes=[float]),
}
COMPLEX = {"complex", "real", "imag", "conjugate"}
OTHER = {"cast", "where", "ravel_index"}                # tested below, or of lengths
NO_CODE = {"reciprocal"}                                # of integers: by NumPy's own rule for 1 / 0


def sample(dtype: Any, size: int, seed: int) -> Array:
    """Special values of a dtype, then random ones."""
    dtype, rng = np.dtype(dtype), np.random.default_rng(seed)
    if dtype.kind == "b":
        return rng.integers(0, 2, size).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        special = np.array([info.min, info.max, 0, 1, 2, 3, 7], dtype)
        small = rng.integers(max(info.min, -9), 10, size).astype(dtype)
        return np.resize(rng.permutation(np.concatenate([special, small])), size)
    info = np.finfo(dtype)
    special = np.array([0.0, -0.0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 7, 100, -100, info.max, info.smallest_normal, np.inf,
                        -np.inf, np.nan], dtype)
    small = rng.normal(size=size).astype(dtype)
    return np.resize(rng.permutation(np.concatenate([special, small, small * dtype.type(10)])), size)


def elementwise(x: Any, y: Any) -> list[tuple[str, Any]]:
    """All elementwise ops of two variables that take their dtype: one kernel computes them."""
    rows = []
    for op in OPS.values():
        if op.family != "elementwise" or op.name in OTHER | COMPLEX | SPECIAL.keys() | NUMBERS.keys() or (op.name == "power" and x.dtype.kind in "bi"):
            continue
        try:
            expr = BUILDERS[op.name](*[x, y][: op.numpy.nin])       # type: ignore[attr-defined]
        except DtypeError:
            continue
        if all(a.dtype.name != "float16" for a in (expr, *expr.args)):
            rows.append((op.name, expr))
    return rows


@cache
def compiled(dtype: str) -> tuple[Any, list[tuple[str, Any]]]:
    """One function of all ops of a dtype."""
    x, y = (tv.tensor(name, dtype=dtype, shape=(None,)) for name in "xy")
    rows = elementwise(x, y)
    return tv.function([x, y], [e for _, e in rows], target="opencl"), rows


def wrong(name: str, found: Array, meant: Array, args: list[Array]) -> str:
    """What differs; empty if nothing does."""
    assert found.dtype == meant.dtype and found.shape == meant.shape, name
    with np.errstate(all="ignore"):
        same = (found == meant) | ((found != found) & (meant != meant))
        if meant.dtype.kind == "f" and name in ULPS:
            wider = np.longdouble if meant.dtype == np.float64 and name not in ("erf", "erfc") else np.float64
            value = (WIDE.get(name) or getattr(np, name))(*[a.astype(wider) for a in args])
            scale = [meant, *args] if name in ("logaddexp", "logaddexp2") else [meant]
            unit = np.spacing(np.maximum.reduce([np.abs(a) for a in scale]))
            same |= np.abs(found.astype(value.dtype) - value) <= (ULPS[name] + 0.5) * unit
            same |= (name == "sigmoid") & (np.abs(meant) <= np.finfo(meant.dtype).tiny)
    if same.all():
        return ""
    k = int(np.argmin(same))
    return f"{name}({', '.join(repr(a[k]) for a in args)}) = {found[k]!r}, not {meant[k]!r}; {(~same).sum()} of {same.size}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_ops_are_what_numpy_makes_of_them(dtype: str) -> None:
    f, rows = compiled(dtype)
    for size in (1027, 1, 0):
        x, y = sample(dtype, size, 1), sample(dtype, size, 2)
        env = dict(zip(f.inputs, (x, y), strict=True))
        meant = tv.evaluate([e for _, e in rows], env)
        args = [tv.evaluate(list(e.args), env) for _, e in rows]
        problems = [wrong(n, a, b, c) for (n, _), a, b, c in zip(rows, f(x, y), meant, args, strict=True)]
        assert not any(problems), "\n".join(p for p in problems if p)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_ops_all_have_kernels(dtype: str) -> None:
    f, _ = compiled(dtype)
    by_numpy = {s.node.op.name for s in f._version.program.steps if isinstance(s, Foreign)}
    assert by_numpy <= NO_CODE


def test_casts_are_those_of_numpy() -> None:
    names = ("bool", "int8", "uint8", "int32", "int64", "uint64", "float32", "float64")
    pairs = [(old, new) for old in names for new in names if old != new]
    variables = {name: tv.tensor(name, dtype=name, shape=(None,)) for name in names}
    f = tv.function(list(variables.values()), [BUILDERS["cast"](variables[old], new) for old, new in pairs], target="opencl")
    values = {name: np.arange(0, 100, 3).astype(name) for name in names}
    for found, (old, new) in zip(f(*values.values()), pairs, strict=True):
        assert found.dtype == new and np.array_equal(found, values[old].astype(new)), (old, new)


def test_where_takes_what_the_condition_says() -> None:
    c, x, y = tv.tensor("c", dtype="bool", shape=(None,)), tv.fvector("x"), tv.fscalar("y")
    f = tv.function([c, x, y], tv.where(c, x, y), target="opencl")
    condition, values = np.arange(100) % 3 == 0, np.arange(100, dtype="f")
    meant = np.where(condition, values, np.float32(np.nan))
    assert np.array_equal(f(condition, values, np.float32(np.nan)), meant, equal_nan=True)


REDUCTIONS = ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin")
AXES = (None, 0, 1, (0, 2), (1, 2), -1)
SHAPES = ((3, 5, 67), (1, 130, 1), (70, 2, 3))


def reductions(name: str, x: Any) -> list[Any]:
    axes = [a for a in AXES if not (name.startswith("arg") and isinstance(a, tuple))]
    return [BUILDERS[name](x, axis=a, keepdims=bool(k % 2)) for k, a in enumerate(axes)]


@pytest.mark.parametrize("dtype", ("bool", "int32", "float32", "float64"))
def test_reductions_are_what_numpy_makes_of_them(dtype: str) -> None:
    x, y = (tv.tensor(name, dtype=dtype, shape=(None, None, None)) for name in "xy")
    rows = [(name, e) for name in REDUCTIONS for e in reductions(name, tv.maximum(x, y))]     # one nest for each axis
    f = tv.function([x, y], [e for _, e in rows], target="opencl")
    assert not any(isinstance(s, Foreign) for s in f._version.program.steps)
    for shape in SHAPES:
        values = np.random.default_rng(3).normal(size=shape) * 3
        array = (1 + values / 50 if np.dtype(dtype).kind == "f" else np.abs(values)).astype(dtype)
        all_meant = tv.evaluate([e for _, e in rows], {x: array, y: array})
        for (name, e), found, meant in zip(rows, f(array, array), all_meant, strict=True):
            assert found.dtype == meant.dtype and found.shape == meant.shape, e
            if meant.dtype.kind == "f" and name in ("sum", "prod"):
                size = array.size // max(meant.size, 1)
                bound = size * np.finfo(dtype).eps * np.abs(meant)
                assert (np.abs(found - meant) <= bound).all(), (name, shape)
            else:
                assert np.array_equal(found, meant), (name, shape)


@pytest.mark.parametrize("name", ("max", "min", "argmax", "argmin"))
def test_nan_is_the_largest_and_the_smallest_and_ties_go_to_the_first(name: str) -> None:
    x = tv.fmatrix("x")
    f = tv.function([x], [BUILDERS[name](x, axis=a) for a in (None, 0, 1)], target="opencl")
    tied = np.random.default_rng(0).integers(0, 3, (9, 301)).astype("f")
    holes = tied.copy()
    holes[[2, 2, 7], [5, 90, 200]] = np.nan
    for array in (tied, holes, -np.inf * np.ones((3, 70), "f"), np.inf * np.ones((3, 70), "f")):
        for found, axis in zip(f(array), (None, 0, 1), strict=True):
            assert np.array_equal(found, getattr(np, name)(array, axis=axis), equal_nan=True)


@pytest.mark.parametrize("size", (0, 1, 63, 64, 65, 4097, 100_000))
def test_long_rows_and_whole_arrays_are_reduced_by_many_items(size: int) -> None:
    f = _whole()
    array = np.random.default_rng(size).uniform(1, 2, size).astype("f")
    total, shifted, count = f(array)
    assert abs(total - array.sum(dtype="d")) <= 1e-6 * max(total, 1)
    assert np.allclose(shifted, array - total, rtol=1e-6)
    assert count == (array > 1.5).sum()


@cache
def _whole() -> Any:
    x = tv.fvector("x")
    total = tv.sum(x)
    return tv.function([x], [total, x - total, tv.sum(x > 1.5)], target="opencl")


def test_lengths_of_arrays_without_code_are_asked_by_numpy() -> None:
    h = tv.tensor("h", dtype="float16", shape=(None, None))
    f = tv.function([h], tv.sum(tv.ones(h.shape) * tv.constant(np.arange(3.0)), axis=1), target="opencl")
    np.testing.assert_array_equal(f(np.ones((2, 3), "float16")), [3.0, 3.0])
