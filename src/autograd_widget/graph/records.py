"""Records of passes, read off the leaves of a graph, and their form in documents.

A record is read off the leaves, never worked out from sums. A pass that was run at the current values is
live: it can be computed again from the values of the leaves. Any other is written with the amounts it added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, NoReturn

from autograd_widget.engine.core import Entry, Pass
from autograd_widget.engine.ops import LEAF
from autograd_widget.engine.pass_log import entries_of, name_of_root

from .graph import Graph
from .json_text import index_of, shown, whole
from .number import decode_number, encode_number

MOST_RECORDS: Final = 50
"""The limit of records; of more, the earlier ones are joined into one."""


@dataclass(frozen=True)
class Record:
    """A pass, a gradient set by hand, or several earlier ones together."""

    root: int | None
    """The node where the pass began; None where that is not in the graph, and for the other two kinds."""
    name: str = ""
    """The name of a root outside the graph."""
    gradient: float = 1.0
    """The gradient that it began with."""
    count: int = 1
    """The number of passes; 0 for a gradient set by hand."""
    live: bool = True
    """True if it was run at the values of the graph."""
    cleared: frozenset[int] = frozenset()
    """Leaves from which it was cleared by hand since."""
    added: Mapping[int, float] = field(default_factory=dict)
    """Per leaf, the amount added."""
    at: Mapping[int, float] = field(default_factory=dict)
    """Per leaf, its value at the time of the pass."""
    passes: tuple[Pass, ...] = field(default=(), compare=False, repr=False)
    """The passes of the scalars that the record stands for."""

    @property
    def by_hand(self) -> bool:
        """True if the gradient was set by hand, not by a pass."""
        return self.count == 0


# -- read off the leaves -------------------------------------------------------------------------------------


def records_of(graph: Graph) -> list[Record]:
    """The records of a graph that was taken from scalars, the oldest first.

    The graph's values must be those of its leaves.
    """
    entries: dict[Pass, dict[int, Entry]] = {}
    for i in graph.leaves:
        for entry in entries_of(_nodes(graph)[i]):
            entries.setdefault(entry[0], {})[i] = entry
    reader = _Reader(graph)
    found: list[Record] = []
    for one in sorted(entries, key=_number):
        record = reader.record(one, entries[one])
        if found and ((record.by_hand and found[-1].by_hand) or record.count > 1):
            record = together([found.pop(), record])
        found.append(record)
    if len(found) > MOST_RECORDS + 1:
        found = [together(found[:-MOST_RECORDS]), *found[-MOST_RECORDS:]]
    return found


def _number(one: Pass) -> int:
    return one.number


def together(records: Sequence[Record]) -> Record:
    """Join several records into one with their sums."""
    added: dict[int, float] = {}
    at: dict[int, float] = {}
    for record in records:
        for i, amount in record.added.items():
            added[i] = added.get(i, 0.0) + amount
        at.update(record.at)
    by_hand = all(record.by_hand for record in records)
    return Record(
        None,
        count=0 if by_hand else sum(max(record.count, 1) for record in records),
        live=False,
        added=added,
        at=at if by_hand else {},
        passes=tuple([one for record in records for one in record.passes]),
    )


class _Reader:
    """A maker of records from entries; it caches a pass per root."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.position = {node: i for i, node in enumerate(_nodes(graph))}
        self.set_at: dict[int, int] = {}
        self.given: dict[tuple[int, float], Sequence[float]] = {}

    def record(self, one: Pass, entries: Mapping[int, Entry]) -> Record:
        """Make the record of a pass from its entry at each leaf."""
        root = self.position.get(one.root) if one.count == 1 else None
        added = {i: amount for i, (_, amount, _) in entries.items()}
        is_live = root is not None and self.is_live(one, root, added)
        cleared = frozenset(
            [i for i in self.graph.leaves_of(root) if i not in entries]
            if is_live and root is not None
            else []
        )
        return Record(
            root,
            "" if root is not None or one.count != 1 else name_of_root(one),
            one.gradient,
            one.count,
            is_live,
            cleared,
            added,
            {i: at for i, (_, _, at) in entries.items()},
            (one,),
        )

    def is_live(self, one: Pass, root: int, added: Mapping[int, float]) -> bool:
        """Test whether no value was set since, so that the pass would give the same gradients now."""
        if root not in self.set_at:
            nodes = _nodes(self.graph)
            sources = [nodes[i]._extras for i in self.graph.sources_of(root)]
            self.set_at[root] = max([extras.set_at for extras in sources if extras], default=0)
        if self.set_at[root] > one.ran:
            return False
        key = root, one.gradient
        if key not in self.given:
            self.given[key] = self.graph.one_pass(root, one.gradient)[0]
        grads, needs_grad = self.given[key], self.graph.needs_grad
        return all(_equal(grads[i], amount) for i, amount in added.items() if needs_grad[i])


