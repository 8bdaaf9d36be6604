"""Identities that speak to gradients: clip, scale, refuse or replace what flows back; values go through as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

from ..errors import ArgumentError, GradientError, no_keywords
from ..expr import Expr, as_expr, item, make, where
from ..op import BUILDERS, Op, builder
from ..origins import user_line
from ..types import Shape, TensorType, TupleType, shape_text
from .lengths import lengths_now

__all__ = ["custom_gradient", "custom_gradient_op", "grad_clip", "grad_scale", "undefined_grad"]


def _identity(name: str, doc: str, **fields: Any) -> Op:
    return Op(name, "shape", lambda t, **kw: t, lambda x, **kw: x, doc, shape=lambda x, **kw: lengths_now(x), flops=0.0,
              exact=True, latex="{0}", **fields)


grad_clip_op = _identity("grad_clip", "x itself; the gradient that flows back is clipped", params=("low", "high"),
                         vjp=lambda g, out, x, low, high: (BUILDERS["clip"](g, low, high),),
                         jvp=lambda tangents, out, x, low, high: tangents[0])
grad_scale_op = _identity("grad_scale", "x itself; the gradient that flows back is multiplied by a number", params=("factor",),
                          vjp=lambda g, out, x, factor: (g * factor,))
undefined_grad_op = _identity("undefined_grad", "x itself, through which no gradient is defined")


@builder
def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Expr:
    """x itself; the gradient with respect to it is clipped to [lower_bound, upper_bound].

    Tangents (`jvp`) go through as they are.

    >>> import tensorviz as tv
    >>> x = tv.scalar("x")
    >>> tv.grad(grad_clip(x, -1.0, 1.0) ** 2, x).eval({x: 3.0})
    array(1.)
    """
    low, high = float(lower_bound), float(upper_bound)
    if not low <= high:
        raise ArgumentError(f"grad_clip takes a lower and an upper bound, not {low} and {high}", at=user_line())
    return make(grad_clip_op, (as_expr(x),), (low, high))


@builder
def grad_scale(x: Any, multiplier: float) -> Expr:
    """x itself; the gradient with respect to it is multiplied by a number (negative: reversed), and so are tangents.

    >>> import tensorviz as tv
    >>> x = tv.scalar("x")
    >>> tv.grad(grad_scale(x, -0.5) ** 2, x).eval({x: 3.0})
    array(-3.)
    """
    return make(grad_scale_op, (as_expr(x),), (float(multiplier),))


@builder
def undefined_grad(x: Any) -> Expr:
    """x itself; asking for a gradient through it raises NullTypeGradError (`null_gradients="return"`: gives a NullType).

    >>> import tensorviz as tv
    >>> undefined_grad(tv.vector("x")).op.name
    'undefined_grad'
    """
    return make(undefined_grad_op, (as_expr(x),))


# -- gradients that the user gives ---------------------------------------------------------------------------------------
class custom_gradient:
    """A function of tensors whose gradient the user gives: a decorator, or `custom_gradient(function, vjp)`.

    The function builds its result (one expression, or a tuple) from its arguments; this is what is computed, compiled in line
    with all that stands around it. `vjp(g, out, *args)` gives a gradient (or None) for each argument, from the gradient `g` of
    the result; g and out are tuples if the result is one. Forward mode transposes it, `vmap` maps it over the batch. What the
    function reads beside its arguments is a constant for gradients. Pickled by name: define it at the top of a module.

    >>> import tensorviz as tv
    >>> @tv.custom_gradient
    ... def rounded(x):
    ...     return tv.rint(x)
    >>> @rounded.vjp
    ... def straight_through(g, out, x):
    ...     return g
    >>> x = tv.scalar("x")
    >>> tv.grad(rounded(x) ** 2, x).eval({x: 1.2})
    array(2.)
    """

    def __init__(self, function: Callable[..., Any], vjp: Callable[..., Any] | None = None) -> None:
        if not callable(function):
            raise ArgumentError(f"custom_gradient takes a function, not {type(function).__name__}", at=user_line())
        update_wrapper(self, function)
        self.function, self.rule = function, vjp

    def vjp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Say what the gradient is: a decorator for `rule(g, out, *args)`."""
        self.rule = rule
        return rule

    def __call__(self, *args: Any, **unknown: Any) -> Any:
        """The result for expressions (or arrays), with the gradient of its own."""
        no_keywords(unknown, "a custom_gradient")
        values = tuple(as_expr(a) for a in args)
        found = self.function(*values)
        outs = tuple(as_expr(o) for o in found) if isinstance(found, list | tuple) else (as_expr(found),)
        node = make(custom_gradient_op, (*outs, *values), (self, len(outs), isinstance(found, list | tuple), ()))
        return tuple(item(node, k) for k in range(len(outs))) if isinstance(found, list | tuple) else node

    def __repr__(self) -> str:
        return str(self.__dict__.get("__name__", "custom_gradient"))

    def __reduce__(self) -> str:
        return str(self.__dict__.get("__qualname__", "custom_gradient"))

    def pulled(self, g: Any, out: Any, args: Sequence[Expr], at: Sequence[str]) -> list[Any]:
        """What the user's rule gives, checked: one gradient an argument, in its shape."""
        if self.rule is None:
            raise GradientError(f"{self!r} has no gradient yet", at=at,
                                hint=f"give it one: @{self!r}.vjp before a function of (g, out, *args)")
        found = self.rule(g, out, *args)
        given = list(found) if isinstance(found, list | tuple) else [found]
        if len(given) != len(args):
            raise GradientError(f"the gradient of {self!r} gives {len(given)} results for {len(args)} arguments", at=at,
                                hint="one for each argument, None where there is none")
        result = [d if d is None or isinstance(d, GradientError) else as_expr(d) for d in given]    # errors wait to be asked for
        for k, (d, a) in enumerate(zip(result, args, strict=True)):
            if isinstance(d, Expr) and not _alike(d.type.shape, a.type.shape):
                raise GradientError(f"the gradient of {self!r} with respect to its argument {k} has shape "
                                    f"{shape_text(d.type.shape)}, not {shape_text(a.type.shape)}", at=at)
        return result


