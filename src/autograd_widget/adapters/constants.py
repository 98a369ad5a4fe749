"""Constants among the leaves: numbers that an operator wrapped, to which nothing outside the graph refers.

References are counted: those from within the graph are followed, and subtracted from the interpreter's count.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any, Final

ATOMS: Final = frozenset({int, float, complex, str, bytes, bool, type(None)})
ELSEWHERE: Final = (type, ModuleType, FrameType, CodeType, BuiltinFunctionType)
"""Types that are not followed, because everything refers to them."""


def held_outside(leaves: list[Any], holders: Sequence[Any]) -> set[int]:
    """Find the leaves, by `id`, to which something besides the graph refers.

    Args:
        leaves: The leaves in question; in the reader, only this list and the holders refer to them.
        holders: All objects of the graph, and the reader's own of them.
    """
    within = _references_within(holders, {id(leaf) for leaf in leaves})
    own = _calibrated()
    return {id(leaf) for leaf in leaves if sys.getrefcount(leaf) - own > within[id(leaf)]}


def _calibrated() -> int:
    """The reference count of an object to which only a list and the loop below refer."""
    return next(iter([sys.getrefcount(each) for each in [_Probe()]]))


class _Probe:
    """An object to count references to."""


def _references_within(holders: Iterable[Any], wanted: set[int]) -> dict[int, int]:
    """Count, by `id`, the references from within the graph to each wanted object."""
    counts = dict.fromkeys(wanted, 0)
    frontier: list[Any] = list(holders)
    seen = {id(holder) for holder in frontier}
    while frontier:
        found: list[Any] = []
        for referent in gc.get_referents(*frontier):
            i = id(referent)
            if i in counts:
                counts[i] += 1
            if i not in seen:
                seen.add(i)
                cls = type(referent)
                if cls is FunctionType:  # its globals are everybody's
                    found += [referent.__closure__, referent.__defaults__, referent.__kwdefaults__]
                elif cls not in ATOMS and not isinstance(referent, ELSEWHERE):
                    found.append(referent)
        frontier = [each for each in found if each is not None]
    return counts
