"""What a pass did: its start, its end and every event between, so that any state can be had again and a node followed through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import ArgumentError
from ..core.expr import Expr
from ..core.graph import rebuild, topological
from .rule import EXACT, REAL, Condition, Rewrite, Rule

__all__ = ["Event", "History", "NearMiss"]


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One application of one rule.

    before: the node as it stood when the rule matched; after: what took its place; matched: the nodes that the left side
    matched, root first; made: the nodes that did not exist before, arguments first; bindings: what the pattern's variables
    stood for (an expression, or the value of a parameter); conditions: (words, whether it held, why not); seconds: to match
    and to build.
    """

    rule: Rule | Rewrite
    before: Expr
    after: Expr
    matched: tuple[Expr, ...]
    made: tuple[Expr, ...]
    bindings: dict[str, Any]
    conditions: list[Condition]
    seconds: float

    @property
    def exactness(self) -> str:
        """The rule's tag, but for products of complex numbers: (a + bi)(c + di) of a NaN, an infinity or a zero loses what a
        rule that needs no product keeps (NaN + 0i times 1 is NaN + NaN i)."""
        product = self.before.dtype.kind == "c" and self.before.op.name in ("multiply", "divide", "power")
        return REAL if product and self.rule.exactness == EXACT else self.rule.exactness

    def __repr__(self) -> str:
        return f"<event {self.rule.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class NearMiss:
    """A rule that matched `node` but did not fire, as the last of `conditions` failed; `position` counts the events before it."""

    rule: Rule | Rewrite
    node: Expr
    conditions: list[Condition]
    position: int

    @property
    def why(self) -> str:
        """The reason in words."""
        text, _, why = self.conditions[-1]
        return f"not {text}: {why}" if why else f"not {text}"


@dataclass(eq=False)
class History:
    """The record of one pass over the graph of some roots.

    start, end: the roots before and after; events: in order, [] if nothing was recorded; hits: rule name -> (times it fired,
    seconds); seconds: the whole pass; misses: near misses, if asked for; followed: what the nodes to follow have become.

    >>> import tensorviz as tv
    >>> from tensorviz.rewrite.passes import run_pipeline
    >>> x = tv.vector("x")
    >>> history = run_pipeline([tv.log(1.0 + x * 1.0)]).histories[1]
    >>> len(history.events) == sum(count for count, _ in history.hits.values())
    True
    """

    name: str
    doc: str
    start: tuple[Expr, ...]
    end: tuple[Expr, ...]
    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0
    hits: dict[str, tuple[int, float]] = field(default_factory=dict)
    misses: list[NearMiss] = field(default_factory=list)
    again: Callable[[frozenset[str]], History] | None = field(default=None, repr=False)
    left_out: frozenset[str] = frozenset()
    followed: tuple[Expr, ...] = field(default=(), repr=False)
    _walk: _Walk | None = field(default=None, repr=False)

    def at(self, k: int) -> tuple[Expr, ...]:
        """The roots after the first `k` events (negative: counted from the end), rebuilt in one sweep."""
        count = len(self.events)
        k = k + count + 1 if k < 0 else k
        if not 0 <= k <= count:
            raise ArgumentError(f"there is no state {k} in pass {self.name}", hint=f"states go from 0 to {count}")
        return self.end if k == count else self.start if k == 0 else _Walk(self.start, self.events[:k]).roots

    def without(self, *rules: str) -> History:
        """The pass run again from the same start without the rules of these names."""
        if self.again is None:
            raise ArgumentError(f"pass {self.name} can't be run again: its rules are not at hand")
        return self.again(self.left_out | frozenset(rules))

    def forward(self, node: Expr) -> Expr | None:
        """What a node of the start has become at the end; None if nothing of it is left."""
        walk = self._walked()
        found = walk.settled.get(node)
        return found if found is not None and found in walk.at_end else None

    def back(self, node: Expr) -> tuple[Expr, ...]:
        """The nodes of the start that a node of the end came from: itself, what was rebuilt into it, or what its rule matched."""
        return self._walked().sources(node)

    def _walked(self) -> _Walk:
        if self._walk is None:
            self._walk = _Walk(self.start, self.events)
        return self._walk


class _Walk:
    """The events replayed over the start in one sweep, and which node came from which."""

    def __init__(self, start: Sequence[Expr], events: Sequence[Event]) -> None:
        self.start = topological(start)
        self.events = {e.before: e for e in events}
        self.settled: dict[Expr, Expr] = {}
        self.came: dict[Expr, dict[Expr, None]] = {}
        for e in events:
            for new in e.made:
                self._link(new, e.before)
        self.roots = tuple(map(self._settle, start))
        self.at_end = set(topological(self.roots))
        self._first = set(self.start)

    def _link(self, new: Expr, old: Expr) -> None:
        if new is not old:
            self.came.setdefault(new, {})[old] = None

    def _settle(self, root: Expr) -> Expr:
        settled, work = self.settled, [(root, root)]
        while work:
            node, now = work[-1]
            if node in settled:
                work.pop()
            elif now is not node and now in settled:
                settled[node] = settled[now]
                work.pop()
            elif missing := [a for a in now.args if a not in settled]:
                work.extend((a, a) for a in reversed(missing))
            else:
                self._step(work, node, now)
        return settled[root]

    def _step(self, work: list[tuple[Expr, Expr]], node: Expr, now: Expr) -> None:
        """Go on from `now`, whose arguments are settled: over their new forms, to what an event made of it, or nowhere."""
        new = rebuild(now, tuple(self.settled[a] for a in now.args)) if now.args else now
        if new is now:
            event = self.events.get(now)
            if event is None:
                self.settled[node] = self.settled[now] = now
                work.pop()
                return
            new = event.after
        self._link(new, now)
        work[-1] = (node, new)

    def sources(self, node: Expr) -> tuple[Expr, ...]:
        """Nodes of the start that `node` came from, in graph order."""
        seen, work, found = {node}, [node], set()
        while work:
            n = work.pop()
            if n in self._first:
                found.add(n)
            for m in self.came.get(n, ()):
                if m not in seen:
                    seen.add(m)
                    work.append(m)
        return tuple(n for n in self.start if n in found)
