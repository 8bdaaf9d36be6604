"""Checks of lengths before anything is computed: those that values give may be negative, or too large together."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

from ..core.expr import Expr
from ..core.types import TensorType

if TYPE_CHECKING:
    from .host import Host

__all__ = ["guard_lengths"]


HARMLESS = 1 << 15              # times the length of any array there can be this is no overflow


def guard_lengths(h: Host, order: Iterable[Expr]) -> None:
    """Refuse lengths below 0, above 2**56, and shapes of more than 2**63 elements, stored or not.

    The arena and the results have checks of their own; this one is for what a loop runs over without storing it. Where only
    lengths of inputs meet there is nothing to check: arrays of them exist.
    """
    seen: dict[str, None] = {}
    for e in order:
        if not isinstance(e.type, TensorType) or not h.cover.typed(e):
            continue
        lengths = h.lengths.of(e)
        if all(_given(n) for n in lengths) and prod(n for n in lengths if isinstance(n, int)) <= HARMLESS:
            continue
        seen[", ".join(h.number(n) for n in lengths)] = None
    for text in seen:
        h.use("list", "shape_fits")
        count = text.count(",") + 1
        fits = f"tv_shape_fits(TV_LIST({text}), {count})"
        h.checks.append(f"if (!{fits}) return tv_fail(call, TV_SIZE, {h.site('size')}, 0, 0, 0);")


def _given(n: Any) -> bool:
    return isinstance(n, int) or (isinstance(n, Expr) and n.op.name == "length" and not n.args[0].args)
