"""Median, percentiles and quantiles, also of what is not NaN, by NumPy's thirteen methods.

A quantile lies at a place of the sorted elements that is no whole number (R. J. Hyndman, Y. Fan, Sample Quantiles in Statistical
Packages, 1996); methods differ in the place and in what they make of its two neighbours. Only the elements that are needed are
selected. Gradients go to these, and to q through the weights of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentValueError, DomainError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .checks import check
from .elementwise import BOOL, cast, where
from .joining import concatenate
from .lengths import INT, axes_of, length_of, lengths_now, product, user_line
from .scans import cumsum
from .shape import reshape
from .sorting import argsort, kth_smallest, sort

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

Array = np.ndarray[Any, Any]
F8 = np.dtype(np.float64)
NAN = complex(np.nan, np.nan)


# -- places and weights ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Method:
    """Where a quantile lies among n sorted elements, and the weight of the upper neighbour (None: the place is whole)."""

    place: Callable[[Any, Any], Any]
    weight: Callable[[Any, Any], Any] | None = lambda gamma, place: gamma


def _hyndman_fan(alpha: float, beta: float) -> _Method:
    return _Method(lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1)


def _pick(mask: Any, yes: Any, no: Any) -> Any:
    return where(mask, yes, no) if isinstance(mask, Expr) else np.where(mask, yes, no)


def _inverted(n: Any, q: Any) -> Any:
    return np.maximum(np.ceil(n * q - 1), 0)


def _closest(n: Any, q: Any) -> Any:
    at = n * q - 1.5
    low = np.floor(at)
    even = np.logical_and(np.equal(at, low), np.equal(np.remainder(low, 2), 1))
    return np.maximum(_pick(even, low, low + 1), 0)


METHODS: dict[str, _Method] = {
    "inverted_cdf": _Method(_inverted, None),
    "averaged_inverted_cdf": _Method(lambda n, q: n * q - 1,
                                     lambda gamma, at: _pick(np.equal(gamma, 0), gamma + 0.5, gamma * 0 + 1)),
    "closest_observation": _Method(_closest, None),
    "interpolated_inverted_cdf": _hyndman_fan(0, 1),
    "hazen": _hyndman_fan(0.5, 0.5),
    "weibull": _hyndman_fan(0, 0),
    "linear": _Method(lambda n, q: (n - 1) * q),
    "median_unbiased": _hyndman_fan(1 / 3, 1 / 3),
    "normal_unbiased": _hyndman_fan(3 / 8, 3 / 8),
    "lower": _Method(lambda n, q: np.floor((n - 1) * q), None),
    "higher": _Method(lambda n, q: np.ceil((n - 1) * q), None),
    "midpoint": _Method(lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
                        lambda gamma, at: _pick(np.equal(gamma, 0), gamma, gamma * 0 + 0.5)),
    "nearest": _Method(lambda n, q: np.rint((n - 1) * q), None),
}


def _method(name: str) -> _Method:
    if name not in METHODS:
        raise ArgumentValueError(f"there is no method {name!r} of quantiles", at=user_line(), hint=f"one of {', '.join(METHODS)}")
    return METHODS[name]


def _whole(v: Any) -> Any:
    return cast(v, INT) if isinstance(v, Expr) else np.asarray(v).astype(INT)


def _neighbours(method: _Method, n: Any, q: Any) -> tuple[Any, Any, Any]:
    """The two places and the weight of the upper one, for q of n elements (numbers or expressions)."""
    at = method.place(n, q)
    if method.weight is None:
        low = np.minimum(_whole(at), _whole(n) - 1)
        return low, low, None
    low = np.floor(at)
    weight = method.weight(at - low, at)
    last = _whole(n) - 1
    first = _pick(np.greater_equal(at, n - 1), last, _pick(np.less(at, 0), 0, _whole(low)))
    second = _pick(np.greater_equal(at, n - 1), last, _pick(np.less(at, 0), 0, _whole(low) + 1))
    return first, second, weight


def _between(low: Expr, high: Expr, weight: Any) -> Expr:
    """low + weight (high - low), as NumPy rounds it; where both are one element that element."""
    gap = high - low
    found = where(np.greater_equal(weight, 0.5), high - gap * (1 - weight), low + gap * weight)
    return where(BUILDERS["equal"](low, high), cast(low, found.dtype), found)


# -- arguments -----------------------------------------------------------------------------------------------------------
def _checked(q: Any, x: Expr, most: float) -> tuple[Any, bool]:
    """q as an array or expression of floats from 0 to 1, and whether it is a plain number."""
    plain = isinstance(q, int | float) and not isinstance(q, bool)
    if isinstance(q, Expr) and not is_constant(q):
        if q.dtype.kind not in "biuf":
            raise DtypeError(f"quantiles are real numbers, not {q.dtype}", at=user_line())
        q = q if is_float(q.dtype) else cast(q, F8)
        inside = BUILDERS["logical_and"](np.greater_equal(q, 0), np.less_equal(q, most))
        q = check(q, inside, message=f"quantiles lie between 0 and {most:g}", kind="DomainError")
        return (q / 100 if most == 100 else q), plain
    values = np.asarray(value_of(q) if isinstance(q, Expr) else q)
    if values.dtype.kind not in "biuf":
        raise DtypeError(f"quantiles are real numbers, not {q!r:.60}", at=user_line())
    values = values.astype(x.dtype if plain and x.dtype.kind == "f" else F8 if values.dtype.kind != "f" else values.dtype)
    values = values / values.dtype.type(100) if most == 100 else values
    if not np.all((values >= 0) & (values <= 1)):
        raise DomainError(f"quantiles lie between 0 and {most:g}, not {q}", at=user_line())
    return np.asarray(values), plain


def _flat_q(q: Any) -> Any:
    if isinstance(q, Expr):
        return q if q.ndim == 1 else reshape(q, (product(lengths_now(q)),))
    return q.ravel()


def _rows(x: Any, axis: Any, complexes: bool = False) -> tuple[Expr, tuple[int, ...]]:
    """x with the reduced axes last, as one."""
    x = as_expr(x)
    if x.dtype.kind == "c" and not complexes:
        raise DtypeError("quantiles take real numbers, not complex ones", at=user_line())
    x = cast(x, np.uint8) if x.dtype.kind == "b" else x
    axes = axes_of(axis, x.ndim)
    kept = tuple(k for k in range(x.ndim) if k not in axes)
    now = lengths_now(x)
    moved = x if (*kept, *axes) == tuple(range(x.ndim)) else BUILDERS["transpose"](x, (*kept, *axes))
    return moved if len(axes) == 1 else reshape(moved, (*(now[k] for k in kept), product([now[k] for k in axes]))), axes


def _shaped(found: Expr, q: Any, axes: tuple[int, ...], keepdims: bool) -> Expr:
    """Rows of quantiles (the last axis) as NumPy arranges them: the axes of q first, the reduced ones as 1 if kept."""
    found = BUILDERS["moveaxis"](found, -1, 0)
    if keepdims and axes:
        found = BUILDERS["expand_dims"](found, tuple(1 + a for a in axes))
    if q.ndim == 1:
        return found
    if q.ndim == 0:
        return found[0]
    return reshape(found, (*(lengths_now(q) if isinstance(q, Expr) else q.shape), *lengths_now(found)[1:]))


def _as(v: Any) -> Expr:
    return v if isinstance(v, Expr) else constant(v)


# -- of all elements -----------------------------------------------------------------------------------------------------
def _quantile(x: Any, q: Any, axis: Any, method: str, keepdims: bool, most: float, nothing: bool = False) -> Expr:
    """With `nothing` NaN where there are no elements, of methods whose results are floats."""
    rule = _method(method)
    rows, axes = _rows(x, axis)
    q, plain = _checked(q, rows, most)
    flat = _flat_q(q)
    n: Any = length_of(rows, rows.ndim - 1)
    if nothing and rule.weight is not None:
        rows = _one_more(rows, 0)
    first, second, weight = _neighbours(rule, n if isinstance(n, int) else cast(n, flat.dtype), flat)
    places = [_as(first)] if weight is None else [_as(first), _as(second)]
    places.append(constant([-1], INT))
    found = kth_smallest(rows, concatenate(places), -1)
    count = length_of(_as(flat), 0)
    result = found[..., :count]
    if weight is not None:
        if plain and rows.dtype.kind == "f":
            weight = cast(_as(weight), rows.dtype)
        result = _between(result, found[..., count:-1], _as(weight))
    if rows.dtype.kind == "f":
        result = where(BUILDERS["isnan"](found[..., -1:]), np.nan, result)
    elif nothing and weight is not None and not (isinstance(n, int) and n):
        result = where(np.equal(n, 0), np.nan, result)
    return _shaped(_as_given(result, x, rule), q, axes, keepdims)


def _as_given(result: Expr, x: Any, rule: _Method) -> Expr:
    """What a method picks among booleans is one of them."""
    return cast(result, BOOL) if rule.weight is None and as_expr(x).dtype == BOOL else result


# -- with weights ----------------------------------------------------------------------------------------------------------
def _rows_of_weights(weights: Any, x: Expr, axis: Any) -> Expr:
    """A float64 weight for each element, as `_rows` arranges them; given for each, or for each place along `axis`."""
    given, axes = as_expr(weights), axes_of(axis, x.ndim)
    if given.dtype.kind == "c":
        raise DtypeError("weights are real numbers, not complex ones", at=user_line())
    w, ours = cast(given, F8), lengths_now(x)
    if given.ndim != x.ndim:
        if axis is None or given.ndim != len(axes):
            raise ShapeError("weights are one for each element, or for each place along the axes", at=user_line(),
                             facts=[f"x: {x.type.text()}", f"weights: {given.type.text()}"])
        w = BUILDERS["expand_dims"](w, tuple(k for k in range(x.ndim) if k not in axes))
    theirs = w.type.shape
    if any(n is not None and m is not None and n != m for k, (n, m) in enumerate(zip(x.type.shape, theirs, strict=True))
           if given.ndim == x.ndim or k in axes):
        raise ShapeError("weights have other lengths than the elements", at=user_line(),
                         facts=[f"x: {x.type.text()}", f"weights: {given.type.text()}"])
    return _rows(BUILDERS["broadcast_to"](w, ours), axis)[0]


def _weighted(x: Any, q: Any, axis: Any, method: str, keepdims: bool, most: float, weights: Any, skip: bool) -> Expr:
    """The first element, in order, up to which the share of the weights is q or more; `skip`: NaN have no weight."""
    rule = _method(method)
    if rule is not METHODS["inverted_cdf"]:
        raise ArgumentValueError(f"quantiles by {method!r} know no weights", at=user_line(), hint='method="inverted_cdf" does')
    rows, axes = _rows(x, axis)
    w = _rows_of_weights(weights, as_expr(x), axis)
    q, _ = _checked(q, rows, most)
    flat, nan = _as(_flat_q(q)), rows.dtype.kind == "f"
    w = check(w, np.greater_equal(w, 0), message="weights are 0 or more", kind="DomainError")
    if nan and skip:
        w = where(BUILDERS["isnan"](rows), 0.0, w)
        rows, w = _one_more(rows, np.nan), _one_more(w, 0.0)
    order, take = argsort(rows, -1, stable=True), BUILDERS["take_along_axis"]
    ordered, sums = take(rows, order, -1), cumsum(take(w, order, -1), -1)
    total, gone = sums[..., -1:], BUILDERS["isnan"](ordered[..., :1] if skip else ordered[..., -1:]) if nan else None
    fine = BUILDERS["logical_and"](np.greater(total, 0), BUILDERS["isfinite"](total))
    fine = BUILDERS["logical_or"](fine, gone) if gone is not None and skip else fine
    total = check(total, fine, message="weights are finite and not all 0", kind="DomainError")
    share = cast(sums / total, flat.dtype)
    below = BUILDERS["logical_or"](BUILDERS["equal"](share, 0)[..., None, :], share[..., None, :] < flat[:, None])
    last = length_of(rows, rows.ndim - 1) - 1
    result = take(ordered, np.minimum(BUILDERS["sum"](below, axis=-1), last), -1)
    return _shaped(_as_given(result, x, rule) if gone is None else where(gone, np.nan, result), q, axes, keepdims)


@builder
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None) -> Expr:
    """The q-th quantiles (0 to 1) of x over `axis` (None: all): q's axes come first. NaN where an element is NaN.

    `method` is one of NumPy's. The dtype is float64 for whole numbers (x's own for methods that pick an element), for a plain
    number q x's own. `weights` go with the method "inverted_cdf": one for each element, or for each place along `axis`. Raises
    DomainError for q outside 0 to 1 and for weights that are negative, infinite, NaN or all 0, BoundsError where there are no
    elements.

    >>> import tensorviz as tv
    >>> quantile(tv.matrix("x", shape=(5, 3)), [0.25, 0.75], axis=0).type.shape
    (2, 3)
    """
    if weights is not None:
        return _weighted(x, q, axis, method, keepdims, 1, weights, False)
    return _quantile(x, q, axis, method, keepdims, 1)


@builder
def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None) -> Expr:
    """The q-th percentiles (0 to 100) of x over `axis`: see `quantile`.

    >>> import tensorviz as tv
    >>> percentile(tv.matrix("x", shape=(5, 3)), 50, axis=0).type.shape
    (3,)
    """
    if weights is not None:
        return _weighted(x, q, axis, method, keepdims, 100, weights, False)
    return _quantile(x, q, axis, method, keepdims, 100)


def _some(rows: Expr) -> Expr:
    """rows with NaN in them (whole numbers as floats) where the last axis is empty: what NumPy's median of nothing is."""
    n = length_of(rows, rows.ndim - 1)
    if isinstance(n, int) and n:
        return rows
    wide = rows if rows.dtype.kind in "fc" else cast(rows, F8)
    return _one_more(wide, NAN if wide.dtype.kind == "c" else np.nan)


