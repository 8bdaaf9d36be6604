"""Rows of special functions: each calls the function of its name in functions/special*.c, bessel*.c and so on."""

from __future__ import annotations

__all__ = ["SPECIAL_ROWS"]

_ARGUMENTS = {
    1: "erfcx erfinv erfcinv ndtr log_ndtr ndtri ndtri_exp gamma rgamma gammaln digamma trigamma j0 j1 y0 y1 i0 i1 i0e i1e k0 k1 "
       "k0e k1e logit log1mexp entr cosm1 exp1 expi dawsn erfi sine_integral cosine_integral fresnel_s fresnel_c spence airy_ai "
       "airy_aip airy_bi airy_bip ellipk ellipkm1 ellipe lambertw_0 lambertw_m1 wrightomega kolmogorov kolmogi",
    2: "xlogy xlog1py rel_entr kl_div beta betaln poch polygamma zeta owens_t gammainc gammaincc gammaincinv gammainccinv jv iv "
       "ive kv kve expn ellipkinc ellipeinc elliprc hyp0f1 wofz_real wofz_imag "
       "stdtr stdtrit",
    3: "betainc betaincinv betaincc betainccinv elliprf elliprd",
}
SPECIAL_ROWS: dict[str, dict[str, str]] = {
    name: {"f": f"tv_{name}_{{t}}({', '.join(f'{{{k}}}' for k in range(count))})"}
    for count, names in _ARGUMENTS.items() for name in names.split()}
SPECIAL_ROWS["exp10"] = {"f": "pow{f}(10, {0})"}        # not every C library has exp10
