"""Every row of the table means what NumPy says, has the type and the symbolic shape of its value, and is covered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.graph import topological
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.op import OPS
from tensorviz.core.shapes import lengths_of
from tensorviz.core.types import TensorType
from tests.core.cases import CASES, Case, inputs


def close(found: Any, expected: Any) -> None:
    """Equal but for rounding: the same ops in another order."""
    expected = np.asarray(expected)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, expected)
    else:
        eps = float(np.finfo(expected.dtype).eps)
        np.testing.assert_allclose(found, expected, rtol=64 * eps, atol=64 * eps)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_op_means_what_numpy_says(case: Case) -> None:
    for dtype in case.dtypes:
        for known in (True, False):
            xs, arrays = inputs(case, dtype, known)
            made = case.build(*xs)
            with np.errstate(all="ignore"):
                expected = np.asarray(case.numpy(*arrays))
            (found,) = tv.evaluate([made], dict(zip(xs, arrays, strict=True)))
            close(found, expected)
            assert made.type.accepts(TensorType(found.dtype, found.shape)), (dtype, known)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_symbolic_shape_is_the_shape(case: Case) -> None:
    for known in (True, False):
        xs, arrays = inputs(case, case.dtypes[0], known)
        made = case.build(*xs)
        env = dict(zip(xs, arrays, strict=True))
        (value,) = tv.evaluate([made], env)
        found = [n if isinstance(n, int) else int(tv.evaluate([n], env)[0]) for n in lengths_of(made)]
        assert tuple(found) == value.shape


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_known_lengths_stay_known(case: Case) -> None:
    xs, _ = inputs(case, case.dtypes[0], known=True)
    made = case.build(*xs)
    assert case.open or None not in made.type.shape


STEERING = {"custom_gradient", "grad_clip", "grad_scale", "undefined_grad"}          # tests/core/test_gradients.py has them


def test_every_op_is_in_a_table() -> None:
    """Elementwise ops have tables of their own; leaves and the ops of other families' tests are no tensors' functions."""
    seen = set()
    for case in CASES:
        for dtype in case.dtypes:
            for known in (True, False):
                xs, _ = inputs(case, dtype, known)
                seen |= {e.op.name for e in topological([case.build(*xs)])}
    ours = {op.name for op in OPS.values() if op.family in ("shape", "reduction", "linalg")
            and op.type.__module__.startswith("tensorviz.core.ops")}
    assert ours - seen - STEERING == set()


def test_every_op_has_its_record() -> None:
    for op in OPS.values():
        if op.type.__module__.startswith("tensorviz.core.ops"):
            assert op.doc and "\n" not in op.doc, op
            assert op.vjp is not None or op.name == "undefined_grad", op
            assert op.shape is not None or op.family == "elementwise", op


# -- what must raise -----------------------------------------------------------------------------------------------------
x34, y43 = tv.matrix("x", shape=(3, 4)), tv.matrix("y", shape=(4, 3))
i = tv.lvector("i")
WRONG: dict[str, tuple[Any, type[Exception]]] = {
    "matmul": (lambda: x34 @ x34, tv.ShapeError),
    "matmul of scalars": (lambda: tv.scalar("s") @ x34, tv.ShapeError),
    "reshape": (lambda: x34.reshape(5, 2), tv.ShapeError),
    "two open lengths": (lambda: x34.reshape(-1, -1), tv.ShapeError),
    "length of float": (lambda: x34.reshape(2.5, 2), tv.ArgumentError),
    "length of float expression": (lambda: x34.reshape(tv.scalar("s"), 2), tv.DtypeError),
    "axis": (lambda: x34.sum(axis=2), tv.ShapeError),
    "axis twice": (lambda: x34.sum(axis=(1, -1)), tv.ShapeError),
    "axis of float": (lambda: x34.sum(axis=0.5), tv.ArgumentError),
    "max of nothing": (lambda: tv.matrix("e", shape=(0, 3)).max(axis=0), tv.ShapeError),
    "argmax of nothing": (lambda: tv.vector("e", shape=(0,)).argmax(), tv.ShapeError),
    "squeeze": (lambda: x34.squeeze(0), tv.ShapeError),
    "squeeze of unknown lengths": (lambda: tv.tensor("r", shape=(1, None)).squeeze(), tv.ShapeError),
    "transpose": (lambda: x34.transpose(0, 0), tv.ShapeError),
    "broadcast_to": (lambda: B["broadcast_to"](x34, (3, 5)), tv.ShapeError),
    "concatenate": (lambda: B["concatenate"]([x34, y43], 1), tv.ShapeError),
    "concatenate of ranks": (lambda: B["concatenate"]([x34, x34[0]]), tv.ShapeError),
    "concatenate of scalars": (lambda: B["concatenate"]([tv.scalar("s")]), tv.ShapeError),
    "stack of nothing": (lambda: B["stack"]([]), tv.ArgumentError),
    "index": (lambda: x34[3], tv.BoundsError),
    "negative index": (lambda: x34[:, -5], tv.BoundsError),
    "constant indices": (lambda: x34[[0, 3]], tv.BoundsError),
    "too many indices": (lambda: x34[0, 0, 0], tv.ShapeError),
    "index of float": (lambda: x34[0.5], tv.IndexingError),
    "index of string": (lambda: x34["a"], tv.IndexingError),
    "step 0": (lambda: x34[::0], tv.ArgumentError),
    "mask": (lambda: x34[y43 > 0], tv.ShapeError),
    "set of wrong shape": (lambda: x34[0].set(np.zeros(3)), tv.ShapeError),
    "set of complex": (lambda: x34[0].set(1j), tv.DtypeError),
    "set of no place": (lambda: x34.set(1.0), tv.ArgumentError),
    "split": (lambda: B["split"](x34, 2), tv.ShapeError),
    "split at an expression": (lambda: B["split"](x34, tv.lscalar("n")), tv.ArgumentError),
    "linspace of a vector": (lambda: B["linspace"](0.0, 1.0, tv.lvector("n")), tv.ArgumentError),
    "linspace of a float": (lambda: B["linspace"](0.0, 1.0, 2.5), tv.ArgumentError),
    "linspace of -1": (lambda: B["linspace"](0.0, 1.0, -1), tv.ArgumentError),
    "arange of step 0": (lambda: B["arange"](0, 5, 0), tv.DomainError),
    "gemm": (lambda: B["gemm"](x34, 1.0, x34, y43, 1.0), tv.ShapeError),
    "tensordot": (lambda: B["tensordot"](x34, x34, 1), tv.ShapeError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_raises_with_the_users_line(name: str) -> None:
    build, kind = WRONG[name]
    with pytest.raises(kind) as caught:
        build()
    assert "test_ops_tensors.py" in str(caught.value) or kind is tv.ArgumentError


AT_RUN_TIME: dict[str, tuple[Any, Any, type[Exception]]] = {
    "matmul": (lambda x: x @ x, (2, 3), tv.ShapeError),
    "reshape": (lambda x: x.reshape(5, 2), (2, 3), tv.ShapeError),
    "max": (lambda x: x.max(), (0, 3), tv.ShapeError),
    "squeeze": (lambda x: x.squeeze(0), (2, 3), tv.ShapeError),
    "broadcast_to": (lambda x: B["broadcast_to"](x, (5, 3)), (2, 3), tv.ShapeError),
    "specify_shape": (lambda x: B["specify_shape"](x, (None, 4)), (2, 3), tv.ShapeError),
    "index": (lambda x: x[2], (2, 3), tv.BoundsError),
    "take": (lambda x: x[np.array([0, 2])], (2, 3), tv.BoundsError),
    "two arrays": (lambda x: x[np.array([0, 1]), np.array([0, -4])], (2, 3), tv.BoundsError),
    "sum_to": (lambda x: B["sum_to"](x, (x.shape[0] + 1, x.shape[1])), (2, 3), tv.ShapeError),
    "broadcast_length": (lambda x: B["broadcast_length"](x.shape[0], x.shape[1]), (2, 3), tv.ShapeError),
}


@pytest.mark.parametrize("name", AT_RUN_TIME)
def test_what_the_types_could_not_see_raises_when_it_runs(name: str) -> None:
    build, shape, kind = AT_RUN_TIME[name]
    x = tv.matrix("x")
    with pytest.raises(kind):
        tv.evaluate([build(x)], {x: np.zeros(shape)})


# -- sentences -------------------------------------------------------------------------------------------------------------
def test_lengths_read_from_another_shape_stand_in_the_node() -> None:
    x, y = tv.matrix("x"), tv.matrix("y", shape=(None, 3))
    made = x.reshape(y.shape)
    assert made.params == ((None, 3),)
    assert made.args[1] is tv.length(y, 0)


def test_reshape_to_its_own_shape_is_the_tensor_itself() -> None:
    x = tv.matrix("x")
    assert x.reshape(x.shape) is x


def test_transposes_of_transposes_are_one() -> None:
    x = tv.tensor3("x")
    assert x.T.T is x
    assert x.transpose(1, 2, 0).transpose(1, 2, 0).op.name == "transpose"


def test_slices_that_mean_the_same_are_one_node() -> None:
    x = tv.vector("x", shape=(5,))
    assert x[1:4] is x[1:-1]
    assert x[0:5:1] is x[:]


def test_an_index_of_the_shape_is_a_length() -> None:
    x = tv.matrix("x")
    assert x.shape[0] is tv.length(x, 0)
    assert x.shape[-1] is tv.length(x, 1)


def test_setting_keeps_the_last_of_values_put_at_one_place() -> None:
    x = tv.vector("x", shape=(3,))
    np.testing.assert_array_equal(tv.evaluate([x[[1, 1]].set([5.0, 7.0])], {x: np.zeros(3)})[0], [0, 7, 0])


def test_incrementing_adds_up_what_is_put_at_one_place() -> None:
    x = tv.vector("x", shape=(3,))
    np.testing.assert_array_equal(tv.evaluate([x[[1, 1]].inc([5.0, 7.0])], {x: np.zeros(3)})[0], [0, 12, 0])


def test_set_of_a_place_within_a_place_changes_the_inner_one() -> None:
    x = tv.matrix("x", shape=(3, 4))
    assert x[1:][0].set(1.0).type.shape == (2, 4)


def test_log_sum_exp_neither_overflows_nor_loses_infinities() -> None:
    x = tv.vector("x")
    f = B["logsumexp"](x)
    for value, expected in (([1000.0, 1000.0], 1000.0 + np.log(2)), ([-np.inf, -np.inf], -np.inf), ([np.inf, 1.0], np.inf),
                            ([-np.inf, 3.0], 3.0)):
        np.testing.assert_allclose(tv.evaluate([f], {x: value})[0], expected, rtol=1e-15)


def test_softmax_of_large_values_is_finite() -> None:
    x = tv.vector("x")
    np.testing.assert_allclose(tv.evaluate([B["softmax"](x)], {x: [1e4, 1e4, -1e4]})[0], [0.5, 0.5, 0.0])


def test_squeeze_of_unknown_lengths_says_to_name_the_axes() -> None:
    x = tv.matrix("x")
    for build in (x.squeeze, lambda: np.squeeze(x), lambda: B["squeeze"](x, None)):
        with pytest.raises(tv.ShapeError, match=r"which axes of x .* it is float64 \(N, N\)(.|\n)*hint: .*axis=0"):
            build()
    assert x.squeeze(0).ndim == 1 and tv.matrix(shape=(1, 3)).squeeze().type.shape == (3,)
    assert tv.scalar("s").squeeze().ndim == 0


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_split_of_an_unknown_length_checks_it_when_it_runs(target: str) -> None:
    x = tv.matrix("x")
    assert B["split"](x, 1)[0] is x
    f = tv.function([x], B["split"](x, 3, axis=1), target=target)
    data = np.arange(12.0).reshape(2, 6)
    for found, expected in zip(f(data), np.split(data, 3, axis=1), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert [p.shape for p in f(np.ones((0, 3)))] == [(0, 1)] * 3
    with pytest.raises(tv.ShapeError, match=r"\(2, 7\)(.|\n)*test_ops_tensors"):
        f(np.ones((2, 7)))
    parts = B["split"](x, 2)
    (slope,) = tv.evaluate([tv.grad((parts[0] * parts[1]).sum(), x)], {x: [[1.0, 2.0], [3.0, 4.0]]})
    assert slope.tolist() == [[3.0, 4.0], [1.0, 2.0]]


@pytest.mark.parametrize("endpoint", [True, False])
def test_spaces_of_as_many_values_as_is_said_at_run_time(endpoint: bool) -> None:
    n, x = tv.lscalar("n"), tv.vector("x")
    made = [*B["linspace"](x, 1.7, n, endpoint, retstep=True, axis=-1), B["logspace"](0.0, 1.0, n, endpoint),
            B["geomspace"](1.0, 5.0, n, endpoint), B["linspace"](-3, 4, n, endpoint, dtype=int)]
    f, start = tv.function([x, n], made), np.array([0.5, 2.0])
    for k in (0, 1, 2, 5):
        meant = [*np.linspace(start, 1.7, k, endpoint, retstep=True, axis=-1), np.logspace(0, 1, k, endpoint=endpoint),
                 np.geomspace(1, 5, k, endpoint=endpoint), np.linspace(-3, 4, k, endpoint, dtype=int)]
        for got, want in zip(f(start, k), meant, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-14)
            assert got.dtype == np.asarray(want).dtype
    with pytest.raises(tv.DomainError, match="negative number of values"):
        f(start, -1)


@pytest.mark.parametrize("count", [1, 4])
def test_gradients_go_through_spaces_of_open_length(count: int) -> None:
    x, n = tv.scalar("x"), tv.lscalar("n")
    slope = tv.function([x, n], tv.grad(B["sum"](B["linspace"](x, 2.0, n)), x))
    assert slope(0.5, count) == pytest.approx(sum(np.linspace(1.0, 0.0, count)))


def test_linspace_takes_a_number_that_follows_from_known_lengths() -> None:
    x = tv.vector("x", shape=(5,))
    assert B["linspace"](0.0, 1.0, x.shape[0] - 1).eval().tolist() == np.linspace(0.0, 1.0, 4).tolist()


# -- how many values arange has ----------------------------------------------------------------------------------------
N, M, D = tv.lscalar("n"), tv.lscalar("m"), tv.dscalar("d")
FAR = [-2**63, -2**62, -5, -1, 0, 1, 2, 7, 2**62, 2**63 - 1]


@pytest.mark.parametrize("step", [1, 2, 3, -1, -2, -3])
@pytest.mark.parametrize(("start", "stop"), [(N, M), (0, M), (1, M), (-1, M), (N, 0), (N, -1), (N, 7), (N, -7)], ids=str)
def test_lengths_of_arange_never_overflow_unnoticed(start: Any, stop: Any, step: int) -> None:
    length = B["arange"](start, stop, step).args[-1]
    for n in FAR:
        for m in FAR:
            a, b = (n if v is N else m if v is M else v for v in (start, stop))
            expected = max(0, -((a - b) // step))
            if expected < 2**63:
                assert length.eval({N: n, M: m}) == expected, (a, b, step)
            else:
                with pytest.raises(tv.SizeError, match="more values than any memory"):
                    length.eval({N: n, M: m})


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize(("build", "x", "value", "kind", "words"), [
    (lambda: B["arange"](0, 10, N), N, 0, tv.DomainError, "a step that is not 0"),
    (lambda: B["arange"](0.0, 1.0, D), D, 0.0, tv.DomainError, "a step that is not 0"),
    (lambda: B["arange"](0.0, 1.0, D), D, np.nan, tv.DomainError, "finite step, not nan"),
    (lambda: B["arange"](0.0, 1.0, D), D, np.inf, tv.DomainError, "finite step, not inf"),
    (lambda: B["arange"](0.0, 1.0, D), D, 1e-300, tv.SizeError, "from 0.0 to 1.0 in steps of 1e-300"),
    (lambda: B["arange"](D), D, np.nan, tv.ArgumentError, "from 0.0 to nan"),
    (lambda: B["arange"](D), D, np.inf, tv.SizeError, "from 0.0 to inf"),
    (lambda: B["arange"](-N, N, 3), N, 2**63 - 1, tv.SizeError, "larger than any memory"),
    (lambda: B["arange"](-N, N), N, 2**63 - 1, tv.SizeError, "more values than any memory"),
], ids=lambda v: v if isinstance(v, str) else getattr(v, "__name__", None))
def test_arange_without_a_length_raises_as_in_numpy(build: Any, x: Any, value: Any, kind: Any, words: str, target: str) -> None:
    for made in (build(), build().shape, build() * 2):
        f = tv.function([x], made, target=target)
        with pytest.raises(kind, match=words) as caught:
            f(value)
        assert "test_ops_tensors.py" in str(caught.value)


def test_arange_counts_as_numpy_does() -> None:
    for start, stop, step in ((0.0, 1.0, 0.1), (1.0, 1.0, 0.5), (0.0, 1.0, 1e300), (5.0, 1.0, 2.0), (0.0, -1e-300, -1e300)):
        f = B["arange"](0.0 + D, stop, step)
        np.testing.assert_array_equal(f.eval({D: start}), np.arange(start, stop, step))
    big = tv.scalar("u", dtype="uint64")
    assert B["arange"](big, big + 3, dtype="uint64").eval({big: 2**64 - 10}).tolist() == list(range(2**64 - 10, 2**64 - 7))
    for dtype in ("int8", "uint64", "float32", "float16"):
        x = tv.scalar("x", dtype=dtype)
        assert B["arange"](x, x, x).dtype == np.arange(*np.ones(3, dtype)).dtype
    with pytest.raises(tv.SizeError, match="more values"):
        B["arange"](-2**62, 2**62 + 2**62)


def test_a_product_that_does_not_fit_is_told_with_the_users_names():
    a, b = tv.tensor.matrix("a", shape=(2, 3)), tv.tensor.matrix("b", shape=(2, 3), dtype="float32")
    for product, hint in [(lambda: a @ a, "use a @ a.T"), (lambda: a @ b, "use a @ b.T"), (lambda: a.T @ b.T, "use a.T @ b"),
                          (lambda: (a + 1.0) @ a, "use (a + 1.0) @ a.T"), (lambda: (a @ a.T) @ a.T, "use (a @ a.T) @ a"),
                          (lambda: a @ np.ones((2, 3)), "use a @ y.T"), (lambda: tv.scalar("s") @ a, "use s * a")]:
        with pytest.raises(tv.ShapeError) as caught:
            product()
        assert caught.value.hint == hint
