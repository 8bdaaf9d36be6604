"""Functions in parts: lengths that an earlier part computed, and lengths that agree with others made of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

X, S, W, M = tv.dvector("x"), tv.dvector("s"), tv.dvector("w"), tv.dmatrix("m")
VALUES = {X: np.array([0.5, -1.0, 2.0, 0.25]), S: np.array([0.0, 1.0, 3.0, 4.0]), W: np.array([1.0, 2.0, 3.0, 0.5]),
          M: np.arange(12.0).reshape(4, 3)}
KNOWN = np.array([1.0, 2.0, 3.0, 0.5])


def joined() -> list[Any]:
    """A vector without one element meets a constant: the gradient, its own gradient, and both at once."""
    p = tv.concatenate([X[:1], X[2:]])
    g = tv.grad((p**2 * KNOWN[:3]).sum(), X)
    h = tv.grad((g * np.ones(4)).sum(), X)
    return [g, h, g * h]


def rows() -> list[Any]:
    """The same of rows."""
    p = tv.concatenate([M[:1], M[2:]])
    g = tv.grad((p**2 * np.ones((3, 1))).sum(), M)
    return [tv.grad((g**2).sum(), M)]


def slopes(w: Any, what: Callable[[Any], Any]) -> list[Any]:
    """Second derivatives of weighted slopes."""
    return [what((T.gradient(X, S, axis=0) ** 2 * w).sum())]


GRAPHS: dict[str, Callable[[], list[Any]]] = {
    "joined": joined, "rows": rows,
    **{f"{name}-{kind}": lambda w=w, f=f: slopes(w, f) for kind, w in (("known", tv.constant(KNOWN)), ("given", W)) for name, f in (
        ("product", lambda c: tv.hessian_vector_product(c, X, tv.constant(KNOWN))), ("hessian", lambda c: tv.hessian(c, X)),
        ("places", lambda c: tv.hessian(c, S)))},
    "padded": lambda: [tv.grad((T.pad(X, 1)[1:-1] ** 3 * KNOWN).sum(), X), tv.grad(((X[2:] - X[:-2]) ** 2 * tv.constant(KNOWN)[1:3]).sum(), X)],
}


@pytest.mark.parametrize("name", GRAPHS)
def test_constants_of_known_length_meet_parts_of_unknown_length(name: str) -> None:
    outs = GRAPHS[name]()
    inputs = list(VALUES)
    results = [tv.function(inputs, outs, mode=mode, on_unused_input="ignore")(*VALUES.values()) for mode in ("FAST_RUN", "FAST_COMPILE")]
    for found, meant in zip(*results, strict=True):
        assert found.shape == meant.shape
        np.testing.assert_allclose(found, meant, rtol=1e-12, atol=1e-12)
