"""`x[key]` as NumPy reads it, built of the ops of indexing; `x[key].set(v)` and `.inc(v)`."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, BoundsError, DtypeError, IndexingError, ShapeError
from ..expr import Expr, as_expr, constant, explain, is_constant, make, value_of, where
from ..op import BUILDERS, builder
from ..types import shape_text
from .axes import expand_dims, expand_dims_op, transpose_op
from .elementwise import BOOL, cast
from .elementwise import where as where_
from .indexing import (
    FULL,
    Item,
    compress_op,
    does_not_fit,
    inc_index_op,
    inc_take_op,
    index_op,
    set_compress_op,
    set_index_op,
    set_take_op,
    spread,
    take_op,
    within,
)
from .lengths import INT, known_int, length, lengths_now, shape_op, user_line
from .shape import broadcast_to, specify_shape, specify_shape_op

__all__ = ["getitem", "inc_subtensor", "set_subtensor"]

_bases: weakref.WeakKeyDictionary[Expr, Expr] = weakref.WeakKeyDictionary()     # x[key] -> x, where key took several ops


@dataclass
class _Key:
    """A subscript taken apart: for each axis of x its part, and in which order the parts stood."""

    parts: list[tuple[str, Any]]            # ("int", v) ("slice", s) ("new", None) ("array", i) ("mask", m) ("flag", b)
    apart: bool                             # something stands between arrays and numbers, be it ... for no axis: theirs go first

    def count(self, *kinds: str) -> int:
        """How many parts are of these kinds."""
        return sum(k in kinds for k, _ in self.parts)


# -- reading the key -------------------------------------------------------------------------------------------------
def _read(key: Any, x: Expr) -> _Key:
    parts = [_part(p) for p in (key if isinstance(key, tuple) else (key,))]
    covered = sum(v.ndim if k == "mask" else k not in ("new", "rest", "flag") for k, v in parts)
    if sum(k == "rest" for k, _ in parts) > 1:
        raise IndexingError("an index can have one ... only")
    if covered > x.ndim:
        raise IndexingError(f"{covered} indices for a tensor of {x.ndim} axes")
    fill = [("slice", slice(None))] * (x.ndim - covered)
    at = next((n for n, (k, _) in enumerate(parts) if k == "rest"), len(parts))
    chosen = [n for n, (k, _) in enumerate(parts) if k in ("array", "mask", "flag", "int")]
    return _Key(parts[:at] + fill + parts[at + 1:], bool(chosen) and chosen[-1] - chosen[0] >= len(chosen))


def _part(p: Any) -> tuple[str, Any]:
    if p is None:
        return "new", None
    if p is Ellipsis:
        return "rest", None
    if isinstance(p, slice):
        return "slice", p
    if isinstance(p, int | np.integer) and not isinstance(p, bool):
        return "int", int(p)
    if isinstance(p, list) and not p:
        p = np.zeros(0, INT)
    try:
        e = as_expr(p)
    except (DtypeError, ArgumentError):
        raise IndexingError(f"an index is made of whole numbers, slices, None, ... and masks, not {p!r:.60}",
                            at=user_line()) from None
    if e.dtype == BOOL:
        return ("mask" if e.ndim else "flag"), e
    if e.dtype.kind not in "iu":
        raise IndexingError(f"an index is made of whole numbers or booleans, not {e.type.text()}", at=user_line())
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
        raise ArgumentValueError("a slice can't have step 0")
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


def _settled(x: Expr, key: _Key) -> tuple[Expr, _Key]:
    """Booleans as NumPy takes them: True or False (no axes) is a mask over a new axis of length 1, a mask of known values or one
    beside other arrays stands for the arrays of the places where it is true.

    A mask of unknown values that is alone stays.
    """
    alone = key.count("array", "mask", "flag") == 1
    axis, parts = 0, []
    for kind, v in key.parts:
        if kind == "flag":
            x, kind = expand_dims(x, axis), "mask"
            v = constant(value_of(v).reshape(1)) if is_constant(v) else expand_dims(v, 0)
        if kind == "mask" and (is_constant(v) or not alone):
            x, v = _covered(x, v, axis)
            places = np.nonzero(value_of(v)) if is_constant(v) else BUILDERS["nonzero"](v)
            parts += [("array", as_expr(i, INT)) for i in places]
        else:
            parts.append((kind, v))
        axis += v.ndim if kind == "mask" else kind != "new"
    return x, _Key(parts, key.apart)


def _covered(x: Expr, mask: Expr, axis: int) -> tuple[Expr, Expr]:
    """x and a mask over its axes from `axis` on, with the promise that their lengths are equal."""
    ours, theirs = x.type.shape[axis:axis + mask.ndim], mask.type.shape
    if any(None not in (n, m) and n != m for n, m in zip(ours, theirs, strict=True)):
        raise IndexingError(f"a mask of shape {shape_text(theirs)} does not cover axes of shape {shape_text(ours)}")
    if None in ours and is_constant(mask):
        return specify_shape(x, (*(None,) * axis, *theirs, *(None,) * (x.ndim - axis - mask.ndim))), mask
    return x, specify_shape(mask, lengths_now(x)[axis:axis + mask.ndim])


# -- x[key] ----------------------------------------------------------------------------------------------------------
@builder
def getitem(x: Any, key: Any) -> Expr:
    """x[key] with NumPy's meaning: numbers, slices of any step, None, ..., integer arrays (broadcast together), boolean masks.

    Numbers may be integer expressions. Raises BoundsError, ShapeError, DtypeError or ArgumentError for what NumPy refuses:
    when the graph is built if the lengths are known, else when it runs.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x", shape=(4, 6))
    >>> x[1:, ::-2].type.shape, x[[0, 2]].type.shape, x[x > 0].type.shape
    ((3, 3), (2, 6), (None,))
    """
    x = as_expr(x)
    try:
        base, parsed = x, _read(key, x)
        if x.op is shape_op and len(parsed.parts) == 1 and isinstance(parsed.parts[0][1], int):
            return _length_at(x, parsed.parts[0][1])
        if parsed.count("mask", "flag"):
            x, parsed = _settled(x, parsed)
        made = _advanced(x, parsed) if parsed.count("array", "mask") else _basic(x, parsed)
    except (ShapeError, DtypeError, BoundsError, ArgumentError) as error:
        raise explain(error, index_op, (x,)) from None
    if made.args and made.args[0] is not base:
        _bases[made] = base
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
    return make(index_op, (x, *scalars), (tuple(spec),))


def _advanced(x: Expr, key: _Key) -> Expr:
    """Arrays or a mask: first the basic parts, then the axes meant by arrays side by side, then one `take` or `compress`."""
    x = _sliced(x, [p for p in key.parts if p[0] != "new"])
    left = [(k, v) for k, v in key.parts if k not in ("new", "int")]
    places = [n for k, v in left for n in ([k] * (v.ndim if k == "mask" else 1))]
    chosen = [n for n, k in enumerate(places) if k != "slice"]
    rest = [n for n, k in enumerate(places) if k == "slice"]
    front = 0 if key.apart or key.count("mask") else chosen[0]
    x = _permuted(x, (*rest[:front], *chosen, *rest[front:]))
    if key.count("mask"):
        (mask,) = (v for k, v in key.parts if k == "mask")
        made, rank = make(compress_op, (x, mask)), 1
        before = 0 if key.apart else sum(n < chosen[0] for n in rest)
        made = _permuted(made, (*range(1, before + 1), 0, *range(before + 1, made.ndim)))
        front = before
    else:
        made, rank = _taken(x, [v for k, v in key.parts if k == "array"], front)
    return _with_new_axes(made, key, rank, front)


def _permuted(x: Expr, order: tuple[int, ...]) -> Expr:
    return x if order == tuple(range(x.ndim)) else make(transpose_op, (x,), (order,))


def _taken(x: Expr, arrays: Sequence[Expr], axis: int) -> tuple[Expr, int]:
    """x at arrays of indices for the axes from `axis` on, and the rank of what the indices broadcast to."""
    for k, i in enumerate(arrays, axis):
        _check_bounds(i, x.type.shape[k], k)
    return make(take_op, (x, *arrays), (axis,)), max(i.ndim for i in arrays)


def _check_bounds(i: Expr, n: int | None, axis: int) -> None:
    if n is not None and is_constant(i):
        within(value_of(i), n, axis)


def _with_new_axes(made: Expr, key: _Key, rank: int, front: int) -> Expr:
    """The axes that None asks for, put among those of slices and of the indices."""
    layout: list[str] = ["index"] * rank if key.apart else []
    done = key.apart
    for kind, _ in key.parts:
        if kind in ("slice", "new"):
            layout.append(kind)
        elif not done:
            layout += ["index"] * rank
            done = True
    return expand_dims(made, tuple(n for n, k in enumerate(layout) if k == "new"))


# -- set and increment -----------------------------------------------------------------------------------------------
@builder
def set_subtensor(place: Any, value: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False) -> Expr:
    """For place = x[key]: x with `value` (broadcast, cast to x's dtype) put at key; x itself stays as it is.

    `inplace` and what follows are Theano's and mean nothing here: compiling decides what happens in place. Raises
    ArgumentError if `place` is not x[key], DtypeError where the value would lose its imaginary part or fraction.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x", shape=(4, 6))
    >>> set_subtensor(x[1], 0.0).type.shape
    (4, 6)
    """
    return _change(place, value, "set")


@builder
def inc_subtensor(place: Any, value: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False,
                  ignore_duplicates: bool = False, set_instead_of_inc: bool = False) -> Expr:
    """For place = x[key]: x with `value` (broadcast, cast to x's dtype) added at key; indices that occur twice add up, with
    `ignore_duplicates` (as in NumPy's x[key] += value) the last one alone counts.

    Raises what `set_subtensor` raises. `set_instead_of_inc` (Theano's) makes it `set_subtensor`.

    >>> import tensorviz as tv
    >>> x = tv.vector("x", shape=(4,))
    >>> inc_subtensor(x[[0, 0]], 1.0).type.shape
    (4,)
    """
    if set_instead_of_inc:
        return _change(place, value, "set")
    return _change(place, place + cast(as_expr(value), place.dtype), "set") if ignore_duplicates else _change(place, value, "inc")


def _change(place: Any, value: Any, what: str) -> Expr:
    chain = _chain(place, what)
    value = constant(value, place.dtype) if type(value) is int and place.dtype.kind in "iu" else as_expr(value)
    if value.dtype != place.dtype and not _can_put(value, place.dtype):
        error = DtypeError(f"cannot put {value.dtype} into {place.dtype}", hint="cast the value first")
        raise explain(error, set_index_op, (place, value))
    value = cast(value, place.dtype)
    more = value.ndim - place.ndim
    if more > 0 and all(n == 1 for n in value.type.shape[:more]):
        value = BUILDERS["squeeze"](value, tuple(range(more)))          # as NumPy's assignment does
    if place.ndim < value.ndim:
        raise explain(does_not_fit(value.type.shape, place.type.shape), set_index_op, (place, value))
    if what == "set" and all(node.op in (expand_dims_op, transpose_op, specify_shape_op) for node in chain):
        base = chain[-1].args[0]                # all of it, and the result still depends on it
        chain.append(_sliced(base, [("slice", slice(None))] * base.ndim, keep=True))
    for node in chain:
        if node.op in (expand_dims_op, transpose_op):
            value = _undone(node, broadcast_to(value, lengths_now(node)))
        elif node.op is specify_shape_op:
            continue
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
    if base is None and isinstance(place, Expr) and place.op in (index_op, take_op, compress_op, expand_dims_op):
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
    order = node.params[0]
    return _permuted(value, tuple(sorted(range(len(order)), key=order.__getitem__)))


def _changed(node: Expr, value: Expr, what: str) -> Expr:
    x, *rest = node.args
    if node.op is index_op:
        return make(set_index_op if what == "set" else inc_index_op, (x, value, *rest), node.params)
    if node.op is take_op:
        return make(set_take_op if what == "set" else inc_take_op, (x, value, *rest), node.params)
    mask = rest[0]
    if value.ndim <= x.ndim - mask.ndim:
        return where_(spread(mask, x), value if what == "set" else x + value, x)
    return make(set_compress_op, (x, value if what == "set" else node + value, mask))
