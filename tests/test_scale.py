"""Large graphs: no recursion anywhere, and nothing that grows with the square of the size."""

from __future__ import annotations

import pickle
import random
import time

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.compile.program import C_TARGET, generate
from tensorviz.compile.record import Recorder
from tensorviz.compile.version import rewritten
from tensorviz.core.graph import topological
from tensorviz.core.text import text
from tensorviz.render.drawing import draw
from tensorviz.rewrite.history import Event
from tensorviz.rewrite.passes import run_pipeline

pytestmark = pytest.mark.slow


def chain(count):
    """x, y and `count` ops on top of them."""
    x, y = tv.vectors("x y")
    e = x
    for k in range(count // 2):
        e = (tv.tanh(e) if k % 2 else tv.sin(e)) + y
    return x, y, e


def drawn(count, seed=0):
    """x, y and a random graph of some `count` nodes, the last of which sees most of them."""
    rng = random.Random(seed)
    x, y = tv.vectors("x y")
    pool = [x, y]
    for _ in range(count):
        a, b = (pool[-1 - min(int(rng.expovariate(0.05)), len(pool) - 1)] for _ in range(2))
        pool.append(rng.choice([lambda a, b: a + b, lambda a, b: a * b * 0.5, lambda a, b: tv.tanh(a), lambda a, b: tv.sin(a) - b,
                                lambda a, b: tv.maximum(a, b), lambda a, b: tv.exp(-a * a)])(a, b))
    return x, y, pool


def agrees(f, outputs, x, y, rtol=1e-7):
    a, b = np.random.default_rng(0).uniform(0.1, 0.9, (2, 17))
    found = f(a, b)
    for got, want in zip(found, tv.evaluate(outputs, {x: a, y: b}), strict=True):
        assert np.allclose(got, want, rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("build", [lambda: chain(100_000)[2], lambda: drawn(10_000)[2][-1]], ids=["chain of 100,000", "graph of 10,000"])
def test_large_graphs_print_pickle_differentiate_and_rewrite(build):
    e = build()
    count = len(topological([e]))
    assert count > 9_000 and len(repr(e)) < 20_000 and len(text(e, lines=None)) > 50_000
    assert pickle.loads(pickle.dumps(e)) is e
    slope = tv.grad(e.sum(), topological([e])[0])
    assert len(topological([slope])) > count
    assert len(run_pipeline([e], record=False).end) == 1


@pytest.mark.parametrize("build", [lambda: chain(100_000)[2], lambda: drawn(10_000)[2][-1]], ids=["chain of 100,000", "graph of 10,000"])
def test_large_graphs_are_drawn_in_groups(build):
    trace = Recorder("f", "f(x, y)", [build()], ["result"]).trace
    drawing = draw(trace)
    assert drawing.total > 9_000 and drawing.shown + len(drawing.figures) < 1_000 and drawing.grouped > 8_000


def test_no_event_exists_when_nothing_is_recorded(monkeypatch):
    made = []
    begin = Event.__init__
    monkeypatch.setattr(Event, "__init__", lambda self, *a, **k: (made.append(1), begin(self, *a, **k))[1])
    x, y, pool = drawn(300)
    assert sum(sum(n for n, _ in h.hits.values()) for h in run_pipeline([pool[-1]], record=False).histories) > 20 and not made
    tv.function([x, y], pool[-1])
    assert not made
    run_pipeline([pool[-1]], record=True)
    assert made


def test_a_chain_of_50_000_ops_compiles_and_runs():
    x, y, e = chain(50_000)
    agrees(tv.function([x, y], [e]), [e], x, y)


def test_a_random_graph_of_2_000_nodes_compiles_and_runs():
    x, y, pool = drawn(2_000)
    f = tv.function([x, y], pool[-1:])
    assert len(f.source()) > 50_000
    agrees(f, pool[-1:], x, y)


def test_a_random_graph_with_its_gradients_compiles_and_runs():
    x, y, pool = drawn(150, seed=0)
    cost = tv.mean(pool[-1] ** 2)
    outputs = [cost, *tv.grad(cost, [x, y], disconnected_inputs="ignore")]
    agrees(tv.function([x, y], outputs), outputs, x, y, rtol=1e-6)


def test_thousands_of_outputs_compile_and_run():
    x = tv.vector("x")
    outputs = [x * float(k) + 1.0 for k in range(3_000)]
    found = tv.function([x], outputs)(np.arange(3.0))
    assert all((got == k * np.arange(3.0) + 1.0).all() for k, got in enumerate(found))


def test_a_thousand_outputs_and_a_pickle_of_them():
    x, y, pool = drawn(1_000, seed=1)
    outputs = list(dict.fromkeys(e * 2.0 for e in pool))[-1_000:]
    f = tv.function([x, y], outputs, target="numpy")
    agrees(f, outputs, x, y)
    assert len(pickle.dumps(f)) < 400_000               # one table, not one for each output
    small = [x * float(k) for k in range(300)]
    agrees(tv.function([x, y], small, on_unused_input="ignore"), small, x, y)


def test_time_grows_with_the_size_and_not_with_its_square():
    def seconds(count):
        x, y, pool = drawn(count, seed=2)
        begin = time.process_time()
        done = rewritten(pool[-1:], Mode())
        generate("f", [x, y], done.roots, done.lengths, frozenset(), C_TARGET)
        return time.process_time() - begin

    seconds(100)
    small, large = min(seconds(500) for _ in range(2)), seconds(4_000)
    assert large < 8 * 3 * small + 0.5
