"""What the screens cost in a real browser, on a random graph of 2,000 nodes: first drawing, going to another pass, panning."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.limits import Limit, random_graph

NODES = 2_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_IDLE = "window.requestIdleCallback = () => 0"        # so that nothing is made ready
#: milliseconds from a key to the page in its new state, laid out; null if there was no pass to go to
STEP = """async (key) => {
  const at = () => document.querySelector(".tv-pass.on").dataset.index, from = at(), start = performance.now();
  document.querySelector(".tv").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  await new Promise((done) => queueMicrotask(() => queueMicrotask(done)));
  document.body.offsetHeight;
  return at() === from ? null : performance.now() - start;
}"""
#: milliseconds of each of 120 frames while one drags
PAN = """async () => {
  const graph = document.querySelector(".tv-graph"), place = graph.getBoundingClientRect(), frames = [];
  const event = (type, by) =>
    new PointerEvent(type, { clientX: place.left + 600 - by, clientY: place.top + 300 - 2 * by, button: 0, bubbles: true });
  const frame = () => new Promise(requestAnimationFrame);
  graph.querySelector("svg").dispatchEvent(event("pointerdown", 0));
  let last = await frame();
  for (let i = 1; i <= 120; i++) {
    window.dispatchEvent(event("pointermove", 3 * i));
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  window.dispatchEvent(event("pointerup", 360));
  return frames;
}"""


def chromium() -> str | None:
    """The browser on this machine, if there is one that can be driven."""
    if importlib.util.find_spec("playwright") is None:
        return None
    return next(filter(None, map(shutil.which, NAMES)), None)


def median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]


def looking() -> list[Limit]:
    """Rows for the table of limits; without a browser they say that nothing was measured."""
    what = [f"first drawing of {NODES:,} nodes", "another pass of them, the first time", "another pass, made ready",
            "panning all of them: half of the frames", "nine frames in ten"]
    goals = (1.0, 0.25, 0.05, 0.02, 0.05)
    path = chromium()
    found = _measured(path) if path else [None] * len(what)
    return [(name, value, goal, "s") for name, value, goal in zip(what, found, goals, strict=True)]


def _measured(path: str) -> list[float]:
    from playwright.sync_api import sync_playwright

    import tensorviz as tv
    from tensorviz.core.graph import inputs_of
    from tensorviz.widgets import PassExplorer

    roots = random_graph(NODES)
    function = tv.function(inputs_of(roots), roots, target="numpy", name="random")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "screen.html"
        page_file.write_text(PassExplorer(function.trace, start=-1).to_html(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page, first = _opened(browser, page_file, NO_IDLE)
        cold = _steps(page, "]]]]]]")
        page, first = _opened(browser, page_file, "")
        page.wait_for_timeout(1500)
        warm = _steps(page, "]][[]][[")
        page.click("text=Show all")
        page.wait_for_timeout(4000)
        frames = sorted(page.evaluate(PAN))
        browser.close()
    return [first, median(cold), median(warm), median(frames) / 1000, frames[len(frames) * 9 // 10] / 1000]


def _opened(browser: Any, path: Path, script: str) -> tuple[Any, float]:
    """A page with the screen, and the seconds until it was drawn."""
    page = browser.new_context(viewport={"width": 1350, "height": 800}, reduced_motion="reduce").new_page()
    page.add_init_script(script)
    page.goto(path.as_uri())
    page.wait_for_selector(".tv[data-ready='1']", timeout=60_000)
    return page, float(page.evaluate("performance.now()")) / 1000


def _steps(page: Any, keys: str) -> list[float]:
    """Seconds of each key that led to another pass; the passes beside it are made ready meanwhile, as while one looks."""
    found = []
    for key in keys:
        taken = page.evaluate(STEP, key)
        page.wait_for_timeout(900)
        found += [] if taken is None else [taken / 1000]
    return found
