"""Every rule is as exact as it says; the judge that says so catches rules that are not."""

from __future__ import annotations

import re

import pytest

from tensorviz.core.mathml import GREEK, mathml_of
from tensorviz.rewrite.conditions import is_float, never_negative
from tensorviz.rewrite.passes import PIPELINE, RULES
from tensorviz.rewrite.pattern import (
    absolute,
    exp,
    log,
    log1p,
    matmul,
    max,
    multiply,
    reciprocal,
    sqrt,
    square,
    sum,
    transpose,
    variables_of,
    where,
    zeros_like,
)
from tensorviz.rewrite.rule import EXACT, FAST, REAL, Context, Rewrite, Rule, rule
from tensorviz.rewrite.soundness import cases, check


@pytest.mark.parametrize("r", RULES, ids=lambda r: r.name)
def test_rule_is_as_exact_as_it_says(r):
    report = check(r)
    assert report.failures == []
    assert report.compared > 20


@pytest.mark.parametrize("r", [r for r in RULES if isinstance(r, Rewrite)], ids=lambda r: r.name)
def test_rewrite_fires_on_each_of_its_examples(r):
    context = Context(fast_math=True)
    assert [str(e) for e in r.examples() if r.apply(e, context) is None] == []


@pytest.mark.parametrize("r", RULES, ids=lambda r: r.name)
def test_rule_says_what_it_does_and_why(r):
    assert len(r.doc) > 10 and r.doc.endswith(".")
    assert " -> " in r.formula
    assert re.fullmatch(r"rules/\w+\.py:\d+", r.source)
    assert r.exactness in (EXACT, REAL, FAST)
    if isinstance(r, Rule):
        assert "\\to" in r.latex and r.mathml.startswith("<math") and "→" in r.mathml
        assert mathml_of(r.latex, False) == r.mathml


@pytest.mark.parametrize("r", [r for r in RULES if isinstance(r, Rule)], ids=lambda r: r.name)
def test_the_sides_of_a_rule_differ_and_have_its_letters(r):
    left, right = r.latex.split(" \\to ")
    assert left != right
    letters = {GREEK.get(v, v) for v in variables_of(r.left)}
    assert {v for v in re.findall(r"<mi>([^<])</mi>", r.mathml) if v not in "eTσ"} <= letters


def test_names_of_rules_are_unique():
    names = [r.name for r in RULES]
    assert len(names) == len(set(names)) and len(names) >= 60


def test_formula_is_printed_from_the_sides():
    by_name = {r.name: r for r in RULES}
    assert by_name["log_of_one_plus"].formula == "log(1.0 + x) -> log1p(x)"
    assert by_name["product_of_transposes"].formula == \
        "transpose(a, axes=(1, 0)) @ transpose(b, axes=(1, 0)) -> transpose(b @ a, axes=(1, 0))"
    asked = ("a @ b has 2 axes", "c and a @ b have the same shape", "a @ b has no other reader")
    assert by_name["gemm_plain"].conditions == asked


def test_pipeline_is_one_tuple_of_named_passes():
    names = "canonicalise, fold-constants, stabilise, shift-exponentials, simplify, linear-algebra, use-blas"
    assert [p.name for p in PIPELINE] == names.split(", ")
    assert all(p.doc and p.rules for p in PIPELINE)


# -- rules that are wrong, and what is wrong with them -------------------------------------------------------------------
matrix = {"x": "matrix", "a": "matrix", "b": "matrix", "A": (1,), "K": True}


@rule("wrong", EXACT)
def zero_swallows_nan(x):
    """It does not: 0 * NaN is NaN."""
    return 0.0 * x, zeros_like(x)


@rule("wrong", EXACT)
def drops_the_sign_of_zero(x):
    """-0.0 + 0.0 is 0.0."""
    return 0.0 + x, x


@rule("wrong", REAL)
def forgets_negative_numbers(x):
    """sqrt(x^2) is |x|."""
    return sqrt(square(x)), x


@rule("wrong", REAL)
def loses_digits(x):
    """The other way round it would gain them."""
    return log1p(x), log(1.0 + x)


@rule("wrong", REAL)
def overflows_on_the_way(x, y, z):
    """x z may overflow."""
    return x / (y / z), (x * z) / y


@rule("wrong", REAL)
def squares_too_early(x, y):
    """The squares overflow where the quotient does not."""
    return square(x / y), square(x) / square(y)


@rule("wrong", EXACT)
def rounds_twice(x, y):
    """A quotient is rounded once."""
    return x / y, x * reciprocal(y)


@rule("wrong", EXACT)
def drops_a_shape(x, y):
    """y may be longer than x, or clash with it."""
    return where(True, x, y), x


@rule("wrong", REAL, example=matrix)
def sums_before_broadcasting(x, a, A, K):
    """Where x has one column it is to be added as often as a has columns."""
    return sum(x + a, axes=A, keepdims=K), sum(x, axes=A, keepdims=K) + sum(a, axes=A, keepdims=K)


@rule("wrong", REAL, example=matrix)
def forgets_to_swap(a, b):
    """(A^T B^T) is (B A)^T."""
    return matmul(transpose(a, axes=(1, 0)), transpose(b, axes=(1, 0))), transpose(matmul(a, b), axes=(1, 0))


@rule("wrong", EXACT, example=matrix)
def forgets_empty_rows(x, A, K):
    """The maximum of nothing does not exist, half of it neither; and halves are not the same."""
    return max(x, axes=A, keepdims=K), 2.0 * max(0.5 * x, axes=A, keepdims=K)


@rule("wrong", REAL)
def never_fires(x):
    """exp(x) is never negative, but the guard asks it of x."""
    return log(exp(x)), x, (never_negative(x), is_float(x))


@rule("wrong", REAL)
def makes_inf_of_a_number(x):
    """exp(x) may overflow."""
    return absolute(x), log(exp(absolute(x)))


@rule("wrong", FAST)
def is_wrong_even_for_nice_numbers(x, y):
    """No policy excuses this."""
    return multiply(x, y), x + y


WRONG = [v for v in list(globals().values()) if isinstance(v, Rule)]


@pytest.mark.parametrize("r", WRONG, ids=lambda r: r.name)
def test_judge_rejects_what_is_wrong(r):
    assert check(r).failures


def test_judge_says_what_was_compared():
    (why, *_) = check(forgets_negative_numbers).failures
    assert "truly" in why and "x = " in why and "float64 scalars" in why


def test_rule_that_would_change_a_type_does_not_fire():
    @rule("test", REAL)
    def to_float(x):
        """Integers stay integers."""
        return x * x, x * 1.0 * x

    assert {c.left.dtype.kind for c in cases(to_float)} == {"f"}
