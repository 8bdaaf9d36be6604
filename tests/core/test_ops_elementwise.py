"""Every elementwise op means what its NumPy function says: over all dtypes and mixtures, weak numbers, special values, shapes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.special

import tensorviz as tv
from tensorviz.core.dtypes import DTYPES
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tensorviz.core.ops.special import SPECIAL
from tensorviz.core.ops.special_numbers import NUMBERS
from tensorviz.core.types import TensorType
from tests.core.cases import draw

Array = np.ndarray[Any, Any]
TABLE = [op for op in OPS.values() if op.family == "elementwise" and hasattr(op.numpy, "resolve_dtypes")
         and op.name != "conjugate" and op.name not in SPECIAL.keys() | NUMBERS.keys()]
UNARY = [op for op in TABLE if op.numpy.nin == 1]       # type: ignore[attr-defined]
BINARY = [op for op in TABLE if op.numpy.nin == 2]      # type: ignore[attr-defined]
MEANING = {"sigmoid": scipy.special.expit, "softplus": lambda x: np.logaddexp(x, x.dtype.type(0)), "erf": scipy.special.erf,
           "erfc": scipy.special.erfc}
SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((), ()), ((0,), (0,)), ((0, 3), (1,)), ((1,), (7,)),
                                                         ((3, 1, 5), (4, 1)), ((5,), ())]


def special(dtype: np.dtype[Any]) -> Array:
    """Values at the edges of a dtype."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([0, 1, 2, 3, 7, info.max, info.max - 1, info.min, max(info.min, -1), max(info.min, -3)], dtype)
    real = np.dtype(dtype.type(0).real.dtype)
    info_ = np.finfo(real)
    values = np.array([0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, np.pi, 10, 88.5, -88.5, np.inf, -np.inf, np.nan, info_.tiny,
                       info_.smallest_subnormal,
                       info_.max, -info_.max, info_.eps], real)
    return values if dtype.kind == "f" else np.array([complex(a, b) for a in values[2:11] for b in values[2:11]], dtype)


