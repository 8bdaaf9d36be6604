"""Errors: what, where in the user's program, with which values, and what to do."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core import errors
from tensorviz.core.errors import DtypeError, MissingInputError, ShapeError, TensorvizError

FAMILY = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", FAMILY, ids=lambda k: k.__name__)
def test_every_error_is_of_the_family_and_pickles(kind):
    error = kind("what happened", at=["x + y    cell 5, line 2"], facts=["x: float64 (3,)"], hint="do this")
    assert isinstance(error, TensorvizError) and kind.__doc__
    assert str(error) == "what happened\n  x + y    cell 5, line 2\n  x: float64 (3,)\n  hint: do this"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == str(error) and again.hint == "do this"


@pytest.mark.parametrize(("ours", "pythons"), [("ShapeError", ValueError), ("DtypeError", TypeError), ("BoundsError", IndexError),
                                               ("ConversionError", TypeError), ("ArgumentError", TypeError), ("ParseError",
                                                                                                              ValueError)])
def test_errors_are_of_pythons_kinds_too(ours, pythons):
    assert issubclass(getattr(errors, ours), pythons)


def test_message_has_at_most_fifteen_lines_and_keeps_its_hint():
    error = ShapeError("what", facts=[f"fact {k}" for k in range(100)], hint="the way out")
    assert len(str(error).splitlines()) == 15 and str(error).endswith("hint: the way out")


def caught(kind, build):
    with pytest.raises(kind) as found:
        build()
    message = str(found.value)
    assert len(message.splitlines()) <= 15
    at = [line for line in message.splitlines() if ".py, line" in line]
    assert at and all("test_errors.py" in line for line in at)      # the user's file, never ours
    return message


def test_static_shapes_that_do_not_broadcast_say_where_they_came_from():
    x = tv.matrix("x", shape=(3, 4))
    message = caught(ShapeError, lambda: x + x.T)
    assert message.startswith("cannot add shapes (3, 4) and (4, 3)")
    assert "caught(ShapeError, lambda: x + x.T)" in message
    assert "x: float64 (3, 4) from test_errors.py" in message and "x.T: float64 (4, 3)" in message


def test_products_of_wrong_lengths_name_the_operands():
    a, b = tv.matrix("a", shape=(3, 4)), tv.matrix("b", shape=(3, 4))
    message = caught(ShapeError, lambda: a @ b)
    assert "a: float64 (3, 4)" in message and "b: float64 (3, 4)" in message


def test_wrong_dtype_names_the_op_and_the_dtypes():
    x = tv.vector("x")
    message = caught(DtypeError, lambda: x & 1)
    assert "bitwise_and" in message and "float64" in message and "x: float64 (N,)" in message


def test_error_inside_a_function_of_ours_cites_the_line_that_called_it():
    x = tv.matrix("x", shape=(3, 4))
    message = caught(ShapeError, lambda: tv.concatenate([x, x.T]))
    assert "tv.concatenate([x, x.T])" in message


def test_missing_input_cites_the_line_that_made_it():
    x = tv.vector("x")
    lost = tv.vector("lost")
    message = caught(MissingInputError, lambda: tv.Graph([x], [x + lost]))
    assert 'lost = tv.vector("lost")' in message


def test_operands_without_a_name_are_shown_as_formulas_or_by_place():
    x, y = tv.vectors("x y")
    short, long = tv.exp(x), tv.sin(x)
    for _ in range(100):
        long = tv.exp(long) + y
    with pytest.raises(ShapeError) as found:
        (short + long).eval({x: [1.0, 2.0], y: [1.0, 2.0], short: [1.0, 2.0, 3.0]})
    assert "exp(x): float64 (3,)" in str(found.value) and "operand 2: float64 (2,)" in str(found.value)


def test_latest_line_that_builds_a_node_is_cited_and_all_are_kept():
    x = tv.vector("x")
    first = tv.arctan(x)
    again = tv.arctan(x)
    assert first is again
    lines = [site[1] for site in first.sites]
    assert len(lines) == 2 and lines[0] == lines[1] + 1


def test_refused_calls_change_nothing():
    x = tv.vector("x", shape=(3,))
    data = np.ones(4)
    before = data.copy()
    for wrong in (lambda: x.eval({x: data}), lambda: x + tv.vector(shape=(4,)), lambda: (x @ x).eval({x: "text"})):
        with pytest.raises(TensorvizError):
            wrong()
    assert np.array_equal(data, before) and (x.sum()).eval({x: [1.0, 2.0, 3.0]}) == 6.0
