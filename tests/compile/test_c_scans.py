"""Scans in C: bit for bit what NumPy accumulates, over dtypes, layouts, axes, special values and odd lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.compile.program import Foreign
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS
from tests.core.cases import draw

Array = np.ndarray[Any, Any]
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
EXACT = {"cumsum": np.add, "cumprod": np.multiply, "cummax": np.maximum, "cummin": np.minimum}
LAYOUTS = {"plain": lambda x: x, "turned": lambda x: x.transpose(2, 0, 1), "backwards": lambda x: x[::-1, :, ::-1],
           "some": lambda x: x[:, 1::2, ::3], "spread": lambda x: B["broadcast_to"](x[:1], x.shape)}
SPREAD = {**LAYOUTS, "spread": lambda x: np.broadcast_to(x[:1], x.shape)}
SHAPES = ((2, 3, 4), (3, 17, 9), (1, 1, 1), (0, 3, 2), (2, 0, 3), (4, 3, 0), (2, 5, 1030))


def compiled(inputs: list[Any], outputs: list[Any]) -> Any:
    """A function that runs in C alone."""
    f = tv.function(inputs, outputs, mode=Mode(rewrite=False))
    assert not [s for s in f._version.program.steps if isinstance(s, Foreign)]
    return f


@pytest.mark.parametrize("dtype", DTYPES)
def test_scans_are_what_numpy_accumulates(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None, None, None))
    rows = [(name, where, axis) for name in EXACT for where in LAYOUTS for axis in range(3)]
    f = compiled([x], [B[name](LAYOUTS[where](x), axis=axis) for name, where, axis in rows])
    for shape in SHAPES:
        value = draw(shape, dtype, 5)
        for (name, where, axis), found in zip(rows, f(value), strict=True):
            seen = SPREAD[where](value)
            if name[:4] in ("cums", "cump") and seen.dtype.kind in "biu":
                seen = seen.astype(np.uint64 if seen.dtype.kind == "u" else np.int64)
            with np.errstate(all="ignore"):
                meant = EXACT[name].accumulate(seen, axis=axis, dtype=seen.dtype)
            assert found.dtype == meant.dtype
            np.testing.assert_array_equal(found, meant, err_msg=f"{name} {where} {axis} {shape}")


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_running_sums_and_products_of_complex_numbers(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None, None, None))
    rows = [(name, where, axis) for name in ("cumsum", "cumprod") for where in LAYOUTS for axis in range(3)]
    f = compiled([x], [B[name](LAYOUTS[where](x), axis=axis) for name, where, axis in rows])
    for shape in SHAPES:
        value = draw(shape, dtype, 5, -1, 1)
        for (name, where, axis), found in zip(rows, f(value), strict=True):
            with np.errstate(all="ignore"):
                meant = EXACT[name].accumulate(SPREAD[where](value), axis=axis)
                wide = EXACT[name].accumulate(SPREAD[where](value).astype("clongdouble"), axis=axis)
            assert found.dtype == meant.dtype and found.shape == meant.shape
            if name == "cumsum":
                np.testing.assert_array_equal(found, meant, err_msg=f"{where} {axis} {shape}")
            else:                                           # NumPy rounds its products once more, or not, by the processor
                steps = np.arange(1, found.shape[axis] + 1).reshape([-1 if k == axis else 1 for k in range(3)])
                step = 4 * np.finfo(dtype).eps * steps
                assert (abs(found - wide) <= step * abs(wide) + np.finfo(dtype).tiny).all(), f"{where} {axis} {shape}"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_scans_of_special_values(dtype: str) -> None:
    x = tv.matrix("x", dtype=dtype)
    rows = [(name, axis) for name in EXACT for axis in (0, 1)]
    f = compiled([x], [B[name](x, axis=axis) for name, axis in rows])
    rng = np.random.default_rng(3)
    value = rng.choice([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-310, 3e38], (23, 31), p=[.2, .2, .2, .2, .04, .04, .02, .05, .05])
    with np.errstate(all="ignore"):
        value = value.astype(dtype)
        for (name, axis), found in zip(rows, f(value), strict=True):
            meant = EXACT[name].accumulate(value, axis=axis)
            np.testing.assert_array_equal(found, meant)
            if name in ("cumsum", "cumprod"):
                np.testing.assert_array_equal(np.signbit(found) | np.isnan(found), np.signbit(meant) | np.isnan(meant))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_running_log_sum_exp(dtype: str) -> None:
    """Within 4 roundings a step, over values whose exponentials overflow and vanish."""
    x = tv.matrix("x", dtype=dtype)
    value = draw((40, 33), dtype, 7, -900, 900)
    value[3, :5], value[9, 4] = -np.inf, np.inf
    eps = float(np.finfo(dtype).eps)
    for axis, found in enumerate(compiled([x], [B["logcumsumexp"](x, axis=0), B["logcumsumexp"](x, axis=1)])(value)):
        meant = np.logaddexp.accumulate(value.astype(np.longdouble), axis=axis)
        np.testing.assert_allclose(found, meant.astype(dtype), rtol=4 * 40 * eps)


@pytest.mark.parametrize("dtype", ["float16", "complex64", "complex128"])
def test_recurrences_and_products_of_others_of_halves_and_complex_numbers(dtype: str) -> None:
    """The interpreter's, which round after each step, and off from a wider format by some roundings a step."""
    a, b = tv.matrix("a", dtype=dtype), tv.matrix("b", dtype=dtype)
    made = [B["recurrence"](a, b, 0), B["recurrence"](a, b, 1), B["prod_others"](a, 0), B["prod_others"](a, 1)]
    f, eps = compiled([a, b], made), float(np.finfo(dtype).eps)
    for shape in ((3, 4), (17, 30), (1, 5), (9, 1100)):
        av, bv = draw(shape, dtype, 1, -.7, .7), draw(shape, dtype, 2, -1, 1)
        wide = "clongdouble" if av.dtype.kind == "c" else "float64"
        rounded = tv.evaluate(made, {a: av, b: bv})
        precise = [OPS[e.op.name].numpy(*(v.astype(wide) for v in (av, bv)[:len(e.args)]), **e.kw) for e in made]
        for k, (found, meant, exact) in enumerate(zip(f(av, bv), rounded, precise, strict=True)):
            if dtype == "float16":
                np.testing.assert_array_equal(found, meant)
            n = shape[made[k].kw["axis"]]
            np.testing.assert_allclose(found, exact.astype(found.dtype), rtol=4 * eps * n, atol=16 * eps)


