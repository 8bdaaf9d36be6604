"""Compiled functions: `tv.function(inputs, outputs, updates=...)` and what one can ask of the result."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import display
from ..core.errors import ArgumentError, MissingInputError, ShapeError, UpdateError
from ..core.evaluate import as_value, evaluate
from ..core.expr import Expr, as_expr, where
from ..core.graph import inputs_of, replace
from ..core.op import BUILDERS
from ..core.shared import cell_of, is_shared
from ..core.types import TensorType, shape_text
from .mode import Mode, mode_named
from .runtime import Failure, Mismatch
from .target import BACKENDS
from .version import Version, Versions

if TYPE_CHECKING:
    from ..render.trace import Trace
    from .profile import Profiler
    from .record import Recorder

__all__ = ["Function", "function"]

Updates = Mapping[Expr, Any] | Iterable[tuple[Expr, Any]]
DIFFER, LAYOUT = 2, 8


class Function:
    """A compiled function of NumPy arrays; made by `tv.function`. Threads may share it.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> f = tv.function([x], tv.exp(x) + 1.0, name="f")
    >>> f([0.0])
    array([2.])
    """

    def __init__(self, inputs: Sequence[Expr], outputs: Sequence[Expr], updates: Sequence[tuple[Expr, Expr]], name: str, mode: Mode,
                 single: bool, empty: bool) -> None:
        self.inputs, self.outputs, self.updates = list(inputs), list(outputs), list(updates)
        self.name, self.mode, self._single, self._empty = name, mode, single, empty
        self._roots = [*self.outputs, *(new for _, new in self.updates)]
        self._shared = [e for e in inputs_of(self._roots) if is_shared(e)]
        self._cells = [cell_of(e) for e in self._shared]
        self._locked = sorted({id(c): c for c in (cell_of(v) for v, _ in self.updates)}.values(), key=lambda c: c.id)
        self._every = [*self.inputs, *self._shared]
        self._versions = Versions(self._every, self._roots, name, mode)
        self._lock = threading.Lock()
        self._record: Recorder | None = None
        self._profiler: Profiler | None = None
        self._version: Version = self._versions.main
        program = self._version.program
        self._direct = program.only if program is not None and not self._shared and not self.updates and single else None

    # -- calling ---------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for these inputs, by position or by name: an array, or a list if `outputs` was one."""
        if self._direct is not None and not kwargs:
            try:
                return self._direct(*args)
            except (Mismatch, Failure, TypeError):
                pass
        values = self._bind(args, kwargs)
        if self.updates:
            with ExitStack() as stack:
                for cell in self._locked:
                    stack.enter_context(cell.lock)
                found = self._run((*values, *[c.value for c in self._cells]))
                self._swap(found[len(self.outputs):])
        else:
            found = self._run((*values, *[c.value for c in self._cells]))
        if self._empty:
            return None
        return found[0] if self._single else list(found[: len(self.outputs)])

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Arguments in the order of the inputs; raises ArgumentError naming what is wrong."""
        if not kwargs and len(args) == len(self.inputs):
            return args
        takes = f"{self.name}({', '.join(x.name or f'input {k + 1}' for k, x in enumerate(self.inputs))})"
        if len(args) > len(self.inputs):
            raise ArgumentError(f"{takes} takes {len(self.inputs)} argument{'s' * (len(self.inputs) != 1)}, {len(args)} were given")
        values: list[Any] = [*args, *([_MISSING] * (len(self.inputs) - len(args)))]
        place = {x.name: k for k, x in enumerate(self.inputs) if x.name}
        for key, value in kwargs.items():
            if key not in place:
                raise ArgumentError(f"{takes} has no argument {key!r}", hint=f"its arguments are {', '.join(map(repr, place)) or 'not named'}")
            if values[place[key]] is not _MISSING:
                raise ArgumentError(f"{takes} got two values for {key!r}")
            values[place[key]] = value
        missing = [x.name or f"input {k + 1}" for k, x in enumerate(self.inputs) if values[k] is _MISSING]
        if missing:
            raise ArgumentError(f"{takes} needs {len(self.inputs)} argument{'s' * (len(self.inputs) != 1)}; missing: {', '.join(missing)}")
        return tuple(values)

    def _run(self, values: tuple[Any, ...], times: Any = None) -> Sequence[Any]:
        program = self._version.program
        if program is None:
            return self._interpret(values)
        outs = self._spares()
        try:
            return program.run(values, outs, times)
        except Mismatch:
            pass
        except Failure as failure:
            return self._retry(self._converted(values), failure, outs, times)
        values = self._converted(values)
        try:
            return program.run(values, outs, times)
        except Failure as failure:
            return self._retry(values, failure, outs, times)

    def _converted(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Inputs as aligned arrays of their types; raises DtypeError or ShapeError before anything has run."""
        return tuple(np.require(as_value(x, v), requirements="A") for x, v in zip(self._every, values, strict=True))

    def _retry(self, values: tuple[Any, ...], failure: Failure, outs: Any, times: Any) -> Sequence[Any]:
        """What to do when the compiled code refuses: other memory order, lengths that broadcast, or the user's error."""
        for _ in range(2):
            if failure.status == LAYOUT:
                values = tuple(np.require(v, requirements="CA") for v in values)
                program = self._version.program
            elif failure.status == DIFFER:
                program = self._versions.for_lengths(values)
                times = None
            else:
                program = None
            if program is None:
                break
            try:
                return program.run(tuple(np.require(v, requirements="CA") for v in values), outs, times)
            except Failure as again:
                failure = again
        return self._interpret(values)

    def _interpret(self, values: tuple[Any, ...]) -> Sequence[Any]:
        """The NumPy meaning: gives the exact error for bad input, and the answer in what cases the code does not cover."""
        return evaluate(self._versions.roots, dict(zip(self._every, values, strict=True)))

    def _spares(self) -> tuple[Any, ...] | None:
        """Buffers for the new values of shared variables: those of the step before the last, when nobody holds them."""
        if not self.updates:
            return None
        outs: list[Any] = [None] * len(self.outputs)
        for (v, new) in self.updates:
            lengths = new.type.shape
            outs.append(cell_of(v).take_spare(lengths) if None not in lengths else None)
        return tuple(outs)

    def _swap(self, found: Sequence[Any]) -> None:
        """Put all new values in together, after all of them have been checked."""
        for (v, _), value in zip(self.updates, found, strict=True):
            if not v.type.accepts(TensorType(value.dtype, value.shape)):
                raise ShapeError(f"the update of {v.name or 'a shared variable'} has shape {value.shape}, it must be {shape_text(v.type.shape)}",
                                 at=where(v), hint="tv.shared(value, shape=(None, ...)) leaves lengths free")
        for (v, _), value in zip(self.updates, found, strict=True):
            cell_of(v).swap(value)

    # -- looking ---------------------------------------------------------------------------------------------------
    @property
    def signature(self) -> str:
        """``step(x, y)``."""
        return f"{self.name}({', '.join(x.name or f'x{k}' for k, x in enumerate(self.inputs))})"

    @property
    def target(self) -> str:
        """Where it runs: "c", "numpy" or "opencl"."""
        return "numpy" if self._version.program is None else self.mode.target

    def source(self, language: str | None = None) -> str:
        """The generated code in the language of its target, or that of the same kernels in another one: "c" or "opencl"."""
        program = self._version.program
        if program is not None and language in (None, program.language):
            return program.source
        languages = ["c", *BACKENDS]
        if language not in languages:
            what = "code" if language is None else f"{language} code"
            raise ArgumentError(f"there is no {what} of {self.name}", hint=f"source(language) prints {' or '.join(map(repr, languages))}")
        return self._versions.text(language)

    @property
    def trace(self) -> Trace:
        """The record of the compilation (made by running the deterministic pipeline once more) and of all measured runs."""
        trace = self._recorded().trace
        trace.profile.runs = list(self.profile.runs)
        return trace

    def _recorded(self) -> Recorder:
        from .record import record

        with self._lock:
            if self._record is None:
                self._record = record(self)
            return self._record

    def check(self, step: int) -> list[dict[str, Any]]:
        """Both sides of rewrite number `step` of the trace (from 1) on drawn numbers: how far apart they are."""
        from .check import check_rewrite

        rewrites = self._recorded().rewrites
        if not 1 <= step <= len(rewrites):
            raise ArgumentError(f"there is no rewrite {step} of {self.name}", hint=f"there are {len(rewrites)}, from 1")
        return check_rewrite(*rewrites[step - 1])

    @property
    def profile(self) -> Profiler:
        """Measures the steps of the function: `f.profile.run(*inputs)`, `f.profile.text()`."""
        from .profile import Profiler

        if self._profiler is None:
            self._profiler = Profiler(self)
        return self._profiler

    @property
    def seconds(self) -> dict[str, float]:
        """What compiling took, by step: rewrite, emit, cc, load."""
        return dict(self._version.seconds)

    def explore(self) -> Any:
        """The pass explorer, live in a notebook."""
        return display.HOOKS["explore"](self)

    def to_html(self, path: Any = None, title: str | None = None, facts: Mapping[str, str] | None = None) -> Any:
        """A self-contained page about the function: passes, rewrites, the graph with times, code. Written to `path` if given."""
        return display.HOOKS["page"](self, path, title, facts)

    def __repr__(self) -> str:
        return f"<function {self.signature} on {self.target}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return display.bundle_of(self)

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self.inputs, self.outputs, self.updates, self.name, self.mode, self._single, self._empty)
        return _restore, (state,)


