"""Methods and operators of expressions: typed one-liners that look builders up in the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .errors import no_keywords
from .op import BUILDERS

if TYPE_CHECKING:
    from .expr import Expr

__all__ = ["TensorMethods"]

Axis = int | Sequence[int] | None


def _call(name: str, *args: Any, **kwargs: Any) -> Expr:
    return BUILDERS[name](*args, **kwargs)  # type: ignore[no-any-return]


def _one(values: tuple[Any, ...]) -> Any:
    return values[0] if len(values) == 1 and not isinstance(values[0], int) else values


def _unary(names: str) -> tuple[Callable[[Any], Expr], ...]:
    """Methods that stand for elementwise functions of the same names."""

    def made(name: str) -> Callable[[Any], Expr]:
        def method(self: Any) -> Expr:
            return _call(name, self)

        method.__name__, method.__qualname__ = name, f"Expr.{name}"
        method.__doc__ = f"`tv.{name}` of this."
        return method

    return tuple(made(name) for name in names.split())


class TensorMethods:
    """What NumPy's arrays can do, for expressions; `Expr` inherits it."""

    __slots__ = ()

    # -- operators -------------------------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Expr:
        return _call("add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return _call("add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return _call("subtract", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return _call("subtract", other, self)

    def __mul__(self, other: Any) -> Expr:
        return _call("multiply", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return _call("multiply", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return _call("true_divide", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return _call("true_divide", other, self)

    def __floordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", other, self)

    def __mod__(self, other: Any) -> Expr:
        return _call("remainder", self, other)

    def __rmod__(self, other: Any) -> Expr:
        return _call("remainder", other, self)

    def __pow__(self, other: Any) -> Expr:
        return _call("_raised", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return _call("power", other, self)

    def __matmul__(self, other: Any) -> Expr:
        return _call("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Expr:
        return _call("matmul", other, self)

    def __and__(self, other: Any) -> Expr:
        return _call("bitwise_and", self, other)

    def __rand__(self, other: Any) -> Expr:
        return _call("bitwise_and", other, self)

    def __or__(self, other: Any) -> Expr:
        return _call("bitwise_or", self, other)

    def __ror__(self, other: Any) -> Expr:
        return _call("bitwise_or", other, self)

    def __xor__(self, other: Any) -> Expr:
        return _call("bitwise_xor", self, other)

    def __rxor__(self, other: Any) -> Expr:
        return _call("bitwise_xor", other, self)

    def __lshift__(self, other: Any) -> Expr:
        return _call("left_shift", self, other)

    def __rlshift__(self, other: Any) -> Expr:
        return _call("left_shift", other, self)

    def __rshift__(self, other: Any) -> Expr:
        return _call("right_shift", self, other)

    def __rrshift__(self, other: Any) -> Expr:
        return _call("right_shift", other, self)

    def __lt__(self, other: Any) -> Expr:
        return _call("less", self, other)

    def __le__(self, other: Any) -> Expr:
        return _call("less_equal", self, other)

    def __gt__(self, other: Any) -> Expr:
        return _call("greater", self, other)

    def __ge__(self, other: Any) -> Expr:
        return _call("greater_equal", self, other)

    def __neg__(self) -> Expr:
        return _call("negative", self)

    def __pos__(self) -> Expr:
        return _call("positive", self)

    def __abs__(self) -> Expr:
        return _call("absolute", self)

    def __round__(self, decimals: int = 0) -> Expr:
        return _call("round", self, decimals)

    def __invert__(self) -> Expr:
        return _call("invert", self)

    def __divmod__(self, other: Any) -> tuple[Expr, Expr]:
        return _call("floor_divide", self, other), _call("remainder", self, other)

    def __getitem__(self, key: Any) -> Expr:
        return _call("getitem", self, key)

    # -- reductions ------------------------------------------------------------------------------------------------
    def sum(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.sum` of this."""
        return _call("sum", self, axis=axis, dtype=dtype, keepdims=keepdims, **options)

    def prod(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.prod` of this."""
        return _call("prod", self, axis=axis, dtype=dtype, keepdims=keepdims, **options)

    def mean(self, axis: Axis = None, dtype: Any = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.mean` of this."""
        return _call("mean", self, axis=axis, dtype=dtype, keepdims=keepdims, **options)

    def max(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.max` of this."""
        return _call("max", self, axis=axis, keepdims=keepdims, **options)

    def min(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.min` of this."""
        return _call("min", self, axis=axis, keepdims=keepdims, **options)

    def any(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.any` of this."""
        return _call("any", self, axis=axis, keepdims=keepdims, **options)

    def all(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.all` of this."""
        return _call("all", self, axis=axis, keepdims=keepdims, **options)

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """`tv.logsumexp` of this."""
        return _call("logsumexp", self, axis=axis, keepdims=keepdims)

    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.var` of this."""
        return _call("var", self, axis=axis, ddof=ddof, keepdims=keepdims, **options)

    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.std` of this."""
        return _call("std", self, axis=axis, ddof=ddof, keepdims=keepdims, **options)

    def argmax(self, axis: int | None = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.argmax` of this."""
        return _call("argmax", self, axis=axis, keepdims=keepdims, **options)

    def argmin(self, axis: int | None = None, keepdims: bool = False, **options: Any) -> Expr:
        """`tv.argmin` of this."""
        return _call("argmin", self, axis=axis, keepdims=keepdims, **options)

    # -- shape -----------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> Expr:
        """The shape as an int64 vector of known length; `x.type.shape` is what is known of it now."""
        return _call("shape", self)

    @property
    def size(self) -> Expr:
        """Number of elements, as an expression."""
        return _call("size", self)

    @property
    def itemsize(self) -> int:
        """The bytes that an element takes."""
        return int(self.dtype.itemsize)     # type: ignore[attr-defined]

    @property
    def nbytes(self) -> Expr:
        """The bytes that all elements take, as an expression."""
        return self.size * self.itemsize

    @property
    def flat(self) -> Expr:
        """The elements in C order: `x.flat[i]`."""
        return _call("ravel", self)

    @property
    def device(self) -> str:
        """Where NumPy's arrays are: values come from there and go there."""
        return "cpu"

    @property
    def T(self) -> Expr:
        """The transpose: axes reversed."""
        return _call("transpose", self)

    @property
    def mT(self) -> Expr:
        """The last two axes swapped."""
        return _call("matrix_transpose", self)

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None, ndim: int | None = None,
                **unknown: Any) -> Expr:
        """`tv.reshape`: lengths one by one or as a tuple; one may be -1. `copy` is NumPy's: expressions don't change."""
        no_keywords(unknown, "reshape")
        return _call("reshape", self, shape[0] if len(shape) == 1 else shape, order, ndim=ndim)

    def transpose(self, *axes: Any) -> Expr:
        """`tv.transpose`: axes one by one, as a tuple, or none to reverse them."""
        return _call("transpose", self, _one(axes) or None)

    def dimshuffle(self, *pattern: Any) -> Expr:
        """Axes reordered, dropped (length 1) and made (`"x"`), Theano's way."""
        return _call("dimshuffle", self, *pattern)

    def flatten(self, ndim: int | str = 1, order: str = "C") -> Expr:
        """One axis, in `order` (which may stand first, as NumPy has it); or the last axes merged until `ndim` are left."""
        if isinstance(ndim, str) or order != "C":
            return _call("ravel", self, ndim if isinstance(ndim, str) else order)
        return _call("flatten", self, ndim)

    def ravel(self, order: str = "C") -> Expr:
        """One axis, in C order or in Fortran's ("F")."""
        return _call("ravel", self, order)

    def swapaxes(self, axis1: int, axis2: int) -> Expr:
        """Two axes exchanged."""
        return _call("swapaxes", self, axis1, axis2)

    def squeeze(self, axis: Axis = None) -> Expr:
        """Axes of length 1 dropped."""
        return _call("squeeze", self, axis=axis)

    def astype(self, dtype: Any, **options: Any) -> Expr:
        """`tv.astype` of this to `dtype`: `tv.cast`, with `casting=` to say which casts are wanted."""
        return _call("astype", self, dtype, **options) if options else _call("cast", self, dtype)

    # -- functions of each element -----------------------------------------------------------------------------------
    exp, exp2, expm1, log, log2, log10, log1p, sqrt = _unary("exp exp2 expm1 log log2 log10 log1p sqrt")
    sin, cos, tan, arcsin, arccos, arctan = _unary("sin cos tan arcsin arccos arctan")
    sinh, cosh, tanh, arcsinh, arccosh, arctanh = _unary("sinh cosh tanh arcsinh arccosh arctanh")
    floor, ceil, trunc, deg2rad, rad2deg = _unary("floor ceil trunc deg2rad rad2deg")
    conj, conjugate, sign, zeros_like, ones_like = _unary("conjugate conjugate sign zeros_like ones_like")

    @property
    def real(self) -> Expr:
        """The real part."""
        return _call("real", self)

    @property
    def imag(self) -> Expr:
        """The imaginary part."""
        return _call("imag", self)

    def copy(self, order: str = "C") -> Expr:
        """This tensor itself: expressions never change."""
        return self  # type: ignore[return-value]

    def fill(self, value: Any) -> Expr:
        """A tensor of this shape and dtype that holds `value` everywhere."""
        return _call("full_like", self, value)

    # -- along axes --------------------------------------------------------------------------------------------------
    def cumsum(self, axis: int | None = None, dtype: Any = None, **options: Any) -> Expr:
        """Running sums along `axis` (of all elements in C order if None)."""
        return _call("cumsum", self, axis, dtype, **options)

    def cumprod(self, axis: int | None = None, dtype: Any = None, **options: Any) -> Expr:
        """Running products along `axis` (of all elements in C order if None)."""
        return _call("cumprod", self, axis, dtype, **options)

    def sort(self, axis: int | None = -1, **options: Any) -> Expr:
        """A sorted copy (NumPy's method sorts in place)."""
        return _call("sort", self, axis, **options)

    def argsort(self, axis: int | None = -1, **options: Any) -> Expr:
        """The indices that sort this."""
        return _call("argsort", self, axis, **options)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Expr:
        """Where the values `v` would go into this sorted vector."""
        return _call("searchsorted", self, v, side, sorter)

    def nonzero(self) -> Any:
        """Indices of the elements that are not 0, a vector an axis."""
        return BUILDERS["nonzero"](self)

    def nonzero_values(self) -> Expr:
        """The elements that are not 0, in C order."""
        return self[_call("not_equal", self, 0)]

    def ptp(self, axis: Axis = None, keepdims: bool = False) -> Expr:
        """Largest less smallest element."""
        return _call("ptp", self, axis=axis, keepdims=keepdims)

    def norm(self, ord: Any = None, axis: Any = None) -> Expr:
        """`tv.norm` of this."""
        return _call("norm", self, ord, axis)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, **options: Any) -> Expr:
        """The sum of a diagonal."""
        return _call("trace", self, offset, axis1, axis2, dtype, **options)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Expr:
        """A diagonal of two axes."""
        return _call("diagonal", self, offset, axis1, axis2)

    def take(self, indices: Any, axis: int | None = None, **options: Any) -> Expr:
        """The elements at `indices` along `axis` (in C order if None)."""
        return _call("take", self, indices, axis, **options)

    def choose(self, choices: Any, **options: Any) -> Expr:
        """The elements of `choices` whose numbers stand in this."""
        return _call("choose", self, choices, **options)

    def compress(self, condition: Any, axis: int | None = None, **options: Any) -> Expr:
        """The slices along `axis` for which `condition` holds."""
        return _call("compress", condition, self, axis, **options)

    def repeat(self, repeats: Any, axis: int | None = None) -> Expr:
        """Each element `repeats` times in a row along `axis`."""
        return _call("repeat", self, repeats, axis)

    # -- the rest --------------------------------------------------------------------------------------------------
    def dot(self, other: Any, **options: Any) -> Expr:
        """`tv.dot` of this and `other`."""
        return _call("dot", self, other, **options)

    def clip(self, min: Any = None, max: Any = None, **options: Any) -> Expr:
        """Values outside [min, max] moved to its ends."""
        return _call("clip", self, min, max, **options)

    def round(self, decimals: int = 0, **options: Any) -> Expr:
        """Rounded half to even."""
        return _call("round", self, decimals, **options)

    def partition(self, kth: Any, axis: int | None = -1, **options: Any) -> Expr:
        """`tv.partition` of this: a new tensor, unlike NumPy's method."""
        return _call("partition", self, kth, axis, **options)

    def argpartition(self, kth: Any, axis: int | None = -1, **options: Any) -> Expr:
        """`tv.argpartition` of this."""
        return _call("argpartition", self, kth, axis, **options)

    def transfer(self, target: Any = None) -> Expr:
        """This: there is one place where tensors live (Theano's word)."""
        return self  # type: ignore[return-value]

    def clone(self, name: str | None = None) -> Expr:
        """Of a variable: a new one of its type (and name); of anything else this itself, which never changes."""
        return _call("_clone", self, name)

    def put(self, indices: Any, values: Any, mode: str = "raise") -> Expr:
        """`tv.put`: this with `values` at the flat `indices`: a new tensor, unlike NumPy's method."""
        return _call("put", self, indices, values, mode)

    def resize(self, *shape: Any, refcheck: bool = True) -> Expr:
        """The elements in C order in another shape, zeros after them: a new tensor, unlike NumPy's method."""
        return _call("_resized", self, shape[0] if len(shape) == 1 else shape)

    def to_device(self, device: str, *, stream: Any = None) -> Expr:
        """This: where a value lies is decided for the whole function, by `target=` of `tv.function`."""
        return self  # type: ignore[return-value]

    def item(self, *args: Any) -> Expr:
        """The only element as a scalar expression, or the one at a flat index or at indices."""
        if not args:
            return _call("reshape", self, ())
        index = args[0] if len(args) == 1 and isinstance(args[0], tuple) else args
        return _call("getitem", self if len(index) > 1 else _call("ravel", self), index if len(index) > 1 else index[0])

    def set(self, value: Any) -> Expr:
        """For `x[i]`: the tensor x with `value` put at i; x itself stays as it is."""
        return _call("set_subtensor", self, value)

    def inc(self, value: Any) -> Expr:
        """For `x[i]`: the tensor x with `value` added at i (indices that repeat add up)."""
        return _call("inc_subtensor", self, value)

    def eval(self, inputs: Any = None) -> Any:
        """The value now, for `inputs` = {variable: value}."""
        return BUILDERS["eval"](self, inputs)

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """Of a shared variable: the value it holds now, an array; `return_internal_type` is Theano's and changes nothing."""
        return BUILDERS["get_value"](self, borrow)

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Of a shared variable: replace the value it holds."""
        BUILDERS["set_value"](self, value, borrow)
