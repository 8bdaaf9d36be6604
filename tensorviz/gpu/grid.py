"""From loop nests to launches: which loops become work-items, which are shared out within a group, where a nest is cut.

    elementwise            a work-item an element
    rows, side by side     a work-item a row, if neighbouring rows are neighbours in memory or rows are short
    rows                   a group a row: its items share the loops out and put their accumulators together
    everything to a value  the nest is cut at its loops, as groups can't wait for each other: one launch each leaves one
                           partial result a group in memory, which the next launch puts together
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..compile.access import Lowered
from ..compile.kernel import (
    Accumulate,
    Apply,
    Assign,
    Combine,
    IndexValue,
    Kernel,
    Let,
    Load,
    Loop,
    Name,
    Param,
    Position,
    Single,
    Stmt,
    Store,
    Value,
)
from ..compile.lengths import Length, same

__all__ = ["Launch", "launches"]

GROUPS = 256                    # groups that share out what has no rows: so many partial results
ROW = 32                        # rows known to be no longer than this are a work-item's
WHOLE = 4096                    # elements that one group reduces alone
DIMS = 3                        # axes of a launch
I32, I64 = np.dtype("int32"), np.dtype("int64")
Accumulator = tuple[str, tuple[str, ...], np.dtype[Any]]      # op, names, dtype


@dataclass(slots=True)
class Launch:
    """A kernel and the size of its launch.

    `fill` says for each parameter what the host gives: as in Lowered, or ("parts", name, dtype, count), partial results
    between launches.
    `grid` are lengths along the axes of the launch, of work-items; of groups along the first one if `grouped`.
    """

    kernel: Kernel
    fill: list[tuple[Any, ...]]
    grid: tuple[Length, ...]
    grouped: bool = False


def launches(low: Lowered, fresh: Callable[[str], str]) -> list[Launch]:
    """The launches that do what a nest says, in order; `fresh` makes a name that no other kernel has."""
    body, outer = low.kernel.body, len(low.outer)
    if not any(isinstance(s, Accumulate) for s in every(body)):
        depth = _depth(body)
        return [_launch(low, low.kernel.name, _items(body, depth, depth), _grid([*low.outer, *low.inner][:depth]))]
    if outer and _side_by_side(low):
        return [_launch(low, low.kernel.name, _items(body, outer, outer), _grid(low.outer))]
    if outer or _one_group(low):
        return [_launch(low, low.kernel.name, _groups(body, outer), _grid(low.outer), grouped=True)]
    return _Cut(low, fresh).run()


# -- choices -------------------------------------------------------------------------------------------------------------------
def _known(lengths: Sequence[Length]) -> int | None:
    """The product of lengths if all of them are known."""
    known = [n for n in lengths if isinstance(n, int)]
    return int(np.prod(known, dtype=object)) if len(known) == len(lengths) else None


def _side_by_side(low: Lowered) -> bool:
    size = _known([a.length for a in low.inner])
    short = size is not None and size <= ROW
    return short or any(same(x.strides.get(low.outer[-1]), 1) for x in low.accesses if x.kind == "in")


def _one_group(low: Lowered) -> bool:
    """Whether a reduction to one value is for one group: if it is short, or if the order of its elements counts."""
    size = _known([a.length for a in low.inner])
    short = size is not None and size <= WHOLE
    return short or any(s.at is not None for s in every(low.kernel.body) if isinstance(s, Accumulate))


def _grid(axes: Sequence[Any]) -> tuple[Length, ...]:
    return tuple(a.length for a in reversed(axes[-DIMS:])) or (1,)


# -- walking -------------------------------------------------------------------------------------------------------------------
def every(body: Sequence[Stmt]) -> Iterator[Stmt]:
    """All statements, those inside others too."""
    work = list(reversed(body))
    while work:
        s = work.pop()
        yield s
        if isinstance(s, Loop | Single):
            work.extend(reversed(s.body))


def _depth(body: Sequence[Stmt]) -> int:
    return sum(isinstance(s, Loop) for s in every(body))


def accumulators(loop: Loop) -> list[Accumulator]:
    """What a loop accumulates for what follows it."""
    inside = {s.name for s in every([loop]) if isinstance(s, Let)}
    found: dict[str, Accumulator] = {}
    for s in every([loop]):
        if not isinstance(s, Accumulate) or s.target in inside or s.index is not None:
            continue
        if s.at is not None:
            found[s.target] = s.op, (s.target + "_best", s.target), s.value.dtype
            continue
        found[s.target] = s.op, (s.target,), s.dtype
        if s.op in ("max", "min") and s.value.dtype.kind == "f":
            found[s.target + "_nan"] = "any", (s.target + "_nan",), I32
    return list(found.values())


def names_in(body: Sequence[Stmt]) -> set[str]:
    """Names of locals, buffers and lengths that statements read or write."""
    found: set[str] = set()
    values: list[Value] = []
    for s in every(body):
        if isinstance(s, Loop):
            found |= {s.start, s.stop}
        elif isinstance(s, Combine):
            found |= {*s.targets, *s.shared}
        elif isinstance(s, Let | Assign):
            found.add(s.name)
            values.append(s.value)
        elif isinstance(s, Store | Accumulate):
            found.add(s.buffer if isinstance(s, Store) else s.target)
            found |= {str(x) for term in s.index or () for x in term}
            values.append(s.value)
            if isinstance(s, Accumulate):
                found |= {s.target + "_nan", s.target + "_best"}
                values += [s.at] if s.at is not None else []
    while values:
        v = values.pop()
        if isinstance(v, Name):
            found.add(v.name)
        elif isinstance(v, Load):
            found.add(v.buffer)
            found |= {str(x) for term in v.index for x in term}
        elif isinstance(v, IndexValue):
            found |= set(v.var.replace("(", " ").replace(")", " ").split())
        elif isinstance(v, Apply):
            values += v.args
    return found


# -- work-items and groups -----------------------------------------------------------------------------------------------------
def _items(body: Sequence[Stmt], loops: int, left: int) -> list[Stmt]:
    """The outermost `loops` loops as work-items; what stands before one is for the first item along it."""
    out: list[Stmt] = []
    for s in body:
        if isinstance(s, Loop) and left:
            dim = left - 1
            inside = _items(s.body, loops, left - 1)
            out.append(replace(s, body=inside, kind="item", dim=dim) if dim < DIMS else replace(s, body=inside))
        elif isinstance(s, Store) and (left or not loops):
            _single(out, s, [Position("item", I64, dim) for dim in range(max(min(left, DIMS), 1))])
        else:
            out.append(s)
    return out


def _groups(body: Sequence[Stmt], left: int) -> list[Stmt]:
    """The outermost `left` loops as groups; loops inside are shared out among the items of a group."""
    out: list[Stmt] = []
    for s in body:
        if isinstance(s, Loop) and left:
            inside, dim = _groups(s.body, left - 1), left - 1
            out.append(replace(s, body=inside, kind="group", dim=dim) if dim < DIMS else replace(s, body=inside))
        elif isinstance(s, Store):
            _single(out, s, [Position("item", I64, dim) for dim in range(min(left, DIMS))] or [Position("lanes", I64)])
        elif isinstance(s, Loop):
            out += [_shared(s, "lanes"), *_combine(s)]
        else:
            out.append(s)
    return out


def _single(out: list[Stmt], s: Stmt, positions: list[Position]) -> None:
    """Add a statement for one item alone, to the one before if that is for the same."""
    if out and isinstance(out[-1], Single) and out[-1].positions == positions:
        out[-1].body.append(s)
    else:
        out.append(Single(positions, [s]))


def _shared(s: Loop, kind: str, first: str = "") -> Loop:
    """The innermost loop of a nest shared out as `kind`, the outermost as `first` if they are not the same."""
    if not any(isinstance(b, Loop) for b in s.body):
        return replace(s, kind=kind)
    innermost = "lanes" if first else kind
    body = [_shared(b, innermost) if isinstance(b, Loop) else b for b in s.body]
    return replace(s, body=body, kind=first or s.kind)


def _combine(loop: Loop) -> list[Stmt]:
    """Put together what the items of a group accumulated."""
    return [Combine(op, names, dtype, _scratch(names, dtype)) for op, names, dtype in accumulators(loop)]


def _scratch(names: Sequence[str], dtype: np.dtype[Any]) -> tuple[str, ...]:
    """Local arrays, one for each dtype: the group has read the last result before the next one is put there."""
    return tuple(f"tv_shared_{kind}" for kind in [f"{dtype.kind}{dtype.itemsize * 8}", "at"][: len(names)])


def _local_arrays(body: Sequence[Stmt]) -> list[Param]:
    found: dict[str, np.dtype[Any]] = {}
    for s in every(body):
        if isinstance(s, Combine):
            found |= zip(s.shared, (s.dtype, I64), strict=False)
    return [Param(name, dtype, "scratch") for name, dtype in found.items()]


def _launch(low: Lowered, name: str, body: list[Stmt], grid: tuple[Length, ...], grouped: bool = False,
            parts: Sequence[tuple[Param, tuple[Any, ...]]] = (), doc: str = "") -> Launch:
    """A launch whose kernel takes the parameters that its body names."""
    used = names_in(body)
    pairs = [(p, f) for p, f in [*zip(low.kernel.params, low.fill, strict=True), *parts] if p.name in used]
    kernel = replace(low.kernel, name=name, params=[p for p, _ in pairs], body=body, doc=low.kernel.doc + doc)
    kernel.shared = _local_arrays(body)
    return Launch(kernel, [f for _, f in pairs], grid, grouped)


# -- cutting -------------------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Cut:
    """Cuts a nest without rows at its loops."""

    low: Lowered
    fresh: Callable[[str], str]
    parts: dict[str, tuple[Param, tuple[Any, ...]]] = field(default_factory=dict)

    def run(self) -> list[Launch]:
        """One launch for each loop, and one for what follows the last if that is a reduction."""
        body, name = self.low.kernel.body, self.low.kernel.name
        loops = [k for k, s in enumerate(body) if isinstance(s, Loop)]
        reducing = [k for k in loops if accumulators(_loop(body[k]))]
        ends = [*loops, *([len(body)] if loops[-1] in reducing else [])]
        found = []
        for t, end in enumerate(ends):
            last = t == len(ends) - 1
            stmts = self._before(body[:end], last) if end < len(body) else self._before(body, last)
            if end < len(body):
                stmts += self._pass(_loop(body[end]))
                stmts += self._before(body[end + 1:], last) if last else []
            doc = f"; part {t + 1} of {len(ends)}" if len(ends) > 1 else ""
            grid = (1,) if end == len(body) else (GROUPS,)
            label = self.fresh(f"{name}_part{t + 1}") if len(ends) > 1 else name
            found.append(_launch(self.low, label, _alive(stmts), grid, True, list(self.parts.values()), doc))
        return found

    def _before(self, body: Sequence[Stmt], last: bool) -> list[Stmt]:
        """Earlier loops have left partial results; single values are computed again, and stored by the last launch."""
        out: list[Stmt] = []
        for s in body:
            if isinstance(s, Loop):
                out += self._finish(s)
            elif not isinstance(s, Store):
                out.append(s)
            elif last:
                _single(out, s, [Position("item", I64)])
        return out

    def _pass(self, loop: Loop) -> list[Stmt]:
        """The loop shared out among all items; each group stores its partial results."""
        out: list[Stmt] = [_shared(loop, "all", "groups"), *_combine(loop)]
        found = accumulators(loop)
        if not found:
            return out
        stores: list[Stmt] = [Let("tv_group", Position("group", I64))]
        for _, (name,), dtype in found:
            self.parts[name] = Param(f"{name}_parts", dtype, "inout"), ("parts", f"{name}_parts", dtype, GROUPS)
            stores.append(Store(f"{name}_parts", (("tv_group", 1),), Name(name, dtype)))
        return [*out, Single([Position("lanes", I64)], stores)]

    def _finish(self, loop: Loop) -> list[Stmt]:
        """Put the partial results of a loop together."""
        found = accumulators(loop)
        if not found:
            return []
        index = (("tv_part", 1),)
        body: list[Stmt] = [Accumulate(op, name, Load(f"{name}_parts", index, dtype), dtype) for op, (name,), dtype in found]
        return [Loop("tv_part", str(GROUPS), body, "lanes"), *_combine(loop)]


def _loop(s: Stmt) -> Loop:
    assert isinstance(s, Loop)
    return s


def _alive(body: list[Stmt]) -> list[Stmt]:
    """Without statements whose results nobody reads."""
    needed: set[str] = set()
    out: list[Stmt] = []
    for s in reversed(body):
        if isinstance(s, Let):
            keep = s.name in needed
        elif isinstance(s, Combine):
            keep = not needed.isdisjoint(s.targets)
        elif isinstance(s, Loop):
            stores = any(isinstance(b, Store) for b in every([s]))
            keep = stores or any(not needed.isdisjoint(names) for _, names, _ in accumulators(s))
        else:
            keep = True
        if keep:
            out.append(s)
            needed |= names_in([s])
    return out[::-1]
