"""Formulas and listings: what they look like, and that listings read back exactly."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorviz as tv
from tensorviz.core.errors import ParseError
from tensorviz.core.text import text

HOSTILE = ["x y", 'a"b', "a'b", "*/", "//", "a\nb", "a\x00b", "<script>alert(1)</script>", "</textarea>",
           "\\", "\\n", "{0}", "%s", "#",
           "v0", "return", "input", "‮abc", "é", "λ", "名", "", " ", "x" * 10_000, "\ud800", "$x$", "&amp;"]


def x_y():
    return tv.vectors("x y")


# -- formulas ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("build", "printed"), [
    (lambda x, y: (x + y) * x, "(x + y) * x"),
    (lambda x, y: x + y * x, "x + y * x"),
    (lambda x, y: x - (y - x), "x - (y - x)"),
    (lambda x, y: x - y - x, "x - y - x"),
    (lambda x, y: x / (y * x), "x / (y * x)"),
    (lambda x, y: -x ** 2.0, "-x ** 2.0"),
    (lambda x, y: (-x) ** 2.0, "(-x) ** 2.0"),
    (lambda x, y: (x ** y) ** x, "(x ** y) ** x"),
    (lambda x, y: x ** (y ** x), "x ** y ** x"),
    (lambda x, y: tv.negative(-x), "-(-x)"),
    (lambda x, y: (-1.0) ** x, "(-1.0) ** x"),
    (lambda x, y: (x < y) != (y < x), "(x < y) != (y < x)"),
    (lambda x, y: tv.exp(x + y), "exp(x + y)"),
    (lambda x, y: tv.where(x > 0, x, 0.0), "where(x > 0.0, x, 0.0)"),
    (lambda x, y: x.sum() / x.sum(axis=0, keepdims=True), "sum(x) / sum(x, keepdims=True)"),
    (lambda x, y: x.astype("float32"), "cast(x, float32)"),
    (lambda x, y: x[1:], "x[1:]"),
    (lambda x, y: x[::-1][0], "x[::-1][0]"),
    (lambda x, y: (x + y)[0], "(x + y)[0]"),
    (lambda x, y: x[0].set(2.0), "x[0].set(2.0)"),
    (lambda x, y: x @ y, "x @ y"),
    (lambda x, y: x.reshape((2, 3)), "reshape(x, (2, 3))"),
    (lambda x, y: x.reshape((2, 3)).T, "reshape(x, (2, 3)).T"),
    (lambda x, y: x + np.array([1.0, 2.0]), "x + [1.0, 2.0]"),
    (lambda x, y: x[:7] + np.zeros(7), "x[:7] + [0.0, 0.0, ..., 0.0]"),
])
def test_formula_has_the_parentheses_it_needs(build, printed):
    assert text(build(*x_y())) == printed


def test_two_variables_of_one_name_are_told_apart():
    a, b, c = tv.scalar("x"), tv.scalar("x"), tv.scalar()
    assert text(a + b * a + c) == "x + x#2 * x + v3"


def test_long_formula_names_its_parts_and_writes_shared_ones_once():
    x, y = x_y()
    h = tv.tanh(x * y + 1.0)
    h.name = "h"
    e = h
    for _ in range(4):
        e = e * e + h
    assert text(e) == "\n".join([
        "h = tanh(x * y + 1.0)",
        "t1 = (h * h + h) * (h * h + h) + h",
        "(t1 * t1 + h) * (t1 * t1 + h) + h"])


def test_doubling_does_not_double_the_text():
    x, _ = x_y()
    for _ in range(1000):
        x = x + x
    assert len(text(x)) < 3000 and text(x).count("\n") == 39


def test_depth_limits_what_is_looked_at():
    x, y = x_y()
    assert text(tv.exp(x * y + 1.0) - tv.exp(y), depth=2) == "exp(add_1) - exp(y)"
    assert text(tv.exp(x * y), depth=1, names=lambda e: "n7") == "exp(n7)"
    e = x
    for _ in range(50):
        e = e * e + y
    assert text(e, depth=3) == "(multiply_1 + y) * (multiply_1 + y) + y"


def test_short_text_of_an_expression_is_its_repr():
    x, y = x_y()
    assert repr(x + y) == str(x + y) == "x + y"
    assert (x + y)._repr_mimebundle_()["text/plain"] == "x + y"


# -- listings ------------------------------------------------------------------------------------------------------
def test_listing_is_one_line_a_node():
    x, w = tv.fmatrix("x"), tv.fmatrix("w", )
    h = tv.tanh(x @ w[:, 1:])
    h.name = "h"
    assert str(tv.Graph([x, w], [h.sum(axis=1), h])) == "\n".join([
        'v0: float32 (N, N) = input "x"',
        'v1: float32 (N, N) = input "w"',
        'v2: float32 (N, N) = index(v1, spec=(("slice", None, None, None), ("slice", 1, None, None)))',
        "v3: float32 (N, N) = matmul(v0, v2)",
        'v4: float32 (N, N) = tanh(v3)  # "h"',
        "v5: float32 (N,) = sum(v4, axes=(1,), keepdims=False)",
        "return v5, v4"])


def round_trip(graph: tv.Graph) -> tv.Graph:
    read = tv.parse(str(graph))
    assert read == graph and str(read) == str(graph)
    return read


@pytest.mark.parametrize("value", [
    float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 0.1, 1e300, True, 2**63 - 1, -(2**63), 1j, complex(-0.0,
                                                                                                                float("nan")),
    np.float32(0.1), np.float16(65504), np.float32(1e-45), np.uint64(2**64 - 1), np.array(0x7FF8000000000001, "u8").view("f8"),
    np.array(0xFFC00000, "u4").view("f4"), np.zeros((0, 3)), np.arange(6.0).reshape(2, 3), np.array([[True], [False]]),
    np.array([np.nan, -0.0, np.inf]), np.linspace(0, 1, 100), np.arange(65, dtype="int8"), np.ones((3, 40), "complex64"),
])
def test_constants_come_back_bit_for_bit(value):
    before = tv.constant(value)
    after = round_trip(tv.Graph([], [before])).outputs[0]
    assert after is before


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_back_and_stay_on_their_line(name):
    x = tv.vector(name)
    h = tv.exp(x)
    h.name = name
    graph = tv.Graph([x], [h])
    assert str(graph).count("\n") == 2 and str(graph).isascii()
    read = round_trip(graph)
    assert read.inputs[0].name == read.outputs[0].name == name
    assert "\n" not in text(x + 1.0) and "\x00" not in text(x + 1.0)


def test_graph_of_every_kind_of_op_comes_back():
    x, i = tv.matrix("x", shape=(None, 4)), tv.lvector("i")
    outputs = [x[i], x[1:3, ::-1], x[x > 0], x.T @ x, tv.concatenate([x, x], axis=1), x.reshape((-1, 2)), x.astype("int8"),
               x.argmax(),
               tv.softmax(x), tv.eye(3), tv.arange(4), tv.zeros((x.shape[0], 2)), x[0].set(1.0), x[i].inc(1.0), tv.where(x > 0,
                                                                                                                         x,
                                                                                                                         np.nan),
               x.max(axis=(0, 1), keepdims=True), tv.grad(tv.logsumexp(x), x)]
    round_trip(tv.Graph([x, i], outputs))


def test_graph_keeps_inputs_that_nothing_uses_and_outputs_that_are_inputs():
    x, y = x_y()
    read = round_trip(tv.Graph([y, x], [x, x]))
    assert [v.name for v in read.inputs] == ["y", "x"] and read.outputs[0] is read.outputs[1] is read.inputs[1]
    round_trip(tv.Graph([], []))


@pytest.mark.parametrize(("wrong", "message"), [
    ("", "line 1"),
    ("v0: float64 (N,) = input \"x\"", "ends without"),
    ("v0: float64 (N,) = exp(v1)\nreturn v0", "no v1 above"),
    ("v0: float64 (N,) = input\nv1: float32 (N,) = exp(v0)\nreturn v1", "is float64"),
    ("v0: float64 (N,) = input\nv1: float64 (N,) = nothing(v0)\nreturn v1", "no op 'nothing'"),
    ("v0: float64 (N,) = input\nv0: float64 (N,) = input\nreturn v0", "twice"),
    ("v0: float64 (N,) = input\nv1: float64 (N,) = sum(v0)\nreturn v1", "has the parameters"),
    ("v0: text (N,) = input\nreturn v0", "not a dtype"),
    ("v0: int8 scalar = constant 300\nreturn v0", "line 1"),
    ("v0: int8 scalar = constant 0.5\nreturn v0", "line 1"),
    ("v0: bool scalar = constant 1\nreturn v0", "line 1"),
    ("v0: float64 (3,) = constant [1.0]\nreturn v0", "line 1"),
    ("v0: float64 (99,) = constant packed(\"AAAA\")\nreturn v0", "line 1"),
    ("v0: float64 scalar = constant __import__('os').getcwd()\nreturn v0", "line 1"),
    ("v0: float64 scalar = constant " + "(" * 100_000 + "\nreturn v0", "line 1"),
    ("v0: float64 scalar = constant " + "-" * 100_000 + "1\nreturn v0", "line 1"),
    ("v0: float64 (N,) = variable(uid=1, declared=2)\nreturn v0", "no op"),
    ("return v0", "no v0"),
])
def test_what_is_no_listing_is_refused_with_its_line(wrong, message):
    with pytest.raises(ParseError, match=message):
        tv.parse(wrong)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(noise):
    for listing in (noise, f"v0: float64 (N,) = {noise}\nreturn v0", f"v0: float64 scalar = constant {noise}\nreturn v0"):
        with contextlib.suppress(ParseError):
            assert isinstance(tv.parse(listing), tv.Graph)
