"""Special functions are the same on a device: their C is OpenCL C too."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.ops.special import SPECIAL

pytestmark = pytest.mark.opencl

NAMES = ("erfinv", "gamma", "gammaln", "digamma", "ndtri", "j0", "i1e", "k1", "owens_t", "gammaincc", "betainc", "jv", "kv",
         "expi", "fresnel_s", "spence", "airy_bi", "ellipe", "elliprd", "lambertw_0", "kolmogi", "wofz_imag", "stdtrit")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_special_functions_on_a_device_are_scipys(dtype: str) -> None:
    xs = [tv.tensor(n, dtype=dtype, shape=(None,)) for n in "xyz"]
    made = [B[name](*xs[:SPECIAL[name].numpy.nin]) for name in NAMES]       # type: ignore[attr-defined]
    at = [np.random.default_rng(k).uniform(0.1, 0.9, 257).astype(dtype) for k in range(3)]
    f = tv.function(xs, made, target="opencl", on_unused_input="ignore")
    meant = tv.evaluate(made, dict(zip(xs, at, strict=True)))
    for name, got, want in zip(NAMES, f(*at), meant, strict=True):
        rtol = 1e-12 if dtype == "float64" else 2e-7        # SciPy's own errors are up to 3e-14 here
        np.testing.assert_allclose(got, want, rtol=rtol, err_msg=name)
