"""Functions of neural networks."""

import numpy as np
import scipy.special

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import case

case("relu", lambda x: B["relu"](x), lambda x: np.maximum(x, 0), (3, 4))
case("leaky_relu", lambda x: B["leaky_relu"](x, 0.1), lambda x: np.where(x > 0, x, x.dtype.type(0.1) * x), (3, 4))
case("elu", lambda x: B["elu"](x), lambda x: np.where(x > 0, x, np.expm1(x)), (3, 4))
case("silu", lambda x: B["silu"](x), lambda x: x * scipy.special.expit(x), (3, 4))
case("gelu", lambda x: B["gelu"](x), lambda x: x * scipy.special.ndtr(x), (3, 4))
case("binary_crossentropy", lambda p, t: B["binary_crossentropy"](p, t), lambda p,
     t: -(t * np.log(p) + (1 - t) * np.log(1 - p)), (4,), (4,),
     low=0.1, high=0.9)
case("crossentropy", lambda p, t: B["categorical_crossentropy"](p, t), lambda p, t: -(t * np.log(p)).sum(-1), (3, 4), (3, 4),
     low=0.1, high=0.9)
case("crossentropy-classes", lambda p: B["categorical_crossentropy"](p, np.array([1, 0, 3])),
     lambda p: -np.log(p)[[0, 1, 2], [1, 0, 3]], (3, 4),
     low=0.1, high=0.9)
