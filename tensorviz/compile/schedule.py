"""The schedule: which steps a function runs, in which order: kernels, library calls, moves of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..core.expr import Expr, constant_op, variable_op
from .fuse import Cluster, Fusion, is_scalar_constant, needed

__all__ = ["Circle", "Step", "memory_source", "plan"]


class Circle(Exception):
    """Two loop nests need each other's results: nodes must be fused with more care."""


@dataclass(eq=False, slots=True)
class Step:
    """One step: a loop nest (`cluster`), or the single node `node` done by a library or by moving data."""

    kind: str                                   # kernel | library | move | store
    nodes: list[Expr]
    reads: list[Expr]                           # nodes in memory that it reads (views looked through)
    writes: list[Expr]                          # nodes it puts into memory
    views: list[Expr] = field(default_factory=list)     # that only it looks through: no work, but operations of the graph
    cluster: Cluster | None = None
    name: str = ""
    order: int = 0
    after: list[Step] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many operations of the graph it does."""
        return len(self.nodes) + len(self.views)


def plan(roots: Sequence[Expr], fusion: Fusion, is_view: Callable[[Expr], bool], is_host: Callable[[Expr], bool]) -> list[Step]:
    """Steps in an order in which everything is computed before it is read; Circle if there is none."""
    order = needed(roots, is_host)
    in_memory = memory_source(is_view)
    wanted = dict.fromkeys(in_memory(r) for r in roots)
    step_of: dict[Expr, Step] = {}
    steps: list[Step] = []
    for e in order:
        if e.op in (variable_op, constant_op) or is_view(e) or is_host(e):
            continue
        c = fusion.cluster.get(e)
        if c is not None:
            if c.nodes[0] in step_of:
                step_of[e] = step_of[c.nodes[0]]
                continue
            step = Step("kernel", sorted(c.nodes, key=fusion.position.__getitem__), [], [], cluster=c)
            for n in c.nodes:
                step_of[n] = step
        else:
            step = Step("library" if e.op.name in ("matmul", "gemm") else "move", [e], [], [])
            step_of[e] = step
        steps.append(step)
    written: set[Expr] = set()
    for step in steps:
        inside, read = set(step.nodes), set()
        for n in step.nodes:
            for a in n.args:
                source = in_memory(a)
                if source in inside or is_scalar_constant(source) or is_host(source) or source in read:
                    continue
                step.reads.append(source)
                read.add(source)
                maker = step_of.get(source)
                if maker is not None and maker is not step and maker not in step.after:
                    step.after.append(maker)
                if maker is not None and source not in written:
                    written.add(source)
                    maker.writes.append(source)
    for r in wanted:
        maker = step_of.get(r)
        if maker is not None and r not in written:
            written.add(r)
            maker.writes.append(r)
    for step in steps:
        step.writes.sort(key=fusion.position.__getitem__)
    return _sorted(steps)


def memory_source(is_view: Callable[[Expr], bool]) -> Callable[[Expr], Expr]:
    """A function that looks through views to the node that owns the memory."""

    def look(e: Expr) -> Expr:
        while is_view(e):
            e = e.args[0]
        return e

    return look


def _sorted(steps: list[Step]) -> list[Step]:
    done: list[Step] = []
    state: dict[int, int] = {}                  # 1: waits for what it needs, 2: done
    for root in steps:
        work = [(root, 0)]
        while work:
            step, k = work.pop()
            if k == 0 and state.get(id(step)) == 2:
                continue
            state[id(step)] = 1
            if k < len(step.after):
                work.append((step, k + 1))
                needed = state.get(id(step.after[k]))
                if needed == 1:
                    raise Circle
                if needed is None:
                    work.append((step.after[k], 0))
            else:
                state[id(step)] = 2
                step.order = len(done)
                done.append(step)
    return done
