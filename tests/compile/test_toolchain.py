"""Finding a compiler, learning what it can do, and what happens when it fails in each of the ways compilers fail."""

import ctypes
import itertools
import math
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from tensorviz.compile import cache, notices
from tensorviz.compile import toolchain as module
from tensorviz.compile.toolchain import VECTOR_FUNCTIONS, Toolchain, compile_c, toolchain
from tensorviz.core.config import config
from tensorviz.core.errors import CompileError

ROOT = Path(__file__).parents[2]
needs_compiler = pytest.mark.skipif(toolchain() is None, reason="needs a C compiler")
fresh_names = itertools.count()


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A cache of this test's own, nothing said yet, no compiler known yet."""
    monkeypatch.setenv("TENSORVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(notices, "_said", set())
    module._search.cache_clear()
    yield tmp_path
    module._search.cache_clear()


def fake_compiler(folder, body, answer="fake 1.0"):
    """A shell script that is a compiler by its word."""
    program = folder / f"fake-{next(fresh_names)}"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--version*) echo "{answer}"; exit 0;; esac\n{body}\n')
    program.chmod(0o755)
    return str(program)


def unique(text="int f(void) { return 1; }"):
    return f"/* {next(fresh_names)} {os.getpid()} {time.time_ns()} */ {text}"


@needs_compiler
def test_the_toolchain_is_a_value_that_another_process_finds_on_disk(alone):
    first = toolchain()
    assert isinstance(first, Toolchain) and toolchain() is first
    assert first.family in ("gcc", "clang", "zig") and first.version
    module._search.cache_clear()
    started = []
    real = subprocess.Popen
    try:
        subprocess.Popen = lambda *a, **k: started.append(a) or real(*a, **k)
        assert toolchain() == first and not started
    finally:
        subprocess.Popen = real
    assert hash(first) == hash(toolchain())


def test_no_flag_changes_the_arithmetic_of_the_process(monkeypatch):
    assert not {"-ffast-math", "-Ofast", "-funsafe-math-optimizations"} & set(module.BASE_FLAGS)
    if toolchain():
        for flag in module.FORBIDDEN_FLAGS:
            with pytest.raises(CompileError, match="arithmetic of the whole process"):
                compile_c("int x;", flags=(flag,))
            with monkeypatch.context() as patch, pytest.raises(CompileError, match="arithmetic of the whole process"):
                patch.setattr(config, "cflags", f"-g {flag}")
                compile_c("int x;")


@needs_compiler
def test_the_users_flags_stand_last(monkeypatch):
    text = unique() + "\n#ifndef __OPTIMIZE__\nint plain;\n#endif\n"
    usual = compile_c(text)
    monkeypatch.setattr(config, "cflags", "-O0 -g")
    assert not module.is_built(text)
    assert compile_c(text) != usual and hasattr(ctypes.CDLL(str(compile_c(text))), "plain")
    assert module.is_built(text) and not hasattr(ctypes.CDLL(str(usual)), "plain")


@needs_compiler
def test_subnormals_survive_loading_what_was_compiled():
    ctypes.CDLL(str(compile_c(unique())))
    assert np.float32(1e-40) * np.float32(1) > 0 and 5e-324 / 1.0 > 0


@needs_compiler
def test_arithmetic_is_not_contracted_and_integers_wrap():
    library = ctypes.CDLL(str(compile_c("""
        double f(double a, double b) { return a * a - b * b; }
        int g(int x) { return x + 1 > x; }
    """)))
    library.f.restype, library.f.argtypes = ctypes.c_double, [ctypes.c_double] * 2
    rng = np.random.default_rng(0)
    for a in rng.standard_normal(1000):
        assert library.f(a, a) == 0.0
    assert library.g(2**31 - 1) == 0


