"""The NumPy interpreter: what an expression means, one op after the other; every backend is judged by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .dtypes import is_float, refuse_masked
from .errors import ArgumentError, BoundsError, DomainError, DtypeError, MissingInputError, ShapeError, SizeError, TensorvizError
from .expr import Expr, constant_op, label_of, value_of, variable_op, where
from .graph import topological
from .op import builder, strict
from .origins import describe
from .shared import cell_of, converted, is_shared
from .types import TensorType, TupleType, mismatch, shape_text

__all__ = ["as_value", "evaluate", "step"]

Array = np.ndarray[Any, Any]
EXAMPLE = "x.eval({x: 1.0})"
EXAMPLES = "tv.evaluate([y], {x: 1.0}), or y.eval({x: 1.0})"
LARGE = "reduce it before it is stored, or compute it in parts"


@strict
def evaluate(roots: Iterable[Expr], env: Mapping[Expr, Any] | None = None) -> list[Array]:
    """The values of `roots` for `env` = {variable (or inner node): value}, each an array of exactly its node's dtype.

    Shared variables that are not in `env` have the value they hold now. Results own their memory.

    >>> import tensorviz as tv
    >>> x = tv.vector("x")
    >>> evaluate([x * 2.0], {x: [1.0, 2.0]})
    [array([2., 4.])]
    """
    roots = _roots(roots)
    if env is not None and not isinstance(env, Mapping):
        raise ArgumentError(f"values are given as a mapping {{variable: value}}, not {type(env).__name__}", hint=EXAMPLES)
    given = {e: as_value(e, v) for e, v in (env or {}).items()}
    with np.errstate(all="ignore"):
        values = _run(roots, given)
    return _owned(values, roots, given)


def _roots(roots: Any) -> tuple[Expr, ...]:
    if isinstance(roots, Expr) or not isinstance(roots, Iterable):
        raise ArgumentError("evaluate takes a list of expressions", hint=EXAMPLES)
    found = tuple(roots)
    for r in found:
        if not isinstance(r, Expr):
            raise ArgumentError(f"evaluate takes expressions, not {type(r).__name__} {r!r:.40}", hint=EXAMPLES)
    return found


def _run(roots: Sequence[Expr], given: Mapping[Expr, Array]) -> list[Any]:
    order = _order(roots, given)
    uses: dict[Expr, int] = dict.fromkeys(order, 0)
    for node in order:
        for a in () if node in given else node.args:
            uses[a] += 1
    for r in roots:
        uses[r] += 1
    live: dict[Expr, Any] = {}
    for node in order:
        if node in given:
            live[node] = given[node]
            continue
        if node.op is variable_op:
            live[node] = _held(node)
        elif node.op is constant_op:
            live[node] = value_of(node)
        else:
            live[node] = step(node, [live[a] for a in node.args])
        for a in node.args:
            uses[a] -= 1
            if not uses[a]:
                del live[a]
    return [live[r] for r in roots]


def _order(roots: Sequence[Expr], given: Mapping[Expr, Array]) -> list[Expr]:
    """Graph order of what must be computed; below a node that is given nothing is looked at."""
    if all(e.op is variable_op for e in given):
        return topological(roots)
    order: list[Expr] = []
    done: set[Expr] = set()
    work = [(r, False) for r in reversed(roots)]
    while work:
        e, ready = work.pop()
        if e in done:
            continue
        if ready or not e.args or e in given:
            done.add(e)
            order.append(e)
        else:
            work.append((e, True))
            work.extend((a, False) for a in reversed(e.args))
    return order


def _held(node: Expr) -> Array:
    if is_shared(node):
        return cell_of(node).value
    raise MissingInputError(f"no value for {node._name or 'a variable without a name'}: {_type_text(node)}", at=where(node),
                            hint="give one in the mapping: {x: value}")


def _owned(values: list[Any], roots: Sequence[Expr], given: Mapping[Expr, Array]) -> list[Any]:
    seen: set[int] = set()
    result = []
    for value, root in zip(values, roots, strict=True):
        ours = isinstance(value, np.ndarray) and value.base is None and root.args and root not in given and id(value) not in seen
        seen.add(id(value))
        result.append(value if ours or not isinstance(value, np.ndarray) else _copied(value, root))
    return result


def _copied(value: Array, root: Expr) -> Array:
    try:
        return value.copy()
    except (MemoryError, ValueError) as error:              # NumPy has both words for what is too large
        raise SizeError(f"{root.op.name}: an array of shape {value.shape} is larger than the memory", at=where(root),
                        hint=LARGE) from error


def step(node: Expr, values: Sequence[Any]) -> Any:
    """The value of one node from the values of its arguments; failures name the user's line and the operands' shapes."""
    try:
        out = node.op.numpy(*values, **node.kw)
    except TensorvizError as error:
        raise error if error.at else _explained(type(error), error.what, node, values, error.hint) from None
    except (IndexError, ValueError, TypeError, MemoryError) as error:
        raise _failure(error, node, values) from error
    if isinstance(node.type, TupleType):
        return tuple(_checked(v, t, node, values) for v, t in zip(out, node.type.items, strict=True))
    return _checked(out, node.type, node, values)


def _checked(out: Any, type_: Any, node: Expr, values: Sequence[Any]) -> Any:
    if not isinstance(type_, TensorType):
        return out
    array = np.asarray(out, dtype=type_.dtype)
    if array.ndim != type_.ndim or any(n is not None and n != m for n, m in zip(type_.shape, array.shape, strict=True)):
        what = f"{node.op.name} gave shape {array.shape} where its type says {shape_text(type_.shape)}"
        raise _explained(ShapeError, what, node, values)
    return array


# -- failures ------------------------------------------------------------------------------------------------------
def _failure(error: Exception, node: Expr, values: Sequence[Any]) -> Exception:
    if isinstance(error, np.linalg.LinAlgError):
        error.add_note("\n".join(where(node)))
        return error
    if isinstance(error, IndexError):
        return _explained(BoundsError, str(error), node, values)
    if isinstance(error, TypeError):
        return _explained(DtypeError, f"{node.op.name}: {error}", node, values)
    shapes = [np.shape(v) for v in values]
    if node.op.name == "concatenate" and isinstance(error, ValueError) and "must" in str(error):
        return _unjoined(node, values, shapes)
    if isinstance(error, MemoryError) or "too big" in str(error) or "Maximum allowed" in str(error):
        what = str(error)
        if not isinstance(error, MemoryError):
            what = f"an array of shape {_result_shape(node, values)} is larger than any memory"
        return _explained(SizeError, f"{node.op.name}: {what}", node, values, LARGE)
    if node.op.family != "elementwise":
        return _explained(ShapeError, f"{node.op.name}: {error}", node, values)
    if _broadcast(shapes):
        hint = "make one of them floating point: x.astype('float64')" if "negative integer powers" in str(error) else ""
        return _explained(DomainError, f"{node.op.name}: {error}", node, values, hint)
    what, hint = mismatch(node.op.name, shapes)
    return _explained(ShapeError, what, node, values, hint)


def _unjoined(node: Expr, values: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> TensorvizError:
    """Pieces that don't fit together: the first and the first that differs from it; of stack without the axis that it made."""
    axis = node.kw["axis"]
    stacked = all(a.op.name == "expand_dims" and a.kw["axes"] == (axis,) for a in node.args)
    rest = [n[:axis] + n[axis + 1:] for n in shapes]
    pair = (0, next(k for k, n in enumerate(rest) if n != rest[0]))
    shown = rest if stacked else shapes
    facts = []
    for k in pair:
        a = node.args[k].args[0] if stacked else node.args[k]
        source = f" from {describe(a.sites[0])}" if a.sites and a.op is not constant_op else ""
        facts.append(f"{label_of(a, k)}: {TensorType(np.asarray(values[k]).dtype, shown[k]).text()}{source}")
    both = " and ".join(shape_text(shown[k]) for k in pair)
    what = f"cannot stack shapes {both}" if stacked else f"cannot concatenate shapes {both} along axis {axis}"
    return ShapeError(what, at=where(node), facts=facts)


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> bool:
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def _explained(kind: type[TensorvizError], what: str, node: Expr, values: Sequence[Any], hint: str = "") -> TensorvizError:
    facts = []
    for k, (a, v) in enumerate(zip(node.args[:4], values, strict=False)):
        source = f" from {describe(a.sites[0])}" if a.sites and a.op is not constant_op else ""
        facts.append(f"{label_of(a, k)}: {_value_text(v)}{source}")
    return kind(what, at=where(node), facts=facts, hint=hint)


