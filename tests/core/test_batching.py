"""vmap and vectorize against a Python loop with stack, over every row of the tables; nested, under and over gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.batch import RULES
from tensorviz.core.batching import vectorize, vectorize_graph, vmap
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tensorviz.tensor import nn
from tests.core.cases import CASES, Case, draw
from tests.core.test_autodiff import ELEMENTWISE, points, takes, variables

Array = np.ndarray[Any, Any]
SIZE = 3
ROWS = [c for c in CASES if c.shapes]
# Rows whose lengths follow from values: where their members differ in shape an error says so.
RAGGED = {c.name for c in ROWS if c.open} | {"arange-smooth-0d", "place-3x4-3"}


def ways_to_map(count: int) -> list[tuple[bool, ...]]:
    """Which arguments are mapped over: all, and each alone."""
    return list(dict.fromkeys([(True,) * count, *(tuple(j == k for j in range(count)) for k in range(count))]))


def stacked(case: Case, dtype: str, on: Sequence[bool], known: bool) -> tuple[list[Any], list[Array]]:
    """Variables and values of a case, with SIZE members in front where `on` says so."""
    shapes = [((SIZE, *s) if b else s) for s, b in zip(case.shapes, on, strict=True)]
    at = [np.stack([draw(s, dtype, 7 * j + k, case.low, case.high) for j in range(SIZE)]) if b
          else draw(s, dtype, k, case.low, case.high) for k, (s, b) in enumerate(zip(case.shapes, on, strict=True))]
    kinds = [n if known or case.fixed else (None,) * len(n) for n in shapes]
    if not known:
        kinds = [(None, *n[1:]) if b else n for n, b in zip(kinds, on, strict=True)]
    return [tv.tensor(f"x{k}", dtype=dtype, shape=s) for k, s in enumerate(kinds)], at


def looped(build: Any, at: Sequence[Array], on: Sequence[bool], xs: Sequence[Any]) -> Array:
    """What a loop gives."""
    single = [tv.tensor(f"y{k}", dtype=x.dtype, shape=x.type.shape[b:]) for k, (x, b) in enumerate(zip(xs, on, strict=True))]
    made = build(*single)
    return np.stack([tv.evaluate([made], {y: a[j] if b else a for y, a, b in zip(single, at, on, strict=True)})[0] for j in range(SIZE)])


def same_as_a_loop(build: Any, xs: Sequence[Any], at: Sequence[Array], on: Sequence[bool], ragged: bool = False) -> None:
    try:
        mapped = vmap(build, in_axes=[0 if b else None for b in on])(*xs)
        (found,) = tv.evaluate([mapped], dict(zip(xs, at, strict=True)))
    except tv.ShapeError as error:
        if not ragged:
            raise
        assert "would differ from member to member" in str(error) or "cannot stack" in str(error)
        return
    expected = looped(build, at, on, xs)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    eps = np.finfo(expected.dtype).eps if expected.dtype.kind in "fc" else 0
    size = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected)) if eps else 0
    np.testing.assert_allclose(found, expected, rtol=64 * eps, atol=64 * eps * size)


# -- the tables ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", ROWS, ids=lambda c: c.name)
def test_vmap_is_a_loop(case: Case) -> None:
    for known in (True, False):
        for on in ways_to_map(len(case.shapes))[:1 if known else None]:
            xs, at = stacked(case, case.dtypes[0], on, known)
            same_as_a_loop(case.build, xs, at, on, case.name in RAGGED)


@pytest.mark.parametrize("case", [c for c in ROWS if c.name not in RAGGED and c.smooth and "float64" in c.dtypes][::3], ids=lambda c: c.name)
def test_gradients_of_each_member_and_gradients_of_what_was_mapped(case: Case) -> None:
    """vmap of grad against a loop; grad through vmap is the sum of the members' gradients where an argument is one for all."""
    for on in ways_to_map(len(case.shapes))[:2]:
        xs, at = stacked(case, "float64", on, known=False)

        def cost(*args: Any) -> Any:
            made = case.build(*args)
            if made.dtype.kind == "c":
                made = B["real"](made) + 2.0 * B["imag"](made)
            return B["sum"](made * made) if made.dtype.kind == "f" else B["sum"](made) * 1.0

        for k in range(len(xs)):
            def slope(*args: Any, k: int = k) -> Any:
                return tv.grad(cost(*args), args[k], disconnected_inputs="ignore")

            same_as_a_loop(slope, xs, at, on)
            total = B["sum"](vmap(cost, in_axes=[0 if b else None for b in on])(*xs))
            through = tv.grad(total, xs[k], disconnected_inputs="ignore")
            each = vmap(slope, in_axes=[0 if b else None for b in on])(*xs)
            a, b = tv.evaluate([through, each if on[k] else B["sum"](each, axis=0)], dict(zip(xs, at, strict=True)))
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", ["arange-smooth-0d", "place-3x4-3", "mask-3x4"])
def test_lengths_that_differ_within_the_batch_are_refused(name: str) -> None:
    builds = {"mask-3x4": lambda x: x[x > 0], **{c.name: c.build for c in ROWS}}
    shapes = {"mask-3x4": ((3, 4),), **{c.name: c.shapes for c in ROWS}}
    xs = [tv.tensor(f"x{k}", dtype="float64", shape=(None,) * (len(s) + 1)) for k, s in enumerate(shapes[name])]
    with pytest.raises(tv.ShapeError, match="would differ from member to member") as caught:
        vmap(builds[name])(*xs)
    assert "hint: " in str(caught.value)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float64")], ids=lambda op: op.name)
