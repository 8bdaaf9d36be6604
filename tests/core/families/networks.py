"""Losses, normalisations, layers and images in other sizes, against their formulas in NumPy."""

from typing import Any

import numpy as np
import scipy.special

import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B
from tensorviz.tensor import nn, nnet
from tests.core.cases import case
from tests.core.families.convolution import convolved

sigmoid, softmax, log_softmax = scipy.special.expit, scipy.special.softmax, scipy.special.log_softmax


def f(x, value):
    return x.dtype.type(value)


# -- activations -------------------------------------------------------------------------------------------------------
def _selu(x):
    return f(x, 1.0507009873554805) * np.where(x > 0, x, f(x, 1.6732632423543772) * np.expm1(x))


def _ultra(x):
    h = np.abs(x / 2)
    z = np.where(h < 1.7, 1.5 * h / (1 + h), np.where(h < 3, 0.935409070603099 + 0.0458812946797165 * (h - 1.7), 0.99505475368673))
    return ((np.sign(x) * z + 1) / 2).astype(x.dtype)


for _name, _ours, _numpy in (
    ("relu6", nn.relu6, lambda x: np.clip(x, 0, 6)), ("selu", nn.selu, _selu),
    ("celu", lambda x: nn.celu(x, 0.7), lambda x: np.where(x > 0, x, f(x, 0.7) * np.expm1(x / f(x, 0.7)))),
    ("gelu-tanh", lambda x: nn.gelu(x, "tanh"),
     lambda x: x * (1 + np.tanh(f(x, np.sqrt(2 / np.pi)) * (x + f(x, 0.044715) * x**3))) / 2),
    ("hard_sigmoid", nn.hard_sigmoid, lambda x: np.clip(f(x, 0.2) * x + f(x, 0.5), 0, 1)),
    ("hardsigmoid", nn.hardsigmoid, lambda x: np.clip(x / 6 + f(x, 0.5), 0, 1)), ("hard_tanh", nn.hard_tanh, lambda x: np.clip(x, -1, 1)),
    ("hard_swish", nn.hard_swish, lambda x: x * np.clip(x + 3, 0, 6) / 6), ("ultra_fast_sigmoid", nn.ultra_fast_sigmoid, _ultra),
    ("log_sigmoid", nn.log_sigmoid, lambda x: np.log(sigmoid(x))), ("mish", nn.mish, lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    ("softsign", nn.softsign, lambda x: x / (1 + np.abs(x))),
    ("softshrink", nn.softshrink, lambda x: np.sign(x) * np.maximum(np.abs(x) - f(x, 0.5), 0)),
    ("hardshrink", nn.hardshrink, lambda x: np.where(np.abs(x) > 0.5, x, 0)), ("tanhshrink", nn.tanhshrink, lambda x: x - np.tanh(x)),
    ("threshold", lambda x: nn.threshold(x, 0.3, -2.0), lambda x: np.where(x > 0.3, x, f(x, -2))),
    ("glu", nn.glu, lambda x: x[:, :2] * sigmoid(x[:, 2:])), ("softmin", nn.softmin, lambda x: softmax(-x, -1)),
):
    case(f"nn-{_name}", _ours, _numpy, (3, 4))
case("nn-prelu", nn.prelu, lambda x, w: np.where(x > 0, x, w[:, None] * x), (2, 3, 4), (3,))


# -- losses ------------------------------------------------------------------------------------------------------------
K = np.array([1, 0, 3])


def _huber(x, t, d):
    a = np.abs(x - t)
    return np.where(a <= d, a * a / 2, f(x, d) * (a - f(x, d / 2)))


def _cosine(a, b):
    return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


def _near(a, b):
    return np.sqrt(((a - b + f(a, 1e-6)) ** 2).sum(-1))


for _name, _ours, _numpy in (
    ("mse", nn.mse_loss, lambda x, t: ((x - t) ** 2).mean()), ("l1", nn.l1_loss, lambda x, t: np.abs(x - t).mean()),
    ("huber", lambda x, t: nn.huber_loss(x, t, "sum", 0.7), lambda x, t: _huber(x, t, 0.7).sum()),
    ("smooth_l1", lambda x, t: nn.smooth_l1_loss(x, t, beta=0.7, reduction="none"), lambda x, t: _huber(x, t, 0.7) / f(x, 0.7)),
    ("bce-logits", nn.binary_cross_entropy_with_logits, lambda x, t: -(t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x))).mean()),
    ("bce-logits-weight", lambda x, t: nn.binary_cross_entropy_with_logits(x, t, pos_weight=3.0),
     lambda x, t: -(3 * t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x))).mean()),
    ("sigmoid_binary_crossentropy", nn.sigmoid_binary_crossentropy,
     lambda x, t: -(t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x)))),
    ("poisson", nn.poisson_nll_loss, lambda x, t: (np.exp(x) - t * x).mean()),
    ("kl-log", lambda x, t: nn.kl_div(x, t, log_target=True), lambda x, t: (np.exp(t) * (t - x)).mean()),
    ("soft_margin", nn.soft_margin_loss, lambda x, t: np.log1p(np.exp(-t * x)).mean()),
    ("cosine_similarity", nn.cosine_similarity, _cosine), ("pairwise_distance", nn.pairwise_distance, _near),
    ("cross_entropy-soft", nn.cross_entropy, lambda x, t: -(t * log_softmax(x, 1)).sum(1).mean()),
    ("margin_ranking", lambda x, t: nn.margin_ranking_loss(x, t, 1, 0.5), lambda x, t: np.maximum(t - x + f(x, 0.5), 0).mean()),
    ("cosine_embedding", lambda x, t: nn.cosine_embedding_loss(x, t, np.array([1, -1, 1])),
     lambda x, t: np.where(np.array([1, -1, 1]) > 0, 1 - _cosine(x, t), np.maximum(_cosine(x, t), 0)).mean()),
    ("triplet", lambda x, t: nn.triplet_margin_loss(x, t, x[::-1]), lambda x, t: np.maximum(_near(x, t) - _near(x, x[::-1]) + 1, 0).mean()),
    ("softmax_with_bias", lambda x, t: nnet.softmax_with_bias(x, t[0]), lambda x, t: softmax(x + t[0], -1)),
    ("crossentropy_softmax_1hot_with_bias", lambda x, t: nnet.crossentropy_softmax_1hot_with_bias(x, t[0], K)[0],
     lambda x, t: -log_softmax(x + t[0], 1)[np.arange(3), K]),
):
    case(f"nn-{_name}", _ours, _numpy, (3, 4), (3, 4))
