"""Fourier transforms against SciPy's and against the sum that they are; what they refuse; and that they run in compiled functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.fft

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import draw

F = tv.tensor.fft
LENGTHS = (1, 2, 3, 4, 5, 7, 8, 12, 31, 64, 97, 1000)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "float16", "int8", "bool"])
@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
def test_transforms_of_all_lengths_are_scipys(dtype: str, norm: str) -> None:
    x = tv.matrix("x", dtype=dtype)
    names = ("fft", "ifft", "irfft", "hfft", *(() if dtype[0] == "c" else ("rfft", "ihfft")))
    made = [getattr(F, name)(x, n=9 if name in ("irfft", "hfft") else None, norm=norm) for name in names]
    f = tv.function([x], made)
    single = dtype in ("float32", "float16", "complex64")
    for n in LENGTHS:
        value = draw((2, n), dtype, n)
        wide = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
        for name, found in zip(names, f(value), strict=True):
            meant = getattr(scipy.fft, name)(wide, n=9 if name in ("irfft", "hfft") else None, norm=norm)
            assert found.dtype.itemsize == (meant.dtype.itemsize // 2 if single else meant.dtype.itemsize)
            size = float(np.abs(meant).max()) + 1e-300
            assert np.abs(found - meant).max() <= (2e-6 if single else 4e-15) * size, (name, n)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_a_transform_is_the_sum_that_it_says(n: int) -> None:
    z = tv.zvector("z")
    value = draw((n,), "complex128", 3)
    matrix = np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)
    np.testing.assert_allclose(F.fft(z).eval({z: value}), matrix @ value, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(F.ifft(F.fft(z)).eval({z: value}), value, rtol=1e-14, atol=1e-14)


def test_transforms_stand_between_pieces_of_c() -> None:
    x, k = tv.vector("x"), tv.vector("k")
    y = F.irfft(F.rfft(x * 2.0) * F.rfft(k), n=x.shape[0])
    f = tv.function([x, k], [y, *tv.grad((y ** 2).sum(), [x, k])])
    values = draw((64,), "float64", 1), draw((64,), "float64", 2)
    found = f(*values)
    meant = np.array([sum(2 * values[0][j] * values[1][(i - j) % 64] for j in range(64)) for i in range(64)])
    np.testing.assert_allclose(found[0], meant, rtol=1e-12, atol=1e-12)
    slope = [sum(4 * meant[i] * values[1][(i - j) % 64] for i in range(64)) for j in range(64)]
    np.testing.assert_allclose(found[1], slope, rtol=1e-11, atol=1e-11)


def test_numpys_functions_build_transforms() -> None:
    x = tv.vector("x")
    assert np.fft.rfft(x, norm="ortho") is F.rfft(x, norm="ortho")
    assert np.fft.fftshift(np.fft.fft(x)) is F.fftshift(F.fft(x))


def test_transforms_print_as_mathematics() -> None:
    x, z = tv.vector("x"), tv.zmatrix("z")
    for e in (F.fft(z), F.ifftn(z), F.rfft(x), F.irfft(z, n=5)):
        assert "\\mathcal{F}" in tv.latex(e)
    assert tv.latex(F.ifft(z)) != tv.latex(F.fft(z))


x23, z = tv.matrix("x", shape=(2, 3)), tv.zvector("z")
WRONG: dict[str, tuple[Any, type[Exception]]] = {
    "axis": (lambda: F.fft(x23, axis=2), tv.ShapeError), "norm": (lambda: F.fft(x23, norm="unitary"), tv.ArgumentError),
    "n": (lambda: F.fft(x23, n=0), tv.ShapeError), "float n": (lambda: F.rfft(x23, n=2.5), tv.ArgumentError),
    **{f"{name} -1": (lambda name=name: getattr(F, name)(x23, n=-1), tv.ShapeError) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")},
    "axis twice": (lambda: F.fftn(x23, axes=(0, -2)), tv.ShapeError), "lengths": (lambda: F.fftn(x23, s=(2,), axes=(0, 1)), tv.ShapeError),
    "complex": (lambda: F.rfft(z), tv.DtypeError), "nothing": (lambda: F.fft(tv.vector("e", shape=(0,))), tv.ShapeError),
    "no axes": (lambda: F.rfftn(x23, axes=()), tv.ShapeError), "one value": (lambda: F.irfft(tv.zvector("z", shape=(1,))), tv.ShapeError),
    "theano's norm": (lambda: F.theano_rfft(x23, "forward"), tv.ArgumentError), "frequencies": (lambda: F.fftfreq(tv.vector("v")), tv.DtypeError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_of_transforms_raises(name: str) -> None:
    build, kind = WRONG[name]
    with pytest.raises(kind):
        build()


def test_minus_one_stands_for_the_length_in_s_alone() -> None:
    assert F.fftn(x23, s=(-1, 4)).type.shape == F.rfftn(x23, s=(-1, 6)).type.shape == (2, 4)


@pytest.mark.parametrize("compile", [True, False], ids=["compiled", "interpreted"])
def test_a_transform_of_nothing_raises_at_the_call(compile: bool) -> None:
    x = tv.vector("x")
    e = B["fft"](x)
    with pytest.raises(tv.ShapeError, match="0 values"):
        tv.function([x], e)(np.ones(0)) if compile else e.eval({x: np.ones(0)})


def test_minus_one_in_s_is_the_length_of_the_axis_also_where_half_is_given() -> None:
    rng = np.random.default_rng(3)
    value = rng.normal(size=(4, 5)) + 1j * rng.normal(size=(4, 5))
    for shape in ((None, None), (4, 5)):
        z = tv.tensor("z", dtype="complex128", shape=shape)
        for s, axes in (((3, -1), (1, 0)), ((-1, 3), (0, 1)), ((-1, -1), (0, 1)), ((-1, -1), None)):
            for name in ("irfftn", "fftn", "ifftn"):
                meant = getattr(np.fft, name)(value, s=s, axes=axes or (0, 1))
                found = getattr(F, name)(z, s=s, axes=axes).eval({z: value})
                assert found.shape == meant.shape
                np.testing.assert_allclose(found, meant, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "complex64", "bool"])
def test_a_transform_along_no_axis_leaves_everything_as_it_is(dtype: str) -> None:
    value = np.ones((2, 3), dtype)
    x = tv.matrix("x", dtype=dtype)
    for name in ("fftn", "ifftn", "fft2", "ifft2"):
        meant = getattr(np.fft, name)(value, axes=())
        found = getattr(F, name)(x, axes=()).eval({x: value})
        assert found.dtype == meant.dtype
        np.testing.assert_array_equal(found, meant)
        with pytest.raises(tv.ArgumentError):
            getattr(F, name)(x, axes=(), norm="other")
