"""Special functions in C where their arguments are tiny, huge or at an end: the values are SciPy's or mpmath's, and they come at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

import tensorviz as tv
import tensorviz.tensor as T
from tensorviz.core.op import BUILDERS as B

INF, NAN = np.inf, np.nan


def values(f: Any, *columns: Any) -> tuple[Any, Any]:
    """Of compiled code and of the interpreter."""
    args = [np.asarray(c) for c in columns]
    xs = [tv.vector(f"x{k}", dtype=str(a.dtype)) for k, a in enumerate(args)]
    out = f(*xs)
    return tv.function(xs, out)(*args), tv.evaluate([out], dict(zip(xs, args, strict=True)))[0]


def check(f: Any, *columns: Any, meant: Any, rtol: float = 1e-12) -> None:
    for found in values(f, *columns):
        np.testing.assert_allclose(found, meant, rtol=rtol, atol=0)


# -- zeta ------------------------------------------------------------------------------------------------------------------
ZETA = [(INF, 2, 0), (INF, 1, 1), (INF, 0.5, INF), (INF, INF, 0), (1e300, 2, 0), (1e300, 1 + 1e-10, 0), (5, INF, 0), (5, 1e300, 0), (1e8, 1e5, 0),
        (2.5, INF, 0), (INF, -0.5, INF), (INF, -INF, INF), (2, -INF, INF), (NAN, INF, NAN), (INF, NAN, NAN)]


def test_zeta_ends_for_every_exponent() -> None:
    s, q, meant = np.array(ZETA, float).T
    check(B["zeta"], s, q, meant=meant)
    check(lambda x: B["zeta"](x, 2.0), s[:1], meant=[0])
    check(T.special.zetac, np.array([INF, 1e300, 60, -INF, NAN]), meant=scipy.special.zetac([INF, 1e300, 60, NAN, NAN]))
    check(lambda x: B["polygamma"](x, 2.0), np.array([1e300, 3]), meant=[NAN, scipy.special.polygamma(3, 2.0)])


def test_zeta_far_left_of_0_and_near_its_pole_is_mpmaths() -> None:
    import mpmath as mp

    for s, q in [(2, -25.25), (3, -25.25), (3, -1000.4), (2, -1000.25), (7, -19.7), (2, -20.3), (1 + 1e-10, 1e-20)]:
        with mp.workdps(40):
            meant = float(mp.fsum(mp.power(mp.mpf(q) + k, -s) for k in range(1100)) + mp.zeta(s, mp.mpf(q) + 1100))
        np.testing.assert_allclose(values(B["zeta"], [float(s)], [q])[0], meant, rtol=2e-14)
    far = values(B["zeta"], [2.0, 3.0], [-1e15 + 0.5, -1e15 + 0.5])[0]         # as many terms as no loop should go through
    np.testing.assert_allclose(far, [np.pi**2 - 1e-15, 0], rtol=1e-14, atol=1e-14)
