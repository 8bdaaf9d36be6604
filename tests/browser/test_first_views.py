"""What one sees first, at every width: what changed is in view and can be read, counts are those of what is shown, nothing is cut off unsaid."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.widgets import PassExplorer, RewriteStepper
from tests.browser.pages import opened
from tests.widgets import traces

pytestmark = pytest.mark.browser

#: nodes that changed and are not whole in their pane, or lie under what floats over it
HIDDEN = """() => {
  const out = [];
  for (const pane of document.querySelectorAll(".tv-graph")) {
    const p = pane.getBoundingClientRect();
    const over = [...pane.querySelectorAll(".tv-minimap, .tv-panecap")].filter((e) => !e.hidden).map((e) => e.getBoundingClientRect());
    for (const node of pane.querySelectorAll(".tv-node.add, .tv-node.rem, .tv-node.chg")) {
      const b = node.querySelector(".tv-box").getBoundingClientRect();
      if (b.left < p.left || b.right > p.right || b.top < p.top || b.bottom > p.bottom) out.push(`${node.textContent} cut`);
      if (over.some((o) => b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom)) out.push(`${node.textContent} covered`);
    }
  }
  return out;
}"""
SCALE = "new DOMMatrix(getComputedStyle(document.querySelector('.tv-world')).transform).a"


def fused() -> Any:
    """A function whose last rewrites take many operations each into one loop."""
    x, w = tv.matrix("x"), tv.shared(np.ones((4, 3)), "w")
    h = T.tanh(x @ w) * 2.0 + T.exp(-abs(x @ w))
    p = T.exp(h) / T.sum(T.exp(h), axis=1, keepdims=True)
    cost = T.mean(T.sum(p * T.log(p + 1.0), axis=1))
    return tv.function([x], cost, updates={w: w - 0.1 * tv.grad(cost, w)}, name="fit")


@pytest.mark.parametrize("width", [968, 1350])
def test_what_a_fusion_changed_is_in_view(browser: Any, tmp_path: Path, width: int) -> None:
    function = fused()
    with opened(browser, tmp_path, RewriteStepper(function, len(function.trace.events)), width=width, height=760) as screen:
        assert screen.page.evaluate(HIDDEN) == []
        assert screen.page.evaluate(SCALE) >= 0.63


def test_side_by_side_is_drawn_for_half_the_width(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.training(), "stabilise")) as screen:
        screen.page.click("text=Side by side")
        screen.settle()
        assert screen.count(".tv-graph") == 2 and screen.count(".tv-minimap") == 0, "all of it is in view"
        assert screen.page.evaluate(HIDDEN) == [] and screen.page.evaluate(SCALE) >= 0.76
        cameras = screen.page.evaluate("[...document.querySelectorAll('.tv-world')].map((w) => w.style.transform)")
        assert cameras[0] == cameras[1]


def test_the_input_of_many_outputs_is_in_view(browser: Any, tmp_path: Path) -> None:
    x = tv.vector("x")
    wide = tv.function([x], [T.sin(x) * k for k in range(30)], target="numpy")
    with opened(browser, tmp_path, PassExplorer(wide, start=-1)) as screen:
        pane, box = screen.page.locator(".tv-graph").bounding_box(), screen.page.locator(".tv-node.input").bounding_box()
        assert pane["x"] < box["x"] < pane["x"] + pane["width"] and pane["y"] < box["y"] < pane["y"] + pane["height"]


@pytest.mark.parametrize("width", [800, 968, 1350])
def test_no_pass_is_out_of_reach(browser: Any, tmp_path: Path, width: int) -> None:
    trace = traces.training()
    with opened(browser, tmp_path, PassExplorer(trace, start=-1), width=width) as screen:
        shown = screen.page.locator(".tv-pass").count()
        idle = len([p for p in trace.passes if not p.changed])
        assert shown == len(trace.passes) + 1 or screen.text("[data-name='idle']") == f"+ {idle} idle"
        room = "document.querySelector('.tv-strip-columns').scrollWidth <= document.querySelector('.tv-strip-columns').clientWidth + 1"
        assert screen.page.evaluate(room) or screen.page.is_visible("[data-name='passes after']")
        screen.focus()
        for _ in trace.passes:
            screen.press("]")
        on, strip = screen.page.locator(".tv-pass.on").bounding_box(), screen.page.locator(".tv-strip-columns").bounding_box()
        assert on["x"] + on["width"] <= strip["x"] + strip["width"] + 1


def test_counts_are_those_of_what_one_looks_at(browser: Any, tmp_path: Path) -> None:
    trace = traces.training()
    index = next(i for i, p in enumerate(trace.passes) if p.name == "stabilise")
    before, after = trace.passes[index - 1].nodes, trace.passes[index].nodes
    with opened(browser, tmp_path, PassExplorer(trace, index)) as screen:
        for mode, total in (("Before", before), ("After", after)):
            screen.page.click(f".tv-seg >> text={mode}")
            screen.settle()
            assert f"of {total} nodes" in screen.text(".tv-footnote") or f"all {total} nodes" in screen.text(".tv-footnote")
            assert f"{total} nodes" in screen.text(".tv-panecap")
        screen.page.click("text=Side by side")
        screen.settle()
        assert f"of {before} and" in screen.text(".tv-footnote") and f"of {after} nodes" in screen.text(".tv-footnote")


#: boxes, the numbers on cards, and both numbers of the foot: nodes there are and constants inside their readers
COUNTED = """() => {
  const boxes = document.querySelectorAll(".tv-node[data-id]:not(.group):not([data-key*='@'])").length;
  const cards = [...document.querySelectorAll(".tv-node.group:not([data-key*='@'])")].map((card) =>
    card.querySelector(".tv-typ").textContent.match(/\\d+/g).reduce((n, d) => n * Number(d), 1));
  const foot = document.querySelector(".tv-footnote").textContent.replace(/,(?=\\d)/g, "");
  const number = (pattern) => Number(foot.match(pattern)?.[1] || 0);
  return { boxes, cards: cards.reduce((a, b) => a + b, 0), all: number(/(\\d+) node/), grouped: number(/(\\d+) in (?:a|\\d+) group/),
           inside: number(/(\\d+) constant/), said: number(/Showing (?:all )?(\\d+)/), groups: cards.length, foot };
}"""


@pytest.mark.parametrize("make", [traces.step, traces.training, lambda: traces.deep(12)], ids=["step", "training", "deep"])
def test_boxes_cards_and_constants_add_up_to_the_foot(browser: Any, tmp_path: Path, make: Any) -> None:
    trace = make()
    with opened(browser, tmp_path, PassExplorer(trace, start=-1), height=640) as screen:
        for mode in ("Union diff", "Before", "After"):
            screen.page.click(f".tv-seg >> text={mode}")
            for index in range(-1, len(trace.passes)):
                screen.page.click(f".tv-pass[data-index='{index}']")
                screen.settle()
                seen = screen.page.evaluate(COUNTED)
                assert seen["boxes"] + seen["cards"] + seen["inside"] == seen["all"], (mode, index, seen)
                assert seen["cards"] == seen["grouped"] or not seen["groups"] or seen["boxes"] == 0, (mode, index, seen)
                assert seen["said"] in (seen["boxes"], seen["all"]), (mode, index, seen)


def test_a_card_and_the_inspector_count_alike(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.training(), start=-1), height=560) as screen:
        for card in screen.page.locator(".tv-node.group").all():
            card.click()
            screen.settle()
            words = " ".join((card.locator(".tv-typ").text_content() or "").split())
            product = np.prod([int(n) for n in re.findall(r"\d+", words)])
            holds = screen.text(".tv-facts dd")
            assert f"{product} node" in screen.text(".tv-node-title").replace("\u00a0", " "), words
            assert sum(int(n or 1) for n in re.findall(r"[a-z_ ]+?(?: (\d+))?(?:,|$)", holds)) == product, holds


def test_a_prediction_is_given_away_nowhere(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), "log_of_softmax")) as screen:
        screen.page.click("text=Predict")
        screen.settle()
        screen.press("l")
        hidden = screen.text(".tv") + screen.page.text_content(".tv-live")
        for answer in ("log_softmax(z)", "−inf where", "cancels the exponential", "3,312", "reuse_exp"):
            assert answer not in hidden, answer
        assert screen.page.evaluate("getComputedStyle(document.querySelectorAll('.tv-graph')[1]).visibility") == "hidden"
        screen.press("Escape")
        screen.page.click("text=Show the answer")
        screen.settle()
        assert "3,312" in screen.text(".tv") and "cancels the exponential" in screen.text(".tv")


def test_pointing_at_a_node_shows_the_users_line(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        screen.page.hover(".tv-node.rem")
        screen.page.wait_for_selector(".tv-tip", timeout=5000)
        assert "cell 3, line 4" in screen.text(".tv-tip") and "T.log(p)" in screen.text(".tv-tip")
        screen.page.hover(".tv-title")
        screen.settle()
        assert screen.count(".tv-tip") == 0


def test_a_closed_group_is_looked_at_as_a_whole(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.training(), start=-1), height=560) as screen:
        cards = screen.count(".tv-node.group")
        screen.page.locator(".tv-node.group").first.click()
        screen.settle()
        assert "Selected group" in screen.text(".tv-side") and "holds" in screen.text(".tv-facts")
        assert " › " in screen.page.text_content(".tv-of").replace("›", " › ")
        screen.page.click(".tv-open-group")
        screen.settle()
        assert screen.count(".tv-node") > cards and not screen.focused().startswith("BODY")


def test_the_graph_is_copied_in_four_forms(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise"), "dark") as screen:
        screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copied = {}
        screen.focus()
        for form in ("SVG", "DOT", "JSON"):
            screen.press("x")
            screen.page.click(f".tv-copies >> text={form}")
            screen.until("document.querySelector(\"[data-name='copy']\").textContent.includes('copied')")
            copied[form] = screen.page.evaluate("navigator.clipboard.readText()")
            screen.until("document.querySelector(\"[data-name='copy']\").textContent.includes('Copy')")
        svg = ElementTree.fromstring(copied["SVG"])
        texts = [e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert "log_softmax" in texts and "var(" not in copied["SVG"] and "class=" not in copied["SVG"]
        graph = json.loads(copied["JSON"])["graphs"][0]
        assert {"add", "rem", "chg"} <= {node["change"] for node in graph["nodes"]}
        assert copied["DOT"].startswith('digraph "step"') and copied["DOT"].count("->") == len(graph["edges"])
        if which("dot"):
            assert subprocess.run(["dot", "-Tcanon"], input=copied["DOT"], capture_output=True, text=True).returncode == 0
        screen.press("x")
        screen.page.click(".tv-copies >> text=PNG")
        screen.until("document.querySelector(\"[data-name='copy']\").textContent.includes('copied')")
        size = "navigator.clipboard.read().then((r) => r[0].getType('image/png')).then((b) => b.size)"
        assert screen.page.evaluate(size) > 5000
