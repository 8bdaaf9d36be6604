"""A program: one compiled version of a function, as entries in C (or another target) with NumPy steps where there is no code."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.errors import ShapeError
from ..core.evaluate import step as numpy_step
from ..core.expr import Expr, constant_op, value_of, variable, variable_op
from ..core.graph import rebuild, topological
from . import libraries
from .cover import Cover
from .host import Host, Part, entry_text
from .language import C, Language
from .lengths import Lengths, Product, agree, factors_of, of_shapes
from .names import Labels, Names
from .runtime import CALL_STRUCT, Entry, Failure, make_entry
from .target import Target
from .toolchain import compile_c, is_built

__all__ = ["C_TARGET", "Foreign", "Program", "Segment", "compile_program", "generate"]

DIFFER = 2                      # the status TV_DIFFER of generated code


@dataclass(slots=True)
class Segment:
    """A part in the target's language: reads and writes values by number."""

    part: Part
    reads: list[int]
    writes: list[int]
    entry: Entry | None = None


@dataclass(slots=True)
class Foreign:
    """A node that runs as its NumPy meaning."""

    node: Expr
    reads: list[int]
    write: int


@dataclass(slots=True)
class Program:
    """Steps over numbered values; the first values are the inputs. `source` is the text, `lines` its line map."""

    inputs: list[Expr]
    outputs: list[Expr]
    steps: list[Segment | Foreign]
    values: int
    results: list[int]
    source: str = ""
    language: str = "c"
    lines: list[tuple[str, tuple[Expr, ...]]] = field(default_factory=list)
    constants: dict[int, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    boundary: dict[Expr, Expr] = field(default_factory=dict)    # variable of a later part -> the node it stands for
    helpers: int = 0                # lines of the text before the first kernel: what many functions share
    cached: bool = False            # whether the shared object was there before
    checks: list[tuple[Any, Any]] = field(default_factory=list)     # lengths that the whole graph was rewritten for

    @property
    def only(self) -> Entry | None:
        """The entry if the program is a single part without NumPy steps."""
        return self.steps[0].entry if len(self.steps) == 1 and isinstance(self.steps[0], Segment) else None

    @property
    def own(self) -> str:
        """The text without its helpers."""
        return "\n".join(text for text, _ in self.lines[self.helpers:])

    def run(self, inputs: tuple[Any, ...], outs: tuple[Any, ...] | None = None, times: Any = None) -> tuple[Any, ...]:
        """Compute the outputs; `outs` are arrays to write them to, or None, for each. May raise runtime.Failure."""
        entry = self.only
        if entry is not None:
            return entry.run(inputs, outs, times)
        self._check(inputs)
        live: list[Any] = [*inputs, *([None] * (self.values - len(inputs)))]
        for number, value in self.constants.items():
            live[number] = value
        at = 0
        for s in self.steps:
            if isinstance(s, Foreign):
                begin = time.perf_counter()
                with np.errstate(all="ignore"):
                    value = numpy_step(s.node, [live[i] for i in s.reads])
                live[s.write] = np.require(value, requirements=["C", "A"]) if isinstance(value, np.ndarray) else value
                if times is not None:
                    times[at] += time.perf_counter() - begin
                at += 1
                continue
            count = len(s.part.steps)
            part_times = None if times is None else times[at:at + count]
            assert s.entry is not None
            found = s.entry.run(tuple([live[i] for i in s.reads]), None, part_times)
            for i, v in zip(s.writes, found, strict=True):
                live[i] = v
            at += count
        return self._owned(live)

    def _check(self, inputs: tuple[Any, ...]) -> None:
        """Raise Failure where lengths taken to be equal are not: parts check only those of what they compute."""
        given = dict(zip(self.inputs, inputs, strict=True))
        for a, b in self.checks:
            try:
                if _value_of(a, given) == _value_of(b, given):
                    continue
            except ShapeError:
                pass
            raise Failure(DIFFER, (0,) * 8)

    def _owned(self, live: list[Any]) -> tuple[Any, ...]:
        """The outputs: none shares memory with an input, a constant or another output."""
        taken = {id(x) for x in live[: len(self.inputs)]} | {id(live[k]) for k in self.constants}
        outputs = []
        for number in self.results:
            value = np.asarray(live[number])
            if value.base is not None or id(value) in taken:
                value = value.copy()
            taken.add(id(value))
            outputs.append(value)
        return tuple(outputs)


def compile_program(name: str, inputs: Sequence[Expr], outputs: Sequence[Expr], lengths: Lengths,
                    strided: frozenset[Expr] = frozenset(), target: Target | None = None,
                    labels: Labels | None = None) -> Program:
    """Generate, build and load the code of a graph; `labels` are names for nodes that have none."""
    target = target or C_TARGET
    program = generate(name, inputs, outputs, lengths, strided, target, labels)
    if any(isinstance(s, Segment) for s in program.steps):
        program.seconds |= target.load(program)
    return program


def generate(name: str, inputs: Sequence[Expr], outputs: Sequence[Expr], lengths: Lengths, strided: frozenset[Expr],
             target: Target, labels: Labels | None = None) -> Program:
    """The steps and the text of a program that is not built yet."""
    begin = time.perf_counter()
    program = _split(name, list(inputs), list(outputs), lengths, strided, target, Names(labels))
    program.language = target.language.name
    program.source, program.lines = target.text(program)
    program.seconds = {"emit": time.perf_counter() - begin}
    return program


def _c_part(name: str, inputs: list[Expr], outputs: list[Expr], lengths: Lengths, strided: frozenset[Expr], names: Names) -> Part:
    return Host(name, inputs, outputs, lengths, strided, names).run()


def _load(program: Program) -> dict[str, float]:
    """Compile the C file and find its entries."""
    program.cached = is_built(program.source)
    begin = time.perf_counter()
    segments = [s for s in program.steps if isinstance(s, Segment)]
    path = compile_c(program.source)
    built = time.perf_counter()
    addresses = libraries.symbols() if any(s.part.symbols for s in segments) else {}
    for s in segments:
        specs_in = [(x.dtype.name, x.ndim) for x in s.part.inputs]
        specs_out = [(x.dtype.name, x.ndim) for x in s.part.outputs]
        s.entry = make_entry(path, s.part.name, specs_in, specs_out, constants=s.part.constants,
                             symbols=[addresses[n] for n in s.part.symbols])
    return {"cc": built - begin, "load": time.perf_counter() - built}


def _split(name: str, inputs: list[Expr], outputs: list[Expr], lengths: Lengths, strided: frozenset[Expr],
           target: Target, names: Names) -> Program:
    cover = Cover(lengths, set(inputs), strided, target.language)
    order = topological(outputs)
    foreign = [e for e in order if not _is_leaf(e) and not (cover.covered(e) and _can_see(e, target.language))]
    if not foreign and all(cover.covered(e) for e in order):
        part = target.part(name, inputs, outputs, lengths, strided, names)
        count = len(inputs)
        writes = list(range(count, count + len(outputs)))
        return Program(inputs, outputs, [Segment(part, list(range(count)), writes)], count + len(outputs), writes)
    apart = set(foreign)
    while True:
        try:
            program = _Splitter(name, inputs, outputs, order, apart, strided, target, Names(dict(names.labels))).run()
            break
        except _Uncovered as found:         # the whole knew lengths that a part does not
            apart |= found.nodes
    program.checks = [pair for pair in lengths.checks if all(map(of_shapes, pair))]
    return program


def _value_of(n: Any, given: Mapping[Expr, Any]) -> int:
    values: dict[Expr, Any] = {}
    for e in topological(factors_of(n)):
        if e.op.name == "length":
            values[e] = np.shape(given[e.args[0]])[e.kw["axis"]]
        elif e.op is variable_op:
            values[e] = given[e]
        else:
            values[e] = value_of(e) if e.op is constant_op else e.op.numpy(*[values[a] for a in e.args], **e.kw)
    known = n.known if isinstance(n, Product) else 1 if isinstance(n, Expr) else n
    return math.prod((known, *(int(values[f]) for f in factors_of(n))))


class _Uncovered(Exception):
    """Nodes that a part has no code for, since it doesn't know what the whole graph knows of their lengths."""

    def __init__(self, nodes: set[Expr]) -> None:
        self.nodes = nodes


class _Splitter:
    """Cuts a graph into parts in the target's language and NumPy steps."""

    def __init__(self, name: str, inputs: list[Expr], outputs: list[Expr], order: list[Expr], foreign: set[Expr],
                 strided: frozenset[Expr], target: Target, names: Names) -> None:
        self.target, self.names, self.name, self.strided = target, names, name, strided
        self.inputs, self.outputs, self.order, self.foreign = inputs, outputs, order, foreign
        self.number: dict[Expr, int] = {x: k for k, x in enumerate(inputs)}
        self.constants: dict[int, Any] = {}
        self.boundary: dict[Expr, Expr] = {}

    def run(self) -> Program:
        stage: dict[Expr, int] = {}
        for e in self.order:
            if not _is_leaf(e):
                stage[e] = max((stage.get(a, 0) + (a in self.foreign and e not in self.foreign) for a in e.args), default=0)
        crossing = self._crossing(stage)
        native: list[list[Expr]] = [[] for _ in range(max(stage.values(), default=0) + 1)]
        foreign: list[list[Expr]] = [[] for _ in native]
        for e, s in stage.items():
            (foreign if e in self.foreign else native)[s].append(e)
        steps: list[Segment | Foreign] = []
        for s, nodes in enumerate(native):
            writes = [e for e in nodes if e in crossing]
            if writes:
                steps.append(self._segment(f"{self.name}_{s}", nodes, writes))
            steps += [Foreign(e, [self._value(a) for a in e.args], self._value(e)) for e in foreign[s]]
        results = [self._value(r) for r in self.outputs]
        return Program(self.inputs, self.outputs, steps, len(self.number), results, constants=self.constants,
                       boundary=self.boundary)

    def _crossing(self, stage: dict[Expr, int]) -> set[Expr]:
        """Nodes whose values leave the part that computes them."""
        wanted = set(self.outputs)
        for e in self.order:
            for a in e.args:
                if e in self.foreign or a in self.foreign or stage.get(a, 0) != stage[e]:
                    wanted.add(a)
        return wanted

    def _segment(self, name: str, nodes: list[Expr], writes: list[Expr]) -> Segment:
        """The part that computes `nodes`, of which `writes` are wanted outside; values of earlier parts become its inputs."""
        inside = dict.fromkeys(nodes)
        done: dict[Expr, Expr] = {}
        for e in nodes:
            done[e] = rebuild(e, tuple([done[a] if a in inside else self._outer(a) for a in e.args]))
        moved: dict[Expr, Expr] = {}
        roots, lengths, _ = agree([done[e] for e in writes], moved=moved)
        labels = self.names.labels
        self.names.labels = {**labels, **{moved.get(v, v): labels[e] for e, v in done.items() if e in labels}}
        order = topological(roots)
        reads = [x for x in order if x.op is variable_op]
        cover = Cover(lengths, set(reads), self.strided, self.target.language)
        lacking = {e for e in order if not _is_leaf(e) and not cover.covered(e)}
        if lacking:
            ops = {e.op for e in lacking} if lacking - set(done.values()) else set()        # made anew when lengths agreed
            raise _Uncovered({e for e in nodes if done[e] in lacking or e.op in ops})
        back = {v: e for e, v in self.boundary.items()}
        part = self.target.part(name, reads, roots, lengths, self.strided, self.names)
        return Segment(part, [self._value(back.get(x, x)) for x in reads], [self._value(e) for e in writes])

    def _outer(self, e: Expr) -> Expr:
        """What stands for a node that is computed before: itself if it is a leaf, else a variable."""
        if _is_leaf(e):
            return e
        if e not in self.boundary:
            self.boundary[e] = variable(e.type, e.name)
        return self.boundary[e]

    def _value(self, e: Expr) -> int:
        if e not in self.number:
            self.number[e] = len(self.number)
            if e.op is constant_op:
                self.constants[self.number[e]] = value_of(e)
        return self.number[e]


def _can_see(e: Expr, language: Language) -> bool:
    """Whether no length is asked of an array that can't come into the language."""
    return e.op.name != "length" or language.supports(e.args[0].dtype)


def _is_leaf(e: Expr) -> bool:
    return e.op is variable_op or e.op is constant_op


def _text(program: Program) -> tuple[str, list[tuple[str, tuple[Expr, ...]]]]:
    """The C file of a program, and its lines with the nodes they compute."""
    lines: list[tuple[str, tuple[Expr, ...]]] = []
    pieces: dict[str, None] = {}
    for s in program.steps:
        if isinstance(s, Segment):
            shift = len(lines)
            s.part.step_lines = {k: (a + shift, b + shift) for k, (a, b) in s.part.step_lines.items()}
            lines += [*s.part.lines, ("", ())]
            pieces.update(dict.fromkeys(s.part.pieces))
    code = "\n".join(text for text, _ in lines)
    head = CALL_STRUCT + entry_text(list(pieces), code)
    count = head.count("\n")
    for s in program.steps:
        if isinstance(s, Segment):
            s.part.step_lines = {k: (a + count + 1, b + count) for k, (a, b) in s.part.step_lines.items()}
    program.helpers = count
    return head + code, [*((t, ()) for t in head.split("\n")[:-1]), *lines]


C_TARGET = Target(C, _c_part, _text, _load)
