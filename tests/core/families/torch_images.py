"""Images sampled, resized, padded and pooled by torch's names, against windows and weights written out in NumPy."""

import numpy as np

from tensorviz.tensor import nn
from tests.core.cases import case


def _axis_weights(n, to, step, kind, corners=False):
    """The matrix (to, n) that makes a resized axis: each row what the elements count."""
    made = np.zeros((to, n))
    for i in range(to):
        at = i * (n - 1) / max(to - 1, 1) if corners else (i + 0.5) * step - 0.5
        if kind == "linear":
            at = min(max(at, 0), n - 1)
            low = int(np.floor(at))
            made[i, low] += 1 - (at - low)
            made[i, min(low + 1, n - 1)] += at - low
        else:
            low = int(np.floor(at))
            for j in range(low - 1, low + 3):
                made[i, min(max(j, 0), n - 1)] += _keys(abs(at - j), -0.75)
    return made


def _keys(d, a):
    if d < 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0


def _resized(x, a, b):
    return np.einsum("bcij,pi,qj->bcpq", x, a, b).astype(x.dtype)


case("interpolate-bicubic", lambda x: nn.interpolate(x, size=(5, 3), mode="bicubic"),
     lambda x: _resized(x, _axis_weights(3, 5, 0.6, "cubic"), _axis_weights(4, 3, 4 / 3, "cubic")), (1, 2, 3, 4))
case("interpolate-bicubic-corners", lambda x: nn.interpolate(x, size=(5, 1), mode="bicubic", align_corners=True),
     lambda x: _resized(x, _axis_weights(3, 5, 0.6, "cubic", True), _axis_weights(4, 1, 4, "cubic", True)), (1, 2, 3, 4))
case("interpolate-nearest-exact", lambda x: nn.interpolate(x, size=5, mode="nearest-exact"),
     lambda x: x[:, :, [int((i + 0.5) * 0.6) for i in range(5)]], (1, 2, 3))
case("interpolate-recompute", lambda x: nn.interpolate(x, scale_factor=1.5, mode="linear", recompute_scale_factor=True),
     lambda x: np.einsum("bci,pi->bcp", x, _axis_weights(3, 4, 0.75, "linear")).astype(x.dtype), (1, 2, 3))
case("interpolate-area-any", lambda x: nn.interpolate(x, size=3, mode="area"),
     lambda x: np.stack([x[:, :, 0:2].mean(2), x[:, :, 1:4].mean(2), x[:, :, 3:5].mean(2)], -1), (1, 2, 5))


def _smooth(n, to, step, kind):
    made = np.zeros((to, n))
    wide = max(step, 1)
    reach = (2 if kind == "cubic" else 1) * wide
    for i in range(to):
        centre = (i + 0.5) * step
        for j in range(max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), n)):
            d = abs(j + 0.5 - centre) / wide
            made[i, j] = _keys(d, -0.5) if kind == "cubic" else max(1 - d, 0)
    return made / made.sum(1, keepdims=True)


for _mode, _kind in (("bilinear", "linear"), ("bicubic", "cubic")):
    case(f"interpolate-{_mode}-antialias", lambda x, m=_mode: nn.interpolate(x, size=(2, 5), mode=m, antialias=True),
         lambda x, k=_kind: _resized(x, _smooth(6, 2, 3.0, k), _smooth(4, 5, 0.8, k)), (1, 2, 6, 4))


# -- grids -------------------------------------------------------------------------------------------------------------
def _reflect(at, low, high):
    if high == low:
        return low
    while at < low or at > high:
        at = 2 * low - at if at < low else 2 * high - at
    return at


def _held(at, n, padding, corners):
    if padding == "reflection":
        at = _reflect(at, 0, n - 1) if corners else _reflect(at, -0.5, n - 0.5)
    return at if padding == "zeros" else min(max(at, 0), n - 1)


