"""The rewrite stepper: one application of one rule at a time."""

from __future__ import annotations

from typing import Any

from ..core.errors import ArgumentValueError
from ..render import units
from ..render.drawing import View
from ..render.trace import Trace
from .base import Screen, trace_of

__all__ = ["RewriteStepper"]

TITLE = 80              # letters of a formula that stands above a picture


class RewriteStepper(Screen):
    """Step through the rewrites of a compiled function: the rule as mathematics, the graph before and after, and why it holds.

    `source` is a compiled function or a `Trace`; `start` is the number of a rewrite (from 1), or the name of a rule or of a pass.

    >>> RewriteStepper(Trace(name="f"))
    RewriteStepper(f)
    """

    def __init__(self, source: object, start: str | int | None = None, **values: Any) -> None:
        self._known(values)
        values.setdefault("step", step_number(trace_of(source), start))
        super().__init__(source, **{"screen": "rewrites", **values})

    def _picture(self) -> View:
        if not self.record.events:
            return View(step=0)
        step = max(1, self.step)
        event = self.record.events[step - 1]
        around = [i for i in (*event.before, *event.after, event.root, event.result) if i]
        title = f"{step}  {event.rule}"
        if len(event.formula) <= TITLE:         # a longer one would make the picture wider than its graph
            title += f":  {event.formula}"
        return View(step=step, before=step - 1, around=around, matched=event.before, title=title, tall=False)

    def to_text(self) -> str:
        """The rewrite that is shown, and where one is."""
        record = self.record
        if not record.events:
            return f"{record.signature or record.name}: no rewrites"
        step = max(1, self.step)
        event = record.events[step - 1]
        lines = [f"{record.signature or record.name}: rewrite {step} of {len(record.events)}", f"{event.rule}:  {event.formula}"]
        lines += [f"  {b.name} = {b.text or b.id}  {b.type}".rstrip() for b in event.bindings]
        lines += [f"  {'holds' if c.ok else 'fails'}: {c.text} {c.why}".rstrip() for c in event.conditions]
        if event.cost_before and event.cost_after:
            lines.append(f"  time, est. {units.time(event.cost_before[0])} -> {units.time(event.cost_after[0])}")
        lines += [f"  {text}" for text in (event.why, event.exactness) if text]
        return "\n".join(lines)


def step_number(trace: Trace, start: str | int | None) -> int:
    """The number of the rewrite called `start`; without one, of the first."""
    if isinstance(start, str):
        for number, event in enumerate(trace.events, 1):
            if event.rule == start:
                return number
        for p in trace.passes:
            if p.name == start and p.changed:
                return p.first + 1
        rules = ", ".join(dict.fromkeys(e.rule for e in trace.events))
        raise ArgumentValueError(f"no rule or pass {start!r} rewrote anything here", hint=f"there are {rules}")
    return min(1, len(trace.events)) if start is None else start
