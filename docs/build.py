"""Turn the project's Markdown and notebooks into pages: `python docs/build.py docs/site` (or `make docs`)."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

ROOT = Path(__file__).resolve().parent.parent
STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif; }
pre, code { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; padding: 0.75rem 1rem; border-radius: 6px; background: color-mix(in srgb, currentColor 6%, transparent); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); text-align: left; }
nav a { margin-right: 1rem; }
img, svg { max-width: 100%; }
"""
PAGE = """<!doctype html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>{style}</style>
<nav>{menu}</nav>
<main>{body}</main>
"""


def pages() -> dict[Path, str]:
    """Every Markdown page and the name of the HTML file that it becomes."""
    found = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    return {path: "index.html" if path.name == "README.md" else f"{path.stem.lower()}.html" for path in found}


def title(text: str, path: Path) -> str:
    """The first heading."""
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return heading[1] if heading else path.stem


def linked(text: str, path: Path, names: dict[Path, str]) -> str:
    """The text with links between pages leading to the HTML files."""

    def lead(match: re.Match[str]) -> str:
        name = names.get((path.parent / match[1]).resolve(), match[1])
        return f"]({name}{match[2] or ''})"

    return re.sub(r"\]\(([^)#\s:]+)(#[^)\s]*)?\)", lead, text)


def build_pages(folder: Path) -> None:
    """Write the pages, each with links to all others."""
    names = pages()
    texts = {path: path.read_text(encoding="utf-8") for path in names}
    menu = " ".join(f'<a href="{name}">{html.escape(title(texts[path], path))}</a>' for path, name in names.items())
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").use(anchors_plugin, max_level=3)
    for path, name in names.items():
        body = markdown.render(linked(texts[path], path, names))
        page = PAGE.format(title=html.escape(title(texts[path], path)), style=STYLE, menu=menu, body=body)
        (folder / name).write_text(page, encoding="utf-8")


def build_notebooks(folder: Path) -> None:
    """Run the notebooks and write them as pages; static pictures stand where widgets need a kernel."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=600, kernel_name="python3", store_widget_state=False).execute(cwd=str(path.parent))
        page, _ = HTMLExporter().from_notebook_node(notebook)
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    site = Path(sys.argv[1])
    site.mkdir(parents=True, exist_ok=True)
    build_pages(site)
    shutil.copy(ROOT / "LICENSE", site)
    build_notebooks(site)
    print(f"written to {site.resolve()}")
