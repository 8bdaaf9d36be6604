"""Fourier transforms with NumPy's names, dtypes and norms, along one or several axes, with gradients.

In compiled functions they run as NumPy's own (pocketfft): what surrounds them is C. Gradients follow the package's convention for
complex numbers: a vjp is the transposed linear map without conjugation. The matrix of a transform, exp(-2 pi i j k / n), is
symmetric, so that of `fft` is itself; those of `rfft` and `irfft` are each other but for weights, since each stands for a
spectrum of which one half is left away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType
from .create import arange, full
from .elementwise import cast, where
from .joining import concatenate
from .lengths import Length, axes_of, axis_of, check_lengths, filled, length_of, lengths, lengths_now, user_line, whole
from .numeric import conjugate

__all__ = ["count_now", "fft", "fft2", "fftn", "hfft", "ifft", "ifft2", "ifftn", "ihfft", "irfft", "irfft2", "irfftn", "rfft",
           "rfft2", "rfftn"]

Array = np.ndarray[Any, Any]
NORMS = ("backward", "ortho", "forward")
REAL_OF: dict[str, np.dtype[Any]] = {"complex64": np.dtype(np.float32), "complex128": np.dtype(np.float64)}
COMPLEX_OF: dict[str, np.dtype[Any]] = {"float32": np.dtype(np.complex64), "float64": np.dtype(np.complex128)}


def _check_norm(norm: str) -> None:
    if norm not in NORMS:
        raise ArgumentValueError(f"a norm is one of {', '.join(NORMS)}, not {norm!r}")


# -- complex to complex --------------------------------------------------------------------------------------------------
def _fft_type(t: TensorType, axes: tuple[int, ...], norm: str) -> TensorType:
    _check_norm(norm)
    if t.dtype.name not in REAL_OF:
        raise DtypeError(f"fft takes complex numbers, not {t.dtype}")
    if axes_of(axes, t.ndim) != axes:
        raise ShapeError(f"axes of a transform are sorted and count from the front, not {axes}")
    _some(t, axes)
    return t


def _some(t: TensorType, axes: Sequence[int]) -> None:
    if any(t.shape[a] == 0 for a in axes):
        raise ShapeError(f"there is no transform of 0 values: {t.text()}")


def _run(function: Any, x: Array, **kw: Any) -> Array:
    try:
        return np.asarray(function(x, **kw))
    except ValueError as error:
        raise ShapeError(f"there is no transform of 0 values: shape {np.shape(x)}") from error


def _fft_numpy(x: Array, axes: tuple[int, ...], norm: str) -> Array:
    return _run(np.fft.fftn, x, axes=axes, norm=norm) if axes else np.asarray(x)


def _ifft_numpy(x: Array, axes: tuple[int, ...], norm: str) -> Array:
    return _run(np.fft.ifftn, x, axes=axes, norm=norm) if axes else np.asarray(x)


def _fft_vjp(g: Expr, out: Expr, x: Expr, axes: tuple[int, ...], norm: str) -> tuple[Expr]:
    return (make(fft_op, (g,), (axes, norm)),)


def _ifft_vjp(g: Expr, out: Expr, x: Expr, axes: tuple[int, ...], norm: str) -> tuple[Expr]:
    return (make(ifft_op, (g,), (axes, norm)),)


fft_op = Op("fft", "fft", _fft_type, _fft_numpy, "Fourier transform along axes, y[k] = sum of x[j] exp(-2 pi i j k / n)",
            params=("axes", "norm"), shape=lambda x, **kw: lengths_now(x), flops=50.0,
            vjp=_fft_vjp,
            latex="\\mathcal{{F}}_{{{axes}}}\\left({0}\\right)")
ifft_op = Op("ifft", "fft", _fft_type, _ifft_numpy,
             "inverse Fourier transform along axes, y[k] = sum of x[j] exp(2 pi i j k / n) / n",
             params=("axes", "norm"), shape=lambda x, **kw: lengths_now(x), flops=50.0,
             vjp=_ifft_vjp,
             latex="\\mathcal{{F}}^{{-1}}_{{{axes}}}\\left({0}\\right)")


# -- real to half a spectrum, and back -----------------------------------------------------------------------------------
def _half(n: Any) -> Any:
    return n // 2 + 1 if isinstance(n, int | Expr) else None


def _rfft_type(t: TensorType, axis: int, norm: str) -> TensorType:
    _check_norm(norm)
    if t.dtype.name not in COMPLEX_OF:
        raise DtypeError(f"rfft takes real numbers of 32 or 64 bits, not {t.dtype}")
    _some(t, (axis,))
    return TensorType(COMPLEX_OF[t.dtype.name], (*t.shape[:axis], _half(t.shape[axis]), *t.shape[axis + 1:]))


def _rfft_vjp(g: Expr, out: Expr, x: Expr, axis: int, norm: str) -> tuple[Expr]:
    n = length_of(x, axis)
    halves = conjugate(g) * _weights(g, n, axis, 0.5)
    unscaled = _irfft(halves, n, axis, "forward")
    return (unscaled * _scale(n, norm, x.dtype, False),)


rfft_op = Op("rfft", "fft", _rfft_type, lambda x, axis, norm: _run(np.fft.rfft, x, axis=axis, norm=norm),
             "the first n // 2 + 1 values of the Fourier transform of n real ones along an axis", params=("axis", "norm"),
             shape=lambda x, axis, norm: (*lengths_now(x)[:axis], _half(lengths_now(x)[axis]), *lengths_now(x)[axis + 1:]),
             vjp=_rfft_vjp, flops=25.0, latex="\\mathcal{{F}}^{{\\mathbb{{R}}}}_{{{axis}}}\\left({0}\\right)")


def _irfft_type(t: TensorType, *extra: TensorType, n: Shape, axis: int, norm: str) -> TensorType:
    _check_norm(norm)
    check_lengths(n, extra)
    if t.dtype.name not in REAL_OF:
        raise DtypeError(f"irfft takes complex numbers, not {t.dtype}")
    (count,) = n
    if count == 0 or (None not in (count, t.shape[axis]) and t.shape[axis] != _half(count)):
        raise ShapeError(f"irfft to {count} values takes {_half(count)} of the spectrum, not {t.shape[axis]}")
    return TensorType(REAL_OF[t.dtype.name], (*t.shape[:axis], count, *t.shape[axis + 1:]))


def _irfft_numpy(z: Array, *extra: Any, n: Shape, axis: int, norm: str) -> Array:
    (count,) = filled(n, extra)
    return _run(np.fft.irfft, z, n=int(count), axis=axis, norm=norm)


def _irfft_vjp(g: Expr, out: Expr, z: Expr, *extra: Expr, n: Shape, axis: int, norm: str) -> tuple[Expr | None, ...]:
    (count,) = filled(n, extra)
    found = conjugate(make(rfft_op, (g,), (axis, "backward")))
    found = found * _weights(found, count, axis, 2) * _scale(count, norm, g.dtype, True)
    return (found, *(None,) * len(extra))


irfft_op = Op("irfft", "fft", _irfft_type, _irfft_numpy,
              "the n real values along an axis whose Fourier transform begins with the given one",
              params=("n", "axis", "norm"), vjp=_irfft_vjp, flops=25.0,
              shape=lambda z, *extra, n, axis, norm: (*lengths_now(z)[:axis], *filled(n, extra), *lengths_now(z)[axis + 1:]),
              latex="\\mathcal{{F}}^{{\\mathbb{{R}}, -1}}_{{{axis}}}\\left({0}\\right)")


def _irfft(z: Expr, n: Length, axis: int, norm: str) -> Expr:
    static, extra = lengths((n,))
    return make(irfft_op, (z, *extra), (static, axis, norm))


def _weights(z: Expr, n: Any, axis: int, weight: float) -> Expr:
    """`weight` for the values of half a spectrum whose mirror images are left away, 1 for the others."""
    k = arange(length_of(z, axis))
    twice = BUILDERS["logical_and"](np.greater(k, 0), np.less(2 * k, n))
    dtype = REAL_OF[z.dtype.name]
    found = where(twice, constant(weight, dtype), constant(1, dtype))
    return BUILDERS["expand_dims"](found, tuple(range(1, z.ndim - axis))) if axis < z.ndim - 1 else found


def _scale(n: Any, norm: str, dtype: np.dtype[Any], inverse: bool) -> Any:
    """The factor of a transform of n values (or of its inverse)."""
    if norm == ("forward" if inverse else "backward"):
        return 1
    size = cast(n, dtype) if isinstance(n, Expr) else constant(n, dtype)
    return 1 / (BUILDERS["sqrt"](size) if norm == "ortho" else size)


# -- arguments -----------------------------------------------------------------------------------------------------------
def _norm(norm: str | None) -> str:
    try:
        _check_norm("backward" if norm is None else norm)
    except ArgumentError as error:
        raise ArgumentValueError(error.what, at=user_line()) from None
    return "backward" if norm is None else norm


def _real(x: Any, name: str) -> Expr:
    x = as_expr(x)
    if x.dtype.kind == "c":
        raise DtypeError(f"{name} takes real numbers, not {x.dtype}", at=user_line(), hint="tv.fft.fft takes complex ones")
    return cast(x, np.float32 if x.dtype in (np.float16, np.float32) else np.float64)


def _complex(x: Any) -> Expr:
    x = as_expr(x)
    return x if x.dtype.kind == "c" else cast(x, np.complex64 if x.dtype in (np.float16, np.float32) else np.complex128)


def count_now(n: Any) -> Length | None:
    """A number of values of a transform: None, an expression, or a whole number that is 1 or more."""
    if n is None or isinstance(n, Expr):
        return n
    n = whole(n, "a transform has a whole number of values")
    if n < 1:
        raise ShapeError(f"there is no transform of {n} values", at=user_line())
    return n


def _alone(n: Any) -> tuple[Any] | None:
    """The number of values along the one axis of a transform: -1 stands for all of them in `s` alone, as NumPy has it."""
    return None if n is None else (count_now(n),)


def _resized(x: Expr, n: Length | None, axis: int) -> Expr:
    """x cut, or filled up with zeros, to n values along an axis."""
    have = length_of(x, axis)
    if n is None or n is have:
        return x
    both = isinstance(n, int) and isinstance(have, int)
    if both and n == have:
        return x
    if not both or n < have:
        x = x[(*(slice(None),) * axis, slice(None, n))]
        if both:
            return x
    rest = list(lengths_now(x))
    missing = n - rest[axis]
    rest[axis] = missing
    return concatenate([x, full(tuple(rest), constant(0, x.dtype))], axis)


def _plan(x: Expr, s: Any, axes: Any) -> tuple[list[int], list[Length | None]]:
    """The axes of a transform, and how many values each is to have (None: as many as there are)."""
    if axes is None:
        axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
    places = [axis_of(a, x.ndim) for a in axes]
    if len(set(places)) != len(places):
        raise ShapeError(f"an axis occurs twice in {tuple(axes)}", at=user_line())
    counts: list[Length | None] = [None] * len(places)
    if s is not None:
        counts = [None if type(n) is int and n == -1 else count_now(n) for n in s]
    if len(counts) != len(places):
        raise ShapeError(f"a transform of {len(places)} axes takes as many lengths, not {len(counts)}", at=user_line())
    return places, counts


def _transformed(x: Any, s: Any, axes: Any, norm: str | None, inverse: bool) -> Expr:
    places, counts = _plan(as_expr(x), s, axes)
    if not places:
        _norm(norm)
        return as_expr(x)
    x = _complex(x)
    for a, n in zip(places, counts, strict=True):
        x = _resized(x, n, a)
    return make(ifft_op if inverse else fft_op, (x,), (tuple(sorted(places)), _norm(norm)))


def _real_transformed(x: Any, s: Any, axes: Any, norm: str | None, name: str) -> Expr:
    x = _real(x, name)
    places, counts = _plan(x, s, axes)
    if not places:
        raise ShapeError(f"{name} takes one axis or more", at=user_line())
    for a, n in zip(places, counts, strict=True):
        x = _resized(x, n, a)
    half = make(rfft_op, (x,), (places[-1], _norm(norm)))
    return make(fft_op, (half,), (tuple(sorted(places[:-1])), _norm(norm))) if places[1:] else half


def _real_again(x: Any, s: Any, axes: Any, norm: str | None, name: str) -> Expr:
    z = _complex(x)
    places, counts = _plan(z, s, axes)
    if not places:
        raise ShapeError(f"{name} takes one axis or more", at=user_line())
    last: Any = counts[-1]
    if last is None:                        # -1 in s stands for as many as there are, of an axis that is half too
        last = 2 * (length_of(z, places[-1]) - 1) if s is None or s[-1] is None else length_of(z, places[-1])
    n: Length = last
    if isinstance(n, int) and n < 1:
        raise ShapeError(f"there is no transform of {n} values", at=user_line(), hint="give n=")
    for a, m in zip(places[:-1], counts[:-1], strict=True):
        z = _resized(z, m, a)
    z = _resized(z, _half(n), places[-1])
    if places[1:]:
        z = make(ifft_op, (z,), (tuple(sorted(places[:-1])), _norm(norm)))
    return _irfft(z, n, places[-1], _norm(norm))


# -- NumPy's functions -----------------------------------------------------------------------------------------------------
@builder
def fft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The Fourier transform along `axis` of n values (None: all; else cut or filled up with zeros), scaled as `norm` says.

    complex64 for float16, float32 and complex64, else complex128. Raises ShapeError for a transform of no values.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.fft(tv.fvector("x")).dtype
    dtype('complex64')
    """
    return _transformed(a, _alone(n), (axis,), norm, False)


