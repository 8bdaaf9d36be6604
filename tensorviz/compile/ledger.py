"""The graph by stable ids: a node that is rebuilt only because an argument changed keeps its id, merged nodes keep the first.

Expressions are immutable: a rewrite makes new objects all the way up to the outputs. The ledger replays events over ids
instead, so that each event costs no more than what it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.expr import Expr
from ..core.graph import topological

__all__ = ["Change", "Entry", "Ledger"]


Form = tuple[str, int]              # an id in a version: a node over certain nodes


@dataclass(slots=True)
class Entry:
    """What stands under an id now."""

    id: str
    expr: Expr                  # the latest expression known for it; its arguments may have been replaced since
    inputs: list[str]
    readers: dict[str, int] = field(default_factory=dict)       # id of a reader -> how often it reads this
    version: int = 0
    made_by: str = ""
    aliases: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What one event did: ids whose entry went, changed or came, in order; the outputs after it."""

    gone: list[str] = field(default_factory=list)           # made and gone within the event too
    new: list[str] = field(default_factory=list)            # came or rewired: a new record each
    outputs: list[str] | None = None                        # None where they are what they were
    root: str = ""
    result: str = ""


class Ledger:
    """The current graph: `entries` by id, `outputs` as ids."""

    def __init__(self, roots: Sequence[Expr]) -> None:
        self.entries: dict[str, Entry] = {}
        self._signature: dict[tuple[Any, ...], str] = {}
        self._memo: dict[Expr, tuple[str, int]] = {}
        self._count = 0
        self._buried: dict[tuple[Any, ...], Form] = {}      # what was there before comes back under its id
        self._stands: dict[Form, Form] = {}                 # a node that became what is buried under another id -> that
        self._replaced: dict[tuple[Any, ...], Expr] = {}    # in this pass: what comes up again is replaced without another event
        for e in topological(roots):
            self._enter(e, [self._memo[a][0] for a in e.args])
        self.outputs = [self._memo[r][0] for r in roots]
        self._results = Counter(self.outputs)

    # -- ids -----------------------------------------------------------------------------------------------------
    def id_of(self, e: Expr) -> str | None:
        """The id under which an expression stands in the graph now, None if it does not."""
        found = self._look([e], False)
        return found[0]

    def known(self, e: Expr) -> str | None:
        """The id of an expression if that is known without a search."""
        memo = self._memo.get(e)
        if memo is not None:
            entry = self.entries.get(memo[0])
            if entry is not None and entry.version == memo[1]:
                return memo[0]
        return None

    def _look(self, roots: Iterable[Expr], make: bool, made_by: str = "", new: list[str] | None = None) -> list[str | None]:
        """Ids of expressions by their structure over known ids; new ones are entered if `make`."""
        local: dict[Expr, str | None] = {}
        roots = list(roots)
        for e in self._unknown(roots):
            inputs = [local[a] if a in local else self.known(a) for a in e.args]
            found = None
            if None not in inputs:
                found = self._signature.get(_signature(e, inputs))  # type: ignore[arg-type]
                if found is not None:
                    self._memo[e] = (found, self.entries[found].version)
                    self.entries[found].expr = e
                elif make:
                    found = self._again(self._key(e, inputs), made_by, new)  # type: ignore[arg-type]
                    if found is None:
                        found = self._enter(e, inputs, made_by)  # type: ignore[arg-type]
                        if new is not None:
                            new.append(found)
            local[e] = found
        return [local[r] if r in local else self.known(r) for r in roots]

    def _key(self, e: Expr, inputs: Sequence[str]) -> tuple[Any, ...]:
        """What a node is, whoever stands for its arguments now."""
        forms = [(i, self.entries[i].version) for i in inputs]
        return (e.op.name, e.params, *(self._stands.get(f, f) for f in forms))

    def _again(self, key: tuple[Any, ...], made_by: str, new: list[str] | None) -> str | None:
        """The id of what took the place of such a node before in this pass, entered if it is not there; None if nothing did."""
        after = self._replaced.pop(key, None)             # popped: it may hold the like of what it replaced
        if after is None:
            return None
        found = self._look([after], True, made_by, new)[0]
        self._replaced[key] = after
        return found

    def _unknown(self, roots: list[Expr]) -> list[Expr]:
        """Nodes under `roots` that have no valid id, arguments first; known ones are not searched."""
        order: list[Expr] = []
        seen: set[Expr] = set()
        for root in roots:
            work = [(root, 0)]
            if root in seen or self.known(root) is not None:
                continue
            seen.add(root)
            while work:
                e, k = work.pop()
                while k < len(e.args) and (e.args[k] in seen or self.known(e.args[k]) is not None):
                    k += 1
                if k == len(e.args):
                    order.append(e)
                else:
                    work.append((e, k + 1))
                    seen.add(e.args[k])
                    work.append((e.args[k], 0))
        return order

    def _enter(self, e: Expr, inputs: list[str], made_by: str = "") -> str:
        signature = _signature(e, inputs)
        name, version = self._buried.pop(self._key(e, inputs), ("", 0))
        if not name:
            name = f"n{self._count}"
            self._count += 1
        self.entries[name] = Entry(name, e, inputs, version=version, made_by=made_by)
        self._signature[signature] = name
        self._memo[e] = (name, version)
        for i in inputs:
            readers = self.entries[i].readers
            readers[name] = readers.get(name, 0) + 1
        return name

    # -- events ----------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """A new pass: what the last one replaced may stand again."""
        self._replaced.clear()

    def apply(self, before: Expr, after: Expr, rule: str) -> Change | None:
        """Put `after` where `before` stands; None if `before` is not in the graph any more."""
        root = self.id_of(before)
        if root is None:
            return None
        change, entry = Change(root=root), self.entries[root]
        key = self._key(entry.expr, entry.inputs)
        result = self._look([after], True, rule, change.new)[0]
        assert result is not None
        self._replaced[key] = after
        change.result = result
        if result != root:
            self._redirect(root, result, change)
        for i in list(change.new):
            self._collect(i, change)                        # what was made for a node that was replaced before
        return self._finished(change)

    def fuse(self, members: Sequence[str], inputs: Sequence[str], name: str) -> Change | None:
        """Put one node in the place of `members` (arguments first); None if they are not all there."""
        if any(m not in self.entries for m in members):
            return None
        new = f"n{self._count}"
        self._count += 1
        last = self.entries[members[-1]]
        self.entries[new] = Entry(new, last.expr, list(inputs), made_by=name)
        for i in inputs:
            readers = self.entries[i].readers
            readers[new] = readers.get(new, 0) + 1
        change = Change([], [new], root=last.id, result=new)
        for m in reversed(list(members)):
            if m in self.entries:
                self._redirect(m, new, change)
        self.entries[new].inputs = [i for i in self.entries[new].inputs if i != new]
        self.entries[new].readers.pop(new, None)
        return self._finished(change)

    def _finished(self, change: Change) -> Change:
        change.gone = [i for i in dict.fromkeys(change.gone) if i not in self.entries]
        change.new = list(dict.fromkeys(i for i in change.new if i in self.entries))
        if change.result not in self.entries:               # all that read it was replaced before, by what does not need it
            change.result = ""
        if change.outputs is not None:
            change.outputs = list(self.outputs)
        return change

    def _redirect(self, old: str, new: str, change: Change) -> None:
        """Let everything that reads `old` read `new`; readers that become equal to another node merge with it.

        A merge that waits may lose its partner before its turn comes: to another merge (then it goes to what that became),
        or because nobody reads it any more (then the node stays, or finds its like anew).
        """
        work = [(old, new)]
        became: dict[str, str] = {}
        while work:
            old, new = work.pop()
            while new in became:
                new = became[new]
            if old == new or old not in self.entries:
                continue
            if new not in self.entries:
                self._settle(old, work, change)
                continue
            became[old] = new
            self._move_outputs(old, new, change)
            for r in list(self.entries[old].readers):
                entry = self.entries[r]
                self._forget(entry)
                count = self.entries[old].readers.pop(r)
                entry.inputs = [new if i == old else i for i in entry.inputs]
                target = self.entries[new].readers
                target[r] = target.get(r, 0) + count
                entry.version += 1
                self._settle(r, work, change)
            self._collect(old, change)
        while change.result in became:
            change.result = became[change.result]

    def _settle(self, name: str, work: list[tuple[str, str]], change: Change) -> None:
        """Enter a node under what it is now, or let it wait to merge with the node that is the same already."""
        todo = [name]
        while todo:
            name = todo.pop()
            entry = self.entries[name]
            key, signature = self._key(entry.expr, entry.inputs), _signature(entry.expr, entry.inputs)
            after = self._again(key, entry.made_by, change.new)
            if after is not None and after != name:
                work.append((name, after))
                continue
            twin = self._signature.setdefault(signature, name)
            change.new.append(twin)
            if twin != name:
                self.entries[twin].aliases.append(name)
                work.append((name, twin))
            elif key in self._buried and (name, entry.version) not in self._stands:
                dead = self._buried[key]
                self._stands[name, entry.version] = self._stands.get(dead, dead)
                todo += [r for r in entry.readers if r != name]         # they may be what was replaced before

    def _move_outputs(self, old: str, new: str, change: Change) -> None:
        if self._results[old]:
            self.outputs = [new if o == old else o for o in self.outputs]
            self._results[new] += self._results.pop(old)
            change.outputs = self.outputs

    def _forget(self, entry: Entry) -> None:
        signature = _signature(entry.expr, entry.inputs)
        if self._signature.get(signature) == entry.id:
            del self._signature[signature]

    def _collect(self, start: str, change: Change) -> None:
        """Remove what nobody reads any more."""
        work = [start]
        while work:
            name = work.pop()
            entry = self.entries.get(name)
            if entry is None or entry.readers or self._results[name]:
                continue
            self._forget(entry)
            self._buried[self._key(entry.expr, entry.inputs)] = name, entry.version
            del self.entries[name]
            change.gone.append(name)
            for i in dict.fromkeys(entry.inputs):
                below = self.entries.get(i)
                if below is not None:
                    below.readers.pop(name, None)
                    work.append(i)


def _signature(e: Expr, inputs: Sequence[str]) -> tuple[Any, ...]:
    return (e.op.name, e.params, *inputs)
