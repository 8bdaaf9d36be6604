"""Self-contained pages: a trace, the screens that draw it, and nothing from the network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .palette import css_variables

__all__ = ["iframe", "mount", "page", "theme_css"]

POLICY = "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"

_STYLE = """
html,body{margin:0;background:var(--tv-bg);color:var(--tv-fg)}
body{font:13px/1.45 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;-webkit-font-smoothing:antialiased}
.tv-page{max-width:1180px;margin:0 auto;padding:12px 24px}
.tv-screen{margin:12px 0 20px}
"""

#: gives each screen a model without a kernel; `selected` is one for all screens of the page
_RUN = """
const text = (id) => document.getElementById(id).textContent;
const setup = JSON.parse(text("tv-setup"));
const bytes = Uint8Array.from(atob(text("tv-trace").trim()), (c) => c.charCodeAt(0));
const models = [];
function standIn(values) {
  const state = { ...values, trace: new DataView(bytes.buffer) }, heard = new Map();
  const of = (name) => heard.get(name) || [];
  return {
    get: (name) => state[name],
    set(name, value) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      for (const listener of [...of("change:" + name)]) listener();
      if (setup.shared.includes(name)) for (const model of models) model.set(name, value);
    },
    on: (name, listener) => heard.set(name, [...of(name), listener]),
    off: (name, listener) => heard.set(name, of(name).filter((l) => l !== listener)),
    save_changes() {},
  };
}
for (const [i, script] of setup.scripts.entries()) {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const model = standIn(setup.states[i]), el = document.querySelector(`[data-tv-screen="${i}"]`);
  models.push(model);
  import(url).then((screen) => screen.default.render({ model, el }))
    .catch((error) => { el.textContent = `This screen can't be shown. ${error.message}`; console.error(error); });
}
"""


def theme_css() -> str:
    """The colours of a page: light or dark as the reader's system says, or as ``data-theme`` on the html element says."""
    light, dark = css_variables("light"), css_variables("dark")
    return (f":root{{{light}color-scheme:light}}@media(prefers-color-scheme:dark){{:root{{{dark}color-scheme:dark}}}}"
            f':root[data-theme="light"]{{{light}color-scheme:light}}:root[data-theme="dark"]{{{dark}color-scheme:dark}}')


def mount(number: int) -> str:
    """The place in the body where script `number` draws."""
    return f'<div class="tv-screen" data-tv-screen="{number}"></div>'


def page(title: str, body: Sequence[str], scripts: Sequence[str] = (), styles: Sequence[str] = (), data: bytes = b"",
         states: Sequence[Mapping[str, Any]] = (), shared: Sequence[str] = ("selected",)) -> str:
    """An HTML page that works from a file, offline and without a kernel.

    `body` parts are HTML; each of `scripts` is the text of an ES module with ``export default { render }`` that draws into `mount(i)`
    (added at the end where the body lacks it) from a stand-in model, whose values are `states[i]` and the trace `data`. Values named in
    `shared` are one for all screens.
    """
    parts = list(body)
    whole = "".join(parts)
    parts += [mount(i) for i in range(len(scripts)) if f'data-tv-screen="{i}"' not in whole]
    setup = {"scripts": list(scripts), "states": [dict(states[i]) if i < len(states) else {} for i in range(len(scripts))], "shared": list(shared)}
    code = ""
    if scripts:
        code = (f'<script type="application/json" id="tv-setup">{_inert(setup)}</script>'
                f'<script type="text/plain" id="tv-trace">{base64.b64encode(data).decode()}</script>'
                f'<script type="module">{_RUN}</script>')
    style = "\n".join([theme_css(), _STYLE, *styles]).replace("</style", "<\\/style")
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
