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


def windowed(x, w):
    """The valid cross-correlation along any number of axes."""
    ndim = w.ndim - 2
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=tuple(range(2, x.ndim)))
    return np.moveaxis(np.tensordot(windows, w, ((1, *range(2 + ndim, 2 + 2 * ndim)), tuple(range(1, w.ndim)))), -1, 1)


@row("nn.conv", "`nnet.conv2d/conv3d` (stride, dilation, groups, border modes, unshared), transposed, separable, causal 1d, gradients",
     "yes (needs g++)", "removed", "`nnet.conv2d` with Theano's signature, `nn.conv1d/2d/3d` and `nn.conv_transpose2d` with the "
     "modern one; compiled, with gradients; what Theano keeps in modules of `nnet` stands in `nnet` itself")
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
    film, cube = RNG.normal(size=(1, 2, 3, 4, 4)), RNG.normal(size=(2, 2, 2, 2, 3))
    close(call(lambda v, f: T.nnet.conv3d(v, f, filter_flip=False), film, cube), windowed(film, cube))
    for mode, pads in (("half", ((0, 0), (0, 0), (1, 1), (1, 1))), ("full", ((0, 0), (0, 0), (2, 2), (1, 1))), ((1, 2), ((0, 0), (0, 0), (1, 1), (2, 2)))):
        x = np.pad(IMAGES, pads)
        close(call(lambda x, w, m=mode: T.nnet.conv2d(x, w, border_mode=m, filter_flip=False), IMAGES, FILTERS), correlated(x, FILTERS))
    transposed = call(lambda x, w: T.nn.conv_transpose2d(x, w), correlated(IMAGES, FILTERS), FILTERS)
    pull = call(lambda x, w: tv.grad((T.nn.conv2d(x, w) * correlated(IMAGES, FILTERS)).sum(), x), IMAGES, FILTERS)
    close(transposed, pull)
    depth, point = RNG.normal(size=(6, 1, 2, 2)), RNG.normal(size=(4, 6, 1, 1))
    each = np.concatenate([correlated(IMAGES[:, k:k + 1], depth[2 * k:2 * k + 2]) for k in range(3)], axis=1)
    close(call(lambda x, d, p: T.nnet.separable_conv2d(x, d, p, num_channels=3, filter_flip=False), IMAGES, depth, point),
          correlated(each, point))
    close(call(lambda x, w: T.nn.conv1d(x, w), IMAGES[:, :, 0], FILTERS[:, :, 0]), windowed(IMAGES[:, :, 0], FILTERS[:, :, 0]))
    close(call(lambda x, w: T.nn.conv3d(x, w), film, cube), windowed(film, cube))
    series, taps = RNG.normal(size=(2, 3, 6)), RNG.normal(size=(4, 3, 2))
    close(call(lambda x, w: T.nnet.causal_conv1d(x, w, filter_shape=(4, 3, 2), filter_flip=False), series, taps),
          windowed(np.pad(series, ((0, 0), (0, 0), (1, 0))), taps))
    own = RNG.normal(size=(2, 4, 6, 3, 3, 2))       # filters of its own at each position
    x, w = tv.dtensor4("x"), tv.tensor("w", shape=own.shape, dtype="float64")
    unshared = tv.function([x, w], T.nnet.conv2d(x, w, unshared=True, filter_flip=False))
    windows = np.lib.stride_tricks.sliding_window_view(IMAGES, (3, 2), axis=(2, 3))
    close(unshared(IMAGES, own), np.einsum("bchwij,ohwcij->bohw", windows, own))


@row("nn.pool", "pool_2d/3d (max, sum, avg inc/exc pad) + gradients + Rop", "yes", "removed",
     "`signal.pool.pool_2d(x, ws, ignore_border=True, mode=...)`, `nn.max_pool2d`, `nn.avg_pool2d`", prose="max pad sum")
