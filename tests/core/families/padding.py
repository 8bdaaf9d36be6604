"""`pad` in all modes, with widths and values of all forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import ALL, case


def padded(name: str, widths: Any, mode: str, *shapes: tuple[int, ...], known: Any = None, **fields: Any) -> None:
    """A row for each shape; `known`: options of pad."""
    options = known or {}
    for shape in shapes:
        case(f"pad-{mode}-{name}", lambda x: B["pad"](x, widths, mode, **options), lambda x: np.pad(x, widths, mode, **options), shape,
             **fields)


REAL = ("float64", "float32", "int32", "uint8")
SHAPES: tuple[tuple[int, ...], ...] = ((5,), (3, 4), (2, 1, 3))
for _mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
    padded("one", 1, _mode, *SHAPES, dtypes=ALL)
    padded("pair", (2, 3), _mode, *SHAPES, (1,))
    padded("before", [(2, 0)], _mode, *SHAPES)
    padded("far", (9, 7), _mode, (4,), (2, 3), (1, 2))
    padded("each", [(1, 2), (0, 3)], _mode, (3, 4))
    padded("none", 0, _mode, (3, 4), dtypes=ALL)
    padded("by-axis", {-1: (1, 2)}, _mode, (3, 4))
    case(f"pad-{_mode}-lengths", lambda x, m=_mode: B["pad"](x, (x.shape[0] - 1, x.shape[-1]), m), lambda x, m=_mode: np.pad(x, (2, 4), m),
         (3, 4))
    case(f"pad-{_mode}-turned", lambda x, m=_mode: B["pad"](x.T[::-1], [(1, 0), (2, 3)], m),
         lambda x, m=_mode: np.pad(x.T[::-1], [(1, 0), (2, 3)], m), (3, 4), dtypes=ALL)
padded("empty", 2, "constant", (0,), (0, 3), dtypes=ALL)
padded("empty-inside", [(0, 0), (1, 2)], "edge", (0, 3))
padded("value", 2, "constant", (3, 4), known={"constant_values": 3}, dtypes=REAL)
padded("two-values", (2, 1), "constant", (3,), known={"constant_values": (3, 4)}, dtypes=REAL)
padded("four-values", (2, 1), "constant", (3, 4), known={"constant_values": ((1, 2), (3, 4))}, dtypes=REAL)
case("pad-value", lambda x, v: B["pad"](x, (1, 2), constant_values=v), lambda x, v: np.pad(x, (1, 2), constant_values=v), (3, 4), ())
case("pad-scalar", lambda x: B["pad"](x, 0), lambda x: np.pad(x, 0), ())
padded("ends", (3, 4), "linear_ramp", *SHAPES, known={"end_values": (2, 5)}, dtypes=REAL)
padded("zero", 2, "linear_ramp", (3, 4), dtypes=REAL)
for _mode in ("maximum", "minimum", "mean"):
    padded("all", (2, 1), _mode, *SHAPES, dtypes=REAL)
    padded("part", (2, 1), _mode, (3, 4), known={"stat_length": 2}, dtypes=REAL)
    padded("parts", (2, 1), _mode, (3, 4), known={"stat_length": ((1, 2), (9, 3))}, dtypes=REAL)
for _mode in ("reflect", "symmetric"):
    padded("odd", (2, 3), _mode, (5,), (3, 4), known={"reflect_type": "odd"}, dtypes=("float64", "float32", "int32"))
    padded("odd-far", (9, 7), _mode, (3,), (1,), known={"reflect_type": "odd"}, dtypes=("float64", "int32"))
case("pad-empty", lambda x: B["pad"](x, 1, "empty")[1:-1], lambda x: x, (3,))
padded("all", (2, 1), "median", (5,), (3, 4))
padded("part", (2, 1), "median", (3, 4), known={"stat_length": 3})
padded("rounded", (2, 1), "median", (4,), (2, 4), dtypes=("int32", "uint8"), smooth=False)
