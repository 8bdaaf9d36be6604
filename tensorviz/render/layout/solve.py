"""The layout of boxes and edges from start to end."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .order import order_ranks, parts
from .place import Distance, bands, place_across
from .ranks import Graph, make_graph, rank_boxes
from .routes import route_edges
from .seed import place_seeded

__all__ = ["Box", "Layout", "layout"]

BOX_BOX, BOX_BEND, BEND_BEND, PARTS = 16, 12, 10, 32


@dataclass(slots=True)
class Box:
    """A box to place; `w` is even, all numbers whole. Names may hang `below` it or stand `right` of it."""

    id: str
    w: int
    h: int
    below: int = 0
    right: int = 0


@dataclass(slots=True)
class Layout:
    """Where everything is. Centres of boxes, routes of edges; also what the next layout starts from."""

    x: dict[str, float] = field(default_factory=dict)
    y: dict[str, float] = field(default_factory=dict)
    rank: dict[str, int] = field(default_factory=dict)
    bends: dict[str, float] = field(default_factory=dict)     #: x of "source|lane|rank"
    bands: list[list[float]] = field(default_factory=list)    #: [top, middle, bottom] of each rank
    routes: list[list[list[float]]] = field(default_factory=list)  #: points of each edge, in the order given
    frame: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])  #: left, top, right, bottom of all

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Layout:
        """The inverse of `to_json`."""
        return cls(**data)


def layout(boxes: Sequence[Box], edges: Sequence[tuple[str, str, str]], gap: int = 18, seed: Layout | None = None) -> Layout:
    """Place boxes on ranks and route edges between them; with a `seed`, what it holds stays where it is.

    >>> flow = layout([Box("a", 40, 24), Box("b", 60, 24)], [("a", "b", "")])
    >>> flow.x, flow.y
    ({'a': 30.0, 'b': 30.0}, {'a': 12.0, 'b': 54.0})
    """
    ids = [box.id for box in boxes]
    number = {name: i for i, name in enumerate(ids)}
    links = [(number[u], number[v], lane) for u, v, lane in edges]
    wish = None if seed is None else [seed.rank.get(name) for name in ids]
    graph = make_graph(rank_boxes(len(boxes), links, wish), links, ids)
    distance = _distances(boxes, parts(graph) if seed is None else [0] * len(graph.rank))
    if seed is None:
        x = place_across(graph, order_ranks(graph), distance)
        left = min((x[i] - box.w / 2 for i, box in enumerate(boxes)), default=0.0)
        x = [value - left for value in x]
    else:
        x = _from_seed(graph, ids, seed, distance)
    band = _bands(graph, boxes, x, gap, () if seed is None else seed.bands)
    routes = route_edges(links, graph, x, [b.w for b in boxes], [b.h for b in boxes], band)
    return Layout(x={name: x[i] for i, name in enumerate(ids)},
                  y={name: band[graph.rank[i]][1] for i, name in enumerate(ids)},
                  rank={name: graph.rank[i] for i, name in enumerate(ids)},
                  bends={key: x[len(boxes) + i] for i, key in enumerate(graph.keys)},
                  bands=band, routes=routes, frame=_frame(boxes, x, band, graph, routes))


def _distances(boxes: Sequence[Box], part: list[int]) -> Distance:
    count = len(boxes)

    def distance(a: int, b: int) -> int:
        """The least distance of the centres of `a` and `b` to its right."""
        if a >= count and b >= count:
            return BEND_BEND
        space = BOX_BEND if a >= count or b >= count else BOX_BOX if part[a] == part[b] else PARTS
        wide = boxes[a].w // 2 + boxes[a].right if a < count else 0
        return wide + space + (boxes[b].w // 2 if b < count else 0)

    return distance


def _from_seed(graph: Graph, ids: list[str], seed: Layout, distance: Distance) -> list[float]:
    kept: list[float | None] = []
    wish: list[float | None] = []
    for v, r in enumerate(graph.rank):
        if v < len(ids):
            old = seed.x.get(ids[v])
            stays = seed.rank.get(ids[v]) == r and ids[v] in seed.y
        else:
            old = seed.bends.get(graph.keys[v - len(ids)])
            stays = old is not None
        kept.append(old if stays else None)
        wish.append(old)
    return place_seeded(graph, kept, wish, distance)


def _bands(graph: Graph, boxes: Sequence[Box], x: list[float], gap: int,
           old: Sequence[Sequence[float]]) -> list[list[float]]:
    count = max(graph.rank, default=-1) + 1
    heights = [(0.0, 0.0)] * count
    slant = [0.0] * count
    for i, box in enumerate(boxes):
        r = graph.rank[i]
        heights[r] = (max(heights[r][0], box.h / 2), max(heights[r][1], box.h / 2 + box.below))
    for v, down in enumerate(graph.down):
        for w in down:
            slant[graph.rank[v]] = max(slant[graph.rank[v]], abs(x[v] - x[w]))
    return bands(heights, slant, gap, old)


def _frame(boxes: Sequence[Box], x: list[float], band: list[list[float]], graph: Graph,
           routes: list[list[list[float]]]) -> list[float]:
    if not boxes:
        return [0.0, 0.0, 0.0, 0.0]
    left = min(x[i] - box.w / 2 for i, box in enumerate(boxes))
    right = max(x[i] + box.w / 2 + box.right for i, box in enumerate(boxes))
    xs = [point[0] for route in routes for point in route]
    used = [band[r] for r in graph.rank[:len(boxes)]]
    return [min([left, *xs]), min(b[0] for b in used), max([right, *xs]), max(b[2] for b in used)]
