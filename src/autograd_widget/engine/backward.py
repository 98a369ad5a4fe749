"""One backward pass over scalars: who is upstream, in which order to visit them, and what each is sent.

A scalar keeps what the last pass brought it (`_sum`) apart from what earlier ones did (`_notes.earlier`), so
that a pass never sends on what is not its own, and a pass that fails can be taken back.

Operands are made before what is computed from them, so visiting scalars by falling creation number comes to
each one when all that its consumers send has arrived. A graph's numbers are mostly consecutive: a list with
one place per number, filled while it is read from the front, sorts them for nothing, and visits memory in the
order in which it was written. Cores too old for the list wait for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .core import IS_COMPILED, LARGEST_WINDOW
from .ops import OPS, LinearisedOp, Row

if TYPE_CHECKING:
    from .core import Core

if not IS_COMPILED and __file__.endswith((".so", ".pyd")):  # it would take Python's objects for C's numbers
    raise ImportError("autograd_widget was compiled in part: compile all of it, or remove what is compiled")

Picture = TypeVar("Picture")
C = TypeVar("C", bound="Core")

new_pass: Final = count(1000).__next__
"""Numbers of backward passes: two passes never share one, also across threads. They are told apart by
identity, which Python's small numbers do not have."""

BY_HAND: Final = -1
"""In the place of a pass's number, on a scalar whose gradient was set by hand."""

FIRST_WINDOW: Final = 32


def upstream(*roots: C) -> list[C]:
    """Everything that the roots were computed from, and they themselves: operands before what uses them."""
    found = list(dict.fromkeys(roots))
    seen = set(found)
    for node in found:  # grows while it is read
        for operand in node.prevs:
            if operand not in seen:
                seen.add(operand)
                found.append(operand)
    found.sort(key=_age)
    return found


def _number_of(node: Core) -> int:
    return node._number


def _age(node: Core) -> int:
    return abs(node._number)


def row_of(node: Core) -> Row:
    """How to compute a scalar, and what it sends to its operands.

    Raises:
        ValueError: Its op is not in the table, it is no custom op, and its local derivatives are not known.
    """
    if row := OPS.get(node.op or ""):
        return row
    notes = node._notes
    if notes and notes.custom:
        return notes.custom
    wrt = notes.grad_wrt if notes else None
    if not wrt:
        raise ValueError(f"the op {node.op!r} is not in the table, so it has no forward and no gradient")
    try:
        return LinearisedOp(node._value, tuple([float(wrt[operand]) for operand in node.prevs]))
    except KeyError:
        raise ValueError(f"the grad_wrt of {node.op!r} lacks one of its operands") from None


def last_pass(nodes: Iterable[Core]) -> int | None:
    """The number of the last pass that came to any of them."""
    passes = [node._pass for node in nodes if node._pass is not None and node._pass != BY_HAND]
    return max(passes, default=None)


def contributions(node: Core) -> Sequence[float]:
    """What a computation sends to each operand in the pass that came to it last."""
    return row_of(node).backward(node._sum, node._value, *[p._value for p in node.prevs])


class Visits:
    """The bookkeeping of one pass.

    Args:
        this_pass: Its number.
        root: Where it starts.
    """

    __slots__ = ("_before", "followed", "later", "root", "this_pass", "top", "window")

    def __init__(self, this_pass: int, root: Core) -> None:
        self.this_pass = this_pass
        self.root = root
        self.top = root._number
        self.window: list[Core | None] = [None] * FIRST_WINDOW
        self.later: list[Core] = []
        self.followed: list[Core] = []
        self._before: list[tuple[Core, int, float, float | None]] = []

    def first(self, node: Core, sent: float) -> None:
        """The first gradient of this pass has come to a scalar. Constants and frozen ones take none."""
        if node._number < 0:
            return
        if node._pass is not None:
            self._set_apart(node)
        node._pass, node._sum = self.this_pass, sent
        place = self.top - node._number
        if place < len(self.window):
            self.window[place] = node
        elif node._a is not None:
            self.later.append(node)
        elif node._notes and node._notes.followers:  # a leaf has nothing to send on: nobody comes back to it
            self.followed.append(node)

    def arrive(self, node: Core, sent: float) -> None:
        """A gradient has come to a scalar."""
        if node._pass is self.this_pass:
            node._sum += sent
        else:
            self.first(node, sent)

    def next_window(self) -> bool:
        """Go on with those who wait, if any do. Windows grow where scalars stand close together."""
        if not self.later:
            return False
        self.later.sort(key=_number_of)
        size = len(self.window)
        crowded = size - self.window.count(None) > size // 8
        size = min(size * 4, LARGEST_WINDOW) if crowded else FIRST_WINDOW
        self.top = self.later[-1]._number
        self.window = [None] * size
        while self.later and self.top - self.later[-1]._number < size:
            node = self.later.pop()
            self.window[self.top - node._number] = node
        return True

    def take_back(self) -> None:
        """Leave every scalar as it was before the pass."""
        for node in upstream(self.root):
            if node._pass == self.this_pass:
                node._pass = None
        for node, its_pass, its_sum, earlier in self._before:
            node._pass, node._sum, node._noted.earlier = its_pass, its_sum, earlier
        notes = self.root._noted
        notes.runs = tuple([run for run in notes.runs if run[0] != self.this_pass])

    def _set_apart(self, node: Core) -> None:
        earlier = node._noted.earlier
        self._before.append((node, node._pass or BY_HAND, node._sum, earlier))
        node._noted.earlier = (0.0 if earlier is None else earlier) + node._sum


