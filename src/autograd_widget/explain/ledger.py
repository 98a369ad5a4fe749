"""The ledger: which pass added what to which gradient, and what was there besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, overload

from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.records import Record

from .messages import Messages
from .names import name_of
from .spelling import Spelling, sum_of
from .text import Account, Table

Key: TypeAlias = "str | Scalar"
"""A node: its label where that is unique, else its `Scalar`."""

MOST_ROWS: Final = 20
MOST_COLUMNS: Final = 8
NOT_REACHED: Final = "–"


@dataclass(frozen=True)
class Row:
    """What a pass added to the gradients, or what was set by hand."""

    name: str
    """`"h1.backward()"`, `"set by hand"` or `"950 earlier passes, together"`."""
    root: Scalar | None
    """Where the pass started; None where that is gone, for several passes, and for what was set by hand."""
    added: Mapping[Key, float]
    """Per leaf what it added; 0.0 also where it did not come."""
    reached: frozenset[Key] = field(repr=False)
    """The leaves that it came to."""
    at: Mapping[Key, float] = field(repr=False)
    """Per leaf that it came to the value that this had then."""
    live: bool
    """Whether it was run at the values that there are, so that it runs again when a leaf is moved."""
    preview: bool = False
    """Whether it is what the pass would add: it was not run."""
    count: int = 1
    """How many passes these are; 0 where it was set by hand."""

    def amounts(self, spelling: Spelling) -> list[str]:
        """What it added to each leaf, written down."""
        return [spelling.gradient(x) if key in self.reached else NOT_REACHED for key, x in self.added.items()]


@dataclass(frozen=True, repr=False)
class Ledger(Sequence[Row]):
    """The gradients of the leaves, told apart by pass, the oldest first. The rows add up to `grads`.

    Where no pass was run, they are those of a preview, and say so.
    """

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

    @property
    def preview(self) -> bool:
        """Whether no pass was run, and rows say what passes would add."""
        return any(row.preview for row in self.rows)

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
        preview: list[tuple[str, str | Table]] = [("line", self.messages.preview)] if self.preview else []
        more = ["…"] if len(self.grads) > MOST_COLUMNS else []
        told = self.summed_up()
        spelling = Spelling(
            [sum_of([row.added[key] for row in told], total) for key, total in self.grads.items()]
        )
        rows = [[row.name, *row.amounts(spelling)[:MOST_COLUMNS], *more] for row in told]
        header = ["", *list(self.names.values())[:MOST_COLUMNS], *more]
        total = [".grad", *[spelling.write(grad) for grad in self.grads.values()][:MOST_COLUMNS], *more]
        return Account([*preview, ("table", Table(rows, header, total))])

    def summed_up(self) -> Sequence[Row]:
        """The rows; of many the first ones as one, so that they still add up."""
        if len(self.rows) <= MOST_ROWS:
            return self.rows
        first, last = self.rows[: 1 - MOST_ROWS], self.rows[1 - MOST_ROWS :]
        added = {key: sum(row.added[key] for row in first) for key in self.grads}
        reached = frozenset[Key]().union(*[row.reached for row in first])
        count = sum(max(row.count, 1) for row in first)
        name = self.messages.earlier_passes.format(count=count)
        return [Row(name, None, added, reached, {}, live=False, count=count), *last]


def ledger_of(history: History, keys: Mapping[int, Key], messages: Messages) -> Ledger:
    """The ledger of some nodes, by what they are called.

    Args:
        history: What to tell apart.
        keys: The nodes of interest, and how to find them again.
        messages: The language.
    """
    graph = history.graph
    return Ledger(
        tuple([_row(record, history, keys, messages) for record in history.rows() if keys]),
        {key: history.grad(i) for i, key in keys.items()},
        {key: name_of(graph, i, messages) for i, key in keys.items()},
        messages,
    )


def _row(record: Record, history: History, keys: Mapping[int, Key], messages: Messages) -> Row:
    root = None if record.root is None else history.nodes[record.root]
    if root is None and len(record.passes) == 1:
        root = record.passes[0].root
    amounts = {key: history.added(record, i) for i, key in keys.items()}
    return Row(
        name_of_record(record, history.graph, messages),
        root,
        {key: amount or 0.0 for key, amount in amounts.items()},
        frozenset([key for key, amount in amounts.items() if amount is not None]),
        {key: record.at[i] for i, key in keys.items() if i in record.at},
        record.live,
        preview=record.live and not record.passes,
        count=record.count,
    )


def name_of_record(record: Record, graph: Graph, messages: Messages) -> str:
    """What a row is called."""
    if record.by_hand:
        return messages.by_hand
    if record.count > 1:
        return messages.earlier_passes.format(count=record.count)
    name = record.name if record.root is None else name_of(graph, record.root, messages)
    return f"{name}.backward()" if name else messages.elsewhere
