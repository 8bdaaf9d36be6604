"""Recording: a function's compilation as a Trace, made by running its deterministic pipeline once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..core.errors import ArgumentError
from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.graph import inputs_of
from ..core.origins import line_of, place_of
from ..core.shared import is_shared
from ..core.text import ends, text
from ..core.types import TensorType
from ..render.trace import Buffer, Build, Code, Condition, Event, Kernel, Line, NearMiss, Node, Origin, Pass, Trace
from ..rewrite.history import Event as Rewriting
from ..rewrite.history import History
from ..rewrite.rule import Rewrite as Rule
from .check import check_nest, check_rewrite
from .coloured import coloured
from .costs import bytes_of, cost_of, seconds_of
from .formulas import Seen, call_line, formula
from .fuse import Fusion, is_scalar_constant
from .ledger import Change, Ledger
from .lengths import agree
from .mode import MODES
from .names import assigned
from .program import C_TARGET, Program, Segment, generate
from .regions import regions
from .sides import Told, renamed, renamed_mathml, told
from .version import Rewritten, rewritten

if TYPE_CHECKING:
    from .function import Function

__all__ = ["Recorder", "looked_at", "record"]

MANY = 30_000           # graphs of more nodes are recorded without formulas
NEST = "one_loop_nest"
AGREE, AGREED = "lengths-agree", "lengths_agree"
AGREEING = Rule(AGREED, "Unknown lengths that meet are taken to be equal (checked at every call), so sums over broadcast axes go "
                        "where there are none.", AGREE, "exact in floating point", frozenset(), lambda node: None)


def record(f: Function, full: bool = True) -> Recorder:
    """The trace of a compiled function, in the recorder that made it; formulas and near misses only if it is to be `full`."""
    done = rewritten(f._versions.roots, f.mode, "full" if full else True)
    updated = [v.name or "shared" for v, _ in f.updates]
    names = [*(o.name or "" for o in f.outputs), *(f"{name}'" for name in updated)]
    recorder = Recorder(f.name, f.signature, f._versions.roots, names, updated, full)
    recorder.passes(done)
    trace = recorder.trace
    for k, (v, _) in enumerate(f.updates):
        found = recorder.ledger_start.get(v)
        if found is not None:
            trace.updates[found] = len(f.outputs) + k
    program = f._version.program
    trace.target = f.target
    if program is not None:
        recorder.program(program, f.seconds.get("emit", 0.0))
    for name, seconds in f.seconds.items():
        trace.builds.append(Build(name, seconds, "from the cache" if name == "cc" and f.cached else ""))
    trace.facts |= {"compile_seconds": sum(f.seconds.values()), "cached": f.cached}
    return recorder


def looked_at(name: str, outputs: Sequence[Expr]) -> Recorder:
    """What compiling expressions would do, with the code that would run: nothing is built, so nothing can be called."""
    inputs = inputs_of(outputs)
    done = rewritten(outputs, MODES["FAST_RUN"], "full")
    signature = f"{name}({', '.join(x.name or f'x{k}' for k, x in enumerate(x for x in inputs if not is_shared(x)))})"
    recorder = Recorder(name, signature, outputs, [o.name or "" for o in outputs])
    recorder.passes(done)
    program = generate(name, inputs, done.roots, done.lengths, frozenset(), C_TARGET, None)
    recorder.program(program, program.seconds["emit"])
    recorder.trace.builds = [Build("rewrite", done.seconds), Build("emit", program.seconds["emit"])]
    recorder.trace.facts["compile_seconds"] = done.seconds + program.seconds["emit"]
    return recorder


class Recorder:
    """Fills a Trace from graphs and histories; `rewrites` check each event on numbers.

    The last outputs are the new values of the shared variables named in `updated`.
    """

    def __init__(self, name: str, signature: str, roots: Sequence[Expr], output_names: Sequence[str],
                 updated: Sequence[str] = (), formulas: bool = True) -> None:
        self.trace = Trace(name=name, signature=signature, output_names=list(output_names))
        self.ledger, self.full = Ledger(roots), formulas
        self.rich = formulas and len(self.ledger.entries) <= MANY
        self.origins: dict[tuple[Any, ...], int] = {}
        self.number: dict[str, int] = {}            # id -> its current record
        self.rewrites: list[Callable[[], list[dict[str, Any]]]] = []   # the numeric check of each event
        self.steps: dict[str, Any] = {}             # id of a kernel -> its step of the program
        self.fused: dict[str, Kernel] = {}          # id of the node that stands for a loop nest -> its kernel
        self.ledger_start = {entry.expr: i for i, entry in self.ledger.entries.items()}
        self.names = {self.ledger_start[e]: name for e, name in assigned(self.ledger_start).items()}    # the user's, by id
        self.spoken = {*self.names.values(), *(e.name for e in self.ledger_start if e.name)}   # what the letters of rules are not
        self.groups = regions(self.ledger.entries, self.ledger.outputs, updated)
        for i in self.ledger.entries:
            self._record(i)
        self.trace.initial = list(self.number.values())
        self.trace.outputs = list(self.ledger.outputs)
        self.trace.output_names = [n or self.names.get(i, "") for n, i in zip(output_names, self.ledger.outputs, strict=True)]

    def check(self, step: int) -> list[dict[str, Any]]:
        """Both sides of rewrite number `step` (from 1) on drawn numbers: how far apart they are."""
        if not 1 <= step <= len(self.rewrites):
            raise ArgumentError(f"there is no rewrite {step} of {self.trace.name}",
                                hint=f"there are {len(self.rewrites)}, from 1")
        return self.rewrites[step - 1]()

    # -- nodes -----------------------------------------------------------------------------------------------------
    def _record(self, name: str) -> int:
        """Add a record of what stands under an id now."""
        entry = self.ledger.entries[name]
        e = entry.expr
        leaf = e.op is variable_op or e.op is constant_op
        kind = "constant" if e.op is constant_op else "shared" if is_shared(e) else "input" if leaf else "op"
        tensor = isinstance(e.type, TensorType)
        node = Node(name, e.op.name if not leaf else kind, "leaf" if leaf else e.op.family, kind, list(entry.inputs),
                    "" if leaf else _param(e), str(e.dtype) if tensor else "tuple", list(e.type.shape) if tensor else [],
                    e.name or self.names.get(name, ""), _value(e) if kind == "constant" else "", "", "", e.op.doc, [],
                    entry.made_by)
        node.text = node.name or e.op.name
        if self.rich and name in self.fused:
            node.text = call_line(name, self._seen, self.fused[name].name)
        elif self.rich:
            node.text, math = formula(name, self._seen)
            node.mathml = "" if leaf else math
        node.origins = [self._origin(s) for s in e.sites]
        if e.forward is not None:
            node.gradient_of = self.ledger.id_of(e.forward) or self.ledger_start.get(e.forward, "")
        node.group = list(self.groups.get(name, ())) if not leaf else []
        node.aliases = list(entry.aliases)
        if not leaf:
            node.flops, node.bytes = cost_of(e)
            node.seconds = seconds_of(node.op, node.flops, node.bytes)
        if name in self.fused:
            self._as_kernel(node, self.fused[name])
        self.number[name] = len(self.trace.records)
        self.trace.records.append(node)
        return self.number[name]

    def _as_kernel(self, node: Node, kernel: Kernel) -> None:
        """The node of a loop nest: what its members cost together, without the memory traffic between them."""
        inside, ends = ([self.trace.records[self.number[i]] for i in ids if i in self.number]
                        for ids in (kernel.nodes, [*kernel.inputs, *kernel.outputs]))
        node.op, node.family, node.param = kernel.name, "fused", f"{kernel.size} fused"
        node.doc, node.mathml, node.gradient_of, node.group = kernel.why, "", "", []
        node.flops = sum(n.flops for n in inside)
        node.bytes = sum(bytes_of(n) for n in ends)
        node.seconds = max(sum(n.flops for n in inside) / 4e9, node.bytes / 2e10)


    def _origin(self, site: Any) -> int:
        file, line = place_of(site)
        key = (file, line)
        if key not in self.origins:
            self.origins[key] = len(self.trace.origins)
            function = site[0].co_name
            self.trace.origins.append(Origin(file, line, line_of(site), "" if function == "<module>" else function))
        return self.origins[key]

    # -- passes ----------------------------------------------------------------------------------------------------
    def passes(self, done: Rewritten) -> None:
        """Record every pass of a run of the pipeline."""
        if done.agreed:
            first = len(self.trace.events)
            for before, after in done.agreed:
                self._agreed(before, after)
            count = float(len(self.trace.events) - first)
            self._pass(AGREE, AGREEING.doc, first, done.agreeing, {AGREED: [count, done.agreeing]} if count else {})
        for history in done.result.histories if done.result is not None else ():
            self.history(history)

    def _agreed(self, before: Expr, after: Expr) -> None:
        """A sum over axes that are broadcast nowhere, or a reduction over axes of length 1: what was assumed is its condition."""
        known = {"g": before.args[0]}
        said = told(Rewriting(AGREEING, before, after, (before,), (), known, [], 0.0), self._name_of, self.ledger.id_of,
                    self.spoken) if self.rich else Told([], "", {})
        change = self.ledger.apply(before, after, AGREED)
        if change is not None:
            self.rewrites.append(partial(check_rewrite, before, after, known))
            event = self._event(AGREED, change, 0.0)
            summed = before.op.name == "sum_to"
            g = said.renames.get("g", "g")
            event.bindings, event.filled_mathml = said.bindings, said.mathml
            event.source, event.why = f"compile/lengths.py:{agree.__code__.co_firstlineno}", AGREEING.doc
            event.formula = f"sum_to({g}, shape) -> {g}" if summed else f"{before.op.name}({g}, axis) -> {g}"
            event.exactness = AGREEING.exactness
            event.conditions = [Condition(f"the lengths of {g} are those of shape" if summed else f"{g} has length 1 along axis",
                                          True, "taken to be so, and checked at every call")]

    def history(self, history: History) -> None:
        """Record one pass."""
        first = len(self.trace.events)
        self.ledger.begin()
        misses: dict[int, list[Any]] = {}
        for miss in history.misses:
            misses.setdefault(miss.position, []).append(miss)
        for k, e in enumerate(history.events):
            matched = [i for i in (self.ledger.id_of(m) for m in e.matched) if i is not None]
            said = told(e, self._name_of, self.ledger.id_of, self.spoken) if self.rich else Told([], "", {})
            near = [NearMiss(m.rule.name, i, m.why) for m in misses.get(k, ())[:8]
                    for i in [self.ledger.id_of(m.node)] if i is not None]
            change = self.ledger.apply(e.before, e.after, e.rule.name)
            if change is None:
                continue
            self.rewrites.append(partial(check_rewrite, e.before, e.after, e.bindings))
            event = self._event(e.rule.name, change, e.seconds)
            event.before, event.near_misses = matched or [change.root], near
            self._describe(event, e, said)
        rules = {name: [float(count), seconds] for name, (count, seconds) in history.hits.items()}
        self._pass(history.name, history.doc, first, history.seconds, rules)

    def _describe(self, event: Event, e: Rewriting, said: Told) -> None:
        """What the rule says, in the names that its variables have here."""
        rule, other = e.rule, said.renames
        event.bindings, event.filled_mathml = said.bindings, said.mathml
        event.formula, event.why, event.exactness, event.source = renamed(rule.formula, other), renamed(rule.why, other), \
            e.exactness, rule.source
        event.formula_mathml = renamed_mathml(getattr(rule, "mathml", "") or "", other)
        event.conditions = [Condition(renamed(words, other), ok, why) for words, ok, why in e.conditions]

    def _seen(self, name: str) -> Seen:
        """A node of the graph as it is now, as formulas see it."""
        entry = self.ledger.entries[name]
        e = entry.expr
        own = e.name or self.names.get(name, "")
        word = (own or name) if e.op is variable_op else ""
        return Seen(e, entry.inputs, own, word, self.fused[name].name if name in self.fused else "")

    def _name_of(self, e: Expr) -> str:
        """The user's name of an expression in the graph as it is now."""
        found = e.name or self.names.get(self.ledger.known(e) or "", "")
        return found or (self.ledger.known(e) or "input" if e.op is variable_op else "")

    def _event(self, rule: str, change: Change, seconds: float) -> Event:
        records = self.trace.records
        old = [self.number[i] for i in (*change.gone, *change.new) if i in self.number]
        fresh = [i for i in change.new if i not in self.number]
        if change.root in self.names and change.result in fresh:
            self.names[change.result] = self.names[change.root]
        for i in fresh:
            self.groups[i] = self.groups.get(change.root, [])
        added = [self._record(i) for i in change.new]
        for i in change.gone:
            self.number.pop(i, None)            # not those that were made and went within the event
        event = Event(rule, change.root, change.result, [change.root], fresh, list(dict.fromkeys(old)), added,
                      change.outputs)
        gone = [records[k] for k in event.removed if records[k].id in change.gone]
        came = [records[k] for k in added if records[k].id in fresh]
        event.cost_before = [sum(getattr(n, f) for n in gone) for f in ("seconds", "flops", "bytes")]
        event.cost_after = [sum(getattr(n, f) for n in came) for f in ("seconds", "flops", "bytes")]
        event.seconds = seconds
        self.trace.events.append(event)
        return event

    def _pass(self, name: str, doc: str, first: int, seconds: float, rules: dict[str, list[float]]) -> None:
        live = [self.trace.records[k] for k in self.number.values()]
        cost = [sum(getattr(n, f) for n in live) for f in ("seconds", "flops", "bytes")]
        self.trace.passes.append(Pass(name, doc, first, len(self.trace.events), seconds, len(live), cost, rules))

    # -- the program -----------------------------------------------------------------------------------------------
    def program(self, program: Program, seconds: float) -> None:
        """Record kernels, code and buffers; `seconds` is what fusing and writing the code took."""
        self.boundary = {v: node for node, v in program.boundary.items()}
        self.target = program.language
        shift = program.helpers
        self._code(program, shift)
        unplanned = planned = 0.0
        for step in program.steps:
            if not isinstance(step, Segment):
                kernel = Kernel(f"k{len(self.trace.kernels)}", step.node.op.name, "python", self._ids([step.node]), size=1,
                                why=f"it has no {program.language} code: NumPy runs it")
                self.trace.kernels.append(kernel)
                continue
            first = len(self.trace.kernels)
            for s in step.part.steps:
                begin, end = step.part.step_lines.get(s.order, (shift, shift))
                self._kernel(s, (begin - shift, end - shift))
            unplanned += self._buffers(step, first)
            planned += sum(max(t.estimate for t in slot.tenants) for slot in step.part.plan.slots)
        self._fuse(seconds)
        self.trace.facts |= {"arena_bytes": planned, "unplanned_bytes": unplanned}

    def _code(self, program: Program, shift: int) -> None:
        """The kernels and the entry; the helpers that stand before them are in `f.source(full=True)`."""
        lines, source = program.lines[shift:], program.own
        code = Code(program.language, source, html=coloured(source))
        for number, (_, nodes) in enumerate(lines, 1):
            ids = [i for i in (self._final_id(n) for n in nodes) if i]
            if ids:
                code.lines.append(Line(number, ids))
        self.trace.codes.append(code)

    def _fuse(self, seconds: float) -> None:
        """The last pass: every loop nest becomes one node."""
        first = len(self.trace.events)
        source = f"compile/fuse.py:{Fusion.run.__code__.co_firstlineno}"
        whole = [k for k in self.trace.kernels if k.kind in ("loop", "reduce") and len(k.nodes) > 1]
        for kernel in whole:
            members = self._in_order([i for i in kernel.nodes if i in self.ledger.entries])
            inside = set(members)
            inputs = dict.fromkeys(i for m in members for i in self.ledger.entries[m].inputs
                                   if i not in inside and not is_scalar_constant(self.ledger.entries[i].expr))
            change = self.ledger.fuse(members, list(inputs), NEST)
            if change is None:
                continue
            self.fused[change.result] = kernel
            step = self.steps[kernel.id]
            self.rewrites.append(partial(check_nest, step.reads, step.writes, self.target))
            event = self._event(NEST, change, 0.0)
            event.before, event.why, event.source = members, kernel.why, source
            event.formula = "ops over the same elements -> one loop nest"
            event.exactness = "exact in floating point" if all(map(_same_bits, step.nodes)) else "exact in real arithmetic"
            kernel.nodes.append(change.result)
        self._pass("fuse", "What runs over the same elements becomes one loop nest: values between stay in registers.",
                   first, seconds, {NEST: [float(len(self.trace.events) - first), seconds]} if whole else {})

    def _in_order(self, members: Sequence[str]) -> list[str]:
        """Ids with arguments before readers."""
        inside, done, seen = set(members), [], set()
        for root in members:
            work = [(root, False)]
            while work:
                i, ready = work.pop()
                if ready:
                    done.append(i)
                elif i not in seen:
                    seen.add(i)
                    work.append((i, True))
                    work.extend((a, False) for a in self.ledger.entries[i].inputs if a in inside and a not in seen)
        return done

    def _final_id(self, e: Expr) -> str:
        return self.ledger.id_of(self.boundary.get(e, e)) or ""

    def _ids(self, nodes: Sequence[Expr]) -> list[str]:
        return [i for i in (self._final_id(n) for n in nodes) if i]

    def _kernel(self, s: Any, lines: tuple[int, int]) -> None:
        kind = {"library": "library", "move": "move"}.get(s.kind) or ("reduce" if s.cluster.reduced else "loop")
        nodes = self._ids([*s.nodes, *s.views])
        found = [self.trace.records[self.number[i]] for i in nodes]
        why = f"{s.size} operations read and write the same elements: one loop nest" if s.size > 1 else ""
        ends = [self.trace.records[self.number[i]] for i in self._ids([*s.reads, *s.writes]) if i in self.number]
        moved = sum(bytes_of(n) for n in ends) if s.size > 1 else sum(n.bytes for n in found)   # nothing between is in memory
        kernel = Kernel(f"k{len(self.trace.kernels)}", s.name, kind, nodes, self._ids(s.reads), self._ids(s.writes),
                        why, lines[0], lines[1], sum(n.flops for n in found), moved, s.size)
        self.steps[kernel.id] = s
        self.trace.kernels.append(kernel)

    def _buffers(self, step: Segment, first: int) -> float:
        total, offset = 0.0, 0.0
        owner: dict[int, str] = {}
        for slot in step.part.plan.slots:
            for t in slot.tenants:
                if t.node is None:
                    continue
                name = f"b{len(self.trace.buffers)}"
                node = self._final_id(t.node)
                over = owner.get(slot.number, "") if t.over is not None else ""
                self.trace.buffers.append(Buffer(name, node, t.estimate, int(offset), first + t.first, first + t.last,
                                                 "arena", over, t.over is not None))
                owner[slot.number] = name
                total += t.estimate
            offset += max(t.estimate for t in slot.tenants)
        return total


