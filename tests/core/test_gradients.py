"""Jacobians, Hessians, several costs, parts of graphs; what grad returns for what is disconnected or has no gradient."""

from __future__ import annotations

import doctest
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.autodiff import DisconnectedType, NullType
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import draw
from tests.core.differences import H

Array = np.ndarray[Any, Any]
PAGE = Path(__file__).parents[2] / "docs" / "gradients.md"
W = draw((3, 4), "float64", 5)
TIGHT = {"rtol": 1e-12, "atol": 1e-13}


def stepped(f: Any, at: Array) -> Array:
    """The Jacobian of a holomorphic NumPy function by the complex step, one column after the other."""
    columns = []
    for k in np.ndindex(at.shape):
        z = at.astype(complex)
        z[k] += 1j * H
        columns.append(np.imag(f(z)) / H)
    return np.stack(columns, -1).reshape(*np.shape(f(at)), *at.shape)


FUNCTIONS = {
    "vector": (lambda x: B["tanh"](tv.constant(W) @ x), lambda x: np.tanh(W @ x), (4,)),
    "matrix": (lambda x: x @ x.T * 0.5, lambda x: x @ x.T * 0.5, (2, 3)),
    "scalar": (lambda x: (x**3).sum(), lambda x: (x**3).sum(), (2, 2)),
    "of a scalar": (lambda x: x * x * tv.constant(W), lambda x: x * x * W, ()),
    "cumulative": (lambda x: B["exp"](x)[::-1] * x[0], lambda x: np.exp(x)[::-1] * x[0], (3,)),
}


@pytest.mark.parametrize("mode", ["reverse", "forward", None])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobians_of_any_rank(name: str, known: bool, mode: str | None) -> None:
    build, numpy, shape = FUNCTIONS[name]
    at = draw(shape, "float64", 3)
    x = tv.tensor("x", dtype="float64", shape=shape if known else (None,) * len(shape))
    made = tv.jacobian(build(x), x, mode=mode)
    expected = stepped(numpy, at)
    found = made.eval({x: at})
    assert made.type.shape == expected.shape or not known
    np.testing.assert_allclose(found, expected, **TIGHT)
    f = tv.function([x], made, target="c")
    np.testing.assert_allclose(f(at), expected, **TIGHT)


def test_jacobians_of_lists() -> None:
    x, y = tv.dvectors("x y")
    first, second = tv.jacobian(x * y, [x, y])
    env = {x: [1.0, 2.0], y: [3.0, 4.0]}
    np.testing.assert_array_equal(first.eval(env), np.diag([3.0, 4.0]))
    np.testing.assert_array_equal(second.eval(env), np.diag([1.0, 2.0]))
    assert isinstance(tv.jacobian(x * y, (x, y)), tuple)


def test_jacobians_have_zeros_or_raise_for_what_is_disconnected() -> None:
    x, y = tv.dvector("x"), tv.dmatrix("y")
    with pytest.raises(tv.DisconnectedInputError, match="does not depend on y"):
        tv.jacobian(x * x, y)
    found = tv.jacobian(x * x, y, disconnected_inputs="ignore")
    assert found.eval({x: [1.0, 2.0], y: np.ones((3, 1))}).shape == (2, 3, 1)


def test_a_fast_jacobian_has_as_many_passes_as_the_smaller_side() -> None:
    x = tv.tensor("x", dtype="float64", shape=(2,))
    wide = tv.jacobian(x[0] * tv.constant(np.arange(50.0)) + x[1], x)
    assert "eye(shape=(2, 2)" in str(tv.Graph([x], [wide]))


