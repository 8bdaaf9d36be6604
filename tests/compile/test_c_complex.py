"""Complex numbers and float16 in compiled code against NumPy: every op, reductions, casts, products, indices, gradients.

What NumPy does exactly must be the same bits; other functions of complex numbers are held to 8 ULP of their absolute value, taken
in a wider format, and must be NaN or infinite where NumPy's are. All of it must be C: no function here may have a NumPy step.
"""

from __future__ import annotations

import ctypes
import itertools
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.compile.text import piece, typed_functions
from tensorviz.compile.toolchain import compile_c
from tensorviz.core.errors import DtypeError
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS

Array = np.ndarray[Any, Any]
COMPLEX = ("complex64", "complex128")
RARE = ("float16", *COMPLEX)
ALL = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", *COMPLEX)
EXACT = {"add", "subtract", "negative", "conjugate", "real", "imag", "maximum", "minimum", "rint"}
WIDER = {"float16": np.float64, "float32": np.float64, "complex64": np.complex128, "complex128": np.clongdouble}
HALVES = np.arange(65536, dtype=np.uint16).view(np.float16)


def compiled(inputs: list[Any], outputs: Any, **options: Any) -> Any:
    """A function that is one C entry."""
    f = tv.function(inputs, outputs, **options)
    assert f._versions.main.program.only is not None, [type(s).__name__ for s in f._versions.main.program.steps]
    return f


def grid(dtype: Any) -> Array:
    """Numbers whose parts are special."""
    real = np.dtype(dtype).type(0).real.dtype
    parts = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 100.0, -100.0, np.inf, -np.inf, np.nan], real)
    values = np.empty((len(parts), len(parts)), dtype)
    values.real, values.imag = parts[:, None], parts
    return values.ravel()


def numbers(shape: Any, dtype: Any, seed: int = 0, spread: float = 3.0) -> Array:
    """Random numbers of many sizes."""
    rng = np.random.default_rng([seed, 7])
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype)
    spread = min(spread, 1.0) if dtype == np.float16 else spread
    x = rng.normal(size=shape) * 10 ** rng.uniform(-spread, spread, shape)
    if dtype.kind == "c":
        x = x + 1j * rng.normal(size=shape) * 10 ** rng.uniform(-spread, spread, shape)
    return np.asarray(x, dtype)


def same(found: Any, meant: Any) -> Any:
    """Where numbers are the same, signs of zeros included; NaN is NaN."""
    found, meant = np.asarray(found), np.asarray(meant)
    assert found.dtype == meant.dtype and found.shape == meant.shape, (found.dtype, meant.dtype, found.shape, meant.shape)
    if meant.dtype.kind == "c":
        return same(found.real, meant.real) & same(found.imag, meant.imag)
    equal = found == meant
    if meant.dtype.kind == "f":
        equal = equal & (np.signbit(found) == np.signbit(meant)) | np.isnan(found) & np.isnan(meant)
    return equal


def near(found: Array, meant: Array, wide: Array, ulps: float = 8.0) -> Array:
    """Where a number is within some ULP of its absolute value, or as infinite or NaN as NumPy's."""
    info = np.finfo(meant.dtype)
    with np.errstate(all="ignore"):
        size = np.abs(wide)
        close = np.abs(found.astype(wide.dtype) - wide) <= ulps * (info.eps * size + info.smallest_subnormal)

        def alike(a: Any, b: Any) -> Any:
            return (np.isnan(a) & np.isnan(b)) | (a == b) | (np.abs(a - b) <= ulps * info.eps * np.where(np.isfinite(size), size, 0))

        return close | (alike(found.real, meant.real) & alike(found.imag, meant.imag))  # type: ignore[no-any-return]


def rows(dtype: str) -> list[tuple[str, Any, list[Any]]]:
    """Every elementwise op that takes this dtype, over variables of its own."""
    found = []
    for op in OPS.values():
        count = getattr(op.numpy, "nin", 1)
        if op.family != "elementwise" or op.name not in B or op.name in ("cast", "where", "complex"):
            continue
        variables = [tv.tensor(f"{op.name}_{k}", dtype=dtype, shape=(None,)) for k in range(count)]
        try:
            found.append((op.name, B[op.name](*variables), variables))
        except DtypeError:
            continue
    return found


