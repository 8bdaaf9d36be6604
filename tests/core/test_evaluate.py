"""The NumPy interpreter: right values, exact dtypes, inputs untouched, failures that name the user's line."""

from __future__ import annotations

import warnings
import weakref

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ArgumentError, BoundsError, DtypeError, MissingInputError, ShapeError
from tensorviz.core.evaluate import as_value, evaluate, step
from tensorviz.core.expr import make
from tensorviz.core.op import OPS, Op
from tensorviz.core.types import TensorType


def test_values_are_those_of_numpy():
    x, w = tv.matrix("x"), tv.fmatrix("w")
    a, b = np.arange(6.0).reshape(2, 3), np.ones((3, 4), "float32")
    out = evaluate([tv.exp(x) @ w, (x > 2).sum(), x.T], {x: a, w: b})
    assert np.array_equal(out[0], np.exp(a) @ b) and out[1] == 3 and np.array_equal(out[2], a.T)
    assert [o.dtype for o in out] == [np.float64, np.int64, np.float64] and all(type(o) is np.ndarray for o in out)


@pytest.mark.parametrize("name", ["bool", "int8", "uint16", "int64", "float16", "float32", "float64", "complex64"])
def test_results_have_exactly_the_dtype_of_their_node(name):
    x = tv.vector("x", dtype=name)
    roots = [x + x, x * 2, x.sum(), x / 2, tv.equal(x, x), -x if name != "bool" else ~x]
    for root, value in zip(roots, evaluate(roots, {x: np.ones(3, name)}), strict=True):
        assert value.dtype == root.dtype


def test_scalars_are_arrays_without_axes():
    assert tv.constant(2.0).eval().shape == () and isinstance(tv.constant(2).eval(), np.ndarray)


def test_infinities_and_nans_come_quietly():
    x = tv.vector("x")
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        found = (tv.log(x) / x).eval({x: [0.0, -1.0, np.inf]})
    assert np.isneginf(found[0]) and np.isnan(found[1]) and np.isnan(found[2])


def test_results_own_their_memory_and_inputs_stay():
    x, a = tv.matrix("x"), np.ones((2, 2))
    first, again, turned, one = evaluate([x, x, x.T, tv.constant([1.0, 2.0])], {x: a})
    for result in (first, again, turned, one):
        result[:] = 7.0
    assert a.tolist() == [[1, 1], [1, 1]] and first is not again
    assert evaluate([tv.constant([1.0, 2.0])])[0].tolist() == [1.0, 2.0]


def test_inner_nodes_can_be_given():
    x = tv.vector("x")
    h = tv.exp(x)
    assert (h + 1.0).eval({h: [1.0, 2.0]}).tolist() == [2.0, 3.0]


@pytest.fixture
def make_op():
    """Ops for one test, forgotten after it."""
    before = dict(OPS)
    yield Op
    for name in set(OPS) - set(before):
        del OPS[name]


def test_values_that_nothing_needs_any_more_are_let_go(make_op):
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def double(x: np.ndarray) -> np.ndarray:
        nonlocal most
        most = max(most, sum(r() is not None for r in alive))
        out = x * 2.0
        alive.append(weakref.ref(out))
        return out

    op = make_op("test_double", "elementwise", lambda t: t, double, "twice x, counted")
    x = e = tv.vector("x")
    for _ in range(50):
        e = make(op, (e,))
    assert e.eval({x: [1.0]}).tolist() == [2.0**50]
    assert len(alive) == 50 and most <= 2


# -- inputs ----------------------------------------------------------------------------------------------------------
def test_missing_input_is_named():
    x, lost = tv.vectors("x lost")
    with pytest.raises(MissingInputError, match="lost: float64"):
        (x + lost).eval({x: [1.0]})


