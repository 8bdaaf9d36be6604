"""Losses by optax's names: one number an element or a row, never a mean of them; targets stand second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import DtypeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import expand_dims
from .elementwise import cast, where
from .lengths import lengths_now, user_line
from .losses import pair_of, picked, sigmoid_binary_crossentropy
from .statistics import float_of, log_softmax

__all__ = ["convex_kl_divergence", "cosine_distance", "hinge_loss", "kl_divergence", "kl_divergence_with_log_targets", "l2_loss",
           "log_cosh", "multiclass_hinge_loss", "multiclass_perceptron_loss", "perceptron_loss", "poly_loss_cross_entropy",
           "safe_softmax_cross_entropy", "sigmoid_binary_cross_entropy", "sigmoid_focal_loss", "smooth_labels",
           "softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels", "squared_error"]

maximum: Callable[..., Expr] = BUILDERS["maximum"]
softplus: Callable[..., Expr] = BUILDERS["softplus"]
log: Callable[..., Expr] = BUILDERS["log"]


# -- numbers -----------------------------------------------------------------------------------------------------------
@strict
def squared_error(predictions: Any, targets: Any = None) -> Expr:
    """(predictions - targets)**2, elementwise; without targets they are 0.

    >>> squared_error([1.0, 3.0], [0.0, 1.0]).eval()
    array([1., 4.])
    """
    away = float_of(predictions) if targets is None else float_of(predictions) - targets
    return away * away


@strict
def l2_loss(predictions: Any, targets: Any = None) -> Expr:
    """Half of `squared_error`.

    >>> l2_loss([1.0, 3.0], [0.0, 1.0]).eval()
    array([0.5, 2. ])
    """
    return 0.5 * squared_error(predictions, targets)


@strict
def log_cosh(predictions: Any, targets: Any = None) -> Expr:
    """log(cosh(predictions - targets)) without overflow: half the square near 0, |away| - log(2) far from it.

    >>> log_cosh([0.0, 1000.0]).eval().round(4)
    array([  0.    , 999.3069])
    """
    away = BUILDERS["absolute"](float_of(predictions) if targets is None else float_of(predictions) - targets)
    return away + BUILDERS["log1p"](BUILDERS["expm1"](-2.0 * away) / 2.0)


@strict
def cosine_distance(predictions: Any, targets: Any, epsilon: float = 0.0, axis: int = -1) -> Expr:
    """1 - the cosine of the angle between predictions and targets along `axis`; each norm counts as at least epsilon.

    >>> cosine_distance([[1.0, 0.0]], [[0.0, 1.0]], 1e-8).eval()
    array([1.])
    """
    a, b = float_of(predictions), float_of(targets)
    one, other = (maximum(BUILDERS["norm"](v, 2, axis), epsilon) for v in (a, b))
    return 1.0 - (a * b).sum(axis=axis) / (one * other)


# -- two classes -------------------------------------------------------------------------------------------------------
@strict
def hinge_loss(predictor_outputs: Any, targets: Any) -> Expr:
    """max(0, 1 - output * target) for targets 1 and -1.

    >>> hinge_loss([0.25, 0.25], [1, -1]).eval()
    array([0.75, 1.25])
    """
    x, t = pair_of(predictor_outputs, targets)
    return maximum(1.0 - x * t, 0.0)


@strict
def perceptron_loss(predictor_outputs: Any, targets: Any) -> Expr:
    """max(0, -output * target) for targets 1 and -1 (Rosenblatt, 1958).

    >>> perceptron_loss([0.25, 0.25], [1, -1]).eval()
    array([0.  , 0.25])
    """
    x, t = pair_of(predictor_outputs, targets)
    return maximum(-x * t, 0.0)


@strict
def sigmoid_binary_cross_entropy(logits: Any, labels: Any) -> Expr:
    """-(labels * log(sigmoid(logits)) + (1 - labels) * log(1 - sigmoid(logits))), elementwise and without overflow.

    >>> sigmoid_binary_cross_entropy([0.0], [1.0]).eval().round(4)
    array([0.6931])
    """
    return sigmoid_binary_crossentropy(logits, labels)


@strict
def sigmoid_focal_loss(logits: Any, labels: Any, alpha: float | None = None, gamma: float = 2.0) -> Expr:
    """The cross-entropy times (1 - likelihood)**gamma, so that what is right already counts less (Lin and others, 2017).

    With `alpha` times alpha where the label is 1 and 1 - alpha where it is 0.

    >>> sigmoid_focal_loss([0.0], [1.0]).eval().round(4)
    array([0.1733])
    """
    x, t = pair_of(logits, labels)
    p = BUILDERS["sigmoid"](x)
    loss = sigmoid_binary_crossentropy(x, t) * (1.0 - (p * t + (1.0 - p) * (1.0 - t))) ** float(gamma)
    return loss if alpha is None else (alpha * t + (1.0 - alpha) * (1.0 - t)) * loss


# -- many classes ------------------------------------------------------------------------------------------------------
@strict
def smooth_labels(labels: Any, alpha: float) -> Expr:
    """(1 - alpha) * labels + alpha / classes, for one-hot labels over the last axis (Szegedy and others, 2016).

    >>> smooth_labels([0.0, 1.0], 0.5).eval()
    array([0.25, 0.75])
    """
    t = as_expr(labels)
    if t.dtype.kind != "f":
        raise DtypeError(f"labels that are smoothed are floats, not {t.dtype}", at=user_line())
    n = lengths_now(t)[-1]
    return (1.0 - alpha) * t + (alpha / n if isinstance(n, int) else alpha / cast(n, t.dtype))


@strict
def softmax_cross_entropy(logits: Any, labels: Any, axis: int = -1, where: Any = None) -> Expr:
    """-sum(labels * log_softmax(logits)) over `axis`, of the classes for which `where` is true.

    >>> softmax_cross_entropy([[0.0, 0.0]], [[1.0, 0.0]]).eval().round(4)
    array([0.6931])
    """
    x, t = pair_of(logits, labels)
    terms = t * log_softmax(x, axis, where=where)
    return -(terms if where is None else BUILDERS["where"](where, terms, 0)).sum(axis=axis)


@strict
def safe_softmax_cross_entropy(logits: Any, labels: Any) -> Expr:
    """`softmax_cross_entropy` over the last axis, in which labels 0 count nothing even for logits of -inf.

    >>> safe_softmax_cross_entropy([[0.0, 0.0, float("-inf")]], [[1.0, 0.0, 0.0]]).eval().round(4)
    array([0.6931])
    """
    x, t = pair_of(logits, labels)
    return -where(BUILDERS["equal"](t, 0), 0, t * log_softmax(x)).sum(axis=-1)


@strict
def softmax_cross_entropy_with_integer_labels(logits: Any, labels: Any, axis: int = -1, where: Any = None) -> Expr:
    """-log_softmax(logits) along `axis` at the classes whose numbers `labels` says.

    >>> softmax_cross_entropy_with_integer_labels([[0.0, 0.0]], [1]).eval().round(4)
    array([0.6931])
    """
    return -picked(log_softmax(float_of(logits), axis, where=where), labels, axis)


@strict
def poly_loss_cross_entropy(logits: Any, labels: Any, epsilon: float = 2.0, axis: int = -1) -> Expr:
    """`softmax_cross_entropy` plus epsilon * (1 - the likelihood of the labels) (Leng and others, PolyLoss, 2022).

    >>> poly_loss_cross_entropy([[0.0, 0.0]], [[1.0, 0.0]]).eval().round(4)
    array([1.6931])
    """
    x, t = pair_of(logits, labels)
    one_minus = (t * (1.0 - BUILDERS["softmax"](x, axis))).sum(axis=axis)
    return softmax_cross_entropy(x, t, axis) + epsilon * one_minus


@strict
def multiclass_hinge_loss(scores: Any, labels: Any) -> Expr:
    """max over classes i of score[i] + (i is not the label) - score[label], over the last axis (Crammer and Singer, 2001).

    >>> multiclass_hinge_loss([[0.5, 0.25]], [0]).eval()
    array([0.75])
    """
    x, y = float_of(scores), as_expr(labels)
    classes = BUILDERS["arange"](lengths_now(x)[-1])
    margin = cast(BUILDERS["not_equal"](expand_dims(y, -1), classes), x.dtype)
    return BUILDERS["max"](x + margin, -1) - picked(x, y)


@strict
def multiclass_perceptron_loss(scores: Any, labels: Any) -> Expr:
    """The largest score minus that of the label, over the last axis.

    >>> multiclass_perceptron_loss([[0.5, 0.25]], [1]).eval()
    array([0.25])
    """
    x = float_of(scores)
    return BUILDERS["max"](x, -1) - picked(x, labels)


# -- distributions -----------------------------------------------------------------------------------------------------
def _times_log(t: Expr) -> Expr:
    """t * log(t), 0 where t is."""
    some = BUILDERS["not_equal"](t, 0)
    return where(some, t * log(where(some, t, 1)), 0)


@strict
def kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Expr:
    """sum(targets * (log(targets) - log_predictions)) over `axis`, of the elements for which `where` is true; 0 log 0 is 0.

    >>> kl_divergence([[0.0, -1.0]], [[0.5, 0.5]]).eval().round(4)
    array([-0.1931])
    """
    x, t = pair_of(log_predictions, targets)
    return (_times_log(t) - t * x).sum(axis=axis, where=where)


@strict
def kl_divergence_with_log_targets(log_predictions: Any, log_targets: Any, axis: Any = -1, where: Any = None) -> Expr:
    """sum(exp(log_targets) * (log_targets - log_predictions)) over `axis`.

    >>> kl_divergence_with_log_targets([[0.0, -1.0]], [[0.0, -1.0]]).eval()
    array([0.])
    """
    x, t = pair_of(log_predictions, log_targets)
    return (BUILDERS["exp"](t) * (t - x)).sum(axis=axis, where=where)


@strict
def convex_kl_divergence(log_predictions: Any, targets: Any, axis: Any = -1, where: Any = None) -> Expr:
    """`kl_divergence` plus sum(exp(log_predictions) - targets): convex in both, 0 only where they are equal.

    >>> convex_kl_divergence([[0.0]], [[1.0]]).eval()
    array([0.])
    """
    x, t = pair_of(log_predictions, targets)
    return kl_divergence(x, t, axis, where) + (BUILDERS["exp"](x) - t).sum(axis=axis, where=where)
