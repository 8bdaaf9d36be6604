"""What rewriting costs: the pipeline on a random graph of 10,000 nodes, with and without its history recorded."""

from __future__ import annotations

import random
import time

Limit = tuple[str, float | None, float, str]  # what, measured, goal, unit
NODES = 10_000
ROUNDS = 3


def random_graph(nodes: int, seed: int = 0):
    """A graph of elementwise operations in which every node reads two of those just before it."""
    import tensorviz.tensor as T

    draw = random.Random(seed)
    made = [T.vector(name) for name in "abcdef"]
    binary = [lambda u, v: u + v, lambda u, v: u * v, lambda u, v: u - v, T.maximum, T.minimum]
    unary = [T.exp, T.tanh, T.sqrt, lambda u: -u, lambda u: u * 1.0, lambda u: u + 0.0]
    leaves = len(made)
    while len(made) < leaves + nodes:
        u, v = draw.choices(made[-20:], k=2)
        made.append(draw.choice(binary)(u, v) if draw.random() < 0.6 else draw.choice(unary)(u))
    return made[:leaves], made[-1]


def seconds_of_rewriting(record: bool) -> float:
    """The fastest of some runs of the whole pipeline."""
    from tensorviz.rewrite.passes import run_passes

    from tensorviz.core.graph import Graph

    inputs, output = random_graph(NODES)
    graph = Graph(inputs, [output])
    samples = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run_passes(graph, record=record)
        samples.append(time.perf_counter() - start)
    return min(samples)


def rewriting() -> list[Limit]:
    """Rows for the table of limits."""
    plain, recorded = seconds_of_rewriting(record=False), seconds_of_rewriting(record=True)
    return [
        (f"rewriting {NODES:,} nodes", plain, 2.0, "s"),
        ("record=True beside record=False", recorded / plain, 1.5, "x"),
    ]
