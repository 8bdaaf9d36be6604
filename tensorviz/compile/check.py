"""Numeric checks of single rewrites: both sides on the same numbers, so that one sees what a rule does to a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.evaluate import evaluate
from ..core.expr import Expr
from ..core.graph import inputs_of, topological
from ..core.shared import is_shared
from ..core.types import TensorType

__all__ = ["check_rewrite"]

LENGTH = 6                      # what an unknown length is taken to be
SCALES = (1.0, 10.0, 100.0)


def check_rewrite(before: Expr, after: Expr, bindings: Mapping[str, Any], seed: int = 0) -> list[dict[str, Any]]:
    """Both sides of a rewrite on normal numbers times 1, 10 and 100, drawn for what its pattern variables stand for.

    Each row says what was drawn, the largest difference where both sides are finite (relative to the largest value), and how
    many values are NaN or infinite before and after.
    """
    free = _free(before, after, bindings)
    rows = []
    for scale in SCALES:
        rng = np.random.default_rng(seed)
        env = {e: _draw(e, rng, scale) for e in free}
        left, right = (np.asarray(v) for v in evaluate([before, after], env))
        fine = np.isfinite(left) & np.isfinite(right)
        gap = np.abs(left[fine].astype("float64") - right[fine].astype("float64"))
        size = np.max(np.abs(left[fine].astype("float64")), initial=0.0)
        rows.append({"drawn": f"normal × {scale:g}", "difference": float(gap.max(initial=0.0) / (size or 1.0)),
                     "bad_before": int((~np.isfinite(left)).sum()), "bad_after": int((~np.isfinite(right)).sum())})
    return rows


def _free(before: Expr, after: Expr, bindings: Mapping[str, Any]) -> list[Expr]:
    """What numbers are drawn for: the bound expressions, and variables below that they don't cover."""
    bound = {b for b in bindings.values() if isinstance(b, Expr) and isinstance(b.type, TensorType) and b.op.name != "constant"}
    inside = set(topological([before, after]))
    free = [b for b in topological([before, after]) if b in bound and b in inside]
    return free + [v for v in inputs_of([before, after]) if v not in bound and not is_shared(v)]


def _draw(e: Expr, rng: np.random.Generator, scale: float) -> np.ndarray[Any, Any]:
    lengths = tuple(LENGTH if n is None else n for n in e.type.shape)
    kind = e.dtype.kind
    if kind == "b":
        return rng.random(lengths) < 0.5
    if kind in "iu":
        return rng.integers(0, LENGTH, lengths).astype(e.dtype)
    values = rng.standard_normal(lengths) * scale
    if kind == "c":
        return (values + 1j * rng.standard_normal(lengths) * scale).astype(e.dtype)
    return values.astype(e.dtype)
