"""LaTeX of ops whose parameters change the value: windows, strides and borders, axes and norms of transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["FORMS"]

Piece = tuple[str, int]
Form = Callable[[Sequence[Piece], dict[str, Any], Any], Piece]
LOGIC, COMPARED, WEAK, ADD, FUNCTION, MUL, ATOM = 20, 30, 35, 50, 59, 60, 100


def _bracketed(piece: Piece, need: int) -> str:
    return piece[0] if piece[1] >= need else f"\\left({piece[0]}\\right)"


def _words(*parts: str) -> str:
    """What stands small below or above a sign: plain words, with commas between them."""
    return f"\\text{{{', '.join(p for p in parts if p)}}}" if any(parts) else ""


def _lengths(values: Sequence[Any]) -> str:
    """Numbers an axis: one if they are all the same, else 2×3."""
    said = [_pair(v) for v in values]
    return said[0] if said and all(v == said[0] for v in said) else "×".join(said)


def _pair(v: Any) -> str:
    if not isinstance(v, tuple):
        return "·" if v is None else str(v)
    return str(v[0]) if all(w == v[0] for w in v) else "–".join(map(str, v))


def _steps(kw: dict[str, Any], usual: Any = 1) -> list[str]:
    """Strides, borders, gaps and groups, those that are not as usual."""
    found = []
    for name, plain in (("stride", usual), ("padding", 0), ("dilation", 1)):
        values = kw.get(name, ())
        if values and values != plain and any(v not in (plain, (plain, plain)) for v in values):
            found.append(f"{name} {_lengths(values)}")
    return [*found, *([f"{kw['groups']} groups"] if kw.get("groups", 1) != 1 else []), *(["ceil"] if kw.get("ceil") else [])]


def _below(*parts: str) -> str:
    return f"_{{{_words(*parts)}}}" if any(parts) else ""


def _convolution(sign: str) -> Form:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        a, b = _bracketed(args[0], MUL), _bracketed(args[1], MUL + 1)
        mark = f"\\star_{{w,\\,{_words(*_steps(kw))}}}" if sign == "w" and _steps(kw) else "\\star_{w}" if sign == "w" else (
            "\\star" + _below(*_steps(kw)))
        return f"{a} {mark}{'^{T}' if sign else ''} {b}", LOGIC

    return printed


def _window(kw: dict[str, Any], as_usual: Any) -> str:
    inner = _lengths(kw["window"]).replace("×", " \\times ")
    inner = " \\times ".join([inner] * len(kw["window"])) if inner.isdigit() else inner
    rest = _words(*_steps({**kw, "stride": () if kw["stride"] == as_usual else kw["stride"]}, None))
    return "_{" + ",\\,".join(part for part in (inner, rest) if part) + "}"


def _pool(template: str, *needs: int) -> Form:
    """A template with fields for the window and arguments, whose windows stand side by side if nothing else is said."""
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        inner = [_bracketed(piece, need) for piece, need in zip(args, needs, strict=False)]
        return template.format(*inner, window=_window(kw, kw["window"])), FUNCTION

    return printed


def _windows(template: str) -> Form:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        return template.format(args[0][0], window=_window(kw, (1,) * len(kw["window"]))), ATOM

    return printed


def _fourier(above: str) -> Form:
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        axes = kw["axes"] if "axes" in kw else (kw["axis"],)
        norm = "" if kw["norm"] in (None, "backward") else f"\\mathrm{{{kw['norm']}}}"
        up = ", ".join(part for part in (above, norm) if part)
        count = kw.get("n")
        count = count[0] if isinstance(count, tuple) else count
        below = ", ".join([",".join(map(str, axes)), *([f"n = {count}"] if isinstance(count, int) else [])])
        return f"\\mathcal{{F}}{f'^{{{up}}}' if up else ''}_{{{below}}}\\left({args[0][0]}\\right)", ATOM

    return printed


def _pad(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    rest = iter(a for a, _ in args[2:])
    widths = [next(rest, "\\cdot") if w is None else str(w) for w in kw["widths"]]
    below = widths[0] if all(w == widths[0] for w in widths) else ",\\,".join(
        a if a == b else f"{a} \\mid {b}" for a, b in zip(widths[::2], widths[1::2], strict=True))
    value = args[1][0] if kw["mode"] == "constant" else "0"
    inner = args[0][0] + (f", {value}" if value not in ("0", "\\mathrm{false}") else "")
    up = "" if kw["mode"] == "constant" else f"^{{\\mathrm{{{kw['mode']}}}}}"
    return f"\\operatorname{{pad}}_{{{below}}}{up}\\left({inner}\\right)", ATOM


def _bincount(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    below = f"_{{\\ge {kw['minlength']}}}" if kw["minlength"] else ""
    return f"\\operatorname{{bincount}}{below}\\left({', '.join(a for a, _ in args)}\\right)", ATOM


def _remainder(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    """Beside any other sign it is bracketed, and what stands in it too: readers differ in how strongly mod binds."""
    return f"{_bracketed(args[0], MUL + 1)} \\bmod {_bracketed(args[1], MUL + 1)}", WEAK


def _compared(sign: str) -> Form:
    """A comparison: one inside another has brackets, since x < y < z is read otherwise."""
    def printed(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
        return f"{_bracketed(args[0], COMPARED + 1)} {sign} {_bracketed(args[1], COMPARED + 1)}", COMPARED

    return printed


def _arange(args: Sequence[Piece], kw: dict[str, Any], ndims: Any) -> Piece:
    """start, start + step, ... up to the last; how many there are, small, where the last takes long to say."""
    (start, _), (step, level), count = args[0], args[1], args[2] if len(args) > 2 else kw["shape"][0]
    numbers = _number(start), _number(step)
    if isinstance(count, int) and None not in numbers:
        every = [_said(numbers[0] + k * numbers[1]) for k in ((0, 1, count - 1) if count > 3 else range(count))]
        if count > 3:
            every.insert(2, "\\ldots")
        return f"\\left({', '.join(every)}\\right)", ATOM
    sign = "" if step.startswith("-") else "+ "
    second = step if start == "0" else f"{start} {sign}{step if not sign else _bracketed((step, level), MUL)}"
    if None not in numbers:
        second = _said(numbers[0] + numbers[1])
    stop = stop_of(start, step, count, "\\max\\left(", "\\right)") if not isinstance(count, int) else ""
    if stop:
        return f"\\left({start}, {second}, \\ldots, {stop} - 1\\right)", ATOM
    return f"\\left({start}, {second}, \\ldots\\right)_{{{count if isinstance(count, int) else count[0]}}}", ATOM


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _said(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def stop_of(start: str, step: str, count: Piece, larger: str, closed: str) -> str:
    """The end of a range in steps of 1 as it was given, read off the count that was made of it; "" if it can't be.

    >>> stop_of("3", "1", ("maximum(n, 3) - 3", 50), "maximum(", ")"), stop_of("0", "1", ("n", 100), "maximum(", ")")
    ('n', 'n')
    """
    text, level = count
    if step != "1":
        return ""
    if start != "0":
        if not text.endswith(f" - {start}") or level != ADD:
            return ""
        text = text.removesuffix(f" - {start}")
    end = f", {start}{closed}"
    inner = text[len(larger):-len(end)]
    if text.startswith(larger) and text.endswith(end) and "(" not in inner:
        return inner
    return text if level >= ADD else ""


FORMS: dict[str, Form] = {
    "arange": _arange,
    "convolution": _convolution(""), "convolution_inputs": _convolution("T"), "convolution_filters": _convolution("w"),
    "pool_max": _pool("\\max{window} {0}", MUL), "pool_sum": _pool("\\sum{window} {0}", MUL),
    "pool_max_back": _pool("\\left(\\partial\\max{window} {0}\\right)^{{T}} {2}", MUL, 0, MUL + 1),
    "pool_max_pick": _pool("\\left(\\partial\\max{window} {0}\\right) {2}", MUL, 0, MUL + 1),
    "pool_sum_back": _pool("\\sum\\nolimits^{{T}}{window} {0}", MUL),
    "unfold": _windows("\\operatorname{{windows}}{window}\\left({0}\\right)"),
    "fold": _windows("\\operatorname{{windows}}^{{T}}{window}\\left({0}\\right)"),
    "fft": _fourier(""), "ifft": _fourier("-1"), "rfft": _fourier("\\mathbb{R}"), "irfft": _fourier("\\mathbb{R}, -1"),
    "pad": _pad, "bincount": _bincount, "remainder": _remainder,
    "less": _compared("<"), "less_equal": _compared("\\le"), "greater": _compared(">"), "greater_equal": _compared("\\ge"),
    "equal": _compared("="), "not_equal": _compared("\\ne"),
}
