"""Lengths as the compiler sees them: ints, scalar expressions, products; and which unknown ones are taken to be equal.

A function is compiled for the case that unknown lengths that meet in an elementwise op are equal; the entry checks that at each
call. If an axis turns out to have length 1, a version with that axis fixed to 1 is compiled (`Function` keeps the versions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.expr import Expr, is_constant, value_of, variable_op
from ..core.graph import sweep, topological
from ..core.op import BUILDERS
from ..core.ops.lengths import filled
from ..core.ops.shape import summed
from ..core.origins import inherit
from ..core.shapes import lengths_of, scalar_of

__all__ = ["Lengths", "Product", "REDUCTIONS", "Runtime", "agree", "dense_stride", "dense_strides", "factors_of", "of_shapes",
           "product", "same"]

REDUCTIONS = {"sum", "prod", "max", "min", "any", "all", "argmax", "argmin"}
Length = Any        # int | Expr | Product


@dataclass(frozen=True, eq=False, slots=True)
class Product:
    """A product of lengths: an int times scalar expressions."""

    known: int
    factors: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Runtime:
    """A stride that is known only when an array is given: that of `node` along `axis`, in elements."""

    node: Expr
    axis: int


def product(*lengths: Length) -> Length:
    """The product of lengths."""
    known = 1
    factors: list[Expr] = []
    for n in lengths:
        if isinstance(n, int):
            known *= n
        elif isinstance(n, Product):
            known *= n.known
            factors += n.factors
        else:
            factors.append(n)
    if not factors or known == 0:
        return known
    return factors[0] if known == 1 and len(factors) == 1 else Product(known, tuple(factors))


def same(a: Length, b: Length) -> bool:
    """Whether two lengths are known to be equal."""
    if isinstance(a, Product) and isinstance(b, Product):
        return a.known == b.known and sorted(map(id, a.factors)) == sorted(map(id, b.factors))
    return a is b or (isinstance(a, int) and isinstance(b, int) and a == b)


def factors_of(n: Length) -> tuple[Expr, ...]:
    """The scalars of which a length is the product, but for an int."""
    return n.factors if isinstance(n, Product) else (n,) if isinstance(n, Expr) else ()


def of_shapes(n: Length) -> bool:
    """Whether a length is known before anything is computed: of lengths of inputs and of whole numbers."""
    for e in topological(factors_of(n)):
        if e.op.name == "length":
            if e.args[0].op is not variable_op:
                return False
        elif any(a.ndim or a.dtype.kind not in "iub" for a in e.args):
            return False
    return True


def dense_stride(lengths: Sequence[Length], axis: int) -> Length:
    """The stride in elements of an axis of a C-contiguous array."""
    return product(*lengths[axis + 1:])


def dense_strides(lengths: Sequence[Length]) -> tuple[Length, ...]:
    """The strides in elements of a C-contiguous array."""
    return tuple(dense_stride(lengths, k) for k in range(len(lengths)))


class Lengths:
    """The lengths of all nodes, unknown ones that meet being one: `of(e)`; `checks` are the pairs that must agree at run time."""

    def __init__(self) -> None:
        self.memo: dict[Expr, Any] = {}
        self.parent: dict[Expr, Length] = {}
        self.known: dict[Expr, tuple[Length, ...]] = {}
        self.checks: list[tuple[Length, Length]] = []
        self.reshaped: set[Expr] = set()
        self.possible = True                    # whether any call passes the checks

    def find(self, n: Length) -> Length:
        """The representative of a length."""
        if isinstance(n, Expr) and is_constant(n):
            return int(value_of(n))
        while isinstance(n, Expr):
            if n in self.parent:
                n = self.parent[n]
            elif n.op.name == "broadcast_length":
                sides = [self.find(a) for a in n.args]
                if not any(same(s, 1) for s in sides):
                    small, large = sides if self.most(sides[0]) <= self.most(sides[1]) else sides[::-1]
                    self.spread(small, large)
                    sides = [self.find(s) for s in sides]
                found = sides[1] if same(sides[0], 1) else sides[0]
                self.parent[n] = found
                n = found
            else:
                break
        return n

    def spread(self, n: Length, m: Length) -> None:
        """Take a length to be equal to one that it is broadcast to; to be 1 if it can't be more, as in `x[:1]`."""
        if not same(self.find(n), 1):
            self.unite(n, 1 if self.most(n) == 1 < self.most(m) else m)

    def unite(self, a: Length, b: Length) -> None:
        """Take two lengths to be equal and note that it must be checked."""
        a, b = self.find(a), self.find(b)
        if same(a, b):
            return
        if isinstance(a, int):
            a, b = b, a
        self.checks.append((a, b))
        if isinstance(a, int):
            self.possible = False           # as x + [1, 2] beside x + [1, 2, 3]: x has one element, or that is an error
            return
        if not self._holds(b, a):
            self.parent[a] = b
        elif isinstance(b, Expr) and not self._holds(a, b):
            self.parent[b] = a

    def _holds(self, whole: Length, part: Length) -> bool:
        """Whether a length is computed from another one, which must not become equal to it by definition: n = min(n, 2) - 1."""
        work, seen = [whole], set()
        while work:
            n = work.pop()
            if n is part:
                return True
            if isinstance(n, Product):
                work += n.factors
            elif isinstance(n, Expr) and n not in seen:
                seen.add(n)
                work += [self.parent[n]] if n in self.parent else n.args
        return False

    def most(self, n: Length, depth: int = 8) -> float:
        """A bound of a length from above: slices near an end have one, infinity is that of others."""
        n = self.find(n)
        if isinstance(n, int):
            return n
        if not isinstance(n, Expr) or not depth:
            return math.inf
        if n.op.name in ("minimum", "maximum"):
            return (min if n.op.name == "minimum" else max)(self.most(a, depth - 1) for a in n.args)
        return _between(*n.args) if n.op.name == "subtract" else math.inf

    def of(self, e: Expr) -> tuple[Length, ...]:
        """The lengths of a node's axes."""
        found = self.known.get(e)
        if found is None:
            found = self.known[e] = tuple(lengths_of(e, self.memo))
        return tuple(self.find(n) for n in found)

    def meet_all(self, roots: Sequence[Expr]) -> None:
        """Unite the lengths that meet anywhere under `roots`."""
        for e in topological(roots):
            self.meet(e)

    def meet(self, e: Expr) -> None:
        """Unite the lengths that meet in node e."""
        if e.op.family == "elementwise":
            out = self.of(e)
            for a in e.args:
                for n, m in zip(self.of(a), out[len(out) - a.ndim:], strict=True):
                    self.spread(n, m)
        elif e.op.name == "broadcast_to":
            out = self.of(e)
            for n, m in zip(self.of(e.args[0]), out[len(out) - e.args[0].ndim:], strict=True):
                self.spread(n, m)
        elif e.op.name == "sum_to":
            have = self.of(e.args[0])
            for n, m in zip(have[len(have) - e.ndim:], self.of(e), strict=True):
                if not same(n, m) and of_shapes(n) and of_shapes(m):    # others nobody checks: no node stands for the meeting
                    self.spread(m, n)
        elif e.op.name in ("take", "set_take", "inc_take"):
            self._meet_places(e.args[1 if e.op.name == "take" else 2:])
        elif e.op.name in ("take_along", "set_along", "inc_along"):
            for k, (n, m) in enumerate(zip(self.of(e.args[0]), self.of(e.args[-1]), strict=True)):
                if k != e.kw["axis"]:
                    self.unite(n, m)
        elif e.op.name == "matmul":
            a, b = e.args
            self.unite(self.of(a)[-1], self.of(b)[-2 if b.ndim > 1 else 0])
            self._batches(e)
        elif e.op.name == "gemm":
            c, _, a, b, _ = e.args
            for n, m in zip((self.of(a)[1], *self.of(c)), (self.of(b)[0], self.of(a)[0], self.of(b)[1]), strict=True):
                self.unite(n, m)
        elif e.op.name == "specify_shape":
            for n, m in zip(self.of(e.args[0]), filled(e.kw["shape"], e.args[1:]), strict=True):    # the type may know n, not m
                self.unite(n, scalar_of(m, self.memo) if isinstance(m, Expr) else m)
        elif e.op.name == "concatenate":
            for a in e.args[1:]:
                for k, (n, m) in enumerate(zip(self.of(e.args[0]), self.of(a), strict=True)):
                    if k != e.kw["axis"]:
                        self.unite(n, m)
        elif e.op.name == "squeeze":
            for k in e.kw["axes"]:
                self.unite(self.of(e.args[0])[k], 1)
        elif e.op.name == "reshape" and e not in self.reshaped:
            self.reshaped.add(e)
            before, after = product(*self.of(e.args[0])), product(*self.of(e))
            if not same(before, after):
                self.checks.append((before, after))

    def _meet_places(self, places: Sequence[Expr]) -> None:
        """Arrays of indices are broadcast together."""
        met: dict[int, Length] = {}
        for i in places if len(places) > 1 else ():
            for k, n in enumerate(reversed(self.of(i))):
                if not (isinstance(n, int) and n == 1):
                    self.unite(met.setdefault(k, n), n)

    def _batches(self, e: Expr) -> None:
        out = self.of(e)
        for a in e.args:
            lead = self.of(a)[:-2]
            for n, m in zip(lead, out[len(out) - 2 - len(lead):-2] if len(out) > 2 else (), strict=False):
                self.spread(n, m)


