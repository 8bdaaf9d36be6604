"""Functions of neural networks that NumPy lacks, composed of elementwise ops: relu and its kin, cross-entropies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from .elementwise import cast, where
from .lengths import lengths_now, product, user_line
from .shape import reshape
from .torch_words import torch_words

__all__ = ["binary_crossentropy", "categorical_crossentropy", "elu", "gelu", "leaky_relu", "relu", "silu"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


@builder
@torch_words(inplace=True)
def relu(x: Any, alpha: Any = 0) -> Expr:
    """max(x, 0), or `alpha` times x where x is negative; its gradient at 0 is the mean of both sides.

    A boolean in the second place is torch's `inplace`, which can only be False.

    >>> import tensorviz as tv
    >>> relu(tv.matrix("x")).op.name
    'maximum'
    """
    x = as_expr(x)
    if alpha is True:
        raise ArgumentValueError("relu can't work in place: expressions never change", at=user_line())
    if isinstance(alpha, int | float) and alpha == 0:
        return BUILDERS["maximum"](x, 0)
    x = _float(x)
    return BUILDERS["maximum"](x, 0) + alpha * BUILDERS["minimum"](x, 0)


@builder
@torch_words(inplace=True, negative_slope="alpha")
def leaky_relu(x: Any, alpha: Any = 0.01) -> Expr:
    """x where it is positive, else `alpha` times x; `negative_slope` is torch's word for alpha.

    >>> import tensorviz as tv
    >>> leaky_relu(tv.matrix("x")).ndim
    2
    """
    return relu(x, alpha)


@builder
@torch_words(inplace=True)
def elu(x: Any, alpha: Any = 1.0) -> Expr:
    """x where it is positive, else alpha * (exp(x) - 1); the gradient at 0 is alpha.

    >>> import tensorviz as tv
    >>> elu(tv.matrix("x")).ndim
    2
    """
    x = _float(x)
    positive = BUILDERS["greater"](x, 0)        # not minimum(x, 0): its gradient at 0 is the mean of both sides
    return where(positive, x, alpha * BUILDERS["expm1"](where(positive, 0, x)))


@builder
@torch_words(inplace=True)
def silu(x: Any) -> Expr:
    """x * sigmoid(x), also called swish.

    >>> import tensorviz as tv
    >>> silu(tv.matrix("x")).ndim
    2
    """
    x = _float(x)
    return x * BUILDERS["sigmoid"](x)


@builder
@torch_words()
def gelu(x: Any, approximate: str | bool = "none") -> Expr:
    """x times the normal distribution function of x: x * (1 + erf(x / sqrt(2))) / 2.

    With `approximate="tanh"` x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x**3))) / 2 (Hendrycks and Gimpel, 2016; GPT-2 has it).

    >>> import tensorviz as tv
    >>> gelu(tv.matrix("x")).ndim
    2
    """
    if approximate not in ("none", "tanh", True, False):
        raise ArgumentValueError(f"gelu is approximated by 'tanh' or 'none', not {approximate!r}", at=user_line())
    x = _float(x)
    if approximate in ("tanh", True):
        return 0.5 * x * (1.0 + BUILDERS["tanh"](float(np.sqrt(2 / np.pi)) * (x + 0.044715 * x * x * x)))
    return 0.5 * x * (1.0 + BUILDERS["erf"](x * float(1 / np.sqrt(2))))


@builder
def binary_crossentropy(output: Any, target: Any) -> Expr:
    """-(target * log(output) + (1 - target) * log(1 - output)), elementwise, for probabilities `output`.

    >>> import tensorviz as tv
    >>> binary_crossentropy(tv.vector("p"), tv.vector("t")).ndim
    1
    """
    output, target = _float(output), as_expr(target)
    log = BUILDERS["log"]
    return -(target * log(output) + (1 - target) * log(1 - output))


@builder
def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Expr:
    """-sum(true * log(coding)) over the last axis; `true_dist` is a distribution a row, or the number of the true class a row.

    Raises ShapeError if `true_dist` has neither as many axes as `coding_dist` nor one less.

    >>> import tensorviz as tv
    >>> categorical_crossentropy(tv.matrix("p"), tv.lvector("t")).ndim
    1
    """
    coding, true = _float(coding_dist), as_expr(true_dist)
    if true.ndim == coding.ndim:
        return -(true * BUILDERS["log"](coding)).sum(axis=-1)
    if true.ndim != coding.ndim - 1 or coding.ndim < 2:
        raise ShapeError(f"distributions of {coding.ndim} axes can't be compared with {true.ndim} axes", at=user_line())
    now = lengths_now(coding)
    rows = BUILDERS["arange"](product(now[:-1]))
    flat, classes = (coding, true) if coding.ndim == 2 else (reshape(coding, (-1, now[-1])), reshape(true, (-1,)))
    return reshape(-BUILDERS["log"](flat[rows, classes]), now[:-1])
