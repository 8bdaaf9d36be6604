"""The ops of indexing: basic indices (`index`), arrays of integers (`take`), a mask (`compress`), set and inc at each.

Setting and incrementing are pure: they give a changed copy. Of values put at one place by `set_take` the last stays, those that
`inc_take` adds there add up. The item of `spec` for an axis is ("int", k), with None in place of k for a scalar argument, or
("slice", start, stop, step) with ints, None where absent and "?" for a scalar argument; all axes are covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import BoundsError, DtypeError, IndexingError, ShapeError
from ..expr import Expr, constant, make
from ..op import BUILDERS, Op
from ..types import Shape, TensorType, broadcast_shapes, shape_text
from .axes import expand_dims
from .elementwise import BOOL, where, zeros_like
from .lengths import INT, Length, lengths_now, never_negative, product
from .linalg import joined
from .shape import reshape

__all__ = ["compress_op", "inc_index_op", "inc_take_op", "index_op", "set_compress_op", "set_index_op", "set_take_op",
           "take_op"]

Array = np.ndarray[Any, Any]
Item = tuple[Any, ...]
Spec = tuple[Item, ...]
FULL: Item = ("slice", None, None, None)


# -- basic indices ---------------------------------------------------------------------------------------------------
def _scalars(spec: Spec) -> int:
    return sum(v == "?" if item[0] == "slice" else v is None for item in spec for v in item[1:])


def _check_index(t: TensorType, scalars: Sequence[TensorType], spec: Spec) -> None:
    if len(spec) != t.ndim:
        raise ShapeError(f"{len(spec)} indices for a tensor of {t.ndim} axes")
    if len(scalars) != _scalars(spec) or any(s.shape or s.dtype != INT for s in scalars):
        raise DtypeError("the scalars of an index are int64 scalars, one for each open place")


def _index_type(t: TensorType, *scalars: TensorType, spec: Spec) -> TensorType:
    _check_index(t, scalars, spec)
    for k, (item, n) in enumerate(zip(spec, t.shape, strict=True)):
        if item[0] == "int" and None not in (item[1], n) and not -n <= item[1] < n:  # type: ignore[operator]
            raise BoundsError(f"index {item[1]} is out of bounds for axis {k} with size {n}")
    return TensorType(t.dtype,
                      tuple(_static_length(n, *item[1:]) for item, n in zip(spec, t.shape, strict=True) if item[0] == "slice"))


def _static_length(n: int | None, start: Any, stop: Any, step: Any) -> int | None:
    if n is None or "?" in (start, stop, step):
        return None
    return len(range(*slice(start, stop, step).indices(n)))


def _keys(spec: Spec, scalars: Sequence[Any]) -> tuple[Any, ...]:
    """The index as NumPy takes it."""
    rest = iter(scalars)

    def at(v: Any, open_: Any) -> Any:
        return int(next(rest)) if v == open_ else v

    return tuple(at(item[1], None) if item[0] == "int" else slice(*[at(v, "?") for v in item[1:]]) for item in spec)


def _index_numpy(x: Array, *scalars: Any, spec: Spec) -> Array:
    return np.asarray(np.asarray(x)[_keys(spec, scalars)])


def _index_shape(x: Expr, *scalars: Expr, spec: Spec) -> tuple[Length, ...]:
    rest = iter(scalars)
    result = []
    for item, n in zip(spec, lengths_now(x), strict=True):
        if item[0] == "int":
            if item[1] is None:
                next(rest)
        else:
            result.append(_slice_length(n, *_slice_values(item, rest)))
    return tuple(result)


def _slice_values(item: Item, rest: Iterator[Any]) -> list[Any]:
    return [next(rest) if isinstance(v, str) else v for v in item[1:]]


def _slice_length(n: Length, start: Any, stop: Any, step: Any) -> Length:
    """The length of x[start:stop:step] for an axis of length n."""
    if start is None and stop is None and not isinstance(step, Expr) and step in (None, 1, -1):
        return n
    if step is None or not isinstance(step, Expr):
        by = 1 if step is None else step
        return _ahead(n, start, stop, by) if by > 0 else _back(n, start, stop, -by)
    return where(step > 0, _ahead(n, start, stop, step), _back(n, start, stop, -step))


def _ahead(n: Length, start: Any, stop: Any, step: Any) -> Any:
    if start is None and stop is not None:
        return _steps(_clamped(n, stop, 0, n), step)
    if stop is None and isinstance(start, int) and start >= 0:
        return _steps(_max(n - start, 0), step)
    low = _clamped(n, start, 0, n) if start is not None else 0
    high = n if stop is None else _clamped(n, stop, 0, n)
    return _steps(_max(high - low, 0), step)


def _back(n: Length, start: Any, stop: Any, step: Any) -> Any:
    low = n - 1 if start is None else _clamped(n, start, -1, n - 1)
    high = -1 if stop is None else _clamped(n, stop, -1, n - 1)
    return _steps(_max(low - high, 0), step)


def _clamped(n: Length, v: Any, low: Any, high: Any) -> Any:
    """An end of a slice counted from the front, within the axis."""
    if isinstance(v, Expr):
        return _min(v if never_negative(v) else _max(where(v < 0, v + n, v), low), high)
    if v == 0 == low:
        return 0
    return _min(v, high) if v >= 0 else _max(n - (-v), low)


def _steps(n: Any, step: Any) -> Any:
    return n if not isinstance(step, Expr) and step == 1 else (n + (step - 1)) // step


def _max(a: Any, b: Any) -> Any:
    return BUILDERS["maximum"](a, b) if isinstance(a, Expr) or isinstance(b, Expr) else max(a, b)


def _min(a: Any, b: Any) -> Any:
    return BUILDERS["minimum"](a, b) if isinstance(a, Expr) or isinstance(b, Expr) else min(a, b)


def _index_vjp(g: Expr, out: Expr, x: Expr, *scalars: Expr, spec: Spec) -> tuple[Expr | None, ...]:
    return (make(set_index_op, (zeros_like(x), g, *scalars), (spec,)), *(None,) * len(scalars))


index_op = Op("index", "shape", _index_type, _index_numpy, "one element or a slice along each axis", params=("spec",),
              shape=_index_shape,
              vjp=_index_vjp, flops=0.0, exact=True)


# -- set and increment at basic indices ------------------------------------------------------------------------------
def _fits(v: TensorType, place: Shape, x: TensorType) -> None:
    if v.dtype != x.dtype:
        raise DtypeError(f"cannot put {v.dtype} into {x.dtype}", hint="cast the value first")
    lead = len(place) - v.ndim
    if lead < 0 or any(None not in (n, m) and n not in (1, m) for n, m in zip(v.shape, place[lead:], strict=True)):
        raise does_not_fit(v.shape, place)


def does_not_fit(value: Shape, place: Shape) -> ShapeError:
    """The error for a value that does not broadcast to the place it is put at."""
    return ShapeError(f"a value of shape {shape_text(value)} does not fit into a place of shape {shape_text(place)}")


def _changed_type(x: TensorType, v: TensorType, *scalars: TensorType, spec: Spec) -> TensorType:
    _fits(v, _index_type(x, *scalars, spec=spec).shape, x)
    return x


def _put(x: Array, key: Any, v: Array, more: bool = False) -> Array:
    x = np.array(x)
    try:
        if more:
            x[key] += v
        else:
            x[key] = v
    except ValueError:
        raise does_not_fit(np.shape(v), np.shape(x[key])) from None
    return x


def _set_numpy(x: Array, v: Array, *scalars: Any, spec: Spec) -> Array:
    return _put(x, _keys(spec, scalars), v)


def _inc_numpy(x: Array, v: Array, *scalars: Any, spec: Spec) -> Array:
    return _put(x, _keys(spec, scalars), v, more=True)


def _set_index_vjp(g: Expr, out: Expr, x: Expr, v: Expr, *scalars: Expr, spec: Spec) -> tuple[Expr | None, ...]:
    cleared = make(set_index_op, (g, constant(0, g.dtype), *scalars), (spec,))
    return cleared, make(index_op, (g, *scalars), (spec,)), *(None,) * len(scalars)


def _inc_index_vjp(g: Expr, out: Expr, x: Expr, v: Expr, *scalars: Expr, spec: Spec) -> tuple[Expr | None, ...]:
    return g, make(index_op, (g, *scalars), (spec,)), *(None,) * len(scalars)


set_index_op = Op("set_index", "shape", _changed_type, _set_numpy, "x with v put at basic indices", params=("spec",),
                  shape=lambda x, v, *scalars, spec: lengths_now(x), vjp=_set_index_vjp, flops=0.0, exact=True)
inc_index_op = Op("inc_index", "shape", _changed_type, _inc_numpy, "x with v added at basic indices", params=("spec",),
                  shape=lambda x, v, *scalars, spec: lengths_now(x), vjp=_inc_index_vjp, exact=True)


# -- arrays of indices -----------------------------------------------------------------------------------------------
def _check_places(types: Sequence[TensorType]) -> Shape:
    """The shape that arrays of indices broadcast to."""
    for i in types:
        if i.dtype != INT:
            raise DtypeError(f"an array of indices is int64, not {i.dtype}")
    try:
        return broadcast_shapes(*(i.shape for i in types))
    except ShapeError:
        raise _apart(i.shape for i in types) from None


def _apart(shapes: Iterable[Shape]) -> IndexingError:
    """The error for arrays of indices whose shapes don't go together: an IndexError, as NumPy has it."""
    return IndexingError(f"arrays of indices of shapes {' and '.join(map(shape_text, shapes))} can't be broadcast together",
                         hint="compared from the right, lengths must be equal or 1; np.ix_ picks all combinations")


