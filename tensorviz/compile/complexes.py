"""Complex numbers and float16 in generated code: the templates of their ops, merged into those of `language.py`.

Formulas are NumPy's: products by the four real products, quotients by Smith's method (R. L. Smith, Algorithm 116, 1962), order
by real parts, then imaginary ones. float16 is computed in float and rounded after each op, as NumPy does.
"""

from __future__ import annotations

__all__ = ["COMPLEX", "EXACT_HALVES", "HALF"]

_FUNCTIONS = ("reciprocal", "square", "absolute", "sign", "conjugate", "rint", "isnan", "isinf", "isfinite", "exp", "exp2",
              "expm1", "log", "log2", "log10", "log1p")
_OF_LIBM = {"sqrt": "csqrt", "sin": "csin", "cos": "ccos", "tan": "ctan", "sinh": "csinh", "cosh": "ccosh", "tanh": "ctanh",
            "arcsin": "casin", "arccos": "cacos", "arctan": "catan", "arcsinh": "casinh", "arccosh": "cacosh",
            "arctanh": "catanh"}
_PAIRS = {"multiply": "mul", "true_divide": "div", "power": "cpow", "less": "less", "less_equal": "less_equal",
          "maximum": "larger", "minimum": "smaller"}

COMPLEX: dict[str, str] = {
    "add": "{0} + {1}", "subtract": "{0} - {1}", "negative": "-{0}",
    "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "greater": "tv_less_{t}({1}, {0})", "greater_equal": "tv_less_equal_{t}({1}, {0})",
    "logical_and": "(({0} != 0) & ({1} != 0))", "logical_or": "(({0} != 0) | ({1} != 0))",
    "logical_xor": "(({0} != 0) ^ ({1} != 0))", "logical_not": "{0} == 0",
    "real": "__real__ {0}", "imag": "__imag__ {0}", "where": "tv_where_{t}({0}, {1}, {2})",
    **{name: f"tv_{name}_{{t}}({{0}})" for name in _FUNCTIONS},
    **{name: f"{function}{{f}}({{0}})" for name, function in _OF_LIBM.items()},
    **{name: f"tv_{function}_{{t}}({{0}}, {{1}})" for name, function in _PAIRS.items()},
}
"""op -> template for complex arguments; {f} is the suffix of the functions for their parts."""

HALF: dict[str, str] = {"exp": "tv_exp_half({0})", "nextafter": "tv_next_half({0}, {1})", "spacing": "tv_spacing_half({0})"}
"""op -> template for float16 where that for floats doesn't do."""

EXACT_HALVES = {"negative", "absolute", "sign", "maximum", "minimum", "where", "floor", "ceil", "trunc", "rint", "copysign",
                "nan_if", "frexp_mantissa", "nextafter", "spacing"}
"""Ops that make halves of halves: nothing is to be rounded."""
