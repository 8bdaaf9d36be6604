"""Running sums and their like in C: rows are scanned one after the other, what lies side by side in them as vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .emit import Line
from .lengths import product

if TYPE_CHECKING:
    from ..core.expr import Expr
    from .host import Host, View
    from .schedule import Step

__all__ = ["SCANS", "int_list", "long_step", "tag_of"]

WIDE, NARROW = 1024, 8          # how many scans go on at a time: of neighbours in memory, of others


def tag_of(e: Expr) -> str:
    """How functions for the dtype of a node are marked: f64, i32, u8 (booleans too)."""
    kind = "u" if e.dtype.kind == "b" else e.dtype.kind
    return f"{kind}{e.dtype.itemsize * 8}"


def int_list(h: Host, numbers: Any) -> str:
    """An array of lengths or strides in C."""
    h.use("list")
    return f"TV_LIST({', '.join(h.number(n) for n in numbers) or '0'})"


def long_step(h: Host, s: Step, call: str, rows: str, row: str) -> Line:
    """A step of `rows` rows of `row` elements each: a function that takes lo, hi and the call, and says whether it failed.

    Threads may not ask whether to stop; the call is 0 for them.
    """
    e = s.nodes[0]
    h.use("rows", "poll", "row_start", "status")
    asks = "call" if rows == "1" else f"{rows} > 1 && call->threads > 1 ? 0 : call"
    once = call.format(f"lo, hi, {asks}")
    text = (f"int failed = 0; TV_ROWS({rows}, {row}, const int r = {once}; if (r) __atomic_store_n(&failed, r, 0)); "
            f"if (failed) return failed == 1 ? failed : tv_fail(call, failed, {h.site('memory', e)}, 0, 0, 0)")
    return f"    TV_STEP({s.order}, {text});", (e,)


def _turned(numbers: tuple[Any, ...], axis: int, fill: Any) -> tuple[Any, ...]:
    """Lengths or strides with `axis` last but one, and last the axis that is nearest in memory."""
    if len(numbers) == 1:
        return (*numbers, fill)
    lane = len(numbers) - 1 if axis != len(numbers) - 1 else axis - 1
    return (*(n for k, n in enumerate(numbers) if k not in (axis, lane)), numbers[axis], numbers[lane])


def _scan(h: Host, s: Step) -> list[Line]:
    """A scan along an axis, or the recurrence with its factors."""
    e = s.nodes[0]
    axis, out = e.kw["axis"], h.view(e)
    h.use("scan", "row_start")
    width = NARROW if axis == e.ndim - 1 else WIDE

    def strides(v: View) -> str:
        return int_list(h, _turned(tuple(v.strides), axis, 0))

    lengths = _turned(tuple(out.lengths), axis, 1)
    sources = [h.view(a) for a in reversed(e.args)]
    arrays = ", ".join(f"{v.pointer}, {strides(v)}" for v in (out, *sources))
    call = f"tv_{e.op.name}_{tag_of(e)}({arrays}, {int_list(h, lengths)}, {len(lengths)}, {width}, {{}})"
    blocks = f"(({h.number(lengths[-1])} + {width - 1}) / {width})"
    others = product(*lengths[:-2])
    rows = f"{h.number(others)} * {blocks}"
    return [long_step(h, s, call, rows, f"{h.number(lengths[-2])} * {width}")]


SCANS = dict.fromkeys(("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "prod_others", "recurrence"), _scan)
