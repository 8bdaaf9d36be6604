"""Writes docs/features.md from tests/features: `python docs/features.py`; a test says when it is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "features.md"
HEAD = """# What Theano and PyTensor offer, and what tensorviz answers

Made by `python docs/features.py` from [tests/features](../tests/features), where each row has an example that the tests run and
check against NumPy or SciPy: a row that stops working fails. The columns "Theano" and "PyTensor" say what 1.0.5 and 3.0 have.
Loops, randomness, linear algebra, sparse tensors, GPUs and the rest of the table come with their own releases.
"""


def text() -> str:
    """The whole page."""
    sys.path.insert(0, str(ROOT))
    from tests.features.table import SECTIONS, load

    rows = load().values()
    parts = [HEAD]
    for section, title in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| id | feature | Theano | PyTensor | tensorviz |\n|---|---|---|---|---|\n")
        for r in rows:
            if r.section == section:
                where = f"[{r.id.partition('.')[2]}](../tests/features/{section}.py)"
                cells = (where, r.feature, r.theano, r.pytensor, r.answer)
                parts.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
