"""Matrix products: transposes and factors move out of them, and a sum around one becomes BLAS's gemm."""

from __future__ import annotations

from typing import Any

from ..conditions import at_least_one, has_rank, is_constant, is_scalar, same_shape, single_reader
from ..pattern import gemm, matmul, transpose
from ..rule import FAST, REAL, Rewrite, Rule, collect, rule

__all__ = ["BLAS", "RULES"]
S = "linear-algebra"
T = (1, 0)
Sides = tuple[Any, ...]
Rules = tuple[Rule | Rewrite, ...]
_two = {"a": "matrix", "b": "matrix"}
_gemm = {"a": "matrix", "b": "matrix", "c": "matrix", "alpha": "scalar", "beta": "scalar"}


@rule(S, REAL, example=_two)
def product_of_transposes(a: Any, b: Any) -> Sides:
    """A^T B^T = (B A)^T: the same sums of products, one transpose instead of two."""
    return matmul(transpose(a, axes=T), transpose(b, axes=T)), transpose(matmul(b, a), axes=T)


@rule(S, REAL, example=_two)
def transpose_of_product_left(a: Any, b: Any) -> Sides:
    """(A^T B)^T = B^T A: the same sums of products, one transpose instead of two."""
    return transpose(matmul(transpose(a, axes=T), b), axes=T), matmul(transpose(b, axes=T), a)


@rule(S, REAL, example=_two)
def transpose_of_product_right(a: Any, b: Any) -> Sides:
    """(A B^T)^T = B A^T: the same sums of products, one transpose instead of two."""
    return transpose(matmul(a, transpose(b, axes=T)), axes=T), matmul(b, transpose(a, axes=T))


@rule(S, REAL, example=_two)
def negative_left_of_product(a: Any, b: Any) -> Sides:
    """Signs come out of sums of products; only the sign of a zero may differ."""
    return matmul(-a, b), -matmul(a, b)


@rule(S, REAL, example=_two)
def negative_right_of_product(a: Any, b: Any) -> Sides:
    """Signs come out of sums of products; only the sign of a zero may differ."""
    return matmul(a, -b), -matmul(a, b)


@rule(S, REAL, example={**_two, "c": 3.0})
def factor_left_of_product(c: Any, a: Any, b: Any) -> Sides:
    """A common factor comes out of a sum of products; with |c| >= 1 nothing overflows that did not."""
    return matmul(c * a, b), c * matmul(a, b), (is_constant(c), at_least_one(c))


@rule(S, REAL, example={**_two, "c": 3.0})
def factor_right_of_product(c: Any, a: Any, b: Any) -> Sides:
    """A common factor comes out of a sum of products; with |c| >= 1 nothing overflows that did not."""
    return matmul(a, c * b), c * matmul(a, b), (is_constant(c), at_least_one(c))


@rule(S, FAST, example={**_two, "c": "scalar"})
def scalar_left_of_product(c: Any, a: Any, b: Any) -> Sides:
    """A common factor comes out of a sum of products, which may overflow before it is scaled."""
    return matmul(c * a, b), c * matmul(a, b), (is_scalar(c),)


@rule(S, FAST, example={**_two, "c": "scalar"})
def scalar_right_of_product(c: Any, a: Any, b: Any) -> Sides:
    """A common factor comes out of a sum of products, which may overflow before it is scaled."""
    return matmul(a, c * b), c * matmul(a, b), (is_scalar(c),)


# -- gemm: beta c + alpha a b in one call --------------------------------------------------------------------------------
def _asks(c: Any, product: Any, *more: Any) -> tuple[Any, ...]:
    return has_rank(product, 2), same_shape(c, product), single_reader(product), *more


@rule("use-blas", REAL, example=_gemm)
def gemm_scaled_sum(beta: Any, c: Any, alpha: Any, a: Any, b: Any) -> Sides:
    """gemm adds a scaled matrix while it stores the scaled product."""
    product = matmul(a, b)
    return beta * c + alpha * product, gemm(c, alpha, a, b, beta), _asks(c, product, is_scalar(alpha), is_scalar(beta))


@rule("use-blas", REAL, example=_gemm)
def gemm_scaled_difference(beta: Any, c: Any, alpha: Any, a: Any, b: Any) -> Sides:
    """gemm adds a scaled matrix while it stores the product, scaled by -alpha."""
    product = matmul(a, b)
    return beta * c - alpha * product, gemm(c, -alpha, a, b, beta), _asks(c, product, is_scalar(alpha), is_scalar(beta))


@rule("use-blas", REAL, example=_gemm)
def gemm_sum(c: Any, alpha: Any, a: Any, b: Any) -> Sides:
    """gemm adds a matrix while it stores the scaled product."""
    product = matmul(a, b)
    return c + alpha * product, gemm(c, alpha, a, b, 1.0), _asks(c, product, is_scalar(alpha))


@rule("use-blas", REAL, example=_gemm)
def gemm_difference(c: Any, alpha: Any, a: Any, b: Any) -> Sides:
    """gemm adds a matrix while it stores the product, scaled by -alpha."""
    product = matmul(a, b)
    return c - alpha * product, gemm(c, -alpha, a, b, 1.0), _asks(c, product, is_scalar(alpha))


@rule("use-blas", REAL, example=_gemm)
def gemm_subtracted(c: Any, alpha: Any, a: Any, b: Any) -> Sides:
    """gemm subtracts a matrix while it stores the scaled product."""
    product = matmul(a, b)
    return alpha * product - c, gemm(c, alpha, a, b, -1.0), _asks(c, product, is_scalar(alpha))


@rule("use-blas", REAL, example=_gemm)
def gemm_scaled_plain(beta: Any, c: Any, a: Any, b: Any) -> Sides:
    """gemm adds a scaled matrix while it stores the product."""
    product = matmul(a, b)
    return beta * c + product, gemm(c, 1.0, a, b, beta), _asks(c, product, is_scalar(beta))


@rule("use-blas", REAL, example=_gemm)
def gemm_scaled_minus(beta: Any, c: Any, a: Any, b: Any) -> Sides:
    """gemm adds a scaled matrix while it stores the negative of the product."""
    product = matmul(a, b)
    return beta * c - product, gemm(c, -1.0, a, b, beta), _asks(c, product, is_scalar(beta))


@rule("use-blas", REAL, example=_gemm)
def gemm_plain(c: Any, a: Any, b: Any) -> Sides:
    """gemm adds a matrix while it stores the product."""
    product = matmul(a, b)
    return c + product, gemm(c, 1.0, a, b, 1.0), _asks(c, product)


@rule("use-blas", REAL, example=_gemm)
def gemm_minus(c: Any, a: Any, b: Any) -> Sides:
    """gemm adds a matrix while it stores the negative of the product."""
    product = matmul(a, b)
    return c - product, gemm(c, -1.0, a, b, 1.0), _asks(c, product)


@rule("use-blas", REAL, example=_gemm)
def gemm_less(c: Any, a: Any, b: Any) -> Sides:
    """gemm subtracts a matrix while it stores the product."""
    product = matmul(a, b)
    return product - c, gemm(c, 1.0, a, b, -1.0), _asks(c, product)


RULES: Rules = collect(globals(), S)
BLAS: Rules = collect(globals(), "use-blas")
