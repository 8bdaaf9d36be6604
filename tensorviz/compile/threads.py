"""How many threads a call may use: one owner decides for OpenMP and for BLAS, each of which has a pool of its own."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

__all__ = ["main_thread", "on_change", "set_threads", "threads"]

_count = 0                                          # 0: not asked for yet
_forked = False
_listeners: list[Callable[[int], object]] = []


def threads() -> int:
    """The number of threads that a call may use.

    At first TENSORVIZ_NUM_THREADS, else OMP_NUM_THREADS, else the processors that this process may run on. In a forked
    child it is 1 for good: the threads of an OpenMP team do not survive the fork, and a child that waits for them hangs.

    >>> threads() >= 1
    True
    """
    global _count
    if not _count:
        _count = _asked_for() or _processors()
    return _count


def set_threads(count: int) -> None:
    """Use `count` threads, at least 1, from the next call on, in OpenMP loops and in BLAS alike.

    >>> before = threads()
    >>> set_threads(1)
    >>> threads()
    1
    >>> set_threads(before)
    """
    global _count
    if count != int(count) or count < 1:
        raise ValueError(f"the number of threads must be a whole number of at least 1, not {count!r}")
    if _forked and count > 1:
        warnings.warn("tensorviz runs one thread in a forked process; start it with 'spawn' to use more", RuntimeWarning, 2)
        return
    _count = int(count)
    for listener in _listeners:
        listener(_count)


def on_change(listener: Callable[[int], object]) -> None:
    """Call `listener` with the number of threads, now and whenever it changes."""
    _listeners.append(listener)
    listener(threads())


def main_thread() -> int:
    """The identity of the thread on which Python runs signal handlers; after a fork, the one that is left."""
    return threading.main_thread().ident or 0


def _asked_for() -> int:
    """What the environment asks for; 0 when nothing sensible."""
    for name in ("TENSORVIZ_NUM_THREADS", "OMP_NUM_THREADS"):
        first = os.environ.get(name, "").split(",")[0].strip()          # OpenMP allows a list, one number a nesting level
        if first.isdecimal() and int(first) > 0:
            return int(first)
    return 0


def _processors() -> int:
    """The processors this process may use: its affinity, and the quota of its container."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(count, -(-int(quota) // int(period))))        # "max" is no number: no quota
    except (OSError, ValueError):
        return count


def _after_fork() -> None:
    global _count, _forked
    _count, _forked = 1, True
    for listener in _listeners:
        listener(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
