"""Layout that starts from an earlier one: what stays does not move."""

from __future__ import annotations

from itertools import pairwise

from .place import Distance, half, isotonic
from .ranks import Graph

__all__ = ["REACH", "place_seeded"]

REACH = 160


def place_seeded(graph: Graph, kept: list[float | None], wish: list[float | None], distance: Distance) -> list[float]:
    """Step 6: `kept` vertices stay at their x; the others go to the nearest free place near their wish.

    Vertices are placed rank by rank, boxes before bends; within those in vertex order.
    """
    x = [0.0 if k is None else k for k in kept]
    placed = [k is not None for k in kept]
    ranks: list[list[int]] = [[] for _ in range(max(graph.rank, default=-1) + 1)]
    for v, r in enumerate(graph.rank):
        ranks[r].append(v)
    for members in ranks:
        rank = sorted((v for v in members if placed[v]), key=lambda v: x[v])
        _part(rank, x, distance)
        for v in members:
            if not placed[v]:
                _insert(graph, v, rank, x, placed, _wanted(graph, v, wish[v], x, placed), distance)
    return x


def _part(rank: list[int], x: list[float], distance: Distance) -> None:
    """Old vertices may have grown: make room where they would touch."""
    row = [distance(a, b) for a, b in pairwise(rank)]
    if all(x[rank[i + 1]] - x[rank[i]] >= row[i] for i in range(len(row))):
        return
    _spread(rank, isotonic([x[v] for v in rank], [1.0] * len(rank), row), row, x)


def _wanted(graph: Graph, v: int, wish: float | None, x: list[float], placed: list[bool]) -> float:
    if wish is not None:
        return half(wish)
    for around in (graph.up[v], graph.down[v]):
        known = [x[w] for w in around if placed[w]]
        if known:
            total = 0.0
            for value in known:
                total += value
            return half(total / len(known))
    return 0.0


def _insert(graph: Graph, v: int, rank: list[int], x: list[float], placed: list[bool], wish: float,
            distance: Distance) -> None:
    best, slot = None, 0
    for i in range(len(rank) + 1):
        least = x[rank[i - 1]] + distance(rank[i - 1], v) if i else -1e300
        most = x[rank[i]] - distance(v, rank[i]) if i < len(rank) else 1e300
        if least <= most:
            at = min(max(wish, least), most)
            if best is None or abs(at - wish) < abs(best - wish):
                best, slot = at, i
    placed[v] = True
    if best is not None and abs(best - wish) <= REACH:
        x[v] = best
        rank.insert(slot, v)
        return
    slot = sum(x[w] < wish for w in rank)
    x[v] = wish
    rank.insert(slot, v)
    row = [distance(a, b) for a, b in pairwise(rank)]
    weights = [1.0 if w == v else 20.0 for w in rank]
    _spread(rank, isotonic([x[w] for w in rank], weights, row), row, x)


def _spread(rank: list[int], values: list[float], row: list[int], x: list[float]) -> None:
    for i, v in enumerate(rank):
        x[v] = half(values[i]) if not i else max(half(values[i]), x[rank[i - 1]] + row[i - 1])
