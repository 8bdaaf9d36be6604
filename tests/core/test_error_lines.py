"""Errors of all builders: whatever a user gives, the error is ours, says what is wrong, and names the user's line."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

HERE = Path(__file__).name
x, i, n, m = tv.vector("x"), tv.lvector("i"), tv.scalar("n"), tv.matrix("m")
w = tv.shared(1.0, name="w")
v = np.zeros(3)
f = tv.function([x], x * 2.0, target="numpy")
cost = x.sum()


def added_in_place():
    value = v
    value += x


BAD = [
    # dtypes and names
    lambda: x.astype("nope"), lambda: x.astype([]), lambda: x.astype(None), lambda: tv.vector("x", dtype="nope"),
    lambda: tv.vector("x", dtype=[1]), lambda: tv.tensor("x", dtype=3), lambda: tv.tensor("x", dtype="datetime64[s]"),
    lambda: tv.tensor("x", dtype=object), lambda: tv.vector(3), lambda: tv.vectors(3.5), lambda: tv.vectors("x", 4),
    lambda: setattr(x, "name", 3), lambda: tv.constant(1.0, name=3), lambda: tv.dvector("x", dtype="int8"),
    # shapes of variables
    lambda: tv.matrix("m", shape=(3,)), lambda: tv.vector("x", shape="ab"), lambda: tv.vector("x", shape=("a",)),
    lambda: tv.tensor("x", shape=3.5), lambda: tv.tensor("x", shape=(-1,)), lambda: tv.tensor("x", shape=(1.5,)),
    lambda: tv.vector("x", shape=3.5), lambda: tv.vector("x", shape=object()), lambda: tv.tensor("x", shape=None),
    lambda: tv.row("r", shape=(2, 3)), lambda: tv.TensorType("float64", 2.5),
    # values
    lambda: tv.constant("a"), lambda: tv.constant(None), lambda: tv.constant(1.0, dtype="nope"), lambda: tv.exp("a"),
    lambda: tv.exp(None), lambda: x + "a", lambda: x + None, lambda: x + object(), lambda: x + [[1.0], [1.0, 2.0]],
    lambda: x & 1, lambda: tv.clip(x, "a", 1), lambda: tv.arange("a"), lambda: tv.zeros("a"), lambda: tv.zeros((2.5,)),
    lambda: tv.eye("a"), lambda: i + 2**70, lambda: x + np.ma.masked_array([1.0], [True]),
    # Python and NumPy
    lambda: float(n), lambda: int(n), lambda: complex(n), lambda: bool(x), lambda: len(x), lambda: list(x), lambda: range(n),
    lambda: np.asarray(x), lambda: 3 in x, lambda: f"{x:.2f}", lambda: x.__setitem__(0, 1), lambda: np.add(x, 1, out=np.zeros(3)),
    added_in_place, lambda: np.exp(x, where=v > 0), lambda: np.linalg.eig(m), lambda: np.add.at(x, 0, 1), lambda: np.fill_diagonal(m, 1),
    lambda: np.sum(x, initial="a"), lambda: np.frompyfunc(len, 1, 1)(x),
    # shapes, axes, subscripts
    lambda: x.sum(axis="a"), lambda: x.sum(axis=3), lambda: x.sum(axis=1.5), lambda: x.reshape("ab"), lambda: x.reshape((2.5,)),
    lambda: x.reshape(-2), lambda: x.transpose(3), lambda: x["a"], lambda: x[1.5], lambda: x[None, 0, 0], lambda: x[..., ...],
    lambda: tv.concatenate(3), lambda: tv.concatenate([]), lambda: tv.concatenate([n]), lambda: tv.stack([]),
    lambda: tv.take(x, "a"), lambda: tv.take(x, 1.5), lambda: tv.split(x, "a"), lambda: tv.squeeze(x, 3), lambda: tv.expand_dims(x, 5),
    lambda: tv.repeat(x, "a"), lambda: tv.tile(x, "a"), lambda: tv.roll(x, "a"), lambda: tv.pad(x, "a"),
    lambda: tv.pad(x, 1, mode="nope"), lambda: tv.sort(x, axis=3), lambda: tv.cumsum(x, axis=3), lambda: tv.argmax(x, axis=3),
    lambda: tv.einsum("ij", x), lambda: tv.matmul(x, 3), lambda: tv.dot(x, "a"), lambda: tv.softmax(x, axis=4),
    lambda: T.median(x, "a"), lambda: T.quantile(x, "a"), lambda: T.quantile(x, [2.0]), lambda: T.nn.conv2d(x, x),
    # shared variables
    lambda: tv.shared("a"), lambda: tv.shared(None), lambda: tv.shared(object()), lambda: tv.shared([[1], [1, 2]]),
    lambda: tv.shared({1: 2}), lambda: tv.shared(x), lambda: tv.shared(1.0, name=3), lambda: tv.shared(1.0, shape=3),
    lambda: tv.shared(1.0, shape="ab"), lambda: tv.shared([1.0], shape=("a",)), lambda: tv.shared([1.0], shape=(-1,)),
    lambda: tv.shared([1.0], shape=2.5), lambda: tv.shared(1.0, dtype=3), lambda: tv.shared(1.0, dtype="nope"),
    lambda: tv.shared(1.0, dtype=object()), lambda: tv.shared(1j, dtype="float64"), lambda: tv.shared([300], dtype="int8"),
    lambda: tv.shared(np.nan, dtype="int32"), lambda: w.set_value("a"), lambda: w.set_value([1.0]), lambda: w.set_value(1j),
    lambda: w.set_value(x), lambda: x.set_value(3), lambda: x.get_value(),
    # functions
    lambda: tv.function(["x"], x), lambda: tv.function(3, x), lambda: tv.function(None, x), lambda: tv.function(x, x),
    lambda: tv.function([x, x], x), lambda: tv.function([w], w), lambda: tv.function([x], "abc"), lambda: tv.function([x], object()),
    lambda: tv.function([x], {"a": x}), lambda: tv.function([x], x + m), lambda: tv.function([x, m], x),
    lambda: tv.function([x], x, name=3), lambda: tv.function([x], x, name=x), lambda: tv.function([x], x, mode=3),
    lambda: tv.function([x], x, mode="no"), lambda: tv.function([x], x, mode=tv.Mode(target="fpga")),
    lambda: tv.function([x], x, target=3), lambda: tv.function([x], x, target=["c"]), lambda: tv.function([x], x, target="no"),
    lambda: tv.function([x], x, updates=3), lambda: tv.function([x], x, updates="ab"), lambda: tv.function([x], x, updates=w),
    lambda: tv.function([x], x, updates={3: 4}), lambda: tv.function([x], x, updates=[x]), lambda: tv.function([x], x, updates={x: x}),
    lambda: tv.function([x], x, updates={w: x}), lambda: tv.function([x], x, updates={w: "a"}),
    lambda: tv.function([x], x, updates=[(w, 1.0), (w, 2.0)]), lambda: tv.function([x], x, givens=3),
    lambda: tv.function([x], x, givens=[3]), lambda: tv.function([x], x, givens={3: x}), lambda: tv.function([x], x, givens="ab"),
    lambda: tv.function([x], x, givens={x: m}), lambda: tv.function([x], x, on_unused_input=3),
    lambda: tv.function([x], x, on_unused_input=None), lambda: tv.function([x], x, on_unused_input=[1]),
    lambda: f(), lambda: f(1, 2), lambda: f("a"), lambda: f(y=3), lambda: f(None), lambda: f([[1.0]]), lambda: f([1j]),
    lambda: f.source("fortran"), lambda: f.copy(swap=3), lambda: f.copy(name=3), lambda: f.copy(swap={x: x}),
    # gradients
    lambda: tv.grad(3, x), lambda: tv.grad("a", x), lambda: tv.grad(None, x), lambda: tv.grad(x, x), lambda: tv.grad(cost, 3),
    lambda: tv.grad(cost, None), lambda: tv.grad(cost, "x"), lambda: tv.grad(cost, [3]), lambda: tv.grad(cost, i), lambda: tv.grad(cost, m),
    lambda: tv.grad(cost, x, consider_constant=3), lambda: tv.grad(cost, x, consider_constant=[3]),
    lambda: tv.grad(cost, x, disconnected_inputs=3), lambda: tv.grad(cost, x, known_grads=3),
    lambda: tv.grad(cost, x, known_grads={3: 4}), lambda: tv.grad(cost, x, known_grads={x: "a"}),
    lambda: tv.grad(cost, x, return_disconnected=3), lambda: tv.grad(cost, x, null_gradients=3),
    lambda: tv.jvp(3, 4, 5), lambda: tv.Rop(x, x, 3), lambda: tv.Lop(x, 3, x), lambda: tv.jacobian(x, 3), lambda: tv.hessian(x, x),
    lambda: tv.vmap(3),
    # values now, graphs, text
    lambda: tv.evaluate(x), lambda: tv.evaluate(3), lambda: tv.evaluate(None), lambda: tv.evaluate([3]), lambda: tv.evaluate(["x"]),
    lambda: tv.evaluate([x]), lambda: tv.evaluate([x], 3), lambda: tv.evaluate([x], [1.0]), lambda: tv.evaluate([x], {"x": 3}),
    lambda: tv.evaluate([x], {3: 1}), lambda: tv.evaluate([x], {x: "a"}), lambda: tv.evaluate([x], {x: None}),
    lambda: x.eval(3), lambda: x.eval({"x": 1}), lambda: tv.Graph(3, [x]), lambda: tv.Graph([3], [x]), lambda: tv.Graph([x], 3),
    lambda: tv.Graph([x], ["a"]), lambda: tv.Graph(x, x), lambda: tv.Graph([], [x]), lambda: tv.parse(3), lambda: tv.parse("x +"),
    lambda: tv.parse(""), lambda: tv.explore(3),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda c: f"{c.__code__.co_firstlineno}")
def test_every_error_is_ours_and_names_the_users_line(bad):
    with pytest.raises(tv.TensorvizError) as found:
        bad()
    places = [line for line in str(found.value).splitlines() if ".py, line" in line or "<string>" in line]
    assert places and all(HERE in line for line in places), found.value
    assert len(str(found.value).splitlines()) <= 15


def test_an_error_that_is_sent_to_another_process_keeps_its_line():
    with pytest.raises(tv.DtypeError) as found:
        x.astype("nope")
    code = "import sys, pickle; print(pickle.loads(sys.stdin.buffer.read()))"
    out = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(found.value), capture_output=True, check=True)
    assert out.stdout.decode().strip() == str(found.value) and HERE in str(found.value)


def test_code_given_as_text_is_the_users():
    code = "import tensorviz as tv\ntry: tv.tensor('x', shape=(-1,))\nexcept tv.ShapeError as error: print(error)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "<string>, line 2" in out.stdout


def test_errors_of_the_machine_name_no_line():
    assert HERE not in str(tv.CompileError("there is no compiler")) and HERE in str(tv.ShapeError("it does not fit"))


def test_a_shape_below_zero_is_blamed_and_not_the_index() -> None:
    for build in (lambda: T.unravel_index(i, (2, -3)), lambda: T.ravel_multi_index((i, i), (2, -3))):
        with pytest.raises(tv.ShapeError, match=r"none of them below 0, not \(2, -3\)") as caught:
            build()
        assert "lambda: T." in str(caught.value)


def test_keys_of_unknown_number_cite_the_call() -> None:
    with pytest.raises(tv.ShapeError, match="how many keys") as caught:
        T.lexsort(m)
    assert "T.lexsort(m)" in str(caught.value).splitlines()[1]
    assert T.lexsort(tv.specify_shape(m, (2, None))).eval({m: [[2.0, 1.0], [3.0, 3.0]]}).tolist() == [1, 0]