_MISSING: Any = object()


def _restore(state: tuple[Any, ...]) -> Function:
    return Function(*state)


def function(inputs: Sequence[Any], outputs: Any = None, updates: Updates | None = None, givens: Updates | None = None,
             mode: str | Mode | None = None, target: str | None = None, name: str | None = None,
             on_unused_input: str = "raise") -> Function:
    """Compile `outputs` (an expression, or a list or tuple of them) as a function of `inputs`.

    updates: {shared variable: its new value}; all new values are put in together after each call.
    givens: {variable: what replaces it}. mode: "FAST_RUN", "FAST_COMPILE" or "DEBUG". target: "c", "numpy" or "opencl".
    on_unused_input: "raise", "warn" or "ignore".

    Raises MissingInputError if the graph needs a variable that is not among the inputs, UpdateError if an update has another
    type than its shared variable.

    >>> import tensorviz as tv
    >>> n = tv.shared(0, name="n")
    >>> count = tv.function([], n, updates={n: n + 1})
    >>> count(), count(), n.get_value()
    (array(0), array(1), array(2))
    """
    empty = outputs is None
    single = not isinstance(outputs, list | tuple)
    outs = [] if empty else [as_expr(outputs)] if single else [as_expr(o) for o in outputs]
    variables = _variables(inputs)
    pairs = _updates(updates)
    roots = [*outs, *(new for _, new in pairs)]
    if givens is not None:
        roots = replace(roots, _givens(givens))
    _check_inputs(variables, roots, on_unused_input)
    pairs = [(v, new) for (v, _), new in zip(pairs, roots[len(outs):], strict=True)]
    label = name or (outs[0].name if outs and outs[0].name and outs[0].args else None) or "function"
    return Function(variables, roots[: len(outs)], pairs, label, mode_named(mode, target), single, empty)


