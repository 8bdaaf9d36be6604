"""Images as rows of neighbours and back, and images made larger or smaller: Theano's and torch's functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS
from .axes import expand_dims, transpose
from .elementwise import cast
from .lengths import Length, lengths_now, product, user_line
from .pooling import pool_average
from .shape import reshape
from .windows import fold, steps_of, unfold

__all__ = ["bilinear_upsampling", "images2neibs", "interpolate", "neibs2images", "pixel_shuffle", "pixel_unshuffle", "upsample"]

MODES = ("valid", "ignore_borders", "wrap_centered", "half", "full")


# -- neighbours --------------------------------------------------------------------------------------------------------
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
def pixel_shuffle(x: Any, upscale_factor: int) -> Expr:
    """(..., c * r * r, rows, columns) as (..., c, rows * r, columns * r), as torch does it (Shi and others, 2016).

    >>> import tensorviz as tv
    >>> pixel_shuffle(tv.tensor4("x", shape=(1, 8, 3, 3)), 2).type.shape
    (1, 2, 6, 6)
    """
    x, r = as_expr(x), upscale_factor
    *lead, c, h, w = lengths_now(x)
    if isinstance(c, int) and c % (r * r):
        raise ShapeError(f"{c} channels are no multiple of {r * r}", at=user_line())
    n = len(lead)
    parts = reshape(x, (*lead, c // (r * r), r, r, h, w))
    return reshape(transpose(parts, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(x: Any, downscale_factor: int) -> Expr:
    """The inverse of `pixel_shuffle`.

    >>> import tensorviz as tv
    >>> pixel_unshuffle(tv.tensor4("x", shape=(1, 2, 6, 6)), 2).type.shape
    (1, 8, 3, 3)
    """
    x, r = as_expr(x), downscale_factor
    *lead, c, h, w = lengths_now(x)
    if any(isinstance(v, int) and v % r for v in (h, w)):
        raise ShapeError(f"an image of {h} and {w} can't be parted by {r}", at=user_line())
    n = len(lead)
    parts = reshape(x, (*lead, c, h // r, r, w // r, r))
    return reshape(transpose(parts, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*lead, c * (r * r), h // r, w // r))


# -- other sizes -------------------------------------------------------------------------------------------------------
def _between(x: Expr, axis: int, at: Expr) -> Expr:
    """x at the places `at` along an axis, on straight lines between elements; beyond the ends the last one."""
    last = lengths_now(x)[axis] - 1
    at = BUILDERS["clip"](at, 0.0, float(last) if isinstance(last, int) else cast(last, "float64"))
    low = cast(BUILDERS["floor"](at), "int64")
    high = BUILDERS["minimum"](low + 1, last)
    part = expand_dims(cast(at - low, x.dtype), tuple(range(1, x.ndim - axis)))
    head = (slice(None),) * axis
    return x[(*head, low)] * (1 - part) + x[(*head, high)] * part


def _places(n: Length) -> Expr:
    return BUILDERS["arange"](n)


def _ratio(a: Any, b: Any) -> Any:
    return a / b if isinstance(a, int) and isinstance(b, int) else cast(as_expr(a), "float64") / cast(as_expr(b), "float64")


def interpolate(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool = False) -> Expr:
    """x (batch, channels, *positions) in another size, as torch's `interpolate` makes it.

    Give `size` (a number or one an axis) or `scale_factor`. `mode`: "nearest"; "linear", "bilinear" or "trilinear" for one, two,
    three axes (pixels are squares, ends are repeated; with `align_corners` the corners' centres stay); "area" (means, for whole
    factors).

    >>> import tensorviz as tv
    >>> interpolate(tv.tensor4("x", shape=(1, 3, 4, 4)), scale_factor=2, mode="bilinear").type.shape
    (1, 3, 8, 8)
    """
    x = as_expr(x)
    d = x.ndim - 2
    if mode not in ("nearest", "area", {1: "linear", 2: "bilinear", 3: "trilinear"}.get(d)):
        raise ArgumentError(f"mode {mode!r} does not go with {d} axes of positions", at=user_line())
    if (size is None) == (scale_factor is None):
        raise ArgumentError("give size or scale_factor", at=user_line())
    x = x if is_float(x.dtype) or mode == "nearest" else cast(x, "float64")
    given = scale_factor if size is None else size
    wanted = tuple(given) if isinstance(given, tuple | list) else (given,) * d
    if len(wanted) != d:
        raise ArgumentError(f"{d} sizes or factors are needed, not {len(wanted)}", at=user_line())
    if mode == "area":
        return _area(x, wanted, size is None)
    for axis, want in enumerate(wanted, 2):
        n = lengths_now(x)[axis]
        if size is None:
            part = Fraction(want).limit_denominator(1 << 20)
            to: Any = n * part.numerator // part.denominator
            step: Any = 1.0 / want
        else:
            to, step = want, _ratio(n, want)
        x = _resized(x, axis, n, to, step, mode, align_corners)
    return x


def _resized(x: Expr, axis: int, n: Any, to: Any, step: Any, mode: str, align_corners: bool) -> Expr:
    places = _places(to)
    if mode == "nearest":
        whole = cast(BUILDERS["floor"](places * step), "int64")
        return x[(*(slice(None),) * axis, BUILDERS["minimum"](whole, n - 1))]
    if align_corners:
        gaps = max(to - 1, 1) if isinstance(to, int) else BUILDERS["maximum"](to - 1, 1)
        return _between(x, axis, places * _ratio(n - 1, gaps))
    return _between(x, axis, (places + 0.5) * step - 0.5)


def _area(x: Expr, wanted: Sequence[Any], factors: bool) -> Expr:
    steps = []
    for n, want in zip(lengths_now(x)[2:], wanted, strict=True):
        ratio = 1 / want if factors else n / want if isinstance(n, int) else None
        if ratio is None or abs(ratio - round(ratio)) > 1e-9 or round(ratio) < 1:
            raise ArgumentError("mode 'area' takes lengths that are known and whole multiples of the new ones", at=user_line())
        steps.append(round(ratio))
    return pool_average(x, tuple(steps))


def upsample(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool = False) -> Expr:
    """torch's older name of `interpolate`.

    >>> import tensorviz as tv
    >>> upsample(tv.tensor3("x", shape=(1, 3, 4)), scale_factor=3).type.shape
    (1, 3, 12)
    """
    return interpolate(x, size, scale_factor, mode, align_corners)


def bilinear_upsampling(input: Any, ratio: int | None = None, frac_ratio: Any = None, batch_size: Any = None,
                        num_input_channels: Any = None, use_1D_kernel: bool = True) -> Expr:
    """Images (batch, channels, rows, columns) `ratio` times as large, on straight lines between pixels, ends repeated (Theano's).

    Pixel p of the result lies at (p - (ratio - 1) // 2) / ratio of the images. The last three arguments are Theano's and change
    nothing; for ratios that are not whole see `interpolate`.

    >>> import tensorviz as tv
    >>> bilinear_upsampling(tv.tensor4("x", shape=(1, 3, 4, 4)), 2).type.shape
    (1, 3, 8, 8)
    """
    x = as_expr(input)
    if frac_ratio is not None or ratio is None:
        raise ArgumentError("bilinear_upsampling takes a whole ratio", at=user_line(),
                            hint="interpolate(x, size=, mode='bilinear')")
    if x.ndim != 4:
        raise ShapeError(f"bilinear_upsampling takes images with 4 axes, not {x.type.text()}", at=user_line())
    x = x if is_float(x.dtype) else cast(x, "float64")
    ratio = steps_of(ratio, 1, "ratio")[0]
    for axis in (2, 3):
        x = _between(x, axis, (_places(lengths_now(x)[axis] * ratio) - (ratio - 1) // 2) / float(ratio))
    return x
