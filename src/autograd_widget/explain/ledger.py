"""The ledger: the amount that each pass added to each gradient, and the amounts set by hand."""

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
from .spelling import Relation, Spelling, sum_of
from .text import Account, Table

Key: TypeAlias = "str | Scalar"
"""A node: its label where that is unique, else its `Scalar`."""

MOST_ROWS: Final = 20
MOST_COLUMNS: Final = 8
NOT_REACHED: Final = "–"


@dataclass(frozen=True)
class Row:
    """The amounts that a pass added to the gradients, or that were set by hand."""

    name: str
    """`"h1.backward()"`, `"set by hand"` or `"950 earlier passes, together"`."""
    root: Scalar | None
    """The root of the pass; None if it is freed, for several passes, and for amounts set by hand."""
    added: Mapping[Key, float]
    """Per leaf, the amount added; 0.0 also where the pass did not come."""
    reached: frozenset[Key] = field(repr=False)
    """The leaves that the pass reached."""
    at: Mapping[Key, float] = field(repr=False)
    """Per reached leaf, its value at the time of the pass."""
    live: bool
    """True if the pass was run at the current values; then it is run again when a leaf is moved."""
    preview: bool = False
    """True if the pass was not run: the amounts are those that it would add."""
    count: int = 1
    """The number of passes in the row; 0 for amounts set by hand."""

    def amounts(self, spelling: Spelling) -> list[str]:
        """Write the amounts, one per leaf."""
        return [spelling.gradient(x) if key in self.reached else NOT_REACHED for key, x in self.added.items()]


@dataclass(frozen=True, repr=False)
class Ledger(Sequence[Row]):
    """The gradients of the leaves split by pass, the oldest first. The rows add up to `grads`.

    If no pass was run, the rows are those of a preview, and say so.
    """

    rows: tuple[Row, ...]
    grads: Mapping[Key, float]
    """The `.grad` of each leaf."""
    names: Mapping[Key, str] = field(repr=False)
    """The names of the leaves."""
    messages: Messages = field(repr=False, compare=False)

    @overload
    def __getitem__(self, i: int) -> Row: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, i: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[i]

    @property
    def preview(self) -> bool:
        """True if no pass was run: the rows have the amounts that passes would add."""
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
        displayed = self.summed_up()
        spelling = Spelling(self._relations(displayed))
        rows = [[row.name, *row.amounts(spelling)[:MOST_COLUMNS], *more] for row in displayed]
        header = ["", *list(self.names.values())[:MOST_COLUMNS], *more]
        total = [".grad", *[spelling.write(grad) for grad in self.grads.values()][:MOST_COLUMNS], *more]
        return Account([*preview, ("table", Table(rows, header, total))])

    def _relations(self, rows: Sequence[Row]) -> list[Relation]:
        """Relate each gradient to its rows, which add up to it as displayed."""
        return [sum_of([row.added[key] for row in rows], total) for key, total in self.grads.items()]

    def summed_up(self) -> Sequence[Row]:
        """The rows to display: of many, the first ones are joined into one, so that the sum stays exact."""
        if len(self.rows) <= MOST_ROWS:
            return self.rows
        first, last = self.rows[: 1 - MOST_ROWS], self.rows[1 - MOST_ROWS :]
        added = {key: sum(row.added[key] for row in first) for key in self.grads}
        reached = frozenset[Key]().union(*[row.reached for row in first])
        count = sum(max(row.count, 1) for row in first)
        name = self.messages.earlier_passes.format(count)
        return [Row(name, None, added, reached, {}, live=False, count=count), *last]


def ledger_of(history: History, keys: Mapping[int, Key], messages: Messages) -> Ledger:
    """Make the ledger of some nodes.

    Args:
        history: The graph and its passes.
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
    """The name of a row."""
    if record.by_hand:
        return messages.by_hand
    if record.count > 1:
        return messages.earlier_passes.format(record.count)
    name = record.name if record.root is None else name_of(graph, record.root, messages)
    return f"{name}.backward()" if name else messages.elsewhere
