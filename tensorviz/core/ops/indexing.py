"""The ops of indexing: basic indices (`index`), an integer array at an axis (`take`), a mask (`compress`), set and inc at each.

Setting and incrementing are pure: they give a changed copy. Of values put at one place by `set_take` the last stays, those that
`inc_take` adds there add up. The item of `spec` for an axis is ("int", k), with None in place of k for a scalar argument, or
("slice", start, stop, step) with ints, None where absent and "?" for a scalar argument; all axes are covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import BoundsError, DtypeError, ShapeError
from ..expr import Expr, constant, make
from ..op import BUILDERS, Op
from ..types import Shape, TensorType, broadcast_shapes, shape_text
from .axes import expand_dims
from .elementwise import BOOL, where, zeros_like
from .lengths import INT, Length, lengths_now
from .shape import reshape

__all__ = ["compress_op", "inc_index_op", "inc_take_op", "index_op", "ravel_index_op", "set_compress_op", "set_index_op",
           "set_take_op",
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
        return _min(_max(where(v < 0, v + n, v), low), high)
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


# -- one integer array -----------------------------------------------------------------------------------------------
def _check_places(i: TensorType) -> None:
    if i.dtype != INT:
        raise DtypeError(f"an array of indices is int64, not {i.dtype}")


def _taken(x: Sequence[Any], i: Sequence[Any], axis: int) -> tuple[Any, ...]:
    return (*x[:axis], *i, *x[axis + 1:])


def _take_type(x: TensorType, i: TensorType, axis: int) -> TensorType:
    _check_places(i)
    if not 0 <= axis < x.ndim:
        raise ShapeError(f"there is no axis {axis} in a tensor of {x.ndim} axes")
    return TensorType(x.dtype, _taken(x.shape, i.shape, axis))


def _take_numpy(x: Array, i: Array, axis: int) -> Array:
    _within(np.asarray(i), np.shape(x)[axis], axis)
    return np.asarray(np.take(x, i, axis=axis))


def _within(i: Array, n: int, axis: int) -> None:
    if i.size and (i.min() < -n or i.max() >= n):
        bad = i[(i < -n) | (i >= n)].flat[0]
        raise BoundsError(f"index {bad} is out of bounds for axis {axis} with size {n}")


def _take_vjp(g: Expr, out: Expr, x: Expr, i: Expr, axis: int) -> tuple[Expr, None]:
    return make(inc_take_op, (zeros_like(x), g, i), (axis,)), None


take_op = Op("take", "shape", _take_type, _take_numpy, "the elements at an array of indices along an axis", params=("axis",),
             shape=lambda x, i, axis: _taken(lengths_now(x), lengths_now(i), axis), vjp=_take_vjp, flops=0.0, exact=True)


def _put_type(x: TensorType, v: TensorType, i: TensorType, axis: int) -> TensorType:
    _fits(v, _take_type(x, i, axis).shape, x)
    return x


def _place(x: Array, i: Array, axis: int) -> tuple[Any, ...]:
    _within(np.asarray(i), np.shape(x)[axis], axis)
    return (*(slice(None),) * axis, i)


def _set_take_numpy(x: Array, v: Array, i: Array, axis: int) -> Array:
    return _put(x, _place(x, i, axis), v)


def _inc_take_numpy(x: Array, v: Array, i: Array, axis: int) -> Array:
    x = np.array(x)
    place = _place(x, i, axis)
    shape = np.shape(x)[:axis] + np.shape(i) + np.shape(x)[axis + 1:]
    try:
        wide = np.ascontiguousarray(np.broadcast_to(v, shape))      # NumPy's own broadcasting reads past the end
    except ValueError:
        raise does_not_fit(np.shape(v), shape) from None
    np.add.at(x, place, wide)
    return x


def _set_take_vjp(g: Expr, out: Expr, x: Expr, v: Expr, i: Expr, axis: int) -> tuple[Expr, Expr, None]:
    """Of values put at one place the last alone counts: who wrote last is found by writing numbers the same way."""
    cleared = make(set_take_op, (g, constant(0, g.dtype), i), (axis,))
    count = BUILDERS["size"](i)
    number = reshape(BUILDERS["arange"](count), lengths_now(i))
    writer = make(set_take_op, (BUILDERS["zeros"]((lengths_now(x)[axis],), INT), number, i), (0,))
    last = BUILDERS["equal"](make(take_op, (writer, i), (0,)), number)
    last = expand_dims(last, tuple(range(i.ndim, i.ndim + x.ndim - 1 - axis)))
    return cleared, where(last, make(take_op, (g, i), (axis,)), 0), None


set_take_op = Op("set_take", "shape", _put_type, _set_take_numpy,
                 "x with v put at an array of indices; where one occurs twice the last stays",
                 params=("axis",), shape=lambda x, v, i, axis: lengths_now(x), vjp=_set_take_vjp, flops=0.0, exact=True)
inc_take_op = Op("inc_take", "shape", _put_type, _inc_take_numpy,
                 "x with v added at an array of indices; those that occur twice add up",
                 params=("axis",), shape=lambda x, v, i, axis: lengths_now(x), exact=True,
                 vjp=lambda g, out, x, v, i, axis: (g, make(take_op, (g, i), (axis,)), None))


# -- several integer arrays: one flat index --------------------------------------------------------------------------
def _ravel_type(*types: TensorType, count: int) -> TensorType:
    for t in types:
        _check_places(t)
    if len(types) != 2 * count or any(t.shape for t in types[count:]):
        raise ShapeError("ravel_index takes an array of indices for each axis, then the length of each axis")
    return TensorType(INT, broadcast_shapes(*(t.shape for t in types[:count])))


def _ravel_numpy(*values: Any, count: int) -> Array:
    flat = np.zeros((), INT)
    for k, (i, n) in enumerate(zip(values[:count], values[count:], strict=True)):
        i, n = np.asarray(i), int(n)
        _within(i, n, k)
        flat = flat * n + np.where(i < 0, i + n, i)
    return np.asarray(flat)


ravel_index_op = Op("ravel_index", "elementwise", _ravel_type, _ravel_numpy,
                    "indices along several axes as one index in C order, checked",
                    params=("count",), vjp=lambda g, out, *args, count: (None,) * len(args), exact=True)


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
