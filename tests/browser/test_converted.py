"""Notebooks turned into pages by the command of the README: pictures stand where screens would need a kernel."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import notebook

ROOT = Path(__file__).resolve().parent.parent.parent
CELLS = ["import tensorviz as tv\nx = tv.vector('x')\nf = tv.function([x], tv.log(1.0 + tv.exp(x)), target='numpy')",
         "f.explore()", "tv.RewriteStepper(f)", "f.explore().static()"]
SHOWN = """() => [...document.querySelectorAll(".jp-OutputArea-output img")].map((i) => i.naturalWidth)"""


def command(kind: str) -> list[str]:
    """What the README says, as this Python runs it."""
    found = re.search(r"`jupyter (nbconvert [^`]*?) notebook\.ipynb`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found, "the README has the command"
    return [sys.executable, "-m", "jupyter", *shlex.split(found[1].replace("--to html", kind))]


def convert(folder: Path, kind: str = "--to html") -> None:
    """Convert the notebook of the cells above, as the README says or to another kind."""
    path = folder / "cells.ipynb"
    path.write_text(json.dumps(notebook(CELLS)))
    done = subprocess.run([*command(kind), str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.browser
def test_a_converted_notebook_shows_pictures_offline(browser: Any, tmp_path: Path) -> None:
    convert(tmp_path)
    text = (tmp_path / "cells.html").read_text(encoding="utf-8")
    assert "widget-view+json" not in text and "unpkg.com" not in text, "nothing waits for a manager of widgets"
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "cells.html").as_uri(), wait_until="load")
    widths = page.evaluate(SHOWN)
    assert len(widths) == 2 and min(widths) > 100, "two screens are two pictures"
    assert page.frame_locator("iframe").locator(".tv-node").count() >= 3, "and what was made static is the screen itself"
    context.close()


@pytest.mark.slow
def test_a_notebook_for_viewers_without_widgets_keeps_its_pictures(tmp_path: Path) -> None:
    convert(tmp_path, "--to notebook --inplace")
    found = json.loads((tmp_path / "cells.ipynb").read_text(encoding="utf-8"))
    forms = [set(out["data"]) for cell in found["cells"] for out in cell["outputs"] if "data" in out]
    assert "widgets" not in found["metadata"], "GitHub refuses a notebook whose widgets have no state"
    assert len(forms) == 3 and all({"image/svg+xml", "text/plain"} <= form for form in forms)
