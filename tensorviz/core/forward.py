"""Forward-mode derivatives: `jvp` walks the graph from `wrt` on and pushes tangents through each op.

A tangent has the dtype and shape of its node. What an op makes of those of its arguments is found in this order: the op's own
`jvp`; the tables below, for ops that are linear in some arguments, and for a few others; for real elementwise ops the vjp's
formula, which multiplies by the diagonal of the Jacobian and so is its own transpose; for the rest the vjp transposed: it is
linear in the cotangent, and the vjp of that linear map pushes tangents forward (J. Townsend, "A new trick for calculating
Jacobian vector products", 2017).

Conventions at ties, kinks and jumps are those of gradients (core/autodiff.py). For complex tensors the tangent of a node is dw
for the given dz, exact also for functions that are not holomorphic.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .autodiff import DisconnectedType, NullType, Walk, as_list, as_target, fitting, is_flat, lowered, named, one_of, promised
from .dtypes import is_float
from .errors import ArgumentError, DisconnectedInputError, GradientError, NullTypeGradError
from .expr import Expr, as_expr, is_constant, item, item_op, make, variable, where
from .graph import replace, topological
from .op import BUILDERS, strict
from .ops.elementwise import cast, zeros_like
from .ops.elementwise import where as choose
from .ops.lengths import lengths_now
from .ops.linalg import matmul
from .ops.reductions import sum as sum_
from .ops.shape import broadcast_to
from .origins import set_inherited, user_line
from .shapes import Memo, lengths_of, same_length
from .types import TensorType, TupleType

__all__ = ["LINEAR", "RULES", "jvp"]

Tangents = Sequence[Any]                            # an Expr or None (it is 0) for each argument
ALL = 1 << 30

# Ops that are linear in their first arguments together (ALL: in all); the others are lengths, indices, masks.
LINEAR: dict[str, int] = {
    **dict.fromkeys(("broadcast_to", "cast", "check", "compress", "conjugate", "cumsum", "expand_dims", "fft", "fold", "ifft",
                     "imag", "index", "irfft", "negative", "pool_sum", "pool_sum_back", "real", "reshape", "rfft",
                     "specify_shape", "squeeze", "sum", "sum_to", "take", "take_along", "transpose", "unfold"), 1),
    **dict.fromkeys(("arange", "inc_along", "inc_index", "inc_take", "pad", "set_along", "set_compress", "set_index",
                     "set_take"), 2),
    "concatenate": ALL,
}


@strict
def jvp(outputs: Any, wrt: Any, tangents: Any, disconnected_outputs: str = "ignore",
        return_disconnected: str = "zero") -> Any:
    """The Jacobian-vector product: how `outputs` change when `wrt` changes along `tangents`, one for each of `wrt`, in its shape.

    `outputs` is one expression, a list of them, or a function of `wrt` that makes them; a tangent may be None: 0. An output that
    does not depend on `wrt` has zeros (`disconnected_outputs` may also be "warn" or "raise"; `return_disconnected` "None" or
    "disconnected"). Every op that has a gradient has a tangent. Raises GradientError as `grad` does.

    >>> import tensorviz as tv
    >>> x, v = tv.vector("x"), tv.vector("v")
    >>> tv.jvp(tv.exp(x), x, v).eval({x: [0.0, 0.0], v: [1.0, 2.0]})
    array([1., 2.])
    """
    sources, given = [as_target(w) for w in as_list(wrt)], as_list(tangents)
    if len(sources) != len(given):
        raise ArgumentError(f"{len(sources)} expressions need as many tangents, not {len(given)}", at=user_line())
    made = outputs(*as_list(wrt)) if callable(outputs) and not isinstance(outputs, Expr) else outputs
    roots = [as_expr(o) for o in as_list(made)]
    push = _Push()
    for w, t in zip(sources, given, strict=True):
        push.tangents[w] = None if t is None else promised(fitting(as_expr(t), w, "the tangent of"), w, push.memo)
    push.run(roots)
    level = set() if (disconnected_outputs, lowered(return_disconnected)) == ("ignore", "zero") else _level(push, roots)
    found = [_result(zeros_like(r) if r in level else push.tangents.get(r), r, disconnected_outputs, return_disconnected)
             for r in roots]
    return type(made)(found) if type(made) in (list, tuple) else found if isinstance(made, list | tuple) else found[0]


def _level(push: _Push, roots: Sequence[Expr]) -> set[Expr]:
    """The roots that are reached, but only over steps (`floor`): their tangents are zeros."""
    found: set[Expr] = set()
    missing = {r for r in roots if push.tangents.get(r) is None}
    while push.flat and missing:
        seeds = push.flat
        push = _Push()
        push.tangents.update({node: zeros_like(node) for node in seeds})
        push.run(list(missing))
        found |= {r for r in missing if push.tangents.get(r) is not None}
        missing -= found
    return found


def _result(found: Expr | None, r: Expr, disconnected: str, instead: str) -> Any:
    one_of("disconnected_outputs", disconnected, ("ignore", "warn", "raise"))
    instead = lowered(instead)
    one_of("return_disconnected", instead, ("zero", "none", "disconnected"))
    if found is not None:
        return found
    message = f"{named(r)} does not depend on what is varied in a way that has a derivative"
    if disconnected == "raise":
        raise DisconnectedInputError(message, at=where(r), hint="leave it out, or use disconnected_outputs='ignore' to get zeros")
    if disconnected == "warn":
        warnings.warn(message, stacklevel=3)
    if instead == "none":
        return None
    return variable(DisconnectedType()) if instead == "disconnected" else zeros_like(r)


class _Push:
    """One forward walk: tangents by node; a list of them for nodes with several results."""

    def __init__(self) -> None:
        self.tangents: dict[Expr, Any] = {}
        self.memo: Memo = {}
        self.flat: list[Expr] = []              # steps, whose tangents are 0
        self.stamped: set[Expr] = set()

    def run(self, roots: Sequence[Expr]) -> None:
        """From the sources, whose tangents are set, to `roots`; a source is not looked below."""
        order = topological(roots, ends=self.tangents.__contains__)
        self.stamped.update(order)
        for node in order:
            if node.args and node not in self.tangents and _flows(node):
                given = [self.tangents.get(a) for a in node.args]
                if any(t is not None for t in given):
                    self._step(node, given)

    def _step(self, node: Expr, given: Tangents) -> None:
        before = set_inherited(node.sites)
        try:
            found = given[0][node.params[0]] if node.op is item_op else self._tangent(node, given)
            if isinstance(found, Expr):
                found = self._fit(found, node)
                self._stamp([found], node)
            elif isinstance(found, list | tuple):
                found = [None if t is None else t for t in found]
                self._stamp([t for t in found if t is not None], node)
            self.tangents[node] = found
            if found is None and is_flat(node):
                self.flat.append(node)
        finally:
            set_inherited(before)

    def _tangent(self, node: Expr, given: Tangents) -> Any:
        rule = node.op.jvp or RULES.get(node.op.name)
        if rule is not None:
            return rule(given, node, *node.args, **node.kw)
        if node.op.name in LINEAR:
            return _linear(node, given)
        if node.op.vjp is None:
            raise NullTypeGradError(f"{node.op.name} has no derivative", at=where(node),
                                    hint="tv.zero_grad(x) takes x as a constant")
        if node.op.family == "elementwise" and isinstance(node.type, TensorType):
            return _diagonal(node, given)
        return _transposed(node, given)

    def _fit(self, t: Expr, node: Expr) -> Expr:
        """A tangent in its node's dtype and shape: elementwise formulas may give what only broadcasts to it."""
        if t.dtype != node.dtype:
            t = cast(BUILDERS["real"](t) if t.dtype.kind == "c" != node.dtype.kind else t, node.dtype)
        if t.type.shape == node.type.shape and None not in node.type.shape:
            return t
        have, want = lengths_of(t, self.memo), lengths_of(node, self.memo)
        if len(have) == len(want) and all(map(same_length, have, want)):
            return t
        return broadcast_to(t, lengths_now(node))

    def _stamp(self, found: Sequence[Expr], node: Expr) -> None:
        """Note on the nodes that this step made where they come from (as `Walk.stamp`)."""
        work = list(found)
        while work:
            e = work.pop()
            if e not in self.stamped:
                self.stamped.add(e)
                if e.made is None and e.sites is node.sites and e.args:
                    e.made = ("jvp", node.op.name, node)
                work.extend(e.args)


