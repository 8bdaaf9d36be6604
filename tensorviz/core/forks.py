"""Locks in the child of a fork: what another thread held there is held for ever, unless it is made anew."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

__all__ = ["quiet_at_fork", "renewed_in_child"]

_owners: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def renewed_in_child(owner: Any, attribute: str = "lock") -> None:
    """Give `owner` a new lock in children of forks where another thread held it; one that the forking thread holds stays."""
    _owners[owner] = attribute


def _renew() -> None:
    for owner, attribute in list(_owners.items()):
        if getattr(owner, attribute).acquire(blocking=False):
            getattr(owner, attribute).release()
        else:
            setattr(owner, attribute, threading.RLock())


def quiet_at_fork(lock: Any) -> None:
    """Fork only while no other thread holds `lock`: for locks held for microseconds, so that no child sees a half-done change."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