@pytest.mark.parametrize("dtype", COMPLEX)
@pytest.mark.parametrize("rewrite", (True, False))
def test_functions_of_complex_numbers_are_numpys(dtype: str, rewrite: bool) -> None:
    table = rows(dtype)
    assert len(table) > 40
    f = compiled([v for _, _, vs in table for v in vs], [e for _, e, _ in table], mode=Mode(rewrite=rewrite))
    special = grid(dtype)
    pairs = [special.repeat(len(special)), np.tile(special, len(special))]
    for first, second in ((special, special), (numbers(3000, dtype), numbers(3000, dtype, 1)), tuple(pairs)):
        values = {1: [first], 2: [first, second]}
        found = f(*[a for _, _, vs in table for a in values[len(vs)]])
        for (name, _, vs), got in zip(table, found, strict=True):
            args = values[len(vs)]
            with np.errstate(all="ignore"):
                meant = np.asarray(OPS[name].numpy(*args))
                wide = np.asarray(OPS[name].numpy(*(a.astype(WIDER[dtype]) for a in args)))
            if name in EXACT or meant.dtype.kind not in "fc":
                good = same(got, meant)
            else:
                assert got.dtype == meant.dtype and got.shape == meant.shape
                good = near(got, meant, wide)
            k = int(np.argmin(good))
            assert good.all(), f"{name}({', '.join(repr(a[k]) for a in args)}) = {got[k]!r}, not {meant[k]!r} ({np.sum(~good)})"


def test_complex_ops_without_numbers_and_with_one() -> None:
    table = rows("complex64")
    f = compiled([v for _, _, vs in table for v in vs], [e for _, e, _ in table])
    for n in (0, 1, 5):
        x = np.full(n, 2 + 1j, np.complex64)
        assert [r.shape for r in f(*[x for _, _, vs in table for _ in vs])] == [(n,)] * len(table)


def test_log1p_of_small_complex_numbers_keeps_its_digits() -> None:
    mpmath = pytest.importorskip("mpmath")
    z = numbers(300, "complex128", 3) * 1e-3
    x = tv.tensor("x", dtype="complex128", shape=(None,))
    found = compiled([x], tv.log1p(x))(z)
    with mpmath.workdps(40):
        for w, v in zip(found, z, strict=True):
            meant = mpmath.log(1 + mpmath.mpc(v.real, v.imag))
            assert abs(mpmath.mpc(w.real, w.imag) - meant) <= 1e-15 * abs(meant), v


# -- float16 -----------------------------------------------------------------------------------------------------------
def test_exact_functions_of_every_half_are_numpys() -> None:
    x = tv.tensor("x", dtype="float16", shape=(None,))
    names = ["negative", "absolute", "sign", "square", "sqrt", "reciprocal", "floor", "ceil", "trunc", "rint", "isnan", "isinf",
             "isfinite", "signbit", "logical_not"]
    f = compiled([x], [B[n](x) for n in names])
    for name, got in zip(names, f(HALVES), strict=True):
        with np.errstate(all="ignore"):
            assert same(got, getattr(np, name)(HALVES)).all(), name


@pytest.mark.parametrize("name", ("add", "subtract", "multiply", "true_divide", "floor_divide", "remainder", "fmod", "maximum", "less"))
def test_every_half_with_many_others_rounds_as_numpy(name: str) -> None:
    x, y = (tv.tensor(n, dtype="float16", shape=(None,)) for n in "xy")
    f = compiled([x, y], B[name](x, y), mode=Mode(rewrite=False))
    rng = np.random.default_rng(5)
    for _ in range(4):
        other = HALVES[rng.integers(0, 65536, 65536)]
        with np.errstate(all="ignore"):
            meant, got = getattr(np, name)(HALVES, other), f(HALVES, other)
        good = same(got, meant) | ((name == "maximum") & (got == meant))
        k = int(np.argmin(good))
        assert good.all(), (HALVES[k], other[k], got[k], meant[k])


