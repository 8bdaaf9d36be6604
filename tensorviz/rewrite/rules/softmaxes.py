"""Softmax in second derivatives: exponentials meet the sums that divide them before they overflow."""

from __future__ import annotations

import numpy as np

from ...core.expr import Expr, make, variable
from ...core.op import BUILDERS
from ...core.types import TensorType
from ..conditions import broadcasts_back
from ..rule import REAL, collect, rewrite
from .sigmoids import factors_of, taken_in

__all__ = ["RULES"]
S = "stabilise"


def _divides(s: Expr, e: Expr) -> bool:
    """Whether s is the sum of the exponentials e over axes that broadcast back."""
    return s.op.name == "sum" and s.args[0] is e and broadcasts_back(*s.params) is True


def _matrices() -> tuple[Expr, Expr, Expr, Expr]:
    a, g, h = (variable(TensorType(np.dtype(np.float64), (3, 4)), name) for name in "agh")
    e = BUILDERS["exp"](a)
    return e, BUILDERS["sum"](e, axis=1, keepdims=True), g, h


def _products() -> list[Expr]:
    e, s, g, h = _matrices()
    return [(g / s - h * g / s) * e, (g * (1.0 / s) + -(h / s)) * e * h]


@rewrite("multiply", S, REAL, formula="(g / sum(exp(a)) + h / sum(exp(a))) * exp(a) -> g * softmax(a) + h * softmax(a)",
         examples=_products, repairs=("a",))
def exp_taken_into_quotients(e: Expr) -> Expr | None:
    """exp(a)/sum(exp(a)) is a softmax: where every term of a sum is divided so, exp(a) itself need not be multiplied by."""
    def times(part: Expr, power: Expr) -> Expr | None:
        return part.args[0] * (power / part.args[1]) if part.op.name == "true_divide" and _divides(part.args[1], power) else None

    return taken_in(e, factors_of(e), lambda f: f.op.name == "exp", times, True) if e.dtype.kind == "f" else None


def _means() -> list[Expr]:
    e, s, g, h = _matrices()
    weighted = BUILDERS["sum"](g * e, axis=1, keepdims=True)
    return [weighted * (h / s), -(weighted * (1.0 / s)) * h]


@rewrite("multiply", S, REAL, formula="sum(g * exp(a)) * (h / sum(exp(a))) -> sum(g * softmax(a)) * h", examples=_means,
         repairs=("a",))
def sum_taken_into_quotient(e: Expr) -> Expr | None:
    """A mean weighted by exponentials is a sum weighted by a softmax, whose exponentials can be shifted."""
    def weights(f: Expr) -> Expr | None:
        inner = f.args[0] if f.op.name == "sum" else f
        return next((p for p in factors_of(inner) if p.op.name == "exp"), None) if inner.op.name == "multiply" else None

    def times(part: Expr, total: Expr) -> Expr | None:
        power = weights(total)
        if power is None or part.op.name != "true_divide":
            return None
        if not _divides(part.args[1], power) or part.args[1].params != total.params:
            return None
        rest = [f for f in factors_of(total.args[0]) if f is not power]
        product = power / part.args[1]
        for f in rest:
            product = product * f
        return part.args[0] * make(total.op, (product,), total.params)

    if e.dtype.kind != "f":
        return None
    return taken_in(e, factors_of(e), lambda f: f.op.name == "sum" and weights(f) is not None, times, True)


RULES = collect(globals(), S)
