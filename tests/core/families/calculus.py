"""Slopes and areas of samples, differences, covariances."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case

PLACES = np.array([0.0, 0.5, 0.75, 2.0, 3.5])
EVEN = np.array([1.0, 1.5, 2.0, 2.5, 3.0])
REAL = ("float64", "float32", "int32")


def _both(name: str, label: str, shapes: tuple[Any, ...], *args: Any, dtypes: Any = REAL, **kw: Any) -> None:
    case(f"{name}-{label}", lambda *xs: B[name](*xs, *args, **kw), lambda *xs: getattr(np, name)(*xs, *args, **kw), *shapes, dtypes=dtypes)


for _order in (1, 2):
    for _label, _args in (("one", ()), ("far", (0.5,)), ("places", (PLACES,)), ("even", (EVEN,))):
        _both("gradient", f"{_label}-{_order}", ((5,),), *_args, edge_order=_order, dtypes=(*REAL, "complex128"))
        _both("gradient", f"{_label}-{_order}-axis", ((5, 4),), *_args, axis=0, edge_order=_order)
    case(f"gradient-all-{_order}", lambda x, o=_order: B["gradient"](x, 0.5, PLACES, edge_order=o)[1],
         lambda x, o=_order: np.gradient(x, 0.5, PLACES, edge_order=o)[1], (4, 5))
case("gradient-two", lambda x: B["gradient"](x)[0], lambda x: np.gradient(x)[0], (2, 3), dtypes=(*REAL, "float16"))
case("gradient-open", lambda x, p: B["gradient"](x, B["cumsum"](p)), lambda x, p: np.gradient(x, np.cumsum(p)), (5,), (5,), low=0.5,
     dtypes=("float64",))
_both("trapezoid", "one", ((3, 5),), dtypes=(*REAL, "complex128"))
_both("trapezoid", "dx", ((3, 5),), None, 0.3, axis=0)
case("trapezoid-x", lambda y, x: B["trapezoid"](y, x, axis=0), lambda y, x: np.trapezoid(y, x, axis=0), (5, 2), (5,), dtypes=REAL)
case("trapezoid-xs", lambda y, x: B["trapezoid"](y, x, axis=1), lambda y, x: np.trapezoid(y, x, axis=1), (5, 3), (5, 3))
_both("ediff1d", "plain", ((3, 4),), dtypes=REAL)
_both("ediff1d", "ends", ((5,),), [1.0, 2.0], -3.0, dtypes=("float64", "float32"))
for _n in (0, 1, 2):
    case(f"diff-ends-{_n}", lambda x, y, n=_n: B["diff"](x, n, 1, y, 3), lambda x, y, n=_n: np.diff(x, n, 1, y, 3), (3, 4), (3, 2), dtypes=REAL)
case("diff-prepend", lambda x: B["diff"](x, axis=0, prepend=0), lambda x: np.diff(x, axis=0, prepend=0), (3, 4), dtypes=(*REAL, "float16"))
for _kw in ({}, {"bias": True}, {"ddof": 0}, {"rowvar": False}, {"fweights": np.array([1, 2, 3, 1, 1])},
            {"aweights": np.array([1.0, 0.5, 0.25, 2.0, 1.0])}, {"fweights": np.array([1, 2, 3, 1, 1]), "aweights": EVEN}):
    _shape = (5, 3) if "rowvar" in _kw else (3, 5)
    _both("cov", "-".join(_kw) or "plain", (_shape,), dtypes=(*REAL, "complex128"), **_kw)
_both("cov", "one", ((6,),))
_both("cov", "two", ((6,), (6,)))
_both("cov", "dtype", ((3, 5),), dtype="float32", dtypes=("float32",))
_both("corrcoef", "rows", ((3, 7),), dtypes=(*REAL, "complex128"))
_both("corrcoef", "two", ((7,), (7,)))
_both("corrcoef", "columns", ((7, 3),), None, False)
case("corrcoef-one", lambda x: B["corrcoef"](x), np.corrcoef, (5,), dtypes=("float64",))
