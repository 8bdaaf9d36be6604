"""Elements picked by number, by a condition or by choice, and values put at such places: take, choose, select, put, ..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .along import take_along_axis
from .checks import check
from .elementwise import BOOL, cast, stored, where
from .lengths import INT, axis_of, length_of, lengths_now, product, user_line
from .linalg import joined
from .shape import broadcast_to, reshape
from .subscript import getitem, set_subtensor

__all__ = ["choose", "compress", "extract", "piecewise", "place", "put", "putmask", "select", "take"]

MODES = ("raise", "clip", "wrap")


def _flat(x: Expr) -> Expr:
    return reshape(x, (product(lengths_now(x)),))


def _by_mode(indices: Any, n: Any, mode: str, name: str) -> Any:
    """Indices of an axis of length n: as they are, moved to its ends, or counted round it."""
    if mode not in MODES:
        raise ArgumentValueError(f"{name}: mode is one of 'raise', 'clip', 'wrap', not {mode!r}", at=user_line())
    if mode == "raise":
        return indices
    i = as_expr(indices)
    if i.dtype.kind not in "iu":
        raise DtypeError(f"{name} takes whole numbers as indices, not {i.type.text()}", at=user_line())
    i = cast(i, INT)
    if mode == "wrap":
        return BUILDERS["remainder"](i, n)
    return BUILDERS["minimum"](BUILDERS["maximum"](i, 0), n - 1)


@builder
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Expr:
    """The elements of `a` at an integer array of `indices` along `axis` (None: of `a` in C order).

    Outside the axis `mode` "raise" raises BoundsError, "clip" takes the nearest (of negative indices the first), "wrap" counts
    on from the other end.

    >>> import tensorviz as tv
    >>> take(tv.matrix("x", shape=(4, 6)), [[0, 1], [2, 3]], axis=1).type.shape
    (4, 2, 2)
    """
    x = as_expr(a)
    if axis is None:
        x, axis = _flat(x), 0
    axis = axis_of(axis, x.ndim)
    return getitem(x, (*(slice(None),) * axis, _by_mode(indices, length_of(x, axis), mode, "take")))


def _mask(condition: Any) -> Expr:
    c = as_expr(condition)
    if c.dtype == BOOL:
        return c
    return constant(value_of(c) != 0) if is_constant(c) else BUILDERS["not_equal"](c, 0)


@builder
def compress(condition: Any, a: Any, axis: int | None = None) -> Expr:
    """The elements (or along `axis` the slices) of `a` where the boolean vector `condition` holds, which may be shorter.

    >>> import tensorviz as tv
    >>> compress(tv.vector("c") > 0, tv.matrix("x"), axis=1).ndim
    2
    """
    x, mask = as_expr(a), _mask(condition)
    if axis is None:
        x, axis = _flat(x), 0
    before = (slice(None),) * axis_of(axis, x.ndim)
    if is_constant(mask) and mask.ndim == 1:
        return getitem(x, (*before, constant(np.flatnonzero(value_of(mask)), INT)))
    n, m = (v.type.shape[k] for v, k in ((x, len(before)), (mask, 0)))
    if m is not None and n != m:
        x = getitem(x, (*before, slice(m)))
    return getitem(x, (*before, mask))


@builder
def extract(condition: Any, arr: Any) -> Expr:
    """The elements of `arr`, in C order, where `condition` (of as many elements) holds: `compress(ravel(condition), ravel(arr))`.

    >>> extract([True, False, True], [1, 2, 3]).eval()
    array([1, 3])
    """
    return compress(_flat(_mask(condition)), _flat(as_expr(arr)), 0)


# -- one of several --------------------------------------------------------------------------------------------------
@builder
def choose(a: Any, choices: Any, mode: str = "raise") -> Expr:
    """out[...] = choices[a[...]][...]: for each element the number of the tensor it comes from; all are broadcast together.

    `choices` is a list of tensors, or one whose first axis counts them. Numbers outside raise BoundsError, or are moved to the
    ends or counted round, as `mode` says.

    >>> choose([0, 1, 0], [[1, 2, 3], [10, 20, 30]]).eval()
    array([ 1, 20,  3])
    """
    i = as_expr(a)
    if i.dtype.kind not in "biu":
        raise DtypeError(f"choose takes whole numbers, not {i.type.text()}", at=user_line())
    if isinstance(choices, Expr):
        found = choices
        n: Any = length_of(found, 0)
        i = _checked(cast(i, INT), n, mode)
        shape = joined(lengths_now(i), lengths_now(found)[1:])
        wide = (1,) * (len(shape) - found.ndim + 1)
        found = reshape(found, (n, *wide, *lengths_now(found)[1:]))
        picked = take_along_axis(broadcast_to(found, (n, *shape)), broadcast_to(i, shape)[None], 0)
        return picked[0]
    tensors = [as_expr(c) for c in choices]
    if not tensors:
        raise ArgumentValueError("choose needs at least one tensor to choose from", at=user_line())
    dtype = np.result_type(*(t.dtype for t in tensors))
    i = _checked(cast(i, INT), len(tensors), mode)
    made = cast(tensors[-1], dtype)
    for k in reversed(range(len(tensors) - 1)):
        made = where(BUILDERS["equal"](i, k), cast(tensors[k], dtype), made)
    return broadcast_to(made, joined(lengths_now(i), lengths_now(made)))


def _checked(i: Expr, n: Any, mode: str) -> Expr:
    if mode != "raise":
        return as_expr(_by_mode(i, n, mode, "choose"))
    fits = BUILDERS["logical_and"](i >= 0, i < n)
    return check(i, fits, message="a number that choose takes is not one of its tensors'", kind="BoundsError")


@builder
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Expr:
    """For each element the choice that goes with the first condition that holds there, `default` where none does.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> select([x < 0, x > 1], [-1.0, x], 0.0).eval({x: [-3.0, 0.5, 2.0]})
    array([-1.,  0.,  2.])
    """
    conditions, choices = list(condlist), list(choicelist)
    if len(conditions) != len(choices) or not conditions:
        raise ArgumentValueError(f"select takes a choice for each condition, not {len(choices)} for {len(conditions)}",
                                 at=user_line())
    made: Any = default
    for c, v in reversed(list(zip(conditions, choices, strict=True))):
        c = as_expr(c)
        if c.dtype != BOOL:
            raise DtypeError(f"a condition of select is boolean, not {c.type.text()}", at=user_line())
        made = where(c, v, made)
    return as_expr(made)


@builder
def piecewise(x: Any, condlist: Sequence[Any], funclist: Sequence[Any], *args: Any, **kw: Any) -> Expr:
    """A function of x given piece by piece: where a condition holds, the function (or number) that goes with it; of several that
    hold the last. One function more than conditions holds elsewhere, else 0.

    The functions take the whole x, not a part of it as NumPy's do. The result has the dtype of x.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: 2 * x]).eval({x: [-3.0, 2.0]})
    array([3., 4.])
    """
    x = as_expr(x)
    several = isinstance(condlist, list | tuple) and (not condlist or not np.isscalar(condlist[0]))
    conditions = [_mask(c) for c in condlist] if several else [_mask(condlist)]
    functions = list(funclist)
    if len(functions) not in (len(conditions), len(conditions) + 1):
        raise ArgumentValueError(f"piecewise takes {len(conditions)} functions or one more, not {len(functions)}", at=user_line())

    def value(f: Callable[..., Any] | Any) -> Expr:
        return stored(f(x, *args, **kw) if callable(f) and not isinstance(f, Expr) else f, x.dtype)

    rest: Any = functions[len(conditions)] if len(functions) > len(conditions) else constant(0, x.dtype)
    made = broadcast_to(value(rest), lengths_now(x))
    for c, f in zip(conditions, functions, strict=False):
        made = where(c, value(f), made)
    return made


# -- put -------------------------------------------------------------------------------------------------------------
def _cycled(values: Any, dtype: Any, places: Any) -> Expr:
    """The elements of `values` at `places` counted round them."""
    v = _flat(stored(values, dtype))
    if v.type.shape[0] == 1:
        return v[0]
    return getitem(v, BUILDERS["remainder"](places, length_of(v, 0)))


@builder
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> Expr:
    """`a` with the values v, repeated as needed, put at the places `ind` counted in C order; of several for one place the last.

    NumPy changes `a`; here the changed tensor is the result. `mode` is that of `take`.

    >>> put([[1, 2], [3, 4]], [0, 3], [9, 8]).eval()
    array([[9, 2],
           [3, 8]])
    """
    x, i = as_expr(a), _flat(as_expr(ind))
    flat = _flat(x)
    place = getitem(flat, _by_mode(i, length_of(flat, 0), mode, "put"))
    return reshape(set_subtensor(place, _cycled(v, x.dtype, BUILDERS["arange"](length_of(i, 0)))), lengths_now(x))


@builder
def putmask(a: Any, mask: Any, values: Any) -> Expr:
    """`a` with `values` put where `mask` holds: the value at the same place in C order, counted round if there are fewer.

    NumPy changes `a`; here the changed tensor is the result.

    >>> putmask([1, 2, 3, 4], [True, False, True, True], [10, 20]).eval()
    array([10,  2, 10, 20])
    """
    x, m = as_expr(a), _mask(mask)
    count = BUILDERS["arange"](product(lengths_now(x)))
    wide = _cycled(values, x.dtype, count)
    return where(reshape(m, lengths_now(x)), reshape(wide, lengths_now(x)) if wide.ndim else wide, x)


@builder
def place(arr: Any, mask: Any, vals: Any) -> Expr:
    """`arr` with `vals`, one after the other and again as needed, put where `mask` holds, in C order.

    NumPy changes `arr`; here the changed tensor is the result.

    >>> place([1, 2, 3, 4], [True, False, True, True], [10, 20]).eval()
    array([10,  2, 20, 10])
    """
    x, m = as_expr(arr), _flat(_mask(mask))
    where_put = getitem(_flat(x), m)
    values = _cycled(vals, x.dtype, BUILDERS["arange"](length_of(where_put, 0)))
    return reshape(set_subtensor(where_put, values), lengths_now(x))
