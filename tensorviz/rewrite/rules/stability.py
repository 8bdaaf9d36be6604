"""Rules that keep digits: the right side says the same in real arithmetic without cancellation, overflow or underflow on the way.

Softmax and its relatives are expressions, not ops; what the user or `grad` wrote is recognised here.
"""

from __future__ import annotations

from typing import Any

from ..conditions import broadcasts_back, is_float, is_not_shifted, is_shifted, same_shape
from ..pattern import absolute, exp, expm1, isfinite, log, log1p, max, sqrt, square, sum, where
from ..rule import Rewrite, Rule, collect, rule

__all__ = ["RULES", "SHIFT"]
S = "stabilise"
Sides = tuple[Any, ...]
Rules = tuple[Rule | Rewrite, ...]
_rows = {"a": "matrix", "g": "matrix", "r": "matrix", "x": "matrix", "A": (1,), "K": True}
_shifted = {**_rows, "a": "shifted"}


def softmax(a: Any, A: Any, K: Any) -> Any:
    """exp(a) / sum(exp(a)) as a pattern."""
    return exp(a) / sum(exp(a), axes=A, keepdims=K)


def peak(a: Any, A: Any, K: Any) -> Any:
    """The maximum where it is finite, else 0, as a pattern: what is taken out of exponents."""
    return where(isfinite(max(a, axes=A, keepdims=K)), max(a, axes=A, keepdims=K), 0.0)


# -- near 0 and near 1 -------------------------------------------------------------------------------------------------
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
def log_of_exp(x: Any) -> Sides:
    """The logarithm undoes the exponential, which may overflow to inf or underflow to 0 on the way."""
    return log(exp(x)), x


@rule(S)
def log1p_of_expm1(x: Any) -> Sides:
    """log1p undoes expm1, which may overflow to inf or round to -1 on the way."""
    return log1p(expm1(x)), x


@rule(S)
def sqrt_of_square(x: Any) -> Sides:
    """sqrt(x^2) = |x|, without overflow or underflow on the way."""
    return sqrt(square(x)), absolute(x), (is_float(x),)


# -- softmax and cross-entropy -----------------------------------------------------------------------------------------
@rule(S, example=_shifted)
def log_of_softmax(a: Any, A: Any, K: Any) -> Sides:
    """log(exp(a)/s) = a - log(s): a small probability does not underflow to 0 and its logarithm to -inf."""
    return log(softmax(a, A, K)), a - log(sum(exp(a), axes=A, keepdims=K)), (broadcasts_back(A, K), is_shifted(a, A))


@rule(S, example=_rows, raises_on_empty=True)
def log_of_unshifted_softmax(a: Any, A: Any, K: Any) -> Sides:
    """log(exp(a)/s) = (a-m) - log(sum(exp(a-m))) for every m; with the maximum nothing overflows, small results are kept."""
    b = a - peak(a, A, K)
    asks = is_float(a), broadcasts_back(A, K), is_not_shifted(a, A)
    return log(softmax(a, A, K)), b - log(sum(exp(b), axes=A, keepdims=K)), asks


@rule(S, example=_rows)
def softmax_from_product(g: Any, a: Any, A: Any, K: Any) -> Sides:
    """(g/s) exp(a) = g (exp(a)/s): the softmax comes to sight, and can be shifted if exp(a) may overflow."""
    return (g / sum(exp(a), axes=A, keepdims=K)) * exp(a), g * softmax(a, A, K), (broadcasts_back(A, K),)


@rule(S, example=_rows)
def softmax_gradient(g: Any, a: Any, A: Any, K: Any) -> Sides:
    """The derivative of p = exp(a)/s is p_i (delta_ij - p_j): each gradient minus the mean of all, weighted by p."""
    s = sum(exp(a), axes=A, keepdims=K)
    p = exp(a) / s
    inner = sum(-(g * p) / s, axes=A, keepdims=K)
    return (g / s + inner) * exp(a), g * p - p * sum(g * p, axes=A, keepdims=K), (broadcasts_back(A, K),)


@rule(S, example=_rows, repairs=("a",))
def cross_entropy_gradient(x: Any, a: Any, A: Any, K: Any) -> Sides:
    """p = exp(a)/s is never 0 in real arithmetic, so (x/p) p = x; where p underflows the quotient was inf or NaN."""
    p = softmax(a, A, K)
    gp = (x / p) * p
    return gp - p * sum(gp, axes=A, keepdims=K), x - p * sum(x, axes=A, keepdims=K), (same_shape(x, p),)


@rule(S, example=_rows, repairs=("a",))
def cross_entropy_gradient_with_more(x: Any, r: Any, a: Any, A: Any, K: Any) -> Sides:
    """As cross_entropy_gradient, where p has other readers: the gradient of a softmax is linear."""
    p = softmax(a, A, K)
    gp = (x / p + r) * p
    return (gp - p * sum(gp, axes=A, keepdims=K),
            (x - p * sum(x, axes=A, keepdims=K)) + (r * p - p * sum(r * p, axes=A, keepdims=K)), (same_shape(x, p),))


# -- sums of exponentials, after the rules above have seen them --------------------------------------------------------
@rule("shift-exponentials", example=_rows, raises_on_empty=True)
def shift_softmax(a: Any, A: Any, K: Any) -> Sides:
    """exp(a)/s does not change when the maximum is taken out of a; no exponential is larger than 1 then."""
    b = a - peak(a, A, K)
    return softmax(a, A, K), softmax(b, A, K), (is_float(a), broadcasts_back(A, K), is_not_shifted(a, A))


@rule("shift-exponentials", example=_rows, raises_on_empty=True)
def shift_log_sum_exp(a: Any, A: Any, K: Any) -> Sides:
    """log(sum(exp(a))) = m + log(sum(exp(a-m))) for every m; with the maximum nothing overflows and not all underflow."""
    b = a - peak(a, A, K)
    return (log(sum(exp(a), axes=A, keepdims=K)), peak(a, A, K) + log(sum(exp(b), axes=A, keepdims=K)),
            (is_float(a), broadcasts_back(A, K), is_not_shifted(a, A)))


@rule("shift-exponentials", example={**_rows, "K": False}, raises_on_empty=True)
def shift_log_sum_exp_squeezed(a: Any, A: Any) -> Sides:
    """log(sum(exp(a))) = m + log(sum(exp(a-m))) for every m; with the maximum nothing overflows and not all underflow."""
    b = a - peak(a, A, True)
    return (log(sum(exp(a), axes=A, keepdims=False)), peak(a, A, False) + log(sum(exp(b), axes=A, keepdims=False)),
            (is_float(a), is_not_shifted(a, A)))


RULES: Rules = collect(globals(), S)
SHIFT: Rules = collect(globals(), "shift-exponentials")
