"""Distances and angles between rows: side by side, each with each, or of one set of rows among themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr
from ..op import BUILDERS
from .axes import expand_dims
from .elementwise import where
from .lengths import lengths_now, user_line
from .statistics import float_of, norm
from .torch_words import torch_words

__all__ = ["cdist", "cosine_similarity", "pairwise_distance", "pdist"]

maximum: Callable[..., Expr] = BUILDERS["maximum"]


@torch_words()
def cosine_similarity(a: Any, b: Any, axis: int = 1, eps: float = 1e-8) -> Expr:
    """The cosine of the angle between a and b along `axis`; each norm counts as at least eps.

    >>> cosine_similarity([[1.0, 0.0]], [[1.0, 1.0]]).eval().round(4)
    array([0.7071])
    """
    a, b = float_of(a), float_of(b)
    one, other = (maximum(norm(v, 2, axis), eps) for v in (a, b))
    return (a * b).sum(axis=axis) / (one * other)


@torch_words()
def pairwise_distance(a: Any, b: Any, p: float = 2.0, eps: float = 1e-6, keepdims: bool = False) -> Expr:
    """The p-norm of a - b + eps over the last axis, as torch has it.

    >>> pairwise_distance([[3.0, 4.0]], [[0.0, 0.0]]).eval().round(4)
    array([5.])
    """
    return norm(float_of(a) - b + eps, p, -1, keepdims)


def _length(away: Expr, p: float) -> Expr:
    """The p-norm over the last axis; where it is 0 it has the gradient 0 and not NaN."""
    if p < 0:
        raise ArgumentValueError(f"the order of a distance is 0 or more, not {p}", at=user_line())
    if p in (0, 1, float("inf")):
        return norm(away, p, -1)
    size = BUILDERS["absolute"](away)
    total = (size * size if p == 2 else size ** float(p)).sum(axis=-1)
    apart = BUILDERS["greater"](total, 0)
    root = where(apart, total, 1)
    near = BUILDERS["sqrt"](root) if p == 2 else root ** (1.0 / p)
    return where(apart, near, where(BUILDERS["isnan"](total), total, 0))


def _rows(x: Any, name: str) -> Expr:
    x = float_of(x)
    if x.ndim < 2:
        raise ShapeError(f"{name} takes rows of a matrix, not {x.type.text()}", at=user_line())
    return x


@torch_words()
def cdist(a: Any, b: Any, p: float = 2.0, compute_mode: str | None = None) -> Expr:
    """The p-norms of a[..., i, :] - b[..., j, :] for all i and j: (..., m, n) of a (..., m, d) and b (..., n, d).

    Differences are taken (torch's `compute_mode` "donot_use_mm_for_euclid_dist", whichever is asked for): exact for rows that are
    close, and with gradient 0 for rows that are equal.

    >>> cdist([[0.0, 0.0], [3.0, 0.0]], [[0.0, 4.0]]).eval()
    array([[4.],
           [5.]])
    """
    a, b = _rows(a, "cdist"), _rows(b, "cdist")
    return _length(expand_dims(a, -2) - expand_dims(b, -3), p)


@torch_words()
def pdist(x: Any, p: float = 2.0) -> Expr:
    """The p-norms of x[i] - x[j] for all i < j, in the order (0, 1), (0, 2), ..., (1, 2), ...: n (n - 1) / 2 of x (n, d).

    >>> pdist([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]).eval()
    array([3., 4., 5.])
    """
    x = _rows(x, "pdist")
    if x.ndim != 2:
        raise ShapeError(f"pdist takes a matrix, not {x.type.text()}", at=user_line())
    i, j = BUILDERS["triu_indices"](lengths_now(x)[0], 1)
    return _length(x[i] - x[j], p)
