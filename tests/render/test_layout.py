"""The layered layout: legal, deterministic, fast, and still when something small changes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tensorviz.render.layout import Box, Layout, layout
from tensorviz.render.layout.place import isotonic
from tests.render.make_fixtures import cases, chain_of, fused, random_graph

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("layout_*.json"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_layout_gives_the_shared_answers(path):
    data = json.loads(path.read_text())
    seed = None if data["seed"] is None else Layout.from_json(data["seed"])
    found = layout([Box(**b) for b in data["boxes"]], [tuple(e) for e in data["edges"]], data["gap"], seed)
    assert found.to_json() == data["expected"]


def test_fixtures_are_those_that_the_script_makes():
    made = {f"layout_{name}": json.loads(json.dumps(data)) for name, data in cases().items()}
    assert made == {p.stem: json.loads(p.read_text()) for p in FIXTURES}


@pytest.mark.parametrize("count, seed", [(30, 1), (120, 2), (500, 3)])
def test_boxes_of_a_rank_keep_sixteen_pixels_apart(count, seed):
    boxes, edges = random_graph(count, seed)
    flow = layout(boxes, edges)
    ranks: dict[int, list[Box]] = {}
    for box in boxes:
        ranks.setdefault(flow.rank[box.id], []).append(box)
    for row in ranks.values():
        row.sort(key=lambda b: flow.x[b.id])
        for a, b in pairwise(row):
            assert flow.x[b.id] - b.w / 2 - (flow.x[a.id] + a.w / 2) >= 16


@pytest.mark.parametrize("count, seed", [(30, 1), (120, 2), (500, 3)])
def test_ranks_increase_along_edges(count, seed):
    boxes, edges = random_graph(count, seed)
    flow = layout(boxes, edges)
    assert all(flow.rank[u] < flow.rank[v] and flow.y[u] < flow.y[v] for u, v, _ in edges)


@pytest.mark.parametrize("count, seed", [(30, 1), (120, 2), (500, 3)])
def test_edges_never_pass_behind_a_box(count, seed):
    boxes, edges = random_graph(count, seed)
    flow = layout(boxes, edges)
    ranks: dict[int, list[Box]] = {}
    for box in boxes:
        ranks.setdefault(flow.rank[box.id], []).append(box)
    tops = [band[0] for band in flow.bands]
    for (u, v, _), route in zip(edges, flow.routes, strict=True):
        for (x0, y0), (x1, y1) in pairwise(route):
            for rank, row in ranks.items():
                top, _, bottom = flow.bands[rank]
                if y1 <= top or y0 >= bottom:
                    continue
                assert x0 == x1, "a route bends only between ranks"
                assert all(abs(flow.x[b.id] - x0) > b.w / 2 for b in row if b.id not in (u, v))
    assert tops == sorted(tops)


def test_chain_is_straight():
    boxes = [Box(f"n{i}", 40 + 8 * i, 24) for i in range(6)]
    flow = layout(boxes, [(f"n{i}", f"n{i + 1}", "") for i in range(5)])
    assert len(set(flow.x.values())) == 1
    assert all(len(route) == 2 and route[0][0] == route[1][0] for route in flow.routes)


def test_leaf_stands_one_rank_above_its_reader():
    boxes = [Box(n, 64, 24) for n in ("x", "a", "b", "c", "w")]
    flow = layout(boxes, [("x", "a", ""), ("a", "b", ""), ("b", "c", ""), ("w", "c", "")])
    assert flow.rank["w"] == flow.rank["c"] - 1 == 2


def test_layout_of_the_same_graph_is_the_same():
    boxes, edges = random_graph(200, 9)
    assert layout(boxes, edges).to_json() == layout(boxes, edges).to_json()


@pytest.mark.parametrize("seed", range(8))
def test_fusing_three_nodes_moves_few_and_then_nothing(seed):
    boxes, edges = random_graph(80, seed)
    before = layout(boxes, edges)
    chain = chain_of(edges)
    small, links = fused(boxes, edges, chain)
    new = next(b for b in small if b.id == "new")
    both = layout([*boxes, new], [*edges, *(e for e in links if e not in edges)], seed=before)      # as a difference is drawn
    after = layout(small, links, seed=both)
    kept = [b.id for b in boxes if b.id not in chain]
    assert {n: (after.x[n], after.y[n]) for n in kept} == {n: (both.x[n], both.y[n]) for n in kept}
    assert sum(abs(both.x[n] - before.x[n]) > 20 or abs(both.rank[n] - before.rank[n]) > 0 for n in kept) <= len(kept) / 8


def test_removing_nodes_moves_no_survivor():
    boxes, edges = random_graph(80, 4)
    before = layout(boxes, edges)
    gone = {f"n{i}" for i in range(0, 80, 7)}
    kept = [b for b in boxes if b.id not in gone]
    after = layout(kept, [e for e in edges if e[0] not in gone and e[1] not in gone], seed=before)
    assert {b.id: (before.x[b.id], before.y[b.id]) for b in kept} == {b.id: (after.x[b.id], after.y[b.id]) for b in kept}


def test_expanding_a_node_moves_few():
    boxes, edges = random_graph(200, 6)
    chain = chain_of(edges)
    small, links = fused(boxes, edges, chain)
    before = layout(small, links)
    after = layout(boxes, edges, seed=before)
    moved = [b.id for b in small if b.id != "new" and abs(after.x[b.id] - before.x[b.id]) > 20]
    assert len(moved) <= 0.1 * len(small)


@pytest.mark.parametrize("count", [500, 2000])
def test_large_graphs_have_a_place_for_every_box(count):
    boxes, edges = random_graph(count, 1)
    found = layout(boxes, edges)
    assert found.x.keys() == found.y.keys() == {b.id for b in boxes}


def test_a_chain_of_ten_thousand_needs_no_recursion():
    boxes = [Box(f"n{i}", 64, 24) for i in range(10_000)]
    flow = layout(boxes, [(f"n{i}", f"n{i + 1}", "") for i in range(9_999)] + [("n0", "n9999", "")])
    assert flow.rank["n9999"] == 9_999


def test_isotonic_regression_pools_what_collides():
    assert isotonic([0.0, 0.0], [1.0, 1.0], [10.0]) == [-5.0, 5.0]
    assert isotonic([0.0, 30.0], [1.0, 1.0], [10.0]) == [0.0, 30.0]
    assert isotonic([5.0, 0.0], [3.0, 1.0], [0.0]) == [3.75, 3.75]
