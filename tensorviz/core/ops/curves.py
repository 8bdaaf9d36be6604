"""Functions of jax.nn that torch lacks: kin of relu, logarithms of sums of exponentials, standardised tensors."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError, ArgumentValueError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .activations import relu
from .elementwise import cast, where
from .lengths import user_line
from .special_sums import logsumexp as scipys_logsumexp
from .statistics import count_of, float_of, mean, var
from .torch_words import torch_words

__all__ = ["identity", "log1mexp", "logmeanexp", "logsumexp", "rrelu", "sparse_plus", "sparse_sigmoid", "squareplus",
           "standardize"]


@strict
def identity(x: Any) -> Expr:
    """x itself, where an activation function is asked for.

    >>> identity([1.0, 2.0]).eval()
    array([1., 2.])
    """
    return as_expr(x)


@strict
def squareplus(x: Any, b: float = 4.0) -> Expr:
    """(x + sqrt(x**2 + b)) / 2: like softplus, without exponentials (Barron, Squareplus, 2021).

    >>> squareplus([0.0, 1.5]).eval()
    array([1., 2.])
    """
    x = float_of(x)
    return (x + BUILDERS["sqrt"](x * x + b)) / 2.0


@strict
def sparse_plus(x: Any) -> Expr:
    """0 up to -1, x from 1 on, (x + 1)**2 / 4 between: the softplus of sparsemax (Martins and Astudillo, 2016).

    >>> sparse_plus([-2.0, 0.0, 3.0]).eval()
    array([0.  , 0.25, 3.  ])
    """
    x = float_of(x)
    between = where(BUILDERS["less_equal"](x, -1.0), 0.0, (x + 1.0) * (x + 1.0) / 4.0)
    return where(BUILDERS["greater_equal"](x, 1.0), x, between)


@strict
def sparse_sigmoid(x: Any) -> Expr:
    """(x + 1) / 2 kept between 0 and 1: the derivative of `sparse_plus`.

    >>> sparse_sigmoid([-2.0, 0.0, 3.0]).eval()
    array([0. , 0.5, 1. ])
    """
    return BUILDERS["clip"]((float_of(x) + 1.0) / 2.0, 0.0, 1.0)


@torch_words(inplace=True)
def rrelu(x: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Expr:
    """x where it is positive, else x times the mean of `lower` and `upper`.

    In training torch draws a slope for each element; here ArgumentError asks for `prelu` with a drawn tensor instead.

    >>> rrelu([-4.0, 2.0], 0.25, 0.75).eval()
    array([-2.,  2.])
    """
    if training:
        raise ArgumentError("rrelu draws no slopes", at=user_line(), hint="prelu(x, slopes) with slopes from a random stream")
    return relu(x, (lower + upper) / 2)


@strict
def log1mexp(x: Any) -> Expr:
    """log(1 - exp(-x)) for x above 0, as jax has it (`special.log1mexp`, as in PyTensor, is log(1 - exp(x)) for x below 0).

    >>> log1mexp([1.0]).eval().round(4)
    array([-0.4587])
    """
    return BUILDERS["log1mexp"](-float_of(x))


@torch_words(a="x")
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False, *, b: Any = None, return_sign: bool = False,
              where: Any = None) -> Any:
    """log(sum(b * exp(x))) over `axis` without overflow, of the elements for which `where` is true.

    With `return_sign` a pair: the logarithm of the sum's absolute value, and its sign.

    >>> logsumexp([0.0, 0.0]).round(4).eval()
    array(0.6931)
    """
    x = float_of(x)
    if where is not None:
        x = BUILDERS["where"](where, x, -math.inf)
    return scipys_logsumexp(x, axis, b, keepdims, return_sign)


@torch_words()
def logmeanexp(x: Any, axis: Any = None, where: Any = None, keepdims: bool = False) -> Expr:
    """log(mean(exp(x))) over `axis` without overflow, of the elements for which `where` is true.

    >>> logmeanexp([2.0, 2.0]).eval()
    array(2.)
    """
    total = logsumexp(x, axis, keepdims, where=where)
    return total - BUILDERS["log"](count_of(as_expr(x), axis, total.dtype, where, keepdims))


@torch_words(variance="var")
def standardize(x: Any, axis: Any = -1, mean: Any = None, var: Any = None, epsilon: float = 1e-5, where: Any = None) -> Expr:
    """(x - mean) / sqrt(variance + epsilon) over `axis`, the moments being those of the elements for which `where` is true.

    `mean` and `variance`, with the axes kept, are taken instead if they are given.

    >>> standardize([1.0, 3.0], epsilon=0.0).eval()
    array([-1.,  1.])
    """
    x = float_of(x)
    centre = _mean(x, axis, keepdims=True, where=where) if mean is None else as_expr(mean)
    spread = _var(x, axis, keepdims=True, where=where, mean=centre) if var is None else as_expr(var)
    if epsilon < 0:
        raise ArgumentValueError(f"epsilon is 0 or more, not {epsilon}", at=user_line())
    return (x - cast(centre, x.dtype)) / BUILDERS["sqrt"](cast(spread, x.dtype) + epsilon)


_mean, _var = mean, var
