"""Indexing: what is picked from something just made is picked at its source."""

from __future__ import annotations

from ..rule import collect

__all__ = ["RULES"]

RULES = collect(globals())
