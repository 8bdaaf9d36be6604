"""Types, variables, constants."""

from __future__ import annotations

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T
from tests.features.table import row, same

LETTERS = {"b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64", "c": "complex64",
           "z": "complex128", "": "float64"}
FORMS = {"scalar": (), "vector": (None,), "matrix": (None, None), "row": (1, None), "col": (None, 1), "tensor3": (None,) * 3,
         "tensor4": (None,) * 4, "tensor5": (None,) * 5, "tensor6": (None,) * 6, "tensor7": (None,) * 7}
METHODS = """T all any arccos arccosh arcsin arcsinh arctan arctanh argmax argmin argsort astype broadcastable ceil choose clip
    compress conj conjugate copy cos cosh cumprod cumsum deg2rad diagonal dimshuffle dot dtype eval exp exp2 expm1 fill flatten
    floor imag inc log log10 log1p log2 mT max mean min ndim nonzero nonzero_values norm ones_like prod ptp rad2deg ravel real
    repeat reshape round searchsorted set shape sin sinh size sort sqrt squeeze std sum swapaxes take tan tanh trace transpose
    trunc var zeros_like type name owner tag index clone get_parents get_test_value get_scalar_constant_value""".split()


@row("types.dtypes", "dtypes bool, int8–64, uint8–64, float16/32/64, complex64/128", "yes", "yes",
     "all 14, compiled in C: `tv.vector(\"x\", dtype=\"float16\")`", prose="all")
def dtypes():
    for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
                 "float64", "complex64", "complex128"):
        x = tv.vector("x", dtype=name)
        value = np.array([0, 1, 1], name)
        same(tv.function([x], x + x)(value), value + value)


@row("types.constructors", "constructors `{b,w,i,l,f,d,c,z}{scalar,vector,matrix,row,col,tensor3..7}` and the plain ones on floatX",
     "yes", "yes", "the same names: `tv.dmatrix(\"x\")`, `tv.itensor5()`", prose="ones")
def constructors():
    for letter, dtype in LETTERS.items():
        for form, shape in FORMS.items():
            assert getattr(T, letter + form)("x").type == tv.TensorType(dtype, shape)


@row("types.plurals", "plural constructors `dscalars/vectors/matrices('x y')`, `tensor3s..7s`", "yes", "yes",
     "the same names: `x, y = tv.dmatrices(\"x y\")`")
def plurals():
    for letter, dtype in LETTERS.items():
        for form, shape in FORMS.items():
            plural = "matrices" if form == "matrix" else form + "s"
            x, y = getattr(T, letter + plural)("x y")
            assert (x.name, y.name) == ("x", "y") and x.type == y.type == tv.TensorType(dtype, shape)


@row("types.TensorType", "`TensorType(dtype, broadcastable)`", "yes", "`shape=`; the tuple of booleans still accepted",
     "`tv.TensorType(\"float32\", (None, 3))`; booleans are taken as Theano's; calling it makes a variable")
def tensor_type():
    assert tv.TensorType("float32", (False, True))("x").type == tv.TensorType("float32", (None, 1))
    assert tv.TensorType("float32", (None, 3)).broadcastable == (False, False)


@row("types.static", "static shape in the type `(None, 3)`", "flags only", "yes", "`tv.matrix(\"x\", shape=(None, 3))`", prose="shape")
def static():
    x = tv.matrix("x", shape=(None, 3))
    assert (x @ tv.matrix("w", shape=(3, 5))).type.shape == (None, 5)
    with pytest.raises(tv.ShapeError):
        x @ tv.matrix("w", shape=(4, 5))


@row("types.broadcasting", "NumPy's broadcasting at run time of an axis that only turns out to have length 1", "no", "no",
     "always: `x + y` with values of shapes (2, 1) and (1, 3)", prose="length")
def broadcasting():
    x, y = tv.dmatrices("x y")
    a, b = np.ones((2, 1)), np.arange(3.0)[None]
    same(tv.function([x, y], x + y)(a, b), a + b)


@row("types.broadcastable", "row/col, `addbroadcast/patternbroadcast/unbroadcast`", "yes", "`specify_broadcastable` only",
     "all of these names", prose="all")
def broadcastable():
    x = tv.matrix("x")
    assert T.addbroadcast(x, 0).broadcastable == T.specify_broadcastable(x, 0).broadcastable == (True, False)
    assert T.patternbroadcast(x, (False, True)).broadcastable == (False, True)
    assert T.unbroadcast(T.addbroadcast(x, 0), 0).type.shape in ((1, None), (None, None))
    assert tv.row("r").broadcastable == (True, False) and tv.col("c").broadcastable == (False, True)


