"""The kernel IR: loops, loads, stores, accumulators over typed scalars; each language prints it with its own table.

Values are trees of `Const`, `Name`, `Load` and `Apply`; an index is a sum of (loop variable, stride) pairs, a
stride being an int or the name of a parameter. A kernel is text-free: `language.py` knows how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ..core.expr import Expr

__all__ = ["Accumulate", "Apply", "Combine", "Const", "Index", "IndexValue", "Kernel", "Let", "Load", "Loop", "Name", "Param",
           "Poll", "Position", "Single", "Stmt", "Store", "Value", "read_before_written",
           "words_of"]

Stride = int | str
Index = tuple[tuple[str, Stride], ...]      # sum of variable * stride


class Value:
    """A typed scalar."""

    __slots__ = ()
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Const(Value):
    """A literal."""

    value: Any
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Name(Value):
    """A local variable or an accumulator."""

    name: str
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Load(Value):
    """One element of a buffer."""

    buffer: str
    index: Index
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class IndexValue(Value):
    """The current value of a loop variable (for arange, eye, argmax)."""

    var: str
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Position(Value):
    """Where a work-item of a device is: its number (kind "item"), its group's ("group"), its number in the group ("lanes")."""

    kind: str
    dtype: np.dtype[Any]
    dim: int = 0


@dataclass(frozen=True, slots=True)
class Apply(Value):
    """An elementwise op of values; `dtype` is the result's, the arguments share the loop's dtype."""

    op: str
    args: tuple[Value, ...]
    dtype: np.dtype[Any]


class Stmt:
    """A statement; `node` is the expression it computes (None for bookkeeping), for the line map."""

    __slots__ = ()


@dataclass(slots=True)
class Let(Stmt):
    """Declare a local."""

    name: str
    value: Value
    node: Expr | None = None
    mutable: bool = False


@dataclass(slots=True)
class Assign(Stmt):
    """Set a mutable local."""

    name: str
    value: Value
    node: Expr | None = None


@dataclass(slots=True)
class Poll(Stmt):
    """Now and then, counted by `elements` (a number or the name of a length), ask whether to stop."""

    elements: str


@dataclass(slots=True)
class When(Stmt):
    """Statements that run if a value is true."""

    test: Value
    body: list[Stmt]


@dataclass(slots=True)
class Store(Stmt):
    """buffer[index] = value."""

    buffer: str
    index: Index
    value: Value
    node: Expr | None = None


@dataclass(slots=True)
class Accumulate(Stmt):
    """acc = acc `op` value; `buffer` with an index for a vector of accumulators, else a local.

    op: sum | prod | max | min | any | all | argmax | argmin; `at` is the index value that an arg-reduction keeps.
    """

    op: str
    target: str
    value: Value
    dtype: np.dtype[Any]
    index: Index | None = None
    node: Expr | None = None
    at: Value | None = None


@dataclass(slots=True)
class Loop(Stmt):
    """for var in range(start, stop); kind: outer | inner | simd (innermost, may be vectorised).

    On a device no loop: item | group, each work-item or group takes one value of var, along `dim` of the launch. Or a loop
    whose steps are shared out: lanes (among the items of a group) | groups | all (among all items).
    `reduces` lists (accumulator, op, dtype) that the loop accumulates, for the language's reduction marks.
    """

    var: str
    stop: str
    body: list[Stmt]
    kind: str = "outer"
    start: str = "0"
    reduces: list[tuple[str, str, np.dtype[Any]]] = field(default_factory=list)
    step: int = 1
    ends: str = ""              # name of the end of each block, where the loop goes by blocks
    dim: int = 0


@dataclass(slots=True)
class Combine(Stmt):
    """On a device: put the accumulators of all items of a group together, each item then has the result.

    `shared` are local arrays for it; an arg-reduction has two accumulators, the best value and where it was.
    """

    op: str
    targets: tuple[str, ...]
    dtype: np.dtype[Any]
    shared: tuple[str, ...]
    node: Expr | None = None


@dataclass(slots=True)
class Single(Stmt):
    """On a device: statements for the one work-item whose positions are all 0."""

    positions: list[Position]
    body: list[Stmt]


@dataclass(slots=True)
class Param:
    """A parameter of a kernel: a buffer (const or written), or a length or stride (int64)."""

    name: str
    dtype: np.dtype[Any]
    kind: str                   # "in" | "out" | "inout" | "scratch" | "int"
    node: Expr | None = None
    restrict: bool = True       # False where a result is written over this argument


@dataclass(slots=True)
class Kernel:
    """One fused loop nest: `params` in call order, `body`, and the nodes it computes.

    The first two int params of a range kernel are `lo`, `hi`: the part of the outermost loop it runs.
    """

    name: str
    params: list[Param]
    body: list[Stmt]
    nodes: list[Expr]
    doc: str = ""
    kind: str = "loop"          # loop | reduce
    unit: list[str] = field(default_factory=list)       # stride params that the fast version takes as 1
    parallel: bool = True       # whether parts of the outer loop may run at the same time
    polls: bool = False         # whether it asks whether to stop, and takes the call for that
    shared: list[Param] = field(default_factory=list)   # arrays that the items of a group share, one element an item

    @property
    def weight(self) -> int:
        """How many elements of plain arithmetic one element of this kernel costs: threads and Ctrl-C go by it."""
        return max(1, round(sum(e.op.flops for e in self.nodes) / 16))


def words_of(body: Iterable[Stmt]) -> set[str]:
    """The names that statements mention: of loops, lengths, strides, buffers and locals."""
    found: set[str] = set()
    work: list[Any] = list(body)
    while work:
        thing = work.pop()
        if isinstance(thing, str):
            found.update(re.findall(r"\w+", thing))
        elif isinstance(thing, list | tuple):
            work.extend(thing)
        elif isinstance(thing, Stmt | Value):
            work.extend(getattr(thing, f.name) for f in fields(thing) if f.name != "node")  # type: ignore[arg-type]
    return found


def read_before_written(body: Iterable[Stmt], full: set[str]) -> set[str]:
    """Buffers that statements read before anything is put there; `full` are those with contents, more as statements write."""
    empty: set[str] = set()
    for s in body:
        if isinstance(s, Loop | Single | When):
            empty |= read_before_written(s.body, full)
            continue
        empty |= _loaded(getattr(s, "value", None)) - full
        if isinstance(s, Store):
            full.add(s.buffer)
        elif isinstance(s, Accumulate) and s.index is not None:
            full.add(s.target)
    return empty


def _loaded(value: Value | None) -> set[str]:
    if isinstance(value, Apply):
        return set().union(*map(_loaded, value.args))
    return {value.buffer} if isinstance(value, Load) else set()
