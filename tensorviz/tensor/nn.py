"""`tensorviz.tensor.nn`: functions of neural networks in the words of torch and NumPy; `nnet` has Theano's."""

from __future__ import annotations

from ..core.ops.activations import binary_crossentropy, categorical_crossentropy, elu, gelu, leaky_relu, relu, silu
from ..core.ops.bends import (
    celu,
    glu,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    hardshrink,
    hardsigmoid,
    log_sigmoid,
    mish,
    prelu,
    relu6,
    selu,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
    ultra_fast_sigmoid,
)
from ..core.ops.convolution import convolve_filters, convolve_inputs, convolve_nd
from ..core.ops.ctc import ctc_loss
from ..core.ops.filters import (
    causal_conv1d,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    separable_conv2d,
)
from ..core.ops.layers import (
    bilinear,
    confusion_matrix,
    dropout,
    embedding,
    linear,
    one_hot,
    scaled_dot_product_attention,
    to_one_hot,
)
from ..core.ops.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cosine_similarity,
    cross_entropy,
    gaussian_nll_loss,
    h_softmax,
    hinge_embedding_loss,
    huber_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    nll_loss,
    pairwise_distance,
    poisson_nll_loss,
    sigmoid_binary_crossentropy,
    smooth_l1_loss,
    soft_margin_loss,
    triplet_margin_loss,
)
from ..core.ops.neighbours import (
    bilinear_upsampling,
    images2neibs,
    interpolate,
    neibs2images,
    pixel_shuffle,
    pixel_unshuffle,
    upsample,
)
from ..core.ops.normalisation import (
    batch_norm,
    batch_normalization,
    batch_normalization_test,
    batch_normalization_train,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    normalize,
    rms_norm,
)
from ..core.ops.patches import add_windows, fold, sliding_windows, unfold
from ..core.ops.pooling import pool_average, pool_max, pool_sum
from ..core.ops.pools import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    global_avg_pool,
    global_max_pool,
    lp_pool1d,
    lp_pool2d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool_2d_same_size,
    pool_2d,
    pool_3d,
)
from ..core.ops.statistics import log_softmax, logsumexp, softmax
from .elementwise import sigmoid, tanh

swish, logsigmoid, logsoftmax, hardtanh, hardswish = silu, log_sigmoid, log_softmax, hard_tanh, hard_swish

__all__ = [
    "add_windows", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "batch_normalization",
    "batch_normalization_test", "batch_normalization_train", "bilinear", "bilinear_upsampling", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "binary_crossentropy", "categorical_crossentropy", "causal_conv1d", "celu",
    "confusion_matrix", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
    "convolve_filters", "convolve_inputs", "convolve_nd", "cosine_embedding_loss", "cosine_similarity", "cross_entropy",
    "ctc_loss", "dropout", "elu", "embedding", "fold", "gaussian_nll_loss", "gelu", "global_avg_pool", "global_max_pool", "glu",
    "group_norm", "h_softmax", "hard_sigmoid", "hard_swish", "hard_tanh", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "hinge_embedding_loss", "huber_loss", "images2neibs", "instance_norm", "interpolate", "kl_div", "l1_loss", "layer_norm",
    "leaky_relu", "linear", "local_response_norm", "log_sigmoid", "log_softmax", "logsigmoid", "logsoftmax", "logsumexp",
    "lp_pool1d", "lp_pool2d", "margin_ranking_loss", "max_pool1d", "max_pool2d", "max_pool3d", "max_pool_2d_same_size", "mish",
    "mse_loss", "neibs2images", "nll_loss", "normalize", "one_hot", "pairwise_distance", "pixel_shuffle", "pixel_unshuffle",
    "poisson_nll_loss", "pool_2d", "pool_3d", "pool_average", "pool_max", "pool_sum", "prelu", "relu", "relu6", "rms_norm",
    "scaled_dot_product_attention", "selu", "separable_conv2d", "sigmoid", "sigmoid_binary_crossentropy", "silu",
    "sliding_windows",
    "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "swish", "tanh",
    "tanhshrink", "threshold", "to_one_hot", "triplet_margin_loss", "ultra_fast_sigmoid", "unfold", "upsample",
]
