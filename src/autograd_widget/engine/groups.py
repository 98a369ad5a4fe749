"""Groups: names for the scalars that are made inside a `with` block, for the page to fold.

    >>> h = Scalar(0.0, label="h0")
    >>> for t in range(1, 4):
    ...     with group(f"t={t}"):
    ...         h = (w * x[t] + wh * h).tanh()

A scalar knows nothing of its group. Scalars are numbered as they are made, so a group is the numbers between
the two ends of its block, and making a scalar costs the same inside as outside. Only where several threads
may be making scalars do the numbers alone not tell whose is whose; while one is in a block, each is noted.

Nothing but its scalars makes a group worth keeping. Groups are listed here, and where the list has grown,
those that have no scalar left are dropped.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator
from itertools import pairwise
from math import inf
from threading import RLock, get_ident
from threading import enumerate as enumerate_threads
from typing import Any, Final, NamedTuple

from . import core
from .core import next_number, number_from
from .scalar import Scalar

MOST_UNSWEPT: Final = 30_000
"""The number of groups added before the next sweep."""


class Made:
    """The scalars made in one run of a block."""

    __slots__ = ("is_open", "name", "parent", "runs")

    name: str
    parent: Made | None
    """The block around it."""
    runs: list[float]
    """Creation numbers, first and last of each run, ascending; `inf` where the end is still to come."""
    is_open: bool

    def __init__(self, name: str, parent: Made | None, runs: list[float]) -> None:
        self.name, self.parent, self.runs, self.is_open = name, parent, runs, True


class Group(NamedTuple):
    """A group of a graph, as in its document."""

    name: str
    parent: int
    """The position of the group that it is in; -1 for none. It is a lower one."""
    runs: list[int]
    """The nodes in it, and in the groups within it: the first and the last of each run, ascending."""


class group(ContextDecorator):  # noqa: N801 # it reads as a statement: `with group("t=3"):`
    """Name what is made inside: `with group("t=3"):`, or `@group("cell")` for each call of a function.

    Groups nest. Each run through the block makes a group of its own, also where the name is the same. Leaves
    that are made inside belong to it. A copy of a scalar, or one that was pickled, is a new scalar, and is in
    the groups in which it was copied.

    Args:
        name: What the group is called on the page.

    Raises:
        TypeError: The name is not a string.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a group is a string, not {type(name).__name__}")
        self._name = name
        self._open: list[Made] = []

    def _recreate_cm(self) -> group:
        return type(self)(self._name)

    def __enter__(self) -> None:
        self._open.append(_blocks.enter(self._name))

    def __exit__(self, *_: object) -> None:
        _blocks.exit(self._open.pop())


class _Blocks:
    """All blocks that were run through, and that threads are inside of."""

    def __init__(self) -> None:
        self.made: list[Made] = []
        self._most = MOST_UNSWEPT
        self._innermost: dict[int, Made] = {}
        """By thread; threads that are in no block have no entry."""
        self._are_told_apart = False
        self._lock = RLock()

    def enter(self, name: str) -> Made:
        thread = get_ident()
        with self._lock:
            parent = self._innermost.get(thread)
            made = Made(name, parent, [])
            self._innermost[thread] = made
            if parent is None:
                self._tell_threads_apart()
            number = _count()  # only now: what others made meanwhile is before it
            made.runs += (number, number if self._are_told_apart else inf)
            if len(self.made) >= self._most:
                self._sweep()
            self.made.append(made)
        return made

    def exit(self, made: Made) -> None:
        thread = get_ident()
        with self._lock:
            made.is_open = False
            if made.runs[-1] == inf:
                made.runs[-1] = next_number()
            if self._innermost.get(thread) is made and (parent := made.parent) and parent.is_open:
                self._innermost[thread] = parent
                return
            inside = self._innermost.get(thread)
            # Generators may leave blocks in another order than they came.
            while inside and not inside.is_open:
                inside = inside.parent
            if inside:
                self._innermost[thread] = inside
            else:
                self._innermost.pop(thread, None)
                self._tell_threads_apart()

    def _tell_threads_apart(self) -> None:
        """Record what is made while other threads may make scalars; else a block is the ids between its ends.

        A kernel's own threads make none, and they are daemons.
        """
        inside = len(self._innermost)
        wanted = inside > 1 or (inside == 1 and sum(not thread.daemon for thread in enumerate_threads()) > 1)
        if wanted == self._are_told_apart:
            return
        self._are_told_apart = wanted
        number = _count()
        for innermost in self._innermost.values():
            block: Made | None = innermost
            while block:
                if block.is_open and block.runs:
                    block.runs[-1:] = [number] if wanted else [block.runs[-1], number, inf]
                block = block.parent
        number_from(iter(self._noted_number, None) if wanted else _numbers)

    def _noted_number(self) -> int:
        number = _count()
        inside = self._innermost.get(get_ident())
        if inside is not None and inside.runs:
            if inside.runs[-1] == number - 1:
                inside.runs[-1] = number
            else:
                inside.runs += (number, number)
        return number

    def _sweep(self) -> None:
        """Drop the groups without scalars."""
        kinds: dict[type, bool] = {}  # asking a type costs more than asking this
        alive = []
        for thing in gc.get_objects():
            kind = type(thing)
            if kind not in kinds:
                kinds[kind] = issubclass(kind, Scalar)
            if kinds[kind]:
                alive.append(abs(getattr(thing, "_number", 0)))  # one that is being made has none yet
        alive.sort()
        self.made = [
            block for block in self.made if block.is_open or any(True for _ in _places(block, alive))
        ]
        self._most = 2 * len(self.made) + MOST_UNSWEPT


