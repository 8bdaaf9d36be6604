"""Products of matrices: `matmul` with NumPy's rules, BLAS's `gemm`, and the products composed of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import resolve
from ..errors import DtypeError, ShapeError
from ..expr import Expr, as_expr, explain, is_constant, label_of, make
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType, broadcast_shapes, shape_text
from .axes import expand_dims, matrix_transpose, squeeze, transpose
from .elementwise import cast
from .lengths import Length, axis_of, broadcast_length, lengths_now, product, same
from .shape import reshape

__all__ = ["dot", "gemm", "inner", "matmul", "outer", "tensordot", "vdot"]

Array = np.ndarray[Any, Any]


# -- matmul ----------------------------------------------------------------------------------------------------------
def _matmul_type(a: TensorType, b: TensorType) -> TensorType:
    if a.dtype != b.dtype:
        raise DtypeError(f"matmul takes two tensors of one dtype, not {a.dtype} and {b.dtype}")
    if not a.ndim or not b.ndim:
        raise ShapeError("matmul does not take scalars", hint=_matmul_hint(a.shape, b.shape))
    inner_a, inner_b = a.shape[-1], b.shape[-2] if b.ndim > 1 else b.shape[0]
    if None not in (inner_a, inner_b) and inner_a != inner_b:
        both = f"{shape_text(a.shape)} and {shape_text(b.shape)}"
        raise ShapeError(f"cannot multiply matrices of shapes {both}: {inner_a} is not {inner_b}",
                         hint=_matmul_hint(a.shape, b.shape))
    return TensorType(resolve(np.matmul, (a.dtype, b.dtype))[-1],
                      (*broadcast_shapes(a.shape[:-2], b.shape[:-2]), *a.shape[-2:-1], *(b.shape[-1:] if b.ndim > 1 else ())))


def _matmul_hint(a: Shape, b: Shape, x: str = "x", y: str = "y") -> str:
    """What may help, with the names of the operands."""
    if not a or not b:
        return f"use {x} * {y}"
    if len(a) == 2 and len(b) == 2:
        if a[1] == b[1]:
            return f"use {x} @ {_flipped(y)}"
        if a[0] == b[0]:
            return f"use {_flipped(x)} @ {y}"
    return "the last axis of the first goes with the last but one of the second"


def _matmul_numpy(a: Array, b: Array) -> Array:
    try:
        return np.asarray(np.matmul(a, b))
    except ValueError:
        raise ShapeError(f"cannot multiply matrices of shapes {np.shape(a)} and {np.shape(b)}") from None


def _matmul_shape(a: Expr, b: Expr) -> tuple[Length, ...]:
    la, lb = lengths_now(a), lengths_now(b)
    return (*joined(la[:-2], lb[:-2]), *la[-2:-1], *(lb[-1:] if b.ndim > 1 else ()))


def joined(a: Sequence[Length], b: Sequence[Length]) -> tuple[Length, ...]:
    """The lengths that two shapes broadcast to."""
    n = len(a) - len(b)
    return tuple(_join(x, y) for x, y in zip((*(1,) * -n, *a), (*(1,) * n, *b), strict=True))


def _join(x: Length, y: Length) -> Length:
    if same(x, y) or (isinstance(y, int) and y == 1) or (isinstance(x, int) and x != 1):
        return x
    return y if isinstance(x, int) or isinstance(y, int) else broadcast_length(x, y)


def _matmul_vjp(g: Expr, out: Expr, a: Expr, b: Expr) -> tuple[Expr, Expr]:
    if a.ndim == 1 and b.ndim == 1:
        return g * b, g * a
    if b.ndim == 1:
        da = expand_dims(g, -1) * b
        return da, (matmul(transpose(a), g) if a.ndim == 2 else matmul(transpose(_rows(a)), reshape(g, (_count(g),))))
    if a.ndim == 1:
        db = expand_dims(a, 1) * expand_dims(g, -2)
        return (matmul(b, g) if b.ndim == 2 else squeeze(matmul(b, expand_dims(g, -1)), -1)), db
    da = matmul(g, matrix_transpose(b))
    if b.ndim == 2 and a.ndim > 2:      # one product over the merged batch, not one for each member and a sum
        return da, matmul(transpose(_rows(a)), _rows(g))
    return da, matmul(matrix_transpose(a), g)


def _count(x: Expr) -> Length:
    return product(lengths_now(x))


def _rows(x: Expr) -> Expr:
    """x as a matrix: all axes but the last merged."""
    n = lengths_now(x)
    return reshape(x, (product(n[:-1]), n[-1]))


matmul_op = Op("matmul", "linalg", _matmul_type, _matmul_numpy,
               "matrix product of the last two axes, the axes before them broadcast",
               shape=_matmul_shape, vjp=_matmul_vjp, text="{0} @ {1}", prec=60, latex="{0} \\, {1}", associative=True, flops=2.0)


def _pair(op: Op, a: Any, b: Any) -> tuple[Expr, Expr]:
    """Both as expressions of the dtype that NumPy multiplies them in."""
    a, b = as_expr(a), as_expr(b)
    try:
        loop = resolve(np.matmul, (a.dtype, b.dtype))
    except DtypeError as error:
        raise explain(error, op, (a, b)) from None
    return cast(a, loop[0]), cast(b, loop[1])


@builder
def matmul(a: Any, b: Any) -> Expr:
    """The matrix product a @ b: (..., m, k) by (..., k, n), leading axes broadcast; vectors as NumPy takes them.

    Raises ShapeError for scalars and where the inner lengths differ.

    >>> import tensorviz as tv
    >>> matmul(tv.matrix("x", shape=(2, 3)), tv.vector("v")).type.shape
    (2,)
    """
    pair = _pair(matmul_op, a, b)
    try:
        return make(matmul_op, pair)
    except ShapeError as error:
        named = _matmul_hint(*(v.type.shape for v in pair), *map(_operand, (as_expr(a), as_expr(b)), "xy"))
        hint = named if named.startswith("use ") else error.hint
        raise ShapeError(error.what, at=error.at, facts=error.facts, hint=hint) from None


def _operand(e: Expr, else_: str) -> str:
    """An operand as it stands in a product: its name or short text, in brackets where it needs them."""
    said = label_of(e, 0) if e.name or not is_constant(e) else else_
    return said if re.fullmatch(r"\w+(\.T)?", said) else else_ if said.startswith("operand ") else f"({said})"


def _flipped(said: str) -> str:
    return said[:-2] if said.endswith(".T") else f"{said}.T"


@builder
def dot(a: Any, b: Any) -> Expr:
    """NumPy's `dot`: product for scalars, matrix product up to two axes, else the sum over a's last and b's last but one axis.

    >>> import tensorviz as tv
    >>> dot(tv.tensor3("a", shape=(2, 3, 4)), tv.tensor3("b", shape=(5, 4, 6))).type.shape
    (2, 3, 5, 6)
    """
    a, b = as_expr(a), as_expr(b)
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim <= 2:
        return matmul(a, b)
    return tensordot(a, b, ((a.ndim - 1,), (b.ndim - 2,)))


def _axes(given: Any, x: Expr) -> list[int]:
    return [axis_of(k, x.ndim) for k in (given if isinstance(given, tuple | list) else (given,))]


@builder
def tensordot(a: Any, b: Any, axes: Any = 2) -> Expr:
    """The sum of products over `axes`: a number (last of a with first of b) or a pair of axes (or lists of them).

    >>> import tensorviz as tv
    >>> tensordot(tv.tensor3("a", shape=(2, 3, 4)), tv.matrix("b", shape=(4, 3)), ((1, 2), (1, 0))).type.shape
    (2,)
    """
    a, b = _pair(matmul_op, a, b)
    if isinstance(axes, tuple | list):
        left, right = (_axes(s, x) for s, x in zip(axes, (a, b), strict=True))
    else:
        left, right = [axis_of(k, a.ndim) for k in range(-axes, 0)], [axis_of(k, b.ndim) for k in range(axes)]
    pairs = [(a.type.shape[i], b.type.shape[k]) for i, k in zip(left, right, strict=False)]
    if len(left) != len(right) or any(None not in p and p[0] != p[1] for p in pairs):
        raise explain(ShapeError(f"tensordot cannot sum axes {left} of the first with axes {right} of the second"), matmul_op,
                      (a, b))
    keep_a, keep_b = [k for k in range(a.ndim) if k not in left], [k for k in range(b.ndim) if k not in right]
    la, lb = lengths_now(a), lengths_now(b)
    rows, columns = [la[k] for k in keep_a], [lb[k] for k in keep_b]
    a2 = reshape(transpose(a, (*keep_a, *left)), (product(rows), product([la[k] for k in left])))
    b2 = reshape(transpose(b, (*right, *keep_b)), (product([lb[k] for k in right]), product(columns)))
    return reshape(matmul(a2, b2), (*rows, *columns))





@builder
def inner(a: Any, b: Any) -> Expr:
    """The sum of products over the last axes of a and b (NumPy's `inner`).

    >>> import tensorviz as tv
    >>> inner(tv.matrix("a", shape=(2, 3)), tv.matrix("b", shape=(4, 3))).type.shape
    (2, 4)
    """
    a, b = as_expr(a), as_expr(b)
    if not a.ndim or not b.ndim:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        return matmul(a, transpose(b))
    return tensordot(a, b, ((-1,), (-1,)))


@builder
def outer(a: Any, b: Any) -> Expr:
    """All products of an element of a with one of b, both as vectors, as a matrix.

    >>> import tensorviz as tv
    >>> outer(tv.vector("a", shape=(2,)), tv.vector("b", shape=(3,))).type.shape
    (2, 3)
    """
    a, b = (reshape(x, (_count(x),)) for x in (as_expr(a), as_expr(b)))
    return expand_dims(a, 1) * b


@builder
def vdot(a: Any, b: Any) -> Expr:
    """The scalar product of a (complex conjugated) and b, both as vectors.

    >>> import tensorviz as tv
    >>> vdot(tv.matrix("a"), tv.matrix("b")).ndim
    0
    """
    a, b = (reshape(x, (_count(x),)) for x in (as_expr(a), as_expr(b)))
    return matmul(BUILDERS["conjugate"](a) if a.dtype.kind == "c" else a, b)


# -- gemm ------------------------------------------------------------------------------------------------------------
def _gemm_type(c: TensorType, alpha: TensorType, a: TensorType, b: TensorType, beta: TensorType) -> TensorType:
    if len({t.dtype for t in (c, alpha, a, b, beta)}) > 1:
        raise DtypeError("gemm takes tensors of one dtype")
    if (c.ndim, alpha.ndim, a.ndim, b.ndim, beta.ndim) != (2, 0, 2, 2, 0):
        raise ShapeError("gemm takes matrices c, a, b and scalars alpha, beta")
    made = _matmul_type(a, b)
    if any(None not in (n, m) and n != m for n, m in zip(c.shape, made.shape, strict=True)):
        raise ShapeError(f"gemm adds {shape_text(made.shape)} to {shape_text(c.shape)}")
    return TensorType(c.dtype, tuple(m if n is None else n for n, m in zip(c.shape, made.shape, strict=True)))


def _gemm_numpy(c: Array, alpha: Array, a: Array, b: Array, beta: Array) -> Array:
    made = _matmul_numpy(a, b)
    if np.shape(c) != made.shape:
        raise ShapeError(f"gemm adds {made.shape} to {np.shape(c)}")
    return np.asarray(beta * c + alpha * made)


def _gemm_vjp(g: Expr, out: Expr, c: Expr, alpha: Expr, a: Expr, b: Expr, beta: Expr) -> tuple[Expr, ...]:
    return beta * g, (g * matmul(a, b)).sum(), alpha * matmul(g, transpose(b)), alpha * matmul(transpose(a), g), (g * c).sum()


gemm_op = Op("gemm", "linalg", _gemm_type, _gemm_numpy, "beta * c + alpha * (a @ b) in one BLAS call",
             shape=lambda c, alpha, a, b, beta: (lengths_now(a)[0], lengths_now(b)[1]), vjp=_gemm_vjp, flops=2.0,
             latex="{4} \\, {0} + {1} \\, {2} \\, {3}")


@builder
def gemm(c: Any, alpha: Any, a: Any, b: Any, beta: Any) -> Expr:
    """beta * c + alpha * (a @ b) for matrices c (m, n), a (m, k), b (k, n) and scalars alpha, beta, all of one dtype.

    >>> import tensorviz as tv
    >>> gemm(tv.matrix("c"), 1.0, tv.matrix("a", shape=(2, 3)), tv.matrix("b", shape=(3, 4)), 0.5).type.shape
    (2, 4)
    """
    c, a, b = as_expr(c), as_expr(a), as_expr(b)
    return make(gemm_op, (c, cast(as_expr(alpha), c.dtype), a, b, cast(as_expr(beta), c.dtype)))
