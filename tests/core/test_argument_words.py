"""Arguments of the wrong kind, and keywords that nothing knows, raise this package's errors, not Python's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorviz as tv

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
    "vectorize": (lambda: tv.vectorize(lambda a: a)(X, foo=1), "a vectorized function takes no keyword 'foo'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_named_with_the_users_line(name: str) -> None:
    call, said = WRONG[name]
    with pytest.raises(tv.ArgumentError, match=said) as caught:
        call()
    assert "test_argument_words.py" in str(caught.value)