def pool():
    blocks = IMAGES[:, :, :6, :6].reshape(2, 3, 3, 2, 3, 2)
    for mode, reduce in (("max", np.max), ("sum", np.sum), ("average_inc_pad", np.mean), ("average_exc_pad", np.mean)):
        close(call(lambda x, m=mode: T.signal.pool.pool_2d(x, (2, 2), ignore_border=True, mode=m), IMAGES),
              reduce(blocks, axis=(3, 5)))
    close(call(lambda x: T.nn.avg_pool2d(x, 2), IMAGES), blocks.mean(axis=(3, 5)))
    g = call(lambda x: tv.grad(T.nn.max_pool2d(x, 2).sum(), x), IMAGES)
    close(g[:, :, :6, :6], (IMAGES[:, :, :6, :6] == blocks.max(axis=(3, 5)).repeat(2, 2).repeat(2, 3)).astype(float))
    film = RNG.normal(size=(1, 1, 2, 4, 4))
    close(call(lambda v: T.signal.pool.pool_3d(v, (2, 2, 2), ignore_border=True), film), film.reshape(1, 1, 1, 2, 2, 2, 2, 2).max((3, 5, 7)))
    x = np.ones((1, 1, 3, 3))
    for mode, corner in (("average_inc_pad", 0.25), ("average_exc_pad", 1.0), ("sum", 1.0)):
        found = call(lambda v, m=mode: T.signal.pool.pool_2d(v, (2, 2), ignore_border=True, pad=(1, 1), mode=m), x)
        assert found[0, 0, 0, 0] == corner
    v = tv.dtensor4("v")
    close(tv.Rop(T.nn.max_pool2d(v, 2), v, v * 2.0).eval({v: IMAGES}), 2.0 * blocks.max(axis=(3, 5)))


@row("nn.signal", "signal convolve 1d/2d", "conv2d", "convolve1d, convolve2d (mode)",
     "`signal.convolve`, `correlate`, `convolve1d`, `convolve2d`, `correlate2d` with SciPy's modes; Theano's `signal.conv.conv2d`")
def signals():
    a, b = ROWS_OF[0], ROWS_OF[1, :3]
    for mode in ("full", "same", "valid"):
        close(call(lambda x, y, m=mode: T.signal.convolve(x, y, mode=m), a, b), np.convolve(a, b, mode))
        close(call(lambda x, y, m=mode: T.signal.convolve1d(x, y, mode=m), ROWS_OF, b),
              np.array([np.convolve(r, b, mode) for r in ROWS_OF]))
        close(call(lambda x, y, m=mode: T.signal.convolve2d(x, y, mode=m), ROWS_OF, ROWS_OF[:2, :2]),
              signal.convolve2d(ROWS_OF, ROWS_OF[:2, :2], mode))
        close(call(lambda x, y, m=mode: T.signal.correlate(x, y, mode=m), a, b), np.correlate(a, b, mode))
        close(call(lambda x, y, m=mode: T.signal.correlate2d(x, y, mode=m), ROWS_OF, ROWS_OF[:2, :2]),
              signal.correlate2d(ROWS_OF, ROWS_OF[:2, :2], mode))
    close(call(T.signal.conv.conv2d, ROWS_OF, ROWS_OF[:2, :2]), signal.convolve2d(ROWS_OF, ROWS_OF[:2, :2], "valid"))


@row("nn.activations", "softmax, logsoftmax, crossentropy_*, sigmoid_binary_crossentropy, h_softmax, relu elu selu hard_sigmoid "
     "ultra_fast_sigmoid softsign softplus", "yes", "softmax log_softmax sigmoid softplus only", "all, and torch's names in `nn`",
     prose="all")
