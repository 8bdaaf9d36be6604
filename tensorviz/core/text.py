"""Expressions and graphs as text: a formula on one line, or one line a node that `parse` reads back exactly."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any

import numpy as np

from .expr import Expr, Literal, constant_op, value_of, variable_op
from .graph import Graph, topological
from .op import Op
from .types import TensorType, TupleType

__all__ = ["graph_text", "name_text", "number_text", "text", "text_of_call", "value_text"]

Piece = tuple[str, int]             # printed text and how strongly it binds
UNARY, POW, CMP, ATOM = 70, 80, 30, 100
MANY = 16                           # a call with more arguments is abbreviated in formulas


def text(thing: Any, width: int = 100, lines: int | None = 40) -> str:
    """A formula for an expression, one line a node for a `Graph`.

    A formula of more than `width` characters is written with names for its parts, one a line, those used several times
    once; beyond `lines` lines the middle is left out (None: never).

    >>> import tensorviz as tv
    >>> x, y = tv.vectors("x y")
    >>> print(text((x + y) * tv.exp(-x)))
    (x + y) * exp(-x)
    """
    if isinstance(thing, Graph):
        return graph_text(thing)
    if not isinstance(thing, Expr):
        return repr(thing)
    return _Formula(thing, width).text(lines)


# -- formulas ------------------------------------------------------------------------------------------------------
class _Formula:
    """One expression being printed: bottom-up over the graph, so that depth does not matter."""

    def __init__(self, root: Expr, width: int) -> None:
        self.root, self.width = root, width
        self.order = topological([root])
        self.labels = labels(self.order)
        self.taken = set(self.labels.values())

    def text(self, lines: int | None) -> str:
        if self._length() <= self.width:
            pieces = self._pieces(lambda node, piece: piece)
            return pieces[self.root][0]
        found = self._with_names()
        if lines is not None and len(found) > lines:
            kept = max(lines - 1, 2)
            head = kept // 2
            found = [*found[:head], f"...    ({len(found) - kept:,} lines more)", *found[head - kept:]]
        return "\n".join(found)

    def _length(self) -> int:
        size: dict[Expr, int] = {}
        for e in self.order:
            own = len(leaf_text(e, self.labels)[0]) if not e.args else 3 if e.op.prec < ATOM else len(e.op.name) + 2
            size[e] = min(own + sum(size[a] + 1 for a in e.args), 1 << 40)
        return size[self.root]

    def _pieces(self, name: Callable[[Expr, Piece], Piece]) -> dict[Expr, Piece]:
        done: dict[Expr, Piece] = {}
        for e in self.order:
            if e.op is variable_op or e.op is constant_op:
                done[e] = leaf_text(e, self.labels)
            else:
                ndim = len(e.args[0].type.shape) if e.args and isinstance(e.args[0].type, TensorType) else None
                done[e] = name(e, text_of_call(e.op, [done[a] for a in e.args], e.params, ndim))
        return done

    def _with_names(self) -> list[str]:
        uses: dict[Expr, int] = {}
        for e in self.order:
            for a in e.args:
                uses[a] = uses.get(a, 0) + 1
        found: list[str] = []

        def name(e: Expr, piece: Piece) -> Piece:
            long = len(piece[0])
            if e is self.root or (long <= self.width * 3 // 4 and (uses[e] < 2 or long <= 12)):
                return piece
            label = self._new_name(e)
            found.append(f"{label} = {piece[0]}")
            return label, ATOM

        found.append(self._pieces(name)[self.root][0])
        return found

    def _new_name(self, e: Expr) -> str:
        wanted = name_text(e._name) if e._name else ""
        label = wanted if wanted.isidentifier() and wanted not in self.taken else f"t{len(self.taken) - len(self.labels) + 1}"
        while label in self.taken:
            label += "_"
        self.taken.add(label)
        return label


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
        return f"array({array.dtype}, {array.shape})", ATOM
    found = short_numbers(array)
    return found, UNARY if found.startswith("-") else ATOM


def short_numbers(array: np.ndarray[Any, Any]) -> str:
    """A small array as nested lists of numbers, each as short as it can be told from its neighbours."""
    if array.ndim:
        return "[" + ", ".join(short_numbers(a) for a in array) + "]"
    return str(array[()])


def text_of_call(op: Op, args: Sequence[Piece], params: Sequence[Any] = (), ndim: int | None = None) -> Piece:
    """`op` applied to printed arguments: (text, precedence). Each argument is a pair of that kind too.

    Works from the op alone, so that patterns print as expressions do; `ndim` is the rank of the first argument if it is known.

    >>> from tensorviz.core.op import op_named
    >>> text_of_call(op_named("multiply"), [("a + b", 50), ("c", 100)])
    ('(a + b) * c', 60)
    """
    kw = dict(zip(op.params, params, strict=True)) if params else {}
    special = PRINTERS.get(op.name)
    if special is not None and (params or not op.params):
        found = special(args, kw, ndim)
        if found is not None:
            return found
    if op.text and (params or not op.params):
        return "".join(_filled(op.text, op.prec, args, kw)), op.prec
    inner = [a for a, _ in args]
    if len(inner) > MANY:
        inner = [*inner[: MANY - 2], f"...{len(inner) - MANY + 1:,} more", inner[-1]]
    inner += [f"{k}={value_text(v)}" for k, v in kw.items()]
    return f"{op.name}({', '.join(inner)})", ATOM


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
def _reduction(name: str) -> Callable[..., Piece | None]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndim: int | None) -> Piece:
        axes = kw["axes"] if "axes" in kw else kw["axis"]
        found = args[0][0]
        if axes is not None and axes != tuple(range(-1 if ndim is None else ndim)):
            found += f", axis={axes[0] if isinstance(axes, tuple) and len(axes) == 1 else value_text(axes)}"
        return f"{name}({found}{', keepdims=True' if kw['keepdims'] else ''})", ATOM

    return printed


def _with_shape(name: str) -> Callable[..., Piece | None]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndim: int | None) -> Piece:
        rest = iter(a for a, _ in args[0 if name == "full" and len(args) == kw["shape"].count(None) else 1:])
        inner = ", ".join(next(rest, "?") if n is None else str(n) for n in kw["shape"])
        first = f"{args[0][0]}, " if args else ""
        return f"{name}({first}({inner}{',' if len(kw['shape']) == 1 else ''}))", ATOM

    return printed


def _transpose(args: Sequence[Piece], kw: dict[str, Any], ndim: int | None) -> Piece:
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


def _index(after: str, skip: int) -> Callable[..., Piece | None]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndim: int | None) -> Piece:
        tail = after.format(*(a for a, _ in args[1:skip]))
        return f"{bracket(args[0], ATOM)}[{subscript(kw['spec'], (a for a, _ in args[skip:]))}]{tail}", ATOM

    return printed


def _take(after: str, at: int) -> Callable[..., Piece | None]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndim: int | None) -> Piece:
        inner = ":, " * kw.get("axis", 0) + args[at][0]
        return f"{bracket(args[0], ATOM)}[{inner}]{after.format(*(a for a, _ in args[1:]))}", ATOM

    return printed


PRINTERS: dict[str, Callable[[Sequence[Piece], dict[str, Any], int | None], Piece | None]] = {
    **{name: _reduction(name) for name in ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin")},
    **{name: _with_shape(name) for name in ("reshape", "broadcast_to", "sum_to", "specify_shape", "full")},
    "cast": lambda args, kw, ndim: (f"cast({args[0][0]}, {kw['dtype']})", ATOM),
    "transpose": _transpose,
    "index": _index("", 1), "set_index": _index(".set({0})", 2), "inc_index": _index(".inc({0})", 2),
    "take": _take("", 1), "set_take": _take(".set({0})", 2), "inc_take": _take(".inc({0})", 2),
    "compress": _take("", 1), "set_compress": _take(".set({0})", 2),
    "item": lambda args, kw, ndim: (f"{bracket(args[0], ATOM)}[{kw['index']}]", ATOM),
}


# -- graphs --------------------------------------------------------------------------------------------------------
def graph_text(graph: Graph) -> str:
    """One line a node: number, type, op, arguments, parameters, name; then what is returned. `parse` reads it back.

    >>> import tensorviz as tv
    >>> x = tv.vector("x", shape=(3,))
    >>> print(graph_text(Graph([x], [2.0 * x])))
    v0: float64 (3,) = input "x"
    v1: float64 scalar = constant 2.0
    v2: float64 (3,) = multiply(v1, v0)
    return v2
    """
    number: dict[Expr, str] = {}
    lines = []
    for e in graph.nodes:
        number[e] = f"v{len(number)}"
        name = "" if e._name is None else json.dumps(e._name)
        if e.op is variable_op:
            right = f"input {name}".rstrip()
        else:
            if e.op is constant_op:
                right = f"constant {array_text(value_of(e))}"
            else:
                inner = [*(number[a] for a in e.args), *(f"{k}={value_text(v)}" for k, v in e.kw.items())]
                right = f"{e.op.name}({', '.join(inner)})"
            right += f"  # {name}" if name else ""
        lines.append(f"{number[e]}: {type_text(e.type)} = {right}")
    return "\n".join([*lines, f"return {', '.join(number[o] for o in graph.outputs)}".rstrip()])


def type_text(type_: Any) -> str:
    """A type in a printed graph."""
    if isinstance(type_, TensorType):
        return type_.text()
    if isinstance(type_, TupleType):
        return "(" + "; ".join(map(type_text, type_.items)) + ")"
    return repr(type_)


def value_text(value: Any) -> str:
    """A parameter: numbers, strings, dtypes, types, tuples of them, arrays, closed graphs; nan and infinities by name.

    >>> value_text((1, None, np.dtype("float32"), -0.0))
    '(1, None, float32, -0.0)'
    """
    if isinstance(value, tuple):
        inner = ", ".join(map(value_text, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Literal):
        return f"array({value.array.dtype}, {value.array.shape}, {array_text(value.array)})"
    if isinstance(value, np.dtype):
        return str(value)
    if isinstance(value, TensorType):
        return f"tensor({value.dtype}, {value_text(value.shape)})"
    if isinstance(value, Graph):
        return f"graph({json.dumps(graph_text(value))})"
    if isinstance(value, np.generic | float | complex):
        return number_text(np.asarray(value)[()]) if not isinstance(value, np.generic) else f"{value.dtype}({number_text(value)})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def number_text(value: Any) -> str:
    """One number (a NumPy scalar) such that its dtype and this text give back its bits."""
    kind = value.dtype.kind
    if kind == "c":
        return f"complex({number_text(value.real)}, {number_text(value.imag)})"
    if kind != "f":
        return str(value)
    if value != value:
        plain = np.array(np.nan, value.dtype)
        return "nan" if plain.tobytes() == value.tobytes() else f"bits(0x{np.asarray(value).view(f'u{value.itemsize}')[()]:x})"
    found = str(value)
    same = value.dtype.type(float(found)) if np.isfinite(value) else value
    return found if same == value else repr(float(value))


def array_text(array: np.ndarray[Any, Any]) -> str:
    """The elements of an array: a number, nested lists, or for more than 64 of them packed bytes."""
    if array.size > 64:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return f'packed("{base64.b64encode(zlib.compress(little.tobytes())).decode()}")'
    if array.ndim == 0:
        return number_text(array[()])
    return "[" + ", ".join(array_text(a) for a in array) + "]"
