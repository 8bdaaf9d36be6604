"""Rules of algebra: neutral elements, signs, powers, inverse functions, choices; what holds for integers alone."""

from __future__ import annotations

from typing import Any

from ..conditions import carries_shape, is_constant, is_float, is_integer, is_power_of_two, never_negative, single_reader
from ..pattern import (
    absolute,
    equal,
    exp,
    floor_divide,
    log,
    logical_and,
    logical_not,
    maximum,
    minimum,
    negative,
    reciprocal,
    sqrt,
    square,
    where,
    zeros_like,
)
from ..rule import EXACT, REAL, collect, rule

__all__ = ["RULES"]
S = "simplify"
Sides = tuple[Any, ...]


# -- neutral elements --------------------------------------------------------------------------------------------------
@rule(S, EXACT)
def multiply_by_one(x: Any) -> Sides:
    """1 is neutral: no rounding happens."""
    return 1.0 * x, x


@rule(S, REAL)
def add_zero(x: Any) -> Sides:
    """0 is neutral; only the sign of a zero may differ (-0.0 + 0.0 is 0.0)."""
    return 0.0 + x, x


@rule(S, EXACT)
def add_negative_zero(x: Any) -> Sides:
    """-0.0 is neutral for every x, 0.0 and -0.0 too."""
    return -0.0 + x, x


@rule(S, EXACT)
def subtract_zero(x: Any) -> Sides:
    """Subtracting 0 changes nothing, not even the sign of a zero."""
    return x - 0.0, x


@rule(S, REAL)
def subtract_from_zero(x: Any) -> Sides:
    """0 - x is -x; only the sign of a zero may differ."""
    return 0.0 - x, -x


@rule(S, EXACT)
def divide_by_one(x: Any) -> Sides:
    """Dividing by 1 changes nothing."""
    return x / 1.0, x


@rule(S, EXACT)
def multiply_by_minus_one(x: Any) -> Sides:
    """Multiplying by -1 flips the sign bit."""
    return -1.0 * x, -x


@rule(S, EXACT, example={"c": 4.0})
def divide_by_power_of_two(x: Any, c: Any) -> Sides:
    """The reciprocal of a power of two has no rounding error, so both sides round the same number; a product is faster."""
    return x / c, x * reciprocal(c), (is_power_of_two(c),)


# -- signs -------------------------------------------------------------------------------------------------------------
@rule(S, EXACT)
def negate_twice(x: Any) -> Sides:
    """Two sign flips cancel."""
    return negative(negative(x)), x


@rule(S, EXACT)
def subtract_negative(x: Any, y: Any) -> Sides:
    """Floating point subtraction is addition of the negative."""
    return x - (-y), x + y


@rule(S, EXACT)
def add_negative(x: Any, y: Any) -> Sides:
    """Floating point addition of a negative is subtraction."""
    return x + (-y), x - y


@rule(S, REAL)
def negative_of_difference(x: Any, y: Any) -> Sides:
    """Rounding is symmetric, so -(x - y) is y - x; only the sign of a zero may differ."""
    return -(x - y), y - x


@rule(S, EXACT, example={"c": 3.0})
def negative_of_scaled(c: Any, x: Any) -> Sides:
    """The sign of a product is that of its constant."""
    return -(c * x), (-c) * x, (is_constant(c),)


@rule(S, EXACT)
def multiply_negative(x: Any, y: Any) -> Sides:
    """The sign of a product is the product of the signs; pulled out so that it meets others."""
    return (-x) * y, -(x * y)


@rule(S, EXACT)
def divide_negative(x: Any, y: Any) -> Sides:
    """The sign of a quotient is that of its numerator times that of its denominator."""
    return (-x) / y, -(x / y)


@rule(S, EXACT)
def divide_by_negative(x: Any, y: Any) -> Sides:
    """The sign of a quotient is that of its numerator times that of its denominator."""
    return x / (-y), -(x / y)


@rule(S, EXACT)
def absolute_of_negative(x: Any) -> Sides:
    """|-x| = |x|."""
    return absolute(-x), absolute(x), (is_float(x),)


@rule(S, REAL, example={"x": "square"})
def absolute_of_never_negative(x: Any) -> Sides:
    """|x| = x where x can't be negative."""
    return absolute(x), x, (never_negative(x),)


# -- powers ------------------------------------------------------------------------------------------------------------
@rule(S, EXACT)
def multiply_by_itself(x: Any) -> Sides:
    """square(x) is x * x, read once."""
    return x * x, square(x)


@rule(S, EXACT)
def add_to_itself(x: Any) -> Sides:
    """x + x and 2 * x are both twice x, exactly."""
    return x + x, 2.0 * x, (is_float(x),)


@rule(S, EXACT)
def power_one(x: Any) -> Sides:
    """x to the power 1 is x."""
    return x**1.0, x


@rule(S, REAL)
def power_two(x: Any) -> Sides:
    """One product, rounded once, instead of a general power."""
    return x**2.0, square(x)