def activations():
    x = ROWS_OF
    close(call(T.nnet.softmax, x), special.softmax(x, axis=-1))
    close(call(T.nnet.logsoftmax, x), special.log_softmax(x, axis=-1))
    close(call(T.nnet.log_softmax, x), special.log_softmax(x, axis=-1))
    close(call(T.nnet.sigmoid, x), special.expit(x))
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
    close(call(lambda p, t: T.nnet.crossentropy_categorical_1hot(p, t), p, true), -np.log(p[np.arange(3), true]))
    close(call(lambda x, t: T.nnet.crossentropy_softmax_1hot(x, t)[0], x, true), -np.log(p[np.arange(3), true]))
    W1, b1, W2, b2 = (RNG.normal(size=s) for s in ((4, 2), (2,), (2, 4, 3), (2, 3)))
    tree = call(lambda v, *w: T.nnet.h_softmax(v, v.shape[0], 6, 2, 3, *w), x, W1, b1, W2, b2)
    classes, leaves = special.softmax(x @ W1 + b1, -1), special.softmax(np.einsum("bn,cno->bco", x, W2) + b2, -1)
    close(tree, (classes[:, :, None] * leaves).reshape(3, 6))


@row("nn.others", "batch_normalization train/test, images2neibs/neibs2images, bilinear upsampling, blocksparse, ctc, confusion_matrix",
     "yes", "removed", "all but blocksparse, which `take` and batched `matmul` say in two lines", prose="all batch_normalization bilinear")
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
    flat = call(lambda v: T.nnet.bilinear_upsampling(v, ratio=2), np.full((1, 1, 4, 4), 3.0))
    assert flat.shape == (1, 1, 8, 8) and np.allclose(flat[0, 0, 2:-2, 2:-2], 3.0)
    scores = RNG.normal(size=(2, 1, 3))             # two steps: the text "1" is 01, 10 or 11
    p = special.softmax(scores, -1)[:, 0]
    close(call(lambda a: T.nnet.ctc(a, np.array([[1]]), np.array([2])), scores),
          -np.log([p[0, 0] * p[1, 1] + p[0, 1] * p[1, 0] + p[0, 1] * p[1, 1]]))
    matrix = call(lambda a, p: T.nnet.confusion_matrix(a, p)[0], np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    np.testing.assert_array_equal(matrix, [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
    indices, w = np.array([[0, 2]]), RNG.normal(size=(3, 4, 2))
    blocks = call(lambda v, w, i: T.einsum("bi,bkio->bko", v, w[i]), ROWS_OF[:1], w, indices)
    close(blocks, np.einsum("bi,bkio->bko", ROWS_OF[:1], w[indices]))
    blocks = call(lambda v, w, i: T.matmul(v[:, None, None], T.take(w, i, axis=0))[:, :, 0], ROWS_OF[:1], w, indices)
    close(blocks, np.einsum("bi,bkio->bko", ROWS_OF[:1], w[indices]))


@row("nn.fft", "fft", "rfft irfft (last axes, pairs of reals), fourier", "the same; no fft2, no complex fft",
     "the whole family of `numpy.fft` in `tensor.fft`, with gradients, run as steps by NumPy's pocketfft; Theano's pairs of reals are "
     "`fft.theano_rfft(x)` and `fft.theano_irfft(z, is_odd=False)`, its `fourier.fft(x, n, axis)` has its name", prose="complex")
def fft():
    for name in ("fft", "ifft", "rfft", "fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "ihfft"):
        close(call(getattr(T.fft, name), ROWS_OF), getattr(np.fft, name)(ROWS_OF))
    same(call(T.fft.fftshift, ROWS_OF), np.fft.fftshift(ROWS_OF))
    close(call(lambda x: T.fourier.fft(x, 3, 0), ROWS_OF), np.fft.fft(ROWS_OF, 3, 0))
    for x, odd in ((ROWS_OF, False), (ROWS_OF[:, :3], True)):
        half = np.fft.rfft(x)
        pairs = np.stack([half.real, half.imag], axis=-1)
        close(call(T.fft.theano_rfft, x), pairs)
        close(call(lambda z, o=odd: T.fft.theano_irfft(z, is_odd=o), pairs), x)
    for name in ("irfft", "hfft", "irfftn", "irfft2"):
        close(call(getattr(T.fft, name), ROWS_OF.astype(complex)), getattr(np.fft, name)(ROWS_OF.astype(complex)))
    close(call(lambda x: tv.grad(tv.sum(abs(T.fft.fft(x)) ** 2), x), ROWS_OF), 8 * ROWS_OF)
