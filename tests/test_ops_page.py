"""docs/ops.md is true, and few ops are without C."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS, OPS

PAGE = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "ops.py"))


def test_the_page_is_what_the_ops_say():
    assert PAGE["PAGE"].read_text(encoding="utf-8") == PAGE["text"](), "run python docs/ops.py"


def test_ops_without_c_are_few_and_have_a_reason():
    without = {op.name for op in OPS.values() if PAGE["in_c"](op) == "NumPy"}
    assert without == set(PAGE["WITHOUT_C"])
    assert len(without) < 0.1 * len(OPS)


def test_every_op_says_what_it_computes():
    assert [op.name for op in OPS.values() if not op.doc.strip()] == []


def test_every_op_on_the_page_has_a_formula_without_gaps():
    rows = [line.split(" | ") for line in PAGE["text"]().splitlines() if line.startswith("| `") and line.count(" | ") >= 5]
    formulas = {row[0]: row[2] for row in rows}
    assert len(formulas) == sum(op.name not in PAGE["LEAVES"] for op in OPS.values())
    assert {name: f for name, f in formulas.items() if not f.strip("$ ") or "_{}" in f or "^{}" in f} == {}


@pytest.mark.parametrize("name", [n for n, op in OPS.items() if not n.startswith("test_") and "error" in PAGE["gradient"](op)])
def test_arguments_said_to_have_no_gradient_raise_and_the_others_have_one(name: str) -> None:
    node = PAGE["samples"]()[name]
    said = dict(pair[::-1] for part in PAGE["gradient"](OPS[name]).split("; ") for pair in [part.split(" of ")])
    wrong = {n for names, kind in said.items() if kind == "error" for n in names.split(", ")}
    assert 0 < len(wrong) < len(node.args)
    for letter, x in zip(PAGE["NAMES"], node.args, strict=False):
        if x.dtype.kind == "f" and letter in wrong:
            with pytest.raises(tv.GradientError):
                tv.grad(BUILDERS["sum"](node), x)
            with pytest.raises(tv.GradientError):
                tv.jvp(node, x, x)
        elif x.dtype.kind == "f":
            assert tv.grad(BUILDERS["sum"](node), x).type == x.type and tv.jvp(node, x, x).type == node.type
