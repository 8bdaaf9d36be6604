"""NumPy's other names, keywords and attributes: the same values as NumPy's, or an error that says what to use."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

MODES = ("FAST_RUN", "FAST_COMPILE")
RNG = np.random.default_rng(5)
REALS, WHOLE = RNG.normal(size=(4, 5)), RNG.integers(-3, 4, (4, 5))


def both(xs: list[Any], made: Any, *values: Any) -> list[Any]:
    """What C and the interpreter compute."""
    return [tv.function(xs, made, mode=mode, on_unused_input="ignore")(*values) for mode in MODES]


def same(build: Callable[..., Any], *arrays: Any, known: bool = False, rtol: float = 1e-13) -> None:
    """`build(T, x, ...)` is `build(np, arrays...)`, in dtype and shape too, compiled and interpreted."""
    arrays = tuple(np.asarray(a) for a in arrays)
    xs = [tv.tensor(f"x{k}", dtype=a.dtype, shape=a.shape if known else (None,) * a.ndim) for k, a in enumerate(arrays)]
    with np.errstate(all="ignore"):
        meant = build(np, *arrays)
    made = build(T, *xs)
    several = isinstance(meant, tuple | list)
    for found in both(xs, list(made) if several else [made], *arrays):
        for f, m in zip(found, meant if several else [meant], strict=True):
            m = np.asarray(m)
            assert (f.dtype, f.shape) == (m.dtype, m.shape)
            np.testing.assert_allclose(f, m, rtol=rtol, atol=1e-14)


# -- functions -------------------------------------------------------------------------------------------------------------
BITS = {"bool": RNG.integers(0, 2, (3, 11)).astype(bool), "int": WHOLE, "odd": RNG.integers(0, 2, (2, 3, 9)).astype("uint8"),
        "none": np.zeros((0, 3), bool), "bytes": np.arange(8, dtype="uint8").reshape(2, 4)}


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("name", BITS)
def test_truths_are_packed_into_bits(name: str, order: str) -> None:
    for axis in (None, 0, -1):
        same(lambda M, x, a=axis: M.packbits(x, axis=a, bitorder=order), BITS[name])


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("count", [None, 0, 3, 16, 40, -3])
def test_bits_are_unpacked(count: int | None, order: str) -> None:
    x = RNG.integers(0, 256, (2, 3)).astype("uint8")
    for axis in (None, 0, 1):
        for known in (True, False):
            same(lambda M, x, a=axis: M.unpackbits(x, axis=a, count=count, bitorder=order), x, known=known)


def test_bits_of_floats_and_other_orders_are_refused() -> None:
    for build, kind in ((lambda: T.packbits(tv.dvector()), TypeError), (lambda: T.unpackbits(tv.ivector()), TypeError),
                        (lambda: T.packbits([1], bitorder="up"), ValueError), (lambda: T.unpackbits(np.ones(1, "uint8"), count=-9), ValueError)):
        with pytest.raises(kind) as caught:
            build()
        assert isinstance(caught.value, tv.TensorvizError)


TRIMMED = [[0, 0, 1, 0, 2, 0], [0, 0, 0], [], [1, 2], [0, 3]]


@pytest.mark.parametrize("trim", ["fb", "f", "B"])
@pytest.mark.parametrize("x", TRIMMED, ids=str)
def test_zeros_are_trimmed(x: list[int], trim: str) -> None:
    same(lambda M, v: M.trim_zeros(v, trim), np.array(x, float))
    box = np.zeros((4, 5))
    box[1, 2:4] = x[-1:] or 0
    for axis in (None, 0, 1, (0, 1)):
        same(lambda M, v, a=axis: M.trim_zeros(v, trim, a), box)


def test_a_gradient_flows_to_what_is_not_trimmed() -> None:
    x = tv.dvector("x")
    np.testing.assert_array_equal(tv.grad((T.trim_zeros(x) ** 2).sum(), x).eval({x: [0.0, 0, 3, 0, 2, 0]}), [0, 0, 6, 0, 4, 0])


HISTOGRAMS: dict[str, dict[str, Any]] = {
    "ten": {}, "numbers": {"bins": (3, 4)}, "one number": {"bins": 5, "range": [(-1, 1), (-2, 0.5)]}, "density": {"bins": 3, "density": True},
    "edges": {"bins": ([-2.0, -0.5, 0.25, 2], [-1.0, 0, 1])}, "mixed": {"bins": (3, [-1.0, 0, 1])}, "same edges": {"bins": [-2.0, -1, 0, 1]},
    "range": {"bins": 4, "range": [None, (-1, 1)]},
}


@pytest.mark.parametrize(("name", "dtype"), [*((name, "float64") for name in HISTOGRAMS), ("mixed", "float32"), ("density", "int32")])
def test_points_are_counted_in_rectangles(name: str, dtype: str) -> None:
    x, y = (v.astype(dtype) for v in (2 * REALS[:2].ravel(), 2 * REALS[2:].ravel()))
    kw = HISTOGRAMS[name]
    if name != "range":
        same(lambda M, x, y: M.histogram2d(x, y, **kw), x, y, rtol=1e-6)
        same(lambda M, x, y, w: M.histogram2d(x, y, weights=w, **kw), x, y, np.linspace(-1, 2, 10), rtol=1e-6)
    points = np.stack([x, y], 1)
    if name != "same edges":
        made = tv.tensor("p", dtype=dtype, shape=(None, 2))
        counts, edges = np.histogramdd(points, **kw)
        for found in both([made], [T.histogramdd(made, **kw)[0], *T.histogramdd(made, **kw)[1]], points):
            for f, m in zip(found, [counts, *edges], strict=True):
                assert f.dtype == np.asarray(m).dtype
                np.testing.assert_allclose(f, m, rtol=1e-6, atol=1e-7)


def test_points_are_counted_in_boxes_and_weights_have_gradients() -> None:
    p, w = tv.matrix("p", shape=(None, 3)), tv.vector("w")
    points, weights = RNG.normal(size=(50, 3)), RNG.normal(size=50)
    counts, edges = T.histogramdd(p, bins=(2, 3, 4), weights=w)
    meant, ends = np.histogramdd(points, bins=(2, 3, 4), weights=weights)
    for found in both([p, w], [counts, *edges], points, weights):
        for f, m in zip(found, [meant, *ends], strict=True):
            np.testing.assert_allclose(f, m, rtol=1e-12, atol=1e-13)
    g = tv.grad((counts ** 2).sum(), w).eval({p: points, w: weights})
    step = 1e-6
    for k in (0, 7):
        more, less = (np.histogramdd(points, bins=(2, 3, 4), weights=weights + s * step * (np.arange(50) == k))[0] for s in (1, -1))
        np.testing.assert_allclose(g[k], ((more ** 2).sum() - (less ** 2).sum()) / (2 * step), rtol=1e-6)


WRONG: dict[str, Callable[[Any], Any]] = {
    "no bins": lambda M: M.histogramdd(REALS, 0), "bins of others": lambda M: M.histogramdd(REALS, (2, 3)), "down": lambda M: M.histogramdd(
        REALS[:, :1], ([2.0, 1.0],)), "range": lambda M: M.histogram2d(REALS[0], REALS[1], range=[(1, 0), (0, 1)]),
    "lengths": lambda M: M.histogram2d(REALS[0], REALS[1, :3]), "not finite": lambda M: M.histogram2d(REALS[0], [np.inf, 1, 2, 3, 4])}


@pytest.mark.parametrize("name", WRONG)
def test_histograms_refuse_what_numpys_do(name: str) -> None:
    with pytest.raises(ValueError):
        WRONG[name](np)
    with pytest.raises((ValueError, tv.TensorvizError)) as caught:
        for part in WRONG[name](T):
            (part if hasattr(part, "eval") else part[0]).eval()
    assert isinstance(caught.value, tv.TensorvizError)


POLYNOMIALS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda M, p, q: M.polyadd(p, q), "add back": lambda M, p, q: M.polyadd(q, p), "sub": lambda M, p, q: M.polysub(p, q),
    "mul": lambda M, p, q: M.polymul(p, q), "der": lambda M, p, q: M.polyder(p), "der 2": lambda M, p, q: M.polyder(p, 2),
    "der 0": lambda M, p, q: M.polyder(q, 0), "int": lambda M, p, q: M.polyint(p), "int 3": lambda M, p, q: M.polyint(q, 3, 2.0),
    "int k": lambda M, p, q: M.polyint(p, 2, [1.0, 2.0]),
}


@pytest.mark.parametrize("dtype", ["float64", "int64", "complex128"])
@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_are_numpys(name: str, dtype: str) -> None:
    p, q = np.array([2, -1, 3, 5]).astype(dtype), np.array([4, 1]).astype(dtype)
    for known in (True, False):
        same(lambda M, p, q: POLYNOMIALS[name](M, p, q), p, q, known=known)


@pytest.mark.parametrize("shape", [(5, 2), (3, 3), (2, 3), (4, 1)], ids=str)
def test_polynomials_are_divided_and_made_of_roots(shape: tuple[int, int]) -> None:
    u, v = RNG.normal(size=shape[0]), RNG.normal(size=shape[1])
    same(lambda M, u, v: M.polydiv(u, v), u, v, known=True, rtol=1e-9)
    same(lambda M, u, v: M.polydiv(M.convolve(u, v), v), u, v, known=True, rtol=1e-7)        # the rest is 0 but for rounding
    same(lambda M, u, v: M.poly(u), u, v, known=True)
    same(lambda M, u, v: M.poly(u), u.astype("float32"), v, known=True, rtol=1e-5)


INDEXED: dict[str, Callable[[Any, Any], Any]] = {
    "r_": lambda M, x: M.r_[x[0], 0, 1:4, x[1, :2]], "r_ step": lambda M, x: M.r_[-1:1:5j, [0] * 3, 5, 6], "c_": lambda M, x: M.c_[x[0], x[1]],
    "c_ deep": lambda M, x: M.c_[x, x], "r_ axis": lambda M, x: M.r_["-1", x, x], "r_ rows": lambda M, x: M.r_["0,2", x[0], x[1]],
    "r_ columns": lambda M, x: M.r_["0,2,0", x[0], x[1]], "r_ last": lambda M, x: M.r_["1,2,0", x[0], x[1]], "c_ range": lambda M, x: M.c_[0:4, x],
    "r_ weak": lambda M, x: M.r_[x[0].astype("float32"), 1.5, 2], "r_ cube": lambda M, x: M.r_["0,3,1", x, x],
    "s_": lambda M, x: x[M.s_[1:, ::2]], "index_exp": lambda M, x: x[M.index_exp[..., 0]],
    "fromfunction": lambda M, x: M.fromfunction(lambda i, j: i * 2 - j, (3, 2)),
    "fromfunction int": lambda M, x: M.fromfunction(lambda i, j, k=0: i == j + k, (3, 3), dtype=int, k=1),
    "mask_indices": lambda M, x: M.mask_indices(4, M.triu, 1), "sort_complex": lambda M, x: M.sort_complex(x),
    "sort_complex narrow": lambda M, x: M.sort_complex(x.astype("int16")), "row_stack": lambda M, x: M.vstack((x, x[0])),
    "along": lambda M, x: M.apply_along_axis(lambda v: v[::-1] * v[0], 0, x),
    "along to scalars": lambda M, x: M.apply_along_axis(lambda v: v.sum(), 1, x), "along a vector": lambda M, x: M.apply_along_axis(
        lambda v: v * 2, 0, x[0]),
    "along to matrices": lambda M, x: M.apply_along_axis(lambda v, k: M.outer(v, v) + k, 0, x[:, :, None] * M.ones(2), 3.0),
    "atleast": lambda M, x: M.atleast_2d(x[0], x, x[0, 0]), "atleast one": lambda M, x: M.atleast_3d(x),
}


@pytest.mark.parametrize("name", INDEXED)
def test_short_words_for_arrays_are_numpys(name: str) -> None:
    same(INDEXED[name], REALS)


@pytest.mark.parametrize("shape", [3, (2, 2), (4, 5), (1, 0)], ids=str)
def test_windows_slide(shape: Any) -> None:
    axis = 1 if shape == 3 else None
    window = np.lib.stride_tricks.sliding_window_view
    for known in (True, False):
        same(lambda M, x: window(x, shape, axis) if M is np else T.sliding_window_view(x, shape, axis), REALS, known=known)
    same(lambda M, x: window(x, (2, 3), (1, 1)) if M is np else T.sliding_window_view(x, (2, 3), (1, 1)), REALS)
    for mode in MODES:
        x = tv.matrix("x")
        with pytest.raises(tv.ShapeError, match="does not fit"):
            tv.function([x], T.sliding_window_view(x, 7, 0), mode=mode)(REALS)


def test_copyto_gives_the_changed_tensor() -> None:
    x = tv.tensor("x", dtype="int32", shape=(None, 5))
    meant = WHOLE.astype("int32")
    np.copyto(meant, 7, where=WHOLE > 0)
    for found in both([x], T.copyto(x, 7, where=x > 0), WHOLE.astype("int32")):
        np.testing.assert_array_equal(found, meant)
    with pytest.raises(TypeError):
        np.copyto(meant, 1.5)
    for wrong in (lambda: T.copyto(x, 1.5), lambda: T.copyto(x, tv.dmatrix("y"))):
        with pytest.raises(tv.DtypeError, match="same_kind"):
            wrong()
    assert T.copyto(x, 1.5, casting="unsafe").dtype == np.int32
    with pytest.raises(tv.ArgumentError, match="changes its argument"):
        np.copyto(x, 1)


def _keywords(name: str) -> Any:
    theirs = getattr(np, name, None)
    if not callable(theirs) or isinstance(theirs, type):
        return {}
    try:
        return inspect.signature(theirs).parameters
    except ValueError:
        return {}


KEYWORDS = {name: _keywords(name) for name in dir(np)}


# -- keywords --------------------------------------------------------------------------------------------------------------
WRITERS = [name for name in T.__all__ if getattr(np, name, None) is not getattr(T, name) and "out" in KEYWORDS.get(name, ())]


@pytest.mark.parametrize("name", WRITERS)
def test_no_function_writes_into_arrays_and_all_say_why(name: str) -> None:
    theirs = getattr(np, name)
    count = theirs.nin if isinstance(theirs, np.ufunc) else sum(
        p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY) for p in KEYWORDS[name].values())
    with pytest.raises(tv.ArgumentError, match=r"has no out=: expressions don't write into arrays"):
        getattr(T, name)(*[T.constant(1.0)] * count, out=np.ones(2))


def test_what_means_nothing_here_may_be_given() -> None:
    x = tv.matrix("x")
    for ours, plain in ((T.zeros((2, 3), order="F"), T.zeros((2, 3))), (T.sum(a=x, out=None), T.sum(x)), (T.median(x, overwrite_input=True), T.median(x)),
                        (T.ravel(a=x, order="F"), T.ravel(x, "F")), (T.reshape(x, shape=6, copy=None), T.reshape(x, 6)), (T.flip(m=x), T.flip(x)),
                        (T.exp(x, order="K", subok=True), T.exp(x)), (T.arange(5, like=None), T.arange(5)), (x.flatten("F"), x.ravel("F")),
                        (T.full_like(a=x, fill_value=1, subok=False), T.full_like(x, 1)), (x.sort(kind="stable"), T.sort(x))):
        assert ours is plain
    for wrong in (lambda: T.sum(x, axes=1), lambda: T.exp(x, deep=1), lambda: T.sum(), lambda: x.sum(out=np.ones(3)), lambda: T.add(x, 1, where=x > 0),
                  lambda: T.add.__call__(x), lambda: T.clip(x, 0, 1, out=x), lambda: x.cumsum(out=x), lambda: np.sum(x, out=np.ones(3))):
        with pytest.raises(tv.ArgumentError) as caught:
            wrong()
        assert "test_numpys_names.py" in str(caught.value) or "argument" in str(caught.value)


LOOPS: dict[str, Callable[[Any, Any], Any]] = {
    "float32": lambda M, x: M.exp(x, dtype="float32"), "wider": lambda M, x: M.add(x.astype("int8"), 100, dtype="int64"),
    "unsafe": lambda M, x: M.multiply(x, 2, dtype="int32", casting="unsafe"), "comparison": lambda M, x: M.less(x, 1, dtype=bool),
    "divide": lambda M, x: M.divide(x.astype("int32"), 3, dtype="float32", casting="unsafe"), "conj": lambda M, x: M.conjugate(x, dtype="complex128"),
    "isnan": lambda M, x: M.isnan(x, dtype=bool), "logaddexp": lambda M, x: M.logaddexp(x, 1, dtype="float32"),
    "concatenate": lambda M, x: M.concatenate([x, x], dtype="int32", casting="unsafe"), "hstack": lambda M, x: M.hstack([x, x], dtype="float32"),
    "vstack": lambda M, x: M.vstack([x, x[0]], dtype="complex128"), "einsum": lambda M, x: M.einsum("ij,ij->i", x, x, dtype="complex128"),
    "zeros": lambda M, x: M.zeros_like(x, shape=(2, 3)), "ones": lambda M, x: M.ones_like(x, dtype=int, shape=4), "full": lambda M, x: M.full_like(
        x, 3, shape=(2,)), "astype": lambda M, x: M.astype(x, "float32", copy=False), "method": lambda M, x: x.astype("float32", casting="same_kind"),
    "nan_to_num": lambda M, x: M.nan_to_num(x / 0, True, 1.0), "nanvar": lambda M, x: M.nanvar(M.where(x > 1, np.nan, x), axis=0, correction=1),
    "nanstd mean": lambda M, x: M.nanstd(x, axis=0, mean=M.nanmean(x, axis=0, keepdims=True)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_dtypes_of_loops_are_chosen_as_numpys(name: str) -> None:
    same(LOOPS[name], REALS, rtol=1e-5)


def test_casts_that_the_rule_forbids_raise_as_numpys() -> None:
    x = tv.dmatrix("x")
    for name, wrong in {"add": lambda M, x: M.add(x, 1, dtype="int64"), "exp": lambda M, x: M.exp(x, casting="no", dtype="float32"),
                        "and": lambda M, x: M.bitwise_and(x, x, dtype="int8"), "concatenate": lambda M, x: M.concatenate([x, x], dtype="int8"),
                        "stack": lambda M, x: M.stack([x, x], dtype=bool), "einsum": lambda M, x: M.einsum("ij->i", x, dtype="float32"),
                        "method": lambda M, x: x.astype("int8", casting="safe"), "huge": lambda M, x: M.add(1, 10**30, dtype="int64")}.items():
        with pytest.raises((TypeError, OverflowError)):
            wrong(np, REALS)
        with pytest.raises(tv.DtypeError):
            wrong(T, x)
        assert name
    for wrong in (lambda: T.exp(x, casting="hard"), lambda: T.concatenate([x], casting="hard")):
        with pytest.raises(tv.ArgumentValueError, match="casting"):
            wrong()


def test_questions_about_dtypes_take_expressions() -> None:
    f = tv.fvector("f")
    assert T.result_type(f, 2.0) == np.float32 and T.result_type(f, np.float64(2)) == np.float64 and T.result_type("int8", tv.bvector()) == np.int8
    assert not T.can_cast(f, "float16") and T.can_cast(f, "float16", "same_kind") and T.can_cast("int8", "int16")
    assert T.promote_types("int8", "uint8") == np.int16 and T.issubdtype(f.dtype, np.floating) and T.isdtype(f.dtype, "real floating")
    assert T.finfo(f.dtype).eps == np.finfo(np.float32).eps and T.iinfo("int8").max == 127


# -- attributes ------------------------------------------------------------------------------------------------------------
def test_owners_are_the_applications_that_theano_knows() -> None:
    x, s = tv.vector("x"), tv.shared(1.0)
    y = T.exp(x) * 2.0
    assert x.owner is None and T.constant(1.0).owner is None and s.owner is None
    assert y.owner.op is y.op and y.owner.inputs[0] is y.args[0] and y.owner.outputs[0] is y and (y.owner.nin, y.owner.nout) == (2, 1)
    assert y.owner == (T.exp(x) * 2.0).owner and y.owner != T.exp(x).owner and len({y.owner, y.owner}) == 1
    y.owner.inputs.clear()                                      # a list of its own: the graph does not change
    assert len(y.args) == 2
    seen, work = [], [y]
    while work:                                                 # how programs for Theano walk a graph
        v = work.pop()
        seen.append(v)
        work.extend(v.owner.inputs if v.owner else ())
    assert [v.op.name for v in seen] == ["multiply", "constant", "exp", "variable"]
    values, places = T.unique(x, return_index=True)
    assert values.owner.nout == 1 and places.owner.inputs


def test_tags_are_notes_beside_the_node() -> None:
    x = tv.vector("x")
    (x + 1.0).tag.layer = 3
    kept = x + 1.0
    kept.tag.layer = 4
    assert (x + 1.0).tag.layer == 4 and not vars(x.tag) and kept is x + 1.0
    assert copy.deepcopy(kept).tag is kept.tag
    y = tv.vector("y")
    y.tag.note = "unpicklable", lambda: 0
    assert not vars(pickle.loads(pickle.dumps(tv.exp(y))).args[0].tag) or pickle.loads(pickle.dumps(y)) is y
    with pytest.raises(AttributeError):
        x.tag = 3


@pytest.mark.parametrize("name", ["tolist", "tobytes", "strides", "flags", "data", "view", "byteswap", "setflags", "ctypes", "base", "dump"])
def test_what_arrays_alone_have_says_what_to_use(name: str) -> None:
    x = tv.vector("x")
    assert not hasattr(x, name)
    with pytest.raises(AttributeError, match="hint:") as caught:
        getattr(x, name)
    assert isinstance(caught.value, tv.TensorvizError) and "test_numpys_names.py" in str(caught.value)


def test_unknown_attributes_are_pythons_own_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'colour'") as caught:
        tv.vector("x").colour
    assert not isinstance(caught.value, tv.TensorvizError) and caught.value.name == "colour"


METHODS: dict[str, Callable[[Any], Any]] = {
    "flat": lambda x: x.flat[7], "resize": lambda x: x.copy() if isinstance(x, np.ndarray) else x.resize(4, 5), "trace": lambda x: x.trace(1, dtype="float32"),
    "argsort": lambda x: x.argsort(0, kind="stable"), "flatten": lambda x: x.flatten(order="F"), "nbytes": lambda x: np.asarray(x.nbytes) if isinstance(
        x, np.ndarray) else x.nbytes, "to_device": lambda x: x.to_device("cpu"), "reshape": lambda x: x.reshape(5, 4, order="F", copy=True),
    "clip": lambda x: x.clip(min=0.0), "argmax": lambda x: x.argmax(axis=1, out=None, keepdims=True),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_take_numpys_keywords(name: str) -> None:
    same(lambda M, x: METHODS[name](x), REALS, rtol=1e-6)


def test_methods_that_change_arrays_give_new_tensors() -> None:
    x = tv.matrix("x")
    for shape in ((2, 3), (5, 7), 9, (0, 2)):
        meant = REALS.copy()
        meant.resize(shape, refcheck=False)
        for found in both([x], x.resize(shape), REALS):
            np.testing.assert_array_equal(found, meant)
    meant = REALS.copy()
    meant.put([1, -1], 9.0)
    np.testing.assert_array_equal(x.put([1, -1], 9.0).eval({x: REALS}), meant)
    assert x.itemsize == 8 and tv.ivector().itemsize == 4 and x.device == "cpu" and tv.tensor(dtype="bool", shape=(2,)).copy().dtype == bool


# -- Theano's and PyTensor's words -----------------------------------------------------------------------------------------
def test_promises_of_lengths_of_1_are_kept_or_raise() -> None:
    x = tv.matrix("x")
    made = T.Rebroadcast((0, True), (-1, False))(x)
    assert made.broadcastable == (True, False) and T.Rebroadcast()(x) is x and repr(T.Rebroadcast((0, True))) == "Rebroadcast((0, True))"
    assert T.Rebroadcast((1, False))(tv.matrix("y", shape=(2, 1))).type.shape == (2, 1)     # what is known stays known
    for mode in MODES:
        f = tv.function([x], made + 1.0, mode=mode)
        np.testing.assert_array_equal(f(np.ones((1, 3))), np.full((1, 3), 2.0))
        with pytest.raises(tv.ShapeError):
            f(np.ones((2, 3)))
    for wrong in (lambda: T.Rebroadcast((2, True))(x), lambda: T.Rebroadcast((0, True))(tv.matrix("y", shape=(2, 3))), lambda: T.Rebroadcast((True, 0))):
        with pytest.raises(tv.TensorvizError):
            wrong()


def test_theanos_questions_are_answered() -> None:
    x = tv.matrix("x")
    assert T.get_vector_length(x.shape) == 2 and T.get_vector_length([1, 2, 3]) == 3 and T.get_vector_length(tv.vector("v", shape=(4,))) == 4
    for wrong in (lambda: T.get_vector_length(x), lambda: T.get_vector_length(tv.vector("v")), lambda: T.make_vector(x)):
        with pytest.raises(tv.ShapeError):
            wrong()
    assert T.extract_constant(T.constant(2.0)) == 2.0 and T.extract_constant(x) is x and T.default(None, x) is x and T.default(0, x) == 0
    s = tv.scalar("s")
    np.testing.assert_array_equal(T.make_vector(s, 2, s).eval({s: 0.5}), [0.5, 2.0, 0.5])
    assert T.atleast_Nd(x, n=4).type.shape == (1, 1, None, None) and T.atleast_Nd(x, n=3, left=False).type.shape == (None, None, 1)
    assert T.atleast_Nd(x, n=1) is x and T.extract_diag is T.diagonal
    assert T.float_dtypes == ["float16", "float32", "float64"] and T.integer_dtypes == T.discrete_dtypes == T.int_dtypes + T.uint_dtypes
    assert len(T.all_dtypes) == 14 and T.continuous_dtypes == T.float_dtypes + T.complex_dtypes
    assert T.verify_grad is tv.verify_grad and T.numeric_grad is tv.numeric_grad
    T.verify_grad(lambda v: T.tanh(v), [np.array([0.5, -1.0])], rng=np.random.default_rng(0))
