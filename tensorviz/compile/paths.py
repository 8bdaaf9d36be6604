"""Which loop nests lead to which: a nest can't run in one go if a path leaves it and comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.expr import Expr

if TYPE_CHECKING:
    from .fuse import Cluster

__all__ = ["Paths"]


class Paths:
    """The nests that nodes are in, what reads each nest, and where in the order of the nodes it lies."""

    def __init__(self, order: Sequence[Expr], readers: Mapping[Expr, list[Expr]]) -> None:
        self.position = {e: i for i, e in enumerate(order)}
        self.readers = readers
        self.cluster: dict[Expr, Cluster] = {}
        self.after: dict[Cluster, set[Cluster | Expr]] = {}         # the nests, and nodes outside nests, that read a nest
        self.before: dict[Cluster, set[Cluster]] = {}               # the nests that a nest reads
        self.span: dict[Cluster, tuple[int, int]] = {}              # positions of its first and last node

    def home(self, e: Expr) -> Cluster | Expr:
        """The nest of a node, or the node if it is in none."""
        return self.cluster.get(e, e)

    def note(self, p: Expr, c: Cluster) -> None:
        """p is in c now: keep what c leads to."""
        self.cluster[p] = c
        at = self.position[p]
        first, last = self.span.get(c, (at, at))
        self.span[c] = min(first, at), max(last, at)
        after = self.after.setdefault(c, set())
        self.before.setdefault(c, set())
        for h in map(self.home, self.readers[p]):
            if h is not c:
                after.add(h)
                if not isinstance(h, Expr):
                    self.before[h].add(c)

    def merged(self, c: Cluster, other: Cluster) -> None:
        """All of `other` is in c now."""
        self.cluster.update(dict.fromkeys(other.nodes, c))
        (first, last), (begin, end) = self.span[c], self.span.pop(other)
        self.span[c] = min(first, begin), max(last, end)
        after, before = self.after.pop(other), self.before.pop(other)
        for nest in before:
            self.after[nest].discard(other)
            self.after[nest].add(c)
        for h in after:
            if not isinstance(h, Expr):
                self.before[h].discard(other)
                self.before[h].add(c)
        self.after[c] = (self.after[c] | after) - {c, other}
        self.before[c] = (self.before[c] | before) - {c, other}

    def escapes(self, p: Expr, c: Cluster) -> bool:
        """Whether a path leads from p over nodes outside c back into c (then c could not run in one go)."""
        return self._path([self.home(r) for r in self.readers[p] if r not in c.maps], c)

    def leads(self, a: Cluster, b: Cluster) -> bool:
        """Whether a path leads from a over something outside both into b; reading a's results right in b is no matter."""
        return self._path([h for h in self.after[a] if h is not b], b)

    def _path(self, starts: Iterable[Cluster | Expr], target: Cluster) -> bool:
        """Whether a path leads from one of `starts` to the nest `target`; what lies behind all of its nodes can't."""
        last = self.span[target][1]
        seen: set[Cluster | Expr] = set()
        work = list(starts)
        while work:
            h = work.pop()
            if h is target:
                return True
            if h in seen or (self.position[h] if isinstance(h, Expr) else self.span[h][0]) > last:
                continue
            seen.add(h)
            work.extend(map(self.home, self.readers[h]) if isinstance(h, Expr) else self.after[h])
        return False
