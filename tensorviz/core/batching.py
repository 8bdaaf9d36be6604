"""One graph over many inputs at once: `vmap` and `vectorize` rebuild a graph node by node with one more axis in front.

Each op has a batch rule (core/batch): its node over arguments of which some have the new axis in front, as one node or a
few over the whole batch. So gradients and tangents can be taken of what was mapped, and what was differentiated can be mapped. No
loop remains: a product of a matrix and a vector, mapped over vectors, is one product of matrices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .batch import Call, Same, rule_of
from .errors import ArgumentError, ShapeError, no_keywords
from .expr import Expr, as_expr, item, item_op, label_of, variable
from .graph import rebuild, replace, topological
from .op import builder, strict
from .ops.axes import moveaxis
from .ops.lengths import Length, axis_of, length_of, lengths_now, same
from .ops.linalg import joined
from .ops.shape import broadcast_to, specify_shape
from .origins import set_inherited, user_line
from .types import TensorType

__all__ = ["vectorize", "vectorize_graph", "vmap"]


# -- the walk ------------------------------------------------------------------------------------------------------------
def _batched(roots: Sequence[Expr], mapped: Mapping[Expr, Expr], size: Length) -> list[tuple[Expr, bool]]:
    """`roots` with each key of `mapped` replaced by what has the batch in front; and whether they have it now."""
    done: dict[Expr, tuple[Expr, bool]] = {e: (new, True) for e, new in mapped.items()}
    for node in topological(roots, ends=done.__contains__):
        if node in done:
            continue
        args, on = tuple(done[a][0] for a in node.args), tuple(done[a][1] for a in node.args)
        if not any(on):
            done[node] = rebuild(node, args) if node.args else node, False
            continue
        before = set_inherited(node.sites)
        try:
            found = _picked(node, args[0]) if node.op is item_op else rule_of(node)(Call(node, args, on, size))
        finally:
            set_inherited(before)
        done[node] = (found.node, False) if isinstance(found, Same) else (found, True)
    return [done[r] for r in roots]


def _picked(node: Expr, results: Any) -> Expr:
    """One of several results, of one node or each of its own."""
    index: int = node.params[0]
    return results[index] if isinstance(results, list) else item(results, index)


# -- vmap ----------------------------------------------------------------------------------------------------------------
@builder
def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """`f`, a function of single tensors, as one of stacks of them: `stack` of what a loop over an axis gives, without a loop.

    `in_axes` says which axis of each argument is the stack's (one number for all, or one for each; None: the argument is one for
    all), `out_axes` where it comes out (one number, or one for each result). Nests; gradients inside and outside work. Raises
    ShapeError where the stacks differ in length, or results would differ in shape, ArgumentError for ops without a batch rule.

    >>> import tensorviz as tv
    >>> w, x = tv.vector("w"), tv.matrix("x")
    >>> per_example = vmap(lambda row: tv.grad(tv.tanh(row @ w), w))(x)
    >>> per_example.eval({w: [0.0, 0.0], x: [[1.0, 2.0], [3.0, 4.0]]})
    array([[1., 2.],
           [3., 4.]])
    """
    if not callable(f):
        raise ArgumentError(f"vmap takes a function, not {type(f).__name__}", at=user_line(), hint="tv.vmap(f)(x)")

    def mapped(*args: Any, **unknown: Any) -> Any:
        no_keywords(unknown, "a function under vmap")
        values = [as_expr(a) for a in args]
        axes = _axes(in_axes, len(values), "in_axes")
        places = [None if k is None else axis_of(k, v.ndim) for k, v in zip(axes, values, strict=True)]
        if all(k is None for k in places):
            raise ArgumentError("vmap needs at least one argument to map over", at=user_line(), hint="in_axes=0")
        size = _common([(v, k) for v, k in zip(values, places, strict=True) if k is not None])
        single, stacks = [], {}
        for v, k in zip(values, places, strict=True):
            if k is None:
                single.append(v)
                continue
            one = variable(TensorType(v.dtype, v.type.shape[:k] + v.type.shape[k + 1:]), v._name)
            stacks[one] = moveaxis(_promised(v, k, size), k, 0)
            single.append(one)
        made = f(*single)
        outs = [as_expr(o) for o in (made if isinstance(made, list | tuple) else [made])]
        ends = _axes(out_axes, len(outs), "out_axes")
        found = [_placed(o, on, size, k) for (o, on), k in zip(_batched(outs, stacks, size), ends, strict=True)]
        return type(made)(found) if type(made) in (list, tuple) else found if isinstance(made, list | tuple) else found[0]

    return mapped


def _axes(axes: Any, count: int, name: str) -> list[Any]:
    if not isinstance(axes, list | tuple):
        return [axes] * count
    if len(axes) != count:
        raise ArgumentError(f"{name} has {len(axes)} axes for {count} tensors", at=user_line())
    return list(axes)


def _common(stacks: Sequence[tuple[Expr, int]]) -> Length:
    """The length of the batch: a known one if there is one."""
    known = [(v, k) for v, k in stacks if v.type.shape[k] is not None]
    for v, k in known[1:]:
        first, at = known[0]
        if v.type.shape[k] != first.type.shape[at]:
            facts = [f"{label_of(e, n)}: {e.type.text()}, axis {a}" for n, (e, a) in enumerate(((first, at), (v, k)))]
            raise ShapeError(f"vmap over stacks of {first.type.shape[at]} and of {v.type.shape[k]}", at=user_line(), facts=facts)
    return length_of(*(known or stacks)[0])


def _promised(v: Expr, k: int, size: Length) -> Expr:
    """A stack with the promise that it is as long as the others: broadcasting would repeat one of length 1."""
    if same(length_of(v, k), size):
        return v
    return specify_shape(v, (*lengths_now(v)[:k], size, *lengths_now(v)[k + 1:]))


def _placed(o: Expr, on: bool, size: Length, k: Any) -> Expr:
    if k is None:
        if on:
            raise ArgumentError("a result that differs within the batch has no out_axes=None", at=user_line())
        return o
    full = o if on else broadcast_to(o, (size, *lengths_now(o)))
    return moveaxis(full, 0, axis_of(k, full.ndim))


# -- vectorize -----------------------------------------------------------------------------------------------------------
@strict
def vectorize_graph(outputs: Any, replace: Mapping[Any, Any]) -> Any:
    """`outputs` with nodes replaced by tensors that may have more axes in front, which broadcast as for NumPy's gufuncs.

    `outputs` is one expression or a list of them, `replace` maps nodes to what stands for them (their own axes last).

    >>> import tensorviz as tv
    >>> x, xs = tv.vector("x"), tv.matrix("xs")
    >>> vectorize_graph(x.sum(), {x: xs}).type.shape
    (None,)
    """
    roots = [as_expr(o) for o in (outputs if isinstance(outputs, list | tuple) else [outputs])]
    pairs = {as_expr(old): as_expr(new) for old, new in replace.items()}
    for old, new in pairs.items():
        if new.ndim < old.ndim:
            raise ShapeError(f"{label_of(old, 0)} has {old.ndim} axes, what replaces it has {new.ndim}", at=user_line())
        if new.dtype != old.dtype:
            raise ArgumentError(f"{label_of(old, 0)} is {old.dtype}, what replaces it is {new.dtype}", at=user_line(),
                                hint=f"cast it: .astype({str(old.dtype)!r})")
    found = _over_all(roots, pairs)
    return type(outputs)(found) if type(outputs) in (list, tuple) else found if isinstance(outputs, list | tuple) else found[0]


def _over_all(roots: list[Expr], pairs: Mapping[Expr, Expr]) -> list[Expr]:
    """One batch axis after the other, the innermost first; in between each replaced node is a variable with the axes so far."""
    extra: dict[Expr, tuple[Length, ...]] = {old: lengths_now(new)[:new.ndim - old.ndim] for old, new in pairs.items()}
    common: tuple[Length, ...] = ()
    for more in extra.values():
        common = joined(common, more)
    values = {old: _widened(new, extra[old], common) for old, new in pairs.items()}
    now: dict[Expr, Expr] = {old: old for old in pairs}                 # what stands in the graph for each replaced node
    for level in range(1, len(common) + 1):
        size, mapped = common[-level], {}
        for old, new in values.items():
            if len(extra[old]) >= level:
                wider = variable(TensorType(new.dtype, new.type.shape[len(extra[old]) - level:]))
                mapped[now[old]] = wider
                now[old] = wider
        roots = [o if on else broadcast_to(o, (size, *lengths_now(o))) for o, on in _batched(roots, mapped, size)]
    return replace(roots, {now[old]: new for old, new in values.items()})


def _widened(new: Expr, extra: tuple[Length, ...], common: tuple[Length, ...]) -> Expr:
    """A tensor with its axes in front repeated to the common lengths."""
    want = common[len(common) - len(extra):]
    return new if all(map(same, extra, want)) else broadcast_to(new, (*want, *lengths_now(new)[len(extra):]))


@builder
def vectorize(func: Callable[..., Any], signature: str | None = None) -> Callable[..., Any]:
    """`func`, a function of tensors of few axes, over tensors with more axes in front, which broadcast (as `numpy.vectorize`).

    `signature` says how many axes are the function's own, as "(n,k),(k)->(n)"; left out, it takes and gives scalars. There is
    no loop: the graph is rebuilt over all axes (see `vmap`). Raises ArgumentError for a bad signature or number of arguments,
    ShapeError for arguments with too few axes.

    >>> import tensorviz as tv
    >>> norm = vectorize(lambda v: tv.sqrt(v @ v), "(n)->()")
    >>> norm(tv.matrix("x")).ndim, norm(tv.tensor3("x")).ndim
    (1, 2)
    """
    if not callable(func):
        raise ArgumentError(f"vectorize takes a function, not {type(func).__name__}", at=user_line())
    parsed = None if signature is None else _signature(signature)

    def vectorized(*args: Any, **unknown: Any) -> Any:
        no_keywords(unknown, "a vectorized function")
        values = [as_expr(a) for a in args]
        ranks = [0] * len(values) if parsed is None else parsed[0]
        if len(ranks) != len(values):
            raise ArgumentError(f"the signature {signature!r} takes {len(ranks)} arguments, not {len(values)}", at=user_line())
        own = []
        for k, (v, n) in enumerate(zip(values, ranks, strict=True)):
            if v.ndim < n:
                raise ShapeError(f"{label_of(v, k)} has {v.ndim} axes, the signature {signature!r} asks for {n}", at=user_line())
            own.append(variable(TensorType(v.dtype, v.type.shape[v.ndim - n:]), v._name))
        made = func(*own)
        outs = [as_expr(o) for o in (made if isinstance(made, list | tuple) else [made])]
        given = [o.ndim for o in outs]
        if parsed is not None and given != parsed[1]:
            raise ArgumentError(f"the signature {signature!r} gives results of {parsed[1]} axes, the function of {given}",
                                at=user_line())
        found = _over_all(outs, dict(zip(own, values, strict=True)))
        return type(made)(found) if type(made) in (list, tuple) else found if isinstance(made, list | tuple) else found[0]

    return vectorized


_AXES = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)"
_SIDE = rf"{_AXES}(?:\s*,\s*{_AXES})*"


def _signature(text: str) -> tuple[list[int], list[int]]:
    """How many axes each argument and each result has, by "(n,k),(k)->(n)"."""
    if not re.fullmatch(rf"\s*(?:{_SIDE})?\s*->\s*{_SIDE}\s*", text):
        raise ArgumentError(f"{text!r} is no signature", at=user_line(), hint="write it as '(n,k),(k)->(n)'; () is a scalar")
    left, right = ([len(re.findall(r"\w+", a)) for a in re.findall(_AXES, side)] for side in text.split("->"))
    return left, right
