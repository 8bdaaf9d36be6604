"""SymPy both ways: values survive the round trip, and both sides compute the same."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv

sympy = pytest.importorskip("sympy")
X, Y, I = tv.dscalar("x"), tv.dscalar("y"), tv.lscalar("i")
A, B, V = tv.dmatrix("a"), tv.dmatrix("b"), tv.dvector("v")
RNG = np.random.default_rng(3)
VALUES = {X: 0.7, Y: 1.3, I: 3, A: RNG.normal(size=(3, 3)), B: RNG.normal(size=(3, 3)), V: RNG.normal(size=4)}
NAMES = {"x": X, "y": Y, "i": I, "a": A, "b": B, "v": V, "n_v_0": 4, **{f"n_{m}_{k}": 3 for m in "ab" for k in (0, 1)}}
S, T = tv.tensor.special, tv.tensor
SPECIAL = {
    **{name: getattr(S, name)(X) for name in ("gammaln rgamma k0 k1 k0e k1e i0e i1e j0 y1 erfcx ndtr log_ndtr ndtri exp10 entr cosm1 logit "
                                              "digamma trigamma erfinv").split()},
    **{name: getattr(S, name)(X, Y) for name in "betaln beta xlogy xlog1py poch rel_entr kl_div gammainc".split()},
    **{name: getattr(S, name)(1.5, X) for name in "jv yv iv kv ive kve zeta".split()}, "gammaln below": S.gammaln(X - 3.0),
    "betaln below": S.betaln(X - 1, Y), "log1mexp": S.log1mexp(-X), "ndtri_exp": S.ndtri_exp(-X), "hyp2f1": S.hyp2f1(X, 1.5, Y, 0.3),
    "betainc": S.betainc(X, Y, 0.3), "polygamma": S.polygamma(2, X), "factorial": S.factorial(Y), "entr below": S.entr(-X),
    "zeta of two": S.zeta(Y + 1, X),
    **{name: getattr(S, name)(X) for name in "exp1 expi dawsn erfi ellipk ellipkm1 ellipe spence wrightomega lambertw".split()},
    **{f"sici {k}": v for k, v in enumerate(S.sici(X))}, **{f"fresnel {k}": v for k, v in enumerate(S.fresnel(X))},
    **{f"airy {k}": v for k, v in enumerate(S.airy(X - Y))}, "expn": S.expn(3, X), "ellipkinc": S.ellipkinc(Y, X),
    "ellipeinc": S.ellipeinc(Y, X), "lower lambertw": S.lambertw(-X / 5, -1), "betaincc": S.betaincc(X, Y, 0.3),
    "hyp0f1": S.hyp0f1(Y, X), "hyp1f1": S.hyp1f1(X, Y, 0.3), "shichi": S.shichi(X)[0] + S.shichi(X)[1],
}
SCALARS = {
    "gauss": tv.exp(-X * X) / 2, "leaky": tv.where(X > 0, X, 0.1 * X), "sigmoid": tv.sigmoid(X * Y), "powers": tv.sqrt(X) / Y**3,
    "log1p": tv.log1p(X), "ends": tv.maximum(X, Y) + tv.minimum(X, 1.0), "divisions": X // Y + X % Y, "floor": tv.floor(X * 5),
    "angle": tv.arctan2(X, Y), "absolute": abs(X - Y) ** Y, "gammaln": tv.tensor.special.gammaln(X), "whole": I**2 + 1,
    "logic": tv.logical_and(X > 0, Y < 0), "hyperbolic": tv.sinh(X) * tv.cosh(Y) - tv.tanh(X), "expm1": tv.expm1(X) * tv.log2(Y),
    "bessel": tv.tensor.special.jv(1, X), "erf": tv.erf(X) + tv.erfc(Y), "cbrt": tv.cbrt(X), "xor": tv.logical_xor(X > 0, Y > 0),
    **{f"special {k}": v for k, v in SPECIAL.items()}, "heaviside": tv.heaviside(X - 1, Y), "rint": tv.rint(5 * X), "rint even": tv.rint(Y * 0 + 2.5),
    "sides": tv.copysign(X, -Y),
    "logaddexp2": tv.logaddexp2(X, Y), "fmod": tv.fmod(-9 * X, Y), "ldexp": tv.ldexp(X, I), "fmax": tv.fmax(X, Y),
    "flag": (X > 0).astype("float64") * Y, "softplus": tv.softplus(X), "trunc": tv.trunc(X * 9),
}
SUMS = {
    "product": (A @ B).sum(), "squares": (V**2).sum(), "prod": tv.prod(V), "ratio": tv.exp(V).sum() / V[0], "pick": A[1, 2],
    "slice": V[1:][0], "trace": tv.trace(A), "inner": (A * B).sum(), "last": V[-1], "eye": (tv.eye(3) * A).sum(),
    "mean": V.mean(), "var": V.var(), "quadratic": V[:3] @ A @ V[:3], "rows": (A - A.mean(axis=0)).std(),
    "kron": tv.kron(A, B).sum(), "joined": tv.concatenate([A, B], 1).sum(), "second of two": tv.concatenate([A, B], 0)[4, 1],
    "running sum": (tv.cumsum(V) * V).sum(), "running product": tv.cumprod(A, 1)[1, 2], "flat": A.ravel()[7] + A.reshape((9,)).sum(),
    "lookup": V[np.array([2, 0])].sum(), "steps": (tv.arange(4) * V).sum(), "broadcast": (A + V[:3]).sum(),
}
MATRICES = {"affine": A @ B.T + 2 * A, "tanh": tv.tanh(A) * B, "difference": A - B, "negative": -A, "square": A**2.0,
            "scaled": X * A @ B, "chain": A @ A @ B}


@pytest.mark.parametrize("name", [*SCALARS, *SUMS, *MATRICES])
def test_what_goes_to_sympy_comes_back_with_its_value(name):
    e = {**SCALARS, **SUMS, **MATRICES}[name]
    back = tv.from_sympy(tv.to_sympy(e), NAMES)
    np.testing.assert_allclose(back.eval(VALUES), e.eval(VALUES), rtol=1e-12)


@pytest.mark.parametrize("name", SCALARS)
def test_sympy_computes_the_same(name):
    s = tv.to_sympy(SCALARS[name])
    values = {k: VALUES[NAMES[str(k)]] for k in s.free_symbols}
    found = s.subs(values)
    expected = SCALARS[name].eval(VALUES)
    assert bool(found) == bool(expected) if expected.dtype == bool else np.isclose(float(found.evalf()), expected, 0, 1e-12)


def test_a_tensor_is_the_function_of_its_indices():
    s = tv.to_sympy(tv.exp(V) / tv.exp(V).sum())
    (i,) = s.signature
    assert s.expr.subs(i, 2).has(sympy.Sum) and s.expr.has(i)
    rows = tv.to_sympy(A + V[:3])
    assert isinstance(rows, sympy.Lambda) and len(rows.signature) == 2
    i, j = rows.signature
    assert str(rows.expr) == f"v[{j}] + a[{i}, {j}]"


def test_only_the_identity_is_the_identity():
    at = {A: VALUES[A]}
    for e in (T.eye(3, k=1), A[:3, :3] @ T.eye(3, k=-1), T.eye(3, 4)):
        back = tv.to_sympy(e)
        assert not back.has(sympy.Identity), back
    assert tv.to_sympy(T.eye(3)) == sympy.Identity(3)
    total = (A @ T.eye(3, k=1)).sum()
    np.testing.assert_allclose(tv.from_sympy(tv.to_sympy(total), NAMES).eval(at), (VALUES[A] @ np.eye(3, k=1)).sum())
    assert tv.latex(T.eye(3)) == "I" and tv.latex(T.eye(3, 4)) == "I_{3 \\times 4}" and "(1)" in tv.latex(T.eye(3, k=1))


def test_derivatives_agree():
    e = tv.exp(-X * X) * tv.sin(X * Y)
    ours = tv.to_sympy(tv.grad(e, X))
    x = next(s for s in ours.free_symbols if s.name == "x")
    assert sympy.simplify(ours - sympy.diff(tv.to_sympy(e), x)) == 0


def test_what_people_write_in_sympy_compiles():
    x, n, k = sympy.Symbol("x"), sympy.Symbol("n", integer=True), sympy.Symbol("k", integer=True)
    series = sympy.Sum(x**k / sympy.factorial(k), (k, 0, n))
    vx, vn = tv.dscalar("x"), tv.lscalar("n")
    f = tv.function([vx, vn], tv.from_sympy(series, {x: vx, n: vn}))
    np.testing.assert_allclose(f(0.5, 20), np.exp(0.5), rtol=1e-14)
    double = sympy.Sum(sympy.Sum(k * n**2, (k, 1, 3)), (n, 1, 4))
    assert tv.from_sympy(double).eval() == sum(k * n**2 for n in range(1, 5) for k in range(1, 4))
    piece = sympy.Piecewise((x**2, x > 1), (sympy.pi * x, x > 0), (0, True))
    np.testing.assert_allclose(tv.from_sympy(piece, {"x": vx}).eval({vx: 0.5}), np.pi / 2)
    matrix = sympy.Matrix([[x, 1], [sympy.Rational(1, 3), x**2]])
    np.testing.assert_allclose(tv.from_sympy(matrix, {"x": vx}).eval({vx: 3.0}), [[3.0, 1.0], [1 / 3, 9.0]])
    made = tv.from_sympy(sympy.Symbol("m", integer=True) + 1)
    assert made.dtype == np.int64


def test_what_has_no_counterpart_is_refused():
    x = sympy.Symbol("x")
    with pytest.raises(tv.ArgumentError, match="Derivative"):
        tv.from_sympy(sympy.Derivative(sympy.Function("f")(x), x))
    with pytest.raises(tv.ArgumentError, match="SymPy has no word for argmax"):
        tv.to_sympy(tv.argmax(V))
    with pytest.raises(tv.ArgumentError, match="2 axes in SymPy"):
        tv.from_sympy(sympy.MatrixSymbol("v", 2, 2), {"v": V})


def test_limits_of_sums_may_hold_the_index_of_another():
    k, n, m = sympy.symbols("k n m", integer=True)
    for form in (sympy.Sum(sympy.Sum(k * n, (k, 1, n)), (n, 1, 4)), sympy.Sum(k * n, (k, n, 5), (n, 1, 4)), sympy.Sum(k, (k, 4, n), (n, 3, 7)),
                 sympy.Sum(sympy.Product(k + n, (k, 2, n)), (n, 1, 5)), sympy.Sum(k * n * m, (k, n, m), (n, 1, m), (m, 1, 4)),
                 sympy.Sum(sympy.Sum(k * n, (k, 1, n)), (n, 1, 0))):
        assert tv.from_sympy(form).eval() == int(form.doit()), form


def test_what_sympy_calls_by_other_names_has_the_same_value():
    a, b = sympy.symbols("a b")
    at = {"a": 1.37, "b": 0.61}
    names = {k: tv.dscalar(k) for k in at}
    forms = [getattr(sympy, name)(a) for name in "sec csc cot coth sech csch acot asec acsc acoth acsch harmonic digamma trigamma".split()]
    forms += [sympy.asech(b), sympy.zeta(a + 1), sympy.zeta(a + 1, b), sympy.rf(a, b), sympy.ff(a, b), sympy.binomial(a, b), sympy.erf2(b, a),
              sympy.bessely(b, a), sympy.harmonic(a, 2), sympy.hyper([a, 2], [3], b / 3), sympy.hyper([a], [b], b), sympy.hyper([], [b], a),
              sympy.polylog(1, b / 2), sympy.polylog(2, b), sympy.LambertW(-b / 3, -1), sympy.LambertW(a), sympy.expint(1, b),
              sympy.expint(4, b), sympy.Shi(a), sympy.Chi(a), sympy.elliptic_e(b), sympy.elliptic_e(a, b), sympy.ITE(a > 0, a > b, b > a),
              sympy.betainc_regularized(a, b, sympy.Rational(1, 4), sympy.Rational(1, 2)), sympy.polygamma(3, a)]
    forms += [sympy.jn(0, a), sympy.yn(1, a), sympy.li(a), sympy.Li(a), sympy.factorial2(5, evaluate=False), sympy.Implies(a > 0, b > 1),
              sympy.Nand(a > 0, b > 0, evaluate=False), sympy.Nor(a > 2, b > 1, evaluate=False), sympy.Equivalent(a > 0, b > 0)]
    forms += [f(3, a, evaluate=False) for f in (sympy.legendre, sympy.hermite, sympy.chebyshevt, sympy.chebyshevu, sympy.laguerre)]
    forms += [sympy.gegenbauer(3, b, a, evaluate=False), sympy.jacobi(2, b, a, b, evaluate=False), sympy.assoc_laguerre(2, b, a, evaluate=False)]
    for form in forms:
        found = tv.from_sympy(form, names).eval({names[k]: v for k, v in at.items()})
        meant = form.rewrite(sympy.erf).subs(at) if form.has(sympy.erf2) else form.subs(at).doit()
        if meant in (sympy.true, sympy.false):
            assert bool(found) == bool(meant)
        else:
            np.testing.assert_allclose(found, float(meant.evalf()), rtol=1e-12, err_msg=str(form))
    for form, said in ((sympy.hyper([a, b, 1], [2, 3], a), "3F2"), (sympy.LambertW(a, 1), "branches"), (sympy.polylog(3, b), "orders 1 and 2"),
                       (sympy.expint(sympy.Rational(1, 3), a), "whole number")):
        with pytest.raises(tv.ArgumentError, match=said):
            tv.from_sympy(form)


def test_matrices_of_matrices_have_the_same_elements():
    m, c, v = sympy.MatrixSymbol("m", 3, 4), sympy.MatrixSymbol("c", 3, 3), sympy.MatrixSymbol("v", 3, 1)
    values = {"m": np.arange(12.0).reshape(3, 4), "c": RNG.normal(size=(3, 3)), "v": RNG.normal(size=(3, 1))}
    at = {s: sympy.Matrix(values[s.name]) for s in (m, c, v)}
    names = {k: tv.dmatrix(k) for k in values}
    diagonal = np.diag(values["c"])
    for form, meant in ((sympy.KroneckerProduct(m, c), None), (sympy.BlockMatrix([[m, c], [m, c]]), None), (sympy.DiagMatrix(v), None),
                        (m[1:3, 0:2], None), (sympy.DiagonalOf(c), diagonal[:, None]), (sympy.DiagonalMatrix(c), np.diag(diagonal))):
        if meant is None:
            meant = np.array(form.subs(at).as_explicit().tolist(), float)
        found = tv.from_sympy(form, names).eval({names[s.name]: values[s.name] for s in form.free_symbols if s.name in names})
        np.testing.assert_allclose(found, meant, rtol=1e-14, err_msg=str(form))
    x = sympy.Symbol("x")
    made = tv.from_sympy(sympy.hankel1(0, x) + sympy.hankel2(1, x), {"x": X})
    np.testing.assert_allclose(made.eval({X: 1.3}), complex((sympy.hankel1(0, 1.3) + sympy.hankel2(1, 1.3)).evalf()), rtol=1e-12)


def test_large_arguments_do_not_overflow_on_the_way_back():
    back = tv.from_sympy(tv.to_sympy(S.gammaln(X) + S.betaln(X, Y)), NAMES)
    values = {X: 1e5, Y: 2e5}
    np.testing.assert_allclose(back.eval(values), (S.gammaln(X) + S.betaln(X, Y)).eval(values), rtol=1e-12)


@pytest.mark.parametrize("thing", [sympy.Lambda(sympy.Symbol("s"), sympy.Symbol("s") + 1), None, [sympy.Symbol("s")],
                                   (sympy.Symbol("s"),), object(), "1 +", {}], ids=lambda value: type(value).__name__)
def test_what_is_no_sympy_expression_is_refused(thing):
    with pytest.raises(tv.ArgumentError, match="from_sympy takes"):
        tv.from_sympy(thing)


def test_symbols_are_a_mapping_and_latex_is_of_expressions():
    with pytest.raises(tv.ArgumentError, match="symbols is a mapping"):
        tv.from_sympy(sympy.Symbol("s"), 3)
    for thing in (3, "a", None):
        with pytest.raises(tv.ArgumentError, match="latex takes an expression"):
            tv.latex(thing)
