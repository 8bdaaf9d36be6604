"""A saved screen opened in a browser, and what must hold for every one: no error, no request, no label outside its box."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tensorviz.widgets import Screen

#: labels that leave their box, as text: name and type of nodes, buttons and cells whose words are cut off
SPILLS = """() => {
  const out = [];
  for (const node of document.querySelectorAll(".tv-node")) {
    const box = node.querySelector(".tv-box").getBoundingClientRect();
    const inside = [...node.querySelectorAll(":scope > .tv-lab, :scope > .tv-typ")].map((t) => t.getBoundingClientRect())
      .filter((text) => text.width);     // from afar types are left out
    for (const text of inside)
      if (text.left < box.left - 0.5 || text.right > box.right + 0.5 || text.top < box.top - 3 || text.bottom > box.bottom + 3)
        out.push(`node ${node.textContent}: ${text.left - box.left} ${box.right - text.right}`);
    if (inside.length === 2 && inside[0].right > inside[1].left && Math.abs(inside[0].top - inside[1].top) < 6)
      out.push(`touching ${node.textContent}`);
  }
  for (const badge of document.querySelectorAll(".tv-bdg"))
    if (badge.querySelector("text").getBoundingClientRect().width > badge.querySelector("rect").getBoundingClientRect().width)
      out.push(`badge ${badge.textContent}`);
  const frame = document.querySelector(".tv").getBoundingClientRect();
  for (const item of document.querySelectorAll(".tv button, .tv select, .tv th, .tv-title, .tv-of, .tv-pill, .tv-footnote")) {
    const seen = item.getBoundingClientRect();
    if (!seen.width || item.closest(".tv-ticks, .tv-strip-columns, .tv-side, .tv-three, .tv-foot, [hidden]")) continue;
    if (item.scrollWidth > item.clientWidth + 1 && item.clientWidth) out.push(`cut ${item.textContent}`);
    if (seen.right > frame.right + 0.5 || seen.left < frame.left - 0.5) out.push(`outside ${item.textContent}`);
  }
  return out;
}"""


#: boxes that lie over each other, and edges that run behind a box they don't belong to
COLLISIONS = """() => {
  const out = [];
  for (const svg of document.querySelectorAll(".tv-svg")) {
    const boxes = [...svg.querySelectorAll(".tv-node[data-id]")].map((n) => [n.dataset.key, n.querySelector(".tv-box").getBoundingClientRect()]);
    boxes.forEach(([key, a], i) => boxes.slice(0, i).forEach(([other, b]) => {
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) out.push(`${key} over ${other}`);
    }));
    for (const edge of svg.querySelectorAll(".tv-e[data-from]")) {
      const matrix = edge.getScreenCTM(), length = edge.getTotalLength(), { from, to } = edge.dataset;
      const others = boxes.filter(([key]) => key !== from && key !== to);
      for (let at = 0; at <= length; at += 4) {
        const p = edge.getPointAtLength(at).matrixTransform(matrix);
        const hit = others.find(([, b]) => p.x > b.left + 2 && p.x < b.right - 2 && p.y > b.top + 2 && p.y < b.bottom - 2);
        if (hit) { out.push(`${from} > ${to} behind ${hit[0]}`); break; }
      }
    }
  }
  return out;
}"""
#: the smallest letters of the first graph as they are seen, in pixels
LETTERS = """() => {
  const k = new DOMMatrix(getComputedStyle(document.querySelector(".tv-world")).transform).a;
  const sizes = [...document.querySelectorAll(".tv-svg:first-of-type text")].map((t) => parseFloat(getComputedStyle(t).fontSize));
  return k * Math.min(...sizes.filter((s) => s > 10));
}"""
#: nodes of the first graph that are not whole in view
OUTSIDE = """() => {
  const frame = document.querySelector(".tv-svg").getBoundingClientRect();
  const seen = [...document.querySelectorAll(".tv-svg:first-of-type .tv-node")].map((n) => n.querySelector(".tv-box").getBoundingClientRect());
  return seen.filter((b) => b.left < frame.left || b.right > frame.right || b.top < frame.top || b.bottom > frame.bottom).length;
}"""


#: the element that has the keyboard's focus: its tag, and its name or words
FOCUSED = """() => {
  const a = document.activeElement;
  return `${a.tagName} ${a.getAttribute("aria-label") || a.dataset.name || a.textContent}`.replace(/\\s+/g, " ").slice(0, 60).trim();
}"""


class Opened:
    """A page with one screen, and what went wrong on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (self.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def text(self, selector: str) -> str:
        """The words of the first element of that kind."""
        return str(self.page.locator(selector).first.inner_text())

    def count(self, selector: str) -> int:
        """How many such elements there are."""
        return int(self.page.locator(selector).count())

    def press(self, *keys: str) -> None:
        """Press keys, the focus being in the screen."""
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def focus(self) -> None:
        """Have the keyboard's focus in the screen as a user has it: by a click beside the controls."""
        self.page.click(".tv-title")

    def focused(self) -> str:
        """What has the keyboard's focus, in words."""
        return str(self.page.evaluate(FOCUSED))

    def settle(self) -> None:
        """Wait until what moves has moved."""
        self.page.wait_for_timeout(320)

    def until(self, question: str, seconds: float = 15) -> None:
        """Ask the page until it says yes (its content policy refuses `wait_for_function`)."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(question):
            assert time.monotonic() < end, f"no yes in {seconds:g} s to: {question}"
            self.page.wait_for_timeout(50)

    def places(self) -> dict[str, list[float]]:
        """Where every drawn node stands on the page, by id."""
        script = """() => Object.fromEntries([...document.querySelectorAll(".tv-node[data-id]:not(.ctx)")].map((n) => {
          const r = n.querySelector(".tv-box").getBoundingClientRect();
          return [n.dataset.id, [r.left, r.top]];
        }))"""
        return dict(self.page.evaluate(script))

    def sound(self) -> None:
        """Nothing failed, nothing was asked of the network, no label leaves its box."""
        assert not self.errors
        assert [url for url in self.requests if not url.startswith(("file:", "blob:", "data:"))] == []
        assert self.page.evaluate(SPILLS) == []


@contextmanager
def opened(browser: Any, folder: Path, widget: Screen, theme: str = "light", width: int = 1350, height: int = 800,
           motion: str = "reduce") -> Iterator[Opened]:
    """Save a screen, open it from the file, and check at the end that it stayed sound."""
    path = folder / "screen.html"
    path.write_text(widget.to_html(), encoding="utf-8")
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion=motion, offline=True)
    try:
        screen = Opened(context.new_page())
        screen.page.goto(path.as_uri())
        screen.page.wait_for_selector(".tv[data-ready='1']", timeout=20_000)
        screen.settle()
        yield screen
        screen.sound()
    finally:
        context.close()
