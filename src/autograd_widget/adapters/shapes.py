"""Shapes of engines: the attributes in which objects keep their number, operands, op and gradient.

A `Shape` is found once per class: by `register_adapter`, by the names that engines commonly use, or by
looking at what an object's attributes hold.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum
from numbers import Real
from types import FunctionType, MethodType
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary, WeakSet

from autograd_widget.explain.holders import attributes_of

from .op_names import row_named

Access: TypeAlias = "str | Callable[[Any], Any]"
"""A name of an attribute, with dots for one of an attribute's, or a function of the object."""

VALUE: Final = ("data", "value", "val", "v", "_value", "_data", "num", "x")
GRAD: Final = ("grad", "gradient", "derivative", "_grad", "_gradient", "adjoint", "deriv", "dv", "g")
GRAD_PARTS: Final = ("grad", "deriv", "adjoint")
LABEL: Final = ("label", "name", "_label", "_name")
BACKWARD: Final = (
    "_backward",
    "backward_fn",
    "_backward_fn",
    "grad_fn",
    "_grad_fn",
    "backprop",
    "_backprop",
    "_propagate",
    "_back",
)
OPERANDS: Final = (
    "_prev",
    "_children",
    "prevs",
    "children",
    "parents",
    "_parents",
    "prev",
    "inputs",
    "_inputs",
    "_operands",
    "operands",
    "_childs",
    "childs",
    "args",
    "_args",
    "_ctx_parents",
    "deps",
    "depends_on",
    "local_gradients",
    "grad_wrt",
)
PAIR: Final = (("left", "right"), ("lhs", "rhs"), ("a", "b"), ("_left", "_right"), ("x", "y"))
OP: Final = (
    "_op",
    "op",
    "_operator",
    "operator",
    "operation",
    "_operation",
    "parent_op",
    "op_name",
    "opcode",
)
HOLDER: Final = ("history", "_history", "creator", "_creator", "_ctx", "ctx", "node", "_node", "fn", "func")
"""Attributes that may hold an object of their own with operands and op, as `history.inputs`."""
MADE_BY: Final = ("last_fn", "fn", "func", "function", "op", "_op", "name")
PARTIALS: Final = (
    "_local_grads",
    "local_grads",
    "_local_gradients",
    "local_gradients",
    "_local_derivatives",
    "local_derivatives",
    "_grads_wrt",
    "grad_wrt",
    "partials",
    "_partials",
    "local_derivs",
    "_local_derivs",
)
PARTIAL_PARTS: Final = ("local", "partial", "grad", "deriv", "weight", "jac", "coef")
HEAP_TYPE: Final = 1 << 9
"""Python's flag for a class that was made while running."""
SETS: Final = (set, frozenset)


@dataclass(frozen=True)
class Shape:
    """Access to the objects of one class; None for anything that they do not keep."""

    value: Access
    operands: Access | tuple[str, ...] | None = None
    op: Access | None = None
    grad: Access | None = None
    label: Access | None = None
    partials: Access | None = None
    backward: Access | None = None
    registered: bool = False


@dataclass(frozen=True)
class NodesHeld:
    """An access to operands that are attributes one by one, of the node or of an object that it holds.

    Which attributes these are differs by op.
    """

    base: type
    holder: str = ""

    def __call__(self, obj: Any) -> list[Any]:
        """The operands of an object."""
        keeper = get(obj, self.holder) if self.holder else obj
        held = attributes_of(keeper).items() if keeper is not None else ()
        return [
            each for name, each in held if isinstance(each, self.base) and _may_be_operand(name, each, obj)
        ]


recorded_classes: Final[WeakSet[type]] = WeakSet()
"""Classes whose methods were watched: they need keep nothing but their number."""
_registered: WeakKeyDictionary[type, Shape] = WeakKeyDictionary()
_found: WeakKeyDictionary[type, Shape] = WeakKeyDictionary()
_looked_at: set[int] = set()
"""The objects whose places are being looked for: some lead back to themselves by what they hold."""


