"""Python integers meet narrow dtypes: those that fit are stored, those that don't raise, wherever NumPy raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

u = tv.tensor("u", dtype="uint8", shape=(None,))
STORED: dict[str, Callable[[Any], Any]] = {
    "full": lambda v: T.full((2,), v, dtype="uint8"),
    "full_like": lambda v: T.full_like(u, v),
    "max": lambda v: T.max(u, initial=v),
    "min": lambda v: T.min(u, initial=v),
    "nanmax": lambda v: T.nanmax(u, initial=v),
    "sum": lambda v: T.sum(u, dtype="uint8", initial=v),
    "insert": lambda v: T.insert(u, 0, v),
    "insert a list": lambda v: T.insert(u, 0, [v]),
    "put": lambda v: T.put(u, [0], v),
    "put a list": lambda v: T.put(u, [0], [v]),
    "place": lambda v: T.place(u, u > 1, v),
    "putmask": lambda v: T.putmask(u, u > 1, v),
    "copyto": lambda v: T.copyto(u, v),
    "put_along_axis": lambda v: T.put_along_axis(u, [0], v, 0),
    "put_along_axis a list": lambda v: T.put_along_axis(u, [0], [v], 0),
    "piecewise": lambda v: T.piecewise(u, [u > 1], [v, 1]),
    "set_subtensor": lambda v: T.set_subtensor(u[:1], v),
    "inc": lambda v: u[:1].inc(v),
    "constant": lambda v: T.constant(v, dtype="uint8"),
    "as_tensor": lambda v: T.as_tensor([1, v], dtype="uint8"),
    "add": lambda v: u + v,
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("value", (300, -1, 2**70))
def test_an_integer_that_does_not_fit_raises_with_the_users_line(name: str, value: int) -> None:
    with pytest.raises(tv.DtypeError) as caught:
        STORED[name](value)
    assert isinstance(caught.value, OverflowError)
    assert f"{value} does not fit in uint8" in str(caught.value)
    assert "test_python_numbers.py" in str(caught.value) or "STORED" in str(caught.value)


@pytest.mark.parametrize("name", STORED)
def test_an_integer_that_fits_is_stored(name: str) -> None:
    found = STORED[name](7)
    assert found.dtype == np.uint8
    assert {"min": 0, "sum": 10}.get(name, 7) in np.ravel(tv.function([u], found, on_unused_input="ignore")(np.array([0, 3], np.uint8)))


def test_int8_takes_no_128_though_int64_goes_into_it_by_same_kind() -> None:
    w = tv.bvector("w")
    with pytest.raises(OverflowError):
        w[0].set(128)
    with pytest.raises(OverflowError):
        np.zeros(2, np.int8)[:1] = 128


def test_what_numpy_wraps_is_wrapped_still() -> None:
    values = np.array([1, 2, 3], np.uint8)
    for build in (lambda m, a: m.full(2, [300, 1], "uint8"), lambda m, a: m.full(2, np.int64(300), "uint8"),
                  lambda m, a: m.full_like(a, 300.7), lambda m, a: m.max(a, initial=np.int64(300)),
                  lambda m, a: m.insert(a, 0, 2.7), lambda m, a: m.full(2, 300, bool), lambda m, a: m.full(2, 2**70, "f4"),
                  lambda m, a: m.prod(a, initial=3), lambda m, a: m.sum(a, initial=2.5),
                  lambda m, a: m.pad(a, 1, constant_values=300)):
        meant = build(np, values)
        found = build(T, u).eval({u: values})
        np.testing.assert_array_equal(found, meant)
        assert found.dtype == meant.dtype


def test_ediff1d_takes_ends_of_the_same_kind() -> None:
    for end in (300, 3, [3]):
        with pytest.raises(tv.DtypeError, match="same_kind"):
            T.ediff1d(u, to_end=end)
    assert T.ediff1d(u, to_end=np.uint8(3)).eval({u: [1, 2]}).tolist() == [1, 3]
