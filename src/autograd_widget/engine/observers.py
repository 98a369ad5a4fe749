"""Observers of scalars: those who display scalars are notified of changes.

Observers are kept at the leaves, since any pass that affects a displayed graph reaches one of its leaves. An
observer is notified once, and again only after it has read the change. So the cost of a pass does not depend
on the number of widgets that nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Protocol
from weakref import ref

if TYPE_CHECKING:
    from .core import Core


class Observer(Protocol):
    """An object that displays scalars. It is referred to weakly."""

    def mark(self) -> None:
        """Note that a leaf has changed. Called once, or once per leaf, until it observes again."""


class Pulse:
    """A holder of the function that is called with each change while observers wait for an update."""

    beat: Callable[[], None] | None = None


pulse: Final = Pulse()


def observe(observer: Observer, leaves: Iterable[Core]) -> None:
    """Notify an observer of the next change of any of these leaves."""
    own = ref(observer)
    for leaf in leaves:
        extras = leaf._own_extras
        others = [known for known in extras.observers if known() is not None and known() is not observer]
        extras.observers = (*others, own)


def unobserve(observer: Observer, leaves: Iterable[Core]) -> None:
    """Stop notifying an observer."""
    for leaf in leaves:
        extras = leaf._own_extras
        extras.observers = tuple([known for known in extras.observers if known() is not observer])


def tell(nodes: Iterable[Core]) -> None:
    """Notify the observers of scalars that have changed."""
    mark(nodes)
    beat()


def mark(nodes: Iterable[Core]) -> None:
    """Mark the observers of scalars. After an interrupt it may be called again."""
    for node in nodes:
        extras = node._extras
        if extras is not None and extras.observers:
            for known in extras.observers:
                observer = known()
                if observer is not None:
                    observer.mark()
            extras.observers = ()


def beat() -> None:
    """Give waiting observers a turn."""
    if pulse.beat is not None:
        pulse.beat()
