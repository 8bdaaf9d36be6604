"""Where expressions come from: the user's source lines, kept through rewriting and differentiation.

A site is (code object, line number): about a microsecond to take, text is looked up only when shown.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

import numpy as np

__all__ = ["Site", "assigned_name", "describe", "here", "inherit", "line_of", "place_of", "user_line"]

Site = tuple[CodeType, int]
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMPY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep
_local = threading.local()


def here() -> tuple[Site, ...]:
    """The nearest line outside tensorviz and NumPy, or what `inherit` says; () if there is none."""
    inherited: tuple[Site, ...] | None = getattr(_local, "sites", None)
    if inherited is not None:
        return inherited
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_OURS) and not name.startswith(_NUMPY):
            return ((frame.f_code, frame.f_lineno),)
        frame = frame.f_back
    return ()


@contextmanager
def inherit(sites: tuple[Site, ...]) -> Iterator[None]:
    """Nodes made inside get `sites` instead of the line that runs (used by rewriting and `grad`)."""
    before = getattr(_local, "sites", None)
    _local.sites = sites
    try:
        yield
    finally:
        _local.sites = before


def set_inherited(sites: tuple[Site, ...] | None) -> tuple[Site, ...] | None:
    """`inherit` for hot loops: sets and returns what was set before; pair the calls with try/finally."""
    before: tuple[Site, ...] | None = getattr(_local, "sites", None)
    _local.sites = sites
    return before


def place_of(site: Site) -> tuple[str, int]:
    """("cell 5", 2) in a notebook, ("train.py", 41) elsewhere."""
    name, line = site[0].co_filename, site[1]
    cell = _cell_number(name)
    if cell is not None:
        return f"cell {cell}", line
    return os.path.basename(name), line


def _cell_number(name: str) -> int | None:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return None
    number = getattr(getattr(shell, "compile", None), "_filename_map", {}).get(name)
    return number if isinstance(number, int) else None


def line_of(site: Site) -> str:
    """The source line, stripped; "" if it can't be had."""
    return linecache.getline(site[0].co_filename, site[1]).strip()


_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(?:\s*:[^=]+)?\s*=(?!=)(?!.*\bfunction\()")         # what compiles is not what is compiled


def assigned_name(site: Site) -> str:
    """The variable that the user's line assigns to (`h` for ``h = x @ W``), "" if it does not assign to just one."""
    found = _ASSIGNED.match(line_of(site))
    return found[1] if found else ""


def describe(site: Site) -> str:
    """``cell 5, line 2`` or ``train.py, line 41``."""
    place, line = place_of(site)
    return f"{place}, line {line}"


def user_line() -> list[str]:
    """The line of the user's program that runs, for the `at` of an error that a builder raises itself."""
    return [f"{line_of(s)}    {describe(s)}".strip() for s in here()[:1]]
