"""`pad` in NumPy's modes: one op where the border holds a constant or elements of x, compositions for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, make, value_of
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType
from .checks import check
from .create import arange
from .elementwise import cast
from .indexing import inc_take_op
from .lengths import INT, Length, axis_of, check_lengths, filled, known_int, length_of, lengths, lengths_now, user_line, whole
from .shape import reshape
from .subscript import set_subtensor

__all__ = ["pad", "pad_op"]

Array = np.ndarray[Any, Any]
COPIED = ("edge", "reflect", "symmetric", "wrap")           # modes whose border are elements of x
STATISTICS = ("maximum", "mean", "median", "minimum")
Widths = list[tuple[Length, Length]]


# -- the op ------------------------------------------------------------------------------------------------------------
def _pad_type(x: TensorType, value: TensorType, *extra: TensorType, widths: Shape, mode: str) -> TensorType:
    check_lengths(widths, extra)
    if len(widths) != 2 * x.ndim or value.shape or value.dtype != x.dtype:
        raise ShapeError(f"pad takes two widths an axis and a scalar of x's dtype, not {len(widths)} and {value.text()}")
    shape = []
    for n, before, after in zip(x.shape, widths[::2], widths[1::2], strict=True):
        if n == 0 and mode != "constant" and (before, after) != (0, 0) and None not in (before, after):
            raise ShapeError(f"an axis of length 0 has nothing to pad with in mode {mode!r}")
        shape.append(None if None in (n, before, after) else n + before + after)    # type: ignore[operator]
    return TensorType(x.dtype, tuple(shape))


def _pairs(widths: Shape, extra: Sequence[Any]) -> list[tuple[Any, Any]]:
    found = filled(widths, extra)
    return list(zip(found[::2], found[1::2], strict=True))


def _pad_numpy(x: Array, value: Array, *extra: Any, widths: Shape, mode: str) -> Array:
    pairs = [(int(a), int(b)) for a, b in _pairs(widths, extra)]
    if any(n < 0 for p in pairs for n in p):
        raise ShapeError(f"pad takes widths of 0 or more, not {pairs}")
    if mode == "constant":
        return np.pad(x, pairs, constant_values=value) if pairs else np.array(x)
    x = np.asarray(x)
    for axis, (before, after) in enumerate(pairs):
        n = x.shape[axis]
        if n == 0 and before + after:
            raise ShapeError(f"an axis of length 0 has nothing to pad with in mode {mode!r}")
        if n:
            x = np.take(x, source(np.arange(-before, n + after), n, mode, np.minimum, np.maximum), axis)
    return np.array(x)


def source(places: Any, n: Any, mode: str, least: Callable[..., Any], most: Callable[..., Any]) -> Any:
    """Which element of an axis of length n stands at each place of the axis prolonged in both directions."""
    if mode == "edge":
        return least(most(places, 0), n - 1)
    if mode == "wrap":
        return places % n
    if mode == "symmetric":
        around = places % (2 * n)
        return least(around, 2 * n - 1 - around)
    period = most(2 * n - 2, 1)
    around = places % period
    return least(around, period - around) if not isinstance(n, int) or n > 1 else around


def _pad_shape(x: Expr, value: Expr, *extra: Expr, widths: Shape, mode: str) -> tuple[Length, ...]:
    return tuple(n + a + b for n, (a, b) in zip(lengths_now(x), _pairs(widths, extra), strict=True))


def _pad_vjp(g: Expr, out: Expr, x: Expr, value: Expr, *extra: Expr, widths: Shape, mode: str) -> tuple[Expr | None, ...]:
    pairs, now = _pairs(widths, extra), lengths_now(x)
    rest = (None,) * len(extra)
    if mode == "constant":
        inner = g[tuple(slice(a, a + n) for n, (a, _) in zip(now, pairs, strict=True))]
        return inner, BUILDERS["sum"](g) - BUILDERS["sum"](inner), *rest
    for axis in reversed(range(x.ndim)):            # what the borders copied goes back to where it came from
        g = _folded(g, axis, now[axis], *pairs[axis], mode)
    return g, None, *rest


def _folded(g: Expr, axis: int, n: Length, before: Length, after: Length, mode: str) -> Expr:
    first = (slice(None),) * axis
    inner = g[(*first, slice(before, before + n))]
    for width, start, low in ((before, 0, None), (after, before + n, n)):
        if isinstance(width, int) and width == 0:
            continue
        places = arange(0 - width, 0) if low is None else arange(low, low + width)
        border = g[(*first, slice(start, start + width))]
        at = source(places, n, mode, BUILDERS["minimum"], BUILDERS["maximum"])
        inner = make(inc_take_op, (inner, border, cast(at, INT)), (axis,))
    return inner


pad_op = Op("pad", "shape", _pad_type, _pad_numpy, "x with a border: of a value, or of elements of x itself",
            params=("widths", "mode"), shape=_pad_shape, vjp=_pad_vjp, flops=0.0, exact=True,
            latex="\\operatorname{{pad}}\\left({0}\\right)")


def _padded(x: Expr, pairs: Widths, mode: str, value: Any = 0) -> Expr:
    static, extra = lengths([n for p in pairs for n in p])
    v = as_expr(value)
    v = constant(value_of(v).astype(x.dtype)) if is_constant(v) else cast(v, x.dtype)
    return make(pad_op, (x, v, *extra), (static, mode))


# -- widths and values as users write them -----------------------------------------------------------------------------
def _by_axis(given: Any, ndim: int, what: str, item: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
    """A pair for each axis: of one number, of a pair for all axes, or of a list of pairs."""
    if isinstance(given, dict):
        found = [(0, 0)] * ndim
        for axis, v in given.items():
            found[axis_of(axis, ndim)] = _by_axis(v, 1, what, item)[0]
        return found
    if isinstance(given, Expr) and given.ndim:
        given = _listed(given, what)
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, list | tuple):
        return [(item(given),) * 2] * ndim
    rows = [_listed(v, what) if isinstance(v, Expr) and v.ndim else v for v in given]
    if not any(isinstance(v, list | tuple) for v in rows):
        if len(rows) not in (1, 2):
            raise _unfit(what, given, ndim)
        return [(item(rows[0]), item(rows[-1]))] * ndim
    pairs = [v if isinstance(v, list | tuple) else [v] for v in rows]
    if len(pairs) not in (1, ndim) or any(len(v) not in (1, 2) for v in pairs):
        raise _unfit(what, given, ndim)
    return [(item(v[0]), item(v[-1])) for v in (pairs * ndim if len(pairs) == 1 else pairs)]


def _listed(v: Expr, what: str) -> list[Any]:
    if None in v.type.shape:
        raise ShapeError(f"pad: how many {what} there are must be known: they are {v.type.text()}", at=user_line())
    return [_listed(row, what) if row.ndim else row for row in v]


def _unfit(what: str, given: Any, ndim: int) -> ArgumentError:
    return ArgumentValueError(f"pad: {what} are a number, a pair, or one for each of {ndim} axes, not {given!r:.60}",
                              at=user_line())


def _width(v: Any) -> Length:
    if isinstance(v, Expr):
        found = known_int(v)
        if isinstance(found, Expr):
            if found.dtype.kind not in "iu" or found.ndim:
                raise ArgumentError(f"pad: a width is a whole number, not {found.type.text()}", at=user_line())
            return cast(found, INT)
        v = found
    return whole(v, "pad: a width is a whole number", "pad: a width is 0 or more", 0)


def _is_same(a: Any, b: Any) -> bool:
    if isinstance(a, Expr) or isinstance(b, Expr):
        return a is b
    return bool(type(a) is type(b) and a == b)


# -- modes that are composed -------------------------------------------------------------------------------------------
def _none(width: Length) -> bool:
    return isinstance(width, int) and width == 0


def _at(x: Expr, axis: int, key: Any) -> Expr:
    return x[(*(slice(None),) * axis, key)]


def _constants(x: Expr, pairs: Widths, values: list[tuple[Any, Any]]) -> Expr:
    if all(_is_same(v, values[0][0]) for p in values for v in p):
        return _padded(x, pairs, "constant", values[0][0])
    for axis, ((before, after), (low, high)) in enumerate(zip(pairs, values, strict=True)):
        for widths, value in (((before, 0), low), ((0, after), high)):
            if not all(map(_none, widths)):
                x = _padded(x, [widths if k == axis else (0, 0) for k in range(x.ndim)], "constant", value)
    return x


def _ramp(x: Expr, axis: int, width: Length, end: Any, last: bool) -> Expr | None:
    """Evenly spaced values from the edge of x to `end`, which is reached: NumPy's linspace, in double precision."""
    if _none(width):
        return None
    edge = _at(x, axis, slice(-1, None) if last else slice(0, 1))
    work = np.result_type(x.dtype, np.float64)
    k = reshape(arange(width), tuple(width if k == axis else 1 for k in range(x.ndim)))
    stop = cast(edge, work)
    start = cast(as_expr(end), work)
    values = start + cast(k, work) * ((stop - start) / cast(as_expr(width), work))
    values = BUILDERS["floor"](values) if x.dtype.kind in "iu" else values
    return cast(BUILDERS["flip"](values, axis) if last else values, x.dtype)


