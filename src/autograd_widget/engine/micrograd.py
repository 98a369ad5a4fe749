"""`Value` and `Node`: scalars under micrograd's names."""

from __future__ import annotations

from collections.abc import Iterable

from .ops import CONST
from .scalar import Scalar


class Value(Scalar):
    """A scalar under micrograd's names: `data`, `_prev`, `_op`.

    Args:
        data: The number.
        _children: The operands.
        _op: The op's name; of a node without operands, its label.
        label: A name to show.
    """

    __slots__ = ()

    def __init__(self, data: float, _children: Iterable[Scalar] = (), _op: str = "", label: str = "") -> None:
        if _children:
            Scalar.__init__(self, data, _children, _op, label)
            return
        self._begin(data, True)
        if label or _op:
            self.label = label or _op

    @property
    def _prev(self) -> set[Scalar]:
        return set[Scalar](self.prevs)

    @property
    def _op(self) -> str:
        if self.prevs:
            return self.op or ""
        return "" if self.op == CONST else self.label

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.value}, grad={self.grad})"


class Node(Value):
    """A `Value` under the book's name."""

    __slots__ = ()
