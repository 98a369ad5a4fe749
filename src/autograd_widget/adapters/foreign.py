"""Another engine's graph as one of ours: a mirror `Scalar` for each of its nodes.

    mirror = read(loss)          # loss is of a class of the person's own
    mirror.roots[0].backward()   # our pass, on the mirror
    mirror.push()                # numbers and gradients back into the person's objects

Nothing recurses, objects are told apart by `id`, and reading writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import Scalar

from .constants import held_outside
from .identify import Reading, identify, operand_lost
from .raw import Raw, read_raw
from .recording import registry
from .shapes import get, gradient_in, is_node, number_in, put, shape_of

EXACT: Final = "exact"
LIVE: Final = "live"
RECORDED: Final = "recorded"


@dataclass(eq=False)
class Mirror:
    """Our scalars for the nodes of another engine's graph, and the way between the two.

    Attributes:
        roots: The scalars of the roots that were given, in order.
        scalars: All of them, operands first.
        how: By scalar how its op is known: `"exact"`, one of the op table; `"live"`, computed by the class's
            own method; `"recorded"`, a number and local derivatives that hold at these values only.
    """

    roots: list[Scalar] = field(default_factory=list)
    scalars: list[Scalar] = field(default_factory=list)
    how: dict[Scalar, str] = field(default_factory=dict)
    _objects: dict[Scalar, Any] = field(default_factory=dict)
    _by_id: dict[int, Scalar] = field(default_factory=dict)

    def scalar_of(self, obj: Any) -> Scalar | None:
        """The scalar of an object of the person's; None for anything else."""
        found = self._by_id.get(id(obj))
        return found if found is not None and self._objects.get(found) is obj else None

    def object_of(self, scalar: Scalar) -> Any:
        """The person's object of a scalar; None for a plain number, which has none."""
        return self._objects.get(scalar)

    @property
    def locked(self) -> set[Scalar]:
        """The leaves that something recorded is computed from: moved, what follows would be a guess."""
        fixed = {scalar for scalar, how in self.how.items() if how == RECORDED}
        queue = list(fixed)
        while queue:
            for operand in queue.pop().prevs:
                if operand not in fixed:
                    fixed.add(operand)
                    queue.append(operand)
        return {scalar for scalar in fixed if not scalar.prevs and scalar.op is None}

    def pull(self) -> None:
        """Take over the numbers that the person's objects hold now."""
        for scalar, obj in self._objects.items():
            shape = shape_of(obj)
            if shape is not None:
                scalar._value = number_in(obj, shape)

    def push(self, gradients: bool = True) -> None:
        """Write the scalars' values into the person's objects, and the gradients where passes were run."""
        for scalar, obj in self._objects.items():
            shape = shape_of(obj)
            if shape is None:
                continue
            if not _same(get(obj, shape.value), scalar._value):
                put(obj, shape.value, scalar._value)
            if gradients and not _same(gradient_in(obj, shape), scalar.grad):
                put(obj, shape.grad, scalar.grad)

    def gradients(self) -> dict[Scalar, float]:
        """The gradients that the person's objects hold now."""
        shapes = ((scalar, obj, shape_of(obj)) for scalar, obj in self._objects.items())
        return {scalar: gradient_in(obj, shape) for scalar, obj, shape in shapes if shape is not None}


def read(*roots: Any) -> Mirror:
    """The mirror of everything that some objects of another engine were computed from.

    Raises:
        TypeError: A node has no number, or an op of which nothing is known.
        ValueError: The graph leads back to itself.
    """
    order, raws = collect(roots)
    mirror = Mirror()
    constants = _constants(order)
    for raw in order:
        scalar = _leaf(raw, constants) if not raw.items else _computed(raw, identify(raw), mirror)
        if scalar._value != raw.value:
            scalar._value = raw.value
        label = registry.label_of(raw.obj) or get(raw.obj, raw.shape.label)
        if isinstance(label, str) and label:
            scalar.label = label
        mirror._by_id[id(raw.obj)] = scalar
        mirror._objects[scalar] = raw.obj
        mirror.scalars.append(scalar)
    mirror.roots = [mirror._by_id[id(raws[id(root)].obj)] for root in roots]
    return mirror


def collect(roots: Sequence[Any]) -> tuple[list[Raw], dict[int, Raw]]:
    """Everything that the roots were computed from, operands first."""
    raws: dict[int, Raw] = {}
    order: list[Raw] = []
    open_now: set[int] = set()
    stack: list[tuple[Any, Raw | None]] = [(root, None) for root in reversed(roots)]
    while stack:
        obj, done = stack.pop()
        if done is not None:
            open_now.discard(id(obj))
            done.items = [raws.get(id(item), item) for item in done.items]
            order.append(done)
            continue
        if id(obj) in raws:
            if id(obj) in open_now:
                raise ValueError(
                    f"this graph leads back to itself: a {type(obj).__name__} is computed from its own "
                    "result, so there is no order to compute it in"
                )
            continue
        raw = raws[id(obj)] = read_raw(obj)
        open_now.add(id(obj))
        stack.append((obj, raw))
        raw.items = [_item(item, obj) for item in raw.items]
        if (lost := operand_lost(raw)) is not None:
            raw.items.append(lost)
        stack.extend((item, None) for item in reversed(raw.items) if type(item) is not float)
    return order, raws


def _item(item: Any, of: Any) -> Any:
    """An operand: a node as it is, a plain number as a float."""
    if isinstance(item, int | float):
        return float(item)
    if is_node(item):
        return item
    try:
        return float(item)
    except (TypeError, ValueError):
        raise TypeError(
            f"an operand of this {type(of).__name__} is a {type(item).__name__}, which is neither a number "
            "nor a node of a graph"
        ) from None


def _leaf(raw: Raw, constants: set[int]) -> Scalar:
    if id(raw.obj) in constants:
        return Scalar(raw.value, op="const")
    return Scalar(raw.value, requires_grad=bool(getattr(raw.obj, "requires_grad", True)))


def _computed(raw: Raw, reading: Reading, mirror: Mirror) -> Scalar:
    operands = [
        mirror._by_id[id(x.obj)] if isinstance(x, Raw) else _number(x, mirror) for x in reading.operands
    ]
    if reading.live is not None:
        scalar: Scalar = reading.live(*operands)
        mirror.how[scalar] = LIVE
    elif reading.op is None:
        name = raw.op or "?"
        scalar = Scalar(raw.value, operands, f"{name}?" if name in OPS else name)
        scalar.grad_wrt = dict(zip(operands, reading.partials, strict=True))
        mirror.how[scalar] = RECORDED
    else:
        scalar = Scalar(raw.value, operands, reading.op)
        mirror.how[scalar] = EXACT
    return scalar


def _number(number: float, mirror: Mirror) -> Scalar:
    scalar = Scalar(number, op="const")
    mirror.scalars.append(scalar)
    return scalar


def _constants(order: Sequence[Raw]) -> set[int]:
    """The leaves, by `id`, that are numbers which an operator wrapped."""
    unnamed = [raw.obj for raw in order if not raw.items and not get(raw.obj, raw.shape.label)]
    held = held_outside(unnamed, [*order, *(raw.obj for raw in order if raw.items)])
    if not held and len(unnamed) == sum(not raw.items for raw in order):
        return set()  # nothing is held: then all of them may be moved
    return {id(leaf) for leaf in unnamed} - held


def _same(held: Any, number: float) -> bool:
    try:
        own = float(held)
    except (TypeError, ValueError):
        return False
    return own == number or (own != own and number != number)
