"""Normalisations: over a batch, over layers, over groups of channels, over neighbouring channels, to length 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import expand_dims, moveaxis
from .elementwise import cast
from .lengths import axes_of, axis_of, lengths_now, user_line
from .pooling import pool_sum
from .shape import reshape, specify_shape
from .statistics import count_of, mean, norm
from .torch_words import torch_words

__all__ = ["batch_norm", "batch_normalization", "batch_normalization_test", "batch_normalization_train", "group_norm",
           "instance_norm", "layer_norm", "local_response_norm", "normalize", "rms_norm"]

sqrt: Callable[..., Expr] = BUILDERS["sqrt"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


def _moments(x: Expr, axes: Any) -> tuple[Expr, Expr, Expr]:
    """The mean over axes, kept as axes of length 1, what is left of x, and the variance."""
    centre = mean(x, axes, keepdims=True)
    away = x - centre
    return centre, away, mean(away * away, axes, keepdims=True)


def _scaled(x: Expr, weight: Any, bias: Any, place: Callable[[Expr], Expr] = lambda e: e) -> Expr:
    x = x if weight is None else x * place(as_expr(weight))
    return x if bias is None else x + place(as_expr(bias))


def _last(x: Expr, normalized_shape: Any, axis: Any) -> tuple[Expr, Any]:
    """x and the axes that it is normalised over: the last ones, of the lengths given, or those named."""
    if normalized_shape is None:
        return x, -1 if axis is None else axis
    given = tuple(normalized_shape) if isinstance(normalized_shape, tuple | list) else (normalized_shape,)
    if axis is not None or len(given) > x.ndim or any(isinstance(n, int) and n < 0 for n in given):
        raise ArgumentValueError(f"normalized_shape is the lengths of the last axes of x, not {normalized_shape}", at=user_line(),
                                 hint="axis= names the axes")
    if all(isinstance(n, int) for n in given):
        x = specify_shape(x, (*(None,) * (x.ndim - len(given)), *given))
    return x, tuple(range(x.ndim - len(given), x.ndim))


@torch_words()
def layer_norm(x: Any, normalized_shape: Any = None, weight: Any = None, bias: Any = None, eps: float = 1e-5, *,
               axis: Any = None) -> Expr:
    """(x - mean) / sqrt(var + eps) over the last axes, times `weight` plus `bias`, which broadcast to x.

    `normalized_shape` is the lengths of those axes, as in torch; or `axis` names one or several. Without both it is the last.

    >>> import tensorviz as tv
    >>> layer_norm(tv.matrix("x", shape=(2, 3)), 3).type.shape
    (2, 3)
    """
    x, over = _last(_float(x), normalized_shape, axis)
    _, away, var = _moments(x, over)
    return _scaled(away / sqrt(var + eps), weight, bias)


@torch_words()
def rms_norm(x: Any, normalized_shape: Any = None, weight: Any = None, eps: float | None = None, *, axis: Any = None) -> Expr:
    """x / sqrt(mean(x**2) + eps) over the last axes, times `weight` (Zhang and Sennrich, 2019); axes as in `layer_norm`.

    `eps` is the distance of 1 from the next number of x's dtype if it is not given, as in torch.

    >>> rms_norm([3.0, 3.0]).eval().round(3)
    array([1., 1.])
    """
    x, over = _last(_float(x), normalized_shape, axis)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    return _scaled(x / sqrt(mean(x * x, over, keepdims=True) + eps), weight, None)


def _channels(ndim: int) -> Callable[[Expr], Expr]:
    """One number a channel (axis 1) as it broadcasts to a tensor of so many axes."""
    return lambda e: expand_dims(e, tuple(range(1, ndim - 1))) if e.ndim == 1 else e


@torch_words()
def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Expr:
    """`layer_norm` of x (batch, channels, *positions) over each of so many groups of channels; one weight and bias a channel.

    >>> import tensorviz as tv
    >>> group_norm(tv.tensor4("x", shape=(2, 6, 4, 4)), 3).type.shape
    (2, 6, 4, 4)
    """
    x = _float(x)
    now = lengths_now(x)
    if x.ndim < 2 or (isinstance(now[1], int) and now[1] % num_groups):
        raise ShapeError(f"{now[1] if x.ndim > 1 else 'no'} channels can't be shared out to {num_groups} groups", at=user_line())
    parts = reshape(x, (now[0], num_groups, now[1] // num_groups, *now[2:]))
    made = layer_norm(parts, axis=tuple(range(2, parts.ndim)), eps=eps)
    return _scaled(reshape(made, now), weight, bias, _channels(x.ndim))


@torch_words()
def instance_norm(x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
                  use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5) -> Expr:
    """`layer_norm` of x (batch, channels, *positions) over the positions of each channel; one weight and bias a channel.

    Unless `use_input_stats` it is `batch_norm` by the running averages; `momentum` changes nothing.

    >>> import tensorviz as tv
    >>> instance_norm(tv.tensor4("x", shape=(2, 6, 4, 4))).type.shape
    (2, 6, 4, 4)
    """
    x = _float(x)
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, eps=eps)
    return _scaled(layer_norm(x, axis=tuple(range(2, x.ndim)), eps=eps), weight, bias, _channels(x.ndim))


@torch_words()
def batch_norm(x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
               training: bool = False, momentum: float = 0.1, eps: float = 1e-5) -> Expr:
    """x (batch, channels, *positions) normalised for each channel: by its mean and variance if `training`, else by those given.

    `momentum` changes nothing: running averages are not changed here, `batch_normalization_train` gives new ones.

    >>> import tensorviz as tv
    >>> batch_norm(tv.tensor4("x"), training=True).ndim
    4
    """
    x = _float(x)
    place = _channels(x.ndim)
    if training:
        made = layer_norm(x, axis=(0, *range(2, x.ndim)), eps=eps)
    elif running_mean is None or running_var is None:
        raise ArgumentError("batch_norm needs running_mean and running_var, or training=True", at=user_line())
    else:
        made = (x - place(as_expr(running_mean))) / sqrt(place(as_expr(running_var)) + eps)
    return _scaled(made, weight, bias, place)


# -- Theano's ----------------------------------------------------------------------------------------------------------
def _axes(axes: Any, ndim: int) -> tuple[int, ...]:
    if axes == "per-activation":
        return (0,)
    if axes == "spatial":
        return 0, *range(2, ndim)
    if isinstance(axes, str):
        raise ArgumentValueError(f"axes are 'per-activation', 'spatial' or numbers, not {axes!r}", at=user_line())
    return axes_of(axes, ndim)


def _params(x: Expr, axes: Sequence[int], params: Sequence[Any]) -> list[Expr]:
    """Parameters that broadcast to x: of x's rank, or of the rank of the other axes."""
    found = []
    for p in map(as_expr, params):
        if p.ndim == x.ndim - len(axes):
            p = expand_dims(p, tuple(axes)) if axes else p
        elif p.ndim != x.ndim:
            raise ShapeError(f"a parameter of {p.ndim} axes doesn't go with a tensor of {x.ndim} normalised over {len(axes)}",
                             at=user_line())
        found.append(p)
    return found


