"""Sigmoids and softplus: what the user or `grad` wrote with exp(x) becomes the ops, whose own exponential does not overflow.

Gradients multiply by the sigmoid that a logarithm's divides by, and by exp(x) what was divided by 1 + exp(x). In real arithmetic
none of these is 0, so that they go out of quotients and products before they underflow or overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from ...core.expr import Expr, constant, is_constant, value_of, variable
from ...core.graph import topological
from ...core.op import BUILDERS
from ...core.types import TensorType
from ..conditions import is_float, may_be_large
from ..lengths import same_lengths
from ..pattern import exp, log, log1p, negative, reciprocal, sigmoid, softplus, square
from ..rule import EXACT, REAL, collect, rewrite, rule

__all__ = ["FIRST", "RULES", "factors_of", "taken_in"]
S = "stabilise"
Sides = tuple[Any, ...]


# -- from exponentials -------------------------------------------------------------------------------------------------
@rule(S)
def softplus_from_log(x: Any) -> Sides:
    """log(1+exp(x)) overflows for large x; softplus takes the larger of x and 0 out, its exponential is at most 1."""
    return log1p(exp(x)), softplus(x), (is_float(x), may_be_large(x))


@rule(S)
def sigmoid_from_one(x: Any) -> Sides:
    """1/(1+exp(x)) is the sigmoid of -x, which keeps small results where exp(x) overflows."""
    return 1.0 / (1.0 + exp(x)), sigmoid(-x), (is_float(x),)


@rule(S)
def sigmoid_from_reciprocal(x: Any) -> Sides:
    """1/(1+exp(x)) is the sigmoid of -x, which keeps small results where exp(x) overflows."""
    return reciprocal(1.0 + exp(x)), sigmoid(-x), (is_float(x),)


@rule(S)
def sigmoid_from_power(x: Any) -> Sides:
    """1/(1+exp(x)) is the sigmoid of -x, which keeps small results where exp(x) overflows."""
    return (1.0 + exp(x)) ** -1.0, sigmoid(-x), (is_float(x),)


@rule(S)
def squared_sigmoid_from_power(x: Any) -> Sides:
    """1/(1+exp(x)) is the sigmoid of -x, which keeps small results where exp(x) overflows."""
    return (1.0 + exp(x)) ** -2.0, square(sigmoid(-x)), (is_float(x),)


@rule(S)
def cubed_sigmoid_from_power(x: Any) -> Sides:
    """1/(1+exp(x)) is the sigmoid of -x, which keeps small results where exp(x) overflows."""
    return (1.0 + exp(x)) ** -3.0, sigmoid(-x) * square(sigmoid(-x)), (is_float(x),)


@rule(S, repairs=("x",))
def sigmoid_from_quotient(x: Any) -> Sides:
    """exp(x)/(1+exp(x)) is inf/inf for large x; the sigmoid takes exp(-|x|), which does not overflow."""
    return exp(x) / (1.0 + exp(x)), sigmoid(x), (is_float(x),)


@rule(S)
def divided_by_one_plus_exp(g: Any, x: Any) -> Sides:
    """Dividing by 1+exp(x) is multiplying by the sigmoid of -x, which other rules can take together with exp(x)."""
    return g / (1.0 + exp(x)), g * sigmoid(-x), (is_float(x), is_float(g))


@rule(S, repairs=("x",))
def sigmoid_times_exp(x: Any) -> Sides:
    """exp(x)/(1+exp(x)) is a sigmoid, but 0 times inf for large x; exp(-|x|) does not overflow."""
    return sigmoid(-x) * exp(x), sigmoid(x), (is_float(x),)


@rule(S, repairs=("x",))
def sigmoid_times_exp_of_minus(x: Any) -> Sides:
    """exp(-x)/(1+exp(-x)) is a sigmoid, but 0 times inf for large -x; exp(-|x|) does not overflow."""
    return sigmoid(x) * exp(-x), sigmoid(-x), (is_float(x),)


@rule(S, EXACT)
def sigmoid_of_negated_twice(x: Any) -> Sides:
    """Two sign flips cancel."""
    return sigmoid(negative(negative(x))), sigmoid(x)


@rule(S, EXACT)
def one_times_sigmoid(x: Any) -> Sides:
    """1 is neutral: what asks for a sigmoid sees it."""
    return 1.0 * sigmoid(x), sigmoid(x)


@rule(S, EXACT)
def minus_one_times_sigmoid(x: Any) -> Sides:
    """Multiplying by -1 flips the sign bit: what asks for a sigmoid sees it."""
    return -1.0 * sigmoid(x), -sigmoid(x)


# -- near 0 and 1 --------------------------------------------------------------------------------------------------------
@rule(S)
def one_minus_sigmoid(x: Any) -> Sides:
    """1 - sigmoid(x) = sigmoid(-x): no cancellation where the sigmoid is close to 1."""
    return 1.0 - sigmoid(x), sigmoid(-x)


@rule(S)
def one_plus_minus_sigmoid(x: Any) -> Sides:
    """1 - sigmoid(x) = sigmoid(-x): no cancellation where the sigmoid is close to 1."""
    return 1.0 + -sigmoid(x), sigmoid(-x)


@rule(S)
def sigmoid_minus_one(x: Any) -> Sides:
    """sigmoid(x) - 1 = -sigmoid(-x): no cancellation where the sigmoid is close to 1."""
    return sigmoid(x) - 1.0, -sigmoid(-x)


@rule(S)
def minus_one_plus_sigmoid(x: Any) -> Sides:
    """sigmoid(x) - 1 = -sigmoid(-x): no cancellation where the sigmoid is close to 1."""
    return -1.0 + sigmoid(x), -sigmoid(-x)


@rule(S)
def log_of_sigmoid(x: Any) -> Sides:
    """log(1/(1+exp(-x))) = -softplus(-x): nothing overflows, nothing is rounded to 1 on the way."""
    return log(sigmoid(x)), -softplus(-x)


@rule(S)
def log1p_of_minus_sigmoid(x: Any) -> Sides:
    """log(1 - 1/(1+exp(-x))) = -softplus(x): nothing overflows, nothing is rounded to 1 on the way."""
    return log1p(-sigmoid(x)), -softplus(x)


@rule(S)
def negative_times_sigmoid(g: Any, x: Any) -> Sides:
    """A sign flip rounds nothing: outside of the product it does not hide the other factors."""
    return -g * sigmoid(x), -(g * sigmoid(x))


@rule("canonicalise", repairs=("g", "x"))
def gradient_of_exp_quotient(g: Any, x: Any) -> Sides:
    """s = exp(x)/(1+exp(x)) has the derivative s (1-s); as grad writes it, it is 0 times inf for large x."""
    d = 1.0 + exp(x)
    return (g / d + -(g * (exp(x) / d)) / d) * exp(x), g * sigmoid(x) * sigmoid(-x), (is_float(x),)


# -- gradients -----------------------------------------------------------------------------------------------------------
Times = Callable[[Expr, Expr], Expr | None]
MOST = 12                                           # how far a rule looks: gradients of one sigmoid are small


def _within(e: Expr, other: Expr, times: Times, every: bool, depth: int = 0) -> Expr | None:
    """e * other, where `times` says what becomes of a part of e that takes `other` in; None if there is no such part.

    Looked for, `MOST` ops down, in the factors of products, below changes of sign, and in the terms of sums: in `every` one of
    them, or in some, when the others are multiplied by `other`.
    """
    found = times(e, other)
    if found is not None or depth == MOST:
        return found
    name = e.op.name
    if name in ("negative", "square", "true_divide"):
        inner = _within(e.args[0], other, times, every, depth + 1)
        if inner is None:
            return None
        return _minus(inner) if name == "negative" else inner * e.args[0] if name == "square" else inner / e.args[1]
    if name == "multiply":
        for a, b in (e.args, e.args[::-1]):
            inner = _within(a, other, times, every, depth + 1)
            if inner is not None:
                return inner * b
    if name in ("add", "subtract"):
        parts: list[Expr | None] = []
        for a in e.args:
            parts.append(_within(a, other, times, every, depth + 1))
            if every and parts[-1] is None:
                return None
        if all(part is None for part in parts):
            return None
        a, b = (a * other if part is None else part for a, part in zip(e.args, parts, strict=True))
        return a + b if name == "add" else a - b
    return None


def _minus(e: Expr) -> Expr:
    return constant(-value_of(e)) if is_constant(e) else -e


def factors_of(e: Expr) -> list[Expr]:
    """The factors of a product, `MOST` of them and what is left; a change of sign is one of -1."""
    found: list[Expr] = []
    work = [e]
    while work:
        part = work.pop()
        if part.op.name not in ("negative", "multiply") or len(found) + len(work) >= MOST:
            found.append(part)
            continue
        if part.op.name == "negative":
            found.append(constant(-1.0, e.dtype))
        work += reversed(part.args)
    return found


def taken_in(e: Expr, factors: list[Expr], takes: Callable[[Expr], bool], times: Times, every: bool) -> Expr | None:
    """A product in which one factor is taken in by another, first by one that is as such what takes it; or None."""
    if not any(map(takes, factors)):
        return None
    minus = constant(-1.0, e.dtype)
    for deep in (False, True):
        for k, other in enumerate(factors):
            for j, f in enumerate(factors) if takes(other) else ():
                found = None if j == k else _within(f, other, times, every) if deep else times(f, other)
                if found is not None:
                    rest = [v for i, v in enumerate(factors) if i not in (j, k)]
                    kept = [v for v in rest if v is not minus]
                    made = reduce(BUILDERS["multiply"], kept, found)
                    return _as_long_as(e, _minus(made) if (len(rest) - len(kept)) % 2 else made, other)
    return None


def _as_long_as(e: Expr, made: Expr, gone: Expr) -> Expr | None:
    """What was made for e, if it has the lengths of e and the NaN of the factor that is gone; else None."""
    if gone.op.name == "sum":
        gone = next(f for f in factors_of(gone.args[0]) if f.op.name == "exp")
    while gone.op.name in ("true_divide", "sigmoid", "exp", "negative"):
        gone = gone.args[-1]
    return made if same_lengths(made, e) and any(n is gone for n in topological([made])) else None


def _vectors() -> list[Any]:
    return [variable(TensorType(np.dtype(np.float64), (3,)), name) for name in "abx"]


def _quotients() -> list[Expr]:
    a, b, x = _vectors()
    s, t = BUILDERS["sigmoid"](x), BUILDERS["sigmoid"](-x)
    return [a / s * s * t, (a / s + -(b / t)) * s * t, (a / s + b) * s, -(a * b / s) * s * t]


@rewrite("multiply", S, REAL, formula="(a / sigmoid(x) + b) * sigmoid(x) -> a + b * sigmoid(x)", examples=_quotients,
         repairs=("x",))
def sigmoid_divided_by_itself(e: Expr) -> Expr | None:
    """A sigmoid is never 0 in real arithmetic: what is divided by it and multiplied by it is what it was."""
    def times(part: Expr, s: Expr) -> Expr | None:
        return part.args[0] if part.op.name == "true_divide" and part.args[1] is s else None

    return taken_in(e, factors_of(e), lambda f: f.op.name == "sigmoid", times, False) if e.dtype.kind == "f" else None


@rule(S, repairs=("x",))
def one_as_quotient_minus_sigmoid(x: Any) -> Sides:
    """(s/s) - s = 1 - s, of a sigmoid that is never 0 in real arithmetic: a gradient of log(exp(x)/(1+exp(x)))."""
    return (1.0 / sigmoid(x)) * sigmoid(x) + -sigmoid(x), sigmoid(-x), (is_float(x),)


def _common() -> list[Expr]:
    a, _, x = _vectors()
    s = BUILDERS["sigmoid"](x)
    return [(a * s + x * s) * (1.0 / s), (s - BUILDERS["square"](s)) * (a / s)]


@rewrite("multiply", S, REAL, formula="(b * sigmoid(x) + c * sigmoid(x)) * (a / sigmoid(x)) -> (b + c) * a", examples=_common,
         repairs=("x",))
def sigmoid_divided_out(e: Expr) -> Expr | None:
    """A sigmoid is never 0 in real arithmetic: a factor that all terms have goes against the divisor."""
    def divides(f: Expr) -> bool:
        return f.op.name == "true_divide" and f.args[1].op.name == "sigmoid"

    def times(part: Expr, quotient: Expr) -> Expr | None:
        return quotient.args[0] if part is quotient.args[1] else None

    if e.dtype.kind != "f" or not any(map(divides, factors_of(e))):
        return None
    one = constant(1.0, e.dtype)
    factors = [part for f in factors_of(e) for part in ((f.args[0], one / f.args[1]) if divides(f) else (f,))]
    return taken_in(e, factors, divides, times, True)


def _sums() -> list[Expr]:
    a, b, x = _vectors()
    e, t = BUILDERS["exp"](x), BUILDERS["sigmoid"](-x)
    return [(t + -(a * t)) * e, a * (b * t - BUILDERS["square"](t)) * e, -(a * t) * e]


@rewrite("multiply", S, REAL, formula="(a * sigmoid(-x) + b * sigmoid(-x)) * exp(x) -> a * sigmoid(x) + b * sigmoid(x)",
         examples=_sums, repairs=("x",))
def exp_taken_into_sigmoids(e: Expr) -> Expr | None:
    """sigmoid(-x) exp(x) = sigmoid(x): where every term of a sum has such a factor, exp(x) need not be computed."""
    def times(part: Expr, power: Expr) -> Expr | None:
        x = power.args[0]
        opposite = x.args[0] if x.op.name == "negative" else -x
        return BUILDERS["sigmoid"](x) if part.op.name == "sigmoid" and part.args[0] is opposite else None

    return taken_in(e, factors_of(e), lambda f: f.op.name == "exp", times, True) if e.dtype.kind == "f" else None


FIRST = collect(globals(), "canonicalise")         # before its parts become sigmoids
RULES = collect(globals(), S)
