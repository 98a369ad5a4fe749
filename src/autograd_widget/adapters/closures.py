"""A node's own backward function: which method made it, and which operands and numbers it holds on to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from autograd_widget.explain.holders import attributes_of

FIRST: Final = ("self", "a", "x", "left", "lhs", "u", "this", "s", "input", "v1", "x1")
SECOND: Final = ("other", "b", "y", "right", "rhs", "v", "o", "that", "v2", "x2", "rhs_")


def function_of(backward: Any) -> FunctionType | None:
    """The plain function behind a method, a partial or a wrapper; None for anything else."""
    for _ in range(4):
        if isinstance(backward, FunctionType):
            return backward
        backward = getattr(backward, "__func__", None) or getattr(backward, "func", None)
    return None


def op_object_of(backward: Any, cls: type) -> Any:
    """The object whose method a backward function is, where that is an op's and not a node's of the class."""
    owner = getattr(backward, "__self__", None)
    return None if owner is None or isinstance(owner, cls | type | ModuleType) else owner


def held_by(backward: Any, cls: type) -> dict[str, Any]:
    """Collect, by name, the objects a backward function refers to: cells, defaults, partial arguments.

    Of a method of an op object they are its attributes.
    """
    function = function_of(backward)
    if function is None:
        return {}
    found = dict(attributes_of(op_object_of(backward, cls)))
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    if function.__defaults__:
        found.update(zip(names[-len(function.__defaults__) :], function.__defaults__, strict=True))
    if isinstance(backward, functools.partial):
        found.update(zip(names, backward.args, strict=False))
        found.update(backward.keywords)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # not bound yet
            found[name] = cell.cell_contents
    return found


def maker_of(backward: Any, cls: type) -> tuple[str, Callable[..., Any] | None]:
    """The name of the method or function inside which a backward function was defined, and that itself.

    A method of an op object has the name of its class.
    """
    function = function_of(backward)
    if function is None:
        return "", None
    if (owner := op_object_of(backward, cls)) is not None:
        return type(owner).__name__, None
    outer, inner, _ = function.__qualname__.rpartition(".<locals>.")
    if not inner:
        return "", None
    name = outer.rpartition(".<locals>.")[2].rpartition(".")[2]
    found = getattr(cls, name, None)
    if found is None:
        found = function.__globals__.get(name)
    return name, found if callable(found) else None


def parameters_of(function: Callable[..., Any] | None) -> tuple[str, ...]:
    """The names of a function's positional parameters, past its decorators."""
    while function is not None and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount] if isinstance(code, CodeType) else ()


@functools.lru_cache(1024)
def in_order(names: tuple[str, ...], parameters: tuple[str, ...]) -> tuple[str, ...]:
    """Sort the names of held objects: parameters in their order, then by the usual meaning of such names."""
    rank = {name: i for i, name in enumerate(parameters)}
    for place, common in ((100, FIRST), (200, SECOND)):
        for name in common:
            rank.setdefault(name, place)
    return tuple(sorted(names, key=lambda name: rank.get(name, 300)))
