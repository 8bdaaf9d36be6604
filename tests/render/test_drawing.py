"""Drawings: what is shown of a trace, how it is written, and what is put together."""

from __future__ import annotations

import pytest

from tensorviz.render.diff import union
from tensorviz.render.drawing import STATIC_NODES, View, draw
from tensorviz.render.fonts import text_width
from tensorviz.render.groups import group_nodes, neighbourhood
from tensorviz.render.heat import Scale
from tensorviz.render.svg import svg
from tensorviz.render.trace import Kernel, Node, Trace
from tests.render.samples import logistic, network, rows, small


def by_label(drawing, label):
    return [f for f in drawing.figures if f.label == label]


def trace_of(*nodes: Node, outputs: list[str]) -> Trace:
    return Trace(records=list(nodes), initial=list(range(len(nodes))), outputs=outputs)


# ---- what is written


def test_scalar_constant_is_written_inside_every_reader():
    picture = draw(logistic(), View(step=0))
    assert not [f for f in picture.figures if f.kind == "constant"]
    assert sorted(f.note for f in by_label(picture, "mul") if f.note) == ["0.1", "0.1", "1/512", "1/512", "−1"]


@pytest.mark.parametrize("op, inputs, note", [("mul", ["c", "x"], "2"), ("sub", ["x", "c"], "2"), ("sub", ["c", "x"], "2, ·"),
                                              ("where", ["x", "x", "c"], "else 2"), ("gemm", ["x", "c", "x", "x", "c"], "α 2, β 2"),
                                              ("hyp1f1", ["x", "x", "c"], "·, ·, 2")])
def test_constant_keeps_its_place_where_that_matters(op, inputs, note):
    x, c = Node("x", "input", kind="input", name="x"), Node("c", "constant", kind="constant", value="2")
    picture = draw(trace_of(x, c, Node("y", op, inputs=inputs), outputs=["y"]))
    assert by_label(picture, op)[0].note == note


def test_constant_array_and_constant_output_are_drawn():
    c = Node("c", "constant", kind="constant", value="float32 3×4", shape=[3, 4])
    d = Node("d", "constant", kind="constant", value="1")
    picture = draw(trace_of(c, d, Node("y", "exp", inputs=["c"], shape=[3, 4]), outputs=["y", "d"]))
    assert sorted(f.label for f in picture.figures if f.kind == "constant") == ["1", "float32 3×4"]


def test_type_is_shown_only_where_it_changes():
    picture = draw(network(), View(step=0))
    assert {f.type for f in by_label(picture, "exp")} == {""}
    assert by_label(picture, "greater")[0].type == "bool N×256"
    assert by_label(picture, "max")[0].type == "N×1"


def test_two_line_nodes_always_show_a_shape():
    picture = draw(small(), View(step=0))
    assert all(f.tall and f.type for f in picture.figures if f.kind == "op")


def test_leaf_read_far_away_has_a_pale_twin_beside_the_reader():
    picture = draw(logistic(), View(step=0))
    twins = [f for f in picture.figures if "@" in f.key]
    assert {f.label for f in twins} == {"x", "W", "b"}
    for twin in twins:
        assert twin.pale and not twin.type
        (link,) = [k for k in picture.links if k.source == twin.key]
        assert picture.layout.rank[link.target] - picture.layout.rank[twin.key] == 1


def test_outputs_carry_their_names():
    picture = draw(logistic(), View(step=0))
    assert {f.output for f in picture.figures if f.is_output} == {"cost", "W'", "b'"}
    assert all(not f.aside for f in picture.figures if f.is_output)


def test_output_that_is_read_has_its_name_aside():
    picture = draw(network(), View(step=0))
    assert {f.output: f.aside for f in picture.figures if f.is_output}["vW1'"] is True


def test_figure_in_words_says_all_of_it():
    picture = draw(logistic(), View(group="kernel", heat="time"))
    words = by_label(picture, "softmax_cross_entropy")[0].words()
    assert words == "softmax_cross_entropy, scalar, 512×10, 23.6 µs, 9 fused, output cost"


def test_repeated_argument_has_two_links():
    x = Node("x", "input", kind="input", name="x")
    assert len(draw(trace_of(x, Node("y", "mul", inputs=["x", "x"]), outputs=["y"])).links) == 2


@pytest.mark.parametrize("view", [View(step=0), View(step=0, tall=True), View(before=0), View(heat="time"),
                                  View(group="kernel", heat="time")])
