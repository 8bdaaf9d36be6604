"""Indexing: what is picked from something just made is picked at its source."""

from __future__ import annotations

from typing import Any

from ...core.expr import Expr, constant, constant_op, make, value_of
from ...core.op import BUILDERS
from ...core.ops.axes import expand_dims_op
from ...core.ops.indexing import inc_index_op, index_op, set_index_op, take_op
from ...core.ops.joining import concatenate_op
from ...core.ops.lengths import INT, length, shape_op
from ...core.ops.shape import broadcast_to_op
from ..lengths import axes_lengths, same_lengths
from ..rule import EXACT, REAL, collect, rewrite
from .shapes import tensor

__all__ = ["RULES"]
S = "indexing"
FULL = ("slice", None, None, None)
Item = tuple[Any, ...]


# -- basic indices -----------------------------------------------------------------------------------------------------
def _whole() -> list[Expr]:
    return [tensor(None, 3)[:], tensor(4)[:]]


@rewrite("index", S, EXACT, formula="x[:, :] -> x", examples=_whole)
def index_everything(e: Expr) -> Expr | None:
    """Full slices pick everything."""
    return e.args[0] if all(item == FULL for item in e.kw["spec"]) else None


def _of_shape() -> list[Expr]:
    return [make(index_op, (make(shape_op, (tensor(None, 3),)),), ((("int", k),),)) for k in (0, 1)]


@rewrite("index", S, EXACT, formula="shape(x)[k] -> length(x, k)", examples=_of_shape)
def index_of_shape(e: Expr) -> Expr | None:
    """One length is read without making a vector of all."""
    x, item = e.args[0], e.kw["spec"][0]
    if x.op is not shape_op or item[0] != "int" or item[1] is None:
        return None
    return length(x.args[0], item[1] % x.args[0].ndim)


def _twice() -> list[Expr]:
    x, v = tensor(10, 8), tensor(None)
    return [x[2:9][1:6:2], x[::-1, 1:][2], x[:, 3][4], v[2:][3:], v[2:][1], x[1:][:, 2:]]


@rewrite("index", S, EXACT, formula="x[s][t] -> x[s o t]", examples=_twice)
def index_of_index(e: Expr) -> Expr | None:
    """A slice of a slice is a slice."""
    inner = e.args[0]
    if inner.op is not index_op or len(e.args) > 1 or len(inner.args) > 1:
        return None
    x, outer, spec = inner.args[0], iter(e.kw["spec"]), []
    for item, n in zip(inner.kw["spec"], x.type.shape, strict=True):
        joined = item if item[0] == "int" else _joined(item, next(outer), n)
        if joined is None:
            return None
        spec.append(joined)
    return make(index_op, (x,), (tuple(spec),))


def _joined(first: Item, second: Item, n: int | None) -> Item | None:
    """The item that picks what `second` picks of what `first` picks of an axis of length n; None if that is not known."""
    if second == FULL or first == FULL:
        return first if second == FULL else second
    if n is not None:
        left = range(n)[slice(*first[1:])]
        if second[0] == "int":
            return ("int", left[second[1]]) if -len(left) <= second[1] < len(left) else None
        return _slice_of(left[slice(*second[1:])])
    start, stop, step = first[1:]
    if start is None or start < 0 or stop is not None or step is not None or second[1] is None or second[1] < 0:
        return None
    if second[0] == "int":
        return ("int", start + second[1])
    return ("slice", start + second[1], None, None) if second[2:] == (None, None) else None


def _slice_of(r: range) -> Item:
    if not r:
        return ("slice", 0, 0, None)
    stop = r[-1] + (1 if r.step > 0 else -1)
    return ("slice", r[0], stop if stop >= 0 else None, None if r.step == 1 else r.step)


# -- pieces put together -----------------------------------------------------------------------------------------------
def _of_joined() -> list[Expr]:
    x, y = tensor(3, None), tensor(2, None)
    both = BUILDERS["concatenate"]([x, y], 0)
    rows = BUILDERS["stack"]([tensor(None), tensor(None)])
    return [both[1], both[3:], both[0:2, 1:], both[4], rows[1], rows[0, 1:]]


