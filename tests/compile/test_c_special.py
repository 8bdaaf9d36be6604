"""Special functions in C: their accuracy against mpmath (docs/special.md), edges against SciPy, dtypes, layouts, inverses."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special

import tensorviz as tv
from tensorviz.compile.cover import Cover
from tensorviz.compile.lengths import Lengths
from tensorviz.core.op import BUILDERS as B
from tensorviz.core.ops.special import SPECIAL
from tests.compile.special_rows import more
from tests.compile.special_table import Row, table

Array = np.ndarray[Any, Any]
PAGE = Path(__file__).parents[2] / "docs" / "special.md"
HEAD = """# How exact special functions are

Made by `pytest tests/compile/test_c_special.py --update-golden`: the largest error of compiled code over a grid, in units in the last
place of the exact value (of the amplitude for j0, j1, y0, y1, jv, cosine_integral and Airy's functions left of 0, which are as exact in absolute
terms near their zeros). The test
fails when an error is above the one that stands here by more than a tenth and half a unit. Exact values are mpmath's, to 50 digits. Below 0, where
gammaln and digamma have zeros between their poles, their errors are of the order of one unit of the terms that cancel there.
NaN, infinities, poles and edges are SciPy's, but where SciPy's differ from their own limits: `gammainccinv(0, q)` and `chdtri(0, q)` are NaN for
every q between 0 and 1, `betaincinv` and `betainccinv` are 0 or 1 for an infinite parameter, `beta` and `betaln` of NaN are NaN, and `loggamma`,
another word for `gammaln`, has values of real numbers left of 0. Integers and booleans of any size become float64; float16 and float32 stay (SciPy has no float16).
Far in the tails the incomplete functions and kv lose what exponentials of large numbers lose:
once or twice the logarithm of the value in units.

`yv`, `hyp1f1`, `hyp2f1`, `hyperu`, `struve`, `modstruve` and the derivatives by shape parameters `gammainc_da` and `betainc_da` run as
their SciPy meaning, not in C.

Functions whose names of SciPy's are not here are compositions of these. What `scipy.special` has and `tensorviz.tensor.special` has not,
since it is rare and has no short formula: `chndtr`, `ncfdtr`, `nctdtr` (noncentral distributions) and inverses by a parameter other than the
last (`btdtria`, `bdtrik`, `stdtridf`, ...), `smirnov`, `tklmbda`, `ellipj`, `elliprj`, Kelvin's, Mathieu's, parabolic cylinder, spheroidal,
ellipsoidal and Wright's functions, integrals of Bessel functions (`iti0k0`, ...), and what makes numbers rather than functions of tensors:
zeros, roots and weights, polynomials as objects, sequences, tables of `bernoulli`, `euler`, `stirling2`. Take these from SciPy for constants. `lambertw`
is real here and has the two branches that are; complex numbers go into `wofz` and nothing else on this page. `hankel1` and its kin
take real numbers, left of 0 those above the cut; polynomials (`eval_legendre`, ...), `lpmv` and `sph_harm_y` want degrees that are known when the graph is built.

