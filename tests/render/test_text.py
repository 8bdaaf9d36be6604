"""Text forms: units, tables, DOT."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tensorviz.render import units
from tensorviz.render.dot import dot
from tensorviz.render.drawing import View, draw
from tensorviz.render.fonts import table, text_width
from tensorviz.render.tables import aligned, events_table, pass_table, profile_table, text
from tensorviz.render.trace import Node, State, Trace
from tests.render.samples import logistic, network
from tests.widgets.traces import training


@pytest.mark.parametrize("seconds, written", [(23.6e-6, "23.6 µs"), (0, "0 s"), (1.5e-10, "0.150 ns"), (0.41, "410 ms"),
                                              (9.999e-4, "1.00 ms"), (99.96e-6, "100 µs"),
                                              (1, "1.00 s"), (75.2, "75.2 s"), (12345.0, "12.3 ks"), (-66e-6, "−66.0 µs"),
                                              (float("nan"), "nan s"), (float("-inf"), "−inf s")])
def test_times_have_three_digits_and_si_units(seconds, written):
    assert units.time(seconds) == written


@pytest.mark.parametrize("count, written", [(0, "0 B"), (96, "96 B"), (999, "999 B"), (20480, "20.5 kB"), (524288, "524 kB"),
                                            (3e9, "3.00 GB"), (0.5, "0.500 B")])
def test_sizes_are_in_bytes(count, written):
    assert units.size(count) == written


def test_difference_has_its_sign():
    assert units.signed_time(1e-6) == "+1.00 µs" and units.signed_time(-1e-6) == "−1.00 µs" and units.signed_time(0) == "0 s"


def test_columns_line_up():
    lines = aligned(["a", "number"], [["x", "1"], ["long", "1000"]], "lr").split("\n")
    assert len({len(line) for line in lines}) == 1


def test_state_is_one_line_a_node_with_inputs_first():
    trace = logistic()
    lines = text(trace.state(0), trace.output_names).split("\n")
    assert len(lines) == len(trace.state(0).nodes)
    assert sum("-> cost" in line for line in lines) == 1
    seen: set[str] = set()
    for line in lines:
        name, op, *rest = line.replace(",", "").split()
        if op not in ("input", "shared", "constant"):
            assert {w for w in rest if w[0] == "n" and w[1:].isdigit()} <= seen
        seen.add(name)


def test_pass_table_says_what_each_pass_did():
    lines = pass_table(logistic()).split("\n")
    assert lines[2].split()[:3] == ["as", "written", "29"]
    assert any(line.startswith("stabilise") and " 2 " in line for line in lines)
    assert any(line.startswith("linear-algebra") and "none" in line for line in lines)


def test_events_table_numbers_every_rewrite():
    trace = logistic()
    lines = events_table(trace).split("\n")[2:]
    assert [int(line.split()[0]) for line in lines] == list(range(1, len(trace.events) + 1))
    assert "mul_of_div" in lines[3] and "−" in lines[3]


def test_profile_table_is_sorted_by_time():
    lines = profile_table(logistic()).split("\n")
    assert lines[0].startswith("measured on c: 260 µs a call, median of 2,000")
    assert [line.split()[0] for line in lines[3:]] == ["gemm_1", "gemm_0", "softmax_cross_entropy", "col_sum_update"]
    assert profile_table(network()) == "No measured run in this trace."


EVIL = State({"a": Node("a", "input", kind="input", name='say "hi"\\ \n<b>'), "b": Node("b", "exp", inputs=["a"])}, ["b"])


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
@pytest.mark.parametrize("source", [EVIL, logistic().state(0), draw(logistic(), View(before=0)),
                                    draw(network(), View(group="path"))], ids=["names", "state", "diff", "groups"])
def test_dot_is_read_by_graphviz(source):
    done = subprocess.run(["dot", "-Tcanon"], input=dot(source), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stderr


def test_dot_has_every_node_and_edge():
    state = network().state(0)
    written = dot(state)
    assert written.count(" -> ") == sum(len(n.inputs) for n in state.nodes.values())
    assert all(f'"{n}" [' in written for n in state.nodes)


def test_dot_of_a_drawing_has_each_node_once_and_says_what_changed_in_a_group():
    trace = training()
    drawing = draw(trace, View(step=len(trace.events), before=0, group="fit", room=(12, 8, 8)))
    twins = [f for f in drawing.figures if f.repeats]
    badges = [b.text for f in drawing.figures if f.kind == "group" for b in f.badges]
    written = dot(drawing)
    assert twins and badges and "@" not in written
    assert written.count(" [label=") == len(drawing.figures) - len(twins)
    assert written.count(" -> ") == len(drawing.links) and all(b in written for b in badges)
    ends = set(re.findall(r'"([^"]+)" ->|-> "([^"]+)"', written))
    assert {a or b for a, b in ends} <= set(re.findall(r'^  "([^"]+)" \[', written, re.MULTILINE))


def test_unknown_letters_count_as_wide():
    assert text_width("漢", 10, "sans") == 10 and text_width("", 10) == 0
    assert text_width("WW", 12, "bold") > text_width("ii", 12, "bold")


def test_font_table_measures_like_text_width():
    data = table()
    widths = dict(zip(data["letters"], data["widths"]["bold"], strict=True))
    assert sum(widths[c] for c in "log_softmax") * 12 / 2048 == text_width("log_softmax", 12, "bold")


def test_empty_trace_has_text_and_picture():
    assert text(Trace().state(0)) == "" and draw(Trace()).count_text() == "Showing 0 nodes"
