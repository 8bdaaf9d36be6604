"""Differentiation under Theano's names: `tensorviz.gradient.grad`, `verify_grad`, `grad_clip`, ...; most are in `tensorviz`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .core import verify
from .core.autodiff import DisconnectedType, NullType
from .core.errors import DisconnectedInputError, GradientError, NullTypeGradError
from .core.ops.axes import disconnected_grad, zero_grad
from .core.verify import numeric_grad, verify_grad
from .tensor.gradients import (
    Lop,
    Rop,
    custom_gradient,
    custom_vjp,
    grad,
    grad_clip,
    grad_scale,
    grads,
    hessian,
    hessian_vector_product,
    jacobian,
    jvp,
    pullback,
    pushforward,
    stop_gradient,
    subgraph_grad,
    undefined_grad,
    vectorize,
    vectorize_graph,
    vjp,
    vmap,
)

consider_constant = zero_grad

__all__ = ["DisconnectedInputError", "DisconnectedType", "GradientError", "Lop", "NullType", "NullTypeGradError", "Rop",
           "consider_constant", "custom_gradient", "custom_vjp", "disconnected_grad", "grad", "grad_clip", "grad_not_implemented",
           "grad_scale", "grad_undefined", "grads",
           "hessian", "hessian_vector_product", "jacobian", "jvp", "numeric_grad", "pullback", "pushforward", "stop_gradient",
           "subgraph_grad", "undefined_grad", "vectorize", "vectorize_graph", "verify_grad", "vjp", "vmap", "zero_grad"]


def _compiler(mode: Any) -> Callable[[Any, Any], Callable[..., Any]]:
    def compiled(inputs: Any, outputs: Any) -> Callable[..., Any]:
        from .compile.function import function

        return function(inputs, outputs, mode=mode, on_unused_input="ignore")

    return compiled


verify.COMPILERS[:] = [_compiler]


def grad_undefined(op: Any, x_pos: int, x: Any, comment: str = "") -> GradientError:
    """Theano's word for "there is no gradient": a rule of `custom_gradient` gives it for an argument; raised when asked for.

    >>> grad_undefined("rank", 0, None, "it counts").what
    'rank has no gradient with respect to its argument 0: it counts'
    """
    return _without(op, x_pos, "has no gradient", comment)


def grad_not_implemented(op: Any, x_pos: int, x: Any, comment: str = "") -> GradientError:
    """As `grad_undefined`, for a gradient that mathematics has and the rule has not.

    >>> grad_not_implemented("rank", 1, None).what
    'rank knows no gradient with respect to its argument 1'
    """
    return _without(op, x_pos, "knows no gradient", comment)


def _without(op: Any, x_pos: int, what: str, comment: str) -> GradientError:
    why = f": {comment}" if comment else ""
    return GradientError(f"{getattr(op, 'name', op)} {what} with respect to its argument {x_pos}{why}")
