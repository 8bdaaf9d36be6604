"""First-order bounds of rounding errors: how far a result may be from the real value, by what each op does to errors.

Inputs count as rounded (half a unit in the last place), each op adds its own rounding. (N. Higham, Accuracy and Stability of
Numerical Algorithms, 2nd ed., chapter 3.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.evaluate import evaluate
from ..core.expr import Expr, constant_op, variable_op
from ..core.graph import topological

__all__ = ["error_bound"]

Array = np.ndarray[Any, Any]
Wide = np.longdouble
_FUNCTION_ULPS = 4.0                    # libraries differ: what vector maths promises
_EXACT = frozenset({"negative", "absolute", "maximum", "minimum", "where", "isfinite", "zero_grad", "max", "min"})


def error_bound(root: Expr, env: Mapping[Expr, Array]) -> Array:
    """For each element of `root` a bound of its distance from the real value, inf where an intermediate result is not finite."""
    order = topological([root])
    found = evaluate(order, env)
    values = {n: np.asarray(v, Wide) if v.dtype.kind == "f" else v for n, v in zip(order, found, strict=True)}
    errors: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for node in order:
            value = values[node]
            if value.dtype != Wide:
                errors[node] = np.zeros(value.shape, Wide)
                continue
            info = np.finfo(node.dtype)
            u, least = Wide(info.eps) / 2, Wide(info.smallest_subnormal)
            if node.op is constant_op:
                errors[node] = np.zeros(value.shape, Wide)
            elif node.op is variable_op:
                errors[node] = u * np.abs(value)
            else:
                errors[node] = _propagated(node, value, values, errors) + _own(node, value, u, least, values)
            errors[node] = np.where(np.isnan(errors[node]) | ~np.isfinite(value), np.inf, errors[node])
    return errors[root]


def _own(node: Expr, value: Array, u: Any, least: Any, values: Mapping[Expr, Array]) -> Any:
    """The rounding of the op itself."""
    if node.op.name in _EXACT or (node.op.family == "shape"):
        return 0.0
    if node.op.name == "sum":
        x, axes = values[node.args[0]], node.kw["axes"]
        n = int(np.prod([x.shape[k] for k in axes], dtype=int))
        return u * n * np.sum(np.abs(x), axis=axes, keepdims=node.kw["keepdims"])
    if node.op.name in ("matmul", "gemm"):
        a, b = (np.abs(values[x]) for x in (node.args if node.op.name == "matmul" else node.args[2:4]))
        scale = 1.0 if node.op.name == "matmul" else abs(values[node.args[1]])
        more = 0.0 if node.op.name == "matmul" else 2 * abs(values[node.args[4]]) * np.abs(values[node.args[0]])
        return u * ((a.shape[-1] + 2) * scale * np.matmul(a, b) + more) + least * a.shape[-1]
    return (1.0 if node.op.exact else 2 * _FUNCTION_ULPS) * u * np.abs(value) + least


def _propagated(node: Expr, out: Array, values: Mapping[Expr, Array], errors: Mapping[Expr, Array]) -> Array:
    """What the op makes of its arguments' errors."""
    name, e, v = node.op.name, [errors[a] for a in node.args], [values[a] for a in node.args]
    if name in _SLOPES:
        return np.asarray(sum(np.where(d == 0, 0, np.abs(s) * d) for s, d in zip(_SLOPES[name](out, *v), e, strict=True)))
    if name in ("maximum", "minimum"):
        return np.maximum(*e)
    if name == "where":
        return np.where(np.asarray(v[0], bool), e[1], e[2])
    if name in ("max", "min"):
        return np.asarray(np.max(e[0], axis=node.kw["axes"], keepdims=node.kw["keepdims"], initial=0.0))
    if name[:4] in ("set_", "inc_"):
        return np.asarray(node.op.numpy(*e[:2], *v[2:], **node.kw))
    if name in ("sum", "sum_to") or node.op.family == "shape":
        return np.asarray(node.op.numpy(*e[:1], *v[1:], **node.kw) if name != "concatenate" else node.op.numpy(*e, **node.kw))
    if name == "matmul":
        return _product(*v, *e)
    if name == "gemm":
        c, alpha, a, b, beta = v
        product = abs(alpha) * _product(a, b, e[2], e[3]) + np.abs(np.matmul(a, b)) * e[1]
        return np.asarray(abs(beta) * e[0] + np.abs(c) * e[4] + product)
    return np.full(out.shape, np.inf, Wide)


def _product(a: Array, b: Array, ea: Array, eb: Array) -> Array:
    return np.asarray(np.matmul(np.abs(a), eb) + np.matmul(ea, np.abs(b)))


_SLOPES: dict[str, Callable[..., tuple[Any, ...]]] = {
    "add": lambda out, x, y: (1.0, 1.0), "subtract": lambda out, x, y: (1.0, 1.0), "multiply": lambda out, x, y: (y, x),
    "true_divide": lambda out, x, y: (1 / y, out / y), "negative": lambda out, x: (1.0,), "absolute": lambda out, x: (1.0,),
    "square": lambda out, x: (2 * x,), "sqrt": lambda out, x: (0.5 / out,), "reciprocal": lambda out, x: (out * out,),
    "exp": lambda out, x: (out,), "expm1": lambda out, x: (out + 1,), "log": lambda out, x: (1 / x,),
    "log1p": lambda out, x: (1 / (1 + x),), "power": lambda out, x, y: (y * out / x, 0.0), "tanh": lambda out, x: (1.0,),
    "cast": lambda out, x: (1.0,), "zero_grad": lambda out, x: (1.0,),
}
