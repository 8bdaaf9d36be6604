"""`nn` takes arguments in torch's order: the parameters are pinned here, the values held against NumPy."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import tensorviz as tv

N = tv.tensor.nn
RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 4, 7, 6))
# What may be given by position, in torch's order; the rest is given by name. Where our names are others the places are torch's.
PLACES = {
    "conv1d": "x w bias stride padding dilation groups", "conv2d": "x w bias stride padding dilation groups",
    "conv3d": "x w bias stride padding dilation groups", "softplus": "x beta threshold",
    "conv_transpose2d": "x w bias stride padding output_padding groups dilation",
    "max_pool2d": "x kernel_size stride padding dilation ceil_mode return_indices", "dropout": "x p training", "kl_div": "log_probs target",
    "avg_pool2d": "x kernel_size stride padding ceil_mode count_include_pad divisor_override",
    "layer_norm": "x normalized_shape weight bias eps", "rms_norm": "x normalized_shape weight eps",
    "group_norm": "x num_groups weight bias eps",
    "batch_norm": "x running_mean running_var weight bias training momentum eps",
    "instance_norm": "x running_mean running_var weight bias use_input_stats momentum eps",
    "unfold": "x kernel_size dilation padding stride", "fold": "y output_size kernel_size dilation padding stride",
    "gaussian_nll_loss": "output target var full eps reduction", "poisson_nll_loss": "output target log_input full",
    "huber_loss": "output target reduction delta weight", "smooth_l1_loss": "output target", "mse_loss": "output target",
    "l1_loss": "output target", "nll_loss": "log_probs target weight", "cross_entropy": "logits target weight",
    "binary_cross_entropy_with_logits": "logits target weight", "binary_cross_entropy": "output target weight",
    "scaled_dot_product_attention": "query key value mask dropout_p is_causal", "relu": "x alpha", "normalize": "x ord axis eps",
    "pad": "x pad mode value", "grid_sample": "x grid mode padding_mode align_corners", "affine_grid": "theta size align_corners",
    "interpolate": "x size scale_factor mode align_corners recompute_scale_factor antialias", "pdist": "x p",
    "embedding": "indices weight padding_idx max_norm norm_type scale_grad_by_freq sparse", "cosine_similarity": "a b axis eps",
    "embedding_bag": "indices weight offsets max_norm norm_type scale_grad_by_freq mode sparse per_sample_weights include_last_offset "
                     "padding_idx",
    "max_unpool2d": "x indices kernel_size stride padding output_size", "triplet_margin_loss": "anchor positive negative margin p eps swap",
    "multi_margin_loss": "output target p margin weight", "pairwise_distance": "a b p eps keepdims", "conv_tbc": "x w bias pad",
}


@pytest.mark.parametrize("name", PLACES)
def test_arguments_stand_in_torchs_order(name: str) -> None:
    found = [p.name for p in inspect.signature(getattr(N, name)).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert found == PLACES[name].split()


def columns(x: np.ndarray, window: tuple[int, int], dilation: int, padding: int, stride: tuple[int, int]) -> np.ndarray:
    """torch's unfold by slices."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    reach = [(k - 1) * dilation + 1 for k in window]
    found = sliding_window_view(x, reach, (2, 3))[:, :, ::stride[0], ::stride[1], ::dilation, ::dilation]
    return found.transpose(0, 1, 4, 5, 2, 3).reshape(x.shape[0], x.shape[1] * math.prod(window), -1)


def test_unfold_and_fold_are_torchs() -> None:
    x = tv.tensor4("x")
    made = N.unfold(x, (2, 3), 2, 1, (2, 1))
    meant = columns(X, (2, 3), 2, 1, (2, 1))
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        np.testing.assert_array_equal(tv.function([x], made, mode=mode)(X), meant)
    assert N.unfold(tv.tensor4("x", shape=X.shape), 3).type.shape == (2, 36, 20)
    y = RNG.normal(size=meant.shape)
    back = N.fold(tv.constant(y), (7, 6), (2, 3), 2, 1, (2, 1)).eval()          # the transpose of unfold
    np.testing.assert_allclose((back * X).sum(), (y * meant).sum(), rtol=1e-12)
    one = tv.constant(X[0])
    np.testing.assert_array_equal(N.unfold(one, 2).eval(), columns(X[:1], (2, 2), 1, 0, (1, 1))[0])
    assert N.fold(N.unfold(one, 2), (7, 6), 2).type.shape == (4, 7, 6)
    with pytest.raises(tv.ShapeError, match="no whole number of windows"):
        N.fold(tv.tensor3("y", shape=(2, 7, 3)), (4, 4), 2)
    with pytest.raises(tv.ShapeError, match="sliding_windows"):
        N.unfold(tv.matrix("m"), 2)