def test_complex_jacobians_are_of_holomorphic_functions() -> None:
    z = tv.zvector("z")
    at = np.array([1.0 + 2.0j, -0.5j])
    np.testing.assert_allclose(tv.jacobian(z * z, z, holomorphic=True).eval({z: at}), np.diag(2 * at), **TIGHT)
    np.testing.assert_allclose(tv.jacobian(B["exp"](z), z, holomorphic=True, mode="forward").eval({z: at}), np.diag(np.exp(at)), **TIGHT)
    with pytest.raises(tv.GradientError, match=r"complex Jacobian.*\n.*\n.*hint: say holomorphic=True"):
        tv.jacobian(z * z, z)
    with pytest.raises(tv.GradientError):
        tv.jacobian(tv.dvector("x") * 1j, tv.dvector("y"), holomorphic=True)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_hessians(known: bool) -> None:
    x = tv.tensor("x", dtype="float64", shape=(2, 3) if known else (None, None))
    at = draw((2, 3), "float64", 4)
    made = tv.hessian((B["sin"](x) * x.sum()).sum(), x)

    def slope(v: Array) -> Array:
        return np.cos(v) * v.sum() + np.sin(v).sum()

    np.testing.assert_allclose(made.eval({x: at}), stepped(slope, at), **TIGHT)
    p = draw((2, 3), "float64", 6)
    product = tv.hessian_vector_product((B["sin"](x) * x.sum()).sum(), x, p)
    np.testing.assert_allclose(product.eval({x: at}), np.tensordot(stepped(slope, at), p, 2), **TIGHT)


def test_complex_hessians_are_of_real_parts_of_holomorphic_functions() -> None:
    z, p = tv.zvectors("z p")
    at, along = np.array([1 + 2j, -0.5j]), np.array([1j, 2 - 1j])
    size = (abs(z) ** 2).sum()
    with pytest.raises(tv.GradientError, match="is complex: the cost has a complex Hessian as the real part") as caught:
        tv.hessian(size, z)
    assert "test_gradients.py" in str(caught.value) and "hessian_vector_product" in str(caught.value)
    np.testing.assert_allclose(tv.hessian_vector_product(size, z, p).eval({z: at, p: along}), 2 * along.conj(), **TIGHT)
    cube = B["real"]((z**3).sum())
    made = tv.hessian(cost=cube, wrt=[z], holomorphic=True)[0]
    np.testing.assert_allclose(made.eval({z: at}), np.diag(6 * at), **TIGHT)
    np.testing.assert_allclose((made @ p).eval({z: at, p: along}), tv.hessian_vector_product(cube, z, p).eval({z: at, p: along}),
                               **TIGHT)


COSTS = {"cube": lambda x: (x**3).sum(), "square": lambda x: (x * x).sum(), "one element": lambda x: x[0] ** 2,
         "product": lambda x: x @ B["outer"](x, x) @ x, "softmax": B["logsumexp"]}


