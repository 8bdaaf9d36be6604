"""Compositions of reductions: mean, var, std, ptp, average, norm, log-sum-exp and softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import as_dtype, is_float
from ..errors import ArgumentError, ArgumentValueError, DivisionError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .axes import zero_grad
from .elementwise import cast
from .elementwise import where as choose
from .lengths import axes_of, lengths_now, product, user_line
from .reductions import masked
from .reductions import max as max_
from .reductions import min as min_
from .reductions import sum as sum_
from .torch_words import torch_words

__all__ = ["average", "log_softmax", "logsumexp", "mean", "norm", "ptp", "softmax", "std", "var"]

F8 = np.dtype(np.float64)
F2, F4 = np.dtype(np.float16), np.dtype(np.float32)
absolute: Callable[..., Expr] = BUILDERS["absolute"]
exp: Callable[..., Expr] = BUILDERS["exp"]
log: Callable[..., Expr] = BUILDERS["log"]
sqrt: Callable[..., Expr] = BUILDERS["sqrt"]


def count_of(x: Expr, axis: Any, dtype: np.dtype[Any], where: Any = None, keepdims: bool = False) -> Expr:
    """How many elements a reduction over `axis` takes in, of those where `where` is true: of `dtype`, a scalar without mask."""
    if where is not None and where is not True:
        ones = masked(BUILDERS["ones_like"](x, np.int64), where, 0)
        return cast(sum_(ones, axis, keepdims=keepdims), dtype)
    now = lengths_now(x)
    n = product([now[k] for k in axes_of(axis, x.ndim)])
    return constant(n, dtype) if isinstance(n, int) else cast(n, dtype)


@builder
def mean(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None, *,
         where: Any = None, op: bool = False) -> Expr:
    """The mean of x over `axis` (None: all): float64 for integers, float16 through float32, as NumPy does it.

    Of the elements for which `where` is true, added up in `acc_dtype` (None: the result's). `op` is Theano's and changes nothing.

    >>> import tensorviz as tv
    >>> mean(tv.matrix("x", shape=(2, 3)), axis=0).type.shape
    (3,)
    """
    x = as_expr(x)
    out = as_dtype(dtype) if dtype is not None else x.dtype if is_float(x.dtype) else F8
    wide = as_dtype(acc_dtype) if acc_dtype is not None else F4 if out == F2 and dtype is None else out
    total = sum_(x, axis, dtype=wide, keepdims=keepdims, where=where)
    return cast(total / count_of(x, axis, total.dtype, where, keepdims), out)


_mean = mean


def ddof_and_dtype(third: Any, dtype: Any) -> tuple[Any, Any]:
    """Theano's third argument of `var` is ddof, NumPy's a dtype: what is given there says which is meant."""
    if not isinstance(third, str | type | np.dtype):
        return third, dtype
    if dtype is not None:
        raise ArgumentError(f"{third!r} and dtype={dtype!r} are the same argument: give one of them", at=user_line())
    return 0, third


@builder
def var(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *, dtype: Any = None, where: Any = None,
        correction: float | None = None, mean: Any = None, corrected: bool = False) -> Expr:
    """The variance of x over `axis`: the mean of squared distances from the mean, divided by n - ddof.

    Of the elements for which `where` is true, computed in `dtype`; `correction` is another word for ddof. `mean` is the mean, if
    it is known already, with the reduced axes kept. With `corrected` (Theano's) the square of what rounding leaves of the sum of
    distances is taken away. A dtype in the place of ddof is taken for what NumPy has there.

    >>> import tensorviz as tv
    >>> var(tv.matrix("x", shape=(2, 3)), axis=1).type.shape
    (2,)
    """
    x = as_expr(x)
    ddof, dtype = ddof_and_dtype(ddof, dtype)
    if correction is not None:
        if ddof:
            raise ArgumentError("ddof and correction are the same: give one of them", at=user_line())
        ddof = correction
    out = as_dtype(dtype) if dtype is not None else x.dtype if is_float(x.dtype) else F8
    wide = cast(x, F4 if out == F2 else out)
    away = wide - (_mean(wide, axis, keepdims=True, where=where) if mean is None else mean)
    if wide.dtype.kind == "c":
        real, imag = BUILDERS["real"](away), BUILDERS["imag"](away)
        squares = real * real + imag * imag
        out = squares.dtype if dtype is None else out
    else:
        squares = away * away
    n = count_of(x, axis, squares.dtype, where, keepdims)
    total = sum_(squares, axis, keepdims=keepdims, where=where)
    if corrected:
        rest = BUILDERS["absolute"](sum_(away, axis, keepdims=keepdims, where=where))
        total = total - rest * rest / n
    if ddof:
        n = BUILDERS["maximum"](n - float(ddof), 0)
    return cast(total / n, out)


@builder
def std(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *, dtype: Any = None, where: Any = None,
        correction: float | None = None, mean: Any = None, corrected: bool = False) -> Expr:
    """The standard deviation of x over `axis`: the square root of `var`. Raises DtypeError for a dtype of whole numbers.

    >>> import tensorviz as tv
    >>> std(tv.vector("x")).ndim
    0
    """
    ddof, dtype = ddof_and_dtype(ddof, dtype)
    if dtype is not None and not is_float(as_dtype(dtype)):
        raise DtypeError(f"a standard deviation is no whole number: it can't be {as_dtype(dtype)}", at=user_line())
    found = var(x, axis, ddof, keepdims, dtype=dtype, where=where, correction=correction, mean=mean, corrected=corrected)
    return cast(sqrt(BUILDERS["real"](found)), found.dtype) if found.dtype.kind == "c" else sqrt(found)


@builder
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """Largest minus smallest element over `axis`.

    >>> import tensorviz as tv
    >>> ptp(tv.vector("x")).ndim
    0
    """
    return max_(x, axis, keepdims) - min_(x, axis, keepdims)


@builder
def average(x: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """The mean of x over `axis`, weighted by `weights` of x's shape, or of the length of the one axis.

    With `returned` also the sums of weights (without weights: the numbers of elements), of the mean's shape. Weights that sum to
    0 raise DivisionError (a ZeroDivisionError) where they are known; sums that are 0 only when it runs give NaN or infinities.

    >>> import tensorviz as tv
    >>> average(tv.matrix("x"), axis=0, weights=tv.vector("w")).ndim
    1
    """
    x = as_expr(x)
    if weights is None:
        found = mean(x, axis, keepdims=keepdims)
        return (found, BUILDERS["ones_like"](found) * count_of(x, axis, found.dtype)) if returned else found
    weights = as_expr(weights)
    if is_constant(weights):
        over = axes_of(axis, x.ndim) if weights.ndim == x.ndim else None
        if np.any(np.sum(value_of(weights), axis=over) == 0):
            raise DivisionError("the weights of an average sum to 0", at=user_line())
    if weights.ndim != x.ndim:
        axes = axes_of(axis, x.ndim)
        if weights.ndim != 1 or len(axes) != 1:
            raise ShapeError("weights have x's shape, or are a vector along one axis", at=user_line())
        weights = weights.dimshuffle(*("x" if k != axes[0] else 0 for k in range(x.ndim)))
    if not is_float(weights.dtype) and not is_float(x.dtype):
        weights = cast(weights, F8)
    total = sum_(x * weights, axis, keepdims=keepdims)
    share = sum_(weights * BUILDERS["ones_like"](x, weights.dtype), axis, keepdims=keepdims)
    return (total / share, cast(share, (total / share).dtype)) if returned else total / share


@builder
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Expr:
    """The norm of x's elements over `axis`: Euclidean (None, 2, "fro"), 1, 0, inf, -inf or any other power.

    A matrix with axis=None takes ord None or "fro" only; the other norms of matrices are not elementwise.

    >>> import tensorviz as tv
    >>> norm(tv.matrix("x"), axis=1).ndim
    1
    """
    x = as_expr(x)
    x = x if is_float(x.dtype) else cast(x, F8)
    if len(axes_of(axis, x.ndim)) > 1 and ord not in (None, "fro"):
        raise ArgumentValueError(f"norm of order {ord!r} goes over one axis", at=user_line(), hint="give axis=, or use ord='fro'")
    size = absolute(x)
    if ord in (None, "fro", 2):
        return sqrt(sum_(size * size, axis, keepdims=keepdims))
    if ord == 1:
        return sum_(size, axis, keepdims=keepdims)
    if ord == 0:
        return sum_(BUILDERS["not_equal"](x, 0), axis, dtype=size.dtype, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (max_ if ord > 0 else min_)(size, axis, keepdims)
    if isinstance(ord, str):
        raise ArgumentValueError(f"there is no norm {ord!r}", at=user_line(), hint="use a number, inf, -inf or 'fro'")
    return sum_(size ** ord, axis, keepdims=keepdims) ** (1.0 / ord)


# -- exponentials that don't overflow --------------------------------------------------------------------------------
def float_of(x: Any) -> Expr:
    """x, whole numbers and booleans as float64."""
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, F8)


@builder
@torch_words()
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """log(sum(exp(x))) over `axis` without overflow: the largest element is taken out first (0 where it is infinite).

    -inf along an axis whose length is known to be 0; ShapeError where that shows at run time.

    >>> import tensorviz as tv
    >>> logsumexp(tv.matrix("x"), axis=1).ndim
    1
    """
    x = float_of(x)
    nothing = 0 in (x.type.shape[k] for k in axes_of(axis, x.ndim))
    peak = zero_grad(max_(x, axis, keepdims=True, initial=-np.inf if nothing else None))
    peak = choose(BUILDERS["isfinite"](peak), peak, 0)
    result = log(sum_(exp(x - peak), axis, keepdims=True)) + peak
    return result if keepdims else BUILDERS["squeeze"](result, axes_of(axis, x.ndim))


@builder
@torch_words()
def softmax(x: Any, axis: Any = -1, *, where: Any = None, dtype: Any = None) -> Expr:
    """exp(x) / sum(exp(x)) over `axis`, as exp(x - m) / sum(exp(x - m)) with the largest element m, so that nothing overflows.

    m carries no gradient (the result doesn't depend on it). Where `where` is false the result is 0, and x counts for nothing.
    x is cast to `dtype` first.

    >>> import tensorviz as tv
    >>> softmax(tv.matrix("x", shape=(2, 3))).type.shape
    (2, 3)
    """
    x = float_of(x if dtype is None else cast(x, dtype))
    if where is not None:
        return choose(where, softmax(choose(where, x, -np.inf), axis), 0)
    e = exp(x - zero_grad(max_(x, axis, keepdims=True)))
    return e / sum_(e, axis, keepdims=True)


@builder
@torch_words()
def log_softmax(x: Any, axis: Any = -1, *, where: Any = None, dtype: Any = None) -> Expr:
    """log(softmax(x)) over `axis` without overflow and without log of a tiny number.

    Where `where` is false the result is -inf, and x counts for nothing. x is cast to `dtype` first.

    >>> import tensorviz as tv
    >>> log_softmax(tv.matrix("x", shape=(2, 3))).type.shape
    (2, 3)
    """
    x = float_of(x if dtype is None else cast(x, dtype))
    if where is not None:
        return choose(where, log_softmax(choose(where, x, -np.inf), axis), -np.inf)
    away = x - zero_grad(max_(x, axis, keepdims=True))
    return away - log(sum_(exp(away), axis, keepdims=True))
