"""Vectors as sets, and comparisons of whole arrays, by NumPy's names: compositions of sorts, lookups and masks."""

from __future__ import annotations

from typing import Any

from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, builder
from .counting import unique
from .elementwise import where
from .joining import concatenate, ravel
from .lengths import lengths_now, product
from .searching import searchsorted
from .sorting import sort

__all__ = ["array_equal", "array_equiv", "intersect1d", "isin", "setdiff1d", "setxor1d", "union1d"]


@builder
def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None) -> Expr:
    """Whether each element stands anywhere in `test_elements` (whether it does not, if `invert`); NaN stands nowhere.

    `assume_unique` and `kind` are NumPy's and change nothing: the elements are looked up in the sorted others.

    >>> isin([1, 2, 3], [3, 1]).eval()
    array([ True, False,  True])
    """
    x, table = as_expr(element), ravel(as_expr(test_elements))
    if "c" in (x.dtype.kind, table.dtype.kind):
        found = BUILDERS["any"](BUILDERS["equal"](BUILDERS["expand_dims"](x, -1), table), axis=-1)
    else:
        table = sort(table)
        found = BUILDERS["greater"](searchsorted(table, x, "right"), searchsorted(table, x))
        if x.dtype.kind == "f":
            found = BUILDERS["logical_and"](found, BUILDERS["equal"](x, x))
    return BUILDERS["logical_not"](found) if invert else found


@builder
def union1d(ar1: Any, ar2: Any) -> Expr:
    """The different elements of both tensors, in order.

    >>> union1d([3, 1], [1, 2]).eval()
    array([1, 2, 3])
    """
    return unique(concatenate([ar1, ar2], None))


@builder
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The different elements that are in both tensors, in order; if `return_indices` also where each first stands in them.

    >>> intersect1d([3, 1, 1], [1, 2]).eval()
    array([1])
    """
    (a, first), (b, second) = (unique(ravel(as_expr(v)), return_index=True) for v in (ar1, ar2))
    both = isin(a, b)
    dtype = concatenate([a[:0], b[:0]]).dtype
    found = BUILDERS["cast"](a[both], dtype)
    return (found, first[both], second[isin(b, a)]) if return_indices else found


@builder
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Expr:
    """The different elements of the first tensor that are not in the second, in order (as they stand, if `assume_unique`).

    >>> setdiff1d([3, 1, 3], [1, 2]).eval()
    array([3])
    """
    a = ravel(as_expr(ar1))
    a = a if assume_unique else unique(a)
    return a[isin(a, ar2, invert=True)]


@builder
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Expr:
    """The different elements that are in one of both tensors only, in order.

    >>> setxor1d([3, 1], [1, 2]).eval()
    array([2, 3])
    """
    return sort(concatenate([setdiff1d(ar1, ar2), setdiff1d(ar2, ar1)]))


# -- whole arrays ------------------------------------------------------------------------------------------------------------
def _alike(a: Expr, b: Expr, equal_nan: bool) -> Expr:
    found = BUILDERS["equal"](a, b)
    if equal_nan:
        found = BUILDERS["logical_or"](found, BUILDERS["logical_and"](BUILDERS["isnan"](a), BUILDERS["isnan"](b)))
    return BUILDERS["all"](found)


@builder
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Expr:
    """Whether both tensors have one shape and equal elements (NaN equal to NaN if `equal_nan`): a boolean scalar.

    >>> array_equal([1, 2], [1, 2, 3]).eval(), array_equal([1, 2], [1, 2]).eval()
    (array(False), array(True))
    """
    a, b = as_expr(a1), as_expr(a2)
    known = list(zip(a.type.shape, b.type.shape, strict=False))
    if a.ndim != b.ndim or any(None not in pair and pair[0] != pair[1] for pair in known):
        return constant(False)
    if all(None not in pair for pair in known):
        return _alike(a, b, equal_nan)
    same = [BUILDERS["equal"](n, m) for n, m in zip(lengths_now(a), lengths_now(b), strict=True)]
    one = same[0]
    for other in same[1:]:
        one = BUILDERS["logical_and"](one, other)
    least = BUILDERS["minimum"](*(as_expr(product(lengths_now(v))) for v in (a, b)))
    return where(one, _alike(ravel(a)[:least], ravel(b)[:least], equal_nan), False)


@builder
def array_equiv(a1: Any, a2: Any) -> Expr:
    """Whether both tensors have equal elements once they are broadcast; false for shapes that are known not to go together.

    Shapes that turn out so only when it runs raise ShapeError.

    >>> array_equiv([[1, 1], [1, 1]], 1).eval()
    array(True)
    """
    a, b = as_expr(a1), as_expr(a2)
    pairs = zip(reversed(a.type.shape), reversed(b.type.shape), strict=False)
    if any(None not in pair and 1 not in pair and pair[0] != pair[1] for pair in pairs):
        return constant(False)
    return BUILDERS["all"](BUILDERS["equal"](a, b))
