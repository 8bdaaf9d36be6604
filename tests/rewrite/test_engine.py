"""The engine: to a fixed point, with an end; histories that can be walked; the same in every process; no recursion."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ArgumentError, RewriteError
from tensorviz.core.graph import topological
from tensorviz.rewrite import engine
from tensorviz.rewrite.engine import Pass, run_pass
from tensorviz.rewrite.history import Event
from tensorviz.rewrite.passes import PIPELINE, run_pipeline
from tensorviz.rewrite.pattern import cos, exp, log, log1p, sin, tanh
from tensorviz.rewrite.rule import EXACT, REAL, rule

ROOT = Path(__file__).resolve().parents[2]


@rule("test", REAL)
def log_of_one_plus(x):
    """log(1+x) loses digits near 0."""
    return log(1.0 + x), log1p(x)


@rule("test", EXACT)
def mul_one(x):
    """1 is neutral."""
    return 1.0 * x, x


@rule("test", REAL)
def there(x):
    """For the test."""
    return sin(x), cos(x)


@rule("test", REAL)
def back(x):
    """For the test."""
    return cos(x), sin(x)


@rule("test", REAL)
def grow(x):
    """For the test."""
    return exp(x), tanh(exp(x))


@rule("test", REAL)
def wider(x):
    """For the test."""
    return exp(x), exp(x + x)


BOTH = Pass("both", "two rules", (log_of_one_plus, mul_one))


def run(*rules, roots, **how):
    return run_pass(Pass("test", "for the test", rules), roots, **how)


# -- sweeps ------------------------------------------------------------------------------------------------------------
def test_pass_returns_its_history():
    x = tv.vector("x")
    history = run_pass(BOTH, [tv.log(1.0 + x * 1.0) * 1.0])
    assert [e.rule.name for e in history.events] == ["mul_one", "log_of_one_plus", "mul_one"]
    assert history.at(0) == history.start and history.at(0)[0] is history.start[0]
    assert history.at(1)[0] is tv.log(1.0 + x) * 1.0
    assert history.at(3) is history.end and history.end[0] is tv.log1p(x)
    assert history.at(-1) is history.end
    assert {name: count for name, (count, _) in history.hits.items()} == {"mul_one": 2, "log_of_one_plus": 1}


def test_event_says_what_matched():
    x = tv.vector("x")
    inner = 1.0 + x
    (event,) = run_pass(BOTH, [tv.log(inner)]).events
    assert event.before is tv.log(inner) and event.after is tv.log1p(x)
    assert event.matched == (tv.log(inner), inner) and event.bindings == {"x": x}
    assert event.made == (tv.log1p(x),) and event.seconds > 0
    assert repr(event) == "<event log_of_one_plus>"


def test_state_that_does_not_exist_is_refused():
    history = run_pass(BOTH, [tv.vector("x") * 1.0])
    with pytest.raises(ArgumentError, match="no state 5"):
        history.at(5)


def test_without_a_rule_the_pass_is_run_again():
    x = tv.vector("x")
    history = run_pass(BOTH, [tv.log(1.0 + x * 1.0)])
    without = history.without("mul_one")
    assert [e.rule.name for e in without.events] == ["log_of_one_plus"]
    assert without.end[0] is tv.log1p(x * 1.0)
    assert without.without("log_of_one_plus").events == []


def test_selection_is_followed_forward_and_back():
    x, y = tv.vectors("x y")
    inner, other = x * 1.0, tv.exp(y)
    start = tv.log(1.0 + inner) + other
    history = run_pass(BOTH, [start])
    end = history.end[0]
    assert history.forward(start) is end and history.forward(inner) is x and history.forward(other) is other
    assert history.forward(1.0 + inner) is None
    assert history.back(end) == (start,) and history.back(other) == (other,)
    assert set(history.back(tv.log1p(x))) == {tv.log(1.0 + inner)}
    assert x in history.back(x) and inner in history.back(x)


def test_shared_node_is_rewritten_once():
    x = tv.vector("x")
    shared = tv.log(1.0 + x)
    history = run_pass(BOTH, [shared * shared, tv.exp(shared)])
    assert len(history.events) == 1
    assert history.end[1].args[0] is history.end[0].args[0]


def test_names_and_lines_carry_over():
    x = tv.vector("x")
    e = tv.log(1.0 + x)
    e.name = "loss"
    (end,) = run_pass(BOTH, [e]).end
    assert end.name == "loss" and end.sites[0] == e.sites[0] and end.made == ("rule", "log_of_one_plus", None)


def test_node_of_the_user_is_not_renamed():
    x = tv.vector("x")
    inner = tv.exp(x)
    e = inner * 1.0
    e.name = "scaled"
    (end,) = run_pass(BOTH, [e]).end
    assert end is inner and inner.name is None and inner.made is None


# -- an end ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rules", [(there, back), (grow,), (wider,)], ids=["circle", "wraps itself", "grows"])
def test_pass_without_end_is_stopped_by_name(rules):
    with pytest.raises(RewriteError) as caught:
        run(*rules, roots=[tv.sin(tv.vector("x")) + tv.exp(tv.vector("y"))])
    assert all(r.name in str(caught.value) for r in rules)


def test_fuel_ends():
    x = tv.vector("x")
    e = x
    for k in range(30):
        e = tv.exp(1.0 * e + float(k + 2))
    with pytest.raises(RewriteError, match="mul_one"):
        run(mul_one, roots=[e], fuel=10)
    assert len(run(mul_one, roots=[e], fuel=40).events) == 30


def test_near_misses_only_when_asked_for():
    a, b, c = tv.matrix("a"), tv.matrix("b"), tv.vector("c")
    outputs = [c + a @ b]
    assert run_pipeline(outputs).histories[-1].misses == []
    (miss,) = run_pipeline(outputs, record="full").histories[-1].misses
    assert miss.rule.name == "gemm_plain" and miss.node is outputs[0]
    assert miss.why.startswith("not c and a @ b have the same shape")


def test_product_with_two_readers_is_no_gemm():
    a, b, c = (tv.matrix(n, shape=(3, 3)) for n in "abc")
    product = a @ b
    one, both = run_pipeline([c + product]).end, run_pipeline([c + product, tv.exp(product)]).end
    assert one[0].op.name == "gemm" and both[0].op.name == "add"


# -- records -----------------------------------------------------------------------------------------------------------
def sample():
    x, w = tv.matrix("x"), tv.matrix("w")
    p = tv.tensor.softmax(x @ w) if hasattr(tv.tensor, "softmax") else tv.exp(x @ w)
    cost = -tv.mean(tv.log(p * 1.0))
    return [cost, tv.grad(cost, w)]


def test_without_record_no_event_is_made(monkeypatch):
    def refuse(*args):
        raise AssertionError("an event was made")

    outputs = sample()
    with_events = run_pipeline(outputs)
    assert sum(len(h.events) for h in with_events.histories) > 5
    monkeypatch.setattr(engine, "Event", refuse)
    result = run_pipeline(outputs, record=False)
    assert all(h.events == [] for h in result.histories)
    assert all(a is b for a, b in zip(result.end, with_events.end))
    assert {n for h in result.histories for n in h.hits} == {n for h in with_events.histories for n in h.hits}
    del with_events, result
    gc.collect()
    assert not any(isinstance(o, Event) for o in gc.get_objects())


def test_every_state_can_be_had_again_and_means_the_same():
    outputs = sample()
    rng = np.random.default_rng(3)
    env = {e: rng.standard_normal((4, 4)) for e in topological(outputs) if e.op.name == "variable"}
    wanted = [o.eval(env) for o in outputs]
    for history in run_pipeline(outputs).histories:
        for k in range(len(history.events) + 1):
            for value, e in zip(wanted, history.at(k)):
                np.testing.assert_allclose(e.eval(env), value, rtol=1e-9, atol=1e-12)
        assert all(a is b for a, b in zip(history._walked().roots, history.end))


PROGRAM = """
import tensorviz as tv
from tensorviz.rewrite.passes import run_pipeline
x, w, y = tv.matrix("x"), tv.matrix("w"), tv.matrix("y")
e = tv.exp(x @ w)
cost = -tv.mean(tv.sum(y * tv.log(e / tv.sum(e, axis=1, keepdims=True)), axis=1)) + 0.5 * tv.sum(w ** 2 * 1.0)
result = run_pipeline([cost, tv.grad(cost, w)], record="full")
for h in result.histories:
    print(h.name, [e.rule.name for e in h.events], [(m.rule.name, m.why) for m in h.misses])
