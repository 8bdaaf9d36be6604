"""Errors of functions: what happened, the user's line, values and types, what to do; and nothing has changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tensorviz as tv

HERE = Path(__file__).name
ONES = np.ones


def caught(kind, call):
    """The message of the error: short, of our family, citing this file and none of ours."""
    with pytest.raises(kind) as found:
        call()
    message = str(found.value)
    assert isinstance(found.value, tv.TensorvizError)
    assert len(message.splitlines()) <= 15 and all(len(line) < 250 for line in message.splitlines())
    places = [line for line in message.splitlines() if ".py, line" in line]
    assert places and all(HERE in line for line in places), message
    return message


@pytest.fixture(params=["c", "numpy"])
def make(request):
    return lambda inputs, outputs, **kw: tv.function(inputs, outputs, target=request.param, **kw)


# -- shapes --------------------------------------------------------------------------------------------------------
def test_shapes_that_cannot_broadcast_when_the_graph_is_built():
    a = tv.matrix("a", shape=(3, 4))
    message = caught(tv.ShapeError, lambda: a + a.T)
    assert "(3, 4) and (4, 3)" in message and "a: float64 (3, 4)" in message and "a.T: float64 (4, 3)" in message
    assert "lambda: a + a.T" in message


def test_shapes_that_cannot_broadcast_when_the_function_is_called(make):
    x, y = tv.matrices("x y")
    total = tv.exp(x) + y       # the line to cite
    f = make([x, y], total)
    message = caught(tv.ShapeError, lambda: f(ONES((3, 4)), ONES((3, 5))))
    assert message.startswith("cannot add shapes (3, 4) and (3, 5)\n")
    assert "total = tv.exp(x) + y       # the line to cite" in message
    assert "exp(x): float64 (3, 4) from" in message and "y: float64 (3, 5) from" in message and "hint: " in message


@pytest.mark.parametrize(("build", "words"), [
    (lambda x, y: x @ y, ["matrices of shapes (3, 4) and (3, 5)", "x: float64 (3, 4)", "y: float64 (3, 5)"]),
    (lambda x, y: tv.concatenate([x, y]),
     ["cannot concatenate shapes (3, 4) and (3, 5) along axis 0", "x: float64 (3, 4)", "y: float64 (3, 5)"]),
    (lambda x, y: tv.stack([x, x, y]), ["cannot stack shapes (3, 4) and (3, 5)", "x: float64 (3, 4)", "y: float64 (3, 5)"]),
    (lambda x, y: tv.stack([x[0], y[0]], axis=1), ["cannot stack shapes (4,) and (5,)", "x[0]: float64 (4,)"]),
    (lambda x, y: x[1].set(y[0]), ["a value of shape (5,) does not fit into a place of shape (4,)", "x: float64 (3, 4)"]),
    (lambda x, y: x[:1].inc(y[0]), ["a value of shape (5,) does not fit into a place of shape (1, 4)", "x: float64 (3, 4)"]),
    (lambda x, y: x[[0, 2]].set(y[:2]), ["a value of shape (2, 5) does not fit into a place of shape (2, 4)", "x: float64 (3, 4)"]),
    (lambda x, y: x[[0, 0]].inc(y[:2]), ["a value of shape (2, 5) does not fit into a place of shape (2, 4)", "x: float64 (3, 4)"]),
    (lambda x, y: x[x > 0].set(y[0]), ["a value of shape (5,) does not fit into a place of shape (12,)", "x: float64 (3, 4)"]),
    (lambda x, y: tv.where(x > 0, x, y), ["where", "(3, 4)", "(3, 5)"]),
    (lambda x, y: x.reshape((7, -1)) + y.sum(), ["cannot reshape (3, 4) to (7, -1)", "12 elements"]),
    (lambda x, y: tv.grad((x * y).sum(), x), ["(3, 4)", "(3, 5)"]),
])
def test_other_shapes_that_do_not_fit_name_the_operands(make, build, words):
    x, y = tv.matrices("x y")
    f = make([x, y], build(x, y))
    message = caught(tv.ShapeError, lambda: f(ONES((3, 4)), ONES((3, 5))))
    assert all(w in message for w in words), message


def test_inputs_of_the_wrong_shape_name_the_variable(make):
    x, y = tv.matrix("x", shape=(3, None)), tv.vector("y")
    f = make([x, y], x * y)
    assert "x has shape (3, N), the value has (4, 5)" in caught(tv.ShapeError, lambda: f(ONES((4, 5)), ONES(5)))
    assert "y has 1 axes, the value has 2: shape (5, 1)" in caught(tv.ShapeError, lambda: f(ONES((3, 5)), ONES((5, 1))))


@pytest.mark.parametrize(("build", "words"), [
    (lambda a, b: tv.stack([a, b]), ["cannot stack shapes (2, 3) and (4,)", "a: float64 (2, 3)", "b: float64 (4,)"]),
    (lambda a, b: tv.stack([a[0], b]), ["cannot stack shapes (3,) and (4,)", "a[0]: float64 (3,)", "b: float64 (4,)"]),
    (lambda a, b: tv.concatenate([a[0], b[:, None]]), ["cannot concatenate tensors of 1 and of 2 axes", "a[0]: float64 (3,)"]),
    (lambda a, b: a[0].set(b), ["a value of shape (4,) does not fit into a place of shape (3,)", "b: float64 (4,)"]),
    (lambda a, b: a.sum((0, 0)), ["an axis occurs twice in (0, 0)", "a.sum((0, 0))"]),
])
def test_shapes_that_do_not_fit_when_the_graph_is_built_name_the_operands(build, words):
    a, b = tv.matrix("a", shape=(2, 3)), tv.vector("b", shape=(4,))
    message = caught(tv.ShapeError, lambda: build(a, b))
    assert all(w in message for w in words), message


@pytest.mark.parametrize(("kind", "use", "words"), [
    (tv.IndexingError, lambda v: v["a"], "an index is made of whole numbers, slices, None, ... and masks, not 'a'"),
    (tv.IndexingError, lambda v: v[0.5], "an index is made of whole numbers or booleans, not float64 scalar"),
    (tv.ConversionError, lambda v: f"{v:.2f}", "no value yet that the format '.2f' could write"),
    (tv.ConversionError, lambda v: float(v), "an expression has no float value yet"),
    (tv.ConversionError, lambda v: v.__setitem__(0, 1.0), "hint: x[i].set(v) or tv.set_subtensor(x[i], v) give the changed tensor"),
    (tv.DtypeError, lambda v: tv.constant(2**70), "1180591620717411303424 does not fit in 64 bits"),
    (tv.DtypeError, lambda v: v.astype("uint8") + 300, "Python number 300 does not fit in uint8"),
    (tv.GradientError, lambda v: tv.grad(v.sum(), 3), "with respect to variables or other expressions, not 3"),
    (tv.GradientError, lambda v: tv.grad(v.sum(), [v, "v"]), "with respect to variables or other expressions, not 'v'"),
    (tv.ArgumentError, lambda v: tv.linspace(0.0, 1.0, v), "linspace takes a whole number of values"),
])
def test_wrong_uses_of_expressions_cite_the_line_that_uses_them(kind, use, words):
    v = tv.vector("v")
    message = caught(kind, lambda: use(v))
    assert words in message and "caught(kind, lambda: use(v))" not in message.splitlines()[0]
    assert "lambda v:" in message, message      # the line of the table above


def test_round_and_format_of_an_expression_are_an_expression_and_its_formula():
    v = tv.vector("v")
    assert round(v) is tv.round(v) and round(v, 2) is tv.round(v, 2) and f"{v + 1.0}" == "v + 1.0"


def test_an_input_whose_values_are_not_needed_says_so():
    v = tv.vector("v")
    message = caught(tv.ArgumentError, lambda: tv.function([v], tv.ones_like(v.max())))
    assert "the outputs don't depend on input v: no values of it are needed" in message and "on_unused_input='ignore'" in message


# -- dtypes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("value", "words"), [
    (ONES(2, complex), ["x is float32, the value is complex128", "real part"]), (ONES(2), ["x is float32, the value is float64", "asarray"]),
    (["a", "b"], ["x is float32", "<U1", "numbers and booleans"]), (None, ["x is float32, the value is None"]),
    (np.array([None, 1]), ["x is float32", "object"]), ([[1.0], [1.0, 2.0]], ["x: cannot make an array of list", "same length"]),
])
def test_wrong_dtypes_name_both(make, value, words):
    x = tv.fvector("x")
    f = make([x], x * 2)
    message = caught(tv.DtypeError, lambda: f(value))
    assert all(w in message for w in words) and 'x = tv.fvector("x")' in message


MASKED = np.ma.array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize("use", [
    lambda x: tv.function([x], x * 2.0)(MASKED), lambda x: tv.function([x], x * 2.0, target="numpy")(MASKED),
    lambda x: tv.function([x], tv.exp(x * 1j))(x=MASKED), lambda x: (x * 2.0).eval({x: MASKED}), lambda x: x + MASKED,
    lambda x: tv.constant(MASKED), lambda x: tv.shared(MASKED), lambda x: tv.shared([1.0, 2.0]).set_value(MASKED),
    lambda x: tv.function([x], x, givens={x: MASKED}), lambda x: tv.shared(MASKED, borrow=True),
])
def test_masked_arrays_are_refused_because_their_mask_would_be_lost(use):
    x = tv.vector("x")
    message = caught(tv.DtypeError, lambda: use(x))
    assert "a masked array is no tensor" in message and ".filled(0.0)" in message


@pytest.mark.parametrize(("dtype", "value", "ok"), [
    ("float32", [1e300], [0.1]), ("float32", [-1e39, 0.0], [float("inf"), float("nan")]), ("float16", [70000], [65504, 0.1]),
    ("int8", [300], [-128, 127]), ("uint8", [-1], [255]),
])
def test_python_numbers_that_do_not_fit_are_refused_others_are_rounded(make, dtype, value, ok):
    x = tv.vector("x", dtype=dtype)
    f, w = make([x], x), tv.shared(np.zeros(len(value), dtype))
    message = caught(tv.DtypeError, lambda: f(value))
    assert f"x is {dtype}, the value {value} does not fit in it" in message
    with pytest.raises(tv.UpdateError, match=f"{dtype}, the new value .* does not fit in it"):
        w.set_value(value)
    np.testing.assert_array_equal(f(ok), np.array(ok, dtype))
    assert w.get_value().tolist() == [0] * len(value)


def test_inputs_of_numpy_steps_are_converted_and_checked_too(make):
    z = tv.vector("z", dtype="complex64")
    f = make([z], tv.exp(z))            # no C for complex numbers
    assert f([0, 0]).dtype == np.complex64
    for value in (ONES(2), ONES(2, complex), ["a"]):
        assert "z is complex64, the value is" in caught(tv.DtypeError, lambda v=value: f(v))
    assert "z has 1 axes, the value has 2" in caught(tv.ShapeError, lambda: f(ONES((2, 2), "complex64")))


# -- arguments -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("call", "words"), [
    (lambda f: f(1.0), "f(x, y) takes 2 arguments, without a value: y"), (lambda f: f(), "without a value: x, y"),
    (lambda f: f(1.0, 2.0, 3.0), "f(x, y) takes 2 arguments, 3 were given"),
    (lambda f: f(1.0, z=2.0), "f(x, y) has no argument 'z'"), (lambda f: f(1.0, x=2.0), "f(x, y) got two values for 'x'"),
])
def test_wrong_arguments_are_named_with_the_line_that_calls(make, call, words):
    x, y = tv.scalars("x y")
    f = make([x, y], x + y, name="f")
    message = caught(tv.ArgumentError, lambda: call(f))
    assert words in message and "lambda f: f(" in message


def test_a_name_that_two_inputs_have_is_no_keyword(make):
    x, y, z = tv.scalar("same"), tv.scalar("same"), tv.scalar("z")
    f = make([x, y, z], x - y + z)
    assert f(3.0, 1.0, z=1.0) == f(3.0, 1.0, 1.0) == 3.0
    for call in (lambda: f(same=1.0), lambda: f(1.0, same=2.0), lambda: f(1.0, 2.0, same=3.0)):
        message = caught(tv.ArgumentError, call)
        assert "has several arguments named 'same'" in message and "by position" in message


def test_an_expression_is_no_value(make):
    x = tv.scalar("x")
    f = make([x], x + 1.0)
    assert "x needs a value, not an expression" in caught(tv.ArgumentError, lambda: f(x * 2.0))


@pytest.mark.parametrize(("call", "words"), [
    (lambda x, y, w: tv.function([x], x + y), "the graph needs y, which is not among the inputs"),
    (lambda x, y, w: tv.function([x, y], x * 2.0), "the outputs don't depend on input y"),
    (lambda x, y, w: tv.function([x, x], x), "x is listed twice"), (lambda x, y, w: tv.function(x, x), "inputs are given as a list"),
    (lambda x, y, w: tv.function([x + y], x), "an input must be a variable"), (lambda x, y, w: tv.function([w], w), "not a shared variable"),
    (lambda x, y, w: tv.function([], None, updates={x: x}), "only shared variables can be updated, not x"),
    (lambda x, y, w: tv.function([], None, updates=[(w, w), (w, w)]), "w is updated twice"),
    (lambda x, y, w: tv.function([], None, updates=[w]), "updates is a mapping or a list of pairs"),
    (lambda x, y, w: tv.function([x], x, mode="FAST"), "there is no mode 'FAST'"),
    (lambda x, y, w: tv.Mode().without("log_of_one_pls"), "there is no rule 'log_of_one_pls' to leave out"),
    (lambda x, y, w: tv.function([x], x, target="fpga"), "there is no target 'fpga'"),
    (lambda x, y, w: tv.function([x], x, givens={3: x}), "givens replaces expressions, not 3"),
])
def test_what_cannot_be_compiled_is_refused_at_once(call, words):
    x, y = tv.vectors("x y")
    w = tv.shared(ONES(3), name="w")
    with pytest.raises((tv.ArgumentError, tv.MissingInputError)):
        call(x, y, w)
    assert words in caught(tv.TensorvizError, lambda: call(x, y, w))


def test_cost_of_a_gradient_must_be_a_scalar():
    x = tv.vector("x")
    message = caught(tv.GradientError, lambda: tv.grad(x * 2.0, x))
    assert "float64 (N,)" in message and "tv.sum" in message


# -- updates -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("new", "words"), [
    (lambda w: (w * 2).astype("float32"), ["update of w is float32 (3,), it must be float64 (3,)", ".astype('float64')"]),
    (lambda w: w.sum(), ["update of w is float64 scalar"]), (lambda w: tv.ones((4,)), ["update of w is float64 (4,)"]),
    (lambda w: w + 1j, ["update of w is complex128 (3,)"]), (lambda w: 1.0, ["update of w is float64 scalar"]),
])
def test_updates_of_another_type_name_both_types(new, words):
    w = tv.shared(ONES(3), name="w")
    message = caught(tv.UpdateError, lambda: tv.function([], None, updates={w: new(w)}))
    assert all(word in message for word in words) and "w: float64 (3,) from " + HERE in message


def test_an_update_whose_length_shows_at_run_time_names_the_variable_and_the_new_shape(make):
    x, w, n = tv.vector("x"), tv.shared(ONES(3), name="w"), tv.shared(0, name="n")
    f = make([x], None, updates={n: n + 1, w: x * 2.0})
    message = caught(tv.ShapeError, lambda: f(ONES(4)))
    assert "the update of w has shape (4,), it must be (3,)" in message
    assert n.get_value() == 0 and w.get_value().tolist() == [1.0] * 3


# -- indices, sizes --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("build", "index"), [(lambda v, i, k: v[i], (3, [0])), (lambda v, i, k: v[k], (0, [0, 3])), (lambda v, i, k: v[k], (0, [-4])),
                                              (lambda v, i, k: tv.set_subtensor(v[i], 1.0), (-4, [0])),
                                              (lambda v, i, k: tv.inc_subtensor(v[k], 1.0), (0, [7]))])
def test_indices_out_of_bounds_name_index_axis_and_length(make, build, index):
    v, i, k = tv.vector("v"), tv.lscalar("i"), tv.lvector("k")
    f = make([v, i, k], build(v, i, k), on_unused_input="ignore")
    message = caught(tv.BoundsError, lambda: f(ONES(3), *index))
    assert str(index[0] or index[1][-1]) in message and "axis 0" in message and "3" in message and "v: float64 (3,)" in message


@pytest.mark.parametrize(("length", "size"), [(2**20, "1048576, 1048576"), (2**31, "2147483648, 2147483648"), (2**40, "1099511627776")])
def test_sizes_beyond_memory_are_named(make, length, size):
    n = tv.lscalar("n")
    f = make([n], tv.zeros((n, n)) + 1.0)
    assert size in caught(tv.SizeError, lambda: f(length))
    assert f(2).tolist() == [[1.0, 1.0]] * 2


@pytest.mark.parametrize("length", [2**60, 2**59, 2**45, 2**62])
def test_a_result_too_large_for_memory_is_a_size_error_that_names_it(make, length):
    n = tv.lscalar("n")
    message = caught(tv.SizeError, lambda: make([n], tv.zeros((n,)))(length))
    assert str(length) in message and "cannot broadcast" not in message
    assert str(length) in caught(tv.SizeError, lambda: tv.zeros((n,)).eval({n: length}))


def test_whole_numbers_to_negative_powers_are_refused_in_numpys_words(make):
    i, k = tv.lvectors("i k")
    f, g, h = make([i], i ** -1), make([i], i ** i), make([i, k], i ** k)
    for call in (lambda: f([1, 2]), lambda: g([1, -2]), lambda: h([1, 2], [-1, 1]), lambda: (i ** -1).eval({i: [1]})):
        message = caught(tv.DomainError, call)
        assert "Integers to negative integer powers are not allowed." in message and "i: int64" in message
        assert "broadcast" not in message and isinstance(tv.DomainError("what"), ValueError)
    assert "cannot broadcast shapes (2,) and (3,)" in caught(tv.ShapeError, lambda: h([1, 2], [1, 2, 3]))


def test_negative_lengths_are_refused(make):
    n = tv.lscalar("n")
    assert "negative: (-1,)" in caught(tv.ShapeError, lambda: make([n], tv.zeros((n,)))(-1))


def test_arguments_are_never_changed_by_a_call_that_fails(make):
    x, y = tv.vectors("x y")
    f = make([x, y], [tv.exp(x), x + y])
    a, b = np.arange(3.0), np.arange(4.0)
    caught(tv.ShapeError, lambda: f(a, b))
    assert a.tolist() == [0.0, 1.0, 2.0] and b.tolist() == [0.0, 1.0, 2.0, 3.0]
