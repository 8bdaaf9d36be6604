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
    page.evaluate("document.querySelector('.tv').focus()")
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
    page.evaluate("document.querySelector('.tv').focus()")
    page.keyboard.press("]")
    hears(page, "step 4")
    assert page.inner_text(".tv-name") == "mul_of_div"
    page.keyboard.press("Space")
    hears(page, "step 5")
    assert lab.complaints == []
    page.context.close()
