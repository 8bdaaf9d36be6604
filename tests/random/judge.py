"""Results of random graphs against what they mean: bit by bit, or within the errors that rounding explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.core.errors import TensorvizError
from tensorviz.core.expr import Expr, variable_op
from tensorviz.core.graph import topological
from tests.random.graphs import WIDE, Growth, Table

Array = np.ndarray[Any, Any]
Run = Callable[[Sequence[Expr], dict[Expr, Array]], Sequence[Array]]
TIMES = 8                               # a result may be as many times farther from long double than NumPy's


@dataclass
class Count:
    """Elements compared, and those left out because a jump is near; outputs likewise."""

    compared: int = 0
    discarded: int = 0
    results: int = 0

    def share(self) -> float:
        """How much was left out."""
        return self.discarded / max(1, self.compared + self.discarded)


def same_bits(a: Array, b: Array) -> bool:
    """Equal bit for bit, all NaNs being one, and both zeros: NumPy's own maximum(0.0, -0.0) is either."""
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def fault(node: Expr, found: Array, table: Table, count: Count) -> str:
    """What is wrong with a result; "" if nothing is."""
    meant = np.asarray(table.values[node])
    count.results += 1
    if table.real and np.isinf(table.errors[node]).all() and meant.size:
        count.discarded += meant.size   # the shape may hang on a jump too
        return "" if found.dtype == meant.dtype else f"{found.dtype} instead of {meant.dtype}"
    if found.shape != meant.shape or found.dtype != meant.dtype:
        return f"{found.dtype} {found.shape} instead of {meant.dtype} {meant.shape}"
    if not table.real:
        count.compared += meant.size
        return "" if same_bits(found, meant) else f"{found!r}\ninstead of\n{meant!r}"
    bound, true = table.errors[node], table.wide[node]
    sure = np.isfinite(bound)
    count.compared += int(sure.sum())
    count.discarded += int((~sure).sum())
    if meant.dtype.kind != "f":
        return "" if np.array_equal(found[sure], meant[sure]) else f"{found!r}\ninstead of\n{meant!r}"
    with np.errstate(all="ignore"):
        off, own = np.abs(found.astype(WIDE) - true), np.abs(meant.astype(WIDE) - true)
        allowed = TIMES * own + bound
        wrong = sure & ~(off <= allowed)
    if not wrong.any():
        return ""
    k = int(np.argmax(np.where(wrong, off / np.maximum(allowed, 1e-300), 0)))
    return (f"{found.reshape(-1)[k]!r} instead of {meant.reshape(-1)[k]!r}, truly {true.reshape(-1)[k]!r} (element {k}, {int(wrong.sum())} wrong): "
            f"off by {off.reshape(-1)[k]:.3g}, {allowed.reshape(-1)[k]:.3g} allowed")


# -- what runs them ------------------------------------------------------------------------------------------------------
def compiled(g: Growth, roots: Sequence[Expr], mode: Mode) -> Run:
    """The C target. Some arguments come in Fortran order or as every other element."""
    f = tv.function(g.variables, list(roots), mode=mode, on_unused_input="ignore")

    def run(_: Sequence[Expr], env: dict[Expr, Array]) -> Sequence[Array]:
        before = [env[x].copy() for x in g.variables]
        given = [np.array(v, order="F") if k % 3 == 1 else _spread(v) if k % 3 == 2 else v.copy() for k, v in enumerate(before)]
        found = f(*given)
        for v, w in zip(given, before, strict=True):
            assert same_bits(np.asarray(v), w), "an input was changed"
        for a, b in zip(found, () if g.real else f(*before), strict=not g.real):    # BLAS may round as the memory lies
            assert same_bits(a, b), f"a second call gave other values: {b!r} after {a!r}"
        return found

    return run


def _spread(v: Array) -> Array:
    wide = np.zeros((*v.shape[:-1], 2 * v.shape[-1]) if v.ndim else (), v.dtype)
    if not v.ndim:
        return v
    wide[..., ::2] = v
    return wide[..., ::2]


def problem(g: Growth, roots: Sequence[Expr], make: Callable[[Sequence[Expr]], Run], count: Count) -> str:
    """What is wrong with these outputs of a graph in any environment, traced to a small graph that is wrong; "" if nothing is."""
    run = make(roots)
    for k, t in enumerate(g.tables):
        why = _wrong(roots, run, t, count)
        if why:
            return f"environment {k}, {why}\n{_smallest(g, roots, make, t)}"
    return ""


def _wrong(roots: Sequence[Expr], run: Run, table: Table, count: Count) -> str:
    try:
        results = run(roots, table.env)
    except (TensorvizError, AssertionError) as error:
        return f"raised {type(error).__name__}: {error}"
    for root, value in zip(roots, results, strict=True):
        why = fault(root, value, table, count)
        if why and table.real and table.refine():
            return _wrong(roots, lambda *_: results, table, count)
        if why:
            return f"{str(root)[:3000]}\ngave {why}"
    return ""


def _smallest(g: Growth, roots: Sequence[Expr], make: Callable[[Sequence[Expr]], Run], table: Table) -> str:
    """The first node below the roots that is wrong when it is computed alone; if there is none the fewest roots that are."""
    def wrong(some: Sequence[Expr]) -> str:
        try:
            return _wrong(some, make(some), table, Count())
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    for node in topological(roots):
        if node.args and (why := wrong([node])):
            return f"alone it is wrong: {why}\n{_setting([node], table)}"
    few = list(roots)
    for r in roots:
        less = [x for x in few if x is not r]
        if less and wrong(less):
            few = less
    listed = "\n-- and --\n".join(str(r)[:3000] for r in few)
    return f"no node is wrong alone, these {len(few)} are together:\n{listed}\n{_setting(few, table)}"


def _setting(roots: Sequence[Expr], table: Table) -> str:
    used = [v for v in topological(roots) if v.op is variable_op]
    return "with " + "\n".join(f"{v.name}: {v.type.text()} = {table.env[v]!r}" for v in used)