case("nn-bce", lambda p, t: nn.binary_cross_entropy(p, t), lambda p, t: -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(), (3, 4), (3, 4),
     low=0.1, high=0.9)
case("nn-kl", lambda x, t: nn.kl_div(x, t, reduction="batchmean"), lambda x, t: (t * (np.log(t) - x)).sum() / f(x, 3), (3, 4), (3, 4),
     low=0.1, high=0.9)
case("nn-gaussian", nn.gaussian_nll_loss, lambda x, t, v: ((np.log(v) + (x - t) ** 2 / v) / 2).mean(), (3, 4), (3, 4), (3, 4), low=0.2,
     high=0.9)
case("nn-hinge", lambda x: nn.hinge_embedding_loss(x, np.array([1, -1, 1, -1])),
     lambda x: np.where(np.array([1, -1, 1, -1]) == 1, x, np.maximum(1 - x, 0)).mean(), (3, 4))
case("nn-cross_entropy", lambda x: nn.cross_entropy(x, K), lambda x: -log_softmax(x, 1)[np.arange(3), K].mean(), (3, 4))
case("nn-cross_entropy-weight", lambda x, w: nn.cross_entropy(x, K, w, ignore_index=0),
     lambda x, w: -(log_softmax(x, 1)[[0, 2], [1, 3]] * w[[1, 3]]).sum() / w[[1, 3]].sum(), (3, 4), (4,), low=0.2)
case("nn-cross_entropy-smooth", lambda x: nn.cross_entropy(x, K, label_smoothing=0.25),
     lambda x: (f(x, 0.75) * -log_softmax(x, 1)[np.arange(3), K] - f(x, 0.25) * log_softmax(x, 1).mean(1)).mean(), (3, 4))