def test_pools_with_gaps_take_the_largest_of_what_they_see() -> None:
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    windows = sliding_window_view(padded, (5, 5), (2, 3))[:, :, ::2, ::2, ::2, ::2]
    x = tv.tensor4("x")
    np.testing.assert_array_equal(N.max_pool2d(x, 3, 2, 1, 2).eval({x: X}), windows.max((-2, -1)))
    whole = (X * 9).astype(np.int8)
    padded = np.pad(whole, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-128)
    windows = sliding_window_view(padded, (5, 5), (2, 3))[:, :, ::2, ::2, ::2, ::2]
    np.testing.assert_array_equal(N.max_pool2d(tv.constant(whole), 3, 2, 1, 2).eval(), windows.max((-2, -1)))
    reach = np.pad(X, ((0, 0), (0, 0), (1, 3), (1, 3)), constant_values=-np.inf)       # with ceil_mode also windows beyond the end
    windows = sliding_window_view(reach, (5, 5), (2, 3))[:, :, :5:2, :5:2, ::2, ::2]
    np.testing.assert_array_equal(N.max_pool2d(x, 3, 2, 1, 2, True).eval({x: X}), windows.max((-2, -1)))


def test_layers_are_normalised_over_the_lengths_that_are_given() -> None:
    x, w = tv.tensor4("x"), RNG.normal(size=(7, 6))
    centred = X - X.mean((2, 3), keepdims=True)
    np.testing.assert_allclose(N.layer_norm(x, (7, 6), w, w, 1e-3).eval({x: X}),
                               centred / np.sqrt((centred**2).mean((2, 3), keepdims=True) + 1e-3) * w + w, rtol=1e-12)
    np.testing.assert_allclose(N.rms_norm(x, 6).eval({x: X}), X / np.sqrt((X**2).mean(-1, keepdims=True) + np.finfo(float).eps))
    assert N.layer_norm(x, axis=(2, 3)) is N.layer_norm(x, axis=(2, 3))
    with pytest.raises(tv.ShapeError):
        N.layer_norm(x, 5).eval({x: X})
    for wrong in (-1, (2, 4, 7, 6, 1)):
        with pytest.raises(tv.ArgumentValueError, match="axis= names"):
            N.layer_norm(x, wrong)
    with pytest.raises(tv.ArgumentValueError, match="axis= names"):
        N.layer_norm(x, 6, axis=-1)


def test_running_averages_normalise_instances_too() -> None:
    m, v = RNG.normal(size=4), np.array([1.0, 2.0, 3.0, 4.0])
    found = N.instance_norm(tv.constant(X), m, v, use_input_stats=False).eval()
    np.testing.assert_allclose(found, (X - m[:, None, None]) / np.sqrt(v[:, None, None] + 1e-5), rtol=1e-12)
    assert N.batch_norm(tv.constant(X), m, v, None, None, False, 0.5) is N.batch_norm(tv.constant(X), m, v)


def test_full_losses_have_their_constants() -> None:
    p, t = RNG.normal(size=(5, 3)), np.array([0.0, 1.0, 4.0])
    short, full = (N.poisson_nll_loss(tv.constant(p), t, True, f, reduction="none").eval() for f in (False, True))
    np.testing.assert_allclose(full - short, np.array([0, 0, 4 * np.log(4) - 4 + 0.5 * np.log(8 * np.pi)]) + 0 * p, rtol=1e-12, atol=1e-12)
    short, full = (N.gaussian_nll_loss(tv.constant(p), 0.0, 1.0, f).eval() for f in (False, True))
    np.testing.assert_allclose(full - short, 0.5 * np.log(2 * np.pi), rtol=1e-12)


def test_torchs_words_mean_the_same() -> None:
    x, q = tv.dmatrix("x"), tv.tensor3("q")
    mask = np.ones((3, 3), bool)
    for name in ("softmax", "log_softmax", "softmin", "normalize"):
        assert getattr(N, name)(x, dim=0) is getattr(N, name)(x, axis=0)
    assert N.glu(tv.matrix("g", shape=(4, 2)), dim=0).type.shape == (2, 2)
    assert N.cosine_similarity(x, x + 1, dim=0) is N.cosine_similarity(x, x + 1, 0) and N.normalize(x, p=1) is N.normalize(x, 1)
    assert N.relu(x, False) is N.relu(x, inplace=False) is N.relu(x) and N.leaky_relu(x, negative_slope=0.2) is N.leaky_relu(x, 0.2)
    assert N.scaled_dot_product_attention(q, q, q, attn_mask=mask) is N.scaled_dot_product_attention(q, q, q, mask)
    assert N.softplus(x) is tv.softplus(x)
    np.testing.assert_allclose(N.softplus(x, 2.0).eval({x: [[1e3, -0.5]]}), [[1e3, np.log1p(np.exp(-1.0)) / 2]], rtol=1e-14)
    with pytest.raises(tv.ShapeError, match="one number an output"):
        N.conv2d(tv.tensor4("x"), tv.tensor4("w"), 2)


