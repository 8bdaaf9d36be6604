"""Running sums, products, maxima, log-sum-exps, and the linear recurrence."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import NUMBERS, case

AXES: tuple[tuple[Any, tuple[int, ...]], ...] = ((None, (3, 4)), (0, (5,)), (0, (4, 3)), (-1, (3, 9)), (1, (2, 3, 5)), (0, (0, 3)),
                                                 (1, (3, 1)))


def _accumulate(ufunc: np.ufunc, x: Any, axis: Any) -> Any:
    return ufunc.accumulate(np.ravel(x) if axis is None else x, axis=axis or 0)


def _recurrence(a: Any, b: Any) -> Any:
    out = np.array(b)
    for k in range(1, b.shape[1]):
        out[:, k] += a[:, k] * out[:, k - 1]
    return out


for _axis, _shape in AXES:
    for _name in ("cumsum", "cumprod"):
        case(f"{_name}-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a), lambda x, n=_name, a=_axis: getattr(np, n)(x, axis=a),
             _shape, dtypes=(*NUMBERS, "int8", "float16", "complex128", "complex64"))
    for _name, _ufunc in (("cummax", np.maximum), ("cummin", np.minimum)):
        case(f"{_name}-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a), lambda x, u=_ufunc, a=_axis: _accumulate(u, x, a),
             _shape, dtypes=(*NUMBERS, "float16", "int8"))
    case(f"logcumsumexp-{_axis}", lambda x, a=_axis: B["logcumsumexp"](x, axis=a),
         lambda x, a=_axis: _accumulate(np.logaddexp, x, a), _shape)
case("cumsum-dtype", lambda x: B["cumsum"](x, 0, dtype="float32"), lambda x: np.cumsum(x, 0, dtype=np.float32), (4, 3),
     dtypes=("int16", "float16", "float32"))
case("cumsum-backwards", lambda x: B["cumsum"](x[::-1, ::2].T, 0), lambda x: np.cumsum(x[::-1, ::2].T, 0), (4, 5), dtypes=NUMBERS)
case("cumprod-with-zeros", lambda x: B["cumprod"](B["where"](np.array([True, False, True, False]), x, 0.0 * x), axis=1),
     lambda x: np.cumprod(np.where([True, False, True, False], x, 0), axis=1), (2, 4))
for _name in ("cumulative_sum", "cumulative_prod"):
    case(f"{_name}-initial", lambda x, n=_name: B[n](x, axis=1, include_initial=True),
         lambda x, n=_name: getattr(np, n)(x, axis=1, include_initial=True), (2, 3), dtypes=NUMBERS)
    case(_name, lambda x, n=_name: B[n](x), lambda x, n=_name: getattr(np, n)(x), (3,), dtypes=NUMBERS)
for _name in ("nancumsum", "nancumprod"):
    case(_name, lambda x, n=_name: B[n](B["where"](x > 1, np.nan, x), axis=0),
         lambda x, n=_name: getattr(np, n)(np.where(x > 1, x.dtype.type(np.nan), x), axis=0), (4, 3))
case("recurrence", lambda a, b: B["recurrence"](a, b, axis=1), _recurrence, (3, 5), (3, 5),
     dtypes=("float64", "float32", "float16", "complex128", "complex64"))
