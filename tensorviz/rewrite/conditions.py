"""Named conditions of rules: each can say in words what it asks and why it does not hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.dtypes import short
from ..core.expr import Expr, constant, constant_op, value_of
from .lengths import covers, same_lengths
from .match import number_of
from .pattern import Call, Term

__all__ = ["at_least_one", "broadcasts_back", "carries_shape", "condition", "fold_is_normal", "has_rank", "is_constant",
           "is_exact_difference", "is_exact_sum", "is_float", "is_integer", "is_not_shifted", "is_power_of_two", "is_reduced",
           "is_scalar", "is_shifted", "is_signed", "may_be_large", "never_negative", "same_shape", "single_reader"]

Answer = bool | str


def condition(words: str, reads_graph: bool = False,
              constants: tuple[int, ...] = ()) -> Callable[[Callable[..., Answer]], Callable[..., Any]]:
    """Make a function a condition: called with pattern variables it waits for what they stand for.

    It returns True, or in words why it does not hold. `words` say what it asks; `reads_graph` gives it the number of
    readers of a node as first argument; `constants` numbers the arguments that must be constant scalars, which the matcher
    uses to look at nothing else.

    >>> from tensorviz.rewrite.pattern import Var
    >>> is_float(Var("x")).text
    'x has floating point values'
    """
    def decorate(function: Callable[..., Answer]) -> Callable[..., Any]:
        def ask(*args: Any) -> Any:
            if any(isinstance(a, Term) for a in args):
                call = Call(ask, args, words)
                return call
            return function(*args)

        ask.__name__, ask.__doc__ = function.__name__, function.__doc__
        ask.reads_graph, ask.constants = reads_graph, constants  # type: ignore[attr-defined]
        return ask

    return decorate


def label(e: Expr) -> str:
    """What a reason calls a node: its name, or its op."""
    return e.name or (str(number_of(e)) if number_of(e) is not None else f"the {e.op.name}")


# -- values and dtypes -------------------------------------------------------------------------------------------------
@condition("{0} has floating point values")
def is_float(x: Expr) -> Answer:
    """Real floating point: the rule's proof speaks of real numbers."""
    return x.dtype.kind == "f" or f"{label(x)} is {short(x.dtype)}"


@condition("{0} has integer or boolean values")
def is_integer(x: Expr) -> Answer:
    """Integers and booleans: no rounding."""
    return x.dtype.kind in "iub" or f"{label(x)} is {short(x.dtype)}"


@condition("{0} is signed")
def is_signed(x: Expr) -> Answer:
    """Not an unsigned integer or a boolean: negation is what it is in mathematics."""
    return x.dtype.kind in "ifc" or f"{label(x)} is {short(x.dtype)}"


@condition("{0} is a constant scalar", constants=(0,))
def is_constant(c: Expr) -> Answer:
    """A constant of one element."""
    return number_of(c) is not None or f"{label(c)} is not a constant scalar"


@condition("|{0}| >= 1", constants=(0,))
def at_least_one(c: Expr) -> Answer:
    """A constant scalar that does not make things smaller."""
    value = number_of(c)
    if value is None:
        return f"{label(c)} is not a constant scalar"
    return bool(np.isfinite(value) and abs(value) >= 1) or f"it is {value}"


@condition("{0} is a power of two whose reciprocal is normal", constants=(0,))
def is_power_of_two(c: Expr) -> Answer:
    """Dividing by it and multiplying by its reciprocal round alike: both exact but for underflow, where they agree too."""
    value = number_of(c)
    if value is None or c.dtype.kind != "f":
        return f"{label(c)} is not a floating point constant"
    if not np.isfinite(value) or value == 0 or abs(math.frexp(value)[0]) != 0.5:
        return f"{value} is not a power of two"
    return _normal(c.dtype.type(1) / c.dtype.type(value)) or f"1 / {value} is not a normal number"


@condition("{0} {1} {2} is finite and normal", constants=(0, 2))
def fold_is_normal(c: Expr, op: str, d: Expr) -> Answer:
    """The two constants combine to a finite, normal number (or, for integers, to whatever wraps around)."""
    if number_of(c) is None or number_of(d) is None:
        return f"{label(d if number_of(c) is not None else c)} is not a constant scalar"
    if c.dtype.kind in "iub":
        return True
    with np.errstate(all="ignore"):
        found = value_of(c) * value_of(d) if op == "*" else value_of(c) / value_of(d)
    return _normal(found.reshape(-1)[0]) or f"it is {found.reshape(-1)[0]}"


@condition("{0} + {1} is exact", constants=(0, 1))
def is_exact_sum(c: Expr, d: Expr) -> Answer:
    """The sum of the two constants has no rounding error."""
    if number_of(c) is None or number_of(d) is None:
        return f"{label(d if number_of(c) is not None else c)} is not a constant scalar"
    if c.dtype.kind in "iub":
        return True
    a, b = value_of(c).reshape(-1)[0], value_of(d).reshape(-1)[0]
    with np.errstate(all="ignore"):
        total = a + b
        high = total - a
        error = (a - (total - high)) + (b - high)
    return bool(np.isfinite(total) and error == 0 and (total == 0 or _normal(total))) or f"{a} + {b} is rounded to {total}"


@condition("{0} - {1} is exact", constants=(0, 1))
def is_exact_difference(c: Expr, d: Expr) -> Answer:
    """The difference of the two constants has no rounding error."""
    if number_of(d) is None or d.dtype.kind in "bu":
        return number_of(d) is not None or f"{label(d)} is not a constant scalar"
    return is_exact_sum(c, constant(-value_of(d)))  # type: ignore[no-any-return]


def _normal(value: Any) -> bool:
    return bool(np.isfinite(value) and abs(value) >= np.finfo(value.dtype).tiny)