def register_adapter(
    cls: type,
    *,
    value: Access,
    operands: Access,
    op: Access,
    grad: Access | None = None,
    label: Access | None = None,
    local: Access | None = None,
) -> None:
    """Register where the objects of a class keep their graph, so that `GraphWidget` can draw them.

    Each is the name of an attribute (`"data"`, also `"history.inputs"`) or a function of the object.

    Args:
        cls: The class; its subclasses are read alike.
        value: The number. Named by an attribute, it is written when a slider moves.
        operands: The objects or plain numbers that it was computed from, in order; empty for a leaf.
        op: The op's name, as `"*"` or `"relu"`; empty for a leaf.
        grad: The gradient. Named by an attribute, it is written by the widget's passes.
        label: A name to show.
        local: The local derivative towards each operand, in order, for ops that are not in the op table.

    Raises:
        TypeError: `cls` is no class, or one of the others is neither a name nor a function.
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_adapter takes a class first, not {cls!r}")
    required = {"value": value, "operands": operands, "op": op}
    given: dict[str, Any] = {**required, "grad": grad, "label": label, "local": local}
    for name, access in given.items():
        if not (isinstance(access, str) or callable(access) or (access is None and name not in required)):
            raise TypeError(
                f"{name}= is the name of an attribute or a function of the object, not {access!r}"
            )
    _registered[cls] = Shape(value, operands, op, grad, label, local, registered=True)
    _found.clear()


def shape_of(obj: Any) -> Shape | None:
    """The shape of an object's class, or None where it does not look like a node of an engine."""
    cls = type(obj)
    if (known := _found.get(cls)) is not None:
        return known
    for base in cls.__mro__:
        if base in _registered:
            shape = _registered[base]
            backward = None if shape.partials else _first(obj, BACKWARD)
            _found[cls] = shape = replace(shape, backward=backward)
            return shape
    if id(obj) in _looked_at:
        return None
    _looked_at.add(id(obj))
    try:
        shape_found = _discover(obj) or _of_a_relative(obj)
    finally:
        _looked_at.discard(id(obj))
    if shape_found is not None and _holds_nodes(_held(obj, shape_found), obj):
        _found[cls] = shape_found  # of a leaf not all places are known
    return shape_found


def _of_a_relative(obj: Any) -> Shape | None:
    """The places of a leaf by those of other classes of its engine: it may have nothing but its number."""
    if not is_written_in_python(type(obj)):
        return None
    root = root_class(type(obj))
    for cls, shape in _found.items():
        if root_class(cls) is root and cls is not type(obj) and isinstance(get(obj, shape.value), Real):
            return replace(shape, operands=None)
    return None


def is_node(obj: Any) -> bool:
    """Test whether an object is a node of some engine, and no number, text, container, class or function."""
    cls = type(obj)
    if cls in _found:
        return True
    if not is_written_in_python(cls) or isinstance(obj, Real | tuple | list | dict | set | type):
        return False
    return shape_of(obj) is not None


def is_written_in_python(cls: type) -> bool:
    """Test whether a class comes from a `class` statement, not from the interpreter or an extension."""
    return bool(cls.__flags__ & HEAP_TYPE)


def get(obj: Any, access: Access | None) -> Any:
    """Read an attribute of an object; None if it is not there."""
    if access is None:
        return None
    if not isinstance(access, str):
        return access(obj)
    if "." not in access:
        return getattr(obj, access, None)
    for name in access.split("."):
        obj = getattr(obj, name, None)
        if obj is None:
            return None
    return obj


def put(obj: Any, access: Access | None, number: float) -> bool:
    """Write a number into an attribute, in the type of the number there; False if that fails."""
    if not isinstance(access, str):
        return False
    *path, name = access.split(".")
    target = get(obj, ".".join(path)) if path else obj
    try:
        setattr(target, name, _like(getattr(target, name, None), number))
    except (AttributeError, TypeError):
        return False
    return True