@needs_compiler
@pytest.mark.parametrize(("suffix", "scalar", "dtype"), [("", "double", np.float64), ("f", "float", np.float32)])
def test_a_sine_and_a_cosine_of_the_same_numbers_are_called_as_vectors(suffix, scalar, dtype):
    tools = toolchain()
    if not {f"sin{suffix}", f"cos{suffix}"} <= tools.vector:
        pytest.skip("no vector functions here")
    path = compile_c(f"""{tools.prototype("sin" + suffix)}
        {tools.prototype("cos" + suffix)}
        void both({scalar} *restrict y, {scalar} *restrict z, const {scalar} *restrict x, long n)
        {{ for (long i = 0; i < n; i++) {{ y[i] = sin{suffix}(x[i]); z[i] = cos{suffix}(x[i]); }} }}""")
    names = set(re.findall(rb"(\w*(?:sin|cos)f?)\0", path.read_bytes()))
    for name in (b"sin", b"cos"):
        assert any(re.fullmatch(rb"_ZGV\w+_" + name + suffix.encode(), n) for n in names)
    assert not any(b"sincos" in n for n in names)
    x = np.linspace(-30, 30, 10_007, dtype=dtype)
    y, z = np.empty_like(x), np.empty_like(x)
    ctypes.CDLL(str(path)).both(*(a.ctypes.data_as(ctypes.c_void_p) for a in (y, z, x)), ctypes.c_long(x.size))
    for found, exact in ((y, np.sin(x.astype("longdouble"))), (z, np.cos(x.astype("longdouble")))):
        assert (abs(found - exact) <= 4.5 * np.spacing(abs(exact).astype(dtype))).all()


@needs_compiler
@pytest.mark.parametrize("name", sorted(VECTOR_FUNCTIONS))
def test_functions_called_as_vectors_are_right(name):
    tools = toolchain()
    texts = []
    for suffix, scalar in (("", "double"), ("f", "float")):
        call = f"{name}{suffix}({', '.join(['x[i]'] * VECTOR_FUNCTIONS[name])})"
        arguments = f"{scalar} *restrict y, const {scalar} *restrict x, long n"
        texts.append(f"{tools.prototype(name + suffix)}\nvoid t{suffix}({arguments}) "
                     f"{{ for (long i = 0; i < n; i++) y[i] = {call}; }}")
    path = compile_c("\n".join(texts))
    library = ctypes.CDLL(str(path))
    for suffix, dtype in (("", np.float64), ("f", np.float32)):
        x = np.linspace(1.1, 1.9, 1003, dtype=dtype) if name == "acosh" else np.linspace(0.1, 0.9, 1003, dtype=dtype)
        y = np.empty_like(x)
        library[f"t{suffix}"](y.ctypes.data_as(ctypes.c_void_p), x.ctypes.data_as(ctypes.c_void_p), ctypes.c_long(x.size))
        exact = [getattr(math, name, lambda v: 10.0**v)(*[float(v)] * VECTOR_FUNCTIONS[name]) for v in x]
        np.testing.assert_allclose(y, exact, rtol=8 * np.finfo(dtype).eps)
        called_as_vector = f"v_{name}{suffix}\0".encode() in path.read_bytes()
        assert called_as_vector == (name + suffix in tools.vector)


def test_gcc_on_glibc_has_vectors():
    tools = toolchain()
    if tools is None or tools.family != "gcc" or not Path("/lib/x86_64-linux-gnu/libmvec.so.1").exists():
        pytest.skip("needs gcc and glibc's libmvec")
    assert {"exp", "expf", "log", "sin", "cosf", "pow"} <= tools.vector
    assert tools.prototype("pow").endswith("double pow(double, double);") and "simd" in tools.prototype("pow")
    assert tools.prototype("expf").endswith("float expf(float);")
    assert tools.prototype("erf").endswith("double erf(double);")
    assert tools.prototype("lgamma") == "double lgamma(double);" and tools.prototype("fmaf") == "float fmaf(float);"


@needs_compiler
def test_openmp_is_switched_on_for_text_that_asks_for_it():
    if not toolchain().openmp:
        pytest.skip("this compiler has no OpenMP")
    team = """
        int omp_get_num_threads(void);
        int team(void) { int n = 0;
        #pragma omp parallel num_threads(2)
        #pragma omp single
            n = omp_get_num_threads();
            return n; }
    """
    assert ctypes.CDLL(str(compile_c(team))).team() == 2


