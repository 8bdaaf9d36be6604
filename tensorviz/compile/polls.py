"""Polls in kernels that run in one go (reductions over everything or over columns), so that Ctrl-C gets through them."""

from __future__ import annotations

import re

from .emit import Line

__all__ = ["with_polls"]

_LOOP = re.compile(r"( +)for \(i64 \w+ = [^;]+; \w+ < ([^;]+); (\w+)(\+\+| \+= (\d+))\)")


def with_polls(lines: list[Line]) -> list[Line]:
    """The lines of a C kernel with a poll in each loop around an innermost loop; the same lines if there is none.

    Such a kernel takes the call as its last argument. It counts elements, and asks the clock after a million.
    """
    found = [_LOOP.match(text) for text, _ in lines]
    around: dict[int, str] = {}                 # number of a loop's line -> elements of the innermost loop in it
    stack: list[tuple[int, int]] = []           # (indent, number) of the loops that are open
    for k, m in enumerate(found):
        text = lines[k][0]
        if m is None or not text.strip():
            continue
        indent = len(m[1])
        while stack and stack[-1][0] >= indent:
            stack.pop()
        inner = next((f for f in found[k + 1:_end(lines, k, indent)] if f is not None), None)
        if inner is None and stack:
            outer = found[stack[-1][1]]
            around.setdefault(stack[-1][1], outer[5] if outer is not None and outer[5] else m[2])
        stack.append((indent, k))
    if not around:
        return lines
    result: list[Line] = []
    for k, (text, nodes) in enumerate(lines):
        if text.startswith("TV_KERNEL ") and text.endswith(")"):
            text = text.removesuffix(")") + ", tv_call *call)"
        result.append((text, nodes))
        if text == "{":
            result.append(("    i64 patience = TV_PATIENCE;", ()))
        if k in around:
            result.append((f"{' ' * len(found[k][1])}    TV_POLL({around[k]});", ()))  # type: ignore[index]
    return result


def _end(lines: list[Line], k: int, indent: int) -> int:
    """The number of the line that closes the loop at line k."""
    closing = " " * indent + "}"
    return next((j for j in range(k + 1, len(lines)) if lines[j][0] == closing), len(lines))
