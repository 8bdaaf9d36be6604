"""Lengths at a call: from the shapes of the arguments to the numbers that launches and buffers need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..compile.lengths import Length, Lengths, Product
from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.graph import topological

__all__ = ["Sizes"]


class Sizes:
    """What lengths are for these arguments: `sizes(n)` is an int."""

    def __init__(self, lengths: Lengths, inputs: Sequence[Expr], values: Sequence[np.ndarray[Any, Any]]) -> None:
        self.lengths = lengths
        self.given = dict(zip(inputs, values, strict=True))
        self.known: dict[Expr, int] = {}

    def __call__(self, n: Length) -> int:
        """The number that a length is."""
        if isinstance(n, int):
            return n
        if isinstance(n, Product):
            return int(np.prod([n.known, *map(self, n.factors)], dtype=object))
        for e in topological([n]):
            if e not in self.known and (e.op is not variable_op or e.ndim == 0):
                self.known[e] = self._number(e)
        return self.known[n]

    def raw(self, n: Length) -> int:
        """A length as the arguments have it, not as it is taken to be."""
        if isinstance(n, Expr) and n.op.name == "length":
            return int(self.given[n.args[0]].shape[n.kw["axis"]])
        return self(n)

    def shape(self, e: Expr) -> tuple[int, ...]:
        """The lengths of a node's axes."""
        return tuple(map(self, self.lengths.of(e)))

    def _number(self, e: Expr) -> int:
        if e.op is constant_op:
            return int(value_of(e))
        if e.op is variable_op:
            return int(self.given[e]) if e.dtype.kind in "iub" else 0       # of others only lengths are asked for
        if e.op.name in ("length", "broadcast_length"):
            found = self.lengths.find(e)
            return self.raw(e) if found is e else self(found)
        args = [np.asarray(self.known[a], a.dtype) for a in e.args]
        return int(e.op.numpy(*args, **e.kw))
