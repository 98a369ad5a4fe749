"""`Value` and `Node`: scalars under micrograd's names."""

from __future__ import annotations

from collections.abc import Iterable

from .ops import CONST
from .recorded import name_of_op, own_name
from .scalar import Scalar


class Value(Scalar):
    """A scalar under micrograd's names: `data`, `_prev`, `_op`.

    Args:
        data: The number.
        _children: The operands.
        _op: The op's name; of a node without operands, its label.
        label: A name to show.
        requires_grad: True if gradients are wanted here; a computation follows its operands.
    """

    __slots__ = ()

    def __init__(
        self,
        data: float,
        _children: Iterable[Scalar] = (),
        _op: str = "",
        label: str = "",
        requires_grad: bool = True,
    ) -> None:
        if _children:
            operands = tuple(_children)
            Scalar.__init__(self, data, operands, own_name(_op, len(operands)), label)
            return
        self._begin(data, requires_grad)
        if label or _op:
            self.label = label or _op

    @property
    def _prev(self) -> set[Scalar]:
        return set[Scalar](self.prevs)

    @property
    def _op(self) -> str:
        if self.prevs:
            return name_of_op(self)
        return "" if self.op == CONST else self.label

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.value}, grad={self.grad})"


class Node(Value):
    """A `Value` under the book's name."""

    __slots__ = ()