@needs_compiler
def test_an_error_shows_the_line_and_stays_short():
    lines = [f"int f{k}(void) {{ return {k}; }}" for k in range(100)]
    lines[60] = "int broken(void) { return undeclared_name; }"
    with pytest.raises(CompileError) as caught:
        compile_c("\n".join(lines))
    text = str(caught.value)
    assert "undeclared_name" in text and ">   61 | int broken" in text and len(text.splitlines()) <= 20
    lines[60] = "int broken(void) { return " + " + ".join(["undeclared"] * 10_000) + "; }"
    with pytest.raises(CompileError) as caught:
        compile_c("\n".join(lines))
    assert len(str(caught.value).splitlines()) <= 20 and len(str(caught.value)) < 3000


@needs_compiler
def test_compile_errors_are_not_kept(alone):
    for _ in range(2):
        with pytest.raises(CompileError):
            compile_c("this is no C")
    assert not list(alone.glob("cache/*/*.so"))


def test_no_compiler_is_one_warning_that_says_how_to_get_one(alone, monkeypatch):
    monkeypatch.setenv("PATH", str(alone))
    monkeypatch.delenv("TENSORVIZ_CC", raising=False)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.warns(RuntimeWarning) as caught:
        assert toolchain() is None and toolchain() is None
        module._search.cache_clear()
        assert toolchain() is None
    assert len(caught) == 1 and "pip install ziglang" in str(caught[0].message) and "gcc" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.raises(CompileError, match="no C compiler"):
        compile_c(unique())


@needs_compiler
def test_a_compiler_that_does_not_exist_costs_a_warning_and_another_is_taken(alone, monkeypatch):
    monkeypatch.setenv("TENSORVIZ_CC", "/no/such/compiler -m64")
    with pytest.warns(RuntimeWarning, match="no/such/compiler") as caught:
        assert toolchain() is not None
    assert len(caught) == 1


@needs_compiler
def test_tensorviz_cc_may_have_arguments_and_be_a_bare_name(alone, monkeypatch):
    name = Path(toolchain().command[0]).name
    monkeypatch.setenv("TENSORVIZ_CC", f"{name} -DGIVEN=7")
    assert toolchain().command[1:] == ("-DGIVEN=7",) and os.path.isabs(toolchain().command[0])
    assert ctypes.CDLL(str(compile_c(unique("int f(void) { return GIVEN; }")))).f() == 7


BROKEN = {"dies": "kill -9 $$", "fails": "echo 'internal compiler error' >&2; exit 1", "makes nothing": "exit 0",
          "makes an empty file": 'while [ "$1" != -o ]; do shift; done; : > "$2"',
          "makes rubbish": 'while [ "$1" != -o ]; do shift; done; yes rubbish | head -c 5000 > "$2"',
          "hangs": "sleep 1000", "hangs in a child": "sleep 1000 & sleep 1000 & wait",
          "talks without end": "yes error | head -c 3000000; exit 1", "writes bytes": "head -c 3000 /dev/urandom; exit 1"}


@pytest.mark.parametrize("how", BROKEN)
def test_a_compiler_broken_from_the_start_is_passed_over(alone, monkeypatch, how):
    monkeypatch.setenv("TENSORVIZ_CC", fake_compiler(alone, BROKEN[how]))
    monkeypatch.setenv("TENSORVIZ_COMPILE_TIMEOUT", "0.5" if "hangs" in how else "20")
    monkeypatch.setattr(module, "_candidates", lambda asked, path: iter([(asked,)]))
    start = time.monotonic()
    with pytest.warns(RuntimeWarning) as caught:
        assert toolchain() is None
    assert "fake-" in str(caught[0].message) and len(caught) == 2       # this compiler is no use; there is no other
    assert time.monotonic() - start < 10
    assert max(len(str(w.message).splitlines()) for w in caught) <= 20


@pytest.fixture
def turncoat(alone, monkeypatch):
    """Sets up a compiler that works while it is looked at and is broken from then on."""
    if toolchain() is None:
        pytest.skip("needs a C compiler")
    compiler = toolchain().command[0]

    def set_up(how, limit="20"):
        monkeypatch.setenv("TENSORVIZ_CC", fake_compiler(alone, f"""
            case "$*" in *probe.c*) exec {compiler} "$@";; esac
            {BROKEN[how]}"""))
        assert "fake-" in toolchain().command[0]
        monkeypatch.setenv("TENSORVIZ_COMPILE_TIMEOUT", limit)
    return set_up