def _value_text(v: Any) -> str:
    """The type of a value, and the value itself if it is one whole number: lengths and indices tell more than their type."""
    if isinstance(v, tuple):
        return "tuple"
    array = np.asarray(v)
    text = TensorType(array.dtype, array.shape).text()
    return f"{text} {array}" if array.dtype.kind in "iu" and not array.ndim else text


def _result_shape(node: Expr, values: Sequence[Any]) -> str:
    if node.op.family == "elementwise":
        return str(np.broadcast_shapes(*[np.shape(v) for v in values]))
    env = dict(zip(node.args, values, strict=True))
    lengths = node.op.shape(*node.args, **node.kw) if node.op.shape is not None else ()
    return "(" + ", ".join([str(env.get(n, n) if isinstance(n, Expr) else n) for n in lengths]) + ")"


# -- values for variables ------------------------------------------------------------------------------------------
def as_value(e: Expr, value: Any) -> Array:
    """`value` as an array that `e` can have: dtypes convert where nothing is lost, Python numbers are weak; else it raises.

    >>> import tensorviz as tv
    >>> as_value(tv.fvector("x"), [1, 2])
    array([1., 2.], dtype=float32)
    """
    if not isinstance(e, Expr):
        raise ArgumentError(f"values are given for variables, not for {type(e).__name__} {e!r:.40}", hint=EXAMPLES)
    type_ = e.type
    if not isinstance(type_, TensorType):
        return value  # type: ignore[no-any-return]
    name = e._name or "the value"
    if isinstance(value, Expr):
        raise ArgumentError(f"{name} needs a value, not an expression", at=where(e), hint="compute it first with .eval()")
    if type(value) is not np.ndarray:
        refuse_masked(value, where(e))
    try:
        given = np.asarray(float(value) if type(value) is int and abs(value) >= 2**63 and is_float(type_.dtype) else value)
    except ValueError as error:
        raise DtypeError(f"{name}: cannot make an array of {type(value).__name__} {value!r:.60}", at=where(e),
                         hint="all rows must have the same length") from error
    array = converted(given, type_.dtype, weak=not isinstance(value, np.ndarray | np.generic))
    if array is None:
        raise _refused(e, name, value, given)
    if array.ndim != type_.ndim:
        raise ShapeError(f"{name} has {type_.ndim} axes, the value has {array.ndim}: shape {array.shape}", at=where(e),
                         facts=[f"{name}: {type_.text()}"],
                         hint="reshape the value, or make the variable with another number of axes")
    if any(n is not None and n != m for n, m in zip(type_.shape, array.shape, strict=True)):
        raise ShapeError(f"{name} has shape {shape_text(type_.shape)}, the value has {array.shape}", at=where(e))
    return array


