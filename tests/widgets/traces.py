"""Traces for the tests of the screens: those of tests/render/samples.py with formulas and checks, long ones, hostile ones."""

from __future__ import annotations

from functools import cache

import numpy as np

import tensorviz as tv
from tensorviz.render.trace import Binding, Condition, NearMiss, Origin, Trace
from tests.render.samples import Sketch, logistic, network, rows

__all__ = ["EVIL", "chain", "deep", "hostile", "network", "rows", "step", "training", "wordy"]

FAMILIES = ["mul", "add", "exp", "maximum", "tanh"]
EVIL = "<script>alert(1)</script>"
LOG_SOFTMAX = ("<mrow><mi class='bound'>z</mi><mo>−</mo><mi>log</mi><munder><mo>∑</mo><mi>j</mi></munder>"
               "<msup><mi>e</mi><msub><mi class='bound'>z</mi><mi>j</mi></msub></msup></mrow>")
FILLED = ("<math><mrow><mi>log</mi><mo>(</mo><mi>softmax</mi><mo>(</mo><mi class='bound'>z</mi><mo>)</mo><mo>)</mo>"
          f"<mo class='arrow'>→</mo>{LOG_SOFTMAX}</mrow></math>")


def step() -> Trace:
    """The training step of logistic regression, its third rewrite with a formula, checks and near misses."""
    trace = logistic()
    event = trace.events[2]
    event.formula_mathml = event.filled_mathml = FILLED
    event.checks = [{"drawn": "normal × 1", "difference": 4.8e-7, "bad_before": 0, "bad_after": 0},
                    {"drawn": "normal × 10", "difference": 3.8e-6, "bad_before": 0, "bad_after": 0},
                    {"drawn": "normal × 100", "difference": 0.51, "bad_before": 3312, "bad_after": 0}]
    event.near_misses.append(NearMiss("reuse_exp", event.root, "Needs one reader of softmax; it has 3."))
    event.conditions.append(Condition("z is finite", False, "not known"))
    made = next(node for node in trace.records if node.op == "log_softmax")
    made.mathml = f"<math>{LOG_SOFTMAX}</math>"
    return trace


@cache
def training() -> Trace:
    """A training step of a network of two layers as the compiler records it: groups by line, gradient and updates."""
    x, y = tv.matrix("x"), tv.matrix("y")
    w1, w2 = tv.shared(np.ones((4, 8)), name="w1"), tv.shared(np.ones((8, 3)), name="w2")
    hidden = tv.maximum(x @ w1, 0.0)
    scores = hidden @ w2
    p = tv.exp(scores) / tv.sum(tv.exp(scores), axis=1, keepdims=True)
    loss = -tv.mean(tv.sum(y * tv.log(p), axis=1))
    updates = {w: w - 0.1 * g for w, g in zip([w1, w2], tv.grad(loss, [w1, w2]), strict=True)}
    return tv.function([x, y], loss, updates=updates, name="fit", target="numpy").trace


@cache
def deep(layers: int = 6) -> Trace:
    """Training of a network of equal layers, each with a weight and an offset of its own."""
    x, y = tv.matrix("x"), tv.matrix("y")
    weights = [tv.shared(np.ones((4, 4)), name=f"w{k}") for k in range(layers)]
    offsets = [tv.shared(np.zeros(4), name=f"b{k}") for k in range(layers)]
    h = x
    for w, b in zip(weights, offsets, strict=True):
        h = layer(h, w, b)
    loss = tv.mean((h - y) ** 2.0)
    every = [*weights, *offsets]
    updates = {w: w - 0.1 * g for w, g in zip(every, tv.grad(loss, every), strict=True)}
    return tv.function([x, y], loss, updates=updates, name="deep", target="numpy").trace


def layer(h: tv.Expr, w: tv.Expr, b: tv.Expr) -> tv.Expr:
    """One layer with a way around it."""
    z = h @ w + b
    return tv.maximum(z - tv.mean(z, axis=1, keepdims=True), 0.0) + h


def chain(length: int, every: int = 7) -> Trace:
    """A graph of `length` nodes with long edges and one rewrite that drops a node in every `every`."""
    s = Sketch("chain", "chain(x)")
    ids = [s.node("input", shape=(64, 64), name="x")]
    for i in range(1, length):
        far = ids[max(0, i - 1 - (i * 7919) % 9)]
        op = FAMILIES[i % 5]
        ids.append(s.node(op, ids[-1], *([far] if op in ("mul", "add", "maximum") else []), shape=(64, 64)))
    s.start({"y": ids[-1]})
    s.begin("simplify", "Drops what is not needed.", 1e-3)
    for i in range(5, length - 2, every):
        if ids[i] in s.live:
            s.rewrite("drop", ids[i], lambda i=i: ids[i - 1], formula="f(x) -> x", bindings=[Binding("x", ids[i - 1], "x")])
    s.end()
    return s.trace


def wordy() -> Trace:
    """Names of hundreds of letters."""
    s = Sketch("wordy", "wordy(x)")
    x = s.node("input", shape=(3,), name="x" * 400)
    y = s.node("exp", x, shape=(3,), name="a_very_long_name_" * 30)
    s.start({"result_" * 60: s.node("mul", y, y, shape=(3,)), "other_" * 60: y})
    return s.trace


def hostile() -> Trace:
    """Names and texts that would run if they were pasted into a page."""
    s = Sketch(EVIL, f"{EVIL}(x)")
    s.trace.origins = [Origin(EVIL, 1, EVIL, EVIL)]
    bad = {"shape": (3,), "origins": [0]}
    x, y = s.node("input", shape=(3,), name=EVIL), s.node("input", shape=(3,), name="\"><img src=x onerror=alert(2)>")
    z = s.node("input", shape=(None,), name="שלום\u202eabc")
    script = "<math><mi onclick='alert(3)'>x</mi><script>alert(4)</script></math>"
    style = "<math><mi style='background:url(http://x.invalid)'>x</mi></math>"
    total = s.node("add", x, y, param="'\"`${x}</style>", mathml=script, **bad)
    out = s.node("mul", total, z, name=EVIL, mathml="<math><img src=x onerror=alert(5)></math>", **bad)
    s.start({EVIL: out})
    s.begin(EVIL, EVIL, 1e-4)
    s.rewrite(EVIL, total, lambda: s.node(EVIL, x, y, mathml=style, **bad),
              formula=EVIL, filled_mathml=f"<math><mtext>{EVIL}</mtext></math>", exactness=EVIL, source=EVIL, why=EVIL,
              formula_mathml="<math><a href='javascript:alert(6)'>x</a></math>", bindings=[Binding(EVIL, x, EVIL, EVIL, EVIL)],
              conditions=[Condition(EVIL, False, EVIL)], near_misses=[NearMiss(EVIL, out, EVIL)],
              checks=[{"drawn": EVIL, "difference": EVIL, "bad_before": EVIL, "bad_after": EVIL}])
    s.end()
    return s.trace
