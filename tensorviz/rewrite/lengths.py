"""What is known of lengths before running: whether two shapes are equal for every input.

The length of an axis is an int, or the set of things whose broadcasting gives it: two axes with equal sets have equal lengths.
A function is compiled for inputs whose lengths agree where they meet, and checks that they do: `assuming` says so to the rules.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..core.expr import Expr, constant_op, value_of
from ..core.types import TensorType

__all__ = ["Axis", "Equal", "assuming", "axes_lengths", "carried", "covers", "is_length", "same_lengths"]

Axis = int | frozenset[Any]
Equal = tuple[tuple[Any, Any], ...]         # pairs of lengths, ints or integer scalars, that are equal whenever the graph is run
_ONE: frozenset[Any] = frozenset()


class _Facts:
    """The lengths found so far, in a world where some lengths are taken to be equal: `same` leads to what stands for each."""

    __slots__ = ("memo", "same")

    def __init__(self) -> None:
        # By id, dropped when the node dies: a WeakKeyDictionary compares keys with ==, which for expressions builds a node.
        self.memo: dict[int, tuple[weakref.ref[Expr], tuple[Axis, ...]]] = {}
        self.same: dict[Any, Axis] = {}

    def remember(self, node: Expr, lengths: tuple[Axis, ...]) -> None:
        """Keep the lengths of a node while it lives."""
        key, memo = id(node), self.memo
        memo[key] = weakref.ref(node, lambda _: memo.pop(key, None)), lengths

    def settle(self, n: Axis) -> Axis:
        """A length with what stands for each of its parts."""
        if not self.same or isinstance(n, int) or self.same.keys().isdisjoint(n):
            return n
        return _broadcast([self.root(a) for a in n])

    def root(self, atom: Any) -> Axis:
        """What stands for one part of a length."""
        n: Axis = frozenset([atom])
        while isinstance(n, frozenset) and len(n) == 1 and (found := self.same.get(next(iter(n)))) is not None:
            n = found
        return n

    def unite(self, a: Axis, b: Axis) -> None:
        """Take two lengths to be equal; nothing is made of those that are several broadcast together."""
        a, b = self.settle(a), self.settle(b)
        if isinstance(a, int):
            a, b = b, a
        if isinstance(a, frozenset) and len(a) == 1 and a != b and (isinstance(b, int) or len(b) == 1):
            self.same[next(iter(a))] = b


_ALWAYS = _Facts()
_facts: ContextVar[_Facts] = ContextVar("facts", default=_ALWAYS)


@contextmanager
def assuming(equal: Equal) -> Iterator[None]:
    """Within the block these pairs of lengths are known to be equal.

    >>> import tensorviz as tv
    >>> x, y = tv.vector("x"), tv.vector("y")
    >>> with assuming(((tv.length(x, 0), tv.length(y, 0)),)):
    ...     same_lengths(x, y)
    True
    >>> same_lengths(x, y)
    False
    """
    facts = _Facts() if equal else _ALWAYS
    token = _facts.set(facts)
    try:
        for a, b in equal:
            facts.unite(_length(a), _length(b))
        facts.memo.clear()
        yield
    finally:
        _facts.reset(token)


def _length(n: Any) -> Axis:
    return n if isinstance(n, int) else _scalar(n) if isinstance(n, Expr) else frozenset([object()])


def same_lengths(a: Expr, b: Expr) -> bool:
    """Whether a and b have the same shape whatever the inputs are."""
    s, t = a.type.shape, b.type.shape
    if len(s) != len(t):
        return False
    if None not in s and None not in t:
        return bool(s == t)
    return axes_lengths(a) == axes_lengths(b)


def covers(a: Expr, b: Expr) -> bool:
    """Whether b broadcast to a's shape is a's shape, whatever the inputs are: b adds nothing to it."""
    return carried((a,), b)


def is_length(n: Expr, x: Expr, axis: int) -> bool:
    """Whether the scalar n is the length of an axis of x, whatever the inputs are."""
    return bool(_scalar(n) == axes_lengths(x)[axis])


def carried(others: Sequence[Expr], c: Expr) -> bool:
    """Whether the lengths of c all occur in what `others` broadcast to: without c neither shape nor errors change."""
    t = axes_lengths(c)
    shapes = [axes_lengths(a) for a in others]
    if len(t) > max(map(len, shapes), default=0):
        return len(t) == 0
    for k, m in enumerate(reversed(t), 1):
        n = _broadcast([s[-k] for s in shapes if len(s) >= k])
        if not (m == 1 or m == n or (isinstance(m, frozenset) and isinstance(n, frozenset) and m <= n)):
            return False
    return True


def axes_lengths(e: Expr) -> tuple[Axis, ...]:
    """The length of each axis, as ints or sets of what is broadcast into it."""
    shape: tuple[int | None, ...] = e.type.shape
    if None not in shape:
        return shape  # type: ignore[return-value]
    facts = _facts.get()
    memo = facts.memo
    work = [e]
    while work:
        node = work[-1]
        if id(node) in memo:
            work.pop()
            continue
        missing = [a for a in node.args if _open(a) and id(a) not in memo]
        if missing:
            work.extend(missing)
            continue
        facts.remember(node, tuple([facts.settle(n) for n in _known(node)]))
        work.pop()
    return memo[id(e)][1]


def _open(e: Expr) -> bool:
    return isinstance(e.type, TensorType) and None in e.type.shape


def _of(e: Expr) -> tuple[Axis, ...]:
    if not isinstance(e.type, TensorType):
        return ()
    return _facts.get().memo[id(e)][1] if None in e.type.shape else e.type.shape  # type: ignore[return-value]


def _known(node: Expr) -> tuple[Axis, ...]:
    """Lengths by the op's family, static lengths first, an atom of its own for what nothing is known about."""
    if not isinstance(node.type, TensorType):
        return ()
    found = _FAMILY.get(node.op.name) or (_elementwise if node.op.family == "elementwise" else None)
    lengths = found(node) if found is not None else None
    own = node.type.shape
    if lengths is None or len(lengths) != len(own):
        lengths = (None,) * len(own)
    return tuple(n if n is not None else (frozenset([(id(node), k)]) if m is None else m)
                 for k, (n, m) in enumerate(zip(own, lengths, strict=True)))