def _between(stop: Expr, start: Expr) -> float:
    """A bound of stop - start: x[1:3] has min(3, n) - min(1, n) elements, x[-2:] has n - max(n - 2, 0)."""
    if stop.op.name == start.op.name == "minimum":
        (a, n), (b, m) = stop.args, start.args
        return max(0, int(value_of(a)) - int(value_of(b))) if n is m and is_constant(a) and is_constant(b) else math.inf
    if start.op.name == "maximum" and start.args[0].op.name == "subtract":
        n, a = start.args[0].args
        return int(value_of(a)) if n is stop and is_constant(a) else math.inf
    return math.inf


def _reduction_of_one(e: Expr, lengths: Lengths) -> Expr:
    """A reduction over axes of length 1 reduces nothing: what stands for it, without a loop; e itself for any other."""
    x, kw = e.args[0], e.kw
    axes = kw["axes"] if "axes" in kw else tuple(range(x.ndim)) if kw["axis"] is None else (kw["axis"],)
    have = lengths.of(x)
    if not all(same(have[k], 1) for k in axes):
        return e
    x = BUILDERS["cast"](x, e.dtype) if "axes" in kw else BUILDERS["zeros_like"](x, e.dtype)
    return x if kw["keepdims"] else BUILDERS["squeeze"](x, axis=axes)  # type: ignore[no-any-return]


