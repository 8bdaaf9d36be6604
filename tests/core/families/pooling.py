"""Pools and windows, against loops over windows."""

import numpy as np

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case


def each_window(x, window, stride, padding, ceil=False):
    """The place of each window and, for each axis, the slice of x that lies in it."""
    d = len(window)
    counts = []
    for n, k, s, (a, b) in zip(x.shape[-d:], window, stride, padding, strict=True):
        count = (n + a + b - k) // s + 1
        while ceil and (count - 1) * s + k < n + a + b and count * s < n + a:
            count += 1
        counts.append(max(count, 1) if ceil else count)
    for place in np.ndindex(*counts):
        begins = [p * s - a for p, s, (a, _) in zip(place, stride, padding, strict=True)]
        yield place, tuple(slice(max(b, 0), max(b + k, 0)) for b, k in zip(begins, window, strict=True)), begins


def pooled(x, window, stride, padding, ceil, function):
    """`function` of each window of x, of what lies in it and of where it begins."""
    found = {place: function(x[(..., *part)], begins) for place, part, begins in each_window(x, window, stride, padding, ceil)}
    counts = np.max(list(found), axis=0) + 1
    out = np.empty((*x.shape[:x.ndim - len(window)], *counts), next(iter(found.values())).dtype)
    for place, value in found.items():
        out[(..., *place)] = value
    return out


def mean(x, window, stride, padding, ceil, include):
    """The mean of windows; zeros of the padding count if asked, what lies beyond it never."""
    axes = tuple(range(-len(window), 0))
    lengths = x.shape[x.ndim - len(window):]

    def one(v, begins):
        sizes = [min(b + k, n + (p[1] if include else 0)) - (b if include else max(b, 0))
                 for b, k, n, p in zip(begins, window, lengths, padding, strict=True)]
        return v.sum(axes) / x.dtype.type(np.prod(sizes))

    return pooled(x, window, stride, padding, ceil, one)


for _name, _shape, _window, _stride, _padding, _ceil in (
    ("1d", (2, 7), (2,), (2,), ((0, 0),), False), ("1d-ceil", (2, 7), (3,), (3,), ((0, 0),), True),
    ("1d-wide-steps", (1, 8), (2,), (3,), ((0, 0),), True), ("2d", (2, 4, 6), (2, 2), (2, 2), ((0, 0),) * 2, False),
    ("2d-all", (1, 2, 5, 6), (3, 2), (2, 1), ((1, 1), (0, 1)), True), ("2d-over", (2, 5, 5), (3, 3), (1, 2), ((1, 1),) * 2, False),
    ("3d", (2, 3, 4, 5), (2, 2, 3), (1, 2, 2), ((0, 0), (1, 0), (1, 1)), False), ("whole", (3, 4), (3, 4), (1, 1), ((0, 0),) * 2, False),
    ("ceil-short", (2, 2), (3,), (2,), ((0, 0),), True), ("nothing", (0, 2, 4, 4), (2, 2), (2, 2), ((0, 0),) * 2, False),
):
    _axes = tuple(range(-len(_window), 0))
    _args = (_window, _stride, _padding, _ceil)
    case(f"pool_max-{_name}", lambda x, a=_args: B["pool_max"](x, *a), lambda x, a=_args, k=_axes: pooled(x, *a, lambda v, _: v.max(k)),
         _shape, dtypes=("float64", "float32", "int32", "uint8", "float16"))
    case(f"pool_sum-{_name}", lambda x, a=_args: B["pool_sum"](x, *a), lambda x, a=_args, k=_axes: pooled(x, *a, lambda v, _: v.sum(k)),
         _shape, dtypes=("float64", "float32", "int32", "uint8"))
    for _include in (True, False):
        case(f"pool_average-{_name}-{_include}", lambda x, a=_args, i=_include: B["pool_average"](x, *a, include_pad=i),
             lambda x, a=_args, i=_include: mean(x, *a, i), _shape)


def shared(x, g, args):
    """Each g shared out equally to the largest elements of its window."""
    out = np.zeros_like(x)
    for place, part, _ in each_window(x, *args):
        window = x[(..., *part)]
        axes = tuple(range(window.ndim - len(part), window.ndim))
        largest = window == window.max(axes, keepdims=True)
        out[(..., *part)] += largest * np.expand_dims(g[(..., *place)], axes) / largest.sum(axes, keepdims=True)
    return out


