"""The ops, one table a family; importing this package fills the registries `OPS` and `BUILDERS`."""

from . import (
           activations,
           along,
           axes,
           checks,
           convolution,
           counts,
           create,
           diagonals,
           elementwise,
           gathers,
           indexing,
           joining,
           lengths,
           linalg,
           numeric,
           reductions,
           scans,
           shape,
           sorting,
           special,
           special_numbers,
           special_pairs,
           special_shapes,
           statistics,
           subscript,
           words,
)

__all__ = ["activations", "along", "axes", "checks", "convolution", "counts", "create", "diagonals", "elementwise",
           "gathers", "indexing", "joining", "lengths", "linalg", "numeric", "reductions", "scans", "shape", "sorting",
           "special", "special_numbers", "special_pairs", "special_shapes", "statistics", "subscript", "words"]