case("nn-cross_entropy-positions", lambda x: nn.cross_entropy(x, np.array([[0, 1, 2], [2, 2, 0]]), reduction="none"),
     lambda x: -np.take_along_axis(log_softmax(x, 1), np.array([[0, 1, 2], [2, 2, 0]])[:, None], 1)[:, 0], (2, 4, 3))
case("nn-crossentropy_categorical_1hot", lambda p: nnet.crossentropy_categorical_1hot(p, K), lambda p: -np.log(p[np.arange(3), K]), (3, 4),
     low=0.1, high=0.9)
case("nn-categorical-positions", lambda p: B["categorical_crossentropy"](p, np.array([[0, 1, 2], [2, 3, 0]])),
     lambda p: -np.log(np.take_along_axis(p, np.array([[0, 1, 2], [2, 3, 0]])[..., None], 2)[..., 0]), (2, 3, 4), low=0.1, high=0.9)


def _h_softmax(x, w1, b1, w2, b2):
    classes = softmax(x @ w1 + b1, 1)
    inner = softmax(np.einsum("bn,cno->bco", x, w2) + b2, 2)
    return (classes[:, :, None] * inner).reshape(len(x), -1)[:, :5]


case("nn-h_softmax", lambda x, *w: nn.h_softmax(x, 3, 5, 2, 3, *w), _h_softmax, (3, 4), (4, 2), (2,), (2, 4, 3), (2, 3))
case("nn-h_softmax-target", lambda x, *w: nn.h_softmax(x, 3, 5, 2, 3, *w, target=np.array([1, 4, 0])),
     lambda x, *w: _h_softmax(x, *w)[np.arange(3), [1, 4, 0]], (3, 4), (4, 2), (2,), (2, 4, 3), (2, 3))


# -- normalisations ----------------------------------------------------------------------------------------------------
def normal(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + f(x, eps))


