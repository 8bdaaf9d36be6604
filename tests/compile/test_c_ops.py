"""Compiled C against the NumPy interpreter and NumPy itself: every elementwise op, over its dtypes, special values and shapes.

Equality is bitwise for integers and for ops marked `exact` (NaN equals NaN); elementary functions are held to 4 ULP of the value
in a wider format (NumPy's own are not better), plus half an ULP for rounding that value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.cover import Cover
from tensorviz.compile.lengths import Lengths
from tensorviz.compile.mode import Mode
from tensorviz.core.errors import DtypeError
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS
from tensorviz.core.ops.special import SPECIAL
from tensorviz.core.ops.special_numbers import NUMBERS

Array = np.ndarray[Any, Any]
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = ("bool", *INTEGERS, "float16", "float32", "float64")
MODES = {"rewritten": Mode(), "plain": Mode(rewrite=False)}
SHAPES = ((0, 3), (1, 1), (1, 97), (31, 1), (7, 131))
ULPS = 4.5
UNCOVERED = {"yv", "hyp1f1", "hyp2f1", "hyperu", "struve", "modstruve", "gammainc_da", "betainc_da"}    # rare: NumPy steps
NOT_ELEMENTWISE = {"cast", "where", "ravel_index", "real", "imag", "conjugate", "complex"}     # tested on their own, or complex


def special(dtype: Any) -> Array:
    """The values at which ops go wrong."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        bits = dtype.itemsize * 8
        values = {info.min, info.max, info.max - 1, info.min + 1, 0, 1, 2, 3, 5, 7, bits, bits - 1, 100}
        return np.array(sorted(v for v in values | ({-1, -2, -3, -7, -100} if dtype.kind == "i" else set())), dtype)
    info = np.finfo(dtype)
    small = [0.0, info.smallest_subnormal, 3 * info.smallest_subnormal, info.smallest_normal, info.eps, 1e-3, 0.5, 1.0, 1.5,
             2.0, 2.5, 3.0, math.pi, 7.0, 20.0, 87.0, 100.0, 1e4, 2.0**23 + 1, 1e10, info.max, np.inf]
    with np.errstate(over="ignore"):
        return np.array([v for s in small for v in (s, -s)] + [np.nan], dtype)


def sample(dtype: Any, seed: int) -> Array:
    """Special values, then random ones of all sizes."""
    dtype, rng = np.dtype(dtype), np.random.default_rng(seed)
    if dtype.kind == "c":
        with np.errstate(all="ignore"):
            return (sample(np.float64, seed) + 1j * sample(np.float64, seed + 2)).astype(dtype)
    if dtype.kind == "b":
        return np.concatenate([special(dtype), rng.integers(0, 2, 500).astype(bool)])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.concatenate([special(dtype), rng.integers(max(info.min, -9), 10, 300).astype(dtype),
                               rng.integers(info.min, info.max, 300, dtype, True)])
    with np.errstate(over="ignore"):
        return np.concatenate([special(dtype), rng.normal(size=300).astype(dtype),
                               (rng.normal(size=300) * 10.0 ** rng.uniform(-8, 8, 300)).astype(dtype)])


def pairs(dtype: Any, shape: tuple[int, ...], count: int) -> list[Array]:
    """Arguments: at full size all special values meet each other."""
    size = math.prod(shape)
    if count == 1:
        return [np.resize(sample(dtype, 1), shape)]
    s = special(dtype)
    first, second = np.repeat(s, len(s)), np.tile(s, len(s))
    rest = max(size - len(first), 1)
    values = [np.concatenate([first, np.resize(sample(dtype, 1)[len(s):], rest)]),
              np.concatenate([second, np.resize(sample(dtype, 2)[len(s):], rest)])]
    return [np.resize(v if size >= len(first) else v[len(first):], shape) for v in values]


def elementwise_ops() -> list[str]:
    """Every elementwise op by name."""
    return [op.name for op in OPS.values() if op.family == "elementwise" and op.name not in NOT_ELEMENTWISE | SPECIAL.keys() | NUMBERS.keys()]


def build(name: str, variables: list[Any]) -> Any:
    """The op of those variables; None where it does not take their dtype."""
    try:
        return B[name](*variables)
    except DtypeError:
        return None