def test_vmap_of_elementwise_ops_is_a_loop(op: Op) -> None:
    at = points(op)[0]
    for on in ways_to_map(len(at)):
        values = [np.stack([a * (1 + 0.01 * j) for j in range(SIZE)]) if b else a for a, b in zip(at, on, strict=True)]
        same_as_a_loop(B[op.name], variables(values), values, on)


# Ops without a batch rule, and why. What has none and is no leaf is mapped one member after the other, if they are few.
WITHOUT = {
    "variable": "a leaf is what is mapped, or one for all",
    "constant": "a leaf is what is mapped, or one for all",
    "item": "it picks a result of what was mapped",
}


def test_every_op_has_a_batch_rule() -> None:
    """A new op needs a row in core/batch, or a reason here."""
    missing = {name for name, op in OPS.items() if name not in RULES and op.family != "elementwise" and not name.startswith("test_")}
    assert missing == set(WITHOUT)


def test_batch_rules_are_of_ops_that_exist() -> None:
    assert set(RULES) <= set(OPS)


# -- what the tables don't have --------------------------------------------------------------------------------------------
def numbers(*shape: int, seed: int = 0) -> Array:
    return draw(shape, "float64", seed)


def whole(end: int, *shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).integers(0, end, shape)


def check(build: Any, at: Sequence[Array], on: Sequence[bool], target: str | None = None) -> None:
    xs = [tv.tensor(f"x{k}", dtype=a.dtype, shape=(None,) * a.ndim) for k, a in enumerate(at)]
    same_as_a_loop(build, xs, at, on)


