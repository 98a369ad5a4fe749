"""The state of a graph, read off its scalars: leaf values, frozen leaves, the passes that were run.

The scalars are the record, and reading them changes nothing. The displayed numbers are computed in the graph:
values from the current leaves, and gradients by the passes that were run at these values, or by a preview's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import copysign
from typing import Final

from autograd_widget.engine.core import Entry, Pass
from autograd_widget.engine.pass_log import entries_of
from autograd_widget.engine.scalar import Scalar

from .graph import Graph
from .records import Record, records_of

MOST_DROPPED: Final = 100


class History:
    """The passes that were run in a graph since `zero_grad()`, read off its scalars.

    Args:
        graph: A graph that was taken from scalars. It computes the displayed numbers.
        previewed: The nodes from which a preview has passes; the graph's results, if left out.
    """

    records: list[Record]
    """The passes and the gradients set by hand, the oldest first."""
    stale_leaves: list[int]
    """The leaves that were set after something was computed from them."""
    stale_values: dict[int, float]
    """The value of each scalar that is stale, that is not the value for the current leaves."""
    is_computed: bool
    """True if the graph's values are those for its leaves."""

    def __init__(self, graph: Graph, previewed: Iterable[int] | None = None) -> None:
        self.graph = graph
        self.nodes: list[Scalar] = graph.nodes or []
        self.position = {node: i for i, node in enumerate(self.nodes)}
        self.previewed = list(graph.outputs if previewed is None else previewed)
        self.records = []
        self.dropped = Dropped(self.nodes)
        self.is_computed = False
        self.read()

    @property
    def is_preview(self) -> bool:
        """True if no pass has reached a leaf since `zero_grad()`; then gradients are a preview's."""
        return all(record.by_hand for record in self.records)

    @property
    def is_stale(self) -> bool:
        """True if a leaf was set after something was computed from it."""
        return bool(self.stale_leaves or self.stale_values)

    def grad(self, node: int) -> float:
        """The accumulated gradient of a node; in a preview, the gradient that passes would give."""
        held = self.nodes[node].grad
        if not self.is_preview:
            return held
        return (held if self._is_by_hand(node) else 0.0) + self.graph.grads[node]

    def reached(self, node: int) -> bool:
        """Test whether a pass has reached a node since `zero_grad()`; in a preview, whether one would."""
        if not self.is_preview:
            return self.nodes[node].reached
        return self.graph.reached[node] or self._is_by_hand(node)

    def added(self, record: Record, node: int) -> float | None:
        """The amount that a pass added to a node; None if it did not come there, or was cleared since."""
        if not self.graph.inputs[node]:
            return record.added.get(node)
        if not record.passes and record.root is not None:
            grads, reached = self.graph.one_pass(record.root)
            return grads[node] if reached[node] else None
        amounts = [amount for one, amount, _ in entries_of(self.nodes[node]) if one in record.passes]
        return sum(amounts) if amounts else None

    def is_frozen(self, leaf: int) -> bool:
        """Test whether a leaf is frozen, so that no gradient flows into it."""
        return not self.graph.needs_grad[leaf]

    def rows(self) -> list[Record]:
        """The records; in a preview, those that its passes would make."""
        if not self.is_preview:
            return self.records
        return [*self.records, *[self._previewed(root) for root in self.previewed]]

    def read(self) -> None:
        """Read the current state of the scalars."""
        graph = self.graph
        for i in graph.leaves:
            leaf = self.nodes[i]
            if not _identical(leaf._value, graph.values[i]):
                self.is_computed = False
                graph.set_leaf(i, leaf._value)
            if leaf.requires_grad == self.is_frozen(i):
                graph.set_frozen(i, not leaf.requires_grad)
        if not self.is_computed:
            graph.forward()
            self.is_computed = True
        self._read_staleness()
        self.records = self._with_those_asleep(records_of(graph))
        self._run_shown()

    def asleep(self) -> list[Record]:
        """The passes that reach nothing now, because all leaves that they reached were frozen."""
        return [record for record in self.records if record.live and not record.added and record.passes]

    def _with_those_asleep(self, found: list[Record]) -> list[Record]:
        """Add the passes that no leaf records any more; they count again when a leaf is unfrozen."""
        known = {one for record in found for one in record.passes}
        asleep = [
            replace(record, added={}, at={})
            for record in self.records
            if record.live
            and record.root is not None
            and not self.graph.needs_grad[record.root]
            and known.isdisjoint(record.passes)
        ]
        return sorted([*found, *asleep], key=_number) if asleep else found

    def _run_shown(self) -> None:
        """Run the passes that are displayed on edges: the live ones, or else a preview's."""
        graph = self.graph
        graph.zero_grad()
        for record in self.records:
            if record.live and record.root is not None:
                graph.backward(record.root, record.gradient)
        if not graph.passes:
            for root in self.previewed:
                graph.backward(root)

    def _read_staleness(self) -> None:
        graph, nodes = self.graph, self.nodes
        off = [
            i
            for i, (node, x) in enumerate(zip(nodes, graph.values, strict=True))
            if not _same(node._value, x)
        ]
        self.stale_values = {i: nodes[i]._value for i in graph.outputs if i in off}
        self.stale_leaves = self._set_since(off[0]) if off else []

    def _set_since(self, node: int) -> list[int]:
        """Find the leaves that were set after a node was computed from them."""
        set_at = {i: extras.set_at for i in self.graph.sources_of(node) if (extras := self.nodes[i]._extras)}
        again = max(
            [extras.fresh_at for i in self.graph.outputs if (extras := self.nodes[i]._extras)], default=0
        )
        computed_at = abs(self.nodes[node]._number)
        return [i for i, at in set_at.items() if at > max(computed_at, again)] or [
            i for i, at in set_at.items() if at > computed_at
        ]

    def _previewed(self, root: int) -> Record:
        grads, reached = self.graph.one_pass(root)
        values = self.graph.values
        added = {i: grads[i] for i in self.graph.leaves if reached[i]}
        return Record(root, added=added, at={i: values[i] for i in added})

    def _is_by_hand(self, node: int) -> bool:
        held = entries_of(self.nodes[node])
        return bool(held) and not any(one.count for one, _, _ in held)


