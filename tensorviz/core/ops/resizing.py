"""Images made larger or smaller, in torch's modes and in Theano's words: elements at places between elements."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import expand_dims, moveaxis
from .elementwise import cast, where
from .lengths import Length, lengths_now, user_line
from .linalg import tensordot
from .picks import reduced_parts
from .torch_words import torch_words
from .windows import steps_of

__all__ = ["bilinear_upsampling", "cubic_weights", "interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
clip: Callable[..., Expr] = BUILDERS["clip"]
floor: Callable[..., Expr] = BUILDERS["floor"]


# -- along one axis ----------------------------------------------------------------------------------------------------
def _float_length(n: Any) -> Any:
    return float(n) if isinstance(n, int) else cast(n, "float64")


def _ratio(a: Any, b: Any) -> Any:
    return a / b if isinstance(a, int) and isinstance(b, int) else _float_length(a) / _float_length(b)


def _taken(x: Expr, axis: int, at: Expr) -> Expr:
    return x[(*(slice(None),) * axis, at)]


def _along(x: Expr, axis: int, v: Expr) -> Expr:
    """Numbers for the places along an axis, of x's dtype and broadcasting to x."""
    return expand_dims(cast(v, x.dtype), tuple(range(1, x.ndim - axis)))


def _between(x: Expr, axis: int, at: Expr) -> Expr:
    """x at the places `at` along an axis, on straight lines between elements; beyond the ends the last one."""
    last = lengths_now(x)[axis] - 1
    at = clip(at, 0.0, _float_length(last))
    low = cast(floor(at), "int64")
    high = BUILDERS["minimum"](low + 1, last)
    part = _along(x, axis, at - low)
    return _taken(x, axis, low) * (1 - part) + _taken(x, axis, high) * part


def cubic_weights(part: Expr) -> list[Expr]:
    """What the four elements around count in cubic convolution, `part` being how far it is from the second to the third.

    With a = -3/4 as in torch and OpenCV (Keys, Cubic convolution interpolation for digital image processing, 1981).
    """
    return [_cubic(d, -0.75, k in (1, 2)) for k, d in enumerate((1 + part, part, 1 - part, 2 - part))]


def _cubic(d: Expr, a: float, near: bool) -> Expr:
    if near:
        return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    return ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a


def _cubically(x: Expr, axis: int, at: Expr) -> Expr:
    low = floor(at)
    weights, last = cubic_weights(at - low), lengths_now(x)[axis] - 1
    low = cast(low, "int64")
    terms = [_taken(x, axis, clip(low + (k - 1), 0, last)) * _along(x, axis, w) for k, w in enumerate(weights)]
    return terms[0] + terms[1] + terms[2] + terms[3]


def _smoothly(x: Expr, axis: int, to: Any, step: Any, cubic: bool) -> Expr:
    """x weighted by a triangle or a cubic as wide as a new element, at least as two or four old ones (as Pillow has it)."""
    n = lengths_now(x)[axis]
    wide = max(step, 1.0) if isinstance(step, float) else BUILDERS["maximum"](step, 1.0)
    centre = expand_dims((BUILDERS["arange"](to) + 0.5) * step, 1)
    place = BUILDERS["arange"](n) + 0.5
    support = (2.0 if cubic else 1.0) * wide
    first, end = floor(centre - support + 0.5), floor(centre + support + 0.5)
    d = BUILDERS["absolute"]((place - centre) / wide)
    if cubic:
        w = where(BUILDERS["less"](d, 1.0), _cubic(d, -0.5, True), where(BUILDERS["less"](d, 2.0), _cubic(d, -0.5, False), 0.0))
    else:
        w = BUILDERS["maximum"](1.0 - d, 0.0)
    j = place - 0.5
    w = where(BUILDERS["logical_and"](BUILDERS["greater_equal"](j, first), BUILDERS["less"](j, end)), w, 0.0)
    w = cast(w / w.sum(axis=1, keepdims=True), x.dtype)
    return moveaxis(tensordot(x, w, ((axis,), (1,))), -1, axis)


def _resized(x: Expr, axis: int, to: Any, step: Any, mode: str, align_corners: bool) -> Expr:
    n = lengths_now(x)[axis]
    places = BUILDERS["arange"](to)
    if mode in ("nearest", "nearest-exact"):
        whole = cast(floor((places if mode == "nearest" else places + 0.5) * step), "int64")
        return _taken(x, axis, BUILDERS["minimum"](whole, n - 1))
    if align_corners:
        gaps = max(to - 1, 1) if isinstance(to, int) else BUILDERS["maximum"](to - 1, 1)
        at = places * _ratio(n - 1, gaps)
    else:
        at = (places + 0.5) * step - 0.5
    return (_cubically if mode == "bicubic" else _between)(x, axis, at)