def test_log_sum_exps_of_halves_round_each_step() -> None:
    x = tv.matrix("x", dtype="float16")
    value = draw((40, 33), "float16", 7, -30, 30)
    value[3, :5], value[9, 4] = -np.inf, np.inf
    for axis, found in enumerate(compiled([x], [B["logcumsumexp"](x, axis=k) for k in (0, 1)])(value)):
        meant = np.logaddexp.accumulate(value, axis=axis)
        with np.errstate(invalid="ignore"):
            assert ((found == meant) | (abs(found - meant) <= 2 * np.spacing(abs(meant)))).all()


def test_long_vectors_are_scanned_whole() -> None:
    x = tv.vector("x")
    value = draw((3_000_001,), "float64", 9)
    for name, ufunc in EXACT.items():
        np.testing.assert_array_equal(compiled([x], [B[name](x)])(value)[0], ufunc.accumulate(value))


@pytest.mark.parametrize("axis", [0, 1])
def test_the_recurrence_divides_by_nothing(axis: int) -> None:
    a, b = tv.matrix("a"), tv.matrix("b")
    f = compiled([a, b], [B["recurrence"](a, b.T, axis), B["recurrence"](B["broadcast_to"](a[:1], a.shape), b.T, axis)])
    for shape in ((3, 4), (9, 11), (1, 5), (0, 2), (30, 1100)):
        av, bv = draw(shape, "float64", 1), draw(shape[::-1], "float64", 2)
        av[av > 1.5] = 0
        given = {a: av, b: bv}
        for found, e in zip(f(av, bv), (B["recurrence"](a, b.T, axis), B["recurrence"](B["broadcast_to"](a[:1], a.shape), b.T, axis)),
                            strict=True):
            np.testing.assert_array_equal(found, tv.evaluate([e], given)[0])


def test_gradients_of_scans_run_in_c() -> None:
    x = tv.matrix("x", shape=(7, 6))
    value = draw((7, 6), "float64", 4)
    value[2, 3] = 0
    for name in (*EXACT, "logcumsumexp"):
        for axis in (0, 1):
            cost = (B[name](x, axis=axis) * np.linspace(1, 2, 42).reshape(7, 6)).sum()
            g = tv.grad(cost, x)
            np.testing.assert_allclose(compiled([x], [g + 0 * x])(value)[0], tv.evaluate([g], {x: value})[0], rtol=1e-13, atol=1e-13)


def test_ties_of_a_running_maximum_are_those_of_maximum() -> None:
    x = tv.vector("x")
    value = np.array([1.0, 1.0, 0.0, 2.0, 2.0, 2.0, 1.0])
    steps, best = [x[0]], x[0]
    for k in range(1, 7):
        best = B["maximum"](best, x[k])
        steps.append(best)
    weights = np.arange(1.0, 8.0)
    meant = tv.grad((B["stack"](steps) * weights).sum(), x)
    found = tv.grad((B["cummax"](x) * weights).sum(), x)
    np.testing.assert_allclose(tv.evaluate([found], {x: value})[0], tv.evaluate([meant], {x: value})[0], rtol=1e-15)


def test_wrong_use_of_scans_raises() -> None:
    x = tv.matrix("x")
    for wrong, kind in ((lambda: B["cumsum"](x, 2), tv.ShapeError), (lambda: B["cumsum"](x, 0.5), tv.ArgumentError),
                        (lambda: B["cummax"](tv.zvector("z")), tv.DtypeError), (lambda: B["cumulative_sum"](x), tv.ArgumentError),
                        (lambda: B["logcumsumexp"](tv.zvector("z")), tv.DtypeError)):
        with pytest.raises(kind):
            wrong()


def test_numpys_accumulations_build_scans() -> None:
    x = tv.matrix("x")
    for name, ufunc in (*EXACT.items(), ("logcumsumexp", np.logaddexp)):
        assert ufunc.accumulate(x, axis=1) is B[name](x, axis=1)
        assert ufunc.accumulate(x) is B[name](x, axis=0)
