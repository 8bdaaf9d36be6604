"""Takes the pictures of the README: `python docs/pictures.py` (needs Chromium and the extra `test`).

The two screens on the digits network, light and dark, and the graph that runs as SVG with measured times.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).with_name("pictures")
WIDTH, HEIGHTS = 1350, {"explorer": 900, "stepper": 760}


def pages(folder: Path) -> dict[str, Path]:
    """The screens as pages, made from the digits network."""
    sys.path.insert(0, str(ROOT / "examples"))
    import digits

    import tensorviz as tv

    step, _ = digits.compile_network()
    explorer, stepper = step.explore(), tv.RewriteStepper(step, start="log_of_softmax")
    names = [p.name for p in step.trace.passes]
    explorer.pass_index = names.index("stabilise")
    found = {}
    for name, screen in (("explorer", explorer), ("stepper", stepper)):
        found[name] = folder / f"{name}.html"
        found[name].write_text(screen.to_html(), encoding="utf-8")
    return found


def shoot(browser: Browser, name: str, page_file: Path, theme: str) -> None:
    """One picture of one page."""
    size = {"width": WIDTH, "height": HEIGHTS[name]}
    page = browser.new_page(viewport=size, color_scheme=theme, device_scale_factor=1)
    page.goto(page_file.as_uri())
    page.wait_for_selector("[data-ready='1']")
    page.wait_for_timeout(600)
    page.locator(".tv-screen").first.screenshot(path=FOLDER / f"{name}-{theme}.png")
    page.close()


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, page_file in pages(Path(folder)).items():
            for theme in ("light", "dark"):
                shoot(browser, name, page_file, theme)
        browser.close()


if __name__ == "__main__":
    main()
