"""A real JupyterLab with folders of its own, driven by a browser: start it, open a notebook, run its cells."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")

# The toolbar says "idle" before there is a kernel; running cells then opens a dialog and everything hangs: ask the notebook.
KERNEL_READY = """async () => {
  const notebook = window.jupyterapp?.shell.currentWidget;
  if (!notebook?.context) return false;
  await notebook.context.ready;
  await notebook.sessionContext.ready;
  return notebook.sessionContext.session?.kernel?.status === "idle";
}"""
ALL_RAN = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.filter(cell => cell.cell_type === "code");
  return cells.every(cell => cell.execution_count !== null);
}"""
ERRORS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.filter(cell => cell.cell_type === "code");
  return cells.flatMap(cell => cell.outputs.filter(out => out.output_type === "error").map(out => out.ename + ": " + out.evalue));
}"""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def notebook(cells: list[str]) -> dict[str, Any]:
    """A notebook of code cells that have not run."""
    blank = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    return {
        "cells": [{**blank, "id": f"c{number}", "source": source} for number, source in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def wait(page: Any, question: str, seconds: float) -> None:
    """Ask a page until it says yes (an async question is awaited, which wait_for_function does not do)."""
    end = time.monotonic() + seconds
    while not page.evaluate(question):
        if time.monotonic() > end:
            raise TimeoutError(f"no yes in {seconds:g} s to: {question}")
        page.wait_for_timeout(50)


class Lab:
    """A JupyterLab server below `folder`; notebooks go to `folder / "work"`, and are opened as pages of `browser`."""

    def __init__(self, folder: Path, browser: Any) -> None:
        self.work = folder / "work"
        self.browser, self.token, self.port = browser, secrets.token_hex(8), free_port()
        self.complaints: list[str] = []
        places = {name: folder / name.lower() for name in FOLDERS}
        for place in (self.work, *places.values()):
            place.mkdir(parents=True)
        settings = places["JUPYTER_CONFIG_DIR"] / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={self.port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.work}",
            "--LabApp.expose_app_in_browser=True",
        ]
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        env = os.environ | {name: str(place) for name, place in places.items()} | {"PYTHONPATH": paths}
        self.log = (folder / "lab.log").open("w+")
        self.process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def wait_until_up(self, seconds: float = 90) -> None:
        """Wait for the server to answer; what it said is the error if it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/status?token={self.token}", timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        self.log.seek(0)
        raise RuntimeError("JupyterLab did not start:\n" + self.log.read()[-2000:])

    def open(self, name: str, cells: list[str], theme: str = "light") -> Any:
        """A page with a notebook of these code cells, its kernel idle; complaints of the page gather in `complaints`."""
        (self.work / f"{name}.ipynb").write_text(json.dumps(notebook(cells)))
        page = self.browser.new_context(viewport={"width": 1400, "height": 1000}, color_scheme=theme).new_page()
        here = (f"http://127.0.0.1:{self.port}/", f"ws://127.0.0.1:{self.port}/", "data:", "blob:")
        page.on("request", lambda request: None if request.url.startswith(here) else self.complaints.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"http://127.0.0.1:{self.port}/lab/tree/{name}.ipynb?token={self.token}&reset")
        wait(page, KERNEL_READY, 60)
        change = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme: `JupyterLab ${theme}` })"
        page.evaluate(change, theme.capitalize())       # the server keeps the theme of the page before
        return page

    def run(self, page: Any, seconds: float = 120) -> list[str]:
        """Run all cells and wait until each has run; returns the errors that cells raised."""
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        wait(page, f"() => ({ALL_RAN})() || ({ERRORS})().length > 0", seconds)
        return list(page.evaluate(ERRORS))

    def stop(self) -> None:
        """End the server; it shuts its kernels down."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # a server that was stopped while a kernel began can wait for it for ever
            self.process.kill()
            self.process.wait()
        self.log.close()
