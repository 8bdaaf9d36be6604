"""Steps that are not loop nests: products by BLAS, and moves of data (copies, joins, lookups)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .borders import BORDERS
from .emit import Line, constant_text
from .fuse import is_scalar_constant
from .gathers import GATHERS
from .indices import INDEXED
from .language import C
from .lengths import dense_stride
from .powers import POWERS
from .scans import SCANS
from .sorts import SORTS
from .stencils import STENCILS

if TYPE_CHECKING:
    from ..core.expr import Expr
    from .host import Host
    from .schedule import Step

__all__ = ["MOVES", "emit_library", "takes"]

Emit = Callable[["Host", "Step"], list[Line]]


def _matrix(h: Host, e: Expr, column: bool) -> tuple[str, list[Any], list[Any], list[Any], list[Any]]:
    """An operand as pointer, batch lengths, batch strides, its two lengths and two strides; a vector becomes a row or column."""
    v = h.view(e)
    lengths, strides = list(v.lengths), list(v.strides)
    if len(lengths) == 1:
        if column:
            lengths, strides = [lengths[0], 1], [strides[0], 1]
        else:
            lengths, strides = [1, lengths[0]], [0, strides[0]]
    return v.pointer, lengths[:-2], strides[:-2], lengths[-2:], strides[-2:]


def emit_library(h: Host, s: Step) -> list[Line]:
    """A matrix product: one BLAS call, in a loop over leading axes if there are any."""
    e = s.nodes[0]
    short, letter = BLAS_NAMES[e.dtype.name]
    h.use("blas_threads", "gemm", "gemm_f32" if short == "f16" else f"gemm_{short}")
    gemm, gemv = h.symbol(f"{letter}gemm"), h.symbol(f"{letter}gemv")
    lines: list[Line] = []
    scaled = ""
    if e.op.name == "gemm":
        c, alpha, a, b, beta = e.args
        lines += h.copy_over(s, c)
        factors = _scalar(h, alpha), _scalar(h, beta)
        scaled = "" if _never_zero(alpha) and _never_zero(beta) else "_scaled"
    else:
        (a, b), factors = e.args, (constant_text(1, e.dtype, C), constant_text(0, e.dtype, C))
    pa, batch_a, steps_a, (m, k), (as0, as1) = _matrix(h, a, False)
    pb, batch_b, steps_b, (_, n), (bs0, bs1) = _matrix(h, b, True)
    out = h.view(e)
    batch = list(out.lengths[: e.ndim - (a.ndim > 1) - (b.ndim > 1)])
    site = h.site("product", e)
    names = [f"batch_{i}" for i in range(len(batch))]
    index_a, index_b = _offset(h, names, batch_a, steps_a), _offset(h, names, batch_b, steps_b)
    index_c = " + ".join(f"{v} * {h.number(dense_stride((*batch, m, n), i))}" for i, v in enumerate(names))
    numbers = ", ".join(h.number(x) for x in (m, n, k))
    function = f"tv_half_{e.op.name}" if short == "f16" else f"tv_gemm_{short}{scaled}"
    call = (f"{function}({gemm}, {gemv}, {numbers}, {factors[0]}, {pa}{index_a}, {h.number(as0)}, {h.number(as1)}, "
            f"{pb}{index_b}, {h.number(bs0)}, {h.number(bs1)}, {factors[1]}, {out.pointer}{' + ' + index_c if index_c else ''})")
    text = f"if ({call}) return tv_fail(call, TV_MEMORY, {site}, 0, 0, 0)"
    for i, v in reversed(list(enumerate(names))):
        text = f"for (i64 {v} = 0; {v} < {h.number(batch[i])}; {v}++) {text}"
    return [*lines, (f"    tv_blas_threads(call, {h.symbol('set_threads')}, {numbers});", (e,)),
            (f"    TV_STEP({s.order}, {text});", (e,))]


def _offset(h: Host, names: list[str], lengths: list[Any], strides: list[Any]) -> str:
    """The offset of one matrix of a batch; axes of length 1 stay where they are."""
    tail = names[len(names) - len(lengths):]
    steps = zip(tail, lengths, strides, strict=True)
    terms = [f"{v} * {h.number(step)}" for v, n, step in steps if not (isinstance(n, int) and n == 1)]
    return " + " + " + ".join(terms) if terms else ""


def _scalar(h: Host, e: Expr) -> str:
    if is_scalar_constant(e):
        from ..core.expr import value_of

        return constant_text(value_of(e).reshape(())[()], e.dtype, C)
    first = f"{h.view(e).pointer}[0]"
    return f"tv_half_value({first})" if e.dtype.name == "float16" else first


def _never_zero(e: Expr) -> bool:
    from ..core.expr import is_constant, value_of

    return is_constant(e) and bool(value_of(e).all())


def _reshape(h: Host, s: Step) -> list[Line]:
    """A reshape of something that is not contiguous: its elements in C order."""
    e = s.nodes[0]
    h.use("pack")
    v, out = h.view(e.args[0]), h.view(e)
    strides = tuple(dense_stride(v.lengths, k) for k in range(len(v.lengths)))
    return [(f"    TV_STEP({s.order}, tv_copy({', '.join(h.copy_args(out.pointer, strides, v, e))}));", (e,))]


def _shape(h: Host, s: Step) -> list[Line]:
    """The shape as a vector."""
    e = s.nodes[0]
    pointer = h.view(e).pointer
    return [(f"    {pointer}[{k}] = {h.number(n)};", (e,)) for k, n in enumerate(h.lengths.of(e.args[0]))]


def _concatenate(h: Host, s: Step) -> list[Line]:
    """Arrays one after the other along an axis."""
    e = s.nodes[0]
    axis, out = e.kw["axis"], h.view(e)
    h.use("pack")
    lines: list[Line] = []
    at: list[str] = []
    for a in e.args:
        offset = f" + ({' + '.join(at)}) * {h.number(out.strides[axis])}" if at else ""
        args = h.copy_args(out.pointer + offset, out.strides, h.view(a), e)
        lines.append((f"    TV_STEP({s.order}, tv_copy({', '.join(args)}));", (e,)))
        at.append(h.number(h.lengths.of(a)[axis]))
    return lines


BLAS_NAMES = {"float16": ("f16", "s"), "float32": ("f32", "s"), "float64": ("f64", "d"), "complex64": ("c64", "c"),
              "complex128": ("c128", "z")}          # dtype -> tag, first letter of BLAS's routines

MOVED = {"pad", "matmul", "gemm", "reshape", "shape", "concatenate", *INDEXED, *GATHERS}
"""Steps that take float16 and complex numbers as all others: they move bits, or know how to add and multiply such numbers."""
HALVES = MOVED | {*SCANS, *SORTS}
COMPLEX = MOVED | {"argsort", "cumprod", "cumsum", "prod_others", "recurrence", "sort"}

MOVES: dict[str, Emit] = {"reshape": _reshape, "shape": _shape, "concatenate": _concatenate,
                         **BORDERS, **STENCILS, **INDEXED, **GATHERS, **SCANS, **SORTS, **POWERS}


def takes(e: Expr) -> bool:
    """Whether a step has code for the dtypes of its tensors, if it has code."""
    kinds = {"f2" if a.dtype.name == "float16" else a.dtype.kind for a in (e, *e.args)}
    return ("f2" not in kinds or e.op.name in HALVES) and ("c" not in kinds or e.op.name in COMPLEX)
