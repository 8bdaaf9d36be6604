"""Closing groups until the rest fits: what changed is open, what is alike is one card, no card closes a cycle."""

from __future__ import annotations

import re
from itertools import pairwise
from math import prod

import pytest

from tensorviz.render.diff import union
from tensorviz.render.drawing import View, draw
from tensorviz.render.fit import extent_of, fit
from tensorviz.render.groups import closed_regions
from tensorviz.render.names import BRIEF, brief
from tensorviz.render.svg import svg
from tensorviz.render.trace import Node, State, Trace
from tests.widgets.traces import deep, training

WIDE = (1000, 1000, 1000)


def scene_of(*nodes: Node, before: tuple[Node, ...] | None = None):
    after = State({n.id: n for n in nodes}, [nodes[-1].id])
    return union(after if before is None else State({n.id: n for n in before}, [before[-1].id]), after)


def chain(*groups: str, start: str = "n") -> list[Node]:
    """One op after the other, each in the group of that name ("" for none)."""
    x = Node("x", "input", kind="input", name="x")
    return [x, *(Node(f"{start}{i}", "exp", inputs=[f"{start}{i - 1}" if i else "x"], group=[g] if g else [])
                 for i, g in enumerate(groups))]


def opened(scene, room, **given) -> set[str]:
    return fit(scene, room, **given).opened


def test_what_fits_is_open():
    assert opened(scene_of(*chain("a", "a", "b", "b")), (5, 4, 9)) == {"/a", "/b"}


@pytest.mark.parametrize("room, left", [((4, 4, 9), {"/a"}), ((5, 3, 9), {"/a"}), ((3, 2, 9), set())])
def test_what_comes_first_is_open_as_far_as_boxes_and_ranks_go(room, left):
    assert opened(scene_of(*chain("a", "a", "b", "b")), room) == left


def test_what_changed_is_open_before_what_comes_first():
    before = chain("a", "a", "a", "b", "b", "b")
    after = [*before[:-1], Node("new", "log", inputs=["n4"], group=["b"])]
    assert opened(scene_of(*before), (5, 9, 9)) == {"/a"}
    assert opened(scene_of(*after, before=tuple(before)), (6, 9, 9)) == {"/b"}


def test_rank_that_would_get_too_wide_stays_closed():
    nodes = [Node("x", "input", kind="input"), Node("first", "exp", inputs=["x"])]
    nodes += [Node(f"n{k}", "exp", inputs=["first"], group=["a"]) for k in range(6)]
    scene = scene_of(*nodes)
    assert opened(scene, (20, 20, 5)) == set() and opened(scene, (20, 20, 6)) == {"/a"}


def test_user_opens_and_closes():
    scene = scene_of(*chain("a", "a", "b", "b"))
    assert opened(scene, (1, 1, 1), opened=["/b"]) == {"/b"}
    assert opened(scene, WIDE, closed=["/b"]) == {"/a"}


def test_opening_a_group_opens_those_around_it():
    nodes = [Node("x", "input", kind="input"), *(Node(f"n{i}", "exp", inputs=["x"], group=["outer", f"part {i // 2}"]) for i in range(4))]
    assert opened(scene_of(*nodes), (1, 1, 1), opened=["/outer/part 1"]) == {"/outer", "/outer/part 1"}


def test_one_operation_is_no_group():
    found = fit(scene_of(*chain("a", "b", "b")), (1, 1, 1))
    assert set(found.regions) == {"/b"} and found.card_of("n0") == ""


def test_node_that_would_close_a_cycle_is_left_out():
    # a0 -> out -> a1, a2: with all three in one card, `out` would be both above and below it
    nodes = [Node("x", "input", kind="input"), Node("a0", "exp", inputs=["x"], group=["a"]), Node("out", "exp", inputs=["a0"]),
             Node("a1", "exp", inputs=["out"], group=["a"]), Node("a2", "exp", inputs=["a1"], group=["a"])]
    scene = scene_of(*nodes)
    found = fit(scene, (1, 1, 1))
    assert found.regions["/a"].members == ["a1", "a2"]
    assert extent_of(scene, found) == (3, 1)


def test_parts_that_are_alike_are_counted_as_such():
    nodes = [Node("x", "input", kind="input")]
    for k in range(3):
        nodes += [Node(f"m{k}", "mul", inputs=["x"], group=["update", f"update {k}"]),
                  Node(f"s{k}", "sub", inputs=[f"m{k}"], group=["update", f"update {k}"])]
    scene = scene_of(*nodes)
    (group,) = closed_regions(scene, fit(scene, (1, 1, 1)))
    assert (group.name, group.text) == ("update", "3 × 2 nodes")
    nodes[-1].op = "add"
    (group,) = closed_regions(scene, fit(scene, (1, 1, 1)))
    assert group.text == "6 nodes"


def test_shared_values_that_only_cards_read_are_one_card():
    shared = [Node(f"w{k}", "shared", kind="shared", name=f"w{k}", shape=[2]) for k in range(5)]
    first = [Node(f"a{k}", "exp", inputs=[w.id], group=["a"]) for k, w in enumerate(shared)]
    second = [Node(f"b{k}", "add", inputs=[w.id, f"a{k}"], group=["b"]) for k, w in enumerate(shared)]
    trace = Trace(records=[*shared, *first, *second], initial=list(range(15)), outputs=[b.id for b in second])
    scene = union(trace.state(0), trace.state(0))
    groups = closed_regions(scene, fit(scene, (1, 1, 1)))
    assert [(g.name, g.text) for g in groups] == [("a", "5 nodes"), ("b", "5 nodes"), ("w0 to w4", "5 shared")]
    assert [f.label for f in draw(trace, View(group="fit", room=(1, 1, 1))).figures] == ["w0 to w4", "a", "b"]


