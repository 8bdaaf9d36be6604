"""Batch rules of Fourier transforms, whose axes move up by one, and of CTC, whose batch takes in the members'."""

from __future__ import annotations

from typing import Any

from ..expr import Expr
from ..ops.axes import moveaxis
from ..ops.lengths import lengths_now
from ..ops.shape import reshape
from .rules import Call, batch_rule

__all__: list[str] = []


@batch_rule("fft", "ifft")
def _over_axes(c: Call) -> Any:
    return c.again(c.args, axes=tuple(k + 1 for k in c.node.kw["axes"]))


@batch_rule("irfft", "rfft")
def _over_axis(c: Call) -> Any:
    return c.again([c.args[0], *c.constant(1, "lengths")], axis=c.node.kw["axis"] + 1)


def _taken_in(x: Expr, axis: int) -> Expr:
    """(batch, ...) with the batch put before an axis (counted without it) and merged with it."""
    x = moveaxis(x, 0, axis)
    n = lengths_now(x)
    return reshape(x, (*n[:axis], n[axis] * n[axis + 1], *n[axis + 2:]))


def _given_back(c: Call, x: Expr, axis: int) -> Expr:
    n = lengths_now(x)
    return moveaxis(reshape(x, (*n[:axis], c.size, n[axis] // c.size, *n[axis + 1:])), axis, 0)


@batch_rule("ctc", "ctc_change", "ctc_occupied")
def _ctc(c: Call) -> Any:
    found = c.again([_taken_in(c.full(k), int(c.rank(k) == 3)) for k in range(len(c.args))])
    return _given_back(c, found, c.node.ndim // 2)