def keeps_by_operand(obj: Any, shape: Shape) -> bool:
    """Test whether the operands of an object are the keys of a dict."""
    return isinstance(_held(obj, shape), Mapping)


def operands_of(obj: Any, shape: Shape) -> tuple[list[Any], bool, list[Any] | None]:
    """The operands of an object, whether their order counts, and what is kept beside each of them.

    That is its local derivative, or a function which sends the gradient on to it.
    """
    held = _held(obj, shape)
    ordered = not isinstance(held, SETS)
    if isinstance(held, Mapping):  # of x·x one is lost, and the local derivative is that of the last
        return list(held), False, list(held.values())
    items = [item for item in _items(held) if item is not None and not isinstance(item, str)]
    if items and not is_node(items[0]):
        items = [_as_pair(item) for item in items]
    if items and isinstance(items[0], tuple | list) and all(_is_pair(item) for item in items):
        nodes_first = is_node(items[0][0]) or not is_node(items[0][1])
        nodes = [item[0] if nodes_first else item[1] for item in items]
        return nodes, ordered, [item[1] if nodes_first else item[0] for item in items]
    return items, ordered, _kept_beside(obj, shape, items)


def text_among(obj: Any, shape: Shape) -> str:
    """A text among the operands of an object, which is the name of its op."""
    return next((item for item in _items(_held(obj, shape)) if isinstance(item, str)), "")


def locals_of(kept: list[Any] | None) -> list[float] | None:
    """The local derivatives that are kept beside operands; None where something else is."""
    return None if kept is None else _numbers(_local(each) for each in kept)


def _held(obj: Any, shape: Shape) -> Any:
    access = shape.operands
    if isinstance(access, tuple):
        return [get(obj, name) for name in access]
    held = get(obj, access)
    return held() if callable(held) and not isinstance(held, type) and not is_node(held) else held


def _items(held: Any) -> list[Any]:
    if held is None:
        return []
    if type(held) in (tuple, list, set):
        return list(held)
    if is_node(held):
        return [held]  # one operand, without a container
    return list(held) if isinstance(held, Iterable) else []


def _as_pair(item: Any) -> Any:
    """An object that links to an operand, as its attributes: the operand and a local derivative."""
    if is_written_in_python(type(item)) and not isinstance(item, Real | tuple | list) and not is_node(item):
        held = tuple(attributes_of(item).values())
        return held if len(held) == 2 else item
    return item


def _is_pair(item: Any) -> bool:
    return isinstance(item, tuple | list) and len(item) == 2 and (is_node(item[0]) or is_node(item[1]))


def _kept_beside(obj: Any, shape: Shape, items: list[Any]) -> list[Any] | None:
    found = get(obj, shape.partials)
    if isinstance(found, Mapping):
        by_id = {id(key): local for key, local in found.items()}
        if len({id(item) for item in items}) < len(items):
            return None  # keyed by operand, so that of x·x one is lost
        found = [by_id.get(id(item)) for item in items]
    if isinstance(found, int | float):
        found = [found]
    if not isinstance(found, tuple | list) or not items or len(found) != len(items):
        return None
    return list(found)


def _local(kept: Any) -> Any:
    """A local derivative, also where it is kept as a function of the upstream gradient."""
    try:
        return kept(1.0) if callable(kept) else kept
    except Exception:  # noqa: BLE001 # the person's own code may raise anything
        return None


def _numbers(found: Iterable[Any]) -> list[float] | None:
    try:
        return [float(x) for x in found]
    except (TypeError, ValueError):
        return None


