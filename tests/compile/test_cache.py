"""The build cache: what it promises about damage, modes, unsafe places, full disks, many processes and sudden death."""

import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import pytest

from tensorviz.compile import cache, notices
from tensorviz.compile.toolchain import compile_c, toolchain
from tensorviz.core.errors import CompileError

ROOT = Path(__file__).parents[2]
KEY = cache.digest("some source", "some flags")
needs_compiler = pytest.mark.skipif(toolchain() is None, reason="needs a C compiler")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting and changing owners needs root")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("TENSORVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(notices, "_said", set())
    monkeypatch.setattr(cache, "_stores", {})
    return tmp_path / "cache"


class Maker:
    """Makes a file of known content and counts how often it was asked to."""

    def __init__(self, content=b"content"):
        self.content, self.count = content, 0

    def __call__(self, folder):
        self.count += 1
        (folder / "made").write_bytes(self.content)
        return folder / "made"


def run_python(code, *, timeout=60, **environment):
    """Run code in a fresh process; its output, and what it warned of."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=timeout,
                          env=os.environ | {"PYTHONPATH": str(ROOT)} | environment, check=False)
    return done


CALL = """
    import ctypes
    from tensorviz.compile.toolchain import compile_c
    print(ctypes.CDLL(str(compile_c("int answer(void) { return 42; }"))).answer())
