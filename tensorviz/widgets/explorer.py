"""The pass explorer: what every pass did to the graph."""

from __future__ import annotations

from typing import Any

from ..render import units
from ..render.drawing import View
from ..render.trace import Trace
from .base import Screen, trace_of

__all__ = ["PassExplorer"]


class PassExplorer(Screen):
    """Walk through the passes of a compiled function: before, after, or both as a diff on one map.

    `source` is a compiled function or a `Trace`; `start` names the pass to show first (the first that changed something).

    >>> PassExplorer(Trace(name="f"))
    PassExplorer(f)
    """

    def __init__(self, source: object, start: str | int | None = None, **values: Any) -> None:
        self._known(values)
        values.setdefault("pass_index", pass_number(trace_of(source), start))
        super().__init__(source, **{"screen": "passes", **values})

    def _picture(self) -> View:
        steps = [0, *(p.last for p in self.record.passes)]
        after = steps[self.pass_index + 1]
        title = self.record.passes[self.pass_index].name if self.pass_index >= 0 else "as written"
        return View(step=after, before=steps[max(self.pass_index, 0)] if self.pass_index >= 0 else None,
                    title=title, group="fit")

    def to_text(self) -> str:
        """The passes as a table."""
        record = self.record
        start = record.state(0)
        lines = [f"{record.signature or record.name}: {units.counted(len(record.passes), 'pass', 'passes')}, "
                 f"{units.counted(len(record.events), 'rewrite')}",
                 f"  {'as written':<20} {_nodes(len(start.nodes))}".rstrip()]
        for i, p in enumerate(record.passes):
            did = ", ".join(f"{rule} {int(hits)}" for rule, (hits, _) in p.rules.items()) if p.changed else "no change"
            mark = ">" if i == self.pass_index else " "
            lines.append(f"{mark} {p.name:<20} {_nodes(p.nodes)}  {units.time(p.cost[0] if p.cost else 0.0):>9} est.  {did}")
        return "\n".join(lines)


def _nodes(number: int) -> str:
    """A count with its noun, as wide as any other."""
    return f"{number:>6} {'node' if number == 1 else 'nodes':<5}"


def pass_number(trace: Trace, start: str | int | None) -> int:
    """The index of the pass called `start`; without one, of the first pass that changed something, or -1."""
    if isinstance(start, str):
        names = [p.name for p in trace.passes]
        if start not in names:
            raise ValueError(f"no pass {start!r}: {', '.join(names)}")
        return names.index(start)
    if start is not None:
        return start
    return next((i for i, p in enumerate(trace.passes) if p.changed), -1)
