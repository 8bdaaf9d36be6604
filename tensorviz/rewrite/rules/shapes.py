"""Shapes: casts and axes that do nothing go; two in a row become one; lengths come from where they are known first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import is_float
from ...core.expr import Expr, constant, item_op, make, variable
from ...core.op import BUILDERS
from ...core.ops.axes import expand_dims_op, squeeze_op, transpose_op
from ...core.ops.elementwise import cast_op
from ...core.ops.lengths import length, length_op, shape_op
from ...core.ops.shape import reshape_op, specify_shape_op
from ...core.ops.steering import custom_gradient, custom_gradient_op
from ...core.types import TensorType, TupleType
from ..lengths import axes_lengths, is_length, same_lengths
from ..pattern import zero_grad
from ..rule import EXACT, collect, rewrite, rule

__all__ = ["RULES", "tensor"]
S = "canonicalise"


def tensor(*shape: int | None, dtype: str = "float64") -> Expr:
    """A variable of a dtype and lengths, for examples."""
    return variable(TensorType(np.dtype(dtype), shape), "xyz"[len(shape)] if len(shape) < 3 else "t")


# -- identities --------------------------------------------------------------------------------------------------------
@rule(S, EXACT)
def value_of_zero_grad(x: Any) -> tuple[Any, ...]:
    """zero_grad(x) is x; it speaks to `grad`, which has been here already."""
    return zero_grad(x), x


def _steered() -> list[Expr]:
    x = tensor(None)
    one, two = custom_gradient(BUILDERS["exp"]), custom_gradient(lambda x, y: (x * y, x + y))
    plain = [BUILDERS["grad_clip"](x, -1.0, 1.0), BUILDERS["grad_scale"](x, 2.0), BUILDERS["undefined_grad"](x)]
    return [*plain, one(x), two(x, 2.0)[1]]


@rewrite(("custom_gradient", "grad_clip", "grad_scale", "item", "undefined_grad"), S, EXACT, formula="grad_clip(x) -> x",
         examples=_steered, vouches=True)
def value_of_steered_gradient(e: Expr) -> Expr | None:
    """What speaks to `grad` alone (it has been here already) is what it stands for."""
    if e.op is item_op:
        return e.args[0].args[e.kw["index"]] if e.args[0].op is custom_gradient_op else None
    return None if isinstance(e.type, TupleType) else e.args[0]


def _casts() -> list[Expr]:
    x, i = tensor(None, dtype="float32"), tensor(None, dtype="int32")
    b = tensor(None, dtype="bool")
    return [x.astype("float64").astype("float32"), i.astype("int64").astype("float64"), b.astype("int8").astype("float32")]


@rewrite("cast", S, EXACT, formula="cast(cast(x, D), E) -> cast(x, E)", examples=_casts)
def cast_of_cast(e: Expr) -> Expr | None:
    """The inner dtype holds every value of x exactly, so the detour changes nothing."""
    inner = e.args[0]
    if inner.op is not cast_op or not np.can_cast(inner.args[0].dtype, inner.dtype, "safe"):
        return None
    x = inner.args[0]
    digits = 8 * x.dtype.itemsize - (x.dtype.kind == "i")
    if is_float(inner.dtype) and x.dtype.kind in "iu" and np.finfo(inner.dtype).nmant < digits:
        return None                     # NumPy calls int64 -> float64 safe; it rounds
    return BUILDERS["cast"](x, e.dtype)  # type: ignore[no-any-return]


def _specified() -> list[Expr]:
    x, y = tensor(None, 3), tensor(2, 3)
    return [make(specify_shape_op, (x, length(x, 0)), ((None, 3),)), make(specify_shape_op, (y,), ((2, 3),))]


@rewrite("specify_shape", S, EXACT, formula="specify_shape(x, its own shape) -> x", examples=_specified)
def shape_as_known(e: Expr) -> Expr | None:
    """The type of x promises that shape already."""
    x, shape = e.args[0], _asserted(e)
    return x if shape is not None and all(n is None or n == m for n, m in zip(shape, x.type.shape, strict=True)) else None


def _asserted(e: Expr) -> tuple[int | None, ...] | None:
    """The lengths that a specify_shape asserts, None where it repeats its argument's own; None if some are computed."""
    x, extra = e.args[0], iter(e.args[1:])
    for k, n in enumerate(e.kw["shape"]):
        if n is None and not is_length(next(extra), x, k):
            return None
    return e.kw["shape"]  # type: ignore[no-any-return]


