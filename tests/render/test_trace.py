"""The trace: a document that goes to bytes and back, and replays its states."""

from __future__ import annotations

import gzip
import json

import pytest

from tensorviz.render.trace import SCHEMA, Node, State, Trace, TraceError
from tests.render.samples import logistic, network, small

SAMPLES = [small, logistic, network]


@pytest.mark.parametrize("make", SAMPLES, ids=lambda m: m.__name__)
def test_trace_goes_to_bytes_and_back(make):
    trace = make()
    assert Trace.from_bytes(trace.to_bytes()) == trace
    assert trace.to_bytes() == make().to_bytes()


def test_trace_goes_to_a_file_and_back(tmp_path):
    trace = logistic()
    assert Trace.load(trace.save(tmp_path / "step.tvz")) == trace


WRONG = {"nothing": b"", "not gzip": b"abc", "no schema": b"{}", "a later schema": b'{"schema":99}', "an unknown field": b'{"schema":1,"evil":1}',
         "a damaged body": b"\x1f\x8b\x08\x00" + bytes(6) + b"x" * 30, "records that are none": b'{"schema":1,"records":5}',
         "half an event": json.dumps({"schema": 1, "events": [{"no": 1}]}).encode()}


@pytest.mark.parametrize("data", [d if d in (b"", b"abc") or d[:1] == b"\x1f" else gzip.compress(d) for d in WRONG.values()], ids=list(WRONG))
def test_what_is_no_trace_raises(data):
    with pytest.raises(TraceError):
        Trace.from_bytes(data)


@pytest.mark.parametrize("make", SAMPLES, ids=lambda m: m.__name__)
def test_every_state_is_closed_and_its_order_has_inputs_first(make):
    for state in make().states():
        seen: set[str] = set()
        for name in state.order():
            assert set(state.nodes[name].inputs) <= seen
            seen.add(name)
        assert seen == set(state.nodes) and set(state.outputs) <= seen


def test_states_agree_with_state_of_a_step():
    trace = logistic()
    for step, state in enumerate(trace.states()):
        again = trace.state(step)
        assert again.nodes == state.nodes and again.outputs == state.outputs
    assert trace.state(-1).nodes == state.nodes


def test_order_of_a_chain_of_hundred_thousand_needs_no_recursion():
    nodes = {f"n{i}": Node(f"n{i}", "exp", inputs=[f"n{i - 1}"] if i else []) for i in range(100_000)}
    assert State(nodes, ["n99999"]).order()[-1] == "n99999"


@pytest.mark.parametrize("dtype, shape, text", [("float32", [512, None], "f32 512×N"), ("int64", [], "i64 scalar"),
                                                ("uint8", [3], "u8 3"), ("bool", [2, 2], "bool 2×2"),
                                                ("complex128", [1], "c128 1")])
def test_type_text_is_short(dtype, shape, text):
    assert Node("n0", "add", dtype=dtype, shape=shape).type_text() == text


@pytest.mark.parametrize("wrong", [{"events": 5}, {"codes": [{"lines": 3}]}, {"profile": []}, {"kernels": [1]}])
def test_fields_of_a_wrong_kind_are_no_trace(wrong):
    with pytest.raises(TraceError, match="not a tensorviz trace"):
        Trace.from_json({"schema": SCHEMA, **wrong})
