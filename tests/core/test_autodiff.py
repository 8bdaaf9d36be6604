"""Gradients of every op, first and second order, in float64 and float32, real and complex; and what `grad` promises.

tests/core/differences.py says what they are judged by and how exact that is; tests/core/test_gradient_conventions.py has ties, kinks
and zeros, where no difference can judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tensorviz.core.ops.special import SPECIAL
from tensorviz.core.ops.special_numbers import NUMBERS
from tests.core.cases import CASES, Case, draw, inputs
from tests.core.differences import check, check_wide, complex_step, directional, rounding, ways, weighted

Array = np.ndarray[Any, Any]


# -- the table of tensors ------------------------------------------------------------------------------------------------
SMOOTH = [c for c in CASES if c.smooth and "float64" in c.dtypes]
SMOOTH_COMPLEX = [c for c in CASES if c.smooth and "complex128" in c.dtypes]


@pytest.mark.parametrize("case", SMOOTH, ids=lambda c: c.name)
def test_gradients_are_those_of_the_complex_step(case: Case) -> None:
    for known in (True, False):
        xs, at = inputs(case, "float64", known)
        check(case.build(*xs), xs, at)


@pytest.mark.parametrize("case", SMOOTH_COMPLEX, ids=lambda c: c.name)
def test_gradients_go_through_complex_tensors(case: Case) -> None:
    parts = [(draw(s, "float64", 11 + k), draw(s, "float64", 21 + k)) for k, s in enumerate(case.shapes)]
    at = [a for pair in parts for a in pair]
    xs = [tv.tensor(f"x{k}", dtype="float64", shape=a.shape if case.fixed else (None,) * a.ndim) for k, a in enumerate(at)]
    check(case.build(*(x + y * 1j for x, y in zip(xs[::2], xs[1::2], strict=True))), xs, at, check_wide)


# -- the table of elementwise ops ----------------------------------------------------------------------------------------
Range = tuple[float, float]
SMOOTH_RANGE: Range = (0.2, 0.9)
LESS: list[Range] = [(0.2, 0.4), (0.5, 0.9)]
MORE: list[Range] = [(0.52, 0.58), (0.2, 0.25)]       # the quotients stay between two whole numbers
DOMAINS: dict[str, list[list[Range]]] = {
    "arccosh": [[(1.2, 3.0)]], **{name: [LESS, MORE] for name in ("maximum", "minimum", "floor_divide", "remainder", "fmod")}}
ELEMENTWISE = [op for op in OPS.values() if op.family == "elementwise" and hasattr(op.numpy, "resolve_dtypes")
               and op.name not in SPECIAL.keys() | NUMBERS.keys()]


def takes(op: Op, dtype: str) -> bool:
    """Whether an elementwise op of tensors of a dtype is a tensor of that dtype."""
    try:
        dtypes = op.numpy.resolve_dtypes((*(np.dtype(dtype),) * op.numpy.nin, None))  # type: ignore[attr-defined]
    except TypeError:
        return False
    return bool(dtypes[-1] == dtype)


def points(op: Op, dtype: str = "float64") -> list[list[Array]]:
    """Places where an op is smooth, of shapes that broadcast."""
    shapes = [(3, 1), (4,)][:op.numpy.nin]  # type: ignore[attr-defined]
    return [[draw(s, dtype, 31 + k, *r) for k, (s, r) in enumerate(zip(shapes, ranges, strict=True))]
            for ranges in DOMAINS.get(op.name, [[SMOOTH_RANGE] * len(shapes)])]


def variables(at: Sequence[Array], known: bool = False, dtype: str = "float64") -> list[Any]:
    """One for each array."""
    return [tv.tensor(f"x{k}", dtype=dtype, shape=a.shape if known else (None,) * a.ndim) for k, a in enumerate(at)]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float64")], ids=lambda op: op.name)
def test_gradients_of_elementwise_ops_are_those_of_the_complex_step(op: Op, known: bool) -> None:
    for at in points(op):
        xs = variables(at, known)
        check(B[op.name](*xs), xs, at)


def everywhere(op: Op) -> bool:
    """Whether an op of one argument is smooth on both sides of 0."""
    with np.errstate(all="ignore"):
        return bool(op.numpy.nin == 1 and np.isfinite(op.numpy(np.array([-0.9, -3.1, 2.7]))).all())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("low", "high"), [(-2.0, -0.3), (1.2, 6.0), (-6.0, -3.0), (1e-9, 1e-7), (-1e-7, -1e-9)])
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float64") and everywhere(op)], ids=lambda op: op.name)
def test_gradients_hold_on_both_sides_of_0_near_and_far(op: Op, low: float, high: float) -> None:
    at = [draw((5,), "float64", 33, low, high)]
    xs = variables(at)
    made = B[op.name](*xs)
    check(made + xs[0] * xs[0] if op.name in SETTLING else made, xs, at)


SETTLING = ("sigmoid", "softplus", "tanh", "expm1")     # slopes that go to 0 are exact to eps, not to eps times the slope


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_arctan2_and_hypot_have_gradients_in_all_quadrants(signs: tuple[int, int]) -> None:
    at = [s * draw((6,), "float64", 41 + k, 0.3, 2.0) for k, s in enumerate(signs)]
    xs = variables(at)
    check(B["arctan2"](*xs) + B["hypot"](*xs), xs, at)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, -1.0, 0.5])
def test_gradients_of_constant_powers(exponent: float) -> None:
    x = tv.vector("x")
    check(x ** exponent, [x], [draw((5,), "float64", 34, 0.5, 2.0)])


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "complex128") or op.name in ("absolute", "conjugate")],
                         ids=lambda op: op.name)
def test_gradients_of_elementwise_ops_go_through_complex_tensors(op: Op, signs: tuple[int, int]) -> None:
    at = [s * draw((4,), "float64", 51 + k, 0.3, 1.0) for k, s in enumerate(signs * op.numpy.nin)]  # type: ignore[attr-defined]
    xs = variables(at)
    check(B[op.name](*(x + y * 1j for x, y in zip(xs[::2], xs[1::2], strict=True))), xs, at, check_wide)


# -- float32 ---------------------------------------------------------------------------------------------------------------
def check_float32(build: Callable[..., Any], at: Sequence[Array], known: bool) -> None:
    """First and second derivatives in float32 are those in float64 to what one unit in the last place of each result of an op in the
    graph can do to them (to first order). Measured: a tenth of that."""
    found = {}
    for dtype in ("float32", "float64"):
        xs = variables(at, known, dtype)
        env = dict(zip(xs, [a.astype(dtype) for a in at], strict=True))
        root, roots = weighted(build(*xs), env, 91), []
        for order in (1, 2):
            root, _ = directional(root, xs, ways(at, "float32", 91 + order))
            roots.append(root)
        found[dtype] = roots, env
    narrow, wide = (tv.evaluate(roots, env) for roots, env in found.values())
    eps = float(np.finfo(np.float32).eps)
    for a, b, root in zip(narrow, wide, found["float64"][0], strict=True):
        assert a.dtype == np.float32
        assert abs(a - b) <= eps * rounding(root, found["float64"][1])


@pytest.mark.parametrize("case", [c for c in SMOOTH if "float32" in c.dtypes][::3], ids=lambda c: c.name)
def test_gradients_in_float32_are_as_exact_as_float32_is(case: Case) -> None:
    check_float32(case.build, [draw(s, "float32", k, case.low, case.high) for k, s in enumerate(case.shapes)], case.fixed)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float32")], ids=lambda op: op.name)
def test_gradients_of_elementwise_ops_in_float32_are_as_exact_as_float32_is(op: Op) -> None:
    for at in points(op, "float32"):
        check_float32(B[op.name], at, known=True)


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
    with pytest.raises(tv.GradientError) as caught:
        tv.grad(n * 1.0, n)
    lines = str(caught.value).splitlines()
    assert lines[0] == "there is no gradient with respect to n (int64 scalar)"
    assert 'n = tv.lscalar("n")' in lines[1]
    assert lines[2].strip() == "hint: gradients exist for floating-point tensors: declare it so, or cast before it is used"


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


def random_graph(count: int, known: bool) -> tuple[list[Any], Any]:
    """A cost of `count` nodes of many vectors, known or unknown lengths."""
    rng = np.random.default_rng(3)
    inputs = [tv.vector(shape=(8,) if known else None) for _ in range(count // 20)]
    nodes = list(inputs)
    while len(nodes) < count:
        a, b = nodes[rng.integers(max(0, len(nodes) - 200), len(nodes))], nodes[rng.integers(len(nodes))]
        nodes.append((a + b, a * b, B["tanh"](a), B["maximum"](a, b), B["where"](a > 0, b, a), a - B["sum"](b))[rng.integers(6)])
    return inputs, B["sum"](sum(nodes[-200:], start=nodes[0]))


@pytest.mark.parametrize("known", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["known", "unknown"])
def test_the_time_of_grad_grows_with_the_graph_not_with_its_square(known: bool) -> None:
    def seconds(count: int) -> float:
        xs, cost = random_graph(count, known)
        begin = time.process_time()
        tv.grad(cost, xs, disconnected_inputs="ignore")
        return time.process_time() - begin

    assert min(seconds(3200) for _ in range(2)) < 10 * min(seconds(800) for _ in range(3))       # 4 times, squared 16 times


@pytest.mark.slow
def test_a_random_graph_of_10_000_nodes_differentiates() -> None:
    xs, cost = random_graph(10_000, known=False)
    gradients = tv.grad(cost, xs, disconnected_inputs="ignore")
    assert len(topological(gradients)) < 10 * len(topological([cost]))
    env = {x: draw((8,), "float64", k, -0.5, 0.5) for k, x in enumerate(xs)}
    way = {x: draw((8,), "float64", 9 + k) for k, x in enumerate(xs)}
    _, expected = complex_step(cost, env, way)
    values = tv.evaluate(gradients, env)
    terms = [g * w for g, w in zip(values, way.values(), strict=True)]
    assert np.isfinite(expected)
    assert abs(np.sum(terms) - expected) <= 1e-11 * np.sum(np.abs(terms))          # through up to 60 nodes one after the other
