"""Patterns: the sides of rules as light records, written like expressions.

`log(1.0 + x)` in the body of a rule is a `P`, not an expression: a name of an op or a builder, patterns or numbers for
arguments, and parameters. The name of any op or builder can be imported from here as such a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..core import ops as _ops  # noqa: F401  fills the registries
from ..core.op import BUILDERS, OPS

__all__ = ["Call", "P", "Pattern", "Term", "Var", "computed", "pattern_text", "variables_of"]

Number = int | float | bool
_CALL = 100


class Term:
    """What patterns have in common: Python's operators build larger patterns."""

    __slots__ = ()

    def __add__(self, other: Any) -> P:
        return P("add", (self, other))

    def __radd__(self, other: Any) -> P:
        return P("add", (other, self))

    def __sub__(self, other: Any) -> P:
        return P("subtract", (self, other))

    def __rsub__(self, other: Any) -> P:
        return P("subtract", (other, self))

    def __mul__(self, other: Any) -> P:
        return P("multiply", (self, other))

    def __rmul__(self, other: Any) -> P:
        return P("multiply", (other, self))

    def __truediv__(self, other: Any) -> P:
        return P("true_divide", (self, other))

    def __rtruediv__(self, other: Any) -> P:
        return P("true_divide", (other, self))

    def __pow__(self, other: Any) -> P:
        return P("power", (self, other))

    def __matmul__(self, other: Any) -> P:
        return P("matmul", (self, other))

    def __neg__(self) -> P:
        return P("negative", (self,))

    def __lt__(self, other: Any) -> P:
        return P("less", (self, other))

    def __le__(self, other: Any) -> P:
        return P("less_equal", (self, other))

    def __gt__(self, other: Any) -> P:
        return P("greater", (self, other))

    def __ge__(self, other: Any) -> P:
        return P("greater_equal", (self, other))

    def __repr__(self) -> str:
        return pattern_text(self)


class Var(Term):
    """A pattern variable: it matches any expression (as a parameter any value), the same one each time it occurs."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class P(Term):
    """The pattern `op(*args, **params)`."""

    __slots__ = ("args", "op", "params")

    def __init__(self, op: str, args: tuple[Any, ...], params: dict[str, Any] | None = None) -> None:
        self.op, self.args, self.params = op, args, params or {}


class Call(Term):
    """A named Python function of what the variables stand for: a condition, or a computed parameter."""

    __slots__ = ("args", "function", "words")

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], words: str) -> None:
        self.function, self.args, self.words = function, args, words

    @property
    def text(self) -> str:
        """In words, with the pattern's variables: ``x has floating point values``."""
        return self.words.format(*map(pattern_text, self.args))


Pattern = Term | int | float | bool


def computed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function usable on the right side of rules: given pattern variables it waits for what they stand for.

    >>> @computed
    ... def after(A, B):
    ...     return tuple(A[b] for b in B)
    >>> after(Var("A"), Var("B"))
    after(A, B)
    """
    words = f"{function.__name__}({', '.join(f'{{{i}}}' for i in range(function.__code__.co_argcount))})"

    def wait(*args: Any) -> Any:
        return Call(function, args, words) if any(isinstance(a, Term) for a in args) else function(*args)

    wait.__name__, wait.__doc__ = function.__name__, function.__doc__
    return wait


def __getattr__(name: str) -> Callable[..., P]:
    if name not in OPS and name not in BUILDERS:
        raise AttributeError(f"there is no op or builder {name!r} to write patterns with")

    def build(*args: Any, **params: Any) -> P:
        return P(name, args, params)

    build.__name__ = name
    return build


# -- as text ---------------------------------------------------------------------------------------------------------
def pattern_text(p: Any) -> str:
    """A pattern as it is written: ``log(1.0 + x)``."""
    return _text(p)[0]


def _text(p: Any) -> tuple[str, int]:
    if isinstance(p, Var):
        return p.name, _CALL
    if isinstance(p, Call):
        return p.text, _CALL
    if not isinstance(p, P):
        return repr(p), _CALL if not isinstance(p, int | float) or p >= 0 else 70
    op = OPS.get(p.op)
    parts = [_text(a) for a in p.args]
    if op is not None and op.prec < _CALL and op.text and not p.params:
        shown = [f"({t})" if prec < op.prec + (k > 0 or p.op == "power") else t for k, (t, prec) in enumerate(parts)]
        return op.text.format(*shown), op.prec
    if p.op == "matmul":
        return " @ ".join(f"({t})" if prec < 60 + k else t for k, (t, prec) in enumerate(parts)), 60
    words = [t for t, _ in parts] + [f"{k}={_text(v)[0]}" for k, v in p.params.items()]
    return f"{p.op}({', '.join(words)})", _CALL


# -- what is inside ----------------------------------------------------------------------------------------------------
def parts_of(p: Any) -> Iterator[Any]:
    """A pattern and all in it, the root first."""
    yield p
    if isinstance(p, P):
        for q in (*p.args, *p.params.values()):
            yield from parts_of(q)
    elif isinstance(p, Call):
        for q in p.args:
            yield from parts_of(q)


def variables_of(p: Any, params: bool = True) -> list[str]:
    """Names of the variables of a pattern in order of appearance; without `params` only those that stand for expressions."""
    found: dict[str, None] = {}
    work = [p]
    while work:
        q = work.pop()
        if isinstance(q, Var):
            found[q.name] = None
        elif isinstance(q, P):
            work.extend(reversed((*q.args, *q.params.values()) if params else q.args))
        elif isinstance(q, Call):
            work.extend(reversed(q.args))
    return list(found)
