"""tensorviz: a compiler for tensor expressions that you can watch.

>>> import tensorviz as tv
>>> x = tv.vector("x")
>>> (tv.exp(x) + 1.0).eval({x: [0.0]})
array([2.])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import gradient
from .compile.target import BACKENDS
from .core import display, errors
from .core import protocols as protocols  # registers what NumPy calls
from .core.config import config
from .core.errors import *
from .core.evaluate import evaluate
from .core.expr import Expr, as_expr, constant
from .core.graph import Graph
from .core.shared import is_shared, shared
from .core.types import TensorType
from .gradient import numeric_grad, verify_grad
from .tensor import *
from .tensor import __all__ as _tensor_names

if TYPE_CHECKING:
    from .compile.function import function as function
    from .core.from_sympy import from_sympy as from_sympy
    from .core.latex import latex as latex
    from .core.latex import mathml as mathml
    from .core.parse import parse as parse
    from .core.text import text as text
    from .core.to_sympy import to_sympy as to_sympy
    from .widgets import PassExplorer as PassExplorer
    from .widgets import RewriteStepper as RewriteStepper

__version__ = "0.1.0"

# What is loaded at first use, so that `import tensorviz` stays cheap: name -> module.
_LATER = {
    "function": ".compile.function",
    "latex": ".core.latex",
    "mathml": ".core.latex",
    "parse": ".core.parse",
    "to_sympy": ".core.to_sympy",
    "from_sympy": ".core.from_sympy",
    "text": ".core.text",
    "explore": ".widgets.report",
    "Function": ".compile.function",
    "Mode": ".compile.mode",
    "Trace": ".render.trace",
    "threads": ".compile.threads",
    "set_threads": ".compile.threads",
    "PassExplorer": ".widgets",
    "RewriteStepper": ".widgets",
}

__all__ = ["Expr", "Graph", "TensorType", "as_expr", "config", "constant", "evaluate", "gradient", "is_shared", "numeric_grad",
           "shared", "verify_grad", *_LATER]
__all__ += errors.__all__
__all__ += _tensor_names


def __getattr__(name: str) -> Any:
    if name in ("gpu", "widgets"):
        return import_module(f".{name}", __name__)
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module 'tensorviz' has no attribute {name!r}")
    found = getattr(import_module(module, __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", "compile", "core", "gpu", "render", "rewrite", "tensor", "widgets"})


def _later(module: str, name: str) -> Any:
    return lambda thing: getattr(import_module(module, __name__), name)(thing)


def _page(function: Any, *args: Any) -> Any:
    from .widgets.report import page_of

    return page_of(function, *args)


BACKENDS["opencl"] = lambda live: import_module(".gpu.opencl", __name__).target(live)
display.HOOKS.update(text=_later(".core.text", "text"), latex=_later(".core.latex", "display_latex"),
                     svg=_later(".widgets.report", "svg_of"), explore=_later(".widgets.report", "explore"), page=_page)
HOOKS = display.HOOKS            # where lower layers find what they show themselves with
