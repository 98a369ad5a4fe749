"""Copies and pickles of scalars, with everything upstream, at any depth.

`copy` and `pickle` recurse from an object into what it refers to, and a chain of a thousand operands ends
them. So a scalar is pickled as a list: everything upstream in order of creation, itself at the end. Each is
then saved when its operands have been, and the pickler's own memory keeps shared ones shared, also between
several results in one pickle.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from threading import local
from typing import Any, Final, NamedTuple, TypeVar
from weakref import ref

from .backward import BY_HAND, row_of, upstream
from .core import Core
from .custom import custom_named
from .tracking import Freezing, update_tracking

C = TypeVar("C", bound=Core)

LONG_AGO: Final = 1 << 62
"""Subtracted from the ids of loaded passes, which thus precede all passes of this process, in order."""


class _Begin:
    """The head of a list of scalars, alive while the list is pickled."""

    __slots__ = ("__weakref__", "inside")

    def __init__(self, nodes: list[Core]) -> None:
        self.inside = {id(node) for node in nodes}

    def __reduce__(self) -> tuple[Any, ...]:
        _pickling.begun = ref(self)
        return _nothing, ()


class _End:
    """The end of the list."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        _pickling.begun = None
        return _nothing, ()


class _Pickling(local):
    """The list that this thread is pickling. A weak reference forgets one that failed."""

    begun: ref[_Begin] | None = None


_pickling = _Pickling()


def reduced(node: Core) -> tuple[Any, ...]:
    """Reduce a scalar for pickling, with everything upstream."""
    begun = _pickling.begun and _pickling.begun()
    if begun and id(node) in begun.inside:
        return _unpickled, (type(node), *_state_of(node))
    nodes = upstream(node)
    if Freezing.happened:  # where it is loaded, it may not have
        update_tracking(nodes)
    return _last, ([_Begin(nodes), *nodes, _End()],)


def shallow_copy(node: C) -> C:
    """Copy a scalar, with the same operands."""
    copied: C = _restored(type(node), _state_of(node))
    return copied


def deep_copy(node: C, memo: dict[int, Any]) -> C:
    """Copy a scalar and everything upstream that is not in the memo."""
    for original in upstream(node):
        if id(original) not in memo:
            state = _state_of(original)
            prevs = tuple([memo[id(p)] for p in original.prevs])
            more = state.more and {**state.more, "attributes": deepcopy(state.more.get("attributes"), memo)}
            memo[id(original)] = _restored(type(original), state._replace(prevs=prevs, more=more))
    copied: C = memo[id(node)]
    return copied


class _State(NamedTuple):
    """The state of a scalar, without its class."""

    value: float
    op: str | None
    prevs: tuple[Core, ...]
    needs_grad: bool
    its_pass: int | None
    sum: float
    more: dict[str, Any] | None
    """Rarely used state: label, passes, custom op, attributes of a subclass."""


def _state_of(node: Core) -> _State:
    its_pass = node._pass
    its_sum = 0.0 if its_pass is None else node._sum
    attributes = _attributes(node)
    more = _more(node, attributes) if node._notes or attributes else None
    return _State(node._value, node.op, node.prevs, node._number > 0, its_pass, its_sum, more)


def _more(node: Core, attributes: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"attributes": attributes}
    if notes := node._notes:
        more |= {"label": notes.label, "runs": notes.runs, "earlier": notes.earlier}
        if notes.custom or notes.grad_wrt:
            x = [p._value for p in node.prevs]
            more["custom"] = node.op if notes.custom else ""
            more["partials"] = row_of(node).backward(1.0, node._value, *x)
    return more


def _attributes(node: Core) -> dict[str, Any]:
    """The attributes that a subclass adds."""
    own = _own_slots(type(node))  # type: ignore[arg-type] # mypy takes the hash of scalars for its class's
    slots = {name: getattr(node, name) for name in own if hasattr(node, name)}
    return {**getattr(node, "__dict__", {}), **slots}


@cache
def _own_slots(cls: type[Core]) -> frozenset[str]:
    slots: Callable[[type], list[str]] = copyreg._slotnames  # type: ignore[attr-defined] # as `pickle` does
    return frozenset(slots(cls)).difference(slots(Core))


def _restored(cls: type[Any], state: _State) -> Any:
    node = cls._restore(state.value, state.op, state.prevs, state.needs_grad)
    if state.its_pass is not None:
        node._pass, node._sum = state.its_pass, state.sum
    if state.more:
        _put_back(node, state.more)
    return node


def _put_back(node: Core, more: dict[str, Any]) -> None:
    if "label" in more:
        notes = node._noted
        notes.label, notes.runs, notes.earlier = more["label"], more["runs"], more["earlier"]
    if "partials" in more:
        node._noted.custom = custom_named(more["custom"])
        node._noted.grad_wrt = dict(zip(node.prevs, more["partials"], strict=True))
    if more["attributes"]:
        slots = _own_slots(type(node))  # type: ignore[arg-type] # as above
        for name, value in more["attributes"].items():
            if name in slots:
                setattr(node, name, value)
            else:
                node.__dict__[name] = value


def _unpickled(cls: type[Any], *state: Any) -> Any:
    node = _restored(cls, _State(*state))
    _put_long_ago(node)
    return node


def _last(nodes: list[Any]) -> Core:
    found: Core = nodes[-2]
    return found


def _put_long_ago(node: Core) -> None:
    if node._pass is not None and node._pass != BY_HAND:
        node._pass -= LONG_AGO
    if notes := node._notes:
        notes.runs = tuple([(run - LONG_AGO, value) for run, value in notes.runs])


def _nothing() -> None:
    return None
