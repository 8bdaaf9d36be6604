"""Pools in torch's and in Theano's words: images are (batch, channels, *positions), or have any leading axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .elementwise import cast
from .lengths import lengths_now, user_line
from .picks import largest_at, parts, reduced_parts, sliding_places
from .pooling import pool_average, pool_max, pool_sum, pool_sum_back
from .torch_words import torch_words
from .windows import steps_of

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
           "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "global_avg_pool", "global_max_pool", "lp_pool1d",
           "lp_pool2d", "lp_pool3d", "max_pool1d", "max_pool2d", "max_pool3d", "max_pool_2d_same_size", "pool_2d", "pool_3d"]


# -- torch's -----------------------------------------------------------------------------------------------------------
def _window(kernel_size: Any, ndim: int, x: Expr) -> tuple[int, ...]:
    if x.ndim < ndim + 1:
        raise ShapeError(f"pools along {ndim} axes take (channels, *positions) or (batch, channels, *positions), "
                         f"not {x.type.text()}", at=user_line())
    return steps_of(kernel_size, ndim, "kernel_size")


def _max(ndim: int, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, indices: bool) -> Any:
    x = as_expr(x)
    window, gaps = _window(kernel_size, ndim, x), steps_of(dilation, ndim, "dilation")
    even = all(g == 1 for g in gaps)
    if even and not indices:
        return pool_max(x, window, stride, padding, ceil_mode)
    if x.dtype.kind not in "biuf":
        raise DtypeError(f"pooling takes real numbers, not {x.dtype}", at=user_line())
    top, at = largest_at(x, sliding_places(x, window, stride, padding, gaps, ceil_mode), indices)
    top = pool_max(x, window, stride, padding, ceil_mode) if even else top
    return (top, at) if indices else top


@torch_words()
def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window of positions; see `max_pool2d`.

    >>> max_pool1d([[1.0, 3.0, 2.0, 0.0]], 2).eval()
    array([[3., 2.]])
    """
    return _max(1, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@torch_words()
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window of the last two axes; `stride` is the window if not given, padding never is the largest.

    Where several elements are the largest each gets an equal share of the gradient (torch gives all to the first). With
    `return_indices` a pair: the largest, and where in rows * columns the first of them stands (`max_unpool2d` takes that).

    >>> import tensorviz as tv
    >>> max_pool2d(tv.tensor4("x", shape=(8, 3, 33, 33)), 3, 2, 1).type.shape
    (8, 3, 17, 17)
    """
    return _max(2, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@torch_words()
def max_pool3d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window of the last three axes; see `max_pool2d`.

    >>> import tensorviz as tv
    >>> max_pool3d(tv.tensor5("x", shape=(1, 3, 8, 8, 8)), 2).type.shape
    (1, 3, 4, 4, 4)
    """
    return _max(3, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _average(ndim: int, x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, include: bool,
             divisor: float | None = None) -> Expr:
    x = as_expr(x)
    window = _window(kernel_size, ndim, x)
    if divisor is None:
        return pool_average(x, window, stride, padding, ceil_mode, include)
    return pool_sum(x if is_float(x.dtype) else cast(x, "float64"), window, stride, padding, ceil_mode) / float(divisor)


@torch_words()
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Expr:
    """The mean of each window of positions; see `avg_pool2d`.

    >>> avg_pool1d([[1.0, 3.0, 2.0, 0.0]], 2).eval()
    array([[2., 1.]])
    """
    return _average(1, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@torch_words()
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: float | None = None) -> Expr:
    """The mean of each window of the last two axes; zeros of the padding count if `count_include_pad`.

    >>> import tensorviz as tv
    >>> avg_pool2d(tv.tensor4("x", shape=(8, 3, 32, 32)), 2).type.shape
    (8, 3, 16, 16)
    """
    return _average(2, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@torch_words()
def avg_pool3d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: float | None = None) -> Expr:
    """The mean of each window of the last three axes; see `avg_pool2d`.

    >>> import tensorviz as tv
    >>> avg_pool3d(tv.tensor5("x", shape=(1, 3, 8, 8, 8)), 2).type.shape
    (1, 3, 4, 4, 4)
    """
    return _average(3, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _lp(ndim: int, x: Any, p: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Expr:
    x = as_expr(x)
    x = x if is_float(x.dtype) else cast(x, "float64")
    size, window = BUILDERS["absolute"](x), _window(kernel_size, ndim, x)
    if p == math.inf:
        return pool_max(size, window, stride, 0, ceil_mode)
    if p <= 0:
        raise ArgumentValueError(f"the order of a norm is above 0, not {p}", at=user_line())
    powers = size if p == 1 else size ** float(p)
    if ceil_mode:                                   # torch's: windows over the edge count as if they went on like that
        return (pool_average(powers, window, stride, 0, True) * float(math.prod(window))) ** (1.0 / p)
    return pool_sum(powers, window, stride, 0, False) ** (1.0 / p)


@torch_words()
def lp_pool1d(x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Expr:
    """The p-norm of each window of positions: sum(|x|**p)**(1 / p). Of a window over the edge (`ceil_mode`), as torch has it, the
    sum is that of what it holds times the whole window's length, divided by how many that are.

    >>> lp_pool1d([[3.0, 4.0]], 2, 2).eval()
    array([[5.]])
    """
    return _lp(1, x, norm_type, kernel_size, stride, ceil_mode)


@torch_words()
def lp_pool2d(x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Expr:
    """The p-norm of each window of the last two axes.

    >>> import tensorviz as tv
    >>> lp_pool2d(tv.tensor4("x", shape=(1, 3, 8, 8)), 2, 2).type.shape
    (1, 3, 4, 4)
    """
    return _lp(2, x, norm_type, kernel_size, stride, ceil_mode)


@torch_words()
def lp_pool3d(x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Expr:
    """The p-norm of each window of the last three axes.

    >>> import tensorviz as tv
    >>> lp_pool3d(tv.tensor5("x", shape=(1, 3, 4, 4, 4)), 2, 2).type.shape
    (1, 3, 2, 2, 2)
    """
    return _lp(3, x, norm_type, kernel_size, stride, ceil_mode)


def _adaptive(ndim: int, x: Any, output_size: Any, largest: bool, indices: bool = False) -> Any:
    """Part i of m of an axis of n goes from floor(i * n / m) to ceil((i + 1) * n / m)."""
    x = as_expr(x)
    x = x if is_float(x.dtype) or largest else cast(x, "float64")
    sizes = output_size if isinstance(output_size, tuple | list) else (output_size,) * ndim
    if len(sizes) != ndim or any(isinstance(m, int) and m < 1 for m in sizes):
        raise ArgumentError(f"adaptive pools take {ndim} sizes of at least 1, not {output_size}", at=user_line())
    if x.ndim < ndim + 1 or any(n == 0 for n in x.type.shape[x.ndim - ndim:]):
        raise ShapeError(f"a pool along {ndim} axes takes (channels, *positions), none empty, not {x.type.text()}",
                         at=user_line())
    now = lengths_now(x)[x.ndim - ndim:]
    wanted = [n if m is None else m for n, m in zip(now, sizes, strict=True)]
    if indices:
        return largest_at(x, [parts(n, m) for n, m in zip(now, wanted, strict=True)], True)
    if all(isinstance(n, int) and isinstance(m, int) and n % m == 0 for n, m in zip(now, wanted, strict=True)):
        return (pool_max if largest else pool_average)(x, tuple(n // m for n, m in zip(now, wanted, strict=True)))
    return reduced_parts(x, sizes, largest)


@torch_words()
def adaptive_avg_pool1d(x: Any, output_size: Any) -> Expr:
    """Means of `output_size` parts of the last axis, as equal as they can be (they overlap where they don't divide it).

    >>> adaptive_avg_pool1d([[1.0, 2.0, 3.0]], 2).eval()
    array([[1.5, 2.5]])
    """
    return _adaptive(1, x, output_size, False)


@torch_words()
def adaptive_avg_pool2d(x: Any, output_size: Any) -> Expr:
    """Means of parts of the last two axes; see `adaptive_avg_pool1d`. None keeps an axis.

    >>> import tensorviz as tv
    >>> adaptive_avg_pool2d(tv.tensor4("x", shape=(1, 3, 8, 9)), (2, 4)).type.shape
    (1, 3, 2, 4)
    """
    return _adaptive(2, x, output_size, False)


@torch_words()
def adaptive_avg_pool3d(x: Any, output_size: Any) -> Expr:
    """Means of parts of the last three axes; see `adaptive_avg_pool1d`.

    >>> import tensorviz as tv
    >>> adaptive_avg_pool3d(tv.tensor5("x", shape=(1, 3, 8, 8, 8)), 2).type.shape
    (1, 3, 2, 2, 2)
    """
    return _adaptive(3, x, output_size, False)


@torch_words()
def adaptive_max_pool1d(x: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of `output_size` parts of the last axis; see `adaptive_avg_pool1d`, and `max_pool2d` for `return_indices`.

    >>> adaptive_max_pool1d([[1.0, 2.0, 3.0]], 2).eval()
    array([[2., 3.]])
    """
    return _adaptive(1, x, output_size, True, return_indices)


@torch_words()
def adaptive_max_pool2d(x: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of parts of the last two axes; see `adaptive_avg_pool1d`.

    >>> import tensorviz as tv
    >>> adaptive_max_pool2d(tv.tensor4("x", shape=(1, 3, 8, 9)), (2, 4)).type.shape
    (1, 3, 2, 4)
    """
    return _adaptive(2, x, output_size, True, return_indices)


@torch_words()
def adaptive_max_pool3d(x: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of parts of the last three axes; see `adaptive_avg_pool1d`.

    >>> import tensorviz as tv
    >>> adaptive_max_pool3d(tv.tensor5("x", shape=(1, 3, 8, 8, 8)), 2).type.shape
    (1, 3, 2, 2, 2)
    """
    return _adaptive(3, x, output_size, True, return_indices)


def _positions(x: Expr, keepdims: bool, reduced: Callable[..., Expr]) -> Expr:
    if x.ndim < 3:
        raise ShapeError(f"positions follow the batch and channels: {x.type.text()} has none", at=user_line())
    return reduced(axis=tuple(range(2, x.ndim)), keepdims=keepdims)


@strict
def global_avg_pool(x: Any, keepdims: bool = False) -> Expr:
    """The mean over all positions of x (batch, channels, *positions).

    >>> import tensorviz as tv
    >>> global_avg_pool(tv.tensor4("x", shape=(8, 3, 5, 5))).type.shape
    (8, 3)
    """
    x = as_expr(x)
    return _positions(x, keepdims, x.mean)


@strict
def global_max_pool(x: Any, keepdims: bool = False) -> Expr:
    """The largest over all positions of x (batch, channels, *positions).

    >>> import tensorviz as tv
    >>> global_max_pool(tv.tensor4("x", shape=(8, 3, 5, 5))).type.shape
    (8, 3)
    """
    x = as_expr(x)
    return _positions(x, keepdims, x.max)


# -- Theano's ----------------------------------------------------------------------------------------------------------
def _pool(ndim: int, input: Any, ws: Any, ignore_border: bool, stride: Any, pad: Any, mode: str) -> Expr:
    x = as_expr(input)
    if x.ndim < ndim:
        raise ShapeError(f"pool_{ndim}d takes at least {ndim} axes, not {x.type.text()}", at=user_line())
    if mode not in ("max", "sum", "average_inc_pad", "average_exc_pad"):
        raise ArgumentValueError(f"mode is 'max', 'sum', 'average_inc_pad' or 'average_exc_pad', not {mode!r}", at=user_line())
    window, pads = steps_of(ws, ndim, "ws"), (0,) * ndim if pad is None else steps_of(pad, ndim, "pad", 0)
    if any(pads) and not ignore_border:
        raise ArgumentValueError("padding goes with ignore_border=True", at=user_line())
    if mode in ("max", "sum"):
        return (pool_max if mode == "max" else pool_sum)(x, window, stride, pads, not ignore_border)
    return pool_average(x, window, stride, pads, not ignore_border, mode == "average_inc_pad")


@strict
def pool_2d(input: Any, ws: Any = None, ignore_border: bool = False, stride: Any = None, pad: Any = (0, 0), mode: str = "max",
            ds: Any = None, st: Any = None, padding: Any = None) -> Expr:
    """Pools of the last two axes by `mode`: "max", "sum", "average_inc_pad" or "average_exc_pad" (Theano's).

    `ignore_border=False` takes windows that reach beyond the end. `ds`, `st`, `padding` are older names of `ws`, `stride`, `pad`.
    Where several elements are the largest each gets an equal share of the gradient (Theano gives the whole to each).

    >>> import tensorviz as tv
    >>> pool_2d(tv.tensor4("x", shape=(8, 3, 33, 33)), (2, 2), ignore_border=True).type.shape
    (8, 3, 16, 16)
    """
    ws, stride, pad = (new if old is None else old for new, old in ((ws, ds), (stride, st), (pad, padding)))
    return _pool(2, input, ws, ignore_border, stride, pad, mode)


@strict
def pool_3d(input: Any, ws: Any = None, ignore_border: bool = False, stride: Any = None, pad: Any = (0, 0, 0), mode: str = "max",
            ds: Any = None, st: Any = None, padding: Any = None) -> Expr:
    """Pools of the last three axes; see `pool_2d`.

    >>> import tensorviz as tv
    >>> pool_3d(tv.tensor5("x", shape=(1, 3, 9, 9, 9)), (2, 2, 2)).type.shape
    (1, 3, 5, 5, 5)
    """
    ws, stride, pad = (new if old is None else old for new, old in ((ws, ds), (stride, st), (pad, padding)))
    return _pool(3, input, ws, ignore_border, stride, pad, mode)


@strict
def max_pool_2d_same_size(input: Any, patch_size: Any) -> Expr:
    """x with 0 everywhere but at the largest of each patch of the last two axes; all of them where several tie (Theano's).

    >>> max_pool_2d_same_size([[1.0, 2.0], [4.0, 3.0]], (2, 2)).eval()
    array([[0., 0.],
           [4., 0.]])
    """
    x = as_expr(input)
    window = steps_of(patch_size, 2, "patch_size")
    tops = pool_sum_back(pool_max(x, window, None, 0, True), lengths_now(x)[-2:], window, None, 0, True)
    return BUILDERS["where"](BUILDERS["equal"](x, tops), x, 0)
