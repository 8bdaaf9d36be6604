"""Pages: self-contained, safe whatever they hold, and the report."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import pytest

from tensorviz.render.html import iframe, mount, page
from tensorviz.render.report import STYLE, closing, code_part, gains, report
from tensorviz.render.trace import Trace
from tests.render.samples import logistic, network, small

SCRIPT = """export default { render({ model, el }) {
  const get = (name) => model.get(name);
  const show = () => { el.textContent = `${get("trace").byteLength} ${get("step")} ${get("selected")} </script><!--`; };
  for (const name of ["step", "selected"]) model.on("change:" + name, show);
  el.onclick = () => { model.set("step", model.get("step") + 1); model.set("selected", ["n1"]); model.save_changes(); };
  show(); el.dataset.ready = "1"; return () => {};
} };"""


class Tags(HTMLParser):
    """Counts tags and keeps the text of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.seen and self.seen[-1] == "script":
            self.scripts[-1] += data


def test_page_holds_trace_scripts_and_states():
    data = small().to_bytes()
    tags = Tags(page("f", [mount(0)], [SCRIPT], [STYLE], data, [{"step": 3}]))
    setup, trace, _ = tags.scripts
    assert json.loads(setup) == {"scripts": [SCRIPT], "states": [{"step": 3}], "shared": ["selected"]}
    assert Trace.from_bytes(base64.b64decode(trace)) == small()


