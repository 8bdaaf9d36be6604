"""The table of features: what Theano and PyTensor offer, how tensorviz answers, and a small example a row that is run and checked.

Each section is a module that makes its rows with `row`; `docs/features.md` is written from them (`python docs/features.py`).
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

import tensorviz as tv
from tests.features.calls import listed

__all__ = ["ROWS", "SECTIONS", "Row", "close", "load", "row", "same"]

SECTIONS = {
    "types": "Types, variables, constants",
    "elementwise": "Elementwise and scalar functions",
    "axes": "Reductions, shape, indexing",
    "nn": "Convolution, pooling, nnet",
    "autodiff": "Automatic differentiation",
    "beyond": "Beyond both",
}


@dataclass(frozen=True)
class Row:
    """One feature: who has it, how tensorviz answers it (a line of the page), and the check that it does."""

    id: str
    feature: str
    theano: str
    pytensor: str
    answer: str
    check: Callable[[], None]
    prose: frozenset[str] = frozenset()         # words of the line that are names elsewhere, but no names here

    @property
    def names(self) -> set[str]:
        """The names of functions and classes that the line lists: the check must call each."""
        return listed(" ".join((self.feature, self.theano, self.pytensor, self.answer))) - self.prose

    @property
    def section(self) -> str:
        """The first word of the id."""
        return self.id.partition(".")[0]

    @property
    def example(self) -> str:
        """The code of the check, as the page shows it."""
        lines = inspect.getsource(self.check).splitlines()
        first = next(k for k, line in enumerate(lines) if line.startswith("def ")) + 1
        return textwrap.dedent("\n".join(lines[first:])).strip()


ROWS: dict[str, Row] = {}


def row(id: str, feature: str, theano: str, pytensor: str, answer: str,
        prose: str = "") -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Add a row; the decorated function is its example, calls every name that the line lists (`prose`: words that are none there),
    and fails when one of them stops working."""

    def add(check: Callable[[], None]) -> Callable[[], None]:
        assert id not in ROWS and id.partition(".")[0] in SECTIONS, id
        ROWS[id] = Row(id, feature, theano, pytensor, answer, check, frozenset(prose.split()))
        return check

    return add


def load() -> dict[str, Row]:
    """All rows, by the sections' order."""
    for section in SECTIONS:
        import_module(f"tests.features.{section}")
    return ROWS


def same(found: Any, expected: Any, **tolerance: float) -> None:
    """A value of an expression or of a call must have the dtype, the shape and the elements of `expected`."""
    value = np.asarray(found.eval() if isinstance(found, tv.Expr) else found)
    expected = np.asarray(expected)
    assert value.dtype == expected.dtype, (value.dtype, expected.dtype)
    assert value.shape == expected.shape, (value.shape, expected.shape)
    if tolerance:
        np.testing.assert_allclose(value, expected, **tolerance)
    else:
        np.testing.assert_array_equal(value, expected)


def close(found: Any, expected: Any, rtol: float = 1e-12, atol: float = 1e-14) -> None:
    """`same`, to rounding errors."""
    same(found, expected, rtol=rtol, atol=atol)
