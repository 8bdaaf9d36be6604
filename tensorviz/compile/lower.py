"""Lowering: a cluster of fused nodes becomes a kernel, loop by loop.

    before the loops   values that vary over no loop axis
    outer loops        values that vary over outer axes only, once for each row
      inner loop 0..S  one for each stage; a reduction over the row ends a stage; dear values are kept for later stages
    after the loops    results of reductions over the outer axes, and what follows from them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.expr import Expr, value_of
from .access import Access, Lowered
from .blocks import BLOCK, Columns, ColumnSum, add_apart, few, partial
from .fuse import Axis, AxisMap, Cluster, Fusion, is_scalar_constant
from .kernel import (
    Accumulate,
    Apply,
    Const,
    IndexValue,
    Kernel,
    Let,
    Load,
    Loop,
    Name,
    Param,
    Stmt,
    Store,
    Value,
    read_before_written,
    words_of,
)
from .language import identity_of
from .lengths import Runtime
from .levels import Levels
from .names import Names

__all__ = ["lower"]

I64 = np.dtype("int64")
F2, F4, F8, C16 = (np.dtype(name) for name in ("float16", "float32", "float64", "complex128"))


class Lowering(Levels):
    """The work of lowering one cluster: its analysis, then its statements."""

    def __init__(self, cluster: Cluster, fusion: Fusion, stored: Callable[[Expr], bool],
                 strides: Callable[[Expr], tuple[Any, ...]], names: Names, host_value: Callable[[Expr], Any],
                 alone: bool = True) -> None:
        super().__init__(cluster, fusion, stored, strides, names, host_value, alone)
        self.local: dict[Any, Value] = {}
        self.columns: dict[Expr, Access] = {}
        self.ints: dict[tuple[Any, ...], str] = {}
        self.again: dict[Expr, str] = {}            # names of values that several inner loops compute, each for itself
        self.in_loop = False
        self.blocks: Columns | None = None          # of column sums over many rows
        self.before: list[Stmt] = []                # the loops: what sums over everything need, and to complete them after these
        self.complete: list[Stmt] = []

    def run(self, name: str) -> Lowered:
        """The kernel of the cluster."""
        self.analyse()
        return self._finish(name, self._body())

    # -- statements ------------------------------------------------------------------------------------------------
    def _body(self) -> list[Stmt]:
        pre: list[Stmt] = []
        rows: list[Stmt] = []
        self._scalars(pre)
        for t in range(self._stages()):
            self._row_values(rows, t)
            self._inner_loop(rows, t)
        if self.blocks is not None:
            rows.append(self.blocks.end_row())
        loops = rows
        for axis in reversed(self.outer):
            loops = [Loop(self.vars[axis], self._stop(axis), loops, "outer")]
        after: list[Stmt] = []
        self._after(after)
        return [*pre, *self.before, *loops, *self.complete, *after]

    def _scalars(self, pre: list[Stmt]) -> None:
        """Before the loops: loads and values that vary over no axis, accumulators that live across the outer loops."""
        for e in self.nodes:
            if self.level[e] == "pre":
                self._let(pre, e)
                if e in self.stored_set:
                    self._store(pre, e)
        for e, role in self.roles.items():
            if role == "full":
                self._accumulator(pre, e)
            elif role == "column":
                self._column(pre, e)

    def _accumulator(self, out: list[Stmt], e: Expr) -> None:
        name, op = self.names.local(e), e.op.name
        dtype = self._acc_dtype(e)
        if op in ("argmax", "argmin"):
            source = e.args[0].dtype
            out.append(Let(name + "_best", Const(identity_of(op, source), source), e, mutable=True))
            out.append(Let(name, Const(-1, I64), e, mutable=True))
            self.local[e] = Name(name, I64)
            return
        out.append(Let(name, Const(identity_of(op, dtype), dtype), e, mutable=True))
        if op in ("max", "min") and dtype.kind == "f":
            out.append(Let(name + "_nan", Const(0, np.dtype("int32")), e, mutable=True))
        self.local[e] = Name(name, dtype)

    def _acc_dtype(self, e: Expr) -> np.dtype[Any]:
        """Sums over everything are added up in double, float16 in float where that rounds or is kept in memory."""
        role = self.roles.get(e)
        if e.op.name == "sum" and role == "full":
            return F8 if e.dtype.kind == "f" else C16 if e.dtype.kind == "c" else e.dtype
        return F4 if e.dtype == F2 and (role == "column" or e.op.name in ("sum", "prod")) else e.dtype

    def _column(self, pre: list[Stmt], e: Expr) -> None:
        axis, = self.inner
        dtype = self._acc_dtype(e)
        if e in self.stored_set and dtype == e.dtype:
            access = self.accesses[(e, self.c.maps[e])]
        else:
            access = Access(self.names.local(e) + "_sum", e, {axis: 1}, "scratch")
            self.scratch.append((access.name, [axis], dtype))
        self.columns[e] = access
        start = Store(access.name, self._index(access), Const(identity_of(e.op.name, e.dtype), dtype), e)
        zero: list[Stmt] = [start]
        if e.op.name == "sum" and dtype.kind in "fc" and self.alone and not few(self.outer):
            zero += self._block_column(e, access, axis, dtype)
        pre.append(Loop(self.vars[axis], self._stop(axis), zero, "simd"))

    def _block_column(self, e: Expr, access: Access, axis: Axis, dtype: np.dtype[Any]) -> list[Stmt]:
        """Add a column sum over many rows up in blocks: scratch rows for it, and what sets them to 0."""
        if self.blocks is None:
            count = " * ".join(self._stop(a) for a in self.outer)
            row = self._flat_index(self.outer)
            self.blocks = Columns(row if len(self.outer) == 1 else f"({row})", count, self.vars[axis], self._stop(axis))
        rows = [self.names.fresh(f"{access.name}_{what}") for what in ("total", "lost")][:1 if dtype.kind == "c" else 2]
        self.scratch += [(name, [axis], dtype) for name in rows]
        one = ColumnSum(access.name, rows[0], "" if dtype.kind == "c" else rows[1], dtype, ((self.vars[axis], 1),))
        self.blocks.sums.append(one)
        return [one.put(name, Const(0, dtype)) for name in rows]

    def _row_values(self, rows: list[Stmt], t: int) -> None:
        for e in self.nodes:
            if self.stage[e] != t or self.level[e] != "row":
                continue
            if e not in self.reduced:
                self._let(rows, e)
            if e in self.stored_set:
                self._store(rows, e)
        for e in self.nodes:
            if self.roles.get(e) == "full" and self.loop_stage(e) == t and not self._reads_full(e):
                rows += self._accumulate_row(rows, e)

    def _accumulate_row(self, rows: list[Stmt], e: Expr) -> list[Stmt]:
        """Take the value of a row into an accumulator of all; sums in double keep what is rounded away."""
        s = self._accumulate(rows, e)
        assert isinstance(s, Accumulate)
        if e.op.name != "sum" or s.value.dtype != F8 or not self.alone or few(self.outer):
            return [s]
        after: list[Stmt] = []
        total = add_apart(s.target, s.value, self.before, after)
        self.complete.append(Accumulate("sum", s.target, total, s.dtype, None, e))
        return after

    def _inner_loop(self, rows: list[Stmt], t: int) -> None:
        goals = self._goals(t)
        if not goals:
            return
        for e in goals:
            if self.roles.get(e) == "row":
                self._accumulator(rows, e)
        keep = dict(self.local)
        self.in_loop = True
        body: list[Stmt] = []
        stores: list[Stmt] = []         # after all loads: what is written may lie where an argument is read
        for e in self._closure(goals, t):
            saved = self.saved.get(e)
            if saved is not None and self.first[e] < t:
                self._declare(body, e, Load(saved.name, self._index(saved), e.dtype))
                continue
            self._let(body, e)
            if saved is not None and saved.kind == "scratch":
                body.append(Store(saved.name, self._index(saved), self.local[e], e))
            if e in self.stored_set and self.stage[e] == t:
                self._store(stores, e)
        reduces = []
        for e in goals:
            if e in self.reduced:
                body.append(self._accumulate(body, e))
                if self.roles[e] != "column":
                    reduces.append(e)
        body.extend(stores)
        self.local = {**keep, **{e: self.local[e] for e in reduces}}
        self.in_loop = False
        self._wrap_inner(rows, body, reduces)
        for e in reduces:
            if self.roles[e] == "row":
                self._close(rows, e)

    def _wrap_inner(self, rows: list[Stmt], body: list[Stmt], reduces: list[Expr]) -> None:
        marks: list[tuple[str, str, np.dtype[Any]]] = []
        for e in reduces:
            acc = self.local[e]
            assert isinstance(acc, Name)
            marks.append((acc.name, e.op.name, acc.dtype))
            if e.op.name in ("max", "min") and acc.dtype.kind == "f":
                marks.append((acc.name + "_nan", "any", np.dtype("int32")))
        scalar = any(e.op.name in ("argmax", "argmin") or (e.dtype.kind == "c" and e.op.name != "sum") for e in reduces)
        kind = "inner" if scalar else "simd"
        for k, axis in enumerate(reversed(self.inner)):
            if k == 0:
                pre, loops, end = self._innermost(axis, body, kind, marks, {self.local[e].name for e in reduces  # type: ignore[attr-defined]
                                                                            if self.roles[e] == "full"})
            else:
                loops = [Loop(self.vars[axis], self._stop(axis), loops, "inner")]
        rows += [*pre, *loops, *end]

    def _innermost(self, axis: Axis, body: list[Stmt], kind: str, marks: list[tuple[str, str, np.dtype[Any]]],
                   full: set[str]) -> tuple[list[Stmt], list[Stmt], list[Stmt]]:
        """What goes before the inner loops, the vectorised one, and what goes after them; long float sums are added in blocks.

        `full` are the accumulators that live across the outer loops.
        """
        var = self.vars[axis]
        pre: list[Stmt] = []
        block: list[Stmt] = []
        after: list[Stmt] = []
        end: list[Stmt] = []
        inner_marks: list[tuple[str, str, np.dtype[Any]]] = []
        for mark in marks:
            name, op, dtype = mark
            at = next((k for k, s in enumerate(body) if isinstance(s, Accumulate) and s.target == name), -1)
            s = body[at]
            small = few([*self.inner, *self.outer] if name in full else self.inner)
            wide = isinstance(s, Accumulate) and s.value.dtype.kind == "f" and dtype.itemsize > s.value.dtype.itemsize
            if op != "sum" or not (dtype.kind == "c" or (dtype.kind == "f" and not small and not (wide and few([axis])))):
                inner_marks.append(mark)
                continue
            parts, total = partial(name, body, at)
            block += [Let(part.name, Const(0, part.dtype), mutable=True) for part in parts]
            inner_marks += [(part.name, "sum", part.dtype) for part in parts]
            if small or not self.alone or wide:
                after.append(Accumulate("sum", name, total, dtype))
                continue
            before, last = (self.before, self.complete) if name in full and self.outer else (pre, end)
            exact = [add_apart(part.name, part, before, after) for part in parts]
            last.append(Accumulate("sum", name, exact[0] if len(parts) == 1 else Apply("complex", tuple(exact), dtype), dtype))
        if few([axis]) or not block:
            return pre, [*block, Loop(var, self._stop(axis), body, kind, reduces=inner_marks), *after], end
        block += [Loop(var, f"{var}_end", body, kind, start=f"{var}_from", reduces=inner_marks), *after]
        return pre, [Loop(f"{var}_from", self._stop(axis), block, "inner", step=BLOCK, ends=f"{var}_end")], end

    def _close(self, out: list[Stmt], e: Expr) -> None:
        """After its loop: put NaN back into a maximum, narrow an accumulator; the node's value is then a plain local."""
        acc = self.local[e]
        assert isinstance(acc, Name)
        value: Value = acc
        if e.op.name in ("max", "min") and acc.dtype.kind == "f":
            value = Apply("nan_if", (acc, Name(acc.name + "_nan", np.dtype("int32"))), acc.dtype)
        elif acc.dtype != e.dtype:
            value = Apply("cast", (acc,), e.dtype)
        if value is not acc:
            self._declare(out, e, value)

    def _column_value(self, e: Expr) -> Value:
        """An element of a vector of accumulators that is complete."""
        access = self.columns[e]
        dtype = self._acc_dtype(e)
        load = Load(access.name, self._index(access), dtype)
        return load if dtype == e.dtype else Apply("cast", (load,), e.dtype)

    def _accumulate(self, out: list[Stmt], e: Expr) -> Stmt:
        (s, m), = self.args[e]
        value = self._read(out, s, m)
        if e in self.columns:
            access = self.columns[e]
            return Accumulate(e.op.name, access.name, value, self._acc_dtype(e), self._index(access), e)
        acc = self.local[e]
        assert isinstance(acc, Name)
        at = None
        if e.op.name in ("argmax", "argmin"):
            at = IndexValue(self._flat_index(self.inner), I64)
        return Accumulate(e.op.name, acc.name, value, acc.dtype, None, e, at)

    def _flat_index(self, axes: list[Axis]) -> str:
        text = ""
        for axis in axes:
            text = self.vars[axis] if not text else f"({text}) * {self._stop(axis)} + {self.vars[axis]}"
        return text or "0"

    def _after(self, out: list[Stmt]) -> None:
        if self.blocks is not None:
            out.append(self.blocks.end())
        late = [e for e in self.nodes if e in self.split.after]
        for e in late:
            if self.roles.get(e) == "full":
                self._close(out, e)
                if e in self.stored_set:
                    self._store(out, e)
        scalars = [e for e in late if not self.varies(self.c.maps[e]) and e not in self.reduced]
        for e in scalars:
            self._let(out, e)
            if e in self.stored_set:
                self._store(out, e)
        rounded = [e for e in self.columns if e in self.stored_set and self.columns[e].kind == "scratch"]
        vectors = [e for e in late if e not in self.reduced and e not in scalars]
        if rounded or vectors:
            axis, = self.inner
            body: list[Stmt] = []
            for e in rounded:
                self._declare(body, e, self._column_value(e))
                del self.columns[e]
                self._store(body, e)
            for e in vectors:
                self._let(body, e)
                if e in self.stored_set:
                    self._store(body, e)
            out.append(Loop(self.vars[axis], self._stop(axis), body, "simd"))

    # -- values ------------------------------------------------------------------------------------------------------
    def _let(self, out: list[Stmt], e: Expr) -> None:
        values = tuple(self._read(out, s, m) for s, m in self.args[e])
        if e.op.name == "arange":
            (axis,) = self.c.maps[e]
            position = IndexValue(self.vars[axis] if axis is not None else "0", I64)
            value: Value = Apply("arange", (*values[:2], position), e.dtype)         # start, step; its length is the loop's
        elif e.op.name == "eye":
            a, b = self.c.maps[e]
            row, column = (IndexValue("0" if x is None else self.vars[x], I64) for x in (a, b))
            value = Apply("eye", (row, column, Const(e.kw["k"], I64)), e.dtype)
        elif e.op.name in ("argmax", "argmin"):
            value = Const(0, I64)
        elif e in self.c.reduced:
            value = values[0]
        else:
            value = Apply(e.op.name, values, e.dtype)
        self._declare(out, e, value)

    def _declare(self, out: list[Stmt], e: Expr, value: Value) -> None:
        name = self.again.get(e) if self.in_loop else None
        if name is None:
            name = self.names.local(e)
        if self.in_loop:
            self.again[e] = name
        out.append(Let(name, value, e))
        self.local[e] = Name(name, e.dtype)

    def _read(self, out: list[Stmt], s: Expr, m: AxisMap) -> Value:
        if is_scalar_constant(s):
            return Const(value_of(s).reshape(()).item() if s.dtype.kind != "f" else value_of(s).reshape(())[()], s.dtype)
        host = self.host_value(s)
        if host is not None:
            return Const(host, I64) if isinstance(host, int) else Name(self._int_param(None, ("length", host)), I64)
        if s in self.columns:
            return self._column_value(s)
        if s in self.local:
            return self.local[s]
        access = self.accesses[(s, m)]
        return Load(access.name, self._index(access), s.dtype)

    def _store(self, out: list[Stmt], e: Expr) -> None:
        access = self.accesses[(e, self.c.maps[e])]
        if e not in self.columns:
            out.append(Store(access.name, self._index(access), self.local[e], e))

    def _index(self, x: Access) -> tuple[tuple[str, Any], ...]:
        terms = []
        for axis in (*self.outer, *self.inner):
            if axis in x.strides:
                s = x.strides[axis]
                terms.append((self.vars[axis], self._stride_name(x, s)))
        return tuple(terms)

    def _stride_name(self, x: Access, s: Any) -> Any:
        if isinstance(s, int):
            return s
        if isinstance(s, Runtime):
            return self._int_param(f"{x.name}_s{s.axis}", ("stride", s.node, s.axis))
        return self._int_param(None, ("length", s))

    def _stop(self, axis: Axis) -> str:
        if isinstance(axis.length, int):
            return str(axis.length)
        return str(self._int_param(None, ("length", axis.length)))

    def _int_param(self, name: str | None, fill: tuple[Any, ...]) -> str:
        if fill not in self.ints:
            self.ints[fill] = name or self.names.length()
        return self.ints[fill]

    # -- the kernel --------------------------------------------------------------------------------------------------
    def _finish(self, name: str, body: list[Stmt]) -> Lowered:
        params: list[Param] = []
        fill: list[tuple[Any, ...]] = []
        parallel = not set(self.roles.values()) - {"row"}
        first = self.outer[0] if self.outer else self.inner[0] if self.inner and not self.reduced else None
        if first is not None and parallel and self.alone:
            loop = next(s for s in body if isinstance(s, Loop))
            loop.start, loop.stop = "lo", "hi"
            params += [Param("lo", I64, "int"), Param("hi", I64, "int")]
            fill += [("lo",), ("hi", first.length)]
        mentioned = words_of(body)
        for spec, label in self.ints.items():
            if label in mentioned:
                params.append(Param(label, I64, "int"))
                fill.append(spec)
        for x in self.accesses.values():
            params.append(Param(x.name, x.node.dtype, x.kind, x.node))
            fill.append(("pointer", x.node))
        for label, axes, dtype in self.scratch:
            params.append(Param(label, dtype, "scratch"))
            fill.append(("scratch", tuple(a.length for a in axes), dtype))
        unit = [self.ints["stride", s.node, s.axis] for x in self.accesses.values() for a, s in x.strides.items()
                if isinstance(s, Runtime) and self.inner and a is self.inner[-1]]
        empty = read_before_written(body, {x.name for x in self.accesses.values() if x.kind == "in"})
        assert not empty, f"kernel {name} reads {sorted(empty)} before it writes there"
        kind = "reduce" if self.reduced else "loop"
        kernel = Kernel(name, params, body, self.nodes, kind=kind, unit=unit, parallel=parallel)
        checks = [(a, e) for e in self.nodes if e.op.name in ("max", "min", "argmax", "argmin")
                  for a in self.reduced.get(e, ())]
        return Lowered(kernel, fill, self.c, [x.node for x in self.accesses.values() if x.kind == "in"], self.stored,
                       self.outer, self.inner, list(self.accesses.values()), self._stages(), self._write_stages(), checks)

    def _write_stages(self) -> dict[Expr, int]:
        """The stage in which each full result is written; others are never written over an argument."""
        return {e: self.stage[e] for e in self.stored if self.level[e] == "full"}


def lower(cluster: Cluster, fusion: Fusion, stored: Callable[[Expr], bool],
          strides: Callable[[Expr], tuple[Any, ...]], name: str, names: Names, host_value: Callable[[Expr], Any],
          alone: bool = True) -> Lowered:
    """The kernel that computes `cluster`.

    `stored` says which nodes are written to memory, `strides` how arguments lie in memory, `host_value` which int64 scalars the
    host knows before it starts. `alone`: rows of a part of the outermost loop run one after the other and share a scratch row;
    else all rows may run at once, and dear values are computed again.
    """
    return Lowering(cluster, fusion, stored, strides, names, host_value, alone).run(name)
