"""Matching: find what the variables of a pattern stand for, trying the orders that commutativity allows.

Nodes are binary. Where an op is associative without rounding (integers, logic, maximum), or the policy is `fast_math`, a
chain of it is seen as a flat list in the user's order, of `WIDTH` elements at most; the pattern takes some of them and the
rest is put back in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..core.expr import Expr, constant_op, make
from ..core.op import OPS, Op
from .pattern import P, Var

__all__ = ["REST", "WIDTH", "Matcher", "flat_elements", "number_of"]

WIDTH = 10
REST = "*"                      # key of the environment for what a flat pattern left over: (op, index, elements)
Env = dict[Any, Any]
Accept = Callable[[Env], bool]
_UNBOUND = object()
_EXACT_CHAINS = frozenset({"maximum", "minimum", "logical_and", "logical_or", "bitwise_and", "bitwise_or", "bitwise_xor"})


class _Variable:
    __slots__ = ("constant", "name", "rank")

    def __init__(self, name: str, constant: bool) -> None:
        self.name, self.constant, self.rank = name, constant, 1 if constant else 3


class _Number:
    __slots__ = ("negative", "value")
    rank = 0

    def __init__(self, value: Any) -> None:
        self.value = value
        self.negative = math.copysign(1.0, value) < 0

    def matches(self, node: Expr) -> bool:
        found = number_of(node)
        return found is not None and found == self.value and (found != 0 or (math.copysign(1.0, found.real) < 0) == self.negative)


class _Node:
    __slots__ = ("args", "commutative", "flat", "op", "ordered", "params", "source")
    rank = 2

    def __init__(self, source: P, constants: frozenset[str]) -> None:
        op = OPS[source.op]
        self.source, self.op = source, op
        self.args = tuple(resolve(a, constants) for a in source.args)
        if set(source.params) != set(op.params):
            raise ValueError(f"a pattern on {op.name} must give its parameters {op.params}, not {tuple(source.params)}")
        values = [source.params[k] for k in op.params]
        self.params = tuple((isinstance(v, Var), v.name if isinstance(v, Var) else v) for v in values)
        self.commutative = op.commutative and len(self.args) == 2
        self.flat = self.commutative and op.associative
        self.ordered = tuple(sorted(self._operands(), key=lambda q: q.rank)) if self.flat else ()

    def _operands(self) -> list[Any]:
        found: list[Any] = []
        for a in self.args:
            found += a._operands() if isinstance(a, _Node) and a.op is self.op else [a]
        return found


class _Rest:
    """A goal: match `patterns` among `elements` (numbered) of a chain of `op`."""

    __slots__ = ("elements", "first", "op", "patterns", "top")
    rank = 4

    def __init__(self, op: Op, patterns: tuple[Any, ...], elements: tuple[tuple[int, Expr], ...], top: bool, first: int) -> None:
        self.op, self.patterns, self.elements, self.top, self.first = op, patterns, elements, top, first


def resolve(p: Any, constants: frozenset[str] = frozenset()) -> Any:
    """A written pattern made ready for matching; the variables in `constants` match constant scalars only."""
    if isinstance(p, Var):
        return _Variable(p.name, p.name in constants)
    return _Node(p, constants) if isinstance(p, P) else _Number(p)


def _may_match(p: Any, node: Expr, env: Env) -> bool:
    """A quick look whether a pattern can match a node."""
    if p.rank == 2:
        return node.op is p.op
    if p.rank == 0:
        return bool(p.matches(node))
    return env.get(p.name, node) is node and (p.rank == 3 or number_of(node) is not None)


def number_of(node: Expr) -> Any:
    """The value of a constant with one element and no axis longer than 1, else None."""
    if node.op is not constant_op:
        return None
    array = node.params[0].array
    return array.item() if array.size == 1 else None


def flat_elements(node: Expr, width: int = WIDTH) -> list[Expr]:
    """The elements of a chain of `node.op` in the user's order, at most `width` of them."""
    op, found, k = node.op, [node], 0
    while k < len(found) and len(found) < width:
        if found[k].op is op:
            found[k : k + 1] = found[k].args
        else:
            k += 1
    return found


