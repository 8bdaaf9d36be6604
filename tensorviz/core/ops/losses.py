"""Losses by the names of Theano and of torch; torch's are means over all elements unless `reduction` says "sum" or "none"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder, strict
from .axes import moveaxis
from .elementwise import cast, where
from .lengths import axis_of, lengths_now, product, user_line
from .shape import reshape
from .statistics import log_softmax, softmax
from .torch_words import torch_words

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "crossentropy_categorical_1hot",
           "crossentropy_softmax_1hot", "crossentropy_softmax_1hot_with_bias", "crossentropy_softmax_argmax_1hot_with_bias",
           "crossentropy_softmax_max_and_argmax_1hot", "crossentropy_softmax_max_and_argmax_1hot_with_bias", "gaussian_nll_loss",
           "h_softmax", "huber_loss", "kl_div", "l1_loss", "like", "linear_cross_entropy", "mse_loss", "nll_loss", "pair_of",
           "picked", "poisson_nll_loss", "prepend_1_to_each_row", "prepend_scalar_to_each_row", "reduced",
           "sigmoid_binary_crossentropy", "smooth_l1_loss", "softmax_with_bias"]

log: Callable[..., Expr] = BUILDERS["log"]
absolute: Callable[..., Expr] = BUILDERS["absolute"]
maximum: Callable[..., Expr] = BUILDERS["maximum"]
softplus: Callable[..., Expr] = BUILDERS["softplus"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


def like(v: Any, x: Expr) -> Expr:
    """`v` as an expression; Python numbers take x's dtype."""
    return as_expr(v, x.dtype) if isinstance(v, int | float) else as_expr(v)


def pair_of(a: Any, b: Any) -> tuple[Expr, Expr]:
    """`a` as floats, and b beside it: Python numbers take a's dtype."""
    x = _float(a)
    return x, like(b, x)


def reduced(x: Expr, reduction: str, weight: Any = None) -> Expr:
    """The mean, the sum or, with "none", all of x; the mean is one weighted by `weight`, of x's shape."""
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentValueError(f"reduction is 'mean', 'sum' or 'none', not {reduction!r}", at=user_line())
    if weight is not None:
        weight = as_expr(weight)
        if reduction == "mean":
            return (x * weight).sum() / BUILDERS["broadcast_to"](weight, lengths_now(x)).sum()
        x = x * weight
    return x if reduction == "none" else x.mean() if reduction == "mean" else x.sum()


def picked(x: Any, classes: Any, axis: int = -1) -> Expr:
    """Of x the elements whose numbers along `axis` are in the integers `classes`, which have x's other axes.

    Raises BoundsError at run time for numbers out of bounds.

    >>> picked([[1.0, 2.0], [3.0, 4.0]], [0, 1]).eval()
    array([1., 4.])
    """
    x, classes = as_expr(x), as_expr(classes)
    axis = axis_of(axis, x.ndim)
    if classes.dtype.kind not in "iu":
        raise DtypeError(f"numbers of classes are integers, not {classes.dtype}", at=user_line())
    if classes.ndim != x.ndim - 1:
        raise ShapeError(f"numbers of classes have {x.ndim - 1} axes here, not {classes.ndim}", at=user_line())
    x = moveaxis(x, axis, -1)
    now = lengths_now(x)
    if x.ndim == 1:
        return x[classes]
    if x.ndim == 2:
        return x[BUILDERS["arange"](now[0]), classes]
    count = product(now[:-1])
    rows = reshape(x, (count, now[-1]))
    return reshape(rows[BUILDERS["arange"](count), reshape(classes, (count,))], now[:-1])


# -- Theano's ----------------------------------------------------------------------------------------------------------
@builder
def sigmoid_binary_crossentropy(output: Any, target: Any) -> Expr:
    """The cross-entropy of `target` and sigmoid(output), elementwise and without overflow: softplus(output) - output * target.

    >>> sigmoid_binary_crossentropy([0.0], [1.0]).eval().round(4)
    array([0.6931])
    """
    output, target = pair_of(output, target)
    return softplus(output) - output * target


