"""Expressions as LaTeX, from the templates of the ops; and, through a converter of our own, as MathML that needs no script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

import numpy as np

from .errors import ArgumentError
from .expr import Expr, constant_op, value_of, variable_op
from .latex_forms import FORMS
from .listing import value_text
from .mathml import GREEK, mathml_of
from .op import Op
from .origins import user_line
from .targets import assigned_name
from .text import ATOM, MANY, Formula, Names, Piece, name_text, subscript

__all__ = ["display_latex", "latex", "latex_of_call", "mathml", "name_latex"]

# How strongly LaTeX forms bind; where NumPy's operators have the same form the numbers are those of `Op.prec`.
CASES, LOGIC, ADD, ODOT, FUNCTION, MUL, POW, TALL, BASE = 10, 20, 50, 58, 59, 60, 80, 90, 95
ROOM = 70                       # symbols on a line before parts get names of their own
LINES = 12                      # lines of an aligned formula; of a longer one the last are shown


def latex(thing: Any, depth: int | None = None, names: Names | None = None, width: int = ROOM) -> str:
    r"""LaTeX of an expression. Long ones become an aligned list: parts with names, and last the whole over them.

    What mathematics says of values is written, no more: checks, axes of length 1 that are kept, what speaks to gradients alone
    (`specify_shape`, `keepdims`, `grad_scale`) are not seen; the text form has them.

    With `depth` only so many levels are looked at: below them stands a name, as `names(node)` says (LaTeX) or made from the op.

    >>> import tensorviz as tv
    >>> x, y = tv.vectors("x y")
    >>> print(latex(tv.exp(-x) / (x + y)))
    \frac{e^{-x}}{x + y}
    """
    if not isinstance(thing, Expr):
        raise ArgumentError(f"latex takes an expression, not {thing!r:.40}", at=user_line(), hint="tv.constant(3) is one")
    found = _Latex(thing, width, depth, names).lines()
    if len(found) == 1:
        return found[0]
    return "\\begin{aligned} " + " \\\\ ".join(found[-LINES:]) + " \\end{aligned}"


def mathml(thing: Any, depth: int | None = None, names: Names | None = None, display: bool = False) -> str:
    """MathML of an expression (or of LaTeX as `latex` writes it): one `<math>` element, everything in it escaped.

    >>> import tensorviz as tv
    >>> mathml(tv.scalar("x") ** 2.0)
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    return mathml_of(thing if isinstance(thing, str) else latex(thing, depth, names), display)


def display_latex(thing: Any) -> str | None:
    """What a notebook shows for an expression (None for anything else)."""
    return f"$\\displaystyle {latex(thing)}$" if isinstance(thing, Expr) else None


# -- formulas ------------------------------------------------------------------------------------------------------
class _Latex(Formula):
    def shown(self, e: Expr) -> Sequence[Expr]:
        """Of what is its argument, for mathematics, only that: not what is asked of its lengths and values at run time."""
        return e.args[:1] if e.op.latex == "{0}" else e.args

    def size(self, piece: str) -> int:
        return len(SYMBOLS.findall(piece)) + (self.width if deep(piece) else 0)

    def leaf(self, e: Expr) -> Piece:
        if e.op is variable_op:
            label = self.labels[e]
            again = re.search(r"#(\d+)$", label) if e._name is None or label != name_text(e._name, 60) else None
            return _marked(e._name or label, again[1] if again else ""), ATOM
        if e.op is not constant_op:
            return latex_of_call(e.op, [], e.params)
        return (name_latex(e._name), ATOM) if e._name else constant_latex(value_of(e))

    def call(self, op: Op, args: Sequence[Piece], params: tuple[Any, ...], ndims: Sequence[int | None]) -> Piece:
        return latex_of_call(op, args, params, ndims)

    def definition(self, label: str, piece: str) -> str:
        return f"{label} &= {piece}"

    def lines(self) -> list[str]:
        """The last line of several says what it is too: the name of the whole, or that of the user's variable, or one more t."""
        found = super().lines()
        if len(found) > 1:
            name = self.root._name or next(filter(None, map(assigned_name, self.root.sites)), "")
            free = name and name_text(name) not in self.taken
            label = name_latex(name) if self.root._name or free else _marked(self._numbered("t", ""))
            found[-1] = self.definition(label, found[-1])
        return found

    def short_name(self, e: Expr, given: str | None) -> str:
        if given:
            return given
        return name_latex(e._name) if e._name else _marked(e.op.name, self._numbered(e.op.name)[len(e.op.name) + 1:])

    def new_name(self, e: Expr) -> str:
        if e._name and e._name not in self.taken:
            self.taken.add(e._name)
            return name_latex(e._name)
        return _marked(self._numbered("t", ""))


