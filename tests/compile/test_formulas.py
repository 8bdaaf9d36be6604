"""Formulas of rewrites: every letter is one thing, every part is written one way, what is left out has a name."""

from __future__ import annotations

import re

import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.formulas import ROOM
from tensorviz.compile.mode import mode_named
from tensorviz.compile.record import Recorder
from tensorviz.compile.sides import renamed
from tensorviz.compile.version import rewritten
from tensorviz.core.expr import Expr
from tensorviz.render.trace import Event, Trace


def recorded(*roots: Expr) -> Trace:
    done = rewritten(list(roots), mode_named(None, None), "full")
    recorder = Recorder("f", "f()", list(roots), [""] * len(roots))
    recorder.passes(done)
    return recorder.trace


def network() -> Trace:
    """The gradients of a network of two layers, whose inputs are called as the variables of rules are."""
    x, y = T.matrix("x", shape=(None, 5)), T.lvector("y")
    w, b, v = T.matrix("w", shape=(5, 4)), T.vector("b", shape=(4,)), T.matrix("v", shape=(4, 3))
    hidden = T.maximum(x @ w + b, 0)
    p = T.softmax(hidden @ v, axis=1)
    target = T.cast(T.equal(y[:, None], T.arange(3)), "float64")
    loss = -T.mean(T.sum(target * T.log(p), axis=1))
    return recorded(loss, *tv.grad(loss, [w, b, v]))


def letters(math: str) -> set[str]:
    """The names in MathML: what stands for a value, and is no function, sign or unit."""
    return {n for n in re.findall(r"<mi>([^<]+)</mi>", math) if n not in ("e", "T", "log", "exp", "max", "min", "length", "broadcast",
                                                                        "reshape", "where", "argmax", "∞")}


@pytest.fixture(scope="module")
def trace() -> Trace:
    return network()


def named(trace: Trace, rule: str) -> Event:
    return next(e for e in trace.events if e.rule == rule)


def test_a_letter_of_a_rule_is_no_name_of_the_users(trace):
    users = {n.name for n in trace.records if n.name}
    assert {"x", "y", "w", "b", "v", "p"} <= users
    for event in trace.events:
        for binding in event.bindings:
            assert binding.name not in users or binding.text == binding.name, (event.rule, binding.name, binding.text)


def test_every_letter_of_a_formula_is_bound_or_the_users(trace):
    users = {n.name for n in trace.records if n.name}
    for event in trace.events:
        bound = {b.name for b in event.bindings}
        assert letters(event.filled_mathml) <= users | bound, event.rule


def test_what_is_said_of_a_rule_has_the_letters_of_its_formula(trace):
    event = named(trace, "is_the_maximum")
    first, second = (b.name for b in event.bindings)
    assert first not in "xy" and second not in "xy"
    assert event.formula == f"{first} == maximum({first}, {second}) -> {first} >= {second}"
    assert event.why == f"{first} is the larger of {first} and {second} where {first} >= {second}; where one is NaN neither holds."
    assert letters(event.formula_mathml) == {first, second}


def test_a_variable_that_stands_for_its_own_name_keeps_it():
    x = T.dvector("x")
    event = named(recorded(T.log(1.0 + x)), "log_of_one_plus")
    assert event.formula == "log(1.0 + x) -> log1p(x)" and [(b.name, b.text) for b in event.bindings] == [("x", "x")]


@pytest.mark.parametrize("text, names, meant", [
    ("x / (exp(a) / sum(exp(a), axes=A))", {"x": "b", "A": "B"}, "b / (exp(a) / sum(exp(a), axes=B))"),
    ("a sum over A with keepdims=K broadcasts back; a has its maximum subtracted", {"a": "c", "A": "D"},
     "a sum over D with keepdims=K broadcasts back; c has its maximum subtracted"),
    ("x.T @ y, exp_x(x)", {"x": "y", "y": "x"}, "y.T @ x, exp_x(y)"), ("(a-m) - log(sum(exp(a-m)))", {"a": "u"}, "(u-m) - log(sum(exp(u-m)))"),
])
def test_names_in_a_sentence_are_exchanged_and_words_are_not(text, names, meant):
    assert renamed(text, names) == meant


@pytest.mark.parametrize("rule", ["softmax_gradient", "cross_entropy_gradient"])
def test_a_formula_that_fits_is_whole(trace, rule):
    event = named(trace, rule)
    assert "…" not in event.filled_mathml
    quotient = "<mfrac><msup><mi>e</mi>"
    assert event.filled_mathml.count(quotient) >= 4 and letters(event.filled_mathml) <= {b.name for b in event.bindings}


def test_a_part_is_written_one_way_in_a_formula():
    """What is left out at one place is left out everywhere, and has a letter that the bindings tell."""
    a, b = T.dvectors("a", "b")
    deep = a
    for k in range(12):
        deep = T.exp(T.sin(deep + b * float(k)) * b)
    event = named(recorded(T.log(1.0 + deep) * 1.0 + T.sum(deep)), "log_of_one_plus")
    left, right = event.filled_mathml.split("→")
    assert "…" not in left + right and letters(left) == letters(right) == {event.bindings[0].name}
    long = recorded(T.exp(a).shape[0] + T.specify_shape(deep, (4,)).shape[0])
    for event in long.events:
        assert "…" not in event.filled_mathml and letters(event.filled_mathml) <= {"a", "b", *(x.name for x in event.bindings)}


def test_what_stands_on_both_sides_has_one_letter():
    x = T.dmatrix("x")
    event = named(recorded(T.sum(T.sum(T.exp(x) * x, axis=1))), "reduce_of_reduced")
    assert [(b.name, b.text) for b in event.bindings] == [("u", "exp(x) * x")]
    assert [side.count("<mi>u</mi>") for side in event.filled_mathml.split("→")] == [1, 1]


def test_rows_say_what_a_name_stands_for_as_long_as_there_is_room(trace):
    for event in trace.events:
        for binding in event.bindings:
            assert "…" not in binding.text or len(binding.text) > 20, (event.rule, binding.text)
            assert len(binding.text) <= ROOM
    assert named(trace, "softmax_gradient").bindings[0].text.endswith("* target / p")


def test_folding_says_what_was_computed():
    x = T.dvector("x")
    events = [e for e in recorded(-T.as_tensor_variable(0.1) * x, T.arange(10) * T.lscalar("n")).events if e.rule == "fold"]
    said = [re.sub("<[^>]*>", "", e.filled_mathml) for e in events]
    assert "neg(0.1)→−0.1" in said and "arange(10)→[0, 1, ..., 9]" in said
    assert not any("-" in text for text in said)


def test_ranges_on_nodes_say_where_they_stop():
    n = T.lscalar("n")
    found = recorded(T.arange(10) * n, T.arange(2, 10, 3) * n, T.arange(1.0, 2.0, 0.25) * n, T.arange(3, n) * n)
    assert {r.param for r in found.records if r.op == "arange"} == {"stop 10", "start 2 stop 9 step 3", "start 1.0 stop 2.0 step 0.25",
                                                                    "start 3"}
    assert {r.text for r in found.records if r.op == "arange"} == {"arange(10)", "arange(2, 9, 3)", "arange(1.0, 2.0, 0.25)",
                                                                    "arange(3, n)"}