"""


def test_an_entry_is_made_once_and_found_again(place):
    make = Maker()
    first = cache.fetch(KEY, ".so", make)
    assert cache.fetch(KEY, ".so", make) == first and make.count == 1
    assert first.read_bytes() == b"content" and first.is_relative_to(place)
    record = json.loads(first.with_suffix(".json").read_bytes())
    assert record["length"] == 7 and re.fullmatch("[0-9a-f]{64}", record["sha256"])
    assert not list((place / "tmp").iterdir())


def test_digests_tell_every_list_of_texts_apart():
    parts = [("ab", "c"), ("a", "bc"), ("abc",), ("", "abc"), ("abc", ""), ('a","b',), ("a", "b"), ("é",), ("e\u0301",)]
    assert len({cache.digest(*p) for p in parts}) == len(parts)


def truncate(path):
    path.write_bytes(path.read_bytes()[:3])


def flip(path):
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def nest(path):
    path.write_bytes(b"[" * 100_000)


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("part", [".so", ".json"])
@pytest.mark.parametrize("damage", [truncate, flip, zero, empty, remove, nest, folder])
def test_a_damaged_entry_is_made_anew(place, damage, part):
    make = Maker()
    path = cache.fetch(KEY, ".so", make)
    damage(path.with_suffix(part))
    assert cache.store().find(KEY, ".so") is None
    assert cache.fetch(KEY, ".so", make).read_bytes() == b"content"
    assert make.count == 2
    assert cache.store().find(KEY, ".so") == path
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.fetch(KEY, ".so", make) == path


@needs_compiler
@pytest.mark.parametrize("damage", [truncate, flip, zero, empty])
def test_damaged_files_never_stop_a_new_process(place, damage):
    assert run_python(CALL).stdout == "42\n"
    for path in [p for p in place.rglob("*") if p.is_file()]:
        damage(path)
    again = run_python(CALL)
    assert again.stdout == "42\n" and again.stderr == ""


@needs_compiler
def test_a_hostile_pickle_is_not_run(place, tmp_path):
    import pickle

    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/exploded",)
    run_python(CALL)
    for path in [p for p in place.rglob("*") if p.is_file()]:
        path.write_bytes(pickle.dumps(Bomb()))
    (place / "key.pkl").write_bytes(pickle.dumps(Bomb()))
    assert run_python(CALL).stdout == "42\n"
    assert not (tmp_path / "exploded").exists()


def test_no_module_of_the_cache_unpickles():
    for name in ("cache", "toolchain", "runtime", "libraries"):
        assert "pickle" not in re.sub(r'""".*?"""', "", (ROOT / f"tensorviz/compile/{name}.py").read_text(), flags=re.S)


def test_discard_takes_an_entry_out_of_use_and_keeps_few(place):
    for k in range(cache.QUARANTINED + 10):
        cache.discard(cache.fetch(cache.digest(str(k)), ".so", Maker()))
    assert cache.store().find(cache.digest("0"), ".so") is None
    assert len(list((place / "quarantine").iterdir())) == cache.QUARANTINED


@needs_compiler
@pytest.mark.parametrize("umask", ["0", "0o022", "0o777"])
def test_folders_are_0700_and_files_0600_whatever_the_umask(place, umask):
    assert run_python(f"import os; os.umask({umask})\n" + textwrap.dedent(CALL)).stdout == "42\n"
    found = [place, *place.rglob("*")]
    assert len(found) > 5
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@needs_compiler
def test_a_folder_that_others_can_write_to_is_refused(place):
    for unsafe in (place, place / "deeper" / "still"):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        place.chmod(0o777)
        done = run_python(CALL, TENSORVIZ_CACHE_DIR=str(unsafe))
        assert done.stdout == "42\n"
        assert done.stderr.count("RuntimeWarning") == 1 and "written to by others" in done.stderr
        assert not list(place.iterdir())


@needs_root
@needs_compiler
def test_a_folder_of_another_user_is_refused(place):
    place.mkdir(mode=0o700)
    os.chown(place, 12345, 12345)
    done = run_python(CALL)
    assert done.stdout == "42\n" and "belongs to another user" in done.stderr
    assert not list(place.iterdir())


def test_a_sticky_folder_of_root_is_allowed_above_the_cache_but_not_as_the_cache(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("making a folder of root's needs root")
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    assert cache._objection(sticky / "cache") == ""
    assert "written to by others" in cache._objection(sticky)


@needs_compiler
def test_a_cache_path_that_is_a_file_costs_one_warning(place):
    place.write_text("a file")
    for path in (place, place / "below"):
        done = run_python(CALL * 2, TENSORVIZ_CACHE_DIR=str(path))
        assert done.stdout == "42\n42\n" and done.stderr.count("RuntimeWarning") == 1
    assert place.read_text() == "a file"


@needs_compiler
def test_temporary_caches_go_away_with_their_process(place, tmp_path):
    place.write_text("a file")
    (tmp_path / "temporary").mkdir()
    assert run_python(CALL, TMPDIR=str(tmp_path / "temporary")).stdout == "42\n"
    assert not list((tmp_path / "temporary").iterdir())


def as_nobody(command):
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]


@needs_root
@needs_compiler
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_a_read_only_cache_and_an_unwritable_home_cost_one_warning(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(CALL))
    readable = subprocess.run(as_nobody([sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import tensorviz",
                                         str(ROOT)]), capture_output=True, check=False)
    if readable.returncode:
        pytest.skip("another user can't read this Python or this project")
    locked = Path("/var/empty-home-for-tensorviz-test")
    locked.mkdir(exist_ok=True)
    try:
        for setting in ({"TENSORVIZ_CACHE_DIR": str(locked / "cache")}, {"HOME": str(locked)}):
            environment = {k: v for k, v in os.environ.items() if k not in ("TENSORVIZ_CACHE_DIR", "XDG_CACHE_HOME", "HOME")}
            done = subprocess.run(as_nobody([sys.executable, "-c", textwrap.dedent(CALL)]), capture_output=True, text=True,
                                  env=environment | setting | {"PYTHONPATH": str(ROOT)}, check=False, cwd="/")
            assert done.stdout == "42\n" and done.stderr.count("RuntimeWarning") == 1, done.stderr
    finally:
        locked.rmdir()


def mounted(folder, options):
    folder.mkdir(mode=0o700)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount")


@needs_root
@needs_compiler
@pytest.mark.parametrize("options, words", [("size=8k,mode=700", "No space left"), ("size=24k,mode=700", "No space left"),
                                            ("ro,mode=700", "Read-only"), ("noexec,mode=700", "may not be executed")])
def test_a_full_or_read_only_disk_costs_one_warning(place, options, words):
    mounted(place, options)
    try:
        done = run_python(CALL)
        assert done.stdout == "42\n" and done.stderr.count("RuntimeWarning") == 1 and words in done.stderr, done.stderr
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_nowhere_to_write_is_an_error_that_says_so(place, monkeypatch):
    place.write_text("a file")
    monkeypatch.setattr(cache, "_runs_files", lambda folder: False)
    with pytest.warns(RuntimeWarning), pytest.raises(CompileError, match="no place"):
        cache.fetch(KEY, ".so", Maker())


def test_a_storage_that_fails_on_the_way_is_replaced(place):
    make = Maker()

    def full_at_first(folder):
        if folder.is_relative_to(place):
            raise OSError(28, "No space left on device")
        return make(folder)
    with pytest.warns(RuntimeWarning, match="No space left") as caught:
        path = cache.fetch(KEY, ".so", full_at_first)
    assert len(caught) == 1 and path.read_bytes() == b"content"
    assert cache.fetch(KEY, ".so", full_at_first) == path and make.count == 1


COUNTING = """#!/bin/sh
case "$*" in *kernel.c*) echo x >> {log};; esac
{delay}
exec {compiler} "$@"
"""


def counting_compiler(folder, delay=""):
    """A compiler that notes how often it compiled."""
    program = folder / "counting-cc"
    program.write_text(COUNTING.format(log=folder / "log", compiler=toolchain().command[0], delay=delay))
    program.chmod(0o755)
    return str(program)


@pytest.mark.slow
@needs_compiler
def test_sixteen_processes_compile_once_in_all(place, tmp_path):
    environment = os.environ | {"TENSORVIZ_CC": counting_compiler(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(CALL)]
    started = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(16)]
    assert [process.communicate(timeout=100) for process in started] == [(b"42\n", b"")] * 16
    assert (tmp_path / "log").read_text() == "x\n"


@pytest.mark.slow
@needs_compiler
def test_a_process_killed_while_compiling_leaves_no_wait_and_no_litter(place, tmp_path):
    slow = counting_compiler(tmp_path, delay="sleep 0.3")
    rng = random.Random(0)
    for k in range(4):
        code = CALL.replace("42", str(42)).replace("answer(void)", f"answer(void) /* {k} */")
        victim = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.DEVNULL,
                                  env=os.environ | {"TENSORVIZ_CC": slow, "PYTHONPATH": str(ROOT)})
        end = time.monotonic() + 20
        while not list(place.glob("tmp/*/kernel.c")) and victim.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        start = time.monotonic()
        assert run_python(code, TENSORVIZ_CC=slow).stdout == "42\n"
        assert time.monotonic() - start < 5                 # start of Python, 0.3 s of sleep, the compilation
    for path in (place / "tmp").iterdir():
        os.utime(path, (0, 0))
    run_python(CALL)
    assert not list((place / "tmp").iterdir())


def test_a_lock_that_hangs_is_not_waited_for_for_ever(place, monkeypatch):
    monkeypatch.setattr(cache, "LOCK_PATIENCE", 0.2)
    with cache.store()._locked(KEY):
        start = time.monotonic()
        assert cache.fetch(KEY, ".so", Maker()).read_bytes() == b"content"
        assert 0.1 < time.monotonic() - start < 2


def test_threads_share_one_build(place):
    import threading

    class Slow(Maker):
        def __call__(self, folder):
            time.sleep(0.1)
            return super().__call__(folder)
    make, found = Slow(), []
    workers = [threading.Thread(target=lambda: found.append(cache.fetch(KEY, ".so", make))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert make.count == 1 and len(set(found)) == 1 and len(found) == 8


@needs_compiler
@pytest.mark.parametrize("setting, warned", [({"HOME": "missing/home"}, 0), ({"HOME": "/dev/null"}, 1), ({"HOME": ""}, 0),
                                             ({"TENSORVIZ_CACHE_DIR": "/proc/tensorviz"}, 1),
                                             ({"XDG_CACHE_HOME": "relative"}, 0)])
def test_no_home_is_no_error(tmp_path, setting, warned):
    environment = {k: v for k, v in os.environ.items() if k not in ("TENSORVIZ_CACHE_DIR", "XDG_CACHE_HOME")}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)} | {
        name: str(tmp_path / value) if value.startswith("missing") else value for name, value in setting.items()}
    if setting == {"HOME": ""}:
        environment["TENSORVIZ_CACHE_DIR"] = str(tmp_path / "cache")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(CALL)], capture_output=True, text=True, check=False,
                          cwd=tmp_path, env=environment)
    assert done.stdout == "42\n" and done.stderr.count("RuntimeWarning") == warned, done.stderr
    assert not (tmp_path / "relative").exists()


@needs_compiler
def test_compile_c_uses_the_cache(place):
    path = compile_c("int f(void) { return 1; }")
    assert path.is_relative_to(place) and compile_c("int f(void) { return 1; }") == path
    assert compile_c("int f(void) { return 2; }") != path
    assert compile_c("int f(void) { return 1; }", flags=("-O0",)) != path
