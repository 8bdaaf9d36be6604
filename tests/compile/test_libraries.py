"""BLAS by address: the right numbers through every routine's pointer, from whichever library serves."""

import ctypes
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from tensorviz.compile import libraries
from tensorviz.compile.libraries import ROUTINES, describe, symbol, symbols
from tensorviz.compile.threads import set_threads, threads
from tensorviz.core.errors import CompileError

ROOT = Path(__file__).parents[2]
TYPES = {"s": (np.float32, ctypes.c_float), "d": (np.float64, ctypes.c_double)}


@pytest.fixture(params=["the first choice", "SciPy's"])
def find(request):
    """Finds routines in one library or the other."""
    return symbol if request.param == "the first choice" else libraries._of_scipy().find


def call(address, *arguments, result=None):
    """Call a Fortran routine: everything by reference."""
    kept = [a if isinstance(a, (bytes, np.ndarray)) else ctypes.c_int(a) if isinstance(a, int) else a for a in arguments]
    pointers = [ctypes.c_char_p(a) if isinstance(a, bytes) else a.ctypes.data_as(ctypes.c_void_p) if isinstance(a, np.ndarray)
                else ctypes.byref(a) for a in kept]
    return ctypes.CFUNCTYPE(result, *[ctypes.c_void_p] * len(pointers))(address)(
        *[ctypes.cast(p, ctypes.c_void_p) if isinstance(p, ctypes.c_char_p) else p for p in pointers])


@pytest.mark.parametrize("kind", "sd")
@pytest.mark.parametrize("m, n, k", [(1, 1, 1), (7, 5, 3), (64, 64, 64), (130, 257, 70)])
def test_gemm_multiplies(find, kind, m, n, k):
    dtype, scalar = TYPES[kind]
    rng = np.random.default_rng(m)
    a, b = (np.asfortranarray(rng.integers(-8, 8, shape).astype(dtype)) for shape in ((m, k), (k, n)))
    c = np.asfortranarray(np.ones((m, n), dtype))
    call(find(kind + "gemm"), b"N", b"N", m, n, k, scalar(2), a, m, b, k, scalar(3), c, m)
    np.testing.assert_array_equal(c, 2 * (a @ b) + 3)


@pytest.mark.parametrize("kind", "sd")
def test_vectors_and_ranks(find, kind):
    dtype, scalar = TYPES[kind]
    a = np.asfortranarray(np.arange(12, dtype=dtype).reshape(3, 4))
    x, y = np.arange(4, dtype=dtype), np.ones(3, dtype)
    call(find(kind + "gemv"), b"N", 3, 4, scalar(1), a, 3, x, 1, scalar(1), y, 1)
    np.testing.assert_array_equal(y, a @ x + 1)
    assert call(find(kind + "dot"), 4, x, 1, x, 1, result=scalar) == 14
    call(find(kind + "axpy"), 3, scalar(2), np.ones(3, dtype), 1, y, 1)
    np.testing.assert_array_equal(y, a @ x + 3)
    outer = np.zeros((3, 4), dtype, order="F")
    call(find(kind + "ger"), 3, 4, scalar(1), y, 1, x, 1, outer, 3)
    np.testing.assert_array_equal(outer, np.outer(y, x))
    gram = np.zeros((3, 3), dtype, order="F")
    call(find(kind + "syrk"), b"U", b"N", 3, 4, scalar(1), a, 3, scalar(0), gram, 3)
    np.testing.assert_array_equal(np.triu(gram), np.triu(a @ a.T))


def test_lapack_is_there_too(find):
    a = np.array([[4.0, 2.0], [2.0, 5.0]], order="F")
    status = ctypes.c_int(-1)
    call(find("dpotrf"), b"L", 2, a, 2, status)
    assert status.value == 0
    np.testing.assert_array_equal(np.tril(a), [[2.0, 0.0], [1.0, 2.0]])


def test_every_routine_has_an_address():
    addresses = symbols()
    set_threads = addresses.pop("set_threads")
    assert bool(set_threads) == ("OpenBLAS" in describe()["name"])
    assert tuple(addresses) == ROUTINES and len(set(addresses.values())) == len(ROUTINES) and all(addresses.values())
    assert all(libraries._of_scipy().find(name) for name in ROUTINES)
    with pytest.raises(CompileError, match="no routine 'dnonsense'"):
        symbol("dnonsense")


