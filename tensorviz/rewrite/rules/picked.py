"""Cross-entropy of picked probabilities, `log(p[arange(n), t])`: the rules of softmax seen through what picks from it."""

from __future__ import annotations

import numpy as np

from ...core.expr import Expr, constant, constant_op, make, value_of, variable
from ...core.op import BUILDERS
from ...core.ops.axes import expand_dims_op, squeeze_op, transpose_op
from ...core.ops.indexing import inc_take_op, index_op, set_index_op, take_op
from ...core.ops.shape import broadcast_to_op, reshape_op
from ...core.types import TensorType
from ..conditions import broadcasts_back
from ..lengths import same_lengths
from ..rule import EXACT, REAL, collect, rewrite

__all__ = ["RULES"]
S = "stabilise"
VIEWS = frozenset({reshape_op, take_op, index_op, transpose_op, expand_dims_op, squeeze_op})
PICKERS = {inc_take_op: take_op, set_index_op: index_op}


def softmax_parts(p: Expr) -> tuple[Expr, tuple[int, ...], bool] | None:
    """(a, axes, keepdims) if p is exp(a) / sum(exp(a), axes, keepdims), else None."""
    if p.op.name != "true_divide":
        return None
    e, s = p.args
    if e.op.name != "exp" or s.op.name != "sum" or s.args[0] is not e:
        return None
    axes, keep = s.params
    return (e.args[0], axes, keep) if broadcasts_back(axes, keep) is True else None


def _softmax() -> Expr:
    e = BUILDERS["exp"](variable(TensorType(np.dtype(np.float64), (3, 4)), "a"))
    return e / BUILDERS["sum"](e, axis=1, keepdims=True)  # type: ignore[no-any-return]


def _picks() -> list[Expr]:
    p, places = _softmax(), constant([0, 2, 3])
    return [p[constant([0, 1, 2]), places], p[:, 1], p[constant([2, 0])]]


def _logs() -> list[Expr]:
    return [BUILDERS["log"](p) for p in _picks()]


@rewrite("log", S, EXACT, formula="log(softmax(a)[k]) -> log(softmax(a))[k]", examples=_logs)
def log_of_picked(e: Expr) -> Expr | None:
    """The logarithm of what is picked is picked from the logarithms, where it meets the softmax and no probability underflows."""
    views, p = [], e.args[0]
    while p.op in VIEWS:
        views.append(p)
        p = p.args[0]
    if not views or softmax_parts(p) is None:
        return None
    found = make(e.op, (p,))
    for view in reversed(views):
        found = make(view.op, (found, *view.args[1:]), view.params)
    return found


def _gradients() -> list[Expr]:
    c, found = variable(TensorType(np.dtype(np.float64), ()), "c"), []
    for picked in _picks():
        p = next(n for n in _below(picked) if softmax_parts(n) is not None)
        gp = picked.op.vjp(c / picked, picked, *picked.args, **picked.kw)[0]  # type: ignore[misc]
        gp = (BUILDERS["reshape"](gp, (3, 4)) if gp.ndim == 1 else gp) * p
        found.append(gp - p * BUILDERS["sum"](gp, axis=1, keepdims=True))
    return found


def _below(e: Expr) -> list[Expr]:
    chain = [e]
    while chain[-1].args:
        chain.append(chain[-1].args[0])
    return chain


@rewrite("subtract", S, REAL, formula="put(x / p[k]) * p - p * sum(put(x / p[k]) * p) -> put(x) - p * sum(put(x))",
         examples=_gradients, repairs=("a",))
def cross_entropy_gradient_picked(e: Expr) -> Expr | None:
    """p = softmax(a) is never 0 in real arithmetic: what was divided by p[k], put at k and multiplied by p is what it was."""
    gp, product = e.args
    if gp.op.name != "multiply" or product.op.name != "multiply":
        return None
    for p, g in (gp.args, gp.args[::-1]):
        parts = softmax_parts(p)
        if parts is None or not any(a is p and _is_sum(b, gp, parts) for a, b in (product.args, product.args[::-1])):
            continue
        x = _undivided(g, p)
        if x is not None and same_lengths(x, gp):
            total = make(BUILDERS["sum"](x).op, (x,), parts[1:])
            return x - p * total
    return None


def _is_sum(e: Expr, x: Expr, parts: tuple[Expr, tuple[int, ...], bool]) -> bool:
    return e.op.name == "sum" and e.args[0] is x and e.params == parts[1:]


def _undivided(g: Expr, p: Expr) -> Expr | None:
    """put(x) for g = put(x / pick(p)), both through the same reshape; None if g is something else."""
    put = g.args[0] if g.op is reshape_op else g
    if put.op not in PICKERS or not _is_zero(put.args[0]) or put.args[1].op.name != "true_divide":
        return None
    x, picked = put.args[1].args
    if picked.op is not PICKERS[put.op] or picked.params != put.params or picked.args[1:] != put.args[2:]:
        return None
    source = picked.args[0]
    if g.op is reshape_op:
        if source.op is not reshape_op or source.args[0] is not p:
            return None
    elif source is not p:
        return None
    new = make(put.op, (put.args[0], x, *put.args[2:]), put.params)
    return make(reshape_op, (new, *g.args[1:]), g.params) if g.op is reshape_op else new


def _is_zero(e: Expr) -> bool:
    if e.op is broadcast_to_op:
        e = e.args[0]
    return e.op is constant_op and not value_of(e).any()


RULES = collect(globals())
