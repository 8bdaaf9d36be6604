"""Pickles: flat tables, identity kept, in this process and in another."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.graph import topological
from tensorviz.core.op import OPS

X, I = tv.matrix("x", shape=(None, 4)), tv.lvector("i")


@pytest.mark.parametrize("e", [
    X, I, tv.constant(2.0), tv.exp(X) + X, X[I], X[1:3, ::-1], X.T @ X, tv.softmax(X), X.astype("int8"), X[I].inc(1.0), tv.eye(3),
    tv.grad(tv.logsumexp(X), X), X + np.arange(4.0), tv.constant(float("nan")),
], ids=str)
def test_expression_comes_back_as_the_same_object(e):
    assert pickle.loads(pickle.dumps(e)) is e


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_that_knows_new_classes_works(protocol):
    assert pickle.loads(pickle.dumps(tv.exp(X), protocol)) is tv.exp(X)


def test_several_expressions_keep_what_they_share():
    h = tv.tanh(X)
    a, b = pickle.loads(pickle.dumps([h + 1.0, h * 2.0]))
    assert a.args[0] is b.args[0] is h


def test_graph_comes_back_equal_with_names():
    h = tv.sin(X)
    h.name = "h"
    graph = tv.Graph([X, I], [h[I], h])
    again = pickle.loads(pickle.dumps(graph))
    assert again == graph and again.inputs == graph.inputs and again.outputs[1].name == "h"


def test_types_and_ops_pickle():
    assert pickle.loads(pickle.dumps(X.type)) == X.type
    for op in OPS.values():
        assert pickle.loads(pickle.dumps(op)) is op


def test_other_process_gets_the_same_graph_and_variables_that_are_not_its_own():
    code = """
import pickle, sys
import tensorviz as tv
mine = [tv.vector("x") for _ in range(3)]
e, f = pickle.load(sys.stdin.buffer)
x = e.args[0]
found = (e, str(e), f.args[0] is x, x in mine, e.eval({x: [[1.0] * 4]}).tolist())
sys.stdout.buffer.write(pickle.dumps(found))
"""
    e = X * 3.0
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps((e, tv.exp(X))), capture_output=True, check=True)
    back, printed, same, mixed, value = pickle.loads(done.stdout)
    assert back is e and printed == "x * 3.0" and same and not mixed and value == [[3.0] * 4]


def test_pickle_of_a_large_graph_is_flat_and_small():
    rng = np.random.default_rng(0)
    nodes = [tv.scalar("a"), tv.scalar("b")]
    while len(nodes) < 10_000:
        k, l = rng.integers(max(0, len(nodes) - 50), len(nodes), 2)
        nodes.append([tv.add, tv.multiply, tv.subtract, tv.maximum][len(nodes) % 4](nodes[k], nodes[l]))
    graph = tv.Graph(nodes[:2], nodes[-20:])
    data = pickle.dumps(graph)
    assert pickle.loads(data) == graph and len(data) < 60 * len(topological(graph.outputs)) + 10_000
