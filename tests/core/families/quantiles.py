"""Median, percentiles, quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tensorviz.core.ops.quantiles import METHODS
from tests.core.cases import case

REAL = ("float64", "float32", "int32", "uint8")
AXES: tuple[tuple[Any, tuple[int, ...]], ...] = ((None, (7,)), (0, (5, 3)), (-1, (4, 8)), (1, (2, 6, 3)), ((0, 2), (3, 2, 4)), (None, (3, 4)))
Q = np.array([0.0, 0.1, 0.5, 0.77, 1.0])


def _holes(x: Any) -> Any:
    """x with NaN where it is above 1."""
    return B["where"](x > 1.0, np.nan, x)


def _with_holes(x: Any) -> Any:
    return np.where(x > 1, x.dtype.type(np.nan), x)


def _for_each(w: Any, x: Any, name: str) -> Any:
    """Weights of places along axis 0 as weights of elements, which alone NumPy's nanquantile takes without an IndexError."""
    return np.broadcast_to(np.abs(w)[:, None], x.shape) if w.ndim < x.ndim and name[:3] == "nan" else np.abs(w)


for _axis, _shape in AXES:
    for _keep in (False, True):
        case(f"median-{_axis}-{_keep}", lambda x, a=_axis, k=_keep: B["median"](x, a, keepdims=k),
             lambda x, a=_axis, k=_keep: np.median(x, a, keepdims=k), _shape, dtypes=(*REAL, "float16"))
        case(f"quantile-{_axis}-{_keep}", lambda x, a=_axis, k=_keep: B["quantile"](x, Q, a, keepdims=k),
             lambda x, a=_axis, k=_keep: np.quantile(x, Q, a, keepdims=k), _shape, dtypes=REAL)
    case(f"nanmedian-{_axis}", lambda x, a=_axis: B["nanmedian"](_holes(x), a), lambda x, a=_axis: np.nanmedian(_with_holes(x), a),
         _shape, smooth=False)
    case(f"nanquantile-{_axis}", lambda x, a=_axis: B["nanquantile"](_holes(x), Q, a, keepdims=True),
         lambda x, a=_axis: np.nanquantile(_with_holes(x), Q, a, keepdims=True), _shape, smooth=False)
for _name in METHODS:
    for _n in (7, 10):
        case(f"quantile-{_name}", lambda x, m=_name: B["quantile"](x, Q, 1, m), lambda x, m=_name: np.quantile(x, Q, 1, method=m),
             (2, _n), dtypes=REAL, smooth=_n == 7)
    case(f"nanquantile-{_name}", lambda x, m=_name: B["nanquantile"](_holes(x), Q, 1, m),
         lambda x, m=_name: np.nanquantile(_with_holes(x), Q, 1, method=m), (3, 10), smooth=False)
    case(f"quantile-number-{_name}", lambda x, m=_name: B["quantile"](x, 0.3, 0, m), lambda x, m=_name: np.quantile(x, 0.3, 0, method=m),
         (9, 2), dtypes=(*REAL, "float16"), smooth=False)
for _name in ("quantile", "nanquantile", "percentile", "nanpercentile"):
    for _shape, _axis, _many in (((9,), None, (9,)), ((4, 6), 0, (4,)), ((4, 6), -1, (4, 6)), ((2, 5), None, (2, 5))):
        _kw = {"axis": _axis, "method": "inverted_cdf", "keepdims": _axis == 0}
        _q: Any = Q * (100 if "per" in _name else 1)
        case(f"{_name}-weights-{_axis}-{len(_many)}", lambda x, w, f=_name, q=_q, kw=_kw: B[f](x, q, weights=B["absolute"](w), **kw),
             lambda x, w, f=_name, q=_q, kw=_kw: getattr(np, f)(x, q, weights=_for_each(w, x, f), **kw), _shape, _many, dtypes=REAL, smooth=False)
        case(f"{_name}-weights-holes-{_axis}-{len(_many)}", lambda x, w, f=_name, kw=_kw: B[f](_holes(x), 0.4, weights=w, **kw),
             lambda x, w, f=_name, kw=_kw: getattr(np, f)(_with_holes(x), 0.4, weights=_for_each(w, x, f), **kw), _shape, _many, smooth=False, low=0.1,
             high=1.5)
case("quantile-weights-axes", lambda x, w: B["quantile"](x, 0.5, (0, 2), "inverted_cdf", weights=w),
     lambda x, w: np.quantile(x, 0.5, (0, 2), method="inverted_cdf", weights=w), (2, 3, 4), (2, 4), smooth=False, low=0.5, high=2.5)
case("percentile", lambda x: B["percentile"](x, [[10, 50.5], [99, 0]], 0), lambda x: np.percentile(x, [[10, 50.5], [99, 0]], 0), (9, 2),
     dtypes=REAL)
case("percentile-number", lambda x: B["percentile"](x, 40), lambda x: np.percentile(x, 40), (9, 2), dtypes=(*REAL, "float16"))
case("nanpercentile", lambda x: B["nanpercentile"](_holes(x), 40, 0), lambda x: np.nanpercentile(_with_holes(x), 40, 0), (9, 2), smooth=False)
case("quantile-open-q", lambda x, q: B["quantile"](x, q, 1), lambda x, q: np.quantile(x, q, 1), (3, 7), (2,), dtypes=("float64",),
     low=0.05, high=0.95)
