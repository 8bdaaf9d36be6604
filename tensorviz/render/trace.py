"""The Trace: one plain-data record of a compilation and its runs, from which every picture is drawn.

Nothing in it points at an expression or a kernel; a saved trace (``.tvz``, gzip JSON) opens on any
machine without the program and without running code. Ids are stable through rewriting: a node that
was rebuilt only because an argument changed keeps its id (a new *version*, i.e. a new record), new nodes
of a rule get new ids, merged nodes keep the first id. Ids count graph order: same program, same ids.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .hooks import hook

__all__ = ["Binding", "Buffer", "Build", "Code", "Condition", "Event", "Kernel", "Line", "NearMiss", "Node",
           "Origin", "Pass", "Profile", "Run", "State", "Timing", "Trace", "TraceError"]

SCHEMA = 1


class TraceError(ValueError):
    """Raised when a file is not a trace this version can read."""


@dataclass(slots=True)
class Origin:
    """A place in the user's source: where a node was written."""

    file: str = ""          #: "cell 5" in a notebook, else a file name without folders
    line: int = 0
    text: str = ""          #: the source line, stripped
    function: str = ""      #: enclosing user function, "" at top level


@dataclass(slots=True)
class Node:
    """One version of one node. Records never change; a rewired node gets another record with the same id."""

    id: str                                     #: "n12", stable through all passes
    op: str                                     #: "add", "gemm"; "input", "shared", "constant" for leaves
    family: str = "elementwise"                 #: elementwise linalg reduction shape state loop sparse fused leaf
    kind: str = "op"                            #: op | input | shared | constant
    inputs: list[str] = field(default_factory=list)   #: ids of the arguments, in order, repeats kept
    param: str = ""                             #: "axis 1", "perm 1 0": what the op does beyond its name
    dtype: str = ""                             #: "float32"
    shape: list[int | None] = field(default_factory=list)   #: None where a length is unknown
    name: str = ""                              #: the user's name of it, or ""
    value: str = ""                             #: a constant's value as text ("0.1", "float32 64×10")
    text: str = ""                              #: the expression as one short line of Python
    mathml: str = ""                            #: MathML of the expression (depth limited), "" if none
    doc: str = ""                               #: the op's one line of doc
    origins: list[int] = field(default_factory=list)  #: indices into Trace.origins, the latest first
    made_by: str = ""                           #: rule that made this record, "" if the user's
    gradient_of: str = ""                       #: id of the forward node whose vjp made it, or ""
    group: list[str] = field(default_factory=list)    #: outermost first: user function, fused kernel
    aliases: list[str] = field(default_factory=list)  #: ids that merged into this one
    flops: float = 0.0                          #: estimate for lengths as known (unknown lengths count as 64)
    bytes: float = 0.0                          #: bytes read and written, same estimate
    seconds: float = 0.0                        #: estimated seconds from flops and bytes

    def type_text(self) -> str:
        """The type as the pictures write it: ``f32 512×784``, ``N`` for an unknown length."""
        short = {"bool": "bool"}.get(self.dtype) or self.dtype.replace("float", "f").replace("uint", "u") \
            .replace("int", "i").replace("complex", "c")
        return f"{short} {self.shape_text()}".strip()

    def shape_text(self) -> str:
        """The lengths as the pictures write them: ``512×784``, ``scalar``."""
        return "×".join("N" if n is None else str(n) for n in self.shape) or "scalar"


@dataclass(slots=True)
class Binding:
    """What a pattern variable stood for in one rewrite."""

    name: str
    id: str = ""
    text: str = ""
    mathml: str = ""
    type: str = ""


@dataclass(slots=True)
class Condition:
    """A named side condition of a rule and whether it held here."""

    text: str
    ok: bool = True
    why: str = ""


@dataclass(slots=True)
class NearMiss:
    """A rule whose left side matched but that did not fire, and why."""

    rule: str
    node: str
    why: str


@dataclass(slots=True)
class Event:
    """One application of one rule; the state after it is the state before, less `removed`, plus `added`."""

    rule: str
    root: str = ""                              #: id of the node that was replaced
    result: str = ""                            #: id of what replaced it, "" if nothing of that is left after the event
    before: list[str] = field(default_factory=list)   #: ids matched by the left side (root first)
    after: list[str] = field(default_factory=list)    #: ids of the right side that are new
    removed: list[int] = field(default_factory=list)  #: record numbers that leave the graph
    added: list[int] = field(default_factory=list)    #: record numbers that enter it
    outputs: list[str] | None = None            #: ids of the outputs if they changed, else None
    formula: str = ""                           #: "log(1 + x) -> log1p(x)"
    formula_mathml: str = ""                    #: left → right with pattern variables
    filled_mathml: str = ""                     #: left → right with the bindings filled in
    bindings: list[Binding] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    why: str = ""                               #: why the rule holds (its docstring)
    exactness: str = ""                         #: "exact in floating point", "exact in real arithmetic", ...
    source: str = ""                            #: "rules/stabilise.py:48"
    seconds: float = 0.0                        #: time the step took in the compiler
    cost_before: list[float] = field(default_factory=list)   #: [seconds est., flops, bytes] of what left
    cost_after: list[float] = field(default_factory=list)    #: the same of what came
    near_misses: list[NearMiss] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)  #: {"drawn", "difference", "bad_before", "bad_after"}


