"""Arguments by the names that Theano, PyTensor and SciPy give them: one table from their word to ours, for all functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import ArgumentValueError
from .origins import user_line

__all__ = ["in_our_words"]

# Their word: the parameters that it may stand for, in the order in which they are looked for.
OURS: dict[str, tuple[str, ...]] = {
    "input": ("x", "a"), "model": ("x",), "prototype": ("x",), "c": ("x",), "var": ("x",), "arr": ("x",), "ar": ("x",),
    "A": ("x",), "a": ("x", "arr"), "b": ("y",), "l": ("a",), "r": ("b",), "v": ("x",), "x1": ("a",), "x2": ("b",),
    "x": ("a", "array", "place", "value"), "y": ("b", "value", "x"),
    "cond": ("condition",), "ift": ("x",), "iff": ("y",), "tensor_list": ("tensors",), "tensors_list": ("tensors",),
    "newshape": ("shape",), "dims": ("shape",), "end": ("stop",), "steps": ("num",),
    "f": ("outputs",), "wrt": ("inputs",), "cotangents": ("output_cotangents",), "tangents": ("input_tangents",),
}

# Their arguments that change nothing here, and the values that may be given (None: all).
WITHOUT_EFFECT: dict[tuple[str, str], tuple[Any, ...] | None] = {
    ("zeros_like", "opt"): None, ("ones_like", "opt"): None, ("full_like", "opt"): None,
    ("lambertw", "tol"): None, ("convolve2d", "method"): None, ("Rop", "use_op_rop_implementation"): None,
    ("factorial", "exact"): (False,), ("factorial", "extend"): ("zero",), ("array", "ndmax"): (0,),
}


def in_our_words(name: str, known: tuple[str, ...], args: tuple[Any, ...], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The named arguments of a function `name` in the words that it knows; None where one of them stands for nothing.

    Raises ArgumentValueError for a value that would change something which the function can't do.
    """
    found: dict[str, Any] = {k: v for k, v in given.items() if k in known}
    taken = {*known[:len(args)], *found}
    for word, value in given.items():
        if word in found:
            continue
        if (name, word) in WITHOUT_EFFECT:
            allowed = WITHOUT_EFFECT[name, word]
            if allowed is not None and value not in allowed:
                raise ArgumentValueError(f"{name} knows {word}={allowed[0]!r} alone, not {value!r:.40}", at=user_line(),
                                         hint="leave it away: expressions have one dtype and a known number of axes")
            continue
        ours = next((p for p in OURS.get(word, ()) if p in known and p not in taken), None)
        if ours is None:
            return None
        found[ours] = value
        taken.add(ours)
    return found
