"""The ops, one table a family; importing this package fills the registries `OPS` and `BUILDERS`."""

from . import axes, create, elementwise, indexing, joining, lengths, linalg, reductions, shape, statistics, subscript

__all__ = ["axes", "create", "elementwise", "indexing", "joining", "lengths", "linalg", "reductions", "shape", "statistics", "subscript"]
