"""docs/features.md is true: every row's example runs, and the page is what the rows say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import OPS
from tests.features.calls import calls, listed
from tests.features.table import SECTIONS, load

ROWS = load()
PAGE = Path(__file__).parent.parent / "docs" / "features.py"


@pytest.mark.parametrize("name", ROWS)
def test_the_example_of_the_row_works_and_calls_every_name_that_the_row_lists(name):
    with calls(ROWS[name].check) as called:
        ROWS[name].check()
    assert ROWS[name].names - called == set()


def test_words_that_are_no_names_are_words_of_their_row():
    found = {r.id: r.prose - listed(" ".join((r.feature, r.theano, r.pytensor, r.answer))) for r in ROWS.values()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(("name", "ops"), [("axes.scans", "bincount"), ("axes.advanced", "compress"), ("axes.making", "compress"),
                                           ("nn.fft", "fft ifft rfft irfft")])
def test_rows_say_what_runs_as_a_step_of_numpys(name, ops):
    page = runpy.run_path(str(PAGE.with_name("ops.py")))
    assert all(page["in_c"](OPS[op]) == "NumPy" for op in ops.split())
    assert "NumPy's" in ROWS[name].answer and "step" in ROWS[name].answer


def test_calls_by_methods_do_not_stand_for_the_name():
    def check():
        T.exp(tv.dvector("x").reshape((2, 3)).cumsum())

    with calls(check) as called:
        check()
    assert {"exp", "dvector"} <= called and not {"reshape", "cumsum"} & called


def test_lists_in_braces_and_after_slashes_are_names():
    assert listed("`nn.conv1d/2d`, pool_2d/3d, shape_pad{left,right}; [gamma](gamma.md) `tensor.fft`") == {
        "conv1d", "conv2d", "pool_2d", "pool_3d", "shape_padleft", "shape_padright", "gamma", "fft"}


def test_no_section_is_without_rows_and_no_row_without_an_answer():
    assert {r.section for r in ROWS.values()} == set(SECTIONS)
    assert [r.id for r in ROWS.values() if not r.answer.strip()] == []


def test_the_page_is_what_the_rows_say():
    page = runpy.run_path(str(PAGE))
    assert page["PAGE"].read_text(encoding="utf-8") == page["text"](), "run python docs/features.py"
