"""Constants: computed when the graph is built, brought to the front, merged with each other where that is exact enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.errors import TensorvizError
from ...core.evaluate import evaluate
from ...core.expr import Expr, constant, constant_op, is_constant, make, value_of
from ...core.op import BUILDERS
from ..conditions import fold_is_normal, is_exact_difference, is_exact_sum
from ..lengths import covers
from ..rule import EXACT, REAL, Rewrite, Rule, rewrite, rule
from .shapes import tensor

__all__ = ["CANONICAL", "FOLD", "MERGE"]
S = "constants"
LIMIT = 4096                    # elements: larger results are left to the run
Sides = tuple[Any, ...]
Rules = tuple[Rule | Rewrite, ...]


# -- one form ----------------------------------------------------------------------------------------------------------
def _swapped() -> list[Expr]:
    x = tensor(None)
    return [x * 2.0, x + 3.0, BUILDERS["logical_and"](x > 0.0, constant(True))]


_COMMUTATIVE = ("add", "multiply", "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor",
                "equal", "not_equal")


@rewrite(_COMMUTATIVE, S, EXACT, formula="x + c -> c + x", examples=_swapped)
def constants_first(e: Expr) -> Expr | None:
    """The op is commutative, bit for bit; with constants in front equal terms are one node."""
    a, b = e.args
    return make(e.op, (b, a)) if is_constant(b) and not is_constant(a) else None


def _splats() -> list[Expr]:
    x, y = tensor(3), tensor(None, 4)
    return [x * constant([2.0, 2.0, 2.0]), y + constant([[1.5]]), BUILDERS["where"](x > 0.0, x, constant([0.0]))]


@rewrite("elementwise ops", S, EXACT, formula="x * [c, c, c] -> x * c", examples=_splats)
def constant_of_one_value(e: Expr) -> Expr | None:
    """An array that holds one value everywhere, and adds nothing to the shape, is broadcast from a scalar."""
    if len(e.args) < 2:
        return None
    for k, c in enumerate(e.args):
        if c.op is constant_op and c.ndim and value_of(c).size and _one_value(value_of(c)):
            others = [a for a in e.args if a is not c and a.ndim >= c.ndim]
            if any(covers(a, c) for a in others):
                small = constant(value_of(c).reshape(-1)[0])
                return make(e.op, (*e.args[:k], small, *e.args[k + 1:]), e.params)
    return None


def _one_value(array: np.ndarray[Any, Any]) -> bool:
    if array.size > LIMIT * 64:
        return False
    flat = np.ascontiguousarray(array).view(np.uint8).reshape(array.size, -1)
    return bool((flat == flat[0]).all())


# -- folding -----------------------------------------------------------------------------------------------------------
def _known() -> list[Expr]:
    two = constant(2.0)
    return [BUILDERS["exp"](two), two + constant(3.0), BUILDERS["sum"](constant([1.0, 2.0])), constant([[1, 2]]) * constant(3)]


@rewrite(("elementwise ops", "shape ops", "reduction ops", "linalg ops"), S, EXACT,
         formula="f(c, d) -> the constant f(c, d)", examples=_known)
def fold(e: Expr) -> Expr | None:
    """All arguments are constants, and the result is small, finite and normal (or a sign was changed, which rounds nothing)."""
    for a in e.args:
        if a.op is not constant_op:
            return None
    if not e.args or e.op.name in ("broadcast_to", "zero_grad"):
        return None
    size = 1
    for n in e.type.shape:
        size *= LIMIT + 1 if n is None else n
    if size > LIMIT or sum(value_of(a).size for a in e.args) > 64 * LIMIT:
        return None
    try:
        value = evaluate([e])[0]
    except TensorvizError:
        return None                     # it stays, to raise when it runs
    sure = e.op.name in ("negative", "absolute") or _is_normal(value)
    return constant(value) if sure and value.dtype == e.dtype else None


def _is_normal(value: np.ndarray[Any, Any]) -> bool:
    if value.dtype.kind in "biu":
        return True
    parts = (value.real, value.imag) if value.dtype.kind == "c" else (value,)
    return all(bool(np.all(np.isfinite(p) & ((p == 0) | (np.abs(p) >= np.finfo(p.dtype).tiny)))) for p in parts)


# -- merging -----------------------------------------------------------------------------------------------------------
@rule(S, REAL, example={"c": 0.5, "d": 0.25})
def merge_sum(c: Any, d: Any, x: Any) -> Sides:
    """c + d is exact, so one rounding is left of two."""
    return c + (d + x), (c + d) + x, (is_exact_sum(c, d),)


@rule(S, REAL, example={"c": 0.5, "d": 0.25})
def merge_sum_difference(c: Any, d: Any, x: Any) -> Sides:
    """c + d is exact, so one rounding is left of two."""
    return (x - c) - d, x - (c + d), (is_exact_sum(c, d),)


@rule(S, REAL, example={"c": 0.5, "d": 0.25})
def merge_difference(c: Any, d: Any, x: Any) -> Sides:
    """c - d is exact, so one rounding is left of two."""
    return (c + x) - d, (c - d) + x, (is_exact_difference(c, d),)


@rule(S, REAL, example={"c": 3.0, "d": 0.1})
def merge_product(c: Any, d: Any, x: Any) -> Sides:
    """Products round relatively: one rounding of c * d takes the place of one of d * x."""
    return c * (d * x), (c * d) * x, (fold_is_normal(c, "*", d),)


@rule(S, REAL, example={"c": 3.0, "d": 0.1})
def merge_quotient(c: Any, d: Any, x: Any) -> Sides:
    """Quotients round relatively: one rounding of c / d takes the place of one of c * x."""
    return (c * x) / d, (c / d) * x, (fold_is_normal(c, "/", d),)


@rule(S, REAL, example={"c": 3.0, "d": 0.1})
def merge_divisors(c: Any, d: Any, x: Any) -> Sides:
    """Quotients round relatively: one rounding of c * d takes the place of one of x / c."""
    return (x / c) / d, x / (c * d), (fold_is_normal(c, "*", d),)


@rule(S, REAL, example={"c": 3.0, "d": 0.1})
def merge_product_quotient(c: Any, d: Any, x: Any) -> Sides:
    """Quotients round relatively: one rounding of c / d takes the place of one of x / d."""
    return c * (x / d), (c / d) * x, (fold_is_normal(c, "/", d),)


@rule(S, REAL, example={"c": 3.0, "d": 0.1})
def merge_numerators(c: Any, d: Any, x: Any) -> Sides:
    """Quotients round relatively: one rounding of c / d takes the place of one of d * x."""
    return c / (d * x), (c / d) / x, (fold_is_normal(c, "/", d),)


CANONICAL: Rules = (constants_first, constant_of_one_value)
FOLD: Rules = (fold,)
MERGE: Rules = (fold, merge_sum, merge_sum_difference, merge_difference, merge_product, merge_quotient, merge_divisors,
                merge_product_quotient, merge_numerators)
