"""Groups: names for the scalars that are made inside a `with` block, for the page to fold.

    >>> h = Scalar(0.0, label="h0")
    >>> for t in range(1, 4):
    ...     with group(f"t={t}"):
    ...         h = (w * x[t] + wh * h).tanh()

A scalar refers to the innermost group that it was made in, and a group to the one around it. So groups live
as long as their scalars. Threads and asynchronous tasks have a context each, and don't mix theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ContextDecorator
from threading import Lock
from types import FrameType
from typing import Any, Final, NamedTuple, Protocol

from .core import innermost_group, look_for_groups, next_number
from .scalar import Scalar

DEEPEST: Final = 100
"""Limit of nested groups in a graph; deeper ones are a part of theirs."""


class Block:
    """One run through a `with group(…)`."""

    __slots__ = ("is_open", "name", "number", "parent")

    name: str
    parent: Block | None
    """The block around it."""
    number: int
    """Its place in the order of creation: a block comes before its scalars and the blocks in it."""
    is_open: bool

    def __init__(self, name: str, parent: Block | None) -> None:
        self.name, self.parent, self.number, self.is_open = name, parent, next_number(), True


class Group(NamedTuple):
    """A group of a graph, as in its document."""

    name: str
    parent: int
    """The position of the group that it is in; -1 for none. It is a lower one."""
    runs: list[int]
    """The nodes in it, and in the groups within it: the first and the last of each run, ascending."""


class group(ContextDecorator):  # noqa: N801 # it reads as a statement: `with group("t=3"):`
    """Name the scalars made inside: `with group("t=3"):`, or `@group("cell")` for each call of a function.

    Groups nest. Each run through the block makes a group of its own, also where the name is the same. Leaves
    that are made inside belong to it. A copy of a scalar, or one that was pickled, is a new scalar, and is in
    the groups in which it was copied.

    Args:
        name: The name of the group on the page.

    Raises:
        TypeError: The name is not a string.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a group is a string, not {type(name).__name__}")
        self._name = name
        self._open: list[Block] = []

    def _recreate_cm(self) -> group:
        return type(self)(self._name)

    def __enter__(self) -> None:
        _count_open(1)
        block = Block(self._name, _innermost_open())
        self._open.append(block)
        innermost_group.set(block)
        for watcher in watchers:
            watcher.entered(sys._getframe(1))

    def __exit__(self, *_: object) -> None:
        self._open.pop().is_open = False
        innermost_group.set(_innermost_open())
        _count_open(-1)
        for watcher in watchers:
            watcher.left()


class Watcher(Protocol):
    """An observer of blocks; the reader of other engines' objects is one."""

    def entered(self, frame: FrameType) -> None:
        """Take note of a block that begins in a frame."""

    def left(self) -> None:
        """Take note of the end of the block that began last."""


watchers: Final[list[Watcher]] = []


def _innermost_open() -> Block | None:
    """The block that this thread is in. Generators may leave blocks in another order than they came."""
    block: Block | None = innermost_group.get()
    while block and not block.is_open:
        block = block.parent
    return block


_lock: Final = Lock()
_open = 0


def _count_open(change: int) -> None:
    global _open  # noqa: PLW0603 # of all threads
    with _lock:
        _open += change
        look_for_groups(_open > 0)


def _number_of(block: Block) -> int:
    return block.number


def groups_of(nodes: Sequence[Scalar]) -> list[Group]:
    """The groups in which scalars were made that are given in order of their creation."""
    runs: dict[Block, list[int]] = {}
    listed: dict[Block | None, Block | None] = {None: None}
    depths: dict[Block | None, int] = {None: 0}
    for i, node in enumerate(nodes):
        block = _listed(getattr(node, "_group", None), listed, depths)
        while block:
            its_runs = runs.setdefault(block, [])
            if its_runs and its_runs[-1] == i - 1:
                its_runs[-1] = i
            else:
                its_runs += (i, i)
            block = block.parent
    position: dict[Block | None, int] = {None: -1}
    groups: list[Group] = []
    for block in sorted(runs, key=_number_of):
        position[block] = len(groups)
        groups.append(Group(block.name, position[block.parent], runs[block]))
    return groups


def _listed(
    block: Block | None, listed: dict[Block | None, Block | None], depths: dict[Block | None, int]
) -> Block | None:
    """The block itself, or where it is too deep in others, the innermost one around it that is not."""
    chain: list[Block] = []
    around = block
    while around is not None and around not in listed:
        chain.append(around)
        around = around.parent
    for inner in reversed(chain):
        depths[inner] = depths[inner.parent] + 1
        listed[inner] = inner if depths[inner] <= DEEPEST else listed[inner.parent]
    return listed[block]


def put_into_groups(nodes: Sequence[Scalar], groups: Sequence[Group]) -> None:
    """Put the nodes of a graph into the groups that its document has.

    Args:
        nodes: New ones, in order.
        groups: Each after the one that it is in.
    """
    blocks: list[Block] = []
    for name, parent, runs in groups:
        block = Block(name, blocks[parent] if parent >= 0 else None)
        block.is_open = False
        blocks.append(block)
        for start, end in zip(runs[::2], runs[1::2], strict=True):
            for node in nodes[start : end + 1]:
                node._group = block


def written(groups: Iterable[Group]) -> list[list[Any]]:
    """The `groups` of a graph document."""
    return [[name, parent, list(runs)] for name, parent, runs in groups]


def read(document: Mapping[str, Any]) -> list[Group]:
    """Read the groups of a valid graph document."""
    listed = document.get("groups") or []
    return [Group(name, int(parent), list(map(int, runs))) for name, parent, runs in listed]
