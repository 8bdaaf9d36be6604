"""How Theano's programs look at a graph: the application that made a variable, and a place for notes; what arrays alone have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .op import Op
from .types import TupleType

if TYPE_CHECKING:
    from .expr import Expr

__all__ = ["ARRAYS_ALONE", "Apply", "application"]

_VALUES = "x.eval() is an array, which has it"
_BITS = "tv.cast converts values; x.eval() is an array, whose bits can be read as another dtype"
ARRAYS_ALONE: dict[str, str] = {
    **dict.fromkeys(("base", "ctypes", "data", "dump", "dumps", "flags", "strides", "tobytes", "tofile", "tolist"), _VALUES),
    **dict.fromkeys(("byteswap", "getfield", "setfield", "view"), _BITS), "setflags": "expressions never change",
    "value": "x.eval() is its value; constants have .value, shared variables .get_value()",
    "auto_name": "x.name is the name that it was given (or None), str(x) its formula",
}
"""What NumPy's arrays and Theano's variables have and expressions can't, and what to use instead."""


@dataclass(frozen=True, eq=False)
class Apply:
    """An op applied to inputs, as Theano calls it: a view of a node, made when it is asked for; equal if the nodes are.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> (x + 1.0).owner.op, (x + 1.0).owner.inputs[0] is x, x.owner
    (<op add>, True, None)
    """

    node: Expr

    @property
    def op(self) -> Op:
        """The op."""
        return self.node.op

    @property
    def inputs(self) -> list[Expr]:
        """What it is applied to; a new list each time."""
        return list(self.node.args)

    @property
    def outputs(self) -> list[Expr]:
        """Its results."""
        from .expr import item

        return [item(self.node, k) for k in range(len(self.node.type.items))] if self.several else [self.node]

    @property
    def several(self) -> bool:
        """Whether the op has several results."""
        return isinstance(self.node.type, TupleType)

    @property
    def nin(self) -> int:
        """The number of inputs."""
        return len(self.node.args)

    @property
    def nout(self) -> int:
        """The number of results."""
        return len(self.node.type.items) if self.several else 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Apply) and self.node is other.node

    def __hash__(self) -> int:
        return hash(self.node)

    def __repr__(self) -> str:
        return f"Apply({self.op.name}, {', '.join(map(str, self.inputs))})"


def application(e: Expr) -> Apply | None:
    """What made an expression; None for variables, shared values and constants, which nothing made."""
    if e.op.name == "item" and e.op.family == "leaf":
        e = e.args[0]
    return None if e.op.family == "leaf" or e.op.name == "shared" else Apply(e)
