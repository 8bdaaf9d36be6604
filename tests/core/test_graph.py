"""Traversals, closed graphs and their flat tables."""

from __future__ import annotations

import pytest

import tensorviz as tv
from tensorviz.core.errors import MissingInputError
from tensorviz.core.graph import ancestors, inputs_of, rebuild, replace, sweep, topological


def test_order_has_arguments_first_and_reads_left_to_right():
    x, y = tv.vectors("x y")
    e = tv.exp(y) * tv.log(x) + tv.exp(y)
    assert [n.op.name for n in topological([e])] == ["variable", "exp", "variable", "log", "multiply", "add"]
    assert inputs_of([e]) == [y, x]
    assert ancestors([e]) == set(topological([e]))


def test_replace_changes_every_use_and_nothing_else():
    x, y, z = tv.vectors("x y z")
    e = tv.exp(x + y) * (x + y)
    new = replace([e, z], {x + y: z})
    assert new[0] is tv.exp(z) * z and new[1] is z
    assert replace([e], {z: x})[0] is e


def test_replacements_are_not_searched_again():
    x, y = tv.vectors("x y")
    assert replace([x + y], {x: y, y: x})[0] is y + x


def test_sweep_visits_each_node_once_over_rebuilt_arguments():
    x = tv.vector("x")
    seen = []

    def step(e):
        seen.append(e)
        return tv.cos(e.args[0]) if e.op.name == "sin" else e

    assert sweep([tv.sin(tv.sin(x)) + tv.sin(x)], step)[0] is tv.cos(tv.cos(x)) + tv.cos(x)
    assert len(seen) == 4


def test_rebuilding_keeps_name_and_line():
    x, y = tv.vectors("x y")
    h = tv.sinh(x)
    h.name = "h"
    new = rebuild(h, (y,))
    assert new is tv.sinh(y) and new.name == "h" and new.sites[-1] == h.sites[-1]


def test_graphs_that_differ_only_in_variables_are_equal():
    def square_sum(name: str) -> tv.Graph:
        x, y = tv.vectors(2)
        x.name = name
        return tv.Graph([x, y], [x * x + y])

    assert square_sum("a") == square_sum("b") and hash(square_sum("a")) == hash(square_sum("b"))
    x, y = tv.vectors("x y")
    assert tv.Graph([x, y], [x - y]) != tv.Graph([y, x], [x - y])
    assert tv.Graph([x, y], [x]) != tv.Graph([x], [x])
    assert tv.Graph([x], [x + 1.0]) != tv.Graph([x], [x + 2.0])


def test_graph_is_a_function_of_expressions():
    x, y = tv.vectors("x y")
    assert tv.Graph([x], [tv.exp(x) + 1.0])(y)[0] is tv.exp(y) + 1.0


def test_graph_names_the_input_it_misses():
    x, lost = tv.vectors("x lost")
    with pytest.raises(MissingInputError, match="lost"):
        tv.Graph([x], [x + lost])
