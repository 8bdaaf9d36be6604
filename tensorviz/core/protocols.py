"""At home in NumPy and Python: `np.exp(x)`, `np.sum(x, axis=0)`, `np.ones(3) + x` and `x == y` build expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from inspect import Parameter, Signature, signature, unwrap
from typing import Any, NoReturn

import numpy as np

from .errors import ArgumentError, ShapeError, TensorvizError
from .expr import Expr
from .op import BUILDERS, OPS, register
from .ops.options import SILENT, as_asked, refuse
from .origins import describe, here, line_of, user_line
from .other_words import in_our_words
from .types import TensorType

__all__ = ["Apart"]

REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all", "logical_or": "any"}
ACCUMULATED = {"add": "cumsum", "multiply": "cumprod", "maximum": "cummax", "minimum": "cummin", "logaddexp": "logcumsumexp"}
NAMES = {"divide": "true_divide", "amax": "max", "amin": "min", "round_": "round", "around": "round", "expit": "sigmoid",
         "permute_dims": "transpose", "concat": "concatenate", "conj": "conjugate"}
RENAMED = {"a_min": "min", "a_max": "max", "newshape": "shape"}   # arguments that NumPy calls otherwise than we do
NOT_NUMPY = frozenset({"eval", "get_value", "set_value"})      # builders that share a name with something else in NumPy

IN_PLACE = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"})   # NumPy's change an array


# -- ufuncs --------------------------------------------------------------------------------------------------------
@register
def _array_ufunc(ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    name = ufunc.__name__
    given = {k: v for k, v in kwargs.items() if v is not None and not (k == "where" and v is True)}
    if "out" in given:
        refuse(f"np.{name}", "out")
    if method == "reduce" and name in REDUCTIONS:
        kept = {"axis": 0, **kwargs}
        return _call(REDUCTIONS[name], f"np.{name}.reduce", inputs, {k: v for k, v in kept.items() if k in given or k == "axis"})
    if method == "accumulate" and name in ACCUMULATED:
        return _call(ACCUMULATED[name], f"np.{name}.accumulate", inputs, {"axis": 0, **given})
    if method != "__call__":
        _unsupported(f"np.{name}.{method}")
    if given:
        inputs = as_asked(ufunc, inputs, given)
    elif name in ("equal", "not_equal") and _is_numpy(ufunc):
        return _compared(name, *inputs)
    if ufunc is np.divmod:
        return BUILDERS["floor_divide"](*inputs), BUILDERS["remainder"](*inputs)
    name = NAMES.get(name, name)
    if name not in BUILDERS or not (_is_numpy(ufunc) or _is_meaning(ufunc, name)):
        _unsupported(f"{'np.' if _is_numpy(ufunc) else ''}{ufunc.__name__}")
    return BUILDERS[name](*inputs)


def _is_numpy(ufunc: np.ufunc) -> bool:
    return getattr(np, ufunc.__name__, None) is ufunc


def _is_meaning(ufunc: np.ufunc, name: str) -> bool:
    op = OPS.get(name)
    return op is not None and (op.numpy is ufunc or type(ufunc).__module__ == "numpy" and _scipy(ufunc))


def _scipy(ufunc: np.ufunc) -> bool:
    import sys

    special = sys.modules.get("scipy.special")
    return getattr(special, ufunc.__name__, None) is ufunc


# -- functions -----------------------------------------------------------------------------------------------------
@register
def _array_function(function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    name = NAMES.get(function.__name__, function.__name__)
    what = f"{function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"
    simple = SIMPLE.get(name)
    if simple is not None:
        return simple(*args, **kwargs)
    if name in IN_PLACE:
        raise ArgumentError(f"{what} changes its argument, and expressions don't change", at=user_line(),
                            hint=f"y = tv.{name}(x, ...) is the changed tensor")
    if name not in BUILDERS or name.startswith("_") or name in NOT_NUMPY:
        _unsupported(what)
    return _call(name, what, args, kwargs, function)


def _said(kwargs: Mapping[str, Any], function: Any) -> dict[str, Any]:
    """The arguments without those that change nothing and that this release of NumPy does not know."""
    theirs = _signature(function)
    known = theirs.parameters if theirs is not None else {}
    return {k: v for k, v in kwargs.items() if k in known or k not in SILENT}


def _ndim(a: Any) -> int:
    return a.ndim if isinstance(a, Expr) else np.ndim(a)


def _dtypes(*values: Any) -> np.dtype[Any]:
    return np.result_type(*(v.dtype if isinstance(v, Expr) else v for v in values))


# What NumPy asks about an array that an expression knows without a value.
SIMPLE: dict[str, Callable[..., Any]] = {
    "ndim": _ndim,
    "result_type": _dtypes,
    "iscomplexobj": lambda x: x.dtype.kind == "c",
    "isrealobj": lambda x: x.dtype.kind != "c",
}


def _call(name: str, what: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], function: Any = None) -> Any:
    """The builder with NumPy's arguments: matched by name, NumPy's defaults dropped, anything else refused."""
    build = unwrap(BUILDERS[name])
    theirs = _signature(function)
    if theirs is None:
        return build(*args, **{k: v for k, v in kwargs.items() if v is not None})
    ours = _signature(build)
    known = ours.parameters if ours is not None else {}
    positional: list[Any] = []
    named: dict[str, Any] = {}
    bound = theirs.bind(*args, **kwargs)
    for k, v in bound.arguments.items():
        p = theirs.parameters[k]
        k = RENAMED.get(k, k)
        if p.kind is p.VAR_POSITIONAL:
            positional.extend(v)
        elif p.kind is p.VAR_KEYWORD:
            named.update(v)
        elif k in known and not (p.default is p.empty and not named):
            named[k] = v
        elif p.default is p.empty and not named:
            positional.append(v)
        elif k not in SILENT and not _same(v, p.default) and v is not None:
            refuse(what, k)
    return build(*positional, **named)


@register
def _called_as_numpys(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], error: TypeError) -> Any:
    """What a builder gives for arguments that it has no place for, but NumPy's or Theano's has; else ArgumentError."""
    name = function.__name__
    ours = _signature(function)
    named = in_our_words(name, tuple(ours.parameters), args, kwargs) if ours is not None and kwargs else None
    if ours is not None and named is not None:
        all_args = _spread(ours, args, named)
        if _binds(ours, all_args, named):
            return function(*all_args, **named)
    theirs: Any = getattr(np, name, None) or getattr(np.fft, name, None)
    try:
        if isinstance(theirs, np.ufunc):
            values = as_asked(theirs, args, kwargs)
            return function(*values)
        if theirs is not None and name in BUILDERS and unwrap(BUILDERS[name]) is function:
            return _call(name, name, args, _said(kwargs, theirs), theirs)
    except TypeError as second:
        if isinstance(second, TensorvizError):
            raise
    raise ArgumentError(str(error), at=user_line(), hint=f"{name}{_signature(function)}".replace("'", "")) from None


def _spread(signature: Signature, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments by place with a list that is named for all that may follow: `join(axis=0, tensors=[x, y])`."""
    names = list(signature.parameters)
    rest = next((k for k, n in enumerate(names) if signature.parameters[n].kind is Parameter.VAR_POSITIONAL), None)
    if rest is None or names[rest] not in named or not all(n in named for n in names[len(args):rest]):
        return args
    before = tuple(named.pop(n) for n in names[len(args):rest])
    return (*args, *before, *named.pop(names[rest]))


