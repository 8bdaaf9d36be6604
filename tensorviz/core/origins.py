"""Where expressions come from: the user's source lines, kept through rewriting and differentiation.

A site is (code object, line number, instruction, callers): about a microsecond to take, text is looked up only when shown.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

import numpy as np

__all__ = ["Call", "Site", "describe", "here", "inherit", "line_of", "place_of", "user_line"]

Call = tuple[CodeType, int]                                 # an instruction that runs, by its offset in the code
Site = tuple[CodeType, int, int, tuple[Call, ...]]          # code, line, instruction; the user's calls around it, nearest first
OURS, LIBRARY, USER = range(3)
CALLERS = 3                                                 # calls around a line that are kept
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMPY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep
_LIBRARIES = tuple({*(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")),
                    os.path.dirname(os.path.dirname(_NUMPY)) + os.sep})
_MADE, _PACKAGE = "<string>", __name__.partition(".")[0]    # the file of code that dataclasses write into our modules
_kinds: dict[str, int] = {}
_local = threading.local()


def _kind(file: str) -> int:
    """Whose code a file is: ours (NumPy's too), that of an installed library, or the user's."""
    kind = OURS if file.startswith((_OURS, _NUMPY)) else LIBRARY if file.startswith((*_LIBRARIES, "<frozen")) else USER
    _kinds[file] = kind
    return kind


def here() -> tuple[Site, ...]:
    """The nearest line outside tensorviz and NumPy, or what `inherit` says; () if there is none."""
    inherited: tuple[Site, ...] | None = getattr(_local, "sites", None)
    if inherited is not None:
        return inherited
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        kind = _kinds.get(code.co_filename)
        if kind is None:
            kind = _kind(code.co_filename)
        if kind != OURS and not (code.co_filename == _MADE and _is_ours(frame)):
            return ((code, frame.f_lineno, frame.f_lasti, _callers(frame, kind)),)
        frame = frame.f_back
    return ()


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE


def _callers(frame: FrameType, kind: int) -> tuple[Call, ...]:
    """The calls of the user's functions around a frame, as far as its module; what calls them from a library is left out."""
    outer: FrameType | None = frame
    calls: list[Call] = []
    code, below, kinds = frame.f_code, kind, _kinds
    while code.co_name != "<module>" and len(calls) < CALLERS:
        outer = outer.f_back  # type: ignore[union-attr]
        if outer is None:
            break
        code = outer.f_code
        kind = kinds.get(code.co_filename, -1)
        if kind < 0:
            kind = _kind(code.co_filename)
        if kind == OURS:
            continue
        if kind < below:                        # a library that calls the user: a test runner, an interactive shell
            break
        calls.append((code, outer.f_lasti))
        below = kind
    found = tuple(calls)
    last: tuple[Call, ...] = getattr(_local, "callers", ())
    if found == last:                           # as of the node before: one object for all of them
        return last
    _local.callers = found
    return found


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


def describe(site: Site) -> str:
    """``cell 5, line 2`` or ``train.py, line 41``."""
    place, line = place_of(site)
    return f"{place}, line {line}"


def user_line() -> list[str]:
    """The line of the user's program that runs, for the `at` of an error that a builder raises itself."""
    return [f"{line_of(s)}    {describe(s)}".strip() for s in here()[:1]]
