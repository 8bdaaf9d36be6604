"""Style sheets and the one script of static pages, kept as the files they are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["sheet"]


@cache
def sheet(name: str) -> str:
    """The text of a file of this folder; style sheets without comments and spare space.

    >>> sheet("page.css")[:24]
    'html,body{margin:0;backg'
    """
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    if not name.endswith(".css"):
        return text
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,>]) ?|(?<=[\w-]): ", lambda m: m[1] or ":", text).strip()
