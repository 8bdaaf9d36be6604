"""Languages as tables of differences: how types, functions, loops and entries are written in C and OpenCL C."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from .complexes import COMPLEX, HALF
from .special import SPECIAL_ROWS

__all__ = ["C", "CAST", "Language", "MIXED", "OPENCL", "OPS", "Share", "identity_of"]

BOOL, F2 = np.dtype(bool), np.dtype("float16")

TYPES = {"bool": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int", "int64": "i64",
         "uint8": "unsigned char", "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "u64",
         "float32": "float", "float64": "double"}
C_ONLY = {"float16": "tv_half", "complex64": "float _Complex", "complex128": "double _Complex"}

# op -> template by kind of the arguments ("f" floats, "i" signed, "u" unsigned, "b" bool, "c" complex, "" any but complex);
# {f} is the float suffix
OPS: dict[str, dict[str, str]] = {
    "add": {"b": "({0} | {1})", "": "{0} + {1}"},
    "subtract": {"": "{0} - {1}"},
    "multiply": {"b": "({0} & {1})", "": "{0} * {1}"},
    "true_divide": {"f": "{0} / {1}"},
    "floor_divide": {"f": "tv_floordiv_{t}({0}, {1})", "i": "tv_floordiv_{t}({0}, {1})", "u": "tv_floordiv_{t}({0}, {1})"},
    "remainder": {"f": "tv_mod_{t}({0}, {1})", "i": "tv_mod_{t}({0}, {1})", "u": "tv_mod_{t}({0}, {1})"},
    "power": {"f": "pow{f}({0}, {1})", "i": "tv_ipow_{t}({0}, {1})", "u": "tv_ipow_{t}({0}, {1})"},
    "equal": {"": "{0} == {1}"},
    "not_equal": {"": "{0} != {1}"},
    "less": {"": "{0} < {1}"},
    "less_equal": {"": "{0} <= {1}"},
    "greater": {"": "{0} > {1}"},
    "greater_equal": {"": "{0} >= {1}"},
    "bitwise_and": {"": "({0} & {1})"},
    "bitwise_or": {"": "({0} | {1})"},
    "bitwise_xor": {"": "({0} ^ {1})"},
    "left_shift": {"i": "tv_shl_{t}({0}, {1})", "u": "tv_shl_{t}({0}, {1})"},
    "right_shift": {"i": "tv_shr_{t}({0}, {1})", "u": "tv_shr_{t}({0}, {1})"},
    "logical_and": {"b": "{0} & {1}", "": "(({0} != 0) & ({1} != 0))"},
    "logical_or": {"b": "{0} | {1}", "": "(({0} != 0) | ({1} != 0))"},
    "logical_xor": {"b": "{0} ^ {1}", "": "(({0} != 0) ^ ({1} != 0))"},
    "logical_not": {"b": "{0} ^ 1", "": "{0} == 0"},
    "invert": {"b": "{0} ^ 1", "": "~{0}"},
    "negative": {"": "-{0}"},
    "absolute": {"f": "fabs{f}({0})", "i": "({0} < 0 ? -{0} : {0})", "": "{0}"},
    "sign": {"f": "({0} != {0} ? {0} : ({t})(({0} > 0) - ({0} < 0)))", "i": "({t})(({0} > 0) - ({0} < 0))",
             "u": "({t})({0} > 0)"},
    "reciprocal": {"f": "{one} / {0}", "i": "tv_recip_{t}({0})", "u": "({t})({0} == 1)"},
    "square": {"b": "{0}", "": "{0} * {0}"},
    "sqrt": {"f": "sqrt{f}({0})"},
    **{name: {"f": name + "{f}({0})"} for name in (
        "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "floor", "ceil", "trunc", "rint", "erf", "erfc")},
    "arcsin": {"f": "asin{f}({0})"}, "arccos": {"f": "acos{f}({0})"}, "arctan": {"f": "atan{f}({0})"},
    "arcsinh": {"f": "asinh{f}({0})"}, "arccosh": {"f": "acosh{f}({0})"}, "arctanh": {"f": "atanh{f}({0})"},
    "arctan2": {"f": "atan2{f}({0}, {1})"}, "hypot": {"f": "hypot{f}({0}, {1})"},
    "maximum": {"f": "({0} >= {1} || {0} != {0} ? {0} : {1})", "": "({0} > {1} ? {0} : {1})"},
    "minimum": {"f": "({0} <= {1} || {0} != {0} ? {0} : {1})", "": "({0} < {1} ? {0} : {1})"},
    "isnan": {"f": "{0} != {0}", "": "0 * {0}"},
    "isinf": {"f": "fabs{f}({0}) == {inf}", "": "0 * {0}"},
    "isfinite": {"f": "fabs{f}({0}) < {inf}", "": "1 | (0 * {0})"},
    "where": {"": "({0} ? {1} : {2})"},
    "complex": {"f": "tv_complex_{t}({0}, {1})"},        # {t}: of the result
    "sigmoid": {"f": "({0} < 0 ? exp{f}(-fabs{f}({0})) : {one}) / ({one} + exp{f}(-fabs{f}({0})))"},
    "softplus": {"f": "({0} > 0 ? {0} : 0) + log1p{f}(exp{f}(-fabs{f}({0})))"},
    "logaddexp": {"f": "({0} > {1} ? {0} : {1}) + log1p{f}(exp{f}({0} == {1} ? 0 : -fabs{f}({0} - {1})))"},
    "logaddexp2": {"f": "({0} > {1} ? {0} : {1})"
                        " + ({t})1.4426950408889634 * log1p{f}(exp2{f}({0} == {1} ? 0 : -fabs{f}({0} - {1})))"},
    "fmod": {"f": "fmod{f}({0}, {1})", "i": "tv_rem_{t}({0}, {1})", "u": "tv_rem_{t}({0}, {1})"},
    "copysign": {"f": "copysign{f}({0}, {1})"},
    "nextafter": {"f": "nextafter{f}({0}, {1})"},
    "spacing": {"f": "tv_spacing_{t}({0})"},
    "ldexp": {"f": "tv_ldexp_{t}({0}, {1})"},
    "frexp_mantissa": {"f": "tv_mantissa_{t}({0})"},
    "frexp_exponent": {"f": "tv_exponent_{t}({0})"},
    "bitwise_count": {"i": "tv_popcount_{t}({0})", "u": "tv_popcount_{t}({0})", "b": "{0}"},
    "signbit": {"f": "copysign{f}({one}, {0}) < 0"},
    "gcd": {"i": "tv_gcd_{t}({0}, {1})", "u": "tv_gcd_{t}({0}, {1})"},
    "lcm": {"i": "tv_lcm_{t}({0}, {1})", "u": "tv_lcm_{t}({0}, {1})"},
}
# Parts of long sums, which are no ops of their own: what additions round away, and a sum with all of that.
OPS |= {"lost_so_far": {"f": "tv_sum_lost_{t}({0}, {1}, {2})"}, "with_rest": {"f": "tv_sum_whole_{t}({0}, {1})"}}
for _name in ("floor", "ceil", "trunc", "rint"):
    OPS[_name][""] = "{0}"
for _name, _template in COMPLEX.items():
    OPS.setdefault(_name, {})["c"] = _template

# Comparisons of a signed whole number with an unsigned one of 64 bits, by the kinds of both sides; {u} is the unsigned type.
MIXED: dict[tuple[str, str], str] = {}
for _name, _sign in (("less", "<"), ("less_equal", "<="), ("not_equal", "!=")):
    MIXED[_name, "iu"] = f"(({{0}} < 0) | (({{u}}){{0}} {_sign} {{1}}))"
for _name, _sign in (("greater", ">"), ("greater_equal", ">="), ("equal", "==")):
    MIXED[_name, "iu"] = f"(({{0}} >= 0) & (({{u}}){{0}} {_sign} {{1}}))"
for _name, _sign in (("less", "<"), ("less_equal", "<="), ("equal", "==")):
    MIXED[_name, "ui"] = f"(({{1}} >= 0) & ({{0}} {_sign} ({{u}}){{1}}))"
for _name, _sign in (("greater", ">"), ("greater_equal", ">="), ("not_equal", "!=")):
    MIXED[_name, "ui"] = f"(({{1}} < 0) | ({{0}} {_sign} ({{u}}){{1}}))"

OPS.update(SPECIAL_ROWS)

CAST = "({type}){0}"
BITS = {"i": "i{n}", "u": "u{n}"}


@dataclass(frozen=True)
class Share:
    """How the work-items of a device share out a loop: where one begins, and how many there are ("" if each has one step)."""

    first: str
    count: str = ""

    def steps(self, start: str, step: int) -> tuple[str, str]:
        """Start and step of the part of a loop that one of them runs."""
        first, count = (self.first, self.count) if step == 1 else (f"{self.first} * {step}", f"{self.count} * {step}")
        return first if start == "0" else f"{start} + {first}", count


@dataclass(frozen=True)
class Language:
    """What differs between languages; the printer in `emit.py` reads nothing else.

    types: dtype name -> type name; ops: op -> template; suffix: of float32 functions; unsigned: of literals of 64 bits;
    table: what marks a table of numbers; body: how a function that is specialised by its callers is declared; head: what stands
    before all code.
    caller, patience, poll: how a kernel asks whether to stop: its last parameter, what it counts down, the question.
    moves: whether copies and library calls have code too. Of devices: shares: how loops are shared out; combine: by number of
    accumulators, how a group puts them together; shared: a declaration of memory shared by a group of `group` work-items;
    local: what marks a pointer to it; barrier: where the items of a group wait for each other.
    """

    name: str
    types: dict[str, str] = field(default_factory=dict)
    kernel: str = "TV_KERNEL void"
    body: str = "static inline __attribute__((always_inline)) void"
    buffer: str = ""
    restrict: str = "restrict"
    suffix: str = "f"
    boolean: str = "_Bool"
    simd: bool = True
    ops: dict[str, dict[str, str]] = field(default_factory=lambda: OPS)
    unsigned: str = "ull"
    table: str = "static const"
    caller: str = "tv_call *call"
    patience: str = "i64 patience = TV_PATIENCE;"
    poll: str = "TV_POLL({});"
    head: str = ""
    moves: bool = True
    shares: dict[str, Share] = field(default_factory=dict)
    combine: dict[int, str] = field(default_factory=dict)
    shared: str = ""
    local: str = ""
    barrier: str = ""
    group: int = 1
    inf: dict[str, str] = field(default_factory=lambda: {"float32": "__builtin_inff()", "float64": "__builtin_inf()"})
    nan: dict[str, str] = field(default_factory=lambda: {"float32": '__builtin_nanf("")', "float64": '__builtin_nan("")'})

    def type(self, dtype: np.dtype[Any]) -> str:
        """The type name for a dtype."""
        return self.types[_name_of(dtype)]

    def local_type(self, dtype: np.dtype[Any]) -> str:
        """The type of a local variable: float16 is held as a float."""
        return self.types["float32"] if dtype == F2 else self.boolean if dtype == BOOL else self.type(dtype)

    def row(self, op: str, dtype: np.dtype[Any]) -> str | None:
        """How an op of arguments of this dtype is written; None where there is no code."""
        rows = self.ops.get(op)
        if rows is None:
            return None
        if dtype == F2 and op in HALF:
            return HALF[op]
        return rows.get(dtype.kind) or (None if dtype.kind == "c" else rows.get(""))

    def supports(self, dtype: np.dtype[Any]) -> bool:
        """Whether tensors of this dtype have code in this language."""
        return _name_of(dtype) in self.types


@lru_cache(maxsize=64)
def _name_of(dtype: np.dtype[Any]) -> str:
    """`dtype.name`, which NumPy works out anew each time."""
    return dtype.name


C = Language("c", types=TYPES | C_ONLY)
OPENCL = Language("opencl", types={**TYPES, "bool": "uchar", "int8": "char", "int64": "long",
                                   "uint8": "uchar", "uint16": "ushort", "uint32": "uint", "uint64": "ulong"},
                  kernel="__kernel void", buffer="__global ", suffix="", boolean="bool", simd=False, unsigned="ul", moves=False,
                  table="__constant", head="#pragma OPENCL FP_CONTRACT OFF\n",
                  shares={"item": Share("get_global_id({dim})"), "group": Share("get_group_id({dim})"),
                          "lanes": Share("get_local_id(0)", "get_local_size(0)"),
                          "groups": Share("get_group_id(0)", "get_num_groups(0)"),
                          "all": Share("get_global_id(0)", "get_global_size(0)")},
                  combine={1: "{0} = tv_group_{op}_{t}({0}, {1});", 2: "tv_group_{op}_{t}(&{0}, &{1}, {2}, {3});"},
                  shared="__local {type} {name}[{size}];", local="__local ", barrier="barrier(CLK_LOCAL_MEM_FENCE)", group=64,
                  inf={"float32": "INFINITY", "float64": "(double)INFINITY"}, nan={"float32": "NAN", "float64": "(double)NAN"})


def identity_of(op: str, dtype: np.dtype[Any]) -> Any:
    """The value that a reduction starts from."""
    if op == "sum":
        return 0
    if op in ("prod", "all"):
        return 1
    if op == "any":
        return 0
    if dtype.kind in "fc":
        least = -np.inf if op in ("max", "argmax") else np.inf
        return least if dtype.kind == "f" else complex(least, least)
    if dtype.kind == "b":
        return 0 if op in ("max", "argmax") else 1
    info = np.iinfo(dtype)
    return info.min if op in ("max", "argmax") else info.max