class Matcher:
    """Matches one left side: `find(node, accept)` gives the first environment that `accept` takes, or None."""

    __slots__ = ("needs", "op", "ordered", "root")

    def __init__(self, left: P, constants: frozenset[str] = frozenset()) -> None:
        self.root = _Node(left, constants)
        self.op = self.root.op
        wanted = [q.op if q.rank == 2 else constant_op if q.rank < 2 else None for q in self.root.args]
        self.ordered = not self.root.commutative
        self.needs = tuple(wanted) if self.ordered else tuple(w for w in wanted if w is not None)

    def could(self, node: Expr, flat: bool = False) -> bool:
        """Whether the ops of the arguments allow a match: a quick look that turns most nodes away."""
        args = node.args
        if self.ordered:
            if len(args) != len(self.needs):
                return False
            for need, a in zip(self.needs, args):
                if need is not None and a.op is not need:
                    return False
        elif not flat:
            a, b = args
            chain = self.root.flat and (a.op is self.op or b.op is self.op)
            if not chain and any(a.op is not need and b.op is not need for need in self.needs):
                return False
        return True

    def find(self, node: Expr, accept: Accept, flat: bool = False) -> Env | None:
        """Try `node`; `flat`: chains of floats may be taken apart too."""
        env: Env = {}
        return env if _solve((self.root, node, None), env, accept, flat, self.root) else None


def _solve(goals: Any, env: Env, accept: Accept, flat: bool, top: _Node | None) -> bool:
    while goals is not None:
        pattern, node, goals = goals
        kind = pattern.rank               # 0 number, 1 constant, 2 node, 3 variable, 4 rest of a chain
        if kind == 3 or kind == 1:
            if kind == 1 and number_of(node) is None:
                return False
            old = env.get(pattern.name, _UNBOUND)
            if old is _UNBOUND:
                env[pattern.name] = node
            elif old is not node:
                return False
        elif kind == 0:
            if not pattern.matches(node):
                return False
        elif kind == 2:
            if node.op is not pattern.op or (pattern.params and not _bind_params(pattern, node, env)):
                return False
            env[pattern.source] = node
            if pattern.flat and (flat or node.op.name in _EXACT_CHAINS or node.dtype.kind in "iub"):
                elements = flat_elements(node)
                if len(elements) > 2 or len(pattern.ordered) > 2:
                    if not all(any(_may_match(q, e, env) for e in elements) for q in pattern.ordered):
                        return False
                    numbered = tuple(enumerate(elements))
                    goals = (_Rest(node.op, pattern.ordered, numbered, pattern is top, len(elements)), None, goals)
                    continue
            if pattern.commutative:
                (p, q), (a, b) = pattern.args, node.args
                saved = dict(env)
                if _solve((p, a, (q, b, goals)), env, accept, flat, top):
                    return True
                if a is b:
                    return False
                env.clear()
                env.update(saved)
                goals = (p, b, (q, a, goals))
            elif len(pattern.args) != len(node.args):
                return False
            else:
                for k in range(len(node.args) - 1, -1, -1):
                    goals = (pattern.args[k], node.args[k], goals)
        else:
            return _solve_rest(pattern, goals, env, accept, flat, top)
    return accept(env)


def _bind_params(pattern: _Node, node: Expr, env: Env) -> bool:
    for (is_variable, wanted), value in zip(pattern.params, node.params, strict=True):
        if is_variable:
            if env.setdefault(wanted, value) != value:
                return False
        elif wanted != value:
            return False
    return True


def _solve_rest(goal: _Rest, goals: Any, env: Env, accept: Accept, flat: bool, top: _Node | None) -> bool:
    elements = goal.elements
    if not goal.patterns:
        if elements and not goal.top:
            return False
        if elements:
            env[REST] = (goal.op, goal.first, elements)
        return _solve(goals, env, accept, flat, top)
    if len(elements) < len(goal.patterns):
        return False
    p, others = goal.patterns[0], goal.patterns[1:]
    saved = dict(env)
    if not others and not goal.top and len(elements) > 1:        # the last variable of an inner chain takes all that is left
        if p.rank != 3 or p.name in env:
            return False
        return _solve((p, joined(goal.op, [e for _, e in elements]), goals), env, accept, flat, top)
    for k, (number, element) in enumerate(elements):
        if not _may_match(p, element, env):
            continue
        left = _Rest(goal.op, others, elements[:k] + elements[k + 1:], goal.top, min(goal.first, number))
        if _solve((p, element, (left, None, goals)), env, accept, flat, top):
            return True
        env.clear()
        env.update(saved)
    return False


def joined(op: Op, elements: list[Expr]) -> Expr:
    """A chain of `op` from its elements, left to right."""
    found = elements[0]
    for e in elements[1:]:
        found = make(op, (found, e))
    return found


def with_rest(rest: tuple[Op, int, tuple[tuple[int, Expr], ...]], new: Expr) -> Expr:
    """`new` put where the matched elements stood first, among the others of the chain."""
    op, first, elements = rest
    before = [e for k, e in elements if k < first]
    return joined(op, [*before, new, *(e for k, e in elements if k > first)])
