"""Tensors joined, split, repeated and turned: `concatenate` and what is composed of it and of the shape ops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, label_of, make, value_of
from ..op import BUILDERS, Op, builder
from ..types import TensorType, broadcast_shapes, shape_text
from .axes import atleast_1d, atleast_2d, atleast_3d, expand_dims, transpose
from .checks import check
from .elementwise import cast
from .lengths import INT, Length, axes_of, axis_of, length_of, lengths_now, product, user_line
from .linalg import joined
from .options import check_cast
from .shape import broadcast_to, reshape, specify_shape

__all__ = ["append", "broadcast_arrays", "column_stack", "concatenate", "dstack", "flatten", "flip", "fliplr", "flipud",
           "hstack", "ravel",
           "repeat", "size", "split", "stack", "tile", "vstack"]


# -- concatenate -----------------------------------------------------------------------------------------------------
def _type(*types: TensorType, axis: int) -> TensorType:
    first = types[0]
    if len({t.dtype for t in types}) > 1:
        raise DtypeError("concatenate takes tensors of one dtype")
    shape = list(first.shape)
    for t in types[1:]:
        if t.ndim != first.ndim:
            raise ShapeError(f"cannot concatenate tensors of {first.ndim} and of {t.ndim} axes")
        for k, n in enumerate(t.shape):
            if k != axis and None not in (n, shape[k]) and n != shape[k]:
                both = f"{shape_text(first.shape)} and {shape_text(t.shape)}"
                raise ShapeError(f"cannot concatenate shapes {both} along axis {axis}")
            shape[k] = n if shape[k] is None and k != axis else shape[k]
    along = [t.shape[axis] for t in types]
    shape[axis] = None if None in along else sum(along)  # type: ignore[arg-type]
    return TensorType(first.dtype, tuple(shape))


def _shape(*xs: Expr, axis: int) -> tuple[Length, ...]:
    along = [length_of(x, axis) for x in xs]
    total: Any = sum(n for n in along if isinstance(n, int))
    for n in along:
        total = n if isinstance(total, int) and total == 0 else total + n if isinstance(n, Expr) else total
    return tuple(total if k == axis else n for k, n in enumerate(lengths_now(xs[0])))


def _vjp(g: Expr, out: Expr, *xs: Expr, axis: int) -> tuple[Expr, ...]:
    result, start = [], 0
    for x in xs:
        stop: Any = start + length_of(x, axis)
        result.append(g[(*(slice(None),) * axis, slice(start, stop))])
        start = stop
    return tuple(result)


concatenate_op = Op("concatenate", "shape", _type, lambda *xs, axis: np.concatenate(xs, axis),
                    "tensors put one after the other along an axis",
                    params=("axis",), shape=_shape, vjp=_vjp, flops=0.0, exact=True)


def _list(tensors: Any, what: str) -> list[Expr]:
    if isinstance(tensors, Expr) and tensors.ndim and tensors.type.shape[0] is None:
        raise ArgumentError(f"{what} takes a list of tensors, not {tensors.type.text()}", at=user_line())
    if not isinstance(tensors, Iterable):
        raise ArgumentError(f"{what} takes a list of tensors, not {tensors!r:.60}", at=user_line())
    found = [as_expr(t) for t in tensors]
    if not found:
        raise ArgumentValueError(f"{what} needs at least one tensor", at=user_line())
    dtype = np.result_type(*(t.dtype for t in found))
    return [cast(t, dtype) for t in found]


def _as_dtype(tensors: list[Expr], dtype: Any, casting: str) -> list[Expr]:
    to = tensors[0].dtype if dtype is None else dtype
    if dtype is not None or casting != "same_kind":
        for t in tensors:
            check_cast(t, to, casting)
    return tensors if dtype is None else [cast(t, dtype) for t in tensors]


@builder
def concatenate(tensors: Sequence[Any], axis: int | None = 0, *, dtype: Any = None, casting: str = "same_kind") -> Expr:
    """Tensors put one after the other along `axis` (None: their elements in C order); the other lengths must be equal.

    The result has `dtype`, or the one that all of them fit in; DtypeError where NumPy's rule `casting` forbids to cast to it.

    >>> import tensorviz as tv
    >>> concatenate([tv.matrix("x", shape=(2, 3)), tv.matrix("y", shape=(5, 3))]).type.shape
    (7, 3)
    """
    found = _as_dtype(_list(tensors, "concatenate"), dtype, casting)
    if axis is None:
        found, axis = [ravel(t) for t in found], 0
    if not found[0].ndim:
        raise ShapeError("scalars can't be concatenated", at=user_line(), hint="use stack")
    return make(concatenate_op, tuple(found), (axis_of(axis, found[0].ndim),))


@builder
def join(axis: int, *tensors: Any) -> Expr:
    """Theano's word for `concatenate(tensors, axis)`.

    >>> import tensorviz as tv
    >>> join(0, tv.vector("x", shape=(2,)), tv.vector("y", shape=(3,))).type.shape
    (5,)
    """
    return concatenate(tensors, axis)


@builder
def stack(tensors: Any, axis: Any = 0, *more: Any, dtype: Any = None, casting: str = "same_kind") -> Expr:
    """Tensors of one shape side by side along a new `axis`; the result has `dtype` if it is given.

    Tensors one by one, `stack(x, y)`, are Theano's: along a new first axis.

    >>> import tensorviz as tv
    >>> stack([tv.vector("x", shape=(3,)), tv.vector("y", shape=(3,))], axis=1).type.shape
    (3, 2)
    """
    if more or isinstance(axis, Expr | np.ndarray):
        tensors, axis = [tensors, axis, *more], 0
    found = _as_dtype(_list(tensors, "stack"), dtype, casting)
    axis = axis_of(axis, found[0].ndim + 1)
    for k, t in enumerate(found[1:], 1):
        first, other = found[0].type.shape, t.type.shape
        if len(first) != len(other) or any(None not in (n, m) and n != m for n, m in zip(first, other, strict=True)):
            raise ShapeError(f"cannot stack shapes {shape_text(first)} and {shape_text(other)}", at=user_line(),
                             facts=[f"{label_of(found[j], j)}: {found[j].type.text()}" for j in (0, k)])
    return make(concatenate_op, tuple(expand_dims(t, axis) for t in found), (axis,))


@builder
def hstack(tensors: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Expr:
    """Tensors side by side along axis 1 (vectors and scalars: along axis 0).

    >>> import tensorviz as tv
    >>> hstack([tv.matrix("x", shape=(2, 3)), tv.matrix("y", shape=(2, 1))]).type.shape
    (2, 4)
    """
    found = [atleast_1d(t) for t in tensors]
    return concatenate(found, 0 if found and found[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@builder
def vstack(tensors: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Expr:
    """Tensors one below the other along axis 0, vectors as rows.

    >>> import tensorviz as tv
    >>> vstack([tv.vector("x", shape=(3,)), tv.vector("y", shape=(3,))]).type.shape
    (2, 3)
    """
    return concatenate([atleast_2d(t) for t in tensors], dtype=dtype, casting=casting)


@builder
def dstack(tensors: Sequence[Any]) -> Expr:
    """Tensors one behind the other along axis 2.

    >>> import tensorviz as tv
    >>> dstack([tv.vector("x", shape=(3,)), tv.vector("y", shape=(3,))]).type.shape
    (1, 3, 2)
    """
    return concatenate([atleast_3d(t) for t in tensors], 2)


@builder
def column_stack(tensors: Sequence[Any]) -> Expr:
    """Vectors as the columns of a matrix; matrices side by side.

    >>> import tensorviz as tv
    >>> column_stack([tv.vector("x", shape=(3,)), tv.vector("y", shape=(3,))]).type.shape
    (3, 2)
    """
    return concatenate([expand_dims(t, 1) if t.ndim == 1 else t for t in (atleast_1d(t) for t in tensors)], 1)


@builder
def append(x: Any, values: Any, axis: int | None = None) -> Expr:
    """`values` put after x along `axis` (None: both in C order).

    >>> import tensorviz as tv
    >>> append(tv.vector("x", shape=(3,)), 1.0).type.shape
    (4,)
    """
    return concatenate([as_expr(x), as_expr(values)], axis)


@builder
def split(x: Any, indices_or_sections: Any = None, axis: int = 0, *, splits_size: Any = None,
          n_splits: int | None = None) -> list[Expr]:
    """x cut along `axis` into equal parts (a known number that divides the length) or before the given indices.

    The arguments by position are NumPy's. Theano's are taken by name: `splits_size`, the lengths of the parts (a list, or a
    vector of integers), and `n_splits`, how many there are (it may be left out where that is known). Raises ShapeError where
    the number does not divide the length or the lengths do not add up to it, at run time if that is known only then, and for
    indices that decrease.

    >>> import tensorviz as tv
    >>> [p.type.shape for p in split(tv.vector("x", shape=(6,)), [2, 3])]
    [(2,), (1,), (3,)]
    """
    x = as_expr(x)
    axis = axis_of(axis, x.ndim)
    if splits_size is not None and indices_or_sections is None:
        return _of_lengths(x, splits_size, n_splits, axis)
    if indices_or_sections is None or splits_size is not None or n_splits is not None:
        raise ArgumentError("split takes indices or a number of parts, or Theano's splits_size and n_splits", at=user_line())
    if isinstance(indices_or_sections, int | np.integer):
        n, parts = length_of(x, axis), int(indices_or_sections)
        if parts < 1 or (isinstance(n, int) and n % parts):
            raise ShapeError(f"axis {axis} of length {n if isinstance(n, int) else 'N'} can't be split into {parts} equal parts",
                             at=user_line(), hint="give the indices")
        if parts == 1:
            return [x]
        if isinstance(n, Expr):                     # reshape checks that the number divides the length
            now = lengths_now(x)
            wide = reshape(x, (*now[:axis], parts, n // parts, *now[axis + 1:]))
            return [wide[(*(slice(None),) * axis, k)] for k in range(parts)]
        cuts: list[Any] = [k * (n // parts) for k in range(1, parts)]
    elif isinstance(indices_or_sections, Expr):
        raise ArgumentError("split takes a number or a list of indices, not an expression", at=user_line(),
                            hint="the number of parts must be known; indices in a list may be expressions")
    else:
        cuts = list(indices_or_sections)
        known = [c for c in cuts if isinstance(c, int | np.integer) and c >= 0]
        if known != sorted(known):
            raise ShapeError(f"the indices before which split cuts grow, unlike {known}", at=user_line(),
                             hint="for the lengths of the parts, as Theano has them: splits_size=")
    before = (slice(None),) * axis
    return [x[(*before, slice(a, b))] for a, b in zip([None, *cuts], [*cuts, None], strict=True)]


def _of_lengths(x: Expr, sizes: Any, n_splits: int | None, axis: int) -> list[Expr]:
    """x cut along `axis` into parts of the given lengths, of which there are `n_splits`."""
    found = as_expr(sizes)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise ArgumentError(f"splits_size is a vector of integers, not {found.type.text()}", at=user_line())
    count = found.type.shape[0] if n_splits is None else n_splits
    if not isinstance(count, int):
        raise ArgumentError("how many parts split makes must be known", at=user_line(), hint="say it: n_splits=")
    if found.type.shape[0] not in (count, None):
        raise ShapeError(f"splits_size has {found.type.shape[0]} lengths, n_splits says {count}", at=user_line())
    if count < 1:
        raise ArgumentError("split makes one part or more", at=user_line())
    n, what = length_of(x, axis), "the lengths of the parts of split don't add up to that of the axis"
    if is_constant(found):
        parts: list[Any] = [int(v) for v in value_of(found)]
        if min(parts) < 0 or (isinstance(n, int) and sum(parts) != n):
            have = n if isinstance(n, int) else "N"
            raise ShapeError(f"axis {axis} of length {have} can't be split into parts of lengths {parts}", at=user_line())
        if isinstance(n, Expr):
            x = check(x, np.equal(n, sum(parts)), message=what, kind="ShapeError")
    else:
        lengths = specify_shape(cast(found, INT), (count,))
        fits = BUILDERS["all"](np.greater_equal(lengths, 0)) & np.equal(BUILDERS["sum"](lengths), n)
        lengths = check(lengths, fits, message=what, kind="ShapeError")
        parts = [lengths[k] for k in range(count)]
    ends: list[Any] = [0]
    for size in parts:
        ends.append(ends[-1] + size)
    return [x[(*(slice(None),) * axis, slice(a, b))] for a, b in pairwise(ends)]


# -- repeated --------------------------------------------------------------------------------------------------------
@builder
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Expr:
    """Each element of x `repeats` times along `axis` (None: of x in C order): a number for all, or one for each.

    Numbers are whole and not negative; where those for each are an expression the length of the result shows when it runs.

    >>> import tensorviz as tv
    >>> repeat(tv.vector("x", shape=(3,)), 2).type.shape
    (6,)
    """
    x = as_expr(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = axis_of(axis, x.ndim)
    times = as_expr(repeats)
    if times.dtype.kind not in "iub" or times.ndim > 1:
        raise DtypeError(f"repeat takes whole numbers, one or a vector of them, not {times.type.text()}", at=user_line())
    if is_constant(times) and (value_of(times) < 0).any():
        raise ArgumentValueError("repeat takes numbers of 0 or more", at=user_line())
    if times.ndim and times.type.shape != (1,):
        return x[(*(slice(None),) * axis, _repeated(times, length_of(x, axis)))]
    n: Length = int(value_of(times).reshape(())) if is_constant(times) else cast(reshape(times, ()), INT)
    now = list(lengths_now(x))
    wide = broadcast_to(expand_dims(x, axis + 1), (*now[: axis + 1], n, *now[axis + 1:]))
    return reshape(wide, (*now[:axis], now[axis] * n, *now[axis + 1:]))


def _repeated(times: Expr, n: Length) -> Expr:
    """Which element stands at each place where element k of n is repeated times[k] times."""
    m = times.type.shape[0]
    if isinstance(n, int) and m is not None and n != m:
        raise ShapeError(f"repeat takes a number for each of {n} elements, not {m}", at=user_line())
    times = cast(times, INT)
    if is_constant(times) and isinstance(n, int):
        return constant(np.repeat(np.arange(n), value_of(times)), INT)
    times = check(times, times >= 0, message="repeat takes numbers of 0 or more", kind="DomainError")
    times = broadcast_to(times, (n,)) if m is None else specify_shape(times, (n,))      # what turns out to be one is for all
    total = BUILDERS["sum"](times)
    marks = BUILDERS["zeros"]((total + 1,), INT)[BUILDERS["cumsum"](times)].inc(1)     # one where the next element begins
    return BUILDERS["cumsum"](marks)[:-1]


@builder
def tile(x: Any, reps: Any, *, ndim: int | None = None) -> Expr:
    """x laid side by side `reps` times along each axis (ints or integer expressions; missing ones are 1).

    `ndim` (Theano's) is the number of axes of the result: ShapeError if x or `reps` has more.

    >>> import tensorviz as tv
    >>> tile(tv.vector("x", shape=(3,)), (2, 2)).type.shape
    (2, 6)
    """
    x = as_expr(x)
    times = list(reps) if isinstance(reps, tuple | list) else [reps]
    least = max(x.ndim, len(times))
    ndim = least if ndim is None else ndim
    if ndim < least:
        raise ShapeError(f"tile makes {least} axes here, not {ndim}", at=user_line())
    x = expand_dims(x, tuple(range(ndim - x.ndim)))
    times = [1] * (ndim - len(times)) + times
    now = lengths_now(x)
    wide = broadcast_to(expand_dims(x, tuple(range(0, 2 * ndim, 2))), [n for pair in zip(times, now, strict=True) for n in pair])
    return reshape(wide, [product(pair) for pair in zip(times, now, strict=True)])


@builder
def broadcast_arrays(*tensors: Any) -> list[Expr]:
    """The tensors broadcast to their common shape.

    >>> import tensorviz as tv
    >>> [t.type.shape for t in broadcast_arrays(tv.vector("x", shape=(3,)), tv.matrix("y", shape=(2, 1)))]
    [(2, 3), (2, 3)]
    """
    found = [as_expr(t) for t in tensors]
    broadcast_shapes(*(t.type.shape for t in found))
    shape: tuple[Length, ...] = ()
    for t in found:
        shape = joined(shape, lengths_now(t))
    return [broadcast_to(t, shape) for t in found]


# -- turned ----------------------------------------------------------------------------------------------------------
@builder
def flip(x: Any, axis: Any = None) -> Expr:
    """x with the order of elements turned round along `axis` (None: all).

    >>> import tensorviz as tv
    >>> flip(tv.matrix("x", shape=(2, 3)), 1).type.shape
    (2, 3)
    """
    x = as_expr(x)
    axes = axes_of(axis, x.ndim)
    return x[tuple(slice(None, None, -1) if k in axes else slice(None) for k in range(x.ndim))] if axes else x


@builder
def flipud(x: Any) -> Expr:
    """x with its rows in the other order.

    >>> import tensorviz as tv
    >>> flipud(tv.matrix("x")).ndim
    2
    """
    return flip(x, 0)


@builder
def fliplr(x: Any) -> Expr:
    """x with its columns in the other order.

    >>> import tensorviz as tv
    >>> fliplr(tv.matrix("x")).ndim
    2
    """
    return flip(x, 1)


# -- one axis --------------------------------------------------------------------------------------------------------
@builder
def flatten(x: Any, ndim: int = 1, *, outdim: int | None = None) -> Expr:
    """x with its last axes merged in C order until `ndim` (or `outdim`, Theano's older word) are left.

    >>> import tensorviz as tv
    >>> flatten(tv.tensor3("x", shape=(2, 3, 4)), 2).type.shape
    (2, 12)
    """
    x, ndim = as_expr(x), ndim if outdim is None else outdim
    if not 1 <= ndim <= max(x.ndim, 1):
        raise ShapeError(f"a tensor of {x.ndim} axes can't be flattened to {ndim}", at=user_line())
    now = lengths_now(x)
    return reshape(x, (*now[: ndim - 1], product(now[ndim - 1:])))


@builder
def ravel(x: Any, order: str = "C") -> Expr:
    """The elements of x as a vector, in C order or with order="F" in Fortran's: the first axis fastest.

    Orders "A" and "K", which go by how an array lies in memory, mean "C": expressions have no memory.

    >>> import tensorviz as tv
    >>> ravel(tv.matrix("x", shape=(2, 3))).type.shape
    (6,)
    """
    if order not in ("C", "F", "A", "K"):
        raise ArgumentValueError(f"ravel: order is 'C', 'F', 'A' or 'K', not {order!r}", at=user_line())
    return flatten(transpose(x) if order == "F" else x, 1)


@builder
def size(x: Any, axis: int | None = None) -> Expr:
    """The number of elements of x (or along `axis`) as an int64 scalar: a constant if it is known.

    >>> import tensorviz as tv
    >>> size(tv.matrix("x", shape=(2, 3))) is tv.constant(6, "int64")
    True
    """
    x = as_expr(x)
    return as_expr(product(lengths_now(x)) if axis is None else length_of(x, axis_of(axis, x.ndim)), INT)
