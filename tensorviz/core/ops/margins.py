"""Losses with margins, by torch's names: how far what should be more alike is ahead of what should be less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import expand_dims
from .distances import cosine_similarity, pairwise_distance
from .elementwise import cast, where
from .lengths import lengths_now, user_line
from .losses import pair_of, picked, reduced
from .statistics import float_of
from .torch_words import torch_words

__all__ = ["cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "multi_margin_loss", "multilabel_margin_loss",
           "multilabel_soft_margin_loss", "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss"]

maximum: Callable[..., Expr] = BUILDERS["maximum"]
softplus: Callable[..., Expr] = BUILDERS["softplus"]


@torch_words()
def soft_margin_loss(output: Any, target: Any, *, reduction: str = "mean") -> Expr:
    """log(1 + exp(-target * output)) for targets 1 and -1.

    >>> soft_margin_loss([0.0], [1.0]).round(4).eval()
    array(0.6931)
    """
    x, t = pair_of(output, target)
    return reduced(softplus(-t * x), reduction)


@torch_words()
def hinge_embedding_loss(output: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean") -> Expr:
    """output where the target is 1, max(0, margin - output) where it is -1.

    >>> hinge_embedding_loss([0.25, 0.25], [1, -1], reduction="none").eval()
    array([0.25, 0.75])
    """
    x, t = pair_of(output, target)
    return reduced(where(BUILDERS["equal"](t, 1), x, maximum(margin - x, 0.0)), reduction)


@torch_words()
def margin_ranking_loss(a: Any, b: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean") -> Expr:
    """max(0, -target * (a - b) + margin): target 1 wants a above b.

    >>> margin_ranking_loss([1.0], [3.0], [1]).eval()
    array(2.)
    """
    away, t = pair_of(float_of(a) - b, target)
    return reduced(maximum(-t * away + margin, 0.0), reduction)


@torch_words()
def cosine_embedding_loss(a: Any, b: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean") -> Expr:
    """1 - cosine where the target is 1, max(0, cosine - margin) where it is -1, over the last axis.

    >>> cosine_embedding_loss([[1.0, 0.0]], [[0.0, 1.0]], [1]).eval()
    array(1.)
    """
    near = cosine_similarity(a, b, -1)
    return reduced(where(BUILDERS["equal"](as_expr(target), 1), 1.0 - near, maximum(near - margin, 0.0)), reduction)


@torch_words()
def triplet_margin_loss(anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6,
                        swap: bool = False, *, reduction: str = "mean") -> Expr:
    """max(0, distance to the positive - distance to the negative + margin), distances being those of `pairwise_distance`.

    With `swap` the distance between positive and negative counts if it is the less (Balntas and others, 2016).

    >>> triplet_margin_loss([[0.0]], [[3.0]], [[1.0]]).round(4).eval()
    array(3.)
    """
    return triplet_margin_with_distance_loss(anchor, positive, negative, margin=margin, swap=swap, reduction=reduction,
                                             distance_function=lambda a, b: pairwise_distance(a, b, p, eps))


@strict
def triplet_margin_with_distance_loss(anchor: Any, positive: Any, negative: Any, *,
                                      distance_function: Callable[[Any, Any], Expr] | None = None, margin: float = 1.0,
                                      swap: bool = False, reduction: str = "mean") -> Expr:
    """`triplet_margin_loss` with any distance; without one `pairwise_distance`.

    >>> triplet_margin_with_distance_loss([0.0], [3.0], [1.0], distance_function=lambda a, b: abs(as_expr(a) - b)).eval()
    array(3.)
    """
    apart = distance_function or pairwise_distance
    near, far = apart(anchor, positive), apart(anchor, negative)
    if swap:
        far = BUILDERS["minimum"](far, apart(positive, negative))
    return reduced(maximum(near - far + margin, 0.0), reduction)


# -- classes -----------------------------------------------------------------------------------------------------------
@torch_words()
def multi_margin_loss(output: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, *,
                      reduction: str = "mean") -> Expr:
    """The mean over the classes i but y of max(0, margin - output[y] + output[i])**p times weight[y], y being the class `target`.

    `output` is (batch, classes) or (classes,); the mean is over all classes, y included, as in torch.

    >>> multi_margin_loss([[0.5, 0.25]], [0]).eval()
    array(0.375)
    """
    x, y = float_of(output), as_expr(target)
    if p not in (1, 2) or x.ndim not in (1, 2):
        raise ArgumentValueError(f"multi_margin_loss takes (batch, classes) and a power of 1 or 2, not {x.type.text()} and {p}",
                                 at=user_line())
    classes = BUILDERS["arange"](lengths_now(x)[-1])
    loss = maximum(margin - expand_dims(picked(x, y), -1) + x, 0.0)
    loss = loss * loss if p == 2 else loss
    if weight is not None:
        loss = loss * expand_dims(as_expr(weight)[y], -1)
    return reduced(where(BUILDERS["equal"](classes, expand_dims(y, -1)), 0, loss).mean(axis=-1), reduction)


@torch_words()
def multilabel_margin_loss(output: Any, target: Any, *, reduction: str = "mean") -> Expr:
    """The sum of max(0, 1 - output[j] + output[i]) over the labels j and all others i, divided by the number of classes.

    The labels of each row of `output` (batch, classes) are the numbers in that row of `target`, of the same shape, up to a -1.

    >>> multilabel_margin_loss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]).round(4).eval()
    array(0.85)
    """
    x, y = float_of(output), as_expr(target)
    if x.ndim not in (1, 2) or y.ndim != x.ndim or y.dtype.kind not in "iu":
        raise ShapeError(f"labels are integers of the output's shape, not {y.type.text()} for {x.type.text()}", at=user_line())
    listed = BUILDERS["equal"](BUILDERS["cumsum"](cast(BUILDERS["less"](y, 0), "int64"), -1), 0)
    y = where(listed, y, 0)
    classes = BUILDERS["arange"](lengths_now(x)[-1])
    named = BUILDERS["logical_and"](expand_dims(listed, -1), BUILDERS["equal"](expand_dims(y, -1), classes))
    other = BUILDERS["logical_not"](BUILDERS["any"](named, -2, keepdims=True))
    ahead = expand_dims(BUILDERS["take_along_axis"](x, cast(y, "int64"), -1), -1) - expand_dims(x, -2)
    counts = BUILDERS["logical_and"](expand_dims(listed, -1), other)
    loss = where(counts, maximum(1.0 - ahead, 0.0), 0).sum(axis=(-2, -1))
    n = lengths_now(x)[-1]
    return reduced(loss / (float(n) if isinstance(n, int) else cast(n, x.dtype)), reduction)


@torch_words()
def multilabel_soft_margin_loss(output: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Expr:
    """The mean over classes of -(target * log(sigmoid(output)) + (1 - target) * log(1 - sigmoid(output))) * weight.

    >>> multilabel_soft_margin_loss([[0.0, 0.0]], [[1.0, 0.0]]).round(4).eval()
    array(0.6931)
    """
    x, t = pair_of(output, target)
    loss = t * softplus(-x) + (1.0 - t) * softplus(x)
    return reduced((loss if weight is None else loss * weight).mean(axis=-1), reduction)
