"""The engine: one sweep from the leaves up, each node until no rule of the pass matches; memoised, pure, no recursion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..core.errors import RewriteError
from ..core.expr import Expr
from ..core.graph import rebuild, topological
from ..core.op import Op
from ..core.origins import Site, set_inherited
from .history import Event, History, NearMiss
from .lengths import Equal, assuming
from .rule import Condition, Context, Found, Rewrite, Rule

__all__ = ["Pass", "run_pass"]

_CYCLE_NAMES = 12


@dataclass(frozen=True)
class Pass:
    """A named set of rules that run together to a fixed point; tried in the order in which they stand."""

    name: str
    doc: str
    rules: tuple[Rule | Rewrite, ...]

    def __repr__(self) -> str:
        return f"<pass {self.name}: {len(self.rules)} rules>"


def run_pass(stage: Pass, roots: Sequence[Expr], record: bool | str = True, fast_math: bool = False, fuel: int | None = None,
             leave_out: frozenset[str] = frozenset(), equal: Equal = (), follow: Sequence[Expr] = ()) -> History:
    """Rewrite `roots` with the rules of a pass and say what happened.

    record: False makes no event, True one for each rewrite, "full" near misses too. fuel: how many rewrites are allowed
    (1,000 and 50 a node if not given). leave_out: names of rules not to use. equal: pairs of lengths that are equal whenever
    the result is run. follow: nodes of which the history says what became of them. Raises RewriteError, naming the rules, when
    the rules go round in a circle or the fuel ends.
    """
    return _Sweep(stage, roots, record, fast_math, fuel, leave_out, equal, follow).run()


class _Sweep:
    """The state of one pass over one graph."""

    def __init__(self, stage: Pass, roots: Sequence[Expr], record: bool | str, fast_math: bool, fuel: int | None,
                 leave_out: frozenset[str], equal: Equal, follow: Sequence[Expr]) -> None:
        self.stage, self.roots, self.record = stage, tuple(roots), record
        self.policy, self.follow = (fast_math, fuel, leave_out, equal), list(follow)
        self.rules = [r for r in stage.rules if r.name not in leave_out and (fast_math or r.exactness[:7] != "assumes")]
        self.by_op: dict[Op, list[Rule | Rewrite]] = {}
        self.settled: dict[Expr, Expr] = {}             # node -> its form that no rule matches
        self.moved: dict[Expr, tuple[Expr, str]] = {}   # node -> its next form, and the rule ("": its arguments changed)
        self.readers: Counter[Expr] = Counter()
        self.events: list[Event] = []
        self.misses: list[NearMiss] = []
        self.hits: dict[str, tuple[int, float]] = {}
        self.fuel, self.count = fuel, 0
        self.last: list[str] = []
        self.context = Context(self.readers.__getitem__, fast_math, self._missed if record == "full" else None)

    def run(self) -> History:
        began = perf_counter()
        before = set_inherited(())
        fast_math, fuel, leave_out, equal = self.policy
        try:
            with assuming(equal):
                end = self._sweep()
        finally:
            set_inherited(before)
        seconds = perf_counter() - began
        return History(self.stage.name, self.stage.doc, self.roots, end, self.events, seconds, self.hits, self.misses,
                       lambda names: run_pass(self.stage, self.roots, self.record, fast_math, fuel, names, equal), leave_out,
                       followed=tuple(self.follow))

    def _sweep(self) -> tuple[Expr, ...]:
        """Sweep until nothing changes: once, unless some rule asks for the number of readers, which falls as others fire."""
        order, roots = topological(self.roots), self.roots
        if self.fuel is None:
            self.fuel = 1000 + 50 * len(order)
        again = any(r.reads_graph for r in self.rules)
        while True:
            if again:
                self._count(order)
            count = self.count
            for node in order:
                if node.args:
                    self._settle(node)
                else:
                    self.settled[node] = node
            roots = tuple(self.settled[r] for r in roots)
            self.follow = [self.settled.get(e, e) for e in self.follow]
            if not again or count == self.count:
                return roots
            order = topological(roots)
            self.settled.clear()
            self.moved.clear()

    def _count(self, order: Sequence[Expr]) -> None:
        self.readers.clear()
        for node in order:
            for a in node.args:
                self.readers[a] += 1
        for r in self.roots:
            self.readers[r] += 1

    def _settle(self, root: Expr) -> None:
        """Find the form of `root` that no rule matches, and those of all nodes on the way."""
        settled, moved = self.settled, self.moved
        if root in settled:
            return
        if all(a in settled for a in root.args):            # most nodes: nothing below is open, no rule matches
            new = self._step(root)
            if new is None:
                settled[root] = root
                return
            moved[root] = new
        work, active = [root], {root}
        while work:
            node = work[-1]
            step = moved.get(node)
            if step is not None:
                after = settled.get(step[0])
                if after is not None:
                    settled[node] = after
                    active.discard(work.pop())
                else:
                    self._push(work, active, step[0])
                continue
            ready = True
            for a in node.args:
                if a not in settled:
                    self._push(work, active, a)
                    ready = False
                    break
            if not ready:
                continue
            new = self._step(node)
            if new is None:
                settled[node] = node
                active.discard(work.pop())
            else:
                moved[node] = new

    def _push(self, work: list[Expr], active: set[Expr], node: Expr) -> None:
        if node in active:
            names = [rule for n in work[work.index(node):] for _, rule in [self.moved.get(n, (n, ""))] if rule]
            self._stop("rules go round in a circle", names)
        work.append(node)
        active.add(node)

    def _step(self, node: Expr) -> tuple[Expr, str] | None:
        """The next form of a node whose arguments are settled: over their new forms, or as the first rule that matches says."""
        settled = self.settled
        args = tuple([settled[a] for a in node.args])
        for a, b in zip(args, node.args):
            if a is not b:
                new = rebuild(node, args)
                self.readers[new] += self.readers.get(node, 0)
                return new, ""
        rules = self.by_op.get(node.op)
        if rules is None:
            rules = self.by_op[node.op] = [r for r in self.rules if r.wants(node.op)]
        if not rules:
            return None
        began = perf_counter()
        sites = (*node.sites,)                              # a tuple of its own, by which what a rule makes is known
        set_inherited(sites)
        for r in rules:
            found = r.apply(node, self.context)
            if found is not None:
                self._note(r, node, found, sites, began)
                return found.new, r.name
        return None

    def _note(self, r: Rule | Rewrite, node: Expr, found: Found, sites: tuple[Site, ...], began: float) -> None:
        new, made = found.new, _fresh(found.new, sites, ("rule", r.name, node.forward))
        if made and new is made[-1] and new._name is None:
            new._name = node._name
        self.readers[new] += self.readers.get(node, 0)
        seconds = perf_counter() - began
        count, total = self.hits.get(r.name, (0, 0.0))
        self.hits[r.name] = (count + 1, total + seconds)
        self.count += 1
        if self.record:
            self.events.append(Event(r, node, new, found.matched, made, found.bindings, found.conditions, seconds))
        left = self.fuel - self.count  # type: ignore[operator]
        if left < 3 * _CYCLE_NAMES:
            self.last.append(r.name)
        if left <= 0:
            self._stop("there is no end", self.last)

    def _stop(self, what: str, names: Sequence[str]) -> None:
        distinct = list(dict.fromkeys(names))[:_CYCLE_NAMES]
        raise RewriteError(f"pass {self.stage.name}: {what}: {' -> '.join(distinct)}",
                           hint="two of these undo each other, or one makes what it matches; leave one out")

    def _missed(self, r: Any, node: Expr, conditions: list[Condition]) -> None:
        self.misses.append(NearMiss(r, node, conditions, len(self.events)))


def _fresh(root: Expr, sites: tuple[Site, ...], made: tuple[str, str, Expr | None]) -> tuple[Expr, ...]:
    """The nodes that this application made, arguments first, marked with the rule: they alone carry its very tuple of lines."""
    seen: set[Expr] = set()
    order = []
    work = [(root, False)]
    while work:
        node, done = work.pop()
        if done:
            order.append(node)
            if node.made is None:
                node.made = made
        elif node.sites is sites and node.args and node not in seen and (sites or node.made is None):
            seen.add(node)
            work.append((node, True))
            work.extend((a, False) for a in reversed(node.args))
    return tuple(order)
