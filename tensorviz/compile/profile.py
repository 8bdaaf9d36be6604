"""Measuring a function: seconds of every step of its schedule over many calls, kept as runs of the trace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..render.tables import profile_table
from ..render.trace import Run, Timing
from .program import Program, Segment
from .threads import threads

if TYPE_CHECKING:
    from .function import Function

__all__ = ["Profiler"]


class Profiler:
    """What was measured of one function: `run(*inputs)` adds a run, `runs` are all of them, `text()` is the table of the last.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> f = tv.function([x], tv.exp(x))
    >>> f.profile.run([0.0, 1.0], calls=3).calls
    3
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self.runs: list[Run] = []

    def run(self, *inputs: Any, calls: int = 100, name: str = "") -> Run:
        """Call the function `calls` times on these inputs, timing each step; shared values are not changed."""
        f = self._function
        program = f._version.program
        values = f._converted((*f._bind(inputs, {}), *[c.value for c in f._cells]))
        if program is None:
            return self._whole(values, calls, name)
        values = tuple(np.require(v, requirements=["C", "A"]) for v in values)
        count = _steps(program)
        whole = np.empty(calls)
        times = np.zeros((calls, count))
        program.run(values)
        for k in range(calls):
            begin = time.perf_counter()
            program.run(values, None, times[k])
            whole[k] = time.perf_counter() - begin
        timings = [_timing(f"k{i}", times[:, i]) for i in range(count)]
        return self._add(Run(name or f"run {len(self.runs) + 1}", f.target, calls, float(np.median(whole)), timings, threads()))

    def _whole(self, values: tuple[Any, ...], calls: int, name: str) -> Run:
        whole = np.empty(calls)
        for k in range(calls):
            begin = time.perf_counter()
            self._function._interpret(values)
            whole[k] = time.perf_counter() - begin
        return self._add(Run(name or f"run {len(self.runs) + 1}", "numpy", calls, float(np.median(whole)), [], 1))

    def _add(self, run: Run) -> Run:
        self.runs.insert(0, run)
        return run

    def text(self) -> str:
        """The last run as a table, one step a line."""
        return profile_table(self._function.trace)

    def __repr__(self) -> str:
        return self.text() if self.runs else f"<profile of {self._function.signature}: no runs yet, use .run(*inputs)>"


def _steps(program: Program) -> int:
    return sum(len(s.part.steps) if isinstance(s, Segment) else 1 for s in program.steps)


def _timing(kernel: str, seconds: np.ndarray[Any, Any]) -> Timing:
    return Timing(kernel, len(seconds), float(seconds.sum()), float(seconds.min()), float(np.median(seconds)),
                  float(np.percentile(seconds, 90)))
