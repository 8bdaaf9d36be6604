"""Which part of the user's program a node belongs to: the groups that pictures close and open.

A path of names, outermost first: ``hidden`` for what a line assigns, ``attention › scores`` inside a function of the user,
``layer › layer 2 › scores`` for the second run of a function or of a line in a loop, ``gradient › hidden gradient`` for what
differentiation added, ``update › update W1`` for what only makes the new value of a shared variable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.expr import Expr
from ..core.origins import Site
from ..core.targets import written_for
from .ledger import Entry

__all__ = ["differentiated", "regions"]

GRADIENT, UPDATE = "gradient", "update"


def regions(entries: Mapping[str, Entry], outputs: Sequence[str], updated: Sequence[str]) -> dict[str, list[str]]:
    """The path of every operation; the last `len(updated)` outputs are new values of the shared variables of those names."""
    ops = {i: entry for i, entry in entries.items() if entry.expr.args}
    plain = outputs[:len(outputs) - len(updated)]
    forward = _below(entries, plain, {i for i in ops if differentiated(ops[i].expr)})
    slopes = {i for i in ops if differentiated(ops[i].expr)}
    fresh = _below(entries, outputs[len(plain):], slopes | forward)
    parts = _connected(entries, fresh & ops.keys(), dict(zip(outputs[len(plain):], updated, strict=True)))
    main = _main_functions([entries[i].expr for i in outputs])
    written = {i: _written(entry.expr, main) for i, entry in ops.items()}
    runs = _runs(entries, {i: path for i, path in written.items() if path and i not in slopes and i not in parts})
    number = {entry.expr: runs[i] for i, entry in ops.items() if i in runs}
    found = {}
    for i, entry in ops.items():
        own = entry.expr
        path = _counted(written[i], number.get(own if own.forward is None else own.forward, 0))
        if i in parts:
            found[i] = [UPDATE, *parts[i]]
        elif i in slopes or i not in forward and plain:
            found[i] = [GRADIENT, *(f"{name} {GRADIENT}" for name in path[:2 if len(path) > len(written[i]) else 1])]
        else:
            found[i] = path
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
    parts: list[set[str]] = []
    left = dict.fromkeys(i for i in entries if i in members)
    while left:
        part, work = set(), [next(iter(left))]
        while work:
            i = work.pop()
            if i in left:
                del left[i]
                part.add(i)
                work += [*entries[i].inputs, *entries[i].readers]
        parts.append(part)
    found = {}
    for part in parts:
        ends = [named[i] for i in named if i in part]
        for i in part:
            found[i] = [f"{UPDATE} {ends[-1]}"] if ends and len(parts) > 1 else []
    return found


def _runs(entries: Mapping[str, Entry], written: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Which run of its function or line each operation is of, from 1, where there are several: what reads its like starts one."""
    found: dict[str, int] = {}
    signs = Counter((path[0], _sign(entries[i])) for i, path in written.items())
    for name in dict.fromkeys(name for (name, _), count in signs.items() if count > 1):
        state: dict[str, tuple[int, frozenset[Any]]] = {}
        for i, entry in entries.items():
            if differentiated(entry.expr):
                continue
            above = [state[a] for a in entry.inputs if a in state]
            run = max((k for k, _ in above), default=0)
            seen = frozenset().union(*(met for k, met in above if k == run))
            if i in written and written[i][0] == name:
                sign = _sign(entry)
                run, seen = (run + 1, frozenset([sign])) if sign in seen else (run, seen | {sign})
            if seen:
                state[i] = run, seen
        mine = [i for i in state if i in written and written[i][0] == name]
        whole: list[list[Any]] = [[] for _ in range(1 + max((state[i][0] for i in mine), default=0))]
        for i in mine:
            whole[state[i][0]].append(_sign(entries[i]))
        alike = max(Counter(tuple(sorted(one)) for one in whole).values())
        if alike > 1 and 2 * alike >= len(whole):           # the first and the last may differ
            found |= {i: state[i][0] + 1 for i in mine}
    return found


def _sign(entry: Entry) -> tuple[int, str]:
    """By which two runs of a line are told: the line and the op."""
    return entry.expr.sites[-1][1], entry.expr.op.name


def _counted(path: list[str], run: int) -> list[str]:
    return [path[0], f"{path[0]} {run}", *path[1:]] if path and run else path


def _main_functions(ends: Sequence[Expr]) -> set[str]:
    """Where the program stands: the functions that the results were written in are no parts of it."""
    return {"<module>", *(e.sites[-1][0].co_name for e in ends if e.sites)}


def _written(e: Expr, main: set[str]) -> list[str]:
    """The function and the variable that a node was written for."""
    if not e.sites:
        return []
    site: Site = e.sites[-1]
    function, name = site[0].co_name, written_for(site)
    path = [] if function in main or function.startswith("<") else [function]
    return [*path, name] if name else path
