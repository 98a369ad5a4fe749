"""Who shows which scalars, and wants to know when passes have changed them.

The leaves know: a pass that changes anything that somebody shows comes to a leaf of it. So a pass asks only
the leaves that it comes to, and costs nothing more where nobody looks, however many widgets there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

if TYPE_CHECKING:
    from .core import Core


class Follower(Protocol):
    """Whoever shows gradients. Following keeps nobody alive."""

    def passes_changed(self, root: Any) -> None:
        """Called after `root.backward()` or `root.zero_grad()` has come to a leaf that is followed."""


def follow(follower: Follower, leaves: Iterable[Core]) -> None:
    """Tell somebody of the passes that come to these leaves."""
    own = ref(follower)
    for leaf in leaves:
        notes = leaf._noted
        notes.followers = (*[known for known in notes.followers if known() is not None], own)


def unfollow(follower: Follower, leaves: Iterable[Core]) -> None:
    """Tell them no more."""
    for leaf in leaves:
        notes = leaf._noted
        notes.followers = tuple([known for known in notes.followers if known() is not follower])


def followers_of(nodes: Iterable[Core]) -> list[Follower]:
    """Who follows any of these, each once."""
    found = dict.fromkeys([known() for node in nodes if node._notes for known in node._notes.followers])
    return [follower for follower in found if follower is not None]


def tell(nodes: Iterable[Core], root: Core) -> None:
    """Tell who follows any of these what a pass or `zero_grad()` from `root` has done."""
    for follower in followers_of(nodes):
        follower.passes_changed(root)
