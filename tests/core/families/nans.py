"""Reductions of some elements: masks, starts, NaN left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import NUMBERS, case

MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]])
AXES = (None, 0, 1)
REAL = ("float64", "float32", "int32", "uint8", "bool")


def _holes(x: Any) -> Any:
    return B["where"](x > 0.5, np.nan, x)


def _with_holes(x: Any) -> Any:
    return np.where(x > 0.5, x.dtype.type(np.nan), x)


for _axis in AXES:
    for _name in ("sum", "prod", "any", "all", "mean"):
        _smooth = _name not in ("any", "all")
        case(f"{_name}-where-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a, where=MASK),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a, where=MASK), (3, 4), dtypes=NUMBERS, smooth=_smooth)
        case(f"{_name}-where-rows-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a, keepdims=True, where=x[:, :1] > -1),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a, keepdims=True, where=np.broadcast_to(x[:, :1] > -1, x.shape)), (3, 4),
             smooth=_smooth and not (_name == "mean" and _axis == 1))
    for _name in ("max", "min"):
        case(f"{_name}-initial-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a, initial=1),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a, initial=1), (3, 4), dtypes=(*REAL, "float16"))
        case(f"{_name}-where-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a, initial=0, where=MASK, keepdims=True),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a, initial=0, where=MASK, keepdims=True), (3, 4), dtypes=REAL)
        case(f"{_name}-of-nothing-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a, initial=1),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a, initial=1), (0, 3), dtypes=REAL)
        case(f"nan{_name}-{_axis}", lambda x, n=_name, a=_axis: B[f"nan{n}"](_holes(x), a, keepdims=True),
             lambda x, n=_name, a=_axis: getattr(np, f"nan{n}")(_with_holes(x), a, keepdims=True), (6, 5))
        case(f"nanarg{_name}-{_axis}", lambda x, n=_name, a=_axis: B[f"nanarg{n}"](_holes(x), a),
             lambda x, n=_name, a=_axis: np.asarray(getattr(np, f"nanarg{n}")(_with_holes(x), a)), (6, 5), smooth=False)
    for _name in ("nansum", "nanprod", "nanmean", "nanvar", "nanstd"):
        case(f"{_name}-{_axis}", lambda x, n=_name, a=_axis: B[n](_holes(x), a), lambda x, n=_name, a=_axis: getattr(np, n)(_with_holes(x), a),
             (6, 5))
    case(f"nanvar-ddof-{_axis}", lambda x, a=_axis: B["nanvar"](_holes(x), a, ddof=2), lambda x, a=_axis: np.nanvar(_with_holes(x), a, ddof=2),
         (4, 5), smooth=False)
    for _name in ("var", "std"):
        case(f"{_name}-where-{_axis}", lambda x, n=_name, a=_axis: B[n](x, a, where=MASK | (np.arange(3) == 1)[:, None]),
             lambda x, n=_name, a=_axis: getattr(np, n)(x, a, where=MASK | (np.arange(3) == 1)[:, None]), (3, 4), dtypes=("float64", "float32", "int32"))
case("nansum-whole", lambda x: B["nansum"](x) + B["nanmax"](x) + B["nanmean"](x), lambda x: np.nansum(x) + np.nanmax(x) + np.nanmean(x), (3, 4),
     dtypes=("int32", "uint8"))
case("sum-initial", lambda x: B["sum"](x, 0, initial=3), lambda x: np.sum(x, 0, initial=3), (3, 4), dtypes=NUMBERS)
case("prod-initial", lambda x: B["prod"](x, 0, initial=3, where=MASK), lambda x: np.prod(x, 0, initial=3, where=MASK), (3, 4), dtypes=NUMBERS)
case("sum-acc", lambda x: B["sum"](x, 0, acc_dtype="float64"), lambda x: np.sum(x, 0, dtype=np.float64).astype(x.dtype), (3, 4), dtypes=("float32", "float16"))
case("mean-acc", lambda x: B["mean"](x, 0, acc_dtype="float64"), lambda x: np.mean(x, 0, dtype=np.float64).astype(x.dtype), (3, 4),
     dtypes=("float32", "float16"))
case("var-dtype", lambda x: B["var"](x, 0, dtype="float64", correction=1), lambda x: np.var(x, 0, dtype=np.float64, ddof=1), (3, 4),
     dtypes=("float32", "int32"))
