"""Connectionist temporal classification, against sums over all ways of spreading a text over time."""

import itertools

import numpy as np

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case


def text_of(path, blank):
    """What is read off a path: repeats are one letter, blanks none."""
    return [k for k, _ in itertools.groupby(path) if k != blank]


def each(x, text, blank):
    """The likelihood of a text, and for each time and letter that of the ways that pass there."""
    t, c = x.shape
    through = np.zeros((t, c), x.dtype)
    for path in itertools.product(range(c), repeat=t):
        if text_of(path, blank) == list(text):
            p = np.exp(x[np.arange(t), path].sum())
            through[np.arange(t), path] += p
    return through


def likelihoods(x, texts, times, letters, blank):
    x = x.astype(np.result_type(x, "f8"))
    found = [each(x[:t, k], texts[k, :s], blank) for k, (t, s) in enumerate(zip(times, letters, strict=True))]
    return found, [p.sum() / len(p) if len(p) else float(s == 0) for p, s in zip(found, letters, strict=True)]


def losses(x, *rest):
    with np.errstate(divide="ignore"):
        return -np.log(np.array(likelihoods(x, *rest)[1])).astype(x.dtype)


def occupied(x, *rest):
    out = np.zeros(x.shape, x.dtype)
    for k, (p, total) in enumerate(zip(*likelihoods(x, *rest), strict=True)):
        out[:len(p), k] = p / (total or 1)
    return out


def changed(x, along, *rest):
    """How `occupied`, which is holomorphic, changes along `along`: by the complex step, in which nothing is subtracted."""
    return (occupied(x + 2.0**-100 * 1j * along.astype("c16"), *rest).imag * 2.0**100).astype(x.dtype)


for _name, _texts, _times, _letters, _blank in (
    ("plain", [[1, 2], [2, 2]], [4, 4], [2, 2], 0), ("parts", [[1, 2], [2, 1], [0, 0]], [3, 4, 2], [1, 2, 0], 0),
    ("last-blank", [[0, 1], [1, 1]], [4, 3], [2, 2], 2), ("impossible", [[1, 1], [1, 2]], [2, 0], [2, 1], 0), ("no-time", [[1]], [0], [0], 0),
):
    _rest = (np.array(_texts), np.array(_times), np.array(_letters), _blank)
    case(f"ctc-{_name}", lambda x, r=_rest: B["ctc_loss"](x, *r, reduction="none"), lambda x, r=_rest: losses(x, *r), (4, len(_texts), 3),
         smooth=False)
    case(f"ctc-occupied-{_name}", lambda x, r=_rest: -tv.grad(B["ctc_loss"](x, *r, reduction="none").sum(), x),
         lambda x, r=_rest: occupied(x, *r), (4, len(_texts), 3), smooth=False)
    case(f"ctc-change-{_name}", lambda x, u, r=_rest: tv.grad((u * tv.grad(B["ctc_loss"](x, *r, reduction="none").sum(), x)).sum(), x),
         lambda x, u, r=_rest: -changed(x, u, *r), *[(4, len(_texts), 3)] * 2, smooth=False)
