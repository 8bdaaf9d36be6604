"""Rules that rounding, NaN or overflow forbids: only with the `fast_math` policy, the user's choice."""

from __future__ import annotations

from typing import Any

from ..conditions import carries_shape
from ..pattern import exp, ones_like, zeros_like
from ..rule import FAST, collect, rule

__all__ = ["RULES"]
S = "simplify"
Sides = tuple[Any, ...]


@rule(S, FAST)
def multiply_by_zero(x: Any) -> Sides:
    """0 * x is 0 unless x is NaN or infinite."""
    return 0.0 * x, zeros_like(x)


@rule(S, FAST)
def subtract_itself(x: Any) -> Sides:
    """x - x is 0 unless x is NaN or infinite."""
    return x - x, zeros_like(x)


@rule(S, FAST)
def divide_by_itself(x: Any) -> Sides:
    """x / x is 1 unless x is 0, NaN or infinite."""
    return x / x, ones_like(x)


@rule(S, FAST)
def product_of_exp(x: Any, y: Any) -> Sides:
    """exp(x) exp(y) = exp(x + y); one exponential less, but the sum is rounded before it is magnified."""
    return exp(x) * exp(y), exp(x + y)


@rule(S, FAST)
def quotient_of_exp(x: Any, y: Any) -> Sides:
    """exp(x) / exp(y) = exp(x - y); one exponential less, but the difference is rounded before it is magnified."""
    return exp(x) / exp(y), exp(x - y)


@rule(S, FAST)
def divide_by_quotient(x: Any, y: Any, z: Any) -> Sides:
    """x / (y / z) = x z / y; the product may overflow."""
    return x / (y / z), (x * z) / y


@rule(S, FAST)
def quotient_divided(x: Any, y: Any, z: Any) -> Sides:
    """(x / y) / z = x / (y z); the product may overflow."""
    return (x / y) / z, x / (y * z)


@rule(S, FAST)
def cancel_factor(x: Any, y: Any) -> Sides:
    """A factor cancels unless it is 0, NaN or infinite."""
    return (x * y) / y, x, (carries_shape(x, x * y, y),)


@rule(S, FAST)
def cancel_divisor(x: Any, y: Any) -> Sides:
    """A divisor cancels unless it is 0, NaN or infinite."""
    return (x / y) * y, x, (carries_shape(x, x / y, y),)


@rule(S, FAST)
def factor_out(x: Any, y: Any, z: Any) -> Sides:
    """x y + x z = x (y + z): one product less; the sum is rounded first."""
    return x * y + x * z, x * (y + z)


RULES = collect(globals())
