"""Tangents: forward against reverse for every row of the tables, against the complex step, to second order; what `jvp` promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.forward import jvp
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tests.core.cases import CASES, Case, draw, inputs
from tests.core.differences import H, complex_step, ways, weighted
from tests.core.test_autodiff import ELEMENTWISE, SMOOTH, SMOOTH_COMPLEX, points, takes, variables

Array = np.ndarray[Any, Any]
NEAR = 256 * float(np.finfo(np.float64).eps)


def both(cost: Any, xs: Sequence[Any], way: Sequence[Array]) -> tuple[Any, Any, Any]:
    """The derivative of a scalar along a way: forward, reverse, and the sum of the sizes of reverse's terms."""
    ts = [tv.constant(w.astype(x.dtype)) for w, x in zip(way, xs, strict=True)]
    forward = jvp(cost, xs, ts)
    terms = [B["real"](g * t) for g, t in zip(tv.grad(cost, xs, disconnected_inputs="ignore"), ts, strict=True)]
    return forward, sum(B["sum"](t) for t in terms), sum(B["sum"](abs(t)) for t in terms)


def agree(made: Any, xs: Sequence[Any], at: Sequence[Array], step: bool = False, second: bool = True) -> None:
    """Forward is reverse for a weighted sum of `made`, and for its derivative: forward over reverse, reverse over forward."""
    env = dict(zip(xs, at, strict=True))
    cost = weighted(made, env, 91)
    way = ways(at, "float64", 92)
    forward, reverse, size = both(cost, xs, way)
    near(forward, reverse, size, env)
    if step and not any(of_complex(node) for node in topological([cost])):       # of these the step is no derivative
        _, expected = complex_step(cost, env, dict(zip(xs, way, strict=True)))
        found, scale = tv.evaluate([forward, size], env)
        assert abs(found - expected) <= NEAR * scale + H
    if not second:
        return
    other = ways(at, "float64", 97)
    over, under, size = both(reverse, xs, other)            # forward over reverse, reverse over reverse
    near(over, under, size, env)
    over, under, size = both(forward, xs, other)            # forward over forward, reverse over forward
    near(over, under, size, env)


def of_complex(node: Any) -> bool:
    return not isinstance(node.type, tv.TensorType) or node.dtype.kind == "c"


def near(a: Any, b: Any, size: Any, env: Any) -> None:
    a, b, scale = tv.evaluate([a, b, size], env)
    assert abs(a - b) <= NEAR * scale + 1e-280, f"forward says {a}, reverse {b}"


# -- the tables ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("case", "known"), [pytest.param(c, k % 3 == 0, id=c.name) for k, c in enumerate(SMOOTH)])
def test_forward_is_reverse(case: Case, known: bool) -> None:
    xs, at = inputs(case, "float64", known)
    if xs:
        agree(case.build(*xs), xs, at, step=True, second=True)


@pytest.mark.parametrize("case", SMOOTH_COMPLEX, ids=lambda c: c.name)
def test_forward_is_reverse_in_complex_numbers(case: Case) -> None:
    at = [draw(s, "complex128", 11 + k) for k, s in enumerate(case.shapes)]
    xs = [tv.tensor(f"x{k}", dtype="complex128", shape=a.shape if case.fixed else (None,) * a.ndim) for k, a in enumerate(at)]
    if xs:
        agree_complex(case.build(*xs), xs, at)


def agree_complex(made: Any, xs: Sequence[Any], at: Sequence[Array]) -> None:
    """Re(gradient * dz) is the tangent of a real cost, for complex dz; and so for the tangent's own derivative."""
    env = dict(zip(xs, at, strict=True))
    cost = weighted(made, env, 91)
    for seed in (92, 97):
        way = [draw(np.shape(a), "complex128", seed + k) for k, a in enumerate(at)]
        forward, reverse, size = both(cost, xs, way)
        near(forward, reverse, size, env)
        cost = forward


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float64")], ids=lambda op: op.name)
def test_forward_is_reverse_for_elementwise_ops(op: Op) -> None:
    for at in points(op):
        xs = variables(at)
        agree(B[op.name](*xs), xs, at, step=True)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "complex128") or op.name in ("absolute", "conjugate")],
                         ids=lambda op: op.name)
def test_forward_is_reverse_for_elementwise_ops_of_complex_numbers(op: Op) -> None:
    at = [draw((4,), "complex128", 51 + k, 0.3, 1.0) for k in range(op.numpy.nin)]  # type: ignore[attr-defined]
    xs = [tv.tensor(f"x{k}", dtype="complex128", shape=(None,)) for k in range(len(at))]
    agree_complex(B[op.name](*xs), xs, at)


@pytest.mark.parametrize("name", ["matmul", "sum", "max", "softmax", "prod", "where", "take", "set_take", "concatenate"])
def test_tangents_run_as_c(name: str) -> None:
    for case in [c for c in SMOOTH if c.name.startswith(name)][:3]:
        xs, at = inputs(case, "float64", known=False)
        made = case.build(*xs)
        tangent = jvp(made, xs, [tv.constant(w) for w in ways(at, "float64", 5)])
        f = tv.function(xs, [tangent], target="c", on_unused_input="ignore")
        np.testing.assert_allclose(f(*at)[0], tv.evaluate([tangent], dict(zip(xs, at, strict=True)))[0], rtol=1e-12, atol=1e-14)