| function | where | float64 | float32 |
|---|---|---|---|
"""
ROWS = {row.name: row for row in [*table(), *more()]}
SPECIALS = np.array([0.0, -0.0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2, -3, 7, -7.5, 30, -40, 171, 172, 200, 710, 750, 1e5, -1e5, 1e300, -1e300,
                     5e-324, -5e-324, 1e-310, 1e-30, -1e-30, np.inf, -np.inf, np.nan])


@cache
def function(name: str, dtype: str = "float64") -> Any:
    """The op compiled for vectors."""
    xs = [tv.tensor(f"x{k}", dtype=dtype, shape=(None,)) for k in range(SPECIAL[name].numpy.nin)]       # type: ignore[attr-defined]
    return tv.function(xs, B[name](*xs))


def largest_error(row: Row, dtype: str, every_nth: int = 1) -> float:
    """In units in the last place, over the points of the grid or every n-th of them."""
    import mpmath as mp

    with np.errstate(over="ignore"):
        at = [a[::every_nth].astype(dtype) for a in row.at]
    found = function(row.function, dtype)(*at)
    worst = 0.0
    with mp.workdps(50), np.errstate(all="ignore"):
        for value, *args in zip(found, *at, strict=True):
            try:
                exact = row.exact(*(mp.mpf(float(a)) for a in args))
            except ZeroDivisionError:           # at an end, to which float32 rounds
                continue
            unit = exact if row.amplitude is None else row.amplitude(*(abs(mp.mpf(float(a))) for a in args))
            near = np.dtype(dtype).type(abs(float(unit)))
            if np.isfinite(near) and near > np.finfo(dtype).tiny:
                worst = max(worst, float(abs(mp.mpf(float(value)) - exact) / mp.mpf(float(np.spacing(near)))))
    return worst


def stated() -> dict[str, tuple[float, float]]:
    """What the page says."""
    found = re.findall(r"^\| ([\w ]+) \| [^|]+ \| ([\d.]+) \| ([\d.]+) \|$", PAGE.read_text(), re.M)
    return {name: (float(a), float(b)) for name, a, b in found}


def test_the_page_lists_every_function(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        lines = [f"| {r.name} | {r.where} | {math.ceil(10 * largest_error(r, 'float64')) / 10} | "
                 f"{math.ceil(10 * largest_error(r, 'float32')) / 10} |\n" for r in ROWS.values()]
        PAGE.write_text(HEAD + "".join(lines))
    assert PAGE.read_text().startswith(HEAD)
    assert list(stated()) == list(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_errors_are_what_the_page_says(name: str) -> None:
    for dtype, bound in zip(("float64", "float32"), stated()[name], strict=True):
        assert largest_error(ROWS[name], dtype, 3) <= 1.1 * bound + 0.5         # --update-golden looks at all points


NO_CODE = {"yv", "hyp1f1", "hyp2f1", "hyperu", "struve", "modstruve", "gammainc_da", "betainc_da"}


def test_c_has_code_for_all_but_these() -> None:
    left = set()
    for name, op in SPECIAL.items():
        xs = [tv.tensor(f"v{k}", dtype="float32", shape=(3,)) for k in range(op.numpy.nin)]     # type: ignore[attr-defined]
        if not Cover(Lengths(), set(xs)).covered(B[name](*xs)):
            left.add(name)
    assert left == NO_CODE
    assert all(name in PAGE.read_text() for name in left)


# -- edges ---------------------------------------------------------------------------------------------------------------
def meaning(name: str, args: list[Array]) -> Array:
    """The interpreter's value: SciPy's."""
    xs = [tv.vector(f"x{k}") for k in range(len(args))]
    return tv.evaluate([B[name](*xs)], dict(zip(xs, args, strict=True)))[0]


def far(name: str, x: Any) -> Any:
    """A Bessel function where the first term of Hankel's form is all: mpmath's own takes half a minute there."""
    import mpmath as mp

    wave = mp.cos if name[0] == "j" else mp.sin
    return (mp.sign(x) if name == "j1" else 1) * mp.sqrt(2 / (mp.pi * abs(x))) * wave(abs(x) - (2 * int(name[1]) + 1) * mp.pi / 4)


def agrees(name: str, found: float, meant: float, args: tuple[float, ...]) -> bool:
    """Whether a value is SciPy's, or mpmath's where SciPy overflows, underflows or loses digits."""
    import mpmath as mp

    if found == meant or (np.isnan(found) and np.isnan(meant)):
        return True
    if np.isfinite(meant) and abs(found - meant) <= 1e-9 * abs(meant):
        return True
    if name not in ROWS or not all(np.isfinite(args)):
        return False
    with mp.workdps(330 if max(map(abs, args)) > 1e20 else 60):
        try:
            exact = float(far(name, mp.mpf(args[0])) if name in ("j0", "j1", "y0", "y1") and abs(args[0]) > 1e20
                          else ROWS[name].exact(*map(mp.mpf, args)))
        except (ValueError, ZeroDivisionError, mp.NoConvergence):
            return False
    return found == exact or bool(abs(found - exact) <= 1e-9 * abs(exact) + 5e-324)


@pytest.mark.parametrize("name", [n for n, op in SPECIAL.items() if op.numpy.nin == 1])     # type: ignore[attr-defined]
def test_edges_are_scipys(name: str) -> None:
    found, meant = function(name)(SPECIALS), meaning(name, [SPECIALS])
    for x, a, b in zip(SPECIALS, found, meant, strict=True):
        assert agrees(name, a, b, (float(x),)), (name, x, a, b)


GRID = np.array([0.0, 0.5, 1, 2.5, 30, np.inf, np.nan, -1, -0.5])


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "rel_entr", "kl_div", "gammainc", "gammaincc", "kv", "kve", "iv", "ive", "jv", "owens_t",
                                  "betaln", "stdtr", "ellipkinc", "ellipeinc", "wofz_real", "wofz_imag", "expn"])
def test_edges_of_two_arguments_are_scipys(name: str) -> None:
    a, b = (v.ravel() for v in np.meshgrid(GRID, GRID))
    found, meant = function(name)(a, b), meaning(name, [a, b])
    for x, y, p, q in zip(a, b, found, meant, strict=True):
        if np.isnan(x) or np.isnan(y):
            assert np.isnan(p), (name, x, y, p)
        else:
            assert agrees(name, p, q, (float(x), float(y))), (name, x, y, p, q)


def test_inverses_lead_back() -> None:
    rng = np.random.default_rng(5)
    a, b, p = np.exp(rng.uniform(-1, 4, 300)), np.exp(rng.uniform(-1, 4, 300)), rng.uniform(0.001, 0.999, 300)
    for one, other, args in (("gammainc", "gammaincinv", (a,)), ("gammaincc", "gammainccinv", (a,)), ("betainc", "betaincinv", (a, b))):
        x = function(other)(*args, p)
        np.testing.assert_allclose(x, getattr(scipy.special, other)(*args, p), rtol=1e-11)
        np.testing.assert_allclose(function(one)(*args, x), p, rtol=1e-12)
    for end in (0.0, 1.0):
        assert function("betaincinv")([2.0], [3.0], [end])[0] == end
    assert function("gammaincinv")([2.0, 2.0, 2.0, -1.0], [0.0, 1.0, np.nan, 0.5]).tolist()[:2] == [0, np.inf]


@pytest.mark.parametrize("name", ["erfinv", "gammaln", "i0", "gammainc", "betainc"])
def test_layouts_and_lengths_make_no_difference(name: str) -> None:
    nin = SPECIAL[name].numpy.nin       # type: ignore[attr-defined]
    xs = [tv.matrix(f"x{k}") for k in range(nin)]
    f = tv.function(xs, B[name](*xs))
    values = [np.random.default_rng(k).uniform(0.1, 0.9, (13, 7)) for k in range(nin)]
    meant = f(*values)
    for turned in (np.asfortranarray, lambda v: v[::-1, ::-1].copy()[::-1, ::-1], lambda v: np.repeat(v, 2, 1)[:, ::2]):
        np.testing.assert_array_equal(f(*map(turned, values)), meant)
    np.testing.assert_allclose(f(*[v[::2] for v in values]), meant[::2], rtol=1e-14)     # the C library's loop of vectors has a rest
    for shape in ((0, 3), (1, 1)):
        assert f(*[np.resize(v, shape) for v in values]).shape == shape
