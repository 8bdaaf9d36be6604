"""The dtypes of tensors and how they combine: NumPy 2's rules, Python scalars being weak."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from .errors import DtypeError

__all__ = ["DTYPES", "as_dtype", "is_float", "refuse_masked", "resolve", "short"]

DTYPES: tuple[np.dtype[Any], ...] = tuple(np.dtype(n) for n in (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128"))
_KNOWN = frozenset(DTYPES)


@lru_cache(256)
def _named(name: Any) -> np.dtype[Any]:
    try:
        dtype: np.dtype[Any] = np.dtype(name).newbyteorder("=")
    except TypeError as error:
        raise DtypeError(f"{name!r} is not a dtype", hint="use a name such as 'float32'") from error
    if dtype not in _KNOWN:
        raise DtypeError(f"dtype {dtype} is not one that tensors can have",
                         hint="tensors are bool, int8 to int64, uint8 to uint64, float16 to float64, complex64 or complex128")
    return dtype


def as_dtype(name: Any) -> np.dtype[Any]:
    """The NumPy dtype (native byte order) for a name or a dtype; raises DtypeError for what tensors can't hold.

    >>> as_dtype("float32")
    dtype('float32')
    """
    if name is None:
        raise DtypeError("None is not a dtype", hint="use a name such as 'float32'")
    try:
        return _named(name)
    except DtypeError:
        raise
    except TypeError:                                               # it has no hash
        raise DtypeError(f"{name!r:.60} is not a dtype", hint="use a name such as 'float32'") from None


def refuse_masked(value: Any, at: Iterable[str] = ()) -> None:
    """Raise DtypeError for NumPy's masked arrays: a tensor has no mask, and their data behind it would be taken for values."""
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray and hasattr(value, "_mask"):
        raise DtypeError("a masked array is no tensor: its mask would be lost", at=at,
                         hint="value.filled(0.0) puts a number where it is masked; give the mask as an input of its own")


def is_float(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is real or complex floating point, so that gradients exist."""
    return dtype.kind in "fc"


def short(dtype: np.dtype[Any]) -> str:
    """The short name used in pictures: ``f32``, ``i64``, ``bool``."""
    return "bool" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize * 8}"


@lru_cache(4096)
def resolve(ufunc: np.ufunc, kinds: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    """The loop dtypes (arguments, then results) that a NumPy ufunc takes for `kinds`.

    A kind is a dtype, or the Python type `int`, `float` or `complex` of a weak scalar.

    >>> resolve(np.add, (np.dtype("float32"), float))
    (dtype('float32'), dtype('float32'), dtype('float32'))
    """
    try:
        return tuple(ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout)))
    except TypeError as error:
        names = ", ".join(k.__name__ if isinstance(k, type) else str(k) for k in kinds)
        raise DtypeError(f"{ufunc.__name__} does not take {names}") from error
