"""Sorting and selecting along an axis. NaN counts as the largest number; equal elements stay in order, so ties are decided.

Gradients go to the element that stands at a place: that of `sort` is the gradient put back by `argsort`, so of equal elements the
first in the tensor is the first in the result.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, ArgumentValueError, BoundsError, DtypeError, ShapeError
from ..expr import Expr, as_expr, is_constant, make, value_of
from ..op import BUILDERS, OPS, Op, builder
from ..types import TensorType
from .checks import check
from .elementwise import cast, zeros_like
from .joining import ravel
from .lengths import INT, axis_of, known_int, length_of, lengths_now, no_gradients, user_line

__all__ = ["argpartition", "argsort", "argtopk", "kth_smallest", "lexsort", "order_rows", "partition", "sort", "topk",
           "topk_and_argtopk"]

Array = np.ndarray[Any, Any]


def _put_along(x: Expr, g: Expr, places: Expr, axis: int) -> Expr:
    """Zeros like x with g added at `places` along an axis: the gradient of taking them."""
    return make(OPS["inc_along"], (zeros_like(x), g, places), (axis,))


def _check_axis(t: TensorType, axis: int) -> None:
    if not 0 <= axis < t.ndim:
        raise ShapeError(f"there is no axis {axis} in a tensor of {t.ndim} axes")


# -- sort and argsort --------------------------------------------------------------------------------------------------
def _sort_type(t: TensorType, axis: int, descending: bool) -> TensorType:
    _check_axis(t, axis)
    return t


def _argsort_type(t: TensorType, axis: int, descending: bool) -> TensorType:
    _check_axis(t, axis)
    return TensorType(INT, t.shape)


def _argsort_numpy(x: Array, axis: int, descending: bool) -> Array:
    if not descending:
        return np.argsort(x, axis=axis, stable=True).astype(INT)
    back = np.argsort(np.flip(x, axis), axis=axis, stable=True)         # of equal ones the last stands first here
    return np.flip(np.shape(x)[axis] - 1 - back, axis).astype(INT)


def _sort_numpy(x: Array, axis: int, descending: bool) -> Array:
    x = np.asarray(x)
    if not descending:
        return np.sort(x, axis=axis, stable=True)
    return np.take_along_axis(x, _argsort_numpy(x, axis, descending), axis)


def _sort_vjp(g: Expr, out: Expr, x: Expr, axis: int, descending: bool) -> tuple[Expr]:
    return (_put_along(x, g, make(argsort_op, (x,), (axis, descending)), axis),)


sort_op = Op("sort", "order", _sort_type, _sort_numpy,
             "elements in order along an axis, NaN as the largest; equal ones stay in order",
             params=("axis", "descending"), shape=lambda x, **kw: lengths_now(x), vjp=_sort_vjp, flops=20.0, exact=True,
             latex="\\operatorname{{sort}}_{{{axis}}}\\left({0}\\right)")
argsort_op = Op("argsort", "order", _argsort_type, _argsort_numpy,
                "where the elements of the sorted tensor come from along an axis; equal ones stay in order",
                params=("axis", "descending"), shape=lambda x, **kw: lengths_now(x), vjp=no_gradients, flops=20.0, exact=True,
                latex="\\operatorname{{argsort}}_{{{axis}}}\\left({0}\\right)")


def _along(x: Any, axis: int | None) -> tuple[Expr, int]:
    x = as_expr(x)
    return (ravel(x), 0) if axis is None else (x, axis_of(axis, x.ndim))


def _check_kind(name: str, kind: Any, order: Any, stable: Any) -> None:
    if kind not in (None, "quicksort", "heapsort", "stable", "mergesort") or (kind is not None and stable is not None):
        raise ArgumentValueError(f"{name} knows the kinds quicksort, heapsort, mergesort and stable, not {kind!r}",
                                 at=user_line(), hint="leave it away: every sort here is stable")
    if order is not None:
        raise ArgumentError(f"{name} with order= needs fields, which tensors don't have", at=user_line())


@builder
def sort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None,
         descending: bool = False) -> Expr:
    """x in order along `axis` (None: all elements as a vector), NaN last; from the largest down, NaN first, if `descending`.

    Every `kind` is stable, and zeros of both signs are equal. Complex numbers go by their real, then their imaginary part. The
    gradient goes back to where an element came from.

    >>> import tensorviz as tv
    >>> sort(tv.matrix("x", shape=(2, 3))).type.shape
    (2, 3)
    """
    _check_kind("sort", kind, order, stable)
    x, axis = _along(x, axis)
    return make(sort_op, (x,), (axis, bool(descending)))


@builder
def argsort(x: Any, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None,
            descending: bool = False) -> Expr:
    """The int64 places from which `sort` takes its elements along `axis`: equal ones stay in order. No gradient flows.

    >>> import tensorviz as tv
    >>> argsort(tv.matrix("x", shape=(2, 3)), axis=0).type
    TensorType(int64, (2, 3))
    """
    _check_kind("argsort", kind, order, stable)
    x, axis = _along(x, axis)
    return make(argsort_op, (x,), (axis, bool(descending)))


def _check_kth(x: Expr, kth: Any, axis: int) -> Expr:
    """x, which raises BoundsError when it runs if kth is outside its axis; at once where that is known."""
    kth = as_expr(kth)
    if kth.dtype.kind not in "iu":
        raise ArgumentError(f"partition takes whole numbers kth, not {kth!r:.60}", at=user_line())
    n = length_of(x, axis)
    if isinstance(n, int) and is_constant(kth):
        places = value_of(kth)
        if n and places.size and (places.min() < -n or places.max() >= n):
            raise BoundsError(f"kth ({places}) is out of bounds for axis {axis} with size {n}", at=user_line())
        return x
    kth = cast(kth, INT)
    fits = BUILDERS["logical_and"](np.greater_equal(kth, -n), np.less(kth, n))
    name = f" ({value_of(kth)})" if is_constant(kth) else ""
    return check(x, BUILDERS["logical_or"](fits, BUILDERS["equal"](n, 0)), kind="BoundsError",
                 message=f"kth{name} is out of bounds for axis {axis}")


@builder
def partition(x: Any, kth: Any, axis: int | None = -1) -> Expr:
    """x with the elements that a sort puts at the places `kth` there, smaller ones before and larger ones after them.

    That holds for the whole sort, which this is: the order of the others, which NumPy leaves open, is the sorted one.

    >>> import tensorviz as tv
    >>> partition(tv.vector("x", shape=(5,)), 2).type.shape
    (5,)
    """
    x, axis = _along(x, axis)
    return sort(_check_kth(x, kth, axis), axis)


@builder
def argpartition(x: Any, kth: Any, axis: int | None = -1) -> Expr:
    """The int64 places from which `partition` takes its elements: those of the whole sort. No gradient flows.

    >>> import tensorviz as tv
    >>> argpartition(tv.vector("x", shape=(5,)), 2).dtype
    dtype('int64')
    """
    x, axis = _along(x, axis)
    return argsort(_check_kth(x, kth, axis), axis)


# -- the k-th smallest -------------------------------------------------------------------------------------------------
def _kth_type(t: TensorType, k: TensorType, axis: int) -> TensorType:
    _check_axis(t, axis)
    if k.dtype != INT or k.ndim != 1:
        raise DtypeError(f"places are a vector of int64, not {k.text()}")
    if t.dtype.kind == "c":
        raise DtypeError("kth_smallest takes real numbers, not complex ones")
    return TensorType(t.dtype, (*t.shape[:axis], k.shape[0], *t.shape[axis + 1:]))


def _kth_numpy(x: Array, k: Array, axis: int) -> Array:
    n, k = np.shape(x)[axis], np.asarray(k)
    if k.size and (k.min() < -n or k.max() >= n):
        raise BoundsError(f"place {k[(k < -n) | (k >= n)][0]} is out of bounds for axis {axis} with size {n}")
    found = np.take(np.sort(x, axis=axis), k, axis=axis)
    return np.asarray(found + 0 if found.dtype.kind == "f" else found, np.asarray(x).dtype)       # zeros have no sign


def _kth_vjp(g: Expr, out: Expr, x: Expr, k: Expr, axis: int) -> tuple[Expr, None]:
    places = make(OPS["take"], (make(argsort_op, (x,), (axis, False)), k), (axis,))
    return _put_along(x, g, places, axis), None


kth_op = Op("kth_smallest", "order", _kth_type, _kth_numpy,
            "the elements at places of the sorted tensor along an axis; 0 without sign",
            params=("axis",), flops=4.0, exact=True, vjp=_kth_vjp,
            shape=lambda x, k, axis: (*lengths_now(x)[:axis], lengths_now(k)[0], *lengths_now(x)[axis + 1:]),
            latex="\\operatorname{{kth}}_{{{axis}}}\\left({0}, {1}\\right)")


@builder
def kth_smallest(x: Any, k: Any, axis: int = -1) -> Expr:
    """The elements that stand at the places `k` (a vector of whole numbers) when x is sorted along `axis`, without sorting it.

    Raises BoundsError for a place outside the axis.

    >>> import tensorviz as tv
    >>> kth_smallest(tv.matrix("x", shape=(4, 9)), [0, 4]).type.shape
    (4, 2)
    """
    x, k = as_expr(x), as_expr(k)
    if k.dtype.kind not in "iu":
        raise DtypeError(f"places are whole numbers, not {k.dtype}", at=user_line())
    return make(kth_op, (x, cast(k, INT)), (axis_of(axis, x.ndim),))


# -- the largest k -----------------------------------------------------------------------------------------------------
def _argtopk_type(t: TensorType, k: int, axis: int, sorted: bool) -> TensorType:
    _check_axis(t, axis)
    n = t.shape[axis]
    if t.dtype.kind == "c":
        raise DtypeError("topk takes real numbers, not complex ones")
    if k == 0 or (n is not None and abs(k) > n):
        raise ShapeError(f"topk takes 1 to {'all' if n is None else n} of an axis, not {abs(k)}")
    return TensorType(INT, (*t.shape[:axis], abs(k), *t.shape[axis + 1:]))


def _argtopk_numpy(x: Array, k: int, axis: int, sorted: bool) -> Array:
    if abs(k) > np.shape(x)[axis]:
        raise ShapeError(f"topk takes 1 to {np.shape(x)[axis]} of an axis, not {abs(k)}")
    best = _argsort_numpy(x, axis, k > 0)
    best = best[(*(slice(None),) * axis, slice(None, abs(k)))]
    return best if sorted else np.sort(best, axis=axis)


argtopk_op = Op("argtopk", "order", _argtopk_type, _argtopk_numpy,
                "places of the k largest (k < 0: smallest) elements along an axis, the best first, or in their order",
                params=("k", "axis", "sorted"), vjp=no_gradients, flops=2.0, exact=True,
                shape=lambda x, k, axis, sorted: (*lengths_now(x)[:axis], abs(k), *lengths_now(x)[axis + 1:]),
                latex="\\operatorname{{argtopk}}_{{{k}}}\\left({0}\\right)")


def _topk(x: Any, kth: Any, axis: int | None, sorted: bool) -> tuple[Expr, Expr, int]:
    x, axis = _along(x, axis)
    k = known_int(kth) if isinstance(kth, Expr) else kth
    try:
        k = operator.index(k)
    except TypeError:
        raise ArgumentError(f"topk needs to know how many, not {kth!r:.60}", at=user_line(),
                            hint="tv.sort(x)[..., -k:] takes an expression k") from None
    return x, make(argtopk_op, (x,), (k, axis, bool(sorted))), axis


@builder
def argtopk(x: Any, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Expr:
    """Places of the `kth` largest elements along `axis` (None: of all), of the smallest if it is negative; no gradient flows.

    If `sorted` the best stands first, else they stand in the order of x. Of equal ones the first are taken; NaN is the largest.

    >>> import tensorviz as tv
    >>> argtopk(tv.matrix("x", shape=(4, 9)), 3).type
    TensorType(int64, (4, 3))
    """
    places = cast(_topk(x, kth, axis, sorted)[1], idx_dtype)
    if places.dtype.kind not in "iu":
        raise DtypeError(f"places are whole numbers, not {as_dtype(idx_dtype)}", at=user_line())
    return places


@builder
def topk(x: Any, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Expr:
    """The `kth` largest elements along `axis` (None: of all), the smallest if it is negative; see `argtopk`.

    >>> import tensorviz as tv
    >>> topk(tv.matrix("x", shape=(4, 9)), 3).type.shape
    (4, 3)
    """
    x, places, axis = _topk(x, kth, axis, sorted)
    return BUILDERS["take_along_axis"](x, places, axis)


@builder
def topk_and_argtopk(x: Any, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64") -> list[Expr]:
    """`topk` and `argtopk` together.

    >>> import tensorviz as tv
    >>> [e.dtype.name for e in topk_and_argtopk(tv.vector("x"), 3)]
    ['float64', 'int64']
    """
    return [topk(x, kth, axis, sorted), argtopk(x, kth, axis, sorted, idx_dtype)]


# -- by several keys ---------------------------------------------------------------------------------------------------
def _rows_type(t: TensorType) -> TensorType:
    if t.ndim != 2:
        raise ShapeError(f"order_rows takes a matrix, not {t.text()}")
    if t.dtype.kind == "c":
        raise DtypeError("order_rows takes real numbers, not complex ones")
    return TensorType(INT, t.shape[:1])


def _rows_numpy(x: Array) -> Array:
    x = np.asarray(x)
    return np.lexsort(x.T[::-1]).astype(INT) if x.shape[1] else np.arange(len(x))


order_rows_op = Op("order_rows", "order", _rows_type, _rows_numpy,
                   "where the rows of a sorted matrix come from: by their first elements, then the next; equals stay in order",
                   shape=lambda x: lengths_now(x)[:1], vjp=no_gradients, flops=20.0, exact=True)


@builder
def order_rows(x: Any) -> Expr:
    """The int64 order of a matrix's rows by their first elements, of equal ones by the next, ...; equal rows stay in order.

    >>> import tensorviz as tv
    >>> order_rows(tv.matrix("x", shape=(4, 9))).type.shape
    (4,)
    """
    return make(order_rows_op, (as_expr(x),))


@builder
def lexsort(keys: Sequence[Any] | Any, axis: int = -1) -> Expr:
    """The int64 order along `axis` by several keys, the last of them first, as NumPy's; equal ones stay in order.

    `keys` is a sequence of tensors of one shape, or a tensor whose first axis (of known length) runs over them.

    >>> import tensorviz as tv
    >>> lexsort([tv.vector("second"), tv.vector("first")]).ndim
    1
    """
    if not isinstance(keys, tuple | list):
        keys = as_expr(keys)
        if not keys.ndim or keys.type.shape[0] is None:
            raise ShapeError(f"lexsort needs to know how many keys there are, and not of {keys.type.text()}", at=user_line(),
                             hint="a list of keys, or tv.specify_shape(keys, (n, None))")
        keys = [keys[i] for i in range(keys.type.shape[0])]
    parts = [as_expr(k) for k in keys]
    if not parts:
        raise ArgumentError("lexsort needs at least one key", at=user_line())
    if len({k.ndim for k in parts}) > 1 or parts[0].ndim == 0:
        raise ShapeError("the keys of lexsort are tensors of one shape, of at least one axis", at=user_line())
    axis = axis_of(axis, parts[0].ndim)
    order = argsort(parts[0], axis)
    for key in parts[1:]:
        again = argsort(BUILDERS["take_along_axis"](key, order, axis), axis)
        order = BUILDERS["take_along_axis"](order, again, axis)
    return order
