"""Acts: changes by a person in a widget, applied to the scalars.

An act is first computed in a graph of everything displayed, and stored once nothing can fail any more. An
interrupt before that leaves everything as it was; a later one is raised when all is stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose, isnan
from typing import TypeAlias

from autograd_widget.engine.core import Entry, Pass, next_number, with_entry
from autograd_widget.engine.observers import beat, mark
from autograd_widget.engine.pass_log import entries_of, hold
from autograd_widget.engine.scalar import Scalar, note_value
from autograd_widget.engine.tracking import Freezing
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.records import Record, written

Run: TypeAlias = tuple[Sequence[float], Sequence[bool]]
"""The result of a pass: per node its gradient, and true if the pass reaches it."""


Brought: TypeAlias = Mapping[Scalar, tuple[float, float]]
"""By node the amount that a pass added, and the value that the node had then."""


@dataclass
class Act:
    """A change by a person to some scalars.

    Attributes:
        values: Leaves that get other values.
        frozen: Leaves with true if they are to be frozen, false if unfrozen.
        records: The passes after the act, with the ids of one history; None to keep the present ones.
        restores: True if this undoes an earlier act, with the entries that records don't have.
    """

    values: Mapping[Scalar, float] = field(default_factory=dict)
    frozen: Mapping[Scalar, bool] = field(default_factory=dict)
    records: Sequence[Record] | None = None
    restores: bool = False


@dataclass
class _Row:
    """A pass after the act."""

    one: Pass
    root: int | None
    """The node from which it is run again; None if it stays as it is."""
    record: Record | None = None
    """The record, if the pass is new."""
    cleared: frozenset[int] = frozenset()
    brought: Mapping[Scalar, Entry] = field(default_factory=dict)
    """The entries by node, if the pass is new and can't be run again."""


def apply(act: Act, own: History, others: Iterable[History], also: Callable[[], None]) -> None:
    """Apply an act to the scalars of a history, and to the graphs of others that share its leaves.

    Passes that were run at the current values are run again. Stale scalars are computed again. The own
    history must be up to date.

    Args:
        act: The change.
        own: The history that its records are about.
        others: The histories that share leaves with it.
        also: A further step of storing it; it may be called twice.
    """
    whole = own
    if shared := list(others):
        roots = [history.nodes[i] for history in (own, *shared) for i in history.graph.outputs]
        whole = History(Graph.of(*roots))
    own.is_computed = False  # until it is stored
    change = _Change(whole, own)
    change.plan(act.records, act.restores)
    change.compute(act)
    change.prepare()

    def store() -> None:
        change.store()
        mark(change.leaves())
        also()

    to_its_end(store)
    beat()


def to_its_end(step: Callable[[], None]) -> None:
    """Repeat an idempotent step until no interrupt breaks it off; then raise the interrupt."""
    interrupt: KeyboardInterrupt | None = None
    while True:
        try:
            step()
        except KeyboardInterrupt as error:
            interrupt = error
            continue
        if interrupt is not None:
            raise interrupt
        return


