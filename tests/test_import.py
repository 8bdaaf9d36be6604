"""What `import tensorviz` loads; how long it takes is measured by `make bench`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tensorviz as tv

SLOW = ("scipy", "traitlets", "anywidget", "ipywidgets", "IPython", "pyopencl", "pycuda", "graphviz", "sympy", "sklearn",
        "matplotlib", "tensorviz.rewrite", "tensorviz.render", "tensorviz.widgets", "tensorviz.gpu", "subprocess",
        "multiprocessing", "ctypes.util", "secrets")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip()


def test_nothing_slow_is_imported():
    loaded = run("import numpy, sys; before = set(sys.modules); import tensorviz; print(*(set(sys.modules) - before))").split()
    assert [name for name in loaded if name in SLOW or name.split(".")[0] in SLOW] == []


def test_names_loaded_at_first_use_are_listed_and_found():
    assert {"function", "grad", "shared", "explore", "PassExplorer", "text", "latex", "parse"} <= set(dir(tv)) & set(tv.__all__)
    assert tv.text(tv.vector("x") + 1.0) == "x + 1.0"
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        tv.nothing_of_the_kind


def test_every_public_name_says_what_it_is_for():
    later = {"function", "explore", "PassExplorer", "RewriteStepper"}
    silent = [name for name in tv.__all__ if name not in later and callable(getattr(tv, name)) and not getattr(tv, name).__doc__]
    assert silent == []
