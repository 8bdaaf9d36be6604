"""One row for each way of building a tensor: how tensorviz says it, how NumPy says it, and on which shapes.

Tests of meaning, types, symbolic shapes and gradients all run over this table: a new row has them all. Rows of further families
of ops stand in families/.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B

Array = np.ndarray[Any, Any]
FLOATS = ("float64", "float32", "float16")
NUMBERS = ("float64", "float32", "int32", "uint8", "bool")


@dataclass(frozen=True)
class Case:
    """`build` of variables with `shapes` must be what `numpy` makes of arrays; `smooth`: has gradients; `fixed`: lengths must
    be known;
    `open`: the length of the result follows from values."""

    name: str
    build: Callable[..., Any]
    numpy: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...] = ("float64", "float32")
    smooth: bool = True
    fixed: bool = False
    open: bool = False
    low: float = -2.0
    high: float = 2.0


def draw(shape: Sequence[int], dtype: Any, seed: int = 0, low: float = -2.0, high: float = 2.0) -> Array:
    """Random values of a dtype: floats between low and high, small integers, booleans."""
    rng = np.random.default_rng([seed, *shape])
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -3, 4, shape).astype(dtype)
    values = rng.uniform(low, high, shape)
    if dtype.kind == "c":
        values = values + 1j * rng.uniform(low, high, shape)
    return values.astype(dtype)


def inputs(case: Case, dtype: Any, known: bool) -> tuple[list[Any], list[Array]]:
    """Variables of the case, with known or unknown lengths, and values for them."""
    arrays = [draw(s, dtype, k, case.low, case.high) for k, s in enumerate(case.shapes)]
    shapes = [s if known or case.fixed else (None,) * len(s) for s in case.shapes]
    return [tv.tensor(f"x{k}", dtype=dtype, shape=s) for k, s in enumerate(shapes)], arrays


CASES: list[Case] = []


def case(name: str, build: Callable[..., Any], numpy: Callable[..., Any], *shapes: tuple[int, ...], **fields: Any) -> None:
    """A row for each group of shapes (`shapes` are the arguments of one call)."""
    CASES.append(Case(f"{name}-{'-'.join('x'.join(map(str, s)) or '0d' for s in shapes)}", build, numpy, shapes, **fields))


# -- reductions --------------------------------------------------------------------------------------------------------
AXES: tuple[tuple[Any, tuple[int, ...]], ...] = ((None, (3, 4)), (0, (5,)), (-1, (2, 3, 5)), ((0, 2), (2, 3, 5)), ((), (2, 3)),
                                                 (1, (0, 3)))
for _name in ("sum", "prod", "max", "min", "any", "all"):
    for _axis, _shape in AXES:
        for _keep in (False, True):
            case(f"{_name}-{_axis}-{_keep}", lambda x, n=_name, a=_axis, k=_keep: B[n](x, axis=a, keepdims=k),
                 lambda x, n=_name, a=_axis, k=_keep: getattr(np, n)(x, axis=a, keepdims=k), _shape,
                 dtypes=NUMBERS + (("float16", "int8") if _name != "prod" else ()), smooth=_name not in ("any", "all"))
case("sum-of-nothing", lambda x: B["sum"](x, axis=0), lambda x: np.sum(x, axis=0), (0, 3))
case("sum-dtype", lambda x: B["sum"](x, axis=0, dtype="float32"), lambda x: np.sum(x, axis=0, dtype=np.float32), (4, 3),
     dtypes=("float16", "int16"))
case("prod-of-nothing", lambda x: B["prod"](x), np.prod, (3, 0))
case("prod-with-zeros", lambda x: B["prod"](B["where"](tv.constant([True, False, True, False]), x, 0.0 * x), axis=1),
     lambda x: np.prod(np.where([True, False, True, False], x, 0), axis=1), (2, 4))
case("prod-others", lambda x: B["prod_others"](x, 0),
     lambda x: np.stack([np.prod(np.delete(x, k, 0), axis=0) for k in range(len(x))]), (4, 3))
for _name in ("argmax", "argmin"):
    for _axis in (None, 0, -1):
        case(f"{_name}-{_axis}", lambda x, n=_name, a=_axis: B[n](x, axis=a), lambda x, n=_name,
             a=_axis: getattr(np, n)(x, axis=a), (5, 7),
             dtypes=NUMBERS, smooth=False)
    case(f"{_name}-keep", lambda x, n=_name: B[n](x, axis=1, keepdims=True), lambda x,
         n=_name: getattr(np, n)(x, axis=1, keepdims=True), (5, 7), smooth=False)
for _axis, _shape in AXES[:4]:
    case(f"mean-{_axis}", lambda x, a=_axis: B["mean"](x, axis=a), lambda x, a=_axis: np.mean(x, axis=a), _shape,
         dtypes=(*NUMBERS, "float16"))
    for _ddof in (0, 1):
        case(f"var-{_axis}-{_ddof}", lambda x, a=_axis, d=_ddof: B["var"](x, axis=a, ddof=d), lambda x, a=_axis,
             d=_ddof: np.var(x, axis=a, ddof=d), _shape)
    case(f"std-{_axis}", lambda x, a=_axis: B["std"](x, axis=a, keepdims=True), lambda x,
         a=_axis: np.std(x, axis=a, keepdims=True), _shape)
    case(f"logsumexp-{_axis}", lambda x, a=_axis: B["logsumexp"](x, axis=a), lambda x,
         a=_axis: scipy.special.logsumexp(x, axis=a), _shape)
case("ptp", lambda x: B["ptp"](x, axis=1), lambda x: np.ptp(x, axis=1), (3, 4))
case("average", lambda x, w: B["average"](x, axis=1, weights=w), lambda x, w: np.average(x, axis=1, weights=w), (3, 4), (4,),
     low=0.5)
case("softmax", lambda x: B["softmax"](x), lambda x: scipy.special.softmax(x, axis=-1), (3, 5))
case("softmax-0", lambda x: B["softmax"](x, axis=0), lambda x: scipy.special.softmax(x, axis=0), (3, 5))
case("log_softmax", lambda x: B["log_softmax"](x), lambda x: scipy.special.log_softmax(x, axis=-1), (3, 5))
for _ord in (None, 1, 2, 3, np.inf, -np.inf):
    case(f"norm-{_ord}", lambda x, o=_ord: B["norm"](x, o, axis=1), lambda x, o=_ord: np.linalg.norm(x, o, axis=1), (3, 5))
case("norm-fro", lambda x: B["norm"](x), np.linalg.norm, (3, 5))
case("norm-0", lambda x: B["norm"](x, 0, axis=0), lambda x: np.linalg.norm(x, 0, axis=0), (3, 5), smooth=False)


# -- shapes ------------------------------------------------------------------------------------------------------------
ALL = (*NUMBERS, "float16", "complex128")


def _known(name: str, build: Callable[..., Any], numpy: Callable[..., Any], *shapes: tuple[int, ...], **fields: Any) -> None:
    case(name, build, numpy, *shapes, dtypes=ALL, **fields)


_known("shape", lambda x: x.shape + 0, lambda x: np.array(x.shape), (3, 0, 5), smooth=False)
_known("length", lambda x: B["length"](x, 1), lambda x: np.array(x.shape[1]), (3, 7), smooth=False)
_known("size", lambda x: B["size"](x), lambda x: np.array(x.size), (3, 7), smooth=False)
_known("broadcast_length", lambda x, y: B["broadcast_length"](x.shape[0], y.shape[0]), lambda x, y: np.array(7), (1,), (7,),
       smooth=False)
for _to in ((6, 2), (-1,), (2, -1, 2), (3, 1, 4)):
    _known(f"reshape-{_to}", lambda x, s=_to: x.reshape(s), lambda x, s=_to: x.reshape(s), (3, 4))
_known("reshape-to-other", lambda x, y: x.reshape(y.shape), lambda x, y: x.reshape(y.shape), (3, 4), (2, 6))
_known("reshape-cancels", lambda x: x.reshape((x.shape[0], -1)), lambda x: x.reshape(3, 20), (3, 4, 5))
_known("flatten-2", lambda x: x.flatten(2), lambda x: x.reshape(3, 20), (3, 4, 5))
_known("ravel-empty", lambda x: x.ravel(), np.ravel, (0, 4))
_known("transpose", lambda x: x.T, np.transpose, (2, 3, 5))
_known("transpose-axes", lambda x: x.transpose(1, 2, 0), lambda x: x.transpose(1, 2, 0), (2, 3, 5))
_known("matrix_transpose", lambda x: x.mT, lambda x: np.swapaxes(x, -1, -2), (2, 3, 5))
_known("swapaxes", lambda x: x.swapaxes(0, -1), lambda x: x.swapaxes(0, -1), (2, 3, 5))
_known("moveaxis", lambda x: B["moveaxis"](x, (0, 1), (-1, 0)), lambda x: np.moveaxis(x, (0, 1), (-1, 0)), (2, 3, 5))
_known("rollaxis", lambda x: B["rollaxis"](x, 2, 1), lambda x: np.rollaxis(x, 2, 1), (2, 3, 5))
_known("rollaxis-end", lambda x: B["rollaxis"](x, 0, 3), lambda x: np.rollaxis(x, 0, 3), (2, 3, 5))
_known("expand_dims", lambda x: B["expand_dims"](x, (0, -1)), lambda x: np.expand_dims(x, (0, -1)), (2, 3))
_known("squeeze", lambda x: x.squeeze((0, 2)), lambda x: np.squeeze(x, (0, 2)), (1, 3, 1))
_known("dimshuffle", lambda x: x.dimshuffle(2, "x", 0), lambda x: x[:, 0].T[:, None], (2, 1, 3))
for _rank in (1, 2, 3):
    _known(f"atleast_{_rank}d", lambda x, n=_rank: B[f"atleast_{n}d"](x), lambda x, n=_rank: getattr(np, f"atleast_{n}d")(x),
           (3,))
_known("broadcast_to", lambda x: B["broadcast_to"](x, (2, 3, 5)), lambda x: np.broadcast_to(x, (2, 3, 5)), (3, 1), fixed=True)
_known("broadcast_to-other", lambda x, y: B["broadcast_to"](x, y.shape), lambda x, y: np.broadcast_to(x, y.shape), (5,), (2, 5))
_known("broadcast_to-one", lambda x, y: B["broadcast_to"](x, y.shape), lambda x, y: np.broadcast_to(x, y.shape), (1,), (2, 5))
_known("specify_shape", lambda x: B["specify_shape"](x, (None, 4)), lambda x: x, (3, 4))
_known("specify_shape-other", lambda x, y: B["specify_shape"](x, y.shape), lambda x, y: x, (3, 4), (3, 4))
case("sum_to", lambda x, y: B["sum_to"](x, y.shape), lambda x, y: x.sum(0).sum(1, keepdims=True), (2, 3, 5), (3, 1))
case("sum_to-same", lambda x, y: B["sum_to"](x, y.shape), lambda x, y: x.copy(), (3, 5), (3, 5))
_known("zero_grad", lambda x: B["zero_grad"](x), lambda x: x, (3,), smooth=False)
_known("concatenate", lambda x, y: B["concatenate"]([x, y], -1), lambda x, y: np.concatenate([x, y], -1), (2, 3), (2, 0))
_known("concatenate-3", lambda x, y, z: B["concatenate"]([x, y, z]), lambda x, y, z: np.concatenate([x, y, z]), (2, 3), (1, 3),
       (4, 3))
_known("concatenate-None", lambda x, y: B["concatenate"]([x, y], None), lambda x, y: np.concatenate([x, y], None), (2, 3), (4,))
_known("join", lambda x, y: B["join"](0, x, y), lambda x, y: np.concatenate([x, y]), (2,), (3,))
_known("stack", lambda x, y: B["stack"]([x, y], 1), lambda x, y: np.stack([x, y], 1), (2, 3), (2, 3))
_known("append", lambda x, y: B["append"](x, y), np.append, (2, 3), (2,))
for _name in ("hstack", "vstack", "dstack", "column_stack"):
    _known(_name, lambda x, y, n=_name: B[n]([x, y]), lambda x, y, n=_name: getattr(np, n)([x, y]), (3,), (3,))
    _known(f"{_name}-2", lambda x, y, n=_name: B[n]([x, y]), lambda x, y, n=_name: getattr(np, n)([x, y]), (3, 2), (3, 2))
_known("split-equal", lambda x: B["split"](x, 3, 1)[1], lambda x: np.split(x, 3, 1)[1], (2, 6), fixed=True)
_known("split-at", lambda x: B["split"](x, [1, 4])[1], lambda x: np.split(x, [1, 4])[1], (6, 2))
_known("repeat", lambda x: B["repeat"](x, 3, 1), lambda x: np.repeat(x, 3, 1), (2, 4))
_known("repeat-all", lambda x: B["repeat"](x, 2), lambda x: np.repeat(x, 2), (2, 4))
_known("repeat-each", lambda x: B["repeat"](x, [2, 0, 1], 0), lambda x: np.repeat(x, [2, 0, 1], 0), (3, 4), fixed=True)
_known("tile", lambda x: B["tile"](x, (2, 3)), lambda x: np.tile(x, (2, 3)), (4,))
_known("tile-deep", lambda x: B["tile"](x, 2), lambda x: np.tile(x, 2), (3, 4))
_known("broadcast_arrays", lambda x, y: B["broadcast_arrays"](x, y)[1], lambda x, y: np.broadcast_arrays(x, y)[1], (3, 1), (5,))
_known("flip", lambda x: B["flip"](x), np.flip, (3, 4))
_known("flip-1", lambda x: B["flip"](x, 1), lambda x: np.flip(x, 1), (3, 4))
_known("flipud", lambda x: B["flipud"](x), np.flipud, (3, 4))
_known("fliplr", lambda x: B["fliplr"](x), np.fliplr, (3, 4))
for _k in range(4):
    _known(f"rot90-{_k}", lambda x, k=_k: B["rot90"](x, k), lambda x, k=_k: np.rot90(x, k), (3, 4))
_known("roll", lambda x: B["roll"](x, 2, 1), lambda x: np.roll(x, 2, 1), (3, 5))
_known("roll-all", lambda x: B["roll"](x, -1), lambda x: np.roll(x, -1), (3, 5))


# -- products ----------------------------------------------------------------------------------------------------------
_PAIRS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 5)), ((7, 2, 3), (3, 5)), ((7, 2, 3), (7, 3, 5)),
    ((1, 2, 3), (7, 3, 1)),
    ((2, 3), (7, 3, 5)), ((4, 1, 2, 3), (5, 3, 2)), ((3,), (7, 3, 5)), ((7, 2, 3), (3,)), ((2, 0), (0, 3)), ((0, 3), (3, 2)))
for _a, _b in _PAIRS:
    case("matmul", lambda x, y: x @ y, lambda x, y: x @ y, _a, _b, dtypes=(*NUMBERS, "complex64"))
    case("dot", lambda x, y: B["dot"](x, y), np.dot, _a,
         _b) if len(_a) < 4 and np.shape(np.zeros(_a)) and _b[-2 if len(_b) > 1 else 0] == _a[-1] else None
case("dot-scalar", lambda x, y: B["dot"](x, y), np.dot, (), (3, 2))
case("inner", lambda x, y: B["inner"](x, y), np.inner, (2, 3), (4, 3))
case("inner-3", lambda x, y: B["inner"](x, y), np.inner, (2, 5, 3), (4, 3))
case("outer", lambda x, y: B["outer"](x, y), np.outer, (2, 3), (4,), dtypes=NUMBERS)
case("vdot", lambda x, y: B["vdot"](x, y), np.vdot, (2, 3), (3, 2), dtypes=("float64", "complex128"))
case("tensordot-2", lambda x, y: B["tensordot"](x, y), np.tensordot, (2, 3, 4), (3, 4, 5))
case("tensordot-0", lambda x, y: B["tensordot"](x, y, 0), lambda x, y: np.tensordot(x, y, 0), (2, 3), (4,))
case("tensordot-pairs", lambda x, y: B["tensordot"](x, y, ((0, 2), (1, 0))), lambda x, y: np.tensordot(x, y, ((0, 2), (1, 0))),
     (2, 3, 4), (4, 2))
case("gemm", lambda c, al, a, b, be: B["gemm"](c, al, a, b, be), lambda c, al, a, b, be: be * c + al * (a @ b), (2, 4), (),
     (2, 3), (3, 4), ())


# -- indexing ----------------------------------------------------------------------------------------------------------
def index(name: str, key: Callable[..., Any], *shapes: tuple[int, ...], ours: Callable[..., Any] | None = None,
          **fields: Any) -> None:
    """x[key], and x with y put and added at key."""
    made = ours or key
    case(f"getitem-{name}", lambda x: x[made(x)], lambda x: x[key(x)], shapes[0], dtypes=ALL, **fields)
    sample = draw(shapes[0], "float64")
    place = sample[key(sample)].shape
    for value in {place, place[1:], (1,) * len(place)}:
        case(f"set-{name}", lambda x, v: x[made(x)].set(v), lambda x, v: _put(x, key(x), v), shapes[0], value, **fields)
        case(f"inc-{name}", lambda x, v: x[made(x)].inc(v), lambda x, v: _added(x, key(x), v), shapes[0], value, **fields)


def _put(x: Array, key: Any, v: Array) -> Array:
    x = x.copy()
    x[key] = v
    return x


def _added(x: Array, key: Any, v: Array) -> Array:
    x = x.copy()
    np.add.at(x, key, v)
    return x


I, J = np.array([2, 0, -1, 2]), np.array([[1, -2], [3, 0]])
for _n, _k in {
    "int": np.s_[1], "negative": np.s_[-1, 2], "slice": np.s_[1:], "stop": np.s_[:-1], "inner": np.s_[1:3, ::2],
    "beyond": np.s_[2:99, -99:3],
    "empty": np.s_[3:1], "back": np.s_[::-1, ::-2], "back-part": np.s_[3:0:-1, -2::-1], "step": np.s_[1::3], "full": np.s_[:],
    "dots": np.s_[..., 1],
    "new": np.s_[None, :, None], "new-int": np.s_[1, None], "slice-new": np.s_[1:, None, ::2], "rest": np.s_[...],
    "back-beyond": np.s_[99::-3],
    "stop-back": np.s_[:1:-1],
}.items():
    index(_n, lambda x, k=_k: k, (4, 5))
for _n, _k in {"array": (I,), "array-1": np.s_[:, I], "array-2d": (J,), "array-and-slice": np.s_[1:, J],
               "array-slice-after": np.s_[I, 1:],
               "two": (I, np.array([0, 1, 1, 0])), "two-broadcast": (J, np.array([0, -1])), "list": ([0, 0, 1],),
               "array-new": np.s_[None, I],
               "none-taken": (np.zeros(0, int),)}.items():
    index(_n, lambda x, k=_k: k, (4, 5))
for _n, _k in {"array-int": np.s_[I, 1], "int-array": np.s_[0, :, I], "arrays-apart": np.s_[I, :, np.array([0, 1, 1, 0])],
               "arrays-apart-new": np.s_[I, None, :, np.array([0, 1, 1, 0])], "arrays-last": np.s_[:, J, np.array([0, 1])],
               "int-and-slice": np.s_[1, 1:, J]}.items():
    index(_n, lambda x, k=_k: k, (4, 5, 4))
index("mask", lambda x: x > 0, (4, 5), open=True)
index("mask-rows", lambda x: np.array([True, False, True, False]), (4, 5))
index("mask-last", lambda x: (slice(1, None), x[0] > 0), (4, 5), open=True)
index("scalar", lambda x: (x.shape[0] - 2, slice(None, x.shape[1] - 2)), (4, 5))
index("scalar-new", lambda x: (None, slice(x.shape[0] - 2, None)), (4, 5))
index("scalar-back", lambda x: (slice(x.shape[0] - 2, None, -1), slice(1 - x.shape[1], None, 2)), (4, 5))
case("take", lambda x: B["take"](x, I, axis=1), lambda x: np.take(x, I, axis=1), (2, 4), dtypes=ALL)
case("take-all", lambda x: B["take"](x, J), lambda x: np.take(x, J), (2, 4), dtypes=ALL)
case("compress", lambda x: B["compress"]([True, False, True], x, axis=1), lambda x: np.compress([True, False, True], x, axis=1),
     (2, 3), dtypes=ALL)
case("diagonal", lambda x: B["diagonal"](x, 1, 0, 2), lambda x: np.diagonal(x, 1, 0, 2), (3, 2, 5), dtypes=ALL)
for _k in (0, 2, -1):
    case(f"diag-{_k}", lambda x, k=_k: B["diag"](x, k), lambda x, k=_k: np.diag(x, k), (4,), dtypes=ALL)
    case(f"diag-{_k}", lambda x, k=_k: B["diag"](x, k), lambda x, k=_k: np.diag(x, k), (4, 3), dtypes=ALL)
case("trace", lambda x: B["trace"](x), np.trace, (4, 3))


# -- creation ----------------------------------------------------------------------------------------------------------
for _args in ((5,), (2, 9), (2, 9, 3), (9, 2, -3), (0.1, 1.0, 0.1), (3, 1), (0, 7, 2.5)):
    case(f"arange-{_args}", lambda a=_args: B["arange"](*a), lambda a=_args: np.arange(*a), smooth=False, dtypes=("float64",))
case("arange-lengths", lambda x: B["arange"](1, x.shape[0] * 2, 2), lambda x: np.arange(1, len(x) * 2, 2), (5,), smooth=False)
case("arange-float", lambda x, y: B["arange"](x, x + 1.0, y), lambda x, y: np.arange(x, x + x.dtype.type(1), y), (), (),
     smooth=False, low=0.1, high=0.3,
     dtypes=("float64",), open=True)
case("arange-steps", lambda x: B["arange"](x.shape[0] - 9, x.shape[0], x.shape[0]), lambda x: np.arange(-6, 3, 3), (3,), smooth=False)
case("arange-smooth", lambda x: B["arange"](4) * x + B["arange"](x, 9.0, 2.0)[:2].sum(),
     lambda x: np.arange(4) * x + np.arange(x, 9.0, 2.0)[:2].sum(), (),
     dtypes=("float64",))
case("linspace", lambda: B["linspace"](1.0, 2.0, 7), lambda: np.linspace(1.0, 2.0, 7), smooth=False)
case("linspace-open", lambda: B["linspace"](1.0, 2.0, 7, endpoint=False), lambda: np.linspace(1.0, 2.0, 7, endpoint=False),
     smooth=False)
for _args in ((3,), (3, 5), (4, 3, 1), (3, 4, -2)):
    case(f"eye-{_args}", lambda a=_args: B["eye"](*a), lambda a=_args: np.eye(*a), smooth=False)
    case(f"tri-{_args}", lambda a=_args: B["tri"](*a), lambda a=_args: np.tri(*a), smooth=False)
case("eye-lengths", lambda x: B["eye"](x.shape[0], x.shape[1]), lambda x: np.eye(*x.shape), (2, 3), smooth=False)
for _k in (0, 1, -2):
    case(f"tril-{_k}", lambda x, k=_k: B["tril"](x, k), lambda x, k=_k: np.tril(x, k), (4, 3), dtypes=ALL)
    case(f"triu-{_k}", lambda x, k=_k: B["triu"](x, k), lambda x, k=_k: np.triu(x, k), (2, 4, 3), dtypes=ALL)
case("full", lambda x, y: B["full"](y.shape, x), lambda x, y: np.full(y.shape, x), (), (3, 0))
case("full-known", lambda x: B["full"]((2, 3), x), lambda x: np.full((2, 3), x), ())
for _name in ("zeros", "ones"):
    case(_name, lambda n=_name: B[n]((2, 3)), lambda n=_name: getattr(np, n)((2, 3)), smooth=False)
    case(f"{_name}_like", lambda x, n=_name: B[f"{n}_like"](x), lambda x, n=_name: getattr(np, f"{n}_like")(x), (2, 3),
         dtypes=ALL, smooth=False)
case("full_like", lambda x: B["full_like"](x, 3), lambda x: np.full_like(x, 3), (2, 3), dtypes=ALL, smooth=False)


# -- elementwise compositions --------------------------------------------------------------------------------------------
case("where", lambda x, y: B["where"](x > 0, x, y), lambda x, y: np.where(x > 0, x, y), (3, 1), (4,),
     dtypes=(*NUMBERS, "float16"))
case("clip", lambda x: x.clip(-1, 1), lambda x: np.clip(x, -1, 1), (3, 4), dtypes=("float64", "float32", "float16", "int32"))
case("clip-open", lambda x: x.clip(min=0), lambda x: np.clip(x, 0, None), (3, 4), dtypes=("float64", "int32"))
case("round", lambda x: x.round(2), lambda x: np.round(x, 2), (3, 4), dtypes=("float64", "int32"), smooth=False)
case("round-tens", lambda x: B["round"](x * 100, -1), lambda x: np.round(x * 100, -1), (3, 4), dtypes=("float64", "int32"),
     smooth=False)
case("fmax", lambda x, y: B["fmax"](x, y), np.fmax, (3, 4), (4,), dtypes=NUMBERS)
case("fmin", lambda x, y: B["fmin"](x, y), np.fmin, (3, 4), (4,), dtypes=NUMBERS)
case("heaviside", lambda x, y: B["heaviside"](x, y), np.heaviside, (3, 4), (4,))
case("sinc", lambda x: B["sinc"](x), np.sinc, (3, 4))
case("deg2rad", lambda x: B["deg2rad"](x), np.deg2rad, (3,))
case("rad2deg", lambda x: B["rad2deg"](x), np.rad2deg, (3,))
case("isclose", lambda x, y: B["isclose"](x, y, 0.5), lambda x, y: np.isclose(x, y, 0.5), (3, 4), (4,), smooth=False)
case("allclose", lambda x, y: B["allclose"](x, y, 9.0), lambda x, y: np.array(np.allclose(x, y, 9.0)), (3, 4), (4,), smooth=False)
case("nan_to_num", lambda x: B["nan_to_num"](x / 0), lambda x: np.nan_to_num(x / 0), (3, 4), smooth=False, dtypes=("float64",))
case("diff", lambda x: B["diff"](x, 2), lambda x: np.diff(x, 2), (3, 5), dtypes=NUMBERS)
case("diff-0", lambda x: B["diff"](x, axis=0), lambda x: np.diff(x, axis=0), (3, 5), dtypes=NUMBERS)
case("real", lambda x: B["real"](x), np.real, (3,), dtypes=("complex64", "complex128", "float32"))
case("imag", lambda x: B["imag"](x), np.imag, (3,), dtypes=("complex64", "complex128", "float32"), smooth=False)
for _shapes in (((3,), (3,)), ((0, 3), (3,)), ((2, 1), (3,))):
    case("complex", lambda x, y: B["complex"](x, y), lambda x, y: (x + 1j * y).astype(np.result_type(x, y, np.complex64)), *_shapes,
         dtypes=(*NUMBERS, "float16"))
    case("parts-of-complex", lambda x, y: B["absolute"](B["complex"](x, y)) + B["imag"](B["complex"](y, x) ** 3),
         lambda x, y: np.abs(x + 1j * y) + ((y + 1j * x) ** 3).imag, *_shapes, low=0.5, dtypes=("float64", "float32"))
case("conjugate", lambda x: B["conjugate"](x), np.conjugate, (3,), dtypes=("complex64", "complex128", "float32"))
case("angle", lambda x: B["angle"](x), np.angle, (3,), dtypes=("complex64", "complex128"), smooth=False)


# -- further families, a file each -----------------------------------------------------------------------------------------
for _file in sorted(Path(__file__).with_name("families").glob("[a-z]*.py")):
    import_module(f"tests.core.families.{_file.stem}")
