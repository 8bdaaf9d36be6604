"""The NumPy-like namespace: `import tensorviz.tensor as T`, then `T.exp(x)`, `T.dmatrix("x")`; it only re-exports."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from ..core import variables
from ..core.expr import Expr
from ..core.variables import *
from . import elementwise
from .elementwise import *

__all__: list[str] = []
__all__ += variables.__all__
__all__ += elementwise.__all__
__all__.remove("tensor")        # `tensorviz.tensor` is this package: calling it makes a variable


class _Namespace(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Expr:
        """`tv.tensor("x", dtype="float32", shape=(None, 3))`: a new variable, as `T.tensor` makes it."""
        return tensor(*args, **kwargs)


sys.modules[__name__].__class__ = _Namespace
