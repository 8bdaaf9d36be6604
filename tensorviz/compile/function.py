"""Compiled functions: `tv.function(inputs, outputs, updates=...)` and what one can ask of the result."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import display
from ..core.errors import ArgumentError, ShapeError, SizeError
from ..core.evaluate import as_value, evaluate
from ..core.expr import Expr, as_expr, where
from ..core.forks import renewed_in_child
from ..core.graph import flatten, inputs_of, replace, unflatten
from ..core.op import strict
from ..core.shared import Cell, cell_of, is_shared, swap_together, values_of
from ..core.types import TensorType, shape_text
from .arguments import Updates, as_givens, as_name, as_updates, as_variables, calling, check_inputs, place
from .mode import Mode, mode_named
from .program import DIFFER
from .runtime import Failure, Mismatch
from .target import BACKENDS
from .verify import Watch
from .version import Version, Versions

if TYPE_CHECKING:
    from ..render.trace import Trace
    from .profile import Profiler
    from .record import Recorder

__all__ = ["Function", "function"]

LAYOUT = 8


class Function:
    """A compiled function of NumPy arrays; made by `tv.function`. Threads may share it.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> f = tv.function([x], tv.exp(x) + 1.0, name="f")
    >>> f([0.0])
    array([2.])
    """

    def __init__(self, inputs: Sequence[Expr], outputs: Sequence[Expr], updates: Sequence[tuple[Expr, Expr]], name: str,
                 mode: Mode, single: bool, empty: bool) -> None:
        self.inputs, self.outputs, self.updates = list(inputs), list(outputs), list(updates)
        self.name, self.mode, self._single, self._empty = name, mode, single, empty
        self._roots = [*self.outputs, *(new for _, new in self.updates)]
        self._shared = [e for e in inputs_of(self._roots) if is_shared(e)]
        self._cells = [cell_of(e) for e in self._shared]
        self._targets = [cell_of(v) for v, _ in self.updates]
        self._locked = sorted(self._targets, key=lambda c: c.id)
        self._every = [*self.inputs, *self._shared]
        self._versions = Versions(self._every, self._roots, name, mode, [v.name for v, _ in self.updates])
        self._lock = threading.Lock()
        renewed_in_child(self, "_lock")
        self._record: Recorder | None = None
        self._profiler: Profiler | None = None
        self._version: Version = self._versions.main
        self._prepare()

    def _prepare(self) -> None:
        """Work out what every call needs."""
        program = self._version.program
        entry = program.only if program is not None else None
        watched = self.mode.check or self.mode.guard
        self._main = entry.run if entry is not None else program.run if program is not None else None
        self._loose = entry is None and program is not None         # NumPy steps take any value: inputs are converted first
        self._direct = entry if not self._shared and not self.updates and self._single and not watched else None
        self._watch = Watch(self) if watched else None
        self._nothing = (None,) * len(self.outputs)
        known = [new.type.shape for _, new in self.updates]
        self._slots = [(c, None if None in n else n) for c, n in zip(self._targets, known, strict=True)]
        self._unsure = [k for k, (v, new) in enumerate(self.updates) if not v.type.accepts(new.type)]

    # -- calling ---------------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for these inputs, by position or by name: an array, or a list if `outputs` was one."""
        if self._direct is not None and not kwargs:
            try:
                return self._direct(*args)
            except (Mismatch, Failure, TypeError, ValueError, MemoryError):
                pass                                # the long way converts the arguments, or says what is wrong
        if kwargs or len(args) != len(self.inputs):
            args = self._bind(args, kwargs)
        if self.updates:
            found = self._update(args)
        elif self._cells:
            found = self._run(args + values_of(self._cells))
        else:
            found = self._run(args)
        if self._empty:
            return None
        return found[0] if self._single else list(found[: len(self.outputs)])

    def _update(self, args: tuple[Any, ...]) -> Sequence[Any]:
        """Run with the cells to update locked, so that no other update is lost, and put the new values in."""
        held: list[Cell] = []
        try:
            for cell in self._locked:
                cell.lock.acquire()
                held.append(cell)
            found = self._run(args + values_of(self._cells))
            new = found[len(self.outputs):]
            for k in self._unsure:
                self._check_update(k, new[k])
            swap_together(self._targets, new)
        finally:
            for cell in held:
                cell.lock.release()
        return found

    def _check_update(self, k: int, value: Any) -> None:
        v, new = self.updates[k]
        if not v.type.accepts(TensorType(value.dtype, value.shape)):
            name = v.name or "a shared variable"
            raise ShapeError(f"the update of {name} has shape {value.shape}, it must be {shape_text(v.type.shape)}",
                             at=where(new), facts=[f"{name}: {v.type.text()} from {place(v)}"],
                             hint="tv.shared(value, shape=(None, ...)) leaves lengths free")

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Arguments in the order of the inputs; raises ArgumentError naming what is wrong."""
        if not kwargs and len(args) == len(self.inputs):
            return args
        takes, count = self.signature, f"{len(self.inputs)} argument{'s' * (len(self.inputs) != 1)}"
        if len(args) > len(self.inputs):
            raise ArgumentError(f"{takes} takes {count}, {len(args)} {'was' if len(args) == 1 else 'were'} given", at=calling())
        values: list[Any] = [*args, *([_MISSING] * (len(self.inputs) - len(args)))]
        place = {x.name: k for k, x in enumerate(self.inputs) if x.name}
        for key, value in kwargs.items():
            if sum(x.name == key for x in self.inputs) > 1:
                raise ArgumentError(f"{takes} has several arguments named {key!r}", at=calling(), hint="give them by position")
            if key not in place:
                raise ArgumentError(f"{takes} has no argument {key!r}", at=calling(),
                                    hint=f"its arguments are {', '.join(map(repr, place)) or 'not named: give them by position'}")
            if values[place[key]] is not _MISSING:
                raise ArgumentError(f"{takes} got two values for {key!r}", at=calling())
            values[place[key]] = value
        missing = [x.name or f"argument {k + 1}" for k, x in enumerate(self.inputs) if values[k] is _MISSING]
        if missing:
            raise ArgumentError(f"{takes} takes {count}, without a value: {', '.join(missing)}", at=calling())
        return tuple(values)

    def _run(self, values: tuple[Any, ...], times: Any = None) -> Sequence[Any]:
        """The values of all roots; raises before anything has changed."""
        if self._loose:
            values = self._converted(values)
        if self._main is None:
            found = self._interpret(values)
        else:
            try:
                found = self._main(values, self._spares(), times)
            except Mismatch:
                found = self._retry(self._converted(values), None, times)
            except Failure as failure:
                found = self._retry(self._converted(values), failure, times)
            except (ValueError, MemoryError):
                found = self._interpret(self._converted(values))
        if self._watch is not None:
            self._watch.judge(values, found)
        return found

    def _converted(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Inputs as arrays of their types; raises DtypeError or ShapeError before anything has run."""
        return tuple([as_value(x, v) for x, v in zip(self._every, values, strict=True)])

    def _retry(self, values: tuple[Any, ...], failure: Failure | None, times: Any) -> Sequence[Any]:
        """What to do when the compiled code refuses: other memory order, lengths that broadcast, or the user's error."""
        run: Any = self._main
        for _ in range(3):
            if failure is not None and failure.status == DIFFER:
                program = self._versions.for_lengths(values)
                run, times = None if program is None else program.run, None
            elif failure is not None and failure.status != LAYOUT:
                run = None
            if run is None:
                break
            values = tuple([np.require(v, requirements=["C", "A"]) for v in values])
            try:
                return run(values, self._spares(), times)  # type: ignore[no-any-return]
            except Failure as again:
                failure = again
            except (Mismatch, ValueError, MemoryError):
                break
        return self._interpret(values)

    def _interpret(self, values: tuple[Any, ...]) -> Sequence[Any]:
        """The NumPy meaning: gives the exact error for bad input, and the answer in what cases the code does not cover."""
        try:
            return evaluate(self._versions.roots, dict(zip(self._every, values, strict=True)))
        except MemoryError as error:
            if isinstance(error, SizeError):
                raise
            raise SizeError(str(error), at=where(self._roots[0]) if len(self._roots) == 1 else calling(),
                            hint="reduce it before it is stored, or compute it in parts") from None

    def _spares(self) -> tuple[Any, ...] | None:
        """Buffers for the new values of shared variables: those of the step before the last, when nobody holds them."""
        if not self._slots:
            return None
        return self._nothing + tuple([None if n is None else c.take_spare(n) for c, n in self._slots])

    # -- looking ---------------------------------------------------------------------------------------------------
    @property
    def signature(self) -> str:
        """``step(x, y)``."""
        return f"{self.name}({', '.join(x.name or f'x{k}' for k, x in enumerate(self.inputs))})"

    @property
    def target(self) -> str:
        """Where it runs: "c", "numpy" or "opencl"."""
        return "numpy" if self._version.program is None else self.mode.target

    def source(self, language: str | None = None, full: bool = False) -> str:
        """The generated code in the language of its target, or that of the same kernels in another one: "c" or "opencl".

        That is the kernels and what calls them; with `full` the whole file, which can be compiled: their helpers come before.
        """
        program = self._version.program
        if program is not None and language in (None, program.language):
            return program.source if full else program.own
        languages = ["c", *BACKENDS]
        if language not in languages:
            what = "code" if language is None else f"{language} code"
            raise ArgumentError(f"there is no {what} of {self.name}",
                                hint=f"source(language) prints {' or '.join(map(repr, languages))}")
        program = self._versions.unbuilt(language)
        return program.source if full else program.own

    @property
    def trace(self) -> Trace:
        """The record of the compilation (made by running the deterministic pipeline once more) and of all measured runs."""
        trace = self._recorded().trace
        trace.profile.runs = list(self.profile.runs)
        return trace

    def _recorded(self, full: bool = True) -> Recorder:
        from .record import record

        with self._lock:
            if self._record is None or (full and not self._record.full):
                self._record = record(self, full)
            return self._record

    def _picture(self) -> Trace:
        """The trace as far as a picture of the graph needs it: a notebook shows one at every turn."""
        trace = self._recorded(full=False).trace
        trace.profile.runs = list(self.profile.runs)
        return trace

    def check(self, step: int) -> list[dict[str, Any]]:
        """Both sides of rewrite number `step` of the trace (from 1) on drawn numbers: how far apart they are.

        Of a loop nest the sides are the NumPy meaning of its operations, and the nest compiled by itself.
        """
        return self._recorded().check(step)

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

    @property
    def cached(self) -> bool:
        """Whether the built code came from the cache: then `seconds` tells nothing of the C compiler."""
        return self._version.program is not None and self._version.program.cached

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

    def copy(self, swap: Mapping[Expr, Expr] | None = None, name: str | None = None) -> Function:
        """Another function of the same graph; `swap` = {shared variable: another of its type} to read and update instead.

        >>> import tensorviz as tv
        >>> n, m = tv.shared(0, name="n"), tv.shared(10, name="m")
        >>> count = tv.function([], n, updates={n: n + 1})
        >>> other = count.copy(swap={n: m})
        >>> other(), m.get_value(), n.get_value()
        (array(10), array(11), array(0))
        """
        mapping = as_givens(swap or {})
        for old, new in mapping.items():
            if not is_shared(old) or not is_shared(new):
                raise ArgumentError("swap takes shared variables only", at=where(old), hint="tv.shared(value) makes one")
        roots = replace(self._roots, mapping)
        pairs = [(mapping.get(v, v), new) for (v, _), new in zip(self.updates, roots[len(self.outputs):], strict=True)]
        label = as_name(name) or self.name
        return Function(self.inputs, roots[: len(self.outputs)], pairs, label, self.mode, self._single, self._empty)

    def __copy__(self) -> Function:
        return self

    def __deepcopy__(self, memo: object) -> Function:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """One flat table of all expressions: shared values come along, compiled code does not."""
        table = flatten([*self.inputs, *self._roots, *(v for v, _ in self.updates)])
        return _restore, (table, len(self.inputs), len(self.outputs), self.name, self.mode, self._single, self._empty)


