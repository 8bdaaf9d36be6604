"""Further families of ops for random graphs: special functions, scans, sorts, lookups, borders, windows, contractions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tensorviz as tv
from tensorviz.core.expr import Expr
from tensorviz.core.op import BUILDERS as B
from tests.random.graphs import Growth, Unfit

SMOOTH = ("erfcx", "ndtr", "log_ndtr", "i0e", "i1e", "j0", "j1", "cosm1", "i0", "i1", "log_expit", "softsign", "mish", "selu", "celu",
          "hard_sigmoid", "log_sigmoid", "tanhshrink", "erfi", "dawsn", "airy_ai", "airy_bi", "sine_integral", "fresnel_s")
ABOVE = ("gammaln", "digamma", "gamma", "y0", "y1", "k0", "k1", "k0e", "k1e", "entr", "rgamma", "trigamma", "factorial",
         "exp1", "lambertw_0", "kolmogorov", "wrightomega", "erfcx")
INSIDE = ("erfinv", "arctanh", "ellipk", "ellipe")
BETWEEN = ("logit", "erfcinv", "ndtri")
TWO = ("gammainc", "gammaincc", "beta", "betaln", "xlogy", "xlog1py", "jv", "yv", "iv", "ive", "kv", "kve", "poch", "rel_entr", "kl_div",
       "owens_t", "hyp0f1", "stdtr", "elliprc")
BITS = ("bitwise_count", "nextafter", "spacing", "ldexp", "frexp")
STEPWISE = ("hard_tanh", "relu6", "hardshrink", "softshrink", "round_half_away_from_zero")
MODES = ("constant", "edge", "reflect", "symmetric", "wrap", "maximum", "minimum")
SUBSCRIPTS = ("ij,jk->ik", "ij,kj->ik", "ij->ji", "ii->i", "ij->", "ij,ij->i", "bij,bjk->bik", "i,j->ij", "ij,j", "bij->bj")


def special(g: Growth) -> Expr:
    """A special function where it is moderate."""
    if not g.real:
        return _bits(g) if g.draw.choice((True, False)) else B[g.draw.choice(STEPWISE)](g.pick("f"))
    x, kind = g.pick("f"), g.draw.choice(range(6))
    near = B["tanh"](x)
    if kind == 0:
        return B[g.draw.choice(ABOVE)](B["absolute"](near) * 3.0 + 0.5)
    if kind == 1:
        return B[g.draw.choice(INSIDE)](near * 0.75)
    if kind == 2:
        return B[g.draw.choice(BETWEEN)](B["sigmoid"](near))
    if kind == 3:
        y = B["absolute"](B["tanh"](g.mate(x, "f"))) * 2.0 + 0.5
        return B[g.draw.choice(TWO)](B["absolute"](near) * 2.0 + 0.75, y)
    if kind == 4:
        return _several(g, B["absolute"](near) + 0.5, B["sigmoid"](near))
    return B[g.draw.choice(SMOOTH)](near * 2.0)


RARER: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda a, p: B["airy_aip"](p), lambda a, p: B["airy_bip"](p), lambda a, p: B["betainccinv"](a, 1.5, p),
    lambda a, p: B["cosine_integral"](a + 1.0), lambda a, p: B["ellipeinc"](p, p), lambda a, p: B["ellipkinc"](p, p),
    lambda a, p: B["ellipkm1"](p), lambda a, p: B["expi"](a), lambda a, p: B["fresnel_c"](p), lambda a, p: B["hyp1f1"](1.5, 2.5, p),
    lambda a, p: B["hyperu"](1.5, 1.25, a), lambda a, p: B["kolmogi"](p), lambda a, p: B["lambertw_m1"](p * -0.25),
    lambda a, p: B["modstruve"](1.0, a), lambda a, p: B["struve"](1.0, a), lambda a, p: B["spence"](a + 1.5),
    lambda a, p: B["wofz_imag"](p, a), lambda a, p: B["wofz_real"](p, a))


def _several(g: Growth, a: Expr, p: Expr) -> Expr:
    """Functions of three arguments, orders and inverses, at a above 0.5 and p between 0 and 1."""
    made: tuple[Callable[[], Expr], ...] = (
        lambda: B["betainc"](a, 1.5, p), lambda: B["betaincinv"](a, 1.5, p), lambda: B["betaincc"](a, 1.5, p),
        lambda: B["elliprf"](a, p, 1.5), lambda: B["expn"](2, a), lambda: B["gammaincinv"](a, p),
        lambda: B["gammainccinv"](a, p), lambda: B["polygamma"](2, a + 1.0), lambda: B["zeta"](a + 2.0, 1.5), lambda: B["exp10"](p),
        lambda: B["hyp2f1"](0.5, a, 2.5, p * 0.5), lambda: B["log1mexp"](-a), lambda: B["ndtri_exp"](-a), lambda: B["logit"](p))
    return g.draw.choice(RARER)(a, p) if g.draw.choice((True, False)) else g.draw.choice(made)()


def _bits(g: Growth) -> Any:
    name, x = g.draw.choice(BITS), g.pick("f")
    if name == "bitwise_count":
        return B[name](g.pick("iu"))
    if name == "frexp":
        return g.draw.choice((0, 1)) and B["frexp_exponent"](x) or B["frexp_mantissa"](x)
    return B[name](x, *(() if name == "spacing" else (x * 2,) if name == "nextafter" else (g.draw.choice((1, -2)),)))


def _axis(g: Growth, x: Expr) -> int:
    return g.draw.choice((*range(x.ndim), -1))


def scans(g: Growth) -> Expr:
    """Running sums, products and maxima."""
    x = g.pick(least=1)
    names = ("cumsum", "cumsum", "cumprod", "cummax", "cummin", "diff", *(("logcumsumexp",) if g.real and x.dtype.kind == "f" else ()))
    return B[g.draw.choice(names)](x, axis=_axis(g, x))


def sorts(g: Growth) -> Any:
    """Sorted, selected and counted elements."""
    x = g.pick(least=1)
    axis, kind = _axis(g, x), g.draw.choice(range(11))
    if kind < 2:
        return B["sort"](x, axis=axis)
    if kind == 2:
        return B["argsort"](x, axis=axis)
    if kind == 3:
        return B["topk"](x, g.draw.choice((1, -1)), axis=axis)
    if kind == 4:
        return B["searchsorted"](B["sort"](x.ravel()), g.mate(x).astype(x.dtype), side=g.draw.choice(("left", "right")))
    if kind == 5:
        return B["bincount"](B["absolute"](g.pick("iu").ravel()) % 7, minlength=g.draw.choice((0, 9)))
    if kind == 6:
        return B["median"](x, axis=axis) if g.real or x.dtype.kind == "f" else B["max"](x, axis=axis)
    if kind == 7:
        return B["take_along_axis"](x, B["argsort"](x, axis=axis), axis=axis)
    if kind == 8:
        return B["digitize"](g.mate(x).astype(x.dtype), tv.constant(np.array([-1, 0, 2]), dtype=x.dtype))
    if kind == 9:
        return B["lexsort"]([x, B["negative"](x.astype("float64"))]) if x.ndim == 1 else B["unique"](x, axis=0)
    return B["count_nonzero"](x, axis=axis)


def lookups(g: Growth) -> Any:
    """Several arrays of indices, masks, places along an axis, choices."""
    x = g.pick(least=2)
    i, j = np.array([0, -1, 0]), np.array([[0], [-1]])
    kind = g.draw.choice(range(9))
    if kind == 0:
        return x[i, j]
    if kind == 1:
        return x[..., i, 0] if x.ndim == 2 else x[i, :, 0]
    if kind == 2:
        part = x[i, j]
        return g.draw.choice((part.set(1), part.inc(1), part.inc(part)))
    if kind == 3:
        return x[:, x[0] > 0] if x.ndim == 2 else x[x > 0]
    if kind == 4:
        return x[x > 0].set(0)
    if kind == 8:
        return B["put_along_axis"](x, B["argmax"](x, axis=0, keepdims=True), 1, axis=0)
    if kind == 5:
        return B["fill_diagonal"](x, 1) if x.ndim == 2 else B["diagonal"](x)
    if kind == 6:
        return B["choose"](x > 0, [g.mate(x), x]) if x.dtype.kind != "b" else B["choose"](x, [1, 2])
    return B["take"](x, i, axis=_axis(g, x), mode=g.draw.choice(("raise", "wrap", "clip")))


def borders(g: Growth) -> Expr:
    """Padded, repeated, cut and put together."""
    x = g.pick(least=1)
    kind = g.draw.choice(range(6))
    if kind < 3:
        widths = [(g.draw.choice((0, 1, 2)), g.draw.choice((0, 1))) for _ in range(x.ndim)]
        return B["pad"](x, widths, mode=g.draw.choice(MODES))
    if kind == 3:
        return B["insert"](x, 0, 1, axis=_axis(g, x))
    if kind == 4:
        return B["delete"](x, 0, axis=_axis(g, x))
    return B["kron"](x, g.pick(least=1, most=2)) if x.ndim < 3 else B["rot90"](x)


def contractions(g: Growth) -> Expr:
    """einsum."""
    text = g.draw.choice(SUBSCRIPTS)
    terms = text.split("->")[0].split(",")
    return B["einsum"](text, *(g.pick("fi", len(t), len(t)) for t in terms))


def windows(g: Growth) -> Expr:
    """Convolutions and pools of what has four axes, or of a matrix as one picture."""
    x = g.pick("f", 2)
    picture = x[None, None] if x.ndim == 2 else x[None] if x.ndim == 3 else x
    kind = g.draw.choice(range(5))
    if kind < 2:
        w = tv.constant(np.array([[1.0, -1.0], [0.5, 2.0]])[None, None], dtype=x.dtype)
        if picture.type.shape[1] not in (1, None):
            raise Unfit
        picture = picture[:, :1]
        return B["conv2d"](picture, w, stride=g.draw.choice((1, 2)), padding=g.draw.choice((0, 1)))
    if kind == 2:
        return B["pool_max"](picture, (2, 2), stride=g.draw.choice(((2, 2), (1, 1))))
    if kind == 3:
        return B["pool_sum"](picture, (2, 1))
    return B["convolve"](x.ravel(), tv.constant([1.0, 0.5, -1.0], dtype=x.dtype), mode=g.draw.choice(("full", "same")))


def slopes(g: Growth) -> Any:
    """Gradients of windows, scans, sorts and lookups."""
    x = g.pick("f", 2, 3)
    picture = x[None, None] if x.ndim == 2 else x[None]
    w = tv.constant(np.array([[1.0, -1.0], [0.5, 2.0]])[None, None], dtype=x.dtype)
    made: tuple[Callable[[], Expr], ...] = (
        lambda: B["conv2d"](picture[:, :1], w, padding=1), lambda: B["pool_max"](picture, (2, 2)), lambda: B["pool_sum"](picture, (2, 1)),
        lambda: B["unfold"](picture, (2, 2)), lambda: B["conv2d"](picture[:, :1], picture[:1, :1, :2, :2]), lambda: B["cumprod"](x, axis=0), lambda: B["cummax"](x, axis=-1), lambda: B["sort"](x, axis=0),
        lambda: B["take_along_axis"](x, B["argsort"](x, axis=0), axis=0), lambda: B["prod"](x, axis=0), lambda: B["pad"](x, 1, mode="edge"))
    y = g.draw.choice(made)()
    return tv.grad((y * y).sum(), x)


def complexes(g: Growth) -> Any:
    """Complex numbers on the way: parts of products of them."""
    if g.real:
        raise Unfit
    x = g.pick("f")
    y = g.mate(x, "f")
    z, w = B["complex"](x, y), B["complex"](g.draw.choice((y, 1.0)), x)
    made = g.draw.choice((z * w, z + w, z - w, B["conjugate"](z) * w, -z, B["where"](x > y, z, w), z * 2))
    kind = g.draw.choice(range(4))
    if kind == 0:
        made = B["sum"](made, axis=None if not made.ndim else 0)
    if kind == 1 and made.ndim > 1 and g.kind == "exact":           # BLAS multiplies by 1 + 0j, and infinity times 0 is NaN
        made = made @ made.mT
    return [made.real, made.imag] if g.draw.choice((True, False)) else B["equal"](made, z)


MORE: dict[str, tuple[int, Callable[[Growth], Any]]] = {
    "special": (4, special), "scan": (3, scans), "sort": (4, sorts), "lookup": (4, lookups), "border": (3, borders),
    "contraction": (2, contractions), "window": (3, windows), "complex": (2, complexes), "slope": (2, slopes),
}
