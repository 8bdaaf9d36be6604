"""Reverse-mode gradients: `grad` and `vjp` walk the graph backwards and ask each op's vjp.

Broadcasting: a gradient is summed over the axes along which its argument was repeated, at run time where lengths are unknown till
then. Elements that are taken twice collect both gradients; of values put at one place only the one that stayed has a gradient.

Ties, kinks and jumps: `maximum` and `minimum` (so also clip, relu, fmax, fmin) give half to each side, the reductions `max` and
`min` an equal share to each element that ties, `absolute` and `sign` have gradient 0 at 0. Steps with floating-point values
(rounding, `sign`, `floor_divide`) have gradient 0; comparisons, `argmax` and conversions to integers carry none. `where` follows
the side taken: through elementwise ops the other side gets 0, even if its values or slopes are NaN or infinite there. The
gradient of `prod` is right where elements are 0.

Where a slope is infinite the gradient is: sqrt, cbrt and log at 0. Where there is none it is NaN: hypot, arctan2, norm at the
origin, std of equal elements. Where a slope goes to 0 its error is that of the value: sigmoid, tanh, expm1 far out have slopes
off by some eps, not by some eps times the slope.

Complex tensors: a real cost C of a complex tensor z = x + iy has the gradient G = dC/dx - i dC/dy, so that dC = Re(G dz), and for
holomorphic C = Re(f) it is f'(z); steepest descent goes along -conj(G). A vjp is the transposed linear map without conjugation:
for dw = A dz + B conj(dz) it takes g to g A + conj(g B); a real tensor takes the real part of what reaches it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .dtypes import is_float
from .errors import ArgumentError, DisconnectedInputError, GradientError, NullTypeGradError
from .expr import Expr, as_expr, constant, is_constant, item_op, value_of, variable, where
from .graph import topological
from .op import BUILDERS, strict
from .ops.elementwise import cast, where_op, zeros_like
from .ops.elementwise import where as choose
from .ops.lengths import lengths_now
from .ops.shape import broadcast_to, specify_shape, sum_to, summed
from .origins import set_inherited, user_line
from .shapes import Memo, lengths_of, same_length
from .types import TensorType, TupleType, Type, shape_text

__all__ = ["DisconnectedType", "NullType", "Walk", "as_list", "as_target", "fitting", "grad", "in_form_of", "is_flat",
           "lowered", "named", "one_of", "promised", "vjp"]


@dataclass(frozen=True, slots=True)
class DisconnectedType(Type):
    """The type of what `grad` returns for a `wrt` that the cost does not depend on, with return_disconnected="disconnected"."""


@dataclass(frozen=True, slots=True)
class NullType(Type):
    """The type of a gradient that is not defined, with null_gradients="return"; `why_null` says why."""

    why_null: str = ""


@strict
def grad(cost: Any, wrt: Any, consider_constant: Iterable[Expr] | None = None, disconnected_inputs: str = "raise",
         add_names: bool = True, known_grads: Mapping[Expr, Any] | None = None, return_disconnected: str = "zero",
         null_gradients: str = "raise") -> Any:
    """The gradient of a scalar `cost` with respect to one expression, or to each of a list or tuple of them.

    `wrt` may be variables, shared values or inner nodes of the graph; each gradient has the dtype and shape of its expression.
    `known_grads` maps nodes to gradients that flow into them in addition (`cost` may then be None); no gradient flows through the
    nodes in `consider_constant`. `disconnected_inputs` says what happens to a `wrt` that `cost` does not depend on: "raise"
    (DisconnectedInputError), "warn" or "ignore"; `return_disconnected` what stands for its gradient then: "zero" (zeros in its
    shape), "None" or "disconnected" (a variable of DisconnectedType). `null_gradients="return"` gives a variable of NullType, in
    place of the error, where an op on the way has no gradient. `add_names` is for Theano's sake: gradients know their forward
    nodes anyway. Raises GradientError for a cost that is not a real floating-point scalar, for an integer `wrt`, and for ops
    without a gradient.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> tv.grad(tv.sum(x * x), x).type
    TensorType(float64, (None,))
    """
    one_of("null_gradients", null_gradients, ("raise", "return"))
    if cost is None and not known_grads:
        raise ArgumentError("grad needs a cost, or known_grads", at=user_line())
    start = [] if cost is None else [(_cost(cost), constant(1, as_expr(cost).dtype))]
    if known_grads is not None and not isinstance(known_grads, Mapping):
        raise ArgumentError(f"known_grads is a mapping {{node: gradient}}, not {type(known_grads).__name__}")
    known = [(_node(node, "known_grads"), as_expr(g)) for node, g in (known_grads or {}).items()]
    return _backward([*start, *known], wrt, consider_constant, (disconnected_inputs, return_disconnected), null_gradients)


@strict
def vjp(outputs: Any, wrt: Any, cotangents: Any, consider_constant: Iterable[Expr] | None = None,
        disconnected_inputs: str = "ignore", return_disconnected: str = "zero") -> Any:
    """The vector-Jacobian product: `cotangents` (one for each of `outputs`, in its shape) pulled back to `wrt`.

    `outputs` is one expression, a list of them, or a function of `wrt` that makes them. The sum of cotangent * output over all
    elements has these gradients, if the cotangents are taken as constants. The rest is as for `grad`.

    >>> import tensorviz as tv
    >>> x, u = tv.vector("x"), tv.vector("u")
    >>> tv.vjp(tv.exp(x), x, u).eval({x: [0.0, 0.0], u: [1.0, 2.0]})
    array([1., 2.])
    """
    outs, gs = as_list(outputs(*as_list(wrt)) if callable(outputs) else outputs), as_list(cotangents)
    if len(outs) != len(gs):
        raise ArgumentError(f"{len(outs)} outputs need as many cotangents, not {len(gs)}", at=user_line())
    pairs = [(as_expr(o), as_expr(g)) for o, g in zip(outs, gs, strict=True) if g is not None]
    for o, _ in pairs:
        if not isinstance(o.type, TensorType) or not is_float(o.dtype):
            raise GradientError(f"{named(o)} is no floating-point tensor: it has no gradient", at=where(o))
    return _backward(pairs, wrt, consider_constant, (disconnected_inputs, return_disconnected), "raise")


def fitting(g: Expr, node: Expr, what: str) -> Expr:
    """A cotangent or tangent in the dtype of its node; GradientError if its shape is another."""
    if g.ndim != node.ndim or any(None not in (n, m) and n != m for n, m in zip(g.type.shape, node.type.shape, strict=True)):
        raise GradientError(f"{what} {named(node)} has shape {shape_text(g.type.shape)}", at=user_line() or where(node),
                            hint="it has one element for each of the node")
    return cast(BUILDERS["real"](g) if g.dtype.kind == "c" != node.dtype.kind else g, node.dtype)


def promised(g: Expr, node: Expr, memo: Memo) -> Expr:
    """A cotangent or tangent with the promise that it is as long as its node: broadcasting would repeat one of length 1."""
    if g.type.shape == node.type.shape and None not in node.type.shape:
        return g
    if all(map(same_length, lengths_of(g, memo), lengths_of(node, memo))):
        return g
    return specify_shape(g, lengths_now(node))


def _backward(start: Sequence[tuple[Expr, Expr]], wrt: Any, constants: Iterable[Expr] | None, disconnected: tuple[str, str],
              null: str) -> Any:
    one_of("disconnected_inputs", disconnected[0], ("raise", "warn", "ignore"))
    instead = lowered(disconnected[1])
    one_of("return_disconnected", instead, ("zero", "none", "disconnected"))
    targets = [as_target(w) for w in as_list(wrt)]
    still = {_node(c, "consider_constant") for c in as_list(() if constants is None else constants)}
    walk = Walk(targets, still, null == "return")
    walk.start([(node, promised(fitting(g, node, "the gradient that flows into"), node, walk.memo)) for node, g in start])
    walk.run()
    level = set() if (disconnected[0], instead) == ("ignore", "zero") else _level(walk)
    return in_form_of(wrt, [zeros_like(w) if w in level else _result(walk, w, disconnected[0], instead) for w in targets])


def _level(walk: Walk) -> set[Expr]:
    """The targets that are reached, but only over steps (`floor`): their gradients are zeros."""
    found: set[Expr] = set()
    missing = walk.targets - walk.grads.keys()
    while walk.flat and missing:
        seeds = [(a, zeros_like(a)) for a in dict.fromkeys(walk.flat)]
        walk = _Reach(list(missing), walk.constants)
        walk.start(seeds)
        walk.run()
        found |= missing & walk.grads.keys()
        missing -= found
    return found


def _node(value: Any, what: str) -> Expr:
    if not isinstance(value, Expr) and not hasattr(value, "_as_tensorviz_expr"):
        raise ArgumentError(f"{what} names expressions, not {value!r:.60}")
    return as_expr(value)


def lowered(word: Any) -> Any:
    """A word as it is compared: Theano writes "Disconnected", PyTensor "disconnected"."""
    return word.lower() if isinstance(word, str) else word


def one_of(name: str, value: Any, allowed: Sequence[str]) -> None:
    """Raises ArgumentError unless an option has one of the allowed values."""
    if value not in allowed:
        words = ", ".join(map(repr, allowed[:-1]))
        raise ArgumentError(f"{name} is {words} or {allowed[-1]!r}, not {value!r}", at=user_line())


def as_list(values: Any) -> list[Any]:
    """One expression as a list of one; lists, tuples, sets as lists."""
    return [values] if isinstance(values, Expr) or values is None or not isinstance(values, Iterable) or hasattr(
        values, "_as_tensorviz_expr") or isinstance(values, np.ndarray) else list(values)


def in_form_of(wrt: Any, found: list[Any]) -> Any:
    """One result for one expression, a list or tuple for a list or tuple."""
    return type(wrt)(found) if type(wrt) in (list, tuple) else found if isinstance(wrt, list | tuple) else found[0]


def as_target(w: Any) -> Expr:
    """`w` as an expression that has gradients; GradientError for anything else."""
    if not isinstance(w, Expr) and not hasattr(w, "_as_tensorviz_expr"):
        raise GradientError(f"a gradient is taken with respect to variables or other expressions, not {w!r:.60}",
                            at=user_line(), hint="tv.grad(cost, x), or tv.grad(cost, [x, y])")
    target = as_expr(w)
    if not isinstance(target.type, TensorType) or not is_float(target.dtype):
        raise GradientError(f"there is no gradient with respect to {named(target)}", at=where(target),
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


def named(e: Expr) -> str:
    """What an error calls a node: its name or its op, and its type."""
    return f"{e.name} ({_kind(e)})" if e.name else f"a node {e.op.name} ({_kind(e)})"


def _result(walk: Walk, w: Expr, disconnected: str, instead: str) -> Any:
    found: Any = walk.grads.get(w)
    if isinstance(found, NullType):
        return variable(found)
    if found is not None:
        return found
    message = f"the cost does not depend on {named(w)} in a way that has a gradient"
    if disconnected == "raise":
        raise DisconnectedInputError(message, at=where(w),
                                     hint="leave it out, or use disconnected_inputs='ignore' to get zeros")
    if disconnected == "warn":
        warnings.warn(message, stacklevel=4)
    if instead == "none":
        return None
    return variable(DisconnectedType()) if instead == "disconnected" else zeros_like(w)


class Walk:
    """One backward walk: gradients by node, and the lengths that tell where broadcasting is to be undone.

    With `null` an op without a gradient gives a NullType, which spreads, in place of the error.
    """

    def __init__(self, targets: Sequence[Expr], constants: set[Expr] | frozenset[Expr] = frozenset(), null: bool = False) -> None:
        self.targets, self.constants, self.null = set(targets), constants, null
        self.grads: dict[Expr, Any] = {}        # a list of gradients for nodes with several results
        self.memo: Memo = {}
        self.order: list[Expr] = []
        self.stamped: set[Expr] = set()
        self.chosen: set[Expr] = set()          # conditions of `where`
        self.flat: list[Expr] = []              # arguments of steps, whose derivatives are 0
        self.steep: set[Expr] = set()           # elementwise nodes whose slope, or that of one below, may be infinite

    def start(self, pairs: Sequence[tuple[Expr, Expr]]) -> None:
        """Nodes and the gradients that flow into them: 1 into a cost."""
        self.order = topological([node for node, _ in pairs])
        self.stamped = set(self.order)
        self.chosen = {node.args[0] for node in self.order if node.op is where_op}
        for node in self.order:
            if node.op.family == "elementwise" and (_is_steep(node) or any(a in self.steep for a in node.args)):
                self.steep.add(node)
        for node, g in pairs:
            self.add(node, g)

    def run(self) -> None:
        """From the cost to the targets, users before their arguments; only along ways that lead to a target."""
        useful = self._useful()
        for node in reversed(self.order):
            if node in self.grads and node in useful and node.args and node not in self.constants:
                self._step(node, useful)

    def _useful(self) -> set[Expr]:
        found: set[Expr] = set()
        for node in self.order:
            if node in self.targets or any(a in found and (a in self.targets or a not in self.constants) for a in node.args):
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

    def _vjp(self, node: Expr, wanted: Sequence[int]) -> list[tuple[int, Any]]:
        g = self.grads[node]
        if node.op is item_op:
            return [(0, self._item(node, g))]
        if node.op.vjp is None or isinstance(g, NullType):
            why = g.why_null if isinstance(g, NullType) else f"{node.op.name} has no gradient"
            if not self.null:
                raise NullTypeGradError(why, at=where(node), hint="tv.zero_grad(x) takes x as a constant")
            return [(k, NullType(why)) for k in wanted]
        masks: list[Mask] = []
        if self._keeps(g, node):
            masks, g = _unmasked(g)
        found = node.op.vjp(g, node, *node.args, **node.kw)
        for k in wanted:
            if isinstance(found[k], GradientError):
                raise found[k]
        if is_flat(node):
            self.flat += [node.args[k] for k in wanted if found[k] is None]
        return [(k, _masked(found[k], masks)) for k in wanted if found[k] is not None]

    def _item(self, node: Expr, g: Expr) -> Any:
        whole, index = node.args[0], node.params[0]
        slots: list[Expr | None] = [None] * len(whole.type.items)
        slots[index] = g
        return slots

    def _fit(self, d: Any, arg: Expr) -> Any:
        """A gradient in its argument's dtype and shape: what broadcasting repeated is summed."""
        if isinstance(d, list | NullType):
            return d
        if d.dtype != arg.dtype:
            d = cast(BUILDERS["real"](d) if d.dtype.kind == "c" != arg.dtype.kind else d, arg.dtype)
        if d.type.shape == arg.type.shape and None not in arg.type.shape:
            return d
        have, want = lengths_of(d, self.memo), lengths_of(arg, self.memo)
        lead = len(have) - len(want)
        ones = [k for k, n in enumerate(want) if isinstance(n, int) and n == 1 and not same_length(have[lead + k], 1)]
        if all(k in ones or same_length(have[lead + k], n) for k, n in enumerate(want)):
            if not lead and not ones:
                return d
            total = partial(summed, lead=lead, ones=ones)
        else:
            total = partial(sum_to, shape=lengths_now(arg))
        return self._summed(d, arg, total) if self._keeps(d, arg) else total(d)

    def _keeps(self, g: Expr, node: Expr) -> bool:
        """Whether what a condition lets through of a gradient of `node` is to be kept in view: its slopes may not be finite."""
        if node.op.family != "elementwise" or not node.args:
            return False
        masks = _unmasked(g)[0]
        return bool(masks) and (node in self.steep or any(condition in self.chosen for condition, _ in masks))

    def _summed(self, d: Expr, arg: Expr, total: Callable[[Expr], Expr]) -> Expr:
        """A sum of a gradient under a condition, under the condition that it lets one of the terms through."""
        mask = _unmasked(d)[0][0]
        passes = total(broadcast_to(_condition(mask), lengths_now(d)))      # a sum of booleans is whether one is true
        if mask[0] in self.chosen:
            self.chosen.add(passes)
        return choose(passes, total(d), 0)

    def add(self, node: Expr, d: Any) -> None:
        """One more gradient that reaches `node`."""
        if isinstance(self.grads.get(node), NullType):
            return
        if isinstance(d, list) and (null := next((g for g in d if isinstance(g, NullType)), None)):
            d = null
        if node not in self.grads or isinstance(d, NullType):
            self.grads[node] = d
        elif isinstance(node.type, TupleType):
            self.grads[node] = [b if a is None else a if b is None else a + b for a, b in zip(self.grads[node], d, strict=True)]
        else:
            self.grads[node] = self._joined(self.grads[node], d, node)
            if self.grads[node].made is None:
                self.grads[node].made = ("vjp", node.op.name, node)

    def _joined(self, a: Expr, b: Expr, node: Expr) -> Expr:
        """The sum of two gradients of a node, under the condition that one of them is let through."""
        if not (self._keeps(a, node) and self._keeps(b, node)):
            return a + b
        ours, theirs = _unmasked(a)[0][0], _unmasked(b)[0][0]
        passes = BUILDERS["logical_or"](_condition(ours), _condition(theirs))
        if ours[0] in self.chosen or theirs[0] in self.chosen:
            self.chosen.add(passes)
        return choose(passes, a + b, 0)

    def stamp(self, d: Any, node: Expr) -> None:
        """Note on the nodes that this step made (they alone hold its very tuple of sites) where they come from."""
        if isinstance(d, NullType):
            return
        work = [g for g in d if isinstance(g, Expr)] if isinstance(d, list) else [d]
        made = ("vjp", node.op.name, node)
        while work:
            e = work.pop()
            if e in self.stamped:
                continue
            self.stamped.add(e)
            if e.made is None and e.sites is node.sites and e.args:
                e.made = made
            work.extend(e.args)