# -- what jvp promises -----------------------------------------------------------------------------------------------------
def test_types_are_those_of_the_outputs() -> None:
    for case in CASES:
        xs, _ = inputs(case, case.dtypes[0], known=True)
        made = case.build(*xs)
        if case.smooth and xs and xs[0].dtype.kind == "f":
            assert jvp(made, xs, xs).type == made.type, case.name


def test_functions_lists_tuples_and_nothing_for_a_tangent() -> None:
    x, y, v = (tv.tensor(n, dtype="float64", shape=(2,)) for n in "xyv")
    assert jvp(B["exp"], x, v) is jvp(B["exp"](x), x, v)
    first, second = jvp(lambda a, b: (a * b, a), [x, y], [v, None])
    env = {x: [1.0, 2.0], y: [3.0, 4.0], v: [1.0, 1.0]}
    np.testing.assert_array_equal(tv.evaluate([first], env)[0], [3, 4])
    assert second is v


def test_inner_nodes_are_varied_by_themselves() -> None:
    x, v = tv.dscalar("x"), tv.dscalar("v")
    h = B["exp"](x)
    assert tv.evaluate([jvp(h * h * x, h, v)], {x: 0.0, v: 1.0})[0] == 0.0
    assert tv.evaluate([jvp(h * h + x, [h, x], [v, v])], {x: 0.0, v: 1.0})[0] == 3.0


def test_constants_have_no_tangent() -> None:
    x = tv.dvector("x")
    assert tv.evaluate([jvp(x * B["zero_grad"](x), x, x)], {x: [3.0]})[0] == [9.0]


def test_integers_and_lengths_carry_no_tangent() -> None:
    x = tv.dvector("x")
    made = jvp(B["floor"](x) + x.shape[0] * (x > 0) + B["argmax"](x), x, x)
    np.testing.assert_array_equal(tv.evaluate([made], {x: [1.5, 2.5]})[0], [0, 0])


def test_outputs_that_do_not_depend_have_zeros_or_what_is_asked_for() -> None:
    x, y = tv.dvector("x"), tv.dmatrix("y")
    np.testing.assert_array_equal(tv.evaluate([jvp(y, x, x)], {y: np.ones((2, 3))})[0], np.zeros((2, 3)))
    assert jvp(y, x, x, return_disconnected="None") is None
    with pytest.raises(tv.DisconnectedInputError, match=r"y \(float64 \(N, N\)\) does not depend"):
        jvp(y, x, x, disconnected_outputs="raise")
    with pytest.warns(UserWarning, match="does not depend"):
        jvp(y, x, x, disconnected_outputs="warn")
    with pytest.raises(tv.ArgumentError, match="disconnected_outputs is 'ignore', 'warn' or 'raise', not 'quiet'"):
        jvp(y, x, x, disconnected_outputs="quiet")


def test_tangents_of_another_shape_or_number_are_refused() -> None:
    x = tv.tensor("x", dtype="float64", shape=(3,))
    with pytest.raises(tv.GradientError, match=r"the tangent of x \(float64 \(3,\)\) has shape \(4,\)") as caught:
        jvp(x * x, x, np.ones(4))
    assert "test_forward.py" in str(caught.value)
    with pytest.raises(tv.ArgumentError, match="1 expressions need as many tangents, not 2"):
        jvp(x, x, [x, x])
    with pytest.raises(tv.GradientError, match="no gradient with respect to n"):
        jvp(x, tv.lscalar("n"), x)


def test_an_op_without_a_derivative_is_named() -> None:
    from tensorviz.core.expr import make

    if "test_no_tangent" not in OPS:
        Op("test_no_tangent", "shape", lambda t: t, lambda x: x, "for this test", shape=lambda x: tuple(x.shape))
    x = tv.dvector("x")
    with pytest.raises(tv.GradientError, match="test_no_tangent has no derivative"):
        jvp(make(OPS["test_no_tangent"], (x,)), x, x)
    del OPS["test_no_tangent"]


def test_tangent_nodes_know_the_node_they_come_from_and_cite_its_line() -> None:
    x = tv.dvector("x")
    h = B["tanh"](x * 3.0)
    made = [e for e in topological([jvp(h, x, x)]) if e.made and e.made[0] == "jvp"]
    assert ("jvp", "tanh", h) in [e.made for e in made]
    assert all(e.sites for e in made)


def test_a_chain_of_100_000_ops_has_a_tangent() -> None:
    x = tv.dscalar("x")
    e = x
    for _ in range(50_000):
        e = B["transpose"](B["sin"](e)) + 1.0
    assert np.isfinite(tv.evaluate([jvp(e, x, tv.constant(1.0))], {x: 0.0})[0])


def test_derived_tangents_do_not_look_below_their_arguments() -> None:
    """The vjp transposed costs the same at the end of a long chain."""
    x = tv.dvector("x")
    e = x
    for _ in range(2000):
        e = B["prod_others"](e, 0) * 0.5
    assert len(topological([jvp(e, x, x)])) < 120 * 2000
