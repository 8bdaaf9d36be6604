"""Looking up sorted numbers, and counting."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tensorviz.core.ops.bin_rules import WIDTHS
from tests.core.cases import NUMBERS, case

REAL = (*NUMBERS, "int8", "float16")
EDGES = np.array([-1.5, -0.5, 0.0, 0.0, 1.25])


def _table(x: Any) -> Any:
    return B["sort"](x, axis=0)


# -- sorted numbers ----------------------------------------------------------------------------------------------------------
for _side in ("left", "right"):
    case(f"searchsorted-{_side}", lambda a, v, s=_side: B["searchsorted"](_table(a), v, s),
         lambda a, v, s=_side: np.searchsorted(np.sort(a), v, s), (9,), (3, 4), dtypes=REAL, smooth=False)
case("searchsorted-scalar", lambda a, v: B["searchsorted"](_table(a), v), lambda a, v: np.asarray(np.searchsorted(np.sort(a), v)), (5,), (),
     dtypes=REAL, smooth=False)
case("searchsorted-number", lambda a: B["searchsorted"](_table(a), 0.25), lambda a: np.asarray(np.searchsorted(np.sort(a), 0.25)), (5,),
     dtypes=REAL, smooth=False)
case("searchsorted-sorter", lambda a, v: B["searchsorted"](a, v, sorter=B["argsort"](a)),
     lambda a, v: np.searchsorted(a, v, sorter=np.argsort(a)), (9,), (4,), dtypes=REAL, smooth=False)
case("searchsorted-empty", lambda a, v: B["searchsorted"](a, v), np.searchsorted, (0,), (4,), smooth=False)
case("searchsorted-none", lambda a, v: B["searchsorted"](_table(a), v), lambda a, v: np.searchsorted(np.sort(a), v), (4,), (0, 3), smooth=False)
for _right in (False, True):
    for _down in (1, -1):
        case(f"digitize-{_right}-{_down}", lambda x, b, r=_right, d=_down: B["digitize"](x, _table(b)[::d], r),
             lambda x, b, r=_right, d=_down: np.digitize(x, np.sort(b)[::d], r), (3, 5), (4,), dtypes=("float64", "float32", "int32", "uint8"),
             smooth=False)
case("digitize-known", lambda x: B["digitize"](x, EDGES), lambda x: np.digitize(x, EDGES), (7,), dtypes=REAL, smooth=False)
_xp = np.array([-1.0, -0.25, 0.5, 1.0])
case("interp", lambda x, f: B["interp"](x, _xp, f), lambda x, f: np.interp(x, _xp, f), (3, 5), (4,), dtypes=REAL)
case("interp-open", lambda x, xp, f: B["interp"](x, _table(xp), f), lambda x, xp, f: np.interp(x, np.sort(xp), f), (7,), (4,), (4,),
     dtypes=("float64",))
case("interp-ends", lambda x, f: B["interp"](x, _xp, f, left=-7.0, right=B["sum"](f)),
     lambda x, f: np.interp(x, _xp, f, left=-7.0, right=np.sum(f)), (9,), (4,))
case("interp-period", lambda x, f: B["interp"](x, [0.3, 2.9, 1.1], f, period=2.5), lambda x, f: np.interp(x, [0.3, 2.9, 1.1], f, period=2.5),
     (9,), (3,))
case("interp-one", lambda x, f: B["interp"](x, [0.5], f), lambda x, f: np.interp(x, [0.5], f), (5,), (1,), smooth=False)
case("interp-complex", lambda x: B["interp"](x, _xp, _xp * 1j + 2), lambda x: np.interp(x, _xp, _xp * 1j + 2), (5,), smooth=False)

# -- counting ------------------------------------------------------------------------------------------------------------------
_whole = np.array([3, 1, 1, 0, 5])
case("bincount", lambda x: B["bincount"](B["absolute"](x).astype("int64"), minlength=2), lambda x: np.bincount(np.abs(x).astype(int), minlength=2),
     (9,), dtypes=("float64", "int32"), smooth=False, open=True)
case("bincount-least", lambda x: B["bincount"](x, minlength=9), lambda x: np.bincount(x, minlength=9), (4,),
     dtypes=("uint8", "bool", "uint64"),
     smooth=False, open=True)
case("bincount-empty", lambda x: B["bincount"](x, minlength=3), lambda x: np.bincount(x, minlength=3), (0,), dtypes=("int64",), smooth=False,
     open=True)
case("bincount-weights", lambda w: B["bincount"](_whole, w), lambda w: np.bincount(_whole, w), (5,), dtypes=("float64", "float32", "int32"),
     open=True)
for _bins in (3, 10, EDGES, [0.0, 1.0]):
    _label = len(_bins) if isinstance(_bins, list | np.ndarray) else f"n{_bins}"
    for _k in (0, 1):
        case(f"histogram-{_label}-{_k}", lambda x, b=_bins, k=_k: B["histogram"](x, b)[k], lambda x, b=_bins, k=_k: np.histogram(x, b)[k],
             (4, 5), dtypes=("float64", "float32", "int32", "uint8"), smooth=False)
    case(f"histogram-range-{_label}", lambda x, b=_bins: B["histogram"](x, b, (-1, 1.5))[0], lambda x, b=_bins: np.histogram(x, b, (-1, 1.5))[0],
         (30,), dtypes=("float64", "float32", "int32"), smooth=False)
    case(f"histogram-density-{_label}", lambda x, b=_bins: B["histogram"](x, b, (-2, 2), density=True)[0],
         lambda x, b=_bins: np.histogram(x, b, (-2, 2), density=True)[0], (30,), dtypes=("float64",), smooth=False)
case("histogram-weights", lambda x, w: B["histogram"](x, 4, (-2, 2), weights=w)[0], lambda x, w: np.histogram(x, 4, (-2, 2), weights=w)[0],
     (5, 3), (5, 3))
case("histogram-weights-density", lambda x, w: B["histogram"](x, [-2.0, 0, 0.5, 2], None, True, w)[0],
     lambda x, w: np.histogram(x, [-2.0, 0, 0.5, 2], None, True, w)[0], (9,), (9,), dtypes=("float64",))
for _rule in WIDTHS:
    for _k in (0, 1):
        case(f"histogram-{_rule}-{_k}", lambda x, r=_rule, k=_k: B["histogram"](x, r)[k], lambda x, r=_rule, k=_k: np.histogram(x, r)[k],
             (4, 5), dtypes=("float64", "float32", "int32", "uint8", "int8"), smooth=False, open=True)
    case(f"histogram-range-{_rule}", lambda x, r=_rule: B["histogram_bin_edges"](x, r, (-1, 1.5)),
         lambda x, r=_rule: np.histogram_bin_edges(x, r, (-1, 1.5)), (30,), dtypes=("float64", "int32"), smooth=False, open=True)
    for _n in (0, 1, 2):
        case(f"histogram-{_rule}-of-{_n}", lambda x, r=_rule: B["histogram"](x, r)[0], lambda x, r=_rule: np.histogram(x, r)[0], (_n,),
             smooth=False, open=True)
case("histogram-nothing", lambda x: B["histogram"](x, 4)[1], lambda x: np.histogram(x, 4)[1], (0,), smooth=False)
case("histogram-one", lambda x: B["histogram"](0 * x + 2, 4)[1], lambda x: np.histogram(0 * x + 2, 4)[1], (3,), smooth=False)
case("histogram_bin_edges", lambda x: B["histogram_bin_edges"](x, 4), lambda x: np.histogram_bin_edges(x, 4), (7,))

# -- what is not 0, and what differs ---------------------------------------------------------------------------------------------
for _k in range(2):
    case(f"nonzero-{_k}", lambda x, k=_k: B["nonzero"](B["rint"](x) if x.dtype.kind == "f" else x)[k],
         lambda x, k=_k: np.nonzero(np.rint(x) if x.dtype.kind == "f" else x)[k], (4, 5), dtypes=(*REAL, "complex128"), smooth=False, open=True)
case("flatnonzero", lambda x: B["flatnonzero"](x > 0), lambda x: np.flatnonzero(x > 0), (4, 5), dtypes=REAL, smooth=False, open=True)
case("argwhere", lambda x: B["argwhere"](x > 0), lambda x: np.argwhere(x > 0), (2, 4, 5), smooth=False, open=True)
case("argwhere-scalar", lambda x: B["argwhere"](x), np.argwhere, (), smooth=False, open=True)
for _axis in (None, 1, (0, 2)):
    case(f"count_nonzero-{_axis}", lambda x, a=_axis: B["count_nonzero"](x, a, keepdims=True),
         lambda x, a=_axis: np.asarray(np.count_nonzero(x, a, keepdims=True)), (2, 3, 4), dtypes=REAL, smooth=False)
case("unique", lambda x: B["unique"](x), np.unique, (3, 5), dtypes=(*REAL, "complex128"), open=True)
for _k in range(4):
    case(f"unique-{_k}", lambda x, k=_k: B["unique"](x, True, True, True)[k], lambda x, k=_k: np.unique(x, True, True, True)[k], (4, 6),
         dtypes=REAL, smooth=_k == 0, open=True)
    for _axis in (0, -1):
        case(f"unique-axis-{_axis}-{_k}", lambda x, k=_k, a=_axis: B["unique"](x[..., :1], True, True, True, axis=a)[k],
             lambda x, k=_k, a=_axis: np.unique(x[..., :1], True, True, True, axis=a)[k], (7, 2, 3), dtypes=NUMBERS, smooth=_k == 0, open=True)
    case(f"unique-empty-{_k}", lambda x, k=_k: B["unique"](x, True, True, True)[k], lambda x, k=_k: np.unique(x, True, True, True)[k], (0,),
         smooth=False, open=True)
for _nan in (True, False):
    case(f"unique-nan-{_nan}", lambda x, e=_nan: B["unique"](B["where"](x > 0, np.nan, x), equal_nan=e),
         lambda x, e=_nan: np.unique(np.where(x > 0, x.dtype.type(np.nan), x), equal_nan=e), (9,), smooth=False, open=True)
case("unique_values", lambda x: B["unique_values"](x), lambda x: np.unique_values(x) if x.dtype.kind == "f" else np.unique(x), (9,),
     dtypes=("int32",), smooth=False, open=True)
case("unique_all", lambda x: B["unique_all"](x)[3] + B["unique_counts"](x)[1], lambda x: 2 * np.unique_counts(x)[1], (9,), dtypes=("int32",),
     smooth=False, open=True)
case("unique_inverse", lambda x: B["unique_inverse"](x)[1], lambda x: np.unique_inverse(x)[1], (9,), dtypes=("int32",), smooth=False, open=True)
