"""Lengths that are taken to agree: constants of known length, slices of unknown length, their gradients; no step in Python is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.compile.program import Foreign
from tensorviz.core.errors import ShapeError

N, K = 6, 4
X, Y, M = tv.dvector("x"), tv.dvector("y"), tv.dmatrix("m")
DRAWN = np.random.default_rng(3)
VALUES = {X: DRAWN.standard_normal(N), Y: DRAWN.standard_normal(N), M: DRAWN.standard_normal((N, K))}


def native(outs: list[Any], values: dict[Any, Any]) -> None:
    """The code itself, not what stands in for it, gives what the NumPy meaning gives."""
    inputs = list(values)
    f = tv.function(inputs, outs, on_unused_input="ignore")
    program = f._version.program
    assert program is not None
    assert [s.node.op.name for s in program.steps if isinstance(s, Foreign)] == []
    meant = tv.function(inputs, outs, on_unused_input="ignore", mode="FAST_COMPILE")(*values.values())
    for found, right in zip(program.run(tuple(values.values())), meant, strict=True):
        assert found.shape == right.shape
        np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-10)


def derived(c: Any, x: Any, v: Any) -> list[Any]:
    """A cost with its derivatives of both orders."""
    g = tv.grad(c, x)
    return [c, g, tv.grad((g**2).sum(), x), tv.hessian_vector_product(c, x, v)]


LINEAR: dict[str, Callable[[], Any]] = {
    "constant": lambda: (X * np.arange(N)).sum(),
    "vectors": lambda: (X * Y).sum(),
    "slices": lambda: (X[2:] * np.arange(N - 2) - X[:-2] * np.arange(N - 2)).sum(),
    "first row": lambda: (M[:1] * np.ones((N, K))).sum(),
    "last column": lambda: (M[:, -1:] * np.arange(K)).sum(),
    "middle row": lambda: (M[2:3] * np.ones((N, 1))).sum(),
    "padded": lambda: (T.pad(X, 1) * np.arange(N + 2.0)).sum(),
}


@pytest.mark.parametrize("name", LINEAR)
def test_gradients_in_which_the_meeting_is_no_more(name: str) -> None:
    c = LINEAR[name]()
    native([tv.grad(c, x) for x in (X, M) if x in set(tv.core.graph.inputs_of([c]))], VALUES)


ONES: dict[str, Callable[[], list[Any]]] = {
    "rows": lambda: [M - M[:1], M * M[-1:], M[:1] * M[-1:], M[1:2] + M],
    "columns": lambda: [M / M[:, :1], (M[:, :1] * M[:1]).sum(axis=0), M[:, -1:].shape],
    "gradients": lambda: derived(((M - M[:1]) ** 2).sum() + (M**2 * M[:, -1:]).sum(), M, T.cos(M)),
    "vectors": lambda: derived((X * X[:1] - X[-1:] ** 2).sum(), X, T.cos(X)),
    "joined": lambda: [T.concatenate([M[:1], M - M[:1], M[-1:]]), (M - M[:1]).reshape((-1,)), M[:1].reshape((-1,)) * M],
    "broadcast": lambda: [T.broadcast_to(M[:1], M.shape), T.broadcast_to(M[:1], M.shape) @ M.T, M[:1] @ M.T],
}


@pytest.mark.parametrize("name", ONES)
def test_slices_of_one_element_are_broadcast(name: str) -> None:
    native(ONES[name](), VALUES)


@pytest.mark.parametrize("name", ONES)
@pytest.mark.parametrize("length", [0, 1])
def test_slices_of_one_element_of_short_arrays(name: str, length: int) -> None:
    values = [v[:length] for v in VALUES.values()]
    results = []
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        f = tv.function(list(VALUES), ONES[name](), mode=mode, on_unused_input="ignore")
        try:
            results.append(f(*values))
        except ShapeError as error:
            results.append(str(error).split("\n")[0])
    if isinstance(results[0], str) or isinstance(results[1], str):
        assert results[0] == results[1]
        return
    for found, meant in zip(*results, strict=True):
        assert found.shape == meant.shape
        np.testing.assert_allclose(found, meant, rtol=1e-10, atol=1e-10)


def test_lengths_that_no_call_can_have() -> None:
    """x meets constants of two lengths: a single element is broadcast to both, more are an error and nothing is read past their end."""
    outs = [X + np.ones(3), X * np.ones(4), tv.grad((X * np.ones(3)).sum() + (X * np.ones(4)).sum(), X)]
    f = tv.function([X], outs)
    for found, meant in zip(f(np.array([2.0])), (np.full(3, 3.0), np.full(4, 2.0), np.array([7.0])), strict=True):
        np.testing.assert_array_equal(found, meant)
    for n in (2, 3, 4):
        with pytest.raises(ShapeError):
            f(np.ones(n))


@pytest.mark.parametrize("name", ["constant", "vector"])
def test_lengths_that_values_give_are_not_taken_to_agree(name: str) -> None:
    """Nothing but the gradient is computed, so nothing would notice that one element was broadcast to three."""
    c, w = X[X > 0], np.array([1.0, 2.0, 3.0])
    cost = (c * (tv.constant(w) if name == "constant" else Y)).sum()
    f = tv.function([X, Y], tv.grad(cost, c), on_unused_input="ignore")
    np.testing.assert_array_equal(f(np.array([1.0, -2.0, 3.0, 4.0]), w), w)
    np.testing.assert_array_equal(f(np.array([1.0, -2.0, -3.0]), w), [6.0])


# -- a family of graphs --------------------------------------------------------------------------------------------------
def piece(draw: np.random.Generator, x: Any, n: int) -> tuple[Any, int]:
    """A part of x, of n elements along its first axis, and how many it has."""
    a, b = int(draw.integers(0, 3)), int(draw.integers(0, 3))
    kind = draw.integers(0, 6)
    if kind == 0:
        return T.concatenate([x[:1], x[2:]]), n - 1
    if kind == 1:
        return T.concatenate([x[a:], x[-1:], x[:b]]), n - a + 1 + min(b, n)
    if kind == 2:
        return T.pad(x, ((a, b), *((0, 0),) * (x.ndim - 1)), mode="edge"), n + a + b
    if kind == 3:
        return x[2:] - x[:-2], n - 2
    if kind == 4:
        return tv.diff(x, axis=0, prepend=x[:1]), n
    return T.roll(x, a, axis=0)[1:], n - 1


@pytest.mark.parametrize("seed", range(24))
def test_constants_meet_parts_of_parts(seed: int) -> None:
    draw = np.random.default_rng(seed)
    x = X if seed % 2 else M
    p, n = piece(draw, x, N)
    if draw.integers(0, 2):
        p, n = piece(draw, p, n)
    weights = draw.standard_normal((n, *VALUES[x].shape[1:]))
    cost = (p**2 * weights).sum() if draw.integers(0, 2) else (T.sin(p) * weights + p[:1]).sum()
    if draw.integers(0, 2):
        q, m = piece(draw, x, N)
        cost = cost + (q * draw.standard_normal((m, *VALUES[x].shape[1:])) * x[-1:]).sum()
    native(derived(cost, x, tv.constant(VALUES[x])), {x: VALUES[x]})
