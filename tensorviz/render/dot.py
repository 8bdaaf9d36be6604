"""Graphs as DOT text, for Graphviz and every tool that reads it."""

from __future__ import annotations

from .figures import Drawing, Figure
from .palette import FAMILIES, roles
from .trace import State

__all__ = ["dot"]


def dot(source: State | Drawing, name: str = "tensorviz") -> str:
    """A state (all its nodes) or a drawing (as grouped there) as DOT; the same graph gives the same text.

    >>> from tensorviz.render.trace import Node
    >>> x, y = Node("n0", "input", kind="input", name='a "b"'), Node("n1", "exp", inputs=["n0"])
    >>> print(dot(State({"n0": x, "n1": y}, ["n1"])))
    digraph "tensorviz" {
      node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif", fontsize=10];
      "n0" [label="a \\"b\\"\\nscalar", shape=ellipse, fillcolor="#f7f8f9"];
      "n1" [label="exp\\nscalar", color="#276fb1", penwidth=2];
      "n0" -> "n1";
    }
    """
    rows = _drawing(source) if isinstance(source, Drawing) else _state(source)
    head = [f"digraph {_quoted(name)} {{",
            '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif", fontsize=10];']
    return "\n".join([*head, *(f"  {row};" for row in rows), "}"])


def _quoted(text: str) -> str:
    clean = "".join(c if c >= " " or c == "\n" else "\ufffd" for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _attributes(label: str, kind: str, family: str, output: bool, change: str = "") -> str:
    colours = roles("light")
    out = [f"label={_quoted(label)}"]
    if kind in ("input", "shared", "constant"):
        out += ["shape=ellipse", f'fillcolor="{colours["panel"]}"']
        out += ["peripheries=2"] if kind == "shared" else []
    else:
        out.append(f'color="{colours[FAMILIES.get(family, "elem")]}"')
    if change:
        out += [f'color="{colours[change]}"', f'fillcolor="{colours[change + "-bg"]}"']
        out += ['style="rounded,filled,dashed"'] if change == "rem" else []
    return f"[{', '.join(out + (['penwidth=2'] if output else []))}]"


def _state(state: State) -> list[str]:
    rows = []
    order = state.order()
    for name in order:
        node = state.nodes[name]
        first = node.name or node.value or node.kind if node.kind != "op" else node.op
        label = "\n".join(t for t in (first, node.param, node.type_text()) if t)
        rows.append(f"{_quoted(name)} {_attributes(label, node.kind, node.family, name in state.outputs)}")
    rows += [f"{_quoted(i)} -> {_quoted(name)}" for name in order for i in state.nodes[name].inputs]
    return rows


def _drawing(drawing: Drawing) -> list[str]:
    """Each node once: what a picture repeats beside a reader far below is the same node here."""
    first = {f.key: f.repeats or f.key for f in drawing.figures}
    rows = [f"{_quoted(f.key)} {_attributes(_label(f), f.kind, f.family, f.is_output, f.change)}" for f in drawing.figures
            if not f.repeats]
    colours = roles("light")
    for link in drawing.links:
        style = f' [color="{colours[link.change]}"{", style=dashed" if link.change == "rem" else ""}]' if link.change else ""
        rows.append(f"{_quoted(first[link.source])} -> {_quoted(link.target)}{style}")
    return rows


def _label(figure: Figure) -> str:
    parts = [figure.label, figure.note, figure.type, *(b.text for b in figure.badges)]
    return "\n".join(p.replace("\u00a0", " ") for p in parts if p)
