"""What is drawn: figures (nodes, groups, leaves), links and the drawing that holds them; and what is written on a figure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import units
from .fonts import box_width, text_width
from .groups import Group
from .heat import Scale
from .layout import Box, Layout
from .names import OPERANDS, brief, clipped, operand
from .trace import Node

__all__ = ["Badge", "Drawing", "Figure", "Frame", "Link", "change_badges", "figure_box", "ghost", "group_figure",
           "node_figure", "type_change"]

GAP = "\u00a0\u00a0"
EITHER_WAY = {"add", "mul", "maximum", "minimum", "equal", "not_equal", "and", "or", "xor"}    # by brief name


@dataclass(slots=True)
class Badge:
    """A short word hanging from a figure: a time, ``9 fused``, ``in place``."""

    text: str
    kind: str = "info"              #: info | warn | add | rem | chg


@dataclass(slots=True)
class Figure:
    """One box of a picture."""

    key: str                        #: unique in the drawing; the node's id, "n1@n7" for a leaf repeated beside n7
    id: str                         #: id of the node, or of the group's last node
    kind: str = "op"                #: op | input | shared | constant | group | value (a named result, repeated far below)
    family: str = "elementwise"
    label: str = ""                 #: name of the op, the variable, the value, clipped where it is long
    full: str = ""                  #: the whole name if it is clipped
    note: str = ""                  #: parameter and constants inside: "axis 1", "−1/512"
    type: str = ""                  #: as far as it is shown: "512×10"
    badges: list[Badge] = field(default_factory=list)
    change: str = ""                #: add | rem | chg
    heat: int | None = None         #: 0 to 8
    pale: bool = False              #: context only
    output: str = ""                #: names of the outputs it is
    is_output: bool = False
    aside: bool = False             #: the output's name stands to the right, not below
    tall: bool = False              #: two lines
    matched: bool = False           #: matched by the rule
    members: list[str] = field(default_factory=list)    #: ids that this figure stands for
    repeats: str = ""               #: key of the figure whose pale twin it is
    w: int = 0
    h: int = 24

    @property
    def leaf(self) -> bool:
        """Whether it is a pill: an input, a shared value, a constant or a repeated result."""
        return self.kind in ("input", "shared", "constant", "value")

    def words(self) -> str:
        """The figure in words, for readers of the screen: ``gemm, 784×10, 119 µs, in place``."""
        change = {"add": "added", "rem": "removed", "chg": "rewired"}.get(self.change, "")
        output = f"output {self.output}".strip() if self.is_output else ""
        parts = [self.full or self.label, self.note, self.type, *(b.text for b in self.badges), output, change]
        return ", ".join(p.replace("\u00a0", " ") for p in parts if p)


@dataclass(slots=True)
class Link:
    """An edge between two figures."""

    source: str
    target: str
    width: int = 1                  #: 1 scalar or vector, 2 matrix, 3 the largest fifth
    change: str = ""                #: add | rem
    state: bool = False             #: carries random or loop state
    node: str = ""                  #: id of the node whose value it carries


@dataclass(slots=True)
class Frame:
    """A rounded frame around an open group, with its name in a free corner."""

    name: str
    note: str                       #: "7 nodes"
    left: float
    top: float
    right: float
    bottom: float
    x: float = 0.0                  #: where its name starts
    y: float = 0.0                  #: top of its name


@dataclass(slots=True)
class Drawing:
    """Everything a picture shows, with its place."""

    title: str = ""
    figures: list[Figure] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    layout: Layout = field(default_factory=Layout)
    frames: list[Frame] = field(default_factory=list)
    scale: Scale | None = None      #: of the heat, if there is any
    shown: int = 0                  #: nodes drawn as themselves
    inside: int = 0                 #: scalar constants written inside their readers
    total: int = 0                  #: nodes there are
    grouped: int = 0                #: nodes inside closed groups
    groups: int = 0

    def count_text(self) -> str:
        """How much is shown: ``Showing 18 of 25 nodes, 7 in a group``.

        Every operation, input, shared value and constant is a node: boxes, what is in groups and the constants that are
        written inside their readers add up to all there are.
        """
        grouped = "a group" if self.groups == 1 else f"{self.groups} groups"
        if self.grouped == self.total and self.grouped:
            return f"Showing {units.count(self.total)} nodes in {grouped}"
        if self.shown + self.inside == self.total:
            text = f"Showing {'all ' if self.total > 1 else ''}{units.counted(self.total, 'node')}"
        else:
            text = f"Showing {units.count(self.shown)} of {units.counted(self.total, 'node')}"
        text += f", {units.count(self.grouped)} in {grouped}" if self.grouped else ""
        if not self.inside:
            return text
        whose = "its readers" if self.inside == 1 else "their readers"
        return f"{text}, {units.counted(self.inside, 'constant')} inside {whose}"


def type_change(node: Node, first: Node | None) -> str:
    """The type as far as it differs from the first input's: shape where that changes, dtype where that changes."""
    if first is None or node.dtype != first.dtype:
        return node.type_text()
    return node.shape_text() if node.shape != first.shape else ""