@rewrite("index", S, EXACT, formula="concatenate(x, y)[k] -> y[k - n]", examples=_of_joined, drops_shape_errors=True,
         vouches=True)
def index_of_concatenated(e: Expr) -> Expr | None:
    """What is picked lies within one of the pieces."""
    whole = e.args[0]
    if whole.op is not concatenate_op or len(e.args) > 1:
        return None
    axis, spec = whole.kw["axis"], e.kw["spec"]
    lengths = [piece.type.shape[axis] for piece in whole.args]
    low, high = _span(spec[axis], None if None in lengths else sum(lengths))
    first = 0
    for piece, n in zip(whole.args, lengths, strict=True):
        if n is None or low is None:
            return None
        if first <= low and high <= first + n:
            item = ("int", low - first) if spec[axis][0] == "int" else ("slice", low - first, high - first, None)
            return make(index_op, (piece,), ((*spec[:axis], item, *spec[axis + 1:]),))
        first += n
    return None


def _span(item: Item, n: int | None) -> tuple[Any, Any]:
    """The first place and the one after the last that an item with step 1 covers; (None, None) if it is not known."""
    if item[0] == "int":
        return (item[1], item[1] + 1) if item[1] is not None and item[1] >= 0 else (None, None)
    start, stop, step = item[1:]
    start, stop = 0 if start is None else start, n if stop is None else stop
    if step is not None or "?" in (start, stop) or stop is None or not 0 <= start <= stop:
        return None, None
    return start, stop


def _single() -> list[Expr]:
    return [make(concatenate_op, (tensor(None, 3),), (0,))]


@rewrite("concatenate", S, EXACT, formula="concatenate(x) -> x", examples=_single)
def concatenate_one(e: Expr) -> Expr | None:
    """One piece is the whole."""
    return e.args[0] if len(e.args) == 1 else None


def _of_expanded() -> list[Expr]:
    v = tensor(None)
    return [v[None, :][0], v[:, None][1:, 0], v[None, :, None][0, 2:]]


@rewrite("index", S, EXACT, formula="expand_dims(x, 0)[0] -> x", examples=_of_expanded)
def index_of_expanded(e: Expr) -> Expr | None:
    """The only place along a new axis is all there is."""
    inner, spec = e.args[0], e.kw["spec"]
    if inner.op is not expand_dims_op:
        return None
    new = inner.kw["axes"]
    if any(spec[k] not in (("int", 0), ("int", -1), FULL) for k in new):
        return None
    x = make(index_op, (inner.args[0], *e.args[1:]), (tuple(item for k, item in enumerate(spec) if k not in new),))
    left = [k for k, item in enumerate(spec) if item[0] == "slice"]
    axes = tuple(n for n, k in enumerate(left) if k in new)
    return make(expand_dims_op, (x,), (axes,)) if axes else x


# -- set and increment -------------------------------------------------------------------------------------------------
def _after_set() -> list[Expr]:
    x, v = tensor(4, None), tensor(None)
    return [make(index_op, (x[1].set(5.0),), x[2].params), make(index_op, (x[1:3].set(tensor()),), x[3:].params),
            make(index_op, (x[2].set(x[1]),), x[2].params), make(index_op, (x[1, 2:].set(v),), x[2].params),
            make(index_op, (v[2:].set(v[2:] + 1.0),), v[2:].params)]


@rewrite("index", S, EXACT, formula="set(x, v, k)[k] -> v", examples=_after_set, drops_shape_errors=True)
def index_of_set(e: Expr) -> Expr | None:
    """What was put there comes back; elsewhere x is as it was."""
    changed = e.args[0]
    if changed.op is not set_index_op:
        return None
    x, v = changed.args[:2]
    if not all(_inside(item, n) for item, n in zip(changed.kw["spec"], x.type.shape, strict=True)):
        return None
    if changed.params == e.params and changed.args[2:] == e.args[1:]:
        return v if same_lengths(v, e) else None
    if len(e.args) == 1 and any(_apart(a, b, n) for a, b, n in zip(changed.kw["spec"], e.kw["spec"], x.type.shape, strict=True)):
        return make(index_op, (x,), e.params)
    return None


