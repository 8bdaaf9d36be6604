"""Sorting, selecting and searching in C: rows along an axis, as functions of unsigned keys that have the order of the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .emit import Line
from .lengths import product
from .scans import int_list, long_step, tag_of

if TYPE_CHECKING:
    from .host import Host, View
    from .schedule import Step

__all__ = ["SORTS"]


def _last(numbers: Any, axis: int) -> tuple[Any, ...]:
    """Lengths or strides with `axis` last."""
    return (*(n for k, n in enumerate(numbers) if k != axis), numbers[axis])


def _rows(h: Host, s: Step, rest: list[str], to: View, source: View, axis: int) -> list[Line]:
    """A call of the function of an op for rows along an axis; `rest` are its own arguments."""
    e = s.nodes[0]
    h.use("sorts", "row_start")
    x = e.args[-1] if e.op.name in ("searchsorted", "digitize") else e.args[0]
    lengths = _last(source.lengths, axis)
    args = [to.pointer, int_list(h, _last(to.strides, axis)), source.pointer, int_list(h, _last(source.strides, axis)),
            int_list(h, lengths), str(len(lengths)), *rest, "{}"]
    call = f"tv_{e.op.name}_{tag_of(x)}({', '.join(args)})"
    return [long_step(h, s, call, h.number(product(*lengths[:-1])), h.number(lengths[-1]))]


def _sort(h: Host, s: Step) -> list[Line]:
    e = s.nodes[0]
    return _rows(h, s, [str(int(e.kw["descending"]))], h.view(e), h.view(e.args[0]), e.kw["axis"])


def _argtopk(h: Host, s: Step) -> list[Line]:
    e = s.nodes[0]
    k = e.kw["k"]
    return _rows(h, s, [str(abs(k)), str(int(k < 0)), str(int(e.kw["sorted"]))], h.view(e), h.view(e.args[0]), e.kw["axis"])


def _kth(h: Host, s: Step) -> list[Line]:
    e = s.nodes[0]
    k = h.view(e.args[1])
    rest = [k.pointer, h.number(k.strides[0]), h.number(k.lengths[0])]
    return _rows(h, s, rest, h.view(e), h.view(e.args[0]), e.kw["axis"])


def _search(h: Host, s: Step) -> list[Line]:
    """Places of numbers in sorted ones: of a tensor of any shape."""
    e = s.nodes[0]
    table, to, source = h.view(e.args[0]), h.view(e), h.view(e.args[1])
    if not to.lengths:
        to, source = (type(v)(v.pointer, (1,), (0,), False) for v in (to, source))
    rest = [table.pointer, h.number(table.strides[0]), h.number(table.lengths[0]), str(int(e.kw["right"]))]
    return _rows(h, s, rest, to, source, len(to.lengths) - 1)


def _order_rows(h: Host, s: Step) -> list[Line]:
    e = s.nodes[0]
    h.use("sorts", "poll")
    x, site = h.view(e.args[0]), h.site("memory", e)
    args = [h.view(e).pointer, x.pointer, int_list(h, x.strides), int_list(h, x.lengths), "call"]
    call = f"tv_order_rows_{tag_of(e.args[0])}({', '.join(args)})"
    text = f"const int r = {call}; if (r) return r == 1 ? r : tv_fail(call, r, {site}, 0, 0, 0)"
    return [(f"    TV_STEP({s.order}, {text});", (e,))]


SORTS = {"sort": _sort, "argsort": _sort, "argtopk": _argtopk, "kth_smallest": _kth, "searchsorted": _search, "digitize": _search,
         "order_rows": _order_rows}
