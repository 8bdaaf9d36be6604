"""The workloads in plain NumPy."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import CHECKED_STEPS, PARAMETERS, Arrays, Case, digits_step


def digits(data: Arrays) -> Case:
    """The step by hand: NumPy differentiates nothing."""
    weights = [data[name].copy() for name in PARAMETERS]
    velocities = [np.zeros_like(w) for w in weights]

    def values() -> list[object]:
        losses = [digits_step(data, weights, velocities) for _ in range(CHECKED_STEPS)]
        return [losses[-1], *weights]

    return Case(digits_step, (data, weights, velocities), values)


def elementwise(data: Arrays) -> Case:
    """Eight passes over memory."""
    args = data["x"], data["y"], data["z"]

    def call(x, y, z):
        return np.sin(x * y) * np.exp(-(z * z)) + np.tanh(z)

    return Case(call, args, lambda: [call(*args)])


def one_more(data: Arrays) -> Case:
    """x + 1."""

    def call(x):
        return x + 1

    return Case(call, (data["x"],), lambda: [call(data["x"])])


CASES = {"digits-step": digits, "elementwise-1e6": elementwise, "call": one_more}