print(tv.core.graph.Graph([x, w, y], result.end))
"""


def test_same_program_gives_the_same_in_every_process():
    def output(seed):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=env, cwd=ROOT).stdout

    first = output("1")
    assert "cross_entropy_gradient" in first and first == output("2") == output("random")


# -- size --------------------------------------------------------------------------------------------------------------
def random_graph(count):
    rng = np.random.default_rng(5)
    nodes = [tv.vector(c) for c in "abcdef"] + [tv.matrix(c) for c in "ABC"]
    one = [tv.exp, tv.log, tv.tanh, tv.negative, tv.square, tv.absolute, tv.sqrt, tv.sin]
    two = [tv.add, tv.multiply, tv.subtract, tv.true_divide, tv.maximum]
    while len(nodes) < count:
        a, b = (nodes[-int(rng.integers(1, min(len(nodes), 200)))] for _ in range(2))
        kind = rng.random()
        f = two[rng.integers(len(two))]
        if kind < 0.4:
            nodes.append(one[rng.integers(len(one))](a))
        elif kind < 0.8:
            nodes.append(f(a, b))
        elif kind < 0.95:
            nodes.append(f(a, float(rng.choice([0.0, 1.0, 2.0, -1.0, 0.5]))))
        else:
            nodes.append(tv.sum(a, axis=0, keepdims=True))
    used = {a for e in nodes for a in e.args}
    return [e for e in nodes if e not in used]


@pytest.mark.slow
def test_ten_thousand_nodes_are_rewritten_alike_recorded_or_not():
    roots = random_graph(10_000)
    assert len(topological(roots)) > 9_000
    plain, recorded = run_pipeline(roots, record=False), run_pipeline(roots, record=True)
    assert all(a is b for a, b in zip(plain.end, recorded.end, strict=True))
    assert sum(len(h.events) for h in recorded.histories) > 100


@pytest.mark.slow
def test_chain_of_a_hundred_thousand_ops_is_ordinary():
    x = tv.vector("x")
    e = x
    for k in range(100_000):
        e = e * x if k % 2 else tv.sin(e)
    result = run_pipeline([e], record=False)
    assert len(topological(result.end)) == 100_001


@pytest.mark.slow
def test_chain_of_rewrites_is_ordinary():
    x = tv.vector("x")
    e = x
    for _ in range(30_000):
        e = e * 1.0
    assert run_pipeline([e], record=False).end[0] is x


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_long_sum_is_not_flattened_quadratically(dtype):
    x = tv.vector("x", dtype=dtype)
    others = [tv.vector("y", dtype=dtype) for _ in range(5)]
    e = x
    for k in range(20_000):                 # minutes, if each sum looked at all of the chain below it
        e = e + others[k % 5]
    assert run_pipeline([e], record=False).end[0].dtype == np.dtype(dtype)


@pytest.mark.slow
def test_history_of_a_deep_chain_is_walked_without_recursion():
    x = tv.vector("x")
    e = x
    for _ in range(20_000):
        e = tv.tanh(e) * 1.0
    history = run_pass(BOTH, [e])
    assert len(history.events) == 20_000
    assert len(topological(history.at(10_000))) == 30_002
    assert history.forward(e) is history.end[0] and e in history.back(history.end[0])


def test_pipeline_is_stable():
    outputs = sample()
    once = run_pipeline(outputs).end
    for stage in PIPELINE[-2:]:
        assert run_pass(stage, once).events == []
