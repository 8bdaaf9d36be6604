"""Ops are records: name, how they are written, type and shape rules, NumPy meaning, gradient, cost, one line of doc."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from .types import Type

__all__ = ["BUILDERS", "OPS", "Op", "builder", "op_named", "register", "strict"]

OPS: dict[str, Op] = {}                         # every op by name: how ops pickle and how text parses
BUILDERS: dict[str, Callable[..., Any]] = {}    # functions that build expressions; methods of Expr look them up here

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False, repr=False)
class Op:
    """One operation. Backends keep tables keyed by it; nothing of theirs is in here.

    name: unique; also the text form's word
    family: elementwise | linalg | reduction | scan | order | shape | fft | state | loop | sparse | leaf: what pictures show
    type: (*arg types, **params) -> type of the result; raises ShapeError or DtypeError
    numpy: (*arrays, **params) -> array: the meaning
    shape: (*args, **params) -> lengths of the result as ints or scalar int64 expressions; None: broadcast of the args
    vjp: (g, out, *args, **params) -> one gradient (or None: no gradient flows) an argument; broadcasting is undone by `grad`;
        a GradientError in the place of one is raised when that one is asked for
    jvp: (tangents, out, *args, **params) -> the tangent of the result (or None: it is 0), where tangents has one (or None) an
        argument; left out, it is derived from the vjp (core/forward.py)
    params: names of the parameters, in the order in which an Expr stores them
    text: Python form with {0}, {1}: an infix operator if `prec` is below CALL
    latex: LaTeX with {0}, {1} and {param}; "" prints \\operatorname{name}(...)
    commutative, associative: what the matcher may use
    flops: floating point operations an element of the result (elementwise) or of the first argument (others)
    exact: the compiled result must be bitwise equal to NumPy's
    """

    name: str
    family: str
    type: Callable[..., Type]
    numpy: Callable[..., Any]
    doc: str
    shape: Callable[..., tuple[Any, ...]] | None = None
    vjp: Callable[..., tuple[Any, ...]] | None = None
    jvp: Callable[..., Any] | None = None
    params: tuple[str, ...] = ()
    text: str = ""
    prec: int = 100
    latex: str = ""
    commutative: bool = False
    associative: bool = False
    flops: float = 1.0
    exact: bool = False

    def __post_init__(self) -> None:
        if self.name in OPS:
            raise ValueError(f"op {self.name!r} exists already")
        OPS[self.name] = self

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return op_named, (self.name,)

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: object) -> Op:
        return self


def op_named(name: str) -> Op:
    """The op of that name; raises KeyError if there is none."""
    return OPS[name]


def register(function: _F) -> _F:
    """Make a function that builds expressions known, so that methods, patterns and parsed text find it by name."""
    BUILDERS[function.__name__] = function
    return function


def builder(function: _F) -> _F:
    """`register` a `strict` function that builds expressions."""
    return register(strict(function))


def strict(function: _F) -> _F:
    """Make a function that, given arguments that it has no place for, is called as NumPy's or Theano's of its name is.

    Those that change nothing are left out, the others raise and say why, with the user's line (core/protocols.py).
    """

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            inside = error.__traceback__.tb_next if error.__traceback__ is not None else None
            if inside is not None:              # raised by the function itself, not by the call of it
                raise
            return BUILDERS["_called_as_numpys"](function, args, kwargs, error)

    return called  # type: ignore[return-value]
