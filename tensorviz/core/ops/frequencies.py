"""The frequencies that belong to Fourier transforms, shifts of them, and Theano's layout of real and imaginary parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, builder
from .create import arange
from .elementwise import cast
from .fft import count_now, irfftn, rfftn
from .joining import concatenate
from .lengths import INT, Length, axes_of, length_of, user_line
from .numeric import imag, real

__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq", "theano_irfft", "theano_rfft"]


# -- frequencies -----------------------------------------------------------------------------------------------------------
def _frequencies(numbers: Expr, n: Any, d: Any) -> Expr:
    return numbers * (1.0 / (n * d)) if not isinstance(n, Expr) else numbers * (1.0 / (cast(n, np.float64) * d))


def _size(n: Any) -> Length:
    if isinstance(n, Expr) and (n.ndim or n.dtype.kind not in "iu"):
        raise DtypeError(f"a number of values is a whole scalar, not {n.type.text()}", at=user_line())
    return cast(n, INT) if isinstance(n, Expr) else count_now(n)       # type: ignore[return-value]


@builder
def fftfreq(n: Any, d: Any = 1.0) -> Expr:
    """The frequencies of the values of a transform of n samples at distance d: 0, 1, ..., then the negative ones, over n d.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.fftfreq(4).eval()
    array([ 0.  ,  0.25, -0.5 , -0.25])
    """
    n = _size(n)
    return _frequencies(concatenate([arange((n - 1) // 2 + 1), arange(-(n // 2), 0)]), n, d)


@builder
def rfftfreq(n: Any, d: Any = 1.0) -> Expr:
    """The frequencies of the values of `rfft` of n samples at distance d.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.rfftfreq(4).eval()
    array([0.  , 0.25, 0.5 ])
    """
    n = _size(n)
    return _frequencies(arange(n // 2 + 1), n, d)


def _shifted(x: Any, axes: Any, way: int) -> Expr:
    x = as_expr(x)
    for a in axes_of(axes, x.ndim):
        half = length_of(x, a) // 2
        x = BUILDERS["roll"](x, half if way > 0 else -half, a)
    return x


@builder
def fftshift(x: Any, axes: Any = None) -> Expr:
    """x with frequency 0 in the middle of `axes` (None: all).

    >>> import tensorviz as tv
    >>> tv.tensor.fft.fftshift(tv.tensor.fft.fftfreq(4)).eval()
    array([-0.5 , -0.25,  0.  ,  0.25])
    """
    return _shifted(x, axes, 1)


@builder
def ifftshift(x: Any, axes: Any = None) -> Expr:
    """The inverse of `fftshift`.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.ifftshift(tv.vector("x", shape=(5,))).type.shape
    (5,)
    """
    return _shifted(x, axes, -1)


# -- Theano's layout -------------------------------------------------------------------------------------------------------
def _theano_norm(norm: str | None, inverse: bool) -> str:
    words = {None: "backward", "ortho": "ortho", "no_norm": "forward" if inverse else "backward"}
    if norm not in words:
        raise ArgumentValueError(f"Theano's norms are None, 'ortho' and 'no_norm', not {norm!r}", at=user_line())
    return words[norm]


@builder
def theano_rfft(inp: Any, norm: str | None = None) -> Expr:
    """Theano's `rfft`: of all axes but the first, real and imaginary parts along a new last axis.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.theano_rfft(tv.matrix("x", shape=(3, 8))).type.shape
    (3, 5, 2)
    """
    inp = as_expr(inp)
    z = rfftn(inp, axes=tuple(range(1, inp.ndim)), norm=_theano_norm(norm, False))
    return BUILDERS["stack"]([real(z), imag(z)], axis=-1)


@builder
def theano_irfft(inp: Any, norm: str | None = None, is_odd: bool = False) -> Expr:
    """Theano's `irfft`: the inverse of `theano_rfft`; `is_odd` says that the last axis has an odd number of values.

    >>> import tensorviz as tv
    >>> tv.tensor.fft.theano_irfft(tv.tensor3("z", shape=(3, 5, 2))).type.shape
    (3, 8)
    """
    inp = as_expr(inp)
    z = inp[..., 0] + inp[..., 1] * constant(1j, np.complex64 if inp.dtype == np.float32 else np.complex128)
    axes = tuple(range(1, z.ndim))
    n = 2 * (length_of(z, z.ndim - 1) - 1) + bool(is_odd)
    return irfftn(z, s=(*(length_of(z, a) for a in axes[:-1]), n), axes=axes, norm=_theano_norm(norm, True))
