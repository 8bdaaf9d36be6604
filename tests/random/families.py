"""The ops that random graphs are made of: one function a family, which draws a node over the nodes that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tensorviz as tv
from tensorviz.core.expr import Expr
from tensorviz.core.op import BUILDERS as B
from tests.random.graphs import Growth, Unfit

NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5, -0.0, 3.0, 4.0, -0.25)
WHOLE = (0, 1, -1, 2, 3, 5)
DTYPES = ("float64", "float32", "int64", "int32", "int16", "int8", "uint8", "uint32", "bool", "float16")
PLAIN = ("negative", "absolute", "square", "sign", "floor", "ceil", "trunc", "rint", "isnan", "isfinite", "isinf", "signbit",
         "sqrt", "zero_grad", "logical_not", "invert", "relu", "reciprocal", "leaky_relu")
SMOOTH = ("exp", "expm1", "exp2", "sin", "cos", "tan", "tanh", "arctan", "sinh", "cosh", "arcsinh", "sigmoid", "softplus", "erf", "erfc",
          "cbrt", "elu", "silu", "gelu", "sinc", "reciprocal", "sqrt", "log", "log1p", "log2", "log10", "arccosh", "deg2rad")
WITHIN = ("arcsin", "arccos", "arctanh")
POSITIVE = ("log", "log2", "log10", "log1p", "sqrt", "reciprocal")
PAIRS = ("add", "subtract", "multiply", "maximum", "minimum", "true_divide", "fmax", "fmin", "copysign", "floor_divide", "remainder", "fmod",
         "heaviside")
REAL_PAIRS = ("hypot", "arctan2", "logaddexp", "logaddexp2", "power", "true_divide", "add", "multiply", "subtract")
INTEGER_PAIRS = ("add", "subtract", "multiply", "floor_divide", "remainder", "bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm",
                 "maximum", "minimum", "true_divide", "fmod")
COMPARE = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor")
KEYS: tuple[Any, ...] = (slice(None), slice(1, None), slice(None, -1), slice(None, None, -1), slice(None, None, 2), slice(-2, None), slice(2, 0, -1),
                         slice(0, 2), 0, -1, None)
ARRAYS: tuple[Any, ...] = (np.array([0, -1, 0]), np.array([[0], [-1]]), np.array([True, False, True]), np.zeros(0, int), [1, 0])


def unary(g: Growth) -> Expr:
    """A function of one argument."""
    if not g.real or g.draw.choice((False, False, True)):
        return B[g.draw.choice(PLAIN)](g.pick())
    x, kind = g.pick("f"), g.draw.choice(range(8))
    if kind == 0:
        return B[g.draw.choice(WITHIN)](B["tanh"](x) * 0.75)
    if kind < 3:
        return B[g.draw.choice(POSITIVE)](B["absolute"](x) + 0.5)
    if kind == 3:
        return B["log"](1.0 + B["exp"](x)) if g.draw.choice((True, False)) else B["log"](B["sum"](B["exp"](x), axis=g.draw.choice((None, -1))))
    return B[g.draw.choice(SMOOTH)](x)


def binary(g: Growth) -> Expr:
    """A function of two arguments, often a number."""
    a = g.pick()
    if a.dtype.kind in "iub" and g.draw.choice((True, True, False)):
        b = g.draw.choice(WHOLE) if g.draw.choice((True, False)) else g.mate(a, "iub")
        return B[g.draw.choice(INTEGER_PAIRS)](a, b)
    b = g.draw.choice(NUMBERS) if g.draw.choice((True, False, False)) else g.mate(a)
    pair = (a, b) if g.draw.choice((True, True, False)) else (b, a)
    return B[g.draw.choice(PAIRS + REAL_PAIRS if g.real else PAIRS)](*pair)


def powers(g: Growth) -> Expr:
    """Powers and shifts by small numbers, products of one thing, clipping."""
    a = g.pick()
    kind = g.draw.choice(range(5))
    if kind == 0:
        return a * a * g.draw.choice((a, 2))
    if kind == 1:
        return a.clip(g.draw.choice((-1, 0, None)), g.draw.choice((1, 2)))
    if a.dtype.kind in "iu":
        return B[g.draw.choice(("left_shift", "right_shift", "power"))](a, g.draw.choice((0, 1, 2, 3)))
    return a ** g.draw.choice((2.0, 2, 3.0, 0.5, -1.0, 1.0, 0.0) if g.real else (2.0, 2, 1.0, 0.0))


def compare(g: Growth) -> Expr:
    """A comparison or a logical op."""
    a = g.pick()
    return B[g.draw.choice(COMPARE)](a, g.mate(a) if g.draw.choice((True, False)) else g.draw.choice(WHOLE))


def select(g: Growth) -> Expr:
    """where."""
    a = g.pick()
    condition = g.draw.choice((a > 0, g.mate(a) > a, g.pick("b"))) if any(n.dtype.kind == "b" for n in g.nodes) else a > 0
    return B["where"](condition, a, g.draw.choice((g.mate(a), 0, a)))


def casts(g: Growth) -> Expr:
    """Another dtype."""
    return g.pick().astype(g.draw.choice(DTYPES))


def _axis(g: Growth, x: Expr) -> Any:
    return g.draw.choice((None, *range(x.ndim), *((-1,) if x.ndim else ()), *(((0, x.ndim - 1),) if x.ndim > 1 else ())))


def reduce(g: Growth) -> Expr:
    """One reduction."""
    x = g.pick(least=g.draw.choice((0, 1, 1, 2)))
    name = g.draw.choice(("sum", "sum", "sum", "max", "min", "prod", "any", "all", "argmax", "argmin", "mean", "ptp"))
    axis = _axis(g, x)
    if name in ("argmax", "argmin"):
        return B[name](x, axis=axis if not isinstance(axis, tuple) else 0)
    return B[name](x, axis=axis, **({} if name == "ptp" else {"keepdims": g.draw.choice((True, False))}))


def composed(g: Growth) -> Expr:
    """softmax, var and so on."""
    if not g.real:
        raise Unfit
    x = g.pick("f", 1)
    name = g.draw.choice(("softmax", "log_softmax", "logsumexp", "var", "std", "norm", "layer norm", "cross entropy"))
    axis = g.draw.choice((*range(x.ndim), -1))
    if name == "layer norm":
        return (x - B["mean"](x, axis=axis, keepdims=True)) / B["sqrt"](B["var"](x, axis=axis, keepdims=True) + 0.25)
    if name == "cross entropy":
        y = B["argmax"](x, axis=-1) * 0
        return B["categorical_crossentropy"](B["softmax"](x), y)
    return B[name](x, **({"ord": 2} if name == "norm" else {}), axis=axis)


def product(g: Growth) -> Expr:
    """Products of vectors, matrices and stacks of them, turned and scaled."""
    a, b = g.pick("fi" if g.draw.choice((False, False, True)) else "f", 1), g.pick("f", 1)
    kind = g.draw.choice(range(8))
    if kind == 0:
        return B["dot"](a, b)
    if kind == 1:
        return B["outer"](a, b)
    if kind == 2:
        return B["tensordot"](a, b, 1)
    if kind == 3:
        return B["inner"](a, b)
    a = a.mT if a.ndim > 1 and g.draw.choice((True, False)) else a
    b = b.mT if b.ndim > 1 and g.draw.choice((True, False)) else b
    if kind == 4:
        return a @ b * g.draw.choice(NUMBERS) + g.pick("f")
    if kind == 5:
        return a.mT @ (a if a.ndim > 1 else b)
    return a @ b


def shape(g: Growth) -> Any:
    """The same elements in another shape or order."""
    x = g.pick(least=1)
    k = g.draw.choice(range(x.ndim))
    kind = g.draw.choice(range(17))
    if kind == 0:
        return x.T
    if kind == 1:
        return B["expand_dims"](x, g.draw.choice(range(x.ndim + 1)))
    if kind == 2:
        return x.reshape((-1,)) if g.draw.choice((True, False)) else x.reshape((x.shape[0], -1))
    if kind == 3:
        return x.reshape(g.mate(x).shape)
    if kind == 4:
        return B["broadcast_to"](x, g.pick(least=x.ndim).shape)
    if kind == 5:
        return B["concatenate"]([x, g.mate(x), x][: g.draw.choice((2, 3))], k)
    if kind == 6:
        return B["stack"]([x, g.mate(x)], k)
    if kind == 7:
        return B["split"](x, [1, 2], k)
    if kind == 8:
        return B["repeat"](x, 2, k)
    if kind == 9:
        return B["tile"](x, g.draw.choice((2, (2, 1), (1, 2))))
    if kind == 10:
        return B["flip"](x, g.draw.choice((k, None)))
    if kind == 11:
        return B["roll"](x, g.draw.choice((1, -2)), k)
    if kind == 12:
        return B["moveaxis"](x, k, 0)
    if kind == 13:
        return B["diff"](x, axis=k)
    if kind == 14:
        return x.squeeze(tuple(k for k, n in enumerate(x.type.shape) if n == 1))
    if kind == 15:
        return B["specify_shape"](x, g.mate(x).shape)
    return B["swapaxes"](x, 0, k)


def _key(g: Growth, x: Expr) -> Any:
    kind = g.draw.choice(range(10))
    if kind < 5:
        return tuple(g.draw.choice(KEYS) for _ in range(g.draw.choice(range(1, x.ndim + 1))))
    if kind == 5:
        return x > 0
    if kind == 6:
        return B["argmax"](x, axis=None if x.ndim == 1 else -1) * 0
    if kind == 7 and x.ndim > 1:
        return g.draw.choice(ARRAYS), g.draw.choice((np.array([0, 1, 0]), slice(1, None), 0))
    if kind == 8:
        return x.shape[0] - g.draw.choice((1, 2))
    return (slice(None),) * g.draw.choice(range(x.ndim)) + (g.draw.choice(ARRAYS),)


def index(g: Growth) -> Expr:
    """Parts of an array, and arrays with parts changed."""
    x = g.pick(least=1)
    part = x[_key(g, x)]
    kind = g.draw.choice(range(6))
    if kind < 3:
        return part
    value = g.draw.choice((part * 2, 1, g.pick(most=x.ndim), B["sum"](x)))
    if isinstance(value, Expr) and value.dtype != x.dtype:
        value = value.astype(x.dtype)
    return part.set(value) if kind < 5 else part.inc(value)


def create(g: Growth) -> Expr:
    """Arrays from lengths and numbers."""
    x = g.pick(least=1)
    kind = g.draw.choice(range(10))
    if kind == 0:
        return B["arange"](x.shape[0]) if g.draw.choice(range(3)) else B["arange"](0, x.shape[0] * 3, x.shape[-1] + 1)
    if kind == 1:
        return B["arange"](1, x.shape[0] * 2, 2, dtype=g.draw.choice(("float64", "float32", "int32")))
    if kind == 2:
        return B["eye"](x.shape[0], x.shape[-1], k=g.draw.choice((-1, 0, 1)), dtype=g.draw.choice(("float32", "float64", "int64")))
    if kind == 3:
        return B["full"](x.shape, g.pick(most=0))
    if kind == 4:
        return B[g.draw.choice(("zeros_like", "ones_like"))](x)
    if kind == 5:
        return B[g.draw.choice(("tril", "triu"))](x, g.draw.choice((-1, 0, 1)))
    if kind == 6:
        return B["diag"](x) if x.ndim < 3 else B["diagonal"](x)
    if kind == 7:
        return B["broadcast_length"](x.shape[0], g.mate(x).shape[0]) if g.draw.choice((True, False)) else x.shape[0] * 2 + x.size
    if kind == 8:
        return tv.constant(np.array(g.draw.choice(((1.0, 2.0, -0.5), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0)))))
    return x.shape


def gradient(g: Growth) -> list[Expr]:
    """The gradients of a sum."""
    y = g.pick("f")
    wrt = [v for v in g.variables if v.dtype.kind == "f"]
    found = tv.grad(B["sum"](y), wrt, disconnected_inputs="ignore")
    return list(found)[:2]


FAMILIES: dict[str, tuple[int, Callable[[Growth], Any]]] = {
    "unary": (8, unary), "binary": (10, binary), "powers": (3, powers), "compare": (2, compare), "where": (2, select), "cast": (2, casts),
    "reduce": (5, reduce), "composed": (3, composed), "product": (4, product), "shape": (8, shape), "index": (7, index), "create": (3, create),
    "gradient": (1, gradient),
}
