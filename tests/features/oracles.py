"""What every elementwise name of Theano and PyTensor must compute: NumPy's or SciPy's function and the values it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special, stats

ANY = np.array([-1.75, -0.5, 0.0, 0.25, 1.5])
UNIT = np.array([-0.9, -0.25, 0.0, 0.3, 0.8])
INNER = np.array([0.1, 0.25, 0.5, 0.7, 0.95])
ABOVE = np.array([1.0, 1.25, 2.0, 3.5, 9.0])
POSITIVE = np.array([0.1, 0.5, 1.0, 2.5, 7.0])
INTS = np.array([-3, 0, 1, 4, 7])
BITS = np.array([1, 6, 3, 5, 2])
FLAGS = np.array([True, False, True, False, True])
MIXED = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0])
COMPLEX = np.array([1 + 2j, -0.5 + 0.25j, 2 - 1j, 0.5j, -1 - 1j])

Oracle = tuple[Callable[..., Any], tuple[Any, ...]]


def _one(values: np.ndarray[Any, Any], module: Any, names: str) -> dict[str, Oracle]:
    found = {}
    for word in names.split():
        name, _, theirs = word.partition(":")
        found[name] = getattr(module, theirs or name), (values,)
    return found


def _two(x: Any, y: Any, module: Any, names: str) -> dict[str, Oracle]:
    return {name: (f, (x, y)) for name, (f, _) in _one(x, module, names).items()}


ORACLES: dict[str, Oracle] = {
    **_one(ANY, np, "abs:absolute abs_:absolute absolute arctan arcsinh ceil cos cosh exp exp2 expm1 floor neg:negative negative "
                    "rad2deg deg2rad sgn:sign sign sin sinh sqr:square square tan tanh trunc angle "
                    "round_half_to_even:rint tensor_copy:positive"),
    **_one(UNIT, np, "arccos arcsin arctanh log1p"),
    **_one(ABOVE, np, "arccosh"),
    **_one(POSITIVE, np, "inv:reciprocal reciprocal log log10 log2 sqrt"),
    **_one(COMPLEX, np, "conj imag real"),
    **_one(MIXED, np, "isinf isnan"),
    **_one(BITS, np, "bitwise_not invert"),
    **_one(ANY, special, "erf erfc erfcx j0 j1 i0 i1 expit sigmoid:expit"),
    **_one(UNIT, special, "erfinv"),
    **_one(INNER, special, "erfcinv"),
    **_one(POSITIVE, special, "gamma gammaln psi digamma"),
    **_two(POSITIVE, POSITIVE[::-1], special, "gammainc gammaincc jv iv ive kve:kve"),
    **_two(POSITIVE, INNER, special, "gammaincinv gammainccinv:gammaincinv"),
    **_two(ANY, INNER, special, "owens_t"),
    **_two(ANY, ANY[::-1].copy(), np, "add sub:subtract mul:multiply eq:equal neq:not_equal lt:less le:less_equal gt:greater "
                                      "ge:greater_equal equal not_equal less less_equal greater greater_equal maximum minimum "
                                      "arctan2"),
    **_two(ANY, POSITIVE, np, "true_div:true_divide floor_div:floor_divide mod:remainder"),
    **_two(INTS, BITS, np, "int_div:floor_divide"),
    **_two(POSITIVE, ANY, np, "pow:power power"),
    **_two(BITS, INTS, np, "and_:bitwise_and or_:bitwise_or xor:bitwise_xor bitwise_and bitwise_or bitwise_xor"),
    "gammainccinv": (special.gammainccinv, (POSITIVE, INNER)),
    "clip": (np.clip, (ANY, -1.0, 1.0)),
    "switch": (np.where, (FLAGS, ANY, POSITIVE)),
    "where": (np.where, (FLAGS, ANY, POSITIVE)),
    "second": (lambda x, y: np.broadcast_to(y, x.shape), (ANY, 2.0)),
    "fill": (lambda x, y: np.broadcast_to(y, x.shape), (ANY, 2.0)),
    "complex": (lambda x, y: x + 1j * y, (ANY, POSITIVE)),
    "complex_from_polar": (lambda r, phi: r * np.exp(1j * phi), (POSITIVE, ANY)),
    "round_half_away_from_zero": (lambda x: np.trunc(x + np.copysign(0.5, x)), (ANY,)),
    "tri_gamma": (lambda x: special.polygamma(1, x), (POSITIVE,)),
    "polygamma": (special.polygamma, (2, POSITIVE)),
    "gammau": (lambda a, x: special.gammaincc(a, x) * special.gamma(a), (POSITIVE, POSITIVE[::-1])),
    "gammal": (lambda a, x: special.gammainc(a, x) * special.gamma(a), (POSITIVE, POSITIVE[::-1])),
    "chi2sf": (lambda x, k: stats.chi2.sf(x, k), (POSITIVE, POSITIVE[::-1])),
    "log1mexp": (lambda x: np.log(-np.expm1(x)), (-POSITIVE,)),
    "log1pexp": (lambda x: np.logaddexp(0, x), (ANY,)),
    "softplus": (lambda x: np.logaddexp(0, x), (ANY,)),
    "ndtri_exp": (special.ndtri_exp, (-POSITIVE,)),
    "betainc": (special.betainc, (POSITIVE, POSITIVE[::-1], INNER)),
    "betaincinv": (special.betaincinv, (POSITIVE, POSITIVE[::-1], INNER)),
    "hyp2f1": (special.hyp2f1, (POSITIVE, POSITIVE[::-1], ABOVE, -INNER)),
}

MORE_SPECIAL: dict[str, Oracle] = {
    name: ORACLES[name] for name in "betainc betaincinv gammaincinv hyp2f1 polygamma kve ive ndtri_exp owens_t log1mexp".split()}
MORE_SPECIAL |= {
    "kn": (lambda n, x: special.kv(n, x), (BITS, POSITIVE)),
    "kv": (special.kv, (POSITIVE, POSITIVE[::-1])),
    "logit": (special.logit, (INNER,)),
    "xlogy": (special.xlogy, (np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 0.5]))),
    "xlog1py": (special.xlog1py, (np.array([0.0, 1.0, 2.0]), np.array([-1.0, 2.0, 0.5]))),
    "poch": (special.poch, (POSITIVE, POSITIVE[::-1])),
    "factorial": (special.factorial, (POSITIVE,)),
    "beta": (special.beta, (POSITIVE, POSITIVE[::-1])),
    "betaln": (special.betaln, (POSITIVE, POSITIVE[::-1])),
}
