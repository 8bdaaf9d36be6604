"""Rows of special functions: each calls the function of its name in functions/special*.c or bessel*.c."""

from __future__ import annotations

__all__ = ["SPECIAL_ROWS"]

_ARGUMENTS = {
    1: "erfcx erfinv erfcinv ndtr log_ndtr ndtri ndtri_exp gamma rgamma gammaln digamma trigamma j0 j1 y0 y1 i0 i1 i0e i1e k0 k1 "
       "k0e k1e logit log1mexp entr cosm1",
    2: "xlogy xlog1py rel_entr kl_div beta betaln poch polygamma zeta owens_t gammainc gammaincc gammaincinv gammainccinv jv iv "
       "ive kv kve",
    3: "betainc betaincinv",
}
SPECIAL_ROWS: dict[str, dict[str, str]] = {
    name: {"f": f"tv_{name}_{{t}}({', '.join(f'{{{k}}}' for k in range(count))})"}
    for count, names in _ARGUMENTS.items() for name in names.split()}
SPECIAL_ROWS["exp10"] = {"f": "pow{f}(10, {0})"}        # not every C library has exp10
