"""BLAS and LAPACK by address: generated C calls them as the routines of the Fortran interface with 32-bit ints.

The first choice is the OpenBLAS of the scipy-openblas32 package, loaded beside the copies of NumPy and SciPy. It is told to take
its AVX-512 kernels where the processor has AVX-512 and it would take its AVX2 kernels, half as fast: older releases do on AMD's
processors, and OPENBLAS_CORETYPE=Haswell makes every release do so. TENSORVIZ_BLAS_CORETYPE says which kernels this copy
takes (Haswell, SKYLAKEX, ...). Without the package SciPy's own BLAS serves.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..core.errors import CompileError
from .threads import on_change
from .toolchain import processor

__all__ = ["ROUTINES", "describe", "symbol", "symbols"]

ROUTINES: tuple[str, ...] = tuple(kind + name for kind in "sd" for name in (
    "asum", "axpy", "copy", "dot", "gemm", "gemv", "ger", "nrm2", "scal", "symm", "symv", "syr", "syrk", "syr2k",
    "trmm", "trmv", "trsm", "trsv")) + ("cgemm", "cgemv", "zgemm", "zgemv")
"""The BLAS routines that `symbols` gives, for floats (s) and doubles (d); products for complex ones (c, z) too."""

AVX512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl"}
OVERLOOKED = {"AuthenticAMD", "HygonGenuine"}       # vendors whose AVX-512 older releases of OpenBLAS don't see
AVX2_KERNELS = {"haswell", "zen"}
_lock = threading.RLock()
os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.RLock()))   # another thread may have held it


@dataclass(frozen=True)
class _Library:
    name: str
    core: str                                       # whose kernels it runs; "" if it doesn't tell
    find: Callable[[str], int]                      # address of a routine; KeyError if it has none
    set_threads: Callable[[int], object]
    threads_address: int = 0                        # where that is, if the library is ours alone


def symbols() -> dict[str, int]:
    """Addresses of the BLAS routines, by name: ``void dgemm(char *, char *, int *, ...)`` as in the reference BLAS.

    With them `set_threads`, ``void set_threads(int)``: how many threads the next of them may use. It is 0 where that would
    be the number of SciPy's own calls, too.

    >>> sorted(symbols())[:3]
    ['cgemm', 'cgemv', 'dasum']
    """
    return {name: symbol(name) for name in ROUTINES} | {"set_threads": _library().threads_address}


def symbol(name: str) -> int:
    """The address of a BLAS or LAPACK routine, such as ``dgemm`` or ``spotrf``."""
    try:
        return _library().find(name)
    except KeyError:
        raise CompileError(f"{_library().name} has no routine {name!r}") from None


def describe() -> dict[str, str]:
    """Which library serves, and whose kernels it runs.

    >>> sorted(describe())
    ['core', 'name']
    """
    return {"name": _library().name, "core": _library().core}


def _library() -> _Library:
    with _lock:
        return _load()


@lru_cache(maxsize=1)
def _load() -> _Library:
    library = _own_openblas() or _of_scipy()
    on_change(library.set_threads)
    return library


# ---- the OpenBLAS of scipy-openblas32 -----------------------------------------------------------------------------------

def _own_openblas() -> _Library | None:
    spec = importlib.util.find_spec("scipy_openblas32")     # not imported: that would load it with its own choice of kernels
    folder = Path(spec.origin).with_name("lib") if spec and spec.origin else None
    for path in sorted(folder.glob("libscipy_openblas.*")) if folder else ():
        with _core_type_set(), contextlib.suppress(OSError):
            return _openblas(ctypes.CDLL(str(path)))
    return None


def _openblas(library: ctypes.CDLL) -> _Library:
    library.scipy_openblas_get_config.restype = ctypes.c_char_p
    library.scipy_openblas_get_corename.restype = ctypes.c_char_p
    config = library.scipy_openblas_get_config().decode().split()

    def find(name: str) -> int:
        try:
            return ctypes.cast(library[f"scipy_{name}_"], ctypes.c_void_p).value or 0
        except AttributeError:
            raise KeyError(name) from None

    set_threads = library.scipy_openblas_set_num_threads
    return _Library(" ".join(config[:2]), library.scipy_openblas_get_corename().decode(), find, set_threads,
                    ctypes.cast(set_threads, ctypes.c_void_p).value or 0)


def _core_type() -> str:
    """The kernels to ask for; "" leaves it to the library and its environment."""
    words = set(processor().split())
    own = os.environ.get("TENSORVIZ_BLAS_CORETYPE", "")
    expected = os.environ.get("OPENBLAS_CORETYPE", "haswell" if words & OVERLOOKED else "")
    return own or ("SKYLAKEX" if words >= AVX512 and expected.lower() in AVX2_KERNELS else "")


@contextlib.contextmanager
def _core_type_set() -> Iterator[None]:
    """The environment in which OpenBLAS takes the right kernels: it looks there only while it is loaded."""
    name, core = "OPENBLAS_CORETYPE", _core_type()
    before = os.environ.get(name)
    if core:
        os.environ[name] = core
    try:
        yield
    finally:
        if before is not None:
            os.environ[name] = before
        elif core:
            del os.environ[name]


# ---- SciPy's ------------------------------------------------------------------------------------------------------------

def _of_scipy() -> _Library:
    from scipy.linalg import cython_blas, cython_lapack

    table = cython_blas.__pyx_capi__ | cython_lapack.__pyx_capi__
    get_name, get_pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]

    def find(name: str) -> int:
        return int(get_pointer(table[name], get_name(table[name])))

    return _Library("SciPy's BLAS", "", find, _scipy_threads())


def _scipy_threads() -> Callable[[int], object]:
    """What sets the number of threads of SciPy's OpenBLAS; nothing when SciPy uses another library."""
    spec = importlib.util.find_spec("scipy")
    packages = Path(spec.origin).parents[1] if spec and spec.origin else Path()
    for path in packages.glob("scipy.libs/libscipy_openblas*"):
        with contextlib.suppress(OSError, AttributeError):
            return ctypes.CDLL(str(path)).scipy_openblas_set_num_threads
    return lambda count: None
