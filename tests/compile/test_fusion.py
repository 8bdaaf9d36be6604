"""What runs in one loop nest: neighbours that read the same memory do, unless one would lose its threads by it."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv

x, y = tv.dmatrix("x"), tv.dmatrix("y")
A, B = np.random.default_rng(0).normal(size=(2, 4, 5))

TOGETHER = {
    "sums of all": ([x.sum(), x.max(), (x * x).sum()], 1),
    "elementwise": ([tv.exp(x), x + 1.0, tv.tanh(x) * y], 1),
    "sums of rows": ([x.sum(axis=1), x.max(axis=1), (x * x).sum(axis=1)], 1),
    "rows and everything": ([x / x.sum(axis=1, keepdims=True), (x * 2.0).sum()], 2),
    "x and its transpose": ([tv.exp(x), tv.exp(x.T)], 1),
    "one after the other": ([tv.exp(x), tv.exp(x) / tv.exp(x).sum()], 2),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_nests_that_read_the_same_memory_are_one(case):
    outputs, nests = TOGETHER[case]
    f = tv.function([x, y], outputs, on_unused_input="ignore")
    assert len(f.trace.kernels) == nests, f.source()
    for a, b in ((A, B), (A[:0], B[:0]) if "max" not in str(outputs) else (A[:1], B[:1])):
        for got, want in zip(f(a, b), tv.evaluate(outputs, {x: a, y: b}), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)


def test_many_outputs_of_one_input_are_shared_out_over_nests():
    outputs = [x * float(k) + 1.0 for k in range(40)]
    f = tv.function([x], outputs)
    assert [len(k.outputs) for k in f.trace.kernels] == [16, 16, 8]
    for got, want in zip(f(A), tv.evaluate(outputs, {x: A}), strict=True):
        np.testing.assert_array_equal(got, want)
