"""Shape ops: the same elements under other lengths, broadcasting and its undoing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentValueError, ShapeError, SizeError
from ..expr import Expr, as_expr, explain, make
from ..op import BUILDERS, Op, builder
from ..types import Shape, TensorType, shape_text
from .lengths import (
    Length,
    check_lengths,
    filled,
    is_shape_of,
    length_of,
    lengths,
    lengths_now,
    only_first,
    product,
    same,
    user_line,
)

__all__ = ["broadcast_to", "reshape", "specify_shape", "sum_to"]

Array = np.ndarray[Any, Any]


def _ints(shape: Shape, extra: Sequence[Any]) -> tuple[int, ...]:
    found = tuple(int(n) for n in filled(shape, extra))
    if any(n < 0 for n in found):
        raise ShapeError(f"lengths can't be negative: {found}")
    return found


def _reshape_type(t: TensorType, *extra: TensorType, shape: Shape) -> TensorType:
    check_lengths(shape, extra, free=1)
    known = [n for n in shape if n is not None and n != -1]
    if -1 in shape and 0 in known:
        raise ShapeError(f"cannot reshape {shape_text(t.shape)} to {shape_text(shape)}",
                         hint="beside a length of 0, -1 is any length")
    if None in t.shape or None in shape:
        return TensorType(t.dtype, tuple(None if n == -1 else n for n in shape))
    have, want = math.prod(t.shape), math.prod(known)  # type: ignore[arg-type]
    fits = (want and have % want == 0) if -1 in shape else have == want
    if not fits:
        raise ShapeError(f"cannot reshape {shape_text(t.shape)} to {shape_text(shape)}", hint=f"it has {have} elements")
    return TensorType(t.dtype, tuple(have // want if n == -1 else n for n in shape))


def _reshape_numpy(x: Array, *extra: Any, shape: Shape) -> Array:
    target = tuple(int(n) for n in filled(shape, extra))
    try:
        if any(n < -1 for n in target):
            raise ValueError
        return np.reshape(x, target)
    except ValueError:
        raise ShapeError(f"cannot reshape {np.shape(x)} to {target}", hint=f"it has {np.size(x)} elements") from None


def _reshape_shape(x: Expr, *extra: Expr, shape: Shape) -> tuple[Length, ...]:
    target = filled(shape, extra)
    if -1 not in shape:
        return target
    above: list[Length] = list(lengths_now(x))
    below: list[Length] = []
    for n in (n for n, m in zip(target, shape, strict=True) if m != -1):
        k = next((k for k, m in enumerate(above) if same(m, n)), None)      # equal factors cancel
        if k is not None:
            del above[k]
        elif not (isinstance(n, int) and n == 1):
            below.append(n)
    open_ = product(above)
    if below:
        rest = product(below)       # -1, which no length is, where it is 0: beside it -1 is any length
        open_ = open_ // rest if isinstance(rest, int) else BUILDERS["where"](BUILDERS["equal"](rest, 0), -1, open_ // rest)
    return tuple(open_ if m == -1 else n for n, m in zip(target, shape, strict=True))


reshape_op = Op("reshape", "shape", _reshape_type, _reshape_numpy, "the same elements in C order under other lengths",
                params=("shape",), shape=_reshape_shape, flops=0.0, exact=True,
                vjp=lambda g, out, x, *n, shape: only_first(reshape(g, lengths_now(x)), (x, *n)),
                latex="\\operatorname{{reshape}}\\left({0}\\right)")


@builder
def reshape(x: Any, shape: Any, order: str = "C", *, ndim: int | None = None) -> Expr:
    """The elements of x in C order (with order="F" both read and put with the first axis fastest) under `shape`: ints, integer
    expressions, one -1, or `y.shape`. `ndim` (Theano's) says how many lengths a vector holds whose own length is not known.

    Raises ShapeError where the numbers of elements differ, at build time if the lengths are known, else when it runs.

    >>> import tensorviz as tv
    >>> reshape(tv.matrix("x", shape=(4, 6)), (2, -1)).type.shape
    (2, 12)
    """
    x = as_expr(x)
    if ndim is not None and isinstance(shape, Expr) and shape.type.shape == (None,):
        shape = specify_shape(shape, (ndim,))
    static, extra = lengths(shape)
    if ndim not in (None, len(static)):
        raise ShapeError(f"{len(static)} lengths don't make a tensor of {ndim} axes", at=user_line())
    if order == "F":
        turned = reshape(BUILDERS["transpose"](x), tuple(reversed(filled(static, extra))))
        return BUILDERS["transpose"](turned)
    if order not in ("C", "A"):
        raise ArgumentValueError(f"reshape: order is 'C', 'F' or 'A', not {order!r}", at=user_line())
    if -1 in static and not extra and None not in x.type.shape:
        made = _typed(reshape_op, x, static)
        static = made.shape
    if is_shape_of(x, static, extra) or (x.ndim == 1 and static == (-1,)):
        return x
    return make(reshape_op, (x, *extra), (static,))


def _typed(op: Op, x: Expr, static: Shape) -> TensorType:
    try:
        return op.type(x.type, shape=static)  # type: ignore[return-value]
    except ShapeError as error:
        raise explain(error, op, (x,)) from None


def _broadcast_type(t: TensorType, *extra: TensorType, shape: Shape) -> TensorType:
    check_lengths(shape, extra)
    lead = len(shape) - t.ndim
    if lead < 0:
        raise ShapeError(f"cannot broadcast {shape_text(t.shape)} to {shape_text(shape)}: it has more axes")
    result = list(shape)
    for k, (n, m) in enumerate(zip(t.shape, shape[lead:], strict=True), lead):
        if n not in (1, None, m) and m is not None:
            raise ShapeError(f"cannot broadcast {shape_text(t.shape)} to {shape_text(shape)}")
        if m is None and n != 1:
            result[k] = n
    return TensorType(t.dtype, tuple(result))


def _broadcast_numpy(x: Array, *extra: Any, shape: Shape) -> Array:
    target = _ints(shape, extra)
    try:
        return np.broadcast_to(x, target)
    except ValueError:
        if math.prod(n for n in target if n) * np.asarray(x).dtype.itemsize >= 2**63:
            raise SizeError(f"an array of shape {target} is larger than any memory") from None
        raise ShapeError(f"cannot broadcast {np.shape(x)} to {target}") from None


broadcast_to_op = Op("broadcast_to", "shape", _broadcast_type, _broadcast_numpy,
                     "x repeated along axes of length 1 and new leading axes",
                     params=("shape",), shape=lambda x, *n, shape: filled(shape, n), flops=0.0, exact=True,
                     vjp=lambda g, out, x, *n, shape: only_first(sum_to(g, lengths_now(x)), (x, *n)),
                     latex="\\operatorname{{broadcast}}\\left({0}\\right)")


@builder
def broadcast_to(x: Any, shape: Any) -> Expr:
    """x with axes of length 1 and missing leading axes repeated to `shape`, by NumPy's rules; ShapeError where they forbid it.

    >>> import tensorviz as tv
    >>> broadcast_to(tv.vector("x", shape=(3,)), (4, 3)).type.shape
    (4, 3)
    """
    x = as_expr(x)
    static, extra = lengths(shape)
    if is_shape_of(x, static, extra):
        return x
    return make(broadcast_to_op, (x, *extra), (static,))


def _sum_to_type(t: TensorType, *extra: TensorType, shape: Shape) -> TensorType:
    check_lengths(shape, extra)
    lead = t.ndim - len(shape)
    if lead < 0 or any(None not in (n, m) and m not in (1, n) for n, m in zip(t.shape[lead:], shape, strict=True)):
        raise ShapeError(f"{shape_text(t.shape)} was not broadcast from {shape_text(shape)}")
    return TensorType(t.dtype, shape)


def _sum_to_numpy(g: Array, *extra: Any, shape: Shape) -> Array:
    target = _ints(shape, extra)
    lead = np.ndim(g) - len(target)
    if any(m not in (1, n) for n, m in zip(np.shape(g)[lead:], target, strict=True)):
        raise ShapeError(f"{np.shape(g)} was not broadcast from {target}")
    axes = (*range(lead), *(lead + k for k, m in enumerate(target) if m == 1 != np.shape(g)[lead + k]))
    return np.sum(g, axes, dtype=np.asarray(g).dtype, keepdims=True).reshape(target) if axes else g


sum_to_op = Op("sum_to", "reduction", _sum_to_type, _sum_to_numpy,
               "the sum over the axes that broadcasting from `shape` had repeated",
               params=("shape",), shape=lambda g, *n, shape: filled(shape, n),
               vjp=lambda g, out, x, *n, shape: only_first(broadcast_to(g, lengths_now(x)), (x, *n)),
               latex="\\operatorname{{sumto}}\\left({0}\\right)")


@builder
def sum_to(x: Any, shape: Any) -> Expr:
    """Undoes broadcasting from `shape`: sums leading axes and axes whose target length is 1 (at run time, if unknown till then).

    Where the types tell which axes those are it is a plain `sum`, or x itself.

    >>> import tensorviz as tv
    >>> sum_to(tv.matrix("x", shape=(4, 3)), (1, 3)).op.name
    'sum'
    """
    x = as_expr(x)
    static, extra = lengths(shape)
    if is_shape_of(x, static, extra):
        return x
    target = _typed_sum_to(x, static, extra).shape
    lead = x.ndim - len(static)
    ours = x.type.shape[lead:]
    if all(m == 1 or (m is not None and n == m) for n, m in zip(ours, target, strict=True)):
        return summed(x, lead, [k for k, m in enumerate(target) if m == 1 != ours[k]])
    return make(sum_to_op, (x, *extra), (static,))


def _typed_sum_to(x: Expr, static: Shape, extra: tuple[Expr, ...]) -> TensorType:
    try:
        return _sum_to_type(x.type, *(e.type for e in extra), shape=static)
    except ShapeError as error:
        raise explain(error, sum_to_op, (x, *extra)) from None


def summed(x: Expr, lead: int, ones: Sequence[int]) -> Expr:
    """x summed over `lead` leading axes, and over the axes `ones` after them, which stay with length 1 (of booleans: `any`)."""
    total = BUILDERS["any"] if x.dtype == np.bool_ else partial(BUILDERS["sum"], dtype=x.dtype)
    if ones:
        x = total(x, axis=tuple(lead + k for k in ones), keepdims=True)
    return total(x, axis=tuple(range(lead))) if lead else x


def _specify_type(t: TensorType, *extra: TensorType, shape: Shape) -> TensorType:
    check_lengths(shape, extra)
    if len(shape) != t.ndim or any(None not in (n, m) and n != m for n, m in zip(t.shape, shape, strict=True)):
        raise ShapeError(f"a tensor of shape {shape_text(t.shape)} can't have shape {shape_text(shape)}")
    return TensorType(t.dtype, tuple(n if m is None else m for n, m in zip(t.shape, shape, strict=True)))


def _specify_numpy(x: Array, *extra: Any, shape: Shape) -> Array:
    target = _ints(shape, extra)
    if np.shape(x) != target:
        raise ShapeError(f"a tensor said to have shape {target} has shape {np.shape(x)}")
    return x


specify_shape_op = Op("specify_shape", "shape", _specify_type, _specify_numpy, "x, with its shape promised and checked",
                      params=("shape",),
                      shape=lambda x, *n, shape: filled(shape, n), flops=0.0, exact=True,
                      vjp=lambda g, out, x, *n, shape: only_first(g, (x, *n)), latex="{0}")


@builder
def specify_shape(x: Any, shape: Any) -> Expr:
    """x with the promise that it has `shape`, checked at run time (ShapeError); None leaves a length open.

    >>> import tensorviz as tv
    >>> specify_shape(tv.matrix("x"), (None, 3)).type.shape
    (None, 3)
    """
    x = as_expr(x)
    if isinstance(shape, tuple | list):
        if len(shape) != x.ndim:
            raise ShapeError(f"specify_shape needs {x.ndim} lengths, not {len(shape)}")
        shape = [length_of(x, k) if n is None else n for k, n in enumerate(shape)]
    static, extra = lengths(shape)
    return x if is_shape_of(x, static, extra) else make(specify_shape_op, (x, *extra), (static,))
