"""The elementwise table against NumPy: the dtype of the result, and what is refused, for all dtypes and weak Python numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.dtypes import DTYPES
from tensorviz.core.errors import DtypeError
from tensorviz.core.op import BUILDERS as B

Both = tuple[Callable[..., Any], Callable[..., Any]]
WEAK = (True, 2, 0, -1, 300, 2**40, 2.5, -0.5, 1e300, float("nan"), 1j)
COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


def _of_numpy(arity: int) -> dict[str, Both]:
    found = {name: getattr(np, name, None) for name in B}
    return {name: (B[name], f) for name, f in found.items() if isinstance(f, np.ufunc) and (f.nin, f.nout) == (arity, 1)}


ONE: dict[str, Both] = {
    **_of_numpy(1), "+x": (lambda x: +x,) * 2, **{name: (B[name], getattr(np, name)) for name in (
        "sinc", "nan_to_num", "isposinf", "isneginf", "angle", "real", "imag", "zeros_like", "ones_like", "diff")},
    **{f"round {d}": (lambda x, d=d: B["round"](x, d), lambda x, d=d: np.round(x, d)) for d in (0, 1, -1)}}
TWO: dict[str, Both] = {
    **_of_numpy(2), "**": (lambda x, y: x**y,) * 2, "isclose": (B["isclose"], np.isclose),
    "where": (lambda x, y: B["where"](True, x, y), lambda x, y: np.where(True, x, y)),
    "clip": (lambda x, y: B["clip"](x, y, None), lambda x, y: np.clip(x, y, None)),
    "clip above": (lambda x, y: B["clip"](x, None, y), lambda x, y: np.clip(x, None, y))}


def agrees(both: Both, *args: Any) -> bool:
    """Whether a function of dtypes and Python numbers gives NumPy's dtype and values, or raises as NumPy does."""
    ours, numpys = both
    arrays = [np.array([1, 2, 0]).astype(a) if isinstance(a, np.dtype) else a for a in args]
    xs = [tv.tensor(dtype=a, shape=(3,)) if isinstance(a, np.dtype) else a for a in args]
    env = {x: a for x, a in zip(xs, arrays, strict=True) if isinstance(a, np.ndarray)}
    try:
        expected = np.asarray(numpys(*arrays))
    except (TypeError, ValueError, OverflowError):
        expected = None
    try:
        made = ours(*xs)
        found = made.eval(env)
    except (tv.DtypeError, tv.DomainError, tv.ShapeError):
        return expected is None
    if expected is None or made.dtype != expected.dtype:
        return False
    tolerance = 4 * float(np.finfo(expected.dtype).eps) if expected.dtype.kind in "fc" else 0
    return np.allclose(found, expected, rtol=tolerance, atol=0, equal_nan=True)


def _pairs() -> Iterator[tuple[Any, Any]]:
    for d in DTYPES:
        yield from ((d, e) for e in DTYPES)
        yield from ((d, w) for w in WEAK)
        yield from ((w, d) for w in WEAK)


# What we do better: NumPy wraps 300 to 44 in int8, and takes 1e300 for close to all float32 numbers.
BETTER = {"where": lambda a, b: not _holds(a, b), "isclose": lambda a, b: not isinstance(b, np.dtype) and b in (2**40, 1e300)}


def _holds(a: Any, b: Any) -> bool:
    dtype, weak = (a, b) if isinstance(a, np.dtype) else (b, a)
    return type(weak) is not int or dtype.kind not in "iu" or np.iinfo(dtype).min <= weak <= np.iinfo(dtype).max


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_tensor_have_numpys_dtypes(name: str) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert [str(d) for d in DTYPES if not agrees(ONE[name], d)] == []


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_have_numpys_dtypes_python_numbers_being_weak(name: str) -> None:
    spared = BETTER.get(name, lambda a, b: False)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert [f"{a} {b}" for a, b in _pairs() if not (agrees(TWO[name], a, b) or spared(a, b))] == []


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64"])
def test_comparisons_with_numbers_beyond_the_dtype_are_numpys(dtype: str, target: str) -> None:
    x, info = tv.vector("x", dtype=dtype), np.iinfo(dtype)
    data = np.array([info.min, 0, 1, info.max], dtype)
    values = (info.min - 1, info.min, info.max, info.max + 1, -2**70, 2**70)
    pairs = [(name, v) for name in COMPARISONS for v in values]
    f = tv.function([x], [B[name](*args) for name, v in pairs for args in ((x, v), (v, x))], target=target)
    found = f(data)
    for k, (name, v) in enumerate(pairs):
        np.testing.assert_array_equal(found[2 * k], getattr(np, name)(data, v), err_msg=f"x {name} {v}")
        np.testing.assert_array_equal(found[2 * k + 1], getattr(np, name)(v, data), err_msg=f"{v} {name} x")


def test_comparison_beyond_the_dtype_is_written_with_its_last_number() -> None:
    x = tv.vector("x", dtype="int8")
    assert str(x < 300) == "x <= 127" and str(-500 < x) == "x >= -128" and str(x != 300) == "x <= 127"


def test_clip_by_numbers_beyond_the_dtype_is_numpys() -> None:
    for dtype, low, high in (("uint8", -1, 5), ("int8", -300, 300), ("int8", 0, 300), ("uint64", -1, None), ("int64", None, 2**70)):
        x, data = tv.vector("x", dtype=dtype), np.array([0, 3, 100], dtype)
        found = B["clip"](x, low, high).eval({x: data})
        assert found.dtype == np.dtype(dtype) and found.tolist() == np.clip(data, low, high).tolist()
    with pytest.raises(DtypeError, match="300 does not fit in int8"):
        B["clip"](tv.vector(dtype="int8"), 300, None)


@pytest.mark.parametrize("build", [lambda b: +b, lambda b: np.round(b, 1), lambda b: B["round"](b, -1), lambda b: -b, lambda b: b - b],
                         ids=["+b", "round 1", "round -1", "-b", "b - b"])
def test_booleans_are_refused_where_numpy_refuses_them(build: Callable[[Any], Any]) -> None:
    with pytest.raises(DtypeError, match="bool"):
        build(tv.vector("b", dtype="bool"))
