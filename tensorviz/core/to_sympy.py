"""Expressions as SymPy: scalars as they are, matrices as matrix expressions, and else the element of a tensor by its indices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import ArgumentError
from .expr import Expr, as_expr, constant_op, value_of, variable_op, where
from .graph import topological
from .origins import user_line
from .shapes import Memo, lengths_of
from .types import TensorType

__all__ = ["to_sympy"]

# Elementwise ops and the SymPy functions that mean the same; what is not plain is made by a function of SymPy and the arguments.
SAME = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "arctan2": "atan2", "absolute": "Abs", "sign": "sign", "sqrt": "sqrt", "floor": "floor", "ceil": "ceiling",
    "maximum": "Max", "minimum": "Min", "real": "re", "imag": "im", "conjugate": "conjugate", "equal": "Eq", "not_equal": "Ne",
    "less": "Lt", "less_equal": "Le", "greater": "Gt", "greater_equal": "Ge", "logical_and": "And", "logical_or": "Or",
    "logical_xor": "Xor", "logical_not": "Not", "gcd": "gcd", "lcm": "lcm", "remainder": "Mod",
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "erfcinv": "erfcinv", "gamma": "gamma",
    "digamma": "digamma", "trigamma": "trigamma", "polygamma": "polygamma", "beta": "beta", "jv": "besselj", "iv": "besseli",
    "kv": "besselk", "yv": "bessely", "zeta": "zeta", "factorial": "factorial",
    "poch": "RisingFactorial", "erfi": "erfi", "expi": "Ei", "expn": "expint", "sine_integral": "Si", "cosine_integral": "Ci",
    "fresnel_s": "fresnels", "fresnel_c": "fresnelc", "airy_ai": "airyai", "airy_aip": "airyaiprime", "airy_bi": "airybi",
    "airy_bip": "airybiprime", "ellipk": "elliptic_k", "ellipe": "elliptic_e", "ellipkinc": "elliptic_f",
    "ellipeinc": "elliptic_e", "lambertw_0": "LambertW",
}
MADE: dict[str, Callable[..., Any]] = {
    "add": lambda s, x, y: x + y, "subtract": lambda s, x, y: x - y, "multiply": lambda s, x, y: x * y,
    "true_divide": lambda s, x, y: x / y, "power": lambda s, x, y: x**y, "negative": lambda s, x: -x,
    "floor_divide": lambda s, x, y: s.floor(x / y), "square": lambda s, x: x**2, "reciprocal": lambda s, x: 1 / x,
    "cbrt": lambda s, x: s.sign(x) * s.cbrt(s.Abs(x)), "exp2": lambda s, x: s.Integer(2) ** x,
    "expm1": lambda s, x: s.exp(x) - 1, "log1p": lambda s, x: s.log(1 + x), "log2": lambda s, x: s.log(x, 2),
    "log10": lambda s, x: s.log(x, 10), "hypot": lambda s, x, y: s.sqrt(x**2 + y**2), "complex": lambda s, x, y: x + s.I * y,
    "sigmoid": lambda s, x: 1 / (1 + s.exp(-x)), "softplus": lambda s, x: s.log(1 + s.exp(x)),
    "logaddexp": lambda s, x, y: s.log(s.exp(x) + s.exp(y)), "trunc": lambda s, x: s.sign(x) * s.floor(s.Abs(x)),
    "where": lambda s, c, x, y: s.Piecewise((x, c), (y, True)), "positive": lambda s, x: x,
    "gammainc": lambda s, a, x: s.lowergamma(a, x) / s.gamma(a), "gammaincc": lambda s, a, x: s.uppergamma(a, x) / s.gamma(a),
    "gammaln": lambda s, x: s.log(s.Abs(s.gamma(x))), "rgamma": lambda s, x: 1 / s.gamma(x),
    "betaln": lambda s, a, b: s.log(s.Abs(s.gamma(a))) + s.log(s.Abs(s.gamma(b))) - s.log(s.Abs(s.gamma(a + b))),
    "betainc": lambda s, a, b, x: s.betainc_regularized(a, b, 0, x), "hyp2f1": lambda s, a, b, c, x: s.hyper([a, b], [c], x),
    "xlogy": lambda s, x, y: x * s.log(y), "xlog1py": lambda s, x, y: x * s.log(1 + y),
    "entr": lambda s, x: s.Piecewise((-x * s.log(x), x > 0), (0, s.Eq(x, 0)), (-s.oo, True)),
    "rel_entr": lambda s, x, y: s.Piecewise((x * s.log(x / y), s.And(x > 0, y > 0)), (0, s.And(s.Eq(x, 0), y >= 0)),
                                            (s.oo, True)),
    "kl_div": lambda s, x, y: s.Piecewise((x * s.log(x / y) - x + y, s.And(x > 0, y > 0)), (y, s.And(s.Eq(x, 0), y >= 0)),
                                          (s.oo, True)),
    "erfcx": lambda s, x: s.exp(x**2) * s.erfc(x), "ndtr": lambda s, x: s.erfc(-x / s.sqrt(2)) / 2,
    "log_ndtr": lambda s, x: s.log(s.erfc(-x / s.sqrt(2)) / 2), "ndtri": lambda s, x: s.sqrt(2) * s.erfinv(2 * x - 1),
    "ndtri_exp": lambda s, x: s.sqrt(2) * s.erfinv(2 * s.exp(x) - 1), "cosm1": lambda s, x: s.cos(x) - 1,
    "exp10": lambda s, x: s.Integer(10) ** x, "log1mexp": lambda s, x: s.log(1 - s.exp(x)),
    "logaddexp2": lambda s, x, y: s.log(2**x + 2**y, 2), "ldexp": lambda s, x, y: x * s.Integer(2) ** y,
    "fmod": lambda s, x, y: x - y * s.sign(x / y) * s.floor(s.Abs(x / y)),
    "copysign": lambda s, x, y: s.Abs(x) * s.Piecewise((1, y >= 0), (-1, True)),
    "rint": lambda s, x: s.floor(x + s.S.Half) - s.Piecewise((1, s.Eq(s.Mod(x - s.S.Half, 2), 0)), (0, True)),     # half to even
    "isnan": lambda s, x: s.false, "isinf": lambda s, x: s.Eq(s.Abs(x), s.oo), "isfinite": lambda s, x: s.Ne(s.Abs(x), s.oo),
    "j0": lambda s, x: s.besselj(0, x), "j1": lambda s, x: s.besselj(1, x), "y0": lambda s, x: s.bessely(0, x),
    "y1": lambda s, x: s.bessely(1, x), "i0": lambda s, x: s.besseli(0, x), "i1": lambda s, x: s.besseli(1, x),
    "k0": lambda s, x: s.besselk(0, x), "k1": lambda s, x: s.besselk(1, x),
    "i0e": lambda s, x: s.exp(-s.Abs(x)) * s.besseli(0, x), "i1e": lambda s, x: s.exp(-s.Abs(x)) * s.besseli(1, x),
    "k0e": lambda s, x: s.exp(x) * s.besselk(0, x), "k1e": lambda s, x: s.exp(x) * s.besselk(1, x),
    "ive": lambda s, v, x: s.exp(-s.Abs(x)) * s.besseli(v, x), "kve": lambda s, v, x: s.exp(x) * s.besselk(v, x),
    "exp1": lambda s, x: s.expint(1, x), "ellipkm1": lambda s, p: s.elliptic_k(1 - p),
    "dawsn": lambda s, x: s.sqrt(s.pi) / 2 * s.exp(-x**2) * s.erfi(x), "spence": lambda s, z: s.polylog(2, 1 - z),
    "lambertw_m1": lambda s, z: s.LambertW(z, -1), "wrightomega": lambda s, x: s.LambertW(s.exp(x)),
    "betaincc": lambda s, a, b, x: 1 - s.betainc_regularized(a, b, 0, x), "hyp0f1": lambda s, v, z: s.hyper([], [v], z),
    "hyp1f1": lambda s, a, b, z: s.hyper([a], [b], z),
    "logit": lambda s, x: s.log(x / (1 - x)), "signbit": lambda s, x: s.Lt(x, 0),
}
MATRIX = {"add", "subtract", "multiply", "negative", "matmul", "transpose", "power"}


def to_sympy(e: Any, names: dict[Expr, Any] | None = None) -> Any:
    """The SymPy form of an expression.

    Scalars become SymPy expressions; matrices that are sums, products and elementwise functions of matrices become matrix
    expressions; of any other tensor the element at the indices i, j, ... comes as a `Lambda`.

    Variables are symbols by their names: real, or integer or complex as their dtype says; matrices are `MatrixSymbol`, other
    tensors `IndexedBase`; unknown lengths are symbols `n_name_axis`, those that meet are taken to be equal. `names` gives symbols
    for variables. Sums and products over axes are `Sum` and `Product`. Raises ArgumentError for what SymPy has no word for.

    >>> import tensorviz as tv
    >>> x = tv.dscalar("x")
    >>> to_sympy(tv.exp(-x * x) / 2)
    exp(-x**2)/2
    >>> a, b = tv.dmatrices("a b")
    >>> to_sympy(a @ b.T + 2 * a)
    2*a + a*b.T
    """
    e = as_expr(e)
    if not isinstance(e.type, TensorType):
        raise ArgumentError("only tensors have a SymPy form", at=user_line())
    walk = _Walk(names or {})
    if e.ndim == 0:
        return walk.element(e, ())
    if e.ndim == 2:
        found = walk.matrix(e)
        if found is not None:
            return found
    indices = walk.indices(e.ndim)
    return walk.s.Lambda(indices if e.ndim > 1 else indices[0], walk.element(e, indices))


class _Walk:
    """One translation: symbols by node, and elements by node and indices."""

    def __init__(self, names: dict[Expr, Any]) -> None:
        try:
            import sympy
        except ImportError as error:
            raise ArgumentError("to_sympy needs SymPy", hint="pip install sympy") from error
        self.s: Any = sympy
        self.names: dict[Expr, Any] = dict(names)
        self.taken = {str(symbol) for symbol in names.values()}
        self.memo: Memo = {}
        self.done: dict[tuple[Expr, tuple[Any, ...]], Any] = {}
        self.count = 0

    # -- symbols ---------------------------------------------------------------------------------------------------
    def fresh(self, name: str) -> str:
        """A name that no other variable has."""
        found, k = name, 1
        while found in self.taken:
            k += 1
            found = f"{name}_{k}"
        self.taken.add(found)
        return found

    def symbol(self, x: Expr) -> Any:
        """The symbol of a variable."""
        if x not in self.names:
            name = self.fresh(x.name or "x")
            if x.ndim == 2:
                self.names[x] = self.s.MatrixSymbol(name, *(self.length(x, k) for k in range(2)))
            elif x.ndim:
                self.names[x] = self.s.IndexedBase(name, shape=tuple(self.length(x, k) for k in range(x.ndim)))
            elif x.dtype.kind == "b":
                self.names[x] = self.s.Symbol(name)
            else:
                kinds = {"i": {"integer": True}, "u": {"integer": True, "nonnegative": True}, "f": {"real": True}}
                self.names[x] = self.s.Symbol(name, **kinds.get(x.dtype.kind, {}))
        return self.names[x]

    def length(self, x: Expr, axis: int) -> Any:
        """The length of an axis: a number, or a symbol."""
        known = x.type.shape[axis]
        if known is not None:
            return self.s.Integer(known)
        return self.s.Symbol(f"n_{x.name or 'x'}_{axis}", integer=True, positive=True)

    def lengths(self, e: Expr) -> tuple[Any, ...]:
        """The lengths of a tensor."""
        return tuple(self.s.Integer(n) if isinstance(n, int) else self.element(n, ()) for n in lengths_of(e, self.memo))

    def indices(self, count: int) -> tuple[Any, ...]:
        """New symbols for indices: i, j, k, ..."""
        letters = "ijklmnpqrst"
        found = []
        for _ in range(count):
            name = letters[self.count % len(letters)] + (str(self.count // len(letters)) if self.count >= len(letters) else "")
            self.count += 1
            found.append(self.s.Symbol(name, integer=True))
        return tuple(found)

    # -- matrices ----------------------------------------------------------------------------------------------------
    def matrix(self, e: Expr) -> Any:
        """A matrix expression, or None where SymPy has none."""
        values: dict[Expr, Any] = {}
        for node in topological([e]):
            values[node] = self._matrix_node(node, [values.get(a) for a in node.args])
        return values[e]

    def _matrix_node(self, node: Expr, args: list[Any]) -> Any:
        s, name = self.s, node.op.name
        if not isinstance(node.type, TensorType) or node.ndim not in (0, 2):
            return None
        if node.ndim == 0:
            return self.element(node, ())
        if node.op is variable_op:
            return self.symbol(node)
        if node.op is constant_op:
            return s.ImmutableDenseMatrix(*node.type.shape, [self.number(v) for v in value_of(node).ravel()])
        if any(a is None for a in args) or name not in MATRIX | set(SAME) | set(MADE):
            square = name == "eye" and node.kw["k"] == 0 and self.lengths(node)[0] == self.lengths(node)[1]
            return s.Identity(self.lengths(node)[0]) if square else None
        if any(a.ndim == 2 and a.type.broadcastable != node.type.broadcastable and name != "matmul" for a in node.args):
            return None
        flat = [a.ndim == 0 for a in node.args]
        if name == "transpose":
            return s.Transpose(args[0]).doit()
        if name == "multiply" and not any(flat):
            return s.hadamard_product(*args)
        if name in ("add", "subtract") and any(flat):
            return None
        if name in ("add", "subtract", "multiply", "negative", "matmul"):
            return args[0] * args[1] if name == "matmul" else MADE[name](s, *args)
        if name in ("power", "square") and not flat[0] and flat[-1] or name == "square":
            return s.HadamardPower(args[0], args[1] if name == "power" else 2)
        if name in SAME and len(args) == 1 and node.dtype.kind == "f":
            return args[0].applyfunc(getattr(s, SAME[name]))
        return None

    # -- elements ------------------------------------------------------------------------------------------------------
    def element(self, e: Expr, at: tuple[Any, ...]) -> Any:
        """The element of a tensor at indices."""
        work: list[tuple[Expr, tuple[Any, ...]]] = [(e, at)]
        while work:
            key = work[-1]
            if key in self.done:
                work.pop()
                continue
            rule = STRUCTURE.get(key[0].op.name, _elementwise)
            found = rule(self, *key)
            if isinstance(found, _Wants):
                work += found.keys
            else:
                self.done[key] = found
        return self.done[e, at]

    def have(self, *keys: tuple[Expr, tuple[Any, ...]]) -> Any:
        """The elements at these keys, or what is to be computed first."""
        missing = [k for k in keys if k not in self.done]
        return _Wants(missing) if missing else [self.done[k] for k in keys]

    def number(self, v: Any) -> Any:
        """A NumPy number: whole and short binary fractions exactly, others as floats."""
        s = self.s
        if isinstance(v, np.bool_ | bool):
            return s.true if v else s.false
        if np.iscomplexobj(v):
            return self.number(v.real) + s.I * self.number(v.imag)
        if isinstance(v, np.integer):
            return s.Integer(int(v))
        x = float(v)
        if np.isnan(x) or np.isinf(x):
            return s.nan if np.isnan(x) else s.oo if x > 0 else -s.oo
        top, bottom = x.as_integer_ratio()
        return s.Rational(top, bottom) if bottom <= 1024 and abs(top) < 2**53 else s.Float(x)


class _Wants:
    """Elements that are needed before this one."""

    def __init__(self, keys: list[tuple[Expr, tuple[Any, ...]]]) -> None:
        self.keys = keys


def _elementwise(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    name = e.op.name
    if e.op.family != "elementwise" or name not in SAME and name not in MADE and name != "cast":
        raise ArgumentError(f"SymPy has no word for {name}", at=where(e),
                            hint="tv.to_sympy takes what mathematics has a name for")
    args = w.have(*((a, _aligned(a, at)) for a in e.args))
    if isinstance(args, _Wants):
        return args
    if name == "cast":
        return _cast(w, e, args[0])
    if e.args[0].dtype.kind == "b" and e.dtype.kind == "b" and name in ("add", "multiply"):
        return (w.s.Or if name == "add" else w.s.And)(*args)
    return getattr(w.s, SAME[name])(*args) if name in SAME else MADE[name](w.s, *args)


def _cast(w: _Walk, e: Expr, x: Any) -> Any:
    old, new = e.args[0].dtype.kind, e.dtype.kind
    if old == "b" and new != "b":
        return w.s.Piecewise((1, x), (0, True))
    if new == "b" and old != "b":
        return w.s.Ne(x, 0)
    return w.s.sign(x) * w.s.floor(w.s.Abs(x)) if old == "f" and new in "iu" else x


def _aligned(a: Expr, at: Sequence[Any]) -> tuple[Any, ...]:
    """The indices of an argument under those of a result that it is broadcast to."""
    own = at[len(at) - a.ndim:] if a.ndim else ()
    return tuple(0 if n == 1 else k for n, k in zip(a.type.shape, own, strict=True))


def _variable(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    symbol = w.symbol(e)
    return symbol[at] if at else symbol


def _constant(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    value = value_of(e)
    if not value.ndim or value.size == 1:
        return w.number(value.reshape(())[()])
    array = w.s.ImmutableDenseNDimArray([w.number(v) for v in value.ravel()], value.shape)
    if value.ndim == 2:
        return w.s.ImmutableDenseMatrix(array.tolist())[at]
    return array[tuple(at)]


def _mapped(w: _Walk, a: Expr, at: tuple[Any, ...]) -> Any:
    found = w.have((a, at))
    return found if isinstance(found, _Wants) else found[0]


def _transpose(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    back: list[Any] = [None] * len(at)
    for k, axis in enumerate(e.kw["axes"]):
        back[axis] = at[k]
    return _mapped(w, e.args[0], tuple(back))


def _expand(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    return _mapped(w, e.args[0], tuple(i for k, i in enumerate(at) if k not in e.kw["axes"]))


def _squeeze(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    rest = iter(at)
    return _mapped(w, e.args[0], tuple(0 if k in e.kw["axes"] else next(rest) for k in range(e.args[0].ndim)))


def _broadcast(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    return _mapped(w, e.args[0], _aligned(e.args[0], at))


def _reduced(word: str) -> Callable[[_Walk, Expr, tuple[Any, ...]], Any]:
    def rule(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
        x, axes = e.args[0], e.kw["axes"]
        inner, rest = w.indices(len(axes)), iter(at if not e.kw["keepdims"] else [i for k, i in enumerate(at) if k not in axes])
        place = dict(zip(axes, inner, strict=True))
        body = w.element(x, tuple(place[k] if k in place else next(rest) for k in range(x.ndim)))
        lengths = w.lengths(x)
        limits = [(place[k], 0, lengths[k] - 1) for k in axes]
        return getattr(w.s, word)(body, *limits) if limits else body

    return rule


def _matmul(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    a, b = e.args
    (k,) = w.indices(1)
    rows, columns = a.ndim > 1, b.ndim > 1
    batch = at[: len(at) - rows - columns]
    i, j = (at[len(batch)],) if rows else (), (at[-1],) if columns else ()
    left = w.element(a, _aligned_batch(a, batch, 2) + (*i, k))
    right = w.element(b, _aligned_batch(b, batch, 2) + (k, *j))
    return w.s.Sum(left * right, (k, 0, w.lengths(a)[-1] - 1))


def _aligned_batch(a: Expr, batch: tuple[Any, ...], core: int) -> tuple[Any, ...]:
    lead = max(a.ndim - core, 0)
    return tuple(0 if n == 1 else k for n, k in zip(a.type.shape[:lead], batch[len(batch) - lead:], strict=True))


def _index(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    x, scalars, rest = e.args[0], iter(e.args[1:]), iter(at)
    lengths, place = w.lengths(x), []
    for axis, item in enumerate(e.kw["spec"]):
        if item[0] == "int":
            k = item[1] if item[1] is not None else w.element(next(scalars), ())
            place.append(lengths[axis] + k if isinstance(k, int) and k < 0 else k)
            continue
        start, _, step = (w.element(next(scalars), ()) if v == "?" else v for v in item[1:])
        step = 1 if step is None else step
        if start is None:
            start = 0 if step > 0 else lengths[axis] - 1
        elif isinstance(start, int) and start < 0:
            start = lengths[axis] + start
        place.append(start + step * next(rest))
    return w.element(x, tuple(place))


def _take(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    """x at the elements of arrays of indices, which are broadcast together."""
    x, places, axis = e.args[0], e.args[1:], e.kw["axis"]
    count = e.ndim - x.ndim + len(places)
    own = at[axis:axis + count]
    found = w.have(*((i, _aligned(i, own)) for i in places))
    if isinstance(found, _Wants):
        return found
    lengths = w.lengths(x)[axis:axis + len(places)]
    inner = tuple(n + k if getattr(k, "is_negative", False) else k for k, n in zip(found, lengths, strict=True))
    return _mapped(w, x, (*at[:axis], *inner, *at[axis + count:]))


def _concatenate(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    """The part in which the index along the axis lies."""
    axis = e.kw["axis"]
    own = [w.lengths(x)[axis] for x in e.args]
    ends = list(itertools.accumulate(own))
    inside = [w.s.Max(0, w.s.Min(at[axis] - end + n, n - 1)) for end, n in zip(ends, own, strict=True)]
    places = [(*at[:axis], k, *at[axis + 1:]) for k in inside]
    found = w.have(*zip(e.args, places, strict=True))
    if isinstance(found, _Wants):
        return found
    return w.s.Piecewise(*zip(found, [*(at[axis] < end for end in ends[:-1]), True], strict=True))


def _reshape(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    """The element at the same place in C order."""
    x, place, step = e.args[0], w.s.Integer(0), w.s.Integer(1)
    for k, n in zip(reversed(at), reversed(w.lengths(e)), strict=True):
        place, step = place + k * step, step * n
    inner: list[Any] = []
    for k, n in reversed(list(enumerate(w.lengths(x)))):
        inner.insert(0, w.s.Mod(place, n) if k else place)
        place = w.s.floor(place / n)
    return _mapped(w, x, tuple(inner))


def _scan(word: str) -> Callable[[_Walk, Expr, tuple[Any, ...]], Any]:
    def rule(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
        (k,), axis = w.indices(1), e.kw["axis"]
        term = w.element(e.args[0], (*at[:axis], k, *at[axis + 1:]))
        return getattr(w.s, word)(term, (k, 0, at[axis]))

    return rule


def _length(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    x, axis = e.args[0], e.kw["axis"]
    return w.length(x, axis) if x.op is variable_op else w.lengths(x)[axis]


def _arange(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    return w.element(e.args[0], ()) + at[0] * w.element(e.args[1], ())


def _eye(w: _Walk, e: Expr, at: tuple[Any, ...]) -> Any:
    return w.s.KroneckerDelta(at[1] - at[0], e.kw["k"]) if isinstance(e.kw["k"], int) else w.s.KroneckerDelta(*at)


STRUCTURE: dict[str, Callable[[_Walk, Expr, tuple[Any, ...]], Any]] = {
    "variable": _variable, "constant": _constant, "transpose": _transpose, "expand_dims": _expand, "squeeze": _squeeze,
    "broadcast_to": _broadcast, "sum": _reduced("Sum"), "prod": _reduced("Product"), "matmul": _matmul, "index": _index,
    "length": _length, "arange": _arange, "eye": _eye, "zero_grad": lambda w, e, at: _mapped(w, e.args[0], at),
    "take": _take, "broadcast_length": lambda w, e, at: _mapped(w, e.args[0], at),
    "specify_shape": lambda w, e, at: _mapped(w, e.args[0], at),
    "concatenate": _concatenate, "reshape": _reshape, "cumsum": _scan("Sum"), "cumprod": _scan("Product"),
}