@pytest.mark.parametrize("name", ("exp", "log", "sin", "cos", "tanh", "expm1", "log1p", "sigmoid"))
def test_functions_of_every_half_are_off_by_a_place_at_most(name: str) -> None:
    x = tv.tensor("x", dtype="float16", shape=(None,))
    got = compiled([x], B[name](x))(HALVES).astype(float)
    with np.errstate(all="ignore"):
        wide = HALVES.astype(float)
        meant = 1 / (1 + np.exp(-wide)) if name == "sigmoid" else getattr(np, name)(wide)
        unit = np.spacing(np.abs(meant.astype(np.float16))).astype(float)
        good = (np.abs(got - meant) <= 0.51 * unit) | (got == meant.astype(np.float16)) | (np.isnan(got) & np.isnan(meant))
    assert good.all(), (HALVES[~good], got[~good], meant[~good])


def test_doubles_become_halves_by_one_rounding() -> None:
    x = tv.vector("x")
    finite = np.unique(HALVES[np.isfinite(HALVES)]).astype(float)
    middle = (finite[:-1] + finite[1:]) / 2
    values = np.concatenate([middle, np.nextafter(middle, 9e9), np.nextafter(middle, -9e9), middle * (1 + 2.0**-30),
                             [65519.999999999, 65520.0, 1e300, -1e300, np.inf, -np.inf, np.nan, 2.0**-25, 2.0**-25 * (1 + 2.0**-50), 5e-324]])
    with np.errstate(all="ignore"):
        assert same(compiled([x], x.astype("float16"))(values), values.astype(np.float16)).all()


HALF_LENGTHS = (0, 1, 7, 8, 15, 16, 17, 63, 255, 256, 257, 511, 513, 3000)


@pytest.mark.parametrize("rewrite", [True, False])
def test_blocks_of_halves_of_any_length_are_numpys(rewrite: bool) -> None:
    """Loops that go by blocks: beside other dtypes, written over what they read, along rows, with constants for all."""
    x, y, z = tv.vector("x", dtype="float16"), tv.vector("y", dtype="float16"), tv.vector("z", dtype="float32")
    m, s = tv.matrix("m", dtype="float16"), tv.scalar("s", dtype="float16")
    made = [x + y, (x * y + x) * y - s, B["maximum"](x, y), x > y, x.astype("float32") * z, (z * 3).astype("float16"), x.astype("float64"),
            B["where"](x > y, x, s), B["negative"](B["sqrt"](abs(x))), x[::-1] + y[::-1], x.astype("int32").astype("float16") + s,
            m * x + s, m.T + m.T, B["expand_dims"](x, 1) * y, B["floor"](x / s) * s]
    f = tv.function([x, y, z, m, s], made, mode=Mode(rewrite=rewrite))
    rng = np.random.default_rng(8)
    for n in HALF_LENGTHS:
        at = [rng.normal(size=n).astype("f2"), (rng.normal(size=n) * 100).astype("f2"), rng.normal(size=n).astype("f4") * 30_000,
              rng.normal(size=(3, n)).astype("f2"), np.float16(1.7)]
        with np.errstate(all="ignore"):
            meant = tv.evaluate(made, dict(zip((x, y, z, m, s), at, strict=True)))
        for k, (found, want) in enumerate(zip(f(*at), meant, strict=True)):
            assert found.dtype == want.dtype
            np.testing.assert_array_equal(found, want, err_msg=f"{n}, result {k}")


