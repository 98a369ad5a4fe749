"""The ledger: which pass added what to which gradient, and what was there besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, overload

from autograd_widget.engine.digits import shown
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.history import History

from .messages import Messages
from .names import name_of
from .text import Account, Table, signed

Key: TypeAlias = "str | Scalar"
"""A node: its label where that is unique, else its `Scalar`."""

MOST_ROWS: Final = 20
MOST_COLUMNS: Final = 8
NOT_REACHED: Final = "–"


@dataclass(frozen=True)
class Row:
    """What one pass added to the gradients, or what was carried over."""

    name: str
    """`"h1.backward()"`, or `"carried over"`."""
    root: Scalar | None
    """Where the pass started; None for what was carried over."""
    added: Mapping[Key, float]
    """Per leaf what it added; 0.0 also where it did not come."""
    reached: frozenset[Key] = field(repr=False)
    """The leaves that it came to."""

    def amounts(self) -> list[str]:
        """What it added to each leaf, written down."""
        return [signed(x) if key in self.reached else NOT_REACHED for key, x in self.added.items()]


@dataclass(frozen=True, repr=False)
class Ledger(Sequence[Row]):
    """The gradients of the leaves, told apart by pass, the oldest first. The rows add up to `grads`."""

    rows: tuple[Row, ...]
    grads: Mapping[Key, float]
    """Per leaf its `.grad`."""
    names: Mapping[Key, str] = field(repr=False)
    """What the leaves are called."""
    messages: Messages = field(repr=False, compare=False)

    @overload
    def __getitem__(self, i: int) -> Row: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, i: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[i]

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return self._account().as_text()

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self._account().as_markdown()

    def _account(self) -> Account:
        if not self.rows:
            return Account([("line", self.messages.nothing_run)])
        more = ["…"] if len(self.grads) > MOST_COLUMNS else []
        rows = [[row.name, *row.amounts()[:MOST_COLUMNS], *more] for row in self.summed_up()]
        header = ["", *list(self.names.values())[:MOST_COLUMNS], *more]
        total = [".grad", *[shown(grad) for grad in self.grads.values()][:MOST_COLUMNS], *more]
        return Account([("table", Table(rows, header, total))])

    def summed_up(self) -> Sequence[Row]:
        """The rows; of many the first ones as one, so that they still add up."""
        if len(self.rows) <= MOST_ROWS:
            return self.rows
        first, last = self.rows[: 1 - MOST_ROWS], self.rows[1 - MOST_ROWS :]
        added = {key: sum(row.added[key] for row in first) for key in self.grads}
        reached = frozenset[Key]().union(*[row.reached for row in first])
        name = self.messages.earlier_passes.format(count=len(first))
        return [Row(name, None, added, reached), *last]


def ledger_of(history: History, keys: Mapping[int, Key], messages: Messages) -> Ledger:
    """The ledger of some nodes, by what they are called.

    Args:
        history: What to tell apart.
        keys: The nodes of interest, and how to find them again.
        messages: The language.
    """
    graph = history.graph
    rows: list[Row] = []
    carried = {key: history.carried[i] for i, key in keys.items() if i in history.carried}
    if carried:
        added = {key: carried.get(key, 0.0) for key in keys.values()}
        rows.append(Row(messages.carried_over, None, added, frozenset(carried)))
    for root, grads, reached in history.passes_apart() if keys else ():
        rows.append(
            Row(
                f"{name_of(graph, root, messages)}.backward()",
                history.nodes[root],
                {key: grads[i] for i, key in keys.items()},
                frozenset(key for i, key in keys.items() if reached[i]),
            )
        )
    return Ledger(
        tuple(rows),
        {key: history.grad(i) for i, key in keys.items()},
        {key: name_of(graph, i, messages) for i, key in keys.items()},
        messages,
    )
