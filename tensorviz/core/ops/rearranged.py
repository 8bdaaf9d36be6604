"""Parts taken out, put in, split off and moved round: delete, insert, resize, block, array_split, roll, and other splits."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, BoundsError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .axes import expand_dims, moveaxis, transpose
from .elementwise import BOOL, cast, stored
from .joining import concatenate, flip, split
from .lengths import INT, Length, axis_of, filled, known_int, length_of, lengths, lengths_now, product, user_line
from .shape import broadcast_to, reshape
from .subscript import getitem, set_subtensor

__all__ = ["array_split", "block", "delete", "dsplit", "hsplit", "insert", "resize", "roll", "rot90", "vsplit"]


def _flat(x: Expr, axis: Any) -> tuple[Expr, int]:
    if axis is None:
        return reshape(x, (product(lengths_now(x)),)), 0
    return x, axis_of(axis, x.ndim)


def _along(x: Expr, axis: int, key: Any) -> Expr:
    return getitem(x, (*(slice(None),) * axis, key))


# -- delete and insert -------------------------------------------------------------------------------------------------
def _single(obj: Any) -> Any:
    """An int, or an integer scalar expression; None for anything else."""
    if isinstance(obj, Expr) and not obj.ndim and obj.dtype.kind in "iu":
        return known_int(obj)
    if isinstance(obj, np.ndarray) and obj.ndim == 0 and obj.dtype.kind in "iu":
        return int(obj)
    return int(obj) if isinstance(obj, int | np.integer) and not isinstance(obj, bool) else None


def _place(k: Any, n: Length, last: int, name: str) -> Any:
    """A place counted from the front of an axis of length n; `last` is 1 if the end of the axis is one too."""
    if isinstance(k, int) and isinstance(n, int):
        if not -n <= k < n + last:
            raise BoundsError(f"{name}: index {k} is out of bounds for an axis of size {n}", at=user_line())
        return k + n if k < 0 else k
    if isinstance(k, int):
        return k if k >= 0 else n + k
    return BUILDERS["where"](k < 0, k + n, k)


@builder
def delete(arr: Any, obj: Any, axis: int | None = None) -> Expr:
    """`arr` without the elements (without `axis` of its elements in C order) at `obj`: a number, a slice, numbers or a mask.

    Where neither numbers nor length are known the length of the result shows when it runs.

    >>> delete([[1, 2, 3], [4, 5, 6]], 1, axis=1).eval()
    array([[1, 3],
           [4, 6]])
    """
    x, axis = _flat(as_expr(arr), axis)
    n, k = length_of(x, axis), _single(obj)
    if k is not None:
        if isinstance(k, Expr) or not isinstance(n, int):
            _along(x, axis, k)                          # raises for what is no index
        at = _place(k, n, 0, "delete")
        return concatenate([_along(x, axis, slice(None, at)), _along(x, axis, slice(at + 1, None))], axis)
    key = obj if isinstance(obj, slice | Expr) else constant(np.asarray(obj, INT if not np.size(obj) else None))
    if isinstance(n, int) and (isinstance(key, slice) or is_constant(key)):
        found = key if isinstance(key, slice) else value_of(key)
        try:
            kept = np.delete(np.arange(n), found)
        except (IndexError, ValueError, TypeError) as error:
            raise BoundsError(f"delete: {error}", at=user_line()) from None
        return _along(x, axis, constant(kept, INT))
    mask = set_subtensor(getitem(BUILDERS["ones"]((n,), BOOL), key), False)
    return _along(x, axis, mask)


@builder
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Expr:
    """`arr` with `values` (broadcast, cast to its dtype) put before the places `obj` along `axis` (None: in C order).

    `obj` is a number or an integer expression, or known numbers or a slice for an axis of known length.

    >>> insert([1, 2, 3], [0, 3], [9, 8]).eval()
    array([9, 1, 2, 3, 8])
    """
    x, axis = _flat(as_expr(arr), axis)
    n, k, v = length_of(x, axis), _single(obj), stored(values, x.dtype)
    v = expand_dims(v, tuple(range(x.ndim - v.ndim))) if v.ndim < x.ndim else v
    now = lengths_now(x)
    if k is not None:
        at = _place(k, n, 1, "insert")
        v = moveaxis(v, 0, axis)
        new = broadcast_to(v, tuple(length_of(v, axis) if j == axis else m for j, m in enumerate(now)))
        return concatenate([_along(x, axis, slice(None, at)), new, _along(x, axis, slice(at, None))], axis)
    if not isinstance(n, int) or (isinstance(obj, Expr) and not is_constant(obj)):
        raise ArgumentError("insert at several places takes known numbers, for an axis of known length", at=user_line())
    places = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(value_of(obj) if isinstance(obj, Expr) else obj)
    places = np.flatnonzero(places) if places.dtype == bool else places.astype(INT).ravel()
    if places.size == 1:
        v = broadcast_to(v, tuple(length_of(v, axis) if j == axis else m for j, m in enumerate(now)))
        at = _place(int(places[0]), n, 1, "insert")
        return concatenate([_along(x, axis, slice(None, at)), v, _along(x, axis, slice(at, None))], axis)
    before = np.array([_place(int(k), n, 1, "insert") for k in places], INT)
    new = broadcast_to(v, tuple(len(before) if j == axis else m for j, m in enumerate(now)))
    order = np.argsort(np.concatenate([np.arange(n) + 0.5, before]), kind="stable")
    return _along(concatenate([x, new], axis), axis, constant(order, INT))


@builder
def resize(a: Any, new_shape: Any) -> Expr:
    """The elements of `a` in C order, again from the start as needed, in a new shape (zeros if `a` has none).

    >>> resize([1, 2, 3], (2, 2)).eval()
    array([[1, 2],
           [3, 1]])
    """
    x, _ = _flat(as_expr(a), None)
    now = filled(*lengths(new_shape))
    n, total = length_of(x, 0), product(now)
    if isinstance(n, int) and n == 0:
        return BUILDERS["zeros"](now, x.dtype)
    if isinstance(n, int) and isinstance(total, int) and total <= n:
        return reshape(x[:total], now)
    if isinstance(n, Expr):                                     # what has no elements counts as one zero
        none = cast(BUILDERS["equal"](n, 0), INT)
        x, n = BUILDERS["pad"](x, (0, none)), n + none
    return reshape(x[BUILDERS["remainder"](BUILDERS["arange"](total), n)], now)


# -- joined and split --------------------------------------------------------------------------------------------------
@builder
def block(arrays: Any) -> Expr:
    """Nested lists of tensors put together: the innermost along the last axis, those around them along the one before, ...

    >>> block([[1, 2], [3, 4]]).eval()
    array([[1, 2],
           [3, 4]])
    """
    depth, leaves = _depth(arrays), _leaves(arrays)
    ndim = max([depth, *(t.ndim for t in leaves)])
    rest = iter(leaves)

    def joined(part: Any, level: int) -> Expr:
        if not isinstance(part, list):
            t = next(rest)
            return expand_dims(t, tuple(range(ndim - t.ndim)))
        return concatenate([joined(p, level - 1) for p in part], -level)

    return joined(arrays, depth)


def _depth(arrays: Any) -> int:
    if isinstance(arrays, tuple):
        raise ArgumentError("block takes lists, not tuples", at=user_line())
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(a) for a in arrays}
    if len(depths) != 1:
        raise ArgumentValueError("block takes lists that are nested equally deep, none of them empty", at=user_line())
    return 1 + depths.pop()


def _leaves(arrays: Any) -> list[Expr]:
    return [t for a in arrays for t in _leaves(a)] if isinstance(arrays, list) else [as_expr(arrays)]


@builder
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Expr]:
    """`ary` cut along `axis` as by `split`, but the number of parts need not divide the length: the first ones are longer.

    >>> [p.type.shape for p in array_split(list(range(8)), 3)]
    [(3,), (3,), (2,)]
    """
    x = as_expr(ary)
    axis = axis_of(axis, x.ndim)
    try:
        count = operator.index(indices_or_sections)
    except TypeError:
        return split(x, indices_or_sections, axis)
    if count < 1:
        raise ShapeError(f"array_split makes one part or more, not {count}", at=user_line())
    n = length_of(x, axis)
    least = BUILDERS["minimum"] if isinstance(n, Expr) else min
    cuts = [k * (n // count) + least(n % count, k) for k in range(1, count)]
    return split(x, cuts, axis)


def _split_at(name: str, ary: Any, at: Any, axis: int, least: int) -> list[Expr]:
    x = as_expr(ary)
    if x.ndim < least:
        raise ShapeError(f"{name} takes {least} axes or more, not {x.type.text()}", at=user_line())
    return split(x, at, axis)


@builder
def hsplit(ary: Any, indices_or_sections: Any) -> list[Expr]:
    """`split` along axis 1 (of a vector along axis 0).

    >>> [p.type.shape for p in hsplit([[1, 2, 3, 4]], 2)]
    [(1, 2), (1, 2)]
    """
    return _split_at("hsplit", ary, indices_or_sections, 1 if as_expr(ary).ndim > 1 else 0, 1)


@builder
def vsplit(ary: Any, indices_or_sections: Any) -> list[Expr]:
    """`split` along axis 0 of two axes or more.

    >>> [p.type.shape for p in vsplit([[1], [2]], 2)]
    [(1, 1), (1, 1)]
    """
    return _split_at("vsplit", ary, indices_or_sections, 0, 2)


@builder
def dsplit(ary: Any, indices_or_sections: Any) -> list[Expr]:
    """`split` along axis 2 of three axes or more.

    >>> [p.type.shape for p in dsplit([[[1, 2]]], 2)]
    [(1, 1, 1), (1, 1, 1)]
    """
    return _split_at("dsplit", ary, indices_or_sections, 2, 3)


# -- moved round -------------------------------------------------------------------------------------------------------
def _rolled(x: Expr, shift: Any, axis: int) -> Expr:
    n = length_of(x, axis)
    if isinstance(n, int) and n == 0:
        return x
    if isinstance(shift, Expr):             # lengths of parts would follow from it
        return BUILDERS["take"](x, BUILDERS["remainder"](BUILDERS["arange"](n) - shift, n), axis)
    k = (-shift) % n if isinstance(n, int) else BUILDERS["remainder"](as_expr(-shift, INT), BUILDERS["maximum"](n, 1))
    if isinstance(k, int) and k == 0:
        return x
    return concatenate([_along(x, axis, slice(k, None)), _along(x, axis, slice(None, k))], axis)


@builder
def roll(a: Any, shift: Any, axis: Any = None) -> Expr:
    """`a` with its elements moved on by `shift` along `axis` (None: in C order), those pushed out coming in at the other end.

    Several axes take a shift each, or one for all; shifts are whole numbers or integer expressions.

    >>> roll([[1, 2, 3], [4, 5, 6]], (1, 1), (0, 1)).eval()
    array([[6, 4, 5],
           [3, 1, 2]])
    """
    x = as_expr(a)
    if axis is None:
        flat, _ = _flat(x, None)
        return reshape(roll(flat, shift, 0), lengths_now(x))
    axes = list(axis) if isinstance(axis, tuple | list) else [axis]
    shifts = list(shift) if isinstance(shift, tuple | list | np.ndarray) else [shift]
    if len(axes) != len(shifts) and 1 not in (len(axes), len(shifts)):
        raise ArgumentValueError(f"roll takes a shift for each axis, not {len(shifts)} for {len(axes)}", at=user_line())
    count = max(len(axes), len(shifts))
    for k, s in zip(axes * (count // len(axes)), shifts * (count // len(shifts)), strict=True):
        if isinstance(s, Expr):
            if s.dtype.kind not in "iu" or s.ndim:
                raise ArgumentError(f"a shift is a whole number, not {s.type.text()}", at=user_line())
            s = known_int(s)
        else:
            try:
                s = operator.index(s)
            except TypeError:
                raise ArgumentError(f"a shift is a whole number, not {s!r}", at=user_line()) from None
        x = _rolled(x, s, axis_of(k, x.ndim))
    return x


@builder
def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Expr:
    """`m` turned by k quarter turns in the plane of two axes, from the first towards the second.

    >>> rot90([[1, 2], [3, 4]]).eval()
    array([[2, 4],
           [1, 3]])
    """
    x = as_expr(m)
    if len(axes) != 2:
        raise ArgumentValueError(f"rot90 turns in the plane of two axes, not {axes}", at=user_line())
    a, b = (axis_of(v, x.ndim) for v in axes)
    if a == b:
        raise ArgumentValueError(f"rot90 turns in the plane of two different axes, not {axes}", at=user_line())
    order = [b if v == a else a if v == b else v for v in range(x.ndim)]
    if k % 4 in (0, 2):
        return flip(x, (a, b)) if k % 4 else x
    return flip(transpose(x, order), a) if k % 4 == 1 else transpose(flip(x, a), order)
