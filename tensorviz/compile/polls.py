"""Polls in kernels that run in one go (reductions over everything or over columns), so that Ctrl-C gets through them."""

from __future__ import annotations

from .kernel import Kernel, Loop, Poll, Stmt

__all__ = ["add_polls"]


def add_polls(kernel: Kernel) -> bool:
    """Put a poll into each loop around an innermost loop, and say whether there is one.

    Such a kernel takes the call as its last argument. It counts what elements cost, and asks the clock after half a million.
    """
    kernel.polls = _within(kernel.body, kernel.weight)
    return kernel.polls


def _within(body: list[Stmt], weight: int) -> bool:
    found = False
    for loop in body:
        if not isinstance(loop, Loop):
            continue
        loops = [s for s in loop.body if isinstance(s, Loop)]
        innermost = next((s for s in loops if not any(isinstance(t, Loop) for t in s.body)), None)
        found |= _within(loop.body, weight) or innermost is not None
        if innermost is not None:
            elements = str(loop.step) if loop.ends else innermost.stop
            loop.body.insert(0, Poll(elements if weight == 1 else f"{weight} * {elements}"))
    return found
