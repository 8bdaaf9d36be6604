"""Basic indexing in C: slices are views with an offset, values are put or added at them.

Where an index is out of bounds the entry gives up, and the NumPy meaning, run once more on the same values, raises the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.expr import Expr, make
from ..core.op import OPS
from ..core.shapes import scalar_of
from .emit import Line
from .lengths import Length, Lengths, product, same

if TYPE_CHECKING:
    from .host import Host, View
    from .schedule import Step

__all__ = ["INDEXED", "covers", "indexed", "listed", "place_of", "spread"]

BASIC = {"index", "set_index", "inc_index"}


def covers(e: Expr, lengths: Lengths, known: Callable[[Length], bool]) -> bool:
    """Whether C has code for an op of indexing: the scalars of slices must be known before any tensor is computed."""
    name = e.op.name
    if name == "inc_index" and e.dtype.kind == "b":
        return False
    if name in BASIC:
        scalars = e.args[1 if name == "index" else 2:]
        node = e if name == "index" else place_of(e)
        return all(known(scalar(a, lengths)) for a in scalars) and all(known(n) for n in lengths.of(node))
    return False


def scalar(e: Expr, lengths: Lengths) -> Length:
    """An int64 scalar in terms of lengths."""
    return lengths.find(scalar_of(e, lengths.memo))


def place_of(e: Expr) -> Expr:
    """The part of x that set_index and inc_index change, as an expression."""
    return make(OPS["index"], (e.args[0], *e.args[2:]), e.params)


# -- slices ----------------------------------------------------------------------------------------------------------
def indexed(h: Host, v: View, node: Expr) -> tuple[str, tuple[Any, ...]]:
    """Pointer and strides of x[...] where x is seen as `v` and `node` is the index node."""
    rest = iter(node.args[1:])
    offsets: list[str] = []
    strides: list[Any] = []
    for axis, (item, n, stride) in enumerate(zip(node.kw["spec"], v.lengths, v.strides, strict=True)):
        if item[0] == "int":
            start: Any = _position(h, next(rest) if item[1] is None else item[1], n, axis)
        else:
            start, _, step = (scalar(next(rest), h.lengths) if x == "?" else x for x in item[1:])
            step = _nonzero(h, 1 if step is None else step)
            start = _first(h, start, n, step)
            strides.append(product(stride, step))
        if isinstance(start, str):
            offsets.append(f"{start} * {h.number(stride)}")
        elif start != 0:
            offsets.append(h.number(product(start, stride)))
    return f"({v.pointer} + {' + '.join(offsets)})" if offsets else v.pointer, tuple(strides)


def _position(h: Host, k: Any, n: Length, axis: int) -> Any:
    """The place of one index along an axis, counted from the front and checked."""
    k = scalar(k, h.lengths) if isinstance(k, Expr) else k
    if isinstance(k, int) and isinstance(n, int):
        return k + n if k < 0 else k
    h.use("fail", "place")
    at = h.names.fresh("at", numbered=True)
    h.declared.append(f"const i64 {at} = tv_place({h.number(k)}, {h.number(n)});")
    h.checks.append(f"if ({at} < 0) return tv_fail(call, TV_BOUNDS, {h.site('index', axis)}, {h.number(k)}, {h.number(n)}, 0);")
    return at


def _nonzero(h: Host, step: Any) -> Any:
    if not isinstance(step, int):
        h.checks.append(f"if ({h.number(step)} == 0) return tv_fail(call, TV_SHAPE, {h.site('step')}, 0, 0, 0);")
    return step


def _first(h: Host, start: Any, n: Length, step: Any) -> Any:
    """Where a slice begins."""
    if all(isinstance(x, int) for x in (n, step)) and (start is None or isinstance(start, int)):
        return slice(start, None, step).indices(n)[0]
    if start is None and isinstance(step, int):
        return 0 if step > 0 else f"({h.number(n)} - 1)"
    if start is None:
        return f"({h.number(step)} > 0 ? 0 : {h.number(n)} - 1)"
    if isinstance(start, int) and start == 0 and isinstance(step, int) and step > 0:
        return 0
    h.use("first")
    return f"tv_first({h.number(start)}, {h.number(n)}, {h.number(step)})"


def _set_index(h: Host, s: Step) -> list[Line]:
    """x with v put, or added, at basic indices: a copy of x (unless it is there already), then v into a part of it."""
    e = s.nodes[0]
    place = place_of(e)
    lengths = h.lengths.of(place)
    pointer, strides = indexed(h, h.view(e), place)
    lines = h.copy_over(s, e.args[0])
    source = spread(h, e.args[1], lengths)
    if e.op.name == "set_index":
        h.use("pack")
        call = f"tv_copy({', '.join(h.copy_args(pointer, strides, source, e))})"
    else:
        lists = [listed(h, strides), source.pointer, listed(h, source.strides), listed(h, lengths)]
        call = f"tv_add_{_tag(e)}({pointer}, {', '.join(lists)}, {len(lengths)})"
    return [*lines, (f"    TV_STEP({s.order}, {call});", (e,))]


def spread(h: Host, v: Expr, lengths: Sequence[Length]) -> View:
    """v as it broadcasts to `lengths`; a length that turns out to be 1 is left to the NumPy meaning."""
    seen = h.view(v)
    lead = len(lengths) - len(seen.lengths)
    strides: list[Any] = [0] * lead
    for n, m, stride in zip(seen.lengths, lengths[lead:], seen.strides, strict=True):
        one = isinstance(n, int) and n == 1
        if not one and not same(n, m):
            h.checks.append(f"if ({h.number(n)} != {h.number(m)}) return tv_fail(call, TV_SHAPE, {h.site('value', v)}, "
                            f"{h.number(n)}, {h.number(m)}, 0);")
        strides.append(0 if one else stride)
    return type(seen)(seen.pointer, tuple(lengths), tuple(strides), False)


def listed(h: Host, numbers: Sequence[Any]) -> str:
    """Numbers as a C array."""
    h.use("list")
    return f"TV_LIST({', '.join(h.number(n) for n in numbers) or '0'})"


def _tag(e: Expr) -> str:
    return f"{e.dtype.kind}{e.dtype.itemsize * 8}"


INDEXED = {"set_index": _set_index, "inc_index": _set_index}
