"""Values as expressions, with Theano's words for names and ranks."""

from __future__ import annotations

from typing import Any

from .errors import ArgumentError, ShapeError
from .expr import Expr, as_expr, is_constant
from .op import BUILDERS, builder, strict
from .ops.elementwise import cast
from .origins import user_line

__all__ = ["as_tensor_variable", "get_scalar_constant_value", "stacklists"]


@strict
def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> Expr:
    """An expression for x: expressions as they are, shared values as their nodes, arrays, lists and numbers as constants.

    `ndim` adds axes of length 1 in front; ShapeError if x has more axes. `dtype` converts.

    >>> as_tensor_variable([1.0, 2.0], ndim=2).type
    TensorType(float64, (1, 2))
    """
    found = as_expr(x, None if isinstance(x, Expr) else dtype)
    if dtype is not None:
        found = cast(found, dtype)
    if ndim is not None and found.ndim > ndim:
        raise ShapeError(f"{found.ndim} axes can't be {ndim}", at=user_line(), hint="squeeze or index the axes that are too many")
    if ndim is not None and found.ndim < ndim:
        found = BUILDERS["expand_dims"](found, tuple(range(ndim - found.ndim)))
    if name is not None and not found.name:
        found.name = name
    return found


@strict
def stacklists(arg: Any) -> Expr:
    """Nested lists of tensors and numbers as one tensor (Theano's word): the outermost list counts along the first axis.

    >>> import tensorviz as tv
    >>> stacklists([[tv.scalar("a"), 1.0], [2.0, 3.0]]).type.shape
    (2, 2)
    """
    return as_expr(arg)


@builder
def get_scalar_constant_value(x: Any) -> Any:
    """The value of a scalar expression that is the same in every call; ArgumentError if it isn't known.

    >>> import tensorviz as tv
    >>> get_scalar_constant_value(tv.zeros((2, 3)).shape[1] + 1)
    np.int64(4)
    """
    found = as_expr(x)
    if not is_constant(found):
        from .graph import topological

        if found.ndim or any(e.op.name in ("variable", "shared") for e in topological([found])):
            raise ArgumentError("the value of this expression is not known before a call", at=user_line())
        found = as_expr(found.eval())
    if found.size.eval() != 1:
        raise ArgumentError(f"a scalar is asked for, not {found.type.text()}", at=user_line())
    return found.eval().reshape(())[()]