def _axis_taps(at, n, mode, padding, corners):
    at = float((at + 1) / 2 * (n - 1) if corners else ((at + 1) * n - 1) / 2)
    if mode == "bicubic":
        low = np.floor(at)
        return [(_held(low + k, n, padding, corners), _keys(abs(at - low - k), -0.75)) for k in range(-1, 3)]
    at = _held(at, n, padding, corners)
    if mode == "nearest":
        return [(np.rint(at), 1.0)]
    low = np.floor(at)
    return [(low, 1 - (at - low)), (low + 1, at - low)]


def _sampled(x, grid, mode, padding, corners):
    b, c, *size = x.shape
    out = np.zeros((b, c, *grid.shape[1:-1]))
    for place in np.ndindex(b, *grid.shape[1:-1]):
        taps = [_axis_taps(grid[place][len(size) - 1 - k], n, mode, padding, corners) for k, n in enumerate(size)]
        for chosen in np.ndindex(*map(len, taps)):
            at = [int(t[i][0]) for t, i in zip(taps, chosen)]
            if all(0 <= i < n for i, n in zip(at, size)):
                out[(place[0], slice(None), *place[1:])] += x[(place[0], slice(None), *at)] * np.prod([t[i][1] for t, i in zip(taps, chosen)])
    return out.astype(x.dtype)


for _mode in ("bilinear", "nearest", "bicubic"):
    for _padding in ("zeros", "border", "reflection"):
        for _corners in (False, True):
            case(f"grid_sample-{_mode}-{_padding}-{_corners}",
                 lambda x, g, a=(_mode, _padding, _corners): nn.grid_sample(x, g, *a),
                 lambda x, g, a=(_mode, _padding, _corners): _sampled(x, g, *a), (2, 2, 3, 4), (2, 1, 3, 2),
                 dtypes=("float64",), smooth=_mode == "bilinear" and _padding == "zeros")
case("grid_sample-cubes", lambda x, g: nn.grid_sample(x, g), lambda x, g: _sampled(x, g, "bilinear", "zeros", False), (1, 2, 2, 3, 2),
     (1, 1, 2, 2, 3), dtypes=("float64",))


def _affine(theta, size, corners):
    lines = [np.array([0.0]) if n == 1 and corners else np.linspace(-1, 1, n) * (1 if corners else (n - 1) / n) for n in size]
    axes = np.meshgrid(*lines, indexing="ij")
    base = np.stack([*reversed(axes), np.ones_like(axes[0])], -1)
    return np.einsum("...k,bdk->b...d", base, theta).astype(theta.dtype)


for _corners in (False, True):
    case(f"affine_grid-{_corners}", lambda t, c=_corners: nn.affine_grid(t, (2, 1, 3, 4), c), lambda t, c=_corners: _affine(t, (3, 4), c),
         (2, 2, 3))
    case(f"affine_grid-cubes-{_corners}", lambda t, c=_corners: nn.affine_grid(t, (1, 1, 2, 1, 3), c),
         lambda t, c=_corners: _affine(t, (2, 1, 3), c), (1, 3, 4))


# -- borders and channels ------------------------------------------------------------------------------------------------
for _mode, _numpy in (("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")):
    case(f"nn-pad-{_mode}", lambda x, m=_mode: nn.pad(x, (1, 2, 0, 1), m), lambda x, m=_numpy: np.pad(x, ((0, 0), (0, 1), (1, 2)), m),
         (2, 3, 4))
case("nn-pad-constant", lambda x: nn.pad(x, (1, 2, 0, 1), value=1.5), lambda x: np.pad(x, ((0, 1), (1, 2)), constant_values=1.5), (2, 3))
case("nn-pad-crop", lambda x: nn.pad(x, (-1, 2, 1, -2)), lambda x: np.pad(x[:-2, 1:], ((1, 0), (0, 2))), (4, 3),
     dtypes=("float64", "int32"))
case("nn-channel_shuffle", lambda x: nn.channel_shuffle(x, 3), lambda x: x[:, [0, 2, 4, 1, 3, 5]], (2, 6, 2),
     dtypes=("float64", "int8"))