def _flows(e: Expr) -> bool:
    return isinstance(e.type, TupleType) or (isinstance(e.type, TensorType) and is_float(e.dtype))


# -- how tangents go through an op ---------------------------------------------------------------------------------------
def _linear(node: Expr, given: Tangents) -> Expr | None:
    """The op itself of the tangents, with zeros for arguments that don't change."""
    count = min(LINEAR[node.op.name], len(node.args))
    if all(t is None for t in given[:count]):
        return None
    args = [zeros_like(a) if t is None else t for a, t in zip(node.args, given[:count], strict=False)]
    return make(node.op, (*args, *node.args[count:]), node.params)


def _diagonal(node: Expr, given: Tangents) -> Expr | None:
    """The vjp's formula with the tangent for the cotangent, one argument after the other."""
    total: Expr | None = None
    assert node.op.vjp is not None
    for k, t in enumerate(given):
        if t is not None:
            part = node.op.vjp(t, node, *node.args, **node.kw)[k]
            if isinstance(part, GradientError):
                raise part
            if part is not None:
                if part.dtype.kind == "c" != node.dtype.kind:
                    part = BUILDERS["real"](part)
                part = cast(part, node.dtype)
                total = part if total is None else total + part
    return total


def _transposed(node: Expr, given: Tangents) -> Any:
    """The vjp of the vjp, which is linear in its cotangent: for u = vjp(g), the cotangent of g for the cotangent t of u.

    It is built over variables that stand for the arguments, so that it looks at nothing below them, and then put over these.
    """
    stand: dict[Expr, Expr] = {}

    def standing(e: Expr) -> Expr:
        if is_constant(e):
            return e
        new = variable(e.type)
        stand[new] = e
        return new

    args, out = [standing(a) for a in node.args], standing(node)
    several = isinstance(node.type, TupleType)
    dummies = [variable(t) if _float_type(t) else None for t in (node.type.items if several else (node.type,))]
    assert node.op.vjp is not None
    found = node.op.vjp(dummies if several else dummies[0], out, *args, **node.kw)
    for d, t in zip(found, given, strict=True):
        if isinstance(d, GradientError) and t is not None:
            raise d
    walk = Walk([g for g in dummies if g is not None])
    pairs = [(walk._fit(d, a), standing(t)) for d, a, t in zip(found, args, given, strict=True)
             if isinstance(t, Expr) and d is not None]
    if not pairs:
        return [None] * len(dummies) if several else None
    walk.start([(node, fitting(g, node, "the gradient that flows into")) for node, g in pairs])
    walk.run()
    results = [None if g is None else walk.grads.get(g) for g in dummies]
    if any(isinstance(r, NullType) for r in results):
        raise GradientError(f"{node.op.name} has no derivative", at=where(node))
    items = [item(node, k) for k in range(len(dummies))] if several else [node]
    stand.update({g: e for g, e in zip(dummies, items, strict=True) if g is not None})
    placed = iter(replace([r for r in results if r is not None], stand))
    final = [None if r is None else next(placed) for r in results]
    return final if several else final[0]


