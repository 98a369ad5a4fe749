"""Another engine's graph as one of ours: a mirror `Scalar` for each of its nodes.

    mirror = read(loss)          # loss is of a class of the person's own
    mirror.roots[0].backward()   # our pass, on the mirror
    mirror.push()                # numbers and gradients back into the person's objects

Nothing recurses, objects are distinguished by `id`, and reading writes nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakSet, ref

from autograd_widget.engine.backward import row_of, upstream
from autograd_widget.engine.core import Pass
from autograd_widget.engine.ops import CONST, OPS, LinearisedOp, Op
from autograd_widget.engine.pass_log import hold
from autograd_widget.engine.scalar import Scalar, note_value
from autograd_widget.graph.graph import Graph

from .constants import held_outside
from .grouping import groups
from .identify import Reading, identify, operands_held, refuse_links_to_consumers
from .numbers import close
from .own_ops import own_ops, renew
from .raw import Raw, read_raw
from .recording import registry
from .shapes import get, gradient_in, is_node, put, recorded_classes, root_class, shape_of

EXACT: Final = "exact"
LIVE: Final = "live"
RECORDED: Final = "recorded"


@dataclass(eq=False)
class Mirror:
    """Our scalars for the nodes of another engine's graph, and the way between the two.

    Attributes:
        roots: The scalars of the roots that were given, in order.
        scalars: All that have an object, operands first.
        stale: True if leaves were set after something was computed from them.
    """

    roots: list[Scalar] = field(default_factory=list)
    scalars: list[Scalar] = field(default_factory=list)
    stale: bool = False
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
    def how(self) -> dict[Scalar, str]:
        """The kind of knowledge about the op of each computed scalar.

        `"exact"`: one of the op table. `"live"`: computed by the class's own method. `"recorded"`: a number
        and local derivatives that hold at these values only.
        """
        return {scalar: _how(scalar) for scalar in self.scalars if scalar.prevs}

    @property
    def locked(self) -> set[Scalar]:
        """The leaves upstream of a linearised op, whose numbers hold at the recorded values only."""
        fixed = {scalar for scalar, how in self.how.items() if how == RECORDED}
        return {scalar for scalar in upstream(*fixed) if not scalar.prevs and scalar.op is None}

    def push(self) -> None:
        """Write changed values and gradients of the scalars into the person's objects."""
        for scalar, obj in self._objects.items():
            shape = shape_of(obj)
            if shape is None:
                continue
            if not _same(get(obj, shape.value), scalar._value) and not put(obj, shape.value, scalar._value):
                _warn_of_fixed(root_class(type(obj)))
            if not _same(gradient_in(obj, shape), scalar.grad):
                put(obj, shape.grad, scalar.grad)

    def pull_gradients(self) -> None:
        """Take over the gradients that the person's objects hold.

        If one pass from a root gives these gradients, they are recorded as that pass. If they differ but a
        root has a gradient, the pass was run at other values, or by an engine that sums in another order.
        All other gradients were set by hand.
        """
        held = self._gradients()
        if all(close(scalar.grad, x) for scalar, x in held.items()):
            return
        for scalar in self._objects:
            scalar.grad = None  # forgets the passes, too
        begun = [root for root in self.roots if held.get(root, 0.0) != 0.0]
        for root in reversed(begun):
            if close(held[root], 1.0) and not self.stale and self._gives(root, held):
                root.backward()
                return
        one = Pass(begun[-1] if begun else None, count=1 if begun else 0)
        one.ran = -1  # at other values than there are
        for scalar, x in held.items():
            if x != 0.0:
                hold(scalar, [(one, x, scalar._value)])

    def _gradients(self) -> dict[Scalar, float]:
        shapes = ((scalar, obj, shape_of(obj)) for scalar, obj in self._objects.items())
        held = {scalar: gradient_in(obj, shape) for scalar, obj, shape in shapes if shape and shape.grad}
        return dict.fromkeys(held, 0.0) if self._are_untouched(held) else held

    def _are_untouched(self, held: Mapping[Scalar, float]) -> bool:
        """Test whether all gradients are what the class begins with, where that is not 0."""
        first = next(iter(held.values()), 0.0)
        if first == 0.0 or any(x != first for x in held.values()):
            return False
        fresh = own_ops(type(next(iter(self._objects.values())))).fresh(1.0)
        shape = shape_of(fresh) if fresh is not None else None
        return shape is not None and gradient_in(fresh, shape) == first

    def _gives(self, root: Scalar, held: Mapping[Scalar, float]) -> bool:
        """Test whether one pass from a root gives these gradients at the current values."""
        graph = Graph.of(root)
        graph.backward(len(graph) - 1)
        given = dict(zip(graph.nodes or (), graph.grads, strict=True))
        return all(close(given.get(scalar, 0.0), x) for scalar, x in held.items())


_fixed: Final[WeakSet[type]] = WeakSet()
"""Classes of whose objects it was said that they can't be written."""
_known: Final[dict[int, tuple[ref[Any], Scalar]]] = {}
"""The scalar of each living object, by `id`: an object that is read again keeps its scalar."""


