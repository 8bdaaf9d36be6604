"""The one node kind: immutable, interned expressions; equality is identity, common subexpressions are one object."""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import display
from .dtypes import as_dtype, refuse_masked
from .errors import ArgumentError, ConversionError, DtypeError, MissingAttributeError, NumberError, ShapeError, TensorvizError
from .forks import quiet_at_fork
from .methods import TensorMethods
from .op import BUILDERS, Op, strict
from .origins import Site, describe, here, line_of, user_line
from .owner import ARRAYS_ALONE, Apply, application
from .types import TensorType, TupleType, Type, mismatch

__all__ = ["Expr", "Literal", "as_expr", "constant", "constant_op", "fits", "fresh_id", "is_constant", "item", "leaves", "make",
           "value_of", "variable", "variable_op"]

_table: weakref.WeakValueDictionary[tuple[Any, ...], Expr] = weakref.WeakValueDictionary()
_lock = threading.RLock()
quiet_at_fork(_lock)
_BIG = 1 << 20                      # above this many bytes every wrapping of an array is a new constant


class Literal:
    """The value of a constant: a read-only array, equal to another by dtype, shape and bits."""

    __slots__ = ("__weakref__", "array", "key")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array
        self.array.setflags(write=False)
        if array.nbytes > _BIG:
            bits: Any = object()
        elif array.nbytes <= 16:
            bits = array.tobytes()
        else:
            bits = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16).digest()
        self.key = (array.dtype, array.shape, bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> tuple[Any, ...]:
        return Literal, (np.asarray(self.array),)


class Expr(TensorMethods):
    """A node: `op` applied to `args` with `params`; `type` says what it evaluates to.

    Made by builders (`x + y`, `tv.exp(x)`), never directly. Behaves like a NumPy array that has no values yet.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> (x + x) is (x + x)
    True
    """

    __slots__ = ("__weakref__", "_name", "_tag", "args", "made", "op", "params", "sites", "type")
    __array_priority__ = 1000.0

    op: Op
    args: tuple[Expr, ...]
    params: tuple[Any, ...]
    type: Any
    sites: tuple[Site, ...]
    made: tuple[str, str, Expr | None] | None       # "vjp", its op, the forward node; or "rule", its name, forward of what it met
    _name: str | None
    _tag: SimpleNamespace | None

    def __init__(self, *args: object) -> None:
        raise ArgumentError("expressions are made by builders, not by Expr(...)",
                            hint="use tv.vector('x'), tv.constant(1.0), x + y")

    # -- what it is ---------------------------------------------------------------------------------------------
    @property
    def kw(self) -> dict[str, Any]:
        """Parameters by name, as the op's functions take them."""
        return dict(zip(self.op.params, self.params, strict=True))

    @property
    def name(self) -> str | None:
        """The user's name of the node (None if it has none); setting it labels the shared node."""
        return self._name

    @name.setter
    def name(self, value: str | None) -> None:
        if value is not None and not isinstance(value, str):
            raise ArgumentError(f"a name is a string, not {type(value).__name__}")
        self._name = value

    @property
    def owner(self) -> Apply | None:
        """Theano's word for what made this: its op and inputs as `x.owner.op`, `x.owner.inputs`; None for what nothing made."""
        return application(self)

    @property
    def index(self) -> int | None:
        """Theano's word for which result of its owner this is; None for what nothing made."""
        if self.owner is None:
            return None
        return int(self.params[0]) if self.op is item_op else 0

    def get_parents(self) -> list[Apply]:
        """Theano's list of what made this: its owner, if it has one."""
        return [] if self.owner is None else [self.owner]

    def get_scalar_constant_value(self) -> Any:
        """PyTensor's method: the value of a scalar that is the same in every call; ArgumentError if it isn't known."""
        return BUILDERS["get_scalar_constant_value"](self)

    def get_test_value(self) -> Any:
        """Theano's value to try a graph with: `x.tag.test_value`, which is the user's, or that of a constant or shared variable.

        MissingAttributeError for others: nothing is computed.
        """
        if self._tag is not None and hasattr(self._tag, "test_value"):
            return self._tag.test_value
        if is_constant(self):
            return value_of(self)
        if self.op is variable_op and hasattr(self.params[0], "cell"):
            return BUILDERS["get_value"](self)
        raise MissingAttributeError(f"{label_of(self, 0)} has no test value", at=user_line(),
                                    hint="x.tag.test_value = v gives it one; x.eval({...}) computes a value")

    @property
    def tag(self) -> SimpleNamespace:
        """A place for notes on the node (`x.tag.layer = 3`), no part of what it is: equal ones share it, pickles leave it out."""
        if self._tag is None:
            self._tag = SimpleNamespace()
        return self._tag

    if not TYPE_CHECKING:                   # type checkers go on to report names that there are not

        def __getattr__(self, name: str) -> Any:
            if name in ("data", "value") and is_constant(self):
                return value_of(self)
            hint = ARRAYS_ALONE.get(name)
            if hint is None:
                raise AttributeError(f"an expression has no attribute {name!r}", name=name, obj=self)
            raise MissingAttributeError(f"an expression has no {name}: it has no values yet", at=user_line(), hint=hint)

    @property
    def forward(self) -> Expr | None:
        """The node that `grad` was at when it made this one, or what a rule made this one of; None for all other nodes."""
        return self.made[2] if self.made is not None else None

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype, as NumPy's arrays have it."""
        return self._tensor().dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._tensor().shape)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which axes are known to have length 1."""
        return self._tensor().broadcastable

    def _tensor(self) -> TensorType:
        if not isinstance(self.type, TensorType):
            raise ArgumentError(f"{self.op.name} has several results; take one with [i]")
        return self.type

    def __len__(self) -> int:
        if isinstance(self.type, TupleType):
            return len(self.type.items)
        if not self.ndim:
            raise ConversionError("a scalar expression has no length")
        n = self.type.shape[0]
        if n is None:
            raise ConversionError("the length of this expression is known only at run time", at=where(self),
                                  hint="x.shape[0] is its length as an expression")
        return int(n)

    def __iter__(self) -> Iterator[Expr]:
        if isinstance(self.type, TensorType) and self.ndim and self.type.shape[0] is None:
            raise ConversionError("cannot iterate over an axis whose length is known only at run time", at=where(self),
                                  hint="give the length: tv.matrix('x', shape=(3, None))")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: object) -> bool:
        raise ConversionError("whether an expression holds a value is known only at run time", at=user_line(),
                              hint="tv.any(x == value) is that as an expression")

    def __bool__(self) -> bool:
        if self.op.name == "equal" and self.op.family == "elementwise":
            a, b = self.args
            if a is b:
                return True
            if not is_constant(a) and not is_constant(b):
                return False
        raise ConversionError("the truth of an expression is known only at run time", at=user_line(),
                              hint="use tv.where(condition, a, b), or .eval() to compute it now")

    def _no_value(self, what: str) -> ConversionError:
        return ConversionError(f"an expression has no {what} yet", at=user_line(),
                               hint="compile it with tv.function, or compute it with .eval()")

    def __float__(self) -> float:
        raise self._no_value("float value")

    def __int__(self) -> int:
        raise self._no_value("int value")

    def __complex__(self) -> complex:
        raise self._no_value("complex value")

    def __index__(self) -> int:
        raise self._no_value("int value")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise self._no_value("array")

    def __format__(self, spec: str) -> str:
        if spec:
            raise ConversionError(f"an expression has no value yet that the format {spec!r} could write", at=user_line(),
                                  hint="str(x) is its formula, x.eval() its value")
        return str(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return BUILDERS["_array_ufunc"](ufunc, method, *inputs, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return BUILDERS["_array_function"](function, types, args, kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise ConversionError("expressions don't change: x[i] = v is not possible", at=user_line(),
                              hint="x[i].set(v) or tv.set_subtensor(x[i], v) give the changed tensor")

    def __hash__(self) -> int:
        return id(self) >> 4

    def __eq__(self, other: object) -> Any:
        return BUILDERS["_equal_or_unequal"](self, other)

    def __ne__(self, other: object) -> Any:
        return BUILDERS["_not_equal_or_unequal"](self, other)

    # -- copies, pickles, pictures -----------------------------------------------------------------------------------
    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: object) -> Expr:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        from .graph import flatten

        return restore_one, (flatten([self]),)

    def __repr__(self) -> str:
        return display.text_of(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return display.bundle_of(self)


def restore_one(table: Any) -> Expr:
    """Unpickle one expression from its flat table."""
    from .graph import unflatten

    return unflatten(table)[0]


def make(op: Op, args: tuple[Expr, ...] = (), params: tuple[Any, ...] = (), type: Type | None = None) -> Expr:
    """The one expression for `op`, `args`, `params`; `type` is worked out by the op's rule if not given."""
    key = (id(op), *map(id, args), params)
    found = _table.get(key)
    if found is None:
        if type is None:
            try:
                type = op.type(*(a.type for a in args), **dict(zip(op.params, params, strict=True)))
            except TensorvizError as error:
                raise explain(error, op, args) from None
        with _lock:
            found = _table.get(key)
            if found is None:
                found = object.__new__(Expr)
                found.op, found.args, found.params, found.type = op, args, params, type
                found._name = found._tag = found.made = None
                found.sites = here()
                _table[key] = found
                return found
    sites = here()
    if sites:
        code, line = sites[0][:2]
        if not any(s[0] is code and s[1] == line for s in found.sites):
            found.sites = (*sites, *found.sites)
    return found


