"""The pass log of a scalar: an entry for each pass since `zero_grad()`; and the names of passes.

The entries are kept where they arrived, so nothing has to be replayed to tell the passes apart, and nothing
keeps a result alive that only its pass remembers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from linecache import getline
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .core import Core, Entry, Pass

CALL: Final = re.compile(r"([^\W\d][\w.\[\]]*)\.backward\(")


def last_pass(nodes: Iterable[Core]) -> Pass | None:
    """The last pass that came to any of them."""
    passes = [node._pass for node in nodes if node._pass is not None and node._pass.count]
    return max(passes, key=_order, default=None)


def _order(one: Pass) -> int:
    return one.number


def entries_of(node: Core) -> list[Entry]:
    """The entries of a scalar since `zero_grad()`, the oldest first; they add up to `.grad`."""
    last = node._pass
    if last is None:
        return []
    extras = node._extras
    if extras is None:
        return [(last, node._sum, node._value)]
    return [*extras.earlier, (last, node._sum, node._value if extras.at is None else extras.at)]


def hold(node: Core, entries: Sequence[Entry]) -> None:
    """Replace all entries of a scalar."""
    node._pass = None
    if node._extras is not None:
        node._extras.earlier, node._extras.at = (), None
    if entries:
        *earlier, (node._pass, node._sum, at) = entries
        if earlier or at != node._value:
            extras = node._own_extras
            extras.earlier, extras.at = tuple(earlier), None if at == node._value else at


def added_up(entries: Iterable[Entry]) -> float:
    """Add up the contributions of entries, in order."""
    total = 0.0
    for _, amount, _ in entries:
        total += amount
    return total


def name_of_root(one: Pass) -> str:
    """The label of the root of a pass, or its variable where `backward()` was called; empty if unknown."""
    root: Core | None = one.root
    label = root._extras.label if root is not None and root._extras else one.label
    if label or one.caller is None:
        return label
    code, place = one.caller
    line = next((line for start, end, line in code.co_lines() if start <= place < end), None)
    calls = CALL.findall(getline(code.co_filename, line or 0))
    return calls[0] if len(calls) == 1 else ""
