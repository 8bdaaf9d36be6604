"""Rows computed in several loops: what a later loop reads, an earlier one has put there, whichever first needs it."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.kernel import Accumulate, Apply, Const, Load, Loop, Name, Store, read_before_written

F8 = np.dtype("float64")
I = (("i", 1),)
DEAR = {"tanh": np.tanh, "exp": np.exp, "sin": np.sin, "log1p": np.log1p, "arctan": np.arctan, "sqrt": np.sqrt}
ROWS = {
    "needed from the second loop on": lambda x, t: (x - x.mean(1, keepdims=True)) * t + ((x - x.mean(1, keepdims=True)) * t).sum(
        1, keepdims=True),
    "needed in all loops": lambda x, t: t * x / t.sum(1, keepdims=True) + (t * (x - t.mean(1, keepdims=True))).sum(1, keepdims=True),
    "needed in the last two of four": lambda x, t: (x / (x / x.max(1, keepdims=True)).sum(1, keepdims=True) * t)
    / (1.0 + (x / (x / x.max(1, keepdims=True)).sum(1, keepdims=True) * t).sum(1, keepdims=True)),
    "of a softmax": lambda x, t: softmax(x * t) * t,
}


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@pytest.mark.parametrize("dear", DEAR)
@pytest.mark.parametrize("row", ROWS)
def test_dear_values_of_rows_are_kept_from_the_loop_that_first_needs_them(row, dear):
    x = tv.dmatrix("x")
    e = ROWS[row](x, DEAR[dear](x))
    f = tv.function([x], [e, tv.grad(e.sum(), x)])
    for shape in ((2, 3), (5, 1), (0, 4), (3, 40)):
        a = np.random.default_rng(0).uniform(0.1, 2.0, shape)
        want = tv.evaluate([e, tv.grad(e.sum(), x)], {x: a})
        for got, w in zip(f(a), want, strict=True):
            np.testing.assert_allclose(got, w, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(f(a)[0], ROWS[row](a, DEAR[dear](a)), rtol=1e-11, atol=1e-12)


def test_a_kernel_that_reads_what_nobody_wrote_is_found():
    read = Store("out", I, Apply("exp", (Load("row", I, F8),), F8))
    write = Store("row", I, Const(1.0, F8))
    assert read_before_written([Loop("i", "n", [read]), Loop("i", "n", [write])], {"x"}) == {"row"}
    assert read_before_written([Loop("i", "n", [write]), Loop("i", "n", [read])], {"x"}) == set()
    assert read_before_written([Accumulate("sum", "column", Name("a", F8), F8, I), Store("out", I, Load("column", I, F8))], set()) == set()
