"""Screens for notebooks: explore a compiled function by its recorded trace."""

from .base import Screen, Static
from .explorer import PassExplorer

__all__ = ["PassExplorer", "Screen", "Static"]
