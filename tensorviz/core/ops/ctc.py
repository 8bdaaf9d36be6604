"""Connectionist temporal classification: the likelihood of a text under all ways of spreading it over time.

Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification, ICML 2006. States are the letters of the text with
blanks between them and around; all sums of probabilities are over logarithms, so that nothing underflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentValueError, BoundsError, DtypeError, GradientError, ShapeError
from ..expr import Expr, as_expr, make
from ..expr import where as where_of
from ..op import BUILDERS, Op, builder, strict
from ..types import TensorType, shape_text
from .axes import expand_dims
from .elementwise import cast, where
from .lengths import lengths_now, user_line
from .statistics import log_softmax

__all__ = ["ctc", "ctc_loss"]

Array = np.ndarray[Any, Any]


# -- meanings ----------------------------------------------------------------------------------------------------------
def _checked(x: Array, targets: Array, times: Array, letters: Array, blank: int) -> None:
    t, n, c = x.shape
    if targets.shape[:1] != (n,) or times.shape != (n,) or letters.shape != (n,):
        raise ShapeError(f"ctc_loss takes {n} texts and lengths, not {targets.shape}, {times.shape} and {letters.shape}")
    if ((times < 0) | (times > t)).any() or ((letters < 0) | (letters > targets.shape[1])).any():
        raise BoundsError(f"lengths of ctc_loss are at most {t} (of time) and {targets.shape[1]} (of texts)")
    used = targets[np.arange(targets.shape[1]) < letters[:, None]]
    if ((used < 0) | (used >= c)).any() or not 0 <= blank < c:
        raise BoundsError(f"letters of ctc_loss, and the blank, are numbers below {c}")


def _states(text: Array, blank: int) -> tuple[Array, Array]:
    """The letters of all states, and which states may be reached from the letter before."""
    states = np.full(2 * len(text) + 1, blank)
    states[1::2] = text
    jumps = np.zeros(len(states), bool)
    jumps[3::2] = text[1:] != text[:-1]
    jumps[1::2] &= text != blank
    return states, jumps


def _before(a: Array, jumps: Array) -> Array:
    """The log-probability of each state from those of the states before it."""
    one = np.concatenate([[-np.inf], a[:-1]])
    two = np.where(jumps, np.concatenate([[-np.inf, -np.inf], a[:-2]])[:len(a)], -np.inf)
    return np.asarray(np.logaddexp(np.logaddexp(a, one), two))


def _forward(x: Array, text: Array, blank: int) -> tuple[Array, float]:
    """Log-probabilities of states at each time, and of the text."""
    states, jumps = _states(text, blank)
    a = np.full((len(x) + 1, len(states)), -np.inf)
    if not len(x):
        return a, 0.0 if not len(text) else -np.inf
    a[0, 0] = 0.0
    for t, row in enumerate(x):
        a[t + 1] = (_before(a[t], jumps) if t else np.where(np.arange(len(states)) < 2, 0.0, -np.inf)) + row[states]
    return a, float(np.logaddexp.reduce(a[-1, -2:]))


def _loss(x: Array, targets: Array, times: Array, letters: Array, blank: int) -> Array:
    _checked(x, targets, times, letters, blank)
    rows = [-_forward(x[:t, k].astype(np.float64), targets[k, :s], blank)[1]
            for k, (t, s) in enumerate(zip(times, letters, strict=True))]
    return np.array(rows, x.dtype)


def _occupied(x: Array, targets: Array, times: Array, letters: Array, blank: int) -> Array:
    """How likely each letter is at each time, given that the text is right; 0 where the text is impossible."""
    _checked(x, targets, times, letters, blank)
    out = np.zeros(x.shape)
    for k, (t, s) in enumerate(zip(times, letters, strict=True)):
        rows, text = x[:t, k].astype(np.float64), targets[k, :s]
        a, total = _forward(rows, text, blank)
        if not np.isfinite(total):
            continue
        b = _forward(rows[::-1], text[::-1], blank)[0][:0:-1, ::-1]
        states = _states(text, blank)[0]
        for u, likely in enumerate(_shares(a[1:] + b, rows[:, states], total)):
            np.add.at(out[u, k], states, likely)
    return out.astype(x.dtype)


def _shares(both: Array, letters: Array, total: float) -> Array:
    """How likely each state is at each time: `both` counts its letter twice. Letters that can't be have none."""
    with np.errstate(invalid="ignore"):
        likely = np.exp(both - letters - total)
    return np.where(np.isnan(likely), 0, likely)


