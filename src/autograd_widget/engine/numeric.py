"""The number protocol of scalars: comparisons, conversions, and the names by which NumPy asks for them."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from . import arrays
from .core import Core, unary, variadic
from .guards import compared
from .lost import warn_lost

N = TypeVar("N", bound="Numeric")


# A base of `Scalar` beside `Core`, not between the two: freeing a scalar walks its chain of first bases.
if TYPE_CHECKING:
    Beside = Core
else:
    Beside = object


class Numeric(Beside):
    """A scalar as Python and NumPy know numbers."""

    __slots__ = ()

    # -- comparisons: by value, and remembered. `==` is identity, as in micrograd ------------------------

    def _compared(self, op: str, other: Any) -> bool:
        return compared(op, self, other)

    # -- conversions: on purpose, but for `float` --------------------------------------------------------

    def __float__(self) -> float:
        warn_lost(self, sys._getframe(1))
        return self._value

    def __int__(self) -> int:
        return int(self._value)

    def __trunc__(self) -> int:
        return math.trunc(self._value)

    def __floor__(self) -> int:
        return math.floor(self._value)

    def __ceil__(self) -> int:
        return math.ceil(self._value)

    def __round__(self, digits: int | None = None) -> float:
        return round(self._value, digits) if digits is not None else round(self._value)

    def __format__(self, specification: str) -> str:
        return format(self._value, specification) if specification else str(self)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def item(self) -> float:
        """The number alone, as PyTorch's tensors give it."""
        return self._value

    # -- NumPy -------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute a NumPy function of this and of others."""
        return arrays.compute(ufunc, method, inputs, options)

    def conjugate(self: N) -> N:
        """This scalar: it is real."""
        return self

    def arccos(self: N) -> N:
        """`acos`, by NumPy's name."""
        return unary("acos", self)

    def arccosh(self: N) -> N:
        """`acosh`, by NumPy's name."""
        return unary("acosh", self)

    def arcsin(self: N) -> N:
        """`asin`, by NumPy's name."""
        return unary("asin", self)

    def arcsinh(self: N) -> N:
        """`asinh`, by NumPy's name."""
        return unary("asinh", self)

    def arctan(self: N) -> N:
        """`atan`, by NumPy's name."""
        return unary("atan", self)

    def arctan2(self: N, x: Any) -> N:
        """`atan2`, by NumPy's name."""
        return variadic("atan2", self, (x,))

    def arctanh(self: N) -> N:
        """`atanh`, by NumPy's name."""
        return unary("atanh", self)

    def fabs(self: N) -> N:
        """`abs`, by NumPy's name."""
        return unary("abs", self)

    def rint(self: N) -> N:
        """`round`, by NumPy's name."""
        return unary("round", self)
