"""Looking up sorted numbers: searchsorted, digitize, interp."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, make, value_of
from ..op import BUILDERS, Op, builder
from ..types import TensorType
from .checks import check
from .elementwise import cast, loop_args, where
from .joining import concatenate
from .lengths import INT, length_of, lengths_now, no_gradients, user_line
from .sorting import argsort

__all__ = ["digitize", "interp", "searchsorted"]

Array = np.ndarray[Any, Any]
F8 = np.dtype(np.float64)


def _search_type(table: TensorType, v: TensorType, right: bool) -> TensorType:
    if table.ndim != 1:
        raise ShapeError(f"sorted numbers are a vector, not {table.text()}")
    if table.dtype != v.dtype:
        raise DtypeError(f"numbers of one dtype are looked up, not {v.dtype} in {table.dtype}")
    return TensorType(INT, v.shape)


def _digitize_type(bins: TensorType, x: TensorType, right: bool) -> TensorType:
    if x.dtype.kind == "c":
        raise DtypeError("digitize takes real numbers, not complex ones")
    return _search_type(bins, x, right)


def _digitize_numpy(bins: Array, x: Array, right: bool) -> Array:
    bins = np.asarray(bins)
    if not (np.any(bins[:-1] > bins[1:]) and np.any(bins[:-1] < bins[1:])):
        return np.asarray(np.digitize(x, bins, right=right), INT)
    raise ShapeError("bins must go up, or down")


searchsorted_op = Op("searchsorted", "order", _search_type,
                     lambda a, v, right: np.asarray(np.searchsorted(a, v, "right" if right else "left"), INT),
                     "how many of sorted numbers are less than (right: at most) each element; NaN is the largest",
                     params=("right",), shape=lambda a, v, right: lengths_now(v), vjp=no_gradients, flops=20.0, exact=True)
digitize_op = Op("digitize", "order", _digitize_type, _digitize_numpy, "the bin of each element, for bins that go up or down",
                 params=("right",), shape=lambda a, v, right: lengths_now(v), vjp=no_gradients, flops=20.0, exact=True)


def _numbers(x: Any) -> Expr:
    """NumPy's array of x: no dtype gives way."""
    return x if isinstance(x, Expr) else as_expr(x if hasattr(x, "_as_tensorviz_expr") else np.asarray(x))


def _lookup(op: Op, table: Any, v: Any, right: bool) -> Expr:
    table, v = _numbers(table), _numbers(v)
    if op is digitize_op and "c" in (table.dtype.kind, v.dtype.kind):
        raise DtypeError(f"{op.name} takes real numbers, not complex ones", at=user_line())
    return make(op, loop_args(np.maximum, table, v), (right,))


@builder
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Expr:
    """Where each element of v would go into the sorted vector a: before its equals, or after them if `side` is "right".

    `sorter` are places that sort a. Complex numbers have the order in which they are sorted. The result is int64, of v's shape;
    no gradient flows.

    >>> import tensorviz as tv
    >>> searchsorted(tv.vector("a"), tv.matrix("v", shape=(2, 3))).type
    TensorType(int64, (2, 3))
    """
    if side not in ("left", "right"):
        raise ArgumentValueError(f"side is 'left' or 'right', not {side!r}", at=user_line())
    a = _numbers(a)
    if sorter is not None:
        sorter = as_expr(sorter)
        if sorter.ndim != 1 or sorter.dtype.kind not in "iu":
            raise ShapeError(f"a sorter is a vector of whole numbers, not {sorter.type.text()}", at=user_line())
        a = BUILDERS["take"](a, sorter, axis=0)
    return _lookup(searchsorted_op, a, v, side == "right")


@builder
def digitize(x: Any, bins: Any, right: bool = False) -> Expr:
    """The bin of each element of x: i where bins[i-1] <= x < bins[i], or bins[i-1] < x <= bins[i] if `right`; bins may go down.

    0 and len(bins) are outside. Raises ShapeError for bins that go up and down, at the call where they are known only then.

    >>> import tensorviz as tv
    >>> digitize(tv.vector("x"), [0.0, 1.0, 2.0]).dtype
    dtype('int64')
    """
    bins = _numbers(bins)
    if is_constant(bins) and bins.ndim == 1 and bins.dtype.kind != "c":
        try:
            _digitize_numpy(value_of(bins), np.zeros(0, bins.dtype), right)
        except ShapeError as error:
            raise ShapeError(error.what, at=user_line()) from None
    return _lookup(digitize_op, bins, x, bool(right))


# -- interpolation -------------------------------------------------------------------------------------------------------
def _periodic(x: Expr, xp: Expr, fp: Expr, period: Any) -> tuple[Expr, Expr, Expr]:
    """All within one period, and the points of the neighbouring ones at both ends."""
    period = abs(period)
    if period == 0:
        raise ArgumentValueError("a period is not 0", at=user_line())
    x, xp = x % period, xp % period
    order = argsort(xp, 0)
    xp, fp = BUILDERS["take"](xp, order, axis=0), BUILDERS["take"](fp, order, axis=0)
    return x, concatenate([xp[-1:] - period, xp, xp[:1] + period]), concatenate([fp[-1:], fp, fp[:1]])


