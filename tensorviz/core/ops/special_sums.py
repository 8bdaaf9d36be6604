"""`scipy.special`'s softmax, log_softmax and logsumexp, with its arguments: over all axes unless told otherwise."""

from __future__ import annotations

from typing import Any

from ..expr import Expr, as_expr
from ..op import BUILDERS
from .axes import zero_grad
from .elementwise import cast, where
from .lengths import axes_of
from .reductions import max as max_
from .reductions import sum as sum_
from .statistics import float_of
from .statistics import log_softmax as log_softmax_along
from .statistics import logsumexp as logsumexp_along
from .statistics import softmax as softmax_along

__all__ = ["log_softmax", "logsumexp", "softmax"]


def softmax(x: Any, axis: Any = None) -> Expr:
    """exp(x) / sum(exp(x)) over `axis` (None: all), as SciPy has it; `tv.softmax` goes over the last axis.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x")
    >>> softmax(x).eval({x: [[0.0, 0.0], [0.0, 0.0]]})
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    return softmax_along(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Expr:
    """log(softmax(x)) over `axis` (None: all), as SciPy has it; `tv.log_softmax` goes over the last axis.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> log_softmax(x).eval({x: [3.0]})
    array([0.])
    """
    return log_softmax_along(x, axis)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b * exp(a))) over `axis` (None: all) without overflow; without b the sum of exp(a).

    With `return_sign` the logarithm of the sum's absolute value, and its sign; without, NaN where the sum is negative. Where b is
    0 an infinite exp(a) counts for nothing.

    >>> import tensorviz as tv
    >>> a = tv.vector("a")
    >>> logsumexp(a, b=[1.0, 0.0]).eval({a: [3.0, 1000.0]})
    array(3.)
    """
    if b is None and not return_sign:
        return logsumexp_along(a, axis, keepdims)
    a = float_of(a)
    b = as_expr(1.0 if b is None else b)
    nothing = BUILDERS["equal"](b, 0)
    peak = zero_grad(max_(where(nothing, float("-inf"), a), axis, keepdims=True))
    peak = where(BUILDERS["isfinite"](peak), peak, 0)
    e = BUILDERS["exp"](a - peak)
    lost = BUILDERS["logical_and"](nothing, BUILDERS["logical_not"](BUILDERS["isfinite"](e)))
    terms = where(lost, 0, b * e)
    total = sum_(terms, axis, keepdims=True)
    sign = BUILDERS["sign"](total)
    found = BUILDERS["log"](BUILDERS["absolute"](total) if return_sign else total) + cast(peak, total.dtype)
    axes = axes_of(axis, terms.ndim)
    parts = [found, sign] if keepdims else [BUILDERS["squeeze"](v, axes) for v in (found, sign)]
    return tuple(parts) if return_sign else parts[0]
