"""More activation functions by the names of torch and Theano: pieces of lines, shrinkages, gates; composed of elementwise ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dtypes import is_float
from ..errors import ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from .activations import elu
from .elementwise import cast, where
from .lengths import axis_of, lengths_now, user_line
from .torch_words import torch_words

__all__ = ["celu", "glu", "hard_sigmoid", "hard_swish", "hard_tanh", "hardshrink", "hardsigmoid", "log_sigmoid", "mish", "prelu",
           "relu6", "selu", "softmin", "softplus", "softshrink", "softsign", "tanhshrink", "threshold", "ultra_fast_sigmoid"]

maximum: Callable[..., Expr] = BUILDERS["maximum"]
minimum: Callable[..., Expr] = BUILDERS["minimum"]
clip: Callable[..., Expr] = BUILDERS["clip"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


@builder
@torch_words(inplace=True)
def relu6(x: Any) -> Expr:
    """x kept between 0 and 6.

    >>> relu6([-1.0, 3.0, 9.0]).eval()
    array([0., 3., 6.])
    """
    return clip(_float(x), 0.0, 6.0)


@builder
@torch_words(inplace=True)
def selu(x: Any) -> Expr:
    """1.0507 * elu(x, 1.6733): keeps mean 0 and variance 1 (Klambauer and others, Self-Normalizing Neural Networks, 2017).

    >>> selu([0.0, 1.0]).eval().round(4)
    array([0.    , 1.0507])
    """
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


@builder
@torch_words(inplace=True)
def celu(x: Any, alpha: float = 1.0) -> Expr:
    """x where it is positive, else alpha * (exp(x / alpha) - 1): the slope at 0 is 1 for every alpha.

    >>> celu([1.0, 0.0], 2.0).eval()
    array([1., 0.])
    """
    x = _float(x)
    positive = BUILDERS["greater"](x, 0)
    return where(positive, x, alpha * BUILDERS["expm1"](where(positive, 0, x) / alpha))


@builder
@torch_words(inplace=True)
def hard_sigmoid(x: Any) -> Expr:
    """0.2 * x + 0.5 kept between 0 and 1, as in Theano and Keras; torch's and jax's is `hardsigmoid`.

    >>> hard_sigmoid([-3.0, 0.0, 1.0]).eval()
    array([0. , 0.5, 0.7])
    """
    return clip(0.2 * _float(x) + 0.5, 0.0, 1.0)


@builder
@torch_words(inplace=True)
def hardsigmoid(x: Any) -> Expr:
    """x / 6 + 0.5 kept between 0 and 1, as in torch.

    >>> hardsigmoid([-3.0, 0.0, 3.0]).eval()
    array([0. , 0.5, 1. ])
    """
    return clip(_float(x) / 6.0 + 0.5, 0.0, 1.0)


@builder
@torch_words(inplace=True)
def hard_tanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Expr:
    """x kept between `min_val` and `max_val`.

    >>> hard_tanh([-3.0, 0.5, 3.0]).eval()
    array([-1. ,  0.5,  1. ])
    """
    return clip(_float(x), min_val, max_val)


@builder
@torch_words(inplace=True)
def hard_swish(x: Any) -> Expr:
    """x * relu6(x + 3) / 6 (Howard and others, Searching for MobileNetV3, 2019).

    >>> hard_swish([-3.0, 0.0, 3.0]).eval()
    array([-0.,  0.,  3.])
    """
    x = _float(x)
    return x * relu6(x + 3.0) / 6.0


@builder
def ultra_fast_sigmoid(x: Any) -> Expr:
    """A sigmoid of pieces, off by at most 0.02: Theano's, whose numbers these are.

    >>> ultra_fast_sigmoid([0.0, 9.0]).eval().round(4)
    array([0.5   , 0.9975])
    """
    half = 0.5 * _float(x)
    away = BUILDERS["absolute"](half)
    near, middle = 1.5 * away / (1.0 + away), 0.935409070603099 + 0.0458812946797165 * (away - 1.7)
    z = where(BUILDERS["less"](away, 1.7), near, where(BUILDERS["less"](away, 3.0), middle, 0.99505475368673))
    return 0.5 * (where(BUILDERS["less"](half, 0), -z, z) + 1.0)


@torch_words()
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Expr:
    """log(1 + exp(beta * x)) / beta, and x itself where beta * x is above `threshold`.

    With torch's own threshold, 20, the logarithm is taken everywhere: nothing overflows, and the two differ by less than 3e-9 /
    beta there.

    >>> softplus([0.0], beta=2.0).eval().round(4)
    array([0.3466])
    """
    x = _float(x)
    plain = isinstance(beta, int | float) and beta == 1
    scaled = x if plain else x * beta
    found = BUILDERS["softplus"](scaled) if plain else BUILDERS["softplus"](scaled) / beta
    if isinstance(threshold, int | float) and threshold == 20:
        return found
    return where(BUILDERS["greater"](scaled, threshold), x, found)


@builder
@torch_words()
def log_sigmoid(x: Any) -> Expr:
    """log(sigmoid(x)) = -softplus(-x), without underflow.

    >>> log_sigmoid([0.0]).eval().round(4)
    array([-0.6931])
    """
    return -BUILDERS["softplus"](-_float(x))


@builder
@torch_words(inplace=True)
def mish(x: Any) -> Expr:
    """x * tanh(softplus(x)) (Misra, 2019).

    >>> mish([0.0, 1.0]).eval().round(4)
    array([0.    , 0.8651])
    """
    x = _float(x)
    return x * BUILDERS["tanh"](BUILDERS["softplus"](x))


@builder
@torch_words()
def softsign(x: Any) -> Expr:
    """x / (1 + |x|).

    >>> softsign([-1.0, 0.0, 3.0]).eval()
    array([-0.5 ,  0.  ,  0.75])
    """
    x = _float(x)
    return x / (1.0 + BUILDERS["absolute"](x))


@builder
@torch_words()
def softshrink(x: Any, lambd: float = 0.5) -> Expr:
    """x moved towards 0 by `lambd`, 0 where it would pass.

    >>> softshrink([-1.0, 0.25, 3.0]).eval()
    array([-0.5,  0. ,  2.5])
    """
    x = _float(x)
    return where(BUILDERS["greater"](x, lambd), x - lambd, where(BUILDERS["less"](x, -lambd), x + lambd, 0.0))


@builder
@torch_words()
def hardshrink(x: Any, lambd: float = 0.5) -> Expr:
    """x, 0 where its size is at most `lambd`.

    >>> hardshrink([-1.0, 0.25, 3.0]).eval()
    array([-1.,  0.,  3.])
    """
    x = _float(x)
    return where(BUILDERS["less_equal"](BUILDERS["absolute"](x), lambd), 0.0, x)


@builder
@torch_words()
def tanhshrink(x: Any) -> Expr:
    """x - tanh(x).

    >>> tanhshrink([0.0]).eval()
    array([0.])
    """
    x = _float(x)
    return x - BUILDERS["tanh"](x)


@torch_words(inplace=True)
def threshold(x: Any, threshold: float, value: float) -> Expr:
    """x where it is above `threshold`, else `value`.

    >>> threshold([1.0, 3.0], 2.0, -1.0).eval()
    array([-1.,  3.])
    """
    x = _float(x)
    return where(BUILDERS["greater"](x, threshold), x, value)


@builder
@torch_words()
def prelu(x: Any, weight: Any) -> Expr:
    """x where it is positive, else x times `weight`: a number, or one for each channel (axis 1).

    >>> prelu([-2.0, 3.0], 0.25).eval()
    array([-0.5,  3. ])
    """
    x, weight = _float(x), as_expr(weight)
    if weight.ndim == 1 and x.ndim > 2:
        weight = BUILDERS["expand_dims"](weight, tuple(range(1, x.ndim - 1)))
    return where(BUILDERS["greater"](x, 0), x, weight * x)


@builder
@torch_words()
def glu(x: Any, axis: int = -1) -> Expr:
    """The first half of x along `axis` times the sigmoid of the second (Dauphin and others, 2016); ShapeError for odd lengths.

    >>> glu([1.0, 2.0, 0.0, 0.0]).eval()
    array([0.5, 1. ])
    """
    x = _float(x)
    axis = axis_of(axis, x.ndim)
    n = lengths_now(x)[axis]
    if isinstance(n, int) and n % 2:
        raise ShapeError(f"glu halves axis {axis}, whose length is {n}", at=user_line())
    head = (slice(None),) * axis
    return x[(*head, slice(None, n // 2))] * BUILDERS["sigmoid"](x[(*head, slice(n // 2, None))])


@builder
@torch_words()
def softmin(x: Any, axis: int = -1, *, dtype: Any = None) -> Expr:
    """softmax(-x) over `axis`.

    >>> softmin([0.0, 0.0]).eval()
    array([0.5, 0.5])
    """
    return BUILDERS["softmax"](-_float(x), axis, dtype=dtype)