def _refused(e: Expr, name: str, value: Any, given: Array) -> DtypeError:
    """Why `given` can't be the value of `e`."""
    if given.dtype.kind not in "biufc":
        what = "None" if value is None else f"of dtype {given.dtype}: {value!r:.40}"
        return DtypeError(f"{name} is {e.dtype}, the value is {what}", at=where(e), hint="tensors hold numbers and booleans")
    shown = f"{value!r:.40}, {given.dtype}" if not given.ndim else str(given.dtype)
    hint = f"convert it with numpy.asarray(value, dtype={str(e.dtype)!r})"
    number = not isinstance(value, np.ndarray | np.generic) and e.dtype.kind in "iuf"
    if number and given.dtype.kind in ("iuf" if e.dtype.kind == "f" else "iu"):
        wide = np.promote_types(given.dtype, e.dtype) if e.dtype.kind == "f" else given.dtype
        return DtypeError(f"{name} is {e.dtype}, the value {value!r:.40} does not fit in it", at=where(e),
                          hint=f"make the variable {wide}")
    if given.dtype.kind == "c":
        hint = "give its real part, or make the variable complex128"
    return DtypeError(f"{name} is {e.dtype}, the value is {shown}", at=where(e), hint=hint)


def _type_text(e: Expr) -> str:
    return e.type.text() if isinstance(e.type, TensorType) else type(e.type).__name__


@builder
def eval(x: Expr, inputs: Mapping[Expr, Any] | None = None) -> Any:
    """The value of `x` now, by the NumPy meaning, for `inputs` = {variable: value}.

    >>> import tensorviz as tv
    >>> x = tv.scalar("x")
    >>> (x ** 2).eval({x: 3.0})
    array(9.)
    """
    if inputs is not None and not isinstance(inputs, Mapping):
        raise ArgumentError(f"eval takes a mapping {{variable: value}}, not {type(inputs).__name__}", hint=EXAMPLE)
    for e in inputs or ():
        if not isinstance(e, Expr):
            raise ArgumentError(f"eval takes variables as keys, not {type(e).__name__} {e!r:.40}", hint=EXAMPLE)
    return evaluate([x], inputs)[0]
