"""Self-contained pages: a trace, the screens that draw it, and nothing from the network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .palette import css_variables
from .sheets import sheet

__all__ = ["iframe", "mount", "page", "theme_css"]

POLICY = "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"




def theme_css() -> str:
    """The colours of a page: light or dark as the reader's system says, or as ``data-theme`` on the html element says."""
    light, dark = css_variables("light"), css_variables("dark")
    return (f":root,:root[data-theme=light]{{{light}color-scheme:light}}:root[data-theme=dark]{{{dark}color-scheme:dark}}"
            f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}color-scheme:dark}}}}")


def mount(number: int) -> str:
    """The place in the body where script `number` draws."""
    return f'<div class="tv-screen" data-tv-screen="{number}"></div>'


def page(title: str, body: Sequence[str], scripts: Sequence[str] = (), styles: Sequence[str] = (), data: bytes = b"",
         states: Sequence[Mapping[str, Any]] = (), shared: Sequence[str] = ("selected",)) -> str:
    """An HTML page that works from a file, offline and without a kernel.

    `body` parts are HTML; each of `scripts` is the text of an ES module with ``export default { render }`` that draws into
    `mount(i)` (added at the end where the body lacks it) from a stand-in model; its values are `states[i]` and the trace `data`.
    Values named in `shared` are one for all screens.
    """
    parts = list(body)
    whole = "".join(parts)
    parts += [mount(i) for i in range(len(scripts)) if f'data-tv-screen="{i}"' not in whole]
    values = [dict(states[i]) if i < len(states) else {} for i in range(len(scripts))]
    setup = {"scripts": list(scripts), "states": values, "shared": list(shared)}
    code = ""
    if scripts:
        code = (f'<script type="application/json" id="tv-setup">{_inert(setup)}</script>'
                f'<script type="text/plain" id="tv-trace">{base64.b64encode(data).decode()}</script>'
                '<script type="module">' + sheet("page.js") + "</script>")
    style = "\n".join([theme_css(), sheet("page.css"), *styles]).replace("</style", "<\\/style")
    return (f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(title)}</title>'
            f"<style>{style}</style></head>\n<body>\n" + "\n".join(parts) + f"\n{code}</body></html>\n")


def _inert(value: Any) -> str:
    """JSON that no HTML parser takes for a tag or a comment."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")


def iframe(content: str, height: int = 640, title: str = "tensorviz") -> str:
    """A page inside a page, for saved notebooks: it may run its scripts and nothing else."""
    return (f'<iframe sandbox="allow-scripts" title="{escape(title)}" style="width:100%;height:{height}px;border:0" '
            f'srcdoc="{escape(content, quote=True)}"></iframe>')
