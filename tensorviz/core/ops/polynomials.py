"""Polynomials as vectors of coefficients, the highest power first: NumPy's polyadd, polymul, polyder and their like.

Coefficients are expressions, so that no result is shortened where its first ones happen to be 0; the rest of `polydiv` is, as it
always begins with zeros.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, builder
from ..origins import user_line
from .axes import atleast_1d
from .elementwise import cast, where
from .joining import concatenate, ravel
from .lengths import length_of, whole
from .signal import convolve

__all__ = ["poly", "polyadd", "polyder", "polydiv", "polyint", "polymul", "polysub"]


def _coefficients(p: Any, name: str, known: bool = False) -> Expr:
    p = atleast_1d(as_expr(p))
    if p.ndim != 1 or (known and p.type.shape[0] is None):
        raise ShapeError(f"{name} takes a vector of coefficients{' of known length' * known}, not {p.type.text()}",
                         at=user_line(), hint="tv.specify_shape says how long it is" if known and p.ndim == 1 else "")
    return p


def _order(m: Any) -> int:
    return whole(m, "the order is a whole number", "the order is 0 or more", 0)


def _aligned(a1: Any, a2: Any, name: str) -> tuple[Expr, Expr]:
    """Both as long as the longer, with zeros in front."""
    a, b = _coefficients(a1, name), _coefficients(a2, name)
    n, m = length_of(a, 0), length_of(b, 0)
    if isinstance(n, int) and isinstance(m, int):
        return _after_zeros(a, max(m - n, 0)), _after_zeros(b, max(n - m, 0))
    longer = BUILDERS["maximum"](n, m)
    return _after_zeros(a, longer - n), _after_zeros(b, longer - m)


def _after_zeros(p: Expr, count: Any) -> Expr:
    if isinstance(count, int) and not count:
        return p
    return concatenate([BUILDERS["zeros"]((count,), p.dtype), p])


@builder
def polyadd(a1: Any, a2: Any) -> Expr:
    """The sum of two polynomials.

    >>> polyadd([1, 2], [9, 5, 4]).eval()
    array([9, 6, 6])
    """
    a, b = _aligned(a1, a2, "polyadd")
    return a + b


@builder
def polysub(a1: Any, a2: Any) -> Expr:
    """The difference of two polynomials.

    >>> polysub([2, 10, -2], [3, 10, -4]).eval()
    array([-1,  0,  2])
    """
    a, b = _aligned(a1, a2, "polysub")
    return a - b


@builder
def polymul(a1: Any, a2: Any) -> Expr:
    """The product of two polynomials: the convolution of their coefficients (zeros in front of them stay, unlike NumPy's).

    >>> polymul([1, 2], [1, 2]).eval()
    array([1, 4, 4])
    """
    return convolve(_coefficients(a1, "polymul"), _coefficients(a2, "polymul"))


@builder
def polydiv(u: Any, v: Any) -> tuple[Expr, Expr]:
    """The quotient of two polynomials of known lengths, and the rest, which begins where it is more than 1e-8 as NumPy's does.

    >>> [p.eval().tolist() for p in polydiv([3.0, 5.0, 2.0], [2.0, 1.0])]
    [[1.5, 1.75], [0.25]]
    """
    top, below = (_coefficients(p, "polydiv", known=True) for p in (u, v))
    dtype = np.result_type(top.dtype, below.dtype, 0.0)
    rest, below = cast(top, dtype), cast(below, dtype)
    n = below.type.shape[0]
    count = top.type.shape[0] - n + 1
    scale, quotient = 1.0 / below[0], []
    for k in range(count):
        quotient.append(scale * rest[k])
        rest = rest[k:k + n].inc(-quotient[k] * below)
    found = BUILDERS["stack"](quotient) if quotient else BUILDERS["zeros"]((1,), dtype)
    near = BUILDERS["less_equal"](BUILDERS["absolute"](rest), 1e-8)
    places = BUILDERS["arange"](length_of(rest, 0))
    first = BUILDERS["min"](where(near, places[-1], places))
    return found, rest[first:]


@builder
def polyder(p: Any, m: int = 1) -> Expr:
    """The derivative of order m of a polynomial.

    >>> polyder([1, 1, 1, 1]).eval()
    array([3, 2, 1])
    """
    p = _coefficients(p, "polyder")
    for _ in range(_order(m)):
        p = p[:-1] * BUILDERS["arange"](length_of(p, 0) - 1, 0, -1)
    return p


@builder
def polyint(p: Any, m: int = 1, k: Any = None) -> Expr:
    """The integral of order m of a polynomial, with the constants k (None: 0), the first of the first integration.

    >>> polyint([1.0, 1.0, 1.0]).eval()
    array([0.33333333, 0.5       , 1.        , 0.        ])
    """
    p, m = _coefficients(p, "polyint"), _order(m)
    ends = _coefficients(np.zeros(m) if k is None else k, "polyint", known=True)
    if ends.type.shape[0] == 1 and m > 1:
        ends = BUILDERS["broadcast_to"](ends, (m,))
    if ends.type.shape[0] < m:
        raise ArgumentValueError(f"constants are one, or one for each of {m} integrations, not {ends.type.shape[0]}",
                                 at=user_line())
    for j in range(m):
        p = concatenate([p / BUILDERS["arange"](length_of(p, 0), 0, -1), ends[j:j + 1]])
    return p


@builder
def poly(seq_of_zeros: Any) -> Expr:
    """The polynomial with the given roots, of known number, and the first coefficient 1; complex roots give complex coefficients.

    >>> poly([-1.0, 1.0]).eval()
    array([ 1.,  0., -1.])
    """
    roots = atleast_1d(as_expr(seq_of_zeros))
    if roots.ndim == 2:
        raise ShapeError("poly takes roots, not a matrix: its eigenvalues are not worked out here", at=user_line())
    if roots.ndim != 1 or roots.type.shape[0] is None:
        raise ShapeError(f"poly takes a vector of roots of known length, not {roots.type.text()}", at=user_line())
    roots = cast(roots, roots.dtype if roots.dtype.kind in "fc" and roots.dtype != np.float16 else np.float64)
    if not roots.type.shape[0]:
        return constant(1.0)
    none = constant([0], roots.dtype)
    found = constant([1], roots.dtype)
    for k in range(roots.type.shape[0]):
        found = concatenate([found, none]) + concatenate([none, found * -roots[k]])
    return ravel(found)
