"""What lowering a cluster of nodes gives: a kernel, how it walks its buffers, and what the host asks about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..core.expr import Expr
from .fuse import MAPS, Axis, Cluster
from .kernel import Kernel
from .lengths import product, same

__all__ = ["Access", "Lowered"]


@dataclass(eq=False, slots=True)
class Access:
    """How a kernel reads or writes one buffer: strides along loop axes (missing: 0), in elements."""

    name: str
    node: Expr
    strides: dict[Axis, Any]
    kind: str                                   # in | out


@dataclass(slots=True)
class Lowered:
    """A kernel and how the host fills its parameters.

    fill: for each param ("lo",) ("hi",) ("length", length) ("pointer", node) ("stride", node, axis) ("scratch", lengths, dtype)
    range_: the lengths whose product the outermost loop runs over, [] if the kernel has no outer loop
    """

    kernel: Kernel
    fill: list[tuple[Any, ...]]
    cluster: Cluster
    reads: list[Expr]
    writes: list[Expr]
    outer: list[Axis] = field(default_factory=list)
    inner: list[Axis] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    stages: int = 1
    stage_of: dict[Expr, int] = field(default_factory=dict)
    checks: list[tuple[Axis, Expr]] = field(default_factory=list)       # axes that must not be empty (max of nothing)

    @property
    def range_length(self) -> Any:
        """The length of the loop that lo and hi cut, None if there is none."""
        return self.fill[1][1] if len(self.fill) > 1 and self.fill[1][0] == "hi" else None

    def row_work(self) -> Any:
        """What one step of that loop costs, in elements of plain arithmetic."""
        axes = [*self.outer, *self.inner][1:]
        return product(self.kernel.weight, *(a.length for a in axes))

    def may_overwrite(self, new: Expr, old: Expr) -> bool:
        """Whether the kernel reads each element of `old` before it writes that of `new`, and never after."""
        if self.stage_of.get(new) != self.stages - 1:
            return False
        writes = next((x for x in self.accesses if x.node is new and x.kind == "out"), None)
        if writes is None:
            return False
        for x in self.accesses:
            if x.kind == "in" and _owner(x.node) is old:
                if x.node is not old or x.strides.keys() != writes.strides.keys():
                    return False
                if not all(same(x.strides[a], writes.strides[a]) for a in x.strides):
                    return False
        return True


def _owner(e: Expr) -> Expr:
    while e.op.name in MAPS or e.op.name in ("reshape", "index"):
        e = e.args[0]
    return e
