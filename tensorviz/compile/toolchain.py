"""The C compiler: which one there is, what it can do, and turning generated C into a shared object through the cache."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..core.config import config
from ..core.errors import CompileError
from . import cache
from .notices import warn_once

__all__ = ["VECTOR_FUNCTIONS", "Toolchain", "compile_c", "is_built", "toolchain"]

BASE_FLAGS = ("-O3", "-march=native", "-std=gnu11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno",
              "-fno-trapping-math", "-fopenmp-simd", "-fwrapv", "-fno-strict-aliasing")
APART_FLAGS = tuple(f"-fno-builtin-{name}" for name in ("sin", "cos", "sinf", "cosf"))   # else gcc joins them, as no vector
FORBIDDEN_FLAGS = ("-ffast-math", "-Ofast", "-funsafe-math-optimizations")      # at link they switch subnormals off process-wide
NO_SPACE = ("No space left on device", "Disk quota exceeded", "Read-only file system")
MAX_EXCERPT = 8         # lines
MAX_OUTPUT = 100_000    # characters

_ONE_ARGUMENT = ("acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp", "exp10", "exp2",
                 "expm1", "log", "log10", "log1p", "log2", "sin", "sinh", "tan", "tanh")
VECTOR_FUNCTIONS: dict[str, int] = dict.fromkeys(_ONE_ARGUMENT, 1) | {"atan2": 2, "hypot": 2, "pow": 2}
"""Functions of the C library that glibc's libmvec may have as vectors, and how many arguments they take."""


@dataclass(frozen=True)
class Toolchain:
    """A compiler that was found to work on this machine.

    `flags` compile and link a shared object; `openmp` are the flags that add threads, () when they don't link; `vector` names
    the libm functions (``exp`` for doubles, ``expf`` for floats) that loops call as vectors when their own prototype
    carries `vector_attribute`.
    """

    command: tuple[str, ...]
    family: str                         # gcc, clang or zig
    version: str                        # its first line about itself
    identity: str                       # changes when the program or the processor does
    flags: tuple[str, ...] = BASE_FLAGS
    openmp: tuple[str, ...] = ()
    vector: frozenset[str] = frozenset()
    vector_attribute: str = ""

    def prototype(self, name: str) -> str:
        """The declaration of a libm function, ``double exp(double);``, with what makes loops call it as a vector."""
        scalar = "float" if name not in VECTOR_FUNCTIONS and name.endswith("f") else "double"
        count = VECTOR_FUNCTIONS.get(name) or VECTOR_FUNCTIONS.get(name.removesuffix("f"), 1)
        attribute = f"{self.vector_attribute} " if name in self.vector else ""
        return f"{attribute}{scalar} {name}({', '.join([scalar] * count)});"

    def key(self, source: str, flags: Sequence[str]) -> str:
        """The cache's key of this source compiled with these extra flags."""
        return cache.digest(source, self.identity, *self.flags, *flags)

    def compile(self, source: str, flags: Sequence[str] = ()) -> Path:
        """The shared object made of this source, from the cache or built now."""
        return cache.fetch(self.key(source, flags), ".so", lambda folder: self._build(source, flags, folder))

    def _build(self, source: str, flags: Sequence[str], folder: Path) -> Path:
        text, out = folder / "kernel.c", folder / "kernel.so"
        text.write_text(source)
        command = [*self.command, *self.flags, *flags, "-o", str(out), str(text), "-lm"]
        status, output = _run(command, folder)
        if status is None:
            raise CompileError(f"the C compiler was stopped after {_timeout():g} s", facts=[self.version],
                               hint="TENSORVIZ_COMPILE_TIMEOUT sets the limit in seconds")
        if status:
            _check_space(folder, output)
            raise CompileError(f"the C compiler failed on generated code (status {status})", at=_excerpt(source, output),
                               facts=[self.version], hint="TENSORVIZ_CC picks another compiler")
        if not _is_object(out):
            _check_space(folder, output)
            raise CompileError("the C compiler said that it was done but made no shared object",
                               facts=[self.version, *output.split("\n")[:3]], hint="TENSORVIZ_CC picks another compiler")
        return out