# -- axes --------------------------------------------------------------------------------------------------------------
def _transposes() -> list[Expr]:
    x = tensor(None, 3, None)
    inner = make(transpose_op, (x,), ((1, 2, 0),))
    return [make(transpose_op, (y,), (axes,)) for y, axes in ((inner, (2, 0, 1)), (inner, (1, 0, 2)), (x, (0, 1, 2)))]


@rewrite("transpose", S, EXACT, formula="transpose(transpose(x)) -> transpose(x)", examples=_transposes)
def transpose_of_transpose(e: Expr) -> Expr | None:
    """Two orders of axes make one, which may be that of x itself."""
    axes, x = e.kw["axes"], e.args[0]
    if x.op is transpose_op:
        axes, x = tuple(x.kw["axes"][k] for k in axes), x.args[0]
    elif axes != tuple(range(len(axes))):
        return None
    return BUILDERS["transpose"](x, axes)  # type: ignore[no-any-return]


def _squeezes() -> list[Expr]:
    x = tensor(None, 3)
    inner = make(expand_dims_op, (x,), ((1,),))
    return [make(squeeze_op, (inner,), ((1,),)), make(squeeze_op, (make(expand_dims_op, (x,), ((0, 2),)),), ((2,),))]


@rewrite("squeeze", S, EXACT, formula="squeeze(expand_dims(x)) -> x", examples=_squeezes)
def squeeze_of_expanded(e: Expr) -> Expr | None:
    """The axes that are dropped are among those that were made."""
    inner, drop = e.args[0], e.kw["axes"]
    if inner.op is not expand_dims_op or not set(drop) <= set(inner.kw["axes"]):
        return None
    left = tuple(k - sum(d < k for d in drop) for k in inner.kw["axes"] if k not in drop)
    return make(expand_dims_op, inner.args, (left,)) if left else inner.args[0]


def _kept() -> list[Expr]:
    x = tensor(None, 3)
    return [make(expand_dims_op, (BUILDERS[name](x, axis=1),), ((1,),)) for name in ("sum", "max")]


@rewrite("expand_dims", S, EXACT, formula="expand_dims(sum(x, axes), axes) -> sum(x, axes, keepdims=True)", examples=_kept)
def axes_kept_by_reduction(e: Expr) -> Expr | None:
    """Axes of length 1 in the place of those that are reduced: the reduction keeps them."""
    inner = e.args[0]
    if inner.op.name not in ("sum", "max", "min", "prod") or inner.kw["keepdims"] or inner.kw["axes"] != e.kw["axes"]:
        return None
    return make(inner.op, inner.args, (inner.params[0], True))


def _unsqueezed() -> list[Expr]:
    return [make(expand_dims_op, (make(squeeze_op, (tensor(None, 1),), ((1,),)),), ((1,),))]


@rewrite("expand_dims", S, EXACT, formula="expand_dims(squeeze(x, axes), axes) -> x", examples=_unsqueezed)
def expand_of_squeezed(e: Expr) -> Expr | None:
    """The axes of length 1 that were dropped are there again."""
    inner = e.args[0]
    return inner.args[0] if inner.op is squeeze_op and inner.kw["axes"] == e.kw["axes"] else None


def _columns() -> list[Expr]:
    v = tensor(None)
    return [BUILDERS["reshape"](v, (-1, 1)), BUILDERS["reshape"](v, (1, -1))]


