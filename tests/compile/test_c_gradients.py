"""Gradients in compiled C against the NumPy interpreter: every op of the tables, first and second order, ordinary and special values.

Both run the same graph but for rewriting, rounded differently: a sum is added in another order, elementary functions are off by up to
4 ULP. So results agree to `CLOSE` = 64 eps = 1.4e-14 of the largest finite element of the same gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import inputs
from tests.core.differences import directional, ways, weighted
from tests.core.test_autodiff import ELEMENTWISE, SMOOTH, points, takes, variables

Array = np.ndarray[Any, Any]
CLOSE = 64 * float(np.finfo(np.float64).eps)
CHUNK = 48                                              # cases compiled into one function
CHECKED = ("arange", "assert", "histogram", "quantile-open")            # raise at values that are not allowed
MODES = {"rewritten": Mode(), "plain": Mode(rewrite=False)}


@dataclass(frozen=True)
class Row:
    """Gradients of a case; `steady`: its shapes don't follow from values."""

    name: str
    xs: list[Any]
    at: list[Array]
    gradients: list[Any]
    steady: bool = True


def row(name: str, made: Any, xs: list[Any], at: list[Array], steady: bool = True) -> Row:
    """The gradients of a weighted sum of `made`, and those of their sum along a random way."""
    cost = weighted(made, dict(zip(xs, at, strict=True)), 91)
    along, _ = directional(cost, xs, ways(at, "float64", 92))
    both = [tv.grad(e, xs, disconnected_inputs="ignore") for e in (cost, along)]
    return Row(name, xs, at, [g for gradients in both for g in gradients], steady)


def rows(known: bool) -> Iterator[Row]:
    """The gradients of all cases and elementwise ops."""
    for case in SMOOTH:
        if known or not case.fixed:
            xs, at = inputs(case, "float64", known)
            yield row(case.name, case.build(*xs), xs, at, not case.open and not case.name.startswith(CHECKED))
    for op in ELEMENTWISE:
        for at in points(op) if takes(op, "float64") else ():
            xs = variables(at, known)
            yield row(op.name, B[op.name](*xs), xs, at)


def special(r: Row, seed: int) -> list[Array]:
    """The values of a row with NaN, infinities, zeros and ties at some places."""
    rng = np.random.default_rng(seed)
    made = [np.array(a) for a in r.at]
    for a in made if r.steady else ():
        for v in (np.nan, np.inf, -np.inf, 0.0, -0.0, 0.25, 0.25):
            k = rng.integers(0, 2 * a.size + 1)
            if k < a.size:
                a.flat[k] = v
    return made


def differs(found: Array, meant: Array, strict: bool) -> str:
    """How a compiled result differs from the interpreter's; empty if it does not.

    A rewritten graph may have a finite value where the interpreter overflows on the way (`strict` is False).
    """
    if found.dtype != meant.dtype or found.shape != meant.shape:
        return f"{found.dtype} {found.shape}, not {meant.dtype} {meant.shape}"
    finite = np.isfinite(meant)
    same = finite | (found == meant) | (np.isnan(found) & np.isnan(meant)) | (np.isfinite(found) & (not strict))
    if not same.all() or not np.isfinite(found[finite]).all():
        return f"{found}, not {meant}"
    size = np.max(np.abs(meant[finite]), initial=0.0)
    worst = np.max(np.abs(found[finite] - meant[finite]), initial=0.0)
    return "" if worst <= CLOSE * size else f"off by {worst / size / CLOSE * 64} eps: {found}, not {meant}"


def compare(group: Sequence[Row], f: Any, values: Sequence[Sequence[Array]], strict: bool) -> list[str]:
    """What a compiled function of all gradients of a group does not give as the interpreter does."""
    found = iter(f(*(a for at in values for a in at)))
    problems = []
    for r, at in zip(group, values, strict=True):
        meant = tv.evaluate(r.gradients, dict(zip(r.xs, at, strict=True)))
        for k, want in enumerate(meant):
            if what := differs(next(found), want, strict):
                problems.append(f"{r.name}, gradient {k} at {at}: {what}")
    return problems


SOME = pytest.param(True, "rewritten", 0, 16, id="some")
MORE = [pytest.param(known, mode, first, nth, id=f"{'known' if known else 'unknown'}-{mode}", marks=pytest.mark.slow)
        for known, mode, first, nth in ((True, "rewritten", 1, 16), (True, "plain", 3, 16), (False, "rewritten", 2, 16))]


@pytest.mark.parametrize(("known", "mode", "first", "every_nth"), [SOME, *MORE])
def test_compiled_gradients_are_the_interpreters(known: bool, mode: str, first: int, every_nth: int) -> None:
    every = sorted(rows(known), key=lambda r: any(1 in a.shape for a in r.at))      # a length of 1 compiles its group again
    every = every[first::every_nth]
    problems = []
    for k in range(0, len(every), CHUNK):
        group = every[k:k + CHUNK]
        f = tv.function([x for r in group for x in r.xs], [g for r in group for g in r.gradients], mode=MODES[mode],
                        on_unused_input="ignore")
        for seed in (None, 1, 2):
            values = [r.at if seed is None else special(r, seed + k) for r in group]
            problems += compare(group, f, values, mode == "plain")
    assert not problems, f"{len(problems)} of them\n" + "\n".join(problems[:20])


def test_a_result_written_over_an_argument_is_not_read_again_as_that_argument() -> None:
    x, i = tv.vector("x"), [2, 0, 1]
    t = x[i]
    a = 1.0 / t
    f = tv.function([x], [x[i].inc(a), x[i].inc(a / t)])        # a may lie where t was, but only once a / t has read it
    at = np.array([1.0, 2.0, 4.0])
    for got, want in zip(f(at), (at + 1 / at, at + 1 / at**2), strict=True):
        np.testing.assert_array_equal(got, want)


def test_lengths_that_a_graph_was_rewritten_for_are_checked_also_if_no_part_of_it_asks() -> None:
    x, v = tv.matrix("x"), tv.matrix("v")
    g = tv.grad(tv.sum(x[1, None].set(v) * np.ones((4, 5))), v)          # sum_to runs in NumPy; nothing reads v
    f = tv.function([x, v], g)
    for shape in ((1, 5), (1, 1)):
        assert f(np.zeros((4, 5)), np.zeros(shape)).shape == shape
    with pytest.raises(tv.ShapeError):
        f(np.zeros((4, 5)), np.zeros((1, 2)))


@pytest.mark.parametrize("lengths", [(3, 1), (1, 3), (1, 1), (3, 3)])
def test_conditions_of_where_go_through_broadcasts_known_at_run_time(lengths: tuple[int, int]) -> None:
    x, c = tv.vector("x"), tv.vector("c", dtype="bool")
    g = tv.grad(tv.sum(tv.where(c, 2.0 * tv.log(x), 0.0)), x)
    f = tv.function([x, c], g)
    at, chosen = np.arange(float(lengths[0])), np.arange(lengths[1]) % 3 == 1
    expected = np.where(chosen, 2.0, 0.0) * np.ones(max(lengths))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(expected > 0, expected / at, 0) if lengths[0] > 1 else np.array([np.inf if chosen.any() else 0])
    np.testing.assert_array_equal(f(at, chosen), expected)
    np.testing.assert_array_equal(f(at, chosen), tv.evaluate([g], {x: at, c: chosen})[0])
