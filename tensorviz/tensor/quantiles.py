"""Median, percentiles and quantiles by NumPy's names."""

from ..core.ops.quantiles import median, nanmedian, nanpercentile, nanquantile, percentile, quantile

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]
