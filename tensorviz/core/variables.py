"""Constructors of variables by Theano's names, `vector("x")`, `fmatrix("w")`, `dscalars("a b")`; `tensor(...)` makes any type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .config import config
from .dtypes import as_dtype
from .errors import ArgumentError, ShapeError
from .expr import Expr, variable
from .op import strict
from .types import Shape, TensorType, as_lengths

__all__ = [
    "bcol", "bcols", "bmatrices", "bmatrix", "brow", "brows", "bscalar", "bscalars", "btensor3",
    "btensor3s", "btensor4", "btensor4s", "btensor5", "btensor5s", "btensor6", "btensor6s", "btensor7", "btensor7s",
    "bvector", "bvectors", "ccol", "ccols", "cmatrices", "cmatrix", "col", "cols", "crow", "crows", "cscalar", "cscalars",
    "ctensor3", "ctensor3s", "ctensor4", "ctensor4s", "ctensor5", "ctensor5s", "ctensor6", "ctensor6s", "ctensor7",
    "ctensor7s", "cvector", "cvectors", "dcol", "dcols", "dmatrices", "dmatrix", "drow", "drows", "dscalar", "dscalars",
    "dtensor3", "dtensor3s", "dtensor4", "dtensor4s", "dtensor5", "dtensor5s", "dtensor6", "dtensor6s", "dtensor7",
    "dtensor7s", "dvector", "dvectors", "fcol", "fcols", "fmatrices", "fmatrix", "frow", "frows", "fscalar", "fscalars",
    "ftensor3", "ftensor3s", "ftensor4", "ftensor4s", "ftensor5", "ftensor5s", "ftensor6", "ftensor6s", "ftensor7",
    "ftensor7s", "fvector", "fvectors", "icol", "icols", "imatrices", "imatrix", "irow", "irows", "iscalar", "iscalars",
    "itensor3", "itensor3s", "itensor4", "itensor4s", "itensor5", "itensor5s", "itensor6", "itensor6s", "itensor7",
    "itensor7s", "ivector", "ivectors", "lcol", "lcols", "lmatrices", "lmatrix", "lrow", "lrows", "lscalar", "lscalars",
    "ltensor3", "ltensor3s", "ltensor4", "ltensor4s", "ltensor5", "ltensor5s", "ltensor6", "ltensor6s", "ltensor7",
    "ltensor7s", "lvector", "lvectors", "matrices", "matrix", "row", "rows", "scalar", "scalars", "tensor", "tensor3",
    "tensor3s", "tensor4", "tensor4s", "tensor5", "tensor5s", "tensor6", "tensor6s", "tensor7", "tensor7s", "vector",
    "vectors", "wcol", "wcols", "wmatrices", "wmatrix", "wrow", "wrows", "wscalar", "wscalars", "wtensor3", "wtensor3s",
    "wtensor4", "wtensor4s", "wtensor5", "wtensor5s", "wtensor6", "wtensor6s", "wtensor7", "wtensor7s", "wvector", "wvectors",
    "zcol", "zcols", "zmatrices", "zmatrix", "zrow", "zrows", "zscalar", "zscalars", "ztensor3", "ztensor3s", "ztensor4",
    "ztensor4s", "ztensor5", "ztensor5s", "ztensor6", "ztensor6s", "ztensor7", "ztensor7s", "zvector", "zvectors",
]

LETTERS = {"b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
           "c": "complex64", "z": "complex128"}
FORMS: dict[str, Shape] = {"scalar": (), "vector": (None,), "matrix": (None, None), "row": (1, None), "col": (None, 1),
                           **{f"tensor{n}": (None,) * n for n in (3, 4, 5, 6, 7)}}
PLURALS = {"matrix": "matrices"}


class Maker(Protocol):
    """A constructor of variables of one rank: `vector("x")`, `vector("x", dtype="int64")`, `vector("x", shape=(3,))`."""

    __name__: str

    def __call__(self, name: str | None = None, dtype: Any = None, shape: Shape | None = None) -> Expr:
        """A new variable."""


class ManyMaker(Protocol):
    """A constructor of several variables: `vectors("x y")`, `vectors("x", "y")`, `vectors(2)`."""

    __name__: str

    def __call__(self, *names: str | int, dtype: Any = None, shape: Shape | None = None) -> list[Expr]:
        """New variables."""


@strict
def tensor(name: Any = None, dtype: Any = None, shape: Any = (), *, broadcastable: Any = None) -> Expr:
    """A new variable: `dtype` (floatX if not given) and one length an axis in `shape`, None where it is known only at run time.

    Theano's form is understood: `tensor("float64", (False, True), "x")`, where True is an axis of length 1; `broadcastable=` too.

    >>> tensor("x", dtype="float32", shape=(None, 3)).type
    TensorType(float32, (None, 3))
    """
    if isinstance(dtype, tuple | list):             # Theano's: a dtype, an axis a boolean, perhaps a name
        name, dtype, shape = shape or None, name, dtype
    if broadcastable is not None:
        if shape != ():
            raise ArgumentError("shape and broadcastable say the same: give one of them")
        shape = tuple(bool(b) for b in broadcastable)
    if name is not None and not isinstance(name, str):
        raise ArgumentError(f"a name is a string, not {type(name).__name__}",
                            hint="tensor('x', dtype='float32', shape=(None, 3))")
    return variable(TensorType(as_dtype(config.floatX if dtype is None else dtype), _lengths(shape)), name)


def _lengths(shape: Any) -> Any:
    """Lengths as a type takes them; booleans are Theano's."""
    found = tuple(shape) if isinstance(shape, tuple | list) else shape
    return found if isinstance(found, tuple) and any(isinstance(n, bool) for n in found) else as_lengths(found)


