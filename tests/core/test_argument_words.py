"""Arguments of the wrong kind, and keywords that nothing knows, raise this package's errors, not Python's."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tensorviz as tv
import tensorviz.tensor as T

X = tv.dvector("x")
ONES = np.ones(2)
WRONG: dict[str, tuple[Any, str]] = {
    "a number as points": (lambda: tv.verify_grad(lambda a: a, 3.0), "a list of arrays, one for each argument, not float"),
    "an array as points": (lambda: tv.verify_grad(lambda a: a, ONES), "a list of arrays, one for each argument, not ndarray"),
    "None as points": (lambda: tv.verify_grad(lambda a: a, None), "a list of arrays"),
    "a number to verify": (lambda: tv.verify_grad(3, [ONES]), "verify_grad takes a function, not int"),
    "a number to difference": (lambda: tv.numeric_grad(3, ONES), "numeric_grad takes a function, not int"),
    "a function of vectors": (lambda: tv.numeric_grad(lambda a: a, [ONES]), r"one real number as its value, not float64 \(2,\)"),
    "a number to vectorize": (lambda: tv.vectorize(3, "()->()"), "vectorize takes a function, not int"),
    "reshape": (lambda: X.reshape((2, 2), foo=1), "reshape takes no keyword 'foo'"),
    "custom_gradient": (lambda: tv.custom_gradient(lambda a: a)(X, foo=1), "a custom_gradient takes no keyword 'foo'"),
    "vmap": (lambda: tv.vmap(lambda a: a)(X, foo=1, bar=2), "a function under vmap takes no keyword 'foo', 'bar'"),
    "a number along an axis": (lambda: T.apply_along_axis(3, 0, X), "apply_along_axis takes a function, not int"),
    "a number over axes": (lambda: T.apply_over_axes(3, X, 0), "apply_over_axes takes a function, not int"),
    "grad": (lambda: tv.grad(X.sum(), X, foo=1), r"grad\(\) got an unexpected keyword argument 'foo'"),
    "grad of nothing": (lambda: tv.grad(), r"grad\(\) missing 2 required positional arguments"),
    "function": (lambda: tv.function([X], X * 2, foo=1), r"function\(\) got an unexpected keyword argument 'foo'"),
    "shared": (lambda: tv.shared(1.0, foo=1), r"shared\(\) got an unexpected keyword argument 'foo'"),
    "softmax": (lambda: T.nn.softmax(X, axes=1), r"softmax\(\) got an unexpected keyword argument 'axes'"),
    "stacklists": (lambda: T.stacklists([X], foo=1), r"stacklists\(\) got an unexpected keyword argument 'foo'"),
    "dvector": (lambda: tv.dvector("v", foo=1), "got an unexpected keyword argument 'foo'"),
    "vectorize": (lambda: tv.vectorize(lambda a: a)(X, foo=1), "a vectorized function takes no keyword 'foo'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named_with_the_users_line(name: str) -> None:
    call, said = WRONG[name]
    with pytest.raises(tv.ArgumentError, match=said) as caught:
        call()
    assert "test_argument_words.py" in str(caught.value)


def functions() -> Iterator[tuple[str, Any]]:
    """All functions that users call, by the name of their place."""
    for place in (T, T.nn, T.nnet, T.special, T.fft, T.signal, tv.gradient, tv):
        for name in getattr(place, "__all__", None) or [n for n in dir(place) if n[0] != "_"]:
            found = getattr(place, name)
            ours = inspect.isfunction(found) and inspect.unwrap(found).__module__.startswith("tensorviz.core")
            if ours and not isinstance(found, ModuleType):
                yield f"{place.__name__}.{name}", found


KNOWN = {"as_expr", "from_sympy", "is_constant", "latex", "mathml", "parse", "text", "to_sympy",      # not for graphs of tensors
         "grad_not_implemented", "grad_undefined", "zeta"}


def test_every_function_names_an_argument_that_it_does_not_know() -> None:
    tried = 0
    for name, function in functions():
        if name.rpartition(".")[2] in KNOWN:
            continue
        with pytest.raises(tv.TensorvizError) as caught:
            function(no_such_argument=1)
        assert "test_argument_words.py" in str(caught.value), name
        tried += 1
    assert tried > 700


def test_a_type_error_inside_the_users_own_function_stays_what_it_is() -> None:
    def wrong(a: Any) -> Any:
        raise TypeError("the user's own")

    for call in (lambda: tv.verify_grad(wrong, [ONES]), lambda: T.apply_along_axis(wrong, 0, X), lambda: T.apply_over_axes(wrong, X, 0)):
        with pytest.raises(TypeError) as caught:
            call()
        assert not isinstance(caught.value, tv.TensorvizError)


def test_lists_of_lists_are_theanos_stacklists() -> None:
    assert T.stacklists(arg=[[1.0, X[0]], [2.0, 3.0]]).eval({X: ONES}).tolist() == [[1.0, 1.0], [2.0, 3.0]]