def node_figure(node: Node, inside: dict[int, str], first: Node | None, pale: bool = False, kernel: str = "") -> Figure:
    """The figure of one node; `inside` holds the constants written in it by argument number, `kernel` replaces the op's name."""
    figure = Figure(node.id, node.id, node.kind, node.family, members=[node.id], pale=pale)
    if node.kind == "constant":
        figure.label = node.value.replace("-", "−") or node.name or "constant"
        figure.type = "" if not node.shape or figure.label == node.type_text() else node.type_text()
    elif node.kind != "op":
        figure.label = node.name or node.kind
        figure.type = "" if pale else node.type_text()
    else:
        figure.label = kernel or brief(node.op)
        figure.note = GAP.join(t for t in (_param(node), _constants(node, inside)) if t)
        figure.type = type_change(node, first)
    return _clip(figure)


def _clip(figure: Figure) -> Figure:
    short = clipped(figure.label)
    if short != figure.label:
        figure.label, figure.full = short, figure.label
    return figure


def ghost(figure: Figure, node: Node, target: str) -> Figure:
    """The pale twin of a figure beside a reader far below: a pill with the name that the value has, else the word of the op."""
    key = f"{figure.key}@{target}"
    if figure.leaf:
        twin = node_figure(node, {}, None, pale=True)
    elif figure.kind == "group" or node.name:
        twin = Figure("", "", "value", "leaf", clipped(figure.label if figure.kind == "group" else node.name), pale=True)
    else:
        twin = Figure("", "", "op", node.family, figure.label, pale=True)
    twin.key, twin.id, twin.members, twin.repeats = key, figure.id, list(figure.members), figure.key
    return twin


def _param(node: Node) -> str:
    """What the type beside it does not say."""
    words = node.param.removesuffix("keepdims").strip()
    return "" if words == node.dtype else re.sub(r"-(?=\d)", "−", words)


def _constants(node: Node, inside: dict[int, str]) -> str:
    if not inside:
        return ""
    inside = {i: value.replace("-", "−") for i, value in inside.items()}
    if brief(node.op) in EITHER_WAY or list(inside) == [len(node.inputs) - 1] == [1]:
        return " ".join(inside.values())
    if node.op in OPERANDS:
        said = ((operand(node.op, i), value) for i, value in inside.items())
        return ", ".join(f"{name} {value}".strip() for name, value in said if name is not None)
    return ", ".join(inside.get(i, "·") for i in range(len(node.inputs)))


def group_figure(group: Group, results: list[Node]) -> Figure:
    """The figure of a closed group; `results` are its nodes that are read outside."""
    figure = Figure(group.key or group.members[-1], group.members[-1], "group", "fused", group.name, members=list(group.members))
    count = len(group.members)
    if group.kernel:
        types = dict.fromkeys(n.shape_text() for n in results)
        figure.type = ", ".join(list(types)[:2])
        figure.badges.append(Badge(f"{count} fused"))
    else:
        figure.type = group.text or f"{count} nodes"
    return _clip(figure)


def change_badges(changes: list[str]) -> list[Badge]:
    """What changed inside a group: ``−1``, ``+2``, ``~3``, the first rightmost; nothing if all of it changed alike."""
    if len(set(changes)) < 2:
        return []
    return [Badge(f"{sign}{changes.count(kind)}", kind) for kind, sign in (("chg", "~"), ("rem", "−"), ("add", "+"))
            if kind in changes]


def figure_box(figure: Figure) -> Box:
    """Set the figure's size from its text and return the box to place."""
    detail = GAP.join(t for t in (figure.note, figure.type) if t)
    mono = text_width(detail, 10.5, "mono")
    if figure.kind == "constant":
        name = text_width(figure.label, 11.5, "mono")
    elif figure.leaf:
        name = text_width(figure.label, 15, "math")
    else:
        name = text_width(figure.label, 12, "bold")
    if figure.leaf:
        ends = 26 if figure.kind == "shared" else 22
        figure.w = box_width(ends + name + (8 + mono if detail else 0))
    elif figure.tall:
        figure.h = 42 if figure.badges else 40
        figure.w = box_width(26 + max(name, mono) + 12)
    else:
        figure.w = box_width(26 + name + (8 + mono if detail else 0) + 9)
    badges = sum(badge_width(b) + 3 for b in figure.badges)
    label = text_width(figure.output, 10.5, "mono") if figure.output else 0.0
    figure.w = max(figure.w, box_width(badges + 12), 0 if figure.aside else box_width(label))
    card = 4 if figure.kind == "group" else 0
    hang = 10 if figure.badges else card
    below = hang + (18 if figure.output and not figure.aside else 0)
    right = card + (box_width(label + 8) if figure.output and figure.aside else 0)
    return Box(figure.key, figure.w, figure.h, below, right)


def badge_width(badge: Badge) -> int:
    """Width of a badge in pixels."""
    return int(text_width(badge.text, 10, "bold") + 10)
