"""Derivatives and graphs over stacks, as `tensorviz.tensor` and `tensorviz` have them."""

from __future__ import annotations

from ..core.autodiff import grad, vjp
from ..core.batching import vectorize, vectorize_graph, vmap
from ..core.forward import jvp
from ..core.gradients import (
    Lop,
    Rop,
    grads,
    hessian,
    hessian_vector_product,
    jacobian,
    pullback,
    pushforward,
    subgraph_grad,
)
from ..core.ops.axes import zero_grad
from ..core.ops.steering import custom_gradient, grad_clip, grad_scale, undefined_grad
from ..core.verify import numeric_grad, verify_grad

stop_gradient, custom_vjp = zero_grad, custom_gradient

__all__ = [
    "Lop", "Rop", "custom_gradient", "custom_vjp", "grad", "grad_clip", "grad_scale", "grads", "hessian",
    "hessian_vector_product", "jacobian", "jvp", "numeric_grad", "pullback", "pushforward", "stop_gradient", "subgraph_grad",
    "undefined_grad", "vectorize", "vectorize_graph", "verify_grad", "vjp", "vmap",
]
