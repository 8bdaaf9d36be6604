"""Random graphs over all families of ops, grown along with their values, so that what is kept computes something.

`grow` draws variables of several dtypes and ranks, whose unknown lengths differ from one environment to the next, and puts op upon
op. A node stays if in every environment it has a value that is small, finite and what the kind of graph asks for:

exact: small integers and dyadic numbers, with room to spare: whatever order sums and products are taken in, nothing is rounded.
Nothing looks at the sign of a zero: rules that are exact in real arithmetic know one zero only (x + 0 -> x); nor at that of a NaN.
special: the same with NaN, infinities and -0.0 among the inputs.
real: any op; its first-order error bound stays far below its value. Where a jump is near (a tie, a comparison of what is equal but
for rounding) elements have no bound; a node with mostly such elements is refused and counted in `jumps`.

A draw is anything with `choice(sequence)`: a `random.Random`, or `Drawn`, which asks Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

import tensorviz as tv
from tensorviz.core.errors import TensorvizError
from tensorviz.core.evaluate import step
from tensorviz.core.expr import Expr, constant_op, value_of, variable_op
from tensorviz.core.graph import topological
from tensorviz.rewrite.bounds import bound_of
from tests.compile.special_rows import more
from tests.compile.special_table import Row, table

Array = np.ndarray[Any, Any]
WIDE = np.longdouble
LARGEST = 60_000                        # elements of a value
GRIDS = {2: (2.0**5, 2.0**2), 4: (2.0**7, 2.0**3), 8: (2.0**12, 2.0**6)}      # itemsize -> largest, parts of a unit


class Choices(Protocol):
    """What decides."""

    def choice(self, options: Sequence[Any], /) -> Any:
        """One of them."""


class Unfit(Exception):
    """No node of the kind that an op needs."""


# -- values ------------------------------------------------------------------------------------------------------------
def _erf(sign: float) -> Callable[..., Any]:
    def one(x: Any) -> Any:
        import mpmath

        with mpmath.workdps(25):
            found = mpmath.erfc(mpmath.mpf(str(x))) if sign else mpmath.erf(mpmath.mpf(str(x)))
            return WIDE(mpmath.nstr(found, 24)) if abs(found) > 1e-300 else WIDE(float(found))

    return lambda x: np.asarray(np.frompyfunc(one, 1, 1)(x), WIDE)


_NARROW = {"erf": _erf(0.0), "erfc": _erf(1.0)}     # SciPy has them for doubles only


def wide_step(node: Expr, args: Sequence[Any]) -> Any:
    """One op in long double; integers and booleans stay what they are."""
    if node.op.name == "cast" and node.dtype.kind == "f":
        return np.asarray(args[0], WIDE)
    try:
        found = np.asarray(_NARROW.get(node.op.name, node.op.numpy)(*args, **node.kw))
    except TypeError:               # SciPy has most functions for doubles only
        found = np.asarray(node.op.numpy(*(a.astype(float) if a.dtype.kind == "f" else a for a in args), **node.kw))
    return found.astype(WIDE if node.dtype.kind == "f" else node.dtype, copy=False)


class Table:
    """The values of a graph in one environment: by the interpreter, and for real graphs in long double and with error bounds."""

    def __init__(self, env: dict[Expr, Array], real: bool) -> None:
        self.env, self.real = env, real
        self.values: dict[Expr, Any] = {}
        self.wide: dict[Expr, Any] = {}
        self.lifted: dict[Expr, Any] = {}               # the interpreter's values as bounds want them
        self.errors: dict[Expr, Array] = {}
        self.refined = False

    def add(self, root: Expr) -> list[Expr]:
        """Compute what `root` needs; the new nodes."""
        new = [n for n in topological([root]) if n not in self.values or (self.real and n not in self.errors)]
        with np.errstate(all="ignore"):
            for node in new:
                leaf = self.env[node] if node.op is variable_op else value_of(node) if node.op is constant_op else None
                value = step(node, [self.values[a] for a in node.args]) if leaf is None else leaf
                if leaf is None and np.size(value) > LARGEST:
                    raise Unfit
                self.values[node] = value
                if self.real:
                    floats = value.dtype.kind == "f"
                    self.lifted[node] = value.astype(WIDE) if floats else value
                    self.wide[node] = self.lifted[node] if leaf is not None else wide_step(node, [self.wide[a] for a in node.args])
                    self.errors[node] = bound_of(node, self.lifted, self.errors)
        return new

    def refine(self) -> bool:
        """Special functions again in mpmath's numbers, and all that follows from them: SciPy has them in double alone.

        Says whether anything may have changed: this takes long, and is for results that look wrong.
        """
        refined, self.refined = self.refined, True
        if refined or not any(n.op.name in exact_functions() for n in self.wide):
            return False
        with np.errstate(all="ignore"):
            for node in self.wide:              # arguments first
                exact = exact_functions().get(node.op.name)
                if exact is not None:
                    self.wide[node] = np.vectorize(exact, otypes=[WIDE])(*[self.wide[a] for a in node.args])
                elif node.args:
                    self.wide[node] = wide_step(node, [self.wide[a] for a in node.args])
        return True


@cache
def exact_functions() -> dict[str, Callable[..., Any]]:
    """Special functions of long doubles by mpmath, NaN where it has no number."""
    import mpmath as mp

    def wide(row: Row) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            with mp.workdps(40):
                try:
                    found = row.exact(*(mp.mpf(float(a)) + mp.mpf(float(a - WIDE(float(a)))) for a in args))
                    return WIDE(float(found)) + WIDE(float(found - mp.mpf(float(found))))
                except (ValueError, ZeroDivisionError, TypeError, OverflowError, mp.NoConvergence):
                    return WIDE("nan")
        return call

    return {row.function: wide(row) for row in (*table(), *more())}


# -- what may stay -------------------------------------------------------------------------------------------------------
def _on_grid(dtype: Any, values: Any) -> bool:
    x = np.asarray(values, np.float64)
    x = x[np.isfinite(x)]
    most, parts = GRIDS[dtype.itemsize]
    return bool(np.all(np.abs(x) <= most) and np.all(x * parts == np.rint(x * parts)))


def _fits(node: Expr, table: Table) -> bool:
    """Whether floats that become integers are in their range: what C makes of others is undefined, and NumPy's is the machine's."""
    if node.op.name != "cast" or node.dtype.kind not in "iu" or node.args[0].dtype.kind != "f":
        return True
    x, info = table.values[node.args[0]].astype(np.float64), np.iinfo(node.dtype)
    return bool(np.all((x > max(info.min, -2**40) - 1) & (x < min(info.max, 2**40))))


_SIGN_OF = {"signbit": 0, "copysign": 1, "true_divide": 1, "reciprocal": 0, "floor_divide": 1}      # op -> argument


def _exact(node: Expr, table: Table, special: bool) -> bool:
    """Whether a value is far from where its dtype rounds, on the way to it too."""
    value, v = table.values[node], [table.values[a] for a in node.args]
    signed = v[_SIGN_OF[node.op.name]] if node.op.name in _SIGN_OF else None
    if signed is not None and signed.dtype.kind == "f" and (not signed.all() or np.isnan(signed).any()):
        return False
    if value.dtype.kind != "f":
        return True
    if not special and not np.isfinite(value).all():
        return False
    with np.errstate(all="ignore"):
        on_the_way: Any = 0.0
        if node.op.name in ("sum", "sum_to", "cumsum", "fold", "pool_sum", "pool_sum_back"):
            on_the_way = node.op.numpy(np.abs(v[0]), *v[1:], **node.kw)
        elif node.op.name in ("convolution", "convolution_inputs", "convolution_filters", "recurrence"):
            on_the_way = node.op.numpy(np.abs(v[0]), np.abs(v[1]), *v[2:], **node.kw)
        elif node.op.name == "matmul":
            on_the_way = np.matmul(np.abs(v[0]), np.abs(v[1]))
        elif node.op.name in ("prod", "prod_others", "cumprod"):
            size = np.abs(v[0]).astype(np.float64)
            on_the_way = np.append(np.prod(np.maximum(size, 1)), np.prod(np.where((size == 0) | (size > 1), 0.25, size)))
        return _on_grid(value.dtype, value) and _on_grid(value.dtype, on_the_way)


def _jumps(node: Expr, table: Table) -> bool:
    """Whether most elements are near a discontinuity."""
    error = table.errors[node]
    return bool(error.size and np.isinf(error).mean() > 0.5)


def _real(node: Expr, table: Table) -> bool:
    """Whether a value is finite, moderate and known to some digits."""
    value, error = table.values[node], table.errors[node]
    if value.dtype.kind != "f":
        return True
    sure = np.isfinite(error)
    limit = 1e-3 if node.dtype.itemsize < 8 else 1e-6
    return bool(np.all(np.abs(value) < 1e4) and np.isfinite(table.wide[node]).all()
                and np.all(error[sure] <= limit * (1 + np.abs(value[sure]))))


# -- variables -----------------------------------------------------------------------------------------------------------
DTYPES = ("float64",) * 5 + ("float32",) * 4 + ("float16", "int64", "int32", "int8", "uint8", "uint64", "bool")
AXES = ("n", "n", "n", "m", "m", 3, 4, 1)
LENGTHS = {"n": (3, 5, 17, 40), "m": (4, 2, 7, 33)}


def _draw_values(dtype: Any, shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Array:
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -3, 7, shape).astype(dtype)
    if kind == "real":
        return np.asarray(rng.uniform(-2, 2, shape), dtype)
    x = np.asarray(rng.integers(-8, 9, shape) / rng.choice([1, 1, 2, 4], shape), dtype)
    if kind == "special":
        x = np.where(rng.random(shape) < 0.15, rng.choice([np.nan, np.inf, -np.inf, -0.0], shape), x)
    return np.asarray(x, dtype)


class Growth:
    """A graph that grows."""

    def __init__(self, draw: Choices, kind: str, environments: int = 3) -> None:
        self.draw, self.kind, self.real = draw, kind, kind == "real"
        kinds = [tuple(draw.choice(AXES) for _ in range(draw.choice((0, 1, 1, 2, 2, 2, 3)))) for _ in range(draw.choice((3, 4, 5, 6)))]
        self.variables = [tv.tensor(f"x{k}", dtype=draw.choice(DTYPES) if k else "float64",
                                    shape=tuple(a if isinstance(a, int) else None for a in axes)) for k, axes in enumerate(kinds)]
        rng = np.random.default_rng([draw.choice(range(256)) for _ in range(4)])
        self.tables = []
        for k in range(environments):
            lengths = {a: LENGTHS[a][0] if k == 0 else draw.choice(LENGTHS[a]) for a in "nm"}
            if k == 2:
                lengths = {a: draw.choice((0, 1, lengths[a], lengths[a])) for a in "nm"}
            env = {}
            for x, axes in zip(self.variables, kinds, strict=True):
                alone = k > 0 and draw.choice((False,) * 11 + (True,))          # broadcasts
                shape = tuple(a if isinstance(a, int) else 1 if alone else lengths[a] for a in axes)
                env[x] = _draw_values(x.dtype, shape, kind, rng)
            self.tables.append(Table(env, self.real))
        self.nodes = list(self.variables)
        self._has = set(self.variables)
        self.jumps = 0
        for x in self.variables:
            for t in self.tables:
                t.add(x)

    def keep(self, e: Any) -> bool:
        """Take a node into the graph if its values in all environments are fit."""
        if not isinstance(e, Expr) or e in self._has or e.ndim > 4 or e.dtype.kind == "c":
            return False
        try:
            for t in self.tables:
                for n in t.add(e):
                    if not _fits(n, t) or not (_real(n, t) if self.real else _exact(n, t, self.kind == "special")):
                        self._forget(e)
                        return False
                    if self.real and _jumps(n, t):
                        self.jumps += 1
                        self._forget(e)
                        return False
        except (TensorvizError, Unfit):
            self._forget(e)
            return False
        self.nodes.append(e)
        self._has.add(e)
        return True

    def _forget(self, e: Expr) -> None:
        """Values of nodes that were refused must be judged again when another node needs them."""
        kept = set(topological(self.nodes))
        for t in self.tables:
            for n in topological([e]):
                if n not in kept:
                    for table in (t.values, t.wide, t.lifted, t.errors):
                        table.pop(n, None)

    def pick(self, kinds: str = "fiub", least: int = 0, most: int = 4) -> Expr:
        """A node of these dtypes with so many axes, mostly a late one."""
        fit = [n for n in self.nodes if n.dtype.kind in kinds and least <= n.ndim <= most]
        if not fit:
            raise Unfit
        late = fit[-10:] if self.draw.choice((True, True, True, False)) else fit
        return self.draw.choice(late)

    def mate(self, a: Expr, kinds: str = "fiub") -> Expr:
        """A node that may broadcast with a, mostly one of its shape."""
        alike = [n for n in self.nodes if n.dtype.kind in kinds and n.type.shape == a.type.shape]
        if alike and self.draw.choice((True, True, True, False)):
            return self.draw.choice(alike[-8:])
        return self.pick(kinds)


def grow(draw: Choices, kind: str, count: int = 40, environments: int = 3) -> Growth:
    """A graph of about `count` nodes."""
    from tests.random.families import FAMILIES
    from tests.random.more import MORE

    families = FAMILIES | MORE
    g = Growth(draw, kind, environments)
    names = [name for name, (weight, _) in families.items() for _ in range(weight)]
    for _ in range(count * 3):
        if len(g.nodes) >= count + len(g.variables):
            break
        try:
            made = families[draw.choice(names)][1](g)
        except (TensorvizError, Unfit):
            continue
        for e in made if isinstance(made, list | tuple) else [made]:
            g.keep(e)
    return g


def outputs(g: Growth, most: int = 14) -> list[Expr]:
    """What nothing else reads, and two nodes from within."""
    own = g.nodes[len(g.variables):]
    used = {a for n in topological(own) for a in n.args}
    ends = [n for n in own if n not in used][-most:]
    inner = [n for n in own if n in used]
    return list(dict.fromkeys([*ends, *(g.draw.choice(inner) for _ in range(2 if inner else 0))]))