ONE = ("relu relu6 selu celu elu silu mish hardswish hardsigmoid hardtanh leaky_relu rrelu gelu softsign tanhshrink hardshrink softshrink "
       "logsigmoid softplus glu softmin softmax log_softmax normalize local_response_norm layer_norm max_pool1d avg_pool1d lp_pool1d "
       "adaptive_avg_pool1d adaptive_max_pool1d dropout threshold one_hot").split()
MORE = {"max_pool1d": (2,), "avg_pool1d": (2,), "lp_pool1d": (2.0, 2), "adaptive_avg_pool1d": (2,), "adaptive_max_pool1d": (2,),
        "local_response_norm": (3,), "dropout": (0.0,), "threshold": (0.1, 2.0), "one_hot": (3,)}
IN_PLACE = "relu relu6 selu celu elu silu mish hardswish hardsigmoid hardtanh leaky_relu rrelu dropout threshold".split()


@pytest.mark.parametrize("name", ONE)
def test_the_first_argument_is_called_input_too(name: str) -> None:
    f, x = getattr(N, name), tv.tensor3("x") if name != "one_hot" else tv.ltensor3("x")
    names = list(inspect.signature(f).parameters)[1:]
    assert f(input=x, **dict(zip(names, MORE.get(name, ()), strict=False))) is f(x, *MORE.get(name, ()))
    with pytest.raises(tv.ArgumentError, match="the same argument"):
        f(x, *MORE.get(name, ()), input=x)


@pytest.mark.parametrize("name", IN_PLACE)
def test_nothing_works_in_place_and_the_error_says_why(name: str) -> None:
    f, x = getattr(N, name), tv.tensor3("x")
    places = [p for p in inspect.signature(f).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD][1:]
    given = [*MORE.get(name, ())]
    given += [p.default for p in places[len(given):]]
    assert f(x, *MORE.get(name, ()), inplace=False) is f(x, *MORE.get(name, ())) is f(x, *given, False)
    with pytest.raises(tv.ArgumentValueError, match="expressions never change"):
        f(x, *MORE.get(name, ()), inplace=True)
    with pytest.raises(tv.ArgumentValueError, match=r"never change(.|\n)*test_torch_words.py"):
        f(x, *given, True)


def test_torchs_older_words_for_reductions_are_understood() -> None:
    x, t = tv.dmatrix("x"), tv.dmatrix("t")
    for older, reduction in (({"size_average": False}, "sum"), ({"reduce": False}, "none"), ({"size_average": True}, "mean"),
                             ({"reduce": True, "size_average": None}, "mean"), ({"reduce": False, "size_average": False}, "none")):
        assert N.mse_loss(x, t, **older) is N.mse_loss(x, t, reduction=reduction)
    assert N.mse_loss(x, t, size_average=None, reduce=None, reduction="sum") is N.mse_loss(x, t, reduction="sum")


def test_torchs_words_stand_for_ours() -> None:
    x, y = tv.dmatrix("x"), tv.dmatrix("y")
    im, w = tv.tensor4("im"), tv.tensor4("w")
    assert N.conv2d(input=im, weight=w, padding=1) is N.conv2d(im, w, padding=1)
    assert N.pairwise_distance(x1=x, x2=y, keepdim=True) is N.pairwise_distance(x, y, keepdims=True)
    assert N.cosine_similarity(x1=x, x2=y, dim=0) is N.cosine_similarity(x, y, 0)
    assert N.margin_ranking_loss(input1=x, input2=y, target=1) is N.margin_ranking_loss(x, y, 1)
    assert N.one_hot(tensor=tv.lvector("i"), num_classes=3).ndim == 2 and N.hardtanh(x, min_val=-2.0) is N.hard_tanh(x, -2.0)
    assert N.softmax(x, dim=0, dtype="float32").dtype == np.float32
    with pytest.raises(tv.ArgumentError, match="dim and axis are the same"):
        N.softmax(x, 1, dim=0)
    with pytest.raises(TypeError):
        N.gelu(x, inplace=False)            # torch has no such argument either
