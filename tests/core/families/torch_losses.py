"""Losses, distances, embeddings and attention by the names of torch, jax and optax, against their formulas in NumPy."""

import numpy as np
import scipy.spatial.distance
import scipy.special

from tensorviz.tensor import nn
from tests.core.cases import case

softmax, log_softmax, sigmoid = scipy.special.softmax, scipy.special.log_softmax, scipy.special.expit
Y, ROWS = np.array([1, 0, 3]), np.arange(3)
LABELS = np.array([[3, 0, -1, 1], [-1, 1, 2, 3], [2, 1, 0, 3]])
MASK = np.array([[True, False, True, True], [True, True, False, False], [True, True, True, False]])


def f(x, value):
    return np.asarray(value, x.dtype)


def _multi_margin(x, p, margin, weight):
    loss = np.maximum(f(x, margin) - x[ROWS, Y][:, None] + x, 0) ** p * f(x, weight)[Y][:, None]
    loss[ROWS, Y] = 0
    return loss.mean(1)


def _multilabel(x):
    out = np.zeros(len(x), x.dtype)
    for k, (row, labels) in enumerate(zip(x, LABELS)):
        named = [int(n) for n in labels[:list(labels).index(-1)]] if -1 in labels else list(labels)
        out[k] = sum(max(1 - row[j] + row[i], 0) for j in named for i in range(4) if i not in named) / x.dtype.type(4)
    return out


def _root(away, p):
    return np.abs(away).max(-1) if p == np.inf else (np.abs(away) ** f(away, p)).sum(-1) ** f(away, 1 / p)


case("multi_margin_loss", lambda x, w: nn.multi_margin_loss(x, Y, 2, 0.7, w, reduction="none"), lambda x, w: _multi_margin(x, 2, 0.7, w), (3, 4), (4,))
case("multi_margin_loss-mean", lambda x: nn.multi_margin_loss(x, Y), lambda x: _multi_margin(x, 1, 1, np.ones(4)).mean(), (3, 4))
case("multilabel_margin_loss", lambda x: nn.multilabel_margin_loss(x, LABELS, reduction="none"), _multilabel, (3, 4))
case("multilabel_soft_margin_loss", lambda x, t, w: nn.multilabel_soft_margin_loss(x, t, w),
     lambda x, t, w: -((t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x))) * w).mean(), (3, 4), (3, 4), (4,))
for _name, _each in (("mse_loss", lambda a: a * a), ("l1_loss", np.abs)):
    case(f"{_name}-weight", lambda x, t, w, n=_name: getattr(nn, n)(x, t, weight=w),
         lambda x, t, w, e=_each: (e(x - t) * w).sum() / w.sum(), (3, 4), (3, 4), (3, 4), low=0.2)
    case(f"{_name}-weight-row", lambda x, t, w, n=_name: getattr(nn, n)(x, t, weight=w),
         lambda x, t, w, e=_each: (e(x - t) * w).sum() / (3 * w.sum()), (3, 4), (3, 4), (4,), low=0.2)
case("huber_loss-weight", lambda x, w: nn.huber_loss(x, 0.0, weight=w),
     lambda x, w: (np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - f(x, 0.5)) * w).mean(), (3, 4), (3, 4))
case("triplet-swap", lambda a, b, c: nn.triplet_margin_loss(a, b, c, swap=True, reduction="none", eps=0.0),
     lambda a, b, c: np.maximum(_root(a - b, 2) - np.minimum(_root(a - c, 2), _root(b - c, 2)) + 1, 0), (3, 4), (3, 4), (3, 4))
case("linear_cross_entropy", lambda x, w, b: nn.linear_cross_entropy(x, w, Y, linear_bias=b),
     lambda x, w, b: -log_softmax(x @ w.T + b, 1)[ROWS, Y].mean(), (3, 2), (4, 2), (4,))
for _p in (1, 2, 3, 1.5, np.inf):
    case(f"cdist-{_p}", lambda x, y, p=_p: nn.cdist(x, y, p), lambda x, y, p=_p: _root(x[:, None] - y, p), (3, 4), (2, 4))
    case(f"pdist-{_p}", lambda x, p=_p: nn.pdist(x, p),
         lambda x, p=_p: scipy.spatial.distance.pdist(x, "minkowski", p=p).astype(x.dtype), (4, 3), fixed=True)
case("cdist-stacks", lambda x, y: nn.cdist(x, y), lambda x, y: _root(x[..., :, None, :] - y[..., None, :, :], 2), (2, 3, 2), (2, 4, 2))


# -- optax's -----------------------------------------------------------------------------------------------------------
def _focal(x, t, alpha, gamma):
    p = sigmoid(x)
    right, scale = p * t + (1 - p) * (1 - t), f(x, alpha) * t + f(x, 1 - alpha) * (1 - t)
    return -scale * (1 - right) ** f(x, gamma) * (t * np.log(p) + (1 - t) * np.log(1 - p))


