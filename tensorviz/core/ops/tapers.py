"""NumPy's window functions (tapers) by their formulas; the number of places may be an expression.

Source of the formulas: NumPy's documentation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DtypeError
from ..expr import Expr, as_expr, is_constant, value_of
from ..op import BUILDERS, builder
from .elementwise import cast, where
from .lengths import INT, user_line

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]

F8 = np.dtype(np.float64)


def _places(M: Any) -> tuple[Expr, Expr]:
    """1 - M, 3 - M, ..., M - 1, and M - 1 (1 of a single place), as floats."""
    m = as_expr(M)
    if m.ndim or m.dtype.kind not in "biuf":
        raise DtypeError(f"the number of places is a whole scalar, not {m.type.text()}", at=user_line())
    if is_constant(m) and m.dtype.kind == "f":
        m = as_expr(int(np.ceil(value_of(m))))
    m = cast(m, INT)
    n = cast(BUILDERS["arange"](1 - m, m, 2), F8)
    return n, cast(BUILDERS["maximum"](m - 1, 1), F8)


def _cosines(M: Any, *weights: float) -> Expr:
    n, last = _places(M)
    found: Any = weights[0]
    for k, w in enumerate(weights[1:], 1):
        found = found + w * BUILDERS["cos"](k * np.pi * n / last)
    return found


@builder
def hanning(M: Any) -> Expr:
    """0.5 + 0.5 cos(pi n / (M - 1)) at the M places n = 1 - M, 3 - M, ..., M - 1: 0 at both ends, 1 in the middle.

    >>> hanning(5).eval().round(3)
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    return _cosines(M, 0.5, 0.5)


@builder
def hamming(M: Any) -> Expr:
    """0.54 + 0.46 cos(pi n / (M - 1)) at the places of `hanning`.

    >>> hamming(3).eval().round(3)
    array([0.08, 1.  , 0.08])
    """
    return _cosines(M, 0.54, 0.46)


@builder
def blackman(M: Any) -> Expr:
    """0.42 + 0.5 cos(pi n / (M - 1)) + 0.08 cos(2 pi n / (M - 1)) at the places of `hanning`.

    >>> blackman(3).eval().round(3) + 0.0
    array([0., 1., 0.])
    """
    return _cosines(M, 0.42, 0.5, 0.08)


@builder
def bartlett(M: Any) -> Expr:
    """A triangle: 1 - |n| / (M - 1) at the places of `hanning`.

    >>> bartlett(5).eval()
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    n, last = _places(M)
    return where(BUILDERS["less_equal"](n, 0), 1 + n / last, 1 - n / last)


@builder
def kaiser(M: Any, beta: Any) -> Expr:
    """i0(beta sqrt(1 - (n / (M - 1))**2)) / i0(beta) at the places of `hanning` (Kaiser's approximation).

    >>> kaiser(3, 0.0).eval()
    array([1., 1., 1.])
    """
    n, last = _places(M)
    beta = cast(as_expr(beta), F8)
    inside = BUILDERS["maximum"](1 - (n / last) ** 2, 0)
    return BUILDERS["i0"](beta * BUILDERS["sqrt"](inside)) / BUILDERS["i0"](beta)