# -- torch's -----------------------------------------------------------------------------------------------------------
@torch_words()
def interpolate(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                recompute_scale_factor: bool | None = None, antialias: bool = False) -> Expr:
    """x (batch, channels, *positions) in another size, as torch's `interpolate` makes it.

    Give `size` (a number or one an axis) or `scale_factor`. `mode`: "nearest"; "nearest-exact", from the centres of pixels;
    "linear", "bilinear" or "trilinear" for one, two, three axes; "bicubic" for two; "area": means of parts. Pixels are squares,
    ends are repeated; with `align_corners` the corners' centres stay. `recompute_scale_factor` takes the ratio of lengths in the
    place of a factor. `antialias`, of "bilinear" and "bicubic", weighs all that a smaller image's pixel covers.

    >>> import tensorviz as tv
    >>> interpolate(tv.tensor4("x", shape=(1, 3, 4, 4)), scale_factor=2, mode="bilinear").type.shape
    (1, 3, 8, 8)
    """
    x = as_expr(x)
    d, nearest = x.ndim - 2, mode in ("nearest", "nearest-exact")
    if not (nearest or mode == "area" or mode == LINEAR.get(d) or (mode == "bicubic" and d == 2)):
        raise ArgumentError(f"mode {mode!r} does not go with {d} axes of positions", at=user_line())
    if align_corners and (nearest or mode == "area"):
        raise ArgumentValueError(f"align_corners does not go with mode {mode!r}", at=user_line())
    if antialias and (mode not in ("bilinear", "bicubic") or align_corners):
        raise ArgumentValueError("antialias goes with the modes bilinear and bicubic, without align_corners", at=user_line())
    x = x if is_float(x.dtype) or nearest else cast(x, "float64")
    for axis, (to, step) in enumerate(_targets(x, d, size, scale_factor, bool(recompute_scale_factor)), 2):
        if mode == "area":
            x = reduced_parts(x, (to, *(None,) * (x.ndim - axis - 1)), False)
        elif antialias:
            x = _smoothly(x, axis, to, step, mode == "bicubic")
        else:
            x = _resized(x, axis, to, step, mode, bool(align_corners))
    return x


def _targets(x: Expr, d: int, size: Any, factor: Any, recompute: bool) -> list[tuple[Any, Any]]:
    """The new length of each axis, and how far its elements are apart."""
    if (size is None) == (factor is None):
        raise ArgumentError("give size or scale_factor", at=user_line())
    given = factor if size is None else size
    wanted = tuple(given) if isinstance(given, tuple | list) else (given,) * d
    if len(wanted) != d:
        raise ArgumentError(f"{d} sizes or factors are needed, not {len(wanted)}", at=user_line())
    if any(isinstance(v, int | float) and v <= 0 for v in wanted):
        raise ArgumentValueError(f"sizes and factors are above 0, not {given}", at=user_line())
    found: list[tuple[Any, Any]] = []
    for n, want in zip(lengths_now(x)[2:], wanted, strict=True):
        to: Length = want
        if size is None:
            part = Fraction(want).limit_denominator(1 << 20)
            to = n * part.numerator // part.denominator
        if isinstance(to, int) and to < 1:
            raise ShapeError(f"an axis of {n} times {want} is empty", at=user_line())
        found.append((to, 1.0 / want if size is None and not recompute else _ratio(n, to)))
    return found


@torch_words()
def upsample(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
             align_corners: bool | None = None) -> Expr:
    """torch's older name of `interpolate`.

    >>> import tensorviz as tv
    >>> upsample(tv.tensor3("x", shape=(1, 3, 4)), scale_factor=3).type.shape
    (1, 3, 12)
    """
    return interpolate(x, size, scale_factor, mode, align_corners)


@torch_words()
def upsample_nearest(x: Any, size: Any = None, scale_factor: Any = None) -> Expr:
    """`interpolate` in mode "nearest".

    >>> upsample_nearest([[[1.0, 2.0]]], scale_factor=2).eval()
    array([[[1., 1., 2., 2.]]])
    """
    return interpolate(x, size, scale_factor)


@torch_words()
def upsample_bilinear(x: Any, size: Any = None, scale_factor: Any = None) -> Expr:
    """`interpolate` of images in mode "bilinear", with corners that stay.

    >>> upsample_bilinear([[[[0.0, 3.0]]]], size=(1, 4)).eval()
    array([[[[0., 1., 2., 3.]]]])
    """
    return interpolate(x, size, scale_factor, "bilinear", True)


# -- Theano's ----------------------------------------------------------------------------------------------------------
@strict
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
        x = _between(x, axis, (BUILDERS["arange"](lengths_now(x)[axis] * ratio) - (ratio - 1) // 2) / float(ratio))
    return x
