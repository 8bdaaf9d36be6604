"""How many values `arange` has: by arithmetic where it can't overflow, else by an op that raises where NumPy does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, DomainError, DtypeError, SizeError
from ..expr import Expr, constant, make
from ..op import BUILDERS, Op
from ..types import TensorType
from .elementwise import cast
from .lengths import INT, Length, no_gradients, user_line

__all__ = ["arange_count_op", "count_of"]

MOST = 2**63 - 1
FAR = 2**62             # two numbers below this are less than 2**63 apart


# -- of numbers ------------------------------------------------------------------------------------------------------
def _counted(start: Any, stop: Any, step: Any) -> int:
    """The count for three numbers, whole ones exactly; raises for a bad step, and where there are too many."""
    a, b, by = map(np.asarray, (start, stop, step))
    if by == 0:
        raise DomainError("arange needs a step that is not 0", hint="the step is the distance of two values")
    if not np.isfinite(by):
        raise DomainError(f"arange needs a finite step, not {step}")
    n = max(0, -((int(a) - int(b)) // int(by))) if all(v.dtype.kind in "biu" for v in (a, b, by)) else _between(a, b, by)
    if n > MOST:
        raise SizeError(f"arange from {start} to {stop} in steps of {step} has more values than any memory")
    return n


def _between(start: Any, stop: Any, step: Any) -> int:
    """The quotient rounded up; one too small to be told from 0 counts the first value, as in NumPy."""
    with np.errstate(all="ignore"):
        gap = stop - start
        quotient = gap / step
    if np.isnan(quotient):
        raise ArgumentError(f"arange from {start} to {stop} in steps of {step} has no length")
    if np.isinf(quotient):
        return MOST + 1 if quotient > 0 else 0
    if quotient == 0 and gap != 0:
        return 0 if np.signbit(quotient) else 1
    return max(0, math.ceil(quotient))


# -- of expressions --------------------------------------------------------------------------------------------------
def _count_type(*types: TensorType) -> TensorType:
    if any(t.shape or t.dtype.kind not in "biuf" for t in types):
        raise DtypeError(f"arange takes real scalars, not {', '.join(t.text() for t in types)}")
    return TensorType(INT, ())


arange_count_op = Op("arange_count", "shape", _count_type,
                     lambda start, stop, step: np.array(_counted(start, stop, step), INT),
                     "how many values start, start + step, ... has before stop", shape=lambda start, stop, step: (),
                     vjp=no_gradients, exact=True)


def _count(values: tuple[Any, Any, Any]) -> Expr:
    dtype = np.result_type(*(v.dtype if isinstance(v, Expr) else v for v in values))
    return make(arange_count_op, tuple(v if isinstance(v, Expr) else constant(v, dtype) for v in values))


def count_of(start: Any, stop: Any, step: Any) -> Length:
    """The length of arange: an int for Python numbers, else an int64 scalar.

    Raises DomainError for a step that is 0 or not finite and SizeError for 2**63 values or more, now or at run time.
    """
    values = (start, stop, step)
    if not any(isinstance(v, Expr) for v in values) or (not isinstance(step, Expr) and step == 0):
        try:
            return _counted(*(0 if isinstance(v, Expr) else v for v in values))
        except (DomainError, SizeError) as error:
            raise type(error)(error.what, at=user_line(), hint=error.hint) from None
    if any(v.dtype.kind not in "biu" if isinstance(v, Expr) else not isinstance(v, int) for v in values):
        return _count(values)
    n = None if isinstance(step, Expr) else _plain(_wide(start), _wide(stop), step)
    return _count(values) if n is None else n


def _wide(v: Any) -> Any:
    """An expression as int64, unless it may not fit."""
    return cast(v, INT) if isinstance(v, Expr) and v.dtype != np.uint64 else v


def _plain(start: Any, stop: Any, step: int) -> Expr | None:
    """The count as int64 arithmetic; None where that might overflow. What isn't known not to be negative is kept from it."""
    if any(v.dtype != INT if isinstance(v, Expr) else abs(v) >= FAR for v in (start, stop)) or abs(step) >= FAR:
        return None
    low, high = (start, stop) if step > 0 else (stop, start)
    if _near(start) and _near(stop):
        n = _steps(start, stop, step)
        return n if _is_length(n) else BUILDERS["maximum"](n, 0)
    if not (_is_length(low) or (isinstance(low, int) and low >= 0)):
        return None
    high = BUILDERS["maximum"](high, low)
    return _steps(low, high, step) if step > 0 else _steps(high, low, step)


def _steps(start: Any, stop: Any, step: int) -> Any:
    if step == 1:
        return stop if isinstance(start, int) and start == 0 else stop - start
    return -((start - stop) // step)


def _is_length(v: Any) -> bool:
    return isinstance(v, Expr) and v.op.name in ("length", "broadcast_length")


def _near(v: Any) -> bool:
    """Whether a whole number is far from overflow: small, of a small dtype, or the length of an array."""
    if isinstance(v, int):
        return True
    if v.op.name == "cast" and v.args[0].dtype.kind in "biu":
        return bool(v.args[0].dtype.itemsize < 8)
    return _is_length(v)