def reference(op: Op, *arrays: Any) -> Array:
    """What NumPy (or SciPy) makes of the arrays, or the TypeError it raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if op.name in MEANING:
            (x,) = arrays
            loop = op.numpy.resolve_dtypes((x.dtype, None))[0]      # type: ignore[attr-defined]
            wide = np.float32 if loop == np.float16 else loop
            return np.asarray(MEANING[op.name](np.asarray(x, wide)), loop)
        return np.asarray(op.numpy(*arrays))


def agree(op: Op, found: Array, expected: Array) -> None:
    """Equal bit for bit, since both run one ufunc (complex ones but for the order of a sum); functions of our own within 4
    ULP.
    """
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if op.name not in MEANING and expected.dtype.kind != "c":
        np.testing.assert_array_equal(found, expected)
        return
    eps = float(np.finfo(expected.dtype).eps)
    tiny = float(np.finfo(expected.dtype).tiny)
    with np.errstate(all="ignore"):
        _near(found, expected, eps, tiny)


def _near(found: Array, expected: Array, eps: float, tiny: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=4 * eps, atol=4 * tiny)


def run(op: Op, *arrays: Array, known: bool = True) -> None:
    xs = [tv.tensor(f"x{k}", dtype=a.dtype, shape=a.shape if known else (None,) * a.ndim) for k, a in enumerate(arrays)]
    try:
        expected = reference(op, *arrays)
    except TypeError:
        with pytest.raises(tv.DtypeError):
            B[op.name](*xs)
        return
    except ValueError:              # integers to negative integer powers
        with pytest.raises(tv.ShapeError):
            tv.evaluate([B[op.name](*xs)], dict(zip(xs, arrays, strict=True)))
        return
    made = B[op.name](*xs)
    (found,) = tv.evaluate([made], dict(zip(xs, arrays, strict=True)))
    agree(op, found, expected)
    assert made.type.accepts(TensorType(found.dtype, found.shape))
    assert not known or made.type.shape == found.shape


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_functions_of_one_tensor_are_numpys_on_all_dtypes(op: Op) -> None:
    for dtype in DTYPES:
        run(op, special(dtype))
        for shape in ((), (0,), (1,), (7,), (2, 0, 3), (3, 5)):
            run(op, draw(shape, dtype), known=False)


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_functions_of_two_tensors_are_numpys_on_all_mixtures_of_dtypes(op: Op) -> None:
    for a in DTYPES:
        for b in DTYPES:
            run(op, draw((3, 1), a, 1), draw((4,), b, 2))


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_functions_of_two_tensors_are_numpys_on_special_values(op: Op) -> None:
    for dtype in DTYPES:
        values = special(dtype)
        if op.name in ("power", "left_shift", "right_shift") and dtype.kind in "iu":
            values = values[:5]
        if dtype.kind != "c":
            run(op, values[:, None], values)


def _takes_doubles(op: Op) -> bool:
    return any(loop.startswith("dd") for loop in op.numpy.types)        # type: ignore[attr-defined]


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_functions_of_two_tensors_broadcast(op: Op) -> None:
    dtype = "float64" if _takes_doubles(op) else "int64"
    for a, b in SHAPES:
        for known in (True, False):
            run(op, draw(a, dtype, 1, 0.5, 2.0), draw(b, dtype, 2, 0.5, 2.0), known=known)


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
@pytest.mark.parametrize("number", [2, 2.5, 1 + 2j, True], ids=str)
def test_python_numbers_are_weak(op: Op, number: Any) -> None:
    for dtype in DTYPES:
        array = draw((5,), dtype, 3)
        x = tv.tensor("x", dtype=dtype, shape=(5,))
        for ours, theirs in (((x, number), (array, number)), ((number, x), (number, array))):
            try:
                expected = reference(op, *theirs)
            except (TypeError, OverflowError):
                with pytest.raises(tv.DtypeError):
                    B[op.name](*ours)
                continue
            except ValueError:
                continue
            (found,) = tv.evaluate([B[op.name](*ours)], {x: array})
            agree(op, found, expected)


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(tv.DtypeError, match="300"):
        tv.tensor("x", dtype="uint8", shape=(2,)) + 300


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_wrong_number_of_arguments_is_refused(op: Op) -> None:
    with pytest.raises(tv.ArgumentError, match=op.name):
        B[op.name](*[1.0] * (op.numpy.nin + 1))        # type: ignore[attr-defined]


@pytest.mark.parametrize("target", DTYPES, ids=str)
def test_casts_are_numpys(target: np.dtype[Any]) -> None:
    for dtype in DTYPES:
        if dtype.kind == "c" and target.kind not in "cb":
            with pytest.raises(tv.DtypeError, match="imaginary"):
                tv.tensor("x", dtype=dtype, shape=(3,)).astype(target)
            continue
        x = tv.tensor("x", dtype=dtype, shape=(None,))
        array = np.concatenate([special(dtype)[:4], draw((5,), dtype)])
        if dtype.kind == "f" and target.kind == "u":
            array = abs(array)      # what a negative float is as an unsigned integer is left open by C
        (found,) = tv.evaluate([x.astype(target)], {x: array})
        with np.errstate(all="ignore"):
            agree(OPS["cast"], found, array.astype(target))


@pytest.mark.parametrize("condition", ["bool", "float64", "int8"])
def test_where_is_numpys_on_all_mixtures_of_dtypes(condition: str) -> None:
    c = draw((4, 1), condition, 7)
    for a in DTYPES:
        for b in DTYPES:
            x, y = draw((3,), a, 8), draw((4, 3), b, 9)
            xs = [tv.tensor(n, dtype=v.dtype, shape=v.shape) for n, v in zip("cxy", (c, x, y), strict=True)]
            (found,) = tv.evaluate([B["where"](*xs)], dict(zip(xs, (c, x, y), strict=True)))
            agree(OPS["where"], found, np.where(c, x, y))


def test_where_with_python_numbers_keeps_the_dtype_of_the_tensor() -> None:
    x = tv.fvector("x")
    assert B["where"](x > 0, x, 0.0).dtype == np.float32
    assert B["where"](x > 0, 1, x).dtype == np.float32
    assert B["where"](x > 0, 1, 0).dtype == np.int64


def test_shapes_that_do_not_broadcast_name_the_users_line() -> None:
    x, y = tv.matrix("x", shape=(3, 4)), tv.matrix("y", shape=(4, 3))
    with pytest.raises(tv.ShapeError) as caught:
        x + y
    assert "test_ops_elementwise.py" in str(caught.value)
    assert "(3, 4)" in str(caught.value) and "(4, 3)" in str(caught.value)


def test_functions_of_our_own_are_accurate_far_from_zero() -> None:
    x = tv.vector("x")
    at = np.array([-700.0, -50.0, -1e-20, 0.0, 1e-20, 50.0, 700.0])
    for name, exact in MEANING.items():
        np.testing.assert_allclose(tv.evaluate([B[name](x)], {x: at})[0], exact(at), rtol=1e-15)
