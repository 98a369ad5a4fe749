"""Tracking of the scalars that need a gradient, after leaves were frozen or unfrozen."""

from __future__ import annotations

from collections.abc import Iterable

from .core import Core, is_tracked


class Freezing:
    """A flag: some leaf was frozen or unfrozen after it was made. Until then tracking is up to date."""

    happened = False


def update_tracking(order: Iterable[Core]) -> None:
    """Update tracking, for scalars in topological order."""
    for node in order:
        if node._a is not None:
            number = abs(node._number)
            node._number = number if is_tracked(node.op, node.prevs) else -number
