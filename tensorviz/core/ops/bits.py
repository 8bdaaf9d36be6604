"""Truths as the bits of bytes and back: NumPy's packbits and unpackbits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, builder
from .elementwise import cast
from .joining import concatenate, ravel
from .lengths import axis_of, length_of, lengths_now, user_line, whole
from .shape import reshape

__all__ = ["packbits", "unpackbits"]

BYTE = np.dtype(np.uint8)


def _shifts(bitorder: str) -> Expr:
    if bitorder not in ("big", "little"):
        raise ArgumentValueError(f"bitorder is 'big' or 'little', not {bitorder!r}", at=user_line())
    return constant(np.arange(8, dtype=BYTE)[:: -1 if bitorder == "big" else 1])


def _last(a: Expr, axis: int | None) -> tuple[Expr, int]:
    """a with `axis` moved to the end (all in C order if None), and where it came from."""
    if axis is None or not a.ndim:
        return ravel(a), 0
    axis = axis_of(axis, a.ndim)
    return BUILDERS["moveaxis"](a, axis, -1), axis


@builder
def packbits(a: Any, axis: int | None = None, bitorder: str = "big") -> Expr:
    """The truths of a (not 0) along `axis` (None: all in C order) as the bits of uint8, eight each, with zeros at the end.

    The first is the highest bit, or the lowest if `bitorder` is "little". DtypeError for floats.

    >>> packbits([1, 0, 1]).eval()
    array([160], dtype=uint8)
    """
    a = as_expr(a)
    if a.dtype.kind not in "biu":
        raise DtypeError(f"packbits takes booleans or whole numbers, not {a.dtype}", at=user_line(), hint="a != 0 is boolean")
    x, axis = _last(BUILDERS["not_equal"](a, 0) if a.dtype.kind != "b" else a, axis)
    *lead, n = lengths_now(x)
    count = (n + 7) // 8
    x = concatenate([x, BUILDERS["zeros"]((*lead, count * 8 - n), "bool")], axis=-1)
    eight = cast(reshape(x, (*lead, count, 8)), BYTE)
    made = BUILDERS["sum"](BUILDERS["left_shift"](eight, _shifts(bitorder)), axis=-1, dtype=BYTE)
    return BUILDERS["moveaxis"](made, -1, axis)


@builder
def unpackbits(a: Any, axis: int | None = None, count: Any = None, bitorder: str = "big") -> Expr:
    """The bits of the bytes of a (uint8) along `axis` (None: of all in C order), as zeros and ones of uint8.

    `count` of them: fewer, or more with zeros at the end; a negative one leaves out as many at the end.

    >>> unpackbits(np.array([160], "uint8"), count=3).eval()
    array([1, 0, 1], dtype=uint8)
    """
    a = as_expr(a)
    if a.dtype != BYTE:
        raise DtypeError(f"unpackbits takes uint8, not {a.dtype}", at=user_line(), hint="a.astype('uint8')")
    x, axis = _last(a, axis)
    shifted = BUILDERS["right_shift"](BUILDERS["expand_dims"](x, -1), _shifts(bitorder))
    *lead, n = lengths_now(x)
    made = reshape(BUILDERS["bitwise_and"](shifted, constant(1, BYTE)), (*lead, n * 8))
    if count is not None:
        made = _counted(made, count)
    return BUILDERS["moveaxis"](made, -1, axis)


def _counted(x: Expr, count: Any) -> Expr:
    """The first `count` elements along the last axis, or all but the last -count."""
    count = whole(count, "count is a whole number")
    n = length_of(x, x.ndim - 1)
    if count < 0 and isinstance(n, int) and -count > n:
        raise ArgumentValueError(f"count is at least {-n} for {n} bits, not {count}", at=user_line())
    if count <= 0:
        return x[..., :count]
    if isinstance(n, int) and count <= n:
        return x[..., :count]
    more = BUILDERS["zeros"]((*lengths_now(x)[:-1], count), BYTE)
    return concatenate([x, more], axis=-1)[..., :count]
