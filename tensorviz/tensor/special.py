"""`tensorviz.tensor.special`: special functions by the names of `scipy.special`, and Theano's and PyTensor's words for them."""

from __future__ import annotations

from ..core.op import BUILDERS
from ..core.ops.elementwise import round as round
from ..core.ops.numeric import sinc as sinc
from ..core.ops.special_families import (
    h1vp,
    h2vp,
    hankel1,
    hankel1e,
    hankel2,
    hankel2e,
    ivp,
    jve,
    kvp,
    spherical_in,
    spherical_jn,
    spherical_kn,
    spherical_yn,
    yve,
    yvp,
)
from ..core.ops.special_families import jvp as jvp
from ..core.ops.special_forms import (
    agm,
    cosdg,
    cotdg,
    diric,
    factorial2,
    gammasgn,
    inv_boxcox,
    inv_boxcox1p,
    multigammaln,
    perm,
    powm1,
    radian,
    sindg,
    tandg,
    zeta,
    zetac,
)
from ..core.ops.special_integrals import airy, airye, elliprg, fresnel, shichi, sici
from ..core.ops.special_laws import (
    bdtr,
    bdtrc,
    bdtri,
    chdtr,
    chdtrc,
    chdtri,
    fdtr,
    fdtrc,
    fdtri,
    gdtr,
    gdtrc,
    gdtria,
    gdtrix,
    nbdtr,
    nbdtrc,
    nbdtri,
    nrdtrimn,
    nrdtrisd,
    pdtr,
    pdtrc,
    pdtri,
)
from ..core.ops.special_more import boxcox, boxcox1p, comb, exprel, huber, pseudo_huber, yn
from ..core.ops.special_numbers import (
    binom,
    chi2sf,
    divmod,
    factorial,
    float_power,
    frexp,
    gammal,
    gammau,
    jn,
    kn,
    log_expit,
    modf,
)
from ..core.ops.special_numbers import round_half_away_from_zero as round_half_away_from_zero
from ..core.ops.special_polynomials import (
    eval_chebyc,
    eval_chebys,
    eval_chebyt,
    eval_chebyu,
    eval_gegenbauer,
    eval_genlaguerre,
    eval_hermite,
    eval_hermitenorm,
    eval_jacobi,
    eval_laguerre,
    eval_legendre,
    eval_sh_chebyt,
    eval_sh_chebyu,
    eval_sh_jacobi,
    eval_sh_legendre,
    lpmv,
    sph_harm_y,
)
from ..core.ops.special_roots import lambertw, voigt_profile, wofz
from ..core.ops.special_sums import log_softmax as log_softmax
from ..core.ops.special_sums import logsumexp as logsumexp
from ..core.ops.special_sums import softmax as softmax
from .elementwise import _binary, _unary, cbrt, erf, erfc, exp2, expm1, log1p, sigmoid, softplus

erfcx, erfinv, erfcinv, ndtr, log_ndtr, ndtri, ndtri_exp = _unary("erfcx erfinv erfcinv ndtr log_ndtr ndtri ndtri_exp")
gamma, rgamma, gammaln, digamma, trigamma = _unary("gamma rgamma gammaln digamma trigamma")
j0, j1, y0, y1, i0, i1, i0e, i1e = _unary("j0 j1 y0 y1 i0 i1 i0e i1e")
k0, k1, k0e, k1e = _unary("k0 k1 k0e k1e")
logit, log1mexp, entr, exp10, cosm1 = _unary("logit log1mexp entr exp10 cosm1")
xlogy, xlog1py, rel_entr, kl_div = _binary("xlogy xlog1py rel_entr kl_div")
beta, betaln, poch, polygamma, owens_t = _binary("beta betaln poch polygamma owens_t")
gammainc, gammaincc, gammaincinv, gammainccinv = _binary("gammainc gammaincc gammaincinv gammainccinv")
jv, yv, iv, ive, kv, kve = _binary("jv yv iv ive kv kve")
betainc, betaincinv, betaincc, betainccinv = (BUILDERS[name] for name in ("betainc", "betaincinv", "betaincc", "betainccinv"))
exp1, expi, dawsn, erfi, spence = _unary("exp1 expi dawsn erfi spence")
ellipk, ellipkm1, ellipe = _unary("ellipk ellipkm1 ellipe")
expn, ellipkinc, ellipeinc, elliprc = _binary("expn ellipkinc ellipeinc elliprc")
elliprf, elliprd = BUILDERS["elliprf"], BUILDERS["elliprd"]
wrightomega, kolmogorov, kolmogi = _unary("wrightomega kolmogorov kolmogi")
hyp0f1, struve, modstruve, stdtr, stdtrit = _binary("hyp0f1 struve modstruve stdtr stdtrit")
hyp1f1, hyperu, hyp2f1 = BUILDERS["hyp1f1"], BUILDERS["hyperu"], BUILDERS["hyp2f1"]
nextafter, ldexp = _binary("nextafter ldexp")
spacing, bitwise_count = _unary("spacing bitwise_count")

