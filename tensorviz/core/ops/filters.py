"""Convolutions as users of torch call them: along one, two or three axes, transposed, separable, causal."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import builder
from .axes import expand_dims, squeeze, transpose
from .convolution import convolve_inputs, convolve_nd, reach
from .lengths import known_int, lengths_now, user_line
from .torch_words import torch_words
from .windows import steps_of

__all__ = ["causal_conv1d", "conv1d", "conv2d", "conv3d", "conv_of", "conv_tbc", "conv_transpose1d", "conv_transpose2d",
           "conv_transpose3d", "known_length", "separable_conv2d"]


# -- torch's words -----------------------------------------------------------------------------------------------------
def _with_bias(out: Expr, bias: Any, ndim: int) -> Expr:
    if bias is None:
        return out
    bias = as_expr(bias)
    if bias.ndim != 1:
        raise ShapeError(f"a bias has one number an output, not {bias.type.text()}", at=user_line(),
                         hint="stride, padding, dilation and groups stand behind the bias, as in torch: give them by name")
    return out + expand_dims(bias, tuple(range(1, ndim + 1)))


def conv_of(ndim: int, x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Expr:
    """A convolution along `ndim` axes, of one image or of many."""
    x, w = as_expr(x), as_expr(w)
    if w.ndim != ndim + 2 or x.ndim not in (ndim + 1, ndim + 2):
        raise ShapeError(f"conv{ndim}d takes x with {ndim + 2} axes (or {ndim + 1}: one image) and filters with {ndim + 2}, "
                         f"not {x.ndim} and {w.ndim}", at=user_line())
    strides = steps_of(stride, ndim, "stride")
    if any(p == "same" and s != 1 for p, s in zip((padding,) * ndim if isinstance(padding, str) else (), strides, strict=False)):
        raise ArgumentValueError("padding 'same' goes with a stride of 1", at=user_line(), hint="give the numbers of zeros")
    one = x.ndim == ndim + 1
    out = convolve_nd(expand_dims(x, 0) if one else x, w, strides, padding, dilation, groups)
    return _with_bias(squeeze(out, 0) if one else out, bias, ndim)


@builder
@torch_words(weight="w")
def conv1d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The cross-correlation of x (images, channels, n) with filters w (outputs, channels / groups, taps), as torch has it.

    `padding`: a number of zeros, a pair, or "valid", "same", "half", "full". x may be one image (channels, n).

    >>> import tensorviz as tv
    >>> conv1d(tv.tensor3("x", shape=(2, 3, 10)), tv.tensor3("w", shape=(4, 3, 3)), padding="same").type.shape
    (2, 4, 10)
    """
    padding = (padding,) if isinstance(padding, tuple) and len(padding) == 2 else padding
    return conv_of(1, x, w, bias, stride, padding, dilation, groups)


