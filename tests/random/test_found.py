"""What random graphs found: the smallest graphs that once gave wrong answers or did not compile, each with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
from tensorviz.compile.mode import Mode


def turned(x: Any, y: Any, v: Any) -> list[Any]:
    """A value that one nest reads as it is and turned: merged, both were taken for one."""
    low = tv.minimum(x.T, x)
    half = tv.where(tv.logical_and(x.T == low, x == low), 0.5, 1.0)
    return [tv.where(x == low, half, 0.0) + tv.where(x.T == low, half, 0.0).T]


FOUND: dict[str, Callable[..., list[Any]]] = {
    "what rows share is stored though there are no rows": lambda x, y, v: [y * tv.square(v), tv.square(v), y * (v > 0).sum(), (v > 0).sum()],
    "a sum of something else beside outer loops": lambda x, y, v: [y[:, :, None] * tv.all(v > 0), tv.all(v > 0)],
    "what varies along one of two inner loops": lambda x, y, v: [
        tv.where(tv.arange(y.shape[0])[:, None] >= tv.arange(y.shape[1]), 0.0, y).sum(), tv.arange(y.shape[0]) % 2],
    "a value and the same value turned": turned,
    "places in x and in x.T": lambda x, y, v: [tv.argmax(x.T) + 0 * x.sum().astype("int64"), x * 2, tv.argmax(x), tv.argmin(-x.T)],
    "sums of what is broadcast along all axes": lambda x, y, v: [
        getattr(tv, name)(tv.ones_like(y), axis=0) for name in ("sum", "prod", "max", "argmax")],
    "lengths that follow from each other": lambda x, y, v: [x[:1].T * x[:1] + x[:1], x + x[: x.shape[1]]],
    "lengths of what C has no type for": lambda x, y, v: [tv.arange(1, y.astype("float16").shape[0] * 2, 2, dtype="float64") + 1],
    "parts of shapes": lambda x, y, v: [y.shape[1:], tv.eye(3, 8, k=-1)[::2, 0], y.shape[::-1]],
}
SHAPES = (((3, 3), (2, 4)), ((3, 3), (0, 4)), ((3, 3), (4, 0)), ((1, 1), (1, 1)))


@pytest.mark.parametrize("rewrite", [False, True], ids=["plain", "rewritten"])
@pytest.mark.parametrize("name", FOUND)
def test_what_was_wrong_stays_mended(name: str, rewrite: bool) -> None:
    variables = [tv.matrix("x"), tv.matrix("y"), tv.vector("v")]
    roots = FOUND[name](*variables)
    f = tv.function(variables, roots, mode=Mode(rewrite=rewrite), on_unused_input="ignore")
    rng = np.random.default_rng(0)
    for square, other in SHAPES:
        given = [rng.integers(-4, 5, square) / 2, rng.integers(-4, 5, other) / 2, rng.integers(-4, 5, other[1:]) / 2]
        try:
            meant = tv.evaluate(roots, dict(zip(variables, given)))
        except tv.ShapeError:
            with pytest.raises(tv.ShapeError):
                f(*given)
            continue
        for found, want in zip(f(*given), meant, strict=True):
            assert found.dtype == want.dtype
            np.testing.assert_array_equal(found, want)