def _slopes(a: Array, along: Array, text: Array, blank: int) -> Array:
    """How the log-probabilities `a` of states change when those of letters change along `along`."""
    states, jumps = _states(text, blank)
    d = np.zeros_like(a)
    for t, row in enumerate(along):
        d[t + 1] = row[states]
        if t:
            whole = _before(a[t], jumps)
            for k, open_ in ((0, True), (1, True), (2, jumps)):
                moved, slope = (np.concatenate([np.full(k, fill), v[:len(v) - k] if k < len(v) else v[:0]])[:len(v)]
                                for v, fill in ((a[t], -np.inf), (d[t], 0.0)))
                there = open_ & (moved > -np.inf)
                d[t + 1] += np.where(there, np.exp(np.where(there, moved - np.where(there, whole, 0), 0)) * slope, 0)
    return d


def _change(x: Array, along: Array, targets: Array, times: Array, letters: Array, blank: int) -> Array:
    """The derivative of `_occupied` along `along`, by the derivative of each of its steps."""
    _checked(x, targets, times, letters, blank)
    if along.shape != x.shape:
        raise ShapeError(f"log-probabilities of shape {x.shape} don't change along {along.shape}")
    out = np.zeros(x.shape)
    for k, (t, s) in enumerate(zip(times, letters, strict=True)):
        rows, way, text = x[:t, k].astype(np.float64), along[:t, k].astype(np.float64), targets[k, :s]
        a, total = _forward(rows, text, blank)
        if not t or not np.isfinite(total):
            continue
        b = _forward(rows[::-1], text[::-1], blank)[0]
        da, db = _slopes(a, way, text, blank), _slopes(b, way[::-1], text[::-1], blank)[:0:-1, ::-1]
        whole = float(np.sum(np.exp(a[-1, -2:] - total) * da[-1, -2:]))
        states = _states(text, blank)[0]
        likely = _shares(a[1:] + b[:0:-1, ::-1], rows[:, states], total)
        for u, change in enumerate(likely * (da[1:] + db - way[:, states] - whole)):
            np.add.at(out[u, k], states, change)
    return out.astype(x.dtype)


# -- ops ---------------------------------------------------------------------------------------------------------------
def _checks(x: TensorType, targets: TensorType, times: TensorType, letters: TensorType) -> None:
    if x.ndim != 3 or targets.ndim != 2 or times.ndim != 1 or letters.ndim != 1:
        raise ShapeError("ctc_loss takes log-probabilities (time, batch, letters), texts (batch, letters) and two vectors of "
                         f"lengths, not {', '.join(shape_text(t.shape) for t in (x, targets, times, letters))}")
    if x.dtype.kind != "f" or any(t.dtype != np.int64 for t in (targets, times, letters)):
        raise DtypeError("ctc_loss takes floats, and texts and lengths as int64")
    batch = {n for n in (x.shape[1], targets.shape[0], times.shape[0], letters.shape[0]) if n is not None}
    if len(batch) > 1:
        raise ShapeError(f"ctc_loss takes one text and two lengths for each of the batch, not {sorted(batch)} of them")


def _loss_type(x: TensorType, *others: TensorType, blank: int) -> TensorType:
    _checks(x, *others)
    return TensorType(x.dtype, (x.shape[1],))


def _occupied_type(x: TensorType, *others: TensorType, blank: int) -> TensorType:
    _checks(x, *others)
    return x


def _change_type(x: TensorType, along: TensorType, *others: TensorType, blank: int) -> TensorType:
    _checks(x, *others)
    if along.dtype != x.dtype or along.ndim != 3:
        raise ShapeError(f"log-probabilities {x.text()} don't change along {along.text()}")
    return x


def _vjp(g: Expr, out: Expr, x: Expr, *others: Expr, blank: int) -> tuple[Expr | None, ...]:
    return -expand_dims(g, (0, 2)) * make(occupied_op, (x, *others), (blank,)), None, None, None


def _changed(along: Expr, x: Expr, others: tuple[Expr, ...], blank: int) -> Expr:
    """Second derivatives of `ctc` are symmetric: this is the gradient of `ctc_occupied` for a cotangent, and its tangent too."""
    return make(change_op, (x, along, *others), (blank,))


