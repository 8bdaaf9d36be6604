"""Functions on an OpenCL device: nests and NumPy steps together, the digits network, errors, and one kernel in two languages."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.program import Foreign
from tensorviz.core.errors import ArgumentError, ShapeError

device = pytest.mark.opencl
Array = np.ndarray[Any, Any]


def draw(*shape: int, dtype: str = "float32", seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(dtype)


def kernel(source: str) -> str:
    """The last kernel of a file, with its comment."""
    at = source.rindex("/* 3 ops in one loop nest")
    return source[at:source.index("\n}\n", at) + 3]


def by_numpy(f: Any) -> list[str]:
    """Ops that run as their NumPy meaning."""
    return [s.node.op.name for s in f._version.program.steps if isinstance(s, Foreign)]


# -- text ----------------------------------------------------------------------------------------------------------------------
def test_one_kernel_reads_in_both_languages_as_in_the_golden_file(golden: Callable[[str, str], None]) -> None:
    x = tv.fmatrix("x", shape=(None, 100))
    y = x / tv.sum(abs(x), axis=1, keepdims=True)
    y.name = "y"
    f = tv.function([x], y, target="numpy")
    golden("one_kernel.txt", kernel(f.source("c")) + "\n" + kernel(f.source("opencl")))


def test_the_text_needs_no_device_and_no_pyopencl() -> None:
    code = ("import sys; sys.modules['pyopencl'] = None; import tensorviz as tv; x = tv.vector('x');"
            "f = tv.function([x], tv.exp(x)); print('get_global_id(0)' in f.source('opencl'))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip() == "True"


def test_without_pyopencl_an_error_says_what_to_install() -> None:
    code = ("import sys; sys.modules['pyopencl'] = None; import tensorviz as tv; x = tv.vector('x')\n"
            "try: tv.function([x], tv.exp(x), target='opencl')\n"
            "except tv.CompileError as error: print(error)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert "pip install tensorviz[opencl]" in found and "pocl-opencl-icd" in found


def test_a_language_that_is_none_is_refused() -> None:
    x = tv.vector("x")
    with pytest.raises(ArgumentError, match="no fortran code"):
        tv.function([x], x + 1, target="numpy").source("fortran")


# -- meaning -------------------------------------------------------------------------------------------------------------------
CASES: dict[str, Callable[..., Any]] = {
    "softmax of rows": lambda x: tv.softmax(x, axis=1),
    "softmax of columns": lambda x: tv.softmax(x, axis=0),
    "softmax of everything": lambda x: tv.softmax(x, axis=None),
    "log_softmax": lambda x: tv.log_softmax(x, axis=-1),
    "logsumexp": lambda x: tv.logsumexp(x, axis=1),
    "mean": lambda x: tv.mean(x, axis=0),
    "mean of everything": tv.mean,
    "var of rows": lambda x: tv.var(x, axis=1),
    "var of everything": tv.var,
    "std": lambda x: tv.std(x, axis=0),
    "layer norm": lambda x: (x - tv.mean(x, axis=1, keepdims=True)) / tv.sqrt(tv.var(x, axis=1, keepdims=True) + 1e-5),
    "transposed": lambda x: tv.exp(x.T) + 1.0,
    "outer": lambda x: x[:, :1] * tv.sum(x, axis=0),
    "gradient": lambda x: tv.grad(tv.sum(tv.tanh(x) ** 2 * tv.softmax(x, axis=1)), x),
}


@device
@pytest.mark.parametrize("name", CASES)
def test_compositions_are_what_numpy_makes_of_them(name: str) -> None:
    x = tv.fmatrix("x")
    y = CASES[name](x)
    f = tv.function([x], y, target="opencl")
    for shape in ((37, 151), (1, 3), (260, 1)):
        value = draw(*shape)
        meant = tv.evaluate([y], {x: value})[0]
        found = f(value)
        assert found.shape == meant.shape and found.dtype == meant.dtype
        np.testing.assert_allclose(found, meant, rtol=2e-5, atol=2e-6 * max(1.0, float(np.abs(meant).max())))


@device
def test_digits_loss_and_gradient_are_what_numpy_makes_of_them() -> None:
    x, y = tv.matrix("x", dtype="float32", shape=(None, 64)), tv.vector("y", dtype="int64")
    W1, W2 = tv.matrix("W1", dtype="float32", shape=(64, 32)), tv.matrix("W2", dtype="float32", shape=(32, 10))
    b1, b2 = tv.vector("b1", dtype="float32", shape=(32,)), tv.vector("b2", dtype="float32", shape=(10,))
    p = tv.softmax(tv.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1)
    target = tv.cast(tv.equal(y[:, None], tv.arange(10)), "float32")
    loss = -tv.mean(tv.sum(target * tv.log(p), axis=1))
    outputs = [loss, *tv.grad(loss, [W1, b1, W2, b2])]
    f = tv.function([x, y, W1, b1, W2, b2], outputs, target="opencl")
    assert set(by_numpy(f)) <= {"matmul", "gemm"}
    values = [draw(64, 64), np.arange(64) % 10, draw(64, 32, seed=1) / 8, draw(32), draw(32, 10, seed=2) / 6, draw(10)]
    for found, meant in zip(f(*values), tv.evaluate(outputs, dict(zip(f.inputs, values, strict=True))), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-4, atol=1e-6)


@cache
def mixed() -> tuple[Any, Any]:
    """A function with NumPy steps between kernels, and all kinds of outputs."""
    x, i = tv.dmatrix("x"), tv.lvector("i")
    e = tv.exp(x)
    picked = e[i]
    outputs = [tv.sum(picked * 2.0, axis=1), e.T, x, tv.length(x, 0) * 2, e + 1.0, tv.constant(np.arange(3.0)), e]
    return tv.function([x, i], outputs, target="opencl"), outputs


@device
def test_what_has_no_kernel_runs_through_numpy_between_kernels() -> None:
    f, outputs = mixed()
    assert by_numpy(f) == ["take"]
    x, i = draw(70, 3, dtype="float64"), np.array([5, 0, 69, 5])
    found = f(x, i)
    for a, b in zip(found, tv.evaluate(outputs, dict(zip(f.inputs, (x, i), strict=True))), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-14)
    assert found[2] is not x and not np.shares_memory(found[2], x)
    assert [k.kind for k in f.trace.kernels].count("python") == 1 and f.trace.codes[0].language == "opencl"


NUMBERS: dict[str, Callable[..., Any]] = {      # views of a whole number that no kernel computes: as results and as arguments
    "a new axis": lambda n, x: tv.expand_dims(n, 0),
    "spread out": lambda n, x: tv.broadcast_to(n, (2, 3)).T,
    "a new axis after a kernel": lambda n, x: [tv.exp(x), tv.expand_dims(n, 0), n],
    "another shape in a kernel": lambda n, x: n.reshape((1,)) * x,
    "another shape under a sum": lambda n, x: tv.sum(n.reshape((1,)) * x),
    "an index of a step of NumPy": lambda n, x: tv.take(tv.exp(x), tv.expand_dims(n, 0) // 4),
    "median": lambda n, x: T.median(x),
    "median of columns": lambda n, x: T.median(x[:, None] * np.arange(1.0, 4.0), 0),
    "quantile": lambda n, x: T.quantile(x, 0.25),
}


@device
@pytest.mark.parametrize("name", NUMBERS)
def test_lengths_are_seen_through_views(name: str) -> None:
    x = tv.dvector("x")
    y = NUMBERS[name](x.shape[0] * 2 + 1, x)
    many = y if isinstance(y, list) else [y]
    f = tv.function([x], many, target="opencl")
    for size in (3, 8, 1):
        value = draw(size, dtype="float64")
        for found, meant in zip(f(value), tv.evaluate(many, {x: value}), strict=True):
            assert found.dtype == meant.dtype and found.shape == meant.shape
            np.testing.assert_allclose(found, meant, rtol=1e-15)


@device
def test_arguments_of_any_layout_are_taken() -> None:
    x = tv.fmatrix("x")
    f = tv.function([x], tv.exp(x) + tv.max(x, axis=1, keepdims=True), target="opencl")
    whole = draw(40, 60)
    for value in (whole.T, whole[::-1, ::2], np.asfortranarray(whole), whole[:0], whole.astype(">f4")):
        np.testing.assert_allclose(f(value), np.exp(value) + value.max(axis=1, keepdims=True), rtol=1e-6)


@device
def test_axes_of_unknown_length_broadcast_and_others_raise() -> None:
    x, y = tv.dmatrix("x"), tv.dmatrix("y")
    f = tv.function([x, y], tv.sum(x * y, axis=1) + 1.0, target="opencl")
    a, b = draw(5, 7, dtype="float64"), draw(5, 1, dtype="float64")
    np.testing.assert_allclose(f(a, b), (a * b).sum(axis=1) + 1.0)
    with pytest.raises(ShapeError):
        f(a, draw(5, 6, dtype="float64"))
    with pytest.raises(ShapeError):
        tv.function([x], tv.max(x, axis=1), target="opencl")(np.ones((2, 0)))


@device
def test_a_result_too_large_for_the_device_raises_before_anything_changes() -> None:
    n = tv.tensor("n", dtype="int64", shape=())
    state = tv.shared(np.float32(1), name="state")
    f = tv.function([n], tv.exp(tv.full((n,), state)), updates={state: state + 1}, target="opencl")
    with pytest.raises(MemoryError):
        f(np.int64(1) << 50)
    assert state.get_value() == 1 and f(np.int64(3)).shape == (3,) and state.get_value() == 2


@device
@pytest.mark.parametrize("axes", ((0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0)), ids=str)
def test_nests_of_four_axes_that_do_not_collapse(axes: tuple[int, ...]) -> None:
    x = tv.tensor("x", dtype="float32", shape=(None,) * 4)
    y = tv.tensor("y", dtype="float32", shape=(None,) * 4)
    z = tv.exp(x.transpose(axes)) * y
    f = tv.function([x, y], [z, tv.sum(z, axis=(0, 2)), tv.argmax(z, axis=1), tv.mean(z)], target="opencl")
    a, b = draw(3, 4, 5, 6), draw(*(range(3, 7)[k] for k in axes))
    for found, meant in zip(f(a, b), tv.evaluate(f.outputs, {x: a, y: b}), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-5)


@device
def test_updates_of_shared_values_and_calls_from_many_threads() -> None:
    state = tv.shared(np.zeros(1000, "float32"), name="state")
    x = tv.fvector("x")
    step = tv.function([x], tv.sum(x), updates={state: state + x}, target="opencl")
    threads = [threading.Thread(target=lambda: [step(np.ones(1000, "float32")) for _ in range(10)]) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (state.get_value() == 40).all()


@device
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_of_fork_computes_through_numpy_and_says_so() -> None:
    code = """if True:
        import os, warnings, numpy as np, tensorviz as tv
        x = tv.vector("x")
        f = tv.function([x], tv.exp(x) + 1.0, target="opencl")
        f([0.0])
        if os.fork() == 0:
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                print(f([0.0]), len(found), "spawn" in str(found[0].message))
            try:
                tv.function([x], tv.exp(x), target="opencl")
            except tv.CompileError as error:
                print("spawn" in str(error), flush=True)
            os._exit(0)
        os.wait()
        print(f([0.0]))
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60).stdout
    assert found.split("\n") == ["[2.] 1 True", "True", "[2.]", ""]


@device
def test_seconds_of_every_step_come_from_the_device() -> None:
    f, _ = mixed()
    run = f.profile.run(draw(70, 3, dtype="float64"), np.array([1, 2]), calls=2)
    assert run.target == "opencl" and len(run.timings) == len(f.trace.kernels)
    assert all(0 < t.median < run.seconds for t in run.timings)


@device
def test_line_maps_name_the_node_that_each_line_computes() -> None:
    x = tv.fvector("x")
    y = tv.exp(x)
    f = tv.function([x], y * y + 1.0, target="opencl")
    program = f._version.program
    assert "\n".join(text for text, _ in program.lines) == program.source
    assert [nodes[0].op.name for text, nodes in program.lines if "exp(" in text and nodes] == ["exp"]
