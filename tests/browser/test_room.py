"""Where room is short: formulas go on on the next line, then get smaller letters; what is too large even so fades out where it goes on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.widgets import PassExplorer, RewriteStepper
from tests.browser.pages import opened
from tests.browser.test_first_views import HIDDEN, fused
from tests.render.samples import logistic
from tests.widgets import traces

pytestmark = pytest.mark.browser

#: what is cut off and neither fades out there nor has a small map beside it, and formulas with letters too small to read
UNSAID = """() => {
  const out = [], boxes = document.querySelectorAll(".tv-equation, .tv-bindings, .tv-three, .tv-formula, .tv-source, .tv-c pre, .tv-side");
  for (const box of boxes) {
    if (!box.clientWidth) continue;
    const more = box.dataset.more || "", say = (what) => out.push(`${box.className}: ${box.textContent.slice(0, 30)} ${what}`);
    if (box.scrollWidth - box.clientWidth - box.scrollLeft > 1.5 && !more.includes("right")) say("right");
    if (box.scrollHeight - box.clientHeight - box.scrollTop > 1.5 && !more.includes("bottom")) say("bottom");
    if (box.scrollTop > 1.5 && !more.includes("top")) say("top");
    if (more && getComputedStyle(box).maskImage === "none") say("does not fade");
  }
  for (const math of document.querySelectorAll(".tv-equation math, .tv-formula math"))
    if (parseFloat(getComputedStyle(math).fontSize) < 11) out.push(`small ${math.textContent}`);
  for (const pane of document.querySelectorAll(".tv-graph")) {
    const p = pane.getBoundingClientRect(), more = pane.querySelector(".tv-svg").dataset.more || "";
    if (pane.querySelector(".tv-minimap") || !p.width) continue;
    for (const node of pane.querySelectorAll(".tv-node")) {
      const b = node.querySelector(".tv-box").getBoundingClientRect();
      const sides = [["left", b.left < p.left], ["right", b.right > p.right], ["top", b.top < p.top], ["bottom", b.bottom > p.bottom]];
      for (const [side, beyond] of sides) if (beyond && !more.includes(side)) out.push(`${node.textContent} beyond the ${side}`);
    }
  }
  return out;
}"""
#: nodes that are not whole in their pane
BEYOND = """() => [...document.querySelectorAll(".tv-graph")].flatMap((pane) => {
  const p = pane.getBoundingClientRect();
  return [...pane.querySelectorAll(".tv-node")].filter((node) => {
    const b = node.getBoundingClientRect(), box = node.querySelector(".tv-box").getBoundingClientRect();
    return box.left < p.left || b.right > p.right + 4 || box.top < p.top || box.bottom > p.bottom;
  }).map((node) => node.textContent);
})"""

#: what floats over a graph and lies over something else that does
STACKED = """() => [...document.querySelectorAll(".tv-graph")].flatMap((pane) => {
  const [map, caption] = [".tv-minimap", ".tv-panecap:not([hidden])"].map((s) => pane.querySelector(s)?.getBoundingClientRect());
  if (!map || !caption) return [];
  return caption.left < map.right && map.left < caption.right && caption.top < map.bottom && map.top < caption.bottom ? [caption.top] : [];
})"""
#: boxes of the first graph without an edge, how many are copies, and how much room a box takes
SPREAD = """() => {
  const keys = [...document.querySelectorAll(".tv-svg:first-of-type .tv-node[data-key]")].map((n) => n.dataset.key);
  const ends = new Set([...document.querySelectorAll(".tv-e[data-from]")].flatMap((e) => [e.dataset.from, e.dataset.to]));
  const k = new DOMMatrix(getComputedStyle(document.querySelector(".tv-world")).transform).a;
  const seen = [...document.querySelectorAll(".tv-svg:first-of-type .tv-node .tv-box")].map((n) => n.getBoundingClientRect());
  const size = (a, b) => Math.max(...seen.map((r) => r[b])) - Math.min(...seen.map((r) => r[a]));
  return { lone: keys.filter((key) => !ends.has(key)), copies: keys.filter((key) => key.includes("@")).length,
           room: size("left", "right") * size("top", "bottom") / k / k / keys.length };
}"""


@cache
def classifier() -> Any:
    """The trace of a training step of two layers, of 89 nodes that become 27, with checks and a long reason at each rewrite."""
    W1, b1, W2, b2 = (tv.shared(np.ones(s, "float32"), name=n) for n, s in (("W1", (64, 256)), ("b1", 256), ("W2", (256, 10)), ("b2", 10)))
    x, y = T.matrix("x", dtype="float32", shape=(None, 64)), T.vector("y", dtype="int64")
    p = T.softmax(T.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1)
    loss = -T.mean(T.sum(T.cast(T.equal(y[:, None], T.arange(10)), "float32") * T.log(p), axis=1))
    updates = {}
    for weight, slope in zip((W1, b1, W2, b2), tv.grad(loss, [W1, b1, W2, b2]), strict=True):
        velocity = tv.shared(np.zeros_like(weight.get_value()), name=f"v_{weight.name}")
        updates[velocity] = 0.9 * velocity - 0.1 * slope
        updates[weight] = weight + updates[velocity]
    trace = tv.function([x, y], loss, updates=updates, name="step").trace
    for event in trace.events:
        event.why = "The quotient is never 0 in real arithmetic; where it underflows the old side was inf or NaN. " * 2
    return trace


@pytest.mark.parametrize("width", [800, 1350, 1600])
def test_why_a_rewrite_holds_is_read_whole_and_all_that_it_changed_is_seen(browser: Any, tmp_path: Path, width: int) -> None:
    trace = classifier()
    rules = [e.rule for e in trace.events]
    chosen = [rules.index("cross_entropy_gradient") + 1, *(i for i, r in enumerate(rules, 1) if r == "one_loop_nest")]
    with opened(browser, tmp_path, RewriteStepper(trace, chosen[0]), width=width, height=820) as screen:
        for step in chosen:
            screen.page.evaluate("(i) => document.querySelectorAll('.tv-tick')[i].click()", step - 1)
            screen.settle()
            facts, reason = screen.page.locator(".tv-three").bounding_box(), screen.page.locator("p.tv-why").bounding_box()
            assert reason["y"] + reason["height"] <= facts["y"] + facts["height"], step
            assert not screen.page.get_attribute(".tv-three", "data-more"), step
            assert screen.page.locator(".tv-graph").first.bounding_box()["height"] >= 200
            assert screen.page.evaluate(HIDDEN) == [], step
            assert screen.page.evaluate(BEYOND) == [] or screen.count(".tv-minimap") == 2, step


def test_what_is_cut_has_a_small_map_also_in_narrow_panes(browser: Any, tmp_path: Path) -> None:
    trace = classifier()
    with opened(browser, tmp_path, PassExplorer(trace, len(trace.passes) - 1, view={"mode": "side"}), width=800) as screen:
        assert screen.page.evaluate(BEYOND) == [] or screen.count(".tv-minimap") == 2
        screen.focus()
        screen.press("+", "+", "+", "+")
        assert screen.page.evaluate(BEYOND) != [] and screen.count(".tv-minimap") == 2


def test_one_side_of_a_pass_is_drawn_for_itself_where_the_map_of_both_tears_it(browser: Any, tmp_path: Path) -> None:
    trace = classifier()
    view = {"group": "none", "mode": "after"}
    with opened(browser, tmp_path, PassExplorer(trace, len(trace.passes) - 1, view=view)) as screen:
        seen = screen.page.evaluate(SPREAD)
        assert seen["lone"] == [] and seen["copies"] <= 6 and seen["room"] < 25_000, seen
        after = screen.places()
        screen.focus()
        screen.page.keyboard.down("b")
        screen.settle()
        assert screen.count(".tv-node") > 2 * len(after) and "Before:" in screen.text(".tv-panecap")
        screen.page.keyboard.up("b")
        screen.settle()
        assert screen.places() == after


def test_caption_and_small_map_have_corners_of_their_own(browser: Any, tmp_path: Path) -> None:
    trace = classifier()
    with opened(browser, tmp_path, PassExplorer(trace, 0, view={"group": "none", "mode": "after"})) as screen:
        screen.focus()
        for mode in ("After", "Before"):
            screen.page.click(f".tv-seg >> text={mode}")
            for index in range(len(trace.passes)):
                screen.page.click(f".tv-pass[data-index='{index}']")
                for key in ("Shift", "f", "+", "f"):
                    screen.press(key)
                    assert screen.page.evaluate(STACKED) == [], (mode, index, key)


def long_formula() -> Any:
    """A trace with a rewrite whose formula is far too wide for any screen, in one piece and in many, and with many bindings."""
    trace = traces.step()
    term = "".join(f"<mi>name_{i}</mi><mo>·</mo>" for i in range(40))
    terms = "<mo>+</mo>".join(f"<mi>name_{i}</mi>" for i in range(30))
    first, second = trace.events[0], trace.events[1]
    first.filled_mathml = f"<math><mrow><mrow>{term}<mi>x</mi></mrow><mo>→</mo><mi>x</mi></mrow></math>"
    second.filled_mathml = f"<math><mrow><mrow>{terms}</mrow><mo>→</mo><mrow>{terms}</mrow></mrow></math>"
    second.bindings = trace.events[2].bindings * 9
    second.why = "It holds for a reason that takes a while to tell. " * 14
    return trace


@pytest.mark.parametrize(("width", "theme"), [(800, "light"), (1170, "dark"), (1600, "light")])
def test_no_part_of_a_rewrite_is_cut_without_a_hint(browser: Any, tmp_path: Path, width: int, theme: str) -> None:
    for source in (long_formula(), fused()):
        with opened(browser, tmp_path, RewriteStepper(source, 1), theme, width=width, height=760) as screen:
            screen.focus()
            for step in range(len(screen.page.query_selector_all(".tv-tick"))):
                assert screen.page.evaluate(UNSAID) == [], step + 1
                screen.press("]")


def test_a_long_formula_is_broken_then_shrunk_then_faded(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(long_formula(), 1)) as screen:
        size = "parseFloat(getComputedStyle(document.querySelector('.tv-equation math')).fontSize)"
        assert screen.page.evaluate(size) == 13 and "right" in screen.page.get_attribute(".tv-equation", "data-more")
        screen.page.evaluate("document.querySelector('.tv-equation').scrollLeft = 1e6")
        screen.settle()
        assert screen.page.get_attribute(".tv-equation", "data-more") == "left"
        screen.focus()
        screen.press("]")
        lines = "new Set([...document.querySelectorAll('.tv-equation math')].map((m) => Math.round(m.getBoundingClientRect().bottom))).size"
        assert screen.page.evaluate(lines) >= 2 and screen.count(".tv-rule.own-row") == 1
        assert screen.page.get_attribute(".tv-bindings", "data-more") == "bottom"
        screen.press("]")
        assert screen.page.evaluate(size) == 20 and screen.count(".tv-rule.own-row, .tv-equation[data-more]") == 0


@pytest.mark.parametrize("width", [1170, 1350, 1600])
def test_side_by_side_has_all_of_both_in_view(browser: Any, tmp_path: Path, width: int) -> None:
    for source in (fused(), traces.training()):
        last = [p.name for p in getattr(source, "trace", source).passes if p.changed][-1]
        with opened(browser, tmp_path, PassExplorer(source, last), width=width, height=760) as screen:
            screen.page.click("text=Side by side")
            screen.settle()
            assert screen.count(".tv-graph") == 2 and screen.page.evaluate(BEYOND) == []
            screen.focus()
            screen.press("f")
            assert screen.page.evaluate(BEYOND) == []


@pytest.mark.parametrize("width", [800, 1350])
def test_the_inspector_hides_nothing_unsaid(browser: Any, tmp_path: Path, width: int) -> None:
    function = fused()
    with opened(browser, tmp_path, PassExplorer(function, -1), width=width) as screen:
        screen.focus()
        for _ in [p for p in function.trace.passes if p.changed]:
            screen.press("]")
            assert screen.page.evaluate(UNSAID) == []
            for node in screen.page.locator(".tv-node.add").all()[:4]:
                node.click()
                screen.settle()
                assert screen.page.evaluate(UNSAID) == []


def test_a_kernel_has_its_measured_time_and_its_code_in_the_inspector(browser: Any, tmp_path: Path) -> None:
    trace = logistic()
    kernel, timings = trace.kernels[1], trace.profile.runs[0].timings
    lines = trace.codes[0].text.split("\n")[kernel.first_line - 1:kernel.last_line]
    with opened(browser, tmp_path, PassExplorer(trace, len(trace.passes) - 1, selected=[kernel.nodes[-1]])) as screen:
        side = screen.text(".tv-side")
        share = next(t.median for t in timings if t.kernel == kernel.id) / sum(t.median for t in timings)
        assert f"{share:.0%}".replace("%", " %") + " of all" in side and kernel.name in side and "measured" in side
        assert screen.page.text_content(".tv-c pre") == "\n".join(lines) and screen.page.is_visible(".tv-c pre")
        assert f"lines {kernel.first_line} to {kernel.last_line}" in screen.text(".tv-c summary")
    with opened(browser, tmp_path, PassExplorer(trace, 0, selected=[kernel.nodes[0]])) as screen:
        assert "(the kernel)" in screen.text(".tv-side") and not screen.page.is_visible(".tv-c pre"), "one of many: on request"
        screen.page.click(".tv-c summary")
        assert screen.page.is_visible(".tv-c pre")