def _binds(signature: Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


@lru_cache(512)
def _signature(function: Any) -> Signature | None:
    if function is None:
        return None
    try:
        return signature(function)
    except (TypeError, ValueError):
        return None


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, str | int | float) and a == b)


def _unsupported(what: str) -> NoReturn:
    raise ArgumentError(f"{what} does not take expressions", at=[f"{line_of(s)}    {describe(s)}".strip() for s in here()[:1]],
                        hint="compute the arguments first with .eval(), or build it from tv's functions")


# -- == and != -----------------------------------------------------------------------------------------------------
class Apart:
    """What `x == y` is where the shapes cannot go together: false, so that lists and dictionaries of expressions
    work, and the ShapeError in any other use."""

    __slots__ = ("_error", "_truth")
    _error: TensorvizError
    _truth: bool

    def __init__(self, error: TensorvizError, truth: bool) -> None:
        object.__setattr__(self, "_error", error)
        object.__setattr__(self, "_truth", truth)

    def __bool__(self) -> bool:
        return self._truth

    def __repr__(self) -> str:
        return f"{self._truth} ({self._error.what})"

    def __getattr__(self, name: str) -> NoReturn:
        raise self._error

    def _raise(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise self._error

    def __iter__(self) -> Iterator[Any]:
        raise self._error

    __hash__ = object.__hash__
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _raise
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = __neg__ = __abs__ = _raise
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _raise
    __getitem__ = __len__ = __float__ = __int__ = __index__ = __array__ = __array_ufunc__ = _raise


def _compared(name: str, a: Any, b: Any) -> Any:
    other = b if isinstance(a, Expr) else a
    if other is None or isinstance(other, str | bytes | type | Mapping) or callable(other) and not isinstance(other, Expr):
        return NotImplemented
    for e in (a, b):
        if isinstance(e, Expr) and not isinstance(e.type, TensorType):
            return (a is b) == (name == "equal")
    try:
        return BUILDERS[name](a, b)
    except ShapeError as error:
        return Apart(error, name == "not_equal")


@register
def _equal_or_unequal(a: Expr, b: Any) -> Any:
    return _compared("equal", a, b)


@register
def _not_equal_or_unequal(a: Expr, b: Any) -> Any:
    return _compared("not_equal", a, b)
