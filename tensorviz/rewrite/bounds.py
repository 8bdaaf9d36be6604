"""First-order bounds of rounding errors: how far a result may be from the real value, by what each op does to errors.

A running error analysis (N. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 3). With u half a unit in
the last place (eps / 2), an op computes fl(f(x)) = f(x) (1 + d), |d| <= k u: k is 1 for ops that are rounded correctly, 8 for
elementary functions (4 units in the last place, what vector maths promises), more for special ones (`ulps`). So to first order
the bound e of a result follows from those of the arguments: e(f) = sum over i of |df/dx_i| e(x_i) + k u |f|. Inputs count as
rounded, e = u |x|, constants and integers are exact. Sums and products of n terms t may be added in any order: n u sum(|t|).
Reshaped and picked elements bring their bounds along. Products keep the term e(x) e(y) of second order: near 0 it is
all that there is.

Where a result may jump it has no bound, and counts as infinitely far: a comparison whose sides are closer than their bounds,
`floor` within its bound of an integer, an `argmax` whose runner-up is within reach, division by what may be 0, and all that is
computed from such a value. Results that are not floats have bound 0 or inf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.evaluate import evaluate
from ..core.expr import Expr, constant_op, variable_op
from ..core.graph import topological
from .bounds_of_steps import ELEMENTARY_ULPS, EXACT, STRUCTURAL, TERMS, slopes_by_gradient, ulps

__all__ = ["bound_of", "error_bound"]

Array = np.ndarray[Any, Any]
Wide = np.longdouble
Table = Mapping[Expr, Array]
_EXACT = frozenset({"negative", "absolute", "sign", "copysign", "maximum", "minimum", "where", "max", "min", "floor", "ceil",
                    "trunc", "rint", "fmod"}) | EXACT


def error_bound(root: Expr, env: Mapping[Expr, Array]) -> Array:
    """For each element of `root` a bound of its distance from the real value; inf where it may jump or is not finite."""
    order = topological([root])
    found = evaluate(order, env)
    values = {n: np.asarray(v, Wide) if v.dtype.kind == "f" else v for n, v in zip(order, found, strict=True)}
    errors: dict[Expr, Array] = {}
    for node in order:
        errors[node] = bound_of(node, values, errors)
    return errors[root]


def bound_of(node: Expr, values: Table, errors: Table) -> Array:
    """The bound of one node: `values` are those of the graph (floats as long doubles), `errors` the bounds of its arguments."""
    value = values[node]
    if node.op is constant_op or (node.op is variable_op and value.dtype.kind != "f"):
        return np.zeros(value.shape, Wide)
    with np.errstate(all="ignore"):
        info = np.finfo(node.dtype) if node.dtype.kind == "f" else None
        u = Wide(info.eps) / 2 if info else Wide(0)
        if node.op is variable_op:
            return np.asarray(u * np.abs(value))
        e, v = [errors[a] for a in node.args], [values[a] for a in node.args]
        found = _propagated(node, value, v, e)
        if info:
            found = found + _own(node, value, u, Wide(info.smallest_subnormal), v)
            return np.where(np.isnan(found) | ~np.isfinite(value), np.inf, found)
        return np.where(found > 0, Wide(np.inf), Wide(0)) + np.zeros(value.shape, Wide)


# -- the rounding of the op itself -------------------------------------------------------------------------------------
def _own(node: Expr, value: Array, u: Any, least: Any, v: list[Array]) -> Any:
    name = node.op.name
    if name in _EXACT or (node.op.family == "shape" and name[:4] != "inc_" and name not in ("arange", "fold")):
        return 0.0
    if name in _TERMS:
        terms = np.asarray(_TERMS[name](node, *v), Wide)
        return np.where(terms > 0, u * terms + least * max(a.size for a in v), 0)
    zeros = (value == 0) & np.any(np.broadcast_arrays(*(a == 0 for a in v)), axis=0)        # not what is left of a small number
    return 2 * ulps(node.op) * u * np.abs(value) + np.where(zeros, 0, least)


def _reduced(node: Expr, x: Array) -> Any:
    axes = node.kw["axes"]
    return np.prod([x.shape[k] for k in axes], dtype=int) * np.sum(np.abs(x), axis=axes, keepdims=node.kw["keepdims"])


def _summed(node: Expr, x: Array, *lengths: Array) -> Any:
    found = node.op.numpy(np.abs(x), *lengths, **node.kw)
    return found * (x.size // max(1, found.size))


def _multiplied(node: Expr, x: Array, *rest: Array) -> Any:
    return x.size * np.abs(node.op.numpy(x, *rest, **node.kw))


def _gemm_terms(node: Expr, c: Array, alpha: Array, a: Array, b: Array, beta: Array) -> Any:
    return (a.shape[-1] + 2) * np.abs(alpha) * np.matmul(np.abs(a), np.abs(b)) + 2 * np.abs(beta) * np.abs(c)


_TERMS: dict[str, Callable[..., Any]] = {      # roundings, in units of u, of ops that add or multiply many terms
    "sum": _reduced, "sum_to": _summed, "prod": _multiplied, "prod_others": _multiplied, "gemm": _gemm_terms,
    "matmul": lambda node, a, b: (a.shape[-1] + 2) * np.matmul(np.abs(a), np.abs(b)),
    "inc_index": lambda node, x, v, *i: node.op.numpy(np.abs(x), np.abs(v), *i, **node.kw),
    **dict.fromkeys(("inc_take", "inc_along"), lambda node, x, v, *i: (
        (np.broadcast(*i).size + 1) * node.op.numpy(np.abs(x), np.abs(v), *i, **node.kw))),
    "arange": lambda node, start, step, *n: 2 * node.op.numpy(np.abs(start), np.abs(step), *n, **node.kw),
    "remainder": lambda node, x, y: 2 * np.abs(y),
    "logaddexp": lambda node, x, y: 2 * ELEMENTARY_ULPS * (np.maximum(np.abs(x), np.abs(y)) + 1),
    "logaddexp2": lambda node, x, y: 2 * ELEMENTARY_ULPS * (np.maximum(np.abs(x), np.abs(y)) + 1),
    **TERMS,
}


# -- what an op makes of the errors of its arguments -------------------------------------------------------------------
def _propagated(node: Expr, out: Array, v: list[Array], e: list[Array]) -> Array:
    name = node.op.name
    if name in _UNSURE:
        unsure = np.where(_UNSURE[name](node, e, *v), Wide(np.inf), Wide(0))
        slopes = _JUMPING.get(name)
        return unsure if slopes is None or node.dtype.kind != "f" else unsure + _along(slopes(out, *v), e)
    if node.dtype.kind == "f" and name in _SLOPES:
        found = _along(_SLOPES[name](out, *v), e) + (e[0] * e[-1] if name in ("multiply", "square") else 0)
        if name in _ROOM:
            for room, d in zip(_ROOM[name](*v), e, strict=True):
                found = np.where((d > 0) & (2 * d >= room), np.inf, found)
        return found
    if name in ("maximum", "minimum"):
        return np.maximum(*e)
    if name == "where":
        return np.where(e[0] > 0, np.inf, np.where(np.asarray(v[0], bool), e[1], e[2]))
    if node.op.family in ("shape", "reduction", "linalg", "scan", "order"):
        structural: Callable[..., Any] = _STRUCTURAL.get(name, _moved)
        return np.asarray(structural(node, v, e), Wide)
    if node.dtype.kind == "f":
        derived = slopes_by_gradient(node, v)
        return np.full(out.shape, np.inf, Wide) if derived is None else _along(derived, e)
    return np.asarray(sum(e))           # integers of integers: 0 or inf


def _along(slopes: tuple[Any, ...], e: list[Array]) -> Array:
    return np.asarray(sum(np.where(d == 0, 0, np.abs(s) * d) for s, d in zip(slopes, e, strict=True)), Wide)


def _moved(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """Elements stay what they are and get other places; changed ones (`set`, `inc`) take the new value's bound or add it."""
    if node.op.name in ("shape", "length", "eye"):
        return sum((np.max(d, initial=0) for d in e[node.op.name != "eye":]), Wide(0))
    if node.op.name == "concatenate":
        return node.op.numpy(*e, **node.kw)
    count = 2 if node.op.name[:4] in ("set_", "inc_") or node.op.name in ("arange", "broadcast_length") else 1
    if any(np.max(d, initial=0) > 0 for d in e[count:]):
        return Wide(np.inf)             # unsure where
    if node.op.name == "broadcast_length":
        return e[0] + e[1]
    return node.op.numpy(*e[:count], *v[count:], **node.kw)