@builder
def ifft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The inverse of `fft`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.ifft(tv.zvector("x", shape=(8,)), n=4).type.shape
    (4,)
    """
    return _transformed(a, _alone(n), (axis,), norm, True)


@builder
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Expr:
    """The Fourier transform along two axes, of s values along each: see `fft`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.fft2(tv.matrix("x")).dtype
    dtype('complex128')
    """
    return _transformed(a, s, axes, norm, False)


@builder
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Expr:
    """The inverse of `fft2`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.ifft2(tv.matrix("x")).dtype
    dtype('complex128')
    """
    return _transformed(a, s, axes, norm, True)


@builder
def fftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Expr:
    """The Fourier transform along `axes` (None: all, or as many of the last as s has lengths): see `fft`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.fftn(tv.tensor3("x")).dtype
    dtype('complex128')
    """
    return _transformed(a, s, axes, norm, False)


@builder
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Expr:
    """The inverse of `fftn`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.ifftn(tv.tensor3("x")).dtype
    dtype('complex128')
    """
    return _transformed(a, s, axes, norm, True)


@builder
def rfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The first n // 2 + 1 values of the Fourier transform of real ones along `axis`; the others are their conjugates.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.rfft(tv.vector("x", shape=(9,))).type.shape
    (5,)
    """
    return _real_transformed(a, _alone(n), (axis,), norm, "rfft")


