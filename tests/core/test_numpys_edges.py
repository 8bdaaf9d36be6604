"""Edges where NumPy's own answer is the only rule: lengths that turn out to be 0 or 1, signs of zero, booleans, no axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

MODES = ("FAST_RUN", "FAST_COMPILE")


def variables(*values: Any, known: bool = False) -> list[Any]:
    """A variable for each value, of known or of unknown lengths."""
    arrays = [np.asarray(v) for v in values]
    return [tv.tensor(f"x{k}", dtype=a.dtype, shape=a.shape if known else (None,) * a.ndim) for k, a in enumerate(arrays)]


def as_numpy(build: Callable[..., Any], *values: Any, rtol: float = 1e-14) -> None:
    """`build(T, x, ...)` is `build(np, values...)`: values, dtypes, shapes and signs of zero, in C and in the interpreter."""
    arrays = [np.asarray(v) for v in values]
    with np.errstate(all="ignore"):
        meant = build(np, *arrays)
    meant = [np.asarray(m) for m in (meant if isinstance(meant, tuple | list) else [meant])]
    for known in (False, True):
        x = variables(*arrays, known=known)
        made = build(T, *x)
        for mode in MODES:
            made = list(made) if isinstance(made, tuple | list) else [made]
            found = tv.function(x, made, mode=mode, on_unused_input="ignore")(*arrays)
            assert len(found) == len(meant)
            for f, m in zip(found, meant, strict=True):
                assert (f.dtype, f.shape) == (m.dtype, m.shape), (known, mode)
                np.testing.assert_allclose(f, m, rtol=rtol, err_msg=f"{known} {mode}")
                for part in (("real", "imag") if m.dtype.kind in "fc" else ()):
                    a, b = getattr(f, part), getattr(m, part)
                    np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]), err_msg=f"{known} {mode}")


def raises(error: type[Exception], build: Callable[..., Any], *values: Any, match: str | None = None) -> None:
    """Both NumPy and `build(T, ...)` raise, with known and with unknown lengths, in C and in the interpreter."""
    arrays = [np.asarray(v) for v in values]
    with pytest.raises(error):
        build(np, *arrays)
    for known in (False, True):
        for mode in MODES:
            with pytest.raises(error, match=match):
                x = variables(*arrays, known=known)
                tv.function(x, build(T, *x), mode=mode)(*arrays)


# -- borders of statistics ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["maximum", "minimum", "mean", "median"])
@pytest.mark.parametrize("count", [3, ((1, 5), (7, 2))], ids=str)
def test_pad_measures_no_more_elements_than_an_axis_has(mode: str, count: Any) -> None:
    as_numpy(lambda t, x: t.pad(x, 2, mode=mode, stat_length=count), [[1.0, 5, 2], [7, 3, 9]])


# -- repeats -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("times", [[3], [0]], ids=str)
def test_repeat_takes_one_number_for_all_in_a_vector_of_unknown_length(axis: int | None, times: list[int]) -> None:
    as_numpy(lambda t, x, k: t.repeat(x, k, axis), np.arange(6.0).reshape(2, 3), times)


@pytest.mark.parametrize("times", [[1, 2], [-1], []], ids=str)
def test_repeat_refuses_numbers_that_do_not_fit(times: list[int]) -> None:
    raises(ValueError, lambda t, x, k: t.repeat(x, k), np.arange(6.0), np.array(times, "int64"))


# -- signals -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_convolutions_of_booleans_are_booleans(name: str) -> None:
    a, v = np.array([0, 1, 0, 0, 1, 1], bool), np.array([1, 0, 1], bool)
    as_numpy(lambda t, a, v: [getattr(t, name)(a, v, mode) for mode in ("full", "same", "valid")], a, v)
    as_numpy(lambda t, a, v: getattr(t, name)(a, v), a, np.array([1, 2], "int8"))


@pytest.mark.parametrize("name", ["convolve", "correlate"])
@pytest.mark.parametrize("lengths", [(0, 2), (3, 0), (0, 0)], ids=str)
def test_an_empty_signal_is_not_convolved(name: str, lengths: tuple[int, int]) -> None:
    raises(ValueError, lambda t, a, v: getattr(t, name)(a, v), *map(np.ones, lengths), match="empty")


STEPS = [0, 1, 3, 2, -1, 4, 9, 5, 1, -3]


@pytest.mark.parametrize("period", [4, 3, 5.0, 2 * np.pi])
@pytest.mark.parametrize("dtype", ["int64", "int8", "bool", "float32", "float64"])
def test_unwrap_of_whole_numbers_by_whole_periods_stays_whole(dtype: str, period: float) -> None:
    as_numpy(lambda t, p: t.unwrap(p, period=period), np.array(STEPS).astype(dtype), rtol=1e-6)


@pytest.mark.parametrize("discont", [None, 1, 3, 2.5])
def test_unwrap_of_whole_numbers_leaves_small_steps(discont: float | None) -> None:
    as_numpy(lambda t, p: t.unwrap(p, discont, period=4), np.array([STEPS, STEPS[::-1]]))


# -- nothing and scalars -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["float64", "complex128", "int8", "bool"])
def test_a_scalar_has_its_largest_and_smallest_element_at_0(dtype: str) -> None:
    as_numpy(lambda t, x: [f(x, axis=axis) for f in (t.argmax, t.argmin) for axis in (None, 0, -1)], np.array(1, dtype))
    with pytest.raises(tv.ShapeError):
        T.argmax(tv.tensor("x", dtype=dtype, shape=()), axis=1)
    as_numpy(lambda t, x: [t.argmax(x, axis=1), t.argmin(x, axis=1)], np.array([[1], [0]], dtype))


@pytest.mark.parametrize("shape", [(2, 2), (0, 3), (), (7,)], ids=str)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_resize_of_nothing_makes_zeros(n: int, shape: tuple[int, ...]) -> None:
    as_numpy(lambda t, x: t.resize(x, shape), np.arange(1.0, n + 1))


# -- the order of complex numbers --------------------------------------------------------------------------------------------
PARTS = [0.0, 1.0, -2.0, np.nan, np.inf]
GRID = np.array([complex(a, b) for a in PARTS for b in PARTS])


@pytest.mark.parametrize("n", [0, 1, 4, 5, 25])
def test_medians_of_complex_numbers_have_their_order(n: int) -> None:
    z = np.random.default_rng(n).normal(size=(3, n)).round() + 0.0 + 1j * np.random.default_rng(n + 1).normal(size=(3, n))
    as_numpy(lambda t, z: [t.median(z), t.median(z, axis=1, keepdims=True)], z)
    holes = np.where(np.random.default_rng(n).random((3, n)) < 0.3, complex(np.nan, 1), z)
    if n:
        as_numpy(lambda t, z: [t.median(z, axis=1), t.nanmedian(z, axis=1)], holes)
    with pytest.raises(tv.DtypeError):
        T.quantile(z, 0.5)


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_complex_numbers_are_looked_up_in_their_order(side: str, dtype: str) -> None:
    z = GRID.astype(dtype)
    as_numpy(lambda t, a, v: t.searchsorted(a, v, side), np.sort(z)[::2], z.reshape(5, 5))
    as_numpy(lambda t, a, v: t.searchsorted(a, v, side), np.sort(z[:9].real), z)
    as_numpy(lambda t, a, v, k: t.searchsorted(a, v, side, k), z, z, np.argsort(z))
    with pytest.raises(tv.DtypeError):
        T.digitize(z, np.sort(z))


def test_fmax_and_fmin_of_two_complex_nans_are_the_first() -> None:
    x, y = (v.ravel() for v in np.meshgrid(GRID, GRID))
    for name in ("fmax", "fmin"):
        with np.errstate(all="ignore"):
            meant = getattr(np, name)(x, y)
        a, b = variables(x, y)
        for mode in MODES:
            assert tv.function([a, b], getattr(T, name)(a, b), mode=mode)(x, y).view(float).tolist() == pytest.approx(
                meant.view(float).tolist(), nan_ok=True, rel=0, abs=0)


# -- dtypes that are asked for -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["complex64", "complex128", "float32", "float64"])
def test_deviations_have_the_dtype_that_is_asked_for(dtype: str) -> None:
    x = np.array([[1, 2, 3], [7, 9, 100]])
    as_numpy(lambda t, x: [t.std(x, axis=1, dtype=dtype), t.var(x, axis=0, dtype=dtype)], x, rtol=1e-6)
    if dtype.startswith("c"):
        z = x * (1 + 2j)
        as_numpy(lambda t, z: [t.std(z, axis=1, dtype=dtype), t.var(z, axis=0, dtype=dtype), t.std(z, axis=1)], z, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "int64", "bool"])
def test_a_deviation_is_no_whole_number(dtype: str) -> None:
    raises(TypeError, lambda t, x: t.std(x, axis=0, dtype=dtype), np.ones((3, 2)), match="whole number")


# -- windows over the edge ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("size", [4, 5])
def test_norms_of_windows_over_the_edge_go_on_as_what_they_hold(p: int, size: int) -> None:
    """torch's lp_pool2d with ceil_mode: the mean of the powers that a window holds, times its whole area."""
    y = np.arange(-3.0, size * 5 - 3).reshape(1, 1, size, 5)
    rows, columns = (range(0, n, 2) for n in (size, 5))
    meant = [[(4 * np.mean(abs(y[0, 0, r:r + 2, c:c + 2]) ** p)) ** (1 / p) for c in columns] for r in rows]
    for known in (False, True):
        x = variables(y, known=known)
        for found in (tv.function(x, T.nn.lp_pool2d(*x, p, 2, ceil_mode=True), mode=mode)(y) for mode in MODES):
            np.testing.assert_allclose(found[0, 0], meant, rtol=1e-14)


@pytest.mark.parametrize("name", ["tril", "triu"])
@pytest.mark.parametrize("n", [0, 1, 4])
def test_triangles_of_a_vector_have_it_as_every_row(name: str, n: int) -> None:
    as_numpy(lambda t, x: [getattr(t, name)(x, k) for k in (-1, 0, 2)], np.arange(1.0, n + 1))
