"""The workloads in PyTensor with its default linker, on NumPy arrays."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt

from benchmarks.workloads import CHECKED_STEPS, LEARNING_RATE, MOMENTUM, PARAMETERS, Arrays, Case

f4 = np.float32


def digits(data: Arrays, mode: object = None) -> Case:
    """A function with updates."""
    weights = W1, b1, W2, b2 = [pytensor.shared(data[name].copy(), name=name) for name in PARAMETERS]
    x, y = pt.fmatrix("x"), pt.lvector("y")
    log_p = pt.special.log_softmax(pt.maximum(x @ W1 + b1, f4(0)) @ W2 + b2, axis=1)
    loss = -pt.mean(log_p[pt.arange(y.shape[0]), y])
    updates = {}
    for weight, slope in zip(weights, pytensor.grad(loss, weights), strict=True):
        velocity = pytensor.shared(np.zeros_like(weight.get_value()))
        updates[velocity] = f4(MOMENTUM) * velocity - f4(LEARNING_RATE) * slope
        updates[weight] = weight + updates[velocity]
    step = pytensor.function([x, y], loss, updates=updates, mode=mode)

    def values() -> list[object]:
        losses = [step(data["x"], data["y"]) for _ in range(CHECKED_STEPS)]
        return [losses[-1], *(w.get_value() for w in weights)]

    return Case(step, (data["x"], data["y"]), values)


def elementwise(data: Arrays, mode: object = None) -> Case:
    """One fused loop."""
    x, y, z = pt.fvectors("x", "y", "z")
    function = pytensor.function([x, y, z], pt.sin(x * y) * pt.exp(-(z * z)) + pt.tanh(z), mode=mode)
    args = data["x"], data["y"], data["z"]
    return Case(function, args, lambda: [function(*args)])


def one_more(data: Arrays, mode: object = None) -> Case:
    """x + 1, with PyTensor's own advice for small inputs followed (`trust_input`)."""
    x = pt.dvector("x")
    function = pytensor.function([x], x + 1, mode=mode)
    function.trust_input = True
    return Case(function, (data["x"],), lambda: [function(data["x"])])


CASES = {"digits-step": digits, "elementwise-1e6": elementwise, "call": one_more}
