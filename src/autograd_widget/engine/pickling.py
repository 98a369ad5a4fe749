"""Copies and pickles of scalars, with everything upstream, at any depth.

`copy` and `pickle` recurse from an object into what it refers to, and a chain of a thousand operands ends
them. So a scalar is pickled as a list: everything upstream in order of creation, itself at the end. Each is
then saved when its operands have been, and the pickler's own memory keeps shared ones shared, also between
several results in one pickle.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from threading import local
from typing import Any, NamedTuple, TypeVar
from weakref import ref

from .backward import row_of, upstream
from .core import Core, Entry, Pass, next_number
from .custom import custom_named
from .guards import guard_again, guards_of
from .ops import CONST
from .pass_log import entries_of, hold, name_of_root
from .tracking import Freezing, update_tracking

C = TypeVar("C", bound=Core)


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
    listed = [_Begin(nodes), *nodes, _End()]
    guards = [
        (op, _number_or_node(a), _number_or_node(b), outcome)
        for op, a, b, outcome in guards_of(nodes, [node])
    ]
    return _last, (listed, guards) if guards else (listed,)


def _number_or_node(of: Core) -> Any:
    """The number, for a constant that only a comparison uses, which is not in the list; else the scalar."""
    return of._value if of.op == CONST else of


def shallow_copy(node: C) -> C:
    """Copy a scalar, with the same operands."""
    copied: C = _restored(type(node), _state_of(node))
    if node._extras and node._extras.guards:
        copied._own_extras.guards = dict(node._extras.guards)
    return copied


def deep_copy(node: C, memo: dict[int, Any]) -> C:
    """Copy a scalar and everything upstream that is not in the memo."""
    nodes = upstream(node)
    for original in nodes:
        if id(original) not in memo:
            state = _state_of(original)
            prevs = tuple([memo[id(p)] for p in original.prevs])
            more = state.more and {**state.more, "attributes": deepcopy(state.more.get("attributes"), memo)}
            entries = [(_copied(one, memo), amount, at) for one, amount, at in state.entries]
            copy = _restored(type(original), state._replace(prevs=prevs, more=more, entries=entries))
            memo[id(original)] = copy
    _keep_order([memo[id(original)] for original in nodes])
    guard_again(
        [
            (op, memo.get(id(a), a), memo.get(id(b), b), outcome)
            for op, a, b, outcome in guards_of(nodes, [node])
        ]
    )
    copied: C = memo[id(node)]
    return copied


def _copied(one: Pass, memo: dict[int, Any]) -> Pass:
    if id(one) not in memo:
        memo[id(one)] = _pass_again(*_pass_state(one))
    copied: Pass = memo[id(one)]
    return copied


class _State(NamedTuple):
    """The state of a scalar, without its class."""

    value: float
    op: str | None
    prevs: tuple[Core, ...]
    needs_grad: bool
    entries: list[Entry]
    begun: list[int]
    """The entries of passes that began here, by position."""
    clocks: tuple[int, int]
    """The clock when the value was set, and when it was computed again."""
    more: dict[str, Any] | None
    """Rarely used state: label, passes, custom op, attributes of a subclass."""


def _state_of(node: Core) -> _State:
    extras, attributes = node._extras, _attributes(node)
    more = _more(node, attributes) if extras or attributes else None
    entries = entries_of(node)
    begun = [i for i, (one, _, _) in enumerate(entries) if one.root is node]
    clocks = (extras.set_at, extras.fresh_at) if extras else (0, 0)
    return _State(node._value, node.op, node.prevs, node._number > 0, entries, begun, clocks, more)


def _more(node: Core, attributes: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"attributes": attributes}
    if extras := node._extras:
        more["label"] = extras.label
        if extras.grad_wrt or (extras.custom and getattr(extras.custom, "step", True)):
            x = [p._value for p in node.prevs]
            more["custom"] = node.op if extras.custom else ""
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
    hold(node, state.entries)
    for i in state.begun:
        state.entries[i][0].begins_at(node)
    if any(state.clocks):
        node._own_extras.set_at, node._own_extras.fresh_at = state.clocks
    if state.more:
        _put_back(node, state.more)
    return node


def _put_back(node: Core, more: dict[str, Any]) -> None:
    if more.get("label"):
        node._own_extras.label = more["label"]
    if "partials" in more:
        node._own_extras.custom = custom_named(more["custom"])
        node._own_extras.grad_wrt = dict(zip(node.prevs, more["partials"], strict=True))
    if more["attributes"]:
        slots = _own_slots(type(node))  # type: ignore[arg-type] # as above
        for name, value in more["attributes"].items():
            if name in slots:
                setattr(node, name, value)
            else:
                node.__dict__[name] = value


def _unpickled(cls: type[Any], *state: Any) -> Any:
    return _restored(cls, _State(*state))


def _last(nodes: list[Any], guards: Sequence[tuple[str, Any, Any, bool]] = ()) -> Core:
    _keep_order(nodes[1:-1])
    guard_again(guards)
    found: Core = nodes[-2]
    return found


def _keep_order(nodes: list[Core]) -> None:
    """Renew the clock readings that came with copies, in their order."""
    read: list[tuple[int, Any, str]] = []
    passes: dict[int, Pass] = {}
    for node in nodes:
        passes.update({id(one): one for one, _, _ in entries_of(node)})
        if extras := node._extras:
            read += [
                (clock, extras, name) for name in ("set_at", "fresh_at") if (clock := getattr(extras, name))
            ]
    for one in passes.values():
        read += [(one.number, one, "number"), (one.ran, one, "ran")]
    now = {clock: next_number() for clock in sorted({clock for clock, _, _ in read})}
    for clock, thing, name in read:
        setattr(thing, name, now[clock])


def _pass_state(one: Pass) -> tuple[Any, ...]:
    return one.gradient, one.count, one.number, one.ran, name_of_root(one)


def _pass_again(gradient: float, count: int, number: int, ran: int, label: str) -> Pass:
    """Make a pass whose root is not restored yet; the root registers itself when it is."""
    one = Pass(None, gradient, count)
    one.number, one.ran, one.label = number, ran, label
    return one


def _reduced_pass(one: Pass) -> tuple[Any, ...]:
    return _pass_again, _pass_state(one)


copyreg.pickle(Pass, _reduced_pass)


def _nothing() -> None:
    return None
