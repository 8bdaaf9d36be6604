"""Screens for notebooks: explore a compiled function by its recorded trace."""

from .base import Screen, Static
from .explorer import PassExplorer
from .stepper import RewriteStepper

__all__ = ["PassExplorer", "RewriteStepper", "Screen", "Static"]
