"""Programs of Theano, PyTensor and SciPy name arguments their way: the result is that of our names, the same node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal
import scipy.special

import tensorviz as tv
import tensorviz.tensor as T

x, y, v, i, m = tv.matrix("x"), tv.matrix("y"), tv.vector("v"), tv.lscalar("i"), tv.matrix("m", shape=(2, 3))
S = T.special
SAME: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "set_subtensor": (lambda: T.set_subtensor(x=x[0], y=v), lambda: T.set_subtensor(x[0], v)),
    "inc_subtensor": (lambda: T.inc_subtensor(x[0], y=v), lambda: T.inc_subtensor(x[0], v)),
    "where": (lambda: T.where(cond=x > 0, ift=x, iff=y), lambda: T.where(x > 0, x, y)),
    "switch": (lambda: T.switch(x > 0, ift=x, iff=y), lambda: T.where(x > 0, x, y)),
    "concatenate": (lambda: T.concatenate(tensor_list=[x, y], axis=1), lambda: T.concatenate([x, y], 1)),
    "join": (lambda: T.join(axis=1, tensors_list=[x, y]), lambda: T.join(1, x, y)),
    "join by half": (lambda: T.join(0, tensors_list=[x, y]), lambda: T.join(0, x, y)),
    "reshape": (lambda: T.reshape(x, newshape=(3, 2)), lambda: T.reshape(x, (3, 2))),
    "dot": (lambda: T.dot(l=x, r=y), lambda: T.dot(x, y)),
    "outer": (lambda: T.outer(x=v, y=v), lambda: T.outer(v, v)),
    "mean": (lambda: T.mean(input=x, axis=0), lambda: T.mean(x, 0)),
    "sum": (lambda: T.sum(input=x), lambda: T.sum(x)),
    "std": (lambda: T.std(input=x, ddof=1), lambda: T.std(x, ddof=1)),
    "prod": (lambda: T.prod(input=x, axis=1), lambda: T.prod(x, 1)),
    "roll": (lambda: T.roll(x=x, shift=1, axis=0), lambda: T.roll(x, 1, 0)),
    "pad": (lambda: T.pad(x=x, pad_width=1, mode="edge"), lambda: T.pad(x, 1, "edge")),
    "searchsorted": (lambda: T.searchsorted(x=v, v=x), lambda: T.searchsorted(v, x)),
    "unravel_index": (lambda: T.unravel_index(i, dims=(2, 3))[1], lambda: T.unravel_index(i, (2, 3))[1]),
    "zeros_like": (lambda: T.zeros_like(model=x, opt=True), lambda: T.zeros_like(x)),
    "ones_like": (lambda: T.ones_like(model=x, dtype="int8"), lambda: T.ones_like(x, "int8")),
    "round": (lambda: T.round(a=x, mode="half_to_even"), lambda: T.round(x)),
    "round by place": (lambda: T.round(x, "half_away_from_zero"), lambda: T.round_half_away_from_zero(x)),
    "iround": (lambda: T.iround(a=x, mode="half_away_from_zero"), lambda: T.cast(T.round_half_away_from_zero(x), "int64")),
    "constant": (lambda: T.constant(x=[1.0, 2.0], ndim=2), lambda: T.constant([[1.0, 2.0]])),
    "softmax": (lambda: T.nnet.softmax(c=x), lambda: T.softmax(x)),
    "SciPy's softmax": (lambda: S.softmax(x), lambda: S.softmax(x)),
    "allclose": (lambda: T.allclose(a=x, b=y), lambda: T.allclose(x, y)),
    "ceil_intdiv": (lambda: T.ceil_intdiv(a=i, b=2), lambda: T.ceil_intdiv(i, 2)),
    "expand_dims": (lambda: T.expand_dims(a=x, axis=0), lambda: T.expand_dims(x, 0)),
    "matmul": (lambda: T.matmul(x1=x, x2=y), lambda: T.matmul(x, y)),
    "moveaxis": (lambda: T.moveaxis(a=x, source=0, destination=1), lambda: T.moveaxis(x, 0, 1)),
    "swapaxes": (lambda: T.swapaxes(y=x, axis1=0, axis2=1), lambda: T.swapaxes(x, 0, 1)),
    "tile": (lambda: T.tile(A=m, reps=2), lambda: T.tile(m, 2)),
    "diagonal": (lambda: T.diagonal(a=x), lambda: T.diagonal(x)),
    "linspace": (lambda: T.linspace(0.0, end=1.0, steps=5), lambda: T.linspace(0.0, 1.0, 5)),
    "power": (lambda: T.power(x=x, y=y), lambda: x**y),
    "isnan": (lambda: T.isnan(a=x), lambda: T.isnan(x)),
    "beta": (lambda: S.beta(a=x, b=y), lambda: S.beta(x, y)),
    "polygamma": (lambda: S.polygamma(n=1, x=x), lambda: S.polygamma(1, x)),
    "polygamma by half": (lambda: S.polygamma(1, x=x), lambda: S.polygamma(1, x)),
    "factorial": (lambda: S.factorial(x, exact=False, extend="zero"), lambda: S.factorial(x)),
    "lambertw": (lambda: S.lambertw(x, tol=1e-10), lambda: S.lambertw(x)),
    "array": (lambda: T.array([1.0], ndmax=0), lambda: T.array([1.0])),
    "pullback": (lambda: tv.pullback(f=x.sum(), wrt=x, cotangents=1.0), lambda: tv.pullback(x.sum(), x, 1.0)),
}


@pytest.mark.parametrize("name", SAME)
def test_their_words_give_the_same_node(name: str) -> None:
    theirs, ours = SAME[name]
    assert theirs() is ours()


@pytest.mark.parametrize("call", (
    lambda: T.sum(x, input=y), lambda: T.dot(x, y, l=x), lambda: T.where(x > 0, x, y, cond=x > 0), lambda: T.outer(x=v, z=v),
    lambda: T.join(tensors_list=[x, y]),
    lambda: S.factorial(x, exact=True), lambda: S.factorial(x, extend="complex"), lambda: T.array([1.0], ndmax=1),
    lambda: T.round(x, mode="up"), lambda: T.round(x, 1, mode="half_away_from_zero"), lambda: S.polygamma(x=x),
    lambda: T.isnan(x, a=x), lambda: T.constant([[1.0]], ndim=1), lambda: T.exp(x, opt=True)))
def test_what_is_said_twice_or_means_nothing_raises_with_the_users_line(call: Callable[[], Any]) -> None:
    with pytest.raises(tv.TensorvizError) as caught:
        call()
    assert "test_other_words.py" in str(caught.value)


@pytest.mark.parametrize("mode", ("full", "same", "valid"))
def test_fftconvolve_takes_axes(mode: str) -> None:
    rng = np.random.default_rng(0)
    for a, b, axes in (((3, 6, 2), (3, 4, 2), 1), ((3, 6, 2), (1, 4, 2), (1,)), ((3, 6, 5), (1, 4, 2), (1, 2)),
                       ((4, 6, 3), (2, 1, 3), (0, -1)), ((5, 4), (3, 2), None), ((5, 4), (3, 2), (1, 0))):
        one, other = rng.normal(size=a), rng.normal(size=b)
        meant = scipy.signal.fftconvolve(one, other, mode=mode, axes=axes)
        p, q = tv.tensor("p", shape=(None,) * len(a)), tv.tensor("q", shape=b)
        found = tv.function([p, q], T.signal.fftconvolve(p, q, mode=mode, axes=axes))(one, other)
        assert found.shape == meant.shape, (a, b, axes)
        np.testing.assert_allclose(found, meant, atol=1e-13)
    with pytest.raises(tv.ShapeError):
        T.signal.fftconvolve(x, y, axes=2)
    with pytest.raises(tv.ArgumentValueError, match="one axis or more"):
        T.signal.fftconvolve(x, y, axes=())
    with pytest.raises(tv.ArgumentError):
        T.signal.fftconvolve(x, y, "other", axes=1)


def test_rounding_away_from_zero_is_theanos() -> None:
    values = np.array([0.5, 1.5, 2.5, -0.5, -2.5, 0.49999999999999994, np.inf, -0.0])
    found = tv.function([v], T.round(v, mode="half_away_from_zero"))(values)
    np.testing.assert_array_equal(found, [1.0, 2.0, 3.0, -1.0, -3.0, 0.0, np.inf, 0.0])
    assert tv.function([v], T.iround(v, mode="half_away_from_zero"))(values[:5]).tolist() == [1, 2, 3, -1, -3]


def test_named_arguments_mean_what_scipy_means() -> None:
    np.testing.assert_allclose(S.polygamma(n=2, x=[1.5]).eval(), scipy.special.polygamma(n=2, x=[1.5]), rtol=1e-13)
