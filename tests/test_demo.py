"""The main job from end to end, as a stranger runs it: the digits example, its page, and the lines of the README."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
W3 = "http://www.w3.org"
NAMESPACES = {f"{W3}/2000/svg", f"{W3}/1998/Math/MathML", f"{W3}/1999/xhtml", f"{W3}/1999/xlink"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the example printed, and its page."""
    page = tmp_path_factory.mktemp("demo") / "index.html"
    command = [sys.executable, "examples/digits.py", "--page", str(page)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "training: 100%" in done.stderr
    return done.stdout, page


@pytest.mark.slow
def test_demo_reads_digits_and_says_so(demo: tuple[str, Path]):
    printed, page = demo
    accuracy = re.search(r"([\d.]+) %  accuracy on \d+ held-back digits", printed)
    assert accuracy and float(accuracy[1]) >= 97
    assert re.search(r"\d+ ms  to compile", printed) and re.search(r"\d+ µs  a training step", printed)
    assert str(page) in printed


@pytest.mark.slow
def test_demo_page_needs_nothing_from_outside(demo: tuple[str, Path]):
    text = demo[1].read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'<>)]+", text)) <= NAMESPACES
    assert re.search(r"accuracy on \d+ held-back digits", text)


@pytest.mark.slow
@pytest.mark.browser
def test_demo_page_opens_offline_without_a_word_of_complaint(demo: tuple[str, Path], browser: Any):
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith(("http:", "https:")) else None)
    page.goto(demo[1].as_uri())
    page.wait_for_selector("[data-ready='1']")
    assert page.locator(".tv-node").count() > 10
    assert complaints == []
    context.close()


def test_ten_lines_of_the_readme_run(capsys: pytest.CaptureFixture[str]):
    block = re.search(r"```python\n(.+?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    names: dict[str, Any] = {}
    exec(compile(block[1], "README.md", "exec"), names)
    value, slope = names["f"](names["np"].array([-1000.0, 0.0, 1000.0]))
    assert value == pytest.approx(1000.6931471805599) and slope.tolist() == [0.0, 0.5, 1.0]
    assert "for (" in capsys.readouterr().out
