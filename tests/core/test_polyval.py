"""Polynomials at points, for any number of coefficients."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T


@pytest.mark.parametrize("dtypes", [("float64", "float64"), ("float32", "float32"), ("int64", "int64"), ("int64", "float64"), ("bool", "int8"),
                                    ("uint8", "uint8"), ("bool", "bool"), ("complex128", "float64")])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_polyval_takes_any_number_of_coefficients(count: int, dtypes: tuple[str, str]) -> None:
    rng = np.random.default_rng(count)
    p, x = (rng.integers(0, 9, n).astype(d) for n, d in zip((count, (2, 3)), dtypes, strict=True))
    ps, xs = tv.tensor("p", dtype=dtypes[0], shape=(None,)), tv.tensor("x", dtype=dtypes[1], shape=(None, None))
    made = T.polyval(ps, xs)
    found, meant = made.eval({ps: p, xs: x}), np.polyval(p, x)
    assert made.dtype == found.dtype == np.result_type(*dtypes)        # NumPy's is that of x if there are no coefficients
    np.testing.assert_array_equal(found, meant)


def test_polyval_of_unknown_length_has_the_derivatives_of_the_polynomial() -> None:
    p, x = tv.dvectors("p x")
    env = {p: [2.0, -1.0, 3.0, 0.5], x: [0.0, 1.5, -2.0]}
    by_p, by_x = tv.grad(T.polyval(p, x).sum(), [p, x])
    np.testing.assert_allclose(by_x.eval(env), np.polyval(np.polyder(env[p]), env[x]), rtol=1e-13)
    np.testing.assert_allclose(by_p.eval(env), [np.sum(np.power(env[x], k)) for k in (3, 2, 1, 0)], rtol=1e-13)
    np.testing.assert_array_equal(tv.function([p, x], T.polyval(p, x))([1.0, 0.0, 2.0], [np.inf, np.nan, 1e200]),
                                  np.polyval([1.0, 0.0, 2.0], [np.inf, np.nan, 1e200]))
