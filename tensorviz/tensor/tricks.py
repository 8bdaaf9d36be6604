"""Histograms in several dimensions, bits, polynomials, and NumPy's short words for indices and arrays."""

from __future__ import annotations

import numpy as np

from ..core.ops.asking import can_cast, result_type
from ..core.ops.bits import packbits, unpackbits
from ..core.ops.histograms import histogram2d, histogramdd
from ..core.ops.polynomials import poly, polyadd, polyder, polydiv, polyint, polymul, polysub
from ..core.ops.tricks import (
    c_,
    copyto,
    fromfunction,
    mask_indices,
    r_,
    sliding_window_view,
    sort_complex,
    trim_zeros,
)
from ..core.slices import apply_along_axis

s_, index_exp = np.s_, np.index_exp
finfo, iinfo, isdtype, issubdtype, promote_types = np.finfo, np.iinfo, np.isdtype, np.issubdtype, np.promote_types

__all__ = [
    "apply_along_axis", "c_", "can_cast", "copyto", "finfo", "fromfunction", "histogram2d", "histogramdd", "iinfo", "index_exp",
    "isdtype", "issubdtype", "mask_indices", "packbits", "poly", "polyadd", "polyder", "polydiv", "polyint", "polymul", "polysub",
    "promote_types", "r_", "result_type", "s_", "sliding_window_view", "sort_complex", "trim_zeros", "unpackbits",
]