I3 = np.array([2, 0, -1])
BUILDS: dict[str, tuple[Any, list[Array]]] = {
    "matmul-vv": (lambda a, b: a @ b, [numbers(3, 4), numbers(3, 4, seed=1)]),
    "matmul-mv": (lambda a, b: a @ b, [numbers(3, 2, 4), numbers(3, 4, seed=1)]),
    "matmul-vm": (lambda a, b: a @ b, [numbers(3, 4), numbers(3, 4, 2, seed=1)]),
    "matmul-mm": (lambda a, b: a @ b, [numbers(3, 5, 4), numbers(3, 4, 2, seed=1)]),
    "matmul-tv": (lambda a, b: a @ b, [numbers(3, 2, 5, 4), numbers(3, 4, seed=1)]),
    "matmul-vt": (lambda a, b: a @ b, [numbers(3, 4), numbers(3, 2, 4, 5, seed=1)]),
    "matmul-tm": (lambda a, b: a @ b, [numbers(3, 2, 5, 4), numbers(3, 4, 3, seed=1)]),
    "matmul-mt": (lambda a, b: a @ b, [numbers(3, 5, 4), numbers(3, 2, 4, 3, seed=1)]),
    "element": (lambda x, i: x[i], [numbers(3, 4), I3]),
    "element of rows": (lambda x, i: x[:, i], [numbers(3, 2, 4), I3]),
    "element and slice": (lambda x, i: x[1:, i, ::-1], [numbers(3, 4, 5, 2), I3]),
    "two elements": (lambda x, i: x[i, :, i - 1], [numbers(3, 4, 5, 4), np.array([2, 0, 1])]),
    "take": (lambda x, i: x[i], [numbers(3, 4, 2), np.array([[0, 1], [1, -1], [3, 3]])]),
    "take-1": (lambda x, i: x[:, i], [numbers(3, 2, 4), np.array([[0, 1, 1], [1, -1, 0], [3, 3, 2]])]),
    "take-2": (lambda x, i: x[:, i, i - 1], [numbers(3, 2, 4, 4), np.array([[0, 1, 1], [1, -1, 0], [3, 3, 2]])]),
    "take-matrix": (lambda x, i: x[i], [numbers(3, 4), np.arange(12).reshape(3, 2, 2) % 4]),
    "set": (lambda x, v, i: x[i].set(v), [numbers(3, 4, 2), numbers(3, 2, seed=2), I3]),
    "inc": (lambda x, v, i: x[:, i].inc(v), [numbers(3, 4, 3), numbers(3, seed=2), I3]),
    "set-slice": (lambda x, v, i: x[1:, i, :2].set(v), [numbers(3, 4, 5, 3), numbers(3, 3, 2, seed=2), I3]),
    "set-take": (lambda x, v, i: x[i].set(v), [numbers(3, 4, 2), numbers(3, 2, 2, seed=2), np.array([[0, 0], [1, -1], [3, 2]])]),
    "inc-take": (lambda x, v, i: x[:, i].inc(v), [numbers(3, 2, 4), numbers(3, 2, seed=2), np.array([[0, 0], [1, -1], [3, 2]])]),
    "set-compress": (lambda x, v: x[tv.constant([True, False, True])].set(v), [numbers(3, 3, 2), numbers(3, 2, 2, seed=1)]),
    "gemm": (lambda c, s, a, b, t: B["gemm"](c, s, a, b, t),
             [numbers(3, 2, 2), numbers(3), numbers(3, 2, 4), numbers(3, 4, 2), numbers(3, seed=3)]),
    "argmax": (lambda x: B["argmax"](x, keepdims=True), [numbers(3, 4, 5)]),
    "arange": (lambda a, b: B["arange"](5) * b + a, [numbers(3), numbers(3, seed=1)]),
    "clip and scale": (lambda x: tv.grad_clip(tv.grad_scale(tv.zero_grad(x), 2.0), -1.0, 1.0) + x, [numbers(3, 2)]),
    "kth": (lambda x, k: B["kth_smallest"](x, k), [numbers(3, 2, 4), np.array([[0, -1], [1, 1], [3, 2]])]),
    "rows": (lambda x: B["order_rows"](x), [np.round(numbers(3, 6, 2))]),
    "searchsorted": (lambda a, v: B["searchsorted"](a, v, "right"), [np.sort(numbers(3, 6), 1), numbers(3, 2, 4, seed=1)]),
    "digitize": (lambda v, a: B["digitize"](v, a), [numbers(3, 2, seed=1), np.sort(numbers(3, 6), 1) * [[1], [-1], [1]]]),
    "bincount": (lambda w: B["bincount"](np.array([3, 0, 3, 1]), w), [numbers(3, 4)]),
    "classes": (lambda x, i: nn.cross_entropy(x, i), [numbers(3, 4, 5), whole(5, 3, 4)]),
    "embedding": (lambda i, w: nn.embedding(i, w), [whole(4, 3, 5), numbers(3, 4, 2)]),
    "one hot": (lambda i: nn.one_hot(i, 5), [whole(5, 3, 4)]),
    "ctc": (lambda x, y, t, s: nn.ctc_loss(x, y, t, s),
            [numbers(3, 5, 2, 4), 1 + whole(3, 3, 2, 3), 5 - whole(2, 3, 2), 3 - whole(2, 3, 2)]),
    "ctc-second": (lambda x, v: tv.hessian_vector_product(nn.ctc_loss(x, [[1, 2, 3], [1, 1, 2]], [5, 4], [2, 3]), x, v),
                   [numbers(3, 5, 2, 4), numbers(3, 5, 2, 4, seed=4)]),
    "along": (lambda x, i, v: B["put_along_axis"](x, i, v, 1), [numbers(3, 4, 5), whole(1, 3, 4, 2) + [0, 3], numbers(3, 4, 2)]),
    "interp": (lambda x, a, b: B["interp"](x, a, b), [numbers(3, 4), np.sort(numbers(3, 6, seed=1)), numbers(3, 6, seed=2)]),
    "quantile": (lambda x, q: B["quantile"](x, q, 0), [numbers(3, 7, 2), np.array([[.1, .2], [.5, .6], [.9, 1]])]),
    "lexsort": (lambda a, b: B["lexsort"]([a, b]), [whole(3, 3, 6), whole(3, 3, 6, seed=2)]),
    "order": (lambda n, x: B["jv"](n, x), [abs(numbers(3, 4)), abs(numbers(3, 4, seed=1))]),
    "roll": (lambda x, i: B["roll"](x, 3 * i, 1), [numbers(3, 2, 5), I3]),
    "roll-flat": (lambda x, i: B["roll"](x, i), [numbers(3, 2, 5), I3]),
    "roll-two": (lambda x, i: B["roll"](x, [i, -1], [0, 1]), [numbers(3, 2, 5), I3]),
    "roll-nothing": (lambda x, i: B["roll"](x, i, 0), [numbers(3, 0, 5), I3]),
    "pad": (lambda x, v: B["pad"](x, ((1, 2), (0, 1)), constant_values=v), [numbers(3, 2, 4), numbers(3, seed=1)]),
}