for _name, _ours, _numpy in (
    ("squared_error", nn.squared_error, lambda x, t: (x - t) ** 2), ("l2_loss", nn.l2_loss, lambda x, t: (x - t) ** 2 / 2),
    ("log_cosh", nn.log_cosh, lambda x, t: np.log(np.cosh(x - t))), ("hinge_loss", nn.hinge_loss, lambda x, t: np.maximum(1 - x * t, 0)),
    ("perceptron_loss", nn.perceptron_loss, lambda x, t: np.maximum(-x * t, 0)),
    ("cosine_distance", nn.cosine_distance, lambda x, t: 1 - (x * t).sum(-1) / np.sqrt((x * x).sum(-1) * (t * t).sum(-1))),
    ("sigmoid_binary_cross_entropy", nn.sigmoid_binary_cross_entropy,
     lambda x, t: -(t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x)))),
    ("softmax_cross_entropy", nn.softmax_cross_entropy, lambda x, t: -(t * log_softmax(x, -1)).sum(-1)),
    ("softmax_cross_entropy-0", lambda x, t: nn.softmax_cross_entropy(x, t, 0), lambda x, t: -(t * log_softmax(x, 0)).sum(0)),
    ("safe_softmax_cross_entropy", nn.safe_softmax_cross_entropy, lambda x, t: -(t * log_softmax(x, -1)).sum(-1)),
    ("poly_loss", nn.poly_loss_cross_entropy,
     lambda x, t: -(t * log_softmax(x, -1)).sum(-1) + 2 * (t * (1 - softmax(x, -1))).sum(-1)),
    ("kl_divergence_with_log_targets", nn.kl_divergence_with_log_targets, lambda x, t: (np.exp(t) * (t - x)).sum(-1)),
    ("multiclass_hinge_loss", lambda x, t: nn.multiclass_hinge_loss(x + t, Y),
     lambda x, t: (x + t + (1 - np.eye(4, dtype=x.dtype)[Y])).max(1) - (x + t)[ROWS, Y]),
    ("multiclass_perceptron_loss", lambda x, t: nn.multiclass_perceptron_loss(x * t, Y), lambda x, t: (x * t).max(1) - (x * t)[ROWS, Y]),
    ("softmax_cross_entropy_with_integer_labels", lambda x, t: nn.softmax_cross_entropy_with_integer_labels(x * t, Y),
     lambda x, t: -log_softmax(x * t, -1)[ROWS, Y]),
    ("smooth_labels", lambda x, t: nn.smooth_labels(x * t, 0.2), lambda x, t: f(x, 0.8) * x * t + f(x, 0.05)),
):
    case(f"optax-{_name}", _ours, _numpy, (3, 4), (3, 4))
for _name, _ours, _numpy in (
    ("sigmoid_focal_loss", lambda x, t: nn.sigmoid_focal_loss(x, t, 0.25, 1.5), lambda x, t: _focal(x, t, 0.25, 1.5)),
    ("kl_divergence", nn.kl_divergence, lambda x, t: (t * (np.log(t) - x)).sum(-1)),
    ("convex_kl_divergence", nn.convex_kl_divergence, lambda x, t: (t * (np.log(t) - x) + np.exp(x) - t).sum(-1)),
):
    case(f"optax-{_name}", _ours, _numpy, (3, 4), (3, 4), low=0.1, high=0.9)


# -- jax's -------------------------------------------------------------------------------------------------------------
for _name, _ours, _numpy in (
    ("squareplus", nn.squareplus, lambda x: (x + np.sqrt(x * x + 4)) / 2),
    ("sparse_plus", nn.sparse_plus, lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))),
    ("sparse_sigmoid", nn.sparse_sigmoid, lambda x: np.clip((x + 1) / 2, 0, 1)),
    ("rrelu", nn.rrelu, lambda x: np.where(x > 0, x, x * f(x, 11 / 48))),
    ("logmeanexp", lambda x: nn.logmeanexp(x, 1), lambda x: np.log(np.exp(x).mean(1))),
    ("logmeanexp-where", lambda x: nn.logmeanexp(x, 1, MASK),
     lambda x: np.log(np.where(MASK, np.exp(x), 0).sum(1) / MASK.sum(1).astype(x.dtype))),
    ("logsumexp-where", lambda x: nn.logsumexp(x, 0, where=MASK), lambda x: np.log(np.where(MASK, np.exp(x), 0).sum(0))),
    ("softmax-where", lambda x: nn.softmax(x, where=MASK),
     lambda x: np.where(MASK, np.exp(x), 0) / np.where(MASK, np.exp(x), 0).sum(-1, keepdims=True)),
    ("standardize", lambda x: nn.standardize(x, 0), lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + f(x, 1e-5))),
    ("standardize-where", lambda x: nn.standardize(x, where=MASK), lambda x: (x - x.mean(1, keepdims=True, where=MASK)) / np.sqrt(
        x.var(1, keepdims=True, where=MASK) + f(x, 1e-5))),
):
    case(f"jax-{_name}", _ours, _numpy, (3, 4))