@cache
def compiled(dtype: str, mode: str) -> tuple[Any, list[tuple[str, Any, list[Any]]]]:
    """One function of all ops of a dtype, each over variables of its own, so that each is a loop nest of its own."""
    rows = []
    for name in elementwise_ops():
        if name == "power" and np.dtype(dtype).kind in "bi":
            continue                                    # negative powers raise; tested below
        count = OPS[name].numpy.nin                     # type: ignore[attr-defined]
        variables = [tv.tensor(f"{name}_{k}", dtype=dtype, shape=(None, None)) for k in range(count)]
        expr = build(name, variables)
        if expr is not None:
            rows.append((name, expr, variables))
    inputs = [v for _, _, vs in rows for v in vs]
    return tv.function(inputs, [e for _, e, _ in rows], mode=MODES[mode]), rows


def run(f: Any, rows: list[tuple[str, Any, list[Any]]], values: dict[int, list[Array]]) -> list[Array]:
    """The outputs of the function for the arguments by number of arguments."""
    args = [v for _, _, variables in rows for v in values[len(variables)]]
    return f(*args)  # type: ignore[no-any-return]


WIDE: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "erf": lambda x: np.vectorize(math.erf, otypes=[float])(x.astype(float)).astype(x.dtype),
    "erfc": lambda x: np.vectorize(math.erfc, otypes=[float])(x.astype(float)).astype(x.dtype),
}
LOOSE = {"sigmoid": 6.0, "softplus": 8.0, "erfc": 8.0, "logaddexp": 8.0, "logaddexp2": 8.0}     # several steps, or WIDE rounds
SUMS = {"logaddexp", "logaddexp2"}                          # rounding errors are those of the larger argument
EITHER_ZERO = {"maximum", "minimum"}                        # of 0.0 and -0.0 NumPy too gives one or the other


def exact_value(name: str, values: list[Array]) -> Array:
    """The value in the next wider format."""
    wide = [v.astype(np.longdouble if v.dtype == np.float64 else np.float64) for v in values]
    return WIDE[name](*wide) if name in WIDE else getattr(np, name)(*wide)  # type: ignore[no-any-return]


def same_bits(found: Array, meant: Array) -> Array:
    """Where two arrays agree: bit for bit, but NaN is NaN."""
    if meant.dtype.kind != "f":
        return np.equal(found, meant)
    return (found == meant) & (np.signbit(found) == np.signbit(meant)) | np.isnan(found) & np.isnan(meant)  # type: ignore[no-any-return]


def ulps(found: Array, wide: Array, scale: Array) -> Array:
    """Distance in units of the last place of `scale`; 0 where both are NaN or the same infinity."""
    with np.errstate(all="ignore"):
        narrow = wide.astype(found.dtype)
        same = (found == narrow) | (np.isnan(found) & np.isnan(narrow))
        unit = np.abs(np.spacing(np.where(np.isfinite(scale), scale, np.finfo(found.dtype).max)))
        return np.where(same, 0, np.abs(found.astype(wide.dtype) - wide) / unit)  # type: ignore[no-any-return]


def check(name: str, found: Array, values: list[Array], meant: Array) -> str:
    """What is wrong with a result; empty if nothing."""
    if found.dtype != meant.dtype or found.shape != meant.shape:
        return f"{name}: {found.dtype}{found.shape} for {meant.dtype}{meant.shape}"
    what = ""
    if OPS[name].exact or meant.dtype.kind != "f":
        wrong = ~same_bits(found, meant) & ~((name in EITHER_ZERO) & (found == meant))
    else:
        scale = np.maximum.reduce([np.abs(v) for v in (meant, *values)]) if name in SUMS else meant
        with np.errstate(all="ignore"):
            distance = ulps(found, exact_value(name, values), scale)
        overflow = (name == "sigmoid") & (meant == 0) & (found == 0)        # of exp(-x), in both
        wrong = ~(distance <= LOOSE.get(name, ULPS)) & ~overflow
        what = f", {np.nanmax(distance[wrong])} ulp" if wrong.any() else ""
    if not wrong.any():
        return ""
    k = tuple(np.argwhere(wrong)[0])
    at = ", ".join(repr(v[k]) for v in values)
    return f"{name}({at}) = {found[k]!r}, not {meant[k]!r}: {wrong.sum()} of {wrong.size}{what}"


def report(problems: list[str]) -> None:
    """Fail with all problems."""
    assert not any(problems), "\n".join(p for p in problems if p)


