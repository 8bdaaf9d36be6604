"""Whole numbers to powers that may be negative are a step of their own, as NumPy raises then; others are written into loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .emit import Line
from .indices import listed, spread

if TYPE_CHECKING:
    from .host import Host
    from .schedule import Step

__all__ = ["POWERS"]


def _power(h: Host, s: Step) -> list[Line]:
    """x ** y of signed integers; the entry gives up at the first negative y, and NumPy's error follows."""
    e = s.nodes[0]
    out = h.view(e)
    pointers, strides = [], []
    for v in (spread(h, a, out.lengths) for a in e.args):
        pointers.append(v.pointer)
        strides.append(listed(h, v.strides))
    args = [out.pointer, pointers[0], strides[0], pointers[1], strides[1], listed(h, out.lengths), str(len(out.lengths))]
    tag, site = f"i{e.dtype.itemsize * 8}", h.site("power", e)
    text = (f"const int bad = tv_powers_{tag}(call, {', '.join(args)}); "
            f"if (bad) return bad == TV_STOPPED ? bad : tv_fail(call, bad, {site}, 0, 0, 0)")
    return [(f"    TV_STEP({s.order}, {text});", (e,))]


POWERS = {"power": _power}