@pytest.mark.parametrize("flags", [(), ("-mno-avx512f",), ("-mno-avx512f", "-mno-f16c")], ids=["all", "no AVX-512", "no F16C"])
def test_halves_are_read_and_written_in_blocks_as_one_by_one(flags: tuple[str, ...]) -> None:
    if flags and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("instructions of x86")
    text = """void read_all(float *to, const tv_half *from, i64 n) { tv_halves_read(to, from, n); }
              void write_all(tv_half *to, const float *from, i64 n) { tv_halves_write(to, from, n); }"""
    head = "#include <stdint.h>\ntypedef struct tv_call tv_call;\n" + piece("types") + piece("status")
    library = ctypes.CDLL(str(compile_c(head + typed_functions(text) + text, flags=flags)))

    def call(name: str, to: Array, source: Array) -> Array:
        library[name](*(ctypes.c_void_p(a.ctypes.data) for a in (to, source)), ctypes.c_int64(source.size))
        return to

    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(call("read_all", np.empty(65536, "f4"), every), every.astype("f4"))
        between = (every[:-1].astype("f8") + every[1:].astype("f8")) / 2                # ties
        near = np.concatenate([between, np.nextafter(between.astype("f4"), np.float32(0)), np.nextafter(between.astype("f4"), np.float32(np.inf)),
                               np.random.default_rng(1).integers(0, 2**32, 100_003, dtype=np.uint32).view("f4")]).astype("f4")
        for n in (*HALF_LENGTHS, near.size):
            found, meant = call("write_all", np.full(n + 1, 7, "f2"), near[:n].copy()), near[:n].astype("f2")
            assert found[n] == 7
            np.testing.assert_array_equal(found[:n], meant)
            np.testing.assert_array_equal(np.signbit(found[:n]) | np.isnan(meant), np.signbit(meant) | np.isnan(meant))


@pytest.mark.parametrize("target", ALL)
def test_casts_from_and_to_every_dtype(target: str) -> None:
    sources = [s for s in ALL if (s in RARE or target in RARE) and not (s in COMPLEX and target not in (*COMPLEX, "bool"))]
    variables = [tv.tensor(f"from_{s}", dtype=s, shape=(None,)) for s in sources]
    f = compiled(variables, [v.astype(target) for v in variables])
    arrays = []
    for s in sources:
        values = numbers(500, s)
        if np.dtype(s).kind in "fc" and np.dtype(target).kind in "fcb":
            values = np.concatenate([values, grid("complex128").real.astype(s) if s not in COMPLEX else grid(s)])
        elif np.dtype(s).kind == "f":
            values = np.clip(np.abs(values), 0, 100).astype(s)
        arrays.append(values)
    with np.errstate(all="ignore"):
        for s, a, got in zip(sources, arrays, f(*arrays), strict=True):
            assert same(got, a.astype(target)).all(), s


# -- reductions ----------------------------------------------------------------------------------------------------------
REDUCTIONS = ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "mean")


@pytest.mark.parametrize("dtype", RARE)
@pytest.mark.parametrize("shape", ((4, 3), (1, 1), (37, 150), (3, 9000)), ids=str)
def test_reductions_are_numpys(dtype: str, shape: tuple[int, int]) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None, None))
    cases = list(itertools.product(REDUCTIONS, (None, 0, 1)))
    f = compiled([x], [B[name](x, axis=axis) for name, axis in cases])
    values = numbers(shape, dtype, 1, 0.3)
    values[values == 0] = 1
    odd = values.copy()
    odd.flat[odd.size // 2] = complex(1, np.nan) if dtype in COMPLEX else np.nan
    ties = np.round(values)
    for a in (values, odd, ties):
        for (name, axis), got in zip(cases, f(a), strict=True):
            with np.errstate(all="ignore"):
                meant = np.asarray(getattr(np, name)(a, axis=axis))
                wide = np.asarray(getattr(np, name)(a.astype(WIDER[dtype]), axis=axis))
                size = np.asarray(getattr(np, name)(np.abs(a).astype(float), axis=axis)) if name in ("sum", "mean") else np.abs(wide)
            if name not in ("sum", "prod", "mean"):
                assert same(got, meant).all(), (name, axis)
                continue
            assert got.dtype == meant.dtype and got.shape == meant.shape
            info = np.finfo(dtype)
            count = a.size if axis is None else a.shape[axis]
            slack = {"sum": 4.0, "mean": 4.0, "prod": 4.0 * count}[name]
            with np.errstate(all="ignore"):
                good = np.abs(got.astype(wide.dtype) - wide) <= slack * info.eps * size + info.smallest_subnormal
                good |= ~np.isfinite(meant) | ~np.isfinite(wide.astype(dtype))
            assert good.all() or (name == "prod" and count > 200), (name, axis)         # overflow on the way
            assert (np.isnan(got) == np.isnan(meant)).all() or name == "prod", (name, axis)


def test_sums_of_halves_are_rounded_once() -> None:
    """2048 + 1 is 2048 in float16: a sum that rounds on the way stops there."""
    x = tv.tensor("x", dtype="float16", shape=(None, None))
    ones = np.ones((5000, 3), np.float16)
    f = compiled([x], [x.sum(axis=0), x.sum(axis=1), x.sum(), x.T.sum(axis=0), (x.sum(axis=0) + 1) * 2])
    for got, meant in zip(f(ones), ([5000] * 3, [3] * 5000, 15000, [3] * 5000, [10000] * 3), strict=True):
        assert got.dtype == np.float16
        np.testing.assert_array_equal(got, np.float16(meant))


@pytest.mark.parametrize("dtype", RARE)
def test_reductions_of_nothing(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None, None))
    f = compiled([x], [x.sum(axis=0), x.prod(axis=0), x.any(axis=0), x.sum()])
    a = np.zeros((0, 3), dtype)
    for got, meant in zip(f(a), (a.sum(0), a.prod(0), a.any(0), a.sum()), strict=True):
        assert same(got, meant).all()
    with pytest.raises(tv.TensorvizError):
        compiled([x], x.max(axis=0))(a)


