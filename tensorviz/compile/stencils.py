"""Steps that slide over positions or over time: convolutions, pools, windows, ctc; which of them have C."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.expr import Expr
from .convolutions import CONVOLUTIONS, FLOATS, convolves
from .emit import Line
from .lengths import same
from .pools import POOLS, pools

if TYPE_CHECKING:
    from .host import Host
    from .schedule import Step

__all__ = ["STENCILS", "covers"]


def _ctc(h: Host, s: Step) -> list[Line]:
    """Losses of texts, how likely each letter is at each time, or how that changes."""
    e = s.nodes[0]
    x, *along, texts, times, letters = e.args
    batch = [h.lengths.of(v)[k] for v, k in ((x, 1), (texts, 0), (times, 0), (letters, 0))]
    h.use("fail", "list", "windows")
    for n in batch[1:]:
        if not same(n, batch[0]):
            h.checks.append(f"if ({h.number(n)} != {h.number(batch[0])}) "
                            f"return tv_fail(call, TV_SHAPE, {h.site('windows', e)}, 0, 0, 0);")
    numbers = [*h.lengths.of(x), h.lengths.of(texts)[1], e.kw["blank"]]
    for v in along:
        for n, m in zip(h.lengths.of(v), h.lengths.of(x), strict=True):
            if not same(n, m):
                h.checks.append(f"if ({h.number(n)} != {h.number(m)}) "
                                f"return tv_fail(call, TV_SHAPE, {h.site('windows', e)}, 0, 0, 0);")
    args = [str(int(e.op.name != "ctc"))]
    for v in e.args:
        args += [h.view(v).pointer, f"TV_LIST({', '.join(h.number(n) for n in h.view(v).strides)})"]
    if not along:
        args[3:3] = ["0", "TV_LIST(0, 0, 0)"]
    args += [h.view(e).pointer, f"TV_LIST({', '.join(h.number(n) for n in numbers)})"]
    text = (f"{{ const int status = tv_ctc_f{e.dtype.itemsize * 8}(call, {', '.join(args)}); "
            f"if (status) return status == TV_STOPPED ? status : tv_fail(call, status, {h.site('windows', e)}, 0, 0, 0); }}")
    return [(f"    TV_STEP({s.order}, {text});", (e,))]


CTC = dict.fromkeys(("ctc", "ctc_change", "ctc_occupied"), _ctc)
STENCILS: dict[str, Callable[[Any, Any], list[Line]]] = {**CONVOLUTIONS, **POOLS, **CTC}


def covers(e: Expr) -> bool:
    """Whether C has code for a step of this family."""
    if e.op.name in CTC:
        return e.dtype in FLOATS
    return convolves(e) if e.op.name in CONVOLUTIONS else pools(e)
