"""The interface for rows: the nodes of operands, and a tape to make ids on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from autograd_widget.engine.scalar import Scalar

from .tape import Call, Operand, Tape, Tensor

Column: TypeAlias = list[Any]
"""Nodes of the elements of a tensor, in row-major order."""


class Context(Protocol):
    """The unroller as rows see it, while a call is unrolled."""

    tape: Tape
    limit: int
    """The most scalars that a result may be made of."""
    live: dict[str, int]
    """Ops that PyTorch computes, and how many scalars each made."""

    def column(self, given: Any, shape: Sequence[int] | None = None) -> Column:
        """The nodes of an operand, broadcast to a shape, in row-major order; of a number, that number."""

    def nodes(self, ids: Iterable[int], is_cut: bool = False) -> list[Scalar]:
        """The scalars of some ids; those of a cut operand let no gradient through."""

    def cut_ids(self, operand: Operand) -> Tensor:
        """The ids of an operand; of a cut one, those of the nodes behind the cut."""

    def run_plainly(self, function: Callable[..., Any], args: Sequence[Any]) -> list[Column]:
        """The scalars of what a function of tensors computes, from the ops that it is made of."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """A group within a call."""


Row: TypeAlias = Callable[[Context, Call], "list[Column] | None"]
"""A row: returns a column per recorded output, or None where it doesn't know this use of its op."""
