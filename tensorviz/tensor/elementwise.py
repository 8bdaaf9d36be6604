"""The elementwise functions by NumPy's names, with the signatures that readers and type checkers see."""

from __future__ import annotations

from typing import Any, Protocol

from ..core.expr import Expr
from ..core.op import BUILDERS
from ..core.ops.elementwise import cast, clip, positive, round, where, zeros_like

__all__ = [
    "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "bitwise_and",
    "bitwise_or", "bitwise_xor", "cast", "cbrt", "ceil", "clip", "copysign", "cos", "cosh", "equal", "erf", "erfc", "exp",
    "exp2", "expm1", "floor", "floor_divide", "fmod", "gcd", "greater", "greater_equal", "hypot", "invert", "isfinite",
    "isinf", "isnan", "lcm", "left_shift", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative", "not_equal",
    "positive", "power", "reciprocal", "remainder", "right_shift", "rint", "round", "sigmoid", "sign", "signbit", "sin",
    "sinh", "softplus", "sqrt", "square", "subtract", "tan", "tanh", "true_divide", "trunc", "where", "zeros_like",
]


class Unary(Protocol):
    """A function of one tensor, elementwise; arrays and numbers are taken as constants."""

    __name__: str

    def __call__(self, x: Any, /) -> Expr: ...


class Binary(Protocol):
    """A function of two tensors, elementwise, with NumPy's broadcasting and dtypes."""

    __name__: str

    def __call__(self, x: Any, y: Any, /) -> Expr: ...


def _unary(names: str) -> tuple[Unary, ...]:
    return tuple(BUILDERS[name] for name in names.split())


def _binary(names: str) -> tuple[Binary, ...]:
    return tuple(BUILDERS[name] for name in names.split())


exp, exp2, expm1, log, log2, log10, log1p = _unary("exp exp2 expm1 log log2 log10 log1p")
sin, cos, tan, arcsin, arccos, arctan = _unary("sin cos tan arcsin arccos arctan")
sinh, cosh, tanh, arcsinh, arccosh, arctanh = _unary("sinh cosh tanh arcsinh arccosh arctanh")
negative, absolute, sign, reciprocal, square, sqrt, cbrt = _unary("negative absolute sign reciprocal square sqrt cbrt")
floor, ceil, trunc, rint, isnan, isinf, isfinite = _unary("floor ceil trunc rint isnan isinf isfinite")
invert, logical_not = _unary("invert logical_not")
add, subtract, multiply, true_divide, floor_divide = _binary("add subtract multiply true_divide floor_divide")
remainder, power, arctan2, hypot, maximum, minimum = _binary("remainder power arctan2 hypot maximum minimum")
equal, not_equal, less, less_equal, greater, greater_equal = _binary("equal not_equal less less_equal greater greater_equal")
bitwise_and, bitwise_or, bitwise_xor = _binary("bitwise_and bitwise_or bitwise_xor")
left_shift, right_shift = _binary("left_shift right_shift")
logical_and, logical_or, logical_xor = _binary("logical_and logical_or logical_xor")
sigmoid, softplus, erf, erfc, signbit = _unary("sigmoid softplus erf erfc signbit")
logaddexp, logaddexp2, fmod, copysign, gcd, lcm = _binary("logaddexp logaddexp2 fmod copysign gcd lcm")
