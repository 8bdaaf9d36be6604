"""Expressions and graphs as text: a formula on one line, or one line a node that `parse` reads back exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any

import numpy as np

from .expr import Expr, constant_op, value_of, variable_op
from .graph import Graph, topological
from .latex_forms import stop_of
from .listing import graph_text, value_text
from .op import Op
from .types import TensorType

__all__ = ["Formula", "Piece", "ends", "name_text", "text", "text_of_call"]

Piece = tuple[str, int]             # printed text and how strongly it binds
Names = Callable[[Expr], str | None]
UNARY, POW, CMP, ATOM = 70, 80, 30, 100
MANY = 16                           # a call with more arguments is abbreviated in formulas


def text(thing: Any, width: int = 100, lines: int | None = 40, depth: int | None = None, names: Names | None = None) -> str:
    """A formula for an expression, one line a node for a `Graph`.

    A formula of more than `width` characters is written with names for its parts, one a line, those used several times
    once; beyond `lines` lines the middle is left out (None: never). With `depth` only so many levels are looked at:
    below them stands a name, the one that `names(node)` gives or one made from the op.

    >>> import tensorviz as tv
    >>> x, y = tv.vectors("x y")
    >>> print(text((x + y) * tv.exp(-x)))
    (x + y) * exp(-x)
    >>> print(text((x + y) * tv.exp(-x), depth=1))
    add_1 * exp_1
    """
    if isinstance(thing, Graph):
        return graph_text(thing)
    if not isinstance(thing, Expr):
        return repr(thing)
    found = Formula(thing, width, depth, names).lines()
    if lines is not None and len(found) > lines:
        kept = max(lines - 1, 2)
        head = kept // 2
        found = [*found[:head], f"...    ({len(found) - kept:,} lines more)", *found[head - kept:]]
    return "\n".join(found)


# -- formulas ------------------------------------------------------------------------------------------------------
UNSHOWN: Piece = "", ATOM                       # in place of an argument that is not printed


class Formula:
    """One expression being printed, bottom-up so that depth does not matter; LaTeX overrides how the pieces look."""

    def __init__(self, root: Expr, width: int, depth: int | None = None, names: Names | None = None) -> None:
        self.root, self.width, self.names = root, width, names or (lambda e: None)
        order, self.cut = order_to(root, depth)
        seen = {root}
        for e in reversed(order):
            if e in seen and e not in self.cut:
                seen.update(self.shown(e))
        self.order = [e for e in order if e in seen]
        self.labels = labels(self.order)
        self.taken = set(self.labels.values())
        self.made: dict[str, int] = {}

    def lines(self) -> list[str]:
        """The formula as one line if it is short, else definitions of its parts and last the formula over them."""
        if self._length() <= self.width:
            whole = self._pieces(lambda node, piece: piece)[self.root][0]
            if self.size(whole) <= self.width:
                return [whole]
            self.made.clear()
        uses: dict[Expr, int] = {}
        for e in self.order:
            for a in self.shown(e):
                uses[a] = uses.get(a, 0) + 1
        found: list[str] = []

        def name(e: Expr, piece: Piece) -> Piece:
            size = self.size(piece[0])
            if e is self.root or (size <= self.width * 3 // 4 and (uses[e] < 2 or size <= 12)):
                return piece
            label = self.new_name(e)
            found.append(self.definition(label, piece[0]))
            return label, ATOM

        last = self._pieces(name)[self.root][0]
        return [*found, last]

    def _length(self) -> int:
        size: dict[Expr, int] = {}
        for e in self.order:
            if not e.args or e in self.cut:
                size[e] = 4
            else:
                size[e] = min((3 if e.op.prec < ATOM else len(e.op.name)) + sum(size[a] + 1 for a in self.shown(e)), 1 << 40)
        return size[self.root]

    def _pieces(self, name: Callable[[Expr, Piece], Piece]) -> dict[Expr, Piece]:
        done: dict[Expr, Piece] = {}
        for e in self.order:
            if e in self.cut:
                done[e] = self.short_name(e, self.names(e)), ATOM
            elif e.op is variable_op or e.op is constant_op:
                done[e] = self.leaf(e)
            else:
                done[e] = name(e, self.call(e.op, [done.get(a, UNSHOWN) for a in e.args], e.params, ranks(e)))
        return done

    # -- what a form of text decides ---------------------------------------------------------------------------------
    def shown(self, e: Expr) -> Sequence[Expr]:
        """The arguments that are printed where e is."""
        return e.args

    def size(self, piece: str) -> int:
        """How much room a piece takes."""
        return len(piece)

    def leaf(self, e: Expr) -> Piece:
        """A variable or a constant."""
        return leaf_text(e, self.labels)

    def call(self, op: Op, args: Sequence[Piece], params: tuple[Any, ...], ndims: Sequence[int | None]) -> Piece:
        """An op applied to printed arguments."""
        return text_of_call(op, args, params, ndims)

    def definition(self, label: str, piece: str) -> str:
        """A line that names a part."""
        return f"{label} = {piece}"

    def short_name(self, e: Expr, given: str | None) -> str:
        """What stands for a node that is not looked into."""
        return given or (name_text(e._name, 60) if e._name else self._numbered(e.op.name))

    def new_name(self, e: Expr) -> str:
        """A name for a part: the user's if it is free, else t1, t2, ..."""
        wanted = name_text(e._name) if e._name else ""
        label = wanted if wanted.isidentifier() and wanted not in self.taken else self._numbered("t", "")
        while label in self.taken:
            label += "_"
        self.taken.add(label)
        return label

    def _numbered(self, base: str, between: str = "_") -> str:
        self.made[base] = self.made.get(base, 0) + 1
        return f"{base}{between}{self.made[base]}"