@pytest.mark.parametrize("run", ["interpreted", "FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("name", COSTS)
def test_vectors_of_a_wrong_length_are_refused_whatever_rewriting_makes_of_them(name: str, run: str) -> None:
    """Also those that would be broadcast, and those of which little is read."""
    x, v = tv.dvectors("x v")
    cost = COSTS[name](x)
    made = [tv.hessian_vector_product(cost, x, v), tv.jvp(cost, x, v), tv.vjp(B["sin"](x), x, v),
            tv.grad(None, x, known_grads={B["sin"](x): v})]
    for e in made:
        f = (lambda a, b, e=e: e.eval({x: a, v: b})) if run == "interpreted" else tv.function([x, v], e, mode=run)
        f([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
        for wrong in ([], [1.0], [1.0, 2.0], [1.0, 2.0, 3.0, 4.0]):
            with pytest.raises(tv.ShapeError):
                f([1.0, 2.0, 3.0], wrong)


def test_vectors_known_to_have_a_wrong_length_are_refused_when_built() -> None:
    x = tv.tensor("x", dtype="float64", shape=(3,))
    for wrong in (np.ones(1), np.ones(2), np.ones((3, 1)), np.float64(1)):
        for build in (lambda v: tv.hessian_vector_product((x**3).sum(), x, v), lambda v: tv.jvp(x * x, x, v),
                      lambda v: tv.vjp(x * x, x, v), lambda v: tv.grad(None, x, known_grads={x * x: v})):
            with pytest.raises(tv.GradientError, match="has shape"):
                build(wrong)


def test_hessians_of_several_and_of_linear_costs() -> None:
    x, y = tv.dvectors("x y")
    cost = (x * x * y).sum() + y.sum()
    hx, hy = tv.hessian(cost, [x, y])
    env = {x: [1.0, 2.0], y: [3.0, 4.0]}
    np.testing.assert_array_equal(hx.eval(env), np.diag([6.0, 8.0]))
    np.testing.assert_array_equal(hy.eval(env), np.zeros((2, 2)))
    px, py = tv.hessian_vector_product(cost, [x, y], [np.ones(2), np.ones(2)])         # off the diagonal too
    np.testing.assert_array_equal(px.eval(env), [8.0, 12.0])
    np.testing.assert_array_equal(py.eval(env), [2.0, 4.0])


def test_jacobians_say_what_is_wrong() -> None:
    x = tv.dvector("x")
    with pytest.raises(tv.ArgumentError, match="'reverse' or 'forward', not 'up'"):
        tv.jacobian(x, x, mode="up")
    with pytest.raises(tv.ArgumentError, match="consider_constant in mode 'reverse' only"):
        tv.jacobian(x, x, [x], mode="forward")
    with pytest.raises(tv.GradientError, match="no Jacobian: it is no floating-point tensor"):
        tv.jacobian(tv.lvector("n"), x)
    with pytest.raises(tv.GradientError, match="no gradient with respect to n"):
        tv.jacobian(x, tv.lvector("n"))


# -- Theano's and PyTensor's words -----------------------------------------------------------------------------------------
def test_rop_and_lop_are_products_with_the_jacobian() -> None:
    x, v, u = tv.dvectors("x v u")
    y = B["tanh"](tv.constant(W) @ x)
    at, way, weights = draw((4,), "float64", 1), draw((4,), "float64", 2), draw((3,), "float64", 3)
    whole = stepped(lambda x: np.tanh(W @ x), at)
    for rop, lop in ((tv.Rop, tv.Lop), (tv.pushforward, tv.pullback), (tv.jvp, tv.vjp)):
        np.testing.assert_allclose(rop(y, x, v).eval({x: at, v: way}), whole @ way, **TIGHT)
        np.testing.assert_allclose(lop(y, x, u).eval({x: at, u: weights}), weights @ whole, **TIGHT)


def test_vjp_of_several_outputs_and_of_functions() -> None:
    x, y, u = tv.dvectors("x y u")
    gx, gy = tv.vjp([x * y, x], [x, y], [u, u])
    env = {x: [2.0], y: [3.0], u: [5.0]}
    assert gx.eval(env) == [20.0] and gy.eval(env) == [10.0]
    assert tv.vjp(B["exp"], x, u) is tv.vjp(B["exp"](x), x, u)
    assert tv.vjp([x, x], x, [u, u]).eval(env) == [10.0]
    np.testing.assert_array_equal(tv.vjp(x * x, y, u).eval(env), [0.0])
    with pytest.raises(tv.ArgumentError, match="2 outputs need as many cotangents, not 1"):
        tv.vjp([x, y], x, [u])
    with pytest.raises(tv.GradientError, match=r"flows into .* has shape \(N, N\)"):
        tv.vjp(x * x, x, tv.dmatrix("g"))
    with pytest.raises(tv.GradientError, match="no floating-point tensor"):
        tv.vjp(tv.lvector("n"), x, u)


def test_several_costs() -> None:
    x, y = tv.dscalars("x y")
    first, second = tv.grads([x * y, x + y], [x, y])
    assert [float(g.eval({x: 2.0, y: 3.0})) for g in (*first, *second)] == [3.0, 2.0, 1.0, 1.0]


def test_a_gradient_through_two_parts_of_a_graph_is_the_gradient() -> None:
    x, w, v = tv.dvectors("x w v")
    h = B["tanh"](x * w)
    cost = (h * v).sum()
    of_v, of_h = tv.subgraph_grad([v], [h], cost=cost)
    of_x, _, of_start, of_cost = tv.subgraph_grad([x, w], [], start={h: of_h[0]}, details=True)
    assert of_cost is None and of_start == of_x
    env = {x: [0.1, 0.2], w: [1.0, 2.0], v: [3.0, 4.0]}
    for a, b in zip([*of_v, *of_x], tv.grad(cost, [v, x, w]), strict=True):
        np.testing.assert_array_equal(a.eval(env), b.eval(env))
    (both,), _ = tv.subgraph_grad([v], [h], start={v * 2.0: v}, cost=cost)
    np.testing.assert_allclose(both.eval(env), np.tanh([0.1, 0.4]) + 2 * np.array([3.0, 4.0]), **TIGHT)
    (cut,), _ = tv.subgraph_grad([x], [h], cost=cost)
    np.testing.assert_array_equal(cut.eval(env), [0.0, 0.0])
    with pytest.raises(tv.ArgumentError, match="needs a cost, known gradients"):
        tv.subgraph_grad([x], [h])


def test_what_is_asked_about_and_constant_has_all_of_its_gradient() -> None:
    x, w = tv.dvectors("x w")
    h = B["tanh"](x)
    cost = (w * h).sum() + (h**2).sum()
    env = {x: [1.0, 2.0], w: [10.0, 20.0]}
    expected = env[w] + 2 * np.tanh(env[x])
    (of_w,), (of_h,) = tv.subgraph_grad([w], [h], cost=cost)
    np.testing.assert_array_equal(of_w.eval(env), np.tanh(env[x]))
    np.testing.assert_allclose(of_h.eval(env), expected, **TIGHT)
    alone = tv.grad(cost, [h, x], consider_constant=[h], disconnected_inputs="ignore")
    np.testing.assert_allclose(alone[0].eval(env), expected, **TIGHT)
    np.testing.assert_array_equal(alone[1].eval(env), [0.0, 0.0])


# -- what stands for gradients that aren't there ---------------------------------------------------------------------------
def test_disconnected_gradients_are_zeros_none_or_a_variable() -> None:
    x, y = tv.dvector("x"), tv.dmatrix("y")
    options = {"disconnected_inputs": "ignore"}
    np.testing.assert_array_equal(tv.grad(x.sum(), y, **options).eval({y: np.ones((2, 3))}), np.zeros((2, 3)))
    assert tv.grad(x.sum(), y, return_disconnected="None", **options) is None
    assert tv.grad(x.sum(), [x, y], return_disconnected="none", **options)[1] is None
    found = tv.grad(x.sum(), y, return_disconnected="disconnected", **options)
    assert isinstance(found.type, DisconnectedType) and isinstance(found.type, tv.gradient.DisconnectedType)
    repr(found)
    with pytest.raises(tv.DisconnectedInputError):
        tv.grad(x.sum(), y)
    with pytest.raises(tv.ArgumentError, match="return_disconnected is 'zero', 'none' or 'disconnected', not 'nothing'"):
        tv.grad(x.sum(), y, return_disconnected="nothing")


@pytest.mark.parametrize("word", ["disconnected", "Disconnected", "DISCONNECTED"])
def test_the_words_for_what_is_disconnected_are_theanos_in_any_case(word: str) -> None:
    x, y = tv.dvectors("x y")
    made = [tv.grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected=word),
            tv.jvp(x.sum(), y, y, return_disconnected=word), tv.Lop(x, y, x, disconnected_inputs="ignore", return_disconnected=word)]
    assert all(isinstance(g.type, DisconnectedType) for g in made)
    with pytest.raises(tv.ArgumentError, match="return_disconnected is 'zero', 'none' or 'disconnected', not 3"):
        tv.jvp(x.sum(), y, y, return_disconnected=3)


def test_gradients_that_are_not_defined_raise_or_are_null() -> None:
    x, y = tv.dvectors("x y")
    cost = (B["undefined_grad"](x * 2.0) * y + x).sum()
    with pytest.raises(tv.NullTypeGradError, match="undefined_grad has no gradient") as caught:
        tv.grad(cost, x)
    assert "test_gradients.py" in str(caught.value)
    gx, gy = tv.grad(cost, [x, y], null_gradients="return")
    assert isinstance(gx.type, NullType) and "undefined_grad" in gx.type.why_null
    np.testing.assert_array_equal(gy.eval({x: [1.0], y: [1.0]}), [2.0])
    with pytest.raises(tv.ArgumentError, match="null_gradients is 'raise' or 'return', not 'x'"):
        tv.grad(cost, x, null_gradients="x")
    with pytest.raises(tv.NullTypeGradError):
        tv.jvp(cost, x, x)


def test_the_order_of_arguments_is_theanos() -> None:
    x, y = tv.dscalars("x y")
    assert tv.grad(x * y + x, [x], [y], "ignore", True, None, "zero", "raise")[0].eval({x: 1.0, y: 2.0}) == 3.0


# -- identities that speak to gradients ------------------------------------------------------------------------------------
STEERED = {
    "clip": (lambda x: tv.grad_clip(x, -0.5, 1.0), [1.0, -0.5], [4.0, -3.0]),
    "scale": (lambda x: tv.grad_scale(x, -2.0), [-8.0, 6.0], [-8.0, 6.0]),
    "zero": (tv.zero_grad, [0.0, 0.0], [0.0, 0.0]),
    "stop": (tv.stop_gradient, [0.0, 0.0], [0.0, 0.0]),
    "disconnected": (tv.disconnected_grad, [0.0, 0.0], [0.0, 0.0]),
    "consider": (tv.consider_constant, [0.0, 0.0], [0.0, 0.0]),
}


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", STEERED)
def test_values_go_through_gradients_are_steered(name: str, target: str) -> None:
    build, slope, tangent = STEERED[name]
    x = tv.dvector("x")
    made = build(x)
    g = tv.grad((made * made).sum(), x, disconnected_inputs="ignore")
    f = tv.function([x], [made, g, tv.jvp((made * made).sum(), x, np.array([1.0, 1.0]))], target=target)
    value, found, forward = f(np.array([2.0, -1.5]))
    np.testing.assert_array_equal(value, [2.0, -1.5])
    np.testing.assert_array_equal(found, slope)
    assert forward == sum(tangent)
    assert pickle.loads(pickle.dumps(made)) is made
    assert made.type == x.type and "(" not in tv.latex(made).replace("\\left(", "")


def test_bounds_of_a_clipped_gradient_are_in_order() -> None:
    with pytest.raises(tv.ArgumentError, match=r"not 1\.0 and -1\.0"):
        tv.grad_clip(tv.dvector("x"), 1.0, -1.0)


# -- gradients of the user's -----------------------------------------------------------------------------------------------
@tv.custom_gradient
def rounded(x: Any) -> Any:
    """Rounding, straight through."""
    return B["rint"](x)


@rounded.vjp
def _through(g: Any, out: Any, x: Any) -> Any:
    return g


@tv.custom_gradient
def mixed(x: Any, y: Any) -> Any:
    """Two results, and slopes that are not theirs."""
    return x * y, x + y


@mixed.vjp
def _of_mixed(g: Any, out: Any, x: Any, y: Any) -> Any:
    return 10.0 * g[0] * y, g[1] * out[0]


def test_a_gradient_of_the_users_is_used() -> None:
    x = tv.dvector("x")
    cost = (rounded(x) ** 2).sum()
    g = tv.grad(cost, x)
    np.testing.assert_array_equal(g.eval({x: [1.2, -2.7]}), [2.0, -6.0])
    np.testing.assert_array_equal(tv.grad(g.sum(), x).eval({x: [1.2, -2.7]}), [2.0, 2.0])
    np.testing.assert_array_equal(tv.jvp(cost, x, np.ones(2)).eval({x: [1.2, -2.7]}), -4.0)
    assert rounded.__doc__ == "Rounding, straight through." and repr(rounded) == "rounded"


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_several_results_with_a_gradient_of_the_users_compile_in_line(target: str) -> None:
    x, y = tv.dvectors("x y")
    a, b = mixed(x, y)
    f = tv.function([x, y], [a, b, *tv.grad((a + 2.0 * b).sum(), [x, y])], target=target)
    at = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    for found, expected in zip(f(*at), (at[0] * at[1], at[0] + at[1], 10 * at[1], 2 * at[0] * at[1]), strict=True):
        np.testing.assert_array_equal(found, expected)
    if target == "c":
        assert "custom_gradient" not in f.source()


@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)])
def test_gradients_of_the_users_are_mapped(axes: tuple[Any, ...]) -> None:
    x, y = (tv.dmatrix(n) if a == 0 else tv.dvector(n) for n, a in zip("xy", axes, strict=True))
    at = [draw((3, 2) if a == 0 else (2,), "float64", k) for k, a in enumerate(axes)]

    def cost(x: Any, y: Any) -> Any:
        a, b = mixed(x, y)
        return (a * a + 3.0 * b).sum()

    u, v = tv.dvectors("u v")
    each = [g.eval({u: at[0][k] if axes[0] == 0 else at[0], v: at[1][k] if axes[1] == 0 else at[1]})
            for k in range(3) for g in tv.grad(cost(u, v), [u, v])]
    env = dict(zip((x, y), at, strict=True))
    for j, w in enumerate((x, y)):
        mapped = tv.vmap(lambda *a, j=j: tv.grad(cost(*a), a[j]), in_axes=axes)(x, y)
        np.testing.assert_allclose(mapped.eval(env), np.stack(each[j::2]), **TIGHT)
        through = tv.grad(tv.vmap(cost, in_axes=axes)(x, y).sum(), w)
        expected = np.stack(each[j::2]) if axes[j] == 0 else np.sum(each[j::2], axis=0)
        np.testing.assert_allclose(through.eval(env), expected, **TIGHT)
    nested = tv.vmap(tv.vmap(cost, in_axes=axes), in_axes=[0 if a == 0 else None for a in axes])
    deep = [tv.dtensor3(n) if a == 0 else tv.dvector(n) for n, a in zip("xy", axes, strict=True)]
    g = tv.grad(nested(*deep).sum(), deep)
    values = {w: np.stack([a, a + 1]) if n == 0 else a for w, a, n in zip(deep, at, axes, strict=True)}
    flat = {w: np.concatenate([a, a + 1]) if n == 0 else a for w, a, n in zip((x, y), at, axes, strict=True)}
    for deep_g, w in zip(g, (x, y), strict=True):
        plain = tv.grad(tv.vmap(cost, in_axes=axes)(x, y).sum(), w).eval(flat)
        np.testing.assert_allclose(deep_g.eval(values).reshape(plain.shape), plain, **TIGHT)