def _alike(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(None in (n, m) or n == m for n, m in zip(a, b, strict=True))


Levels = tuple[tuple[bool, ...], ...]           # for each vmap around it, outermost first, which arguments it maps over


def _type(*types: TensorType, rule: custom_gradient, count: int, several: bool, levels: Levels) -> Any:
    return TupleType(types[:count]) if several else types[0]


def _numpy(*values: Any, rule: custom_gradient, count: int, several: bool, levels: Levels) -> Any:
    return values[:count] if several else values[0]


def _shape(*args: Expr, rule: custom_gradient, count: int, several: bool, levels: Levels) -> tuple[Any, ...]:
    return tuple(lengths_now(a) for a in args[:count]) if several else lengths_now(args[0])


def _vjp(g: Any, out: Expr, *args: Expr, rule: custom_gradient, count: int, several: bool,
         levels: Levels) -> tuple[Expr | None, ...]:
    values = args[count:]
    gs, outs = (list(g), [item(out, k) for k in range(count)]) if several else ([g], [out])
    gs = [BUILDERS["zeros_like"](o) if d is None else d for d, o in zip(gs, outs, strict=True)]
    at = where(out)

    def pulled(levels: Levels, gs: Sequence[Expr], outs: Sequence[Expr], values: Sequence[Expr]) -> list[Expr | None]:
        if not levels:
            return rule.pulled(tuple(gs) if several else gs[0], tuple(outs) if several else outs[0], values, at)
        kept: list[int] = []
        errors: dict[int, Any] = {}

        def one(*core: Expr) -> list[Expr]:
            found = pulled(levels[1:], core[:count], core[count:2 * count], core[2 * count:])
            kept.extend(k for k, d in enumerate(found) if isinstance(d, Expr))
            errors.update((k, d) for k, d in enumerate(found) if isinstance(d, GradientError))
            return [d for d in found if isinstance(d, Expr)]

        axes = tuple(0 if mapped else None for mapped in levels[0])
        found = BUILDERS["vmap"](one, in_axes=(*(0,) * (2 * count), *axes[count:]))(*gs, *outs, *values)
        result: list[Any] = [errors.get(k) for k in range(len(values))]
        for k, d in zip(kept, found, strict=True):
            result[k] = d if levels[0][count + k] else BUILDERS["sum"](d, axis=0, dtype=d.dtype)
        return result

    return *(None,) * count, *pulled(levels, gs, outs, values)


custom_gradient_op = Op("custom_gradient", "shape", _type, _numpy,
                        "what a function of the user's makes of its arguments, with a gradient of the user's",
                        params=("rule", "count", "several", "levels"), shape=_shape, vjp=_vjp, flops=0.0, exact=True)
