"""vmap and vectorize against a Python loop with stack, over every row of the tables; nested, under and over gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.batch_rules import RULES
from tensorviz.core.batching import vmap
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS, Op
from tests.core.cases import CASES, Case, draw
from tests.core.test_autodiff import ELEMENTWISE, points, takes, variables

Array = np.ndarray[Any, Any]
SIZE = 3
ROWS = [c for c in CASES if c.shapes]
# Rows whose lengths follow from values: their members would differ in shape, as the error says.
RAGGED = ({c.name for c in ROWS if c.open} | {"arange-smooth-0d", "place-3x4-3"}) - {"set-mask-4x5-0d", "inc-mask-4x5-0d"}
GROUPED = ("convolve",)             # both tensors mapped: members are groups, whose number must be known


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
        size = SIZE if case.name.startswith(GROUPED) else None
        kinds = [(size, *n[1:]) if b else n for n, b in zip(kinds, on, strict=True)]
    return [tv.tensor(f"x{k}", dtype=dtype, shape=s) for k, s in enumerate(kinds)], at


def looped(build: Any, at: Sequence[Array], on: Sequence[bool], xs: Sequence[Any]) -> Array:
    """What a loop gives."""
    single = [tv.tensor(f"y{k}", dtype=x.dtype, shape=x.type.shape[b:]) for k, (x, b) in enumerate(zip(xs, on, strict=True))]
    made = build(*single)
    return np.stack([tv.evaluate([made], {y: a[j] if b else a for y, a, b in zip(single, at, on, strict=True)})[0] for j in range(SIZE)])


def same_as_a_loop(build: Any, xs: Sequence[Any], at: Sequence[Array], on: Sequence[bool]) -> None:
    mapped = vmap(build, in_axes=[0 if b else None for b in on])(*xs)
    (found,) = tv.evaluate([mapped], dict(zip(xs, at, strict=True)))
    expected = looped(build, at, on, xs)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    eps = np.finfo(expected.dtype).eps if expected.dtype.kind in "fc" else 0
    np.testing.assert_allclose(found, expected, rtol=64 * eps, atol=64 * eps)


# -- the tables ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("case", [c for c in ROWS if c.name not in RAGGED], ids=lambda c: c.name)
def test_vmap_is_a_loop(case: Case, known: bool) -> None:
    for on in ways_to_map(len(case.shapes)):
        xs, at = stacked(case, case.dtypes[0], on, known)
        same_as_a_loop(case.build, xs, at, on)


@pytest.mark.parametrize("case", [c for c in ROWS if c.name not in RAGGED and c.smooth and "float64" in c.dtypes], ids=lambda c: c.name)
def test_gradients_of_each_member_and_gradients_of_what_was_mapped(case: Case) -> None:
    """vmap of grad against a loop; grad through vmap is the sum of the members' gradients where an argument is one for all."""
    for on in ways_to_map(len(case.shapes)):
        xs, at = stacked(case, "float64", on, known=False)

        def cost(*args: Any) -> Any:
            made = case.build(*args)
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


@pytest.mark.parametrize("case", [c for c in ROWS if c.name in RAGGED], ids=lambda c: c.name)
def test_lengths_that_differ_within_the_batch_are_refused(case: Case) -> None:
    xs, _ = stacked(case, case.dtypes[0], (True,) * len(case.shapes), known=False)
    with pytest.raises(tv.ShapeError, match="would differ from member to member") as caught:
        vmap(case.build)(*xs)
    assert "hint: " in str(caught.value)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if takes(op, "float64")], ids=lambda op: op.name)
def test_vmap_of_elementwise_ops_is_a_loop(op: Op) -> None:
    at = points(op)[0]
    for on in ways_to_map(len(at)):
        values = [np.stack([a * (1 + 0.01 * j) for j in range(SIZE)]) if b else a for a, b in zip(at, on, strict=True)]
        same_as_a_loop(B[op.name], variables(values), values, on)


# Ops that vmap refuses, and why.
WITHOUT = {
    "variable": "a leaf is what is mapped, or one for all",
    "constant": "a leaf is what is mapped, or one for all",
}


def test_every_op_has_a_batch_rule() -> None:
    """A new op needs a row in core/batch_rules.py, or a reason here."""
    missing = {name for name, op in OPS.items() if name not in RULES and op.family != "elementwise" and not name.startswith("test_")}
    assert missing == set(WITHOUT)


def test_batch_rules_are_of_ops_that_exist() -> None:
    assert set(RULES) <= set(OPS)
