"""Sorting and selecting along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import NUMBERS, case

REAL = (*NUMBERS, "int8", "float16")
AXES: tuple[tuple[Any, tuple[int, ...]], ...] = ((-1, (7,)), (0, (5, 3)), (1, (4, 9)), (None, (3, 4)), (1, (2, 5, 3)), (0, (0, 3)), (1, (3, 1)))

def _down(x: Any, axis: int) -> Any:
    """Places of a stable sort from the largest down."""
    return np.argsort(-np.argsort(np.argsort(x, axis, stable=True), axis, stable=True), axis) if len(np.unique(x)) == x.size else (
        np.flip(x.shape[axis] - 1 - np.argsort(np.flip(x, axis), axis, stable=True), axis))

for _axis, _shape in AXES:
    case(f"sort-{_axis}", lambda x, a=_axis: B["sort"](x, a), lambda x, a=_axis: np.sort(x, a, stable=True), _shape, dtypes=REAL)
    case(f"argsort-{_axis}", lambda x, a=_axis: B["argsort"](x, a), lambda x, a=_axis: np.argsort(x, a, stable=True), _shape,
         dtypes=REAL, smooth=False)
case("sort-descending", lambda x: B["sort"](x, 1, descending=True), lambda x: np.flip(np.sort(x, 1), 1), (3, 8), dtypes=REAL)
case("argsort-descending", lambda x: B["argsort"](x, 0, descending=True), lambda x: _down(x, 0), (8, 3), dtypes=REAL, smooth=False)
case("sort-views", lambda x: B["sort"](x[::-1, ::2].T, 0), lambda x: np.sort(x[::-1, ::2].T, 0), (4, 7), dtypes=REAL)
case("partition", lambda x: B["partition"](x, 2), lambda x: np.sort(x), (3, 5), dtypes=REAL)
case("argpartition", lambda x: B["argpartition"](x, 2, axis=0), lambda x: np.argsort(x, 0, stable=True), (5, 3), dtypes=REAL, smooth=False)
for _k in ([0, 3], [-1], [2, 2, 1], list(range(9)), [6] * 12):
    case(f"kth-{_k}", lambda x, k=_k: B["kth_smallest"](x, k, 1), lambda x, k=_k: np.sort(x, 1)[:, k], (3, 9), dtypes=REAL)
case("kth-0", lambda x: B["kth_smallest"](x, [1], 0), lambda x: np.sort(x, 0)[[1]], (4, 3, 2), dtypes=REAL)
for _k in (1, 3, -2, 8, -8):
    for _axis in (0, 1):
        case(f"topk-{_k}-{_axis}", lambda x, k=_k, a=_axis: B["topk"](x, k, a),
             lambda x, k=_k, a=_axis: np.take(np.sort(x, a), np.arange(8)[::-1][:k] if k > 0 else np.arange(-k), a), (8, 8), dtypes=REAL)
        case(f"argtopk-{_k}-{_axis}", lambda x, k=_k, a=_axis: B["argtopk"](x, k, a),
             lambda x, k=_k, a=_axis: np.take(_down(x, a) if k > 0 else np.argsort(x, a, stable=True), np.arange(abs(k)), a), (8, 8),
             dtypes=REAL, smooth=False)
case("topk-in-order", lambda x: B["topk"](x, 3, None, sorted=False),
     lambda x: x.ravel()[np.sort(np.argsort(-x.ravel(), stable=True)[:3])], (4, 5))
case("topk-idx", lambda x: B["topk_and_argtopk"](x, 2, idx_dtype="int32")[1],
     lambda x: np.argsort(-x, stable=True)[:, :2].astype(np.int32), (4, 5), smooth=False)
case("order_rows", lambda x: B["order_rows"](B["rint"](x)), lambda x: np.lexsort(np.rint(x).T[::-1]), (9, 3), dtypes=("float64", "float32"),
     smooth=False)
case("order_rows-whole", lambda x: B["order_rows"](x), lambda x: np.lexsort(x.T[::-1]), (9, 2), dtypes=("int32", "bool", "uint8"), smooth=False)
case("lexsort", lambda x, y: B["lexsort"]([x, B["rint"](y)]), lambda x, y: np.lexsort([x, np.rint(y)]), (9,), (9,), smooth=False)
case("lexsort-axis", lambda x, y: B["lexsort"]([x, y], axis=0), lambda x, y: np.lexsort([x, y], axis=0), (6, 2), (6, 2),
     dtypes=("int32", "uint8"), smooth=False)