@builder
def irfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The inverse of `rfft`, to n real values (None: 2 (m - 1) for m of the spectrum).

    >>> import tensorviz as tv
    >>> tv.tensor.fft.irfft(tv.zvector("x", shape=(5,))).type
    TensorType(float64, (8,))
    """
    return _real_again(a, _alone(n), (axis,), norm, "irfft")


@builder
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Expr:
    """The Fourier transform of real values along two axes, half of it along the last of them.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.rfft2(tv.matrix("x", shape=(6, 9))).type.shape
    (6, 5)
    """
    return _real_transformed(a, s, axes, norm, "rfft2")


@builder
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Expr:
    """The inverse of `rfft2`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.irfft2(tv.zmatrix("x", shape=(6, 5))).type.shape
    (6, 8)
    """
    return _real_again(a, s, axes, norm, "irfft2")


@builder
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Expr:
    """The Fourier transform of real values along `axes` (None: all), half of it along the last of them.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.rfftn(tv.matrix("x", shape=(6, 9))).type.shape
    (6, 5)
    """
    return _real_transformed(a, s, axes, norm, "rfftn")


@builder
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Expr:
    """The inverse of `rfftn`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.irfftn(tv.zmatrix("x", shape=(6, 5))).type.shape
    (6, 8)
    """
    return _real_again(a, s, axes, norm, "irfftn")


SWAPPED = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


@builder
def hfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The real Fourier transform of a signal that is its own mirror image conjugated, of which a is the first half.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.hfft(tv.zvector("x", shape=(5,))).type.shape
    (8,)
    """
    return irfft(conjugate(as_expr(a)), n, axis, SWAPPED[_norm(norm)])


@builder
def ihfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Expr:
    """The inverse of `hfft`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.ihfft(tv.vector("x", shape=(8,))).type.shape
    (5,)
    """
    return conjugate(rfft(a, n, axis, SWAPPED[_norm(norm)]))
