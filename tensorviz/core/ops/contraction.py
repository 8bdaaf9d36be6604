"""In which order the operands of an einsum are contracted, two at a time: the cheapest for few of them, greedily for many."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

__all__ = ["Path", "cost_of", "find_path"]

Label = Hashable
Path = list[tuple[int, ...]]            # positions in the list of what is left; a result goes to its end
FEW = 8                                 # so many operands are searched for the cheapest order: 3**8 splits


def _product(labels: frozenset[Label], sizes: Mapping[Label, int]) -> int:
    return math.prod(sizes[label] for label in labels)


def cost_of(labels: frozenset[Label], kept: frozenset[Label], sizes: Mapping[Label, int]) -> int:
    """Floating point operations of one contraction over all `labels` of its operands: twice as many if any is summed over."""
    return _product(labels, sizes) * (2 if labels - kept else 1)


def find_path(terms: Sequence[frozenset[Label]], output: frozenset[Label], sizes: Mapping[Label, int],
              greedy: bool = False) -> Path:
    """The order for operands with these labels: of least cost, or greedy where there are many.

    >>> find_path([frozenset("ij"), frozenset("jk"), frozenset("k")], frozenset("i"), {"i": 9, "j": 9, "k": 9})
    [(1, 2), (0, 1)]
    """
    if len(terms) <= 2:
        return [tuple(range(len(terms)))]
    return _greedy(terms, output, sizes) if greedy or len(terms) > FEW else _best(terms, output, sizes)


def _kept(group: int, terms: Sequence[frozenset[Label]], output: frozenset[Label]) -> frozenset[Label]:
    """The labels of a group of operands (a set of bits) that others or the output need."""
    inside = frozenset().union(*(t for k, t in enumerate(terms) if group >> k & 1))
    outside = output.union(*(t for k, t in enumerate(terms) if not group >> k & 1))
    return inside & outside


def _best(terms: Sequence[frozenset[Label]], output: frozenset[Label], sizes: Mapping[Label, int]) -> Path:
    """Dynamic programming over groups of operands (Pfeifer, Haegeman, Verstraete, 2014): each split in two, the cheapest kept."""
    n = len(terms)
    kept = {group: _kept(group, terms, output) for group in range(1, 1 << n)}
    cost: dict[int, tuple[int, int]] = {1 << k: (0, 0) for k in range(n)}
    split: dict[int, int] = {}
    for group in sorted(range(1, 1 << n), key=int.bit_count):
        if group in cost:
            continue
        part = (group - 1) & group
        while part:
            rest = group ^ part
            if part > rest:             # each split once
                work = cost_of(kept[part] | kept[rest], kept[group], sizes)
                total = (cost[part][0] + cost[rest][0] + work, cost[part][1] + cost[rest][1] + _product(kept[group], sizes))
                if group not in cost or total < cost[group]:
                    cost[group], split[group] = total, part
            part = (part - 1) & group
    return _written((1 << n) - 1, split, n)


def _written(whole: int, split: Mapping[int, int], n: int) -> Path:
    """The splits as pairs of positions, innermost first."""
    order, work = [], [whole]
    while work:
        group = work.pop()
        if group in split:
            order.append(group)
            work += [split[group], group ^ split[group]]
    left = [1 << k for k in range(n)]
    path: Path = []
    for group in reversed(order):
        a, b = sorted((left.index(split[group]), left.index(group ^ split[group])))
        path.append((a, b))
        left = [g for k, g in enumerate(left) if k not in (a, b)] + [group]
    return path


def _greedy(terms: Sequence[frozenset[Label]], output: frozenset[Label], sizes: Mapping[Label, int]) -> Path:
    """At each step the pair whose result is smallest beside its operands, then the cheapest; pairs that share labels first."""
    left, path = list(terms), list[tuple[int, ...]]()
    while len(left) > 2:
        found = None
        for b in range(1, len(left)):
            for a in range(b):
                outside = output.union(*(t for k, t in enumerate(left) if k not in (a, b)))
                both = left[a] | left[b]
                made = both & outside
                grown = _product(made, sizes) - _product(left[a], sizes) - _product(left[b], sizes)
                rank = (not left[a] & left[b], grown, cost_of(both, made, sizes), a, b)
                if found is None or rank < found[0]:
                    found = (rank, made)
        assert found is not None
        (*_, a, b), made = found
        path.append((a, b))
        left = [t for k, t in enumerate(left) if k not in (a, b)] + [made]
    return [*path, (0, 1)]
