"""Places where a program keeps its scalars: attributes, dicts, lists in lists, arrays of objects."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from autograd_widget.engine.operands import is_foreign_node
from autograd_widget.engine.scalar import Scalar

MAX_DEPTH: Final = 8
"""The deepest place that is searched: `model.layers[1].neurons[0].w[2]` has six steps."""
MAX_ITEMS: Final = 5_000
MAX_ITEMS_IN_ALL: Final = 50_000
"""The limit of objects searched within one variable, and within all: a notebook may hold anything."""

NO_HOLDERS: Final = (
    *(str, bytes, int, float, complex, type, Scalar),
    *(ModuleType, FunctionType, BuiltinFunctionType, MethodType),
)
OF_IPYTHON: Final = frozenset({"In", "Out"})

Place = tuple[str, Any]


def scalars_within(
    held: Iterable[Place], scalar_of: Callable[[Any], Scalar | None]
) -> Iterator[tuple[str, Scalar]]:
    """Find the scalars within variables, each with the expression that finds it, the shallow ones first.

    Args:
        held: Variables and their values.
        scalar_of: The scalar that a value is, or stands for.
    """
    seen: set[int] = set()
    left = MAX_ITEMS_IN_ALL
    for name, value in held:
        if name in OF_IPYTHON or left <= 0:
            continue
        waiting = deque([(name, value, 0)])
        looked_at = 0
        while waiting and looked_at < min(MAX_ITEMS, left):
            path, holder, depth = waiting.popleft()
            if isinstance(holder, NO_HOLDERS) or id(holder) in seen:
                continue
            seen.add(id(holder))
            for step, item in _items(holder):
                looked_at += 1
                if (scalar := scalar_of(item)) is not None:
                    yield path + step, scalar
                elif depth + 1 < MAX_DEPTH and not isinstance(item, NO_HOLDERS):
                    waiting.append((path + step, item, depth + 1))
                if looked_at >= MAX_ITEMS:
                    break
        left -= looked_at


def _items(holder: Any) -> Iterable[Place]:
    """The items in an object, each with the text that is appended to reach it."""
    if isinstance(holder, list | tuple):
        return [(f"[{i}]", item) for i, item in enumerate(holder[:MAX_ITEMS])]
    if isinstance(holder, dict):
        return _entries(holder)
    if str(getattr(holder, "dtype", "")) == "object" and hasattr(holder, "ravel"):
        return _elements(holder)
    if is_foreign_node(holder):  # its operands have names of their own
        return []
    return [(f".{name}", item) for name, item in attributes_of(holder).items() if name[:1] != "_"]


def _entries(holder: dict[Any, Any]) -> Iterator[Place]:
    for key, item in list(holder.items())[:MAX_ITEMS]:
        if isinstance(key, str):
            yield f"[{json.dumps(key, ensure_ascii=False)}]", item
        elif isinstance(key, int):
            yield f"[{key!r}]", item


def _elements(array: Any) -> Iterator[Place]:
    """The elements of an array of objects, as NumPy indexes them."""
    if 0 < array.size <= MAX_ITEMS and array.ndim:
        places = product(*[range(n) for n in array.shape])
        for place, item in zip(places, array.ravel().tolist(), strict=True):
            yield f"[{','.join(map(str, place))}]", item


def attributes_of(obj: Any) -> dict[str, Any]:
    """The attributes of an object by name, in slots too, without those of its class."""
    own = getattr(obj, "__dict__", {})
    found = dict(own) if isinstance(own, dict) else {}
    for cls in type(obj).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            mangled = f"_{cls.__name__.lstrip('_')}{name}" if name.startswith("__") else name
            if name not in ("__dict__", "__weakref__") and hasattr(obj, mangled):
                found.setdefault(mangled, getattr(obj, mangled))
    return found
