"""Convolutions and their transposes, against loops over taps."""

import itertools

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case


def convolved(x, w, stride=1, padding=0, dilation=1, groups=1):
    """Each tap times the positions that it meets, added up; padding is a pair an axis or one number."""
    ndim = x.ndim - 2
    stride, dilation = ((v,) * ndim if isinstance(v, int) else v for v in (stride, dilation))
    padding = ((padding, padding),) * ndim if isinstance(padding, int) else padding
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)]
    out = np.zeros((len(x), len(w), *counts), np.result_type(x, w))
    channels, outputs = w.shape[1], len(w) // groups
    for o, taps in itertools.product(range(len(w)), itertools.product(*map(range, w.shape[2:]))):
        places = [slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, n, s in zip(taps, dilation, counts, stride, strict=True)]
        first = o // outputs * channels
        for c in range(channels):
            out[:, o] += w[(o, c, *taps)] * x[(slice(None), first + c, *places)]
    return out


def transposed(g, w, shape, **kw):
    """The gradient of the sum of g times the convolution of x, one unit of x after the other."""
    x = np.zeros(shape, g.dtype)
    out = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        x[place] = 1
        out[place] = (convolved(x, w, **kw) * g).sum()
        x[place] = 0
    return out


def filtered(x, g, shape, **kw):
    """The same for filters."""
    w = np.zeros(shape, g.dtype)
    out = np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        w[place] = 1
        out[place] = (convolved(x, w, **kw) * g).sum()
        w[place] = 0
    return out


MANY = ("float64", "float32", "int32", "complex128")
for _name, _x, _w, _kw in (
    ("1d", (2, 3, 7), (4, 3, 3), {}),
    ("1d-all", (1, 4, 9), (6, 2, 3), {"stride": 2, "padding": ((2, 1),), "dilation": 2, "groups": 2}),
    ("2d", (2, 2, 5, 6), (3, 2, 2, 3), {}),
    ("2d-all", (2, 2, 6, 5), (4, 1, 3, 2), {"stride": (2, 1), "padding": ((1, 1), (0, 2)), "dilation": (1, 2), "groups": 2}),
    ("2d-long-steps", (1, 1, 7, 7), (2, 1, 1, 2), {"stride": 3}),
    ("2d-depthwise", (1, 3, 4, 9), (3, 1, 3, 3), {"padding": 1, "groups": 3}),
    ("3d", (1, 2, 3, 4, 3), (2, 2, 2, 2, 2), {"stride": (1, 2, 1), "padding": 1}),
    ("nothing", (0, 2, 4, 4), (3, 2, 2, 2), {}), ("no-channels", (2, 0, 4, 4), (3, 0, 2, 2), {}),
    ("no-filters", (2, 2, 4, 4), (0, 2, 2, 2), {}),
):
    _shape = convolved(np.zeros(_x), np.zeros(_w), **_kw).shape
    case(f"convolve-{_name}", lambda x, w, kw=_kw: B["convolve_nd"](x, w, **kw), lambda x, w, kw=_kw: convolved(x, w, **kw), _x, _w,
         dtypes=MANY)
    if 0 not in _x + _w and len(_x) < 5:
        case(f"convolve_inputs-{_name}", lambda g, w, n=_x, kw=_kw: B["convolve_inputs"](g, w, n, **kw),
             lambda g, w, n=_x, kw=_kw: transposed(g, w, n, **kw), _shape, _w)
        case(f"convolve_filters-{_name}", lambda x, g, n=_w, kw=_kw: B["convolve_filters"](x, g, n, **kw),
             lambda x, g, n=_w, kw=_kw: filtered(x, g, n, **kw), _x, _shape)
for _word, _pair in (("valid", (0, 0)), ("same", (1, 2)), ("half", (2, 2)), ("full", (3, 3))):
    case(f"convolve-{_word}", lambda x, w, p=_word: B["convolve_nd"](x, w, padding=p),
         lambda x, w, p=_pair: convolved(x, w, padding=(p,)), (2, 2, 6), (3, 2, 4))
case("convolve-half-steps", lambda x, w: B["convolve_nd"](x, w, 2, "half", 2), lambda x, w: convolved(x, w, 2, ((2, 2),), 2),
     (2, 2, 9), (3, 2, 3))
