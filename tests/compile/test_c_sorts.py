"""Sorting, selecting and searching in C against NumPy's, over dtypes, layouts, lengths, ties and special values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.compile.test_c_scans import DTYPES, LAYOUTS, SPREAD, compiled

Array = np.ndarray[Any, Any]
LENGTHS = (0, 1, 2, 3, 15, 16, 17, 33, 96, 97, 128, 129, 1000, 4097, 6001, 70_001)
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, -np.nan, 1e-310, -1e-310, 3e38, 1.5]


def values(n: int, dtype: str, kind: str, seed: int = 0) -> Array:
    """n numbers: any, few different ones, ascending, descending, special ones."""
    rng = np.random.default_rng([n, seed])
    d = np.dtype(dtype)
    if d.kind == "b":
        return rng.integers(0, 2, n).astype(bool)
    if d.kind == "f":
        if kind == "special":
            with np.errstate(all="ignore"):
                return rng.choice(SPECIAL, n).astype(d)
        x = rng.standard_normal(n).astype(d) if kind != "few" else rng.integers(-3, 4, n).astype(d)
    else:
        info = np.iinfo(d)
        low, high = (info.min, info.max) if kind != "few" else (max(info.min, -3), 4)
        x = rng.integers(low, high, n, dtype=d, endpoint=True)
    return np.sort(x) if kind == "up" else np.sort(x)[::-1].copy() if kind == "down" else x


def same(found: Array, meant: Array, what: str) -> None:
    """Equal bit for bit, zeros' signs included (those of NaN apart)."""
    assert found.dtype == meant.dtype, what
    np.testing.assert_array_equal(found, meant, err_msg=what)
    if meant.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(found) & ~np.isnan(found), np.signbit(meant) & ~np.isnan(meant), err_msg=what)


def down(x: Array, axis: int = -1) -> Array:
    """Places of a stable sort from the largest down."""
    return x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis), axis, stable=True), axis)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sorts_of_vectors_are_numpys(dtype: str) -> None:
    x = tv.vector("x", dtype=dtype)
    f = compiled([x], [B["sort"](x), B["argsort"](x), B["sort"](x, descending=True), B["argsort"](x, descending=True)])
    for n in LENGTHS:
        for kind in ("any", "few", "up", "down", "special"):
            v = values(n, dtype, kind)
            up, places, falling, back = f(v)
            what = f"{n} {kind}"
            same(up, np.sort(v, stable=True), what)
            same(places, np.argsort(v, stable=True), what)
            same(back, down(v), what)
            same(falling, v[down(v)], what)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sorts_along_axes_of_any_layout_are_numpys(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None, None, None))
    rows = [(name, where, axis) for name in ("sort", "argsort") for where in LAYOUTS for axis in range(3)]
    f = compiled([x], [B[name](LAYOUTS[where](x), axis) for name, where, axis in rows])
    for shape in ((2, 3, 4), (5, 40, 7), (1, 1, 1), (0, 3, 2), (2, 0, 3), (4, 3, 0), (2, 3, 300)):
        v = values(int(np.prod(shape)), dtype, "few").reshape(shape)
        for (name, where, axis), found in zip(rows, f(v), strict=True):
            same(found, getattr(np, name)(SPREAD[where](v), axis, stable=True), f"{name} {where} {axis} {shape}")


