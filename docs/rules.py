"""Writes docs/rules.md from the rules themselves: `python docs/rules.py`; a test says when it is out of date."""

from __future__ import annotations

from pathlib import Path

from tensorviz.rewrite.passes import PIPELINE
from tensorviz.rewrite.rule import Rule

PAGE = Path(__file__).with_name("rules.md")
HEAD = """# The rules

Made from the rules by `python docs/rules.py`. A rule is two patterns, named conditions and a reason; its formula is printed from
its two sides. Where a rule has to compute (fold constants, follow slices) it is a function: "computed", its formula says what
it does, and examples show it. *Exact in floating point*: bit for bit. *Exact in real arithmetic*: the error is at most that of
the left side or 4 ULP, and an infinity or NaN born of overflow on the way may become the true finite value. Rules
that are *finite for NumPy's NaN* give the limit for infinite inputs too, where NumPy has inf/inf or 0 times inf; no other rule
changes what inputs that are NaN or infinite give. Tags speak of real numbers: a complex product or quotient loses the sign of a
zero and makes a NaN beside an infinity, and a rule that drops one keeps them. What *assumes finite values or reassociates* is
used only with `fast_math`. What *drops shape errors* lets some inputs pass that the left side refuses, since what refused them
is no longer computed. Every rule is tested on both sides with random and special values
([tests/rewrite](../tests/rewrite)).
"""


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    seen: set[str] = set()
    for stage in PIPELINE:
        fresh = [r for r in stage.rules if r.name not in seen]
        seen.update(r.name for r in fresh)
        parts.append(f"\n## {stage.name}\n\n{stage.doc[0].upper()}{stage.doc[1:]}.\n")
        again = len(stage.rules) - len(fresh)
        if again:
            parts.append(f"\nAlso {again} rules of passes before it.\n")
        if fresh:
            parts.append("\n| rule | formula | where | why | exactness |\n|---|---|---|---|---|\n")
        for r in fresh:
            exactness = r.exactness + ", drops shape errors" * r.drops_shape_errors
            if r.repairs:
                exactness += f", finite for NumPy's NaN at infinite {' and '.join(r.repairs)}"
            cells = (r.name, f"`{r.formula}`", "; ".join(r.conditions) if isinstance(r, Rule) else "computed", r.why, exactness)
            parts.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
