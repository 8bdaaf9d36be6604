"""Graphs as traversals are needed: topological order, sweeps, replacement, flat tables, closed graphs. No recursion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .errors import ArgumentError, MissingInputError
from .expr import Expr, make, variable_op, where
from .op import op_named
from .origins import set_inherited

__all__ = ["Graph", "ancestors", "inputs_of", "rebuild", "replace", "sweep", "topological"]


def topological(roots: Iterable[Expr], ends: Callable[[Expr], bool] | None = None,
                known: Collection[Expr] = frozenset()) -> list[Expr]:
    """Every node under `roots`, arguments before users, each once; the order is that of the text, left to right.

    ends: nodes whose arguments are not looked at. known: nodes that are left out with all that only they lead to.
    """
    order: list[Expr] = []
    seen: set[int] = set()
    for root in roots:
        if id(root) in seen:
            continue
        work: list[tuple[Expr, int]] = [(root, 0)]
        seen.add(id(root))
        while work:
            node, k = work.pop()
            args = node.args if ends is None or not ends(node) else ()
            while k < len(args) and (id(args[k]) in seen or (known and args[k] in known)):
                k += 1
            if k == len(args):
                order.append(node)
            else:
                work.append((node, k + 1))
                seen.add(id(args[k]))
                work.append((args[k], 0))
    return order


def ancestors(roots: Iterable[Expr]) -> set[Expr]:
    """All nodes that `roots` are made from, `roots` too."""
    return set(topological(roots))


def inputs_of(roots: Iterable[Expr]) -> list[Expr]:
    """The variables under `roots`, in graph order."""
    return [e for e in topological(roots) if e.op is variable_op]


def rebuild(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """`node` over other arguments: the same node if they are the same; name and source lines are kept."""
    if all(a is b for a, b in zip(node.args, args, strict=True)):
        return node
    before = set_inherited(node.sites)
    try:
        new = make(node.op, args, node.params)
    finally:
        set_inherited(before)
    if new._name is None:
        new._name = node._name
    if new.made is None:
        new.made = node.made
    return new


def sweep(roots: Sequence[Expr], step: Callable[[Expr], Expr], memo: dict[Expr, Expr] | None = None) -> list[Expr]:
    """Rebuild bottom-up: `step` gets each node once, over already rebuilt arguments, and returns what replaces it."""
    done = {} if memo is None else memo
    for node in topological(roots):
        if node not in done:
            done[node] = step(rebuild(node, tuple(done[a] for a in node.args)) if node.args else node)
    return [done[r] for r in roots]


def replace(roots: Sequence[Expr], mapping: Mapping[Expr, Expr]) -> list[Expr]:
    """`roots` with every key of `mapping` replaced by its value (values are not searched again)."""
    done: dict[Expr, Expr] = {}
    for node in topological(roots):
        done[node] = mapping[node] if node in mapping else rebuild(node, tuple(done[a] for a in node.args))
    return [done[r] for r in roots]


# -- flat tables: how graphs pickle --------------------------------------------------------------------------------
Table = tuple[tuple[tuple[Any, ...], ...], tuple[int, ...]]


def flatten(roots: Sequence[Expr]) -> Table:
    """One row a node in topological order (op name, argument numbers, params, leaf type, name), and the roots' numbers."""
    order = topological(roots)
    number = {e: i for i, e in enumerate(order)}
    rows = tuple((e.op.name, tuple(number[a] for a in e.args), e.params, e.type if not e.args else None, e._name) for e in order)
    return rows, tuple(number[r] for r in roots)


def unflatten(table: Table) -> list[Expr]:
    """The inverse of `flatten`; nodes that exist already in this process are the same objects."""
    rows, roots = table
    nodes: list[Expr] = []
    for op, args, params, type_, name in rows:
        node = make(op_named(op), tuple(nodes[i] for i in args), params, type_)
        if name is not None and node._name is None:
            node._name = name
        nodes.append(node)
    return [nodes[i] for i in roots]


def _expressions(values: Any, what: str) -> tuple[Expr, ...]:
    found = tuple(values) if isinstance(values, Iterable) and not isinstance(values, Expr) else None
    if found is None or not all(isinstance(e, Expr) for e in found):
        raise ArgumentError(f"{what} of a graph are a list of expressions, not {values!r:.60}", hint="tv.Graph([x], [y])")
    return found


class Graph:
    """A closed graph: outputs as a function of numbered inputs; two that differ only in their variables are equal.

    >>> import tensorviz as tv
    >>> x, y = tv.vector("x"), tv.vector("y")
    >>> Graph([x], [x + 1.0]) == Graph([y], [y + 1.0])
    True
    """

    __slots__ = ("_key", "inputs", "outputs")

    def __init__(self, inputs: Sequence[Expr], outputs: Sequence[Expr]) -> None:
        self.inputs, self.outputs = _expressions(inputs, "inputs"), _expressions(outputs, "outputs")
        self._key: tuple[Any, ...] | None = None
        known = set(self.inputs)
        for e in inputs_of(self.outputs):
            if e not in known:
                raise MissingInputError(f"the graph needs {e.name or 'a variable without a name'}, which is not among its inputs",
                                        at=where(e), hint="add it to the inputs or give it a value with givens=")

    @property
    def nodes(self) -> list[Expr]:
        """All nodes in topological order, inputs first."""
        return topological((*self.inputs, *self.outputs))

    def key(self) -> tuple[Any, ...]:
        """What makes two graphs equal: structure with inputs by number."""
        if self._key is None:
            number: dict[Expr, int] = {}
            rows = []
            for e in self.nodes:
                number[e] = len(number)
                leaf = (e.type if e.op is variable_op else None) if not e.args else None
                params = () if e.op is variable_op else e.params
                rows.append((e.op.name, tuple(number[a] for a in e.args), params, leaf))
            self._key = (tuple(rows), tuple(number[o] for o in self.outputs), len(self.inputs))
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __call__(self, *args: Expr) -> list[Expr]:
        """The outputs with the inputs replaced by `args`."""
        return replace(self.outputs, dict(zip(self.inputs, args, strict=True)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_graph, (flatten((*self.inputs, *self.outputs)), len(self.inputs))

    def __repr__(self) -> str:
        from . import display

        return display.text_of(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from . import display

        return display.bundle_of(self)


def _restore_graph(table: Table, inputs: int) -> Graph:
    nodes = unflatten(table)
    return Graph(nodes[:inputs], nodes[inputs:])