def _broadcast(lengths: Iterable[Axis]) -> Axis:
    atoms: frozenset[Any] = _ONE
    for n in lengths:
        if isinstance(n, int):
            if n != 1:
                return n
        else:
            atoms |= n
    return atoms if atoms else 1


def _elementwise(node: Expr) -> tuple[Any, ...]:
    shapes = [_of(a) for a in node.args]
    ndim = max(map(len, shapes), default=0)
    return tuple(_broadcast([s[k - ndim + len(s)] for s in shapes if k - ndim + len(s) >= 0]) for k in range(ndim))


def _reduction(node: Expr) -> tuple[Any, ...]:
    axes, keep = node.kw["axes"], node.kw["keepdims"]
    return tuple(1 if k in axes else n for k, n in enumerate(_of(node.args[0])) if keep or k not in axes)


def _scalar(e: Expr) -> Any:
    """The length that a scalar int64 expression stands for."""
    if e.op is constant_op:
        return int(value_of(e))
    if e.op.name == "length":
        x = e.args[0]
        return axes_lengths(x)[e.params[0]]
    if e.op.name == "broadcast_length":
        return _broadcast([_scalar(a) for a in e.args])
    return _facts.get().settle(frozenset([(id(e),)]))


def _counted(node: Expr) -> tuple[Any, ...]:
    return (node.type.shape[0],) if node.type.shape[0] is not None else (_scalar(node.args[-1]),)


def _concatenated(node: Expr) -> tuple[Any, ...]:
    """Along the axis a sum, of which nothing is said; the others are those of any piece."""
    axis = node.kw["axis"]
    return tuple(n if k != axis or len(node.args) == 1 else None for k, n in enumerate(_of(node.args[0])))


def _index(node: Expr) -> tuple[Any, ...]:
    """Full slices keep their axis' length; that of others comes from it and the item."""
    pairs = zip(node.kw["spec"], _of(node.args[0]), strict=True)
    return tuple(_sliced(n, *item[1:]) for item, n in pairs if item[0] == "slice")


def _sliced(n: Axis, start: Any, stop: Any, step: Any) -> Any:
    if (start, stop, step) == (None, None, None):
        return n
    if isinstance(n, int) or "?" in (start, stop, step):
        return None
    if stop is None and step is None and start >= 0:
        (first, *more) = n
        if not more and isinstance(first, tuple) and first[0] == "from":
            return frozenset([("from", first[1], first[2] + start)])
        return frozenset([("from", n, start)])
    return frozenset([("slice", n, start, stop, step)])


def _target(node: Expr) -> tuple[Any, ...]:
    rest = iter(node.args[1:])
    return tuple((_scalar(next(rest)) if n is None else None if n == -1 else n) for n in node.kw["shape"])


def _matmul(node: Expr) -> tuple[Any, ...] | None:
    a, b = map(_of, node.args)
    if len(a) != 2 or len(b) != 2:
        return None
    return a[0], b[1]


def _expand(node: Expr) -> tuple[Any, ...]:
    rest = iter(_of(node.args[0]))
    return tuple(1 if k in node.kw["axes"] else next(rest) for k in range(len(node.type.shape)))


def _specify(node: Expr) -> tuple[Any, ...]:
    """The lengths it asserts are those of its argument, or it raises."""
    return tuple(m if n is None else n for n, m in zip(node.type.shape, _of(node.args[0]), strict=True))


def _taken(node: Expr) -> tuple[Axis, ...]:
    x, axis, count = _of(node.args[0]), node.kw["axis"], len(node.args) - 1
    shapes = [_of(i) for i in node.args[1:]]
    ndim = max(map(len, shapes))
    at = (_broadcast([s[k - ndim] for s in shapes if len(s) >= ndim - k]) for k in range(ndim))
    return *x[:axis], *at, *x[axis + count:]


_FAMILY: dict[str, Any] = {
    **dict.fromkeys(("sum", "prod", "max", "min", "any", "all"), _reduction),
    "transpose": lambda node: tuple(_of(node.args[0])[k] for k in node.kw["axes"]),
    "expand_dims": _expand,
    "squeeze": lambda node: tuple(n for k, n in enumerate(_of(node.args[0])) if k not in node.kw["axes"]),
    **dict.fromkeys(("reshape", "broadcast_to", "sum_to", "full"), _target),
    "zero_grad": lambda node: _of(node.args[0]),
    "specify_shape": _specify,
    "arange": _counted, "index": _index, "concatenate": _concatenated,
    "take": _taken,
    "take_along": lambda node: tuple(m if k == node.kw["axis"] else n for k, (n, m) in enumerate(
        zip(*map(_of, node.args), strict=True))),
    "matmul": _matmul,
    "gemm": lambda node: _of(node.args[0]),
    **dict.fromkeys(("set_index", "inc_index", "set_take", "inc_take", "set_compress", "set_along", "inc_along", "check"),
                    lambda node: _of(node.args[0])),
}
