"""`tensorviz.tensor.signal`: SciPy's convolutions of signals, and Theano's `signal.pool` and `signal.conv`."""

from __future__ import annotations

from types import SimpleNamespace

from ..core.ops.nnet import signal_conv2d
from ..core.ops.pools import max_pool_2d_same_size, pool_2d, pool_3d
from ..core.ops.signal import convolve1d, convolve2d, correlate2d, fftconvolve
from ..core.ops.signal import signal_convolve as convolve
from ..core.ops.signal import signal_correlate as correlate

pool = SimpleNamespace(pool_2d=pool_2d, pool_3d=pool_3d, max_pool_2d_same_size=max_pool_2d_same_size, max_pool_2d=pool_2d)
conv = SimpleNamespace(conv2d=signal_conv2d)

__all__ = ["conv", "convolve", "convolve1d", "convolve2d", "correlate", "correlate2d", "fftconvolve", "max_pool_2d_same_size",
           "pool", "pool_2d", "pool_3d"]
