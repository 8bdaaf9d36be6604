"""Vectors as sets, windows, phases, polynomials, whole comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case

REAL = ("float64", "float32", "int32", "uint8", "bool")


def _coarse(M: Any, x: Any) -> Any:
    """Few different numbers, so that sets meet."""
    return M.rint(x) if x.dtype.kind == "f" else x


for _invert in (False, True):
    case(f"isin-{_invert}", lambda x, y, i=_invert: B["isin"](_coarse(tv, x), _coarse(tv, y), invert=i),
         lambda x, y, i=_invert: np.isin(_coarse(np, x), _coarse(np, y), invert=i), (4, 5), (3, 2), dtypes=(*REAL, "complex128"), smooth=False)
case("isin-nothing", lambda x, y: B["isin"](x, y), np.isin, (4,), (0,), dtypes=REAL, smooth=False)
for _name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
    case(_name, lambda x, y, n=_name: B[n](_coarse(tv, x), _coarse(tv, y)), lambda x, y, n=_name: getattr(np, n)(_coarse(np, x), _coarse(np, y)),
         (9,), (2, 3), dtypes=REAL, smooth=False, open=True)
for _k in range(3):
    case(f"intersect1d-indices-{_k}", lambda x, y, k=_k: B["intersect1d"](_coarse(tv, x), _coarse(tv, y), return_indices=True)[k],
         lambda x, y, k=_k: np.intersect1d(_coarse(np, x), _coarse(np, y), return_indices=True)[k], (9,), (7,), dtypes=REAL, smooth=False,
         open=True)
case("setdiff1d-as-they-stand", lambda x, y: B["setdiff1d"](_coarse(tv, x), _coarse(tv, y), True),
     lambda x, y: np.setdiff1d(_coarse(np, x), _coarse(np, y), True), (9,), (3,), smooth=False, open=True)
for _shapes in (((3,), (3,)), ((3,), (4,)), ((2, 3), (3, 2)), ((0, 3), (0, 3)), ((3,), (1, 3))):
    case("array_equal", lambda x, y: B["array_equal"](_coarse(tv, x), _coarse(tv, y)),
         lambda x, y: np.asarray(np.array_equal(_coarse(np, x), _coarse(np, y))), *_shapes, smooth=False)
case("array_equal-self", lambda x: B["array_equal"](B["where"](x > 0, np.nan, x), B["where"](x > 0, np.nan, x), equal_nan=True),
     lambda x: np.asarray(True), (3, 4), smooth=False)
case("array_equiv", lambda x: B["array_equiv"](B["stack"]([x, x]), x), lambda x: np.asarray(True), (5,), smooth=False)
case("polyval", lambda p, x: B["polyval"](p, x), np.polyval, (4,), (2, 3), dtypes=("float64", "float32", "int32", "complex128"), fixed=True)
case("unwrap", lambda x: B["unwrap"](3.0 * x, axis=0), lambda x: np.unwrap(3.0 * x, axis=0), (5, 3), dtypes=("float64",))
case("unwrap-period", lambda x: B["unwrap"](3.0 * x, 2.5, period=4.0), lambda x: np.unwrap(3.0 * x, 2.5, period=4.0), (3, 6), dtypes=("float64",))
case("fix", lambda x: B["fix"](x), np.fix, (7,), dtypes=("float64", "float32"))
case("unstack", lambda x: B["unstack"](x, axis=1)[2], lambda x: x[:, 2], (2, 3, 2), fixed=True)
case("isreal", lambda x: B["isreal"](x), np.isreal, (4,), dtypes=("complex128", "float64", "int32"), smooth=False)
case("iscomplex", lambda x: B["iscomplex"](x), np.iscomplex, (4,), dtypes=("complex128", "float64", "bool"), smooth=False)
for _name in ("hanning", "hamming", "blackman", "bartlett"):
    for _n in (0, 1, 2, 7):
        case(f"{_name}-{_n}", lambda x, f=_name: B[f](x.shape[0]) * x, lambda x, f=_name: getattr(np, f)(len(x)) * x, (_n,), dtypes=("float64",))
for _n in (1, 8):
    case(f"kaiser-{_n}", lambda x: B["kaiser"](x.shape[0], 5.5) * x, lambda x: np.kaiser(len(x), 5.5) * x, (_n,), dtypes=("float64",),
         smooth=False)          # i0 has no meaning for a complex step
case("angle-deg", lambda x: B["angle"](x, True), lambda x: np.angle(x, True), (4,), dtypes=("complex128", "float64"), smooth=False)
case("trace-dtype", lambda x: B["trace"](x, dtype="float64"), lambda x: np.asarray(np.trace(x, dtype=np.float64)), (3, 4), dtypes=("float32", "int32"))
case("concatenate-dtype", lambda x: B["concatenate"]([x, x], dtype="float64"), lambda x: np.concatenate([x, x], dtype=np.float64),
     (3,), dtypes=("float32", "int32"))
case("concatenate-narrow", lambda x: B["concatenate"]([x, x], dtype="float32"),
     lambda x: np.concatenate([x, x], dtype=np.float32, casting="unsafe"), (3,), dtypes=("float64", "int32"), smooth=False)
case("stack-dtype", lambda x: B["stack"]([x, x], 1, dtype="float64"), lambda x: np.stack([x, x], 1, dtype=np.float64), (3,), dtypes=("float32", "int32"))
