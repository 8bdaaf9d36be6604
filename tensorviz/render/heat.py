"""Numbers on nodes (time, bytes, operations) and the nine steps of heat that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log

from . import units
from .trace import Run, State, Trace

__all__ = ["Scale", "node_values"]


@dataclass(slots=True)
class Scale:
    """A logarithmic scale of nine steps, and how its numbers are written."""

    title: str                      #: "time, measured"
    low: float
    high: float
    text: Callable[[float], str]
    clipped: bool = False           #: whether there are values below `low`

    def ends(self) -> tuple[str, str]:
        """Both ends of the scale as text."""
        return ("≤ " if self.clipped else "") + self.text(self.low), self.text(self.high)

    def step(self, value: float) -> int:
        """0 (least) to 8 (most).

        >>> Scale("time", 1.0, 1000.0, str).step(1000.0), Scale("time", 1.0, 1000.0, str).step(10.0)
        (8, 3)
        """
        if value <= self.low:
            return 0
        return min(8, int(9 * log(value / self.low) / log(self.high / self.low)))

    @classmethod
    def over(cls, values: Iterable[float], title: str, text: Callable[[float], str]) -> Scale | None:
        """The scale from the least to the largest positive value, one to three decades wide; None if there is no value."""
        positive = [v for v in values if v > 0]
        if not positive:
            return None
        high = max(positive)
        least = min(*positive, high / 10)
        return cls(title, max(least, high / 1000), high, text, least < high / 1000)


def node_values(trace: Trace, state: State, kind: str,
                run: Run | None = None) -> tuple[dict[str, float], str, Callable[[float], str]]:
    """Value by node id, what it is, and how to write it. `kind`: "time", "bytes" or "flops".

    Time is measured where a run has the node's kernel: a kernel's median is shared out by the estimates of its nodes.
    """
    if kind == "bytes":
        return {n: node.bytes for n, node in state.nodes.items()}, "bytes read and written", units.size
    if kind == "flops":
        return {n: node.flops for n, node in state.nodes.items()}, "operations, est.", lambda v: units.quantity(v, "FLOP", 1.0)
    if run is None or not run.timings:
        return {n: node.seconds for n, node in state.nodes.items()}, "time, est.", units.time
    median = {t.kernel: t.median for t in run.timings}
    values: dict[str, float] = {}
    for kernel in trace.kernels:
        if kernel.id not in median:
            continue
        inside = [state.nodes[n] for n in kernel.nodes if n in state.nodes]
        whole = sum(node.seconds for node in inside)
        for node in inside:
            values[node.id] = median[kernel.id] * (node.seconds / whole if whole else 1 / len(inside))
    return values, "time, measured", units.time
