"""Diagonals: read as vectors, filled, made into matrices."""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from .axes import transpose
from .lengths import Length, axis_of, length_of, lengths_now, offset_of, product, user_line
from .shape import reshape
from .subscript import getitem, set_subtensor

__all__ = ["diag", "diagflat", "diagonal", "fill_diagonal", "fill_diagonal_offset", "trace"]


@builder
def diagonal(x: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1) -> Expr:
    """The diagonal number `offset` of the matrices in axes `axis1` and `axis2` of x, as the last axis of the result.

    `offset` is a whole number or an integer expression.

    >>> import tensorviz as tv
    >>> diagonal(tv.matrix("x", shape=(3, 4)), 1).type.shape
    (3,)
    """
    x = as_expr(x)
    a, b = axis_of(axis1, x.ndim), axis_of(axis2, x.ndim)
    if a == b:
        raise ShapeError("a diagonal goes through two different axes", at=user_line())
    x = transpose(x, (*(k for k in range(x.ndim) if k not in (a, b)), a, b))
    n, m = length_of(x, x.ndim - 2), length_of(x, x.ndim - 1)
    down, right = _sides(offset_of(offset))
    if all(isinstance(v, int) for v in (n, m, down)):
        count = max(min(n - down, m - right), 0)
    else:
        count = BUILDERS["maximum"](BUILDERS["minimum"](as_expr(n) - down, as_expr(m) - right), 0)
    places = BUILDERS["arange"](count)
    rows, columns = (places if isinstance(v, int) and not v else places + v for v in (down, right))
    return getitem(x, (Ellipsis, rows, columns))


def _sides(k: Length) -> tuple[Any, Any]:
    """How far down and to the right the diagonal number k begins."""
    if isinstance(k, int):
        return max(-k, 0), max(k, 0)
    return BUILDERS["maximum"](-k, 0), BUILDERS["maximum"](k, 0)


@builder
def diag(x: Any, k: Any = 0) -> Expr:
    """For a matrix its diagonal number k; for a vector the matrix that has it there and zeros elsewhere.

    k is a whole number or an integer expression.

    >>> import tensorviz as tv
    >>> diag(tv.vector("x", shape=(3,)), 1).type.shape
    (4, 4)
    """
    x = as_expr(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError(f"diag takes a vector or a matrix, not {x.type.text()}", at=user_line())
    down, right = _sides(offset_of(k))
    n = length_of(x, 0) + (down + right)
    flat = BUILDERS["arange"](length_of(x, 0)) * (n + 1) + (right + down * n)
    return reshape(set_subtensor(BUILDERS["zeros"]((n * n,), x.dtype)[flat], x), (n, n))


@builder
def trace(x: Any, offset: Any = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Expr:
    """The sum of the diagonal number `offset` of the matrices in axes `axis1` and `axis2` of x, added up in `dtype`.

    >>> import tensorviz as tv
    >>> trace(tv.matrix("x")).ndim
    0
    """
    return diagonal(x, offset, axis1, axis2).sum(axis=-1, dtype=dtype)


@builder
def diagflat(v: Any, k: Any = 0) -> Expr:
    """The matrix with the elements of v, in C order, on its diagonal number k and zeros elsewhere.

    >>> diagflat([[1.0, 2.0], [3.0, 4.0]]).type.shape
    (4, 4)
    """
    x = as_expr(v)
    return diag(reshape(x, (product(lengths_now(x)),)), k)


# -- filled ----------------------------------------------------------------------------------------------------------
@builder
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> Expr:
    """`a` with `val` on its main diagonal: a number, or as many values as the diagonal has.

    A tensor of more than two axes has equal lengths, and the diagonal a[i, i, ..., i]. With `wrap` the diagonal of a tall
    matrix goes on after a row left out. NumPy changes `a`; here the changed tensor is the result.

    >>> fill_diagonal([[1.0, 2.0], [3.0, 4.0]], 0.0).eval()
    array([[0., 2.],
           [3., 0.]])
    """
    x = as_expr(a)
    if x.ndim < 2:
        raise ShapeError(f"fill_diagonal takes two axes or more, not {x.type.text()}", at=user_line())
    now = lengths_now(x)
    known = {n for n in x.type.shape if n is not None}
    if x.ndim > 2 and len(known) > 1:
        raise ShapeError(f"fill_diagonal takes equal lengths, not {x.type.text()}", at=user_line())
    if x.ndim == 2:
        step, end = now[1] + 1, None if wrap else now[1] * now[1]
    else:
        step, end = sum((product(now[k + 1:]) for k in range(x.ndim - 1)), 1), None
    flat = reshape(x, (product(now),))
    return reshape(set_subtensor(flat[:end:step], val), now)


@builder
def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Expr:
    """The matrix `a` with `val` (a number) on its diagonal number `offset`, which may be an integer expression.

    >>> fill_diagonal_offset([[1.0, 2.0], [3.0, 4.0]], 0.0, 1).eval()
    array([[1., 0.],
           [3., 4.]])
    """
    x = as_expr(a)
    if x.ndim != 2:
        raise ShapeError(f"fill_diagonal_offset takes a matrix, not {x.type.text()}", at=user_line())
    n, m = lengths_now(x)
    start, count = _start_and_count(offset_of(offset), n, m)
    flat = reshape(x, (n * m,))
    return reshape(set_subtensor(flat[start:start + count * (m + 1):m + 1], val), (n, m))


def _start_and_count(k: Any, n: Length, m: Length) -> tuple[Any, Any]:
    """Where the diagonal number k of an (n, m) matrix begins in C order, and how many elements it has."""
    down, right = _sides(k)
    if all(isinstance(v, int) for v in (k, n, m)):
        return min(right + down * m, n * m), max(min(n - down, m - right), 0)
    most, least = BUILDERS["maximum"], BUILDERS["minimum"]
    return least(right + down * m, as_expr(n) * m), most(least(n - down, m - right), 0)