@strict
def softmax_with_bias(x: Any, b: Any) -> Expr:
    """softmax(x + b) over the last axis.

    >>> softmax_with_bias([[0.0, 0.0]], [1.0, 1.0]).eval()
    array([[0.5, 0.5]])
    """
    return softmax(_float(x) + b)


@strict
def crossentropy_categorical_1hot(coding_dist: Any, true_one_of_n: Any) -> Expr:
    """-log of what each row of `coding_dist` gives to the class whose number `true_one_of_n` says.

    >>> crossentropy_categorical_1hot([[0.5, 0.5]], [1]).eval().round(4)
    array([0.6931])
    """
    return -log(picked(_float(coding_dist), true_one_of_n))


@strict
def crossentropy_softmax_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> tuple[Expr, Expr, Expr]:
    """(-log softmax(x + b) at the classes `y_idx`, softmax(x + b), the most likely class), a row each.

    >>> [e.ndim for e in crossentropy_softmax_argmax_1hot_with_bias([[0.0, 1.0]], [0.0, 0.0], [1])]
    [1, 2, 1]
    """
    x = _float(x) + b
    return -picked(log_softmax(x), y_idx), softmax(x), BUILDERS["argmax"](x, axis=-1)


@strict
def crossentropy_softmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> tuple[Expr, Expr]:
    """(-log softmax(x + b) at the classes `y_idx`, softmax(x + b)), a row each.

    >>> [e.ndim for e in crossentropy_softmax_1hot_with_bias([[0.0, 1.0]], [0.0, 0.0], [1])]
    [1, 2]
    """
    return crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx)[:2]


@strict
def crossentropy_softmax_max_and_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> tuple[Expr, Expr, Expr, Expr]:
    """(-log softmax(x + b) at the classes `y_idx`, softmax(x + b), its largest element, the most likely class), a row each.

    >>> [e.ndim for e in crossentropy_softmax_max_and_argmax_1hot_with_bias([[0.0, 1.0]], [0.0, 0.0], [1])]
    [1, 2, 1, 1]
    """
    loss, classes, best = crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx)
    return loss, classes, BUILDERS["max"](classes, axis=-1), best


@strict
def crossentropy_softmax_max_and_argmax_1hot(x: Any, y_idx: Any) -> tuple[Expr, Expr, Expr, Expr]:
    """`crossentropy_softmax_max_and_argmax_1hot_with_bias` without bias.

    >>> [e.ndim for e in crossentropy_softmax_max_and_argmax_1hot([[0.0, 1.0]], [1])]
    [1, 2, 1, 1]
    """
    return crossentropy_softmax_max_and_argmax_1hot_with_bias(x, 0.0, y_idx)


@strict
def prepend_scalar_to_each_row(val: Any, mat: Any) -> Expr:
    """A matrix with one more column, of `val`, in front.

    >>> prepend_scalar_to_each_row(2.0, [[1.0], [3.0]]).eval()
    array([[2., 1.],
           [2., 3.]])
    """
    x, v = as_expr(mat), as_expr(val)
    if x.ndim != 2 or v.ndim:
        raise ShapeError(f"a scalar is put before a matrix, not {v.type.text()} before {x.type.text()}", at=user_line())
    column = BUILDERS["broadcast_to"](cast(v, x.dtype), (lengths_now(x)[0], 1))
    return BUILDERS["concatenate"]([column, x], 1)


@strict
def prepend_1_to_each_row(mat: Any) -> Expr:
    """A matrix with one more column, of ones, in front: its weights begin with a bias.

    >>> prepend_1_to_each_row([[3.0]]).eval()
    array([[1., 3.]])
    """
    return prepend_scalar_to_each_row(1, mat)