def number_in(obj: Any, shape: Shape) -> float:
    """The number of an object.

    Raises:
        TypeError: It has none, or an array, or a node in its place.
    """
    raw = get(obj, shape.value)
    if type(raw) is float:
        return raw
    if callable(raw) and not is_node(raw):
        raw = raw()
    name = type(obj).__name__
    place = shape.value if isinstance(shape.value, str) else "value"
    size = _size(raw)
    if size is not None and size != 1:
        raise TypeError(
            f"the {place} of this {name} is an array of {size} numbers, and a graph is drawn of single "
            f"numbers: make one {name} for each"
        )
    if not isinstance(raw, Real) and size is None and (type(raw) is type(obj) or is_node(raw)):
        raise TypeError(
            f"the {place} of this {name} is itself a {type(raw).__name__}, which loses how it was computed: "
            f"use the {type(raw).__name__} as an operand, or its number"
        )
    if isinstance(raw, str | bytes) or raw is None:
        raise TypeError(f"the {place} of this {name} is {raw!r}, and no number")
    try:
        return float(raw.item() if size == 1 and hasattr(raw, "item") else raw)
    except OverflowError:
        return float("inf") if raw > 0 else float("-inf")
    except (TypeError, ValueError):
        raise TypeError(
            f"the {place} of this {name} is of the type {type(raw).__name__}, and no number"
        ) from None


def gradient_in(obj: Any, shape: Shape) -> float:
    """The gradient of an object, which may be a node itself; 0.0 where it keeps none, or None."""
    raw = get(obj, shape.grad)
    if type(raw) is float:
        return raw
    try:
        if raw is not None and is_node(raw) and (of := shape_of(raw)):
            return number_in(raw, of)
        return float(raw.item() if hasattr(raw, "item") else raw)
    except (TypeError, ValueError, AttributeError):
        return 0.0


def _size(raw: Any) -> int | None:
    if isinstance(raw, list | tuple):
        return len(raw)
    size = getattr(raw, "size", None)
    if callable(size):  # a tensor
        size = raw.numel() if hasattr(raw, "numel") else None
    return size if isinstance(size, int) else None


def _like(old: Any, number: float) -> Any:
    """A number in the type of the one that it replaces, where that is NumPy's or a node."""
    if type(old) is float or type(old) is int:
        return number
    if old is not None and is_node(old) and (shape := shape_of(old)):
        fresh = copy(old)
        return fresh if put(fresh, shape.value, number) else number
    if type(old).__module__ != "numpy":
        return number
    return _filled(old, number) if type(old).__name__ == "ndarray" else type(old)(number)


def _filled(old: Any, number: float) -> Any:
    fresh = old.copy()
    fresh[...] = number
    return fresh


# -- finding a shape -----------------------------------------------------------------------------------------


def _first(obj: Any, names: Iterable[str]) -> str | None:
    return next((name for name in names if getattr(obj, name, None) is not None), None) or next(
        (name for name in names if hasattr(obj, name)), None
    )


def _discover(obj: Any) -> Shape | None:
    if isinstance(obj, type):
        return None
    own = attributes_of(obj)
    private = {name.partition("__")[2]: name for name in own if name[0] == "_" and "__" in name[1:]}
    attributes = {**{name: own[real] for name, real in private.items()}, **own}

    def real(place: Access | None) -> Access | None:
        return private.get(place, place) if isinstance(place, str) else place

    grad = _grad_place(obj, attributes)
    value = _value_place(obj, attributes) or _lonely_number(own, grad)
    if value is None:
        return None  # what else it holds is nobody's business
    operands = _operands_place(obj, attributes)
    if operands is None and grad is None and type(obj) not in recorded_classes:
        return None
    return Shape(
        value=private.get(value, value),
        operands=operands if isinstance(operands, tuple) else real(operands),
        op=real(_op_place(obj, attributes, operands) or _lonely_text(own)),
        grad=real(grad),
        label=real(next((n for n in LABEL if n in attributes), None)),
        partials=real(_partials_place(obj, attributes, operands)),
        backward=real(_backward_place(obj, attributes)),
    )


