"""`einsum`: sums of products over labelled axes, two operands at a time, as (batched) matrix products where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ArgumentError, ArgumentValueError, ShapeError
from ..expr import Expr, as_expr, label_of
from ..op import BUILDERS, builder
from .axes import expand_dims, matrix_transpose, squeeze, transpose
from .contraction import Label, Path, cost_of, find_path
from .elementwise import BOOL, cast
from .lengths import Length, lengths_now, product, user_line
from .linalg import matmul
from .options import check_cast
from .shape import reshape, specify_shape

__all__ = ["einsum", "einsum_path"]

GUESS = 64                              # what a length that is not known counts in the search for an order


@dataclass(frozen=True)
class _Term:
    """An operand and the labels of its axes."""

    x: Expr
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class _Sum:
    """What is asked for: operands with labels, the labels of the result in order."""

    terms: tuple[_Term, ...]
    output: tuple[Label, ...]


def _wrong(what: str, hint: str = "") -> ArgumentError:
    return ArgumentValueError(f"einsum: {what}", at=user_line(), hint=hint)


# -- reading -----------------------------------------------------------------------------------------------------------
def _read(given: tuple[Any, ...]) -> _Sum:
    """The subscripts, as a string or as lists of numbers after the operands, with every ... written out."""
    if not given:
        raise _wrong("takes subscripts and operands", 'tv.einsum("ij,jk->ik", x, y)')
    if isinstance(given[0], str):
        inputs, output = _split(given[0])
        operands = [as_expr(x) for x in given[1:]]
    else:
        output = tuple(_numbers(given[-1])) if len(given) % 2 else None
        pairs = given[:len(given) // 2 * 2]
        inputs, operands = [tuple(_numbers(s)) for s in pairs[1::2]], [as_expr(x) for x in pairs[0::2]]
    if len(inputs) != len(operands):
        raise _wrong(f"{len(inputs)} lists of subscripts for {len(operands)} operands")
    terms = [_Term(x, _spread(labels, x, k)) for k, (x, labels) in enumerate(zip(operands, inputs, strict=True))]
    dots = max((sum(isinstance(label, tuple) for label in t.labels) for t in terms), default=0)
    return _Sum(tuple(terms), _output(output, terms, dots))


def _split(text: str) -> tuple[list[tuple[Label, ...]], tuple[Label, ...] | None]:
    left, arrow, right = text.replace(" ", "").partition("->")
    return [_letters(part, text) for part in left.split(",")], _letters(right, text) if arrow else None


def _letters(part: str, text: str) -> tuple[Label, ...]:
    before, dots, after = part.partition("...")
    if not all(c.isascii() and c.isalpha() for c in before + after):
        raise _wrong(f"{text!r} is not a list of letters, commas, ... and one ->")
    return (*before, *([Ellipsis] if dots else []), *after)


def _numbers(sublist: Any) -> list[Label]:
    try:
        found = [Ellipsis if v is Ellipsis else int(v) for v in sublist]
    except (TypeError, ValueError):
        raise _wrong(f"subscripts are a string, or lists of whole numbers after the operands, not {sublist!r:.60}") from None
    if found.count(Ellipsis) > 1:
        raise _wrong("a list of subscripts can have one ... only")
    return found


def _spread(labels: tuple[Label, ...], x: Expr, k: int) -> tuple[Label, ...]:
    """Labels with ... written out: (-1,) for the last axis it stands for, (-2,) for the one before."""
    open_ = Ellipsis in labels
    count = x.ndim - len(labels) + open_
    if count < 0 or (count and not open_):
        raise ShapeError(f"einsum: {len(labels) - open_} subscripts for {label_of(x, k)} of {x.ndim} axes", at=user_line(),
                         facts=[f"{label_of(x, k)}: {x.type.text()}"], hint="... stands for the other axes")
    if not open_:
        return labels
    at = labels.index(Ellipsis)
    return (*labels[:at], *((n,) for n in range(-count, 0)), *labels[at + 1:])


def _output(given: tuple[Label, ...] | None, terms: Sequence[_Term], dots: int) -> tuple[Label, ...]:
    names = [label for t in terms for label in t.labels if not isinstance(label, tuple)]
    wide = tuple((n,) for n in range(-dots, 0))
    if given is None:
        return (*wide, *sorted({n for n in names if names.count(n) == 1}))      # type: ignore[type-var]
    plain = [label for label in given if label is not Ellipsis]
    for label in plain:
        if label not in names:
            raise _wrong(f"the output has {label!r}, which no operand has")
        if plain.count(label) > 1:
            raise _wrong(f"the output has {label!r} twice")
    if dots and Ellipsis not in given:
        raise _wrong("the output lacks the ... that the operands have")
    at = given.index(Ellipsis) if Ellipsis in given else len(given)
    return (*given[:at], *wide, *given[at + 1:])


# -- lengths -----------------------------------------------------------------------------------------------------------
def _settled(asked: _Sum) -> _Sum:
    """Operands whose equal labels are one axis, without axes of length 1 that others have longer; lengths that differ raise."""
    terms = [_one_axis_each(t) for t in asked.terms]
    longest: dict[Label, int] = {}
    for k, t in enumerate(terms):
        for label, n in zip(t.labels, t.x.type.shape, strict=True):
            if n is None:
                longest.setdefault(label, 0)
            elif n != 1 and longest.setdefault(label, n) not in (0, n):
                raise ShapeError(f"einsum: the axes {_name(label)} have lengths {longest[label]} and {n}", at=user_line(),
                                 facts=[f"{label_of(o.x, j)}: {o.x.type.text()}" for j, o in enumerate(asked.terms[:k + 1])][-4:])
            elif n != 1:
                longest[label] = n
    return replace(asked, terms=tuple(_narrowed(t, longest, asked.output, terms) for t in terms))


def _name(label: Label) -> str:
    return "of ..." if isinstance(label, tuple) else str(label)


def _one_axis_each(t: _Term) -> _Term:
    """The diagonal where a label occurs twice."""
    x, labels = t.x, list(t.labels)
    for label in dict.fromkeys(t.labels):
        while labels.count(label) > 1:
            a = labels.index(label)
            b = labels.index(label, a + 1)
            n, m = x.type.shape[a], x.type.shape[b]
            if None not in (n, m) and n != m:
                raise ShapeError(f"einsum: the axes {_name(label)} of one operand have lengths {n} and {m}", at=user_line(),
                                 facts=[f"{label_of(t.x, 0)}: {t.x.type.text()}"])
            if n is None or m is None:
                now = lengths_now(x)
                x = specify_shape(x, tuple(now[a if n is not None else b] if k in (a, b) else v for k, v in enumerate(now)))
            x = BUILDERS["diagonal"](x, 0, a, b)
            labels = [v for k, v in enumerate(labels) if k not in (a, b)] + [label]
    return _Term(x, tuple(labels))


def _narrowed(t: _Term, longest: dict[Label, int], output: tuple[Label, ...], terms: Sequence[_Term]) -> _Term:
    """Without axes of length 1 that another operand has longer, or unknown: they are broadcast."""
    others = {label for o in terms if o is not t for label, n in zip(o.labels, o.x.type.shape, strict=True) if n != 1}
    drop = [k for k, (label, n) in enumerate(zip(t.labels, t.x.type.shape, strict=True)) if n == 1 and label in others]
    if not drop:
        return t
    return _Term(squeeze(t.x, tuple(drop)), tuple(v for k, v in enumerate(t.labels) if k not in drop))


# -- contracting ---------------------------------------------------------------------------------------------------------
def _summed(t: _Term, kept: frozenset[Label]) -> _Term:
    """Summed over the labels that nobody else needs (booleans: any)."""
    axes = tuple(k for k, label in enumerate(t.labels) if label not in kept)
    if not axes:
        return t
    made = BUILDERS["any"](t.x, axis=axes) if t.x.dtype == BOOL else BUILDERS["sum"](t.x, axis=axes, dtype=t.x.dtype)
    return _Term(made, tuple(v for v in t.labels if v in kept))


def _ordered(t: _Term, labels: Sequence[Label]) -> Expr:
    return transpose(t.x, [t.labels.index(v) for v in labels])


def _multiplied(a: _Term, b: _Term, kept: frozenset[Label]) -> _Term:
    """The elementwise product over all labels of both, summed over what is not kept."""
    labels = (*a.labels, *(v for v in b.labels if v not in a.labels))
    inner = [v for v in labels if v in b.labels]
    x = expand_dims(a.x, tuple(range(len(a.labels), len(labels))))
    y = expand_dims(_ordered(b, inner), tuple(k for k, v in enumerate(labels) if v not in b.labels))
    return _summed(_Term(x * y, labels), kept)


def _pair(a: _Term, b: _Term, kept: frozenset[Label], output: Sequence[Label]) -> _Term:
    """Two operands contracted: a matrix product if both have labels of their own, else a product that is summed."""
    a, b = _summed(a, kept.union(b.labels)), _summed(b, kept.union(a.labels))
    both = set(a.labels) & set(b.labels)
    batch = [v for v in a.labels if v in both and v in kept]
    inner = [v for v in (a if len(a.labels) >= len(b.labels) else b).labels if v in both and v not in kept]
    rows, columns = [v for v in a.labels if v not in both], [v for v in b.labels if v not in both]
    if not inner or not (rows or columns) or (batch and not (rows and columns)):
        return _multiplied(a, b, kept)
    place = {v: k for k, v in enumerate(output)}
    if rows and columns and place.get(columns[0], -1) < place.get(rows[0], -1):
        a, b, rows, columns = b, a, columns, rows
    if batch and all(v in place for v in batch):
        batch.sort(key=place.__getitem__)
    lengths = dict(zip((*b.labels, *a.labels), (*lengths_now(b.x), *lengths_now(a.x)), strict=True))
    made = matmul(_matrix(a, batch, rows, inner, lengths), _matrix(b, batch, inner, columns, lengths))
    labels = (*batch, *rows, *columns)
    if len(batch) > 1 or len(rows) > 1 or len(columns) > 1:
        made = reshape(made, tuple(lengths[v] for v in labels))
    return _Term(made, labels)


def _matrix(t: _Term, batch: list[Label], rows: list[Label], columns: list[Label], lengths: dict[Label, Length]) -> Expr:
    """An operand as (batch, rows, columns), each several axes merged, or left out for none; turned last, as a view, where
    its axes lie the other way round."""
    turned = bool(rows and columns) and (*batch, *columns, *rows) == t.labels
    groups = [batch, columns, rows] if turned else [batch, rows, columns]
    x = _ordered(t, [v for g in groups for v in g])
    if any(len(g) > 1 for g in groups):
        x = reshape(x, tuple(product([lengths[v] for v in g]) for g in groups if g))
    return matrix_transpose(x) if turned else x


def _contracted(asked: _Sum, path: Path) -> Expr:
    left = list(asked.terms)
    for step in path:
        chosen = [left[k] for k in step]
        left = [t for k, t in enumerate(left) if k not in step]
        made = chosen[0]
        for k, other in enumerate(chosen[1:], 2):
            kept = frozenset(asked.output).union(*(t.labels for t in (*left, *chosen[k:])))
            made = _pair(made, other, kept, asked.output)
        left.append(made)
    while len(left) > 1:
        left = [_pair(left[0], left[1], frozenset(asked.output).union(*(t.labels for t in left[2:])), asked.output), *left[2:]]
    return _ordered(_summed(left[0], frozenset(asked.output)), asked.output)


# -- what users call -------------------------------------------------------------------------------------------------------
def _sizes(asked: _Sum) -> dict[Label, int]:
    sizes: dict[Label, int] = {}
    for t in asked.terms:
        for label, n in zip(t.labels, t.x.type.shape, strict=True):
            sizes[label] = max(sizes.get(label, 0), GUESS if n is None else n)
    return sizes


def _path(asked: _Sum, optimize: Any) -> Path:
    if isinstance(optimize, list | tuple) and optimize and optimize[0] == "einsum_path":
        return [tuple(int(k) for k in step) for step in optimize[1:]]
    if isinstance(optimize, list | tuple) and optimize:
        optimize = optimize[0]
    if optimize is False or optimize is None:
        return [(0, 1)] if len(asked.terms) == 2 else [tuple(range(len(asked.terms)))]
    if optimize not in (True, "optimal", "greedy"):
        raise _wrong(f"optimize is True, False, 'greedy', 'optimal' or a path, not {optimize!r}")
    terms = [frozenset(t.labels) for t in asked.terms]
    return find_path(terms, frozenset(asked.output), _sizes(asked), greedy=optimize == "greedy")


def _checked(path: Path, count: int) -> Path:
    left = count
    for step in path:
        if not step or len(set(step)) != len(step) or not all(0 <= k < left for k in step):
            raise _wrong(f"{step} is no step of a path for {left} operands")
        left += 1 - len(step)
    return path


@builder
def einsum(*operands: Any, optimize: Any = True, dtype: Any = None, casting: str = "safe") -> Expr:
    """Einstein's summation: products of the operands summed over the labels that the output lacks.

    `einsum("ij,jk->ik", a, b)` or, with numbers for labels, `einsum(a, [0, 1], b, [1, 2], [0, 2])`; ... stands for axes that are
    broadcast, without -> the output has the labels that occur once, in order. More than two operands are contracted two at
    a time in the cheapest order (`optimize`: True, False for left to right, "greedy", "optimal", or a path of `einsum_path`;
    lengths that are not known count as 64), each time as a matrix product where both have labels of their own, so that
    sums may be rounded otherwise than in NumPy. Axes that are to be broadcast must be known to have length 1 where they are
    summed over. Raises ShapeError or ArgumentError for what doesn't fit,
    DtypeError where NumPy's rule `casting` forbids to cast to `dtype`.

    >>> import tensorviz as tv
    >>> einsum("bij,bjk->bik", tv.tensor3("a", shape=(7, 2, 3)), tv.tensor3("b", shape=(7, 3, 5))).type.shape
    (7, 2, 5)
    """
    asked = _read(operands)
    to = np.result_type(*(t.x.dtype for t in asked.terms)) if dtype is None else np.dtype(dtype)
    if dtype is not None:
        for t in asked.terms:
            check_cast(t.x, to, casting)
    asked = replace(asked, terms=tuple(replace(t, x=cast(t.x, to)) for t in asked.terms))
    asked = _settled(asked)
    return _contracted(asked, _checked(_path(asked, optimize), len(asked.terms)))


@builder
def einsum_path(*operands: Any, optimize: Any = True) -> tuple[list[Any], str]:
    """The order in which `einsum` contracts: the path as NumPy writes it, and a text that says what each step costs.

    >>> import tensorviz as tv
    >>> a, b, c = tv.matrices("a b c")
    >>> einsum_path("ij,jk,kl->il", a, b, c)[0]
    ['einsum_path', (1, 2), (0, 1)]
    """
    asked = _settled(_read(operands))
    path = _checked(_path(asked, optimize), len(asked.terms))
    sizes, output = _sizes(asked), frozenset(asked.output)
    left = [frozenset(t.labels) for t in asked.terms]
    every = frozenset().union(*left)
    lines = [f"all at once: {cost_of(every, output, sizes) * max(1, len(left) - 1):.3e} operations"]
    for step in path:
        chosen = [left[k] for k in step]
        left = [t for k, t in enumerate(left) if k not in step]
        made = frozenset().union(*chosen) & output.union(*left)
        work = cost_of(frozenset().union(*chosen), made, sizes)
        lines.append(f"{' , '.join(map(_text, chosen))} -> {_text(made)}: {work:.3e} operations")
        left.append(made)
    open_ = sorted({_name(v) for t in asked.terms for v, n in zip(t.labels, t.x.type.shape, strict=True) if n is None})
    if open_:
        lines.append(f"(lengths that are not known count as {GUESS}: {', '.join(open_)})")
    return ["einsum_path", *path], "\n".join(lines)


def _text(labels: frozenset[Label]) -> str:
    return "".join(sorted("." if isinstance(v, tuple) else str(v) for v in labels)) or "1"