def _inside(item: Item, n: int | None) -> bool:
    """Whether an item is sure to lie in an axis of length n: what puts something elsewhere must stay, for its error."""
    return item[0] == "slice" or (n is not None and item[1] is not None and -n <= item[1] < n)


def _apart(a: Item, b: Item, n: int | None) -> bool:
    """Whether two items pick nothing in common of an axis of known length."""
    if n is None or None in (a[1] if a[0] == "int" else 0, b[1] if b[0] == "int" else 0) or "?" in (*a, *b):
        return False
    first, second = ({range(n)[i[1]]} if i[0] == "int" else set(range(n)[slice(*i[1:])]) for i in (a, b))
    return not first & second


def _set_twice() -> list[Expr]:
    x = tensor(4, None)
    return [make(set_index_op, (x[1].set(2.0), tensor(None)), x[1].params)]


@rewrite("set_index", S, EXACT, formula="set(set(x, v, k), w, k) -> set(x, w, k)", examples=_set_twice, drops_shape_errors=True)
def set_of_set(e: Expr) -> Expr | None:
    """The later value hides the earlier one."""
    inner = e.args[0]
    if inner.op is not set_index_op or inner.params != e.params or inner.args[2:] != e.args[2:]:
        return None
    return make(set_index_op, (inner.args[0], *e.args[1:]), e.params)


def _inc_zero() -> list[Expr]:
    x = tensor(4, None)
    return [make(inc_index_op, (BUILDERS["zeros_like"](x), tensor(None)), x[1].params)]


@rewrite("inc_index", S, REAL, formula="inc(0, v, k) -> set(0, v, k)", examples=_inc_zero)
def increment_of_zeros(e: Expr) -> Expr | None:
    """0 + v is v; only the sign of a zero may differ."""
    x = e.args[0]
    if x.op is broadcast_to_op:
        x = x.args[0]
    if x.op is not constant_op or value_of(x).any() or value_of(x).size != 1:
        return None
    return make(set_index_op, e.args, e.params)


# -- one integer array -------------------------------------------------------------------------------------------------
def _takes() -> list[Expr]:
    x, v = tensor(5, None), tensor(None)
    arange = BUILDERS["arange"]
    return [x[arange(5)], v[arange(v.shape[0])], x[arange(1, 4)]]


@rewrite("take", S, EXACT, formula="x[arange(n)] -> x[:n]", examples=_takes)
def take_of_arange(e: Expr) -> Expr | None:
    """Places that follow each other are a slice."""
    x, places = e.args[:2]
    axis = e.kw["axis"]
    if len(e.args) > 2 or places.op.name != "arange" or any(a.op is not constant_op for a in places.args[:2]):
        return None
    first, step = (int(value_of(a)) for a in places.args[:2])
    count, n = places.type.shape[0], x.type.shape[axis]
    if first == 0 and step == 1 and axes_lengths(places)[0] == axes_lengths(x)[axis]:
        return x
    if step != 1 or count is None or n is None or first < 0 or first + count > n:
        return None
    item = ("slice", first, first + count, None)
    return make(index_op, (x,), ((*(FULL,) * axis, item, *(FULL,) * (x.ndim - axis - 1)),))


def _take_constant() -> list[Expr]:
    three, none = constant(3, INT), constant(0, INT)
    return [make(take_op, (tensor(5, None), three), (0,)), make(take_op, (tensor(None, 4), none), (1,))]


@rewrite("take", S, EXACT, formula="x[the constant k] -> x[k]", examples=_take_constant)
def take_one(e: Expr) -> Expr | None:
    """One known place needs no array of places."""
    x, places = e.args[:2]
    if len(e.args) > 2 or places.op is not constant_op or places.ndim:
        return None
    axis = e.kw["axis"]
    return make(index_op, (x,), ((*(FULL,) * axis, ("int", int(value_of(places))), *(FULL,) * (x.ndim - axis - 1)),))


RULES = collect(globals())
