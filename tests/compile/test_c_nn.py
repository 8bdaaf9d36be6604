"""Compiled convolutions, pools and windows against their NumPy meanings, without a step that runs in Python."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.program import Foreign
from tensorviz.core.op import BUILDERS as B
from tests.compile.families import NETWORKS, family
from tests.core.cases import CASES, Case, inputs
from tests.core.families.convolution import convolved

TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


def rows_of(name: str, dtype: str, known: bool) -> list[Case]:
    return [c for c in CASES if family(c) == name and dtype in c.dtypes and (known or not c.fixed)]


def compiled(inputs: list[Any], outputs: list[Any]) -> Any:
    """A function of C alone."""
    f = tv.function(inputs, outputs, on_unused_input="ignore")
    program = f._version.program
    assert program is not None
    python = [s.node.op.name for s in program.steps if isinstance(s, Foreign)]
    assert not python, python
    return f


@pytest.mark.parametrize(("dtype", "known"), [("float64", True), ("float32", False)])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_compiles_to_what_numpy_gives(name: str, dtype: str, known: bool) -> None:
    made = [(c, *inputs(c, dtype, known)) for c in rows_of(name, dtype, known)]
    exprs = [c.build(*xs) for c, xs, _ in made]
    f = compiled([x for _, xs, _ in made for x in xs], exprs)
    found = f(*(a for _, _, arrays in made for a in arrays))
    meant = tv.evaluate(exprs, {x: a for _, xs, arrays in made for x, a in zip(xs, arrays, strict=True)})
    for (c, *_), got, want in zip(made, found, meant, strict=True):
        assert got.dtype == want.dtype and got.shape == want.shape, c.name
        np.testing.assert_allclose(got, want, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype], err_msg=c.name)


def drawn(seed: int) -> tuple[Any, ...]:
    """Random lengths, strides, paddings, dilations and groups that fit."""
    rng = np.random.default_rng(seed)
    ndim, groups = int(rng.integers(1, 4)), int(rng.choice([1, 1, 2, 3]))
    taps = rng.integers(1, 5, ndim)
    stride, dilation = (tuple(int(v) for v in rng.integers(1, m, ndim)) for m in (4, 3))
    padding = tuple((int(a), int(b)) for a, b in rng.integers(0, 4, (ndim, 2)))
    channels, outputs = int(rng.integers(1, 5)), int(rng.choice([1, 2, 3, 7, 9, 20]))
    lengths = [max(1, (k - 1) * d + 1 - sum(p)) + int(rng.integers(0, 9 if ndim < 3 else 4))
               for k, d, p in zip(taps, dilation, padding, strict=True)]
    lengths[-1] += 60 * (seed % 3 == 0)
    x = rng.normal(size=(int(rng.integers(1, 5)), groups * channels, *lengths))
    w = rng.normal(size=(groups * outputs, channels, *taps))
    return x, w, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


@pytest.mark.parametrize(("seed", "dtype", "known"), [(k, ("float32", "float64")[k % 2], k % 3 > 0) for k in range(14)])
def test_convolutions_and_their_transposes_are_sums_over_taps(seed: int, dtype: str, known: bool) -> None:
    x, w, kw = drawn(seed)
    out = convolved(x, w, **kw)
    g = np.random.default_rng(seed + 99).normal(size=out.shape)
    arrays = [a.astype(dtype) for a in (x, w, g)]
    vx, vw, vg = variables = [tv.tensor(n, dtype=dtype, shape=a.shape if known else (None,) * a.ndim)
                              for n, a in zip("xwg", arrays, strict=True)]
    made = B["convolve_nd"](vx, vw, **kw)
    f = compiled(variables, [made, *tv.grad((made * vg).sum(), [vx, vw])])
    found = f(*arrays)
    meant = tv.evaluate([made, *tv.grad((made * vg).sum(), [vx, vw])], dict(zip(variables, arrays, strict=True)))
    tolerance = 10 * TOLERANCE[dtype]
    np.testing.assert_allclose(found[0], out, rtol=tolerance, atol=tolerance)
    for got, want in zip(found, meant, strict=True):
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    scale = np.abs(out * g).sum()
    assert abs((x * found[1]).sum() - (out * g).sum()) <= tolerance * scale
    assert abs((w * found[2]).sum() - (out * g).sum()) <= tolerance * scale


def test_views_are_read_where_they_lie() -> None:
    x, w = tv.tensor4("x", dtype="float32"), tv.tensor4("w", dtype="float32")
    rng = np.random.default_rng(5)
    images, filters = rng.normal(size=(3, 9, 8, 2)).astype("f4"), rng.normal(size=(3, 2, 4, 2)).astype("f4")
    seen, turned = x.transpose(0, 3, 1, 2)[:, :, ::-1, 1:], w.transpose(2, 3, 0, 1)[:, :, ::-1, ::-1]
    f = compiled([x, w], [B["convolve_nd"](seen, turned, 2, 1), B["pool_max"](seen, (2, 3)), B["unfold"](seen, (2, 2), 3),
                          B["pool_sum"](x.transpose(3, 1, 0, 2), (2, 2))])
    a, b = images.transpose(0, 3, 1, 2)[:, :, ::-1, 1:], filters.transpose(2, 3, 0, 1)[:, :, ::-1, ::-1]
    found = f(images, filters)
    np.testing.assert_allclose(found[0], convolved(a, b, 2, 1), rtol=1e-4, atol=1e-5)
    for got, expr in zip(found[1:], (B["pool_max"](a.copy(), (2, 3)), B["unfold"](a.copy(), (2, 2), 3),
                                     B["pool_sum"](images.transpose(3, 1, 0, 2).copy(), (2, 2))), strict=True):
        np.testing.assert_allclose(got, expr.eval(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_share_images_and_tiles(threads: int) -> None:
    from tensorviz.compile.threads import set_threads
    from tensorviz.compile.threads import threads as now

    x, w = tv.tensor4("x", dtype="float32"), tv.tensor4("w", dtype="float32")
    rng = np.random.default_rng(6)
    before = now()
    set_threads(threads)
    try:
        f = compiled([x, w], [made := B["convolve_nd"](x, w, padding=1), *tv.grad((made * made).sum(), [x, w])])
        for n, c, o, side in itertools.product((1, 7), (3,), (2, 17), (40,)):
            images, filters = rng.normal(size=(n, c, side, side)).astype("f4"), rng.normal(size=(o, c, 3, 3)).astype("f4")
            out = convolved(images, filters, padding=1)
            found = f(images, filters)
            np.testing.assert_allclose(found[0], out, rtol=1e-4, atol=1e-4)
            total = 2 * (out.astype("f8") ** 2).sum()
            np.testing.assert_allclose([(images * found[1]).sum(dtype="f8"), (filters * found[2]).sum(dtype="f8")], total, rtol=1e-4)
    finally:
        set_threads(before)


def test_what_lies_outside_of_windows_changes_nothing() -> None:
    """Infinite values near the end of a row are not multiplied with zeros of the next."""
    x, w = tv.tensor4("x", dtype="float32"), tv.tensor4("w", dtype="float32")
    images = np.ones((2, 1, 5, 19), np.float32)
    images[:, :, 3:], images[:, :, :, 18:] = np.inf, np.nan
    filters = np.ones((1, 1, 2, 2), np.float32)
    g = tv.constant(np.ones((2, 1, 1, 9), np.float32))
    made = B["convolve_filters"](x[:, :, :2, :18], g, (1, 1, 2, 2), 2)
    np.testing.assert_array_equal(compiled([x], [made])(images)[0], np.full((1, 1, 2, 2), 18))
    f = compiled([x, w], [B["convolve_nd"](x, w)])
    assert np.isfinite(f(images, filters)[0][:, :, :2, :17]).all()


def test_nan_and_infinities_come_through_pools_as_from_max() -> None:
    x = tv.vector("x")
    made = B["pool_max"](x, 2)
    f = compiled([x], [made, tv.grad(made.sum(), x)])
    values, slopes = f(np.array([np.nan, 1.0, -np.inf, -np.inf, np.inf, np.nan, np.nan, np.nan, -0.0, 0.0]))
    np.testing.assert_array_equal(values, [np.nan, -np.inf, np.nan, np.nan, 0.0])
    np.testing.assert_array_equal(slopes, [1, 0, 0.5, 0.5, 0, 1, 0.5, 0.5, 0.5, 0.5])


WRONG: dict[str, tuple[Any, tuple[int, ...], tuple[int, ...]]] = {
    "channels": (lambda x, w: B["convolve_nd"](x, w), (2, 3, 5, 5), (4, 2, 3, 3)),
    "long filter": (lambda x, w: B["convolve_nd"](x, w), (2, 3, 5, 5), (4, 3, 6, 3)),
    "no taps": (lambda x, w: B["convolve_nd"](x, w), (2, 3, 5, 5), (4, 3, 0, 3)),
    "groups": (lambda x, w: B["convolve_nd"](x, w, groups=2), (2, 4, 5, 5), (3, 2, 3, 3)),
    "gradient": (lambda x, w: B["convolve_inputs"](x, w, (2, 2, 9, 9)), (2, 4, 5, 5), (4, 2, 3, 3)),
    "filters": (lambda x, w: B["convolve_filters"](x, w, (4, 4, 3, 3)), (2, 4, 5, 5), (2, 4, 5, 5)),
    "batch": (lambda x, w: B["convolve_filters"](x, w, (4, 4, 1, 1)), (2, 4, 5, 5), (3, 4, 5, 5)),
    "pool": (lambda x, w: B["pool_max"](x, (6, 2)) + w[0, 0, 0, 0], (2, 4, 5, 5), (3, 4, 5, 5)),
    "unfold": (lambda x, w: B["unfold"](x, (2, 9)) + w[0, 0, 0, 0], (2, 4, 5, 5), (3, 4, 5, 5)),
    "fold": (lambda x, w: B["fold"](x, (9,), 4) + w[0, 0, 0, 0], (2, 4, 5, 5), (3, 4, 5, 5)),
}


@pytest.mark.parametrize("name", WRONG)
def test_lengths_that_do_not_fit_raise_when_built_or_when_run(name: str) -> None:
    build, *shapes = WRONG[name]
    arrays = [np.zeros(s) for s in shapes]
    with pytest.raises(tv.ShapeError) as caught:
        build(*(tv.tensor("x", dtype="float64", shape=s) for s in shapes))
    assert "test_c_nn.py" in str(caught.value)
    variables = [tv.tensor(n, dtype="float64", shape=(None,) * 4) for n in "xw"]
    f = tv.function(variables, build(*variables))
    with pytest.raises(tv.ShapeError):
        f(*arrays)
