"""SymPy as expressions: what `to_sympy` writes comes back, and what people write in SymPy compiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from .errors import ArgumentError
from .expr import Expr, as_expr, constant, variable
from .op import BUILDERS
from .origins import user_line
from .types import TensorType

__all__ = ["from_sympy"]

# SymPy's functions by name and the builders that mean the same.
SAME = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2", "Abs": "absolute", "sign": "sign", "floor": "floor", "ceiling": "ceil", "re": "real", "im": "imag",
    "conjugate": "conjugate", "arg": "angle", "Equality": "equal", "Unequality": "not_equal", "StrictLessThan": "less",
    "LessThan": "less_equal", "StrictGreaterThan": "greater", "GreaterThan": "greater_equal", "Not": "logical_not",
    "Mod": "remainder", "gcd": "gcd", "lcm": "lcm", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "erfcinv": "erfcinv",
    "gamma": "gamma", "loggamma": "gammaln", "digamma": "digamma", "beta": "beta",
    "besselj": "jv", "besseli": "iv", "besselk": "kv", "bessely": "yv", "factorial": "factorial", "Heaviside": "heaviside",
    "RisingFactorial": "poch", "binomial": "binom", "ITE": "where", "erfi": "erfi", "Ei": "expi",
    "Si": "sine_integral", "Ci": "cosine_integral", "fresnels": "fresnel_s", "fresnelc": "fresnel_c", "airyai": "airy_ai",
    "airyaiprime": "airy_aip", "airybi": "airy_bi", "airybiprime": "airy_bip", "elliptic_k": "ellipk", "elliptic_f": "ellipkinc",
}
FOLDED = {"Add": "add", "Mul": "multiply", "Max": "maximum", "Min": "minimum", "And": "logical_and", "Or": "logical_or",
          "Xor": "logical_xor", "MatAdd": "add", "HadamardProduct": "multiply"}
MADE: dict[str, Callable[..., Any]] = {
    "sec": lambda B, x: 1.0 / B["cos"](x), "csc": lambda B, x: 1.0 / B["sin"](x), "cot": lambda B, x: 1.0 / B["tan"](x),
    "coth": lambda B, x: 1.0 / B["tanh"](x), "sech": lambda B, x: 1.0 / B["cosh"](x), "csch": lambda B, x: 1.0 / B["sinh"](x),
    "acot": lambda B, x: B["arctan"](1.0 / x), "asec": lambda B, x: B["arccos"](1.0 / x),
    "acsc": lambda B, x: B["arcsin"](1.0 / x), "acoth": lambda B, x: B["arctanh"](1.0 / x),
    "asech": lambda B, x: B["arccosh"](1.0 / x),
    "acsch": lambda B, x: B["arcsinh"](1.0 / x), "erf2": lambda B, x, y: B["erf"](y) - B["erf"](x),
    "zeta": lambda B, x, q=1.0: B["zeta"](x, q), "FallingFactorial": lambda B, x, n: B["poch"](x - n + 1.0, n),
    "betainc_regularized": lambda B, a, b, x, y: B["betainc"](a, b, y) - B["betainc"](a, b, x),
    "sinc": lambda B, x: B["sinc"](x / np.pi), "elliptic_e": lambda B, *v: B["ellipe" if len(v) == 1 else "ellipeinc"](*v),
    "Shi": lambda B, x: B["shichi"](x)[0], "Chi": lambda B, x: B["shichi"](x)[1],
    "frac": lambda B, x: x - B["floor"](x), "KroneckerDelta": lambda B, i, j: B["cast"](B["equal"](i, j), "float64"),
    "lowergamma": lambda B, a, x: B["gammainc"](a, x) * B["gamma"](a),
    "uppergamma": lambda B, a, x: B["gammaincc"](a, x) * B["gamma"](a),
    "hankel1": lambda B, v, x: B["hankel1"](v, x), "hankel2": lambda B, v, x: B["hankel2"](v, x),
    "factorial2": lambda B, n: B["factorial2"](n), "li": lambda B, x: B["expi"](B["log"](x)),
    "Li": lambda B, x: B["expi"](B["log"](x)) - 1.0451637801174928,       # li(2)
    "Implies": lambda B, p, q: B["logical_or"](B["logical_not"](p), q),
    "Nand": lambda B, *v: B["logical_not"](reduce(B["logical_and"], v)),
    "Nor": lambda B, *v: B["logical_not"](reduce(B["logical_or"], v)),
    "Equivalent": lambda B, *v: reduce(B["logical_and"], [B["equal"](p, v[0]) for p in v[1:]]),
    "KroneckerProduct": lambda B, *v: reduce(B["kron"], v), "DiagMatrix": lambda B, v: B["diagflat"](v),
    "DiagonalMatrix": lambda B, x: B["eye"](B["length"](x, 0), B["length"](x, 1)) * x,
    "DiagonalOf": lambda B, x: B["expand_dims"](B["diagonal"](x), 1),
    "Transpose": lambda B, x: B["transpose"](x), "Trace": lambda B, x: B["trace"](x), "Adjoint": lambda B, x: B["transpose"](
        B["conjugate"](x)), "HadamardPower": lambda B, x, y: B["power"](x, y), "logistic": lambda B, x: B["sigmoid"](x),
}
# Functions whose first arguments are whole numbers that are known, and the builders that take these as they are.
DEGREES = {
    "jn": "spherical_jn", "yn": "spherical_yn", "legendre": "eval_legendre", "hermite": "eval_hermite",
    "chebyshevt": "eval_chebyt", "chebyshevu": "eval_chebyu", "laguerre": "eval_laguerre", "assoc_laguerre": "eval_genlaguerre",
    "gegenbauer": "eval_gegenbauer", "jacobi": "eval_jacobi",
}


NUMBERS = {"Pi": np.pi, "Exp1": np.e, "EulerGamma": float(np.euler_gamma), "GoldenRatio": (1 + 5**0.5) / 2, "Infinity": np.inf,
           "NegativeInfinity": -np.inf, "NaN": np.nan, "ImaginaryUnit": 1j, "Catalan": 0.9159655941772190,
           "BooleanTrue": True, "BooleanFalse": False}


def from_sympy(s: Any, symbols: Mapping[Any, Any] | None = None) -> Expr:
    """The expression for a SymPy expression, a matrix expression, an explicit matrix, or a condition.

    `symbols` gives expressions (or numbers) for symbols, matrix symbols and indexed bases, by symbol or by name. Others become
    new variables of their names: integer symbols int64 scalars, complex ones complex128, others float64; matrix symbols
    matrices, indexed bases tensors. A `Sum` or `Product` has whole limits, which may hold symbols and the indices of others;
    where the last is below the first it is 0 or 1 (SymPy has Karr's convention there). Raises ArgumentError for what has no
    counterpart.

    >>> import sympy, tensorviz as tv
    >>> x = sympy.Symbol("x")
    >>> f = from_sympy(sympy.exp(-x**2) / 2, {"x": tv.dscalar("x")})
    >>> f.type
    TensorType(float64, ())
    """
    try:
        import sympy
    except ImportError as error:
        raise ArgumentError("from_sympy needs SymPy", hint="pip install sympy") from error
    if symbols is not None and not isinstance(symbols, Mapping):
        raise ArgumentError(f"symbols is a mapping {{symbol or name: expression}}, not {type(symbols).__name__}", at=user_line())
    try:
        s = sympy.sympify(s)
    except (sympy.SympifyError, TypeError, ValueError, AttributeError) as error:
        raise ArgumentError(f"from_sympy takes a SymPy expression, not {s!r:.40}", at=user_line()) from error
    if not isinstance(s, sympy.Basic | sympy.MatrixBase) or isinstance(s, sympy.Tuple | sympy.Dict):
        raise ArgumentError(f"from_sympy takes a SymPy expression, not {s!r:.40}", at=user_line(),
                            hint="one call for each of several")
    if isinstance(s, sympy.Lambda):
        raise ArgumentError("from_sympy takes expressions, not functions: a Lambda is one", at=user_line(),
                            hint="from_sympy(f.expr), with integer symbols in f.signature for the indices")
    return _Back(symbols or {}).whole(s)


WHOLE = frozenset(("MatrixElement", "MatrixSlice", "BlockMatrix",
                   "ElementwiseApplyFunction", "Identity", "ZeroMatrix", "OneMatrix", "Derivative", "Integral",
                   "hyper"))


def _end(limit: Any, word: str) -> Any:
    """The smallest first or the largest last index that a limit stands for; of none what makes an empty range."""
    if not isinstance(limit, Expr) or not limit.ndim:
        return limit
    none = np.iinfo(np.int64).max // 2 if word == "min" else -1
    return BUILDERS[word](BUILDERS["concatenate"]([BUILDERS["ravel"](limit), constant([none], limit.dtype)]))


class _Back:
    """One translation: expressions by SymPy node; indices of sums are vectors along axes of their own."""

    def __init__(self, symbols: Mapping[Any, Any]) -> None:
        import sympy

        self.s: Any = sympy
        self.known = {str(getattr(k, "label", k)): as_expr(v) for k, v in symbols.items()}
        self.indices: dict[str, Expr] = {}
        self.done: dict[Any, Expr] = {}

    def whole(self, s: Any) -> Expr:
        """Arguments before what they are arguments of, without recursion."""
        s = self.s.sympify(s)
        work = [(s, False)]
        while work:
            node, ready = work.pop()
            if node in self.done:
                continue
            if ready or not self._walks(node):
                self.done[node] = self.node(node)
            else:
                work.append((node, True))
                work += [(a, False) for a in node.args]
        return self.done[s]

    def _walks(self, node: Any) -> bool:
        s = self.s
        leaves = (s.Sum, s.Product, s.Indexed, s.Symbol, s.MatrixSymbol, s.IndexedBase, s.MatrixBase, s.Lambda, s.Piecewise)
        name = type(node).__name__
        return not isinstance(node, leaves) and name not in WHOLE and not node.is_Number

    # -- nodes -----------------------------------------------------------------------------------------------------
    def node(self, s: Any) -> Expr:
        """One node whose arguments are done."""
        name = type(s).__name__
        special = getattr(self, f"on_{name}", None)
        if special is not None:
            return special(s)  # type: ignore[no-any-return]
        if name in NUMBERS:
            return constant(NUMBERS[name])
        if s.is_Number:
            return self.number(s)
        if isinstance(s, self.s.MatrixBase):
            rows = [[self.whole(s[i, j]) for j in range(s.shape[1])] for i in range(s.shape[0])]
            return BUILDERS["stack"]([BUILDERS["stack"](row) for row in rows])  # type: ignore[no-any-return]
        if isinstance(s, self.s.Symbol):
            return self.symbol(s)
        if name in WHOLE:
            raise ArgumentError(f"there is no op for SymPy's {name}", at=user_line(), hint="evaluate it first: expr.doit()")
        args = [self.done[a] for a in s.args]
        if name in FOLDED:
            return reduce(BUILDERS[FOLDED[name]], args)
        if name in SAME:
            return BUILDERS[SAME[name]](*args)  # type: ignore[no-any-return]
        if name in DEGREES and s.args[0].is_Integer:
            return BUILDERS[DEGREES[name]](int(s.args[0]), *args[1:])  # type: ignore[no-any-return]
        made = MADE.get(name)
        if made is not None:
            return made(BUILDERS, *args)  # type: ignore[no-any-return]
        raise ArgumentError(f"there is no op for SymPy's {name}", at=user_line())

    def number(self, s: Any) -> Expr:
        """A whole number as int64, others as float64."""
        if s.is_Integer:
            return constant(int(s), "int64") if abs(int(s)) < 2**63 else constant(float(s))
        return constant(float(s))

    def symbol(self, s: Any) -> Expr:
        """What stands for a symbol."""
        name = str(s)
        if name in self.indices:
            return self.indices[name]
        if name not in self.known:
            dtype = "int64" if s.is_integer else "float64" if s.is_complex is None or s.is_real is not False else "complex128"
            self.known[name] = variable(TensorType(np.dtype(dtype), ()), name)
        return self.known[name]

    def tensor(self, s: Any, ndim: int) -> Expr:
        """What stands for a matrix symbol or an indexed base."""
        name = str(getattr(s, "label", getattr(s, "name", s)))
        if name not in self.known:
            lengths = tuple(int(n) if n.is_Integer else None for n in (getattr(s, "shape", None) or [self.s.Symbol("n")] * ndim))
            self.known[name] = variable(TensorType(np.dtype("float64"), lengths), name)
        found = self.known[name]
        if found.ndim != ndim:
            raise ArgumentError(f"{name} has {ndim} axes in SymPy, the expression for it has {found.ndim}", at=user_line())
        return found

    def array(self, s: Any) -> Expr:
        """An array of numbers: int64 if all are whole."""
        flat = list(s.reshape(len(s)))
        as_number = int if all(v.is_Integer for v in flat) else complex if any(v.has(self.s.I) for v in flat) else float
        return constant(np.array([as_number(v) for v in flat]).reshape(s.shape))

    def on_Pow(self, s: Any) -> Expr:
        """Powers: roots and reciprocals as such."""
        base, power = s.args
        x = self.done[base]
        if power == self.s.Rational(1, 2):
            return BUILDERS["sqrt"](x)  # type: ignore[no-any-return]
        if power.is_Integer and x.dtype.kind in "iub":
            x = BUILDERS["cast"](x, "float64") if power < 0 else x
        if power == -1:
            return BUILDERS["reciprocal"](x)  # type: ignore[no-any-return]
        y = constant(float(power)) if power.is_Number and x.dtype.kind in "fc" else self.done[power]
        return BUILDERS["power"](x, y)  # type: ignore[no-any-return]

    def on_floor(self, s: Any) -> Expr:
        """Rounded down; of a quotient of whole numbers the whole quotient."""
        above, below = s.args[0].as_numer_denom()
        if below != 1:
            x, y = self.whole(above), self.whole(below)
            if x.dtype.kind in "iu" and y.dtype.kind in "iu":
                return BUILDERS["floor_divide"](x, y)  # type: ignore[no-any-return]
        return BUILDERS["floor"](self.done[s.args[0]])  # type: ignore[no-any-return]

    def on_log(self, s: Any) -> Expr:
        """Logarithms; that of |gamma(x)| as such, which does not overflow."""
        x = s.args[0]
        if isinstance(x, self.s.Abs) and isinstance(x.args[0], self.s.gamma):
            return BUILDERS["gammaln"](self.done[x.args[0].args[0]])  # type: ignore[no-any-return]
        return BUILDERS["log"](self.done[x])  # type: ignore[no-any-return]

    def on_polygamma(self, s: Any) -> Expr:
        """Derivatives of digamma; the first ones have names."""
        n, x = s.args
        names = {0: "digamma", 1: "trigamma"}
        if n in names:
            return BUILDERS[names[int(n)]](self.done[x])  # type: ignore[no-any-return]
        return BUILDERS["polygamma"](self.done[n], self.done[x])  # type: ignore[no-any-return]

    def on_harmonic(self, s: Any) -> Expr:
        """1 + 1/2 + ... + 1/n, and of powers above 1, between whole numbers too."""
        n, power = self.done[s.args[0]], s.args[1] if len(s.args) > 1 else self.s.Integer(1)
        if power == 1:
            return BUILDERS["digamma"](n + 1.0) + float(np.euler_gamma)  # type: ignore[no-any-return]
        return BUILDERS["zeta"](self.done[power], 1.0) - BUILDERS["zeta"](self.done[power], n + 1.0)  # type: ignore[no-any-return]

    def on_LambertW(self, s: Any) -> Expr:
        """Of the branches that are real."""
        branch = s.args[1] if len(s.args) > 1 else 0
        if branch not in (0, -1):
            raise ArgumentError(f"the branches 0 and -1 of LambertW have real values, not {branch}", at=user_line())
        return BUILDERS["lambertw_m1" if branch == -1 else "lambertw_0"](self.done[s.args[0]])  # type: ignore[no-any-return]

    def on_expint(self, s: Any) -> Expr:
        """Of whole orders."""
        n, x = s.args
        if n.is_integer is False or (n.is_number and n != int(n)):
            raise ArgumentError(f"the order of expint is a whole number, not {n}", at=user_line())
        return BUILDERS["exp1"](self.done[x]) if n == 1 else BUILDERS["expn"](self.done[n], self.done[x])  # type: ignore[no-any-return]

    def on_polylog(self, s: Any) -> Expr:
        """The logarithm and the dilogarithm; others have no counterpart."""
        order, x = s.args
        if order == 1:
            return -BUILDERS["log1p"](-self.done[x])  # type: ignore[no-any-return]
        if order != 2:
            raise ArgumentError(f"of SymPy's polylog only orders 1 and 2 have an op, not {order}", at=user_line())
        return BUILDERS["spence"](1.0 - self.done[x])  # type: ignore[no-any-return]

    def on_hyper(self, s: Any) -> Expr:
        """The hypergeometric functions 0F1, 1F1 and 2F1; others have no counterpart."""
        above, below, x = s.args
        if len(above) > 2 or len(below) != 1:
            raise ArgumentError(f"of SymPy's hyper 0F1, 1F1 and 2F1 have an op, not {len(above)}F{len(below)}", at=user_line())
        return BUILDERS[f"hyp{len(above)}f1"](*(self.whole(v) for v in (*above, *below, x)))  # type: ignore[no-any-return]

    def on_Mul(self, s: Any) -> Expr:
        """Products; what has a negative power becomes the denominator."""
        below = [a for a in s.args if a.is_Pow and a.exp.is_Number and a.exp.is_negative and a.base.is_commutative]
        above = [a for a in s.args if a not in below]
        top = [self.done[a] for a in above] or [constant(1, "int64")]
        product = reduce(BUILDERS["multiply"], top)
        if not below:
            return product
        bottom = [self.whole(a.base ** -a.exp) for a in below]
        return BUILDERS["true_divide"](product, reduce(BUILDERS["multiply"], bottom))  # type: ignore[no-any-return]

    def on_Rational(self, s: Any) -> Expr:
        """A fraction, rounded once."""
        return constant(int(s.p) / int(s.q))

    on_Half = on_Rational

    def on_Piecewise(self, s: Any) -> Expr:
        """Nested choices; NaN where no condition holds."""
        found: Expr | None = None
        for value, condition in reversed(s.args):
            x = self.whole(value)
            if condition == self.s.true:
                found = x
            else:
                other = found if found is not None else constant(np.nan)
                found = BUILDERS["where"](self.whole(condition), x, other)
        assert found is not None
        return found

    # -- sums over indices -----------------------------------------------------------------------------------------------
    def on_Sum(self, s: Any) -> Expr:
        """The body over vectors of indices, then a sum over their axes."""
        return self._over(s, "sum")

    def on_Product(self, s: Any) -> Expr:
        """The body over vectors of indices, then a product over their axes."""
        return self._over(s, "prod")

    def _over(self, s: Any, reduction: str) -> Expr:
        masks: dict[str, Expr] = {}
        for index, low, high in s.limits[::-1]:
            first, last = self._whole_number(low), self._whole_number(high)
            outer = max((v.ndim for v in self.indices.values()), default=0)
            steps = BUILDERS["reshape"](BUILDERS["arange"](_end(first, "min"), _end(last, "max") + 1), (-1, *(1,) * outer))
            if any(isinstance(v, Expr) and v.ndim for v in (first, last)):     # of a triangle: over a square, the rest left out
                masks[str(index)] = BUILDERS["logical_and"](np.greater_equal(steps, first), np.less_equal(steps, last))
            self.indices[str(index)] = steps
        inner = _Back({})
        inner.known, inner.indices = self.known, self.indices
        body = inner.whole(s.function)
        for index, _, _ in s.limits:
            axis, mask = self.indices.pop(str(index)), masks.get(str(index))
            ndim = axis.ndim
            if body.ndim < ndim:                    # the body does not depend on it: as many equal terms
                body = body + BUILDERS["zeros_like"](axis, body.dtype)
            if mask is not None:
                body = BUILDERS["where"](mask, body, 1 if reduction == "prod" else 0)
            body = BUILDERS[reduction](body, axis=body.ndim - ndim)
        return body

    def _whole_number(self, s: Any) -> Any:
        s = self.s.sympify(s)
        if s.is_Integer:
            return int(s)
        inner = _Back({})
        inner.known, inner.indices = self.known, self.indices
        found = inner.whole(s)
        if found.dtype.kind not in "iu":
            raise ArgumentError(f"{s} is not a whole number, as indices and limits of sums are", at=user_line(),
                                hint="Symbol(..., integer=True)")
        return found

    def on_Indexed(self, s: Any) -> Expr:
        """x[i, j] at vectors of indices."""
        x = self.array(s.base) if isinstance(s.base, self.s.NDimArray) else self.tensor(s.base, len(s.indices))
        return x[tuple(self._index(i) for i in s.indices)]

    def on_MatrixElement(self, s: Any) -> Expr:
        """M[i, j] of a matrix expression."""
        return self.whole(s.parent)[tuple(self._index(i) for i in s.args[1:])]

    def on_MatrixSlice(self, s: Any) -> Expr:
        """M[a:b, c:d] of a matrix expression."""
        return self.whole(s.parent)[tuple(slice(*(self._index(n) for n in part)) for part in (s.rowslice, s.colslice))]

    def on_BlockMatrix(self, s: Any) -> Expr:
        """Matrices beside and below each other."""
        rows, columns = s.blocks.shape
        return BUILDERS["block"]([[self.whole(s.blocks[i, j]) for j in range(columns)] for i in range(rows)])  # type: ignore[no-any-return]

    def _index(self, i: Any) -> Any:
        return int(i) if i.is_Integer else self._whole_number(i)

    # -- matrices ----------------------------------------------------------------------------------------------------
    def on_MatrixSymbol(self, s: Any) -> Expr:
        """A matrix."""
        return self.tensor(s, 2)

    def on_MatMul(self, s: Any) -> Expr:
        """A product of matrices, scaled."""
        factors = [self.done[a] for a in s.args]
        matrices = [x for x in factors if x.ndim == 2]
        scalars = [x for x in factors if x.ndim == 0]
        return reduce(BUILDERS["multiply"], scalars, reduce(BUILDERS["matmul"], matrices))

    def on_MatPow(self, s: Any) -> Expr:
        """A whole power of a matrix."""
        base, power = s.args
        if not power.is_Integer or power < 1:
            raise ArgumentError("only whole powers of matrices from 1 on have a counterpart", at=user_line())
        return reduce(BUILDERS["matmul"], [self.done[base]] * int(power))

    def on_Identity(self, s: Any) -> Expr:
        """The identity matrix."""
        return BUILDERS["eye"](self._whole_number(s.shape[0]))  # type: ignore[no-any-return]

    def on_ZeroMatrix(self, s: Any) -> Expr:
        """A matrix of zeros."""
        return BUILDERS["zeros"](tuple(self._whole_number(n) for n in s.shape))  # type: ignore[no-any-return]

    def on_OneMatrix(self, s: Any) -> Expr:
        """A matrix of ones."""
        return BUILDERS["ones"](tuple(self._whole_number(n) for n in s.shape))  # type: ignore[no-any-return]

    def on_ElementwiseApplyFunction(self, s: Any) -> Expr:
        """A function of each element."""
        x = self.whole(s.expr)
        inner = _Back({})
        inner.known = self.known
        argument = self.s.Dummy("element")
        inner.indices = {str(argument): x}
        return inner.whole(s.function(argument))
