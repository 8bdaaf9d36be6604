"""What an op is called on a node: the short word where one is common. Texts and inspectors keep NumPy's name."""

from __future__ import annotations

__all__ = ["BRIEF", "brief", "clipped"]

LONGEST = 32            #: letters of a name in a picture

#: NumPy's name -> the word on a node
BRIEF = {
    "multiply": "mul", "subtract": "sub", "true_divide": "div", "negative": "neg", "power": "pow", "remainder": "mod",
    "logical_and": "and", "logical_or": "or", "logical_not": "not", "logical_xor": "xor",
}


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
