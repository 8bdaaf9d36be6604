"""torch's words for arguments: a function that is decorated with `torch_words` takes them beside its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..errors import ArgumentError, ArgumentValueError
from ..op import strict
from .lengths import user_line

__all__ = ["torch_words"]

_F = TypeVar("_F", bound=Callable[..., Any])
EVERYWHERE = {"dim": "axis", "keepdim": "keepdims", "input1": "a", "input2": "b", "x1": "a", "x2": "b"}


def torch_words(*, inplace: bool = False, **others: str) -> Callable[[_F], _F]:
    """Make a function take torch's words too: `input` for its first argument, `dim` for axis, and `others`: torch's word = ours.

    With `inplace` it takes that too, by name or as a boolean behind its last positional argument, where torch has it. False says
    nothing, True raises ArgumentValueError: expressions never change. Where there is a `reduction`, torch's older `size_average`
    and `reduce` are understood.

    >>> @torch_words(inplace=True, weight="w")
    ... def scaled(x, w=2.0):
    ...     return x * w
    >>> scaled(input=3.0, weight=5.0), scaled(3.0, 5.0, False), scaled(3.0, inplace=False)
    (15.0, 15.0, 6.0)
    """
    def decorate(function: _F) -> _F:
        code, called = function.__code__, strict(function)
        own = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
        words = {w: o for w, o in {**EVERYWHERE, "input": own[0], **others}.items() if o in own and w not in own}
        reduced, places = "reduction" in own, code.co_argcount

        @wraps(function)
        def takes_torchs_words(*args: Any, **kw: Any) -> Any:
            if inplace and len(args) == places + 1 and isinstance(args[-1], bool):
                args, kw = args[:-1], {**kw, "inplace": args[-1]}
            if kw:
                if inplace and kw.pop("inplace", False):
                    raise ArgumentValueError(f"{function.__name__} can't work in place: expressions never change", at=user_line(),
                                             hint="use what it returns; compiled functions reuse memory by themselves")
                if reduced and not kw.keys().isdisjoint(("size_average", "reduce")):
                    kw = _older(kw)
                if not kw.keys().isdisjoint(words):
                    kw = _translated(kw, words, own[:len(args)])
            return called(*args, **kw)
        return takes_torchs_words               # type: ignore[return-value]
    return decorate


def _translated(kw: dict[str, Any], words: dict[str, str], given: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in kw.items():
        ours = words.get(name, name)
        if ours in found or ours in given:
            raise ArgumentError(f"{name} and {ours} are the same argument: give one of them", at=user_line())
        found[ours] = value
    return found


def _older(kw: dict[str, Any]) -> dict[str, Any]:
    """`size_average` and `reduce` as the `reduction` that they mean, as torch reads them."""
    mean, some = kw.pop("size_average", None), kw.pop("reduce", None)
    if mean is None and some is None:
        return kw
    return {**kw, "reduction": "none" if some is False else "sum" if mean is False else "mean"}