@pytest.mark.parametrize("name", BUILDS)
def test_batched_indices_products_and_the_rest_are_loops(name: str) -> None:
    build, at = BUILDS[name]
    every = [on for on in np.ndindex((2,) * len(at)) if any(on)]
    for on in every[:16]:
        check(build, [a if b else a[1] for a, b in zip(at, on, strict=True)], [bool(b) for b in on])


def test_indices_outside_a_member_are_refused() -> None:
    x, i = tv.dmatrix("x"), tv.lmatrix("i")
    found = vmap(lambda x, i: x[i])(x, i)
    with pytest.raises(tv.BoundsError, match="index 2 is out of bounds"):
        found.eval({x: np.ones((3, 2)), i: np.full((3, 1), 2)})


def test_axes_in_and_out() -> None:
    x, y = tv.dtensor3("x"), tv.dvector("y")
    at = {x: numbers(2, 3, 4), y: numbers(4, seed=1)}
    single = vmap(lambda a, b: a * b, in_axes=(1, None), out_axes=-1)(x, y)
    np.testing.assert_array_equal(single.eval(at), np.moveaxis(at[x] * at[y], 1, -1))
    a, b = vmap(lambda a, b: [a.sum(), b], in_axes=(-2, None), out_axes=(0, None))(x, y)
    np.testing.assert_allclose(a.eval(at), at[x].sum((0, 2)), rtol=1e-14)
    assert b is y
    repeated = vmap(lambda a: y, in_axes=1)(x)
    np.testing.assert_array_equal(repeated.eval(at), np.stack([at[y]] * 3))


