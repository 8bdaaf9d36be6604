"""Gradients where no difference can judge them: ties, kinks, zeros, infinities, repeated indices, broadcasting known only at run time.

The conventions stand in the docstring of tensorviz/core/autodiff.py; each has its sentence here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import draw
from tests.core.differences import STEP, check, complex_step

Array = np.ndarray[Any, Any]
INF, NAN = np.inf, np.nan


def gradient(cost: Any, x: Any, value: Any) -> Array:
    """The value of d cost / d x at `value`."""
    return tv.evaluate([tv.grad(cost, x)], {x: value})[0]


def slopes(build: Callable[[Any], Any], values: Any) -> list[float]:
    """The derivative of an elementwise function at each of `values`."""
    x = tv.vector("x")
    return gradient(B["sum"](build(x)), x, values).tolist()


def second(build: Callable[[Any], Any], values: Any) -> list[float]:
    """The second derivative of an elementwise function at each of `values`."""
    x = tv.vector("x")
    return gradient(B["sum"](tv.grad(B["sum"](build(x)), x)), x, values).tolist()


def equal(found: Any, expected: Any) -> None:
    """Bit for bit but for the sign of 0."""
    np.testing.assert_array_equal(found, expected)


# -- ties ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["maximum", "minimum", "fmax", "fmin"])
def test_a_tie_of_two_gives_half_to_each(name: str) -> None:
    x, y = tv.vector("x"), tv.vector("y")
    gx, gy = tv.evaluate(tv.grad(B["sum"](B[name](x, y)), [x, y]), {x: [0.0, 1.0, 2.0], y: [1.0, 1.0, 1.0]})
    equal(gx, [0, 0.5, 1] if name in ("maximum", "fmax") else [1, 0.5, 0])
    equal(gx + gy, [1, 1, 1])


def test_fmax_and_fmin_give_all_to_the_side_that_is_a_number() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    for name in ("fmax", "fmin"):
        gx, gy = tv.evaluate(tv.grad(B["sum"](B[name](x, y)), [x, y]), {x: [NAN, 1.0], y: [1.0, NAN]})
        equal(gx, [0, 1])
        equal(gy, [1, 0])


@pytest.mark.parametrize("name", ["max", "min"])
def test_elements_that_tie_share_the_gradient_of_max_and_min_equally(name: str) -> None:
    x = tv.matrix("x")
    sign = 1.0 if name == "max" else -1.0
    values = sign * np.array([[1.0, 1.0, 0.0], [3.0, 3.0, 3.0], [0.0, 2.0, 1.0]])
    equal(gradient(B["sum"](B[name](x, axis=1)), x, values), [[0.5, 0.5, 0], [1 / 3] * 3, [0, 1, 0]])
    equal(gradient(B[name](x), x, values), [[0, 0, 0], [1 / 3] * 3, [0, 0, 0]])
    equal(gradient(B["sum"](B[name](x, axis=(0, 1), keepdims=True)), x, values), [[0, 0, 0], [1 / 3] * 3, [0, 0, 0]])


def test_max_of_two_is_maximum_also_on_ties() -> None:
    x = tv.vector("x")
    pair = [2.0, 2.0]
    equal(gradient(x.max(), x, pair), gradient(B["maximum"](x[0], x[1]), x, pair))


def test_second_derivatives_of_ties_follow_the_shares() -> None:
    x = tv.vector("x")
    g = tv.grad(x.max() ** 2, x)            # 2 max(x) share_i, and each share of max(x) is a half again
    equal(tv.evaluate([tv.grad(g[0], x)], {x: [3.0, 3.0, 0.0]})[0], [0.5, 0.5, 0])


def test_clip_has_gradient_one_half_at_its_ends() -> None:
    equal(slopes(lambda x: x.clip(-1.0, 1.0), [-2.0, -1.0, 0.0, 1.0, 2.0]), [0, 0.5, 1, 0.5, 0])


def test_relu_has_gradient_one_half_at_zero() -> None:
    equal(slopes(B["relu"], [-1.0, 0.0, 1.0]), [0, 0.5, 1])
    equal(slopes(lambda x: B["leaky_relu"](x, 0.5), [-1.0, 0.0, 1.0]), [0.5, 0.75, 1])


def test_elu_is_smooth_at_zero() -> None:
    equal(slopes(B["elu"], [-0.0, 0.0, 1.0]), [1, 1, 1])
    equal(slopes(lambda x: B["elu"](x, 0.5), [0.0]), [0.5])


# -- kinks, jumps, and slopes that are infinite ----------------------------------------------------------------------------
def test_absolute_and_sign_have_gradient_zero_at_zero() -> None:
    equal(slopes(abs, [-2.0, -0.0, 0.0, 2.0]), [-1, 0, 0, 1])
    equal(slopes(lambda x: x + B["sign"](x), [-2.0, 0.0, 2.0]), [1, 1, 1])
    equal(slopes(lambda x: B["copysign"](x, -1.0), [-2.0, 0.0, 2.0]), [1, 0, -1])


def test_the_absolute_value_of_complex_zero_has_gradient_zero() -> None:
    x = tv.vector("x")
    cost = B["sum"](abs(x + x * 1j))
    equal(gradient(cost, x, [0.0]), [0])
    equal(tv.evaluate([tv.grad(B["sum"](tv.grad(cost, x)), x)], {x: [0.0]})[0], [0])


def test_rounding_comparisons_and_argmax_carry_no_gradient() -> None:
    for name in ("floor", "ceil", "trunc", "rint"):
        equal(slopes(lambda x, n=name: x + B[n](x), [0.0, 0.3, 2.0]), [1, 1, 1])
    x = tv.vector("x")
    cost = B["sum"](x * x.argmax()) + B["sum"](B["where"](x > 0.5, x, 0.0)) + B["sum"](x * (x > 0.5))
    equal(gradient(cost, x, [0.0, 2.0, 0.3]), [1, 3, 1])


STEPS = {
    **{name: lambda x, n=name: B[n](x) for name in ("floor", "ceil", "trunc", "rint", "sign", "spacing")},
    "round": lambda x: x.round(1), "floor_divide": lambda x: x // 2.0, "by it": lambda x: 7.0 // x,
    "twice": lambda x: B["floor"](B["ceil"](x * 3.0)),
    "below": lambda x: B["exp"](B["floor"](x)[::-1]), "copysign": lambda x: B["copysign"](2.0, x),
    "over what has no gradient": lambda x: B["floor"](B["undefined_grad"](x)),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_have_derivatives_of_zero(name: str) -> None:
    x, v = tv.dvectors("x v")
    made = STEPS[name](x)
    equal(tv.grad(B["sum"](made), x).eval({x: [0.3, 2.4]}), [0, 0])
    assert tv.grad(B["sum"](made), x, disconnected_inputs="ignore", return_disconnected="None") is not None
    if "no gradient" not in name:
        equal(tv.Rop(made, x, v).eval({x: [0.3, 2.4], v: [1.0, 1.0]}), [0, 0])
        equal(tv.hessian(B["sum"](made * x), x).eval({x: [0.3, 2.4]}), [[0, 0], [0, 0]])


def test_what_has_values_that_are_not_floating_point_is_disconnected_and_so_is_what_is_taken_for_constant() -> None:
    x = tv.dvector("x")
    h = x * 2.0
    for cost in (B["sum"](B["cast"](x > 0.5, "float64")), B["sum"](x.astype("int64") * 1.0), x.argmax() * 1.0, x.size * 1.0,
                 B["sum"](B["zero_grad"](B["floor"](x)))):
        with pytest.raises(tv.DisconnectedInputError, match="does not depend on x"):
            tv.grad(cost, x)
        with pytest.raises(tv.DisconnectedInputError, match="does not depend on what is varied"):
            tv.Rop(cost, x, x)
    with pytest.raises(tv.DisconnectedInputError, match="does not depend on x"):
        tv.grad(B["sum"](B["floor"](h)), x, consider_constant=[h])
    assert tv.grad(B["sum"](B["floor"](h)), h, consider_constant=[h]).eval({x: [1.0]}) == 0


def test_slopes_at_zero_are_infinite_where_the_function_is_steep_there() -> None:
    equal(slopes(B["sqrt"], [0.0, 4.0]), [INF, 0.25])
    equal(slopes(B["cbrt"], [0.0, 8.0]), [INF, 1 / 12])
    equal(slopes(B["log"], [0.0, 4.0]), [INF, 0.25])
    equal(slopes(B["log1p"], [-1.0, 3.0]), [INF, 0.25])
    equal(slopes(lambda x: x ** 0.5, [0.0]), [INF])
    equal(slopes(B["arcsin"], [-1.0, 0.0, 1.0]), [INF, 1, INF])
    equal(slopes(B["arctanh"], [-1.0, 0.0, 1.0]), [INF, 1, INF])


def test_where_there_is_no_slope_the_gradient_is_nan() -> None:
    x = tv.vector("x")
    for cost in (x.std(), B["norm"](x), B["hypot"](x[0], x[1]), B["arctan2"](x[0], x[1])):
        assert np.isnan(gradient(cost, x, [0.0, 0.0])).all()
    equal(slopes(B["sqrt"], [-1.0]), [NAN])


def test_powers_have_finite_gradients_at_zero() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    gx, gy = tv.evaluate(tv.grad(B["sum"](x ** y), [x, y]), {x: [0.0, 0.0, 0.0], y: [1.0, 2.0, 0.0]})
    equal(gx, [1, 0, 0])
    equal(gy, [0, 0, 0])
    for exponent, first, twice in ((0.0, 0, 0), (1.0, 1, 0), (2.0, 0, 2), (3.0, 0, 0)):
        equal(slopes(lambda x, p=exponent: x ** p, [0.0]), [first])
        equal(second(lambda x, p=exponent: x ** p, [0.0]), [twice])


def test_sinc_is_smooth_at_and_near_zero() -> None:
    equal(slopes(B["sinc"], [0.0]), [0])
    np.testing.assert_allclose(second(B["sinc"], [0.0]), [-np.pi**2 / 3], rtol=1e-15)
    x = tv.vector("x")
    for at in (1e-12, 1e-6, 1e-3, 0.1249, 0.1251):
        check(B["sinc"](x), [x], [np.array([at, -at])])


# -- where -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("build", "expected"), [
    (lambda x: B["where"](x > 0, B["log"](x), 0.0), [0, 0, 0.25]),
    (lambda x: B["where"](x > 0, B["sqrt"](x), 1.0), [0, 0, 0.25]),
    (lambda x: B["where"](x <= 0, 0.0, 2.0 / x), [0, 0, -0.125]),
    (lambda x: B["where"](x > 0, B["exp"](B["log"](x) * 2.0), x), [1, 1, 8]),
    (lambda x: B["where"](x > 0, B["where"](x < 9, B["log"](x), 0.0), 0.0), [0, 0, 0.25]),
    (lambda x: B["where"](x > 0, x * B["log"](x), 0.0), [0, 0, 1 + np.log(4.0)]),
], ids=["log", "sqrt", "quotient", "chain", "nested", "x log x"])
def test_where_gives_nothing_to_the_other_side_also_if_that_is_nan_or_infinite(build: Any, expected: Any) -> None:
    np.testing.assert_allclose(slopes(build, [-1.0, 0.0, 4.0]), expected, rtol=1e-15)
    assert np.isfinite(second(build, [-1.0, 0.0, 4.0])).all()


def test_where_twice_over_one_node_keeps_to_the_sides_taken() -> None:
    def build(x: Any) -> Any:
        h = B["log"](x)
        return B["where"](x > 0, h, 0.0) + B["where"](x > 1, h, 0.0)

    equal(slopes(build, [-1.0, 0.0, 0.5, 4.0]), [0, 0, 2, 0.5])


@pytest.mark.parametrize("known", [True, False])
def test_where_keeps_to_the_sides_taken_where_shapes_broadcast(known: bool) -> None:
    x, c = tv.matrix("x", shape=(2, 2) if known else None), tv.vector("c", dtype="bool", shape=(2,) if known else None)
    g = tv.grad(B["sum"](B["where"](c, B["log"](x), x[:, :1])), x)
    equal(tv.evaluate([g], {x: [[0.0, 2.0], [4.0, -1.0]], c: [False, True]})[0], [[1, 0.5], [1, -1.0]])
    row, c = tv.matrix("row", shape=(1, 2) if known else None), tv.matrix("c", dtype="bool", shape=(3, 2) if known else None)
    g = tv.grad(B["sum"](B["where"](c, 2.0 * B["log"](row), 0.0)), row)
    equal(tv.evaluate([g], {row: [[0.0, 4.0]], c: [[False, True], [False, False], [False, True]]})[0], [[0, 1]])


def test_a_nan_on_the_side_taken_stays() -> None:
    equal(slopes(lambda x: B["where"](x < 0, B["log"](x), B["sqrt"](x)), [0.0, 4.0]), [INF, 0.25])
    equal(slopes(lambda x: B["where"](x <= 0, B["sqrt"](x), x), [-1.0]), [NAN])


# -- zeros in products -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("values", [[2.0, -1.0, 4.0], [2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]],
                         ids=["none", "one", "two", "all"])
def test_prod_has_its_derivatives_also_where_elements_are_zero(values: list[float]) -> None:
    x = tv.vector("x")
    equal(gradient(x.prod(), x, values), [np.prod(np.delete(values, k)) for k in range(3)])
    hessian = [[0 if i == k else np.prod(np.delete(values, [i, k])) for k in range(3)] for i in range(3)]
    equal(tv.evaluate([tv.grad(tv.grad(x.prod(), x)[i], x) for i in range(3)], {x: values}), hessian)
    third = tv.grad(tv.grad(tv.grad(x.prod(), x)[0], x)[1], x)
    equal(tv.evaluate([third], {x: values})[0], [0, 0, 1])


@pytest.mark.parametrize("axis", [0, 1, (0, 2), None])
@pytest.mark.parametrize("zeros", [0, 1, 2, 5])
def test_prod_along_axes_with_zeros_has_the_derivatives_of_the_complex_step(axis: Any, zeros: int) -> None:
    x = tv.tensor3("x")
    values = draw((2, 3, 2), "float64", 7)
    values.flat[[5, 1, 4, 7, 8][:zeros]] = 0.0
    check(x.prod(axis=axis), [x], [values])


# -- indices ---------------------------------------------------------------------------------------------------------------
def test_indices_that_repeat_collect_all_gradients() -> None:
    x, w = tv.vector("x"), tv.constant([1.0, 10.0, 100.0])
    equal(gradient(B["sum"](x[[1, 1, 0]] * w), x, [0.0, 0.0, 0.0]), [100, 11, 0])
    equal(gradient(B["sum"](x[[1, -2, 0]] * w), x, [0.0, 0.0, 0.0]), [100, 11, 0])
    i = tv.lvector("i")
    g = tv.grad(B["sum"](B["take"](x, i) * w), x)
    equal(tv.evaluate([g], {x: [0.0, 0.0, 0.0], i: [2, 2, 2]})[0], [0, 0, 111])


def test_pairs_of_indices_that_repeat_collect_all_gradients() -> None:
    x, w = tv.matrix("x"), tv.constant([1.0, 10.0, 100.0])
    equal(gradient(B["sum"](x[[0, 1, 0], [1, 1, -1]] * w), x, np.zeros((2, 2))), [[0, 101], [0, 10]])


def test_of_values_set_at_one_place_only_the_last_has_a_gradient() -> None:
    v, x = tv.vector("v"), tv.vector("x")
    cost = B["sum"](x[[2, 2, 0]].set(v) ** 2)
    gv, gx = tv.evaluate(tv.grad(cost, [v, x]), {v: [1.0, 2.0, 3.0], x: [5.0, 6.0, 7.0, 8.0]})
    equal(gv, [0, 4, 6])
    equal(gx, [0, 12, 0, 16])


def test_values_added_at_one_place_all_have_its_gradient() -> None:
    v, x = tv.vector("v"), tv.vector("x")
    cost = B["sum"](x[[2, 2, 0]].inc(v) ** 2)
    gv, gx = tv.evaluate(tv.grad(cost, [v, x]), {v: [1.0, 2.0, 3.0], x: [5.0, 6.0, 7.0, 8.0]})
    equal(gv, [20, 20, 16])
    equal(gx, [16, 12, 20, 16])


def test_one_value_set_or_added_at_many_places_sums_their_gradients() -> None:
    v, x = tv.scalar("v"), tv.vector("x")
    at = {v: 2.0, x: [5.0, 6.0, 7.0]}
    for key in ([0, 0, 1], slice(None, None, -2), np.array([True, False, True])):
        many = np.arange(3)[key]
        put, added = tv.evaluate([tv.grad(B["sum"](x[key].set(v) ** 2), v), tv.grad(B["sum"](x[key].inc(v) ** 2), v)], at)
        equal(put, 4 * len(set(many)))
        now = np.array([5.0, 6.0, 7.0])
        np.add.at(now, key, 2.0)
        equal(added, 2 * now[many].sum())


def test_masks_give_the_gradient_to_the_elements_chosen() -> None:
    x = tv.vector("x")
    equal(gradient(B["sum"](x[x > 1] ** 2), x, [0.0, 1.0, 2.0, 3.0]), [0, 0, 4, 6])
    equal(gradient(B["sum"](B["log"](x[x > 0])), x, [-1.0, 0.0, 2.0]), [0, 0, 0.5])
    equal(gradient(B["sum"](x[x > 9] ** 2), x, [0.0, 1.0]), [0, 0])


# -- views and casts -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", [lambda x: x.T, lambda x: x[::-1], lambda x: x[:, ::-2], lambda x: x.reshape((4, 3)),
                                  lambda x: x.T.reshape((2, 6))[::-1, 1::2], lambda x: x.T[::-1].T[1:, None, -1:0:-1]])
def test_views_give_each_gradient_back_to_its_element(view: Any) -> None:
    x = tv.matrix("x")
    places = view(np.arange(12.0).reshape(3, 4))
    w = np.arange(1.0, places.size + 1).reshape(places.shape)
    expected = np.zeros(12)
    expected[places.astype(int)] = w
    equal(gradient(B["sum"](view(x) * w), x, np.zeros((3, 4))), expected.reshape(3, 4))


def test_casts_between_floats_carry_the_gradient_in_the_dtype_of_their_argument() -> None:
    x, y = tv.vector("x", dtype="float32"), tv.vector("y")
    g = tv.grad(B["sum"](x * y) + B["sum"](y.astype("float16") * 2.0), [x, y])
    assert [e.dtype for e in g] == [np.float32, np.float64]
    gx, gy = tv.evaluate(g, {x: np.float32([2.0, 3.0]), y: [0.1, 4.0]})
    equal(gx, np.float32([0.1, 4.0]))
    equal(gy, [4, 5])


def test_casts_to_integers_carry_none() -> None:
    x = tv.vector("x")
    equal(gradient(B["sum"](x * x.astype("int64")), x, [1.5, 2.5]), [1, 2])


# -- broadcasting ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("left", "right"), [((3, 1), (3, 4)), ((1, 4), (3, 4)), ((3, 4), (3, 4)), ((3, 4), (1, 1)), ((1, 4), (3, 1)),
                                             ((1, 1), (1, 1)), ((1, 4), (0, 4)), ((3, 4), (4,)), ((1,), (3, 4)), ((), (3, 4))])
def test_gradients_are_summed_over_axes_that_turn_out_to_be_broadcast(left: Any, right: Any) -> None:
    at = [draw(left, "float64", 1), draw(right, "float64", 2)]
    open_, known = ([tv.tensor(n, shape=(None,) * len(s) if o else s) for n, s in (("x", left), ("y", right))] for o in (True, False))
    check(open_[0] * B["exp"](open_[1]), open_, at)
    found = [tv.evaluate(tv.grad(B["sum"](x * B["exp"](y)), [x, y]), dict(zip((x, y), at, strict=True))) for x, y in (open_, known)]
    for mine, other, value in zip(*found, at, strict=True):
        assert mine.shape == other.shape == value.shape
        np.testing.assert_allclose(mine, other, rtol=1e-15)


def test_a_tensor_broadcast_against_itself_collects_both_gradients() -> None:
    x = tv.matrix("x")
    for shape in ((3, 3), (1, 1), (1, 3)):
        check(x * x.sum(axis=0) + x[:1] * x, [x], [draw(shape, "float64", 3)])


def test_broadcasts_of_many_unknown_lengths_are_undone() -> None:
    xs = [tv.vector() for _ in range(150)]
    at = [np.ones(1 + 2 * (k % 3 == 0)) for k in range(150)]
    total = xs[0]
    for x in xs[1:]:
        total = total * x
    for g, a in zip(tv.evaluate(tv.grad(B["sum"](total), xs), dict(zip(xs, at, strict=True))), at, strict=True):
        equal(g, np.full(a.shape, 3 / len(a)))


# -- far out ---------------------------------------------------------------------------------------------------------------
FAR = [[1000.0, 0.0, -1000.0], [-1000.0, -1000.5, -1001.0], [1000.0, 1000.0, 999.0], [1e300, 0.0, -1e300], [-INF, 0.0, 1.0]]


@pytest.mark.parametrize("values", FAR, ids=str)
def test_log_sum_exp_and_softmax_have_their_gradients_far_out(values: list[float]) -> None:
    x = tv.vector("x")
    share = np.exp(np.array(values) - max(values)) / np.exp(np.array(values) - max(values)).sum()
    np.testing.assert_allclose(gradient(B["logsumexp"](x), x, values), share, rtol=1e-15)
    rows = tv.evaluate([tv.grad(B["softmax"](x)[k], x) for k in range(3)], {x: values})
    np.testing.assert_allclose(rows, np.diag(share) - np.outer(share, share), rtol=1e-14, atol=1e-16)
    rows = tv.evaluate([tv.grad(tv.grad(B["logsumexp"](x), x)[k], x) for k in range(3)], {x: values})
    np.testing.assert_allclose(rows, np.diag(share) - np.outer(share, share), rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("values", FAR[:4], ids=str)
def test_log_softmax_has_its_gradient_far_out(values: list[float]) -> None:
    x = tv.vector("x")
    share = np.exp(np.array(values) - max(values)) / np.exp(np.array(values) - max(values)).sum()
    np.testing.assert_allclose(tv.evaluate([tv.grad(B["log_softmax"](x)[k], x) for k in range(3)], {x: values}), np.eye(3) - share,
                               rtol=1e-15, atol=1e-16)


def test_sigmoid_softplus_tanh_and_erf_have_their_slopes_far_out() -> None:
    far = [-1e308, -1000.0, 1000.0, 1e308]
    for name, slope in (("sigmoid", [0] * 4), ("softplus", [0, 0, 1, 1]), ("tanh", [0] * 4), ("erf", [0] * 4), ("erfc", [0] * 4),
                        ("silu", [0, 0, 1, 1]), ("gelu", [0, 0, 1, 1]), ("elu", [0, 0, 1, 1])):
        equal(slopes(B[name], far), slope)
        equal(second(B[name], far), [0] * 4)


def test_logaddexp_shares_its_gradient_far_out_and_at_infinity() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    for name, base in (("logaddexp", np.e), ("logaddexp2", 2.0)):
        at = {x: [1000.0, -1000.0, 1e308, 0.0, 5.0], y: [999.0, -1000.0, -1e308, -INF, INF]}
        gx, gy = tv.evaluate(tv.grad(B["sum"](B[name](x, y)), [x, y]), at)
        np.testing.assert_allclose(gx, [base / (base + 1), 0.5, 1, 1, 0], rtol=1e-15)
        np.testing.assert_allclose(gx + gy, np.ones(5), rtol=1e-15)


def test_inverse_functions_keep_their_digits_at_the_ends_of_their_domains() -> None:
    near = 1 - 2.0**-40
    for name, exact in (("arcsin", 2.0**20 / np.sqrt(2 - 2.0**-40)), ("arccos", -(2.0**20) / np.sqrt(2 - 2.0**-40)),
                        ("arctanh", 2.0**40 / (2 - 2.0**-40))):
        np.testing.assert_allclose(slopes(B[name], [near, -near]), [exact, exact], rtol=1e-15)
    np.testing.assert_allclose(slopes(B["arccosh"], [1 + 2.0**-40, 1e300]), [2.0**20 / np.sqrt(2 + 2.0**-40), 1e-300], rtol=1e-15)


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_arctan2_and_hypot_have_gradients_at_any_distance(size: float) -> None:
    x, y = tv.scalar("x"), tv.scalar("y")
    found = tv.evaluate([*tv.grad(B["arctan2"](y, x), [y, x]), *tv.grad(B["hypot"](x, y), [x, y])], {x: 3 * size, y: 4 * size})
    np.testing.assert_allclose(found, [0.12 / size, -0.16 / size, 0.6, 0.8], rtol=1e-15)


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("shift", [0.0, 1e8, -1e15])
def test_var_and_std_have_gradients_far_from_zero(name: str, shift: float) -> None:
    x = tv.vector("x")
    values = shift + np.array([-4.0, 0.0, 12.0, 8.0])
    away = values - shift - 4.0
    np.testing.assert_allclose(gradient(B[name](x), x, values), away / 2 if name == "var" else away / (4 * np.sqrt(40.0)), rtol=1e-14)
    equal(gradient(x.var(), x, [shift] * 4), [0] * 4)


def test_softmax_agrees_with_the_complex_step_where_it_is_steep() -> None:
    x = tv.vector("x")
    values = np.array([700.0, 699.0, -700.0, 0.0])
    way = {x: draw((4,), "float64", 8)}
    cost = B["sum"](B["softmax"](x) * draw((4,), "float64", 9))
    _, expected = complex_step(cost, {x: values}, way)
    found = tv.evaluate([B["sum"](tv.grad(cost, x) * way[x])], {x: values})[0]
    assert abs(found - expected) <= STEP