def _taken(x: Sequence[Any], i: Sequence[Any], axis: int, count: int) -> tuple[Any, ...]:
    return (*x[:axis], *i, *x[axis + count:])


def _take_type(x: TensorType, *places: TensorType, axis: int) -> TensorType:
    at = _check_places(places)
    if not 0 <= axis <= x.ndim - len(places):
        raise ShapeError(f"there are no {len(places)} axes from {axis} on in a tensor of {x.ndim} axes")
    return TensorType(x.dtype, _taken(x.shape, at, axis, len(places)))


def _take_numpy(x: Array, *places: Array, axis: int) -> Array:
    if len(places) > 1:
        return np.asarray(np.asarray(x)[_place(x, places, axis)])
    within(np.asarray(places[0]), np.shape(x)[axis], axis)
    return np.asarray(np.take(x, places[0], axis=axis))


def within(i: Array, n: int, axis: int) -> None:
    """Raise BoundsError for the first index outside an axis of length n."""
    if i.size and (i.min() < -n or i.max() >= n):
        bad = i[(i < -n) | (i >= n)].flat[0]
        raise BoundsError(f"index {bad} is out of bounds for axis {axis} with size {n}")


def _take_shape(x: Expr, *places: Expr, axis: int) -> tuple[Length, ...]:
    return _taken(lengths_now(x), places_shape(places), axis, len(places))