@pytest.mark.parametrize("make", [small, logistic, network])
def test_every_label_fits_its_box(make, view):
    for figure in draw(make(), view).figures:
        detail = "\u00a0\u00a0".join(t for t in (figure.note, figure.type) if t)
        name = text_width(figure.label, 15 if figure.leaf else 12, "math" if figure.leaf else "bold")
        small_text = text_width(detail, 10.5, "mono")
        inner = figure.w - (22 if figure.leaf else 26)
        assert (max(name, small_text) if figure.tall else name + small_text) <= inner
        assert figure.w % 4 == 0


# ---- differences


def test_diff_finds_added_removed_and_rewired():
    trace = logistic()
    found = union(trace.state(trace.passes[2].first), trace.state(trace.passes[2].last))
    ops = {kind: sorted(found.nodes[n].op for n, c in found.change.items() if c == kind) for kind in ("add", "rem", "chg")}
    assert ops == {"add": ["log_softmax"], "rem": ["div", "log", "mul"], "chg": ["mul", "sub", "sum"]}
    assert found.counts() == {"add": 1, "rem": 3, "chg": 3}


def test_diff_marks_the_edges_that_changed():
    trace = logistic()
    found = union(trace.state(trace.passes[2].first), trace.state(trace.passes[2].last))
    changes = {(found.nodes[e.source].op, found.nodes[e.target].op, e.change) for e in found.edges if e.change}
    assert ("softmax", "log", "rem") in changes and ("add", "log_softmax", "add") in changes and ("mul", "sub", "add") in changes


def test_diff_of_a_state_with_itself_is_empty():
    state = network().state(0)
    found = union(state, state)
    assert not found.change and not any(e.change for e in found.edges)


def test_diff_keeps_a_repeated_argument_apart():
    x, y = Node("x", "input", kind="input"), Node("y", "input", kind="input")
    before = trace_of(x, y, Node("z", "mul", inputs=["x", "x"]), outputs=["z"]).state(0)
    after = trace_of(x, y, Node("z", "mul", inputs=["x", "y"]), outputs=["z"]).state(0)
    assert sorted((e.source, e.change) for e in union(before, after).edges) == [("x", ""), ("x", "rem"), ("y", "add")]


def test_diff_survives_a_cycle_of_two_states():
    a, b = Node("a", "exp", inputs=[]), Node("b", "exp", inputs=["a"])
    before = trace_of(a, b, outputs=["b"]).state(0)
    after = trace_of(Node("b", "exp", inputs=[]), Node("a", "exp", inputs=["b"]), outputs=["a"]).state(0)
    assert set(union(before, after).nodes) == {"a", "b"}


def test_step_moves_no_survivor():
    trace = network()
    flow = draw(trace, View(step=0)).layout
    for step in range(1, len(trace.events) + 1):
        new = draw(trace, View(step=step, seed=flow)).layout
        kept = [k for k in new.x if k in flow.x]
        moved = [k for k in kept if abs(new.x[k] - flow.x[k]) > 20 or abs(new.y[k] - flow.y[k]) > 20]
        assert len(moved) <= 0.05 * len(kept)
        flow = new


# ---- groups


def test_kernel_is_drawn_as_one_node():
    picture = draw(logistic(), View(group="kernel"))
    figure = by_label(picture, "softmax_cross_entropy")[0]
    assert figure.kind == "group" and figure.badges[0].text == "9 fused" and figure.type == "scalar, 512×10"


def test_a_kernel_of_one_node_has_the_name_of_its_code():
    trace = logistic()
    names = [f.label for f in draw(trace, View(group="kernel")).figures if f.kind in ("op", "group") and not f.repeats]
    assert sorted(names) == sorted(k.name for k in trace.kernels)
    assert len(by_label(draw(trace, View()), "gemm")) == 2, "an operation has its own"


def test_small_graph_is_not_grouped():
    assert draw(rows(150)).count_text() == f"Showing all {len(rows(150).state(0).nodes)} nodes"


@pytest.mark.parametrize("count", [300, 2000, 10_000])
def test_large_graph_is_grouped_below_the_limit(count):
    trace = rows(count)
    picture = draw(trace)
    assert len([f for f in picture.figures if "@" not in f.key]) <= STATIC_NODES
    assert picture.shown + picture.grouped == picture.total == len(trace.state(0).nodes)
    assert "groups" in picture.count_text()


def test_ten_thousand_nodes_draw_in_groups():
    assert len(draw(rows(10_000)).figures) <= 2 * STATIC_NODES


