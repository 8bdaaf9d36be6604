"""Call generated C functions with NumPy arrays: the trampoline, built once, and what stands in for it without one."""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from ..core.errors import CompileError
from . import cache
from .notices import warn_once
from .plain_entry import Failure, Mismatch, PlainEntry, Spec
from .threads import main_thread, on_change
from .toolchain import compile_c

__all__ = ["CALL_STRUCT", "Entry", "Failure", "Mismatch", "Spec", "load_library", "make_entry", "prepare"]

CALL_STRUCT: str = Path(__file__).with_name("call.h").read_text()
"""The C text that declares `tv_call`: it stands before every generated file."""

_lock = threading.RLock()
os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.RLock()))   # another thread may have held it


class Entry(Protocol):
    """A generated C function as Python calls it.

    ``entry(*inputs)`` returns an array, or a tuple of arrays when there isn't exactly one result. ``entry.run(inputs, outs=None,
    times=None)`` takes tuples and always returns a tuple; ``outs`` holds, for each result, a C-contiguous array to write to or
    None for a new one; ``times`` is a float64 array to which the kernels add their seconds.

    Inputs must be arrays of exactly the declared dtype and number of axes, aligned and in native byte order, of any strides;
    NumPy scalars of that dtype, and Python floats and ints for float64 and int64, do for inputs without axes. Anything else
    raises Mismatch before anything has run. Failure says that the function returned an error code; a signal (Ctrl-C) raises
    what its handler raises. Threads may share an entry.
    """

    def __call__(self, *inputs: Any) -> Any:
        """Call with arrays and get new arrays."""

    def run(self, inputs: tuple[Any, ...], outs: tuple[Any, ...] | None = None, times: Any = None, /) -> tuple[Any, ...]:
        """Call with a tuple of arrays, perhaps into given arrays."""


def make_entry(path: Path, name: str, inputs: Sequence[Spec], outputs: Sequence[Spec], *,
               constants: Sequence[np.ndarray[Any, Any]] = (), symbols: Sequence[int] = ()) -> Entry:
    """Wrap the function `name` of the shared object at `path` for calls with arrays.

    A Spec is (dtype, number of axes). `constants` reach the function as `call->constants`, in C order; `symbols` are addresses,
    reached as `call->symbols`. The shared object stays loaded until the process ends, as entries and their results may be used
    anywhere; that is some 20 kB a compilation.
    """
    library = load_library(path)
    try:
        address = ctypes.cast(library[name], ctypes.c_void_p).value or 0
    except AttributeError:
        cache.discard(path)
        raise CompileError(f"the compiled file has no function {name!r}", hint="try another compiler: TENSORVIZ_CC=gcc") from None
    arrays = tuple(np.require(c, requirements=["C", "ALIGNED"]) for c in constants)
    module = _trampoline()
    make = module.make if module else PlainEntry
    entry: Entry = make(address, _rows(inputs), _rows(outputs), arrays, tuple(symbols), library)
    return entry


def load_library(path: Path) -> ctypes.CDLL:
    """Load a shared object that `compile_c` made; CompileError when it is none."""
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        cache.discard(path)
        raise CompileError("what the compiler made cannot be loaded", facts=[str(error)],
                           hint="try another compiler: TENSORVIZ_CC=gcc") from None


def _rows(specs: Sequence[Spec]) -> tuple[tuple[Any, ...], ...]:
    rows = []
    for name, axes in specs:
        dtype = np.dtype(name)
        rows.append((dtype.kind, dtype.itemsize, dtype.alignment, axes, dtype, dtype.type))
    return tuple(rows)


def prepare() -> None:
    """Begin to build the trampoline in another thread, if this machine hasn't got it: 0.1 s that need not be waited for."""
    if not _build_trampoline.cache_info().currsize:
        threading.Thread(target=_trampoline, name="tensorviz-trampoline", daemon=True).start()


def _trampoline() -> ModuleType | None:
    """The extension module of runtime.c; None where it can't be built."""
    with _lock:
        return _build_trampoline()


@lru_cache(maxsize=1)
def _build_trampoline() -> ModuleType | None:
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None                         # objects are laid out in another way there
    text = CALL_STRUCT + "".join(Path(__file__).with_name(name).read_text() for name in ("cpython.h", "memory.c", "runtime.c"))
    flags = ("-Wl,-undefined,dynamic_lookup",) if sys.platform == "darwin" else ()
    try:
        path = compile_c(text, flags=("-O1", *flags))        # built in half the time of -O3, and as fast
        loader = importlib.machinery.ExtensionFileLoader("tensorviz_runtime", str(path))
        spec = importlib.util.spec_from_loader("tensorviz_runtime", loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except (CompileError, ImportError) as error:
        warn_once(f"tensorviz calls compiled code through ctypes, which takes 0.1 ms a call: {error}")
        return None
    module.setup(np.empty, np.ndarray, Mismatch, Failure, _numpy_functions())
    on_change(lambda count: module.configure(count, main_thread()))
    return module


def _numpy_functions() -> object:
    """NumPy's table of C functions, as far as its layout is known: that of NumPy 2."""
    if not np.__version__.startswith("2."):
        return None
    return getattr(sys.modules.get("numpy._core._multiarray_umath"), "_ARRAY_API", None)
