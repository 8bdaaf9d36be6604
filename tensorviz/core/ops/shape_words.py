"""Theano's and PyTensor's words for shapes: padded with axes of length 1, promised to be 1, axes joined, split and packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from ..types import broadcast_shapes as known_shape
from .axes import expand_dims
from .elementwise import cast
from .lengths import INT, Length, axis_of, filled, length, lengths, lengths_now, product, user_line
from .linalg import joined
from .shape import reshape, specify_shape

__all__ = ["addbroadcast", "broadcast_shape", "broadcast_shapes", "identity_like", "join_dims", "pack", "patternbroadcast",
           "shape_i", "shape_padaxis", "shape_padleft", "shape_padright",
           "specify_broadcastable", "split_dims", "unbroadcast", "unpack"]


# -- axes of length 1 --------------------------------------------------------------------------------------------------
@builder
def shape_padleft(t: Any, n_ones: int = 1) -> Expr:
    """t with `n_ones` new axes of length 1 in front.

    >>> shape_padleft([1.0, 2.0], 2).type.shape
    (1, 1, 2)
    """
    return expand_dims(t, tuple(range(n_ones)))


@builder
def shape_padright(t: Any, n_ones: int = 1) -> Expr:
    """t with `n_ones` new axes of length 1 at the end.

    >>> shape_padright([1.0, 2.0], 2).type.shape
    (2, 1, 1)
    """
    x = as_expr(t)
    return expand_dims(x, tuple(range(x.ndim, x.ndim + n_ones)))


@builder
def shape_padaxis(t: Any, axis: int) -> Expr:
    """t with a new axis of length 1 at the place `axis` of the result.

    >>> shape_padaxis([1.0, 2.0], -1).type.shape
    (2, 1)
    """
    return expand_dims(t, axis)


@builder
def specify_broadcastable(x: Any, *axes: int) -> Expr:
    """x with the promise that these axes have length 1, checked when it runs.

    >>> import tensorviz as tv
    >>> specify_broadcastable(tv.matrix("x"), 0).type.shape
    (1, None)
    """
    x = as_expr(x)
    ones = {axis_of(k, x.ndim) for k in axes}
    return specify_shape(x, tuple(1 if k in ones else None for k in range(x.ndim)))


@builder
def addbroadcast(x: Any, *axes: int) -> Expr:
    """Theano's word for `specify_broadcastable`.

    >>> import tensorviz as tv
    >>> addbroadcast(tv.matrix("x"), 1).broadcastable
    (False, True)
    """
    return specify_broadcastable(x, *axes)


@builder
def unbroadcast(x: Any, *axes: int) -> Expr:
    """x itself, after a look whether it has these axes: Theano's way to forget that a length is 1, which is no mark here.

    >>> import tensorviz as tv
    >>> unbroadcast(tv.matrix("x"), 1).ndim
    2
    """
    x = as_expr(x)
    for k in axes:
        axis_of(k, x.ndim)
    return x


@builder
def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Expr:
    """x with the promise that the axes marked True have length 1 (Theano's word; the others are left as they are).

    >>> import tensorviz as tv
    >>> patternbroadcast(tv.matrix("x"), (True, False)).type.shape
    (1, None)
    """
    x = as_expr(x)
    if len(broadcastable) != x.ndim:
        raise ShapeError(f"patternbroadcast takes a mark for each of {x.ndim} axes, not {len(broadcastable)}", at=user_line())
    return specify_broadcastable(x, *(k for k, one in enumerate(broadcastable) if one))


# -- shapes ------------------------------------------------------------------------------------------------------------
@builder
def shape_i(x: Any, i: int) -> Expr:
    """The length of the axis i of x (Theano's word for `x.shape[i]`).

    >>> import tensorviz as tv
    >>> shape_i(tv.matrix("x", shape=(2, 3)), 1).eval()
    array(3)
    """
    return length(x, i)


def _broadcast(shapes: Sequence[Sequence[Length]]) -> tuple[Length, ...]:
    known_shape(*(tuple(n if isinstance(n, int) else None for n in s) for s in shapes))
    found: tuple[Length, ...] = ()
    for s in shapes:
        found = joined(found, tuple(s))
    return found


@builder
def broadcast_shapes(*args: Any) -> tuple[Length, ...]:
    """The shape that shapes broadcast to: ints where it is known, integer expressions where not.

    >>> broadcast_shapes((3, 1), (4,), 1)
    (3, 4)
    """
    return _broadcast([filled(*lengths(a)) for a in args])


@builder
def broadcast_shape(*arrays: Any, arrays_are_shapes: bool = False) -> tuple[Expr, ...]:
    """The lengths that tensors (or shapes) broadcast to, as expressions (PyTensor's word; `broadcast_shapes` is NumPy's).

    >>> import tensorviz as tv
    >>> [n.eval() for n in broadcast_shape(tv.zeros((3, 1)), tv.zeros(4))]
    [array(3), array(4)]
    """
    shapes = [filled(*lengths(a)) if arrays_are_shapes else lengths_now(as_expr(a)) for a in arrays]
    return tuple(cast(as_expr(n, INT), INT) for n in _broadcast(shapes))


@builder
def identity_like(x: Any, dtype: Any = None) -> Expr:
    """The matrix of x's shape, and dtype if none is given, with ones on its diagonal and zeros elsewhere.

    >>> identity_like([[1.0, 2.0], [3.0, 4.0]]).eval()
    array([[1., 0.],
           [0., 1.]])
    """
    x = as_expr(x)
    if x.ndim != 2:
        raise ShapeError(f"identity_like takes a matrix, not {x.type.text()}", at=user_line())
    return BUILDERS["eye"](*lengths_now(x), dtype=x.dtype if dtype is None else dtype)


# -- axes joined and split ---------------------------------------------------------------------------------------------
@builder
def join_dims(x: Any, start_axis: int = 0, n_axes: int | None = None) -> Expr:
    """x with `n_axes` axes from `start_axis` on made one (None: all that follow; 0: a new axis of length 1).

    >>> import tensorviz as tv
    >>> join_dims(tv.tensor3("x", shape=(2, 3, 4)), 1).type.shape
    (2, 12)
    """
    x = as_expr(x)
    start = axis_of(start_axis, x.ndim) if x.ndim else 0
    count = x.ndim - start if n_axes is None else n_axes
    if not 0 <= count <= x.ndim - start:
        raise ShapeError(f"there are no {count} axes from {start} on in a tensor of {x.ndim} axes", at=user_line())
    if count == 0:
        return expand_dims(x, start)
    now = lengths_now(x)
    return reshape(x, (*now[:start], product(now[start:start + count]), *now[start + count:]))


@builder
def split_dims(x: Any, shape: Any, axis: int | None = None) -> Expr:
    """x with one axis (of a vector the only one) made several of lengths `shape`, one of which may be -1.

    >>> import tensorviz as tv
    >>> split_dims(tv.matrix("x", shape=(6, 5)), (2, 3), axis=0).type.shape
    (2, 3, 5)
    """
    x = as_expr(x)
    if axis is None:
        if x.ndim != 1:
            raise ArgumentError(f"split_dims needs to know which axis of {x.type.text()} to split", at=user_line())
        axis = 0
    k, now = axis_of(axis, x.ndim), lengths_now(x)
    parts = list(filled(*lengths(shape)))
    open_ = [j for j, n in enumerate(parts) if isinstance(n, int) and n == -1]
    if len(open_) == 1:
        rest = product([n for j, n in enumerate(parts) if j != open_[0]])
        n = now[k]
        if isinstance(n, int) and isinstance(rest, int):
            if not rest or n % rest:
                raise ShapeError(f"an axis of length {n} can't be split into {tuple(parts)}", at=user_line())
            parts[open_[0]] = n // rest
        else:
            parts[open_[0]] = n // rest if not (isinstance(rest, int) and rest == 1) else n
    return reshape(x, (*now[:k], *parts, *now[k + 1:]))


def _kept(axes: Any) -> tuple[int, int]:
    """How many axes stay in front and at the end: those counted from the front begin with 0, those from the end with -1."""
    found = () if axes is None else (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    front, back = sorted(k for k in found if k >= 0), sorted((k for k in found if k < 0), reverse=True)
    if front != list(range(len(front))) or back != list(range(-1, -len(back) - 1, -1)):
        raise ArgumentError(f"pack keeps axes 0, 1, ... in front and -1, -2, ... at the end, not {axes}", at=user_line())
    return len(front), len(back)


@builder
def pack(*tensors: Any, axes: Any = None) -> tuple[Expr, list[tuple[Any, ...]]]:
    """Tensors with all axes but `axes` made one and joined along it, and the lengths of what was made one, for `unpack`.

    `axes` are kept: 0, 1, ... in front, -1, -2, ... at the end (None: none, the result is a vector).

    >>> import tensorviz as tv
    >>> packed, shapes = pack(tv.matrix("x", shape=(2, 3)), tv.vector("y", shape=(4,)))
    >>> packed.type.shape, shapes
    ((10,), [(2, 3), (4,)])
    """
    before, after = _kept(axes)
    flat, shapes = [], []
    for t in map(as_expr, tensors):
        if t.ndim < before + after:
            raise ShapeError(f"pack keeps {before + after} axes, of {t.type.text()}", at=user_line())
        now = lengths_now(t)
        inner = now[before:t.ndim - after]
        flat.append(reshape(t, (*now[:before], product(inner), *now[t.ndim - after:])))
        shapes.append(inner)
    return BUILDERS["concatenate"](flat, before), shapes


@builder
def unpack(packed_input: Any, axes: Any, packed_shapes: Sequence[Any]) -> list[Expr]:
    """The tensors that `pack(*tensors, axes=axes)` put together, from its two results.

    >>> import tensorviz as tv
    >>> packed, shapes = pack(tv.matrix("x", shape=(2, 3)), tv.vector("y", shape=(4,)))
    >>> [t.type.shape for t in unpack(packed, None, shapes)]
    [(2, 3), (4,)]
    """
    x = as_expr(packed_input)
    before, after = _kept(axes)
    if x.ndim != before + after + 1:
        raise ShapeError(f"unpack takes {before + after + 1} axes, not {x.type.text()}", at=user_line())
    now, start, found = lengths_now(x), 0, []
    for shape in packed_shapes:
        inner = filled(*lengths(shape))
        stop: Any = start + product(inner)
        part = x[(*(slice(None),) * before, slice(start, stop))]
        found.append(reshape(part, (*now[:before], *inner, *now[before + 1:])))
        start = stop
    return found
