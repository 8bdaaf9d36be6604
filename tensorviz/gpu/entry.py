"""The part of a program that runs on the device, and its entry: arrays up, launches, results down."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compile.cover import Cover
from ..compile.host import Part
from ..compile.lengths import Length, Lengths
from ..compile.notices import warn_once
from ..compile.plain_entry import Failure, Mismatch
from ..compile.schedule import memory_source
from ..core.expr import Expr, constant_op, value_of
from .device import FORK, Device
from .grid import Launch
from .sizes import Sizes

__all__ = ["DeviceEntry", "DevicePart"]

Array = np.ndarray[Any, Any]
DIFFER, INPUT, EMPTY, SIZE = 2, 3, 4, 6             # statuses of a call that can't run, as in compile/pieces/prelude.c
NO_DEVICE = 100
# of a buffer: ("input", number) ("constant", node) ("slot", number) ("out", number) ("parts", name) ("number", what it is)
Key = tuple[str, Any]


@dataclass(slots=True)
class DevicePart(Part):
    """A part that runs on the device: its launches by step; and what its entry asks about nodes."""

    launches: dict[int, list[Launch]] = field(default_factory=dict)
    cover: Cover | None = None
    owner: dict[Expr, int] = field(default_factory=dict)        # result -> number of the output that it is computed into

    @property
    def lengths(self) -> Lengths:
        """The lengths of its nodes."""
        assert self.cover is not None
        return self.cover.lengths


@dataclass(slots=True)
class Bound:
    """All numbers of a call: what one call with the same shapes has in common with the next."""

    key: tuple[Any, ...]
    sizes: Sizes
    shapes: list[tuple[int, ...]]                   # of the outputs
    buffers: dict[Key, int]                         # bytes
    # step, kernel, arguments, items, items of a group
    launches: list[tuple[int, Any, list[Any], tuple[int, ...], tuple[int, ...]]]
    numbers: dict[int, Array] = field(default_factory=dict)     # what the buffers of numbers hold


class DeviceEntry:
    """A part as Python calls it: like an entry in C, with arrays of the host (compile/runtime.py, Entry)."""

    def __init__(self, device: Device, kernels: dict[str, Any], part: DevicePart, group: int) -> None:
        self.device, self.kernels, self.part, self.group = device, kernels, part, group
        assert part.cover is not None
        self.source = memory_source(part.cover.is_view)
        self.number = {x: k for k, x in enumerate(part.inputs)}
        self.constants: dict[Expr, Any] = {}
        self.lock = threading.Lock()
        self.bound: Bound | None = None

    def __call__(self, *inputs: Any) -> Any:
        """Call with arrays and get new arrays."""
        found = self.run(inputs)
        return found[0] if len(found) == 1 else found

    def run(self, inputs: tuple[Any, ...], outs: tuple[Any, ...] | None = None, times: Any = None) -> tuple[Any, ...]:
        """Call with a tuple of arrays, perhaps into given arrays; `times` gets the seconds of each step on the device."""
        if not self.device.ours:
            warn_once(f"OpenCL does not outlive a fork: functions of the parent run through NumPy; {FORK}")
            raise Failure(NO_DEVICE, (0,) * 8)
        for k, (x, v) in enumerate(zip(self.part.inputs, inputs, strict=True)):
            if type(v) is not np.ndarray or v.dtype != x.dtype or v.ndim != x.ndim or not v.dtype.isnative:
                raise Mismatch(k)
        arrays = [np.require(v, requirements=["C", "A"]) for v in inputs]
        bound = self._bind(arrays)
        results = [o if o is not None and o.shape == s else np.empty(s, r.dtype)
                   for o, s, r in zip(outs or [None] * len(bound.shapes), bound.shapes, self.part.outputs, strict=True)]
        device = self.device
        with device.lock:
            buffers = {key: device.allocate(size) for key, size in bound.buffers.items()}
            for (kind, k), buffer in buffers.items():
                if kind == "input":
                    device.write(buffer, arrays[k])
                elif kind == "number":
                    device.write(buffer, bound.numbers[k])
            for e in self._constants_used(bound):
                buffers["constant", e] = self.constants[e]
            for step, kernel, args, size, group in bound.launches:
                given = [buffers[a] if isinstance(a, tuple) else a for a in args]
                seconds = device.launch(kernel, given, size, group, times is not None)
                if times is not None:
                    times[step] += seconds
            for e, k in self.part.owner.items():
                device.read(buffers["out", k], results[k])
                assert self.part.outputs[k] is e
            below = self._read_below(buffers, bound)
            device.finish()
        for k, r in enumerate(self.part.outputs):
            if self.part.owner.get(r) != k:
                np.copyto(results[k], self._seen(r, arrays, results, below, bound))
        return tuple(results)

    # -- numbers ---------------------------------------------------------------------------------------------------
    def _bind(self, arrays: Sequence[Array]) -> Bound:
        key = tuple(v.shape if v.ndim or v.dtype.kind == "f" else (v.shape, int(v)) for v in arrays)
        with self.lock:
            if self.bound is None or self.bound.key != key:
                self.bound = self._numbers(key, arrays)
            return self.bound

    def _numbers(self, key: tuple[Any, ...], arrays: Sequence[Array]) -> Bound:
        sizes = Sizes(self.part.lengths, self.part.inputs, arrays)
        self._check(sizes, arrays)
        bound = Bound(key, sizes, [sizes.shape(r) for r in self.part.outputs], {}, [])
        for order, found in self.part.launches.items():
            for x in found:
                args = [self._argument(f, sizes, bound) for f in x.fill]
                bound.launches.append((order, self.kernels[x.kernel.name], args, *self._extent(x, sizes)))
        return bound

    def _check(self, sizes: Sizes, arrays: Sequence[Array]) -> None:
        """Raise Failure for arguments that this form is not made for."""
        part, cover = self.part, self.part.cover
        assert cover is not None
        for x, v in zip(part.inputs, arrays, strict=True):
            if any(n not in (None, m) for n, m in zip(x.type.shape, v.shape, strict=True)):
                raise Failure(INPUT, (0,) * 8)
        for a, b in part.lengths.checks:
            if cover.length_known(a) and cover.length_known(b) and sizes.raw(a) != sizes.raw(b):
                raise Failure(DIFFER, (0,) * 8)
        for low in part.lowered.values():
            for axis, e in low.checks:
                if sizes(axis.length) == 0 and 0 not in sizes.shape(e):
                    raise Failure(EMPTY, (0,) * 8)

    def _argument(self, fill: tuple[Any, ...], sizes: Sizes, bound: Bound) -> Any:
        """A number, or the key of a buffer, which is noted with its size."""
        if fill[0] == "length":
            return np.int64(sizes(fill[1]))
        if fill[0] == "parts":
            key: Key = "parts", fill[1]
            bound.buffers[key] = fill[2].itemsize * fill[3]
            return key
        e = self.source(fill[1])
        if e.op is constant_op:
            return "constant", e
        length = self._host_value(e)
        if length is not None:                                      # a view of a number that no kernel computes
            key = "number", sizes(length)
            bound.numbers[key[1]] = np.array(key[1], np.int64)
            bound.buffers[key] = 8
            return key
        if e in self.number:
            key, size = ("input", self.number[e]), sizes.shape(e)
        elif e in self.part.owner:
            key, size = ("out", self.part.owner[e]), sizes.shape(e)
        else:
            key, size = ("slot", self.part.plan.tenants[e].slot.number), sizes.shape(e)
        if min(size, default=0) < 0:
            raise Failure(SIZE, (0,) * 8)
        bound.buffers[key] = max(bound.buffers.get(key, 0), int(np.prod(size, dtype=object)) * e.dtype.itemsize)
        return key

    def _extent(self, x: Launch, sizes: Sizes) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Work-items along each axis, and those of a group: always as many, as drivers compile kernels again for every size."""
        first, *rest = [max(sizes(n), 1) for n in x.grid]
        items = first * self.group if x.grouped else -(-first // self.group) * self.group
        return (items, *rest), (self.group, *[1] * len(rest))

    def _host_value(self, e: Expr) -> Length | None:
        assert self.part.cover is not None
        found: Length | None = self.part.cover.host_value(e)
        return found

    # -- memory ----------------------------------------------------------------------------------------------------
    def _constants_used(self, bound: Bound) -> list[Expr]:
        found = [a[1] for _, _, args, _, _ in bound.launches for a in args if isinstance(a, tuple) and a[0] == "constant"]
        for e in found:
            if e not in self.constants:
                array = np.ascontiguousarray(value_of(e))
                self.constants[e] = self.device.allocate(array.nbytes)
                self.device.write(self.constants[e], array)
                self.device.finish()
        return found

    def _read_below(self, buffers: dict[Key, Any], bound: Bound) -> dict[Expr, Array]:
        """Results in slots that outputs are views of."""
        found: dict[Expr, Array] = {}
        for k, r in enumerate(self.part.outputs):
            e = self.source(r)
            tenant = self.part.plan.tenants.get(e)
            if self.part.owner.get(r) != k and tenant is not None:
                found[e] = np.empty(bound.sizes.shape(e), e.dtype)
                self.device.read(buffers["slot", tenant.slot.number], found[e])
        return found

    def _seen(self, r: Expr, arrays: Sequence[Array], results: Sequence[Array], below: dict[Expr, Array], bound: Bound) -> Any:
        """The value of an output that is no result of a kernel of its own: a view, an argument, a constant, a length."""
        assert self.part.cover is not None
        chain = [r]
        while self.part.cover.is_view(chain[-1]):
            chain.append(chain[-1].args[0])
        e = chain.pop()
        length = self._host_value(e)
        if length is not None:
            value: Array = np.array(bound.sizes(length), np.int64)
        elif e.op is constant_op:
            value = value_of(e)
        elif e in self.number:
            value = arrays[self.number[e]]
        else:
            value = below[e] if e in below else results[self.part.owner[e]]
        for e in reversed(chain):
            value = _view(e, value, bound.sizes.shape(e))
        return value


def _view(e: Expr, x: Array, shape: tuple[int, ...]) -> Array:
    """What a view op shows of x."""
    if e.op.name == "transpose":
        return x.transpose(e.kw["axes"])
    return np.broadcast_to(x, shape) if e.op.name == "broadcast_to" else x.reshape(shape)