def _sum_to(e: Expr, lengths: Lengths) -> Expr:
    """The sum that `sum_to` is once its lengths agree, or its argument where none is left; e itself while they do not."""
    g = e.args[0]
    have, want = lengths.of(g), lengths.of(e)
    lead = len(have) - len(want)
    tail = have[lead:]
    shrunk = [lead + k for k, (n, m) in enumerate(zip(tail, want, strict=True)) if not same(n, m)]
    if any(not (isinstance(have[k], int) or isinstance(want[k - lead], int)) or not same(want[k - lead], 1) for k in shrunk):
        return e
    new = summed(g, lead, [k - lead for k in shrunk])
    if any(n is None and m is not None for n, m in zip(new.type.shape, e.type.shape, strict=True)):
        new = BUILDERS["specify_shape"](new, e.type.shape)
    return new


def agree(roots: Sequence[Expr], lengths: Lengths | None = None,
          moved: dict[Expr, Expr] | None = None) -> tuple[list[Expr], Lengths, list[tuple[Expr, Expr]]]:
    """Take unknown lengths that meet to be equal, beside those that agree already: `sum_to` whose lengths then agree goes away.

    Returns the new roots, the lengths with their run-time checks, and the (before, after) pairs of what changed. If no call can
    pass the checks nothing is changed. `moved`, an empty table, is filled with what each node has become.
    """
    lengths = lengths or Lengths()
    lengths.meet_all(roots)
    changed: list[tuple[Expr, Expr]] = []
    if not lengths.possible:
        return list(roots), lengths, changed

    def step(e: Expr) -> Expr:
        if e.op.name not in REDUCTIONS and e.op.name != "sum_to":
            return e
        with inherit(e.sites):                  # what is made stands on the user's line, not on the one that compiles
            new = _sum_to(e, lengths) if e.op.name == "sum_to" else _reduction_of_one(e, lengths)
        if new is not e:
            changed.append((e, new))
        return new

    new_roots = sweep(list(roots), step, moved)
    lengths.meet_all(new_roots)
    return new_roots, lengths, changed