def _no_third(x: Expr) -> GradientError:
    return GradientError("third derivatives of ctc_loss are not known here", at=where_of(x),
                         hint="take the second as a constant: zero_grad")


def _change_jvp(given: Sequence[Expr | None], out: Expr, x: Expr, along: Expr, *others: Expr, blank: int) -> Expr | None:
    if given[0] is not None:
        raise _no_third(out)
    return None if given[1] is None else _changed(given[1], x, others, blank)


loss_op = Op("ctc", "reduction", _loss_type, _loss, "-log of the likelihood of texts under all ways of spreading them over time",
             params=("blank",), shape=lambda x, *others, blank: (lengths_now(x)[1],), vjp=_vjp,
             latex="\\operatorname{{ctc}}\\left({0}, {1}\\right)", flops=16.0)
occupied_op = Op("ctc_occupied", "reduction", _occupied_type, _occupied,
                 "how likely each letter is at each time, given the texts: minus the derivative of `ctc`", params=("blank",),
                 shape=lambda x, *others, blank: lengths_now(x),
                 vjp=lambda g, out, x, *others, blank: (_changed(g, x, others, blank), None, None, None),
                 jvp=lambda given, out, x, *others, blank: None if given[0] is None else _changed(given[0], x, others, blank),
                 latex="\\operatorname{{P}}\\left({0} \\mid {1}\\right)", flops=32.0)
change_op = Op("ctc_change", "reduction", _change_type, _change,
               "how `ctc_occupied` changes along the second argument: minus the second derivative of `ctc`, times that",
               params=("blank",), shape=lambda x, *others, blank: lengths_now(x),
               vjp=lambda g, out, x, along, *others, blank: (_no_third(out), _changed(g, x, others, blank), None, None, None),
               jvp=_change_jvp, latex="\\mathrm{{d}}_{{{1}}}\\operatorname{{P}}\\left({0} \\mid {2}\\right)", flops=64.0)


# -- builders ----------------------------------------------------------------------------------------------------------
@builder
def ctc_loss(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
             zero_infinity: bool = False) -> Expr:
    """-log of the likelihood of texts `targets` (batch, letters) under `log_probs` (time, batch, letters), as torch has it.

    Only the first `input_lengths` times and `target_lengths` letters of each count. "mean" divides each by the length of its
    text first; "sum" or "none" don't. A text that is too long for its time has the loss infinity, or 0 with `zero_infinity`,
    and gradient 0. Raises BoundsError at run time for letters and lengths that don't exist. It can be differentiated twice.

    >>> ctc_loss([[[-0.7, -0.7]]], [[1]], [1], [1], reduction="none").eval()
    array([0.7])
    """
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentValueError(f"reduction is 'mean', 'sum' or 'none', not {reduction!r}", at=user_line())
    x = as_expr(log_probs)
    x = x if x.dtype.kind == "f" else cast(x, "float64")
    whole = [as_expr(v) for v in (targets, input_lengths, target_lengths)]
    if any(v.dtype.kind not in "iu" for v in whole):
        raise DtypeError("texts and lengths of ctc_loss are integers", at=user_line())
    texts, times, letters = (cast(v, "int64") for v in whole)
    loss = make(loss_op, (x, texts, times, letters), (int(blank),))
    if zero_infinity:
        loss = where(BUILDERS["isinf"](loss), 0, loss)
    if reduction == "mean":
        return (loss / cast(BUILDERS["maximum"](letters, 1), loss.dtype)).mean()
    return loss.sum() if reduction == "sum" else loss


@strict
def ctc(activations: Any, labels: Any, input_lengths: Any) -> Expr:
    """Theano's `nnet.ctc.ctc`: losses for activations (time, batch, letters) before softmax, 0 the blank, texts padded with -1.

    >>> ctc([[[0.0, 0.0]]], [[1, -1]], [1]).eval().round(4)
    array([0.6931])
    """
    labels = as_expr(labels)
    there = BUILDERS["greater_equal"](labels, 0)
    letters = cast(there, "int64").sum(axis=1)
    return ctc_loss(log_softmax(activations), where(there, labels, 0), input_lengths, letters, reduction="none")
