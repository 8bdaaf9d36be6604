"""A function of vectors over all slices of a tensor along an axis: NumPy's apply_along_axis, through `vmap`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .batching import vmap
from .errors import a_function
from .expr import Expr, as_expr
from .op import BUILDERS, builder
from .ops.axes import transpose
from .ops.lengths import axis_of, lengths_now, product

__all__ = ["apply_along_axis"]


@builder
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Expr:
    """`func1d(slice, *args, **kwargs)` for every slice of `arr` along `axis`; the axes of the result stand in its place.

    The function is called once, with a vector that stands for all slices. Raises ArgumentError for ops without a batch rule.

    >>> import tensorviz as tv
    >>> apply_along_axis(lambda v: v[::-1] - v.min(), 0, [[1, 2], [3, 5]]).eval()
    array([[2, 3],
           [0, 0]])
    """
    a_function(func1d, "apply_along_axis")
    x = as_expr(arr)
    axis = axis_of(axis, x.ndim)
    if x.ndim == 1:
        return as_expr(func1d(x, *args, **kwargs))
    moved = BUILDERS["moveaxis"](x, axis, -1)
    *lead, n = lengths_now(moved)
    rows = BUILDERS["reshape"](moved, (product(lead), n))
    made = vmap(lambda row: as_expr(func1d(row, *args, **kwargs)))(rows)
    found = BUILDERS["reshape"](made, (*lead, *lengths_now(made)[1:]))
    own = tuple(range(len(lead), found.ndim))
    return transpose(found, (*range(axis), *own, *range(axis, len(lead)))) if own else found
