"""Special functions of one tensor by SciPy's names: the families of the error function, gamma, Bessel's of orders 0 and 1.

Their meaning is `scipy.special`'s, found at first use. Booleans and integers are cast to float64, float16 and float32 stay what
they are; all is computed in double. Compiled code has formulas that are named there (compile/functions/special.c and beside
it); docs/special.md says how exact it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from ..expr import Expr
from ..op import BUILDERS, Op
from .elementwise import builder_of, elementwise_op, loop_args, where

__all__ = ["SPECIAL", "float_args", "special_function", "special_op"]

ROOT_2, ROOT_PI = math.sqrt(2.0), math.sqrt(math.pi)


class special_function:
    """What `elementwise` asks of a ufunc, for a function of `nin` real floating-point arrays: SciPy's of that name, or `run`."""

    nout = 1

    def __init__(self, name: str, nin: int = 1, run: Callable[..., Any] | None = None) -> None:
        self.__name__, self.nin, self.run = name, nin, run

    def __call__(self, *arrays: Any) -> Any:
        """The function in the dtype of the arrays, computed in double: SciPy's own in float32 lose up to half of the digits."""
        dtype = np.asarray(arrays[0]).dtype
        wide = [np.asarray(a, np.float64) for a in arrays]
        with np.errstate(all="ignore"):
            return np.asarray((self.run or self._scipy())(*wide)).astype(dtype, copy=False)

    def _scipy(self) -> Callable[..., Any]:
        import scipy.special

        self.run = getattr(scipy.special, self.__name__)
        return self.run

    def resolve_dtypes(self, kinds: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
        """One dtype for all: that of the arrays together, float64 for integers and booleans; Python numbers are weak."""
        given = [k for k in kinds[:self.nin] if not isinstance(k, type)]
        weak = set(kinds[:self.nin]) - set(given)
        if complex in weak:
            raise TypeError
        found = np.dtype(reduce(np.promote_types, given)) if given else np.dtype(float)
        if found.kind in "biu":
            found = np.dtype(float)
        if found.kind != "f":
            raise TypeError
        return (found,) * (self.nin + 1)


def float_args(*values: Any) -> tuple[Expr, ...]:
    """The arguments in one dtype of floats, as a special function of them takes them, for compositions."""
    return loop_args(special_function("args", len(values)), *values)        # type: ignore[arg-type]


def special_op(name: str, doc: str, vjp: Callable[..., tuple[Any, ...]], latex: str, nin: int = 1, run: Any = None,
               flops: float = 40.0) -> Op:
    """The Op of a special function, entered in `SPECIAL`."""
    op = elementwise_op(name, special_function(name, nin, run), doc, vjp=vjp, latex=latex, flops=flops)
    SPECIAL[name] = op
    return op


SPECIAL: dict[str, Op] = {}


def _later(name: str) -> Callable[..., Expr]:
    return lambda *values: BUILDERS[name](*values)


cos, equal, exp, expm1, log, sign, sin = map(_later, ("cos", "equal", "exp", "expm1", "log", "sign", "sin"))
digamma, erfcx, trigamma, polygamma = map(_later, ("digamma", "erfcx", "trigamma", "polygamma"))
i0, i0e, i1, i1e, j0, j1 = map(_later, ("i0", "i0e", "i1", "i1e", "j0", "j1"))
k0, k0e, k1, k1e, y0, y1 = map(_later, ("k0", "k0e", "k1", "k1e", "y0", "y1"))


def _over(y: Expr, x: Expr, limit: float) -> Expr:
    """y / x, and its limit where x is 0."""
    zero = equal(x, 0)
    return where(zero, limit, y / where(zero, 1, x))


# -- meanings that SciPy has no one function for ---------------------------------------------------------------------
def _trigamma(x: Any) -> Any:
    """Sum of 1 / (x + k)**2; by reflection below 0 (SciPy's polygamma is NaN there)."""
    import scipy.special as s

    up = s.zeta(2.0, np.where(x > 0, x, 1))
    down = (np.pi / np.sin(np.pi * (x - np.rint(x))))**2 - s.zeta(2.0, 1 - x)
    return np.where(x > 0, up, np.where(np.isneginf(x), np.nan, np.where(x == np.floor(x), np.inf, down)))


def _log1mexp(x: Any) -> Any:
    """log(1 - exp(x)) by whichever form keeps its digits (Maechler, 2012)."""
    return np.where(x > -math.log(2.0), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))




def bessel(name: str, limit: float) -> Callable[..., Any]:
    """SciPy's Bessel function, with its limit at infinity, where SciPy's is NaN, and NaN for infinite orders."""
    def run(*args: Any) -> Any:
        import scipy.special

        x, found = args[-1], getattr(scipy.special, name)(*args)
        v = args[0] if len(args) > 1 else float(name[1])
        at = np.where(np.isposinf(x) | (v % 2 == 0), limit, np.where(v % 2 == 1, -limit, np.nan))
        at = np.where((x < 0) & (name[0] in "ky"), np.nan, at)
        return np.where(np.isinf(v), np.nan, np.where(np.isinf(x), at, found))

    return run


# -- the table ---------------------------------------------------------------------------------------------------------
s = special_op
call = "\\operatorname{{{name}}}\\left({{0}}\\right)".format

s("erfcx", "exp(x**2) erfc(x), which neither overflows nor vanishes for large x",
  lambda g, out, x: (g * (2 * x * out - 2 / ROOT_PI),), call(name="erfcx"))
s("erfinv", "inverse error function: erf(erfinv(x)) = x", lambda g, out, x: (g * (0.5 * ROOT_PI) * exp(out * out),),
  "\\operatorname{{erf}}^{{-1}}\\left({0}\\right)")