@builder
@torch_words(weight="w")
def conv2d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The cross-correlation of x (images, channels, rows, columns) with filters w (outputs, channels / groups, rows, columns).

    As torch's: filters are not turned around (`nnet.conv2d` turns them). `stride` and `dilation` are a number or one an axis;
    `padding` is a number, a number or pair an axis, or "valid", "same", "half", "full". `bias` has one number an output.
    Raises ShapeError where channels don't match or a filter doesn't fit.

    >>> import tensorviz as tv
    >>> conv2d(tv.tensor4("x", shape=(8, 3, 32, 32)), tv.tensor4("w", shape=(16, 3, 3, 3)), stride=2, padding=1).type.shape
    (8, 16, 16, 16)
    """
    return conv_of(2, x, w, bias, stride, padding, dilation, groups)


@builder
@torch_words(weight="w")
def conv3d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Expr:
    """The cross-correlation of x (images, channels, depth, rows, columns) with filters of as many axes; see `conv2d`.

    >>> import tensorviz as tv
    >>> conv3d(tv.tensor5("x", shape=(2, 3, 8, 8, 8)), tv.tensor5("w", shape=(4, 3, 2, 2, 2))).type.shape
    (2, 4, 7, 7, 7)
    """
    return conv_of(3, x, w, bias, stride, padding, dilation, groups)


def _transposed(ndim: int, x: Any, w: Any, bias: Any, stride: Any, padding: Any, output_padding: Any, dilation: Any,
                groups: int) -> Expr:
    x, w = as_expr(x), as_expr(w)
    if w.ndim != ndim + 2 or x.ndim not in (ndim + 1, ndim + 2):
        raise ShapeError(f"conv_transpose{ndim}d takes x with {ndim + 2} axes (or {ndim + 1}: one image) and filters with "
                         f"{ndim + 2}, not {x.ndim} and {w.ndim}", at=user_line())
    one = x.ndim == ndim + 1
    x = expand_dims(x, 0) if one else x
    steps, gaps = steps_of(stride, ndim, "stride"), steps_of(dilation, ndim, "dilation")
    pads, more = steps_of(padding, ndim, "padding", 0), steps_of(output_padding, ndim, "output_padding", 0)
    if any(m >= max(s, g) for m, s, g in zip(more, steps, gaps, strict=True)):
        raise ArgumentValueError(f"output_padding {output_padding} is not less than the stride or the dilation", at=user_line())
    now, taps = lengths_now(x), lengths_now(w)
    lengths = [(n - 1) * s + (reach(k, g) + 1 + m - 2 * p)
               for n, k, s, g, p, m in zip(now[2:], taps[2:], steps, gaps, pads, more, strict=True)]
    out = convolve_inputs(x, w, (now[0], taps[1] * groups if groups > 1 else taps[1], *lengths), steps, pads, gaps, groups)
    return _with_bias(squeeze(out, 0) if one else out, bias, ndim)


@builder
@torch_words(weight="w")
def conv_transpose1d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                     groups: int = 1, dilation: Any = 1) -> Expr:
    """The transpose of `conv1d`; see `conv_transpose2d`.

    >>> import tensorviz as tv
    >>> conv_transpose1d(tv.tensor3("x", shape=(2, 4, 5)), tv.tensor3("w", shape=(4, 3, 3)), stride=2).type.shape
    (2, 3, 11)
    """
    return _transposed(1, x, w, bias, stride, padding, output_padding, dilation, groups)


@builder
@torch_words(weight="w")
def conv_transpose2d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                     groups: int = 1, dilation: Any = 1) -> Expr:
    """The transpose of `conv2d`: x (images, channels, rows, columns), w (channels, outputs / groups, rows, columns), as torch's.

    x may be one image, without the first axis. An axis of n becomes (n - 1) * stride - 2 * padding + dilation
    * (taps - 1) + output_padding + 1.

    >>> import tensorviz as tv
    >>> x, w = tv.tensor4("x", shape=(8, 16, 7, 7)), tv.tensor4("w", shape=(16, 3, 3, 3))
    >>> conv_transpose2d(x, w, stride=2, padding=1, output_padding=1).type.shape
    (8, 3, 14, 14)
    """
    return _transposed(2, x, w, bias, stride, padding, output_padding, dilation, groups)


@builder
@torch_words(weight="w")
def conv_transpose3d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                     groups: int = 1, dilation: Any = 1) -> Expr:
    """The transpose of `conv3d`; see `conv_transpose2d`.

    >>> import tensorviz as tv
    >>> conv_transpose3d(tv.tensor5("x", shape=(1, 4, 2, 2, 2)), tv.tensor5("w", shape=(4, 3, 2, 2, 2)), stride=2).type.shape
    (1, 3, 4, 4, 4)
    """
    return _transposed(3, x, w, bias, stride, padding, output_padding, dilation, groups)


@torch_words(weight="w")
def conv_tbc(x: Any, w: Any, bias: Any, pad: int = 0) -> Expr:
    """`conv1d` of x (n, batch, channels) with filters w (taps, channels, outputs): (n, batch, outputs), as torch has it.

    >>> import tensorviz as tv
    >>> conv_tbc(tv.tensor3("x", shape=(10, 2, 3)), tv.tensor3("w", shape=(3, 3, 4)), [0.0] * 4, pad=1).type.shape
    (10, 2, 4)
    """
    x, w = as_expr(x), as_expr(w)
    if x.ndim != 3 or w.ndim != 3:
        raise ShapeError(f"conv_tbc takes x and filters with 3 axes, not {x.ndim} and {w.ndim}", at=user_line())
    return transpose(conv1d(transpose(x, (1, 2, 0)), transpose(w, (2, 1, 0)), bias, 1, pad), (2, 0, 1))


@builder
def separable_conv2d(x: Any, depthwise: Any, pointwise: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Expr:
    """Each channel with its own filters `depthwise` (channels * k, 1, rows, columns), then all with `pointwise` (outputs,
    channels * k, 1, 1).

    >>> import tensorviz as tv
    >>> x = tv.tensor4("x", shape=(8, 4, 9, 9))
    >>> separable_conv2d(x, tv.tensor4("d", shape=(8, 1, 3, 3)), tv.tensor4("p", shape=(5, 8, 1, 1))).type.shape
    (8, 5, 7, 7)
    """
    x = as_expr(x)
    channels = known_length(lengths_now(x)[1], "the number of channels")
    return conv2d(conv2d(x, depthwise, None, stride, padding, dilation, channels), pointwise)


@builder
def causal_conv1d(x: Any, w: Any, bias: Any = None, stride: int = 1, dilation: int = 1, groups: int = 1) -> Expr:
    """`conv1d` whose results see no later positions: all zeros stand in front, and there are as many results as positions.

    >>> import tensorviz as tv
    >>> causal_conv1d(tv.tensor3("x", shape=(2, 3, 10)), tv.tensor3("w", shape=(4, 3, 3)), dilation=2).type.shape
    (2, 4, 10)
    """
    x, w = as_expr(x), as_expr(w)
    taps = lengths_now(w)[-1]
    if isinstance(taps, int):
        return conv1d(x, w, bias, stride, (reach(taps, dilation), 0), dilation, groups)
    made = conv1d(x, w, bias, 1, "full", dilation, groups)
    return made[..., :lengths_now(x)[-1]:stride]


def known_length(n: Any, what: str) -> int:
    """A length that must be known when the graph is built."""
    n = known_int(n) if isinstance(n, Expr) else n
    if not isinstance(n, int):
        raise ShapeError(f"{what} must be known here", at=user_line(),
                         hint="give the length: tv.tensor4('x', shape=(None, 3, None, None))")
    return n
