"""One node of another engine, as it is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .closures import function_of, held_by, in_order, maker_of, parameters_of
from .op_names import row_named, text_of
from .recording import Made, registry
from .shapes import (
    Shape,
    get,
    gradient_in,
    is_node,
    keeps_by_operand,
    locals_of,
    number_in,
    operands_of,
    put,
    shape_of,
    text_among,
)


@dataclass(slots=True, eq=False)
class Raw:
    """The number, operands and op of one object, as read.

    Attributes:
        items: Its operands, each another `Raw` or a plain number.
        ordered: True if they are kept in order; a set loses it.
        keyed: True if they are the keys of a dict, which keeps one of x·x.
        row: The row of the op table that its op names, if it does.
        number: The number in the op's name, as the exponent in `**3`.
        partials: The local derivative towards each item, where the object keeps them.
        senders: Functions that send the gradient on to each item, where the object keeps those.
        made: The call that made it, where that was watched.
    """

    obj: Any
    shape: Shape
    value: float
    items: list[Any] = field(default_factory=list)
    ordered: bool = True
    keyed: bool = False
    op: str = ""
    row: str | None = None
    number: float | None = None
    partials: list[float] | None = None
    senders: list[Any] = field(default_factory=list)
    made: Made | None = None
    _held: dict[str, Any] | None = None
    _maker: tuple[str, Callable[..., Any] | None] | None = None

    @property
    def operands(self) -> list[Raw]:
        """The items that are nodes."""
        return [item for item in self.items if isinstance(item, Raw)]

    @property
    def backward(self) -> Any:
        """The node's own backward function, or None."""
        return get(self.obj, self.shape.backward) if self.shape.backward else None

    @property
    def held(self) -> dict[str, Any]:
        """The objects that its backward function refers to, by name."""
        if self._held is None:
            cls = type(self.obj)
            self._held = held_by(self.backward, cls)
            for sender in self.senders:
                self._held |= held_by(sender, cls)
        return self._held

    @property
    def maker(self) -> tuple[str, Callable[..., Any] | None]:
        """The method that made the node, by its closure: its name and, where it is found, itself."""
        if self._maker is None:
            self._maker = maker_of(next(iter(self.senders), self.backward), type(self.obj))
        return self._maker

    def held_in_order(self) -> list[tuple[str, Any]]:
        """The objects that the backward function refers to, in the order of the method's parameters."""
        names = in_order(tuple(self.held), parameters_of(self.maker[1]))
        return [(name, self.held[name]) for name in names]


def read_raw(obj: Any) -> Raw:
    """Read one object; its items are the objects themselves.

    Raises:
        TypeError: It is no node, it has no number, or an operand is neither a node nor a number.
    """
    shape = shape_of(obj)
    if shape is None:
        raise TypeError(
            f"a {type(obj).__name__} is no node of a graph: it has no number with operands and an op"
        )
    raw = Raw(obj, shape, number_in(obj, shape))
    if (made := registry.made(obj)) is not None:
        return _as_made(raw, made)
    if shape.operands is None:
        return raw
    items, raw.ordered, kept = operands_of(obj, shape)
    raw.op = _op_text(obj, shape)
    raw.row, raw.number = row_named(raw.op)
    if not items:
        return raw
    raw.items, raw.partials = items, locals_of(kept)
    raw.keyed = kept is not None and not raw.ordered and keeps_by_operand(obj, shape)
    raw.senders = [each for each in kept or () if callable(each)]
    if not raw.ordered and len(items) > 1:  # a set's order is that of addresses, and not the same twice
        rank = {id(held): i for i, (_, held) in enumerate(raw.held_in_order())}
        raw.items = sorted(items, key=lambda item: rank.get(id(item), len(rank)))
    return raw


def _as_made(raw: Raw, made: Made) -> Raw:
    """Read a node from the call that made it, which is exact; the object's attributes may not be."""
    given = [*made.arguments, *made.keywords.values()]
    raw.made, raw.op = made, made.name.strip("_")
    raw.items = [x for x in given if not isinstance(x, bool | str | None) and _may_be_operand(x)]
    raw.row, _ = row_named(made.name)
    if made.name.startswith("__r") and len(raw.items) == 2:
        raw.items.reverse()
    return raw


