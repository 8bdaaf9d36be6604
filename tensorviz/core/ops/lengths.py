"""Lengths and axes: as users write them, and as expressions.

An op that takes a target shape has a parameter `shape`, a tuple of ints and Nones, and one int64 scalar argument for each None:
what is known stands in the node and its type, only what is unknown is an argument.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, make, value_of
from ..op import BUILDERS, Op, builder
from ..origins import user_line
from ..types import Shape, TensorType, shape_text
from .elementwise import cast, cast_op

__all__ = ["INT", "Length", "axes_of", "axis_of", "broadcast_length", "check_lengths", "filled", "is_shape_of", "known_int",
           "length", "length_of", "lengths",
           "lengths_now", "never_negative", "no_gradients", "offset_of",
           "only_first", "product", "same", "shape", "user_line", "whole"]

INT = np.dtype(np.int64)
Array = np.ndarray[Any, Any]
Length = int | Expr


# -- axes and target shapes as users write them ----------------------------------------------------------------------
def axis_of(axis: Any, ndim: int) -> int:
    """`axis` counted from the front; raises ShapeError if there is no such axis."""
    try:
        k = operator.index(axis)
    except TypeError:
        raise ArgumentError(f"an axis is a whole number, not {axis!r}", at=user_line()) from None
    if not -ndim <= k < ndim:
        raise ShapeError(f"there is no axis {k} in a tensor of {ndim} axes", at=user_line(),
                         hint=f"axes go from {-ndim} to {ndim - 1}" if ndim else "it is a scalar")
    return k % ndim


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """`axis` (None: all, an int, or several) as sorted numbers from the front; raises ShapeError if one occurs twice."""
    if axis is None:
        return tuple(range(ndim))
    axes = [axis_of(a, ndim) for a in (axis if isinstance(axis, tuple | list) else (axis,))]
    if len(set(axes)) != len(axes):
        raise ShapeError(f"an axis occurs twice in {axis}", at=user_line())
    return tuple(sorted(axes))


def lengths(shape: Any) -> tuple[Shape, tuple[Expr, ...]]:
    """A target shape as (parameter, arguments): ints where lengths are known, None and an int64 scalar where not."""
    static: list[int | None] = []
    extra: list[Expr] = []
    for n in _items(shape):
        n = known_int(n) if isinstance(n, Expr) else n
        static.append(None if isinstance(n, Expr) else n)
        if isinstance(n, Expr):
            extra.append(cast(n, INT))
    return tuple(static), tuple(extra)


def _items(shape: Any) -> list[Length]:
    """The lengths one by one, each an int or a scalar expression."""
    result: list[Length] = []
    work = [shape]
    while work:
        s = work.pop()
        if isinstance(s, tuple | list):
            work.extend(reversed(s))
        elif isinstance(s, Expr):
            whole = _known(s)
            if whole is None:
                result.append(s)
            else:
                work.extend(reversed(whole))
        elif isinstance(s, np.ndarray):
            work.append(s.tolist())
        else:
            result.append(_whole(s))
    return result


def _whole(n: Any) -> int:
    try:
        return operator.index(n)
    except TypeError:
        raise ArgumentError(f"a length is a whole number or an integer expression, not {n!r}", at=user_line()) from None


def _known(s: Expr) -> list[Any] | None:
    """The items of an integer vector, [int] for a constant scalar, None for any other scalar."""
    if s.dtype.kind not in "iu" or s.ndim > 1:
        raise DtypeError(f"lengths are integers, one or a vector of them, not {s.type.text()}", at=user_line())
    if is_constant(s):
        return np.atleast_1d(value_of(s)).tolist()
    if s.ndim == 0:
        return None
    if s.op is shape_op:
        return [length(s.args[0], k) for k in range(s.args[0].ndim)]
    if s.op.name == "concatenate":
        return list(s.args)
    if s.op.name == "expand_dims":
        return [s.args[0]]
    if s.op is cast_op and s.dtype == INT and s.args[0].dtype.kind in "iu":
        return [s.args[0]]
    if s.type.shape[0] is None:
        raise ShapeError("the number of axes must be known: this vector of lengths has an unknown length", at=user_line())
    return [BUILDERS["getitem"](s, k) for k in range(s.type.shape[0])]


def filled(shape: Shape, extra: Sequence[Any]) -> tuple[Any, ...]:
    """A target shape put together again: each None replaced by the next of `extra`."""
    rest = iter(extra)
    return tuple(next(rest) if n is None else n for n in shape)


def check_lengths(shape: Shape, extra: Sequence[TensorType], free: int = 0) -> None:
    """What type rules ask of a target shape and its arguments; `free` of its lengths may be -1."""
    if shape.count(None) != len(extra):
        raise ArgumentError(f"shape {shape_text(shape)} needs {shape.count(None)} lengths as arguments, not {len(extra)}")
    for t in extra:
        if t.shape or t.dtype != INT:
            raise DtypeError(f"a length is an int64 scalar, not {t.text()}")
    if shape.count(-1) > free or any(n is not None and n < -1 for n in shape):
        raise ShapeError(f"{shape_text(shape)} is not a shape", hint="one length may be -1, in reshape only")


def no_gradients(g: Expr, out: Expr, *args: Expr, **params: Any) -> tuple[None, ...]:
    """The vjp of an op through which no gradient flows."""
    return (None,) * len(args)


def only_first(gx: Expr | None, args: tuple[Expr, ...]) -> tuple[Expr | None, ...]:
    """The gradients of an op whose first argument alone has one."""
    return (gx, *(None,) * (len(args) - 1))


# -- lengths as expressions ------------------------------------------------------------------------------------------
shape_op = Op("shape", "shape", lambda t: TensorType(INT, (t.ndim,)), lambda x: np.array(np.shape(x), INT),
              "the lengths of all axes, as a vector", shape=lambda x: (x.ndim,), vjp=no_gradients, flops=0.0, exact=True,
              latex="\\operatorname{{shape}}\\left({0}\\right)")


@builder
def shape(x: Any) -> Expr:
    """The lengths of x's axes as an int64 vector of shape (ndim,).

    >>> import tensorviz as tv
    >>> shape(tv.matrix("x")).type
    TensorType(int64, (2,))
    """
    return make(shape_op, (as_expr(x),))


def _length_type(t: TensorType, axis: int) -> TensorType:
    axis_of(axis, t.ndim)
    return TensorType(INT, ())


length_op = Op("length", "shape", _length_type, lambda x, axis: np.array(np.shape(x)[axis], INT), "the length of one axis",
               params=("axis",), shape=lambda x, axis: (), vjp=no_gradients, flops=0.0, exact=True, text="length({0}, {axis})",
               latex="\\operatorname{{length}}_{{{axis}}}\\left({0}\\right)")


@builder
def length(x: Any, axis: int = 0) -> Expr:
    """The length of one axis of x as an int64 scalar: a constant where the type knows it.

    >>> import tensorviz as tv
    >>> length(tv.matrix("x", shape=(None, 3)), 1) is tv.constant(3, "int64")
    True
    """
    x = as_expr(x)
    axis = axis_of(axis, x.ndim)
    n = x.type.shape[axis]
    return make(length_op, (x,), (axis,)) if n is None else constant(n, INT)


def length_of(x: Expr, axis: int) -> Length:
    """The length of an axis: an int where the type knows it, else a scalar expression."""
    n: int | None = x.type.shape[axis]
    return make(length_op, (x,), (axis,)) if n is None else n


def lengths_now(x: Expr) -> tuple[Length, ...]:
    """The lengths of all axes, ints where the type knows them."""
    return tuple(length_of(x, k) for k in range(x.ndim))


def _broadcast_length(a: Any, b: Any) -> Array:
    if a != b and a != 1 and b != 1:
        raise ShapeError(f"cannot broadcast an axis of length {int(a)} against one of length {int(b)}")
    return np.array(b if a == 1 else a, INT)


def _two_lengths(*types: TensorType) -> TensorType:
    check_lengths((None, None), types)
    return TensorType(INT, ())


broadcast_length_op = Op("broadcast_length", "shape", _two_lengths, _broadcast_length,
                         "the length that two lengths broadcast to: equal, or one of them 1", shape=lambda a, b: (),
                         vjp=no_gradients,
                         commutative=True, associative=True, exact=True)


@builder
def broadcast_length(a: Any, b: Any) -> Expr:
    """The length of an axis made by broadcasting lengths a and b; ShapeError at run time if they differ and neither is 1.

    >>> import tensorviz as tv
    >>> x, y = tv.vector("x"), tv.vector("y")
    >>> broadcast_length(x.shape[0], y.shape[0]).dtype
    dtype('int64')
    """
    return make(broadcast_length_op, (cast(as_expr(a, INT), INT), cast(as_expr(b, INT), INT)))


def whole(v: Any, said: str, few: str = "", least: int | None = None) -> int:
    """A Python int. Errors go on from what it is `said` to be, or from how `few` there may be: "..., not 2.5"."""
    try:
        n = operator.index(v)
    except TypeError:
        raise ArgumentError(f"{said}, not {v!r:.60}", at=user_line()) from None
    if least is not None and n < least:
        raise ArgumentValueError(f"{few}, not {n}", at=user_line())
    return n


def offset_of(k: Any) -> Length:
    """The number of a diagonal: an int, or an int64 scalar expression where it is known only at run time."""
    if isinstance(k, Expr) or hasattr(k, "_as_tensorviz_expr"):
        k = as_expr(k)
        if k.dtype.kind not in "iu" or k.ndim:
            raise DtypeError(f"the number of a diagonal is an integer, not {k.type.text()}", at=user_line())
        found = known_int(k)
        return cast(found, INT) if isinstance(found, Expr) else int(found)
    return whole(int(k) if isinstance(k, float) and k.is_integer() else k, "the number of a diagonal is an integer")


def known_int(e: Expr) -> Any:
    """The int that an integer scalar is if it is computed of constants alone (`x.shape[0] - 2` where x has a known length),
    else e.
    """
    values: dict[Expr, Any] = {}
    work = [e]
    while work:
        node = work[-1]
        if is_constant(node):
            values[work.pop()] = value_of(node)
        elif node.ndim or node.op.family != "elementwise" or node.dtype.kind not in "biu" or len(work) > 32:
            return e
        else:
            missing = [a for a in node.args if a not in values]
            work.extend(missing)
            if not missing:
                with np.errstate(all="ignore"):
                    values[work.pop()] = np.asarray(node.op.numpy(*(values[a] for a in node.args), **node.kw))
    return int(values[e])


def never_negative(n: Expr) -> bool:
    """Whether an integer scalar is known to be 0 or more: lengths are, and what sums, minima and maxima make of them."""
    work = [n]
    for _ in range(32):
        if not work:
            return True
        e = work.pop()
        if is_constant(e):
            if e.ndim or not 0 <= value_of(e) < 2**32:      # a sum with a larger number may run over
                return False
        elif e.op.name in ("add", "minimum", "cast") and not e.ndim and e.dtype == INT and all(a.dtype == INT for a in e.args):
            work += e.args
        elif e.op.name == "maximum" and any(is_constant(a) and a.ndim == 0 and value_of(a) >= 0 for a in e.args):
            continue
        elif e.op.name not in ("length", "broadcast_length"):
            return False
    return False


def same(a: Length, b: Length) -> bool:
    """Whether two lengths are the same int or the same expression."""
    return a is b or (isinstance(a, int) and isinstance(b, int) and a == b)


def is_shape_of(x: Expr, static: Shape, extra: Sequence[Expr]) -> bool:
    """Whether a target shape is that of x itself, so that nothing is to be done."""
    return len(static) == x.ndim and all(map(same, lengths_now(x), filled(static, extra)))


def product(factors: Sequence[Length]) -> Length:
    """The product of lengths: an int if all are known."""
    result: Length = math.prod(n for n in factors if isinstance(n, int))
    for n in factors:
        if isinstance(n, Expr):
            result = n if isinstance(result, int) and result == 1 else result * n
    return result
