"""Layers of neural networks as functions: linear and bilinear maps, dropout, classes as indicators."""

from __future__ import annotations

from typing import Any

from ..dtypes import is_float
from ..errors import ArgumentError, ArgumentValueError, DtypeError, ShapeError
from ..expr import Expr, as_expr, constant
from ..op import BUILDERS, strict
from .axes import expand_dims
from .elementwise import cast, where
from .lengths import Length, user_line
from .linalg import matmul, tensordot
from .torch_words import torch_words

__all__ = ["bilinear", "confusion_matrix", "dropout", "linear", "one_hot", "to_one_hot"]


def _float(x: Any) -> Expr:
    x = as_expr(x)
    return x if is_float(x.dtype) else cast(x, "float64")


@torch_words()
def linear(x: Any, weight: Any, bias: Any = None) -> Expr:
    """x @ weight.T + bias for x (..., n) and weight (outputs, n), as torch has it.

    >>> import tensorviz as tv
    >>> linear(tv.matrix("x", shape=(5, 3)), tv.matrix("w", shape=(4, 3))).type.shape
    (5, 4)
    """
    weight = as_expr(weight)
    out = matmul(x, weight.T)
    return out if bias is None else out + bias


@torch_words()
def bilinear(a: Any, b: Any, weight: Any, bias: Any = None) -> Expr:
    """The sum of a[..., i] * weight[o, i, j] * b[..., j] for each o, plus bias.

    >>> import tensorviz as tv
    >>> bilinear(tv.matrix("a", shape=(5, 2)), tv.matrix("b", shape=(5, 3)), tv.tensor3("w", shape=(4, 2, 3))).type.shape
    (5, 4)
    """
    a, b = as_expr(a), as_expr(b)
    out = (tensordot(a, weight, ((-1,), (1,))) * expand_dims(b, -2)).sum(axis=-1)
    return out if bias is None else out + bias


def _range(n: Length) -> Expr:
    return BUILDERS["arange"](n)


@torch_words(tensor="x")
def one_hot(x: Any, num_classes: Any = -1, dtype: Any = "int64", axis: int = -1) -> Expr:
    """1 where the number along a new last axis (or `axis`) of `num_classes` is the class in x, else 0.

    -1 takes the largest class and one more. Classes that there are not make zeros, as in jax.

    >>> one_hot([1, 0], 3).eval()
    array([[0, 1, 0],
           [1, 0, 0]])
    """
    x = as_expr(x)
    if x.dtype.kind not in "iu":
        raise DtypeError(f"numbers of classes are integers, not {x.dtype}", at=user_line())
    if isinstance(num_classes, int) and num_classes < 0:
        num_classes = cast(x.max(), "int64") + 1
    made = cast(BUILDERS["equal"](expand_dims(x, -1), BUILDERS["arange"](num_classes)), dtype)
    return made if axis == -1 else BUILDERS["moveaxis"](made, -1, axis)


@strict
def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Expr:
    """Theano's `one_hot` of a vector: a matrix of floats (float64 if no dtype is given), one row an element.

    >>> to_one_hot([1, 0], 2).eval()
    array([[0., 1.],
           [1., 0.]])
    """
    y = as_expr(y)
    if y.ndim != 1:
        raise ShapeError(f"to_one_hot takes a vector, not {y.type.text()}", at=user_line())
    return one_hot(y, nb_class, "float64" if dtype is None else dtype)


@strict
def confusion_matrix(actual: Any, pred: Any, num_classes: Any = None) -> Any:
    """How often each class (row) was taken for each (column): [matrix, classes], the classes in order, as Theano returns them.

    With `num_classes` the classes are 0, 1, ...; else they are those that occur, and the lengths follow from the values.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1], 2)[0].eval()
    array([[1, 0],
           [1, 1]])
    """
    actual, pred = as_expr(actual), as_expr(pred)
    if actual.ndim != 1 or pred.ndim != 1:
        raise ShapeError(f"confusion_matrix takes two vectors, not {actual.type.text()} and {pred.type.text()}", at=user_line())
    if num_classes is None:
        if "unique" not in BUILDERS:
            raise ArgumentError("confusion_matrix needs num_classes", at=user_line())
        order = BUILDERS["unique"](BUILDERS["concatenate"]([actual, pred]))
    else:
        order = _range(num_classes)
    rows, columns = (cast(BUILDERS["equal"](expand_dims(v, 1), order), "int64") for v in (actual, pred))
    return [(expand_dims(rows, 2) * expand_dims(columns, 1)).sum(axis=0), order]


@torch_words(inplace=True)
def dropout(x: Any, p: float = 0.5, training: bool = True, *, mask: Any = None, stream: Any = None) -> Expr:
    """x with some elements set to 0, the others divided by 1 - p; x itself if not `training`.

    What stays is where `mask` is true, or is drawn: `stream.binomial(size=, n=1, p=1 - p, dtype=)`, as random streams have it.

    >>> dropout([1.0, 2.0], 0.5, mask=[True, False]).eval()
    array([2., 0.])
    """
    x = _float(x)
    if not 0 <= p <= 1:
        raise ArgumentValueError(f"the probability of dropout is between 0 and 1, not {p}", at=user_line())
    if not training or p == 0:
        return x
    if (mask is None) == (stream is None):
        raise ArgumentError("dropout needs a mask or a random stream", at=user_line())
    if mask is None:
        mask = stream.binomial(size=BUILDERS["shape"](x), n=1, p=1.0 - p, dtype=x.dtype)
    kept = as_expr(mask)
    if p == 1:
        return x * constant(0, x.dtype)
    return where(kept, x / (1.0 - p), 0.0) if kept.dtype.kind == "b" else x * kept / (1.0 - p)
