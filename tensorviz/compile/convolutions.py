"""Convolutions in C: `convolution` and its two transposes, as calls of functions/conv.c; arguments may have any strides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.expr import Expr
from .emit import Line
from .lengths import same

if TYPE_CHECKING:
    from .host import Host, View
    from .schedule import Step

__all__ = ["CONVOLUTIONS", "convolves"]

FLOATS = (np.dtype("float32"), np.dtype("float64"))
MOST_AXES = 5


def convolves(e: Expr) -> bool:
    """Whether C has code for a convolution: floats, along one to three axes."""
    return e.dtype in FLOATS and 3 <= e.ndim <= MOST_AXES


def _padding(h: Host, kw: dict[str, Any], taps: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The zeros before and after each axis, as C."""
    before, after = [], []
    for p, k, d in zip(kw["padding"], taps, kw["dilation"], strict=True):
        over = f"(({h.number(k)} - 1) * {d})"
        if isinstance(p, str):
            sides = {"same": (f"{over} / 2", f"({over} + 1) / 2"), "full": (over, over), "half": (f"({over} + 1) / 2",) * 2}[p]
        else:
            sides = (str(p[0]), str(p[1]))
        before.append(sides[0])
        after.append(sides[1])
    return before, after


def _three(values: Sequence[Any], fill: int) -> list[Any]:
    """Values for three axes, new ones in front."""
    return [fill] * (3 - len(values)) + list(values)


def _numbers(h: Host, e: Expr, x: Sequence[Any], w: Sequence[Any], out: Sequence[Any]) -> str:
    """The list of lengths that the functions take; checks that they go together are noted."""
    kw = e.kw
    before, after = _padding(h, kw, w[2:])
    if not same(x[0], out[0]):
        _equal(h, e, x[0], out[0])
    if not same(w[0], out[1]):
        _equal(h, e, w[0], out[1])
    channels = f"{h.number(w[1])} * {kw['groups']}"
    numbers = [x[0], x[1], out[1], kw["groups"], *_three(x[2:], 1), *_three(w[2:], 1), *_three(out[2:], 1),
               *_three(kw["stride"], 1), *_three(before, 0), *_three(kw["dilation"], 1)]
    made = [h.number(n) for n in numbers]
    h.use("fail", "list", "windows", "windows_fit")
    fits = f"tv_windows_fit(TV_LIST({', '.join(made)}), TV_LIST({', '.join(map(str, _three(after, 0)))}), {channels})"
    h.checks.append(f"if (!{fits}) return tv_fail(call, TV_SHAPE, {h.site('windows', e)}, 0, 0, 0);")
    return f"TV_LIST({', '.join(made)})"


def _equal(h: Host, e: Expr, a: Any, b: Any) -> None:
    ta, tb = h.number(a), h.number(b)
    h.use("fail")
    h.checks.append(f"if ({ta} != {tb}) return tv_fail(call, TV_SHAPE, {h.site('windows', e)}, {ta}, {tb}, 0);")


def _strides(h: Host, v: View) -> str:
    """Strides of images, channels and three axes."""
    return f"TV_LIST({', '.join(h.number(n) for n in (*v.strides[:2], *_three(v.strides[2:], 0)))})"


def _call(h: Host, s: Step, name: str, a: Expr, b: Expr, numbers: str) -> list[Line]:
    """A call on two tensors; what it returns other than 0 stops the function."""
    e = s.nodes[0]
    va, vb = h.view(a), h.view(b)
    h.use("list", "poll")
    args = f"{va.pointer}, {_strides(h, va)}, {vb.pointer}, {_strides(h, vb)}, {h.view(e).pointer}, {numbers}"
    text = (f"{{ const int status = tv_{name}_f{e.dtype.itemsize * 8}(call, {args}); "
            f"if (status) return status == TV_STOPPED ? status : tv_fail(call, status, {h.site('windows', e)}, 0, 0, 0); }}")
    return [(f"    TV_STEP({s.order}, {text});", (e,))]


def _convolve(h: Host, s: Step) -> list[Line]:
    """Filters over all windows."""
    e = s.nodes[0]
    x, w = e.args
    return _call(h, s, "conv", x, w, _numbers(h, e, h.lengths.of(x), h.lengths.of(w), h.lengths.of(e)))


def _inputs(h: Host, s: Step) -> list[Line]:
    """Back to the positions that the windows covered."""
    e = s.nodes[0]
    g, w = e.args[:2]
    return _call(h, s, "conv_inputs", g, w, _numbers(h, e, h.lengths.of(e), h.lengths.of(w), h.lengths.of(g)))


def _filters(h: Host, s: Step) -> list[Line]:
    """Sums over all positions for each tap."""
    e = s.nodes[0]
    x, g = e.args[:2]
    return _call(h, s, "conv_filters", x, g, _numbers(h, e, h.lengths.of(x), h.lengths.of(e), h.lengths.of(g)))


CONVOLUTIONS: dict[str, Callable[[Any, Any], list[Line]]] = {
    "convolution": _convolve, "convolution_inputs": _inputs, "convolution_filters": _filters}