def explain(error: TensorvizError, op: Op, args: tuple[Expr, ...]) -> TensorvizError:
    """The same error with the user's line and the operands' names and types."""
    if error.at:
        return error
    at = [f"{line_of(s)}    {describe(s)}".strip() for s in here()[:1]]
    facts = []
    for k, a in enumerate(args[:4]):
        source = f" from {describe(a.sites[0])}" if a.sites and a.op is not constant_op else ""
        facts.append(f"{label_of(a, k)}: {a.type.text() if isinstance(a.type, TensorType) else 'tuple'}{source}")
    what, hint = error.what, error.hint
    if isinstance(error, ShapeError) and op.family == "elementwise":
        what, hint = mismatch(op.name, [a.type.shape for a in args])
    return type(error)(what, at=at, facts=facts, hint=hint)


def label_of(a: Expr, k: int) -> str:
    """A short name for an operand in an error: its name, its short text, or its place."""
    if a._name:
        return a._name
    text = display.text_of(a)
    return text if len(text) <= 40 and "\n" not in text else f"operand {k + 1}"


def where(e: Expr) -> list[str]:
    """The user's line that made a node, for the `at` of an error."""
    return [f"{line_of(s)}    {describe(s)}".strip() for s in e.sites[:1]]


# -- leaves ------------------------------------------------------------------------------------------------------
def _no_meaning(*_: Any, **__: Any) -> Any:
    raise ArgumentError("a leaf has no meaning of its own")


