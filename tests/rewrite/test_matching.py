"""What patterns match: constants of any dtype, both orders, flat chains where nothing is rounded; why a condition fails."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.expr import constant, variable
from tensorviz.core.graph import inputs_of
from tensorviz.core.types import TensorType
from tensorviz.rewrite.conditions import condition, is_constant, same_shape, sign_known
from tensorviz.rewrite.engine import Pass, run_pass
from tensorviz.rewrite.lengths import assuming, axes_lengths, same_lengths
from tensorviz.rewrite.pattern import P, Var, computed, exp, log, log1p, maximum, sum, transpose
from tensorviz.rewrite.rule import EXACT, REAL, Context, rule
from tensorviz.rewrite.rules.constants import FOLD


def rewritten(r, e, **how):
    return run_pass(Pass("test", "one rule, and folding", (*FOLD, r)), [e], **how).end[0]


def tensor(dtype, *shape):
    return variable(TensorType(np.dtype(dtype), shape), "x")


@rule("test", REAL)
def log_of_one_plus(x):
    """log(1+x) loses digits near 0."""
    return log(1.0 + x), log1p(x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("one", [1, 1.0, True, np.ones(1), np.ones((1, 1))])
def test_number_matches_a_constant_of_any_dtype_on_both_sides(dtype, one):
    x = tensor(dtype, None, None)
    one = constant(one, dtype)
    assert rewritten(log_of_one_plus, tv.log(one + x)) is tv.log1p(x)
    assert rewritten(log_of_one_plus, tv.log(x + one)) is tv.log1p(x)


def test_number_does_not_match_another_number_nor_the_other_zero():
    @rule("test", EXACT)
    def minus_zero(x):
        """-0.0 is neutral."""
        return -0.0 + x, x

    x = tv.vector("x")
    assert rewritten(log_of_one_plus, tv.log(2.0 + x)).op.name == "log"
    assert rewritten(minus_zero, x + 0.0).op.name == "add"
    assert rewritten(minus_zero, x + -0.0) is x


def test_constant_that_adds_an_axis_does_not_vanish():
    x = tv.vector("x")
    left = tv.log(constant([[1.0]]) + x)
    assert rewritten(log_of_one_plus, left) is left


def test_variable_that_occurs_twice_matches_the_same_node():
    @rule("test", EXACT)
    def same(x):
        """The larger of x and x is x."""
        return maximum(x, x), x

    x, y = tv.vectors("x y")
    assert rewritten(same, tv.maximum(x, x)) is x
    assert rewritten(same, tv.maximum(x, y)).op.name == "maximum"


def test_parameters_are_bound_and_used_on_the_right():
    @computed
    def after(A, B):
        """The order of axes that two transposes make."""
        return tuple(A[k] for k in B)

    @rule("test", EXACT)
    def twice(x, A, B):
        """Two transposes are one."""
        return transpose(transpose(x, axes=A), axes=B), transpose(x, axes=after(A, B))

    x = tensor("float64", 2, 3, 4)
    inner = tv.transpose(x, (1, 2, 0))
    from tensorviz.core.expr import make

    two = make(inner.op, (inner,), ((0, 2, 1),))
    assert rewritten(twice, two).params == ((1, 0, 2),)
    assert twice.formula == "transpose(transpose(x, axes=A), axes=B) -> transpose(x, axes=after(A, B))"


def test_pattern_must_name_the_parameters_of_its_op():
    with pytest.raises(ValueError, match="axes"):
        _ = rule("test")(lambda x: (sum(x), x)).matcher


# -- flat chains -------------------------------------------------------------------------------------------------------
@rule("test", EXACT)
def merge(c, d, x):
    """Integers don't round."""
    return c + (d + x), (c + d) + x, (is_constant(c), is_constant(d))


def test_integer_chain_is_a_flat_list_in_the_users_order():
    x, y, z = (tensor("int64", None) for _ in range(3))
    e = ((((x + 2) + y) + 3) + z)
    found = rewritten(merge, e)
    assert found is ((constant(5) + x) + y) + z
    order = [n for n in tv.core.graph.topological([found]) if n.op.name == "variable"]
    assert [n is v for n, v in zip(order, (x, y, z))] == [True] * 3


def test_float_chain_is_taken_apart_only_with_fast_math():
    x, y, z = tv.vectors("x y z")
    e = (((x + 2.0) + y) + 3.0) + z
    assert rewritten(merge, e) is e
    assert rewritten(merge, e, fast_math=True) is not e
    assert rewritten(merge, (x + 2.0) + 3.0) is not e


def test_last_variable_of_an_inner_chain_takes_the_rest():
    i, j, k = (tensor("int64", None) for _ in range(3))

    @rule("test", EXACT)
    def not_of_sum(x):
        """~(1 + x) as an example of an inner chain."""
        return P("invert", (1 + x,)), -1 - (1 + x)

    e = tv.invert((i + 1) + (j + k))
    found = rewritten(not_of_sum, e)
    assert found.op.name == "subtract"
    env = {i: [5], j: [7], k: [-3]}
    assert found.eval(env) == e.eval(env)