def run_pass(root: Core, gradient: float) -> Visits:
    """Spread a gradient from a scalar that needs one to everything that it was computed from, and note that.

    Returns:
        The bookkeeping: the number of the pass, and in `followed` the leaves that it came to which somebody
        follows.

    Raises:
        ValueError: A computation on the way has no gradient. Then, as on any other failure, nothing has
            changed.
    """
    visits = Visits(new_pass(), root)
    try:
        visits.first(root, gradient)
        _visit_window(visits)
        while visits.next_window():
            _visit_window(visits)
        if gradient == 1.0:  # in here, so that an interrupt finds the pass either whole or not there at all
            root._noted.runs += ((visits.this_pass, root._value),)
    except BaseException:
        visits.take_back()
        raise
    return visits


def _visit_window(visits: Visits) -> None:  # noqa: C901, PLR0912, PLR0915 # calls would double its time
    # Three times `Visits.arrive` written out, and four rows of the op table; the tests compare with both.
    this_pass, top, window = visits.this_pass, visits.top, visits.window
    size = len(window)
    first = visits.first
    for node in window:
        if node is None:
            continue
        op = node.op
        if op == "+":
            sent = node._sum
            operand = node._a
            its_pass = operand._pass
            if its_pass is None and (place := top - operand._number) < size:
                operand._pass = this_pass
                operand._sum = sent
                window[place] = operand
            elif its_pass is this_pass:
                operand._sum += sent
            else:
                first(operand, sent)
            operand = node._b
        elif op == "*":
            gradient = node._sum
            left = node._a
            operand = node._b
            sent = gradient * operand._value
            its_pass = left._pass
            if its_pass is None and (place := top - left._number) < size:
                left._pass = this_pass
                left._sum = sent
                window[place] = left
            elif its_pass is this_pass:
                left._sum += sent
            else:
                first(left, sent)
            sent = gradient * left._value
        elif op == "relu":
            sent = 0.0 if node._value <= 0.0 else node._sum
            operand = node._a
        elif op == "tanh":
            y = node._value
            sent = node._sum * (1.0 - y * y)
            operand = node._a
        elif op is None:
            if node._notes and node._notes.followers:
                visits.followed.append(node)
            continue
        else:
            for operand, sent in zip(node.prevs, contributions(node), strict=True):
                visits.arrive(operand, sent)
            continue
        its_pass = operand._pass
        if its_pass is None and (place := top - operand._number) < size:
            operand._pass = this_pass
            operand._sum = sent
            window[place] = operand
        elif its_pass is this_pass:
            operand._sum += sent
        else:
            first(operand, sent)


def pictures(visits: Visits, draw: Callable[[Any, str], Picture]) -> list[Picture]:
    """One picture of a finished pass per computation, with what had been sent until then and no more.

    Where drawing fails, the pass is taken back.
    """
    root: Any = visits.root
    this_pass = visits.this_pass
    reached: list[Any] = [node for node in upstream(root) if node._pass == this_pass]
    states = [(node, node._sum, node._noted.earlier) for node in reached]
    for node, _, earlier in states:
        node.grad = earlier
    root.grad += states[-1][1]
    drawn = []
    try:
        for node, its_sum, earlier in reversed(states):
            if not node.prevs:
                continue
            node._pass, node._sum, node._noted.earlier = this_pass, its_sum, earlier
            for operand, sent in zip(node.prevs, contributions(node), strict=True):
                if operand._number > 0:
                    operand.grad += sent
            drawn.append(draw(root, "backward"))
    except BaseException:
        _put_back(states, this_pass)
        visits.take_back()
        raise
    _put_back(states, this_pass)
    return drawn


def _put_back(states: Iterable[tuple[Core, float, float | None]], this_pass: int) -> None:
    for node, its_sum, earlier in states:
        node._pass, node._sum, node._noted.earlier = this_pass, its_sum, earlier
