"""Products composed of others: kron, cross, vecdot, matvec, vecmat, and Theano's batched_dot and batched_tensordot."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import resolve
from ..errors import DtypeError, ShapeError
from ..expr import Expr, as_expr, explain
from ..op import BUILDERS, builder
from .axes import expand_dims, moveaxis, squeeze
from .einsum import einsum
from .elementwise import BOOL, cast
from .lengths import axis_of, lengths_now, user_line
from .linalg import matmul, matmul_op
from .shape import reshape, specify_shape

__all__ = ["batched_dot", "batched_tensordot", "cross", "kron", "matvec", "vecdot", "vecmat"]


def _conj(x: Expr) -> Expr:
    return BUILDERS["conjugate"](x) if x.dtype.kind == "c" else x


def _summed(x: Expr, axis: int) -> Expr:
    return BUILDERS["any"](x, axis=axis) if x.dtype == BOOL else BUILDERS["sum"](x, axis=axis, dtype=x.dtype)


def _same_length(a: Expr, b: Expr, i: int, k: int, name: str) -> None:
    n, m = a.type.shape[i], b.type.shape[k]
    if None not in (n, m) and n != m:
        raise explain(ShapeError(f"{name}: the axes that are summed over have lengths {n} and {m}"), matmul_op, (a, b))


def _pair(a: Any, b: Any, ndims: tuple[int, int], name: str) -> tuple[Expr, Expr]:
    a, b = as_expr(a), as_expr(b)
    for x, least in ((a, ndims[0]), (b, ndims[1])):
        if x.ndim < least:
            raise explain(ShapeError(f"{name} takes {least} axes or more, not {x.type.text()}"), matmul_op, (a, b))
    try:
        loop = resolve(np.matmul, (a.dtype, b.dtype))
    except DtypeError as error:
        raise explain(error, matmul_op, (a, b)) from None
    return cast(a, loop[0]), cast(b, loop[1])


# -- vectors and matrices in stacks ------------------------------------------------------------------------------------
@builder
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Expr:
    """The scalar products of vectors along `axis`, those of x1 complex conjugated; other axes are broadcast.

    >>> vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).eval()
    array([3., 7.])
    """
    a, b = _pair(x1, x2, (1, 1), "vecdot")
    a, b = (x if axis_of(axis, x.ndim) == x.ndim - 1 else moveaxis(x, axis, -1) for x in (a, b))
    _same_length(a, b, -1, -1, "vecdot")
    return matmul(_conj(a), b) if a.ndim == b.ndim == 1 else _summed(_conj(a) * b, -1)


@builder
def matvec(x1: Any, x2: Any) -> Expr:
    """The products of matrices (..., m, n) and vectors (..., n), leading axes broadcast.

    >>> matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).eval()
    array([3., 7.])
    """
    a, b = _pair(x1, x2, (2, 1), "matvec")
    _same_length(a, b, -1, -1, "matvec")
    return matmul(a, b) if b.ndim == 1 else _summed(a * expand_dims(b, -2), -1)


@builder
def vecmat(x1: Any, x2: Any) -> Expr:
    """The products of vectors (..., n), complex conjugated, and matrices (..., n, m), leading axes broadcast.

    >>> vecmat([1.0, 1.0], [[1.0, 2.0], [3.0, 4.0]]).eval()
    array([4., 6.])
    """
    a, b = _pair(x1, x2, (1, 2), "vecmat")
    _same_length(a, b, -1, -2, "vecmat")
    a = _conj(a)
    return matmul(a, b) if a.ndim == 1 else _summed(expand_dims(a, -1) * b, -2)


# -- kron and cross ----------------------------------------------------------------------------------------------------
@builder
def kron(a: Any, b: Any) -> Expr:
    """Kronecker's product: blocks of b, each times an element of a; the one with fewer axes gets leading ones.

    >>> kron([1, 10], [1, 2, 3]).eval()
    array([ 1,  2,  3, 10, 20, 30])
    """
    a, b = as_expr(a), as_expr(b)
    ndim = max(a.ndim, b.ndim)
    a, b = (expand_dims(x, tuple(range(ndim - x.ndim))) for x in (a, b))
    wide = expand_dims(a, tuple(range(1, 2 * ndim, 2))) * expand_dims(b, tuple(range(0, 2 * ndim, 2)))
    return reshape(wide, tuple(n * m for n, m in zip(lengths_now(a), lengths_now(b), strict=True)))


@builder
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Expr:
    """The vector products of vectors of length 3 (or 2: their third element is 0) along `axisa` and `axisb`, put along `axisc`.

    `axis` stands for all three. Of two vectors of length 2 the third element alone is the result. Lengths that are not
    known are taken for 3, which is checked when it runs.

    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).eval()
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    parts: list[list[Expr]] = []
    for x, k in ((as_expr(a), axisa), (as_expr(b), axisb)):
        x = moveaxis(x, axis_of(k, x.ndim), -1)
        if x.type.shape[-1] is None:
            x = specify_shape(x, (*(None,) * (x.ndim - 1), 3))
        if x.type.shape[-1] not in (2, 3):
            raise ShapeError(f"cross takes vectors of length 3 or 2, not {x.type.shape[-1]}", at=user_line(),
                             facts=[f"operand {len(parts) + 1}: {x.type.text()}"])
        parts.append([x[..., k] for k in range(x.type.shape[-1])])
    (x, y, *z), (u, v, *w) = parts
    third = x * v - y * u
    if not z and not w:
        return third
    first = y * w[0] - z[0] * v if z and w else y * w[0] if w else -(z[0] * v)
    second = z[0] * u - x * w[0] if z and w else -(x * w[0]) if w else z[0] * u
    made = BUILDERS["stack"](BUILDERS["broadcast_arrays"](first, second, third), -1)
    return moveaxis(made, -1, axisc)


