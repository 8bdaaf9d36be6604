"""Broadcasts that are not needed go, others come as late as they can; sums that undo a broadcast that was none go too."""

from __future__ import annotations

from ...core.expr import Expr, make
from ...core.op import BUILDERS
from ...core.ops.axes import expand_dims_op
from ...core.ops.lengths import length
from ...core.ops.shape import broadcast_to_op, summed
from ..lengths import axes_lengths, carried, same_lengths
from ..rule import EXACT, REAL, collect, rewrite
from .shapes import tensor

__all__ = ["RULES"]
S = "canonicalise"


def _broadcasts() -> list[Expr]:
    x, y, c = tensor(None, 3), tensor(None, 3), tensor()
    b = BUILDERS["broadcast_to"]
    return [x * b(c, x.shape), y + b(tensor(3), y.shape), (x * y) * b(c, (x * y).shape), tensor(2, 3) - b(tensor(1, 3), (2, 3))]


@rewrite("elementwise ops", S, EXACT, formula="x * broadcast_to(y, shape(x)) -> x * y", examples=_broadcasts)
def broadcast_in_elementwise(e: Expr) -> Expr | None:
    """Elementwise ops broadcast by themselves; another operand carries the shape."""
    if len(e.args) < 2:
        return None
    for k, a in enumerate(e.args):
        if a.op is broadcast_to_op:
            others = [b for n, b in enumerate(e.args) if n != k]
            if carried(others, a) and carried((a,), a.args[0]):
                return make(e.op, (*e.args[:k], a.args[0], *e.args[k + 1:]), e.params)
    return None


def _lifts() -> list[Expr]:
    x, c = tensor(None, 3), tensor()
    b = BUILDERS["broadcast_to"]
    return [-b(c, x.shape), b(c, x.shape) * b(tensor(3), x.shape), 2.0 * b(c, x.shape), BUILDERS["exp"](b(tensor(1, 3), (2, 3)))]


@rewrite("elementwise ops", S, EXACT, formula="f(broadcast_to(x, s), c) -> broadcast_to(f(x, c), s)", examples=_lifts)
def broadcast_after_elementwise(e: Expr) -> Expr | None:
    """Computed once for each value that is repeated, not once for each repetition."""
    first: Expr | None = None
    for a in e.args:
        if a.op is broadcast_to_op:
            if first is not None and (a.args[1:] != first.args[1:] or a.params != first.params):
                return None
            first = first if first is not None else a
        elif a.ndim:
            return None
    if first is None:
        return None
    inner = make(e.op, tuple(a.args[0] if a.op is broadcast_to_op else a for a in e.args), e.params)
    return make(broadcast_to_op, (inner, *first.args[1:]), first.params)


def _twice() -> list[Expr]:
    x = tensor(None, 3)
    b = BUILDERS["broadcast_to"]
    own = make(broadcast_to_op, (x, length(x, 0)), ((None, 3),))
    return [b(b(tensor(3), (1, 3)), (4, 3)), b(b(tensor(), (x.shape[0], 1)), x.shape), own]


@rewrite("broadcast_to", S, EXACT, formula="broadcast_to(broadcast_to(x, s), t) -> broadcast_to(x, t)", examples=_twice)
def broadcast_of_broadcast(e: Expr) -> Expr | None:
    """Only the last shape counts; x itself if it is its own."""
    x = e.args[0]
    if e.ndim == x.ndim and same_lengths(e, x):
        return x
    if x.op is broadcast_to_op and carried((e,), x) and carried((e,), x.args[0]) and carried((x,), x.args[0]):
        return make(broadcast_to_op, (x.args[0], *e.args[1:]), e.params)
    if x.op is expand_dims_op and x.kw["axes"] == tuple(range(len(x.kw["axes"]))):
        return make(broadcast_to_op, (x.args[0], *e.args[1:]), e.params)
    return None


def _sums_to() -> list[Expr]:
    x = tensor(None, 3)
    op = BUILDERS["sum_to"]
    return [op(BUILDERS["exp"](x), x.shape), op(x * tensor(3), x.shape)]


@rewrite("sum_to", S, REAL, formula="sum_to(x, s) -> sum(x)", examples=_sums_to)
def sum_to_known_shape(e: Expr) -> Expr | None:
    """Which axes had been broadcast is known: those whose length is 1 before, and another after."""
    x = e.args[0]
    lead = x.ndim - e.ndim
    have, want = axes_lengths(x)[lead:], axes_lengths(e)
    if any(m not in (1, n) for n, m in zip(have, want, strict=True)):
        return None
    return summed(x, lead, [k for k, (n, m) in enumerate(zip(have, want, strict=True)) if m == 1 != n])


def _expanded_broadcasts() -> list[Expr]:
    b, expand = BUILDERS["broadcast_to"], BUILDERS["expand_dims"]
    return [expand(b(tensor(), (tensor(None).shape[0],)), 1), expand(b(tensor(3), (4, 3)), 0), expand(b(tensor(4, 1), (4, 3)), 2)]


@rewrite("expand_dims", S, EXACT, formula="expand_dims(broadcast_to(x)) -> broadcast_to(expand_dims(x))",
         examples=_expanded_broadcasts)
def expand_before_broadcast(e: Expr) -> Expr | None:
    """Axes first, repetition last, where it meets what makes it needless."""
    inner = e.args[0]
    if inner.op is not broadcast_to_op:
        return None
    x, target = inner.args[0], list(inner.kw["shape"])
    for k in e.kw["axes"]:
        target.insert(k, 1)
    if x.ndim:
        x = BUILDERS["expand_dims"](x, tuple(range(inner.ndim - x.ndim)))
        x = make(expand_dims_op, (x,), e.params)
    return make(broadcast_to_op, (x, *inner.args[1:]), (tuple(target),))


def _promised() -> list[Expr]:
    x, w = tensor(None, None), tensor(3, 3)
    return [BUILDERS["sum_to"](x.T @ tensor(None, 3), w.shape)]


@rewrite("sum_to", S, EXACT, formula="sum_to(x, s) -> specify_shape(x, s)", examples=_promised)
def sum_to_checked_shape(e: Expr) -> Expr | None:
    """No target length is 1, so nothing is summed: either x has that shape or it is an error."""
    x = e.args[0]
    if x.ndim != e.ndim:
        return None
    known = zip(e.type.shape, axes_lengths(x), axes_lengths(e), strict=True)
    if any(m == 1 or (m is None and n != k) for m, n, k in known):
        return None
    return BUILDERS["specify_shape"](x, e.type.shape)  # type: ignore[no-any-return]


RULES = collect(globals())
