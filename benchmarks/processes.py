"""Start frameworks in processes of their own, with caches and thread counts that are ours to set."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
THREAD_COUNTS = tuple(f"{who}_NUM_THREADS" for who in ("OMP", "OPENBLAS", "MKL", "NUMBA"))


def environment(caches: Path) -> dict[str, str]:
    """The environment of a worker: one thread, and every framework's disk cache below `caches`."""
    return {
        **os.environ,
        **dict.fromkeys(THREAD_COUNTS, "1"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "",  # ours is compiled as the installed ones are: once
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "TENSORVIZ_CACHE_DIR": str(caches / "tensorviz"),
        "JAX_COMPILATION_CACHE_DIR": str(caches / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "TORCHINDUCTOR_CACHE_DIR": str(caches / "torch"),
        "TRITON_CACHE_DIR": str(caches / "triton"),
    }


class Worker:
    """A framework waiting for requests (benchmarks/worker.py)."""

    def __init__(self, framework: str, python: str, caches: Path) -> None:
        self.framework = framework
        self.log = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - closed by stop()
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", framework],
            cwd=ROOT, env=environment(caches), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for the answer; a worker that died answers with its last words."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"failed": self.last_words()}

    def last_words(self) -> str:
        """The last line the process wrote to stderr."""
        self.log.seek(0)
        lines = [line for line in self.log.read().splitlines() if line.strip()]
        return lines[-1][:200] if lines else "the process ended without a word"

    def stop(self) -> None:
        """Let the process end."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.log.close()


def importable(python: str, package: str) -> bool:
    """Whether the interpreter exists and finds the package."""
    command = [python, "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    except OSError:
        return False
