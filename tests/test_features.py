"""docs/features.md is true: every row's example runs, and the page is what the rows say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.features.table import SECTIONS, load

ROWS = load()
PAGE = Path(__file__).parent.parent / "docs" / "features.py"


@pytest.mark.parametrize("name", ROWS)
def test_the_example_of_the_row_works(name):
    ROWS[name].check()


def test_no_section_is_without_rows_and_no_row_without_an_answer():
    assert {r.section for r in ROWS.values()} == set(SECTIONS)
    assert [r.id for r in ROWS.values() if not r.answer.strip()] == []


def test_the_page_is_what_the_rows_say():
    page = runpy.run_path(str(PAGE))
    assert page["PAGE"].read_text(encoding="utf-8") == page["text"](), "run python docs/features.py"
