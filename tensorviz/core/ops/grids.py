"""Index grids and index arithmetic: meshgrid, mgrid, indices, triangles' and diagonals' places, flat places and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, is_constant, value_of
from ..op import BUILDERS, builder
from .axes import expand_dims
from .checks import check
from .create import arange
from .elementwise import BOOL, cast
from .lengths import INT, Length, filled, length_of, lengths, offset_of, product, user_line
from .shape import broadcast_to
from .spaces import linspace

__all__ = ["diag_indices", "diag_indices_from", "indices", "ix_", "meshgrid", "mgrid", "ogrid", "ravel_multi_index",
           "tril_indices", "tril_indices_from", "triu_indices", "triu_indices_from", "unravel_index", "vander"]


def _open(vectors: Sequence[Expr]) -> list[Expr]:
    """Each vector along an axis of its own."""
    n = len(vectors)
    return [expand_dims(v, tuple(j for j in range(n) if j != k)) for k, v in enumerate(vectors)]


def _filled(grids: Sequence[Expr], shape: Sequence[Length]) -> list[Expr]:
    return [broadcast_to(g, tuple(shape)) for g in grids]


# -- grids -------------------------------------------------------------------------------------------------------------
@builder
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Expr, ...]:
    """Coordinates of a grid: for each vector (or number) a tensor that varies along the axis of its own; `indexing` "xy" has the
    first two axes exchanged, "ij" has them in order; `sparse` ones have length 1 along the others.

    >>> x, y = meshgrid([1, 2, 3], [10, 20])
    >>> y.eval()
    array([[10, 10, 10],
           [20, 20, 20]])
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}", at=user_line())
    vectors = [BUILDERS["flatten"](v) for v in map(as_expr, xi)]
    if indexing == "xy" and len(vectors) > 1:
        vectors[:2] = vectors[1::-1]
    grids = _open(vectors)
    if not sparse:
        grids = _filled(grids, [length_of(v, 0) for v in vectors])
    if indexing == "xy" and len(vectors) > 1:
        grids[:2] = grids[1::-1]
    return tuple(grids)


class _Grid:
    """What `mgrid` and `ogrid` are: indexed by slices, whose ends may be expressions."""

    def __init__(self, sparse: bool) -> None:
        self.sparse = sparse

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        vectors = [range_of(k) for k in keys]
        dtype = np.result_type(*(v.dtype for v in vectors))
        vectors = [cast(v, dtype) for v in vectors]
        if not isinstance(key, tuple):
            return vectors[0]
        grids = _open(vectors)
        if self.sparse:
            return tuple(grids)
        return BUILDERS["stack"](_filled(grids, [length_of(v, 0) for v in vectors]))

    def __repr__(self) -> str:
        return "ogrid" if self.sparse else "mgrid"


def range_of(k: Any) -> Expr:
    """A slice as a vector: `arange`, or `linspace` if its step is complex."""
    if not isinstance(k, slice):
        raise ArgumentError(f"a grid is indexed by slices, not {k!r}", at=user_line(), hint="tv.mgrid[0:5, 0:3]")
    start, step = 0 if k.start is None else k.start, 1 if k.step is None else k.step
    if isinstance(step, complex):
        made = linspace(start, k.stop, int(abs(step)))
        return made
    return arange(start, k.stop, step)


mgrid = _Grid(sparse=False)
ogrid = _Grid(sparse=True)