def _largest(node: Expr, v: list[Array], e: list[Array]) -> Any:
    return np.max(e[0], axis=node.kw["axes"], keepdims=node.kw["keepdims"], initial=0.0)


def _multilinear(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """F(|x| + e) - F(|x|) for sums of products: the first-order bound, and those of higher order."""
    whole = [a.dtype.kind != "f" and i > 1 for i, a in enumerate(v)]            # lengths
    size = [a if w else np.abs(np.asarray(a, Wide)) for a, w in zip(v, whole, strict=True)]
    more = [a if w else a + d for a, d, w in zip(size, e, whole, strict=True)]
    found = node.op.numpy(*more, **node.kw) - node.op.numpy(*size, **node.kw)
    return np.maximum(found, 0) if node.dtype.kind == "f" else np.where(np.isnan(found) | np.isinf(found), np.inf, 0)


def _added(node: Expr, v: list[Array], e: list[Array]) -> Any:
    return node.op.numpy(e[0], *v[1:], **node.kw)


def _product(node: Expr, v: list[Array], e: list[Array]) -> Any:
    a, b = (np.abs(np.asarray(x, Wide)) for x in v)
    return np.matmul(a, e[1]) + np.matmul(e[0], b + e[1])


def _place(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """Unsure if another element comes within both bounds of the one found."""
    axis, keep = node.kw["axis"], node.kw["keepdims"]
    x, d = (np.asarray(a, Wide) if axis is not None else np.ravel(np.asarray(a, Wide)) for a in (v[0], e[0]))
    axis, keep = (0, False) if axis is None else (axis, keep)
    x = x if node.op.name == "argmax" else -x
    at = np.expand_dims(np.argmax(x, axis), axis)
    reach = d + np.take_along_axis(d, at, axis)
    near = (x + reach >= np.take_along_axis(x, at, axis)) & (reach > 0)
    np.put_along_axis(near, at, False, axis)
    return np.where(np.any(near, axis=axis, keepdims=keep), np.inf, 0)


_STRUCTURAL: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("max", "min", "any", "all"), _largest), **dict.fromkeys(("argmax", "argmin"), _place),
    **dict.fromkeys(("sum", "sum_to"), _added), **dict.fromkeys(("prod", "prod_others", "gemm"), _multilinear),
    "matmul": _product,
} | STRUCTURAL


