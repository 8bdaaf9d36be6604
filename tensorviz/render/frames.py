"""Frames around groups that are open: drawn where they hold nothing foreign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .figures import Figure, Frame
from .fonts import text_width
from .layout import Layout

__all__ = ["frames"]

PAD = 12
LINES = 30              #: height of the name and the count under it


def frames(opened: Iterable[str], paths: Mapping[str, Sequence[str]], figures: Sequence[Figure], flow: Layout) -> list[Frame]:
    """The frames of the groups `opened`; `paths` holds the group path of each node.

    A group whose box would also hold operations of others has no frame, nor one without a free corner for its name;
    inputs and shared values belong to no group and may stand inside.
    """
    found = []
    for name in opened:
        mine = [f for f in figures if _belongs(f, name, paths)]
        if len(mine) < 2:
            continue
        rest = [f for f in figures if f not in mine and not f.leaf]
        count = sum(len(f.members) for f in mine if not f.pale)
        frame = _around(name, f"{count} nodes", mine, flow)
        foreign = any(_meets(frame.left, frame.top, frame.right, frame.bottom, f, flow) for f in rest)
        if not foreign and _place_name(frame, figures, flow):
            found.append(frame)
    return found


def _belongs(figure: Figure, name: str, paths: Mapping[str, Sequence[str]]) -> bool:
    if figure.pale:
        return name in paths.get(figure.key.rpartition("@")[2], ())
    return bool(figure.members) and all(name in paths.get(n, ()) for n in figure.members)


def _around(name: str, note: str, mine: Sequence[Figure], flow: Layout) -> Frame:
    left = min(flow.x[f.key] - f.w / 2 for f in mine) - PAD
    right = max(flow.x[f.key] + f.w / 2 for f in mine) + PAD
    top = min(flow.y[f.key] - f.h / 2 for f in mine) - PAD / 2
    bottom = max(flow.y[f.key] + f.h / 2 + (20 if f.output and not f.aside else 0) for f in mine) + PAD / 2
    return Frame(name, note, left, top, right, bottom)


def _meets(left: float, top: float, right: float, bottom: float, figure: Figure, flow: Layout) -> bool:
    x, y = flow.x[figure.key], flow.y[figure.key]
    return left < x + figure.w / 2 and x - figure.w / 2 < right and top < y + figure.h / 2 and y - figure.h / 2 < bottom


def _place_name(frame: Frame, figures: Sequence[Figure], flow: Layout) -> bool:
    """Put the name into the first free corner."""
    width = max(text_width(frame.name, 11, "bold"), text_width(frame.note, 10.5, "mono"))
    for x in (frame.left + PAD, frame.right - PAD - width):
        for y in (frame.top + 6, frame.bottom - 6 - LINES):
            if not any(_meets(x - 4, y, x + width + 4, y + LINES, f, flow) for f in figures):
                frame.x, frame.y = x, y
                return frame.left + PAD <= x
    return False