@pytest.mark.parametrize(("variable", "value", "result"), [
    (tv.fvector("v"), [1, 2], "float32"), (tv.dvector("v"), np.array([1, 2], "int32"), "float64"), (tv.zscalar("v"), 1.5,
                                                                                                    "complex128"),
    (tv.bvector("v"), [1, -128], "int8"), (tv.dvector("v"), np.array([1.0, 2.0], ">f8"), "float64"), (tv.fvector("v"), [],
                                                                                                      "float32"),
    (tv.fscalar("v"), 0.1, "float32"), (tv.lscalar("v"), True, "int64"), (tv.fvector("v"), np.array([True]), "float32"),
])
def test_values_convert_where_nothing_is_lost(variable, value, result):
    array = as_value(variable, value)
    assert array.dtype == np.dtype(result) and array.dtype.isnative and np.array_equal(array, np.asarray(value, array.dtype))


@pytest.mark.parametrize(("variable", "value", "error"), [
    (tv.fvector("v"), np.ones(2), DtypeError), (tv.lscalar("v"), 1.5, DtypeError), (tv.bscalar("v"), 300, DtypeError),
    (tv.dvector("v"), np.ones(2, complex), DtypeError), (tv.dvector("v"), ["a"], DtypeError), (tv.dvector("v"), None, DtypeError),
    (tv.dscalar("v"), object(), DtypeError), (tv.dvector("v"), [[1], [2, 3]], DtypeError), (tv.lvector("v"), np.ones(2, "u8"),
                                                                                            DtypeError),
    (tv.dvector("v"), 1.0, ShapeError), (tv.dvector("v"), np.ones((1, 3)), ShapeError), (tv.dvector("v", shape=(3,)), np.ones(4),
                                                                                         ShapeError),
    (tv.dvector("v"), tv.vector("w"), ArgumentError), (tv.row("v"), np.ones((2, 3)), ShapeError),
])
def test_values_that_do_not_fit_are_refused_by_name(variable, value, error):
    with pytest.raises(error, match="v"):
        (variable + variable).eval({variable: value})


def test_eval_takes_a_mapping_of_expressions():
    x = tv.scalar("x")
    for wrong in ([1.0], {"x": 1.0}, 1.0):
        with pytest.raises(ArgumentError, match=r"x\.eval"):
            x.eval(wrong)


# -- failures at run time ----------------------------------------------------------------------------------------------
def test_shapes_that_do_not_broadcast_name_line_operands_and_a_way_out():
    x, y = tv.matrices("x y")
    z = x + y  # the line to blame
    with pytest.raises(ShapeError) as caught:
        z.eval({x: np.ones((3, 4)), y: np.ones((4, 3))})
    message = str(caught.value)
    assert message.startswith("cannot add shapes (3, 4) and (4, 3)\n")
    assert "z = x + y  # the line to blame" in message and "test_evaluate.py, line" in message
    assert "x: float64 (3, 4)" in message and "y: float64 (4, 3)" in message and "hint: transpose one of them" in message
    assert message.count("\n") < 15


def test_index_outside_its_axis_is_a_bounds_error():
    x, i = tv.vector("x"), tv.lscalar("i")
    element = x[i]
    with pytest.raises(BoundsError, match="element = x"):
        element.eval({x: [1.0, 2.0], i: 5})
    with pytest.raises(IndexError):
        element.eval({x: [], i: 0})


def test_products_that_do_not_fit_are_a_shape_error():
    x, y = tv.matrices("x y")
    with pytest.raises(ShapeError, match=r"x: float64 \(2, 3\)"):
        (x @ y).eval({x: np.ones((2, 3)), y: np.ones((2, 3))})


def test_an_op_whose_meaning_breaks_its_type_is_caught(make_op):
    op = make_op("test_liar", "elementwise", lambda t: TensorType(t.dtype, (3,)), lambda x: x, "says three, gives what it gets")
    with pytest.raises(ShapeError, match=r"gave shape \(2,\) where its type says \(3,\)"):
        step(make(op, (tv.vector("x"),)), [np.ones(2)])