@strict
def batch_normalization_train(inputs: Any, gamma: Any, beta: Any, axes: Any = "per-activation", epsilon: float = 1e-4,
                              running_average_factor: float = 0.1, running_mean: Any = None, running_var: Any = None) -> Any:
    """(out, mean, 1 / std) of `inputs` normalised over `axes`, and the new running mean and variance if old ones are given.

    `axes`: "per-activation" (the batch), "spatial" (all but channels) or numbers. Parameters have as many axes as `inputs`, or as
    many as are left. The running variance is that of n - 1, as in Theano.

    >>> import tensorviz as tv
    >>> x, a, b = tv.tensor4("x"), tv.vector("a"), tv.vector("b")
    >>> [e.ndim for e in batch_normalization_train(x, a, b, "spatial")]
    [4, 4, 4]
    """
    x = _float(inputs)
    over = _axes(axes, x.ndim)
    gamma, beta = _params(x, over, (gamma, beta))
    centre, away, var = _moments(x, over)
    inverse = 1.0 / sqrt(var + epsilon)
    results = [away * (gamma * inverse) + beta, centre, inverse]
    f = running_average_factor
    if running_mean is not None:
        (old,) = _params(x, over, (running_mean,))
        results.append(old * (1.0 - f) + centre * f)
    if running_var is not None:
        (old,) = _params(x, over, (running_var,))
        n = count_of(x, over, x.dtype)
        results.append(old * (1.0 - f) + (n / (n - 1.0)) * f * var)
    return tuple(results)


@strict
def batch_normalization_test(inputs: Any, gamma: Any, beta: Any, mean: Any, var: Any, axes: Any = "per-activation",
                             epsilon: float = 1e-4) -> Expr:
    """`inputs` normalised by a given mean and variance, times gamma, plus beta; see `batch_normalization_train`.

    >>> import tensorviz as tv
    >>> x, (a, b, m, v) = tv.tensor4("x"), tv.vectors("a b m v")
    >>> batch_normalization_test(x, a, b, m, v, "spatial").ndim
    4
    """
    x = _float(inputs)
    gamma, beta, centre, var = _params(x, _axes(axes, x.ndim), (gamma, beta, mean, var))
    return (x - centre) * (gamma / sqrt(var + epsilon)) + beta


@strict
def batch_normalization(inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem") -> Expr:
    """(inputs - mean) * gamma / std + beta, by broadcasting; `mode` is Theano's and changes nothing.

    >>> import tensorviz as tv
    >>> x, (a, b, m, s) = tv.matrix("x"), tv.vectors("a b m s")
    >>> batch_normalization(x, a, b, m, s).ndim
    2
    """
    return (_float(inputs) - mean) * (as_expr(gamma) / as_expr(std)) + beta


# -- others ------------------------------------------------------------------------------------------------------------
@torch_words()
def local_response_norm(x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Expr:
    """x / (k + alpha * mean of x**2 over `size` neighbouring channels)**beta, zeros beyond the ends (Krizhevsky, 2012; as torch).

    >>> import tensorviz as tv
    >>> local_response_norm(tv.tensor4("x", shape=(2, 6, 4, 4)), 5).type.shape
    (2, 6, 4, 4)
    """
    x = _float(x)
    if x.ndim < 3:
        raise ShapeError(f"local_response_norm takes (batch, channels, *positions), not {x.ndim} axes", at=user_line())
    last = moveaxis(x * x, 1, -1)
    sums = moveaxis(pool_sum(last, (size,), 1, ((size // 2, (size - 1) // 2),)), -1, 1)
    return x / (k + (alpha / size) * sums) ** beta


@torch_words(p="ord")
def normalize(x: Any, ord: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Expr:
    """x divided by its norm along `axis`, or by eps if that is larger; torch's word for `ord` is p.

    >>> normalize([[3.0, 4.0]]).eval()
    array([[0.6, 0.8]])
    """
    x = _float(x)
    return x / BUILDERS["maximum"](norm(x, ord, axis_of(axis, x.ndim), keepdims=True), eps)
