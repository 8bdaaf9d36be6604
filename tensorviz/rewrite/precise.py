"""Values in real arithmetic: the meaning of a graph in numbers of many digits without overflow, to judge rounded results by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.expr import Expr, constant_op, value_of, variable_op
from ..core.graph import topological

__all__ = ["has_precise", "precise"]

Array = np.ndarray[Any, Any]


def precise(root: Expr, env: Mapping[Expr, Array], digits: int = 500) -> Array:
    """The value of `root` as an array of mpmath numbers (bools and ints stay what they are); NaN where it is not a real number.

    `digits` decimal digits are carried: 1 + x needs as many as x has zeros after the point.
    Raises KeyError for an op it has no meaning for, ShapeError and BoundsError as the ops do.
    """
    import mpmath  # type: ignore[import-untyped]

    with mpmath.workdps(digits):
        table = _table(mpmath)
        values: dict[Expr, Array] = {}
        for node in topological([root]):
            if node.op is variable_op:
                values[node] = _exact(env[node], mpmath)
            elif node.op is constant_op:
                values[node] = _exact(value_of(node), mpmath)
            else:
                args = [values[a] for a in node.args]
                if node.op.family == "elementwise":
                    values[node] = np.asarray(table[node.op.name](node, *args))
                else:
                    values[node] = np.asarray(_STRUCTURAL.get(node.op.name, node.op.numpy)(*args, **node.kw))
        return values[root]


def has_precise(root: Expr) -> bool:
    """Whether all ops of a graph have a meaning in real arithmetic here."""
    import mpmath

    table = _table(mpmath)
    return all(n.op.family in ("leaf", "shape", "reduction", "linalg") or n.op.name in table for n in topological([root]))


def _exact(value: Any, mp: Any) -> Array:
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array
    out = np.empty(array.shape, object)
    out.reshape(-1)[:] = [mp.mpf(float(v)) for v in array.reshape(-1)]
    return out


def _reduce(ufunc: np.ufunc, start: Any) -> Callable[..., Array]:
    def run(x: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
        for k in sorted(axes, reverse=True):
            if x.shape[k] == 0 and start is not None:
                x = np.full((*x.shape[:k], 1, *x.shape[k + 1:]), start, x.dtype)
            x = np.asarray(ufunc.reduce(x, axis=k, keepdims=True))
        return x if keepdims else x.reshape([n for k, n in enumerate(x.shape) if k not in axes])

    return run


def _matmul(a: Array, b: Array) -> Array:
    from ..core.errors import ShapeError

    try:
        return np.asarray(np.dot(a, b)) if a.ndim <= 2 and b.ndim <= 2 else np.asarray(np.matmul(a, b))
    except ValueError as error:
        raise ShapeError(str(error)) from None


def _gemm(c: Array, alpha: Any, a: Array, b: Array, beta: Any) -> Array:
    return np.asarray(beta * c + alpha * _matmul(a, b))


_STRUCTURAL: dict[str, Callable[..., Any]] = {
    "sum": _reduce(np.add, 0), "prod": _reduce(np.multiply, 1), "matmul": _matmul, "gemm": _gemm,
    "max": _reduce(np.maximum, None), "min": _reduce(np.minimum, None),
}


def _table(mp: Any) -> dict[str, Callable[..., Any]]:
    """Elementwise ops by name as functions (node, *object arrays)."""
    nan, inf = mp.nan, mp.inf

    def real(function: Callable[..., Any]) -> Callable[..., Any]:
        """NaN where the result is complex or does not exist; NaN in, NaN out."""
        def one(*args: Any) -> Any:
            if any(mp.isnan(a) for a in args):
                return nan
            try:
                value = function(*args)
            except (ValueError, ZeroDivisionError, OverflowError):
                return nan
            return nan if isinstance(value, mp.mpc) else value

        run = np.frompyfunc(one, function.__code__.co_argcount, 1)
        return lambda node, *args: run(*args)

    def divide(x: Any, y: Any) -> Any:
        return x / y if y else (nan if not x else inf if x > 0 else -inf)

    def log(x: Any) -> Any:
        return mp.log(x) if x > 0 else -inf if x == 0 else nan

    def log1p(x: Any) -> Any:
        return mp.log1p(x) if x > -1 else -inf if x == -1 else nan

    def exp(x: Any) -> Any:
        return mp.exp(x)

    def sigmoid(x: Any) -> Any:
        x = mp.mpmathify(int(x) if isinstance(x, np.integer) else x)
        e = mp.exp(-abs(x))
        return (e if x < 0 else mp.mpf(1)) / (1 + e)

    def softplus(x: Any) -> Any:
        x = mp.mpmathify(int(x) if isinstance(x, np.integer) else x)
        return max(x, mp.mpf(0)) + mp.log1p(mp.exp(-abs(x)))

    def plain(ufunc: np.ufunc) -> Callable[..., Any]:
        return lambda node, *args: ufunc(*args)

    def cast(node: Expr, x: Array) -> Any:
        if node.dtype.kind == "f":
            return x if x.dtype == object else _exact(x, mp)
        return node.op.numpy(x.astype(float) if x.dtype == object else x, **node.kw)

    comparisons = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    logic = ("logical_and", "logical_or", "logical_not", "logical_xor")
    return {
        "add": real(lambda x, y: x + y), "subtract": real(lambda x, y: x - y), "multiply": real(lambda x, y: x * y),
        "true_divide": real(divide), "power": real(lambda x, y: x ** y), "negative": real(lambda x: -x),
        "absolute": real(lambda x: abs(x)), "square": real(lambda x: x * x), "reciprocal": real(lambda x: divide(mp.mpf(1), x)),
        "sqrt": real(lambda x: mp.sqrt(x) if x >= 0 else nan), "exp": real(exp), "expm1": real(lambda x: mp.expm1(x)),
        "log": real(log), "log1p": real(log1p), "sigmoid": real(sigmoid), "softplus": real(softplus),
        "maximum": real(lambda x, y: max(x, y)), "minimum": real(lambda x, y: min(x, y)), "tanh": real(lambda x: mp.tanh(x)),
        "isfinite": lambda node, x: np.asarray(np.frompyfunc(lambda v: bool(mp.isfinite(v)), 1, 1)(x)).astype(bool),
        "ravel_index": lambda node, *args: node.op.numpy(*args, **node.kw),
        "where": lambda node, c, x, y: np.where(np.asarray(c, bool), x, y), "cast": cast,
        **{name: plain(getattr(np, name)) for name in (*comparisons, *logic)},
    }
