"""Elementwise ops: NumPy's ufuncs, with NumPy's dtypes and broadcasting.

Arguments are cast when the node is built, so that each node is one loop of one dtype: `float32 + int64` is
`add(cast(x, float64), cast(y, float64))`, just as NumPy computes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import as_dtype, is_float, resolve
from ..errors import ArgumentError, ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant, explain, fits, is_constant, leaves, make, value_of
from ..op import BUILDERS, Op, builder, register
from ..origins import user_line
from ..types import TensorType, broadcast_shapes

__all__ = ["BOOL", "builder_of", "cast", "elementwise", "elementwise_op", "loop_args", "stored", "ufunc_like", "zeros_like"]

BOOL = np.dtype(bool)
CALL, UNARY, POW, MUL, ADD, CMP = 100, 70, 80, 60, 50, 30
Vjp = Callable[..., tuple[Any, ...]]


def _type_of(ufunc: np.ufunc) -> Callable[..., TensorType]:
    def type_rule(*types: TensorType) -> TensorType:
        out = resolve(ufunc, tuple(t.dtype for t in types))[-1]
        return TensorType(out, broadcast_shapes(*(t.shape for t in types)))

    return type_rule


def elementwise_op(name: str, ufunc: Any, doc: str, **fields: Any) -> Op:
    """An Op for a NumPy ufunc, or for a `ufunc_like` function."""
    return Op(name, "elementwise", fields.pop("type", None) or _type_of(ufunc), ufunc, doc, **fields)


class ufunc_like:
    """A function of one real floating-point array with what the elementwise family asks of a ufunc: `nin`, `nout`, its dtypes."""

    nin = nout = 1

    def __init__(self, name: str, function: Callable[[Any], Any]) -> None:
        self.__name__, self.function = name, function

    def __call__(self, x: Any) -> Any:
        """The function of x; of float16 through float32."""
        x = np.asarray(x)
        wide = x.astype(np.float32) if x.dtype == np.float16 else x
        return np.asarray(self.function(wide)).astype(x.dtype, copy=False)

    def resolve_dtypes(self, kinds: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
        """Those of NumPy's `sqrt`, but float64 for integers and booleans of any size; complex ones are refused."""
        whole = isinstance(kinds[0], np.dtype) and kinds[0].kind in "biu"
        found = np.sqrt.resolve_dtypes((np.dtype(float), *kinds[1:]) if whole else kinds)
        if found[0].kind == "c":
            raise TypeError
        return found


def elementwise(op: Op, *values: Any) -> Expr:
    """`op` of `values`, cast and broadcast as NumPy does it; Python numbers are weak."""
    kinds = tuple(_kind(v) for v in values)
    loop = _loop(op, op.numpy, kinds, values)
    if op.name in _FLIPPED and loop[0].kind in "iu":
        for k in (0, 1):
            if kinds[k] is int and not fits(values[k], loop[0]):       # `in` would take int64 for int
                return _compared_beyond(op, values[1 - k], values[k], loop[0], k == 0)
    return make(op, tuple(_as(v, k, d) for v, k, d in zip(values, kinds, loop, strict=False)))


def loop_args(ufunc: np.ufunc, *values: Any) -> tuple[Expr, ...]:
    """The arguments as NumPy's `ufunc` would cast them, for compositions that stand for it."""
    kinds = tuple(_kind(v) for v in values)
    return tuple(_as(v, k, d) for v, k, d in zip(values, kinds, _loop(cast_op, ufunc, kinds, values), strict=False))


