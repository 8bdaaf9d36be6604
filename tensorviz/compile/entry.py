"""The entry of a function in C: it reads the call, checks lengths and layouts, says the results' shapes, and runs the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.expr import Expr
from .emit import Line
from .language import C
from .lengths import product

if TYPE_CHECKING:
    from .host import Host

__all__ = ["entry_lines"]

LONG = 150              # steps; compilers' time for one function of more calls grows faster than their number


def entry_lines(h: Host, body: list[Line]) -> list[Line]:
    """The entry around its steps: what it reads and writes, checks, lengths of the results, memory."""
    head: list[str] = []
    for k, x in enumerate(h.inputs):
        head.append(f"    const {C.type(x.dtype)} *{h.pointers[x]} = call->in[{k}].data;")
    for e, k in h.owner.items():
        head.append(f"    {C.type(e.dtype)} *{h.pointers[e]} = call->out[{k}].data;")
    checks = _input_checks(h)
    shapes = _out_shapes(h)
    slots, pointers = _arena(h)
    brief = _brief(h)                   # like the lines above it may declare lengths
    kind = "TV_ENTRY" if len(h.steps) <= LONG else "TV_LONG_ENTRY"
    lines: list[str] = [f"{kind} int {h.name}(tv_call *call)", "{", *head]
    lines += [f"    {d}" for d in h.declared]
    lines += checks
    lines += [f"    {c}" for c in h.checks]
    lines += slots
    lines += ["    if (call->phase == TV_SHAPES) {", *shapes, f"        call->arena_bytes = {'total' if slots else 0};",
              f"        call->brief = {brief};", "        return TV_OK;", "    }",
              *["    char *arena = call->arena;"] * bool(slots), *pointers]
    result: list[Line] = [(line, ()) for line in lines]
    return [*result, *body, ("    return TV_OK;", ()), ("}", ())]


def _brief(h: Host) -> str:
    if any(s.kind == "library" for s in h.steps):
        return "0"
    work: list[str] = []
    for e in dict.fromkeys((*h.owner, *h.plan.tenants, *(r for s in h.steps for r in s.reads))):
        n = product(*h.lengths.of(e))
        if not isinstance(n, int) or n > 2000:
            work.append(h.number(n) if not isinstance(n, int) else str(n))
    unique = sorted(set(work))
    return " && ".join(f"{w} <= 2000" for w in unique) if unique else "1"


def _input_checks(h: Host) -> list[str]:
    lines = []
    for k, x in enumerate(h.inputs):
        for axis, n in enumerate(x.type.shape):
            if n is not None:
                site = h.site("input", x, axis, n)
                length = f"call->in[{k}].shape[{axis}]"
                lines.append(f"    if ({length} != {n}) return tv_fail(call, TV_INPUT, {site}, {length}, {n}, 0);")
        if x not in h.strided and x.ndim:
            h.use("dense")
            dense = f"tv_dense(&call->in[{k}], {x.ndim}, {x.dtype.itemsize})"
            lines.append(f"    if (!{dense}) return tv_fail(call, TV_LAYOUT, 0, {k}, 0, 0);")
    for a, b in h.lengths.checks:
        if not h.cover.length_known(a) or not h.cover.length_known(b):
            continue
        ta, tb = _raw(h, a), _raw(h, b)
        if ta != tb:
            lines.append(f"    if ({ta} != {tb}) return tv_fail(call, TV_DIFFER, 0, {ta}, {tb}, 0);")
    return lines


def _raw(h: Host, n: Any) -> str:
    """A length as it is, not as its representative."""
    if isinstance(n, Expr) and n.op.name == "length":
        return f"call->in[{h.input_number[n.args[0]]}].shape[{n.kw['axis']}]"
    return f"({h.number(n)})"


def _out_shapes(h: Host) -> list[str]:
    lines = []
    for k, r in enumerate(h.outputs):
        for axis, n in enumerate(h.lengths.of(r)):
            lines.append(f"        call->out[{k}].shape[{axis}] = {h.number(n)};")
    return lines


def _arena(h: Host) -> tuple[list[str], list[str]]:
    if not h.plan.slots:
        return [], []
    h.use("round")
    lines = ["    i64 total = 0;"]
    for slot in h.plan.slots:
        sizes: dict[tuple[str, int], None] = {}
        for t in slot.tenants:
            sizes[h.number(t.items), t.itemsize] = None
        if len(sizes) == 1:
            (items, itemsize), = sizes
            lines.append(f"    const i64 slot_{slot.number} = tv_take_bytes(&total, {items}, {itemsize});")
        else:
            lines.append(f"    i64 most_{slot.number} = 0;")
            for items, itemsize in sizes:
                size = f"{items if items.isalnum() else f'({items})'} * {itemsize}"
                lines.append(f"    if ({size} > most_{slot.number}) most_{slot.number} = {size};")
            lines.append(f"    const i64 slot_{slot.number} = tv_take_bytes(&total, most_{slot.number}, 1);")
    site = h.site("size")
    lines.append(f"    if (total < 0) return tv_fail(call, TV_SIZE, {site}, 0, 0, 0);")
    pointers = [f"    {C.type(e.dtype)} *{h.pointers[e]} = (void *){h.slot(t.slot.number)};"
                for e, t in h.plan.tenants.items()]
    return lines, pointers