# -- elementwise: slopes, and where there are jumps ----------------------------------------------------------------------
_LN2, _LN10, _ROOT = np.log(Wide(2)), np.log(Wide(10)), 2 / np.sqrt(Wide(np.pi))


def _power(out: Array, x: Array, y: Array) -> tuple[Any, Any]:
    return y * np.power(x, y - 1), out * np.log(np.abs(x))


_SLOPES: dict[str, Callable[..., tuple[Any, ...]]] = {
    "add": lambda out, x, y: (1.0, 1.0), "subtract": lambda out, x, y: (1.0, 1.0), "multiply": lambda out, x, y: (y, x),
    "true_divide": lambda out, x, y: (1 / y, out / y), "negative": lambda out, x: (1.0,), "absolute": lambda out, x: (1.0,),
    "square": lambda out, x: (2 * x,), "sqrt": lambda out, x: (0.5 / out,), "reciprocal": lambda out, x: (out * out,),
    "cbrt": lambda out, x: (1 / (3 * out * out),),
    "hypot": lambda out, x, y: tuple(np.where(out == 0, 1, a / out) for a in (x, y)),
    "exp": lambda out, x: (out,), "exp2": lambda out, x: (out * _LN2,), "expm1": lambda out, x: (out + 1,),
    "log": lambda out, x: (1 / x,), "log2": lambda out, x: (1 / (x * _LN2),), "log10": lambda out, x: (1 / (x * _LN10),),
    "log1p": lambda out, x: (1 / (1 + x),), "power": _power,
    "sin": lambda out, x: (np.cos(x),), "cos": lambda out, x: (np.sin(x),), "tan": lambda out, x: (1 + out * out,),
    "arcsin": lambda out, x: (1 / np.sqrt(1 - x * x),), "arccos": lambda out, x: (1 / np.sqrt(1 - x * x),),
    "arctan": lambda out, x: (1 / (1 + x * x),),
    "arctan2": lambda out, y, x: (x / (x * x + y * y), y / (x * x + y * y)),
    "sinh": lambda out, x: (np.cosh(x),), "cosh": lambda out, x: (np.sinh(x),), "tanh": lambda out, x: (1 - out * out,),
    "arcsinh": lambda out, x: (1 / np.sqrt(1 + x * x),), "arccosh": lambda out, x: (1 / np.sqrt(x * x - 1),),
    "arctanh": lambda out, x: (1 / (1 - x * x),),
    "sigmoid": lambda out, x: (out * (1 - out),), "softplus": lambda out, x: (-np.expm1(-out),),
    "erf": lambda out, x: (_ROOT * np.exp(-x * x),), "erfc": lambda out, x: (_ROOT * np.exp(-x * x),),
    "logaddexp": lambda out, x, y: (np.exp(x - out), np.exp(y - out)),
    "logaddexp2": lambda out, x, y: (np.exp2(x - out), np.exp2(y - out)),
}
_ROOM: dict[str, Callable[..., tuple[Any, ...]]] = {    # how far arguments are from where there is a jump or no slope
    "true_divide": lambda x, y: (np.inf, np.abs(y)), "reciprocal": lambda x: (np.abs(x),), "sqrt": lambda x: (x,),
    "cbrt": lambda x: (np.abs(x),), "log": lambda x: (x,), "log2": lambda x: (x,), "log10": lambda x: (x,),
    "log1p": lambda x: (1 + x,), "power": lambda x, y: (np.abs(x), np.where(x < 0, 0, np.inf)),
    "arcsin": lambda x: (1 - np.abs(x),), "arccos": lambda x: (1 - np.abs(x),), "arctanh": lambda x: (1 - np.abs(x),),
    "arccosh": lambda x: (x - 1,), "arctan2": lambda y, x: (np.where(x < 0, np.abs(y), np.hypot(x, y)), np.hypot(x, y)),
}
_JUMPING: dict[str, Callable[..., tuple[Any, ...]]] = {     # slopes between the jumps, where they are not 0
    "remainder": lambda out, x, y: (1.0, np.floor_divide(x, y)), "fmod": lambda out, x, y: (1.0, np.trunc(x / y)),
    "copysign": lambda out, x, y: (1.0, 0.0), "cast": lambda out, x: (1.0,),
}


