"""Shared variables: values that live in cells outside the pure graph and that functions read and update."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from .dtypes import as_dtype, refuse_masked
from .errors import ArgumentError, DtypeError, ShapeError, UpdateError
from .expr import Expr, fresh_id, variable, variable_op, where
from .forks import quiet_at_fork, renewed_in_child
from .op import builder, strict
from .origins import user_line
from .types import Shape, TensorType, as_lengths, shape_text

__all__ = ["Cell", "CellId", "cell_of", "converted", "is_shared", "new_value", "shared", "swap_together", "values_of"]

Array = np.ndarray[Any, Any]


_swapping = threading.RLock()       # held for the moment in which several values are taken or put in together
quiet_at_fork(_swapping)


def values_of(cells: Iterable[Cell]) -> tuple[Array, ...]:
    """The values of cells as they are at one moment: never one from before and one from after an update of both."""
    with _swapping:
        return tuple([c.value for c in cells])


def swap_together(cells: Iterable[Cell], values: Iterable[Array]) -> None:
    """Put new values into cells whose locks are held; what was there is kept as spare buffers."""
    with _swapping:
        for c, new in zip(cells, values):
            old, c.value = c.value, new
            c.spares = [old] if old is not new else []


class Cell:
    """Where the value of one shared variable lives.

    `value` is replaced, never written to, so that whoever took it keeps what they took. To update several cells,
    take their `lock`s in the order of `id`, then `swap_together`.
    """

    __slots__ = ("__weakref__", "id", "lock", "spares", "type", "value")

    def __init__(self, id: int, type: TensorType, value: Array) -> None:
        self.id, self.type, self.value = id, type, value
        self.lock = threading.RLock()
        self.spares: list[Array] = []
        renewed_in_child(self)

    def swap(self, new: Array) -> None:
        """Put `new` in; what was there is kept as a spare buffer for the update after this one."""
        with self.lock:
            old, self.value = self.value, new
            self.spares = [old] if old is not new else []

    def take_spare(self, shape: tuple[int, ...]) -> Array | None:
        """A C-contiguous buffer of `shape` to compute the next value in, or None: one that nobody else holds."""
        with self.lock:
            box, self.spares = self.spares, []
            if not box or box[0].shape != shape or not _alone(box):
                return None
            return box.pop()


def _alone(box: list[Array]) -> bool:
    a = box[0].flags
    if not (a.owndata and a.c_contiguous and a.writeable and box[0].base is None) or weakref.getweakrefcount(box[0]):
        return False
    del a
    return _holders(box) == _NOBODY_ELSE


def _holders(box: list[Array]) -> int:
    return sys.getrefcount(box[0])


_NOBODY_ELSE = _holders([np.empty(0)])      # what the count is for an array that only its list holds, on this Python


class CellId(int):
    """The identity of a shared variable; it carries the cell, so that cell and variable live and pickle together.

    What is unpickled is another cell with an identity of its own: it holds the value of when it was pickled, and no variable
    that lives is touched. The pickler writes each object once, so whatever was in one pickle shares the new cell.
    """

    cell: Cell

    def __copy__(self) -> CellId:
        return self

    def __deepcopy__(self, memo: object) -> CellId:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.cell.type, self.cell.value)


def _restore(type_: TensorType, value: Array) -> CellId:
    return _new_id(fresh_id(), type_, np.require(value, requirements=("C", "W")))


def _new_id(id: int, type_: TensorType, value: Array) -> CellId:
    found = CellId(id)
    found.cell = Cell(id, type_, value)
    return found


@strict
def is_shared(e: Expr) -> bool:
    """Whether `e` is a shared variable.

    >>> import tensorviz as tv
    >>> is_shared(tv.shared(0.0)), is_shared(tv.scalar())
    (True, False)
    """
    return e.op is variable_op and isinstance(e.params[0], CellId)


def cell_of(e: Expr) -> Cell:
    """The cell of a shared variable; raises ArgumentError for any other expression."""
    if not is_shared(e):
        raise ArgumentError(f"{e._name or 'this expression'} is not a shared variable", at=where(e),
                            hint="tv.shared(value) makes one")
    return e.params[0].cell  # type: ignore[no-any-return]


@strict
def shared(value: Any, name: str | None = None, borrow: bool = False, shape: Shape | None = None, dtype: Any = None) -> Expr:
    """A variable with a value of its own, kept between calls of functions and changed by `updates=` or `set_value`.

    Its lengths are those of `value`; `shape=(None, 3)` leaves some free to change. With `borrow` the array is used as it
    is where possible instead of copied: whoever changes it, changes the variable.

    A pickle of a variable, or of a graph or function that reads it, holds its value. Loading makes a new variable with that
    value, one for all that was in the pickle, and changes none that lives; copy and deepcopy give the variable itself.

    >>> w = shared([1.0, 2.0], name="w")
    >>> w.set_value([3.0, 4.0])
    >>> w.get_value()
    array([3., 4.])
    """
    if isinstance(value, Expr):
        raise ArgumentError("shared() takes a value, not an expression", hint="compute it first with .eval()")
    array = _array(value, borrow, None if dtype is None else as_dtype(dtype))
    lengths = array.shape if shape is None else as_lengths(shape)
    type_ = TensorType(array.dtype, lengths)
    if not type_.accepts(TensorType(array.dtype, array.shape)):
        raise ShapeError(f"the value has shape {array.shape}, not {shape_text(type_.shape)}",
                         hint="None in shape= stands for a length that may change")
    return variable(type_, name, _new_id(fresh_id(), type_, array))


def _array(value: Any, borrow: bool, dtype: np.dtype[Any] | None = None) -> Array:
    refuse_masked(value, user_line())
    try:
        array = np.asarray(value) if borrow else np.array(value, order="C")
        native = as_dtype(array.dtype) if dtype is None else dtype
    except (TypeError, ValueError) as error:
        raise DtypeError(f"cannot make a tensor of {type(value).__name__} {value!r:.60}",
                         hint="tensors hold numbers and booleans") from error
    if not _fits(array, native):
        raise DtypeError(f"the value {array.dtype} does not fit in {native}", hint="value.astype(dtype) says that it may change")
    return np.require(array.astype(native, copy=False), requirements="C")


def _fits(array: Array, dtype: np.dtype[Any]) -> bool:
    """Whether a cast that was asked for keeps imaginary parts, and whole numbers their size."""
    if array.dtype.kind == "c":
        return dtype.kind == "c"
    if dtype.kind not in "iu" or array.dtype == dtype or array.dtype.kind not in "iuf" or not array.size:
        return True
    least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
    return bool(least <= array.min() and array.max() <= most)


@builder
def get_value(e: Expr, borrow: bool = False) -> Array:
    """The value that a shared variable holds now: a copy, or with `borrow` the (read-only) array itself."""
    value = cell_of(e).value
    if not borrow:
        return value.copy()
    view = value.view()
    view.flags.writeable = False
    return view


@builder
def set_value(e: Expr, value: Any, borrow: bool = False) -> None:
    """Replace the value of a shared variable; dtype and known lengths stay. Nothing changes when it raises."""
    cell = cell_of(e)
    cell.swap(new_value(e, value, borrow))


def new_value(e: Expr, value: Any, borrow: bool = False) -> Array:
    """`value` as an array that the cell of shared variable `e` can hold; raises UpdateError or ShapeError."""
    type_ = cell_of(e).type
    name = e._name or "the shared variable"
    if isinstance(value, Expr):
        raise ArgumentError(f"{name} takes a value, not an expression", at=where(e),
                            hint="to change it in a function use updates=")
    given = _array(value, borrow)
    array = converted(given, type_.dtype, weak=not isinstance(value, np.ndarray | np.generic))
    if array is None:
        raise UpdateError(f"{name} is {type_.dtype}, the new value {given.dtype} does not fit in it", at=where(e),
                          hint=f"numpy.asarray(value).astype({str(type_.dtype)!r}) rounds, wraps or overflows")
    if not type_.accepts(TensorType(array.dtype, array.shape)):
        raise ShapeError(f"{name} has shape {shape_text(type_.shape)}, the new value has {array.shape}", at=where(e),
                         hint="tv.shared(value, shape=(None, ...)) makes one whose lengths may change")
    return array


def converted(array: Array, dtype: np.dtype[Any], weak: bool) -> Array | None:
    """`array` as `dtype` where nothing is lost, else None; `weak` values (from Python numbers) are rounded but stay finite."""
    native = array.dtype.newbyteorder("=")
    if native == dtype:
        return array.astype(dtype, copy=False)
    if native.kind not in "biufc":
        return None
    if np.can_cast(native, dtype, "safe") or (weak and not array.size):
        return array.astype(dtype)
    if not weak or _rank(native) > _rank(dtype):
        return None
    with np.errstate(all="ignore"):
        found = array.astype(dtype)
        lost = found != array if dtype.kind in "iu" else np.isinf(found) & np.isfinite(array)
    return None if np.any(lost) else found


def _rank(dtype: np.dtype[Any]) -> int:
    return {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}[dtype.kind]
