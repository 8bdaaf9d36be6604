"""What users met: comparisons of signed with unsigned numbers, factors of 0 beside NaN, indices out of bounds behind a set."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv

COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")



@pytest.mark.parametrize("dtype", ("int8", "int16", "int32", "int64"))
@pytest.mark.parametrize("target", ("c", "numpy"))
def test_signed_whole_numbers_compare_with_unsigned_ones_by_value(dtype, target):
    info = np.iinfo(dtype)
    a, b = np.array([[-1], [0], [5], [info.min], [info.max]], dtype), np.array([0, 2**64 - 1, 5, 2**63, 2**63 - 1], "uint64")
    i, u = tv.tensor("i", dtype=dtype, shape=(None, None)), tv.tensor("u", dtype="uint64", shape=(None,))
    pairs = [(name, flip) for name in COMPARISONS for flip in (False, True)]
    found = tv.function([i, u], [getattr(tv, n)(*((u, i) if flip else (i, u))) for n, flip in pairs], target=target)(a, b)
    for value, (name, flip) in zip(found, pairs, strict=True):
        np.testing.assert_array_equal(value, getattr(np, name)(*((b, a) if flip else (a, b))), err_msg=f"{name} {flip}")


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_a_factor_of_zero_lets_nan_and_infinity_through(dtype):
    w, x, g = (tv.matrix(n, dtype=dtype) for n in "wxg")
    s = tv.scalar("s", dtype=dtype)
    f = tv.function([w, x, g, s], [w - s * (x @ g), s * w + x @ g, w + 0.0 * (x @ g), 0.0 * w + x @ g, 0.0 * w - 0.0 * (x @ g)])
    assert "tv_gemm" in f.source()
    for where in ("w", "x", "g"):
        values = {"w": np.ones((2, 2), dtype), "x": np.ones((2, 3), dtype), "g": np.ones((3, 2), dtype)}
        values[where][0, 1] = np.nan if where == "x" else np.inf
        W, X, G = values["w"], values["x"], values["g"]
        zero = np.zeros((), dtype)
        with np.errstate(all="ignore"):
            made = X @ G
            expected = [W - zero * made, zero * W + made, W + zero * made, zero * W + made, zero * W - zero * made]
        for found, wanted in zip(f(W, X, G, zero), expected, strict=True):
            np.testing.assert_array_equal(found, wanted, err_msg=where)


def test_an_index_out_of_bounds_is_refused_where_its_value_is_put_and_read():
    v, k = tv.dvector("v"), tv.lscalar("k")
    f = tv.function([v, k], v[k].set(1.0)[k])
    assert f([1.0, 2.0], 1) == 1.0
    with pytest.raises(tv.BoundsError, match="index 10"):
        f(np.zeros(3), 10)
    m = tv.dmatrix("m")
    with pytest.raises(tv.BoundsError):
        tv.function([m], m[7, :2].set(0.0)[1])(np.zeros((3, 3)))


def test_debug_mode_does_not_take_a_finite_number_for_nan(monkeypatch):
    from tensorviz.compile import verify

    wrong, meant = np.zeros(2), np.array([np.nan, 1.0])
    assert not verify._alike(meant, wrong, 1.0)
    w, x, s = tv.dmatrix("w"), tv.dmatrix("x"), tv.dscalar("s")
    f = tv.function([w, x, s], w - s * (x @ x), mode="DEBUG")
    assert np.isnan(f(np.zeros((2, 2)), np.full((2, 2), np.nan), 0.0)).all()
    real = verify.Watch.judge

    def planted(self, values, results):
        real(self, values, [np.zeros_like(r) for r in results])

    monkeypatch.setattr(verify.Watch, "judge", planted)
    with pytest.raises(tv.CheckError):
        f(np.zeros((2, 2)), np.full((2, 2), np.nan), 0.0)
