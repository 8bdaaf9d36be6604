"""Batch rules: what each op is over arguments of which some have one more axis, the batch, in front.

A rule gets a `Call` and returns the node over the whole batch, its batch in front, or `Same(node)` if it is one for all.
Lengths may not differ within a batch: what would make them do so raises ShapeError. `RULES` is the table; elementwise ops need
no row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..expr import Expr, item, make, where
from ..op import BUILDERS
from ..ops.axes import expand_dims, moveaxis, squeeze, transpose
from ..ops.elementwise import cast
from ..ops.indexing import FULL, index_op, set_index_op
from ..ops.lengths import Length, filled, length, lengths, lengths_now, product, same
from ..ops.linalg import matmul
from ..ops.shape import broadcast_to, reshape
from ..types import TupleType

__all__ = ["RULES", "Call", "Same", "batch_rule", "rule_of", "spread"]

Result = Any


@dataclass(frozen=True)
class Same:
    """A result that is one for the whole batch."""

    node: Expr


@dataclass(frozen=True)
class Call:
    """A node to be batched: its arguments as they are now, which of them have the batch in front, and its length."""

    node: Expr
    args: tuple[Expr, ...]
    on: tuple[bool, ...]
    size: Length

    def rank(self, k: int) -> int:
        """How many axes argument k has without the batch."""
        return self.node.args[k].ndim

    def full(self, k: int) -> Expr:
        """Argument k with the batch in front, repeated if it has none."""
        a = self.args[k]
        return a if self.on[k] else broadcast_to(a, (self.size, *lengths_now(a)))

    def aligned(self, k: int, ndim: int) -> Expr:
        """Argument k so that it broadcasts against arguments of `ndim` axes: new axes after the batch."""
        return spread(self.args[k], ndim - self.rank(k)) if self.on[k] else self.args[k]

    def constant(self, first: int, what: str) -> tuple[Expr, ...]:
        """The arguments from `first` on, which must be one for the whole batch."""
        if any(self.on[first:]):
            raise self.ragged(what)
        return self.args[first:]

    def ragged(self, what: str) -> ShapeError:
        """The error for lengths that would differ within the batch."""
        return ShapeError(f"cannot map {self.node.op.name} over a batch: {what} would differ from member to member",
                          at=where(self.node),
                          hint="lengths must be those of all members: use a mask (tv.where), or a known length")

    def again(self, args: Sequence[Expr], **params: Any) -> Expr:
        """The op itself over other arguments, some parameters changed."""
        return make(self.node.op, tuple(args), tuple({**self.node.kw, **params}.values()))


def spread(x: Expr, count: int) -> Expr:
    """`count` new axes after the batch."""
    return expand_dims(x, tuple(range(1, count + 1))) if count > 0 else x


Rule = Callable[[Call], Result]
RULES: dict[str, Rule] = {}


def batch_rule(*names: str) -> Callable[[Rule], Rule]:
    """Register the batch rule of ops by name: of one's own, too."""
    def register(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return register


def rule_of(node: Expr) -> Rule:
    """The batch rule for a node: that of its op, or of all elementwise ops; else its members are made one by one."""
    return RULES.get(node.op.name, _elementwise if node.op.family == "elementwise" else _one_by_one)


MOST = 64               # members that an op without a rule is made for one by one


def _one_by_one(c: Call) -> Result:
    if not isinstance(c.size, int) or not 0 < c.size <= MOST:
        size = "an unknown number" if isinstance(c.size, Expr) else str(c.size)
        raise ArgumentError(f"{c.node.op.name} has no rule for vmap: it can be mapped over 1 to {MOST} members, not {size}",
                            at=where(c.node), hint="give it one: tensorviz.core.batch.batch_rule(name)(rule)")
    each = [c.again([BUILDERS["getitem"](a, k) if on else a for a, on in zip(c.args, c.on, strict=True)]) for k in range(c.size)]
    if isinstance(c.node.type, TupleType):
        return [BUILDERS["stack"]([item(e, k) for e in each]) for k in range(len(c.node.type.items))]
    return BUILDERS["stack"](each)


def _elementwise(c: Call) -> Result:
    ndim = max(a.ndim for a in c.node.args)
    return c.again([c.aligned(k, ndim) for k in range(len(c.args))])


# -- one tensor: its axes move up by one ---------------------------------------------------------------------------------
@batch_rule("grad_clip", "grad_scale", "undefined_grad", "zero_grad")
def _as_it_is(c: Call) -> Result:
    return c.again(c.args)


@batch_rule("all", "any", "max", "min", "prod", "sum")
def _reduction(c: Call) -> Result:
    return c.again(c.args, axes=tuple(k + 1 for k in c.node.kw["axes"]))


@batch_rule("expand_dims", "squeeze")
def _ones(c: Call) -> Result:
    return c.again(c.args, axes=tuple(k + 1 for k in c.node.kw["axes"]))


@batch_rule("transpose")
def _transpose(c: Call) -> Result:
    return transpose(c.args[0], (0, *(k + 1 for k in c.node.kw["axes"])))


@batch_rule("cummax", "cummin", "cumprod", "cumsum", "logcumsumexp", "prod_others")
def _along(c: Call) -> Result:
    return c.again(c.args, axis=c.node.kw["axis"] + 1)


@batch_rule("concatenate", "recurrence")
def _all_along(c: Call) -> Result:
    return c.again([c.full(k) for k in range(len(c.args))], axis=c.node.kw["axis"] + 1)


@batch_rule("argmax", "argmin")
def _place(c: Call) -> Result:
    (x,), axis, keep = c.args, c.node.kw["axis"], c.node.kw["keepdims"]
    if axis is not None:
        return c.again([x], axis=axis + 1)
    flat = reshape(x, (c.size, product(lengths_now(x)[1:])))
    made = c.again([flat], axis=1, keepdims=False)
    return expand_dims(made, tuple(range(1, x.ndim))) if keep and x.ndim > 1 else made


# -- shapes ----------------------------------------------------------------------------------------------------------------
@batch_rule("length")
def _length(c: Call) -> Result:
    return Same(length(c.args[0], c.node.kw["axis"] + 1))


@batch_rule("shape")
def _shape(c: Call) -> Result:
    return Same(BUILDERS["shape"](c.args[0])[1:])


@batch_rule("broadcast_length", "arange_count", "eye")
def _ragged(c: Call) -> Result:
    raise c.ragged("lengths")


def _target(c: Call, first: int = 1) -> tuple[Length, ...]:
    return filled(c.node.kw["shape"], c.constant(first, "lengths"))


@batch_rule("reshape")
def _reshape(c: Call) -> Result:
    x, target = c.args[0], list(_target(c))
    if -1 in c.node.kw["shape"]:
        k = c.node.kw["shape"].index(-1)
        above, below = list(lengths_now(x)[1:]), []
        for n in target[:k] + target[k + 1:]:
            at = next((i for i, m in enumerate(above) if same(m, n)), None)      # equal factors cancel
            if at is None:
                below.append(n)
            else:
                del above[at]
        target[k] = product(above) // product(below) if below else product(above)
    return reshape(x, (c.size, *target))


@batch_rule("broadcast_to")
def _broadcast(c: Call) -> Result:
    target = _target(c)
    return broadcast_to(c.aligned(0, len(target)), (c.size, *target))


@batch_rule("specify_shape")
def _specify(c: Call) -> Result:
    static, extra = lengths((c.size, *_target(c)))
    return make(c.node.op, (c.args[0], *extra), (static,))


@batch_rule("sum_to")
def _sum_to(c: Call) -> Result:
    target = _target(c)
    lead = c.rank(0) - len(target)
    static, extra = lengths((c.size, *(1,) * lead, *target))
    return squeeze(make(c.node.op, (c.args[0], *extra), (static,)), tuple(range(1, lead + 1)))


@batch_rule("arange")
def _arange(c: Call) -> Result:
    (n,) = _target(c, 2)
    start, step = (expand_dims(a, 1) if on else a for a, on in zip(c.args[:2], c.on, strict=False))
    return start + cast(BUILDERS["arange"](n), c.node.dtype) * step


@batch_rule("check")
def _check(c: Call) -> Result:
    return c.again([c.full(0), *c.args[1:]])


# -- indices -----------------------------------------------------------------------------------------------------------------
def _scalars(spec: Sequence[Any]) -> list[tuple[int, bool]]:
    """For each scalar argument of a basic index: its axis, and whether it is the index itself."""
    return [(k, kind == "int") for k, (kind, *values) in enumerate(spec) for v in values
            if v == ("?" if kind == "slice" else None)]


def _apart(c: Call, first: int) -> tuple[tuple[Any, ...], list[Expr], dict[int, Expr]]:
    """A basic index of which some numbers differ in the batch: the rest of it, its scalars, and these numbers by axis."""
    spec, rest, own = list(c.node.kw["spec"]), [], {}
    for (axis, whole), a, on in zip(_scalars(spec), c.args[first:], c.on[first:], strict=True):
        if not on:
            rest.append(a)
        elif whole:
            spec[axis], own[axis] = FULL, a
        else:
            raise c.ragged("the lengths of slices")
    return tuple(spec), rest, own


@batch_rule("index")
def _index(c: Call) -> Result:
    x, rank = c.args[0], c.rank(0)
    if not any(c.on[1:]):
        return c.again(c.args, spec=(FULL, *c.node.kw["spec"]))
    spec, rest, own = _apart(c, 1)
    x = make(c.node.op, (c.full(0), *rest), ((FULL, *spec),))
    return _at(x, _axes_left(spec, own, rank), list(own.values()))


def _span(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def _axes_left(spec: Sequence[Any], own: dict[int, Expr], rank: int) -> list[int]:
    """Where the axes `own` are once the other numbers of a basic index have taken theirs."""
    left = [k for k in range(rank) if spec[k][0] == "slice"]
    return [left.index(k) for k in own]


def _at(x: Expr, axes: Sequence[int], places: Sequence[Expr]) -> Expr:
    """x (batched) at one number along each of `axes` (counted without the batch), another one for each member."""
    moved = moveaxis(x, [k + 1 for k in axes], _span(1, len(axes)))
    return BUILDERS["getitem"](moved, (BUILDERS["arange"](lengths_now(x)[0]), *places))  # type: ignore[no-any-return]


@batch_rule("set_index", "inc_index")
def _change_index(c: Call) -> Result:
    spec, rank = c.node.kw["spec"], c.rank(0)
    place = sum(item[0] == "slice" for item in spec)
    if not any(c.on[2:]):
        return c.again([c.full(0), c.aligned(1, place), *c.args[2:]], spec=(FULL, *spec))
    inner, rest, own = _apart(c, 2)
    x, axes = c.full(0), list(range(1, len(own) + 1))
    inside = make(index_op, (x, *rest), ((FULL, *inner),))
    at = [k + 1 for k in _axes_left(inner, own, rank)]
    moved = moveaxis(inside, at, axes)
    target = moved[(BUILDERS["arange"](c.size), *own.values())]
    change = BUILDERS["set_subtensor" if c.node.op.name == "set_index" else "inc_subtensor"]
    changed = moveaxis(change(target, c.aligned(1, place)), axes, at)
    return make(set_index_op, (x, changed, *rest), ((FULL, *inner),))


@batch_rule("take")
def _take(c: Call) -> Result:
    axis, count, x = c.node.kw["axis"], len(c.args) - 1, c.args[0]
    if not any(c.on[1:]):
        return c.again(c.args, axis=axis + 1)
    rank = max(a.ndim for a in c.node.args[1:])
    places = [c.aligned(k, rank) for k in range(1, count + 1)]
    if not c.on[0]:
        made = c.again([x, *places])                    # the batch comes with the indices
        return moveaxis(made, axis, 0)
    moved, own = _rows(c, axis, count, rank)
    made = c.again([moved, own, *places], axis=0)       # (batch, places, before, after)
    return moveaxis(made, _span(1, rank), _span(axis + 1, rank))


def _rows(c: Call, axis: int, count: int, rank: int) -> tuple[Expr, Expr]:
    """The tensor with `count` axes from `axis` on right after the batch, and an index that says whose row is meant."""
    moved = moveaxis(c.full(0), _span(axis + 1, count), _span(1, count))
    own = BUILDERS["arange"](c.size)
    return moved, expand_dims(own, tuple(range(1, rank + 1))) if rank else own


@batch_rule("set_take", "inc_take")
def _change_take(c: Call) -> Result:
    axis, count = c.node.kw["axis"], len(c.args) - 2
    rank = max(a.ndim for a in c.node.args[2:])
    place = c.rank(0) - count + rank
    if not any(c.on[2:]):
        return c.again([c.full(0), c.aligned(1, place), *c.args[2:]], axis=axis + 1)
    places = [c.aligned(k, rank) for k in range(2, count + 2)]
    moved, own = _rows(c, axis, count, rank)
    value = c.aligned(1, place)
    value = expand_dims(value, tuple(range(place + 1 - value.ndim))) if value.ndim < place + 1 else value
    value = moveaxis(value, _span(axis + 1, rank), _span(1, rank))
    made = c.again([moved, value, own, *places], axis=0)
    return moveaxis(made, _span(1, count), _span(axis + 1, count))


@batch_rule("take_along")
def _take_along(c: Call) -> Result:
    return c.again([c.full(0), c.full(1)], axis=c.node.kw["axis"] + 1)


@batch_rule("set_along", "inc_along")
def _change_along(c: Call) -> Result:
    return c.again([c.full(0), c.aligned(1, c.rank(2)), c.full(2)], axis=c.node.kw["axis"] + 1)


@batch_rule("compress")
def _compress(c: Call) -> Result:
    if c.on[1]:
        raise c.ragged("the number of true elements of the mask")
    return moveaxis(c.again([moveaxis(c.args[0], 0, -1), c.args[1]]), -1, 0)


@batch_rule("set_compress")
def _set_compress(c: Call) -> Result:
    if c.on[2]:
        raise c.ragged("the number of true elements of the mask")
    place = c.rank(0) - c.rank(2) + 1
    x, v = moveaxis(c.full(0), 0, -1), c.aligned(1, place)
    v = moveaxis(v, 0, -1) if c.on[1] else expand_dims(v, v.ndim)
    return moveaxis(c.again([x, v, c.args[2]]), -1, 0)


# -- products ------------------------------------------------------------------------------------------------------------------
@batch_rule("matmul")
def _matmul(c: Call) -> Result:
    (a, b), (ra, rb), (on_a, on_b) = c.args, (c.rank(0), c.rank(1)), c.on
    if not on_b:
        if ra == 1 and rb > 2:                              # (B, 1.., 1, k) @ (.., k, n)
            return squeeze(matmul(spread(expand_dims(a, 1), rb - 2), b), -2)
        return matmul(c.aligned(0, max(ra, rb)) if ra > 1 else a, b)
    if not on_a and rb == 1:                                # rows of b by the transposed a: one product of matrices
        return matmul(b, transpose(a)) if ra == 2 else matmul(b, a) if ra == 1 else _columns(a, spread(b, ra - 2))
    if rb == 1:
        if ra == 1:
            return squeeze(matmul(expand_dims(a, 1), expand_dims(b, 2)), (1, 2))
        return _columns(a, spread(b, ra - 2))
    if ra == 1:
        return squeeze(matmul(spread(expand_dims(a, 1), rb - 2), b), -2) if on_a else matmul(a, b)
    return matmul(c.aligned(0, max(ra, rb)), c.aligned(1, max(ra, rb)))


def _columns(a: Expr, b: Expr) -> Expr:
    """Products of matrices a with vectors in the last axis of b."""
    return squeeze(matmul(a, expand_dims(b, b.ndim)), -1)


@batch_rule("gemm")
def _gemm(c: Call) -> Result:
    total, alpha, a, b, beta = (c.aligned(k, 2) for k in range(5))
    return beta * total + alpha * matmul(a, b)


# -- gradients of the user's ---------------------------------------------------------------------------------------------------
@batch_rule("custom_gradient")
def _custom(c: Call) -> Result:
    count = c.node.kw["count"]
    args = [c.full(k) for k in range(count)] + list(c.args[count:])
    return c.again(args, levels=((*(True,) * count, *c.on[count:]), *c.node.kw["levels"]))
