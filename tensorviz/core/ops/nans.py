"""Reductions of the elements that are not NaN. They agree with the plain ones where none is; of none at all they are NaN.

Gradients go to the elements that are numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from .checks import check
from .elementwise import where as choose
from .statistics import ddof_and_dtype

__all__ = ["nanargmax", "nanargmin", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]

isnan: Callable[..., Expr] = BUILDERS["isnan"]


def _numbers(x: Expr, where: Any) -> Any:
    """A mask of the elements that are numbers, or `where` if all are."""
    if not is_float(x.dtype):
        return where
    kept = BUILDERS["logical_not"](isnan(x))
    return kept if where is None or where is True else BUILDERS["logical_and"](kept, where)


@builder
def nansum(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, *, initial: Any = None,
           where: Any = None) -> Expr:
    """`sum` with NaN taken as 0.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> nansum(x).eval({x: [1.0, float("nan")]})
    array(1.)
    """
    x = as_expr(x)
    return BUILDERS["sum"](x, axis, dtype, keepdims, initial=initial, where=_numbers(x, where))


@builder
def nanprod(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, *, initial: Any = None,
            where: Any = None) -> Expr:
    """`prod` with NaN taken as 1.

    >>> import tensorviz as tv
    >>> nanprod(tv.vector("x")).ndim
    0
    """
    x = as_expr(x)
    return BUILDERS["prod"](x, axis, dtype, keepdims, initial=initial, where=_numbers(x, where))


@builder
def nanmean(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, *, where: Any = None) -> Expr:
    """The mean of the elements over `axis` that are not NaN.

    >>> import tensorviz as tv
    >>> nanmean(tv.matrix("x"), axis=0).ndim
    1
    """
    x = as_expr(x)
    return BUILDERS["mean"](x, axis, dtype, keepdims, where=_numbers(x, where))


@builder
def nanvar(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *, dtype: Any = None, where: Any = None,
           correction: float | None = None, mean: Any = None) -> Expr:
    """The variance of the elements over `axis` that are not NaN; NaN where there are no more than `ddof`.

    `correction` is another word for `ddof`; `mean` is their mean, with the axes kept, where it is known.

    >>> import tensorviz as tv
    >>> nanvar(tv.matrix("x"), axis=0, ddof=1).ndim
    1
    """
    x = as_expr(x)
    ddof, dtype = ddof_and_dtype(ddof, dtype)
    mask = _numbers(x, where)
    found = BUILDERS["var"](x, axis, ddof, keepdims, dtype=dtype, where=mask, correction=correction, mean=mean)
    ddof = ddof if correction is None else correction
    if not ddof or mask is None or mask is True:
        return found
    few = np.less_equal(BUILDERS["sum"](BUILDERS["broadcast_arrays"](mask, x)[0], axis=axis, keepdims=keepdims), ddof)
    return choose(few, np.nan, found)


@builder
def nanstd(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *, dtype: Any = None, where: Any = None,
           correction: float | None = None, mean: Any = None) -> Expr:
    """The standard deviation of the elements over `axis` that are not NaN: the square root of `nanvar`.

    >>> import tensorviz as tv
    >>> nanstd(tv.vector("x")).ndim
    0
    """
    return BUILDERS["sqrt"](nanvar(x, axis, ddof, keepdims, dtype=dtype, where=where, correction=correction, mean=mean))


def _extreme(name: str, least: float, x: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Expr:
    x = as_expr(x)
    run = BUILDERS[name]
    if x.dtype.kind != "f" or initial is not None or (where is not None and where is not True):
        return run(x, axis, keepdims, initial=initial, where=_numbers(x, where) if initial is not None else where)
    none = BUILDERS["all"](isnan(x), axis, keepdims)
    return choose(none, np.nan, run(choose(isnan(x), least, x), axis, keepdims))


@builder
def nanmax(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Expr:
    """The largest of the elements over `axis` that are not NaN.

    >>> import tensorviz as tv
    >>> nanmax(tv.matrix("x"), axis=0).ndim
    1
    """
    return _extreme("max", -np.inf, x, axis, keepdims, initial, where)


@builder
def nanmin(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Expr:
    """The smallest of the elements over `axis` that are not NaN.

    >>> import tensorviz as tv
    >>> nanmin(tv.matrix("x"), axis=0).ndim
    1
    """
    return _extreme("min", np.inf, x, axis, keepdims, initial, where)


def _place(name: str, least: float, x: Any, axis: int | None, keepdims: bool) -> Expr:
    x = as_expr(x)
    if x.dtype.kind != "f":
        return BUILDERS[name](x, axis, keepdims)
    some = BUILDERS["logical_not"](BUILDERS["all"](isnan(x), axis, keepdims))
    places = BUILDERS[name](choose(isnan(x), least, x), axis, keepdims)
    return check(places, some, message=f"nan{name} of elements that are all NaN", kind="DomainError")


@builder
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Expr:
    """The place of the largest of the elements along `axis` that are not NaN; DomainError where all are.

    >>> import tensorviz as tv
    >>> nanargmax(tv.matrix("x"), axis=0).dtype
    dtype('int64')
    """
    return _place("argmax", -np.inf, x, axis, keepdims)


@builder
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Expr:
    """The place of the smallest of the elements along `axis` that are not NaN; DomainError where all are.

    >>> import tensorviz as tv
    >>> nanargmin(tv.matrix("x"), axis=0).dtype
    dtype('int64')
    """
    return _place("argmin", np.inf, x, axis, keepdims)
