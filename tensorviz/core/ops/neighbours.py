"""Images as rows of neighbours and back, channels as positions and back: Theano's and torch's functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import transpose
from .lengths import Length, lengths_now, product, user_line, whole
from .shape import reshape
from .torch_words import torch_words
from .windows import fold, steps_of, unfold

__all__ = ["channel_shuffle", "images2neibs", "neibs2images", "pixel_shuffle", "pixel_unshuffle"]

MODES = ("valid", "ignore_borders", "wrap_centered", "half", "full")


# -- neighbours --------------------------------------------------------------------------------------------------------
@strict
def images2neibs(ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Expr:
    """Patches of `neib_shape` of images (a, b, rows, columns) as rows of a matrix, one for each image, channel and place.

    `neib_step` (the shape of a patch if not given) is the distance of places. Modes are Theano's: "valid" patches must cover the
    images exactly (checked where lengths are known), "ignore_borders" drops what is over, "wrap_centered" goes around the ends
    (patches of odd lengths), "half" and "full" take zeros around the images.

    >>> import tensorviz as tv
    >>> images2neibs(tv.tensor4("x", shape=(2, 3, 10, 10)), (5, 5)).type.shape
    (24, 25)
    """
    x = as_expr(ten4)
    shape = steps_of(neib_shape, 2, "neib_shape")
    step = shape if neib_step is None else steps_of(neib_step, 2, "neib_step")
    if x.ndim != 4:
        raise ShapeError(f"images2neibs takes images with 4 axes, not {x.type.text()}", at=user_line())
    if mode not in MODES:
        raise ArgumentValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}", at=user_line())
    pads: Any = 0
    if mode == "valid":
        for n, k, s in zip(lengths_now(x)[2:], shape, step, strict=True):
            if isinstance(n, int) and (n < k or (n - k) % s):
                raise ShapeError(f"patches of {k} in steps of {s} don't cover {n} exactly", at=user_line(),
                                 hint="mode='ignore_borders' drops what is over")
    elif mode == "wrap_centered":
        if not all(k % 2 for k in shape):
            raise ArgumentError(f"patches that wrap have odd lengths, not {shape}", at=user_line())
        x = _wrapped(x, shape, step)
    elif mode != "ignore_borders":
        pads = tuple(k // 2 if mode == "half" else k - 1 for k in shape)
    windows = unfold(x, shape, step, pads)
    return reshape(windows, (product(lengths_now(windows)[:4]), shape[0] * shape[1]))


def _wrapped(x: Expr, shape: Sequence[int], step: Sequence[int]) -> Expr:
    """Images with as much of the other end around them as centred patches at every step need."""
    for axis, k, s in zip((2, 3), shape, step, strict=True):
        n = lengths_now(x)[axis]
        count = -(-n // s) if isinstance(n, int) else (n + (s - 1)) // s
        places = (BUILDERS["arange"]((count - 1) * s + k) - k // 2) % n
        x = x[(*(slice(None),) * axis, places)]
    return x


@strict
def neibs2images(neibs: Any, neib_shape: Any, original_shape: Any, mode: str = "valid") -> Expr:
    """The images of `original_shape` whose patches side by side are the rows of `neibs`: the inverse of `images2neibs`.

    With mode "ignore_borders" what the patches don't cover is 0.

    >>> import tensorviz as tv
    >>> neibs2images(tv.matrix("n", shape=(24, 25)), (5, 5), (2, 3, 10, 10)).type.shape
    (2, 3, 10, 10)
    """
    neibs = as_expr(neibs)
    shape = steps_of(neib_shape, 2, "neib_shape")
    if mode not in ("valid", "ignore_borders"):
        raise ArgumentValueError(f"neibs2images knows the modes valid and ignore_borders, not {mode!r}", at=user_line())
    given = original_shape if isinstance(original_shape, tuple | list) else [original_shape[k] for k in range(4)]
    lengths: list[Any] = list(given)
    if mode == "valid" and any(isinstance(n, int) and n % k for n, k in zip(lengths[2:], shape, strict=True)):
        raise ShapeError(f"patches {shape} don't cover images {tuple(lengths)} exactly", at=user_line())
    counts = [n // k for n, k in zip(lengths[2:], shape, strict=True)]
    windows = reshape(neibs, (*lengths[:2], *counts, *shape))
    return fold(windows, tuple(lengths[2:]), shape, shape)


# -- channels and positions ----------------------------------------------------------------------------------------------
def _factor(n: Any, name: str) -> int:
    return whole(n, f"{name} is a whole number", f"{name} is 1 or more", 1)


def _image(x: Expr, name: str) -> tuple[Length, ...]:
    if x.ndim < 3:
        raise ShapeError(f"{name} takes (..., channels, rows, columns), not {x.type.text()}", at=user_line())
    return lengths_now(x)


@torch_words()
def pixel_shuffle(x: Any, upscale_factor: int) -> Expr:
    """(..., c * r * r, rows, columns) as (..., c, rows * r, columns * r), as torch does it (Shi and others, 2016).

    >>> import tensorviz as tv
    >>> pixel_shuffle(tv.tensor4("x", shape=(1, 8, 3, 3)), 2).type.shape
    (1, 2, 6, 6)
    """
    x, r = as_expr(x), _factor(upscale_factor, "upscale_factor")
    *lead, c, h, w = _image(x, "pixel_shuffle")
    if isinstance(c, int) and c % (r * r):
        raise ShapeError(f"{c} channels are no multiple of {r * r}", at=user_line())
    n = len(lead)
    parts = reshape(x, (*lead, c // (r * r), r, r, h, w))
    return reshape(transpose(parts, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*lead, c // (r * r), h * r, w * r))


@torch_words()
def pixel_unshuffle(x: Any, downscale_factor: int) -> Expr:
    """The inverse of `pixel_shuffle`.

    >>> import tensorviz as tv
    >>> pixel_unshuffle(tv.tensor4("x", shape=(1, 2, 6, 6)), 2).type.shape
    (1, 8, 3, 3)
    """
    x, r = as_expr(x), _factor(downscale_factor, "downscale_factor")
    *lead, c, h, w = _image(x, "pixel_unshuffle")
    if any(isinstance(v, int) and v % r for v in (h, w)):
        raise ShapeError(f"an image of {h} and {w} can't be parted by {r}", at=user_line())
    n = len(lead)
    parts = reshape(x, (*lead, c, h // r, r, w // r, r))
    return reshape(transpose(parts, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*lead, c * (r * r), h // r, w // r))


@torch_words()
def channel_shuffle(x: Any, groups: int) -> Expr:
    """The channels of x (batch, channels, *positions) dealt out: one of each of so many groups in turn (Zhang and others, 2017).

    >>> channel_shuffle([[[0.0], [1.0], [2.0], [3.0]]], 2).eval().ravel()
    array([0., 2., 1., 3.])
    """
    x, groups = as_expr(x), _factor(groups, "groups")
    batch, c, *positions = lengths_now(x) if x.ndim > 2 else (0, 1)
    if x.ndim < 3 or (isinstance(c, int) and c % groups):
        raise ShapeError(f"the channels of {x.type.text()} can't be shared out to {groups} groups", at=user_line())
    apart = reshape(x, (batch, groups, c // groups, *positions))
    return reshape(BUILDERS["swapaxes"](apart, 1, 2), (batch, c, *positions))
