"""Generated C under AddressSanitizer and UBSan, in a process of its own; planted mistakes are caught."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compile.sanitized import PLANTS, groups

PROGRAM = Path(__file__).with_name("sanitized.py")
OPTIONS = "detect_leaks=0:max_malloc_fill_size=1048576:malloc_fill_byte=190:allocator_may_return_null=1"


@functools.cache
def sanitizer() -> str:
    """The run-time library of gcc's AddressSanitizer, or ""."""
    compiler = shutil.which("gcc")
    if not compiler or sys.platform != "linux":
        return ""
    said = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    return os.path.realpath(said) if os.path.isabs(said) and Path(said).exists() else ""


def run(*names: str) -> subprocess.CompletedProcess[str]:
    """Run groups in a process that has the library loaded before everything else."""
    library = sanitizer()
    if not library:
        pytest.skip("no AddressSanitizer: needs gcc with libasan (Debian packages gcc, libasan8)")
    environment = os.environ | {"LD_PRELOAD": library, "ASAN_OPTIONS": OPTIONS, "TENSORVIZ_CC": "gcc", "OPENBLAS_NUM_THREADS": "1",
                                "UBSAN_OPTIONS": "print_stacktrace=1"}
    return subprocess.run([sys.executable, str(PROGRAM), *names], capture_output=True, text=True, env=environment, timeout=600)


@pytest.mark.parametrize("name", [*groups(), "random"])
def test_generated_code_stays_within_its_arrays_and_does_nothing_undefined(name: str) -> None:
    done = run(name)
    assert done.returncode == 0 and f"fine: {name}" in done.stdout, done.stderr[-4000:]


@pytest.mark.parametrize(("plant", "group", "report"), [
    ("past the end of a result", "columns", "heap-buffer-overflow"), ("past the end of a slot", "long", "use-after-poison"),
    ("undefined shift", "long", "shift exponent 40")])
def test_planted_mistakes_are_caught(plant: str, group: str, report: str) -> None:
    assert plant in PLANTS
    done = run(f"plant={plant}", group)
    assert done.returncode != 0 and report in done.stderr and "fine" not in done.stdout, done.stderr[-4000:]