@builder
def indices(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Any:
    """The place of each element of a tensor of shape `dimensions`: its coordinates, stacked, or as a tuple if `sparse`.

    >>> indices((2, 3)).type.shape
    (2, 2, 3)
    """
    now = filled(*lengths(dimensions))
    grids = _open([cast(arange(n), as_dtype(dtype)) for n in now])
    if sparse:
        return tuple(grids)
    if not grids:
        return BUILDERS["zeros"]((0,), as_dtype(dtype))
    return BUILDERS["stack"](_filled(grids, now))


@builder
def ix_(*args: Any) -> tuple[Expr, ...]:
    """Vectors of indices, each along an axis of its own, so that x[ix_(i, j)] is the part with the rows i and the columns j.

    >>> import tensorviz as tv
    >>> tv.matrix("x", shape=(4, 5))[ix_([0, 2], [1, 3, 4])].type.shape
    (2, 3)
    """
    vectors = []
    for v in args:
        v = constant(np.zeros(0, INT)) if isinstance(v, list | tuple) and not v else as_expr(v)
        if v.ndim != 1:
            raise ShapeError(f"ix_ takes vectors, not {v.type.text()}", at=user_line())
        if v.dtype == BOOL:
            v = constant(np.flatnonzero(value_of(v)), INT) if is_constant(v) else BUILDERS["nonzero"](v)[0]
        vectors.append(v)
    return tuple(_open(vectors))


# -- triangles and diagonals -------------------------------------------------------------------------------------------
def _triangle(n: Any, k: Any, m: Any, upper: bool) -> tuple[Expr, Expr]:
    static, extra = lengths((n, n if m is None else m))
    k = offset_of(k)
    if not extra and isinstance(k, int):
        rows, columns = (np.triu_indices if upper else np.tril_indices)(static[0], k, static[1])    # type: ignore[arg-type]
        return constant(rows, INT), constant(columns, INT)
    below = BUILDERS["tri"](*filled(static, extra), k=k - 1 if upper else k, dtype="bool")
    return BUILDERS["nonzero"](~below if upper else below)


@builder
def tril_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Expr, Expr]:
    """Rows and columns of the elements on and below the diagonal number k of an (n, m) matrix; n and m may be expressions.

    >>> [i.eval() for i in tril_indices(2)]
    [array([0, 1, 1]), array([0, 0, 1])]
    """
    return _triangle(n, k, m, upper=False)


@builder
def triu_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Expr, Expr]:
    """Rows and columns of the elements on and above the diagonal number k of an (n, m) matrix; n and m may be expressions.

    >>> [i.eval() for i in triu_indices(2)]
    [array([0, 0, 1]), array([0, 1, 1])]
    """
    return _triangle(n, k, m, upper=True)


def _matrix(arr: Any, name: str) -> tuple[Length, Length]:
    x = as_expr(arr)
    if x.ndim != 2:
        raise ShapeError(f"{name} takes a matrix, not {x.type.text()}", at=user_line())
    return length_of(x, 0), length_of(x, 1)


@builder
def tril_indices_from(arr: Any, k: int = 0) -> tuple[Expr, Expr]:
    """`tril_indices` for a matrix of the shape of `arr`.

    >>> len(tril_indices_from([[1, 2], [3, 4]])[0])
    3
    """
    n, m = _matrix(arr, "tril_indices_from")
    return tril_indices(n, k, m)


@builder
def triu_indices_from(arr: Any, k: int = 0) -> tuple[Expr, Expr]:
    """`triu_indices` for a matrix of the shape of `arr`.

    >>> len(triu_indices_from([[1, 2], [3, 4]], 1)[0])
    1
    """
    n, m = _matrix(arr, "triu_indices_from")
    return triu_indices(n, k, m)


@builder
def diag_indices(n: Any, ndim: int = 2) -> tuple[Expr, ...]:
    """The indices of the main diagonal of a tensor with `ndim` axes of length n.

    >>> import tensorviz as tv
    >>> tv.matrix("x", shape=(3, 3))[diag_indices(3)].type.shape
    (3,)
    """
    return (arange(n),) * ndim


@builder
def diag_indices_from(arr: Any) -> tuple[Expr, ...]:
    """`diag_indices` for a tensor of two axes or more with equal lengths.

    >>> len(diag_indices_from([[1, 2], [3, 4]]))
    2
    """
    x = as_expr(arr)
    if x.ndim < 2 or len({n for n in x.type.shape if n is not None}) > 1:
        raise ShapeError(f"diag_indices_from takes two axes or more of equal lengths, not {x.type.text()}", at=user_line())
    return diag_indices(length_of(x, 0), x.ndim)


# -- flat places -------------------------------------------------------------------------------------------------------
def _whole(i: Any, name: str) -> Expr:
    i = as_expr(i)
    if i.dtype.kind not in "iu":
        raise DtypeError(f"{name} takes whole numbers, not {i.type.text()}", at=user_line())
    return cast(i, INT)


