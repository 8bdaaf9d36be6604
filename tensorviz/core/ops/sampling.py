"""Images sampled at places that a tensor says: torch's `grid_sample`, and the grids of affine maps (spatial transformers)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product as combinations
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS
from .axes import expand_dims, swapaxes
from .elementwise import cast, where
from .lengths import Length, lengths_now, user_line
from .linalg import matmul
from .resizing import cubic_weights
from .shape import broadcast_to, reshape
from .torch_words import torch_words

__all__ = ["affine_grid", "grid_sample"]

clip: Callable[..., Expr] = BUILDERS["clip"]
floor: Callable[..., Expr] = BUILDERS["floor"]
Tap = tuple[Expr, Expr, Expr]           # a place along an axis, whether it is inside, what it counts


def _number(n: Length, dtype: Any) -> Any:
    return float(n) if isinstance(n, int) else cast(n, dtype)


# -- grids -------------------------------------------------------------------------------------------------------------
def _line(n: Length, dtype: Any, align_corners: bool) -> Expr:
    """The places of n pixels between -1 and 1: the ends of the image, or with `align_corners` the centres of the last pixels."""
    k, count = cast(BUILDERS["arange"](n), dtype), _number(n, dtype)
    if not align_corners:
        return (k * 2.0 + 1.0) / count - 1.0
    gaps = max(count - 1.0, 1.0) if isinstance(count, float) else BUILDERS["maximum"](count - 1.0, 1.0)
    return where(BUILDERS["equal"](count, 1.0), 0.0, k * 2.0 / gaps - 1.0)


@torch_words()
def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Expr:
    """Where the pixels of images of `size` (batch, channels, *positions) go by the affine maps `theta` (batch, d, d + 1).

    The grid (batch, *positions, d) that `grid_sample` takes: coordinates from -1 to 1, the last axis of positions first
    (Jaderberg and others, Spatial Transformer Networks, 2015). d is 2 or 3.

    >>> affine_grid([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], (1, 1, 1, 2)).eval()
    array([[[[-0.5,  0. ],
             [ 0.5,  0. ]]]])
    """
    t, size = as_expr(theta), list(size)
    t = t if is_float(t.dtype) else cast(t, "float64")
    d = len(size) - 2
    if d not in (2, 3) or t.ndim != 3 or any(n not in (None, m) for n, m in zip(t.type.shape[1:], (d, d + 1), strict=True)):
        raise ShapeError(f"affine_grid takes theta (batch, 2, 3) for a size of 4, (batch, 3, 4) for a size of 5, not "
                         f"{t.type.text()} for a size of {len(size)}", at=user_line())
    positions = size[2:]
    lines = [_line(n, t.dtype, bool(align_corners)) for n in positions]
    axes = [broadcast_to(expand_dims(v, tuple(range(1, d - k))), tuple(positions)) for k, v in enumerate(lines)]
    base = BUILDERS["stack"]([*reversed(axes), BUILDERS["ones_like"](axes[0])], -1)
    count: Any = 1
    for n in positions:
        count = n * count
    flat = matmul(reshape(base, (1, count, d + 1)), swapaxes(t, 1, 2))
    return reshape(flat, (lengths_now(t)[0], *positions, d))


# -- samples -----------------------------------------------------------------------------------------------------------
def _reflected(at: Expr, low: Any, span: Any) -> Expr:
    """`at` thrown back at both ends of low, low + span until it is between them."""
    away = BUILDERS["absolute"](at - low)
    turns = floor(away / span)
    rest = away - turns * span
    back = BUILDERS["equal"](turns - 2.0 * floor(turns / 2.0), 1.0)
    return where(back, span - rest, rest) + low


def _held(at: Expr, n: Any, mode: str, align_corners: bool) -> Expr:
    """A place, or what `padding_mode` puts in its stead."""
    if mode == "reflection":
        span = (BUILDERS["maximum"](n - 1.0, 1.0) if isinstance(n, Expr) else max(n - 1.0, 1.0)) if align_corners else n
        at = _reflected(at, 0.0 if align_corners else -0.5, span)
    return at if mode == "zeros" else clip(at, 0.0, n - 1.0)


def _tap(at: Expr, n: Any, weight: Expr) -> Tap:
    """A whole place as an index that exists, whether it is inside, what it counts."""
    inside = BUILDERS["logical_and"](BUILDERS["greater_equal"](at, 0.0), BUILDERS["less_equal"](at, n - 1.0))
    return cast(clip(at, 0.0, n - 1.0), "int64"), inside, weight


def _taps(at: Expr, n: Any, mode: str, padding_mode: str, align_corners: bool) -> list[Tap]:
    """The elements along one axis that make what is at a coordinate between -1 and 1."""
    at = (at + 1.0) / 2.0 * (n - 1.0) if align_corners else ((at + 1.0) * n - 1.0) / 2.0
    if mode == "bicubic":
        low = floor(at)
        places = [_held(BUILDERS["zero_grad"](low) + (k - 1.0), n, padding_mode, align_corners) for k in range(4)]
        return [_tap(p, n, w) for p, w in zip(places, cubic_weights(at - low), strict=True)]
    at = _held(at, n, padding_mode, align_corners)
    if mode == "nearest":
        return [_tap(BUILDERS["rint"](at), n, BUILDERS["ones_like"](at))]
    low = floor(at)
    part = at - low
    return [_tap(low, n, 1.0 - part), _tap(low + 1.0, n, part)]


@torch_words()
def grid_sample(x: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros",
                align_corners: bool | None = None) -> Expr:
    """x (batch, channels, *positions) at the places in `grid` (batch, *new positions, d): (batch, channels, *new positions).

    Coordinates go from -1 to 1 over the image, the last axis of positions first; with `align_corners` these are the centres of
    the last pixels, else the image's ends. `mode`: "bilinear" (also for d = 3), "nearest", "bicubic" (d = 2). `padding_mode`,
    what is outside: "zeros", "border" (the last pixel), "reflection". NaN counts as -1. Gradients go to x and, but for "nearest",
    to the grid.

    >>> import tensorviz as tv
    >>> grid_sample(tv.tensor4("x", shape=(2, 3, 8, 8)), tv.tensor4("grid", shape=(2, 5, 6, 2))).type.shape
    (2, 3, 5, 6)
    """
    x, g = as_expr(x), as_expr(grid)
    x, g = (v if is_float(v.dtype) else cast(v, "float64") for v in (x, g))
    d = x.ndim - 2
    if d not in (2, 3) or g.ndim != x.ndim or g.type.shape[-1] not in (None, d):
        raise ShapeError("grid_sample takes x (batch, channels, *positions) with two or three axes of positions and a grid "
                         f"(batch, *positions, {d}), not {x.type.text()} and {g.type.text()}", at=user_line())
    if mode not in ("bilinear", "nearest", "bicubic") or (mode == "bicubic" and d == 3):
        raise ArgumentError(f"mode {mode!r} does not go with {d} axes of positions", at=user_line())
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ArgumentValueError(f"padding_mode is 'zeros', 'border' or 'reflection', not {padding_mode!r}", at=user_line())
    g = where(BUILDERS["isnan"](g), -1.0, g)
    now = lengths_now(x)
    taps = [_taps(g[..., d - 1 - k], _number(now[2 + k], g.dtype), mode, padding_mode, bool(align_corners)) for k in range(d)]
    return _weighted(x, taps)


def _weighted(x: Expr, taps: Sequence[Sequence[Tap]]) -> Expr:
    """The sum over all combinations of taps of what they count times the elements of x there."""
    d, now = len(taps), lengths_now(x)
    images = expand_dims(BUILDERS["arange"](now[0]), tuple(range(1, d + 2)))
    channels = expand_dims(BUILDERS["arange"](now[1]), tuple(range(1, d + 1)))
    total: Expr | None = None
    for chosen in combinations(*taps):
        at = [expand_dims(tap[0], 1) for tap in chosen]
        inside, weight = chosen[0][1], chosen[0][2]
        for tap in chosen[1:]:
            inside, weight = BUILDERS["logical_and"](inside, tap[1]), weight * tap[2]
        part = where(expand_dims(inside, 1), x[(images, channels, *at)], 0) * expand_dims(cast(weight, x.dtype), 1)
        total = part if total is None else total + part
    assert total is not None
    return total
