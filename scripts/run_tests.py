"""Run every check of the project, one after the other, and say at the end what failed, what was skipped and why.

A stage that fails does not stop the next one: one run tells everything.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's exit status when it collected nothing
FRAME = ["tests/test_layers.py", "tests/test_project.py"]
NBVAL = ["-o", "addopts=-ra", "--nbval-lax", "--nbval-current-env"]
UNIT = ["tests", "tensorviz", *(f"--ignore={path}" for path in FRAME)]


@dataclass
class Stage:
    """One check: a command, and what became of it."""

    name: str
    command: list[str]
    status: int = 0
    seconds: float = 0.0
    passed: int = 0
    skips: Counter[str] = field(default_factory=Counter)

    def run(self, folder: Path) -> None:
        """Run the command, its output going straight to the terminal, and count what it says it skipped."""
        print(f"\n=== {self.name}: {' '.join(self.command)}", flush=True)
        report = folder / f"{self.name}.xml"
        extra = [f"--junitxml={report}"] if self.command[0] == "pytest" else []
        start = time.perf_counter()
        self.status = subprocess.run([sys.executable, "-m", *self.command, *extra], cwd=ROOT, stdin=subprocess.DEVNULL).returncode
        self.seconds = time.perf_counter() - start
        if report.exists():
            self.read(report)

    def read(self, report: Path) -> None:
        """Take the counts and the reasons of skips from pytest's report."""
        for case in ElementTree.parse(report).iter("testcase"):
            skipped = case.find("skipped")
            if skipped is not None:
                self.skips[skipped.get("message", "no reason given")] += 1
            elif case.find("failure") is None and case.find("error") is None:
                self.passed += 1

    @property
    def verdict(self) -> str:
        """One word or two for the summary."""
        if self.status == NO_TESTS and self.command[0] == "pytest":
            return "NO TESTS"
        return "FAILED" if self.status else "ok"


def stages(quick: bool) -> list[Stage]:
    """What is run, in order; `quick` leaves out what takes longer than seconds."""
    lint = Stage("lint", ["ruff", "check", "."])
    if quick:
        return [
            lint,
            Stage("layers", ["pytest", "-q", "-m", "not slow", *FRAME]),
            Stage("quick", ["pytest", "-q", "-x", "-n", "auto", "-m", "not slow and not browser and not opencl", *UNIT]),
        ]
    return [
        lint,
        Stage("types", ["mypy"]),
        Stage("layers", ["pytest", "-q", *FRAME]),
        Stage("unit", ["pytest", "-q", "-n", "auto", "--dist", "worksteal", "--durations=20", "-m", "not browser and not opencl",
                       *UNIT]),
        Stage("opencl", ["pytest", "-q", "-m", "opencl", *UNIT]),
        Stage("browser", ["pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal", "--durations=5",
                          "-m", "browser", *UNIT]),
        Stage("notebooks", ["pytest", "-q", *NBVAL, "notebooks"]),
    ]


def summary(done: list[Stage]) -> str:
    """The table at the end, and the reasons of what was skipped."""
    lines = ["", "=== summary"]
    for stage in done:
        counts = f"{stage.passed} passed, {stage.skips.total()} skipped" if stage.command[0] == "pytest" else ""
        lines.append(f"{stage.name:<10} {stage.verdict:<9} {stage.seconds:7.1f} s  {counts}".rstrip())
    reasons: Counter[str] = sum((stage.skips for stage in done), Counter())
    lines.append("skipped, and why:" if reasons else "nothing was skipped")
    lines += [f"  {count:4d} x {reason}" for reason, count in sorted(reasons.items())]
    return "\n".join(lines)


def main() -> int:
    """Run the stages; the exit status is 0 when every one of them is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="lint, layers and the tests that take no longer than seconds")
    parser.add_argument("--only", action="append", metavar="STAGE", help="run this stage alone (may be given again)")
    options = parser.parse_args()
    done = []
    with tempfile.TemporaryDirectory() as folder:
        for stage in stages(options.quick):
            if not options.only or stage.name in options.only:
                stage.run(Path(folder))
                done.append(stage)
    print(summary(done), flush=True)
    return int(any(stage.status for stage in done))


if __name__ == "__main__":
    sys.exit(main())
