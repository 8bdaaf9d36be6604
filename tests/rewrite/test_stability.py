"""What the pipeline makes of real graphs: right where NumPy overflows, gradients too; and the digits network."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.evaluate import evaluate
from tensorviz.core.graph import inputs_of, topological
from tensorviz.core.op import BUILDERS
from tensorviz.rewrite.passes import RULES, run_pipeline
from tensorviz.rewrite.rule import Rule

B = BUILDERS
LOGITS = np.array([[1000.0, 0.0, -1000.0], [-800.0, -801.0, -1e4], [0.5, 0.25, 0.0], [30.0, 30.0, 30.0]])
TARGETS = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.0, 1.0]])
PICKED = np.array([1, 0, 2, 2])


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_softmax(z):
    away = z - z.max(1, keepdims=True)
    return away - np.log(np.exp(away).sum(1, keepdims=True))


def ops_of(roots):
    return [e.op.name for e in topological(roots)]


z, y, t = tv.matrix("z"), tv.matrix("y"), tv.vector("t", dtype="int64")


def naive():
    e = tv.exp(z)
    return e / tv.sum(e, axis=1, keepdims=True)


def costs():
    p, q = naive(), B["softmax"](z, axis=1)
    rows = B["arange"](t.shape[0])
    return {
        "naive": -tv.sum(y * tv.log(p)),
        "softmax": -tv.sum(y * tv.log(q)),
        "sum of rows": -tv.sum(tv.sum(y * tv.log(q), axis=1)),
        "log_softmax": -tv.sum(y * B["log_softmax"](z, axis=1)),
        "plus a term": -tv.sum(y * tv.log(q)) + 0.0 * tv.sum(q * q),
    }, {"log, then picked": -tv.sum(tv.log(q)[rows, t]), "picked, then log": -tv.sum(tv.log(q[rows, t]))}


@pytest.mark.parametrize("form", ["naive", "softmax", "sum of rows", "log_softmax", "plus a term"])
def test_cross_entropy_and_its_gradient_survive_any_logits(form):
    cost = costs()[0][form]
    end = run_pipeline([cost, tv.grad(cost, z)]).end
    value, gradient = evaluate(end, {z: LOGITS, y: TARGETS})
    np.testing.assert_allclose(value, -(TARGETS * log_softmax(LOGITS)).sum(), rtol=1e-12)
    np.testing.assert_allclose(gradient, softmax(LOGITS) * TARGETS.sum(1, keepdims=True) - TARGETS, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("form", ["log, then picked", "picked, then log"])
def test_cross_entropy_of_picked_probabilities_survives_any_logits(form):
    cost = costs()[1][form]
    end = run_pipeline([cost, tv.grad(cost, z)]).end
    value, gradient = evaluate(end, {z: LOGITS, t: PICKED})
    np.testing.assert_allclose(value, -log_softmax(LOGITS)[np.arange(4), PICKED].sum(), rtol=1e-12)
    np.testing.assert_allclose(gradient, softmax(LOGITS) - np.eye(3)[PICKED], rtol=1e-12, atol=1e-15)


def test_gradient_of_cross_entropy_is_p_minus_y_for_labels_of_another_length_too():
    scores, labels = tv.matrix("scores", shape=(None, 3), dtype="float32"), tv.vector("labels", dtype="int64")
    target = B["cast"](tv.equal(labels[:, None], tv.arange(3)), "float32")
    loss = -tv.mean(tv.sum(target * tv.log(tv.softmax(scores, axis=1)), axis=1))
    f = tv.function([scores, labels], [loss, tv.grad(loss, scores)])
    assert {"softmax_gradient", "cross_entropy_gradient"} <= {event.rule for event in f.trace.events}
    at = (LOGITS[:2]).astype("float32")
    loss, slope = f(at, np.array([1, 1]))                               # p underflows to 0: p - y is fine, y / p is not
    hot = np.eye(3)[[1, 1]]
    np.testing.assert_allclose(slope, (softmax(at.astype("f8")) - hot) / 2, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(loss, -(hot * log_softmax(at.astype("f8"))).sum(1).mean(), rtol=1e-6)


def test_gradient_of_cross_entropy_has_no_quotient_but_the_softmax():
    cost = costs()[0]["softmax"]
    before, after = tv.grad(cost, z), run_pipeline([cost, tv.grad(cost, z)]).end[1]
    assert ops_of([before]).count("true_divide") >= 4 and ops_of([after]).count("true_divide") == 1


def test_numpy_meaning_of_the_same_graph_is_nan():
    cost = costs()[0]["naive"]
    value, gradient = evaluate([cost, tv.grad(cost, z)], {z: LOGITS, y: TARGETS})
    assert np.isnan(value) and np.isnan(gradient).any()


def test_logistic_loss_and_its_gradient_survive_any_margin():
    x, label = tv.vector("x"), tv.vector("label")
    p = 1.0 / (1.0 + tv.exp(-x))
    cost = tv.sum(-label * tv.log(p) - (1.0 - label) * tv.log(1.0 - p))
    margins, labels = np.array([-800.0, 800.0, 40.0, -40.0, 0.1]), np.array([1.0, 0.0, 1.0, 0.25, 0.5])
    end = run_pipeline([cost, tv.grad(cost, x)]).end
    value, gradient = evaluate(end, {x: margins, label: labels})
    big = np.maximum(margins, 0) - margins * labels + np.log1p(np.exp(-np.abs(margins)))
    np.testing.assert_allclose(value, big.sum(), rtol=1e-12)
    e = np.exp(-np.abs(margins))
    positive, negative = np.where(margins < 0, e, 1) / (1 + e), np.where(margins > 0, e, 1) / (1 + e)
    np.testing.assert_allclose(gradient, (1 - labels) * positive - labels * negative, rtol=1e-12)
    assert np.isnan(evaluate([tv.grad(cost, x)], {x: margins, label: labels})[0]).any()


@pytest.mark.parametrize("cost, value, gradient", [
    (lambda x: tv.sum(tv.log(1.0 + tv.exp(x))), lambda x: np.logaddexp(0, x).sum(), lambda x: 1 / (1 + np.exp(-x))),
    (lambda x: tv.log(tv.sum(tv.exp(x))), lambda x: np.logaddexp.reduce(x), lambda x: softmax(x[None])[0]),
    (lambda x: tv.sum(1.0 / (1.0 + tv.exp(-x))), lambda x: (1 / (1 + np.exp(-x))).sum(),
     lambda x: np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2),
], ids=["softplus", "log-sum-exp", "sigmoid"])
def test_function_and_gradient_survive_large_numbers(cost, value, gradient):
    x = tv.vector("x")
    cost = cost(x)
    numbers = np.array([800.0, -700.0, 3.0, -0.5])
    with np.errstate(over="ignore"):
        wanted = value(numbers), gradient(numbers)
    found = evaluate(run_pipeline([cost, tv.grad(cost, x)]).end, {x: numbers})
    for a, b in zip(found, wanted):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-300)

# -- sigmoids in every spelling ----------------------------------------------------------------------------------------
FAR = np.array([-1000.0, -720.0, -200.0, -40.0, -1.5, 0.0, 0.3, 40.0, 200.0, 720.0, 1000.0])
E, L, R = B["exp"], B["log"], B["reciprocal"]


def positive(v):
    """The sigmoid."""
    e = np.exp(-np.abs(v))
    return np.where(v < 0, e, 1) / (1 + e)


def bend(v):
    """Softplus."""
    return np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v)))


def bell(v):
    """The slope of the sigmoid."""
    return positive(v) * positive(-v)


SIGMOIDS = {
    "op": lambda x: B["sigmoid"](x), "one over": lambda x: 1 / (1 + E(-x)), "reciprocal": lambda x: R(1 + E(-x)),
    "power": lambda x: (1 + E(-x)) ** -1, "quotient": lambda x: E(x) / (1 + E(x)),
}


def spellings():
    """Name -> (expression of x, its value, first and second derivative)."""
    found = {}
    for name, s in SIGMOIDS.items():
        found[name] = s, positive, bell, lambda v: bell(v) * (positive(-v) - positive(v))
        found[f"log of {name}"] = lambda x, s=s: L(s(x)), lambda v: -bend(-v), lambda v: positive(-v), lambda v: -bell(v)
        found[f"log of 1 - {name}"] = lambda x, s=s: L(1 - s(x)), lambda v: -bend(v), lambda v: -positive(v), lambda v: -bell(v)
        found[f"log1p of -{name}"] = lambda x, s=s: B["log1p"](-s(x)), lambda v: -bend(v), lambda v: -positive(v), lambda v: -bell(v)
        found[f"cross-entropy of {name}"] = (
            lambda x, s=s: -0.3 * L(s(x)) - 0.7 * L(1 - s(x)), lambda v: 0.3 * bend(-v) + 0.7 * bend(v),
            lambda v: 0.7 * positive(v) - 0.3 * positive(-v), bell)
    for name, form in (("log", lambda x: L(1 + E(x))), ("log1p", lambda x: B["log1p"](E(x)))):
        found[f"softplus by {name}"] = form, bend, positive, bell
    return found


SPELLINGS = spellings()
OPEN = {"log of 1 - quotient", "log1p of -quotient", "cross-entropy of quotient"}     # second derivatives that may be NaN far out


@pytest.mark.parametrize("name", SPELLINGS)
def test_sigmoids_and_their_derivatives_survive_any_argument_in_any_spelling(name):
    form, *meant = SPELLINGS[name]
    x = tv.dvector("x")
    e = form(x)
    slope = tv.grad(e.sum(), x)
    rows = [e, slope] if name in OPEN else [e, slope, tv.grad(slope.sum(), x)]
    for found, value in zip(tv.function([x], rows)(FAR), meant):
        np.testing.assert_allclose(found, value(FAR), rtol=1e-9, atol=1e-14)


def test_logistic_regression_in_float32_survives_in_both_spellings():
    rng = np.random.default_rng(4)
    x, y, w, b = tv.fmatrix("x"), tv.fvector("y"), tv.fvector("w"), tv.fscalar("b")
    values = [rng.normal(size=(40, 78)).astype("f4") * 100, (rng.random(40) < 0.5).astype("f4"), rng.normal(size=78).astype("f4"), np.float32(0.1)]
    margins = values[0].astype("f8") @ values[2] + values[3]
    error = positive(margins) - values[1]
    for p in (B["sigmoid"](x @ w + b), 1 / (1 + E(-(x @ w) - b))):
        cost = (-y * L(p) - (1 - y) * L(1 - p)).mean() + 0.01 * (w**2).sum()
        found = tv.function([x, y, w, b], [cost, *tv.grad(cost, [w, b])])(*values)
        np.testing.assert_allclose(found[0], (bend(margins) - values[1] * margins).mean() + 0.01 * (values[2] ** 2).sum(), rtol=1e-4)
        np.testing.assert_allclose(found[1], values[0].T @ error / 40 + 0.02 * values[2], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("form", ["softmax", "logsumexp"])
def test_nan_and_inf_give_numpys_result(form, bad):
    x = tv.matrix("x")
    e = tv.exp(x)
    out = e / tv.sum(e, axis=1, keepdims=True) if form == "softmax" else tv.log(tv.sum(e, axis=1))
    numbers = np.array([[1.0, bad, 2.0], [0.5, 0.5, 0.5]])
    (after,) = run_pipeline([out]).end
    assert after is not out
    np.testing.assert_allclose(after.eval({x: numbers}), out.eval({x: numbers}), rtol=1e-14)


# -- the digits network ------------------------------------------------------------------------------------------------
def network():
    f4 = "float32"
    x, labels = tv.matrix("x", dtype=f4), tv.matrix("labels", dtype=f4)
    rng = np.random.default_rng(0)
    shapes = {"W1": (64, 256), "b1": (256,), "W2": (256, 10), "b2": (10,)}
    params = {n: tv.shared((0.1 * rng.standard_normal(s)).astype(f4), n) for n, s in shapes.items()}
    params = {n: getattr(p, "_as_tensorviz_expr", lambda p=p: p)() for n, p in params.items()}
    hidden = tv.maximum(x @ params["W1"] + params["b1"], 0.0)
    p = B["softmax"](hidden @ params["W2"] + params["b2"], axis=1)
    cost = -tv.mean(tv.sum(labels * tv.log(p), axis=1))
    outputs = [cost]
    for n, g in zip(params, tv.grad(cost, list(params.values()))):
        speed = B["zeros_like"](params[n]) if n[0] == "b" else tv.matrix(f"v{n}", dtype=f4, shape=shapes[n])
        step = 0.9 * speed - 0.1 * g
        outputs += [step, params[n] + step]
    return outputs, x, labels


def test_digits_network_becomes_what_it_should():
    outputs, x, labels = network()
    result = run_pipeline(outputs)
    rules = {name for h in result.histories for name in h.hits}
    assert {"log_of_softmax", "softmax_gradient", "cross_entropy_gradient", "gemm_scaled_difference"} <= rules
    assert ops_of(result.end).count("gemm") == 2 and "zero_grad" not in ops_of(result.end)
    assert len(topological(result.end)) < len(topological(outputs))
    rng = np.random.default_rng(1)
    env = {x: rng.standard_normal((32, 64)).astype("f4"), labels: np.eye(10, dtype="f4")[rng.integers(0, 10, 32)]}
    env |= {e: rng.standard_normal(e.type.shape).astype("f4") for e in topological(outputs) if (e.name or "").startswith("v")}
    for a, b in zip(evaluate(outputs, env), evaluate(result.end, env)):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)


# -- infinite inputs ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("r", [r for r in RULES if isinstance(r, Rule) and r.repairs], ids=lambda r: r.name)
def test_rules_that_repair_give_the_limit_and_say_so(r):
    left, right = r.sides
    some = np.array([[0.3, -1.2, 0.7], [1.5, 0.4, -0.9]])
    env = {v: some if v.ndim == 2 else some[0] for v in inputs_of([left, right])}
    finite_for_nan = 0
    for v in env:
        if v.name not in r.repairs:
            continue
        for sign in (1.0, -1.0):
            far, out = env[v].copy(), env[v].copy()
            far.flat[0], out.flat[0] = sign * 1e6, sign * np.inf
            limit, found = (tv.evaluate([right], {**env, v: value})[0] for value in (far, out))
            meant = tv.evaluate([left], {**env, v: out})[0]
            grows = (v.name == "g") & np.isinf(found) & (np.sign(found) == np.sign(limit))      # a factor of the result: as infinite
            assert np.array_equal(found, limit) or np.isnan(found[~np.isclose(found, limit) & ~grows]).all()
            finite_for_nan += int((np.isnan(meant) & np.isfinite(found)).sum())
    assert finite_for_nan and r.why.startswith(r.doc) and "NaN" in r.why and r.repairs[0] in r.why


def test_a_sigmoid_of_infinity_is_its_limit_and_the_stepper_says_why():
    x = tv.dvector("x")
    e = tv.exp(x) / (1 + tv.exp(x))
    f = tv.function([x], e)
    values = [np.inf, -np.inf, np.nan, 1000.0]
    assert np.array_equal(f(values), [1.0, 0.0, np.nan, 1.0], equal_nan=True)
    assert np.isnan(tv.function([x], e, mode="FAST_COMPILE")(values)[[0, 2, 3]]).all()
    event = next(v for v in f.trace.events if v.rule == "sigmoid_from_quotient")
    assert event.why.endswith("Where x is infinite this may be the limit, a finite number where NumPy has NaN.")
    exact = tv.function([x], e, mode=tv.Mode().without("sigmoid_from_quotient", "divided_by_one_plus_exp"))
    assert np.isnan(exact(values)[0])


def test_shape_errors_are_kept():
    from tensorviz.core.errors import ShapeError

    outputs, x, labels = network()
    env = {x: np.zeros((4, 63), "f4"), labels: np.zeros((4, 10), "f4")}
    env |= {e: np.zeros(e.type.shape, "f4") for e in topological(outputs) if (e.name or "").startswith("v")}
    with pytest.raises(ShapeError):
        evaluate(run_pipeline(outputs).end, env)


def test_integer_graphs_are_bitwise_the_same():
    rng = np.random.default_rng(11)
    for _ in range(30):
        nodes = [tv.vector("a", dtype="int64"), tv.vector("b", dtype="int64"), tv.matrix("c", dtype="int64")]
        leaves = list(nodes)
        for _ in range(25):
            a, b = (nodes[rng.integers(len(nodes))] for _ in range(2))
            k = int(rng.integers(-3, 4))
            nodes.append([a + b, a * b, a - b, -a, a + k, a * k, a - a, tv.maximum(a, b), abs(a), tv.where(a > b, a, k),
                          a.T.T * 1, a.sum(axis=0, keepdims=True)][rng.integers(12)])
        env = {v: rng.integers(-5, 6, (3,) * v.ndim) for v in leaves}
        for a, b in zip(evaluate(nodes, env), evaluate(run_pipeline(nodes).end, env)):
            np.testing.assert_array_equal(a, b)


def test_hessian_vector_products_of_sums_of_exponentials_survive():
    x, w = tv.dvector("x"), tv.dvector("w")
    at, way = np.array([-1000.0, -40.0, 0.0, 2.0, 1.0, 1000.0]), np.array([1.0, 2, 3, 4, 5, 6])
    e = E(x)
    product = tv.function([x, w], tv.grad((tv.grad(L(e.sum()), x) * w).sum(), x))
    for far in (1.0, 1e-3, 0.0):
        p = softmax(far * at[None])[0]
        np.testing.assert_allclose(product(far * at, way), p * way - p * (p * way).sum(), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("spread", [lambda s: s[:, None], lambda s: s.dimshuffle(0, "x"), lambda s: s.reshape((-1, 1))],
                         ids=["None", "dimshuffle", "reshape"])
def test_softmax_is_seen_however_its_sum_is_spread(spread):
    e = E(z)
    p = e / spread(e.sum(axis=1))
    own = E(z - spread(z.max(axis=1)))
    for q in (p, own / spread(own.sum(axis=1))):
        cost = -(y * L(q)).sum()
        probabilities, value, slope = tv.function([z, y], [q, cost, tv.grad(cost, z)])(LOGITS, TARGETS)
        np.testing.assert_allclose(probabilities, softmax(LOGITS), rtol=1e-13)
        np.testing.assert_allclose(value, -(TARGETS * log_softmax(LOGITS)).sum(), rtol=1e-12)
        np.testing.assert_allclose(slope, softmax(LOGITS) * TARGETS.sum(1, keepdims=True) - TARGETS, rtol=1e-12, atol=1e-15)