def places_shape(places: Sequence[Expr]) -> tuple[Length, ...]:
    """The lengths that arrays of indices broadcast to."""
    at: tuple[Length, ...] = ()
    for i in places:
        at = joined(at, lengths_now(i))
    return at


def _take_vjp(g: Expr, out: Expr, x: Expr, *places: Expr, axis: int) -> tuple[Expr | None, ...]:
    return make(inc_take_op, (zeros_like(x), g, *places), (axis,)), *(None,) * len(places)


take_op = Op("take", "shape", _take_type, _take_numpy,
             "the elements at arrays of indices, broadcast together, one for each axis from `axis` on", params=("axis",),
             shape=_take_shape, vjp=_take_vjp, flops=0.0, exact=True)


def _put_type(x: TensorType, v: TensorType, *places: TensorType, axis: int) -> TensorType:
    _fits(v, _take_type(x, *places, axis=axis).shape, x)
    return x


def _place(x: Array, places: Sequence[Array], axis: int) -> tuple[Any, ...]:
    try:
        np.broadcast_shapes(*map(np.shape, places))
    except ValueError:
        raise _apart(map(np.shape, places)) from None
    for k, i in enumerate(places, axis):
        within(np.asarray(i), np.shape(x)[k], k)
    return (*(slice(None),) * axis, *places)


def _set_take_numpy(x: Array, v: Array, *places: Array, axis: int) -> Array:
    return _put(x, _place(x, places, axis), v)


def _inc_take_numpy(x: Array, v: Array, *places: Array, axis: int) -> Array:
    x = np.array(x)
    place = _place(x, places, axis)
    shape = _taken(x.shape, np.broadcast_shapes(*map(np.shape, places)), axis, len(places))
    try:
        wide = np.ascontiguousarray(np.broadcast_to(v, shape))      # NumPy's own broadcasting reads past the end
    except ValueError:
        raise does_not_fit(np.shape(v), shape) from None
    np.add.at(x, place, wide)
    return x


