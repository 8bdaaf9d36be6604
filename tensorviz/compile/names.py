"""Names in generated code: of ops and, where the user's name is a plain short identifier, of variables; anything else is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..core.expr import Expr, constant_op
from ..core.origins import Call
from ..core.targets import calls_of, target_of

__all__ = ["Labels", "Names", "assigned", "labels_of", "plain"]

Labels = Mapping[Expr, str]         # names for nodes that have none of their own

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,23}\Z")
_MADE = re.compile(r"(batch|slot|most)_\d+")               # what the entry calls batches and slots
LOOPS = "ijklmpqrstuv"
_MATH = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 exp10 expm1 fabs fdim floor fma fmax fmin
fmod frexp hypot ilogb ldexp lgamma log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter pow remainder rint round
sin sincos sinh sqrt tan tanh tgamma trunc scalb scalbn significand drem gamma j0 j1 jn y0 y1 yn isnan isinf finite isfinite
signbit llrint llround
"""
_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register restrict
return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false main asm typeof half
complex imaginary lo hi from to call in out arena error phase threads symbols times i64 u64 t0 all any each part
most total slot patience free malloc calloc realloc abort exit printf puts memcpy memset memmove memcmp strlen strcmp index
rindex ffs clz ctz popcount abs labs clock time linux unix i386 arm NULL INFINITY NAN stdin stdout stderr errno kernel global
local constant private add sub mul div max min size shape clock_gettime int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t
uint64_t size_t ptrdiff_t wchar_t max_align_t intptr_t uintptr_t uchar ushort uint ulong clamp mix step dot cross length
normalize select sign degrees radians barrier event_t image2d_t sampler_t
"""
_TAKEN = frozenset([*_WORDS.split(), *_MATH.split(), *(name + "f" for name in _MATH.split())])
_SHORT = {"true_divide": "div", "multiply": "mul", "subtract": "sub", "negative": "neg", "absolute": "abs",
          "floor_divide": "fdiv", "remainder": "mod", "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le",
          "not_equal": "ne", "equal": "eq", "maximum": "max", "minimum": "min", "reciprocal": "recip",
          "logical_and": "land", "logical_or": "lor", "logical_not": "lnot"}


def plain(name: str | None) -> str | None:
    """The user's name if it can stand in code as it is, else None."""
    if name is None or not _PLAIN.match(name) or not name.isascii():
        return None
    if name in _TAKEN or _MADE.fullmatch(name) or name.lower().startswith("tv_"):
        return None
    return name


def assigned(order: Iterable[Expr]) -> dict[Expr, str]:
    """What the user's statements call nodes: the last one made by the very call, or operation, whose value is assigned.

    Of all nodes that come out of one call that is the one which no other of them reads. Gradients have no names of this kind.
    """
    nodes = [e for e in order if e.args and e.sites and e.forward is None and e.op.name != "length"]  # which gradients ask for
    calls: dict[Expr, tuple[Call, ...]] = {e: calls_of(e.sites[0]) for e in nodes}
    inside: dict[Expr, set[tuple[int, int]]] = {}           # calls that made a reader of the node too
    for e in nodes:
        keys = [(id(code), at) for code, at in calls[e]]
        for a in e.args:
            if a in calls:
                inside.setdefault(a, set()).update(keys)
    found = {}
    for e in nodes:
        taken = inside.get(e, ())
        names = (target_of(call) for call in calls[e] if (id(call[0]), call[1]) not in taken)
        name = next((name for name in names if name), "")
        if name:
            found[e] = name
    return found


def labels_of(order: Iterable[Expr]) -> dict[Expr, str]:
    """Names for code: what the user's statements call nodes, where that can stand there."""
    return {e: name for e, name in assigned(order).items() if plain(name)}


class Names:
    """Unique names within one function of the code."""

    def __init__(self, labels: Labels | None = None) -> None:
        self.used: dict[str, int] = {}
        self.labels: Labels = labels or {}

    def fresh(self, stem: str, numbered: bool = False) -> str:
        """`stem`, or `stem_1`, `stem_2` ... if it is taken (always with a number if `numbered`)."""
        n = self.used.get(stem, 0)
        name = stem if not numbered else f"{stem}_{n + 1}"
        while name in self.used or name in _TAKEN:
            n += 1
            name = f"{stem}_{n}"
        self.used[stem] = n + 1 if numbered and n == self.used.get(stem, 0) else n
        self.used.setdefault(name, 0)
        return name

    def own(self, e: Expr) -> str | None:
        """What the user calls a node, if that can stand in code."""
        return plain(e.name) or self.labels.get(e)

    def local(self, e: Expr) -> str:
        """A name for the value of a node."""
        name = self.own(e)
        return self.fresh(name) if name else self.fresh(_SHORT.get(e.op.name, e.op.name), numbered=True)

    def buffer(self, e: Expr | None, kind: str) -> str:
        """A name for a buffer: the user's; else after the op, of results with `out`; else `kind`."""
        name = self.own(e) if e is not None else None
        if name is None and e is not None and e.op.name == "index" and self.own(e.args[0]):
            name = f"{self.own(e.args[0])}_part"
        if name is None and e is not None and e.args:
            name = _SHORT.get(e.op.name, e.op.name) + ("_out" if kind == "out" else "")
        if name is None and e is not None and e.op is constant_op:
            name = "table"
        return self.fresh(name or kind)

    def loop(self) -> str:
        """A letter for a loop that is nobody's name yet."""
        return self.fresh(next((v for v in LOOPS if v not in self.used), LOOPS[0]))

    def length(self) -> str:
        """A name for a length."""
        return self.fresh("n", numbered=True)
