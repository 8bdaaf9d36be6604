"""From a trace to a drawing: which nodes are shown, how they are written, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from . import units
from .diff import Edge, Union, union
from .figures import Badge, Drawing, Figure, Link, change_badges, figure_box, ghost, group_figure, node_figure
from .fit import fit
from .frames import frames
from .groups import Group, closed_regions, group_nodes, neighbourhood
from .heat import Scale, node_values
from .layout import Layout, layout, rank_boxes
from .names import clipped
from .trace import Node, Run, State, Trace

__all__ = ["STATIC_NODES", "View", "draw"]

FAR, FAR_TALL = 4, 2    #: a leaf read so many ranks below its first reader is repeated beside the reader
TURNS = 4               #: how often what moved is looked at again
FAR_RESULT = 6          #: a result read so many ranks below it is repeated too
STATIC_NODES = 200      #: nodes of a static picture that are drawn without groups
ROOM = (32, 11, 8)      #: boxes, ranks and boxes on a rank that one looks at without zooming
COMPACT, TALL = 18, 40  #: space between ranks


@dataclass(slots=True)
class View:
    """What a picture is to show of a trace."""

    step: int = -1                      #: state after so many events; -1 the last
    before: int | None = None           #: lay that state under it and mark the changes
    heat: str = ""                      #: "time", "bytes" or "flops"
    run: Run | None = None              #: measured times; None means the first run of the trace, if any
    group: str = "auto"                 #: auto | fit | none | kernel | path | runs
    room: tuple[int, int, int] = ROOM   #: boxes, ranks, boxes on a rank that fit; more are closed into groups where it says "fit"
    opened: list[str] = field(default_factory=list)     #: groups that stay open: by name, by key where it says "fit"
    closed: list[str] = field(default_factory=list)     #: keys of groups that stay closed
    around: list[str] = field(default_factory=list)     #: only these nodes and what is within two ranks
    matched: list[str] = field(default_factory=list)    #: nodes matched by a rule
    limit: int = STATIC_NODES           #: more nodes than these are grouped
    tall: bool | None = None            #: two-line nodes; None means up to five operations
    title: str = ""
    seed: Layout | None = None          #: earlier layout to keep


def draw(trace: Trace, view: View | None = None) -> Drawing:
    """Draw a state of a trace, or the difference of two.

    >>> from tensorviz.render.trace import Node
    >>> x, y = Node("n0", "input", kind="input", name="x"), Node("n1", "exp", inputs=["n0"])
    >>> picture = draw(Trace(records=[x, y], initial=[0, 1], outputs=["n1"]))
    >>> [figure.words() for figure in picture.figures]
    ['x, scalar', 'exp, scalar, output']
    """
    view = view or View()
    after = trace.state(view.step)
    before = after if view.before is None else trace.state(view.before)
    scene = union(before, after)
    whole = len(scene.nodes)
    if view.around:
        scene = _only(scene, neighbourhood(scene, view.around))
    sketch = _Sketch(trace, scene, view)
    sketch.add_figures(_closed(scene, view, trace))
    sketch.add_links()
    sketch.repeat_far()
    sketch.name_outputs()
    scale = sketch.add_heat(after) if view.heat and view.before is None else None
    sketch.add_badges()
    drawing = sketch.placed()
    drawing.scale = scale
    drawing.total = whole
    drawing.inside = len(scene.nodes) - drawing.shown - drawing.grouped
    return drawing


def _closed(scene: Union, view: View, trace: Trace) -> list[Group]:
    """The groups that are drawn as one."""
    if view.group != "fit":
        return group_nodes(scene, view.group, view.limit, trace.kernels, view.opened)
    groups = closed_regions(scene, fit(scene, view.room, view.opened, view.closed))
    if len(scene.nodes) - sum(len(g.members) - 1 for g in groups) <= view.limit:
        return groups
    return group_nodes(scene, "auto", view.limit, trace.kernels)


def _only(scene: Union, names: set[str]) -> Union:
    return Union({n: node for n, node in scene.nodes.items() if n in names},
                 {n: c for n, c in scene.change.items() if n in names},
                 [e for e in scene.edges if e.source in names and e.target in names], [o for o in scene.outputs if o in names])


def _listed(names: list[str]) -> str:
    """Three names at most: ``W1', b1', W2' and 5 more``."""
    more = len(names) - 3
    return ", ".join(map(clipped, names[:3])) + (f" and {more} more" if more > 0 else "")


