"""Analysis of a nest: which loops it has, and in which of them, and in which stage, each of its values is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..core.expr import Expr
from .access import Access
from .fuse import SOURCES, Axis, AxisMap, Cluster, Fusion, is_scalar_constant
from .lengths import Runtime, dense_strides, product, same
from .names import Names

__all__ = ["Levels"]

DEAR = 8.0                      # a value of this many flops is kept for later stages rather than computed again


class Levels:
    """The loops of one cluster, how they walk its buffers, and where each node stands in them.

    level: "pre" before the loops, "row" in the outer ones, "full" in the inner one, "after" them all. stage: the first of the
    inner loops that follow each other within a row in which the value can be read.
    """

    def __init__(self, cluster: Cluster, fusion: Fusion, stored: Callable[[Expr], bool],
                 strides: Callable[[Expr], tuple[Any, ...]], names: Names, host_value: Callable[[Expr], Any],
                 alone: bool = True) -> None:
        self.alone = alone
        self.c, self.fusion, self.strides, self.names, self.host_value = cluster, fusion, strides, names, host_value
        assert cluster.split is not None
        self.split = cluster.split
        self.reduced = {e: axes for e, axes in cluster.reduced.items() if axes}       # over no axis at all: the value itself
        self.roles = {e: role for e, role in cluster.split.roles.items() if e in self.reduced}
        self.nodes = sorted(cluster.nodes, key=fusion.position.__getitem__)
        self.stored = [e for e in self.nodes if stored(e)]
        self.stored_set = set(self.stored)
        self.outer, self.inner = list(self.split.outer), list(self.split.inner)
        self.inner_set = set(self.inner)
        self.accesses: dict[tuple[Expr, AxisMap], Access] = {}
        self.args: dict[Expr, list[tuple[Expr, AxisMap]]] = {}
        self.vars: dict[Axis, str] = {}
        self.level: dict[Any, str] = {}
        self.stage: dict[Any, int] = {}
        self.scratch: list[tuple[str, list[Axis], np.dtype[Any]]] = []
        self.saved: dict[Expr, Access] = {}
        self.first: dict[Expr, int] = {}            # the stage that computes a saved value: the first that reads it
        self.merged: dict[Axis, Axis] = {}

    def analyse(self) -> None:
        """Find accesses, loops, levels and stages, and what is kept between stages."""
        for e in self.nodes:
            self.args[e] = [self.fusion.through(a, m) for a, m in zip(e.args, self.fusion.arg_maps(e, self.c), strict=True)]
            for s, m in self.args[e]:
                if s not in self.c.maps and not is_scalar_constant(s) and self.host_value(s) is None:
                    self._access(s, m, "in")
        for e in self.stored:
            self._access(e, self.c.maps[e], "out")
        self._collapse()
        for axis in (*self.outer, *self.inner):
            self.vars[axis] = self.names.loop()
        self._levels()
        self._save()

    def _access(self, node: Expr, m: AxisMap, kind: str) -> Access:
        found = self.accesses.get((node, m))
        if found is None:
            walk = dense_strides(self.fusion.lengths(node)) if kind == "out" else self.strides(node)
            strides = {axis: stride for axis, stride in zip(m, walk, strict=True) if axis is not None}
            found = Access(self.names.buffer(node, kind), node, strides, kind)
            self.accesses[(node, m)] = found
        return found

    def _collapse(self) -> None:
        """Merge neighbouring axes that every access walks as one."""
        plain = not any(e.op.name in SOURCES or e.op.name in ("argmax", "argmin") for e in self.nodes)
        if not plain or self.columns_wanted():
            return
        free = not self.reduced
        order = [*self.outer, *self.inner]
        k = len(order) - 2
        while k >= 0:
            a, b = order[k], order[k + 1]
            together = free or (a in self.inner_set) == (b in self.inner_set)
            if together and all(self._one_walk(x, a, b) for x in self.accesses.values()):
                merged = Axis(product(a.length, b.length))
                for x in self.accesses.values():
                    if b in x.strides:
                        x.strides[merged] = x.strides.pop(b)
                        x.strides.pop(a)
                if b in self.inner_set:
                    self.inner_set.add(merged)
                order[k:k + 2] = [merged]
                self._rename(a, b, merged)
            k -= 1
        if free:
            self.outer, self.inner = order[:-1], order[-1:]
            self.inner_set = set(self.inner)
        else:
            self.outer, self.inner = [a for a in order if a not in self.inner_set], [a for a in order if a in self.inner_set]

    def _rename(self, a: Axis, b: Axis, merged: Axis) -> None:
        self.merged[a] = self.merged[b] = merged

    def columns_wanted(self) -> bool:
        """Whether some reduction keeps a vector of accumulators."""
        return "column" in self.roles.values()

    @staticmethod
    def _one_walk(x: Access, a: Axis, b: Axis) -> bool:
        if a not in x.strides and b not in x.strides:
            return True
        if a not in x.strides or b not in x.strides:
            return False
        s, t = x.strides[a], x.strides[b]
        return not isinstance(s, Runtime) and not isinstance(t, Runtime) and same(s, product(t, b.length))

    def varies(self, m: Iterable[Axis | None]) -> set[Axis]:
        """Loop axes (after merging) of an axis map."""
        out = set()
        for a in m:
            while a in self.merged:
                a = self.merged[a]
            if a is not None:
                out.add(a)
        return out

    def _place(self, axes: set[Axis]) -> str:
        return "full" if axes & self.inner_set else "row" if axes else "pre"

    def _levels(self) -> None:
        for e in self.nodes:
            stage, axes = 0, self.varies(self.c.maps[e])
            for s, m in self.args[e]:
                if s in self.c.maps:
                    stage = max(stage, self.stage[s])
                    if s not in self.split.after:
                        axes |= self.varies(m) if e not in self.reduced else set()
            if e in self.split.after:
                self.level[e] = "after"
            elif e in self.reduced:
                self.level[e] = "row"
                stage += 1
            else:
                self.level[e] = self._place(axes)
                if self.level[e] == "pre" and stage > 0:
                    self.level[e] = "row"
            self.stage[e] = stage

    def loop_stage(self, e: Expr) -> int:
        """The stage in which the loop runs that reduces e."""
        return max((self.stage[s] for s, _ in self.args[e] if s in self.c.maps), default=0)

    def _save(self) -> None:
        """Choose what is kept between stages: dear values in a scratch row, stored ones where they are stored anyway."""
        needed: dict[Expr, set[int]] = {}
        for t in range(self._stages()):
            for e in self._closure(self._goals(t), t):
                needed.setdefault(e, set()).add(t)
        for e, stages in needed.items():
            if len(stages) < 2 or self.level[e] != "full":
                continue
            self.first[e] = min(stages)
            if e in self.stored_set:
                self.saved[e] = self.accesses[(e, self.c.maps[e])]
            elif e.op.flops >= DEAR and self.alone:
                name = self.names.fresh(f"{self.names.local(e)}_row")
                strides: dict[Axis, Any] = {}
                step: Any = 1
                for a in reversed(self.inner):
                    strides[a] = step
                    step = product(step, a.length)
                self.scratch.append((name, list(self.inner), e.dtype))
                self.saved[e] = Access(name, e, strides, "scratch")

    def _stages(self) -> int:
        return 1 + max((self.stage[e] for e in self.nodes), default=0)

    def _goals(self, t: int) -> list[Expr]:
        """Nodes that inner loop t is there for: reductions that end with it and full values stored in it."""
        goals = [e for e in self.nodes if e in self.reduced and self.loop_stage(e) == t and self._reads_full(e)]
        return goals + [e for e in self.stored if self.level[e] == "full" and self.stage[e] == t]

    def _reads_full(self, e: Expr) -> bool:
        (s, m), = self.args[e]
        if s in self.c.maps:
            return self.level[s] == "full" or self.roles[e] == "row"
        return bool(self.varies(m) & self.inner_set) or self.roles[e] == "row"

    def _closure(self, goals: list[Expr], t: int) -> list[Expr]:
        """Full-level nodes that inner loop t computes or reads again, in order."""
        seen: set[Expr] = set()
        work = list(goals)
        while work:
            e = work.pop()
            if e in seen:
                continue
            seen.add(e)
            if e in self.saved and self.first[e] < t:
                continue
            work.extend(s for s, _ in self.args[e] if s in self.c.maps and self.level[s] == "full")
        return [e for e in self.nodes if e in seen and e not in self.reduced]
