"""A recording of a class's methods: the call that made each node.

    >>> with record(Value):
    ...     loss = ((w * x + b).tanh() - 1.0) ** 2
    >>> GraphWidget(loss)

A recording is exact: it has the op, the order of its operands, exponents and plain numbers. The person's
computation is never changed, and never fails because of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final
from weakref import ref

from .shapes import is_written_in_python, recorded_classes

UNWATCHED: Final = frozenset(
    {"__init__", "__new__", "__repr__", "__str__", "__hash__", "__eq__", "__ne__", "__lt__", "__le__"}
    | {"__gt__", "__ge__", "__bool__", "__float__", "__int__", "__format__", "__getattr__", "__len__"}
    | {"__getattribute__", "__setattr__", "__delattr__", "__del__", "__iter__", "__copy__", "__deepcopy__"}
)


@dataclass(frozen=True, slots=True)
class Made:
    """The call that made a node.

    Attributes:
        name: The method's name.
        method: Itself, as it was before it was watched.
        arguments: The positional arguments, `self` first.
        keywords: The arguments that were given by name.
    """

    name: str
    method: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


class _Registry:
    """The calls that made the living nodes, by `id`."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Callable[[], Any], Made]] = {}
        self._labels: dict[int, tuple[Callable[[], Any], str]] = {}

    def note(self, node: Any, made: Made) -> None:
        if id(node) not in self._made or self._made[id(node)][0]() is not node:
            self._made[id(node)] = (weakly(node, self._made), made)

    def label(self, node: Any, label: str) -> None:
        self._labels[id(node)] = (weakly(node, self._labels), label)

    def made(self, node: Any) -> Made | None:
        found = self._made.get(id(node))
        return found[1] if found is not None and found[0]() is node else None

    def label_of(self, node: Any) -> str:
        found = self._labels.get(id(node))
        return found[1] if found is not None and found[0]() is node else ""

    def forget_kept(self, cls: type) -> None:
        """Release the nodes of a class that can't be referred to weakly."""
        for entries in (self._made, self._labels):
            kept = [
                i for i, (held, _) in entries.items() if isinstance(held, _Kept) and isinstance(held(), cls)
            ]
            for i in kept:
                del entries[i]


class _Kept:
    """A strong reference, for objects with slots and no place for a weak one."""

    def __init__(self, node: Any) -> None:
        self._node = node

    def __call__(self) -> Any:
        return self._node


def weakly(node: Any, entries: dict[int, Any]) -> Callable[[], Any]:
    """Refer to an object weakly, and drop its entry when it goes; strongly where it has no place for that."""
    i = id(node)
    try:
        return ref(node, lambda _: entries.pop(i, None))
    except TypeError:
        return _Kept(node)


registry: Final = _Registry()


def watching(
    *classes: type, names: Mapping[Any, str] | None = None, limit: int = 20_000
) -> AbstractContextManager[None]:
    """Watch the methods of some classes while the block runs.

    Args:
        *classes: Classes of nodes.
        names: Labels, by node.
        limit: After so many nodes no more are watched; they are read as without watching.

    Raises:
        TypeError: One is no class.
    """
    for cls in classes:
        if not isinstance(cls, type):
            raise TypeError(f"record takes classes, as in `with record(Value):`, not {cls!r}")
    return _watching(classes, dict(names or {}), limit)


@contextmanager
def _watching(classes: tuple[type, ...], names: Mapping[Any, str], limit: int) -> Iterator[None]:
    count = iter(range(limit))
    replaced: list[tuple[type, str, FunctionType]] = []
    for cls in classes:
        registry.forget_kept(cls)
        recorded_classes.add(cls)
        for owner in (base for base in cls.__mro__ if is_written_in_python(base)):
            for name, method in list(vars(owner).items()):
                if isinstance(method, FunctionType) and name not in UNWATCHED and not _is_a_helper(name):
                    replaced.append((owner, name, method))
    for owner, name, method in replaced:
        setattr(owner, name, _watched(name, method, classes, count))
    for node, label in names.items():
        registry.label(node, label)
    try:
        yield
    finally:
        for owner, name, method in replaced:
            setattr(owner, name, method)


def _is_a_helper(name: str) -> bool:
    """Test whether a name is that of a private method, to which operators hand over the result's number."""
    return name.startswith("_") and not name.startswith("__")


def _watched(
    name: str, method: FunctionType, classes: tuple[type, ...], count: Iterator[int]
) -> Callable[..., Any]:
    @functools.wraps(method)
    def watched(*arguments: Any, **keywords: Any) -> Any:
        out = method(*arguments, **keywords)
        if isinstance(out, classes) and not any(out is x for x in arguments):
            with suppress(Exception):
                # The innermost of nested calls returns first, and it made the node.
                if registry.made(out) is None and next(count, None) is not None:
                    registry.note(out, Made(name, method, arguments, keywords))
        return out

    return watched