def _nodes(graph: Graph) -> list[Any]:
    return graph.nodes or []


def _equal(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


# -- in documents, and on the wire ---------------------------------------------------------------------------


def written(record: Record) -> dict[str, Any]:
    """Write a record in plain JSON types, without default values.

    Text and order are the page's: what comes back to it as it left is no act of somebody else.
    """
    data: dict[str, Any] = {"root": record.root}
    if record.gradient != 1.0 and record.count == 1:
        data["gradient"] = encode_number(record.gradient)
    if record.live:
        return {**data, "cleared": sorted(record.cleared)} if record.cleared else data
    if record.by_hand:
        return {**data, "added": _numbers(record.added), "hand": True}
    if record.name:
        data["name"] = record.name
    if record.count > 1:
        data["count"] = record.count
    data["added"] = _numbers(record.added)
    return {**data, "at": _numbers(record.at)} if record.at else data


def _numbers(numbers: Mapping[int, float]) -> dict[str, float | str]:
    # A zero without its sign, which JSON loses on the way through a page: so equal records stay equal.
    return {str(i): encode_number(x + 0.0) for i, x in sorted(numbers.items())}


def read(given: Any, graph: Graph) -> Record:
    """Read a record; a node's id alone stands for a live pass from there.

    Raises:
        ValueError: It is invalid; the sentence says where and why.
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = {"root": given}
    if not isinstance(given, Mapping):
        _refuse(f'"passes" names {shown(given)}, which is neither a node nor a record')
    given = {key: x for key, x in given.items() if x is not None}
    root, name = given.get("root"), given.get("name", "")
    if root is not None and whole(root, len(graph)) is None:
        _refuse(f'"passes" names {shown(root)}, which is not a node')
    if not isinstance(name, str):
        _refuse(f"the name of a pass is {shown(name)}, which is not a string")
    count, by_hand = given.get("count", 1), given.get("hand", False)
    if not whole(count, inf) or type(by_hand) is not bool:
        _refuse(f"a pass counts as {shown(count)}, and is one or more")
    live = given.get("live", root is not None and "added" not in given)
    if type(live) is not bool or (live and root is None):
        _refuse("a pass that is live needs the node where it began")
    gradient = decode_number(given.get("gradient", 1.0))
    if gradient is None:
        _refuse(f"the gradient of a pass is {shown(given['gradient'])}, which is not a number")
    cleared = given.get("cleared", [])
    if not isinstance(cleared, list):
        _refuse(f'"cleared" is {shown(cleared)}, which is not a list')
    return Record(
        None if root is None else int(root),
        name,
        gradient,
        0 if by_hand else int(count),
        live,
        frozenset([_leaf(i, graph, "cleared") for i in cleared]) if live else frozenset(),
        {} if live else numbers_in(given.get("added", {}), graph, "added"),
        {} if live else numbers_in(given.get("at", {}), graph, "at"),
    )


def _refuse(why: str) -> NoReturn:
    raise ValueError(why)


def numbers_in(given: Any, graph: Graph, key: str) -> dict[int, float]:
    """Read a mapping from leaves to numbers.

    Raises:
        ValueError: It is something else; the sentence names the key.
    """
    if not isinstance(given, Mapping):
        _refuse(f'"{key}" is {shown(given)}, which is not an object')
    numbers = {}
    for spelled, wire in given.items():
        i = spelled if (found := index_of(spelled)) is None else found
        x = decode_number(wire)
        if x is None:
            _refuse(f'"{key}" has {shown(wire)} for {shown(spelled)}, which is not a number')
        numbers[_leaf(i, graph, key)] = x
    return numbers


def _leaf(i: Any, graph: Graph, key: str) -> int:
    found = whole(i, len(graph))
    if found is None or graph.ops[found] != LEAF:
        _refuse(f'"{key}" names {shown(i)}, which is not a leaf')
    return found


def moved(record: Record, place: Mapping[int, int]) -> Record:
    """Translate the ids of a record.

    Raises:
        KeyError: A node has no place.
    """
    return Record(
        None if record.root is None else place[record.root],
        record.name,
        record.gradient,
        record.count,
        record.live,
        frozenset([place[i] for i in record.cleared]),
        {place[i]: x for i, x in record.added.items() if i in place},
        {place[i]: x for i, x in record.at.items() if i in place},
    )


def read_all(given: Any, graph: Graph) -> list[Record]:
    """Read a list of records.

    Raises:
        ValueError: One is invalid.
    """
    if not isinstance(given, list):
        _refuse(f'"passes" is {shown(given)}, which is not a list')
    return [read(each, graph) for each in given]
