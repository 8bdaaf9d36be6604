"""Fusion: which nodes run in one loop nest.

Nodes are visited from the outputs up. A node joins the loop nest of its readers if it varies over the same loop axes
there, if no path leads out of the nest and back, and if the nest can still be written as: outer loops, inner loops in
stages (a reduction over the inner axes ends a stage), and accumulators that live across the outer loops.
Transposes, added and dropped axes, and broadcasts are no work: they only say which loop axis an axis runs along.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.expr import Expr, is_constant, value_of
from ..core.graph import topological
from .lengths import REDUCTIONS
from .lengths import same as same_length
from .paths import Paths

__all__ = ["Axis", "Cluster", "Fusion", "MAPS", "Split", "fuse", "needed", "source_of"]

MAPS = {"transpose", "expand_dims", "squeeze", "broadcast_to", "zero_grad", "specify_shape"}     # other views of their argument
SOURCES = {"arange", "eye"}                                         # ops whose value follows from the index
STORES = 32                                                         # results that one puts into memory: as above
BESIDE = 16                                                         # the same, where nests only share what they read
NEAR = 4                                                            # so many nests back one to share with is looked for
LIMIT = 400                                                         # nodes in a loop nest: compilers' time grows beyond

Length = Any                                                        # int, or a scalar int64 expression


class Axis:
    """A loop axis; `length` is an int or a scalar expression."""

    __slots__ = ("length",)

    def __init__(self, length: Length) -> None:
        self.length = length


AxisMap = tuple[Axis | None, ...]                                   # for each axis of a node: its loop axis, None for length 1


@dataclass(slots=True)
class Split:
    """How a nest is written: outer and inner axes, and for each node whether it is computed in the loops or after."""

    outer: list[Axis]
    inner: list[Axis]
    after: dict[Expr, AxisMap]          # nodes computed after the outer loops
    roles: dict[Expr, str]              # reductions: row | full | column


@dataclass(eq=False, slots=True)
class Cluster:
    """Nodes of one loop nest with the loop axes of each."""

    nodes: list[Expr] = field(default_factory=list)
    maps: dict[Expr, AxisMap] = field(default_factory=dict)
    axes: list[Axis] = field(default_factory=list)
    reduced: dict[Expr, tuple[Axis, ...]] = field(default_factory=dict)
    split: Split | None = None
    order: int = 0
    why: str = ""


def source_of(e: Expr) -> Expr:
    """The node whose memory a chain of views looks at."""
    while e.op.name in MAPS:
        e = e.args[0]
    return e


class Fusion:
    """The state of one fusion: readers, clusters; `run` gives the clusters by node."""

    def __init__(self, roots: Sequence[Expr], lengths: Callable[[Expr], tuple[Length, ...]], supported: Callable[[Expr], bool],
                 max_roles: tuple[str, ...] = ("row", "full", "column"), careful: bool = False,
                 is_host: Callable[[Expr], bool] = lambda e: False) -> None:
        self.order = needed(roots, is_host)
        self.lengths, self.supported, self.max_roles, self.careful = lengths, supported, max_roles, careful
        self.fusible = {e for e in self.order if self._can_fuse(e)}
        self.readers: dict[Expr, list[Expr]] = {e: [] for e in self.order}      # real readers, views looked through
        self.paths = Paths(self.order, self.readers)
        self.position, self.cluster = self.paths.position, self.paths.cluster
        self.outside: dict[Expr, bool] = dict.fromkeys(self.order, False)       # read by something that is not a loop nest
        for root in roots:
            self.outside[source_of(root)] = True
        for e in self.order:
            if e.op.name in MAPS or is_host(e):
                continue
            for a in e.args:
                source = source_of(a)
                if all(e is not r for r in self.readers[source][-1:]):
                    self.readers[source].append(e)
                if e not in self.fusible:
                    self.outside[source] = True

    def _can_fuse(self, e: Expr) -> bool:
        name = e.op.name
        return (e.op.family == "elementwise" or name in REDUCTIONS or name in SOURCES) and self.supported(e)

    def run(self) -> dict[Expr, Cluster]:
        """Assign every fusible node to a cluster."""
        for e in reversed(self.order):
            if e in self.fusible:
                self._place(e)
        for e in self.order:
            if e not in self.fusible and self.readers[e] and e.ndim:
                self._beside(e)
        return self.cluster

    # -- placing one node ------------------------------------------------------------------------------------------
    def _place(self, p: Expr) -> None:
        groups: list[Cluster] = []
        for r in self.readers[p]:
            c = self.cluster.get(r)
            if c is not None and c not in groups:
                groups.append(c)
        groups.sort(key=lambda c: c.order)
        for k, c in enumerate(groups):
            if not self._join(p, c):
                continue
            for other in groups[k + 1:]:
                self._merge(c, other, p)
            return
        self._start(p)

    def _start(self, p: Expr) -> None:
        source = p.args[0] if p.op.name in REDUCTIONS else p
        axes = [None if isinstance(n, int) and n == 1 else Axis(n) for n in self.lengths(source)]
        c = Cluster([p], axes=[a for a in axes if a is not None], order=self.position[p])
        if p.op.name in REDUCTIONS:
            reduced = _reduced_axes(p)
            c.reduced[p] = tuple(a for k, a in enumerate(axes) if k in reduced and a is not None)
            c.maps[p] = _kept_map(p, axes, reduced)
        else:
            c.maps[p] = tuple(axes)
        c.split = self.split(c)
        if c.split is not None:
            self.paths.note(p, c)

    def _join(self, p: Expr, c: Cluster) -> bool:
        if len(c.nodes) >= LIMIT or self.paths.escapes(p, c):
            return False
        if self.careful and any(r not in c.maps for r in self.readers[p]):
            return False
        wanted = self.wanted_map(p, c)
        if wanted is None:
            return False
        stored = self.outside[p] or any(self.cluster.get(r) is not c for r in self.readers[p])
        if stored and (not self._fits(p, wanted) or self._stores(c.nodes, c.maps) >= STORES):
            return False
        axes, reduced = list(c.axes), dict(c.reduced)
        if p.op.name in REDUCTIONS:
            found = self._reduction_axes(p, wanted, axes)
            if found is None or not self._fits(p, wanted):
                return False
            axes, reduced[p] = found
        trial = Cluster([*c.nodes, p], {**c.maps, p: wanted}, axes, reduced, order=c.order)
        trial.split = self.split(trial, c.split)
        if trial.split is None or not self._readable(trial):
            return False
        self._take(c, trial)
        self.paths.note(p, c)
        return True

    def _stores(self, nodes: Sequence[Expr], inside: Container[Expr]) -> int:
        """How many results a nest of `nodes` puts into memory."""
        return sum(self.outside[e] or any(r not in inside for r in self.readers[e]) for e in nodes)

    def _take(self, c: Cluster, trial: Cluster) -> None:
        c.nodes, c.maps, c.axes, c.reduced, c.split = trial.nodes, trial.maps, trial.axes, trial.reduced, trial.split

    def _fits(self, p: Expr, m: AxisMap) -> bool:
        """Whether every axis of p has just the length of its loop axis (no run-time broadcasting of p)."""
        return all((isinstance(n, int) and n == 1) if a is None else same_length(n, a.length)
                   for n, a in zip(self.lengths(p), m, strict=True))

    def _readable(self, c: Cluster) -> bool:
        """A node reduced in the nest must be as long as its loop axes, else the loop would run too often."""
        for e, axes in c.reduced.items():
            whole = self.arg_maps(e, c)[0]
            source, m = self.through(e.args[0], whole)
            if source in c.maps and not set(axes) <= {a for a in m if a is not None}:
                return False
            if not self._fits(e.args[0], whole):
                return False
        return True

    # -- axes ------------------------------------------------------------------------------------------------------
    def wanted_map(self, p: Expr, c: Cluster) -> AxisMap | None:
        """The axis map that the readers of p in c need, None if they differ."""
        wanted: AxisMap | None = None
        readers = self.readers[p]
        for r in readers if len(readers) <= len(c.nodes) else c.nodes:
            if r not in c.maps:
                continue
            for a, m in zip(r.args, self.arg_maps(r, c), strict=True):
                source, sm = self.through(a, m)
                if source is p:
                    if wanted is not None and wanted != sm:
                        return None
                    wanted = sm
        return wanted

    def arg_maps(self, e: Expr, c: Cluster) -> list[AxisMap]:
        """For each argument of e: the loop axis of each of its axes."""
        m = c.maps[e]
        if e.op.name in REDUCTIONS:
            reduced, inner, kept = _reduced_axes(e), list(c.reduced[e]), list(m)
            lengths = self.lengths(e.args[0])
            result: list[Axis | None] = []
            keep = iter(kept if not e.kw["keepdims"] else [x for k, x in enumerate(kept) if k not in reduced])
            for k in range(len(lengths)):
                if k in reduced:
                    result.append(None if isinstance(lengths[k], int) and lengths[k] == 1 else inner.pop(0))
                else:
                    result.append(next(keep))
            return [tuple(result)]
        return [self._broadcast_map(a, m) for a in e.args]

    def _broadcast_map(self, a: Expr, m: AxisMap) -> AxisMap:
        lengths = self.lengths(a)
        tail = m[len(m) - len(lengths):]
        return tuple(None if isinstance(n, int) and n == 1 else x for n, x in zip(lengths, tail, strict=True))

    def through(self, a: Expr, m: AxisMap) -> tuple[Expr, AxisMap]:
        """Look through views: the real node under `a` and its axis map."""
        while a.op.name in MAPS:
            x, kw = a.args[0], a.kw
            if a.op.name == "transpose":
                inverse: list[Axis | None] = [None] * len(m)
                for k, axis in enumerate(kw["axes"]):
                    inverse[axis] = m[k]
                m = tuple(inverse)
            elif a.op.name == "expand_dims":
                m = tuple(x for k, x in enumerate(m) if k not in kw["axes"])
            elif a.op.name == "squeeze":
                rest = iter(m)
                m = tuple(None if k in kw["axes"] else next(rest) for k in range(x.ndim))
            else:
                m = self._broadcast_map(x, m)
            a = x
        return a, m

    def _reduction_axes(self, p: Expr, m: AxisMap, axes: list[Axis]) -> tuple[list[Axis], tuple[Axis, ...]] | None:
        """Loop axes for the reduced axes of p: free ones of the same length, else new ones placed as p's argument has them."""
        reduced = _reduced_axes(p)
        kept = [x for k, x in enumerate(m) if not (p.kw["keepdims"] and k in reduced)]
        used = {x for x in kept if x is not None}
        result, place, keep = [], 0, iter(kept)
        axes = list(axes)
        for k, n in enumerate(self.lengths(p.args[0])):
            if k not in reduced:
                x = next(keep)
                place = axes.index(x) + 1 if x is not None else place
                continue
            if isinstance(n, int) and n == 1:
                continue
            free = next((a for a in axes if a not in used and same_length(a.length, n)), None)
            if free is None:
                free = Axis(n)
                axes.insert(place, free)
            place = axes.index(free) + 1
            used.add(free)
            result.append(free)
        return axes, tuple(result)

    # -- joining nests ---------------------------------------------------------------------------------------------
    def _beside(self, p: Expr) -> None:
        """Put nests that read the same memory into one, which then reads it once, as long as neither loses its threads."""
        nests: list[Cluster] = []                                   # those with room for more
        seen: set[Cluster] = set()
        for r in self.readers[p]:
            c = self.cluster.get(r)
            if c is None or c in seen:
                continue
            seen.add(c)
            into = next((n for n in nests[-NEAR:] if self._in_rows(n) == self._in_rows(c) and self._merge(n, c, p, BESIDE)), None)
            if into is None:
                nests.append(c)
            elif self._stores(into.nodes, into.maps) >= BESIDE:
                nests.remove(into)

    @staticmethod
    def _in_rows(c: Cluster) -> bool:
        """Whether a nest can be cut into rows for threads."""
        assert c.split is not None
        return set(c.split.roles.values()) <= {"row"} and bool(c.split.outer or not c.reduced)

    def _merge(self, c: Cluster, other: Cluster, p: Expr, stores: int = STORES) -> bool:
        """Put `other`, which also reads p, into c: both read p once."""
        if self.careful or len(c.nodes) + len(other.nodes) > LIMIT:
            return False
        wanted, ours = self.wanted_map(p, other), c.maps.get(p) or self.wanted_map(p, c)
        if wanted is None or ours is None or self._stores([*c.nodes, *other.nodes], {**c.maps, **other.maps}) > stores:
            return False
        if self.paths.leads(c, other) or self.paths.leads(other, c):
            return False
        same: dict[Axis, Axis] = {}
        for a, b in zip(wanted, ours, strict=True):
            if a is None and b is None:
                continue
            if a is None or b is None or not same_length(a.length, b.length) or same.setdefault(a, b) is not b:
                return False
        if len(set(same.values())) < len(same):
            return False
        axes = list(c.axes)
        for a in other.axes:
            if a not in same:
                free = next((b for b in axes if b not in same.values() and same_length(a.length, b.length)), None)
                if free is None:
                    axes.append(a)
                same[a] = free or a
        if len(axes) > max(len(c.axes), len(other.axes)):
            return False
        maps = {e: tuple(None if a is None else same[a] for a in m) for e, m in other.maps.items()}
        reduced = {e: tuple(same[a] for a in r) for e, r in other.reduced.items()}
        trial = Cluster([*c.nodes, *other.nodes], {**c.maps, **maps}, axes, {**c.reduced, **reduced}, order=c.order)
        trial.split = self.split(trial) if self._agrees(trial) else None
        if trial.split is None or not self._readable(trial):
            return False
        self._take(c, trial)
        self.paths.merged(c, other)
        return True

    def _agrees(self, c: Cluster) -> bool:
        """Whether the nodes of c have the axes that their readers in c want: x and x.T may meet, but not as one."""
        for r in c.nodes:
            for a, m in zip(r.args, self.arg_maps(r, c), strict=True):
                source, wanted = self.through(a, m)
                if c.maps.get(source, wanted) != wanted:
                    return False
        return True

    # -- can it be written? ------------------------------------------------------------------------------------------
    def split(self, c: Cluster, before: Split | None = None) -> Split | None:
        """Outer and inner axes that make the nest writable, or None; `before` is that of all its nodes but the last."""
        sets = [frozenset(r) for r in c.reduced.values() if r]
        candidates = [frozenset(c.axes[-1:])] if c.axes else [frozenset()]
        candidates += [s for s in dict.fromkeys(sets) if s not in candidates]
        if len(sets) == 0:
            plain = Split(c.axes[:-1], c.axes[-1:], {}, {})
            return plain if self._once(c, plain, before) else None
        last = c.axes[-1] if c.axes else None
        candidates.sort(key=lambda s: (last not in s, s not in sets))
        for inner in candidates:
            found = self._try_split(c, inner)
            if found is not None and all(r in self.max_roles for r in found.roles.values()) and self._once(c, found, before):
                return found
        return None

    def _once(self, c: Cluster, split: Split, before: Split | None = None) -> bool:
        """Whether what the loops store, and sums over rows, vary along all outer axes, and along all inner ones or none: else
        other axes would compute them again and again, or, where those have length 0, never.
        """
        inner = set(split.inner)
        grown = before is not None and (split.outer, split.inner, split.after) == (before.outer, before.inner, before.after)
        for e in c.nodes[-1:] if grown else c.nodes:
            if e not in split.after and (e in c.reduced or self.outside[e] or any(r not in c.maps for r in self.readers[e])):
                m = set(c.maps[e])
                if not m.issuperset(split.outer) or (m & inner and not m >= inner):
                    return False
        return True

    def _try_split(self, c: Cluster, inner: frozenset[Axis]) -> Split | None:
        outer = set(c.axes) - inner
        order = sorted(c.nodes, key=self.position.__getitem__)
        roles: dict[Expr, str] = {}
        late: set[Expr] = set()                 # computed after the outer loops
        inside: dict[Expr, list[Expr]] = {}     # arguments in the nest
        for e in order:
            sources = [self.through(a, m) for a, m in zip(e.args, self.arg_maps(e, c), strict=True)]
            inside[e] = [s for s, _ in sources if s in c.maps]
            reads_late = any(s in late for s in inside[e])
            if e in c.reduced:
                role = None if reads_late else self._role(c, e, sources[0][1], inner, outer)
                if role is None:
                    return None
                roles[e] = role
            if reads_late or roles.get(e, "row") != "row":
                late.add(e)
        for e in reversed(order):               # what only late nodes read need not be computed in the loops
            if e not in late and e not in c.reduced and not {a for a in c.maps[e] if a is not None} - inner:
                readers = [r for r in self.readers[e] if r in c.maps]
                only_late = readers and all(r in late and r not in c.reduced for r in readers)
                if only_late and all(s not in c.reduced for s in inside[e]):
                    late.add(e)
        for e in late:
            if e not in c.reduced and ({a for a in c.maps[e] if a is not None} - inner or any(s not in late for s in inside[e])):
                return None
        after = {e: c.maps[e] for e in order if e in late}
        return Split([a for a in c.axes if a in outer], [a for a in c.axes if a in inner], after, roles)

    @staticmethod
    def _role(c: Cluster, e: Expr, m: AxisMap, inner: frozenset[Axis], outer: set[Axis]) -> str | None:
        """How a reduction is done: over the inner axes of each row, over everything, or over the rows for each column."""
        r = set(c.reduced[e])
        varies = {a for a in m if a is not None} | r
        if e.op.name in ("argmax", "argmin") and (r and r != inner or [a for a in c.axes if a in r] != list(c.reduced[e])):
            return None                     # places count in the order of the loops
        if r == inner or not r:
            return "row"
        whole = not any(c.maps[e])              # what is broadcast may vary along less than its sums have axes
        if (varies <= outer and r == outer and whole) or (varies == set(c.axes) and r == set(c.axes)):
            return "full"
        return "column" if r == outer and varies == set(c.axes) and len(inner) == 1 else None


