"""Grids, products, parts taken out and put in, spaces and words for shapes."""

from __future__ import annotations

import numpy as np

import tensorviz as tv
from tensorviz.core.op import BUILDERS as B
from tests.core.cases import ALL, NUMBERS, case

# -- joined, split, moved ------------------------------------------------------------------------------------------------
for _shift, _axis, _shape in ((2, None, (3, 4)), (-7, 1, (3, 4)), ((1, 2), (0, 1), (3, 4)), (3, (0, 1), (3, 4)), ((1, 1), 1, (3, 4)), (2, 0, (0, 3)),
                              (0, 0, (3,)), (5, 0, (5, 2))):
    case(f"roll-{_shift}-{_axis}", lambda x, s=_shift, a=_axis: B["roll"](x, s, a), lambda x, s=_shift, a=_axis: np.roll(x, s, a), _shape,
         dtypes=ALL)
case("roll-length", lambda x: B["roll"](x, x.shape[1] - 1, 0), lambda x: np.roll(x, x.shape[1] - 1, 0), (5, 3))
for _k in (0, 1, 2, 3, -1):
    case(f"rot90-{_k}-axes", lambda x, k=_k: B["rot90"](x, k, (2, 0)), lambda x, k=_k: np.rot90(x, k, (2, 0)), (2, 3, 4), dtypes=ALL)
for _name, _obj, _axis in (("int", 1, 0), ("last", -1, 1), ("list", [0, 2], 1), ("twice", [1, 1, -1], 1), ("slice", slice(None, None, 2), 1),
                           ("mask", np.array([True, False, True]), 0), ("none", [], 0), ("flat", 5, None)):
    case(f"delete-{_name}", lambda x, o=_obj, a=_axis: B["delete"](x, o, a),
         lambda x, o=_obj, a=_axis: np.delete(x, np.array(o, int) if o == [] else o, a) if not isinstance(o, np.ndarray) else np.delete(x, o, a),
         (3, 4), dtypes=ALL)
case("delete-length", lambda x: B["delete"](x, x.shape[0] - 2, 0), lambda x: np.delete(x, 1, 0), (3, 4))
for _name, _obj, _axis, _shape in (("int", 1, 0, (4,)), ("column", 2, 1, (3,)), ("end", 4, 1, ()), ("back", -1, 0, (4,)), ("several", 1, 1, (2, 3)),
                                   ("flat", 5, None, (2,))):
    case(f"insert-{_name}", lambda x, v, o=_obj, a=_axis: B["insert"](x, o, v, a), lambda x, v, o=_obj, a=_axis: np.insert(x, o, v, a), (3, 4),
         _shape, dtypes=("float64", "float32", "int32"))
for _name, _obj, _axis, _shape in (("list", [0, 2, 2], 0, (3, 4)), ("list-row", [3, 0], 0, (4,)), ("one", [1], 1, (3, 1)), ("slice", slice(1, 3), 1, (2,)),
                                   ("backwards", [4, 0, -1], 1, ()), ("mask", np.array([True, False, True]), 0, ())):
    case(f"insert-{_name}", lambda x, v, o=_obj, a=_axis: B["insert"](x, o, v, a), lambda x, v, o=_obj, a=_axis: np.insert(x, o, v, a), (3, 4),
         _shape, fixed=True)
for _to in ((2, 2), (5,), (3, 7), (0, 2), 4):
    case(f"resize-{_to}", lambda x, s=_to: B["resize"](x, s), lambda x, s=_to: np.resize(x, s), (2, 3), dtypes=ALL)
