"""float16 in blocks: where a loop runs along float16 in memory, they are converted a block at a time.

Processors convert vectors of float16 with one instruction, which compilers don't use in loops (gcc 12 doesn't; the arithmetic
that does the same takes 7 operations to read, 16 to round and write). So a block is read into floats, the loop runs over these,
and its results are rounded and written together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .complexes import EXACT_HALVES
from .kernel import Apply, Index, Let, Load, Loop, Name, Store, Value, words_of

__all__ = ["BLOCK", "Blocks", "blocks_of", "rounds"]

BLOCK = 256                 # elements: a kilobyte of floats for each tensor
MOST = 12                   # tensors
F2, F4 = np.dtype("float16"), np.dtype("float32")
_NOT_ROUNDED = EXACT_HALVES | {"complex", "eye"}


@dataclass
class Blocks:
    """The float16 that a loop reads and writes side by side, each with the name of its floats; and what writing rounds.

    `rounded` are locals that are only written: they need not be rounded before.
    """

    reads: dict[tuple[str, Index], str] = field(default_factory=dict)
    writes: dict[tuple[str, Index], str] = field(default_factory=dict)
    rounded: set[str] = field(default_factory=set)


def blocks_of(loop: Loop) -> Blocks | None:
    """What a loop over vectors does with float16, if it can go by blocks and there are any."""
    if loop.reduces or loop.step != 1 or loop.ends:
        return None
    found, taken = Blocks(), words_of(loop.body)
    uses: dict[str, int] = {}
    for s in loop.body:
        if not isinstance(s, Let | Store) or (isinstance(s, Let) and s.mutable):
            return None
        for v in _leaves(s.value):
            if isinstance(v, Name):
                uses[v.name] = uses.get(v.name, 0) + 1
            elif isinstance(v, Load):
                if any(v.buffer == buffer for buffer, _ in found.writes):
                    return None                         # read again after it was written
                if v.dtype == F2 and (loop.var, 1) in v.index:
                    found.reads.setdefault((v.buffer, v.index), _free(f"{v.buffer}_floats", taken))
        if isinstance(s, Store) and s.value.dtype == F2:
            if (loop.var, 1) not in s.index or any(b == s.buffer and index != s.index for b, index in found.reads):
                return None
            found.writes[s.buffer, s.index] = _free(f"{s.buffer}_floats", taken)
    found.rounded = {s.value.name for s in loop.body if isinstance(s, Store) and isinstance(s.value, Name)
                     and s.value.dtype == F2 and uses[s.value.name] == 1}
    return found if 0 < len(found.reads) + len(found.writes) <= MOST else None


def _leaves(value: Value) -> list[Value]:
    """The names and loads that a value is made of."""
    work, found = [value], []
    while work:
        v = work.pop()
        if isinstance(v, Apply):
            work.extend(v.args)
        else:
            found.append(v)
    return found


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def rounds(v: Value) -> bool:
    """Whether the text of a value is a float, rounded to float16 by `tv_half_f32(...)`."""
    if not isinstance(v, Apply) or v.dtype != F2:
        return False
    return v.args[0].dtype != np.dtype("float64") if v.op == "cast" else v.op not in _NOT_ROUNDED
