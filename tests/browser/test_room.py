"""Where room is short: formulas go on on the next line, then get smaller letters; what is too large even so fades out where it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tensorviz.widgets import PassExplorer, RewriteStepper
from tests.browser.pages import opened
from tests.browser.test_first_views import fused
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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [800, 1170, 1600])
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
