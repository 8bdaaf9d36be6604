"""The report of a compiled function: headline numbers, what made it faster, and the graph that runs beside its code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from . import units
from .drawing import View, draw
from .names import clipped
from .sheets import sheet
from .svg import svg
from .trace import Event, Kernel, Trace

__all__ = ["STYLE", "Gain", "closing", "code_part", "final_graph", "gains", "report"]

STYLE = sheet("report.css")

_MARK = ('<svg width="20" height="20" viewBox="0 0 18 18" aria-hidden="true">'
         '<path d="M4 4 9 9 4 14M9 9h6" fill="none" stroke="var(--tv-accent)" stroke-width="1.6"/><g fill="var(--tv-accent)">'
         '<circle cx="4" cy="4" r="2.3"/><circle cx="4" cy="14" r="2.3"/><circle cx="15" cy="9" r="2.3"/></g>'
         '<circle cx="9" cy="9" r="2.3" fill="var(--tv-bg)" stroke="var(--tv-accent)" stroke-width="1.6"/></svg>')


@dataclass(slots=True)
class Gain:
    """What one rule saved in all its uses, by estimate."""

    rule: str
    seconds: float              #: saved; positive is faster
    uses: int
    nodes: int                  #: fewer nodes
    event: Event                #: its largest use


def gains(trace: Trace) -> list[Gain]:
    """The rules by estimated time saved, largest first; those that save nothing are left out."""
    found: dict[str, Gain] = {}
    largest: dict[str, float] = {}
    for event in trace.events:
        if not event.cost_before or not event.cost_after:
            continue
        saved = event.cost_before[0] - event.cost_after[0]
        gain = found.setdefault(event.rule, Gain(event.rule, 0.0, 0, 0, event))
        gain.seconds += saved
        gain.uses += 1
        gain.nodes += len(event.removed) - len(event.added)
        if saved > largest.get(event.rule, 0.0):
            largest[event.rule], gain.event = saved, event
    return sorted((g for g in found.values() if g.seconds > 0), key=lambda g: -g.seconds)


def report(trace: Trace, lead: str = "", facts: Mapping[str, str] | None = None, most: int = 6) -> str:
    """The body of the report as HTML, for `html.page` with `STYLE`.

    `lead` is a sentence under the title; `facts` maps what was measured elsewhere to its value, as in
    ``{"accuracy on 360 held-back digits": "97.8 %"}``; they come before the trace's own numbers.
    """
    figures = [*((value, caption) for caption, value in (facts or {}).items()), *_headline(trace)]
    numbers = "".join(f"<div><b>{escape(value)}</b>{escape(caption)}</div>" for value, caption in figures)
    whole = trace.signature or trace.name
    title = escape(clipped(whole, 120))
    return (f'<div class="tv-page tv-report"><div class="tv-top">{_MARK}<b>tensorviz</b><span>report</span></div>'
            f'<h1 title="{escape(whole)}"><code>{title}</code></h1><p class="tv-lead">{escape(lead)}</p>'
            f'<div class="tv-figs">{numbers}</div>'
            f'{_hero(trace)}{_gain_list(trace, most)}<script type="module">{sheet("fades.js")}</script></div>')


def _hero(trace: Trace) -> str:
    """The graph that runs, with its code beside it where there is any: a node leads to its lines."""
    graph, code = f'<div class="tv-final">{final_graph(trace)}</div>', code_part(trace)
    if not code:
        return f'<h2>What runs</h2><div class="tv-hero alone"><div>{graph}</div></div>'
    return (f'<div class="tv-hero"><div class="tv-hero-graph"><h2>What runs: press a node for its code</h2>{graph}'
            f'{_kernel_list(trace)}</div><div class="tv-hero-code">{code}</div></div>')


def final_graph(trace: Trace) -> str:
    """The graph that runs, one node a kernel, with its times, as SVG in the page's colours."""
    view = View(heat="time", group="kernel", tall=True) if trace.kernels else View(heat="time")
    return svg(draw(trace, view), "page")


def _headline(trace: Trace) -> list[tuple[str, str]]:
    out = []
    if trace.profile.runs:
        run = trace.profile.runs[0]
        out.append((units.time(run.seconds), f"in compiled code a call, median of {units.count(run.calls)}"))
    first, last = trace.state(0), trace.state(-1)
    uses = len(trace.events)
    if trace.kernels:
        operations = sum(n.kind == "op" for n in first.nodes.values())
        out.append((f"{units.count(operations)} → {units.count(len(trace.kernels))}",
                    f"operations to kernels, in {units.counted(uses, 'rewrite')}"))
    else:
        out.append((f"{units.count(len(first.nodes))} → {units.count(len(last.nodes))}",
                    f"nodes, in {units.counted(uses, 'rewrite')}"))
    if trace.facts.get("arena_bytes") is not None:
        without = trace.facts.get("unplanned_bytes")
        other = f", {units.size(without)} without" if without else ""
        out.append((units.size(trace.facts["arena_bytes"]), f"of planned memory{other}"))
    if trace.builds:
        compiler = sum(b.seconds for b in trace.builds if b.name == "cc")
        share = ", C code from the cache" if trace.facts.get("cached") else f", {units.time(compiler)} for the C code"
        whole = trace.facts.get("compile_seconds") or sum(b.seconds for b in trace.builds)
        out.append((units.time(whole), "to compile" + (share if compiler else "")))
    return out