def test_long_chain_is_looked_at_in_pieces():
    x = tensor("int64", None)
    e = x
    for k in range(200):
        e = e + tensor("int64", None) if k % 3 else e + k
    found = rewritten(merge, e)
    variables = [n for n in tv.core.graph.topological([e]) if n.op.name == "variable"]
    env = {v: np.array([3 * n - 7]) for n, v in enumerate(variables)}
    assert found.eval(env) == e.eval(env)


# -- conditions --------------------------------------------------------------------------------------------------------
def test_condition_says_what_it_asks_and_why_it_fails():
    @condition("{0} is lucky")
    def is_lucky(x):
        """For the test."""
        return x.name == "seven" or f"{x.name} is not"

    @rule("test", EXACT)
    def lucky(x):
        """For the test."""
        return -x, exp(x), (is_lucky(x),)

    misses = []
    e = -tv.vector("eight")
    assert lucky.apply(e, Context(misses=lambda *args: misses.append(args))) is None
    assert misses == [(lucky, e, [("x is lucky", False, "eight is not")])]
    found = lucky.apply(-tv.vector("seven"), Context())
    assert found.conditions == [("x is lucky", True, "")]
    assert found.bindings["x"].name == "seven"


def test_another_match_is_tried_when_a_condition_fails():
    @rule("test", REAL)
    def scaled(c, x):
        """The sign goes to the constant, on whichever side it stands."""
        return -(x * c), x * (-c), (is_constant(c),)

    x = tv.vector("x")
    assert rewritten(scaled, -(2.0 * x)).op.name == "multiply"
    assert rewritten(scaled, -(x * 2.0)).op.name == "multiply"


def test_shapes_are_compared_for_every_input():
    x, y = tv.matrix("x"), tv.matrix("y")
    v = tv.vector("v")
    assert same_lengths(tv.exp(x) * 2.0, x)
    assert same_lengths(x.T.T + v, v + x)
    assert same_lengths((x @ y)[:, :], x @ y)
    assert not same_lengths(x, y) and not same_lengths(x + y, x)
    assert same_lengths(tv.sum(x, axis=1, keepdims=True) + x, x)
    assert same_shape(Var("a"), Var("b")).text == "a and b have the same shape"


def test_comparing_shapes_makes_no_nodes(monkeypatch):
    import tensorviz.core.expr as expr

    x = tv.matrix("x")
    e = x
    for _ in range(50):
        e = tv.exp(e) + x
    monkeypatch.setattr(expr, "make", None)
    assert same_lengths(e, x)


def test_what_is_called_never_negative_is_not():
    rng = np.random.default_rng(7)
    x = tv.vector("x")
    nodes, sure = [x, constant(2.0), constant(-0.0), constant(-1.0), constant([0.0, 3.0, -2.0])], 0
    one = [tv.exp, tv.absolute, tv.square, tv.sqrt, tv.negative, tv.sin, tv.sum, tv.log]
    two = [tv.add, tv.multiply, tv.true_divide, tv.minimum, tv.maximum, tv.subtract]
    for _ in range(400):
        a, b = (nodes[rng.integers(len(nodes))] for _ in range(2))
        nodes.append(one[rng.integers(len(one))](a) if rng.random() < 0.4 else two[rng.integers(len(two))](a, b))
    for e in nodes:
        if sign_known(e):
            value = e.eval({x: rng.standard_normal(3)} if inputs_of([e]) else {})
            assert (np.isnan(value) | (value >= 0)).all()
            sure += 1
    assert sure > 40


def test_sign_of_a_long_chain_is_not_looked_for_to_its_end():
    e = tv.vector("x")
    for _ in range(5000):
        e = tv.maximum(tv.vector("y"), e)
    assert not sign_known(e)


def test_lengths_taken_to_be_equal_are_so_within_the_block_only():
    x, y = tv.matrix("x"), tv.matrix("y")
    n, m = tv.length(x, 0), tv.length(y, 0)
    with assuming(((n, m), (tv.length(x, 1), 5))):
        assert not same_lengths(x, y)
        assert axes_lengths(x)[1] == 5 and axes_lengths(tv.exp(x).T)[0] == 5
        assert same_lengths(tv.sum(x, axis=1), tv.sum(y, axis=1)) and same_lengths(x + y[:, :1], x)
    assert not same_lengths(tv.sum(x, axis=1), tv.sum(y, axis=1)) and axes_lengths(x)[1] != 5


def test_chains_of_equal_lengths_are_followed():
    a, b, c = (tv.vector(name) for name in "abc")
    ends = tv.length(a, 0), tv.length(b, 0), tv.length(c, 0)
    with assuming(((ends[0], ends[1]), (ends[1], ends[2]), (ends[2], ends[0]))):
        assert same_lengths(a, c) and same_lengths(a + b, c)
    with assuming(((ends[0], ends[1]), (ends[1], 1), (ends[2], 3))):
        assert axes_lengths(a) == (1,) and axes_lengths(a + c) == (3,)