case("resize-nothing", lambda x: B["resize"](x, (2, 2)), lambda x: np.resize(x, (2, 2)), (0,), fixed=True, smooth=False)
case("block", lambda x, y, z: B["block"]([[x, y], [z]]), lambda x, y, z: np.block([[x, y], [z]]), (2, 3), (2, 1), (1, 4), dtypes=ALL)
case("block-vectors", lambda x, y: B["block"]([x, y, 1.0]), lambda x, y: np.block([x, y, x.dtype.type(1)]), (3,), (2,), dtypes=("float64",))
case("block-one", lambda x: B["block"](x), np.block, (2, 3))
for _part in range(3):
    case(f"array_split-{_part}", lambda x, k=_part: B["array_split"](x, 3)[k], lambda x, k=_part: np.array_split(x, 3)[k], (8, 2), dtypes=ALL)
case("array_split-short", lambda x: B["array_split"](x, 5, 1)[4], lambda x: np.array_split(x, 5, 1)[4], (2, 3))
for _name, _shape in (("hsplit", (3, 4)), ("hsplit", (4,)), ("vsplit", (4, 3)), ("dsplit", (2, 3, 4))):
    case(_name, lambda x, n=_name: B[n](x, 2)[1], lambda x, n=_name: getattr(np, n)(x, 2)[1], _shape)
case("repeat-of-lengths", lambda x, y: B["repeat"](x, B["arange"](y.shape[0]), 0), lambda x, y: np.repeat(x, np.arange(3), 0), (3, 2), (3,), open=True,
     dtypes=("float64", "int32"))
case("repeat-of-values", lambda x: B["repeat"](x, B["cast"](x > 0, int)), lambda x: np.repeat(x, (x > 0).ravel().astype(int)), (7,), open=True)
case("repeat-one", lambda x: B["repeat"](x, [2], 0), lambda x: np.repeat(x, [2], 0), (3, 2))
for _order in ("C", "F"):
    case(f"ravel-{_order}", lambda x, o=_order: x.ravel(o), lambda x, o=_order: x.ravel(o), (2, 3, 4), dtypes=ALL)
    for _to in ((4, 6), (3, -1), (2, 2, 6)):
        case(f"reshape-{_order}-{_to}", lambda x, o=_order, s=_to: x.reshape(s, order=o), lambda x, o=_order, s=_to: x.reshape(s, order=o), (2, 3, 4),
             dtypes=ALL)

# -- products ------------------------------------------------------------------------------------------------------------
for _a, _b in (((2, 3), (4, 2)), ((3,), (2,)), ((2, 1), (3,)), ((), (2, 2)), ((2, 2, 2), (3, 2)), ((0, 2), (2, 2))):
    case("kron", lambda x, y: B["kron"](x, y), np.kron, _a, _b, dtypes=("float64", "float32", "int32"))
for _a, _b in (((3,), (3,)), ((4, 3), (3,)), ((4, 3), (4, 3)), ((4, 1, 3), (5, 3))):
    case("cross", lambda x, y: B["cross"](x, y), np.cross, _a, _b, dtypes=("float64", "float32", "int32"))
case("cross-axes", lambda x, y: B["cross"](x, y, axisa=0, axisb=1, axisc=0), lambda x, y: np.cross(x, y, axisa=0, axisb=1, axisc=0), (3, 4), (4, 3))
case("cross-axis", lambda x, y: B["cross"](x, y, axis=0), lambda x, y: np.cross(x, y, axis=0), (3, 4), (3, 4))
case("cross-two-three", lambda x, y: B["cross"](x, y), lambda x, y: np.cross(np.pad(x, [(0, 0), (0, 1)]), y), (4, 2), (4, 3), fixed=True)
case("cross-three-two", lambda x, y: B["cross"](x, y), lambda x, y: np.cross(x, np.pad(y, (0, 1))), (4, 3), (2,), fixed=True)
case("cross-two", lambda x, y: B["cross"](x, y), lambda x, y: x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0], (4, 2), (2,), fixed=True)
for _a, _b in (((3,), (3,)), ((4, 3), (3,)), ((2, 1, 3), (4, 3))):
    case("vecdot", lambda x, y: B["vecdot"](x, y), lambda x, y: np.einsum("...i,...i->...", x.conj(), y), _a, _b, dtypes=(*NUMBERS[:3], "complex128"))