# -- elementwise -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_ops_are_what_numpy_makes_of_special_and_random_values(dtype: str, mode: str) -> None:
    f, rows = compiled(dtype, mode)
    values = {n: pairs(dtype, (47, 131), n) for n in (1, 2)}
    found = run(f, rows, values)
    meant = tv.evaluate([e for _, e, _ in rows], {v: a for _, _, vs in rows for v, a in zip(vs, values[len(vs)], strict=True)})
    problems = []
    for (name, _, variables), got, want in zip(rows, found, meant, strict=True):
        args = values[len(variables)]
        problems.append(check(name, got, args, want))
        if hasattr(np, name):
            with np.errstate(all="ignore"):
                problems.append(check(name, want, args, np.asarray(getattr(np, name)(*args))))
    report(problems)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ("int8", "float32"))
def test_elementwise_ops_take_any_shape(dtype: str, shape: tuple[int, int]) -> None:
    f, rows = compiled(dtype, "rewritten")
    values = {n: pairs(dtype, shape, n) for n in (1, 2)}
    meant = tv.evaluate([e for _, e, _ in rows], {v: a for _, _, vs in rows for v, a in zip(vs, values[len(vs)], strict=True)})
    found = run(f, rows, values)
    report([check(name, got, values[len(vs)], want) for (name, _, vs), got, want in zip(rows, found, meant, strict=True)])


def test_c_has_code_for_all_elementwise_ops_but_these() -> None:
    left: dict[str, list[str]] = {}
    for dtype in (*DTYPES, "complex64", "complex128"):
        for name in (*elementwise_ops(), *SPECIAL, *NUMBERS):
            variables = [tv.tensor(f"v{k}", dtype=dtype, shape=(3,)) for k in range(OPS[name].numpy.nin)]  # type: ignore[attr-defined]
            expr = build(name, variables)
            if expr is None:
                continue
            if not Cover(Lengths(), set(variables)).covered(expr):
                left.setdefault(name, []).append(dtype)
    assert set(left) == UNCOVERED, left


def test_neighbours_of_every_float16_are_numpys() -> None:
    x, y = tv.vector("x", dtype="float16"), tv.vector("y", dtype="float16")
    f = tv.function([x, y], [B["nextafter"](x, y), B["spacing"](x)])
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    for other in (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 6e-8, -6e-8, 65504.0):
        way = np.full_like(every, other)
        with np.errstate(all="ignore"):
            for found, meant in zip(f(every, way), (np.nextafter(every, way), np.spacing(every)), strict=True):
                assert same_bits(found, meant).all()


# -- layouts -----------------------------------------------------------------------------------------------------------------
def _unaligned(a: Array) -> Array:
    raw = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    raw[...] = a
    return raw


def _read_only(a: Array) -> Array:
    a = a.copy()
    a.setflags(write=False)
    return a


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "fortran": np.asfortranarray, "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "backwards": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "stepped": lambda a: np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3], "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "unaligned": _unaligned, "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")), "read-only": _read_only,
    "offset": lambda a: np.concatenate([a, a])[len(a):], "list": lambda a: (a % 7 if a.dtype.kind == "u" else a).tolist(),
}


@pytest.mark.parametrize("dtype", ("bool", "int16", "uint64", "float16", "float32", "float64", "complex64", "complex128"))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout_are_read_right_and_left_alone(layout: str, dtype: str) -> None:
    f = layout_function(dtype)
    x, y = (np.resize(sample(dtype, k)[7 + k:], (7, 13)) for k in (1, 2))
    given = LAYOUTS[layout](x)
    before = np.array(given)
    values = np.asarray(before, dtype)
    for got, want in zip(f(given, y), layout_outputs(values, y), strict=True):
        assert got.dtype == want.dtype and got.dtype.isnative
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.array(given), before)
    for got, want in zip(f(x, y), layout_outputs(x, y), strict=True):
        np.testing.assert_array_equal(got, want)


@cache
def layout_function(dtype: str) -> Any:
    """x, y -> things that read x elementwise, by rows, by columns and turned."""
    x, y = (tv.tensor(n, dtype=dtype, shape=(None, None)) for n in "xy")
    return tv.function([x, y], [tv.maximum(x, y), x.max(axis=1), x.min(axis=0), tv.equal(x.T, y.T), tv.concatenate([x, y], 0),
                                x.reshape((-1,))])


def layout_outputs(x: Array, y: Array) -> list[Array]:
    """The same by NumPy."""
    return [np.maximum(x, y), x.max(axis=1), x.min(axis=0), np.equal(x.T, y.T), np.concatenate([x, y], 0), x.reshape(-1)]
