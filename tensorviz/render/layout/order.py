"""The order of vertices within their ranks: few crossings."""

from __future__ import annotations

from .ranks import Graph

__all__ = ["order_ranks", "parts"]

SWEEPS = 10
SWAPS = 4
SWAP_LIMIT = 4000


def parts(graph: Graph) -> list[int]:
    """The connected part of each vertex, numbered by its lowest vertex."""
    part = [-1] * len(graph.rank)
    for start in range(len(part)):
        if part[start] >= 0:
            continue
        part[start] = start
        stack = [start]
        while stack:
            v = stack.pop()
            for w in graph.up[v] + graph.down[v]:
                if part[w] < 0:
                    part[w] = start
                    stack.append(w)
    return part


def order_ranks(graph: Graph) -> list[list[int]]:
    """Step 3: the vertices of each rank from left to right."""
    ranks: list[list[int]] = [[] for _ in range(max(graph.rank, default=-1) + 1)]
    for v, r in enumerate(graph.rank):
        ranks[r].append(v)
    part = parts(graph)
    place = [0.0] * len(graph.rank)
    for rank in ranks:
        rank.sort(key=lambda v: part[v])
        _number(rank, place)
    best, fewest = [list(rank) for rank in ranks], crossings(ranks, graph, place)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        for rank in ranks if downwards else reversed(ranks):
            _sort(rank, graph, place, part, downwards)
        count = crossings(ranks, graph, place)
        if count < fewest:
            best, fewest = [list(rank) for rank in ranks], count
    for rank in best:
        _number(rank, place)
    if fewest and len(graph.rank) <= SWAP_LIMIT:
        _swap(best, graph, place, part)
    return best


def _number(rank: list[int], place: list[float]) -> None:
    middle = (len(rank) - 1) / 2
    for i, v in enumerate(rank):
        place[v] = i - middle


def _sort(rank: list[int], graph: Graph, place: list[float], part: list[int], downwards: bool) -> None:
    first, second = (graph.up, graph.down) if downwards else (graph.down, graph.up)
    key = {}
    for v in rank:
        around = first[v] or second[v]
        total = 0.0
        for w in around:
            total += place[w]
        key[v] = (part[v], total / len(around) if around else place[v])
    rank.sort(key=key.__getitem__)
    _number(rank, place)


def crossings(ranks: list[list[int]], graph: Graph, place: list[float]) -> int:
    """How often links cross, summed over neighbouring ranks (a Fenwick tree over the lower rank)."""
    total = 0
    for r in range(len(ranks) - 1):
        lower = ranks[r + 1]
        offset = (len(lower) - 1) / 2
        tree = [0] * (len(lower) + 1)
        drawn = 0
        for u in ranks[r]:
            ends = sorted(int(place[v] + offset) for v in graph.down[u])
            for end in ends:
                i, before = end + 1, 0
                while i > 0:
                    before += tree[i]
                    i -= i & -i
                total += drawn - before
            for end in ends:
                i = end + 1
                while i <= len(lower):
                    tree[i] += 1
                    i += i & -i
            drawn += len(ends)
    return total


def _swap(ranks: list[list[int]], graph: Graph, place: list[float], part: list[int]) -> None:
    for _ in range(SWAPS):
        better = False
        for rank in ranks:
            for i in range(len(rank) - 1):
                a, b = rank[i], rank[i + 1]
                if part[a] != part[b]:
                    continue
                now = _between(graph.up, place, a, b) + _between(graph.down, place, a, b)
                then = _between(graph.up, place, b, a) + _between(graph.down, place, b, a)
                if then < now:
                    rank[i], rank[i + 1] = b, a
                    place[a], place[b] = place[b], place[a]
                    better = True
        if not better:
            break


def _between(links: list[list[int]], place: list[float], left: int, right: int) -> int:
    count = 0
    for v in links[left]:
        for w in links[right]:
            if place[v] > place[w]:
                count += 1
    return count
