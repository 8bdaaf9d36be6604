"""How objects of lower layers show themselves: an empty registry that the composer fills with hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["HOOKS", "bundle_of", "text_of"]

HOOKS: dict[str, Callable[..., Any]] = {}     # "text", "latex", "svg", "widget", ... -> (object) -> its form


def text_of(thing: Any) -> str:
    """The object as one short text; a bare fallback until a hook is installed."""
    hook = HOOKS.get("text")
    return hook(thing) if hook is not None else object.__repr__(thing)


def bundle_of(thing: Any) -> dict[str, Any]:
    """The mime bundle that Jupyter shows: text always, LaTeX and SVG where hooks give them."""
    bundle: dict[str, Any] = {"text/plain": text_of(thing)}
    for kind, mime in (("latex", "text/latex"), ("svg", "image/svg+xml")):
        hook = HOOKS.get(kind)
        form = hook(thing) if hook is not None else None
        if form:
            bundle[mime] = form
    return bundle
