"""What neither has."""

from __future__ import annotations

import numpy as np

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.table import close, row, same


@row("beyond.broadcasting", "NumPy's broadcasting at run time", "no", "no", "no marks needed: lengths of 1 are found in the call")
def broadcasting():
    x, y = tv.dmatrices("x y")
    f = tv.function([x, y], tv.grad((x * y).sum(), x))
    same(f(np.ones((2, 1)), np.arange(6.0).reshape(2, 3)), np.array([[3.0], [12.0]]))


@row("beyond.fft", "the fft family (fft, ifft, rfft, irfft, fft2, fftn, axes, norm) with gradients, complex gradients", "no", "no",
     "all in `tensor.fft`", prose="all complex norm")
def fft():
    x = tv.zmatrix("x")
    value = np.arange(6.0).reshape(2, 3) + 1j
    same(tv.function([x], T.fft.fftn(x, axes=(0,), norm="ortho"))(value), np.fft.fftn(value, axes=(0,), norm="ortho"), rtol=1e-12)
    for name in ("fft", "ifft", "irfft", "fft2"):
        close(tv.function([x], getattr(T.fft, name)(x))(value), getattr(np.fft, name)(value))
    close(T.fft.rfft(value.real), np.fft.rfft(value.real))
    close(tv.function([x], tv.grad(tv.sum(abs(T.fft.ifft(x)) ** 2), x))(value), 2 * value.conj() / 3)


@row("beyond.nn", "topk with sorted=; convolution, pooling, batch norm and the nnet family kept alive", "partly", "no", "`tensor.nn`",
     prose="norm")
def nn():
    x = tv.dtensor4("x")
    value = np.arange(16.0).reshape(1, 1, 4, 4)
    same(tv.function([x], T.nn.max_pool2d(x, 2))(value), np.array([[[[5.0, 7.0], [13.0, 15.0]]]]))
    same(tv.function([x], T.topk(x.ravel(), 2, sorted=True))(value), np.array([15.0, 14.0]))


@row("beyond.lines", "errors that name the user's line", "no", "no", "every error: the line that made the node, the shapes, a hint")
def lines():
    x, y = tv.dvectors("x y")
    z = x + y
    try:
        tv.function([x, y], z)([1.0, 2.0], [1.0, 2.0, 3.0])
    except tv.ShapeError as error:
        assert "z = x + y" in str(error) and "(2,)" in str(error)
    else:
        raise AssertionError("shapes that don't fit must be refused")


@row("beyond.latex", "expressions as LaTeX, SymPy both ways", "no", "no", "`tv.latex(e)`, `tv.to_sympy(e)`, `tv.from_sympy(s)`")
def latex():
    x = tv.dscalar("x")
    e = tv.sin(x) ** 2 / (1.0 + tv.exp(-x))
    assert "\\frac" in tv.latex(e)
    back = tv.from_sympy(tv.to_sympy(e), {"x": x})
    close(back.eval({x: 0.75}), e.eval({x: 0.75}))


@row("beyond.history", "history of every rewrite as data, switch a rule off and recompile, see its cost", "no", "no",
     "`f.trace` holds every step; `tv.Mode().without(\"log_of_one_plus\")`", prose="switch trace")
def history():
    x = tv.dvector("x")
    f = tv.function([x], tv.log(1.0 + x))
    assert "log_of_one_plus" in str(f.trace.to_json())
    plain = tv.function([x], tv.log(1.0 + x), mode=tv.Mode().without("log_of_one_plus"))
    assert "log1p" in f.source() and "log1p" not in plain.source()