variable_op = Op("variable", "leaf", _no_meaning, _no_meaning, "an input of the graph", params=("uid", "declared"), flops=0.0)
constant_op = Op("constant", "leaf", _no_meaning, _no_meaning, "a value known when the graph is built", params=("literal",),
                 flops=0.0)
item_op = Op("item", "leaf", lambda t, index: t.items[index], lambda t, index: t[index], "one of several results",
             params=("index",), flops=0.0)


def fresh_id() -> int:
    """A random 128-bit number, another one in every process: the identity of a new variable."""
    return int.from_bytes(os.urandom(16))


def variable(type: Type, name: str | None = None, uid: int | None = None) -> Expr:
    """A new variable of `type`; its identity is a random 128-bit number, kept by pickling."""
    found = make(variable_op, (), (fresh_id() if uid is None else uid, type), type)
    if name is not None:
        found.name = name
    return found


@strict
def constant(value: Any, dtype: Any = None, name: str | None = None, *, ndim: int | None = None) -> Expr:
    """A constant: equal values of one dtype and shape are one node; the array is copied.

    With `ndim` axes of length 1 stand in front, to have so many; ShapeError for a value that has more. DtypeError for what is no
    number, and for Python numbers that `dtype` can't hold.

    >>> constant(1.0) is constant(1.0), constant(0.0) is constant(-0.0)
    (True, False)
    """
    if isinstance(value, Expr):
        raise ArgumentError("constant() takes a value, not an expression")
    if type(value) is not np.ndarray:
        refuse_masked(value, user_line())
    try:
        array = np.array(value, dtype=None if dtype is None else as_dtype(dtype), order="C")
    except OverflowError:
        raise NumberError(f"Python number {_beyond(value, dtype)!r:.60} does not fit in {as_dtype(dtype)}", at=user_line(),
                          hint="a wider dtype holds it") from None
    except (TypeError, ValueError) as error:
        if isinstance(error, TensorvizError):
            raise
        raise DtypeError(f"cannot make a tensor of {value!r:.60}", hint="tensors hold numbers and booleans") from error
    if array.dtype.kind not in "biufc":
        if array.dtype.kind == "O" and array.size and all(isinstance(v, int) for v in array.flat):
            raise DtypeError(f"{value!r:.60} does not fit in 64 bits", at=user_line(), hint="make it floating point: float(...)")
        raise DtypeError(f"cannot make a tensor of {type(value).__name__} {value!r:.60}", at=user_line(),
                         hint="tensors hold numbers and booleans")
    array = array.astype(as_dtype(array.dtype), copy=False)
    if ndim is not None:
        if array.ndim > ndim:
            raise ShapeError(f"a value of {array.ndim} axes can't have {ndim}", at=user_line())
        array = array.reshape((1,) * (ndim - array.ndim) + array.shape)
    found = make(constant_op, (), (Literal(array),), TensorType(array.dtype, array.shape))
    if name is not None:
        found.name = name
    return found