case("vecdot-0", lambda x, y: B["vecdot"](x, y, axis=0), lambda x, y: (x * y).sum(0), (3, 2), (3, 2))
for _a, _b in (((4, 3), (3,)), ((2, 4, 3), (3,)), ((2, 4, 3), (2, 3)), ((4, 3), (5, 3))):
    case("matvec", lambda x, y: B["matvec"](x, y), lambda x, y: np.einsum("...ij,...j->...i", x, y), _a, _b, dtypes=(*NUMBERS[:3], "complex128"))
for _a, _b in (((3,), (3, 4)), ((2, 3), (3, 4)), ((2, 3), (2, 3, 4))):
    case("vecmat", lambda x, y: B["vecmat"](x, y), lambda x, y: np.einsum("...j,...ji->...i", x.conj(), y), _a, _b, dtypes=(*NUMBERS[:3], "complex128"))
for _a, _b, _text in (((4, 2, 3), (4, 3, 5), "bij,bjk->bik"), ((4, 3), (4, 3), "bi,bi->b"), ((4, 3), (4, 3, 2), "bi,bij->bj"), ((4, 2, 3), (4, 3), "bij,bj->bi"),
                      ((4,), (4, 3), "b,bi->bi"), ((4, 2, 5, 3), (4, 3, 2), "bijk,bkl->bijl")):
    case("batched_dot", lambda x, y: B["batched_dot"](x, y), lambda x, y, t=_text: np.einsum(t, x, y), _a, _b)
case("batched_tensordot", lambda x, y: B["batched_tensordot"](x, y, 2), lambda x, y: np.einsum("bijk,bjkl->bil", x, y), (2, 3, 4, 5), (2, 4, 5, 6))
case("batched_tensordot-pairs", lambda x, y: B["batched_tensordot"](x, y, ((1, 3), (3, 2))), lambda x, y: np.einsum("bijk,blki->bjl", x, y), (2, 3, 4, 5),
     (2, 6, 5, 3))

# -- grids ---------------------------------------------------------------------------------------------------------------
for _options in ({}, {"indexing": "ij"}, {"sparse": True}, {"indexing": "ij", "sparse": True}):
    for _at in range(3):
        case(f"meshgrid-{_options}-{_at}", lambda x, y, z, o=_options, k=_at: B["meshgrid"](x, y, z, **o)[k],
             lambda x, y, z, o=_options, k=_at: np.meshgrid(x, y, z, **o)[k], (2,), (3,), (4,), dtypes=("float64", "int32"))
case("meshgrid-one", lambda x: B["meshgrid"](x)[0], lambda x: np.meshgrid(x)[0], (3,))
for _key in (np.s_[0:3, 1:5], np.s_[0:3:2, 5:1:-1, 0:2], np.s_[0:1:4j, -1:1:3j], np.s_[2:9]):
    case(f"mgrid-{_key}", lambda k=_key: tv.mgrid[k], lambda k=_key: np.mgrid[k], smooth=False)
    case(f"ogrid-{_key}", lambda k=_key: tv.ogrid[k][-1] if isinstance(k, tuple) else tv.ogrid[k],
         lambda k=_key: np.ogrid[k][-1] if isinstance(k, tuple) else np.ogrid[k], smooth=False)