# -- sign and size -----------------------------------------------------------------------------------------------------
_NOT_NEGATIVE = frozenset({"exp", "exp2", "absolute", "square", "sqrt", "hypot", "cosh", "arccosh"})
_PASSES_SIGN = frozenset({"sum", "max", "min", "broadcast_to", "reshape", "transpose", "expand_dims", "squeeze", "zero_grad",
                          "sum_to", "index", "take", "specify_shape"})


def sign_known(e: Expr, depth: int = 8) -> bool:
    """Whether e is >= 0 (or NaN) for every input, as far as `depth` levels of ops tell."""
    name = e.op.name
    if e.op is constant_op:
        return bool(np.all(value_of(e) >= 0))
    if name in _NOT_NEGATIVE or depth == 0:
        return depth > 0
    if name == "true_divide":
        return sign_known(e.args[0], depth - 1) and not _may_be_minus_zero(e.args[1])
    if name in ("add", "multiply", "minimum"):
        return (name == "multiply" and e.args[0] is e.args[1]) or all(sign_known(a, depth - 1) for a in e.args)
    if name == "maximum":
        return any(sign_known(a, depth - 1) for a in e.args)
    return name in _PASSES_SIGN and sign_known(e.args[0], depth - 1)


def _may_be_minus_zero(e: Expr) -> bool:
    """Whether a divisor may be negative or -0.0, whose reciprocal is -inf."""
    for _ in range(4):
        if e.op.name in ("sum", "broadcast_to", "expand_dims", "max"):
            e = e.args[0]
    return e.op.name not in _NOT_NEGATIVE or e.op.name == "sqrt"


@condition("{0} is never negative")
def never_negative(x: Expr) -> Answer:
    """x >= 0 (or NaN) by what it is made of: exp, squares, absolute values, their sums and products."""
    if x.dtype.kind != "f":
        return f"{label(x)} is {short(x.dtype)}: integers wrap around"
    return sign_known(x) or f"{label(x)} may be negative"


@condition("{0} may be large")
def may_be_large(x: Expr) -> Answer:
    """x is not of the form -|y|, whose exponential can't overflow."""
    return not (x.op.name == "negative" and x.args[0].op.name == "absolute") or f"{label(x)} is never positive"


# -- shapes ------------------------------------------------------------------------------------------------------------
@condition("{0} and {1} have the same shape")
def same_shape(a: Expr, b: Expr) -> Answer:
    """Equal shapes for every input, as far as the types and the ops tell."""
    return same_lengths(a, b) or f"{a.type.text()} and {b.type.text()} may differ"


@condition("{0} has the shape of {1} without {2}")
def carries_shape(a: Expr, b: Expr, c: Expr) -> Answer:
    """c adds nothing to the shape of a."""
    return covers(a, c) or f"{label(c)} may be longer than {label(a)}"


@condition("{0} is a scalar")
def is_scalar(x: Expr) -> Answer:
    """No axes."""
    return x.ndim == 0 or f"{label(x)} has {x.ndim} axes"


@condition("{0} has {1} axes")
def has_rank(x: Expr, ndim: int) -> Answer:
    """Number of axes."""
    return x.ndim == ndim or f"it has {x.ndim}"


@condition("{0} has length 1 along {1} of {2}")
def is_reduced(c: Expr, axes: tuple[int, ...], x: Expr) -> Answer:
    """c does not vary along the axes of x that are reduced, nor is it longer than x elsewhere."""
    lead = x.ndim - c.ndim
    if lead < 0:
        return f"{label(c)} has more axes"
    varies = [k for k in axes if k >= lead and c.type.shape[k - lead] != 1]
    if varies:
        return f"{label(c)} may vary along axis {varies[0]}"
    return True


@condition("a sum over {0} with keepdims={1} broadcasts back")
def broadcasts_back(axes: tuple[int, ...], keep: bool) -> Answer:
    """The reduced axes are kept with length 1, or lead, so that NumPy's broadcasting makes them again."""
    return _back(axes, keep) or f"the axes {axes} are dropped"


def _back(axes: tuple[int, ...], keep: bool) -> bool:
    return keep or axes == tuple(range(len(axes)))


@condition("{0} has its maximum along {1} subtracted")
def is_shifted(a: Expr, axes: tuple[int, ...]) -> Answer:
    """a is z - max(z): no entry above 0, one entry 0, so exp(a) can't overflow and its sum is at least 1."""
    if a.op.name != "subtract":
        return f"{label(a)} is no difference"
    z, top = a.args
    while top.op.name == "zero_grad":
        top = top.args[0]
    if top.op.name == "where" and top.args[0].op.name == "isfinite":       # max(z) where it is finite, else 0
        top = top.args[1]
    while top.op.name == "zero_grad":
        top = top.args[0]
    if top.op.name != "max" or top.args[0] is not z:
        return f"{label(top)} is not the maximum of {label(z)}"
    if top.kw["axes"] != axes or (z.ndim and not _back(axes, top.kw["keepdims"])):
        return f"the maximum is over {top.kw['axes']}"
    return True


@condition("{0} has not its maximum along {1} subtracted")
def is_not_shifted(a: Expr, axes: tuple[int, ...]) -> Answer:
    """a is not z - max(z): there is something to be done."""
    return is_shifted(a, axes) is not True or f"{label(a)} is z - max(z) already"


# -- the graph around --------------------------------------------------------------------------------------------------
@condition("{0} has no other reader", reads_graph=True)
def single_reader(readers: Callable[[Expr], int], x: Expr) -> Answer:
    """Only the matched node uses x, so that computing it again inside the new node costs nothing."""
    count = readers(x)
    return count <= 1 or f"{label(x)} has {count} readers"
