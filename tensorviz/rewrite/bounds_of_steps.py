"""Bounds of rounding errors of scans, sorts, windows and special functions: the rows that `bounds.py` looks up here.

`ulps` is how far functions may be off, `TERMS` are roundings in units of u, `STRUCTURAL` what an op makes of the bounds of its
arguments; `slopes_by_gradient` takes the slopes of an elementwise op that has no row of its own from its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..core.errors import TensorvizError
from ..core.evaluate import evaluate
from ..core.expr import Expr, constant, make, variable
from ..core.op import Op
from ..core.types import TensorType

__all__ = ["ELEMENTARY_ULPS", "EXACT", "STRUCTURAL", "TERMS", "slopes_by_gradient", "ulps"]

Array = np.ndarray[Any, Any]
Wide = np.longdouble
EXACT = frozenset({"cummax", "cummin", "sort", "kth_smallest", "pool_max", "grad_clip", "grad_scale", "undefined_grad"})
ELEMENTARY_ULPS = 4.0           # what vector maths promises
LOOSE_ULPS = {"rgamma": 5.0, "cosm1": 5.0, "beta": 29.0, "betaln": 8.0, "gammainc": 180.0, "gammaincc": 84.0, "betainc": 18.0,
              "betaincc": 44.0, "jv": 27.0, "iv": 6.0, "ive": 6.0, "kv": 45.0, "kve": 32.0, "hyp0f1": 19.0, "stdtr": 380.0,
              "wofz_real": 9.0, "wofz_imag": 28.0}      # what docs/special.md states, of those that are worse


def ulps(op: Op) -> float:
    """How many units in the last place two good versions of a function may be off; half a one where results are rounded."""
    if op.exact:
        return 0.5
    return LOOSE_ULPS.get(op.name, ELEMENTARY_ULPS)


# -- roundings ---------------------------------------------------------------------------------------------------------
def _running(node: Expr, x: Array) -> Any:
    return x.shape[node.kw["axis"]] * np.cumsum(np.abs(x), axis=node.kw["axis"])


def _running_product(node: Expr, x: Array) -> Any:
    return x.shape[node.kw["axis"]] * np.abs(np.cumprod(x, axis=node.kw["axis"]))


def _running_log(node: Expr, x: Array) -> Any:
    n = x.shape[node.kw["axis"]]
    return 8.0 * (n + 1) + 8.0 * np.maximum.accumulate(np.abs(x), axis=node.kw["axis"])


def _absolute(count: Callable[[list[Array]], int]) -> Callable[..., Any]:
    """So many roundings of the same op of absolute values."""
    def terms(node: Expr, *v: Array) -> Any:
        size = [np.abs(a) if a.dtype.kind == "f" else a for a in v]
        return count(list(v)) * np.asarray(node.op.numpy(*size, **node.kw), Wide)

    return terms


_window = _absolute(lambda v: int(v[1].size // max(1, v[1].shape[0])) + 2)
def _entropy(node: Expr, x: Array, y: Array) -> Any:
    """x log(x / y) - x + y: the terms cancel where x and y are near; the quotient and two additions are rounded."""
    return np.where((x > 0) & (y > 0), 2 * ELEMENTARY_ULPS * np.abs(x * np.log(x / y)) + 3 * (x + np.abs(y)), 0)


TERMS: dict[str, Callable[..., Any]] = {
    "kl_div": _entropy,
    "cumsum": _running, "cumprod": _running_product, "logcumsumexp": _running_log,
    "recurrence": lambda node, a, b: 2 * a.shape[node.kw["axis"]] * node.op.numpy(np.abs(a), np.abs(b), **node.kw),
    "convolution": _window, "convolution_inputs": _absolute(lambda v: v[1].size + 2),
    "convolution_filters": _absolute(lambda v: v[1].size + 2), "bincount": _absolute(lambda v: v[0].size + 1),
    "fold": _absolute(lambda v: v[0].size + 1), "pool_sum_back": _absolute(lambda v: v[0].size + 1),
    "pool_sum": _absolute(lambda v: 64),
    "pool_max_back": lambda node, x, out, g: 64 * np.abs(node.op.numpy(x, out, g, **node.kw)),
}


# -- what becomes of the bounds of arguments -----------------------------------------------------------------------------
def _linear(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """An op that is linear in its first argument."""
    return node.op.numpy(e[0], *v[1:], **node.kw)


def _accumulated(node: Expr, v: list[Array], e: list[Array]) -> Any:
    return np.maximum.accumulate(e[0], axis=node.kw["axis"])


def _largest_along(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """Order statistics move by no more than the largest bound; places asked for are whole numbers."""
    axis = node.kw["axis"]
    size = node.op.numpy(np.zeros_like(v[0]), *v[1:], **node.kw).shape[axis]
    most = np.max(e[0], axis=axis, keepdims=True, initial=0.0) + sum(np.max(d, initial=0.0) for d in e[1:])
    return np.repeat(most, size, axis=axis)


def _order(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """Places in a sorted row are unsure where neighbours come within their bounds."""
    axis = node.kw.get("axis", 0)
    x = np.asarray(v[0], Wide)
    shape = node.op.numpy(*v, **node.kw).shape
    if x.ndim == 2 and "axis" not in node.kw:
        return np.where(np.max(e[0], initial=0.0) > 0, np.inf, 0) + np.zeros(shape, Wide)
    ranked = np.sort(x, axis=axis)
    gaps = np.min(np.diff(ranked, axis=axis), axis=axis, keepdims=True, initial=np.inf)
    reach = np.max(e[0], axis=axis, keepdims=True, initial=0.0)
    return np.broadcast_to(np.where((reach > 0) & (gaps <= 2 * reach), np.inf, 0), shape)


def _found(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """Places of values among edges are unsure where a value comes within the bounds of an edge."""
    edges, x = v
    reach = np.max(e[0], initial=0.0) + np.max(e[1], initial=0.0)
    if not reach:
        return np.zeros(x.shape, Wide)
    near = np.min(np.abs(np.asarray(x, Wide)[..., None] - np.asarray(edges, Wide).ravel()), axis=-1, initial=np.inf)
    return np.where(near <= reach, np.inf, 0)


def _of_absolutes(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """F(|x| + e) - F(|x|) for sums of products."""
    floats = [a.dtype.kind == "f" for a in v]
    size = [np.abs(np.asarray(a, Wide)) if f else a for a, f in zip(v, floats, strict=True)]
    more = [a + d if f else a for a, d, f in zip(size, e, floats, strict=True)]
    return np.maximum(node.op.numpy(*more, **node.kw) - node.op.numpy(*size, **node.kw), 0)


def _counted(node: Expr, v: list[Array], e: list[Array]) -> Any:
    return _linear_in(1)(node, v, e) if len(v) > 1 and v[1].dtype.kind == "f" else np.max(e[0], initial=0.0)


def _linear_in(k: int) -> Callable[..., Any]:
    def found(node: Expr, v: list[Array], e: list[Array]) -> Any:
        return node.op.numpy(*(e[k] if i == k else a for i, a in enumerate(v)), **node.kw)

    return found


def _pooled(node: Expr, v: list[Array], e: list[Array]) -> Any:
    return node.op.numpy(e[0], **node.kw)


def _routed(node: Expr, v: list[Array], e: list[Array]) -> Any:
    """What goes to the largest of a window is unsure unless the window's values are exact."""
    if np.max(e[0], initial=0.0) > 0:
        return np.inf + np.zeros(node.op.numpy(*v, **node.kw).shape, Wide)
    return node.op.numpy(v[0], v[1], e[2], **node.kw)