def ranks(e: Expr) -> list[int | None]:
    """Number of axes of each argument (None for what is no tensor)."""
    return [len(a.type.shape) if isinstance(a.type, TensorType) else None for a in e.args]


def order_to(root: Expr, depth: int | None) -> tuple[list[Expr], set[Expr]]:
    """Nodes under `root` in graph order down to `depth` levels, and those among them that are not looked into."""
    if depth is None:
        return topological([root]), set()
    seen, level = {root}, [root]
    for _ in range(depth):
        level = list(dict.fromkeys(a for e in level for a in e.args if a not in seen))
        seen.update(level)
    cut = {e for e in level if e.args and e is not root}
    order: list[Expr] = []
    done: set[Expr] = set()
    work = [(root, False)]
    while work:
        e, ready = work.pop()
        if e in done:
            continue
        if ready or not e.args or e in cut:
            done.add(e)
            order.append(e)
        else:
            work.append((e, True))
            work.extend((a, False) for a in reversed(e.args))
    return order, cut


def labels(order: Iterable[Expr]) -> dict[Expr, str]:
    """A name for every variable: the user's where there is one, told apart where two have the same."""
    found: dict[Expr, str] = {}
    taken: set[str] = set()
    for e in order:
        if e.op is not variable_op:
            continue
        base = name_text(e._name, 60) if e._name else f"v{len(found) + 1}"
        label, k = base, 1
        while label in taken:
            k += 1
            label = f"{base}#{k}"
        taken.add(label)
        found[e] = label
    return found


def name_text(name: str, longest: int = 1 << 30) -> str:
    """A user's name: as it is where it is an identifier, else quoted, with everything odd escaped.

    >>> name_text("w1"), name_text("a\\nb")
    ('w1', '"a\\\\nb"')
    """
    short = name if len(name) <= longest else name[: longest - 1] + "…"
    return short if short.isidentifier() else json.dumps(short)


def leaf_text(e: Expr, names: dict[Expr, str]) -> Piece:
    """A variable or a constant in a formula."""
    if e.op is variable_op:
        return names[e], ATOM
    if e.op is not constant_op:
        return text_of_call(e.op, [], e.params)
    if e._name:
        return name_text(e._name, 60), ATOM
    array = value_of(e)
    if array.size > 6:
        inner = f"[{', '.join(ends(array))}]"
        return (inner if array.ndim == 1 else f"array({inner}, shape={array.shape})"), ATOM
    found = short_numbers(array)
    return found, UNARY if found.startswith("-") else ATOM


