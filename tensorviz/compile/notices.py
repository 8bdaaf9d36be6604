"""Say once what the user should know though the work goes on: one warning a cause, at the user's line."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

__all__ = ["warn_once"]

_PACKAGE = str(Path(__file__).parents[1])
_said: set[str] = set()


def warn_once(text: str) -> None:
    """Warn with `text` at the first line outside tensorviz, unless this process has said it already."""
    if text in _said:
        return
    _said.add(text)
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, RuntimeWarning, stacklevel=level)
