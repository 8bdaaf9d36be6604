"""NumPy's words for making arrays of anything, and for asking what they are; phases, polynomials, axes one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..conversions import as_tensor_variable
from ..dtypes import is_float
from ..errors import DtypeError, ShapeError, a_function
from ..expr import Expr, as_expr, variable, variable_op
from ..op import BUILDERS, builder, strict
from .elementwise import BOOL, cast, where
from .joining import concatenate
from .lengths import axis_of, length_of, user_line
from .numeric import diff, imag
from .options import check_cast

__all__ = ["apply_over_axes", "array", "asarray", "astype", "can_cast", "cartesian", "copy", "fix", "iscomplex",
           "iscomplexobj", "isreal", "isrealobj", "ndim", "nonzero_values", "polyval", "result_type", "unstack", "unwrap"]


# -- arrays of anything ----------------------------------------------------------------------------------------------------
@strict
def asarray(a: Any, dtype: Any = None) -> Expr:
    """An expression for a: arrays, numbers, lists (with expressions in them too) and expressions, as `dtype` if that is given.

    >>> asarray([1, 2], "float32").type
    TensorType(float32, (2,))
    """
    return as_tensor_variable(a, dtype=dtype)


@strict
def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0) -> Expr:
    """`asarray` with at least `ndmin` axes, new ones in front; expressions don't change, so that copies are not needed.

    >>> array(3.0, ndmin=2).type.shape
    (1, 1)
    """
    found = asarray(object, dtype)
    return as_tensor_variable(found, ndim=ndmin) if found.ndim < ndmin else found


@builder
def astype(x: Any, dtype: Any, *, casting: str = "unsafe", copy: bool = True) -> Expr:
    """x as another dtype; DtypeError where NumPy's rule `casting` forbids it. `copy` changes nothing: expressions don't change.

    >>> astype([1, 2], "float32").dtype
    dtype('float32')
    """
    x = as_expr(x)
    check_cast(x, dtype, casting)
    return cast(x, dtype)


@builder
def copy(a: Any) -> Expr:
    """a itself: expressions don't change.

    >>> copy([1, 2]).eval()
    array([1, 2])
    """
    return as_expr(a)


@builder
def _clone(a: Expr, name: str | None = None) -> Expr:
    return variable(a.type, name or a.name) if a.op is variable_op else a


# -- what they are ---------------------------------------------------------------------------------------------------------
@strict
def ndim(a: Any) -> int:
    """The number of axes.

    >>> ndim([[1, 2]])
    2
    """
    return as_expr(a).ndim


@strict
def iscomplexobj(x: Any) -> bool:
    """Whether x has a complex dtype.

    >>> iscomplexobj([1j])
    True
    """
    return as_expr(x).dtype.kind == "c"


@strict
def isrealobj(x: Any) -> bool:
    """Whether x has a dtype that is not complex.

    >>> isrealobj([1j])
    False
    """
    return not iscomplexobj(x)


@strict
def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype that NumPy's rules give to tensors, arrays, Python numbers (weak) and dtypes together.

    >>> import tensorviz as tv
    >>> result_type(tv.fvector("x"), 2.0)
    dtype('float32')
    """
    return np.result_type(*(v.dtype if isinstance(v, Expr) else v for v in arrays_and_dtypes))


