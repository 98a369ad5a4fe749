"""Groups around the code of other engines: in which `with group(…)` an object was made.

While a block runs, the classes of nodes that its code can see have their `__init__` watched.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

from autograd_widget.engine.core import innermost_group
from autograd_widget.engine.groups import Block, watchers

from .recording import weakly
from .shapes import is_node, is_written_in_python

MOST_KEPT: Final = 20_000
"""Objects that can't be referred to weakly are forgotten when they are more."""


class Groups:
    """The block in which each object was made, by `id`."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Callable[[], Any], Block]] = {}
        self._classes: WeakSet[type] = WeakSet()
        self._depth = 0
        self._replaced: list[tuple[type, Any]] = []

    def of(self, obj: Any) -> Block | None:
        """The block in which an object was made; None for an object made outside, or unwatched."""
        found = self._made.get(id(obj))
        return found[1] if found is not None and found[0]() is obj else None

    def entered(self, frame: FrameType) -> None:
        """Watch the classes of the nodes that a frame can see, as long as a block runs."""
        self._depth += 1
        with suppress(Exception):  # never in the person's computation
            for cls in _makers_in(frame):
                if cls not in self._classes:
                    self._classes.add(cls)
                    self._replaced.append((cls, cls.__dict__["__init__"]))
                    cls.__init__ = self._watched(cls.__dict__["__init__"])  # type: ignore[misc]

    def left(self) -> None:
        """Leave the classes as they were, once no block runs."""
        self._depth -= 1
        if self._depth == 0:
            for cls, init in self._replaced:
                cls.__init__ = init  # type: ignore[misc]
            self._replaced.clear()
            self._classes.clear()

    def _watched(self, init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def watched(obj: Any, *arguments: Any, **keywords: Any) -> None:
            init(obj, *arguments, **keywords)
            if (made := innermost_group.get()) is not None:
                if len(self._made) > MOST_KEPT:
                    self._made.clear()
                self._made[id(obj)] = (weakly(obj, self._made), made)

        return watched


def _owner(cls: type) -> type | None:
    """The class whose `__init__` makes the objects of a class."""
    own = (base for base in cls.__mro__ if is_written_in_python(base))
    return next((base for base in own if "__init__" in base.__dict__), None)


_kinds: Final[WeakKeyDictionary[type, frozenset[type]]] = WeakKeyDictionary()
"""Per class, the classes whose `__init__` makes the nodes in its objects; cached, as blocks begin often."""


def _makers_in(frame: FrameType) -> frozenset[type]:
    """The classes that make the nodes that the variables of a frame hold, also in lists and as attributes."""
    scopes = [frame.f_globals] if frame.f_locals is frame.f_globals else [frame.f_locals, frame.f_globals]
    held = [value for scope in scopes for value in list(scope.values())]
    held += [value[0] for value in held if type(value) in (list, tuple) and value]
    found: frozenset[type] = frozenset()
    for kind, sample in dict(zip(map(type, held), held, strict=True)).items():
        if kind not in _kinds:
            makers = (_owner(type(node)) for node in _within(sample) if is_node(node))
            _kinds[kind] = frozenset(maker for maker in makers if maker is not None)
        found |= _kinds[kind]
    return found


def _within(value: Any, depth: int = 6) -> Iterator[Any]:
    """An object, and the first objects in it."""
    yield value
    if depth and isinstance(value, list | tuple):
        for held in value[:1]:
            yield from _within(held, depth - 1)
    elif depth and is_written_in_python(type(value)):
        for held in list(getattr(value, "__dict__", {}).values())[:8]:
            yield from _within(held, depth - 1)


groups: Final = Groups()
watchers.append(groups)
