"""`tensorviz.tensor.nn`: functions of neural networks by the names of torch.nn.functional, jax.nn and optax.

Arguments stand in torch's order and are understood by torch's names too (`input=`, `dim=`, `inplace=False`). What draws numbers
by itself (`rrelu` in training, attention with `dropout_p`) says what to do instead. `nnet` has Theano's names.
"""

from __future__ import annotations

from ..core.ops.activations import binary_crossentropy, categorical_crossentropy, elu, gelu, leaky_relu, relu, silu
from ..core.ops.attention import dot_product_attention, scaled_dot_product_attention
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
from ..core.ops.curves import (
    identity,
    log1mexp,
    logmeanexp,
    logsumexp,
    rrelu,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    standardize,
)
from ..core.ops.distances import cdist, cosine_similarity, pairwise_distance, pdist
from ..core.ops.embeddings import embedding, embedding_bag
from ..core.ops.filters import (
    causal_conv1d,
    conv1d,
    conv2d,
    conv3d,
    conv_tbc,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    separable_conv2d,
)
from ..core.ops.layers import bilinear, confusion_matrix, dropout, linear, one_hot, to_one_hot
from ..core.ops.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    h_softmax,
    huber_loss,
    kl_div,
    l1_loss,
    linear_cross_entropy,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
    sigmoid_binary_crossentropy,
    smooth_l1_loss,
)
from ..core.ops.margins import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..core.ops.neighbours import channel_shuffle, images2neibs, neibs2images, pixel_shuffle, pixel_unshuffle
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
from ..core.ops.picks import max_unpool1d, max_unpool2d, max_unpool3d
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
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_pool_2d_same_size,
    pool_2d,
    pool_3d,
)
from ..core.ops.resizing import bilinear_upsampling, interpolate, upsample, upsample_bilinear, upsample_nearest
from ..core.ops.row_losses import (
    convex_kl_divergence,
    cosine_distance,
    hinge_loss,
    kl_divergence,
    kl_divergence_with_log_targets,
    l2_loss,
    log_cosh,
    multiclass_hinge_loss,
    multiclass_perceptron_loss,
    perceptron_loss,
    poly_loss_cross_entropy,
    safe_softmax_cross_entropy,
    sigmoid_binary_cross_entropy,
    sigmoid_focal_loss,
    smooth_labels,
    softmax_cross_entropy,
    softmax_cross_entropy_with_integer_labels,
    squared_error,
)
from ..core.ops.sampling import affine_grid, grid_sample
from ..core.ops.statistics import log_softmax, softmax
from ..core.ops.torch_padding import pad
from .elementwise import sigmoid, tanh

swish, logsigmoid, logsoftmax, hardtanh, hardswish = silu, log_sigmoid, log_softmax, hard_tanh, hard_swish
hard_silu, soft_sign, native_channel_shuffle = hard_swish, softsign, channel_shuffle

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "add_windows", "affine_grid", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm",
    "batch_normalization", "batch_normalization_test", "batch_normalization_train", "bilinear", "bilinear_upsampling",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "binary_crossentropy", "categorical_crossentropy",
    "causal_conv1d", "cdist", "celu", "channel_shuffle", "confusion_matrix", "conv1d", "conv2d", "conv3d", "conv_tbc",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "convex_kl_divergence", "convolve_filters", "convolve_inputs",
    "convolve_nd", "cosine_distance", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss",
    "dot_product_attention", "dropout", "elu", "embedding", "embedding_bag", "fold", "gaussian_nll_loss", "gelu",
    "global_avg_pool", "global_max_pool", "glu", "grid_sample", "group_norm", "h_softmax", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "hinge_loss",
    "huber_loss", "identity", "images2neibs", "instance_norm", "interpolate", "kl_div", "kl_divergence",
    "kl_divergence_with_log_targets", "l1_loss", "l2_loss", "layer_norm", "leaky_relu", "linear", "linear_cross_entropy",
    "local_response_norm", "log1mexp", "log_cosh", "log_sigmoid", "log_softmax", "logmeanexp", "logsigmoid", "logsoftmax",
    "logsumexp", "lp_pool1d", "lp_pool2d", "lp_pool3d", "margin_ranking_loss", "max_pool1d", "max_pool2d", "max_pool3d",
    "max_pool_2d_same_size", "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "mse_loss", "multi_margin_loss",
    "multiclass_hinge_loss", "multiclass_perceptron_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss",
    "native_channel_shuffle", "neibs2images", "nll_loss", "normalize", "one_hot", "pad", "pairwise_distance", "pdist",
    "perceptron_loss", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "poly_loss_cross_entropy", "pool_2d",
    "pool_3d", "pool_average", "pool_max", "pool_sum", "prelu", "relu", "relu6", "rms_norm", "rrelu",
    "safe_softmax_cross_entropy", "scaled_dot_product_attention", "selu", "separable_conv2d", "sigmoid",
    "sigmoid_binary_cross_entropy", "sigmoid_binary_crossentropy", "sigmoid_focal_loss", "silu", "sliding_windows",
    "smooth_l1_loss", "smooth_labels", "soft_margin_loss", "soft_sign", "softmax", "softmax_cross_entropy",
    "softmax_cross_entropy_with_integer_labels", "softmin", "softplus", "softshrink", "softsign", "sparse_plus",
    "sparse_sigmoid", "squared_error", "squareplus", "standardize", "swish", "tanh", "tanhshrink", "threshold", "to_one_hot",
    "triplet_margin_loss", "triplet_margin_with_distance_loss", "ultra_fast_sigmoid", "unfold", "upsample",
    "upsample_bilinear", "upsample_nearest",
]
