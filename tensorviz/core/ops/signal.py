"""Convolutions of signals: NumPy's `convolve` and `correlate`, SciPy's of one to three axes, and what lies beyond the borders."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder, strict
from .axes import expand_dims, squeeze, transpose
from .checks import check
from .convolution import convolve_nd
from .elementwise import cast
from .lengths import axes_of, lengths_now, user_line

__all__ = ["convolve", "convolve1d", "convolve2d", "correlate", "correlate2d", "fftconvolve", "signal_convolve",
           "signal_correlate"]

MODES = ("full", "same", "valid")


def _mode(mode: str) -> None:
    if mode not in MODES:
        raise ArgumentValueError(f"mode is 'full', 'same' or 'valid', not {mode!r}", at=user_line())


def _turned(v: Expr) -> Expr:
    return v[(slice(None, None, -1),) * v.ndim]


def _full(a: Expr, v: Expr, padding: Any = "full") -> Expr:
    """a correlated with v: every shift at which they meet, or those that `padding` allows."""
    made = convolve_nd(expand_dims(a, (0, 1)), expand_dims(v, (0, 1)), padding=padding)
    return squeeze(made, (0, 1))


def _nonempty(*arrays: Expr) -> None:
    for a in arrays:
        if 0 in a.type.shape:
            raise ShapeError(f"an empty signal can't be convolved: {a.type.text()}", at=user_line())


# -- NumPy's -------------------------------------------------------------------------------------------------------------
@builder
def convolve(a: Any, v: Any, mode: str = "full") -> Expr:
    """The convolution of two vectors, as NumPy's: "full" (n + k - 1 values), "same" (the longer length) or "valid".

    Raises ShapeError for empty vectors and for other ranks.

    >>> convolve([1.0, 2.0, 3.0], [0.0, 1.0, 0.5]).eval()
    array([0. , 1. , 2.5, 4. , 1.5])
    """
    return _one(a, v, mode, False)


@builder
def correlate(a: Any, v: Any, mode: str = "valid") -> Expr:
    """The sums of a[n + k] * conj(v[n]) over n for each shift k, as NumPy's; modes as those of `convolve`.

    >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5], "same").eval()
    array([2. , 3.5, 3. ])
    """
    v = as_expr(v)
    return _one(a, BUILDERS["conjugate"](v) if v.dtype.kind == "c" else v, mode, True)


def _one(a: Any, v: Any, mode: str, correlated: bool) -> Expr:
    a, v = as_expr(a), as_expr(v)
    if a.ndim > 1 or v.ndim > 1:
        raise ShapeError(f"vectors are convolved, not {a.type.text()} and {v.type.text()}", at=user_line(),
                         hint="tv.signal.convolve takes more axes")
    a, v = (expand_dims(x, 0) if x.ndim == 0 else x for x in (a, v))
    _mode(mode)
    _nonempty(a, v)
    if a.dtype == v.dtype == np.bool_:
        return BUILDERS["not_equal"](_one(cast(a, np.int64), cast(v, np.int64), mode, correlated), 0)
    (n,), (k,) = lengths_now(a), lengths_now(v)
    a, v = (x if isinstance(m, int) else check(x, m > 0, message=f"{name} cannot be empty", kind="ShapeError")
            for name, x, m in (("a", a, n), ("v", v, k)))
    kernel = v if correlated else _turned(v)
    if isinstance(n, int) and isinstance(k, int):
        if k <= n:
            left = k // 2
            return _full(a, kernel, {"full": "full", "valid": "valid", "same": ((left, k - left - 1),)}[mode])
        start = n // 2 if correlated else (n - 1) // 2
        return _part(_full(a, kernel), mode, n, k, start)
    short = BUILDERS["minimum"](n, k)
    start = (short - 1) // 2
    if correlated:
        start = BUILDERS["where"](BUILDERS["greater"](k, n), short // 2, start)
    return _part(_full(a, kernel), mode, short, BUILDERS["maximum"](n, k), start)


def _part(full: Expr, mode: str, short: Any, long: Any, start: Any) -> Expr:
    """Of all shifts those that a mode asks for."""
    if mode == "full":
        return full
    return full[short - 1:long] if mode == "valid" else full[start:start + long]


def _middle(n: Any, k: Any, late: int) -> tuple[slice, ...]:
    return tuple(slice((v - 1 + late) // 2, (v - 1 + late) // 2 + m) for v, m in zip(k, n, strict=True))


# -- SciPy's -------------------------------------------------------------------------------------------------------------
def _two(a: Any, b: Any, name: str) -> tuple[Expr, Expr]:
    a, b = as_expr(a), as_expr(b)
    if a.ndim != b.ndim:
        raise ShapeError(f"{name} takes two arrays of as many axes, not {a.type.text()} and {b.type.text()}", at=user_line())
    _nonempty(a, b)
    return a, b


def _many(a: Expr, b: Expr, mode: str, late: int = 0) -> Expr:
    """a correlated with b; "same" is the middle of all shifts, as large as a, `late` for an even number of taps."""
    _mode(mode)
    n, k = lengths_now(a), lengths_now(b)
    if not a.ndim:
        return a * b
    if mode == "full":
        return _full(a, b)
    if mode == "same":
        if all(isinstance(v, int) for v in k):
            return _full(a, b, tuple((v - 1 - (v - 1 + late) // 2, (v - 1 + late) // 2) for v in k))
        return _full(a, b)[_middle(n, k, late)]
    over = [m - v for m, v in zip(n, k, strict=True) if isinstance(m, int) and isinstance(v, int)]
    if any(d < 0 for d in over) and any(d > 0 for d in over):
        raise ShapeError("mode 'valid' needs one array at least as large as the other along every axis", at=user_line())
    if len(over) < len(n):          # whichever is the larger one along all axes when it runs: the middle of all shifts
        return _inside(a, b, n, k)
    return _turned(_full(b, a, "valid")) if any(d < 0 for d in over) else _full(a, b, "valid")


def _inside(a: Expr, b: Expr, n: tuple[Any, ...], k: tuple[Any, ...]) -> Expr:
    both, no_less, no_more = BUILDERS["logical_and"], BUILDERS["greater_equal"], BUILDERS["less_equal"]
    larger, smaller = (reduce(both, [sign(m, v) for m, v in zip(n, k, strict=True)]) for sign in (no_less, no_more))
    a = check(a, BUILDERS["logical_or"](larger, smaller), kind="ShapeError",
              message="mode 'valid' needs one array at least as large as the other along every axis")
    ends = [(BUILDERS["minimum"](m, v) - 1, BUILDERS["maximum"](m, v)) for m, v in zip(n, k, strict=True)]
    return _full(a, b)[tuple(slice(*pair) for pair in ends)]


@builder
def signal_convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Expr:
    """The convolution of two arrays of one to three axes, as SciPy's `signal.convolve`; "same" is as large as `in1`.

    "valid" takes fewer steps where lengths are known: else it is cut out of all shifts, since either array may be the larger.

    `method` is SciPy's and changes nothing: products are added up one by one, without transforms.

    >>> signal_convolve([1.0, 2.0, 3.0], [1.0, 1.0], "same").eval()
    array([1., 3., 5.])
    """
    a, b = _two(in1, in2, "convolve")
    if mode == "valid" and any(isinstance(m, int) and isinstance(v, int) and m < v
                               for m, v in zip(lengths_now(a), lengths_now(b), strict=True)):
        a, b = b, a
    return _many(a, _turned(b) if b.ndim else b, mode)


@builder
def convolve1d(in1: Any, in2: Any, mode: str = "full") -> Expr:
    """PyTensor's convolution along the last axis, with modes as `signal.convolve` has them; axes in front broadcast.

    Raises ShapeError for scalars.

    >>> convolve1d([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).eval()
    array([[1., 3., 2.],
           [3., 7., 4.]])
    """
    a, b = as_expr(in1), as_expr(in2)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"convolve1d takes vectors, or stacks of them, not {a.type.text()} and {b.type.text()}", at=user_line())
    if a.ndim == b.ndim == 1:
        return signal_convolve(a, b, mode)
    _mode(mode)
    return BUILDERS["vectorize"](lambda x, y: signal_convolve(x, y, mode), "(n),(k)->(m)")(a, b)


@builder
def signal_correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Expr:
    """The cross-correlation of two arrays of one to three axes, as SciPy's `signal.correlate`: in2 is conjugated.

    >>> signal_correlate([1.0, 2.0, 3.0], [1.0, 0.0], "full").eval()
    array([0., 1., 2., 3.])
    """
    a, b = _two(in1, in2, "correlate")
    return _many(a, BUILDERS["conjugate"](b) if b.dtype.kind == "c" else b, mode)


@strict
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Expr:
    """`signal.convolve` under SciPy's other name: the same values, of whole numbers and booleans in float64.

    Along `axes` (None: all) of two tensors of as many axes; the others broadcast.

    >>> fftconvolve([1.0, 2.0], [1.0, 1.0]).eval()
    array([1., 3., 2.])
    """
    a, b = (cast(v, np.float64) if v.dtype.kind in "biu" else v for v in map(as_expr, (in1, in2)))
    if axes is None or a.ndim != b.ndim or not a.ndim:
        return signal_convolve(a, b, mode)
    chosen = axes_of(axes, a.ndim)
    if not chosen:
        raise ArgumentValueError("fftconvolve takes one axis or more", at=user_line())
    order = (*(k for k in range(a.ndim) if k not in chosen), *chosen)
    _mode(mode)
    n, k, m = (",".join(f"{letter}{j}" for j in chosen) for letter in "nkm")
    made = BUILDERS["vectorize"](lambda x, y: signal_convolve(x, y, mode), f"({n}),({k})->({m})")(transpose(a, order),
                                                                                                 transpose(b, order))
    return transpose(made, tuple(sorted(range(a.ndim), key=order.__getitem__)))


BOUNDARIES = ("fill", "wrap", "symm", "symmetric")


def _bordered(a: Expr, k: tuple[Any, ...], boundary: str, fillvalue: Any) -> Expr:
    """a with k - 1 more elements on all sides: `fillvalue`, the other end, or the mirrored one."""
    for axis, taps in enumerate(k):
        n, over = lengths_now(a)[axis], taps - 1
        places = BUILDERS["arange"](n + 2 * over) - over
        head = (slice(None),) * axis
        if boundary == "wrap":
            a = a[(*head, places % n)]
        elif boundary == "fill":
            inside = BUILDERS["logical_and"](BUILDERS["greater_equal"](places, 0), BUILDERS["less"](places, n))
            mask = expand_dims(inside, tuple(range(1, a.ndim - axis)))
            a = BUILDERS["where"](mask, a[(*head, BUILDERS["clip"](places, 0, n - 1))], fillvalue)
        else:
            turn = places % (2 * n)
            a = a[(*head, BUILDERS["where"](BUILDERS["less"](turn, n), turn, 2 * n - 1 - turn))]
    return a


def _plane(in1: Any, in2: Any, mode: str, boundary: str, fillvalue: Any, name: str, correlated: bool) -> Expr:
    a, b = _two(in1, in2, name)
    _mode(mode)
    if a.ndim != 2:
        raise ShapeError(f"{name} takes two matrices, not {a.type.text()}", at=user_line())
    if boundary not in BOUNDARIES:
        raise ArgumentValueError(f"boundary is one of {', '.join(BOUNDARIES[:3])}, not {boundary!r}", at=user_line())
    if correlated and b.dtype.kind == "c":
        b = BUILDERS["conjugate"](b)
    swapped = mode == "valid" and any(isinstance(m, int) and isinstance(v, int) and m < v
                                      for m, v in zip(lengths_now(a), lengths_now(b), strict=True))
    zeros = boundary == "fill" and np.ndim(fillvalue) == 0 and not isinstance(fillvalue, Expr) and fillvalue == 0
    if mode == "valid" or zeros:
        if swapped and not correlated:
            a, b = b, a
        return _many(a, b if correlated else _turned(b), mode, int(correlated))
    n, k = lengths_now(a), lengths_now(b)
    full = _full(_bordered(a, k, boundary, fillvalue), b if correlated else _turned(b), "valid")
    if mode == "full":
        return full
    return full[_middle(n, k, int(correlated))]      # as in SciPy that of correlate2d begins later if it can't be in the middle


@builder
def convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Expr:
    """The convolution of two matrices, as SciPy's; beyond the borders stands `fillvalue`, the other end ("wrap") or a mirror
    ("symm").

    >>> import tensorviz as tv
    >>> convolve2d(tv.matrix("a", shape=(5, 6)), tv.matrix("b", shape=(3, 3)), "same", "symm").type.shape
    (5, 6)
    """
    return _plane(in1, in2, mode, boundary, fillvalue, "convolve2d", False)


@builder
def correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Expr:
    """The cross-correlation of two matrices, as SciPy's `signal.correlate2d`; see `convolve2d`.

    >>> import tensorviz as tv
    >>> correlate2d(tv.matrix("a", shape=(5, 6)), tv.matrix("b", shape=(3, 3))).type.shape
    (7, 8)
    """
    return _plane(in1, in2, mode, boundary, fillvalue, "correlate2d", True)
