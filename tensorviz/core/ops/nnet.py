"""Convolutions with the names and arguments of Theano's `tensor.nnet`: filters are turned around unless told not to."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from ..types import shape_text
from .axes import expand_dims, squeeze, transpose
from .convolution import convolve_filters, convolve_inputs, pads_of
from .filters import causal_conv1d as causal
from .filters import conv_of, known_length
from .lengths import known_int, lengths_now, user_line
from .shape import specify_shape
from .windows import steps_of, unfold

__all__ = ["causal_conv1d", "conv2d", "conv2d_grad_wrt_inputs", "conv2d_grad_wrt_weights", "conv2d_transpose", "conv3d",
           "conv3d_grad_wrt_inputs", "conv3d_grad_wrt_weights", "separable_conv2d", "separable_conv3d", "signal_conv2d"]


# -- arguments ---------------------------------------------------------------------------------------------------------
def _shaped(x: Any, shape: Any) -> Expr:
    """x with the lengths that the caller knows."""
    x = as_expr(x)
    if shape is None:
        return x
    lengths = tuple(known_int(n) if isinstance(n, Expr) else n for n in shape)
    if len(lengths) != x.ndim:
        raise ShapeError(f"a tensor of {x.ndim} axes has no shape {shape_text(lengths)}", at=user_line())
    return specify_shape(x, tuple(n if isinstance(n, int) else None for n in lengths))


def _turned(w: Expr, flip: bool, ndim: int) -> Expr:
    return w[(..., *(slice(None, None, -1),) * ndim)] if flip else w


def _border(mode: Any) -> Any:
    if isinstance(mode, str) and mode not in ("valid", "full", "half"):
        raise ArgumentValueError(f"border_mode is 'valid', 'full', 'half', a number or one an axis, not {mode!r}", at=user_line())
    return mode[0] if isinstance(mode, tuple | list) and len(mode) == 1 else mode


def _whole(given: Any, ndim: int, first: tuple[Any, Any]) -> tuple[Any, ...]:
    """A full shape from one whose first two lengths may be None or missing."""
    given = tuple(given) if isinstance(given, tuple | list) else tuple(given[k] for k in range(ndim + 2))
    if len(given) not in (ndim, ndim + 2):
        raise ArgumentError(f"a shape of {ndim} or {ndim + 2} lengths is needed, not {len(given)}", at=user_line())
    lead = given[:-ndim] or (None, None)
    return *(n if m is None else m for m, n in zip(lead, first, strict=True)), *given[-ndim:]


# -- forward -----------------------------------------------------------------------------------------------------------
def _conv(ndim: int, x: Any, filters: Any, shapes: tuple[Any, Any], border_mode: Any, subsample: Any, flip: bool, dilation: Any,
          groups: int, unshared: bool = False) -> Expr:
    x, w = _shaped(x, shapes[0]), _shaped(filters, shapes[1])
    if unshared:
        return _unshared(ndim, x, w, _border(border_mode), subsample, flip, dilation, groups)
    return conv_of(ndim, x, _turned(w, flip, ndim), None, subsample, _border(border_mode), dilation, groups)


def _unshared(ndim: int, x: Expr, w: Expr, mode: Any, subsample: Any, flip: bool, dilation: Any, groups: int) -> Expr:
    """Filters (outputs, *positions, channels / groups, *taps), others at each position: sums of products of windows."""
    if w.ndim != 2 * ndim + 2:
        raise ShapeError(f"unshared filters have {2 * ndim + 2} axes (outputs, *positions, channels, *taps), not {w.ndim}",
                         at=user_line())
    taps = [known_length(n, "the number of taps") for n in lengths_now(w)[-ndim:]]
    gaps = steps_of(dilation, ndim, "dilation")
    modes = mode if isinstance(mode, tuple | list) else (mode,) * ndim
    pads = [(0, 0) if p == "valid" else pads_of(p, k, g) if isinstance(p, str) else p
            for p, k, g in zip(modes, taps, gaps, strict=True)]
    windows = unfold(x, tuple(taps), subsample, tuple(pads), gaps)
    w = _turned(w, flip, ndim)
    order = (0, *range(2, ndim + 2), 1, *range(ndim + 2, 2 * ndim + 2))
    parts = []
    for g in range(groups):
        part = (windows, w)
        if groups > 1:
            channels, outputs = (known_length(n, "the number of filters and channels") // groups
                                 for n in (lengths_now(x)[1], lengths_now(w)[0]))
            part = windows[:, g * channels:(g + 1) * channels], w[g * outputs:(g + 1) * outputs]
        terms = expand_dims(transpose(part[0], order), 1) * expand_dims(part[1], 0)
        parts.append(terms.sum(axis=tuple(range(-ndim - 1, 0))))
    return parts[0] if groups == 1 else BUILDERS["concatenate"](parts, 1)


@strict
def conv2d(input: Any, filters: Any, input_shape: Any = None, filter_shape: Any = None, border_mode: Any = "valid",
           subsample: Any = (1, 1), filter_flip: bool = True, image_shape: Any = None, filter_dilation: Any = (1, 1),
           num_groups: int = 1, unshared: bool = False) -> Expr:
    """The convolution of images (batch, channels, rows, columns) with filters (outputs, channels / groups, rows, columns).

    `border_mode`: "valid", "full", "half", a number of zeros, or one (or a pair) an axis. `filter_flip=False` is the
    cross-correlation. Lengths that the caller knows may be given as `input_shape` and `filter_shape`. `unshared`: filters
    (outputs, rows out, columns out, channels, rows, columns) of their own at each position.

    >>> import tensorviz as tv
    >>> conv2d(tv.tensor4("x"), tv.tensor4("w"), (8, 3, 32, 32), (16, 3, 5, 5), border_mode="half").type.shape
    (8, 16, 32, 32)
    """
    shapes = (image_shape if input_shape is None else input_shape, filter_shape)
    return _conv(2, input, filters, shapes, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)


@strict
def conv3d(input: Any, filters: Any, input_shape: Any = None, filter_shape: Any = None, border_mode: Any = "valid",
           subsample: Any = (1, 1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1, 1), num_groups: int = 1) -> Expr:
    """The convolution of (batch, channels, depth, rows, columns) with filters of as many axes; see `conv2d`.

    >>> import tensorviz as tv
    >>> conv3d(tv.tensor5("x"), tv.tensor5("w"), (1, 3, 8, 8, 8), (4, 3, 3, 3, 3), border_mode="full").type.shape
    (1, 4, 10, 10, 10)
    """
    return _conv(3, input, filters, (input_shape, filter_shape), border_mode, subsample, filter_flip, filter_dilation, num_groups)


@strict
def separable_conv2d(input: Any, depthwise_filters: Any, pointwise_filters: Any, num_channels: int, input_shape: Any = None,
                     depthwise_filter_shape: Any = None, pointwise_filter_shape: Any = None, border_mode: Any = "valid",
                     subsample: Any = (1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1)) -> Expr:
    """Each channel with filters of its own (channels * k, 1, rows, columns), then filters of one tap over all of them.

    >>> import tensorviz as tv
    >>> x, d, p = (tv.tensor4(n) for n in "xdp")
    >>> separable_conv2d(x, d, p, 4, (1, 4, 9, 9), (8, 1, 3, 3), (5, 8, 1, 1)).type.shape
    (1, 5, 7, 7)
    """
    made = _conv(2, input, depthwise_filters, (input_shape, depthwise_filter_shape), border_mode, subsample, filter_flip,
                 filter_dilation, num_channels)
    return _conv(2, made, pointwise_filters, (None, pointwise_filter_shape), "valid", 1, filter_flip, 1, 1)


@strict
def separable_conv3d(input: Any, depthwise_filters: Any, pointwise_filters: Any, num_channels: int, input_shape: Any = None,
                     depthwise_filter_shape: Any = None, pointwise_filter_shape: Any = None, border_mode: Any = "valid",
                     subsample: Any = (1, 1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1, 1)) -> Expr:
    """`separable_conv2d` along three axes.

    >>> import tensorviz as tv
    >>> x, d, p = (tv.tensor5(n) for n in "xdp")
    >>> separable_conv3d(x, d, p, 2, (1, 2, 4, 4, 4), (2, 1, 2, 2, 2), (5, 2, 1, 1, 1)).type.shape
    (1, 5, 3, 3, 3)
    """
    made = _conv(3, input, depthwise_filters, (input_shape, depthwise_filter_shape), border_mode, subsample, filter_flip,
                 filter_dilation, num_channels)
    return _conv(3, made, pointwise_filters, (None, pointwise_filter_shape), "valid", 1, filter_flip, 1, 1)


@strict
def causal_conv1d(input: Any, filters: Any, filter_shape: Any, input_shape: Any = None, subsample: int = 1,
                  filter_flip: bool = True, filter_dilation: int = 1, num_groups: int = 1) -> Expr:
    """The convolution of (batch, channels, n) whose results see no later positions.

    >>> import tensorviz as tv
    >>> causal_conv1d(tv.tensor3("x"), tv.tensor3("w"), (4, 3, 3), (2, 3, 10)).type.shape
    (2, 4, 10)
    """
    w = _turned(_shaped(filters, filter_shape), filter_flip, 1)
    return causal(_shaped(input, input_shape), w, None, subsample, filter_dilation, num_groups)


# -- transposes --------------------------------------------------------------------------------------------------------
def _inputs(ndim: int, g: Any, filters: Any, input_shape: Any, filter_shape: Any, border_mode: Any, subsample: Any, flip: bool,
            dilation: Any, groups: int) -> Expr:
    g, w = as_expr(g), _shaped(filters, filter_shape)
    channels = lengths_now(w)[1]
    shape = _whole(input_shape, ndim, (lengths_now(g)[0], channels * groups if groups > 1 else channels))
    return convolve_inputs(g, _turned(w, flip, ndim), shape, subsample, _border(border_mode), dilation, groups)


def _weights(ndim: int, x: Any, g: Any, filter_shape: Any, input_shape: Any, border_mode: Any, subsample: Any, flip: bool,
             dilation: Any, groups: int) -> Expr:
    x, g = _shaped(x, input_shape), as_expr(g)
    channels = lengths_now(x)[1]
    shape = _whole(filter_shape, ndim, (lengths_now(g)[1], channels // groups if groups > 1 else channels))
    return _turned(convolve_filters(x, g, shape, subsample, _border(border_mode), dilation, groups), flip, ndim)


@strict
def conv2d_grad_wrt_inputs(output_grad: Any, filters: Any, input_shape: Any, filter_shape: Any = None, border_mode: Any = "valid",
                           subsample: Any = (1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1),
                           num_groups: int = 1) -> Expr:
    """The gradient of `conv2d` in its input of `input_shape` (None: follows from the others) for that of its output.

    >>> import tensorviz as tv
    >>> g, w = tv.tensor4("g", shape=(8, 16, 14, 14)), tv.tensor4("w", shape=(16, 3, 5, 5))
    >>> conv2d_grad_wrt_inputs(g, w, (None, None, 32, 32), subsample=(2, 2)).type.shape
    (8, 3, 32, 32)
    """
    return _inputs(2, output_grad, filters, input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation,
                   num_groups)


@strict
def conv2d_grad_wrt_weights(input: Any, output_grad: Any, filter_shape: Any, input_shape: Any = None, border_mode: Any = "valid",
                            subsample: Any = (1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1),
                            num_groups: int = 1) -> Expr:
    """The gradient of `conv2d` in its filters of `filter_shape` (None: follows from the others) for that of its output.

    >>> import tensorviz as tv
    >>> x, g = tv.tensor4("x", shape=(8, 3, 32, 32)), tv.tensor4("g", shape=(8, 16, 14, 14))
    >>> conv2d_grad_wrt_weights(x, g, (None, None, 5, 5), subsample=(2, 2)).type.shape
    (16, 3, 5, 5)
    """
    return _weights(2, input, output_grad, filter_shape, input_shape, border_mode, subsample, filter_flip, filter_dilation,
                    num_groups)


@strict
def conv3d_grad_wrt_inputs(output_grad: Any, filters: Any, input_shape: Any, filter_shape: Any = None, border_mode: Any = "valid",
                           subsample: Any = (1, 1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1, 1),
                           num_groups: int = 1) -> Expr:
    """`conv2d_grad_wrt_inputs` along three axes.

    >>> import tensorviz as tv
    >>> g, w = tv.tensor5("g", shape=(1, 4, 2, 2, 2)), tv.tensor5("w", shape=(4, 3, 2, 2, 2))
    >>> conv3d_grad_wrt_inputs(g, w, (1, 3, 3, 3, 3)).type.shape
    (1, 3, 3, 3, 3)
    """
    return _inputs(3, output_grad, filters, input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation,
                   num_groups)


@strict
def conv3d_grad_wrt_weights(input: Any, output_grad: Any, filter_shape: Any, input_shape: Any = None, border_mode: Any = "valid",
                            subsample: Any = (1, 1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1, 1),
                            num_groups: int = 1) -> Expr:
    """`conv2d_grad_wrt_weights` along three axes.

    >>> import tensorviz as tv
    >>> x, g = tv.tensor5("x", shape=(1, 3, 3, 3, 3)), tv.tensor5("g", shape=(1, 4, 2, 2, 2))
    >>> conv3d_grad_wrt_weights(x, g, (4, 3, 2, 2, 2)).type.shape
    (4, 3, 2, 2, 2)
    """
    return _weights(3, input, output_grad, filter_shape, input_shape, border_mode, subsample, filter_flip, filter_dilation,
                    num_groups)


@strict
def conv2d_transpose(input: Any, filters: Any, output_shape: Any, filter_shape: Any = None, border_mode: Any = "valid",
                     input_dilation: Any = (1, 1), filter_flip: bool = True, filter_dilation: Any = (1, 1),
                     num_groups: int = 1) -> Expr:
    """The transpose of `conv2d` with stride `input_dilation`, from (batch, outputs, ...) to `output_shape`.

    >>> import tensorviz as tv
    >>> x, w = tv.tensor4("x", shape=(8, 16, 14, 14)), tv.tensor4("w", shape=(16, 3, 5, 5))
    >>> conv2d_transpose(x, w, (8, 3, 32, 32), input_dilation=(2, 2)).type.shape
    (8, 3, 32, 32)
    """
    return _inputs(2, input, filters, output_shape, filter_shape, border_mode, input_dilation, filter_flip, filter_dilation,
                   num_groups)


# -- signals -----------------------------------------------------------------------------------------------------------
def signal_conv2d(input: Any, filters: Any, image_shape: Any = None, filter_shape: Any = None, border_mode: str = "valid",
                  subsample: Any = (1, 1)) -> Expr:
    """Theano's `signal.conv.conv2d`: each of the images (rows, columns or a stack of them) with each of the filters.

    >>> import tensorviz as tv
    >>> signal_conv2d(tv.tensor3("x"), tv.tensor3("w"), (4, 9, 9), (2, 3, 3)).type.shape
    (4, 2, 7, 7)
    """
    x, w = _shaped(input, image_shape), _shaped(filters, filter_shape)
    if x.ndim not in (2, 3) or w.ndim not in (2, 3):
        raise ShapeError(f"signal.conv.conv2d takes matrices or stacks of them, not {x.type.text()} and {w.type.text()}",
                         at=user_line())
    out = conv2d(expand_dims(x, (0, 1) if x.ndim == 2 else 1), expand_dims(w, (0, 1) if w.ndim == 2 else 1),
                 border_mode=border_mode, subsample=subsample)
    return squeeze(out, tuple(k for k, e in enumerate((x, w)) if e.ndim == 2))