def _points(x: Any, xp: Any, fp: Any) -> tuple[Expr, Expr, Expr]:
    x, xp, fp = as_expr(x), as_expr(xp), as_expr(fp)
    if xp.ndim != 1 or fp.ndim != 1 or 0 in (xp.type.shape[0], fp.type.shape[0]):
        raise ShapeError(f"interp takes points as two vectors that are not empty, not {xp.type.text()} and {fp.type.text()}",
                         at=user_line())
    if None not in (*xp.type.shape, *fp.type.shape):
        if xp.type.shape != fp.type.shape:
            raise ShapeError(f"interp takes as many xp as fp, not {xp.type.text()} and {fp.type.text()}", at=user_line())
    else:
        count, heights = length_of(xp, 0), length_of(fp, 0)
        fp = check(fp, BUILDERS["equal"](count, heights), kind="ShapeError",
                   message=f"interp takes as many xp as fp: {xp.type.text()} and {fp.type.text()} differ in length")
        fp = check(fp, BUILDERS["greater"](count, 0), kind="ShapeError", message="interp takes points that are not empty")
    if "c" in (x.dtype.kind, xp.dtype.kind):
        raise DtypeError("interp takes real x and xp, not complex ones", at=user_line())
    return cast(x, F8), cast(xp, F8), cast(fp, np.dtype(np.complex128) if fp.dtype.kind == "c" else F8)


def _care(xp: Expr, fp: Expr) -> int:
    """What a piece has to allow for: 0: all slopes are known and finite; 1: the points are finite; 2: nothing is known."""
    if not all(is_constant(v) and np.all(np.isfinite(value_of(v))) for v in (xp, fp)):
        return 2
    with np.errstate(all="ignore"):
        return int(not np.all(np.isfinite(np.diff(value_of(fp)) / np.diff(value_of(xp)))))


def _line(x: Expr, x0: Expr, x1: Expr, f0: Expr, f1: Expr, slope: Expr, care: int) -> Expr:
    """The piece from (x0, f0) to (x1, f1) at x: f0 itself at x0; from the other end where NaN comes of infinite points."""
    isnan, both, equal = BUILDERS["isnan"], BUILDERS["logical_and"], BUILDERS["equal"]
    found = slope * (x - x0) + f0
    if care == 2:
        again = slope * (x - x1) + f1
        again = where(both(isnan(again), equal(f0, f1)), f0, again)
        return where(isnan(found), where(equal(x, x0), f0, again), found)
    return where(both(isnan(found), equal(x, x0)), f0, found) if care else found


@builder
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Expr:
    """The piecewise linear function through the points (xp, fp) at x, in float64 (complex128 for complex fp); xp must go up.

    Outside stands `left` (None: fp[0]) and `right` (None: fp[-1]); with `period` the points are repeated. Gradients flow to x
    (the slope of the piece to the right of a point), xp and fp.

    >>> import tensorviz as tv
    >>> interp(tv.vector("x"), [0.0, 1.0], [3.0, 5.0]).dtype
    dtype('float64')
    """
    x, xp, fp = _points(x, xp, fp)
    if period is not None:
        x, xp, fp = _periodic(x, xp, fp, period)
        left = right = None
    low, high = (fp[k] if v is None else as_expr(v) for k, v in ((0, left), (-1, right)))
    last = length_of(xp, 0) - 1
    at = np.maximum(searchsorted(xp, x, "right") - 1, constant(0, INT))
    at = np.minimum(at, np.maximum(last - 1, 0) if isinstance(last, Expr) else max(last - 1, 0))
    then = np.minimum(at + 1, last)
    take = BUILDERS["take"]
    x0, x1, f0, f1 = take(xp, at), take(xp, then), take(fp, at), take(fp, then)
    equal = BUILDERS["equal"]
    one, care = equal(at, then), _care(xp, fp)
    if fp.dtype.kind == "c":
        across = 1.0 / where(one, 1.0, x1 - x0)         # NumPy's own way to the slopes of complex points
        found = BUILDERS["complex"](*(_line(x, x0, x1, part(f0), part(f1), (part(f1) - part(f0)) * across, care)
                                      for part in (BUILDERS["real"], BUILDERS["imag"])))
    else:
        found = _line(x, x0, x1, f0, f1, (f1 - f0) / where(one, 1.0, x1 - x0), care)
    found = where(equal(x, xp[-1]), fp[-1], found)
    found = where(np.less(x, xp[0]), low, where(np.greater(x, xp[-1]), high, found))
    alone = equal(last, 0) if isinstance(last, Expr) else constant(last == 0)
    through = cast(x, found.dtype)
    if not is_constant(alone) or value_of(alone):
        through = where(alone, fp[0], through)           # a single point has its height for NaN too, as NumPy does it
    return where(BUILDERS["isnan"](x), through, found)
