"""Embeddings: rows of a matrix by number, one by one or a bag of them at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, is_constant, value_of
from ..op import BUILDERS
from .axes import expand_dims, zero_grad
from .elementwise import cast, where
from .lengths import lengths_now, user_line
from .statistics import norm
from .torch_words import torch_words

__all__ = ["embedding", "embedding_bag"]


def _numbers(indices: Any) -> Expr:
    indices = as_expr(indices)
    if indices.dtype.kind not in "iu":
        raise DtypeError(f"an embedding is looked up by integers, not {indices.dtype}", at=user_line())
    return indices


def _rows(indices: Expr, weight: Any, padding_idx: int | None, max_norm: float | None, norm_type: float, by_freq: bool) -> Expr:
    weight = as_expr(weight)
    if weight.ndim != 2:
        raise ShapeError(f"the weights of an embedding are a matrix, not {weight.type.text()}", at=user_line())
    if by_freq:
        raise ArgumentValueError("gradients of an embedding are not scaled by how often a word occurs", at=user_line())
    rows = weight[indices]
    if max_norm is not None:
        size = zero_grad(norm(rows, norm_type, -1, keepdims=True))
        rows = where(BUILDERS["greater"](size, max_norm), rows * (max_norm / (size + 1e-7)), rows)
    if padding_idx is not None:
        words = lengths_now(weight)[0]
        word = padding_idx if padding_idx >= 0 else words + padding_idx
        if isinstance(word, int) and (word < 0 or (isinstance(words, int) and word >= words)):
            raise ArgumentValueError(f"there is no word {padding_idx} of {words}", at=user_line())
        rows = where(expand_dims(BUILDERS["equal"](indices, word), -1), zero_grad(rows), rows)
    return rows


@torch_words()
def embedding(indices: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
              scale_grad_by_freq: bool = False, sparse: bool = False) -> Expr:
    """The rows of `weight` (words, n) that the integers `indices` name; BoundsError at run time for others.

    The row `padding_idx` gets no gradient. Rows whose norm (of order `norm_type`) is above `max_norm` are scaled to it; `weight`
    itself stays as it is. `sparse` changes nothing; `scale_grad_by_freq` can only be False.

    >>> import tensorviz as tv
    >>> embedding(tv.lmatrix("i"), tv.matrix("w", shape=(1000, 16))).ndim
    3
    """
    return _rows(_numbers(indices), weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)


@torch_words()
def embedding_bag(indices: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2.0,
                  scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
                  include_last_offset: bool = False, padding_idx: int | None = None) -> Expr:
    """The sum, mean or max (`mode`) of the rows of `weight` (words, n) that each bag of integers names: (bags, n).

    A matrix of `indices` has one bag a row; a vector is cut at `offsets`, where each bag begins (and the last ends, with
    `include_last_offset`). `per_sample_weights` multiply the rows of a sum. Words `padding_idx` don't count. Nothing makes 0.

    >>> embedding_bag([0, 2, 1], [[1.0], [2.0], [4.0]], [0, 2], mode="sum").eval()
    array([[5.],
           [2.]])
    """
    i = _numbers(indices)
    if mode not in ("sum", "mean", "max"):
        raise ArgumentValueError(f"mode is 'sum', 'mean' or 'max', not {mode!r}", at=user_line())
    if per_sample_weights is not None and mode != "sum":
        raise ArgumentValueError("per_sample_weights go with mode 'sum'", at=user_line())
    if (i.ndim == 1) != (offsets is not None) or i.ndim not in (1, 2):
        raise ArgumentError(f"a bag is a row of a matrix, or a part of a vector with offsets, not {i.type.text()}",
                            at=user_line())
    rows = _rows(i, weight, None, max_norm, norm_type, scale_grad_by_freq)
    rows = rows if is_float(rows.dtype) else cast(rows, "float64")
    if per_sample_weights is not None:
        rows = rows * expand_dims(as_expr(per_sample_weights), -1)
    counts = BUILDERS["ones_like"](i, bool) if padding_idx is None else BUILDERS["not_equal"](i, _word(padding_idx, weight))
    if offsets is None:
        return _reduced(rows, counts, mode)
    return _cut(rows, counts, _numbers(offsets), mode, include_last_offset)


def _word(padding_idx: int, weight: Any) -> Any:
    return padding_idx if padding_idx >= 0 else lengths_now(as_expr(weight))[0] + padding_idx


def _reduced(rows: Expr, counts: Expr, mode: str) -> Expr:
    """Rows (bags, places, n) as one a bag, of those that count."""
    mask = expand_dims(counts, -1)
    if mode == "max":
        top = BUILDERS["max"](where(mask, rows, -math.inf), 1, initial=-math.inf)
        return where(BUILDERS["any"](mask, 1), top, 0)
    total = where(mask, rows, 0).sum(axis=1)
    return total if mode == "sum" else total / BUILDERS["maximum"](cast(mask, rows.dtype).sum(axis=1), 1)


def _cut(rows: Expr, counts: Expr, offsets: Expr, mode: str, last: bool) -> Expr:
    """Rows (places, n) as one a bag."""
    n, bags = lengths_now(rows)[0], lengths_now(offsets)[0] - (1 if last else 0)
    begin = offsets[:-1] if last else offsets
    if mode == "max":
        end = offsets[1:] if last else BUILDERS["concatenate"]([offsets[1:], BUILDERS["full"]((1,), n, offsets.dtype)])
        longest: Any = BUILDERS["max"](end - begin, initial=0)
        if is_constant(offsets) and isinstance(n, int):         # else the length of a tensor follows from values
            longest = int(np.diff(value_of(offsets) if last else np.append(value_of(offsets), n)).max(initial=0))
        places = expand_dims(begin, 1) + BUILDERS["arange"](longest)
        inside = BUILDERS["less"](places, expand_dims(end, 1))
        at = BUILDERS["clip"](places, 0, n - 1)
        return _reduced(rows[at], BUILDERS["logical_and"](inside, counts[at]), mode)
    bag = BUILDERS["searchsorted"](begin, BUILDERS["arange"](n), "right") - 1
    rows = where(expand_dims(counts, -1), rows, 0)
    total = BUILDERS["zeros"]((bags, lengths_now(rows)[1]), rows.dtype)[bag].inc(rows)
    if mode == "sum":
        return total
    number = BUILDERS["zeros"]((bags,), rows.dtype)[bag].inc(cast(counts, rows.dtype))
    return total / expand_dims(BUILDERS["maximum"](number, 1), 1)
