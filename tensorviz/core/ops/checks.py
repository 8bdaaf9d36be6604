"""Checks of values when a graph runs: a tensor handed on if conditions hold, else an error."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..errors import ArgumentError, DtypeError
from ..expr import Expr, as_expr, make
from ..op import BUILDERS, Op, builder
from ..types import TensorType
from .elementwise import BOOL
from .lengths import lengths_now, user_line

__all__ = ["Assert", "assert_op", "check", "check_op"]

KINDS = ("AssertionFailed", "BoundsError", "DomainError", "ShapeError")


def _check_type(x: TensorType, *conditions: TensorType, message: str, kind: str) -> TensorType:
    if not conditions or any(c.dtype != BOOL for c in conditions):
        raise DtypeError(f"a check takes boolean conditions, not {', '.join(c.text() for c in conditions) or 'none'}")
    if kind not in KINDS:
        raise ArgumentError(f"a check raises one of {', '.join(KINDS)}, not {kind}")
    return x


def _check_numpy(x: Any, *conditions: Any, message: str, kind: str) -> Any:
    if not all(np.all(c) for c in conditions):
        raise getattr(errors, kind)(message)
    return x


check_op = Op("check", "shape", _check_type, _check_numpy, "x itself, if all elements of the conditions are true, else an error",
              params=("message", "kind"), shape=lambda x, *conditions, message, kind: lengths_now(x),
              vjp=lambda g, out, x, *conditions, message, kind: (g, *(None,) * len(conditions)), flops=0.0, exact=True,
              latex="{0}")


def check(x: Expr, *conditions: Any, message: str, kind: str = "AssertionFailed") -> Expr:
    """x, with the error `kind` of that message at run time unless all elements of the conditions are true."""
    masks = [as_expr(c) for c in conditions]
    masks = [c if c.dtype == BOOL else BUILDERS["not_equal"](c, 0) for c in masks]
    return make(check_op, (x, *masks), (message, kind))


@builder
def assert_op(value: Any, *conditions: Any, msg: str = "a condition does not hold") -> Expr:
    """`value` itself; when it runs AssertionFailed (an AssertionError) is raised unless all elements of all conditions are true.

    The check stays only where the result is used.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> assert_op(x, x > 0, msg="x is not positive").eval({x: [1.0, 2.0]})
    array([1., 2.])
    """
    if not conditions:
        raise ArgumentError("assert_op takes a value and one condition or more", at=user_line())
    return check(as_expr(value), *conditions, message=msg)


class Assert:
    """Theano's form of `assert_op`: `Assert("message")(value, condition, ...)`.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> Assert("x is empty")(x, x.size > 0).eval({x: [1.0]})
    array([1.])
    """

    __slots__ = ("msg",)

    def __init__(self, msg: str = "a condition does not hold") -> None:
        self.msg = msg

    def __call__(self, value: Any, *conditions: Any) -> Expr:
        """The value, checked."""
        return assert_op(value, *conditions, msg=self.msg)
