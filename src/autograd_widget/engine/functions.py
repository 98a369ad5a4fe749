"""The ops of the table as functions, of scalars and of plain numbers.

Of a scalar they make a scalar, as its methods do; of plain numbers alone a float, so that one formula serves
for both. `sum prod mean max min` take several operands or a list of them, and make one node.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from .core import computed
from .scalar import Number, Scalar, operands

X = TypeVar("X", Scalar, float)


def _of_one(op: str, x: Any) -> Any:
    return computed(op, [x])


def _of_many(op: str, x: tuple[Number | Iterable[Number], ...]) -> Any:
    found = operands(x)
    if not found:
        raise ValueError(f"{op} needs at least one operand")
    return computed(op, found)


def relu(x: X) -> X:
    """The value where it is positive, else 0."""
    found: X = _of_one("relu", x)
    return found


def tanh(x: X) -> X:
    """The hyperbolic tangent."""
    found: X = _of_one("tanh", x)
    return found


def sigmoid(x: X) -> X:
    """1 / (1 + exp(-x))."""
    found: X = _of_one("sigmoid", x)
    return found


def exp(x: X) -> X:
    """e to the power of x."""
    found: X = _of_one("exp", x)
    return found


def log(x: X) -> X:
    """The natural logarithm."""
    found: X = _of_one("log", x)
    return found


def sqrt(x: X) -> X:
    """The square root."""
    found: X = _of_one("sqrt", x)
    return found


def sin(x: X) -> X:
    """The sine, of radians."""
    found: X = _of_one("sin", x)
    return found


def cos(x: X) -> X:
    """The cosine, of radians."""
    found: X = _of_one("cos", x)
    return found


def abs(x: X) -> X:  # noqa: A001 # the op's name
    """The distance from 0."""
    found: X = _of_one("abs", x)
    return found


def log1p(x: X) -> X:
    """log(1 + x), accurate near 0."""
    found: X = _of_one("log1p", x)
    return found


def expm1(x: X) -> X:
    """exp(x) - 1, accurate near 0."""
    found: X = _of_one("expm1", x)
    return found


def tan(x: X) -> X:
    """The tangent, of radians."""
    found: X = _of_one("tan", x)
    return found


def asin(x: X) -> X:
    """The inverse sine, in radians."""
    found: X = _of_one("asin", x)
    return found


def acos(x: X) -> X:
    """The inverse cosine, in radians."""
    found: X = _of_one("acos", x)
    return found


def atan(x: X) -> X:
    """The inverse tangent, in radians."""
    found: X = _of_one("atan", x)
    return found


def sinh(x: X) -> X:
    """The hyperbolic sine."""
    found: X = _of_one("sinh", x)
    return found


def cosh(x: X) -> X:
    """The hyperbolic cosine."""
    found: X = _of_one("cosh", x)
    return found


def softplus(x: X) -> X:
    """log(1 + exp(x)), a smooth relu."""
    found: X = _of_one("softplus", x)
    return found


def silu(x: X) -> X:
    """x * sigmoid(x)."""
    found: X = _of_one("silu", x)
    return found


def gelu(x: X) -> X:
    """x * Phi(x), with the exact normal distribution function."""
    found: X = _of_one("gelu", x)
    return found


def leaky_relu(x: X) -> X:
    """The value where it is positive, else a hundredth of it."""
    found: X = _of_one("leaky_relu", x)
    return found


def elu(x: X) -> X:
    """The value where it is positive, else exp(x) - 1."""
    found: X = _of_one("elu", x)
    return found


def square(x: X) -> X:
    """x * x, as one node."""
    found: X = _of_one("square", x)
    return found


def reciprocal(x: X) -> X:
    """1 / x."""
    found: X = _of_one("reciprocal", x)
    return found


def sign(x: X) -> X:
    """-1, 0 or 1; its gradient is 0."""
    found: X = _of_one("sign", x)
    return found


def floor(x: X) -> X:
    """The largest integer not above; its gradient is 0."""
    found: X = _of_one("floor", x)
    return found


def sum(*x: Number | Iterable[Number], start: Number = 0.0) -> Any:  # noqa: A001 # the op's name
    """All of them added up, from left to right, as one node; of none, 0.

    Beside a list there may be a number to start from, as in Python's own `sum(products, b)`.
    """
    if len(x) == 2 and isinstance(x[0], Iterable):
        return sum(x[0], start=x[1])  # type: ignore[arg-type] # another list is refused as an operand
    found = operands(x)
    if isinstance(start, Scalar) or start != 0.0:
        found.insert(0, start)
    return computed("sum", found) if found else 0.0


def prod(*x: Number | Iterable[Number]) -> Any:
    """All of them multiplied, from left to right, as one node.

    Raises:
        ValueError: There is none.
    """
    return _of_many("prod", x)


def mean(*x: Number | Iterable[Number]) -> Any:
    """Their sum divided by their number.

    Raises:
        ValueError: There is none.
    """
    return _of_many("mean", x)


def max(*x: Number | Iterable[Number]) -> Any:  # noqa: A001 # the op's name
    """The largest of them; ties share the gradient.

    Raises:
        ValueError: There is none.
    """
    return _of_many("max", x)


def min(*x: Number | Iterable[Number]) -> Any:  # noqa: A001 # the op's name
    """The smallest of them; ties share the gradient.

    Raises:
        ValueError: There is none.
    """
    return _of_many("min", x)
