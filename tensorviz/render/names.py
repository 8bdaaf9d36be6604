"""What an op is called on a node: the short word where one is common. Texts and inspectors keep NumPy's name."""

from __future__ import annotations

__all__ = ["BRIEF", "OPERANDS", "brief", "clipped", "operand"]

LONGEST = 32            #: letters of a name in a picture

#: NumPy's name -> the word on a node
BRIEF = {
    "multiply": "mul", "subtract": "sub", "true_divide": "div", "negative": "neg", "power": "pow", "remainder": "mod",
    "logical_and": "and", "logical_or": "or", "logical_not": "not", "logical_xor": "xor",
}

#: What the arguments of ops of several are, for numbers that are written on the node; those after the last are as the last,
#: and where there are none the parameter says it all.
OPERANDS: dict[str, tuple[str, ...]] = {
    "gemm": ("c", "α", "a", "b", "β"), "where": ("if", "then", "else"), "arange": (), "broadcast_to": ("", "length"),
    "reshape": ("", "length"), "pad": ("", "value", "width"), "index": ("", "at"), "set_index": ("of", "to", "at"),
    "inc_index": ("of", "by", "at"), "set_take": ("of", "to", "at"), "inc_take": ("of", "by", "at"),
    "set_along": ("of", "to", "at"), "inc_along": ("of", "by", "at"), "set_compress": ("of", "to", "mask"),
}


def operand(op: str, k: int) -> str | None:
    """What argument k of an op is, "" if its value says it; None if nobody asks.

    >>> operand("gemm", 4), operand("exp", 0), operand("arange", 0)
    ('β', '·', None)
    """
    names = OPERANDS.get(op)
    return "·" if names is None else names[min(k, len(names) - 1)] if names else None


def brief(op: str) -> str:
    """The word for an op in a picture.

    >>> brief("true_divide"), brief("exp")
    ('div', 'exp')
    """
    return BRIEF.get(op, op)


def clipped(name: str, most: int = LONGEST) -> str:
    """A name as far as it fits, its start and its end; the whole stands in the title of what it is written on.

    >>> clipped("hidden"), clipped("a" * 400 + "_end", 12)
    ('hidden', 'aaa…aaaa_end')
    """
    return name if len(name) <= most else f"{name[:most - 9]}…{name[-8:]}"
