"""Ops recorded by hand: a number, its operands and a name, and a step of the pass that a person gives.

    >>> def cube(x):
    ...     out = Value(x.data**3, (x,), "cube")
    ...
    ...     def step():
    ...         x.grad += 3 * x.data**2 * out.grad
    ...
    ...     out._backward = step
    ...     return out

This is micrograd's protocol. In a pass, the step finds in `.grad` only the gradient of this pass; the amounts
that it adds to its operands' gradients are its contributions.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isclose
from typing import Any, Final
from weakref import ref

from .backward import row_of
from .core import Core, Pass, with_entry
from .locking import exclusive
from .observers import tell
from .ops import OPS, LinearisedOp, Op, Row
from .pass_log import entries_of, hold

Step = Callable[[], Any]

OWN: Final = "own "
"""The prefix in `op` of a name of the table whose derivatives a person's step replaces."""


class RecordedOp(LinearisedOp):
    """An op of which only the value is known, with local derivatives in `grad_wrt` or with a step."""

    __slots__ = ("_node", "step")

    step: Step | None

    def __init__(self, node: Core, step: Step | None = None) -> None:
        super().__init__(node._value, ())
        self._node = ref(node)
        self.step = step

    def forward(self, *_x: float) -> float:
        """The recorded value.

        Raises:
            ValueError: The local derivatives are not known either: then nobody meant to record it.
        """
        if self.step is None:
            _given(self._node())
        return self.value

    def backward(self, g: float, _y: float, *_x: float) -> tuple[float, ...]:
        """The contribution to each operand, by the step or by the chain rule with the local derivatives.

        Raises:
            ValueError: Neither is there.
        """
        node = self._node()
        if self.step is None:
            return tuple([g * partial for partial in _given(node)])
        return sent_by(node, self.step, g)


class SteppedOp:
    """An op of the table by its value, with a person's step."""

    __slots__ = ("_node", "step", "table")

    def __init__(self, node: Core, step: Step, table: Op) -> None:
        self._node = ref(node)
        self.step, self.table = step, table

    @property
    def forward(self) -> Callable[..., float]:
        """The function of the table."""
        return self.table.forward

    def backward(self, g: float, _y: float, *_x: float) -> tuple[float, ...]:
        """The contribution of the step to each operand."""
        return sent_by(self._node(), self.step, g)


def recorded(node: Core, step: Step | None = None) -> Row:
    """The row of a computation by hand. If its name is in the table, its value decides."""
    name = name_of_op(node)
    row = OPS.get(name)
    x = [operand._value for operand in node.prevs]
    if step is not None and row and row.arity in (None, len(x)) and _agree(row.forward(*x), node._value):
        return SteppedOp(node, step, row)
    return RecordedOp(node, step)


def row_for_graph(node: Core, row: Row) -> Row:
    """The row for a document, which can't carry a step: the table's where they agree, else numbers.

    The step runs once for it, and leaves no trace.
    """
    if not isinstance(row, RecordedOp | SteppedOp):
        return row
    x = [operand._value for operand in node.prevs]
    partials = tuple(row.backward(1.0, node._value, *x))
    if isinstance(row, SteppedOp):
        table = row.table.backward(1.0, node._value, *x)
        if all([_agree(a, b) for a, b in zip(partials, table, strict=True)]):
            return row.table
    return LinearisedOp(node._value, partials)


def own_name(op: Any, operands: int) -> Any:
    """Mark a name of the table that is given to another number of operands than it takes there, or no name.

    So `Value(x.data**2, (x,), "**")` is an op of a person's own, and so is `Value(x.data**2, (x,))`.
    """
    if op == "":
        return OWN
    row = OPS.get(op) if isinstance(op, str) else None
    return OWN + op if row and row.arity not in (None, operands) else op


def name_of_op(node: Core) -> str:
    """The name of a scalar's op, as it was given; empty for a leaf."""
    return (node.op or "").removeprefix(OWN)


class ByHand:
    """The pass that is run step by step, by calls of `_backward`."""

    current: Pass | None = None


def send_on(node: Any) -> None:
    """Send the gradient of a scalar one step on, to its operands.

    Steps that follow one another from a gradient that was set by hand are one pass from there in the ledger,
    as if `backward()` had run it.
    """
    with exclusive:
        its_pass = node._pass
        if node._a is None or its_pass is None:
            return
        g = node.grad
        if its_pass is not ByHand.current:
            ByHand.current = Pass(node, g)
            if its_pass.count == 0:
                node._pass = ByHand.current
        sent = row_of(node).backward(g, node._value, *[operand._value for operand in node.prevs])
        reached = [(operand, x) for operand, x in zip(node.prevs, sent, strict=True) if operand.requires_grad]
        for operand, amount in reached:
            if operand._pass is ByHand.current:
                operand._sum += amount
            else:
                entry = ByHand.current, amount, operand._value
                hold(operand, with_entry(tuple(entries_of(operand)), entry))
        tell([operand for operand, _ in reached])


def sent_by(node: Any, step: Step, g: float) -> tuple[float, ...]:
    """Run a step with a gradient of this pass alone, and leave every `.grad` as it was.

    Returns:
        The amount that it added to each operand; in equal parts to one that is used twice.
    """
    operands = list(dict.fromkeys(node.prevs))
    kept = [(each, _set_aside(each)) for each in (node, *operands)]
    try:
        node._pass, node._sum = Pass(None, g, 0), g
        step()
        sent = {operand: operand.grad for operand in operands}
    finally:
        for each, state in kept:
            _put_back(each, *state)
    return tuple([sent[operand] / node.prevs.count(operand) for operand in node.prevs])


def _set_aside(node: Core) -> tuple[Any, ...]:
    """Clear a scalar's entries and observers, and return them."""
    extras, its_pass = node._extras, node._pass
    noted = (extras.earlier, extras.at, extras.observers) if extras else ((), None, ())
    node._pass = None
    if extras:
        extras.earlier, extras.at, extras.observers = (), None, ()
    return its_pass, 0.0 if its_pass is None else node._sum, noted


def _put_back(node: Core, its_pass: Pass | None, its_sum: float, noted: tuple[Any, ...]) -> None:
    node._pass, node._sum = its_pass, its_sum
    if node._extras:
        node._extras.earlier, node._extras.at, node._extras.observers = noted


def _given(node: Any) -> tuple[float, ...]:
    """The local derivatives that were filled in by hand, per operand."""
    wrt = node._extras.grad_wrt
    if not wrt:
        raise ValueError(
            f"the op {name_of_op(node)!r} is not in the table, and nobody said its local derivatives: make "
            "it with custom_op, fill in grad_wrt of its result, or set _backward of that"
        )
    try:
        return tuple([float(wrt[operand]) for operand in node.prevs])
    except KeyError:
        raise ValueError(f"the grad_wrt of {name_of_op(node)!r} lacks one of its operands") from None


def _agree(a: float, b: float) -> bool:
    return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (a != a and b != b)
