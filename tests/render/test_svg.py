"""SVG: one group a node, valid whatever the names are, small, in both themes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from tensorviz.render.drawing import View, draw
from tensorviz.render.palette import roles
from tensorviz.render.picture import STATIC_BYTES, picture
from tensorviz.render.svg import svg, svg_pair
from tensorviz.render.trace import Node, Trace
from tests.render.samples import logistic, network, rows, small
from tests.widgets.traces import chain, wordy

NS = "{http://www.w3.org/2000/svg}"
EVIL = "<b onload=\"x\">&'\x00\ud800\uffff]]></style>"


@pytest.mark.parametrize("theme", ["auto", "light", "dark", "page"])
@pytest.mark.parametrize("view", [View(step=0), View(before=0), View(heat="time"), View(group="kernel", heat="time", tall=True)])
def test_svg_is_xml_with_a_group_for_each_figure(view, theme):
    drawing = draw(logistic(), view)
    root = ElementTree.fromstring(svg(drawing, theme))
    groups = [g for g in root.iter(NS + "g") if g.get("data-id")]
    assert [g.get("data-id") for g in groups] == [f.id for f in drawing.figures]
    assert [g.get("aria-label") for g in groups] == [f.words() for f in drawing.figures]
    assert root.get("role") == "img" and "Showing" in root.get("aria-label")
    assert len([p for p in root.iter(NS + "path") if "tvs-e" in p.get("class", "").split()]) == len(drawing.links)


def test_svg_escapes_every_name():
    x = Node("n0", "input", kind="input", name=EVIL)
    c = Node("n1", "constant", kind="constant", value=EVIL, shape=[2])
    y = Node('n"2', EVIL, inputs=["n0", "n1"], param=EVIL, dtype=EVIL)
    trace = Trace(records=[x, c, y], initial=[0, 1, 2], outputs=['n"2'], output_names=[EVIL])
    for theme in ("auto", "light"):
        root = ElementTree.fromstring(svg(draw(trace, View(title=EVIL)), theme))
        assert not [e for e in root.iter() if e.tag == NS + "b" or e.get("onload")]
        assert sum("onload" in (t.text or "") for t in root.iter(NS + "text")) >= 5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fixed_theme_needs_no_css_variables(theme):
    for view in (View(before=0), View(group="kernel", heat="time")):
        text = svg(draw(logistic(), view), theme)
        assert "var(" not in text and roles(theme)["bg"] in text


def test_auto_theme_holds_both_themes_once():
    text = svg(draw(logistic()), "auto")
    assert text.count("prefers-color-scheme:dark") == 1
    for theme in ("light", "dark"):
        assert f"--tv-edge:{roles(theme)['edge']}" in text


@pytest.mark.parametrize("theme", ["auto", "page"])
def test_every_colour_used_is_a_role(theme):
    names = {f"--tv-{r}" for r in roles("light")}
    text = svg(draw(network(), View(heat="time")), theme) + svg(draw(logistic(), View(before=0)), theme)
    assert set(re.findall(r"var\((--tv-[\w-]+)\)", text)) <= names
    assert set(roles("light")) == set(roles("dark"))


def test_picture_has_no_address_but_the_namespace():
    text = svg(draw(network(), View(heat="time")))
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]


def test_same_trace_gives_the_same_picture():
    assert svg(draw(network())) == svg(draw(network()))


def test_sizes_cover_everything_drawn():
    for view in (View(step=0), View(before=0), View(heat="time")):
        root = ElementTree.fromstring(svg(draw(network(), view), "light"))
        width, height = float(root.get("width")), float(root.get("height"))
        for path in root.iter(NS + "path"):
            if "tvs-e" in path.get("class", "").split():
                numbers = [float(n) for n in re.findall(r"-?[\d.]+", re.sub(r"V[\d.]+", "", path.get("d")))]
                assert all(0 <= x <= width for x in numbers[::2]) and all(0 <= y <= height for y in numbers[1::2])


@pytest.mark.parametrize("count", [190, 400, 3000])
def test_static_picture_keeps_its_size(count):
    text = picture(rows(count), View(heat="time"))
    assert len(text.encode()) <= STATIC_BYTES
    assert count < 200 or "in " in re.search(r"Showing[^<\"]*", text).group()


def test_long_names_still_fit_the_size():
    nodes = [Node(f"n{i}", "op" * 150, inputs=[f"n{i - 1}"] if i else []) for i in range(150)]
    trace = Trace(records=nodes, initial=list(range(150)), outputs=["n149"])
    assert len(picture(trace).encode()) <= STATIC_BYTES


def test_pair_shows_both_drawings_and_the_caption():
    trace = small()
    text = svg_pair(draw(trace, View(step=0, title="As written")), draw(trace, View(title="As compiled")), "2 rewrites")
    words = [t.text for t in ElementTree.fromstring(text).iter(NS + "text")]
    assert {"As written", "As compiled", "2 rewrites", "softmax", "log_softmax"} <= set(words)


def test_legend_says_both_ends_and_the_scale():
    words = [t.text for t in ElementTree.fromstring(svg(draw(logistic(), View(group="kernel", heat="time")))).iter(NS + "text")]
    assert {"5.20 µs", "119 µs", "time, measured, log scale"} <= set(words)


def test_changes_have_signs_and_dashes():
    root = ElementTree.fromstring(svg(draw(logistic(), View(before=0)), "light"))
    signs = [t.text for g in root.iter(NS + "g") if g.get("class") == "tvs-s" for t in g.iter(NS + "text")]
    assert set(signs) == {"+", "−", "~"}
    assert "stroke-dasharray:4 3" in "".join(root.itertext())


def test_long_names_are_clipped_and_whole_in_the_title():
    trace = wordy()
    text = svg(draw(trace))
    root = ElementTree.fromstring(text)
    assert float(root.get("width")) < 800
    shown = "".join(t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}text"))
    titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "x" * 400 not in shown and any("x" * 400 in t for t in titles)


def test_slices_of_a_huge_graph_say_what_they_hold():
    trace = chain(600)
    drawing = draw(trace, View(step=0, limit=40))
    names = [f.label for f in drawing.figures if f.kind == "group"]
    assert len(names) > 5 and all(re.fullmatch(r"part \d+: \w+, \w+", name) for name in names)
    assert drawing.count_text() == f"Showing 600 nodes in {len(names)} groups"