# -- Theano's ------------------------------------------------------------------------------------------------------------
@builder
def batched_dot(a: Any, b: Any) -> Expr:
    """Theano's word for the products of members of two stacks: `dot(a[i], b[i])` for each i, of vectors, matrices or tensors.

    >>> import tensorviz as tv
    >>> batched_dot(tv.tensor3("a", shape=(7, 2, 3)), tv.tensor3("b", shape=(7, 3, 5))).type.shape
    (7, 2, 5)
    """
    a, b = _pair(a, b, (1, 1), "batched_dot")
    if a.ndim == 1 or b.ndim == 1:
        n = max(a.ndim, b.ndim)
        a, b = (expand_dims(x, tuple(range(1, n))) if x.ndim == 1 else x for x in (a, b))
        return a * b
    if a.ndim == 3 and b.ndim == 2:
        return squeeze(matmul(a, expand_dims(b, -1)), -1)
    return batched_tensordot(a, b, ((a.ndim - 1,), (1 if b.ndim == 2 else b.ndim - 2,)))


@builder
def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Expr:
    """Theano's word for `tensordot(x[i], y[i], axes)` for each i; a pair of lists of axes counts the batch's, which is number 0.

    >>> import tensorviz as tv
    >>> batched_tensordot(tv.tensor3("x", shape=(7, 2, 3)), tv.tensor3("y", shape=(7, 3, 5)), 1).type.shape
    (7, 2, 5)
    """
    x, y = as_expr(x), as_expr(y)
    if isinstance(axes, int):
        left, right = list(range(x.ndim - axes, x.ndim)), list(range(1, axes + 1))
    else:
        left, right = ([axis_of(k, v.ndim) for k in (s if isinstance(s, tuple | list) else (s,))]
                       for s, v in zip(axes, (x, y), strict=True))
    if len(left) != len(right) or 0 in (*left, *right) or max((*left, 0)) >= x.ndim or max((*right, 0)) >= y.ndim:
        raise explain(ShapeError(f"batched_tensordot cannot sum axes {left} of the first with axes {right} of the second"),
                      matmul_op, (x, y))
    ours = list(range(x.ndim))
    theirs: list[int] = [0, *range(x.ndim, x.ndim + y.ndim - 1)]
    for i, k in zip(left, right, strict=True):
        theirs[k] = ours[i]
    kept = [v for labels, used in ((ours, left), (theirs, right)) for k, v in enumerate(labels) if k and k not in used]
    return einsum(x, ours, y, theirs, [0, *kept])
