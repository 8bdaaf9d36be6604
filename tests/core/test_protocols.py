"""NumPy's own functions on expressions: the same graph as ours, or a clear refusal."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ArgumentError, ConversionError, DtypeError

X, Y, V = tv.matrix("x"), tv.matrix("y"), tv.vector("v")

SAME = {
    "np.exp(x)": (lambda x, y, v: np.exp(x), lambda x, y, v: tv.exp(x)),
    "array + x": (lambda x, y, v: np.ones(3) + x, lambda x, y, v: tv.add(np.ones(3), x)),
    "x - array": (lambda x, y, v: x - np.ones(3), lambda x, y, v: tv.subtract(x, np.ones(3))),
    "NumPy scalar * x": (lambda x, y, v: np.float64(2) * x, lambda x, y, v: tv.multiply(np.float64(2), x)),
    "array @ x": (lambda x, y, v: np.ones((2, 2)) @ x, lambda x, y, v: tv.matmul(np.ones((2, 2)), x)),
    "array == x": (lambda x, y, v: np.ones(3) == x, lambda x, y, v: tv.equal(np.ones(3), x)),
    "array < x": (lambda x, y, v: np.ones(3) < x, lambda x, y, v: tv.less(np.ones(3), x)),
    "np.divide": (lambda x, y, v: np.divide(x, y), lambda x, y, v: x / y),
    "np.mod": (lambda x, y, v: np.mod(x, y), lambda x, y, v: x % y),
    "np.abs": (lambda x, y, v: np.abs(x), lambda x, y, v: abs(x)),
    "np.matmul": (lambda x, y, v: np.matmul(x, v), lambda x, y, v: x @ v),
    "np.exp dtype=": (lambda x, y, v: np.exp(x, dtype="f4"), lambda x, y, v: tv.exp(x.astype("f4"))),
    "np.sum": (lambda x, y, v: np.sum(x), lambda x, y, v: x.sum()),
    "np.sum axis=": (lambda x, y, v: np.sum(x, axis=0, keepdims=True), lambda x, y, v: x.sum(axis=0, keepdims=True)),
    "np.sum by place": (lambda x, y, v: np.sum(x, 0, None, None, True), lambda x, y, v: x.sum(axis=0, keepdims=True)),
    "np.sum dtype=": (lambda x, y, v: np.sum(x, dtype="f4"), lambda x, y, v: x.sum(dtype="f4")),
    "np.prod": (lambda x, y, v: np.prod(x, 1), lambda x, y, v: x.prod(1)),
    "np.amax": (lambda x, y, v: np.amax(x, axis=1), lambda x, y, v: x.max(1)),
    "np.min": (lambda x, y, v: np.min(x), lambda x, y, v: x.min()),
    "np.mean": (lambda x, y, v: np.mean(x, axis=1), lambda x, y, v: x.mean(1)),
    "np.std": (lambda x, y, v: np.std(x, axis=0, ddof=1), lambda x, y, v: x.std(axis=0, ddof=1)),
    "np.any": (lambda x, y, v: np.any(x > 0, axis=0), lambda x, y, v: (x > 0).any(axis=0)),
    "np.argmax": (lambda x, y, v: np.argmax(x, axis=0), lambda x, y, v: x.argmax(0)),
    "np.add.reduce": (lambda x, y, v: np.add.reduce(x), lambda x, y, v: x.sum(axis=0)),
    "np.maximum.reduce": (lambda x, y, v: np.maximum.reduce(x, axis=None), lambda x, y, v: x.max()),
    "np.where": (lambda x, y, v: np.where(x > 0, x, 0.0), lambda x, y, v: tv.where(x > 0, x, 0.0)),
    "np.clip": (lambda x, y, v: np.clip(x, 0, 1), lambda x, y, v: tv.clip(x, 0, 1)),
    "np.round": (lambda x, y, v: np.round(x, 2), lambda x, y, v: tv.round(x, 2)),
    "np.dot": (lambda x, y, v: np.dot(x, y), lambda x, y, v: tv.dot(x, y)),
    "np.outer": (lambda x, y, v: np.outer(v, v), lambda x, y, v: tv.outer(v, v)),
    "np.tensordot": (lambda x, y, v: np.tensordot(x, y, axes=1), lambda x, y, v: tv.tensordot(x, y, axes=1)),
    "np.concatenate": (lambda x, y, v: np.concatenate([x, y], axis=1), lambda x, y, v: tv.concatenate([x, y], axis=1)),
    "np.stack": (lambda x, y, v: np.stack([v, v]), lambda x, y, v: tv.stack([v, v])),
    "np.vstack": (lambda x, y, v: np.vstack((x, y)), lambda x, y, v: tv.vstack((x, y))),
    "np.reshape": (lambda x, y, v: np.reshape(x, (2, 3)), lambda x, y, v: x.reshape(2, 3)),
    "np.transpose": (lambda x, y, v: np.transpose(x), lambda x, y, v: x.T),
    "np.expand_dims": (lambda x, y, v: np.expand_dims(v, 0), lambda x, y, v: tv.expand_dims(v, 0)),
    "np.broadcast_to": (lambda x, y, v: np.broadcast_to(v, (3, 4)), lambda x, y, v: tv.broadcast_to(v, (3, 4))),
    "np.moveaxis": (lambda x, y, v: np.moveaxis(x, 0, 1), lambda x, y, v: tv.moveaxis(x, 0, 1)),
    "np.ravel": (lambda x, y, v: np.ravel(x), lambda x, y, v: x.ravel()),
    "np.shape": (lambda x, y, v: np.shape(x), lambda x, y, v: x.shape),
    "np.size": (lambda x, y, v: np.size(x), lambda x, y, v: x.size),
    "np.take": (lambda x, y, v: np.take(x, [0, 1], axis=1), lambda x, y, v: tv.take(x, [0, 1], axis=1)),
    "np.zeros_like": (lambda x, y, v: np.zeros_like(x), lambda x, y, v: tv.zeros_like(x)),
    "np.ones_like": (lambda x, y, v: np.ones_like(x, dtype="f4"), lambda x, y, v: tv.ones_like(x, dtype="f4")),
    "np.linalg.norm": (lambda x, y, v: np.linalg.norm(v), lambda x, y, v: tv.norm(v)),
}


@pytest.mark.parametrize("name", list(SAME))
def test_numpy_builds_what_ours_builds(name):
    numpys, ours = SAME[name]
    assert numpys(X, Y, V) is ours(X, Y, V)


@pytest.mark.parametrize("name", [n for n in SAME if n not in ("np.shape", "np.size")])
def test_numpy_on_expressions_means_numpy_on_arrays(name):
    numpys, _ = SAME[name]
    rng = np.random.default_rng(0)
    x, y, v = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    if name == "array @ x":
        x = x[:2]
    if name == "np.reshape":
        x = x[:2]
    if name == "np.broadcast_to":
        v = rng.normal(size=4)
    with np.errstate(all="ignore"):
        wanted = numpys(x, y, v)
    found = tv.evaluate([numpys(X, Y, V)], {X: x, Y: y, V: v})[0]
    assert found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-6, atol=1e-7, equal_nan=True)


def test_questions_that_need_no_value_are_answered():
    assert np.ndim(X) == 2 and np.result_type(tv.fvector(), np.float64(1)) == np.float64
    assert np.iscomplexobj(tv.zvector()) and not np.iscomplexobj(X) and np.isrealobj(X)
    quotient, rest = np.divmod(V, 2)
    assert quotient is V // 2 and rest is V % 2 and divmod(V, 2) == (quotient, rest)


@pytest.mark.parametrize("call", [
    lambda x: np.exp(x, out=np.ones(3)), lambda x: np.add.at(x, 0, 1), lambda x: np.cumsum(x, out=np.ones(3)),
    lambda x: np.sum(x, out=np.ones(3)), lambda x: np.frompyfunc(abs, 1, 1)(x), lambda x: np.add(x, 1, where=np.array(True)),
    lambda x: np.polyfit(x, x, 1), lambda x: np.isnat(x), lambda x: np.subtract.accumulate(x),
])
def test_what_cannot_be_built_is_refused_with_a_hint(call):
    with pytest.raises(ArgumentError, match="hint:") as caught:
        call(V)
    assert isinstance(caught.value, TypeError)


def test_arrays_are_not_made_of_expressions():
    for wrong in (lambda: np.asarray(V), lambda: np.array([V, 1.0], dtype=float), lambda: np.asarray([X, X], dtype=float)):
        with pytest.raises(ConversionError, match="eval"):
            wrong()


def test_dtypes_that_a_ufunc_does_not_take_are_named():
    with pytest.raises(DtypeError, match="float64"):
        np.bitwise_and(V, 1)


def test_lists_with_expressions_in_them_are_stacked():
    a, b = tv.scalars("a b")
    assert tv.exp([a, b]) is tv.exp(tv.stack([a, b]))
    assert (V + [a, 1.0, b]) is V + tv.stack([a, 1.0, b])
