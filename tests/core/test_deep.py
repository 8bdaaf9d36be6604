"""Chains of 100,000 ops are ordinary: nothing here recurses."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

import tensorviz as tv
from tensorviz.core.graph import replace, topological
from tensorviz.core.latex import latex, mathml
from tensorviz.core.text import text

pytestmark = pytest.mark.slow

DEEP = 100_000


@pytest.fixture(scope="module")
def chain():
    """x, y and 100,000 ops on top of them."""
    x, y = tv.scalars("x y")
    e = x
    for k in range(DEEP // 2):
        e = (tv.tanh(e) if k % 2 else tv.sin(e)) + y
    return x, y, e


def test_deep_chain_evaluates(chain):
    x, y, e = chain
    assert len(topological([e])) == DEEP + 2
    assert abs(e.eval({x: 0.5, y: 0.1})) < 2.0


def test_deep_chain_prints(chain):
    e = chain[2]
    assert len(repr(e)) < 10_000 and "lines more" in repr(e)
    assert text(e, depth=3) == "tanh(sin_1 + y) + y"
    assert len(latex(e)) < 10_000 and mathml(e).startswith("<math>")
    everything = text(e, lines=None)
    assert everything.count("tanh") == everything.count("sin") == DEEP // 4


def test_deep_chain_lists_and_reads_back(chain):
    x, y, e = chain
    graph = tv.Graph([x, y], [e])
    assert tv.parse(str(graph)) == graph


def test_deep_chain_copies_and_pickles(chain):
    e = chain[2]
    assert copy.deepcopy(e) is e
    assert pickle.loads(pickle.dumps(e)) is e


def test_deep_chain_is_rebuilt_and_differentiated(chain):
    x, y, e = chain
    z = tv.scalar("z")
    assert len(topological(replace([e], {x: z}))) == DEEP + 2
    slope = tv.grad(e, x)
    assert slope.eval({x: 0.5, y: 0.1}).shape == ()


def test_deep_chain_is_let_go_and_unpickled_in_a_process_of_its_own(chain):
    code = """
import pickle, sys
import tensorviz as tv
e = pickle.load(sys.stdin.buffer)
print(len(tv.core.graph.topological([e])))
del e
e = tv.scalar()
for _ in range(200_000):
    e = -tv.exp(e)
del e
"""
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(chain[2]), capture_output=True, check=True)
    assert int(done.stdout) == DEEP + 2
