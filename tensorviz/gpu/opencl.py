"""Target "opencl": the kernels of a graph as one file of OpenCL C, and its entries on the device."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..compile.buffers import plan_buffers
from ..compile.cover import Cover
from ..compile.emit import emit
from ..compile.language import OPENCL, Language
from ..compile.lengths import dense_strides
from ..compile.lower import lower
from ..compile.names import Names
from ..compile.nests import kernel_doc, kernel_name, schedule
from ..compile.program import Segment
from ..compile.schedule import memory_source
from ..compile.target import Target
from ..compile.text import typed_functions
from .device import device
from .entry import DeviceEntry, DevicePart
from .grid import launches
from .groups import group_functions

if TYPE_CHECKING:
    from ..compile.emit import Line
    from ..compile.lengths import Lengths
    from ..compile.program import Program
    from ..core.expr import Expr

__all__ = ["target"]


def target(live: bool = True) -> Target:
    """The target; with `live` for the device that is there, whose dtypes it knows, else for text alone."""
    language = OPENCL
    if live and not device().doubles:
        language = replace(OPENCL, types={k: v for k, v in OPENCL.types.items() if k != "float64"})
    return Target(language, lambda *args: _part(language, *args), lambda program: _text(program, language), _load)


def _part(language: Language, name: str, inputs: list[Expr], outputs: list[Expr], lengths: Lengths, strided: frozenset[Expr],
          names: Names) -> DevicePart:
    cover = Cover(lengths, set(inputs), frozenset(), language)
    fusion, steps = schedule(outputs, lengths.of, cover, ("row",))
    stored = {e for s in steps for e in s.writes}
    owner: dict[Expr, int] = {}
    for k, r in enumerate(outputs):
        if r in stored:
            owner.setdefault(r, k)
    look = memory_source(cover.is_view)
    buffers = plan_buffers(steps, lengths.of, owner.__contains__, lambda *_: False, lambda _: [], kept=map(look, outputs))
    part = DevicePart(name, inputs, outputs, [], [], [], [], steps, {}, buffers, cover=cover, owner=owner)
    for s in steps:
        assert s.cluster is not None
        s.name = kernel_name(s, names)
        low = lower(s.cluster, fusion, stored.__contains__, lambda x: dense_strides(lengths.of(x)), s.name, Names(names.labels),
                    cover.host_value, alone=False)
        low.kernel.doc = kernel_doc(s)
        part.lowered[s.order], part.launches[s.order] = low, launches(low, names.fresh)
        first = len(part.lines)
        for x in part.launches[s.order]:
            part.lines += [*emit(x.kernel, language), ("", ())]
        part.step_lines[s.order] = first, len(part.lines) - 1
    return part


def _parts(program: Program) -> list[tuple[Segment, DevicePart]]:
    return [(s, s.part) for s in program.steps if isinstance(s, Segment) and isinstance(s.part, DevicePart)]


def _text(program: Program, language: Language) -> tuple[str, list[Line]]:
    """The file of a program, and its lines with the nodes they compute."""
    lines: list[Line] = []
    for _, part in _parts(program):
        shift = len(lines)
        part.step_lines = {k: (a + shift, b + shift) for k, (a, b) in part.step_lines.items()}
        lines += part.lines
    code = "\n".join(text for text, _ in lines)
    functions = typed_functions(code, language)
    head = language.head + functions + group_functions(code, language) + "\n"
    count = head.count("\n")
    for _, part in _parts(program):
        part.step_lines = {k: (a + count + 1, b + count) for k, (a, b) in part.step_lines.items()}
    program.helpers = count
    return head + code, [*((t, ()) for t in head.split("\n")[:-1]), *lines]


def _load(program: Program) -> dict[str, float]:
    """Build the file on the device and give every part its entry."""
    begin = time.perf_counter()
    here = device()
    kernels = here.build(program.source)
    for segment, part in _parts(program):
        segment.entry = DeviceEntry(here, kernels, part, OPENCL.group)
    return {"build": time.perf_counter() - begin}
