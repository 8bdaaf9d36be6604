"""Histograms of points in several dimensions: NumPy's histogram2d and histogramdd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant, make
from ..op import BUILDERS, OPS, builder
from .counting import bin_count, edges_of, ends_of
from .create import full
from .elementwise import cast, where
from .lengths import INT, Length, length_of, product, user_line
from .searching import searchsorted
from .shape import reshape
from .spaces import linspace

__all__ = ["histogram2d", "histogramdd"]

F8 = np.dtype(np.float64)


def _columns(sample: Any) -> list[Expr]:
    """The coordinates of the points, a vector each."""
    if isinstance(sample, list | tuple):
        found = [as_expr(v) for v in sample]
        if all(v.ndim == 1 for v in found):
            return [_real(v) for v in found]
    x = as_expr(sample)
    if x.ndim == 1:
        return [_real(x)]
    if x.ndim != 2 or x.type.shape[1] is None:
        raise ShapeError(f"histogramdd takes points as the rows of a matrix whose width is known, not {x.type.text()}",
                         at=user_line(), hint="a list of vectors is as good: one for each dimension")
    return [_real(x[:, k]) for k in range(x.type.shape[1])]


def _real(x: Expr) -> Expr:
    if x.dtype.kind == "c":
        raise DtypeError("a histogram takes real numbers, not complex ones", at=user_line())
    return cast(x, np.uint8) if x.dtype.kind == "b" else x


def _edges(x: Expr, bins: Any, range: Any) -> Expr:
    if isinstance(bins, Expr | Sequence | np.ndarray):
        return edges_of(x, bins, range)
    count = bin_count(bins)
    return linspace(*ends_of(x, range), count + 1)


def _for_each(given: Any, count: int, what: str) -> list[Any]:
    if not isinstance(given, Expr | Sequence | np.ndarray):
        return [given] * count
    if len(given) != count:
        raise ArgumentValueError(f"{what} are one for each of {count} dimensions, not {len(given)}", at=user_line())
    return list(given)


@builder
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Expr, tuple[Expr, ...]]:
    """How many points (rows of `sample`, or a vector for each dimension) lie in each box, in float64, and the edges of the boxes.

    `bins`: a number for all dimensions, or for each a number or a vector of edges that go up; `range`: for each the first and
    last edge, or None. With `density` the sum times the volumes is 1. `weights`, one for each point, are added up where given;
    gradients flow to them. Edges and errors are as in `histogram`.

    >>> import tensorviz as tv
    >>> counts, edges = histogramdd(tv.matrix("p", shape=(None, 3)), bins=(2, 3, 4))
    >>> counts.type.shape, len(edges)
    ((2, 3, 4), 3)
    """
    columns = _columns(sample)
    ranges = _for_each(range, len(columns), "ranges")
    edges = [_edges(x, b, r) for x, b, r in zip(columns, _for_each(bins, len(columns), "bins"), ranges, strict=True)]
    lengths: list[Length] = [length_of(e, 0) + 1 for e in edges]        # a box before the first edge, and one past the last
    place: Any = constant(0, INT)
    for x, e, n in zip(columns, edges, lengths, strict=True):
        at = searchsorted(e, x, "right")
        place = place * n + where(BUILDERS["equal"](x, e[-1]), cast(as_expr(n - 2), INT), at)
    added = constant(1.0) if weights is None else cast(as_expr(weights), F8)
    if added.ndim > 1:
        raise ShapeError(f"weights are a vector, one for each point, not {added.type.text()}", at=user_line())
    found = make(OPS["inc_take"], (full((product(lengths),), constant(0.0)), added, place), (0,))
    found = reshape(found, tuple(lengths))[(slice(1, -1),) * len(columns)]
    if density:
        total = BUILDERS["sum"](found)
        for k, e in enumerate(edges):
            widths = e[1:] - e[:-1]
            found = found / BUILDERS["expand_dims"](widths, tuple(j for j, _ in enumerate(edges) if j != k))
        found = found / total
    return found, tuple(edges)


@builder
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Expr, Expr, Expr]:
    """How many points (x, y) lie in each rectangle, and the edges along x and y; see `histogramdd`.

    `bins` is a number or a vector of edges for both, or a pair of such.

    >>> import tensorviz as tv
    >>> counts, xs, ys = histogram2d(tv.vector("x"), tv.vector("y"), bins=(3, 4), range=((0, 1), (0, 1)))
    >>> counts.type.shape, ys.type.shape
    ((3, 4), (5,))
    """
    if isinstance(bins, Expr) or isinstance(bins, Sequence | np.ndarray) and len(bins) not in (1, 2):
        bins = (bins, bins)
    elif isinstance(bins, Sequence | np.ndarray) and len(bins) == 1:
        raise ArgumentValueError("bins are one for each of 2 dimensions, not 1", at=user_line())
    x, y = as_expr(x), as_expr(y)
    if None not in (*x.type.shape, *y.type.shape) and x.type.shape != y.type.shape:
        raise ShapeError("x and y must have the same length", at=user_line(), facts=[f"{v.type.text()}" for v in (x, y)])
    found, edges = histogramdd([x, y], bins, range, density, weights)
    return found, edges[0], edges[1]