def _statistic(x: Expr, axis: int, width: Length, count: Any, mode: str, last: bool) -> Expr | None:
    if _none(width):
        return None
    n = length_of(x, axis)
    if count is None or (isinstance(n, int) and isinstance(count, int) and count >= n):
        part = x
    else:
        count = count if isinstance(n, int) and isinstance(count, int) else BUILDERS["minimum"](count, n)
        part = _at(x, axis, slice(n - count, None) if last else slice(0, count))
    if mode in ("mean", "median"):
        found = BUILDERS[mode](part, axis=axis, keepdims=True)
        if isinstance(n, Expr):
            message = f"an axis of length 0 has nothing to pad with in mode {mode!r}"
            found = check(found, n > 0, message=message, kind="ShapeError")
        found = BUILDERS["rint"](found) if x.dtype.kind in "iu" else found
    else:
        found = BUILDERS["max" if mode == "maximum" else "min"](part, axis=axis, keepdims=True)
    return cast(found, x.dtype)


def _odd(x: Expr, axis: int, width: Length, mode: str, last: bool) -> Expr | None:
    """x turned about its edge: 2 edge - x mirrored; further out it goes on, higher by twice the rise of x a period."""
    if _none(width):
        return None
    n = length_of(x, axis)
    least, most = BUILDERS["minimum"], BUILDERS["maximum"]
    gap = 1 if mode == "symmetric" else 0
    period = 2 * n if gap else most(2 * n - 2, 1) if isinstance(n, Expr) else max(2 * n - 2, 1)
    steps = arange(1 - gap, width + 1 - gap)                     # distance from the edge, mirrored
    around, turns = steps % period, steps // period
    near = around <= n - 1
    lowest = around if isinstance(period, int) and period == 1 else least(around, period - gap - around)
    places = n - 1 - lowest if last else lowest
    edge, other = (_at(x, axis, slice(k, k + 1 or None)) for k in ((-1, 0) if last else (0, -1)))
    shape = tuple(width if k == axis else 1 for k in range(x.ndim))
    turned = 2 * edge - _at(x, axis, places)
    straight = 2 * (edge - other) + _at(x, axis, places)
    beyond = cast(reshape(turns, shape), x.dtype) * (2 * (edge - other))
    made = BUILDERS["where"](reshape(near, shape), turned, straight) + beyond
    return made if last else BUILDERS["flip"](made, axis)