def _close(node: Expr, e: list[Array], x: Array, y: Array) -> Any:
    """Two sides within their bounds of each other."""
    reach = e[0] + e[1]
    if node.args[0] is node.args[1]:
        return False
    return (reach > 0) & ~(np.abs(np.asarray(x, Wide) - np.asarray(y, Wide)) > reach)


def _near_zero(node: Expr, e: list[Array], *v: Array) -> Any:
    """The last argument within its bound of 0."""
    return (e[-1] > 0) & (np.abs(np.asarray(v[-1], Wide)) <= e[-1])


def _sign_unsure(node: Expr, e: list[Array], *v: Array) -> Any:
    """A zero may have either sign: rules that are exact in real arithmetic know one zero only."""
    return _near_zero(node, e, *v) | (v[-1] == 0)


def _either_near_zero(node: Expr, e: list[Array], x: Array, y: Array) -> Any:
    return _near_zero(node, e[:1], x) | _near_zero(node, e, y)


def _near_integer(node: Expr, e: list[Array], x: Array) -> Any:
    return (e[0] > 0) & (np.isinf(e[0]) | (np.abs(x - np.rint(x)) <= e[0]))


def _near_half(node: Expr, e: list[Array], x: Array) -> Any:
    return (e[0] > 0) & (np.isinf(e[0]) | (np.abs(x - np.floor(x) - 0.5) <= e[0]))


def _quotient_near_integer(node: Expr, e: list[Array], x: Array, y: Array) -> Any:
    if x.dtype.kind != "f":
        return e[0] + e[1] > 0
    q = x / y
    reach = (e[0] + np.abs(q) * e[1]) / np.abs(y)
    return (e[0] + e[1] > 0) & ~(np.abs(q - np.rint(q)) > 2 * reach)


def _cast_unsure(node: Expr, e: list[Array], x: Array) -> Any:
    if node.dtype.kind == "b":
        return _near_zero(node, e, x)
    if node.dtype.kind == "f" or x.dtype.kind != "f":
        return np.isinf(e[0])
    return (e[0] > 0) & ~(np.trunc(x - e[0]) == np.trunc(x + e[0]))


def _not_known(node: Expr, e: list[Array], x: Array) -> Any:
    return np.isinf(e[0])


_UNSURE: dict[str, Callable[..., Any]] = {     # (node, bounds, *values) -> where an op may jump
    **dict.fromkeys(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"), _close),
    **dict.fromkeys(("logical_and", "logical_or", "logical_xor"), _either_near_zero),
    **dict.fromkeys(("sign", "logical_not"), _near_zero), **dict.fromkeys(("signbit", "copysign"), _sign_unsure),
    **dict.fromkeys(("floor", "ceil", "trunc"), _near_integer), "rint": _near_half,
    **dict.fromkeys(("floor_divide", "remainder", "fmod"), _quotient_near_integer),
    **dict.fromkeys(("isnan", "isinf", "isfinite"), _not_known), "cast": _cast_unsure,
}