SYMBOLS = re.compile(r"\\[A-Za-z]+|[^\s{}\\^_]")


def deep(piece: str, most: int = 10) -> bool:
    """Whether braces and brackets are nested more than `most` deep, as formulas that nobody can read are."""
    level = 0
    for mark in re.finditer(r"\\left|\\right|\\[{}]|[{}]", piece):
        level += {"\\left": 1, "{": 1, "\\right": -1, "}": -1}.get(mark[0], 0)
        if level > most:
            return True
    return False


# -- names and numbers -----------------------------------------------------------------------------------------------
def name_latex(name: str) -> str:
    r"""A user's name: letters italic, words upright, Greek names as letters, `w1` and `x_1` with subscripts, all else as text.

    >>> name_latex("x_1"), name_latex("alpha"), name_latex("lr"), name_latex("W_out")
    ('x_{1}', '\\alpha', '\\mathrm{lr}', 'W_{\\mathrm{out}}')
    """
    return _marked(name)


@lru_cache(4096)
def _marked(name: str, number: str = "") -> str:
    short = name if len(name) <= 40 else name[:39] + "…"
    found = re.fullmatch(r"([A-Za-z]+|[Α-Ωα-ωϕϵ])(\d*)((?:_[A-Za-z0-9]+)*)_*", short)
    if found is None:
        base, below = f"\\text{{{escaped(short)}}}".replace("\\text{}", ""), []
    else:
        base, below = _word(found[1]), [part for part in (found[2], *found[3].split("_")) if part]
    if number:
        below.append(number)
    return base + (f"_{{{','.join(map(_word, below))}}}" if below else "")


def _word(word: str) -> str:
    word = LETTER_NAMES.get(word, word)
    if word in GREEK:
        return f"\\{word}"
    return word if len(word) == 1 or word.isdigit() else f"\\mathrm{{{word}}}"


LETTER_NAMES = {letter: name for name, letter in GREEK.items()}
ESCAPES = {"{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_", "^": "\\^{}", "~": "\\~{}",
           "\\": "}\\backslash\\text{", "<": "}{<}\\text{", ">": "}{>}\\text{"}


def escaped(text: str) -> str:
    """Text for the inside of \\text{...}; `<` and `>` never stand where HTML could take them for a tag."""
    visible = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return "".join(ESCAPES.get(c, c) for c in visible)


def number_latex(value: Any) -> Piece:
    """One number: 2, 0.1, 10^{-5}, \\infty."""
    kind = value.dtype.kind
    if kind == "b":
        return f"\\mathrm{{{str(bool(value)).lower()}}}", ATOM
    if kind == "c":
        real, imag = number_latex(value.real)[0], number_latex(value.imag)[0]
        return f"\\left({real} {'' if imag.startswith('-') else '+'} {imag} i\\right)", ATOM
    text = str(value)
    if "n" in text:
        text = text.replace("nan", "\\mathrm{nan}").replace("inf", "\\infty")
    mantissa, _, power = text.partition("e")
    if mantissa.endswith(".0"):
        mantissa = mantissa[:-2]
    if power:
        head = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa} \\cdot ")
        return f"{head}10^{{{int(power)}}}", ADD if text.startswith("-") else MUL if "cdot" in head else POW
    return mantissa, ADD if mantissa.startswith("-") else ATOM


