"""Writes docs/ops.md from the ops themselves: `python docs/ops.py`; a test says when it is out of date."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import tensorviz as tv
from tensorviz.compile.fuse import MAPS, REDUCTIONS, SOURCES
from tensorviz.compile.language import OPENCL, C
from tensorviz.compile.moves import MOVES
from tensorviz.core.errors import GradientError
from tensorviz.core.expr import Expr, variable
from tensorviz.core.graph import topological
from tensorviz.core.latex import latex_of_call
from tensorviz.core.op import BUILDERS, OPS, Op
from tensorviz.core.text import ATOM

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ops.md"
LEAVES = {"variable", "constant", "item"}           # what graphs begin with, and a result of several
WITHOUT_C = {                                       # ops that run as their NumPy meaning in every function, and why
    "arange_count": "asked once a call, for a length; it fails with NumPy's words",
    "betainc_da": "a derivative by a shape parameter: a series that is rarely asked for",
    "bincount": "the length of the result follows from values",
    "compress": "how many elements a mask lets through follows from values",
    "fft": "a library's, NumPy's own pocketfft, is as fast as C of ours would be",
    "gammainc_da": "a derivative by a shape parameter: a series that is rarely asked for",
    "hyp1f1": "see hyp2f1",
    "hyp2f1": "rare; SciPy's code has dozens of regions",
    "hyperu": "see hyp2f1",
    "ifft": "see fft",
    "irfft": "see fft",
    "modstruve": "rare; SciPy's code has several regions",
    "rfft": "see fft",
    "set_compress": "how many elements a mask lets through follows from values",
    "struve": "rare; SciPy's code has several regions",
    "sum_to": "lengths agree before code is made, and it goes; it stays where a length follows from values",
    "yv": "rare; SciPy's code has several regions",
}
INSTEAD = {"custom_gradient": "the user's"}
GONE = {"custom_gradient", "grad_clip", "grad_scale", "undefined_grad"}     # they speak to gradients alone
HEAD = """# The ops

