"""The table in Markdown: times, ratios, and what became of the goals."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.speed import Row


def seconds(value: float) -> str:
    """Three digits and an SI unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table with columns in line."""
    cells = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def verdict(measured: float | None, goal: float) -> str:
    """Whether the goal is met."""
    return "not measured" if measured is None else "met" if measured <= goal else "MISSED"


def goal_text(row: Row) -> str:
    """The goal in words."""
    if not row.workload.rivals:
        return f"<= {seconds(row.workload.goal)}"
    return f"<= {row.workload.goal:g} of {row.rival() or 'the fastest rival'}"


def measured_text(row: Row) -> str:
    """What was measured, in the goal's terms."""
    value = row.measured()
    return "-" if value is None else f"{value:.2f}" if row.workload.rivals else seconds(value)


def speed_table(rows: list[Row], frameworks: list[str]) -> str:
    """A row a workload: the time of each framework, its ratio to the fastest, and the goal."""

    def cell(row: Row, framework: str) -> str:
        if framework not in row.samples:
            return "failed" if framework in row.failed else "-"
        fastest = min(map(row.best, row.samples))
        return f"{seconds(row.best(framework))} ({row.best(framework) / fastest:.2f})"

    head = ["workload", *frameworks, "goal", "measured", "verdict"]
    return table(head, (
        [row.workload.name, *(cell(row, f) for f in frameworks), goal_text(row), measured_text(row),
         verdict(row.measured(), row.workload.goal)]
        for row in rows
    ))


def limits_table(limits: list[tuple[str, float | None, float, str]]) -> str:
    """Rows of (what, measured, goal, unit) where tensorviz is held to a number of its own."""

    def text(value: float | None, unit: str) -> str:
        return "-" if value is None else seconds(value) if unit == "s" else f"{value:.3g} {unit}".strip()

    return table(
        ["what", "tensorviz", "goal", "verdict"],
        ([what, text(value, unit), f"<= {text(goal, unit)}", verdict(value, goal)] for what, value, goal, unit in limits),
    )