def _gain_list(trace: Trace, most: int) -> str:
    found = gains(trace)
    if not found:
        return "<h2>What made it faster</h2><p>No rewrite saves time by estimate.</p>"
    rows = []
    for gain in found[:most]:
        event = gain.event
        formula = _sides(event.formula_mathml) or f"<code>{escape((event.formula or gain.rule).replace('->', '→'))}</code>"
        parts = [event.why.rstrip(".")] if event.why else []
        parts += [f"{units.counted(gain.nodes, 'node')} fewer"] if gain.nodes > 0 else []
        parts += [f"used {gain.uses} times"] if gain.uses > 1 else []
        rows.append(f'<div class="tv-gain"><div class="tv-f">{formula}</div><b>{units.signed_time(-gain.seconds)}</b>'
                    f'<span class="tv-why">{escape(gain.rule)}: {escape(", ".join(parts))}</span></div>')
    left = len(found) - len(rows)
    if left:
        rest = "one more rule saves time" if left == 1 else f"{left} more rules save time"
        rows.append(f'<div class="tv-gain rest"><span class="tv-why">{rest}</span></div>')
    return f'<h2>What made it faster, est.</h2><div class="tv-gains">{"".join(rows)}</div>'


def _sides(formula: str) -> str:
    """Both sides of a formula as elements of their own, so that a long one takes two lines."""
    left, arrow, right = formula.partition("<mo>→</mo>")
    head, tail = "<math><mrow>", "</mrow></math>"
    if not arrow or "<mo>→</mo>" in right or not left.startswith(head) or not right.endswith(tail):
        return formula
    return f'{left}{tail}<wbr><span><math><mo>→</mo></math>{head}{right}</span>'


def code_part(trace: Trace, language: str = "c") -> str:
    """The generated source as HTML in a panel of its own; empty if the trace has none in `language`.

    Pointing at a kernel, or at its node in the final graph, lights its lines; pressing it scrolls the panel to them.
    """
    code = next((c for c in trace.codes if c.language == language and c.text), None)
    if code is None:
        return ""
    lines = code.html or "".join(f'<span class="l" data-n="{i}">{escape(line)}\n</span>'
                                 for i, line in enumerate(code.text.split("\n"), 1))
    places = {node: [*_lines_of(kernel, i, code.text), i] for i, kernel in enumerate(trace.kernels) for node in kernel.nodes}
    return (f'<h2>The code, {escape(language.upper())}</h2>'
            f'<div class="tv-code" tabindex="0" data-places="{escape(json.dumps(places))}"><pre>{lines}</pre></div>'
            f'<script type="module">{sheet("code.js")}</script>')


def _lines_of(kernel: Kernel, number: int, text: str) -> tuple[int, int]:
    """First and last line of a kernel's code.

    One that has no function of its own (a call of the BLAS library) is the line of the entry that takes this step; (0, -1)
    where there is none.
    """
    if kernel.first_line:
        return kernel.first_line, kernel.last_line
    call = next((i for i, line in enumerate(text.split("\n"), 1) if f"TV_STEP({number}," in line), 0)
    return call, call or -1


def _kernel_list(trace: Trace) -> str:
    run = trace.profile.runs[0] if trace.profile.runs else None
    median = {t.kernel: t.median for t in run.timings} if run else {}
    total = sum(median.values())
    rows = []
    for kernel in trace.kernels:
        seconds = median.get(kernel.id)
        numbers = ["", ""] if seconds is None else [units.time(seconds), units.percent(seconds, total)]
        node = escape(kernel.nodes[-1] if kernel.nodes else "")
        size = kernel.size or len(kernel.nodes)
        what = f"{kernel.kind}, {units.counted(size, 'operation')}"
        cells = "".join(f"<td>{number}</td>" for number in numbers)
        rows.append(f'<tr data-id="{node}" tabindex="0"><th scope="row"><code>{escape(kernel.name)}</code>'
                    f"<span>{escape(what)}</span></th>{cells}</tr>")
    return f'<table class="tv-kernels"><tbody>{"".join(rows)}</tbody></table>'


def closing(notes: Sequence[str]) -> str:
    """The last line of a report: plain sentences beside each other."""
    return f'<div class="tv-page"><div class="tv-end">{"".join(f"<span>{escape(note)}</span>" for note in notes)}</div></div>'
