"""Writes fixtures/layout_*.json, the answers that the Python and the JavaScript layout share.

Run `python tests/render/make_fixtures.py` from the repository root after a wanted change of the algorithm, once the pictures
have been looked at.
"""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

from tensorviz.render.layout import Box, Layout, layout

FOLDER = Path(__file__).parent / "fixtures"
Edge = tuple[str, str, str]


def random_graph(count: int, seed: int) -> tuple[list[Box], list[Edge]]:
    """A graph like a tensor program: 1.3 inputs a node, 12 % leaves, some long edges, a repeated argument here and there."""
    draw = random.Random(seed)
    edges: list[Edge] = []
    for i in range(1, count):
        if draw.random() < 0.12:
            continue
        for _ in range(1 if draw.random() < 0.65 else 2):
            near = i - 1 - min(i - 1, int(draw.expovariate(0.12)))
            source = near if draw.random() < 0.95 else draw.randrange(i)
            edges.append((f"n{source}", f"n{i}", ""))
    sizes = [(draw.choice([48, 64, 88, 120, 160]), 40 if draw.random() < 0.1 else 24) for _ in range(count)]
    return [Box(f"n{i}", w, h, 16 if i == count - 1 else 0) for i, (w, h) in enumerate(sizes)], edges


def fused(boxes: list[Box], edges: list[Edge], chain: list[str]) -> tuple[list[Box], list[Edge]]:
    """The graph in which `chain` became one node "new", in the place of its last."""
    gone = set(chain)
    kept = [b for b in boxes if b.id not in gone]
    at = next(i for i, b in enumerate(boxes) if b.id == chain[-1])
    kept.insert(sum(b.id not in gone for b in boxes[:at]), Box("new", 104, 24))
    renamed = [("new" if u in gone else u, "new" if v in gone else v, lane) for u, v, lane in edges]
    return kept, [e for e in renamed if e[0] != e[1]]


def case(boxes: list[Box], edges: list[Edge], gap: int = 18, seed: Layout | None = None) -> dict[str, Any]:
    """One fixture: everything that goes in and what comes out."""
    return {"boxes": [dataclasses.asdict(b) for b in boxes], "edges": edges, "gap": gap,
            "seed": None if seed is None else seed.to_json(), "expected": layout(boxes, edges, gap, seed).to_json()}


def chain_of(edges: list[Edge]) -> list[str]:
    """Three nodes in a row, each the only reader of the one before."""
    readers: dict[str, set[str]] = {}
    for u, v, _ in edges:
        readers.setdefault(u, set()).add(v)
    for a in readers:
        row = [a]
        while len(row) < 3 and len(readers.get(row[-1], ())) == 1:
            row.append(next(iter(readers[row[-1]])))
        if len(row) == 3 and any(v == a for _, v, _ in edges):
            return row
    raise ValueError("no chain of three nodes")


def cases() -> dict[str, dict[str, Any]]:
    """All fixtures by name."""
    out: dict[str, dict[str, Any]] = {}
    out["one"] = case([Box("a", 40, 24)], [])
    out["square"] = case([Box("x", 48, 24), Box("mul", 64, 24, 16)], [("x", "mul", ""), ("x", "mul", "")])
    diff = [Box("x", 104, 24), Box("a", 64, 24), Box("b", 72, 24), Box("c", 88, 24), Box("d", 64, 24, 0, 40)]
    out["lanes"] = case(diff, [("x", "a", ""), ("a", "b", ""), ("b", "c", "rem"), ("c", "d", ""), ("x", "d", "rem"),
                               ("x", "d", "add")])
    out["cycle"] = case(diff[:3], [("x", "a", ""), ("a", "b", ""), ("b", "a", "add"), ("b", "b", "")])
    links = [("p0", "p3", ""), ("p1", "p4", ""), ("p2", "p4", ""), ("p3", "p5", "")]
    out["parts"] = case([Box(f"p{i}", 64, 24) for i in range(7)], links)
    for count, seed in ((12, 3), (40, 5), (150, 7)):
        boxes, edges = random_graph(count, seed)
        out[f"random_{count}"] = case(boxes, edges, 40 if count == 12 else 18)
    boxes, edges = random_graph(60, 11)
    first = layout(boxes, edges)
    chain = chain_of(edges)
    out["seeded_same"] = case(boxes, edges, 18, first)
    out["seeded_fuse"] = case(*fused(boxes, edges, chain), 18, first)
    out["seeded_expand"] = case(boxes, edges, 18, layout(*fused(boxes, edges, chain)))
    return out


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in cases().items():
        (FOLDER / f"layout_{name}.json").write_text(json.dumps(data, separators=(",", ":")) + "\n")
