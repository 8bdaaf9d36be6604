"""One index for each element: `take_along_axis`, and values put or added at such indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, explain, is_constant, make, value_of
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType, shape_text
from .elementwise import cast, stored, where, zeros_like
from .indexing import does_not_fit, within
from .lengths import INT, Length, axis_of, lengths_now, product
from .linalg import joined
from .shape import broadcast_to, reshape

__all__ = ["add_along_axis", "inc_along_op", "put_along_axis", "set_along_op", "take_along_axis", "take_along_op"]

Array = np.ndarray[Any, Any]


def _along_type(x: TensorType, i: TensorType, axis: int) -> TensorType:
    if i.dtype != INT:
        raise DtypeError(f"an array of indices is int64, not {i.dtype}")
    if x.ndim != i.ndim or not 0 <= axis < x.ndim or _apart(x.shape, i.shape, axis):
        raise _unlike(x.shape, i.shape, axis)
    both = enumerate(zip(x.shape, i.shape, strict=True))
    return TensorType(x.dtype, tuple(m if k == axis or n is None else n for k, (n, m) in both))


def _apart(x: Shape, i: Shape, axis: int) -> bool:
    return any(k != axis and None not in (n, m) and n != m for k, (n, m) in enumerate(zip(x, i, strict=True)))


def _unlike(x: Shape, i: Shape, axis: int) -> ShapeError:
    return ShapeError(f"indices of shape {shape_text(i)} don't go with {shape_text(x)} along axis {axis}",
                      hint="both have the same number of axes, and but for that axis the same lengths")


def _grid(x: Array, i: Array, axis: int) -> tuple[Any, ...]:
    """The indices that NumPy takes: `i` along the axis, each place itself along the others."""
    if np.ndim(x) != np.ndim(i) or _apart(np.shape(x), np.shape(i), axis):
        raise _unlike(np.shape(x), np.shape(i), axis)
    within(np.asarray(i), np.shape(x)[axis], axis)
    rest = np.ogrid[tuple(slice(n) for n in np.shape(i))]
    return (*rest[:axis], i, *rest[axis + 1:])


def _take_numpy(x: Array, i: Array, axis: int) -> Array:
    return np.asarray(np.asarray(x)[_grid(x, i, axis)])


def _take_shape(x: Expr, i: Expr, axis: int) -> tuple[Length, ...]:
    return tuple(m if k == axis else n for k, (n, m) in enumerate(zip(lengths_now(x), lengths_now(i), strict=True)))


def _take_vjp(g: Expr, out: Expr, x: Expr, i: Expr, axis: int) -> tuple[Expr | None, ...]:
    return make(inc_along_op, (zeros_like(x), g, i), (axis,)), None


take_along_op = Op("take_along", "shape", _along_type, _take_numpy, "the elements at one index each along an axis",
                   params=("axis",), shape=_take_shape, vjp=_take_vjp, flops=0.0, exact=True,
                   latex="\\operatorname{{take}}_{{{axis}}}\\left({0}, {1}\\right)")


def _put_type(x: TensorType, v: TensorType, i: TensorType, axis: int) -> TensorType:
    place = _along_type(x, i, axis)
    if v.dtype != x.dtype:
        raise DtypeError(f"cannot put {v.dtype} into {x.dtype}", hint="cast the value first")
    lead = place.ndim - v.ndim
    if lead < 0 or any(None not in (n, m) and n not in (1, m) for n, m in zip(v.shape, place.shape[lead:], strict=True)):
        raise does_not_fit(v.shape, place.shape)
    return x


def _set_numpy(x: Array, v: Array, i: Array, axis: int) -> Array:
    x = np.array(x)
    place = _grid(x, i, axis)
    x[place] = _spread(v, np.shape(i))
    return x


def _inc_numpy(x: Array, v: Array, i: Array, axis: int) -> Array:
    x = np.array(x)
    np.add.at(x, _grid(x, i, axis), np.ascontiguousarray(_spread(v, np.shape(i))))
    return x


def _spread(v: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(v, shape)
    except ValueError:
        raise does_not_fit(np.shape(v), shape) from None


def _set_vjp(g: Expr, out: Expr, x: Expr, v: Expr, i: Expr, axis: int) -> tuple[Expr | None, ...]:
    """As for `set_take`: the value that was written last at a place is found by writing numbers the same way."""
    number = reshape(BUILDERS["arange"](product(lengths_now(i))), lengths_now(i))
    writer = make(set_along_op, (zeros_like(x, INT), number, i), (axis,))
    last = BUILDERS["equal"](make(take_along_op, (writer, i), (axis,)), number)
    cleared = make(set_along_op, (g, constant(0, g.dtype), i), (axis,))
    return cleared, where(last, make(take_along_op, (g, i), (axis,)), 0), None


def _inc_vjp(g: Expr, out: Expr, x: Expr, v: Expr, i: Expr, axis: int) -> tuple[Expr | None, ...]:
    return g, make(take_along_op, (g, i), (axis,)), None


set_along_op = Op("set_along", "shape", _put_type, _set_numpy,
                  "x with v put at one index each along an axis; where a place occurs twice the last stays", params=("axis",),
                  shape=lambda x, v, i, axis: lengths_now(x), vjp=_set_vjp, flops=0.0, exact=True,
                  latex="\\operatorname{{put}}_{{{axis}}}\\left({0}, {2}, {1}\\right)")
inc_along_op = Op("inc_along", "shape", _put_type, _inc_numpy,
                  "x with v added at one index each along an axis; what is added at one place adds up", params=("axis",),
                  shape=lambda x, v, i, axis: lengths_now(x), vjp=_inc_vjp, exact=True,
                  latex="\\operatorname{{add}}_{{{axis}}}\\left({0}, {2}, {1}\\right)")


def _both(arr: Any, indices: Any, axis: int | None) -> tuple[Expr, Expr, int]:
    """Tensor and indices broadcast against each other but for the axis; without one both as vectors."""
    x, i = as_expr(arr), as_expr(indices)
    if i.dtype.kind not in "iu":
        raise explain(DtypeError(f"indices are whole numbers, not {i.dtype}"), take_along_op, (x, i))
    i = cast(i, INT)
    if axis is None:
        if i.ndim != 1:
            raise explain(ShapeError("without an axis the indices are a vector"), take_along_op, (x, i))
        x, axis = reshape(x, (product(lengths_now(x)),)), 0
    axis = axis_of(axis, x.ndim)
    if x.ndim != i.ndim:
        raise explain(_unlike(x.type.shape, i.type.shape, axis), take_along_op, (x, i))
    n, m = lengths_now(x), lengths_now(i)
    if is_constant(i) and isinstance(n[axis], int):
        try:
            within(value_of(i), n[axis], axis)      # type: ignore[arg-type]
        except Exception as error:
            raise explain(error, take_along_op, (x, i)) from None       # type: ignore[arg-type]
    try:
        both = joined((*n[:axis], 1, *n[axis + 1:]), (*m[:axis], 1, *m[axis + 1:]))
        return _wide(x, both, axis), _wide(i, both, axis), axis
    except ShapeError:
        raise explain(_unlike(x.type.shape, i.type.shape, axis), take_along_op, (x, i)) from None


def _wide(x: Expr, both: Sequence[Length], axis: int) -> Expr:
    """A tensor broadcast to these lengths, but for the axis."""
    return broadcast_to(x, (*both[:axis], lengths_now(x)[axis], *both[axis + 1:]))


@builder
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Expr:
    """out[..., j, ...] = arr[..., indices[..., j, ...], ...]: an index of its own along `axis` for each element, as argsort
    gives them.

    `indices` has as many axes as `arr`, the others broadcast together; with axis=None both are vectors. Raises BoundsError
    for an index outside.

    >>> take_along_axis([[3.0, 1.0], [2.0, 4.0]], [[1], [0]], axis=1).eval()
    array([[1.],
           [2.]])
    """
    x, i, axis = _both(arr, indices, axis)
    return make(take_along_op, (x, i), (axis,))


@builder
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> Expr:
    """`arr` with `values` (broadcast, cast to its dtype) put where `take_along_axis(arr, indices, axis)` takes from.

    NumPy changes `arr`; here the changed tensor is the result. Of values for one place the last stays.

    >>> put_along_axis([[3.0, 1.0], [2.0, 4.0]], [[1], [0]], 9.0, axis=1).eval()
    array([[3., 9.],
           [9., 4.]])
    """
    return _changed(set_along_op, arr, indices, values, axis)


@builder
def add_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> Expr:
    """`arr` with `values` added where `take_along_axis(arr, indices, axis)` takes from; values for one place add up.

    >>> add_along_axis([[3.0, 1.0], [2.0, 4.0]], [[1, 1], [0, 1]], 1.0, axis=1).eval()
    array([[3., 3.],
           [3., 5.]])
    """
    return _changed(inc_along_op, arr, indices, values, axis)


def _changed(op: Op, arr: Any, indices: Any, values: Any, axis: int | None) -> Expr:
    x = as_expr(arr)
    v = stored(values, x.dtype) if isinstance(values, int | list | tuple) else as_expr(values)
    if not np.can_cast(v.dtype, x.dtype, "same_kind") and not is_constant(v):
        raise explain(DtypeError(f"cannot put {v.dtype} into {x.dtype}", hint="cast the values first"), op, (x, v))
    wide, i, at = _both(x, indices, axis)
    made = make(op, (wide, cast(v, x.dtype), i), (at,))
    return reshape(made, lengths_now(x)) if axis is None else made