def test_nested_maps_are_outer_products() -> None:
    x, y = tv.dmatrix("x"), tv.dmatrix("y")
    distance = vmap(vmap(lambda a, b: ((a - b) ** 2).sum(), in_axes=(None, 0)), in_axes=(0, None))(x, y)
    at = {x: numbers(3, 2), y: numbers(4, 2, seed=1)}
    np.testing.assert_allclose(distance.eval(at), ((at[x][:, None] - at[y]) ** 2).sum(-1), rtol=1e-14)


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_gradients_an_example_of_a_network_are_those_of_a_loop(target: str) -> None:
    w, b, v = tv.dmatrix("w"), tv.dvector("b"), tv.dvector("v")
    xs, ts = tv.dmatrix("xs"), tv.dvector("ts")

    def loss(x: Any, t: Any) -> Any:
        return (B["tanh"](w @ x + b) @ v - t) ** 2

    each = vmap(lambda x, t: tv.grad(loss(x, t), [w, b, v]))(xs, ts)
    f = tv.function([w, b, v, xs, ts], each, target=target)
    at = numbers(3, 2), numbers(3, seed=1), numbers(3, seed=2), numbers(5, 2, seed=3), numbers(5, seed=4)
    x, t = tv.dvector("x"), tv.dscalar("t")
    g = tv.function([w, b, v, x, t], tv.grad(loss(x, t), [w, b, v]), target=target)
    for found, expected in zip(f(*at), zip(*[g(*at[:3], a, s) for a, s in zip(*at[3:], strict=True)], strict=True), strict=True):
        np.testing.assert_allclose(found, np.stack(expected), rtol=1e-12, atol=1e-14)


def test_tangents_of_what_was_mapped_and_maps_of_tangents() -> None:
    x, t = tv.dmatrix("x"), tv.dmatrix("t")
    at = {x: numbers(3, 4), t: numbers(3, 4, seed=1)}
    over = tv.jvp(vmap(B["softmax"])(x), x, t)
    under = vmap(lambda a, d: tv.jvp(B["softmax"](a), a, d))(x, t)
    np.testing.assert_allclose(over.eval(at), under.eval(at), rtol=1e-13, atol=1e-15)


def test_a_chain_of_100_000_ops_is_mapped() -> None:
    def long(x: Any) -> Any:
        for _ in range(50_000):
            x = B["sin"](x) + 1.0
        return x

    x = tv.dvector("x")
    assert vmap(long)(x).ndim == 1


def test_vmap_says_what_is_wrong() -> None:
    x, y = tv.tensor("x", dtype="float64", shape=(3, 2)), tv.tensor("y", dtype="float64", shape=(4, 2))
    with pytest.raises(tv.ShapeError, match="vmap over stacks of 3 and of 4") as caught:
        vmap(lambda a, b: a + b)(x, y)
    assert "x: float64 (3, 2), axis 0" in str(caught.value) and "test_batching.py" in str(caught.value)
    with pytest.raises(tv.ArgumentError, match="in_axes has 1 axes for 2 tensors"):
        vmap(lambda a, b: a + b, in_axes=(0,))(x, y)
    with pytest.raises(tv.ArgumentError, match="at least one argument"):
        vmap(lambda a: a, in_axes=None)(x)
    with pytest.raises(tv.ArgumentError, match="vmap takes a function, not Expr"):
        vmap(x)
    with pytest.raises(tv.ShapeError, match="no axis 2"):
        vmap(lambda a: a, in_axes=2)(x)
    with pytest.raises(tv.ArgumentError, match="differs within the batch"):
        vmap(lambda a: a, out_axes=None)(x)


def test_stacks_of_different_lengths_are_refused_when_it_runs() -> None:
    x, y = tv.dmatrix("x"), tv.dmatrix("y")
    found = vmap(lambda a, b: a + b)(x, y)
    with pytest.raises(tv.ShapeError):
        found.eval({x: np.ones((3, 2)), y: np.ones((1, 2))})
    f = tv.function([x, y], found)
    with pytest.raises(tv.ShapeError):
        f(np.ones((3, 2)), np.ones((1, 2)))


def test_an_op_without_a_rule_is_mapped_one_by_one_or_refused() -> None:
    from tensorviz.core.expr import make

    if "test_no_rule" not in OPS:
        Op("test_no_rule", "shape", lambda t: t, lambda x: x[::-1] if x.ndim else x, "for this test", shape=lambda x: tuple(x.shape))
    try:
        x = tv.tensor("x", dtype="float64", shape=(3, 4))
        found = vmap(lambda a: make(OPS["test_no_rule"], (a,)))(x)
        np.testing.assert_array_equal(found.eval({x: np.arange(12.0).reshape(3, 4)}), np.arange(12.0).reshape(3, 4)[:, ::-1])
        with pytest.raises(tv.ArgumentError, match=r"test_no_rule has no rule for vmap.* not an unknown number"):
            vmap(lambda a: make(OPS["test_no_rule"], (a,)))(tv.dmatrix("y"))
    finally:
        del OPS["test_no_rule"]