def _reduced_axes(e: Expr) -> set[int]:
    kw = e.kw
    if "axes" in kw:
        return set(kw["axes"])
    return set(range(e.args[0].ndim)) if kw["axis"] is None else {kw["axis"]}


def _kept_map(p: Expr, axes: list[Axis | None], reduced: set[int]) -> AxisMap:
    if p.kw["keepdims"]:
        return tuple(None if k in reduced else a for k, a in enumerate(axes))
    return tuple(a for k, a in enumerate(axes) if k not in reduced)


def is_scalar_constant(e: Expr) -> bool:
    """Whether a node is one number known now: it is written into the code."""
    return is_constant(e) and value_of(e).size == 1


def needed(roots: Iterable[Expr], is_host: Callable[[Expr], bool]) -> list[Expr]:
    """The nodes under `roots` in topological order, without those that only lengths are asked of: such lengths are known."""
    return topological(roots, ends=is_host)


def fuse(roots: Sequence[Expr], lengths: Callable[[Expr], tuple[Length, ...]], supported: Callable[[Expr], bool],
         roles: tuple[str, ...] = ("row", "full", "column"), careful: bool = False,
         is_host: Callable[[Expr], bool] = lambda e: False) -> Fusion:
    """Assign the fusible nodes under `roots` to loop nests; `roles` are the kinds of reductions the target can mix in.

    A node that nests and other nodes read may join a nest if no path leads back; paths are looked for only where they are
    likely. `careful`: such nodes stay alone, so that no two nests can ever wait for each other.
    """
    fusion = Fusion(roots, lengths, supported, roles, careful, is_host)
    fusion.run()
    return fusion
