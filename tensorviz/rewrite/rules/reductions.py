"""Reductions: over nothing, of each other, of signs and factors that come out."""

from __future__ import annotations

from typing import Any

from ...core.expr import Expr, constant, make
from ...core.op import BUILDERS, OPS
from ...core.ops.axes import transpose_op
from ...core.ops.shape import broadcast_to_op
from ..conditions import at_least_one, is_constant, is_float
from ..pattern import max, min, sum
from ..rule import EXACT, FAST, REAL, collect, rewrite, rule
from .shapes import tensor

__all__ = ["RULES"]
S = "simplify"
Sides = tuple[Any, ...]
_axes = {"x": "matrix", "A": (1,), "K": True}
_FOLDS = ("sum", "prod", "max", "min", "any", "all")


def _empty() -> list[Expr]:
    return [make(OPS["sum"], (tensor(None, 3),), ((), False)), make(OPS["max"], (tensor(3),), ((), True))]


@rewrite(_FOLDS, S, REAL, formula="sum(x, axes=()) -> x", examples=_empty)
def reduce_over_nothing(e: Expr) -> Expr | None:
    """With no axes to reduce every element is its own sum; only the sign of a zero may differ."""
    return e.args[0] if not e.kw["axes"] else None


def _singles() -> list[Expr]:
    return [BUILDERS["sum"](tensor(None, 1), axis=1), BUILDERS["max"](tensor(1, 3), axis=0, keepdims=True)]


@rewrite(_FOLDS, S, REAL, formula="sum(x over an axis of length 1) -> squeeze(x)", examples=_singles)
def reduce_over_single(e: Expr) -> Expr | None:
    """One element is its own sum."""
    x, axes = e.args[0], e.kw["axes"]
    if not axes or any(x.type.shape[k] != 1 for k in axes):
        return None
    return x if e.kw["keepdims"] else BUILDERS["squeeze"](x, axes)


def _nested() -> list[Expr]:
    x = tensor(None, 3, 4)
    return [BUILDERS[f](BUILDERS[f](x, axis=1), axis=1) for f in ("sum", "max", "min")] + \
        [BUILDERS["sum"](BUILDERS["sum"](x, axis=0, keepdims=True), axis=1, keepdims=True)]


@rewrite(("sum", "max", "min", "any", "all"), S, REAL, formula="sum(sum(x, A), B) -> sum(x, A + B)", examples=_nested)
def reduce_of_reduced(e: Expr) -> Expr | None:
    """The same elements are added; as often, and no further from each other."""
    inner = e.args[0]
    if inner.op is not e.op or inner.kw["keepdims"] != e.kw["keepdims"]:
        return None
    x = inner.args[0]
    if e.kw["keepdims"]:
        axes = set(inner.kw["axes"]) | set(e.kw["axes"])
    else:
        left = [k for k in range(x.ndim) if k not in inner.kw["axes"]]
        axes = {*inner.kw["axes"], *(left[k] for k in e.kw["axes"])}
    if e.op.name in ("max", "min") and any(x.type.shape[k] is None for k in axes):
        return None                     # a length of 0 must raise where it did
    return make(e.op, (x,), (tuple(sorted(axes)), e.kw["keepdims"]))


def _of_transposed() -> list[Expr]:
    x = tensor(None, 3, 4)
    return [BUILDERS["sum"](BUILDERS["transpose"](x), axis=(0, 1)), BUILDERS["max"](BUILDERS["transpose"](tensor(None, 3)))]


@rewrite(_FOLDS, S, REAL, formula="sum(transpose(x), A) -> sum(x, A')", examples=_of_transposed)
def reduce_of_transposed(e: Expr) -> Expr | None:
    """The order of axes does not matter to a sum, if those that are left keep theirs."""
    inner = e.args[0]
    if inner.op is not transpose_op:
        return None
    order, axes = inner.kw["axes"], e.kw["axes"]
    kept = [order[k] for k in range(len(order)) if k not in axes]
    if kept != sorted(kept) or (e.kw["keepdims"] and kept and kept != [k for k in range(len(order)) if k not in axes]):
        return None
    return make(e.op, inner.args, (tuple(sorted(order[k] for k in axes)), e.kw["keepdims"]))


def _of_broadcast() -> list[Expr]:
    b = BUILDERS["broadcast_to"]
    wide = b(tensor(None, 1), (tensor(None, 2).shape[0], 2))
    return [BUILDERS["sum"](b(tensor(3), (4, 3)), axis=0), BUILDERS["max"](wide, axis=1)]


@rewrite(("sum", "max", "min"), S, REAL, formula="sum(broadcast_to(x)) -> n * x", examples=_of_broadcast)
def reduce_of_broadcast(e: Expr) -> Expr | None:
    """n equal numbers add up to n times one; their maximum is one of them."""
    inner, axes = e.args[0], e.kw["axes"]
    if inner.op is not broadcast_to_op:
        return None
    x, lengths = inner.args[0], inner.type.shape
    lead = inner.ndim - x.ndim
    if not axes or any(not lengths[k] or (k >= lead and x.type.shape[k - lead] != 1) for k in axes):
        return None
    count = 1
    for k in axes:
        count *= lengths[k]
    target = [BUILDERS["length"](inner, k) for k in range(inner.ndim)]
    if e.kw["keepdims"]:
        target = [constant(1, "int64") if k in axes else n for k, n in enumerate(target)]
    else:
        x = BUILDERS["squeeze"](x, tuple(k - lead for k in axes if k >= lead)) if any(k >= lead for k in axes) else x
        target = [n for k, n in enumerate(target) if k not in axes]
    wide = BUILDERS["broadcast_to"](x, tuple(target)) if target else x
    return constant(count, wide.dtype) * wide if e.op.name == "sum" and count != 1 else wide


@rule(S, REAL, example=_axes)
def sum_of_negative(x: Any, A: Any, K: Any) -> Sides:
    """Rounding is symmetric: the sum of negatives is the negative of the sum."""
    return sum(-x, axes=A, keepdims=K), -sum(x, axes=A, keepdims=K)


@rule(S, REAL, example={**_axes, "c": 3.0})
def sum_of_scaled(c: Any, x: Any, A: Any, K: Any) -> Sides:
    """A common factor comes out of a sum; with |c| >= 1 nothing overflows that did not."""
    return sum(c * x, axes=A, keepdims=K), c * sum(x, axes=A, keepdims=K), (is_constant(c), at_least_one(c))


@rule(S, FAST, example={**_axes, "c": 0.1})
def sum_of_scaled_down(c: Any, x: Any, A: Any, K: Any) -> Sides:
    """A common factor comes out of a sum; the sum before scaling may overflow."""
    return sum(c * x, axes=A, keepdims=K), c * sum(x, axes=A, keepdims=K), (is_constant(c), is_float(x))


@rule(S, EXACT, example=_axes)
def max_of_negative(x: Any, A: Any, K: Any) -> Sides:
    """The largest of negatives is the negative of the smallest."""
    return max(-x, axes=A, keepdims=K), -min(x, axes=A, keepdims=K), (is_float(x),)


@rule(S, EXACT, example=_axes)
def min_of_negative(x: Any, A: Any, K: Any) -> Sides:
    """The smallest of negatives is the negative of the largest."""
    return min(-x, axes=A, keepdims=K), -max(x, axes=A, keepdims=K), (is_float(x),)


RULES = collect(globals())