s("erfcinv", "inverse complementary error function: erfc(erfcinv(x)) = x",
  lambda g, out, x: (g * (-0.5 * ROOT_PI) * exp(out * out),), "\\operatorname{{erfc}}^{{-1}}\\left({0}\\right)")
s("ndtr", "distribution function of the standard normal distribution",
  lambda g, out, x: (g * (1 / (ROOT_2 * ROOT_PI)) * exp(-0.5 * (x * x)),), "\\Phi\\left({0}\\right)")
s("log_ndtr", "logarithm of ndtr(x), exact far below 0",
  lambda g, out, x: (g * (ROOT_2 / ROOT_PI) / erfcx(x * (-1 / ROOT_2)),), "\\log \\Phi\\left({0}\\right)")
s("ndtri", "quantile of the standard normal distribution: ndtr(ndtri(p)) = p",
  lambda g, out, x: (g * (ROOT_2 * ROOT_PI) * exp(0.5 * (out * out)),), "\\Phi^{{-1}}\\left({0}\\right)")
s("ndtri_exp", "ndtri(exp(x)), exact where exp(x) vanishes or is near 1",
  lambda g, out, x: (g * (ROOT_PI / ROOT_2) * erfcx(out * (-1 / ROOT_2)),), "\\Phi^{{-1}}\\left(e^{{{0}}}\\right)")

s("gamma", "gamma function, (x - 1)! of whole numbers", lambda g, out, x: (g * out * digamma(x),), "\\Gamma\\left({0}\\right)")
s("rgamma", "1 / gamma(x), 0 at its poles", lambda g, out, x: (-g * out * digamma(x),),
  "\\frac{{1}}{{\\Gamma\\left({0}\\right)}}")
s("gammaln", "logarithm of |gamma(x)|", lambda g, out, x: (g * digamma(x),), "\\log \\left|\\Gamma\\left({0}\\right)\\right|")
s("digamma", "derivative of gammaln", lambda g, out, x: (g * trigamma(x),), "\\psi\\left({0}\\right)")
s("trigamma", "derivative of digamma", lambda g, out, x: (g * polygamma(2, x),), "\\psi'\\left({0}\\right)", run=_trigamma)

s("j0", "Bessel function of the first kind of order 0", lambda g, out, x: (-g * j1(x),), "J_0\\left({0}\\right)",
  run=bessel("j0", 0.0))
s("j1", "Bessel function of the first kind of order 1", lambda g, out, x: (g * (j0(x) - _over(out, x, 0.5)),),
  "J_1\\left({0}\\right)", run=bessel("j1", 0.0))
s("y0", "Bessel function of the second kind of order 0", lambda g, out, x: (-g * y1(x),), "Y_0\\left({0}\\right)",
  run=bessel("y0", 0.0))
s("y1", "Bessel function of the second kind of order 1", lambda g, out, x: (g * (y0(x) - out / x),), "Y_1\\left({0}\\right)",
  run=bessel("y1", 0.0))
s("i0", "modified Bessel function of the first kind of order 0", lambda g, out, x: (g * i1(x),), "I_0\\left({0}\\right)",
  run=bessel("i0", math.inf))
s("i1", "modified Bessel function of the first kind of order 1", lambda g, out, x: (g * (i0(x) - _over(out, x, 0.5)),),
  "I_1\\left({0}\\right)", run=bessel("i1", math.inf))
s("i0e", "exp(-|x|) i0(x)", lambda g, out, x: (g * (i1e(x) - sign(x) * out),),
  "e^{{-\\left|{0}\\right|}} \\, I_0\\left({0}\\right)")
s("i1e", "exp(-|x|) i1(x)", lambda g, out, x: (g * (i0e(x) - _over(out, x, 0.5) - sign(x) * out),),
  "e^{{-\\left|{0}\\right|}} \\, I_1\\left({0}\\right)")
s("k0", "modified Bessel function of the second kind of order 0", lambda g, out, x: (-g * k1(x),), "K_0\\left({0}\\right)")
s("k1", "modified Bessel function of the second kind of order 1", lambda g, out, x: (-g * (k0(x) + out / x),),
  "K_1\\left({0}\\right)")
s("k0e", "exp(x) k0(x)", lambda g, out, x: (g * (out - k1e(x)),), "e^{{{0}}} \\, K_0\\left({0}\\right)")
s("k1e", "exp(x) k1(x)", lambda g, out, x: (g * (out - k0e(x) - out / x),), "e^{{{0}}} \\, K_1\\left({0}\\right)")

s("logit", "log(x / (1 - x)), the inverse of the logistic function", lambda g, out, x: (g / (x * (1 - x)),), call(name="logit"),
  flops=20.0)
s("log1mexp", "log(1 - exp(x)) of x below 0, exact near 0 and far below", lambda g, out, x: (-g / expm1(-x),),
  "\\log\\left(1 - e^{{{0}}}\\right)", run=_log1mexp, flops=30.0)
s("entr", "-x log(x): 0 at 0, -inf below", lambda g, out, x: (-g * (log(x) + 1),), call(name="entr"), flops=12.0)
s("exp10", "10 to the power x", lambda g, out, x: (g * out * math.log(10.0),), "10^{{{0}}}", flops=12.0)
s("cosm1", "cos(x) - 1, exact near 0", lambda g, out, x: (-g * sin(x),), "\\cos\\left({0}\\right) - 1", flops=15.0)

globals().update({name: builder_of(op, __name__) for name, op in SPECIAL.items()})
__all__ += list(SPECIAL)
