"""Automatic differentiation."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.table import close, row, same

W = np.array([[1.0, 2.0], [3.0, 5.0]])
P = np.array([0.5, -1.5])


@row("autodiff.grad", "grad (consider_constant, known_grads, disconnected_inputs, return_disconnected, null_gradients)", "yes", "yes",
     "`tv.grad(cost, wrt)` with the same options", prose="consider_constant")     # a keyword here
def grad():
    x, y = tv.dvectors("x y")
    same(tv.grad((x * x).sum(), x).eval({x: P}), 2 * P)
    same(tv.grad((x * y).sum(), x, consider_constant=[y]).eval({x: P, y: P}), P)
    same(tv.grad(None, x, known_grads={x * 3.0: y}).eval({x: P, y: P}), 3.0 * P)
    with pytest.raises(tv.GradientError):
        tv.grad(x.sum(), y)
    same(tv.grad(x.sum(), y, disconnected_inputs="ignore").eval({x: P, y: P}), np.zeros(2))
    assert tv.grad(x.sum(), y, disconnected_inputs="ignore", return_disconnected="None") is None
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        tv.grad(x.sum(), y, disconnected_inputs="warn")
    assert seen


@row("autodiff.products", "Rop, Lop", "yes", "renamed pushforward / pullback, Rop/Lop kept", "`tv.jvp`, `tv.vjp`; Rop and Lop too")
def products():
    x = tv.dvector("x")
    y = tv.tanh(tv.constant(W) @ x)
    J = (1 - np.tanh(W @ P) ** 2)[:, None] * W
    close(tv.Rop(y, x, tv.constant(P)).eval({x: P}), J @ P)
    close(tv.Lop(y, x, tv.constant(P)).eval({x: P}), P @ J)
    close(tv.jvp(y, x, tv.constant(P)).eval({x: P}), J @ P)
    close(tv.vjp(y, x, tv.constant(P)).eval({x: P}), P @ J)
    close(tv.pushforward(y, x, tv.constant(P)).eval({x: P}), J @ P)
    close(tv.pullback(y, x, tv.constant(P)).eval({x: P}), P @ J)


@row("autodiff.jacobian", "jacobian, hessian", "by scan", "by scan, jacobian `vectorize=True`", "vectorised: no loop at run time")
def jacobian():
    x = tv.dvector("x")
    close(tv.jacobian(tv.tanh(tv.constant(W) @ x), x).eval({x: P}), (1 - np.tanh(W @ P) ** 2)[:, None] * W)
    close(tv.hessian((x**3).sum(), x).eval({x: P}), np.diag(6 * P))


@row("autodiff.hvp", "hessian_vector_product", "no", "yes", "`tv.hessian_vector_product(cost, wrt, p)`")
def hvp():
    x = tv.dvector("x")
    close(tv.hessian_vector_product((x**3).sum(), x, tv.constant(P)).eval({x: P}), 6 * P * P)


@row("autodiff.forward", "forward mode for every op", "no (per op, many missing)", "by two pullbacks", "for every op: by rule, or "
     "derived from its gradient", prose="gradient")
def forward():
    x = tv.dvector("x")
    kernel = tv.constant([1.0, -2.0])
    for y in (tv.sort(x), tv.cumprod(x), tv.softmax(x), tv.logsumexp(x), tv.prod(x), x[np.array([1, 0, 0])], T.special.gammaln(x * x),
              tv.max(x), tv.tanh(tv.constant(W) @ x), x[::-1].set(x * 2.0), tv.where(x > 0, x, x * x), T.pad(x, 1, mode="edge"),
              T.signal.convolve(x, kernel), T.fft.rfft(x).real, T.einsum("i,j->ij", x, x), tv.std(x), T.interp(x, [-2.0, 0.0, 2.0], [1.0, 0.0, 3.0])):
        tangent = tv.jvp(y, x, tv.constant(P)).eval({x: P})
        wanted = (y.eval({x: P + 1e-6 * P}) - y.eval({x: P - 1e-6 * P})) / 2e-6
        np.testing.assert_allclose(tangent, wanted, rtol=1e-6, atol=1e-8)


@row("autodiff.tools", "grad_clip grad_scale zero_grad disconnected_grad undefined_grad consider_constant subgraph_grad verify_grad "
     "numeric_grad", "yes", "yes (consider_constant gone)", "all, in `tv.gradient`",
     prose="all gradient")
def tools():
    x = tv.dvector("x")
    G = tv.gradient
    same(tv.grad((G.grad_clip(x, -0.1, 0.1) * 3.0).sum(), x).eval({x: P}), np.full(2, 0.1))
    same(tv.grad(G.grad_scale(x, 0.5).sum(), x).eval({x: P}), np.full(2, 0.5))
    for name in ("zero_grad", "disconnected_grad", "consider_constant"):
        found = tv.grad((x * getattr(G, name)(x)).sum(), x)
        same(found.eval({x: P}), P)
    with pytest.raises(tv.GradientError):
        tv.grad(G.undefined_grad(x).sum(), x)
    G.verify_grad(lambda v: tv.sin(v) * v, [P])
    with pytest.raises(tv.GradientError):
        G.verify_grad(lambda v: G.grad_scale(v, 2.0), [P])
    close(G.numeric_grad(lambda v: np.sum(v**2), P).gf, 2 * P, rtol=1e-4)
    a = x * 2.0
    inner, ends = G.subgraph_grad([a], [x], cost=(a * a).sum())
    same(inner[0].eval({x: P}), 4.0 * P)
    same(ends[0].eval({x: P}), 8.0 * P)


@row("autodiff.complex", "complex gradients", "partial", "partial (raises on abs/real of complex eig)",
     "every op that has complex values; the convention is stated in [gradients.md](gradients.md)",
     prose="abs complex real")
def complex_gradients():
    z = tv.zvector("z")
    value = np.array([1 + 2j, -0.5j])
    close(tv.grad((abs(z) ** 2).sum(), z).eval({z: value}), 2 * value.conj())
    close(tv.grad(tv.real(z * z).sum(), z).eval({z: value}), 2 * value)
    for f, slope in ((tv.exp, np.exp), (tv.sin, np.cos), (tv.log, lambda v: 1 / v), (tv.sqrt, lambda v: 0.5 / np.sqrt(v)),
                     (lambda v: v**3.0, lambda v: 3 * v**2), (lambda v: 1.0 / v, lambda v: -1 / v**2), (tv.tanh, lambda v: 1 - np.tanh(v) ** 2)):
        close(tv.grad(tv.real(f(z)).sum(), z).eval({z: value}), slope(value), rtol=1e-10)


@row("autodiff.vectorize", "vectorize / Blockwise / vectorize_graph", "no", "yes", "`tv.vmap`, `tv.vectorize`, `tv.vectorize_graph`")
def vectorize():
    x, w = tv.dmatrix("x"), tv.dvector("w")
    per_example = tv.vmap(lambda row: tv.grad(tv.tanh(row @ w), w))(x)
    close(per_example.eval({x: W, w: P}), (1 - np.tanh(W @ P) ** 2)[:, None] * W)
    close(tv.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(x, w).eval({x: W, w: P}), W @ P)
    y = tv.dvector("y")
    close(tv.vectorize_graph((y * w).sum(), {y: x}).eval({x: W, w: P}), W @ P)
    close(T.vectorize(lambda a: a.sum(), signature="(n)->()")(x).eval({x: W}), W.sum(axis=1))
