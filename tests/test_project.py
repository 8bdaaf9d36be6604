"""The house rules, checked: sizes, names, what the wheel holds, notebooks that diff cleanly."""

from __future__ import annotations

import ast
import json
import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("tensorviz", "tests", "examples", "benchmarks", "scripts", "docs")
PYTHON = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
TEXT = {".py", ".js", ".css", ".md", ".toml", ".ipynb", ".txt", ".c", ".h", ".json", ".svg", ".html", ""}
LEFT_OUT = {"demo", "build", "dist", "site", "results", "__pycache__"}
HOME_OF_SOMEBODY = re.compile(r"/(?:root|home/\w+|Users/\w+|work)/[\w.]")  # a path that only one machine has


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def texts() -> list[Path]:
    """The project's text files, written by people or to be read by them."""
    top = [path for path in ROOT.iterdir() if not path.name.startswith(".") and path.name not in LEFT_OUT]
    below = [p for path in top for p in ([path] if path.is_file() else path.rglob("*"))]
    return sorted(p for p in below if p.is_file() and p.suffix in TEXT and not LEFT_OUT & set(p.relative_to(ROOT).parts))


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_files_are_short():
    assert {named(p): lines(p) for p in PYTHON if lines(p) > 500} == {}


def test_functions_are_short():
    long = {
        f"{named(path)}:{node.lineno} {node.name}": node.end_lineno - node.lineno
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno > 60
    }
    assert long == {}


def test_names_say_what_things_are():
    vague = re.compile(r"(Manager|Handler|Helper)s?$")
    found = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and vague.search(node.name)
    ]
    assert found == []


def test_no_path_of_one_machine():
    found = [
        f"{named(path)}:{number}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if HOME_OF_SOMEBODY.search(line)
    ]
    assert found == []


def test_scripts_for_browsers_are_small():
    assert {named(p): p.stat().st_size for p in (ROOT / "tensorviz").rglob("*.js") if p.stat().st_size > 100_000} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebook_diffs_cleanly(path: Path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in notebook["metadata"]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code if cell["execution_count"] is not None] == []
    views = [o for cell in code for o in cell["outputs"] if "application/vnd.jupyter.widget-view+json" in o.get("data", {})]
    assert views == []


def test_first_notebook_is_short():
    notebook = json.loads((ROOT / "notebooks" / "01_first_graph.ipynb").read_text(encoding="utf-8"))
    assert len(notebook["cells"]) < 15


def test_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.search(r'^__version__ = "(.+)"$', (ROOT / "tensorviz" / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert version and version[1] == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_in_the_pages_lead_somewhere():
    link = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [(page, target) for page in pages for target in link.findall(page.read_text(encoding="utf-8"))]
    assert [f"{named(page)}: {target}" for page, target in links if not (page.parent / target).exists()] == []


def test_the_picture_of_a_pass_is_described_as_what_it_is():
    shown = re.search(r'pass_index = names\.index\("(\S+)"\)', (ROOT / "docs" / "pictures.py").read_text(encoding="utf-8"))
    words = re.search(r'alt="The pass explorer: ([^"]*)" src="docs/pictures/explorer', (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown and words and shown[1] in words[1].split()


@pytest.mark.slow
def test_wheel_holds_everything_that_is_read_at_run_time(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    package = ROOT / "tensorviz"
    needed = {named(p) for p in package.rglob("*") if p.suffix in {".py", ".js", ".css", ".c", ".h", ".json", ".typed"}}
    assert any(name.endswith(".js") for name in needed) and any(name.endswith(".css") for name in needed)
    assert sorted(needed - held) == []
    assert [name for name in held if not name.startswith(("tensorviz/", "tensorviz-"))] == []


def test_page_of_rules_is_written_from_the_rules():
    page = runpy.run_path(str(ROOT / "docs" / "rules.py"))
    assert page["PAGE"].read_text(encoding="utf-8") == page["text"](), "out of date: run python docs/rules.py"
