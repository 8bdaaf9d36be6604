"""What NumPy's ufuncs can be asked by keyword: the dtype of the loop, and which casts may lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from ..dtypes import as_dtype
from ..errors import ArgumentError, ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS
from ..origins import user_line
from .elementwise import cast

__all__ = ["SILENT", "as_asked", "check_cast", "placed", "refuse"]

SILENT = frozenset({"subok", "order", "like", "device", "overwrite_input", "copy"})     # change nothing: there are no arrays yet
WHY = {
    "out": ("expressions don't write into arrays", "leave out= away: what is returned is the result"),
    "where": ("NumPy leaves what is not computed as it was, and here nothing was",
              "tv.where(condition, result, other) says what stands there"),
}
CASTING = ("no", "equiv", "safe", "same_kind", "unsafe")


def refuse(what: str, argument: str) -> NoReturn:
    """Raise ArgumentError for an argument of NumPy's that expressions have no use for, and say why."""
    why, hint = WHY.get(argument, ("it has no meaning for expressions", "leave it away"))
    raise ArgumentError(f"{what} has no {argument}=: {why}", at=user_line(), hint=hint)


def check_cast(x: Expr, dtype: Any, casting: str) -> None:
    """Raise DtypeError where NumPy's rule `casting` forbids x to become `dtype`."""
    if casting not in CASTING:
        raise ArgumentValueError(f"casting is one of {', '.join(CASTING)}, not {casting!r}", at=user_line())
    if not np.can_cast(x.dtype, as_dtype(dtype), casting):              # type: ignore[arg-type]
        raise DtypeError(f"cannot cast {x.dtype} to {as_dtype(dtype)} by the rule {casting!r}", at=user_line(),
                         hint="casting='unsafe' allows it")


def as_asked(ufunc: Any, values: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, ...]:
    """The arguments of a ufunc cast to the loop that `dtype=` and `casting=` choose, as NumPy chooses it.

    Raises ArgumentError for other options that would change something, DtypeError where no loop fits.
    """
    asked = {k: v for k, v in options.items() if v is not None and k not in SILENT and not (k == "where" and v is True)}
    dtype, casting = asked.pop("dtype", None), asked.pop("casting", "same_kind")
    for name in asked:
        if name not in ("out", "where", "signature", "sig", "axes", "axis", "keepdims", "extobj"):
            raise ArgumentError(f"{ufunc.__name__} has no argument {name!r}", at=user_line())
        refuse(ufunc.__name__, name)
    if dtype is None and casting == "same_kind":
        return values
    made = [v if type(v) in (int, float, complex) else as_expr(v) for v in values]
    loop = _loop(ufunc, made, dtype, casting)
    return tuple(_as(v, d) for v, d in zip(made, loop, strict=True))


# How Theano, PyTensor and SciPy name the arguments of elementwise functions, of one and of two.
WORDS = {1: (("x",), ("a",), ("z",)), 2: (("x", "y"), ("a", "b"), ("n", "x"), ("v", "x"), ("v", "z"), ("z", "m"), ("x1", "x2"))}


def placed(values: tuple[Any, ...], options: dict[str, Any], count: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of an elementwise function in their order where some are named, and the options that are left."""
    for words in WORDS.get(count, ()):
        rest = words[len(values):]
        if all(w in options for w in rest):
            return (*values, *(options[w] for w in rest)), {k: v for k, v in options.items() if k not in rest}
    return values, options


BUILDERS["_placed"] = placed
BUILDERS["_as_asked"] = as_asked            # for the builders in elementwise.py, on which this file stands


def _as(value: Any, dtype: np.dtype[Any]) -> Expr:
    """A value as `dtype`; a Python number becomes a constant of it, or raises where it does not fit."""
    return cast(value, dtype) if isinstance(value, Expr) else constant(value, dtype)


def _loop(ufunc: Any, values: list[Any], dtype: Any, casting: str) -> list[np.dtype[Any]]:
    """The dtypes that the arguments are cast to."""
    if casting not in CASTING:
        raise ArgumentValueError(f"casting is one of {', '.join(CASTING)}, not {casting!r}", at=user_line())
    if not isinstance(ufunc, np.ufunc):
        for v in values:
            if isinstance(v, Expr) and dtype is not None:
                check_cast(v, dtype, casting)
        return [as_dtype(dtype) if dtype is not None else as_expr(v).dtype for v in values]
    kinds = [v.dtype if isinstance(v, Expr) else type(v) for v in values]
    wanted = None if dtype is None else (*(None,) * ufunc.nin, *(as_dtype(dtype),) * ufunc.nout)
    try:
        found = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout), signature=wanted, casting=casting)   # type: ignore[arg-type]
    except TypeError:
        names = ", ".join(k.__name__ if isinstance(k, type) else str(k) for k in kinds)
        to = "" if dtype is None else f" with dtype={as_dtype(dtype)}"
        raise DtypeError(f"{ufunc.__name__} does not take {names}{to} and casting={casting!r}", at=user_line(),
                         hint="cast the arguments first: x.astype(...)") from None
    return list(found[:ufunc.nin])
