"""Methods and operators of expressions: typed one-liners that look builders up in the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .op import BUILDERS

if TYPE_CHECKING:
    from .expr import Expr

__all__ = ["TensorMethods"]

Axis = int | Sequence[int] | None


def _call(name: str, *args: Any, **kwargs: Any) -> Any:
    return BUILDERS[name](*args, **kwargs)


def _one(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 and not isinstance(values[0], int) else values


class TensorMethods:
    """What NumPy's arrays can do, for expressions; `Expr` inherits it."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    # -- operators -------------------------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Expr:
        return _call("add", self, other)  # type: ignore[no-any-return]

    def __radd__(self, other: Any) -> Expr:
        return _call("add", other, self)  # type: ignore[no-any-return]

    def __sub__(self, other: Any) -> Expr:
        return _call("subtract", self, other)  # type: ignore[no-any-return]

    def __rsub__(self, other: Any) -> Expr:
        return _call("subtract", other, self)  # type: ignore[no-any-return]

    def __mul__(self, other: Any) -> Expr:
        return _call("multiply", self, other)  # type: ignore[no-any-return]

    def __rmul__(self, other: Any) -> Expr:
        return _call("multiply", other, self)  # type: ignore[no-any-return]

    def __truediv__(self, other: Any) -> Expr:
        return _call("true_divide", self, other)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: Any) -> Expr:
        return _call("true_divide", other, self)  # type: ignore[no-any-return]

    def __floordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", self, other)  # type: ignore[no-any-return]

    def __rfloordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", other, self)  # type: ignore[no-any-return]

    def __mod__(self, other: Any) -> Expr:
        return _call("remainder", self, other)  # type: ignore[no-any-return]

    def __rmod__(self, other: Any) -> Expr:
        return _call("remainder", other, self)  # type: ignore[no-any-return]

    def __pow__(self, other: Any) -> Expr:
        return _call("power", self, other)  # type: ignore[no-any-return]

    def __rpow__(self, other: Any) -> Expr:
        return _call("power", other, self)  # type: ignore[no-any-return]

    def __matmul__(self, other: Any) -> Expr:
        return _call("matmul", self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Expr:
        return _call("matmul", other, self)  # type: ignore[no-any-return]

    def __and__(self, other: Any) -> Expr:
        return _call("bitwise_and", self, other)  # type: ignore[no-any-return]

    def __rand__(self, other: Any) -> Expr:
        return _call("bitwise_and", other, self)  # type: ignore[no-any-return]

    def __or__(self, other: Any) -> Expr:
        return _call("bitwise_or", self, other)  # type: ignore[no-any-return]

    def __ror__(self, other: Any) -> Expr:
        return _call("bitwise_or", other, self)  # type: ignore[no-any-return]

    def __xor__(self, other: Any) -> Expr:
        return _call("bitwise_xor", self, other)  # type: ignore[no-any-return]

    def __rxor__(self, other: Any) -> Expr:
        return _call("bitwise_xor", other, self)  # type: ignore[no-any-return]

    def __lshift__(self, other: Any) -> Expr:
        return _call("left_shift", self, other)  # type: ignore[no-any-return]

    def __rlshift__(self, other: Any) -> Expr:
        return _call("left_shift", other, self)  # type: ignore[no-any-return]

    def __rshift__(self, other: Any) -> Expr:
        return _call("right_shift", self, other)  # type: ignore[no-any-return]

    def __rrshift__(self, other: Any) -> Expr:
        return _call("right_shift", other, self)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> Expr:
        return _call("less", self, other)  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> Expr:
        return _call("less_equal", self, other)  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> Expr:
        return _call("greater", self, other)  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> Expr:
        return _call("greater_equal", self, other)  # type: ignore[no-any-return]

    def __neg__(self) -> Expr:
        return _call("negative", self)  # type: ignore[no-any-return]

    def __pos__(self) -> Expr:
        return _call("positive", self)  # type: ignore[no-any-return]

    def __abs__(self) -> Expr:
        return _call("absolute", self)  # type: ignore[no-any-return]

    def __invert__(self) -> Expr:
        return _call("invert", self)  # type: ignore[no-any-return]

    def __divmod__(self, other: Any) -> tuple[Expr, Expr]:
        return _call("floor_divide", self, other), _call("remainder", self, other)

    def __getitem__(self, key: Any) -> Expr:
        return _call("getitem", self, key)  # type: ignore[no-any-return]

    # -- reductions ------------------------------------------------------------------------------------------------
    def sum(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Expr:
        """`tv.sum` of this."""
        return _call("sum", self, axis=axis, dtype=dtype, keepdims=keepdims)  # type: ignore[no-any-return]

    def prod(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Expr:
        """`tv.prod` of this."""
        return _call("prod", self, axis=axis, dtype=dtype, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Expr:
        """`tv.mean` of this."""
        return _call("mean", self, axis=axis, dtype=dtype, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.max` of this."""
        return _call("max", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.min` of this."""
        return _call("min", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def any(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.any` of this."""
        return _call("any", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def all(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.all` of this."""
        return _call("all", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.logsumexp` of this."""
        return _call("logsumexp", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Expr:
        """`tv.var` of this."""
        return _call("var", self, axis=axis, ddof=ddof, keepdims=keepdims)  # type: ignore[no-any-return]

    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Expr:
        """`tv.std` of this."""
        return _call("std", self, axis=axis, ddof=ddof, keepdims=keepdims)  # type: ignore[no-any-return]

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Expr:
        """`tv.argmax` of this."""
        return _call("argmax", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Expr:
        """`tv.argmin` of this."""
        return _call("argmin", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    # -- shape -----------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> Expr:
        """The shape as an int64 vector of known length; `x.type.shape` is what is known of it now."""
        return _call("shape", self)  # type: ignore[no-any-return]

    @property
    def size(self) -> Expr:
        """Number of elements, as an expression."""
        return _call("size", self)  # type: ignore[no-any-return]

    @property
    def T(self) -> Expr:
        """The transpose: axes reversed."""
        return _call("transpose", self)  # type: ignore[no-any-return]

    @property
    def mT(self) -> Expr:
        """The last two axes swapped."""
        return _call("matrix_transpose", self)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any) -> Expr:
        """`tv.reshape`: lengths one by one or as a tuple; one may be -1."""
        return _call("reshape", self, shape[0] if len(shape) == 1 else shape)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Expr:
        """`tv.transpose`: axes one by one, as a tuple, or none to reverse them."""
        return _call("transpose", self, _one(axes) or None)  # type: ignore[no-any-return]

    def dimshuffle(self, *pattern: Any) -> Expr:
        """Axes reordered, dropped (length 1) and made (`"x"`), Theano's way."""
        return _call("dimshuffle", self, *pattern)  # type: ignore[no-any-return]

    def flatten(self, ndim: int = 1) -> Expr:
        """One axis (or the last axes merged until `ndim` are left)."""
        return _call("flatten", self, ndim)  # type: ignore[no-any-return]

    def ravel(self) -> Expr:
        """One axis."""
        return _call("flatten", self, 1)  # type: ignore[no-any-return]

    def swapaxes(self, axis1: int, axis2: int) -> Expr:
        """Two axes exchanged."""
        return _call("swapaxes", self, axis1, axis2)  # type: ignore[no-any-return]

    def squeeze(self, axis: Axis = None) -> Expr:
        """Axes of length 1 dropped."""
        return _call("squeeze", self, axis=axis)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> Expr:
        """`tv.cast` of this to `dtype`."""
        return _call("cast", self, dtype)  # type: ignore[no-any-return]

    # -- the rest --------------------------------------------------------------------------------------------------
    def dot(self, other: Any) -> Expr:
        """`tv.dot` of this and `other`."""
        return _call("dot", self, other)  # type: ignore[no-any-return]

    def clip(self, min: Any = None, max: Any = None) -> Expr:
        """Values outside [min, max] moved to its ends."""
        return _call("clip", self, min, max)  # type: ignore[no-any-return]

    def round(self, decimals: int = 0) -> Expr:
        """Rounded half to even."""
        return _call("round", self, decimals)  # type: ignore[no-any-return]

    def set(self, value: Any) -> Expr:
        """For `x[i]`: the tensor x with `value` put at i; x itself stays as it is."""
        return _call("set_subtensor", self, value)  # type: ignore[no-any-return]

    def inc(self, value: Any) -> Expr:
        """For `x[i]`: the tensor x with `value` added at i (indices that repeat add up)."""
        return _call("inc_subtensor", self, value)  # type: ignore[no-any-return]

    def eval(self, inputs: Any = None) -> Any:
        """The value now, for `inputs` = {variable: value}."""
        return _call("eval", self, inputs)

    def get_value(self, borrow: bool = False) -> Any:
        """Of a shared variable: the value it holds now."""
        return _call("get_value", self, borrow)

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Of a shared variable: replace the value it holds."""
        _call("set_value", self, value, borrow)