@dataclass(slots=True)
class Pass:
    """A named pass: the events `first` up to but not including `last`."""

    name: str
    doc: str = ""
    first: int = 0
    last: int = 0
    seconds: float = 0.0                        #: time the pass took
    nodes: int = 0                              #: nodes after it
    cost: list[float] = field(default_factory=list)   #: [seconds est., flops, bytes] after it
    rules: dict[str, list[float]] = field(default_factory=dict)  #: rule -> [hits, seconds]

    @property
    def changed(self) -> bool:
        """Whether the pass rewrote anything."""
        return self.last > self.first


@dataclass(slots=True)
class Line:
    """One line of code and the nodes it computes."""

    number: int                                 #: from 1
    nodes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Code:
    """Generated source in one language with its line map."""

    language: str                               #: c | opencl | cuda | asm | python
    text: str = ""
    lines: list[Line] = field(default_factory=list)
    command: str = ""                           #: the compiler command
    html: str = ""                              #: coloured spans, one <span class="l" data-n=..> a line, "" if not made


@dataclass(slots=True)
class Kernel:
    """A fused loop or a library call of the final program, in schedule order."""

    id: str                                     #: "k0"
    name: str                                   #: function name in the code
    kind: str = "loop"                          #: loop | reduce | library | move | python
    nodes: list[str] = field(default_factory=list)    #: ids computed in it, last the node that stands for a loop nest
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    why: str = ""                               #: why these nodes are together
    first_line: int = 0                         #: in the code of Trace.codes[0]
    last_line: int = 0
    flops: float = 0.0
    bytes: float = 0.0
    size: int = 0                               #: how many operations of the graph it does: the number that is shown everywhere


@dataclass(slots=True)
class Buffer:
    """A piece of memory of the plan: lives from step `first` to `last` of the schedule."""

    id: str
    node: str
    bytes: float = 0.0                          #: with unknown lengths counted as 64
    offset: int = -1                            #: in the arena; -1 if outside it
    first: int = 0
    last: int = 0
    role: str = "arena"                         #: arena | input | output | shared | view
    alias_of: str = ""                          #: buffer it is a view of or written over
    in_place: bool = False


@dataclass(slots=True)
class Build:
    """One step of making the function: rewrite, emit, cc, load; `detail` says of cc where the code came from the cache."""

    name: str
    seconds: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Timing:
    """Measured times of one kernel over the calls of a run, in seconds."""

    kernel: str
    calls: int = 0
    total: float = 0.0
    minimum: float = 0.0
    median: float = 0.0
    p90: float = 0.0


@dataclass(slots=True)
class Run:
    """One profiled run on one target."""

    name: str
    target: str = "c"
    calls: int = 0
    seconds: float = 0.0                        #: median seconds a call of the compiled code, without what Python does around it
    timings: list[Timing] = field(default_factory=list)
    threads: int = 1


@dataclass(slots=True)
class Profile:
    """All measured runs of a function."""

    runs: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """The graph at one moment: its records by id (in no order to rely on) and the ids of the outputs."""

    nodes: dict[str, Node]
    outputs: list[str]

    def order(self) -> list[str]:
        """Ids with inputs before readers: depth first from the outputs, arguments from left to right."""
        done: dict[str, None] = {}
        for root in [*self.outputs, *self.nodes]:
            stack = [root]
            while stack:
                if stack[-1] in done:
                    stack.pop()
                    continue
                waiting = [i for i in reversed(self.nodes[stack[-1]].inputs) if i not in done]
                if not waiting:
                    done[stack.pop()] = None
                stack += waiting
        return list(done)


