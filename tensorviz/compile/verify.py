"""Modes that watch: DEBUG compares every call with the NumPy meaning, NAN_GUARD refuses results that are NaN or infinite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import CheckError, TensorvizError
from ..core.evaluate import evaluate
from ..core.expr import Expr, label_of, where
from ..core.graph import topological
from ..core.types import TensorType
from .program import compile_program
from .version import rewritten

if TYPE_CHECKING:
    from .function import Function

__all__ = ["Watch"]

Array = np.ndarray[Any, Any]
ROUNDINGS = 16.0            # of the largest value on the way, times the root of the number of elements: what code may differ by
LOOSE = 64.0                # as many times more for rewriting, which trades one rounding for another
MOST = 400                  # nodes that are looked at to find the one that is wrong


class Watch:
    """Judges the results of a function before they are given out and before shared values change."""

    def __init__(self, function: Function) -> None:
        self.f = function

    def judge(self, values: Sequence[Any], found: Sequence[Any]) -> None:
        """Raise CheckError if the results for `values` are not what they must be."""
        f = self.f
        env = dict(zip(f._every, f._converted(tuple(values)), strict=True))
        if f.mode.guard:
            self._guard(env, found)
        if f.mode.check:
            self._check(env, found)

    # -- NAN_GUARD -------------------------------------------------------------------------------------------------
    def _guard(self, env: dict[Expr, Array], found: Sequence[Any]) -> None:
        if all(_finite(v) for v in found):
            return
        nodes = [e for e in topological(self.f._roots) if isinstance(e.type, TensorType)]
        computed = dict(zip(nodes, evaluate(nodes, env), strict=True))
        first = next((e for e in nodes if not _finite(computed[e])), None)
        e, value = next((r, v) for r, v in zip(self.f._roots, found, strict=True) if not _finite(v))
        if first is not None:
            e, value = first, computed[first]
        bad, count = value[~np.isfinite(value)], int(np.size(value))
        facts = [f"{label_of(a, k)}: {a.type.text()}, from {computed[a].min()} to {computed[a].max()}"
                 for k, a in enumerate(e.args[:4]) if a in computed and computed[a].size and computed[a].dtype.kind in "biuf"]
        raise CheckError(f"{label_of(e, 0)} is the first that is not finite: {bad.flat[0]} ({bad.size} of {count} elements)",
                         at=where(e), facts=facts, hint="mode='FAST_RUN' lets such values through")

    # -- DEBUG -----------------------------------------------------------------------------------------------------
    def _check(self, env: dict[Expr, Array], found: Sequence[Any]) -> None:
        f = self.f
        meant = evaluate(f._roots, env)
        before = _scale(f._roots, env)
        after = _values(f._version.roots, env)
        for root, old, new in zip(f._roots, meant, after, strict=True):
            if new is not None and not _alike(old, new, LOOSE * before, may_mend=True):
                self._blame_rule(root, env, old, new)
        scale = _scale([r for r, v in zip(f._version.roots, after, strict=True) if v is not None], env)
        for k, root in enumerate(f._roots):
            value, aim = np.asarray(found[k]), after[k]
            if (aim is None or not _alike(aim, value, scale)) and not _alike(meant[k], value, LOOSE * before):
                self._blame_code(root, env, meant[k] if aim is None else aim, value)

    def _blame_rule(self, root: Expr, env: dict[Expr, Array], meant: Array, found: Array) -> None:
        """Find the rewrite that changed the value and raise."""
        facts = _difference(meant, found)
        done = rewritten(self.f._versions.roots, self.f.mode, True)
        for history in done.result.histories if done.result is not None else ():
            for event in history.events:
                left, right = _values([event.before, event.after], env)
                if left is None or right is None:
                    continue
                if not _alike(left, right, LOOSE * _scale([event.before], env), may_mend=True):
                    raise CheckError(f"rule {event.rule.name} changed the value of {label_of(event.before, 0)}",
                                     at=where(event.before), facts=facts,
                                     hint=f"mode.without({event.rule.name!r}) leaves it out; please report it")
        raise CheckError(f"rewriting changed the value of {label_of(root, 0)}", at=where(root), facts=facts,
                         hint="please report it")

    def _blame_code(self, root: Expr, env: dict[Expr, Array], meant: Array, found: Array) -> None:
        """Find the first node whose compiled value is wrong and raise."""
        f = self.f
        done = rewritten(f._versions.roots, f.mode)
        every = [e for e in topological(done.roots) if e.args and isinstance(e.type, TensorType)][:MOST]
        right = {e: v for e, v in zip(every, _values(every, env), strict=True) if v is not None}
        values = tuple(np.require(env[x], requirements=["C", "A"]) for x in f._every)
        single = compile_program("check", f._every, list(right), done.lengths).run(values)
        e = next((e for e, b in zip(right, single, strict=True) if not _alike(right[e], b, _scale([e], env))), root)
        raise CheckError(f"the compiled value of {label_of(e, 0)} is not that of its NumPy meaning", at=where(e),
                         facts=[f"op: {e.op.name}, {e.type.text()}", *_difference(meant, found)],
                         hint="target='numpy' computes without compiled code; please report it")


def _values(nodes: Sequence[Expr], env: dict[Expr, Array]) -> list[Array | None]:
    """The NumPy values of rewritten nodes; None for those that have none here, though what was written has one.

    Rules that take out a maximum ask for it along axes of length 0 too (`Rule.raises_on_empty`): code refuses such lengths, and
    what was written runs instead (Function._interpret).
    """
    try:
        return list(evaluate(nodes, env))
    except TensorvizError:
        return [None] if len(nodes) == 1 else [_values([e], env)[0] for e in nodes]


def _finite(value: Any) -> bool:
    a = np.asarray(value)
    return a.dtype.kind not in "fc" or bool(np.isfinite(a).all())


def _scale(roots: Sequence[Expr], env: dict[Expr, Array]) -> float:
    """How much values may differ: some roundings of the largest finite value under `roots`, in the coarsest float there."""
    nodes = [e for e in topological(roots) if isinstance(e.type, TensorType)]
    largest, size, eps = 0.0, 1, 0.0
    for a in evaluate(nodes, env):
        if a.dtype.kind in "fc":
            fine = np.abs(a[np.isfinite(a)])
            largest, eps = max(largest, float(fine.max(initial=0.0))), max(eps, float(np.finfo(a.dtype).eps))
        size = max(size, a.size)
    return ROUNDINGS * eps * largest * float(np.sqrt(size))


def _alike(meant: Array, found: Array, absolute: float, may_mend: bool = False) -> bool:
    """Whether two values agree; with `may_mend` a NaN or inf of the first may be a number in the second (overflow mended)."""
    if meant.shape != found.shape or meant.dtype != found.dtype:
        return False
    if meant.dtype.kind not in "fc":
        return bool(np.array_equal(meant, found))
    with np.errstate(all="ignore"):
        fine = np.isfinite(meant) & np.isfinite(found)
        close = np.abs(meant - found) <= absolute + 1e3 * float(np.finfo(meant.dtype).eps) * np.abs(meant)
    same = (meant == found) | (np.isnan(meant) & np.isnan(found))
    mended = ~np.isfinite(meant) & np.isfinite(found) if may_mend else np.zeros_like(same)
    return bool(np.all(same | mended | (fine & close)))


def _difference(meant: Array, found: Array) -> list[str]:
    """Where two results differ most."""
    if meant.shape != found.shape or meant.dtype != found.dtype:
        return [f"NumPy: {meant.dtype} {meant.shape}; compiled: {found.dtype} {found.shape}"]
    if not meant.size:
        return []
    with np.errstate(all="ignore"):
        gap = np.abs(meant.astype("complex128") - found.astype("complex128"))
    gap[np.isnan(gap)] = np.inf
    gap[(meant == found) | ((meant != meant) & (found != found))] = 0.0
    at = np.unravel_index(int(np.argmax(gap)), meant.shape)
    index = ", ".join(str(int(k)) for k in at)
    return [f"at [{index}]: NumPy gives {meant[at]!r}, the code {found[at]!r}"]
