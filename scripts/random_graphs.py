"""Looks for wrong answers in random graphs: `python scripts/random_graphs.py --count 10000 --seed 7`.

Each graph is drawn from its number (seed + k) over all families of ops (tests/random), compiled to C with and without
rewriting, and run in three environments (other lengths, other layouts, empty axes, broadcasting). Results are compared with
the interpreter bit by bit where nothing is rounded (kinds "exact", and "special" with NaN, infinities and -0.0), else with
long double: no farther from it than 8 times what NumPy is, plus a bound of the rounding errors (kind "real"). Values,
dtypes, shapes, unchanged inputs, and that a second call gives the same are checked. A wrong graph is printed with the
smallest part of it that is wrong; the exit status is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

KINDS = ("exact", "special", "real")
BATCH = 25


def look(first: int, count: int, nodes: int) -> tuple[list[str], dict[str, int]]:
    """Judge the graphs with these numbers: what is wrong, and what was looked at."""
    from tensorviz.compile.mode import Mode
    from tensorviz.core.graph import topological
    from tests.random.graphs import grow, outputs
    from tests.random.judge import Count, compiled, problem

    seen, wrong, tally = Count(), [], {"graphs": 0, "nodes": 0, "near a jump": 0}
    for number in range(first, first + count):
        kind, mode = KINDS[number % 3], Mode(rewrite=number // 3 % 4 != 3)
        try:
            g = grow(random.Random(number), kind, nodes)
            roots = outputs(g)
            why = problem(g, roots, lambda some, g=g, mode=mode: compiled(g, some, mode), seen)
        except Exception as error:          # a crash is a find too
            why = f"{type(error).__name__}: {error}"
        else:
            tally["nodes"] += len([n for n in topological(roots) if n.args])
            tally["near a jump"] += g.jumps
        tally["graphs"] += 1
        if why:
            wrong.append(f"graph {number} ({kind}, {'rewritten' if mode.rewrite else 'as it is'}): {why}")
    return wrong, tally | {"results": seen.results, "elements": seen.compared, "left out": seen.discarded}


def main() -> int:
    """Look at many graphs in several processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="how many graphs")
    parser.add_argument("--seed", type=int, default=0, help="number of the first graph")
    parser.add_argument("--nodes", type=int, default=12, help="nodes in a graph")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args()
    begin, total, finds = time.perf_counter(), {}, 0
    parts = [(k, min(BATCH, asked.seed + asked.count - k)) for k in range(asked.seed, asked.seed + asked.count, BATCH)]
    with ProcessPoolExecutor(asked.jobs) as pool:
        for done in as_completed([pool.submit(look, first, count, asked.nodes) for first, count in parts]):
            wrong, tally = done.result()
            for key, n in tally.items():
                total[key] = total.get(key, 0) + n
            finds += len(wrong)
            print("\n".join(f"{w}\n{'-' * 80}" for w in wrong), end="\n" if wrong else "", flush=True)
    counts = ", ".join(f"{n:,} {key}" for key, n in total.items())
    print(f"{counts}; {finds} wrong; {time.perf_counter() - begin:.0f} s")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