@rule(S, REAL)
def power_three(x: Any) -> Sides:
    """Two products, each rounded once, instead of a general power."""
    return x**3.0, x * square(x)


@rule(S, REAL, example={"x": "never negative"})
def power_half(x: Any) -> Sides:
    """sqrt is rounded correctly; power differs from it at -inf (inf instead of NaN), which x can't be."""
    return x**0.5, sqrt(x), (never_negative(x),)


@rule(S, REAL)
def power_minus_one(x: Any) -> Sides:
    """One division, rounded once, instead of a general power."""
    return x**-1.0, reciprocal(x), (is_float(x),)


@rule(S, EXACT)
def square_of_negative(x: Any) -> Sides:
    """(-x)^2 = x^2: the signs cancel before rounding."""
    return square(-x), square(x)


@rule(S, EXACT)
def square_of_absolute(x: Any) -> Sides:
    """|x|^2 = x^2: the sign does not matter."""
    return square(absolute(x)), square(x), (is_float(x),)


@rule(S, REAL, example={"x": "never negative"})
def square_of_sqrt(x: Any) -> Sides:
    """sqrt(x)^2 = x where x can't be negative."""
    return square(sqrt(x)), x, (never_negative(x),)


@rule(S, REAL)
def multiply_by_reciprocal(x: Any, y: Any) -> Sides:
    """x / y is rounded once, x * (1 / y) twice; the reciprocal may overflow where the quotient does not."""
    return x * reciprocal(y), x / y


@rule(S, REAL)
def multiply_by_one_over(x: Any, y: Any) -> Sides:
    """x / y is rounded once, x * (1 / y) twice; not where 1 / y is needed anyway."""
    over = 1.0 / y
    return x * over, x / y, (single_reader(over),)


# -- a function and its inverse ----------------------------------------------------------------------------------------
@rule(S, REAL, example={"x": "never negative"})
def exp_of_log(x: Any) -> Sides:
    """The exponential undoes the logarithm where x can't be negative."""
    return exp(log(x)), x, (never_negative(x),)


# -- choices -----------------------------------------------------------------------------------------------------------
@rule(S, EXACT)
def maximum_with_itself(x: Any) -> Sides:
    """The larger of x and x is x, NaN too."""
    return maximum(x, x), x


@rule(S, EXACT)
def minimum_with_itself(x: Any) -> Sides:
    """The smaller of x and x is x, NaN too."""
    return minimum(x, x), x


@rule(S, EXACT, example={"x": "bool"})
def not_of_not(x: Any) -> Sides:
    """Two negations cancel."""
    return logical_not(logical_not(x)), x


@rule(S, EXACT, example={"c": "bool"})
def where_same(c: Any, x: Any) -> Sides:
    """Both sides of the choice are the same."""
    return where(c, x, x), x, (carries_shape(x, where(c, x, x), c),)


@rule(S, EXACT, example={"c": "bool"})
def where_not(c: Any, x: Any, y: Any) -> Sides:
    """Choosing by a negated condition is choosing the other way round."""
    return where(logical_not(c), x, y), where(c, y, x)


@rule(S, EXACT)
def where_true(x: Any, y: Any) -> Sides:
    """The condition always holds."""
    return where(True, x, y), x, (carries_shape(x, where(True, x, y), y),)


@rule(S, EXACT)
def where_false(x: Any, y: Any) -> Sides:
    """The condition never holds."""
    return where(False, x, y), y, (carries_shape(y, where(False, x, y), x),)


@rule(S, EXACT, example={"c": "bool", "d": "bool"})
def where_within_where(c: Any, d: Any, x: Any, y: Any, z: Any) -> Sides:
    """Within the first choice its condition holds."""
    return where(c, where(logical_and(c, d), x, y), z), where(c, where(d, x, y), z)


@rule(S, EXACT)
def is_the_maximum(x: Any, y: Any) -> Sides:
    """x is the larger of x and y where x >= y; where one is NaN neither holds."""
    return equal(x, maximum(x, y)), x >= y


@rule(S, EXACT)
def is_the_minimum(x: Any, y: Any) -> Sides:
    """x is the smaller of x and y where x <= y; where one is NaN neither holds."""
    return equal(x, minimum(x, y)), x <= y


# -- integers: exact where floats are not ------------------------------------------------------------------------------
@rule(S, EXACT, example={"x": "int"})
def integer_minus_itself(x: Any) -> Sides:
    """No integer is NaN or inf."""
    return x - x, zeros_like(x), (is_integer(x),)


@rule(S, EXACT, example={"x": "int"})
def integer_times_zero(x: Any) -> Sides:
    """No integer is NaN or inf."""
    return 0 * x, zeros_like(x), (is_integer(x),)


@rule(S, EXACT, example={"x": "int"})
def integer_divided_by_one(x: Any) -> Sides:
    """A whole number divided by 1 needs no rounding down."""
    return floor_divide(x, 1), x, (is_integer(x),)


RULES = collect(globals())
