"""Who shows which scalars, and wants to know when something has changed them.

The leaves know: any pass that affects a graph reaches one of its leaves. An observer that was told is not
told again until it has looked, so a pass costs the same however many widgets there are that nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Protocol
from weakref import ref

if TYPE_CHECKING:
    from .core import Core


class Observer(Protocol):
    """Anything that shows scalars. Observing keeps nobody alive."""

    def mark(self) -> None:
        """Note that a leaf has changed. Called once, or once per leaf, until it observes again."""


class Pulse:
    """What is to be called with each change while observers wait to be brought up to date."""

    beat: Callable[[], None] | None = None


pulse: Final = Pulse()


def observe(observer: Observer, leaves: Iterable[Core]) -> None:
    """Have an observer told of the next change of any of these leaves."""
    own = ref(observer)
    for leaf in leaves:
        notes = leaf._noted
        others = [known for known in notes.followers if known() is not None and known() is not observer]
        notes.followers = (*others, own)


def unobserve(observer: Observer, leaves: Iterable[Core]) -> None:
    """Tell an observer no more."""
    for leaf in leaves:
        notes = leaf._noted
        notes.followers = tuple([known for known in notes.followers if known() is not observer])


def tell(nodes: Iterable[Core]) -> None:
    """Tell who observes any of these that it has changed."""
    mark(nodes)
    beat()


def mark(nodes: Iterable[Core]) -> None:
    """Mark who observes any of these; what interrupts it can be followed by marking again."""
    for node in nodes:
        notes = node._notes
        if notes is not None and notes.followers:
            for known in notes.followers:
                observer = known()
                if observer is not None:
                    observer.mark()
            notes.followers = ()


def beat() -> None:
    """Give observers that wait a turn."""
    if pulse.beat is not None:
        pulse.beat()
