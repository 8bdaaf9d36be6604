"""Rules as data: two patterns, named conditions, why it holds, how exact it is. Rules that must compute are listed apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from ..core.errors import RewriteError, TensorvizError
from ..core.expr import Expr, make, variable
from ..core.latex import escaped, latex, mathml
from ..core.op import BUILDERS, OPS
from ..core.types import TensorType
from .lengths import same_lengths
from .match import REST, Matcher, with_rest
from .pattern import Call, P, Pattern, Var, parts_of, pattern_text, variables_of

__all__ = ["EXACT", "FAST", "REAL", "Condition", "Context", "Found", "Rewrite", "Rule", "collect", "rewrite", "rule"]

EXACT = "exact in floating point"               # bit for bit
REAL = "exact in real arithmetic"               # an error of 4 ULP or of the left side's bound; repairs overflow on the way
FAST = "assumes finite values or reassociates"  # only with the fast_math policy
Condition = tuple[str, bool, str]               # what is asked, whether it holds, why not
Example = Mapping[str, Any]


@dataclass(slots=True)
class Context:
    """What rules may ask of the run they are part of.

    readers: how many nodes read a node; fast_math: the user's policy; misses: where near misses go, None if nobody asks.
    Whoever applies a rule has set the inherited lines (`set_inherited`) to a tuple of its own before.
    """

    readers: Callable[[Expr], int] = lambda node: 1
    fast_math: bool = False
    misses: Callable[[Any, Expr, list[Condition]], None] | None = None
    ended: bool = False


@dataclass(slots=True)
class Found:
    """One match of one rule: the node that takes the place of the old one, and how it came to be."""

    new: Expr
    matched: tuple[Expr, ...]
    bindings: dict[str, Any]
    conditions: list[Condition]


@dataclass(eq=False)
class Rule:
    """`left -> right` where all of `guard` hold; `doc` says why. Made by the decorator `rule`.

    example: how tests make the variables ("matrix", a number, a tuple for a parameter); left out: scalars and vectors
    drops_shape_errors: inputs that make the left side raise ShapeError may pass
    repairs: variables at whose infinities NumPy's NaN becomes the limit; `why` says so
    raises_on_empty: over axes of length 0 it raises ShapeError where the left side does not
    flat: chains of floats are matched as flat lists although the policy is not fast_math
    """

    name: str
    doc: str
    stage: str
    exactness: str
    left: P
    right: Pattern
    guard: tuple[Call, ...] = ()
    example: Example = field(default_factory=dict)
    drops_shape_errors: bool = False
    repairs: tuple[str, ...] = ()
    raises_on_empty: bool = False
    flat: bool = False
    code: CodeType | None = None

    def __repr__(self) -> str:
        return f"<rule {self.name}: {self.formula}>"

    @property
    def formula(self) -> str:
        """Both sides as text, printed from the patterns: ``log(1.0 + x) -> log1p(x)``."""
        return f"{pattern_text(self.left)} -> {pattern_text(self.right)}"

    @cached_property
    def sides(self) -> tuple[Expr, Expr]:
        """Both sides as expressions of variables named as the pattern's."""
        env: dict[str, Any] = dict(self.example)
        for name in variables_of(self.left, params=False):
            env[name] = _named(name, self.example.get(name))
        left, right = instantiate(self.left, env), instantiate(self.right, env)
        return left, right if isinstance(right, Expr) else BUILDERS["as_expr"](right)

    @cached_property
    def latex(self) -> str:
        """Both sides as LaTeX, an arrow between them; as text where mathematics has one sign for both: x ** 2.0, square(x)."""
        left, right = (latex(side, width=1000) for side in self.sides)
        if left == right:
            left, right = (f"\\text{{{escaped(pattern_text(side))}}}" for side in (self.left, self.right))
        return f"{left} \\to {right}"

    @cached_property
    def mathml(self) -> str:
        """Both sides as MathML, an arrow between them."""
        return mathml(self.latex)

    @property
    def why(self) -> str:
        """The reason as it is shown: `doc`, and what the rule makes of infinite inputs where NumPy has NaN."""
        return _why(self)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold besides the pattern, in words."""
        return tuple(c.text for c in self.guard)

    @property
    def source(self) -> str:
        """Where the rule is written: ``rules/stability.py:48``."""
        return _source(self.code)

    @cached_property
    def matcher(self) -> Matcher:
        """The left side made ready for matching."""
        return Matcher(self.left, frozenset(v.name for c in self.guard for k in c.function.constants  # type: ignore[attr-defined]
                                            for v in c.args[k:k + 1] if isinstance(v, Var)))

    @cached_property
    def reads_graph(self) -> bool:
        """Whether a condition asks how many readers a node has."""
        return any(getattr(c.function, "reads_graph", False) for c in self.guard)

    def wants(self, op: Any) -> bool:
        """Whether the rule can match a node of `op`."""
        return bool(op.name == self.left.op)

    def apply(self, node: Expr, context: Context) -> Found | None:
        """What replaces `node`, or None if the rule does not match there."""
        flat = self.flat or context.fast_math
        if not self.matcher.could(node, flat):
            return None
        found: list[Found] = []

        def accept(env: dict[Any, Any]) -> bool:
            conditions = self._ask(env, context)
            if conditions and not conditions[-1][1]:
                if context.misses is not None:
                    context.misses(self, node, conditions)
                return False
            new = self._build(env, node, context)
            if new is None:
                return False
            matched = tuple(env[p] for p in parts_of(self.left) if isinstance(p, P) and p in env)
            bindings = {n: env[n] for n in variables_of(self.left) if n in env}
            found.append(Found(new, tuple(dict.fromkeys(matched)), bindings, conditions))
            return True

        self.matcher.find(node, accept, flat)
        return found[0] if found else None

    def _ask(self, env: dict[Any, Any], context: Context) -> list[Condition]:
        """The conditions one by one; the last one failed if any did."""
        answers: list[Condition] = []
        for c in self.guard:
            args = [instantiate(a, env) for a in c.args]
            if c.function.reads_graph:                              # type: ignore[attr-defined]
                args.insert(0, context.readers)
            answer = c.function(*args)
            ok = answer is True
            answers.append((c.text, ok, "" if ok else answer or "it does not"))
            if not ok:
                break
        return answers

    def _build(self, env: dict[Any, Any], node: Expr, context: Context) -> Expr | None:
        try:
            new = instantiate(self.right, env)
            if not isinstance(new, Expr):
                new = BUILDERS["as_expr"](new, node.dtype)
            if REST in env:
                new = with_rest(env[REST], new)
        except TensorvizError as error:
            _miss(self, node, context, f"the right side can't be built: {error.what}")
            return None
        return new if fits(self, node, new, context) else None


def _miss(rule: Any, node: Expr, context: Context, why: str) -> None:
    if context.misses is not None:
        context.misses(rule, node, [("the right side has the type of the left", False, why)])


def fits(rule: Any, old: Expr, new: Expr, context: Context) -> bool:
    """Whether `new` may stand where `old` stood: the same dtype, rank and, for every input, shape; and it is another node."""
    if new is old:
        return False
    if not isinstance(old.type, TensorType):
        return bool(new.type == old.type)
    if not old.type.accepts(new.type):
        _miss(rule, old, context, f"{new.type.text()} instead of {old.type.text()}")
        return False
    if not getattr(rule, "vouches", False) and not same_lengths(old, new):
        _miss(rule, old, context, "its shape may be another one at run time")
        return False
    return True


def instantiate(p: Any, env: Mapping[Any, Any]) -> Any:
    """A pattern as an expression (or the value of a parameter), for what its variables stand for."""
    if isinstance(p, Var):
        return env[p.name]
    if isinstance(p, Call):
        return p.function(*(instantiate(a, env) for a in p.args))
    if not isinstance(p, P):
        return p
    if p in env:
        return env[p]
    args = [instantiate(a, env) for a in p.args]
    op = OPS.get(p.op)
    if op is not None and op.params and set(p.params) == set(op.params):
        params = {k: instantiate(v, env) for k, v in p.params.items()}
        if all(isinstance(a, Expr) for a in args):
            return make(op, tuple(args), tuple(params[k] for k in op.params))
    return BUILDERS[p.op](*args, **{k: instantiate(v, env) for k, v in p.params.items()})


@dataclass(eq=False)
class Rewrite:
    """A rule that must compute: a function from a node of certain ops to what replaces it, or None.

    on: names of ops, or of families ("shape ops"; "shape" is the op); formula: what it does, in words; examples: expressions on
    which it fires, for the tests;
    vouches: the shape is right wherever the left side does not raise, though the types don't tell
    """

    name: str
    doc: str
    stage: str
    exactness: str
    on: frozenset[str]
    function: Callable[..., Expr | None]
    formula: str = ""
    examples: Callable[[], Iterable[Expr]] = lambda: ()
    drops_shape_errors: bool = False
    repairs: tuple[str, ...] = ()
    code: CodeType | None = None
    reads_graph: bool = False
    conditions: tuple[str, ...] = ()
    vouches: bool = False
    latex: str = ""
    mathml: str = ""

    def __repr__(self) -> str:
        return f"<rewrite {self.name}: {self.formula}>"

    @property
    def why(self) -> str:
        """The reason as it is shown: `doc`, and what the rewrite makes of infinite inputs where NumPy has NaN."""
        return _why(self)

    @property
    def source(self) -> str:
        """Where the function is written: ``rules/constants.py:20``."""
        return _source(self.code)

    def wants(self, op: Any) -> bool:
        """Whether the rewrite looks at nodes of `op`."""
        return op.name in self.on or f"{op.family} ops" in self.on

    def apply(self, node: Expr, context: Context) -> Found | None:
        """What replaces `node`, or None if there is nothing to do."""
        try:
            new = self.function(node)
        except TensorvizError as error:
            _miss(self, node, context, f"the right side can't be built: {error.what}")
            return None
        return Found(new, (node,), {}, []) if new is not None and fits(self, node, new, context) else None


def _why(rule: Rule | Rewrite) -> str:
    if not rule.repairs:
        return rule.doc
    return f"{rule.doc} Where {' or '.join(rule.repairs)} is infinite this may be the limit, a finite number where NumPy has NaN."


def _named(name: str, kind: Any) -> Expr:
    """The variable that stands for a pattern variable where a rule is shown."""
    rank = 2 if kind in ("matrix", "shifted") else 0 if kind == "scalar" or isinstance(kind, int | float) else 1
    dtype = "bool" if kind == "bool" else "int64" if kind == "int" else "float64"
    return variable(TensorType(np.dtype(dtype), (None,) * rank), name)


def _source(code: CodeType | None) -> str:
    if code is None:
        return ""
    folder, name = os.path.split(code.co_filename)
    return f"{os.path.basename(folder)}/{name}:{code.co_firstlineno}"


def rule(stage: str, exactness: str = REAL, **fields: Any) -> Callable[[Callable[..., Sequence[Any]]], Rule]:
    """Make a function of pattern variables a rule: it returns (left, right) or (left, right, conditions).

    >>> from tensorviz.rewrite.pattern import log, log1p
    >>> @rule("stabilise")
    ... def log_of_one_plus(x):
    ...     \"\"\"log(1+x) loses digits near x = 0; log1p keeps them.\"\"\"
    ...     return log(1.0 + x), log1p(x)
    >>> log_of_one_plus.formula
    'log(1.0 + x) -> log1p(x)'
    """
    def decorate(function: Callable[..., Sequence[Any]]) -> Rule:
        code = function.__code__
        left, right, *guard = function(*map(Var, code.co_varnames[: code.co_argcount]))
        doc = " ".join((function.__doc__ or "").split())
        if not isinstance(left, P):
            raise RewriteError(f"the left side of rule {function.__name__} is a bare variable", hint="start it with an op")
        return Rule(function.__name__, doc, stage, exactness, left, right, tuple(guard[0]) if guard else (), code=code, **fields)

    return decorate


def rewrite(on: str | Iterable[str], stage: str, exactness: str = EXACT,
            **fields: Any) -> Callable[[Callable[..., Expr | None]], Rewrite]:
    """Make a function Expr -> Expr | None a rewrite of nodes of the ops or families ("elementwise ops") `on`."""
    def decorate(function: Callable[..., Expr | None]) -> Rewrite:
        doc = " ".join((function.__doc__ or "").split())
        names = frozenset((on,) if isinstance(on, str) else on)
        unknown = [n for n in names if n not in OPS and n not in {f"{op.family} ops" for op in OPS.values()}]
        if unknown:
            raise RewriteError(f"{function.__name__} is on {', '.join(unknown)}: no op and no family of ops")
        return Rewrite(function.__name__, doc, stage, exactness, names, function, code=function.__code__, **fields)

    return decorate


def collect(module: Mapping[str, Any], stage: str = "") -> tuple[Rule | Rewrite, ...]:
    """The rules of a module (of one stage, if it is given), in the order in which they are written."""
    return tuple(v for v in module.values() if isinstance(v, Rule | Rewrite) and stage in ("", v.stage))