def _partials_place(obj: Any, attributes: Mapping[str, Any], operands: Any) -> str | None:
    """The attribute with local derivatives: a usual name, else one like it with a number for each operand."""
    for name in PARTIALS:
        if name in attributes or _is_property(obj, name):
            return name
    count = len(_items(_held(obj, Shape("", operands)))) if operands is not None else 0
    for name, held in attributes.items():
        is_like_one = any(part in name.lower() for part in PARTIAL_PARTS) and isinstance(held, tuple | list)
        if is_like_one and count == len(held) > 0 and all(isinstance(x, Real) for x in held):
            return name
    return None


def _grad_place(obj: Any, attributes: Mapping[str, Any]) -> str | None:
    """The attribute with the gradient: a usual name, else the one number whose name has a part of one."""
    for name in GRAD:
        if name in attributes or _is_property(obj, name):
            return name
    alike = [
        name
        for name, held in attributes.items()
        if any(part in name.lower() for part in GRAD_PARTS)
        and isinstance(held, Real)
        and not isinstance(held, bool)
    ]
    return alike[0] if len(alike) == 1 else None


def _backward_place(obj: Any, attributes: Mapping[str, Any]) -> str | None:
    """The attribute with the node's own backward function: a usual name, else the one function it holds."""
    named = [name for name in BACKWARD if name in attributes]
    held = [
        name
        for name, each in attributes.items()
        if isinstance(each, FunctionType | MethodType | functools.partial)
        and name not in MADE_BY
        and not _is_op(each)
    ]
    return next(iter([*named, *held]), None) or next((name for name in BACKWARD if hasattr(obj, name)), None)


def _value_place(obj: Any, attributes: Mapping[str, Any]) -> str | None:
    named = [name for name in VALUE if name in attributes or _is_property(obj, name)]
    held = {name: attributes[name] if name in attributes else getattr(obj, name, None) for name in named}
    numbers = (name for name in named if isinstance(held[name], Real))
    return next(numbers, None) or next(
        (name for name in named if not _holds_nodes([getattr(obj, name)], obj) or name in VALUE[:3]), None
    )


def _operands_place(obj: Any, attributes: Mapping[str, Any]) -> Access | tuple[str, ...] | None:
    present = [name for name in OPERANDS if name in attributes or _is_property(obj, name)]
    filled = [
        name
        for name in present
        if _holds_nodes(attributes[name] if name in attributes else getattr(obj, name), obj)
    ]
    if len(filled) > 1:
        filled = _of_a_fresh_result(filled, type(obj))
    if filled or present:
        return (filled or present)[0]
    for holder in HOLDER:
        if (inner := attributes.get(holder)) is not None:
            names = [name for name in OPERANDS if _holds_nodes(getattr(inner, name, None), obj)]
            if names:
                return f"{holder}.{names[0]}"
    base = root_class(type(obj))
    singly = [
        name
        for name, held in attributes.items()
        if isinstance(held, base) and _may_be_operand(name, held, obj)
    ]
    if singly:
        pair = next((pair for pair in PAIR if singly[0] in pair and all(n in attributes for n in pair)), None)
        return pair or NodesHeld(base)
    container = next((name for name, held in attributes.items() if _holds_nodes(held, obj)), None)
    return container or _pair_of_siblings(attributes, obj) or _place_in_holder(attributes, obj, base)


def _pair_of_siblings(attributes: Mapping[str, Any], obj: Any) -> tuple[str, ...] | None:
    """Two attributes with usual names that hold objects like nodes, which have no base in common."""
    for pair in PAIR:
        held = [attributes.get(name) for name in pair]
        if all(_is_sibling(x, obj) for x in held):
            return pair
    return None


def _is_sibling(x: Any, of: Any) -> bool:
    if not is_written_in_python(type(x)) or isinstance(x, Real | Enum) or x is of:
        return False
    own = attributes_of(x)
    return type(x).__module__ == type(of).__module__ and any(isinstance(own.get(n), Real) for n in VALUE)