class _Reach(Walk):
    """A walk that asks only which targets are reached: what has no gradient is passed."""

    def _vjp(self, node: Expr, wanted: Sequence[int]) -> list[tuple[int, Any]]:
        try:
            return super()._vjp(node, wanted)
        except GradientError:
            return [(k, NullType()) for k in wanted]


def is_flat(node: Expr) -> bool:
    """Whether None for the gradient of an argument means 0: node is an elementwise function with floating-point values."""
    return node.op.family == "elementwise" and isinstance(node.type, TensorType) and is_float(node.dtype)


# -- gradients that a condition lets through -----------------------------------------------------------------------------
Mask = tuple[Expr, bool]            # a condition, and which of its sides lets the gradient through
STEEP = frozenset((
    "arccos", "arccosh", "arcsin", "arctan2", "arctanh", "cbrt", "cosh", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p",
    "log2", "power", "reciprocal", "sinh", "sqrt", "tan", "true_divide"))


def _is_steep(node: Expr) -> bool:
    """Whether the slope of an op may be infinite or NaN at finite values; not that of a power or quotient by a plain number."""
    if node.op.name in ("power", "true_divide") and is_constant(node.args[1]):
        return not np.all(value_of(node.args[1]) >= 1)
    return node.op.name in STEEP


def _unmasked(g: Expr) -> tuple[list[Mask], Expr]:
    """where(c, g, 0) taken apart: its conditions, outermost first, and g.

    A vjp is linear, so the vjp of where(c, g, 0) is where(c, vjp of g, 0); written so, a slope that is NaN or infinite where c
    does not hold is not multiplied by 0. That is done under each `where` of the forward graph, whose other side may be anything;
    under the conditions of maximum, minimum, max and min, whose sides are numbers, only where slopes may be infinite.
    """
    masks = []
    while g.op is where_op and (_is_zero(g.args[2]) or _is_zero(g.args[1])):
        side = _is_zero(g.args[2])
        masks.append((g.args[0], side))
        g = g.args[1 if side else 2]
    return masks, g


def _is_zero(e: Expr) -> bool:
    return is_constant(e) and not e.ndim and not value_of(e)


def _masked(d: Expr, masks: Sequence[Mask]) -> Expr:
    for condition, side in reversed(masks):
        d = choose(condition, d, 0) if side else choose(condition, 0, d)
    return d


def _condition(mask: Mask) -> Expr:
    condition, side = mask
    return condition if side else BUILDERS["logical_not"](condition)


def _flows(a: Expr) -> bool:
    return not isinstance(a.type, TensorType) or is_float(a.dtype)
