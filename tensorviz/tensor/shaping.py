"""Shapes and indexing by NumPy's names: what picks, puts, pads, joins, splits and turns; only re-exports."""

from __future__ import annotations

from ..core.ops.along import add_along_axis, put_along_axis, take_along_axis
from ..core.ops.checks import Assert, assert_op
from ..core.ops.diagonals import diagflat, fill_diagonal, fill_diagonal_offset
from ..core.ops.einsum import einsum, einsum_path
from ..core.ops.gathers import choose, extract, piecewise, place, put, putmask, select
from ..core.ops.padding import pad

__all__ = [
    "Assert", "add_along_axis", "assert_op", "choose", "diagflat", "einsum", "einsum_path", "extract", "fill_diagonal", "fill_diagonal_offset", "pad", "piecewise", "place", "put",
    "put_along_axis", "putmask", "select", "take_along_axis",
]
