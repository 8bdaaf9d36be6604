"""The trampoline and its stand-in: small hand-written C functions called with arrays of every kind."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tensorviz.compile import runtime
from tensorviz.compile.plain_entry import PlainEntry
from tensorviz.compile.runtime import CALL_STRUCT, Failure, Mismatch, make_entry
from tensorviz.compile.threads import set_threads, threads
from tensorviz.compile.toolchain import compile_c, toolchain
from tensorviz.core.errors import CompileError

pytestmark = pytest.mark.skipif(toolchain() is None, reason="needs a C compiler")

SOURCE = CALL_STRUCT + r"""
static double at(const tv_array *a, int64_t i, int64_t j) {
    return *(double *)((char *)a->data + i * a->strides[0] + j * a->strides[1]);
}
/* out = a + b, element by element; error 2 when lengths differ */
int add(tv_call *call) {
    const tv_array *a = &call->in[0], *b = &call->in[1];
    tv_array *out = call->out;
    if (call->phase == TV_SHAPES) {
        for (int axis = 0; axis < 2; axis++) {
            if (a->shape[axis] != b->shape[axis]) {
                call->error[0] = axis; call->error[1] = a->shape[axis]; call->error[7] = -1;
                return 2;
            }
            out->shape[axis] = a->shape[axis];
        }
        return TV_OK;
    }
    for (int64_t i = 0; i < out->shape[0]; i++)
        for (int64_t j = 0; j < out->shape[1]; j++)
            *(double *)((char *)out->data + i * out->strides[0] + j * out->strides[1]) = at(a, i, j) + at(b, i, j);
    return TV_OK;
}
/* (x * 2 as float64 scalar, n + 1 as int64 scalar), reading numbers without axes */
int scalars(tv_call *call) {
    if (call->phase == TV_SHAPES) { call->brief = 1; return TV_OK; }
    *(double *)call->out[0].data = 2 * *(double *)call->in[0].data;
    *(int64_t *)call->out[1].data = 1 + *(int64_t *)call->in[1].data;
    return TV_OK;
}
/* out[i] = x[i] by way of scratch memory that is first overwritten, slowly */
int through_arena(tv_call *call) {
    if (call->phase == TV_SHAPES) {
        call->out[0].shape[0] = call->in[0].shape[0];
        call->arena_bytes = 8 * call->in[0].shape[0];
        return TV_OK;
    }
    volatile double *scratch = call->arena;
    const double *x = call->in[0].data;
    double *out = call->out[0].data;
    if ((uintptr_t)call->arena % 64) return 3;
    for (int round = 0; round < 20; round++)
        for (int64_t i = 0; i < call->out[0].shape[0]; i++) scratch[i] = round == 19 ? x[i] : -1;
    for (int64_t i = 0; i < call->out[0].shape[0]; i++) out[i] = scratch[i];
    return TV_OK;
}
/* runs until it is stopped, or for ten seconds' worth of polls */
int endless(tv_call *call) {
    if (call->phase == TV_SHAPES) return TV_OK;
    for (volatile int64_t i = 0; i < 2000000000; i++)
        if (i % 1000 == 0 && call->poll(call)) return TV_STOPPED;
    return TV_OK;
}
/* constants[0] and what the library function says, and the seconds of kernel 0 */
typedef double (*function)(double);
int bound(tv_call *call) {
    if (call->phase == TV_SHAPES) { call->out[0].shape[0] = call->constants[0].shape[0]; return TV_OK; }
    for (int64_t i = 0; i < call->out[0].shape[0]; i++)
        ((double *)call->out[0].data)[i] = ((function)call->symbols[0])(((double *)call->constants[0].data)[i]);
    if (call->times) call->times[0] += 0.25;
    return TV_OK;
}
int thread_count(tv_call *call) {
    if (call->phase == TV_RUN) *(int64_t *)call->out[0].data = call->threads;
    return TV_OK;
}
double twice(double x) { return 2 * x; }
int too_much(tv_call *call) {
    if (call->phase == TV_SHAPES) call->arena_bytes = (int64_t)1 << 60;
    return TV_OK;
}
int huge_result(tv_call *call) {
    if (call->phase == TV_SHAPES) call->out[0].shape[0] = (int64_t)1 << 45;
    return TV_OK;
}
int parallel_sum(tv_call *call) {
    double sum = 0;
    if (call->phase == TV_SHAPES) return TV_OK;
    const double *x = call->in[0].data;
    #pragma omp parallel for reduction(+:sum) num_threads(call->threads)
    for (int64_t i = 0; i < call->in[0].shape[0]; i++) sum += x[i];
    *(double *)call->out[0].data = sum;
    return TV_OK;
}
"""
F1, F2, SCALAR, WHOLE = ("float64", 1), ("float64", 2), ("float64", 0), ("int64", 0)


@pytest.fixture(scope="module")
def path():
    return compile_c(SOURCE)


@pytest.fixture(params=["trampoline", "ctypes"])
def make(request, path, monkeypatch):
    """Makes entries of the test file, once through the extension and once through ctypes."""
    if request.param == "ctypes":
        monkeypatch.setattr(runtime, "_trampoline", lambda: None)

    def entry(name, inputs, outputs, **more):
        made = make_entry(path, name, inputs, outputs, **more)
        assert isinstance(made, PlainEntry) == (request.param == "ctypes")
        return made
    return entry


def layouts():
    base = np.arange(24.0).reshape(4, 6)
    readonly = base.copy()
    readonly.flags.writeable = False
    return {"C": base, "Fortran": np.asfortranarray(base), "transposed": base.T, "negative": base[::-1, ::-2],
            "step": base[::3, 1::2], "broadcast": np.broadcast_to(base[0], (5, 6)), "readonly": readonly,
            "empty": base[:0], "empty inside": base[:, 2:2],
            "one": base[1:2, 3:4], "row": base[2:3], "column": base[:, 4:5]}


@pytest.mark.parametrize("name", layouts())
def test_any_layout_gives_the_sum(make, name):
    a = layouts()[name]
    before = a.copy()
    out = make("add", [F2, F2], [F2])(a, a)
    np.testing.assert_array_equal(out, a + a)
    np.testing.assert_array_equal(a, before)
    assert out.flags.c_contiguous and out.dtype == np.float64 and type(out) is np.ndarray


def test_run_returns_a_tuple_and_writes_to_given_arrays(make):
    add = make("add", [F2, F2], [F2])
    a, given = np.ones((2, 3)), np.zeros((2, 3))
    (out,) = add.run((a, a), (given,))
    assert out is given and (given == 2).all()
    (fresh,) = add.run((a, a), (None,))
    assert fresh is not given and (fresh == 2).all()
    assert (add.run((a, a))[0] == 2).all()


@pytest.mark.parametrize("wrong", [np.zeros((3, 2)), np.zeros((2, 3), np.float32), np.zeros((3, 2)).T, [[0.0] * 3] * 2,
                                   np.zeros(6)], ids=["shape", "dtype", "order", "list", "axes"])
def test_a_given_result_that_does_not_fit_is_refused_before_anything_runs(make, wrong):
    before = np.array(wrong)
    with pytest.raises(Mismatch) as caught:
        make("add", [F2, F2], [F2]).run((np.ones((2, 3)), np.ones((2, 3))), (wrong,))
    assert caught.value.index == 2
    np.testing.assert_array_equal(wrong, before)


def test_a_read_only_result_is_refused(make):
    given = np.zeros((2, 3))
    given.flags.writeable = False
    with pytest.raises(Mismatch):
        make("add", [F2, F2], [F2]).run((np.ones((2, 3)), np.ones((2, 3))), (given,))
    assert (given == 0).all()


def unaligned():
    return np.zeros(6 * 8 + 1, np.uint8)[1:].view(np.float64).reshape(2, 3)


MISFITS = {"list": [[1.0, 2.0]], "none": None, "text": "x", "float32": np.ones((2, 3), np.float32), "int": np.ones((2, 3), int),
           "complex": np.ones((2, 3), complex), "big-endian": np.ones((2, 3), ">f8"), "unaligned": unaligned(),
           "axes": np.ones(3), "masked": np.ma.ones((2, 3)), "subclass": np.ones((2, 3)).view(np.recarray),
           "dates": np.zeros((2, 3), "M8[s]"),
           "objects": np.zeros((2, 3), object), "record": np.zeros((2, 3), "f8,f8"), "number": 1.0}


@pytest.mark.parametrize("name", MISFITS)
def test_an_argument_that_does_not_fit_is_named(make, name):
    add = make("add", [F2, F2], [F2])
    for index in (0, 1):
        arguments = [np.ones((2, 3)), np.ones((2, 3))]
        arguments[index] = MISFITS[name]
        with pytest.raises(Mismatch) as caught:
            add(*arguments)
        assert caught.value.index == index


def test_a_wrong_number_of_arguments_is_a_mismatch(make):
    add = make("add", [F2, F2], [F2])
    for arguments in ((), (np.ones((2, 3)),), (np.ones((2, 3)),) * 3):
        with pytest.raises(Mismatch) as caught:
            add(*arguments)
        assert caught.value.index == -1
    with pytest.raises(Mismatch):
        add.run((np.ones((2, 3)),) * 2, ())


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
                                   "float32", "float64", "complex64", "complex128", "longlong", "ulonglong"])
def test_every_dtype_is_told_from_the_others(make, dtype):
    everything = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32",
                  "float64", "complex64", "complex128"]
    entry = make("thread_count", [(dtype, 1)], [WHOLE])
    assert entry(np.zeros(2, dtype)) == threads()
    for other in everything:
        if np.dtype(other) != np.dtype(dtype):
            with pytest.raises(Mismatch):
                entry(np.zeros(2, other))


def test_numbers_without_axes(make):
    entry = make("scalars", [SCALAR, WHOLE], [SCALAR, WHOLE])
    for x, n in ((1.5, 3), (np.float64(1.5), np.int64(3)), (np.array(1.5), np.array(3))):
        real, whole = entry(x, n)
        assert real.shape == whole.shape == () and type(real) is np.ndarray and real == 3.0 and whole == 4
    for x, n in ((1, 3), (True, 3), (np.float32(1), 3), (1.5, True), (1.5, 2**63), (1.5, 3.0), (1.5, np.int32(3)), ("1", 3)):
        with pytest.raises(Mismatch):
            entry(x, n)
    assert entry(-0.0, -2**63)[1] == -2**63 + 1


def test_large_results_are_ordinary_arrays_whose_memory_is_used_again(path):
    entry = make_entry(path, "through_arena", [F1], [F1])
    x = np.arange(300_000.0)
    first, second = entry(x), entry(x + 1)
    for result, expected in ((first, x), (second, x + 1)):
        np.testing.assert_array_equal(result, expected)
        assert result.flags.owndata and result.flags.writeable and result.base is None
    assert not np.shares_memory(first, second)
    where = first.ctypes.data
    first.resize(400_000, refcheck=False)
    np.testing.assert_array_equal(first[:300_000], x)
    third = entry(x)
    assert third.ctypes.data == where
    np.testing.assert_array_equal(third, x)
    np.testing.assert_array_equal(second, x + 1)


@pytest.mark.slow
def test_memory_that_is_kept_stays_within_its_bounds(path):
    entry = make_entry(path, "through_arena", [F1], [F1])
    before = resident()
    for k in range(12):
        results = [entry(np.ones(1_000_000 + 500_000 * k)) for _ in range(3)]
        assert all((result == 1).all() for result in results)
    del results
    assert resident() - before < 400_000_000


def test_an_error_code_comes_with_its_details_and_nothing_has_changed(make):
    given = np.zeros((2, 3))
    with pytest.raises(Failure) as caught:
        make("add", [F2, F2], [F2]).run((np.ones((2, 3)), np.ones((2, 4))), (given,))
    assert caught.value.status == 2 and caught.value.details == (1, 3, 0, 0, 0, 0, 0, -1)
    assert (given == 0).all()


def test_constants_symbols_and_times(make, path):
    twice = runtime.load_library(path).twice
    address = runtime.ctypes.cast(twice, runtime.ctypes.c_void_p).value
    constant = np.arange(8.0)[::2]
    entry = make("bound", [], [F1], constants=[constant], symbols=[address])
    seconds = np.zeros(1)
    for _ in range(2):
        (out,) = entry.run((), (None,), seconds)
        np.testing.assert_array_equal(out, 2 * constant)
    assert seconds[0] == 0.5
    gc.collect()
    np.testing.assert_array_equal(entry(), 2 * constant)


def test_an_entry_outlives_what_it_was_made_from(make):
    entry = make("add", [F2, F2], [F2])
    gc.collect()
    assert (entry(np.ones((1, 1)), np.ones((1, 1))) == 2).all()


def test_impossible_sizes_are_a_memory_error(make):
    for name in ("too_much", "huge_result"):
        with pytest.raises(MemoryError):
            make(name, [], [] if name == "too_much" else [F1])()


def test_threads_share_an_entry(make):
    entry = make("through_arena", [F1], [F1])
    wrong = []

    def work(seed):
        for k in range(100):
            x = np.random.default_rng((seed, k)).standard_normal(5000 + 7 * seed + k)
            if not np.array_equal(entry(x), x):
                wrong.append((seed, k))
    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def test_ctrl_c_stops_a_long_call_while_other_threads_run(make):
    entry = make("endless", [], [])
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.005):
            ticks.append(time.perf_counter())
    clock = threading.Thread(target=tick)
    clock.start()
    sent = []
    timer = threading.Timer(0.3, lambda: (sent.append(time.perf_counter()), os.kill(os.getpid(), signal.SIGINT)))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            entry()
        delay = time.perf_counter() - sent[0]
    finally:
        done.set()
        clock.join()
    assert delay < 5                                                  # the call alone would go on for minutes; a busy machine adds some
    assert len(ticks) > 20


def test_a_handler_that_returns_lets_the_call_go_on(path):
    entry = make_entry(compile_c(SOURCE.replace("2000000000", "300000000")), "endless", [], [])
    seen = []
    old = signal.signal(signal.SIGALRM, lambda *_: seen.append(time.perf_counter()))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        assert entry() == ()
        assert len(seen) == 1 and time.perf_counter() > seen[0]
    finally:
        signal.signal(signal.SIGALRM, old)


def test_the_thread_count_reaches_the_function(make):
    entry = make("thread_count", [], [WHOLE])
    before = threads()
    try:
        for count in (1, 3):
            set_threads(count)
            assert entry() == count
    finally:
        set_threads(before)
    for bad in (0, -1, 1.5):
        with pytest.raises(ValueError, match="number of threads"):
            set_threads(bad)


def test_a_forked_child_calls_with_one_thread(path):
    entry = make_entry(path, "parallel_sum", [F1], [SCALAR])
    x = np.ones(200_000)
    before = threads()
    set_threads(2)
    try:
        assert entry(x) == 200_000                          # the team of OpenMP threads exists now
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                try:
                    right = entry(x) == 200_000 and threads() == 1
                    new = compile_c(f"{CALL_STRUCT}/* {os.getpid()} */ int f(tv_call *call) {{ return call->phase ? 0 : 0; }}")
                    again = make_entry(new, "f", [], [])
                    os._exit(0 if right and again() == () else 1)
                finally:
                    os._exit(2)
            children.append(child)
        end = time.monotonic() + 20
        for child in children:
            status = None
            while time.monotonic() < end and status is None:
                done, code = os.waitpid(child, os.WNOHANG)
                status = code if done else None
                time.sleep(0.01)
            if status is None:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            assert status == 0
        assert threads() == 2 and entry(x) == 200_000
    finally:
        set_threads(before)


@pytest.mark.parametrize("setting, count", [("3", 3), ("2,4", 2), ("nonsense", None), ("0", None)])
def test_the_environment_sets_the_number_of_threads(setting, count):
    code = "from tensorviz.compile.threads import threads; print(threads())"
    environment = os.environ | {"TENSORVIZ_NUM_THREADS": setting, "PYTHONPATH": str(Path(__file__).parents[2])}
    environment.pop("OMP_NUM_THREADS", None)
    out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert int(out) == count if count else 1 <= int(out) <= os.cpu_count()


def test_calls_do_not_leak(path):
    entry = make_entry(path, "add", [F2, F2], [F2])
    a = np.ones((2, 3))

    def many(count):
        for _ in range(count):
            entry(a, a)
            with contextlib.suppress(Mismatch):
                entry(a, None)
    many(2000)
    before = resident()
    many(100_000)
    assert resident() - before < 1_000_000


def test_compilations_do_not_leak():
    def compile_one(k):
        text = CALL_STRUCT + f"int f{k}(tv_call *call) {{ return call->phase ? 0 : 0; }}"
        assert make_entry(compile_c(text, flags=("-O0",)), f"f{k}", [F1], [])(np.zeros(3)) == ()
    for k in range(5):
        compile_one(k)
    before = resident()
    for k in range(5, 25):
        compile_one(k)
    assert resident() - before < 20 * 200_000


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_file_without_the_function_is_a_compile_error(path):
    with pytest.raises(CompileError, match="no_such_name"):
        make_entry(path, "no_such_name", [], [])


def test_a_file_that_is_no_library_is_a_compile_error(tmp_path):
    folder = tmp_path / "ab"
    folder.mkdir()
    file = folder / "abc.so"
    file.write_bytes(b"\x7fELF and then rubbish" * 50)
    with pytest.raises(CompileError, match="cannot be loaded"):
        make_entry(file, "f", [], [])
    assert not file.exists()