def _one_more(rows: Expr, value: Any) -> Expr:
    """rows with one `value` in them where the last axis is empty."""
    n = length_of(rows, rows.ndim - 1)
    if isinstance(n, int) and n:
        return rows
    missing = np.equal(n, 0)
    lengths = (*lengths_now(rows)[:-1], cast(missing, INT) if isinstance(missing, Expr) else 1)
    return concatenate([rows, BUILDERS["full"](lengths, value, dtype=rows.dtype)], -1)


def _middle(rows: Expr) -> Expr:
    """The mean of the two in the middle along the last axis, or the one there."""
    n = length_of(rows, rows.ndim - 1)
    nan = rows.dtype.kind == "f"
    if isinstance(n, int):
        places: Any = [(n - 1) // 2] * (n % 2) or [n // 2 - 1, n // 2]
        found = kth_smallest(rows, places + [-1] * nan, -1)
        result = BUILDERS["mean"](found[..., :len(places)], axis=-1)
    else:
        found = kth_smallest(rows, BUILDERS["stack"]([(n - 1) // 2, n // 2, as_expr(-1)]), -1)
        both = BUILDERS["mean"](found[..., :2], axis=-1)
        result = where(BUILDERS["equal"](n % 2, 1), cast(found[..., 0], both.dtype), both)
    return where(BUILDERS["isnan"](found[..., -1]), np.nan, result) if nan else result


def _complex_middle(rows: Expr) -> Expr:
    """`_middle` of complex numbers in the order in which they are sorted; the last of those with NaN, if there are any."""
    n, ordered = length_of(rows, rows.ndim - 1), sort(rows, -1)
    both = BUILDERS["mean"](ordered[..., (n - 1) // 2:n // 2 + 1], axis=-1)
    return where(BUILDERS["isnan"](ordered[..., -1]), ordered[..., -1], both)


@builder
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """The median of x over `axis` (None: all): the mean of the two in the middle of an even number. NaN where an element is NaN.

    float64 for whole numbers, else x's dtype. NaN where there are no elements. Complex numbers have the order in which they are
    sorted.

    >>> import tensorviz as tv
    >>> median(tv.matrix("x", shape=(5, 3)), axis=0).type.shape
    (3,)
    """
    rows, axes = _rows(x, axis, True)
    found = (_complex_middle if rows.dtype.kind == "c" else _middle)(_some(rows))
    return BUILDERS["expand_dims"](found, axes) if keepdims and axes else found


# -- of those that are not NaN -----------------------------------------------------------------------------------------------
def _nanquantile(x: Any, q: Any, axis: Any, method: str, keepdims: bool, most: float) -> Expr:
    x, rule = as_expr(x), _method(method)
    if 0 in (x.type.shape[k] for k in axes_of(axis, x.ndim)) and x.dtype.kind in "biu":
        x = cast(x, F8)                                                  # there is NaN to tell
    rows, axes = _rows(x, axis)
    if rows.dtype.kind != "f":
        return _quantile(x, q, axis, method, keepdims, most, nothing=True)
    rows = _some(rows)
    q, plain = _checked(q, rows, most)
    flat = _flat_q(q)
    ordered = sort(rows, -1)
    n = cast(BUILDERS["sum"](BUILDERS["logical_not"](BUILDERS["isnan"](rows)), axis=-1, keepdims=True), flat.dtype)
    first, second, weight = _neighbours(rule, n, _as(flat))
    take = BUILDERS["take_along_axis"]
    result = take(ordered, np.maximum(first, 0), -1)
    if weight is not None:
        result = _between(result, take(ordered, np.maximum(second, 0), -1), cast(weight, rows.dtype) if plain else weight)
    return _shaped(where(BUILDERS["equal"](n, 0), np.nan, result), q, axes, keepdims)


@builder
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *, weights: Any = None) -> Expr:
    """The q-th quantiles of the elements over `axis` that are not NaN (NaN if all are, and of none): see `quantile`.

    Methods that pick one of whole numbers can't say NaN: BoundsError where it shows only at run time that there are none.

    >>> import tensorviz as tv
    >>> nanquantile(tv.matrix("x", shape=(5, 3)), [0.25, 0.75], axis=0).type.shape
    (2, 3)
    """
    if weights is not None:
        return _weighted(x, q, axis, method, keepdims, 1, weights, True)
    return _nanquantile(x, q, axis, method, keepdims, 1)


@builder
def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, *,
                  weights: Any = None) -> Expr:
    """The q-th percentiles of the elements over `axis` that are not NaN (NaN if all are): see `quantile`.

    >>> import tensorviz as tv
    >>> nanpercentile(tv.matrix("x", shape=(5, 3)), 50, axis=0).type.shape
    (3,)
    """
    if weights is not None:
        return _weighted(x, q, axis, method, keepdims, 100, weights, True)
    return _nanquantile(x, q, axis, method, keepdims, 100)


@builder
def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """The median of the elements over `axis` that are not NaN (NaN if all are): see `median`.

    >>> import tensorviz as tv
    >>> nanmedian(tv.matrix("x", shape=(5, 3)), axis=0).type.shape
    (3,)
    """
    rows, axes = _rows(x, axis, True)
    if rows.dtype.kind not in "fc":
        return median(x, axis, keepdims)
    rows = _some(rows)
    n = BUILDERS["sum"](BUILDERS["logical_not"](BUILDERS["isnan"](rows)), axis=-1, keepdims=True)
    places = concatenate([np.maximum((n - 1) // 2, 0), n // 2], -1)
    last = length_of(rows, rows.ndim - 1) - 1
    found = BUILDERS["take_along_axis"](sort(rows, -1), np.minimum(places, last), -1)
    n = n[..., 0]
    result = where(BUILDERS["equal"](n % 2, 1), found[..., 0], BUILDERS["mean"](found, axis=-1))
    result = where(BUILDERS["equal"](n, 0), np.nan, result)
    return BUILDERS["expand_dims"](result, axes) if keepdims and axes else result
