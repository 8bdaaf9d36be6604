"""Time the workloads of all frameworks in interleaved rounds, so that a busy moment of the machine hits all alike."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import Worker
from benchmarks.workloads import WORKLOADS, Workload


@dataclass
class Row:
    """What was measured of one workload: samples in seconds by framework, or why there are none."""

    workload: Workload
    samples: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def best(self, framework: str) -> float:
        """The fastest sample."""
        return min(self.samples[framework])

    def rival(self) -> str:
        """The fastest of the frameworks that the goal compares with; empty if none ran."""
        return min((f for f in self.workload.rivals if f in self.samples), key=self.best, default="")

    def measured(self) -> float | None:
        """What the goal limits: the ratio to the fastest rival, or the seconds where there are no rivals."""
        if "tensorviz" not in self.samples or (self.workload.rivals and not self.rival()):
            return None
        return self.best("tensorviz") / (self.best(self.rival()) if self.workload.rivals else 1.0)


def core() -> int:
    """The core that workers are pinned to: the last one, which the system uses least."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


def measure(pythons: dict[str, str], names: list[str], rounds: int) -> tuple[list[Row], dict[str, str]]:
    """The rows of the workloads and the version of every framework that could be started."""
    versions: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        workers = [Worker(framework, python, Path(folder)) for framework, python in pythons.items()]
        rows = [measure_one(WORKLOADS[name], workers, rounds, versions) for name in names]
        for worker in workers:
            worker.stop()
    return rows, versions


def measure_one(workload: Workload, workers: list[Worker], rounds: int, versions: dict[str, str]) -> Row:
    """Build the workload in every worker, then take one sample after the other in turn."""
    row = Row(workload)
    numbers = {}
    for worker in workers:
        answer = worker.ask(do="build", workload=workload.name, core=core())
        if "failed" in answer:
            row.failed[worker.framework] = answer["failed"]
        elif not answer["right"]:
            row.failed[worker.framework] = f"wrong: error {answer['error']:.1e}"
        else:
            versions[worker.framework] = answer["version"]
            numbers[worker.framework] = answer["number"]
    for _ in range(rounds):
        for worker in workers:
            if worker.framework in numbers:
                answer = worker.ask(do="time", workload=workload.name, number=numbers[worker.framework])
                if "failed" in answer:
                    row.failed[worker.framework] = answer["failed"]
                else:
                    row.samples.setdefault(worker.framework, []).append(answer["seconds"])
    return row
