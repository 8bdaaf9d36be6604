"""The arguments of `tv.function`: variables, updates and givens, checked before anything is compiled."""

from __future__ import annotations

import warnings
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingInputError, UpdateError
from ..core.expr import Expr, as_expr, constant, constant_op, value_of, where
from ..core.graph import inputs_of
from ..core.origins import describe, here, line_of
from ..core.shared import converted, is_shared

__all__ = ["Updates", "as_givens", "as_name", "as_updates", "as_variables", "calling", "check_inputs", "place"]

Updates = Mapping[Expr, Any] | Iterable[tuple[Expr, Any]]


def calling() -> list[str]:
    """The user's line that calls, for the `at` of an error."""
    return [f"{line_of(s)}    {describe(s)}".strip() for s in here()[:1]]


def place(e: Expr) -> str:
    """Where an expression was made."""
    return describe(e.sites[0]) if e.sites else "an unknown line"


def as_variables(inputs: Sequence[Any]) -> list[Expr]:
    """The inputs of a function; raises ArgumentError for what is no variable."""
    if not isinstance(inputs, list | tuple):
        raise ArgumentError("inputs are given as a list of variables", at=calling(), hint="tv.function([x], y)")
    variables: list[Expr] = []
    for x in inputs:
        if not isinstance(x, Expr) or x.op.name != "variable" or is_shared(x):
            what = "a shared variable" if isinstance(x, Expr) and is_shared(x) else f"{x!r:.60}"
            raise ArgumentError(f"an input must be a variable, not {what}", at=where(x) if isinstance(x, Expr) else (),
                                hint="shared variables need not be listed; givens= replaces what is not a variable")
        if any(x is v for v in variables):
            raise ArgumentError(f"{x.name or 'a variable'} is listed twice among the inputs", at=calling())
        variables.append(x)
    return variables


def as_name(name: Any) -> str | None:
    """The name of a function, or None; raises ArgumentError for what is no string."""
    if name is not None and not isinstance(name, str):
        raise ArgumentError(f"the name of a function is a string, not {type(name).__name__} {name!r:.40}", at=calling())
    return name


def _pairs(given: Any, what: str) -> list[tuple[Any, Any]]:
    """A mapping, or pairs, as a list of pairs."""
    if given is None:
        return []
    items = list(given.items() if isinstance(given, Mapping) else [given] if isinstance(given, Expr | str) or
                 not isinstance(given, Iterable) else given)
    if any(not isinstance(item, tuple | list) or len(item) != 2 for item in items):
        raise ArgumentError(f"{what} is a mapping or a list of pairs", at=calling(), hint=f"{what}={{old: new}}")
    return [(old, new) for old, new in items]


def as_updates(updates: Updates | None) -> list[tuple[Expr, Expr]]:
    """Shared variables with their new values; raises ArgumentError or UpdateError."""
    pairs = []
    seen: set[Expr] = set()
    for v, new in _pairs(updates, "updates"):
        if not isinstance(v, Expr) or not is_shared(v):
            raise ArgumentError(f"only shared variables can be updated, not {v!r:.60}", at=calling(),
                                hint="tv.shared(value) makes one")
        if v in seen:
            raise ArgumentError(f"{v.name or 'a shared variable'} is updated twice", at=calling())
        seen.add(v)
        pairs.append((v, _fitting(v, new)))
    return pairs


def _fitting(v: Expr, value: Any) -> Expr:
    """The new value as an expression of the shared variable's type; raises UpdateError if it is another."""
    new = _as_type(v, value)
    name = v.name or "a shared variable"
    lengths = zip(v.type.shape, new.type.shape, strict=False)
    if new.dtype != v.dtype or new.ndim != v.ndim or any(None not in (n, m) and n != m for n, m in lengths):
        only_dtype = new.ndim == v.ndim and new.dtype != v.dtype
        hint = f"use .astype({str(v.dtype)!r})" if only_dtype else "updates keep the shape and dtype of the variable"
        raise UpdateError(f"the update of {name} is {new.type.text()}, it must be {v.type.text()}", at=where(new) or calling(),
                          facts=[f"{name}: {v.type.text()} from {place(v)}"], hint=hint)
    return new


def _as_type(v: Expr, new: Any) -> Expr:
    """`new` as an expression; values convert to the dtype of `v` where nothing is lost."""
    if isinstance(new, Expr):
        return new
    made = as_expr(new)
    if made.op is not constant_op:
        return made
    found = converted(value_of(made), v.dtype, weak=not isinstance(new, np.ndarray | np.generic))
    return made if found is None else constant(found)


def as_givens(givens: Updates) -> dict[Expr, Expr]:
    """What replaces what; raises ArgumentError or UpdateError."""
    result = {}
    for old, new in _pairs(givens, "givens"):
        if not isinstance(old, Expr):
            raise ArgumentError(f"givens replaces expressions, not {old!r:.60}", at=calling(), hint="givens={x: new}")
        new = _as_type(old, new)
        lengths = zip(old.type.shape, new.type.shape, strict=False)
        if new.dtype != old.dtype or new.ndim != old.ndim or any(None not in (n, m) and n != m for n, m in lengths):
            raise UpdateError(f"{old.name or 'a variable'} is {old.type.text()}, it can't be replaced by {new.type.text()}",
                              at=where(new) or calling(), hint="givens keep the shape and dtype of what they replace")
        result[old] = new
    return result


def check_inputs(variables: Sequence[Expr], roots: Sequence[Expr], on_unused: str, replaced: Container[Expr] = ()) -> None:
    """Raise MissingInputError for variables that are not given, and say what is given but not needed."""
    needed, given = inputs_of(roots), set(variables)
    for e in needed:
        if e not in given and not is_shared(e):
            name = e.name or "a variable without a name"
            raise MissingInputError(f"the graph needs {name}, which is not among the inputs", at=where(e),
                                    hint="values of givens= are taken as they are: write out there what stands for it"
                                    if e in replaced else "add it to the inputs, or give it a value with givens=")
    if on_unused not in ("raise", "warn", "ignore"):
        raise ArgumentError(f"on_unused_input can't be {on_unused!r}", hint="use 'raise', 'warn' or 'ignore'")
    unused = [x for x in variables if x not in set(needed)]
    if unused and on_unused != "ignore":
        names = ", ".join(x.name or "a variable without a name" for x in unused)
        if on_unused == "raise":
            raise ArgumentError(f"the outputs don't depend on input {names}: no values of it are needed", at=where(unused[0]),
                                hint="leave it out; on_unused_input='ignore' allows it")
        warnings.warn(f"the outputs don't depend on input {names}: no values of it are needed", stacklevel=3)
