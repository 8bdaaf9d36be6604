"""Pictures that are small enough to live in a notebook or a README."""

from __future__ import annotations

from dataclasses import replace

from .drawing import View, draw
from .svg import svg
from .trace import Trace

__all__ = ["STATIC_BYTES", "picture"]

STATIC_BYTES = 150_000


def picture(trace: Trace, view: View | None = None, theme: str = "auto") -> str:
    """The SVG of a view, grouped further until it has at most `STATIC_BYTES` bytes."""
    view = view or View()
    limit = view.limit
    while True:
        text = svg(draw(trace, replace(view, limit=limit, group="auto" if limit < view.limit else view.group)), theme)
        if len(text.encode()) <= STATIC_BYTES or limit <= 8:
            return text
        limit //= 2