# -- products, indices, shapes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", RARE)
def test_matrix_products_are_numpys(dtype: str) -> None:
    a, b = (tv.tensor(n, dtype=dtype, shape=(None, None)) for n in "ab")
    v, t = tv.tensor("v", dtype=dtype, shape=(None,)), tv.tensor("t", dtype=dtype, shape=(None, None, None))
    f = compiled([a, b, v, t], [a @ b, b.T @ a.T, a @ v, v @ b, v @ v, t @ b, 2 * (a @ b) + 3 * a.sum(), (a @ b).sum(axis=0)])
    for m, n in ((3, 3), (1, 1), (33, 33), (0, 0)):
        x, y, w, z = (numbers(s, dtype, k, 0.3) for k, s in enumerate(((m, n), (n, n), (n,), (2, m, n))))
        two, three = (np.dtype(dtype).type(k) for k in (2, 3))
        meant = [x @ y, y.T @ x.T, x @ w, w @ y, w @ w, z @ y, two * (x @ y) + three * x.sum(), (x @ y).sum(axis=0)]
        size = float(np.abs(x).astype(float).max(initial=1) * np.abs(y).astype(float).max(initial=1) * (n + 1) ** 2)
        for got, want in zip(f(x, y, w, z), meant, strict=True):
            assert got.dtype == want.dtype and got.shape == want.shape
            np.testing.assert_allclose(got.astype(WIDER[dtype]), want.astype(WIDER[dtype]), rtol=0,
                                       atol=8 * float(np.finfo(dtype).eps) * size)


@pytest.mark.parametrize("dtype", RARE)
def test_indices_and_shapes_move_the_bits(dtype: str) -> None:
    x, v = (tv.tensor(n, dtype=dtype, shape=(None, None)) for n in "xv")
    i = tv.lvector("i")
    set_, inc = B["set_subtensor"], B["inc_subtensor"]
    f = compiled([x, v, i], [x[i], x[:, i], x[::-1, ::2], x.T, x.reshape((-1,)), x.T.reshape((-1,)), tv.concatenate([x, v], 0),
                             set_(x[i], v[:1]), inc(x[i], v[:1]), set_(x[1:3], v[0]), inc(x[:, ::2], v[:, ::2]),
                             tv.where(tv.equal(x, v), x, v), tv.broadcast_to(v[0], (3, 4)), set_(x[0], 2.5)])
    a, b = (numbers((4, 4), dtype, k, 0.5) for k in (1, 2))
    a[0, 0] = np.nan
    at = np.array([0, 3, 3, -1])
    put, added, part, wide, whole = a.copy(), a.copy(), a.copy(), a.copy(), a.copy()
    put[at], part[1:3], whole[0] = b[:1], b[0], 2.5
    np.add.at(added, at, np.broadcast_to(b[:1], (4, 4)))
    wide[:, ::2] += b[:, ::2]
    meant = [a[at], a[:, at], a[::-1, ::2], a.T, a.reshape(-1), a.T.reshape(-1), np.concatenate([a, b]), put, added, part, wide,
             np.where(a == b, a, b), np.broadcast_to(b[0], (3, 4)), whole]
    for k, (got, want) in enumerate(zip(f(a, b, at), meant, strict=True)):
        assert same(got, np.asarray(want, dtype)).all(), k


