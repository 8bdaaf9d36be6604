"""`tensorviz.tensor.nnet`: what Theano's `tensor.nnet` has, under its names and with its arguments, beside all of `nn`.

`blocksparse` is left out: it was meant for GPUs of 2014; take the blocks by indices and multiply them with `batched_dot`.
"""

from __future__ import annotations

from . import nn
from .nn import *  # noqa: F403

# isort: split
from ..core.ops.losses import (
    crossentropy_categorical_1hot,
    crossentropy_softmax_1hot,
    crossentropy_softmax_1hot_with_bias,
    crossentropy_softmax_argmax_1hot_with_bias,
    softmax_with_bias,
)
from ..core.ops.nnet import (
    causal_conv1d,
    conv2d,
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv2d_transpose,
    conv3d,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
    separable_conv2d,
    separable_conv3d,
)

__all__ = [
    "causal_conv1d", "conv2d", "conv2d_grad_wrt_inputs", "conv2d_grad_wrt_weights", "conv2d_transpose", "conv3d",
    "conv3d_grad_wrt_inputs", "conv3d_grad_wrt_weights", "crossentropy_categorical_1hot", "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias", "crossentropy_softmax_argmax_1hot_with_bias", "separable_conv2d", "separable_conv3d",
    "softmax_with_bias",
]
__all__ += [name for name in nn.__all__ if name not in __all__]