case("mgrid-lengths", lambda x: tv.mgrid[0:x.shape[0], 1:x.shape[1]], lambda x: np.mgrid[0:3, 1:4], (3, 4), smooth=False)
case("indices", lambda x: B["indices"](x.shape), lambda x: np.indices(x.shape), (2, 3), smooth=False)
case("indices-sparse", lambda x: B["indices"](x.shape, "float32", True)[1], lambda x: np.indices(x.shape, "float32", True)[1], (2, 3), smooth=False)
case("indices-none", lambda: B["indices"](()), lambda: np.indices(()), smooth=False)
case("ix_", lambda x: x[B["ix_"]([0, 2], [True, False, True, True])], lambda x: x[np.ix_([0, 2], [True, False, True, True])], (3, 4), dtypes=ALL)
for _args in ((3,), (3, 1), (3, -1, 5), (4, 0, 2)):
    for _name in ("tril_indices", "triu_indices"):
        case(f"{_name}-{_args}", lambda n=_name, a=_args: B["stack"](B[n](*a)), lambda n=_name, a=_args: np.stack(getattr(np, n)(*a)), smooth=False)
case("tril_indices_from", lambda x: x[B["tril_indices_from"](x, 1)], lambda x: x[np.tril_indices_from(x, 1)], (3, 4), fixed=True)
case("triu_indices_from", lambda x: x[B["triu_indices_from"](x)], lambda x: x[np.triu_indices_from(x)], (3, 4), fixed=True)
case("diag_indices", lambda x: x[B["diag_indices"](3)], lambda x: x[np.diag_indices(3)], (3, 4))
case("diag_indices_from", lambda x: x[B["diag_indices_from"](x)], lambda x: x[np.diag_indices_from(x)], (3, 3, 3))
FLAT = np.array([[0, 5], [23, 13]])
for _order in ("C", "F"):
    for _at in range(3):
        case(f"unravel_index-{_order}-{_at}", lambda x, o=_order, k=_at: B["unravel_index"](FLAT, x.shape, o)[k],
             lambda x, o=_order, k=_at: np.unravel_index(FLAT, x.shape, o)[k], (2, 3, 4), smooth=False)
    for _mode in ("wrap", "clip", ("clip", "wrap", "clip")):
        case(f"ravel_multi_index-{_order}-{_mode}",
             lambda x, o=_order, m=_mode: B["ravel_multi_index"](([[0, -1]], [[2], [9]], [3, 7]), x.shape, m, o),
             lambda x, o=_order, m=_mode: np.ravel_multi_index(np.broadcast_arrays([[0, -1]], [[2], [9]], [3, 7]), x.shape, m, o), (2, 3, 4),
             smooth=False)
case("ravel_multi_index", lambda x: B["ravel_multi_index"](([1, 0], [2, 1]), x.shape), lambda x: np.ravel_multi_index(([1, 0], [2, 1]), x.shape), (2, 3),
     smooth=False)
for _args in ((), (5,), (2, True), (None, True), (1,), (0,)):
    case(f"vander-{_args}", lambda x, a=_args: B["vander"](x, *a), lambda x, a=_args: np.vander(x, *a), (3,), dtypes=NUMBERS[:4])

# -- spaces --------------------------------------------------------------------------------------------------------------
for _num in (0, 1, 2, 7):
    for _end in (True, False):
        case(f"linspace-{_num}-{_end}", lambda x, y, n=_num, e=_end: B["linspace"](x, y, n, e), lambda x, y, n=_num, e=_end: np.linspace(x, y, n, e), (3,), (2, 1),
             dtypes=("float64", "int32"))
        case(f"geomspace-{_num}-{_end}", lambda x, y, n=_num, e=_end: B["geomspace"](x, y, n, e), lambda x, y, n=_num, e=_end: np.geomspace(x, y, n, e), (3,),
             (2, 1), dtypes=("float64",), low=0.5, high=9.0)
