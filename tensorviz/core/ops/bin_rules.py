"""How many bins a histogram gets by a rule that looks at the values: NumPy's names and formulas.

References: H. A. Sturges, The Choice of a Class Interval, 1926; D. P. Doane, Aesthetic Frequency Classifications, 1976;
D. W. Scott, On Optimal and Data-Based Histograms, 1979; D. Freedman, P. Diaconis, On the Histogram as a Density Estimator, 1981.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentValueError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, OPS
from .elementwise import cast, where
from .joining import concatenate
from .lengths import INT, length_of, user_line

__all__ = ["bins_by_rule"]

F8 = np.dtype(np.float64)


def _range(x: Expr) -> Expr:
    """The largest minus the smallest value; of whole numbers as an unsigned number, which holds it."""
    high, low = BUILDERS["max"](x), BUILDERS["min"](x)
    if x.dtype.kind == "i":
        wide = np.dtype(f"u{x.dtype.itemsize}")
        return cast(high, wide) - cast(low, wide)
    return high - low


def _sqrt(x: Expr, n: Expr) -> Expr:
    return _range(x) / BUILDERS["sqrt"](n)


def _sturges(x: Expr, n: Expr) -> Expr:
    return _range(x) / (BUILDERS["log2"](n) + 1.0)


def _rice(x: Expr, n: Expr) -> Expr:
    return _range(x) / (2.0 * n ** (1.0 / 3))


def _scott(x: Expr, n: Expr) -> Expr:
    spread = BUILDERS["std"](x)
    return cast((24.0 * np.pi**0.5 / n) ** (1.0 / 3.0), spread.dtype) * spread


def _fd(x: Expr, n: Expr) -> Expr:
    quarters = BUILDERS["percentile"](x, [75, 25])
    return 2.0 * (quarters[0] - quarters[1]) * cast(n ** (-1.0 / 3.0), quarters.dtype)


def _doane(x: Expr, n: Expr) -> Expr:
    spread = BUILDERS["std"](x)
    error = BUILDERS["sqrt"](6.0 * np.maximum(n - 2.0, 1.0) / ((n + 1.0) * (n + 3)))
    skew = BUILDERS["mean"](((x - BUILDERS["mean"](x)) / where(spread > 0, spread, 1)) ** 3)
    width = _range(x) / (1.0 + BUILDERS["log2"](n) + BUILDERS["log2"](1.0 + BUILDERS["absolute"](skew) / error))
    return where(BUILDERS["logical_and"](n > 2, spread > 0), width, 0.0)


def _auto(x: Expr, n: Expr) -> Expr:
    return BUILDERS["minimum"](np.maximum(_fd(x, n), _sqrt(x, n) / 2), _sturges(x, n))


WIDTHS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "auto": _auto, "doane": _doane, "fd": _fd, "rice": _rice, "scott": _scott, "sqrt": _sqrt, "sturges": _sturges}


def bins_by_rule(x: Expr, rule: str, low: Any, high: Any, cut: bool) -> Expr:
    """How many bins from `low` to `high` the rule gives the values of a vector, an int64 scalar (1 or more).

    `cut`: values outside do not count. Raises ArgumentValueError for a name that is none of NumPy's, and for "stone".
    """
    if rule == "stone":
        raise ArgumentValueError("the rule 'stone' tries many histograms: how many depends on the values", at=user_line(),
                                 hint=f"one of {', '.join(WIDTHS)}")
    if rule not in WIDTHS:
        raise ArgumentValueError(f"there is no rule {rule!r} for bins", at=user_line(), hint=f"one of {', '.join(WIDTHS)}")
    if cut:
        x = make(OPS["compress"], (x, BUILDERS["logical_and"](np.greater_equal(x, low), np.less_equal(x, high))))
    count = length_of(x, 0)
    missing = 1 - np.minimum(count, 1)                 # a 0 where there are no values: all rules give 1 bin for it
    x = concatenate([x, BUILDERS["full"]((missing,), 0, dtype=x.dtype)])
    width = WIDTHS[rule](x, cast(as_expr(np.maximum(count, 1)), F8))
    if x.dtype.kind in "iu":
        width = where(BUILDERS["logical_and"](width > 0, width < 1), 1, width)
    bins = BUILDERS["ceil"](as_expr(high - low) / where(BUILDERS["equal"](width, 0), np.inf, width))
    return BUILDERS["maximum"](cast(bins, INT), constant(1, INT))