def in_a_fresh_process(code, **environment):
    base = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_CORETYPE")}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False,
                          env=base | {"PYTHONPATH": str(ROOT)} | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


REPORT = """
    import os
    from tensorviz.compile import libraries
    print(libraries.describe()["core"], os.environ.get("OPENBLAS_CORETYPE"))
"""
avx512 = pytest.mark.skipif(not set(libraries.processor().split()) >= libraries.AVX512, reason="needs a processor with AVX-512")
own = pytest.mark.skipif("OpenBLAS" not in describe()["name"], reason="needs the scipy-openblas32 package")


@own
@avx512
@pytest.mark.parametrize("set_to", [None, "Haswell", "Zen"])
def test_a_processor_with_avx512_gets_its_kernels_and_the_environment_stays_as_it_was(set_to):
    core, left = in_a_fresh_process(REPORT, **({"OPENBLAS_CORETYPE": set_to} if set_to else {})).split()
    assert core not in ("Haswell", "Zen") and left == str(set_to)


@own
def test_the_users_word_on_kernels_counts():
    if "avx2" not in libraries.processor().split():
        pytest.skip("needs a processor with AVX2")
    assert in_a_fresh_process(REPORT, TENSORVIZ_BLAS_CORETYPE="Haswell") == "Haswell None"


@own
def test_the_library_is_a_copy_beside_numpys():
    code = """
        import numpy, scipy.linalg
        from tensorviz.compile import libraries
        libraries.symbols()
        with open("/proc/self/maps") as file:
            print(len({line.split()[-1] for line in file if "openblas" in line}))
    """
    if not Path("/proc/self/maps").exists():
        pytest.skip("needs /proc")
    assert int(in_a_fresh_process(code)) >= 2


def test_without_the_package_scipy_serves():
    code = """
        import sys
        sys.path.insert(0, "")
        import importlib.util
        real = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *more: None if name == "scipy_openblas32" else real(name, *more)
        from tensorviz.compile import libraries
        addresses = libraries.symbols()
        print(libraries.describe()["name"], len(addresses), addresses["set_threads"])
    """
    assert in_a_fresh_process(code) == f"SciPy's BLAS {len(ROUTINES) + 1} 0"


@own
def test_one_owner_sets_the_threads_of_blas():
    maps = Path("/proc/self/maps").read_text().splitlines()
    count = ctypes.CDLL(next(line.split()[-1] for line in maps if "scipy_openblas32" in line))
    before = threads()
    try:
        for n in (1, 2):
            set_threads(n)
            assert count.scipy_openblas_get_num_threads() == n
    finally:
        set_threads(before)


def test_a_forked_child_multiplies():
    dtype = np.float64
    a = np.asfortranarray(np.random.default_rng(0).integers(-4, 4, (300, 300)).astype(dtype))

    def square():
        c = np.zeros((300, 300), dtype, order="F")
        call(symbol("dgemm"), b"N", b"N", 300, 300, 300, ctypes.c_double(1), a, 300, a, 300, ctypes.c_double(0), c, 300)
        return c
    before = threads()
    set_threads(2)
    try:
        expected = square()
        child = os.fork()
        if child == 0:
            os._exit(0 if np.array_equal(square(), expected) else 1)
        assert os.waitpid(child, 0)[1] == 0
        np.testing.assert_array_equal(square(), expected)
    finally:
        set_threads(before)


@own
def test_small_products_run_in_one_thread_and_large_ones_in_those_of_the_call():
    code = """
        import numpy as np
        import tensorviz as tv
        from tensorviz.compile import libraries, threads
        threads.set_threads(3)
        library = libraries._load().find.__closure__[0].cell_contents         # our copy of OpenBLAS
        said = library.scipy_openblas_get_num_threads
        x = tv.matrix("x")
        f = tv.function([x], x @ x)
        for n in (8, 64, 300, 8):
            f(np.ones((n, n)))
            print(said(), end=" ")
    """
    assert in_a_fresh_process(code).split() == ["1", "1", "3", "1"]
