"""Convolution, pooling, nnet."""

from __future__ import annotations

import numpy as np
from scipy import signal, special

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.table import close, row, same

RNG = np.random.default_rng(5)
IMAGES, FILTERS = RNG.normal(size=(2, 3, 6, 7)), RNG.normal(size=(4, 3, 3, 2))
ROWS_OF = RNG.normal(size=(3, 4))


def call(build, *values):
    """What a compiled function makes of values."""
    inputs = [tv.tensor(dtype=v.dtype, shape=(None,) * v.ndim) for v in map(np.asarray, values)]
    return tv.function(inputs, build(*inputs))(*values)


def correlated(x, w):
    """The valid cross-correlation, window by window."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("bchwij,ocij->bohw", windows, w)


@row("nn.conv", "`nnet.conv2d/conv3d` (stride, dilation, groups, border modes, unshared), transposed, separable, causal 1d, gradients",
     "yes (needs g++)", "removed", "`nnet.conv2d` with Theano's signature, `nn.conv1d/2d/3d` and `nn.conv_transpose2d` with the "
     "modern one; compiled, with gradients")
def conv():
    close(call(lambda x, w: T.nnet.conv2d(x, w, filter_flip=False), IMAGES, FILTERS), correlated(IMAGES, FILTERS))
    close(call(lambda x, w: T.nnet.conv2d(x, w), IMAGES, FILTERS), correlated(IMAGES, FILTERS[:, :, ::-1, ::-1]))
    close(call(lambda x, w: T.nn.conv2d(x, w, stride=2), IMAGES, FILTERS), correlated(IMAGES, FILTERS)[:, :, ::2, ::2])
    dilated = np.zeros((4, 3, 5, 3))
    dilated[:, :, ::2, ::2] = FILTERS
    close(call(lambda x, w: T.nn.conv2d(x, w, dilation=2), IMAGES, FILTERS), correlated(IMAGES, dilated))
    halves = [correlated(IMAGES[:, :1], FILTERS[:2, :1]), correlated(IMAGES[:, 1:2], FILTERS[2:, :1])]
    close(call(lambda x, w: T.nn.conv2d(x, w, groups=2), IMAGES[:, :2], FILTERS[:, :1]), np.concatenate(halves, axis=1))
    padded = np.pad(IMAGES, ((0, 0), (0, 0), (1, 1), (2, 2)))
    close(call(lambda x, w: T.nn.conv2d(x, w, padding=(1, 2)), IMAGES, FILTERS), correlated(padded, FILTERS))
    g = call(lambda x, w: tv.grad((T.nn.conv2d(x, w) ** 2).sum(), w), IMAGES, FILTERS)
    step = np.zeros_like(FILTERS)
    step[1, 2, 0, 1] = 1e-4
    ahead, behind = ((correlated(IMAGES, FILTERS + s) ** 2).sum() for s in (step, -step))
    np.testing.assert_allclose(g[1, 2, 0, 1], (ahead - behind) / 2e-4, rtol=1e-6)
    assert T.nnet.conv3d(tv.dtensor5("v"), tv.dtensor5("f")).ndim == 5
    transposed = call(lambda x, w: T.nn.conv_transpose2d(x, w), correlated(IMAGES, FILTERS), FILTERS)
    pull = call(lambda x, w: tv.grad((T.nn.conv2d(x, w) * correlated(IMAGES, FILTERS)).sum(), x), IMAGES, FILTERS)
    close(transposed, pull)
    assert T.nnet.separable_conv2d(tv.dtensor4("x"), tv.dtensor4("d"), tv.dtensor4("p"), num_channels=3).ndim == 4
    assert T.nnet.causal_conv1d(tv.dtensor3("x"), tv.dtensor3("w"), filter_shape=(4, 3, 2)).ndim == 3


@row("nn.pool", "pool_2d/3d (max, sum, avg inc/exc pad) + gradients + Rop", "yes", "removed",
     "`signal.pool.pool_2d(x, ws, ignore_border=True, mode=...)`, `nn.max_pool2d`, `nn.avg_pool2d`")
def pool():
    blocks = IMAGES[:, :, :6, :6].reshape(2, 3, 3, 2, 3, 2)
    for mode, reduce in (("max", np.max), ("sum", np.sum), ("average_inc_pad", np.mean), ("average_exc_pad", np.mean)):
        close(call(lambda x, m=mode: T.signal.pool.pool_2d(x, (2, 2), ignore_border=True, mode=m), IMAGES),
              reduce(blocks, axis=(3, 5)))
    g = call(lambda x: tv.grad(T.nn.max_pool2d(x, 2).sum(), x), IMAGES)
    close(g[:, :, :6, :6], (IMAGES[:, :, :6, :6] == blocks.max(axis=(3, 5)).repeat(2, 2).repeat(2, 3)).astype(float))
    assert T.signal.pool.pool_3d(tv.dtensor5("x"), (2, 2, 2), ignore_border=True).ndim == 5


@row("nn.signal", "signal convolve 1d/2d", "conv2d", "convolve1d, convolve2d (mode)",
     "`signal.convolve`, `correlate`, `convolve2d`, `correlate2d` with SciPy's modes")
def signals():
    a, b = ROWS_OF[0], ROWS_OF[1, :3]
    for mode in ("full", "same", "valid"):
        close(call(lambda x, y, m=mode: T.signal.convolve(x, y, mode=m), a, b), np.convolve(a, b, mode))
        close(call(lambda x, y, m=mode: T.signal.convolve2d(x, y, mode=m), ROWS_OF, ROWS_OF[:2, :2]),
              signal.convolve2d(ROWS_OF, ROWS_OF[:2, :2], mode))


@row("nn.activations", "softmax, logsoftmax, crossentropy_*, sigmoid_binary_crossentropy, h_softmax, relu elu selu hard_sigmoid "
     "ultra_fast_sigmoid softsign softplus", "yes", "softmax log_softmax sigmoid softplus only", "all, and torch's names in `nn`")
def activations():
    x = ROWS_OF
    close(call(T.nnet.softmax, x), special.softmax(x, axis=-1))
    close(call(T.nnet.logsoftmax, x), special.log_softmax(x, axis=-1))
    close(call(T.nnet.relu, x), np.maximum(x, 0))
    close(call(T.nnet.elu, x), np.where(x > 0, x, np.expm1(x)))
    close(call(T.nnet.selu, x), 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)))
    close(call(T.nnet.hard_sigmoid, x), np.clip(0.2 * x + 0.5, 0, 1))
    close(call(T.nnet.softsign, x), x / (1 + np.abs(x)))
    close(call(T.nnet.softplus, x), np.logaddexp(0, x))
    np.testing.assert_allclose(call(T.nnet.ultra_fast_sigmoid, x), special.expit(x), atol=0.03)
    p, true = special.softmax(x, axis=-1), np.array([1, 3, 0])
    close(call(T.nnet.categorical_crossentropy, p, true), -np.log(p[np.arange(3), true]))
    close(call(lambda x, t: T.nnet.crossentropy_softmax_1hot_with_bias(x, np.zeros(4), t)[0], x, true), -np.log(p[np.arange(3), true]))
    close(call(T.nnet.binary_crossentropy, p, p), -(p * np.log(p) + (1 - p) * np.log1p(-p)))
    close(call(T.nnet.sigmoid_binary_crossentropy, x, p), np.logaddexp(0, x) - x * p)
    assert T.nnet.h_softmax is not None


@row("nn.others", "batch_normalization train/test, images2neibs/neibs2images, bilinear upsampling, blocksparse, ctc, confusion_matrix",
     "yes", "removed", "all but blocksparse, which `take` and batched `matmul` say in two lines")
def others():
    x = RNG.normal(size=(5, 3))
    gamma, beta = np.full((1, 3), 2.0), np.full((1, 3), 0.5)
    out = call(lambda x: T.nnet.batch_normalization_train(x, gamma, beta, epsilon=1e-4)[0], x)
    close(out, 2.0 * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-4) + 0.5)
    out = call(lambda x: T.nnet.batch_normalization_test(x, gamma, beta, np.zeros((1, 3)), np.ones((1, 3)), epsilon=0.0), x)
    close(out, 2.0 * x + 0.5)
    picture = IMAGES[:, :, :6, :6]
    neighbours = call(lambda v: T.nnet.images2neibs(v, (2, 2)), picture)
    close(neighbours[0], picture[0, 0, :2, :2].ravel())
    same(call(lambda n: T.nnet.neibs2images(n, (2, 2), picture.shape), neighbours), picture)
    assert T.nnet.bilinear_upsampling(tv.dtensor4("x", shape=(1, 1, 4, 4)), ratio=2).type.shape[2:] == (8, 8)
    matrix = call(lambda a, p: T.nnet.confusion_matrix(a, p)[0], np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
    indices, w = np.array([[0, 2]]), RNG.normal(size=(3, 4, 2))
    blocks = call(lambda v, w, i: T.einsum("bi,bkio->bko", v, w[i]), ROWS_OF[:1], w, indices)
    close(blocks, np.einsum("bi,bkio->bko", ROWS_OF[:1], w[indices]))


@row("nn.fft", "fft", "rfft irfft (last axes, pairs of reals), fourier", "the same; no fft2, no complex fft",
     "the whole family of `numpy.fft` in `tensor.fft`, with gradients")
def fft():
    for name in ("fft", "ifft", "rfft", "fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "ihfft"):
        close(call(getattr(T.fft, name), ROWS_OF), getattr(np.fft, name)(ROWS_OF))
    for name in ("irfft", "hfft", "irfftn"):
        close(call(getattr(T.fft, name), ROWS_OF.astype(complex)), getattr(np.fft, name)(ROWS_OF.astype(complex)))
    close(call(lambda x: tv.grad(tv.sum(abs(T.fft.fft(x)) ** 2), x), ROWS_OF), 8 * ROWS_OF)
