"""Corners where NumPy's own answer is the only rule: knots beside infinities, parts of complex numbers, empty and wrong tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

MODES = ("FAST_RUN", "FAST_COMPILE")


def both(inputs: list[Any], made: Any, *values: Any) -> list[Any]:
    """What C and the interpreter compute."""
    return [tv.function(inputs, made, mode=mode)(*values) for mode in MODES]


def same(name: str, build: Callable[[Any, Any], Any], *values: Any) -> None:
    """`build(T, x, ...)` is `build(np, values...)`, in dtype too, with unknown lengths."""
    arrays = [np.asarray(v) for v in values]
    variables = [tv.tensor(f"x{k}", dtype=a.dtype, shape=(None,) * a.ndim) for k, a in enumerate(arrays)]
    with np.errstate(all="ignore"):
        meant = np.asarray(build(np, *arrays))
    for found in both(variables, build(T, *variables), *arrays):
        assert found.dtype == meant.dtype, name
        np.testing.assert_allclose(found, meant, rtol=1e-14, err_msg=name)


# -- interp ------------------------------------------------------------------------------------------------------------------
XP = np.array([0.0, 1.0, 3.0, 4.0])
AT = np.array([-1, 0, 0.5, 1, 3, 3.5, 4, 9, np.nan, np.inf])


@pytest.mark.parametrize("heights", [[1, np.inf, 2, 3], [1, np.nan, 2, 3], [1, np.inf, np.inf, 3], [1, 1e308, -1e308, 3],
                                     [np.inf, -np.inf, 1, np.inf]], ids=str)
def test_interp_has_the_height_of_a_point_at_the_point(heights: list[float]) -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    meant = np.interp(AT, XP, heights)
    for found in both([x, xp, fp], T.interp(x, xp, fp), AT, XP, heights) + both([x], T.interp(x, XP, np.array(heights)), AT):
        np.testing.assert_array_equal(found, meant)


def test_interp_through_one_point_is_its_height_everywhere() -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    for found in both([x, xp, fp], T.interp(x, xp, fp), [np.nan, 1, -1], [0.0], [7.0]) + both(
            [x], T.interp(x, [0.0], [7.0]), [np.nan, 1, -1]):
        np.testing.assert_array_equal(found, [7.0, 7.0, 7.0])


@pytest.mark.parametrize("mode", MODES)
def test_interp_refuses_points_that_do_not_pair(mode: str) -> None:
    x, xp, fp = tv.dvectors("x xp fp")
    f = tv.function([x, xp, fp], T.interp(x, xp, fp), mode=mode)
    for a, b in ((XP, XP[:2]), (XP[:2], XP)):
        with pytest.raises(tv.ShapeError, match="as many xp as fp"):
            f(AT, a, b)
    with pytest.raises(tv.ShapeError, match="empty"):
        f(AT, [], [])
    with pytest.raises(tv.ShapeError, match="as many xp as fp"):
        T.interp(x, XP, XP[:2])


# -- complex numbers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_nan_to_num_treats_parts_apart(dtype: str) -> None:
    parts = [0.0, -1.5, np.nan, np.inf, -np.inf]
    z = np.array([complex(a, b) for a in parts for b in parts], dtype)
    same("plain", lambda M, x: M.nan_to_num(x), z)
    same("given", lambda M, x: M.nan_to_num(x, nan=2.0, posinf=3.0, neginf=-4.0), z)
