"""`x[key]` as NumPy reads it, built of the ops of indexing; `x[key].set(v)` and `.inc(v)`."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, BoundsError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, explain, is_constant, make, value_of, where
from ..op import BUILDERS, builder
from . import indexing as ops
from .axes import expand_dims, expand_dims_op, transpose_op
from .elementwise import BOOL, cast
from .elementwise import where as where_
from .indexing import FULL, Item, does_not_fit, spread
from .lengths import INT, axis_of, known_int, length, length_of, lengths_now, product, shape_op, user_line
from .shape import broadcast_to, reshape, reshape_op

__all__ = ["compress", "getitem", "inc_subtensor", "set_subtensor", "take"]

_bases: weakref.WeakKeyDictionary[Expr, Expr] = weakref.WeakKeyDictionary()     # x[key] -> x, where key took several ops


@dataclass
class _Key:
    """A subscript taken apart: for each axis of x its part, and in which order the parts stood."""

    parts: list[tuple[str, Any]]            # ("int", v) ("slice", s) ("new", None) ("array", i) ("mask", m)

    def count(self, *kinds: str) -> int:
        """How many parts are of these kinds."""
        return sum(k in kinds for k, _ in self.parts)


# -- reading the key -------------------------------------------------------------------------------------------------
def _read(key: Any, x: Expr) -> _Key:
    parts = [_part(p) for p in (key if isinstance(key, tuple) else (key,))]
    covered = sum(v.ndim if k == "mask" else k not in ("new", "rest") for k, v in parts)
    if sum(k == "rest" for k, _ in parts) > 1:
        raise ArgumentError("an index can have one ... only")
    if covered > x.ndim:
        raise ShapeError(f"{covered} indices for a tensor of {x.ndim} axes")
    fill = [("slice", slice(None))] * (x.ndim - covered)
    at = next((n for n, (k, _) in enumerate(parts) if k == "rest"), len(parts))
    return _Key(parts[:at] + fill + parts[at + 1:])


def _part(p: Any) -> tuple[str, Any]:
    if p is None:
        return "new", None
    if p is Ellipsis:
        return "rest", None
    if isinstance(p, slice):
        return "slice", p
    if isinstance(p, bool | np.bool_):
        raise ArgumentError("True and False are no indices of a tensor", hint="use a boolean mask of the axis' length")
    if isinstance(p, int | np.integer):
        return "int", int(p)
    if isinstance(p, list) and not p:
        p = np.zeros(0, INT)
    try:
        e = as_expr(p)
    except (DtypeError, ArgumentError):
        raise DtypeError(f"an index is made of whole numbers, slices, None, ... and masks, not {p!r:.60}",
                         at=user_line()) from None
    if e.dtype == BOOL and e.ndim:
        if is_constant(e) and e.ndim == 1:
            return "array", constant(np.flatnonzero(value_of(e)), INT)
        return "mask", e
    if e.dtype.kind not in "iu":
        raise DtypeError(f"an index is made of whole numbers or booleans, not {e.type.text()}", at=user_line())
    if not e.ndim:
        return "int", known_int(e)
    return "array", cast(e, INT)


def _whole(v: Any) -> Any:
    """An end or a step of a slice: None, an int, or an int64 scalar expression."""
    if v is None:
        return None
    if isinstance(v, Expr):
        if v.dtype.kind not in "iu" or v.ndim:
            raise DtypeError(f"a slice has whole numbers, not {v.type.text()}", at=where(v))
        found = known_int(v)
        return cast(found, INT) if isinstance(found, Expr) else found
    try:
        return operator.index(v)
    except TypeError:
        raise ArgumentError(f"a slice has whole numbers, not {v!r}") from None


def _item(kind: str, v: Any, n: int | None, scalars: list[Expr]) -> Item:
    """The spec item for one axis; expressions go to `scalars`. Where lengths are known negative numbers count from the front."""
    if kind == "int":
        if isinstance(v, Expr):
            scalars.append(cast(v, INT))
            return ("int", None)
        return ("int", v + n if v < 0 and n is not None and v >= -n else v)
    if kind != "slice":
        return FULL
    start, stop, step = (_whole(b) for b in (v.start, v.stop, v.step))
    if isinstance(step, int) and step == 0:
        raise ArgumentError("a slice can't have step 0")
    if not any(isinstance(b, Expr) for b in (start, stop, step)):
        return _plain_slice(start, stop, step, n)
    scalars.extend(b for b in (start, stop, step) if isinstance(b, Expr))
    return ("slice", *("?" if isinstance(b, Expr) else b for b in (start, stop, step)))


def _plain_slice(start: int | None, stop: int | None, step: int | None, n: int | None) -> Item:
    step = None if step == 1 else step
    forward = step is None or step > 0
    if n is not None:
        low, high, by = slice(start, stop, step).indices(n)
        if not len(range(low, high, by)):
            return ("slice", 0, 0, None)
        start = None if low == (0 if forward else n - 1) else low
        stop = None if (high >= n if forward else high < 0) else high
    elif forward and start == 0:
        start = None
    return ("slice", start, stop, step)


# -- x[key] ----------------------------------------------------------------------------------------------------------
@builder
def getitem(x: Any, key: Any) -> Expr:
    """x[key] with NumPy's meaning: numbers, slices of any step, None, ..., integer arrays (broadcast together), one boolean mask.

    Numbers may be integer expressions. Raises BoundsError, ShapeError, DtypeError or ArgumentError for what NumPy refuses:
    when the graph is built if the lengths are known, else when it runs.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x", shape=(4, 6))
    >>> x[1:, ::-2].type.shape, x[[0, 2]].type.shape, x[x > 0].type.shape
    ((3, 3), (2, 6), (None,))
    """
    x = as_expr(x)
    try:
        parsed = _read(key, x)
        if x.op is shape_op and len(parsed.parts) == 1 and isinstance(parsed.parts[0][1], int):
            return _length_at(x, parsed.parts[0][1])
        made = _advanced(x, parsed) if parsed.count("array", "mask") else _basic(x, parsed)
    except (ShapeError, DtypeError, BoundsError, ArgumentError) as error:
        raise explain(error, ops.index_op, (x,)) from None
    if made.args and made.args[0] is not x:
        _bases[made] = x
    return made


def _length_at(x: Expr, k: int) -> Expr:
    ndim = x.type.shape[0]
    if not -ndim <= k < ndim:
        raise BoundsError(f"a shape of {ndim} lengths has no number {k}")
    return length(x.args[0], k)


def _basic(x: Expr, key: _Key) -> Expr:
    if key.count("new") and all(k == "new" or (k == "slice" and _is_whole(v)) for k, v in key.parts):
        return expand_dims(x, tuple(n for n, (k, _) in enumerate(key.parts) if k == "new"))
    made = _sliced(x, [p for p in key.parts if p[0] != "new"], keep=True)
    after = [k for k, _ in key.parts if k != "int"]
    return expand_dims(made, tuple(n for n, k in enumerate(after) if k == "new"))


def _is_whole(s: slice) -> bool:
    return s.start is None and s.stop is None and s.step is None


def _sliced(x: Expr, parts: Sequence[tuple[str, Any]], keep: bool = False) -> Expr:
    """The basic parts applied; axes of arrays and masks stay whole. With `keep` x[:] is a node too."""
    spec: list[Item] = []
    scalars: list[Expr] = []
    axis = 0
    for kind, v in parts:
        for _ in range(v.ndim if kind == "mask" else 1):
            spec.append(_item(kind, v, x.type.shape[axis], scalars))
            axis += 1
    if not keep and all(item == FULL for item in spec):
        return x
    return make(ops.index_op, (x, *scalars), (tuple(spec),))


def _advanced(x: Expr, key: _Key) -> Expr:
    """Arrays or a mask: first the basic parts, then the axes meant by arrays side by side, then one `take` or `compress`."""
    if key.count("mask") and key.count("mask", "array") > 1:
        raise ArgumentError("a mask can't be mixed with other masks or index arrays yet", hint="index in two steps")
    x = _sliced(x, [p for p in key.parts if p[0] != "new"])
    left = [(k, v) for k, v in key.parts if k not in ("new", "int")]
    places = [n for k, v in left for n in ([k] * (v.ndim if k == "mask" else 1))]
    chosen = [n for n, k in enumerate(places) if k != "slice"]
    rest = [n for n, k in enumerate(places) if k == "slice"]
    front = 0 if _apart(key) or key.count("mask") else chosen[0]
    x = _permuted(x, (*rest[:front], *chosen, *rest[front:]))
    if key.count("mask"):
        (mask,) = (v for k, v in key.parts if k == "mask")
        made, rank = make(ops.compress_op, (x, mask)), 1
        before = 0 if _apart(key) else sum(n < chosen[0] for n in rest)
        made = _permuted(made, (*range(1, before + 1), 0, *range(before + 1, made.ndim)))
        front = before
    else:
        made, rank = _taken(x, [v for k, v in key.parts if k == "array"], front)
    return _with_new_axes(made, key, rank, front)


def _apart(key: _Key) -> bool:
    """Whether something stands between the arrays and numbers of a key: NumPy then puts their axes first."""
    at = [n for n, (k, _) in enumerate(key.parts) if k in ("array", "mask", "int")]
    return at != list(range(at[0], at[-1] + 1))


def _permuted(x: Expr, order: tuple[int, ...]) -> Expr:
    return x if order == tuple(range(x.ndim)) else make(transpose_op, (x,), (order,))


def _taken(x: Expr, arrays: Sequence[Expr], axis: int) -> tuple[Expr, int]:
    """x at arrays of indices for the axes from `axis` on, and the rank of the indices."""
    if len(arrays) == 1:
        i = arrays[0]
    else:
        now = lengths_now(x)[axis: axis + len(arrays)]
        i = make(ops.ravel_index_op, (*arrays, *(length(x, axis + k) for k in range(len(arrays)))), (len(arrays),))
        before, after = lengths_now(x)[:axis], lengths_now(x)[axis + len(arrays):]
        x = reshape(x, (*before, product(now), *after))
    _check_bounds(i, x.type.shape[axis], axis)
    return make(ops.take_op, (x, i), (axis,)), i.ndim


def _check_bounds(i: Expr, n: int | None, axis: int) -> None:
    if n is not None and is_constant(i):
        ops._within(value_of(i), n, axis)


def _with_new_axes(made: Expr, key: _Key, rank: int, front: int) -> Expr:
    """The axes that None asks for, put among those of slices and of the indices."""
    layout: list[str] = ["index"] * rank if _apart(key) else []
    done = bool(layout) or _apart(key)
    for kind, _ in key.parts:
        if kind in ("slice", "new"):
            layout.append(kind)
        elif not done:
            layout += ["index"] * rank
            done = True
    return expand_dims(made, tuple(n for n, k in enumerate(layout) if k == "new"))


@builder
def take(x: Any, indices: Any, axis: int | None = None) -> Expr:
    """The elements of x at an integer array of `indices` along `axis` (None: of x in C order); BoundsError outside.

    >>> import tensorviz as tv
    >>> take(tv.matrix("x", shape=(4, 6)), [[0, 1], [2, 3]], axis=1).type.shape
    (4, 2, 2)
    """
    x = as_expr(x)
    if axis is None:
        x, axis = reshape(x, (product(lengths_now(x)),)), 0
    return getitem(x, (*(slice(None),) * axis_of(axis, x.ndim), indices))


@builder
def compress(condition: Any, x: Any, axis: int | None = None) -> Expr:
    """The elements (or along `axis` the slices) of x where the boolean vector `condition` holds.

    >>> import tensorviz as tv
    >>> compress(tv.vector("c") > 0, tv.matrix("x"), axis=1).ndim
    2
    """
    x, condition = as_expr(x), as_expr(condition)
    if axis is None:
        x, axis = reshape(x, (product(lengths_now(x)),)), 0
    mask = condition if condition.dtype == BOOL else BUILDERS["not_equal"](condition, 0)
    return getitem(x, (*(slice(None),) * axis_of(axis, x.ndim), mask))


# -- set and increment -----------------------------------------------------------------------------------------------
@builder
def set_subtensor(place: Any, value: Any) -> Expr:
    """For place = x[key]: x with `value` (broadcast, cast to x's dtype) put at key; x itself stays as it is.

    Raises ArgumentError if `place` is not x[key], DtypeError where the value would lose its imaginary part or fraction.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x", shape=(4, 6))
    >>> set_subtensor(x[1], 0.0).type.shape
    (4, 6)
    """
    return _change(place, value, "set")


@builder
def inc_subtensor(place: Any, value: Any) -> Expr:
    """For place = x[key]: x with `value` (broadcast, cast to x's dtype) added at key; indices that occur twice add up.

    Raises what `set_subtensor` raises.

    >>> import tensorviz as tv
    >>> x = tv.vector("x", shape=(4,))
    >>> inc_subtensor(x[[0, 0]], 1.0).type.shape
    (4,)
    """
    return _change(place, value, "inc")


def _change(place: Any, value: Any, what: str) -> Expr:
    chain = _chain(place, what)
    value = as_expr(value)
    if value.dtype != place.dtype and not _can_put(value, place.dtype):
        error = DtypeError(f"cannot put {value.dtype} into {place.dtype}", hint="cast the value first")
        raise explain(error, ops.set_index_op, (place, value))
    value = cast(value, place.dtype)
    lead = place.ndim - value.ndim
    if lead < 0:
        raise explain(does_not_fit(value.type.shape, place.type.shape), ops.set_index_op, (place, value))
    for node in chain:
        if node.op in (expand_dims_op, transpose_op, reshape_op):
            value = _undone(node, broadcast_to(value, lengths_now(node)))
        else:
            value = _changed(node, value, what)
            what = "set"
    return chain[-1].args[0] + value if what == "inc" else value


def _can_put(value: Expr, dtype: np.dtype[Any]) -> bool:
    if np.can_cast(value.dtype, dtype, "same_kind"):
        return True
    if not is_constant(value) or value.ndim or value.dtype.kind not in "iub":
        return False
    return bool(value_of(value).astype(dtype) == value_of(value))


def _chain(place: Any, what: str) -> list[Expr]:
    """The ops from x[key] back to x, x[key] first."""
    base = _bases.get(place) if isinstance(place, Expr) else None
    if base is None and isinstance(place, Expr) and place.op in (ops.index_op, ops.take_op, ops.compress_op, expand_dims_op):
        base = place.args[0]
    if base is None:
        raise ArgumentError(f"{what} takes a place x[key], not another expression",
                            at=where(place) if isinstance(place, Expr) else (),
                            hint=f"x[1:].{what}(v), or tv.{what}_subtensor(x[1:], v)")
    chain = []
    while place is not base:
        chain.append(place)
        place = place.args[0]
    return chain


def _undone(node: Expr, value: Expr) -> Expr:
    """A value in the form of `node` put back into the form of its argument."""
    if node.op is expand_dims_op:
        return BUILDERS["squeeze"](value, node.params[0])
    if node.op is transpose_op:
        order = node.params[0]
        return _permuted(value, tuple(sorted(range(len(order)), key=order.__getitem__)))
    return reshape(value, lengths_now(node.args[0]))


def _changed(node: Expr, value: Expr, what: str) -> Expr:
    x, *rest = node.args
    if node.op is ops.index_op:
        return make(ops.set_index_op if what == "set" else ops.inc_index_op, (x, value, *rest), node.params)
    if node.op is ops.take_op:
        return make(ops.set_take_op if what == "set" else ops.inc_take_op, (x, value, *rest), node.params)
    mask = rest[0]
    if value.ndim <= x.ndim - mask.ndim:
        return where_(spread(mask, x), value if what == "set" else x + value, x)
    return make(ops.set_compress_op, (x, value if what == "set" else node + value, mask))


# -- diagonals -------------------------------------------------------------------------------------------------------
@builder
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Expr:
    """The diagonal number `offset` of the matrices in axes `axis1` and `axis2` of x, as the last axis of the result.

    >>> import tensorviz as tv
    >>> diagonal(tv.matrix("x", shape=(3, 4)), 1).type.shape
    (3,)
    """
    x = as_expr(x)
    a, b = axis_of(axis1, x.ndim), axis_of(axis2, x.ndim)
    if a == b:
        raise ShapeError("a diagonal goes through two different axes", at=user_line())
    x = _permuted(x, (*(k for k in range(x.ndim) if k not in (a, b)), a, b))
    n, m = length_of(x, x.ndim - 2), length_of(x, x.ndim - 1)
    down, right = (-offset, 0) if offset < 0 else (0, offset)
    count = BUILDERS["maximum"](BUILDERS["minimum"](as_expr(n) - down, as_expr(m) - right), 0)
    if isinstance(n, int) and isinstance(m, int):
        count = max(min(n - down, m - right), 0)
    places = BUILDERS["arange"](count)
    return getitem(x, (Ellipsis, places + down if down else places, places + right if right else places))


@builder
def diag(x: Any, k: int = 0) -> Expr:
    """For a matrix its diagonal number k; for a vector the matrix that has it there and zeros elsewhere.

    >>> import tensorviz as tv
    >>> diag(tv.vector("x", shape=(3,)), 1).type.shape
    (4, 4)
    """
    x = as_expr(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"diag takes a vector or a matrix, not {x.type.text()}", at=user_line())
    n = length_of(x, 0) + abs(k)
    rows = BUILDERS["arange"](length_of(x, 0))
    flat = rows * (n + 1) + (k if k >= 0 else -k * n)
    return reshape(set_subtensor(BUILDERS["zeros"]((n * n,), x.dtype)[flat], x), (n, n))


@builder
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Expr:
    """The sum of the diagonal number `offset` of the matrices in axes `axis1` and `axis2` of x.

    >>> import tensorviz as tv
    >>> trace(tv.matrix("x")).ndim
    0
    """
    return diagonal(x, offset, axis1, axis2).sum(axis=-1)
