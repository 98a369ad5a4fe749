"""The comparisons on which a program has branched, in words, and which of them come out another way now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from autograd_widget.graph.graph import Graph

from .messages import Messages
from .names import name_of

MOST_SAID: Final = 3
"""The most comparisons in one sentence."""


@dataclass(frozen=True, repr=False)
class Branch:
    """A comparison of the program that was recorded."""

    comparison: str
    """The comparison as in the program: `v <= 0`."""
    was: bool
    """The outcome when the program ran."""
    now: bool
    """The outcome at the current values."""
    messages: Messages = field(repr=False, compare=False)

    @property
    def turned(self) -> bool:
        """True if the program would go another way now."""
        return self.was is not self.now

    def __str__(self) -> str:
        sentence = self.messages.guard_turned if self.turned else self.messages.guard_holds
        return sentence.format(comparison=self.comparison, was=self.was, now=self.now)

    __repr__ = __str__


def branches_of(graph: Graph, messages: Messages) -> list[Branch]:
    """The comparisons of a graph, in the order of their operands."""
    return [
        Branch(
            f"{name_of(graph, guard.left, messages)} {guard.op} {name_of(graph, guard.right, messages)}",
            guard.outcome,
            guard.outcome if guard.holds(graph.values) else not guard.outcome,
            messages,
        )
        for guard in graph.guards
    ]


def other_way(graph: Graph, messages: Messages) -> str | None:
    """The sentence about comparisons that have turned round; None where there are none."""
    turned = [str(branch) for branch in branches_of(graph, messages) if branch.turned]
    if not turned:
        return None
    shown = turned[:MOST_SAID]
    more = len(turned) - len(shown)
    listed = messages.between.join([*shown, *([messages.more.format(more)] if more else [])])
    return messages.other_way.format(turned=listed)
