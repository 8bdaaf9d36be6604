"""Gradients of every op, first and second order, against central differences; and what `grad` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tests.core.cases import CASES, Case, draw, inputs

Array = np.ndarray[Any, Any]


# -- differences -------------------------------------------------------------------------------------------------------
def slope(f: Callable[[Sequence[Array]], Array], at: Sequence[Array], way: Sequence[Array], h: float = 1e-3) -> Any:
    """The derivative of f at a point along a way: central differences over four distances, extrapolated; error about h**8 and
    1e-12.
    """
    def central(d: float) -> Any:
        plus, minus = (f([x + s * d * w for x, w in zip(at, way, strict=True)]) for s in (1, -1))
        return (plus - minus) / (2 * d)

    rows = [central(h / 2**k) for k in range(4)]
    for order in range(1, 4):
        rows = [(4**order * b - a) / (4**order - 1) for a, b in pairwise(rows)]
    return rows[0]


def check(made: Any, xs: Sequence[Any], at: Sequence[Array], second: bool = True) -> None:
    """The gradient of a weighted sum of `made`, and the gradient of that, along random ways."""
    weight = tv.constant(draw(tv.evaluate([made], dict(zip(xs, at, strict=True)))[0].shape, "float64", 91))
    cost = B["sum"](made * weight)
    way = [draw(x.shape, "float64", 92 + k) for k, x in enumerate(at)]
    first = tv.grad(cost, list(xs), disconnected_inputs="ignore")
    for g, x in zip(first, xs, strict=True):
        assert g.dtype == x.dtype
        assert g.ndim == x.ndim
    along = sum(B["sum"](g * tv.constant(w)) for g, w in zip(first, way, strict=True))
    compare(cost, along, xs, at, way)
    if second:
        twice = tv.grad(along, list(xs), disconnected_inputs="ignore")
        other = [draw(x.shape, "float64", 95 + k) for k, x in enumerate(at)]
        compare(along, sum(B["sum"](g * tv.constant(w)) for g, w in zip(twice, other, strict=True)), xs, at, other)


def compare(cost: Any, along: Any, xs: Sequence[Any], at: Sequence[Array], way: Sequence[Array]) -> None:
    """The derivative of `cost` along `way` by differences is what `along` says."""
    def value(e: Any) -> Callable[[Sequence[Array]], Array]:
        return lambda point: tv.evaluate([e], dict(zip(xs, point, strict=True)))[0]

    expected = slope(value(cost), at, way)
    np.testing.assert_allclose(value(along)(at), expected, rtol=2e-7, atol=2e-7)


# -- the table of tensors ------------------------------------------------------------------------------------------------
SMOOTH = [c for c in CASES if c.smooth and "float64" in c.dtypes]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("case", SMOOTH, ids=lambda c: c.name)
def test_gradients_are_those_of_differences(case: Case, known: bool) -> None:
    xs, at = inputs(case, "float64", known)
    check(case.build(*xs), xs, at)


# -- the table of elementwise ops ----------------------------------------------------------------------------------------
Range = tuple[float, float]
SMOOTH_RANGE: Range = (0.2, 0.9)
LESS: list[Range] = [(0.2, 0.4), (0.5, 0.9)]
MORE: list[Range] = [(0.52, 0.58), (0.2, 0.25)]       # the quotients stay between two whole numbers
DOMAINS: dict[str, list[list[Range]]] = {
    "arccosh": [[(1.2, 3.0)]], **{name: [LESS, MORE] for name in ("maximum", "minimum", "floor_divide", "remainder", "fmod")}}
ELEMENTWISE = [op for op in OPS.values() if op.family == "elementwise" and hasattr(op.numpy, "resolve_dtypes")]


def _takes_floats(op: Op) -> bool:
    try:
        dtypes = op.numpy.resolve_dtypes((*(np.dtype("float64"),) * op.numpy.nin, None))  # type: ignore[attr-defined]
    except TypeError:
        return False
    return bool(dtypes[-1] == np.float64)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if _takes_floats(op)], ids=lambda op: op.name)
def test_gradients_of_elementwise_ops_are_those_of_differences(op: Op) -> None:
    count = op.numpy.nin  # type: ignore[attr-defined]
    shapes = [(3, 1), (4,)][:count]
    for ranges in DOMAINS.get(op.name, [[SMOOTH_RANGE] * count]):
        at = [draw(s, "float64", 31 + k, *r) for k, (s, r) in enumerate(zip(shapes, ranges, strict=True))]
        _check_both(op, shapes, at)


def _check_both(op: Op, shapes: Sequence[tuple[int, ...]], at: Sequence[Array]) -> None:
    for known in (True, False):
        xs = [tv.tensor(f"x{k}", dtype="float64", shape=s if known else (None,) * len(s)) for k, s in enumerate(shapes)]
        check(B[op.name](*xs), xs, at)


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "tanh", "arctan", "arcsinh", "cbrt", "absolute", "sigmoid", "softplus",
                                  "erf", "erfc", "square",
                                  "negative", "reciprocal", "exp", "expm1", "sinh", "cosh"])
def test_gradients_hold_on_the_negative_side(name: str) -> None:
    x = tv.vector("x")
    check(B[name](x), [x], [draw((5,), "float64", 33, -2.0, -0.3)])


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, -1.0, 0.5])
def test_gradients_of_constant_powers(exponent: float) -> None:
    x = tv.vector("x")
    check(x ** exponent, [x], [draw((5,), "float64", 34, 0.5, 2.0)])


def test_powers_of_zero_have_finite_gradients() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    gx, gy = tv.evaluate(tv.grad(B["sum"](x ** y), [x, y]), {x: [0.0, 0.0, 0.0], y: [1.0, 2.0, 0.0]})
    np.testing.assert_array_equal(gx, [1, 0, 0])
    np.testing.assert_array_equal(gy, [0, 0, 0])


# -- ties, kinks, zeros --------------------------------------------------------------------------------------------------
def gradient(cost: Any, x: Any, value: Any) -> Array:
    return tv.evaluate([tv.grad(cost, x)], {x: value})[0]


def test_maximum_gives_half_to_each_side_of_a_tie() -> None:
    x = tv.vector("x")
    np.testing.assert_array_equal(gradient(B["sum"](B["maximum"](x, 1.0)), x, [0.0, 1.0, 2.0]), [0, 0.5, 1])


def test_max_gives_equal_shares_to_elements_that_tie() -> None:
    x = tv.matrix("x")
    np.testing.assert_array_equal(gradient(B["sum"](x.max(axis=1)), x, [[1.0, 1.0, 0.0], [3.0, 3.0, 3.0]]),
                                  [[0.5, 0.5, 0], [1 / 3] * 3])


def test_max_of_two_is_maximum_also_on_ties() -> None:
    x = tv.vector("x")
    pair = [2.0, 2.0]
    np.testing.assert_array_equal(gradient(x.max(), x, pair), gradient(B["maximum"](x[0], x[1]), x, pair))


def test_relu_has_gradient_one_half_at_zero() -> None:
    x = tv.vector("x")
    np.testing.assert_array_equal(gradient(B["sum"](B["relu"](x)), x, [-1.0, 0.0, 1.0]), [0, 0.5, 1])


def test_absolute_has_gradient_zero_at_zero() -> None:
    x = tv.vector("x")
    np.testing.assert_array_equal(gradient(B["sum"](abs(x)), x, [-2.0, 0.0, 2.0]), [-1, 0, 1])


@pytest.mark.parametrize("values", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0, -1.0, 4.0]])
def test_prod_has_its_gradient_also_where_elements_are_zero(values: list[float]) -> None:
    x = tv.vector("x")
    expected = [np.prod(np.delete(values, k)) for k in range(3)]
    np.testing.assert_allclose(gradient(x.prod(), x, values), expected, rtol=1e-15)
    hessian = [[0 if i == k else np.prod(np.delete(values, [i, k])) for k in range(3)] for i in range(3)]
    rows = [tv.grad(tv.grad(x.prod(), x)[i], x) for i in range(3)]
    np.testing.assert_allclose(tv.evaluate(rows, {x: values}), hessian, rtol=1e-15)
    third = tv.grad(tv.grad(tv.grad(x.prod(), x)[0], x)[1], x)
    np.testing.assert_allclose(tv.evaluate([third], {x: values})[0], [0, 0, 1], rtol=1e-15)


def test_indices_that_repeat_collect_all_gradients() -> None:
    x, w = tv.vector("x"), tv.constant([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(gradient(B["sum"](x[[1, 1, 0]] * w), x, [0.0, 0.0, 0.0]), [100, 11, 0])


def test_of_values_set_at_one_place_only_the_last_has_a_gradient() -> None:
    v = tv.vector("v")
    x = tv.constant(np.zeros(4))
    np.testing.assert_array_equal(gradient(B["sum"](x[[2, 2, 0]].set(v) ** 2), v, [1.0, 2.0, 3.0]), [0, 4, 6])


def test_argmax_comparisons_and_rounding_carry_no_gradient() -> None:
    x = tv.vector("x")
    cost = B["sum"](x * x.argmax()) + B["sum"](B["where"](x > 0.5, x, 0.0)) + B["sum"](B["floor"](x))
    np.testing.assert_array_equal(gradient(cost, x, [0.0, 2.0, 0.3]), [1, 2, 1])


def test_axes_that_turn_out_to_be_one_are_summed_at_run_time() -> None:
    x, y = tv.matrix("x"), tv.matrix("y")
    g = tv.grad(B["sum"](x * y), [x, y])
    for sx, sy in (((3, 1), (3, 4)), ((1, 4), (3, 4)), ((3, 4), (3, 4)), ((3, 4), (1, 1))):
        a, b = draw(sx, "float64", 1), draw(sy, "float64", 2)
        gx, gy = tv.evaluate(g, {x: a, y: b})
        assert gx.shape == sx and gy.shape == sy
        np.testing.assert_allclose(gx.sum(), np.broadcast_to(b, (3, 4)).sum() if sx != (3, 4) or sy == sx else gx.sum(),
                                   rtol=1e-12)


# -- complex intermediates -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["absolute", "exp", "sin", "square", "conjugate", "reciprocal", "sqrt", "tanh"])
def test_real_costs_go_through_complex_tensors(name: str) -> None:
    x, y = tv.vector("x"), tv.vector("y")
    z = B[name](x + y * 1j)
    check(B["real"](z) + 3.0 * B["imag"](z), [x, y], [draw((4,), "float64", 5, 0.3, 1.0), draw((4,), "float64", 6, 0.3, 1.0)],
          second=name != "absolute")


# -- what grad promises ----------------------------------------------------------------------------------------------------
def test_gradient_of_a_network_builds_with_the_types_of_its_parameters() -> None:
    x, y = tv.fmatrix("x"), tv.fmatrix("y")
    shapes = [(64, 256), (256,), (256, 10), (10,)]
    w1, b1, w2, b2 = ws = [tv.tensor(f"w{k}", dtype="float32", shape=s) for k, s in enumerate(shapes)]
    loss = -B["mean"](B["sum"](y * B["log"](B["softmax"](B["relu"](x @ w1 + b1) @ w2 + b2)), axis=1))
    assert [g.type for g in tv.grad(loss, ws)] == [w.type for w in ws]


def test_list_tuple_and_one_come_back_as_they_were_asked_for() -> None:
    x, y = tv.scalar("x"), tv.scalar("y")
    assert isinstance(tv.grad(x * y, [x]), list)
    assert isinstance(tv.grad(x * y, (x, y)), tuple)
    assert tv.grad(x * y, x) is tv.grad(x * y, (x, y))[0]


def test_gradients_of_inner_nodes_and_of_what_lies_below_them() -> None:
    x = tv.scalar("x")
    h = B["exp"](x)
    gh, gx = tv.evaluate(tv.grad(h * h, [h, x]), {x: 0.5})
    np.testing.assert_allclose([gh, gx], [2 * np.exp(0.5), 2 * np.exp(1.0)], rtol=1e-15)


def test_consider_constant_stops_the_gradient() -> None:
    x = tv.scalar("x")
    h = x * x
    assert tv.evaluate([tv.grad(h * x, x, consider_constant=[h])], {x: 3.0})[0] == 9.0


def test_zero_grad_stops_the_gradient() -> None:
    x = tv.scalar("x")
    assert tv.evaluate([tv.grad(B["zero_grad"](x * x) * x, x)], {x: 3.0})[0] == 9.0


def test_known_gradients_flow_in() -> None:
    x = tv.vector("x")
    h = x * x
    g = tv.grad(None, x, known_grads={h: tv.constant([1.0, 10.0])})
    np.testing.assert_array_equal(tv.evaluate([g], {x: [1.0, 2.0]})[0], [2, 40])


def test_disconnected_inputs_raise_warn_or_give_zeros() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    cost = B["sum"](x)
    with pytest.raises(tv.GradientError, match="does not depend on y"):
        tv.grad(cost, y)
    with pytest.warns(UserWarning, match="does not depend on y"):
        tv.grad(cost, y, disconnected_inputs="warn")
    np.testing.assert_array_equal(tv.evaluate([tv.grad(cost, y, disconnected_inputs="ignore")], {y: [1.0, 2.0]})[0], [0, 0])
    with pytest.raises(tv.ArgumentError):
        tv.grad(cost, x, disconnected_inputs="quiet")


@pytest.mark.parametrize(("cost", "what"), [
    (lambda x: x * x, "scalar"), (lambda x: B["sum"](x > 0), "floating point"), (lambda x: B["sum"](x * 1j), "real")])
def test_a_cost_that_is_no_real_scalar_names_the_users_line(cost: Any, what: str) -> None:
    x = tv.vector("x")
    with pytest.raises(tv.GradientError, match=what) as caught:
        tv.grad(cost(x), x)
    assert "test_autodiff.py" in str(caught.value)


def test_integer_wrt_raises() -> None:
    n = tv.lscalar("n")
    with pytest.raises(tv.GradientError, match="n "):
        tv.grad(n * 1.0, n)


def test_an_op_without_a_gradient_is_named() -> None:
    if "test_no_gradient" not in OPS:
        Op("test_no_gradient", "shape", lambda t: t, lambda x: x, "for this test", shape=lambda x: tuple(x.shape))
    from tensorviz.core.expr import make

    x = tv.vector("x")
    with pytest.raises(tv.GradientError, match="test_no_gradient has no gradient"):
        tv.grad(B["sum"](make(OPS["test_no_gradient"], (x,))), x)
    del OPS["test_no_gradient"]


def test_gradient_nodes_know_the_forward_node_they_come_from() -> None:
    x = tv.vector("x")
    h = B["tanh"](x * 3.0)
    g = tv.grad(B["sum"](h), x)
    made = [e.made for e in topological([g]) if e.made]
    assert ("vjp", "tanh", h) in made
    assert all(e.sites for e in topological([g]) if e.made)


def test_gradient_nodes_cite_the_line_of_the_forward_node() -> None:
    x = tv.vector("x")
    h = B["tanh"](x); line = h.sites[0][1]  # noqa: E702
    g = tv.grad(B["sum"](h), x)
    found = {e.sites[0][1] for e in topological([g]) if e.made and e.made[2] is h}
    assert found == {line}


def test_a_chain_of_100_000_ops_differentiates() -> None:
    x = tv.scalar("x")
    e = x
    for _ in range(100_000):
        e = e + 1.0
    assert tv.evaluate([tv.grad(e, x)], {x: 0.0})[0] == 1.0
