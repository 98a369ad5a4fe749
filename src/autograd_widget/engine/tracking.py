"""Tracking: a computation needs a gradient if any of its operands does, also after a leaf was frozen."""

from __future__ import annotations

from collections.abc import Iterable

from .core import Core, is_tracked


class Freezing:
    """Notes that some leaf was frozen or unfrozen after it was made. Until then tracking is up to date."""

    happened = False


def update_tracking(order: Iterable[Core]) -> None:
    """Bring tracking up to date, operands before what uses them."""
    for node in order:
        if node._a is not None:
            number = abs(node._number)
            node._number = number if is_tracked(node.op, node.prevs) else -number
