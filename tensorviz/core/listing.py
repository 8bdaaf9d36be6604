"""A graph as lines, one a node, that `parse` reads back exactly; and how numbers, arrays and parameters are written."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np

from .expr import Expr, Literal, constant_op, value_of, variable_op
from .graph import Graph
from .types import TensorType, TupleType

__all__ = ["array_text", "graph_text", "number_text", "type_text", "value_text"]


def graph_text(graph: Graph) -> str:
    """One line a node: number, type, op, arguments, parameters, name; then what is returned. `parse` reads it back.

    >>> import tensorviz as tv
    >>> x = tv.vector("x", shape=(3,))
    >>> print(graph_text(Graph([x], [2.0 * x])))
    v0: float64 (3,) = input "x"
    v1: float64 scalar = constant 2.0
    v2: float64 (3,) = multiply(v1, v0)
    return v2
    """
    number: dict[Expr, str] = {}
    lines = []
    for e in graph.nodes:
        number[e] = f"v{len(number)}"
        name = "" if e._name is None else json.dumps(e._name)
        if e.op is variable_op:
            right = f"input {name}".rstrip()
        else:
            if e.op is constant_op:
                right = f"constant {array_text(value_of(e))}"
            else:
                inner = [*(number[a] for a in e.args), *(f"{k}={value_text(v)}" for k, v in e.kw.items())]
                right = f"{e.op.name}({', '.join(inner)})"
            right += f"  # {name}" if name else ""
        lines.append(f"{number[e]}: {type_text(e.type)} = {right}")
    return "\n".join([*lines, f"return {', '.join(number[o] for o in graph.outputs)}".rstrip()])


def type_text(type_: Any) -> str:
    """A type in a printed graph."""
    if isinstance(type_, TensorType):
        return type_.text()
    if isinstance(type_, TupleType):
        return "(" + "; ".join(map(type_text, type_.items)) + ")"
    return repr(type_)


def value_text(value: Any) -> str:
    """A parameter: numbers, strings, dtypes, types, tuples of them, arrays, closed graphs; nan and infinities by name.

    >>> value_text((1, None, np.dtype("float32"), -0.0))
    '(1, None, float32, -0.0)'
    """
    if isinstance(value, tuple):
        inner = ", ".join(map(value_text, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, Literal):
        return f"array({value.array.dtype}, {value.array.shape}, {array_text(value.array)})"
    if isinstance(value, np.dtype):
        return str(value)
    if isinstance(value, TensorType):
        return f"tensor({value.dtype}, {value_text(value.shape)})"
    if isinstance(value, Graph):
        return f"graph({json.dumps(graph_text(value))})"
    if isinstance(value, np.generic | float | complex):
        return number_text(np.asarray(value)[()]) if not isinstance(value, np.generic) else f"{value.dtype}({number_text(value)})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def number_text(value: Any) -> str:
    """One number (a NumPy scalar) such that its dtype and this text give back its bits."""
    kind = value.dtype.kind
    if kind == "c":
        return f"complex({number_text(value.real)}, {number_text(value.imag)})"
    if kind != "f":
        return str(value)
    if value != value:
        plain = np.array(np.nan, value.dtype)
        return "nan" if plain.tobytes() == value.tobytes() else f"bits(0x{np.asarray(value).view(f'u{value.itemsize}')[()]:x})"
    found = str(value)
    same = value.dtype.type(float(found)) if np.isfinite(value) else value
    return found if same == value else repr(float(value))


def array_text(array: np.ndarray[Any, Any]) -> str:
    """The elements of an array: a number, nested lists, or for more than 64 of them packed bytes."""
    if array.size > 64:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return f'packed("{base64.b64encode(zlib.compress(little.tobytes())).decode()}")'
    if array.ndim == 0:
        return number_text(array[()])
    return "[" + ", ".join(array_text(a) for a in array) + "]"
