"""Sorting and selecting by NumPy's names, and Theano's topk."""

from ..core.ops.sorting import (
    argpartition,
    argsort,
    argtopk,
    kth_smallest,
    lexsort,
    order_rows,
    partition,
    sort,
    topk,
    topk_and_argtopk,
)

__all__ = ["argpartition", "argsort", "argtopk", "kth_smallest", "lexsort", "order_rows", "partition", "sort", "topk",
           "topk_and_argtopk"]
