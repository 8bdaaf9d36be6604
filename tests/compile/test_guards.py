"""Lengths that come from values are looked at before anything runs, whether something of that shape is stored or not."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.errors import BoundsError, ShapeError, SizeError

n, v, x = tv.lscalar("n"), tv.dvector("v"), tv.dmatrix("x")
V = np.ones(4)

SUMS = {
    "of zeros": (lambda: (tv.zeros((n, n)) + 1).sum(), lambda k: float(k * k)),
    "of ones": (lambda: tv.ones((n,)).sum(), float),
    "of a repeated scalar": (lambda: tv.broadcast_to(v.sum(), (n, 1)).sum(), lambda k: 4.0 * k),
}


@pytest.mark.parametrize("case", SUMS)
def test_negative_lengths_are_refused_where_nothing_is_stored(case):
    build, want = SUMS[case]
    f = tv.function([n, v], build(), on_unused_input="ignore")
    assert f(3, V) == want(3) and f(0, V) == 0.0
    with pytest.raises(ShapeError, match="negative"):
        f(-3, V)


LARGE = {
    "sum of ones": (lambda: tv.ones((n, n)).sum(), 2**32),
    "mean of ones": (lambda: tv.ones((n, n)).mean(), 2**32),
    "largest of three": (lambda: tv.broadcast_to(v, (n, n, 4)).max(), 2**40),
    "tile": (lambda: tv.tile(v, n), 2**62),
    "repeat": (lambda: tv.repeat(v, n), 2**62),
    "repeat by a number": (lambda: tv.repeat(v, 2**62), 1),
}


@pytest.mark.parametrize("case", LARGE)
def test_shapes_beyond_all_memory_are_refused_where_nothing_is_stored(case):
    build, size = LARGE[case]
    f = tv.function([n, v], build(), on_unused_input="ignore")
    with pytest.raises(SizeError, match="larger than any memory"):
        f(size, V)


INDEXED = {
    "constant": (lambda i: x[[7, 9]], (4, 0)), "variable": (lambda i: x[i], (4, 0)), "second axis": (lambda i: x[:, i], (0, 4)),
    "set": (lambda i: tv.set_subtensor(x[i], 1.0), (4, 0)), "inc": (lambda i: tv.inc_subtensor(x[:, i], 1.0), (0, 4)),
}


@pytest.mark.parametrize("case", INDEXED)
def test_indices_are_checked_where_another_axis_is_empty(case):
    build, shape = INDEXED[case]
    i = tv.lvector("i")
    f = tv.function([x, i], build(i), on_unused_input="ignore")
    with pytest.raises(BoundsError, match="index 7 is out of bounds"):
        f(np.ones(shape), [7])
    if case != "constant":
        assert f(np.ones(shape), [3]).size == 0 and f(np.ones(shape), np.zeros(0, int)).size == 0


def test_a_promised_length_is_checked_where_an_axis_turns_out_to_be_1():
    """The version for an axis of length 1 knows that length from the type; the promise says another one."""
    x, y = tv.dmatrices("x y")
    f = tv.function([x, y], tv.specify_shape(y, (x.shape[0], y.shape[1])) + x)
    np.testing.assert_array_equal(f(np.ones((1, 2)), np.ones((1, 2))), np.full((1, 2), 2.0))
    with pytest.raises(tv.ShapeError, match=r"said to have shape \(3, 2\) has shape \(1, 2\)"):
        f(np.ones((3, 2)), np.ones((1, 2)))
