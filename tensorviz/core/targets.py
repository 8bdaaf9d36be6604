"""What the user's statements call their values: found by the place of an instruction in the source, never by its line alone.

``h = T.vector("h"); y = T.exp(h) + 1`` names the sum `y` and nothing `h`; of ``hidden = relu(x)`` the result of `relu` is called
`hidden`, whatever the lines inside `relu` say.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

from .origins import Call, Site

__all__ = ["assigned_name", "calls_of", "target_of", "written_for"]

Range = tuple[int, int | None, int | None, int | None]      # as code.co_positions() gives it: line, last line, column, end
_CUTS = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
         ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Targets(NamedTuple):
    """Names of a file by place: of what is just the assigned value, and of all that is inside it."""

    whole: dict[Range, str]
    inside: dict[Range, str]


def calls_of(site: Site) -> tuple[Call, ...]:
    """The running instructions that made a node, the user's outermost first."""
    return (*reversed(site[3]), (site[0], site[2]))


def target_of(call: Call) -> str:
    """The variable that the very value of an instruction is assigned to, "" if there is none."""
    return _targets(call[0].co_filename).whole.get(_place(call), "")


def assigned_name(site: Site) -> str:
    """The variable that the value made at a site is assigned to, the user's outermost function first."""
    return next((name for name in map(target_of, calls_of(site)) if name), "")


def written_for(site: Site) -> str:
    """The variable of the statement that a site is a part of; of a lambda, of the statement that calls it."""
    for code, at in reversed(calls_of(site)):
        name = _targets(code.co_filename).inside.get(_place((code, at)), "")
        if name or not code.co_name.startswith("<") or code.co_name == "<module>":
            return name
    return ""


_places: dict[int, tuple[CodeType, list[Range]]] = {}


def _place(call: Call) -> Range:
    code, at = call
    found = _places.get(id(code))
    if found is None or found[0] is not code:
        if len(_places) > 2000:
            _places.clear()
        found = _places[id(code)] = code, list(code.co_positions())  # type: ignore[arg-type]
    return found[1][at // 2] if 0 <= at // 2 < len(found[1]) else (0, None, None, None)


_files: dict[str, tuple[list[str], Targets]] = {}


def _targets(file: str) -> Targets:
    """The names in a file; read again when its lines are others."""
    lines = linecache.getlines(file)
    found = _files.get(file)
    if found is None or found[0] is not lines and found[0] != lines:
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError, RecursionError):
            tree = ast.Module([], [])
        found = _files[file] = lines, _read(tree)
    return found[1]


def _read(tree: ast.Module) -> Targets:
    found = Targets({}, {})
    work: list[tuple[ast.AST, str]] = [(tree, "")]
    while work:
        node, name = work.pop()
        if isinstance(node, _CUTS):
            name = ""
        for place in _places_of(node) if name else ():
            found.inside[place] = name
        given = dict(_named(node))
        for value, target in given.items():
            for place in _places_of(value):
                found.whole[place] = found.inside[place] = target
        work += [(child, given.get(child, name)) for child in ast.iter_child_nodes(node)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Tuple | ast.IfExp):
            work += given.items()
    return found


def _named(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """The values in a statement with the variables they are assigned to."""
    if isinstance(node, ast.AugAssign):
        name = _variable(node.target)
        if name:
            yield node, name
            yield node.value, name
        return
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, part in zip(target.elts, value.elts, strict=True):
                yield from ((v, name) for name in [_variable(one)] if name for v in _values(part))
            return
        name = _variable(target)
        if name:
            yield from ((v, name) for v in _values(value))
            return


def _values(value: ast.expr) -> Iterator[ast.expr]:
    """What a value can be; what compiles a function is not what it compiles."""
    if isinstance(value, ast.IfExp):
        yield from _values(value.body)
        yield from _values(value.orelse)
    elif not (isinstance(value, ast.Call) and _variable(value.func) == "function"):
        yield value


def _variable(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def _places_of(node: ast.AST) -> Iterator[Range]:
    """Where instructions of a node stand: its own place; for a method called on another line, from the method's name too."""
    line = getattr(node, "lineno", None)
    if line is None:
        return
    last, column, end = node.end_lineno, node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
    yield line, last, column, end
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.end_lineno != line:
        start = (node.func.end_col_offset or 0) - len(node.func.attr.encode())
        yield node.func.end_lineno or line, last, start, end
