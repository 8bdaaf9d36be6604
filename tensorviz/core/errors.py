"""The family of errors: each says what, where (the user's line), with which values, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from .origins import Site, describe, here, line_of, user_line

__all__ = ["ArgumentError", "ArgumentValueError", "AssertionFailed", "BoundsError", "CheckError", "CompileError",
           "ConversionError", "DisconnectedInputError", "DivisionError", "DomainError", "DtypeError", "GradientError",
           "IndexingError", "MissingAttributeError", "MissingInputError", "NullTypeGradError", "NumberError", "ParseError",
           "RewriteError", "ShapeError", "SizeError", "TensorvizError", "UpdateError"]

MAX_LINES = 15


class TensorvizError(Exception):
    """Base of all errors that tensorviz raises on purpose.

    `what` is one sentence; `at` are lines of the user's program, and where none is given, the one that runs when the error is
    made is cited; `facts` name operands and their types; `hint` says what to do.

    >>> print(TensorvizError("cannot add", at=["x + y    cell 5, line 2"], hint="drop the .T"))
    cannot add
      x + y    cell 5, line 2
      hint: drop the .T
    """

    cites = True                # whether it is about a line of the user's program, and not about the machine

    def __init__(self, what: str, *, at: Iterable[str] = (), facts: Iterable[str] = (), hint: str = "") -> None:
        self.what, self.at, self.facts, self.hint = what, tuple(at), tuple(facts), hint
        self._sites: tuple[Site, ...] = here()[:1] if self.cites and not self.at else ()
        super().__init__(what)

    @property
    def cited(self) -> tuple[str, ...]:
        """The lines that the message shows: `at`, or the line that ran."""
        return self.at or tuple(f"{line_of(s)}    {describe(s)}".strip() for s in self._sites)

    def __str__(self) -> str:
        lines = [self.what, *(f"  {line}" for line in (*self.cited, *self.facts))]
        if self.hint:
            lines = [*lines[: MAX_LINES - 1], f"  hint: {self.hint}"]
        return "\n".join(lines[:MAX_LINES])

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.what, self.cited, self.facts, self.hint)


def _restore(kind: type[TensorvizError], what: str, at: tuple[str, ...], facts: tuple[str, ...], hint: str) -> TensorvizError:
    return kind(what, at=at, facts=facts, hint=hint)


class ShapeError(TensorvizError, ValueError):
    """Lengths or numbers of axes that don't go together."""


class DtypeError(TensorvizError, TypeError):
    """A dtype that an op, an input or a shared value can't take."""


class NumberError(DtypeError, OverflowError):
    """A Python number that a dtype can't hold."""


class ArgumentError(TensorvizError, TypeError):
    """A wrong number of arguments, an unknown keyword, a value of the wrong kind."""


class ConversionError(TensorvizError, TypeError):
    """An expression used where Python needs a value (`if x`, `float(x)`, `np.asarray(x)`)."""


class MissingAttributeError(ConversionError, AttributeError):
    """What NumPy's arrays have and expressions can't: bytes, strides, lists of values."""


class DomainError(TensorvizError, ValueError):
    """Values that an op is not defined for: whole numbers to negative powers, steps of 0."""


class DivisionError(DomainError, ZeroDivisionError):
    """A division by what is known to be 0."""


class BoundsError(TensorvizError, IndexError):
    """An index outside its axis."""


class ArgumentValueError(ArgumentError, DomainError):
    """An argument whose value is none of those that are allowed: a mode that there is not, a negative width."""


class IndexingError(BoundsError, ShapeError):
    """A subscript that a tensor can't have: too many indices, two `...`, a mask of another shape, what is no index."""


class SizeError(TensorvizError, MemoryError):
    """A tensor that is larger than the memory, or than any memory."""


class AssertionFailed(TensorvizError, AssertionError):
    """A condition that the graph asserts does not hold."""


class CheckError(TensorvizError, ArithmeticError):
    """A mode that watches found a wrong value (DEBUG), or one that is NaN or infinite (NAN_GUARD)."""


class MissingInputError(TensorvizError, ValueError):
    """A graph needs a variable that is not among the inputs."""


class GradientError(TensorvizError, ValueError):
    """A gradient that does not exist: cost not a scalar, an op without one, a disconnected input."""


class DisconnectedInputError(GradientError):
    """A gradient with respect to something that the cost does not depend on (Theano's word)."""


class NullTypeGradError(GradientError):
    """A gradient through an op that has none (Theano's word)."""


class UpdateError(TensorvizError, TypeError):
    """The new value of a shared variable has another type than the old."""


class RewriteError(TensorvizError, RuntimeError):
    """A pass that does not end, or a rule that is not sound."""


class CompileError(TensorvizError, RuntimeError):
    """The compiler failed on generated code, or could not be run."""

    cites = False


class ParseError(TensorvizError, ValueError):
    """Text that is not a printed graph."""


def a_function(f: object, what: str) -> None:
    """Raises ArgumentError if `what` is given something else in the place of a function."""
    if not callable(f):
        raise ArgumentError(f"{what} takes a function, not {type(f).__name__}", at=user_line())


def no_keywords(given: Iterable[str], what: str) -> None:
    """Raises ArgumentError if a function that has no place for them is given keywords."""
    names = ", ".join(map(repr, given))
    if names:
        raise ArgumentError(f"{what} takes no keyword {names}", at=user_line())
