"""NumPy's words for sets, windows, constants and for asking what tensors are."""

from __future__ import annotations

import math

import numpy as np

from ..core.ops.asking import (
    apply_over_axes,
    array,
    asarray,
    astype,
    cartesian,
    copy,
    fix,
    iscomplex,
    iscomplexobj,
    isreal,
    isrealobj,
    ndim,
    nonzero_values,
    polyval,
    unstack,
    unwrap,
)
from ..core.ops.sets import array_equal, array_equiv, intersect1d, isin, setdiff1d, setxor1d, union1d
from ..core.ops.tapers import bartlett, blackman, hamming, hanning, kaiser

pi, e, inf, nan, euler_gamma = math.pi, math.e, math.inf, math.nan, float(np.euler_gamma)
newaxis = None

__all__ = [
    "apply_over_axes", "array", "array_equal", "array_equiv", "asarray", "astype", "bartlett", "blackman", "cartesian", "copy",
    "e", "euler_gamma", "fix", "hamming", "hanning", "inf", "intersect1d", "iscomplex", "iscomplexobj", "isin", "isreal",
    "isrealobj", "kaiser", "nan", "ndim", "newaxis", "nonzero_values", "pi", "polyval", "setdiff1d", "setxor1d", "union1d",
    "unstack", "unwrap",
]
