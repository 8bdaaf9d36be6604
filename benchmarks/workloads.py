"""What is measured: the data of every workload and its answer in float64 NumPy, free of any framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Arrays = dict[str, np.ndarray]
LEARNING_RATE = 0.1
MOMENTUM = 0.9
CHECKED_STEPS = 3
PARAMETERS = ("W1", "b1", "W2", "b2")


@dataclass(frozen=True)
class Case:
    """A workload in the hands of one framework: `call(*args)` is what is timed, `values()` what is checked."""

    call: Callable[..., object]
    args: tuple[object, ...]
    values: Callable[[], list[object]]


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    rivals: the frameworks that the goal compares with
    goal: tensorviz's time divided by the fastest rival's, at most; or seconds, at most, where there are no rivals
    tolerance: largest error of a checked value, relative to the largest value of the reference
    """

    name: str
    what: str
    data: Callable[[], Arrays]
    reference: Callable[[Arrays], list[np.ndarray]]
    tolerance: float
    goal: float
    rivals: tuple[str, ...] = ()


def digits_data() -> Arrays:
    """A batch as the digits example has it: 64 rows of 64 pixels, ten classes, the network 64-256-10."""
    rng = np.random.default_rng(1)
    return {
        "x": rng.integers(0, 17, (64, 64)).astype("float32") / 16,
        "y": rng.integers(0, 10, 64),
        "W1": (rng.standard_normal((64, 256)) * np.sqrt(2 / 64)).astype("float32"),
        "b1": np.zeros(256, "float32"),
        "W2": (rng.standard_normal((256, 10)) * np.sqrt(1 / 256)).astype("float32"),
        "b2": np.zeros(10, "float32"),
    }


def digits_step(data: Arrays, weights: list[np.ndarray], velocities: list[np.ndarray]) -> np.ndarray:
    """One step by hand, in place: forward, softmax cross-entropy, backward, momentum; returns the loss."""
    x, y = data["x"], data["y"]
    W1, b1, W2, b2 = weights
    rows = np.arange(len(y))
    sums = x @ W1 + b1
    hidden = np.maximum(sums, 0)
    scores = hidden @ W2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    p /= len(y)
    back = (p @ W2.T) * (sums > 0)
    for weight, velocity, slope in zip(weights, velocities, (x.T @ back, back.sum(0), hidden.T @ p, p.sum(0)), strict=True):
        velocity *= MOMENTUM
        velocity -= LEARNING_RATE * slope
        weight += velocity
    return loss


def digits_reference(data: Arrays) -> list[np.ndarray]:
    """The last loss and the weights after a few steps, in float64."""
    exact = {name: a.astype("float64") if a.dtype.kind == "f" else a for name, a in data.items()}
    weights = [exact[name] for name in PARAMETERS]
    velocities = [np.zeros_like(w) for w in weights]
    losses = [digits_step(exact, weights, velocities) for _ in range(CHECKED_STEPS)]
    return [np.asarray(losses[-1]), *weights]


def elementwise_data() -> Arrays:
    """Three float32 vectors of a million normal draws."""
    rng = np.random.default_rng(2)
    return {name: rng.standard_normal(1_000_000).astype("float32") for name in "xyz"}


def elementwise_reference(data: Arrays) -> list[np.ndarray]:
    """sin(x*y) * exp(-(z*z)) + tanh(z): eight operations, three of them transcendental."""
    x, y, z = (data[name].astype("float64") for name in "xyz")
    return [np.sin(x * y) * np.exp(-(z * z)) + np.tanh(z)]


WORKLOADS = {
    w.name: w
    for w in (
        Workload("digits-step", "training step 64-256-10, float32, batch 64", digits_data, digits_reference, 5e-4, 1.1,
                 ("jax", "torch", "torch.compile", "pytensor", "pytensor-c")),
        Workload("elementwise-1e6", "sin(x*y) * exp(-(z*z)) + tanh(z), a million float32", elementwise_data,
                 elementwise_reference, 5e-4, 0.7, ("numpy", "jax", "torch.compile")),
        Workload("call", "x + 1 on 3 float64: what a call costs", lambda: {"x": np.array([1.0, 2.0, 3.0])},
                 lambda data: [data["x"] + 1], 1e-8, 1.5e-6),
    )
}
