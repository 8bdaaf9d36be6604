"""Formulas as LaTeX and MathML: brackets where they are needed, names escaped in every sink."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from string import Formatter

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.latex import latex, latex_of_call, mathml, name_latex
from tensorviz.core.mathml import mathml_of
from tensorviz.core.op import OPS, op_named

from .test_text import HOSTILE

TAGS = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot", "munder",
        "mover",
        "munderover", "mtable", "mtr", "mtd"}


def samples() -> dict[str, tv.Expr]:
    x, y, w, a = tv.matrix("x"), tv.matrix("y"), tv.matrix("W_out"), tv.scalar("alpha")
    v, i = tv.vector("v_1"), tv.lvector("i")
    return {
        "quotient": tv.exp(-x) / (1.0 + x), "softplus": tv.log(1.0 + tv.exp(x)), "square of a quotient": (x / y) ** 2.0,
        "power of a negative": (-x) ** 2.0, "negative of a power": -(x ** 2.0), "root squared": tv.sqrt(x + 1.0) ** 2.0,
        "nested power": (x ** y) ** 2.0, "products": a * x * (x + y), "matrix products": (x @ w).T @ (x @ w),
        "scaled": x @ w * 1e-5,
        "cases": tv.where(x > 0.0, x, a * x), "logic": tv.logical_and(x > 0.0, ~(y > a)), "rounding": tv.floor(x + 1.0) + x // y,
        "rows": tv.sum(x * y, axis=1) - tv.max(x, axis=1), "whole sum": tv.sum(x + y), "absolute": tv.absolute(x - y) % 2.0,
        "places": tv.argmax(x, axis=0), "parts": x[1:, 0] + v[i], "masked": v[v > 0.0], "changed": v[i].inc(1.0),
        "new axis": v[:, None],
        "cast": x.astype("float32"), "constants": np.array([1.0, -2.5]) * v + np.array([[1.0, np.inf]]),
        "large": v[:9] + np.zeros(9),
    }


def test_formulas_read_as_in_the_golden_file(golden):
    golden("latex.txt", "".join(f"{name}: {latex(e)}\n" for name, e in samples().items()))


def test_mathml_reads_as_in_the_golden_file(golden):
    some = ("quotient", "square of a quotient", "cases", "rows", "matrix products", "parts", "constants")
    golden("mathml.txt", "".join(f"{name}:\n{mathml(samples()[name])}\n" for name in some))


@pytest.mark.parametrize("name", list(samples()))
def test_mathml_is_well_formed_and_knows_every_command(name):
    tree = ET.fromstring(mathml(samples()[name]))
    assert {e.tag for e in tree.iter()} <= TAGS
    assert not [e.text for e in tree.iter("mtext") if e.text and "\\" in e.text]


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.family != "leaf"], ids=lambda op: op.name)
def test_every_op_prints_with_letters_for_its_arguments(op):
    fields = [field for _, field, _, _ in Formatter().parse(op.latex) if field and field.isdigit()]
    count = max([int(f) + 1 for f in fields], default={"compress": 2, "set_compress": 3}.get(op.name, 1))
    printed, prec = latex_of_call(op, [(letter, 100) for letter in "abcdef"[:count]])
    assert all("abcdef"[int(f)] in printed for f in fields)
    assert "{0}" not in printed and 0 <= prec <= 100
    tree = ET.fromstring(mathml(printed))
    assert not [e.text for e in tree.iter("mtext") if e.text and e.text.startswith("\\")]


def test_calls_print_from_the_op_alone_for_patterns():
    add, log = op_named("add"), op_named("log")
    inner = latex_of_call(add, [("1", 100), ("x", 100)])
    assert latex_of_call(log, [inner])[0] == "\\log \\left(1 + x\\right)"


@pytest.mark.parametrize(("name", "printed"), [
    ("x", "x"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("lr", "\\mathrm{lr}"), ("beta_2", "\\beta_{2}"), ("λ", "\\lambda"),
    ("W_hidden", "W_{\\mathrm{hidden}}"), ("a_b_1", "a_{b,1}"), ("my name", "\\text{my name}"), ("50%", "\\text{50\\%}"),
])
def test_names_become_letters_words_and_subscripts(name, printed):
    assert name_latex(name) == printed


def test_same_name_twice_is_told_apart():
    a, b = tv.scalar("x"), tv.scalar("x")
    assert latex(a + b) == "x + x_{2}"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_every_form(name):
    x = tv.scalar(name)
    e = tv.exp(x) / x
    printed = mathml(e).encode("utf-8")
    tree = ET.fromstring(printed)
    assert {t.tag for t in tree.iter()} <= TAGS and all(t.attrib.keys() <= {"display", "stretchy", "fence",
                                                                            "mathvariant"} for t in tree.iter())
    for form in (latex(e), mathml(e)):
        lowered = form.lower()
        assert "<script" not in lowered and "</t" not in lowered and "\n" not in form and "\x00" not in form and "‮" not in form
        assert len(form) < 2000
    assert latex(e).count("{") - latex(e).count("\\{") == latex(e).count("}") - latex(e).count("\\}")
    assert latex(e).count("$") == latex(e).count("\\$")


def test_long_formula_is_a_list_of_named_parts():
    x, y = tv.vectors("x y")
    e = x
    for _ in range(12):
        e = tv.tanh(e * e + y)
    printed = latex(e)
    assert printed.startswith("\\begin{aligned} t_{1} &= ") and printed.endswith("\\end{aligned}")
    tree = ET.fromstring(mathml(e))
    assert len(list(tree.iter("mtr"))) == printed.count("\\\\") + 1 > 2


def test_deep_formula_stays_shallow_and_short():
    e = tv.vector("x")
    for _ in range(10_000):
        e = tv.exp(e)
    assert len(latex(e)) < 5000

    def depth(node: ET.Element, level: int = 1) -> int:
        return max([level, *(depth(child, level + 1) for child in node)])

    assert depth(ET.fromstring(mathml(e))) < 60


def test_depth_stops_at_names():
    x, y = tv.vectors("x y")
    e = tv.exp(x * y) + tv.exp(y * y)
    assert latex(e, depth=2) == "e^{\\mathrm{multiply}_{1}} + e^{\\mathrm{multiply}_{2}}"
    assert latex(e, depth=1, names=lambda node: "n_{3}") == "n_{3} + n_{3}"


def formulas_with_brackets() -> dict[str, tuple[tv.Expr, str]]:
    T = tv.tensor
    x, y, c, n = tv.dvector("x"), tv.dvector("y"), T.vector("c", dtype="bool"), T.lscalar("n")
    cases = r"\left(\begin{cases} x & c \\ y & \text{else} \end{cases}\right)"
    pick, log, many = T.where(c, x, y), T.log(x), n * n + n * 3 + 4
    return {
        "function first": (log * y, r"\left(\log x\right) \odot y"), "function last": (y * log, r"y \odot \left(\log x\right)"),
        "functions": (log * T.sin(y) * x, r"\left(\log x\right) \odot \left(\sin y\right) \odot x"),
        "product inside": (T.log(x * y), r"\log \left(x \odot y\right)"), "sum inside": (log + T.log(y), r"\log x + \log y"),
        "product": (x * y * x, r"x \odot y \odot x"), "name with digits": (T.log1p(x) * y, r"\text{log1p}\left(x\right) \odot y"),
        "cases in a product": (pick * 2.0, cases + r" \cdot 2"), "cases in a sum": (x + pick, f"x + {cases}"),
        "cases in a power": (pick ** 2.0, f"{{{cases}}}^{{2}}"), "cases in a function": (T.log(pick), r"\log " + cases),
        "cases alone": (pick, r"\begin{cases} x & c \\ y & \text{else} \end{cases}"),
        "range": (T.arange(3, n), r"\left(3, 4, \ldots, n - 1\right)"), "range from 0": (T.arange(10), r"\left(0, 1, \ldots, 9\right)"),
        "short range": (T.arange(2, 10, 3), r"\left(2, 5, 8\right)"), "range of one": (T.arange(1), r"\left(0\right)"),
        "range of floats": (T.arange(1.0, 3.5, 0.25), r"\left(1, 1.25, \ldots, 3.25\right)"),
        "range in steps": (T.arange(0, n, 2), r"\left(0, 2, \ldots\right)_{-\lfloor \left(0 - \max\left(n, 0\right)\right) / 2 \rfloor}"),
        "shape": (T.reshape(x, (n, 2)), r"\operatorname{reshape}_{n \times 2}\left(x\right)"),
        "long shape": (T.reshape(x, (many, 2)), r"\operatorname{reshape}\left(x,\; \left(n \, n + n \cdot 3 + 4\right) \times 2\right)"),
        "marked": (T.zero_grad(x) * y, r"x \odot y"),
    }


@pytest.mark.parametrize("name", formulas_with_brackets())
def test_a_formula_is_read_one_way(name: str) -> None:
    e, meant = formulas_with_brackets()[name]
    assert latex(e) == meant
    ET.fromstring(mathml(e))


def test_the_last_line_of_a_list_says_what_it_is():
    x, y = tv.vectors("x y")
    wave = x
    for _ in range(12):
        wave = tv.tanh(wave * wave + y)
    assert latex(wave).split("\\\\")[-1].startswith(" \\mathrm{wave} &= ")
    rows = latex(tv.grad(tv.tensor.sum(wave), x)).removesuffix(" \\end{aligned}").split("\\\\")
    assert all(re.match(r"(\\begin\{aligned\})? ?t_\{\d+\} &= ", row) for row in rows)


def test_notebooks_get_latex():
    x = tv.scalar("x")
    assert (x + 1.0)._repr_mimebundle_()["text/latex"] == "$\\displaystyle x + 1$"


def test_wrong_latex_stays_visible_and_well_formed():
    for wrong in ("}", "{", "\\unknown{a}", "\\frac{a}", "x^", "\\left(", "&", "\\begin{nothing} a", "\\text{", "{" * 1000,
                  "\\sqrt[", "a_b_c^d"):
        ET.fromstring(mathml_of(wrong))
    assert "unknown" in mathml_of("\\unknown{a}")


def printed_with_parameters() -> dict[str, tuple[tv.Expr, str]]:
    T, N = tv.tensor, tv.tensor.nn
    x, y, s = tv.dscalars("x y s")
    v, z, X, W, b = tv.dvector("v"), tv.zvector("z"), tv.tensor4("X"), tv.tensor4("W"), tv.tensor("b", dtype="bool", shape=())
    return {
        "mod in a product": ((x % y) * s, r"\left(x \bmod y\right) \, s"), "product in mod": (x * y % s, r"\left(x \, y\right) \bmod s"),
        "mods": (x % y % s, r"\left(x \bmod y\right) \bmod s"), "compared mod": (x % y > 1.0, r"x \bmod y > 1"),
        "comparisons": (tv.equal(x > y, b), r"\left(x > y\right) = b"), "chain": ((x < y) <= b, r"\left(x < y\right) \le b"),
        "pad": (T.pad(v, 2, "reflect"), r"\operatorname{pad}_{2}^{\mathrm{reflect}}\left(v\right)"),
        "pad sides": (T.pad(v, (1, 2), constant_values=5.0), r"\operatorname{pad}_{1 \mid 2}\left(v, 5\right)"),
        "plain conv": (N.conv2d(X, W), r"X \star W"),
        "conv": (N.conv2d(X, W, stride=2, padding=1), r"X \star_{\text{stride 2, padding 1}} W"),
        "groups": (N.conv2d(X, W, groups=2, dilation=(1, 2)), r"X \star_{\text{dilation 1×2, 2 groups}} W"),
        "pool": (N.max_pool2d(X, 2), r"\max_{2 \times 2} X"), "strided pool": (N.max_pool2d(X, (2, 3), stride=1),
                                                                         r"\max_{2 \times 3,\,\text{stride 1}} X"),
        "windows": (N.sliding_windows(X, (2, 3), stride=2), r"\operatorname{windows}_{2 \times 3,\,\text{stride 2}}\left(X\right)"),
        "bincount": (T.bincount(tv.lvector("i"), minlength=5), r"\operatorname{bincount}_{\ge 5}\left(i\right)"),
        "fft": (T.fft.fft(z), r"\mathcal{F}_{0}\left(z\right)"),
        "norm": (T.fft.fft(z, norm="ortho"), r"\mathcal{F}^{\mathrm{ortho}}_{0}\left(z\right)"),
        "irfft": (T.fft.ifft(z, norm="forward"), r"\mathcal{F}^{-1, \mathrm{forward}}_{0}\left(z\right)"),
    }


@pytest.mark.parametrize("name", printed_with_parameters())
def test_parameters_that_change_the_value_are_printed(name: str) -> None:
    e, meant = printed_with_parameters()[name]
    assert latex(e) == meant
    tree = ET.fromstring(mathml(e))
    assert {m.tag for m in tree.iter()} <= TAGS


def test_what_is_only_asked_at_run_time_is_not_written() -> None:
    v, m = tv.dvector("v"), tv.dmatrix("m")
    assert latex(T.partition(v, 2)) == latex(T.sort(v))
    assert latex(tv.specify_shape(v, (m.shape[0] * m.shape[1] + (m * m).sum().astype("int64"),)) + 1.0) == "v + 1"
    assert latex(tv.tensor.Assert("far")(v, (tv.exp(v) < 9).all(), (tv.exp(v) > 1).all())) == "v"
