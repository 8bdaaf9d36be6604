"""Numeric checks of single rewrites: both sides on the same numbers, so that one sees what a rule does to a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..core.errors import TensorvizError
from ..core.evaluate import evaluate
from ..core.expr import Expr, variable
from ..core.graph import inputs_of, replace, topological
from ..core.shared import is_shared
from ..core.types import TensorType
from .lengths import Lengths

__all__ = ["check_nest", "check_rewrite"]

LENGTH = 16                     # what an unknown length is taken to be
SCALES = (1.0, 10.0, 100.0)


def check_rewrite(before: Expr, after: Expr, bindings: Mapping[str, Any], seed: int = 0) -> list[dict[str, Any]]:
    """Both sides of a rewrite on normal numbers times 1, 10 and 100, drawn for what its pattern variables stand for.

    Each row says what was drawn, how many `values` come out, the largest difference where both sides are finite (relative to
    the largest value), how many values are NaN or infinite before and after, and, where NumPy's widest float can say, how far
    each side is from the result in that (`error_before`, `error_after`, relative too).
    """
    free = _free(before, after, bindings)
    inner = {e: variable(e.type) for e in free}
    lengths = _shapes(list(inner.values()), replace([before, after], inner))
    rows = []
    for scale in SCALES:
        rng = np.random.default_rng(seed)
        env = {e: _draw(e, lengths[inner[e]], rng, scale) for e in free}
        left, right = (np.asarray(v) for v in evaluate([before, after], env))
        row = {"drawn": f"normal × {scale:g}", "difference": _apart(left, right), "values": int(left.size),
               "bad_before": int((~np.isfinite(left)).sum()), "bad_after": int((~np.isfinite(right)).sum())}
        wide = _widely(before, env) if left.dtype.kind == "f" else None
        if wide is not None and np.isfinite(wide).any():
            row |= {"error_before": _apart(wide, left), "error_after": _apart(wide, right)}
        rows.append(row)
    return rows


def check_nest(reads: Sequence[Expr], writes: Sequence[Expr], target: str, seed: int = 0) -> list[dict[str, Any]]:
    """What a loop nest computes from what it reads, by NumPy and as code: rows as those of `check_rewrite`."""
    from .function import function
    from .mode import Mode

    inner = {e: variable(e.type, e.name) for e in reads if isinstance(e.type, TensorType)}
    outs = replace(writes, inner)
    free = inputs_of(outs)
    lengths = _shapes(free, outs)
    f = function(free, outs, mode=Mode(rewrite=False, target=target), name="nest")
    rows = []
    for scale in SCALES:
        rng = np.random.default_rng(seed)
        values = [_draw(e, lengths[e], rng, scale) for e in free]
        left, right = evaluate(outs, dict(zip(free, values, strict=True))), f(*values)
        pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(left, right, strict=True)]
        rows.append({"drawn": f"normal × {scale:g}", "difference": max(_apart(a, b) for a, b in pairs),
                     "values": sum(a.size for a, _ in pairs),
                     "bad_before": sum(int((~np.isfinite(a)).sum()) for a, _ in pairs),
                     "bad_after": sum(int((~np.isfinite(b)).sum()) for _, b in pairs)})
    return rows


def _apart(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """The largest difference where both are finite, relative to the largest value of `one` there."""
    fine = np.isfinite(one) & np.isfinite(other)
    kind = np.clongdouble if one.dtype.kind == "c" else np.longdouble
    one, other = one[fine].astype(kind), other[fine].astype(kind)
    size = np.max(np.abs(one), initial=0.0)
    return float(np.max(np.abs(one - other), initial=0.0) / (size or 1.0))


def _widely(root: Expr, env: Mapping[Expr, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any] | None:
    """The value in NumPy's widest float, which no cast narrows; None where an op can't be run in it."""
    values: dict[Expr, Any] = {e: _wide(v) for e, v in env.items()}
    work = [root]
    try:
        with np.errstate(all="ignore"):
            while work:
                e = work[-1]
                missing = [a for a in e.args if a not in values] if e not in values else []
                work += missing
                if missing:
                    continue
                work.pop()
                if e not in values:
                    values[e] = _step(e, [values[a] for a in e.args])
    except (ArithmeticError, TypeError, ValueError, TensorvizError, np.linalg.LinAlgError):
        return None
    return np.asarray(values[root])


def _step(e: Expr, args: list[Any]) -> Any:
    if not e.args:
        return _wide(evaluate([e])[0])
    if e.op.name == "cast" and e.dtype.kind == "f":
        return np.asarray(args[0]).astype(np.longdouble)
    return e.op.numpy(*args, **e.kw)


def _wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.longdouble) if array.dtype.kind == "f" else array


def _free(before: Expr, after: Expr, bindings: Mapping[str, Any]) -> list[Expr]:
    """What numbers are drawn for: the bound expressions, and variables below that they don't cover.

    Where a bound expression sets its arguments against each other (``z - max(z)``), numbers are drawn for what they are all
    made of, so that what a rule asks of it holds.
    """
    bound: set[Expr] = set()
    for b in bindings.values():
        if isinstance(b, Expr) and isinstance(b.type, TensorType) and b.op.name != "constant":
            bound |= set(_sources(b))
    inside = set(topological([before, after]))
    free = [b for b in topological([before, after]) if b in bound and b in inside]
    return free + [v for v in inputs_of([before, after]) if v not in bound and not is_shared(v)]


def _sources(e: Expr) -> list[Expr]:
    args = [a for a in dict.fromkeys(e.args) if a.op.name != "constant"]
    made = [a for a in args if any(b is not a and b in set(topological([a])) for b in args)]
    return [a for a in args if not any(a is m for m in made)] if made else [e]


def _shapes(free: Sequence[Expr], roots: Sequence[Expr]) -> dict[Expr, tuple[int, ...]]:
    """Shapes to draw: unknown lengths are `LENGTH`, or what they meet under the roots."""
    lengths = Lengths()
    with suppress(TensorvizError):
        lengths.meet_all(roots)
    return {e: tuple(n if isinstance(n, int) else LENGTH for n in lengths.of(e)) for e in free}


def _draw(e: Expr, lengths: tuple[int, ...], rng: np.random.Generator, scale: float) -> np.ndarray[Any, Any]:
    kind = e.dtype.kind
    if kind == "b":
        return rng.random(lengths) < 0.5
    if kind in "iu":
        return rng.integers(0, LENGTH, lengths).astype(e.dtype)
    values = rng.standard_normal(lengths) * scale
    if kind == "c":
        return (values + 1j * rng.standard_normal(lengths) * scale).astype(e.dtype)
    return values.astype(e.dtype)
