"""Functions in which the items of a group put their accumulators together, in the language's own spelling."""

from __future__ import annotations

import re

import numpy as np

from ..compile.language import Language

__all__ = ["group_functions"]

_TREE = """
/* All items of a group get {what} of their values. */
static {T} tv_group_{op}_{t}({T} mine, {L}{T} *part)
{{
    const int lane = {lane};
    part[lane] = mine;
    for (int width = {size} / 2; width > 0; width /= 2) {{
        {barrier};
        if (lane < width) {{
            const {T} a = part[lane], b = part[lane + width];
            part[lane] = {both};
        }}
    }}
    {barrier};
    const {T} result = part[0];
    {barrier};
    return result;
}}
"""
_PLACE = """
/* All items of a group get the {what} of their values and the first place where it is; a place below 0 is none. */
static void tv_group_{op}_{t}({T} *best, {I} *at, {L}{T} *part, {L}{I} *places)
{{
    const int lane = {lane};
    part[lane] = *best;
    places[lane] = *at;
    for (int width = {size} / 2; width > 0; width /= 2) {{
        {barrier};
        if (lane < width) {{
            const {T} a = part[lane], b = part[lane + width];
            const {I} i = places[lane], j = places[lane + width];
            const int same = a == b || (a != a && b != b), better = a == a && (b {sign} a || b != b);
            if (j >= 0 && (i < 0 || better || (same && j < i))) {{
                part[lane] = b;
                places[lane] = j;
            }}
        }}
    }}
    {barrier};
    *best = part[0];
    *at = places[0];
    {barrier};
}}
"""
_BOTH = {"sum": "a + b", "prod": "a * b", "max": "b > a ? b : a", "min": "b < a ? b : a", "any": "a | b", "all": "a & b",
         "argmax": ">", "argmin": "<"}
_WORDS = {"sum": "the sum", "prod": "the product", "max": "the largest", "min": "the smallest", "any": "the or", "all": "the and",
          "argmax": "largest", "argmin": "smallest"}
_CALL = re.compile(r"\btv_group_([a-z]+)_([a-z])(\d+)\(")


def group_functions(code: str, language: Language) -> str:
    """Definitions of the functions of this kind that `code` calls.

    >>> from tensorviz.compile.language import OPENCL
    >>> print(group_functions("x = tv_group_sum_f32(x, part);", OPENCL).split("{")[0].strip())
    /* All items of a group get the sum of their values. */
    static float tv_group_sum_f32(float mine, __local float *part)
    """
    out = []
    for op, kind, bits in dict.fromkeys(_CALL.findall(code)):
        dtype = np.dtype(f"{kind}{int(bits) // 8}")
        template = _PLACE if op.startswith("arg") else _TREE
        types = {"T": language.type(dtype), "I": language.type(np.dtype("int64")), "L": language.local}
        places = {"lane": language.shares["lanes"].first, "size": language.group, "barrier": language.barrier}
        out.append(template.format(op=op, t=kind + bits, both=_BOTH[op], sign=_BOTH[op], what=_WORDS[op], **types, **places))
    return "".join(out)