def _float_type(t: Any) -> bool:
    return isinstance(t, TensorType) and is_float(t.dtype)


# -- rules of single ops -------------------------------------------------------------------------------------------------
def _sums(*terms: Expr | None) -> Expr | None:
    total: Expr | None = None
    for t in terms:
        if t is not None:
            total = t if total is None else total + t
    return total


def _scaled(t: Expr | None, scale: Callable[[Expr], Expr]) -> Expr | None:
    return None if t is None else scale(t)


def _matmul(given: Tangents, out: Expr, a: Expr, b: Expr) -> Expr | None:
    return _sums(_scaled(given[0], lambda t: matmul(t, b)), _scaled(given[1], lambda t: matmul(a, t)))


def _gemm(given: Tangents, out: Expr, c: Expr, alpha: Expr, a: Expr, b: Expr, beta: Expr) -> Expr | None:
    tc, talpha, ta, tb, tbeta = given
    return _sums(_scaled(tc, lambda t: beta * t), _scaled(tbeta, lambda t: t * c), _scaled(talpha, lambda t: t * matmul(a, b)),
                 _scaled(ta, lambda t: alpha * matmul(t, b)), _scaled(tb, lambda t: alpha * matmul(a, t)))


def _add(given: Tangents, out: Expr, x: Expr, y: Expr) -> Expr | None:
    return _sums(*given)


def _where(given: Tangents, out: Expr, c: Expr, x: Expr, y: Expr) -> Expr | None:
    return choose(c, *(0 if t is None else t for t in given[1:]))


def _weighed(given: Tangents, out: Expr, x: Expr, axes: tuple[int, ...], keepdims: bool) -> Expr:
    """max, min and prod: the sum over what is reduced of slope times tangent, by the vjp's formula for each element."""
    wide = out if keepdims or not axes else BUILDERS["expand_dims"](out, axes)
    assert out.op.vjp is not None
    (parts,) = out.op.vjp(given[0], wide, x, axes=axes, keepdims=True)
    return sum_(parts, axes, dtype=x.dtype, keepdims=keepdims)


def _sign(given: Tangents, out: Expr, x: Expr) -> Expr | None:
    """x / |x| of complex x turns with x: (t - conj(t) out**2) / (2 |x|), 0 at 0; a real sign has no slope."""
    if x.dtype.kind != "c":
        return None
    size, t = BUILDERS["absolute"](x), given[0]
    still = BUILDERS["equal"](size, 0)
    return choose(still, 0, (t - BUILDERS["conjugate"](t) * out * out) / (2 * choose(still, 1, size)))


RULES: dict[str, Callable[..., Any]] = {
    "add": _add, "gemm": _gemm, "matmul": _matmul, "max": _weighed, "min": _weighed, "prod": _weighed, "sign": _sign,
    "where": _where,
}
