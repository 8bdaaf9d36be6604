"""Functions that Theano and PyTensor have and NumPy lacks, composed of NumPy's."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ..errors import DtypeError, ShapeError
from ..expr import Expr, as_expr, make
from ..op import BUILDERS, builder
from ..origins import user_line
from .elementwise import cast, loop_args
from .numeric import complex_op

__all__ = ["alloc", "ceil_intdiv", "complex", "complex_from_polar", "fill", "horizontal_stack", "inverse_permutation",
           "iround", "is_flat", "largest", "max_and_argmax", "permute_row_elements", "scalar_from_tensor", "smallest",
           "tensor_from_scalar", "transfer", "vertical_stack"]


@builder
def alloc(value: Any, *shape: Any) -> Expr:
    """`value` broadcast to a shape whose lengths are given one by one.

    >>> alloc(0.0, 2, 3).type.shape
    (2, 3)
    """
    return BUILDERS["broadcast_to"](value, shape)


@builder
def fill(a: Any, b: Any) -> Expr:
    """b in the shape of a and in the dtype of b: the values of a are not read.

    >>> import tensorviz as tv
    >>> fill(tv.vector("x", shape=(3,)), 1).type.shape
    (3,)
    """
    from .lengths import lengths_now

    a, b = as_expr(a), as_expr(b)
    lengths = lengths_now(a)
    return BUILDERS["broadcast_to"](b, lengths) if b.ndim <= a.ndim else BUILDERS["broadcast_to"](b, lengths_now(b))


def _several(name: str, join: str, values: tuple[Any, ...]) -> Expr:
    if not values:
        raise ShapeError(f"{name} takes one tensor or more", at=user_line())
    found = as_expr(values[0])
    for v in values[1:]:
        found = BUILDERS[join](found, v)
    return found


@builder
def largest(*values: Any) -> Expr:
    """The elementwise maximum of any number of tensors.

    >>> largest(1.0, 3.0, 2.0).eval()
    array(3.)
    """
    return _several("largest", "maximum", values)


@builder
def smallest(*values: Any) -> Expr:
    """The elementwise minimum of any number of tensors.

    >>> smallest(2.0, 1.0, 3.0).eval()
    array(1.)
    """
    return _several("smallest", "minimum", values)


@builder
def ceil_intdiv(x: Any, y: Any) -> Expr:
    """x / y of integers rounded up.

    >>> ceil_intdiv(7, 2).eval()
    array(4)
    """
    return -BUILDERS["floor_divide"](-as_expr(x), y)


@builder
def complex(real: Any, imag: Any) -> Expr:
    """The complex numbers with these parts, which stay as they are (real + 1j * imag makes NaN of infinite ones).

    complex64 if both fit in float32, else complex128. DtypeError for parts that are complex themselves.

    >>> complex(1.0, 2.0).eval()
    array(1.+2.j)
    """
    x, y = loop_args(np.hypot, real, imag)
    if x.dtype.kind == "c":
        raise DtypeError(f"the parts of a complex number are real, not {x.dtype}", at=user_line())
    part = np.result_type(x.dtype, np.float32)
    return make(complex_op, (cast(x, part), cast(y, part)))


@builder
def complex_from_polar(abs: Any, angle: Any) -> Expr:
    """abs * exp(1j * angle), from absolute values and angles in radians.

    >>> complex_from_polar(2.0, 0.0).eval()
    array(2.+0.j)
    """
    r, phi = loop_args(np.hypot, abs, angle)
    return complex(r * BUILDERS["cos"](phi), r * BUILDERS["sin"](phi))


@builder
def iround(x: Any, mode: str | None = None) -> Expr:
    """x rounded half to even, or by a `mode` of `round`, as int64.

    >>> iround(2.5).eval()
    array(2)
    """
    return cast(BUILDERS["round"](x, mode=mode), np.int64)


@builder
def horizontal_stack(*values: Any) -> Expr:
    """Matrices side by side.

    >>> import tensorviz as tv
    >>> horizontal_stack(tv.zeros((2, 1)), tv.zeros((2, 3))).type.shape
    (2, 4)
    """
    return BUILDERS["concatenate"](_matrices("horizontal_stack", values), axis=1)


@builder
def vertical_stack(*values: Any) -> Expr:
    """Matrices one above the other.

    >>> import tensorviz as tv
    >>> vertical_stack(tv.zeros((1, 2)), tv.zeros((3, 2))).type.shape
    (4, 2)
    """
    return BUILDERS["concatenate"](_matrices("vertical_stack", values), axis=0)


def _matrices(name: str, values: tuple[Any, ...]) -> list[Expr]:
    found = [as_expr(v) for v in values]
    for x in found:
        if x.ndim != 2:
            raise ShapeError(f"{name} takes matrices, not {x.type.text()}", at=user_line())
    return found


@builder
def max_and_argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> tuple[Expr, Expr]:
    """The largest elements along `axis` and where they are.

    >>> [v.eval() for v in max_and_argmax([1.0, 3.0, 2.0])]
    [array(3.), array(1)]
    """
    return BUILDERS["max"](x, axis=axis, keepdims=keepdims), BUILDERS["argmax"](x, axis=axis, keepdims=keepdims)


@builder
def inverse_permutation(perm: Any) -> Expr:
    """The permutations that undo those along the last axis.

    >>> inverse_permutation([2, 0, 1]).eval()
    array([1, 2, 0])
    """
    perm = as_expr(perm)
    if perm.ndim != 1:
        return BUILDERS["argsort"](perm)
    places = BUILDERS["arange"](BUILDERS["length"](perm, 0))
    return BUILDERS["zeros_like"](places)[perm].set(places)


@builder
def permute_row_elements(x: Any, y: Any, inverse: bool = False) -> Expr:
    """The elements of each row of x in the order that the same row of y (or y, for all rows) gives; or put back in order.

    >>> permute_row_elements([5.0, 6.0, 7.0], [2, 0, 1]).eval()
    array([7., 5., 6.])
    """
    x, y = as_expr(x), as_expr(y)
    if inverse:
        y = inverse_permutation(y)
    ndim = builtins.max(x.ndim, y.ndim)
    if ndim == 1:
        return BUILDERS["take"](x, y)
    x, y = BUILDERS["broadcast_arrays"](x, y)
    return BUILDERS["take_along_axis"](x, y, axis=-1)


@builder
def is_flat(x: Any, ndim: int = 1) -> bool:
    """Whether x has `ndim` axes.

    >>> is_flat([1.0, 2.0])
    True
    """
    return as_expr(x).ndim == ndim


@builder
def tensor_from_scalar(x: Any) -> Expr:
    """A scalar as a tensor of no axes: they are the same here."""
    return _scalar(x)


@builder
def scalar_from_tensor(x: Any) -> Expr:
    """A tensor of no axes as a scalar: they are the same here."""
    return _scalar(x)


def _scalar(x: Any) -> Expr:
    x = as_expr(x)
    if x.ndim:
        raise ShapeError(f"a scalar has no axes, not {x.ndim}", at=user_line())
    return x


@builder
def transfer(x: Any, target: str = "cpu") -> Expr:
    """x itself: where a value lies is decided for the whole function, by `target=` of `tv.function`."""
    return as_expr(x)