def read(*roots: Any) -> Mirror:
    """Mirror objects of another engine, and everything that they were computed from.

    Raises:
        TypeError: A node has no number, or an op of which nothing is known.
        ValueError: The graph leads back to itself.
    """
    for root in roots:
        renew(type(root))
    order, _ = collect(roots)
    if not any(raw.items for raw in order):
        for root in roots:
            refuse_links_to_consumers(type(root))
    known = [_known_scalar(raw.obj) for raw in order]
    constants = _constants(order) if None in known else set()
    mirror = Mirror()
    off: list[Scalar] = []
    for raw, found in zip(order, known, strict=True):
        scalar = found
        if scalar is None:
            scalar = _computed(raw, identify(raw), mirror) if raw.items else _leaf(raw, constants)
            _remember(raw.obj, scalar)
            scalar._group = groups.of(raw.obj)
        if not _settle(scalar, raw):
            off.append(scalar)
        if (label := _label(raw)) and label != scalar.label:
            scalar.label = label
        mirror._by_id[id(raw.obj)] = scalar
        mirror._objects[scalar] = raw.obj
        mirror.scalars.append(scalar)
    mirror.roots = [mirror._by_id[id(root)] for root in roots]
    mirror.stale = bool(off)
    if off:
        _note_stale(off[0])
    return mirror


def _label(raw: Raw) -> str:
    """The label of the person's node; a number that an engine assigns by itself is no label."""
    label = registry.label_of(raw.obj) or get(raw.obj, raw.shape.label)
    return label if isinstance(label, str) and not _is_number(label) else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known_scalar(obj: Any) -> Scalar | None:
    found = _known.get(id(obj))
    return found[1] if found is not None and found[0]() is obj else None


def _remember(obj: Any, scalar: Scalar) -> None:
    i = id(obj)
    with suppress(TypeError):  # an object with slots may have no place for a weak reference
        _known[i] = (ref(obj, lambda _: _known.pop(i, None)), scalar)


def _settle(scalar: Scalar, raw: Raw) -> bool:
    """Set a scalar to the number of its object; False if its operands give another one."""
    if not scalar.prevs:
        if scalar._value != raw.value and scalar.op is None:
            scalar.value = raw.value
        return True
    computed = row_of(scalar).forward(*[operand._value for operand in scalar.prevs])
    is_right = close(computed, raw.value)
    scalar._value = computed if is_right else raw.value  # but for rounding it is what we compute
    return is_right


def _note_stale(node: Scalar) -> None:
    """Note that leaves were set after a node was computed: the nearest ones, since any may be the cause."""
    near = [operand for operand in node.prevs if not operand.prevs]
    for leaf in near or upstream(node):
        if not leaf.prevs and leaf.op is None:
            note_value(leaf)


def _how(scalar: Scalar) -> str:
    row = row_of(scalar)
    return EXACT if isinstance(row, Op) else RECORDED if isinstance(row, LinearisedOp) else LIVE


def collect(roots: Sequence[Any]) -> tuple[list[Raw], dict[int, Raw]]:
    """Collect everything that the roots were computed from, operands first."""
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
        if raw.items and raw.made is None and not _keeps_operands(type(obj)):
            raw.items = []  # a leaf of a recorded class that links to consumers
        open_now.add(id(obj))
        stack.append((obj, raw))
        raw.items = [_item(item, obj) for item in raw.items]
        raw.items = operands_held(raw) or raw.items
        stack.extend((item, None) for item in reversed(raw.items) if type(item) is not float)
    return order, raws


def _keeps_operands(cls: type) -> bool:
    return cls not in recorded_classes or own_ops(cls).keeps_operands


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
        return Scalar(raw.value, op=CONST)
    return Scalar(raw.value, requires_grad=bool(getattr(raw.obj, "requires_grad", True)))


def _computed(raw: Raw, reading: Reading, mirror: Mirror) -> Scalar:
    operands = [
        mirror._by_id[id(x.obj)] if isinstance(x, Raw) else Scalar(x, op=CONST) for x in reading.operands
    ]
    if reading.live is not None:
        scalar: Scalar = reading.live(*operands)
    elif reading.op is None:
        name = raw.op or "?"
        scalar = Scalar(raw.value, operands, f"{name}?" if name in OPS else name)
        scalar.grad_wrt = dict(zip(operands, reading.partials, strict=True))
    else:
        scalar = Scalar(raw.value, operands, reading.op)
    return scalar


def _constants(order: Sequence[Raw]) -> set[int]:
    """Find the leaves, by `id`, that are numbers which an operator wrapped."""
    unnamed = [raw.obj for raw in order if not raw.items and not _label(raw)]
    held = held_outside(unnamed, [*order, *(raw.obj for raw in order if raw.items)])
    if not held and len(unnamed) == sum(not raw.items for raw in order):
        return set()  # nothing is held: then all of them may be moved
    return {id(leaf) for leaf in unnamed} - held


def _warn_of_fixed(cls: type) -> None:
    """Warn once of a class whose objects can't be written."""
    if cls not in _fixed:
        _fixed.add(cls)
        warnings.warn(
            f"a {cls.__name__} can't be written: the page moves, and your objects keep their numbers",
            stacklevel=2,
        )


def _same(held: Any, number: float) -> bool:
    try:
        own = float(held)
    except (TypeError, ValueError):
        return False
    return own == number or (own != own and number != number)
