"""Corners of torch's functions: NaN and infinities in pools, gradients where rows are equal, what raises and where."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv

N = tv.tensor.nn
RNG = np.random.default_rng(1)
MODES = ("FAST_RUN", "FAST_COMPILE")


@pytest.mark.parametrize("mode", MODES)
def test_softplus_is_a_line_above_its_threshold(mode: str) -> None:
    """Values of torch 2: softplus(x, beta, threshold) is linear where beta * x > threshold."""
    x = tv.vector("x")
    data = np.array([-1.0, 0.5, 1.0, 1.0000001, 2.0, 300.0, np.inf, np.nan])
    for beta, threshold in ((1.0, 1.0), (2.0, 3.0), (0.5, -2.0), (1.0, 500.0)):
        made = N.softplus(x, beta, threshold)
        found, slopes = tv.function([x], [made, tv.grad(made.sum(), x)], mode=mode)(data)
        above = beta * data > threshold
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(found, np.where(above, data, np.logaddexp(0, beta * data) / beta), rtol=1e-15)
        np.testing.assert_array_equal(slopes[above], 1.0)
        np.testing.assert_allclose(slopes[:2][~above[:2]], (1 / (1 + np.exp(-beta * data)))[:2][~above[:2]], rtol=1e-14)
    near = np.array([19.999, 20.0, 20.001, 25.0])
    np.testing.assert_array_equal(tv.function([x], N.softplus(x), mode=mode)(near), np.logaddexp(0, near))


@pytest.mark.parametrize("mode", MODES)
def test_pools_say_where_nan_and_infinities_stand(mode: str) -> None:
    x = tv.tensor4("x")
    f = tv.function([x], N.max_pool2d(x, 2, 1, 1, 2, return_indices=True), mode=mode)
    top, at = f(np.full((1, 1, 3, 3), -np.inf))
    assert (top == -np.inf).all()
    np.testing.assert_array_equal(at[0, 0], [[4, 3, 4], [1, 0, 1], [4, 3, 4]])      # the first that is inside, never the padding
    data = np.arange(9.0).reshape(1, 1, 3, 3)
    data[0, 0, 1, 1] = np.nan
    top, at = f(data)
    assert np.isnan(top[0, 0, 0, 0]) and at[0, 0, 0, 0] == 4 and top[0, 0, 1, 1] == 8.0
    top, at = tv.function([x], N.adaptive_max_pool2d(x, 2, True), mode=mode)(data)
    assert np.isnan(top).all() and (at == 4).all()


@pytest.mark.parametrize("mode", MODES)
def test_pooled_elements_go_back_where_they_were(mode: str) -> None:
    x = tv.tensor4("x")
    top, at = N.max_pool2d(x, 2, return_indices=True)
    data = RNG.permutation(144).astype(float).reshape(2, 2, 6, 6)
    back, g = tv.function([x], [N.max_unpool2d(top, at, 2), tv.grad(N.max_unpool2d(top, at, 2).sum(), x)], mode=mode)(data)
    tops = data.reshape(2, 2, 3, 2, 3, 2).max((3, 5)).repeat(2, 2).repeat(2, 3)
    np.testing.assert_array_equal(back, np.where(data == tops, data, 0))
    np.testing.assert_array_equal(g, data == tops)
    with pytest.raises(tv.BoundsError):
        tv.function([x], N.max_unpool2d(x, np.full((1, 1, 2, 2), 99), 2), mode=mode)(np.ones((1, 1, 2, 2)))


@pytest.mark.parametrize("mode", MODES)
def test_distances_of_equal_rows_have_the_gradient_zero(mode: str) -> None:
    x = tv.dmatrix("x")
    rows = np.array([[1.0, 2.0], [1.0, 2.0], [4.0, 6.0]])
    for p in (1.5, 2, 3):
        for made in (N.pdist(x, p), N.cdist(x, x, p)):
            value, g = tv.function([x], [made.sum(), tv.grad(made.sum(), x)], mode=mode)(rows)
            twice = 1 if made.ndim == 1 else 2
            away = np.array([3.0, 4.0])
            length = (away**p).sum() ** (1 / p)
            np.testing.assert_allclose(value, 2 * length * twice, rtol=1e-13)
            slope = away ** (p - 1) * length ** (1 - p) * twice
            np.testing.assert_allclose(g, [-slope, -slope, 2 * slope], rtol=1e-12)
    assert np.isnan(N.cdist(x, x).eval({x: [[np.nan]]})).all()
    assert N.pdist(x).eval({x: np.ones((1, 3))}).shape == (0,)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("corners", [False, True])
def test_samples_have_gradients_to_images_and_grids(mode: str, padding: str, corners: bool) -> None:
    grid = RNG.uniform(-1.4, 1.4, size=(1, 2, 3, 2))
    tv.verify_grad(lambda x, g: N.grid_sample(x, g, mode, padding, corners), [RNG.normal(size=(1, 2, 4, 3)), grid], rng=RNG)


def test_a_grid_that_is_no_number_is_the_first_corner() -> None:
    image = np.arange(6.0).reshape(1, 1, 2, 3) + 1
    found = N.grid_sample(tv.constant(image), np.full((1, 1, 1, 2), np.nan), "nearest", "border").eval()
    assert found == 1.0
    far = N.grid_sample(tv.constant(image), np.array([[[[1e300, -np.inf]]]]), padding_mode="border").eval()
    assert far == 3.0


def test_the_row_for_padding_gets_no_gradient() -> None:
    w, i = tv.dmatrix("w"), np.array([[0, 2], [2, 1]])
    g = tv.grad(N.embedding(i, w, 2).sum(), w).eval({w: np.ones((4, 3))})
    np.testing.assert_array_equal(g, np.repeat([[1.0], [1.0], [0.0], [0.0]], 3, 1))
    rows = np.array([[3.0, 4.0], [0.3, 0.4]])
    np.testing.assert_allclose(N.embedding(np.array([0, 1]), w, max_norm=1.0).eval({w: rows}), [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)


def test_what_sees_nothing_has_no_gradient_either() -> None:
    q = tv.tensor3("q")
    out = N.scaled_dot_product_attention(q, q, q, np.array([[True, False], [False, False]]))
    value, g = tv.function([q], [out, tv.grad(out.sum(), q)])(RNG.normal(size=(1, 2, 3)))
    assert (value[0, 1] == 0).all() and np.isfinite(g).all()


def test_wrong_arguments_raise_when_the_graph_is_built() -> None:
    x, m = tv.tensor4("x", shape=(1, 4, 5, 6)), tv.dmatrix("m")
    wrong = [
        (tv.ArgumentError, "last first", lambda: N.pad(x, (1,))), (tv.ArgumentError, "mode is one of", lambda: N.pad(x, (1, 1), "edge")),
        (tv.ArgumentError, "wider than", lambda: N.pad(x, (6, 0), "reflect")), (tv.ArgumentError, "value", lambda: N.pad(x, (1, 0), "circular", 1.0)),
        (tv.ArgumentError, "does not go", lambda: N.interpolate(x, 3, mode="linear")),
        (tv.ArgumentError, "antialias", lambda: N.interpolate(x, 3, antialias=True)),
        (tv.ArgumentError, "align_corners", lambda: N.interpolate(x, 3, align_corners=True)),
        (tv.ArgumentError, "above 0", lambda: N.interpolate(x, 0)), (tv.ShapeError, "empty", lambda: N.interpolate(x, scale_factor=0.1)),
        (tv.ShapeError, "grid_sample takes", lambda: N.grid_sample(x, tv.tensor4("g", shape=(1, 2, 2, 3)))),
        (tv.ArgumentError, "padding_mode", lambda: N.grid_sample(x, tv.tensor4("g"), padding_mode="wrap")),
        (tv.ShapeError, "affine_grid takes", lambda: N.affine_grid(tv.tensor3("t", shape=(1, 3, 3)), (1, 1, 2, 2))),
        (tv.ShapeError, "groups", lambda: N.channel_shuffle(x, 3)), (tv.DtypeError, "indices are integers", lambda: N.max_unpool2d(x, x, 2)),
        (tv.ArgumentError, "at least 1", lambda: N.adaptive_max_pool2d(x, 0)), (tv.ShapeError, "does?n.t fit", lambda: N.max_pool2d(x, 9, return_indices=True)),
        (tv.ArgumentError, "offsets", lambda: N.embedding_bag(np.array([1, 2]), m)), (tv.ArgumentError, "mode is", lambda: N.embedding_bag(np.array([[1]]), m, mode="min")),
        (tv.ArgumentError, "sum", lambda: N.embedding_bag(np.array([[1]]), m, per_sample_weights=[[1.0]])),
        (tv.ArgumentError, "dropout_p", lambda: N.scaled_dot_product_attention(m, m, m, None, 0.1)),
        (tv.ShapeError, "can't share", lambda: N.dot_product_attention(
            tv.tensor4("q", shape=(1, 2, 4, 2)), tv.tensor4("k", shape=(1, 2, 3, 2)), tv.tensor4("v", shape=(1, 2, 3, 2)))),
        (tv.ArgumentError, "power of 1 or 2", lambda: N.multi_margin_loss(m, np.array([0]), 3)),
        (tv.ShapeError, "labels are integers", lambda: N.multilabel_margin_loss(m, m)), (tv.ArgumentError, "order", lambda: N.cdist(m, m, -1.0)),
        (tv.ShapeError, "rows", lambda: N.cdist(tv.vector("v"), m)), (tv.ArgumentError, "draws no slopes", lambda: N.rrelu(m, training=True)),
        (tv.DtypeError, "smoothed", lambda: N.smooth_labels(tv.lvector("l"), 0.1)),
    ]
    for kind, text, build in wrong:
        with pytest.raises(kind, match=text) as caught:
            build()
        assert "test_nn_torch.py" in str(caught.value), text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ndim", (1, 2, 3))
def test_transposed_convolutions_take_one_image(ndim: int, mode: str) -> None:
    build = getattr(N, f"conv_transpose{ndim}d")
    data, filters = RNG.normal(size=(4, *(3, 4, 2)[:ndim])), RNG.normal(size=(4, 3, *(2, 3, 2)[:ndim]))
    x, w, b = tv.tensor("x", shape=(None,) * (ndim + 1)), tv.tensor("w", shape=(None,) * (ndim + 2)), tv.vector("b")
    f = tv.function([x, w, b], build(x, w, b, stride=2, padding=1), mode=mode)
    many = tv.function([x, w, b], build(x[None], w, b, stride=2, padding=1), mode=mode)
    np.testing.assert_array_equal(f(data, filters, np.arange(3.0)), many(data, filters, np.arange(3.0))[0])
    gx = tv.function([x, w, b], tv.grad(build(x, w, b).sum(), x), mode=mode)(data, filters, np.zeros(3))
    wanted = filters.sum(tuple(range(1, ndim + 2))).reshape(4, *(1,) * ndim) * np.ones_like(data)
    np.testing.assert_allclose(gx, wanted, rtol=1e-13)
    with pytest.raises(tv.ShapeError, match="one image"):
        build(x[0], w)


def test_factors_of_shuffles_are_checked_when_the_graph_is_built() -> None:
    x = tv.tensor4("x")
    for build in (N.pixel_shuffle, N.pixel_unshuffle, N.channel_shuffle):
        for bad in (0, -2):
            with pytest.raises(tv.ArgumentValueError, match="1 or more"):
                build(x, bad)
        with pytest.raises(tv.ArgumentError, match="whole number"):
            build(x, 1.5)
    for build in (N.pixel_shuffle, N.pixel_unshuffle):
        with pytest.raises(tv.ShapeError, match="channels, rows, columns"):
            build(x[0, 0], 2)
