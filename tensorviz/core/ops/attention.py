"""Attention in the words of torch (heads before positions) and of jax (positions before heads)."""

from __future__ import annotations

import math
from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentValueError, ShapeError
from ..expr import Expr, as_expr
from ..op import BUILDERS, strict
from .axes import expand_dims, swapaxes
from .elementwise import cast, where
from .lengths import Length, lengths_now, user_line
from .linalg import matmul
from .statistics import softmax
from .torch_words import torch_words

__all__ = ["dot_product_attention", "scaled_dot_product_attention"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


def _range(n: Length) -> Expr:
    return BUILDERS["arange"](n)


def _scaled(q: Expr, scale: float | None) -> Expr:
    if scale is not None:
        return q * scale
    d = lengths_now(q)[-1]
    return q / (math.sqrt(d) if isinstance(d, int) else BUILDERS["sqrt"](cast(d, q.dtype)))


def _attended(scores: Expr, seen: list[Expr], value: Expr) -> Expr:
    """softmax(scores) @ value over what all of `seen` let be seen: 0 for what sees nothing."""
    if not seen:
        return matmul(softmax(scores), value)
    mask = seen[0]
    for more in seen[1:]:
        mask = BUILDERS["logical_and"](mask, more)
    weights = softmax(where(mask, scores, -math.inf))
    return matmul(where(BUILDERS["any"](mask, -1, keepdims=True), weights, 0), value)


def _shared(kv: Expr, heads: Length, axis: int) -> Expr:
    """Keys or values of fewer heads, each of which serves as many heads of queries that follow each other."""
    own = lengths_now(kv)[axis]
    if not isinstance(heads, int) or not isinstance(own, int):
        raise ShapeError("the numbers of heads must be known where they are shared", at=user_line())
    if not own or heads % own:
        raise ShapeError(f"{heads} heads of queries can't share {own} heads of keys and values", at=user_line())
    return kv if own == heads else BUILDERS["repeat"](kv, heads // own, axis)


@torch_words(attn_mask="mask")
def scaled_dot_product_attention(query: Any, key: Any, value: Any, mask: Any = None, dropout_p: float = 0.0,
                                 is_causal: bool = False, *, scale: float | None = None, enable_gqa: bool = False) -> Expr:
    """softmax(query @ key.mT * scale + mask) @ value (Vaswani and others, Attention Is All You Need, 2017).

    query (..., m, d), key (..., n, d), value (..., n, e) give (..., m, e); `scale` is 1 / sqrt(d) if not given. A boolean `mask`
    (..., m, n), torch's `attn_mask`, says what may be seen (what sees nothing gets 0), a float one is added. `is_causal`:
    position i sees the positions up to i. `enable_gqa`: fewer heads of keys and values (axis -3), each serves several of queries.
    `dropout_p` can only be 0: use `dropout`.

    >>> import tensorviz as tv
    >>> q, k, v = (tv.tensor3(n, shape=(2, 5, 4)) for n in "qkv")
    >>> scaled_dot_product_attention(q, k, v, is_causal=True).type.shape
    (2, 5, 4)
    """
    q, k, v = _float(query), as_expr(key), as_expr(value)
    if dropout_p:
        raise ArgumentValueError("attention drops nothing out: dropout_p is 0", at=user_line(), hint="softmax, dropout and @")
    if enable_gqa:
        k, v = (_shared(e, lengths_now(q)[-3], -3) for e in (k, v))
    scores = matmul(_scaled(q, scale), swapaxes(k, -1, -2))
    seen = []
    if is_causal:
        m, n = lengths_now(scores)[-2:]
        seen.append(BUILDERS["less_equal"](_range(n), expand_dims(_range(m), 1)))
    if mask is not None:
        mask = as_expr(mask)
        if mask.dtype.kind == "b":
            seen.append(mask)
        else:
            scores = scores + mask
    return _attended(scores, seen, v)


@strict
def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, *, scale: float | None = None,
                          is_causal: bool = False, query_seq_lengths: Any = None, key_value_seq_lengths: Any = None,
                          local_window_size: int | tuple[int, int] | None = None) -> Expr:
    """Attention with positions before heads, as in jax: query (b, t, n, h), key and value (b, s, k, h) give (b, t, n, h).

    n is a multiple of k: heads of keys serve several of queries. `bias` is added to the scores (b, n, t, s), a boolean `mask`
    says what may be seen. `query_seq_lengths`, `key_value_seq_lengths` (b,): how many positions count. `local_window_size`: how
    far back and ahead each sees, a number or two. Without the batch axis all have one axis less. What sees nothing gets 0 (jax
    gives a mean).

    >>> import tensorviz as tv
    >>> q, k, v = (tv.tensor4(n, shape=(2, 5, 3, 4)) for n in "qkv")
    >>> dot_product_attention(q, k, v, is_causal=True).type.shape
    (2, 5, 3, 4)
    """
    q, k, v = _float(query), as_expr(key), as_expr(value)
    if q.ndim not in (3, 4) or k.ndim != q.ndim or v.ndim != q.ndim:
        raise ShapeError(f"dot_product_attention takes (batch, positions, heads, size), not {q.type.text()}, {k.type.text()} and "
                         f"{v.type.text()}", at=user_line())
    k, v = (_shared(e, lengths_now(q)[-2], -2) for e in (k, v))
    q, k, v = (swapaxes(e, -2, -3) for e in (q, k, v))
    scores = matmul(_scaled(q, scale), swapaxes(k, -1, -2))
    scores = scores if bias is None else scores + as_expr(bias)
    t, s = lengths_now(scores)[-2:]
    row, column = expand_dims(_range(t), 1), _range(s)
    seen = [] if mask is None else [as_expr(mask)]
    less, both = BUILDERS["less"], BUILDERS["less_equal"]
    if is_causal:
        seen.append(both(column, row))
    if local_window_size is not None:
        back, ahead = local_window_size if isinstance(local_window_size, tuple | list) else (local_window_size,) * 2
        seen += [both(row - back, column), both(column, row + ahead)]
    if key_value_seq_lengths is not None:
        seen.append(less(column, _a_batch(key_value_seq_lengths, q.ndim)))
    out = _attended(scores, seen, v)
    if query_seq_lengths is not None:
        out = where(less(row, _a_batch(query_seq_lengths, q.ndim)), out, 0)
    return swapaxes(out, -2, -3)


def _a_batch(counts: Any, ndim: int) -> Expr:
    """One number an item of the batch, as it broadcasts to (batch, heads, positions, positions)."""
    counts = as_expr(counts)
    return expand_dims(counts, tuple(range(1, ndim))) if ndim == 4 and counts.ndim else counts
