"""The workloads in PyTorch through torch.compile (Inductor)."""

from __future__ import annotations

import torch

from benchmarks.frameworks.with_torch import digits_with, elementwise_with, expression, loss_of, one_more_with

CASES = {
    "digits-step": lambda data: digits_with(torch.compile(loss_of), data),
    "elementwise-1e6": lambda data: elementwise_with(torch.compile(expression), data),
    "call": lambda data: one_more_with(torch.compile(lambda x: x + 1), data),
}
