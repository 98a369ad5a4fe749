"""Custom ops: a Python function and its local derivatives.

>>> @custom_op(partials=lambda y, a, b: (2 * (a - b), 2 * (b - a)))
... def squared_error(a, b):
...     return (a - b) ** 2
>>> loss = squared_error(w * x, 3.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import nan
from typing import Any, Final
from weakref import WeakValueDictionary

from .core import Number, _number, computed, operands
from .ops import CONST, CUSTOM, LEAF, OPS

Partials = Callable[..., Iterable[float] | float]

_registered: Final[WeakValueDictionary[str, CustomOp]] = WeakValueDictionary()


class CustomOp:
    """An op that is not in the table, made with `custom_op`. Call it with scalars and plain numbers."""

    def __init__(self, function: Callable[..., float], partials: Partials, name: str) -> None:
        self.name = name
        self.__doc__ = function.__doc__
        self.__name__ = name
        self._function = function
        self._partials = partials

    def __call__(self, *x: Number | Iterable[Number]) -> Any:
        """Compute the op: a new scalar, or a float of plain numbers alone.

        Args:
            *x: The operands, or a list of them.

        Raises:
            TypeError: An operand is neither a scalar nor a real number.
            ValueError: There is none.
        """
        found = operands(x)
        if not found:
            raise ValueError(f"{self.name} needs at least one operand")
        return computed(self.name, found, self)

    def forward(self, *x: float) -> float:
        """Compute the value; nan where the function divides by zero, overflows or leaves its domain."""
        try:
            return _number(self._function(*x))
        except (ArithmeticError, ValueError):
            return nan

    def backward(self, g: float, y: float, *x: float) -> tuple[float, ...]:
        """Compute the contribution to each operand, for the upstream gradient `g`.

        Raises:
            ValueError: There are not as many local derivatives as operands.
        """
        try:
            given = self._partials(y, *x)
            partials = [_number(partial) for partial in (given if isinstance(given, Iterable) else [given])]
        except (ArithmeticError, ValueError):
            partials = [nan] * len(x)
        if len(partials) != len(x):
            raise ValueError(
                f"the custom op {self.name!r} gives {len(partials)} local derivatives for {len(x)} operands"
            )
        return tuple([g * partial for partial in partials])

    def __repr__(self) -> str:
        return f"<custom op {self.name}>"


def custom_op(*, partials: Partials, name: str | None = None) -> Callable[[Callable[..., float]], CustomOp]:
    """Make an op of a Python function of floats: `@custom_op(partials=…)` in front of its definition.

    A widget computes it again, in the kernel, when a leaf moves. Defining a name again replaces it for what
    is made from then on.

    Args:
        partials: Called with the result and the operands, as floats; gives the local derivative towards each
            operand, in order, of one operand also as a plain number.
        name: The op's name; the function's, if left out.

    Raises:
        ValueError: The name is one of the op table's or of the graph document's.
    """

    def define(function: Callable[..., float]) -> CustomOp:
        chosen = name or function.__name__
        if chosen in OPS or chosen in (LEAF, CONST, CUSTOM):
            raise ValueError(f"{chosen!r} is an op already: a custom op needs a name of its own")
        op = CustomOp(function, partials, chosen)
        _registered[chosen] = op
        return op

    return define


def custom_named(name: str) -> CustomOp | None:
    """Find the custom op of a name that was defined last; None if it was freed."""
    return _registered.get(name)
