"""Printing kernels: the IR as text of a language, each line with the nodes that it computes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.expr import Expr
from .complexes import EXACT_HALVES
from .halves import BLOCK, Blocks, blocks_of, rounds
from .kernel import (
    Accumulate,
    Apply,
    Assign,
    Combine,
    Const,
    Index,
    IndexValue,
    Kernel,
    Let,
    Load,
    Loop,
    Name,
    Param,
    Poll,
    Position,
    Single,
    Stmt,
    Store,
    Value,
    When,
)
from .language import MIXED, Language

__all__ = ["Line", "constant_text", "emit", "signature"]

Line = tuple[str, tuple[Expr, ...]]
WIDTH = 120                 # columns
BOOL = np.dtype(bool)
F2, F4, F8 = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")
_OF_COMPLEX = {"prod": "mul", "max": "larger", "min": "smaller"}        # what an accumulator and a value are put together by
I64, U64 = np.dtype("int64"), np.dtype("uint64")


class Printer:
    """Writes one kernel in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.lines: list[Line] = []
        self.blocks = Blocks()          # of the loop over float16 that is being printed
        self.from_block = ""            # where in its block the loop is

    def line(self, depth: int, text: str, *nodes: Expr | None) -> None:
        """Add a line."""
        self.lines.append(("    " * depth + text, tuple(n for n in nodes if n is not None)))

    def head(self, kernel: Kernel, name: str, start: str, nodes: Sequence[Expr]) -> None:
        """Open a function with the kernel's parameters."""
        for text in signature(kernel, self.language, name, start):
            self.line(0, text, *nodes)
        self.line(0, "{")
        if kernel.polls:
            self.line(1, self.language.patience)

    # -- statements ------------------------------------------------------------------------------------------------
    def block(self, stmts: list[Stmt], depth: int) -> None:
        """Print statements; nesting is at most the number of loop axes."""
        for s in stmts:
            if isinstance(s, Loop):
                self.loop(s, depth)
            elif isinstance(s, Let):
                const = "" if s.mutable else "const "
                text = self.raw(s.value) if s.name in self.blocks.rounded else self.value(s.value)
                self.line(depth, f"{const}{self.language.local_type(s.value.dtype)} {s.name} = {text};", s.node)
            elif isinstance(s, Assign):
                self.line(depth, f"{s.name} = {self.value(s.value)};", s.node)
            elif isinstance(s, Store):
                floats = self.blocks.writes.get((s.buffer, s.index))
                if floats is not None:
                    self.line(depth, f"{floats}[{self.from_block}] = {self.raw(s.value)};", s.node)
                    continue
                value = self.value(s.value)
                stored = f"tv_half_bits({value})" if s.value.dtype == F2 else value
                self.line(depth, f"{s.buffer}[{self.index(s.index)}] = {stored};", s.node)
            elif isinstance(s, Accumulate):
                self.accumulate(s, depth)
            elif isinstance(s, Combine):
                template = self.language.combine[len(s.targets)]
                self.line(depth, template.format(*s.targets, *s.shared, op=s.op, t=_tag(s.dtype)), s.node)
            elif isinstance(s, When):
                self.line(depth, f"if ({self.value(s.test)}) {{")
                self.block(s.body, depth + 1)
                self.line(depth, "}")
            elif isinstance(s, Poll):
                self.line(depth, self.language.poll.format(s.elements))
            elif isinstance(s, Single):
                self.line(depth, f"if ({' && '.join(f'{self.value(p)} == 0' for p in s.positions)}) {{")
                self.block(s.body, depth + 1)
                self.line(depth, "}")

    def loop(self, s: Loop, depth: int) -> None:
        """Print a loop with its marks."""
        if s.kind == "simd" and self.language.simd and not self.from_block and (blocks := blocks_of(s)) is not None:
            self.by_blocks(s, blocks, depth)
            return
        int_ = self.language.type(I64)
        share = self.language.shares.get(s.kind)
        if share is not None and not share.count:
            self.line(depth, f"const {int_} {s.var} = {share.first.format(dim=s.dim)};")
            self.line(depth, f"if ({s.var} < {s.stop}) {{")
        else:
            if s.kind == "simd" and self.language.simd:
                self.line(depth, "#pragma omp simd" + self.marks(s))
            start, step = share.steps(s.start, s.step) if share is not None else (s.start, str(s.step))
            advance = f"{s.var}++" if step == "1" else f"{s.var} += {step}"
            self.line(depth, f"for ({int_} {s.var} = {start}; {s.var} < {s.stop}; {advance}) {{")
            if s.ends:
                self.line(depth + 1, f"const {int_} {s.ends} = {s.stop} - {s.var} > {s.step} ? {s.var} + {s.step} : {s.stop};")
        self.block(s.body, depth + 1)
        self.line(depth, "}")

    def by_blocks(self, s: Loop, blocks: Blocks, depth: int) -> None:
        """Print a loop over float16: a block is read into floats, the loop goes over these, and what it makes is written."""
        at, end = f"{s.var}_block", f"{s.var}_end"
        self.line(depth, f"for (i64 {at} = {s.start}; {at} < {s.stop}; {at} += {BLOCK}) {{")
        self.line(depth + 1, f"const i64 {end} = {s.stop} - {at} > {BLOCK} ? {at} + {BLOCK} : {s.stop};")
        names = dict.fromkeys([*blocks.reads.values(), *blocks.writes.values()])
        self.line(depth + 1, f"float {', '.join(f'{name}[{BLOCK}]' for name in names)};")

        def place(buffer: str, index: Index) -> str:
            return f"{buffer} + {self.index(tuple((at if var == s.var else var, stride) for var, stride in index))}"

        for (buffer, index), name in blocks.reads.items():
            self.line(depth + 1, f"tv_halves_read({name}, {place(buffer, index)}, {end} - {at});")
        self.blocks, self.from_block = blocks, f"{s.var} - {at}"
        self.loop(replace(s, start=at, stop=end), depth + 1)
        self.blocks, self.from_block = Blocks(), ""
        for (buffer, index), name in blocks.writes.items():
            self.line(depth + 1, f"tv_halves_write({place(buffer, index)}, {name}, {end} - {at});")
        self.line(depth, "}")

    def marks(self, s: Loop) -> str:
        """The reduction marks of a vectorised loop."""
        signs = {"sum": "+", "prod": "*", "max": "max", "min": "min", "any": "|", "all": "&"}
        return "".join(f" reduction({signs[op]}:{name})" for name, op, _ in s.reduces if op in signs)

    def accumulate(self, s: Accumulate, depth: int) -> None:
        """Print acc = acc op value."""
        acc = s.target if s.index is None else f"{s.target}[{self.index(s.index)}]"
        value = self.value(s.value)
        dtype = s.value.dtype
        if dtype.kind == "c" and s.op in _OF_COMPLEX:
            self.line(depth, f"{acc} = tv_{_OF_COMPLEX[s.op]}_{_tag(dtype)}({acc}, {value});", s.node)
        elif s.op in ("sum", "prod"):
            self.line(depth, f"{acc} {'+' if s.op == 'sum' else '*'}= {value};", s.node)
        elif s.op in ("any", "all"):
            self.line(depth, f"{acc} {'|' if s.op == 'any' else '&'}= {value} != 0;", s.node)
        elif s.op in ("max", "min"):
            sign = ">" if s.op == "max" else "<"
            if s.index is not None and dtype.kind == "f":
                keep = f"{acc} != {acc} || !({value} {sign} {acc} || {value} != {value})"
                self.line(depth, f"{acc} = {keep} ? {acc} : {value};", s.node)
                return
            self.line(depth, f"{acc} = {value} {sign} {acc} ? {value} : {acc};", s.node)
            if dtype.kind == "f":
                self.line(depth, f"{s.target}_nan |= {value} != {value};", s.node)
        else:
            sign = ">" if s.op == "argmax" else "<"
            nan = f" || ({value} != {value} && {acc}_best == {acc}_best)" if dtype.kind in "fc" else ""
            assert s.at is not None
            stay = f"{acc}_best == {acc}_best && " if dtype.kind in "fc" else ""
            beats = f"{value} {sign} {acc}_best"
            if dtype.kind == "c":
                beats = f"tv_less_{_tag(dtype)}({', '.join((f'{acc}_best', value)[::1 if sign == '>' else -1])})"
            better = f"{acc} < 0 || {stay}{beats}{nan}"
            self.line(depth, f"if ({better}) {{ {acc}_best = {value}; {acc} = {self.value(s.at)}; }}", s.node)

    # -- values ------------------------------------------------------------------------------------------------------
    def index(self, index: Index) -> str:
        """``i * s0 + j``."""
        terms = []
        for var, stride in index:
            if stride == 1:
                terms.append(var)
            elif stride != 0:
                terms.append(f"{var} * {stride}")
        return " + ".join(terms) or "0"

    def value(self, v: Value) -> str:
        """The text of a value."""
        if isinstance(v, Name):
            return v.name
        if isinstance(v, Load):
            floats = self.blocks.reads.get((v.buffer, v.index))
            if floats is not None:
                return f"{floats}[{self.from_block}]"
            element = f"{v.buffer}[{self.index(v.index)}]"
            return f"tv_half_value({element})" if v.dtype == F2 else element
        if isinstance(v, Const):
            return constant_text(v.value, v.dtype, self.language)
        if isinstance(v, IndexValue):
            return v.var
        if isinstance(v, Position):
            return self.language.shares[v.kind].first.format(dim=v.dim)
        assert isinstance(v, Apply)
        return self.apply(v)

    def raw(self, v: Value) -> str:
        """The text of a float16 that is rounded when it is written."""
        text = self.value(v)
        return text.removeprefix("tv_half_f32(")[:-1] if rounds(v) else text

    def apply(self, v: Apply) -> str:
        """The text of an op, by the language's table."""
        args = [self.value(a) for a in v.args]
        lang = self.language
        if v.op == "cast":
            return self.cast(args[0], v.args[0].dtype, v.dtype)
        if v.op == "complex":
            return f"tv_complex_{_tag(v.dtype)}({', '.join(args)})"
        if v.op == "nan_if":
            return f"{args[1]} ? {lang.nan['float32' if v.dtype == F2 else v.dtype.name]} : {args[0]}"
        if v.op == "arange":
            t = lang.local_type(_part(v.dtype))
            text = f"{args[0]} + ({t})({args[2]}) * {args[1]}"
            return f"tv_half_f32({text})" if v.dtype == F2 else text
        if v.op == "eye":
            return f"{args[1]} - {args[0]} == {args[2]} ? 1 : 0"
        kinds = "".join(a.dtype.kind for a in v.args)
        if (v.op, kinds) in MIXED:
            return MIXED[v.op, kinds].format(*args, u=lang.type(U64))
        dtype = v.args[0].dtype if v.op != "where" else v.dtype
        template = lang.row(v.op, dtype)
        assert template is not None, f"no {v.op} of {dtype}"
        real = _part(F4 if dtype == F2 else dtype)
        text = template.format(*args, f=lang.suffix if real == F4 else "", inf=lang.inf.get(real.name, "0"),
                               one=constant_text(1, dtype, lang), t=_tag(dtype) if "tv_" in template else lang.local_type(dtype))
        if v.dtype == F2 and v.op not in EXACT_HALVES:
            return f"tv_half_f32({text})"
        narrow = dtype.kind in "iu" and dtype.itemsize < 4 and v.dtype == dtype
        return f"({lang.type(dtype)})({text})" if narrow else text

    def cast(self, text: str, old: np.dtype[Any], new: np.dtype[Any]) -> str:
        """A cast that means what NumPy's astype means."""
        if new == BOOL:
            return f"{text} != 0"
        if new == F2:
            return f"tv_half_f64({text})" if old == F8 else f"tv_half_f32({text})" if old == F4 else f"tv_half_f32((float){text})"
        return f"({self.language.local_type(new)}){text}"