def compile_c(source: str, *, flags: Sequence[str] = ()) -> Path:
    """Compile C text to a shared object and return its path; the same text, flags and compiler give the same file at once.

    `flags` stand after the toolchain's own, those of `tv.config.cflags` last. OpenMP is switched on for text that asks for a
    parallel region. CompileError tells what the compiler said and shows the line. Several threads and processes may compile at a
    time.

    >>> compile_c("int seven(void) { return 7; }").suffix
    '.so'
    """
    tools = toolchain()
    if tools is None:
        raise CompileError("there is no C compiler", hint=HOW_TO_GET_ONE)
    flags = _all_flags(tools, source, flags)
    if any(flag in FORBIDDEN_FLAGS for flag in flags):
        raise CompileError(f"the flags {', '.join(FORBIDDEN_FLAGS)} would change the arithmetic of the whole process",
                           hint="use -fassociative-math and the like, flag by flag")
    return tools.compile(source, flags)


def _all_flags(tools: Toolchain, source: str, flags: Sequence[str] = ()) -> tuple[str, ...]:
    """What stands after the toolchain's own flags."""
    return (*(tools.openmp if "#pragma omp parallel" in source else ()), *flags, *config.cflags.split())


def is_built(source: str) -> bool:
    """Whether `compile_c` would find this text in the cache and not have to build it."""
    tools = toolchain()
    return tools is not None and cache.store().find(tools.key(source, _all_flags(tools, source)), ".so") is not None


# ---- running the compiler -----------------------------------------------------------------------------------------------

def _timeout() -> float:
    with contextlib.suppress(ValueError):
        return max(0.1, float(os.environ.get("TENSORVIZ_COMPILE_TIMEOUT", "")))
    return 120.0


def _run(command: Sequence[str], folder: Path) -> tuple[int | None, str]:
    """Exit status (None: stopped for taking too long) and what was said. Whatever the compiler starts ends with it."""
    environment = os.environ | {"LC_ALL": "C", "TMPDIR": str(folder), "ZIG_GLOBAL_CACHE_DIR": str(cache.store().root / "zig"),
                                "ZIG_LOCAL_CACHE_DIR": str(folder)}
    said = folder / "said.txt"
    with said.open("wb") as output:         # a file: a pipe would be held open by what the compiler leaves running
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                       env=environment, cwd=folder, start_new_session=True)
        except OSError as error:
            raise CompileError(f"the C compiler {command[0]} can't be run: {error.strerror}", hint=HOW_TO_GET_ONE) from None
        timer = threading.Timer(_timeout(), _kill, [process])       # process.wait(timeout) would look every 50 ms only
        start = time.monotonic()
        timer.start()
        try:
            status = process.wait()
            late = status == -signal.SIGKILL and time.monotonic() - start >= _timeout()
        except BaseException:
            _kill(process)
            process.wait()
            raise
        finally:
            timer.cancel()
    with said.open(errors="replace") as text:
        readable = "".join(c if c.isprintable() or c == "\n" else "?" for c in text.read(MAX_OUTPUT))
    return None if late else status, readable


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the compiler with all that it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _check_space(folder: Path, output: str) -> None:
    """Raise OSError if the compiler failed because the storage did."""
    if any(words in output for words in NO_SPACE):
        raise OSError(errno.ENOSPC, next(words for words in NO_SPACE if words in output))
    (folder / "space").write_bytes(bytes(1 << 16))


