"""Types of expressions: a dtype and the length of each axis, known or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import as_dtype, short
from .errors import ShapeError

if TYPE_CHECKING:
    from .expr import Expr

__all__ = ["Shape", "TensorType", "TupleType", "Type", "as_lengths", "broadcast_shapes", "mismatch", "shape_text"]

Shape = tuple[int | None, ...]


class Type:
    """Base of all types of expressions."""

    __slots__ = ()

    def __call__(self, name: str | None = None) -> Expr:
        """A new variable of this type."""
        from .expr import variable

        return variable(self, name)


@dataclass(frozen=True, slots=True)
class TensorType(Type):
    """A dense tensor: `dtype` and one length an axis, None where it is known only at run time.

    Booleans in place of lengths are Theano's `broadcastable`: True is an axis of length 1. Called, a type makes a variable.

    >>> TensorType("float32", (None, 3))
    TensorType(float32, (None, 3))
    >>> TensorType("float32", (False, True))("x").type
    TensorType(float32, (None, 1))
    """

    dtype: np.dtype[Any]
    shape: Shape = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", as_dtype(self.dtype))
        lengths = []
        for n in self.shape if isinstance(self.shape, tuple) else as_lengths(self.shape):
            if isinstance(n, bool):
                n = 1 if n else None
            if n is not None and (not isinstance(n, int | np.integer) or n < 0):
                raise ShapeError(f"a length is a whole number >= 0 or None, not {n!r}")
            lengths.append(None if n is None else int(n))
        object.__setattr__(self, "shape", tuple(lengths))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which axes are known to have length 1 (Theano's word)."""
        return tuple(n == 1 for n in self.shape)

    def accepts(self, other: Type) -> bool:
        """Whether every value of type `other` is one of this type."""
        return isinstance(other, TensorType) and other.dtype == self.dtype and other.ndim == self.ndim and all(
            n is None or n == m for n, m in zip(self.shape, other.shape, strict=True))

    def text(self) -> str:
        """``float32 (N, 3)``, as errors write it."""
        lengths = ["N" if n is None else str(n) for n in self.shape]
        inner = lengths[0] + "," if len(lengths) == 1 else ", ".join(lengths)
        return f"{self.dtype} ({inner})" if lengths else f"{self.dtype} scalar"

    def picture(self) -> str:
        """``f32 N×3``, as pictures write it."""
        return f"{short(self.dtype)} {'×'.join('N' if n is None else str(n) for n in self.shape) or 'scalar'}"

    def __repr__(self) -> str:
        return f"TensorType({self.dtype}, {self.shape})"


@dataclass(frozen=True, slots=True)
class TupleType(Type):
    """Several results of one node."""

    items: tuple[Type, ...]


def as_lengths(shape: Any) -> tuple[Any, ...]:
    """What a `shape=` says as a tuple, one number being one axis; ShapeError for what can't be a shape.

    >>> as_lengths(3), as_lengths([None, 2])
    ((3,), (None, 2))
    """
    if isinstance(shape, int | np.integer) and not isinstance(shape, bool):
        return (shape,)
    if not isinstance(shape, Iterable) or isinstance(shape, str | bytes):
        raise ShapeError(f"shape has one length an axis, it can't be {shape!r:.60}",
                         hint="shape=(None, 3): None where it is known only at run time")
    return tuple(shape)


_VERBS = {"add": "add", "subtract": "subtract", "multiply": "multiply", "true_divide": "divide"}


def mismatch(op: str, shapes: Sequence[Shape]) -> tuple[str, str]:
    """What is wrong with shapes that an elementwise op can't broadcast, and what may help.

    >>> mismatch("add", [(3, 4), (4, 3)])[0]
    'cannot add shapes (3, 4) and (4, 3)'
    """
    names = " and ".join(dict.fromkeys(map(shape_text, shapes)))
    what = f"cannot {_VERBS[op]} shapes {names}" if op in _VERBS else f"{op}: cannot broadcast shapes {names}"
    if len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0] == shapes[1][::-1]:
        return what, "transpose one of them with .T, or use @ for the matrix product"
    return what, "compared from the right, lengths must be equal or 1"


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that NumPy's broadcasting gives; an unknown length against a known one (not 1) is that one.

    >>> broadcast_shapes((None, 3), (4, 1))
    (4, 3)
    """
    ndim = max(map(len, shapes), default=0)
    result: list[int | None] = []
    for axis in range(ndim):
        known: int | None = 1
        unknown = False
        for shape in shapes:
            k = axis - ndim + len(shape)
            if k < 0:
                continue
            n = shape[k]
            if n is None:
                unknown = True
            elif n != 1:
                if known not in (1, n):
                    raise ShapeError(f"cannot broadcast shapes {' and '.join(map(shape_text, shapes))}")
                known = n
        result.append(None if unknown and known == 1 else known)
    return tuple(result)


def shape_text(shape: Shape) -> str:
    """``(N, 3)``: a shape as errors write it."""
    inner = ", ".join("N" if n is None else str(n) for n in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
