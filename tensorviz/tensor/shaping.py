"""Shapes and indexing by NumPy's names: what picks, puts, pads, joins, splits and turns; only re-exports."""

from __future__ import annotations

from ..core.ops.along import add_along_axis, put_along_axis, take_along_axis
from ..core.ops.checks import Assert, assert_op
from ..core.ops.diagonals import diagflat, diagonal, fill_diagonal, fill_diagonal_offset
from ..core.ops.einsum import einsum, einsum_path
from ..core.ops.gathers import choose, extract, piecewise, place, put, putmask, select
from ..core.ops.grids import (
    diag_indices,
    diag_indices_from,
    indices,
    ix_,
    meshgrid,
    mgrid,
    ogrid,
    ravel_multi_index,
    tril_indices,
    tril_indices_from,
    triu_indices,
    triu_indices_from,
    unravel_index,
    vander,
)
from ..core.ops.padding import pad
from ..core.ops.products import batched_dot, batched_tensordot, cross, kron, matvec, vecdot, vecmat
from ..core.ops.rearranged import array_split, block, delete, dsplit, hsplit, insert, resize, roll, rot90, vsplit
from ..core.ops.shape_words import (
    addbroadcast,
    broadcast_shape,
    broadcast_shapes,
    identity_like,
    join_dims,
    pack,
    patternbroadcast,
    shape_i,
    shape_padaxis,
    shape_padleft,
    shape_padright,
    specify_broadcastable,
    split_dims,
    unbroadcast,
    unpack,
)
from ..core.ops.spaces import geomspace, linspace, logspace
from ..core.ops.theanos import (
    DTYPES_BY_NAME,
    AllocDiag,
    ExtractDiag,
    Rebroadcast,
    atleast_Nd,
    default,
    extract_constant,
    get_vector_length,
    make_vector,
)

extract_diag = diagonal
all_dtypes, complex_dtypes, continuous_dtypes, discrete_dtypes, float_dtypes, int_dtypes, integer_dtypes, uint_dtypes = (
    DTYPES_BY_NAME.values())

__all__ = [
    "AllocDiag", "Assert", "ExtractDiag",
    "Rebroadcast", "add_along_axis", "addbroadcast", "all_dtypes", "array_split", "assert_op", "atleast_Nd",
    "batched_dot", "batched_tensordot", "block", "broadcast_shape", "broadcast_shapes", "choose", "complex_dtypes",
    "continuous_dtypes", "cross", "default", "delete", "diag_indices", "diag_indices_from", "diagflat", "discrete_dtypes",
    "dsplit", "einsum", "einsum_path", "extract", "extract_constant", "extract_diag", "fill_diagonal",
    "fill_diagonal_offset", "float_dtypes", "geomspace", "get_vector_length", "hsplit", "identity_like", "indices", "insert",
    "int_dtypes", "integer_dtypes", "ix_", "join_dims", "kron", "linspace", "logspace", "make_vector", "matvec", "meshgrid",
    "mgrid", "ogrid", "pack", "pad", "patternbroadcast", "piecewise", "place", "put", "put_along_axis", "putmask",
    "ravel_multi_index", "resize", "roll", "rot90", "select", "shape_i", "shape_padaxis", "shape_padleft", "shape_padright",
    "specify_broadcastable", "split_dims", "take_along_axis", "tril_indices", "tril_indices_from", "triu_indices",
    "triu_indices_from", "uint_dtypes", "unbroadcast", "unpack", "unravel_index", "vander", "vecdot", "vecmat", "vsplit",
]
