"""Elementwise and scalar functions."""

from __future__ import annotations

import numpy as np
from scipy import special

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.oracles import ANY, MIXED, MORE_SPECIAL, ORACLES, Oracle
from tests.features.table import close, row, same

THEANO = """abs_ add and_ angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_not bitwise_or bitwise_xor
    ceil chi2sf clip complex complex_from_polar conj cos cosh deg2rad eq erf erfc erfcinv erfcx erfinv exp exp2 expm1 fill floor
    floor_div gamma gammainc gammaincc gammal gammaln gammau ge gt i0 i1 imag int_div inv invert isinf isnan iv j0 j1 jv le log
    log10 log1p log2 lt maximum minimum mod mul neg neq or_ pow psi rad2deg real round_half_away_from_zero round_half_to_even
    second sgn sin sinh sqr sqrt square sub switch tan tanh tensor_copy tri_gamma true_div trunc where xor""".split()
PYTENSOR = """abs betainc betaincinv digamma equal expit gammainccinv gammaincinv greater greater_equal hyp2f1 ive kve
    less less_equal log1mexp log1pexp ndtri_exp not_equal owens_t polygamma reciprocal sigmoid sign softplus""".split()


def check(names: list[str], oracles: dict[str, Oracle] = ORACLES) -> None:
    """Every name, compiled, must agree with its oracle on real values."""
    results, expected, inputs, values = [], [], [], []
    for name in names:
        function, args = oracles[name]
        variables = [tv.tensor(dtype=np.asarray(a).dtype, shape=np.shape(a)) for a in args]
        made = getattr(T, name, None) or getattr(T.special, name)
        results.append(made(*variables))
        with np.errstate(all="ignore"):
            expected.append(function(*map(np.asarray, args)))
        inputs += variables
        values += args
    computed = tv.function(inputs, results, on_unused_input="ignore")(*values)
    for name, found, wanted in zip(names, computed, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2e-11, atol=1e-13, err_msg=name)


@row("elementwise.scalars", "scalar ops (instances of ScalarOp, among them 14 casts)", "101", "107",
     "scalars are tensors of no axes and have the same functions; casts: `x.astype(\"int8\")`, `tv.cast(x, dtype)`",
     prose="astype scalar scalars")
def scalars():
    x = tv.dscalar("x")
    same(tv.function([x], tv.exp(x).astype("float32"))(0.0), np.float32(1))
    for dtype in ("bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128").split():
        same(tv.function([x], tv.cast(x, dtype))(3.0), np.asarray(3.0).astype(dtype))


@row("elementwise.theano", "elementwise functions in Theano's `tensor`: " + " ".join(THEANO), "92", "most, 6 renamed",
     "all of these names, compiled: `tv.tensor.log1p(x)`", prose="all")
def theano():
    check(THEANO)


@row("elementwise.pytensor", "elementwise functions that PyTensor adds: " + " ".join(PYTENSOR), "no", "103 in all",
     "all of these names, compiled", prose="all")
def pytensor():
    check(PYTENSOR)


@row("elementwise.families", "arithmetic, comparison, logic, bits, trigonometry, exponentials, rounding, min/max/clip/where, "
     "complex (real imag angle conj complex_from_polar)", "yes", "yes; abs_->abs, inv->reciprocal, sgn->sign",
     "NumPy's names and dtypes; both libraries' other spellings too")
def families():
    x, y = tv.dvectors("x y")
    a, b = ANY, ANY[::-1].copy()
    f = tv.function([x, y], [x + y, x // y, x % y, x < y, (x > 0) & (y > 0), tv.arctan2(x, y), tv.round(x), tv.where(x > y, x, y)])
    with np.errstate(all="ignore"):
        wanted = [a + b, a // b, a % b, a < b, (a > 0) & (b > 0), np.arctan2(a, b), np.round(a), np.where(a > b, a, b)]
    for found, expected in zip(f(a, b), wanted, strict=True):
        close(found, expected)
    check("abs abs_ inv reciprocal sgn sign max min clip real imag angle conj complex complex_from_polar".split(),
          {**ORACLES, "max": (np.max, (ANY,)), "min": (np.min, (ANY,))})


@row("elementwise.special", "special: erf erfc erfcx erfinv erfcinv gamma gammaln psi tri_gamma gammainc gammaincc j0 j1 jv i0 i1 iv "
     "chi2sf", "yes", "yes", "the same names in `tv.tensor` and, by SciPy's names, in `tv.tensor.special`; own C, see "
     "[special.md](special.md)")
def special_functions():
    check("erf erfc erfcx erfinv erfcinv gamma gammaln psi tri_gamma gammainc gammaincc j0 j1 jv i0 i1 iv chi2sf".split())
    close(T.special.erfinv(0.5), special.erfinv(0.5))


@row("elementwise.more_special", "more special: betainc(+inv) gammaincinv hyp2f1 polygamma kn kv kve ive ndtri_exp owens_t log1mexp "
     "logit xlogy xlog1py poch factorial beta betaln", "no", "yes", "the same names", prose="inv")
def more_special():
    check(list(MORE_SPECIAL), MORE_SPECIAL)


@row("elementwise.logsumexp", "logsumexp, logaddexp, softmax/log_softmax over any axis", "softmax of the last axis of a matrix only",
     "yes", "`tv.softmax(x, axis=0)`, stable: rules rewrite what overflows", prose="any matrix")
def logsumexp():
    x = tv.dmatrix("x")
    value = np.array([[1000.0, 0.0, -1000.0], [1.0, 2.0, 3.0]])
    for axis in (0, 1):
        f = tv.function([x], [tv.logsumexp(x, axis=axis), tv.softmax(x, axis=axis), tv.log_softmax(x, axis=axis)])
        for found, name in zip(f(value), ("logsumexp", "softmax", "log_softmax"), strict=True):
            close(found, getattr(special, name)(value, axis=axis))
    same(tv.logaddexp(1000.0, 1000.0).eval(), np.logaddexp(1000.0, 1000.0))


@row("elementwise.classes", "isclose allclose isnan isinf; isfinite, nan_to_num, isposinf", "the first 4", "all", "all, isneginf too",
     prose="all")
def classes():
    x = tv.dvector("x")
    for name in ("isnan", "isinf", "isfinite", "nan_to_num", "isposinf", "isneginf"):
        same(tv.function([x], getattr(tv, name)(x))(MIXED), getattr(np, name)(MIXED))
    same(tv.function([x], tv.isclose(x, 1.0))(MIXED), np.isclose(MIXED, 1.0))
    same(tv.function([x], tv.allclose(x, x, equal_nan=True))(MIXED), np.asarray(True))


@row("elementwise.fusion", "fusion of loops (Composite), scalar ops by users, in-place elementwise", "yes", "yes",
     "chains become one loop nest, reductions included; results are written over dead arguments; functions of expressions "
     "stand for scalar ops by users", prose="place scalar")
def fusion():
    x = tv.dvector("x")
    f = tv.function([x], tv.tanh(x * x + 1.0) * 2.0)
    assert f.source().count("TV_KERNEL void") == 1
    close(f(ANY), np.tanh(ANY * ANY + 1.0) * 2.0)


@row("elementwise.inplace", "in-place ops as user API (`tensor.inplace.*`)", "yes", "reduced",
     "answered by another means: expressions have no memory; the buffer plan writes in place where that is safe, and `updates=` "
     "reuses the memory of a shared value", prose="place where")
def inplace():
    state = tv.shared(np.zeros(3), "state")
    tv.function([], [], updates=[(state, state + 1.0)])()
    same(state.get_value(), np.ones(3))
