"""Which rank a box stands on, and the bends that long edges make between ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["BENDS", "Graph", "make_graph", "rank_boxes"]

BENDS = 20_000


@dataclass(slots=True)
class Graph:
    """Vertices (boxes, then bends) with their ranks and the links between neighbouring ranks."""

    boxes: int
    rank: list[int]
    up: list[list[int]]                       #: vertices one rank higher that lead to it
    down: list[list[int]]                     #: vertices one rank lower that it leads to
    keys: list[str] = field(default_factory=list)       #: of each bend: "source|lane|rank"
    paths: list[list[int] | None] = field(default_factory=list)  #: of each edge, its vertices; None if drawn directly


def neighbours(count: int, edges: Sequence[tuple[int, int, str]]) -> tuple[list[list[int]], list[list[int]]]:
    """Inputs and readers of each box, without repeats, in edge order."""
    parents: list[list[int]] = [[] for _ in range(count)]
    children: list[list[int]] = [[] for _ in range(count)]
    seen = set()
    for u, v, _ in edges:
        if u != v and (u, v) not in seen:
            seen.add((u, v))
            parents[v].append(u)
            children[u].append(v)
    return parents, children


def kahn(parents: list[list[int]], children: list[list[int]]) -> list[int]:
    """Boxes in topological order, first in, first out; a cycle is opened at its lowest box."""
    count = len(parents)
    waiting = [len(p) for p in parents]
    order = [v for v in range(count) if not waiting[v]]
    placed = [not w for w in waiting]
    head = lowest = 0
    while len(order) < count or head < len(order):
        if head == len(order):
            while placed[lowest]:
                lowest += 1
            placed[lowest] = True
            order.append(lowest)
        v = order[head]
        head += 1
        for c in children[v]:
            waiting[c] -= 1
            if not waiting[c] and not placed[c]:
                placed[c] = True
                order.append(c)
    return order


def rank_boxes(count: int, edges: Sequence[tuple[int, int, str]], wish: Sequence[int | None] | None = None) -> list[int]:
    """Step 1: the rank of each box; `wish` holds the ranks to keep where that is possible."""
    parents, children = neighbours(count, edges)
    order = kahn(parents, children)
    place = [0] * count
    for i, v in enumerate(order):
        place[v] = i
    parents = [[p for p in parents[v] if place[p] < place[v]] for v in range(count)]
    children = [[c for c in children[v] if place[c] > place[v]] for v in range(count)]
    rank, floats = _downwards(order, parents, children, wish)
    for v in reversed(order):
        new = wish is None or wish[v] is None
        if new and children[v] and sum(not floats[p] for p in parents[v]) < len(children[v]):
            rank[v] = max(rank[v], min(rank[c] for c in children[v]) - 1)
    if wish is None and rank:
        least = min(rank)
        rank = [r - least for r in rank]
    return rank


def _downwards(order: list[int], parents: list[list[int]], children: list[list[int]],
               wish: Sequence[int | None] | None) -> tuple[list[int], list[bool]]:
    rank = [0] * len(order)
    floats = [False] * len(order)
    for v in order:
        old = None if wish is None else wish[v]
        if old is None and wish is not None and not parents[v]:
            kept = [w for w in (wish[c] for c in children[v]) if w is not None]
            old = min(kept) - 1 if kept else 0
        rank[v] = max([old or 0, 0] + [rank[p] + 1 for p in parents[v]])
        floats[v] = all(floats[p] for p in parents[v]) and (not parents[v] or len(children[v]) <= 1)
    return rank, floats


def make_graph(rank: list[int], edges: Sequence[tuple[int, int, str]], ids: Sequence[str]) -> Graph:
    """Step 2: vertices and links with one trunk of bends for each source and lane."""
    count = len(rank)
    longest = _longest_routed(rank, edges)
    graph = Graph(count, list(rank), [[] for _ in range(count)], [[] for _ in range(count)])
    lowest: dict[tuple[int, str], int] = {}
    for u, v, lane in edges:
        if 1 < rank[v] - rank[u] <= longest:
            lowest[u, lane] = max(lowest.get((u, lane), 0), rank[v])
    trunks: dict[tuple[int, str], list[int]] = {}
    for (u, lane), last in lowest.items():
        before = u
        trunks[u, lane] = trunk = []
        for r in range(rank[u] + 1, last):
            bend = len(graph.rank)
            graph.rank.append(r)
            graph.up.append([])
            graph.down.append([])
            graph.keys.append(f"{ids[u]}|{lane}|{r}")
            _link(graph, before, bend)
            trunk.append(bend)
            before = bend
    for u, v, lane in edges:
        span = rank[v] - rank[u]
        if span < 1 or span > longest:
            graph.paths.append(None)
            continue
        bends = trunks[u, lane][:span - 1] if span > 1 else []
        graph.paths.append([u, *bends, v])
        _link(graph, bends[-1] if bends else u, v)
    return graph


def _link(graph: Graph, u: int, v: int) -> None:
    if v not in graph.down[u]:
        graph.down[u].append(v)
        graph.up[v].append(u)


def _longest_routed(rank: list[int], edges: Sequence[tuple[int, int, str]]) -> int:
    spans: dict[tuple[int, str], dict[int, None]] = {}
    for u, v, lane in edges:
        if rank[v] - rank[u] > 1:
            spans.setdefault((u, lane), {})[rank[v] - rank[u]] = None
    longest = max((s for group in spans.values() for s in group), default=1)
    while longest > 1:
        bends = sum(max((s - 1 for s in group if s <= longest), default=0) for group in spans.values())
        if bends <= BENDS:
            break
        longest //= 2
    return longest