case("jax-log1mexp", nn.log1mexp, lambda x: np.log(1 - np.exp(-x)), (3, 4), low=0.1, smooth=False)


# -- embeddings and attention ----------------------------------------------------------------------------------------------
BAGS, FLAT, AT = np.array([[0, 2, 2], [1, 4, 2]]), np.array([0, 2, 2, 1, 4]), np.array([0, 3, 3])


def _bags(w, mode, bags, skip=2):
    out = np.zeros((len(bags), w.shape[1]), w.dtype)
    for k, bag in enumerate(bags):
        rows = w[[i for i in bag if i != skip]]
        if len(rows):
            out[k] = getattr(np, mode)(rows, 0)
    return out


for _mode in ("sum", "mean", "max"):
    case(f"embedding_bag-{_mode}", lambda w, m=_mode: nn.embedding_bag(BAGS, w, mode=m, padding_idx=2), lambda w, m=_mode: _bags(w, m, BAGS),
         (5, 3))
    case(f"embedding_bag-offsets-{_mode}", lambda w, m=_mode: nn.embedding_bag(FLAT, w, AT, mode=m, padding_idx=-3),
         lambda w, m=_mode: _bags(w, m, [FLAT[:3], [], FLAT[3:]]), (5, 3))
case("embedding_bag-last", lambda w: nn.embedding_bag(FLAT, w, np.array([0, 2, 5]), include_last_offset=True),
     lambda w: _bags(w, "mean", [FLAT[:2], FLAT[2:]], None), (5, 3))
case("embedding_bag-weights", lambda w, s: nn.embedding_bag(FLAT, w, AT, mode="sum", per_sample_weights=s),
     lambda w, s: np.stack([(w[FLAT[:3]] * s[:3, None]).sum(0), 0 * w[0], (w[FLAT[3:]] * s[3:, None]).sum(0)]), (5, 3), (5,))


def _jax_attention(q, k, v, seen):
    k, v = (np.repeat(e, q.shape[2] // k.shape[2], 2) for e in (k, v))
    scores = np.einsum("btnh,bsnh->bnts", q, k) / np.sqrt(f(q, q.shape[-1]))
    return np.einsum("bnts,bsnh->btnh", softmax(np.where(seen, scores, -np.inf), -1), v).astype(q.dtype)


_T, _S = np.arange(3)[:, None], np.arange(4)
case("dot_product_attention", lambda q, k, v: nn.dot_product_attention(q, k, v, is_causal=True),
     lambda q, k, v: _jax_attention(q, k, v, _S <= _T), (2, 3, 4, 2), (2, 4, 2, 2), (2, 4, 2, 2), fixed=True)
case("dot_product_attention-window", lambda q, k, v: nn.dot_product_attention(q, k, v, local_window_size=(1, 0)),
     lambda q, k, v: _jax_attention(q, k, v, (_T - 1 <= _S) & (_S <= _T)), (2, 3, 2, 2), (2, 4, 2, 2), (2, 4, 2, 2), fixed=True)


def _blind(q, k, v):
    scores = np.einsum("bmd,bnd->bmn", q, k) / np.sqrt(f(q, q.shape[-1]))
    out = np.exp(np.where(MASK, scores, -np.inf))
    out = out / out.sum(-1, keepdims=True)
    out[:, 1] = 0
    return (out @ v).astype(q.dtype)


case("attention-blind", lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, MASK & (np.arange(3)[:, None] != 1)), _blind, (2, 3, 2),
     (2, 4, 2), (2, 4, 5))
case("attention-gqa", lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, enable_gqa=True),
     lambda q, k, v: (softmax(np.einsum("hmd,hnd->hmn", q, np.repeat(k, 2, 0)) / np.sqrt(f(q, 2)), -1) @ np.repeat(v, 2, 0)).astype(q.dtype),
     (4, 3, 2), (2, 5, 2), (2, 5, 2), fixed=True)
case("conv_tbc", lambda x, w, b: nn.conv_tbc(x, w, b, 1), lambda x, w, b: sum(
    np.pad(x, ((1, 1), (0, 0), (0, 0)))[k:k + 5] @ w[k] for k in range(3)) + b, (5, 2, 3), (3, 3, 4), (4,))
