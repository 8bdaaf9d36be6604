"""Indexing: several arrays, masks among other parts, one index each along an axis, choices, values put."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import ALL, I, J, case, index

MASK = np.array([[True, False, True, False, False], [False] * 5, [True] * 5, [False, True, False, False, True]])
U = np.array([2, 0, 3], "uint8")
for _n, _k in {
    "three": (np.array([1, 0]), np.array([3, -1]), np.array([0, 2])), "three-broadcast": (J[:, :, None], I, np.array([1])),
    "two-first": (I, np.array([0, 1, 1, 0])), "two-last": np.s_[:, I, np.array([0, 1, 1, 0])], "two-apart": np.s_[I, 1:, I],
    "two-apart-back": np.s_[I, ::-1, np.array([[0], [1]])], "array-int-apart": np.s_[I, :, 2], "int-between": np.s_[I, 1, I],
    "ints-around": np.s_[1, I, 2], "dots": np.s_[..., I], "dots-two": np.s_[I, ..., I], "new-between": np.s_[I, None, I],
    "small": (U,), "small-two": np.s_[U, :, U], "ix": np.ix_([0, 2], [1, 3, 1], [0, 3]), "ix-two": (np.s_[:], *np.ix_([0, 2], [1, 3])),
    "nested-list": ([[0, 1], [2, 3]],), "same-twice": (np.array([0, 0, 0]), np.array([1, 1, 1])),
    "mask-2": (MASK,), "mask-2-then-array": (MASK, np.array([0] * 9)), "mask-2-then-slice": np.s_[MASK, 1:],
    "mask-and-array": (np.array([True, False, False, True]), np.array([4, 1])),
    "mask-array-apart": (np.array([True, False, False, True]), np.s_[:], np.array([3, 1])),
    "mask-and-int": np.s_[np.array([True, False, False, True]), 1], "two-masks": (np.array([True, False, False, True]), MASK[0]),
    "mask-none": (np.zeros(4, bool),), "true": (True,), "false": (False,), "true-between": np.s_[1:, True, ::2], "true-and-array": (True, I),
}.items():
    index(_n, lambda x, k=_k: k, (4, 5, 4))
index("mask-of-two-axes", lambda x: (slice(None), x[0] > 0), (2, 3, 4), open=True)


# -- one index each along an axis ----------------------------------------------------------------------------------------
K = np.array([[1, 0, -1, 1], [0, 0, 1, 1]])


def _put(x: Any, i: Any, v: Any, axis: Any) -> Any:
    x = x.copy()
    np.put_along_axis(x, i, v, axis)
    return x


def _along(x: Any, i: Any, v: Any, axis: Any) -> Any:
    flat, k = (x.ravel().copy(), 0) if axis is None else (x.copy(), axis % 2)
    rest = np.ogrid[tuple(map(slice, i.shape))]
    np.add.at(flat, (*rest[:k], i, *rest[k + 1:]), v)
    return flat.reshape(x.shape)


for _axis, _k in ((0, K), (1, np.array([[0, -1], [3, 3], [1, 0]])), (None, I), (-1, np.array([[1, 0]])), (0, np.array([[1], [0]]))):
    case(f"take_along_axis-{_axis}-{_k.shape}", lambda x, a=_axis, k=_k: B["take_along_axis"](x, k, a),
         lambda x, a=_axis, k=_k: np.take_along_axis(x, k, a), (3, 4), dtypes=ALL)
    for _shape in ((), np.take_along_axis(np.zeros((3, 4)), _k, _axis).shape):
        case(f"put_along_axis-{_axis}-{_k.shape}", lambda x, v, a=_axis, k=_k: B["put_along_axis"](x, k, v, a),
             lambda x, v, a=_axis, k=_k: _put(x, k, v, a), (3, 4), _shape)
for _axis in (0, -1, None):
    _k = I if _axis is None else K
    case(f"add_along_axis-{_axis}", lambda x, v, a=_axis, k=_k: B["add_along_axis"](x, k, v, a),
         lambda x, v, a=_axis, k=_k: _along(x, k, v, a), (2, 4), _k.shape, dtypes=("float64", "float32", "int32"))
case("take_along_axis-wide", lambda x: B["take_along_axis"](x, K[:, :1], 0), lambda x: np.take_along_axis(x, K[:, :1], 0), (3, 5),
     dtypes=ALL)
case("take_along_axis-narrow", lambda x: B["take_along_axis"](x, K, 0), lambda x: np.take_along_axis(x, K, 0), (3, 1), fixed=True)
case("take_along_axis-3", lambda x: B["take_along_axis"](x, K[:, :2, None], 1), lambda x: np.take_along_axis(x, K[:, :2, None], 1),
     (2, 3, 4))
case("take_along_axis-none", lambda x: B["take_along_axis"](x, np.zeros((3, 0), int), 1),
     lambda x: np.take_along_axis(x, np.zeros((3, 0), int), 1), (3, 4))

# -- take, choose, select --------------------------------------------------------------------------------------------------
FAR = np.array([[-9, 2], [7, -1]])
for _mode in ("clip", "wrap"):
    for _axis in (None, 0, 1):
        case(f"take-{_mode}-{_axis}", lambda x, m=_mode, a=_axis: B["take"](x, FAR, a, mode=m),
             lambda x, m=_mode, a=_axis: np.take(x, FAR, a, mode=m), (3, 4), dtypes=ALL)
case("compress-short", lambda x: B["compress"]([1, 0], x, 1), lambda x: np.compress([1, 0], x, 1), (2, 3), dtypes=ALL)
case("compress-of-values", lambda x: B["compress"](x[0] > 0, x, 1), lambda x: np.compress(x[0] > 0, x, 1), (2, 3), open=True)
case("extract", lambda x: B["extract"](x > 0, x), lambda x: np.extract(x > 0, x), (3, 4), open=True, dtypes=ALL[:5])
case("choose", lambda x, y: B["choose"](np.array([0, 1, 1]), [x, y]), lambda x, y: np.choose(np.array([0, 1, 1]), [x, y]), (2, 3), (3,),
     dtypes=ALL)
case("choose-of-array", lambda x: B["choose"](np.array([1, 0, 1, 1]), x), lambda x: np.choose(np.array([1, 0, 1, 1]), x), (2, 3, 4))
for _mode in ("clip", "wrap"):
    case(f"choose-{_mode}", lambda x, y, m=_mode: B["choose"](np.array([-1, 3, 4]), [x, y], mode=m),
         lambda x, y, m=_mode: np.choose(np.array([-1, 3, 4]), [x, y], mode=m), (3,), (3,))
case("select", lambda x, y: B["select"]([x > 1, x > 0], [x, y], 7), lambda x, y: np.select([x > 1, x > 0], [x, y], 7), (3, 4), (4,),
     dtypes=("float64", "float32", "int32"))
case("piecewise", lambda x: B["piecewise"](x, [x < 0, x > 1], [lambda v: v * v, 2.0, lambda v: -v]),
     lambda x: np.piecewise(x, [x < 0, x > 1], [lambda v: v * v, 2.0, lambda v: -v]), (9,))


# -- put -------------------------------------------------------------------------------------------------------------------
def _changed(name: str, *args: Any, **options: Any) -> Any:
    x = args[0].copy()
    getattr(np, name)(x, *args[1:], **options)
    return x


case("put", lambda x, v: B["put"](x, I, v), lambda x, v: _changed("put", x, I, v), (3, 4), (2,), dtypes=ALL)
case("put-wrap", lambda x, v: B["put"](x, [17, -1], v, mode="wrap"), lambda x, v: _changed("put", x, [17, -1], v, mode="wrap"), (3, 4), ())
case("putmask", lambda x, v: B["putmask"](x, x > 0, v), lambda x, v: _changed("putmask", x, x > 0, v), (3, 4), (5,))
case("putmask-one", lambda x, v: B["putmask"](x, x > 0, v), lambda x, v: _changed("putmask", x, x > 0, v), (3, 4), (1,))
case("place", lambda x, v: B["place"](x, x > 0, v), lambda x, v: _changed("place", x, x > 0, v), (3, 4), (3,))
for _shape in ((4, 4), (3, 5), (5, 3), (3, 3, 3)):
    case("fill_diagonal", lambda x, v: B["fill_diagonal"](x, v), lambda x, v: _changed("fill_diagonal", x, v), _shape, (), dtypes=ALL)
case("fill_diagonal-wrap", lambda x, v: B["fill_diagonal"](x, v, wrap=True), lambda x, v: _changed("fill_diagonal", x, v, True), (8, 3), ())
case("fill_diagonal-values", lambda x, v: B["fill_diagonal"](x, v), lambda x, v: _changed("fill_diagonal", x, v), (4, 3), (3,), fixed=True)


def _offset(x: Any, v: Any, k: int) -> Any:
    return np.where(np.eye(*x.shape, k=k, dtype=bool), v, x)


for _k in (0, 1, -2, 4):
    for _shape in ((3, 4), (5, 2)):
        case(f"fill_diagonal_offset-{_k}", lambda x, v, k=_k: B["fill_diagonal_offset"](x, v, k), lambda x, v, k=_k: _offset(x, v, k),
             _shape, ())
case("fill_diagonal_offset-length", lambda x, v: B["fill_diagonal_offset"](x, v, x.shape[0] - 2), lambda x, v: _offset(x, v, 1), (3, 4), ())
case("diagflat", lambda x: B["diagflat"](x, -1), lambda x: np.diagflat(x, -1), (2, 2), dtypes=ALL)
case("assert_op", lambda x, y: B["assert_op"](x, y > -9, x < 9), lambda x, y: x, (3, 4), (2,), dtypes=("float64", "float32", "int32"))

# -- masks of values beside other parts --------------------------------------------------------------------------------------
index("mask-of-values-and-array", lambda x: (x[:, 0, 0] > 0, slice(None), I[:1]), (4, 3, 4), open=True)
index("mask-of-values-apart", lambda x: (x[:, 0, 0] > 0, slice(1, None), 2), (4, 3, 4), open=True)
index("two-masks-of-values", lambda x: (x[:, 0] > -9, x[0] > -9), (4, 4), open=True)
index("mask-of-two-axes-and-array", lambda x: (x[..., 0] > 0, I[:1]), (2, 3, 4), open=True)
case("ix_-of-values", lambda x: x[B["ix_"](x[:, 0] > 0, [1, 0])], lambda x: x[np.ix_(x[:, 0] > 0, [1, 0])], (3, 4), open=True)
for _k in (0, -1, 1):
    case(f"tril_indices-of-lengths-{_k}", lambda x, k=_k: x[B["tril_indices"](x.shape[0], k, x.shape[1])],
         lambda x, k=_k: x[np.tril_indices(x.shape[0], k, x.shape[1])], (3, 4), open=True)
    case(f"triu_indices-of-lengths-{_k}", lambda x, k=_k: x[B["triu_indices_from"](x, k)], lambda x, k=_k: x[np.triu_indices_from(x, k)], (4, 3), open=True)
index("flag-of-values", lambda x: (x[0, 0] > -9,), (2, 3), open=True)
index("flag-of-values-no", lambda x: (x[0, 0] > 9, slice(1, None)), (2, 3), open=True)
