"""Printed graphs read back. Python's own parser reads each line as a syntax tree; nothing in it is ever evaluated."""

from __future__ import annotations

import ast
import base64
import json
import re
import zlib
from typing import Any

import numpy as np

from .dtypes import as_dtype
from .errors import ParseError, TensorvizError
from .expr import Expr, Literal, constant, make, variable
from .graph import Graph
from .listing import type_text
from .op import OPS
from .types import TensorType

__all__ = ["parse"]

STRING = r'"(?:[^"\\]|\\.)*+"'
LINE = re.compile(rf"(v\d+): (.*?) = (input\b|constant\b)?((?:[^\"#]++|{STRING})*+)(?:# ?({STRING}))?")
TYPE = re.compile(r"(\w+) (?:scalar|\(((?:N|\d+)(?:, (?:N|\d+))*),?\))")
NUMBERS = {"nan": float("nan"), "inf": float("inf")}
FAILURES = (TensorvizError, ValueError, TypeError, AttributeError, OverflowError, SyntaxError, IndexError,
            RecursionError, MemoryError, zlib.error)


def parse(text: str) -> Graph:
    """The graph that `text` (as `str(graph)` writes it) describes; its variables are new. Raises ParseError.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> g = tv.Graph([x], [tv.exp(x) + 1.0])
    >>> parse(str(g)) == g
    True
    """
    nodes: dict[str, Expr] = {}
    inputs: list[Expr] = []
    if not isinstance(text, str):
        raise ParseError(f"a graph is parsed from a text, not from {type(text).__name__} {text!r:.60}")
    lines = text.strip("\n").split("\n")
    for k, line in enumerate(lines, 1):
        try:
            if line.startswith("return") and k == len(lines):
                return Graph(inputs, [_known(name.strip(), nodes) for name in line[6:].split(",") if name.strip()])
            name, node = _node(line, nodes)
        except FAILURES as error:
            what = error.what if isinstance(error, TensorvizError) else str(error)
            raise ParseError(f"line {k}: {what}", facts=[line[:120]]) from (None if isinstance(error, ParseError) else error)
        nodes[name] = node
        if node.op.name == "variable":
            inputs.append(node)
    raise ParseError("the text ends without a line `return v...`", hint="print a graph to see the form")


def _node(line: str, nodes: dict[str, Expr]) -> tuple[str, Expr]:
    found = LINE.fullmatch(line)
    if found is None:
        raise ParseError("this is not `v3: float32 (N, 10) = add(v1, v2)`, `... = input \"x\"` or `... = constant 2.0`")
    number, type_, leaf, right, name = found.groups()
    if number in nodes:
        raise ParseError(f"{number} is defined twice")
    if leaf == "input":
        return number, variable(_type(type_), json.loads(right) if right.strip() else None)
    tree = ast.parse(right.strip(), mode="eval").body
    if leaf:
        tensor = _type(type_)
        node = constant(_array(tree, tensor.dtype, tensor.shape))
    else:
        node = _call(tree, nodes)
    if type_text(node.type) != type_:
        raise ParseError(f"{number} is {type_text(node.type)}, the text says {type_}")
    if name is not None and node._name is None:
        node.name = json.loads(name)
    return number, node


def _call(tree: ast.expr, nodes: dict[str, Expr]) -> Expr:
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        raise ParseError("an op with arguments in parentheses is expected after =")
    op = OPS.get(tree.func.id)
    if op is None or (op.family == "leaf" and op.name != "item"):
        raise ParseError(f"there is no op {tree.func.id!r}", hint="import what defines it first")
    names = tuple(k.arg for k in tree.keywords)
    if names != op.params:
        raise ParseError(f"{op.name} has the parameters {op.params}, not {names}")
    args = tuple(_known(a.id if isinstance(a, ast.Name) else "?", nodes) for a in tree.args)
    return make(op, args, tuple(_value(k.value) for k in tree.keywords))


def _known(name: str, nodes: dict[str, Expr]) -> Expr:
    if name not in nodes:
        raise ParseError(f"there is no {name} above this line")
    return nodes[name]


def _type(text: str) -> TensorType:
    found = TYPE.fullmatch(text)
    if found is None:
        raise ParseError(f"{text!r} is not a type such as `float32 (N, 10)` or `int64 scalar`")
    lengths = found[2].split(", ") if found[2] else []
    return TensorType(as_dtype(found[1]), tuple(None if n == "N" else int(n) for n in lengths))


# -- values --------------------------------------------------------------------------------------------------------
def _value(tree: ast.expr) -> Any:
    """A parameter, as `value_text` writes it."""
    if isinstance(tree, ast.Tuple):
        return tuple(_value(t) for t in tree.elts)
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return _string(tree)
    if isinstance(tree, ast.Name) and tree.id not in NUMBERS:
        return as_dtype(tree.id)
    if not isinstance(tree, ast.Call):
        return _number(tree)
    kind, items = tree.func.id if isinstance(tree.func, ast.Name) else "?", tree.args
    if kind == "graph":
        return parse(_string(items[0]))
    if kind == "array":
        dtype, shape, elements = items
        return Literal(_array(elements, _value(dtype), _value(shape)))
    if kind == "tensor":
        return TensorType(_value(items[0]), _value(items[1]))
    if kind == "complex":
        return complex(_number(items[0]), _number(items[1]))
    if kind == "bits":
        return _element(tree, np.dtype(np.float64)).item()
    return _element(items[0], as_dtype(kind))[()]


def _string(tree: ast.expr) -> str:
    if not isinstance(tree, ast.Constant) or not isinstance(tree.value, str):
        raise ParseError("a string is expected")
    return tree.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")   # JSON's pairs made one


def _number(tree: ast.expr) -> Any:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return -_number(tree.operand)
    if isinstance(tree, ast.Name) and tree.id in NUMBERS:
        return NUMBERS[tree.id]
    if isinstance(tree, ast.Constant) and (tree.value is None or isinstance(tree.value, bool | int | float)):
        return tree.value
    raise ParseError(f"{ast.unparse(tree)[:40]} is not a number")


def _element(tree: ast.expr, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """One number as a 0-d array of `dtype`, to the bit."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        if tree.func.id == "bits":
            return np.array(_number(tree.args[0]), f"u{dtype.itemsize}").view(dtype)
        if tree.func.id == "complex" and dtype.kind == "c":
            part = np.empty((), dtype)
            part.real, part.imag = (_element(a, part.real.dtype) for a in tree.args)
            return part
    value = _number(tree)
    array = np.array(value, dtype)
    if dtype.kind in "iub" and (array.item() != value or isinstance(value, bool) != (dtype.kind == "b")):
        raise ParseError(f"{value} is not {dtype}")
    return array


def _array(tree: ast.expr, dtype: np.dtype[Any], shape: Any) -> np.ndarray[Any, Any]:
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "packed":
        data = zlib.decompress(base64.b64decode(_string(tree.args[0]), validate=True))
        return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype).reshape(shape)
    elements, work = [], [tree]
    while work:
        t = work.pop()
        if isinstance(t, ast.List):
            work.extend(reversed(t.elts))
        else:
            elements.append(_element(t, dtype))
    return np.array(elements, dtype).reshape(shape)