# -- vectorize ---------------------------------------------------------------------------------------------------------------
def test_vectorize_broadcasts_as_numpy_does() -> None:
    x, y = tv.dtensor4("x"), tv.dmatrix("y")
    made = vectorize(lambda a, b: (a @ b, a), "(n,k),(k)->(n),(n,k)")
    at = {x: numbers(2, 3, 4, 5), y: numbers(3, 5, seed=1)}
    found, first = made(x, y)
    expected = np.vectorize(lambda a, b: a @ b, signature="(n,k),(k)->(n)")(at[x], at[y])
    np.testing.assert_allclose(found.eval(at), expected, rtol=1e-14)
    np.testing.assert_array_equal(first.eval(at), at[x])


@pytest.mark.parametrize("shapes", [((), ()), ((3,), ()), ((), (3,)), ((2, 1), (3,)), ((4, 1, 3), (2, 1)), ((1,), (3,)), ((2, 3), (1, 3))])
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_vectorize_of_scalars_and_of_vectors(shapes: tuple[Any, ...], known: bool) -> None:
    for own, signature, f, g in (((), None, lambda a, b: a * B["exp"](b), lambda a, b: a * np.exp(b)),
                                 ((4,), "(n),(n)->()", lambda a, b: B["concatenate"]([a, b])[2:6].sum() * a[0],
                                  lambda a, b: np.concatenate([a, b])[2:6].sum() * a[0])):
        at = [numbers(*s, *own, seed=k) for k, s in enumerate(shapes)]
        xs = [tv.tensor(f"x{k}", dtype="float64", shape=a.shape if known else (None,) * a.ndim) for k, a in enumerate(at)]
        made = vectorize(f, signature)(*xs)
        expected = np.vectorize(g, signature=signature)(*at)
        np.testing.assert_allclose(made.eval(dict(zip(xs, at, strict=True))), expected, rtol=1e-13)


def test_vectorize_graph_replaces_inner_nodes_too() -> None:
    x, xs = tv.dvector("x"), tv.dmatrix("xs")
    h = B["tanh"](x)
    cost = (h * h).sum() + x.sum()
    found = vectorize_graph([cost, h], {h: xs})
    at = {x: numbers(2), xs: numbers(3, 2, seed=1)}
    np.testing.assert_allclose(found[0].eval(at), (at[xs] ** 2).sum(1) + at[x].sum(), rtol=1e-14)
    assert vectorize_graph(cost, {x: xs}).ndim == 1
    same = vectorize_graph(x * 2.0, {x: x + 1.0})
    np.testing.assert_array_equal(same.eval(at), (at[x] + 1) * 2)
    twice = vectorize_graph(x.sum(), {x: B["stack"]([x, 2.0 * x])})
    np.testing.assert_allclose(twice.eval(at), [at[x].sum(), 2 * at[x].sum()], rtol=1e-14)


def test_vectorize_says_what_is_wrong() -> None:
    x = tv.dvector("x")
    for bad in ("(n)", "(n)->", "n->()", "(n),->()", "(n)->() more"):
        with pytest.raises(tv.ArgumentError, match="is no signature"):
            vectorize(lambda a: a, bad)
    with pytest.raises(tv.ArgumentError, match="takes 2 arguments, not 1"):
        vectorize(lambda a: a, "(n),(n)->()")(x)
    with pytest.raises(tv.ShapeError, match=r"x has 1 axes, the signature '\(n,m\)->\(\)' asks for 2"):
        vectorize(lambda a: a, "(n,m)->()")(x)
    with pytest.raises(tv.ArgumentError, match=r"gives results of \[0\] axes, the function of \[1\]"):
        vectorize(lambda a: a, "(n)->()")(x)
    with pytest.raises(tv.ShapeError, match="x has 1 axes, what replaces it has 0"):
        vectorize_graph(x, {x: 1.0})
    with pytest.raises(tv.ArgumentError, match="x is float64, what replaces it is float32"):
        vectorize_graph(x, {x: tv.fmatrix("m")})
