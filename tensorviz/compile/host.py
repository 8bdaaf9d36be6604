"""The host side of a function: one C entry that computes lengths, checks them, and runs the schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.graph import topological
from .access import Lowered
from .buffers import Plan, plan_buffers
from .cover import INT_TEXT, Cover
from .emit import Line, emit
from .entry import entry_lines
from .fuse import MAPS
from .guards import guard_lengths
from .indices import indexed
from .language import C
from .lengths import Length, Lengths, Product, Runtime, dense_strides, same
from .lower import lower
from .moves import MOVES, emit_library
from .names import Names
from .nests import kernel_doc, kernel_name, schedule
from .polls import add_polls
from .schedule import Step, memory_source
from .text import piece, prototypes, typed_functions

__all__ = ["Host", "Part", "View"]

COPIES = {"gemm", "set_index", "inc_index", "set_take", "inc_take", "set_along", "inc_along", "check"}
"""Ops that change a copy of their first argument."""


@dataclass(slots=True)
class View:
    """How a node is seen in memory: the C text of its pointer, its lengths, and strides in elements."""

    pointer: str
    lengths: tuple[Length, ...]
    strides: tuple[Any, ...]        # Length, or C text
    dense: bool = True


@dataclass(slots=True)
class Part:
    """A generated C function: its text with line map, and what Python needs to call it and to show it."""

    name: str
    inputs: list[Expr]
    outputs: list[Expr]
    lines: list[Line]
    constants: list[Any]
    symbols: list[str]
    sites: list[tuple[Any, ...]]
    steps: list[Step]
    lowered: dict[int, Lowered]
    plan: Plan
    step_lines: dict[int, tuple[int, int]] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)


class Host:
    """Generates one entry for `inputs` -> `outputs`; `strided` are the inputs that may have any strides."""

    def __init__(self, name: str, inputs: Sequence[Expr], outputs: Sequence[Expr], lengths: Lengths,
                 strided: frozenset[Expr] = frozenset(), names: Names | None = None) -> None:
        self.name, self.inputs, self.outputs, self.lengths, self.strided = name, list(inputs), list(outputs), lengths, strided
        self.cover = Cover(lengths, set(self.inputs), strided)
        self.names = names or Names()
        self.input_number = {x: k for k, x in enumerate(self.inputs)}
        self.pointers: dict[Expr, str] = {}
        self.views: dict[Expr, View] = {}
        self.numbers: dict[Expr, str] = {}
        self.opened: set[Expr] = set()          # lengths whose equals are being declared
        self.declared: list[str] = []           # int64 locals of the entry
        self.checks: list[str] = []
        self.sites: list[tuple[Any, ...]] = []
        self.constants: list[Any] = []
        self.symbols: list[str] = []
        self.pieces: dict[str, None] = {}
        self.lowered: dict[int, Lowered] = {}

    # -- the whole -------------------------------------------------------------------------------------------------
    def run(self) -> Part:
        """Generate the entry and its kernels."""
        fusion, self.steps = schedule(self.outputs, self.lengths.of, self.cover)
        self.labels = self.names.labels
        self._name_inputs()
        self.position = fusion.position
        stored = {e for s in self.steps for e in s.writes}
        kernels: list[Line] = []
        for s in self.steps:
            s.name = kernel_name(s, self.names) if s.cluster is not None else self.names.fresh(s.nodes[0].op.name)
            if s.name == self.name:                 # a function of the user's named as the one op in it
                s.name = self.names.fresh(s.name)
        self._place_outputs()
        self._name_buffers()
        for s in self.steps:
            if s.cluster is not None:
                low = lower(s.cluster, fusion, stored.__contains__, self._strides, s.name, Names(self.labels),
                            self.cover.host_value)
                low.kernel.doc = kernel_doc(s)
                self.lowered[s.order] = low
        look = memory_source(self.cover.is_view)
        self.plan = plan_buffers(self.steps, self.lengths.of, self.owner.__contains__, self._may_overwrite, self._scratch,
                                 kept=[look(r) for _, r in self.copies])
        for s in self.steps:
            if s.cluster is not None:
                self._unrestrict(s)
        guard_lengths(self, fusion.order)
        texts = {s.order: self._kernel_text(s) for s in self.steps if s.cluster is not None}
        body = self._body()
        step_lines: dict[int, tuple[int, int]] = {}
        for s in self.steps:
            if s.cluster is not None:
                first = len(kernels)
                kernels += [*texts[s.order], ("", ())]
                step_lines[s.order] = (first, len(kernels) - 1)
        part = Part(self.name, self.inputs, self.outputs, [], self.constants, self.symbols, self.sites, self.steps,
                    self.lowered, self.plan)
        part.lines = [*kernels, *entry_lines(self, body)]
        part.step_lines, part.pieces = step_lines, list(self.pieces)
        return part

    # -- memory ----------------------------------------------------------------------------------------------------
    def _strides(self, e: Expr) -> tuple[Any, ...]:
        """How a node in memory, or a part of one, lies there."""
        if e.op.name == "index":
            return self.view(e).strides
        return tuple(Runtime(e, k) for k in range(e.ndim)) if e in self.strided else dense_strides(self.lengths.of(e))

    def _name_inputs(self) -> None:
        for k, x in enumerate(self.inputs):
            self.pointers[x] = self.names.buffer(x, f"x{k}")

    def _place_outputs(self) -> None:
        """Which result is computed right into an output; other outputs are copied from views at the end."""
        self.owner: dict[Expr, int] = {}
        self.copies: list[tuple[int, Expr]] = []
        computed = {e for s in self.steps for e in s.writes}
        for k, r in enumerate(self.outputs):
            source = self._dense_source(r)
            if source in computed and source not in self.owner:
                self.owner[source] = k
            else:
                self.copies.append((k, r))

        self._grow_outputs(computed)

    def _grow_outputs(self, computed: set[Expr]) -> None:
        """What is changed into an output is made there too, if nothing reads it later: then nothing is copied."""
        look = memory_source(self.cover.is_view)
        last = {r: s.order for s in self.steps for r in s.reads}
        kept = {look(r) for _, r in self.copies}
        self.within: dict[Expr, Expr] = {}              # a node that is made in an output -> what it is made over
        for s in reversed(self.steps):
            e, x = s.nodes[0], s.nodes[0].args[0] if s.nodes[0].args else None
            if x is None or e not in self.owner or s.cluster is not None or not self._may_overwrite(s, e, x):
                continue
            if x in computed and x not in self.owner and x not in kept and last[x] == s.order and x.dtype == e.dtype:
                self.owner[x], self.within[e] = self.owner[e], x

    def _dense_source(self, e: Expr) -> Expr:
        """The node whose memory a view shows as it is, in C order."""
        while self.cover.is_view(e) and self.cover.dense_view(e):
            e = e.args[0]
        return e

    def _name_buffers(self) -> None:
        for s in self.steps:
            for e in s.writes:
                if e not in self.pointers:
                    self.pointers[e] = self.names.buffer(e, "out" if e in self.owner else "buf")

    def _may_overwrite(self, s: Step, new: Expr, old: Expr) -> bool:
        low = self.lowered.get(s.order)
        if low is None:
            e = s.nodes[0]
            look = memory_source(self.cover.is_view)
            return e.op.name in COPIES and old is e.args[0] and all(look(a) is not old for a in e.args[1:])
        return low.may_overwrite(new, old)

    def _scratch(self, s: Step) -> list[tuple[str, tuple[Length, ...], Any]]:
        low = self.lowered.get(s.order)
        if low is None:
            return []
        return [(p.name, f[1], f[2]) for p, f in zip(low.kernel.params, low.fill, strict=True) if f[0] == "scratch"]

    def _unrestrict(self, s: Step) -> None:
        """Arguments that a result is written over are no longer alone."""
        low = self.lowered[s.order]
        for e in s.writes:
            t = self.plan.tenants.get(e)
            if t is not None and t.over is not None:
                for p in low.kernel.params:
                    if p.node is e or p.node is t.over:
                        p.restrict = False

    def view(self, e: Expr) -> View:
        """How a node is seen in memory."""
        found = self.views.get(e)
        if found is not None:
            return found
        chain = [e]
        while self.cover.is_view(chain[-1]) and chain[-1] not in self.views:
            chain.append(chain[-1].args[0])
        for x in reversed(chain):
            if x not in self.views:
                self.views[x] = self._view_of(x)
        return self.views[e]

    def _view_of(self, e: Expr) -> View:
        lengths = self.lengths.of(e)
        name = e.op.name
        if name in MAPS:
            v = self.views[e.args[0]]
            return _mapped(e, v, lengths)
        if name == "reshape" and self.cover.is_view(e):
            v = self.views[e.args[0]]
            return View(v.pointer, lengths, dense_strides(lengths))
        if name == "index":
            pointer, strides = indexed(self, self.views[e.args[0]], e)
            return View(pointer, lengths, strides, False)
        value = self.cover.host_value(e)
        if value is not None:
            self.pointers[e] = self.names.fresh("number", numbered=True)
            self.declared.append(f"const i64 {self.pointers[e]}[1] = {{{self.number(value)}}};")
            return View(self.pointers[e], (), ())
        if e.op is constant_op and e not in self.pointers:
            self.pointers[e] = self.names.buffer(None, "table")
            place = f"call->constants[{len(self.constants)}].data"
            self.constants.append(np.ascontiguousarray(value_of(e)))
            self.declared.append(f"const {C.type(e.dtype)} *{self.pointers[e]} = {place};")
        if e in self.strided:
            return View(self.pointers[e], lengths, tuple(Runtime(e, k) for k in range(e.ndim)), False)
        return View(self.pointers[e], lengths, dense_strides(lengths))

    # -- numbers ---------------------------------------------------------------------------------------------------
    def number(self, n: Any) -> str:
        """The C text of a length or stride."""
        if isinstance(n, str):
            return n
        if isinstance(n, int):
            return str(n)
        if isinstance(n, Product):
            return " * ".join([str(n.known)] * (n.known != 1) + [self.number(f) for f in n.factors])
        if isinstance(n, Runtime):
            k = self.input_number[n.node]
            name = f"{self.pointers[n.node]}_s{n.axis}"
            line = f"const i64 {name} = call->in[{k}].strides[{n.axis}] / {n.node.dtype.itemsize};"
            if line not in self.declared:
                self.declared.append(line)
            return name
        for e in topological([n]):
            if e not in self.numbers:
                self.numbers[e] = self._declare_number(e)
        return self.numbers[n]

    def _declare_number(self, e: Expr) -> str:
        if e.op is constant_op:
            return str(int(value_of(e)))
        if e.op is variable_op:
            if e.ndim or e.dtype.kind not in "iub":
                return ""                   # only its lengths are asked for
            text = f"*(const {C.type(e.dtype)} *)call->in[{self.input_number[e]}].data"
        elif e.op.name == "length":
            found = self.lengths.find(e)
            if found is not e and e not in self.opened:
                return self._equal_number(e, found)
            text = f"call->in[{self.input_number[e.args[0]]}].shape[{e.kw['axis']}]"
        elif e.op.name == "broadcast_length":
            if e not in self.opened:
                return self._equal_number(e, self.lengths.find(e))
            sides = [a for a in e.args if not isinstance(self.lengths.find(a), int)]
            return self.numbers[(sides or e.args)[0]]
        else:
            text = INT_TEXT[e.op.name].format(*(self.numbers[a] for a in e.args))
        name = self.names.fresh("n", numbered=True)
        self.declared.append(f"const i64 {name} = {text};")
        return name

    def _equal_number(self, e: Expr, found: Length) -> str:
        """The text of a length that e agrees with, which may itself be made of e: then e is taken as it is."""
        self.opened.add(e)
        text = self.number(found)
        self.opened.remove(e)
        return text

    def site(self, *what: Any) -> int:
        """Register a place that can fail; its number goes into the error."""
        self.sites.append(what)
        return len(self.sites) - 1

    def use(self, *names: str) -> None:
        """Note that pieces of pieces/*.c are needed."""
        self.pieces.update(dict.fromkeys(names))

    def symbol(self, name: str) -> str:
        """The C text of a library function's address."""
        if name not in self.symbols:
            self.symbols.append(name)
        return f"call->symbols[{self.symbols.index(name)}]"

    # -- the entry ---------------------------------------------------------------------------------------------------
    def _body(self) -> list[Line]:
        """The steps in order, then outputs that are views."""
        lines: list[Line] = []
        for s in self.steps:
            if s.cluster is not None:
                lines += self._kernel_call(s)
            elif s.kind == "library":
                lines += emit_library(self, s)
            else:
                lines += MOVES[s.nodes[0].op.name](self, s)
        for k, r in self.copies:
            lines += self._copy_out(k, r)
        return lines

    def _copy_out(self, k: int, r: Expr) -> list[Line]:
        value = self.cover.host_value(r)
        if value is not None:
            return [(f"    *({C.type(r.dtype)} *)call->out[{k}].data = {self.number(value)};", (r,))]
        self.use("pack")
        args = self.copy_args(f"call->out[{k}].data", dense_strides(self.lengths.of(r)), self.view(r), r)
        return [(f"    tv_copy({', '.join(args)});", (r,))]

    def copy_over(self, s: Step, x: Expr) -> list[Line]:
        """Put x where the result of a step goes, unless it is there already."""
        e = s.nodes[0]
        tenant = self.plan.tenants.get(e)
        if self.within.get(e) is x or (tenant is not None and tenant.over is x):
            return []
        self.use("list", "pack")
        out = self.view(e)
        return [(f"    tv_copy({', '.join(self.copy_args(out.pointer, out.strides, self.view(x), e))});", (e,))]

    def copy_args(self, to: str, to_strides: tuple[Any, ...], v: View, e: Expr) -> list[str]:
        """Arguments of tv_copy."""
        self.use("list", "pack")
        lists = [f"TV_LIST({', '.join(self.number(n) for n in t) or '0'})" for t in (to_strides, v.strides, v.lengths)]
        return [f"(char *)({to})", lists[0], f"(const char *)({v.pointer})", lists[1], lists[2],
                str(len(v.lengths)), str(e.dtype.itemsize)]

    def _kernel_text(self, s: Step) -> list[Line]:
        """The lines of a kernel; one that is not run in parts lets Ctrl-C through itself."""
        low = self.lowered[s.order]
        if not self._in_parts(low) and not low.kernel.unit and add_polls(low.kernel):
            self.use("poll")
        return emit(low.kernel, C)

    def _in_parts(self, low: Lowered) -> bool:
        return low.range_length is not None and low.kernel.parallel and not any(f[0] == "scratch" for f in low.fill)

    def _kernel_call(self, s: Step) -> list[Line]:
        low = self.lowered[s.order]
        for axis, e in low.checks:
            site = self.site("empty", e)
            if not isinstance(axis.length, int) or axis.length == 0:
                self.checks.append(f"if ({self.number(axis.length)} == 0) return tv_fail(call, TV_EMPTY, {site}, 0, 0, 0);")
        args = []
        for p, f in zip(low.kernel.params, low.fill, strict=True):
            if f[0] in ("lo", "hi"):
                args.append(f[0])
            elif f[0] == "length":
                args.append(self.number(f[1]))
            elif f[0] == "stride":
                args.append(self.number(Runtime(f[1], f[2])))
            elif f[0] == "pointer":
                args.append(self.view(f[1]).pointer)
            else:
                args.append(f"({C.type(p.dtype)} *){self.slot(self.plan.scratch[s.order, p.name].slot.number)}")
        if low.kernel.polls:
            args.append("call")
        call = f"{s.name}({', '.join(args)})"
        if low.range_length is not None:
            rows, row = self.number(low.range_length), self.number(low.row_work())
            if self._in_parts(low):
                self.use("rows")
                call = f"TV_ROWS({rows}, {row}, {call})"
            else:
                call = f"{{ const i64 lo = 0, hi = {rows}; {call}; }}"
        return [(f"    TV_STEP({s.order}, {call});", tuple(s.nodes))]

    def slot(self, number: int) -> str:
        """The C text of where a slot of the arena begins."""
        return f"(arena + slot_{number})"


def _mapped(e: Expr, v: View, lengths: tuple[Length, ...]) -> View:
    name, kw = e.op.name, e.kw
    if name == "transpose":
        return View(v.pointer, lengths, tuple(v.strides[a] for a in kw["axes"]), False)
    if name == "expand_dims":
        rest = iter(v.strides)
        return View(v.pointer, lengths, tuple(0 if k in kw["axes"] else next(rest) for k in range(len(lengths))), v.dense)
    if name == "squeeze":
        return View(v.pointer, lengths, tuple(s for k, s in enumerate(v.strides) if k not in kw["axes"]), v.dense)
    lead = len(lengths) - len(v.strides)
    strides = [0] * lead
    for n, m, s in zip(v.lengths, lengths[lead:], v.strides, strict=True):
        strides.append(s if same(n, m) else 0)
    return View(v.pointer, lengths, tuple(strides), False)


def entry_text(host_pieces: Sequence[str], code: str) -> str:
    """What stands before the generated kernels: the call's declaration, helpers in use, prototypes."""
    needed = ["types", "status", "fail", "times", *host_pieces]
    parts = "".join(piece(n) for n in dict.fromkeys(needed))
    functions = typed_functions(parts + code)
    return parts + prototypes(functions + code) + "\n" + functions