@rewrite("reshape", S, EXACT, formula="reshape(v, (-1, 1)) -> expand_dims(v, 1)", examples=_columns,
         vouches=True)
def reshape_to_column(e: Expr) -> Expr | None:
    """A vector that gets an axis of length 1 keeps its elements in their order."""
    v, shape = e.args[0], e.kw["shape"]
    if v.ndim != 1 or e.ndim != 2 or 1 not in e.type.shape or len(e.args) != 1:
        return None
    axis = e.type.shape.index(1)
    other = shape[1 - axis]
    if other != -1 and other != v.type.shape[0]:
        return None
    return make(expand_dims_op, (v,), ((axis,),))


def _flat() -> list[Expr]:
    x = tensor(None, 1)
    return [BUILDERS["reshape"](x, (length(x, 0),)), BUILDERS["reshape"](tensor(1, 3), (3,))]


@rewrite("reshape", S, EXACT, formula="reshape(x, (n,)) -> squeeze(x)", examples=_flat)
def reshape_to_vector(e: Expr) -> Expr | None:
    """A matrix of one row or one column keeps its elements in their order."""
    x = e.args[0]
    if e.ndim != 1 or x.ndim != 2 or 1 not in x.type.shape:
        return None
    return make(squeeze_op, (x,), ((x.type.shape.index(1),),))


def _expanded() -> list[Expr]:
    x = tensor(None)
    return [make(expand_dims_op, (make(expand_dims_op, (x,), ((0,),)),), ((2,),))]


@rewrite("expand_dims", S, EXACT, formula="expand_dims(expand_dims(x)) -> expand_dims(x)", examples=_expanded)
def expand_of_expanded(e: Expr) -> Expr | None:
    """New axes made in two steps are made in one."""
    inner = e.args[0]
    if inner.op is not expand_dims_op:
        return None
    places: list[bool] = [False] * inner.args[0].ndim
    for node in (inner, e):
        for k in node.kw["axes"]:
            places.insert(k, True)
    return make(expand_dims_op, inner.args, (tuple(k for k, new in enumerate(places) if new),))


def _leading() -> list[Expr]:
    x, v = tensor(None, 3), tensor(3)
    return [x * make(expand_dims_op, (v,), ((0,),)), x - make(expand_dims_op, (tensor(),), ((0, 1),))]


@rewrite("elementwise ops", S, EXACT, formula="x * expand_dims(v, 0) -> x * v", examples=_leading)
def leading_axes_in_elementwise(e: Expr) -> Expr | None:
    """Broadcasting makes leading axes of length 1 by itself, if another operand has as many."""
    for k, a in enumerate(e.args):
        if a.op is expand_dims_op:
            axes = a.kw["axes"]
            if axes == tuple(range(len(axes))) and any(b.ndim >= a.ndim and b is not a for b in e.args):
                return make(e.op, (*e.args[:k], a.args[0], *e.args[k + 1:]), e.params)
    return None


# -- reshape -----------------------------------------------------------------------------------------------------------
def _reshapes() -> list[Expr]:
    x = tensor(4, 6)
    flat = make(reshape_op, (x,), ((24,),))
    return [make(reshape_op, (flat,), ((2, 12),)), make(reshape_op, (flat,), ((4, 6),))]


@rewrite("reshape", S, EXACT, formula="reshape(reshape(x, S), T) -> reshape(x, T)", examples=_reshapes)
def reshape_of_reshape(e: Expr) -> Expr | None:
    """Only the last shape counts; x itself if it is its own. Where lengths are unknown the inner one may have to raise."""
    x = e.args[0]
    if x.op is reshape_op and None not in x.type.shape and None not in x.args[0].type.shape:
        x = x.args[0]
        return x if x.type.shape == e.type.shape else make(reshape_op, (x, *e.args[1:]), e.params)
    return x if e.ndim == x.ndim and same_lengths(e, x) else None