@pytest.mark.parametrize("dtype", DTYPES)
def test_selections_are_what_sorts_say(dtype: str) -> None:
    x, k = tv.vector("x", dtype=dtype), tv.lvector("k")
    f = compiled([x, k], B["kth_smallest"](x, k))
    for n in LENGTHS[1:]:
        for kind in ("any", "few", "up", "down", "special"):
            v = values(n, dtype, kind)
            for places in ([0], [n - 1, n // 2, -1], [n // 2, (n - 1) // 2], list(range(min(n, 12))), []):
                meant = np.sort(v)[np.array(places, int)]
                np.testing.assert_array_equal(f(v, np.array(places, np.int64)), meant, err_msg=f"{n} {kind} {places}")


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_largest_and_smallest_are_what_sorts_say(dtype: str) -> None:
    x = tv.vector("x", dtype=dtype)
    ks = (1, 3, -1, -3, 40, -40)
    f = compiled([x], [B["argtopk"](x, k, sorted=s) for k in ks for s in (True, False)])
    for n in (40, 63, 64, 65, 300, 513, 6001, 70_001):
        for kind in ("any", "few", "up", "down", "special"):
            v = values(n, dtype, kind)
            best = {k: (down(v) if k > 0 else np.argsort(v, stable=True))[:abs(k)] for k in ks}
            meant = [best[k] if s else np.sort(best[k]) for k in ks for s in (True, False)]
            for found, expected in zip(f(v), meant, strict=True):
                np.testing.assert_array_equal(found, expected, err_msg=f"{n} {kind}")


def test_many_rows_are_selected_from_at_once() -> None:
    x = tv.tensor3("x")
    v = values(40 * 33 * 57, "float64", "any").reshape(40, 33, 57)
    for axis in range(3):
        found = compiled([x], [B["topk"](x, 5, axis), B["kth_smallest"](x, [3, 7], axis)])(v)
        np.testing.assert_array_equal(found[0], np.flip(np.sort(v, axis), axis).take(range(5), axis))
        np.testing.assert_array_equal(found[1], np.sort(v, axis).take([3, 7], axis))


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_are_ordered_as_lexsort_orders_them(dtype: str) -> None:
    x = tv.matrix("x", dtype=dtype)
    f = compiled([x], [B["order_rows"](x), B["order_rows"](x[::-1, ::2])])
    for shape in ((1, 1), (0, 2), (40, 3), (33, 1), (129, 4)):
        v = values(shape[0] * shape[1], dtype, "few").reshape(shape)
        for found, seen in zip(f(v), (v, v[::-1, ::2]), strict=True):
            np.testing.assert_array_equal(found, np.lexsort(seen.T[::-1]))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_are_sorted_by_parts(dtype: str) -> None:
    """Bit for bit as NumPy's: of equal real parts by imaginary ones, NaN in one part or both after the others."""
    z = tv.vector("z", dtype=dtype)
    f = compiled([z], [B["sort"](z), B["argsort"](z), B["sort"](z, descending=True), B["argsort"](z, descending=True)])
    real = "float32" if dtype == "complex64" else "float64"
    for n in LENGTHS:
        for kind in ("any", "few", "up", "down", "special"):
            v = np.empty(n, dtype)
            v.real, v.imag = values(n, real, kind), values(n, real, "few" if kind in ("up", "down") else kind, 1)
            up, places, falling, back = f(v)
            for found, meant in ((places, np.argsort(v, stable=True)), (back, down(v))):
                np.testing.assert_array_equal(found, meant, err_msg=f"{n} {kind}")
            for found, order in ((up, places), (falling, back)):
                assert found.tobytes() == v[order].tobytes()


def test_complex_numbers_along_axes_of_any_layout_are_sorted() -> None:
    z = tv.tensor("z", dtype="complex128", shape=(None, None, None))
    rows = [(name, where, axis) for name in ("sort", "argsort") for where in LAYOUTS for axis in range(3)]
    f = compiled([z], [B[name](LAYOUTS[where](z), axis) for name, where, axis in rows])
    for shape in ((2, 3, 4), (5, 40, 7), (0, 3, 2), (2, 3, 300)):
        v = (values(int(np.prod(shape)), "float64", "few") + 1j * values(int(np.prod(shape)), "float64", "few", 1)).reshape(shape)
        for (name, where, axis), found in zip(rows, f(v), strict=True):
            np.testing.assert_array_equal(found, getattr(np, name)(SPREAD[where](v), axis, stable=True), err_msg=f"{name} {where} {axis}")


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_places_in_sorted_numbers_are_numpys(dtype: str) -> None:
    a, v = tv.vector("a", dtype=dtype), tv.vector("v", dtype=dtype)
    f = compiled([a, v], [B["searchsorted"](a, v, side) for side in ("left", "right")])
    g = compiled([a, v], [B["digitize"](v, a, right) for right in (False, True)])
    for n in (0, 1, 2, 7, 40, 1000):
        table = np.sort(values(n, dtype, "special"))
        x = np.concatenate([values(57, dtype, "special", 1), values(30, dtype, "few")])
        for found, side in zip(f(table, x), ("left", "right"), strict=True):
            np.testing.assert_array_equal(found, np.searchsorted(table, x, side))
        bins = np.sort(values(n, dtype, "any"))
        for edges in (bins, bins[::-1]):
            for found, right in zip(g(edges, x), (False, True), strict=True):
                np.testing.assert_array_equal(found, np.digitize(x, edges, right))


def test_of_equal_elements_the_first_gets_the_first_gradient() -> None:
    x = tv.vector("x")
    v, weights = np.array([2.0, 1.0, 2.0, 1.0]), np.array([1.0, 10.0, 100.0, 1000.0])
    found = tv.function([x], [tv.grad((B["sort"](x) * weights).sum(), x), tv.grad((B["topk"](x, 2) * weights[:2]).sum(), x),
                              tv.grad((B["kth_smallest"](x, [1, 1]) * weights[:2]).sum(), x)])(v)
    np.testing.assert_array_equal(found, [[100, 1, 1000, 10], [1, 0, 10, 0], [0, 0, 0, 11]])


x23 = tv.matrix("x", shape=(2, 3))
WRONG = {
    "axis": (lambda: B["sort"](x23, 2), tv.ShapeError), "scalar": (lambda: B["sort"](tv.scalar("s")), tv.ShapeError),
    "kind": (lambda: B["sort"](x23, kind="bubble"), tv.ArgumentError), "order": (lambda: B["argsort"](x23, order="a"), tv.ArgumentError),
    "kth": (lambda: B["partition"](x23, 3), tv.BoundsError), "float kth": (lambda: B["partition"](x23, 1.5), tv.ArgumentError),
    "no k": (lambda: B["topk"](x23, 0), tv.ShapeError), "large k": (lambda: B["topk"](x23, -4), tv.ShapeError),
    "k of values": (lambda: B["topk"](x23, tv.lscalar("k")), tv.ArgumentError), "places": (lambda: B["kth_smallest"](x23, [0.5]), tv.DtypeError),
    "complex": (lambda: B["topk"](tv.zvector("z"), 1), tv.DtypeError), "idx_dtype": (lambda: B["argtopk"](x23, 1, idx_dtype="float32"), tv.DtypeError),
    "no keys": (lambda: B["lexsort"]([]), tv.ArgumentError), "keys": (lambda: B["lexsort"]([x23, x23[0]]), tv.ShapeError),
    "rows": (lambda: B["order_rows"](x23[0]), tv.ShapeError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_of_sorts_raises(name: str) -> None:
    build, kind = WRONG[name]
    with pytest.raises(kind):
        build()


@pytest.mark.parametrize("compile", [True, False], ids=["c", "interpreted"])
def test_too_few_elements_show_at_the_call(compile: bool) -> None:
    x, k = tv.vector("x"), tv.lvector("k")
    for e, inputs, kind in ((B["argtopk"](x, 4), {x: np.ones(3)}, tv.ShapeError),
                            (B["kth_smallest"](x, k), {x: np.ones(3), k: np.array([1, 3])}, tv.BoundsError),
                            (B["kth_smallest"](x, k), {x: np.ones(0), k: np.array([0])}, tv.BoundsError)):
        with pytest.raises(kind):
            tv.function(list(inputs), e)(*inputs.values()) if compile else tv.evaluate([e], inputs)
