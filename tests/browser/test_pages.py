"""Saved screens in Chromium: keyboard, mouse, search, both themes, hostile names; no Jupyter, no network."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.render.trace import Trace
from tensorviz.widgets import PassExplorer, RewriteStepper, Screen
from tests.browser.pages import COLLISIONS, LETTERS, OUTSIDE, opened
from tests.widgets import traces

pytestmark = pytest.mark.browser

SCREENS = {
    "explorer": lambda: PassExplorer(traces.step(), "stabilise"),
    "stepper": lambda: RewriteStepper(traces.step(), 3),
    "side": lambda: PassExplorer(traces.network(), "stabilise", view={"mode": "side"}),
    "hostile explorer": lambda: PassExplorer(traces.hostile()),
    "hostile stepper": lambda: RewriteStepper(traces.hostile()),
    "network stepper": lambda: RewriteStepper(traces.network(), 4),
}


@pytest.mark.parametrize("width", [1350, 900])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_sound_in_both_themes(browser: Any, tmp_path: Path, name: str, theme: str, width: int) -> None:
    with opened(browser, tmp_path, SCREENS[name](), theme, width) as screen:
        assert screen.page.get_attribute(".tv", "data-theme") == theme
        assert screen.count(".tv-node") > 3
        dark = screen.page.evaluate("getComputedStyle(document.querySelector('.tv')).backgroundColor") == "rgb(17, 17, 17)"
        assert dark == (theme == "dark")


def test_the_theme_of_the_page_around_wins(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step()), "light") as screen:
        screen.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        screen.page.wait_for_selector(".tv[data-theme='dark']")


def test_passes_are_walked_by_keys_and_by_mouse(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        assert screen.text(".tv-pills").split() == ["+", "1", "added", "−", "3", "removed", "~", "3", "rewired"]
        screen.focus()
        screen.press("]")
        assert screen.text(".tv-pass.on .tv-pass-name") == "use-blas", "passes without change are skipped"
        screen.press("[", "[")
        assert screen.text(".tv-pass.on .tv-pass-name") == "canonicalise"
        screen.press("[", "[")
        assert screen.text(".tv-pass.on .tv-pass-name") == "as written"
        screen.page.click(".tv-pass[data-index='3']")
        assert "No rewrites in this pass" in screen.text(".tv-side")
        screen.page.click(".tv-side .tv-btn.link")
        assert screen.text(".tv-pass.on .tv-pass-name") == "use-blas"


def test_what_a_pass_keeps_does_not_move(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        union = screen.places()
        screen.focus()
        screen.page.keyboard.down("b")
        screen.settle()
        before = screen.places()
        assert screen.text(".tv-panecap").startswith("Before: linear-algebra") is False
        assert "Before:" in screen.text(".tv-panecap")
        screen.page.keyboard.up("b")
        screen.settle()
        assert screen.places() == union
        gone = set(union) - set(before)
        assert len(gone) == 1
        assert {i: union[i] for i in before} == before
        screen.page.click("text=After")
        screen.settle()
        after = screen.places()
        assert len(set(union) - set(after)) == 3
        assert {i: union[i] for i in after} == after


def test_from_pass_to_pass_nothing_jumps(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "canonicalise"), motion="no-preference") as screen:
        screen.focus()
        before = screen.places()
        screen.press("]")
        screen.settle()
        after = screen.places()
        kept = set(before) & set(after)
        moved = [i for i in kept if max(abs(a - b) for a, b in zip(before[i], after[i], strict=True)) > 20]
        assert len(kept) >= 18
        assert len(moved) <= len(kept) // 5, moved


def test_any_two_passes_are_compared(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "use-blas")) as screen:
        screen.page.click(".tv-pass[data-index='-1']", modifiers=["Shift"])
        screen.settle()
        assert "as written → use-blas" in screen.text(".tv-side")
        assert screen.text(".tv-pass.base .tv-base") == "before"
        assert screen.count(".tv-node.rem") >= 8
        rules = screen.page.locator(".tv-rules tbody td:first-child").all_inner_texts()
        assert set(rules) == {rule for p in traces.step().passes for rule in p.rules}, "of all passes between"
        busy = ", ".join(p.name for p in traces.step().passes if p.changed)
        assert screen.text(".tv-doc") == f"What {busy} did."
        screen.page.select_option(".tv-compare select", label="stabilise")
        screen.settle()
        assert "stabilise → use-blas" in screen.text(".tv-side")
        screen.page.select_option(".tv-compare select", label="linear-algebra")
        screen.settle()
        assert screen.count(".tv-pass.base") == 0, "the pass before is what is compared with anyway"


def test_nodes_are_found_selected_and_read(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        screen.focus()
        screen.press("/")
        screen.page.keyboard.type("log_soft")
        screen.page.wait_for_selector(".tv-results li")
        assert screen.text(".tv-found") == "1 found"
        screen.press("Enter")
        assert screen.count(".tv-node.sel") == 1
        side = screen.text(".tv-side")
        assert "+ log_softmax" in side and "f32 512×10" in side and "cell 3, line 4" in side and "T.log(p)" in side
        assert screen.count(".tv-side math munder") == 1
        screen.focus()
        screen.press("/")
        screen.page.keyboard.type("^(div|sub)$|gW, gb")
        assert int(screen.text(".tv-found").split()[0]) > 5, "a regular expression, over source lines too"
        screen.press("Escape", "Escape")
        assert screen.count(".tv-node.sel") == 0


def test_a_graph_is_walked_by_arrow_keys(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        screen.page.click(".tv-node[data-id='n0']")
        screen.press("ArrowDown", "ArrowDown", "Enter")
        label = screen.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label.startswith("add"), label
        assert screen.page.evaluate("document.activeElement.classList.contains('sel')")
        ring = screen.page.evaluate("getComputedStyle(document.activeElement.querySelector('.tv-ring')).opacity")
        assert ring == "1"


def test_every_node_has_a_name_for_a_screen_reader(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        words = "nodes => nodes.map((n) => [n.getAttribute('role'), n.getAttribute('aria-label')])"
        labels = screen.page.eval_on_selector_all(".tv-node", words)
        assert all(role == "listitem" and label for role, label in labels)
        assert "log_softmax, axis 1, added" in [label for _, label in labels]
        screen.focus()
        screen.press("l")
        assert screen.count(".tv-list li") == len([1 for _ in labels]) - screen.count(".tv-node.ctx")
        screen.press("?")
        assert "hold: the graph before the pass" in screen.text(".tv-help")
        screen.press("Escape")
        assert screen.count(".tv-help, .tv-list") == 0


def test_stepping_inside_a_pass_and_back(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        screen.page.click(".tv-step-inside")
        screen.page.wait_for_selector(".tv[data-screen='rewrites']")
        assert screen.text(".tv-name") == "log_of_softmax"
        screen.focus()
        screen.press("]", "Backspace")
        screen.page.wait_for_selector(".tv[data-screen='passes']")
        assert screen.text(".tv-pass.on .tv-pass-name") == "stabilise"


def test_a_rewrite_is_told_whole(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), "log_of_softmax")) as screen:
        assert screen.text(".tv-exact") == "stabilise · exact in real arithmetic"
        assert screen.count(".tv-equation .tv-formula-side > math:first-child") == 2 and screen.count(".tv-equation .tv-m-bound") == 3
        assert screen.text(".tv-bindings dt") == "z" and "dot(x, W) + b" in screen.text(".tv-bindings dd")
        assert screen.count(".tv-pane:nth-child(1) .tv-node.rem") == 1
        assert screen.count(".tv-pane:nth-child(1) .tv-node.match") >= 1
        assert screen.count(".tv-pane:nth-child(2) .tv-node.add") == 1
        assert screen.count(".tv-pane:nth-child(2) .tv-node.chg") == 1
        assert screen.page.locator(".tv-elab").all_text_contents() == ["z", "z"]
        conditions = screen.text(".tv-conditions")
        assert conditions.count("✓") == 2 and conditions.count("✗") == 1
        assert "3,312" in screen.text(".tv-checks")
        assert "Needs one reader of softmax; it has 3." in screen.text(".tv-three")
        assert "rules/stabilise.py:48" in screen.text(".tv-foot") and "cell 3, line 4" in screen.text(".tv-foot")
        screen.page.click("text=Run again")
        assert "needs a live kernel" in screen.text(".tv-check-note")


def test_both_sides_of_a_rewrite_are_on_one_map(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), "mul_of_div")) as screen:
        script = """(n) => { const pane = document.querySelectorAll(".tv-pane")[n], o = pane.getBoundingClientRect();
          return Object.fromEntries([...pane.querySelectorAll(".tv-node")].map((e) => {
            const r = e.querySelector(".tv-box").getBoundingClientRect();
            return [e.dataset.key, [Math.round((r.left + r.right) / 2 - o.left), Math.round(r.top - o.top)]]; })); }"""
        left, right = (screen.page.evaluate(script, n) for n in (0, 1))
        both = set(left) & set(right)
        assert len(both) >= 3
        assert all(abs(left[k][0] - right[k][0]) <= 1 and left[k][1] == right[k][1] for k in both)


def test_rewrites_are_stepped_played_and_filtered(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step())) as screen:
        screen.focus()
        assert screen.text(".tv-count") == "1 of 6"
        screen.press("]")
        assert screen.text(".tv-count") == "2 of 6"
        screen.press("n")
        assert screen.text(".tv-count") == "1 of 6", "the only other use of fold_scales"
        screen.press("End")
        assert screen.text(".tv-name") == "scaled_dot_to_gemm"
        screen.press("Home", "Space")
        assert "Pause" in screen.text(".tv-controls")
        screen.until("document.querySelector('.tv-count b').textContent === '3'")
        screen.press("Space")
        assert "Play" in screen.text(".tv-controls")
        screen.page.select_option(".tv select", "dot_add_to_gemm")
        screen.settle()
        assert screen.text(".tv-count") == "1 of 1 found" and screen.text(".tv-name") == "dot_add_to_gemm"
        assert screen.count(".tv-tick.out") == 5
        screen.page.click("text=Clear")
        screen.settle()
        assert screen.text(".tv-count") == "5 of 6"


def test_the_history_of_a_node_is_a_filter(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), 4)) as screen:
        root = traces.step().events[3].root
        screen.page.click(f".tv-node[data-id='{root}']")
        screen.focus()
        screen.press("h")
        assert "only what touched mul" in screen.text(".tv-filter")
        assert int(screen.text(".tv-count").split()[2]) < 6
        screen.press("Escape")
        assert screen.count(".tv-filter") == 0


def test_predicting_hides_the_answer_until_it_is_asked_for(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), "log_of_softmax")) as screen:
        screen.page.click("text=Predict")
        screen.settle()
        assert screen.page.is_visible(".tv-curtain")
        assert screen.text(".tv-after-arrow").split() == ["→", "?"]
        screen.page.click("text=Show the answer")
        assert not screen.page.is_visible(".tv-curtain")
        assert screen.count(".tv-equation math munder") == 1
        screen.focus()
        screen.press("]")
        assert screen.page.is_visible(".tv-curtain"), "each step is asked anew"


def test_more_neighbours_on_request(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, RewriteStepper(traces.step(), 4)) as screen:
        counts = [screen.count(".tv-node")]
        for label in ("More neighbours", "Fewer neighbours", "Fewer neighbours"):
            screen.page.click(f"[title='{label}']")
            screen.settle()
            counts.append(screen.count(".tv-node"))
        assert counts[1] > counts[0] == counts[2] > counts[3]


@pytest.mark.parametrize("kind", [PassExplorer, RewriteStepper])
def test_hostile_names_are_shown_and_do_no_harm(browser: Any, tmp_path: Path, kind: type[Screen]) -> None:
    with opened(browser, tmp_path, kind(traces.hostile())) as screen:
        for node in screen.page.locator(".tv-node").all():
            node.click()
        screen.focus()
        screen.press("l", "Escape", "/")
        screen.page.keyboard.type("<script>")
        screen.settle()
        assert traces.EVIL in screen.text(".tv")
        assert screen.count(".tv script, .tv img, .tv a, .tv [onclick], .tv [onerror], .tv math [style]") == 0


@pytest.mark.parametrize("kind", [PassExplorer, RewriteStepper])
def test_an_empty_trace_says_what_to_do(browser: Any, tmp_path: Path, kind: type[Screen]) -> None:
    with opened(browser, tmp_path, kind(Trace(name="f"))) as screen:
        assert ("as you wrote it" in screen.text(".tv")) or ("No rule fired" in screen.text(".tv"))
        screen.focus()
        screen.press("]", "[", "b", "n", "h", "p", "g", "f", "Enter", "Backspace", "Space", "Space")


def test_a_trace_that_cannot_be_read_says_so(browser: Any, tmp_path: Path) -> None:
    widget = PassExplorer(traces.step())
    path = tmp_path / "broken.html"
    path.write_text(widget.to_html().replace('id="tv-trace">', 'id="tv-trace">AAAA'), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".tv[data-ready='0']")
    assert "The trace can't be shown" in page.inner_text(".tv")
    page.close()


def test_a_large_graph_is_grouped_culled_and_seen_from_afar(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.chain(2500))) as screen:
        assert "groups" in screen.text(".tv-foot")
        assert screen.count(".tv-minimap") == 1
        screen.page.click("text=Show all")
        screen.until("document.querySelector('.tv-foot').innerText.includes('all 2,500')")
        assert 5 < screen.count(".tv-node") < 400, "only what is near the view is drawn"
        screen.page.click("text=Fit")
        screen.page.wait_for_selector("canvas.tv-canvas")
        assert screen.count(".tv-node") == 0
        frame = screen.page.locator(".tv-graph").bounding_box()
        screen.page.mouse.move(frame["x"] + 300, frame["y"] + 200)
        screen.page.mouse.down()
        screen.page.mouse.move(frame["x"] + 340, frame["y"] + 260, steps=5)
        screen.page.mouse.up()


def test_motion_is_a_quarter_second_and_none_where_not_wanted(browser: Any, tmp_path: Path) -> None:
    times = {}
    for motion in ("no-preference", "reduce"):
        with opened(browser, tmp_path, PassExplorer(traces.step()), motion=motion) as screen:
            script = "getComputedStyle(document.querySelector('.tv-node')).transition"
            screen.focus()
            screen.press("]")
            times[motion] = screen.page.evaluate(script)
    assert "transform 0.25s ease-out" in times["no-preference"]
    assert "transform" not in times["reduce"]


def test_zoom_pan_and_fit(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        start = screen.places()
        screen.focus()
        screen.press("+", "+")
        assert screen.places() != start
        screen.press("f")
        end = screen.places()
        assert all(abs(a - b) < 2 for i in start for a, b in zip(start[i], end[i], strict=True))


def compiled() -> Any:
    """A function whose gradient has products, reductions and rules of several passes; nothing is built in C."""
    x, y = tv.matrix("x"), tv.matrix("y")
    w = tv.shared(np.ones((4, 3)), "w")
    p = tv.exp(x @ w) / tv.sum(tv.exp(x @ w), axis=1, keepdims=True)
    cost = -tv.mean(tv.sum(y * tv.log(p), axis=1)) * 1.0
    return tv.function([x, y], cost, updates={w: w - 0.1 * tv.grad(cost, w)}, name="fit", target="numpy")


PICTURES = {"small": lambda: traces.step(), "training": lambda: traces.training(), "deep": lambda: traces.deep(12)}


@pytest.mark.parametrize("width", [800, 1350, 1600])
@pytest.mark.parametrize("name", PICTURES)
def test_every_pass_is_seen_whole_and_nothing_collides(browser: Any, tmp_path: Path, name: str, width: int) -> None:
    trace = PICTURES[name]()
    smallest = 6.5 if width < 1000 else 8.0
    with opened(browser, tmp_path, PassExplorer(trace, start=-1), width=width) as screen:
        for _ in [p for p in trace.passes if p.changed]:
            screen.focus()
            screen.press("]")
            screen.until("document.querySelectorAll('.tv-node.tv-enter').length === 0")
            at = screen.text(".tv-pass.on .tv-pass-name")
            assert screen.page.evaluate(COLLISIONS) == [], at
            assert screen.page.evaluate(OUTSIDE) == 0, at
            assert screen.page.evaluate(LETTERS) >= smallest, at


def test_a_closed_group_says_what_changed_in_it_and_opens(browser: Any, tmp_path: Path) -> None:
    trace = traces.training()
    with opened(browser, tmp_path, PassExplorer(trace, start=-1), height=560) as screen:
        cards = screen.count(".tv-node.group")
        assert cards >= 3 and f"{cards} groups" in screen.text(".tv-footnote")
        card = screen.page.locator(".tv-node.group", has_text="gradient").last
        card.click()
        screen.focus()
        screen.press("g")
        assert screen.count(".tv-node") > cards
        assert screen.count(".tv-node.group") > cards, "the others stay as they are"
        screen.press("G")
        assert screen.count(".tv-node.group") == cards
        screen.press("Escape")
        screen.page.click(f".tv-pass[data-index='{len(trace.passes) - 1}']", modifiers=["Shift"])
        screen.settle()
        assert screen.count(".tv-node.group .tv-bdg.part") >= 1


def test_a_pass_opens_on_what_it_is_about_until_one_clears_it(browser: Any, tmp_path: Path) -> None:
    with opened(browser, tmp_path, PassExplorer(traces.step(), "stabilise")) as screen:
        assert screen.text(".tv-node-title") == "+ log_softmax axis 1"
        assert screen.text(".tv-source mark") == "T.log(p)"
        assert screen.count(".tv-node.sel") == 1 and "log_of_softmax" in screen.text(".tv-rules tr.on")
        screen.focus()
        screen.press("Escape")
        assert screen.count(".tv-node.sel, .tv-node-title") == 0
        screen.press("]")
        assert screen.count(".tv-node.sel") == 1


def test_a_saved_rewrite_was_checked(browser: Any, tmp_path: Path) -> None:
    function = compiled()
    with opened(browser, tmp_path, RewriteStepper(function, "stabilise")) as screen:
        assert screen.count(".tv-checks tbody tr") == 3
        assert "Against a wider float the new side is off by at most" in screen.text(".tv-three")
        assert "nothing has been run" not in screen.text(".tv-three")


def test_every_rewrite_of_a_compiled_function_can_be_looked_at(browser: Any, tmp_path: Path) -> None:
    function = compiled()
    events = function.trace.events
    assert len(events) >= 5
    with opened(browser, tmp_path, RewriteStepper(function)) as screen:
        screen.focus()
        for event in events:
            assert screen.text(".tv-name") == event.rule
            assert screen.count(".tv-pane:nth-child(1) .tv-node") >= 1
            if event.filled_mathml:
                written = html.unescape(re.sub("<[^>]+>", "", event.filled_mathml))
                assert re.sub(r"\s", "", screen.page.text_content(".tv-equation")) == re.sub(r"\s", "", written)
            screen.press("]")


def test_every_pass_of_a_compiled_function_can_be_looked_at(browser: Any, tmp_path: Path) -> None:
    function = compiled()
    with opened(browser, tmp_path, PassExplorer(function, start=-1)) as screen:
        for index, p in enumerate(function.trace.passes):
            screen.page.click(f".tv-pass[data-index='{index}']")
            screen.settle()
            assert screen.text(".tv-side h4") == p.name
            both = int(re.search(r"(\d+) nodes", screen.text(".tv-footnote"))[1])
            assert both - p.nodes >= screen.count(".tv-node.rem:not(.group)") >= 0
            assert screen.count(".tv-node:not(.ctx)") <= 40, "the rest is in groups"
