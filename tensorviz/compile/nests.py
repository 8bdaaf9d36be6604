"""The loop nests of a graph as steps, whatever the target: scheduled, named, and with a comment that says what each computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.display import text_of
from ..core.expr import Expr
from ..core.graph import topological
from ..core.targets import written_for
from .cover import Cover
from .fuse import Fusion, fuse
from .lengths import Length
from .names import Names, plain
from .schedule import Circle, Step, plan

__all__ = ["kernel_doc", "kernel_name", "schedule"]


def schedule(roots: Sequence[Expr], lengths: Callable[[Expr], tuple[Length, ...]], cover: Cover,
             roles: tuple[str, ...] = ("row", "full", "column")) -> tuple[Fusion, list[Step]]:
    """Fuse nodes and put the steps in order; with more care if two nests turn out to need each other."""
    fusion = fuse(roots, lengths, cover.fusible, roles, is_host=cover.is_host)
    try:
        steps = plan(roots, fusion, cover.is_view, cover.is_host)
    except Circle:
        fusion = fuse(roots, lengths, cover.fusible, roles, careful=True, is_host=cover.is_host)
        steps = plan(roots, fusion, cover.is_view, cover.is_host)
    _own_views(roots, steps)
    return fusion, steps


def _own_views(roots: Sequence[Expr], steps: Sequence[Step]) -> None:
    """Give every step the views that only it looks through."""
    readers: dict[Expr, list[Expr]] = {}
    for e in topological(roots):
        for a in e.args:
            readers.setdefault(a, []).append(e)
    results = set(roots)
    for s in steps:
        found = set(s.nodes)
        for e in reversed(s.nodes):
            work = list(e.args)
            while work:
                a = work.pop()
                mine = a.op.family == "shape" and a.args and a not in found and a not in results
                if mine and all(r in found for r in readers[a]):
                    found.add(a)
                    s.views.append(a)
                    work.extend(a.args)


def kernel_name(s: Step, names: Names) -> str:
    """After what the user calls its last result or the statement it is a part of, else after its first and last op."""
    for name in map(names.own, reversed(s.writes)):
        if name:
            return names.fresh(f"make_{name}")
    for n in reversed(s.writes):
        name = plain(written_for(n.sites[0])) if n.sites else None
        if name:
            return names.fresh(f"{name}_part" if n.forward is None else f"{name}_gradient")
    return names.fresh("_".join(dict.fromkeys((s.nodes[0].op.name, s.nodes[-1].op.name))))


def kernel_doc(s: Step) -> str:
    """How many ops a nest computes, and its results as formulas where they are short."""
    texts = [t for t in (text_of(w) for w in s.writes[:3] if _small(w)) if len(t) < 90 and _harmless(t)]
    return (f"{s.size} ops in one loop nest" if s.size > 1 else "one op") + (": " + "; ".join(texts) if texts else "")


def _harmless(text: str) -> bool:
    """Whether a text with names of the user's choice may stand in a comment."""
    return not set(text) & set('"\\') and "*/" not in text and "/*" not in text and text.isprintable() and text.isascii()


def _small(e: Expr) -> bool:
    """Whether the formula of a node fits into a comment: printing those of deep nodes takes long."""
    work, left = [e], 40
    while work and left:
        work += work.pop().args
        left -= 1
    return not work
