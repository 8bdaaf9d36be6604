"""Windows taken place by place: which element of each is the largest, the way back from there, and parts that are not alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentError, DtypeError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS
from .axes import expand_dims
from .elementwise import cast, where
from .lengths import Length, lengths_now, product, user_line
from .pooling import count_windows
from .shape import reshape
from .torch_words import torch_words
from .windows import pairs_of, steps_of

__all__ = ["largest_at", "max_unpool1d", "max_unpool2d", "max_unpool3d", "parts", "reduced_parts", "sliding_places"]

Places = list[tuple[Expr, Expr]]        # for each of the last axes the places (windows, taps), and which of them are inside


# -- places ------------------------------------------------------------------------------------------------------------
def _clipped(places: Expr, inside: Expr, n: Length) -> tuple[Expr, Expr]:
    return BUILDERS["clip"](places, 0, n - 1), inside


def sliding_places(x: Expr, window: Sequence[int], stride: Any, padding: Any, dilation: Any, ceil: bool) -> Places:
    """The places of windows that slide over the last axes of x."""
    d = len(window)
    found: Places = []
    rows = zip(lengths_now(x)[x.ndim - d:], window, steps_of(window if stride is None else stride, d, "stride"),
               pairs_of(padding, d), steps_of(dilation, d, "dilation"), strict=True)
    for n, k, s, pads, gap in rows:
        reach = (k - 1) * gap + 1
        if isinstance(n, int) and (n == 0 or (n + sum(pads) < reach and not ceil)):
            raise ShapeError(f"a pool that spans {reach} doesn't fit into {n + sum(pads)} positions", at=user_line())
        at = BUILDERS["arange"](count_windows(n, reach, s, pads, ceil)) * s - pads[0]
        places = expand_dims(at, 1) + BUILDERS["arange"](k) * gap
        inside = BUILDERS["logical_and"](BUILDERS["greater_equal"](places, 0), BUILDERS["less"](places, n))
        found.append(_clipped(places, inside, n))
    return found


def parts(n: Length, m: Any) -> tuple[Expr, Expr]:
    """The places of m parts of n: part i goes from floor(i * n / m) to ceil((i + 1) * n / m)."""
    i = BUILDERS["arange"](m)
    start, end = i * n // m, -(-(i + 1) * n // m)
    if isinstance(n, int) and isinstance(m, int):
        j = np.arange(m)
        most: Length = int((-(-(j + 1) * n // m) - j * n // m).max())
    else:
        most = BUILDERS["minimum"]((n + (m - 1)) // m + 1, n)
    places = expand_dims(start, 1) + BUILDERS["arange"](most)
    return _clipped(places, BUILDERS["less"](places, expand_dims(end, 1)), n)


def _spread(v: Expr, k: int, d: int) -> Expr:
    """The places of axis k, (windows, taps), as they broadcast to the windows and taps of d axes."""
    return expand_dims(v, tuple(a for a in range(2 * d) if a not in (k, d + k)))


def _all_inside(places: Places) -> Expr:
    d = len(places)
    found = _spread(places[0][1], 0, d)
    for k in range(1, d):
        found = BUILDERS["logical_and"](found, _spread(places[k][1], k, d))
    return found


def _lowest(dtype: np.dtype[Any]) -> Any:
    return -math.inf if is_float(dtype) else False if dtype.kind == "b" else int(np.iinfo(dtype).min)


# -- the largest -------------------------------------------------------------------------------------------------------
def largest_at(x: Expr, places: Places, indices: bool = False) -> tuple[Expr, Expr | None]:
    """The largest of x's elements at each window of places; with `indices` also where the first of those that tie stands.

    That is counted in the flattened positions, as torch does. NaN is larger than all numbers. Ties share the gradient.
    """
    d = len(places)
    windows = x[(..., *(_spread(at, k, d) for k, (at, _) in enumerate(places)))]
    inside, taps = _all_inside(places), tuple(range(-d, 0))
    top = BUILDERS["max"](where(inside, windows, _lowest(x.dtype)), taps)
    if not indices:
        return top, None
    now = lengths_now(x)[x.ndim - d:]
    flat = _spread(places[0][0], 0, d)
    for k in range(1, d):
        flat = flat * now[k] + _spread(places[k][0], k, d)
    best = expand_dims(top, tuple(range(top.ndim, top.ndim + d)))
    hit = BUILDERS["equal"](windows, best)
    if is_float(x.dtype):
        hit = BUILDERS["logical_or"](hit, BUILDERS["logical_and"](BUILDERS["isnan"](windows), BUILDERS["isnan"](best)))
    hit = BUILDERS["logical_and"](hit, inside)
    return top, BUILDERS["min"](where(hit, flat, product(now)), taps)


def reduced_parts(x: Expr, sizes: Sequence[Any], largest: bool) -> Expr:
    """The largest or the mean of parts of the last axes, as many as `sizes` says (None: the axis stays), axis by axis."""
    d = len(sizes)
    for axis, m in enumerate(sizes, x.ndim - d):
        if m is None:
            continue
        at, inside = parts(lengths_now(x)[axis], m)
        windows = x[(*(slice(None),) * axis, at)]
        mask = expand_dims(inside, tuple(range(2, x.ndim - axis + 1)))
        if largest:
            x = BUILDERS["max"](where(mask, windows, _lowest(x.dtype)), axis + 1)
        else:
            x = BUILDERS["sum"](where(mask, windows, 0), axis + 1) / BUILDERS["sum"](cast(mask, x.dtype), 1)
    return x


# -- and back ----------------------------------------------------------------------------------------------------------
def _unpooled(ndim: int, x: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> Expr:
    x, at = as_expr(x), as_expr(indices)
    if x.ndim < ndim + 1 or at.ndim != x.ndim:
        raise ShapeError(f"max_unpool{ndim}d takes (channels, *positions) or more axes and indices of as many, "
                         f"not {x.type.text()} and {at.type.text()}", at=user_line())
    if at.dtype.kind not in "iu":
        raise DtypeError(f"indices are integers, not {at.dtype}", at=user_line(), hint="max_pool with return_indices=True")
    window = steps_of(kernel_size, ndim, "kernel_size")
    steps = window if stride is None else steps_of(stride, ndim, "stride")
    pads = steps_of(padding, ndim, "padding", 0)
    now = lengths_now(x)
    lead, positions = now[:x.ndim - ndim], now[x.ndim - ndim:]
    if output_size is None:
        size: Any = [(n - 1) * s + (k - 2 * p) for n, k, s, p in zip(positions, window, steps, pads, strict=True)]
    else:
        size = list(output_size)[-ndim:]
        if len(output_size) not in (ndim, x.ndim) or len(size) != ndim:
            raise ArgumentError(f"output_size has {ndim} lengths, or all {x.ndim}, not {len(output_size)}", at=user_line())
    empty = BUILDERS["zeros"]((*lead, product(size)), x.dtype)
    flat = (*lead, product(positions))
    filled = BUILDERS["put_along_axis"](empty, reshape(cast(at, "int64"), flat), reshape(x, flat), -1)
    return reshape(filled, (*lead, *size))


@torch_words()
def max_unpool1d(x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Expr:
    """x at the places that `max_pool1d` says with `return_indices=True`, zeros elsewhere; see `max_unpool2d`.

    >>> max_unpool1d([[3.0, 2.0]], [[1, 2]], 2).eval()
    array([[0., 3., 2., 0.]])
    """
    return _unpooled(1, x, indices, kernel_size, stride, padding, output_size)


@torch_words()
def max_unpool2d(x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Expr:
    """x (..., rows, columns) at the places that `max_pool2d` says with `return_indices=True`, zeros elsewhere.

    The result has the least positions of which such a pool can come, or `output_size`. Of several elements with one place one
    is kept. BoundsError at run time for indices beyond the positions.

    >>> import tensorviz as tv
    >>> max_unpool2d(tv.tensor4("x", shape=(1, 3, 4, 4)), tv.ltensor4("i"), 2).type.shape
    (1, 3, 8, 8)
    """
    return _unpooled(2, x, indices, kernel_size, stride, padding, output_size)


@torch_words()
def max_unpool3d(x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Expr:
    """x at the places that `max_pool3d` says with `return_indices=True`, zeros elsewhere; see `max_unpool2d`.

    >>> import tensorviz as tv
    >>> max_unpool3d(tv.tensor5("x", shape=(1, 3, 2, 2, 2)), tv.ltensor5("i"), 2).type.shape
    (1, 3, 4, 4, 4)
    """
    return _unpooled(3, x, indices, kernel_size, stride, padding, output_size)
