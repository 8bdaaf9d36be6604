"""torch's `unfold` and `fold`: the windows of images as columns, (batch, channels * taps, windows), and back."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ShapeError
from ..expr import Expr, as_expr
from .axes import transpose
from .filters import known_length
from .lengths import lengths_now, product, user_line
from .shape import reshape
from .torch_words import torch_words
from .windows import fold as add_windows
from .windows import steps_of
from .windows import unfold as sliding_windows

__all__ = ["add_windows", "fold", "sliding_windows", "unfold"]


@torch_words()
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Expr:
    """The windows of images (batch, channels, rows, columns) as columns (batch, channels * taps, windows), zeros outside.

    As torch's; `nn.sliding_windows` keeps the axes apart and takes any number of them.

    >>> import tensorviz as tv
    >>> unfold(tv.tensor4("x", shape=(8, 3, 32, 32)), 5, stride=3).type.shape
    (8, 75, 100)
    """
    x = as_expr(x)
    if x.ndim not in (3, 4):
        raise ShapeError(f"unfold takes (batch, channels, rows, columns) or one image, not {x.type.text()}", at=user_line(),
                         hint="nn.sliding_windows takes any axes")
    window = steps_of(kernel_size, 2, "kernel_size")
    windows = sliding_windows(x, window, steps_of(stride, 2, "stride"), steps_of(padding, 2, "padding", 0),
                              steps_of(dilation, 2, "dilation"))
    lead = x.ndim - 2
    now = lengths_now(windows)
    order = (*range(lead), lead + 2, lead + 3, lead, lead + 1)
    return reshape(transpose(windows, order), (*now[:lead - 1], now[lead - 1] * math.prod(window), product(now[lead:lead + 2])))


@torch_words()
def fold(y: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Expr:
    """Columns (batch, channels * taps, windows) added up where `unfold` takes them from images of `output_size`, as torch's.

    >>> import tensorviz as tv
    >>> fold(tv.tensor3("y", shape=(8, 75, 100)), (32, 32), 5, stride=3).type.shape
    (8, 3, 32, 32)
    """
    y = as_expr(y)
    if y.ndim not in (2, 3):
        raise ShapeError(f"fold takes (batch, channels * taps, windows) or one image, not {y.type.text()}", at=user_line())
    size, window = steps_of(output_size, 2, "output_size"), steps_of(kernel_size, 2, "kernel_size")
    gaps, pads, steps = steps_of(dilation, 2, "dilation"), steps_of(padding, 2, "padding", 0), steps_of(stride, 2, "stride")
    counts = [(n + 2 * p - (k - 1) * g - 1) // s + 1 for n, p, k, g, s in zip(size, pads, window, gaps, steps, strict=True)]
    now, taps = lengths_now(y), math.prod(window)
    rows = known_length(now[-2], "the number of rows")
    if rows % taps or min(counts) < 1:
        raise ShapeError(f"{rows} rows are no whole number of windows of {taps} in images of {size}", at=user_line())
    apart = reshape(y, (*now[:-2], rows // taps, *window, *counts))
    lead = y.ndim - 1
    windows = transpose(apart, (*range(lead), lead + 2, lead + 3, lead, lead + 1))
    return add_windows(windows, size, window, steps, pads, gaps)
