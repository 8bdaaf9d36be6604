"""Compiled C against NumPy for everything that is not elementwise: reductions, products, shapes, indices, creation, casts.

Integers, comparisons and moves of data are equal bit for bit. A sum of n terms t may be off by `(terms(n) + 4) * eps * sum(|t|)`,
where a value passes through at most `terms(n)` additions: blocks of 512 are added up one after the other, then the blocks, without loss.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.core.errors import DtypeError, ShapeError
from tests.compile.families import NETWORKS, ORDERED, family
from tests.core.cases import CASES, Case, inputs

Array = np.ndarray[Any, Any]
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
MODES = {"rewritten": Mode(), "plain": Mode(rewrite=False)}
CHUNK = 60                                              # outputs compiled into one function
LONG = 1_000_003


def close(found: Array, meant: Array, rtol: float = 0.0, atol: float = 0.0) -> bool:
    """Same dtype and shape; equal, or within tolerances if the values are floats."""
    if found.dtype != meant.dtype or found.shape != meant.shape:
        return False
    if meant.dtype.kind != "f":
        return np.array_equal(found, meant)
    return bool(np.allclose(found, meant, rtol=rtol, atol=atol, equal_nan=True))


def terms(n: int) -> int:
    """How many additions a term of a sum of n can pass through."""
    return min(n, 512) + 2


# -- the table of all builders ------------------------------------------------------------------------------------------------
WAYS = (("float64", True), ("float64", False), ("float32", True), ("int32", False), ("uint8", True), ("bool", False))


def chunks(dtype: str, known: bool) -> Iterator[list[tuple[Case, Any, list[Any], list[Array]]]]:
    """The cases of a dtype that have an expression, in groups: each case is compiled in one of the ways it can be, in turn.

    Those of families that have tests of their own in C are left to these.
    """
    rows = []
    for k, case in enumerate(CASES):
        possible = [(d, n) for d, n in WAYS if d in case.dtypes and (n or not case.fixed)]
        if possible and family(case) not in ORDERED + NETWORKS and (dtype, known) == possible[k % len(possible)]:
            try:
                variables, arrays = inputs(case, dtype, known)
                rows.append((case, case.build(*variables), variables, arrays))
            except (DtypeError, ShapeError):
                continue
    yield from (rows[k:k + CHUNK] for k in range(0, len(rows), CHUNK))


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "known"), WAYS)
def test_every_builder_compiles_to_what_numpy_gives(dtype: str, known: bool) -> None:
    problems = []
    for rows in chunks(dtype, known):
        variables = [v for _, _, vs, _ in rows for v in vs]
        mode = MODES["rewritten" if known else "plain"]
        f = tv.function(variables, [e for _, e, _, _ in rows], mode=mode, on_unused_input="ignore")
        found = f(*(a for *_, arrays in rows for a in arrays))
        given = {v: a for _, _, vs, arrays in rows for v, a in zip(vs, arrays, strict=True)}
        meant = tv.evaluate([e for _, e, _, _ in rows], given)
        tolerance = {"float64": 1e-12, "float32": 3e-5}.get(dtype, 1e-12)
        for (case, expr, _, arrays), got, want in zip(rows, found, meant, strict=True):
            if not close(got, want, tolerance, tolerance):
                problems.append(f"{case.name}: {expr} gave\n{got!r}, interpreter\n{want!r}")
            numpy = np.asarray(case.numpy(*arrays))
            if numpy.shape != got.shape or not np.allclose(got, numpy, rtol=1e-4, atol=1e-4, equal_nan=True):
                problems.append(f"{case.name}: {expr} gave\n{got!r}, NumPy\n{numpy!r}")
    assert not problems, f"{len(problems)} of them\n" + "\n".join(problems[:12])


# -- reductions ------------------------------------------------------------------------------------------------------------------
REDUCTIONS = ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin")
SHAPES = ((5,), (1,), (3, 7), (7, 1), (1, 5), (2, 3, 5), (4, 1, 3), (131, 17), (2, 3, 1, 5))


def axes_for(name: str, ndim: int) -> list[Any]:
    """Axes to reduce over: each, all, pairs."""
    single: list[Any] = [None, *range(ndim)]
    return single if name.startswith("arg") else [*single, (), *itertools.combinations(range(ndim), 2)]


def values(dtype: str, shape: tuple[int, ...], special: bool) -> Array:
    """Numbers with ties and signs; NaN, infinities and subnormals if asked."""
    rng = np.random.default_rng([len(shape), *shape])
    kind = np.dtype(dtype).kind
    if kind != "f":
        return rng.integers(0 if kind in "ub" else -2, 2 if kind == "b" else 4, shape).astype(dtype)
    x = rng.integers(-9, 10, shape).astype(dtype) / 4
    if special and x.size > 4:
        x.flat[rng.integers(0, x.size, 4)] = [np.nan, np.inf, -np.inf, np.finfo(dtype).smallest_subnormal]
    return np.asarray(x, dtype)


@cache
def reductions(dtype: str, ndim: int) -> tuple[Any, list[tuple[str, Any, bool]]]:
    """A function of all reductions of a rank."""
    x = tv.tensor("x", dtype=dtype, shape=(None,) * ndim)
    kept = (False, True) if ndim < 3 else (False,)
    rows = [(name, axis, keep) for name in REDUCTIONS for axis in axes_for(name, ndim) for keep in kept]
    return tv.function([x], [getattr(tv, name)(x, axis=axis, keepdims=keep) for name, axis, keep in rows]), rows


@pytest.mark.parametrize(("dtype", "ndim"), [*((d, n) for d in DTYPES for n in (1, 2)),
                                             ("float32", 3), ("float64", 3), ("int8", 3), ("float32", 4)])
def test_reductions_over_any_axes_are_what_numpy_gives(dtype: str, ndim: int) -> None:
    f, rows = reductions(dtype, ndim)
    problems = []
    for shape, special in itertools.product([s for s in SHAPES if len(s) == ndim], (False, True)):
        x = values(dtype, shape, special)
        for (name, axis, keep), got in zip(rows, f(x), strict=True):
            if special and name == "prod":
                continue                                # 0 or infinity first depends on the order
            with np.errstate(all="ignore"):
                want = np.asarray(getattr(np, name)(x, axis=axis, keepdims=keep))
            sure = name not in ("sum", "prod") or want.dtype.kind != "f"
            size = np.nansum(np.abs(x[np.isfinite(x)])) if name == "sum" else 1.0
            eps = np.finfo(want.dtype).eps if want.dtype.kind == "f" else 0.0
            many = terms(x.size) + 4
            if not close(got, want, 0 if sure or name == "sum" else eps * many, 0 if sure else size * eps * many):
                problems.append(f"{name}(axis={axis}, keepdims={keep}) of {shape}: {got!r}, not {want!r}")
    assert not problems, f"{len(problems)} of them\n" + "\n".join(problems[:20])


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_long_sums_are_about_as_good_as_numpys(dtype: str) -> None:
    x = tv.matrix("x", dtype=dtype)
    f = tv.function([x], [x.sum(), x.sum(axis=1), x.mean(), (x * x).sum(axis=1), x.T.sum(axis=0)])
    a = np.random.default_rng(5).uniform(0, 1, (3, LONG)).astype(dtype)
    wide = a.astype(np.longdouble)
    eps = float(np.finfo(dtype).eps)
    for got, want, numpy in zip(f(a), (wide.sum(), wide.sum(1), wide.mean(), (wide * wide).sum(1), wide.sum(1)),
                                (a.sum(), a.sum(1), a.mean(), (a * a).sum(1), a.T.sum(0)), strict=True):
        error = np.max(np.abs(got - want) / want)
        assert error <= max(8 * np.max(np.abs(numpy - want) / want), 8 * eps)


def test_the_largest_of_nothing_is_refused_as_the_interpreter_refuses_it() -> None:
    x = tv.matrix("x")
    for name, axis in itertools.product(("max", "min", "argmax", "argmin"), (None, 0, 1)):
        y = getattr(tv, name)(x, axis=axis)
        f = tv.function([x], y)
        for shape in ((0, 3), (3, 0), (0, 0)):
            a = np.zeros(shape)
            try:
                want = getattr(np, name)(a, axis=axis)
            except ValueError:
                with pytest.raises(ShapeError) as compiled:
                    f(a)
                with pytest.raises(ShapeError) as interpreted:
                    y.eval({x: a})
                assert str(compiled.value) == str(interpreted.value)
            else:
                assert f(a).shape == want.shape


def test_sums_and_products_of_nothing_are_0_and_1() -> None:
    x = tv.matrix("x", dtype="float32")
    f = tv.function([x], [x.sum(), x.sum(0), x.prod(1), x.any(), x.all(0), x.mean(1)])
    for shape in ((0, 3), (3, 0), (0, 0)):
        a = np.zeros(shape, np.float32)
        with np.errstate(all="ignore"), pytest.warns(RuntimeWarning) if shape[1] == 0 and shape[0] else np.errstate():
            mean = np.mean(a, 1)
        for got, want in zip(f(a), (a.sum(), a.sum(0), a.prod(1), a.any(), a.all(0), mean), strict=True):
            np.testing.assert_array_equal(got, want)


# -- products --------------------------------------------------------------------------------------------------------------------
PRODUCTS = (((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
            ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 1, 2, 3), (1, 4, 3, 2)),
            ((17, 31), (31, 13)), ((1, 7), (7, 1)), ((7, 1), (1, 7)),
            ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0,), (0,)), ((0, 2, 3), (3, 2)), ((1, 1), (1, 1)))


@pytest.mark.parametrize("dtype", ("float32", "float64", "int32", "bool"))
def test_products_of_all_ranks_are_what_numpy_gives(dtype: str) -> None:
    problems = []
    for ranks, group in itertools.groupby(sorted(PRODUCTS, key=lambda p: tuple(map(len, p))), key=lambda p: tuple(map(len, p))):
        a, b = (tv.tensor(n, dtype=dtype, shape=(None,) * r) for n, r in zip("ab", ranks, strict=True))
        turned = ranks == (2, 2)
        f = tv.function([a, b], a @ b)
        g = tv.function([a, b], [a.T @ b, a @ b.T, a.T @ b.T, (a.T @ b).T]) if turned else None
        for sa, sb in group:
            x, y = values(dtype, sa, False), values(dtype, sb, False)
            if not close(f(x, y), x @ y, 0, 0):
                problems.append(f"{sa} @ {sb}: {f(x, y)!r}, not {x @ y!r}")
            if g is not None:
                for got, want in zip(g(*_fitting(x, y)), _turned(*_fitting(x, y)), strict=True):
                    if not close(got, want):
                        problems.append(f"turned {sa}: {got!r}, not {want!r}")
    assert not problems, "\n".join(problems[:10])


def _fitting(x: Array, y: Array) -> tuple[Array, Array]:
    """Square arguments, so that any of the two can be turned."""
    n = min(x.shape[0], y.shape[1])
    return np.resize(x, (n, n)), np.resize(y, (n, n))


def _turned(x: Array, y: Array) -> list[Array]:
    return [x.T @ y, x @ y.T, x.T @ y.T, (x.T @ y).T]


def test_products_of_random_floats_keep_the_bound_of_their_length() -> None:
    rng = np.random.default_rng(3)
    for dtype, n in (("float32", 300), ("float64", 301)):
        a, b, v = tv.matrix("a", dtype=dtype), tv.matrix("b", dtype=dtype), tv.vector("v", dtype=dtype)
        f = tv.function([a, b, v], [a @ b, a @ v, v @ b, v @ v, tv.dot(a, b) * 2 + a])
        x, y, w = (rng.normal(size=s).astype(dtype) for s in ((n, n), (n, n), n))
        wx, wy, ww = (z.astype(np.longdouble) for z in (x, y, w))
        ax, ay, aw = np.abs(wx), np.abs(wy), np.abs(ww)
        sizes = [ax @ ay, ax @ aw, aw @ ay, aw @ aw, 2 * (ax @ ay) + ax]
        for got, want, size in zip(f(x, y, w), [wx @ wy, wx @ ww, ww @ wy, ww @ ww, (wx @ wy) * 2 + wx], sizes, strict=True):
            assert np.all(np.abs(got - want) <= (n + 2) * np.finfo(dtype).eps * size)


# -- casts -----------------------------------------------------------------------------------------------------------------------
def test_casts_between_all_dtypes_are_what_numpy_gives() -> None:
    variables = {d: tv.tensor(f"x_{d}", dtype=d, shape=(None,)) for d in DTYPES}
    rows = [(a, b) for a in DTYPES for b in DTYPES if a != b]
    f = tv.function(list(variables.values()), [variables[a].astype(b) for a, b in rows])
    arrays = {}
    for d in DTYPES:
        kind = np.dtype(d).kind
        extremes = [0, 1] if kind in "bf" else [np.iinfo(d).min, np.iinfo(d).max, 0, 1]
        small = [0.0, -0.0, 0.5, -0.99, 1.5, 99.9, -99.5] if kind == "f" else [5, 77]
        arrays[d] = np.array([*extremes, *small] * 3, d)
    for (a, b), got in zip(rows, f(*arrays.values()), strict=True):
        x = np.abs(arrays[a]) if np.dtype(b).kind == "u" and np.dtype(a).kind == "f" else arrays[a]
        fits = np.ones(len(x), bool) if np.dtype(b).kind != "u" or np.dtype(a).kind != "f" else arrays[a] > -1
        np.testing.assert_array_equal(got[fits], x.astype(b)[fits], err_msg=f"{a} -> {b}")
