"""Writes docs/ops.md from the ops themselves: `python docs/ops.py`; a test says when it is out of date."""

from __future__ import annotations

import inspect
from pathlib import Path

from tensorviz.compile.fuse import MAPS, REDUCTIONS, SOURCES
from tensorviz.compile.language import OPENCL, C
from tensorviz.compile.moves import MOVES
from tensorviz.core.latex import latex_of_call
from tensorviz.core.op import OPS, Op
from tensorviz.core.text import ATOM

PAGE = Path(__file__).with_name("ops.md")
LEAVES = {"variable", "constant", "item"}           # what graphs begin with, and a result of several
WITHOUT_C = {                                       # ops that run as their NumPy meaning in every function, and why
    "arange_count": "asked once a call, for a length; it fails with NumPy's words",
    "betainc_da": "a derivative by a shape parameter: a series that is rarely asked for",
    "bincount": "the length of the result follows from values",
    "compress": "how many elements a mask lets through follows from values",
    "fft": "a library's, NumPy's own pocketfft, is as fast as C of ours would be",
    "gammainc_da": "a derivative by a shape parameter: a series that is rarely asked for",
    "hyp2f1": "rare; SciPy's code has dozens of regions",
    "ifft": "see fft",
    "irfft": "see fft",
    "rfft": "see fft",
    "set_compress": "how many elements a mask lets through follows from values",
    "sum_to": "lengths agree before code is made, and it goes; it stays where a length follows from values",
    "yv": "rare; SciPy's code has several regions",
}
GONE = {"custom_gradient", "grad_clip", "grad_scale", "undefined_grad"}     # they speak to gradients alone
HEAD = """# The ops

Made by `python docs/ops.py`. Everything else in `tensorviz.tensor` is built from these. *C*: a **nest** is fused with its
neighbours into loops; a **view** is no work; a **step** is a call of a C function of its own (copies, lookups, scans, sorts,
windows, BLAS); **gone** means that it is taken away before code is made; **NumPy** that the op runs as a step in Python between
parts in C. *OpenCL*: whether it has code there today. *Gradient*: by formula, or none since mathematics has none. {without} of
{all} ops have no C.
"""


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
    if any(f"{{{p}}}" in op.latex for p in op.params):
        return ""
    count = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in inspect.signature(op.type).parameters.values()) if op.params else 0
    count = count or getattr(op.numpy, "nin", 0) or 1 + max(k for k in range(6) if f"{{{k}}}" in op.latex or k == 0)
    names = ["x", "y", "z", "u", "v", "w"][:count]
    try:
        return f"${latex_of_call(op, [(n, ATOM) for n in names])[0]}$".replace("|", "\\vert ")
    except (IndexError, KeyError):
        return ""


def _on_opencl(op: Op) -> str:
    return "yes" if in_c(op) in ("view", "length", "leaf", "gone") or (in_c(op) == "nest" and (
        op.name in OPENCL.ops or op.name in REDUCTIONS or op.name in SOURCES or op.name == "cast")) else ""


def text() -> str:
    """The whole page."""
    ops = [op for op in OPS.values() if op.name not in LEAVES]
    without = [op for op in ops if in_c(op) == "NumPy"]
    parts = [HEAD.format(without=len(without), all=len(ops))]
    for family in dict.fromkeys(op.family for op in ops):
        parts.append(f"\n## {family}\n\n| op | computes | formula | C | OpenCL | gradient |\n|---|---|---|---|---|---|\n")
        for op in sorted((op for op in ops if op.family == family), key=lambda op: op.name):
            gradient = "formula" if op.vjp is not None else ""
            cells = (f"`{op.name}`", op.doc.replace("|", "\\|"), _formula(op), in_c(op), _on_opencl(op), gradient)
            parts.append("| " + " | ".join(cells) + " |\n")
    parts.append("\n## Without C, and why\n\n| op | reason |\n|---|---|\n")
    parts += [f"| `{op.name}` | {WITHOUT_C.get(op.name, '')} |\n" for op in sorted(without, key=lambda op: op.name)]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