@strict
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Whether NumPy's rule `casting` lets the dtype of a tensor, or a dtype, become another.

    >>> import tensorviz as tv
    >>> can_cast(tv.dvector("x"), "float32"), can_cast(tv.dvector("x"), "float32", "same_kind")
    (False, True)
    """
    return bool(np.can_cast(getattr(from_, "dtype", from_), to, casting))


@builder
def iscomplex(x: Any) -> Expr:
    """Whether the imaginary part of each element is not 0.

    >>> iscomplex([1 + 1j, 1 + 0j]).eval()
    array([ True, False])
    """
    x = as_expr(x)
    return BUILDERS["not_equal"](imag(x), 0) if iscomplexobj(x) else BUILDERS["zeros_like"](x, BOOL)


@builder
def isreal(x: Any) -> Expr:
    """Whether the imaginary part of each element is 0.

    >>> isreal([1 + 1j, 1 + 0j]).eval()
    array([False,  True])
    """
    x = as_expr(x)
    return BUILDERS["equal"](imag(x), 0) if iscomplexobj(x) else BUILDERS["ones_like"](x, BOOL)


@builder
def fix(x: Any) -> Expr:
    """x rounded towards 0.

    >>> fix([-1.5, 1.5]).eval()
    array([-1.,  1.])
    """
    return BUILDERS["trunc"](x)


# -- axes one by one ---------------------------------------------------------------------------------------------------------
@builder
def unstack(x: Any, *, axis: int = 0) -> tuple[Expr, ...]:
    """The slices of x along `axis`, whose length must be known.

    >>> import tensorviz as tv
    >>> len(unstack(tv.matrix("x", shape=(3, None))))
    3
    """
    x = as_expr(x)
    axis = axis_of(axis, x.ndim)
    n = x.type.shape[axis]
    if n is None:
        raise ShapeError(f"unstack needs to know how long axis {axis} of {x.type.text()} is", at=user_line(),
                         hint="tv.specify_shape says it")
    return tuple(x[(*(slice(None),) * axis, k)] for k in range(n))


@strict
def apply_over_axes(func: Callable[[Any, int], Any], a: Any, axes: int | Sequence[int]) -> Expr:
    """`func(a, axis)` for one axis after the other; where it takes the axis away, one of length 1 stands in its place.

    >>> import tensorviz as tv
    >>> apply_over_axes(tv.sum, tv.tensor3("x", shape=(2, 3, 4)), (0, 2)).type.shape
    (1, 3, 1)
    """
    a_function(func, "apply_over_axes")
    x = as_expr(a)
    for axis in (axes,) if isinstance(axes, int) else axes:
        axis = axis_of(axis, x.ndim)
        made = as_expr(func(x, axis))
        if made.ndim not in (x.ndim, x.ndim - 1):
            raise ShapeError(f"a function over an axis of {x.ndim} axes leaves as many or one less, not {made.ndim}",
                             at=user_line())
        x = made if made.ndim == x.ndim else BUILDERS["expand_dims"](made, axis)
    return x


# -- polynomials and phases --------------------------------------------------------------------------------------------------
@builder
def polyval(p: Any, x: Any) -> Expr:
    """The polynomial with the coefficients p, the highest power first, at x: by Horner's rule.

    Written out for a known number of coefficients, else as a `recurrence`, of whole numbers as a sum of powers, the same.

    >>> polyval([1.0, 0.0, -1.0], 3.0).eval()
    array(8.)
    """
    p, x = as_expr(p), as_expr(x)
    if p.ndim != 1:
        raise ShapeError(f"polyval takes a vector of coefficients, not {p.type.text()}", at=user_line())
    if p.type.shape[0] is None:
        return _horner(p, x)
    found = BUILDERS["zeros_like"](x)
    for c in unstack(p):
        found = found * x + c
    return found


def _horner(p: Expr, x: Expr) -> Expr:
    """`polyval` for an unknown number of coefficients, along a new axis in front."""
    dtype = np.result_type(p.dtype, x.dtype)
    shape = (1,) * x.ndim
    ours = BUILDERS["expand_dims"](cast(x, dtype), 0)
    if is_float(dtype):
        p = concatenate([BUILDERS["zeros"]((1,), dtype), cast(p, dtype)])           # where there are none the value is 0
        return BUILDERS["recurrence"](ours, BUILDERS["reshape"](p, (-1, *shape)), axis=0)[-1]
    powers = BUILDERS["power"](ours, BUILDERS["reshape"](BUILDERS["arange"](length_of(p, 0))[::-1], (-1, *shape)))
    return cast(BUILDERS["sum"](powers * BUILDERS["reshape"](p, (-1, *shape)), 0), dtype)


@builder
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Expr:
    """Phases without jumps along `axis`: where neighbours differ by more than `discont` (half a period), periods are added.

    Whole numbers stay whole where the period is whole too.

    >>> unwrap([0.0, 3.0, -3.0]).eval().round(3)
    array([0.   , 3.   , 3.283])
    """
    p = as_expr(p)
    if p.dtype.kind == "c":
        raise DtypeError("unwrap takes real phases, not complex ones", at=user_line())
    axis = axis_of(axis, p.ndim)
    steps = diff(p, axis=axis)
    dtype = BUILDERS["add"](steps, period).dtype
    whole = dtype.kind in "iu"
    half = period // 2 if whole else period / 2
    steps = cast(steps, dtype)
    turned = BUILDERS["remainder"](steps + half, period) - half
    up = BUILDERS["logical_and"](BUILDERS["equal"](turned, -half), BUILDERS["greater"](steps, 0))
    turned = where(BUILDERS["logical_and"](up, BUILDERS["equal"](period % 2, 0)) if whole else up, half, turned)
    least = period / 2 if discont is None else discont
    added = where(BUILDERS["less"](BUILDERS["absolute"](steps), least), 0, turned - steps)
    p, head = cast(p, dtype), (slice(None),) * axis
    rest = cast(p[(*head, slice(1, None))] + BUILDERS["cumsum"](added, axis=axis), dtype)
    return concatenate([p[(*head, slice(None, 1))], rest], axis)


@strict
def nonzero_values(a: Any) -> Expr:
    """The elements that are not 0, in C order (Theano's word).

    >>> nonzero_values([[0, 2], [3, 0]]).eval()
    array([2, 3])
    """
    flat = BUILDERS["ravel"](as_expr(a))
    return flat[BUILDERS["not_equal"](flat, 0)]


@strict
def cartesian(*arrays: Any) -> Expr:
    """The rows of all combinations of the elements of vectors, the last one going round fastest (PyTensor's word).

    >>> cartesian([1, 2], [3, 4]).eval().tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    grids = BUILDERS["meshgrid"](*arrays, indexing="ij")
    return BUILDERS["stack"]([BUILDERS["ravel"](g) for g in grids], axis=-1)
