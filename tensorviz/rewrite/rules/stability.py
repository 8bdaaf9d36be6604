"""Rules that keep digits: the right side says the same in real arithmetic without cancellation, overflow or underflow on the way."""

from __future__ import annotations

from typing import Any

from ..conditions import is_float, may_be_large
from ..pattern import absolute, exp, expm1, log, log1p, maximum
from ..rule import REAL, collect, rule

__all__ = ["RULES", "SHIFT"]
S = "stabilise"
Sides = tuple[Any, ...]


@rule(S)
def log_of_one_plus(x: Any) -> Sides:
    """log(1+x) loses digits near x = 0; log1p keeps them."""
    return log(1.0 + x), log1p(x)


@rule(S)
def log_of_one_minus(x: Any) -> Sides:
    """log(1-x) loses digits near x = 0; log1p keeps them."""
    return log(1.0 - x), log1p(-x)


@rule(S)
def exp_minus_one(x: Any) -> Sides:
    """exp(x)-1 loses digits near x = 0; expm1 keeps them."""
    return exp(x) - 1.0, expm1(x)


@rule(S)
def one_minus_exp(x: Any) -> Sides:
    """1-exp(x) loses digits near x = 0; expm1 keeps them."""
    return 1.0 - exp(x), -expm1(x)


@rule(S)
def softplus(x: Any) -> Sides:
    """log(1+exp(x)) overflows for large x; with the larger of x and 0 taken out the exponential is at most 1."""
    return log1p(exp(x)), maximum(x, 0.0) + log1p(exp(-absolute(x))), (may_be_large(x), is_float(x))


@rule(S)
def one_minus_sigmoid(x: Any) -> Sides:
    """1 - sigmoid(-x) = sigmoid(x): no cancellation where the sigmoid is close to 1."""
    return 1.0 - 1.0 / (1.0 + exp(x)), 1.0 / (1.0 + exp(-x))


@rule(S)
def log_of_sigmoid(x: Any) -> Sides:
    """log(1/(1+exp(x))) = -softplus(x): nothing overflows, nothing is rounded to 1 on the way."""
    return log(1.0 / (1.0 + exp(x))), -log1p(exp(x))


@rule(S, repairs=("x",))
def sigmoid_from_quotient(x: Any) -> Sides:
    """exp(x)/(1+exp(x)) is inf/inf for large x; 1/(1+exp(-x)) is not."""
    return exp(x) / (1.0 + exp(x)), 1.0 / (1.0 + exp(-x))


RULES = collect(globals())
SHIFT: Any = ()
