"""Running sums, products, maxima and log-sum-exps by NumPy's names."""

from ..core.ops.scans import (
    cummax,
    cummin,
    cumprod,
    cumsum,
    cumulative_prod,
    cumulative_sum,
    logcumsumexp,
    nancumprod,
    nancumsum,
    recurrence,
)

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "logcumsumexp", "nancumprod",
           "nancumsum", "recurrence"]
