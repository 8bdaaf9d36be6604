"""tv.function: what it takes, what it gives, what it leaves alone."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode


@pytest.fixture(params=["c", "numpy"])
def target(request):
    return request.param


# -- outputs -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("outputs", "kind", "count"), [("none", type(None), 0), ("one", np.ndarray, 1), ("list", list, 2),
                                                        ("tuple", list, 1), ("empty", list, 0)])
def test_outputs_come_in_the_form_they_were_asked_for(outputs, kind, count, target):
    x = tv.vector("x")
    asked = {"none": None, "one": x + 1.0, "list": [x + 1.0, x * 2.0], "tuple": (x + 1.0,), "empty": []}[outputs]
    result = tv.function([x], asked, target=target, on_unused_input="ignore")([1.0, 2.0])
    assert type(result) is kind
    if kind is list:
        assert len(result) == count
    if count:
        assert (result if kind is np.ndarray else result[0]).tolist() == [2.0, 3.0]


def test_constants_inputs_and_shared_values_can_be_outputs_and_are_never_the_same_memory(target):
    x, w = tv.vector("x"), tv.shared(np.ones(3), name="w")
    c = tv.constant(np.arange(3.0))
    y = tv.exp(x)
    f = tv.function([x], [x, x, w, c, y, y, y.reshape((3, 1)), x.T], target=target)
    a = np.zeros(3)
    first = f(a)
    for k, value in enumerate(first):
        assert value.flags.writeable and value.flags.c_contiguous
        assert not any(np.shares_memory(value, other) for other in (a, w.get_value(borrow=True), *first[:k]))
        value[...] = 77.0
    assert a.tolist() == [0.0] * 3 and w.get_value().tolist() == [1.0] * 3
    assert [v.ravel().tolist() for v in f(a)[2:5]] == [[1.0] * 3, [0.0, 1.0, 2.0], [1.0] * 3]


def test_results_without_axes_are_arrays(target):
    x = tv.scalar("x")
    result = tv.function([x], x + 1.0, target=target)(2.0)
    assert isinstance(result, np.ndarray) and result.shape == () and result == 3.0


def test_steps_that_have_no_code_share_no_memory_either():
    x, i = tv.vector("x"), tv.lvector("i")
    z = x.astype("complex128")                          # no C for complex numbers
    f = tv.function([x, i], [z, z, tv.real(z), x[i], tv.real(z) + x, tv.constant(1j)])
    assert f.target == "c"
    a = np.arange(3.0)
    found = f(a, [2, 1, 0])
    assert found[3].tolist() == [2.0, 1.0, 0.0] and found[4].tolist() == [0.0, 2.0, 4.0]
    for k, value in enumerate(found):
        assert value.flags.writeable and not any(np.shares_memory(value, other) for other in (a, *found[:k]))


# -- arguments -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", [[1, 2, 3], (1.0, 2.0, 3.0), np.array([1, 2, 3], "int8"), np.array([1, 2, 3], ">f8"),
                                   np.array([1, 2, 3], "float32"), np.array([3.0, 2.0, 1.0])[::-1], np.arange(1.0, 10.0)[:3],
                                   np.array([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]])[:, 0], range(1, 4)], ids=repr)
def test_arguments_convert_where_nothing_is_lost(value, target):
    x = tv.vector("x")
    assert tv.function([x], x * 2.0, target=target)(value).tolist() == [2.0, 4.0, 6.0]


def unaligned(a):
    raw = np.empty(a.nbytes + 1, "uint8")
    found = raw[1:].view(a.dtype).reshape(a.shape)
    found[...] = a
    return found


def frozen(a):
    a.flags.writeable = False
    return a


@pytest.mark.parametrize("turn", [np.asfortranarray, lambda a: a[::-1], lambda a: a[:, ::-1], lambda a: a.T, unaligned, frozen,
                                  lambda a: a.astype(">f8"), lambda a: np.broadcast_to(a[0], a.shape), lambda a: np.ma.array(a).data,
                                  lambda a: a.repeat(2, 1)[:, ::2]],
                         ids=["fortran", "up", "left", "turned", "unaligned", "frozen", "big", "broadcast", "base", "step"])
def test_any_layout_gives_the_same_and_stays_as_it_was(turn):
    x, y = tv.matrices("x y")
    f = tv.function([x, y], [tv.exp(x) + y, (x * y).sum(axis=0), x @ y.T, x.reshape((-1,)), x[1:]])
    a, b = turn(np.random.default_rng(0).normal(size=(4, 4))), np.arange(16.0).reshape(4, 4)
    before = a.copy()
    for found, meant in zip(f(a, b), [np.exp(a) + b, (a * b).sum(0), a @ b.T, a.ravel(), a[1:]], strict=True):
        assert np.allclose(found, meant, rtol=1e-14)
    assert np.array_equal(a, before)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_empty_arrays_are_as_numpy_has_them(shape, target):
    x = tv.matrix("x")
    f = tv.function([x], [tv.exp(x) + 1.0, x.sum(), x.sum(axis=0), x @ x.T, x.prod(axis=1), tv.concatenate([x, x])], target=target)
    a = np.ones(shape)
    meant = [np.exp(a) + 1, a.sum(), a.sum(0), a @ a.T, a.prod(1), np.concatenate([a, a])]
    assert all(np.array_equal(v, w) and v.shape == w.shape for v, w in zip(f(a), meant, strict=True))
    for reduce in (x.max(), tv.argmin(x, axis=None)):
        with pytest.raises(ValueError, match="length is 0"):
            tv.function([x], reduce, target=target)(a)


def test_numbers_stand_for_scalars():
    x, n = tv.fscalar("x"), tv.lscalar("n")
    f = tv.function([x, n], x * n)
    for a in (2, 2.0, np.float32(2), np.float16(2), np.array(2.0, "f4"), True + 1):
        assert f(a, 3) == 6.0 and f(np.float32(2), np.int8(3)) == 6.0
    assert f(2.0, True) == 2.0


@pytest.mark.parametrize(("dtype", "value"), [("float32", np.ones(2)), ("float64", np.ones(2, complex)), ("int64", np.ones(2)),
                                              ("int8", np.array([1, 2])), ("bool", np.array([1, 0])), ("float64", ["a", "b"]),
                                              ("float64", None), ("float64", [None, 1]), ("int64", [1.5, 2]), ("uint8", [-1, 2]),
                                              ("float64", np.array([object(), 1])), ("float64", [[1], [1, 2]])])
def test_values_that_would_lose_something_are_refused(dtype, value, target):
    x = tv.vector("x", dtype=dtype)
    with pytest.raises(tv.DtypeError, match=f"x.*(is {dtype}|cannot make an array)"):
        tv.function([x], tv.where(x == x, x, x), target=target)(value)


def test_inputs_can_be_given_by_name():
    x, y = tv.vectors("x y")
    f = tv.function([x, y], x - y)
    assert f([3.0], y=[1.0]) == f(y=[1.0], x=[3.0]) == f([3.0], [1.0]) == 2.0


def test_unused_inputs_are_said_or_let_be():
    x, y = tv.vectors("x y")
    with pytest.raises(tv.ArgumentError, match="don't depend on input y"):
        tv.function([x, y], x * 2)
    with pytest.warns(UserWarning, match="don't depend on input y"):
        tv.function([x, y], x * 2, on_unused_input="warn")
    assert tv.function([x, y], x * 2, on_unused_input="ignore")([1.0], None if False else [5.0]) == 2.0


# -- updates -------------------------------------------------------------------------------------------------------
def test_updates_are_put_in_together_after_the_outputs_are_computed(target):
    a, b = tv.shared(1.0, name="a"), tv.shared(10.0, name="b")
    f = tv.function([], [a, b, a + b], updates=[(a, b), (b, a + b)], target=target)
    assert [float(v) for v in f()] == [1.0, 10.0, 11.0]
    assert (a.get_value(), b.get_value()) == (10.0, 11.0)
    assert [float(v) for v in f()] == [10.0, 11.0, 21.0]
    assert (a.get_value(), b.get_value()) == (11.0, 21.0)


def test_update_values_may_be_numbers_arrays_and_shared_variables():
    a, b = tv.shared(np.zeros(2, "float32"), name="a"), tv.shared(np.int8(1), name="b")
    tv.function([], None, updates={a: [1, 2], b: 7})()
    assert a.get_value().tolist() == [1.0, 2.0] and b.get_value() == 7 and b.get_value().dtype == "int8"
    c = tv.shared(np.ones(2, "float32"))
    tv.function([], None, updates={a: c})()
    a.set_value([5.0, 5.0])
    assert c.get_value().tolist() == [1.0, 1.0]


def test_updates_keep_dtype_and_known_lengths_and_free_lengths_may_change(target):
    w = tv.shared(np.ones((2, 3)), name="w", shape=(None, 3))
    grow = tv.function([], w.sum(), updates={w: tv.concatenate([w, w])}, target=target)
    assert [float(grow()) for _ in range(3)] == [6.0, 12.0, 24.0] and w.get_value().shape == (16, 3)


@pytest.mark.parametrize("fail", ["shape", "dtype", "length of the update", "count", "bounds"])
def test_nothing_changes_when_a_call_fails(fail, target):
    x, i = tv.vector("x"), tv.lscalar("i")
    w, n = tv.shared(np.ones(3), name="w"), tv.shared(0, name="n")
    new = {"length of the update": x * 2.0}.get(fail, w + x)
    f = tv.function([x, i], x[i] + w.sum(), updates={n: n + 1, w: new}, target=target)
    bad = {"shape": (np.ones(4), 0), "dtype": (np.ones(3, complex), 0), "length of the update": (np.ones(4), 0), "count": (np.ones(3),),
           "bounds": (np.ones(3), 3)}[fail]
    held = w.get_value(borrow=True)
    with pytest.raises(tv.TensorvizError):
        f(*bad)
    assert n.get_value() == 0 and w.get_value().tolist() == [1.0] * 3 and np.shares_memory(held, w.get_value(borrow=True))
    assert f(np.ones(3), 0) == 4.0 and n.get_value() == 1


def test_spare_buffers_are_used_again_but_never_while_somebody_holds_them():
    w = tv.shared(np.zeros(1000), name="w")
    step = tv.function([], w * 1.0, updates={w: w + 1.0})
    held, places = [], set()
    for k in range(6):
        held.append((k, w.get_value(borrow=True), step()))
    assert all(value[0] == value[-1] == k and out[0] == k for k, value, out in held)
    del held
    for _ in range(6):
        step()
        places.add(w.get_value(borrow=True).ctypes.data)
    assert len(places) <= 3
    mine = np.zeros(1000)
    w.set_value(mine, borrow=True)
    step()
    step()
    step()
    assert mine.tolist() == [0.0] * 1000


def test_shared_values_are_read_when_the_function_is_called():
    w = tv.shared(1.0, name="w")
    f = tv.function([], w * 2)
    assert f() == 2.0
    w.set_value(5.0)
    assert f() == 10.0


# -- givens, names, modes --------------------------------------------------------------------------------------------
def test_givens_replace_variables_inner_nodes_and_shared_values():
    x, y = tv.vectors("x y")
    w = tv.shared(np.ones(2, "float32"), name="w")
    assert tv.function([y], tv.exp(x), givens={x: y * 0.0})([1.0]) == 1.0
    assert tv.function([x], tv.exp(x) + 1.0, givens=[(tv.exp(x), x)])([1.0]) == 2.0
    assert tv.function([], w * 2, givens={w: [3, 4]})().tolist() == [6.0, 8.0]
    data = tv.shared(np.arange(6.0), name="data")
    i = tv.lscalar("i")
    assert tv.function([i], x.sum(), givens={x: data[i:i + 2]})(1) == 3.0


def test_name_is_the_users_or_that_of_the_output():
    x = tv.vector("x")
    y = x + 1.0
    y.name = "total"
    assert tv.function([x], y).signature == "total(x)" and tv.function([x], y, name="f").name == "f"
    assert repr(tv.function([x], y, name="f", target="numpy")) == "<function f(x) on numpy>"


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE", "DEBUG", "NAN_GUARD", Mode(fast_math=True)], ids=str)
def test_modes_give_the_same(mode):
    x, w = tv.vector("x"), tv.shared(1.0, name="w")
    f = tv.function([x], [tv.log(1.0 + tv.exp(x)), tv.softmax(x), tv.grad((x * w).sum(), x)], updates={w: w + 1.0}, mode=mode)
    a = np.array([0.5, -2.0, 1.0])
    for k in (1.0, 2.0):
        found = f(a)
        assert np.allclose(found[0], np.log1p(np.exp(a))) and np.allclose(found[1], np.exp(a) / np.exp(a).sum()) and found[2].tolist() == [k] * 3
    assert f.target == ("numpy" if mode == "FAST_COMPILE" else "c")


def test_debug_names_the_node_whose_code_is_wrong_and_keeps_shared_values(monkeypatch):
    from tensorviz.compile import language

    x, n = tv.vector("x"), tv.shared(0, name="n")
    monkeypatch.setitem(language.OPS, "arctan", {"f": "acos{f}({0})"})
    f = tv.function([x], tv.exp(tv.arctan(x) * 2.0), updates={n: n + 1}, mode="DEBUG")
    with pytest.raises(tv.CheckError, match=r"compiled value of arctan\(x\)") as found:
        f([0.5, 0.1])
    assert "test_function.py" in str(found.value) and "NumPy gives" in str(found.value) and n.get_value() == 0


def test_debug_names_the_rule_that_is_wrong(monkeypatch):
    from dataclasses import replace

    from tensorviz.rewrite import passes, pattern
    from tensorviz.rewrite.rule import rule

    @rule("stabilise")
    def wrong(x):
        """A rule that does not hold."""
        return pattern.sqrt(x), pattern.log1p(x)

    first = replace(passes.PIPELINE[0], rules=(wrong, *passes.PIPELINE[0].rules))
    monkeypatch.setattr(passes.run_pipeline, "__defaults__", ((first, *passes.PIPELINE[1:]), *passes.run_pipeline.__defaults__[1:]))
    x = tv.vector("x")
    with pytest.raises(tv.CheckError, match=r"rule wrong changed the value of sqrt\(x\)"):
        tv.function([x], tv.sqrt(x) + 1.0, mode="DEBUG")([3.0])


EMPTY = {       # what takes out a maximum when it is rewritten, on arrays that have none
    "log-sum-exp": (lambda x: tv.log(tv.sum(tv.exp(x))), (0,)),
    "log-sum-exp of rows": (lambda x: tv.log(tv.sum(tv.exp(x), axis=1)), (3, 0)),
    "softmax": (lambda x: tv.exp(x) / tv.exp(x).sum(1, keepdims=True), (3, 0)),
    "log-softmax": (lambda x: tv.log(tv.exp(x) / tv.exp(x).sum(1, keepdims=True)), (2, 0)),
    "gradient": (lambda x: tv.grad(tv.sum(tv.log(tv.sum(tv.exp(x), axis=1))), x), (3, 0)),
    "the rest of a vector": (lambda x: tv.log(tv.sum(tv.exp(x[5:]))), (3,)),
    "what is positive": (lambda x: tv.log(tv.sum(tv.exp(x[x > 10.0]))), (3,)),
    "beside other results": (lambda x: [tv.tanh(x), tv.log(tv.sum(tv.exp(x))), tv.sum(x)], (0,)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_debug_takes_empty_arrays_as_other_modes_do(name):
    build, shape = EMPTY[name]
    x = tv.tensor("x", dtype="float64", shape=(None,) * len(shape))
    made = build(x)
    many = made if isinstance(made, list) else [made]
    value = np.linspace(-1.0, 1.0, 6)[: int(np.prod(shape))].reshape(shape)
    meant = tv.evaluate(many, {x: value})
    for mode in ("DEBUG", "FAST_RUN"):
        for a, b in zip(tv.function([x], many, mode=mode)(value), meant, strict=True):
            assert a.shape == b.shape and np.allclose(a, b)


@pytest.mark.parametrize("build", [lambda x: tv.log(x) + 1.0, lambda x: (1.0 / x).sum(), lambda x: tv.exp(x * 1000.0)])
def test_nan_guard_names_the_first_node_that_is_not_finite(build):
    x, n = tv.vector("x"), tv.shared(0, name="n")
    f = tv.function([x], build(x), updates={n: n + 1}, mode="NAN_GUARD")
    with pytest.raises(tv.CheckError, match="is the first that is not finite") as found:
        f([0.0, 1.0])
    assert "test_function.py" in str(found.value) and n.get_value() == 0
    with pytest.raises(tv.CheckError, match="x is the first"):
        f([np.nan, 1.0])


def test_unknown_modes_and_targets_are_named():
    x = tv.vector("x")
    for wrong in ({"mode": "FAST"}, {"mode": 3}, {"target": "fpga"}, {"on_unused_input": "shout"}):
        with pytest.raises(tv.ArgumentError, match=str(next(iter(wrong.values())))):
            tv.function([x], x * 2, **wrong)


# -- broadcasting that shows at run time -------------------------------------------------------------------------------
def test_lengths_that_turn_out_to_be_one_broadcast(target):
    x, y = tv.matrices("x y")
    z = tv.vector("z")
    cost = (tv.tanh(x + y) * z).sum()
    f = tv.function([x, y, z], [x + y, cost, *tv.grad(cost, [x, y, z])], target=target)
    rng = np.random.default_rng(1)
    shapes = [((3, 4), (3, 4), (4,)), ((1, 4), (3, 4), (4,)), ((3, 4), (3, 1), (4,)), ((1, 1), (3, 4), (4,)), ((3, 1), (1, 4), (1,)),
              ((1, 1), (1, 1), (4,)), ((3, 4), (3, 4), (1,)), ((0, 4), (1, 4), (4,))]
    for sx, sy, sz in shapes * 2:                       # alternating: every version is found again
        a, b, c = rng.normal(size=sx), rng.normal(size=sy), rng.normal(size=sz)
        total, value, gx, gy, gz = f(a, b, c)
        assert np.array_equal(total, a + b) and np.allclose(value, (np.tanh(a + b) * c).sum())
        assert (gx.shape, gy.shape, gz.shape) == (sx, sy, sz)
        inner = (1 - np.tanh(a + b) ** 2) * c

        def back(g, shape):
            g = g.sum(axis=tuple(range(g.ndim - len(shape))))
            return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)

        for found, meant in ((gx, back(inner, sx)), (gy, back(inner, sy)), (gz, back(np.tanh(a + b) + 0 * inner, sz))):
            assert np.allclose(found, meant), (sx, sy, sz)


@pytest.mark.parametrize("build", [lambda x, y: x + y, lambda x, y: tv.concatenate([x, y]), lambda x, y: x.reshape(y.shape), lambda x, y: x @ y,
                                   lambda x, y: tv.where(x > 0, x, y), lambda x, y: tv.stack([x, y]), lambda x, y: tv.grad((x * y).sum(), x)])
def test_lengths_that_do_not_fit_are_refused_at_run_time(build):
    x, y = tv.matrices("x y")
    f = tv.function([x, y], build(x, y))
    with pytest.raises(tv.ShapeError):
        f(np.ones((3, 4)), np.ones((3, 5)))


@pytest.mark.parametrize("shape", [(3, -1), (2, 2), (5,)])
def test_reshapes_that_do_not_fit_are_refused_at_run_time(shape):
    x = tv.vector("x")
    with pytest.raises(tv.ShapeError, match="reshape"):
        tv.function([x], x.reshape(shape) * 2.0)(np.ones(7))


# -- copies and pickles ----------------------------------------------------------------------------------------------
def test_functions_are_their_own_copies_and_copy_can_swap_shared_values():
    n, m = tv.shared(0, name="n"), tv.shared(10, name="m")
    f = tv.function([], n * 2, updates={n: n + 1}, name="count")
    assert copy.copy(f) is f and copy.deepcopy(f) is f
    g = f.copy(swap={n: m}, name="other")
    assert (g(), g(), f()) == (20, 22, 0) and (n.get_value(), m.get_value()) == (1, 12) and g.name == "other"
    with pytest.raises(tv.UpdateError):
        f.copy(swap={n: tv.shared(1.0)})


def test_a_pickled_function_runs_in_another_process_with_its_shared_values():
    x, w = tv.vector("x"), tv.shared(np.arange(3.0), name="w")
    f = tv.function([x], [x + w, w.sum()], updates={w: w * 2.0}, name="step", mode=Mode(fast_math=True))
    f([1.0, 1.0, 1.0])
    code = ("import pickle, sys; f = pickle.load(sys.stdin.buffer); print(f, f.mode.fast_math, [v.tolist() for v in f(x=[1.0, 1.0, 1.0])], "
            "f.updates[0][0].get_value().tolist())")
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(f), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "<function step(x) on c> True [[1.0, 3.0, 5.0], 6.0] [0.0, 4.0, 8.0]"
    here = pickle.loads(pickle.dumps(f))
    here([0.0] * 3)
    assert here.updates[0][0].get_value().tolist() == [0.0, 4.0, 8.0]
    assert w.get_value().tolist() == [0.0, 2.0, 4.0]    # the variable that was pickled keeps its value


def test_outputs_that_are_views_of_intermediate_results_keep_their_memory():
    x = tv.vector("x")
    roots = [tv.expand_dims((tv.exp(x) * k).sum(keepdims=True) + k, 0) for k in (1.0, 2.0, 3.0)]
    later = [(tv.exp(r).sum() + x).sum(keepdims=True) * 2.0 for r in roots]
    found = tv.function([x], [*[r[0] for r in roots], *[r.T for r in roots], *later])([0.0, 1.0])
    total = 1.0 + np.e
    assert np.allclose([v.ravel() for v in found[:6]], np.array([[k * total + k] for k in (1.0, 2.0, 3.0)] * 2))


@pytest.mark.parametrize("name", ["softplus", "sigmoid", "exp", "negative", "tanh", "make_y", "sum"])
def test_a_function_may_be_named_as_the_op_or_the_kernel_in_it(name):
    x = tv.dvector("x")
    op = getattr(tv.tensor, name, tv.exp)
    f = tv.function([x], op(x), name=name)
    np.testing.assert_allclose(f([0.5, 1.0]), op(x).eval({x: [0.5, 1.0]}))
