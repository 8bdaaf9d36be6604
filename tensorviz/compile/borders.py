"""`pad` in C: x copied to its place, then border after border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.expr import Expr
from ..core.ops.lengths import filled
from .emit import Line
from .indices import listed, scalar
from .language import C

if TYPE_CHECKING:
    from .host import Host
    from .lengths import Lengths
    from .schedule import Step

__all__ = ["BORDERS", "MODES", "widths_of"]

MODES = {"constant": 0, "edge": 1, "reflect": 2, "symmetric": 3, "wrap": 4}


def widths_of(e: Expr, lengths: Lengths) -> list[Any]:
    """The widths of a pad node in terms of lengths: before and after, axis by axis."""
    return [n if isinstance(n, int) else scalar(n, lengths) for n in filled(e.kw["widths"], e.args[2:])]


def _pad(h: Host, s: Step) -> list[Line]:
    """x with a border."""
    e = s.nodes[0]
    x, out, widths, mode = h.view(e.args[0]), h.view(e), widths_of(e, h.lengths), e.kw["mode"]
    for axis, n in enumerate(x.lengths):
        pair = widths[2 * axis:2 * axis + 2]
        bad = [f"{h.number(w)} < 0" for w in pair if not isinstance(w, int)]
        if mode != "constant" and not (isinstance(n, int) and n > 0) and not all(isinstance(w, int) and w == 0 for w in pair):
            bad.append(f"({h.number(n)} == 0 && ({h.number(pair[0])} > 0 || {h.number(pair[1])} > 0))")
        if bad:
            h.use("fail")
            h.checks.append(f"if ({' || '.join(bad)}) return tv_fail(call, TV_SHAPE, {h.site('pad', e)}, 0, 0, 0);")
    tag = f"u{e.dtype.itemsize * 8}" if e.dtype.itemsize <= 8 else f"c{e.dtype.itemsize * 8}"
    kind = C.type(np.dtype(f"{tag[0]}{e.dtype.itemsize}"))
    args = ["call", f"({kind} *)({out.pointer})", f"(const {kind} *)({x.pointer})", listed(h, x.strides), listed(h, x.lengths),
            listed(h, widths[::2]), listed(h, widths[1::2]), str(len(x.lengths)),
            f"*(const {kind} *)({h.view(e.args[1]).pointer})", str(MODES[mode])]
    return [(f"    TV_STEP({s.order}, if (tv_pad_{tag}({', '.join(args)})) return TV_STOPPED);", (e,))]


BORDERS = {"pad": _pad}
