"""Pieces of C that generated code is put together from: helpers by name, prototypes of the math functions in use."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np

from .language import C, Language
from .toolchain import VECTOR_FUNCTIONS, toolchain

__all__ = ["integer_helpers", "piece", "prototypes"]

_SCALAR = {"floor", "ceil", "trunc", "rint", "fabs", "sqrt", "fmod", "copysign", "fmax", "fmin"}
_TWO = {"fmod", "copysign", "pow", "atan2", "hypot", "fmax", "fmin"}
_CALL = re.compile(r"\b([a-z][a-z0-9]*)\(")


@cache
def _pieces() -> dict[str, str]:
    text = Path(__file__).with_name("prelude.c").read_text()
    parts = re.split(r"^/\*@ (\w+) \*/\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def piece(name: str) -> str:
    """A named piece of prelude.c."""
    return _pieces()[name]


def prototypes(code: str) -> str:
    """Declarations of the math functions that `code` calls, with those that loops can call on vectors marked so."""
    tools = toolchain()
    lines = []
    for name in dict.fromkeys(_CALL.findall(code)):
        base = name if name in VECTOR_FUNCTIONS or name in _SCALAR else name.removesuffix("f")
        if base in VECTOR_FUNCTIONS and tools is not None:
            lines.append(tools.prototype(name))
        elif base in _SCALAR or base in VECTOR_FUNCTIONS:
            scalar = "float" if name != base else "double"
            lines.append(f"{scalar} {name}({', '.join([scalar] * (2 if base in _TWO else 1))});")
    return "\n".join(lines)


_FLOAT = """
static inline {T} tv_mod_{t}({T} a, {T} b)
{{
    {T} r = fmod{f}(a, b);
    return r == 0 ? copysign{f}(({T})0, b) : (b < 0) != (r < 0) ? r + b : r;
}}
static inline {T} tv_floordiv_{t}({T} a, {T} b)
{{
    if (b == 0) return a / b;
    {T} r = fmod{f}(a, b), q = (a - r) / b;
    if (r != 0 && (b < 0) != (r < 0)) q -= 1;
    if (q == 0) return copysign{f}(({T})0, a / b);
    {T} w = floor{f}(q);
    return q - w > ({T})0.5 ? w + 1 : w;
}}
"""
_SIGNED = """
static inline {T} tv_floordiv_{t}({T} a, {T} b)
{{
    if (b == 0) return 0;
    if (b == -1) return ({T})(0 - ({U})a);
    return a / b - ((a % b != 0) & ((a < 0) != (b < 0)));
}}
static inline {T} tv_mod_{t}({T} a, {T} b)
{{
    if (b == 0 || b == -1) return 0;
    {T} r = a % b;
    return ((r != 0) & ((r < 0) != (b < 0))) ? r + b : r;
}}
static inline {T} tv_rem_{t}({T} a, {T} b) {{ return b == 0 || b == -1 ? 0 : a % b; }}
static inline {T} tv_shl_{t}({T} a, {T} b) {{ return (({U})b < {n}) ? ({T})(({U})a << b) : 0; }}
static inline {T} tv_shr_{t}({T} a, {T} b) {{ return (({U})b < {n}) ? a >> b : a < 0 ? -1 : 0; }}
"""
_UNSIGNED = """
static inline {T} tv_floordiv_{t}({T} a, {T} b) {{ return b == 0 ? 0 : a / b; }}
static inline {T} tv_mod_{t}({T} a, {T} b) {{ return b == 0 ? 0 : a % b; }}
static inline {T} tv_rem_{t}({T} a, {T} b) {{ return b == 0 ? 0 : a % b; }}
static inline {T} tv_shl_{t}({T} a, {T} b) {{ return b < {n} ? ({T})(a << b) : 0; }}
static inline {T} tv_shr_{t}({T} a, {T} b) {{ return b < {n} ? a >> b : 0; }}
"""
_POWER = """
static inline {T} tv_ipow_{t}({T} a, {T} b) {{ {T} r = 1; while (b > 0) {{ if (b & 1) r *= a; a *= a; b >>= 1; }} return r; }}
"""
_GCD = """
static inline {T} tv_gcd_{t}({T} x, {T} y)
{{
    {U} a = x < 0 ? ({U})(0 - ({U})x) : ({U})x, b = y < 0 ? ({U})(0 - ({U})y) : ({U})y;
    while (b) {{ const {U} r = a % b; a = b; b = r; }}
    return ({T})a;
}}
"""
_LCM = """
static inline {T} tv_lcm_{t}({T} x, {T} y)
{{
    const {U} g = ({U})tv_gcd_{t}(x, y), a = x < 0 ? ({U})(0 - ({U})x) : ({U})x, b = y < 0 ? ({U})(0 - ({U})y) : ({U})y;
    return g == 0 ? 0 : ({T})(a / g * b);
}}
"""


_WALKS = {"add": "TV_ADD({name}, {T})\n", "pick": "TV_PICK({name}, {T}, 0, i, =)\n", "put": "TV_PICK({name}, {T}, i, 0, =)\n",
          "inc": "TV_PICK({name}, {T}, i, 0, +=)\n"}


def integer_helpers(code: str, language: Language = C) -> str:
    """Definitions of NumPy's division, remainder, shifts and integer powers for the dtypes that `code` uses them with."""
    out = []
    for t, f in (("f64", ""), ("f32", language.suffix)):
        if re.search(rf"\btv_(mod|floordiv)_{t}\(", code):
            out.append(_FLOAT.format(T=_type(t, language), t=t, f=f))
    for tag in dict.fromkeys(re.findall(r"\btv_(?:floordiv|mod|rem|shl|shr|ipow|gcd|lcm)_([iu]\d+)\(", code)):
        type_, unsigned = _type(tag, language), _type("u" + tag[1:], language)
        parts = [_SIGNED if tag[0] == "i" else _UNSIGNED]
        others = (("ipow", _POWER), ("[gl]c[dm]", _GCD), ("lcm", _LCM))
        parts += [part for name, part in others if re.search(f"tv_{name}_{tag}", code)]
        out += [part.format(T=type_, U=unsigned, t=tag, n=int(tag[1:])) for part in parts]
    for name, tag in dict.fromkeys(re.findall(r"\btv_(add|pick|put|inc)_([iuf]\d+)\(", code)):
        out.append(_WALKS[name].format(name=f"tv_{name}_{tag}", T=_type(tag, language)))
    return "".join(out)


def _type(tag: str, language: Language) -> str:
    """The type name for a tag: "i64" -> that of int64."""
    return language.type(np.dtype(f"{tag[0]}{int(tag[1:]) // 8}"))
