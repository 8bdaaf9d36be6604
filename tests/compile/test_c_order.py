"""What is made of sorts, searches and scans runs in C: quantiles, interpolation, histograms; and what does not is named here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.program import Foreign
from tensorviz.core.op import BUILDERS as B
from tests.compile.families import ORDERED, family
from tests.compile.test_c_tensors import close
from tests.core.cases import CASES, Case, inputs

Array = np.ndarray[Any, Any]
CHUNK = 40


def rows(dtype: str) -> list[Case]:
    """The rows of these families for a dtype."""
    return [c for c in CASES if family(c) in ORDERED and dtype in c.dtypes]


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "known"), [("float64", False), ("float32", True), ("int32", False), ("uint8", True), ("bool", True)])
def test_rows_give_in_c_what_the_interpreter_gives(dtype: str, known: bool) -> None:
    """All in C but for what has lengths that follow from values: `compress`, `bincount`, and what is computed of them.

    Every other row of a dtype, those of whole numbers the ones that floats leave out.
    """
    every = sorted(rows(dtype)[dtype[0] != "f"::2], key=lambda c: c.open)
    closed = sum(not c.open for c in every)
    for some in (every[k:min(k + CHUNK, closed if k < closed else len(every))] for k in (*range(0, closed, CHUNK), *range(closed, len(every), CHUNK))):
        made = []
        for case in some:
            variables, arrays = inputs(case, dtype, known)
            made.append((case, case.build(*variables), variables, arrays))
        variables = [v for _, _, vs, _ in made for v in vs]
        f = tv.function(variables, [e for _, e, _, _ in made], on_unused_input="ignore")
        assert some[0].open or not [s.node.op.name for s in f._version.program.steps if isinstance(s, Foreign)]
        found = f(*(a for *_, arrays in made for a in arrays))
        given = {v: a for _, _, vs, arrays in made for v, a in zip(vs, arrays, strict=True)}
        for (case, e, _, _), got, want in zip(made, found, tv.evaluate([e for _, e, _, _ in made], given), strict=True):
            eps = max((64 * float(np.finfo(d).eps) for d in (got.dtype, np.dtype(dtype)) if d.kind in "fc"), default=0.0)
            assert close(got, want, eps, eps), f"{case.name}: {e} gave\n{got!r}, interpreter\n{want!r}"


def test_gradients_of_quantiles_run_in_c() -> None:
    x, q = tv.matrix("x", shape=(9, 40)), tv.vector("q", shape=(3,))
    cost = (B["quantile"](x, q, 1) * np.array([[1.0], [2.0], [3.0]])).sum() + B["median"](x, 0).sum() + B["interp"](x, q, q * q).sum()
    f = tv.function([x, q], tv.grad(cost, [x, q]))
    assert not [s for s in f._version.program.steps if isinstance(s, Foreign)]
    value = np.random.default_rng(2).standard_normal((9, 40))
    at = np.array([0.1, 0.52, 0.9])
    for found, meant in zip(f(value, at), tv.evaluate(tv.grad(cost, [x, q]), {x: value, q: at}), strict=True):
        np.testing.assert_allclose(found, meant, rtol=1e-12, atol=1e-12)


SPECIAL = np.array([3.0, -np.inf, np.inf, 1.0, -0.0, 0.0, 2.0, np.inf])


@pytest.mark.parametrize("compile", [True, False], ids=["c", "interpreted"])
@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint", "hazen", "inverted_cdf"])
def test_quantiles_of_infinite_and_missing_elements(method: str, compile: bool) -> None:
    x = tv.vector("x")
    for value in (SPECIAL, np.append(SPECIAL, np.nan), SPECIAL[:1], SPECIAL[3:7]):
        made = [B["quantile"](x, [0.2, 0.3, 0.5], method=method), B["median"](x), B["nanquantile"](x, [0.2, 0.3], method=method), B["nanmedian"](x)]
        found = tv.function([x], made)(value) if compile else tv.evaluate(made, {x: value})
        meant = (np.quantile(value, [0.2, 0.3, 0.5], method=method), np.median(value), np.nanquantile(value, [0.2, 0.3], method=method),
                 np.nanmedian(value))
        for f, m in zip(found, meant, strict=True):
            np.testing.assert_allclose(f, m, rtol=1e-15)


def test_a_quantile_between_equal_infinities_is_infinite() -> None:
    x = tv.vector("x")
    np.testing.assert_array_equal(tv.function([x], B["quantile"](x, [0.9, 1.0]))([1.0, np.inf, np.inf, np.inf]), [np.inf, np.inf])


def test_rows_without_numbers_have_no_median() -> None:
    x = tv.matrix("x")
    value = np.array([[np.nan, np.nan], [1.0, np.nan]])
    for e in (B["nanmedian"](x, 1), B["nanquantile"](x, 0.5, 1)):
        np.testing.assert_array_equal(tv.function([x], e)(value), [np.nan, 1])


def test_searches_of_special_values_are_numpys() -> None:
    a, v = tv.vector("a"), tv.vector("v")
    table, wanted = np.sort(np.append(SPECIAL, [np.nan, np.nan])), np.append(SPECIAL, [np.nan, 1.5, -1e300])
    left, right, bins = tv.function([a, v], [B["searchsorted"](a, v), B["searchsorted"](a, v, "right"), B["digitize"](v, a[:8])])(table, wanted)
    np.testing.assert_array_equal(left, np.searchsorted(table, wanted))
    np.testing.assert_array_equal(right, np.searchsorted(table, wanted, "right"))
    np.testing.assert_array_equal(bins, np.digitize(wanted, table[:8]))


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 1000])
def test_searches_in_tables_of_any_length_and_layout(n: int) -> None:
    a, v = tv.vector("a"), tv.matrix("v")
    rng = np.random.default_rng(n)
    table, wanted = np.sort(rng.integers(0, 50, n).astype(float)), rng.integers(-2, 53, (6, 11)).astype(float)
    f = tv.function([a, v], [B["searchsorted"](a[::2], v.T[::-1]), B["searchsorted"](a, v, "right"), B["digitize"](v, a[::-1])])
    for found, meant in zip(f(table, wanted), (np.searchsorted(table[::2], wanted.T[::-1]), np.searchsorted(table, wanted, "right"),
                                               np.digitize(wanted, table[::-1])), strict=True):
        np.testing.assert_array_equal(found, meant)


x, ints = tv.vector("x"), tv.lvector("i")
WRONG = {
    "side": (lambda: B["searchsorted"](x, 1.0, "middle"), tv.ArgumentError), "matrix": (lambda: B["searchsorted"](tv.matrix("m"), 1.0), tv.ShapeError),
    "sorter": (lambda: B["searchsorted"](x, 1.0, sorter=x), tv.ShapeError), "complex": (lambda: B["digitize"](x, [1j]), tv.DtypeError),
    "bins": (lambda: B["digitize"](x, [1.0, 3.0, 2.0]), tv.ShapeError), "points": (lambda: B["interp"](x, [1.0, 2.0], [1.0]), tv.ShapeError),
    "no points": (lambda: B["interp"](x, [], []), tv.ShapeError), "period": (lambda: B["interp"](x, [1.0], [1.0], period=0), tv.ArgumentError),
    "bincount of floats": (lambda: B["bincount"](x), tv.DtypeError), "bincount of a matrix": (lambda: B["bincount"](tv.lmatrix("m")), tv.ShapeError),
    "minlength": (lambda: B["bincount"](ints, minlength=-1), tv.ArgumentError), "float minlength": (lambda: B["bincount"](ints, minlength=1.5), tv.ArgumentError),
    "complex weights": (lambda: B["bincount"](ints, tv.zvector("z")), tv.DtypeError), "no bins": (lambda: B["histogram"](x, 0), tv.ArgumentError),
    "no such rule": (lambda: B["histogram"](x, "automatic"), tv.ArgumentError),
    "a rule of many histograms": (lambda: B["histogram"](x, "stone"), tv.ArgumentError),
    "a rule and weights": (lambda: B["histogram"](x, "auto", weights=x), tv.ArgumentError), "range": (lambda: B["histogram"](x, 3, (2, 1)), tv.ArgumentError),
    "edges": (lambda: B["histogram"](x, [1.0, 0.0]), tv.ArgumentError), "nonzero": (lambda: B["nonzero"](tv.scalar("s")), tv.ShapeError),
    "method": (lambda: B["quantile"](x, 0.5, method="best"), tv.ArgumentError), "q": (lambda: B["quantile"](x, 1.5), tv.DomainError),
    "percent": (lambda: B["percentile"](x, [-1]), tv.DomainError), "complex quantile": (lambda: B["quantile"](tv.zvector("z"), 0.5), tv.DtypeError),
    "weights of another method": (lambda: B["quantile"](x, 0.5, weights=x), tv.ArgumentError),
    "weights of another shape": (lambda: B["quantile"](tv.matrix("m"), 0.5, method="inverted_cdf", weights=x), tv.ShapeError),
    "complex q": (lambda: B["quantile"](x, tv.zscalar("z")), tv.DtypeError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_raises(name: str) -> None:
    build, kind = WRONG[name]
    with pytest.raises(kind):
        build()


@pytest.mark.parametrize("compile", [True, False], ids=["c", "interpreted"])
def test_wrong_values_raise_at_the_call(compile: bool) -> None:
    q, w = tv.scalar("q"), tv.vector("w")
    for e, given, kind in ((B["bincount"](ints), {ints: np.array([1, -1])}, tv.DomainError),
                           (B["bincount"](ints, w), {ints: np.array([1, 1]), w: np.ones(3)}, tv.ShapeError),
                           (B["digitize"](0.5, x), {x: np.array([1.0, 3.0, 2.0])}, tv.ShapeError),
                           (B["histogram"](1.0, x)[0], {x: np.array([1.0, 0.0])}, tv.DomainError),
                           (B["histogram"](x)[0], {x: np.array([1.0, np.nan])}, tv.DomainError),
                           (B["quantile"](x, q), {x: np.ones(3), q: np.array(1.25)}, tv.DomainError),
                           (B["quantile"](x, 0.5), {x: np.ones(0)}, tv.BoundsError)):
        with pytest.raises(kind):
            tv.function(list(given), e)(*given.values()) if compile else tv.evaluate([e], given)
