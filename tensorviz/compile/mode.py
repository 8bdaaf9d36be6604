"""Modes: how hard a graph is optimised and how closely it is watched; targets: where it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.errors import ArgumentError

__all__ = ["MODES", "TARGETS", "Mode", "mode_named"]


@dataclass(frozen=True)
class Mode:
    """name; rewrite: whether rules are applied; target: "c", "numpy" or "opencl"; check: compare with the NumPy meaning at
    each call; fast_math: rules that assume finite values may be used; leave_out: names of rules not to use.
    """

    name: str = "FAST_RUN"
    rewrite: bool = True
    target: str = "c"
    check: bool = False
    fast_math: bool = False
    leave_out: frozenset[str] = frozenset()

    def without(self, *rules: str) -> Mode:
        """The mode with some rules switched off."""
        return replace(self, leave_out=self.leave_out | frozenset(rules))


MODES = {"FAST_RUN": Mode(), "FAST_COMPILE": Mode("FAST_COMPILE", rewrite=False, target="numpy"), "DEBUG": Mode("DEBUG", check=True)}
TARGETS = ("c", "numpy", "opencl")


def mode_named(mode: str | Mode | None, target: str | None) -> Mode:
    """The mode of that name (None: FAST_RUN), for `target` if one is given."""
    if isinstance(mode, str) or mode is None:
        found = MODES.get(mode or "FAST_RUN")
        if found is None:
            raise ArgumentError(f"there is no mode {mode!r}", hint=f"modes are {', '.join(MODES)}")
        mode = found
    if target is not None:
        if target not in TARGETS:
            raise ArgumentError(f"there is no target {target!r}", hint=f"targets are {', '.join(TARGETS)}")
        mode = replace(mode, target=target)
    return mode
