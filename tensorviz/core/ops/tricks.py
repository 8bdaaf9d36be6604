"""Words of NumPy's that make indices and arrays in short: r_, c_, s_, fromfunction, copyto, trim_zeros, sliding windows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, builder, strict
from .axes import expand_dims, transpose
from .checks import check
from .elementwise import cast, stored, where
from .grids import indices, range_of
from .joining import concatenate, ravel
from .lengths import INT, axes_of, filled, length_of, lengths, lengths_now, product, user_line
from .options import check_cast
from .shape import broadcast_to, reshape
from .sorting import sort

__all__ = ["c_", "copyto", "fromfunction", "mask_indices", "r_", "sliding_window_view", "sort_complex", "trim_zeros"]


# -- r_ and c_ -------------------------------------------------------------------------------------------------------------
class _Joined:
    """What `r_` and `c_` are: indexed by tensors, numbers and slices, which are joined along `axis`.

    Slices are ranges (with a step of n j, n values up to and with the end). A string in front, "axis,ndim,place", says along
    which axis, what number of axes each has at least, and where its own stand among them.
    """

    def __init__(self, name: str, axis: int, ndim: int, place: int) -> None:
        self.name, self.rule = name, (axis, ndim, place)

    def __getitem__(self, key: Any) -> Expr:
        keys = list(key) if isinstance(key, tuple) else [key]
        axis, ndim, place = self.rule
        if keys and isinstance(keys[0], str):
            axis, ndim, place = self._read(keys.pop(0))
        if not keys:
            raise ArgumentValueError(f"{self.name} joins one tensor or more", at=user_line())
        made = [range_of(k) if isinstance(k, slice) else k for k in keys]
        if any(isinstance(k, str) for k in made):
            raise ArgumentError(f"{self.name} takes a string in front alone", at=user_line())
        dtype = np.result_type(*(k if type(k) in (bool, int, float, complex) else as_expr(k).dtype for k in made))
        return concatenate([_placed(cast(as_expr(k), dtype), ndim, place, isinstance(s, slice))
                            for k, s in zip(made, keys, strict=True)], axis)

    def _read(self, text: str) -> tuple[int, int, int]:
        parts = text.split(",")
        try:
            found = [int(p) for p in parts]
        except ValueError:
            raise ArgumentValueError(f"{self.name} takes one to three numbers in front, not {text!r}", at=user_line(),
                                     hint="matrices of NumPy's own kind are not made: '0,2' stacks rows") from None
        if len(found) > 3:
            raise ArgumentValueError(f"{self.name} takes one to three numbers in front, not {text!r}", at=user_line())
        given = (*found, *self.rule[len(found):])
        return given[0], given[1], given[2]

    def __repr__(self) -> str:
        return self.name


def _placed(x: Expr, ndim: int, place: int, ranged: bool) -> Expr:
    """x with at least `ndim` axes, its own from `place` on (-1: at the end)."""
    more = ndim - x.ndim
    if more <= 0:
        return x
    own = x.ndim
    x = expand_dims(x, tuple(range(more)))
    if place == -1:
        return x
    if ranged:
        return BUILDERS["swapaxes"](x, -1, place)
    start = place + more + 1 if place < 0 else place
    axes = list(range(ndim))
    return transpose(x, axes[:start] + axes[more:] + axes[start:more]) if own else x


r_, c_ = _Joined("r_", 0, 1, -1), _Joined("c_", -1, 2, 0)


# -- made by functions -------------------------------------------------------------------------------------------------------
@strict
def fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """`function` of the indices of a tensor of `shape`, one argument of `dtype` for each axis.

    >>> fromfunction(lambda i, j: i + j, (2, 2)).eval()
    array([[0., 1.],
           [1., 2.]])
    """
    grid = indices(shape, as_dtype(dtype))
    return function(*(grid[k] for k in range(len(filled(*lengths(shape))))), **kwargs)


@strict
def mask_indices(n: Any, mask_func: Callable[..., Any], k: Any = 0) -> tuple[Expr, ...]:
    """The places that `mask_func` (`triu`, `tril`, ...) leaves in a matrix (n, n) of ones: int64 vectors, one for each axis.

    >>> import tensorviz as tv
    >>> [i.eval().tolist() for i in mask_indices(2, tv.triu)]
    [[0, 0, 1], [0, 1, 1]]
    """
    return BUILDERS["nonzero"](as_expr(mask_func(BUILDERS["ones"]((n, n), INT), k)))


@builder
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> Expr:
    """The tensor `dst` with the values of `src`, broadcast, where the mask `where` holds: a new tensor, unlike NumPy's function.

    DtypeError where the rule `casting` forbids to cast src to the dtype of dst.

    >>> copyto([1.0, 2.0], 7.0, where=[True, False]).eval()
    array([7., 2.])
    """
    dst = as_expr(dst)
    weak = type(src) in (bool, int, float, complex)
    check_cast(constant(0, np.result_type(dst.dtype, src)) if weak else as_expr(src), dst.dtype, casting)
    src = stored(src, dst.dtype)
    for v in (src, as_expr(where)):
        if v.ndim > dst.ndim:
            raise ShapeError(f"{v.type.text()} can't be broadcast to {dst.type.text()}", at=user_line())
    value = broadcast_to(src, lengths_now(dst))
    if where is True:
        return value
    return BUILDERS["where"](broadcast_to(cast(as_expr(where), bool), lengths_now(dst)), value, dst)


@builder
def sort_complex(a: Any) -> Expr:
    """The elements along the last axis as complex numbers, sorted by their real, then their imaginary parts.

    >>> sort_complex([2, 1]).eval()
    array([1.+0.j, 2.+0.j])
    """
    found = sort(as_expr(a))
    if found.dtype.kind == "c":
        return found
    return cast(found, np.complex64 if found.dtype.kind in "iu" and found.dtype.itemsize < 4 else np.complex128)


# -- parts of tensors --------------------------------------------------------------------------------------------------------
@builder
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Expr:
    """The tensor without the zeros at its front ("f") and back ("b"), along `axis` (None: all): a box around the rest.

    Its lengths follow from values, so that they are known only when it runs. Gradients flow to what stays.

    >>> trim_zeros([0, 0, 1, 0, 2, 0]).eval()
    array([1, 0, 2])
    """
    x = as_expr(filt)
    if not isinstance(trim, str) or trim.lower() not in ("fb", "bf", "f", "b"):
        raise ArgumentValueError(f"trim is 'f', 'b' or both, not {trim!r}", at=user_line())
    kept: list[slice] = [slice(None)] * x.ndim
    some = BUILDERS["not_equal"](x, 0)
    for a in axes_of(axis, x.ndim):
        found = BUILDERS["any"](some, axis=tuple(k for k in range(x.ndim) if k != a))
        n, places = length_of(x, a), BUILDERS["arange"](length_of(x, a))
        stop = BUILDERS["max"](where(found, places + 1, 0), initial=0)
        start = BUILDERS["minimum"](BUILDERS["min"](where(found, places, n), initial=n), stop)
        empty = BUILDERS["equal"](stop, 0)
        kept[a] = slice(start if "f" in trim.lower() else 0, stop if "b" in trim.lower() else where(empty, 0, n))
    return x[tuple(kept)]


@builder
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Expr:
    """All windows of `window_shape` (known) of x along `axis` (None: all axes), whose elements stand along new last axes.

    ShapeError for windows that are longer than their axis, when it runs if that is known only then. NumPy has it in
    `numpy.lib.stride_tricks`.

    >>> sliding_window_view([1, 2, 3, 4], 3).eval()
    array([[1, 2, 3],
           [2, 3, 4]])
    """
    x = as_expr(x)
    try:
        windows = [operator.index(n) for n in (window_shape if isinstance(window_shape, Sequence) else (window_shape,))]
    except TypeError:
        raise ArgumentError(f"the shape of windows is whole numbers, not {window_shape!r:.40}", at=user_line()) from None
    axes = [axes_of(a, x.ndim)[0] for a in (range(x.ndim) if axis is None else axis if isinstance(axis, Sequence) else (axis,))]
    if len(axes) != len(windows) or min(windows, default=0) < 0:
        raise ArgumentValueError(f"windows {tuple(windows)} are not one length of 0 or more for each of {len(axes)} axes",
                                 at=user_line())
    for a, w in zip(axes, windows, strict=True):
        n = length_of(x, a)
        if isinstance(n, int) and n < w:
            raise ShapeError(f"a window of {w} does not fit into an axis of length {n}", at=user_line())
        starts = BUILDERS["arange"](n - w + 1)
        if not isinstance(n, int):
            starts = check(starts, n >= w, message=f"a window of {w} does not fit into its axis", kind="ShapeError")
        at = expand_dims(starts, 1) + constant(np.arange(w))
        x = BUILDERS["moveaxis"](BUILDERS["take"](x, at, axis=a), a + 1, -1)
    return x


@builder
def _resized(a: Any, new_shape: Any) -> Expr:
    """The elements of `a` in C order in a new shape, zeros after them: what NumPy's method `resize` makes."""
    x = ravel(as_expr(a))
    now = filled(*lengths(new_shape))
    n, total = length_of(x, 0), product(now)
    more = BUILDERS["maximum"](total - n, 0) if isinstance(n, Expr) or isinstance(total, Expr) else max(total - n, 0)
    return reshape(concatenate([x, BUILDERS["zeros"]((more,), x.dtype)])[:total], now)
