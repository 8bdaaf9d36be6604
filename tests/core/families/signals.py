"""Convolutions of signals, against NumPy and SciPy."""

import numpy as np
import scipy.signal

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case

NUMBERS = ("float64", "float32", "int32")
for _mode in ("full", "same", "valid"):
    for _n, _k in ((7, 3), (7, 4), (6, 2), (3, 7), (2, 7), (4, 7), (4, 4), (1, 3), (5, 1)):
        case(f"np-convolve-{_mode}", lambda a, v, m=_mode: B["convolve"](a, v, m), lambda a, v, m=_mode: np.convolve(a, v, m), (_n,), (_k,),
             dtypes=NUMBERS)
        case(f"np-correlate-{_mode}", lambda a, v, m=_mode: B["correlate"](a, v, m), lambda a, v, m=_mode: np.correlate(a, v, m), (_n,),
             (_k,), dtypes=NUMBERS)
    case(f"np-correlate-complex-{_mode}", lambda a, v, m=_mode: B["correlate"](a, v, m), lambda a, v, m=_mode: np.correlate(a, v, m), (5,),
         (3,), dtypes=("complex128",))
    for _a, _b in (((6,), (3,)), ((5, 6), (3, 2)), ((3, 4, 5), (2, 2, 3)), ((4,), (6,)), ((3, 4), (4, 6))):
        case(f"signal-convolve-{_mode}", lambda a, v, m=_mode: B["signal_convolve"](a, v, m),
             lambda a, v, m=_mode: scipy.signal.convolve(a, v, m, "direct"), _a, _b, fixed=_a < _b, dtypes=("float64", "float32"))
        case(f"signal-correlate-{_mode}", lambda a, v, m=_mode: B["signal_correlate"](a, v, m),
             lambda a, v, m=_mode: scipy.signal.correlate(a, v, m, "direct"), _a, _b, fixed=_a < _b, dtypes=("float64", "float32"))
    for _boundary, _fill in (("fill", 0), ("fill", 0.5), ("wrap", 0), ("symm", 0)):
        for _b in ((3, 3), (2, 4), (1, 5)):
            for _name in ("convolve2d", "correlate2d"):
                case(f"{_name}-{_mode}-{_boundary}-{_fill}",
                     lambda a, v, n=_name, m=_mode, b=_boundary, f=_fill: B[n](a, v, m, b, f),
                     lambda a, v, n=_name, m=_mode, b=_boundary, f=_fill: getattr(scipy.signal, n)(a, v, m, b, f), (5, 7), _b)
    case(f"convolve2d-small-first-{_mode}", lambda a, v, m=_mode: B["convolve2d"](a, v, m),
         lambda a, v, m=_mode: scipy.signal.convolve2d(a, v, m), (2, 3), (4, 5), fixed=True)
    case(f"correlate2d-small-first-{_mode}", lambda a, v, m=_mode: B["correlate2d"](a, v, m),
         lambda a, v, m=_mode: scipy.signal.correlate2d(a, v, m), (2, 3), (4, 5), fixed=True)
