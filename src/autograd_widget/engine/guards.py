"""A record of comparisons: a program that branches on one computes something else when the outcome changes.

The younger of two scalars holds the record. So a comparison keeps no scalar alive, and scalars that nobody
compares cost nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple
from weakref import ref

from .core import Core, _constant, next_number
from .operands import plain_number
from .ops import CONST

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

MAX_COMPARISONS: Final = 1000
"""The most comparisons that one scalar remembers; the first ones go."""

MAX_OUTCOMES: Final = 50
"""The most changes of an outcome that are remembered; the first ones go."""


class Guard(NamedTuple):
    """A comparison of two scalars, and its outcome."""

    op: str
    left: Any
    right: Any
    outcome: bool


class _Remembered:
    """A comparison of one scalar with another or with a number.

    Attributes:
        op: Its sign.
        is_left: True if the scalar that remembers stands on the left.
        other: A function that finds the other operand; it returns None once that is freed.
        outcomes: The outcomes with their times; a new one is noted when the outcome changes.
    """

    __slots__ = ("is_left", "op", "other", "outcomes")

    def __init__(self, op: str, is_left: bool, other: Callable[[], Core | None]) -> None:
        self.op, self.is_left, self.other = op, is_left, other
        self.outcomes: list[tuple[int, bool]] = []

    def note(self, outcome: bool, when: int) -> None:
        if not self.outcomes or self.outcomes[-1][1] is not outcome:
            self.outcomes.append((when, outcome))
            del self.outcomes[:-MAX_OUTCOMES]

    def outcome(self, until: int, is_of_root: bool) -> bool | None:
        """The last outcome before a result was computed; None if it was compared only later."""
        found = [outcome for number, outcome in self.outcomes if number < until]
        if found:
            return found[-1]
        # In `v if v > 0 else -v` the root is older than the comparison.
        return self.outcomes[0][1] if is_of_root else None


def compared(op: str, left: Core, right: Any) -> bool:
    """Compare a scalar with another or with a number, by value; NotImplemented with anything else."""
    found = right if isinstance(right, Core | float) else plain_number(right)
    if found is NotImplemented:
        return NotImplemented  # type: ignore[no-any-return] # what an operator returns for another to try
    number: Any = found._value if isinstance(found, Core) else found
    outcome = bool(COMPARISONS[op](left._value, number))
    if found is not left and found == found:  # nan and the scalar itself never turn
        _remember(op, left, found, outcome)
    return outcome


def _remember(op: str, left: Core, right: Any, outcome: bool) -> None:
    if not isinstance(right, Core):
        _note(left, op, True, right, outcome, next_number())
    elif abs(right._number) > abs(left._number):
        _note(right, op, False, ref(left), outcome, next_number())
    else:
        _note(left, op, True, ref(right), outcome, next_number())


def _note(holder: Core, op: str, is_left: bool, other: Any, outcome: bool, when: int) -> None:
    """Note the outcome of a comparison with another scalar, by its reference, or with a number."""
    extras = holder._own_extras
    guards: dict[Any, _Remembered] = extras.guards if extras.guards is not None else {}
    extras.guards = guards
    key = op, is_left, other
    if key not in guards:
        if len(guards) >= MAX_COMPARISONS:
            del guards[next(iter(guards))]
        guards[key] = _Remembered(op, is_left, other if isinstance(other, ref) else _Held(holder, other))
    guards[key].note(outcome, when)


class _Held:
    """A number that a scalar was compared with, as the constant that a graph has of it."""

    __slots__ = ("node",)

    def __init__(self, holder: Core, number: Any) -> None:
        self.node = _constant(type(holder), number)

    def __call__(self) -> Core:
        return self.node


def guards_of(nodes: Sequence[Core], roots: Sequence[Core]) -> list[Guard]:
    """The comparisons among some scalars, and of them with numbers, as they came out for these roots."""
    holders = [node for node in nodes if node._extras is not None and node._extras.guards]
    if not holders:
        return []
    here, ends = set(nodes), set(roots)
    until = max([abs(root._number) for root in roots])
    constants: dict[float, Core] = {}
    found = []
    for node in holders:
        remembered: dict[Any, _Remembered] = node._extras.guards  # type: ignore[union-attr,assignment] # has some
        for one in remembered.values():
            other = one.other()
            if other is None or (isinstance(one.other, ref) and other not in here):
                continue
            outcome = one.outcome(until, node in ends or other in ends)
            if outcome is None:
                continue
            if not isinstance(one.other, ref):
                other = constants.setdefault(other._value, other)
            pair = (node, other) if one.is_left else (other, node)
            found.append(Guard(one.op, *pair, outcome))
    return found


def guard_again(guards: Iterable[tuple[str, Any, Any, bool]]) -> None:
    """Remember comparisons that a document or a copy has, as made before all that it has.

    Args:
        guards: Each a sign, two operands, of which one may be a number or a constant, and the outcome.
    """
    for op, left, right, outcome in guards:
        if (number := _plain(right)) is not None:
            _note(left, op, True, number, outcome, 0)
        elif (number := _plain(left)) is not None:
            _note(right, op, False, number, outcome, 0)
        elif left is not right:
            is_left = abs(left._number) > abs(right._number)
            holder, other = (left, right) if is_left else (right, left)
            _note(holder, op, is_left, ref(other), outcome, 0)


def _plain(operand: Any) -> float | None:
    """The number of a constant, or a number itself; None for another scalar."""
    if not isinstance(operand, Core):
        return float(operand)
    return operand._value if operand.op == CONST else None