@strict
def crossentropy_softmax_1hot(x: Any, y_idx: Any) -> tuple[Expr, Expr]:
    """(-log softmax(x) at the classes `y_idx`, softmax(x)), a row each.

    >>> [e.ndim for e in crossentropy_softmax_1hot([[0.0, 1.0]], [1])]
    [1, 2]
    """
    x = _float(x)
    return -picked(log_softmax(x), y_idx), softmax(x)


@strict
def h_softmax(x: Any, batch_size: Any, n_outputs: int, n_classes: int, n_outputs_per_class: int, W1: Any, b1: Any, W2: Any,
              b2: Any, target: Any = None) -> Expr:
    """Two-level softmax: of classes by W1 (n, classes) and b1, of outputs in each by W2 (classes, n, outputs) and b2.

    With `target` the probability of that output for each row of x (batch, n), else those of all `n_outputs` (Theano's).

    >>> import tensorviz as tv
    >>> x, W1, b1, W2, b2 = tv.matrix("x"), tv.matrix("W1"), tv.vector("b1"), tv.tensor3("W2"), tv.matrix("b2")
    >>> h_softmax(x, x.shape[0], 12, 3, 4, W1, b1, W2, b2).ndim
    2
    """
    x, W2, b2 = _float(x), as_expr(W2), as_expr(b2)
    classes = softmax(x @ as_expr(W1) + b1)
    rows = BUILDERS["arange"](lengths_now(x)[0])
    if target is not None:
        target = BUILDERS["flatten"](as_expr(target))
        number, place = target // n_outputs_per_class, target % n_outputs_per_class
        inner = softmax((BUILDERS["expand_dims"](x, 1) @ W2[number])[:, 0] + b2[number])
        return classes[rows, number] * inner[rows, place]
    inner = softmax(BUILDERS["tensordot"](x, W2, ((1,), (1,))) + b2)
    both = BUILDERS["expand_dims"](classes, 2) * inner
    return reshape(both, (lengths_now(x)[0], n_classes * n_outputs_per_class))[:, :n_outputs]


# -- torch's: classes --------------------------------------------------------------------------------------------------
def _class_axis(x: Expr) -> int:
    return 1 if x.ndim > 1 else 0


@torch_words()
def nll_loss(log_probs: Any, target: Any, weight: Any = None, *, ignore_index: int | None = -100,
             reduction: str = "mean") -> Expr:
    """-log_probs at the classes `target`; classes are axis 1 of (batch, classes, *positions).

    The mean is weighted by `weight`, one number a class; targets equal to `ignore_index` count nothing.

    >>> nll_loss([[-1.0, -2.0]], [1]).eval()
    array(2.)
    """
    x, target = _float(log_probs), as_expr(target)
    axis = _class_axis(x)
    keep = None
    if ignore_index is not None:
        keep = BUILDERS["not_equal"](target, ignore_index)
        target = where(keep, target, 0)
    loss = -picked(x, target, axis)
    factor = None if weight is None else as_expr(weight)[target]
    if keep is not None:
        factor = cast(keep, x.dtype) if factor is None else where(keep, factor, 0)
        loss = where(keep, loss, 0)
    loss = loss if weight is None else loss * factor
    if reduction == "mean" and factor is not None:
        return loss.sum() / factor.sum()
    return reduced(loss, reduction)