def short_numbers(array: np.ndarray[Any, Any]) -> str:
    """A small array as nested lists of numbers, each as short as it can be told from its neighbours."""
    if array.ndim:
        return "[" + ", ".join(short_numbers(a) for a in array) + "]"
    return str(array[()])


def ends(array: np.ndarray[Any, Any], between: str = "...") -> list[str]:
    """What a large array starts with and ends with, in four digits.

    >>> ends(np.arange(10) / 3)
    ['0.0', '0.3333', '...', '3.0']
    """
    flat = array.ravel()
    one, two, last = (str(v if v.dtype.kind not in "f" else v.dtype.type(f"{v:.4g}")) for v in (flat[0], flat[1], flat[-1]))
    return [one, two, between, last]


def text_of_call(op: Op, args: Sequence[Piece], params: Sequence[Any] = (), ndims: Sequence[int | None] = ()) -> Piece:
    """`op` applied to printed arguments: (text, precedence). Each argument is a pair of that kind too.

    Works from the op alone, so that patterns print as expressions do: leave out `params` and `ndims` (ranks of the arguments)
    where a pattern leaves them open.

    >>> from tensorviz.core.op import op_named
    >>> text_of_call(op_named("multiply"), [("a + b", 50), ("c", 100)])
    ('(a + b) * c', 60)
    """
    kw = dict(zip(op.params, params, strict=True)) if params else {}
    special = PRINTERS.get(op.name)
    if special is not None and (params or not op.params):
        return special(args, kw, ndims)
    if op.text and (params or not op.params):
        return "".join(_filled(op.text, op.prec, args, kw)), op.prec
    inner = _few(args) + [f"{k}={value_text(v)}" for k, v in kw.items()]
    return f"{op.name}({', '.join(inner)})", ATOM


def _few(args: Sequence[Piece]) -> list[str]:
    inner = [a for a, _ in args]
    return inner if len(inner) <= MANY else [*inner[: MANY - 2], f"...{len(inner) - MANY + 1:,} more", inner[-1]]


@lru_cache(512)
def _template(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, field) for literal, field, _, _ in Formatter().parse(template))


def _filled(template: str, prec: int, args: Sequence[Piece], kw: dict[str, Any]) -> Iterable[str]:
    parts = _template(template)
    for k, (literal, field) in enumerate(parts):
        yield literal
        if field is None:
            continue
        if not field.isdigit():
            yield value_text(kw[field])
            continue
        first, last = k == 0 and not literal, k == len(parts) - 1
        if prec >= ATOM and not first:
            need = 0                                # inside the brackets of a call
        elif prec == CMP or (first and prec == POW) or (last and prec != POW):
            need = prec + 1
        else:
            need = prec
        yield bracket(args[int(field)], need)


def bracket(piece: Piece, need: int) -> str:
    """The text, in parentheses if it binds weaker than `need`."""
    return piece[0] if piece[1] >= need else f"({piece[0]})"


# -- what reads better than name(args, params) -----------------------------------------------------------------------
def _reduction(name: str) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        axes = kw["axes"] if "axes" in kw else kw["axis"]
        found = args[0][0]
        if axes is not None and not (ndims and axes == tuple(range(ndims[0] or 0))):
            found += f", axis={axes[0] if isinstance(axes, tuple) and len(axes) == 1 else value_text(axes)}"
        return f"{name}({found}{', keepdims=True' if kw['keepdims'] else ''})", ATOM

    return printed


def _with_shape(name: str) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        rest = iter(a for a, _ in args[0 if name == "full" and len(args) == kw["shape"].count(None) else 1:])
        inner = ", ".join(next(rest, "?") if n is None else str(n) for n in kw["shape"])
        first = f"{args[0][0]}, " if args else ""
        return f"{name}({first}({inner}{',' if len(kw['shape']) == 1 else ''}))", ATOM

    return printed