def constant_latex(array: np.ndarray[Any, Any]) -> Piece:
    """A constant: the number, a small vector or matrix, the ends of a larger one with its shape."""
    if array.ndim == 0:
        return number_latex(array[()])
    lengths = " \\times ".join(map(str, array.shape))
    if not array.size:
        return f"\\left[\\,\\right]_{{{lengths}}}", ATOM
    if array.size > 6 or array.ndim > 2:
        flat = array.ravel()
        kept = flat[[0, 1, -1]] if array.size > 3 else flat
        if array.dtype.kind == "f":
            kept = np.array([f"{v:.4g}" for v in kept], array.dtype)
        said = [number_latex(v)[0] for v in kept]
        if array.size > 3:
            said.insert(2, "\\ldots")
        return f"\\left[{', '.join(said)}\\right]" + (f"_{{{lengths}}}" if array.ndim > 1 else ""), ATOM
    rows = [[number_latex(v)[0] for v in row] for row in np.atleast_2d(array)]
    if array.ndim == 1:
        return f"\\left[{', '.join(rows[0])}\\right]", ATOM
    inner = " \\\\ ".join(" & ".join(row) for row in rows)
    return f"\\begin{{bmatrix}} {inner} \\end{{bmatrix}}", ATOM


# -- calls ---------------------------------------------------------------------------------------------------------
def latex_of_call(op: Op, args: Sequence[Piece], params: Sequence[Any] = (), ndims: Sequence[int | None] = ()) -> Piece:
    r"""`op` applied to printed arguments: (LaTeX, precedence). Each argument is a pair of that kind too.

    Works from the op alone, so that the two sides of a rule print as expressions do: give ATOM (100) as the precedence of a
    pattern variable, and leave `params` and `ndims` (ranks of the arguments) out where a pattern leaves them open.

    >>> from tensorviz.core.op import op_named
    >>> print(latex_of_call(op_named("power"), [("a + b", 50), ("2", 100)])[0])
    {\left(a + b\right)}^{2}
    """
    kw = dict(zip(op.params, params, strict=True)) if params else {}
    special = SPECIAL.get(op.name)
    if special is not None and (kw or not op.params):
        return special(args, kw, ndims)
    if op.name == "multiply":
        return _product(args, len(ndims) == 2 and all(ndims))
    if op.latex and (kw or not _needs_params(op)):
        return _filled(op, args, kw)
    inner = [a for a, _ in args]
    if len(inner) > MANY:
        inner = [*inner[: MANY - 2], f"\\text{{{len(inner) - MANY + 1:,} more}}", inner[-1]]
    below = ""
    if kw and all(_is_short(v) for v in kw.values()):
        below = f"_{{{', '.join(value_text(v).strip('(),') for v in kw.values())}}}"
    else:
        inner += [f"\\mathrm{{{k}}} = \\text{{{escaped(value_text(v))}}}" for k, v in kw.items()]
    return f"{operator_latex(op.name)}{below}\\left({', '.join(inner)}\\right)", ATOM


def _is_short(value: Any) -> bool:
    return all(isinstance(v, int) and not isinstance(v, bool) for v in (value if isinstance(value, tuple) else (value,)))


def bracket_latex(piece: Piece, need: int) -> str:
    """The LaTeX, in parentheses if it binds weaker than `need`."""
    return piece[0] if piece[1] >= need else f"\\left({piece[0]}\\right)"


def _product(args: Sequence[Piece], tensors: bool) -> Piece:
    tied = ODOT if tensors and args[0][1] != FUNCTION else MUL      # (log x) ⊙ y: log x ⊙ y is read as log (x ⊙ y)
    left, right = bracket_latex(args[0], tied), bracket_latex(args[1], MUL + 1)
    if tensors:
        return f"{left} \\odot {right}", ODOT           # not to be taken for the matrix product
    sign = "\\cdot" if right[:1].isdigit() else "\\,"
    return f"{left} {sign} {right}", MUL


class Part(NamedTuple):
    """A stretch of a template: plain LaTeX, then an argument (or parameter) and how strongly it must bind."""

    plain: str
    field: str | None
    need: int


OPEN = re.compile(r"(?:\\left\s*(?:\\\W|\\[a-zA-Z]+|\W)|\\lfloor|\\lceil|\\begin\{cases\}|&|\\\\|,|\()\s*$")
CLOSE = re.compile(r"^\s*(?:\\right\b|\\rfloor|\\rceil|\\end\{cases\}|&|\\\\|,|\))")


WORDED = re.compile(r"\\operatorname\{([^{}]*[\d_][^{}]*)\}")


