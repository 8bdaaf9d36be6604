"""Modes: how hard a graph is optimised and how closely it is watched; targets: where it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..core.errors import ArgumentError
from .arguments import calling
from .target import BACKENDS

__all__ = ["MODES", "TARGETS", "Mode", "mode_named"]


@dataclass(frozen=True)
class Mode:
    """How a function is compiled.

    name; rewrite: whether rules are applied; target: "c", "numpy" or "opencl"; check: compare with the NumPy meaning at
    each call; guard: refuse results that are NaN or infinite; fast_math: rules that assume finite values may be used;
    leave_out: names of rules not to use.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> f = tv.function([x], tv.log(1.0 + x), mode=tv.Mode(fast_math=True).without("log_of_one_plus"))
    >>> f.mode.leave_out
    frozenset({'log_of_one_plus'})
    """

    name: str = "FAST_RUN"
    rewrite: bool = True
    target: str = "c"
    check: bool = False
    guard: bool = False
    fast_math: bool = False
    leave_out: frozenset[str] = frozenset()

    def without(self, *rules: str) -> Mode:
        """The mode with some rules switched off. A name that no rule has is an ArgumentError."""
        from ..rewrite.passes import RULES

        names = [r.name for r in RULES]
        for rule in rules:
            if rule not in names:
                near = get_close_matches(str(rule), names, 3)
                raise ArgumentError(f"there is no rule {rule!r} to leave out",
                                    hint=f"did you mean {' or '.join(near)}?" if near else "docs/rules.md lists them")
        return replace(self, leave_out=self.leave_out | frozenset(rules))


MODES = {"FAST_RUN": Mode(), "FAST_COMPILE": Mode("FAST_COMPILE", rewrite=False, target="numpy"),
         "DEBUG": Mode("DEBUG", check=True), "NAN_GUARD": Mode("NAN_GUARD", guard=True)}
TARGETS = ("c", "numpy")                    # beside those that the composer puts into BACKENDS


def mode_named(mode: str | Mode | None, target: str | None) -> Mode:
    """The mode of that name (None: FAST_RUN), for `target` if one is given."""
    if not isinstance(mode, Mode):
        found = MODES.get(mode if isinstance(mode, str) else "FAST_RUN" if mode is None else "")
        if found is None:
            raise ArgumentError(f"there is no mode {mode!r}", at=calling(), hint=f"modes are {', '.join(MODES)}")
        mode = found
    if target is not None:
        mode = replace(mode, target=target)
    targets = (*TARGETS, *BACKENDS)
    if mode.target not in targets:
        raise ArgumentError(f"there is no target {mode.target!r}", at=calling(), hint=f"targets are {', '.join(targets)}")
    return mode
