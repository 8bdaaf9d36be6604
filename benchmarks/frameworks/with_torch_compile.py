"""The workloads in PyTorch through torch.compile (Inductor)."""

from __future__ import annotations

import torch

from benchmarks.frameworks.with_torch import elementwise_with, expression, loss_of, one_more_with
from benchmarks.workloads import CHECKED_STEPS, LEARNING_RATE, MOMENTUM, PARAMETERS, Arrays, Case

loss_and_slopes = torch.func.grad_and_value(lambda weights, x, y: loss_of(*weights, x, y))


@torch.compile
def update(weights, velocities, x, y):
    """The whole step as one compiled graph: faster than a compiled loss with autograd and update outside of it."""
    slopes, loss = loss_and_slopes(weights, x, y)
    velocities = [MOMENTUM * v - LEARNING_RATE * g for v, g in zip(velocities, slopes, strict=True)]
    return loss, [w + v for w, v in zip(weights, velocities, strict=True)], velocities


def digits(data: Arrays) -> Case:
    """One compiled step from weights and velocities to the next ones."""
    x, y = torch.from_numpy(data["x"]), torch.from_numpy(data["y"])
    weights = [torch.tensor(data[name]) for name in PARAMETERS]
    state = [weights, [torch.zeros_like(w) for w in weights]]

    def call(x, y):
        loss, *state[:] = update(*state, x, y)
        return loss

    def values() -> list[object]:
        losses = [call(x, y) for _ in range(CHECKED_STEPS)]
        return [losses[-1], *state[0]]

    return Case(call, (x, y), values)


CASES = {
    "digits-step": digits,
    "elementwise-1e6": lambda data: elementwise_with(torch.compile(expression), data),
    "call": lambda data: one_more_with(torch.compile(lambda x: x + 1), data),
}
