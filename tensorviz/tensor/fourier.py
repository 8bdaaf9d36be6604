"""`tensorviz.tensor.fourier`: Theano's module of that name, whose one function is the Fourier transform `fft(a, n, axis)`."""

from ..core.ops.fft import fft

__all__ = ["fft"]