@pytest.mark.parametrize("dtype", RARE)
def test_numbers_arrays_and_results_of_all_kinds(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=())
    f = compiled([x], [x + x, B["arange"](4).astype(dtype) * x, B["eye"](2, dtype=dtype)])
    kind = np.dtype(dtype).type
    number = 1.5 + 2j if dtype in COMPLEX else 1.5
    for value in (kind(number), np.array(number, dtype), number, np.array(number, np.dtype(dtype).newbyteorder(">"))):
        got = f(value)
        assert [g.dtype for g in got] == [np.dtype(dtype)] * 3
        np.testing.assert_array_equal(got[0], kind(number) + kind(number))
        np.testing.assert_array_equal(got[1], np.arange(4).astype(dtype) * kind(number))


@pytest.mark.parametrize("dtype", RARE)
def test_constants_are_read_back_as_they_are(dtype: str) -> None:
    x = tv.tensor("x", dtype=dtype, shape=(None,))
    values = HALVES[::97] if dtype == "float16" else grid(dtype)
    outputs = [tv.where(B["isnan"](x), x, tv.constant(v)) for v in values]
    for got, v in zip(tv.function([x], outputs, mode=Mode(rewrite=False))(np.zeros(1, dtype)), values, strict=True):
        assert same(got, np.array([v])).all()
    table = compiled([x], x * 0 + tv.constant(np.arange(5).astype(dtype)))
    np.testing.assert_array_equal(table(np.ones(5, dtype)), np.arange(5).astype(dtype))


# -- gradients -------------------------------------------------------------------------------------------------------------
COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "products": lambda x, y: B["real"]((x * y / (y + 3)).sum() + (x ** 3).sum()),
    "functions": lambda x, y: B["real"]((tv.exp(x) * tv.sin(y) + tv.sqrt(x + 4) + tv.log(y + 5) + tv.tanh(x)).sum()),
    "sizes": lambda x, y: (abs(x) + abs(y) ** 2).sum(),
    "matrix": lambda x, y: (abs(x @ y.T) ** 2).mean(),
    "where": lambda x, y: B["real"](tv.where(B["real"](x) > 0, x * y, x).sum(axis=0)[:2].sum() * 3),
    "index": lambda x, y: B["real"]((x[1:] * y[:-1]).sum() + x[[0, 0, 1]].sum()),
}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("dtype", RARE)
def test_gradients_compile_and_are_the_interpreters(dtype: str, cost: str) -> None:
    x, y = (tv.tensor(n, dtype=dtype, shape=(None, None)) for n in "xy")
    outputs = tv.grad(COSTS[cost](x, y), [x, y])
    f = compiled([x, y], outputs)
    a, b = numbers((4, 3), dtype, 1, 0.2), numbers((4, 3), dtype, 2, 0.2)
    for got, meant in zip(f(a, b), tv.evaluate(outputs, {x: a, y: b}), strict=True):
        assert got.dtype == meant.dtype
        tolerance = 40 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(got.astype(WIDER[dtype]), meant.astype(WIDER[dtype]), rtol=tolerance,
                                   atol=tolerance * float(np.abs(meant).max()))


# -- whole numbers to powers -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ("int8", "int16", "int32", "int64"))
def test_powers_of_whole_numbers_are_c_and_negative_ones_raise(dtype: str) -> None:
    x, y = tv.tensor("x", dtype=dtype, shape=(None, None)), tv.tensor("y", dtype=dtype, shape=(None,))
    f = compiled([x, y], [x ** y, x.T[:1] ** y[0], (x * 2) ** (y + 1), x[0] ** y])
    a, b = np.arange(-6, 6).reshape(3, 4).astype(dtype), np.array([0, 1, 3, 9], dtype)
    for got, meant in zip(f(a, b), (a ** b, a.T[:1] ** b[0], (a * 2) ** (b + 1), a[0] ** b), strict=True):
        assert same(got, meant).all()
    assert f(a[:1], b)[0].shape == (1, 4)
    with pytest.raises(tv.TensorvizError, match="negative integer powers"):
        f(a, b - 1)
