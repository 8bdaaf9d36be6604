"""The NumPy-like namespace: `import tensorviz.tensor as T`, then `T.exp(x)`, `T.dmatrix("x")`; it only re-exports."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from ..core import variables
from ..core.expr import constant as constant
from ..core.ops import words
from ..core.ops.activations import binary_crossentropy, categorical_crossentropy, elu, gelu, leaky_relu, relu, silu
from ..core.ops.axes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    dimshuffle,
    disconnected_grad,
    expand_dims,
    matrix_transpose,
    moveaxis,
    rollaxis,
    squeeze,
    swapaxes,
    transpose,
    zero_grad,
)
from ..core.ops.create import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    identity,
    ones,
    ones_like,
    tri,
    tril,
    triu,
    zeros,
)
from ..core.ops.diagonals import diag, diagonal, trace
from ..core.ops.gathers import compress, take
from ..core.ops.joining import (
    append,
    broadcast_arrays,
    column_stack,
    concatenate,
    dstack,
    flatten,
    flip,
    fliplr,
    flipud,
    hstack,
    join,
    ravel,
    repeat,
    size,
    split,
    stack,
    tile,
    vstack,
)
from ..core.ops.lengths import length, shape
from ..core.ops.linalg import dot, inner, matmul, outer, tensordot, vdot
from ..core.ops.numeric import (
    allclose,
    angle,
    conjugate,
    deg2rad,
    degrees,
    diff,
    fabs,
    fmax,
    fmin,
    heaviside,
    imag,
    isclose,
    isneginf,
    isposinf,
    nan_to_num,
    rad2deg,
    radians,
    real,
    sinc,
)
from ..core.ops.reductions import all, any, argmax, argmin, max, min, prod, sum
from ..core.ops.shape import broadcast_to, reshape, specify_shape
from ..core.ops.signal import convolve, correlate
from ..core.ops.statistics import average, log_softmax, logsumexp, mean, norm, ptp, softmax, std, var
from ..core.ops.subscript import inc_subtensor, set_subtensor
from ..core.ops.words import *
from ..core.types import TensorType as TensorType
from ..core.variables import *
from ..core.variables import tensor as _tensor
from . import (
    aliases,
    calculus,
    counting,
    elementwise,
    fft,
    fourier,
    gradients,
    nans,
    nn,
    nnet,
    quantiles,
    scans,
    sets,
    shaping,
    signal,
    sorting,
    special,
    tricks,
)
from .aliases import *
from .calculus import *
from .calculus import gradient as gradient
from .counting import *
from .elementwise import *
from .gradients import *
from .nans import *
from .quantiles import *
from .scans import *
from .sets import *
from .shaping import *
from .sorting import *
from .special import *
from .tricks import *

__all__ = [
    "all", "allclose", "angle", "any", "append", "arange", "argmax", "argmin", "atleast_1d", "atleast_2d", "atleast_3d",
    "average", "binary_crossentropy", "broadcast_arrays", "broadcast_to", "categorical_crossentropy", "column_stack",
    "compress", "concatenate", "conjugate", "deg2rad", "degrees", "diag", "diagonal", "diff", "dimshuffle",
    "disconnected_grad", "dot", "dstack", "elu", "empty", "empty_like", "expand_dims", "eye", "fabs", "flatten", "flip", "fliplr",
    "flipud", "fmax", "fmin", "full", "full_like", "gelu", "heaviside", "hstack", "identity", "imag", "inc_subtensor",
    "inner", "isclose", "isneginf", "isposinf", "join", "leaky_relu", "length", "log_softmax", "logsumexp",
    "matmul", "matrix_transpose", "max", "mean", "min", "moveaxis", "nan_to_num", "norm", "ones", "ones_like", "outer",
    "prod", "ptp", "rad2deg", "radians", "ravel", "real", "relu", "repeat", "reshape", "rollaxis",
    "set_subtensor", "shape", "silu", "sinc", "size", "softmax", "specify_shape", "split", "squeeze", "stack", "std", "sum",
    "swapaxes", "take", "tensordot", "tile", "trace", "transpose", "tri", "tril", "triu", "var", "vdot", "vstack", "zero_grad",
    "zeros",
]
__all__ += variables.__all__
__all__ += elementwise.__all__
__all__ += gradients.__all__
__all__ += aliases.__all__
__all__ += calculus.__all__
__all__ += nans.__all__
__all__ += quantiles.__all__
__all__ += counting.__all__
__all__ += sorting.__all__
__all__ += scans.__all__
__all__ += sets.__all__
__all__ += shaping.__all__
__all__ += words.__all__
__all__ += special.__all__
__all__ += tricks.__all__
__all__ += ["convolve", "correlate", "nn", "nnet", "signal"]
__all__ += ["fft", "fourier"]
__all__.remove("tensor")        # `tensorviz.tensor` is this package: calling it makes a variable


class _Namespace(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`tv.tensor("x", dtype="float32", shape=(None, 3))`: a new variable, as `T.tensor` makes it."""
        return _tensor(*args, **kwargs)


sys.modules[__name__].__class__ = _Namespace