@pytest.mark.parametrize("how", BROKEN)
def test_a_compiler_that_breaks_later_is_a_short_error(turncoat, how):
    turncoat(how, "0.5" if "hangs" in how else "20")
    start = time.monotonic()
    with pytest.raises(CompileError) as caught:
        compile_c(unique())
    assert time.monotonic() - start < 5
    assert len(str(caught.value).splitlines()) <= 20 and len(str(caught.value)) < 3000
    if "hangs" in how:
        assert "stopped after 0.5 s" in str(caught.value) and "TENSORVIZ_COMPILE_TIMEOUT" in str(caught.value)


def test_what_a_hanging_compiler_started_ends_with_it(turncoat):
    turncoat("hangs in a child", "0.5")
    before = sleepers()
    with pytest.raises(CompileError):
        compile_c(unique())
    assert not left_over(before)


def left_over(before):
    """Processes that are there still, after some time to die in."""
    end = time.monotonic() + 5
    while sleepers() - before and time.monotonic() < end:
        time.sleep(0.05)
    return sleepers() - before


def sleepers():
    return {p for p in Path("/proc").glob("[0-9]*") if b"sleep\x001000" in read(p / "cmdline")}


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.slow
def test_ctrl_c_while_compiling_ends_the_compiler(turncoat):
    turncoat("hangs")
    before = sleepers()
    threading.Timer(0.4, lambda: os.kill(os.getpid(), 2)).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        compile_c(unique())
    assert time.monotonic() - start < 3 and not left_over(before)


@needs_compiler
def test_a_changed_compiler_is_looked_at_again(alone, monkeypatch):
    compiler = toolchain().command[0]
    program = Path(fake_compiler(alone, f'exec {compiler} "$@"'))
    monkeypatch.setenv("TENSORVIZ_CC", str(program))
    first, path = toolchain(), compile_c("int x;")
    program.write_text(program.read_text().replace("fake 1.0", "fake 2.0 "))
    module._search.cache_clear()
    assert first.version == "fake 1.0" and toolchain().version == "fake 2.0"
    assert compile_c("int x;") != path


@pytest.mark.parametrize("compiler", ["clang", "zig"])
def test_other_compilers_do_as_well(compiler, alone, monkeypatch):
    if compiler == "zig":
        pytest.importorskip("ziglang")
        monkeypatch.setenv("TENSORVIZ_CC", f"{sys.executable} -m ziglang cc")
    elif shutil.which(compiler):
        monkeypatch.setenv("TENSORVIZ_CC", compiler)
    else:
        pytest.skip("no clang")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tools = toolchain()
    assert tools.family == compiler
    program = """
        import numpy as np
        from tensorviz.compile.plain_entry import PlainEntry
        from tensorviz.compile.runtime import CALL_STRUCT, make_entry
        from tensorviz.compile.toolchain import compile_c, toolchain
        text = CALL_STRUCT + toolchain().prototype("exp") + '''
        int f(tv_call *call) {
            if (call->phase == TV_SHAPES) { call->out[0].shape[0] = call->in[0].shape[0]; return TV_OK; }
            for (int64_t i = 0; i < call->out[0].shape[0]; i++)
                ((double *)call->out[0].data)[i] = exp(((const double *)call->in[0].data)[i]);
            return TV_OK;
        }'''
        entry = make_entry(compile_c(text), "f", [("float64", 1)], [("float64", 1)])
        assert not isinstance(entry, PlainEntry)
        np.testing.assert_allclose(entry(np.arange(5.0)), np.exp(np.arange(5.0)), rtol=1e-15)
    """
    subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(program)], check=True, timeout=300,
                   env=os.environ | {"PYTHONPATH": str(ROOT)})


@needs_compiler
def test_the_cache_is_keyed_by_all_that_matters():
    tools = toolchain()
    keys = {tools.key("int x;", ()), tools.key("int y;", ()), tools.key("int x;", ("-O1",)),
            module.replace(tools, identity="other").key("int x;", ()), module.replace(tools, flags=("-O2",)).key("int x;", ())}
    assert len(keys) == 5 and cache.digest("int x;") not in keys