def _band(x: Expr, around: list[slice], axis: int, where: slice) -> Expr:
    return x[tuple(where if k == axis else s for k, s in enumerate(around))]


def _axis_by_axis(x: Expr, pairs: Widths, border: Callable[..., Expr | None]) -> Expr:
    """x with room for the borders, which are put there one after the other; those of later axes see those of earlier ones."""
    now = lengths_now(x)
    whole = _padded(x, pairs, "constant")
    for axis, (before, after) in enumerate(pairs):
        around = [slice(a, a + n) if k > axis else slice(None) for k, (n, (a, _)) in enumerate(zip(now, pairs, strict=True))]
        around = [slice(None) if _none(p[0]) and _none(p[1]) else s for s, p in zip(around, pairs, strict=True)]
        inside = _band(whole, around, axis, slice(before, before + now[axis]))
        low, high = border(inside, axis, before, False), border(inside, axis, after, True)
        if low is not None:
            whole = set_subtensor(_band(whole, around, axis, slice(0, before)), cast(low, x.dtype))
        if high is not None:
            whole = set_subtensor(_band(whole, around, axis, slice(before + now[axis], None)), cast(high, x.dtype))
    return whole


# -- what users call ---------------------------------------------------------------------------------------------------
@builder
def pad(array: Any, pad_width: Any, mode: Any = "constant", *, stat_length: Any = None, constant_values: Any = 0,
        end_values: Any = 0, reflect_type: str = "even") -> Expr:
    """`array` with a border along each axis, filled as by NumPy: `pad_width` is a number, a pair, a pair for each axis or
    a dictionary by axis, of whole numbers or integer expressions.

    mode: "constant" (`constant_values`), "edge", "reflect" and "symmetric" (`reflect_type` "even" or "odd"), "wrap",
    "linear_ramp" (to `end_values`), "maximum", "minimum", "mean", "median" (of the `stat_length` elements at the edge, of all
    if None), "empty" (zeros here). Values are given like widths, and may be expressions. Raises ArgumentError for what NumPy
    refuses, ShapeError where an axis of length 0 has nothing to pad with.

    >>> pad([1, 2, 3], (2, 1), "reflect").eval()
    array([3, 2, 1, 2, 3, 2])
    """
    x = as_expr(array)
    pairs: Widths = _by_axis(pad_width, x.ndim, "widths", _width)
    options = {"constant": {"constant_values"}, "linear_ramp": {"end_values"}, "reflect": {"reflect_type"},
               "symmetric": {"reflect_type"}, **{name: {"stat_length"} for name in STATISTICS}}
    given = {"stat_length": stat_length is not None, "constant_values": not _is_same(constant_values, 0),
             "end_values": not _is_same(end_values, 0), "reflect_type": reflect_type != "even"}
    if not isinstance(mode, str) or mode not in ("constant", "empty", "linear_ramp", *COPIED, *STATISTICS):
        raise ArgumentValueError(f"pad has no mode {mode!r}", at=user_line(),
                            hint="constant, edge, reflect, symmetric, wrap, linear_ramp, maximum, minimum, mean, median, empty")
    wrong = [k for k, said in given.items() if said and k not in options.get(mode, ())]
    if wrong:
        raise ArgumentValueError(f"pad takes no {wrong[0]} in mode {mode!r}", at=user_line())
    if reflect_type not in ("even", "odd"):
        raise ArgumentValueError(f"pad: reflect_type is 'even' or 'odd', not {reflect_type!r}", at=user_line())
    if all(_none(n) for p in pairs for n in p):
        return x
    if mode not in ("constant", "empty"):
        _check_not_empty(x, pairs, mode)
    if mode in ("constant", "empty"):
        return _constants(x, pairs, _by_axis(constant_values, x.ndim, "constant_values", lambda v: v))
    if reflect_type == "odd":
        if x.dtype.kind == "b":
            raise DtypeError("pad: reflect_type 'odd' is twice the edge minus x, which bool has not", at=user_line(),
                             hint="x.astype(int)")
        return _axis_by_axis(x, pairs, lambda x, axis, width, last: _odd(x, axis, width, mode, last))
    if mode in COPIED:
        return _padded(x, pairs, mode)
    return _measured(x, pairs, mode, end_values, stat_length)


def _check_not_empty(x: Expr, pairs: Widths, mode: str) -> None:
    for axis, (n, p) in enumerate(zip(x.type.shape, pairs, strict=True)):
        if n == 0 and not all(map(_none, p)):
            raise ShapeError(f"pad: axis {axis} has length 0 and nothing to pad with in mode {mode!r}", at=user_line())


def _measured(x: Expr, pairs: Widths, mode: str, end_values: Any, stat_length: Any) -> Expr:
    """The modes whose border is computed of x."""
    if mode == "linear_ramp":
        ends = _by_axis(end_values, x.ndim, "end_values", lambda v: v)
        return _axis_by_axis(x, pairs, lambda x, axis, width, last: _ramp(x, axis, width, ends[axis][last], last))
    counts = _by_axis(stat_length, x.ndim, "stat_length", lambda v: None if v is None else _width(v))
    for count in (c for p in counts for c in p):
        if isinstance(count, int) and count < 1:
            raise ArgumentValueError(f"pad: stat_length is 1 or more, not {count}", at=user_line())
    return _axis_by_axis(x, pairs, lambda x, axis, width, last: _statistic(x, axis, width, counts[axis][last], mode, last))
