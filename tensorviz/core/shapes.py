"""Symbolic lengths: the shape of every node in terms of the lengths of variables and of integer scalars.

The type of a node says which lengths are known when the graph is built; this says what the others will be, so that generated code
can compute them before it touches a tensor.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

import numpy as np

from .expr import Expr, constant, is_constant, make, value_of
from .graph import topological
from .ops.elementwise import cast
from .ops.lengths import INT, Length, broadcast_length_op, length_of, length_op, same
from .origins import inherit
from .types import TensorType, TupleType

__all__ = ["Memo", "lengths_of", "same_length", "scalar_of"]

Facts = tuple[tuple[Any, ...], Length | None]
MANY = 64                                   # nests of more lengths are not searched
Memo = MutableMapping[Expr, Facts]          # node -> (its lengths, its value if it is an integer scalar)


def lengths_of(expr: Expr, memo: Memo | None = None) -> tuple[Any, ...]:
    """The lengths of `expr`: ints, or int64 scalars made of `length(variable, axis)` and integer scalars of the graph.

    `memo` (a dict) keeps the answers for all nodes below, for the next call. A node with several results has a tuple of
    lengths each.

    >>> import tensorviz as tv
    >>> x, y = tv.matrix("x"), tv.matrix("y", shape=(None, 3))
    >>> n, k = lengths_of(tv.exp(x) @ y)
    >>> n is tv.length(x, 0), k
    (True, 3)
    """
    return _facts(expr, {} if memo is None else memo)[0]


def scalar_of(expr: Expr, memo: Memo | None = None) -> Length:
    """An integer scalar in the same terms: an int if it is known, `expr` itself if it comes from the values of tensors.

    >>> import tensorviz as tv
    >>> x = tv.matrix("x", shape=(4, 3))
    >>> scalar_of(x.size * 2)
    24
    """
    value = _facts(expr, {} if memo is None else memo)[1]
    return expr if value is None else value


def same_length(a: Length, b: Length) -> bool:
    """Whether two lengths are known to be equal at run time (broadcasting is symmetric)."""
    if same(a, b):
        return True
    if isinstance(a, int) or isinstance(b, int) or a.op is not broadcast_length_op or b.op is not broadcast_length_op:
        return False
    ours, theirs = _members(a), _members(b)
    return set(a.args) == set(b.args) if ours is None or theirs is None else set(ours) == set(theirs)


def _members(n: Expr) -> list[Expr] | None:
    """The lengths that a nest of broadcast_length joins, each once, in the order of the text; None for more than MANY."""
    found: dict[Expr, None] = {}
    seen, work = {n}, [n]
    while work:
        if len(seen) > MANY:
            return None
        m = work.pop()
        if m.op is not broadcast_length_op:
            found[m] = None
            continue
        work.extend(a for a in reversed(m.args) if a not in seen)
        seen.update(m.args)
    return list(found)


def _facts(expr: Expr, memo: Memo) -> Facts:
    if expr not in memo:
        with inherit(()):           # asking about a graph is no line that wrote it
            for node in topological([expr], known=memo):
                memo[node] = (_lengths(node, memo), _value(node, memo))
    return memo[expr]


def _lengths(node: Expr, memo: Memo) -> tuple[Any, ...]:
    kind = node.type
    if isinstance(kind, TensorType) and None not in kind.shape:
        return kind.shape
    if not node.args:
        return tuple(length_of(node, k) for k in range(node.ndim))
    if node.op.name == "item":
        return memo[node.args[0]][0][node.params[0]]  # type: ignore[no-any-return]
    if node.op.shape is None:
        return _broadcast([memo[a][0] for a in node.args], kind.shape)
    found = node.op.shape(*node.args, **node.kw)
    if isinstance(kind, TupleType):
        return tuple(tuple(_settle(n, memo) for n in lengths) for lengths in found)
    return tuple(_settle(n, memo) if m is None else m for n, m in zip(found, kind.shape, strict=True))


def _broadcast(shapes: Sequence[tuple[Any, ...]], known: Sequence[int | None]) -> tuple[Length, ...]:
    """Elementwise: equal lengths are one, lengths known to be 1 give way, others meet in `broadcast_length`."""
    result: list[Length] = []
    for axis, n in enumerate(known):
        if n is not None:
            result.append(n)
            continue
        found: list[Length] = []
        for shape in shapes:
            k = axis - len(known) + len(shape)
            if k >= 0 and not same(shape[k], 1) and not any(same(m, shape[k]) for m in found):
                found.append(shape[k])
        result.append(_join(found))
    return tuple(result)


def _join(found: Sequence[Length]) -> Length:
    if not found:
        return 1
    for n in found:
        if isinstance(n, int):          # not 1: the others are equal to it or 1, or the call fails
            return n
    result = found[0]
    for n in found[1:]:
        result = _pair(result, n)
    return result


def _pair(a: Length, b: Length) -> Length:
    if same(a, b) or same(b, 1):
        return a
    if same(a, 1):
        return b
    if isinstance(a, int) and isinstance(b, int):
        return int(broadcast_length_op.numpy(a, b))
    if isinstance(a, Expr) and isinstance(b, Expr):
        return _joined(a, b)
    return a if isinstance(a, int) else b


def _joined(a: Expr, b: Expr) -> Expr:
    """Two unknown lengths: the one that holds the other, else a chain of all that they join, so that nests don't grow.

    In large nests only what stands near their top is looked at: a node would cost as much as there are lengths.
    """
    ours, theirs = _members(a), _members(b)
    if ours is None or theirs is None:
        return a if _holds(a, b) else b if _holds(b, a) else make(broadcast_length_op, (a, b))
    if set(theirs) <= set(ours):
        return a
    if set(ours) <= set(theirs):
        return b
    result = ours[0]
    for n in dict.fromkeys((*ours[1:], *theirs)):
        result = make(broadcast_length_op, (result, n))
    return result


def _holds(nest: Expr, n: Expr) -> bool:
    """Whether `n` is an argument of a nest of broadcast_length, or of one of its arguments."""
    return any(a is n or (a.op is broadcast_length_op and any(b is n for b in a.args)) for a in nest.args)


def _settle(n: Any, memo: Memo) -> Length:
    """A length as a shape rule wrote it, in the terms of the answers known already."""
    if not isinstance(n, Expr):
        return int(n)
    value = _facts(n, memo)[1]
    return n if value is None else value


def _value(node: Expr, memo: Memo) -> Length | None:
    """What an integer or boolean scalar is in terms of lengths; None for all other nodes."""
    kind = node.type
    if not isinstance(kind, TensorType) or kind.shape or kind.dtype.kind not in "biu":
        return None
    if is_constant(node):
        return int(value_of(node)) if kind.dtype.kind != "b" else node
    if node.op is length_op:
        return memo[node.args[0]][0][node.params[0]]  # type: ignore[no-any-return]
    if node.op is broadcast_length_op:
        return _pair(*(_operand(a, memo) for a in node.args))
    if node.op.family != "elementwise" or any(a.ndim or a.dtype.kind not in "biu" for a in node.args):
        return node
    return _computed(node, [_operand(a, memo) for a in node.args])


def _operand(a: Expr, memo: Memo) -> Length:
    value = memo[a][1]
    return a if value is None else value


def _computed(node: Expr, values: Sequence[Length]) -> Length:
    """An elementwise op of integer scalars: folded if all are known, without neutral elements, else rebuilt."""
    name, a = node.op.name, values[0]
    if all(isinstance(v, int) or is_constant(v) for v in values):
        arrays = [np.asarray(v, t.dtype) if isinstance(v, int) else value_of(v) for v, t in zip(values, node.args, strict=True)]
        with np.errstate(all="ignore"):
            folded = node.op.numpy(*arrays, **node.kw)
        return int(folded) if node.dtype.kind != "b" else constant(folded)
    if name == "cast" and node.dtype == INT and isinstance(a, Expr) and a.dtype == INT:
        return a
    if node.dtype == INT and len(values) == 2:
        neutral = _neutral(name, a, values[1])
        if neutral is not None:
            return neutral
    args = tuple(cast(constant(v, t.dtype) if isinstance(v, int) else v, t.dtype) for v, t in zip(values, node.args, strict=True))
    return make(node.op, args, node.params)


def _neutral(name: str, a: Length, b: Length) -> Length | None:
    """`n + 0`, `n - 0`, `n * 1`, `n // 1` and max or min of equal lengths."""
    unit = {"add": 0, "subtract": 0, "multiply": 1, "floor_divide": 1}.get(name)
    if unit is not None and same(b, unit):
        return a
    if name in ("add", "multiply") and unit is not None and same(a, unit):
        return b
    return a if name in ("maximum", "minimum") and same(a, b) else None
