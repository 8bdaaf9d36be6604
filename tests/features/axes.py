"""Reductions, shape, indexing."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.table import close, row, same

A = np.arange(24.0).reshape(2, 3, 4) / 8 - 1.25
V = np.array([3.0, -1.0, 2.0, 0.5, -1.0, 7.0])


def on(value, build):
    """What a compiled function of one input makes of a value."""
    x = tv.tensor("x", dtype=value.dtype, shape=(None,) * value.ndim)
    return tv.function([x], build(x))(value)


@row("axes.reductions", "sum prod mean var std max min argmax argmin any all ptp, axis tuple, keepdims, `dtype=`, `acc_dtype=`",
     "yes", "yes", "the same; `where=` and `initial=` as in NumPy")
def reductions():
    for name in "sum prod mean var std max min ptp".split():
        for axis in (None, 0, -1, (0, 2)):
            close(on(A, lambda x, n=name, a=axis: getattr(T, n)(x, axis=a, keepdims=True)),
                  np.asarray(getattr(np, name)(A, axis=axis, keepdims=True)))
    for name in ("argmax", "argmin"):
        same(on(A, lambda x, n=name: getattr(T, n)(x, axis=1)), getattr(np, name)(A, axis=1))
    for name in ("any", "all"):
        same(on(A, lambda x, n=name: getattr(T, n)(x > 0, axis=(0, 1))), getattr(np, name)(A > 0, axis=(0, 1)))
    same(on(A.astype("float32"), lambda x: x.sum(axis=0, dtype="float64")), A.astype("float32").sum(axis=0, dtype="float64"))
    close(on(A, lambda x: T.sum(x, axis=1, where=x > 0, initial=2.0)), np.sum(A, axis=1, where=A > 0, initial=2.0))
    same(on(A.astype("float32"), lambda x: T.sum(x, axis=0, acc_dtype="float64")), A.astype("float32").sum(axis=0))


@row("axes.prod_zeros", "gradient of prod with zeros", "yes", "yes", "exact: the product of the others", prose="gradient zeros")
def prod_zeros():
    x = tv.dvector("x")
    same(tv.function([x], tv.grad(tv.prod(x), x))([2.0, 0.0, 3.0]), np.array([0.0, 6.0, 0.0]))


@row("axes.scans", "cumsum cumprod diff bincount cov", "yes", "yes", "the same names, cummax and cummin too; compiled, "
     "but bincount is a step of NumPy's, since how long it is follows from values")
def scans():
    for name in ("cumsum", "cumprod"):
        close(on(A, lambda x, n=name: getattr(T, n)(x, axis=1)), getattr(np, name)(A, axis=1))
    same(on(A, lambda x: T.diff(x, axis=2)), np.diff(A, axis=2))
    same(on(np.array([1, 3, 1]), lambda x: T.bincount(x, minlength=5)), np.bincount([1, 3, 1], minlength=5))
    close(on(A[0], T.cov), np.cov(A[0]))
    same(on(V, T.cummax), np.maximum.accumulate(V))
    same(on(V, T.cummin), np.minimum.accumulate(V))


@row("axes.median", "median", "no", "yes", "median, percentile, quantile, all with axis, keepdims and gradients",
     prose="all")
def median():
    same(on(A, lambda x: T.median(x, axis=1)), np.median(A, axis=1))
    close(on(V, lambda x: T.percentile(x, 30.0)), np.asarray(np.percentile(V, 30.0)))
    close(on(V, lambda x: T.quantile(x, [0.1, 0.5])), np.quantile(V, [0.1, 0.5]))
    close(on(A, lambda x: T.quantile(x, 0.3, axis=(0, 2), keepdims=True)), np.quantile(A, 0.3, axis=(0, 2), keepdims=True))
    same(on(V, lambda x: tv.grad(T.median(x), x)), np.array([0.0, 0.0, 0.5, 0.5, 0.0, 0.0]))


@row("axes.shapes", "reshape(-1) dimshuffle flatten transpose swapaxes shape_pad{left,right,axis} squeeze", "yes",
     "yes (+ expand_dims moveaxis atleast_{1d,2d,3d} matrix_transpose join_dims split_dims pack/unpack)", "all of them; "
     "`x.reshape(s, ndim=2)` by a vector of lengths", prose="all vector")
def shapes():
    same(on(A, lambda x: x.reshape((-1, 6))), A.reshape(-1, 6))
    same(on(A, lambda x: x.dimshuffle(2, "x", 0, 1)), A.transpose(2, 0, 1)[:, None])
    same(on(A, lambda x: x.flatten()), A.ravel())
    same(on(A, lambda x: T.reshape(x, (4, -1))), A.reshape(4, -1))
    same(on(np.array([-1, 3]), lambda s: tv.constant(A).reshape(s, ndim=2)), A.reshape(-1, 3))
    same(on(A, lambda x: T.dimshuffle(x, (2, "x", 0, 1))), A.transpose(2, 0, 1)[:, None])
    same(on(A, lambda x: T.flatten(x, 2)), A.reshape(2, 12))
    same(on(A, lambda x: T.transpose(x, (1, 0, 2))), A.transpose(1, 0, 2))
    same(on(A, lambda x: T.swapaxes(x, 0, 2)), A.swapaxes(0, 2))
    for name in ("atleast_1d", "atleast_2d", "atleast_3d"):
        for value in (V, V[0], A[0]):
            same(on(value, getattr(T, name)), getattr(np, name)(value))
    same(on(A, lambda x: x.flatten(2)), A.reshape(2, 12))
    same(on(A, lambda x: x.transpose(1, 0, 2)), A.transpose(1, 0, 2))
    same(on(A, lambda x: x.swapaxes(0, 2)), A.swapaxes(0, 2))
    same(on(A, lambda x: T.squeeze(T.shape_padleft(x, 2), (0, 1))), A)
    same(on(A, lambda x: T.shape_padright(x)), A[..., None])
    same(on(A, lambda x: T.shape_padaxis(x, 1)), A[:, None])
    same(on(A, lambda x: T.expand_dims(x, 1)), A[:, None])
    same(on(A, lambda x: T.moveaxis(x, 0, -1)), np.moveaxis(A, 0, -1))
    same(on(A, T.matrix_transpose), A.swapaxes(1, 2))
    same(on(A, lambda x: T.join_dims(x, start_axis=0, n_axes=2)), A.reshape(6, 4))
    same(on(A, lambda x: T.split_dims(x, axis=2, shape=(2, 2))), A.reshape(2, 3, 2, 2))
    a, b = tv.dmatrix("a"), tv.dvector("b")
    packed, lengths = T.pack(a, b)
    again = tv.function([a, b], [packed, *T.unpack(packed, None, lengths)])(A[0], V)
    for found, wanted in zip(again, (np.concatenate([A[0].ravel(), V]), A[0], V), strict=True):
        same(found, wanted)


@row("axes.joining", "concatenate stack stacklists join split tile repeat roll", "yes", "yes", "all; `join(axis, *tensors)`; "
     "`split` takes NumPy's arguments by position, and Theano's by name: `split(x, splits_size=[2, 1], n_splits=2)`", prose="all")
def joining():
    same(on(A, lambda x: T.concatenate([x, x], axis=1)), np.concatenate([A, A], axis=1))
    same(on(A, lambda x: T.stack([x, x], axis=-1)), np.stack([A, A], axis=-1))
    same(on(V, lambda x: T.stacklists([[x, x], [x, x]])), np.array([[V, V], [V, V]]))
    same(on(A, lambda x: T.join(0, x, x)), np.concatenate([A, A]))
    same(on(V, lambda x: T.split(x, [1, 4])[1]), V[1:4])
    same(on(V, lambda x: T.split(x, splits_size=[1, 3, 2], n_splits=3)[1]), V[1:4])
    same(on(V, lambda x: T.tile(x, (2, 2))), np.tile(V, (2, 2)))
    same(on(A, lambda x: T.repeat(x, 2, axis=1)), np.repeat(A, 2, axis=1))
    same(on(A, lambda x: T.roll(x, 1, axis=2)), np.roll(A, 1, axis=2))


@row("axes.newer", "pad (NumPy's modes), einsum, linspace/logspace/geomspace, interp, take_along_axis, broadcast_to/broadcast_arrays, "
     "tril_indices/triu_indices, flip, full, empty", "no", "yes", "all, with gradients", prose="all")
def newer():
    for mode in ("constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric", "wrap"):
        close(on(A, lambda x, m=mode: T.pad(x, ((0, 0), (1, 2), (2, 1)), mode=m)), np.pad(A, ((0, 0), (1, 2), (2, 1)), mode=mode))
    close(on(A, lambda x: T.einsum("ijk,ilk->jl", x, x)), np.einsum("ijk,ilk->jl", A, A))
    close(T.linspace(0.0, 1.0, 5), np.linspace(0.0, 1.0, 5))
    close(T.logspace(0.0, 2.0, 5), np.logspace(0.0, 2.0, 5))
    close(T.geomspace(1.0, 8.0, 4), np.geomspace(1.0, 8.0, 4))
    close(on(V, lambda x: T.interp(x, [0.0, 1.0, 4.0], [1.0, 3.0, 2.0])), np.interp(V, [0.0, 1.0, 4.0], [1.0, 3.0, 2.0]))
    order = np.argsort(A, axis=1)[:, ::-1]
    same(on(A, lambda x: T.take_along_axis(x, order, axis=1)), np.take_along_axis(A, order, axis=1))
    same(on(V, lambda x: T.broadcast_to(x, (2, 6))), np.broadcast_to(V, (2, 6)))
    same(on(V, lambda x: T.broadcast_arrays(x, x[:, None])[0]), np.broadcast_arrays(V, V[:, None])[0])
    for name in ("tril_indices", "triu_indices"):
        for found, wanted in zip(getattr(T, name)(3), getattr(np, name)(3), strict=True):
            same(found, wanted)
    same(on(A, lambda x: T.flip(x, 1)), np.flip(A, 1))
    same(on(V, lambda x: tv.grad(T.pad(x, 2, mode="edge").sum(), x)), np.array([3.0, 1.0, 1.0, 1.0, 1.0, 3.0]))
    same(on(A[0], lambda x: tv.grad((T.einsum("ij->j", x) * V[:4]).sum(), x)), np.broadcast_to(V[:4], (3, 4)))
    same(on(A, lambda x: tv.grad(T.take_along_axis(x, order, axis=1).sum(), x)), np.ones_like(A))
    same(T.full((2, 2), 3.0), np.full((2, 2), 3.0))
    assert T.empty((2, 3), dtype="float32").type == tv.TensorType("float32", (2, 3))


@row("axes.making", "arange eye tri tril triu diag mgrid ogrid nonzero searchsorted unique choose compress "
     "fill_diagonal fill_diagonal_offset unravel_index ravel_multi_index", "yes", "yes", "all; nonzero, compress and unique are steps of NumPy's, since their "
     "lengths follow from values", prose="all")
def making():
    same(T.arange(1, 10, 3), np.arange(1, 10, 3))
    same(T.eye(3, k=1), np.eye(3, k=1))
    same(T.tri(3), np.tri(3))
    same(on(A, T.tril), np.tril(A))
    same(on(A, T.triu), np.triu(A))
    same(on(V, T.diag), np.diag(V))
    for found, wanted in zip(T.mgrid[0:2, 1:4], np.mgrid[0:2, 1:4], strict=True):
        same(found, wanted)
    for found, wanted in zip(T.ogrid[0:2, 1:4], np.ogrid[0:2, 1:4], strict=True):
        same(found, wanted)
    for found, wanted in zip(on(A, lambda x: list(T.nonzero(x > 0))), np.nonzero(A > 0), strict=True):
        same(found, wanted)
    same(on(np.sort(V), lambda x: T.searchsorted(x, [0.0, 2.0])), np.searchsorted(np.sort(V), [0.0, 2.0]))
    same(on(V, T.unique), np.unique(V))
    same(on(np.array([0, 1, 0]), lambda i: T.choose(i, [[1, 2, 3], [4, 5, 6]])), np.choose([0, 1, 0], [[1, 2, 3], [4, 5, 6]]))
    same(on(V, lambda x: T.compress([True, False, True], x)), np.compress([True, False, True], V))
    square = np.zeros((3, 3))
    np.fill_diagonal(square, 5.0)
    same(on(np.zeros((3, 3)), lambda x: T.fill_diagonal(x, 5.0)), square)
    same(on(np.zeros((3, 3)), lambda x: T.fill_diagonal_offset(x, 5.0, 1)), np.diag([5.0, 5.0], 1))
    for found, wanted in zip(T.unravel_index(7, (3, 4)), np.unravel_index(7, (3, 4)), strict=True):
        same(found, wanted)
    same(T.ravel_multi_index((1, 2), (3, 4)), np.ravel_multi_index((1, 2), (3, 4)))


@row("axes.sorting", "sort argsort + gradient of sort", "yes", "yes", "compiled; stable, NaN last", prose="gradient")
def sorting():
    same(on(A, lambda x: T.sort(x, axis=1)), np.sort(A, axis=1))
    same(on(V, T.argsort), np.argsort(V, stable=True))
    same(on(V, lambda x: tv.grad((T.sort(x) * np.arange(6.0)).sum(), x)), np.argsort(np.argsort(V, stable=True)).astype(float))


@row("axes.topk", "topk / argtopk", "yes; `sorted=True` never done", "removed", "yes, `sorted=` too, with gradients")
def topk():
    same(on(V, lambda x: T.topk(x, 3, sorted=True)), np.sort(V)[::-1][:3])
    same(on(V, lambda x: T.argtopk(x, 1)), np.array([5]))
    same(np.sort(on(V, lambda x: T.topk(x, -2, sorted=False))), np.array([-1.0, -1.0]))
    same(on(V, lambda x: tv.grad(T.topk(x, 2).sum(), x)), np.array([1.0, 0.0, 0.0, 0.0, 0.0, 1.0]))


@row("axes.slices", "basic slices, negative steps", "yes", "yes", "views where they can be: no copy",
     prose="copy negative where")
def slices():
    same(on(A, lambda x: x[::-1, 1:, ::-2]), A[::-1, 1:, ::-2])


@row("axes.advanced", "advanced indices (one or more integer arrays, mixed with slices), boolean masks, gradients", "yes", "yes",
     "all of NumPy's; compiled, but what a mask lets through is a step of NumPy's, since how long it is follows from values",
     prose="all indices")
def advanced():
    i, j = np.array([1, 0, 1]), np.array([0, 2, 2])
    same(on(A, lambda x: x[i, j]), A[i, j])
    same(on(A, lambda x: x[i, :, j]), A[i, :, j])
    same(on(A, lambda x: x[:, i[:, None], j]), A[:, i[:, None], j])
    same(on(A, lambda x: x[x > 0]), A[A > 0])
    gradient = np.zeros_like(A)
    np.add.at(gradient, (i, j), 1.0)
    same(on(A, lambda x: tv.grad(x[i, j].sum(), x)), gradient)


@row("axes.updates", "`set_subtensor` / `inc_subtensor` (duplicates add up)", "yes", "yes, also `x[i].set(v)` / `.inc(v)`", "both ways",
     prose="add")
def updates():
    i = np.array([1, 1, 4])
    wanted = V.copy()
    np.add.at(wanted, i, 2.0)
    same(on(V, lambda x: T.inc_subtensor(x[i], 2.0)), wanted)
    same(on(V, lambda x: x[i].inc(2.0)), wanted)
    wanted = V.copy()
    wanted[2:5] = 0.0
    same(on(V, lambda x: T.set_subtensor(x[2:5], 0.0)), wanted)
    same(on(V, lambda x: x[2:5].set(0.0)), wanted)


@row("axes.assignment", "`x[i] = v`", "TypeError", "TypeError with a hint", "TypeError with a hint")
def assignment():
    x = tv.dvector("x")
    with pytest.raises(TypeError, match="set"):
        x[0] = 1.0


@row("axes.assertions", "`specify_shape`, `Assert`, `Rebroadcast`", "yes", "yes (Rebroadcast gone)",
     "`specify_shape`, `tv.tensor.Assert(message)(x, condition)`, `Rebroadcast((0, True))(x)`; broadcasting needs no marks")
def assertions():
    x = tv.dmatrix("x")
    assert T.Rebroadcast((0, True), (1, False))(x).broadcastable == (True, False)
    assert T.specify_shape(x, (2, None)).type.shape == (2, None)
    f = tv.function([x], T.Assert("all must be positive")(x, T.all(x > 0)) * 2.0)
    same(f([[1.0]]), np.array([[2.0]]))
    with pytest.raises(AssertionError, match="all must be positive"):
        f([[-1.0]])