def _variables(inputs: Sequence[Any]) -> list[Expr]:
    if isinstance(inputs, Expr) or not isinstance(inputs, list | tuple):
        raise ArgumentError("inputs are given as a list of variables", hint="tv.function([x], y)")
    variables: list[Expr] = []
    for x in inputs:
        if not isinstance(x, Expr) or x.op.name != "variable" or is_shared(x):
            what = "a shared variable" if isinstance(x, Expr) and is_shared(x) else f"{x!r:.60}"
            raise ArgumentError(f"an input must be a variable, not {what}", at=where(x) if isinstance(x, Expr) else (),
                                hint="shared variables need not be listed; givens= replaces what is not a variable")
        if any(x is v for v in variables):
            raise ArgumentError(f"{x.name or 'a variable'} is listed twice among the inputs")
        variables.append(x)
    return variables


def _updates(updates: Updates | None) -> list[tuple[Expr, Expr]]:
    pairs = []
    items = updates.items() if isinstance(updates, Mapping) else updates or ()
    seen: set[Expr] = set()
    for v, new in items:
        if not isinstance(v, Expr) or not is_shared(v):
            raise ArgumentError(f"only shared variables can be updated, not {v!r:.60}", hint="tv.shared(value) makes one")
        if v in seen:
            raise ArgumentError(f"{v.name or 'a shared variable'} is updated twice")
        seen.add(v)
        pairs.append((v, _fitting(v, new)))
    return pairs


def _fitting(v: Expr, new: Any) -> Expr:
    """The new value as an expression of the shared variable's type; raises UpdateError if it is another."""
    if not isinstance(new, Expr):
        new = BUILDERS["cast"](new, v.dtype) if isinstance(new, int | float) else as_expr(new)
    lengths = zip(v.type.shape, new.type.shape, strict=False)
    if new.dtype != v.dtype or new.ndim != v.ndim or any(None not in (n, m) and n != m for n, m in lengths):
        hint = f"use .astype({str(v.dtype)!r})" if new.ndim == v.ndim and new.dtype != v.dtype else "updates keep the shape and dtype of the variable"
        raise UpdateError(f"the update of {v.name or 'a shared variable'} is {new.type.text()}, it must be {v.type.text()}",
                          at=where(new), hint=hint)
    return new


def _givens(givens: Updates) -> dict[Expr, Expr]:
    items = givens.items() if isinstance(givens, Mapping) else givens
    result = {}
    for old, new in items:
        new = as_expr(new)
        if not old.type.accepts(new.type) and (new.dtype != old.dtype or new.ndim != old.ndim):
            raise UpdateError(f"{old.name or 'a variable'} is {old.type.text()}, it can't be replaced by {new.type.text()}", at=where(new))
        result[old] = new
    return result


def _check_inputs(variables: Sequence[Expr], roots: Sequence[Expr], on_unused: str) -> None:
    needed, given = inputs_of(roots), set(variables)
    for e in needed:
        if e not in given and not is_shared(e):
            raise MissingInputError(f"the graph needs {e.name or 'a variable without a name'}, which is not among the inputs", at=where(e),
                                    hint="add it to the inputs, or give it a value with givens=")
    if on_unused not in ("raise", "warn", "ignore"):
        raise ArgumentError(f"on_unused_input can't be {on_unused!r}", hint="use 'raise', 'warn' or 'ignore'")
    unused = [x for x in variables if x not in set(needed)]
    if unused and on_unused != "ignore":
        names = ", ".join(x.name or "a variable without a name" for x in unused)
        if on_unused == "raise":
            raise ArgumentError(f"the outputs don't depend on input {names}", at=where(unused[0]), hint="on_unused_input='ignore' allows it")
        import warnings

        warnings.warn(f"the outputs don't depend on input {names}", stacklevel=3)