@torch_words()
def cross_entropy(logits: Any, target: Any, weight: Any = None, *, ignore_index: int | None = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Expr:
    """The cross-entropy of softmax(logits) and `target`: numbers of classes, or probabilities of the logits' shape.

    Classes are axis 1 of (batch, classes, *positions). `weight`: one number a class. `label_smoothing` mixes each target with
    the uniform distribution.

    >>> cross_entropy([[0.0, 0.0]], [1]).round(4).eval()
    array(0.6931)
    """
    x, target = _float(logits), as_expr(target)
    axis = _class_axis(x)
    likely = log_softmax(x, axis)
    if target.dtype.kind in "iu" and not label_smoothing:
        return nll_loss(likely, target, weight, ignore_index=ignore_index, reduction=reduction)
    smooth = label_smoothing
    if target.dtype.kind in "iu":
        ours = nll_loss(likely, target, weight, ignore_index=ignore_index, reduction=reduction)
        return (1 - smooth) * ours + smooth * _even(likely, target, weight, ignore_index, reduction, axis)
    if target.ndim != x.ndim:
        raise ShapeError(f"probabilities have the {x.ndim} axes of the logits, not {target.ndim}", at=user_line())
    classes = lengths_now(x)[axis]
    if smooth:
        target = target * (1 - smooth) + smooth / (float(classes) if isinstance(classes, int) else cast(classes, x.dtype))
    terms = target * likely if weight is None else target * likely * _along(as_expr(weight), x, axis)
    return reduced(-terms.sum(axis=axis), reduction)


@torch_words()
def linear_cross_entropy(x: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
                         reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0) -> Expr:
    """`cross_entropy` of the logits x @ linear_weight.T + linear_bias, for x (batch, n) and linear_weight (classes, n).

    >>> linear_cross_entropy([[1.0]], [[0.0], [0.0]], [1]).round(4).eval()
    array(0.6931)
    """
    logits = BUILDERS["matmul"](_float(x), as_expr(linear_weight).T)
    logits = logits if linear_bias is None else logits + linear_bias
    return cross_entropy(logits, target, weight, ignore_index=-100 if ignore_index is None else ignore_index,
                         reduction=reduction, label_smoothing=label_smoothing)


def _even(likely: Expr, target: Expr, weight: Any, ignore_index: int | None, reduction: str, axis: int) -> Expr:
    """The loss for targets that are uniform distributions, where `target` is not to be ignored, weighted by its classes."""
    loss = -(likely if weight is None else likely * _along(as_expr(weight), likely, axis)).mean(axis=axis)
    keep = BUILDERS["ones_like"](target, "bool") if ignore_index is None else BUILDERS["not_equal"](target, ignore_index)
    loss = where(keep, loss, 0)
    if reduction != "mean":
        return reduced(loss, reduction)
    count = cast(keep, likely.dtype) if weight is None else where(keep, as_expr(weight)[where(keep, target, 0)], 0)
    return loss.sum() / count.sum()


def _along(v: Expr, x: Expr, axis: int) -> Expr:
    return BUILDERS["expand_dims"](v, tuple(k for k in range(x.ndim) if k != axis)) if x.ndim > 1 else v


@torch_words()
def binary_cross_entropy(output: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Expr:
    """-(target * log(output) + (1 - target) * log(1 - output)); logs are kept above -100, as in torch.

    >>> binary_cross_entropy([0.5], [1.0]).round(4).eval()
    array(0.6931)
    """
    p, t = pair_of(output, target)
    loss = -(t * maximum(log(p), -100.0) + (1.0 - t) * maximum(BUILDERS["log1p"](-p), -100.0))
    return reduced(loss if weight is None else loss * weight, reduction)


@torch_words()
def binary_cross_entropy_with_logits(logits: Any, target: Any, weight: Any = None, *, pos_weight: Any = None,
                                     reduction: str = "mean") -> Expr:
    """`sigmoid_binary_crossentropy`, reduced; `pos_weight` multiplies the part of positive targets.

    >>> binary_cross_entropy_with_logits([0.0], [1.0]).round(4).eval()
    array(0.6931)
    """
    x, t = pair_of(logits, target)
    if pos_weight is None:
        loss = sigmoid_binary_crossentropy(x, t)
    else:
        loss = (1.0 - t) * softplus(x) + like(pos_weight, x) * t * softplus(-x)
    return reduced(loss if weight is None else loss * weight, reduction)


@torch_words()
def kl_div(log_probs: Any, target: Any, *, log_target: bool = False, reduction: str = "mean") -> Expr:
    """target * (log(target) - log_probs), 0 where the target is; `log_target`: the target is a logarithm too.

    `reduction="batchmean"` is the sum divided by the length of the first axis, the divergence itself.

    >>> kl_div([0.0], [1.0]).eval()
    array(0.)
    """
    x, t = pair_of(log_probs, target)
    if log_target:
        loss = BUILDERS["exp"](t) * (t - x)
    else:
        positive = BUILDERS["greater"](t, 0)
        loss = where(positive, t * log(where(positive, t, 1)), 0.0) - t * x
    if reduction == "batchmean":
        n = lengths_now(x)[0]
        return loss.sum() / (float(n) if isinstance(n, int) else cast(n, loss.dtype))
    return reduced(loss, reduction)


# -- torch's: numbers --------------------------------------------------------------------------------------------------
@torch_words()
def mse_loss(output: Any, target: Any, *, weight: Any = None, reduction: str = "mean") -> Expr:
    """(output - target)**2; the mean is one weighted by `weight`.

    >>> mse_loss([1.0, 3.0], [0.0, 0.0]).eval()
    array(5.)
    """
    away = _float(output) - target
    return reduced(away * away, reduction, weight)


@torch_words()
def l1_loss(output: Any, target: Any, *, weight: Any = None, reduction: str = "mean") -> Expr:
    """|output - target|; the mean is one weighted by `weight`.

    >>> l1_loss([1.0, -3.0], [0.0, 0.0]).eval()
    array(2.)
    """
    return reduced(absolute(_float(output) - target), reduction, weight)


@torch_words()
def huber_loss(output: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Expr:
    """Half the square of what is off by less than `delta`, beyond it a line: delta * (|away| - delta / 2) (Huber, 1964).

    `weight` multiplies each; as in torch the mean is not divided by it.

    >>> huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none").eval()
    array([0.125, 2.5  ])
    """
    away = _float(output) - target
    size = absolute(away)
    loss = where(BUILDERS["less_equal"](size, delta), 0.5 * away * away, delta * (size - 0.5 * delta))
    return reduced(loss if weight is None else loss * weight, reduction)


@torch_words()
def smooth_l1_loss(output: Any, target: Any, *, beta: float = 1.0, reduction: str = "mean") -> Expr:
    """`huber_loss` divided by `beta`, its bend; `l1_loss` for 0.

    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="none").eval()
    array([0.0625, 2.    ])
    """
    if beta == 0:
        return l1_loss(output, target, reduction=reduction)
    return huber_loss(output, target, reduction, beta) / beta


@torch_words()
def poisson_nll_loss(output: Any, target: Any, log_input: bool = True, full: bool = False, *, eps: float = 1e-8,
                     reduction: str = "mean") -> Expr:
    """exp(output) - target * output, or output - target * log(output + eps): counts that are Poisson, but for log(target!).

    `full` adds Stirling's formula for that where the target is above 1, as torch does.

    >>> poisson_nll_loss([0.0], [1.0]).eval()
    array(1.)
    """
    x, t = pair_of(output, target)
    loss = BUILDERS["exp"](x) - t * x if log_input else x - t * log(x + eps)
    if full:
        some = BUILDERS["greater"](t, 1)
        n = where(some, t, 2)
        loss = loss + where(some, n * log(n) - n + 0.5 * log(2 * math.pi * n), 0)
    return reduced(loss, reduction)


@torch_words()
def gaussian_nll_loss(output: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Expr:
    """(log(var) + (output - target)**2 / var) / 2 with var at least eps: normal errors; the constant log(2 pi) / 2 if `full`.

    >>> gaussian_nll_loss([1.0], [0.0], [1.0]).eval()
    array(0.5)
    """
    away = _float(output) - target
    var = maximum(like(var, away), eps)
    loss = 0.5 * (log(var) + away * away / var)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)
