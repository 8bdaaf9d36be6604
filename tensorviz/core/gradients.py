"""Derivatives made of `grad`, `vjp`, `jvp`, `vmap`: Jacobians, Hessians, products with them; Theano's and PyTensor's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .autodiff import as_list, as_target, grad, in_form_of, named, vjp
from .batching import vmap
from .dtypes import is_float
from .errors import ArgumentError, GradientError
from .expr import Expr, as_expr, where
from .forward import jvp
from .op import strict
from .ops.create import eye
from .ops.elementwise import zeros_like
from .ops.lengths import Length, lengths_now, product
from .ops.shape import reshape
from .origins import user_line
from .types import TensorType

__all__ = ["Lop", "Rop", "grads", "hessian", "hessian_vector_product", "jacobian", "pullback", "pushforward", "subgraph_grad"]


@strict
def grads(costs: Sequence[Any], wrt: Any, **options: Any) -> list[Any]:
    """The gradients of several scalar costs, each as `grad(cost, wrt, **options)` gives them.

    >>> import tensorviz as tv
    >>> x, y = tv.scalars("x y")
    >>> [g.eval({x: 3.0, y: 5.0}).item() for g in grads([x * y, x * x], x)]
    [5.0, 6.0]
    """
    return [grad(c, wrt, **options) for c in as_list(costs)]


# -- Theano's and PyTensor's words ---------------------------------------------------------------------------------------
@strict
def Rop(f: Any, wrt: Any, eval_points: Any, disconnected_outputs: str = "raise", return_disconnected: str = "zero") -> Any:
    """Theano's word for `jvp`: the Jacobian of `f` with respect to `wrt`, times `eval_points`.

    >>> import tensorviz as tv
    >>> x, v = tv.vectors("x v")
    >>> Rop(x * x, x, v).eval({x: [1.0, 2.0], v: [1.0, 1.0]})
    array([2., 4.])
    """
    return jvp(f, wrt, eval_points, disconnected_outputs, return_disconnected)


@strict
def Lop(f: Any, wrt: Any, eval_points: Any, consider_constant: Iterable[Expr] | None = None, disconnected_inputs: str = "raise",
        return_disconnected: str = "zero") -> Any:
    """Theano's word for `vjp`: `eval_points` times the Jacobian of `f` with respect to `wrt`.

    >>> import tensorviz as tv
    >>> x, u = tv.vectors("x u")
    >>> Lop(x * x, x, u).eval({x: [1.0, 2.0], u: [1.0, 1.0]})
    array([2., 4.])
    """
    return vjp(f, wrt, eval_points, consider_constant, disconnected_inputs, return_disconnected)


@strict
def pushforward(outputs: Any, inputs: Any, input_tangents: Any, disconnected_outputs: str = "raise",
                return_disconnected: str = "zero", use_op_pushforward: bool = False) -> Any:
    """PyTensor's word for `jvp`; `use_op_pushforward` is for its sake: an op's own rule is always used.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> pushforward(x * x, x, x).eval({x: [1.0, 2.0]})
    array([2., 8.])
    """
    return jvp(outputs, inputs, input_tangents, disconnected_outputs, return_disconnected)


@strict
def pullback(outputs: Any, inputs: Any, output_cotangents: Any, consider_constant: Iterable[Expr] | None = None,
             disconnected_inputs: str = "raise", return_disconnected: str = "zero") -> Any:
    """PyTensor's word for `vjp`.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> pullback(x * x, x, x).eval({x: [1.0, 2.0]})
    array([2., 8.])
    """
    return vjp(outputs, inputs, output_cotangents, consider_constant, disconnected_inputs, return_disconnected)


@strict
def subgraph_grad(wrt: Sequence[Expr], end: Sequence[Expr], start: Mapping[Expr, Any] | None = None, cost: Any = None,
                  details: bool = False) -> Any:
    """Gradients through a part of a graph: from `cost`, from known gradients `start`, or from both, down to the nodes `end`.

    Nothing flows below `end`. Returns the gradients of `wrt` and those of `end`, which can be the `start` of the part below;
    with `details` also the gradients of both (`wrt` first) from `start` alone and from `cost` alone (None where not given).

    >>> import tensorviz as tv
    >>> x, w = tv.vectors("x w")
    >>> h = tv.tanh(x)
    >>> (dw,), (dh,) = subgraph_grad([w], [h], cost=(w * h).sum())
    >>> tv.grad(None, x, known_grads={h: dh}).eval({x: [0.0], w: [3.0]})
    array([3.])
    """
    if cost is None and start is None:
        raise ArgumentError("subgraph_grad needs a cost, known gradients (start), or both", at=user_line())
    ends = as_list(end)
    params = list(dict.fromkeys([*as_list(wrt), *ends]))
    of_start = None if start is None else grad(None, params, ends, "ignore", known_grads=start)
    of_cost = None if cost is None else grad(cost, params, ends, "ignore")
    both = [g for g in (of_start, of_cost) if g is not None]
    total = dict(zip(params, both[0] if len(both) == 1 else [a + b for a, b in zip(*both, strict=True)], strict=True))
    found = [total[w] for w in as_list(wrt)], [total[e] for e in ends]
    return (*found, of_start, of_cost) if details else found


# -- whole Jacobians -----------------------------------------------------------------------------------------------------
@strict
def jacobian(expression: Any, wrt: Any, consider_constant: Iterable[Expr] | None = None, disconnected_inputs: str = "raise",
             vectorize: bool = True, mode: str | None = None, holomorphic: bool = False) -> Any:
    """All derivatives of the elements of `expression` by those of `wrt`, of shape expression.shape + wrt.shape.

    Rows are gradients, one for each element of `expression` (mode "reverse"), or columns are tangents, one for each element of
    `wrt` ("forward"); left out, what needs fewer, if the lengths are known, else reverse. All are computed at once, as by
    `vmap`: there is no loop at run time (`vectorize` is for PyTensor's sake). A complex `expression` is taken for a holomorphic
    function of a complex `wrt`, if `holomorphic` says so, else refused. Raises GradientError as `grad` does.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> jacobian(x * x, x).eval({x: [1.0, 2.0]})
    array([[2., 0.],
           [0., 4.]])
    """
    out = as_expr(expression)
    if not isinstance(out.type, TensorType) or not is_float(out.dtype):
        raise GradientError(f"{named(out)} has no Jacobian: it is no floating-point tensor", at=where(out))
    targets = [as_target(w) for w in as_list(wrt)]
    if out.dtype.kind == "c" and not (holomorphic and all(w.dtype.kind == "c" for w in targets)):
        raise GradientError(f"{named(out)} is complex: it has a complex Jacobian as a holomorphic function of a complex wrt",
                            at=where(out), hint="say holomorphic=True, or take the Jacobians of tv.real and tv.imag")
    if mode not in (None, "reverse", "forward"):
        raise ArgumentError(f"the mode of jacobian is 'reverse' or 'forward', not {mode!r}", at=user_line())
    if mode == "forward" and consider_constant:
        raise ArgumentError("jacobian takes consider_constant in mode 'reverse' only", at=user_line(),
                            hint="tv.zero_grad(x) in the graph is a constant in both")
    return in_form_of(wrt, [_jacobian(out, w, consider_constant, disconnected_inputs, mode) for w in targets])


def _jacobian(out: Expr, w: Expr, constants: Iterable[Expr] | None, disconnected: str, mode: str | None) -> Expr:
    shape, own = lengths_now(out), lengths_now(w)
    rows, columns = product(shape), product(own)
    if mode == "forward" or (mode is None and not constants and isinstance(rows, int) and isinstance(columns, int)
                             and 1 < columns < rows and disconnected == "raise"):
        made = vmap(lambda t: jvp(out, w, t, disconnected), out_axes=-1)(_basis(columns, own, w.dtype))
        return reshape(made, (*shape, *own))
    if not shape:
        return vjp(out, w, as_expr(np.ones((), out.dtype)), constants, disconnected)  # type: ignore[no-any-return]
    vjp(out, w, zeros_like(out), constants, disconnected)           # what is wrong is said by the line that asks
    made = vmap(lambda g: vjp(out, w, g, constants))(_basis(rows, shape, out.dtype))
    return reshape(made, (*shape, *own))


def _basis(count: Length, shape: Sequence[Length], dtype: Any) -> Expr:
    """Tensors of `shape`, one for each element, which is 1 there and 0 elsewhere."""
    return reshape(eye(count, dtype=dtype), (count, *shape))


@strict
def hessian(cost: Any, wrt: Any, consider_constant: Iterable[Expr] | None = None, disconnected_inputs: str = "raise",
            holomorphic: bool = False) -> Any:
    """The second derivatives of a scalar cost by the elements of `wrt`, of shape wrt.shape + wrt.shape (one for each of a list).

    The Jacobian of the gradient, computed at once. What depends on `wrt` in a linear way has zeros. For a complex `wrt` the cost
    is the real part of a holomorphic function, whose second derivatives these are, if `holomorphic` says so; else GradientError:
    the gradient is not a linear map of dz then (`hessian_vector_product` goes along any dz).

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> hessian((x**3).sum(), x).eval({x: [1.0, 2.0]})
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    targets = as_list(wrt)
    for w in map(as_target, targets):
        if w.dtype.kind == "c" and not holomorphic:
            raise GradientError(f"{named(w)} is complex: the cost has a complex Hessian as the real part of a holomorphic one",
                                at=user_line() or where(w), hint="say holomorphic=True, or take hessian_vector_product, "
                                                                 "or the Hessian by the real and imaginary parts")
    slopes = grad(cost, targets, consider_constant, disconnected_inputs)
    found = [jacobian(g, w, consider_constant, "ignore", holomorphic=holomorphic) for g, w in zip(slopes, targets, strict=True)]
    return in_form_of(wrt, found)


@strict
def hessian_vector_product(cost: Any, wrt: Any, p: Any, **options: Any) -> Any:
    """The Hessian of a scalar cost times `p` (in the shape of `wrt`; a list for a list), without the Hessian: the tangent of the
    gradient along p. `options` are those of `grad`.

    >>> import tensorviz as tv
    >>> x, p = tv.vectors("x p")
    >>> hessian_vector_product((x**3).sum(), x, p).eval({x: [1.0, 2.0], p: [1.0, 1.0]})
    array([ 6., 12.])
    """
    return in_form_of(wrt, jvp(grad(cost, as_list(wrt), **options), as_list(wrt), as_list(p)))
