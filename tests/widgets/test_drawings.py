"""The browser draws what Python draws: the same boxes, words, places and routes."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tensorviz.render.drawing import View, draw
from tensorviz.render.fonts import table
from tensorviz.render.names import BRIEF, OPERANDS
from tensorviz.render.trace import Trace
from tests.widgets import traces

HERE = Path(__file__).parent
FIELDS = ["key", "id", "kind", "family", "label", "note", "type", "change", "pale", "output", "aside", "tall", "members", "w",
          "h"]


Case = tuple[Trace, int, int, int, str, list[str]]      # trace, steps before and after, limit, grouping, opened groups


def python_drawing(trace: Trace, before: int, after: int, limit: int, group: str, opened: list[str]) -> dict[str, Any]:
    d = draw(trace, View(step=after, before=None if before == after else before, limit=limit, group=group, opened=opened))
    places = d.layout
    figures = [{**{k: getattr(f, k) for k in FIELDS}, "x": places.x[f.key], "y": places.y[f.key],
                "badges": [b.text for b in f.badges]} for f in d.figures]
    links = [[x.source, x.target, x.width, x.change, x.state] for x in d.links]
    return {"figures": figures, "links": links, "routes": places.routes, "frame": places.frame,
            "count": [d.shown, d.total, d.grouped, d.groups, d.inside]}


def cases() -> list[Case]:
    step, net, long, blocks = traces.step(), traces.network(), traces.chain(300), traces.rows(150)
    last = len(step.events)
    found = [(step, k, k, 500) for k in range(last + 1)]
    found += [(step, 0, last, 500), (step, 2, 4, 500), (step, 2, 3, 10), (traces.hostile(), 0, 1, 500), (traces.wordy(), 0, 0, 500)]
    found += [(net, 0, len(net.events), 500), (net, 0, 0, 500), (net, 0, len(net.events), 30)]
    found += [(blocks, 0, 0, 500), (blocks, 0, 0, 60)]
    found += [(long, 0, 0, 500), (long, 0, len(long.events), 500), (long, 0, len(long.events), 40)]
    return [*((*case, "auto", []) for case in found), *fitted()]


def fitted() -> list[Case]:
    """A training step with its gradient and updates, every pass of it, closed until it fits."""
    fit, deep = traces.training(), traces.deep()
    steps = [0, *(p.last for p in fit.passes)]
    found: list[Case] = [(fit, a, b, 500, "fit", []) for a, b in pairwise(steps)]
    found += [(fit, 0, 0, 500, "fit", []), (fit, 0, 0, 500, "fit", ["/update/update w1"]), (fit, 0, steps[-1], 500, "fit", [])]
    found += [(deep, 0, 0, 500, "fit", []), (deep, 0, len(deep.events), 500, "fit", ["/layer"])]
    return [*found, (traces.rows(150), 0, 0, 500, "fit", []), (traces.rows(600), 0, 0, 500, "fit", ["/block 2"])]


def test_browser_draws_what_python_draws(node: str) -> None:
    every = cases()
    sent = {"fonts": table(), "brief": BRIEF, "operands": OPERANDS,
            "cases": [{"trace": t.to_json(), "before": a, "after": b, "limit": n, "group": g, "opened": o}
                      for t, a, b, n, g, o in every]}
    run = subprocess.run([node, str(HERE / "drawings.mjs")], input=json.dumps(sent), capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    for case, there in zip(every, json.loads(run.stdout), strict=True):
        here = json.loads(json.dumps(python_drawing(*case)))
        trace, before, after, limit, group, _ = case
        assert there == here, f"{trace.signature}, steps {before} to {after}, {limit} nodes, {group}"


@pytest.mark.parametrize("name", [p.name for p in sorted(HERE.glob("*.test.mjs"))])
def test_pure_parts_in_node(node: str, name: str) -> None:
    run = subprocess.run([node, "--test", str(HERE / name)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
