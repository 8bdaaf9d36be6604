"""Targets: what a program needs of a backend, and the registry in which the composer puts those of higher layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core.expr import Expr
    from .emit import Line
    from .host import Part
    from .language import Language
    from .lengths import Lengths
    from .names import Names
    from .program import Program

__all__ = ["BACKENDS", "Target"]


@dataclass(frozen=True)
class Target:
    """A backend, as the steps that make a program of a graph.

    language: of its kernels; what it has no code for runs as its NumPy meaning. part(name, inputs, outputs, lengths, strided,
    names) generates the code between two such nodes, with `names` that no other part has. text(program) puts the parts together
    into one file, with its line map. load(program) builds that file and gives every segment its entry; returns seconds by step.
    """

    language: Language
    part: Callable[[str, list[Expr], list[Expr], Lengths, frozenset[Expr], Names], Part]
    text: Callable[[Program], tuple[str, list[Line]]]
    load: Callable[[Program], dict[str, float]]


BACKENDS: dict[str, Callable[[bool], Target]] = {}
"""Name -> function that gives the target; it is called with False where only text is wanted, so that no device is needed."""