def _same_bits(e: Expr) -> bool:
    """Whether an op gives the same in a loop nest as in NumPy: it is rounded correctly, and adds nothing up in another order."""
    return e.op.exact and not (e.op.name in ("sum", "prod") and e.dtype.kind in "fc")


def _param(e: Expr) -> str:
    if e.op.name == "arange":
        return _range(e)
    words = []
    for name, value in e.kw.items():
        if name in ("keepdims",) and not value:
            continue
        if name in ("axes", "axis") and value is not None:
            numbers = value if isinstance(value, tuple) else (value,)
            words.append(("axis " if len(numbers) == 1 else "axes ") + " ".join(map(str, numbers)))
        elif name == "keepdims":
            words.append("keepdims")
        elif name == "dtype":
            words.append(str(value))
        elif name != "shape" and name != "spec":
            words.append(f"{name} {value}")
    return " ".join(words)[:60]


def _range(e: Expr) -> str:
    """Where a range starts, stops and how it steps, as far as it is known and not as usual."""
    known = [text(a) if a.op is constant_op else "" for a in e.args[:2]]
    given = text(e)[len("arange("):-1].split(", ") if e.kw["shape"][0] is not None and all(known) else [known[0], "", known[1]]
    start, stop, step = (["0", given[0], "1"] if len(given) == 1 else [*given, "1"])[:3]
    words = ("start", start, ("0", "0.0")), ("stop", stop, ()), ("step", step, ("1", "1.0"))
    return " ".join(f"{word} {value}" for word, value, usual in words if value and value not in usual)


def _value(e: Expr) -> str:
    """A constant on a node: the number, a short list, or how a longer one starts and ends."""
    array = value_of(e)
    whole = text(e, lines=1) if array.size <= 6 else ""
    if whole and (array.size == 1 or len(whole) <= 24):
        return whole
    return f"[{', '.join(ends(array, '…'))}]" if array.size > 1 else "[]"
