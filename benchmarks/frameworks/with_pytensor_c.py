"""The workloads in PyTensor with its C linker."""

from __future__ import annotations

from functools import partial

from pytensor.compile.mode import Mode

from benchmarks.frameworks import with_pytensor

C = Mode(linker="cvm", optimizer="fast_run")
CASES = {name: partial(build, mode=C) for name, build in with_pytensor.CASES.items()}
