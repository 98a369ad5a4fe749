"""Plain operands: the number that an object of another library is."""

from __future__ import annotations

from numbers import Complex, Number, Real
from typing import Any, Final

VALUES: Final = ("data", "value", "val", "v")
GRADIENTS: Final = ("grad", "derivative", "gradient", "_grad")
"""Attributes by which another engine's node is known: one of each."""


def plain_number(x: Any) -> Any:
    """The number of a `Decimal`, a NumPy scalar, or an array or tensor without dimensions.

    Returns:
        A number; the object in a 0-d array of objects; or NotImplemented, for the other operand to try.

    Raises:
        TypeError: It is a node of another engine, also a tensor that takes gradients: one engine would lose
            the other's graph.
    """
    if isinstance(x, Number):
        return x if isinstance(x, Real) or not isinstance(x, Complex) else NotImplemented
    if is_single(x):
        if getattr(x, "requires_grad", False) is True:
            raise TypeError(_refusal(x, "x.item()"))
        return x.item()
    if is_foreign_node(x):
        raise TypeError(_refusal(x, "x.data"))
    return NotImplemented


def _refusal(x: Any, number: str) -> str:
    kind = type(x)
    return (
        f"{kind.__module__}.{kind.__qualname__} is a node of another engine: compute with scalars of one "
        f"engine, or give its number alone, as in {number}"
    )


def is_single(x: Any) -> bool:
    """Test whether an object is an array, a tensor or a NumPy scalar without dimensions."""
    return getattr(x, "ndim", None) == 0 and hasattr(x, "item")


def is_foreign_node(x: Any) -> bool:
    """Test whether an object looks like a node of another engine; arrays and tensors have dimensions."""
    if isinstance(x, type) or hasattr(x, "ndim"):
        return False
    return any([hasattr(x, name) for name in VALUES]) and any([hasattr(x, name) for name in GRADIENTS])