class Dropped:
    """Removed passes that can't be run again, kept for undo.

    Args:
        nodes: The nodes that they may have reached.
    """

    def __init__(self, nodes: Sequence[Scalar]) -> None:
        self._nodes = nodes
        self._kept: list[tuple[str, dict[Pass, dict[Scalar, Entry]]]] = []

    def copy(self) -> Dropped:
        """Copy it, so that the copy can be changed."""
        copied = Dropped(self._nodes)
        copied._kept = self._kept
        return copied

    def keep(self, key: str, passes: Iterable[Pass]) -> None:
        """Keep the entries of removed passes under a key; of many, the last ones are kept."""
        brought: dict[Pass, dict[Scalar, Entry]] = {one: {} for one in passes}
        for node in self._nodes:
            for entry in entries_of(node):
                if entry[0] in brought:
                    brought[entry[0]][node] = entry
        self._kept = [*self._kept[1 - MOST_DROPPED :], (key, brought)]

    def take(self, key: str) -> Mapping[Pass, Mapping[Scalar, Entry]]:
        """Take out the entries of the passes that were removed last under a key; empty if there are none."""
        found = next((kept for kept in reversed(self._kept) if kept[0] == key), None)
        if found is None:
            return {}
        self._kept = [kept for kept in self._kept if kept is not found]
        return found[1]


def _number(record: Record) -> int:
    return record.passes[0].number


def _same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _identical(x: float, y: float) -> bool:
    """Test whether two numbers are identical, the sign of a zero included, which a division shows."""
    return _same(x, y) and copysign(1.0, x) == copysign(1.0, y)