# Other words for the same functions
expit, log1pexp = sigmoid, softplus
psi, loggamma, tri_gamma = digamma, gammaln, trigamma

# softmax, log_softmax and logsumexp are SciPy's here, over all axes, and jvp is the derivative of jv; a plain
# `from special import *` leaves `tv.softmax` and `tv.jvp` alone
__all__ = [
    "agm", "airy", "airye", "bdtr", "bdtrc", "bdtri", "beta", "betainc", "betaincc", "betainccinv", "betaincinv", "betaln",
    "binom", "bitwise_count", "boxcox", "boxcox1p", "cbrt", "chdtr", "chdtrc", "chdtri", "chi2sf", "comb", "cosdg", "cosm1",
    "cotdg", "dawsn", "digamma", "diric", "divmod", "ellipe", "ellipeinc", "ellipk", "ellipkinc", "ellipkm1", "elliprc",
    "elliprd", "elliprf", "elliprg", "entr", "erf", "erfc", "erfcinv", "erfcx", "erfi", "erfinv", "eval_chebyc",
    "eval_chebys", "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_genlaguerre", "eval_hermite", "eval_hermitenorm",
    "eval_jacobi", "eval_laguerre", "eval_legendre", "eval_sh_chebyt", "eval_sh_chebyu", "eval_sh_jacobi",
    "eval_sh_legendre", "exp1", "exp10", "exp2", "expi", "expit", "expm1", "expn", "exprel", "factorial", "factorial2",
    "fdtr", "fdtrc", "fdtri", "float_power", "fresnel", "frexp", "gamma", "gammainc", "gammaincc", "gammainccinv",
    "gammaincinv", "gammal", "gammaln", "gammasgn", "gammau", "gdtr", "gdtrc", "gdtria", "gdtrix", "h1vp", "h2vp",
    "hankel1", "hankel1e", "hankel2", "hankel2e", "huber", "hyp0f1", "hyp1f1", "hyp2f1", "hyperu", "i0", "i0e", "i1", "i1e",
    "inv_boxcox", "inv_boxcox1p", "iv", "ive", "ivp", "j0", "j1", "jn", "jv", "jve", "k0", "k0e", "k1", "k1e",
    "kl_div", "kn", "kolmogi", "kolmogorov", "kv", "kve", "kvp", "lambertw", "ldexp", "log1mexp", "log1p", "log1pexp",
    "log_expit", "log_ndtr", "loggamma", "logit", "lpmv", "modf", "modstruve", "multigammaln", "nbdtr", "nbdtrc", "nbdtri",
    "ndtr", "ndtri", "ndtri_exp", "nextafter", "nrdtrimn", "nrdtrisd", "owens_t", "pdtr", "pdtrc", "pdtri", "perm", "poch",
    "polygamma", "powm1", "pseudo_huber", "psi", "radian", "rel_entr", "rgamma", "round_half_away_from_zero", "shichi",
    "sici", "sindg", "spacing", "spence", "sph_harm_y", "spherical_in", "spherical_jn", "spherical_kn", "spherical_yn",
    "stdtr", "stdtrit", "struve", "tandg", "tri_gamma", "trigamma", "voigt_profile", "wofz", "wrightomega", "xlog1py",
    "xlogy", "y0", "y1", "yn", "yv", "yve", "yvp", "zeta", "zetac",
]
