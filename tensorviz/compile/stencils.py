"""Steps that slide over positions: convolutions, pools, windows; which of them have C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.expr import Expr
from .convolutions import CONVOLUTIONS, convolves
from .emit import Line
from .pools import POOLS, pools

__all__ = ["STENCILS", "covers"]

STENCILS: dict[str, Callable[[Any, Any], list[Line]]] = {**CONVOLUTIONS, **POOLS}


def covers(e: Expr) -> bool:
    """Whether C has code for a step of this family."""
    return convolves(e) if e.op.name in CONVOLUTIONS else pools(e)
