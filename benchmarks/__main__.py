"""Measure and print the tables: `python -m benchmarks --peers PYTHON` (or `make bench`)."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from benchmarks import limits, screens, speed, startup
from benchmarks.frameworks import MODULES
from benchmarks.processes import importable
from benchmarks.table import limits_table, seconds, speed_table, table
from benchmarks.workloads import WORKLOADS

PACKAGES = {name: name.partition(".")[0].partition("-")[0] for name in MODULES}


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def found(wanted: list[str], peers: str) -> dict[str, str]:
    """The interpreter of every framework that is installed; the others are told."""
    pythons = {}
    for framework in wanted:
        python = sys.executable if framework in ("tensorviz", "numpy") else peers
        if importable(python, PACKAGES[framework]):
            pythons[framework] = python
        else:
            print(f"missing: {framework} (no {PACKAGES[framework]} in {python})")
    return pythons


def print_speed(pythons: dict[str, str], names: list[str], rounds: int) -> None:
    """The table of running times."""
    rows, versions = speed.measure(pythons, names, rounds)
    print(f"\nFastest of {rounds} interleaved samples, one thread, ratio to the fastest in brackets\n")
    print(speed_table(rows, list(pythons)))
    print("\n" + ", ".join(f"{framework} {version}" for framework, version in versions.items()))
    for row in rows:
        print(f"{row.workload.name}: {row.workload.what}")
        for framework, reason in row.failed.items():
            print(f"  {framework} failed: {reason}")


def print_startup(pythons: dict[str, str], rounds: int) -> list[limits.Limit]:
    """The table of beginnings; returns what tensorviz is held to."""
    imports = startup.import_seconds(pythons, rounds)
    builds = startup.cold_and_warm(pythons, "digits-step", speed.core(), min(rounds, 3))
    print("\nFresh processes: import beyond NumPy's, and building the digits step with an empty and a filled disk cache\n")

    def text(value: float | None) -> str:
        return "-" if value is None else seconds(value)

    print(table(["framework", "import", "cold", "warm"], (
        [f, text(imports.get(f)), *(map(text, builds.get(f, (None, None))))] for f in pythons if f in imports or f in builds
    )))
    cold, warm = builds.get("tensorviz", (None, None))
    return [
        ("digits step, cold compile", cold, 1.0, "s"),
        ("digits step, warm", warm, 0.2, "s"),
        ("import tensorviz, beyond NumPy", imports.get("tensorviz"), 0.15, "s"),
    ]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON", help="the interpreter that has the other frameworks")
    for option, names in (("--frameworks", list(MODULES)), ("--workloads", list(WORKLOADS))):
        parser.add_argument(option, nargs="+", choices=names, default=names, metavar="NAME", help="of " + " ".join(names))
    parser.add_argument("--rounds", type=int, default=9, help="samples a framework (default 9)")
    parser.add_argument("--skip-startup", action="store_true", help="leave out import, cold and warm compile")
    options = parser.parse_args()

    print(f"{processor()}, {platform.system()}, Python {platform.python_version()}")
    pythons = found(options.frameworks, options.peers)
    print_speed(pythons, options.workloads, options.rounds)
    rows = [] if options.skip_startup else print_startup(pythons, options.rounds)
    if "tensorviz" in pythons:
        rows += limits.rewriting()
        rows += limits.recording()
        rows += screens.looking()
    if rows:
        print("\n" + limits_table(rows))


if __name__ == "__main__":
    main()