_numbers: Final = core._numbers
_count: Final = _numbers.__next__
_blocks: Final = _Blocks()


def _first(block: Made) -> float:
    return block.runs[0]


def _places(block: Made, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the slices of ascending ids that belong to a block."""
    for first, last in zip(block.runs[::2], block.runs[1::2], strict=True):
        start, end = bisect_left(numbers, first), bisect_right(numbers, last)
        if start < end:
            yield start, end


def groups_of(nodes: Sequence[Scalar]) -> list[Group]:
    """The groups in which scalars were made that are given in order of their creation."""
    if not nodes or not _blocks.made:
        return []
    numbers = [abs(node._number) for node in nodes]
    innermost: list[Made | None] = [None] * len(nodes)
    blocks = sorted(_blocks.made, key=_first)
    for made in blocks:  # those within another come after it
        if numbers[0] <= made.runs[-1] and made.runs[0] <= numbers[-1]:
            for start, end in _places(made, numbers):
                innermost[start:end] = [made] * (end - start)
    runs: dict[Made, list[int]] = {}
    for i, inside in enumerate(innermost):
        block = inside
        while block:
            its_runs = runs.setdefault(block, [])
            if its_runs and its_runs[-1] == i - 1:
                its_runs[-1] = i
            else:
                its_runs += (i, i)
            block = block.parent
    position: dict[Made | None, int] = {None: -1}
    groups: list[Group] = []
    for made in sorted(runs, key=_first):
        position[made] = len(groups)
        groups.append(Group(made.name, position[made.parent], runs[made]))
    return groups


def made_again(
    groups: Sequence[Group], size: int, make: Callable[[int, list[Scalar]], Scalar]
) -> list[Scalar]:
    """The nodes of a graph, made anew in the groups that its document has.

    Args:
        groups: Each after the one that it is in.
        size: The number of nodes.
        make: Makes a node by its position, with those before it at hand.
    """
    starting: dict[int, list[int]] = {}
    for place, each in enumerate(groups):
        starting.setdefault(each.runs[0], []).append(place)
    first: dict[int, int] = {}
    nodes: list[Scalar] = []
    for i in range(size):
        for place in starting.get(i, ()):
            first[place] = next_number()  # as on entering a block: before what is in it
        nodes.append(make(i, nodes))
    blocks: list[Made] = []
    for place, (name, parent, runs) in enumerate(groups):
        numbers: list[float] = [first[place], *[abs(nodes[i]._number) for i in runs[1:]]]
        block = Made(name, blocks[parent] if parent >= 0 else None, numbers)
        block.is_open = False
        blocks.append(block)
    _blocks.made += blocks
    return nodes


def written(groups: Iterable[Group]) -> list[list[Any]]:
    """The `groups` of a graph document."""
    return [[name, parent, list(runs)] for name, parent, runs in groups]


def read(document: Mapping[str, Any], size: int) -> list[Group]:
    """The groups of a graph document. Where one makes no sense there are none, and the graph is what it is.

    Args:
        document: Its key `groups` is optional.
        size: The number of its nodes.
    """
    groups: list[Group] = []
    innermost = [-1] * size
    listed = document.get("groups", [])
    for entry in listed if isinstance(listed, list) else []:
        if not (isinstance(entry, list) and len(entry) == 3):
            return []
        name, parent, runs = entry
        if not _is_sound(name, parent, runs, innermost):
            return []
        for start, end in zip(runs[::2], runs[1::2], strict=True):
            innermost[start : end + 1] = [len(groups)] * (end + 1 - start)
        groups.append(Group(name, parent, list(runs)))
    return groups


def _is_sound(name: Any, parent: Any, runs: Any, innermost: list[int]) -> bool:
    """Check that the nodes of a group are in its parent, and in no sibling so far."""
    if not (isinstance(name, str) and type(parent) is int and isinstance(runs, list)):
        return False
    if not runs or len(runs) % 2 or any(type(i) is not int for i in runs):
        return False
    rises = all(a < b if i % 2 else a <= b for i, (a, b) in enumerate(pairwise(runs)))
    if not rises or runs[0] < 0 or runs[-1] >= len(innermost):
        return False
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return all(inside == parent for start, end in pairs for inside in innermost[start : end + 1])
