"""More of NumPy's elementwise functions: ufuncs that need an op of their own, parts of complex numbers, and compositions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentValueError, DtypeError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, Op, builder
from ..types import TensorType, broadcast_shapes
from .elementwise import BOOL, builder_of, cast, elementwise_op, loop_args, ufunc_like, where
from .lengths import axis_of, lengths_now, no_gradients, user_line

__all__ = ["OPS_OF_FLOATS", "allclose", "angle", "conjugate", "deg2rad", "degrees", "diff", "fabs", "fmax", "fmin", "heaviside",
           "imag", "isclose", "isneginf", "isposinf", "nan_to_num", "rad2deg", "radians", "real", "sinc"]

absolute: Callable[..., Expr] = BUILDERS["absolute"]
arctan2: Callable[..., Expr] = BUILDERS["arctan2"]
equal: Callable[..., Expr] = BUILDERS["equal"]
exp: Callable[..., Expr] = BUILDERS["exp"]
isnan: Callable[..., Expr] = BUILDERS["isnan"]
sign: Callable[..., Expr] = BUILDERS["sign"]
trunc: Callable[..., Expr] = BUILDERS["trunc"]


# -- ufuncs and functions of their own -------------------------------------------------------------------------------
def _sigmoid(x: Any) -> Any:
    below = np.real(x) < 0                      # 1 / (1 + exp(-x)) above, exp(x) / (1 + exp(x)) below: exp never overflows
    e = np.exp(np.where(below, x, -x))
    return np.where(below, e, 1) / (1 + e)


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _special(name: str) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        import scipy.special

        return getattr(scipy.special, name)(x)

    return run


def _softer(g: Expr, ahead: Expr) -> tuple[Expr, Expr]:
    """The shares of two terms in the gradient of a log of their sum, whose logarithms differ by `ahead`."""
    return g * BUILDERS["sigmoid"](ahead), g * BUILDERS["sigmoid"](-ahead)


ROOT = float(2 / np.sqrt(np.pi))

OPS_OF_FLOATS = (
    elementwise_op("sigmoid", ufunc_like("sigmoid", _sigmoid), "1 / (1 + exp(-x))", latex="\\sigma\\left({0}\\right)",
                   vjp=lambda g, out, x: (g * out * (1 - out),), flops=12.0),
    elementwise_op("softplus", ufunc_like("softplus", _softplus), "log(1 + exp(x)) without overflow",
                   vjp=lambda g, out, x: (g * BUILDERS["sigmoid"](x),), flops=22.0),
    elementwise_op("erf", ufunc_like("erf", _special("erf")), "error function, the integral of 2/sqrt(pi) exp(-t**2) from 0 to x",
                   vjp=lambda g, out, x: (g * ROOT * exp(-x * x),), flops=20.0),
    elementwise_op("erfc", ufunc_like("erfc", _special("erfc")), "1 - erf(x), exact for large x",
                   vjp=lambda g, out, x: (-g * ROOT * exp(-x * x),), flops=20.0),
    elementwise_op("logaddexp", np.logaddexp, "log(exp(x) + exp(y)) without overflow", commutative=True, flops=25.0,
                   vjp=lambda g, out, x, y: _softer(g, x - y)),
    elementwise_op("logaddexp2", np.logaddexp2, "log2(2**x + 2**y) without overflow", commutative=True, flops=25.0,
                   vjp=lambda g, out, x, y: _softer(g, (x - y) * float(np.log(2.0)))),
    elementwise_op("fmod", np.fmod, "x - y * trunc(x / y), the sign of x", exact=True, flops=6.0,
                   vjp=lambda g, out, x, y: (g, -g * trunc(x / y))),
    elementwise_op("copysign", np.copysign, "x with the sign of y", exact=True,
                   vjp=lambda g, out, x, y: (g * sign(x) * sign(out), None)),
    elementwise_op("signbit", np.signbit, "whether x is negative, -0.0 included", exact=True, vjp=no_gradients),
    elementwise_op("gcd", np.gcd, "greatest common divisor", exact=True, commutative=True, vjp=no_gradients),
    elementwise_op("lcm", np.lcm, "least common multiple", exact=True, commutative=True, vjp=no_gradients),
)
globals().update({op.name: builder_of(op, __name__) for op in OPS_OF_FLOATS})
__all__ += [op.name for op in OPS_OF_FLOATS]


# -- parts of complex numbers ----------------------------------------------------------------------------------------
def _real_type(t: TensorType) -> TensorType:
    return TensorType(np.dtype(t.dtype.type(0).real.dtype), t.shape)


real_op = Op("real", "elementwise", _real_type, np.real, "real part", exact=True, flops=0.0,
             vjp=lambda g, out, x: (cast(g, x.dtype),), latex="\\operatorname{{Re}}\\left({0}\\right)")
imag_op = Op("imag", "elementwise", _real_type, np.imag, "imaginary part", exact=True, flops=0.0,
             vjp=lambda g, out, x: (cast(g, x.dtype) * constant(-1j, x.dtype),), latex="\\operatorname{{Im}}\\left({0}\\right)")
conjugate_op = Op("conjugate", "elementwise", lambda t: t, np.conjugate, "complex conjugate", exact=True, flops=0.0,
                  vjp=lambda g, out, x: (conjugate(g),), latex="\\overline{{{0}}}")


def _complex_type(x: TensorType, y: TensorType) -> TensorType:
    if x.dtype != y.dtype or x.dtype.name not in ("float32", "float64"):
        raise DtypeError(f"the parts of a complex number are both float32 or both float64, not {x.dtype} and {y.dtype}")
    return TensorType(np.result_type(x.dtype, np.complex64), broadcast_shapes(x.shape, y.shape))


def _complex_numpy(x: Any, y: Any) -> Any:
    x, y = np.broadcast_arrays(x, y)
    made = np.empty(x.shape, np.result_type(x, np.complex64))
    made.real, made.imag = x, y
    return made


def _complex_jvp(tangents: Any, out: Expr, x: Expr, y: Expr) -> Expr:
    return make(complex_op, tuple(BUILDERS["zeros_like"](v) if t is None else t for v, t in zip((x, y), tangents, strict=True)))


complex_op = Op("complex", "elementwise", _complex_type, _complex_numpy, "x + i y; NaN and inf stay in their parts",
                latex="\\operatorname{{complex}}\\left({0}, {1}\\right)", exact=True, flops=0.0, jvp=_complex_jvp,
                vjp=lambda g, out, x, y: (real(g), -imag(g)))


@builder
def real(x: Any) -> Expr:
    """The real part of x; x itself if it is not complex.

    >>> import tensorviz as tv
    >>> real(tv.zvector("z")).dtype
    dtype('float64')
    """
    x = as_expr(x)
    return make(real_op, (x,)) if x.dtype.kind == "c" else x


@builder
def imag(x: Any) -> Expr:
    """The imaginary part of x; zeros if it is not complex.

    >>> import tensorviz as tv
    >>> imag(tv.zvector("z")).dtype
    dtype('float64')
    """
    x = as_expr(x)
    return make(imag_op, (x,)) if x.dtype.kind == "c" else BUILDERS["zeros_like"](x)


@builder
def conjugate(x: Any) -> Expr:
    """The complex conjugate of x; x itself if it is not complex (booleans as int8, as in NumPy).

    >>> import tensorviz as tv
    >>> conjugate(tv.zvector("z")).dtype
    dtype('complex128')
    """
    x = as_expr(x)
    return make(conjugate_op, (x,)) if x.dtype.kind == "c" else cast(x, np.int8) if x.dtype == BOOL else x


@builder
def angle(x: Any, deg: bool = False) -> Expr:
    """The angle of complex numbers in radians (in degrees if `deg`); 0 or pi for real ones.

    >>> import tensorviz as tv
    >>> angle(tv.zvector("z")).dtype
    dtype('float64')
    """
    x = as_expr(x)
    if x.dtype == BOOL:
        x = cast(x, np.int64)           # NumPy's arctan2(0, x)
    found = arctan2(imag(x), real(x))
    return found * (180 / math.pi) if deg else found


@builder
def fabs(x: Any) -> Expr:
    """The absolute value in floating point: whole numbers come as floats, complex ones are refused, as NumPy has it.

    >>> fabs(-3).eval()
    array(3.)
    """
    (x,) = loop_args(np.fabs, x)
    return absolute(x)


SINC = [(-1) ** k / math.factorial(2 * k + 1) for k in range(8)]       # the rest is below 1e-20 for pi x up to 0.4


# -- compositions ----------------------------------------------------------------------------------------------------
def _scaled(x: Any, ufunc: np.ufunc, factor: float) -> Expr:
    """x times a number, in the dtype of a ufunc; float16 is computed in float32, as NumPy does."""
    (y,) = loop_args(ufunc, x)
    return cast(cast(y, np.float32) * factor, np.float16) if y.dtype == np.float16 else y * factor


@builder
def deg2rad(x: Any) -> Expr:
    """Degrees as radians.

    >>> deg2rad(180.0).dtype
    dtype('float64')
    """
    return _scaled(x, np.deg2rad, float(np.pi / 180))


@builder
def rad2deg(x: Any) -> Expr:
    """Radians as degrees.

    >>> rad2deg(3.14).dtype
    dtype('float64')
    """
    return _scaled(x, np.rad2deg, float(180 / np.pi))


@builder
def radians(x: Any) -> Expr:
    """Degrees as radians: another word for `deg2rad`.

    >>> radians(180.0).dtype
    dtype('float64')
    """
    return deg2rad(x)


@builder
def degrees(x: Any) -> Expr:
    """Radians as degrees: another word for `rad2deg`.

    >>> degrees(3.14).dtype
    dtype('float64')
    """
    return rad2deg(x)


def _ignoring_nan(x: Any, y: Any, op: str) -> Expr:
    best = BUILDERS[op](x, y)
    if not is_float(best.dtype):
        return best
    x, y = best.args
    if best.dtype.kind == "c":                      # of two NaNs the first: their parts tell them apart
        return where(isnan(y), x, where(isnan(x), y, best))
    return where(isnan(x), y, where(isnan(y), x, best))


@builder
def fmax(x: Any, y: Any) -> Expr:
    """The larger of x and y, the other one where one is NaN.

    >>> import tensorviz as tv
    >>> fmax(tv.vector("x"), 0.0).ndim
    1
    """
    return _ignoring_nan(x, y, "maximum")


@builder
def fmin(x: Any, y: Any) -> Expr:
    """The smaller of x and y, the other one where one is NaN.

    >>> import tensorviz as tv
    >>> fmin(tv.vector("x"), 0.0).ndim
    1
    """
    return _ignoring_nan(x, y, "minimum")


@builder
def heaviside(x: Any, at_zero: Any) -> Expr:
    """0 where x is negative, 1 where it is positive, `at_zero` where it is 0, NaN where it is NaN.

    >>> import tensorviz as tv
    >>> heaviside(tv.vector("x"), 0.5).ndim
    1
    """
    x, at_zero = loop_args(np.heaviside, x, at_zero)
    dtype = x.dtype
    step = where(BUILDERS["less"](x, 0), constant(0, dtype), constant(1, dtype))
    return where(isnan(x), x, where(equal(x, 0), at_zero, step))


@builder
def sinc(x: Any) -> Expr:
    """sin(pi x) / (pi x), and 1 where x is 0; near 0 by its series, whose derivatives don't cancel.

    >>> import tensorviz as tv
    >>> sinc(tv.vector("x")).ndim
    1
    """
    x = as_expr(x)
    x = x if is_float(x.dtype) else cast(x, "float64")
    near = BUILDERS["less"](absolute(x), 0.125)
    y = x * float(np.pi)
    away = where(near, constant(1, x.dtype), y)
    square = y * y
    series = constant(SINC[-1], x.dtype)
    for term in SINC[-2::-1]:
        series = series * square + term
    return where(near, series, BUILDERS["sin"](away) / away)


@builder
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Expr:
    """x with NaN and infinities replaced: by `nan`, and by the largest and smallest finite numbers unless told otherwise.

    The parts of complex numbers are treated apart. `copy` is NumPy's and changes nothing: expressions don't change.

    >>> import tensorviz as tv
    >>> nan_to_num(tv.vector("x")).ndim
    1
    """
    x = as_expr(x)
    if x.dtype.kind == "c":
        parts = [nan_to_num(part(x), copy, nan, posinf, neginf) for part in (real, imag)]
        return make(complex_op, tuple(parts))
    if x.dtype.kind != "f":
        return x
    info = np.finfo(x.dtype)
    high = float(info.max) if posinf is None else posinf
    low = float(info.min) if neginf is None else neginf
    finite = where(equal(x, float("inf")), high, where(equal(x, float("-inf")), low, x))
    return where(isnan(x), nan, finite)


def _infinite(x: Any, end: float, name: str) -> Expr:
    x = as_expr(x)
    if x.dtype.kind == "c":
        raise DtypeError(f"{name} does not take {x.dtype}: complex numbers have no order", at=user_line(),
                         hint="use isinf, or ask the real part")
    return equal(x, end) if is_float(x.dtype) else BUILDERS["zeros_like"](x, BOOL)


@builder
def isposinf(x: Any) -> Expr:
    """Whether x is +inf.

    >>> import tensorviz as tv
    >>> isposinf(tv.vector("x")).dtype
    dtype('bool')
    """
    return _infinite(x, float("inf"), "isposinf")


@builder
def isneginf(x: Any) -> Expr:
    """Whether x is -inf.

    >>> import tensorviz as tv
    >>> isneginf(tv.vector("x")).dtype
    dtype('bool')
    """
    return _infinite(x, float("-inf"), "isneginf")


@builder
def isclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Expr:
    """Whether |x - y| <= atol + rtol * |y|, elementwise; infinities are close to themselves, NaN to NaN if `equal_nan`.

    >>> import tensorviz as tv
    >>> isclose(tv.vector("x"), 1.0).dtype
    dtype('bool')
    """
    x, y = (as_expr(float(v)) if type(v) is int else as_expr(v) for v in (x, y))
    if not is_float(y.dtype):
        y = cast(y, "float64")
    near = BUILDERS["less_equal"](absolute(x - y), atol + rtol * absolute(y))
    close = BUILDERS["logical_and"](near, BUILDERS["isfinite"](y))
    close = BUILDERS["logical_or"](close, equal(x, y))
    return BUILDERS["logical_or"](close, BUILDERS["logical_and"](isnan(x), isnan(y))) if equal_nan else close


@builder
def allclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Expr:
    """Whether all elements are close in the sense of `isclose`, as a boolean scalar.

    >>> import tensorviz as tv
    >>> allclose(tv.vector("x"), tv.vector("y")).dtype
    dtype('bool')
    """
    return BUILDERS["all"](isclose(x, y, rtol, atol, equal_nan))


@builder
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Expr:
    """Differences of neighbours along `axis`, taken n times (of booleans: whether they differ).

    `prepend` and `append` are put before and after x first: tensors, or a scalar that stands for one more place.

    >>> import tensorviz as tv
    >>> diff(tv.vector("x", shape=(5,)), 2).type.shape
    (3,)
    """
    x = as_expr(x)
    if n < 0:
        raise ArgumentValueError(f"diff is taken 0 times or more, not {n}", at=user_line())
    axis = axis_of(axis, x.ndim)
    if n and (prepend is not None or append is not None):
        ends = [[] if v is None else [_one_place(as_expr(v), x, axis)] for v in (prepend, append)]
        x = BUILDERS["concatenate"]([*ends[0], x, *ends[1]], axis)
    before = (slice(None),) * axis
    for _ in range(n):
        ahead, behind = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = BUILDERS["not_equal"](ahead, behind) if x.dtype == BOOL else ahead - behind
    return x


def _one_place(v: Expr, x: Expr, axis: int) -> Expr:
    """A scalar along all of x but for `axis`, of which it has one place."""
    if v.ndim:
        return v
    lengths = [1 if k == axis else n for k, n in enumerate(lengths_now(x))]
    return BUILDERS["broadcast_to"](v, tuple(lengths))