_MISSING: Any = object()


def _restore(table: Any, inputs: int, outputs: int, name: str, mode: Mode, single: bool, empty: bool) -> Function:
    nodes = unflatten(table)
    count = (len(nodes) - inputs - outputs) // 2
    middle = inputs + outputs
    pairs = list(zip(nodes[middle + count:], nodes[middle:middle + count], strict=True))
    return Function(nodes[:inputs], nodes[inputs:middle], pairs, name, mode, single, empty)


@strict
def function(inputs: Sequence[Any], outputs: Any = None, updates: Updates | None = None, givens: Updates | None = None,
             mode: str | Mode | None = None, target: str | None = None, name: str | None = None,
             on_unused_input: str = "raise") -> Function:
    """Compile `outputs` (an expression, or a list or tuple of them) as a function of `inputs`.

    updates: {shared variable: its new value}; all new values are put in together after each call.
    givens: {variable: what replaces it}. target: "c", "numpy" or "opencl". on_unused_input: "raise", "warn" or "ignore".
    mode, a name or a `Mode`: "FAST_RUN" (all rewrites), "FAST_COMPILE" (none, and NumPy does the work), "DEBUG" (every rewrite
    and kernel is checked against its NumPy meaning at each call), "NAN_GUARD" (CheckError names the first node that is not
    finite).

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
    variables = as_variables(inputs)
    pairs = as_updates(updates)
    roots = [*outs, *(new for _, new in pairs)]
    replaced = as_givens(givens) if givens is not None else {}
    roots = replace(roots, replaced) if replaced else roots
    check_inputs(variables, roots, on_unused_input, replaced)
    pairs = [(v, new) for (v, _), new in zip(pairs, roots[len(outs):], strict=True)]
    label = as_name(name) or (outs[0].name if outs and outs[0].name and outs[0].args else None) or "function"
    return Function(variables, roots[: len(outs)], pairs, label, mode_named(mode, target), single, empty)
