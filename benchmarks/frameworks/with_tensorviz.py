"""The workloads in tensorviz, compiled to C, on NumPy arrays."""

from __future__ import annotations

import numpy as np

import tensorviz as tv
import tensorviz.tensor as T
from benchmarks.workloads import CHECKED_STEPS, LEARNING_RATE, MOMENTUM, PARAMETERS, Arrays, Case

tv.set_threads(1)


def digits(data: Arrays) -> Case:
    """The step of examples/digits.py."""
    weights = W1, b1, W2, b2 = [tv.shared(data[name].copy(), name=name) for name in PARAMETERS]
    x, y = T.matrix("x", dtype="float32", shape=(None, 64)), T.vector("y", dtype="int64")
    p = T.softmax(T.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1)
    target = T.cast(T.equal(y[:, None], T.arange(10)), "float32")
    loss = -T.mean(T.sum(target * T.log(p), axis=1))
    updates = {}
    for weight, slope in zip(weights, tv.grad(loss, weights), strict=True):
        velocity = tv.shared(np.zeros_like(weight.get_value()), name=f"v_{weight.name}")
        updates[velocity] = MOMENTUM * velocity - LEARNING_RATE * slope
        updates[weight] = weight + updates[velocity]
    step = tv.function([x, y], loss, updates=updates, name="step")

    def values() -> list[object]:
        losses = [step(data["x"], data["y"]) for _ in range(CHECKED_STEPS)]
        return [losses[-1], *(w.get_value() for w in weights)]

    return Case(step, (data["x"], data["y"]), values)


def elementwise(data: Arrays) -> Case:
    """One fused loop."""
    x, y, z = (T.vector(name, dtype="float32") for name in "xyz")
    function = tv.function([x, y, z], T.sin(x * y) * T.exp(-(z * z)) + T.tanh(z), name="elementwise")
    args = data["x"], data["y"], data["z"]
    return Case(function, args, lambda: [function(*args)])


def one_more(data: Arrays) -> Case:
    """x + 1."""
    x = T.vector("x", dtype="float64")
    function = tv.function([x], x + 1, name="one_more")
    return Case(function, (data["x"],), lambda: [function(data["x"])])


CASES = {"digits-step": digits, "elementwise-1e6": elementwise, "call": one_more}