def _set_take_vjp(g: Expr, out: Expr, x: Expr, v: Expr, *places: Expr, axis: int) -> tuple[Expr | None, ...]:
    """Of values put at one place the last alone counts: who wrote last is found by writing numbers the same way."""
    cleared = make(set_take_op, (g, constant(0, g.dtype), *places), (axis,))
    at, count = places_shape(places), len(places)
    number = reshape(BUILDERS["arange"](product(at)), at)
    writer = make(set_take_op, (BUILDERS["zeros"](lengths_now(x)[axis:axis + count], INT), number, *places), (0,))
    last = BUILDERS["equal"](make(take_op, (writer, *places), (0,)), number)
    last = expand_dims(last, tuple(range(len(at), len(at) + x.ndim - count - axis)))
    return cleared, where(last, make(take_op, (g, *places), (axis,)), 0), *(None,) * count


def _inc_take_vjp(g: Expr, out: Expr, x: Expr, v: Expr, *places: Expr, axis: int) -> tuple[Expr | None, ...]:
    return g, make(take_op, (g, *places), (axis,)), *(None,) * len(places)


set_take_op = Op("set_take", "shape", _put_type, _set_take_numpy,
                 "x with v put at arrays of indices; where a place occurs twice the last stays",
                 params=("axis",), shape=lambda x, v, *places, axis: lengths_now(x), vjp=_set_take_vjp, flops=0.0, exact=True)
inc_take_op = Op("inc_take", "shape", _put_type, _inc_take_numpy,
                 "x with v added at arrays of indices; what is added at one place adds up",
                 params=("axis",), shape=lambda x, v, *places, axis: lengths_now(x), exact=True, vjp=_inc_take_vjp)


# -- masks -----------------------------------------------------------------------------------------------------------
def _compress_type(x: TensorType, mask: TensorType) -> TensorType:
    if mask.dtype != BOOL:
        raise DtypeError(f"a mask is boolean, not {mask.dtype}")
    if not 0 < mask.ndim <= x.ndim or any(None not in (n, m) and n != m for n, m in zip(x.shape, mask.shape, strict=False)):
        raise ShapeError(f"a mask of shape {shape_text(mask.shape)} does not cover the first axes of {shape_text(x.shape)}")
    return TensorType(x.dtype, (None, *x.shape[mask.ndim:]))


def _covers(x: Array, mask: Array) -> None:
    if np.shape(x)[:np.ndim(mask)] != np.shape(mask):
        raise BoundsError(f"a mask of shape {np.shape(mask)} does not cover the first axes of {np.shape(x)}")


def _compress_numpy(x: Array, mask: Array) -> Array:
    _covers(x, mask)
    return np.asarray(x)[mask]


def _compress_shape(x: Expr, mask: Expr) -> tuple[Length, ...]:
    return (mask.sum(), *lengths_now(x)[mask.ndim:])


def _compress_vjp(g: Expr, out: Expr, x: Expr, mask: Expr) -> tuple[Expr, None]:
    return make(set_compress_op, (zeros_like(x), g, mask)), None


compress_op = Op("compress", "shape", _compress_type, _compress_numpy,
                 "the elements (along the first axes) where a mask is true, in C order",
                 shape=_compress_shape, flops=0.0, exact=True,
                 vjp=_compress_vjp)


def _set_compress_type(x: TensorType, v: TensorType, mask: TensorType) -> TensorType:
    _fits(v, _compress_type(x, mask).shape, x)
    return x


def _set_compress_numpy(x: Array, v: Array, mask: Array) -> Array:
    _covers(x, mask)
    return _put(x, mask, v)


def spread(mask: Expr, x: Expr) -> Expr:
    """A mask over x's first axes as one that broadcasts against x."""
    return expand_dims(mask, tuple(range(mask.ndim, x.ndim)))


set_compress_op = Op("set_compress", "shape", _set_compress_type, _set_compress_numpy,
                     "x with v put where a mask is true, in C order",
                     shape=lambda x, v, mask: lengths_now(x), flops=0.0, exact=True,
                     vjp=lambda g, out, x, v, mask: (where(spread(mask, x), 0, g), make(compress_op, (g, mask)), None))
