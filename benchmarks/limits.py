"""What looking costs: the pipeline on a random graph of 10,000 nodes with and without its history, and the whole Trace of it."""

from __future__ import annotations

import random
import time
from typing import Any

Limit = tuple[str, float | None, float, str]  # what, measured, goal, unit
NODES = 10_000
ROUNDS = 3


def random_graph(nodes: int, seed: int = 0) -> list[Any]:
    """The roots of a graph of that many nodes, in which every operation reads from the twenty nodes just before it."""
    import tensorviz.tensor as T

    draw = random.Random(seed)
    binary = [lambda u, v: u + v, lambda u, v: u * v, lambda u, v: u - v, T.maximum, T.minimum]
    unary = [T.exp, T.tanh, T.sqrt, lambda u: -u, lambda u: u * 1.0, lambda u: u + 0.0]
    made = [T.vector(name) for name in "abcdef"]
    known, read = set(made), set()
    while len(made) < nodes:
        args = draw.choices(made[-20:], k=2 if draw.random() < 0.6 else 1)
        new = draw.choice(binary if len(args) == 2 else unary)(*args)
        if new not in known:  # equal expressions are one
            made.append(new)
            known.add(new)
            read.update(args)
    return [node for node in made if node not in read]


def rewriting() -> list[Limit]:
    """Rows for the table of limits; runs with and without recording take turns."""
    from tensorviz.rewrite.passes import run_pipeline

    roots = random_graph(NODES)
    samples: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(ROUNDS):
        for record, seconds in samples.items():
            start = time.perf_counter()
            run_pipeline(roots, record=record)
            seconds.append(time.perf_counter() - start)
    plain, recorded = min(samples[False]), min(samples[True])
    return [
        (f"rewriting {NODES:,} nodes", plain, 2.0, "s"),
        ("record=True beside record=False", recorded / plain, 1.5, "x"),
    ]


def recording() -> list[Limit]:
    """Rows for the record with all its formulas, and for the first picture of the largest."""
    from tensorviz.compile.mode import mode_named
    from tensorviz.compile.record import Recorder
    from tensorviz.compile.version import rewritten
    from tensorviz.render.drawing import View, draw

    rows: list[Limit] = []
    for nodes, goal in ((1_000, 1.5), (3_000, 5.0), (NODES, 20.0)):
        roots = random_graph(nodes)
        start = time.perf_counter()
        recorder = Recorder("f", "f()", roots, [""] * len(roots))
        recorder.passes(rewritten(roots, mode_named(None, None), "full"))
        rows.append((f"the Trace of {nodes:,} nodes", time.perf_counter() - start, goal, "s"))
    start = time.perf_counter()
    draw(recorder.trace, View(group="fit"))
    rows.append((f"a grouped picture of {NODES:,} nodes", time.perf_counter() - start, 2.0, "s"))
    return rows
