"""Gradients judged by differences: `verify_grad` for users and their tests, `numeric_grad` for the numbers.

The cost is the sum of the result's elements (real and imaginary parts) with random weights, so that one gradient checks all of
them. Differences are central, over eps and eps / 2, extrapolated, which leaves an error of order eps**4. A complex point is moved
along both its parts: its gradient is d/dx - i d/dy (core/autodiff.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .autodiff import grad
from .dtypes import is_float
from .errors import ArgumentError, GradientError
from .evaluate import evaluate
from .expr import Expr, as_expr, variable
from .op import BUILDERS, strict
from .origins import user_line
from .types import TensorType

__all__ = ["numeric_grad", "verify_grad"]

Array = np.ndarray[Any, Any]
STEPS = {2: 0.05, 4: 3e-3, 8: 1e-4}             # by bytes of the real dtype: where rounding and what is left out are alike
TOLERANCES = {2: 5e-2, 4: 5e-3, 8: 1e-6}


# What compiles with a mode: put here by the module that knows the compiler, which stands above this one.
COMPILERS: list[Callable[[Any], Callable[[Any, Any], Callable[..., Any]]]] = []


def _function(f: Any, name: str) -> None:
    if not callable(f):
        raise ArgumentError(f"{name} takes a function, not {type(f).__name__}", at=user_line())


def _bytes(arrays: Sequence[Array]) -> int:
    return min(np.finfo(a.dtype).dtype.itemsize for a in arrays)


class numeric_grad:
    """Differences of a real function `f` of arrays, at the point `pt` (one array or a list): `gf`, in the form of `pt`.

    `eps` is the step (left out: by dtype, times the size of the element where that is larger than 1). Raises ArgumentError for
    points that are not floating point. `out_type` is the dtype that f computes in, where it is narrower than pt.

    >>> numeric_grad(lambda x: (x * x).sum(), [[1.0, 2.0]]).gf
    [array([2., 4.])]
    """

    def __init__(self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: Any = None) -> None:
        _function(f, "numeric_grad")
        several = isinstance(pt, list | tuple)
        points = [np.array(p) for p in (pt if several else [pt])]
        for p in points:
            if not is_float(p.dtype):
                raise ArgumentError(f"numeric_grad takes floating-point points, not {p.dtype}", at=user_line())
        size = min(_bytes(points), np.dtype(out_type).itemsize if out_type is not None else 8)
        found = [self._one(f, points, k, STEPS[min(size, 8)] if eps is None else eps) for k in range(len(points))]
        self.gf: Any = found if several else found[0]

    @staticmethod
    def _one(f: Callable[..., Any], points: Sequence[Array], k: int, eps: float) -> Array:
        result = np.zeros(points[k].shape, points[k].dtype)
        for at in np.ndindex(points[k].shape):
            step = eps * max(1.0, float(abs(points[k][at])))
            ways = (1.0, 1j) if result.dtype.kind == "c" else (1.0,)
            slopes = [_slope(f, points, k, at, step, w) for w in ways]
            result[at] = slopes[0] if len(slopes) == 1 else slopes[0] - 1j * slopes[1]
        return result

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Array, Array]:
        """The absolute and the relative error of each element of a against b, the latter by the sum of their sizes."""
        gap = np.abs(np.asarray(a) - np.asarray(b))
        return gap, gap / np.maximum(np.abs(a) + np.abs(b), 1e-8)

    def abs_rel_errors(self, g_pt: Sequence[Any]) -> list[tuple[Array, Array]]:
        """The errors of gradients `g_pt` against these."""
        ours = self.gf if isinstance(self.gf, list) else [self.gf]
        if len(ours) != len(g_pt):
            raise ArgumentError(f"{len(g_pt)} gradients for {len(ours)} points", at=user_line())
        return [self.abs_rel_err(a, b) for a, b in zip(ours, g_pt, strict=True)]

    def max_err(self, g_pt: Sequence[Any], abs_tol: float, rel_tol: float) -> tuple[int, int, float, float]:
        """Where gradients are worst (number of the point, of its element) and the errors there: the smaller one decides."""
        worst = (0, 0, 0.0, 0.0)
        most = -1.0
        for k, (gap, part) in enumerate(self.abs_rel_errors(g_pt)):
            if gap.size:
                both = np.minimum(gap / abs_tol, part / rel_tol)
                at = int(np.argmax(np.where(np.isnan(both), np.inf, both)))
                value = float(np.where(np.isnan(both), np.inf, both).flat[at])
                if value > most:
                    most, worst = value, (k, at, float(gap.flat[at]), float(part.flat[at]))
        return worst


def _slope(f: Callable[..., Any], points: Sequence[Array], k: int, at: tuple[int, ...], step: float, way: complex) -> float:
    """Central differences over step and step / 2, extrapolated."""
    def central(h: float) -> float:
        values, places = [], []
        for sign in (1, -1):
            moved = np.array(points[k])
            moved[at] += sign * h * way
            places.append(moved[at])
            value = np.asarray(f(*points[:k], moved, *points[k + 1:]))
            if value.size != 1 or value.dtype.kind not in "biuf":
                raise ArgumentError("numeric_grad takes a function with one real number as its value, "
                                    f"not {value.dtype} {value.shape}", at=user_line(),
                                    hint="a weighted sum of its elements is one")
            values.append(float(value.item()))
        return (values[0] - values[1]) / float(abs(places[0] - places[1]))     # by how far it was moved after rounding

    return (4 * central(step / 2) - central(step)) / 3


@strict
def verify_grad(fun: Callable[..., Any], pt: Sequence[Any], n_tests: int = 2, rng: Any = None, eps: float | None = None,
                out_type: Any = None, abs_tol: float | None = None, rel_tol: float | None = None, mode: Any = None,
                cast_to_output_type: bool = False, no_debug_ref: bool = True) -> None:
    """Compare the gradient of `fun` with differences, at the arrays `pt`; GradientError says where they differ most.

    `fun` takes one variable for each array and returns a floating-point tensor. Each of `n_tests` tests draws weights for its
    elements from `rng` (a numpy Generator or RandomState, or a seed; 0 if left out). An element is wrong if its absolute and its
    relative error are both above their tolerance. `mode`: None computes by the NumPy meaning, a name or Mode compiles with it;
    `cast_to_output_type` casts the points to `out_type`; `no_debug_ref` is for Theano's sake.

    >>> import tensorviz as tv
    >>> verify_grad(lambda x: tv.sin(x) * x, [[0.5, -1.5]])
    """
    _function(fun, "verify_grad")
    if not isinstance(pt, list | tuple):
        raise ArgumentError(f"verify_grad takes a list of arrays, one for each argument, not {type(pt).__name__}", at=user_line(),
                            hint="[point] for one argument")
    points = [np.array(p, dtype=out_type if cast_to_output_type and out_type else None) for p in pt]
    for k, p in enumerate(points):
        if not is_float(p.dtype):
            raise ArgumentError(f"verify_grad needs floating-point points; number {k} is {p.dtype}", at=user_line())
    xs = [variable(TensorType(p.dtype, p.shape), f"input {k}") for k, p in enumerate(points)]
    made = as_expr(fun(*xs))
    if not isinstance(made.type, TensorType) or not is_float(made.dtype):
        raise GradientError(f"verify_grad needs a floating-point result, not {made.type.text()}", at=user_line())
    size = min(_bytes(points), np.finfo(made.dtype).dtype.itemsize, np.dtype(out_type).itemsize if out_type is not None else 8)
    far = TOLERANCES[size] if abs_tol is None else abs_tol
    part = TOLERANCES[size] if rel_tol is None else rel_tol
    draws = rng if hasattr(rng, "uniform") else np.random.default_rng(0 if rng is None else rng)
    for test in range(n_tests):
        cost = _weighted(made, evaluate([made], dict(zip(xs, points, strict=True)))[0].shape, draws)
        _check(xs, cost, points, STEPS[size] if eps is None else eps, (far, part), mode, test)


def _weighted(made: Expr, shape: tuple[int, ...], draws: Any) -> Expr:
    """The sum of all elements times random weights of about 1, either sign."""
    parts = [BUILDERS["real"](made), BUILDERS["imag"](made)] if made.dtype.kind == "c" else [made]
    total: Any = None
    for p in parts:
        weights = np.asarray(draws.uniform(0.5, 1.5, shape) * np.sign(draws.uniform(-1, 1, shape)), p.dtype)
        term = BUILDERS["sum"](p * as_expr(weights))
        total = term if total is None else total + term
    return total  # type: ignore[no-any-return]


def _interpreted(xs: Sequence[Expr], roots: Sequence[Expr]) -> Callable[..., Any]:
    return lambda *at: evaluate(roots, dict(zip(xs, at, strict=True)))


def _check(xs: list[Expr], cost: Expr, points: list[Array], eps: float, tolerances: tuple[float, float], mode: Any,
           test: int) -> None:
    compiled = _interpreted if mode is None else mode if callable(mode) else COMPILERS[0](mode)
    value = compiled(xs, [cost])
    found = [np.asarray(g) for g in compiled(xs, grad(cost, xs, disconnected_inputs="ignore"))(*points)]
    numbers = numeric_grad(lambda *at: np.asarray(value(*at)).item(), points, eps)
    k, at, gap, part = numbers.max_err(found, *tolerances)
    if not (gap <= tolerances[0] or part <= tolerances[1]):
        place = tuple(int(n) for n in np.unravel_index(at, points[k].shape))
        both = f"is {found[k].flat[at]}, differences say {numbers.gf[k].flat[at]}"
        facts = [f"input {k}: {points[k].dtype} {points[k].shape}, there {points[k][place]}",
                 f"absolute error {gap:.3g} (allowed {tolerances[0]:.3g}), relative {part:.3g} (allowed {tolerances[1]:.3g}), "
                 f"in test {test}"]
        raise GradientError(
            f"the gradient with respect to input {k} at {list(place)} {both}", at=user_line(), facts=facts,
            hint="at a kink or a jump no difference can judge; else the gradient is wrong, or eps too large or too small")
