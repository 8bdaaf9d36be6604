"""Indexing against NumPy over random keys, what is set and added there, and errors of the whole family in the user's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B

Array = np.ndarray[Any, Any]
SHAPE = (4, 3, 5)


# -- random keys -----------------------------------------------------------------------------------------------------------
def random_key(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """A key that NumPy takes: slices, numbers, None, ..., masks and arrays of indices in any order."""
    wide = rng.integers(1, 4)
    key: list[Any] = []
    axis, dots = 0, False
    while axis < len(shape):
        n, kind = shape[axis], rng.integers(0, 9)
        axis += 1
        if kind == 0:
            key.append(int(rng.integers(-n, n)))
        elif kind <= 2:
            ends = [None if rng.random() < 0.4 else int(rng.integers(-n - 2, n + 3)) for _ in range(2)]
            key.append(slice(*ends, [None, 1, 2, -1, -2][rng.integers(0, 5)]))
        elif kind == 3:
            key.append(None)
            axis -= 1
        elif kind == 4 and not dots:
            key.append(Ellipsis)
            dots = True
            axis = max(axis, len(shape) - int(rng.integers(0, 2)))
        elif kind == 5:
            mask = np.zeros(n, bool)
            mask[rng.permutation(n)[:wide]] = True
            if mask.sum() == wide:
                key.append(mask)
            else:
                axis -= 1
        else:
            form = [(wide,), (1,), (2, wide), ()][rng.integers(0, 4)]
            key.append(rng.integers(-n, n, form))
    return tuple(key[:rng.integers(1, len(key) + 1)]) if rng.random() < 0.3 and not dots else tuple(key)


def cut(key: tuple[Any, ...]) -> int:
    """How many axes a key means without its dots."""
    return sum(k is not None and k is not Ellipsis for k in key)


@pytest.mark.parametrize("seed", range(4))
def test_random_keys_mean_what_numpy_says(seed: int) -> None:
    rng = np.random.default_rng([5, seed])
    data = np.arange(np.prod(SHAPE), dtype=float).reshape(SHAPE)
    done = 0
    while done < 60:
        key = random_key(rng, SHAPE)
        if cut(key) > 3:
            continue
        try:
            expected = np.asarray(data[key])
        except IndexError:
            continue
        known = tv.tensor3("x", shape=SHAPE) if done % 2 else tv.tensor3("x")
        made = known[key]
        value = rng.normal(size=expected.shape)
        found, put, added = tv.evaluate([made, made.set(value), made.inc(value)], {known: data})
        np.testing.assert_array_equal(found, expected, err_msg=str(key))
        changed, summed = data.copy(), data.copy()
        changed[key] = value
        np.add.at(summed, key, value)
        np.testing.assert_array_equal(put, changed, err_msg=str(key))
        np.testing.assert_allclose(added, summed, err_msg=str(key))
        done += 1


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64", "int64"])
def test_indices_of_any_whole_dtype_are_taken(dtype: str) -> None:
    x, i, k = tv.matrix("x", shape=(4, 5)), tv.vector("i", dtype=dtype), tv.scalar("k", dtype=dtype)
    data, at, one = np.arange(20.0).reshape(4, 5), np.array([2, 0, 2], dtype), np.array(3, dtype)
    for made, expected in ((x[i], data[at]), (x[i, i], data[at, at]), (x[k], data[3]), (x[i, k], data[at, 3]), (x[:, k:], data[:, 3:])):
        np.testing.assert_array_equal(made.eval({v: a for v, a in ((x, data), (i, at), (k, one)) if v in set(ancestors(made))}), expected)


def ancestors(e: Any) -> list[Any]:
    """The variables of an expression."""
    from tensorviz.core.graph import topological

    return [n for n in topological([e]) if n.op.name == "variable"]


# -- sentences -------------------------------------------------------------------------------------------------------------
def test_several_arrays_are_one_node_that_reads_as_an_index() -> None:
    x, i, j = tv.matrix("x"), tv.lvector("i"), tv.lvector("j")
    assert str(x[i, j]) == "x[i, j]" and x[i, j].op.name == "take"
    assert str(x[i, j].set(0.0)) == "x[i, j].set(0.0)"


def test_adding_with_ignored_duplicates_is_numpys_assignment() -> None:
    x = tv.vector("x")
    made = T.inc_subtensor(x[[1, 1, 2]], [1.0, 5.0, 7.0], ignore_duplicates=True)
    data = np.zeros(4)
    data[[1, 1, 2]] += [1.0, 5.0, 7.0]
    np.testing.assert_array_equal(made.eval({x: np.zeros(4)}), data)


def test_values_may_have_more_leading_axes_of_length_1() -> None:
    x = tv.matrix("x", shape=(3, 4))
    assert x[0].set(np.ones((1, 1, 4))).type.shape == (3, 4)


def test_assignment_is_refused_with_a_hint() -> None:
    x = tv.matrix("x")
    with pytest.raises(TypeError, match=r"x\[i\]\.set\(v\)"):
        x[0] = 1.0


def test_the_gradient_of_a_gather_adds_up_what_was_taken_twice() -> None:
    x = tv.matrix("x")
    g = tv.grad((x[[0, 0, 1], [1, 1, 2]] * [1.0, 10.0, 100.0]).sum(), x)
    np.testing.assert_array_equal(g.eval({x: np.zeros((2, 3))}), [[0, 11, 0], [0, 0, 100]])


def test_the_last_value_put_along_an_axis_alone_has_a_gradient() -> None:
    v = tv.matrix("v")
    made = T.put_along_axis(np.zeros((2, 3)), [[1, 1], [0, 2]], v, axis=1)
    g = tv.grad((made * np.arange(6.0).reshape(2, 3)).sum(), v)
    np.testing.assert_array_equal(g.eval({v: np.ones((2, 2))}), [[0, 1], [3, 5]])


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_a_condition_that_does_not_hold_raises_when_it_runs(target: str) -> None:
    x = tv.vector("x")
    f = tv.function([x], T.Assert("x is not positive")(x, x > 0) * 2.0, target=target)
    assert f([1.0, 2.0]).tolist() == [2.0, 4.0] and f(np.zeros(0)).shape == (0,)
    with pytest.raises(AssertionError, match="x is not positive"):
        f([1.0, -1.0])


# -- errors ----------------------------------------------------------------------------------------------------------------
x34, i2 = tv.matrix("x", shape=(3, 4)), tv.lvector("i", shape=(2,))
BUILD: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "bound of the second array": (lambda: x34[[0, 1], [0, 4]], tv.BoundsError, "index 4 is out of bounds for axis 1 with size 4"),
    "arrays that don't broadcast": (lambda: x34[[0, 1], [0, 1, 2]], tv.IndexingError, r"\(2,\) and \(3,\)"),
    "mask too short": (lambda: x34[[True, False]], tv.ShapeError, r"mask of shape \(2,\)"),
    "masks of two lengths": (lambda: x34[np.ones(2, bool), i2], tv.ShapeError, "mask"),
    "two dots": (lambda: x34[..., ...], tv.IndexingError, "one ... only"),
    "set in an unknown place": (lambda: T.set_subtensor(x34 + 1, 0.0), tv.ArgumentError, "place"),
    "take mode": (lambda: T.take(x34, [0], mode="around"), tv.ArgumentError, "raise"),
    "take along another rank": (lambda: T.take_along_axis(x34, [0, 1], 1), tv.ShapeError, "same number of axes"),
    "take along out of bounds": (lambda: T.take_along_axis(x34, [[0], [4], [0]], 1), tv.BoundsError, "index 4"),
    "take along floats": (lambda: T.take_along_axis(x34, x34, 1), tv.DtypeError, "whole numbers"),
    "put along complex": (lambda: T.put_along_axis(x34, [[0]], tv.zmatrix("z"), 1), tv.DtypeError, "cannot put complex128"),
    "choose of nothing": (lambda: T.choose(i2, []), tv.ArgumentError, "at least one"),
    "choose by floats": (lambda: T.choose(x34, [1, 2]), tv.DtypeError, "whole numbers"),
    "select of numbers": (lambda: T.select([x34], [1.0]), tv.DtypeError, "boolean"),
    "select of two lengths": (lambda: T.select([x34 > 0], [1.0, 2.0]), tv.ArgumentError, "choice for each"),
    "diagonal of a vector": (lambda: T.fill_diagonal(i2, 0), tv.ShapeError, "two axes"),
    "pad mode": (lambda: T.pad(x34, 1, "mirror"), tv.ArgumentError, "no mode 'mirror'"),
    "pad width": (lambda: T.pad(x34, -1), tv.ArgumentError, "0 or more"),
    "pad widths": (lambda: T.pad(x34, ((1, 2), (3, 4), (5, 6))), tv.ArgumentError, "each of 2 axes"),
    "pad option": (lambda: T.pad(x34, 1, "edge", constant_values=1), tv.ArgumentError, "no constant_values in mode 'edge'"),
    "pad of nothing": (lambda: T.pad(tv.vector("e", shape=(0,)), 1, "edge"), tv.ShapeError, "length 0"),
    "einsum lengths": (lambda: T.einsum("ij,jk", x34, x34), tv.ShapeError, "axes j have lengths 4 and 3"),
    "einsum ranks": (lambda: T.einsum("ijk->i", x34), tv.ShapeError, "3 subscripts for x of 2 axes"),
    "einsum output": (lambda: T.einsum("ij->k", x34), tv.ArgumentError, "'k', which no operand has"),
    "einsum output twice": (lambda: T.einsum("ij->ii", x34), tv.ArgumentError, "'i' twice"),
    "einsum letters": (lambda: T.einsum("i1->i", x34), tv.ArgumentError, "not a list of letters"),
    "einsum dots": (lambda: T.einsum("...i->i", x34), tv.ArgumentError, "lacks the ..."),
    "einsum operands": (lambda: T.einsum("ij,jk", x34), tv.ArgumentError, "2 lists of subscripts for 1"),
    "kron": (lambda: T.cross(x34, x34), tv.ShapeError, "length 3 or 2, not 4"),
    "matvec": (lambda: T.matvec(x34, [1.0, 2.0]), tv.ShapeError, "lengths 4 and 2"),
    "repeat": (lambda: T.repeat(x34, [1, 2], 0), tv.ShapeError, "each of 3 elements, not 2"),
    "negative repeats": (lambda: T.repeat(x34, [-1, 2, 3], 0), tv.ArgumentError, "0 or more"),
    "roll": (lambda: T.roll(x34, 1.5, 0), tv.ArgumentError, "whole number"),
    "roll pairs": (lambda: T.roll(x34, (1, 2, 3), (0, 1)), tv.ArgumentError, "3 for 2"),
    "rot90": (lambda: T.rot90(x34, 1, (0, 0)), tv.ArgumentError, "two different axes"),
    "delete": (lambda: T.delete(x34, 3, 0), tv.BoundsError, "index 3"),
    "insert": (lambda: T.insert(x34, 5, 0.0, 1), tv.BoundsError, "index 5"),
    "insert at places": (lambda: T.insert(x34, i2, 0.0, 1), tv.ArgumentError, "known numbers"),
    "meshgrid": (lambda: T.meshgrid([1], [2], indexing="yx"), tv.ArgumentError, "'xy' or 'ij'"),
    "ravel_multi_index": (lambda: T.ravel_multi_index(([0],), (2, 3)), tv.ArgumentError, "each of 2 axes"),
    "reshape order": (lambda: B["reshape"](x34, (4, 3), "K"), tv.ArgumentError, "order"),
    "geomspace": (lambda: T.geomspace(0.0, 1.0), tv.ArgumentError, "0"),
    "split_dims": (lambda: T.split_dims(x34, (2, 2)), tv.ArgumentError, "which axis"),
    "pack": (lambda: T.pack(x34, axes=(1,)), tv.ArgumentError, "axes 0, 1"),
    "block": (lambda: T.block([[x34], x34]), tv.ArgumentError, "equally deep"),
}


@pytest.mark.parametrize("name", BUILD)
def test_wrong_use_says_what_is_wrong(name: str) -> None:
    build, kind, words = BUILD[name]
    with pytest.raises(kind, match=words) as caught:
        build()
    assert "test_indexing.py" in str(caught.value)


X = tv.matrix("x")
RUN: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "second array": (lambda: X[[0, 1], [0, 4]], tv.BoundsError, "index 4 is out of bounds for axis 1 with size 4"),
    "negative": (lambda: X[[-4], [0]], tv.BoundsError, "index -4 is out of bounds for axis 0 with size 3"),
    "set": (lambda: X[[0, 1], [0, 4]].set(1.0), tv.BoundsError, "index 4"),
    "arrays apart": (lambda: X[T.arange(X.shape[0]), T.arange(X.shape[1])], tv.IndexingError, r"\(3,\) and \(4,\) can't be broadcast"),
    "set apart": (lambda: X[T.arange(X.shape[0]), T.arange(X.shape[1])].inc(1.0), tv.IndexingError, r"\(3,\) and \(4,\)"),
    "mask": (lambda: X[np.array([True, False])], tv.ShapeError, r"\(2, 4\)"),
    "mask of values": (lambda: X[X[0] > 0], tv.BoundsError, r"mask of shape \(4,\)"),
    "along": (lambda: T.take_along_axis(X, [[0], [1], [7]], 1), tv.BoundsError, "index 7"),
    "put along": (lambda: T.put_along_axis(X, [[0], [1], [7]], 1.0, 1), tv.BoundsError, "index 7"),
    "choose": (lambda: T.choose(T.cast(X, int) + 2, [1.0, 2.0]), tv.BoundsError, "choose"),
    "unravel": (lambda: T.unravel_index([12], X.shape)[0], tv.BoundsError, "unravel_index"),
    "ravel": (lambda: T.ravel_multi_index(([-1], [0]), X.shape), tv.BoundsError, "ravel_multi_index"),
    "pad width": (lambda: T.pad(X, X.shape[0] - 5), tv.ShapeError, "widths of 0 or more"),
    "repeats": (lambda: T.repeat(X, T.cast(X[:, 0], int) - 1, 0), tv.DomainError, "0 or more"),
    "einsum": (lambda: T.einsum("ij,jk->ik", X, X), tv.ShapeError, "4"),
    "einsum diagonal": (lambda: T.einsum("ii->i", X), tv.ShapeError, "4"),
}


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", RUN)
def test_what_the_types_could_not_see_raises_when_it_runs(name: str, target: str) -> None:
    build, kind, words = RUN[name]
    f = tv.function([X], build(), target=target)
    with pytest.raises(kind, match=words) as caught:
        f(np.zeros((3, 4)))
    assert "test_indexing.py" in str(caught.value)


# -- einsum ------------------------------------------------------------------------------------------------------------------
def test_the_order_of_an_einsum_is_the_cheapest() -> None:
    a, b, c = tv.matrix("a", shape=(100, 2)), tv.matrix("b", shape=(2, 100)), tv.matrix("c", shape=(100, 3))
    assert str(T.einsum("ij,jk,kl->il", a, b, c)) == "a @ (b @ c)"
    assert T.einsum_path("ij,jk,kl->il", a, b, c)[0] == ["einsum_path", (1, 2), (0, 1)]
    assert "operations" in T.einsum_path("ij,jk,kl->il", a, b, c)[1]


def test_numpys_path_is_a_path() -> None:
    rng = np.random.default_rng(3)
    shapes = [(3, 4), (4, 5), (5, 6), (6, 3)]
    arrays = [rng.normal(size=s) for s in shapes]
    path = np.einsum_path("ij,jk,kl,li->", *arrays)[0]
    found = T.einsum("ij,jk,kl,li->", *arrays, optimize=path).eval()
    np.testing.assert_allclose(found, np.einsum("ij,jk,kl,li->", *arrays))


def test_the_search_for_an_order_is_never_dearer_than_numpys() -> None:
    from tensorviz.core.ops.contraction import cost_of, find_path

    rng = np.random.default_rng(4)
    for _ in range(40):
        letters = "abcdef"
        terms = ["".join(rng.permutation(list(letters))[:rng.integers(1, 4)]) for _ in range(rng.integers(3, 6))]
        sizes = {c: int(n) for c, n in zip(letters, rng.integers(2, 9, 6), strict=True)}
        output = "".join(sorted({c for t in terms for c in t if rng.random() < 0.4}))
        arrays = [np.zeros([sizes[c] for c in t]) for t in terms]

        def work(path: Any, terms: list[str] = terms, output: str = output, sizes: dict[str, int] = sizes) -> int:
            rest = [frozenset(output).union(*terms[:k], *terms[k + 1:]) for k in range(len(terms))]
            left, total = [frozenset(t) & r for t, r in zip(terms, rest, strict=True)], 0       # each is summed alone first
            for step in path:
                chosen = [left[k] for k in step]
                left = [t for k, t in enumerate(left) if k not in step]
                both = frozenset().union(*chosen)
                made = both & frozenset(output).union(*left)
                total += cost_of(both, made, sizes)
                left.append(made)
            return total

        theirs = np.einsum_path(",".join(terms) + "->" + output, *arrays, optimize="optimal")[0][1:]
        ours = find_path([frozenset(t) for t in terms], frozenset(output), sizes)
        if all(len(step) == 2 for step in theirs):
            assert work(ours) <= work(theirs)


def test_products_of_matrices_need_no_copies() -> None:
    """Axes that lie the other way round are turned as views, not reordered."""
    a, b = tv.tensor3("a"), tv.tensor3("b")
    for text in ("bij,bjk->bik", "bji,bjk->bik", "bij,bkj->bik", "bji,bkj->bik"):
        ops = {e.op.name for e in every(T.einsum(text, a, b))}
        assert ops <= {"variable", "transpose", "matmul"}, text


def every(e: Any) -> list[Any]:
    """All nodes of an expression."""
    from tensorviz.core.graph import topological

    return topological([e])


# -- NumPy's own functions ---------------------------------------------------------------------------------------------------
NUMPYS: dict[str, Callable[[Any, Any], Any]] = {
    "pad": lambda x, v: np.pad(x, ((1, 2), (0, 1)), constant_values=3), "einsum": lambda x, v: np.einsum("ij,j->i", x, v),
    "take": lambda x, v: np.take(x, [0, 9], axis=1, mode="clip"), "choose": lambda x, v: np.choose([0, 1, 0, 1], [v, 2 * v]),
    "take_along_axis": lambda x, v: np.take_along_axis(x, np.array([[0], [1], [2]]), 1), "delete": lambda x, v: np.delete(x, 1, axis=0),
    "insert": lambda x, v: np.insert(x, 1, v, axis=0), "meshgrid": lambda x, v: np.meshgrid(v, v)[1], "kron": np.kron,
    "roll": lambda x, v: np.roll(x, (1, 2), axis=(0, 1)), "rot90": lambda x, v: np.rot90(x, 1, (1, 0)), "ravel": lambda x, v: np.ravel(x, order="F"),
    "select": lambda x, v: np.select([x > 3], [x], 0.0), "reshape": lambda x, v: np.reshape(x, (4, 3), order="F"),
    "block": lambda x, v: np.block([[x], [v]]), "resize": lambda x, v: np.resize(x, (2, 2)), "linspace": lambda x, v: np.linspace(v, v + 1, 3),
}


@pytest.mark.parametrize("name", NUMPYS)
def test_numpys_functions_build_expressions(name: str) -> None:
    x, v = tv.matrix("x", shape=(3, 4)), tv.vector("v", shape=(4,))
    data, row = np.arange(12.0).reshape(3, 4), np.arange(4.0)
    made = NUMPYS[name](x, v)
    found = tv.evaluate([made], {x: data, v: row})[0]
    np.testing.assert_allclose(found, NUMPYS[name](data, row))


@pytest.mark.parametrize("change", [lambda x: np.fill_diagonal(x, 0), lambda x: np.put(x, [0], 1), lambda x: np.putmask(x, x > 0, 1),
                                    lambda x: np.place(x, x > 0, [1]), lambda x: np.put_along_axis(x, np.array([[0]]), 1, 1)])
def test_numpys_functions_that_change_an_array_are_refused(change: Callable[[Any], Any]) -> None:
    with pytest.raises(tv.ArgumentError, match=r"expressions don't change(.|\n)*hint: y = tv\."):
        change(tv.matrix("x"))


APART = [(None, 0, ..., [0, 1], slice(None)), ([0, 1], ..., [2, 0], 1), (0, ..., slice(None), [0, 1]), (0, ..., [1, 2], None),
         ([1, 0], ..., [[1], [2]], [3, 0]), (0, [1, 2], ..., 3), (True, ..., 0, [1, 1]), (..., 0, [1, 2], slice(1, 3)),
         (0, [1, 2], slice(None), ...), (slice(None), [True, False, True], ..., 2), (None, 1, ..., None, [1, 2])]


@pytest.mark.parametrize("key", APART, ids=str)
def test_an_ellipsis_of_no_axes_keeps_arrays_apart(key: tuple[Any, ...]) -> None:
    value = np.arange(24.0).reshape(2, 3, 4)
    meant, changed, added = value[key], value.copy(), value.copy()
    new = np.arange(meant.size).reshape(meant.shape) + 100.0
    changed[key] = new
    np.add.at(added, key, new)
    x, v = tv.tensor("x", dtype="float64", shape=(None,) * 3), tv.tensor("v", dtype="float64", shape=(None,) * meant.ndim)
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        found = tv.function([x, v], [x[key], x[key].set(v), tv.inc_subtensor(x[key], v)], mode=mode)(value, new)
        for f, m in zip(found, (meant, changed, added), strict=True):
            np.testing.assert_array_equal(f, m)
