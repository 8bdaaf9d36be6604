"""What it costs to begin: import, and building the digits step with an empty and with a filled disk cache, in fresh processes."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from benchmarks.processes import ROOT, Worker, environment

IMPORTED = {"tensorviz": "tensorviz", "jax": "jax", "torch": "torch", "pytensor": "pytensor"}
IMPORT = "import time, numpy; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def import_seconds(pythons: dict[str, str], rounds: int) -> dict[str, float]:
    """Seconds that the import of each framework takes beyond that of NumPy: the fastest of some rounds."""
    samples: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for framework, module in IMPORTED.items():
                if framework in pythons:
                    command = [pythons[framework], "-c", IMPORT.format(module)]
                    done = subprocess.run(command, cwd=ROOT, env=environment(Path(folder)), capture_output=True, text=True)
                    if done.returncode == 0:
                        samples.setdefault(framework, []).append(float(done.stdout))
    return {framework: min(seconds) for framework, seconds in samples.items()}


def build_seconds(framework: str, python: str, workload: str, core: int, caches: Path) -> float | None:
    """Seconds of building and of the first calls in a fresh process; None if it cannot."""
    worker = Worker(framework, python, caches)
    answer = worker.ask(do="build", workload=workload, core=core)
    worker.stop()
    return answer.get("seconds") if answer.get("right") else None


def cold_and_warm(pythons: dict[str, str], workload: str, core: int, rounds: int) -> dict[str, tuple[float, float]]:
    """The fastest cold and warm build of each framework; slow compilers are asked once."""
    found: dict[str, tuple[float, float]] = {}
    for framework, python in pythons.items():
        if framework == "numpy":
            continue
        times: list[tuple[float, float]] = []
        while len(times) < rounds and not (times and times[0][0] > 5):
            with tempfile.TemporaryDirectory() as folder:
                cold = build_seconds(framework, python, workload, core, Path(folder))
                warm = build_seconds(framework, python, workload, core, Path(folder))
            if cold is None or warm is None:
                break
            times.append((cold, warm))
        if times:
            found[framework] = min(c for c, _ in times), min(w for _, w in times)
    return found
