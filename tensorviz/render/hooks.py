"""What lies above: the screens that a trace can show are named by the composer of the package, which alone knows all layers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["hook"]


def hook(name: str) -> Callable[..., Any]:
    """The function that the package has for a form: "explore" or "page"; KeyError if there is none."""
    found: dict[str, Callable[..., Any]] = getattr(sys.modules[__name__.partition(".")[0]], "HOOKS", {})
    return found[name]