def test_gradients_of_the_users_pickle_by_name_and_print_as_calls() -> None:
    x = tv.dvector("x")
    made = rounded(x)
    assert pickle.loads(pickle.dumps(made)) is made
    assert pickle.loads(pickle.dumps(rounded)) is rounded
    assert str(made + 1.0) == "rounded(x) + 1.0"
    assert "rounded" in tv.latex(made) and "levels" not in tv.latex(made)


def test_gradients_of_the_users_say_what_is_wrong() -> None:
    x = tv.dvector("x")
    with pytest.raises(tv.ArgumentError, match="custom_gradient takes a function, not int"):
        tv.custom_gradient(3)  # type: ignore[arg-type]
    bare = tv.custom_gradient(lambda x: x * x)
    with pytest.raises(tv.GradientError, match="has no gradient yet") as caught:
        tv.grad(bare(x).sum(), x)
    assert "test_gradients.py" in str(caught.value)
    with pytest.raises(tv.GradientError, match="gives 2 results for 1 arguments"):
        tv.grad(tv.custom_gradient(lambda x: x * x, lambda g, out, x: (g, g))(x).sum(), x)
    with pytest.raises(tv.GradientError, match=r"its argument 0 has shape \(\), not \(N,\)"):
        tv.grad(tv.custom_gradient(lambda x: x * x, lambda g, out, x: g.sum())(x).sum(), x)
    none = tv.custom_gradient(lambda x: x * x, lambda g, out, x: None)(x)
    np.testing.assert_array_equal(tv.grad(none.sum() + x.sum(), x).eval({x: [1.0]}), [1.0])


def test_the_examples_of_the_page_run() -> None:
    failed, count = doctest.testfile(str(PAGE), module_relative=False)
    assert count > 20 and not failed