# ---- whole training steps


@pytest.mark.parametrize("room", [(12, 8, 4), (32, 11, 8), (60, 20, 12)])
@pytest.mark.parametrize("make", [training, deep])
def test_every_pass_fits_and_shows_what_changed(make, room):
    trace = make()
    for before, after in pairwise([0, *(p.last for p in trace.passes)]):
        picture = draw(trace, View(step=after, before=before, group="fit", room=room))
        drawn = [f for f in picture.figures if not f.pale]
        cards = [f for f in drawn if f.kind == "group"]
        assert len(drawn) <= max(room[0] + room[0] // 8, 2 * len(cards) + 12)
        changed = set(union(trace.state(before), trace.state(after)).change)
        marked = {n for f in drawn for n in f.members if f.change or any(b.kind in ("add", "rem", "chg") for b in f.badges)}
        hidden = {n for n in changed if not any(n in f.members for f in drawn)}
        constants = {n for n in hidden if all(r.kind == "constant" for r in trace.records if r.id == n)}
        assert hidden == constants, "only constants are written inside others"
        assert changed - hidden <= marked
        boxes = [f for f in drawn if f.kind != "group"]
        said = [prod(map(int, re.findall(r"\d+", f.type))) for f in cards]
        assert picture.shown == len(boxes) and picture.grouped == sum(said), "the cards say how many nodes are in them"
        assert picture.shown + picture.grouped + picture.inside == picture.total and picture.inside >= len(hidden)
        assert f"{picture.inside} constant" in picture.count_text() if picture.inside else "constant" not in picture.count_text()
        assert all(picture.layout.rank[k.source] < picture.layout.rank[k.target] for k in picture.links)


def test_updates_are_one_card_of_equal_parts():
    cards = {f.label: f.type for f in draw(deep(), View(step=0, group="fit", room=(12, 8, 8))).figures if f.kind == "group"}
    assert cards["layer"] == "6 × 7 nodes"
    assert cards["update"] == "25 nodes", "12 × 2 operations and the rate that all of them read"


def test_changes_inside_a_card_hang_from_it_as_counts():
    trace = training()
    first, last = 0, len(trace.events)
    picture = draw(trace, View(step=last, before=first, group="fit", room=(1, 1, 1)))
    card = next(f for f in picture.figures if f.label == "gradient" and f.badges)
    kinds = {b.kind: b.text for b in card.badges}
    assert not card.change and kinds["add"].startswith("+") and kinds["rem"].startswith("−")
    assert f">{kinds['add']}</text>" in svg(picture)


# ---- what is far away


def far(length: int = 8, name: str = "", extra: bool = True) -> Trace:
    """x -> a -> a chain of `length` -> the end, which reads a too."""
    nodes = [Node("x", "input", kind="input", name="x"), Node("a", "exp", inputs=["x"], name=name)]
    nodes += [Node(f"c{i}", "exp", inputs=[f"c{i - 1}" if i else "a"]) for i in range(length)]
    nodes += [Node("end", "add", inputs=[f"c{length - 1}", "a" if extra else "x"])]
    return Trace(records=nodes, initial=list(range(len(nodes))), outputs=["end"])


@pytest.mark.parametrize("name, kind, label", [("hidden", "value", "hidden"), ("", "op", "exp")])
def test_result_read_far_below_is_repeated_by_name(name, kind, label):
    picture = draw(far(name=name), View(tall=False))
    (twin,) = [f for f in picture.figures if f.pale]
    assert (twin.kind, twin.label, twin.id) == (kind, label, "a")
    assert picture.layout.rank["end"] - picture.layout.rank[twin.key] == 1


def test_result_read_near_is_not_repeated():
    assert not [f for f in draw(far(length=3), View(tall=False)).figures if f.pale]


def test_result_with_one_reader_far_below_moves_to_it():
    trace = far()
    mask = Node("mask", "greater", inputs=["a"])
    trace.records.insert(2, mask)
    trace.records[-1].inputs = ["c7", "mask"]
    trace.initial = list(range(len(trace.records)))
    picture = draw(trace, View(tall=False))
    assert picture.layout.rank["end"] - picture.layout.rank["mask"] == 1
    assert [f.key for f in picture.figures if f.pale] == ["a@mask"]


# ---- words


def test_nodes_say_the_short_word_and_texts_the_full_one():
    node = Node("y", "true_divide", inputs=["x", "x"], text="x / x")
    picture = draw(Trace(records=[Node("x", "input", kind="input", name="x"), node], initial=[0, 1], outputs=["y"]))
    assert [f.label for f in picture.figures] == ["x", "div"]
    assert brief("true_divide") == "div" and brief("__proto__") == "__proto__"


def test_short_words_are_told_apart():
    assert len(set(BRIEF.values())) == len(BRIEF) and not set(BRIEF) & set(BRIEF.values())
