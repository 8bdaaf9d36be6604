"""Long float sums: partial sums of `BLOCK` elements are added up apart, and what each of these additions rounds away is kept.

A value so passes through at most BLOCK roundings, and the result is off by about one more: the second sum is compensated
(N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .fuse import Axis
from .kernel import Accumulate, Apply, Assign, Const, Let, Load, Loop, Name, Stmt, Store, Value, When

__all__ = ["BLOCK", "ColumnSum", "Columns", "add_apart", "few", "partial"]

BLOCK = 512                     # elements added one after the other before partial sums are put together
I64 = np.dtype("int64")


def few(axes: Iterable[Axis]) -> bool:
    """Whether so few elements lie along these axes that their sum needs no blocks."""
    count = 1
    for a in axes:
        if not isinstance(a.length, int):
            return False
        count *= a.length
    return count <= 2 * BLOCK


def partial(name: str, body: list[Stmt], at: int) -> tuple[list[Name], Value]:
    """Let the sum at body[at] go to accumulators of a block, those of complex numbers to two, which vectors take."""
    s = body[at]
    assert isinstance(s, Accumulate)
    dtype = s.value.dtype
    if dtype.kind != "c":
        s.target, s.dtype = name + "_part", dtype
        return [Name(s.target, dtype)], Name(s.target, dtype)
    real = np.dtype(f"f{dtype.itemsize // 2}")
    parts = [Name(f"{name}_{part}", real) for part in ("real", "imag")]
    body[at:at + 1] = [Accumulate("sum", p.name, Apply(op, (s.value,), real), real, None, s.node)
                       for p, op in zip(parts, ("real", "imag"), strict=True)]
    return parts, Apply("complex", tuple(parts), dtype)


def add_apart(name: str, part: Value, pre: list[Stmt], after: list[Stmt]) -> Value:
    """Add up partial sums, and apart what each addition rounds away; the result is both together, as exact as one rounding.

    Kernels whose loops are shared out among the items of a device don't come here: these add up pairwise anyway.
    """
    dtype = part.dtype
    total, lost, was = (Name(name + suffix, dtype) for suffix in ("_sum", "_lost", "_was"))
    pre += [Let(n.name, Const(0, dtype), mutable=True) for n in (total, lost)]
    after += [Let(was.name, total), Assign(total.name, Apply("add", (was, part), dtype)),
              Assign(lost.name, Apply("add", (lost, Apply("rounded_away", (was, part, total), dtype)), dtype))]
    return Apply("with_rest", (total, lost), dtype)


@dataclass(slots=True)
class ColumnSum:
    """A vector of sums: the buffer of the block that is being added up, and scratch rows for whole blocks and what they lost."""

    part: str
    total: str
    lost: str                   # "" for complex numbers: their blocks are just added up
    dtype: np.dtype[Any]
    index: tuple[tuple[str, Any], ...]

    def row(self, name: str) -> Load:
        """An element of one of the rows."""
        return Load(name, self.index, self.dtype)

    def put(self, name: str, value: Value) -> Store:
        """Set an element of one of the rows."""
        return Store(name, self.index, value)

    def flush(self, last: bool) -> list[Stmt]:
        """Add a block to the total; `last`: leave the result where the block was, else begin a new block there."""
        was, part, new = (Name(f"{self.part}_{what}", self.dtype) for what in ("was", "add", "new"))
        out: list[Stmt] = [Let(was.name, self.row(self.total)), Let(part.name, self.row(self.part)),
                           Let(new.name, Apply("add", (was, part), self.dtype))]
        rest: Value = new
        if self.lost:
            gone = Apply("add", (self.row(self.lost), Apply("rounded_away", (was, part, new), self.dtype)), self.dtype)
            if last:
                rest = Apply("with_rest", (new, gone), self.dtype)
            else:
                out.append(self.put(self.lost, gone))
        if last:
            return [*out, self.put(self.part, rest)]
        return [*out, self.put(self.total, new), self.put(self.part, Const(0, self.dtype))]


class Columns:
    """The column sums of a kernel, whose blocks end together: rows are counted."""

    def __init__(self, count: str, var: str, stop: str) -> None:
        self.sums: list[ColumnSum] = []
        self.count, self.full = Name(count, I64), Name(count + "_full", I64)
        self.var, self.stop = var, stop

    def begin(self) -> list[Stmt]:
        """Before the loops over rows."""
        return [Let(n.name, Const(0, I64), mutable=True) for n in (self.count, self.full)]

    def _loop(self, last: bool) -> Loop:
        return Loop(self.var, self.stop, [s for c in self.sums for s in c.flush(last)], "simd")

    def end_row(self) -> list[Stmt]:
        """At the end of each row: every so many rows a block ends."""
        over: list[Stmt] = [Assign(self.count.name, Const(0, I64)), Assign(self.full.name, Const(1, I64)), self._loop(False)]
        return [Assign(self.count.name, Apply("add", (self.count, Const(1, I64)), I64)),
                When(Apply("equal", (self.count, Const(BLOCK, I64)), np.dtype(bool)), over)]

    def end(self) -> Stmt:
        """After all rows: if there was more than one block, add the last one and put in what was lost."""
        return When(Apply("equal", (self.full, Const(1, I64)), np.dtype(bool)), [self._loop(True)])
