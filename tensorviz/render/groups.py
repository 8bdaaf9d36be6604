"""Which nodes are drawn as one: fused kernels, groups of the user, runs of one family, slices of a huge graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .diff import Union
from .fit import MANY, Fit, shared_sets
from .names import brief, clipped
from .trace import Kernel, Node

__all__ = ["Group", "closed_regions", "group_nodes", "neighbourhood"]


@dataclass(slots=True)
class Group:
    """Nodes drawn as one, with the name it goes by."""

    name: str
    members: list[str] = field(default_factory=list)
    kernel: str = ""            #: id of the kernel it is, or ""
    key: str = ""               #: of the region it is ("/gradient", "/gradient#2" for a second piece), or ""
    text: str = ""              #: how much is in it, if that is more than a count


def group_nodes(scene: Union, how: str, limit: int, kernels: list[Kernel], opened: Iterable[str] = ()) -> list[Group]:
    """Groups with at least two nodes, so that the groups together form no cycle.

    `how`: "none", "kernel", "path" (outermost group of the node), "runs" (chains of one op family), "auto" (nothing up to
    `limit` nodes; above it path, then runs, then slices of the topological order until no more than `limit` are left).
    """
    if how == "none" or (how == "auto" and len(scene.nodes) <= limit):
        return []
    if how == "kernel":
        return _split(scene, {n: (k.id, k.name) for k in kernels for n in k.nodes}, kernels=True)
    if how == "path":
        return _split(scene, _by_path(scene, set(opened)))
    if how == "runs":
        return _split(scene, _by_run(scene))
    left = len(scene.nodes)
    groups: list[Group] = []
    for labels in (_by_path(scene, set(opened)), _by_run(scene)):
        found = _split(scene, labels)
        size = len(scene.nodes) - sum(len(g.members) - 1 for g in found)
        if size < left:
            groups, left = found, size
        if left <= limit:
            return groups
    return _slices(scene, limit)


def closed_regions(scene: Union, found: Fit) -> list[Group]:
    """The cards of the regions that are closed; one that would close a cycle makes several."""
    labels = {}
    for name in scene.nodes:
        card = found.card_of(name)
        if card:
            labels[name] = (card, found.regions[card].name)
    ops = {n: node.op for n, node in scene.nodes.items()}
    groups = _split(scene, labels)
    pieces: dict[str, int] = {}
    for group in groups:
        key = labels[group.members[0]][0]
        pieces[key] = pieces.get(key, 0) + 1
        group.key = key if pieces[key] == 1 else f"{key}#{pieces[key]}"
        if len(group.members) == len(found.regions[key].members):
            group.text = found.text(key, ops)
    many = [leaves for readers, leaves in shared_sets(scene, found).items() if len(readers) > 1 and len(leaves) >= MANY]
    for k, leaves in enumerate(many, 1):
        first, last = (scene.nodes[n].name or "shared" for n in (leaves[0], leaves[-1]))
        groups.append(Group(f"{first} to {last}", leaves, "", f"/shared#{k}", f"{len(leaves)} shared"))
    return groups


def _by_path(scene: Union, opened: set[str]) -> dict[str, tuple[str, str]]:
    labels = {}
    for name, node in scene.nodes.items():
        path = [p for p in node.group if p not in opened]
        if path and node.kind == "op":
            labels[name] = (path[0], path[0])
    return labels


def _by_run(scene: Union) -> dict[str, tuple[str, str]]:
    """A node joins its only reader if both are of one family: trees, so nothing can close a cycle."""
    readers: dict[str, set[str]] = {}
    for edge in scene.edges:
        readers.setdefault(edge.source, set()).add(edge.target)
    labels: dict[str, tuple[str, str]] = {}
    for name in reversed(scene.nodes):
        node = scene.nodes[name]
        if node.kind != "op":
            continue
        labels[name] = (name, node.family)
        mine = readers.get(name, set())
        if len(mine) == 1:
            reader = next(iter(mine))
            if scene.nodes[reader].family == node.family and reader in labels:
                labels[name] = labels[reader]
    return labels


def _slices(scene: Union, limit: int) -> list[Group]:
    names = list(scene.nodes)
    size = -(-len(names) // max(1, limit // 4))
    parts = [names[i:i + size] for i in range(0, len(names), size)]
    return [Group(f"part {i + 1}{_said([scene.nodes[n] for n in part])}", part) for i, part in enumerate(parts) if len(part) > 1]


def _said(nodes: list[Node]) -> str:
    """What a slice holds: the group that most of it is of, else the names in it, else its commonest ops."""
    ops = [n for n in nodes if n.kind == "op"]
    group, size = next(iter(Counter(n.group[0] for n in ops if n.group).most_common(1)), ("", 0))
    named = [clipped(n.name, 14) for n in ops if n.name]
    if 2 * size > len(ops):
        return f": {clipped(group, 20)}"
    if named:
        return f": {named[0]}" + (f" to {named[-1]}" if named[-1] != named[0] else "")
    common = ", ".join(op for op, _ in Counter(brief(n.op) for n in ops).most_common(2))
    return f": {common}" if common else ""


def _split(scene: Union, labels: dict[str, tuple[str, str]], kernels: bool = False) -> list[Group]:
    """Groups from labels `(key, name)`; a label whose nodes would close a cycle makes several groups."""
    pieces: dict[str, list[Group]] = {}
    for name in scene.nodes:
        if name in labels:
            key, title = labels[name]
            pieces.setdefault(key, [Group(title, [], key if kernels else "")])[0].members.append(name)
    if not _acyclic(scene, {n: key for n, (key, _) in labels.items()}):
        pieces = _levelled(scene, labels, kernels)
    return [group for groups in pieces.values() for group in groups if len(group.members) > 1]


def _acyclic(scene: Union, part: dict[str, str]) -> bool:
    links: dict[str, set[str]] = {}
    waiting: dict[str, int] = {part.get(n, n): 0 for n in scene.nodes}
    for edge in scene.edges:
        u, v = part.get(edge.source, edge.source), part.get(edge.target, edge.target)
        if u != v and v not in links.setdefault(u, set()):
            links[u].add(v)
            waiting[v] += 1
    ready = [v for v, count in waiting.items() if not count]
    seen = 0
    while ready:
        seen += 1
        for v in links.get(ready.pop(), ()):
            waiting[v] -= 1
            if not waiting[v]:
                ready.append(v)
    return seen == len(waiting)


def _levelled(scene: Union, labels: dict[str, tuple[str, str]], kernels: bool) -> dict[str, list[Group]]:
    """Pieces with levels that rise along every edge between them."""
    inputs: dict[str, list[str]] = {}
    for edge in scene.edges:
        inputs.setdefault(edge.target, []).append(edge.source)
    pieces: dict[str, list[Group]] = {}
    level: dict[str, tuple[int, int]] = {}      # node -> (level, number of its piece or -1)
    last: dict[str, int] = {}                   # key -> level of its newest piece
    for name in scene.nodes:
        key, title = labels.get(name, (name, ""))
        mine = pieces.setdefault(key, [])
        least = 0
        for i in inputs.get(name, ()):
            if i in level:
                same = labels.get(i, (i, ""))[0] == key and level[i][1] == len(mine) - 1
                least = max(least, level[i][0] + (0 if same else 1))
        if not mine or least > last[key]:
            mine.append(Group(title, [], key if kernels else ""))
            last[key] = max(least, last.get(key, 0))
        mine[-1].members.append(name)
        level[name] = (last[key], len(mine) - 1)
    return pieces


def neighbourhood(scene: Union, around: Iterable[str], ranks: int = 2) -> set[str]:
    """The nodes within `ranks` edges of those in `around`, in both directions."""
    links: dict[str, list[str]] = {}
    for edge in scene.edges:
        links.setdefault(edge.source, []).append(edge.target)
        links.setdefault(edge.target, []).append(edge.source)
    found = {n for n in around if n in scene.nodes}
    edge_of = set(found)
    for _ in range(ranks):
        edge_of = {m for n in edge_of for m in links.get(n, ())} - found
        found |= edge_of
    return found