def _size(node: Node) -> int:
    digits = "".join(c for c in node.dtype if c.isdigit())
    return prod(64 if n is None else n for n in node.shape) * (int(digits) // 8 if digits else 1)


class _Sketch:
    """The drawing while it is made."""

    def __init__(self, trace: Trace, scene: Union, view: View) -> None:
        self.trace, self.scene, self.view = trace, scene, view
        self.figures: dict[str, Figure] = {}
        self.home: dict[str, str] = {}          # node id -> key of the figure that shows it
        self.links: list[Link] = []
        self.run = view.run or (trace.profile.runs[0] if trace.profile.runs else None)
        self.reads: dict[str, list[str]] = {}
        for edge in scene.edges:
            self.reads.setdefault(edge.source, []).append(edge.target)

    def add_figures(self, groups: list[Group]) -> None:
        """One figure for each node or closed group; scalar constants go inside their readers."""
        part = {n: i for i, group in enumerate(groups) for n in group.members}
        self._absorb_constants(groups, part)
        tall = self.view.tall
        if tall is None:
            tall = not any(g.key for g in groups) and \
                sum(n.kind == "op" for n in self.scene.nodes.values()) - sum(len(g.members) - 1 for g in groups) <= 5
        kernels = {n: k.name for k in self.trace.kernels for n in k.nodes} if self.view.group == "kernel" else {}
        made: set[int] = set()
        for name, node in self.scene.nodes.items():
            if name not in part:
                if self._written_inside(name):
                    continue
                figure = self._plain(node, kernels.get(name, ""))
            elif part[name] in made:
                continue
            else:
                made.add(part[name])
                figure = self._closed(groups[part[name]])
            figure.tall = tall and not figure.leaf
            if figure.tall and figure.kind == "op" and not figure.type:
                figure.type = node.shape_text()
            figure.change = self._change(figure.members)
            figure.matched = any(n in self.view.matched for n in figure.members)
            self.figures[figure.key] = figure
            for member in figure.members:
                self.home[member] = figure.key

    def _absorb_constants(self, groups: list[Group], part: dict[str, int]) -> None:
        for name, node in self.scene.nodes.items():
            readers = {part.get(r, -1) for r in self.reads.get(name, ())}
            if node.kind not in ("constant", "shared") or name in part or len(readers) != 1 or readers == {-1}:
                continue
            at = readers.pop()
            if node.kind == "constant" or groups[at].key:
                groups[at].members.insert(0, name)
                groups[at].text = ""            # more is in it than its operations
                part[name] = at

    def _written_inside(self, name: str) -> bool:
        node = self.scene.nodes[name]
        return node.kind == "constant" and not node.shape and name not in self.scene.outputs and name in self.reads

    def _plain(self, node: Node, kernel: str = "") -> Figure:
        """A node as itself; where kernels are drawn, one that is a kernel alone has the kernel's name."""
        inside: dict[int, str] = {}
        first = None
        for i, name in enumerate(node.inputs):
            other = self.scene.nodes.get(name)
            if other is not None and self._written_inside(name):
                inside[i] = other.value or other.name
            elif first is None:
                first = other
        return node_figure(node, inside, first, kernel=kernel)

    def _closed(self, group: Group) -> Figure:
        inside = set(group.members)
        results = [self.scene.nodes[n] for n in group.members
                   if n in self.scene.outputs or any(r not in inside for r in self.reads.get(n, ()))]
        count = [n for n in group.members if self.scene.nodes[n].kind == "op"] or group.members
        text = group.text or units.counted(len(group.members), "node")
        figure = group_figure(Group(group.name, count, group.kernel, group.key, text), results)
        figure.members = list(group.members)
        figure.badges += change_badges([self.scene.change.get(n, "") for n in group.members])
        return figure

    def _change(self, members: list[str]) -> str:
        """How a figure changed; where only some of a group did, its badges say so."""
        found = {self.scene.change.get(n, "") for n in members}
        return found.pop() if len(found) == 1 else ""

    def add_links(self) -> None:
        """One link for each argument; between groups one for each pair."""
        sizes = {n: _size(node) for n, node in self.scene.nodes.items()}
        drawn = [e for e in self.scene.edges if e.source in self.home and self.home[e.source] != self.home[e.target]]
        heavy = sorted((sizes[e.source] for e in drawn), reverse=True)
        limit = heavy[max(0, len(heavy) // 5 - 1)] if heavy else 0
        seen: dict[tuple[str, str, str], Link] = {}
        for edge in drawn:
            link = self._link(edge, sizes[edge.source] >= limit)
            simple = all(self.figures[k].kind != "group" for k in (link.source, link.target))
            key = (link.source, link.target, link.change)
            if key in seen and not simple:
                seen[key].width = max(seen[key].width, link.width)
                continue
            seen[key] = link
            self.links.append(link)

    def _link(self, edge: Edge, heavy: bool) -> Link:
        node = self.scene.nodes[edge.source]
        width = 1 if len(node.shape) < 2 else 3 if heavy else 2
        return Link(self.home[edge.source], self.home[edge.target], width, edge.change, node.dtype == "state", edge.source)

    def repeat_far(self) -> None:
        """What is read far below gets a pale twin beside that reader; a result with one reader moves there itself."""
        for turn in range(TURNS):
            far = self._far_links(turn)
            if not far:
                break
            for link in far:
                figure = self.figures[link.source]
                twin = f"{figure.key}@{link.target}"
                if twin not in self.figures:
                    self.figures[twin] = ghost(figure, self.scene.nodes[link.node], link.target)
                link.source = twin

    def _far_links(self, turn: int) -> list[Link]:
        number = {key: i for i, key in enumerate(self.figures)}
        seed = self.view.seed
        wish = None if seed is None else [seed.rank.get(key) for key in self.figures]
        ends = [(number[link.source], number[link.target], "") for link in self.links]
        rank = rank_boxes(len(number), ends, wish)
        nearest: dict[int, int] = {}
        leaving: dict[str, int] = {}
        entering: dict[str, list[Link]] = {}
        for link, (u, v, _) in zip(self.links, ends, strict=True):
            nearest[u] = min(nearest.get(u, rank[v]), rank[v])
            leaving[link.source] = leaving.get(link.source, 0) + 1
            entering.setdefault(link.target, []).append(link)
        limit = FAR_TALL if any(f.tall for f in self.figures.values()) else FAR
        far: dict[int, Link] = {}
        work: list[Link] = []
        for link, (u, v, _) in zip(self.links, ends, strict=True):
            figure = self.figures[link.source]
            if figure.leaf:
                away = turn == 0 and rank[v] - nearest[u] >= limit
            else:
                away = rank[v] - rank[u] >= FAR_RESULT
            if seed and f"{figure.key}@{link.target}" in seed.rank:
                far[id(link)] = link
            elif away and not figure.pale:
                work.append(link)
        moved: set[str] = set()
        while work:
            link = work.pop()
            figure = self.figures[link.source]
            if figure.kind == "op" and leaving[link.source] == 1:
                if link.source in moved:
                    continue
                moved.add(link.source)
                work += [k for k in entering.get(link.source, ()) if not self.figures[k.source].pale]
            else:
                far[id(link)] = link
        return [link for link in self.links if id(link) in far]

    def name_outputs(self) -> None:
        """Darker outline and names; aside where edges leave below."""
        names: dict[str, list[str]] = {}
        for i, output in enumerate(self.scene.outputs):
            if output in self.home:
                name = self.trace.output_names[i] if i < len(self.trace.output_names) and self._still_output(output) else ""
                names.setdefault(self.home[output], []).append(name)
        read = {link.source for link in self.links}
        for key, given in names.items():
            figure = self.figures[key]
            figure.is_output = True
            figure.output = _listed([n for n in given if n])
            figure.aside = key in read

    def _still_output(self, name: str) -> bool:
        return self.scene.change.get(name) != "rem"

    def add_heat(self, state: State) -> Scale | None:
        """Colour by time, bytes or operations; leaves stay plain."""
        values, title, text = node_values(self.trace, state, self.view.heat, self.run)
        own = {f.key: sum(values.get(n, 0.0) for n in f.members) for f in self.figures.values() if not f.leaf}
        scale = Scale.over(own.values(), title, text)
        for key, value in own.items():
            if scale is not None and value > 0:
                self.figures[key].heat = scale.step(value)
                self.figures[key].badges.insert(0, Badge(scale.text(value)))
        return scale

    def add_badges(self) -> None:
        """What hangs below a figure: at most two, the most telling first."""
        place = {b.node for b in self.trace.buffers if b.in_place}
        views = {b.node for b in self.trace.buffers if b.role == "view"}
        slow = {n for k in self.trace.kernels if k.kind == "python" for n in k.nodes}
        last = self.view.step in (-1, len(self.trace.events)) and self.view.before is None
        for figure in self.figures.values():
            for found, word in ((place, "in place"), (views, "view"), (slow, "numpy")):
                if last and not figure.leaf and any(n in found for n in figure.members):
                    figure.badges.append(Badge(word))
            del figure.badges[3 if any(b.kind in ("add", "rem", "chg") for b in figure.badges) else 2:]

    def placed(self) -> Drawing:
        """The drawing with its layout."""
        figures = list(self.figures.values())
        boxes = [figure_box(f) for f in figures]
        tall = any(f.tall for f in figures)
        ends = [(link.source, link.target, link.change) for link in self.links]
        flow = layout(boxes, ends, TALL if tall else COMPACT, self.view.seed)
        closed = [f for f in figures if f.kind == "group"]
        inside = sum(len(f.members) for f in closed)
        around = frames(self.view.opened, {n: node.group for n, node in self.scene.nodes.items()}, figures, flow)
        shown = sum(f.kind != "group" and not f.repeats for f in figures)
        return Drawing(self.view.title, figures, self.links, flow, around, shown=shown, grouped=inside, groups=len(closed))
