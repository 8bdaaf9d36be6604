"""Versions of a function: the one for lengths that agree, and others for axes that turn out to have length 1."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import ShapeError
from ..core.expr import Expr, variable
from ..core.forks import renewed_in_child
from ..core.graph import replace, topological
from ..core.types import TensorType
from ..rewrite.passes import PipelineResult, run_pipeline
from .lengths import Lengths, agree
from .mode import Mode
from .names import labels_of, plain
from .program import C_TARGET, Program, compile_program, generate
from .target import BACKENDS
from .toolchain import toolchain

__all__ = ["Rewritten", "Version", "Versions", "rewritten"]


@dataclass(slots=True)
class Rewritten:
    """A graph after the pipeline: its roots, the lengths taken to be equal, what happened, and what the user calls its nodes."""

    start: list[Expr]
    agreed: list[tuple[Expr, Expr]]
    result: PipelineResult | None
    roots: list[Expr]
    lengths: Lengths
    seconds: float
    agreeing: float = 0.0
    labels: dict[Expr, str] = field(default_factory=dict)


@dataclass(slots=True)
class Version:
    """One compiled form; `program` is None where everything runs through NumPy."""

    program: Program | None
    roots: list[Expr]
    seconds: dict[str, float] = field(default_factory=dict)


def rewritten(roots: Sequence[Expr], mode: Mode, record: bool | str = False) -> Rewritten:
    """Run the pipeline over `roots` as a function compiled in `mode` has it."""
    begin = time.perf_counter()
    named = labels_of(topological(roots))
    moved: dict[Expr, Expr] = {}
    start, lengths, agreed = agree(roots, moved=moved)
    nodes: Sequence[Expr] = [moved.get(e, e) for e in named]
    agreeing = time.perf_counter() - begin
    result = None
    end = list(start)
    if mode.rewrite:
        result = run_pipeline(start, record=record, fast_math=mode.fast_math, leave_out=mode.leave_out,
                              equal=tuple(lengths.checks) if lengths.possible else (), follow=nodes)
        end, _, _ = agree(result.end, lengths, moved=(moved := {}))
        nodes = [moved.get(e, e) for e in result.followed]
    labels = {e: name for e, name in reversed([*zip(nodes, named.values(), strict=True)]) if e.args}
    return Rewritten(list(start), agreed, result, end, lengths, time.perf_counter() - begin, agreeing, labels)


class Versions:
    """The compiled forms of one graph, made when they are needed."""

    def __init__(self, inputs: Sequence[Expr], roots: Sequence[Expr], name: str, mode: Mode,
                 updated: Sequence[str | None] = ()) -> None:
        self.inputs, self.roots, self.name, self.mode = list(inputs), list(roots), name, mode
        self.updated = list(updated)            # names of the variables whose new values the last roots are
        self._others: dict[frozenset[tuple[int, int]], Program | None] = {}
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock")
        self.main = self._compile(self.inputs, self.roots)

    def _compile(self, inputs: Sequence[Expr], roots: Sequence[Expr]) -> Version:
        done = rewritten(roots, self.mode)
        seconds = {"rewrite": done.seconds}
        if self.mode.target == "numpy":
            return Version(None, done.roots, seconds)
        target = BACKENDS[self.mode.target](True) if self.mode.target in BACKENDS else None
        if target is None and toolchain() is None:
            return Version(None, done.roots, seconds)
        program = compile_program(plain(self.name) or "function", inputs, done.roots, done.lengths, target=target,
                                  labels=self._labels(done))
        return Version(program, done.roots, {**seconds, **program.seconds})

    def _labels(self, done: Rewritten) -> dict[Expr, str]:
        """The user's names, and those for new values of variables: ``new_W1``."""
        fresh = zip(done.roots[len(done.roots) - len(self.updated):], self.updated, strict=True)
        return {**done.labels, **{e: f"new_{name}" for e, name in fresh if plain(name)}}

    def unbuilt(self, language: str) -> Program:
        """The main form with its code in a language; nothing is built."""
        done = rewritten(self.roots, self.mode)
        target = BACKENDS[language](False) if language in BACKENDS else C_TARGET
        return generate(plain(self.name) or "function", self.inputs, done.roots, done.lengths, frozenset(), target,
                        self._labels(done))

    def for_lengths(self, values: Sequence[Any]) -> Program | None:
        """The form for inputs of which some axes of unknown length have length 1; None if there are none."""
        ones = frozenset((k, axis) for k, (x, v) in enumerate(zip(self.inputs, values, strict=True))
                         for axis, n in enumerate(x.type.shape) if n is None and v.shape[axis] == 1)
        if not ones:
            return None
        with self._lock:
            if ones not in self._others:
                try:
                    self._others[ones] = self._narrowed(ones)
                except ShapeError:              # these lengths can't be: the interpreter says why, with the values at hand
                    self._others[ones] = None
            return self._others[ones]

    def _narrowed(self, ones: frozenset[tuple[int, int]]) -> Program | None:
        inputs, mapping = [], {}
        for k, x in enumerate(self.inputs):
            lengths = tuple(1 if (k, axis) in ones else n for axis, n in enumerate(x.type.shape))
            new = x if lengths == x.type.shape else variable(TensorType(x.dtype, lengths), x.name)
            inputs.append(new)
            mapping[x] = new
        return self._compile(inputs, replace(self.roots, mapping)).program
