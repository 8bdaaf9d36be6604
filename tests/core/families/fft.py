"""Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case

BOTH = ("float64", "float32", "complex128", "complex64", "int32")
REAL = ("float64", "float32", "int32", "bool")
NORMS = (None, "ortho", "forward")


def _numpy(name: str, *args: Any, **kw: Any) -> Any:
    return lambda x: getattr(np.fft, name)(x, *args, **kw)


def _ours(name: str, *args: Any, **kw: Any) -> Any:
    return lambda x: B[name](x, *args, **kw)


def _row(name: str, shape: tuple[int, ...], dtypes: Any, *args: Any, **kw: Any) -> None:
    label = "-".join(map(str, (*args, *(f"{k}{v}" for k, v in kw.items()))))
    case(f"{name}-{label}", _ours(name, *args, **kw), _numpy(name, *args, **kw), shape, dtypes=dtypes)


for _norm in NORMS:
    for _name in ("fft", "ifft", "irfft", "hfft"):
        _row(_name, (5,), BOTH, norm=_norm)
        _row(_name, (3, 6), BOTH, axis=0, norm=_norm)
    for _name in ("rfft", "ihfft"):
        for _shape in ((7,), (8,), (1,), (2, 4)):
            _row(_name, _shape, REAL, norm=_norm)
        _row(_name, (5, 2), REAL, axis=0, norm=_norm)
    for _name in ("fft2", "ifft2", "fftn", "ifftn", "irfft2", "irfftn"):
        _row(_name, (3, 4), BOTH, norm=_norm)
    for _name in ("rfft2", "rfftn"):
        _row(_name, (3, 5), REAL, norm=_norm)
for _n in (3, 9):
    for _name in ("fft", "ifft", "irfft", "hfft"):
        _row(_name, (2, 6), BOTH, n=_n)
    for _name in ("rfft", "ihfft"):
        _row(_name, (6, 2), REAL, n=_n, axis=0)
for _name in ("fft2", "ifftn", "irfftn"):
    _row(_name, (3, 4, 5), BOTH, s=(5, 3), axes=(2, 0))
for _name in ("rfft2", "rfftn"):
    _row(_name, (3, 4, 5), REAL, s=(5, 3), axes=(2, 0))
_row("fftn", (2, 3, 4), BOTH, axes=(1,))
_row("rfftn", (2, 3, 4), REAL, axes=(0, 2, 1))
case("rfft-open", lambda x: B["rfft"](x, n=x.shape[0] + 3), lambda x: np.fft.rfft(x, n=len(x) + 3), (5,))
case("irfft-open", lambda x: B["irfft"](x, n=x.shape[0]), lambda x: np.fft.irfft(x, n=len(x)), (7,), dtypes=("float64", "complex128"))
case("power", lambda x: B["real"](B["rfft"](x) * B["conjugate"](B["rfft"](x))), lambda x: np.abs(np.fft.rfft(x))**2, (9,))
case("convolved", lambda x, y: B["irfft"](B["rfft"](x) * B["rfft"](y), n=x.shape[0]),
     lambda x, y: np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y), n=len(x)), (9,), (9,))
for _n in (1, 4, 5):
    case(f"fftfreq-{_n}", lambda n=_n: B["fftfreq"](n, 0.3), lambda n=_n: np.fft.fftfreq(n, 0.3), smooth=False, dtypes=("float64",))
    case(f"rfftfreq-{_n}", lambda n=_n: B["rfftfreq"](n, 0.3), lambda n=_n: np.fft.rfftfreq(n, 0.3), smooth=False, dtypes=("float64",))
    for _name in ("fftshift", "ifftshift"):
        _row(_name, (_n, 3), BOTH)
        _row(_name, (2, _n), BOTH, axes=1)
case("fftfreq-open", lambda x: B["fftfreq"](x.shape[0], 0.3) + B["rfftfreq"](2 * x.shape[0] - 1), lambda x: np.fft.fftfreq(7, 0.3) + np.fft.rfftfreq(13),
     (7,), smooth=False, dtypes=("float64",))
case("theano_rfft", lambda x: B["theano_rfft"](x), lambda x: np.stack([np.fft.rfftn(x, axes=(1, 2)).real, np.fft.rfftn(x, axes=(1, 2)).imag], -1),
     (2, 3, 5))
for _odd in (False, True):
    case(f"theano_irfft-{_odd}", lambda x, o=_odd: B["theano_irfft"](x, "no_norm", o),
         lambda x, o=_odd: np.fft.irfftn(x[..., 0] + np.complex64(1j) * x[..., 1], (3, 8 + o), axes=(1, 2), norm="forward"), (2, 3, 5, 2))
