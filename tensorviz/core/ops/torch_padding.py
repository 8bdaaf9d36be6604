"""torch's `pad`: widths from the last axis on, in torch's modes; negative ones crop."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError
from ..expr import Expr, as_expr
from ..op import BUILDERS
from .lengths import lengths_now, user_line
from .torch_words import torch_words

__all__ = ["pad"]

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@torch_words()
def pad(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Expr:
    """x with a border: `pad` has the widths before and after the last axis, then before and after the last but one, ...

    `mode`: "constant" (of `value`, 0 if it is not given), "reflect", "replicate", "circular". Negative widths cut off. NumPy's
    `pad`, with the first axis first, is `tensorviz.tensor.pad`.

    >>> pad([[1, 2], [3, 4]], (1, 0, 0, 1)).eval()
    array([[0, 1, 2],
           [0, 3, 4],
           [0, 0, 0]])
    """
    x = as_expr(x)
    widths = list(pad) if isinstance(pad, tuple | list) else []
    if not isinstance(pad, tuple | list) or len(widths) % 2 or len(widths) > 2 * x.ndim or any(
            isinstance(w, bool) or not isinstance(w, int | np.integer) for w in widths):
        raise ArgumentError(f"pad is two whole numbers for each of the last axes, the last first, not {pad!r}", at=user_line(),
                            hint="tensorviz.tensor.pad takes widths as NumPy does")
    if mode not in MODES:
        raise ArgumentValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}", at=user_line())
    if value is not None and mode != "constant":
        raise ArgumentValueError(f"a value does not go with mode {mode!r}", at=user_line())
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2) + [(widths[k], widths[k + 1]) for k in range(len(widths) - 2, -1, -2)]
    if any(w < 0 for pair in pairs for w in pair):
        kept = [slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(lengths_now(x), pairs, strict=True)]
        x, pairs = x[tuple(kept)], [(max(a, 0), max(b, 0)) for a, b in pairs]
    if not any(w for pair in pairs for w in pair):
        return x
    if mode == "constant":
        return BUILDERS["pad"](x, pairs, constant_values=0 if value is None else value)
    for n, (a, b) in zip(lengths_now(x), pairs, strict=True):
        most = n if mode == "circular" else n - 1 if mode == "reflect" else None
        if isinstance(most, int) and max(a, b) > most:
            raise ArgumentValueError(f"a border of {max(a, b)} is wider than {n} positions have in mode {mode!r}", at=user_line())
    return BUILDERS["pad"](x, pairs, mode=MODES[mode])
