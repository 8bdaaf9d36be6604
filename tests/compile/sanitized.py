"""Run generated C under AddressSanitizer and UBSan: `python tests/compile/sanitized.py group...`, with libasan preloaded.

The C is compiled again with both sanitizers and called through ctypes, so that every array is a block of its own with guards
around it. Slots of the scratch memory get guards too: `tv_take_bytes` is replaced by one that leaves poisoned bytes between
them. Fresh memory is filled with 0xbe, so that a result that nothing wrote shows. `plant=NAME` puts a mistake into the C first.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import tensorviz as tv
from tensorviz.compile import program, runtime
from tensorviz.compile.mode import Mode
from tensorviz.compile.toolchain import compile_c
from tests.random.graphs import grow, outputs
from tests.random.judge import Count, compiled, problem

FLAGS = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ROUND = "static i64 tv_take_bytes(i64 *total, i64 n, i64 itemsize)"
GUARDED = """extern void __asan_poison_memory_region(void const volatile *, size_t);
extern void __asan_unpoison_memory_region(void const volatile *, size_t);
static char *tv_guarded;
static i64 tv_take_unguarded(i64 *total, i64 n, i64 itemsize);
static i64 tv_take_bytes(i64 *total, i64 n, i64 itemsize)
{
    const i64 at = tv_take_unguarded(total, n, itemsize);
    if (*total < 0) return at;
    *total += 64;
    if (tv_guarded) __asan_poison_memory_region(tv_guarded + at + n * itemsize, (size_t)(*total - at - n * itemsize));
    return at;
}
"""
START = "    i64 total = 0;\n"
GUARD = "    i64 total = 4096;\n    tv_guarded = call->phase == TV_RUN ? call->arena : 0;\n"       # a block that NumPy does not keep
UNGUARD = "    if (tv_guarded) __asan_unpoison_memory_region(tv_guarded, call->arena_bytes);\n    return TV_OK;\n}\n"

PLANTS: dict[str, tuple[str, str]] = {
    "past the end of a result": ("for (i64 i = lo; i < hi; i++)", "for (i64 i = lo; i <= hi; i++)"),
    "past the end of a slot": ("    return TV_OK;\n}\n", "    ((volatile char *)call->arena)[4096 + 8 * call->in[0].shape[0]] = 1;\n    return TV_OK;\n}\n"),
    "undefined shift": ("    char *arena", "    volatile int s = 40; volatile int r = 1 << s; (void)r;\n    char *arena"),
}


def guarded(source: str, plant: str) -> str:
    """The C of a function with guards around slots, and with a planted mistake."""
    if plant:
        before, after = PLANTS[plant]
        assert before in source
        source = after.join(source.rsplit(before, 1))
    if "tv_take_bytes" not in source:
        return source                   # no slots
    assert ROUND in source and START in source
    source = source.replace(ROUND, GUARDED + ROUND.replace("tv_take_bytes", "tv_take_unguarded"), 1)
    head, tail = source.rsplit("    return TV_OK;\n}\n", 1)
    return head.replace(START, GUARD) + UNGUARD + tail


# -- samples -------------------------------------------------------------------------------------------------------------
def variables() -> dict[str, Any]:
    """Unknown lengths everywhere."""
    return {"x": tv.matrix("x"), "y": tv.matrix("y"), "v": tv.vector("v"), "f": tv.fmatrix("f"), "i": tv.lvector("i"),
            "k": tv.imatrix("k"), "b": tv.tensor("b", dtype="bool", shape=(None, None)), "t": tv.tensor("t", dtype="float64", shape=(None,) * 3)}


def values(n: int, m: int) -> dict[str, Any]:
    """Arrays for `variables`: x and y have n rows of m."""
    rng = np.random.default_rng([n, m])
    return {"x": rng.normal(size=(n, m)), "y": rng.normal(size=(n, m)), "v": rng.normal(size=m), "f": rng.normal(size=(n, m)).astype("f4"),
            "i": rng.integers(-n, n, 5) if n else np.zeros(0, int), "k": rng.integers(-9, 9, (n, m)).astype("i4"),
            "b": rng.random((n, m)) < 0.5, "t": rng.normal(size=(3, n, m))}


def _halves(k: Any, i: Any, **_: Any) -> list[Any]:
    h = (k % 5).astype("float16")
    return [h + h * 2, tv.exp(h), h.sum(axis=0), h.sum(axis=1), h.max(axis=0), h.mean(), h @ h.T, 2 * (h @ h.T) + 3 * h.sum(), h[i], h[i].inc(1.5),
            h[1:].inc(h[0]), h.T.reshape((-1,)), tv.concatenate([h, h], 0), tv.argmax(h + 1, axis=1), (k % 5) ** (k % 3)]


def _complexes(x: Any, y: Any, i: Any, **_: Any) -> list[Any]:
    z = x + 1j * y
    return [z * z + 1j, z / (abs(z) + 1), tv.exp(z), z ** 2, tv.sqrt(z), z.sum(), z.sum(axis=0), z.sum(axis=1), z.prod(axis=1), (z + 1).max(axis=0),
            tv.argmin(z, axis=1), z @ z.T, 2 * (z @ z.T) + z.sum(), z[i], z[i].inc(1j), z[1:].set(z[0]), z.T.reshape((-1,)),
            tv.concatenate([z, z], 0).astype("complex64"), tv.where(x > 0, z, 2j)]


def _orders(x: Any, y: Any, k: Any, i: Any, **_: Any) -> list[Any]:
    """Scans and sorts of float16 and of complex numbers, and ctc to second order."""
    from tensorviz.tensor import nn

    h, z = (k % 5).astype("float16"), tv.rint(x) + 1j * tv.rint(y)
    found = [f(v, axis=axis) for axis in (0, 1) for v in (h, z) for f in (tv.sort, tv.argsort, tv.cumsum, tv.cumprod)]
    found += [tv.cummax(h, axis=1), tv.logcumsumexp(h, axis=0), tv.sort(h.T, descending=True), tv.argsort(z, descending=True), tv.roll(x, i[0], 1)]
    logs = tv.log_softmax(tv.stack([x, y, x + y, x * y], 2))
    loss = nn.ctc_loss(logs, tv.broadcast_to(tv.constant([[1, 2, 2]]), (x.shape[1], 3)), tv.broadcast_to(x.shape[0], (x.shape[1],)),
                       tv.broadcast_to(tv.minimum(x.shape[0], 3), (x.shape[1],)), reduction="none")
    slope = tv.grad(tv.where(tv.isinf(loss), 0, loss).sum(), x)
    return [*found, loss, slope, tv.grad((slope * y).sum(), x)]


def groups() -> dict[str, Callable[..., list[Any]]]:
    """Expressions by what they try: op families, the roles of reductions, library calls, views, indices, memory that is used again."""
    def network(x: Any, y: Any, v: Any, **_: Any) -> list[Any]:
        h = tv.tanh(x @ y.T + v.sum())
        cost = (tv.softmax(h, axis=1) * h).sum()
        return [cost, *tv.grad(cost, [x, y, v])]

    def networks(f: Any, t: Any, **_: Any) -> list[Any]:
        """Convolutions with many filters and with few, in float and double, and pools, with their gradients."""
        from tensorviz.tensor import nn

        found = []
        for x, filters, stride, padding, dilation in ((t[:, None], 9, 1, 1, 1), (f[None, None], 2, (2, 1), (2, 1), 2), (t[:, None], 17, 1, 2, 1)):
            w = tv.constant(np.random.default_rng(filters).normal(size=(filters, 1, 2, 3)).astype(x.dtype))
            made = nn.conv2d(x, w, None, stride, padding, dilation)
            found += [made, *tv.grad((made * made).sum(), [x, w])]
        pool = nn.max_pool2d(tv.pad(t, ((0, 0), (1, 1), (1, 1))), 3, 2, 1, ceil_mode=True)
        return [*found, pool, tv.grad((pool * pool).sum(), t), nn.avg_pool2d(tv.pad(f, 1)[None], (2, 3), 1), nn.sliding_windows(tv.pad(t, 1), (2, 2), 2, 1)]

    return {
        "halves": _halves, "complex": _complexes, "orders": _orders,
        "elementwise": lambda x, y, v, f, k, b, **_: [
            tv.exp(x) * y + v, tv.where(b, x, y), f + k, k // 3 % 5, (k << 2) ^ 7, x > y, tv.sqrt(abs(f)) ** 1.5, f.astype("int8"), ~b,
            tv.floor(x) - tv.rint(y), tv.arctan2(x, y), tv.logical_xor(b, x > 0), tv.maximum(f, 0) + v.astype("float32")],
        "rows": lambda x, f, k, t, **_: [
            tv.softmax(x, axis=1), tv.argmax(x * 2, axis=1), x.max(axis=1), f.prod(axis=1), (x - x.mean(axis=1, keepdims=True)) * 2,
            (k > 0).any(axis=1), tv.logsumexp(x, axis=1), t.sum(axis=(1, 2)), t.sum(axis=1)],
        "columns": lambda x, y, k, b, t, **_: [
            x.sum(axis=0), (x * y).sum(axis=0), tv.exp(x) + x.sum(axis=0), k.min(axis=0), b.all(axis=0), t.sum(axis=0), t.sum(axis=(0, 1))],
        "everything": lambda x, y, k, **_: [x.sum(), (x * y).mean(), k.max(), tv.argmin(x), tv.exp(x) / tv.exp(x).sum(), tv.var(y)],
        "products": lambda x, y, v, f, t, **_: [
            x @ y.T, x.T @ y, x @ v, v @ x.T, v @ v, f.T @ f, t @ y.T, 2.0 * (x @ y.T) + 1.0, tv.outer(v, v), x.T @ x + v, (x @ v) * 3],
        "views": lambda x, y, v, t, **_: [
            x.T + y.T, x[::-1, ::2] * 2, x[1:, 1:], t.transpose(2, 0, 1)[1:], x[:, None] + v, tv.broadcast_to(v, x.shape) + x, x.reshape((-1,))[3:],
            x.T.reshape((-1,)), t[1].T, t[::-1, -1], tv.exp(t[:, ::-2]), tv.diag(x @ x.T), tv.concatenate([x, y, x[:1]]), tv.stack([v, v], 1),
            tv.tile(v, 3), tv.roll(x, 1, axis=1), tv.tril(x)],
        "indices": lambda x, y, v, i, b, **_: [
            x[i], x[i, 0], x[b], x[i].set(0.0), x[i].inc(1.0), x[1:].set(y[1:] * 2), x[::-2].inc(y[::-2]), x[b].set(2.0), v[v > 0],
            tv.arange(x.shape[0]), tv.eye(x.shape[0], x.shape[1]), x[0].set(v), x[-1, -1], tv.take(y, i, axis=0)],
        "gathers": lambda x, y, v, i, k, t, **_: [
            x[i, i % x.shape[1]], x.T[i % x.shape[1], i], t[:, i, i % x.shape[1]], t[i % 3, :, i % x.shape[1]], x[i[:, None], i % x.shape[1]],
            x[i, i % x.shape[1]].set(v[0]), x[i, i % x.shape[1]].inc(1.0), x[:, i % x.shape[1]].inc(2.0), x[::-1][i],
            tv.take_along_axis(x, k % x.shape[1], 1), tv.put_along_axis(x, k % x.shape[1], y, 1), tv.add_along_axis(x, k % x.shape[0], y, 0),
            tv.assert_op(x, k < 9) * 2, (x + 0j)[i, i % x.shape[1]], (x + 1j)[i].inc(1j), tv.choose(i % 2, [1.0, v[0]])],
        "borders": lambda x, y, v, f, k, t, **_: [
            tv.pad(x, 1), tv.pad(x.T[::-1], ((1, 2), (0, 3)), constant_values=v[0]), tv.pad(x, x.shape[1], "edge"), tv.pad(k, (7, 9), "reflect"),
            tv.pad(f, (9, 5), "symmetric"), tv.pad(t, ((0, 0), (1, 0), (4, 11)), "wrap"), tv.pad(x, 2, "mean"), tv.pad(x + 1j, 2, "wrap"),
            tv.roll(x, (1, -2), (0, 1)), tv.rot90(x), tv.einsum("ij,kj,k->i", x, y, x[:, 0]), tv.einsum("aij,ij->aj", t, x)],
        "gradients": network,
        "networks": networks,
        "long": lambda x, y, **_: [tv.exp(tv.exp(tv.sin(x @ y.T) @ x) * 0.1 + 1).sum(axis=0), tv.tanh(tv.tanh(x) @ y.T) @ y],
    }


RTOL = {"float16": 2e-3, "float32": 1e-5, "complex64": 1e-5}
TWICE = ("elementwise", "rows", "views", "gradients")        # groups that are compiled as they are, too
SIZES = ((3, 5), (1, 1), (4, 1), (1, 6), (0, 4), (3, 0), (17, 33))


def check(name: str) -> None:
    """Compare one group at all sizes with the interpreter."""
    if name == "random":
        for seed in range(4):
            g = grow(random.Random(seed), "exact")
            why = problem(g, outputs(g), lambda some, g=g: compiled(g, some, Mode()), Count())
            assert not why, why
        return
    vs = variables()
    roots = groups()[name](**vs)
    for mode in (Mode(), Mode(rewrite=False)) if name in TWICE else (Mode(),):
        f = tv.function(list(vs.values()), roots, mode=mode, on_unused_input="ignore")
        assert f.target == "c"
        for n, m in SIZES:
            given = values(n, m)
            try:
                meant = tv.evaluate(roots, {vs[k]: a for k, a in given.items()})
            except tv.TensorvizError as error:          # the largest of nothing, an index into nothing
                try:
                    f(*given.values())
                except type(error):
                    continue
                raise AssertionError(f"{name} {n, m}: no {error}") from None
            for root, a, b in zip(roots, f(*given.values()), meant, strict=True):
                assert a.shape == b.shape and a.dtype == b.dtype, f"{name} {n, m}: {root}"
                assert np.allclose(a, b, rtol=RTOL.get(a.dtype.name, 1e-10), atol=1e-6, equal_nan=True), f"{name} {n, m}: {root}: {a}, {b}"


def main(names: list[str]) -> None:
    """Check the groups named."""
    plant = "".join(n.removeprefix("plant=") for n in names if n.startswith("plant="))
    runtime._build_trampoline = lambda: None            # ctypes calls: arrays and scratch memory come from malloc as they are
    program.compile_c = lambda source: compile_c(guarded(source, plant), flags=FLAGS)
    for name in names:
        if not name.startswith("plant="):
            check(name)
            print("fine:", name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
