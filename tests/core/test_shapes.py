"""Symbolic lengths: what is equal is one expression, what may differ meets in broadcast_length, all in terms of variables."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.shapes import Memo, lengths_of, same_length, scalar_of


def test_lengths_of_a_variable_are_its_own() -> None:
    x = tv.matrix("x", shape=(None, 3))
    assert lengths_of(x) == (tv.length(x, 0), 3)


def test_equal_lengths_collapse_and_ones_give_way() -> None:
    x = tv.matrix("x")
    row = tv.matrix("row", shape=(1, None))
    assert lengths_of(x * x + B["exp"](x)) == (tv.length(x, 0), tv.length(x, 1))
    n, m = lengths_of(x + row)
    assert n is tv.length(x, 0)
    assert m.op.name == "broadcast_length"


def test_a_known_length_settles_an_unknown_one() -> None:
    assert lengths_of(tv.vector("x") + tv.vector("y", shape=(3,))) == (3,)


def test_two_unknown_lengths_are_checked_when_it_runs() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    (n,) = lengths_of(x + y)
    assert [int(tv.evaluate([n], {x: np.zeros(a), y: np.zeros(b)})[0]) for a, b in ((3, 3), (1, 3), (3, 1), (0, 1))] == [3, 3,
                                                                                                                         3, 0]
    with pytest.raises(tv.ShapeError):
        tv.evaluate([n], {x: np.zeros(2), y: np.zeros(3)})


def test_broadcasting_is_symmetric_and_idempotent() -> None:
    x, y = tv.vector("x"), tv.vector("y")
    (a,), (b,), (c,) = lengths_of(x + y), lengths_of(y * x), lengths_of((x + y) * x)
    assert same_length(a, b) and a is c
    assert not same_length(a, tv.length(x, 0))


def test_lengths_go_through_reductions_products_and_indices_to_the_variables() -> None:
    x, y = tv.matrix("x"), tv.matrix("y")
    h = B["softmax"](x @ y.T)[1:]
    n, m = lengths_of(h)
    leaves = {e for e in topological([n, m]) if e.op.name == "length"}
    assert leaves == {tv.length(x, 0), tv.length(y, 0)}
    assert {e.args[0].op.name for e in leaves} == {"variable"}


def test_numbers_computed_of_lengths_are_folded() -> None:
    x = tv.matrix("x", shape=(4, None))
    assert scalar_of((x.shape[0] * 3 + 2) // 2) == 7
    assert scalar_of(x.shape[1] * 1 + 0) is tv.length(x, 1)
    assert scalar_of(B["length"](B["exp"](x), 1)) is tv.length(x, 1)


def test_a_scalar_variable_stands_for_itself() -> None:
    n = tv.lscalar("n")
    assert lengths_of(B["zeros"]((n, 2))) == (n, 2)


def test_slices_that_drop_one_element_at_either_end_have_one_length() -> None:
    x = tv.vector("x")
    assert lengths_of(x[1:])[0] is lengths_of(x[:-1])[0]
    assert lengths_of(x[::-1])[0] is tv.length(x, 0)


def test_a_length_that_follows_from_values_is_counted() -> None:
    x = tv.vector("x")
    (n,) = lengths_of(x[x > 0])
    assert int(tv.evaluate([n], {x: [1.0, -1.0, 2.0]})[0]) == 2


def test_reshape_cancels_what_it_keeps() -> None:
    x = tv.tensor3("x")
    n, m = lengths_of(x.reshape((x.shape[0], -1)))
    assert n is tv.length(x, 0)
    assert tv.length(x, 0) not in topological([m])


def test_a_deep_chain_has_its_lengths_without_recursion_and_only_once() -> None:
    memo: Memo = {}
    x = e = tv.vector("x")
    for _ in range(50_000):
        e = B["tanh"](e)
    assert lengths_of(e, memo) == (tv.length(x, 0),)
    known = len(memo)
    assert lengths_of(e + e, memo) == (tv.length(x, 0),)
    assert len(memo) == known + 1


def test_lengths_of_many_broadcasts_do_not_grow() -> None:
    rows = [tv.vector(f"x{k}") for k in range(3)]
    a, b = rows[0] + rows[1], rows[1] * rows[2]
    for _ in range(60):                     # as a tree this nest would have 2**60 leaves
        a, b = a + b, B["tanh"](a * b)
    (n,) = lengths_of(a)
    assert len(topological([n])) < 12
    assert int(tv.evaluate([n], {x: np.zeros(m) for x, m in zip(rows, (1, 4, 4), strict=True)})[0]) == 4
