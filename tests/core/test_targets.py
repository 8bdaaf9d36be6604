"""Names from the user's statements: the variable that a value is assigned to, and no other on the line."""

from __future__ import annotations

import linecache
import re

import numpy as np

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.names import assigned
from tensorviz.core.graph import topological


def names(root, *more):
    """Op and name of every node that has one."""
    return [(e.op.name, name) for e, name in assigned(topological([root, *more])).items()]


def test_a_result_of_a_function_is_called_what_the_call_is_assigned_to():
    relu = lambda v: T.maximum(v, 0.0)
    x = T.dvector("x")
    hidden = relu(x)
    both = relu(hidden * 2.0) + relu(hidden - 1.0)
    assert names(both) == [("maximum", "hidden"), ("add", "both")]


def test_a_line_of_two_statements_names_only_what_each_assigns():
    h = T.dvector("a"); y = T.exp(h) + 1.0  # noqa: E702
    assert names(y) == [("add", "y")]
    h = T.dvector("b"); assert names(T.exp(h) + 1.0) == []  # noqa: E702


def test_a_statement_that_assigns_nothing_names_nothing():
    x = T.dvector("x")
    assert names(T.tanh(T.exp(x) * 2.0)) == []


def test_inner_names_stand_where_the_outer_statement_does_more():
    def layer(v):
        z = T.tanh(v)
        return T.exp(z)

    x = T.dvector("x")
    doubled = layer(x) * 2.0
    assert names(doubled) == [("tanh", "z"), ("multiply", "doubled")]


def test_the_outermost_name_wins():
    def build(v):
        inner = T.tanh(v)
        return inner

    outer = build(T.dvector("x"))
    assert names(outer) == [("tanh", "outer")]


def test_of_several_nodes_of_one_call_the_last_is_named():
    x = T.dvector("x")
    centre = T.mean(x)
    assert names(centre) == [("true_divide", "centre")]


def test_every_turn_of_a_loop_is_named():
    h = T.dvector("x")
    for _ in range(3):
        h = T.tanh(h * 2.0)
    assert names(h) == [("tanh", "h")] * 3


def test_tuples_chains_attributes_and_conditions():
    x = T.dvector("x")
    model = test_tuples_chains_attributes_and_conditions
    a, b = T.exp(x), (x
                      .sum(axis=0)
                      * 2.0)
    c = d = T.cos(x)
    model.out = T.sin(x)
    e = T.tan(x) if a is b else T.log(x)
    g: tv.Expr = x.max()
    m = (x
         .min(axis=0))
    g *= 3.0
    assert names(a, b, c, d, model.out, e, g, m) == [
        ("exp", "a"), ("multiply", "b"), ("cos", "c"), ("sin", "out"), ("log", "e"), ("max", "g"), ("multiply", "g"), ("min", "m")]


def test_what_compiles_is_not_what_is_compiled():
    x = T.dvector("x")
    f = tv.function([x], T.exp(x) + 1.0, target="numpy")
    assert f.trace.output_names == [""] and not any(n.name for n in f.trace.records if n.kind == "op")


def test_code_without_a_source_has_no_names():
    scope = {"T": T}
    exec(compile("x = T.dvector('x')\ny = T.exp(x)", "<made up>", "exec"), scope)
    assert names(scope["y"]) == []


def test_a_file_that_changes_is_read_again():
    text = "x = T.dvector('x')\n{} = T.exp(x)\n"
    for name in ("first", "second"):
        linecache.cache["<cell>"] = (1, None, text.format(name).splitlines(True), "<cell>")
        scope = {"T": T}
        exec(compile(text.format(name), "<cell>", "exec"), scope)
        assert assigned(topological([scope[name]]))[scope[name]] == name
    del linecache.cache["<cell>"]


def test_wide_characters_before_a_value_do_not_hide_it():
    x = T.dvector("x")
    (T.sin(x), "—äß"); later = T.cos(x)  # noqa: E702
    assert names(later) == [("cos", "later")]


def test_names_in_code_follow_their_values_through_rewriting():
    # the gradient of log(softmax) shifts the scores anew: that is no p, and the names of short biases stay what they are
    x, y = tv.matrix("x", dtype="float32", shape=(None, 4)), tv.matrix("y", dtype="float32", shape=(None, 3))
    w1, b1 = tv.shared(np.ones((4, 3), "float32"), name="w1"), tv.shared(np.zeros(3, "float32"), name="b1")
    scores = x @ w1 + b1
    p = tv.softmax(scores, axis=1)
    loss = -tv.mean(tv.sum(y * tv.log(p), axis=1))
    code = tv.function([x, y], loss, updates={b1: b1 - tv.grad(loss, b1)}).source()
    made = dict(re.findall(r"const float (\w+) = ([^;]+);", code))
    assert "/" in made["p"] and "b1[" in made["scores"] and "b1[" in made["new_b1_1"]
    assert "*b1 = call->in" in code and "make_loss(" in code


def test_kernel_that_computes_a_part_of_what_a_statement_makes_is_called_a_part():
    x = tv.matrix("x", dtype="float32", shape=(None, 4))
    w1, w2 = tv.shared(np.ones((4, 5), "float32"), name="w1"), tv.shared(np.ones((5, 3), "float32"), name="w2")
    scores = tv.maximum(x @ w1 + 1.0, 0.0) @ w2 + 2.0
    code = tv.function([x], scores).source()
    assert "scores_part(" in code and "make_scores(" in code
