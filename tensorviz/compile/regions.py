"""Which part of the user's program a node belongs to: the groups that pictures close and open.

A path of names, outermost first: ``hidden`` for what a line assigns, ``attention › scores`` inside a function of the user,
``gradient › hidden gradient`` for what differentiation added to that line, ``update › update W1`` for what only makes the
new value of a shared variable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..core.expr import Expr
from ..core.origins import Site, assigned_name
from .ledger import Entry

__all__ = ["differentiated", "regions"]

GRADIENT, UPDATE = "gradient", "update"
MAIN = 0.5              # a function that holds this share of the nodes is where the program stands, not a part of it


def regions(entries: Mapping[str, Entry], outputs: Sequence[str], updated: Sequence[str]) -> dict[str, list[str]]:
    """The path of every operation; the last `len(updated)` outputs are new values of the shared variables of those names."""
    ops = {i: entry for i, entry in entries.items() if entry.expr.args}
    plain = outputs[:len(outputs) - len(updated)]
    forward = _below(entries, plain, {i for i in ops if differentiated(ops[i].expr)})
    slopes = {i for i in ops if differentiated(ops[i].expr)}
    fresh = _below(entries, outputs[len(plain):], slopes | forward)
    parts = _connected(entries, fresh & ops.keys(), dict(zip(outputs[len(plain):], updated, strict=True)))
    main = _main_functions([entry.expr for entry in ops.values()])
    found = {}
    for i, entry in ops.items():
        written = _written(entry.expr, main)
        if i in parts:
            found[i] = [UPDATE, *parts[i]]
        elif i in slopes or i not in forward and plain:
            found[i] = [GRADIENT, *(f"{name} {GRADIENT}" for name in written[:1])]
        else:
            found[i] = written
    return found


def differentiated(e: Expr) -> bool:
    """Whether `grad` made the node."""
    return e.forward is not None


def _below(entries: Mapping[str, Entry], roots: Sequence[str], wall: set[str]) -> set[str]:
    """What the roots are computed from, as far as the wall."""
    found: set[str] = set()
    work = [i for i in roots if i not in wall]
    while work:
        i = work.pop()
        if i not in found:
            found.add(i)
            work.extend(a for a in entries[i].inputs if a not in wall)
    return found


def _connected(entries: Mapping[str, Entry], members: set[str], named: Mapping[str, str]) -> dict[str, list[str]]:
    """The connected parts of the updates, each with the name of the variable that it ends in; one part alone needs no name."""
    parts: list[list[str]] = []
    left = dict.fromkeys(i for i in entries if i in members)
    while left:
        part, work = [], [next(iter(left))]
        while work:
            i = work.pop()
            if i in left:
                del left[i]
                part.append(i)
                work += [*entries[i].inputs, *entries[i].readers]
        parts.append(part)
    found = {}
    for part in parts:
        ends = [named[i] for i in named if i in part]
        for i in part:
            found[i] = [f"{UPDATE} {ends[-1]}"] if ends and len(parts) > 1 else []
    return found


def _main_functions(ops: Sequence[Expr]) -> set[str]:
    names = Counter(e.sites[-1][0].co_name for e in ops if e.sites)
    return {"<module>", *(name for name, count in names.items() if count >= MAIN * len(ops))}


def _written(e: Expr, main: set[str]) -> list[str]:
    """The function and the variable that a node was written for."""
    if not e.sites:
        return []
    site: Site = e.sites[-1]
    function, name = site[0].co_name, assigned_name(site)
    path = [] if function in main or function.startswith("<") else [function]
    return [*path, name] if name else path