# -- pools -------------------------------------------------------------------------------------------------------------
def _picked(x, k, s, p, gap, ceil, part):
    """The largest of each window of the last two axes, or where in the flattened positions the first of them stands."""
    counts = []
    for n in x.shape[2:]:
        room = n + 2 * p - (k - 1) * gap - 1
        counts.append((-(-room // s) if ceil else room // s) + 1)
        if ceil and (counts[-1] - 1) * s >= n + p:
            counts[-1] -= 1
    out = np.zeros((*x.shape[:2], *counts), x.dtype if part == 0 else np.int64)
    for at in np.ndindex(out.shape):
        seen = [(i, j) for i in range(at[2] * s - p, at[2] * s - p + k * gap, gap) for j in range(at[3] * s - p, at[3] * s - p + k * gap, gap)
                if 0 <= i < x.shape[2] and 0 <= j < x.shape[3]]
        values = [x[at[0], at[1], i, j] for i, j in seen]
        first = int(np.argmax(values))
        out[at] = values[first] if part == 0 else seen[first][0] * x.shape[3] + seen[first][1]
    return out


for _args in ((2, 2, 0, 1, False), (3, 2, 1, 1, True), (2, 1, 1, 2, False), (2, 2, 1, 2, True)):
    for _part in (0, 1):
        case(f"max_pool2d-{_args}-{_part}", lambda x, a=_args, q=_part: nn.max_pool2d(x, *a, return_indices=True)[q],
             lambda x, a=_args, q=_part: _picked(x, *a, q), (1, 2, 5, 4), smooth=_part == 0, dtypes=("float64", "int32"))


def _halves(n, m):
    return [slice(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


for _part in (0, 1):
    case(f"adaptive_max_pool2d-indices-{_part}", lambda x, q=_part: nn.adaptive_max_pool2d(x, (2, None), True)[q],
         lambda x, q=_part: np.stack([x[:, :, s].max(2) for s in _halves(5, 2)], 2) if q == 0 else np.stack(
             [(x[:, :, s].argmax(2) + s.start) * 3 + np.arange(3) for s in _halves(5, 2)], 2), (1, 2, 5, 3), smooth=_part == 0)
for _m in (2, 4, 7):
    case(f"adaptive_avg_pool1d-{_m}", lambda x, m=_m: nn.adaptive_avg_pool1d(x, m),
         lambda x, m=_m: np.stack([x[:, s].mean(1) for s in _halves(5, m)], 1), (2, 5))
    case(f"adaptive_max_pool1d-{_m}", lambda x, m=_m: nn.adaptive_max_pool1d(x, m),
         lambda x, m=_m: np.stack([x[:, s].max(1) for s in _halves(5, m)], 1), (2, 5), dtypes=("float64", "int8"))


def _unpooled(x):
    out = np.zeros((1, 2, 4, 4), x.dtype)
    for k, (i, j) in enumerate(((0, 1), (1, 2), (3, 0), (2, 3))):
        out[:, :, i, j] = x[:, :, k // 2, k % 2]
    return out


case("max_unpool2d", lambda x: nn.max_unpool2d(x, np.tile([[1, 6], [12, 11]], (1, 2, 1, 1)), 2), _unpooled, (1, 2, 2, 2))
case("max_unpool1d", lambda x: nn.max_unpool1d(x, np.array([[1, 4]]), 2, output_size=(5,)),
     lambda x: np.stack([0 * x[:, 0], x[:, 0], 0 * x[:, 0], 0 * x[:, 0], x[:, 1]], 1), (1, 2))
case("lp_pool3d", lambda x: nn.lp_pool3d(x, 3, 2), lambda x: (np.abs(x) ** 3).sum((1, 2, 3), keepdims=True) ** x.dtype.type(1 / 3), (2, 2, 2, 2))
case("lp_pool1d-inf", lambda x: nn.lp_pool1d(x, float("inf"), 2), lambda x: np.abs(x).reshape(2, 2, 2).max(2), (2, 4))
