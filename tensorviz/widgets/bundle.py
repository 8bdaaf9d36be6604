"""Joins the plain ES modules and styles of `static/` into the one text that a widget carries."""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import cache
from pathlib import Path

from ..render.fonts import table
from ..render.names import BRIEF, OPERANDS
from ..render.palette import css_variables

__all__ = ["bundle", "packed", "styles"]

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import (?:[^;]*?) from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let)\b)", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
SELECTORS = re.compile(r"(@?)([^{};@]+)\{")
OURS = ".tv.tv.tv"              #: our root, with more weight than any rule of JupyterLab's for the elements of an output
TOP_NAME = re.compile(r"^(?:async function|function|class|const|let) (?:(\w+)|\[([\w, ]+)\]|\{([^}]+)\})", re.MULTILINE)


@cache
def bundle(*entries: str) -> str:
    """One ES module out of the named modules of `static/` and all that they import, each once, imports first.

    Imports between them and `export` are taken out, so all their top-level names share one scope: two modules that
    use one name for two things are an error here, not in the browser. `export default` of the last entry stays.

    >>> "export default { render" in bundle("walk.js")
    True
    """
    texts: dict[str, str] = {}
    for entry in entries:
        _collect(entry, texts, [])
    owners: dict[str, str] = {}
    for name, text in texts.items():
        for top in _top_names(text):
            if owners.setdefault(top, name) != name:
                raise ValueError(f"{top!r} is defined in both {owners[top]} and {name}: in one module text it can be only once")
    widths = json.dumps(table(), separators=(",", ":"))
    tables = f"setFonts({widths});\n" if "fonts.js" in texts else ""
    words, operands = (json.dumps(named, separators=(",", ":")) for named in (BRIEF, OPERANDS))
    tables += f"setNames({words},{operands});\n" if "names.js" in texts else ""
    return "".join(map(_squeeze, texts.values())) + tables


@cache
def packed(*entries: str) -> str:
    """`bundle`, compressed, with two lines that unpack it: a widget's state and every saved page carry this text.

    >>> len(packed("walk.js")) < len(bundle("walk.js")) / 2
    True
    """
    data = base64.b64encode(gzip.compress(bundle(*entries).encode(), 9, mtime=0)).decode()
    return (f'const packed = Uint8Array.from(atob("{data}"), (c) => c.charCodeAt(0));\n'
            'const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));\n'
            'const url = URL.createObjectURL(new Blob([await new Response(stream).text()], { type: "text/javascript" }));\n'
            "const screens = await import(url);\n"
            "URL.revokeObjectURL(url);\n"
            "export default screens.default;\n")


def _collect(name: str, texts: dict[str, str], path: list[str]) -> None:
    if name in path:
        raise ValueError(f"modules import each other in a circle: {' -> '.join([*path, name])}")
    if name in texts:
        return
    source = (STATIC / name).read_text(encoding="utf-8")
    for other in IMPORT.findall(source):
        _collect(other, texts, [*path, name])
    texts[name] = EXPORT.sub("", IMPORT.sub("", source))


def _squeeze(text: str) -> str:
    """Without comment lines and indentation: every widget's state carries this text. Our modules have no multi-line strings."""
    return INDENT.sub("", COMMENT.sub("", text))


def _top_names(text: str) -> list[str]:
    names = []
    for single, several, keyed in TOP_NAME.findall(text):
        names += re.findall(r"\w+", single or several or keyed)
    return names


@cache
def styles(*names: str) -> str:
    """The style sheets of `static/` behind the colour roles, which follow JupyterLab's theme where it has the role.

    >>> "--tv-accent" in styles("theme.css")
    True
    """
    jupyter = {"bg": "--jp-layout-color0", "fg": "--jp-content-font-color0"}
    themes = []
    for theme, selector in (("light", ".tv"), ("dark", '.tv[data-theme="dark"]')):
        roles = css_variables(theme)
        for role, variable in jupyter.items():
            roles = re.sub(rf"--tv-{role}:(#\w+);", rf"--tv-{role}:var({variable},\1);", roles)
        themes.append(f"{selector} {{ {roles} }}\n")
    sheets = "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    return "".join(themes) + SELECTORS.sub(lambda m: m[0] if m[1] else _below_root(m[2]) + "{", CSS_COMMENT.sub("", sheets))


def _below_root(selectors: str) -> str:
    """Selectors as they hold inside a screen of ours only, and there against the page's own rules.

    >>> _below_root(".tv h4, .tv-pill")
    '.tv.tv.tv h4,.tv.tv.tv .tv-pill'
    """
    each = [part.strip() for part in re.split(r",(?![^(]*\))", selectors)]
    return ",".join(OURS + part[3:] if re.match(r"\.tv(?![-\w])", part) else f"{OURS} {part}" for part in each)