@pytest.mark.slow
def test_chain_of_hundred_thousand_draws_without_recursion():
    nodes = [Node(f"n{i}", "exp", inputs=[f"n{i - 1}"] if i else []) for i in range(100_000)]
    assert len(draw(trace_of(*nodes, outputs=["n99999"])).figures) <= STATIC_NODES


@pytest.mark.parametrize("how", ["path", "runs", "auto"])
def test_groups_form_no_cycle(how):
    trace = rows(600)
    scene = union(trace.state(0), trace.state(0))
    groups = group_nodes(scene, how, 50, [])
    part = {n: i for i, g in enumerate(groups) for n in g.members}
    assert len(part) == sum(len(g.members) for g in groups), "a node is in one group at most"
    picture = draw(trace, View(group=how, limit=50))
    assert all(picture.layout.rank[k.source] < picture.layout.rank[k.target] for k in picture.links)


def test_group_that_would_close_a_cycle_is_split():
    nodes = [Node("a", "exp", group=["g"]), Node("b", "exp", inputs=["a"]), Node("c", "add", inputs=["a", "b"], group=["g"]),
             Node("d", "exp", inputs=["c"], group=["g"])]
    scene = union(trace_of(*nodes, outputs=["d"]).state(0), trace_of(*nodes, outputs=["d"]).state(0))
    assert [g.members for g in group_nodes(scene, "path", 1, [])] == [["c", "d"]]


def test_opened_group_shows_its_nodes():
    trace = network()
    closed = draw(trace, View(group="path"))
    opened = draw(trace, View(group="path", opened=["network"]))
    assert by_label(closed, "network") and not by_label(opened, "network")
    assert len(by_label(opened, "gemm")) == 2


def test_neighbourhood_reaches_two_ranks():
    nodes = [Node(f"n{i}", "exp", inputs=[f"n{i - 1}"] if i else []) for i in range(9)]
    trace = trace_of(*nodes, outputs=["n8"])
    state = trace.state(0)
    assert neighbourhood(union(state, state), ["n4"]) == {"n2", "n3", "n4", "n5", "n6"}
    assert draw(trace, View(around=["n4"])).count_text() == "Showing 5 of 9 nodes"


# ---- heat


def test_measured_time_is_that_of_the_kernels():
    picture = draw(logistic(), View(group="kernel", heat="time"))
    assert picture.scale.title == "time, measured"
    heat = {f.label: f.heat for f in picture.figures if f.kind == "group"}
    assert heat["softmax_cross_entropy"] > heat["col_sum_update"] == 0
    assert [by_label(picture, name)[0].badges[0].text for name in ("gemm_0", "gemm_1")] == ["112 µs", "119 µs"]


@pytest.mark.parametrize("kind, title", [("bytes", "bytes read and written"), ("flops", "operations, est."),
                                         ("time", "time, est.")])
def test_heat_without_a_run_is_estimated(kind, title):
    picture = draw(network(), View(heat=kind))
    assert picture.scale.title == title
    assert any(f.heat == 8 for f in picture.figures) and all(f.heat is None for f in picture.figures if f.leaf)


def test_scale_is_one_to_three_decades_wide():
    assert Scale.over([5.0, 6.0], "t", str).low == 0.6
    wide = Scale.over([1e-9, 1.0], "t", str)
    assert wide.low == 1e-3 and wide.ends()[0].startswith("≤")
    assert [wide.step(v) for v in (1e-9, 1e-3, 0.1, 1.0)] == [0, 0, 6, 8]
    assert Scale.over([0.0], "t", str) is None


def test_no_heat_in_a_diff():
    assert all(f.heat is None for f in draw(logistic(), View(before=0, heat="time")).figures)


def test_figure_has_two_badges_at_most():
    trace = logistic()
    trace.kernels.append(Kernel("k9", "slow", "python", [n for k in trace.kernels for n in k.nodes]))
    assert max(len(f.badges) for f in draw(trace, View(group="kernel", heat="time")).figures) == 2


def test_open_group_has_a_frame_that_holds_its_operations_and_no_other():
    picture = draw(network(), View(group="path", opened=["network", "cross_entropy"]))
    assert [(f.name, f.note) for f in picture.frames] == [("network", "3 nodes")], "cross_entropy would hold others"
    flow, frame = picture.layout, picture.frames[0]
    inside = [f.label for f in picture.figures if not f.leaf and frame.left < flow.x[f.key] < frame.right
              and frame.top < flow.y[f.key] < frame.bottom]
    assert inside == ["gemm", "maximum", "gemm"]
    assert "network" in svg(picture)