STRUCTURAL: dict[str, Callable[..., Any]] = {
    "cumsum": _linear, "fold": _linear, "pool_sum": _linear, "pool_sum_back": _linear,
    **dict.fromkeys(("cummax", "cummin", "logcumsumexp"), _accumulated),
    **dict.fromkeys(("cumprod", "recurrence", "convolution", "convolution_inputs", "convolution_filters"), _of_absolutes),
    **dict.fromkeys(("sort", "kth_smallest"), _largest_along), **dict.fromkeys(("argsort", "argtopk", "order_rows"), _order),
    **dict.fromkeys(("searchsorted", "digitize"), _found), "bincount": _counted, "pool_max": _pooled,
    **dict.fromkeys(("pool_max_back", "pool_max_pick"), _routed),
}


# -- slopes ------------------------------------------------------------------------------------------------------------
@cache
def _gradient(op: Op, params: tuple[Any, ...], dtypes: tuple[np.dtype[Any], ...]) -> tuple[list[Expr], list[Expr | None]] | None:
    xs = [variable(TensorType(d, (None,)), None) for d in dtypes]
    try:
        out = make(op, tuple(xs), params)
        found = op.vjp(constant(1.0, out.dtype), out, *xs, **out.kw) if op.vjp is not None else None
    except TensorvizError:
        return None
    if found is None or not all(s is None or isinstance(s, Expr) for s in found):
        return None                         # a gradient that is not written
    return xs, list(found)


def slopes_by_gradient(node: Expr, v: Sequence[Array]) -> tuple[Any, ...] | None:
    """|df/dx_i| of an elementwise op by its gradient, at values of any shapes; None if it has none."""
    dtypes = tuple(np.dtype(np.float64) if a.dtype.kind == "f" else a.dtype for a in v)
    found = _gradient(node.op, node.params, dtypes)
    if found is None:
        return None
    flat = [np.ascontiguousarray(a).ravel().astype(d) for a, d in zip(np.broadcast_arrays(*v), dtypes, strict=True)]
    shape = np.broadcast_shapes(*(a.shape for a in v))
    xs, slopes = found
    try:
        values = evaluate([s for s in slopes if s is not None], dict(zip(xs, flat, strict=True)))
    except TensorvizError:
        return None
    rest = iter(values)
    return tuple(0.0 if s is None else np.broadcast_to(next(rest), flat[0].shape).reshape(shape) for s in slopes)
