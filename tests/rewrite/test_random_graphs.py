"""Random graphs mean the same before and after the pipeline: judged as functions on the C target are, in tests/random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ShapeError
from tensorviz.core.evaluate import evaluate
from tensorviz.core.expr import Expr
from tensorviz.rewrite.passes import run_pipeline
from tests.random.graphs import grow, outputs
from tests.random.judge import Count, Run, problem

Array = np.ndarray[Any, Any]


def rewritten(roots: Sequence[Expr]) -> Run:
    """The interpreter on the graph that the pipeline makes."""
    end = run_pipeline(roots, record=False).end

    def run(roots: Sequence[Expr], env: dict[Expr, Array]) -> list[Array]:
        results = []
        for before, after in zip(roots, end, strict=True):
            try:
                results += evaluate([after], env)
            except ShapeError as error:         # rules that take out a maximum say so: raises_on_empty
                assert "the largest or smallest along axis" in error.what, f"{before} -> {after}"
                results += evaluate([before], env)
        return results

    return run


@pytest.mark.parametrize("kind", ["exact", "special", "real"])
def test_random_graphs_mean_the_same(kind: str) -> None:
    count = Count()
    for seed in range(20 if kind == "real" else 50):
        g = grow(random.Random(seed), kind, 30)
        roots = outputs(g)
        why = problem(g, roots, rewritten, count)
        assert not why, f"{seed}: {why}"
    assert count.compared > 30_000 and count.share() < 0.05


def test_fast_math_ends_and_keeps_types() -> None:
    for seed in range(6):
        nodes = outputs(grow(random.Random(seed), "real"))
        for before, after in zip(nodes, run_pipeline(nodes, record=False, fast_math=True).end, strict=True):
            assert before.type.accepts(after.type)


def test_a_rule_for_an_op_leaves_other_ops_of_the_family_of_that_name_alone() -> None:
    x = tv.matrix("x", shape=(3, 5))
    for e in (x.shape[1:], tv.eye(3, 8, k=-1)[::2, 0], tv.concatenate([x, x])[0, 1:], x[0, 1:2].set(4.0)):
        value = np.arange(15.0).reshape(3, 5)
        assert np.array_equal(evaluate(run_pipeline([e]).end, {x: value})[0], evaluate([e], {x: value})[0])
