"""The ops, one table a family; importing this package fills the registries `OPS` and `BUILDERS`."""

from . import axes, elementwise, lengths, linalg, reductions, shape, statistics

__all__ = ["axes", "elementwise", "lengths", "linalg", "reductions", "shape", "statistics"]
