"""Install the frameworks that benchmarks compare with, each by itself: one that cannot be had does not cost the others.

usage: python scripts/install_peers.py PYTHON_OF_THEIR_ENVIRONMENT
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"  # PyPI's Linux wheels of torch bring gigabytes for GPUs


def peers() -> list[str]:
    """The requirements of the `bench` extra."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return list(tomllib.load(file)["project"]["optional-dependencies"]["bench"])


def install(python: str, *requirement: str) -> bool:
    """Whether pip could install the requirement."""
    return subprocess.run([python, "-m", "pip", "install", "--quiet", *requirement], stdin=subprocess.DEVNULL).returncode == 0


def main(python: str) -> None:
    """Install NumPy and every peer."""
    install(python, "numpy>=2.0")
    for requirement in peers():
        print(f"installing {requirement}", flush=True)
        light = requirement.startswith("torch") and platform.system() == "Linux"
        if not ((light and install(python, requirement, "--index-url", CPU_WHEELS)) or install(python, requirement)):
            print(f"  not to be had here: {requirement} will be missing from the table")


if __name__ == "__main__":
    main(sys.argv[1])
