"""Generated C of instructive kernels, read as code: `pytest tests/compile/test_golden.py --update-golden` writes the files anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv

LINES = 40


def code(f: Any) -> str:
    """The kernels of a function, and what its entry does once lengths are checked."""
    source = f.source()
    entry = source.index("TV_ENTRY int ")
    kernels = source[_first(source, entry):entry].strip()
    run = source[source.index("    }\n", source.index("TV_SHAPES) {", entry)) + len("    }\n"):].rstrip()
    return f"{kernels}\n\n{run}\n" if kernels else f"{run}\n"


def _first(source: str, entry: int) -> int:
    """Where the comment of the first kernel stands; where the entry begins if there is none."""
    at = source.find("TV_KERNEL void", 0, entry)
    return entry if at < 0 else source.rindex("/* ", 0, at)


def chain() -> Any:
    """One loop over all elements; the scalar is read once."""
    x, y, scale = tv.fmatrix("x"), tv.fmatrix("y"), tv.fscalar("scale")
    z = tv.tanh(x * scale) + tv.where(y > 0, y, 0.1 * y)
    z.name = "z"
    return tv.function([x, y, scale], z)


def softmax() -> Any:
    """Three passes over a row that stays in the cache."""
    x = tv.fmatrix("x", shape=(None, 1000))
    probs = tv.softmax(x, axis=1)
    probs.name = "probs"
    return tv.function([x], probs)


def bias_gradient() -> Any:
    """A vector of accumulators that lives across the rows."""
    x, b = tv.fmatrix("x", shape=(64, 256)), tv.fvector("b", shape=(256,))
    slope = tv.grad(tv.sum(tv.tanh(x + b) ** 2), b)
    slope.name = "slope"
    return tv.function([x, b], slope)


def columns() -> Any:
    """Sums of columns of any length: every 512 rows a block is added to the total, and what that rounds away is kept."""
    x = tv.fmatrix("x", shape=(None, 10))
    total = x.sum(axis=0)
    total.name = "total"
    return tv.function([x], total)


def momentum() -> Any:
    """The product, scaled and added to the old value, in one call of BLAS."""
    x, delta = tv.fmatrix("x"), tv.fmatrix("delta")
    speed = tv.shared(np.zeros((64, 256), "float32"), name="speed")
    return tv.function([x, delta], updates={speed: 0.9 * speed - 0.1 * (x.T @ delta)})


def gather() -> Any:
    """Rows are looked up, with bounds checked; the rest is one loop."""
    table, word = tv.fmatrix("table", shape=(None, 64)), tv.lvector("word")
    found = table[word]
    found.name = "found"
    y = tv.exp(found)
    y.name = "y"
    return tv.function([table, word], y)


def view() -> Any:
    """Turned, reversed and cut: a start and two strides, no copy."""
    x, weight = tv.fmatrix("x", shape=(100, 20)), tv.fvector("weight", shape=(100,))
    y = x[::-1, 1:].T * weight
    y.name = "y"
    return tv.function([x, weight], y)


@pytest.mark.parametrize("make", [chain, softmax, bias_gradient, columns, momentum, gather, view], ids=lambda f: f.__name__)
def test_generated_code_reads_as_in_the_golden_file(make: Callable[[], Any], golden: Callable[[str, str], None]) -> None:
    text = code(make())
    assert text.count("\n") < LINES
    golden(f"{make.__name__}.c", text)
