"""Random graphs mean the same before and after the pipeline, within the bounds of both sides' rounding errors."""

from __future__ import annotations

import random

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ShapeError, TensorvizError
from tensorviz.core.evaluate import evaluate
from tensorviz.core.expr import variable
from tensorviz.core.op import BUILDERS
from tensorviz.core.types import TensorType
from tensorviz.rewrite.bounds import error_bound
from tensorviz.rewrite.passes import run_pipeline

pytestmark = pytest.mark.slow

ONE = ["exp", "log", "tanh", "negative", "square", "absolute", "sqrt", "log1p", "expm1", "reciprocal", "zero_grad", "transpose"]
TWO = ["add", "multiply", "subtract", "true_divide", "maximum", "minimum"]
NUMBERS = [0.0, 1.0, -1.0, 2.0, 0.5, -0.0, 3.0]
KEYS = [0, slice(1, None), slice(None), slice(None, None, -1), slice(0, 2), None]


def step(draw, a, b):
    """One more node over a and b."""
    kind, build = draw.random(), lambda name, *args, **kw: BUILDERS[name](*args, **kw)
    if kind < 0.3:
        return build(draw.choice(ONE), a)
    if kind < 0.5:
        return build(draw.choice(TWO), a, b)
    if kind < 0.65:
        pair = [a, draw.choice(NUMBERS)]
        draw.shuffle(pair)
        return build(draw.choice(TWO), *pair) if draw.random() < 0.9 else build("power", a, draw.choice(NUMBERS[:4]))
    if kind < 0.73:
        axis, keep = draw.choice([None, *range(a.ndim)]), draw.random() < 0.5
        return build(draw.choice(["sum", "max", "min", "mean"]), a, axis=axis, keepdims=keep)
    if kind < 0.78:
        return build("expand_dims", a, draw.randrange(a.ndim + 1)) if a.ndim < 3 else build("squeeze", a)
    if kind < 0.82:
        return a @ b
    if kind < 0.86:
        return build("broadcast_to", a, b.shape)
    if kind < 0.90:
        return a[draw.choice(KEYS)]
    if kind < 0.93:
        return build("where", a > b, a, draw.choice([b, a, 0.0]))
    if kind < 0.95:
        return a[0].set(draw.choice([0.0, 2.0]))
    return build("softmax", a) if kind < 0.98 else build("log", build("sum", build("exp", a)))


def graph(seed, count=24):
    """Variables, and random nodes over them with some gradients."""
    draw = random.Random(seed)
    shapes = [(None,), (None, None), (3, None), (None, 1), (), (4,), (None, None)]
    variables = [variable(TensorType(np.dtype("float64"), s), f"v{k}") for k, s in enumerate(shapes)]
    nodes = list(variables)
    for _ in range(count):
        try:
            e = step(draw, *(nodes[-draw.randrange(1, min(len(nodes), 14) + 1)] for _ in range(2)))
        except TensorvizError:
            continue
        nodes.append(e if e.ndim <= 3 else nodes[0])
    cost = BUILDERS["sum"](nodes[-1])
    for v in variables[:3]:
        try:
            nodes.append(tv.grad(cost, v))
        except TensorvizError:
            continue
    return variables, nodes[len(variables):], draw


def environments(variables, draw, seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        n, m = draw.choice([1, 2, 3, 3, 3]), draw.choice([1, 2, 3, 3, 3])
        yield {v: rng.uniform(-2, 2, [draw.choice([n, m, 3, 1]) if k is None else k for k in v.type.shape]) for v in variables}


@pytest.mark.parametrize("block", range(4))
def test_random_graphs_mean_the_same(block):
    compared = skipped = 0
    for seed in range(120 * block, 120 * block + 120):
        variables, nodes, draw = graph(seed)
        end = run_pipeline(nodes, record=False).end
        for env in environments(variables, draw, seed):
            for before, after in zip(nodes, end):
                try:
                    (a,) = evaluate([before], env)
                except TensorvizError:
                    continue
                try:
                    (b,) = evaluate([after], env)
                except ShapeError as error:         # rules that take out a maximum say so: raises_on_empty
                    assert "the largest or smallest along axis" in error.what, f"{seed}: {before} -> {after}"
                    continue
                assert (a.shape, a.dtype) == (b.shape, b.dtype), f"{seed}: {before} -> {after}"
                with np.errstate(all="ignore"):
                    allowed = 4 * (error_bound(before, env) + error_bound(after, env)) + 1e-300
                    sure = np.isfinite(allowed) & np.isfinite(a)
                    wrong = sure & ~(np.abs(a - b) <= allowed)
                assert not wrong.any(), f"{seed}: {before} -> {after}: {a[wrong]}, {b[wrong]}"
                compared += int(sure.sum())
                skipped += int((np.isfinite(a) & ~sure).sum())
    assert compared > 2000 and skipped < compared / 2


def test_fast_math_ends_and_keeps_types():
    for seed in range(60):
        _, nodes, _ = graph(seed)
        for before, after in zip(nodes, run_pipeline(nodes, record=False, fast_math=True).end):
            assert before.type.accepts(after.type)
