"""What tests share: a build cache of their own, and skips that say which package is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# The same examples in every run: a failure in CI is a failure at home. Time limits mislead on shared machines.
settings.register_profile("tensorviz", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tensorviz")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew: read the difference as code")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in the folder `golden` beside the test, or write it with ``--update-golden``."""
    folder = request.path.parent / "golden"

    def compare(name: str, text: str) -> None:
        if request.config.getoption("--update-golden"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        assert text == (folder / name).read_text(encoding="utf-8")

    return compare


@pytest.fixture(autouse=True)
def built_soon(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests of what expressions mean (tests/core, tests/features) have their C built without optimisation: that halves their time.

    Those of generated code (tests/compile, tests/random, tests/rewrite, ...) have it as users do.
    """
    from tensorviz import config

    before = config.cflags
    if {"core", "test_features.py"} & set(request.path.parts):
        config.cflags = "-O0"
    yield
    config.cflags = before


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled kernels of tests out of the user's cache (unless the caller named one), and let Ctrl-C through.

    A shell makes what it starts in the background ignore Ctrl-C, and all that it starts in turn: some tests send it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TENSORVIZ_CACHE_DIR" not in os.environ:
        folder = ROOT / ".pytest_cache" / "tensorviz"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ["TENSORVIZ_CACHE_DIR"] = str(folder)


def chromium() -> str | None:
    """The browser on this machine, or None; `TENSORVIZ_BROWSER` names another one."""
    named = os.environ.get("TENSORVIZ_BROWSER")
    found = [named] if named else [*map(shutil.which, BROWSERS), *(p for p in MAC_BROWSERS if Path(p).exists())]
    return next((path for path in found if path), None)


def opencl_missing() -> str:
    """Why OpenCL tests cannot run here; empty where they can."""
    if importlib.util.find_spec("pyopencl") is None:
        return "no pyopencl: pip install tensorviz[opencl]"
    import pyopencl

    try:
        devices = [d for platform in pyopencl.get_platforms() for d in platform.get_devices()]
    except pyopencl.LogicError:
        devices = []
    return "" if devices else "no OpenCL device: install the Debian package pocl-opencl-icd"


def browser_missing() -> str:
    """Why browser tests cannot run here; empty where they can."""
    if importlib.util.find_spec("playwright") is None:
        return "no playwright: pip install tensorviz[test]"
    return "" if chromium() else "no browser: install the Debian package chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine has no device or browser for, and say what to install."""
    for marker, missing in (("opencl", opencl_missing), ("browser", browser_missing)):
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = missing() if marked else ""
        for item in marked if reason else ():
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for the session."""
    if reason := browser_missing():
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Containers run as root, and their /dev/shm is small.
        process = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield process
        process.close()


@pytest.fixture(scope="session")
def node() -> str:
    """A Node.js to run the pure parts of our JavaScript: the system's, or the one inside the playwright wheel."""
    found = shutil.which("node")
    if not found and (spec := importlib.util.find_spec("playwright")) and spec.origin:
        bundled = Path(spec.origin).parent / "driver" / "node"
        found = str(bundled) if bundled.exists() else None
    if not found:
        pytest.skip("no node: install the Debian package nodejs, or playwright")
    return found


@pytest.fixture(scope="session")
def lab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One JupyterLab for the session (tests/browser/lab.py): `lab.open(name, cells)`, `lab.run(page)`, `lab.complaints`."""
    from tests.browser.lab import Lab

    server = Lab(tmp_path_factory.mktemp("lab"), browser)
    try:
        server.wait_until_up()
        yield server
    finally:
        server.stop()
