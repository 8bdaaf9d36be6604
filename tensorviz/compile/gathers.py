"""Arrays of indices in C: elements looked up, put or added at several of them side by side, one index each along an axis; checks.

Where an index is out of bounds the entry gives up, and the NumPy meaning, run once more on the same values, raises the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.expr import Expr
from .emit import Line
from .indices import listed, spread
from .language import C
from .lengths import product

if TYPE_CHECKING:
    from .host import Host, View
    from .schedule import Step

__all__ = ["GATHERS", "covers"]

ADDED = {"inc_take", "inc_along"}
PUT = {"set_take", "set_along"}


def covers(e: Expr) -> bool:
    """Whether C has code for it: booleans are not added in C."""
    return e.op.name not in ADDED or e.dtype.kind != "b"


def _gather(h: Host, s: Step) -> list[Line]:
    """The elements at arrays of indices, for consecutive axes (`take`) or one index each along an axis (`take_along`)."""
    e = s.nodes[0]
    x, out = h.view(e.args[0]), h.view(e)
    return [_walked(h, s, "gather", out, _opened(h, x, e, 1), x, 1)]


def _scatter(h: Host, s: Step) -> list[Line]:
    """x with v put, or added, at such places: a copy of x (unless it is there already), then v element by element."""
    e = s.nodes[0]
    x, v, *places = e.args
    lines, out = h.copy_over(s, x), h.view(e)
    if e.op.name.endswith("along"):
        lengths = h.lengths.of(places[0])
    else:
        axis = e.kw["axis"]
        lengths = (*out.lengths[:axis], *_common(h, places), *out.lengths[axis + len(places):])
    name = "gadd" if e.op.name in ADDED else "scatter"
    return [*lines, _walked(h, s, name, _opened(h, out, e, 2), spread(h, v, lengths), out, 2)]


def _common(h: Host, places: Sequence[Expr]) -> tuple[Any, ...]:
    """The lengths that arrays of indices broadcast to; those that meet are one."""
    ndim = max(i.ndim for i in places)
    found: list[Any] = [1] * ndim
    for i in places:
        for k, n in enumerate(h.lengths.of(i), ndim - i.ndim):
            if isinstance(found[k], int) and found[k] == 1:
                found[k] = n
    return tuple(found)


def _opened(h: Host, v: View, e: Expr, first: int) -> View:
    """An array that stays where it is along the axes of the walk that indices lead along."""
    axis, places = e.kw["axis"], e.args[first:]
    if e.op.name.endswith("along"):
        return type(v)(v.pointer, v.lengths, tuple(0 if k == axis else n for k, n in enumerate(v.strides)), False)
    ndim, after = max(i.ndim for i in places), axis + len(places)
    lengths, strides = ((*x[:axis], *(0,) * ndim, *x[after:]) for x in (v.lengths, v.strides))
    return type(v)(v.pointer, lengths, strides, False)


def _walked(h: Host, s: Step, name: str, to: View, source: View, looked_up: View, first: int) -> Line:
    """A call that walks two arrays and the indices together, of the array that is looked up along some axes."""
    e = s.nodes[0]
    tag, parts = _tag(e, name == "gadd")
    lengths = (to if name == "gather" else source).lengths
    inner = (parts,) if parts > 1 else ()           # numbers that C moves or adds in two parts have an axis more
    tables = []
    for k, (at, strides) in enumerate(_places(h, e, first, lengths), e.kw["axis"]):
        numbers = (h.number(looked_up.lengths[k]), h.number(product(looked_up.strides[k], parts)))
        tables.append(f"{{{at}, {listed(h, (*strides, *(0 for _ in inner)))}, {', '.join(numbers)}}}")
    walked = [listed(h, (*(product(n, parts) for n in v.strides), *(1 for _ in inner))) for v in (to, source)]
    h.use("rows", "gather")
    pointer = f"{C.type(np.dtype(tag[0] + str(int(tag[1:]) // 8)))} *"
    args = ["call", f"({pointer})({to.pointer})", walked[0], f"(const {pointer})({source.pointer})", walked[1],
            f"(const tv_places[]){{{', '.join(tables)}}}", str(len(tables)), listed(h, (*lengths, *inner)),
            str(len(lengths) + len(inner))]
    call = f"tv_{name}_{tag}({', '.join(args)})"
    return f"    TV_STEP({s.order}, TV_IN_BOUNDS({h.site('index', e)}, {call}));", (e,)


def _places(h: Host, e: Expr, first: int, lengths: tuple[Any, ...]) -> list[tuple[str, tuple[Any, ...]]]:
    """Pointer and strides along the walk of each array of indices."""
    axis, places = e.kw["axis"], e.args[first:]
    if e.op.name.endswith("along"):
        return [(h.view(i).pointer, h.view(i).strides) for i in places]
    ndim = max(i.ndim for i in places)
    seen = [spread(h, i, lengths[axis:axis + ndim]) for i in places]
    return [(v.pointer, (*[0] * axis, *v.strides, *[0] * (len(lengths) - axis - ndim))) for v in seen]


def _tag(e: Expr, added: bool) -> tuple[str, int]:
    """The tag of the numbers that are moved or added, and how many of them an element is."""
    bits = e.dtype.itemsize * 8
    if e.dtype.kind == "c" and added:
        return f"f{bits // 2}", 2
    if bits > 64:
        return "u64", bits // 64
    return (f"{e.dtype.kind}{bits}", 1) if added else (f"u{bits}", 1)


def _check(h: Host, s: Step) -> list[Line]:
    """x itself, after all conditions were found true."""
    e = s.nodes[0]
    lines: list[Line] = []
    for c in e.args[1:]:
        v = h.view(c)
        call = f"tv_holds((const unsigned char *)({v.pointer}), {listed(h, v.strides)}, {listed(h, v.lengths)}, {len(v.lengths)})"
        site = h.site("check", e)
        lines.append((f"    TV_STEP({s.order}, if (!{call}) return tv_fail(call, TV_BOUNDS, {site}, 0, 0, 0));", (e,)))
    return [*lines, *h.copy_over(s, e.args[0])]


GATHERS = {"take": _gather, "take_along": _gather, "set_take": _scatter, "inc_take": _scatter, "set_along": _scatter,
           "inc_along": _scatter, "check": _check}
