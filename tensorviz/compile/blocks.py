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
from .kernel import Accumulate, Apply, Assign, Const, IndexValue, Let, Load, Loop, Name, Stmt, Store, Value, When

__all__ = ["BLOCK", "ColumnSum", "Columns", "add_apart", "few", "partial"]

BLOCK = 512                     # elements added one after the other before partial sums are put together


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
    total, lost = (Name(name + suffix, dtype) for suffix in ("_sum", "_lost"))
    pre += [Let(n.name, Const(0, dtype), mutable=True) for n in (total, lost)]
    after += [Assign(lost.name, Apply("lost_so_far", (lost, total, part), dtype)),
              Assign(total.name, Apply("add", (total, part), dtype))]
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
        total, part = self.row(self.total), self.row(self.part)
        whole: Value = Apply("add", (total, part), self.dtype)
        lost = Apply("lost_so_far", (self.row(self.lost), total, part), self.dtype) if self.lost else None
        if last:
            return [self.put(self.part, whole if lost is None else Apply("with_rest", (whole, lost), self.dtype))]
        kept = [] if lost is None else [self.put(self.lost, lost)]
        return [*kept, self.put(self.total, whole), self.put(self.part, Const(0, self.dtype))]


class Columns:
    """The column sums of a kernel, whose blocks of rows end together: `row` is the number of a row, `rows` how many there are."""

    def __init__(self, row: str, rows: str, var: str, stop: str) -> None:
        self.sums: list[ColumnSum] = []
        self.over = IndexValue(f"{row} % {BLOCK} == {BLOCK - 1}", np.dtype(bool))
        self.many = IndexValue(f"{rows} >= {BLOCK}", np.dtype(bool))
        self.var, self.stop = var, stop

    def _flush(self, when: Value, last: bool) -> Stmt:
        return When(when, [Loop(self.var, self.stop, [s for c in self.sums for s in c.flush(last)], "simd")])

    def end_row(self) -> Stmt:
        """At the end of each row: every so many rows a block ends."""
        return self._flush(self.over, False)

    def end(self) -> Stmt:
        """After all rows: if there was more than one block, add the last one and put in what was lost."""
        return self._flush(self.many, True)