def _inside(i: Expr, n: Length, name: str) -> Expr:
    fits = BUILDERS["logical_and"](BUILDERS["greater_equal"](i, 0), BUILDERS["less"](i, n))
    return check(i, fits, message=f"{name}: an index is out of bounds of the shape", kind="BoundsError")


def _checked_order(order: str, name: str) -> None:
    if order not in ("C", "F"):
        raise ArgumentValueError(f"{name}: order is 'C' or 'F', not {order!r}", at=user_line())


def _lengths_of_all(shape: Any, name: str) -> tuple[Length, ...]:
    now = filled(*lengths(shape))
    if any(isinstance(n, int) and n < 0 for n in now):
        raise ShapeError(f"{name} takes the lengths of a tensor, none of them below 0, not {shape!r:.60}", at=user_line())
    return now


@builder
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Expr, ...]:
    """The coordinates, an array for each axis of `shape`, of elements given by their places in C (or Fortran) order.

    Raises BoundsError when it runs for places outside the shape.

    >>> [i.eval() for i in unravel_index([5, 1], (2, 3))]
    [array([1, 0]), array([2, 1])]
    """
    _checked_order(order, "unravel_index")
    now = _lengths_of_all(shape, "unravel_index")
    i = _inside(_whole(indices, "unravel_index"), product(now), "unravel_index")
    found: list[Expr] = []
    for n in reversed(now) if order == "C" else now:
        found.append(i if len(found) == len(now) - 1 else BUILDERS["remainder"](i, n))
        i = BUILDERS["floor_divide"](i, n)
    return tuple(reversed(found) if order == "C" else found)


@builder
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Expr:
    """The places in C (or Fortran) order of elements of a tensor of shape `dims` given by coordinates, an array for each axis.

    `mode` (one, or one for each axis): "raise" BoundsError for coordinates outside (negative ones too), "clip", "wrap".

    >>> ravel_multi_index(([1, 0], [2, 1]), (2, 3)).eval()
    array([5, 1])
    """
    _checked_order(order, "ravel_multi_index")
    now = _lengths_of_all(dims, "ravel_multi_index")
    given = [_whole(i, "ravel_multi_index") for i in multi_index]
    modes = [mode] * len(now) if isinstance(mode, str) else list(mode)
    if len(given) != len(now) or len(modes) != len(now):
        raise ArgumentError(f"ravel_multi_index takes an array and a mode for each of {len(now)} axes", at=user_line())
    flat: Any = None
    pairs = list(zip(given, now, modes, strict=True))
    for i, n, how in pairs if order == "C" else reversed(pairs):
        if how == "raise":
            i = _inside(i, n, "ravel_multi_index")
        elif how == "wrap":
            i = BUILDERS["remainder"](i, n)
        elif how == "clip":
            i = BUILDERS["minimum"](BUILDERS["maximum"](i, 0), n - 1)
        else:
            raise ArgumentValueError(f"ravel_multi_index: mode is 'raise', 'clip' or 'wrap', not {how!r}", at=user_line())
        flat = i if flat is None else flat * n + i
    return as_expr(flat)


@builder
def vander(x: Any, N: Any = None, increasing: bool = False) -> Expr:
    """The Vandermonde matrix of the vector x: its powers 0 to N - 1 (None: its length) as columns, falling unless `increasing`.

    >>> vander([1, 2, 3]).eval()
    array([[1, 1, 1],
           [4, 2, 1],
           [9, 3, 1]])
    """
    x = as_expr(x)
    if x.ndim != 1:
        raise ShapeError(f"vander takes a vector, not {x.type.text()}", at=user_line())
    x = cast(x, np.promote_types(x.dtype, INT))
    n = length_of(x, 0)
    (count,) = filled(*lengths((n if N is None else N,)))
    column = expand_dims(x, 1)
    if isinstance(count, int) and count < 2:
        return BUILDERS["ones"]((n, count), x.dtype)
    rest = broadcast_to(column, (n, count - 1))
    powers = BUILDERS["cumprod"](BUILDERS["concatenate"]([BUILDERS["ones_like"](column), rest], 1), axis=1)
    return powers if increasing else BUILDERS["flip"](powers, 1)