def operator_latex(name: str) -> str:
    """The name of a function, upright; with digits or underscores as text, in which MathJax sets nothing apart."""
    return f"\\operatorname{{{name}}}" if name.isalpha() else f"\\text{{{escaped(name)}}}"


def _needs_params(op: Op) -> bool:
    return any(part.field is not None and not part.field.isdigit() for part in _parts(op)[0])


def stretches(template: str) -> list[tuple[str, str | None]]:
    """A template as plain text and the field after it, doubled braces undone; the last field is None if text ends it."""
    found: list[tuple[str, str | None]] = []
    plain = ""
    for literal, field, _, _ in Formatter().parse(template):
        plain += literal
        if field is not None:
            found.append((plain, field))
            plain = ""
    return [*found, (plain, None)] if plain else found


@lru_cache(1024)
def _parts(op: Op) -> tuple[tuple[Part, ...], int]:
    """The template of an op, with what each argument needs, and how strongly the whole binds; both read off the template."""
    if op.latex == "{0}":
        return (Part("", "0", 0),), -1
    raw = stretches(op.latex)
    first, last = not raw[0][0].strip(), raw[-1][1] is not None
    prec = INFIX.get(op.name) or (op.prec if op.prec < ATOM else LOGIC if first and last else FUNCTION)
    found = []
    for k, (plain, field) in enumerate(raw):
        literal = WORDED.sub(lambda name: operator_latex(name[1].replace("\\_", "_")), plain)
        after = raw[k + 1][0] if k + 1 < len(raw) else ""
        if literal.endswith(("{", "^", "_")):
            need = BASE if re.match(r"\}\s*\^", after) else 0
        elif re.match(r"\s*\^|\s*_", after):
            need = BASE
        elif OPEN.search(literal) and CLOSE.match(after):
            need = 0
        elif not first and not OPEN.search(raw[0][0]) and len([f for _, f in raw if f]) == 1:
            need = TALL - 5 if op.prec == ATOM else ADD + 1
        else:
            need = max(prec, MUL if op.prec == ATOM and prec > ADD else 0) + (k > 0)
        found.append(Part(literal, field, need))
    return tuple(found), _binding(op.latex, prec, first, last)


def _binding(template: str, prec: int, first: bool, last: bool) -> int:
    if first or last:
        return prec
    if "\\begin{{cases}}" in template:
        return CASES                    # its brace is open to the right
    if template.startswith(("\\frac", "\\sqrt")):
        return TALL
    return POW if template.endswith("}") and re.search(r"\^\{+[^}]*\}+$", template) else ATOM


INFIX = {"negative": ADD, "gemm": ADD}


def _filled(op: Op, args: Sequence[Piece], kw: dict[str, Any]) -> Piece:
    parts, prec = _parts(op)
    if prec == -1:
        return args[0]
    found = []
    for plain, field, need in parts:
        found.append(plain)
        if field is not None:
            found.append(bracket_latex(args[int(field)], need) if field.isdigit() else escaped(value_text(kw[field])))
    if prec == FUNCTION and len(args) == 1 and args[0][1] < parts[-1].need:
        prec = TALL                     # the argument got brackets: nothing that follows can be taken for a part of it
    return "".join(found), prec


# -- what parameters decide ------------------------------------------------------------------------------------------
def _reduction(sign: str) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Sequence[int | None]) -> Piece:
        axes = kw["axes"] if "axes" in kw else (kw["axis"],)
        every = axes == (None,) or (bool(ndims) and axes == tuple(range(ndims[0] or 0)))
        below = "" if every else f"_{{{','.join(map(str, axes))}}}"
        return f"{sign}{below} {bracket_latex(args[0], MUL)}", FUNCTION

    return printed


