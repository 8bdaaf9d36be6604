"""The OpenCL device: the only file that speaks with pyopencl, which is imported at first use."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.errors import CompileError

__all__ = ["FORK", "Device", "device"]

HINT = "pip install tensorviz[opencl], and for a device on the CPU apt-get install pocl-opencl-icd"
FORK = "start processes with multiprocessing.get_context('spawn')"
ROUND = "-cl-fp32-correctly-rounded-divide-sqrt"

_lock = threading.Lock()


def device() -> Device:
    """The device that functions run on: PYOPENCL_CTX names one, else the first GPU, else the first of all.

    Raises CompileError if there is none, or no pyopencl.
    """
    if _device.cache_info().currsize and not _device().ours:
        raise CompileError("an OpenCL device that was opened before a fork can't be used in the child", hint=FORK)
    with _lock:
        return _device()


@lru_cache(maxsize=1)
def _device() -> Device:
    try:
        import pyopencl
    except ImportError as error:
        raise CompileError("target 'opencl' needs the package pyopencl", facts=[str(error)], hint=HINT) from None
    try:
        context = _context(pyopencl)
    except pyopencl.Error as error:
        raise CompileError("there is no OpenCL device", facts=[str(error)], hint=HINT) from None
    return Device(pyopencl, context)


def _context(cl: Any) -> Any:
    if os.environ.get("PYOPENCL_CTX"):
        return cl.create_some_context(interactive=False)
    found = [d for platform in cl.get_platforms() for d in platform.get_devices()]
    if not found:
        raise cl.RuntimeError("no platform lists a device")
    gpus = [d for d in found if d.type & cl.device_type.GPU]
    return cl.Context([(gpus or found)[0]])


class Device:
    """A context with its queue: buffers, kernels, launches. Calls are made under `lock`."""

    def __init__(self, cl: Any, context: Any) -> None:
        self.cl, self.context = cl, context
        self.lock, self.process = threading.Lock(), os.getpid()
        self.info = context.devices[0]
        profiling = cl.command_queue_properties.PROFILING_ENABLE
        self.queue, self.timed_queue = cl.CommandQueue(context), cl.CommandQueue(context, properties=profiling)
        self.pool = cl.tools.MemoryPool(cl.tools.ImmediateAllocator(self.queue))
        self.doubles = bool(self.info.double_fp_config)
        rounds = self.info.single_fp_config & cl.device_fp_config.CORRECTLY_ROUNDED_DIVIDE_SQRT
        self.options = [ROUND] if rounds else []

    def __repr__(self) -> str:
        return f"<OpenCL device {self.info.name.strip()}>"

    @property
    def ours(self) -> bool:
        """Whether this process opened it: after fork the child has none of the driver's threads."""
        return self.process == os.getpid()

    def build(self, source: str) -> dict[str, Any]:
        """Compile a file; its kernels by name. pyopencl and the driver keep what they compiled on disk."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")         # a build log that is not empty is no warning
                program = self.cl.Program(self.context, source).build(options=self.options)
            return {k.function_name: k for k in program.all_kernels()}
        except self.cl.RuntimeError as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            raise CompileError(f"{self.info.name.strip()} does not compile the generated OpenCL C", facts=lines[:10]) from None

    def allocate(self, size: int) -> Any:
        """A buffer of at least `size` bytes; raises MemoryError if the device has no room."""
        try:
            return self.pool.allocate(max(size, 16))
        except (self.cl.MemoryError, self.cl.LogicError) as error:
            raise MemoryError(f"{self.info.name.strip()} has no room for {size} bytes: {error}") from None

    def write(self, buffer: Any, array: np.ndarray[Any, Any]) -> None:
        """Copy an array to a buffer; the array must stay as it is until `finish`."""
        if array.size:
            self.cl.enqueue_copy(self.queue, buffer, array, is_blocking=False)

    def read(self, buffer: Any, array: np.ndarray[Any, Any]) -> None:
        """Copy a buffer into an array, there after `finish`."""
        if array.size:
            self.cl.enqueue_copy(self.queue, array, buffer, is_blocking=False)

    def launch(self, kernel: Any, args: Sequence[Any], size: tuple[int, ...], group: tuple[int, ...],
               timed: bool = False) -> float:
        """Enqueue a kernel; if `timed` wait for it and return the seconds it took on the device."""
        try:
            kernel.set_args(*args)
            if not timed:
                self.cl.enqueue_nd_range_kernel(self.queue, kernel, size, group)
                return 0.0
            self.queue.finish()
            event = self.cl.enqueue_nd_range_kernel(self.timed_queue, kernel, size, group)
            event.wait()
        except (self.cl.RuntimeError, self.cl.LogicError) as error:
            raise CompileError(f"{self.info.name.strip()} can't run the kernel {kernel.function_name}", facts=[str(error)],
                               hint="target='c' runs the same nests on the CPU") from None
        return float(event.profile.end - event.profile.start) * 1e-9

    def finish(self) -> None:
        """Wait until everything is done."""
        self.queue.finish()
