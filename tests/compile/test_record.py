"""The record of a compilation: every rewrite by ids, on random graphs against what the pipeline itself ends with."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.mode import mode_named
from tensorviz.compile.record import Recorder
from tensorviz.compile.toolchain import is_built
from tensorviz.compile.version import Rewritten, rewritten
from tensorviz.core.expr import Expr
from tensorviz.core.graph import inputs_of
from tensorviz.render.report import report
from tensorviz.render.trace import Trace
from tests.random.graphs import grow, outputs

ROUNDS = 10                 # random graphs a test
UNARY = [abs, T.exp, T.log1p, T.tanh, lambda a: -a, lambda a: a * 1.0, lambda a: a + 0.0, lambda a: T.log(T.exp(a)),
         lambda a: T.sqrt(a) * T.sqrt(a), lambda a: T.minimum(a, a)]
BINARY = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, T.maximum, lambda a, b: T.sum(a) * b]


def vectors(draw: random.Random) -> list[Expr]:
    """The results of a small graph over two vectors, some of whose nodes become equal when their arguments do."""
    pool = [tv.vector("x"), tv.vector("y")]
    for _ in range(draw.choice([4, 8, 15, 30])):
        pool.append(draw.choice(UNARY)(draw.choice(pool)) if draw.random() < 0.5 else
                    draw.choice(BINARY)(draw.choice(pool), draw.choice(pool)))
    read = {a for e in pool for a in e.args}
    return [e for e in pool[2:] if e not in read]


def slopes(draw: random.Random) -> list[Expr]:
    """A cost and its gradients."""
    cost = sum(T.sum(e) for e in vectors(draw))
    wrt = inputs_of([cost])
    return [cost, *tv.grad(cost, wrt)]


def anything(draw: random.Random) -> list[Expr]:
    """All families of ops."""
    return outputs(grow(draw, draw.choice(["exact", "special", "real"])))


def recorded(roots: list[Expr]) -> tuple[Trace, Rewritten]:
    done = rewritten(roots, mode_named(None, None), "full")
    recorder = Recorder("f", "f()", roots, [""] * len(roots))
    recorder.passes(done)
    return recorder.trace, done


def replayed(trace: Trace) -> None:
    """Every event removes what is there, matches what is there, and leaves a closed graph."""
    live = {trace.records[k].id: k for k in trace.initial}
    found = list(trace.outputs)
    for event in trace.events:
        assert event.root in live and event.before and set(event.before) <= live.keys(), event.rule
        assert all(live[trace.records[k].id] == k for k in event.removed), event.rule
        for k in event.removed:
            del live[trace.records[k].id]
        live.update((trace.records[k].id, k) for k in event.added)
        found = found if event.outputs is None else event.outputs
        assert event.result in {*live, ""} and set(event.after) <= live.keys() and set(found) <= live.keys(), event.rule
        for k in event.added:
            assert set(trace.records[k].inputs) <= live.keys(), event.rule
    for k in live.values():
        assert set(trace.records[k].inputs) <= live.keys()


def agrees(trace: Trace, ends: tuple[Expr, ...]) -> None:
    """The last state is the graph of `ends`, node for node."""
    state = trace.state(-1)
    ids: dict[Expr, str] = {}
    work = list(zip(ends, state.outputs, strict=True))
    while work:
        e, name = work.pop()
        if ids.setdefault(e, name) != name:
            raise AssertionError(f"{e.op.name} is both {ids[e]} and {name}")
        node = state.nodes[name]
        assert len(node.inputs) == len(e.args) and (not e.args or node.op == e.op.name), (name, node.op, e.op.name)
        work += [(a, i) for a, i in zip(e.args, node.inputs, strict=True) if a not in ids]
    assert set(ids.values()) == set(state.nodes) and len(ids) == len(state.nodes)


@pytest.mark.parametrize("start", range(0, 300, ROUNDS))
def test_the_record_of_a_random_graph_replays_to_what_the_pipeline_ends_with(start):
    for seed in range(start, start + ROUNDS):
        draw = random.Random(seed)
        trace, done = recorded((anything if seed % ROUNDS == 9 else slopes if seed % 2 else vectors)(draw))
        replayed(trace)
        agrees(trace, done.result.end)


def test_nodes_that_merge_while_they_wait_to_be_merged_into_are_followed():
    x = T.dvector("x")
    trace = tv.explore(T.tanh(T.maximum(x, T.maximum(x, x)))).record
    assert [n.op for n in trace.state(-1).nodes.values() if n.kind == "op"] == ["tanh"]


def test_what_comes_up_again_after_it_was_replaced_is_replaced_without_another_event():
    """Both gradients hold -broadcast_to(1.0, n) for one n: the second arises only as its length is found to be the same."""
    x, y = tv.vectors("x y")
    z = T.minimum(y, y)
    cost = T.sum(-T.sum(z) * (y + x) - abs(T.sum(z) * (y + x))) + T.sum(-(y + x))
    trace, done = recorded([cost, *tv.grad(cost, [x, y])])
    agrees(trace, done.result.end)


def test_outputs_of_an_event_are_there_only_if_they_changed():
    x, y = tv.vectors("x y")
    trace, _ = recorded([T.exp(T.log(1.0 + x) * 1.0), y + 0.0])
    start = list(trace.outputs)
    for event in trace.events:
        assert event.outputs is None or event.outputs != start
        start = event.outputs or start
    assert any(event.outputs is None for event in trace.events) and any(event.outputs for event in trace.events)


def step(rows: int | None = None) -> tv.Function:
    """A training step of softmax regression."""
    x, y = T.matrix("x", shape=(rows, 5)), T.matrix("y", shape=(rows, 3))
    w, b = tv.shared(np.ones((5, 3)), name="w"), tv.shared(np.zeros(3), name="b")
    scores = x @ w + b
    p = T.exp(scores) / T.sum(T.exp(scores), axis=1, keepdims=True)
    loss = -T.mean(T.sum(y * T.log(p), axis=1))
    return tv.function([x, y], loss, updates={v: v - 0.1 * tv.grad(loss, v) for v in (w, b)}, name="step")


@pytest.mark.parametrize("rows", [None, 7])
def test_every_rewrite_can_be_checked_loop_nests_too(rows):
    f = step(rows)
    trace = f.trace
    assert trace.passes[-1].name == "fuse" and trace.passes[-1].changed
    for number, event in enumerate(trace.events, 1):
        found = f.check(number)
        assert len(found) == 3 and found[0]["difference"] < 1e-10, event.rule         # larger numbers may lose digits on one side
    with pytest.raises(tv.ArgumentError, match=f"no rewrite {len(trace.events) + 1} of step"):
        f.check(len(trace.events) + 1)


def test_events_of_the_compiler_itself_have_a_source_a_maker_and_a_time():
    trace = step().trace
    for event in trace.events:
        assert re.fullmatch(r"(rules|compile)/\w+\.py:\d+", event.source), event.rule
        made = [n for n in trace.records if n.id in event.after]
        assert made or not event.after
    fused = [n for n in trace.state(-1).nodes.values() if n.family == "fused"]
    assert fused and all(n.made_by == "one_loop_nest" for n in fused)
    assert all(seconds > 0 for p in trace.passes for _, seconds in p.rules.values())


def test_a_loop_nest_has_one_size_everywhere():
    f = step()
    trace = f.trace
    nodes = trace.state(-1).nodes
    for kernel in trace.kernels:
        inside = [i for i in kernel.nodes if i not in nodes or nodes[i].family != "fused"]
        assert kernel.size == len(inside)
        if kernel.kind in ("loop", "reduce") and kernel.size > 1:
            assert f"/* {kernel.size} ops in one loop nest" in trace.codes[0].text
            assert nodes[kernel.nodes[-1]].param == f"{kernel.size} fused" and kernel.why.startswith(f"{kernel.size} operations")
            assert f"{kernel.kind}, {kernel.size} operations" in report(trace)


def test_a_dropped_zero_grad_and_a_large_constant_are_seen_in_formulas():
    x = T.dvector("x")
    trace, _ = recorded([T.sum(T.zero_grad(x) * np.arange(10))])
    dropped = next(e for e in trace.events if e.rule == "value_of_zero_grad")
    assert "zero_grad" in dropped.filled_mathml
    values = [n.value for n in trace.records if n.kind == "constant"]
    assert "[0, 1, …, 9]" in values


def test_sides_that_mathematics_writes_alike_are_written_as_code():
    x = T.dvector("x")
    trace, _ = recorded([T.specify_shape(T.exp(T.specify_shape(x, (4,))), (4,))])
    for event in trace.events:
        left, right = re.fullmatch(r"<math><mrow>(.*)<mo>→</mo>(.*)</mrow></math>", event.filled_mathml).groups()
        assert left != right, event.rule


def test_what_a_rewrite_without_a_pattern_did_not_look_into_has_a_letter_and_a_row():
    x = T.dmatrix("x")
    trace, _ = recorded([T.exp(x * 3.0).shape[0] + 1])
    event = next(e for e in trace.events if e.rule == "length_of_computed")
    assert [(b.name, b.text) for b in event.bindings] in ([("u", "x * 3.0")], [("u", "3.0 * x")])
    left, right = event.filled_mathml.split("→")
    assert "<mi>u</mi>" in left and "<mi>u</mi>" in right and event.bindings[0].id in {n.id for n in trace.records}


def test_the_source_is_what_was_made_for_the_function_and_the_whole_file_on_request():
    f = step()
    own, whole = f.source(), f.source(full=True)
    assert whole.endswith(own) and len(whole) > len(own) and own.lstrip().startswith("/*") and own == f.trace.codes[0].text
    assert is_built(whole) and not is_built(own)
    assert f.source("opencl") in f.source("opencl", full=True)


def test_a_picture_needs_no_formulas_and_a_trace_after_it_has_them():
    f = step()
    assert "<svg" in f._repr_mimebundle_()["image/svg+xml"] and not f._record.full
    assert any(n.mathml for n in f.trace.records) and f._record.full


def test_what_a_rule_matched_is_written_out_though_it_has_a_name():
    x = T.dvector("x")
    inner = T.exp(x) * 2.0
    total = T.log(inner)
    trace, _ = recorded([T.sum(total) + T.sum(T.log(1.0 + T.tanh(x)))])
    named = next(n for n in trace.records if n.op == "multiply")
    assert named.name == "inner" and next(n for n in trace.records if n.name == "total").text == "log(inner)"
    event = next(e for e in trace.events if named.id in e.before)
    assert "inner" not in event.filled_mathml.split("→")[0]


def test_what_was_assumed_of_lengths_is_a_condition_with_its_rule_and_names():
    x, b = tv.matrix("x"), tv.vector("b")
    loss = tv.sum((x + b) ** 2.0)
    trace = tv.function([x, b], tv.grad(loss, b)).trace
    stage = next(p for p in trace.passes if p.name == "lengths-agree")
    assert stage.rules["lengths_agree"][0] == stage.last - stage.first > 0
    z = tv.matrix("z", shape=(None, 4))
    trace = tv.function([x, z], tv.grad(tv.sum((x + z) ** 2.0), z)).trace
    event = next(e for e in trace.events if e.rule == "lengths_agree")
    assert event.conditions and "checked at every call" in event.conditions[0].why
    assert event.bindings and event.bindings[0].id
    assert next(p for p in trace.passes if p.name == "lengths-agree").rules["lengths_agree"][0] >= 1


def test_loop_nest_is_exact_only_where_no_rounding_differs():
    x = tv.matrix("x")
    exact = tv.function([x], (x + 1.0) * x - 2.0).trace.events[-1]
    rounded = tv.function([x], tv.sum(tv.exp(x) * x, axis=1)).trace.events[-1]
    assert (exact.rule, exact.exactness) == ("one_loop_nest", "exact in floating point")
    assert (rounded.rule, rounded.exactness) == ("one_loop_nest", "exact in real arithmetic")


def test_kernel_moves_what_it_reads_and_writes_and_nothing_between():
    x = tv.matrix("x", dtype="float32", shape=(100, 50))
    trace = tv.function([x], tv.exp(x * 2.0) + 1.0).trace
    kernel, = trace.kernels
    assert kernel.size == 3 and kernel.bytes == 2 * 100 * 50 * 4


@pytest.mark.parametrize(("dtype", "exactness"), [("float64", "exact in floating point"), ("complex128", "exact in real arithmetic")])
def test_a_complex_product_that_goes_is_exact_in_real_arithmetic(dtype: str, exactness: str) -> None:
    z = tv.vector("z", dtype=dtype)
    events = tv.function([z], z * 1.0).trace.events
    assert [e.exactness for e in events if e.rule == "multiply_by_one"] == [exactness]
