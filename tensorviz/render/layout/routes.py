"""Where edges leave and enter boxes, and the points between."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from .place import isotonic
from .ranks import Graph

__all__ = ["route_edges"]

INSET = 12


def _half_pixel(value: float) -> float:
    return floor(value * 2 + 0.5) / 2


def in_ports(edges: Sequence[tuple[int, int, str]], graph: Graph, x: list[float], widths: Sequence[float]) -> list[float]:
    """The x where each edge enters its target, ordered by where it comes from."""
    entering: dict[int, list[int]] = {}
    for e, (_, v, _) in enumerate(edges):
        entering.setdefault(v, []).append(e)
    port = [0.0] * len(edges)
    for v, mine in entering.items():
        def origin(e: int) -> float:
            path = graph.paths[e]
            return x[path[-2]] if path else x[edges[e][0]]
        mine.sort(key=origin)
        step = min(34.0 if widths[v] > 130 else 22.0, widths[v] / (len(mine) + 0.6))
        for i, e in enumerate(mine):
            port[e] = _half_pixel(x[v] + (i - (len(mine) - 1) / 2) * step)
    return port


def out_ports(edges: Sequence[tuple[int, int, str]], graph: Graph, x: list[float], widths: Sequence[float],
              entry: list[float]) -> list[float]:
    """The x where each edge leaves its source: above where it goes; edges into one trunk share it."""
    leaving: dict[int, dict[int, list[int]]] = {}
    for e, (u, _, _) in enumerate(edges):
        path = graph.paths[e]
        hop = path[1] if path and path[1] >= graph.boxes else -1 - e
        leaving.setdefault(u, {}).setdefault(hop, []).append(e)
    port = [0.0] * len(edges)
    for u, hops in leaving.items():
        low, high = x[u] - widths[u] / 2 + INSET, x[u] + widths[u] / 2 - INSET
        if low > high:
            low = high = x[u]
        wanted = [(min(max(x[hop] if hop >= 0 else entry[mine[0]], low), high), mine) for hop, mine in hops.items()]
        wanted.sort(key=lambda w: w[0])
        last = len(wanted) - 1
        step = min(8.0, (high - low) / last) if last else 0.0
        at = isotonic([w for w, _ in wanted], [1.0] * len(wanted), [step] * last)
        for i, (_, mine) in enumerate(wanted):
            value = min(max(at[i], low + i * step), high - (last - i) * step)
            for e in mine:
                port[e] = _half_pixel(value)
    return port


def route_edges(edges: Sequence[tuple[int, int, str]], graph: Graph, x: list[float], widths: Sequence[float],
                heights: Sequence[float], band: list[list[float]]) -> list[list[list[float]]]:
    """Step 7: the points of each edge, from the bottom of the source to the top of the target."""
    entry = in_ports(edges, graph, x, widths)
    leave = out_ports(edges, graph, x, widths, entry)
    routes = []
    for e, (u, v, _) in enumerate(edges):
        path = graph.paths[e]
        ru, rv = graph.rank[u], graph.rank[v]
        points = [[leave[e], band[ru][1] + heights[u] / 2]]
        if path:
            points.append([leave[e], band[ru][2]])
            for bend in path[1:-1]:
                points.append([x[bend], band[graph.rank[bend]][0]])
                points.append([x[bend], band[graph.rank[bend]][2]])
            points.append([entry[e], band[rv][0]])
        points.append([entry[e], band[rv][1] - heights[v] / 2])
        routes.append(_simplified(points))
    return routes


def _simplified(points: list[list[float]]) -> list[list[float]]:
    out: list[list[float]] = []
    for point in points:
        if out and out[-1] == point:
            continue
        if len(out) > 1 and out[-1][0] == point[0] == out[-2][0]:
            out.pop()
        out.append(point)
    return out
