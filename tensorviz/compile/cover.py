"""What the C target can do itself: which nodes it fuses, views, computes as lengths, moves, or hands to a library."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.expr import Expr, constant_op, is_constant, value_of, variable_op
from ..core.graph import topological
from ..core.shapes import scalar_of
from ..core.types import TensorType
from .fuse import MAPS, SOURCES
from .language import C, Language
from .lengths import REDUCTIONS, Lengths, Product

__all__ = ["INT_TEXT", "Cover"]

INT_TEXT = {"add": "({0} + {1})", "subtract": "({0} - {1})", "multiply": "({0} * {1})",
            "floor_divide": "tv_floordiv_i64({0}, {1})", "remainder": "tv_mod_i64({0}, {1})",
            "maximum": "({0} > {1} ? {0} : {1})", "minimum": "({0} < {1} ? {0} : {1})",
            "negative": "(-{0})", "cast": "(i64)({0})", "absolute": "({0} < 0 ? -{0} : {0})", "sign": "(({0} > 0) - ({0} < 0))",
            "where": "({0} ? {1} : {2})", "equal": "({0} == {1})", "less": "({0} < {1})", "less_equal": "({0} <= {1})",
            "greater": "({0} > {1})", "greater_equal": "({0} >= {1})", "not_equal": "({0} != {1})"}
BLAS = tuple(np.dtype(name) for name in ("float16", "float32", "float64", "complex64", "complex128"))
I64, F2 = np.dtype("int64"), np.dtype("float16")


class Cover:
    """Answers for one function: its lengths, its inputs, which inputs may be strided, and the language of its code."""

    def __init__(self, lengths: Lengths, inputs: set[Expr], strided: frozenset[Expr] = frozenset(),
                 language: Language = C) -> None:
        self.lengths, self.inputs, self.strided, self.language = lengths, inputs, strided, language
        self._host: dict[Expr, Any] = {}
        self._known: dict[Expr, bool] = {}
        self._indexed: dict[Expr, bool] = {}

    # -- lengths ---------------------------------------------------------------------------------------------------
    def length_known(self, n: Any) -> bool:
        """Whether a length can be computed before any tensor is."""
        if isinstance(n, int):
            return True
        if isinstance(n, Product):
            return all(self.length_known(f) for f in n.factors)
        for e in topological([n]):
            if e not in self._known:
                self._known[e] = self._scalar_known(e)
        return self._known[n]

    def _scalar_known(self, e: Expr) -> bool:
        if e.op is constant_op:
            return e.dtype.kind in "iub" and e.ndim == 0
        if e.op is variable_op:
            return True                     # as the argument of length; as a scalar only integers count, below
        if e.op.name == "length":
            return e.args[0] in self.inputs and isinstance(e.args[0].type, TensorType) and self.language.supports(e.args[0].dtype)
        if e.op.name == "broadcast_length":
            return all(self._known[a] for a in e.args)
        if e.op.name not in INT_TEXT or not isinstance(e.type, TensorType) or e.type.shape or e.dtype.kind not in "iub":
            return False
        return all(self._known[a] and (a.op is not variable_op or (a.dtype.kind in "iub" and a.ndim == 0)) for a in e.args)

    def host_value(self, e: Expr) -> Any:
        """The length-like value of an int64 scalar that follows from lengths and integer inputs alone; None for other nodes."""
        if e not in self._host:
            self._host[e] = self._host_value(e)
        return self._host[e]

    def _host_value(self, e: Expr) -> Any:
        if e.op in (variable_op, constant_op) or not isinstance(e.type, TensorType) or e.type.shape or e.dtype != I64:
            return None
        if e.op.name not in INT_TEXT and e.op.name not in ("length", "broadcast_length"):
            return None
        value = self.lengths.find(scalar_of(e, self.lengths.memo))
        return value if self.length_known(value) else None

    def is_host(self, e: Expr) -> bool:
        """Whether a node is computed beside the lengths."""
        return self.host_value(e) is not None

    # -- kinds of nodes ----------------------------------------------------------------------------------------------
    def typed(self, e: Expr) -> bool:
        """Whether the language has the dtypes of a node and its arguments, and its lengths can be computed at the start."""
        has = self.language.supports
        return (all(isinstance(a.type, TensorType) and has(a.dtype) for a in (e, *e.args))
                and all(self.length_known(n) for n in self.lengths.of(e)))

    def fusible(self, e: Expr) -> bool:
        """Whether a node can be part of a loop nest."""
        if not self.typed(e) or self.is_host(e):
            return False
        name = e.op.name
        if name in REDUCTIONS or name in SOURCES or name == "cast":
            return True
        if name == "power" and e.dtype.kind == "i" and not _never_negative(e.args[1]):
            return False                    # NumPy raises for negative exponents: see powers.py
        return bool(e.args) and self.language.row(name, e.dtype if name == "where" else e.args[0].dtype) is not None

    def is_view(self, e: Expr) -> bool:
        """Whether a node only looks at its argument's memory in another way."""
        if e.op.name in MAPS:
            return True
        if e.op.name == "index":
            return self.language.moves and self._indexable(e)
        return e.op.name == "reshape" and self.dense_view(e.args[0])

    def _indexable(self, e: Expr) -> bool:
        if e not in self._indexed:
            from .indices import covers

            self._indexed[e] = self.typed(e) and covers(e, self.lengths, self.length_known)
        return self._indexed[e]

    def dense_view(self, e: Expr) -> bool:
        """Whether a node, views included, is contiguous in memory."""
        while e.op.name in ("expand_dims", "squeeze", "zero_grad", "specify_shape"):
            e = e.args[0]
        return e.op.name not in ("transpose", "broadcast_to", "index") and e not in self.strided

    def covered(self, e: Expr) -> bool:
        """Whether code can be generated for a node; the others run as their NumPy meaning."""
        if e.op in (variable_op, constant_op):
            return isinstance(e.type, TensorType) and self.language.supports(e.dtype)
        if self.is_host(e):
            return True
        if not self.typed(e):
            return False
        from .gathers import GATHERS
        from .gathers import covers as gathers
        from .indices import INDEXED
        from .moves import MOVES, takes
        from .powers import POWERS
        from .stencils import STENCILS
        from .stencils import covers as stencils

        name = e.op.name
        if not takes(e):
            return self.is_view(e) or self.fusible(e)
        if name in ("matmul", "gemm"):
            return self.language.moves and e.dtype in BLAS
        if name in STENCILS:
            return self.language.moves and stencils(e)
        if name in INDEXED:
            return self.language.moves and self._indexable(e)
        if name in POWERS:
            return self.fusible(e) or (self.language.moves and e.dtype.kind == "i")
        if name in GATHERS:
            return self.language.moves and gathers(e)
        return self.is_view(e) or (self.language.moves and name in MOVES) or self.fusible(e)


def _never_negative(e: Expr) -> bool:
    return is_constant(e) and bool((value_of(e) >= 0).all())