def _place_in_holder(attributes: Mapping[str, Any], obj: Any, base: type) -> Access | None:
    """The place of operands that an object of the person's holds for the node, as in `op.operands`."""
    for holder, inner in attributes.items():
        if isinstance(inner, type | Real | str) or not is_written_in_python(type(inner)):
            continue
        own = attributes_of(inner)
        names = (name for name in (*OPERANDS, *own) if _holds_nodes(getattr(inner, name, None), obj))
        if found := next(names, None):
            return f"{holder}.{found}"
        if any(isinstance(held, base) and held is not obj for held in own.values()):
            return NodesHeld(base, holder)
    return None


def _may_be_operand(name: str, held: Any, of: Any) -> bool:
    return held is not of and name not in GRAD


def _of_a_fresh_result(places: list[str], cls: type) -> list[str]:
    """The places that are filled in a result to which nothing was done since: not those of consumers."""
    try:
        fresh = cls(1.0) + cls(2.0)
        return [name for name in places if _holds_nodes(getattr(fresh, name, None), fresh)] or places
    except Exception:  # noqa: BLE001 # the person's own code may raise anything
        return places


def _is_property(obj: Any, name: str) -> bool:
    return isinstance(getattr(type(obj), name, None), property | functools.cached_property)


def _holds_nodes(held: Any, like: Any) -> bool:
    """Test whether something is a container with a node of a class among those of `like`'s."""
    if not isinstance(held, Iterable) or isinstance(held, str | bytes | Iterator):
        return False  # an iterator would be used up
    base = root_class(type(like))
    if getattr(held, "shape", None) == ():
        return False  # an array without dimensions
    for item in held if not isinstance(held, Mapping) else held.keys():
        inner = (item,) if isinstance(item, base) else _as_pair(item)
        inner = inner if isinstance(inner, tuple | list) else (inner,)
        if any(isinstance(x, base) and x is not like for x in inner):
            return True
    return False


def root_class(cls: type) -> type:
    """The engine's own base class: the last before `object`."""
    bases = [
        base
        for base in cls.__mro__
        if is_written_in_python(base) and base.__module__ not in ("abc", "typing")
    ]
    return bases[-1] if bases else cls


def _op_place(obj: Any, attributes: Mapping[str, Any], operands: Any) -> Access | None:
    for name in OP:
        held = attributes.get(name)
        if name in attributes and not _holds_nodes(held, obj):
            return name
    holder = operands.rpartition(".")[0] if isinstance(operands, str) else getattr(operands, "holder", "")
    if holder:
        inner = get(obj, holder)
        made_by = next((n for n in MADE_BY if getattr(inner, n, None) is not None), None)
        return f"{holder}.{made_by}" if made_by else f"{holder}.__class__"
    for holder in HOLDER:
        if isinstance(attributes.get(holder), str):
            return holder
    for holder, inner in attributes.items():  # as `history.last_fn`, where the operands are elsewhere
        for name in MADE_BY if is_written_in_python(type(inner)) and not isinstance(inner, Real) else ():
            if _is_op(getattr(inner, name, None)):
                return f"{holder}.{name}"
    return next((name for name, held in attributes.items() if _is_op(held)), None)


def _is_op(held: Any) -> bool:
    """Test whether something is an op's own function, as `Value.__add__` or `operator.mul`."""
    held = getattr(held, "__wrapped__", held)  # a recording wraps
    name = getattr(held, "__name__", "") if callable(held) and not getattr(held, "__closure__", None) else ""
    return isinstance(name, str) and row_named(name)[0] is not None


def _lonely_text(attributes: Mapping[str, Any]) -> str | None:
    """The one attribute that holds a text and is no label."""
    texts = [name for name, held in attributes.items() if isinstance(held, str) and name not in LABEL]
    return texts[0] if len(texts) == 1 else None


def _lonely_number(attributes: Mapping[str, Any], grad: str | None) -> str | None:
    """The one attribute that holds a number and is no gradient."""
    numbers = [name for name, held in attributes.items() if isinstance(held, Real) and name != grad]
    numbers = [name for name in numbers if type(attributes[name]) is not bool]
    return numbers[0] if len(numbers) == 1 else None
