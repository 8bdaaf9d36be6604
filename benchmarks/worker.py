"""One framework in a process of its own: it takes JSON lines on stdin and answers each with one.

    {"do": "build", "workload": NAME, "core": 1}   -> {"version", "seconds", "error", "number"}
    {"do": "time", "workload": NAME, "number": N}  -> {"seconds"}: of one call, the mean over N

`build` makes and checks a case; its seconds are those of building and of the first calls.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import sys
import time
from itertools import repeat
from typing import Any

import numpy as np

from benchmarks.frameworks import cases
from benchmarks.workloads import WORKLOADS, Case

SAMPLE = 0.1  # seconds that one sample should take


def worst_error(values: list[object], reference: list[np.ndarray]) -> float:
    """The largest error of a value, relative to the largest number of its reference."""
    errors = []
    for value, right in zip(values, reference, strict=True):
        found = np.asarray(value, dtype="float64")
        if found.shape != right.shape or not np.isfinite(found).all():
            return float("inf")
        errors.append(float(np.abs(found - right).max() / np.abs(right).max()))
    return max(errors)


def timed(case: Case, number: int) -> float:
    """Seconds of one call."""
    call, args = case.call, case.args
    start = time.perf_counter()
    for _ in repeat(None, number):
        call(*args)
    return (time.perf_counter() - start) / number


def build(framework: str, name: str) -> tuple[Case, dict[str, Any]]:
    """Make a case, check its answer, and find how many calls fill a sample."""
    workload = WORKLOADS[name]
    data = workload.data()
    builders = cases(framework)
    start = time.perf_counter()
    case = builders[name]({key: array.copy() for key, array in data.items()})
    values = case.values()
    seconds = time.perf_counter() - start
    error = worst_error(values, workload.reference(data))
    for number in (1, 10, 100):
        once = timed(case, number)
    distribution = framework.partition(".")[0].partition("-")[0]
    return case, {
        "version": importlib.metadata.version(distribution),
        "seconds": seconds,
        "error": error,
        "right": error <= workload.tolerance,
        "number": max(1, round(SAMPLE / once)),
    }


def serve(framework: str) -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")  # what a framework prints must not come between
    os.dup2(2, 1)
    made: dict[str, Case] = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request["workload"]
        try:
            if request["do"] == "build":
                if hasattr(os, "sched_setaffinity"):
                    os.sched_setaffinity(0, {request["core"]})
                made[name], answer = build(framework, name)
            else:
                gc.disable()
                answer = {"seconds": timed(made[name], request["number"])}
                gc.enable()
        except Exception as error:  # whatever a framework does wrong is a line of the table, not the end of it
            answer = {"failed": f"{type(error).__name__}: {error}".strip().partition("\n")[0][:200]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
