"""Closes groups of a graph until the rest fits on a screen: what changed stays open first, then what comes first.

The groups are the paths that a trace gives its nodes (``gradient › hidden gradient``), each with a key
(``/gradient/hidden gradient``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .diff import Union

__all__ = ["MANY", "Fit", "Region", "extent_of", "fit", "shared_sets"]

MANY = 4                #: shared values with the same readers that are worth a card
LEAST = 2               #: operations that are worth a card
TRIES = 60              #: extents that are worked out at most


@dataclass(slots=True)
class Region:
    """A group that may be closed."""

    key: str
    name: str
    parent: str                                             #: key, "" at the top
    members: list[str] = field(default_factory=list)        #: operations
    children: list[str] = field(default_factory=list)
    changes: int = 0


@dataclass(slots=True)
class Fit:
    """Which regions there are and which of them are open."""

    regions: dict[str, Region]
    paths: dict[str, list[str]]                             #: operation -> keys of its regions, the outermost first
    opened: set[str] = field(default_factory=set)

    def card_of(self, name: str) -> str:
        """Key of the closed region that shows a node, "" if it is shown itself."""
        return next((key for key in self.paths.get(name, ()) if key not in self.opened), "")

    def text(self, key: str, ops: Mapping[str, str]) -> str:
        """How much is in a region: ``7 nodes``, or ``4 × 4 nodes`` where its parts are alike."""
        region = self.regions[key]
        parts = [sorted(ops[n] for n in self.regions[c].members) for c in region.children]
        if len(parts) > 1 and all(p == parts[0] for p in parts) and sum(map(len, parts)) == len(region.members):
            return f"{len(parts)} × {len(parts[0])} nodes"
        return f"{len(region.members)} nodes"


def fit(scene: Union, room: tuple[int, int, int], opened: Iterable[str] = (), closed: Iterable[str] = ()) -> Fit:
    """Open as many regions as leave at most `room` (boxes, ranks, boxes on a rank).

    What changed comes first, with an eighth more room. `opened` and `closed` are keys of regions that stay so.
    """
    found = _regions(scene)
    shut = set(closed)
    for key in list(opened):
        while key in found.regions:
            found.opened.add(key)
            key = found.regions[key].parent
    tries = TRIES
    waiting = [r.key for r in found.regions.values() if not r.parent]
    done: set[str] = set()
    while waiting:
        waiting.sort(key=lambda key: -found.regions[key].changes)
        key = waiting.pop(0)
        region = found.regions[key]
        if key not in found.opened:
            if key in shut or not tries:
                continue
            found.opened.add(key)
            boxes, ranks, across = (n + n // 8 if region.changes else n for n in room)
            fits = _boxes(scene, found) <= boxes
            if fits:
                tries -= 1
                extent = extent_of(scene, found)
                fits = extent[0] <= ranks and extent[1] <= across
            if not fits:
                found.opened.discard(key)
                continue
        done.add(key)
        waiting += region.children
    return found


def _regions(scene: Union) -> Fit:
    regions: dict[str, Region] = {}
    for name, node in scene.nodes.items():
        key = ""
        for part in node.group if node.kind == "op" else ():
            parent, key = key, f"{key}/{part}"
            regions.setdefault(key, Region(key, part, parent)).members.append(name)
    inputs: dict[str, list[str]] = {n: [] for n in scene.nodes}
    for edge in scene.edges:
        inputs[edge.target].append(edge.source)
    for region in regions.values():
        _make_convex(region, inputs)
    for key in [r.key for r in regions.values() if not _worth(r, regions)]:
        gone = regions.pop(key)
        for region in regions.values():
            region.parent = gone.parent if region.parent == key else region.parent
    paths: dict[str, list[str]] = {}
    for region in regions.values():
        region.changes = sum(n in scene.change for n in region.members)
        if region.parent:
            regions[region.parent].children.append(region.key)
        for name in region.members:
            paths.setdefault(name, []).append(region.key)
    return Fit(regions, paths)


def _make_convex(region: Region, inputs: dict[str, list[str]]) -> None:
    """Leave out what would close a cycle around the card: where the way around starts or what lies behind it."""
    while len(region.members) >= LEAST:
        inside = set(region.members)
        outside: dict[str, None] = {}                       # below the region, outside it
        late: dict[str, None] = {}                          # inside it, below what is outside
        for name, mine in inputs.items():
            if name in inside:
                if any(i in outside or i in late for i in mine):
                    late[name] = None
            elif any(i in inside or i in outside for i in mine):
                outside[name] = None
        if not late:
            return
        back: set[str] = set()                              # outside it, above what is late
        early: set[str] = set()
        for name in reversed(inputs):
            if name in late or name in back:
                back |= {i for i in inputs[name] if i in outside}
                early |= {i for i in inputs[name] if name in back and i in inside and i not in late}
        gone = early if early and len(early) <= len(late) else late
        region.members = [n for n in region.members if n not in gone]


def _worth(region: Region, regions: Mapping[str, Region]) -> bool:
    """Whether a card for it saves something; one that is all of its parent does not."""
    parent = regions.get(region.parent)
    return len(region.members) >= LEAST and (parent is None or len(parent.members) > len(region.members))


def _boxes(scene: Union, found: Fit) -> int:
    """How many boxes are drawn: operations, cards, and leaves that are not in one card alone."""
    cards: set[str] = set()
    boxes = 0
    for name, node in scene.nodes.items():
        if node.kind == "op":
            card = found.card_of(name)
            boxes += not card
            cards |= {card} - {""}
    drawn = {edge.source for edge in scene.edges
             if (node := scene.nodes[edge.source]).kind != "op" and (node.shape or node.kind != "constant")}
    for readers, leaves in shared_sets(scene, found).items():
        saved = len(leaves) if len(readers) == 1 else len(leaves) - 1 if len(leaves) >= MANY else 0
        boxes -= saved
    return boxes + len(cards) + len(drawn)


def shared_sets(scene: Union, found: Fit) -> dict[tuple[str, ...], list[str]]:
    """Shared values that only cards read, by those cards: they are in the one, or many with the same readers are one card."""
    readers: dict[str, set[str]] = {}
    for edge in scene.edges:
        if scene.nodes[edge.source].kind == "shared":
            readers.setdefault(edge.source, set()).add(found.card_of(edge.target))
    sets: dict[tuple[str, ...], list[str]] = {}
    for name in scene.nodes:
        if name in readers and "" not in readers[name]:
            sets.setdefault(tuple(sorted(readers[name])), []).append(name)
    return sets


def extent_of(scene: Union, found: Fit) -> tuple[int, int]:
    """Ranks of operations and cards, very many if they form a cycle; the most of them on one rank, but for what floats."""
    unit = {n: found.card_of(n) or n for n, node in scene.nodes.items() if node.kind == "op"}
    below: dict[str, set[str]] = {u: set() for u in unit.values()}
    waiting = dict.fromkeys(below, 0)
    for edge in scene.edges:
        u, v = unit.get(edge.source), unit.get(edge.target)
        if u and v and u != v and v not in below[u]:
            below[u].add(v)
            waiting[v] += 1
    rank = [u for u, count in waiting.items() if not count]
    depth = seen = across = 0
    while rank:
        depth, seen, following = depth + 1, seen + len(rank), []
        for u in rank:
            for v in below[u]:
                waiting[v] -= 1
                if not waiting[v]:
                    following.append(v)
        rank = following
        across = max(across, len(rank))
    return (depth if seen == len(below) else 1_000_000), across