def _local(x, size):
    padded = np.pad(x * x, ((0, 0), (size // 2, (size - 1) // 2), (0, 0)))
    sums = sum(padded[:, k:k + x.shape[1]] for k in range(size))
    return x / (1 + f(x, 1e-4 / size) * sums) ** f(x, 0.75)


case("nn-layer_norm", lambda x, w, b: nn.layer_norm(x, (3, 4), w, b), lambda x, w, b: normal(x, (1, 2), 1e-5) * w + b, (2, 3, 4), (4,),
     (3, 4))
case("nn-rms_norm", lambda x, w: nn.rms_norm(x, 4, w, 1e-6), lambda x, w: x / np.sqrt((x * x).mean(-1, keepdims=True) + f(x, 1e-6)) * w, (3, 4),
     (4,))
case("nn-group_norm", lambda x, w, b: nn.group_norm(x, 2, w, b), lambda x, w, b: normal(x.reshape(2, 2, 2, 3), (2, 3), 1e-5).reshape(
    2, 4, 3) * w[:, None] + b[:, None], (2, 4, 3), (4,), (4,))
case("nn-instance_norm", lambda x: nn.instance_norm(x), lambda x: normal(x, 2, 1e-5), (2, 3, 4))
case("nn-batch_norm", lambda x, w, b: nn.batch_norm(x, weight=w, bias=b, training=True),
     lambda x, w, b: normal(x, (0, 2), 1e-5) * w[:, None] + b[:, None], (2, 3, 4), (3,), (3,))
case("nn-batch_norm-given", lambda x, m, v: nn.batch_norm(x, m, v),
     lambda x, m, v: (x - m[:, None]) / np.sqrt(v[:, None] + f(x, 1e-5)), (2, 3, 4), (3,), (3,), low=0.2)
for _k, _means in enumerate((
    lambda x, g, b, m, v: normal(x, (0, 2), 1e-4) * g[:, None] + b[:, None], lambda x, g, b, m, v: x.mean((0, 2), keepdims=True),
    lambda x, g, b, m, v: 1 / np.sqrt(x.var((0, 2), keepdims=True) + f(x, 1e-4)),
    lambda x, g, b, m, v: m[None, :, None] * f(x, 0.9) + f(x, 0.1) * x.mean((0, 2), keepdims=True),
    lambda x, g, b, m, v: v[None, :, None] * f(x, 0.9) + f(x, 0.1) * x.var((0, 2), keepdims=True, ddof=1),
)):
    case(f"nn-batch_normalization_train-{_k}", lambda x, g, b, m, v, k=_k: nnet.batch_normalization_train(
        x, g, b, "spatial", running_mean=m, running_var=v)[k], _means, (2, 3, 4), (3,), (3,), (3,), (3,), low=0.2)
case("nn-batch_normalization_test", lambda x, g, b, m, v: nnet.batch_normalization_test(x, g, b, m, v),
     lambda x, g, b, m, v: (x - m) / np.sqrt(v + f(x, 1e-4)) * g + b, (2, 3), (3,), (3,), (3,), (3,), low=0.2)
case("nn-local_response_norm", lambda x: nn.local_response_norm(x, 3), lambda x: _local(x, 3), (2, 5, 3))
case("nn-normalize", nn.normalize, lambda x: x / np.sqrt((x * x).sum(1, keepdims=True)), (3, 4))


# -- layers ------------------------------------------------------------------------------------------------------------
def _attention(q, k, v, causal=False):
    scores = q @ np.swapaxes(k, -1, -2) / f(q, np.sqrt(q.shape[-1]))
    scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, f(q, -np.inf)) if causal else scores
    return softmax(scores, -1) @ v


case("nn-linear", nn.linear, lambda x, w, b: x @ w.T + b, (5, 3), (4, 3), (4,))
case("nn-bilinear", nn.bilinear, lambda a, b, w, c: np.einsum("bi,oij,bj->bo", a, w, b) + c, (5, 2), (5, 3), (4, 2, 3), (4,))
case("nn-attention", nn.scaled_dot_product_attention, _attention, (2, 3, 4), (2, 5, 4), (2, 5, 6))
case("nn-attention-causal", lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, is_causal=True),
     lambda q, k, v: _attention(q, k, v, True), (2, 5, 4), (2, 5, 4), (2, 5, 3))
case("nn-embedding", lambda w: nn.embedding(np.array([[0, 2], [1, 1]]), w), lambda w: w[np.array([[0, 2], [1, 1]])], (3, 4))
case("nn-one_hot", lambda: nn.one_hot(np.array([[0, 2], [1, 1]]), 3), lambda: np.eye(3, dtype=int)[np.array([[0, 2], [1, 1]])],
     smooth=False)
case("nn-to_one_hot", lambda: nn.to_one_hot(K, 4, "float32"), lambda: np.eye(4, dtype="f4")[K], smooth=False)
case("nn-confusion", lambda: nn.confusion_matrix(np.array([0, 1, 1, 3]), np.array([0, 1, 0, 3]), 4)[0],
     lambda: np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]), smooth=False)
case("nn-dropout", lambda x: nn.dropout(x, 0.25, mask=np.array([True, False, True, True])), lambda x: np.where(
    [True, False, True, True], x / f(x, 0.75), 0).astype(x.dtype), (3, 4))