class _Change:
    """An act under way.

    Args:
        whole: The history of everything that may change.
        own: The history that the act's records are about.
    """

    def __init__(self, whole: History, own: History) -> None:
        self.whole, self.own, self.graph = whole, own, whole.graph
        self.rows: list[_Row] = []
        self.dropped: set[Pass] = set()
        self.clears = False
        self.numbers_alone = True
        self.moved: list[int] = []
        self.runs_before: dict[Pass, Sequence[bool]] = {}
        self.runs: dict[Pass, Run] = {}
        self.numbers: dict[Pass, int] = {}
        self.gone = own.dropped.copy()
        self.records: list[Record] = []
        self.entries: dict[int, tuple[Entry, ...]] = {}

    def leaves(self) -> list[Scalar]:
        """The leaves of everything that may change."""
        return [self.whole.nodes[i] for i in self.graph.leaves]

    # -- planning --------------------------------------------------------------------------------------------

    def plan(self, wanted: Sequence[Record] | None, restores: bool = False) -> None:
        """Find out which passes stay, which go, and which are new."""
        live = {one: record.root for record in self.whole.records if record.live for one in record.passes}
        for record in self.own.asleep() if self.whole is not self.own else ():
            self.whole.records.append(record)
            live[record.passes[0]] = self.whole.position[self.own.nodes[record.root or 0]]
        kept = [one for record in self.whole.records for one in record.passes]
        self.rows = [_Row(one, live.get(one)) for one in kept]
        if wanted is None:
            return
        self.clears = not wanted
        self.numbers_alone = bool(wanted)
        rows = self._of_no_record(wanted, restores)
        free: dict[str, list[Record]] = {}
        for record in self.own.records:
            free.setdefault(_key(record), []).append(record)
        for record in wanted:
            if known := free.get(_key(record)):
                rows += [_Row(one, live.get(one)) for one in known.pop(0).passes]
            else:
                rows += self._new(record, restores)
        gone = [record for left in free.values() for record in left]
        self.dropped = {one for record in gone for one in record.passes}
        for record in gone:
            if not record.live:
                self.gone.keep(_key(record), record.passes)
        known_ones = self.dropped.union([row.one for row in rows])
        elsewhere = [row for row in self.rows if row.one not in known_ones]
        self._put_in_order(rows)
        self.rows = sorted([*elsewhere, *rows], key=self._number)

    def _of_no_record(self, wanted: Sequence[Record], restores: bool) -> list[_Row]:
        """The passes without a record: they are removed with all records, and restored with them."""
        own = self.own
        if self.clears and not restores:
            listed = {one for record in own.records for one in record.passes}
            held = {entry[0] for node in own.nodes for entry in entries_of(node)}
            self.gone.keep(_key_of_all(own.records), held - listed)
        known = self.gone.take(_key_of_all(wanted)) if restores and not own.records else {}
        return [_Row(one, None, Record(None, live=False), brought=brought) for one, brought in known.items()]

    def _new(self, record: Record, restores: bool) -> list[_Row]:
        root = None if record.root is None else self.own.nodes[record.root]
        one = Pass(root, record.gradient, record.count)
        position = self.whole.position
        if record.live and root is not None:
            cleared = frozenset([position[self.own.nodes[i]] for i in record.cleared])
            return [_Row(one, position[root], record, cleared)]
        brought = None if restores else self._at_present(record) or self._computed(record)
        if brought is None and (known := self.gone.take(_key(record))):
            return [_Row(one, None, record, brought=kept) for one, kept in known.items()]
        one.ran = -1  # not at the current values
        one.label = one.label or record.name
        brought = brought or (self._computed(record) if restores else None) or {}
        nodes, at = self.own.nodes, record.at
        entries = {node: (one, amount, value) for node, (amount, value) in brought.items()}
        entries |= {nodes[i]: (one, x, at.get(i, nodes[i]._value)) for i, x in record.added.items()}
        return [_Row(one, None, record, brought=entries)]

    def _at_present(self, record: Record) -> Brought | None:
        """The amounts and values of the live pass that a record settles, by node; None if it settles none."""
        for held in self.own.records:
            if held.live and held.passes and _occasion(held) == _occasion(record):
                entries = ((node, entry) for node in self.own.nodes for entry in entries_of(node))
                return {node: entry[1:] for node, entry in entries if entry[0] is held.passes[0]}
        return None

    def _computed(self, record: Record) -> Brought | None:
        """The amounts and values of a pass that was run at other values, by node.

        A record has those of leaves. The others are computed at the values that the leaves had then; None if
        this does not reproduce the amounts of the leaves.
        """
        own, graph, place = self.own, self.whole.graph, self.whole.position
        if record.root is None or graph.customs or not record.added:
            return None
        values = [graph.values[i] for i in graph.leaves]
        reached_then = [place[own.nodes[i]] for i in record.added]
        frozen_since = [i for i in reached_then if not graph.needs_grad[i]]
        for i in frozen_since:
            graph.set_frozen(i, False)
        for i, x in record.at.items():
            graph.set_leaf(place[own.nodes[i]], x)
        graph.forward()
        grads, reached = graph.one_pass(place[own.nodes[record.root]], record.gradient)
        brought = None
        if all(_is_near(grads[i], x) for i, x in zip(reached_then, record.added.values(), strict=True)):
            computed = [i for i, comes in enumerate(reached) if comes and graph.inputs[i]]
            brought = {self.whole.nodes[i]: (grads[i], graph.values[i]) for i in computed}
        for i in frozen_since:
            graph.set_frozen(i, True)
        for i, x in zip(graph.leaves, values, strict=True):
            graph.set_leaf(i, x)
        graph.forward()
        return brought

    def _put_in_order(self, rows: Sequence[_Row]) -> None:
        """Renumber the passes if restored ones belong between others."""
        numbers = [row.one.number for row in rows]
        if numbers != sorted(numbers):
            self.numbers = {row.one: next_number() for row in rows}

    def _number(self, row: _Row) -> int:
        return self.numbers.get(row.one, row.one.number)

    def _number_of(self, entry: Entry) -> int:
        return self.numbers.get(entry[0], entry[0].number)

    # -- computing -------------------------------------------------------------------------------------------

    def compute(self, act: Act) -> None:
        """Compute everything anew, in the graph alone."""
        graph, position = self.graph, self.whole.position
        running = [row for row in self.rows if row.root is not None]
        self.runs_before = {row.one: self._run(row)[1] for row in running if row.record is None}
        for leaf, value in act.values.items():
            self.moved.append(position[leaf])
            graph.set_leaf(position[leaf], value)
        for leaf, frozen in act.frozen.items():
            if frozen != self.whole.is_frozen(position[leaf]):
                graph.set_frozen(position[leaf], frozen)
                self.numbers_alone = False
        if self.moved or self.whole.is_stale:
            graph.forward()
        self.runs = {row.one: self._run(row) for row in running}

    def _run(self, row: _Row) -> Run:
        return self.graph.one_pass(row.root or 0, row.one.gradient)

    # -- storing ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Compute the new entries of scalars, before any of them changes."""
        self.entries = {i: self._entries(i) for i in self._with_other_entries()}
        kept = [record for record in self.own.records if self.dropped.isdisjoint(record.passes)]
        self.records = [*kept, *self._run_anew()]  # a pass that reaches nothing is on no leaf

    def _run_anew(self) -> list[Record]:
        """The records of new, live passes."""
        return [replace(row.record, passes=(row.one,)) for row in self.rows if row.record and row.record.live]

    def store(self) -> None:
        """Write everything into the scalars. Idempotent."""
        nodes, graph, entries = self.whole.nodes, self.graph, self.entries
        is_computed = bool(self.moved) or self.whole.is_stale
        for one, number in self.numbers.items():
            one.number = number
        for i in self.moved:
            note_value(nodes[i])
        for i, node in enumerate(nodes):
            node._value = graph.values[i]
            if i in entries:
                hold(node, entries[i])
            elif run := self.runs.get(node._pass):  # type: ignore[arg-type] # None is no key of it
                _replace_sum(node, run[0][i])
        for i in graph.leaves:
            if (nodes[i]._number > 0) != graph.needs_grad[i]:
                Freezing.happened = True
                nodes[i]._number = -nodes[i]._number
        self._stamp(is_computed)
        self.own.dropped, self.own.records, self.own.is_computed = self.gone, self.records, True

    def _stamp(self, is_computed: bool) -> None:
        """Note the time at which results were computed again and passes run again."""
        now = next_number()
        for i in self.graph.outputs:
            if is_computed and self.graph.inputs[i]:
                self.whole.nodes[i]._own_extras.fresh_at = now
        for row in self.rows:
            if row.root is not None:
                row.one.ran = now

    def _with_other_entries(self) -> Iterable[int]:
        """The nodes whose entries change in more than the amount of the last pass."""
        nodes = self.whole.nodes
        if self.numbers_alone and not self.dropped and all(row.record is None for row in self.rows):
            return [i for i, node in enumerate(nodes) if node._extras is not None and node._extras.earlier]
        return range(len(nodes))

    def _entries(self, i: int) -> tuple[Entry, ...]:
        """The new entries of a node."""
        node, value = self.whole.nodes[i], self.graph.values[i]
        is_own = node in self.own.position
        held = {} if self.clears and is_own else {entry[0]: entry for entry in entries_of(node)}
        found: list[Entry] = [
            entry
            for one, entry in held.items()
            if one not in self.runs and not (is_own and one in self.dropped)
        ]
        for row in self.rows:
            if row.root is not None:
                grads, reached = self.runs[row.one]
                if reached[i] and i not in row.cleared and self._takes(row, i, held):
                    found.append((row.one, grads[i], value))
            elif entry := row.brought.get(node):
                found.append(entry)
        found.sort(key=self._number_of)
        entries: tuple[Entry, ...] = ()
        for entry in found[:-1]:
            entries = with_entry(entries, entry)
        return (*entries, *found[-1:])

    def _takes(self, row: _Row, i: int, held: Mapping[Pass, Entry]) -> bool:
        """Test whether a pass counts at a node: its entry was not cleared by hand."""
        return row.record is not None or row.one in held or not self.runs_before[row.one][i]


def _replace_sum(node: Scalar, amount: float) -> None:
    node._sum = amount
    if node._extras is not None:
        node._extras.at = None


def _occasion(record: Record) -> str:
    """A key that is equal for passes with one root and one gradient at the same values."""
    return _key(replace(record, live=False, cleared=frozenset(), added={}))


def _is_near(x: float, y: float) -> bool:
    return isclose(x, y, rel_tol=1e-9) or (isnan(x) and isnan(y))


def _key_of_all(records: Sequence[Record]) -> str:
    return json.dumps([_key(record) for record in records])


def _key(record: Record) -> str:
    """A key that is equal for equal records, whatever their names."""
    return json.dumps({**written(record), "name": ""}, sort_keys=True)
