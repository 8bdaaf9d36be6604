"""Words and arguments that Theano and PyTensor have and NumPy lacks: the same values, or an error that says what to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal

import tensorviz as tv
import tensorviz.tensor as T

A = np.arange(12.0).reshape(3, 4)
V = np.array([3.0, -1.0, 2.0, 0.5])


def same(found: Any, wanted: Any, givens: dict[Any, Any] | None = None) -> None:
    """Compiled and interpreted, `found` has the values, the dtype and the shape of `wanted`."""
    wanted, givens = np.asarray(wanted), givens or {}
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        value = tv.function(list(givens), found, mode=mode, on_unused_input="ignore")(*givens.values())
        assert (value.dtype, value.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(value, wanted, rtol=1e-14, atol=0)


# -- split -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sizes", [[1, 3], [4, 0], [1, 2, 1]], ids=str)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("number", [True, False])
def test_split_takes_the_lengths_of_parts_by_name(sizes: list[int], known: bool, number: bool) -> None:
    x, s = tv.tensor("x", dtype="float64", shape=A.shape if known else (None, None)), tv.lvector("s")
    n = len(sizes) if number else None
    wanted = np.split(A, np.cumsum(sizes)[:-1], axis=1)
    for found, part in zip(T.split(x, splits_size=sizes, n_splits=n, axis=1), wanted, strict=True):
        same(found, part, {x: A})
        assert not known or found.type.shape == part.shape
    for found, part in zip(T.split(x, splits_size=s, n_splits=len(sizes), axis=1), wanted, strict=True):
        same(found, part, {x: A, s: np.array(sizes)})


@pytest.mark.parametrize("sizes", [[1, 1], [5, -1]], ids=str)
def test_lengths_of_parts_add_up_to_the_length_of_the_axis(sizes: list[int]) -> None:
    x, s, known = tv.dmatrix("x"), tv.lvector("s"), tv.tensor("y", dtype="float64", shape=(3, 4))
    with pytest.raises(tv.ShapeError, match="parts"):
        T.split(known, splits_size=sizes, axis=1)
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        f = tv.function([x, s], T.split(x, splits_size=s, n_splits=2, axis=1), mode=mode)
        with pytest.raises(tv.ShapeError, match="parts of split"):
            f(A, np.array(sizes))
        with pytest.raises(tv.ShapeError):
            tv.function([x], T.split(x, splits_size=[1, 1], axis=1), mode=mode)(A)


x2, s1 = tv.dmatrix("x"), tv.lvector("s")
WRONG_SPLITS: dict[str, tuple[Callable[[], Any], type[Exception]]] = {
    "indices that decrease": (lambda: T.split(x2, [2, 1], 1), tv.ShapeError), "nothing": (lambda: T.split(x2), tv.ArgumentError),
    "both": (lambda: T.split(x2, 2, splits_size=[1, 2]), tv.ArgumentError), "a number": (lambda: T.split(x2, splits_size=3), tv.ArgumentError),
    "how many": (lambda: T.split(x2, splits_size=s1), tv.ArgumentError), "n_splits alone": (lambda: T.split(x2, n_splits=2), tv.ArgumentError),
    "too few": (lambda: T.split(x2, splits_size=[1, 2], n_splits=3), tv.ShapeError), "none": (lambda: T.split(x2, splits_size=s1, n_splits=0), tv.ArgumentError),
    "not whole": (lambda: T.split(x2, splits_size=[1.5, 1.5]), tv.ArgumentError),
}


@pytest.mark.parametrize("name", WRONG_SPLITS)
def test_wrong_splits_raise(name: str) -> None:
    build, kind = WRONG_SPLITS[name]
    with pytest.raises(kind):
        build()


# -- convolve1d ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("shapes", [((6,), (3,)), ((2, 6), (3,)), ((4, 1, 6), (2, 3))], ids=str)
def test_convolve1d_is_scipys_along_the_last_axis(mode: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    a, b = (np.random.default_rng(3).normal(size=s) for s in shapes)
    wanted = np.vectorize(lambda u, v: scipy.signal.convolve(u, v, mode, "direct"), signature="(n),(k)->(m)")(a, b)
    for known in (True, False):
        x, y = (tv.tensor(dtype="float64", shape=v.shape if known else (*v.shape[:-1], None)) for v in (a, b))
        found = tv.function([x, y], T.signal.convolve1d(x, y, mode), mode="FAST_RUN" if known else "FAST_COMPILE")(a, b)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    tv.gradient.verify_grad(lambda u, v: T.signal.convolve1d(u, v, mode), [a, b], mode="FAST_COMPILE")


@pytest.mark.parametrize("build", [lambda: T.signal.convolve1d(1.0, V), lambda: T.signal.convolve1d(A, V, "all"),
                                   lambda: T.signal.convolve1d(V, np.ones(0))])
def test_convolve1d_refuses_scalars_other_modes_and_empty_signals(build: Callable[[], Any]) -> None:
    with pytest.raises((tv.ShapeError, tv.ArgumentError)):
        build()


# -- reshape ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lengths", [[4, 3], [-1, 2], [12, 1]], ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_reshape_takes_a_vector_of_as_many_lengths_as_ndim_says(lengths: list[int], order: str) -> None:
    x, s = tv.dmatrix("x"), tv.ivector("s")
    for found in (T.reshape(x, s, order, ndim=2), x.reshape(s, order=order, ndim=2)):
        assert found.ndim == 2
        same(found, A.reshape(lengths, order=order), {x: A, s: np.array(lengths, "int32")})
    g = tv.grad((x.reshape(s, ndim=2) ** 2).sum(), x)
    same(g, 2 * A, {x: A, s: np.array(lengths, "int32")})


def test_ndim_is_the_number_of_lengths() -> None:
    x, s = tv.dmatrix("x"), tv.lvector("s")
    for build in (lambda: x.reshape((4, 3), ndim=3), lambda: T.reshape(x, x.shape, ndim=1), lambda: x.reshape(s)):
        with pytest.raises(tv.ShapeError):
            build()
    with pytest.raises(tv.ShapeError):
        tv.function([x, s], x.reshape(s, ndim=2))(A, [12])


# -- what variables know ---------------------------------------------------------------------------------------------------
def test_constants_have_their_value_as_data() -> None:
    c = T.constant([1.0, 2.0])
    for found in (c.data, c.value, T.constant(3.0).data):
        assert isinstance(found, np.ndarray) and found.dtype == np.float64 and not found.flags.writeable
    assert c.data.tolist() == [1.0, 2.0] and T.constant(3).value == 3


@pytest.mark.parametrize("name", ["data", "value", "auto_name"])
def test_other_expressions_have_no_value_and_say_what_to_use(name: str) -> None:
    for x in (tv.dvector("x"), tv.dvector("x") + 1.0, tv.shared(1.0, "w")):
        with pytest.raises(AttributeError, match="hint: x"):
            getattr(x, name)
        assert not hasattr(x, name)


def test_variables_know_what_made_them() -> None:
    x = tv.dmatrix("x")
    q, r = divmod(x, 2.0)
    assert x.get_parents() == [] and x.index is None and q.get_parents() == [q.owner] and (q.index, r.index) == (0, 0)
    assert T.constant(1.0).index is None and tv.shared(1.0, "w").get_parents() == []
    one, two = tv.custom_gradient(lambda v: (v + 1.0, v * 2.0), lambda inputs, grads: [grads[0]])(x)
    assert one.owner == two.owner and (one.index, two.index) == (0, 1)
    assert two.owner.outputs[two.index] is two


def test_scalars_that_are_the_same_in_every_call_have_a_value() -> None:
    x = tv.dmatrix("x")
    assert (T.zeros((2, 3)).shape[1] + 1).get_scalar_constant_value() == 4
    with pytest.raises(tv.ArgumentError):
        x.sum().get_scalar_constant_value()


def test_test_values_are_those_that_users_gave() -> None:
    x, w = tv.dvector("x"), tv.shared(2.0, "w")
    with pytest.raises(AttributeError, match="test_value"):
        x.get_test_value()
    x.tag.test_value = V
    assert x.get_test_value() is V and w.get_test_value() == 2.0 and T.constant(3.0).get_test_value() == 3.0
    with pytest.raises(AttributeError, match="eval"):
        (x + w).get_test_value()


# -- arguments -------------------------------------------------------------------------------------------------------------
ARGUMENTS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "eye m": (lambda x: T.eye(3, m=4), np.eye(3, 4)), "eye n": (lambda x: T.eye(n=3, k=1), np.eye(3, k=1)),
    "tile": (lambda x: T.tile(x, (2,), ndim=3), np.tile(A, (1, 1, 2))), "flatten": (lambda x: T.flatten(x[None], outdim=2), A.reshape(1, 12)),
    "mean": (lambda x: T.mean(x, op=True), A.mean()), "prod": (lambda x: x.prod(axis=0, no_zeros_in_input=True), A.prod(0)),
    "var": (lambda x: T.var(x, axis=1, corrected=True), A.var(1)), "std": (lambda x: x.std(corrected=True), A.std()),
    "stack": (lambda x: T.stack(x, x + 1.0), np.stack([A, A + 1.0])), "stack of three": (lambda x: T.stack(x, x, x), np.stack([A] * 3)),
    "set": (lambda x: T.inc_subtensor(x[0], 7.0, set_instead_of_inc=True), np.vstack([np.full(4, 7.0), A[1:]])),
    "inc": (lambda x: T.inc_subtensor(x[0], 7.0, set_instead_of_inc=False), np.vstack([A[0] + 7.0, A[1:]])),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_theanos_arguments_are_understood(name: str) -> None:
    build, wanted = ARGUMENTS[name]
    x = tv.dmatrix("x")
    same(build(x), wanted, {x: A})


def test_corrected_variances_lose_less_to_a_rounded_mean() -> None:
    x = tv.fvector("x")
    value = (np.arange(5.0) + 16777216.0).astype("float32")
    plain, corrected = tv.function([x], [T.var(x), T.var(x, corrected=True)], mode="FAST_COMPILE")(value)
    exact = value.astype("float64").var()
    assert abs(corrected - exact) <= abs(plain - exact)


def test_variables_are_made_of_theanos_dtype_and_booleans() -> None:
    made = [T.tensor("float32", (False, True)), T.tensor(dtype="float32", broadcastable=(False, True)), tv.tensor("float32", [False, True], "x"),
            T.tensor("x", dtype="float32", shape=(None, 1))]
    assert {x.type for x in made} == {tv.TensorType("float32", (None, 1))} and [x.name for x in made] == [None, None, "x", "x"]
    assert tv.shared(V, "w").get_value(return_internal_type=True).tolist() == V.tolist()


def test_a_tile_of_fewer_axes_and_two_words_for_lengths_are_refused() -> None:
    for build in (lambda: T.tile(A, 2, ndim=1), lambda: T.tensor(shape=(2,), broadcastable=(False,)), lambda: T.stack(V, 0, V)):
        with pytest.raises((tv.ShapeError, tv.ArgumentError)):
            build()


def test_every_type_called_makes_a_variable() -> None:
    G = tv.gradient
    gone = G.DisconnectedType()("g")
    assert gone.type == G.DisconnectedType() and gone.name == "g" and gone is not G.DisconnectedType()()
    assert G.NullType("why")().type.why_null == "why" and tv.TensorType("int8", (None, 3))("x").ndim == 2


@pytest.mark.parametrize("offset", [-2, 0, 1])
@pytest.mark.parametrize(("shape", "axes"), [((4,), (0, 1)), ((2, 4), (0, 2)), ((2, 4), (-1, 0)), ((0,), (0, 1))], ids=str)
def test_diagonals_are_put_where_they_are_taken_from(offset: int, shape: tuple[int, ...], axes: tuple[int, int]) -> None:
    x = tv.tensor("x", dtype="float64", shape=(None,) * len(shape))
    value = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    wide = T.AllocDiag(offset, *axes)(x)
    found = wide.eval({x: value})
    np.testing.assert_array_equal(np.diagonal(found, offset, *axes), value)
    assert found.sum() == value.sum() and found.ndim == len(shape) + 1
    assert found.shape[axes[0]] == found.shape[axes[1]] == shape[-1] + abs(offset)
    same(T.ExtractDiag(offset, *axes)(wide), value, {x: value})


@pytest.mark.parametrize("word", ["grad_undefined", "grad_not_implemented"])
def test_a_rule_may_say_that_there_is_no_gradient(word: str) -> None:
    def rule(g: Any, out: Any, x: Any, n: Any) -> Any:
        return g * n, getattr(tv.gradient, word)("scaled", 1, n, "n is a count")

    x, n = tv.dvector("x"), tv.dscalar("n")
    cost = tv.custom_gradient(lambda x, n: x * n, rule)(x, n).sum()
    same(tv.grad(cost, x), np.full(4, 3.0), {x: V, n: 3.0})
    with pytest.raises(tv.GradientError, match="argument 1: n is a count"):
        tv.grad(cost, n)
    mapped = tv.vmap(lambda v: tv.custom_gradient(lambda x, n: x * n, rule)(v, n))(x).sum()
    same(tv.grad(mapped, x), np.full(4, 3.0), {x: V, n: 3.0})
    with pytest.raises(tv.GradientError, match="argument 1: n is a count"):
        tv.grad(mapped, n)
