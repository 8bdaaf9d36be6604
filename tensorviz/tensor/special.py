"""`tensorviz.tensor.special`: special functions by the names of `scipy.special`, and Theano's and PyTensor's words for them."""

from __future__ import annotations

from ..core.op import BUILDERS
from ..core.ops.elementwise import round as round
from ..core.ops.numeric import sinc as sinc
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
beta, betaln, poch, polygamma, zeta, owens_t = _binary("beta betaln poch polygamma zeta owens_t")
gammainc, gammaincc, gammaincinv, gammainccinv = _binary("gammainc gammaincc gammaincinv gammainccinv")
jv, yv, iv, ive, kv, kve = _binary("jv yv iv ive kv kve")
betainc, betaincinv, hyp2f1 = BUILDERS["betainc"], BUILDERS["betaincinv"], BUILDERS["hyp2f1"]
nextafter, ldexp = _binary("nextafter ldexp")
spacing, bitwise_count = _unary("spacing bitwise_count")

# Other words for the same functions
expit, log1pexp = sigmoid, softplus
psi, loggamma, tri_gamma = digamma, gammaln, trigamma

# softmax, log_softmax and logsumexp are SciPy's here, over all axes; a plain `from special import *` leaves `tv.softmax` alone
__all__ = [
    "beta", "betainc", "betaincinv", "betaln", "binom", "bitwise_count", "boxcox", "boxcox1p", "cbrt", "chi2sf", "comb",
    "cosm1", "digamma", "divmod", "entr", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "exp10", "exp2", "expit", "expm1",
    "exprel", "factorial", "float_power", "frexp", "gamma", "gammainc", "gammaincc", "gammainccinv", "gammaincinv", "gammal",
    "gammaln", "gammau", "huber", "hyp2f1", "i0", "i0e", "i1", "i1e", "iv", "ive", "j0", "j1", "jn", "jv", "k0", "k0e", "k1",
    "k1e", "kl_div", "kn", "kv", "kve", "ldexp", "log1mexp", "log1p", "log1pexp", "log_expit", "log_ndtr", "loggamma", "logit",
    "modf", "ndtr", "ndtri", "ndtri_exp", "nextafter", "owens_t", "poch", "polygamma", "pseudo_huber", "psi", "rel_entr",
    "rgamma", "round_half_away_from_zero", "spacing", "tri_gamma", "trigamma", "xlog1py", "xlogy", "y0", "y1", "yn", "yv",
    "zeta",
]
