"""Other spellings of the same functions: NumPy's second names, and Theano's and PyTensor's, so that programs move over."""

from __future__ import annotations

from ..core.conversions import as_tensor_variable, get_scalar_constant_value, stacklists
from ..core.expr import Expr
from ..core.ops.asking import asarray
from ..core.ops.axes import transpose, zero_grad
from ..core.ops.elementwise import positive, round, where
from ..core.ops.joining import concatenate, vstack
from ..core.ops.layers import to_one_hot
from ..core.ops.numeric import conjugate
from ..core.ops.reductions import max, min
from ..core.ops.statistics import log_softmax
from ..core.ops.words import fill
from .elementwise import (
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    equal,
    floor_divide,
    greater,
    greater_equal,
    invert,
    left_shift,
    less,
    less_equal,
    multiply,
    negative,
    not_equal,
    power,
    reciprocal,
    remainder,
    right_shift,
    rint,
    sigmoid,
    sign,
    softplus,
    square,
    subtract,
    true_divide,
)

abs = absolute
divide, mod, pow = true_divide, remainder, power
acos, acosh, asin, asinh, atan, atan2, atanh = arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh
bitwise_not, bitwise_invert, bitwise_left_shift, bitwise_right_shift = invert, invert, left_shift, right_shift
concat, permute_dims, conj = concatenate, transpose, conjugate
amax, amin, around, row_stack = max, min, round, vstack
asanyarray = ascontiguousarray = asfortranarray = asarray       # expressions have no layout

# Theano's and PyTensor's words
abs_, sgn, sqr, inv, neg = absolute, sign, square, reciprocal, negative
sub, mul, true_div, int_div, floor_div = subtract, multiply, true_divide, floor_divide, floor_divide
eq, neq, lt, le, gt, ge = equal, not_equal, less, less_equal, greater, greater_equal
and_, or_, xor = bitwise_and, bitwise_or, bitwise_xor
switch, tensor_copy, consider_constant = where, positive, zero_grad
as_tensor = as_tensor_variable
TensorVariable = TensorConstant = Variable = Constant = Expr
plus, round_half_to_even, second = add, rint, fill
get_underlying_scalar_constant_value = get_scalar_constant_value
expit, log1pexp, logsoftmax = sigmoid, softplus, log_softmax

__all__ = [
    "Constant", "TensorConstant", "TensorVariable", "Variable", "abs", "abs_", "acos", "acosh", "amax", "amin", "and_",
    "around", "as_tensor", "as_tensor_variable", "asanyarray", "ascontiguousarray", "asfortranarray", "asin", "asinh",
    "atan", "atan2", "atanh", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_right_shift", "concat", "conj",
    "consider_constant", "divide", "eq", "expit", "floor_div", "ge", "get_scalar_constant_value",
    "get_underlying_scalar_constant_value", "gt", "int_div", "inv", "le", "log1pexp", "logsoftmax", "lt", "mod", "mul",
    "neg", "neq", "or_", "permute_dims", "plus", "pow", "round_half_to_even", "row_stack", "second", "sgn", "sqr",
    "stacklists", "sub", "switch", "tensor_copy", "to_one_hot", "true_div", "xor",
]
