"""Looking up sorted numbers, and counting, by NumPy's names."""

from ..core.ops.counting import (
    argwhere,
    bincount,
    count_nonzero,
    flatnonzero,
    histogram,
    histogram_bin_edges,
    nonzero,
    unique,
    unique_all,
    unique_counts,
    unique_inverse,
    unique_values,
)
from ..core.ops.searching import digitize, interp, searchsorted

__all__ = ["argwhere", "bincount", "count_nonzero", "digitize", "flatnonzero", "histogram", "histogram_bin_edges", "interp",
           "nonzero", "searchsorted", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"]