def _may_be_operand(x: Any) -> bool:
    return isinstance(x, int | float) or shape_of(x) is not None


def _op_text(obj: Any, shape: Shape) -> str:
    text = text_of(get(obj, shape.op))
    if not text and shape.op is None and not shape.registered and row_named(type(obj).__name__)[0]:
        return type(obj).__name__  # an engine with a class for each op
    return text or ("" if shape.op else text_among(obj, shape))


def accumulated(raw: Raw) -> dict[int, float] | None:
    """Find, by `id`, the contribution of a node's backward function to each operand, for an upstream of 1.

    It runs with gradients that are put back afterwards. None where there is no such function, it fails, or it
    goes on into the operands' operands, so that its contribution is no local derivative.
    """
    backward, grad = raw.backward, raw.shape.grad
    operands = raw.operands
    if not callable(backward) or not isinstance(grad, str) or not operands:
        return None
    near = {id(operand.obj): operand for operand in operands}
    beyond = {id(o.obj): o for operand in near.values() for o in operand.operands if id(o.obj) not in near}
    watched = [raw, *near.values(), *beyond.values()]
    before = [get(each.obj, each.shape.grad) for each in watched]
    try:
        for each in watched:
            put(each.obj, each.shape.grad, 0.0)
        put(raw.obj, grad, 1.0)
        returned = run_backward(backward, 1.0, raw.obj)
        brought = {i: gradient_in(each.obj, each.shape) for i, each in near.items()}
        recursed = any(gradient_in(each.obj, each.shape) != 0.0 for each in beyond.values())
    except Exception:  # noqa: BLE001 # the person's own code may raise anything
        return None
    finally:
        for each, old in zip(watched, before, strict=True):
            if isinstance(each.shape.grad, str):
                _put_back(each.obj, each.shape.grad, old)
    if recursed:
        return None
    return _returned(raw, returned) if returned is not None else brought


def run_backward(backward: Callable[..., Any], upstream: float = 1.0, node: Any = None) -> Any:
    """Call a backward function, with the upstream gradient if it wants one, or else with the node."""
    function = function_of(backward)
    code = getattr(function, "__code__", None)
    if code is None or function is None:
        return backward()
    wanted = code.co_argcount - len(function.__defaults__ or ()) - (1 if hasattr(backward, "__self__") else 0)
    if wanted != 1:
        return backward()
    try:
        return backward(upstream)
    except (AttributeError, TypeError):
        if node is None:
            raise
    return backward(node)


def _returned(raw: Raw, returned: Any) -> dict[int, float] | None:
    sums: dict[int, float] = {}
    try:
        for obj, local in returned_pairs(raw, returned):
            sums[id(obj)] = sums.get(id(obj), 0.0) + float(local)
    except (TypeError, ValueError):
        return None
    return sums


def returned_pairs(raw: Raw, returned: Any) -> list[tuple[Any, Any]]:
    """The operands with what a backward function returned for each: in order, or pairs of both.

    Raises:
        ValueError: It is not clear which is whose.
    """
    given: Sequence[Any] = returned if isinstance(returned, tuple | list) else [returned]
    if all(isinstance(each, tuple | list) and len(each) == 2 and is_node(each[0]) for each in given):
        return [(obj, local) for obj, local in given]
    if len(given) != len(raw.items):
        raise ValueError(f"{len(given)} gradients for {len(raw.items)} operands")
    return [(x.obj, local) for x, local in zip(raw.items, given, strict=True) if isinstance(x, Raw)]


def _put_back(obj: Any, place: str, old: Any) -> None:
    *path, name = place.split(".")
    setattr(get(obj, ".".join(path)) if path else obj, name, old)


def local_derivatives(raw: Raw) -> dict[int, float] | None:
    """The local derivative towards each distinct operand, by `id`: as kept beside them, or by a trial run."""
    if raw.partials is None:
        return accumulated(raw)
    sums: dict[int, float] = {}
    for item, local in zip(raw.items, raw.partials, strict=True):
        if isinstance(item, Raw):
            sums[id(item.obj)] = sums.get(id(item.obj), 0.0) + local
    return sums
