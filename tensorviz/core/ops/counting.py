"""Counting: bincount, histogram, unique, nonzero and their like.

How many values `bincount`, `unique` and `nonzero` give is known only when they have run; in compiled functions what depends on
that runs as NumPy's own functions, between pieces of C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, DomainError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, make, value_of
from ..op import BUILDERS, OPS, Op, builder
from ..types import TensorType
from .bin_rules import bins_by_rule
from .checks import check
from .create import full
from .elementwise import BOOL, cast, where
from .joining import concatenate, ravel
from .lengths import INT, Length, axis_of, length_of, lengths_now, product, user_line, whole
from .scans import cumsum
from .searching import searchsorted
from .shape import reshape
from .sorting import argsort, order_rows, sort
from .spaces import linspace

__all__ = ["argwhere", "bincount", "count_nonzero", "flatnonzero", "histogram", "histogram_bin_edges", "nonzero", "unique",
           "unique_all", "unique_counts", "unique_inverse", "unique_values"]

Array = np.ndarray[Any, Any]
F8 = np.dtype(np.float64)


# -- bincount --------------------------------------------------------------------------------------------------------------
def _bincount_type(x: TensorType, *weights: TensorType, minlength: int) -> TensorType:
    if x.ndim != 1 or x.dtype != INT:
        raise ShapeError(f"bincount counts in a vector of int64, not {x.text()}")
    for w in weights:
        if w.dtype != F8 or w.ndim != 1 or (None not in (*w.shape, *x.shape) and w.shape != x.shape):
            raise ShapeError(f"weights of a bincount are a float64 vector as long as the other, not {w.text()}")
    return TensorType(F8 if weights else INT, (minlength if x.shape == (0,) else None,))


def _bincount_numpy(x: Array, *weights: Array, minlength: int) -> Array:
    x = np.asarray(x)
    if x.size and x.min() < 0:
        raise DomainError(f"bincount counts numbers from 0 up, not {x.min()}")
    if weights and np.shape(weights[0]) != x.shape:
        raise ShapeError(f"weights of a bincount are as many as its numbers, not {np.size(weights[0])} for {x.size}")
    return np.bincount(x, weights[0] if weights else None, minlength)


def _bincount_shape(x: Expr, *weights: Expr, minlength: int) -> tuple[Length, ...]:
    return (BUILDERS["max"](concatenate([x + 1, constant([minlength], INT)])),)


def _bincount_vjp(g: Expr, out: Expr, x: Expr, *weights: Expr, minlength: int) -> tuple[Expr | None, ...]:
    return (None, *(BUILDERS["take"](g, x, axis=0) for _ in weights))


bincount_op = Op("bincount", "order", _bincount_type, _bincount_numpy,
                 "how often each number from 0 up occurs, or the sum of its weights",
                 params=("minlength",), shape=_bincount_shape, vjp=_bincount_vjp, flops=1.0)


@builder
def bincount(x: Any, weights: Any = None, minlength: int | None = 0, assert_nonneg: bool = False) -> Expr:
    """How often each number from 0 up to the largest of the vector x occurs, or the sum of its `weights` (float64).

    There are at least `minlength` of them. Negative numbers always raise DomainError (`assert_nonneg` is Theano's). Gradients
    flow to the weights.

    >>> import tensorviz as tv
    >>> bincount(tv.lvector("x")).dtype
    dtype('int64')
    """
    x = as_expr(x)
    if x.ndim != 1:
        raise ShapeError(f"bincount takes a vector, not {x.type.text()}", at=user_line())
    if x.dtype.kind not in "biu":
        raise DtypeError(f"bincount takes whole numbers, not {x.dtype}", at=user_line(), hint="x.astype('int64')")
    least = whole(0 if minlength is None else minlength, "minlength is a whole number", "minlength is 0 or more", 0)
    if weights is None:
        return make(bincount_op, (cast(x, INT),), (least,))
    weights = as_expr(weights)
    if weights.dtype.kind == "c":
        raise DtypeError("weights are real, not complex", at=user_line())
    return make(bincount_op, (cast(x, INT), cast(weights, F8)), (least,))


# -- histogram -------------------------------------------------------------------------------------------------------------
def ends_of(a: Expr, range: Any) -> tuple[Any, Any]:
    """The first and last edge of bins of equal width."""
    if range is not None:
        low, high = range
        if not any(isinstance(v, Expr) for v in (low, high)) and not (np.isfinite(low) and np.isfinite(high) and low <= high):
            raise ArgumentValueError(f"a range goes from a finite number up, not from {low} to {high}", at=user_line())
    elif a.type.shape == (0,):
        low, high = 0.0, 1.0
    else:
        empty = BUILDERS["equal"](BUILDERS["size"](a), 0)
        wide = cast(a, F8) if a.dtype.kind != "f" else a
        low = where(empty, 0, BUILDERS["min"](concatenate([wide, constant([np.inf], wide.dtype)])))
        high = where(empty, 1, BUILDERS["max"](concatenate([wide, constant([-np.inf], wide.dtype)])))
        finite = BUILDERS["logical_and"](BUILDERS["isfinite"](low), BUILDERS["isfinite"](high))
        low = check(low, finite, message="the range of the elements is not finite: give range=", kind="DomainError")
    if any(isinstance(v, Expr) for v in (low, high)):
        low, high = as_expr(low), as_expr(high)
        one = BUILDERS["equal"](low, high)
        return where(one, low - 0.5, low), where(one, high + 0.5, high)
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def bin_count(bins: Any) -> int:
    return whole(bins, "bins are a whole number or a vector of edges", "a histogram has one bin or more", 1)


def edges_of(a: Expr, bins: Any, range: Any) -> Expr:
    if np.ndim(bins) == 0 and not (isinstance(bins, Expr) and bins.ndim):
        low, high = ends_of(a, range)
        count = bins_by_rule(a, bins, low, high, range is not None) if isinstance(bins, str) else bin_count(bins)
        kinds = [v.dtype if isinstance(v, Expr) else v for v in (low, high)]
        dtype = np.result_type(*kinds, a.dtype)
        return linspace(low, high, count + 1, dtype=dtype if dtype.kind == "f" else F8)
    edges = bins if isinstance(bins, Expr) else as_expr(np.asarray(bins))
    if edges.ndim != 1:
        raise ShapeError(f"edges of bins are a vector, not {edges.type.text()}", at=user_line())
    if is_constant(edges):
        if np.any(value_of(edges)[:-1] > value_of(edges)[1:]):
            raise ArgumentValueError("edges of bins must go up", at=user_line())
        return edges
    return check(edges, np.less_equal(edges[:-1], edges[1:]), message="edges of bins must go up", kind="DomainError")


def _counted(a: Any) -> Expr:
    a = ravel(as_expr(a))
    if a.dtype.kind == "c":
        raise DtypeError("a histogram takes real numbers, not complex ones", at=user_line())
    return cast(a, np.uint8) if a.dtype == BOOL else a


@builder
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Expr:
    """The edges of the bins of a histogram: see `histogram`.

    >>> import tensorviz as tv
    >>> histogram_bin_edges(tv.vector("a"), bins=4).type.shape
    (5,)
    """
    return edges_of(_counted(a), _unweighted(bins, weights), range)


def _unweighted(bins: Any, weights: Any) -> Any:
    if isinstance(bins, str) and weights is not None:
        raise ArgumentError("rules for the number of bins do not know weights", at=user_line(), hint="give the number of bins")
    return bins


@builder
def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> tuple[Expr, Expr]:
    """How many elements of a lie in each bin (or the sums of their `weights`), and the edges of the bins.

    `bins` is their number, of equal width within `range` (None: from the smallest to the largest), the name of a rule that finds
    it ("auto", "fd", "doane", "scott", "rice", "sturges", "sqrt": NumPy's), or a vector of edges that go up. Each bin is
    half-open, [low, high), the last is closed. With `density` the sum times the width is 1. Gradients flow to the
    weights (and, with density, to the edges). Raises DomainError where the range that is found is not finite.

    >>> import tensorviz as tv
    >>> counts, edges = histogram(tv.vector("a"), bins=4, range=(0, 1))
    >>> counts.type, edges.type
    (TensorType(int64, (4,)), TensorType(float64, (5,)))
    """
    x = _counted(a)
    edges = edges_of(x, _unweighted(bins, weights), range)
    count: Any = length_of(edges, 0) - 1
    at = searchsorted(edges, x, "right")            # 0 before the first bin, k in bin k - 1, count + 1 past the last
    at = where(BUILDERS["equal"](x, edges[-1]), cast(as_expr(count), INT), at)
    if weights is None:
        added: Expr = constant(1, INT)
    else:
        added = as_expr(weights)
        ours, theirs = as_expr(a).type.shape, added.type.shape
        if None not in (*ours, *theirs) and ours != theirs:
            raise ShapeError("weights of a histogram have the shape of its numbers", at=user_line())
        added = ravel(cast(added, INT) if added.dtype == BOOL else added)
    found = make(OPS["inc_take"], (full((count + 2,), constant(0, added.dtype)), added, at), (0,))[1:-1]
    if density:
        found = found / (edges[1:] - edges[:-1]) / BUILDERS["sum"](found)
    return found, edges


# -- where elements are not 0 ------------------------------------------------------------------------------------------------
def _truth(x: Expr) -> Expr:
    return x if x.dtype == BOOL else BUILDERS["not_equal"](x, 0)


@builder
def flatnonzero(x: Any) -> Expr:
    """The int64 places, in C order, of the elements that are not 0.

    >>> import tensorviz as tv
    >>> flatnonzero(tv.matrix("x")).type
    TensorType(int64, (None,))
    """
    mask = ravel(_truth(as_expr(x)))
    return make(OPS["compress"], (BUILDERS["arange"](length_of(mask, 0)), mask))


@builder
def nonzero(x: Any, return_matrix: bool = False) -> Any:
    """The int64 places of the elements that are not 0: a vector an axis, as a tuple; one below the other if `return_matrix`.

    >>> import tensorviz as tv
    >>> len(nonzero(tv.matrix("x")))
    2
    """
    x = as_expr(x)
    if x.ndim == 0:
        raise ShapeError("nonzero takes a tensor of one axis or more, not a scalar", at=user_line(), hint="tv.atleast_1d(x)")
    flat = flatnonzero(x)
    places: list[Expr] = []
    for n in reversed(lengths_now(x)[1:]):
        places.insert(0, flat % n)
        flat = flat // n
    found = (flat, *places)
    return BUILDERS["stack"](found) if return_matrix else found


@builder
def argwhere(x: Any) -> Expr:
    """The int64 places of the elements that are not 0: a row for each.

    >>> import tensorviz as tv
    >>> argwhere(tv.matrix("x")).type.shape
    (None, 2)
    """
    x = as_expr(x)
    if x.ndim == 0:
        return BUILDERS["zeros"]((BUILDERS["sum"](_truth(x)), 0), INT)
    return BUILDERS["stack"](nonzero(x), axis=1)


@builder
def count_nonzero(x: Any, axis: Any = None, *, keepdims: bool = False) -> Expr:
    """How many elements over `axis` (None: all) are not 0, as int64.

    >>> import tensorviz as tv
    >>> count_nonzero(tv.matrix("x"), axis=0).dtype
    dtype('int64')
    """
    return BUILDERS["sum"](_truth(as_expr(x)), axis=axis, keepdims=keepdims)


# -- different values --------------------------------------------------------------------------------------------------------
def _first_of_equals(x: Expr, equal_nan: bool) -> Expr:
    """A mask over the first axis of a sorted tensor: which element, or row, differs from the one before it."""
    new = BUILDERS["not_equal"](x[1:], x[:-1])
    if x.ndim > 1:
        new = BUILDERS["any"](new, axis=1)
    elif equal_nan and is_float(x.dtype):
        both = BUILDERS["logical_and"](BUILDERS["isnan"](x[1:]), BUILDERS["isnan"](x[:-1]))
        new = BUILDERS["logical_and"](new, BUILDERS["logical_not"](both))
    n = length_of(x, 0)
    some = min(n, 1) if isinstance(n, int) else np.minimum(n, 1)
    return concatenate([full((some,), constant(True, BOOL)), new])


def _places_of(places: Expr, first: Expr) -> Expr:
    """For each element the number of its value: how many values begin up to where it stands among the sorted ones."""
    number = cumsum(first) - 1
    return make(OPS["set_take"], (BUILDERS["zeros_like"](number), number, places), (0,))


@builder
def unique(x: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None,
           *, equal_nan: bool = True, sorted: bool = True) -> Any:
    """The different elements of x in order, or the different slices along `axis`; always sorted.

    In this order follow, as int64, if asked for: where each first occurs, for each element the place of its value, and how often
    each occurs. NaN are one value if `equal_nan` (not within slices). Gradients flow to where a value first occurs.

    >>> import tensorviz as tv
    >>> values, counts = unique(tv.matrix("x"), return_counts=True)
    >>> values.type, counts.type
    (TensorType(float64, (None,)), TensorType(int64, (None,)))
    """
    x = as_expr(x)
    if axis is None:
        flat = ravel(x)
    else:
        axis = axis_of(axis, x.ndim)
        moved = BUILDERS["moveaxis"](x, axis, 0)
        flat = reshape(moved, (lengths_now(moved)[0], product(lengths_now(moved)[1:])))
    plain = axis is None and not (return_index or return_inverse)
    places = None if plain else argsort(flat, 0) if axis is None else order_rows(flat)
    ordered = sort(flat, 0) if places is None else BUILDERS["take"](flat, places, axis=0)
    first = _first_of_equals(ordered, equal_nan)
    pick = OPS["compress"]
    values = make(pick, (ordered, first))
    if axis is not None:
        values = reshape(values, (lengths_now(values)[0], *lengths_now(moved)[1:]))
        values = BUILDERS["moveaxis"](values, 0, axis)
    found = [values]
    if return_index:
        found.append(make(pick, (places, first)))       # type: ignore[arg-type]
    if return_inverse:
        inverse = _places_of(places, first)             # type: ignore[arg-type]
        found.append(reshape(inverse, lengths_now(x)) if axis is None else inverse)
    if return_counts:
        starts = make(pick, (BUILDERS["arange"](length_of(first, 0)), first))
        ends = concatenate([starts, reshape(BUILDERS["size"](first), (1,))])
        found.append(ends[1:] - ends[:-1])
    return tuple(found) if len(found) > 1 else values


@builder
def unique_values(x: Any) -> Expr:
    """The different elements of x, in order; each NaN is one of its own.

    >>> import tensorviz as tv
    >>> unique_values(tv.vector("x")).ndim
    1
    """
    return unique(x, equal_nan=False)


@builder
def unique_counts(x: Any) -> tuple[Expr, Expr]:
    """The different elements of x, and how often each occurs; each NaN is one of its own.

    >>> import tensorviz as tv
    >>> len(unique_counts(tv.vector("x")))
    2
    """
    return unique(x, return_counts=True, equal_nan=False)


@builder
def unique_inverse(x: Any) -> tuple[Expr, Expr]:
    """The different elements of x, and for each element the place of its value; each NaN is one of its own.

    >>> import tensorviz as tv
    >>> len(unique_inverse(tv.vector("x")))
    2
    """
    return unique(x, return_inverse=True, equal_nan=False)


@builder
def unique_all(x: Any) -> tuple[Expr, Expr, Expr, Expr]:
    """The different elements of x, where each first occurs, the place of each element's value, and how often each occurs.

    >>> import tensorviz as tv
    >>> len(unique_all(tv.vector("x")))
    4
    """
    return unique(x, True, True, True, equal_nan=False)
