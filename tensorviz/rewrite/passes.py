"""The pipeline: named passes in order, one readable tuple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from ..core.expr import Expr
from .engine import Pass, run_pass
from .history import History
from .lengths import Equal
from .rule import Rewrite, Rule
from .rules import (
    algebra,
    broadcasts,
    constants,
    fast,
    indexing,
    picked,
    products,
    reductions,
    shapes,
    sigmoids,
    softmaxes,
    stability,
)

__all__ = ["PIPELINE", "RULES", "Pass", "PipelineResult", "run_pipeline"]

_FORMS: tuple[Rule | Rewrite, ...] = (*shapes.RULES, *broadcasts.RULES, *constants.CANONICAL)
PIPELINE: tuple[Pass, ...] = (
    Pass("canonicalise", "one form for what is written in several: what does nothing goes, constants come first",
         (*_FORMS, *sigmoids.FIRST)),
    Pass("fold-constants", "what is known when the graph is built is computed now", constants.FOLD),
    Pass("stabilise", "what loses digits or overflows on the way is said so that it does not",
         (*stability.RULES, *sigmoids.RULES, *softmaxes.RULES, *picked.RULES)),
    Pass("shift-exponentials", "sums of exponentials get their maximum taken out", stability.SHIFT),
    Pass("simplify", "algebra: fewer and cheaper operations",
         (*_FORMS, *constants.MERGE, *algebra.RULES, *fast.RULES, *reductions.RULES, *indexing.RULES)),
    Pass("linear-algebra", "transposes and scalar factors move out of matrix products",
         (*products.RULES, *shapes.RULES, *broadcasts.RULES, *constants.MERGE)),
    Pass("use-blas", "a matrix product and the sum around it become one call of BLAS's gemm", (*products.BLAS, *constants.FOLD)),
)

RULES: tuple[Rule | Rewrite, ...] = tuple(dict.fromkeys(r for stage in PIPELINE for r in stage.rules))


@dataclass(frozen=True)
class PipelineResult:
    """What a run of several passes did: the roots before and after, and one history a pass."""

    start: tuple[Expr, ...]
    end: tuple[Expr, ...]
    histories: list[History]
    seconds: float
    followed: tuple[Expr, ...] = ()


def run_pipeline(roots: Sequence[Expr], passes: Sequence[Pass] = PIPELINE, record: bool | str = True, fast_math: bool = False,
                 leave_out: frozenset[str] = frozenset(), equal: Equal = (), follow: Sequence[Expr] = ()) -> PipelineResult:
    """Rewrite `roots` with one pass after the other.

    record: False makes no event object, True one for each rewrite, "full" near misses too. fast_math: rules that assume finite
    values or reassociate are used too. leave_out: names of rules not to use. equal: pairs of lengths that are equal whenever the
    result is run. follow: nodes of which the result says what became of them. The same program gives the same result always.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> run_pipeline([tv.log(1.0 + x * 1.0)]).end[0] is tv.log1p(x)
    True
    """
    began = perf_counter()
    start = now = tuple(roots)
    histories = []
    for stage in passes:
        history = run_pass(stage, now, record, fast_math, leave_out=leave_out, equal=equal, follow=follow)
        histories.append(history)
        now, follow = history.end, history.followed
    return PipelineResult(start, now, histories, perf_counter() - began, tuple(follow))
