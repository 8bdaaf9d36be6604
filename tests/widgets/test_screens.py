"""The screens without a browser: what a click does, what a page may send, and the forms that need no kernel."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
import traitlets

import tensorviz as tv
from tensorviz.core.errors import ArgumentError
from tensorviz.render.trace import Trace
from tensorviz.widgets import PassExplorer, RewriteStepper, Screen
from tensorviz.widgets.base import STYLES
from tensorviz.widgets.bundle import STATIC, bundle, packed, styles
from tests.widgets import traces

KINDS = [PassExplorer, RewriteStepper]


class Function:
    """What a compiled function offers a screen."""

    def __init__(self) -> None:
        self.trace = traces.step()
        self.asked: list[int] = []

    def check(self, step: int) -> list[dict[str, Any]]:
        self.asked.append(step)
        if step == 2:
            raise ZeroDivisionError("the user's rule")
        return [{"drawn": "normal", "difference": 0.0, "bad_before": 0, "bad_after": 0}]


def test_explorer_starts_at_the_first_pass_that_changed_something() -> None:
    assert PassExplorer(traces.network()).pass_index == 1
    assert PassExplorer(traces.step(), "use-blas").pass_index == 4
    assert PassExplorer(Trace()).pass_index == -1
    with pytest.raises(ValueError, match="no pass 'inline': canonicalise, fold-constants"):
        PassExplorer(traces.step(), "inline")


def test_stepper_starts_where_it_is_told() -> None:
    starts = {None: 1, 4: 4, "log_of_softmax": 3, "stabilise": 3, "use-blas": 5}
    assert {start: RewriteStepper(traces.step(), start).step for start in starts} == starts
    assert RewriteStepper(Trace()).step == 0
    with pytest.raises(ValueError, match="no rule or pass 'linear-algebra' rewrote anything"):
        RewriteStepper(traces.step(), "linear-algebra")


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_or_a_trace_is_shown_and_nothing_else(kind: type[Screen]) -> None:
    assert kind(Function()).record.name == kind(traces.step()).record.name == "step"
    with pytest.raises(ArgumentError, match="int has no trace"):
        kind(3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("given", "nearest"), [("nonsense", "screen"), ("pass_indx", "pass_index"), ("selection", "selected"),
                                                ("trace", "step"), ("can_check", "pass_index"), ("_esm", "view")])
def test_an_unknown_keyword_is_refused_and_the_nearest_named(kind: type[Screen], given: str, nearest: str) -> None:
    with pytest.raises(ArgumentError, match=f"(?s)no keyword '{given}'; the nearest is '{nearest}'.*test_screens.py.*pass_index"):
        kind(traces.step(), **{given: 3})
    assert kind(traces.step(), screen="rewrites", tooltip="a step").screen == "rewrites"


def test_one_node_is_one_node_in_words() -> None:
    lines = tv.explore(tv.vector("x")).to_text().split("\n")[1:]
    assert all(" 1 node" in line and "1 nodes" not in line for line in lines)


def test_the_trace_travels_whole() -> None:
    trace = traces.step()
    assert Trace.from_bytes(PassExplorer(trace).trace).to_json() == trace.to_json()


@pytest.mark.parametrize("sent", [
    {"step": 99}, {"step": -1}, {"step": True}, {"step": "3"}, {"pass_index": 6}, {"pass_index": -2}, {"selected": ["n999"]},
    {"selected": "n1"}, {"screen": "https://"}, {"view": {"mode": "x" * 9000}}, {"view": []}, {"trace": b""},
    {"can_check": True}, {"_esm": "alert(1)"}, {"_css": "*{}"},
])
def test_a_page_cannot_break_a_widget(sent: dict[str, Any]) -> None:
    widget = PassExplorer(traces.step())
    before = {name: getattr(widget, name) for name in sent}
    widget.set_state(sent)
    assert {name: getattr(widget, name) for name in sent} == before


def test_what_a_user_does_arrives() -> None:
    widget = PassExplorer(traces.step())
    sent = {"step": 3, "pass_index": 2, "selected": ["n8"], "screen": "rewrites", "view": {"mode": "side"}}
    widget.set_state(sent)
    assert {name: getattr(widget, name) for name in sent} == sent


@pytest.mark.parametrize(("name", "value"), [("step", 7), ("pass_index", -2), ("selected", ["n999"]), ("screen", "memory")])
def test_impossible_values_raise_in_python(name: str, value: Any) -> None:
    widget = RewriteStepper(traces.step())
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)


def test_a_numeric_check_is_run_on_request() -> None:
    function, answers = Function(), []
    widget = RewriteStepper(function)
    assert widget.can_check
    widget.send = lambda content, buffers=None: answers.append(content)
    steps = [{"type": "check", "step": step} for step in (3, 2, 0, 7, True, "1", None)]
    for message in [*steps, {"type": "check"}, {"type": "run"}, "check", None]:
        widget._handle_custom_msg(message, [])
    assert function.asked == [3, 2]
    assert answers[0]["checks"][0]["difference"] == 0.0
    assert answers[1] == {"type": "checks", "step": 2, "error": "ZeroDivisionError: the user's rule"}


def test_a_check_without_the_function_says_so() -> None:
    widget, answers = RewriteStepper(traces.step()), []
    assert not widget.can_check
    widget.send = lambda content, buffers=None: answers.append(content)
    widget._handle_custom_msg({"type": "check", "step": 1}, [])
    assert "f.explore()" in answers[0]["error"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [traces.step, traces.network, traces.hostile, Trace, lambda: traces.rows(400)],
                         ids=["step", "network", "hostile", "empty", "large"])
def test_every_form_exists_without_a_kernel(kind: type[Screen], make: Any) -> None:
    widget = kind(make())
    data, _ = widget._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/plain"} <= set(data)
    assert ElementTree.fromstring(data["image/svg+xml"]).tag.endswith("svg")
    assert len(data["image/svg+xml"].encode()) <= 150_000
    assert set(widget.static()._repr_mimebundle_()) == {"text/html", "image/svg+xml", "text/plain"}
    assert repr(widget.static()) == widget.to_text()


def test_text_forms_can_be_read_aloud() -> None:
    row = PassExplorer(traces.step(), "stabilise").to_text().splitlines()[4]
    assert row.split()[:5] == [">", "stabilise", "24", "nodes", "1.53"]
    text = RewriteStepper(traces.step(), "log_of_softmax").to_text().splitlines()
    assert text[:2] == ["step(x, y): rewrite 3 of 6", "log_of_softmax:  log(softmax(z)) -> log_softmax(z)"]
    assert text[2] == "  z = dot(x, W) + b  f32 512×10"
    assert "  fails: z is finite not known" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_page_names_no_place_in_the_network(kind: type[Screen]) -> None:
    text = kind(traces.step()).to_html()
    assert set(re.findall(r"https?://[^\"' )]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert "<script>alert" not in kind(traces.hostile()).to_html()


def test_modules_are_small_and_join_into_one() -> None:
    for path in STATIC.glob("*.js"):
        assert path.stat().st_size <= 100_000, path.name
    text = bundle("walk.js")
    assert not re.search(r"^(import|export (?!default))", text, re.MULTILINE)
    assert text.count("export default") == 1
    assert len(packed("walk.js").encode()) <= 100_000
    assert packed("walk.js") == packed.__wrapped__("walk.js")


def test_two_modules_with_one_name_are_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nconst one = 1;\n')
    (tmp_path / "b.js").write_text("export const b = 2;\nfunction one() {}\n")
    (tmp_path / "c.js").write_text('import { d } from "./d.js";\n')
    (tmp_path / "d.js").write_text('import { c } from "./c.js";\n')
    monkeypatch.setattr("tensorviz.widgets.bundle.STATIC", tmp_path)
    with pytest.raises(ValueError, match=r"'one' is defined in both b\.js and a\.js"):
        bundle.__wrapped__("a.js")
    with pytest.raises(ValueError, match=r"in a circle: c\.js -> d\.js -> c\.js"):
        bundle.__wrapped__("c.js")


def test_no_module_makes_markup_from_text() -> None:
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), path.name


def test_every_colour_role_that_styles_use_exists_in_both_themes() -> None:
    text = styles(*STYLES)
    light, dark = (set(re.findall(r"(--tv-[\w-]+)\s*:", part)) for part in text.split("\n")[:2])
    assert light == dark
    used = set(re.findall(r"var\((--tv-[\w-]+)", text))
    by_script = {"--tv-formula", "--tv-beside", *(f"--tv-{side}" for side in ("left", "right", "top", "bottom"))}
    assert used <= light | {"--tv-ui", "--tv-mono", "--tv-math", "--tv-tint"} | by_script


def test_the_state_of_a_widget_is_small() -> None:
    state = PassExplorer(traces.chain(500)).get_state()
    size = len(state.pop("trace")) + len(json.dumps({k: v for k, v in state.items() if k != "_esm"}, default=str))
    assert size <= 150_000


def test_a_list_of_expressions_is_explored_as_one_graph() -> None:
    x = tv.vector("x")
    screen = tv.explore([tv.exp(x), x * 2.0])
    assert len(screen.record.outputs) == 2
    assert tv.explore((x,)).record.state(0).nodes.keys() == {"n0"}
    for wrong in ([], [1.0], [x, 1.0]):
        with pytest.raises(ArgumentError, match=r"(?s)list has no trace: .* tv.explore takes expressions too"):
            tv.explore(wrong)


def test_a_trace_shows_itself_as_text_picture_and_screen() -> None:
    trace = traces.step()
    data, _ = trace._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"} <= data.keys()
    assert data["text/plain"].startswith("<trace of step(x, y): 6 passes") and "use-blas" in data["text/plain"]
    assert ElementTree.fromstring(data["image/svg+xml"]).tag.endswith("svg")


def test_a_trace_makes_a_page(tmp_path: Any) -> None:
    trace = traces.step()
    path = trace.to_html(tmp_path / "step.html", title="one step")
    assert "<title>one step</title>" in path.read_text() and "tv-trace" in trace.to_html()
    assert isinstance(trace.explore(), PassExplorer)


def test_exploring_an_expression_builds_nothing_and_checks_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorviz.compile.program.compile_c", lambda *_: pytest.fail("built"))
    x, w = tv.vector("x"), tv.shared(np.ones(3), name="w")
    screen = tv.explore(tv.log(1.0 + tv.exp(x * w)))
    assert screen.record.signature == "expression(x)" and "TV_KERNEL" in screen.record.codes[0].text
    assert screen.can_check and screen._source.check(1)[0]["difference"] < 1e-12
