"""Colours for code: spans by kind of word, one `<span class="l">` a line, made in Python so that no page needs a highlighter."""

from __future__ import annotations

import re
from html import escape

__all__ = ["coloured"]

_WORD = re.compile(r"(?P<c>/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*)|(?P<s>\"(?:[^\"\\\n]|\\.)*\")"
                   r"|(?P<k>\b(?:void|const|float|double|long|int|short|char|unsigned|signed|for|if|else|while|do|return|static|restrict|inline|struct|enum"
                   r"|typedef|extern|_Bool|i64|u64|size_t|break|continue|__kernel|__global|__local|bool|uchar|uint|ulong|ushort)\b)"
                   r"|(?P<d>\b\d[\d.]*(?:e[+-]?\d+)?[a-zA-Z]*\b)", re.S | re.M)


def coloured(source: str) -> str:
    """C or OpenCL C as HTML: comments `c`, strings `s`, keywords `k`, numbers `d`; every line carries its number in `data-n`."""
    parts: list[str] = []
    at = 0
    for m in _WORD.finditer(source):
        parts.append(escape(source[at:m.start()]))
        kind = m.lastgroup
        parts.append("\n".join(f'<i class="{kind}">{escape(line)}</i>' if line else "" for line in m.group().split("\n")))
        at = m.end()
    parts.append(escape(source[at:]))
    lines = "".join(parts).split("\n")
    return "".join(f'<span class="l" data-n="{n}">{line}\n</span>' for n, line in enumerate(lines, 1))