Made by `python docs/ops.py`. Everything else in `tensorviz.tensor` is built from these. *C*: a **nest** is fused with its
neighbours into loops; a **view** is no work; a **step** is a call of a C function of its own (copies, lookups, scans, sorts,
windows, BLAS); **gone** means that it is taken away before code is made; **NumPy** that the op runs as a step in Python between
parts in C. *OpenCL*: whether it has code there today. *Gradient*: what the op's gradient says of its floating-point arguments: a
**formula** for all; a formula **of** some, **0** for those that carry none (steps, whose gradient is zeros; masks and whole
numbers, which disconnect), an **error** for those that have one which is not known here; nothing where mathematics has none.
{without} of {all} ops have no C.
"""
NAMES = ("x", "y", "z", "u", "v", "w")


def in_c(op: Op) -> str:
    """How an op runs on the C target."""
    name = op.name
    if name in LEAVES:
        return "leaf"
    if name in GONE:
        return "gone"
    if name in MAPS or name in ("index", "reshape"):
        return "view"
    if name in ("length", "broadcast_length", "shape"):
        return "length"
    if name in C.ops or name in REDUCTIONS or name in SOURCES or name in ("cast", "nan_if"):
        return "nest"
    if name in MOVES or name in ("matmul", "gemm"):
        return "step"
    return "NumPy"


def _formula(op: Op) -> str:
    """The formula of an op: of a sample of it where it has parameters to show or is printed by rules of its own."""
    node = samples().get(op.name)
    taken = inspect.signature(op.type).parameters.values() if op.params else ()
    of_sample = not op.latex or any(f"{{{p}}}" in op.latex for p in op.params) or any(p.kind is p.VAR_POSITIONAL for p in taken)
    if node is not None and len(node.args) <= len(NAMES) and of_sample:
        pieces, ndims = [(n, ATOM) for n in NAMES[:len(node.args)]], [getattr(a.type, "ndim", None) for a in node.args]
        return _dollars(latex_of_call(op, pieces, node.params, ndims)[0])
    count = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in taken)
    count = count or getattr(op.numpy, "nin", 0) or 1 + max(k for k in range(6) if f"{{{k}}}" in op.latex or k == 0)
    names = NAMES[:count]
    try:
        return _dollars(latex_of_call(op, [(n, ATOM) for n in names])[0])
    except (IndexError, KeyError):
        return ""


def _dollars(formula: str) -> str:
    return f"${formula}$".replace("|", "\\vert ")


def _on_opencl(op: Op) -> str:
    return "yes" if in_c(op) in ("view", "length", "leaf", "gone") or (in_c(op) == "nest" and (
        op.name in OPENCL.ops or op.name in REDUCTIONS or op.name in SOURCES or op.name == "cast")) else ""


# -- gradients -----------------------------------------------------------------------------------------------------------
def _elementwise(op: Op) -> Iterator[Expr]:
    """A node of an elementwise op, of scalars of the first dtypes that it takes."""
    build, count = BUILDERS.get(op.name), getattr(op.numpy, "nin", 0)
    for dtypes in (["float64"] * count, ["float64", "int64"], ["int64"] * count, ["bool"] * count):
        if build and 0 < count == len(dtypes):
            try:
                made = build(*(tv.tensor(n, dtype=d, shape=()) for n, d in zip(NAMES, dtypes, strict=False)))
            except tv.TensorvizError:
                continue
            yield from (n for n in topological([made]) if n.op is op)


@cache
def samples() -> dict[str, Expr]:
    """A node of each op: of the tables that the tests run over, gradients too, or of scalars; those that steer gradients of x."""
    sys.path.insert(0, str(ROOT))
    from tests.core.cases import CASES, inputs

    x = tv.vector("x")
    found = {"grad_clip": tv.grad_clip(x, -1, 1), "grad_scale": tv.grad_scale(x, 2)}
    for op in OPS.values():
        if op.family == "elementwise" and (node := next(_elementwise(op), None)) is not None:
            found[op.name] = node
    for case in CASES:
        xs = inputs(case, case.dtypes[0], known=False)[0]
        roots = [case.build(*xs)]
        floats = [x for x in xs if x.dtype.kind == "f"]
        if floats and case.smooth and roots[0].dtype.kind == "f":
            roots += tv.grad(BUILDERS["sum"](roots[0]), floats, disconnected_inputs="ignore")
        for node in topological(roots):
            if node.op.name not in found or _smooth(node) > _smooth(found[node.op.name]):
                found[node.op.name] = node
    return found


def _smooth(node: Expr) -> bool:
    """Whether a node is a floating-point tensor made of one."""
    return all(isinstance(e.type, tv.TensorType) and e.dtype.kind in "fc" for e in (node, *node.args[:1]))


def gradient(op: Op) -> str:
    """What the vjp of an op says of each floating-point argument of a node."""
    if op.vjp is None:
        return ""
    node = samples().get(op.name)
    if op.name in INSTEAD or node is None:
        return INSTEAD[op.name]
    if node.dtype.kind not in "fc":
        return "0"                          # masks, numbers: nothing flows
    slopes: dict[str, list[str]] = {"formula": [], "0": [], "error": []}
    made: Any = op.vjp(variable(node.type), node, *node.args, **node.kw)
    for k, (slope, arg) in enumerate(zip(made, node.args, strict=True)):
        if arg.dtype.kind in "fc":
            kind = "error" if isinstance(slope, GradientError) else "0" if slope is None else "formula"
            slopes[kind].append(NAMES[k] if k < len(NAMES) else f"argument {k + 1}")
    there = {kind: names for kind, names in slopes.items() if names}
    if len(there) == 1:
        return next(iter(there))
    return "; ".join(f"{kind} of {', '.join(names)}" for kind, names in there.items())


def text() -> str:
    """The whole page."""
    ops = [op for op in OPS.values() if op.name not in LEAVES]
    without = [op for op in ops if in_c(op) == "NumPy"]
    parts = [HEAD.format(without=len(without), all=len(ops))]
    for family in dict.fromkeys(op.family for op in ops):
        parts.append(f"\n## {family}\n\n| op | computes | formula | C | OpenCL | gradient |\n|---|---|---|---|---|---|\n")
        for op in sorted((op for op in ops if op.family == family), key=lambda op: op.name):
            cells = (f"`{op.name}`", op.doc.replace("|", "\\|"), _formula(op), in_c(op), _on_opencl(op), gradient(op))
            parts.append("| " + " | ".join(cells) + " |\n")
    parts.append("\n## Without C, and why\n\n| op | reason |\n|---|---|\n")
    parts += [f"| `{op.name}` | {WITHOUT_C.get(op.name, '')} |\n" for op in sorted(without, key=lambda op: op.name)]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
