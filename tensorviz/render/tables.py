"""A trace as plain text: nodes, passes, rewrites, kernels and their times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import units
from .trace import Node, Run, State, Trace

__all__ = ["aligned", "events_table", "pass_table", "profile_table", "text"]


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]], right: str = "") -> str:
    """A table with a line under its head; columns whose letter in `right` is "r" are aligned right.

    >>> print(aligned(["pass", "nodes"], [["fuse", "8"], ["use-blas", "18"]], "lr"))
    pass      nodes
    ---------------
    fuse          8
    use-blas     18
    """
    table = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = []
    for row in table:
        cells = [cell.rjust(widths[i]) if right[i:i + 1] == "r" else cell.ljust(widths[i]) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])


def text(state: State, names: Sequence[str] = ()) -> str:
    """A state, one line a node, inputs before readers; `names` are those of the outputs.

    >>> x = Node("n0", "input", kind="input", name="x", dtype="float32")
    >>> y = Node("n1", "exp", inputs=["n0"], dtype="float32")
    >>> print(text(State({"n0": x, "n1": y}, ["n1"]), ["y"]))
    n0  input x  f32 scalar
    n1  exp n0   f32 scalar  -> y
    """
    given: dict[str, list[str]] = {}
    for i, output in enumerate(state.outputs):
        given.setdefault(output, []).append(names[i] if i < len(names) and names[i] else "output")
    rows = []
    for name in state.order():
        node, mark = state.nodes[name], "-> " + ", ".join(given[name]) if name in given else ""
        rows.append((name, _call(node), node.type_text(), mark))
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows)


def _call(node: Node) -> str:
    if node.kind != "op":
        return f"{node.kind} {node.name or node.value}".strip()
    return f"{node.op} {', '.join(node.inputs)}" + (f"  [{node.param}]" if node.param else "")


def pass_table(trace: Trace) -> str:
    """The passes: nodes and estimated time after each, rewrites in it, and how long it took."""
    start = trace.state(0)
    seconds = sum(n.seconds for n in start.nodes.values())
    rows = [["as written", units.count(len(start.nodes)), units.time(seconds), "", "–"]]
    rows += [[p.name, units.count(p.nodes), units.time(p.cost[0]) if p.cost else "",
              units.count(p.last - p.first) if p.changed else "none", units.time(p.seconds)] for p in trace.passes]
    return aligned(["pass", "nodes", "time, est.", "rewrites", "took"], rows, "lrrrr")


def events_table(trace: Trace) -> str:
    """The rewrites in order: pass, rule, formula, and what each saves by estimate."""
    rows = []
    for p in trace.passes:
        for i in range(p.first, p.last):
            event = trace.events[i]
            saved = saved_text(event.cost_before, event.cost_after)
            rows.append([str(i + 1), p.name, event.rule, event.root, event.formula, saved])
    return aligned(["", "pass", "rule", "at", "formula", "time, est."], rows, "rllllr")


def saved_text(before: Sequence[float], after: Sequence[float]) -> str:
    """The estimated change of time of a rewrite; empty if there is no estimate."""
    return units.signed_time(after[0] - before[0]) if before and after else ""


def profile_table(trace: Trace, run: Run | None = None) -> str:
    """Measured times of the kernels of a run (the first, if none is given), slowest first."""
    run = run or (trace.profile.runs[0] if trace.profile.runs else None)
    if run is None:
        return "No measured run in this trace."
    kernels = {k.id: k for k in trace.kernels}
    total = sum(t.median for t in run.timings)
    rows = []
    for t in sorted(run.timings, key=lambda t: -t.median):
        k = kernels.get(t.kernel)
        speed = ["", ""]
        if k is not None and t.median:
            speed = [units.quantity(k.flops / t.median, "FLOP/s", 1.0), units.quantity(k.bytes / t.median, "B/s", 1.0)]
        rows.append([k.name if k else t.kernel, k.kind if k else "", units.time(t.median), units.percent(t.median, total),
                     units.time(t.p90), units.count(t.calls), *speed])
    head = f"{run.name} on {run.target}: {units.time(run.seconds)} a call, median of {units.count(run.calls)}, " \
           f"{run.threads} thread{'s' * (run.threads != 1)}"
    return head + "\n" + aligned(["kernel", "kind", "median", "share", "90 %", "calls", "operations", "memory"], rows, "llrrrrrr")
