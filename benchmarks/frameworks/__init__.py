"""Every workload written as a user of each framework would write it; a module is imported only in that framework's process."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from benchmarks.workloads import Arrays, Case

MODULES = {
    "tensorviz": "with_tensorviz",
    "numpy": "with_numpy",
    "jax": "with_jax",
    "torch": "with_torch",
    "torch.compile": "with_torch_compile",
    "pytensor": "with_pytensor",
    "pytensor-c": "with_pytensor_c",
}


def cases(framework: str) -> dict[str, Callable[[Arrays], Case]]:
    """The builders of a framework by workload; raises ImportError where it is not installed."""
    return importlib.import_module(f"{__name__}.{MODULES[framework]}").CASES