def _is_object(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size < 256:
        return False
    with path.open("rb") as file:
        return file.read(4) in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def _excerpt(source: str, output: str) -> Iterator[str]:
    """The first error and the lines of C around it; without a line number what was said first."""
    found = re.search(r"kernel\.c:(\d+):\d+: (?:fatal )?(error: .*)", output)
    if not found:
        yield from (line[:120] for line in output.strip().splitlines()[:MAX_EXCERPT])
        return
    yield found[2][:120]
    at, lines = int(found[1]), source.splitlines()
    for number in range(max(1, at - 3), min(len(lines), at + 3) + 1):
        yield f"{'>' if number == at else ' '}{number:5} | {lines[number - 1][:110]}"


# ---- finding one --------------------------------------------------------------------------------------------------------

HOW_TO_GET_ONE = "install gcc or clang (Debian: apt install gcc; macOS: xcode-select --install), or: pip install ziglang"


def toolchain() -> Toolchain | None:
    """The compiler of this process, found and tried at first use; None, after one warning, when there is none.

    TENSORVIZ_CC names one, with arguments if need be; else cc, gcc, clang and `python -m ziglang cc` are tried.
    """
    return _search(os.environ.get("TENSORVIZ_CC", ""), os.environ.get("PATH", ""), cache.store())


@lru_cache(maxsize=8)
def _search(asked: str, path: str, store: cache.Store) -> Toolchain | None:
    for command in _candidates(asked, path):
        try:
            return _known(command)
        except CompileError as error:
            warn_once(f"tensorviz can't use the C compiler {' '.join(command)}: {error}")
    warn_once(f"tensorviz found no C compiler that works and computes with NumPy, which is slower: {HOW_TO_GET_ONE}")
    return None


def _candidates(asked: str, path: str) -> Iterator[tuple[str, ...]]:
    if asked:
        program, *arguments = shlex.split(asked)
        found = shutil.which(program, path=path)
        if found:
            yield os.path.abspath(found), *arguments
        else:
            warn_once(f"TENSORVIZ_CC names {program!r}, which can't be run; tensorviz looks for another compiler")
    for name in ("cc", "gcc", "clang"):
        found = shutil.which(name, path=path)
        if found:
            yield (os.path.abspath(found),)
    if importlib.util.find_spec("ziglang"):
        yield sys.executable, "-m", "ziglang", "cc"


def _known(command: tuple[str, ...]) -> Toolchain:
    """What was found out about this compiler, now or by an earlier process."""
    identity = _identity(command)
    key = cache.digest("toolchain 1", identity, *BASE_FLAGS, *APART_FLAGS)
    path = cache.fetch(key, ".probe", lambda folder: _write_probe(command, identity, folder))
    found: dict[str, Any] = json.loads(path.read_bytes())
    for name in ("command", "flags", "openmp"):
        found[name] = tuple(found[name])
    return Toolchain(**found | {"vector": frozenset(found["vector"])})


def _identity(command: tuple[str, ...]) -> str:
    """Changes with the compiler (the program's place, size and time) and with what -march=native would mean."""
    program = os.path.realpath(command[0])
    if "ziglang" in command:
        spec = importlib.util.find_spec("ziglang")
        program = spec.origin if spec and spec.origin else program
    about = os.stat(program)
    facts = (*command, program, str(about.st_size), str(about.st_mtime_ns), sysconfig.get_platform(), processor())
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


@lru_cache(maxsize=1)
def processor() -> str:
    """What the system tells of its first processor, its instruction sets above all."""
    try:
        with open("/proc/cpuinfo", "rb") as file:
            first = file.read(8192).split(b"\n\n")[0].decode()
    except OSError:
        return platform.processor()
    wanted = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU implementer", "CPU part")
    return "\n".join(line for line in first.splitlines() if line.partition("\t")[0].rstrip(" :") in wanted)


# ---- trying it ----------------------------------------------------------------------------------------------------------

OPENMP_PROBE = """
void probe_threads(double *x, long n) {
#pragma omp parallel for
    for (long i = 0; i < n; i++) x[i] += 1.0;
}
"""
SIMD_ATTRIBUTE = '__attribute__((simd("notinbranch"), const, nothrow))'
VECTOR_PROBE = f"""
{SIMD_ATTRIBUTE} double exp(double);
void probe_vector(double *restrict y, const double *restrict x, long n) {{
    for (long i = 0; i < n; i++) y[i] = exp(x[i]);
}}
"""
PLAIN_PROBE = "int probe(int x) { return x + 1; }\n"
VECTOR_LENGTHS = {"b": 2, "c": 4, "d": 4, "e": 8, "n": 2}            # doubles in a vector, by the letter in the symbol's name
X86_LETTERS = "bcde"                                                # SSE, AVX, AVX2, AVX-512; the one of ARM is n


def _write_probe(command: tuple[str, ...], identity: str, folder: Path) -> Path:
    status, said = _run([*command, "--version"], folder)
    if status != 0:
        raise CompileError(f"{' '.join(command)} --version " + ("took too long" if status is None else f"gave status {status}"))
    family = "zig" if "ziglang" in command else "clang" if "clang" in said else "gcc"
    strict = () if sys.platform == "darwin" else ("-Wl,-z,defs",)
    tools = Toolchain(command, family, said.strip().split("\n")[0][:100] or command[0], identity)
    if family == "zig":
        tools = replace(tools, flags=(*tools.flags, "-fno-sanitize=undefined"))
    tools = _try_features(tools, strict, folder)
    path = folder / "probe.json"
    path.write_text(json.dumps(asdict(tools) | {"vector": sorted(tools.vector)}))
    return path


def _try_features(tools: Toolchain, strict: tuple[str, ...], folder: Path) -> Toolchain:
    """Everything in one compilation, as is usual; else one thing after the other."""
    names = [name + suffix for name in VECTOR_FUNCTIONS for suffix in ("", "f")]
    full = replace(tools, flags=(*tools.flags, *APART_FLAGS), openmp=("-fopenmp",), vector=frozenset(names),
                   vector_attribute=SIMD_ATTRIBUTE)
    if tools.family == "gcc" and _links(full, OPENMP_PROBE + _vector_text(names), (*strict, "-fopenmp"), folder) is None:
        return full
    problem = _links(tools, PLAIN_PROBE, strict, folder)
    if problem is not None:
        portable = replace(tools, flags=tuple(f for f in tools.flags if f != "-march=native"))
        if _links(portable, PLAIN_PROBE, strict, folder) is not None:
            raise CompileError("it can't compile a function of one line", facts=problem.splitlines()[:5])
        tools = portable
    if _links(tools, OPENMP_PROBE, (*strict, "-fopenmp"), folder) is None:
        tools = replace(tools, openmp=("-fopenmp",))
    if tools.family != "gcc":                       # the others don't know the attribute
        return tools
    problem = _links(tools, _vector_text(names), strict, folder)
    if problem:
        missing = set(re.findall(r"_ZGV\w+?_(\w+)", problem))
        names = [name for name in names if name not in missing]
        if not missing or not names or _links(tools, _vector_text(names), strict, folder) is not None:
            return tools
    return replace(tools, flags=(*tools.flags, *APART_FLAGS), vector=frozenset(names), vector_attribute=SIMD_ATTRIBUTE)


def _vector_text(names: Sequence[str]) -> str:
    """C that links only if every function has a vector form for each instruction set that the compiler may pick."""
    letters = X86_LETTERS if platform.machine() in ("x86_64", "AMD64") else "n"
    symbols = []
    for name in names:
        single = name not in VECTOR_FUNCTIONS
        count = VECTOR_FUNCTIONS[name.removesuffix("f") if single else name]
        symbols += [f"_ZGV{letter}N{VECTOR_LENGTHS[letter] * (2 if single else 1)}{'v' * count}_{name}" for letter in letters]
    declared = "".join(f"void {symbol}(void);\n" for symbol in symbols)
    return f"{VECTOR_PROBE}{declared}void *probe_symbols[] = {{{', '.join(symbols)}}};\n"


def _links(tools: Toolchain, text: str, flags: Sequence[str], folder: Path) -> str | None:
    """None if this compiles and links (and has the vector calls that it should); else what was said."""
    source, out = folder / "probe.c", folder / "probe.so"
    source.write_text(text)
    out.unlink(missing_ok=True)
    status, said = _run([*tools.command, *tools.flags, *flags, "-o", str(out), str(source), "-lm"], folder)
    if status is None:
        raise CompileError(f"it was stopped after {_timeout():g} s", hint="TENSORVIZ_COMPILE_TIMEOUT sets the limit in seconds")
    if status == 0 and _is_object(out):
        return None
    _check_space(folder, said)
    return said or f"status {status} and no shared object"
