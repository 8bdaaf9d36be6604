"""The buffer plan: which intermediate results share memory, which are written over an argument that is no longer needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.expr import Expr
from .lengths import Length, product, same
from .schedule import Step

__all__ = ["Plan", "Slot", "Tenant", "plan_buffers"]

UNKNOWN = 64            # what an unknown length counts as in estimates


@dataclass(eq=False, slots=True)
class Slot:
    """A piece of the arena; at run time as large as its largest tenant."""

    number: int
    tenants: list[Tenant] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Tenant:
    """A result in a slot from step `first` to step `last`; `over`: it is written over that argument."""

    node: Expr | None
    lengths: tuple[Length, ...]
    itemsize: int
    slot: Slot
    first: int
    last: int
    over: Expr | None = None

    @property
    def items(self) -> Length:
        """Number of elements."""
        return product(*self.lengths)

    @property
    def estimate(self) -> float:
        """Bytes with unknown lengths counted as 64."""
        return estimate(self.items) * self.itemsize


@dataclass(slots=True)
class Plan:
    """Tenants by node, slots, and scratch rows by (step, name)."""

    tenants: dict[Expr, Tenant]
    slots: list[Slot]
    scratch: dict[tuple[int, str], Tenant]


def estimate(n: Length) -> float:
    """A length as a number, unknown ones counted as 64."""
    if isinstance(n, int):
        return float(n)
    factors = getattr(n, "factors", None)
    return float(n.known * UNKNOWN ** len(factors)) if factors is not None else float(UNKNOWN)


def plan_buffers(steps: Sequence[Step], lengths: Callable[[Expr], tuple[Length, ...]], outside: Callable[[Expr], bool],
                 may_overwrite: Callable[[Step, Expr, Expr], bool],
                 scratch: Callable[[Step], list[tuple[str, tuple[Length, ...], Any]]], kept: Iterable[Expr] = ()) -> Plan:
    """Give every result that is not `outside` (an output) a slot; slots are reused when their tenant is dead.

    `may_overwrite(step, new, old)` says that a step reads each element of `old` before it writes the same element of `new`.
    `kept` are read after the last step, by outputs that are views of them.
    """
    last: dict[Expr, int] = {}
    for step in steps:
        for r in step.reads:
            last[r] = step.order
    last.update(dict.fromkeys(kept, len(steps)))
    tenants: dict[Expr, Tenant] = {}
    extra: dict[tuple[int, str], Tenant] = {}
    slots: list[Slot] = []
    free: list[Slot] = []
    for step in steps:
        dying = [r for r in step.reads if r in tenants and last[r] == step.order]
        for e in step.writes:
            if outside(e):
                continue
            over = next((r for r in dying if r.dtype.itemsize == e.dtype.itemsize and may_overwrite(step, e, r)
                         and same(product(*lengths(r)), product(*lengths(e)))), None)
            if over is not None:
                dying = [r for r in dying if r is not over]
                slot = tenants[over].slot
            else:
                slot = _choose(free, slots, product(*lengths(e)), e.dtype.itemsize)
            tenant = Tenant(e, lengths(e), e.dtype.itemsize, slot, step.order, last.get(e, step.order), over)
            slot.tenants.append(tenant)
            tenants[e] = tenant
        rows = []
        for name, row, dtype in scratch(step):
            slot = _choose(free, slots, product(*row), dtype.itemsize)
            tenant = Tenant(None, row, dtype.itemsize, slot, step.order, step.order)
            slot.tenants.append(tenant)
            extra[step.order, name] = tenant
            rows.append(slot)
        free += rows
        free += [tenants[r].slot for r in dying]
        free += [tenants[e].slot for e in step.writes if e in tenants and e not in last]
    return Plan(tenants, slots, extra)


def _choose(free: list[Slot], slots: list[Slot], items: Length, itemsize: int) -> Slot:
    """A free slot that held the same number of bytes, else the free one nearest in size, else a new one."""
    want = estimate(items) * itemsize
    best, distance = None, float("inf")
    for slot in free:
        if any(t.itemsize == itemsize and same(t.items, items) for t in slot.tenants):
            best = slot
            break
        size = max(t.estimate for t in slot.tenants)
        if abs(size - want) < distance and 0.25 * want <= size <= 4 * want:
            best, distance = slot, abs(size - want)
    if best is None:
        best = Slot(len(slots))
        slots.append(best)
    else:
        free.remove(best)
    return best
