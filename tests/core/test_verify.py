"""verify_grad and numeric_grad: what they find, and what they say."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import Op
from tests.core.cases import draw
from tests.core.test_autodiff import ELEMENTWISE, SMOOTH_COMPLEX, Case, takes

wrong = tv.custom_gradient(lambda x: x * x, lambda g, out, x: B["where"](x > 1.0, 3.0 * g, 2.0 * g * x))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_right_gradients_pass_in_every_precision(dtype: str) -> None:
    tv.verify_grad(lambda x, y: B["tanh"](x @ y) + y[0], [draw((2, 3), dtype, 1), draw((3,), dtype, 2)], rng=np.random.default_rng(1))
    tv.verify_grad(lambda x: x * 3.0, [draw((), dtype, 1)])
    tv.verify_grad(lambda x: x.sum(), [np.zeros((0, 2), dtype)])


@pytest.mark.parametrize("rng", [None, 7, np.random.default_rng(3), np.random.RandomState(3)])
def test_wrong_gradients_are_found_and_named(rng: Any) -> None:
    at = np.array([[0.5, 0.25], [1.75, 0.75]])
    with pytest.raises(tv.GradientError, match=r"with respect to input 1 at \[1, 0\] is .*, differences say") as caught:
        tv.verify_grad(lambda x, y: x + wrong(y), [at, at], rng=rng)
    lines = str(caught.value).splitlines()
    assert "tv.verify_grad(lambda x, y: x + wrong(y)" in lines[1] and "test_verify.py" in lines[1]
    assert "input 1: float64 (2, 2), there 1.75" in lines[2] and "absolute error" in lines[3] and "hint: " in lines[4]


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_gradients_are_verified_as_compiled(mode: str) -> None:
    at = draw((3,), "float64", 1)
    tv.gradient.verify_grad(lambda x: B["softmax"](x), [at], mode=mode)
    with pytest.raises(tv.GradientError):
        tv.verify_grad(lambda x: wrong(x + 5.0), [at], mode=mode)


def test_a_gradient_that_is_nan_is_wrong() -> None:
    with pytest.raises(tv.GradientError, match="is nan"):
        tv.verify_grad(tv.custom_gradient(lambda x: x * x, lambda g, out, x: g * float("nan")), [np.ones(2)])


def test_tolerances_and_steps_may_be_given() -> None:
    slightly = tv.custom_gradient(lambda x: x * x, lambda g, out, x: 2.001 * g * x)
    with pytest.raises(tv.GradientError):
        tv.verify_grad(slightly, [np.ones(2)])
    tv.verify_grad(slightly, [np.ones(2)], rel_tol=1e-2)
    tv.verify_grad(lambda x: x ** 3, [np.ones(2)], eps=1e-3, n_tests=1)
    tv.verify_grad(lambda x: x ** 3, [[1.0, 2.0]], out_type="float32", cast_to_output_type=True)


def test_points_and_results_are_floating_point() -> None:
    with pytest.raises(tv.ArgumentError, match="number 0 is int64"):
        tv.verify_grad(lambda x: x, [[1, 2]])
    with pytest.raises(tv.GradientError, match="floating-point result, not bool"):
        tv.verify_grad(lambda x: x > 0, [[1.0, 2.0]])
    with pytest.raises(tv.ArgumentError, match="floating-point points, not int64"):
        tv.numeric_grad(np.sum, np.arange(3))


def test_numeric_gradients_have_the_form_of_the_point() -> None:
    at = np.array([1.0, 2.0])
    np.testing.assert_allclose(tv.numeric_grad(lambda x: (x**3).sum(), at).gf, 3 * at**2, rtol=1e-10)
    a, b = tv.numeric_grad(lambda x, y: (x * y).sum(), [at, at + 2]).gf
    np.testing.assert_allclose(a, at + 2, rtol=1e-10)
    np.testing.assert_allclose(b, at, rtol=1e-10)
    gap, part = tv.numeric_grad.abs_rel_err(np.array([1.0]), np.array([3.0]))
    assert gap == 2.0 and part == 0.5
    with pytest.raises(tv.ArgumentError, match="1 gradients for 2 points"):
        tv.numeric_grad(lambda x, y: (x * y).sum(), [at, at]).abs_rel_errors([at])


# -- complex ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "complex128") or op.name in ("absolute", "conjugate", "sign")],
                         ids=lambda op: op.name)
def test_elementwise_ops_of_complex_tensors_have_the_gradient_of_the_convention(op: Op) -> None:
    """d/dx - i d/dy of real and imaginary parts with random weights, off the branch cuts, in all quadrants."""
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        at = [signs[0] * draw((3,), "float64", 51 + k, 0.3, 1.0) + 1j * signs[1] * draw((3,), "float64", 61 + k, 0.3, 1.0)
              for k in range(op.numpy.nin)]  # type: ignore[attr-defined]
        tv.verify_grad(B[op.name], at, n_tests=1)


@pytest.mark.parametrize("name", ["real", "imag", "conjugate", "angle", "absolute"])
def test_parts_of_complex_numbers_have_the_gradient_of_the_convention(name: str) -> None:
    tv.verify_grad(B[name], [draw((4,), "complex128", 3, 0.3, 1.0)])
    tv.verify_grad(lambda x: B[name](x * (1 + 2j)), [draw((4,), "float64", 3, 0.3, 1.0)])


@pytest.mark.parametrize("case", [c for c in SMOOTH_COMPLEX if c.shapes and sum(map(np.prod, c.shapes)) < 40], ids=lambda c: c.name)
def test_tensors_of_complex_numbers_have_the_gradient_of_the_convention(case: Case) -> None:
    tv.verify_grad(case.build, [draw(s, "complex128", 11 + k) for k, s in enumerate(case.shapes)], n_tests=1)


def test_the_gradient_of_a_holomorphic_function_is_its_derivative() -> None:
    z = tv.zvector("z")
    at = np.array([1.0 + 2.0j, -0.5j])
    np.testing.assert_allclose(tv.grad(B["real"](z**3).sum(), z).eval({z: at}), 3 * at**2, rtol=1e-14)
    np.testing.assert_allclose(tv.jvp(B["exp"](z), z, np.ones(2, complex)).eval({z: at}), np.exp(at), rtol=1e-14)
    np.testing.assert_allclose(tv.grad((abs(z) ** 2).sum(), z).eval({z: at}), 2 * at.conj(), rtol=1e-14)


def test_going_against_the_conjugate_gradient_goes_down() -> None:
    z = tv.zvector("z")
    cost = (abs(z * z - (1 + 1j)) ** 2).sum()
    f = tv.function([z], [cost, tv.grad(cost, z)])
    at = np.array([1.0 + 2.0j, -0.5j])
    values = []
    for _ in range(60):
        value, g = f(at)
        values.append(float(value))
        at = at - 0.02 * np.conj(g)
    assert values[-1] < 1e-6 * values[0] and all(a > b for a, b in pairwise(values))
