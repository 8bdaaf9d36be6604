"""Derivatives that don't come from `grad`, to judge it by: the complex step, and differences in long double.

Complex step. A function that is holomorphic around real x has f(x + i h w) = f(x) + i h f'(x) w - h**2 ..., so the imaginary part over
h = 2**-100 is the derivative along w: nothing is subtracted, and what is left out is of order h**2 (h where a
product has two zeros). The graph runs op by op over
complex128. `HOLOMORPHIC` names the elementwise ops whose NumPy loops for complex numbers are the analytic continuation; `BRANCHING` has a
meaning for those without one: they look at real parts to choose the piece of the function that holds around x, and continue that
piece. Integers and booleans (comparisons, masks, indices, lengths) see real parts only. An op in neither table is an error, not a guess.

The step agrees with a right gradient to `STEP` = 64 eps = 1.4e-14 of the sum of |gradient * way|: both are sums of products of at most
some tens of factors, each rounded to some eps. (Measured over the tables: at most 2 eps.)

Long double. A graph that has complex numbers in it already is no holomorphic function of its inputs, so it runs in long double (64 bits
of fraction on x86, where double has 53), and its central differences over h, h/2, h/4, h/8 are extrapolated: with h = 2**-10 what is left
out, of order h**8, is below 1e-19, and rounding is some eps / h = 1e-16. Where long double is double, `APART` follows it to 1e-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import tensorviz as tv
from tensorviz.core.expr import Expr, constant_op, value_of, variable_op
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS
from tests.core.cases import draw

Array = np.ndarray[Any, Any]
H = 2.0**-100
STEP = 64 * float(np.finfo(np.float64).eps)
WIDE, WIDE_COMPLEX = np.dtype(np.longdouble), np.dtype(np.clongdouble)
DISTANCE = 2.0**-10
APART = STEP + 64 * float(np.finfo(WIDE).eps) / DISTANCE

HOLOMORPHIC = frozenset((
    "add", "subtract", "multiply", "true_divide", "power", "negative", "reciprocal", "square", "sqrt", "exp", "expm1", "log",
    "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "sigmoid", "erf", "erfc", "where"))

FAMILIES = frozenset(("shape", "reduction", "linalg", "scan", "order", "fft"))     # whose NumPy meaning takes complex numbers


# -- pieces around a real point ------------------------------------------------------------------------------------------
def _sign(x: Any) -> Any:
    return np.sign(np.real(x))


def _absolute(x: Any) -> Any:
    return x * _sign(x)


def _arctan2(y: Any, x: Any) -> Any:
    """arctan of y / x or x / y, whichever is at most 1, and the quadrant."""
    flat = np.abs(x.real) >= np.abs(y.real)
    with np.errstate(all="ignore"):
        near = np.arctan(y / x) + np.where(x.real < 0, np.copysign(np.pi, y.real), 0)
        far = np.copysign(np.pi / 2, y.real) - np.arctan(x / y)
    return np.where(flat, near, far)


def _logaddexp(x: Any, y: Any, log: Any = np.log, exp: Any = np.exp) -> Any:
    top = np.maximum(x.real, y.real)
    return top + log(exp(x - top) + exp(y - top))


def _extreme(place: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
        """The element whose real part is largest (or smallest) over `axes`."""
        kept = [k for k in range(x.ndim) if k not in axes]
        rows = x.transpose(*kept, *axes).reshape(*[x.shape[k] for k in kept], math.prod(x.shape[k] for k in axes))
        best = np.take_along_axis(rows, place(rows.real, axis=-1)[..., None], -1)[..., 0]
        return best.reshape([1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else best

    return run


def _running(place: Callable[..., Any]) -> Callable[..., Any]:
    def run(x: Array, axis: int) -> Array:
        """The element whose real part is largest (or smallest) so far."""
        places = np.arange(x.shape[axis]).reshape([-1 if k == axis else 1 for k in range(x.ndim)])
        return np.take_along_axis(x, np.maximum.accumulate(np.where(place.accumulate(x.real, axis) == x.real, places, 0), axis), axis)

    return run


def _logcumsumexp(x: Array, axis: int) -> Array:
    top = np.max(x.real, axis, keepdims=True, initial=-np.inf)
    return np.log(np.cumsum(np.exp(x - top), axis)) + top


def _pool_max(x: Array, **kw: Any) -> Array:
    return np.asarray(OPS["pool_max_pick"].numpy(x.real, OPS["pool_max"].numpy(x.real, **kw), x, **kw))


BRANCHING: dict[str, Callable[..., Any]] = {
    "pool_max": _pool_max,
    "pool_max_back": lambda x, top, g, **kw: OPS["pool_max_back"].numpy(x.real, top.real, g, **kw),
    "pool_max_pick": lambda x, top, h, **kw: OPS["pool_max_pick"].numpy(x.real, top.real, h, **kw),
    "absolute": _absolute, "sign": _sign, "arctan2": _arctan2, "logaddexp": _logaddexp,
    "logaddexp2": lambda x, y: _logaddexp(x, y, np.log2, np.exp2),
    "maximum": lambda x, y: np.where(x.real >= y.real, x, y), "minimum": lambda x, y: np.where(x.real <= y.real, x, y),
    "cummax": _running(np.maximum), "cummin": _running(np.minimum), "logcumsumexp": _logcumsumexp,
    "bincount": lambda x, w, minlength: np.bincount(x, w.real, minlength) + 1j * np.bincount(x, w.imag, minlength),
    "max": _extreme(np.argmax), "min": _extreme(np.argmin),
    "exp2": lambda x: np.exp2(x.real) * np.exp(1j * np.log(2.0) * x.imag),      # NumPy's loses digits far from 0
    "cbrt": lambda x: _sign(x) * np.exp(np.log(_absolute(x)) / 3), "hypot": lambda x, y: np.sqrt(x * x + y * y),
    "softplus": lambda x: np.where(x.real > 0, x, 0) + np.log1p(np.exp(-_absolute(x))),
    "copysign": lambda x, y: _absolute(x) * np.copysign(1, y.real),
    "floor": lambda x: np.floor(x.real), "ceil": lambda x: np.ceil(x.real), "trunc": lambda x: np.trunc(x.real),
    "rint": lambda x: np.rint(x.real), "floor_divide": lambda x, y: np.floor_divide(x.real, y.real),
    "remainder": lambda x, y: x - y * np.floor_divide(x.real, y.real),
    "fmod": lambda x, y: x - y * np.trunc(x.real / y.real),
}


# -- graphs in other numbers ---------------------------------------------------------------------------------------------
def _run(root: Expr, env: Mapping[Expr, Array], step: Callable[[Expr, list[Any]], Any]) -> Array:
    values: dict[Expr, Any] = {}
    for node in topological([root]):
        if node.op is variable_op:
            values[node] = env[node]
        else:
            values[node] = step(node, [value_of(node)] if node.op is constant_op else [values[a] for a in node.args])
    return np.asarray(values[root])


def _complex(node: Expr, args: list[Any]) -> Any:
    """One op over complex numbers that stand for reals and their derivatives."""
    name, op = node.op.name, node.op
    if node.dtype.kind != "f":
        return np.asarray(args[0] if op is constant_op else op.numpy(*map(np.real, args), **node.kw), node.dtype)
    if op is constant_op or name == "cast":
        found = args[0]
    elif name in BRANCHING:
        found = BRANCHING[name](*args, **node.kw)
    elif name in HOLOMORPHIC or op.family in FAMILIES:
        found = op.numpy(*args, **node.kw)
    else:
        raise NotImplementedError(f"{name} has no meaning for a complex step")
    return np.asarray(found, np.complex128)


def _wide(node: Expr, args: list[Any]) -> Any:
    """One op in long double."""
    kind = node.dtype.kind
    if node.op is constant_op or (node.op.name == "cast" and kind in "fc"):
        found = args[0]
    else:
        found = node.op.numpy(*args, **node.kw)
    return np.asarray(found, {"f": WIDE, "c": WIDE_COMPLEX}.get(kind, node.dtype))


def complex_step(root: Expr, env: Mapping[Expr, Array], way: Mapping[Expr, Array]) -> tuple[Array, Array]:
    """The value of `root` at `env`, and its derivative along `way`."""
    made = _run(root, {x: v + 1j * H * way[x] if x in way else v for x, v in env.items()}, _complex)
    return made.real, made.imag / H


def wide_differences(root: Expr, env: Mapping[Expr, Array], way: Mapping[Expr, Array]) -> Array:
    """The derivative of `root` along `way` from differences in long double, extrapolated."""
    def central(d: Any) -> Array:
        plus, minus = (_run(root, {x: v + s * d * way[x].astype(WIDE) if x in way else v for x, v in env.items()}, _wide)
                       for s in (1, -1))
        return np.asarray((plus - minus) / (2 * d))

    rows = [central(WIDE.type(DISTANCE) / 2**k) for k in range(4)]
    for order in range(1, 4):
        rows = [(4**order * b - a) / (4**order - 1) for a, b in pairwise(rows)]
    return rows[0].astype(np.float64)


# -- gradients judged by them --------------------------------------------------------------------------------------------
def directional(cost: Expr, xs: Sequence[Expr], way: Sequence[Array]) -> tuple[Expr, Expr]:
    """By `grad`: the derivative of `cost` along `way`, and the sum of the absolute terms that it is added up from."""
    gradients = tv.grad(cost, list(xs), disconnected_inputs="ignore")
    for g, x in zip(gradients, xs, strict=True):
        assert g.dtype == x.dtype and g.ndim == x.ndim
    terms = [g * tv.constant(w.astype(x.dtype)) for g, w, x in zip(gradients, way, xs, strict=True)]
    return sum(B["sum"](t) for t in terms), sum(B["sum"](abs(t)) for t in terms)


def check_step(cost: Expr, along: Expr, size: Expr, env: Mapping[Expr, Array], way: Mapping[Expr, Array]) -> None:
    """`along`, summed from terms of `size`, is the derivative of `cost` along `way` by the complex step."""
    value, expected = complex_step(cost, env, way)
    meant, found, scale = tv.evaluate([cost, along, size], env)
    np.testing.assert_allclose(value, meant, rtol=STEP, atol=STEP)       # the step ran through the same function
    assert abs(found - expected) <= STEP * scale + H, f"grad says {found}, the complex step {expected}, a difference of {found - expected}"


def check_wide(cost: Expr, along: Expr, size: Expr, env: Mapping[Expr, Array], way: Mapping[Expr, Array]) -> None:
    """The same by differences in long double."""
    expected = wide_differences(cost, env, way)
    found, scale = tv.evaluate([along, size], env)
    assert abs(found - expected) <= APART * scale, f"grad says {found}, differences {expected}, a difference of {found - expected}"


def check(made: Expr, xs: Sequence[Expr], at: Sequence[Array], by: Callable[..., None] = check_step, seed: int = 91) -> None:
    """The gradient of a weighted sum of `made`, and the gradient of that, along random ways."""
    env = dict(zip(xs, at, strict=True))
    root = weighted(made, env, seed)
    for order in (1, 2):
        way = ways(at, "float64", seed + order)
        along, size = directional(root, xs, way)
        through_complex = any(n.dtype.kind == "c" for n in topological([root, along]))
        (check_wide if through_complex else by)(root, along, size, env, dict(zip(xs, way, strict=True)))
        root = along


def weighted(made: Expr, env: Mapping[Expr, Array], seed: int) -> Expr:
    """A real cost of a tensor: the sum of its elements (real and imaginary parts) with random weights, exact in float32."""
    shape, dtype = tv.evaluate([made], env)[0].shape, np.dtype(made.dtype.type(0).real.dtype)
    parts = [B["real"](made), B["imag"](made)] if made.dtype.kind == "c" else [made]
    return sum(B["sum"](p * tv.constant(draw(shape, "float32", seed + 50 * k).astype(dtype))) for k, p in enumerate(parts))


def ways(at: Sequence[Array], dtype: str, seed: int) -> list[Array]:
    """A random direction for each tensor."""
    return [draw(np.shape(x), dtype, seed + 3 * k) for k, x in enumerate(at)]


def rounding(root: Expr, env: Mapping[Expr, Array]) -> float:
    """What all results of ops in a graph, each off by a relative 1, change in its scalar root to first order."""
    nodes = [n for n in topological([root]) if n.dtype.kind == "f"]
    slopes = tv.grad(root, nodes, disconnected_inputs="ignore")
    values = tv.evaluate([*nodes, *slopes], env)
    with np.errstate(invalid="ignore"):
        terms = [float(np.sum(np.abs(v * s))) for v, s in zip(values, values[len(nodes):], strict=False)]
    return sum(t for t in terms if np.isfinite(t))