def fits(value: int, dtype: np.dtype[Any]) -> bool:
    """Whether a dtype of whole numbers holds one."""
    info = np.iinfo(dtype)
    return bool(info.min <= value <= info.max)


def _beyond(value: Any, dtype: Any) -> Any:
    """A whole number in nested lists that a dtype of whole numbers can't hold."""
    whole = as_dtype(dtype).kind in "iu"
    return next((v for v in leaves(value) if whole and isinstance(v, int) and not fits(v, as_dtype(dtype))), value)


def item(node: Expr, index: int) -> Expr:
    """Result number `index` of a node with several results."""
    return make(item_op, (node,), (index,))


def is_constant(e: Expr) -> bool:
    """Whether a node is a constant."""
    return e.op is constant_op


def value_of(e: Expr) -> np.ndarray[Any, Any]:
    """The (read-only) array of a constant."""
    return e.params[0].array  # type: ignore[no-any-return]


def as_expr(value: Any, dtype: Any = None) -> Expr:
    """An expression for `value`: expressions as they are, arrays and numbers as constants."""
    if isinstance(value, Expr):
        return value
    shared = getattr(value, "_as_tensorviz_expr", None)
    if shared is not None:
        return shared()  # type: ignore[no-any-return]
    if isinstance(value, list | tuple) and any(isinstance(v, Expr) for v in leaves(value)):
        return BUILDERS["stack"]([as_expr(v) for v in value])  # type: ignore[no-any-return]
    return constant(value, dtype)


def leaves(value: Any) -> Iterator[Any]:
    """What stands in nested lists and tuples, in no order."""
    work = [value]
    while work:
        v = work.pop()
        if isinstance(v, list | tuple):
            work.extend(v)
        else:
            yield v
