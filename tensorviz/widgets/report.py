"""Pages about a compiled function: the report with headline numbers, the screens, the final graph with times, and the code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.expr import Expr
from ..core.graph import Graph
from ..render import html, report
from ..render.drawing import View
from ..render.picture import picture
from ..render.trace import Trace
from ..render.units import counted
from .base import STYLES, checked
from .bundle import packed, styles
from .explorer import PassExplorer

__all__ = ["explore", "page_of", "svg_of"]

ROOM = (48, 24, 9)      # boxes, ranks and boxes on a rank of a picture that one scrolls over


def explore(thing: Any) -> PassExplorer:
    """The pass explorer of a compiled function, a trace, an expression, several of them, or a graph.

    Of expressions one sees what compiling them would do; nothing is built.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> explore(tv.log(1.0 + x))
    PassExplorer(expression(x))
    """
    several = isinstance(thing, list | tuple) and bool(thing) and all(isinstance(e, Expr) for e in thing)
    if several or isinstance(thing, Expr | Graph):
        from ..compile.record import looked_at

        outputs = [thing] if isinstance(thing, Expr) else list(thing.outputs if isinstance(thing, Graph) else thing)
        thing = looked_at("expression", outputs)
    return PassExplorer(thing)


def svg_of(thing: Any) -> str | None:
    """The graph of a function, a trace, an expression or a graph as SVG; None for anything else."""
    if isinstance(thing, Trace):
        return picture(thing, View(step=len(thing.events), group="fit", room=ROOM))
    if isinstance(thing, Expr | Graph):
        from ..compile.record import Recorder

        outputs = [thing] if isinstance(thing, Expr) else list(thing.outputs)
        trace = Recorder("expression", "", outputs, [""] * len(outputs), formulas=False).trace
        return picture(trace, View(step=0, group="fit", room=ROOM))
    sketch = getattr(thing, "_picture", None)
    found = sketch() if callable(sketch) else getattr(thing, "trace", None)
    return svg_of(found) if isinstance(found, Trace) else None


def page_of(function: Any, path: str | Path | None = None, title: str | None = None,
            facts: Mapping[str, str] | None = None) -> Any:
    """A self-contained page about a function: report, the graph that runs with measured times beside its code, screens.

    `facts` maps a caption to its value. Written to `path` if given, and the path returned; else the page itself as text.
    """
    trace = checked(function)
    heading = title or f"{trace.signature or trace.name}, compiled by tensorviz"
    operations = sum(n.kind == "op" for n in trace.state(0).nodes.values())
    lead = (f"{counted(operations, 'operation')} as written, {counted(len(trace.kernels), 'step')} as compiled, "
            f"{counted(len(trace.events), 'rewrite')} between: "
            "walk the passes, step through the rewrites, read the code.")
    notes = ["This page works offline and without a kernel.", f"Made by tensorviz from {trace.signature or trace.name}."]
    body = [report.report(trace, lead, facts), html.mount(0), report.closing(notes)]
    state = {"screen": "passes", "step": 0, "pass_index": -1, "selected": [], "view": {}, "can_check": False}
    text = html.page(heading, body, [packed("walk.js")], [styles(*STYLES), report.STYLE], trace.to_bytes(), [state])
    if path is None:
        return text
    path = Path(path)
    path.write_text(text, encoding="utf-8")
    return path
