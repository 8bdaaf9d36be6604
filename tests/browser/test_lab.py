"""A journey through each screen in JupyterLab: drawn, clicked, answered by the kernel, moved from Python."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETUP = """
import ipywidgets
from tensorviz.widgets import PassExplorer, RewriteStepper
from tests.widgets import traces
trace = traces.step()
heard = ipywidgets.Label("nothing yet")
heard.add_class("heard")
def hear(change):
    heard.value = f"{change['name']} {change['new']}"
"""
EXPLORER = """
w = PassExplorer(trace, "stabilise")
w.observe(hear, ["selected", "pass_index", "step"])
move = ipywidgets.Button(description="move from Python")
move.on_click(lambda _: setattr(w, "pass_index", 4))
ipywidgets.VBox([w, heard, move])
"""
STEPPER = """
class Function:
    trace = trace
    def check(self, step):
        return [{"drawn": f"asked for {step}", "difference": 1e-9, "bad_before": 0, "bad_after": 0}]
w = RewriteStepper(Function(), "log_of_softmax")
w.observe(hear, ["selected", "step"])
ipywidgets.VBox([w, heard])
"""
CELLS = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"


def shown(lab: Lab, name: str, cell: str, theme: str = "light") -> Any:
    """A notebook whose second cell shows a screen, with the screen drawn."""
    page = lab.open(name, [SETUP, cell], theme)
    assert lab.run(page) == []
    page.wait_for_selector(".tv[data-ready='1']", timeout=30_000)
    return page


def hears(page: Any, text: str) -> None:
    """Wait until the kernel has said what it heard."""
    page.wait_for_function("(t) => document.querySelector('.heard').textContent === t", arg=text, timeout=15_000)


def test_a_journey_through_the_passes(lab: Lab) -> None:
    page = shown(lab, "explorer", EXPLORER)
    node = page.locator(".tv-node.add")
    node.click()
    hears(page, f"selected ['{node.get_attribute('data-id')}']")
    assert "log_softmax" in page.inner_text(".tv-side")
    before = page.evaluate(CELLS)
    for key in ("b", "f", "a", "d", "d", "x", "l", "l", "g"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == before, "keys of the screen are not commands of the notebook"
    page.keyboard.press("]")
    hears(page, "pass_index 4")
    page.keyboard.press("[")
    hears(page, "pass_index 2")
    page.click("button.jupyter-button")
    page.wait_for_function("document.querySelector('.tv-pass.on').dataset.index === '4'")
    page.keyboard.press("Escape")
    page.click(".tv-step-inside")
    page.wait_for_selector(".tv[data-screen='rewrites']")
    hears(page, "step 5")
    assert lab.complaints == []
    page.context.close()


def test_a_journey_through_the_rewrites(lab: Lab) -> None:
    page = shown(lab, "stepper", STEPPER, "dark")
    page.wait_for_selector(".tv[data-theme='dark']")
    page.click("text=Run again")
    page.wait_for_selector("text=asked for 3", timeout=15_000)
    page.click(".tv-title")
    page.keyboard.press("]")
    hears(page, "step 4")
    assert page.inner_text(".tv-name") == "mul_of_div"
    page.keyboard.press("Space")
    hears(page, "step 5")
    assert lab.complaints == []
    page.context.close()


#: pairs of a description list that do not stand beside each other, rows of tables that leave their panel, elements that float
TORN = """() => {
  const out = [];
  for (const list of document.querySelectorAll(".tv dl")) {
    if (!list.getBoundingClientRect().width) continue;
    for (const term of list.querySelectorAll("dt")) {
      const [a, b] = [term.getBoundingClientRect(), term.nextElementSibling.getBoundingClientRect()];
      if (Math.abs(a.top - b.top) > 4 || b.left < a.right) out.push(`${list.className}: ${term.textContent} apart`);
    }
    const tops = [...list.querySelectorAll("dt")].map((t) => t.getBoundingClientRect().top);
    if (tops.some((top, i) => i && top <= tops[i - 1])) out.push(`${list.className}: rows over each other`);
  }
  for (const table of document.querySelectorAll(".tv table")) {
    const [a, b] = [table.getBoundingClientRect(), table.parentElement.getBoundingClientRect()];
    if (a.right > b.right + 1) out.push(`${table.className} leaves its panel`);
  }
  for (const e of document.querySelectorAll(".tv :is(dl,dt,dd,ul,li,table,td,th,pre,code,p,h4)"))
    if (getComputedStyle(e).float !== "none") out.push(`${e.tagName} floats`);
  return out;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_jupyterlab_does_not_reach_into_a_screen(lab: Lab, theme: str) -> None:
    page = shown(lab, f"looks-{theme}", EXPLORER, theme)
    page.wait_for_selector(f".tv[data-theme='{theme}']")
    assert page.locator(".tv-facts dt").count() >= 3
    assert page.evaluate(TORN) == []
    page.click(".tv-title")
    page.keyboard.press("?")
    page.wait_for_selector(".tv-help")
    assert page.evaluate(TORN) == []
    page.keyboard.press("Escape")
    page.click(".tv-step-inside")
    page.wait_for_selector(".tv[data-screen='rewrites'] .tv-checks")
    assert page.evaluate(TORN) == []
    weights = "e => [getComputedStyle(e).fontWeight, getComputedStyle(e).textAlign, getComputedStyle(e).paddingLeft]"
    assert page.locator(".tv-checks th").first.evaluate(weights) == ["500", "left", "8px"]
    assert lab.complaints == []
    page.context.close()


def test_keys_work_after_every_click_in_jupyterlab(lab: Lab) -> None:
    page = shown(lab, "focus", EXPLORER)
    cells = page.evaluate(CELLS)
    name = ".tv-pass.on .tv-pass-name"
    for press, key, then in ((".tv-pass[data-index='4']", "[", "stabilise"), ("text=Side by side", "[", "canonicalise"),
                             ("text=Union diff", "]", "stabilise"), (".tv-rules tbody tr", "]", "use-blas"),
                             (".tv-node.op", "[", "stabilise"), (".tv-svg", "]", "use-blas")):
        page.locator(press).first.click()
        page.wait_for_timeout(300)
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        assert page.inner_text(name) == then, press
    for key in ("b", "x", "a", "d", "d"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == cells
    assert lab.complaints == []
    page.context.close()


def test_where_a_rewrite_comes_from_leads_to_the_cell_or_the_file(lab: Lab) -> None:
    (lab.work / "model.py").write_text("import tensorviz.tensor as T\n\n\ndef soft(x):\n    return T.log(1 + T.exp(T.sin(x)))\n")
    cells = ["import tensorviz as tv\nimport tensorviz.tensor as T\nx = T.dvector('x')\nhere = T.log(1 + T.exp(x))",
             "import model\nthere = model.soft(x)",
             "from tensorviz.widgets import RewriteStepper\nRewriteStepper(tv.function([x], here, target='numpy'))",
             "RewriteStepper(tv.function([x], there, target='numpy'))"]
    page = lab.open("places", cells)
    assert lab.run(page) == []
    page.wait_for_function("document.querySelectorAll(\".tv[data-ready='1']\").length === 2", timeout=30_000)
    page.click("[data-name='origin']:text('cell 1, line 4')")
    page.wait_for_timeout(900)
    box = page.locator(".jp-Cell").first.bounding_box()
    assert box and box["y"] > -5, "the first cell is in view"
    page.click("[data-name='origin']:text('model.py, line 5')")
    page.wait_for_selector(".lm-TabBar-tabLabel:text('model.py')", timeout=15_000)
    assert lab.complaints == []
    page.context.close()