# -- promised shapes -------------------------------------------------------------------------------------------------
def _pushed() -> list[Expr]:
    x, specify = tensor(None, None), BUILDERS["specify_shape"]
    return [specify(x @ tensor(None, 3), (4, 3)), specify(x.T, (None, 3)), specify(specify(x, (2, None)), (None, 3))]


@rewrite("specify_shape", S, EXACT, examples=_pushed,
         formula="specify_shape(a @ b, (m, n)) -> specify_shape(a, (m, .)) @ specify_shape(b, (., n))")
def specify_early(e: Expr) -> Expr | None:
    """A length is checked where it first appears, so that everything after knows it."""
    x, specify = e.args[0], BUILDERS["specify_shape"]
    shape = _asserted(e)
    if shape is None:
        return None
    if x.op.name == "matmul" and x.ndim == 2 and all(a.ndim == 2 for a in x.args):
        a, b = x.args
        return make(x.op, (_specified_as(a, (shape[0], None)), _specified_as(b, (None, shape[1]))))
    if x.op is transpose_op:
        back = [shape[x.kw["axes"].index(k)] for k in range(x.ndim)]
        return make(transpose_op, (specify(x.args[0], tuple(back)),), x.params)
    before = _asserted(x) if x.op is e.op else None
    if before is not None:
        both = tuple(n if m is None else m for n, m in zip(before, shape, strict=True))
        return specify(x.args[0], both)  # type: ignore[no-any-return]
    return None


def _specified_as(x: Expr, shape: tuple[int | None, ...]) -> Expr:
    new = [n for n, m in zip(shape, x.type.shape, strict=True) if n is not None and m is None]
    return BUILDERS["specify_shape"](x, shape) if new else x


# -- lengths -----------------------------------------------------------------------------------------------------------
def _lengths() -> list[Expr]:
    x, y = tensor(None, 3), tensor(3, None)
    return [length(BUILDERS["exp"](x), 0), length(x @ y, 1), length(x.T, 1), length(x * 2.0, 0)]


@rewrite("length", S, EXACT, formula="length(f(x), k) -> length(x, k)", examples=_lengths, drops_shape_errors=True)
def length_of_computed(e: Expr) -> Expr | None:
    """A length needs no values: it comes from the lengths of the arguments."""
    x, axis = e.args[0], e.kw["axis"]
    if not isinstance(x.type, TensorType) or not x.args:
        return None
    if x.type.shape[axis] is not None:
        return constant(x.type.shape[axis], "int64")
    if x.op.family == "elementwise":
        return _first_length(x, axis)
    if x.op.shape is None:
        return None
    found = x.op.shape(*x.args, **x.kw)[axis]
    if found is None or (isinstance(found, Expr) and found.op is length_op and found.args[0] is x):
        return None
    return found if isinstance(found, Expr) else constant(found, "int64")


def _first_length(x: Expr, axis: int) -> Expr | None:
    """The length of an elementwise node, if all operands that have this axis agree on it."""
    parts = [(a, axis - x.ndim + a.ndim) for a in x.args]
    parts = [(a, k) for a, k in parts if k >= 0 and a.type.shape[k] != 1]
    known = {axes_lengths(a)[k] for a, k in parts}
    return length(*parts[0]) if len(known) == 1 else None


def _shapes() -> list[Expr]:
    return [make(shape_op, (BUILDERS["exp"](tensor(None, 3)),)), make(shape_op, (tensor(2, 3),))]


@rewrite("shape", S, EXACT, formula="shape(f(x)) -> shape(x)", examples=_shapes, drops_shape_errors=True)
def shape_of_computed(e: Expr) -> Expr | None:
    """A shape needs no values: it is that of an argument, or known when the graph is built."""
    x = e.args[0]
    if None not in x.type.shape:
        return constant(np.array(x.type.shape, np.int64))
    if x.op.family == "elementwise":
        for a in x.args:
            if a.ndim == x.ndim and same_lengths(a, x):
                return make(shape_op, (a,))
    return None


RULES = collect(globals())