def _maker(form: str, letter: str) -> Maker:
    free, fixed = FORMS[form], LETTERS.get(letter)

    def make_one(name: str | None = None, dtype: Any = None, shape: Any = None) -> Expr:
        if fixed is not None and dtype is not None and as_dtype(dtype) != as_dtype(fixed):
            raise ArgumentError(f"{letter}{form} makes {fixed}, not {dtype}",
                                hint=f"use tv.{form}(name, dtype={dtype!r})")
        lengths = free if shape is None else as_lengths(shape)
        if len(lengths) != len(free):
            raise ShapeError(f"{letter}{form} has {len(free)} axes, shape= has {len(lengths)}",
                             hint="use tv.tensor(name, shape=...)")
        if any(f == 1 and n != 1 for f, n in zip(free, lengths, strict=True)):
            raise ShapeError(f"{letter}{form} has one axis of length 1, shape= says {lengths}",
                             hint="use tv.matrix(name, shape=...)")
        return tensor(name, fixed if dtype is None else dtype, lengths)

    what = f"{fixed or 'floatX'} {form}"
    found: Maker = _named(make_one, letter + form, f"A new {what} variable; `shape` gives lengths that are known.")
    return found


def _many(one: Maker, form: str, letter: str) -> ManyMaker:
    def make_many(*names: str | int, dtype: Any = None, shape: Shape | None = None) -> list[Expr]:
        if len(names) == 1 and isinstance(names[0], int):
            return [one(None, dtype, shape) for _ in range(names[0])]
        if not all(isinstance(n, str) for n in names):
            raise ArgumentError("names are strings, or one number of variables", hint=f"tv.{letter}{plural}('x y')")
        each = str(names[0]).split() if len(names) == 1 else [str(n) for n in names]
        return [one(n, dtype, shape) for n in each]

    plural = PLURALS.get(form, form + "s")
    found: ManyMaker = _named(make_many, letter + plural,
                              f"Several new {letter}{form} variables: names in one string or apart, or a number.")
    return found


def _named(function: Callable[..., Any], name: str, doc: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return strict(function)


def _makers(letter: str) -> tuple[Maker, ...]:
    return tuple(_maker(form, letter) for form in FORMS)


def _many_makers(letter: str) -> tuple[ManyMaker, ...]:
    return tuple(_many(_maker(form, letter), form, letter) for form in FORMS)


# One line a dtype: names that readers and type checkers find by looking.
scalar, vector, matrix, row, col, tensor3, tensor4, tensor5, tensor6, tensor7 = _makers("")
bscalar, bvector, bmatrix, brow, bcol, btensor3, btensor4, btensor5, btensor6, btensor7 = _makers("b")
wscalar, wvector, wmatrix, wrow, wcol, wtensor3, wtensor4, wtensor5, wtensor6, wtensor7 = _makers("w")
iscalar, ivector, imatrix, irow, icol, itensor3, itensor4, itensor5, itensor6, itensor7 = _makers("i")
lscalar, lvector, lmatrix, lrow, lcol, ltensor3, ltensor4, ltensor5, ltensor6, ltensor7 = _makers("l")
fscalar, fvector, fmatrix, frow, fcol, ftensor3, ftensor4, ftensor5, ftensor6, ftensor7 = _makers("f")
dscalar, dvector, dmatrix, drow, dcol, dtensor3, dtensor4, dtensor5, dtensor6, dtensor7 = _makers("d")
cscalar, cvector, cmatrix, crow, ccol, ctensor3, ctensor4, ctensor5, ctensor6, ctensor7 = _makers("c")
zscalar, zvector, zmatrix, zrow, zcol, ztensor3, ztensor4, ztensor5, ztensor6, ztensor7 = _makers("z")
scalars, vectors, matrices, rows, cols, tensor3s, tensor4s, tensor5s, tensor6s, tensor7s = _many_makers("")
bscalars, bvectors, bmatrices, brows, bcols, btensor3s, btensor4s, btensor5s, btensor6s, btensor7s = _many_makers("b")
wscalars, wvectors, wmatrices, wrows, wcols, wtensor3s, wtensor4s, wtensor5s, wtensor6s, wtensor7s = _many_makers("w")
iscalars, ivectors, imatrices, irows, icols, itensor3s, itensor4s, itensor5s, itensor6s, itensor7s = _many_makers("i")
lscalars, lvectors, lmatrices, lrows, lcols, ltensor3s, ltensor4s, ltensor5s, ltensor6s, ltensor7s = _many_makers("l")
fscalars, fvectors, fmatrices, frows, fcols, ftensor3s, ftensor4s, ftensor5s, ftensor6s, ftensor7s = _many_makers("f")
dscalars, dvectors, dmatrices, drows, dcols, dtensor3s, dtensor4s, dtensor5s, dtensor6s, dtensor7s = _many_makers("d")
cscalars, cvectors, cmatrices, crows, ccols, ctensor3s, ctensor4s, ctensor5s, ctensor6s, ctensor7s = _many_makers("c")
zscalars, zvectors, zmatrices, zrows, zcols, ztensor3s, ztensor4s, ztensor5s, ztensor6s, ztensor7s = _many_makers("z")