def _transpose(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    axes = kw["axes"]
    if axes == tuple(range(len(axes)))[::-1]:
        return f"{{{bracket_latex(args[0], BASE)}}}^{{T}}", POW
    return f"\\operatorname{{transpose}}_{{{','.join(map(str, axes))}}}\\left({args[0][0]}\\right)", ATOM


def _eye(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    """I where it is square; else with its lengths below, and the number of the diagonal above: I_{3 x 4}^{(1)}."""
    given = iter(a for a, _ in args)
    rows, columns = (str(n) if n is not None else next(given, "n") for n in kw["shape"])
    if rows == columns and not kw["k"]:
        return "I", ATOM
    above = f"^{{({kw['k']})}}" if kw["k"] else ""
    return f"I_{{{rows} \\times {columns}}}{above}", POW if above else ATOM


def _expand(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    """The new axes as stars beside the old ones: v_{*:} is a row."""
    count = (ndims[0] if ndims and ndims[0] is not None else 0) + len(kw["axes"])
    count = count if ndims else max(count, *kw["axes"]) + 1
    return _below(args, "".join("\\ast" if k in kw["axes"] else ":" for k in range(count)))


def _shaped(name: str) -> Callable[..., Piece]:
    """An op that is called with a shape: small below its name, or beside x where it takes long to say."""
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        rest = iter(args[1:])
        said = [next(rest, ("\\cdot", ATOM)) if n is None else ("\\ast" if n == -1 else str(n), ATOM) for n in kw["shape"]]
        lengths = " \\times ".join(bracket_latex(n, MUL + 1) for n in said)
        if all(_is_word(n) for n, _ in said):
            return f"{operator_latex(name)}_{{{lengths}}}\\left({args[0][0]}\\right)", ATOM
        return f"{operator_latex(name)}\\left({args[0][0]},\\; {lengths}\\right)", ATOM

    return printed


def _is_word(text: str) -> bool:
    return len(SYMBOLS.findall(text)) <= 8 and "operatorname" not in text


def _below(args: Sequence[Piece], inner: str, after: str = "") -> Piece:
    return f"{{{bracket_latex(args[0], BASE)}}}_{{{inner}}}{after}", ATOM


def _index(after: str, skip: int) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        inner = subscript(kw["spec"], (a for a, _ in args[skip:])).replace("None", "\\ast")
        return _below(args, inner, after.format(*(a for a, _ in args[1:skip])))

    return printed


def _take(after: str, at: int) -> Callable[..., Piece]:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        inner = ":, " * kw.get("axis", 0) + ", ".join(a for a, _ in args[at:])
        return _below(args, inner, after.format(*(a for a, _ in args[1:])))

    return printed


SPECIAL: dict[str, Callable[[Sequence[Piece], dict[str, Any], Any], Piece]] = {
    "sum": _reduction("\\sum"), "prod": _reduction("\\prod"), "max": _reduction("\\max"), "min": _reduction("\\min"),
    "any": _reduction("\\exists"), "all": _reduction("\\forall"),
    "argmax": _reduction("\\operatorname{argmax}"), "argmin": _reduction("\\operatorname{argmin}"),
    "transpose": _transpose, "expand_dims": _expand, "eye": _eye,
    "reshape": _shaped("reshape"), "broadcast_to": _shaped("broadcast"), "sum_to": _shaped("sum_to"),
    "cast": lambda args, kw, ndims: (f"{operator_latex(str(kw['dtype']))}\\left({args[0][0]}\\right)", ATOM),
    "index": _index("", 1), "take": _take("", 1), "compress": _take("", 1),
    "item": lambda args, kw, ndims: _below(args, str(kw["index"])),
    "custom_gradient": lambda args, kw, ndims: (
        f"\\operatorname{{{escaped(repr(kw['rule']))}}}\\left({', '.join(a for a, _ in args[kw['count']:])}\\right)", ATOM),
}


def set_latex(sign: str, skip: int, printed: Callable[..., Piece]) -> Callable[..., Piece]:
    """The form of a tensor with a part changed: x with x_{i} := v, in parentheses."""
    def whole(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        part = printed(args, kw, ndims)[0]
        return f"\\left({args[0][0]} \\mid {part} {sign} {args[1][0]}\\right)", ATOM

    return whole


SPECIAL |= FORMS | {
    "set_index": set_latex("\\leftarrow", 2, _index("", 2)), "inc_index": set_latex("\\mathrel{{+}{=}}", 2, _index("", 2)),
    "set_take": set_latex("\\leftarrow", 2, _take("", 2)), "inc_take": set_latex("\\mathrel{{+}{=}}", 2, _take("", 2)),
    "set_compress": set_latex("\\leftarrow", 2, _take("", 2)),
}