def test_page_has_no_address_but_the_namespace():
    trace = logistic()
    text = page("step", [report(trace)], [SCRIPT], [STYLE], trace.to_bytes())
    assert set(re.findall(r"https?://[^\"' )]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_page_survives_every_text():
    evil = "</script></style><script>bad()</script>&\""
    text = page(evil, ["<p>body</p>"], [evil], ["a{}</style>"], b"", [{"x": evil}])
    tags = Tags(text)
    assert tags.seen.count("script") == 3 and tags.seen.count("style") == 1
    assert json.loads(tags.scripts[0])["scripts"] == [evil]


def test_screen_without_a_place_goes_to_the_end():
    text = page("f", [mount(1), "<p>last</p>"], [SCRIPT, SCRIPT])
    assert text.index('data-tv-screen="1"') < text.index("last") < text.index('data-tv-screen="0"')


def test_page_without_screens_has_no_script():
    assert "script" not in Tags(page("f", ["<p>x</p>"])).seen


def test_iframe_is_one_sandboxed_element():
    tags = Tags(iframe(page("f", [mount(0)], [SCRIPT])))
    assert tags.seen == ["iframe"]
    assert 'sandbox="allow-scripts"' in iframe("")


def test_gains_are_sorted_and_only_savings():
    found = gains(logistic())
    assert [g.seconds for g in found] == sorted((g.seconds for g in found), reverse=True) and all(g.seconds > 0 for g in found)
    assert {g.rule: g.uses for g in found}["fold_scales"] == 2


def test_report_says_the_headline_numbers():
    text = report(logistic(), "One step.", {"accuracy on 360 held-back digits": "97.8 %"})
    for words in ("97.8 %", "260 µs", "22 → 4", "20.5 kB", "41.0 kB without", "410 ms", "96.0 ms for the C code", "One step."):
        assert words in text
    assert "What made it faster, est." in text and 'data-id="' in text


def test_report_of_a_trace_without_kernels_and_runs():
    text = report(network())
    assert "65 → 58" in text and "a call" not in text


def test_report_escapes_what_it_is_given():
    trace = logistic()
    trace.signature = "<script>f"
    trace.events[3].formula = "<script>g"
    trace.codes[0].text, trace.codes[0].html = "<script>l", ""
    text = report(trace, "<script>h", {"<script>i": "<script>j"}) + closing(["<script>k"])
    assert "<script>" not in text


def test_code_part_knows_the_lines_of_each_kernel():
    trace = logistic()
    text = code_part(trace)
    places = json.loads(re.search(r"data-places=\"([^\"]*)\"", text).group(1).replace("&quot;", '"'))
    assert places[trace.kernels[1].nodes[0]] == [7, 12, 1]
    assert text.count('class="l"') == len(trace.codes[0].text.split("\n"))
    assert code_part(trace, "cuda") == ""


#: what is cut off and does not say so, and letters that are smaller than one can read, in a report
CUT = """() => [...document.querySelectorAll(".tv-gain .tv-f, .tv-code")].filter((e) => e.scrollWidth > e.clientWidth + 1.5
  && !e.dataset.more?.includes("right") || parseFloat(getComputedStyle(e.querySelector("math") || e).fontSize) < 11)
  .map((e) => `${e.textContent.slice(0, 40)} ${e.scrollWidth} in ${e.clientWidth}`)"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [800, 1350, 1600])
def test_the_code_stands_by_the_graph_and_follows_it(tmp_path, browser, width):
    trace = logistic()
    trace.codes[0].text, trace.codes[0].html = "\n".join([trace.codes[0].text, *["/* more */"] * 150]), ""
    trace.kernels[-1].first_line, trace.kernels[-1].last_line = 120, 130
    wide = "<mo>+</mo>".join(f"<mi>long_name_{i}</mi>" for i in range(40))
    trace.events[0].formula_mathml = f"<math><mrow><mi>x</mi><mo>→</mo>{wide}</mrow></math>"
    trace.events[0].cost_before, trace.events[0].cost_after = [1.0, 1, 1], [0.1, 1, 1]
    (tmp_path / "page.html").write_text(page("step", [report(trace)], [], [STYLE]))
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto((tmp_path / "page.html").as_uri())
    tab.locator(".tv-f[data-more~=right]").wait_for()
    assert tab.evaluate(CUT) == [] and tab.locator(".tv-f[data-more~=right]").count() == 1
    assert tab.evaluate("document.documentElement.scrollWidth") == width, "the page does not go sideways"
    node = tab.locator(f".tv-final [data-id='{trace.kernels[-1].nodes[-1]}']")
    node.scroll_into_view_if_needed()
    tab.evaluate("scrollBy(0, 200)")
    before = tab.evaluate("scrollY")
    node.click()
    code, line = tab.locator(".tv-code").bounding_box(), tab.locator(".tv-code .l.on").first.bounding_box()
    graph = tab.locator(".tv-final").bounding_box()
    assert tab.evaluate("scrollY") == before, "the panel scrolls, not the page"
    assert tab.locator(".tv-code .l.on").count() == 11
    assert code["y"] <= line["y"] <= code["y"] + code["height"] and 0 <= line["y"] <= 900 - 18, "the lines are in view"
    assert code["x"] > graph["x"] + graph["width"] if width > 1200 else code["y"] > node.bounding_box()["y"]
    tab.close()


@pytest.mark.browser
def test_every_kernel_leads_from_its_node_and_its_row_to_its_lines(tmp_path, browser):
    trace = logistic()
    for kernel in trace.kernels:
        kernel.nodes.reverse()          # a kernel lists its nodes in an order of its own
    calls = [f"    TV_STEP({i}, {kernel.name}());" for i, kernel in enumerate(trace.kernels)]
    trace.codes[0].text, trace.codes[0].html = "\n".join([trace.codes[0].text, *calls]), ""
    (tmp_path / "page.html").write_text(page("step", [report(trace)], [], [STYLE]))
    tab = browser.new_page(viewport={"width": 1350, "height": 900})
    tab.goto((tmp_path / "page.html").as_uri())
    rows, boxes, lines = tab.locator(".tv-kernels tr"), tab.locator(".tv-final .tv-lit"), tab.locator(".tv-code .l.on")
    for i, kernel in enumerate(trace.kernels):
        count = kernel.last_line - kernel.first_line + 1 if kernel.first_line else 1
        rows.nth(i).click()
        assert boxes.count() == 1 and kernel.name in boxes.text_content(), "one name in table and graph"
        assert lines.count() == count and (kernel.first_line or f"TV_STEP({i}," in lines.text_content())
        tab.locator("h1").hover()
        rows.nth(i - 1).focus()
        tab.locator(".tv-final [data-id]", has_text=kernel.name).first.click()
        assert tab.locator(".tv-kernels tr.tv-lit code").all_inner_texts() == [kernel.name] and lines.count() == count
    tab.close()


@pytest.mark.browser
def test_page_draws_and_reacts_from_a_file(tmp_path, browser):
    trace = logistic()
    text = page("step", [report(trace), mount(0), mount(1)], [SCRIPT, SCRIPT], [STYLE], trace.to_bytes(),
                [{"step": 3}, {"step": 5}])
    (tmp_path / "page.html").write_text(text)
    (tmp_path / "frame.html").write_text("<!doctype html><meta charset=utf-8>" + iframe(text))
    tab = browser.new_page()
    troubles: list[str] = []
    asked: list[str] = []
    tab.on("pageerror", lambda e: troubles.append(str(e)))
    tab.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    tab.on("request", lambda r: asked.append(r.url))
    size = len(trace.to_bytes())
    for name in ("page.html", "frame.html"):
        tab.goto((tmp_path / name).as_uri())
        inner = tab.frame_locator("iframe") if name == "frame.html" else tab
        inner.locator("[data-tv-screen='0'][data-ready]").wait_for()
        inner.locator("[data-tv-screen='1'][data-ready]").wait_for()
        inner.locator("[data-tv-screen='0']").click()
        assert inner.locator("[data-tv-screen='0']").text_content() == f"{size} 4 n1 </script><!--"
        assert inner.locator("[data-tv-screen='1']").text_content() == f"{size} 5 n1 </script><!--"
        inner.locator(f".tv-kernels [data-id='{trace.kernels[1].nodes[-1]}']").hover()
        assert inner.locator(".tv-code .l.on").count() == 6
    tab.close()
    assert not troubles and all(url.startswith(("file:", "blob:")) for url in asked)
