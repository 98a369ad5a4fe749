"""One backward pass over scalars: everything upstream, the order of the visits, and the contributions.

`plain_pass` is the algorithm. The rest makes it fast, and lets it be taken back.

A scalar keeps the gradient of the last pass (`_sum`) apart from those of earlier ones (`_extras.earlier`, an
entry for each). So a pass never sends on another's gradient, and a pass that fails can be taken back.

Operands are made before their consumers, so reverse creation order visits a scalar after all its consumers. A
graph's numbers are mostly consecutive. So a list with one place per number, a window, is filled while it is
read from the front: it sorts scalars without comparing them, and visits memory in the order in which it was
written. Scalars too old for the window wait for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .core import IS_COMPILED, LARGEST_WINDOW, Entry, LastSet, Pass, next_number, with_entry
from .ops import OPS, LinearisedOp, Row
from .pass_log import added_up

if TYPE_CHECKING:
    from .core import Core

if not IS_COMPILED and __file__.endswith((".so", ".pyd")):  # it would take Python's objects for C's numbers
    raise ImportError("autograd_widget was compiled in part: compile all of it, or remove what is compiled")

Picture = TypeVar("Picture")
C = TypeVar("C", bound="Core")

FIRST_WINDOW: Final = 32

NEVER: Final = 1 << 62
"""A time that the clock never reaches."""


def plain_pass(root: C, gradient: float = 1.0) -> dict[C, float]:
    """Compute the gradient of one pass for each scalar that it reaches: back-propagation in its plain form.

    `run_pass` finds the same, faster, and notes it in the scalars.
    """
    grads = {root: gradient}
    for node in reversed(upstream(root)):
        if node not in grads or not node.prevs:
            continue
        local_times_upstream = row_of(node).backward
        sent = local_times_upstream(grads[node], node._value, *[operand._value for operand in node.prevs])
        for operand, contribution in zip(node.prevs, sent, strict=True):
            if operand._number > 0:  # it needs a gradient
                grads[operand] = grads.get(operand, 0.0) + contribution
    return grads


def upstream(*roots: C) -> list[C]:
    """Sort the roots and everything that they were computed from topologically, operands first."""
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
    """The row of a scalar's op: its value and its contributions.

    Raises:
        ValueError: Its op is not in the table, it is no custom op, and its local derivatives are not known.
    """
    if row := OPS.get(node.op or ""):
        return row
    extras = node._extras
    if extras and extras.custom:
        return extras.custom
    wrt = extras.grad_wrt if extras else None
    if not wrt:
        raise ValueError(f"the op {node.op!r} is not in the table, so it has no forward and no gradient")
    try:
        return LinearisedOp(node._value, tuple([float(wrt[operand]) for operand in node.prevs]))
    except KeyError:
        raise ValueError(f"the grad_wrt of {node.op!r} lacks one of its operands") from None


def contributions(node: Core) -> Sequence[float]:
    """The contribution of a computation to each operand, in the last pass that came to it."""
    return row_of(node).backward(node._sum, node._value, *[p._value for p in node.prevs])


class Visits:
    """The bookkeeping of one pass.

    Args:
        this_pass: The pass.
        root: The scalar where it starts.
    """

    __slots__ = ("_before", "later", "noted", "root", "this_pass", "top", "untracked", "window")

    def __init__(self, this_pass: Pass, root: Core) -> None:
        self.this_pass = this_pass
        self.root = root
        self.top = root._number
        self.untracked = NEVER
        self.window: list[Core | None] = [None] * FIRST_WINDOW
        self.later: list[Core] = []
        self.noted: list[Core] = []
        self._before: list[tuple[Core, Pass, float, tuple[Entry, ...], float | None]] = []

    def first(self, node: Core, sent: float) -> None:
        """Take the first contribution of this pass to a scalar. Constants and frozen scalars take none."""
        number = node._number
        if number < 0:
            if node._a is not None:
                self.untracked = min(self.untracked, -number)
            elif node._extras:
                self.noted.append(node)
            return
        if node._pass is not None:
            self._set_apart(node)
        node._pass, node._sum = self.this_pass, sent
        place = self.top - number
        if place < len(self.window):
            self.window[place] = node
        elif node._a is not None:
            self.later.append(node)
        elif node._extras:  # a leaf has nothing to send on: nobody comes back to it
            self.noted.append(node)

    def arrive(self, node: Core, sent: float) -> None:
        """Take a contribution to a scalar."""
        if node._pass is self.this_pass:
            node._sum += sent
        else:
            self.first(node, sent)

    def next_window(self) -> bool:
        """Fill a window with waiting scalars, if any are. Windows grow where creation numbers are dense."""
        if not self.later:
            return False
        self.later.sort(key=_number_of)
        size = len(self.window)
        # Not by `count`: it would compare scalars with `==`.
        crowded = len([0 for node in self.window if node is not None]) > size // 8
        size = min(size * 4, LARGEST_WINDOW) if crowded else FIRST_WINDOW
        self.top = self.later[-1]._number
        self.window = [None] * size
        while self.later and self.top - self.later[-1]._number < size:
            node = self.later.pop()
            self.window[self.top - node._number] = node
        return True

    def oldest(self) -> int:
        """The creation number of the oldest computation visited; the windows go back in time."""
        for node in reversed(self.window):
            if node is not None and node._a is not None:
                return node._number
        return self.top

    def take_back(self) -> None:
        """Leave every scalar as it was before the pass."""
        for node in upstream(self.root):
            if node._pass is self.this_pass:
                node._pass = None
        for node, its_pass, its_sum, earlier, at in self._before:
            node._pass, node._sum = its_pass, its_sum
            node._own_extras.earlier, node._own_extras.at = earlier, at

    def _set_apart(self, node: Core) -> None:
        extras = node._own_extras
        its_pass, its_sum, earlier, at = node._pass, node._sum, extras.earlier, extras.at
        self._before.append((node, its_pass, its_sum, earlier, at))  # type: ignore[arg-type] # it has one
        extras.earlier = with_entry(earlier, (its_pass, its_sum, node._value if at is None else at))  # type: ignore[arg-type] # as above
        extras.at = None


def run_pass(root: Core, gradient: float) -> Visits:
    """Spread a gradient from a scalar that needs one to everything that it was computed from.

    Returns:
        The bookkeeping: the pass, and in `noted` the leaves that it came to of which there is more to know.

    Raises:
        ValueError: A computation on the way has no gradient. Then, as on any other failure, nothing has
            changed.
        StaleError: A leaf was set after something was computed from it.
    """
    visits = Visits(Pass(root, gradient), root)
    try:
        visits.first(root, gradient)
        _visit_window(visits)
        while visits.next_window():
            _visit_window(visits)
        if visits.noted or visits.untracked != NEVER:
            _check_freshness(visits)
    except BaseException:
        visits.take_back()
        raise
    return visits


class StaleError(Exception):
    """A leaf was set after a scalar was computed from it, and the scalar was not computed again."""

    def __init__(self, leaf: Core) -> None:
        self.leaf = leaf


def _check_freshness(visits: Visits) -> None:
    """Refuse a pass over stale values.

    Usually no leaf was set since, or everything was computed again: clock readings show that. Otherwise
    each value is computed again and compared.
    """
    root = visits.root
    latest = 0
    for leaf in visits.noted:
        extras = leaf._extras
        if extras is not None and extras.set_at > latest:
            latest = extras.set_at
    if (latest == 0 or root._a is None or latest < visits.oldest()) and LastSet.at < visits.untracked:
        return
    latest = max(latest, LastSet.at)
    if root._extras is not None and latest <= root._extras.fresh_at:
        return
    if set_later := stale_leaf(upstream(root)):
        raise StaleError(set_later)
    root._own_extras.fresh_at = next_number()


def stale_leaf(nodes: Sequence[Core]) -> Core | None:
    """Find the cause of the first stale value: of the leaves that it is computed from, the one set last.

    Args:
        nodes: All that is upstream of something, in order.
    """
    latest: dict[Core, Core] = {}
    for node in nodes:
        if node._a is None:
            if node._extras is not None and node._extras.set_at:
                latest[node] = node
            continue
        candidates = [latest[operand] for operand in node.prevs if operand in latest]
        if candidates:
            leaf = latest[node] = max(candidates, key=_set_at)
            if _is_off(node, _set_at(leaf)):
                return leaf
    return None


def _set_at(leaf: Core) -> int:
    extras = leaf._extras
    return extras.set_at if extras else 0


def _is_off(node: Core, set_at: int) -> bool:
    """Test whether a value is stale: computing it again, after a leaf was set, gives another one."""
    row = row_of(node)
    if isinstance(row, LinearisedOp):  # it can't be computed again
        return set_at > max(abs(node._number), node._extras.fresh_at if node._extras else 0)
    value = row.forward(*[operand._value for operand in node.prevs])
    return value != node._value and (value == value or node._value == node._value)


def _visit_window(visits: Visits) -> None:  # noqa: C901, PLR0912, PLR0915 # calls would double its time
    # `Visits.arrive` is inlined three times, and so are four rows of the op table; tests compare with both.
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
            if node._extras is not None:
                visits.noted.append(node)
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
    """Draw a finished pass step by step, one picture per computation, with the contributions sent until then.

    Where drawing fails, the pass is taken back.
    """
    root: Any = visits.root
    this_pass = visits.this_pass
    reached: list[Any] = [node for node in upstream(root) if node._pass is this_pass]
    states = [(node, node._sum, node._own_extras.earlier) for node in reached]
    until_then = Pass(None, 0.0, 0)
    for node, _, earlier in states:
        node._pass, node._own_extras.earlier = None, ()
        if earlier:
            _show(node, until_then, added_up(earlier))
    _show(root, until_then, root.grad + states[-1][1])
    drawn = []
    try:
        for node, its_sum, earlier in reversed(states):
            if not node.prevs:
                continue
            node._pass, node._sum, node._own_extras.earlier = this_pass, its_sum, earlier
            for operand, sent in zip(node.prevs, contributions(node), strict=True):
                if operand._number > 0:
                    _show(operand, until_then, operand.grad + sent)
            drawn.append(draw(root, "backward"))
    except BaseException:
        _put_back(states, this_pass)
        visits.take_back()
        raise
    _put_back(states, this_pass)
    return drawn


def _show(node: Core, until_then: Pass, grad: float) -> None:
    node._pass, node._sum = until_then, grad


def _put_back(states: Iterable[tuple[Core, float, tuple[Entry, ...]]], this_pass: Pass) -> None:
    for node, its_sum, earlier in states:
        node._pass, node._sum, node._own_extras.earlier = this_pass, its_sum, earlier
