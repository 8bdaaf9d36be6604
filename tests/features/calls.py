"""Which names of tensorviz a row of the table lists, and which its example calls: the tests ask that they are the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import tensorviz as tv
import tensorviz.tensor as T

__all__ = ["calls", "listed"]

PLACES = (T, tv, T.nn, T.nnet, T.special, T.fft, T.signal, T.signal.pool, tv.gradient)

SUBMODULES = {"nn", "nnet", "signal", "special", "tensor"}      # they name places


def listed(text: str) -> set[str]:
    """The words of a text that are names of tensorviz; `a{b,c}` stands for ab and ac, `conv1d/2d` for conv1d and conv2d;
    words of keyword arguments (`axis=`) are none.

    >>> sorted(listed("`nn.conv1d/2d`, shape_pad{left,right} and others"))
    ['conv1d', 'conv2d', 'shape_padleft', 'shape_padright']
    """
    found = set()
    for word in re.findall(r"[A-Za-z_][\w./]*(?:\{[\w,]*\})?", re.sub(r"\]\(\S*\)|\w+\.md|\w+=", " ", text)):
        stem, _, ends = word.partition("{")
        before = ""
        for part in ([stem + end for end in ends[:-1].split(",")] if ends else stem.split("/")):
            name = part.rpartition(".")[2] if not part.endswith(".") else part[:-1].rpartition(".")[2]
            before = re.sub(r"\d\w*$", name, before) if name[:1].isdigit() else name
            found.add(before)
    return {name for name in found if any(callable(getattr(place, name, None)) for place in PLACES) and name not in SUBMODULES}


class _Watched:
    """A namespace that notes what is called of it; classes and constants count when they are looked up."""

    def __init__(self, place: Any, seen: set[str]) -> None:
        self._place, self._seen = place, seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._place, name)
        if isinstance(found, ModuleType | SimpleNamespace):
            return _Watched(found, self._seen)
        if isinstance(found, FunctionType):
            return _noting(found, name, self._seen)
        self._seen.add(name)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._place(*args, **kwargs)


def _noting(function: Callable[..., Any], name: str, seen: set[str]) -> Callable[..., Any]:
    """`function`, noting its calls."""

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        seen.add(name)
        return function(*args, **kwargs)

    return called


@contextmanager
def calls(check: Callable[[], None]) -> Iterator[set[str]]:
    """The names that `check` calls of the namespaces of tensorviz in its module: what methods and the package call is not counted."""
    seen: set[str] = set()
    before = dict(check.__globals__)  # type: ignore[attr-defined]
    ours = {name: v for name, v in before.items() if isinstance(v, ModuleType) and v.__name__.partition(".")[0] == "tensorviz"}
    check.__globals__.update({name: _Watched(v, seen) for name, v in ours.items()})  # type: ignore[attr-defined]
    try:
        yield seen
    finally:
        check.__globals__.update(ours)  # type: ignore[attr-defined]