def _loop(op: Op, ufunc: Any, kinds: tuple[Any, ...], values: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    try:
        return resolve(ufunc, kinds)
    except DtypeError as error:
        raise explain(error, op, tuple(v for v in values if isinstance(v, Expr))) from None


# Comparisons with the sides exchanged, and what they are for a number above and below all of a dtype.
_FLIPPED = {"less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal",
            "equal": "equal", "not_equal": "not_equal"}
_ABOVE = {"less": "less_equal", "less_equal": "less_equal", "not_equal": "less_equal", "greater": "greater",
          "greater_equal": "greater", "equal": "greater"}
_BELOW = {"greater": "greater_equal", "greater_equal": "greater_equal", "not_equal": "greater_equal", "less": "less",
          "less_equal": "less", "equal": "less"}


def _compared_beyond(op: Op, x: Any, value: int, dtype: np.dtype[Any], flipped: bool) -> Expr:
    """x compared with a whole number that its dtype can't hold, as in NumPy: `x < 300` of int8 is `x <= 127`."""
    name = _FLIPPED[op.name] if flipped else op.name
    info = np.iinfo(dtype)
    other, end = (_ABOVE[name], info.max) if value > info.max else (_BELOW[name], info.min)
    return make(_OPS[other], (cast(as_expr(x), dtype), constant(dtype.type(end))))


def _kind(value: Any) -> Any:
    if isinstance(value, Expr):
        return value.dtype
    if type(value) in (int, float, complex):
        return type(value)
    return as_expr(value).dtype


def _as(value: Any, kind: Any, dtype: np.dtype[Any]) -> Expr:
    if isinstance(kind, type):              # NumPy finds a loop of objects where all are Python numbers
        return constant(value, None if dtype.kind == "O" else dtype)
    return cast(as_expr(value), dtype)


def stored(value: Any, dtype: Any) -> Expr:
    """`value` as NumPy stores it in an array of `dtype`: cast, but Python integers (in lists too) that do not fit raise."""
    dtype = as_dtype(dtype)
    if type(value) is int:
        return constant(value, dtype)
    if dtype.kind in "iu" and isinstance(value, list | tuple):
        for v in leaves(value):
            if type(v) is int and not fits(v, dtype):
                constant(v, dtype)                          # raises
    return cast(as_expr(value), dtype)


# -- casts -----------------------------------------------------------------------------------------------------------
def _cast_numpy(x: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(dtype)


def _cast_vjp(g: Expr, out: Expr, x: Expr, dtype: np.dtype[Any]) -> tuple[Expr | None]:
    if not is_float(x.dtype):
        return (None,)
    return (cast(BUILDERS["real"](g) if x.dtype.kind == "f" else g, x.dtype),)


cast_op = Op("cast", "elementwise", lambda t, dtype: TensorType(dtype, t.shape), _cast_numpy, "x converted to another dtype",
             params=("dtype",), vjp=_cast_vjp, flops=0.0, exact=True)


@builder
def cast(x: Any, dtype: Any) -> Expr:
    """x converted to `dtype`, as NumPy's `astype` does it.

    >>> import tensorviz as tv
    >>> cast(tv.vector("x"), "float32").dtype
    dtype('float32')
    """
    x, dtype = as_expr(x), as_dtype(dtype)
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        raise DtypeError(f"casting {x.dtype} to {dtype} would discard the imaginary part", hint="use tv.real(x)")
    return x if x.dtype == dtype else make(cast_op, (x,), (dtype,))


@builder
def zeros_like(x: Any, dtype: Any = None, *, shape: Any = None) -> Expr:
    """Zeros in the shape of x (or in `shape`), and in its dtype if none is given; the values of x are not read.

    >>> import tensorviz as tv
    >>> zeros_like(tv.vector("x", shape=(3,))).type.shape
    (3,)
    """
    from .shape import broadcast_to

    x = as_expr(x)
    return broadcast_to(constant((x.dtype if dtype is None else as_dtype(dtype)).type(0)), x.shape if shape is None else shape)


def _later(name: str) -> Callable[..., Expr]:
    """A builder of the table below, for the gradients in the table itself."""
    return lambda *values: BUILDERS[name](*values)


_EARLY = ("cos", "cosh", "equal", "floor_divide", "log", "logical_and", "maximum", "minimum", "power", "rint", "sign", "sin",
          "sinh", "sqrt")
cos, cosh, equal, floor_divide, log, logical_and, maximum, minimum, power, rint, sign, sin, sinh, sqrt = map(_later, _EARLY)


# -- gradients of the table ------------------------------------------------------------------------------------------
def _zero(g: Expr, out: Expr, *args: Expr) -> tuple[None, ...]:
    return (None,) * len(args)


def _absolute_vjp(g: Expr, out: Expr, x: Expr) -> tuple[Expr]:
    direction = sign(x)
    return (g * (BUILDERS["conjugate"](direction) if x.dtype.kind == "c" else direction),)


def _sign_vjp(g: Expr, out: Expr, x: Expr) -> tuple[Expr | None]:
    """None for real x; the sign of a complex number is x / |x|, which turns with x (0 at 0)."""
    if x.dtype.kind != "c":
        return (None,)
    size, back = BUILDERS["absolute"](x), BUILDERS["conjugate"](out)
    still = equal(size, 0)
    return (where(still, 0, (g - BUILDERS["conjugate"](g) * back * back) / (2 * where(still, 1, size))),)


def _power_vjp(g: Expr, out: Expr, x: Expr, y: Expr) -> tuple[Any, ...]:
    """y x^(y-1), 0 where y is 0; and out log(x), 0 where x is 0 (the limit for y > 0)."""
    known = value_of(y) if is_constant(y) else None
    less = y - 1 if known is None else constant(known - known.dtype.type(1))
    gx = g * (y * power(x, less))
    if known is None or not np.all(known):
        gx = where(equal(y, 0), 0, gx)
    zero = equal(x, 0)
    return gx, None if known is not None else where(zero, 0, g * out * log(where(zero, 1, x)))


def _arctan2_vjp(g: Expr, y: Expr, x: Expr) -> tuple[Expr, Expr]:
    """x / r**2 and -y / r**2 by the distance r, whose square may overflow or underflow."""
    r = BUILDERS["hypot"](x, y)
    return g * (x / r) / r, -g * (y / r) / r


def _tie(g: Expr, x: Expr, y: Expr, out: Expr) -> tuple[Expr, Expr]:
    wins_x, wins_y = equal(x, out), equal(y, out)
    share = where(logical_and(wins_x, wins_y), 0.5 * g, g)
    return where(wins_x, share, 0), where(wins_y, share, 0)


# -- the table -------------------------------------------------------------------------------------------------------
def builder_of(op: Op, module: str) -> Callable[..., Expr]:
    """The builder of an elementwise op: a function of its name, registered, that checks the number of arguments."""
    count = op.numpy.nin  # type: ignore[attr-defined]

    def build(*values: Any, **options: Any) -> Expr:
        if options and len(values) < count:
            values, options = BUILDERS["_placed"](values, options, count)
        if len(values) != count:
            raise ArgumentError(f"{op.name} takes {count} argument{'s' * (count > 1)}, not {len(values)}")
        return elementwise(op, *(BUILDERS["_as_asked"](op.numpy, values, options) if options else values))

    build.__name__ = build.__qualname__ = op.name
    build.__module__ = module
    build.__doc__ = f"""Elementwise: {op.doc}. Broadcasting and dtypes are those of NumPy's `{op.numpy.__name__}`.

    >>> {op.name}({", ".join(["2"] * count)}).ndim
    0
    """
    return register(build)


def infix(name: str, ufunc: np.ufunc, sign: str, prec: int, latex: str, doc: str, vjp: Vjp, **fields: Any) -> Op:
    """An Op that is written between its two arguments."""
    return elementwise_op(name, ufunc, doc, text=f"{{0}} {sign} {{1}}", prec=prec, latex=latex, vjp=vjp, **fields)


e = elementwise_op
c = {"commutative": True}
ac = {"commutative": True, "associative": True}

# Sums, products, powers and roots
ARITHMETIC = (
    infix("add", np.add, "+", ADD, "{0} + {1}", "sum of two tensors", lambda g, out, x, y: (g, g), exact=True, **ac),
    infix("subtract", np.subtract, "-", ADD, "{0} - {1}", "difference", lambda g, out, x, y: (g, -g), exact=True),
    infix("multiply", np.multiply, "*", MUL, "{0} \\, {1}", "product", lambda g, out, x, y: (g * y, g * x), exact=True, **ac),
    infix("true_divide", np.true_divide, "/", MUL, "\\frac{{{0}}}{{{1}}}", "quotient",
          lambda g, out, x, y: (g / y, -(g * out) / y), exact=True, flops=4.0),
    infix("floor_divide", np.floor_divide, "//", MUL, "\\lfloor {0} / {1} \\rfloor", "quotient rounded down", _zero,
          flops=6.0, exact=True),
    infix("remainder", np.remainder, "%", MUL, "{0} \\bmod {1}", "x - y * floor(x / y), the sign of y",
          lambda g, out, x, y: (g, -g * floor_divide(x, y)), flops=6.0, exact=True),
    infix("power", np.power, "**", POW, "{{{0}}}^{{{1}}}", "x to the power y", _power_vjp, flops=20.0),
    e("negative", np.negative, "-x", text="-{0}", prec=UNARY, latex="-{0}", vjp=lambda g, out, x: (-g,), exact=True),
    e("absolute", np.absolute, "absolute value", latex="\\left|{0}\\right|", vjp=_absolute_vjp, exact=True),
    e("sign", np.sign, "-1, 0 or 1; x / |x| of complex x", latex="\\operatorname{{sign}}\\left({0}\\right)",
      vjp=_sign_vjp, exact=True),
    e("reciprocal", np.reciprocal, "1 / x", latex="\\frac{{1}}{{{0}}}", vjp=lambda g, out, x: (-g * out * out,), flops=4.0,
      exact=True),
    e("square", np.square, "x * x", latex="{{{0}}}^{{2}}", vjp=lambda g, out, x: (g * 2 * x,), exact=True),
    e("sqrt", np.sqrt, "square root", latex="\\sqrt{{{0}}}", vjp=lambda g, out, x: (g / (2 * out),), flops=6.0, exact=True),
    e("cbrt", np.cbrt, "cube root", latex="\\sqrt[3]{{{0}}}", vjp=lambda g, out, x: (g / (3 * out * out),), flops=15.0),
    e("hypot", np.hypot, "sqrt(x**2 + y**2) without overflow", vjp=lambda g, out, x, y: (g * (x / out), g * (y / out)),
      flops=15.0),
)

# Which is larger, which is equal, which is finite
COMPARISONS = (
    infix("equal", np.equal, "==", CMP, "{0} = {1}", "whether x equals y", _zero, exact=True, **c),
    infix("not_equal", np.not_equal, "!=", CMP, "{0} \\ne {1}", "whether x differs from y", _zero, exact=True, **c),
    infix("less", np.less, "<", CMP, "{0} < {1}", "whether x is less than y", _zero, exact=True),
    infix("less_equal", np.less_equal, "<=", CMP, "{0} \\le {1}", "whether x is at most y", _zero, exact=True),
    infix("greater", np.greater, ">", CMP, "{0} > {1}", "whether x is greater than y", _zero, exact=True),
    infix("greater_equal", np.greater_equal, ">=", CMP, "{0} \\ge {1}", "whether x is at least y", _zero, exact=True),
    e("isnan", np.isnan, "whether x is NaN", vjp=_zero, exact=True),
    e("isinf", np.isinf, "whether x is infinite", vjp=_zero, exact=True),
    e("isfinite", np.isfinite, "whether x is finite", vjp=_zero, exact=True),
    e("maximum", np.maximum, "the larger; NaN if either is; on ties the gradient goes half to each",
      latex="\\max\\left({0}, {1}\\right)", vjp=lambda g, out, x, y: _tie(g, x, y, out), exact=True, **ac),
    e("minimum", np.minimum, "the smaller; NaN if either is; on ties the gradient goes half to each",
      latex="\\min\\left({0}, {1}\\right)", vjp=lambda g, out, x, y: _tie(g, x, y, out), exact=True, **ac),
)

# Truths and bits
TRUTHS = (
    infix("bitwise_and", np.bitwise_and, "&", 40, "{0} \\mathbin{{\\&}} {1}", "bits set in both", _zero, exact=True, **ac),
    infix("bitwise_or", np.bitwise_or, "|", 36, "{0} \\mid {1}", "bits set in either", _zero, exact=True, **ac),
    infix("bitwise_xor", np.bitwise_xor, "^", 38, "{0} \\oplus {1}", "bits set in one of two", _zero, exact=True, **ac),
    infix("left_shift", np.left_shift, "<<", 45, "{0} \\ll {1}", "x shifted left by y bits", _zero, exact=True),
    infix("right_shift", np.right_shift, ">>", 45, "{0} \\gg {1}", "x shifted right by y bits", _zero, exact=True),
    e("invert", np.invert, "every bit flipped", text="~{0}", prec=UNARY, latex="\\sim {0}", vjp=_zero, exact=True),
    e("logical_and", np.logical_and, "whether both are true", latex="{0} \\land {1}", vjp=_zero, exact=True, **c),
    e("logical_or", np.logical_or, "whether one is true", latex="{0} \\lor {1}", vjp=_zero, exact=True, **c),
    e("logical_xor", np.logical_xor, "whether just one is true", latex="{0} \\oplus {1}", vjp=_zero, exact=True, **c),
    e("logical_not", np.logical_not, "whether x is false", latex="\\lnot {0}", vjp=_zero, exact=True),
)

# Exponentials and logarithms
EXPONENTIALS = (
    e("exp", np.exp, "e to the power x", latex="e^{{{0}}}", vjp=lambda g, out, x: (g * out,), flops=10.0),
    e("exp2", np.exp2, "2 to the power x", latex="2^{{{0}}}", vjp=lambda g, out, x: (g * out * float(np.log(2.0)),),
      flops=10.0),
    e("expm1", np.expm1, "exp(x) - 1, exact near 0", vjp=lambda g, out, x: (g * (out + 1),), flops=12.0),
    e("log", np.log, "natural logarithm", latex="\\log {0}", vjp=lambda g, out, x: (g / x,), flops=10.0),
    e("log2", np.log2, "logarithm to base 2", latex="\\log_2 {0}", vjp=lambda g, out, x: (g / (x * float(np.log(2.0))),),
      flops=10.0),
    e("log10", np.log10, "logarithm to base 10", latex="\\log_{{10}} {0}",
      vjp=lambda g, out, x: (g / (x * float(np.log(10.0))),), flops=10.0),
    e("log1p", np.log1p, "log(1 + x), exact near 0", vjp=lambda g, out, x: (g / (1 + x),), flops=12.0),
)

# Circular and hyperbolic functions and their inverses
ANGLES = (
    e("sin", np.sin, "sine of an angle in radians", latex="\\sin {0}", vjp=lambda g, out, x: (g * cos(x),), flops=12.0),
    e("cos", np.cos, "cosine of an angle in radians", latex="\\cos {0}", vjp=lambda g, out, x: (-g * sin(x),), flops=12.0),
    e("tan", np.tan, "tangent of an angle in radians", latex="\\tan {0}", vjp=lambda g, out, x: (g * (1 + out * out),),
      flops=15.0),
    e("arcsin", np.arcsin, "inverse sine, radians", latex="\\arcsin {0}", vjp=lambda g, out, x: (g / sqrt((1 - x) * (1 + x)),),
      flops=15.0),
    e("arccos", np.arccos, "inverse cosine, radians", latex="\\arccos {0}",
      vjp=lambda g, out, x: (-g / sqrt((1 - x) * (1 + x)),),
      flops=15.0),
    e("arctan", np.arctan, "inverse tangent, radians", latex="\\arctan {0}", vjp=lambda g, out, x: (g / (1 + x * x),),
      flops=15.0),
    e("sinh", np.sinh, "hyperbolic sine", latex="\\sinh {0}", vjp=lambda g, out, x: (g * cosh(x),), flops=15.0),
    e("cosh", np.cosh, "hyperbolic cosine", latex="\\cosh {0}", vjp=lambda g, out, x: (g * sinh(x),), flops=15.0),
    e("tanh", np.tanh, "hyperbolic tangent", latex="\\tanh {0}", vjp=lambda g, out, x: (g * (1 - out * out),), flops=12.0),
    e("arcsinh", np.arcsinh, "inverse hyperbolic sine", vjp=lambda g, out, x: (g / sqrt(x * x + 1),), flops=15.0),
    e("arccosh", np.arccosh, "inverse hyperbolic cosine", vjp=lambda g, out, x: (g / (sqrt(x - 1) * sqrt(x + 1)),), flops=15.0),
    e("arctanh", np.arctanh, "inverse hyperbolic tangent", vjp=lambda g, out, x: (g / ((1 - x) * (1 + x)),), flops=15.0),
    e("arctan2", np.arctan2, "angle of the point (y, x), radians",
      vjp=lambda g, out, y, x: _arctan2_vjp(g, y, x), flops=20.0),
)

# Whole numbers near x
ROUNDING = (
    e("floor", np.floor, "rounded down", latex="\\lfloor {0} \\rfloor", vjp=_zero, exact=True),
    e("ceil", np.ceil, "rounded up", latex="\\lceil {0} \\rceil", vjp=_zero, exact=True),
    e("trunc", np.trunc, "rounded towards 0", vjp=_zero, exact=True),
    e("rint", np.rint, "rounded to the nearest whole number, half to even", vjp=_zero, exact=True),
)

_OPS = {op.name: op for op in (*ARITHMETIC, *COMPARISONS, *TRUTHS, *EXPONENTIALS, *ANGLES, *ROUNDING)}
globals().update({name: builder_of(op, __name__) for name, op in _OPS.items()})
__all__ += list(_OPS)


# -- where -----------------------------------------------------------------------------------------------------------
def _where_type(c: TensorType, x: TensorType, y: TensorType) -> TensorType:
    if c.dtype != BOOL or x.dtype != y.dtype:
        raise DtypeError(f"where takes a boolean condition and two tensors of one dtype, not {c.dtype}, {x.dtype}, {y.dtype}")
    return TensorType(x.dtype, broadcast_shapes(c.shape, x.shape, y.shape))


where_op = Op("where", "elementwise", _where_type, np.where, "x where the condition holds, else y", exact=True,
              latex="\\begin{{cases}} {1} & {0} \\\\ {2} & \\text{{else}} \\end{{cases}}",
              vjp=lambda g, out, c, x, y: (None, where(c, g, 0), where(c, 0, g)))


@builder
def where(condition: Any, x: Any = None, y: Any = None) -> Expr:
    """x where `condition` holds, else y, elementwise with broadcasting; the gradient goes to the side taken.

    Of the condition alone it is `nonzero`, a tuple of the places where it holds, as NumPy has it.

    >>> import tensorviz as tv
    >>> v = tv.vector("v")
    >>> where(v > 0, v, 0.0).dtype
    dtype('float64')
    """
    condition = as_expr(condition)
    if x is None and y is None:
        return BUILDERS["nonzero"](condition)
    if x is None or y is None:
        raise ArgumentValueError("where takes both x and y, or neither", at=user_line())
    if condition.dtype != BOOL:
        condition = elementwise(_OPS["not_equal"], condition, 0)
    kinds = (_kind(x), _kind(y))
    weak = tuple(isinstance(k, type) for k in kinds)
    if all(weak):
        dtype = np.result_type(np.asarray(x), np.asarray(y))
    else:
        dtype = np.result_type(*(v if w else k for v, k, w in zip((x, y), kinds, weak, strict=True)))
    return make(where_op, (condition, _as(x, kinds[0], dtype), _as(y, kinds[1], dtype)))


# -- compositions ----------------------------------------------------------------------------------------------------
@builder
def positive(x: Any) -> Expr:
    """+x: x itself; DtypeError for booleans, as in NumPy."""
    x = as_expr(x)
    if x.dtype == BOOL:
        raise DtypeError("positive does not take bool", at=user_line(), hint="use x.astype('int64') to count with it")
    return x


@builder
def _raised(x: Any, y: Any) -> Expr:
    """x ** y: power; NumPy squares for the Python number 2, which matters for booleans."""
    if type(y) is int and y == 2 and isinstance(x, Expr) and x.dtype == BOOL:
        return elementwise(_OPS["square"], x)
    return power(x, y)


@builder
def clip(x: Any, min: Any = None, max: Any = None, *, a_min: Any = None, a_max: Any = None) -> Expr:
    """Values outside [min, max] moved to its ends; None leaves an end open. NaN stays NaN; at an end the gradient is 1/2.

    `a_min` and `a_max` are NumPy's other words for min and max.

    >>> import tensorviz as tv
    >>> clip(tv.vector("x"), 0.0, 1.0).ndim
    1
    """
    x, min, max = as_expr(x), a_min if min is None else min, a_max if max is None else max
    if min is None and max is None:
        raise ArgumentError("clip needs min, max or both")
    if x.dtype.kind in "iu":                        # as NumPy: whole numbers that nothing of the dtype is beyond don't clip
        info = np.iinfo(x.dtype)
        min = None if type(min) is int and min <= info.min else min
        max = None if type(max) is int and max >= info.max else max
    low = x if min is None else maximum(x, min)
    return low if max is None else minimum(low, max)


@builder
def round(x: Any, decimals: Any = 0, *, mode: str | None = None) -> Expr:
    """x rounded half to even to `decimals` places, as NumPy's `round`: booleans become float16, and have no other places.

    `mode` is Theano's, who has it in second place: "half_to_even" (None: the same) or "half_away_from_zero", of whole numbers.

    >>> round([0.5, 2.5], mode="half_away_from_zero").eval()
    array([1., 3.])
    """
    if isinstance(decimals, str):
        decimals, mode = 0, decimals
    if mode not in (None, "half_to_even", "half_away_from_zero") or (mode == "half_away_from_zero" and decimals):
        raise ArgumentValueError(f"round knows the modes half_to_even and half_away_from_zero (without decimals), not {mode!r}",
                                 at=user_line())
    if mode == "half_away_from_zero":
        return BUILDERS["round_half_away_from_zero"](x)
    x = as_expr(x)
    if x.dtype == BOOL:
        if decimals:
            raise DtypeError(f"round with decimals={decimals} does not take bool", at=user_line(),
                             hint="cast it to numbers first")
        return rint(x)
    if x.dtype.kind in "iu":
        return x if decimals >= 0 else cast(rint(x / 10.0**-decimals) * 10.0**-decimals, x.dtype)
    if x.dtype.kind == "c" and decimals:
        re, im = (round(BUILDERS[part](x), decimals) for part in ("real", "imag"))
        return BUILDERS["complex"](re, im)
    if decimals == 0:
        return rint(x)
    scale = 10.0 ** abs(decimals)
    return rint(x * scale) / scale if decimals > 0 else rint(x / scale) * scale
