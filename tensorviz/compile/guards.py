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
    """Refuse lengths below 0 or above 2**56, and shapes of 2**59 elements and more, stored or not.

    Everything after it may multiply the lengths of a node. Lengths that are all of one input need no check: that array exists.
    """
    seen: dict[str, None] = {}
    for e in order:
        if not isinstance(e.type, TensorType) or not h.cover.typed(e):
            continue
        lengths = h.lengths.of(e)
        if _of_one_input(lengths):
            continue
        seen[", ".join(h.number(n) for n in lengths)] = None
    for text in seen:
        h.use("list", "shape_fits")
        count = text.count(",") + 1
        fits = f"tv_shape_fits(TV_LIST({text}), {count})"
        h.checks.append(f"if (!{fits}) return tv_fail(call, TV_SIZE, {h.site('size')}, 0, 0, 0);")


def _of_one_input(lengths: tuple[Any, ...]) -> bool:
    """Whether the unknown lengths are different ones of one input, and the known ones small."""
    unknown = [n for n in lengths if not isinstance(n, int)]
    if prod(n for n in lengths if isinstance(n, int)) > HARMLESS:
        return False
    if any(not isinstance(n, Expr) or n.op.name != "length" or n.args[0].args for n in unknown):
        return False
    return len({n.args[0] for n in unknown}) <= 1 and len(set(unknown)) == len(unknown)
