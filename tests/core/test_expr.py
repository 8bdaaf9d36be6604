"""Nodes: interning, identity, and what Python may ask of an expression."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import ArgumentError, ConversionError, DtypeError, ShapeError
from tensorviz.core.expr import value_of


# -- interning -----------------------------------------------------------------------------------------------------
def test_equal_expressions_are_one_object():
    x, y = tv.vectors("x y")
    assert tv.exp(x + y) is tv.exp(x + y)
    assert tv.sum(x, axis=0) is x.sum(0)
    assert (x + y) is not (y + x)


def test_variables_of_one_name_are_two():
    assert tv.vector("x") is not tv.vector("x")


@pytest.mark.parametrize(("a", "b"), [
    (True, 1), (1, 1.0), (0.0, -0.0), (np.float32(1), np.float64(1)), (np.int32(1), np.int64(1)), (1.0, 1 + 0j),
    (np.zeros(2), np.zeros((2, 1))), (np.array([0.0]), np.array([-0.0])), (float("inf"), float("-inf")),
])
def test_constants_that_differ_in_dtype_shape_or_bits_are_two(a, b):
    assert tv.constant(a) is not tv.constant(b)


@pytest.mark.parametrize("value", [True, 3, 0.1, -0.0, float("nan"), float("inf"), 1j, np.float16(0.1), np.arange(5),
                                   np.ones((3, 0))])
def test_equal_constants_are_one(value):
    assert tv.constant(value) is tv.constant(copy.copy(value))


def test_nans_of_different_bits_are_two_constants():
    other = np.array(0x7FF8000000000001, "u8").view("f8")
    assert tv.constant(float("nan")) is not tv.constant(other)


def test_large_arrays_are_constants_of_their_own():
    big = np.zeros(1 << 18)
    assert tv.constant(big) is not tv.constant(big)


def test_a_constant_keeps_its_value_when_the_array_changes():
    a = np.ones(3)
    c = tv.constant(a)
    a[:] = 7.0
    assert value_of(c).tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        value_of(c)[0] = 2.0


def test_threads_get_the_same_nodes():
    x = tv.vector("x")
    found: list[list[object]] = [[] for _ in range(8)]
    start = threading.Barrier(8)

    def build(mine: list[object]) -> None:
        start.wait()
        e = x
        for k in range(500):
            e = tv.tanh(e) * float(k)
            mine.append(e)

    threads = [threading.Thread(target=build, args=(mine,)) for mine in found]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(len(f) == 500 and all(a is b for a, b in zip(f, found[0], strict=True)) for f in found)


def test_nodes_that_nobody_holds_are_forgotten():
    from tensorviz.core.expr import _table

    x = tv.vector("x")
    e = tv.sin(x + 0.123456789)
    before = len(_table)
    del e
    assert len(_table) < before


# -- truth, values, lengths ------------------------------------------------------------------------------------------
def test_equality_builds_a_node_whose_truth_is_identity():
    x, y = tv.vectors("x y")
    assert (x == y).op.name == "equal"
    assert bool(x == x) and not bool(x == y)


def test_lists_and_dictionaries_of_expressions_work():
    x, y, short, long = *tv.vectors("x y"), tv.vector("s", shape=(3,)), tv.vector("l", shape=(4,))
    assert [x, y].index(y) == 1 and y in [x, y] and y not in [x]
    assert long in [short, long] and [short, long].index(long) == 1
    assert {x: 1, y: 2, short: 3, long: 4}[long] == 4


def test_shapes_that_never_meet_compare_false_and_fail_in_any_other_use():
    apart = tv.vector(shape=(3,)) == tv.vector(shape=(4,))
    assert not apart
    assert tv.vector(shape=(3,)) != tv.vector(shape=(4,))
    for use in (lambda: apart + 1, lambda: apart.sum(), lambda: tv.exp(apart), lambda: np.exp(apart), lambda: len(apart),
                lambda: apart[0]):
        with pytest.raises(ShapeError, match="broadcast"):
            use()


@pytest.mark.parametrize("other", [None, "x", b"x", int, len, {}])
def test_an_expression_is_not_equal_to_what_is_no_tensor(other):
    x = tv.vector("x")
    assert (x == other) is False
    assert (x != other) is True


@pytest.mark.parametrize("ask", [
    lambda x: bool(x > 0), lambda x: bool(x == 1.0), lambda x: bool(x), float, int, complex, np.asarray, np.array,
    lambda x: np.array([x, 1.0]),
    lambda x: [1, 2][x], lambda x: 1 if x > 0 else 2,
])
def test_asking_for_a_value_raises_and_says_what_to_do(ask):
    with pytest.raises(ConversionError, match="hint:"):
        ask(tv.scalar("x"))


def test_length_and_iteration_need_a_known_length():
    assert len(tv.matrix(shape=(2, None))) == 2
    assert [e.type.shape for e in tv.matrix(shape=(2, 5))] == [(5,), (5,)]
    for ask in (len, iter, list):
        with pytest.raises(ConversionError, match="known only at run time"):
            ask(tv.vector("x"))
    with pytest.raises(ConversionError, match="no length"):
        len(tv.scalar("x"))


def test_items_are_not_assigned():
    x = tv.vector("x")
    with pytest.raises(ConversionError, match="set_subtensor"):
        x[0] = 1.0


def test_expressions_are_not_made_by_their_class():
    with pytest.raises(ArgumentError, match="builders"):
        tv.Expr("add")


@pytest.mark.parametrize("value", ["text", None, object(), {}, [object()], np.array(["a"]), np.array("2020", "M8[D]")])
def test_what_holds_no_numbers_is_no_tensor(value):
    with pytest.raises(DtypeError):
        tv.exp(value)


def test_copies_are_the_same_node():
    e = tv.exp(tv.vector("x"))
    assert copy.copy(e) is e and copy.deepcopy(e) is e and copy.deepcopy([e])[0] is e


def test_naming_an_inner_node_labels_the_shared_node():
    x = tv.vector("x")
    h = tv.tanh(x)
    h.name = "hidden"
    assert tv.tanh(x).name == "hidden"
    with pytest.raises(ArgumentError):
        h.name = 3


# -- constructors of variables ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("letter", "dtype"), [("b", "int8"), ("w", "int16"), ("i", "int32"), ("l", "int64"), ("f", "float32"),
                                               ("d", "float64"), ("c", "complex64"), ("z", "complex128"), ("", "float64")])
@pytest.mark.parametrize(("form", "shape"), [("scalar", ()), ("vector", (None,)), ("matrix", (None, None)), ("row", (1, None)),
                                             ("col", (None, 1)), ("tensor3", (None,) * 3), ("tensor7", (None,) * 7)])
def test_constructor_makes_its_dtype_and_rank(letter, dtype, form, shape):
    x = getattr(tv, letter + form)("x")
    assert (x.name, str(x.dtype), x.type.shape) == ("x", dtype, shape)
    many = getattr(tv, letter + {"matrix": "matrices"}.get(form, form + "s"))
    assert [(v.name, v.type) for v in many("a b")] == [("a", x.type), ("b", x.type)] == [(v.name, v.type) for v in many("a", "b")]
    assert getattr(tv, letter + form).__name__ == letter + form


def test_variables_take_floatx_a_dtype_and_a_shape(monkeypatch):
    assert str(tv.vector("x", dtype="int8").dtype) == "int8"
    assert tv.matrix("x", shape=(3, None)).type.shape == (3, None)
    assert tv.tensor("x", dtype="float32", shape=(2, None)).type == tv.TensorType("float32", (2, None))
    monkeypatch.setattr(tv.config, "floatX", "float32")
    assert str(tv.vector("x").dtype) == "float32" == str(tv.tensor("x").dtype)


@pytest.mark.parametrize("wrong", [
    lambda: tv.vector("x", shape=(2, 3)), lambda: tv.row("x", shape=(2, 3)), lambda: tv.tensor("x", shape=(-1,)),
    lambda: tv.fvector("x", dtype="float64"), lambda: tv.vector(3), lambda: tv.vectors(1, 2), lambda: tv.vector("x",
                                               dtype="text"),
    lambda: tv.tensor("x", shape=None),
])
def test_wrong_variables_are_refused(wrong):
    with pytest.raises((ShapeError, ArgumentError, DtypeError)):
        wrong()


def test_every_builder_is_in_the_namespace_under_its_name():
    from tensorviz import tensor
    from tensorviz.core.op import BUILDERS

    inner = {"eval", "get_value", "set_value", "getitem", "broadcast_length", "prod_others", "sum_to", "gemm", "betainc_da",
             "gammainc_da", "kth_smallest", "order_rows", "pool_sum_back", "frexp_mantissa", "frexp_exponent", "signal_convolve",
             "signal_correlate", "gradient", "unfold", "fold", "softplus", "sine_integral", "cosine_integral", "fresnel_s", "fresnel_c",
             "airy_ai", "airy_aip", "airy_bi", "airy_bip", "lambertw_0", "lambertw_m1", "wofz_real", "wofz_imag",
             "jvp", "zeta"}                                       # special.jvp is not in __all__, as tv.jvp is forward mode; special.zeta is Riemann's too
    public = {name for name in BUILDERS if not name.startswith("_")} - inner
    homes = [tensor, tensor.special, tensor.nn, tensor.nnet, tensor.signal, tensor.fft]
    homeless = {name for name in public if not any(
        getattr(home, name, None) is BUILDERS[name] and name in home.__all__ for home in homes)}
    assert homeless == set()
    assert set(tensor.__all__) <= set(tv.__all__)
    assert tensor.gradient is BUILDERS["gradient"]          # not in __all__: `tv.gradient` is the module


def test_other_spellings_are_the_same_functions():
    from tensorviz.core.op import BUILDERS
    from tensorviz.tensor import aliases

    spelled = {
        "absolute": "abs abs_", "add": "plus", "subtract": "sub", "multiply": "mul", "negative": "neg", "sign": "sgn",
        "square": "sqr", "reciprocal": "inv", "true_divide": "divide true_div", "floor_divide": "int_div floor_div",
        "remainder": "mod", "power": "pow", "equal": "eq", "not_equal": "neq", "less": "lt", "less_equal": "le",
        "greater": "gt", "greater_equal": "ge", "bitwise_and": "and_", "bitwise_or": "or_", "bitwise_xor": "xor",
        "invert": "bitwise_not bitwise_invert", "left_shift": "bitwise_left_shift", "right_shift": "bitwise_right_shift",
        "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
        "arctanh": "atanh", "where": "switch", "positive": "tensor_copy", "rint": "round_half_to_even", "round": "around",
        "sigmoid": "expit", "softplus": "log1pexp", "log_softmax": "logsoftmax", "max": "amax", "min": "amin",
        "conjugate": "conj", "concatenate": "concat", "transpose": "permute_dims", "zero_grad": "consider_constant", "fill": "second", "vstack": "row_stack",
    }
    found = {alias: name for name, others in spelled.items() for alias in others.split()}
    assert {alias for alias, name in found.items() if getattr(tv, alias) is not BUILDERS[name]} == set()
    classes = {"Constant", "TensorConstant", "TensorVariable", "Variable"}
    assert {getattr(tv, name) for name in classes} == {tv.Expr}
    assert set(aliases.__all__) - set(found) - classes == {"as_tensor", "as_tensor_variable", "get_scalar_constant_value", "stacklists", "asanyarray",
                                                             "get_underlying_scalar_constant_value", "to_one_hot", "ascontiguousarray",
                                                             "asfortranarray"}
    x, y = tv.vectors("x y")
    assert tv.stacklists([[x, y], [y, x]]) is tv.stack([tv.stack([x, y]), tv.stack([y, x])])


def test_the_tensor_package_makes_variables_when_called():
    import tensorviz.tensor as T

    assert tv.tensor is T
    assert T.tensor("x", "int8", (3,)).type == tv.tensor("x", "int8", (3,)).type


def test_a_wrong_setting_in_the_environment_is_told_and_left_out() -> None:
    code = "import tensorviz as tv; print(tv.config.floatX)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"TENSORVIZ_FLAGS": "floatX=float32,mode=FAST"})
    assert done.stdout == "float32\n" and "TENSORVIZ_FLAGS: there is no setting 'mode'" in done.stderr