def _tag(dtype: np.dtype[Any]) -> str:
    """The ending of functions for a dtype; float16 is computed in float."""
    return "f32" if dtype == F2 else f"{dtype.kind}{dtype.itemsize * 8}"


def _part(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the parts of complex numbers; others as they are."""
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def constant_text(value: Any, dtype: np.dtype[Any], language: Language) -> str:
    """A literal that reads back to just this value."""
    if dtype.kind == "c":
        parts = (constant_text(getattr(dtype.type(value), part), _part(dtype), language) for part in ("real", "imag"))
        return f"tv_complex_{_tag(dtype)}({', '.join(parts)})"
    if dtype.kind == "f":
        number, dtype = float(value), F4 if dtype == F2 else dtype
        if math.isnan(number):
            return language.nan[dtype.name]
        if math.isinf(number):
            return language.inf[dtype.name] if number > 0 else f"(-{language.inf[dtype.name]})"
        text = str(dtype.type(value)) if dtype.itemsize == 4 else repr(number)
        text = text if any(c in text for c in ".en") else text + ".0"
        text += "f" if dtype.itemsize == 4 else ""
        return f"({text})" if text.startswith("-") else text
    if dtype == BOOL:
        return "1" if value else "0"
    number = int(value)
    if dtype.kind == "u":
        return f"{number}{language.unsigned if dtype.itemsize == 8 else 'u'}"
    if number == -(2**63):
        return "(-9223372036854775807 - 1)"
    return f"({number})" if number < 0 else str(number)


def signature(kernel: Kernel, language: Language, name: str, head: str) -> list[str]:
    """The head of a kernel: ``static void f(...)``, its parameters on as many lines as they need."""
    lines, rest = [], f"{head} {name}("
    texts = [_param(p, language) for p in kernel.params] + [language.caller] * kernel.polls
    for text in [*(t + ", " for t in texts[:-1]), *texts[-1:]]:
        if len(rest) + len(text) > WIDTH and not rest.isspace():
            lines.append(rest.rstrip())
            rest = " " * 8
        rest += text
    return [*lines, rest + ")"]


def _param(p: Param, language: Language) -> str:
    if p.kind == "int":
        return f"{language.type(I64)} {p.name}"
    const = "const " if p.kind == "in" else ""
    restrict = f"{language.restrict} " if p.restrict else ""
    return f"{language.buffer}{const}{language.type(p.dtype)} *{restrict}{p.name}"


def emit(kernel: Kernel, language: Language) -> list[Line]:
    """The lines of a kernel; where unit strides make it faster, a second form for them."""
    printer = Printer(language)
    doc = f"/* {kernel.doc} */" if kernel.doc else ""
    if doc:
        printer.line(0, doc)
    if not kernel.unit:
        printer.head(kernel, kernel.name, language.kernel, kernel.nodes)
        for p in kernel.shared:
            printer.line(1, language.shared.format(type=language.type(p.dtype), name=p.name, size=language.group))
        printer.block(kernel.body, 1)
        printer.line(0, "}")
        return printer.lines
    printer.head(kernel, kernel.name + "_any", language.body, kernel.nodes)
    printer.block(kernel.body, 1)
    printer.line(0, "}")
    printer.line(0, "")
    printer.head(kernel, kernel.name, language.kernel, [])
    args = ", ".join(p.name for p in kernel.params)
    ones = ", ".join("1" if p.name in kernel.unit else p.name for p in kernel.params)
    printer.line(1, f"if ({' && '.join(f'{u} == 1' for u in kernel.unit)})")
    printer.line(2, f"{kernel.name}_any({ones});        /* neighbours in memory: vectors */")
    printer.line(1, "else")
    printer.line(2, f"{kernel.name}_any({args});")
    printer.line(0, "}")
    return printer.lines
