"""Theano's and PyTensor's words that ask what is known of tensors, or promise it: Rebroadcast, lengths, names of dtypes."""

from __future__ import annotations

from typing import Any

from ..dtypes import DTYPES
from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr, is_constant, value_of
from ..op import BUILDERS, builder, strict
from ..origins import user_line
from .axes import expand_dims
from .lengths import axis_of, length_of, lengths_now
from .shape_words import addbroadcast, unbroadcast

__all__ = ["AllocDiag", "DTYPES_BY_NAME", "ExtractDiag", "Rebroadcast", "atleast_Nd", "default", "extract_constant",
           "get_vector_length", "make_vector"]

_KINDS = {"all": "biufc", "complex": "c", "continuous": "fc", "discrete": "iu", "float": "f", "int": "i", "integer": "iu",
          "uint": "u"}
DTYPES_BY_NAME = {f"{name}_dtypes": [d.name for d in DTYPES if d.kind in kinds] for name, kinds in _KINDS.items()}
"""Theano's lists of dtypes (`all_dtypes`, `float_dtypes`, ...), as names."""


class Rebroadcast:
    """Theano's `Rebroadcast((0, True), (1, False))(x)`: promises that axis 0 of x has length 1, and nothing of axis 1.

    A promise is checked when it runs. What is known otherwise stays known: see `addbroadcast`, `unbroadcast`.

    >>> import tensorviz as tv
    >>> Rebroadcast((0, True))(tv.matrix("x")).broadcastable
    (True, False)
    """

    def __init__(self, *axis: tuple[int, bool]) -> None:
        self.axis = {}
        for k, one in axis:
            if not isinstance(k, int) or isinstance(k, bool):
                raise ArgumentValueError(f"Rebroadcast takes pairs of an axis and True or False, not {(k, one)}", at=user_line())
            self.axis[k] = bool(one)

    def __call__(self, x: Any) -> Expr:
        """x with these promises; ShapeError for axes that it has not, or whose length is known to be another."""
        x = as_expr(x)
        promised = {axis_of(k, x.ndim): one for k, one in self.axis.items()}
        x = addbroadcast(x, *(k for k, one in promised.items() if one))
        return unbroadcast(x, *(k for k, one in promised.items() if not one))

    def __repr__(self) -> str:
        return f"Rebroadcast({', '.join(map(str, self.axis.items()))})"


class ExtractDiag:
    """Theano's form of `diagonal`: `ExtractDiag(offset, axis1, axis2)(x)`; `view` changes nothing.

    >>> ExtractDiag(1)([[1.0, 2.0], [3.0, 4.0]]).eval()
    array([2.])
    """

    def __init__(self, offset: int = 0, axis1: int = 0, axis2: int = 1, view: bool = False) -> None:
        self.offset, self.axis1, self.axis2 = offset, axis1, axis2

    def __call__(self, x: Any) -> Expr:
        """The diagonal of x."""
        return BUILDERS["diagonal"](x, self.offset, self.axis1, self.axis2)


class AllocDiag(ExtractDiag):
    """Theano's inverse of `ExtractDiag`: the last axis of x becomes a diagonal of two new axes, zeros stand beside it.

    >>> AllocDiag(1)([5.0, 6.0]).eval()
    array([[0., 5., 0.],
           [0., 0., 6.],
           [0., 0., 0.]])
    """

    def __call__(self, x: Any) -> Expr:
        """The tensor with the diagonal x; ShapeError for a scalar."""
        x = as_expr(x)
        n = length_of(x, axis_of(-1, x.ndim))
        down, right = max(-self.offset, 0), max(self.offset, 0)
        places = BUILDERS["arange"](n)
        wide = BUILDERS["full"]((*lengths_now(x)[:-1], n + down + right, n + down + right), 0, x.dtype)
        return BUILDERS["moveaxis"](wide[..., places + down, places + right].set(x), (-2, -1), (self.axis1, self.axis2))


@strict
def get_vector_length(v: Any) -> int:
    """The length of a vector that is known before it runs; ShapeError if it is not, or for what is no vector.

    >>> import tensorviz as tv
    >>> get_vector_length(tv.matrix("x").shape)
    2
    """
    v = as_expr(v)
    if v.ndim != 1:
        raise ShapeError(f"a vector is asked for, not {v.type.text()}", at=user_line())
    n = v.type.shape[0]
    if n is None:
        raise ShapeError("the length of this vector is known only when it runs", at=user_line(),
                         hint="tv.specify_shape(v, (n,)) says it")
    return int(n)


@strict
def extract_constant(x: Any) -> Any:
    """The value of a scalar constant, anything else as it is.

    >>> extract_constant(as_expr(2.0))
    array(2.)
    """
    x = as_expr(x)
    return value_of(x) if is_constant(x) and not x.ndim else x


@strict
def default(x: Any, default: Any) -> Any:
    """x, or `default` where x is None.

    >>> default(None, 3.0)
    3.0
    """
    return default if x is None else x


@builder
def make_vector(*scalars: Any) -> Expr:
    """Scalars as the elements of a vector.

    >>> make_vector(1, 2.5).eval()
    array([1. , 2.5])
    """
    found = [as_expr(v) for v in scalars]
    for v in found:
        if v.ndim:
            raise ShapeError(f"make_vector takes scalars, not {v.type.text()}", at=user_line(), hint="tv.stack, tv.concatenate")
    return BUILDERS["stack"](found)


@builder
def atleast_Nd(arry: Any, *, n: int = 1, left: bool = True) -> Expr:
    """The tensor with new axes in front (at the end unless `left`) until it has n.

    >>> atleast_Nd([1.0, 2.0], n=3).type.shape
    (1, 1, 2)
    """
    x = as_expr(arry)
    more = max(n - x.ndim, 0)
    return expand_dims(x, tuple(range(more) if left else range(x.ndim, x.ndim + more))) if more else x