case("linspace-axis", lambda x, y: B["linspace"](x, y, 4, axis=-1), lambda x, y: np.linspace(x, y, 4, axis=-1), (3,), (1,))
case("linspace-step", lambda x: B["linspace"](x, 1.0, 4, retstep=True)[1], lambda x: np.linspace(x, 1.0, 4, retstep=True)[1], (3,), dtypes=("float64",))
case("linspace-int", lambda: B["linspace"](-3, 4, 5, dtype=int), lambda: np.linspace(-3, 4, 5, dtype=int), smooth=False)
case("logspace", lambda x, y: B["logspace"](x, y, 5), lambda x, y: np.logspace(x, y, 5), (3,), (3,), dtypes=("float64",))
case("logspace-base", lambda x: B["logspace"](x, 2.0, 4, False, 2.0), lambda x: np.logspace(x, 2.0, 4, False, 2.0), (3,), dtypes=("float64",))
case("logspace-bases", lambda x: B["logspace"](0.0, 2.0, 4, base=x, axis=1), lambda x: np.logspace(0.0, 2.0, 4, base=x, axis=1), (3,), dtypes=("float64",),
     low=0.5, high=3.0)
case("geomspace-negative", lambda x: B["geomspace"](-1.0, -x, 4), lambda x: np.geomspace(-1.0, -x, 4), (3,), dtypes=("float64",), low=1.5, high=3.0)

# -- words for shapes ----------------------------------------------------------------------------------------------------
case("shape_padleft", lambda x: B["shape_padleft"](x, 2), lambda x: x[None, None], (2, 3), dtypes=ALL)
case("shape_padright", lambda x: B["shape_padright"](x, 2), lambda x: x[..., None, None], (2, 3), dtypes=ALL)
case("shape_padaxis", lambda x: B["shape_padaxis"](x, -2), lambda x: x[:, None], (2, 3), dtypes=ALL)
for _name in ("addbroadcast", "specify_broadcastable", "unbroadcast"):
    case(_name, lambda x, n=_name: B[n](x, 0), lambda x: x, (1, 3))
case("patternbroadcast", lambda x: B["patternbroadcast"](x, (True, False)), lambda x: x, (1, 3))
case("shape_i", lambda x: B["shape_i"](x, 1), lambda x: np.array(x.shape[1]), (2, 3), smooth=False)
case("broadcast_shape", lambda x, y: B["stack"](B["broadcast_shape"](x, y)), lambda x, y: np.array([2, 3]), (2, 1), (3,), smooth=False)
case("broadcast_shapes", lambda x, y: B["zeros"](B["broadcast_shapes"](x.shape, (2, 1))), lambda x, y: np.zeros((2, 3)), (3,), (3,), smooth=False)
case("identity_like", lambda x: B["identity_like"](x), lambda x: np.eye(*x.shape, dtype=x.dtype), (2, 3), smooth=False)
for _args in ((), (1,), (0, 2), (1, 1), (1, 0), (-2,)):
    case(f"join_dims-{_args}", lambda x, a=_args: B["join_dims"](x, *a),
         lambda x, a=_args: {(): x.reshape(24), (1,): x.reshape(2, 12), (0, 2): x.reshape(6, 4), (1, 1): x, (1, 0): x[:, None], (-2,): x.reshape(2, 12)}[a],
         (2, 3, 4), dtypes=ALL)
case("split_dims", lambda x: B["split_dims"](x, (2, 3), 0), lambda x: x.reshape(2, 3, 5), (6, 5), dtypes=ALL)
case("split_dims-open", lambda x: B["split_dims"](x, (2, -1)), lambda x: x.reshape(2, 3), (6,), dtypes=ALL)
case("pack", lambda x, y: B["pack"](x, y)[0], lambda x, y: np.concatenate([x.ravel(), y.ravel()]), (2, 3), (4,), dtypes=ALL)
case("pack-axes", lambda x, y: B["pack"](x, y, axes=(0, -1))[0], lambda x, y: np.concatenate([x.reshape(2, 12, 5), y[:, None]], 1), (2, 3, 4, 5), (2, 5))
case("unpack", lambda x, y: (lambda p: B["unpack"](p[0], (0, -1), p[1])[0])(B["pack"](x, y, axes=(0, -1))), lambda x, y: x, (2, 3, 4, 5), (2, 5))


