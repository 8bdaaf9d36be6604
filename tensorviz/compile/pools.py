"""Pools and windows in C: calls of functions/pool.c over rows of windows or over images, by several threads if it pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.expr import Expr
from .emit import Line
from .lengths import product, same

if TYPE_CHECKING:
    from .host import Host, View
    from .schedule import Step

__all__ = ["POOLS", "pools"]

MOST_AXES = 3


def pools(e: Expr) -> bool:
    """Whether C has code for a pool: numbers, windows of one to three axes."""
    kinds = "f" if e.op.name in ("pool_max_back", "pool_max_pick") else "iuf" if e.op.name.startswith("pool") else "biuf"
    return e.dtype.kind in kinds and 1 <= len(e.kw["window"]) <= MOST_AXES and not (e.op.name == "fold" and e.dtype.kind == "b")


class _Pools:
    """What the calls for one step have in common: lengths of leading axes, numbers of windows, and a check that they fit."""

    def __init__(self, h: Host, s: Step, positions: Sequence[Any], counts: Sequence[Any]) -> None:
        self.h, self.s, self.e = h, s, s.nodes[0]
        kw, d = self.e.kw, len(self.e.kw["window"])
        self.lead, size, to = positions[:len(positions) - d], positions[len(positions) - d:], counts[len(positions) - d:]
        for a, b in zip(self.lead, counts, strict=False):
            if not same(a, b):
                self._check(f"{h.number(a)} != {h.number(b)}")
        before, after = ([p[k] for p in kw["padding"]] for k in (0, 1))
        images = product(*self.lead)
        self.images, self.positions = images, size
        self.rows = product(images, *to[:-1])
        self.row = product(to[-1], *kw["window"])
        gaps = kw.get("dilation", (1,) * d)
        threes = ((size, 1), (kw["window"], 1), (to, 1), (kw["stride"], 1), (before, 0), (gaps, 1))
        made = [h.number(n) for n in (images, *(n for values, fill in threes for n in _three(values, fill)))]
        h.use("fail", "list", "rows", "image_at", "pools_fit")
        self.numbers = f"TV_LIST({', '.join(made)})"
        behind = f"TV_LIST({', '.join(map(str, _three(after, 0)))})"
        self._check(f"!tv_pools_fit({self.numbers}, {behind}, {int(kw.get('ceil', False))})")

    def _check(self, wrong: str) -> None:
        self.h.checks.append(f"if ({wrong}) return tv_fail(call, TV_SHAPE, {self.h.site('windows', self.e)}, 0, 0, 0);")

    def array(self, a: Expr) -> str:
        """Pointer and strides of an array: those of leading axes, then of three (or six) others."""
        v: View = self.h.view(a)
        k, groups = len(self.lead), 2 if self.e.op.name == "fold" else 1
        d = (len(v.strides) - k) // groups
        rest = [n for g in range(groups) for n in _three(v.strides[k + g * d:k + (g + 1) * d], 0)]
        return f"{v.pointer}, TV_LIST({', '.join(self.h.number(n) for n in (*v.strides[:k], *rest))})"

    def lines(self, name: str, rows: Any, row: Any, *args: str) -> list[Line]:
        """A call over all rows, in parts."""
        lead = f"TV_LIST({', '.join(self.h.number(n) for n in self.lead) or '0'}), {len(self.lead)}"
        e = self.e
        function = f"tv_{name}_{e.dtype.kind.replace('b', 'u')}{e.dtype.itemsize * 8}"
        call = f"{function}(lo, hi, {', '.join(args)}, {lead}, {self.h.view(e).pointer}, {self.numbers})"
        text = f"TV_ROWS({self.h.number(rows)}, {self.h.number(row)}, {call})"
        return [(f"    TV_STEP({self.s.order}, {text});", (e,))]


def _three(values: Sequence[Any], fill: int) -> list[Any]:
    return [fill] * (3 - len(values)) + list(values)


def _of(h: Host, e: Expr) -> tuple[Any, ...]:
    return tuple(h.lengths.of(e))


def _pool(h: Host, s: Step) -> list[Line]:
    """The largest elements of windows, or their sums."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e.args[0]), _of(h, e))
    return p.lines("pool", p.rows, p.row, str(int(e.op.name == "pool_sum")), p.array(e.args[0]))


def _sum_back(h: Host, s: Step) -> list[Line]:
    """Each element added to all elements of its window."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e), _of(h, e.args[0]))
    g = p.array(e.args[0])
    none = f"0, {g.partition(', ')[2]}"
    return p.lines("pool_back", p.images, product(*p.positions), none, none, g)


def _max_back(h: Host, s: Step) -> list[Line]:
    """Gradients shared out to the largest elements."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e), _of(h, e.args[2]))
    return p.lines("pool_back", p.images, product(*p.positions), *map(p.array, e.args))


def _max_pick(h: Host, s: Step) -> list[Line]:
    """Means over the largest elements."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e.args[0]), _of(h, e))
    return p.lines("pool_pick", p.rows, p.row, *map(p.array, e.args))


def _unfold(h: Host, s: Step) -> list[Line]:
    """Windows side by side."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e.args[0]), _of(h, e)[:e.args[0].ndim])
    return p.lines("unfold", p.rows, p.row, p.array(e.args[0]))


def _fold(h: Host, s: Step) -> list[Line]:
    """Windows added up."""
    e = s.nodes[0]
    p = _Pools(h, s, _of(h, e), _of(h, e.args[0])[:e.ndim])
    return p.lines("fold", p.images, product(*p.positions), p.array(e.args[0]))


POOLS: dict[str, Callable[[Any, Any], list[Line]]] = {
    "pool_max": _pool, "pool_sum": _pool, "pool_sum_back": _sum_back, "pool_max_back": _max_back, "pool_max_pick": _max_pick,
    "unfold": _unfold, "fold": _fold}
