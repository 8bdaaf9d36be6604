"""Compositions of special functions by SciPy's, Theano's and PyTensor's names, and NumPy's of parts of floats and of bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import DtypeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, builder
from ..origins import user_line
from .axes import zero_grad
from .elementwise import BOOL, builder_of, elementwise_op, loop_args, where
from .lengths import no_gradients
from .special import float_args

__all__ = ["NUMBERS", "binom", "chi2sf", "divmod", "factorial", "float_power", "frexp", "gammal", "gammau", "jn", "kn",
           "log_expit", "modf", "round_half_away_from_zero", "whole_order"]


# -- NumPy's ufuncs of parts of floats and of bits -----------------------------------------------------------------------
class _part:
    """One result of a NumPy ufunc that has two."""

    nin, nout = 1, 1

    def __init__(self, ufunc: np.ufunc, place: int) -> None:
        self.ufunc, self.place, self.__name__ = ufunc, place, ufunc.__name__

    def __call__(self, x: Any) -> Any:
        """That result."""
        return self.ufunc(x)[self.place]

    def resolve_dtypes(self, kinds: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
        """The dtypes that NumPy takes."""
        found = self.ufunc.resolve_dtypes((*kinds[:1], None, None))
        return found[0], found[1 + self.place]


NUMBERS = {op.name: op for op in (
    elementwise_op("nextafter", np.nextafter, "the next number after x on the way to y", exact=True,
                   vjp=lambda g, out, x, y: (g, None), latex="\\operatorname{{next}}\\left({0} \\to {1}\\right)"),
    elementwise_op("spacing", np.spacing, "distance of x from the next number away from 0", exact=True, vjp=no_gradients,
                   latex="\\operatorname{{ulp}}\\left({0}\\right)"),
    elementwise_op("ldexp", np.ldexp, "x times 2 to the whole number y", exact=True,
                   vjp=lambda g, out, x, y: (ldexp(g, y), None), latex="{0} \\cdot 2^{{{1}}}"),
    elementwise_op("bitwise_count", np.bitwise_count, "how many bits of |x| are 1", exact=True, vjp=no_gradients,
                   latex="\\operatorname{{popcount}}\\left({0}\\right)"),
    elementwise_op("frexp_mantissa", _part(np.frexp, 0), "m of x = m 2**e with m in [0.5, 1)", exact=True,
                   vjp=lambda g, out, x: (ldexp(g, -BUILDERS["frexp_exponent"](x)),)),
    elementwise_op("frexp_exponent", _part(np.frexp, 1), "e of x = m 2**e with m in [0.5, 1)", exact=True, vjp=no_gradients),
)}
globals().update({name: builder_of(op, __name__) for name, op in NUMBERS.items()})
__all__ += list(NUMBERS)


def ldexp(x: Any, y: Any) -> Expr:
    """x times 2**y."""
    return BUILDERS["ldexp"](x, y)


@builder
def frexp(x: Any) -> tuple[Expr, Expr]:
    """Mantissa in [0.5, 1) and whole exponent of x: x = mantissa * 2**exponent.

    >>> import tensorviz as tv
    >>> [part.dtype.name for part in frexp(tv.vector("x"))]
    ['float64', 'int32']
    """
    return BUILDERS["frexp_mantissa"](x), BUILDERS["frexp_exponent"](x)


@builder
def modf(x: Any) -> tuple[Expr, Expr]:
    """Fractional and whole part of x, both with the sign of x.

    >>> import tensorviz as tv
    >>> [part.dtype.name for part in modf(tv.lvector("x"))]
    ['float64', 'float64']
    """
    (x,) = loop_args(np.modf, x)
    whole = BUILDERS["trunc"](x)
    part = where(BUILDERS["isinf"](x), 0, x - whole)
    return where(BUILDERS["equal"](part, 0), BUILDERS["copysign"](0.0, x), part), whole


@builder
def divmod(x: Any, y: Any) -> tuple[Expr, Expr]:
    """x // y and x % y.

    >>> import tensorviz as tv
    >>> [part.dtype.name for part in divmod(tv.lvector("x"), 3)]
    ['int64', 'int64']
    """
    x, y = loop_args(np.divmod, x, y)
    return BUILDERS["floor_divide"](x, y), BUILDERS["remainder"](x, y)


@builder
def float_power(x: Any, y: Any) -> Expr:
    """x ** y in double (complex double of complex numbers) whatever the dtypes, so that integers may have negative exponents.

    >>> import tensorviz as tv
    >>> float_power(tv.lvector("x"), -2).dtype
    dtype('float64')
    """
    return BUILDERS["power"](*loop_args(np.float_power, x, y))


@builder
def round_half_away_from_zero(x: Any) -> Expr:
    """The whole number nearest to x, of two the one farther from 0: 2.5 -> 3, -0.5 -> -1.

    >>> import tensorviz as tv
    >>> round_half_away_from_zero(tv.vector("x")).ndim
    1
    """
    x = as_expr(x)
    if x.dtype.kind not in "f":
        return BUILDERS["rint"](x)
    whole = BUILDERS["trunc"](x)
    return where(BUILDERS["absolute"](x - whole) >= 0.5, whole + BUILDERS["copysign"](1.0, x), whole)


# -- compositions ----------------------------------------------------------------------------------------------------------
@builder
def log_expit(x: Any) -> Expr:
    """log(1 / (1 + exp(-x))), exact far below 0.

    >>> log_expit(-800.0).ndim
    0
    """
    return -BUILDERS["softplus"](-_float(x))


def _float(x: Any) -> Expr:
    """x in a dtype of floats, as special functions take it."""
    return float_args(x)[0]


@builder
def gammau(k: Any, x: Any) -> Expr:
    """Upper incomplete gamma function (not regularised): gammaincc(k, x) * gamma(k), as Theano has it.

    >>> gammau(2.0, 1.0).ndim
    0
    """
    return BUILDERS["gammaincc"](k, x) * BUILDERS["gamma"](k)


@builder
def gammal(k: Any, x: Any) -> Expr:
    """Lower incomplete gamma function (not regularised): gammainc(k, x) * gamma(k), as Theano has it.

    >>> gammal(2.0, 1.0).ndim
    0
    """
    return BUILDERS["gammainc"](k, x) * BUILDERS["gamma"](k)


@builder
def chi2sf(x: Any, k: Any) -> Expr:
    """Survival function of the chi-squared distribution with k degrees of freedom: gammaincc(k / 2, x / 2).

    >>> chi2sf(3.0, 2.0).ndim
    0
    """
    return BUILDERS["gammaincc"](_half(k), _half(x))


def _half(x: Any) -> Any:
    return 0.5 * (x if isinstance(x, int | float) else as_expr(x))      # Python numbers stay weak


@builder
def factorial(n: Any) -> Expr:
    """n! = gamma(n + 1), also between whole numbers; 0 below 0, as SciPy's (exact=False).

    >>> factorial(5).dtype
    dtype('float64')
    """
    n = _float(n)
    return where(BUILDERS["less"](n, 0), 0, BUILDERS["gamma"](n + 1))


@builder
def binom(n: Any, k: Any) -> Expr:
    """The binomial coefficient: how many ways there are to choose k of n, between whole numbers by gamma functions.

    Rounded to a whole number for whole n and k. 0 for whole k outside 0 to n, NaN for negative whole n, as SciPy has it.

    >>> binom(5, 2).eval()
    array(10.)
    """
    n, k = float_args(n, k)
    equal, both, less, gammaln = BUILDERS["equal"], BUILDERS["logical_and"], BUILDERS["less"], BUILDERS["gammaln"]
    whole_n, whole_k = (equal(v, BUILDERS["floor"](v)) for v in (n, k))
    whole = both(whole_n, whole_k)
    short = where(whole, BUILDERS["minimum"](k, n - k), k)
    few = less(BUILDERS["absolute"](short), 100)
    least = where(few, short, 1)
    product = BUILDERS["poch"](n - least + 1, least) * BUILDERS["rgamma"](least + 1)
    found = where(few, product, BUILDERS["exp"](gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)))
    found = where(both(whole, less(short, 0)), 0, found)
    small = both(less(BUILDERS["absolute"](n), 0.5), BUILDERS["not_equal"](n, 0))
    near = both(small, both(whole_k, BUILDERS["greater"](k, 0)))
    found = where(near, _binom_near_0(where(near, n, 0.25), where(near, k, 1)), found)
    found = where(whole, found + zero_grad(BUILDERS["rint"](found) - found), found)
    return where(BUILDERS["logical_or"](both(whole_n, less(n, 0)), BUILDERS["isnan"](n)), float("nan"), found)


def _binom_near_0(n: Expr, k: Expr) -> Expr:
    """The binomial coefficient of whole k > 0, which vanishes with n: by reflection (DLMF 5.5.3), so that no sum loses n."""
    turn = 1 - 2 * BUILDERS["remainder"](k - 1, 2)
    return turn * BUILDERS["sin"](math.pi * n) / math.pi * BUILDERS["beta"](k - n, 1 + n)


@builder
def kn(n: Any, x: Any) -> Expr:
    """Modified Bessel function of the second kind of whole order n: kv(n, x). DtypeError if n is not of a dtype of integers.

    >>> kn(2, 1.0).ndim
    0
    """
    return BUILDERS["kv"](whole_order(n, "kn", "kv"), x)


@builder
def jn(n: Any, x: Any) -> Expr:
    """Bessel function of the first kind; another word for `jv`.

    >>> jn(2, 1.0).ndim
    0
    """
    return BUILDERS["jv"](n, x)


def whole_order(n: Any, name: str, other: str) -> Any:
    """n, if it has a dtype of whole numbers."""
    dtype = as_expr(n).dtype
    if is_float(dtype) or dtype == BOOL:
        raise DtypeError(f"the order of {name} is a whole number, not {dtype}", at=user_line(),
                         hint=f"{other} takes orders between whole numbers")
    return n
