"""Masks and starts of reductions, through methods and NumPy's functions; what they refuse; rows of nothing but NaN."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B

X = tv.matrix("x", shape=(2, 3))
MASK = np.array([[True, False, True], [False, False, False]])


def test_methods_and_numpys_functions_take_masks_and_starts() -> None:
    assert X.sum(axis=0, where=MASK, initial=2.0) is B["sum"](X, axis=0, where=MASK, initial=2.0)
    assert np.sum(X, axis=0, where=MASK, initial=2.0) is B["sum"](X, axis=0, where=MASK, initial=2.0)
    assert np.maximum.reduce(X, initial=1.0) is X.max(axis=0, initial=1.0)
    assert np.mean(X, where=MASK) is X.mean(where=MASK) and np.nanmean(X) is B["nanmean"](X)
    assert np.any(X, where=MASK) is X.any(where=MASK) and X.sum(where=True) is X.sum()


@pytest.mark.parametrize("compile", [True, False], ids=["c", "interpreted"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_rows_of_nothing_but_nan_are_numpys(compile: bool) -> None:
    x = tv.matrix("x")
    value = np.array([[np.nan, np.nan, np.nan], [1.0, np.nan, -np.inf], [np.nan, 2.0, 3.0]])
    names = ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin")
    made = [B[name](x, axis=1) for name in names]
    found = tv.function([x], made)(value) if compile else tv.evaluate(made, {x: value})
    with np.errstate(all="ignore"):
        for name, f in zip(names, found, strict=True):
            np.testing.assert_allclose(f, getattr(np, name)(value, axis=1), err_msg=name, rtol=1e-15)
    for e in (B["nanargmax"](x, 1), B["nanargmin"](x, 1)):
        with pytest.raises(tv.DomainError, match="all NaN"):
            tv.function([x], e)(value) if compile else e.eval({x: value})


def test_an_empty_axis_has_a_largest_element_if_it_has_a_start() -> None:
    x = tv.matrix("x")
    f = tv.function([x], [x.max(initial=-1.0), x.max(axis=1, initial=2.0), x.min(axis=0, initial=5.0)])
    for shape in ((0, 3), (2, 0), (0, 0), (2, 3)):
        value = np.ones(shape)
        for found, meant in zip(f(value), (value.max(initial=-1), value.max(axis=1, initial=2), value.min(axis=0, initial=5)), strict=True):
            np.testing.assert_array_equal(found, meant)


def test_a_mask_without_start_is_refused_where_nothing_may_be_left() -> None:
    for name in ("max", "min"):
        with pytest.raises(tv.ArgumentError, match="initial"):
            B[name](X, where=MASK)
    with pytest.raises(tv.ShapeError):
        B["sum"](X, where=np.ones((2, 2, 3), bool))
    with pytest.raises(tv.ArgumentError):
        B["var"](X, ddof=1, correction=1)


def test_no_gradient_reaches_what_is_left_out() -> None:
    value = np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 2.0]])
    for name in ("nansum", "nanmean", "nanmax", "nanvar", "nanprod"):
        g = tv.function([X], tv.grad(B[name](X, axis=1).sum(), X))(value)
        assert np.isfinite(g).all() and (g[np.isnan(value)] == 0).all()
