"""Fourier transforms by NumPy's names: `T.fft.rfft(x)`; Theano's layout as `theano_rfft` and `theano_irfft`."""

from ..core.ops.fft import (
    fft,
    fft2,
    fftn,
    hfft,
    ifft,
    ifft2,
    ifftn,
    ihfft,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)
from ..core.ops.frequencies import fftfreq, fftshift, ifftshift, rfftfreq, theano_irfft, theano_rfft

__all__ = ["fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
           "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn", "theano_irfft", "theano_rfft"]
