"""Pieces of C that generated code is put together from: helpers by name, prototypes of the math functions in use."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np

from .language import C, Language
from .toolchain import VECTOR_FUNCTIONS, toolchain

__all__ = ["piece", "prototypes", "typed_functions"]

_SCALAR = {"floor", "ceil", "trunc", "rint", "fabs", "sqrt", "fmod", "copysign", "fmax", "fmin", "nextafter"}
_COMPLEX = {f"c{name}" for name in ("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "log", "pow", "sin", "sinh",
                                    "sqrt", "tan", "tanh")}
_TWO = {"fmod", "copysign", "pow", "atan2", "hypot", "fmax", "fmin", "nextafter"}
_OTHER = {"ldexp": "double ldexp(double, int);", "ldexpf": "float ldexpf(float, int);",
          "frexp": "double frexp(double, int *);", "frexpf": "float frexpf(float, int *);"}
_NAMES = re.compile(r"\b([a-z][a-z0-9]*)\(")


@cache
def _pieces() -> dict[str, str]:
    return {name: text for name, _, text in _sections("pieces")}


def _sections(folder: str) -> list[tuple[str, str, str]]:
    """The sections of the C files in a folder, each begun by a line ``/*@ name kind */``: names, kinds, texts."""
    found = []
    for path in sorted((Path(__file__).parent / folder).glob("*.c")):
        parts = re.split(r"^/\*@ (\w+) ?(\w*) \*/\n", path.read_text(), flags=re.M)
        found += list(zip(parts[1::3], parts[2::3], parts[3::3], strict=True))
    return found


def piece(name: str) -> str:
    """A named piece of the files in pieces/."""
    return _pieces()[name]


# -- functions for dtypes ------------------------------------------------------------------------------------------------
@cache
def _functions() -> dict[str, dict[str, str]]:
    """By name and by what it is for: "" every dtype, a kind of NumPy's ("i", "u", "f", "c"), "f64", or "plain"."""
    table: dict[str, dict[str, str]] = {}
    for name, kind, text in _sections("functions"):
        table.setdefault(name, {})[kind] = text
    return table


def typed_functions(code: str, language: Language = C) -> str:
    """Definitions of the functions of functions/*.c that `code` calls and of those that they call, in an order that compiles.

    A section ``/*@ name */`` defines ``tv_name_$t`` for the dtype with the tag $t (f64, i32, ...): $T is its type, $U the
    unsigned type of the same size, $R the type of the parts of complex numbers, $n its bits, $f the suffix of libm's functions,
    $const what marks a table. A section ``/*@ name i */`` does so for one kind of dtypes (i, u, f, c), ``/*@ name f32 */`` for
    one dtype; ``/*@ name f64 */`` is written for doubles, and a form for floats without a section of its own calls it;
    ``/*@ name plain */`` defines ``tv_name``.
    """
    done: dict[tuple[str, str], str] = {}           # in the order in which they must stand
    opened: set[tuple[str, str]] = set()
    work = [(key, False) for key in reversed(_called(code))]
    while work:
        key, ready = work.pop()
        if ready:
            done[key] = _definition(*key, language)
        elif key not in opened:
            opened.add(key)
            work.append((key, True))
            work += [(k, False) for k in reversed(_called(_definition(*key, language)))]
    return "".join(done.values())


def _called(code: str) -> list[tuple[str, str]]:
    """The functions of functions/*.c that stand in `code`, as names and tags."""
    known = _functions()
    found = []
    for whole, name, tag in _CALLS.findall(code):
        if name in known and tag and "plain" not in known[name]:
            found.append((name, tag))
        elif "plain" in known.get(whole, ()):
            found.append((whole, ""))
    return list(dict.fromkeys(found))


def _definition(name: str, tag: str, language: Language) -> str:
    kinds = _functions()[name]
    if not tag:
        return _KEYS.sub(lambda m: {"const": language.table}[m[1]], kinds["plain"])
    if "f64" in kinds and tag not in kinds:
        head = _HEAD.search(kinds["f64"])
        assert head is not None, name
        args = [a.split()[-1] for a in head[1].split(",")]
        return (f"static inline float tv_{name}_f32({', '.join(f'float {a}' for a in args)})\n"
                f"{{ return (float)tv_{name}_f64({', '.join(args)}); }}\n")
    text = next(kinds[k] for k in (tag, tag[0], "") if k in kinds)
    words = {"const": language.table, "t": tag, "T": _type(tag, language), "n": tag[1:],
             "f": language.suffix if tag == "f32" else ""}
    if tag[0] == "c":
        words |= _words_of_parts("float64" if tag == "c128" else "float32", language)
    if tag[0] in "iu":
        words["U"] = _type("u" + tag[1:], language)
    return _KEYS.sub(lambda m: words[m[1]], text)


_CALLS = re.compile(r"\btv_(([a-z]\w*?)(?:_([a-z]\d+))?)\(")
_HEAD = re.compile(r"tv_\w+\(([^)]*)\)")
_KEYS = re.compile(r"\$(const|inf|nan|[tTnfUR])")


def _words_of_parts(real: str, language: Language) -> dict[str, str]:
    """What stands for parts of complex numbers: $R their type, $f its suffix, $inf, $nan."""
    wide = real == "float64"
    return {"R": language.types[real], "f": "" if wide else language.suffix, "inf": language.inf[real], "nan": language.nan[real]}


def _type(tag: str, language: Language) -> str:
    """The type name for a tag: "i64" -> that of int64."""
    return language.type(np.dtype(f"{tag[0]}{int(tag[1:]) // 8}"))


def prototypes(code: str) -> str:
    """Declarations of the math functions that `code` calls, with those that loops can call on vectors marked so."""
    tools = toolchain()
    lines = []
    for name in dict.fromkeys(_NAMES.findall(code)):
        base = name if name in VECTOR_FUNCTIONS or name in _SCALAR else name.removesuffix("f")
        if base in VECTOR_FUNCTIONS and tools is not None:
            lines.append(tools.prototype(name))
        elif base in _COMPLEX:
            scalar = "float _Complex" if name != base else "double _Complex"
            lines.append(f"{scalar} {name}({', '.join([scalar] * (2 if base == 'cpow' else 1))});")
        elif name in _OTHER:
            lines.append(_OTHER[name])
        elif base in _SCALAR or base in VECTOR_FUNCTIONS:
            scalar = "float" if name != base else "double"
            lines.append(f"{scalar} {name}({', '.join([scalar] * (2 if base in _TWO else 1))});")
    return "\n".join(lines)
