"""docs/ops.md is true, and few ops are without C."""

from __future__ import annotations

import runpy
from pathlib import Path

from tensorviz.core.op import OPS

PAGE = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "ops.py"))


def test_the_page_is_what_the_ops_say():
    assert PAGE["PAGE"].read_text(encoding="utf-8") == PAGE["text"](), "run python docs/ops.py"


def test_ops_without_c_are_few_and_have_a_reason():
    without = {op.name for op in OPS.values() if PAGE["in_c"](op) == "NumPy"}
    assert without == set(PAGE["WITHOUT_C"])
    assert len(without) < 0.1 * len(OPS)


def test_every_op_says_what_it_computes():
    assert [op.name for op in OPS.values() if not op.doc.strip()] == []
