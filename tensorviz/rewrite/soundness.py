"""Soundness of rules, tested by the table: both sides on random and special values, judged by the rule's own exactness tag.

A rule's left side is built of variables of several dtypes and shapes, the rule is applied to it, and both graphs are evaluated:
lengths that are unknown turn out to be equal, 1, 0 or to clash. *Exact in floating point* is judged bit for bit. *Exact in real
arithmetic* is judged against 500 digits: the right side's error may be 4 units in the last place, or the bound of the left
side's error (its own bound where the left side overflowed on the way), or what a result below the normal range loses (4 times
the smallest subnormal number times the largest input); NaN and inf in the inputs must give NumPy's result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.errors import BoundsError, ShapeError, TensorvizError
from ..core.evaluate import evaluate
from ..core.expr import Expr, variable
from ..core.graph import inputs_of
from ..core.op import BUILDERS
from ..core.types import Shape, TensorType
from .bounds import error_bound
from .pattern import variables_of
from .precise import has_precise, precise
from .rule import EXACT, FAST, Context, Rewrite, Rule, instantiate

__all__ = ["Case", "Report", "cases", "check"]

Array = np.ndarray[Any, Any]
Env = dict[Expr, Array]
KINDS = ("ordinary", "tiny", "small", "large", "huge", "subnormal", "special")
_DIGITS = {"ordinary": 60, "small": 60, "special": 60}
DTYPES = ("float64", "float32", "int64", "uint8", "bool")


@dataclass
class Case:
    """A left side of real expressions, and what the rule makes of it."""

    left: Expr
    right: Expr
    variables: dict[str, Expr]
    text: str


@dataclass
class Report:
    """What a check found: failures in words (none if the rule is sound), how many cases fired, how many values were compared."""

    failures: list[str] = field(default_factory=list)
    cases: int = 0
    compared: int = 0
    raised: int = 0
    empty: int = 0


# -- cases: types for the variables ------------------------------------------------------------------------------------
def cases(r: Rule | Rewrite) -> Iterator[Case]:
    """The rule applied to its own left side, over dtypes and shapes."""
    context = Context(fast_math=True)
    if isinstance(r, Rewrite):
        for k, left in enumerate(r.examples()):
            found = r.apply(left, context)
            if found is not None:
                named: dict[str, Expr] = {}
                for n, v in enumerate(inputs_of([left])):
                    named[f"{v.name}{n}" if v.name in named else str(v.name)] = v
                yield Case(left, found.new, named, f"example {k}")
        return
    names = variables_of(r.left, params=False)
    for dtype in DTYPES:
        for text, shapes in _shapes(r, names):
            built = _left(r, names, dtype, shapes)
            if built is None:
                continue
            left, variables = built
            found = r.apply(left, context)
            if found is not None:
                yield Case(left, found.new, variables, f"{dtype} {text}")


def _shapes(r: Rule, names: list[str]) -> list[tuple[str, list[Shape]]]:
    count = len(names)
    if "matrix" in r.example.values() or "shifted" in r.example.values():
        return [("matrices", [(None, None)] * count), ("known columns", [(None, 3)] * count), ("known shapes", [(3, 3)] * count),
                ("one column", [(None, 1)] * count)]

    def first(shape: Shape, others: Shape) -> list[Shape]:
        return [shape, *[others] * (count - 1)]

    return [("scalars", [()] * count), ("vectors", [(None,)] * count), ("matrix and vectors", first((None, 3), (3,))),
            ("known and unknown", first((3,), (None,))), ("unknown and known", first((None,), (3,))),
            ("one and unknown", first((1,), (None, None)))]


def _left(r: Rule, names: list[str], dtype: str, shapes: list[Shape]) -> tuple[Expr, dict[str, Expr]] | None:
    env: dict[str, Any] = dict(r.example)
    variables: dict[str, Expr] = {}
    for name, shape in zip(names, shapes, strict=True):
        try:
            env[name] = _value(r.example.get(name), name, dtype, shape, variables)
        except TensorvizError:
            return None
    try:
        return instantiate(r.left, env), variables
    except (TensorvizError, KeyError, OverflowError):
        return None


def _value(kind: Any, name: str, dtype: str, shape: tuple[int | None, ...], variables: dict[str, Expr]) -> Any:
    """What a pattern variable stands for: a variable, something made of one, or a constant."""
    if isinstance(kind, int | float) and not isinstance(kind, bool):
        return BUILDERS["cast"](kind, dtype)
    if kind == "scalar":
        shape = ()
    if kind in ("bool", "int"):
        dtype = "bool" if kind == "bool" else dtype if np.dtype(dtype).kind in "iu" else "int32"
    v = variables[name] = variable(TensorType(np.dtype(dtype), shape), name)
    if kind == "square":
        return BUILDERS["square"](v)
    if kind == "never negative":
        return BUILDERS["absolute"](v)
    if kind == "shifted":
        return v - BUILDERS["max"](v, axis=1, keepdims=True)
    return v


# -- values ------------------------------------------------------------------------------------------------------------
def _lengths(case: Case, rng: np.random.Generator, whole: bool) -> Iterator[dict[Expr, tuple[int, ...]]]:
    """Lengths for unknown axes: all alike; each variable in turn of length 1, along all axes and along the last; 0; at random."""
    variables = list(case.variables.values())

    def fill(v: Expr, n: int, last: int) -> tuple[int, ...]:
        return tuple((last if k == v.ndim - 1 else n) if m is None else m for k, m in enumerate(v.type.shape))

    def scattered() -> dict[Expr, tuple[int, ...]]:
        return {v: tuple(int(rng.choice([3, 3, 3, 1, 0, 4])) if m is None else m for m in v.type.shape) for v in variables}

    yield {v: fill(v, 3, 3) for v in variables}
    if not whole or all(None not in v.type.shape for v in variables):
        yield {v: fill(v, 2, 5) for v in variables}
        yield scattered()
        return
    for one in variables:
        yield {v: fill(v, 1, 1) if v is one else fill(v, 3, 3) for v in variables}
        yield {v: fill(v, 3, 1) if v is one else fill(v, 3, 3) for v in variables}
    yield {v: fill(v, 0, 0) for v in variables}
    yield {v: fill(v, 3, 0) for v in variables}
    for _ in range(4):
        yield scattered()


def _draw(v: Expr, shape: tuple[int, ...], kind: str, rng: np.random.Generator, positive: bool) -> Array:
    dtype = v.dtype
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < (1.0 if positive else 0.5))
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = (info.min, info.max) if kind in ("huge", "special") else (max(info.min, -9), 10)
        low = 1 if positive else low
        return rng.integers(low, high, shape, dtype=dtype, endpoint=True)
    big = 30.0 if dtype == np.float32 else 150.0
    size = {"tiny": (-big, -big / 2), "small": (-4.0, -1.0), "large": (1.0, 2.9), "huge": (big / 2, big), "special": (-1.0, 1.0)}
    values = rng.choice([1.0 if positive else -1.0, 1.0], shape) * 10.0 ** rng.uniform(*size.get(kind, (-0.5, 0.5)), shape)
    tiny, least = float(np.finfo(dtype).tiny), float(np.finfo(dtype).smallest_subnormal)
    rare = {"special": [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0], "subnormal": [tiny / 8, -3 * least, 5 * least, 0.0, -0.0]}
    if kind in rare:
        values = np.where(rng.random(shape) < 0.3, rng.choice(rare[kind], shape), values)
    return np.asarray(values, dtype)


# -- the check ---------------------------------------------------------------------------------------------------------
def check(r: Rule | Rewrite, seed: int = 0) -> Report:
    """Run both sides of a rule on everything it may meet; the report's `failures` are empty if it keeps what its tag promises.

    >>> from tensorviz.rewrite.rules.stability import log_of_one_plus
    >>> check(log_of_one_plus).failures
    []
    """
    report = Report()
    for case in cases(r):
        report.cases += 1
        rng = np.random.default_rng(seed)
        if not case.left.type.accepts(case.right.type):
            report.failures.append(f"{case.text}: {case.right.type} instead of {case.left.type}")
        for kind in KINDS:
            if r.exactness == FAST and kind not in ("ordinary", "small"):
                continue
            _check_kind(r, case, kind, rng, report)
            if len(report.failures) > 5:
                return report
    if not report.cases:
        report.failures.append("it does not fire on its own left side")
    return report


def _check_kind(r: Rule | Rewrite, case: Case, kind: str, rng: np.random.Generator, report: Report) -> None:
    exact = r.exactness == EXACT or case.left.dtype.kind in "biu" or not has_precise(case.left)
    for lengths in _lengths(case, rng, kind == "ordinary"):
        env = {v: _draw(v, shape, kind, rng, r.exactness == FAST) for v, shape in lengths.items()}
        left, right = _run(case.left, env), _run(case.right, env)
        if isinstance(left, str) or isinstance(right, str):
            _judge_errors(r, case, env, left, right, report)
            continue
        report.compared += left.size
        report.empty += left.size == 0
        why = _Judge(r, case, env, kind).verdict(left, right, exact)
        if why:
            values = "; ".join(f"{n} = {np.array2string(env[v], threshold=12)}" for n, v in case.variables.items())
            report.failures.append(f"{case.text}, {kind} values: {why} for {values}")
            return


def _run(root: Expr, env: Env) -> Array | str:
    try:
        return evaluate([root], env)[0]
    except (ShapeError, BoundsError) as error:
        return error.what


def _judge_errors(r: Rule | Rewrite, case: Case, env: Env, left: Any, right: Any, report: Report) -> None:
    report.raised += 1
    if isinstance(left, str) == isinstance(right, str):
        return
    shapes = ", ".join(f"{n} {v.shape}" for n, v in zip(case.variables, env.values(), strict=True))
    if isinstance(left, str):
        if not r.drops_shape_errors:
            report.failures.append(f"{case.text}: the error '{left}' is dropped for {shapes}")
    elif not (getattr(r, "raises_on_empty", False) and any(0 in v.shape for v in env.values())):
        report.failures.append(f"{case.text}: the right side raises '{right}' for {shapes}")


class _Judge:
    """Compares both results of one run with each other and with the real value."""

    def __init__(self, r: Rule | Rewrite, case: Case, env: Env, kind: str) -> None:
        self.r, self.case, self.env, self.kind = r, case, env, kind
        self.finite = all(v.dtype.kind != "f" or bool(np.isfinite(v).all()) for v in env.values())
        numbers = [np.abs(v[np.isfinite(v)]) for v in env.values() if v.dtype.kind != "b"]
        self.largest = max((float(np.max(v, initial=1.0)) for v in numbers), default=1.0)
        self.repaired = any(bool(np.isinf(env[v]).any()) for n, v in case.variables.items() if n in r.repairs)

    def verdict(self, left: Array, right: Array, exact: bool) -> str:
        """"" if the right side is as exact as it must be, else what is wrong."""
        if left.shape != right.shape or left.dtype != right.dtype:
            return f"{right.dtype} {right.shape} instead of {left.dtype} {left.shape}"
        if exact or not left.size:
            return "" if _same_bits(left, right) else f"{right} instead of {left}"
        digits = 500 if any(v.dtype.kind in "iu" for v in self.env) else _DIGITS.get(self.kind, 500)   # whole numbers go far
        true = np.asarray(precise(self.case.left, self.env, digits), object).reshape(-1)
        allowed = error_bound(self.case.left, self.env).reshape(-1)
        own = error_bound(self.case.right, self.env).reshape(-1)
        for a, b, t, most, other in zip(left.reshape(-1), right.reshape(-1), true, allowed, own, strict=True):
            why = self._one(a, b, t, most if np.isfinite(most) else 2 * other)
            if why:
                return f"{b} instead of {a}, truly {_short(t)}: {why}"
        return ""

    def _one(self, a: Any, b: Any, t: Any, most: float) -> str:
        if not np.isfinite(a) and (a == b or (np.isnan(a) and np.isnan(b))):
            return ""
        if not self.finite:
            if not np.isfinite(a):
                return "" if np.isnan(a) and self.repaired else "NaN and inf in must give NumPy's result"
            if not np.isfinite(b):
                return "not finite"
        error, spacing = _distance(b, t, a.dtype)
        if np.isfinite(error):
            scale = 64 if self.r.exactness == FAST else 4
            most = max(scale * spacing, most, 4 * float(np.finfo(a.dtype).smallest_subnormal) * self.largest)
            return "" if error <= most else f"{error / spacing:.3g} ULP, {most / spacing:.3g} allowed"
        lost = self.largest > 1e3 and not np.isfinite(a)        # 500 digits are not enough to tell
        return "" if a == b or lost else "neither the real value nor NumPy's"


def _distance(v: Any, t: Any, dtype: np.dtype[Any]) -> tuple[float, float]:
    """Distance of a result from the real value (inf if one is not finite, unless it overflows), and the last unit there."""
    import mpmath  # type: ignore[import-untyped]

    info = np.finfo(dtype)
    if mpmath.isnan(t):
        return np.inf, 1.0
    if abs(t) > info.max:
        near = (np.isinf(v) and (v > 0) == (t > 0)) or abs(v) >= info.max * (1 - 4 * info.eps)
        return (0.0 if near else np.inf), 1.0
    if not np.isfinite(v):
        return np.inf, 1.0
    return float(abs(mpmath.mpf(float(v)) - t)), float(np.spacing(dtype.type(abs(t))))


def _short(t: Any) -> str:
    import mpmath

    return str(mpmath.nstr(t, 20))


def _same_bits(a: Array, b: Array) -> bool:
    """Equal bit for bit, all NaNs being one."""
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    signs = [np.signbit(v) & ~np.isnan(v) for v in (a, b)]
    return bool(np.array_equal(a, b, equal_nan=True) and np.array_equal(signs[0], signs[1]))