@row("types.constants", "`constant`, `as_tensor_variable`, `TensorConstant`, autocast of Python numbers, cast_policy, `floatX`",
     "yes", "yes", "the same names; the one cast policy is NumPy 2's, Python numbers are weak; `tv.config.floatX`",
     prose="cast")
def constants():
    assert tv.constant(1.0) is tv.constant(1.0) and isinstance(tv.constant(1), T.TensorConstant)
    assert T.as_tensor_variable([1.0, 2.0], name="c", ndim=2).type == tv.TensorType("float64", (1, 2))
    assert (tv.fvector("x") + 1.5).dtype == (tv.fvector("x") * 2).dtype == np.float32
    before = tv.config.floatX
    tv.config.floatX = "float32"
    try:
        assert tv.vector("x").dtype == np.float32
    finally:
        tv.config.floatX = before


@row("types.methods", "methods and attributes of variables", "77", "81 (adds `set`, `inc`, `mT`, `conjugate`)",
     "as NumPy's arrays and both libraries have them: `x.sum()`, `x.T`, `x[i].set(v)`; `x.owner.op`, `x.owner.inputs`, `x.tag`; `.data` of constants; `x.dtype` is NumPy's, not a word; what "
     "arrays alone have (`tolist`, `strides`, ...) says what to use, as does `auto_name`", prose="conjugate sum")      # methods here
def methods():
    x = tv.dmatrix("x")
    assert x.owner is None and (x + 1.0).owner.op is (x + 2.0).owner.op and (x + 1.0).owner.inputs[0] is x
    x.tag.layer = 3
    assert x.tag.layer == 3
    assert x.index is None and (x + 1.0).index == 0 and (x + 1.0).get_parents() == [(x + 1.0).owner]
    assert tv.constant(2.0).get_scalar_constant_value() == tv.constant(2.0).data == tv.constant(2.0).get_test_value() == 2.0
    assert x.dtype == "float64" and x.dtype.name in {"float64"} and isinstance(x.dtype, np.dtype)
    with pytest.raises(AttributeError, match="name"):
        _ = x.auto_name
    with pytest.raises(AttributeError, match="eval"):
        x.tolist()
    value = np.array([[0.5, 0.25], [0.125, 0.75]])
    assert [name for name in METHODS if not hasattr(x, name)] == []
    for name in ("arccos arcsin arctan arcsinh arctanh ceil cos cosh deg2rad exp exp2 expm1 floor log log10 log1p log2 rad2deg sin "
                 "sinh sqrt tan tanh trunc").split():
        same(getattr(x, name)().eval({x: value}), getattr(np, name)(value), rtol=1e-14, atol=0)
    for name in "max min mean std var sum prod argmax argmin ptp cumsum cumprod".split():
        same(getattr(x, name)(axis=0).eval({x: value}), getattr(np, name)(value, axis=0), rtol=1e-14, atol=0)
    for name in "ravel conj conjugate trace diagonal copy".split():
        same(getattr(x, name)().eval({x: value}), getattr(value, name)())
    same(x.sort(axis=0).eval({x: value}), np.sort(value, axis=0))
    same(x.argsort(axis=0).eval({x: value}), np.argsort(value, axis=0))
    same(x.take([1], axis=0).eval({x: value}), value.take([1], axis=0))
    same(x.repeat(2, axis=0).eval({x: value}), value.repeat(2, axis=0))
    same(x.norm().eval({x: value}), np.linalg.norm(value), rtol=1e-14)
    same(x[0].set(9.0).eval({x: value}), np.array([[9.0, 9.0], [0.125, 0.75]]))
    same(x[:, 0].inc(1.0).eval({x: value}), value + np.array([1.0, 0.0]))


@row("types.other", "types other than tensors: scalar, None, slice, generic, typed list, random state", "yes", "yes",
     "scalars are tensors of no axes; None and slices are Python's own in an index; parameters of ops hold any Python value; "
     "lists are Python's lists of expressions", prose="any scalar scalars")
def other():
    x, n = tv.dvector("x"), tv.lscalar("n")
    same(tv.function([x, n], x[None, n:])(np.arange(4.0), 2), np.arange(4.0)[None, 2:])
    assert [v.ndim for v in tv.split(tv.dmatrix("y"), 2)] == [2, 2]


@row("types.named", "named axes (xtensor)", "no", "yes (`pytensor.xtensor`)",
     "answered by another means: `tv.einsum` names axes where they meet; labelled axes may come later", prose="where")
def named():
    x, y = tv.dmatrix("x"), tv.dmatrix("y")
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    same(tv.einsum("bi,io->bo", x, y).eval({x: a, y: b}), a @ b)
