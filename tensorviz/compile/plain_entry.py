"""Entries through ctypes: what stands in for the trampoline where it can't be built, with the same interface."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import numpy as np

from .threads import threads

__all__ = ["Failure", "Mismatch", "PlainEntry", "Spec"]

Spec = tuple[str, int]
"""The dtype and the number of axes of an array that goes in or out."""

ALIGNMENT = 64                      # bytes, of scratch memory


class Mismatch(Exception):
    """An argument is not an array that the entry takes as it stands; nothing has run.

    `index` counts inputs, then results that were given; -1 says that their number is wrong.
    """

    @property
    def index(self) -> int:
        """Which argument."""
        return int(self.args[0])


class Failure(Exception):
    """The generated function returned an error code: `status`, and its `details`, eight ints."""

    @property
    def status(self) -> int:
        """The code, 2 or more."""
        return int(self.args[0])

    @property
    def details(self) -> tuple[int, ...]:
        """What the function wrote to `call->error`."""
        return tuple(self.args[1])


class _Array(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p))


class _Call(ctypes.Structure):
    pass


_Poll = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_Call._fields_ = (
    ("inputs", ctypes.c_void_p), ("constants", ctypes.c_void_p), ("out", ctypes.c_void_p), ("arena", ctypes.c_void_p),
    ("arena_bytes", ctypes.c_int64), ("symbols", ctypes.c_void_p), ("times", ctypes.c_void_p), ("poll", _Poll),
    ("error", ctypes.c_int64 * 8), ("phase", ctypes.c_int32), ("threads", ctypes.c_int32), ("brief", ctypes.c_int32),
    ("reserved", ctypes.c_int32))


class PlainEntry:
    """Some hundred microseconds a call, and a page of Python: right where speed can't be had."""

    def __init__(self, address: int, inputs: tuple[Any, ...], outputs: tuple[Any, ...],
                 constants: tuple[np.ndarray[Any, Any], ...], symbols: tuple[int, ...], keep: object) -> None:
        self._function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Call))(address)
        self._inputs, self._outputs, self._keep = inputs, outputs, keep
        self._constants = [_bound(c) for c in constants]
        self._symbols = np.array([*symbols, 0], np.uint64)

    def __call__(self, *inputs: Any) -> Any:
        """Call with arrays and get new arrays."""
        results = self.run(inputs)
        return results[0] if len(results) == 1 else results

    def run(self, inputs: tuple[Any, ...], outs: tuple[Any, ...] | None = None, times: Any = None, /) -> tuple[Any, ...]:
        """Call with a tuple of arrays, perhaps into given arrays."""
        outs = (None,) * len(self._outputs) if outs is None else outs
        if len(inputs) != len(self._inputs) or len(outs) != len(self._outputs):
            raise Mismatch(-1)
        arguments = [_bound(_accept(x, spec, i)) for i, (x, spec) in enumerate(zip(inputs, self._inputs))]
        shapes = [np.zeros(max(spec[3], 1), np.int64) for spec in self._outputs]
        inside, bound = _describe(arguments), _describe(self._constants)
        out = (_Array * (len(shapes) + 1))(*(_Array(None, shape.ctypes.data, None) for shape in shapes))
        stop = threading.Event()
        poll = _Poll(lambda _: stop.is_set())
        call = _Call(ctypes.addressof(inside), ctypes.addressof(bound), ctypes.addressof(out), threads=threads(),
                     symbols=self._symbols.ctypes.data, poll=poll)
        self._check(self._function(ctypes.byref(call)), call)
        results = [self._result(i, shape, given) for i, (shape, given) in enumerate(zip(shapes, outs))]
        described = [_bound(result) for result in results]
        for i, (array, *_) in enumerate(described):
            out[i] = array
        arena = np.empty(call.arena_bytes + ALIGNMENT, np.uint8)
        call.arena = arena.ctypes.data + -arena.ctypes.data % ALIGNMENT
        call.phase, call.times = 1, None if times is None else times.ctypes.data
        self._check(self._function(ctypes.byref(call)) if call.brief else self._run_aside(call, stop), call)
        return tuple(results)

    def _run_aside(self, call: _Call, stop: threading.Event) -> int:
        """Run in another thread, so that signal handlers can run in this one; when one raises, stop."""
        status: list[int] = []
        worker = threading.Thread(target=lambda: status.append(self._function(ctypes.byref(call))), name="tensorviz-call")
        worker.start()
        try:
            worker.join()
        except BaseException:
            stop.set()
            worker.join()
            raise
        return status[0]

    def _check(self, status: int, call: _Call) -> None:
        if status:
            raise Failure(status, tuple(call.error))

    def _result(self, i: int, lengths: np.ndarray[Any, Any], given: Any) -> np.ndarray[Any, Any]:
        _, _, _, axes, dtype, _ = self._outputs[i]
        shape = tuple(lengths[:axes].tolist())
        if given is None:
            return np.empty(shape, dtype)
        fits = type(given) is np.ndarray and given.dtype == dtype and given.dtype.isnative and given.shape == shape
        if not fits or not given.flags.carray:
            raise Mismatch(len(self._inputs) + i)
        result: np.ndarray[Any, Any] = given
        return result


def _accept(value: Any, spec: tuple[Any, ...], index: int) -> Any:
    kind, itemsize, _, axes, dtype, scalar = spec
    if type(value) is scalar or (axes == 0 and itemsize == 8 and (type(value), kind) in ((float, "f"), (int, "i"))):
        try:
            value = np.array(value, dtype)
        except OverflowError:
            raise Mismatch(index) from None
    fits = type(value) is np.ndarray and value.ndim == axes and value.dtype == dtype and value.dtype.isnative
    if not fits or not value.flags.aligned:
        raise Mismatch(index)
    return value


def _bound(array: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    """The C description of an array, and what must live as long as it."""
    shape, strides = np.array([*array.shape, 0], np.int64), np.array([*array.strides, 0], np.int64)
    data = array.ctypes.data if array.size else 0
    return _Array(data, shape.ctypes.data, strides.ctypes.data), shape, strides, array


def _describe(bound: list[tuple[Any, ...]]) -> Any:
    return (_Array * (len(bound) + 1))(*(described for described, *_ in bound))
