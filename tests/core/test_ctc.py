"""The gradient of ctc_loss by differences, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.tensor import nn, nnet
from tests.core.families.ctc import changed, occupied

X = np.random.default_rng(3).normal(size=(5, 2, 4))
TEXTS, TIMES, LETTERS = np.array([[1, 3, 3], [2, 1, 0]]), np.array([5, 4]), np.array([3, 2])


def test_gradient_is_that_of_differences() -> None:
    x = tv.tensor3("x")
    cost = nn.ctc_loss(x, TEXTS, TIMES, LETTERS)
    f = tv.function([x], [cost, tv.grad(cost, x)])
    slope = f(X)[1]
    for place in np.ndindex(*X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-6
        assert abs((f(X + step)[0] - f(X - step)[0]) / 2e-6 - slope[place]) < 1e-8


def test_theanos_ctc_takes_activations_and_padded_texts() -> None:
    padded = np.array([[1, 3, 3], [2, 1, -1]])
    logs = X - np.log(np.exp(X).sum(-1, keepdims=True))
    np.testing.assert_allclose(nnet.ctc(X, padded, TIMES).eval(), nn.ctc_loss(logs, TEXTS, TIMES, LETTERS, reduction="none").eval())


def test_impossible_texts_cost_infinity_or_nothing() -> None:
    assert nn.ctc_loss(X, TEXTS, [3, 4], LETTERS, reduction="none").eval()[0] == np.inf
    assert nn.ctc_loss(X, TEXTS, [3, 4], LETTERS, reduction="none", zero_infinity=True).eval()[0] == 0


def test_long_texts_neither_overflow_nor_vanish() -> None:
    x = tv.tensor3("x", dtype="float32")
    rng = np.random.default_rng(4)
    values = rng.normal(size=(900, 1, 30)).astype("f4") - 5
    texts = rng.integers(1, 30, (1, 300))
    cost = nn.ctc_loss(x, texts, [900], [300], reduction="sum")
    loss, slope = tv.function([x], [cost, tv.grad(cost, x)])(values)
    assert np.isfinite(loss) and loss > 1000
    np.testing.assert_allclose(slope.sum(-1), -1, rtol=1e-4)         # at each time some letter stands


def test_second_derivatives_are_those_of_differences_and_those_of_a_sum_over_all_ways() -> None:
    def slope(x):
        return tv.grad(nn.ctc_loss(x, TEXTS, TIMES, LETTERS, reduction="sum"), x)

    tv.verify_grad(slope, [X], mode=tv.function)
    tv.verify_grad(slope, [X])
    x = tv.tensor3("x")
    whole = tv.hessian(nn.ctc_loss(x, TEXTS, TIMES, LETTERS, reduction="sum"), x).eval({x: X}).reshape(X.size, X.size)
    np.testing.assert_allclose(whole, whole.T, atol=1e-14)
    each = np.stack([-changed(X, row.reshape(X.shape), TEXTS, TIMES, LETTERS, 0).ravel() for row in np.eye(X.size)])
    np.testing.assert_allclose(whole, each, atol=1e-13)
    along = np.random.default_rng(5).normal(size=X.shape)
    cost = nn.ctc_loss(x, TEXTS, TIMES, LETTERS, reduction="sum")
    for product in (tv.hessian_vector_product(cost, x, along), tv.jvp(tv.grad(cost, x), x, tv.constant(along)),
                    tv.grad((tv.grad(cost, x) * along).sum(), x)):
        np.testing.assert_allclose(tv.function([x], product)(X).ravel(), each @ along.ravel(), atol=1e-13)


def test_letters_that_cannot_be_have_no_share() -> None:
    """Log-probabilities of -inf, in the meaning and in C, and second derivatives beside them."""
    values = X.copy()
    values[1, 0, 2] = values[2, 1, :2] = -np.inf
    x, u = tv.tensor3("x"), tv.tensor3("u")
    slope = tv.grad(nn.ctc_loss(x, TEXTS, TIMES, LETTERS, reduction="sum"), x)
    along = np.random.default_rng(6).normal(size=X.shape)
    second = tv.grad((slope * u).sum(), x)
    meant = -occupied(values, TEXTS, TIMES, LETTERS, 0), -changed(values, along, TEXTS, TIMES, LETTERS, 0)
    for found in (tv.function([x, u], [slope, second])(values, along), tv.evaluate([slope, second], {x: values, u: along})):
        for got, want in zip(found, meant, strict=True):
            np.testing.assert_allclose(got, want, atol=1e-13)


def test_third_derivatives_say_so() -> None:
    x = tv.tensor3("x")
    slope = tv.grad(nn.ctc_loss(x, TEXTS, TIMES, LETTERS), x)
    second = tv.grad((slope * slope).sum(), x)
    with pytest.raises(tv.GradientError, match="third derivatives of ctc_loss are not known"):
        tv.grad((second * second).sum(), x)
    with pytest.raises(tv.GradientError, match="third derivatives of ctc_loss are not known"):
        tv.jvp(second, x, x)
    np.testing.assert_array_equal(tv.grad((tv.zero_grad(second) * x).sum(), x).eval({x: X}), second.eval({x: X}))


@pytest.mark.parametrize(("texts", "times", "letters", "kind"), [
    (TEXTS + 9, TIMES, LETTERS, tv.BoundsError), (-TEXTS, TIMES, LETTERS, tv.BoundsError), (TEXTS, TIMES + 1, LETTERS, tv.BoundsError),
    (TEXTS, TIMES, LETTERS + 1, tv.BoundsError), (TEXTS[:1], TIMES, LETTERS, tv.ShapeError)])
def test_what_does_not_exist_raises_at_the_call(texts: object, times: object, letters: object, kind: type[Exception]) -> None:
    x, y, t, s = tv.tensor3("x"), tv.lmatrix("y"), tv.lvector("t"), tv.lvector("s")
    f = tv.function([x, y, t, s], nn.ctc_loss(x, y, t, s))
    with pytest.raises(kind):
        f(X, texts, times, letters)
    with pytest.raises(kind):
        nn.ctc_loss(X, texts, times, letters).eval()


@pytest.mark.parametrize(("build", "kind"), [
    (lambda: nn.ctc_loss(X[0], TEXTS, TIMES, LETTERS), tv.ShapeError), (lambda: nn.ctc_loss(X, TEXTS * 1.5, TIMES, LETTERS), tv.DtypeError),
    (lambda: nn.ctc_loss(X, TEXTS[:1], TIMES, LETTERS), tv.ShapeError),
    (lambda: nn.ctc_loss(X, TEXTS, TIMES, LETTERS, reduction="max"), tv.ArgumentError)])
def test_wrong_use_raises_when_built(build: object, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        build()  # type: ignore[operator]
