"""What a recorded graph says of its nodes: the part of the program they belong to, formulas over the user's names, checks."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.check import check_rewrite
from tensorviz.compile.record import Recorder
from tensorviz.compile.version import rewritten
from tensorviz.core.graph import topological


def layer(h, w):
    return tv.tanh(h @ w) + h


def recorded(outputs, updates=None, inputs=None):
    return tv.function(inputs, outputs, updates=updates, name="f", target="numpy").trace


def groups(trace, step=0) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for node in trace.state(step).nodes.values():
        found.setdefault(node.op, set()).add(tuple(node.group))
    return found


def trained():
    x, y = tv.matrix("x"), tv.vector("y")
    w, b = tv.shared(np.ones(3), name="w"), tv.shared(0.0, name="b")
    score = x @ w + b
    loss = tv.mean((score - y) ** 2.0)
    slopes = tv.grad(loss, [w, b])
    return recorded(loss, {v: v - 0.1 * g for v, g in zip([w, b], slopes, strict=True)}, [x, y])


def test_lines_gradient_and_updates_are_groups():
    trace = trained()
    state = trace.state(0)
    paths = {tuple(n.group) for n in state.nodes.values() if n.kind == "op"}
    assert {("score",), ("loss",), ("update", "update w"), ("update", "update b")} <= paths
    assert all(p[0] in ("score", "loss", "update", "gradient") for p in paths)
    assert ("gradient", "score gradient") in paths
    for node in state.nodes.values():
        assert (node.group[:1] == ["gradient"]) >= bool(node.gradient_of), "what grad made is of the gradient"


def test_what_a_rule_made_belongs_where_what_it_replaced_did():
    trace = trained()
    for event in trace.events:
        states = [trace.state(trace.events.index(event) + k) for k in (0, 1)]
        old = states[0].nodes.get(event.root)
        for made in event.after:
            new = states[1].nodes.get(made)
            if old is not None and new is not None and new.kind == "op" and new.family != "fused":
                assert new.group == old.group


def test_runs_of_a_function_are_numbered():
    x = tv.matrix("x", shape=(4, 4))
    h = x
    for k in range(3):
        h = layer(h, tv.shared(np.ones((4, 4)), name=f"w{k}"))
    total = tv.sum(h)
    found = groups(recorded(total, inputs=[x]))
    assert found["tanh"] == {("layer", f"layer {k}") for k in (1, 2, 3)} == found["matmul"]
    assert found["sum"] == {("total",)}


def test_a_line_that_uses_an_op_twice_is_one_run():
    x = tv.matrix("x")
    loss = tv.sum(tv.log(tv.sum(tv.exp(x), axis=1)))
    assert groups(recorded(loss, inputs=[x]))["sum"] == {("loss",)}


def test_formulas_stop_at_the_names_of_the_user():
    x = tv.matrix("x")
    score = tv.exp(x) + 1.0
    out = tv.log(score) * 2.0
    state = recorded(out, inputs=[x]).state(0)
    texts = {n.op: n.text for n in state.nodes.values()}
    assert texts["log"] == "log(score)" and texts["multiply"] == "log(score) * 2.0"
    log = next(n for n in state.nodes.values() if n.op == "log")
    assert "score" in log.mathml and "exp" not in log.mathml


def test_asking_for_lengths_writes_no_lines():
    trace = trained()
    origins = [trace.origins[i] for n in trace.records for i in n.origins]
    places = {(o.file, o.function) for o in origins}
    assert ("test_regions.py", "trained") in places and ("test_regions.py", "recorded") not in places, places


# ---- checks


def test_check_draws_what_a_condition_is_about():
    # a = z - max(z): drawn for z, so that a has its maximum subtracted, as the rule asks
    z = tv.matrix("z", dtype="float32")
    a = z - tv.max(z, axis=1, keepdims=True)
    total = tv.sum(tv.exp(a), axis=1, keepdims=True)
    rows = check_rewrite(tv.log(tv.exp(a) / total), a - tv.log(total), {"a": a})
    assert [r["bad_after"] for r in rows] == [0, 0, 0]
    assert rows[2]["bad_before"] > 0
    assert all(r["error_after"] < 1e-6 for r in rows) and rows[0]["values"] == 16 * 16


def test_check_measures_both_sides_against_a_wider_float():
    x = tv.vector("x", dtype="float32")
    rows = check_rewrite(tv.log(tv.exp(x)), x, {"x": x})
    assert rows[0]["error_after"] < 1e-15 < rows[0]["error_before"] < 1e-5
    assert rows[2]["bad_before"] > 0 == rows[2]["bad_after"]


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128"])
def test_check_of_what_has_no_wider_float_gives_counts_only(dtype):
    x = tv.vector("x", dtype=dtype)
    rows = check_rewrite(x[::-1][::-1], x, {"x": x})
    assert [r["difference"] for r in rows] == [0.0, 0.0, 0.0] and "error_after" not in rows[0]


# ---- what is recorded is what runs


def stacked(layers):
    """Training of equal layers: what a rule made for one of them comes up again in the others."""
    x = tv.matrix("x")
    weights = [tv.shared(np.ones((4, 4)), name=f"w{k}") for k in range(layers)]
    h = x
    for w in weights:
        z = h @ w
        h = tv.maximum(z - tv.mean(z, axis=1, keepdims=True), 0.0) + h
    loss = tv.mean(h ** 2.0)
    slopes = tv.grad(loss, weights)
    return tv.function([x], loss, updates={w: w - 0.1 * g for w, g in zip(weights, slopes, strict=True)}, target="numpy")


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_the_last_state_is_what_the_pipeline_ends_with(layers):
    f = stacked(layers)
    done = rewritten(f._versions.roots, f.mode, "full")
    recorder = Recorder(f.name, f.signature, f._versions.roots, [""] * (layers + 1))
    recorder.passes(done)
    ids = [recorder.ledger.id_of(e) for e in topological(done.result.end)]
    assert None not in ids
    assert set(ids) == set(recorder.ledger.entries) == set(recorder.trace.state(-1).nodes)
    assert recorder.ledger.outputs == [recorder.ledger.id_of(e) for e in done.result.end]


def test_what_comes_up_again_in_a_pass_is_what_it_was_replaced_by():
    # both updates need -0.1: it is folded once, and the second product reads the folded constant
    x, y = tv.matrix("x"), tv.matrix("y")
    first, second = (tv.shared(np.ones((3, 3)), name=name) for name in "ab")
    updates = {first: 0.9 * first - 0.1 * (x @ y), second: 0.9 * second - 0.1 * (y @ x)}
    f = tv.function([x, y], updates=updates, target="numpy")
    state = f.trace.state(-1)
    assert [n.op for n in state.nodes.values()].count("gemm") == 2
    assert not [n for n in state.nodes.values() if n.op == "negative"]
