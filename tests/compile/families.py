"""Which files of tests/core/families have tests of their own in C, beside that of all builders (test_c_tensors.py)."""

from __future__ import annotations

from tests.core.cases import Case

ORDERED = ("scans", "sorting", "quantiles", "counting")                                     # test_c_order.py
NETWORKS = ("convolution", "pooling", "signals", "networks", "activations", "ctc", "torch_images", "torch_losses")      # test_c_nn.py


def family(case: Case) -> str:
    """The file that a case stands in."""
    return case.build.__module__.rpartition(".")[2]
