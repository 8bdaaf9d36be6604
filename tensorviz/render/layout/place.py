"""Coordinates: isotonic regression across, straight chains, bands downwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import floor

from .ranks import Graph

__all__ = ["ROUNDS", "bands", "half", "isotonic", "place_across"]

ROUNDS = 6
STRAIGHTENINGS = 8
SLANT = 14
CHAIN = 8.0

Distance = Callable[[int, int], int]


def half(value: float) -> float:
    """Round to a whole number, halves up: the same in both languages."""
    return float(floor(value + 0.5))


def isotonic(targets: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """Positions nearest to `targets` (weighted least squares) that keep ``distances[i]`` between i and i + 1."""
    values: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    shift, shifts = 0.0, []
    for i, target in enumerate(targets):
        if i:
            shift += distances[i - 1]
        shifts.append(shift)
        value, mass, size = target - shift, weights[i], 1
        while values and values[-1] > value:
            before, its = values.pop(), masses.pop()
            value = (before * its + value * mass) / (its + mass)
            mass += its
            size += sizes.pop()
        values.append(value)
        masses.append(mass)
        sizes.append(size)
    pooled = [value for value, size in zip(values, sizes, strict=True) for _ in range(size)]
    return [value + s for value, s in zip(pooled, shifts, strict=True)]


def place_across(graph: Graph, ranks: list[list[int]], distance: Distance) -> list[float]:
    """Step 4: the x of each vertex."""
    before = chain_parents(graph)
    x = [0.0] * len(graph.rank)
    apart = [[distance(a, b) for a, b in pairwise(rank)] for rank in ranks]
    for rank, row in zip(ranks, apart, strict=True):
        at = -sum(row) / 2
        for i, v in enumerate(rank):
            x[v] = at
            at += row[i] if i < len(row) else 0
    for turn in range(ROUNDS):
        both = turn >= 2
        for downwards in (True, False):
            rows = list(zip(ranks, apart, strict=True))
            for rank, row in rows if downwards else reversed(rows):
                _settle(graph, rank, row, x, before, (downwards or both, not downwards or both))
    for rank, row in zip(ranks, apart, strict=True):
        for i, v in enumerate(rank):
            x[v] = half(x[v]) if not i else max(half(x[v]), x[rank[i - 1]] + row[i - 1])
    _straighten(graph, ranks, apart, x, before)
    return x


def chain_parents(graph: Graph) -> list[int]:
    """The vertex right above which each vertex should stand, or -1."""
    main = [-1] * len(graph.rank)
    for v, down in enumerate(graph.down):
        boxes = [w for w in down if w < graph.boxes]
        bends = [w for w in down if w >= graph.boxes]
        if v >= graph.boxes and bends:
            main[v] = bends[0]
        elif len(boxes) == 1:
            main[v] = boxes[0]
        elif not boxes and len(bends) == 1:
            main[v] = bends[0]
    before = [-1] * len(graph.rank)
    for v, up in enumerate(graph.up):
        takers = [u for u in up if main[u] == v]
        inner = [u for u in takers if u < graph.boxes and graph.up[u]]
        if len(takers) == 1 and (len(up) == 1 or graph.up[takers[0]]):
            before[v] = takers[0]
        elif len(inner) == 1:
            before[v] = inner[0]
    return before


def _settle(graph: Graph, rank: list[int], row: list[int], x: list[float], before: list[int],
            sides: tuple[bool, bool]) -> None:
    targets, weights = [], []
    for v in rank:
        total = mass = 0.0
        above = sides[0] or not graph.down[v]
        below = sides[1] or not graph.up[v]
        for u in graph.up[v] if above else ():
            weight = CHAIN if before[v] == u else 1.0
            total += weight * x[u]
            mass += weight
        for w in graph.down[v] if below else ():
            weight = CHAIN if before[w] == v else 1.0
            total += weight * x[w]
            mass += weight
        targets.append(total / mass if mass else x[v])
        weights.append(mass if mass else 0.5)
    for v, value in zip(rank, isotonic(targets, weights, row), strict=True):
        x[v] = value


def _straighten(graph: Graph, ranks: list[list[int]], apart: list[list[int]], x: list[float], before: list[int]) -> None:
    left = [-1] * len(x)
    right = [-1] * len(x)
    room = [0] * len(x)
    for rank, row in zip(ranks, apart, strict=True):
        for i in range(len(row)):
            right[rank[i]], left[rank[i + 1]], room[rank[i]] = rank[i + 1], rank[i], row[i]
    after = {u: v for v, u in enumerate(before) if u >= 0}
    tops = [v for rank in ranks for v in rank if before[v] < 0]
    for turn in range(STRAIGHTENINGS):
        for top in tops if turn % 2 == 0 else reversed(tops):
            v: int | None = top
            while v is not None:
                v = _move_run(graph, v, after, x, left, right, room)


def _move_run(graph: Graph, v: int, after: dict[int, int], x: list[float],
              left: list[int], right: list[int], room: list[int]) -> int | None:
    """Put the longest straight run of a chain that fits, from `v` on, in its best place; returns where the next one starts."""
    lowest, highest = -1e300, 1e300
    run: list[int] = []
    at: int | None = v
    while at is not None:
        least = x[left[at]] + room[left[at]] if left[at] >= 0 else -1e300
        most = x[right[at]] - room[at] if right[at] >= 0 else 1e300
        if max(least, lowest) > min(most, highest):
            break
        lowest, highest = max(least, lowest), min(most, highest)
        run.append(at)
        at = after.get(at)
    inside = set(run)
    total = mass = 0.0
    for v in run:
        for w in graph.up[v] + graph.down[v]:
            if w not in inside:
                weight = 1.0 if graph.up[w] or not graph.up[v] else 0.25
                total += weight * x[w]
                mass += weight
    wish = half(total / mass) if mass else x[run[0]]
    wish = min(max(wish, lowest), highest)
    for v in run:
        x[v] = wish
    return at


def bands(heights: list[tuple[float, float]], slant: list[float], gap: int,
          old: Sequence[Sequence[float]] = ()) -> list[list[float]]:
    """Step 5: ``[top, middle, bottom]`` of each rank from its heights above and below the middle.

    `slant` is how far edges run sideways below each rank; `old` bands stay if they are high enough.
    """
    out: list[list[float]] = []
    push = 0.0
    for r, (above, below) in enumerate(heights):
        if r < len(old):
            top, middle, bottom = (value + push for value in old[r])
            more = max(above - (middle - top), 0.0)
            low = max(below - (bottom - middle), 0.0)
            out.append([top, middle + more, bottom + more + low])
            push += more + low
            continue
        top = 0.0
        if r:
            top = out[-1][2] + gap + min(float(SLANT), float(floor(max(slant[r - 1] - 40, 0) / 20)))
        out.append([top, top + above, top + above + below])
    return out
