"""What differs between two states of one graph, laid over each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .trace import Node, State

__all__ = ["ADDED", "KEPT", "REMOVED", "REWIRED", "Edge", "Union", "union"]

KEPT, ADDED, REMOVED, REWIRED = "", "add", "rem", "chg"


@dataclass(slots=True)
class Edge:
    """An argument: `source` is read by `target`; `change` is kept, added or removed."""

    source: str
    target: str
    change: str = KEPT


@dataclass(slots=True)
class Union:
    """The nodes and edges of two states; a rewired node is there once, as it is after."""

    nodes: dict[str, Node] = field(default_factory=dict)     #: inputs before readers
    change: dict[str, str] = field(default_factory=dict)     #: only of nodes that changed
    edges: list[Edge] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)         #: after, then those that were outputs only before

    def counts(self) -> dict[str, int]:
        """How many nodes were added, removed and rewired."""
        found = Counter(self.change.values())
        return {kind: found[kind] for kind in (ADDED, REMOVED, REWIRED)}


def union(before: State, after: State) -> Union:
    """Lay `after` over `before`; both may be the same state, then nothing is changed.

    A node is rewired only if its own inputs, op or parameter changed: what lies further down is kept.
    """
    change: dict[str, str] = {}
    for name, node in after.nodes.items():
        old = before.nodes.get(name)
        if old is None:
            change[name] = ADDED
        elif old is not node and (old.inputs, old.op, old.param) != (node.inputs, node.op, node.param):
            change[name] = REWIRED
    gone = [name for name in before.nodes if name not in after.nodes]
    change.update((name, REMOVED) for name in gone)
    nodes = {**after.nodes, **{name: before.nodes[name] for name in gone}}
    edges = {name: _edges(name, before.nodes.get(name), after.nodes.get(name)) for name in nodes}
    outputs = after.outputs + [o for o in before.outputs if o not in after.outputs]
    reads = {name: Node(name, "", inputs=[e.source for e in mine]) for name, mine in edges.items()}
    order = _order(reads, outputs)
    return Union({n: nodes[n] for n in order}, change, [e for n in order for e in edges[n]], outputs)


def _edges(target: str, old: Node | None, new: Node | None) -> list[Edge]:
    if old is new or old is None or new is None:
        change = REMOVED if new is None else ADDED if old is None else KEPT
        return [Edge(i, target, change) for i in (new or old or Node("", "")).inputs]
    left = Counter(old.inputs)
    out = []
    for i in new.inputs:
        out.append(Edge(i, target, KEPT if left[i] else ADDED))
        left[i] -= left[i] > 0
    for i in old.inputs:
        if left[i] > 0:
            left[i] -= 1
            out.append(Edge(i, target, REMOVED))
    return out


def _order(reads: dict[str, Node], outputs: list[str]) -> list[str]:
    """Inputs before readers where that is possible: two states together may hold a cycle."""
    done: dict[str, None] = {}
    open_: set[str] = set()
    for root in [*outputs, *reads]:
        stack = [root]
        while stack:
            top = stack[-1]
            if top in done:
                stack.pop()
                continue
            waiting = [] if top in open_ else [i for i in reversed(reads[top].inputs) if i not in done and i not in open_]
            open_.add(top)
            if not waiting:
                done[stack.pop()] = None
            stack += waiting
    return list(done)
