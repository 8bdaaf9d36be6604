"""The report of a compiled function: headline numbers, the final graph with times, what made it faster, the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from . import units
from .drawing import View, draw
from .svg import svg
from .trace import Event, Trace

__all__ = ["STYLE", "Gain", "closing", "code_part", "gains", "report"]

STYLE = """
.tv-report h1{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:22px 0 6px}
.tv-report code,.tv-report pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-variant-ligatures:none}
.tv-report h1 code{font-size:.92em;font-weight:600}.tv-lead{font-size:16px;color:var(--tv-fg2);margin:0 0 22px;max-width:860px}
.tv-top{display:flex;align-items:center;gap:10px;padding-top:12px;color:var(--tv-fg2)}.tv-top b{color:var(--tv-fg);font-size:14px;font-weight:600}
.tv-figs{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;border:solid var(--tv-line);border-width:1px 0;margin-bottom:22px}
.tv-figs div{padding:14px 12px 13px 20px;border-left:1px solid var(--tv-line);font-size:12.5px;color:var(--tv-fg2)}
.tv-figs div:first-child{border:0;padding-left:0}
.tv-figs b{display:block;font-size:25px;font-weight:600;color:var(--tv-fg);letter-spacing:-.01em;font-variant-numeric:tabular-nums;line-height:1.25}
.tv-hero{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:36px;margin-bottom:26px;align-items:start}
.tv-final{border:1px solid var(--tv-line);border-radius:8px;overflow:auto;max-height:760px}.tv-final svg{display:block;margin:0 auto}
.tv-report h2{font-size:14px;margin:0 0 10px;font-weight:600}
.tv-gain{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 12px;padding:8px 0;border-top:1px solid var(--tv-line);font-size:13px}
.tv-gain .tv-f{font-size:13px;overflow-wrap:anywhere}
.tv-gain math{font-size:15.5px;font-family:"STIX Two Math","Latin Modern Math","Cambria Math",math,serif}
.tv-gain .tv-why{font-size:12px;color:var(--tv-fg2);grid-column:1/3}
.tv-gain b{font-weight:600;font-variant-numeric:tabular-nums;color:var(--tv-add);white-space:nowrap}
.tv-code{border:1px solid var(--tv-line);border-radius:8px;background:var(--tv-panel);margin:0 0 22px;max-height:560px;overflow:auto;padding:10px 0}
.tv-code pre{margin:0;font-size:12px;line-height:18px;tab-size:4}.tv-code .l{display:block;padding:0 14px 0 56px;position:relative}
.tv-code .l:hover{background:var(--tv-hover)}
.tv-code .l::before{content:attr(data-n);position:absolute;left:0;width:40px;text-align:right;color:var(--tv-fg3);font-size:11px}
.tv-end{display:flex;gap:18px;padding:8px 0 18px;font-size:12px;color:var(--tv-fg2);flex-wrap:wrap}
@media(max-width:900px){.tv-hero{grid-template-columns:minmax(0,1fr)}.tv-figs{grid-auto-flow:row;grid-template-columns:1fr 1fr}}
"""

_MARK = ('<svg width="20" height="20" viewBox="0 0 18 18" aria-hidden="true"><path d="M4 4 9 9 4 14M9 9h6" fill="none" stroke="var(--tv-accent)" '
         'stroke-width="1.6"/><g fill="var(--tv-accent)"><circle cx="4" cy="4" r="2.3"/><circle cx="4" cy="14" r="2.3"/><circle cx="15" cy="9" r="2.3"/>'
         '</g><circle cx="9" cy="9" r="2.3" fill="var(--tv-bg)" stroke="var(--tv-accent)" stroke-width="1.6"/></svg>')


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
    title = escape(trace.signature or trace.name)
    return (f'<div class="tv-page tv-report"><div class="tv-top">{_MARK}<b>tensorviz</b><span>report</span></div><h1><code>{title}</code></h1>'
            f'<p class="tv-lead">{escape(lead)}</p><div class="tv-figs">{numbers}</div><div class="tv-hero">'
            f'<div class="tv-final">{_final_graph(trace)}</div>{_gain_list(trace, most)}</div></div>')


def _final_graph(trace: Trace) -> str:
    grouped = bool(trace.kernels)
    return svg(draw(trace, View(heat="time", group="kernel" if grouped else "auto", tall=True if grouped else None)), "page")


def _headline(trace: Trace) -> list[tuple[str, str]]:
    out = []
    if trace.profile.runs:
        run = trace.profile.runs[0]
        out.append((units.time(run.seconds), f"a call, median of {units.count(run.calls)}"))
    first, last = trace.state(0), trace.state(-1)
    uses = len(trace.events)
    if trace.kernels:
        out.append((f"{units.count(sum(n.kind == 'op' for n in first.nodes.values()))} → {units.count(len(trace.kernels))}",
                    f"operations to kernels, in {units.count(uses)} rewrites"))
    else:
        out.append((f"{units.count(len(first.nodes))} → {units.count(len(last.nodes))}", f"nodes, in {units.count(uses)} rewrites"))
    if trace.facts.get("arena_bytes") is not None:
        without = trace.facts.get("unplanned_bytes")
        out.append((units.size(trace.facts["arena_bytes"]), "of planned memory" + (f", {units.size(without)} without" if without else "")))
    if trace.builds:
        compiler = sum(b.seconds for b in trace.builds if b.name == "cc")
        whole = trace.facts.get("compile_seconds") or sum(b.seconds for b in trace.builds)
        out.append((units.time(whole), "to compile" + (f", {units.time(compiler)} for the C code" if compiler else "")))
    return out


def _gain_list(trace: Trace, most: int) -> str:
    found = gains(trace)
    if not found:
        return "<div><h2>What made it faster</h2><p>No rewrite saves time by estimate.</p></div>"
    rows = []
    for gain in found[:most]:
        event = gain.event
        formula = event.formula_mathml or f"<code>{escape(event.formula or gain.rule)}</code>"
        parts = [event.why.rstrip(".")] if event.why else []
        parts += [f"{gain.nodes} node{'s' * (gain.nodes != 1)} fewer"] if gain.nodes > 0 else []
        parts += [f"used {gain.uses} times"] if gain.uses > 1 else []
        rows.append(f'<div class="tv-gain"><span class="tv-f">{formula}</span><b>{units.signed_time(-gain.seconds)}</b>'
                    f'<span class="tv-why">{escape(gain.rule)}: {escape(", ".join(parts))}</span></div>')
    left = len(found) - len(rows)
    rest = f'<div class="tv-gain"><span class="tv-why">and {left} more rule{"s" * (left != 1)} that save time</span></div>' if left else ""
    return f'<div><h2>What made it faster, est.</h2>{"".join(rows)}{rest}</div>'


def code_part(trace: Trace, language: str = "c") -> str:
    """The generated source with line numbers as HTML; empty if the trace has none in `language`."""
    for code in trace.codes:
        if code.language == language and code.text:
            lines = code.html or "".join(f'<span class="l" data-n="{i}">{escape(line)}\n</span>' for i, line in enumerate(code.text.split("\n"), 1))
            return f'<div class="tv-page tv-report"><h2>The code, {escape(language.upper())}</h2><div class="tv-code"><pre>{lines}</pre></div></div>'
    return ""


def closing(notes: Sequence[str]) -> str:
    """The last line of a report: plain sentences beside each other."""
    return f'<div class="tv-page"><div class="tv-end">{"".join(f"<span>{escape(note)}</span>" for note in notes)}</div></div>'