def picked(x, h, args):
    """The mean of h where x is largest in each window."""
    lead = x.ndim - len(args[0])
    found = {}
    for place, part, _ in each_window(x, *args):
        axes = tuple(range(lead, x.ndim))
        largest = x[(..., *part)] == x[(..., *part)].max(axes, keepdims=True)
        found[place] = (largest * h[(..., *part)]).sum(axes) / largest.sum(axes)
    out = np.empty((*x.shape[:lead], *(np.max(list(found), axis=0) + 1)), x.dtype)
    for place, value in found.items():
        out[(..., *place)] = value
    return out


def summed(g, shape, args):
    """Each g added to all elements of its window."""
    out = np.zeros(shape, g.dtype)
    for place, part, _ in each_window(out, *args):
        out[(..., *part)] += g[(..., *place, *(None,) * len(part))]
    return out


def pool_back(x, g, args):
    return tv.grad((B["pool_max"](x, *args) * g).sum(), x)


def pool_pick(x, h, args):
    g = B["zeros_like"](B["pool_max"](x, *args))
    return tv.grad((pool_back(x, g, args) * h).sum(), g)


for _name, _shape, _args in (
    ("2d", (2, 4, 6), ((2, 2), (2, 2), ((0, 0),) * 2, False)), ("2d-all", (1, 2, 5, 6), ((3, 2), (2, 1), ((1, 1), (0, 1)), True)),
    ("1d", (2, 7), ((3,), (1,), ((0, 0),), False)), ("3d", (3, 4, 3), ((2, 2, 2), (1, 2, 1), ((0, 0),) * 3, False)),
):
    _small = picked(np.zeros(_shape), np.zeros(_shape), _args).shape
    case(f"pool_max-back-{_name}", lambda x, g, a=_args: pool_back(x, g, a), lambda x, g, a=_args: shared(x, g, a), _shape, _small)
    case(f"pool_max-back-ties-{_name}", lambda x, g, a=_args: pool_back(B["rint"](x), g, a),
         lambda x, g, a=_args: shared(np.rint(x), g, a), _shape, _small, smooth=False)
    case(f"pool_max-pick-{_name}", lambda x, h, a=_args: pool_pick(x, h, a), lambda x, h, a=_args: picked(x, h, a), _shape, _shape)
    case(f"pool_sum-back-{_name}", lambda g, n=_shape, a=_args: B["pool_sum_back"](g, n[-len(a[0]):], *a),
         lambda g, n=_shape, a=_args: summed(g, n, a), _small)


def unfolded(x, window, stride, padding, dilation):
    """Windows cut out of x with zeros around it."""
    d = len(window)
    x = np.pad(x, ((0, 0),) * (x.ndim - d) + padding)
    reach = [(k - 1) * g + 1 for k, g in zip(window, dilation, strict=True)]
    counts = [(n - r) // s + 1 for n, r, s in zip(x.shape[-d:], reach, stride, strict=True)]
    out = np.empty((*x.shape[:-d], *counts, *window), x.dtype)
    for place in np.ndindex(*counts):
        part = [slice(p * s, p * s + r, g) for p, s, r, g in zip(place, stride, reach, dilation, strict=True)]
        out[(slice(None),) * (x.ndim - d) + place] = x[(..., *part)]
    return out


def folded(y, shape, window, stride, padding, dilation):
    """Each window added where it came from: the gradient of the sum of y times the windows."""
    x = np.zeros((*y.shape[:y.ndim - 2 * len(window)], *shape), y.dtype)
    out = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        x[place] = 1
        out[place] = (unfolded(x, window, stride, padding, dilation) * y).sum()
        x[place] = 0
    return out


for _name, _shape, _args in (
    ("1d", (2, 7), ((3,), (2,), ((1, 0),), (2,))), ("2d", (2, 5, 4), ((2, 3), (1, 2), ((0, 1), (1, 1)), (2, 1))),
    ("2d-plain", (6, 6), ((3, 3), (3, 3), ((0, 0),) * 2, (1, 1))), ("3d", (3, 4, 3), ((2, 2, 2), (1, 2, 1), ((0, 0),) * 3, (1, 1, 1))),
):
    _wide = unfolded(np.zeros(_shape), *_args).shape
    case(f"unfold-{_name}", lambda x, a=_args: B["unfold"](x, *a), lambda x, a=_args: unfolded(x, *a), _shape,
         dtypes=("float64", "float32", "int32", "bool", "complex128"))
    case(f"fold-{_name}", lambda y, n=_shape, a=_args: B["fold"](y, n[-len(a[0]):], *a),
         lambda y, n=_shape, a=_args: folded(y, n[-len(a[0]):], *a), _wide, dtypes=("float64", "float32", "int32"))
