"""The first notebook as a student meets it: in JupyterLab, run from top to bottom, with live screens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import Lab

NOTEBOOK = Path(__file__).resolve().parent.parent.parent / "notebooks" / "01_first_graph.ipynb"


def test_the_loop_that_is_printed_is_the_one_of_the_text(capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("sklearn")
    cells = [("".join(c["source"]), c["cell_type"]) for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]]
    last = next(i for i, (source, _) in enumerate(cells) if "step.source()" in source)
    names: dict[str, Any] = {"__name__": "first"}
    for source, kind in cells[:last + 1]:
        if kind == "code":
            capsys.readouterr()
            exec(compile(source, str(NOTEBOOK), "exec"), names)
    shown = capsys.readouterr().out
    assert "the largest of the loops" in cells[last - 1][0] and "sixteen operations of the loss" in cells[last - 1][0]
    assert shown.startswith("/* 16 ops in one loop nest"), shown[:200]
    assert max(map(int, re.findall(r"/\* (\d+) ops", names["step"].source()))) == 16


@pytest.mark.slow
@pytest.mark.browser
def test_first_notebook_runs_in_lab_with_live_screens(lab: Lab):
    cells = [c["source"] for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    page = lab.open("first", ["".join(source) for source in cells])
    assert lab.run(page) == []
    page.wait_for_selector("[data-ready='1']", timeout=30_000)
    assert page.locator(".tv-node").count() > 3
    assert lab.complaints == []
    page.context.close()


@pytest.mark.slow
@pytest.mark.browser
def test_an_error_in_a_cell_is_seen(lab: Lab):
    page = lab.open("wrong", ["1 / 0"])
    assert lab.run(page) == ["ZeroDivisionError: division by zero"]
    page.context.close()
