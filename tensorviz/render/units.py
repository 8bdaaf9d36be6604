"""Numbers as people read them: three significant digits and SI units."""

from __future__ import annotations

from math import floor, isfinite, log10

__all__ = ["count", "counted", "percent", "quantity", "signed_time", "size", "time"]

_STEPS = [(1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"), (1e15, "P")]


def _three(value: float) -> str:
    digits = 2 - floor(log10(float(f"{abs(value):.2e}"))) if value else 0
    text = f"{value:.{max(digits, 0)}f}" if digits >= 0 else f"{round(value, digits):.0f}"
    return text.replace("-", "−")


def quantity(value: float, unit: str, least: float = 1e-9) -> str:
    """A number with three significant digits and an SI prefix no smaller than `least`.

    >>> quantity(0.0000236, "s"), quantity(524288, "B", 1.0), quantity(0, "s"), quantity(3.2e9, "FLOP/s", 1.0)
    ('23.6 µs', '524 kB', '0 s', '3.20 GFLOP/s')
    """
    if not isfinite(value):
        return f"{value} {unit}".replace("-", "−")
    if value == 0:
        return f"0 {unit}"
    scale, prefix = least, dict(_STEPS)[least]
    for step, name in _STEPS:
        if step >= least and abs(value) >= step * (1 - 5e-4 if step > least else 0):
            scale, prefix = step, name
    small = value / scale
    whole = least == 1.0 and scale == 1.0 and value == int(value)
    return f"{int(small) if whole else _three(small)} {prefix}{unit}"


def time(seconds: float) -> str:
    """Seconds as text: ``23.6 µs``.

    >>> time(0.41), time(0.9996e-3)
    ('410 ms', '1.00 ms')
    """
    return quantity(seconds, "s")


def signed_time(seconds: float) -> str:
    """A difference of times with its sign: ``−66.0 µs``."""
    return ("+" if seconds > 0 else "") + time(seconds)


def size(count: float) -> str:
    """Bytes as text: ``524 kB``, ``96 B``."""
    return quantity(count, "B", 1.0)


def count(number: float) -> str:
    """A whole number with commas, a thousand and above: ``2,000``."""
    return f"{number:,.0f}".replace("-", "−")


def counted(number: int, one: str, more: str = "") -> str:
    """A number with its noun: ``1 step``, ``2,000 steps``."""
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def percent(part: float, whole: float) -> str:
    """A share as text: ``44 %``; a dash if there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole else "–"
