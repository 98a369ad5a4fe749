"""The ops of the table as functions, of scalars and of plain numbers.

Of a scalar they make a scalar, as its methods do; of plain numbers alone a float, so that one formula serves
for both. `sum prod mean max min` take several operands or a list of them, and make one node.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any, TypeVar

from .core import Number, computed, operands
from .scalar import Scalar

X = TypeVar("X", Scalar, float)


def _of_one(op: str, x: X) -> X:
    found: X = computed(op, [x])
    return found


def _of_many(op: str, x: tuple[Number | Iterable[Number], ...]) -> Any:
    found = operands(x)
    if not found:
        raise ValueError(f"{op} needs at least one operand")
    return computed(op, found)


def relu(x: X) -> X:
    """The value where it is positive, else 0."""
    return _of_one("relu", x)


def tanh(x: X) -> X:
    """The hyperbolic tangent."""
    return _of_one("tanh", x)


def sigmoid(x: X) -> X:
    """1 / (1 + exp(-x))."""
    return _of_one("sigmoid", x)


def exp(x: X) -> X:
    """e to the power of x."""
    return _of_one("exp", x)


def log(x: X) -> X:
    """The natural logarithm."""
    return _of_one("log", x)


def sqrt(x: X) -> X:
    """The square root."""
    return _of_one("sqrt", x)


def sin(x: X) -> X:
    """The sine, of radians."""
    return _of_one("sin", x)


def cos(x: X) -> X:
    """The cosine, of radians."""
    return _of_one("cos", x)


def abs(x: X) -> X:  # noqa: A001 # the op's name
    """The distance from 0."""
    return _of_one("abs", x)


def log1p(x: X) -> X:
    """log(1 + x), accurate near 0."""
    return _of_one("log1p", x)


def expm1(x: X) -> X:
    """exp(x) - 1, accurate near 0."""
    return _of_one("expm1", x)


def tan(x: X) -> X:
    """The tangent, of radians."""
    return _of_one("tan", x)


def asin(x: X) -> X:
    """The inverse sine, in radians."""
    return _of_one("asin", x)


def acos(x: X) -> X:
    """The inverse cosine, in radians."""
    return _of_one("acos", x)


def atan(x: X) -> X:
    """The inverse tangent, in radians."""
    return _of_one("atan", x)


def sinh(x: X) -> X:
    """The hyperbolic sine."""
    return _of_one("sinh", x)


def cosh(x: X) -> X:
    """The hyperbolic cosine."""
    return _of_one("cosh", x)


def softplus(x: X) -> X:
    """log(1 + exp(x)), a smooth relu."""
    return _of_one("softplus", x)


def silu(x: X) -> X:
    """x * sigmoid(x)."""
    return _of_one("silu", x)


def gelu(x: X) -> X:
    """x * Phi(x), with the exact normal distribution function."""
    return _of_one("gelu", x)


def leaky_relu(x: X) -> X:
    """The value where it is positive, else a hundredth of it."""
    return _of_one("leaky_relu", x)


def elu(x: X) -> X:
    """The value where it is positive, else exp(x) - 1."""
    return _of_one("elu", x)


def square(x: X) -> X:
    """x * x, as one node."""
    return _of_one("square", x)


def reciprocal(x: X) -> X:
    """1 / x."""
    return _of_one("reciprocal", x)


def sign(x: X) -> X:
    """-1, 0 or 1; its gradient is 0."""
    return _of_one("sign", x)


def floor(x: X) -> X:
    """The largest integer not above; its gradient is 0."""
    return _of_one("floor", x)


def rsqrt(x: X) -> X:
    """1 / sqrt(x)."""
    return _of_one("rsqrt", x)


def exp2(x: X) -> X:
    """2 to the power of x."""
    return _of_one("exp2", x)


def log2(x: X) -> X:
    """The logarithm to the base 2."""
    return _of_one("log2", x)


def log10(x: X) -> X:
    """The logarithm to the base 10."""
    return _of_one("log10", x)


def asinh(x: X) -> X:
    """The inverse hyperbolic sine."""
    return _of_one("asinh", x)


def acosh(x: X) -> X:
    """The inverse hyperbolic cosine."""
    return _of_one("acosh", x)


def atanh(x: X) -> X:
    """The inverse hyperbolic tangent."""
    return _of_one("atanh", x)


def erf(x: X) -> X:
    """The error function."""
    return _of_one("erf", x)


def erfc(x: X) -> X:
    """1 - erf(x), accurate where that is small."""
    return _of_one("erfc", x)


def logsigmoid(x: X) -> X:
    """log(sigmoid(x)), finite where the sigmoid underflows."""
    return _of_one("logsigmoid", x)


def logit(x: X) -> X:
    """log(x / (1 - x)), the inverse of the sigmoid."""
    return _of_one("logit", x)


def softsign(x: X) -> X:
    """x / (1 + abs(x))."""
    return _of_one("softsign", x)


def relu6(x: X) -> X:
    """The value between 0 and 6, else the nearer bound; at both its gradient is 0."""
    return _of_one("relu6", x)


def hardtanh(x: X) -> X:
    """The value between -1 and 1, else the nearer bound; at both its gradient is 0."""
    return _of_one("hardtanh", x)


def ceil(x: X) -> X:
    """The smallest integer not below; its gradient is 0."""
    return _of_one("ceil", x)


def round(x: X) -> X:  # noqa: A001 # the op's name
    """The nearest integer, of two the even one; its gradient is 0."""
    return _of_one("round", x)


def trunc(x: X) -> X:
    """The integer part; its gradient is 0."""
    return _of_one("trunc", x)


def frac(x: X) -> X:
    """The fractional part, x - trunc(x)."""
    return _of_one("frac", x)


def detach(x: X) -> X:
    """The value as a constant: no gradient goes through it."""
    return _of_one("detach", x)


def clamp(x: Number, min: Number | None = None, max: Number | None = None) -> Any:  # noqa: A002 # PyTorch's
    """The value between two bounds, else the nearer one. At a bound itself the value has the whole gradient.

    Raises:
        ValueError: There is no bound.
    """
    if min is None and max is None:
        raise ValueError("clamp needs a bound: clamp(x, min, max), or one of the two by its name")
    return computed("clamp", [x, -inf if min is None else min, inf if max is None else max])


def where(condition: Number, a: Number, b: Number) -> Any:
    """One node that is `a` where the condition is not 0, else `b`; only the one that it is has a gradient.

    A condition made by `greater(u, v)` and the like follows its operands when they change; of `u > v`, which
    is a bool, it stays as it is.
    """
    return computed("where", [condition, a, b])


def greater(a: Number, b: Number) -> Any:
    """1 where a > b, else 0, as a node; it has no gradient."""
    return computed(">", [a, b])


def greater_equal(a: Number, b: Number) -> Any:
    """1 where a >= b, else 0, as a node; it has no gradient."""
    return computed(">=", [a, b])


def less(a: Number, b: Number) -> Any:
    """1 where a < b, else 0, as a node; it has no gradient."""
    return computed("<", [a, b])


def less_equal(a: Number, b: Number) -> Any:
    """1 where a <= b, else 0, as a node; it has no gradient."""
    return computed("<=", [a, b])


def equal(a: Number, b: Number) -> Any:
    """1 where a == b, else 0, as a node; it has no gradient."""
    return computed("==", [a, b])


def not_equal(a: Number, b: Number) -> Any:
    """1 where a != b, else 0, as a node; it has no gradient."""
    return computed("!=", [a, b])


def atan2(y: Number, x: Number) -> Any:
    """The angle of the point (x, y), in radians."""
    return computed("atan2", [y, x])


def hypot(a: Number, b: Number) -> Any:
    """sqrt(a**2 + b**2), without overflow."""
    return computed("hypot", [a, b])


def logaddexp(a: Number, b: Number) -> Any:
    """log(exp(a) + exp(b)), without overflow."""
    return computed("logaddexp", [a, b])


def xlogy(x: Number, y: Number) -> Any:
    """x * log(y), and 0 where x is 0."""
    return computed("xlogy", [x, y])


def fmod(a: Number, b: Number) -> Any:
    """The remainder of a / b with the sign of a; `%` has that of b."""
    return computed("fmod", [a, b])


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