# -- images ------------------------------------------------------------------------------------------------------------
def neighbours(x, shape, step, mode):
    a, b = shape
    if mode == "wrap_centered":
        x = np.pad(x, ((0, 0), (0, 0), (a // 2, a // 2 + step[0]), (b // 2, b // 2 + step[1])), "wrap")
        counts = [-(-(n - k + 1 - s) // s) for n, k, s in zip(x.shape[2:], shape, step, strict=True)]
    else:
        pads = {"half": (a // 2, b // 2), "full": (a - 1, b - 1)}.get(mode, (0, 0))
        x = np.pad(x, ((0, 0), (0, 0), (pads[0],) * 2, (pads[1],) * 2))
        counts = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], shape, step, strict=True)]
    return np.stack([x[i, j, r * step[0]:r * step[0] + a, c * step[1]:c * step[1] + b].ravel()
                     for i in range(x.shape[0]) for j in range(x.shape[1]) for r in range(counts[0]) for c in range(counts[1])])


for _mode, _shape, _step in (("valid", (2, 3), (2, 3)), ("valid", (2, 2), (2, 1)), ("ignore_borders", (3, 2), (2, 3)), ("half", (3, 3), (2, 1)),
                             ("full", (2, 3), (1, 2)), ("wrap_centered", (3, 3), (1, 2)), ("wrap_centered", (3, 1), (2, 2))):
    case(f"images2neibs-{_mode}", lambda x, s=_shape, t=_step, m=_mode: nn.images2neibs(x, s, t, m),
         lambda x, s=_shape, t=_step, m=_mode: neighbours(x, s, t, m), (2, 1, 4, 6), dtypes=("float64", "float32", "int32"))
case("neibs2images", lambda x: nn.neibs2images(nn.images2neibs(x, (2, 3)), (2, 3), (2, 1, 4, 6)), lambda x: x, (2, 1, 4, 6))
case("pixel_shuffle", lambda x: nn.pixel_shuffle(x, 2), lambda x: x.reshape(1, 2, 2, 2, 3, 2).transpose(0, 1, 4, 2, 5, 3).reshape(1, 2, 6, 4),
     (1, 8, 3, 2))
case("pixel_unshuffle", lambda x: nn.pixel_unshuffle(nn.pixel_shuffle(x, 2), 2), lambda x: x, (1, 8, 3, 2))


def line(x, axis, at):
    at = np.clip(at, 0, x.shape[axis] - 1)
    low = np.floor(at).astype(int)
    part = (at - low).astype(x.dtype).reshape([-1 if k == axis else 1 for k in range(x.ndim)])
    return np.take(x, low, axis) * (1 - part) + np.take(x, np.minimum(low + 1, x.shape[axis] - 1), axis) * part


case("interpolate-nearest", lambda x: nn.interpolate(x, size=(7, 2)), lambda x: x[:, :, np.arange(7) * 3 // 7][:, :, :, np.arange(2) * 4 // 2],
     (1, 2, 3, 4))
case("interpolate-bilinear", lambda x: nn.interpolate(x, scale_factor=2, mode="bilinear"),
     lambda x: line(line(x, 2, (np.arange(6) + 0.5) / 2 - 0.5), 3, (np.arange(8) + 0.5) / 2 - 0.5), (1, 2, 3, 4))
case("interpolate-corners", lambda x: nn.interpolate(x, size=7, mode="linear", align_corners=True),
     lambda x: line(x, 2, np.linspace(0, 3, 7)), (1, 2, 4))
case("interpolate-area", lambda x: nn.interpolate(x, size=2, mode="area"), lambda x: x.reshape(1, 2, 2, 3).mean(3), (1, 2, 6), fixed=True)
case("bilinear_upsampling", lambda x: nn.bilinear_upsampling(x, 3),
     lambda x: line(line(x, 2, (np.arange(9) - 1) / 3), 3, (np.arange(12) - 1) / 3), (1, 2, 3, 4))


# -- convolutions and pools in other words ------------------------------------------------------------------------------
case("nn-conv2d", lambda x, w, b: nn.conv2d(x, w, b, 2, 1), lambda x, w, b: convolved(x, w, 2, 1) + b[:, None, None], (2, 2, 5, 6),
     (3, 2, 3, 3), (3,))
case("nn-conv1d-one", lambda x, w: nn.conv1d(x, w, padding=(2, 1)), lambda x, w: convolved(x[None], w, 1, ((2, 1),))[0], (2, 5), (3, 2, 3))
case("nn-causal", lambda x, w: nn.causal_conv1d(x, w, dilation=2), lambda x, w: convolved(x, w, 1, ((4, 0),), 2), (2, 2, 6), (3, 2, 3))
case("nnet-causal", lambda x, w: nnet.causal_conv1d(x, w, (3, 2, 3), subsample=2),
     lambda x, w: convolved(x, w[..., ::-1], 2, ((2, 0),)), (2, 2, 6), (3, 2, 3))
case("nn-separable", lambda x, d, p: nn.separable_conv2d(x, d, p), lambda x, d, p: convolved(convolved(x, d, groups=2), p), (1, 2, 4, 5),
     (4, 1, 2, 3), (3, 4, 1, 1), fixed=True)
for _mode, _pads in (("valid", (0, 0)), ("full", (2, 1)), ("half", (1, 1)), ((1, 0), (1, 0))):
    case(f"nnet-conv2d-{_mode}", lambda x, w, m=_mode: nnet.conv2d(x, w, border_mode=m, subsample=(1, 2)),
         lambda x, w, p=_pads: convolved(x, w[:, :, ::-1, ::-1], (1, 2), tuple((k, k) for k in p)), (2, 2, 5, 6), (3, 2, 3, 2))
case("nnet-conv3d", lambda x, w: nnet.conv3d(x, w, filter_flip=False, border_mode="half"), lambda x, w: convolved(x, w, 1, 1), (1, 2, 3, 3, 4),
     (2, 2, 3, 3, 3))


def unshared(x, w, flip):
    out = np.zeros((len(x), len(w), *w.shape[1:3]), x.dtype)
    w = w[..., ::-1, ::-1] if flip else w
    for r in range(w.shape[1]):
        for c in range(w.shape[2]):
            out[:, :, r, c] = np.einsum("ncij,ocij->no", x[:, :, r:r + w.shape[4], c:c + w.shape[5]], w[:, r, c])
    return out


case("nnet-conv2d-unshared", lambda x, w: nnet.conv2d(x, w, unshared=True), lambda x, w: unshared(x, w, True), (2, 2, 4, 3), (3, 3, 2, 2, 2, 2),
     fixed=True)
case("nnet-conv2d-transpose", lambda g, w: nnet.conv2d_transpose(g, w, (2, 2, 7, 7), input_dilation=(2, 2)),
     lambda g, w: np.array(T.nn.conv_transpose2d(g, w[:, :, ::-1, ::-1].copy(), stride=2, output_padding=0).eval()), (2, 3, 3, 3), (3, 2, 3, 3))
case("signal-conv2d", lambda x, w: T.signal.conv.conv2d(x, w), lambda x, w: convolved(x[:, None], w[:, None, ::-1, ::-1]), (3, 5, 4), (2, 2, 3))
case("pool_2d", lambda x: T.signal.pool.pool_2d(x, (2, 2)), lambda x: np.maximum(np.maximum(
    x[:, ::2, ::2], np.pad(x, ((0, 0), (0, 1), (0, 0)), constant_values=-9)[:, 1::2, ::2]), np.maximum(
    x[:, ::2, 1::2], np.pad(x, ((0, 0), (0, 1), (0, 0)), constant_values=-9)[:, 1::2, 1::2])), (2, 5, 6))
case("max_pool_2d_same_size", lambda x: nn.max_pool_2d_same_size(x, (2, 2)), lambda x: np.where(
    x == np.repeat(np.repeat(x.reshape(2, 2, 3, 2).max((1, 3)), 2, 0), 2, 1), x, 0), (4, 6))
case("adaptive_avg_pool1d", lambda x: nn.adaptive_avg_pool1d(x, 3), lambda x: np.stack(
    [x[..., 0:3].mean(-1), x[..., 2:5].mean(-1), x[..., 4:7].mean(-1)], -1), (2, 7), fixed=True)
case("lp_pool1d", lambda x: nn.lp_pool1d(x, 3, 2), lambda x: ((np.abs(x.reshape(2, 3, 2)) ** 3).sum(-1)) ** f(x, 1 / 3), (2, 6))
case("global_avg_pool", nn.global_avg_pool, lambda x: x.mean((2, 3)), (2, 3, 4, 5))

# -- torch's patches, and pools with gaps --------------------------------------------------------------------------------------
def _patches(x: Any) -> Any:
    rows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), (2, 3))
    return rows.transpose(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * 4, -1)


def _added(y: Any) -> Any:
    """Two windows of 2x2 in images of 2x3: the middle column is in both."""
    taps = y.reshape(y.shape[0], 2, 2, 2, 2)
    out = np.zeros((y.shape[0], 2, 2, 3), y.dtype)
    for k in range(2):
        out[..., k:k + 2] += taps[..., k]
    return out


case("nn-unfold", lambda x: nn.unfold(x, 2), _patches, (2, 2, 3, 4))
case("nn-fold", lambda y: nn.fold(y, (2, 3), (2, 2)), _added, (2, 8, 2), fixed=True)
case("nn-max_pool-gaps", lambda x: nn.max_pool2d(x, 2, 1, 0, 2), lambda x: np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))[
    ..., ::2, ::2].max((-2, -1)), (1, 2, 5, 4))
case("nn-layer_norm-shape", lambda x: nn.layer_norm(x, (3, 4)), lambda x: normal(x, (1, 2), 1e-5), (2, 3, 4))
