"""Keys after clicks: the focus stays in the screen, and every key that the help lists does what it says. No test moves the focus by script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tensorviz.widgets import PassExplorer, RewriteStepper
from tests.browser.pages import Opened, opened
from tests.widgets import traces

pytestmark = pytest.mark.browser

NAME = ".tv-pass.on .tv-pass-name"


def click(screen: Opened, selector: str) -> None:
    """Press the first such element, as a mouse does."""
    screen.page.locator(selector).first.click()
    screen.settle()


def test_the_focus_stays_with_what_was_pressed(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.training(), start=-1)) as screen:
        for selector, name in ((".tv-pass[data-index='2']", "fold-constants"), ("text=Side by side", "Side by side"),
                               ("text=Union diff", "Union diff"), ("text=Show all", "group"), ("text=Group them", "group"),
                               ("text=Tidy", "Tidy")):
            click(screen, selector)
            assert name in screen.focused() and screen.focused().startswith("BUTTON"), selector


@pytest.mark.parametrize("selector", [".tv-pass[data-index='2']", ".tv-node.op", ".tv-node.rem", ".tv-svg", "text=Side by side",
                                      ".tv-rules tbody tr", ".tv-side", ".tv-foot"])
def test_keys_go_on_after_a_click(browser: Any, tmp_path: Path, selector: str) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise"), motion="no-preference") as screen:
        click(screen, selector)
        for key in ("[", "]", "]"):
            screen.press(key)
        assert screen.text(NAME) == "use-blas"
        assert not screen.focused().startswith("BODY")


def test_keys_go_on_in_the_stepper(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step())) as screen:
        for selector in ("text=Next", "text=Previous", "text=Next", "[title='More neighbours']", ".tv-tick:nth-child(1)", ".tv-node.rem",
                         "text=Predict", "text=Show the answer", "text=Predict"):
            click(screen, selector)
            at = int(screen.text(".tv-count b"))
            screen.press("]")
            assert int(screen.text(".tv-count b")) == at + 1, selector
            screen.press("[")


def test_the_page_does_not_scroll_when_a_pass_is_chosen_by_key(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), start=-1), height=500) as screen:
        screen.page.add_style_tag(content="body { padding-bottom: 900px }")
        click(screen, ".tv-svg")
        screen.page.mouse.wheel(0, 300)
        screen.settle()
        before = screen.page.evaluate("scrollY")
        screen.press("]", "]", "[")
        assert before > 100 and screen.page.evaluate("scrollY") == before


def test_letting_go_of_b_elsewhere_ends_the_look_back(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        click(screen, ".tv-svg")
        screen.page.keyboard.down("b")
        screen.settle()
        assert screen.page.is_visible(".tv-panecap")
        screen.page.evaluate("window.dispatchEvent(new Event('blur'))")
        screen.settle()
        assert not screen.page.is_visible(".tv-panecap")


def test_zoom_and_arrows_work_from_anywhere(browser: Any, tmp_path: Path) -> None:
    for widget in (PassExplorer(traces.step(), "stabilise"), RewriteStepper(traces.step(), 3)):
        with opened(browser, tmp_path, widget) as screen:
            screen.focus()
            scale = "new DOMMatrix(getComputedStyle(document.querySelector('.tv-world')).transform).a"
            before = screen.page.evaluate(scale)
            screen.press("+", "+")
            assert screen.page.evaluate(scale) > before
            screen.press("-")
            screen.press("f", "ArrowDown")
            first = screen.focused()
            assert first.startswith("g "), first
            screen.press("ArrowDown")
            assert screen.focused().startswith("g ") and screen.focused() != first


def test_search_leaves_the_keys_to_the_graph(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        screen.focus()
        screen.press("/")
        screen.page.keyboard.type("softmax")
        screen.press("Enter", "ArrowDown")
        assert screen.focused().startswith("g ")
        screen.press("]")
        assert screen.text(NAME) == "use-blas"


def test_rewrites_and_nodes_are_found_and_listed_in_the_stepper(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step())) as screen:
        screen.focus()
        screen.press("/")
        screen.page.keyboard.type("T.log(p)")
        found = screen.page.locator(".tv-results li").all_inner_texts()
        assert any("log_of_softmax" in line for line in found), "a rewrite by its source line"
        assert any("node" in line for line in found), "and nodes"
        screen.page.locator(".tv-results li", has_text="node").last.click()
        screen.settle()
        assert screen.count(".tv-node.sel") >= 1
        screen.press("l")
        words = screen.page.locator(".tv-list li").all_inner_texts()
        assert any(line.startswith("3, log_of_softmax") for line in words) and any("512×10" in line for line in words)
        assert screen.focused().startswith("LI")
        strip = screen.page.locator(".tv-ticks").bounding_box()
        assert screen.page.locator(".tv-list").bounding_box()["y"] >= strip["y"] + strip["height"] - 1, "not over the strip"


def test_the_ends_say_that_they_are_ends(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step())) as screen:
        off = "button[aria-disabled='true']"
        assert screen.page.locator(off).all_inner_texts()[0].startswith("Previous")
        screen.focus()
        screen.press("End")
        assert screen.page.locator(off).all_inner_texts()[0].startswith("Next")
        while screen.count("[title='More neighbours']:not([aria-disabled])"):
            click(screen, "[title='More neighbours']")
        assert screen.count("[title='More neighbours'][aria-disabled='true']") == 1
        screen.press("Home")
        screen.page.select_option(".tv select", "log_of_softmax")
        screen.settle()
        screen.focus()
        screen.press("n")
        assert "log_of_softmax is used once" in screen.text(".tv-foot")
        click(screen, ".tv-tick:nth-child(1)")
        assert screen.text(".tv-count") == "1 of 6, not among 1 found"


@pytest.mark.parametrize("clicks", [[".tv-pass[data-index='2']"], [".tv-node.add"], [".tv-node.rem"], ["text=Before"],
                                    ["text=After", ".tv-pass[data-index='2']"], [".tv-svg"], [".tv-title"]])
def test_enter_steps_inside_after_any_click(browser: Any, tmp_path: Path, clicks: list[str]) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "canonicalise")) as screen:
        screen.focus()
        screen.press("]")
        for selector in clicks:
            click(screen, selector)
        at = screen.text(NAME)
        screen.press("Enter")
        screen.page.wait_for_selector(".tv[data-screen='rewrites']", timeout=3000)
        assert screen.text(".tv-exact").startswith(at)


def test_enter_selects_before_it_steps_inside(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        click(screen, ".tv-node[data-id='n0']")
        screen.press("ArrowDown", "Enter")
        assert screen.count(".tv[data-screen='passes'] .tv-node.sel") == 1
        screen.press("Enter")
        assert screen.count(".tv[data-screen='rewrites']") == 1


def test_no_edge_stays_lit_when_the_focus_has_gone(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        click(screen, ".tv-node.op")
        screen.page.mouse.move(2, 2)
        screen.press("ArrowUp")
        assert screen.count(".tv-e.hov") >= 1
        screen.press("/")
        assert screen.count(".hov") == 0, "the search has the focus"
        screen.page.keyboard.type("softmax")
        screen.press("Enter", "Escape")
        assert screen.count(".hov, .tv-node.sel") == 0
