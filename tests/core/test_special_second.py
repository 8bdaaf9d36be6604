"""Second derivatives of incomplete functions and distributions: by the argument they are there, by shape parameters refused."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

# At these points; the argument that has second derivatives, and the shape parameters that have the first alone.
FUNCTIONS: dict[str, tuple[tuple[float, ...], int, tuple[int, ...]]] = {
    **dict.fromkeys(("gammainc", "gammaincc", "gammau", "gammal"), ((1.7, 2.3), 1, (0,))),
    **dict.fromkeys(("gammaincinv", "gammainccinv"), ((1.7, 0.3), 1, (0,))),
    **dict.fromkeys(("chdtr", "chdtrc", "stdtr"), ((3.4, 1.2), 1, (0,))),
    **dict.fromkeys(("chdtri", "stdtrit"), ((3.4, 0.3), 1, (0,))),
    **dict.fromkeys(("betainc", "betaincc", "betaincinv", "betainccinv"), ((1.7, 2.3, 0.4), 2, (0, 1))),
    **dict.fromkeys(("fdtr", "fdtrc"), ((3.4, 4.6, 1.2), 2, (0, 1))),
    "fdtri": ((3.4, 4.6, 0.3), 2, (0, 1)),
    **dict.fromkeys(("gdtr", "gdtrc"), ((0.7, 1.7, 2.3), 2, (1,))),
    **dict.fromkeys(("nbdtr", "nbdtrc"), ((2.0, 3.0, 0.4), 2, (1,))),
    **dict.fromkeys(("bdtr", "bdtrc"), ((2.0, 5.0, 0.4), 2, ())),
    **dict.fromkeys(("pdtr", "pdtrc"), ((2.0, 1.3), 1, ())),
    "chi2sf": ((2.3, 3.4), 0, (1,)), "zetac": ((2.4,), 0, ()), "zeta": ((2.4, 1.3), 1, ()), "polygamma": ((2.0, 1.3), 1, ()),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_by_the_argument_are_those_of_differences(name: str) -> None:
    at, k, _ = FUNCTIONS[name]
    xs = list(tv.dvectors(" ".join("abc"[:len(at)])))
    value = getattr(T.special, name)(*xs)
    first = tv.grad(value.sum(), xs[k])
    second = tv.hessian(value.sum(), xs[k])
    h = 1e-3
    steps = np.array([-2, -1, 1, 2]) * h
    (values,) = tv.evaluate([first], {x: v + steps if j == k else np.full(4, v) for j, (x, v) in enumerate(zip(xs, at, strict=True))})
    meant = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    (found,) = tv.evaluate([second], {x: [v] for x, v in zip(xs, at, strict=True)})
    np.testing.assert_allclose(found, [[meant]], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", [name for name, (*_, shapes) in FUNCTIONS.items() if shapes])
def test_second_derivatives_by_shape_parameters_are_refused_by_name(name: str) -> None:
    at, _, shapes = FUNCTIONS[name]
    xs = list(tv.dvectors(" ".join("abc"[:len(at)])))
    value = getattr(T.special, name)(*xs).sum()
    for k in shapes:
        with pytest.raises(tv.GradientError, match="itself a derivative by a shape parameter"):
            tv.hessian(value, xs[k])