def _axes(name: str) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        axes = kw["axes"]
        return f"{name}({args[0][0]}, {axes[0] if len(axes) == 1 else value_text(axes)})", ATOM

    return printed


def _transpose(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
    axes = kw["axes"]
    if axes == tuple(range(len(axes)))[::-1]:
        return f"{bracket(args[0], ATOM)}.T", ATOM
    return f"transpose({args[0][0]}, {value_text(axes)})", ATOM


def subscript(spec: Sequence[Any], scalars: Iterable[str]) -> str:
    """The inside of the brackets of basic indexing, full slices at the end left out."""
    rest = iter(scalars)

    def part(v: Any) -> str:
        return "" if v is None else next(rest, "?") if v == "?" else str(v)

    items = []
    for kind, *given in spec:
        if kind == "slice":
            start, stop, step = map(part, given)
            items.append(f"{start}:{stop}" + (f":{step}" if step else ""))
        else:
            items.append("None" if kind == "new" else next(rest, "?") if given[0] is None else str(given[0]))
    while len(items) > 1 and items[-1] == ":":
        items.pop()
    return ", ".join(items)


def _index(after: str, skip: int) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        tail = after.format(*(a for a, _ in args[1:skip]))
        return f"{bracket(args[0], ATOM)}[{subscript(kw['spec'], (a for a, _ in args[skip:]))}]{tail}", ATOM

    return printed


def _take(after: str, at: int) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        inner = ":, " * kw.get("axis", 0) + ", ".join(a for a, _ in args[at:])
        return f"{bracket(args[0], ATOM)}[{inner}]{after.format(*(a for a, _ in args[1:]))}", ATOM

    return printed


def _arange(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
    """As it is called where the end can be told, else with how many numbers there are."""
    start, step, n = args[0][0], args[1][0], kw["shape"][0]
    stop = "" if n is None else _end(start, step, n)
    if n is None and len(args) > 2:
        stop = stop_of(start, step, args[2], "maximum(", ")")
    if not stop:
        return f"arange({start}, step={step}, count={args[2][0] if n is None and len(args) > 2 else n})", ATOM
    given = [start, stop, step] if step not in ("1", "1.0") else [start, stop] if start != "0" else [stop]
    return f"arange({', '.join(given)})", ATOM


def _end(start: str, step: str, n: int) -> str:
    """Where n numbers end: one after the last of whole ones."""
    if start.lstrip("-").isdigit() and step.lstrip("-").isdigit():
        first, by = int(start), int(step)
        return str(first + (n - 1) * by + (1 if by > 0 else -1) if n else first)
    try:
        return str(float(f"{float(start) + n * float(step):.12g}"))
    except ValueError:
        return ""


PRINTERS: dict[str, Callable[[Sequence[Piece], dict[str, Any], Sequence[int | None]], Piece]] = {
    **{name: _reduction(name) for name in ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin")},
    **{name: _with_shape(name) for name in ("reshape", "broadcast_to", "sum_to", "specify_shape", "full")},
    **{name: _axes(name) for name in ("expand_dims", "squeeze")},
    "cast": lambda args, kw, ndims: (f"cast({args[0][0]}, {kw['dtype']})", ATOM),
    "transpose": _transpose, "arange": _arange,
    "concatenate": lambda args, kw, ndims: (f"concatenate([{', '.join(_few(args))}], axis={kw['axis']})", ATOM),
    "index": _index("", 1), "set_index": _index(".set({0})", 2), "inc_index": _index(".inc({0})", 2),
    "take": _take("", 1), "set_take": _take(".set({0})", 2), "inc_take": _take(".inc({0})", 2),
    "compress": _take("", 1), "set_compress": _take(".set({0})", 2),
    "item": lambda args, kw, ndims: (f"{bracket(args[0], ATOM)}[{kw['index']}]", ATOM),
    "custom_gradient": lambda args, kw, ndims: (f"{kw['rule']!r}({', '.join(_few(args[kw['count']:]))})", ATOM),
}
