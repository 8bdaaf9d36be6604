"""Slopes and areas of samples, and covariances, by NumPy's names."""

from ..core.ops.calculus import corrcoef, cov, ediff1d, trapezoid
from ..core.ops.calculus import gradient as gradient

__all__ = ["corrcoef", "cov", "ediff1d", "trapezoid"]       # `tv.gradient` is a module: `T.gradient` is NumPy's function
