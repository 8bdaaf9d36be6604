"""What a node costs, by estimate: operations, bytes moved, seconds; unknown lengths count as 64."""

from __future__ import annotations

from math import prod

from ..core.expr import Expr
from ..core.types import TensorType
from ..render.trace import Node

__all__ = ["UNKNOWN", "bytes_of", "cost_of", "seconds_of"]

UNKNOWN = 64


def cost_of(e: Expr) -> tuple[float, float]:
    """Operations and bytes moved."""
    out = _items(e)
    moved = float(sum(_items(a) * _itemsize(a) for a in e.args) + out * _itemsize(e))
    name = e.op.name
    if name in ("matmul", "gemm"):
        a = e.args[0 if name == "matmul" else 2]
        inner = (a.type.shape[-1] if a.ndim else None) or UNKNOWN
        return 2.0 * out * inner, moved
    if e.op.family == "elementwise":
        return out * e.op.flops, moved
    if e.op.family == "reduction" and e.args:
        return _items(e.args[0]) * e.op.flops, moved
    return 0.0, 0.0 if e.op.family == "shape" else moved


def seconds_of(op: str, flops: float, moved: float) -> float:
    """Products at 50 GFLOP/s, elementwise work at 4 GFLOP/s, memory at 20 GB/s; views are free."""
    rate = 5e10 if op in ("matmul", "gemm") else 4e9
    return max(flops / rate, moved / 2e10)


def bytes_of(node: Node) -> float:
    """The size of the value of a recorded node."""
    digits = "".join(c for c in node.dtype if c.isdigit())
    return float(prod(UNKNOWN if n is None else n for n in node.shape) * (int(digits) // 8 if digits else 1))


def _items(e: Expr) -> float:
    return float(prod(UNKNOWN if n is None else n for n in e.type.shape)) if isinstance(e.type, TensorType) else 0.0


def _itemsize(e: Expr) -> int:
    return e.dtype.itemsize if isinstance(e.type, TensorType) else 0