@dataclass(repr=False)
class Trace:
    """The whole record. `records[i]` with i in `initial` make the first state; events change it.

    A compiled function has one (`f.trace`); `save` and `load` carry it to where the program is not.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> tv.function([x], tv.log(1.0 + x)).trace
    <trace of function(x): 8 passes, 1 rewrite, 1 kernel>
    """

    name: str = "function"                      #: "step"
    signature: str = ""                         #: "step(x, y)"
    schema: int = SCHEMA
    records: list[Node] = field(default_factory=list)
    initial: list[int] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)          #: ids at the start
    output_names: list[str] = field(default_factory=list)     #: "cost", "W'"; one for each output
    updates: dict[str, int] = field(default_factory=dict)     #: id of a shared leaf -> index of the output that is its new value
    passes: list[Pass] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)
    profile: Profile = field(default_factory=Profile)
    target: str = "c"
    facts: dict[str, Any] = field(default_factory=dict)       #: arena_bytes, unplanned_bytes, compile_seconds, cached

    def __repr__(self) -> str:
        counted = ((self.passes, "pass", "passes"), (self.events, "rewrite", "rewrites"), (self.kernels, "kernel", "kernels"))
        counts = [f"{len(things)} {one if len(things) == 1 else more}" for things, one, more in counted]
        return f"<trace of {self.signature or self.name}: {', '.join(counts)}>"

    # -- looking ---------------------------------------------------------------------------------------------------
    def explore(self) -> Any:
        """The pass explorer, live in a notebook."""
        return hook("explore")(self)

    def to_html(self, path: str | os.PathLike[str] | None = None, title: str | None = None,
                facts: Mapping[str, str] | None = None) -> Any:
        """A self-contained page: passes, rewrites, the graph with times, code. Written to `path` if given, else text."""
        return hook("page")(self, path, title, facts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The pass explorer where it can be shown, a picture of the last graph elsewhere, a table of the passes as text."""
        from .drawing import View
        from .picture import picture
        from .tables import pass_table

        plain = f"{self!r}\n\n{pass_table(self)}"
        still = {"text/plain": plain, "image/svg+xml": picture(self, View(group="fit"))}
        try:
            live, metadata = self.explore()._repr_mimebundle_()
        except (KeyError, ImportError):         # no screens here
            return still, {}
        return {**live, **still}, metadata

    def states(self) -> Iterator[State]:
        """Every state in order: the start, then one after each event (dicts are copied: O(nodes) each)."""
        nodes = {self.records[i].id: self.records[i] for i in self.initial}
        outputs = list(self.outputs)
        yield State(dict(nodes), list(outputs))
        for event in self.events:
            outputs = self._apply(event, nodes, outputs)
            yield State(dict(nodes), list(outputs))

    def state(self, step: int) -> State:
        """The state after `step` events; 0 is the graph as written, -1 the last."""
        if step < 0:
            step += len(self.events) + 1
        nodes = {self.records[i].id: self.records[i] for i in self.initial}
        outputs = list(self.outputs)
        for event in self.events[:step]:
            outputs = self._apply(event, nodes, outputs)
        return State(nodes, outputs)

    def _apply(self, event: Event, nodes: dict[str, Node], outputs: list[str]) -> list[str]:
        for i in event.removed:
            record = self.records[i]
            if nodes.get(record.id) is record:
                del nodes[record.id]
        for i in event.added:
            nodes[self.records[i].id] = self.records[i]
        return list(event.outputs) if event.outputs is not None else outputs

    def to_json(self) -> dict[str, Any]:
        """Plain JSON-able data; record lists are columnar (one list a field)."""
        out = {}
        for f in fields(self):
            value = getattr(self, f.name)
            out[f.name] = _columns(value) if f.name in _COLUMNS else _plain(value)
        return out

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Trace:
        """The inverse of `to_json`; unknown keys are refused (TraceError), missing ones take their defaults."""
        try:
            return cls._of_json(data)
        except TraceError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise TraceError(f"not a tensorviz trace: {error}") from error

    @classmethod
    def _of_json(cls, data: dict[str, Any]) -> Trace:
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise TraceError(f"not a tensorviz trace of schema {SCHEMA}")
        trace = cls()
        for key, value in data.items():
            if key in _COLUMNS:
                setattr(trace, key, _rows(_COLUMNS[key], value))
            elif key == "events":
                trace.events = [_event(e) for e in value]
            elif key == "codes":
                trace.codes = [Code(**{**c, "lines": [Line(**x) for x in c["lines"]]}) for c in value]
            elif key == "profile":
                trace.profile = Profile([Run(**{**r, "timings": [Timing(**t) for t in r["timings"]]}) for r in value["runs"]])
            elif key in {f.name for f in fields(cls)}:
                setattr(trace, key, value)
            else:
                raise TraceError(f"unknown key {key!r} in the trace")
        return trace

    def to_bytes(self) -> bytes:
        """gzip JSON, the same bytes for the same trace."""
        return gzip.compress(json.dumps(self.to_json(), separators=(",", ":"), ensure_ascii=True).encode(), 6, mtime=0)

    @classmethod
    def from_bytes(cls, data: bytes) -> Trace:
        """The inverse of `to_bytes`; raises TraceError on anything else."""
        try:
            return cls.from_json(json.loads(gzip.decompress(data)))
        except TraceError:
            raise
        except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
            raise TraceError(f"not a tensorviz trace: {error}") from error

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a ``.tvz`` file and return its path."""
        path = Path(path)
        path.write_bytes(self.to_bytes())
        return path

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a ``.tvz`` file; no code is run."""
        return cls.from_bytes(Path(path).read_bytes())


_COLUMNS: dict[str, type] = {"records": Node, "origins": Origin, "passes": Pass, "kernels": Kernel, "buffers": Buffer,
                             "builds": Build}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _columns(rows: list[Any]) -> dict[str, list[Any]]:
    if not rows:
        return {}
    return {f.name: [_plain(getattr(r, f.name)) for r in rows] for f in fields(rows[0])}


def _rows(kind: type, columns: dict[str, list[Any]]) -> list[Any]:
    names = list(columns)
    return [kind(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _event(data: dict[str, Any]) -> Event:
    event = Event(**data)
    event.bindings = [Binding(**b) for b in data.get("bindings", [])]
    event.conditions = [Condition(**c) for c in data.get("conditions", [])]
    event.near_misses = [NearMiss(**m) for m in data.get("near_misses", [])]
    return event
