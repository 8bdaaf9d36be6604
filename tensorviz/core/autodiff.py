"""Reverse-mode gradients: `grad` walks the graph backwards and asks each op's vjp.

Gradients of ties, kinks and jumps: `maximum` and `minimum` give half to each side, the reductions `max` and `min` an equal
share to each
element that ties, `absolute` and `sign` have gradient 0 at 0, rounding has gradient 0, `where` follows the side taken.
Complex intermediates: vjps are the transposed linear maps without conjugation, and a real tensor takes the real part of what
reaches it;
the gradient of a real cost with respect to a complex tensor z = x + iy is d/dx - i d/dy.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .dtypes import is_float
from .errors import ArgumentError, GradientError
from .expr import Expr, as_expr, constant, item_op, where
from .graph import topological
from .op import BUILDERS
from .ops.elementwise import cast, zeros_like
from .ops.lengths import lengths_now
from .ops.shape import sum_to, summed
from .origins import set_inherited
from .shapes import Memo, lengths_of, same_length
from .types import TensorType, TupleType

__all__ = ["grad"]


def grad(cost: Any, wrt: Any, known_grads: Mapping[Expr, Any] | None = None, consider_constant: Iterable[Expr] = (),
         disconnected_inputs: str = "raise") -> Any:
    """The gradient of a scalar `cost` with respect to one expression, or to each of a list or tuple of them.

    `wrt` may be variables, shared values or inner nodes of the graph; each gradient has the dtype and shape of its expression.
    `known_grads` maps nodes to gradients that flow into them in addition (`cost` may then be None); no gradient flows through the
    nodes in `consider_constant`. `disconnected_inputs` says what happens to a `wrt` that `cost` does not depend on: "raise",
    "warn" or
    "ignore" (the gradient is 0). Raises GradientError for a cost that is not a real floating-point scalar, for an integer
    `wrt`, and for
    ops without a gradient.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> tv.grad(tv.sum(x * x), x).type
    TensorType(float64, (None,))
    """
    if disconnected_inputs not in ("raise", "warn", "ignore"):
        raise ArgumentError(f"disconnected_inputs is 'raise', 'warn' or 'ignore', not {disconnected_inputs!r}")
    targets = [_target(w) for w in (wrt if isinstance(wrt, list | tuple) else [wrt])]
    walk = _Walk(targets, {as_expr(c) for c in consider_constant})
    walk.start(None if cost is None else _cost(cost), known_grads or {})
    walk.run()
    found = [_result(walk, w, disconnected_inputs) for w in targets]
    return type(wrt)(found) if type(wrt) in (list, tuple) else found if isinstance(wrt, list | tuple) else found[0]


def _target(w: Any) -> Expr:
    target = as_expr(w)
    if not isinstance(target.type, TensorType) or not is_float(target.dtype):
        raise GradientError(f"there is no gradient with respect to {_named(target)}", at=where(target),
                            hint="gradients exist for floating-point tensors: declare it so, or cast before it is used")
    return target


def _cost(value: Any) -> Expr:
    cost = as_expr(value)
    if not isinstance(cost.type, TensorType) or cost.ndim:
        raise GradientError(f"the cost of a gradient is a scalar, not {_kind(cost)}", at=where(cost),
                            hint="reduce it first: tv.sum(cost) or tv.mean(cost)")
    if cost.dtype.kind != "f":
        hint = "tv.real(cost), or its absolute value" if cost.dtype.kind == "c" else "cost.astype('float64')"
        raise GradientError(f"the cost of a gradient is real floating point, not {cost.dtype}", at=where(cost),
                            hint=f"use {hint}")
    return cost


def _kind(e: Expr) -> str:
    return e.type.text() if isinstance(e.type, TensorType) else "several results"


def _named(e: Expr) -> str:
    return f"{e.name} ({_kind(e)})" if e.name else f"a node {e.op.name} ({_kind(e)})"


def _result(walk: _Walk, w: Expr, disconnected: str) -> Expr:
    found: Expr | None = walk.grads.get(w)
    if found is not None:
        return found
    message = f"the cost does not depend on {_named(w)} in a way that has a gradient"
    if disconnected == "raise":
        raise GradientError(message, at=where(w), hint="leave it out, or use disconnected_inputs='ignore' to get zeros")
    if disconnected == "warn":
        warnings.warn(message, stacklevel=3)
    return zeros_like(w)


class _Walk:
    """One backward walk: gradients by node, and the lengths that tell where broadcasting is to be undone."""

    def __init__(self, targets: Sequence[Expr], constants: set[Expr]) -> None:
        self.targets, self.constants = set(targets), constants
        self.grads: dict[Expr, Any] = {}        # a list of gradients for nodes with several results
        self.memo: Memo = {}
        self.order: list[Expr] = []
        self.stamped: set[Expr] = set()

    def start(self, cost: Expr | None, known: Mapping[Expr, Any]) -> None:
        """Gradients that are given: 1 for the cost, and the known ones."""
        if cost is None and not known:
            raise ArgumentError("grad needs a cost, or known_grads")
        self.order = topological(([] if cost is None else [cost]) + list(known))
        self.stamped = set(self.order)
        if cost is not None:
            self.add(cost, constant(1, cost.dtype))
        for node, g in known.items():
            if as_expr(g).ndim != node.ndim:
                raise GradientError(f"the known gradient of {_named(node)} has {as_expr(g).ndim} axes, not {node.ndim}",
                                    at=where(node))
            self.add(node, cast(as_expr(g), node.dtype))

    def run(self) -> None:
        """From the cost to the targets, users before their arguments; only along ways that lead to a target."""
        useful = self._useful()
        for node in reversed(self.order):
            if node in self.grads and node in useful and node.args and node not in self.constants:
                self._step(node, useful)

    def _useful(self) -> set[Expr]:
        found: set[Expr] = set()
        for node in self.order:
            if node in self.targets or any(a in found for a in node.args if a not in self.constants):
                found.add(node)
        return found

    def _step(self, node: Expr, useful: set[Expr]) -> None:
        wanted = [k for k, a in enumerate(node.args) if a in useful and _flows(a)]
        if not wanted:
            return
        before = set_inherited(node.sites)
        try:
            for k, d in self._vjp(node, wanted):
                d = self._fit(d, node.args[k])
                self.stamp(d, node)
                self.add(node.args[k], d)
        finally:
            set_inherited(before)

    def _vjp(self, node: Expr, wanted: Sequence[int]) -> list[tuple[int, Expr]]:
        g = self.grads[node]
        if node.op is item_op:
            return [(0, self._item(node, g))]
        if node.op.vjp is None:
            raise GradientError(f"{node.op.name} has no gradient", at=where(node), hint="tv.zero_grad(x) takes x as a constant")
        found = node.op.vjp(g, node, *node.args, **node.kw)
        return [(k, found[k]) for k in wanted if found[k] is not None]

    def _item(self, node: Expr, g: Expr) -> Any:
        whole, index = node.args[0], node.params[0]
        slots: list[Expr | None] = [None] * len(whole.type.items)
        slots[index] = g
        return slots

    def _fit(self, d: Any, arg: Expr) -> Any:
        """A gradient in its argument's dtype and shape: what broadcasting repeated is summed."""
        if isinstance(d, list):
            return d
        if d.dtype != arg.dtype:
            d = cast(BUILDERS["real"](d) if d.dtype.kind == "c" != arg.dtype.kind else d, arg.dtype)
        have, want = lengths_of(d, self.memo), lengths_of(arg, self.memo)
        lead = len(have) - len(want)
        ones = [k for k, n in enumerate(want) if isinstance(n, int) and n == 1 and not same_length(have[lead + k], 1)]
        if all(k in ones or same_length(have[lead + k], n) for k, n in enumerate(want)):
            return summed(d, lead, ones)
        return sum_to(d, lengths_now(arg))

    def add(self, node: Expr, d: Any) -> None:
        """One more gradient that reaches `node`."""
        if node not in self.grads:
            self.grads[node] = d
        elif isinstance(node.type, TupleType):
            self.grads[node] = [b if a is None else a if b is None else a + b for a, b in zip(self.grads[node], d, strict=True)]
        else:
            self.grads[node] = self.grads[node] + d
            if self.grads[node].made is None:
                self.grads[node].made = ("vjp", node.op.name, node)

    def stamp(self, d: Any, node: Expr) -> None:
        """Note on the nodes that this step made (they alone hold its very tuple of sites) where they come from."""
        work = [g for g in d if g is not None] if isinstance(d, list) else [d]
        made = ("vjp", node.op.name, node)
        while work:
            e = work.pop()
            if e in self.stamped:
                continue
            self.stamped.add(e)
            if e.made is None and e.sites is node.sites and e.args:
                e.made = made
            work.extend(e.args)


def _flows(a: Expr) -> bool:
    return not isinstance(a.type, TensorType) or is_float(a.dtype)
