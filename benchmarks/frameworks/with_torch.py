"""The workloads in PyTorch, eager."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.workloads import CHECKED_STEPS, LEARNING_RATE, MOMENTUM, PARAMETERS, Arrays, Case

torch.set_num_threads(1)


def loss_of(W1, b1, W2, b2, x, y):
    """Softmax cross-entropy of the network."""
    return torch.nn.functional.cross_entropy(torch.relu(torch.addmm(b1, x, W1)) @ W2 + b2, y)


def digits(data: Arrays) -> Case:
    """Loss, autograd, and the update of all weights in two calls."""
    x, y = torch.from_numpy(data["x"]), torch.from_numpy(data["y"])
    weights = [torch.tensor(data[name], requires_grad=True) for name in PARAMETERS]
    velocities = [torch.zeros_like(w) for w in weights]

    def call(x, y):
        loss = loss_of(*weights, x, y)
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            torch._foreach_mul_(velocities, MOMENTUM)
            torch._foreach_add_(velocities, slopes, alpha=-LEARNING_RATE)
            torch._foreach_add_(weights, velocities)
        return loss

    def values() -> list[object]:
        losses = [call(x, y) for _ in range(CHECKED_STEPS)]
        return [losses[-1].detach(), *(w.detach() for w in weights)]

    return Case(call, (x, y), values)


def expression(x, y, z):
    """The eight operations."""
    return torch.sin(x * y) * torch.exp(-(z * z)) + torch.tanh(z)


def elementwise_with(function: Callable[..., torch.Tensor], data: Arrays) -> Case:
    """The eight operations on tensors that share NumPy's memory."""
    args = tuple(torch.from_numpy(data[name]) for name in "xyz")
    return Case(function, args, lambda: [function(*args)])


def one_more_with(function: Callable[..., torch.Tensor], data: Arrays) -> Case:
    """x + 1."""
    x = torch.from_numpy(data["x"])
    return Case(function, (x,), lambda: [function(x)])


CASES = {
    "digits-step": digits,
    "elementwise-1e6": lambda data: elementwise_with(expression, data),
    "call": lambda data: one_more_with(lambda x: x + 1, data),
}
